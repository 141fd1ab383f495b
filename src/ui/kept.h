// SPDX-License-Identifier: MIT
// The list of kept values, over whatever view is shown: what is written to RAM again and again, and
// how to stop it.
#ifndef XC_UI_KEPT_H
#define XC_UI_KEPT_H

#include "ui/keymap.h"
#include "ui/view.h"

// Opens it; closes whatever else lies over the view.
void kept_open(struct ui *ui);
// Opens it with the question whether to leave, when something is kept; false when nothing is.
bool kept_ask_leave(struct ui *ui);
// Closes it, if it is open.
void kept_close(struct ui *ui);

// A kept value that couldn't be written, or not clearly.
bool kept_in_trouble(const struct ui *ui);

// Of an open one.
place_set kept_place(const struct kept *kept);
// False when the program is to be left.
bool kept_key(struct ui *ui, enum action action);
void kept_draw(struct ui *ui, struct canvas *canvas, struct rect body);

#endif
