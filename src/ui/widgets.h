// SPDX-License-Identifier: MIT
// Small things that views are made of: values with their quality, bars, trends, boxes. Sizes are
// the caller's: a value that changes never moves its neighbours.
#ifndef XC_UI_WIDGETS_H
#define XC_UI_WIDGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "plant/plant.h"
#include "ui/canvas.h"

// How a value is to be written.
struct number_style {
    int decimals;
    bool sign; // "+" before positive ones
};

// The role a value is drawn with: stale and missing ones are dimmed, whatever they mean.
enum role widget_role(const struct reading *reading, enum role role);

// A number right-aligned before x_end: "--" when there is none. What doesn't fit into width is
// shown with fewer decimals; what doesn't fit without any is "####".
void widget_number(struct canvas *canvas, int x_end, int y, int width,
                   const struct reading *reading, struct number_style style, enum role role);

// The text of a datapoint's value (an option's label, yes, a time …), cut to width.
void widget_text(struct canvas *canvas, int x, int y, int width, const struct reading *reading,
                 enum role role);

// A datapoint's name, or the short one where that doesn't fit into width and there is one.
const char *widget_name(const struct datapoint *datapoint, int width);

// A change, "60 → 45 A"; sign stands before the old value. Options are cut to width; of numbers,
// since half of one would be another, the unit is left out, then the old one.
void widget_change(struct canvas *canvas, int x, int y, int width,
                   const struct datapoint *datapoint, const char *sign, double old, double new,
                   enum role role);

// A horizontal bar in eighths of a column for 0..1; NaN is an empty one.
void widget_bar(struct canvas *canvas, int x, int y, int width, double share, enum role role);

// A chart of samples, one a column, the last at the right end; NaN leaves a gap. The scale has 0 in
// it; values below 0 hang from the zero line when there is more than one row.
void widget_chart(struct canvas *canvas, struct rect area, const float *samples, size_t count,
                  enum role role);

// A frame with a title in its upper edge and a smaller remark at that edge's right end.
void widget_box(struct canvas *canvas, struct rect area, const char *title, const char *remark,
                enum role role);

// "▲" and "▼" at the right edge of an area, where there is more above it, below it.
void widget_more(struct canvas *canvas, struct rect area, bool above, bool below);

// A title over what follows, and a remark at its right end ("" for none); with a line where there
// is room for ornament: it costs three bytes a column at the first paint.
void widget_rule(struct canvas *canvas, struct rect area, const char *title, const char *remark);

// Bytes of the longest beginning of text that fits into columns and ends before a blank; within a
// word where none does. At least one character, 0 only for an empty text.
size_t widget_break(const char *text, int columns);
// Text over several rows, broken between words. Returns the rows used.
int widget_paragraph(struct canvas *canvas, struct rect area, enum role role, const char *text);

// The sum of two readings: as good as the worse of the two; the age of the older.
struct reading reading_plus(struct reading a, struct reading b);
// Scaled: the same quality and age.
struct reading reading_times(struct reading a, double factor);
// True if it has a number to show, maybe an old one.
bool reading_has_number(const struct reading *reading);

#endif
