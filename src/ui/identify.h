// SPDX-License-Identifier: MIT
// A key that makes the selected device's LEDs flash, or stops them: at once, since nothing can come
// of it. What is in the way is said over the view. Inside of src/ui.
#ifndef XC_UI_IDENTIFY_H
#define XC_UI_IDENTIFY_H

#include <stddef.h>

#include "ui/keymap.h"
#include "ui/view.h"

// Makes a device flash; one that flashes is stopped. While one such write is under way, nothing.
void identify_device(struct ui *ui, enum family family, unsigned index);

// What stands in the device's line: "flash 44" while it does, for so many seconds more; "" else.
// Returns out.
char *identify_mark(const struct ui *ui, const struct plant_device *device, char *out, size_t size);

// What was in the way lies over the view, when nothing else does, and is closed by a key.
bool identify_is_open(const struct ui *ui);
void identify_close(struct ui *ui);
void identify_key(struct ui *ui, enum action action);
void identify_draw(struct ui *ui, struct canvas *canvas, struct rect body);

// Ends with the screens. A write that is under way goes on.
void identify_free(struct ui *ui);

#endif
