// SPDX-License-Identifier: MIT
#include "ui/field.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/ui.h"

// --- The text ------------------------------------------------------------------------------------

// The byte behind the character at a byte, with what combines with it.
static size_t next_character(const struct field *field, size_t at)
{
    uint32_t c;

    at += text_next(field->text + at, &c);
    for (size_t n; (n = text_next(field->text + at, &c)) > 0; at += n)
        if (text_character_width(c) > 0)
            break;
    return at;
}

static size_t previous_character(const struct field *field, size_t at)
{
    size_t former = 0;

    for (size_t next = 0; next < at; next = next_character(field, next))
        former = next;
    return former;
}

static void take_away(struct field *field, size_t from, size_t to)
{
    memmove(field->text + from, field->text + to, strlen(field->text + to) + 1);
    field->cursor = from;
}

static void put_in(struct field *field, unsigned character)
{
    char bytes[4];
    size_t size = text_put(bytes, character), length = strlen(field->text);

    if (length + size >= sizeof field->text)
        return;
    memmove(field->text + field->cursor + size, field->text + field->cursor,
            length - field->cursor + 1);
    memcpy(field->text + field->cursor, bytes, size);
    field->cursor += size;
}

void field_set(struct field *field, const char *text, bool chosen)
{
    *field = (struct field){.chosen = chosen};
    text_escape(field->text, sizeof field->text, text);
    field->cursor = strlen(field->text);
}

static bool is_text(unsigned key)
{
    bool surrogate = key >= 0xD800 && key < 0xE000;

    return key >= ' ' && key < UI_KEY_UP && !surrogate && !text_is_control(key);
}

bool field_key(struct field *field, unsigned key)
{
    size_t length = strlen(field->text);
    bool was_chosen = field->chosen;

    switch (key) {
    case UI_KEY_LEFT:
        field->cursor = previous_character(field, field->cursor);
        break;
    case UI_KEY_RIGHT:
        field->cursor = next_character(field, field->cursor);
        break;
    case UI_KEY_HOME:
        field->cursor = 0;
        break;
    case UI_KEY_END:
        field->cursor = length;
        break;
    case UI_KEY_BACKSPACE:
        take_away(field, was_chosen ? 0 : previous_character(field, field->cursor),
                  was_chosen ? length : field->cursor);
        break;
    case UI_KEY_ERASE_LINE:
        take_away(field, 0, was_chosen ? length : field->cursor);
        break;
    case UI_KEY_DELETE:
        take_away(field, was_chosen ? 0 : field->cursor,
                  was_chosen ? length : next_character(field, field->cursor));
        break;
    default:
        if (!is_text(key))
            return false;
        if (was_chosen)
            take_away(field, 0, length);
        put_in(field, key);
    }
    field->chosen = false;
    return true;
}

// --- Drawing -------------------------------------------------------------------------------------

static int columns(const struct field *field, const struct canvas *canvas, size_t from, size_t to)
{
    char part[FIELD_MAX];

    snprintf(part, sizeof part, "%.*s", (int)(to - from), field->text + from);
    return canvas_text_width(canvas, part);
}

// Sees to it that the cursor is in sight, and no more is hidden before it than has to be.
static void follow(struct field *field, const struct canvas *canvas, int room)
{
    size_t length = strlen(field->text);
    size_t behind = next_character(field, field->cursor);
    // Behind the text the cursor takes a column of its own.
    int extra = field->cursor == length;

    if (field->first > field->cursor)
        field->first = field->cursor;
    while (field->first < field->cursor &&
           columns(field, canvas, field->first, behind) + extra > room)
        field->first = next_character(field, field->first);
    while (field->first > 0) {
        size_t former = previous_character(field, field->first);
        if (columns(field, canvas, former, length) + 1 > room)
            break;
        field->first = former;
    }
}

void field_draw(struct field *field, struct canvas *canvas, int x, int y, int width, bool focus)
{
    int at = x + 1, end = x + width - 1;
    size_t length = strlen(field->text);
    char character[FIELD_MAX];

    follow(field, canvas, end - at);
    bool more = columns(field, canvas, field->first, length) > end - at;
    canvas_text(canvas, x, y, field->first > 0 ? ROLE_KEY : ROLE_DIM, field->first > 0 ? "<" : "[");
    canvas_text(canvas, end, y, more ? ROLE_KEY : ROLE_DIM, more ? ">" : "]");
    canvas_fill(canvas, (struct rect){at, y, end - at, 1}, ROLE_VALUE, ' ');
    for (size_t i = field->first; i <= length;) {
        size_t next = next_character(field, i);
        bool cursor = focus && i == field->cursor;
        snprintf(character, sizeof character, "%.*s", (int)(next - i), field->text + i);
        int wide = canvas_text_width(canvas, character);
        if (at + wide > end)
            break;
        if (cursor) {
            canvas->cursor_x = at;
            canvas->cursor_y = y;
        }
        if (i == length && cursor && at < end)
            canvas_text(canvas, at, y, ROLE_SELECTED, " ");
        canvas_text(canvas, at, y, cursor || (focus && field->chosen) ? ROLE_SELECTED : ROLE_VALUE,
                    character);
        at += wide;
        if (i == length)
            break;
        i = next;
    }
}
