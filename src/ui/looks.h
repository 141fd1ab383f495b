// SPDX-License-Identifier: MIT
// What a theme becomes on the terminal that ncurses has open. For term.c only.
#ifndef XC_UI_LOOKS_H
#define XC_UI_LOOKS_H

#include <curses.h>
#include <stdbool.h>

#include "ui/theme.h"

struct looks {
    const struct theme *theme; // what they are made of
    int colours;               // of the terminal; 0: none, or none are wanted
    attr_t attributes[ROLE_COUNT];
    short pairs[ROLE_COUNT];
};

// Finds out what the terminal has. NO_COLOR (no-color.org) counts as none.
void looks_init(struct looks *looks);

// Makes the looks of a theme, and what the screen is erased with; false if they are that already.
// The default theme is the light one where the terminal tells that its background is light.
bool looks_choose(struct looks *looks, const struct theme *theme);

#endif
