// SPDX-License-Identifier: MIT
// Screens over an installation that stands still and edits that a test scripts, to try forms on.
#ifndef XC_TESTS_FORM_RIG_H
#define XC_TESTS_FORM_RIG_H

#include <stdbool.h>

#include "fixture_edit.h"
#include "fixture_plant.h"
#include "ui/form.h"
#include "ui/ui.h"
#include "ui/view.h"

struct world {
    struct loop *loop;
    struct plant *plant;
    struct ui *ui;
    struct canvas canvas;
};

// cmocka's set-up and tear-down. What was opened must have been closed.
int form_rig_open(void **state);
int form_rig_close(void **state);
#define FORM_TEST(name) cmocka_unit_test_setup_teardown(name, form_rig_open, form_rig_close)

// Opens the form of a device's parameter and draws it.
void open_form(struct world *world, const char *device, unsigned id);
// Presses a key and draws; none may end the program.
void press(struct world *world, unsigned key);
// Characters as they are; D, U, L, R: arrows; E: Enter; T: Tab; X: Esc; B: Backspace; H: Home;
// Z: End; N: page down.
void press_all(struct world *world, const char *keys);
// Goes on to the confirmation and through it, whatever it asks for.
void confirm(struct world *world);
void resize(struct world *world, int width, int height);
// Whether a row has this text; what isn't ASCII is "#".
bool shows(const struct world *world, const char *text);

#endif
