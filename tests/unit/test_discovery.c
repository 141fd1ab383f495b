// SPDX-License-Identifier: MIT
// plant/discovery, plant/devices: which devices there are, who is who, who is gone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "plant_rig.h"

// "XT1 XT2 VT1 BSP1", gone ones in parentheses.
static const char *devices_of(const struct rig *rig)
{
    static char text[400];
    const struct plant_device *devices;
    size_t count = plant_devices(rig->plant, &devices), used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        char name[DEVICE_NAME_MAX];
        device_name(devices[i].family, devices[i].index, name, sizeof name);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 devices[i].presence == DEVICE_GONE ? "%s(%s)" : "%s%s",
                                 used > 0 ? " " : "", name);
    }
    return text;
}

// --- Finding -------------------------------------------------------------------------------------

static void everything_is_found_in_two_requests(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 1, true, false);

    rig->latency = 20 * LOOP_MS;
    rig_start(rig, NULL);
    assert_int_equal(plant_discovery(rig->plant).state, DISCOVERY_WAITING);
    rig_run(rig, 50 * LOOP_MS);
    assert_int_equal(plant_discovery(rig->plant).state, DISCOVERY_RUNNING);
    assert_string_equal(devices_of(rig), "XT1 XT2 XT3 VT1 VT2 VS1 BSP");
    assert_int_equal(rig->requests[0].id, 5095);
    assert_int_equal(rig->requests[1].object, SCOM_MULTI_INFO);
    rig_run(rig, 2 * LOOP_S);
    assert_true(rig_discovered(rig));
    // Watchdog, devices, identities, GUID; the clock came along.
    assert_int_equal(rig->request_count, 4);
    rig_free(rig);
}

static void identities_are_read(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 1, true, false);

    rig_start(rig, NULL);
    rig_run(rig, LOOP_S);
    const struct plant_device *xt = plant_device(rig->plant, FAMILY_XT, 2);
    assert_non_null(xt);
    assert_string_equal(xt->model, "XTM 4000-48");
    assert_string_equal(xt->firmware, "1.6.74");
    assert_int_equal(xt->fid, 0x1002);
    assert_int_equal(xt->phase, 2);
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 3)->phase, 3);
    assert_string_equal(plant_device(rig->plant, FAMILY_VT, 1)->model, "VT-80");
    assert_string_equal(plant_device(rig->plant, FAMILY_VS, 1)->model, "VS-120");
    assert_string_equal(plant_device(rig->plant, FAMILY_BSP, 1)->model, "BSP");
    assert_int_equal(plant_device(rig->plant, FAMILY_BSP, 1)->fid, 0x4001);
    struct plant_link link;
    plant_link(rig->plant, &link);
    assert_true(link.guid_known && link.guid[0] == 0xA1);
    assert_true(link.clock_known);
    rig_free(rig);
}

static void the_first_full_screen_comes_within_a_second(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    static const uint16_t xt[] = {3000, 3005, 3010, 3011, 3020, 3021, 3028,
                                  3049, 3084, 3085, 3136, 3137, 3104, 0};
    static const uint16_t vt[] = {11000, 11001, 11002, 11003, 11004, 11007, 11016, 11038, 0};
    static const uint16_t bsp[] = {7000, 7001, 7002, 7003, 7005, 7007, 7008, 0};

    rig->baud = 38400;
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, NULL);
    for (uint8_t i = 1; i <= 4; i++)
        rig_subscribe(rig, FAMILY_XT, i, xt, LOOP_S, PRIORITY_SCREEN);
    for (uint8_t i = 1; i <= 2; i++)
        rig_subscribe(rig, FAMILY_VT, i, vt, LOOP_S, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_BSP, 1, bsp, LOOP_S, PRIORITY_SCREEN);
    int64_t begin = loop_now(rig->loop);
    while (!rig_discovered(rig) && loop_now(rig->loop) < begin + 5 * LOOP_S)
        rig_run(rig, LOOP_MS);
    for (size_t i = 0; xt[i]; i++)
        assert_int_equal(rig_reading(rig, FAMILY_XT, 3, xt[i]).quality, QUALITY_FRESH);
    for (size_t i = 0; bsp[i]; i++)
        assert_int_equal(rig_reading(rig, FAMILY_BSP, 1, bsp[i]).quality, QUALITY_FRESH);
    // With names and all.
    assert_true(loop_now(rig->loop) - begin < LOOP_S);
    // What is visible was asked before the identities.
    for (size_t i = 0; i < 62; i++)
        assert_int_not_equal(rig->requests[2].items[i].info / 10, 315);
    rig_free(rig);
}

static void absent_devices_in_a_multi_info_may_be_zero(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, false, false);

    rig->absent = ABSENT_ZERO;
    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2 VT1");
    assert_true(rig_discovered(rig));
    rig_free(rig);
}

static void absent_devices_may_make_the_whole_request_fail(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, true, false);

    rig->absent = ABSENT_ERROR;
    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2 VT1 BSP");
    assert_true(rig_discovered(rig));
    rig_free(rig);
}

static void echoes_of_the_master_are_told_apart_by_fid(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, true, false);

    rig->absent = ABSENT_MASTER;
    rig->latency = 150 * LOOP_MS;
    rig_start(rig, NULL);
    rig_run(rig, 3 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2 VT1 BSP");
    // Not in the looks for new devices either.
    for (int i = 0; i < 2000; i++) {
        rig_run(rig, 100 * LOOP_MS);
        assert_string_equal(devices_of(rig), "XT1 XT2 VT1 BSP");
    }
    // One that goes is noticed although its values go on.
    rig_device(rig, 102)->there = false;
    rig_run(rig, 70 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 (XT2) VT1 BSP");
    rig_device(rig, 102)->there = true;
    rig_run(rig, 20 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2 VT1 BSP");
    rig_free(rig);
}

static void echoes_without_fids_are_probed(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);

    rig->absent = ABSENT_MASTER;
    rig_device(rig, 101)->fid = 0;
    rig_device(rig, 102)->fid = 0;
    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2");
    assert_int_equal(rig_requests(rig, 103, 3124), 1);
    assert_int_equal(rig_requests(rig, 104, 0), 0);
    rig_free(rig);
}

static void what_an_echo_said_is_forgotten(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const struct target named[] = {{TARGET_DEVICE, FAMILY_XT, 1}, {TARGET_DEVICE, FAMILY_XT, 2}};
    const struct plant_options options = {.devices = named, .device_count = 2};
    const uint16_t ids[] = {3000, 3005, 0};

    rig->absent = ABSENT_MASTER;
    rig->latency = 100 * LOOP_MS;
    rig_start(rig, &options);
    rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1");
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_NONE);
    rig_free(rig);
}

static void nine_real_ones_are_nine(void **state)
{
    (void)state;
    struct rig *rig = rig_new(9, 15, 15, true, false);

    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    assert_int_equal(plant_family_count(rig->plant, FAMILY_XT), 9);
    assert_int_equal(plant_family_count(rig->plant, FAMILY_VT), 15);
    assert_int_equal(plant_family_count(rig->plant, FAMILY_VS), 15);
    assert_true(rig_discovered(rig));
    rig_free(rig);
}

static void without_multi_infos_addresses_are_probed_until_the_first_absence(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 1, true, false);

    rig->multi = false;
    rig_start(rig, NULL);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2 XT3 VT1 VT2 VS1 BSP");
    assert_int_equal(rig_requests(rig, 104, 0), 1);
    assert_int_equal(rig_requests(rig, 105, 0), 0);
    assert_int_equal(rig_requests(rig, 303, 0), 1);
    assert_int_equal(rig_requests(rig, 304, 0), 0);
    assert_true(rig_discovered(rig));
    rig_free(rig);
}

static void a_bms_is_not_a_bsp(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(1, 0, 0, false, true);
        rig->multi = multi;
        rig_start(rig, NULL);
        rig_run(rig, 2 * LOOP_S);
        assert_string_equal(devices_of(rig), "XT1 BMS");
        assert_string_equal(plant_device(rig->plant, FAMILY_BMS, 1)->model, "BMS PYLON");
        // Somebody changes it for a BSP: looked at after a reconnection.
        rig_device(rig, 601)->bms = false;
        rig_reconnect(rig);
        rig_run(rig, 10 * LOOP_S);
        assert_string_equal(devices_of(rig), "XT1 BSP");
        rig_free(rig);
    }
}

static void a_gateway_of_errors_ends_the_search(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);

    rig->all_errors = SCOM_READ_PROPERTY_FAILED;
    rig_start(rig, NULL);
    rig_run(rig, 20 * LOOP_S);
    assert_true(rig_discovered(rig));
    assert_string_equal(devices_of(rig), "");
    assert_true(rig->request_count < 40);
    rig->all_errors = 0;
    rig_run(rig, 70 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 VT1 BSP");
    rig_free(rig);
}

static void only_the_named_ones_are_searched(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(3, 2, 0, true, false);
        const struct target named[] = {{TARGET_DEVICE, FAMILY_XT, 2},
                                       {TARGET_DEVICE, FAMILY_RCC, 1},
                                       {TARGET_EACH, FAMILY_VT, 0}};
        const struct plant_options options = {.devices = named, .device_count = 3};
        rig->multi = multi;
        rig_start(rig, &options);
        rig_run(rig, 5 * LOOP_S);
        assert_string_equal(devices_of(rig), "XT2 VT1 VT2");
        assert_int_equal(rig_requests(rig, 101, 0) + rig_requests(rig, 103, 0), 0);
        rig_forget_requests(rig);
        rig_run(rig, 200 * LOOP_S);
        assert_int_equal(rig->request_count, rig_requests(rig, SCOM_GATEWAY_ADDRESS, 5002));
        rig_free(rig);
    }
}

static void under_the_watchdog_absent_addresses_are_not_probed(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 1, 0, false, false);

    rig->watchdog = 1;
    rig_start(rig, NULL);
    rig_run(rig, 200 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 VT1");
    struct plant_link link;
    plant_link(rig->plant, &link);
    assert_true(link.watchdog);
    // All by multi-infos.
    for (size_t i = 0; i < rig->request_count; i++)
        assert_int_equal(rig->requests[i].address, SCOM_GATEWAY_ADDRESS);
    rig_free(rig);

    rig = rig_new(1, 1, 0, false, false);
    rig->watchdog = 1;
    rig->absent = ABSENT_ERROR;
    rig_start(rig, NULL);
    rig_run(rig, 50 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 VT1");
    assert_int_equal(rig_requests(rig, 102, 0) + rig_requests(rig, 302, 0), 0);
    rig_free(rig);

    rig = rig_new(1, 1, 0, false, false);
    rig->watchdog = 1;
    rig->multi = false;
    rig_start(rig, NULL);
    rig_run(rig, 200 * LOOP_S);
    assert_string_equal(devices_of(rig), "");
    assert_int_equal(rig_requests(rig, 101, 0), 0);
    assert_string_equal(plant_discovery(rig->plant).text,
                        "the SCOM watchdog (5095) is on: name the devices with --devices");
    rig_free(rig);
}

static void an_unknown_watchdog_is_none(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);

    rig->watchdog = -1;
    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1");
    rig_free(rig);
}

static void new_devices_are_found_within_a_minute(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(2, 1, 1, true, false);
        rig->multi = multi;
        rig_device(rig, 102)->there = rig_device(rig, 701)->there = false;
        rig_device(rig, 601)->there = false;
        rig_start(rig, NULL);
        rig_run(rig, 5 * LOOP_S);
        assert_string_equal(devices_of(rig), "XT1 VT1");
        rig_forget_requests(rig);
        rig_run(rig, 50 * LOOP_S);
        assert_int_equal(rig->request_count, 0);
        rig_device(rig, 102)->there = rig_device(rig, 701)->there = true;
        rig_device(rig, 601)->there = true;
        rig_run(rig, 15 * LOOP_S);
        assert_string_equal(devices_of(rig), "XT1 XT2 VT1 VS1 BSP");
        rig_free(rig);
    }
}

// --- Going and coming ----------------------------------------------------------------------------

static void a_device_that_disappears_is_gone_and_comes_back(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(2, 0, 0, false, false);
        const uint16_t ids[] = {3000, 3005, 3011, 0};
        char reason[80];
        rig->multi = multi;
        rig_start(rig, NULL);
        rig_run(rig, 2 * LOOP_S);
        rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
        rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
        rig_run(rig, 5 * LOOP_S);
        rig_device(rig, 102)->there = false;
        rig_run(rig, 3 * LOOP_S);
        assert_string_equal(devices_of(rig), "XT1 (XT2)");
        assert_int_equal(plant_family_count(rig->plant, FAMILY_XT), 1);
        struct reading reading = rig_reading(rig, FAMILY_XT, 2, 3000);
        assert_int_equal(reading.quality, QUALITY_GONE);
        assert_true(reading.number == rig_value(102, 3000));
        assert_memory_equal(plant_reading_reason(&reading, reason, sizeof reason), "gone for", 8);
        assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_FRESH);
        // Looked for gently: one read in 10 s.
        rig_forget_requests(rig);
        rig_run(rig, 40 * LOOP_S);
        assert_in_range(rig_requests(rig, 102, 0), 3, 5);
        rig_device(rig, 102)->there = true;
        rig_run(rig, 12 * LOOP_S);
        assert_string_equal(devices_of(rig), "XT1 XT2");
        assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_FRESH);
        rig_free(rig);
    }
}

static void a_silent_device_is_gone_a_silent_gateway_is_not(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);
    const uint16_t ids[] = {3000, 3005, 0};

    rig->multi = false;
    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    rig->deaf = true;
    rig_run(rig, 60 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2");
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_STALE);
    rig->deaf = false;
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_FRESH);
    rig_device(rig, 102)->silent = true;
    rig_run(rig, 60 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 (XT2)");
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_FRESH);
    rig_free(rig);
}

static void one_value_that_is_not_found_does_not_make_a_device_gone(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0}, other[] = {3005, 0};

    rig->multi = false;
    rig_special(rig, 101, 3000, SCOM_DEVICE_NOT_FOUND, 0);
    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_XT, 1, other, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 3 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1");
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_REFUSED);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3005).quality, QUALITY_FRESH);
    rig_free(rig);
}

static void under_the_watchdog_a_gone_device_is_looked_for_by_multi_infos(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);
    const uint16_t ids[] = {3000, 3005, 0};

    rig->watchdog = 1;
    rig_start(rig, NULL);
    rig_run(rig, 2 * LOOP_S);
    rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 2 * LOOP_S);
    rig_device(rig, 102)->there = false;
    rig_run(rig, 30 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 (XT2)");
    assert_int_equal(rig_requests(rig, 102, 0), 0);
    rig_device(rig, 102)->there = true;
    rig_run(rig, 12 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2");
    rig_free(rig);
}

static void under_the_watchdog_without_multi_infos_a_gone_device_is_left_alone(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);
    const struct target named[] = {{TARGET_DEVICE, FAMILY_XT, 1}, {TARGET_DEVICE, FAMILY_XT, 2}};
    const struct plant_options options = {.devices = named, .device_count = 2};
    const uint16_t ids[] = {3000, 0};

    rig->watchdog = 1;
    rig->multi = false;
    rig_start(rig, &options);
    rig_subscribe(rig, FAMILY_XT, 2, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2");
    rig_device(rig, 102)->there = false;
    rig_run(rig, 2 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 (XT2)");
    rig_forget_requests(rig);
    rig_run(rig, 200 * LOOP_S);
    assert_int_equal(rig_requests(rig, 102, 0), 0);
    // Only after a reconnection.
    rig_device(rig, 102)->there = true;
    rig_reconnect(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2");
    rig_free(rig);
}

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
    assert_in_range(kept, 18, 21);

    // One is inserted at the beginning: the others move up by one.
    rig_device(rig, 103)->there = true;
    rig_device(rig, 101)->fid = 0x9999;
    rig_device(rig, 102)->fid = 0x1001;
    rig_device(rig, 103)->fid = 0x1002;
    rig_reconnect(rig);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1 XT2 XT3");
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 1)->fid, 0x9999);
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 3)->fid, 0x1002);
    size_t moved = plant_history(rig->plant, &third, samples, 64);
    assert_in_range(moved, kept + 3, kept + 7);
    // What the device said when it was the second one, then what it says now.
    assert_true((double)samples[0] == rig_value(102, 3000));
    assert_true((double)samples[moved - 1] == rig_value(103, 3000));
    struct plant_ref first = rig_ref(FAMILY_XT, 1, 3000);
    assert_in_range(plant_history(rig->plant, &first, samples, 64), 1, 6);
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
    assert_string_equal(devices_of(rig), "XT1 XT2");
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
    rig_reconnect(rig);
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(devices_of(rig), "XT1");
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_NONE);
    struct plant_link link;
    plant_link(rig->plant, &link);
    assert_int_equal(link.guid[0], 0xB2);
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
    assert_string_equal(devices_of(rig), "XT1 XT2 (VT1)");
    assert_true(rig_discovered(rig));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_found_in_two_requests),
        cmocka_unit_test(identities_are_read),
        cmocka_unit_test(the_first_full_screen_comes_within_a_second),
        cmocka_unit_test(absent_devices_in_a_multi_info_may_be_zero),
        cmocka_unit_test(absent_devices_may_make_the_whole_request_fail),
        cmocka_unit_test(echoes_of_the_master_are_told_apart_by_fid),
        cmocka_unit_test(echoes_without_fids_are_probed),
        cmocka_unit_test(what_an_echo_said_is_forgotten),
        cmocka_unit_test(nine_real_ones_are_nine),
        cmocka_unit_test(without_multi_infos_addresses_are_probed_until_the_first_absence),
        cmocka_unit_test(a_bms_is_not_a_bsp),
        cmocka_unit_test(a_gateway_of_errors_ends_the_search),
        cmocka_unit_test(only_the_named_ones_are_searched),
        cmocka_unit_test(under_the_watchdog_absent_addresses_are_not_probed),
        cmocka_unit_test(an_unknown_watchdog_is_none),
        cmocka_unit_test(new_devices_are_found_within_a_minute),
        cmocka_unit_test(a_device_that_disappears_is_gone_and_comes_back),
        cmocka_unit_test(a_silent_device_is_gone_a_silent_gateway_is_not),
        cmocka_unit_test(one_value_that_is_not_found_does_not_make_a_device_gone),
        cmocka_unit_test(under_the_watchdog_a_gone_device_is_looked_for_by_multi_infos),
        cmocka_unit_test(under_the_watchdog_without_multi_infos_a_gone_device_is_left_alone),
        cmocka_unit_test(after_a_reconnection_fids_come_before_values),
        cmocka_unit_test(values_follow_a_renumbered_device),
        cmocka_unit_test(a_device_taken_out_leaves_no_double),
        cmocka_unit_test(a_device_inserted_while_connected_is_noticed),
        cmocka_unit_test(after_a_restart_of_the_gateway_everything_is_recognised_again),
        cmocka_unit_test(another_gateway_is_another_installation),
        cmocka_unit_test(devices_missing_after_a_reconnection_are_gone),
    };
    return cmocka_run_group_tests_name("discovery", tests, NULL, NULL);
}
