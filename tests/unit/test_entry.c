// SPDX-License-Identifier: MIT
// What is entered in a form is what is wished: every encoding, typed and by steps.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "form_rig.h"

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
    // What a damaged record says, for instance.
    fixture_edits.value = 1e300;
    open_form(world, "XT1", 1205);
    press(world, ' ');
    assert_float_equal(fixture_edits.checked.number, 1, 0);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        FORM_TEST(what_is_entered_is_what_is_wished),
        FORM_TEST(what_is_no_value_is_not_a_number),
        FORM_TEST(proposals_are_exactly_what_was_read),
        FORM_TEST(what_runs_in_ram_is_proposed_when_it_is_known),
        FORM_TEST(now_is_the_computers_time),
        FORM_TEST(a_step_from_now_is_a_minute),
        FORM_TEST(a_first_key_chooses_where_nothing_is_chosen),
        FORM_TEST(bits_without_a_name_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
