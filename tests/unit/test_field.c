// SPDX-License-Identifier: MIT
// The line of text that a person edits.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/field.h"
#include "ui/ui.h"

static void type(struct field *field, const char *text)
{
    for (; *text; text++)
        assert_true(field_key(field, (unsigned char)*text));
}

static void text_is_edited_at_the_cursor(void **state)
{
    struct field field = {.cursor = 0};

    (void)state;
    type(&field, "acd");
    field_key(&field, UI_KEY_LEFT);
    field_key(&field, UI_KEY_LEFT);
    type(&field, "b");
    assert_string_equal(field.text, "abcd");
    field_key(&field, UI_KEY_DELETE);
    assert_string_equal(field.text, "abd");
    field_key(&field, UI_KEY_BACKSPACE);
    assert_string_equal(field.text, "ad");
    field_key(&field, UI_KEY_HOME);
    field_key(&field, UI_KEY_BACKSPACE);
    field_key(&field, UI_KEY_LEFT);
    type(&field, "_");
    field_key(&field, UI_KEY_END);
    field_key(&field, UI_KEY_RIGHT);
    field_key(&field, UI_KEY_DELETE);
    type(&field, "_");
    assert_string_equal(field.text, "_ad_");
    assert_false(field_key(&field, UI_KEY_ENTER));
    assert_false(field_key(&field, UI_KEY_F1));
    assert_false(field_key(&field, '\t'));
    assert_false(field_key(&field, 0x9B));   // CSI
    assert_false(field_key(&field, 0x202E)); // right to left override
    assert_false(field_key(&field, 0xD800));
    assert_string_equal(field.text, "_ad_");
    field_key(&field, UI_KEY_LEFT);
    field_key(&field, UI_KEY_ERASE_LINE);
    assert_string_equal(field.text, "_");
    field_set(&field, "chosen", true);
    field_key(&field, UI_KEY_ERASE_LINE);
    assert_string_equal(field.text, "");
}

static void characters_are_taken_whole(void **state)
{
    struct field field = {.cursor = 0};

    (void)state;
    field_key(&field, 'a');
    field_key(&field, 0x6F22); // 3 bytes, 2 columns
    field_key(&field, 'e');
    field_key(&field, 0x301); // combines with the e
    assert_string_equal(field.text, "a漢e\u0301");
    field_key(&field, UI_KEY_BACKSPACE);
    assert_string_equal(field.text, "a漢");
    field_key(&field, UI_KEY_LEFT);
    field_key(&field, UI_KEY_DELETE);
    assert_string_equal(field.text, "a");
    assert_int_equal(field.cursor, 1);
}

static void a_full_line_takes_no_more(void **state)
{
    struct field field = {.cursor = 0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        field_key(&field, i % 2 ? 'x' : 0x6F22);
    assert_true(strlen(field.text) < FIELD_MAX);
    assert_true(strlen(field.text) > FIELD_MAX - 4);
    // No half character at its end.
    for (int i = 0; i < 1000; i++)
        field_key(&field, UI_KEY_BACKSPACE);
    assert_string_equal(field.text, "");
}

static void a_proposal_is_replaced_by_typing_and_kept_by_moving(void **state)
{
    struct field field;

    (void)state;
    field_set(&field, "60", true);
    type(&field, "45");
    assert_string_equal(field.text, "45");
    field_set(&field, "60", true);
    field_key(&field, UI_KEY_END);
    type(&field, ".5");
    assert_string_equal(field.text, "60.5");
    field_set(&field, "60", true);
    field_key(&field, UI_KEY_BACKSPACE);
    assert_string_equal(field.text, "");
    field_set(&field, "a\x1b[31m\xff", false);
    assert_null(strchr(field.text, '\x1b'));
}

static void check_drawing(struct field *field, int width, const char *wanted, int cursor)
{
    struct canvas canvas;
    char row[64];
    size_t used = 0;

    canvas_init(&canvas, 20, 1, false);
    field_draw(field, &canvas, 2, 0, width, true);
    for (int x = 0; x < 20; x++)
        if (canvas.cells[x].character)
            used += text_put(row + used, canvas.cells[x].character);
    while (used > 0 && row[used - 1] == ' ')
        used--;
    row[used] = '\0';
    assert_string_equal(row, wanted);
    assert_int_equal(canvas.cursor_x, cursor);
    assert_int_equal(canvas.cells[cursor].role, ROLE_SELECTED);
    canvas_free(&canvas);
}

static void a_long_line_is_shown_around_its_cursor(void **state)
{
    struct field field = {.cursor = 0};

    (void)state;
    check_drawing(&field, 8, "  [      ]", 3);
    type(&field, "12345");
    check_drawing(&field, 8, "  [12345 ]", 8);
    type(&field, "67");
    check_drawing(&field, 8, "  <34567 ]", 8);
    field_key(&field, UI_KEY_HOME);
    check_drawing(&field, 8, "  [123456>", 3);
    field_key(&field, UI_KEY_END);
    check_drawing(&field, 8, "  <34567 ]", 8);
    field_key(&field, UI_KEY_BACKSPACE);
    field_key(&field, UI_KEY_BACKSPACE);
    check_drawing(&field, 8, "  [12345 ]", 8);
    field_set(&field, "漢漢漢漢", false);
    check_drawing(&field, 8, "  <漢漢  ]", 7);
    field_key(&field, UI_KEY_LEFT);
    check_drawing(&field, 8, "  <漢漢  ]", 5);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_edited_at_the_cursor),
        cmocka_unit_test(characters_are_taken_whole),
        cmocka_unit_test(a_full_line_takes_no_more),
        cmocka_unit_test(a_proposal_is_replaced_by_typing_and_kept_by_moving),
        cmocka_unit_test(a_long_line_is_shown_around_its_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
