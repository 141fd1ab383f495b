// SPDX-License-Identifier: MIT
// keep: a RAM value that is written again on the edge of a restart and every period, through the
// same checks and records as any other, until it is stopped.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "edit_rig.h"

static unsigned start(struct rig *rig, const char *name, unsigned id, double number, int64_t period)
{
    struct target target = rig_target(name);
    char error[200] = "";
    unsigned n = 0;

    if (keep_start(rig->plant, &target, catalogue_find(target.family, id), number, period, false,
                   &n, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    return n;
}

static struct keep_status status_of(struct rig *rig, size_t i)
{
    struct keep_status status;

    assert_true(keep_at(rig->plant, i, &status));
    return status;
}

static struct rig *discovered(const char *installation)
{
    struct rig *rig = rig_new(installation, NULL);

    rig_discover(rig);
    return rig;
}

// --- When ----------------------------------------------------------------------------------------

static void it_is_written_at_once_and_once(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");
    struct record record;

    assert_int_equal(start(rig, "XT1", 1138, 45, 0), 1);
    rig_run(rig, 600 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig->writes[0].property, SCOM_UNSAVED_VALUE_QSP);
    assert_true(rig_running(rig, 101, 1138) == 45);
    struct keep_status status = status_of(rig, 0);
    assert_int_equal(status.n, 1);
    assert_int_equal(status.written, 1);
    assert_false(status.trouble);
    assert_true(status.last >= rig->writes[0].at && status.last < rig->writes[0].at + LOOP_S);
    assert_string_equal(status.text, "XT1 runs with 45 A from now on, until it restarts");
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_int_equal(record.result, RECORD_WRITTEN);
    rig_free(rig);
}

static void what_an_edit_has_just_written_is_only_written_again(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");
    struct target target = rig_target("XT1");
    char error[200];
    unsigned n;

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    assert_int_equal(keep_start(rig->plant, &target, catalogue_find(FAMILY_XT, 1138), 45,
                                100 * LOOP_S, true, &n, error, sizeof error),
                     XC_OK);
    assert_int_equal(status_of(rig, 0).written, 1);
    rig_run(rig, 90 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    rig_run(rig, 20 * LOOP_S);
    assert_int_equal(rig->write_count, 2);
    rig_free(rig);
}

// Whoever began to write it has left before it was done.
static struct edit *begin_to_write(struct rig *rig, double number, int64_t period)
{
    struct edit *edit = rig_open(rig, "XT1", 1138);
    struct edit_wish wish = rig_wish(number, false);

    wish.keep_period = period;
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    return edit;
}

static void a_write_under_way_is_kept_from_its_end_on(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");
    struct record records[4];

    keep_adopt(begin_to_write(rig, 45, 100 * LOOP_S));
    assert_int_equal(status_of(rig, 0).written, 0);
    rig_run(rig, 90 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(status_of(rig, 0).written, 1);
    assert_false(status_of(rig, 0).trouble);
    rig_run(rig, 20 * LOOP_S);
    assert_int_equal(rig->write_count, 2);
    assert_int_equal(rig_records(rig, records, 4), 2);
    // One that has ended already.
    struct edit *edit = begin_to_write(rig, 46, 0);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(edit_state(edit), EDIT_DONE);
    keep_adopt(edit);
    rig_run(rig, LOOP_S);
    assert_int_equal(status_of(rig, 0).written, 1);
    assert_true(status_of(rig, 0).number == 46);
    // And one that never does.
    keep_adopt(begin_to_write(rig, 47, 0));
    rig_free(rig);
}

static void an_adopted_write_that_failed_is_tried_again(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    rig_command(rig, "deny XT1:1138 0x2B 1");
    keep_adopt(begin_to_write(rig, 45, 0));
    rig_run(rig, 10 * LOOP_S);
    assert_true(status_of(rig, 0).trouble);
    rig_run(rig, 60 * LOOP_S);
    assert_false(status_of(rig, 0).trouble);
    assert_true(rig_running(rig, 101, 1138) == 45);
    rig_free(rig);
}

static void assert_period(const struct rig *rig, int64_t period)
{
    for (size_t i = 1; i < rig->write_count; i++) {
        int64_t between = rig->writes[i].at - rig->writes[i - 1].at;
        assert_in_range((uint64_t)between, (uint64_t)(period - 2 * LOOP_S),
                        (uint64_t)(period + 2 * LOOP_S));
    }
}

static void it_is_written_again_every_period(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");
    struct record records[64];

    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    rig_run(rig, 605 * LOOP_S);
    assert_int_equal(rig->write_count, 11);
    assert_period(rig, 60 * LOOP_S);
    assert_int_equal(status_of(rig, 0).written, 11);
    assert_int_equal(rig_records(rig, records, 64), 11); // each is a record
    rig_free(rig);
}

// All that is looked at before each time takes half a minute here.
static void a_slow_gateway_doesnt_make_the_period_longer(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    rig_command(rig, "late always 1500ms");
    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    rig_run(rig, 605 * LOOP_S);
    assert_in_range(rig->write_count, 10, 11);
    for (size_t i = 1; i < rig->write_count; i++)
        assert_true(rig->writes[i].at - rig->writes[i - 1].at < 68 * LOOP_S);
    rig_free(rig);
}

static void a_device_that_was_away_gets_it_again(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=2");

    rig_watch(rig, FAMILY_XT, 2);
    start(rig, "XT1", 1138, 45, 0);
    rig_run(rig, 30 * LOOP_S);
    rig_command(rig, "reset XT2"); // not its own
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    rig_command(rig, "reset XT1");
    assert_true(rig_running(rig, 101, 1138) == 60);
    rig_run(rig, 60 * LOOP_S);
    assert_true(rig_running(rig, 101, 1138) == 45);
    assert_int_equal(rig->write_count, 2);
    assert_int_equal(status_of(rig, 0).written, 2);
    rig_free(rig);
}

static void the_edge_of_the_gateways_flag_is_a_restart(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    // The flag is cleared once, so that there can be an edge.
    assert_int_equal(rig_change(rig, "XCOM", 5104, 1, false), RECORD_WRITTEN);
    start(rig, "XT1", 1138, 45, 0);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->write_count, 2);
    rig_command(rig, "reset XCOM");
    rig_run(rig, 600 * LOOP_S); // it stays set all the time
    assert_int_equal(rig->write_count, 3);
    assert_int_equal(rig->writes[2].id, 1138);
    rig_free(rig);
}

static void each_connection_gets_it_again(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    start(rig, "XT1", 1138, 45, 0);
    rig_run(rig, 30 * LOOP_S);
    rig_command(rig, "disconnect 2s");
    rig_run(rig, 120 * LOOP_S);
    assert_int_equal(rig->write_count, 2);
    rig_free(rig);
}

static void stopped_it_is_not_written_any_more(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");
    unsigned n = start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    struct keep_status status;

    rig_run(rig, 30 * LOOP_S);
    assert_false(keep_stop(rig->plant, n + 1));
    assert_true(keep_stop(rig->plant, n));
    assert_false(keep_stop(rig->plant, n));
    assert_false(keep_at(rig->plant, 0, &status));
    rig_run(rig, 600 * LOOP_S);
    rig_command(rig, "reset XT1");
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    rig_free(rig);
}

static void stopped_at_any_moment_it_leaves_no_open_record(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");
    struct record records[200];

    for (int64_t after = 0; after < LOOP_S; after += 15 * LOOP_MS) {
        unsigned n = start(rig, "XT1", 1138, 45, 0);
        rig_run(rig, after);
        assert_true(keep_stop(rig->plant, n));
        rig_run(rig, 5 * LOOP_S);
    }
    size_t count = rig_records(rig, records, 200);
    assert_int_equal(count, rig->write_count);
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(records[i].result, RECORD_WRITTEN);
    rig_free(rig);
}

static void several_are_kept_at_once(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=2");

    assert_int_equal(start(rig, "XT1", 1138, 45, 0), 1);
    assert_int_equal(start(rig, "XT2", 1138, 40, 0), 2);
    assert_int_equal(start(rig, "XT1", 1107, 20, 0), 3);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->write_count, 3);
    assert_true(keep_stop(rig->plant, 2));
    assert_int_equal(status_of(rig, 1).n, 3);
    rig_command(rig, "reset XT1");
    rig_command(rig, "reset XT2");
    rig_run(rig, 60 * LOOP_S);
    assert_true(rig_running(rig, 101, 1138) == 45);
    assert_true(rig_running(rig, 101, 1107) == 20);
    assert_true(rig_running(rig, 102, 1138) == 60);
    rig_free(rig);
}

static void another_value_takes_the_place_of_the_former(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=2");
    struct keep_status status;

    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    start(rig, "XT2", 1138, 45, 60 * LOOP_S);
    rig_run(rig, 30 * LOOP_S);
    start(rig, "XT1", 1138, 40, 60 * LOOP_S);
    assert_false(keep_at(rig->plant, 2, &status));
    rig_run(rig, 10 * LOOP_S);
    for (unsigned i = 0; i < 300; i++) {
        rig_run(rig, LOOP_S);
        assert_true(rig_running(rig, 101, 1138) == 40);
        assert_true(rig_running(rig, 102, 1138) == 45);
    }
    rig_free(rig);
}

static void who_writes_another_value_is_told_of_the_kept_one(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=2");
    static const char *const told = "45 A of XT1 is kept, as number 1: it will be written again";

    start(rig, "XT1", 1138, 45, 0);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    struct edit_verdict verdict = rig_check(edit, 60, false);
    assert_int_equal(verdict.warning_count, 1);
    assert_string_equal(verdict.warnings[0], told);
    assert_int_equal(rig_check(edit, 55, true).warning_count, 1);
    assert_int_equal(rig_check(edit, 45, false).warning_count, 0);
    edit_close(edit);
    edit = rig_open(rig, "XT", 1138);
    verdict = rig_check(edit, 60, false);
    assert_string_equal(verdict.warnings[0], told);
    edit_close(edit);
    edit = rig_open(rig, "XT2", 1138);
    assert_int_equal(rig_check(edit, 60, false).warning_count, 0);
    edit_close(edit);
    edit = rig_open(rig, "XT1", 1107);
    assert_int_equal(rig_check(edit, 20, false).warning_count, 0);
    edit_close(edit);
    rig_free(rig);
}

static void a_family_is_kept_as_one(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=3");

    start(rig, "XT", 1138, 45, 0);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig->writes[0].address, 100);
    rig_command(rig, "reset XT2");
    rig_run(rig, 60 * LOOP_S);
    for (unsigned i = 1; i <= 3; i++)
        assert_true(rig_running(rig, 100 + i, 1138) == 45);
    assert_int_equal(rig->write_count, 2);
    rig_free(rig);
}

// --- Watchdogs -----------------------------------------------------------------------------------

// The number of seconds, of so many, in which XT1 didn't run with 45 A.
static unsigned seconds_without(struct rig *rig, unsigned seconds)
{
    unsigned without = 0;

    for (unsigned i = 0; i < seconds; i++) {
        rig_run(rig, LOOP_S);
        without += rig_running(rig, 101, 1138) != 45;
    }
    return without;
}

static void an_armed_device_goes_on_while_it_is_kept_and_restarts_after(void **state)
{
    (void)state;
    static const char *const lines[] = {"late never", "late always 2500ms", "late 30% 2900ms"};

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct rig *rig = discovered("xt=1");
        rig_command(rig, "set XT1 1628 yes"); // 60 s
        rig_command(rig, lines[i]);
        unsigned n = start(rig, "XT1", 1138, 45, 29 * LOOP_S);
        rig_run(rig, 120 * LOOP_S);
        assert_int_equal(seconds_without(rig, 1200), 0);
        assert_true(status_of(rig, 0).watchdog_s == 60);
        assert_true(keep_stop(rig->plant, n));
        // It restarts a minute later, and is without it from then on.
        rig_run(rig, 40 * LOOP_S);
        unsigned without = seconds_without(rig, 60);
        assert_true(without > 10);
        rig_free(rig);
    }
}

static void too_long_a_period_for_the_watchdog_is_refused(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    rig_command(rig, "set XT1 1628 yes");
    start(rig, "XT1", 1138, 45, 30 * LOOP_S);
    start(rig, "XT1", 1107, 20, 0);
    rig_run(rig, 300 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    for (size_t i = 0; i < 2; i++) {
        assert_true(status_of(rig, i).trouble);
        assert_non_null(strstr(status_of(rig, i).text, "watchdog is on"));
    }
    // It is switched off: the next try succeeds.
    rig_command(rig, "set XT1 1628 no");
    rig_run(rig, 60 * LOOP_S);
    assert_false(status_of(rig, 1).trouble);
    assert_int_equal(status_of(rig, 1).written, 1);
    assert_true(status_of(rig, 1).watchdog_s == 0);
    rig_free(rig);
}

// --- Trouble -------------------------------------------------------------------------------------

static void what_was_refused_is_tried_again(void **state)
{
    (void)state;
    static const char *const faults[] = {"deny XT1:1138 0x2B 1", "mute XT1:1138 1",
                                         "doubt XT1:1138 0x29 1"};

    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct rig *rig = discovered("xt=1");
        rig_command(rig, faults[i]);
        start(rig, "XT1", 1138, 45, 0);
        rig_run(rig, 20 * LOOP_S);
        assert_int_equal(rig->write_count, 1);
        assert_true(status_of(rig, 0).trouble);
        assert_int_equal(status_of(rig, 0).written, 0);
        rig_run(rig, 60 * LOOP_S);
        assert_int_equal(rig->write_count, 2);
        assert_false(status_of(rig, 0).trouble);
        assert_int_equal(status_of(rig, 0).written, 1);
        rig_run(rig, 600 * LOOP_S);
        assert_int_equal(rig->write_count, 2);
        rig_free(rig);
    }
}

static void what_is_refused_for_good_is_tried_ever_more_rarely(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    rig_command(rig, "deny XT1:1138 0x2B always");
    start(rig, "XT1", 1138, 45, 0);
    rig_run(rig, 86400 * LOOP_S);
    assert_in_range(rig->write_count, 20, 40); // each is a record
    assert_true(status_of(rig, 0).trouble);
    assert_non_null(strstr(status_of(rig, 0).text, "0x2B"));
    rig_free(rig);
}

static void a_device_that_isnt_there_yet_gets_it_when_it_comes(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    rig_command(rig, "gone XT2");
    rig_discover(rig);
    start(rig, "XT2", 1138, 45, 0);
    rig_run(rig, 120 * LOOP_S);
    assert_true(status_of(rig, 0).trouble);
    assert_non_null(strstr(status_of(rig, 0).text, "there is no XT2"));
    assert_int_equal(rig->write_count, 0);
    rig_command(rig, "back XT2");
    rig_run(rig, 90 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_false(status_of(rig, 0).trouble);
    rig_free(rig);
}

static void it_waits_for_the_gateway(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    rig_command(rig, "disconnect 200s");
    rig_run(rig, LOOP_S);
    start(rig, "XT1", 1138, 45, 0);
    rig_run(rig, 150 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    rig_run(rig, 150 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    rig_free(rig);
}

static void another_device_at_its_number_doesnt_get_it(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=2");

    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    rig_run(rig, 30 * LOOP_S);
    rig_command(rig, "swap XT1 XT2");
    rig_command(rig, "disconnect 2s"); // after which the plant knows who is who
    rig_run(rig, 300 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_true(status_of(rig, 0).trouble);
    assert_non_null(strstr(status_of(rig, 0).text, "XT1 is another device"));
    // It comes back to its number.
    rig_command(rig, "swap XT1 XT2");
    rig_command(rig, "disconnect 2s");
    rig_run(rig, 120 * LOOP_S);
    assert_true(rig->write_count > 1);
    assert_false(status_of(rig, 0).trouble);
    rig_free(rig);
}

static void another_installation_doesnt_get_it(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    start(rig, "XCOM", 5006, 70, 60 * LOOP_S);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->write_count, 2);
    rig_exchange(rig);
    rig_command(rig, "disconnect 2s");
    rig_run(rig, 600 * LOOP_S);
    assert_int_equal(rig->write_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(status_of(rig, i).trouble);
        assert_non_null(strstr(status_of(rig, i).text, "another installation"));
    }
    rig_free(rig);
}

static void only_the_gateway_that_was_configured_gets_it(void **state)
{
    (void)state;
    const struct plant_options wrong = {.guid = "00112233445566778899aabbccddeeff"};
    struct rig *rig = rig_new("xt=1", &wrong);

    rig_discover(rig);
    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    rig_run(rig, 300 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    assert_non_null(strstr(status_of(rig, 0).text, "another installation than the one configured"));
    rig_free(rig);
}

// The newest record under this site's name is of another gateway. guid: of the real one.
static struct rig *rig_of_a_site(const char *expected, char guid[RECORD_KEY_MAX])
{
    const struct plant_options options = {.site = "emosson", .site_named = true, .guid = expected};
    struct rig *rig = rig_new("xt=1", &options);
    struct record record;

    rig_discover(rig);
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, false), RECORD_WRITTEN);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    memcpy(guid, record.guid, RECORD_KEY_MAX);
    memset(record.guid, '0', 32);
    assert_int_equal(records_begin(rig->records, &record, 1), XC_OK);
    rig->write_count = 0;
    return rig;
}

static void a_site_that_was_another_installation_gets_it_once_that_is_confirmed(void **state)
{
    (void)state;
    char guid[RECORD_KEY_MAX];
    struct rig *rig = rig_of_a_site(NULL, guid);

    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    rig_run(rig, 300 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    assert_true(status_of(rig, 0).trouble);
    assert_non_null(strstr(status_of(rig, 0).text, "emosson"));
    plant_confirm_site(rig->plant);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_false(status_of(rig, 0).trouble);
    rig_free(rig);

    // With its GUID in the configuration nothing is left to confirm.
    rig = rig_of_a_site(guid, guid);
    start(rig, "XT1", 1138, 45, 0);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    rig_free(rig);
}

static void what_cannot_be_recorded_is_not_kept(void **state)
{
    (void)state;
    struct rig *rig = discovered("xt=1");

    start(rig, "XT1", 1138, 45, 60 * LOOP_S);
    rig_run(rig, 30 * LOOP_S);
    rig_break_records(rig);
    rig_run(rig, 300 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_true(status_of(rig, 0).trouble);
    assert_non_null(strstr(status_of(rig, 0).text, "can't be recorded"));
    rig_free(rig);
}

// --- What can be kept ----------------------------------------------------------------------------

static void what_is_done_once_or_runs_by_itself_cannot_be_kept(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned id;
    } cases[] = {{"XT1", 1467}, {"XCOM", 5002}, {"XCOM", 5119}, {"XCOM", 5012}, {"XCOM", 5104}};
    struct rig *rig = discovered("xt=1");
    char error[200];
    unsigned n;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct target target = rig_target(cases[i].name);
        error[0] = '\0';
        assert_int_equal(keep_start(rig->plant, &target, catalogue_find(target.family, cases[i].id),
                                    1, 0, false, &n, error, sizeof error),
                         XC_USAGE);
        assert_true(error[0] != '\0');
    }
    struct keep_status status;
    assert_false(keep_at(rig->plant, 0, &status));
    rig_free(rig);
}

static void a_program_that_ends_takes_its_keeps_along(void **state)
{
    (void)state;
    for (int64_t after = 0; after < LOOP_S; after += 50 * LOOP_MS) {
        struct rig *rig = discovered("xt=1");
        start(rig, "XT1", 1138, 45, 60 * LOOP_S);
        start(rig, "XT1", 1107, 20, 0);
        rig_run(rig, after);
        rig_end(rig);
        rig_run(rig, 120 * LOOP_S);
        assert_true(rig->write_count <= 2);
        rig_free(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_written_at_once_and_once),
        cmocka_unit_test(what_an_edit_has_just_written_is_only_written_again),
        cmocka_unit_test(a_write_under_way_is_kept_from_its_end_on),
        cmocka_unit_test(an_adopted_write_that_failed_is_tried_again),
        cmocka_unit_test(it_is_written_again_every_period),
        cmocka_unit_test(a_slow_gateway_doesnt_make_the_period_longer),
        cmocka_unit_test(a_device_that_was_away_gets_it_again),
        cmocka_unit_test(the_edge_of_the_gateways_flag_is_a_restart),
        cmocka_unit_test(each_connection_gets_it_again),
        cmocka_unit_test(stopped_it_is_not_written_any_more),
        cmocka_unit_test(stopped_at_any_moment_it_leaves_no_open_record),
        cmocka_unit_test(several_are_kept_at_once),
        cmocka_unit_test(another_value_takes_the_place_of_the_former),
        cmocka_unit_test(who_writes_another_value_is_told_of_the_kept_one),
        cmocka_unit_test(a_family_is_kept_as_one),
        cmocka_unit_test(an_armed_device_goes_on_while_it_is_kept_and_restarts_after),
        cmocka_unit_test(too_long_a_period_for_the_watchdog_is_refused),
        cmocka_unit_test(what_was_refused_is_tried_again),
        cmocka_unit_test(what_is_refused_for_good_is_tried_ever_more_rarely),
        cmocka_unit_test(a_device_that_isnt_there_yet_gets_it_when_it_comes),
        cmocka_unit_test(it_waits_for_the_gateway),
        cmocka_unit_test(another_device_at_its_number_doesnt_get_it),
        cmocka_unit_test(another_installation_doesnt_get_it),
        cmocka_unit_test(only_the_gateway_that_was_configured_gets_it),
        cmocka_unit_test(a_site_that_was_another_installation_gets_it_once_that_is_confirmed),
        cmocka_unit_test(what_cannot_be_recorded_is_not_kept),
        cmocka_unit_test(what_is_done_once_or_runs_by_itself_cannot_be_kept),
        cmocka_unit_test(a_program_that_ends_takes_its_keeps_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
