// SPDX-License-Identifier: MIT
// Changing a parameter on the screen: nothing is written by accident, each page does what it says,
// and the view below notices nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "form_rig.h"

// --- Flash, where, keep --------------------------------------------------------------------------

static void every_key_is_judged(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press(world, '2');
    assert_true(shows(world, "[2  "));
    assert_true(shows(world, "Nothing is written before you have confirmed it."));
    press(world, '5');
    press(world, '0');
    assert_true(shows(world, "! that is above this device's maximum, 200"));
    press(world, UI_KEY_ENTER);
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    press(world, UI_KEY_BACKSPACE);
    assert_false(shows(world, "! that is above"));
    press_all(world, ".5");
    assert_true(shows(world, "not a multiple of 1.0"));
    assert_int_equal(fixture_edits.writes, 0);
}

static void ram_is_the_default_and_flash_is_chosen(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    assert_false(fixture_edits.checked.flash);
    press_all(world, "45TR");
    assert_true(fixture_edits.checked.flash);
    press_all(world, "L");
    assert_false(fixture_edits.checked.flash);
    press_all(world, "RE");
    assert_true(shows(world, "Confirm: write to flash"));
    assert_true(shows(world, "12 recorded here, 1000 guaranteed"));
    press_all(world, "flashE");
    assert_int_equal(fixture_edits.writes, 1);
    assert_true(fixture_edits.wish.flash);
}

static void another_target_is_another_edit_with_what_was_typed(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    assert_int_equal(fixture_edits.target.kind, TARGET_DEVICE);
    press_all(world, "45TTR");
    assert_int_equal(fixture_edits.opened, 2);
    assert_int_equal(fixture_edits.closed, 1);
    assert_int_equal(fixture_edits.target.kind, TARGET_MULTICAST);
    assert_int_equal(fixture_edits.target.family, FAMILY_XT);
    assert_float_equal(fixture_edits.checked.number, 45, 0);
    press(world, UI_KEY_ENTER);
    assert_true(shows(world, "XT3   60 A # 45 A"));
    press_all(world, "allE");
    assert_int_equal(fixture_edits.writes, 1);
}

static void a_phase_is_offered_where_it_is_neither_one_nor_all(void **state)
{
    struct world *world = *state;

    fixture_scene(world->plant, SCENE_BIG);
    open_form(world, "XT2", 1138);
    press_all(world, "TTR");
    assert_int_equal(fixture_edits.target.kind, TARGET_PHASE);
    assert_int_equal(fixture_edits.target.index, 2);
    press_all(world, "R");
    assert_int_equal(fixture_edits.target.kind, TARGET_MULTICAST);
    press_all(world, "LL");
    assert_int_equal(fixture_edits.target.kind, TARGET_DEVICE);
    assert_int_equal(fixture_edits.target.index, 2);
    // One device only: there is nothing to choose.
    fixture_scene(world->plant, SCENE_FEEDING);
    open_form(world, "XT1", 1138);
    assert_false(shows(world, "where"));
}

static void other_devices_that_fail_are_told_and_left_again(void **state)
{
    struct world *world = *state;

    fixture_edits.later = EDIT_FAILED;
    fixture_edits.text = "XT3 doesn't answer";
    open_form(world, "XT1", 1138);
    press_all(world, "45TTR");
    assert_true(shows(world, "! XT3 doesn't answer"));
    fixture_edits.state = fixture_edits.later = EDIT_READY;
    press(world, UI_KEY_ENTER); // reads again, and does no more
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    assert_int_equal(fixture_edits.opened, 3);
    assert_int_equal(fixture_edits.target.kind, TARGET_MULTICAST);
    press(world, UI_KEY_LEFT);
    assert_int_equal(fixture_edits.target.kind, TARGET_DEVICE);
    assert_float_equal(fixture_edits.checked.number, 45, 0);
}

static void keeping_begins_when_it_is_written(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45TTTRRRR");
    assert_int_equal(fixture_edits.checked.keep_period, 5 * 60 * LOOP_S);
    press_all(world, "Ey");
    assert_int_equal(fixture_edits.wish.keep_period, 5 * 60 * LOOP_S);
    assert_int_equal(fixture_edits.starts, 0);
    fixture_edit_becomes(EDIT_DONE, "written");
    fixture_edit_becomes(EDIT_DONE, "written, and recorded");
    assert_int_equal(fixture_edits.starts, 1);
    assert_true(fixture_edits.written);
    assert_float_equal(fixture_edits.keeps[0].number, 45, 0);
    assert_int_equal(fixture_edits.keeps[0].period, 5 * 60 * LOOP_S);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "Kept, as number 1"));
}

static void keeping_after_restarts_only_repeats_nothing(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45TTTREy");
    assert_int_equal(fixture_edits.wish.keep_period, 0);
    fixture_edit_becomes(EDIT_DONE, "written");
    assert_int_equal(fixture_edits.starts, 1);
    assert_int_equal(fixture_edits.keeps[0].period, 0);
}

static void only_what_was_written_to_ram_is_kept(void **state)
{
    struct world *world = *state;
    static const enum record_result results[] = {RECORD_REFUSED, RECORD_NOT_SENT, RECORD_DIFFERS};

    fixture_edits.at_once = true;
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        fixture_edits.result = results[i];
        open_form(world, "XT1", 1138);
        press_all(world, "45TTTRREy");
        assert_true(shows(world, "! It isn't kept."));
    }
    fixture_edits.result = RECORD_WRITTEN;
    // Kept was chosen, then flash: flash it is.
    open_form(world, "XT1", 1138);
    press_all(world, "45TTTRRTTREflashE");
    assert_true(fixture_edits.wish.flash);
    assert_int_equal(fixture_edits.wish.keep_period, 0);
    open_form(world, "XT1", 1138);
    press_all(world, "45Ey");
    assert_int_equal(fixture_edits.starts, 0);
    // What can't be kept says so.
    fixture_edits.cant_keep = true;
    open_form(world, "XT1", 1138);
    press_all(world, "45TTTREy");
    assert_true(shows(world, "! It isn't kept: the clock can't be kept."));
}

// It may have armed a watchdog, which waits for the next one.
static void what_may_have_been_written_is_kept(void **state)
{
    struct world *world = *state;

    fixture_edits.at_once = true;
    fixture_edits.result = RECORD_UNKNOWN;
    open_form(world, "XT1", 1138);
    press_all(world, "45TTTRREy");
    assert_true(shows(world, "Kept, as number 1"));
    assert_false(shows(world, "It isn't sent again by itself"));
    assert_int_equal(fixture_edits.starts, 1);
    assert_false(fixture_edits.written);
}

static void keeping_outlives_the_form(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45TTTRREy");
    assert_true(shows(world, "recorded and"));
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->form);
    assert_int_equal(fixture_edits.adopted, 1);
    assert_int_equal(fixture_edits.keeps[0].period, 20 * LOOP_S);
    // It is done, but the form hasn't heard of it.
    open_form(world, "XT1", 1138);
    press_all(world, "46TTTREy");
    fixture_edit_is(EDIT_DONE, "written");
    ui_show(world->ui, VIEW_XT);
    assert_int_equal(fixture_edits.adopted, 2);
    // Nothing to be kept, or it is already.
    open_form(world, "XT1", 1138);
    press_all(world, "45EyX");
    open_form(world, "XT1", 1138);
    press_all(world, "45TTTRREX");
    press(world, UI_KEY_ESCAPE);
    open_form(world, "XT1", 1138);
    press_all(world, "45TTTRREy");
    fixture_edit_becomes(EDIT_DONE, "written");
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->form);
    assert_int_equal(fixture_edits.adopted, 2);
    assert_int_equal(fixture_edits.starts, 1);
}

static void signals_and_the_clock_have_no_line_for_keeping(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    assert_true(shows(world, "keep "));
    open_form(world, "XT1", 1468);
    assert_false(shows(world, "keep "));
    open_form(world, "RCC", 5002);
    assert_false(shows(world, "keep "));
    press_all(world, "TT");
    assert_int_equal(world->ui->form->line, LINE_VALUE);
}

// --- Nothing by accident -------------------------------------------------------------------------

static void y_alone_confirms_only_where_no_word_is_asked_for(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45E");
    press_all(world, "E Ex1");
    assert_int_equal(fixture_edits.writes, 0);
    press(world, 'n');
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    press_all(world, "EX");
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    press_all(world, "Ey");
    assert_int_equal(fixture_edits.writes, 1);
}

static void a_word_must_be_typed_exactly(void **state)
{
    struct world *world = *state;
    static const char *const wrong[] = {"",       "y",      "f",     "flas",  "flashh",
                                        " flash", "flash ", "Flash", "flush", "all"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        open_form(world, "XT1", 1138);
        press_all(world, "45TRE");
        for (const char *c = wrong[i]; *c; c++)
            press(world, (unsigned char)*c);
        press(world, UI_KEY_ENTER);
        assert_int_equal(fixture_edits.writes, 0);
        assert_int_equal(world->ui->form->page, FORM_CONFIRM);
        assert_true(shows(world, "! That isn't the word asked for."));
        press(world, 'x');
        assert_false(shows(world, "! That isn't the word asked for."));
    }
    // The word without Enter isn't enough either.
    open_form(world, "XT1", 1138);
    press_all(world, "45TREflash");
    assert_int_equal(fixture_edits.writes, 0);
    // It isn't there any more when the page is opened again.
    press_all(world, "XEE");
    assert_int_equal(fixture_edits.writes, 0);
    press_all(world, "flashE");
    assert_int_equal(fixture_edits.writes, 1);
}

static void it_is_written_once_however_often_keys_are_hit(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45Eyyyyy");
    for (int i = 0; i < 20; i++)
        press(world, UI_KEY_ENTER);
    press_all(world, "y45TyE");
    assert_int_equal(fixture_edits.writes, 1);
    assert_non_null(world->ui->form);
    fixture_edit_becomes(EDIT_DONE, "written");
    press_all(world, "yy");
    press(world, UI_KEY_ENTER); // closes
    assert_null(world->ui->form);
    press_all(world, "EEyEy");
    assert_int_equal(fixture_edits.writes, 1);

    // The same with a word, and keys that arrive in one burst.
    open_form(world, "XT1", 1138);
    press_all(world, "45TREflash");
    for (int i = 0; i < 10; i++)
        assert_true(ui_key(world->ui, UI_KEY_ENTER));
    assert_int_equal(fixture_edits.writes, 2);
}

static void an_unknown_outcome_is_told_and_not_sent_again(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45Ey");
    fixture_edits.result = RECORD_UNKNOWN;
    fixture_edit_becomes(EDIT_DONE, "no answer: it isn't known whether it was written");
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "Outcome unknown"));
    assert_true(shows(world, "It isn't sent again by itself."));
    press_all(world, "yyE");
    assert_int_equal(fixture_edits.writes, 1);
    assert_null(world->ui->form);
}

static void a_write_that_is_refused_leads_back_to_the_form(void **state)
{
    struct world *world = *state;

    fixture_edits.writable = XC_READ_ONLY;
    open_form(world, "XT1", 1138);
    press_all(world, "45Ey");
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    assert_true(shows(world, "! nothing was written: "));
    press_all(world, "TX");
    assert_null(world->ui->form);
}

static void what_changes_under_a_confirmation_takes_it_back(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45E");
    fixture_edits.ram = XC_UNSUPPORTED;
    fixture_edit_becomes(EDIT_READY, "");
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    press(world, 'y');
    assert_int_equal(fixture_edits.writes, 0);
    // Noticed only with the key that would write.
    fixture_edits.ram = XC_OK;
    press_all(world, "XX");
    open_form(world, "XT1", 1138);
    press_all(world, "45E");
    fixture_edits.ram = XC_UNSUPPORTED;
    press(world, 'y');
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    assert_int_equal(fixture_edits.writes, 0);
    assert_true(shows(world, "! XT1's watchdog"));
    // An edit that fails.
    fixture_edits.ram = XC_OK;
    open_form(world, "XT1", 1138);
    press_all(world, "45E");
    fixture_edit_becomes(EDIT_FAILED, "XT1 doesn't answer any more");
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "! XT1 doesn't answer any more"));
    press_all(world, "y");
    assert_int_equal(fixture_edits.writes, 0);
}

static void a_device_that_goes_away_is_told(void **state)
{
    struct world *world = *state;

    open_form(world, "XT3", 1138);
    press_all(world, "45");
    fixture_scene(world->plant, SCENE_TROUBLE);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "! XT3 doesn't answer any more."));
    // Even when it isn't known any more.
    fixture_scene(world->plant, SCENE_SOLAR);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "! XT3 doesn't answer any more."));
    press_all(world, "EXX");
    assert_null(world->ui->form);
}

// --- Keys and pages ------------------------------------------------------------------------------

static void what_is_typed_while_reading_is_not_cut(void **state)
{
    struct world *world = *state;

    fixture_edits.state = EDIT_READING;
    open_form(world, "XT1", 1138);
    press_all(world, "45");
    fixture_edit_becomes(EDIT_READY, "");
    press(world, '0');
    assert_true(shows(world, "[450 "));
    assert_int_equal(fixture_edits.writes, 0);
}

static void reading_shows_how_far_it_is_and_can_be_cancelled(void **state)
{
    struct world *world = *state;

    fixture_edits.state = EDIT_READING;
    fixture_edits.text = "reading from XT2";
    fixture_edits.done = 5;
    fixture_edits.all = 9;
    open_form(world, "XT1", 1138);
    assert_true(shows(world, "reading from XT2: 5 of 9"));
    press_all(world, "TE");
    assert_int_equal(world->ui->form->page, FORM_ENTER);
    fixture_edit_becomes(EDIT_READY, "");
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "[60  "));
    assert_true(shows(world, "0 to 200 A"));
    assert_true(shows(world, "read from the device 14:03:19"));
    press(world, UI_KEY_ESCAPE);
    fixture_edits.state = EDIT_READING;
    open_form(world, "XT1", 1138);
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->form);
    assert_null(fixture_edits.edit);
}

// The form learns of a new state a little later than it is so.
static void what_nobody_has_told_yet_is_not_acted_on(void **state)
{
    struct world *world = *state;

    fixture_edits.state = EDIT_READING;
    fixture_edits.text = "reading from XT1";
    open_form(world, "XT1", 1138);
    fixture_edit_is(EDIT_READY, "reading from XT1");
    press_all(world, "EE");
    assert_true(shows(world, "reading from XT1"));
    assert_false(shows(world, "! reading"));
    fixture_edit_becomes(EDIT_READY, "");
    press_all(world, "45TTTREy");
    fixture_edit_is(EDIT_DONE, "written");
    ui_draw(world->ui, &world->canvas);
    assert_false(shows(world, "It isn't kept"));
    fixture_edit_becomes(EDIT_DONE, "written");
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "Kept, as number 1"));
}

static void a_failure_is_told_and_tried_again(void **state)
{
    struct world *world = *state;

    fixture_edits.state = EDIT_FAILED;
    fixture_edits.text = "XT1 doesn't tell its limits";
    open_form(world, "XT1", 1138);
    assert_true(shows(world, "! XT1 doesn't tell its limits"));
    assert_true(shows(world, "Nothing has been written."));
    press_all(world, "45yT");
    press(world, UI_KEY_ENTER); // the next one is ready
    assert_int_equal(fixture_edits.opened, 2);
    assert_true(shows(world, "[60  "));
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->form);
}

static void what_cannot_be_written_at_all_says_so(void **state)
{
    struct world *world = *state;

    fixture_edits.refused = XC_READ_ONLY;
    fixture_edits.text = "the program was started read-only";
    open_form(world, "XT1", 1138);
    assert_true(shows(world, "! the program was started read-only"));
    assert_true(shows(world, "  read-only ")); // in the title
    press_all(world, "45yT");
    assert_non_null(world->ui->form);
    press(world, UI_KEY_ENTER);
    assert_null(world->ui->form);
    // The same for others that are chosen later.
    fixture_edits.refused = XC_OK;
    open_form(world, "XT1", 1138);
    fixture_edits.refused = XC_USAGE;
    press_all(world, "45TTR");
    assert_true(shows(world, "! the program was started read-only"));
    press_all(world, "EyT");
    fixture_edits.refused = XC_OK;
    press_all(world, "TTTL");
    assert_true(shows(world, "Nothing is written before"));
    press(world, UI_KEY_ESCAPE);
    fixture_edits.refused = XC_USAGE; // not all that was opened came to be
}

static void escape_closes_each_page_and_never_quits(void **state)
{
    struct world *world = *state;
    static const char *const pages[] = {"", "T", "TT", "45E", "45TRE", "45TREfl", "45Ey"};

    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        open_form(world, "XT1", 1138);
        press_all(world, pages[i]);
        if (world->ui->form->page == FORM_CONFIRM) {
            press(world, UI_KEY_ESCAPE);
            assert_int_equal(world->ui->form->page, FORM_ENTER);
            // With all that was entered.
            assert_string_equal(world->ui->form->entry.field.text, "45");
        }
        press(world, UI_KEY_ESCAPE);
        assert_null(world->ui->form);
        press(world, UI_KEY_ESCAPE);
        assert_int_equal(ui_view(world->ui), VIEW_OVERVIEW);
    }
}

// Every key that means something somewhere, on every page: the view below notices nothing.
static void keys_never_reach_the_view_below(void **state)
{
    struct world *world = *state;
    static const char *const pages[] = {"", "T", "TT", "TTT", "45E", "45TREf", "45Ey"};
    const struct key_binding *binding;

    ui_show(world->ui, VIEW_XT);
    ui_draw(world->ui, &world->canvas);
    for (size_t p = 0; p < sizeof pages / sizeof *pages; p++)
        for (size_t i = 0; (binding = keymap_at(i)); i++)
            for (size_t k = 0; k < 3; k++) {
                struct family_state before = world->ui->families[VIEW_XT];
                open_form(world, "XT1", 1138);
                press_all(world, pages[p]);
                if (binding->keys[k])
                    press(world, binding->keys[k]);
                assert_int_equal(ui_view(world->ui), VIEW_XT);
                assert_false(plant_paused(world->plant));
                assert_null(world->ui->kept);
                // Its size may differ, what is selected may not.
                struct family_state *after = &world->ui->families[VIEW_XT];
                assert_int_equal(after->rows.selected, before.rows.selected);
                assert_int_equal(after->device, before.device);
                assert_int_equal(after->folded, before.folded);
                world->ui->help = false;
                form_close(world->ui);
            }
}

static void letters_are_text_while_text_is_typed(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "q?k1P");
    assert_string_equal(world->ui->form->entry.field.text, "q?k1P");
    press_all(world, "BBBBB45TRE");
    press_all(world, "q?y");
    assert_string_equal(world->ui->form->word.text, "q?y");
}

static void help_opens_over_the_form_and_gives_it_back(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    press_all(world, "45");
    press(world, UI_KEY_F1);
    assert_true(shows(world, "When changing a parameter"));
    press_all(world, "7y");
    press(world, UI_KEY_ESCAPE);
    assert_false(shows(world, "When changing a parameter"));
    assert_string_equal(world->ui->form->entry.field.text, "45");
    press_all(world, "T?");
    assert_true(shows(world, "When changing a parameter"));
    press(world, UI_KEY_ESCAPE);
    assert_non_null(world->ui->form);
}

static void another_view_closes_the_form(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    ui_show(world->ui, VIEW_LINK);
    assert_null(world->ui->form);
    open_form(world, "XT1", 1138);
    open_form(world, "XT2", 1138); // and another form the former
    assert_int_equal(fixture_edits.closed, 2);
    press_all(world, "45Ey"); // ui_free() closes one that is writing
}

static void it_can_be_resized_at_any_moment(void **state)
{
    struct world *world = *state;
    static const char *const pages[] = {"", "45TTR", "45E", "45TRE", "45Ey"};

    for (size_t p = 0; p < sizeof pages / sizeof *pages; p++) {
        open_form(world, "XT1", 1138);
        press_all(world, pages[p]);
        enum form_page page = world->ui->form->page;
        for (int w = 1; w < 220; w += 13)
            for (int h = 1; h < 60; h += 7)
                resize(world, w, h);
        resize(world, 39, 11);
        resize(world, 40, 12);
        resize(world, 80, 24);
        assert_int_equal(world->ui->form->page, page);
        press_all(world, "XX");
    }
    assert_null(world->ui->form);
    assert_int_equal(fixture_edits.writes, 1);
}

// Keys drawn by lot, in every size, on every encoding: nothing breaks, and the edit is asked to
// write only what it allows (the fixture aborts otherwise).
static void any_keys_in_any_order_are_survived(void **state)
{
    struct world *world = *state;
    static const unsigned keys[] = {UI_KEY_UP,
                                    UI_KEY_DOWN,
                                    UI_KEY_LEFT,
                                    UI_KEY_RIGHT,
                                    UI_KEY_PAGE_UP,
                                    UI_KEY_HOME,
                                    UI_KEY_END,
                                    UI_KEY_TAB,
                                    UI_KEY_BACK_TAB,
                                    UI_KEY_ENTER,
                                    UI_KEY_ENTER,
                                    UI_KEY_F1,
                                    UI_KEY_F10,
                                    UI_KEY_DELETE,
                                    UI_KEY_BACKSPACE,
                                    UI_KEY_PAGE_DOWN,
                                    UI_KEY_REDRAW,
                                    'y',
                                    'n',
                                    '4',
                                    '.',
                                    '-',
                                    ':',
                                    ' ',
                                    0xE9,
                                    0x6F22,
                                    0x301,
                                    'l',
                                    'a',
                                    'K',
                                    UI_KEY_ESCAPE};
    static const unsigned ids[] = {1138, 1126, 1552, 1205, 1206, 1622, 1468, 1108};
    uint32_t random = 1;

    for (int round = 0; round < 300; round++) {
        fixture_edits.state = (enum edit_state)(round % 3);
        fixture_edits.later = EDIT_READY;
        open_form(world, "XT1", ids[(unsigned)round % 8]);
        resize(world, 40 + round % 90, 12 + round % 30);
        for (int n = 0; n < 40 && world->ui->form; n++) {
            random = random * 1664525 + 1013904223;
            unsigned key = keys[(random >> 16) % (sizeof keys / sizeof *keys)];
            if (world->ui->help && (key == UI_KEY_F10))
                continue;
            press(world, key);
            if (fixture_edits.edit && n == 20 && edit_state(fixture_edits.edit) != EDIT_WRITING)
                fixture_edit_becomes(EDIT_READY, "");
            else if (fixture_edits.edit && edit_state(fixture_edits.edit) == EDIT_WRITING)
                fixture_edit_becomes(EDIT_DONE, "written");
        }
        world->ui->help = false;
        ui_show(world->ui, VIEW_OVERVIEW);
    }
    assert_true(fixture_edits.writes > 0);
}

// --- Kept values ---------------------------------------------------------------------------------

static void kept_values_are_listed_from_any_view(void **state)
{
    struct world *world = *state;

    for (int v = 0; v < VIEW_COUNT; v++) {
        ui_show(world->ui, (enum view_id)v);
        press(world, 'K');
        assert_true(shows(world, "Nothing is kept."));
        press(world, 'x');
        press(world, 'y');
        press(world, UI_KEY_ESCAPE);
        assert_false(shows(world, "Nothing is kept."));
        assert_int_equal(ui_view(world->ui), v);
    }
    assert_int_equal(fixture_edits.stopped, 0);
}

static void stopping_is_confirmed(void **state)
{
    struct world *world = *state;

    fixture_keep("XT1", 1138, 45, 300 * LOOP_S, FIXTURE_NOW - 130 * LOOP_S, NULL);
    fixture_keep("XT2", 1108, 47.2, 0, 0, "XT2 doesn't answer");
    fixture_keep("VT", 10002, 40, 90 * LOOP_S, FIXTURE_NOW, NULL);
    press_all(world, "K");
    assert_true(shows(world, "every 5 min    2 min ago"));
    press_all(world, "D");
    assert_true(shows(world, "! XT2 doesn't answer"));
    press_all(world, "xDE n");
    assert_int_equal(fixture_edits.stopped, 0);
    press_all(world, "x");
    assert_true(shows(world, "y stops writing 1108 to XT2 again"));
    press(world, UI_KEY_ESCAPE);
    assert_non_null(world->ui->kept);
    press_all(world, "yxy");
    assert_int_equal(fixture_edits.stopped, 2);
    assert_false(shows(world, "47.2"));
    // The selection stays within what is left.
    press_all(world, "ZxyxyxyX");
    assert_int_equal(fixture_edits.keep_count, 0);
    assert_null(world->ui->kept);
}

static void stopping_what_feeds_a_watchdog_says_so(void **state)
{
    struct world *world = *state;

    fixture_keep("XT1", 1138, 45, 20 * LOOP_S, FIXTURE_NOW, NULL);
    fixture_edits.keeps[0].watchdog_s = 60;
    press_all(world, "Kx");
    assert_true(shows(world, "its watchdog is on: it restarts"));
    resize(world, 40, 12);
    assert_true(shows(world, "watchdog"));
}

static void leaving_what_is_kept_is_asked_about(void **state)
{
    struct world *world = *state;

    fixture_keep("XT1", 1138, 45, 20 * LOOP_S, FIXTURE_NOW, NULL);
    press(world, 'q');
    assert_true(shows(world, "y leaves: then nobody writes these again"));
    press_all(world, "qxX");
    assert_null(world->ui->kept);
    assert_int_equal(fixture_edits.stopped, 0);
    fixture_edits.keeps[0].watchdog_s = 60;
    fixture_keep("XT2", 1138, 45, 20 * LOOP_S, FIXTURE_NOW, NULL);
    press(world, 'q');
    assert_true(shows(world, "! y leaves, and the watchdog of XT1 is on: it restarts 60 s"));
    assert_false(ui_key(world->ui, 'y'));
}

static void a_question_is_not_answered_before_it_is_seen(void **state)
{
    struct world *world = *state;

    open_form(world, "XT1", 1138);
    for (const char *key = "45"; *key; key++)
        assert_true(ui_key(world->ui, (unsigned)*key));
    assert_true(ui_key(world->ui, UI_KEY_ENTER));
    assert_true(ui_key(world->ui, 'y'));
    assert_int_equal(fixture_edits.writes, 0);
    ui_draw(world->ui, &world->canvas);
    // Another question than the one that was seen.
    assert_true(ui_key(world->ui, UI_KEY_ESCAPE));
    assert_true(ui_key(world->ui, UI_KEY_ENTER));
    assert_true(ui_key(world->ui, 'y'));
    assert_int_equal(fixture_edits.writes, 0);
    // Too small to show it.
    resize(world, 30, 8);
    assert_true(ui_key(world->ui, 'y'));
    assert_int_equal(fixture_edits.writes, 0);
    resize(world, 80, 24);
    press(world, 'y');
    assert_int_equal(fixture_edits.writes, 1);
}

static void trouble_is_told_on_every_view(void **state)
{
    struct world *world = *state;

    fixture_keep("XT1", 1138, 45, 0, FIXTURE_NOW, NULL);
    for (int v = 0; v < VIEW_COUNT; v++) {
        ui_show(world->ui, (enum view_id)v);
        ui_draw(world->ui, &world->canvas);
        assert_false(shows(world, "! kept"));
    }
    fixture_keep("XT2", 1108, 47.2, 0, 0, "XT2 doesn't answer");
    for (int v = 0; v < VIEW_COUNT; v++) {
        ui_show(world->ui, (enum view_id)v);
        resize(world, 40, 12);
        assert_true(shows(world, "! kept"));
        resize(world, 80, 24);
        assert_true(shows(world, "! kept"));
    }
    keep_stop(world->plant, 2);
    ui_draw(world->ui, &world->canvas);
    assert_false(shows(world, "! kept"));
}

static void the_list_is_closed_with_its_view(void **state)
{
    struct world *world = *state;

    press(world, 'K');
    press_all(world, "12q"); // nothing of the view's
    assert_non_null(world->ui->kept);
    ui_show(world->ui, VIEW_LINK);
    assert_null(world->ui->kept);
    press(world, 'K');
    open_form(world, "XT1", 1138);
    assert_null(world->ui->kept);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        FORM_TEST(every_key_is_judged),
        FORM_TEST(ram_is_the_default_and_flash_is_chosen),
        FORM_TEST(another_target_is_another_edit_with_what_was_typed),
        FORM_TEST(a_phase_is_offered_where_it_is_neither_one_nor_all),
        FORM_TEST(other_devices_that_fail_are_told_and_left_again),
        FORM_TEST(keeping_begins_when_it_is_written),
        FORM_TEST(keeping_after_restarts_only_repeats_nothing),
        FORM_TEST(only_what_was_written_to_ram_is_kept),
        FORM_TEST(what_may_have_been_written_is_kept),
        FORM_TEST(keeping_outlives_the_form),
        FORM_TEST(signals_and_the_clock_have_no_line_for_keeping),
        FORM_TEST(y_alone_confirms_only_where_no_word_is_asked_for),
        FORM_TEST(a_word_must_be_typed_exactly),
        FORM_TEST(it_is_written_once_however_often_keys_are_hit),
        FORM_TEST(an_unknown_outcome_is_told_and_not_sent_again),
        FORM_TEST(a_write_that_is_refused_leads_back_to_the_form),
        FORM_TEST(what_changes_under_a_confirmation_takes_it_back),
        FORM_TEST(a_device_that_goes_away_is_told),
        FORM_TEST(what_is_typed_while_reading_is_not_cut),
        FORM_TEST(reading_shows_how_far_it_is_and_can_be_cancelled),
        FORM_TEST(what_nobody_has_told_yet_is_not_acted_on),
        FORM_TEST(a_failure_is_told_and_tried_again),
        FORM_TEST(what_cannot_be_written_at_all_says_so),
        FORM_TEST(escape_closes_each_page_and_never_quits),
        FORM_TEST(keys_never_reach_the_view_below),
        FORM_TEST(letters_are_text_while_text_is_typed),
        FORM_TEST(help_opens_over_the_form_and_gives_it_back),
        FORM_TEST(another_view_closes_the_form),
        FORM_TEST(it_can_be_resized_at_any_moment),
        FORM_TEST(any_keys_in_any_order_are_survived),
        FORM_TEST(leaving_what_is_kept_is_asked_about),
        FORM_TEST(a_question_is_not_answered_before_it_is_seen),
        FORM_TEST(kept_values_are_listed_from_any_view),
        FORM_TEST(stopping_is_confirmed),
        FORM_TEST(stopping_what_feeds_a_watchdog_says_so),
        FORM_TEST(trouble_is_told_on_every_view),
        FORM_TEST(the_list_is_closed_with_its_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
