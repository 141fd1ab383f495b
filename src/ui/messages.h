// SPDX-License-Identifier: MIT
// The newest messages of the installation, a line each. Inside of src/ui.
#ifndef XC_UI_MESSAGES_H
#define XC_UI_MESSAGES_H

#include "ui/view.h"

void messages_draw(struct ui *ui, struct canvas *canvas, struct rect area);

#endif
