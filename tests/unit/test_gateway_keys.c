// SPDX-License-Identifier: MIT
// Keys outside of forms that write to the gateway, or lead there: b makes a device flash, t sets
// the installation's clock, c clears the sign of a restart.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "form_rig.h"

static void b_writes_at_once(void **state)
{
    struct world *world = *state;

    press_all(world, "Db");
    assert_int_equal(fixture_edits.opened, 1);
    assert_int_equal(fixture_edits.target.family, FAMILY_RCC);
    assert_int_equal(fixture_edits.writes, 0); // it is still being read
    fixture_edit_becomes(EDIT_READY, "");
    assert_int_equal(fixture_edits.writes, 1);
    assert_true(fixture_edits.wish.number == 102);
    assert_false(fixture_edits.wish.flash);
    // Until that is through, the key waits.
    press(world, 'b');
    assert_int_equal(fixture_edits.opened, 1);
    fixture_edit_becomes(EDIT_DONE, "");
    assert_int_equal(fixture_edits.closed, 1);
    press(world, 'x');
    assert_false(shows(world, "LEDs of"));
}

static void b_stops_what_flashes(void **state)
{
    struct world *world = *state;

    fixture_edits.flashing_family = FAMILY_XT;
    fixture_edits.flashing_index = 1;
    fixture_edits.flashing_left = 30 * LOOP_S;
    press(world, 'b');
    fixture_edit_becomes(EDIT_READY, "");
    assert_int_equal(fixture_edits.writes, 1);
    assert_true(fixture_edits.wish.number == 0);
    fixture_edit_becomes(EDIT_DONE, "");
}

static void b_in_a_family_is_about_its_column(void **state)
{
    struct world *world = *state;

    press_all(world, "3Rb");
    fixture_edit_becomes(EDIT_READY, "");
    assert_true(fixture_edits.wish.number == 302);
    fixture_edit_becomes(EDIT_DONE, "");
    press_all(world, "6b"); // no key there
    assert_int_equal(fixture_edits.opened, 1);
}

static void what_is_in_the_way_is_said(void **state)
{
    struct world *world = *state;

    press(world, 'b');
    fixture_edit_becomes(EDIT_FAILED, "no answer when XCOM was asked for the level");
    assert_int_equal(fixture_edits.closed, 1);
    press(world, UI_KEY_REDRAW);
    assert_true(shows(world, "! no answer when XCOM was asked for the level"));
    press_all(world, "2"); // its own keys only
    assert_true(shows(world, "LEDs of XT1"));
    press_all(world, "X");
    assert_false(shows(world, "LEDs of XT1"));
    // What the gateway can't do.
    fixture_edits.ram = XC_UNSUPPORTED;
    press(world, 'b');
    fixture_edit_becomes(EDIT_READY, "");
    assert_int_equal(fixture_edits.writes, 0);
    press(world, UI_KEY_REDRAW);
    assert_true(shows(world, "RAM writes stop coming"));
    press_all(world, "E");
    // Not clear whether it was done.
    fixture_edits.ram = XC_OK;
    fixture_edits.result = RECORD_UNKNOWN;
    press(world, 'b');
    fixture_edit_becomes(EDIT_READY, "");
    fixture_edit_becomes(EDIT_DONE, "it isn't known whether XCOM has it");
    press(world, UI_KEY_REDRAW);
    assert_true(shows(world, "! it isn't known whether XCOM has it"));
    press_all(world, "X");
}

// What somebody is typing isn't taken away by it.
static void what_is_said_waits_for_a_form(void **state)
{
    struct world *world = *state;
    struct edit *flash;

    press(world, 'b');
    flash = fixture_edits.edit;
    open_form(world, "XT1", 1138);
    struct edit *form = fixture_edits.edit;
    fixture_edits.edit = flash;
    fixture_edit_becomes(EDIT_FAILED, "no answer");
    fixture_edits.edit = form;
    press(world, UI_KEY_REDRAW);
    assert_true(shows(world, "1138"));
    assert_false(shows(world, "LEDs of XT1"));
    press_all(world, "X");
    assert_true(shows(world, "! no answer"));
    press_all(world, "X");
}

static void t_leads_to_the_clock(void **state)
{
    struct world *world = *state;

    press_all(world, "0t");
    assert_int_equal(fixture_edits.target.family, FAMILY_RCC);
    assert_true(shows(world, "5002 Date"));
    assert_true(shows(world, "this computer's time"));
    assert_int_equal(fixture_edits.writes, 0);
    confirm(world);
    assert_int_equal(fixture_edits.writes, 1);
    assert_true(fixture_edits.wish.now);
    fixture_edit_becomes(EDIT_DONE, "set");
    press_all(world, "X");
}

static void c_clears_only_what_is_signalled(void **state)
{
    struct world *world = *state;

    press_all(world, "0c");
    assert_int_equal(fixture_edits.opened, 0);
    fixture_scene(world->plant, SCENE_TROUBLE);
    press_all(world, "c");
    assert_int_equal(fixture_edits.opened, 0); // as of the last frame it wasn't
    press_all(world, "c");
    assert_true(shows(world, "5104"));
    assert_int_equal(fixture_edits.writes, 0);
    press_all(world, "X");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORM_TEST(b_writes_at_once),
        FORM_TEST(b_stops_what_flashes),
        FORM_TEST(b_in_a_family_is_about_its_column),
        FORM_TEST(what_is_in_the_way_is_said),
        FORM_TEST(what_is_said_waits_for_a_form),
        FORM_TEST(t_leads_to_the_clock),
        FORM_TEST(c_clears_only_what_is_signalled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
