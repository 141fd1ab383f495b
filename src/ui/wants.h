// SPDX-License-Identifier: MIT
// What is drawn is polled: views read values while they draw (view.h), and what they have read is
// subscribed to until a drawing doesn't. Inside of src/ui.
#ifndef XC_UI_WANTS_H
#define XC_UI_WANTS_H

#include "plant/plant.h"
#include "ui/view.h"

// Before a drawing.
void wants_begin(struct ui *ui);
// After it: subscribes to what it has read, each at its pace.
void wants_subscribe(struct ui *ui, enum priority priority);
// True when all of it has been read once, or can't be.
bool wants_complete(const struct ui *ui);
void wants_free(struct ui *ui);

#endif
