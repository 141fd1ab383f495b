// SPDX-License-Identifier: MIT
// The list of a table's columns, over the overview: their order, and which are hidden.
#ifndef XC_UI_COLUMNSVIEW_H
#define XC_UI_COLUMNSVIEW_H

#include "ui/columns.h"
#include "ui/keymap.h"
#include "ui/view.h"

// Opens it; closes whatever else lies over the view.
void columnsview_open(struct ui *ui, const struct device_table *table);
// Closes it, if it is open.
void columnsview_close(struct ui *ui);

// Of an open one; its keys are looked up in IN_COLUMNS.
void columnsview_key(struct ui *ui, enum action action);
void columnsview_draw(struct ui *ui, struct canvas *canvas, struct rect body);

#endif
