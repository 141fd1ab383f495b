// SPDX-License-Identifier: MIT
// Values that a person has pinned: they stand in the overview, and are kept for this installation
// (plant/views.h). Inside of src/ui.
#ifndef XC_UI_PINS_H
#define XC_UI_PINS_H

#include "plant/views.h"
#include "ui/view.h"

enum { PINS_MAX = 12 };
_Static_assert((int)PINS_MAX <= (int)VIEWS_REFS_MAX, "all of them can be kept");

struct pins {
    struct plant_ref refs[PINS_MAX];
    size_t count;
    size_t chosen; // in the overview; < count unless there are none
    bool unkept;   // what is here couldn't be kept
};

struct pins *pins_new(void);
void pins_free(struct pins *pins); // NULL is allowed

// Takes those that are kept for the installation that is known now.
void pins_take(struct ui *ui);
bool pins_has(const struct ui *ui, const struct plant_ref *ref);
// Pins a value, or takes it off; says so, or why not.
void pins_toggle(struct ui *ui, const struct plant_ref *ref);

// In the overview: as many as there is room for, with the chosen one among them. title: the first
// row says what they are.
void pins_draw(struct ui *ui, struct canvas *canvas, struct rect area, int columns, bool title);
// Chooses another one, moves the chosen one, takes it off.
void pins_act(struct ui *ui, enum action action);

#endif
