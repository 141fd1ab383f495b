// SPDX-License-Identifier: MIT
// Graphs of values over time: spans in, cells out. Pure, but for the local time on the axis.
//
// Values of the same unit share an axis. Two units share a panel, the one at the left, the other at
// the right; more get panels below each other. What a column had between its least and greatest
// value is shaded, its mean is a line; columns without values leave a gap, unless the series comes
// in so slowly. A line has its number on it every so often: colour repeats that.
#ifndef XC_UI_PLOT_H
#define XC_UI_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "ui/canvas.h"

enum { PLOT_SERIES_MAX = 6 };

struct plot_series {
    const char *unit;         // "" if none
    const struct span *spans; // one a column
    bool whole;               // there is nothing between whole numbers: they are options
};

struct plot {
    int64_t from;   // of the first column, microseconds since 1970 UTC
    int64_t length; // of a column, microseconds
    size_t columns;
    struct plot_series series[PLOT_SERIES_MAX];
    size_t count;
    size_t front;  // the series in front of the others; out of range: none
    size_t cursor; // the marked column; out of range: none
};

// How many columns a plot of so many different units has in this area: two a character, in ASCII
// one. 0 when there is no room for any.
size_t plot_columns(struct rect area, bool ascii, unsigned units);
unsigned plot_units(const struct plot *plot);

// The x of the canvas where a column is.
int plot_x(struct rect area, bool ascii, size_t column);

// Draws panels, axes and lines. A series whose panel there is no room for isn't drawn: those are
// told as bits (1 << i).
unsigned plot_draw(struct canvas *canvas, struct rect area, const struct plot *plot);

// The role and the sign ('1' …) of a series.
enum role plot_role(size_t series);
char plot_sign(size_t series);

// Everything that a series did in the plot's time.
struct span plot_total(const struct plot *plot, size_t series);

#endif
