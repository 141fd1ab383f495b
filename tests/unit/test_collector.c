// SPDX-License-Identifier: MIT
// cmd: settings read through a plant into a backup, whatever the line and the devices do.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "catalogue/address.h"
#include "cmd/collector.h"
#include "plant_rig.h"

#define PATIENCE (600 * LOOP_S)

// FLOATs, for which the rig has values of their own.
static const uint16_t xt_settings[] = {1138, 1139, 1108, 1140, 1143, 0};
static const uint16_t vt_settings[] = {10002, 10005, 10009, 0};

struct scene {
    struct rig *rig;
    struct backup *backup;
    struct collector *collector;
};

static void open_scene(struct scene *scene, unsigned xt, unsigned vt)
{
    *scene = (struct scene){.rig = rig_new(xt, vt, 0, false, false), .backup = backup_new()};
    scene->rig->latency = 20 * LOOP_MS;
    rig_start(scene->rig, NULL);
    for (int64_t spent = 0; !rig_discovered(scene->rig); spent += LOOP_S) {
        assert_true(spent < PATIENCE);
        rig_run(scene->rig, LOOP_S);
    }
    collector_find(scene->rig->plant, NULL, 0, scene->backup);
}

static void want(struct scene *scene, enum family family, unsigned index, const uint16_t *ids)
{
    struct backup_device *device = backup_device(scene->backup, family, index);

    for (; *ids; ids++)
        backup_value(device, *ids)->state = BACKUP_UNREAD;
}

static void start(struct scene *scene, bool volts)
{
    rig_forget_requests(scene->rig);
    scene->collector = collector_new(scene->rig->loop, scene->rig->plant, scene->rig->gateway,
                                     scene->backup, volts);
}

// Goes on for a time; true when everything is read.
static bool work(struct scene *scene, int64_t time)
{
    int64_t until = loop_now(scene->rig->loop) + time;
    bool done = collector_work(scene->collector);

    while (!done && loop_now(scene->rig->loop) < until) {
        rig_run(scene->rig, LOOP_MS);
        done = collector_work(scene->collector);
    }
    return done;
}

static void close_scene(struct scene *scene)
{
    collector_free(scene->collector);
    rig_free(scene->rig);
    backup_free(scene->backup);
}

static const struct backup_value *value(const struct scene *scene, enum family family,
                                        unsigned index, unsigned id)
{
    return backup_value(backup_device(scene->backup, family, index), id);
}

static void assert_read(const struct scene *scene, enum family family, unsigned index,
                        const uint16_t *ids)
{
    for (; *ids; ids++) {
        const struct backup_value *v = value(scene, family, index, *ids);
        assert_int_equal(v->state, BACKUP_VALUE);
        assert_true(v->number == rig_value(device_address(family, index), *ids));
    }
}

static void assert_failed(const struct scene *scene, unsigned id, const char *reason)
{
    const struct backup_value *v = value(scene, FAMILY_XT, 1, id);

    assert_int_equal(v->state, BACKUP_FAILED);
    if (!strstr(v->reason, reason))
        fail_msg("expected '%s', got '%s'", reason, v->reason);
}

static size_t parameter_requests(const struct rig *rig)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->request_count; i++)
        count += rig->requests[i].object == SCOM_PARAMETER;
    return count;
}

// --- As it should be -----------------------------------------------------------------------------

static void each_value_is_asked_once_in_the_order_of_the_file(void **state)
{
    struct scene scene;
    size_t n = 0;

    (void)state;
    open_scene(&scene, 2, 1);
    want(&scene, FAMILY_XT, 1, xt_settings);
    want(&scene, FAMILY_XT, 2, xt_settings);
    want(&scene, FAMILY_VT, 1, vt_settings);
    start(&scene, false);
    int64_t began = loop_now(scene.rig->loop);
    assert_true(work(&scene, PATIENCE));
    // 13 questions of 20 ms; steps of 1 ms in between are the test's.
    assert_true(loop_now(scene.rig->loop) - began < 13 * 23 * LOOP_MS);
    assert_null(collector_problem(scene.collector));
    assert_read(&scene, FAMILY_XT, 1, xt_settings);
    assert_read(&scene, FAMILY_XT, 2, xt_settings);
    assert_read(&scene, FAMILY_VT, 1, vt_settings);
    assert_int_equal(scene.rig->request_count, 13);
    const struct backup_device *device = backup_device(scene.backup, FAMILY_XT, 1);
    for (size_t i = 0; i < device->value_count; i++)
        if (device->values[i].state == BACKUP_VALUE)
            assert_int_equal(scene.rig->requests[n++].id,
                             datapoint_id(device->values[i].datapoint));
    assert_int_equal(scene.rig->requests[12].address, 301);
    assert_int_equal(device->read, loop_wall(scene.rig->loop) / LOOP_S);
    assert_int_equal(device->fid, 0x1001);
    assert_string_equal(device->model, "XTM 4000-48");
    assert_string_equal(device->firmware, "1.6.74");
    close_scene(&scene);
}

static void devices_that_are_named_are_found_and_no_others(void **state)
{
    static const struct target named[] = {{TARGET_DEVICE, FAMILY_XT, 2}};
    const struct plant_options options = {.devices = named, .device_count = 1};
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct backup *backup = backup_new();

    (void)state;
    rig_start(rig, &options);
    rig_run(rig, 10 * LOOP_S);
    collector_find(rig->plant, named, 1, backup);
    assert_int_equal(backup->device_count, 1);
    assert_non_null(backup_device(backup, FAMILY_XT, 2));
    collector_find(rig->plant, NULL, 0, backup);
    assert_int_equal(backup->device_count, 2);
    assert_non_null(backup_device(backup, FAMILY_RCC, 1));
    backup_free(backup);
    rig_free(rig);
}

static void nominal_voltages_and_limits_are_read_where_wanted(void **state)
{
    static const uint16_t one[] = {1138, 0};
    struct scene scene;
    struct backup_range range;

    (void)state;
    open_scene(&scene, 2, 0);
    want(&scene, FAMILY_XT, 1, one);
    want(&scene, FAMILY_XT, 2, one);
    backup_want_ranges(scene.backup);
    rig_special(scene.rig, 101, 3126, 0, 230);
    rig_special(scene.rig, 102, 3126, SCOM_OBJECT_ID_NOT_FOUND, 0);
    rig_special(scene.rig, 101, 1139, SCOM_OBJECT_ID_NOT_FOUND, 0);
    start(&scene, true);
    assert_true(work(&scene, PATIENCE));
    const struct backup_device *device = backup_device(scene.backup, FAMILY_XT, 1);
    assert_true(device->battery_v == 48 && device->ac_v == 230);
    assert_true(isnan(backup_device(scene.backup, FAMILY_XT, 2)->ac_v));
    assert_true(backup_range(scene.backup, device, 1138, &range));
    assert_true(range.min == rig_value(101, 1138));
    assert_false(backup_range(scene.backup, device, 1139, &range));
    // The limits of one stand for both; those of options say nothing.
    assert_int_equal(rig_requests(scene.rig, 101, 1138), 3);
    assert_int_equal(rig_requests(scene.rig, 102, 1138), 1);
    assert_int_equal(rig_requests(scene.rig, 101, 1139), 1);
    assert_int_equal(rig_requests(scene.rig, 0, 1552), 0);
    assert_int_equal(rig_requests(scene.rig, 102, 3126), 1);
    close_scene(&scene);
}

// --- What devices say ----------------------------------------------------------------------------

static void what_is_refused_has_a_reason(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 1, 0);
    want(&scene, FAMILY_XT, 1, xt_settings);
    rig_special(scene.rig, 101, 1138, SCOM_OBJECT_ID_NOT_FOUND, 0);
    rig_special(scene.rig, 101, 1140, 0, (double)NAN);
    start(&scene, false);
    assert_true(work(&scene, PATIENCE));
    assert_failed(&scene, 1138, "(0x22)");
    assert_failed(&scene, 1140, "not a number");
    assert_int_equal(rig_requests(scene.rig, 101, 1138), 1);
    assert_int_equal(backup_count(scene.backup, BACKUP_VALUE), 3);
    close_scene(&scene);
}

static void a_passing_refusal_is_tried_again_once(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 1, 0);
    want(&scene, FAMILY_XT, 1, xt_settings);
    rig_special(scene.rig, 101, 1138, SCOM_READ_PROPERTY_FAILED, 0);
    rig_special(scene.rig, 101, 1140, SCOM_READ_PROPERTY_FAILED, 0);
    start(&scene, false);
    assert_false(work(&scene, 50 * LOOP_MS));
    rig_special(scene.rig, 101, 1138, 0, 61);
    // At once: a session doesn't wait long for nothing.
    assert_true(work(&scene, LOOP_S));
    assert_true(value(&scene, FAMILY_XT, 1, 1138)->number == 61);
    assert_failed(&scene, 1140, "0x");
    assert_int_equal(rig_requests(scene.rig, 101, 1140), 2);
    close_scene(&scene);
}

static void an_answer_that_makes_no_sense_is_none(void **state)
{
    static const uint16_t ids[] = {1126, 1138, 0};
    struct scene scene;

    (void)state;
    open_scene(&scene, 1, 0);
    want(&scene, FAMILY_XT, 1, ids);
    rig_special(scene.rig, 101, 1126, 0, 7); // no BOOL, so the rig sends nothing in its place
    start(&scene, false);
    assert_true(work(&scene, PATIENCE));
    assert_failed(&scene, 1126, "an answer that makes no sense");
    assert_true(rig_requests(scene.rig, 101, 1126) < 5);
    assert_int_equal(value(&scene, FAMILY_XT, 1, 1138)->state, BACKUP_VALUE);
    close_scene(&scene);
}

static void one_value_that_is_never_answered_holds_up_no_other(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 1, 1);
    want(&scene, FAMILY_XT, 1, xt_settings);
    want(&scene, FAMILY_VT, 1, vt_settings);
    scene.rig->deaf_id = 1138; // the first one
    start(&scene, false);
    assert_true(work(&scene, PATIENCE));
    assert_failed(&scene, 1138, "no answer");
    assert_read(&scene, FAMILY_XT, 1, xt_settings + 1);
    assert_read(&scene, FAMILY_VT, 1, vt_settings);
    // Twice, each sent twice; and the check in between that somebody is there.
    assert_int_equal(rig_requests(scene.rig, 101, 1138), 4);
    assert_true(scene.rig->request_count < 20);
    close_scene(&scene);
}

static void a_gateway_that_falls_silent_is_waited_for(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 1, 0);
    want(&scene, FAMILY_XT, 1, xt_settings);
    start(&scene, false);
    assert_false(work(&scene, 50 * LOOP_MS));
    scene.rig->deaf = true;
    assert_false(work(&scene, 120 * LOOP_S));
    assert_int_equal(backup_count(scene.backup, BACKUP_FAILED), 0);
    scene.rig->deaf = false;
    assert_true(work(&scene, PATIENCE));
    assert_read(&scene, FAMILY_XT, 1, xt_settings);
    close_scene(&scene);
}

// --- Devices and connections that come and go ----------------------------------------------------

static void nothing_is_read_twice_after_a_reconnection(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 2, 0);
    want(&scene, FAMILY_XT, 1, xt_settings);
    want(&scene, FAMILY_XT, 2, xt_settings);
    start(&scene, false);
    assert_false(work(&scene, 150 * LOOP_MS));
    assert_true(backup_count(scene.backup, BACKUP_VALUE) >= 5);
    rig_reconnect(scene.rig);
    assert_true(work(&scene, PATIENCE));
    assert_read(&scene, FAMILY_XT, 1, xt_settings);
    assert_read(&scene, FAMILY_XT, 2, xt_settings);
    // The one under way, and the watchdog and the like that each connection begins with.
    size_t asked = 0;
    for (size_t i = 0; xt_settings[i]; i++)
        asked += rig_requests(scene.rig, 0, xt_settings[i]);
    assert_in_range(asked, 10, 12);
    close_scene(&scene);
}

static void a_device_that_goes_is_left_for_the_end(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 2, 1);
    want(&scene, FAMILY_XT, 1, xt_settings);
    want(&scene, FAMILY_XT, 2, xt_settings);
    want(&scene, FAMILY_VT, 1, vt_settings);
    start(&scene, false);
    assert_false(work(&scene, 45 * LOOP_MS)); // the third value is on its way
    rig_device(scene.rig, 101)->there = false;
    assert_true(work(&scene, PATIENCE));
    assert_failed(&scene, 1143, "isn't there any more");
    assert_int_equal(backup_count(scene.backup, BACKUP_FAILED), 2);
    assert_read(&scene, FAMILY_XT, 2, xt_settings);
    assert_read(&scene, FAMILY_VT, 1, vt_settings);
    // Its values aren't asked for one after the other.
    assert_true(parameter_requests(scene.rig) < 13);
    close_scene(&scene);
}

static void a_device_that_comes_back_is_read_after_all(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 2, 0);
    // Long enough for the plant to look for it again, after 10 s.
    scene.rig->latency = 200 * LOOP_MS;
    want(&scene, FAMILY_XT, 1, xt_settings);
    struct backup_device *other = backup_device(scene.backup, FAMILY_XT, 2);
    for (size_t i = 0; i < other->value_count; i++)
        if (datapoint_format(other->values[i].datapoint) == FORMAT_FLOAT)
            other->values[i].state = BACKUP_UNREAD;
    start(&scene, false);
    assert_false(work(&scene, 500 * LOOP_MS));
    rig_device(scene.rig, 101)->there = false;
    assert_false(work(&scene, 2 * LOOP_S));
    assert_int_equal(plant_device(scene.rig->plant, FAMILY_XT, 1)->presence, DEVICE_GONE);
    rig_device(scene.rig, 101)->there = true;
    assert_true(work(&scene, PATIENCE));
    assert_read(&scene, FAMILY_XT, 1, xt_settings);
    assert_int_equal(backup_count(scene.backup, BACKUP_FAILED), 0);
    close_scene(&scene);
}

static void another_device_s_values_are_nobody_s(void **state)
{
    struct scene scene;

    (void)state;
    open_scene(&scene, 2, 0);
    want(&scene, FAMILY_XT, 1, xt_settings);
    start(&scene, false);
    assert_false(work(&scene, 45 * LOOP_MS));
    size_t read = backup_count(scene.backup, BACKUP_VALUE);
    rig_device(scene.rig, 101)->fid = 0x1002;
    rig_device(scene.rig, 102)->fid = 0x1001;
    rig_reconnect(scene.rig);
    assert_true(work(&scene, PATIENCE));
    assert_string_equal(collector_problem(scene.collector),
                        "XT1 is another device now, with FID 00001002 instead of 00001001");
    assert_int_equal(backup_count(scene.backup, BACKUP_VALUE), read);
    close_scene(&scene);
}

static void another_installation_s_values_are_nobody_s(void **state)
{
    static const uint16_t gateway_settings[] = {5000, 5096, 5113, 5009, 5006, 5010, 5011, 0};

    (void)state;
    // Whatever was asked last, and whose turn it is.
    for (int64_t after = 5; after < 100; after += 10) {
        struct scene scene;
        open_scene(&scene, 1, 0);
        rig_run(scene.rig, LOOP_S); // for the GUID
        want(&scene, FAMILY_RCC, 1, gateway_settings);
        start(&scene, false);
        assert_false(work(&scene, after * LOOP_MS));
        size_t read = backup_count(scene.backup, BACKUP_VALUE);
        memset(scene.rig->guid, 0xB2, sizeof scene.rig->guid);
        rig_reconnect(scene.rig);
        assert_true(work(&scene, PATIENCE));
        assert_string_equal(collector_problem(scene.collector),
                            "another installation is at this link now");
        assert_int_equal(backup_count(scene.backup, BACKUP_VALUE), read);
        close_scene(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_is_asked_once_in_the_order_of_the_file),
        cmocka_unit_test(devices_that_are_named_are_found_and_no_others),
        cmocka_unit_test(nominal_voltages_and_limits_are_read_where_wanted),
        cmocka_unit_test(what_is_refused_has_a_reason),
        cmocka_unit_test(a_passing_refusal_is_tried_again_once),
        cmocka_unit_test(an_answer_that_makes_no_sense_is_none),
        cmocka_unit_test(one_value_that_is_never_answered_holds_up_no_other),
        cmocka_unit_test(a_gateway_that_falls_silent_is_waited_for),
        cmocka_unit_test(nothing_is_read_twice_after_a_reconnection),
        cmocka_unit_test(a_device_that_goes_is_left_for_the_end),
        cmocka_unit_test(a_device_that_comes_back_is_read_after_all),
        cmocka_unit_test(another_device_s_values_are_nobody_s),
        cmocka_unit_test(another_installation_s_values_are_nobody_s),
    };
    return cmocka_run_group_tests_name("collector", tests, NULL, NULL);
}
