// SPDX-License-Identifier: MIT
// Is all well? One to three lines that say so, or what isn't. Inside of src/ui.
#ifndef XC_UI_HEALTH_H
#define XC_UI_HEALTH_H

#include "ui/view.h"

// have_values: the main values are there.
void health_draw(struct ui *ui, struct canvas *canvas, struct rect area, bool have_values);

#endif
