// SPDX-License-Identifier: MIT
// edit: whom a write reaches, several at once, and those who go away meanwhile: forms and programs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "edit_rig.h"

// --- Whom it reaches -----------------------------------------------------------------------------

static void a_family_is_reached_by_one_request(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3,vt=1", NULL);
    struct record records[8];

    rig_discover(rig);
    rig_command(rig, "set XT2 1138 50");
    struct edit *edit = rig_open(rig, "XT", 1138);
    assert_int_equal(rig_write(rig, edit, 45, true), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "all 3 devices have it: XT1 has stored 45 A");
    edit_close(edit);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig->writes[0].address, 100);
    assert_int_equal(rig_records(rig, records, 8), 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(rig_flash(rig, 101 + i, 1138) == 45);
        assert_int_equal(records[i].address, 101 + i);
        assert_int_equal(records[i].sent_to, 100);
        assert_true(records[i].old == (i == 1 ? 50 : 60));
        assert_true(records[i].read_back == 45);
        assert_int_equal(records[i].result, RECORD_WRITTEN);
    }
    rig_free(rig);
}

static void a_phase_is_reached_alone(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=6", NULL); // two on each
    const struct edit_device *devices;
    struct record records[8];
    double number;

    rig_discover(rig);
    struct edit *edit = rig_open(rig, "L2", 1138);
    assert_int_equal(edit_devices(edit, &devices), 2);
    assert_int_equal(devices[0].index, 2);
    assert_int_equal(devices[1].index, 5);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    edit_close(edit);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig->writes[0].address, 192);
    assert_int_equal(rig_records(rig, records, 8), 2);
    assert_int_equal(records[0].sent_to, 192);
    for (unsigned i = 1; i <= 6; i++) {
        bool on_phase = i == 2 || i == 5;
        assert_true(rig_running(rig, 100 + i, 1138) == (on_phase ? 45 : 60));
        assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, i, 1138, &number),
                         on_phase ? OVERLAY_SURE : OVERLAY_NONE);
    }
    rig_free(rig);
}

static void a_phase_without_devices_is_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    rig_discover(rig);
    struct edit *edit = rig_open(rig, "L3", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(edit_failure(edit), XC_NOT_FOUND);
    assert_non_null(strstr(edit_text(edit), "no Xtender is on phase L3"));
    edit_close(edit);
    edit = rig_open(rig, "VT", 10002);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(edit_failure(edit), XC_NOT_FOUND);
    edit_close(edit);
    rig_free(rig);
}

static void a_family_is_looked_for_where_nothing_else_is(void **state)
{
    (void)state;
    const struct plant_options options = {.no_discovery = true};
    struct rig *rig = rig_new("xt=3,vt=2", &options);
    const struct edit_device *devices;

    struct edit *edit = rig_open(rig, "XT", 1138);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(edit_devices(edit, &devices), 3);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    edit_close(edit);
    edit = rig_open(rig, "L3", 1138);
    assert_int_equal(edit_devices(edit, &devices), 1);
    assert_int_equal(devices[0].index, 3);
    edit_close(edit);
    rig_free(rig);
}

// An absent address could restart the gateway.
static void a_gateways_watchdog_forbids_looking_for_a_family(void **state)
{
    (void)state;
    const struct plant_options options = {.no_discovery = true};
    struct rig *rig = rig_new("xt=2,no-multi", &options);

    rig_command(rig, "watchdog on");
    struct edit *edit = rig_open(rig, "XT", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(edit_failure(edit), XC_NOT_FOUND);
    assert_non_null(strstr(edit_text(edit), "(5095) is on"));
    edit_close(edit);
    assert_int_equal(rig_change(rig, "XT2", 1138, 45, false), RECORD_WRITTEN);
    rig_free(rig);
}

static void what_a_group_would_reach_unseen_is_refused(void **state)
{
    (void)state;
    const struct target named = {TARGET_DEVICE, FAMILY_XT, 1};
    const struct plant_options options = {.devices = &named, .device_count = 1};
    struct rig *rig = rig_new("xt=2", &options);
    struct target all = rig_target("XT");
    struct edit *edit;
    char error[200];

    rig_discover(rig);
    edit_open(rig->plant, &all, catalogue_find(FAMILY_XT, 1138), NULL, NULL, &edit, error,
              sizeof error);
    rig_run(rig, LOOP_S);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(edit_failure(edit), XC_USAGE);
    assert_non_null(strstr(edit_text(edit), "also those that aren't among the devices named"));
    edit_close(edit);
    // The one that was named can be written to.
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    rig_free(rig);
}

static void devices_that_are_away_are_named(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    const struct edit_device *devices;

    rig_discover(rig);
    rig_watch(rig, FAMILY_XT, 3);
    rig_command(rig, "gone XT2");
    rig_command(rig, "gone XT3");
    rig_run(rig, 20 * LOOP_S);
    struct edit *edit = rig_open(rig, "XT", 1138);
    assert_int_equal(edit_devices(edit, &devices), 1);
    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_OK);
    assert_string_equal(verdict.warnings[0], "XT2, XT3 can't be reached now and won't get it");
    edit_close(edit);
    rig_free(rig);
}

static void the_battery_at_601_must_be_the_one_that_is_meant(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1,bms", NULL);

    struct edit *edit = rig_open(rig, "BSP", 6001);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_non_null(strstr(edit_text(edit), "there is no BSP"));
    edit_close(edit);
    rig_free(rig);
}

// --- A family of which some refuse ---------------------------------------------------------------

static void write_to_three(struct rig *rig, const char *how, bool flash,
                           const enum record_result expected[3], const char *says)
{
    const struct edit_device *devices;
    struct record records[3];
    char command[40];

    rig_discover(rig);
    snprintf(command, sizeof command, "refusals %s", how);
    rig_command(rig, command);
    rig_command(rig, "deny XT2:1138");
    struct edit *edit = rig_open(rig, "XT", 1138);
    rig_write(rig, edit, 45, flash);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(edit_devices(edit, &devices), 3);
    assert_int_equal(rig_records(rig, records, 3), 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(devices[i].result, expected[i]);
        assert_int_equal(records[i].result, expected[i]);
    }
    if (!strstr(edit_text(edit), says))
        fail_msg("%s", edit_text(edit));
    edit_close(edit);
    rig_free(rig);
}

static void of_a_family_each_device_is_judged_by_what_it_has(void **state)
{
    (void)state;
    static const enum record_result W = RECORD_WRITTEN, U = RECORD_UNKNOWN, D = RECORD_DIFFERS;

    write_to_three(rig_new("xt=3", NULL), "first", true, (enum record_result[]){W, U, W},
                   "2 of 3 devices have it; it isn't known whether XT2 has it");
    write_to_three(rig_new("xt=3", NULL), "hidden", true, (enum record_result[]){W, D, W},
                   "2 of 3 devices have it; XT2 took 45 A, but reads back as 60 A");
    write_to_three(rig_new("xt=3", NULL), "atomic", true, (enum record_result[]){U, U, U},
                   "it isn't known which of the 3 devices have it: the access level is too low for "
                   "this (0x2B)");
    write_to_three(rig_new("xt=3", NULL), "first", false, (enum record_result[]){U, U, U},
                   "it isn't known which of the 3 devices have it: the access level is "
                   "too low for this (0x2B)");
}

// --- Several, closed, freed ----------------------------------------------------------------------

static void several_at_once_all_come_through(void **state)
{
    (void)state;
    static const unsigned ids[] = {1138, 1107, 1139, 1143, 1126};
    static const double values[] = {45, 20, -4, 50, 0};
    enum { COUNT = sizeof ids / sizeof *ids };
    struct rig *rig = rig_new("xt=1", NULL);
    const struct target xt1 = rig_target("XT1");
    struct edit *edits[COUNT];
    struct record records[2 * COUNT];
    char error[200];

    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(edit_open(rig->plant, &xt1, catalogue_find(FAMILY_XT, ids[i]), NULL, NULL,
                                   &edits[i], error, sizeof error),
                         XC_OK);
    rig_run(rig, 60 * LOOP_S);
    for (size_t i = 0; i < COUNT; i++) {
        struct edit_wish wish = rig_wish(values[i], i % 2);
        assert_int_equal(edit_state(edits[i]), EDIT_READY);
        assert_int_equal(edit_write(edits[i], &wish, 0), XC_OK);
    }
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->write_count, COUNT);
    assert_int_equal(rig_records(rig, records, 2 * COUNT), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(edit_result(edits[i]), RECORD_WRITTEN);
        assert_int_equal(edit_records(edits[i])[0].id, ids[i]);
        assert_true(fabs(rig_running(rig, 101, ids[i]) - values[i]) < 0.01);
        edit_close(edits[i]);
    }
    rig_free(rig);
}

static struct edit *reading; // while another one writes

static void note_reading(struct rig *rig, const struct scom_frame *request)
{
    if (request->service_id == SCOM_WRITE)
        rig->at += edit_state(reading) == EDIT_READING;
}

static void what_is_decided_comes_before_what_is_only_looked_at(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct target target = rig_target("XT1");
    struct edit_wish wish = rig_wish(45, false);
    char error[200];

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_open(rig->plant, &target, catalogue_find(FAMILY_XT, 1107), NULL, NULL,
                               &reading, error, sizeof error),
                     XC_OK);
    rig->tap = note_reading;
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->at, 1);
    assert_int_equal(edit_state(reading), EDIT_READY);
    edit_close(edit);
    edit_close(reading);
    rig_free(rig);
}

struct witness {
    struct edit *edit;
    enum edit_state last;
    unsigned calls;
};

static void witness_change(void *arg)
{
    struct witness *witness = arg;

    witness->last = edit_state(witness->edit);
    witness->calls++;
}

static struct edit *open_watched(struct rig *rig, const char *name, unsigned id,
                                 struct witness *witness)
{
    struct target target = rig_target(name);
    char error[200];

    *witness = (struct witness){.last = EDIT_READING};
    assert_int_equal(edit_open(rig->plant, &target, catalogue_find(target.family, id),
                               witness_change, witness, &witness->edit, error, sizeof error),
                     XC_OK);
    return witness->edit;
}

static void every_change_of_state_is_told(void **state)
{
    (void)state;
    const struct target named = {TARGET_DEVICE, FAMILY_XT, 1};
    const struct plant_options options = {.devices = &named, .device_count = 1};
    struct rig *rig = rig_new("xt=1", &options);
    struct edit_wish wish = rig_wish(45, false);
    struct witness witness;

    rig_discover(rig);
    struct edit *edit = open_watched(rig, "XT1", 1138, &witness);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(witness.last, EDIT_READY);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(witness.last, EDIT_DONE);
    edit_close(edit);

    // Without a question.
    edit = open_watched(rig, "XT", 1138, &witness);
    rig_run(rig, LOOP_S);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(witness.last, EDIT_FAILED);
    edit_close(edit);

    edit = open_watched(rig, "XT1", 1139, &witness);
    rig_run(rig, 10 * LOOP_S);
    rig_break_records(rig);
    rig->write_count = 0;
    wish.number = -4;
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    rig_assert_not_sent(rig, edit, "can't be recorded");
    assert_int_equal(witness.last, EDIT_DONE);
    edit_close(edit);
    rig_free(rig);
}

static void a_closed_form_goes_on_writing_and_is_recorded(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit_wish wish = rig_wish(45, true);
    struct record record;

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    unsigned changes = rig->changes;
    edit_close(edit);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->changes, changes);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_int_equal(record.result, RECORD_WRITTEN);
    assert_true(record.read_back == 45);
    rig_free(rig);
}

static void a_form_closed_before_writes_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct target target = rig_target("XT1");
    struct edit *edit;
    char error[200];

    for (int64_t after = 0; after < 2 * LOOP_S; after += 30 * LOOP_MS) {
        assert_int_equal(edit_open(rig->plant, &target, catalogue_find(FAMILY_XT, 1138), NULL, NULL,
                                   &edit, error, sizeof error),
                         XC_OK);
        rig_run(rig, after);
        edit_close(edit);
    }
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    rig_free(rig);
}

static void note_reading_back(struct rig *rig, const struct scom_frame *request)
{
    rig->at += rig->write_count > 0 && request->service_id == SCOM_READ;
}

// At every moment of a write: what reached the gateway is recorded, and no record stays open.
static void a_program_that_ends_while_writing_leaves_its_record(void **state)
{
    (void)state;
    unsigned sent = 0, not_sent = 0, known = 0;

    for (int64_t after = 0; after < 600 * LOOP_MS; after += 10 * LOOP_MS) {
        struct rig *rig = rig_new("xt=1", NULL);
        struct edit_wish wish = rig_wish(45, true);
        struct record record;
        struct edit *edit = rig_open(rig, "XT1", 1138);
        rig->tap = note_reading_back;
        assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
        rig_run(rig, after);
        rig_end(rig);
        rig_run(rig, 10 * LOOP_S);
        size_t records = rig_records(rig, &record, 1);
        assert_true(rig->write_count <= records);
        if (rig->write_count > 0) {
            sent++;
            known += rig->at > 0;
            // What the device has confirmed is known.
            assert_int_equal(record.result, rig->at > 0 ? RECORD_WRITTEN : RECORD_UNKNOWN);
        } else if (records > 0) {
            assert_true(record.result == RECORD_NOT_SENT || record.result == RECORD_UNKNOWN);
        } else {
            not_sent++;
        }
        rig_free(rig);
    }
    // Every part of its course was met.
    assert_true(not_sent > 5 && sent > 5 && known > 1);
}

static void a_pause_keeps_no_change_waiting(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig_discover(rig);
    plant_pause(rig->plant, true);
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, true), RECORD_WRITTEN);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_is_reached_by_one_request),
        cmocka_unit_test(a_phase_is_reached_alone),
        cmocka_unit_test(a_phase_without_devices_is_refused),
        cmocka_unit_test(a_family_is_looked_for_where_nothing_else_is),
        cmocka_unit_test(a_gateways_watchdog_forbids_looking_for_a_family),
        cmocka_unit_test(what_a_group_would_reach_unseen_is_refused),
        cmocka_unit_test(devices_that_are_away_are_named),
        cmocka_unit_test(the_battery_at_601_must_be_the_one_that_is_meant),
        cmocka_unit_test(of_a_family_each_device_is_judged_by_what_it_has),
        cmocka_unit_test(several_at_once_all_come_through),
        cmocka_unit_test(what_is_decided_comes_before_what_is_only_looked_at),
        cmocka_unit_test(every_change_of_state_is_told),
        cmocka_unit_test(a_closed_form_goes_on_writing_and_is_recorded),
        cmocka_unit_test(a_form_closed_before_writes_nothing),
        cmocka_unit_test(a_program_that_ends_while_writing_leaves_its_record),
        cmocka_unit_test(a_pause_keeps_no_change_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
