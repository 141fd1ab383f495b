// SPDX-License-Identifier: MIT
// Changing a parameter on the screen: what is typed is what is wished, nothing is written by
// accident, and the view below notices nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fixture_edit.h"
#include "fixture_plant.h"
#include "ui/field.h"
#include "ui/form.h"
#include "ui/ui.h"
#include "ui/view.h"

struct world {
    struct loop *loop;
    struct plant *plant;
    struct ui *ui;
    struct canvas canvas;
};

static int open_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);

    fixture_edits_reset();
    world->loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    world->plant = fixture_new(world->loop, SCENE_SUNNY);
    world->ui = ui_new(world->loop, world->plant, &(struct ui_options){.site = "test"});
    canvas_init(&world->canvas, 80, 24, false);
    ui_draw(world->ui, &world->canvas);
    *state = world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;

    canvas_free(&world->canvas);
    ui_free(world->ui);
    fixture_free(world->plant);
    loop_free(world->loop);
    free(world);
    // Whatever has been opened has been closed.
    if (fixture_edits.refused == XC_OK)
        assert_int_equal(fixture_edits.opened, fixture_edits.closed);
    return 0;
}

static void open_form(struct world *world, const char *device, unsigned id)
{
    struct target target;

    assert_int_equal(target_parse(device, &target), XC_OK);
    form_open(world->ui, &target, catalogue_find(target.family, id));
    ui_draw(world->ui, &world->canvas);
}

static void press(struct world *world, unsigned key)
{
    // No key of a form ends the program.
    assert_true(ui_key(world->ui, key));
    ui_draw(world->ui, &world->canvas);
}

// Characters as they are; D, U, L, R: arrows; E: Enter; T: Tab; X: Esc; B: Backspace; H: Home.
static void press_all(struct world *world, const char *keys)
{
    static const struct {
        char letter;
        unsigned key;
    } letters[] = {
        {'D', UI_KEY_DOWN}, {'U', UI_KEY_UP},     {'L', UI_KEY_LEFT},      {'R', UI_KEY_RIGHT},
        {'T', UI_KEY_TAB},  {'E', UI_KEY_ENTER},  {'B', UI_KEY_BACKSPACE}, {'H', UI_KEY_HOME},
        {'Z', UI_KEY_END},  {'X', UI_KEY_ESCAPE}, {'N', UI_KEY_PAGE_DOWN},
    };

    for (; *keys; keys++) {
        unsigned key = (unsigned char)*keys;
        for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
            if (letters[i].letter == *keys)
                key = letters[i].key;
        press(world, key);
    }
}

static void resize(struct world *world, int width, int height)
{
    canvas_free(&world->canvas);
    canvas_init(&world->canvas, width, height, false);
    ui_draw(world->ui, &world->canvas);
}

static bool shows(const struct world *world, const char *text)
{
    char row[512];

    for (int y = 0; y < world->canvas.height; y++) {
        size_t used = 0;
        for (int x = 0; x < world->canvas.width; x++) {
            uint32_t c = world->canvas.cells[y * world->canvas.width + x].character;
            row[used++] = c < 0x80 ? (char)c : '#';
        }
        row[used] = '\0';
        if (strstr(row, text))
            return true;
    }
    return false;
}

// --- Values --------------------------------------------------------------------------------------

// Goes through the confirmation, whatever it asks for.
static void confirm(struct world *world)
{
    press(world, UI_KEY_ENTER);
    assert_int_equal(world->ui->form->page, FORM_CONFIRM);
    if (world->ui->form->verdict.word) {
        press_all(world, world->ui->form->verdict.word);
        press(world, UI_KEY_ENTER);
    } else {
        press(world, 'y');
    }
}

static void what_is_entered_is_what_is_wished(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *device;
        unsigned id;
        const char *keys;
        double number;
    } cases[] = {
        {"XT1", 1138, "45", 45},               // what is typed first replaces the proposal
        {"XT1", 1138, "45.5", 45.5},           // a number, with a point
        {"XT1", 1138, "45,5", 45.5},           // and with a comma
        {"XT1", 1138, "UU", 62},               // steps of the table: 1
        {"XT1", 1138, "D", 59},                //
        {"XT1", 1138, "N", 50},                // ten of them
        {"XT1", 1138, "199.5UUU", 200},        // up to the device's limit
        {"XT1", 1138, "0D", 0},                //
        {"XT1", 1138, "ZB5", 65},              // the proposal edited
        {"XT1", 1138, "45HRB3", 35},           //
        {"XT1", 1108, "U", 46.4},              // steps of .1 are decimal ones
        {"XT1", 1108, "UUUUUUU", 47},          //
        {"RCC", 5000, "2", 2},                 // a whole number
        {"XT1", 1126, "U", 0},                 // no, yes
        {"XT1", 1126, "UD", 1},                //
        {"XT1", 1552, "DD", 4},                // one of options
        {"XT1", 1552, "DDU", 2},               //
        {"RCC", 5038, "Z", 128},               //
        {"XT1", 1205, " RR ", 5},              // several: Monday and Wednesday
        {"XT1", 1205, " R RRRRR HL ", 2 + 64}, // all again, without the first
        {"XT1", 1206, "13:41", 13 * 60 + 41},  // a time of day
        {"XT1", 1206, "U", 7 * 60 + 1},        // the part at the cursor: minutes
        {"XT1", 1206, "HU", 8 * 60},           // hours
        {"XT1", 1206, "24:00U", 24 * 60},      //
        {"RCC", 5002, "2026-02-28 23:59:59", 1772323199.},
        {"RCC", 5002, "2026-02-28 23:59:59U", 1772323200.},       // seconds
        {"RCC", 5002, "2024-02-29 00:00:00HU", 1740700800.},      // 2025 has no 29th of February
        {"RCC", 5002, "2026-01-31 12:00:00HRRRRRU", 1772280000.}, // nor has it in 2026
        {"XT1", 1622, "D", -.01},                                 // cos phi by steps
        {"XT1", 1622, "capacitive 0.95", .05},                    // and typed
        {"XT1", 1468, "", 1},                                     // a signal
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_form(world, cases[i].device, cases[i].id);
        press_all(world, cases[i].keys);
        confirm(world);
        assert_int_equal(fixture_edits.writes, i + 1);
        if (fabs(fixture_edits.wish.number - cases[i].number) > 1e-9)
            fail_msg("%u with '%s': %f", cases[i].id, cases[i].keys, fixture_edits.wish.number);
        assert_false(fixture_edits.wish.flash);
        assert_false(fixture_edits.wish.now);
        assert_int_equal(fixture_edits.wish.keep_period, 0);
        press(world, UI_KEY_ESCAPE);
        assert_null(world->ui->form);
    }
}

static void what_is_no_value_is_not_a_number(void **state)
{
    struct world *world = *state;
    static const struct {
        unsigned id;
        const char *keys;
    } cases[] = {{1138, "4x"},    {1138, "B"},     {1138, "nan"},  {1138, "0x10"}, {1138, "1e1"},
                 {1206, "24:01"}, {1206, "13.41"}, {1206, "now"},  {1206, "7"},    {1622, "0.95"},
                 {1138, "45 "},   {1138, "--5"},   {1138, "4.5.5"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_form(world, "XT1", cases[i].id);
        press_all(world, cases[i].keys);
        assert_true(isnan(fixture_edits.checked.number));
        press(world, UI_KEY_ENTER);
        assert_int_equal(world->ui->form->page, FORM_ENTER);
        assert_true(shows(world, "! expected is"));
    }
}

// Whatever the encoding and however many decimals there are: what was read is what is proposed.
static void proposals_are_exactly_what_was_read(void **state)
{
    struct world *world = *state;
    char name[DEVICE_NAME_MAX];
    unsigned seen = 0;

    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *datapoint = catalogue_at(i);
        enum encoding encoding = datapoint_encoding(datapoint);
        if (datapoint_kind(datapoint) != KIND_PARAMETER ||
            datapoint_format(datapoint) == FORMAT_NONE)
            continue;
        if (encoding == ENCODING_DATE || encoding == ENCODING_SIGNAL)
            continue;
        double value = datapoint_limits(datapoint).factory;
        if (isnan(value))
            value = 0;
        else if (encoding == ENCODING_NUMBER && datapoint_format(datapoint) == FORMAT_FLOAT)
            value = (double)((float)value * 1.03f);
        fixture_edits.value = value;
        bool bms = datapoint_family(datapoint) == FAMILY_BMS;
        fixture_scene(world->plant, bms ? SCENE_GENSET : SCENE_SUNNY);
        device_name(datapoint_family(datapoint), 1, name, sizeof name);
        open_form(world, name, datapoint_id(datapoint));
        if ((float)fixture_edits.checked.number != (float)value)
            fail_msg("%u: %.9g instead of %.9g", datapoint_id(datapoint),
                     fixture_edits.checked.number, value);
        seen++;
    }
    assert_true(seen > 800);
}

static void what_runs_in_ram_is_proposed_when_it_is_known(void **state)
{
    struct world *world = *state;

    fixture_edits.overlay = 45.5;
    open_form(world, "XT1", 1138);
    assert_float_equal(fixture_edits.checked.number, 45.5, 0);
    assert_true(shows(world, "60 A (~45.5 A in RAM)"));
}

static void now_is_the_computers_time(void **state)
{
    struct world *world = *state;

    open_form(world, "RCC", 5002);
    assert_true(fixture_edits.checked.now);
    press_all(world, "2026x");
    assert_false(fixture_edits.checked.now);
    press_all(world, "BBBBBNOWX");
    open_form(world, "RCC", 5002);
    press_all(world, "2BNow");
    // "N" is a key here: what is typed is "ow".
    assert_false(fixture_edits.checked.now);
    press_all(world, "HB");
    press(world, 'n');
    assert_true(fixture_edits.checked.now);
    confirm(world);
    assert_true(fixture_edits.wish.now);
    assert_float_equal(fixture_edits.wish.number, (double)(fixture_wall / LOOP_S), 0);
}

static void a_step_from_now_is_a_minute(void **state)
{
    struct world *world = *state;

    open_form(world, "RCC", 5002);
    press(world, UI_KEY_UP);
    assert_false(fixture_edits.checked.now);
    assert_float_equal(fixture_edits.checked.number, (double)(fixture_wall / LOOP_S + 60), 0);
    press(world, UI_KEY_UP);
    assert_float_equal(fixture_edits.checked.number, (double)(fixture_wall / LOOP_S + 120), 0);
}

static void a_first_key_chooses_where_nothing_is_chosen(void **state)
{
    struct world *world = *state;

    fixture_edits.value = 3; // no option of 1, 2, 4
    open_form(world, "XT1", 1552);
    assert_float_equal(fixture_edits.checked.number, 3, 0);
    press(world, UI_KEY_DOWN);
    assert_float_equal(fixture_edits.checked.number, 1, 0);
    press(world, UI_KEY_DOWN);
    assert_float_equal(fixture_edits.checked.number, 2, 0);
}

static void bits_without_a_name_stay(void **state)
{
    struct world *world = *state;

    fixture_edits.value = 0x81;
    open_form(world, "XT1", 1205);
    press(world, ' ');
    assert_float_equal(fixture_edits.checked.number, 0x80, 0);
}

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
    press_all(world, "45TTTRRR");
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
    static const enum record_result results[] = {RECORD_UNKNOWN, RECORD_REFUSED, RECORD_NOT_SENT,
                                                 RECORD_PENDING, RECORD_DIFFERS};

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

static void reading_shows_how_far_it_is_and_can_be_cancelled(void **state)
{
    struct world *world = *state;

    fixture_edits.state = EDIT_READING;
    fixture_edits.text = "reading from XT2";
    fixture_edits.done = 5;
    fixture_edits.all = 9;
    open_form(world, "XT1", 1138);
    assert_true(shows(world, "reading from XT2: 5 of 9"));
    press_all(world, "45TE y");
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
    press_all(world, "45EEy");
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

// --- The line of text ----------------------------------------------------------------------------

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
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(what_is_entered_is_what_is_wished),
        WORLD_TEST(what_is_no_value_is_not_a_number),
        WORLD_TEST(proposals_are_exactly_what_was_read),
        WORLD_TEST(what_runs_in_ram_is_proposed_when_it_is_known),
        WORLD_TEST(now_is_the_computers_time),
        WORLD_TEST(a_step_from_now_is_a_minute),
        WORLD_TEST(a_first_key_chooses_where_nothing_is_chosen),
        WORLD_TEST(bits_without_a_name_stay),
        WORLD_TEST(every_key_is_judged),
        WORLD_TEST(ram_is_the_default_and_flash_is_chosen),
        WORLD_TEST(another_target_is_another_edit_with_what_was_typed),
        WORLD_TEST(a_phase_is_offered_where_it_is_neither_one_nor_all),
        WORLD_TEST(other_devices_that_fail_are_told_and_left_again),
        WORLD_TEST(keeping_begins_when_it_is_written),
        WORLD_TEST(keeping_after_restarts_only_repeats_nothing),
        WORLD_TEST(only_what_was_written_to_ram_is_kept),
        WORLD_TEST(signals_and_the_clock_have_no_line_for_keeping),
        WORLD_TEST(y_alone_confirms_only_where_no_word_is_asked_for),
        WORLD_TEST(a_word_must_be_typed_exactly),
        WORLD_TEST(it_is_written_once_however_often_keys_are_hit),
        WORLD_TEST(an_unknown_outcome_is_told_and_not_sent_again),
        WORLD_TEST(a_write_that_is_refused_leads_back_to_the_form),
        WORLD_TEST(what_changes_under_a_confirmation_takes_it_back),
        WORLD_TEST(a_device_that_goes_away_is_told),
        WORLD_TEST(reading_shows_how_far_it_is_and_can_be_cancelled),
        WORLD_TEST(what_nobody_has_told_yet_is_not_acted_on),
        WORLD_TEST(a_failure_is_told_and_tried_again),
        WORLD_TEST(what_cannot_be_written_at_all_says_so),
        WORLD_TEST(escape_closes_each_page_and_never_quits),
        WORLD_TEST(keys_never_reach_the_view_below),
        WORLD_TEST(letters_are_text_while_text_is_typed),
        WORLD_TEST(help_opens_over_the_form_and_gives_it_back),
        WORLD_TEST(another_view_closes_the_form),
        WORLD_TEST(it_can_be_resized_at_any_moment),
        WORLD_TEST(any_keys_in_any_order_are_survived),
        WORLD_TEST(kept_values_are_listed_from_any_view),
        WORLD_TEST(stopping_is_confirmed),
        WORLD_TEST(the_list_is_closed_with_its_view),
        cmocka_unit_test(text_is_edited_at_the_cursor),
        cmocka_unit_test(characters_are_taken_whole),
        cmocka_unit_test(a_full_line_takes_no_more),
        cmocka_unit_test(a_proposal_is_replaced_by_typing_and_kept_by_moving),
        cmocka_unit_test(a_long_line_is_shown_around_its_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
