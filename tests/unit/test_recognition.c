// SPDX-License-Identifier: MIT
// plant/devices: who is who after the numbering may have changed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "plant_rig.h"

// --- Who is who ----------------------------------------------------------------------------------

static void after_a_reconnection_fids_come_before_values(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(2, 0, 0, false, false);
        const uint16_t ids[] = {3000, 3005, 0};
        rig->multi = multi;
        rig->latency = 20 * LOOP_MS;
        rig_start(rig, NULL);
        rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
        rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
        rig_run(rig, 5 * LOOP_S);
        rig_forget_requests(rig);
        rig_reconnect(rig);
        rig_run(rig, 3 * LOOP_S);
        bool fid_of_both = false, searched = false;
        unsigned fids = 0;
        for (size_t i = 0; i < rig->request_count; i++) {
            const struct rig_request *request = &rig->requests[i];
            unsigned values = request->id == 3000 || request->id == 3005;
            fids += request->id == 3156 || request->id == 3157;
            for (size_t j = 0; j < request->item_count; j++) {
                values += request->items[j].info == 3000 || request->items[j].info == 3005;
                fids += request->items[j].info == 3156 || request->items[j].info == 3157;
            }
            // Not before everybody was asked who they are.
            assert_true(values == 0 || (fid_of_both && searched));
            fid_of_both = fids >= 4;
            searched = searched || request->address == 601 ||
                       (request->item_count > 0 && request->items[0].info == 3124);
        }
        assert_true(fid_of_both);
        assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3005).quality, QUALITY_FRESH);
        rig_free(rig);
    }
}

static void values_follow_a_renumbered_device(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    const uint16_t ids[] = {3000, 3005, 0};
    float samples[64];
    struct plant_ref second = rig_ref(FAMILY_XT, 2, 3000), third = rig_ref(FAMILY_XT, 3, 3000);

    rig_device(rig, 103)->there = false;
    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_XT, 3, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 20 * LOOP_S);
    assert_int_equal(plant_history(rig->plant, &third, samples, 64), 0);
    size_t kept = plant_history(rig->plant, &second, samples, 64);
    assert_in_range(kept, 9, 11);

    // One is inserted at the beginning: the others move up by one.
    rig_device(rig, 103)->there = true;
    rig_device(rig, 101)->fid = 0x9999;
    rig_device(rig, 102)->fid = 0x1001;
    rig_device(rig, 103)->fid = 0x1002;
    rig_reconnect(rig);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2 XT3");
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 1)->fid, 0x9999);
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 3)->fid, 0x1002);
    size_t moved = plant_history(rig->plant, &third, samples, 64);
    assert_in_range(moved, kept + 1, kept + 4);
    // What the device said when it was the second one, then what it says now.
    assert_true((double)samples[0] == rig_value(102, 3000));
    assert_true((double)samples[moved - 1] == rig_value(103, 3000));
    struct plant_ref first = rig_ref(FAMILY_XT, 1, 3000);
    assert_in_range(plant_history(rig->plant, &first, samples, 64), 1, 4);
    rig_free(rig);
}

static void a_device_taken_out_leaves_no_double(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    // The others move down by one.
    rig_device(rig, 101)->fid = 0x1002;
    rig_device(rig, 102)->fid = 0x1003;
    rig_device(rig, 103)->there = false;
    rig_reconnect(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2");
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 2)->fid, 0x1003);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_FRESH);
    rig_free(rig);
}

static void a_device_inserted_while_connected_is_noticed(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);

    rig_device(rig, 102)->there = false;
    rig_start(rig, NULL);
    rig_run(rig, 5 * LOOP_S);
    rig_device(rig, 102)->there = true;
    rig_device(rig, 101)->fid = 0x1002;
    rig_device(rig, 102)->fid = 0x1001;
    rig_run(rig, 65 * LOOP_S);
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 1)->fid, 0x1002);
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 2)->fid, 0x1001);
    rig_free(rig);
}

static void after_a_restart_of_the_gateway_everything_is_recognised_again(void **state)
{
    (void)state;
    for (int during_look = 0; during_look <= 1; during_look++) {
        struct rig *rig = rig_new(2, 0, 0, false, false);
        const uint16_t ids[] = {3000, 3005, 0};
        rig->latency = during_look ? 800 * LOOP_MS : 20 * LOOP_MS;
        rig->frame_flags = SCOM_RESTARTED;
        rig_start(rig, NULL);
        rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
        rig_run(rig, 20 * LOOP_S);
        // Old news: not searched twice.
        assert_int_equal(rig_requests(rig, SCOM_GATEWAY_ADDRESS, 5095), 1);
        rig->frame_flags = 0;
        for (int i = 0; during_look && i < 1000; i++) {
            const struct rig_request *last = &rig->requests[rig->request_count - 1];
            if (last->item_count > 5 && last->items[3].info == 3156)
                break;
            rig_run(rig, 100 * LOOP_MS);
        }
        rig_run(rig, during_look ? 0 : 5 * LOOP_S);
        rig->frame_flags = SCOM_RESTARTED;
        rig_device(rig, 101)->fid = 0x1002;
        rig_device(rig, 102)->fid = 0x1001;
        rig_run(rig, 15 * LOOP_S);
        assert_int_equal(rig_requests(rig, SCOM_GATEWAY_ADDRESS, 5095), 2);
        assert_int_equal(plant_device(rig->plant, FAMILY_XT, 1)->fid, 0x1002);
        rig_free(rig);
    }
}

static void another_gateway_is_another_installation(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    memset(rig->guid, 0xB2, sizeof rig->guid);
    rig_device(rig, 102)->there = rig_device(rig, 301)->there = false;
    rig_device(rig, 101)->fid = 0x7777;
    rig->messages[0] = (struct scom_message){.type = 16, .source = 101, .timestamp = 1781956800};
    rig->message_count = 1;
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_reconnect(rig);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1");
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_NONE);
    struct plant_link link;
    plant_link(rig->plant, &link);
    assert_int_equal(link.guid[0], 0xB2);
    assert_true(link.exchanged > 5 * LOOP_S); // the person is told
    const struct known_message *messages;
    uint32_t total;
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 1);
    rig_free(rig);
}

static void devices_missing_after_a_reconnection_are_gone(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, false, false);

    rig_start(rig, NULL);
    rig_run(rig, 5 * LOOP_S);
    rig_device(rig, 301)->there = false;
    rig_reconnect(rig);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2 (VT1)");
    assert_true(rig_discovered(rig));
    rig_free(rig);
}

// A person's value and the FIDs come in one answer: the value is of the device that answers there
// now.
static void a_value_that_comes_with_the_fids_stays_where_it_was_asked(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 1, ids, 60 * LOOP_S, PRIORITY_PERSON);
    rig_subscribe(rig, FAMILY_XT, 2, ids, 60 * LOOP_S, PRIORITY_BACKGROUND);
    rig_run(rig, 5 * LOOP_S);
    rig_device(rig, 101)->fid = 0x1002;
    rig_device(rig, 102)->fid = 0x1001;
    rig_special(rig, 101, 3000, 0, 11);
    rig_special(rig, 102, 3000, 0, 22);
    rig_reconnect(rig);
    rig_subscribe(rig, FAMILY_XT, 1, ids, 0, PRIORITY_PERSON);
    rig->latency = 20 * LOOP_MS;
    for (int i = 0; i < 500; i++) {
        rig_run(rig, 10 * LOOP_MS);
        assert_false(rig_reading(rig, FAMILY_XT, 2, 3000).number == 11);
        assert_false(rig_reading(rig, FAMILY_XT, 1, 3000).number == 22);
    }
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 1)->fid, 0x1002);
    assert_true(rig_reading(rig, FAMILY_XT, 1, 3000).number == 11);
    assert_true(rig_reading(rig, FAMILY_XT, 2, 3000).number == 22);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_reconnection_fids_come_before_values),
        cmocka_unit_test(values_follow_a_renumbered_device),
        cmocka_unit_test(a_device_taken_out_leaves_no_double),
        cmocka_unit_test(a_device_inserted_while_connected_is_noticed),
        cmocka_unit_test(after_a_restart_of_the_gateway_everything_is_recognised_again),
        cmocka_unit_test(another_gateway_is_another_installation),
        cmocka_unit_test(devices_missing_after_a_reconnection_are_gone),
        cmocka_unit_test(a_value_that_comes_with_the_fids_stays_where_it_was_asked),
    };
    return cmocka_run_group_tests_name("recognition", tests, NULL, NULL);
}
