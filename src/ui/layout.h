// SPDX-License-Identifier: MIT
// Where things go: sizes in, rectangles out. Pure. Rectangles of one layout never overlap and never
// leave the screen; those that there is no room for have no width or no height.
#ifndef XC_UI_LAYOUT_H
#define XC_UI_LAYOUT_H

#include <stdbool.h>

#include "ui/canvas.h"

enum { LAYOUT_MIN_WIDTH = 40, LAYOUT_MIN_HEIGHT = 12 };

// What every view has: the first line, the last line, and the body between.
struct frame_layout {
    bool too_small;
    struct rect title, body, keys;
};
struct frame_layout layout_frame(int width, int height);

struct overview_layout {
    bool boxes;                                         // energy flow as a picture, else as lines
    struct rect grid, inverters, loads, solar, battery; // boxes, or one line each
    struct rect wires; // between and below the boxes: flows (boxes only; may lie around others)
    struct rect health;
    struct rect pins; // pinned values, in so many columns
    int pin_columns;
    bool pin_title; // the first of these rows is a title
    struct rect devices, trends, messages;
    unsigned trend_count; // charts side by side
};
// device_rows: how many the list of devices would like. pins: how many values are pinned.
struct overview_layout layout_overview(struct rect body, int device_rows, int pins);

struct family_layout {
    struct rect header, rows, detail;
    int label_width;          // of "3000 Battery voltage", from rows.x
    int unit_width;           // behind the label
    int column_width;         // of a device
    int columns;              // devices side by side
    int all_width;            // of the column over all devices; 0: none
    int trend_x, trend_width; // 0: none
};
// devices: how many there are; all: whether a column over all of them is wanted.
struct family_layout layout_family(struct rect body, int devices, bool all);

struct graph_layout {
    struct rect header, plot, heading, values; // the values' list may be shorter than there are
};
struct graph_layout layout_graph(struct rect body, int values);

struct parameters_layout {
    struct rect header, rows, bar, detail; // bar: what the list is about, or asks
    bool beside;                           // the detail is at the right, else below
    int label_width;                       // of "1138 Battery charge current", from rows.x
    int unit_width;                        // behind the label; 0: none
    int column_width;                      // of a device
    int columns;                           // devices side by side
    int factory_width, level_width;        // behind the devices; 0: none
};
// devices: how many are to be shown; bar: whether there is something to say in it. It is always
// there where the detail has more than one line.
struct parameters_layout layout_parameters(struct rect body, int devices, bool bar);

#endif
