// SPDX-License-Identifier: MIT
// Is all well? One to three lines that say so, or what isn't. Inside of src/ui.
#ifndef XC_UI_HEALTH_H
#define XC_UI_HEALTH_H

#include "ui/view.h"

// main: a main value; all can't be well when it isn't known or old.
void health_draw(struct ui *ui, struct canvas *canvas, struct rect area,
                 const struct reading *main);

#endif
