// SPDX-License-Identifier: MIT
// batch: several changes as one plan, looked at, written one after the other, tried again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "edit_rig.h"
#include "plant/batch.h"

static void add(struct rig *rig, struct batch *batch, const char *name, unsigned id, double number)
{
    struct target target = rig_target(name);
    char error[256];

    (void)rig;
    if (batch_add(batch, &target, catalogue_find(target.family, id), number, error, sizeof error) !=
        XC_OK)
        fail_msg("%s", error);
}

static void run_to(struct rig *rig, struct batch *batch, enum batch_phase phase)
{
    for (int i = 0; i < 1200 && batch_phase(batch) != phase; i++)
        rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(batch_phase(batch), phase);
}

static struct batch_totals totals_of(const struct batch *batch)
{
    struct batch_totals totals;

    batch_totals(batch, &totals);
    return totals;
}

static void a_plan_is_looked_at_before_anything_is_written(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 60);   // as it is
    add(rig, batch, "XT2", 1140, 100);  // too big
    add(rig, batch, "XT2", 1124, 0);    // stops it
    add(rig, batch, "XT3", 1138, 45);   // there is none
    add(rig, batch, "XT1", 1140, 54.4); // as it is, but for how devices keep it
    assert_int_equal(batch_phase(batch), BATCH_ADDING);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    assert_int_equal(rig->write_count, 0);

    struct batch_totals totals = totals_of(batch);
    assert_int_equal(totals.all, 6);
    assert_int_equal(totals.looked, 6);
    assert_int_equal(totals.allowed, 2);
    assert_int_equal(totals.same, 2);
    assert_int_equal(totals.refused, 2);
    assert_int_equal(totals.dangerous, 1);
    assert_true(batch_item(batch, 0)->old == 60);
    assert_int_equal(batch_item(batch, 1)->state, ITEM_SAME);
    assert_int_equal(batch_item(batch, 2)->state, ITEM_REFUSED);
    assert_non_null(strstr(batch_item(batch, 2)->text, "above this device's maximum"));
    assert_non_null(strstr(batch_item(batch, 4)->text, "there is no XT3"));
    assert_null(batch_item(batch, 6));
    // What has to be known before saying yes.
    assert_true(batch_item(batch, 3)->warned);
    assert_string_equal(batch_item(batch, 3)->text,
                        datapoint_effect_reason(catalogue_find(FAMILY_XT, 1124)));
    assert_false(batch_item(batch, 0)->warned);

    batch_write(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 2);
    totals = totals_of(batch);
    assert_int_equal(totals.written, 2);
    assert_int_equal(totals.failed + totals.unknown, 0);
    assert_true(rig_flash(rig, 101, 1138) == 45);
    assert_true(rig_flash(rig, 102, 1124) == 0);
    batch_free(batch);
    rig_free(rig);
}

// Floating can't be above absorption, so the order matters; what was refused comes once more.
static void what_is_refused_is_tried_once_more_at_the_end(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    rig_command(rig, "deny XT1:1138 0x28 1");
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT1", 1107, 20);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    batch_write(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 3);
    assert_int_equal(rig->writes[0].id, 1138);
    assert_int_equal(rig->writes[1].id, 1107);
    assert_int_equal(rig->writes[2].id, 1138);
    assert_int_equal(totals_of(batch).written, 2);
    batch_free(batch);

    // Only once, and not at all when nothing else has changed meanwhile.
    rig_command(rig, "deny XT1:1138 0x28");
    batch = batch_new(rig->plant, true, NULL, NULL);
    add(rig, batch, "XT1", 1138, 50);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    batch_write(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 4);
    assert_int_equal(batch_item(batch, 0)->result, RECORD_REFUSED);
    batch_free(batch);
    rig_free(rig);
}

static void an_unknown_outcome_is_not_tried_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct batch *batch = batch_new(rig->plant, false, NULL, NULL);

    rig_command(rig, "mute XT1:1138");
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT1", 1107, 20);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    batch_write(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 2);
    assert_int_equal(totals_of(batch).unknown, 1);
    assert_int_equal(totals_of(batch).written, 1);
    batch_free(batch);
    rig_free(rig);
}

static void a_stop_leaves_the_rest_unwritten(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);
    struct record records[8];

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    add(rig, batch, "XT3", 1138, 45);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    batch_write(batch);
    rig_run(rig, 50 * LOOP_MS);
    batch_stop(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(totals_of(batch).written, 1);
    assert_int_equal(totals_of(batch).allowed, 2);
    batch_free(batch);

    // Forgotten while one is under way: that one is recorded all the same.
    batch = batch_new(rig->plant, true, NULL, NULL);
    add(rig, batch, "XT2", 1138, 45);
    add(rig, batch, "XT3", 1138, 45);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    batch_write(batch);
    rig_run(rig, 50 * LOOP_MS);
    batch_free(batch);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig->write_count, 2);
    assert_int_equal(rig_records(rig, records, 8), 2);
    assert_int_equal(records[1].result, RECORD_WRITTEN);
    rig_free(rig);
}

static void what_has_changed_since_it_was_shown_is_left_alone(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    rig_command(rig, "set XT1 1138 50");
    batch_write(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(batch_item(batch, 0)->result, RECORD_NOT_SENT);
    assert_int_equal(batch_item(batch, 1)->result, RECORD_WRITTEN);
    batch_free(batch);
    rig_free(rig);
}

static void what_is_worth_knowing_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct batch *batch = batch_new(rig->plant, false, NULL, NULL);

    add(rig, batch, "XT1", 1140, 54.25);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    assert_false(batch_item(batch, 0)->warned);
    assert_non_null(strstr(batch_item(batch, 0)->text, "not a multiple of the step"));
    batch_free(batch);
    rig_free(rig);
}

static void another_installation_is_told(void **state)
{
    (void)state;
    const struct plant_options options = {.site_named = true};
    struct rig *rig = rig_new("xt=1", &options);
    struct batch *batch = batch_new(rig->plant, false, NULL, NULL);
    struct record elsewhere = {.site = "emosson",
                               .guid = "00000000000000000000000000000001",
                               .device = "XT1",
                               .key = "00000001",
                               .id = 1138,
                               .old = 60,
                               .new = 50};

    assert_int_equal(records_begin(rig->records, &elsewhere, 1), XC_OK);
    add(rig, batch, "XT1", 1138, 45);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    assert_int_equal(totals_of(batch).other_site, 1);
    assert_true(batch_item(batch, 0)->warned);
    assert_non_null(strstr(batch_item(batch, 0)->text, "went to another installation"));
    batch_free(batch);
    rig_free(rig);
}

// Takes a device away, and has the plant find out.
static void lose(struct rig *rig, const char *name)
{
    struct target target = rig_target(name);
    const struct plant_ref ref = {.family = target.family, .index = target.index, .id = 3000};
    struct subscription *subscription =
        plant_subscribe(rig->plant, &ref, 1, LOOP_S, PRIORITY_SCREEN);
    char command[32];

    snprintf(command, sizeof command, "gone %s", name);
    rig_command(rig, command);
    for (int i = 0; i < 600; i++) {
        const struct plant_device *device = plant_device(rig->plant, target.family, target.index);
        if (device->presence == DEVICE_GONE)
            break;
        rig_run(rig, 100 * LOOP_MS);
    }
    plant_unsubscribe(rig->plant, subscription);
}

static void a_device_that_has_gone_is_not_asked(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    rig_discover(rig);
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    add(rig, batch, "XT3", 1138, 45);
    lose(rig, "XT3");
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    assert_int_equal(totals_of(batch).allowed, 2);
    assert_int_equal(batch_item(batch, 2)->state, ITEM_REFUSED);
    assert_string_equal(batch_item(batch, 2)->text, "XT3 doesn't answer any more");
    // The same when it goes after the look.
    lose(rig, "XT2");
    batch_write(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(batch_item(batch, 0)->result, RECORD_WRITTEN);
    assert_int_equal(batch_item(batch, 1)->state, ITEM_REFUSED);
    assert_string_equal(batch_item(batch, 1)->text, "XT2 doesn't answer any more");
    batch_free(batch);
    rig_free(rig);
}

static void only_single_devices_and_parameters_are_taken(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);
    struct target all = rig_target("XT"), one = rig_target("XT1");
    char error[256];

    assert_int_equal(
        batch_add(batch, &all, catalogue_find(FAMILY_XT, 1138), 45, error, sizeof error), XC_USAGE);
    assert_int_equal(
        batch_add(batch, &one, catalogue_find(FAMILY_XT, 3000), 45, error, sizeof error), XC_USAGE);
    assert_int_equal(batch_count(batch), 0);
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
    batch_free(batch);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_is_looked_at_before_anything_is_written),
        cmocka_unit_test(what_is_refused_is_tried_once_more_at_the_end),
        cmocka_unit_test(an_unknown_outcome_is_not_tried_again),
        cmocka_unit_test(a_stop_leaves_the_rest_unwritten),
        cmocka_unit_test(what_has_changed_since_it_was_shown_is_left_alone),
        cmocka_unit_test(what_is_worth_knowing_is_told),
        cmocka_unit_test(another_installation_is_told),
        cmocka_unit_test(a_device_that_has_gone_is_not_asked),
        cmocka_unit_test(only_single_devices_and_parameters_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
