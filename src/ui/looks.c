// SPDX-License-Identifier: MIT
#include "ui/looks.h"

#include <stdlib.h>
#include <string.h>

// The terminal's background is light when it says so ("15;0": black on white is "0;15").
static bool background_is_light(void)
{
    const char *colours = getenv("COLORFGBG");
    const char *background = colours ? strrchr(colours, ';') : NULL;

    return background && (strcmp(background, ";7") == 0 || strcmp(background, ";15") == 0);
}

void looks_init(struct looks *looks)
{
    const char *none = getenv("NO_COLOR");

    *looks = (struct looks){0};
    if ((none && *none) || !has_colors())
        return;
    start_color();
    use_default_colors();
    looks->colours = COLORS < 8 ? 0 : COLORS;
}

static attr_t attributes_of(unsigned look)
{
    return (look & LOOK_BOLD ? A_BOLD : 0) | (look & LOOK_DIM ? A_DIM : 0) |
           (look & LOOK_UNDERLINE ? A_UNDERLINE : 0) | (look & LOOK_REVERSE ? A_REVERSE : 0);
}

// What the screen is erased with.
static void erase_with(short pair)
{
    cchar_t blank;

    setcchar(&blank, L" ", 0, pair, NULL);
    bkgrndset(&blank);
}

bool looks_choose(struct looks *looks, const struct theme *theme)
{
    const struct theme *mono = &theme_builtin[THEME_MONO];
    int colours[ROLE_COUNT];

    if (looks->theme == theme)
        return false;
    looks->theme = theme;
    if (strcmp(theme->name, theme_builtin[THEME_DEFAULT].name) == 0 && background_is_light())
        theme = &theme_builtin[THEME_LIGHT];
    if (looks->colours == 0 || strcmp(theme->name, mono->name) == 0) {
        for (int r = 0; r < ROLE_COUNT; r++) {
            looks->attributes[r] = attributes_of(mono->looks[r].attributes);
            looks->pairs[r] = 0;
        }
        erase_with(0);
        return true;
    }
    bool own = theme->background != THEME_OWN;
    int background = theme_number_of(theme->background, looks->colours, true);
    for (int r = 0; r < ROLE_COUNT; r++) {
        const struct look *look = &theme->looks[r];
        theme_colour colour =
            own && look->colour == THEME_OWN ? theme->looks[ROLE_TEXT].colour : look->colour;
        unsigned attributes = look->attributes;
        colours[r] = theme_number_of(colour, looks->colours, own);
        // With few colours some roles have none of their own.
        if (looks->colours < 256 && colours[r] == THEME_OWN)
            attributes |= mono->looks[r].attributes;
        looks->attributes[r] = attributes_of(attributes);
        // One pair for each colour, that ncurses doesn't switch between equal ones. The terminal's
        // own colour has a pair, too: for pair 0 ncurses resets everything, which is longer.
        int same = 0;
        while (colours[same] != colours[r])
            same++;
        looks->pairs[r] = (short)(same + 1);
        if (same == r)
            init_extended_pair(looks->pairs[r], colours[r], background);
    }
    erase_with(own ? looks->pairs[ROLE_TEXT] : 0);
    return true;
}
