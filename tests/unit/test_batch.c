// SPDX-License-Identifier: MIT
// batch: several changes as one plan, looked at, written one after the other, tried again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
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
    add(rig, batch, "XT3", 1138, 45);   // there is none
    add(rig, batch, "XT1", 1140, 54.4); // as it is, but for how devices keep it
    add(rig, batch, "XT2", 1124, 0);    // stops it
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
    assert_non_null(strstr(batch_item(batch, 3)->text, "there is no XT3"));
    assert_null(batch_item(batch, 6));
    // What has to be known before saying yes.
    assert_true(batch_item(batch, 5)->warned);
    assert_string_equal(batch_item(batch, 5)->text,
                        datapoint_effect_reason(catalogue_find(FAMILY_XT, 1124)));
    assert_false(batch_item(batch, 0)->warned);
    assert_false(totals.other_site);

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

static void look(struct rig *rig, struct batch *batch)
{
    batch_look(batch);
    run_to(rig, batch, BATCH_READY);
}

static void write_all(struct rig *rig, struct batch *batch)
{
    batch_write(batch);
    run_to(rig, batch, BATCH_ENDED);
}

static void assert_item(const struct batch *batch, size_t i, enum batch_state state,
                        const char *says)
{
    assert_int_equal(batch_item(batch, i)->state, state);
    if (!strstr(batch_item(batch, i)->text, says))
        fail_msg("expected '%s', got '%s'", says, batch_item(batch, i)->text);
}

// --- The order -----------------------------------------------------------------------------------

static void what_is_dangerous_comes_behind_the_rest(void **state)
{
    static const struct {
        const char *device;
        unsigned id;
        double number;
    } wanted[] = {{"XT1", 1550, 0},   {"XT1", 1124, 0},  {"XT1", 1138, 45}, {"XCOM", 5096, 120},
                  {"XT2", 1286, 225}, {"XT2", 1138, 45}, {"XCOM", 5000, 2}};
    static const unsigned order[] = {1138, 1138, 5000, 1124, 1286, 1550, 5096};

    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        add(rig, batch, wanted[i].device, wanted[i].id, wanted[i].number);
    look(rig, batch);
    assert_int_equal(totals_of(batch).allowed, 7);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_int_equal(datapoint_id(batch_item(batch, i)->datapoint), order[i]);
    write_all(rig, batch);
    // With 1550 = no nothing that came behind it would have been stored.
    assert_int_equal(totals_of(batch).written, 7);
    assert_int_equal(rig->write_count, 7);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_int_equal(rig->writes[i].id, order[i]);
    batch_free(batch);
    rig_free(rig);
}

// --- Limits that depend on other settings --------------------------------------------------------

// Floating can't be above absorption, and stands before it.
static void what_is_beyond_a_limit_for_now_is_tried_again_at_the_end(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2,limits=device", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1140, 60);
    add(rig, batch, "XT1", 1156, 62);
    add(rig, batch, "XT1", 1138, 1000); // whatever else is written
    add(rig, batch, "XT2", 1140, 60);   // nothing else is
    // A chain: none of the first two is possible before the one behind it.
    add(rig, batch, "XT1", 1109, 50);
    add(rig, batch, "XT1", 1108, 51);
    add(rig, batch, "XT1", 1110, 52);
    look(rig, batch);
    assert_item(batch, 0, ITEM_REFUSED, "above this device's maximum");
    assert_item(batch, 0, ITEM_REFUSED, "; tried again at the end");
    assert_true(batch_item(batch, 0)->later && batch_item(batch, 2)->later);
    assert_false(batch_item(batch, 3)->later);
    assert_null(strstr(batch_item(batch, 3)->text, "tried again"));
    assert_int_equal(totals_of(batch).allowed, 2);
    assert_int_equal(totals_of(batch).refused, 5);
    assert_int_equal(totals_of(batch).later, 4);
    // What is dangerous is told as such before anybody says yes, also when it can only come later.
    assert_int_equal(totals_of(batch).dangerous, 3);
    assert_item(batch, 5, ITEM_REFUSED, datapoint_effect_reason(catalogue_find(FAMILY_XT, 1108)));
    write_all(rig, batch);
    assert_true(rig_flash(rig, 101, 1140) == 60);
    assert_true(rig_flash(rig, 101, 1156) == 62);
    assert_item(batch, 0, ITEM_DONE, "XT1 has stored 60.0 V");
    assert_item(batch, 2, ITEM_REFUSED, "above this device's maximum");
    assert_null(strstr(batch_item(batch, 2)->text, "tried again"));
    // Once more only: 1109 stands before 1108.
    assert_item(batch, 4, ITEM_REFUSED, "above this device's maximum");
    assert_int_equal(batch_item(batch, 5)->result, RECORD_WRITTEN);
    assert_int_equal(rig->write_count, 4);
    batch_free(batch);
    rig_free(rig);
}

static void what_has_nothing_to_hope_for_is_not_tried_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2,limits=device", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    // The only other one of its device is refused too.
    rig_command(rig, "deny XT1:1156 0x25");
    add(rig, batch, "XT1", 1140, 60);
    add(rig, batch, "XT1", 1156, 62);
    add(rig, batch, "XT2", 1138, 45);
    look(rig, batch);
    assert_item(batch, 0, ITEM_REFUSED, "maximum, 57.6016 V; tried again at the end");
    write_all(rig, batch);
    assert_int_equal(rig->write_count, 2);
    assert_int_equal(batch_item(batch, 1)->result, RECORD_REFUSED);
    assert_item(batch, 0, ITEM_REFUSED, "maximum, 57.6016 V");
    assert_null(strstr(batch_item(batch, 0)->text, "tried again"));
    batch_free(batch);
    rig_free(rig);
}

static void a_value_that_came_meanwhile_is_not_written_over(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    // Both are refused in the first round; then somebody changes one, and the other one as wanted.
    rig_command(rig, "deny XT1:1138 0x28 1");
    rig_command(rig, "deny XT1:1107 0x28 1");
    rig_command(rig, "late 3 2s"); // nothing hurries
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT1", 1107, 20);
    add(rig, batch, "XT1", 1139, -4);
    look(rig, batch);
    batch_write(batch);
    for (int i = 0; i < 1200 && rig->write_count < 3; i++)
        rig_run(rig, 10 * LOOP_MS);
    rig_command(rig, "set XT1 1138 50");
    rig_command(rig, "set XT1 1107 20");
    run_to(rig, batch, BATCH_ENDED);
    assert_item(batch, 0, ITEM_REFUSED, "meanwhile XT1 has changed from 60 A to 50 A");
    assert_int_equal(batch_item(batch, 1)->state, ITEM_SAME);
    assert_int_equal(rig->write_count, 3);
    assert_true(rig_flash(rig, 101, 1138) == 50);
    batch_free(batch);
    rig_free(rig);
}

static void what_is_worth_knowing_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct batch *batch = batch_new(rig->plant, false, NULL, NULL);

    add(rig, batch, "XT1", 1107, 20.3);
    add(rig, batch, "XT1", 1140, 54);
    look(rig, batch);
    assert_false(batch_item(batch, 0)->warned);
    assert_non_null(strstr(batch_item(batch, 0)->text, "not a multiple of the step"));
    assert_true(batch_item(batch, 1)->warned);
    assert_non_null(strstr(batch_item(batch, 1)->text, "too high, it is overcharged"));
    batch_free(batch);
    rig_free(rig);
}

// --- Who it is -----------------------------------------------------------------------------------

// Over a new connection the plant finds out that its devices have other numbers.
static void renumber(struct rig *rig)
{
    rig_command(rig, "swap XT1 XT2");
    rig_command(rig, "disconnect 1s");
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(plant_discovery(rig->plant).state, DISCOVERY_DONE);
}

static void settings_are_for_a_device_and_not_for_its_number(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    rig_discover(rig);
    rig_watch(rig, FAMILY_XT, 3);
    uint32_t fid = plant_device(rig->plant, FAMILY_XT, 1)->fid;
    // Before it is looked at …
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT3", 1138, 45);
    renumber(rig);
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 2)->fid, fid);
    look(rig, batch);
    assert_item(batch, 0, ITEM_REFUSED, "XT1 is another device than before");
    assert_int_equal(batch_item(batch, 1)->state, ITEM_ALLOWED);
    batch_free(batch);
    // … after that …
    batch = batch_new(rig->plant, true, NULL, NULL);
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT3", 1138, 45);
    look(rig, batch);
    renumber(rig);
    write_all(rig, batch);
    assert_item(batch, 0, ITEM_DONE, "XT1 is another device than before");
    assert_int_equal(batch_item(batch, 0)->result, RECORD_NOT_SENT);
    assert_int_equal(batch_item(batch, 1)->result, RECORD_WRITTEN);
    assert_int_equal(rig->write_count, 1);
    batch_free(batch);
    // … and when it is looked at once more.
    batch = batch_new(rig->plant, true, NULL, NULL);
    rig_command(rig, "deny XT1:1107 0x28 1");
    add(rig, batch, "XT1", 1107, 20);
    add(rig, batch, "XT1", 1139, -4);
    look(rig, batch);
    batch_write(batch);
    for (int i = 0; i < 12000 && totals_of(batch).written < 1; i++)
        rig_run(rig, LOOP_MS);
    rig_command(rig, "swap XT1 XT2");
    run_to(rig, batch, BATCH_ENDED);
    assert_item(batch, 0, ITEM_DONE, "XT1 is another device than before");
    assert_int_equal(batch_item(batch, 0)->result, RECORD_NOT_SENT);
    assert_int_equal(rig->write_count, 3);
    batch_free(batch);
    rig_free(rig);
}

static void another_installation_ends_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    add(rig, batch, "XT3", 1138, 45);
    look(rig, batch);
    rig_exchange(rig);
    write_all(rig, batch);
    assert_int_equal(rig->write_count, 0);
    assert_item(batch, 0, ITEM_DONE, "another installation answers");
    assert_int_equal(totals_of(batch).failed, 1);
    assert_int_equal(totals_of(batch).allowed, 2);
    batch_free(batch);
    rig_free(rig);
}

static void another_installation_under_the_sites_name_is_told(void **state)
{
    (void)state;
    const struct plant_options named = {.site = "emosson", .site_named = true};
    struct rig *rig = rig_new("xt=1", &named);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);
    struct record record;

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, true), RECORD_WRITTEN);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    memset(record.guid, '0', 32);
    assert_int_equal(records_begin(rig->records, &record, 1), XC_OK);
    add(rig, batch, "XT1", 1138, 60);
    look(rig, batch);
    assert_true(totals_of(batch).other_site);
    assert_true(batch_item(batch, 0)->warned);
    batch_free(batch);
    rig_free(rig);
}

// --- What is read ---

static unsigned fid_reads; // of any device

static void count_fid_reads(struct rig *rig, const struct scom_frame *request)
{
    (void)rig;
    fid_reads += request->object_id == 3156;
}

static void who_a_device_is_is_not_read_for_each_setting(void **state)
{
    static const uint16_t ids[] = {1138, 1107, 1139, 1140, 1143, 1156};

    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    rig->tap = count_fid_reads;
    rig_discover(rig);
    rig_run(rig, 60 * LOOP_S); // and what else the plant wants to know of them
    for (unsigned slow = 0; slow < 2; slow++) {
        struct batch *batch = batch_new(rig->plant, true, NULL, NULL);
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
            add(rig, batch, "XT1", ids[i], 48);
        add(rig, batch, "XT1", 1108, 48); // dangerous: after XT2
        add(rig, batch, "XT2", 1138, 48);
        rig_command(rig, slow ? "late always 1800ms" : "late never");
        fid_reads = rig->reads = 0;
        look(rig, batch);
        // 12 questions for the first setting of a device, 5 for the others; and again after a
        // minute.
        assert_int_equal(fid_reads, slow ? 3 : 2);
        assert_in_range(rig->reads, slow ? 61 : 54, slow ? 64 : 55);
        rig_command(rig, "late never");
        batch_free(batch);
    }
    rig_free(rig);
}

static void what_is_remembered_of_another_device_writes_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT1", 1107, 20);
    add(rig, batch, "XT1", 1139, -4);
    batch_look(batch);
    for (int i = 0; i < 12000 && totals_of(batch).looked < 1; i++)
        rig_run(rig, LOOP_MS);
    rig_command(rig, "swap XT1 XT2");
    run_to(rig, batch, BATCH_READY);
    assert_int_equal(totals_of(batch).allowed, 3);
    write_all(rig, batch);
    for (size_t i = 0; i < 3; i++)
        assert_item(batch, i, ITEM_DONE, "XT1 is another device than before");
    assert_int_equal(rig->write_count, 0);
    batch_free(batch);

    // Over another connection nothing is remembered.
    batch = batch_new(rig->plant, true, NULL, NULL);
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT1", 1107, 20);
    batch_look(batch);
    for (int i = 0; i < 12000 && totals_of(batch).looked < 1; i++)
        rig_run(rig, LOOP_MS);
    rig_command(rig, "swap XT1 XT2");
    rig_command(rig, "disconnect 1s");
    run_to(rig, batch, BATCH_READY);
    assert_item(batch, 1, ITEM_REFUSED, "XT1 is another device than before");
    batch_free(batch);
    rig_free(rig);
}

// --- Lines and devices that come and go ----------------------------------------------------------

static void a_lost_connection_is_waited_for(void **state)
{
    (void)state;
    // Before, at, and after each of the requests of a change.
    for (int64_t after = 0; after < 400; after += 20) {
        struct rig *rig = rig_new("xt=3", NULL);
        struct batch *batch = batch_new(rig->plant, true, NULL, NULL);
        add(rig, batch, "XT1", 1138, 45);
        add(rig, batch, "XT2", 1138, 45);
        add(rig, batch, "XT3", 1138, 45);
        look(rig, batch);
        batch_write(batch);
        rig_run(rig, after * LOOP_MS);
        rig_command(rig, "disconnect 20s");
        rig_run(rig, 10 * LOOP_S);
        assert_int_equal(batch_phase(batch), BATCH_WRITING);
        run_to(rig, batch, BATCH_ENDED);
        assert_int_equal(totals_of(batch).written, 3);
        assert_int_equal(rig->write_count, 3);
        batch_free(batch);
        rig_free(rig);
    }
}

static void a_lost_connection_is_not_waited_for_once_it_is_stopped(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    look(rig, batch);
    rig_command(rig, "disconnect 20m");
    rig_run(rig, LOOP_S);
    batch_write(batch);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(batch_phase(batch), BATCH_WRITING);
    batch_stop(batch);
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(totals_of(batch).allowed, 2);
    assert_int_equal(totals_of(batch).under_way, 0);
    batch_free(batch);
    rig_free(rig);

    // The other way round.
    rig = rig_new("xt=2", NULL);
    batch = batch_new(rig->plant, true, NULL, NULL);
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    look(rig, batch);
    batch_write(batch);
    rig_run(rig, 10 * LOOP_MS);
    batch_stop(batch);
    rig_command(rig, "disconnect 20m");
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(rig->write_count, 0);
    assert_int_equal(batch_item(batch, 0)->result, RECORD_NOT_SENT);
    batch_free(batch);
    rig_free(rig);
}

static void what_is_under_way_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    look(rig, batch);
    assert_int_equal(totals_of(batch).under_way, 0);
    rig_command(rig, "mute XT1:1138");
    batch_write(batch);
    for (int i = 0; i < 1200 && rig->write_count < 1; i++)
        rig_run(rig, 10 * LOOP_MS);
    rig_command(rig, "disconnect 20m");
    batch_stop(batch);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(batch_phase(batch), BATCH_WRITING);
    assert_int_equal(totals_of(batch).under_way, 1);
    assert_int_equal(batch_item(batch, 0)->result, RECORD_PENDING);
    assert_int_equal(batch_item(batch, 1)->result, RECORD_NOT_SENT);
    batch_free(batch);
    rig_free(rig);
}

static void a_device_that_has_gone_silent_is_not_waited_for_again_and_again(void **state)
{
    static const uint16_t ids[] = {1138, 1107, 1139, 1140, 1143, 1156};

    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);
    rig_command(rig, "missing silence");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        add(rig, batch, "XT2", ids[i], 48);
    add(rig, batch, "XT3", 1138, 45);
    rig_command(rig, "gone XT2");
    int64_t began = loop_now(rig->loop);
    look(rig, batch);
    assert_true(loop_now(rig->loop) - began < 2 * 6 * LOOP_S + 5 * LOOP_S);
    assert_item(batch, 0, ITEM_REFUSED, "no answer when XT2 was asked");
    assert_item(batch, 1, ITEM_REFUSED, "no answer when XT2 was asked");
    assert_item(batch, 2, ITEM_REFUSED, "XT2 doesn't answer any more");
    assert_int_equal(batch_item(batch, 6)->state, ITEM_ALLOWED);
    batch_free(batch);

    // It goes while it is written to, and comes back: then it is tried once more.
    rig_command(rig, "back XT2");
    batch = batch_new(rig->plant, true, NULL, NULL);
    add(rig, batch, "XT2", 1138, 45);
    add(rig, batch, "XT2", 1107, 20);
    add(rig, batch, "XT2", 1139, -4);
    add(rig, batch, "XT3", 1138, 45);
    look(rig, batch);
    rig_command(rig, "gone XT2");
    batch_write(batch);
    for (int i = 0; i < 1200 && rig->write_count < 1; i++)
        rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(rig->writes[0].address, 103);
    rig_command(rig, "back XT2");
    run_to(rig, batch, BATCH_ENDED);
    assert_int_equal(totals_of(batch).written, 4);
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
    look(rig, batch);
    assert_int_equal(totals_of(batch).allowed, 2);
    assert_int_equal(batch_item(batch, 2)->state, ITEM_REFUSED);
    assert_string_equal(batch_item(batch, 2)->text, "XT3 doesn't answer any more");
    // The same when it goes after the look.
    lose(rig, "XT2");
    write_all(rig, batch);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(batch_item(batch, 0)->result, RECORD_WRITTEN);
    assert_int_equal(batch_item(batch, 1)->state, ITEM_REFUSED);
    assert_string_equal(batch_item(batch, 1)->text, "XT2 doesn't answer any more");
    batch_free(batch);
    rig_free(rig);
}

// A value that is never told says nothing about the others.
static void a_silent_value_is_no_silent_device(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    rig_command(rig, "error 0x03 XT1:1138");
    rig_command(rig, "error 0x03 XT1:1107");
    rig_command(rig, "error 0x02 XT1:1139");
    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT1", 1107, 20);
    add(rig, batch, "XT1", 1139, -4);
    add(rig, batch, "XT1", 1140, 54);
    look(rig, batch);
    assert_int_equal(totals_of(batch).refused, 3);
    assert_int_equal(batch_item(batch, 3)->state, ITEM_ALLOWED);
    batch_free(batch);
    rig_free(rig);
}

static void what_can_not_be_recorded_ends_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    struct batch *batch = batch_new(rig->plant, true, NULL, NULL);

    add(rig, batch, "XT1", 1138, 45);
    add(rig, batch, "XT2", 1138, 45);
    add(rig, batch, "XT3", 1138, 45);
    look(rig, batch);
    rig_break_records(rig);
    write_all(rig, batch);
    assert_int_equal(rig->write_count, 0);
    assert_item(batch, 0, ITEM_DONE, "it can't be recorded");
    assert_int_equal(totals_of(batch).allowed, 2);
    batch_free(batch);
    rig_free(rig);
}

// --- What is taken -------------------------------------------------------------------------------

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
        cmocka_unit_test(what_is_dangerous_comes_behind_the_rest),
        cmocka_unit_test(what_is_beyond_a_limit_for_now_is_tried_again_at_the_end),
        cmocka_unit_test(what_has_nothing_to_hope_for_is_not_tried_again),
        cmocka_unit_test(a_value_that_came_meanwhile_is_not_written_over),
        cmocka_unit_test(settings_are_for_a_device_and_not_for_its_number),
        cmocka_unit_test(another_installation_ends_it),
        cmocka_unit_test(another_installation_under_the_sites_name_is_told),
        cmocka_unit_test(who_a_device_is_is_not_read_for_each_setting),
        cmocka_unit_test(what_is_remembered_of_another_device_writes_nothing),
        cmocka_unit_test(a_lost_connection_is_waited_for),
        cmocka_unit_test(a_lost_connection_is_not_waited_for_once_it_is_stopped),
        cmocka_unit_test(what_is_under_way_is_told),
        cmocka_unit_test(a_device_that_has_gone_silent_is_not_waited_for_again_and_again),
        cmocka_unit_test(a_device_that_has_gone_is_not_asked),
        cmocka_unit_test(a_silent_value_is_no_silent_device),
        cmocka_unit_test(what_can_not_be_recorded_ends_it),
        cmocka_unit_test(only_single_devices_and_parameters_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
