// SPDX-License-Identifier: MIT
// Taking a recorded write back, and the list of writes: nothing is written without the form's
// questions, and only what is taken back is recorded as such.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>

#include "form_rig.h"

// The parameters view with a parameter selected.
static void select_parameter(struct world *world, const char *number)
{
    ui_show(world->ui, VIEW_PARAMETERS);
    press(world, '/');
    press_all(world, number);
    press(world, UI_KEY_ENTER);
}

// --- A key ---------------------------------------------------------------------------------------

static void the_newest_write_is_taken_back_through_the_form(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    press_all(world, "Ru");
    assert_non_null(world->ui->form);
    assert_int_equal(fixture_edits.target.index, 2);
    assert_float_equal(fixture_edits.checked.number, 60, 0);
    assert_false(fixture_edits.checked.flash);
    assert_true(shows(world, "[60  "));
    assert_true(shows(world, "Takes back write 19 of 2026-11-21 13:03."));
    // What is taken back was written to this one.
    assert_false(shows(world, "where"));
    press(world, UI_KEY_ENTER);
    assert_true(shows(world, "Takes back write 19 of 2026-11-21 13:03: 60 A # 45 A in RAM."));
    assert_int_equal(fixture_edits.writes, 0);
    press(world, 'y');
    assert_int_equal(fixture_edits.writes, 1);
    assert_int_equal(fixture_edits.undo, 19);
    assert_float_equal(fixture_edits.wish.number, 60, 0);
    assert_false(fixture_edits.wish.flash);
}

static void flash_is_taken_back_in_flash(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1140");
    press(world, 'u');
    assert_true(fixture_edits.checked.flash);
    press_all(world, "EflashE");
    assert_int_equal(fixture_edits.undo, 12);
    assert_true(fixture_edits.wish.flash);
    assert_float_equal(fixture_edits.wish.number, 54.4, 0);
}

static void what_may_have_been_done_is_taken_back_too(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1124");
    press_all(world, "uEy");
    assert_int_equal(fixture_edits.undo, 18);
    assert_float_equal(fixture_edits.wish.number, 1, 0);
}

static void what_was_taken_back_is_not_put_back(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    press_all(world, "RRu");
    assert_true(shows(world, "Takes back write 8 of"));
    assert_true(shows(world, "[40  "));
}

static void what_an_earlier_run_wrote_is_told(void **state)
{
    struct world *world = *state;

    fixture_edits.earlier = 20;
    select_parameter(world, "1138");
    assert_true(shows(world, " 60? "));
    assert_true(shows(world, "! 20 A was written on 2025-11-21 12:03: unless XT1 has restarted"));
    fixture_edits.earlier = 60; // as in flash: nothing to be told
    select_parameter(world, "1138");
    assert_false(shows(world, "60?"));
    assert_false(shows(world, "was written on"));
}

static void what_is_to_be_known_is_told(void **state)
{
    struct world *world = *state;

    fixture_edits.undo_note = "the same write went to XT3 too: it stays there";
    select_parameter(world, "1138");
    press_all(world, "RuE");
    assert_true(shows(world, "! the same write went to XT3 too: it stays there"));
}

static void another_device_at_its_number_gets_nothing(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    fixture_edits.key = "0A0B0C0D";
    press_all(world, "Ru");
    assert_true(shows(world, "! XT2 is another device now than the one that was written to"));
    press(world, UI_KEY_ENTER);
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    assert_int_equal(fixture_edits.writes, 0);
}

static void another_value_or_place_takes_nothing_back(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    press_all(world, "Ru50");
    assert_false(shows(world, "Takes back"));
    press_all(world, "Ey");
    assert_float_equal(fixture_edits.wish.number, 50, 0);
    assert_int_equal(fixture_edits.undo, 0);
    select_parameter(world, "1138");
    press_all(world, "uTR");
    assert_false(shows(world, "Takes back"));
    press_all(world, "L");
    assert_true(shows(world, "Takes back"));
    press_all(world, "REflashE");
    assert_int_equal(fixture_edits.undo, 0);
    // An ordinary change doesn't, even to the same value.
    select_parameter(world, "1138");
    press_all(world, "e60Ey");
    assert_int_equal(fixture_edits.writes, 3);
    assert_int_equal(fixture_edits.undo, 0);
}

static void it_is_told_when_there_is_nothing_to_take_back(void **state)
{
    struct world *world = *state;

    ui_show(world->ui, VIEW_PARAMETERS);
    press(world, 'u'); // a menu
    assert_true(shows(world, "! choose a parameter"));
    press(world, UI_KEY_DOWN);
    assert_false(shows(world, "! choose a parameter"));
    select_parameter(world, "1107");
    press(world, 'u');
    assert_true(shows(world, "! no write of 1107 to XT1 can be taken back"));
    resize(world, 40, 12);
    assert_true(shows(world, "! no write of 1107 to XT1"));
    press(world, UI_KEY_RIGHT);
    assert_false(shows(world, "! no write of"));
    select_parameter(world, "10009");
    press_all(world, "Ru"); // it was refused
    assert_true(shows(world, "! no write of 10009 to VT2"));
    assert_null(world->ui->form);
    assert_int_equal(fixture_edits.opened, 0);
}

static void in_a_search_the_key_is_text(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    press_all(world, "/uw");
    assert_true(shows(world, "/uw"));
    assert_null(world->ui->form);
    assert_null(world->ui->writes);
}

// --- The list ------------------------------------------------------------------------------------

static void the_list_has_the_chosen_devices_writes(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    press(world, 'w');
    assert_true(shows(world, "Writes to XT1"));
    assert_true(shows(world, "1202 ") && shows(world, "! unknown") &&
                shows(world, "54.4 # 55.2 V"));
    assert_false(shows(world, "60 # 45 A"));
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->writes);
    press_all(world, "Rw");
    assert_true(shows(world, "Writes to XT2"));
    assert_true(shows(world, "2026-11-21 13:03 1138 Battery"));
    assert_true(shows(world, "60 # 45 A"));
    press_all(world, "X");
    // The gateway, too, and one that nothing was written to.
    select_parameter(world, "5002");
    press(world, 'w');
    assert_true(shows(world, "Writes to XCOM") && shows(world, "None is recorded."));
    press_all(world, "uDNE");
    assert_non_null(world->ui->writes);
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->writes);
}

static void the_selected_write_is_taken_back(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    press(world, 'w');
    // Not completed: it may have been done.
    assert_true(shows(world, "takes back"));
    assert_true(shows(world, "u takes it back: "));
    press_all(world, "DD");
    assert_true(shows(world, "It can't be taken back: it was refused."));
    press(world, 'u');
    assert_null(world->ui->form);
    press_all(world, "Z");
    assert_true(shows(world, "u takes it back: 54.4 V to flash again"));
    press(world, 'u');
    assert_null(world->ui->writes);
    assert_int_equal(fixture_edits.writes, 0);
    press_all(world, "EflashE");
    assert_int_equal(fixture_edits.undo, 12);
}

static void the_list_lies_over_the_view(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1138");
    press(world, 'w');
    press_all(world, "12qPKe");
    assert_non_null(world->ui->writes);
    assert_null(world->ui->kept);
    assert_int_equal(ui_view(world->ui), VIEW_PARAMETERS);
    assert_false(plant_paused(world->plant));
    press(world, '?');
    assert_true(shows(world, "In the list of writes"));
    press(world, UI_KEY_ESCAPE);
    assert_non_null(world->ui->writes);
    for (int w = 1; w < 220; w += 13)
        for (int h = 1; h < 60; h += 7)
            resize(world, w, h);
    resize(world, 40, 12);
    press_all(world, "ZDDN");
    assert_true(shows(world, "1140  # 55.2"));
    ui_show(world->ui, VIEW_LINK);
    assert_null(world->ui->writes);
    select_parameter(world, "1138");
    press(world, 'w'); // ui_free() closes it
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        FORM_TEST(the_newest_write_is_taken_back_through_the_form),
        FORM_TEST(flash_is_taken_back_in_flash),
        FORM_TEST(what_may_have_been_done_is_taken_back_too),
        FORM_TEST(what_an_earlier_run_wrote_is_told),
        FORM_TEST(what_is_to_be_known_is_told),
        FORM_TEST(what_was_taken_back_is_not_put_back),
        FORM_TEST(another_device_at_its_number_gets_nothing),
        FORM_TEST(another_value_or_place_takes_nothing_back),
        FORM_TEST(it_is_told_when_there_is_nothing_to_take_back),
        FORM_TEST(in_a_search_the_key_is_text),
        FORM_TEST(the_list_has_the_chosen_devices_writes),
        FORM_TEST(the_selected_write_is_taken_back),
        FORM_TEST(the_list_lies_over_the_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
