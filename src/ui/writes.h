// SPDX-License-Identifier: MIT
// The list of recorded writes to a device, over the view: what was changed and what came of it, and
// the way to take it back.
#ifndef XC_UI_WRITES_H
#define XC_UI_WRITES_H

#include "plant/edit.h"
#include "ui/keymap.h"
#include "ui/view.h"

// Opens it for a device, with what is recorded now; closes whatever else lies over the view.
void writes_open(struct ui *ui, const struct target *device);
// Closes it, if it is open.
void writes_close(struct ui *ui);

// Of an open one; its keys are looked up in IN_WRITES.
void writes_key(struct ui *ui, enum action action);
void writes_draw(struct ui *ui, struct canvas *canvas, struct rect body);

#endif
