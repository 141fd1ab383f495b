// SPDX-License-Identifier: MIT
// edit: a write when nothing goes wrong: every encoding on its way to the wire, what is read back
// of flash, and what is recorded.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "edit_rig.h"

// --- To the wire ---------------------------------------------------------------------------------

static void a_ram_write_reaches_the_device_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct edit_device *devices;
    struct record records[4];
    double number, min, max;

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(edit_devices(edit, &devices), 1);
    assert_true(devices[0].value == 60);
    assert_true(devices[0].takes_ram);
    assert_true(devices[0].stores_flash);
    assert_false(devices[0].watched);
    assert_true(devices[0].level_known);
    assert_int_equal(devices[0].level, LEVEL_BASIC);
    assert_string_equal(devices[0].firmware, "1.6.74");
    assert_int_equal(strlen(devices[0].key), 8);
    edit_limits(edit, &min, &max);
    assert_true(min == 0 && max > 45);
    assert_int_equal(rig->write_count, 0);

    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_OK);
    assert_null(verdict.word);
    assert_false(verdict.unchanged);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "XT1 runs with 45 A from now on, until it restarts");
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig->writes[0].address, 101);
    assert_int_equal(rig->writes[0].id, 1138);
    assert_int_equal(rig->writes[0].property, SCOM_UNSAVED_VALUE_QSP);
    assert_int_equal(rig->writes[0].length, 4);
    assert_true(le_get_float(rig->writes[0].data) == 45);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_SURE);
    assert_true(number == 45);
    assert_true(rig_flash(rig, 101, 1138) == 60);
    assert_true(rig_running(rig, 101, 1138) == 45);

    assert_int_equal(rig_records(rig, records, 4), 1);
    assert_string_equal(records[0].who, "anna");
    assert_string_equal(records[0].site, "emosson");
    assert_string_equal(records[0].device, "XT1");
    assert_string_equal(records[0].key, devices[0].key);
    assert_int_equal(strlen(records[0].guid), 32);
    assert_false(records[0].flash);
    assert_true(records[0].old == 60 && records[0].new == 45);
    // The next one takes the place of what runs, not of what is in flash; in flash it is that.
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, false), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XT1", 1138, 55, true), RECORD_WRITTEN);
    assert_int_equal(rig_records(rig, records, sizeof records / sizeof *records), 3);
    assert_true(records[1].old == 45 && records[1].new == 50);
    assert_true(records[2].old == 60 && records[2].new == 55);
    assert_int_equal(records[0].result, RECORD_WRITTEN);
    assert_true(isnan(records[0].read_back));
    edit_close(edit);
    rig_free(rig);
}

static void every_encoding_goes_out_as_the_wire_carries_it(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        unsigned id;
        double value;
        size_t length;
        uint8_t bytes[4];
    } cases[] = {
        {"XT1", 1138, 45.5, 4, {0x00, 0x00, 0x36, 0x42}},        // number
        {"XT1", 1139, -4, 4, {0x00, 0x00, 0x80, 0xC0}},          // below zero
        {"XT1", 1622, -0.05, 4, {0xCD, 0xCC, 0x4C, 0xBD}},       // cos phi
        {"XT1", 1126, 0, 1, {0}},                                // no
        {"XT1", 1163, 1, 1, {1}},                                // yes
        {"XT1", 1552, 4, 4, {4, 0, 0, 0}},                       // one bit of an enum
        {"XCOM", 5038, 128, 4, {128, 0, 0, 0}},                  // a high one
        {"XT1", 1205, 0x55, 4, {0x55, 0, 0, 0}},                 // MO,WE,FR,SU
        {"XT1", 1206, 821, 4, {0x35, 0x03, 0, 0}},               // 13:41
        {"XCOM", 5000, 3, 4, {3, 0, 0, 0}},                      // INT32
        {"XCOM", 5002, 1800000000, 4, {0x00, 0xD2, 0x49, 0x6B}}, // date
        {"XT1", 1467, 1, 4, {1, 0, 0, 0}},                       // signal
    };
    struct rig *rig = rig_new("xt=1", NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int flash = 0; flash < 2; flash++) {
            rig->write_count = 0;
            struct edit *edit = rig_open(rig, cases[i].target, cases[i].id);
            assert_int_equal(rig_write(rig, edit, cases[i].value, flash), RECORD_WRITTEN);
            assert_int_equal(rig->write_count, 1);
            assert_int_equal(rig->writes[0].id, cases[i].id);
            assert_int_equal(rig->writes[0].property,
                             flash ? SCOM_VALUE_QSP : SCOM_UNSAVED_VALUE_QSP);
            assert_int_equal(rig->writes[0].length, cases[i].length);
            assert_memory_equal(rig->writes[0].data, cases[i].bytes, cases[i].length);
            edit_close(edit);
        }
    rig_free(rig);
}

static void signals_and_the_clock_leave_no_overlay(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    double number;

    struct edit *edit = rig_open(rig, "XT1", 1467);
    assert_int_equal(rig_write(rig, edit, 1, false), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "XT1 has taken the signal");
    edit_close(edit);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1467, &number), OVERLAY_NONE);
    assert_int_equal(rig_change(rig, "XCOM", 5002, 1800000000, false), RECORD_WRITTEN);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_RCC, 1, 5002, &number), OVERLAY_NONE);
    rig_free(rig);
}

static void now_is_the_wall_clock_of_the_moment_it_is_sent(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct edit_wish wish = {.number = (double)NAN, .now = true};
    struct record record;

    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    struct edit *edit = rig_open(rig, "XCOM", 5002);
    rig_run(rig, 600 * LOOP_S); // the form stays open for a while
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(edit_result(edit), RECORD_WRITTEN);
    // 2026-06-20 12:00:00 UTC was the start; summer time is two hours more.
    int64_t since = (rig->writes[0].at - 1000 * LOOP_S) / LOOP_S;
    assert_true(since >= 600);
    assert_int_equal(le_get32(rig->writes[0].data), 1781956800 + 7200 + since);
    assert_non_null(strstr(edit_text(edit), "clock is set to 2026-06-20 14:10:"));
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_true(record.new == (double)(1781956800 + 7200 + since));
    assert_true(fabs(record.read_back - record.new) < 5);
    edit_close(edit);
    unsetenv("TZ");
    tzset();
    rig_free(rig);
}

// --- Flash, read back ----------------------------------------------------------------------------

static void flash_is_read_back(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct record record;
    double number;

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, true), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "XT1 has stored 45 A");
    assert_int_equal(rig->writes[0].property, SCOM_VALUE_QSP);
    assert_true(rig_flash(rig, 101, 1138) == 45);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_NONE);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_true(record.flash && record.read_back == 45);
    edit_close(edit);
    rig_free(rig);
}

static void rounding_is_tolerated_and_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct record record;

    struct edit *edit = rig_open(rig, "XT1", 1140);
    assert_int_equal(rig_write(rig, edit, 54.3, true), RECORD_WRITTEN);
    double stored = rig_flash(rig, 101, 1140);
    assert_true(stored != 54.3 && fabs(stored - 54.3) < 0.01);
    assert_non_null(strstr(edit_text(edit), "XT1 has stored 54.3 V as 54.3"));
    assert_non_null(strstr(edit_text(edit), "as it keeps numbers"));
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_true(record.new == 54.3 && record.read_back == stored);
    edit_close(edit);
    rig_free(rig);
}

static void what_reads_back_as_something_else_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct record record;

    rig_command(rig, "skew XT1:1138 1");
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, true), RECORD_DIFFERS);
    assert_string_equal(edit_text(edit), "XT1 took 45 A, but reads back as 46 A");
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_int_equal(record.result, RECORD_DIFFERS);
    assert_true(record.read_back == 46);
    edit_close(edit);

    rig_command(rig, "skew XT1:1138 0.02"); // more than sixteen bits explain
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, true), RECORD_DIFFERS);
    rig_command(rig, "skew XT1:1138 0 never");
    rig_command(rig, "forget XT1:1138");
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, true), RECORD_DIFFERS);
    edit_close(edit);
    assert_int_equal(rig->write_count, 3);
    rig_free(rig);
}

// A maximum of 1e9 A.
static void tell_wide_limits(struct rig *rig, const struct scom_frame *request)
{
    static const uint8_t maximum[] = {0x28, 0x6B, 0x6E, 0x4E};

    if (request->object_id == 1138 && request->property_id == SCOM_MAX_QSP)
        rig_forge(rig, request, 0, maximum, sizeof maximum);
}

static void wide_limits_make_no_two_values_one(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig->tap = tell_wide_limits;
    rig_command(rig, "skew XT1:1138 1");
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_true(rig_check(edit, 60, true).unchanged);
    assert_false(rig_check(edit, 61, true).unchanged);
    assert_int_equal(rig_write(rig, edit, 45, true), RECORD_DIFFERS);
    edit_close(edit);
    rig_free(rig);
}

// Bits above SU mean nothing (scom.md, "Value formats").
static void undefined_bits_of_weekdays(struct rig *rig, const struct scom_frame *request)
{
    const uint8_t data[] = {(uint8_t)(0x80 | (rig->write_count > 0 ? 0x55 : 0x01)), 0x10, 0, 0};

    if (request->service_id == SCOM_READ && request->object_id == 1205 &&
        request->property_id == SCOM_VALUE_QSP)
        rig_forge(rig, request, 0, data, sizeof data);
}

static void undefined_bits_of_weekdays_are_no_difference(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct edit_device *devices;

    rig->tap = undefined_bits_of_weekdays;
    struct edit *edit = rig_open(rig, "XT1", 1205);
    edit_devices(edit, &devices);
    assert_true(devices[0].value == 0x01);
    assert_true(rig_check(edit, 0x01, true).unchanged);
    assert_int_equal(rig_write(rig, edit, 0x55, true), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "XT1 has stored MO,WE,FR,SU");
    edit_close(edit);
    rig_free(rig);
}

// --- Records -------------------------------------------------------------------------------------

static void look_into_records(struct rig *rig, const struct scom_frame *request)
{
    struct record record;

    if (request->service_id != SCOM_WRITE)
        return;
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_int_equal(record.result, RECORD_PENDING);
    assert_true(record.new == 45);
    rig->at++;
}

static void it_is_recorded_before_it_is_sent(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig->tap = look_into_records;
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    assert_int_equal(rig->at, 1);
    rig_free(rig);
}

static void what_cannot_be_recorded_now_is_not_sent(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    struct edit *edit = rig_open(rig, "XT1", 1138);
    rig_break_records(rig);
    rig_write(rig, edit, 45, false);
    rig_assert_not_sent(rig, edit, "since it can't be recorded");
    assert_int_equal(edit_failure(edit), XC_IO);
    assert_int_equal(edit_records(edit)[0].n, 0);
    edit_close(edit);
    rig_free(rig);
}

static void unrecorded_it_is_sent_all_the_same(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct plant_options options = {
        .records = rig->path, .unrecorded = true, .who = "anna", .site = "emosson"};
    struct rig *other = rig_new("xt=1", &options);

    struct edit *edit = rig_open(other, "XT1", 1138);
    rig_break_records(rig);
    assert_int_equal(rig_write(other, edit, 45, false), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "XT1 runs with 45 A from now on, until it restarts");
    assert_int_equal(other->write_count, 1);
    assert_int_equal(edit_records(edit)[0].n, 0);
    edit_close(edit);
    rig_free(other);
    rig_free(rig);
}

static void break_at_the_write(struct rig *rig, const struct scom_frame *request)
{
    if (request->service_id == SCOM_WRITE)
        rig_break_records(rig);
}

static void a_record_that_cannot_be_completed_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig->tap = break_at_the_write;
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    assert_non_null(strstr(edit_text(edit), "XT1 runs with 45 A"));
    assert_non_null(strstr(edit_text(edit), "its record isn't complete"));
    edit_close(edit);
    rig_free(rig);
}

static void what_is_taken_back_is_recorded(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct edit_wish back = {.number = 60};
    struct record records[2];

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_write(edit, &back, 1), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    edit_close(edit);
    assert_int_equal(rig_records(rig, records, 2), 2);
    assert_int_equal(records[0].undo, 0);
    assert_int_equal(records[1].undo, 1);
    rig_free(rig);
}

static void flash_writes_are_counted_by_device(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    const struct edit_device *devices;

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, true), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XT1", 1138, 46, true), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XT1", 1138, 47, false), RECORD_WRITTEN);
    rig_command(rig, "swap XT1 XT2"); // it keeps its FID
    struct edit *edit = rig_open(rig, "XT2", 1138);
    edit_devices(edit, &devices);
    assert_int_equal(devices[0].flash_writes, 2);
    edit_close(edit);
    edit = rig_open(rig, "XT1", 1138);
    edit_devices(edit, &devices);
    assert_int_equal(devices[0].flash_writes, 0);
    edit_close(edit);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ram_write_reaches_the_device_once),
        cmocka_unit_test(every_encoding_goes_out_as_the_wire_carries_it),
        cmocka_unit_test(signals_and_the_clock_leave_no_overlay),
        cmocka_unit_test(now_is_the_wall_clock_of_the_moment_it_is_sent),
        cmocka_unit_test(flash_is_read_back),
        cmocka_unit_test(rounding_is_tolerated_and_told),
        cmocka_unit_test(wide_limits_make_no_two_values_one),
        cmocka_unit_test(what_reads_back_as_something_else_is_told),
        cmocka_unit_test(undefined_bits_of_weekdays_are_no_difference),
        cmocka_unit_test(it_is_recorded_before_it_is_sent),
        cmocka_unit_test(what_cannot_be_recorded_now_is_not_sent),
        cmocka_unit_test(unrecorded_it_is_sent_all_the_same),
        cmocka_unit_test(a_record_that_cannot_be_completed_is_told),
        cmocka_unit_test(what_is_taken_back_is_recorded),
        cmocka_unit_test(flash_writes_are_counted_by_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
