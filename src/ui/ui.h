// SPDX-License-Identifier: MIT
// The screens: views of a plant, drawn to a canvas, driven by keys. Knows no terminal (term.h does)
// and no clock but the loop's.
#ifndef XC_UI_UI_H
#define XC_UI_UI_H

#include <stdbool.h>
#include <stddef.h>

#include "loop/loop.h"
#include "plant/plant.h"
#include "ui/canvas.h"

struct datalog;
struct ui;

enum view_id {
    VIEW_OVERVIEW,
    VIEW_XT,
    VIEW_VT,
    VIEW_VS,
    VIEW_BATTERY, // BSP or BMS
    VIEW_PARAMETERS,
    VIEW_MESSAGES,
    VIEW_GRAPHS,
    VIEW_FILES, // datalog files
    VIEW_LINK,
    VIEW_COUNT
};

struct logger_options;
struct theme;

struct ui_options {
    bool ascii;
    const char *site; // shown in the first line: the site's or the link's name
    // What logging begins with (plant/logger.h), and of which values, as the form has them; NULL:
    // as usual.
    const struct logger_options *log;
    const char *log_values;
    struct datalog *datalog; // the caller's, of this plant; NULL: files can't be fetched
    // What a key goes through (ui/theme.h), the caller's, and which is the first; NULL: the
    // built-in ones.
    const struct theme *themes;
    size_t theme_count, theme;
};

struct ui *ui_new(struct loop *loop, struct plant *plant, const struct ui_options *options);
void ui_free(struct ui *ui);

// Draws the whole screen as it is now. Any canvas size is fine: below 40x12 it says which size is
// needed.
void ui_draw(struct ui *ui, struct canvas *canvas);

// The plant has changed: what doesn't wait for a drawing is done.
void ui_look(struct ui *ui);

// What goes wrong beside the screens, the command of --on-message: shown until another text comes;
// "" is none.
void ui_trouble(struct ui *ui, const char *text);

// Where a gateway can dial in, in words, shown while one is waited for; "" at first. False if that
// is known already: nothing has to be drawn anew.
bool ui_reached_at(struct ui *ui, const char *text);

// How it should look: what the terminal makes of it is its own affair.
const struct theme *ui_theme(const struct ui *ui);

// loop_now() at which the screen changes though nothing has happened: the next second of its clock,
// or soon, when there was more to read than fits into a frame.
int64_t ui_next_second(const struct ui *ui);

// Keys: characters as they are, others from enum ui_key. Returns false when the program should end.
enum ui_key {
    UI_KEY_ERASE_LINE = 0x15, // Ctrl-U
    UI_KEY_UP = 0x110000,
    UI_KEY_DOWN,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_PAGE_UP,
    UI_KEY_PAGE_DOWN,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_TAB,
    UI_KEY_BACK_TAB,
    UI_KEY_ENTER,
    UI_KEY_ESCAPE,
    UI_KEY_BACKSPACE,
    UI_KEY_F1,
    /* …F10 */ UI_KEY_F10 = UI_KEY_F1 + 9,
    UI_KEY_REDRAW,
    UI_KEY_DELETE,
};
bool ui_key(struct ui *ui, unsigned key);

void ui_show(struct ui *ui, enum view_id view);
enum view_id ui_view(const struct ui *ui);
// True when everything the present view shows has been read once, or can't be. Draws it aside to
// see what that is, in the size of the last drawing (80x24 if there was none).
bool ui_complete(struct ui *ui);

#endif
