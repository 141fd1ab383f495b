// SPDX-License-Identifier: MIT
#include "ui/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

// --- Built-in ------------------------------------------------------------------------------------

// Numbers of the 256.
enum { BLACK = 16, WHITE = 231 };

const struct theme theme_builtin[THEME_COUNT] = {
    [THEME_DEFAULT] = {"default",
                       THEME_OWN,
                       {
                           [ROLE_TEXT] = {THEME_OWN, 0},
                           [ROLE_DIM] = {244, 0},
                           [ROLE_TITLE] = {THEME_OWN, LOOK_BOLD},
                           [ROLE_HEADING] = {110, 0},
                           [ROLE_VALUE] = {THEME_OWN, 0},
                           [ROLE_STALE] = {244, 0},
                           [ROLE_OK] = {78, 0},
                           [ROLE_WARNING] = {214, 0},
                           [ROLE_ALARM] = {203, 0},
                           [ROLE_SOLAR] = {221, 0},
                           [ROLE_GRID] = {111, 0},
                           [ROLE_LOAD] = {176, 0},
                           [ROLE_BATTERY] = {114, 0},
                           [ROLE_KEY] = {THEME_OWN, 0},
                           [ROLE_KEY_TEXT] = {244, 0},
                           [ROLE_SELECTED] = {THEME_OWN, LOOK_REVERSE},
                           [ROLE_LINE_1] = {221, 0},
                           [ROLE_LINE_2] = {111, 0},
                           [ROLE_LINE_3] = {176, 0},
                           [ROLE_LINE_4] = {114, 0},
                           [ROLE_LINE_5] = {209, 0},
                           [ROLE_LINE_6] = {80, 0},
                       }},
    [THEME_LIGHT] = {"light",
                     THEME_OWN,
                     {
                         [ROLE_TEXT] = {THEME_OWN, 0},
                         [ROLE_DIM] = {243, 0},
                         [ROLE_TITLE] = {THEME_OWN, LOOK_BOLD},
                         [ROLE_HEADING] = {25, 0},
                         [ROLE_VALUE] = {THEME_OWN, 0},
                         [ROLE_STALE] = {243, 0},
                         [ROLE_OK] = {28, 0},
                         [ROLE_WARNING] = {130, 0},
                         [ROLE_ALARM] = {160, 0},
                         [ROLE_SOLAR] = {136, 0},
                         [ROLE_GRID] = {26, 0},
                         [ROLE_LOAD] = {90, 0},
                         [ROLE_BATTERY] = {28, 0},
                         [ROLE_KEY] = {THEME_OWN, 0},
                         [ROLE_KEY_TEXT] = {243, 0},
                         [ROLE_SELECTED] = {THEME_OWN, LOOK_REVERSE},
                         [ROLE_LINE_1] = {136, 0},
                         [ROLE_LINE_2] = {26, 0},
                         [ROLE_LINE_3] = {90, 0},
                         [ROLE_LINE_4] = {28, 0},
                         [ROLE_LINE_5] = {166, 0},
                         [ROLE_LINE_6] = {30, 0},
                     }},
    // Nothing below 7:1 on black (WCAG 2.1, 1.4.6), and no grey.
    [THEME_CONTRAST] = {"contrast",
                        BLACK,
                        {
                            [ROLE_TEXT] = {WHITE, 0},
                            [ROLE_DIM] = {WHITE, 0},
                            [ROLE_TITLE] = {WHITE, LOOK_BOLD},
                            [ROLE_HEADING] = {51, LOOK_BOLD},
                            [ROLE_VALUE] = {WHITE, LOOK_BOLD},
                            [ROLE_STALE] = {WHITE, 0},
                            [ROLE_OK] = {46, 0},
                            [ROLE_WARNING] = {226, LOOK_BOLD},
                            [ROLE_ALARM] = {217, LOOK_BOLD | LOOK_REVERSE},
                            [ROLE_SOLAR] = {226, 0},
                            [ROLE_GRID] = {117, 0},
                            [ROLE_LOAD] = {219, 0},
                            [ROLE_BATTERY] = {46, 0},
                            [ROLE_KEY] = {226, LOOK_BOLD},
                            [ROLE_KEY_TEXT] = {WHITE, 0},
                            [ROLE_SELECTED] = {WHITE, LOOK_BOLD | LOOK_REVERSE},
                            [ROLE_LINE_1] = {226, 0},
                            [ROLE_LINE_2] = {117, 0},
                            [ROLE_LINE_3] = {219, 0},
                            [ROLE_LINE_4] = {46, 0},
                            [ROLE_LINE_5] = {217, 0},
                            [ROLE_LINE_6] = {51, 0},
                        }},
    [THEME_MONO] = {"mono",
                    THEME_OWN,
                    {
                        [ROLE_TEXT] = {THEME_OWN, 0},
                        [ROLE_DIM] = {THEME_OWN, 0},
                        [ROLE_TITLE] = {THEME_OWN, LOOK_BOLD},
                        [ROLE_HEADING] = {THEME_OWN, LOOK_BOLD},
                        [ROLE_VALUE] = {THEME_OWN, 0},
                        [ROLE_STALE] = {THEME_OWN, LOOK_DIM},
                        [ROLE_OK] = {THEME_OWN, 0},
                        [ROLE_WARNING] = {THEME_OWN, LOOK_BOLD},
                        [ROLE_ALARM] = {THEME_OWN, LOOK_REVERSE},
                        [ROLE_SOLAR] = {THEME_OWN, 0},
                        [ROLE_GRID] = {THEME_OWN, 0},
                        [ROLE_LOAD] = {THEME_OWN, 0},
                        [ROLE_BATTERY] = {THEME_OWN, 0},
                        [ROLE_KEY] = {THEME_OWN, LOOK_BOLD},
                        [ROLE_KEY_TEXT] = {THEME_OWN, 0},
                        [ROLE_SELECTED] = {THEME_OWN, LOOK_REVERSE},
                        [ROLE_LINE_1] = {THEME_OWN, 0},
                        [ROLE_LINE_2] = {THEME_OWN, 0},
                        [ROLE_LINE_3] = {THEME_OWN, 0},
                        [ROLE_LINE_4] = {THEME_OWN, 0},
                        [ROLE_LINE_5] = {THEME_OWN, 0},
                        [ROLE_LINE_6] = {THEME_OWN, 0},
                    }},
};

const struct theme *theme_find(const struct theme *themes, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(themes[i].name, name) == 0)
            return &themes[i];
    return NULL;
}

bool theme_name_is_good(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t length = strlen(name);

    return length > 0 && length < THEME_NAME_MAX && strspn(name, allowed) == length;
}

// --- As it is written ----------------------------------------------------------------------------

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_TEXT] = "text",
    [ROLE_DIM] = "dim",
    [ROLE_TITLE] = "title",
    [ROLE_HEADING] = "heading",
    [ROLE_VALUE] = "value",
    [ROLE_STALE] = "stale",
    [ROLE_OK] = "ok",
    [ROLE_WARNING] = "warning",
    [ROLE_ALARM] = "alarm",
    [ROLE_SOLAR] = "solar",
    [ROLE_GRID] = "grid",
    [ROLE_LOAD] = "load",
    [ROLE_BATTERY] = "battery",
    [ROLE_KEY] = "key",
    [ROLE_KEY_TEXT] = "key-text",
    [ROLE_SELECTED] = "selected",
    [ROLE_LINE_1] = "line-1",
    [ROLE_LINE_2] = "line-2",
    [ROLE_LINE_3] = "line-3",
    [ROLE_LINE_4] = "line-4",
    [ROLE_LINE_5] = "line-5",
    [ROLE_LINE_6] = "line-6",
};

static bool parse_colour(const char *word, theme_colour *colour)
{
    static const char *const names[] = {"black",   "red",  "green", "yellow", "blue",
                                        "magenta", "cyan", "white", "grey"};
    long number;
    char *end;

    if (strcmp(word, "default") == 0) {
        *colour = THEME_OWN;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i]) == 0) {
            *colour = (theme_colour)i;
            return true;
        }
    if (word[0] == '#' && strlen(word) == 7 && strspn(word + 1, "0123456789abcdefABCDEF") == 6) {
        *colour = THEME_RGB | (theme_colour)strtol(word + 1, &end, 16);
        return true;
    }
    if (text_parse_int(word, 0, 255, &number) != XC_OK)
        return false;
    *colour = (theme_colour)number;
    return true;
}

static unsigned parse_attribute(const char *word)
{
    static const char *const names[] = {"bold", "dim", "underline", "reverse"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(word, names[i]) == 0)
            return 1u << i;
    return 0;
}

static enum xc_status refuse_role(char error[THEME_ERROR_MAX])
{
    size_t used = 0;

    text_append(error, THEME_ERROR_MAX, &used, "there is no such role; expected like, background");
    for (int role = 0; role < ROLE_LINE_1; role++)
        text_append(error, THEME_ERROR_MAX, &used, ", %s", role_names[role]);
    text_append(error, THEME_ERROR_MAX, &used, " or line-1 to line-6");
    return XC_SYNTAX;
}

// "COLOUR [bold] [dim] [underline] [reverse]".
static enum xc_status parse_look(const char *value, struct look *look, char error[THEME_ERROR_MAX])
{
    char words[128], *rest, *word;

    snprintf(words, sizeof words, "%s", value);
    *look = (struct look){THEME_OWN, 0};
    word = strtok_r(words, " \t", &rest);
    if (strlen(value) >= sizeof words || !word || !parse_colour(word, &look->colour)) {
        snprintf(
            error, THEME_ERROR_MAX,
            "expected a colour: default, black, red, green, yellow, blue, magenta, cyan, white, "
            "grey, 0 to 255 or #rrggbb, not '%.40s'",
            word ? word : "");
        return XC_SYNTAX;
    }
    while ((word = strtok_r(NULL, " \t", &rest))) {
        unsigned attribute = parse_attribute(word);
        if (!attribute) {
            snprintf(error, THEME_ERROR_MAX,
                     "expected bold, dim, underline or reverse behind the colour, not '%.40s'",
                     word);
            return XC_SYNTAX;
        }
        look->attributes |= attribute;
    }
    return XC_OK;
}

static enum xc_status take_like(struct theme *theme, const char *value, char error[THEME_ERROR_MAX])
{
    const struct theme *like = theme_find(theme_builtin, THEME_COUNT, value);

    if (!like) {
        snprintf(error, THEME_ERROR_MAX, "expected default, light, contrast or mono, not '%.40s'",
                 value);
        return XC_SYNTAX;
    }
    theme->background = like->background;
    memcpy(theme->looks, like->looks, sizeof theme->looks);
    return XC_OK;
}

enum xc_status theme_set(struct theme *theme, const char *key, const char *value,
                         char error[THEME_ERROR_MAX])
{
    enum xc_status status;
    struct look look;
    int role = 0;

    if (strcmp(key, "like") == 0)
        return take_like(theme, value, error);
    bool background = strcmp(key, "background") == 0;
    while (role < ROLE_COUNT && strcmp(key, role_names[role]) != 0)
        role++;
    if (!background && role == ROLE_COUNT)
        return refuse_role(error);
    status = parse_look(value, &look, error);
    if (status != XC_OK)
        return status;
    if (!background) {
        theme->looks[role] = look;
        return XC_OK;
    }
    if (look.attributes) {
        snprintf(error, THEME_ERROR_MAX, "expected a colour alone, not '%.40s'", value);
        return XC_SYNTAX;
    }
    theme->background = look.colour;
    return XC_OK;
}

enum xc_status theme_check(const struct theme *theme, char error[THEME_ERROR_MAX])
{
    if (theme->background == THEME_OWN || theme->looks[ROLE_TEXT].colour != THEME_OWN)
        return XC_OK;
    snprintf(error, THEME_ERROR_MAX, "with a background, text needs a colour too: text = COLOUR");
    return XC_SYNTAX;
}

// --- As a terminal has it ------------------------------------------------------------------------

// What xterm shows for one of its 256 colours; the first 16 are what terminals differ in.
static uint32_t rgb_of(theme_colour colour)
{
    static const uint32_t first[] = {0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD,
                                     0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00,
                                     0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF};
    static const uint32_t steps[] = {0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF};
    uint32_t number = (uint32_t)colour;

    if (colour & THEME_RGB)
        return number & 0xFFFFFF;
    if (number < 16)
        return first[number];
    if (number >= 232)
        return (8 + 10 * (number - 232)) * 0x010101u;
    number -= 16;
    return steps[number / 36] << 16 | steps[number / 6 % 6] << 8 | steps[number % 6];
}

static int channel(uint32_t rgb, int shift)
{
    return (int)(rgb >> shift & 0xFF);
}

// Of the cube and the greys: the first 16 may be anything.
static int nearest_of_256(uint32_t rgb)
{
    long least = -1;
    int nearest = 0;

    for (int number = 16; number < 256; number++) {
        uint32_t other = rgb_of(number);
        long distance = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
            long apart = channel(rgb, shift) - channel(other, shift);
            distance += apart * apart;
        }
        if (least < 0 || distance < least) {
            least = distance;
            nearest = number;
        }
    }
    return nearest;
}

// By its hue: how light it is the terminal decides. A grey has none.
static int nearest_of_8(uint32_t rgb, bool own_background)
{
    int red = channel(rgb, 16), green = channel(rgb, 8), blue = channel(rgb, 0);
    int most = red > green ? red : green, least = red < green ? red : green;
    enum { GREY = 24, LIGHT = 80 };

    most = blue > most ? blue : most;
    least = blue < least ? blue : least;
    if (most - least < GREY)
        return !own_background ? THEME_OWN : most < LIGHT ? 0 : 7;
    int middle = (most + least) / 2;
    return (red > middle) | (green > middle) << 1 | (blue > middle) << 2;
}

int theme_number_of(theme_colour colour, int colours, bool own_background)
{
    // The first 8 are the same everywhere.
    if (colour < 8)
        return colour;
    if (colours > 256) {
        uint32_t rgb = rgb_of(colour);
        return rgb < 8 ? 0 : (int)rgb;
    }
    if (colours == 256)
        return colour & THEME_RGB ? nearest_of_256(rgb_of(colour)) : colour;
    return nearest_of_8(rgb_of(colour), own_background);
}
