// SPDX-License-Identifier: MIT
// Golden screens: what they show, and what must hold on every one of them.
#ifndef XC_TESTS_GALLERY_H
#define XC_TESTS_GALLERY_H

#include "fixture_plant.h"
#include "ui/ui.h"

struct screen {
    const char *name; // of golden/NAME.txt: text, then roles as letters
    enum scene scene;
    int width, height;
    // D, U, R, N: down, up, right, page down; E: Enter; Z: End; T: Tab; ^: Esc; !: values come that
    // are read in the background; *: a plan of changes gets on. Others are themselves.
    const char *keys;
    bool ascii;
};

struct gallery {
    const struct screen *(*at)(size_t i);
    size_t count;
    void (*prepare)(size_t i, struct ui *ui); // before the first key; NULL: nothing
};

// As golden/NAME.txt; with UPDATE_GOLDEN in the environment that is written first.
void gallery_looks_as_it_should(const struct gallery *gallery);
// A sign or a word says what a colour of alarm says.
void gallery_tells_no_alarm_by_colour_alone(const struct gallery *gallery);
// In ASCII nothing else is drawn, and nothing that lacks a substitute.
void gallery_can_be_ascii(const struct gallery *gallery);
// Words and decimal points stay where they are when values change.
void gallery_stands_still(const struct gallery *gallery);

#endif
