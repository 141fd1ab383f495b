// SPDX-License-Identifier: MIT
// edit on a bad line: answers lost at every step, connections lost, refusals, and answers that say
// nothing. Whatever happens: at most one request is sent, what was sent is recorded with what is
// known of it, and nothing is told that isn't so.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "edit_rig.h"

// --- The books -----------------------------------------------------------------------------------

// What is known afterwards agrees with what happened.
static void check_books(struct rig *rig, const struct edit *edit, double asked)
{
    const struct edit_device *devices;
    struct record records[4];
    size_t recorded = rig_records(rig, records, 4);

    if (edit_state(edit) == EDIT_FAILED) {
        assert_int_equal(rig->write_count, 0);
        assert_int_equal(recorded, 0);
        return;
    }
    assert_int_equal(edit_state(edit), EDIT_DONE);
    assert_int_equal(edit_devices(edit, &devices), 1);
    assert_true(rig->write_count <= 1);
    assert_true(recorded >= rig->write_count && recorded <= 1);
    if (recorded == 1) {
        assert_int_equal(records[0].result, devices[0].result);
        assert_true(records[0].error == devices[0].error);
        assert_int_not_equal(records[0].result, RECORD_PENDING);
    }
    if (devices[0].result == RECORD_NOT_SENT)
        assert_int_equal(rig->write_count, 0);
    if (devices[0].result == RECORD_WRITTEN)
        assert_true(rig_running(rig, 101, 1138) == asked);
    if (!isnan(devices[0].read_back))
        assert_true(devices[0].read_back == rig_flash(rig, 101, 1138));
}

static void run_until_done(struct rig *rig, const struct edit *edit)
{
    for (int i = 0; i < 1800 && edit_state(edit) != EDIT_DONE; i++)
        rig_run(rig, 100 * LOOP_MS);
}

// --- Lost at each step ---------------------------------------------------------------------------

static struct {
    unsigned at;         // which request, counted from 0
    const char *command; // what happens to it
    bool done;           // there was such a request
    bool was_write;
    int64_t struck; // loop_now()
} fault;

static void strike(struct rig *rig, const struct scom_frame *request)
{
    if (rig->at++ != fault.at)
        return;
    fault.done = true;
    fault.struck = loop_now(rig->loop);
    fault.was_write = request->service_id == SCOM_WRITE;
    rig_command(rig, fault.command);
}

// One whole edit to 45 with a fault at the at-th request. The caller closes it.
static struct edit *edit_with_fault(struct rig *rig, unsigned at, const char *command, bool flash)
{
    struct edit_wish wish = rig_wish(45, flash);

    fault.at = at;
    fault.command = command;
    fault.done = fault.was_write = false;
    rig->tap = strike;
    struct edit *edit = rig_open(rig, "XT1", 1138);
    if (edit_state(edit) == EDIT_READY && rig_check(edit, 45, flash).status == XC_OK) {
        assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
        run_until_done(rig, edit);
    }
    return edit;
}

static void one_lost_answer_only_makes_the_write_unknown(void **state)
{
    (void)state;
    for (int flash = 0; flash < 2; flash++)
        for (unsigned at = 0; at == 0 || fault.done; at++) {
            struct rig *rig = rig_new("xt=1", NULL);
            struct edit *edit = edit_with_fault(rig, at, "lose 1", flash);
            check_books(rig, edit, 45);
            assert_int_equal(rig->write_count, 1);
            // Flash is read back: it is known after all.
            assert_int_equal(edit_result(edit),
                             fault.was_write && !flash ? RECORD_UNKNOWN : RECORD_WRITTEN);
            edit_close(edit);
            rig_free(rig);
        }
}

static void a_look_without_an_answer_stops_everything(void **state)
{
    (void)state;
    unsigned failed = 0, stopped = 0, ready = 0;

    for (unsigned at = 0; at == 0 || fault.done; at++) {
        struct rig *rig = rig_new("xt=1", NULL);
        struct edit *edit = edit_with_fault(rig, at, "lose 2", true);
        if (edit_state(edit) == EDIT_FAILED) {
            failed++;
            assert_int_equal(edit_failure(edit), XC_TIMEOUT);
            assert_non_null(strstr(edit_text(edit), "no answer when"));
        } else if (edit_result(edit) == RECORD_NOT_SENT) {
            stopped++;
            assert_int_equal(edit_failure(edit), XC_TIMEOUT);
            assert_non_null(strstr(edit_text(edit), "nothing was sent: no answer when"));
        } else {
            ready++;
            assert_int_equal(edit_result(edit), RECORD_WRITTEN);
        }
        check_books(rig, edit, 45);
        edit_close(edit);
        rig_free(rig);
    }
    // GUID, FID, version, whether it saves, watchdog, delay, level, minimum, maximum, value; once
    // more GUID, FID, the watchdog, value.
    assert_int_equal(failed, 12);
    assert_int_equal(stopped, 5);
    assert_true(ready >= 2); // the write, what is read back
}

static void a_connection_lost_at_each_step(void **state)
{
    (void)state;
    for (int flash = 0; flash < 2; flash++) {
        unsigned written = 0, stopped = 0, unknown = 0;
        for (unsigned at = 0; at == 0 || fault.done; at++) {
            struct rig *rig = rig_new("xt=1", NULL);
            struct edit *edit = edit_with_fault(rig, at, "disconnect 2s", flash);
            check_books(rig, edit, 45);
            switch (edit_result(edit)) {
            case RECORD_WRITTEN:
                written++;
                break;
            case RECORD_NOT_SENT:
                stopped++;
                assert_string_equal(edit_text(edit), "nothing was sent: the connection was lost");
                break;
            default:
                unknown++;
                assert_int_equal(edit_result(edit), RECORD_UNKNOWN);
                assert_true(fault.was_write && !flash);
            }
            edit_close(edit);
            rig_free(rig);
        }
        // What was read is read again, what is sent isn't sent again.
        assert_in_range(stopped, 4, 10); // with what the plant asks for itself
        assert_int_equal(unknown, flash ? 0 : 1);
        assert_true(written >= 12);
    }
}

// --- The write itself ----------------------------------------------------------------------------

static void a_write_that_was_lost_is_unknown(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct record records[2];
    double number;

    // It never came there, and reads back as before.
    rig_command(rig, "drop XT1:1138");
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, true), RECORD_UNKNOWN);
    assert_string_equal(edit_text(edit), "it isn't known whether XT1 has it: no answer came; it "
                                         "reads back as 60 A");
    assert_int_equal(rig->write_count, 1);
    edit_close(edit);

    rig_command(rig, "mute XT1:1138");
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_UNKNOWN);
    assert_string_equal(edit_text(edit), "it isn't known whether XT1 has it: no answer came");
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_DOUBT);
    assert_int_equal(rig->write_count, 2);
    edit_close(edit);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->write_count, 2);

    assert_int_equal(rig_records(rig, records, 2), 2);
    assert_int_equal(records[0].result, RECORD_UNKNOWN);
    assert_true(records[0].read_back == 60);
    assert_int_equal(records[1].result, RECORD_UNKNOWN);
    assert_true(isnan(records[1].read_back));
    rig_free(rig);
}

static void what_was_there_before_proves_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    rig_command(rig, "drop XT1:1138");
    assert_int_equal(rig_change(rig, "XT1", 1138, 60, true), RECORD_UNKNOWN);
    // The clock runs on: near the time asked for is no proof either.
    rig_command(rig, "drop XCOM:5002");
    assert_int_equal(rig_change(rig, "XCOM", 5002, 1781956800 + 30, false), RECORD_UNKNOWN);
    struct edit *edit = rig_open(rig, "XCOM", 5002);
    rig_run(rig, 600 * LOOP_S); // it was read so long ago
    rig_command(rig, "drop XCOM:5002");
    assert_int_equal(rig_write(rig, edit, 1781956800 + 640, false), RECORD_UNKNOWN);
    edit_close(edit);
    // Three seconds pass between the last look and the sending, since a question wasn't answered.
    const struct question unanswered = {
        .kind = QUESTION_INFO, .address = 109, .id = 3000, .format = FORMAT_FLOAT};
    edit = rig_open(rig, "XCOM", 5002);
    rig_command(rig, "missing silence");
    gateway_ask(rig->gateway, &unanswered, NULL, NULL);
    rig_run(rig, 10 * LOOP_S);
    rig_command(rig, "drop XCOM:5002");
    double now = 1781956800 + (double)(loop_now(rig->loop) / LOOP_S - 1000);
    assert_int_equal(rig_write(rig, edit, now + 62, false), RECORD_UNKNOWN);
    edit_close(edit);
    rig_command(rig, "mute XCOM:5002");
    assert_int_equal(rig_change(rig, "XCOM", 5002, 1781956800 + 7200, false), RECORD_WRITTEN);
    rig_free(rig);
}

static void late_answers_are_not_waited_for(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct gateway_statistics statistics;

    fault.command = "late 1 5s";
    for (unsigned at = 0; at < 40 && rig->write_count == 0; at++) {
        rig_free(rig);
        rig = rig_new("xt=1", NULL);
        struct edit *edit = edit_with_fault(rig, at, "late 1 5s", false);
        check_books(rig, edit, 45);
        if (fault.was_write)
            assert_int_equal(edit_result(edit), RECORD_UNKNOWN);
        if (!fault.was_write)
            rig->write_count = 0;
        edit_close(edit);
    }
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    gateway_statistics(rig->gateway, &statistics);
    assert_int_equal(statistics.late, 1);
    rig_free(rig);
}

static void errors_are_sent_once_and_told(void **state)
{
    (void)state;
    static const unsigned codes[] = {0x01, 0x02, 0x03, 0x11, 0x12, 0x21, 0x22, 0x23,
                                     0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B,
                                     0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x81, 0x77};
    struct rig *rig = rig_new("xt=1", NULL);
    char command[60], code[8];

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const struct edit_device *devices;
        bool unclear = codes[i] == 0x03 || codes[i] == 0x29;
        snprintf(code, sizeof code, "0x%02X", codes[i]);
        for (int flash = 0; flash < 2; flash++) {
            // Not done; the unclear ones may also have been.
            snprintf(command, sizeof command, "deny XT1:1138 %s 1", code);
            rig_command(rig, command);
            rig->write_count = 0;
            struct edit *edit = rig_open(rig, "XT1", 1138);
            assert_int_equal(rig_write(rig, edit, 45, flash),
                             unclear ? RECORD_UNKNOWN : RECORD_REFUSED);
            assert_int_equal(rig->write_count, 1);
            edit_devices(edit, &devices);
            assert_int_equal(devices[0].error, codes[i]);
            assert_non_null(strstr(edit_text(edit), code));
            assert_true(unclear || strstr(edit_text(edit), "XT1 refused it"));
            edit_close(edit);
            assert_true(rig_running(rig, 101, 1138) == 60);
        }
        if (!unclear)
            continue;
        snprintf(command, sizeof command, "doubt XT1:1138 %s 1", code);
        rig_command(rig, command);
        assert_int_equal(rig_change(rig, "XT1", 1138, 45, true), RECORD_WRITTEN);
        assert_int_equal(rig_change(rig, "XT1", 1138, 60, true), RECORD_WRITTEN);
    }
    rig_free(rig);
}

// An error that doesn't say which.
static void cut_error(struct rig *rig, const struct scom_frame *request)
{
    static const uint8_t data[] = {0x22};

    if (request->service_id == SCOM_WRITE)
        rig_forge(rig, request, 1, data, sizeof data);
}

static void a_malformed_answer_leaves_it_unknown(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig->tap = cut_error;
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_UNKNOWN);
    assert_int_equal(rig->write_count, 1);
    edit_close(edit);
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, true), RECORD_WRITTEN);
    assert_int_equal(rig->write_count, 2);
    rig_free(rig);
}

static void only_busy_is_tried_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig_command(rig, "deny XT1:1138 0x13 3");
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, true), RECORD_WRITTEN);
    assert_int_equal(rig->write_count, 4);
    assert_true(rig_flash(rig, 101, 1138) == 45);

    // For a minute; then it was refused.
    rig->write_count = 0;
    rig_command(rig, "deny XT1:1138 0x13 always");
    struct edit *edit = rig_open(rig, "XT1", 1138);
    int64_t before = loop_now(rig->loop);
    assert_int_equal(rig_write(rig, edit, 50, true), RECORD_REFUSED);
    assert_true(rig->write_count > 10);
    assert_true(loop_now(rig->loop) - before < 70 * LOOP_S);
    assert_non_null(strstr(edit_text(edit), "0x13"));
    edit_close(edit);
    assert_true(rig_flash(rig, 101, 1138) == 45);
    rig_free(rig);
}

static void a_family_that_was_busy_has_done_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    double number;

    rig_discover(rig);
    rig_command(rig, "deny XT1:1138 0x13 always");
    struct edit *edit = rig_open(rig, "XT", 1138);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_REFUSED);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_NONE);
    edit_close(edit);
    rig_free(rig);
}

// --- Connections ---------------------------------------------------------------------------------

static const char *at_the_write[4];

static void command_at_the_write(struct rig *rig, const struct scom_frame *request)
{
    if (request->service_id != SCOM_WRITE)
        return;
    for (size_t i = 0; i < 4 && at_the_write[i]; i++) {
        if (strcmp(at_the_write[i], "exchange") == 0)
            rig_exchange(rig);
        else
            rig_command(rig, at_the_write[i]);
    }
}

static struct edit *write_with(struct rig *rig, const char *a, const char *b, const char *c)
{
    const char *const commands[] = {a, b, c, NULL};
    struct edit_wish wish = rig_wish(45, true);

    memcpy(at_the_write, commands, sizeof commands);
    rig->tap = command_at_the_write;
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    run_until_done(rig, edit);
    assert_int_equal(edit_state(edit), EDIT_DONE);
    assert_int_equal(rig->write_count, 1);
    return edit;
}

static void a_connection_lost_while_waiting_is_looked_into_on_the_next(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit *edit = write_with(rig, "disconnect 5s", NULL, NULL);
    assert_int_equal(edit_result(edit), RECORD_WRITTEN);
    edit_close(edit);
    rig_free(rig);

    rig = rig_new("xt=1", NULL);
    edit = write_with(rig, "drop XT1:1138 1", "disconnect 5s", NULL);
    assert_int_equal(edit_result(edit), RECORD_UNKNOWN);
    assert_non_null(strstr(edit_text(edit), "it reads back as 60 A"));
    edit_close(edit);
    rig_free(rig);
}

static void what_another_installation_has_proves_nothing(void **state)
{
    (void)state;
    const struct edit_device *devices;

    // After the line was down another one answers, which has this very value.
    for (int by_site = 0; by_site < 2; by_site++) {
        struct rig *rig = rig_new("xt=2", NULL);
        rig_set_flash(rig, FAMILY_XT, 2, 1138, 45);
        struct edit *edit = write_with(rig, "drop XT1:1138 1", "disconnect 5s",
                                       by_site ? "exchange" : "swap XT1 XT2");
        edit_devices(edit, &devices);
        assert_int_equal(devices[0].result, RECORD_UNKNOWN);
        assert_true(isnan(devices[0].read_back));
        edit_close(edit);
        rig_free(rig);
    }
}

// The gateway has no FID: only the GUID tells.
static void another_gateway_proves_nothing_either(void **state)
{
    (void)state;
    static const char *const commands[] = {"drop XCOM:5006 1", "disconnect 5s", "exchange", NULL};
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit_wish wish = rig_wish(70, true);
    const struct edit_device *devices;

    memcpy(at_the_write, commands, sizeof commands);
    struct edit *edit = rig_open(rig, "XCOM", 5006);
    rig->tap = command_at_the_write;
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 4 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    rig_set_flash(rig, FAMILY_RCC, 1, 5006, 70);
    run_until_done(rig, edit);
    edit_devices(edit, &devices);
    assert_int_equal(devices[0].result, RECORD_UNKNOWN);
    assert_true(isnan(devices[0].read_back));
    edit_close(edit);
    rig_free(rig);
}

static void lose_what_is_read_back(struct rig *rig, const struct scom_frame *request)
{
    if (rig->write_count > 0 && request->service_id == SCOM_READ && rig->at++ == 0)
        rig_command(rig, "disconnect 20m");
}

static void a_line_that_stays_down_is_not_waited_for_forever(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit *edit = write_with(rig, "drop XT1:1138 1", "disconnect 20m", NULL);
    struct record record;

    assert_int_equal(edit_result(edit), RECORD_UNKNOWN);
    assert_string_equal(edit_text(edit), "it isn't known whether XT1 has it: no answer came");
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_int_equal(record.result, RECORD_UNKNOWN);
    assert_true(isnan(record.read_back));
    edit_close(edit);
    rig_free(rig);

    // What the device has confirmed stays so.
    rig = rig_new("xt=1", NULL);
    rig->tap = lose_what_is_read_back;
    edit = rig_open(rig, "XT1", 1138);
    struct edit_wish wish = rig_wish(45, true);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    run_until_done(rig, edit);
    assert_int_equal(edit_state(edit), EDIT_DONE);
    assert_int_equal(edit_result(edit), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "XT1 has taken 45 A; it couldn't be read back");
    edit_close(edit);
    rig_free(rig);
}

static void without_a_line_nothing_is_sent_later(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit_wish wish = rig_wish(45, false);

    // Decided while the line is down.
    struct edit *edit = rig_open(rig, "XT1", 1138);
    rig_command(rig, "disconnect 20s");
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    unsigned told = rig->changes;
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->changes, told + 1);
    rig_assert_not_sent(rig, edit, "nothing was sent: the connection was lost");
    assert_int_equal(edit_failure(edit), XC_NO_LINK);
    edit_close(edit);
    rig_run(rig, 120 * LOOP_S);
    assert_int_equal(rig->write_count, 0);

    // While another one has its turn.
    struct edit *first = rig_open(rig, "XT1", 1138), *second = rig_open(rig, "XT1", 1107);
    assert_int_equal(edit_write(first, &wish, 0), XC_OK);
    wish.number = 20;
    assert_int_equal(edit_write(second, &wish, 0), XC_OK);
    rig_run(rig, 30 * LOOP_MS);
    rig_command(rig, "disconnect 10m");
    rig_run(rig, LOOP_S);
    rig_assert_not_sent(rig, first, "nothing was sent: the connection was lost");
    rig_assert_not_sent(rig, second, "nothing was sent: the connection was lost");
    edit_close(first);
    edit_close(second);
    rig_free(rig);
}

// Two at once: while one looks, the other may have looked already. Whoever wasn't sent when the
// connection was lost isn't sent over the next one.
static void a_connection_lost_between_the_last_look_and_the_sending(void **state)
{
    (void)state;
    fault.done = true;
    for (unsigned at = 0; fault.done; at++) {
        struct rig *rig = rig_new("xt=1", NULL);
        struct edit *first = rig_open(rig, "XT1", 1138), *second = rig_open(rig, "XT1", 1107);
        struct edit_wish wish = rig_wish(45, false), other = rig_wish(20, false);
        fault.at = at;
        fault.command = "disconnect 1s";
        fault.done = false;
        rig->at = 0;
        rig->tap = strike;
        assert_int_equal(edit_write(first, &wish, 0), XC_OK);
        assert_int_equal(edit_write(second, &other, 0), XC_OK);
        run_until_done(rig, first);
        run_until_done(rig, second);
        rig_run(rig, 60 * LOOP_S);
        for (size_t i = 0; fault.done && i < rig->write_count; i++)
            assert_true(rig->writes[i].at <= fault.struck);
        edit_close(first);
        edit_close(second);
        rig_free(rig);
    }
}

static void a_connection_lost_while_the_line_settles(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit_wish wish = rig_wish(45, false);
    struct record record;

    // After a question without an answer a write waits for three quiet seconds;
    // recorded it is.
    struct edit *edit = rig_open(rig, "XT1", 1138);
    const struct question unanswered = {
        .kind = QUESTION_INFO, .address = 109, .id = 3000, .format = FORMAT_FLOAT};
    rig_command(rig, "missing silence");
    gateway_ask(rig->gateway, &unanswered, NULL, NULL);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    for (int i = 0; i < 100 && rig_records(rig, &record, 1) == 0; i++)
        rig_run(rig, 20 * LOOP_MS);
    assert_int_equal(record.result, RECORD_PENDING);
    assert_int_equal(rig->write_count, 0);
    rig_command(rig, "disconnect 1s");
    rig_run(rig, 60 * LOOP_S);
    rig_assert_not_sent(rig, edit, "nothing was sent: the connection was lost");
    assert_int_equal(edit_failure(edit), XC_NO_LINK);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_int_equal(record.result, RECORD_NOT_SENT);
    edit_close(edit);
    rig_free(rig);
}

// --- Storms --------------------------------------------------------------------------------------

static void storm(struct rig *rig, const struct scom_frame *request)
{
    static const char *const faults[] = {
        "lose 1",     "lose 2",      "late 1 200ms",    "late 1 4s",  "duplicate 1", "corrupt 1",
        "truncate 1", "garbage 30",  "foreign 3",       "busy 2",     "crlf 1",      "mute XT1 1",
        "drop XT1 1", "doubt XT1 1", "deny XT1 0x2B 1", "fragment 3", "reset XT1 1s"};
    (void)request;
    // A chance that is the same every time.
    rig->at = rig->at * 1103515245U + 12345U;
    if (rig->at >> 16 & 7)
        return;
    rig_command(rig, faults[(rig->at >> 20) % (sizeof faults / sizeof *faults)]);
}

static void in_a_storm_the_books_are_right(void **state)
{
    (void)state;
    unsigned results[RECORD_RESULT_COUNT] = {0}, failed = 0;

    for (unsigned seed = 1; seed <= 300; seed++) {
        struct rig *rig = rig_new("xt=1", NULL);
        struct edit_wish wish = rig_wish(45, seed % 2);
        rig->at = seed;
        rig->tap = storm;
        struct edit *edit = rig_open(rig, "XT1", 1138);
        if (edit_state(edit) == EDIT_READY && rig_check(edit, 45, wish.flash).status == XC_OK) {
            assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
            run_until_done(rig, edit);
            assert_int_equal(edit_state(edit), EDIT_DONE);
            results[edit_result(edit)]++;
        } else {
            failed++;
        }
        const struct edit_device *devices;
        struct record record;
        size_t recorded = rig_records(rig, &record, 1);
        unsigned busy = 0;
        // Each busy answer allows one more.
        struct gateway_statistics statistics;
        gateway_statistics(rig->gateway, &statistics);
        busy = (unsigned)statistics.busy;
        assert_true(rig->write_count <= 1 + busy);
        assert_true(rig->write_count == 0 || recorded == 1);
        if (recorded == 1) {
            edit_devices(edit, &devices);
            assert_int_equal(record.result, devices[0].result);
            if (record.result == RECORD_WRITTEN && wish.flash && record.read_back == 45)
                assert_true(rig_flash(rig, 101, 1138) == 45);
            if (record.result == RECORD_NOT_SENT)
                assert_int_equal(rig->write_count, 0);
        }
        edit_close(edit);
        rig_free(rig);
    }
    // It was one.
    assert_true(failed > 5 && results[RECORD_WRITTEN] > 50 && results[RECORD_UNKNOWN] > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_lost_answer_only_makes_the_write_unknown),
        cmocka_unit_test(a_look_without_an_answer_stops_everything),
        cmocka_unit_test(a_connection_lost_at_each_step),
        cmocka_unit_test(a_write_that_was_lost_is_unknown),
        cmocka_unit_test(what_was_there_before_proves_nothing),
        cmocka_unit_test(late_answers_are_not_waited_for),
        cmocka_unit_test(errors_are_sent_once_and_told),
        cmocka_unit_test(a_malformed_answer_leaves_it_unknown),
        cmocka_unit_test(only_busy_is_tried_again),
        cmocka_unit_test(a_family_that_was_busy_has_done_nothing),
        cmocka_unit_test(a_connection_lost_while_waiting_is_looked_into_on_the_next),
        cmocka_unit_test(what_another_installation_has_proves_nothing),
        cmocka_unit_test(another_gateway_proves_nothing_either),
        cmocka_unit_test(a_line_that_stays_down_is_not_waited_for_forever),
        cmocka_unit_test(without_a_line_nothing_is_sent_later),
        cmocka_unit_test(a_connection_lost_between_the_last_look_and_the_sending),
        cmocka_unit_test(a_connection_lost_while_the_line_settles),
        cmocka_unit_test(in_a_storm_the_books_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
