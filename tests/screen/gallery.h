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

// The tests of all screens, as a program's result. They look as golden/NAME.txt (with UPDATE_GOLDEN
// in the environment that is written first); a sign or a word says what a colour of alarm says; in
// ASCII nothing else is drawn, and nothing that lacks a substitute; words and decimal points stay
// where they are when values change.
int gallery_run(const struct gallery *gallery);

#endif
