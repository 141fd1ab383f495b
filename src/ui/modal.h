// SPDX-License-Identifier: MIT
// What lies over a view until it is answered or closed: its box, and paragraphs in it that scroll
// when they are longer than it.
#ifndef XC_UI_MODAL_H
#define XC_UI_MODAL_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"
#include "ui/view.h"

// Columns and rows inside of a modal that would like so many rows.
struct modal_room {
    bool box; // else it is the whole body below a title line
    int columns, rows;
};
struct modal_room modal_room(struct rect body, int rows);

// Clears the place for it, draws box or title line, and returns the inside. remark: at the right
// end of the title; when both don't fit, the title is cut.
struct rect modal_open(struct canvas *canvas, struct rect body, int rows, const char *title,
                       const char *remark);

enum { PARAGRAPHS_MAX = 48, PARAGRAPH_MAX = 320 };

struct paragraphs {
    struct {
        enum role role;
        char text[PARAGRAPH_MAX];
    } list[PARAGRAPHS_MAX];
    int count;
};

void paragraphs_add(struct paragraphs *paragraphs, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Rows they take in so many columns.
int paragraphs_rows(const struct paragraphs *paragraphs, int columns);
// Draws them from where scroll is, with a last row that says how many there are more.
void paragraphs_draw(const struct paragraphs *paragraphs, struct canvas *canvas, struct rect area,
                     struct scroll *scroll);

#endif
