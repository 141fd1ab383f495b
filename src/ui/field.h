// SPDX-License-Identifier: MIT
// A line of text that a person edits: what is in it, and where the cursor is. Draws itself to a
// canvas; knows nothing of what the text means.
#ifndef XC_UI_FIELD_H
#define XC_UI_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas.h"

enum { FIELD_MAX = 128 }; // bytes, with NUL

// UTF-8 without control characters. All 0 is an empty one.
struct field {
    char text[FIELD_MAX];
    size_t cursor; // byte, at the beginning of a character or the end
    size_t first;  // byte of the first character that is shown, as of the last drawing
    bool chosen;   // the whole text is, as it was proposed: what is typed replaces it
};

// Puts a text in, cut at FIELD_MAX, with the cursor behind it. chosen: as a proposal.
void field_set(struct field *field, const char *text, bool chosen);

// A key of ui.h: characters are put in before the cursor as far as there is room; left, right, Home
// and End move it; Backspace and Delete take a character away. False for any other key: nothing has
// been done.
bool field_key(struct field *field, unsigned key);

// Draws "[text   ]" in width columns (3 at least); "<" and ">" stand at an end beyond which there
// is more. With focus the cursor is drawn, and the canvas' cursor put there.
void field_draw(struct field *field, struct canvas *canvas, int x, int y, int width, bool focus);

#endif
