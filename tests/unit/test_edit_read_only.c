// SPDX-License-Identifier: MIT
// Started read-only, no path sends a write: proven by every frame that reaches the far end of the
// link, whatever plant, edit, keep and gateway are asked for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "edit_rig.h"

static const struct gateway_options gateway_read_only = {.read_only = true};
static const struct plant_options plant_read_only = {.read_only = true};
static const struct plant_options plant_writes = {.read_only = false};

// Messages move the gateway's pointer and clear its flag: not even those.
static void only_pure_reads(struct rig *rig, const struct scom_frame *request)
{
    assert_int_equal(request->service_id, SCOM_READ);
    assert_int_not_equal(request->object_type, SCOM_MESSAGE);
    rig->at++;
}

static struct rig *start(const struct plant_options *options)
{
    struct rig *rig = rig_new_over("xt=3,vt=2,vs=1,bsp", options, &gateway_read_only);

    rig->tap = only_pure_reads;
    rig_discover(rig);
    rig_watch(rig, FAMILY_XT, 3);
    return rig;
}

static void end(struct rig *rig)
{
    assert_int_equal(rig->write_count, 0);
    assert_true(rig->at > 20); // reads went on
    rig_free(rig);
}

struct heard {
    unsigned calls;
    enum xc_status status;
};

static void on_answer(void *arg, const struct answer *answer)
{
    struct heard *heard = arg;

    heard->calls++;
    heard->status = answer->status;
}

static void the_gateway_refuses_every_write(void **state)
{
    (void)state;
    static const uint32_t addresses[] = {0, 100, 101, 191, 300, 301, 501, 600, 601, 700, 701};
    struct rig *rig = start(&plant_writes);

    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        for (enum part part = PART_VALUE; part < PART_COUNT; part++)
            for (enum priority priority = PRIORITY_PERSON; priority < PRIORITY_COUNT; priority++) {
                const struct question question = {.kind = QUESTION_WRITE,
                                                  .priority = priority,
                                                  .address = addresses[i],
                                                  .id = 1138,
                                                  .part = part,
                                                  .format = FORMAT_FLOAT,
                                                  .number = 45};
                struct heard heard = {0};
                gateway_ask(rig->gateway, &question, on_answer, &heard);
                rig_run(rig, 100 * LOOP_MS);
                assert_int_equal(heard.calls, 1);
                assert_int_equal(heard.status, XC_READ_ONLY);
            }
    const struct question message = {.kind = QUESTION_MESSAGE};
    struct heard heard = {0};
    gateway_ask(rig->gateway, &message, on_answer, &heard);
    rig_run(rig, LOOP_S);
    assert_int_equal(heard.status, XC_READ_ONLY);
    end(rig);
}

// Everything that could make somebody write.
static void live_through_everything(struct rig *rig)
{
    static const char *const events[] = {"reset XT1",      "reset XCOM",   "disconnect 2s",
                                         "message 16 XT1", "swap XT1 XT2", "gone VT2",
                                         "back VT2"};

    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        rig_command(rig, events[i]);
        rig_run(rig, 60 * LOOP_S);
    }
}

static void the_plant_opens_no_edit_and_keeps_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"XT1", "XT", "L1"};
    struct rig *rig = start(&plant_read_only);
    const struct datapoint *datapoint = catalogue_find(FAMILY_XT, 1138);
    char error[200];
    unsigned n;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct target target = rig_target(names[i]);
        struct edit *edit;
        error[0] = '\0';
        assert_int_equal(
            edit_open(rig->plant, &target, datapoint, NULL, NULL, &edit, error, sizeof error),
            XC_READ_ONLY);
        assert_null(edit);
        assert_non_null(strstr(error, "read-only"));
        assert_int_equal(keep_start(rig->plant, &target, datapoint, 45, 60 * LOOP_S, false, &n,
                                    error, sizeof error),
                         XC_READ_ONLY);
        assert_int_equal(keep_start(rig->plant, &target, datapoint, 45, 60 * LOOP_S, true, &n,
                                    error, sizeof error),
                         XC_READ_ONLY);
    }
    live_through_everything(rig);
    end(rig);
}

// Were the plant not to know it, the gateway would.
static void what_gets_past_the_plant_ends_at_the_gateway(void **state)
{
    (void)state;
    struct rig *rig = start(&plant_writes);
    struct target target = rig_target("XT2");
    struct record record;
    char error[200];
    unsigned n;

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_NOT_SENT);
    assert_non_null(strstr(edit_text(edit), "read-only"));
    assert_int_equal(edit_failure(edit), XC_READ_ONLY);
    edit_close(edit);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    assert_int_equal(record.result, RECORD_NOT_SENT);
    assert_int_equal(rig_change(rig, "XT", 1138, 45, true), RECORD_NOT_SENT);
    assert_int_equal(keep_start(rig->plant, &target, catalogue_find(FAMILY_XT, 1138), 45,
                                20 * LOOP_S, false, &n, error, sizeof error),
                     XC_OK);
    live_through_everything(rig);
    end(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gateway_refuses_every_write),
        cmocka_unit_test(the_plant_opens_no_edit_and_keeps_nothing),
        cmocka_unit_test(what_gets_past_the_plant_ends_at_the_gateway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
