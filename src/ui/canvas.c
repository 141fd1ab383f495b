// SPDX-License-Identifier: MIT
#include "ui/canvas.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"

static struct rect intersection(struct rect a, struct rect b)
{
    int left = a.x > b.x ? a.x : b.x, top = a.y > b.y ? a.y : b.y;
    int right = a.x + a.width < b.x + b.width ? a.x + a.width : b.x + b.width;
    int bottom = a.y + a.height < b.y + b.height ? a.y + a.height : b.y + b.height;

    return (struct rect){left, top, right > left ? right - left : 0,
                         bottom > top ? bottom - top : 0};
}

void canvas_init(struct canvas *canvas, int width, int height, bool ascii)
{
    *canvas = (struct canvas){
        .width = width > 0 ? width : 1, .height = height > 0 ? height : 1, .ascii = ascii};
    canvas->cells = xcalloc((size_t)canvas->width * (size_t)canvas->height, sizeof(struct cell));
    canvas_clear(canvas);
}

void canvas_free(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

void canvas_clear(struct canvas *canvas)
{
    size_t count = (size_t)canvas->width * (size_t)canvas->height;

    for (size_t i = 0; i < count; i++)
        canvas->cells[i] = (struct cell){' ', ROLE_TEXT};
    canvas->clip = (struct rect){0, 0, canvas->width, canvas->height};
    canvas->cursor_x = canvas->cursor_y = 0;
}

struct rect canvas_clip(struct canvas *canvas, struct rect clip)
{
    struct rect former = canvas->clip;
    canvas->clip = intersection(clip, (struct rect){0, 0, canvas->width, canvas->height});
    return former;
}

static struct cell *cell_at(struct canvas *canvas, int x, int y)
{
    return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

static bool clipped(const struct canvas *canvas, int x, int y)
{
    const struct rect *clip = &canvas->clip;
    return x < clip->x || x >= clip->x + clip->width || y < clip->y || y >= clip->y + clip->height;
}

// One column of ASCII for what the screens draw; 0 for a sign that is better left out.
static uint32_t ascii_substitute(uint32_t c)
{
    static const struct {
        uint32_t from;
        char to;
    } substitutes[] = {
        {0xB0, 0},   // degree: °C is "C"
        {0xB5, 'u'}, // micro
        {0xB7, '-'}, // middle dot
        {0xD7, 'x'}, // times
        {0xE8, 'e'},   {0xE9, 'e'},   {0x201C, '"'}, {0x201D, '"'}, {0x2026, '.'}, // ellipsis
        {0x2190, '<'}, {0x2191, '^'}, {0x2192, '>'}, {0x2193, 'v'}, {0x2500, '-'},
        {0x2502, '|'}, {0x250C, '+'}, {0x2510, '+'}, {0x2514, '+'}, {0x2518, '+'},
        {0x251C, '+'}, {0x2524, '+'}, {0x252C, '+'}, {0x2550, '='}, {0x2551, '|'},
        {0x2581, '.'}, {0x2582, ':'}, {0x2583, '-'}, {0x2584, '='}, {0x2585, '+'},
        {0x2586, '*'}, {0x2587, '#'}, {0x2588, '#'}, {0x2580, '*'}, // upper half block
        {0x2260, '#'},                                              // not equal
        {0x2591, '.'},                                              // light shade
        {0x25B2, '^'}, {0x25BA, '>'}, {0x25BC, 'v'}, {0x25C4, '<'}, {0x25CB, 'o'},
        {0x25CF, '*'},
    };

    if (c < 0x80)
        return c;
    for (size_t i = 0; i < sizeof substitutes / sizeof *substitutes; i++)
        if (substitutes[i].from == c)
            return (uint32_t)substitutes[i].to;
    return '?';
}

// What is drawn for a character, and how many columns it takes; 0 when it isn't drawn.
static int drawn_width(const struct canvas *canvas, uint32_t *character)
{
    if (canvas->ascii)
        *character = ascii_substitute(*character);
    return text_character_width(*character);
}

static void put(struct canvas *canvas, int x, int y, enum role role, uint32_t character, int width)
{
    if (clipped(canvas, x, y) || (width == 2 && clipped(canvas, x + 1, y)))
        return;
    struct cell *cell = cell_at(canvas, x, y);
    // Half of a wide character can't stay.
    if (cell->character == 0 && x > 0)
        cell_at(canvas, x - 1, y)->character = ' ';
    int behind = x + width;
    if (behind < canvas->width && cell_at(canvas, behind, y)->character == 0)
        cell_at(canvas, behind, y)->character = ' ';
    *cell = (struct cell){character, (uint8_t)role};
    if (width == 2)
        *cell_at(canvas, x + 1, y) = (struct cell){0, (uint8_t)role};
}

int canvas_text(struct canvas *canvas, int x, int y, enum role role, const char *text)
{
    uint32_t c;

    for (size_t n; (n = text_next(text, &c)) > 0; text += n) {
        int width = drawn_width(canvas, &c);
        if (width == 0)
            continue;
        put(canvas, x, y, role, c, width);
        x += width;
    }
    return x;
}

int canvas_printf(struct canvas *canvas, int x, int y, enum role role, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return canvas_text(canvas, x, y, role, text);
}

int canvas_text_width(const struct canvas *canvas, const char *text)
{
    int columns = 0;
    uint32_t c;

    for (size_t n; (n = text_next(text, &c)) > 0; text += n)
        columns += drawn_width(canvas, &c);
    return columns;
}

void canvas_right(struct canvas *canvas, int x_end, int y, enum role role, const char *text)
{
    canvas_text(canvas, x_end - canvas_text_width(canvas, text), y, role, text);
}

void canvas_fit(struct canvas *canvas, int x, int y, int columns, enum role role, const char *text)
{
    char cut[512];

    if (columns <= 0)
        return;
    text_fit(cut, sizeof cut, text, columns, true, canvas->ascii);
    canvas_text(canvas, x, y, role, cut);
}

void canvas_fill(struct canvas *canvas, struct rect area, enum role role, uint32_t character)
{
    int width = drawn_width(canvas, &character);

    area = intersection(area, canvas->clip);
    if (width != 1)
        character = ' ';
    for (int y = area.y; y < area.y + area.height; y++)
        for (int x = area.x; x < area.x + area.width; x++)
            put(canvas, x, y, role, character, 1);
}

void canvas_print(const struct canvas *canvas, FILE *out)
{
    for (int y = 0; y < canvas->height; y++) {
        const struct cell *row = &canvas->cells[(size_t)y * (size_t)canvas->width];
        int end = canvas->width;
        while (end > 0 && row[end - 1].character == ' ')
            end--;
        for (int x = 0; x < end; x++) {
            char bytes[4];
            size_t length = row[x].character ? text_put(bytes, row[x].character) : 0;
            fwrite(bytes, 1, length, out);
        }
        putc('\n', out);
    }
}
