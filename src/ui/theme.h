// SPDX-License-Identifier: MIT
// Themes: what each role of the canvas looks like, and how that is written in a theme file
// (xcomtop.conf(5), THEMES). Knows no terminal: term.c turns looks into what its terminal has.
#ifndef XC_UI_THEME_H
#define XC_UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "ui/canvas.h"

// A colour: the terminal's own, one of the 256 of xterm, or THEME_RGB | 0xRRGGBB.
typedef int32_t theme_colour;
enum { THEME_OWN = -1, THEME_RGB = 1 << 24 };

enum { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_UNDERLINE = 4, LOOK_REVERSE = 8 };

struct look {
    theme_colour colour;
    unsigned attributes; // LOOK_*
};

enum { THEME_NAME_MAX = 32, THEME_ERROR_MAX = 256 };

struct theme {
    char name[THEME_NAME_MAX];
    theme_colour background; // behind everything; with one of its own, text has a colour too
    struct look looks[ROLE_COUNT];
};

enum theme_number { THEME_DEFAULT, THEME_LIGHT, THEME_CONTRAST, THEME_MONO, THEME_COUNT };

// The built-in themes. Default is for a dark background; mono has no colours, and is how everything
// looks where there are none.
extern const struct theme theme_builtin[THEME_COUNT];

// The theme of a name; NULL if there is none.
const struct theme *theme_find(const struct theme *themes, size_t count, const char *name);

// Whether a theme file can have this name: letters, digits, - and _.
bool theme_name_is_good(const char *name);

// Takes a line of a theme file into a theme: "alarm", "red bold"; "background", "#002b36".
// XC_SYNTAX and a line in error: what was expected.
enum xc_status theme_set(struct theme *theme, const char *key, const char *value,
                         char error[THEME_ERROR_MAX]);

// Whether the lines go together: on a background of its own, text must be seen. Likewise.
enum xc_status theme_check(const struct theme *theme, char error[THEME_ERROR_MAX]);

// The number of a colour on a terminal with so many: from 8 on, 256, or 2^24, where numbers from 8
// on are red, green and blue. THEME_OWN stays; with fewer than 256 it is the hue that counts, and a
// grey becomes THEME_OWN, but on a background of the theme's own black or white.
int theme_number_of(theme_colour colour, int colours, bool own_background);

#endif
