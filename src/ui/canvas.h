// SPDX-License-Identifier: MIT
// What the screen should show: a grid of characters with roles. Views draw here; the terminal, the
// tests and --once read it. Drawing outside of the clip rectangle does nothing.
#ifndef XC_UI_CANVAS_H
#define XC_UI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// What a cell means. The terminal turns roles into colours and attributes; colour never says
// anything that a word or sign doesn't.
enum role {
    ROLE_TEXT,
    ROLE_DIM, // units, rules, what is less important
    ROLE_TITLE,
    ROLE_HEADING, // section and column headings
    ROLE_VALUE,
    ROLE_STALE,
    ROLE_OK,
    ROLE_WARNING,
    ROLE_ALARM,
    ROLE_SOLAR,
    ROLE_GRID,
    ROLE_LOAD,
    ROLE_BATTERY,
    ROLE_KEY, // a key in the bottom line
    ROLE_KEY_TEXT,
    ROLE_SELECTED,
    ROLE_LINE_1, // lines of a graph, with their numbers
    ROLE_LINE_2,
    ROLE_LINE_3,
    ROLE_LINE_4,
    ROLE_LINE_5,
    ROLE_LINE_6,
    ROLE_COUNT
};

struct cell {
    uint32_t character; // 0: covered by a wide character on the left
    uint8_t role;
};

struct rect {
    int x, y, width, height;
};

struct canvas {
    int width, height;
    bool ascii;         // only ASCII is drawn; other characters are put as their substitutes
    struct cell *cells; // height rows of width
    struct rect clip;
    int cursor_x, cursor_y; // where the hardware cursor rests (the selected row)
};

void canvas_init(struct canvas *canvas, int width, int height, bool ascii);
void canvas_free(struct canvas *canvas);
// Blank, role text, whole clip.
void canvas_clear(struct canvas *canvas);
// Sets the clip rectangle, cut to the canvas. Returns the former one.
struct rect canvas_clip(struct canvas *canvas, struct rect clip);

// Text from (x, y) of the canvas; returns the column behind it. Control characters are not drawn.
int canvas_text(struct canvas *canvas, int x, int y, enum role role, const char *text);
int canvas_printf(struct canvas *canvas, int x, int y, enum role role, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
// Columns a text takes when drawn here (ASCII substitutes may be narrower).
int canvas_text_width(const struct canvas *canvas, const char *text);
// Text cut to columns, with "…" where something is missing.
void canvas_fit(struct canvas *canvas, int x, int y, int columns, enum role role, const char *text);
// Text that ends before column x_end.
void canvas_right(struct canvas *canvas, int x_end, int y, enum role role, const char *text);
void canvas_fill(struct canvas *canvas, struct rect area, enum role role, uint32_t character);

// Plain text of the rows, trailing blanks cut, UTF-8.
void canvas_print(const struct canvas *canvas, FILE *out);

#endif
