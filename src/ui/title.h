// SPDX-License-Identifier: MIT
// The first line of every view: whose installation this is, what has to be looked at, how the link
// does, the time. Inside of src/ui.
#ifndef XC_UI_TITLE_H
#define XC_UI_TITLE_H

#include "ui/view.h"

void title_draw(struct ui *ui, struct canvas *canvas, struct rect area);

#endif
