// SPDX-License-Identifier: MIT
// The graphs: which values are in them, and which time is shown. Inside of src/ui.
//
// graph.c      the values, and what is known of the time that is shown
// graphview.c  the view
#ifndef XC_UI_GRAPH_H
#define XC_UI_GRAPH_H

#include "ui/plot.h"
#include "ui/view.h"

enum { GRAPH_ZOOMS = 12, GRAPH_NAME_MAX = 96 };

// What is shown. Columns are whole multiples of their length since local midnight, and end where
// the last one is over: until the next is, nothing changes on the screen.
struct graph_window {
    int64_t from;   // microseconds since 1970 UTC
    int64_t length; // of a column
    size_t columns;
};

struct graph {
    struct plant_ref refs[PLOT_SERIES_MAX];
    size_t count;
    bool chosen; // by somebody; else they are the main values of what there is
    struct scroll rows;
    unsigned zoom;
    int64_t until;  // of the window, when it isn't to go on with the time; else 0
    int64_t cursor; // a time in the marked column; 0: none

    // What is in the window: read once.
    struct graph_window window;
    struct span *spans[PLOT_SERIES_MAX];
    bool *known[PLOT_SERIES_MAX];            // the columns that have been read
    struct plant_ref owner[PLOT_SERIES_MAX]; // whose they are
    bool reading;                            // the rest comes with the next frames

    struct subscription *subscription; // goes on while other views are shown
    struct plant_ref subscribed[PLOT_SERIES_MAX];
    size_t subscribed_count;
};

struct graph *graph_new(void);
// NULL is allowed.
void graph_free(struct ui *ui, struct graph *graph);

// Takes the values that are kept for the installation that is known now (plant/views.h).
void graph_take(struct ui *ui);
// Takes a value into the graphs, or out; says so, or why not.
void graph_toggle(struct ui *ui, const struct plant_ref *ref);
// The value's number in the graphs, from 1; 0 if it isn't in them.
unsigned graph_number(const struct ui *ui, const struct plant_ref *ref);
// "XT1 3136 Output active power"; with width 0 in full, else with the short name where that is
// needed. Returns out.
char *graph_name(const struct plant_ref *ref, int width, char *out, size_t size);
const char *graph_unit(const struct plant_ref *ref);
int graph_decimals(const struct plant_ref *ref);

// Sees to it that the main values are there as long as nobody has chosen any.
void graph_fill(struct ui *ui);
// Of the chosen value: out of the graphs; a place up or down; one device or its family.
void graph_remove(struct ui *ui);
void graph_move(struct ui *ui, int step);
void graph_widen(struct ui *ui);

// The least time that a zoom shows, microseconds, and its name.
int64_t graph_time(unsigned zoom);
const char *graph_time_name(unsigned zoom);
// A length of columns so that so many of them show at least a time.
int64_t graph_column_length(int64_t time, size_t columns);
// Puts the window where it should be now, in a plot of so many columns, and reads what is new in
// it, the newest first; of what takes long a part with each frame. across: columns of a character,
// that come and go together.
void graph_look(struct ui *ui, size_t columns, size_t across);
// Back and forth by columns; towards now it goes on with the time again.
void graph_pan(struct ui *ui, int64_t columns);
// Beginning with the oldest value that is known.
void graph_pan_to_start(struct ui *ui);

#endif
