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
    assert_string_equal(rig_devices(rig), "XT1 XT2 XT3 VT1 VT2 VS1 BSP");
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
    assert_string_equal(rig_devices(rig), "XT1 XT2 VT1");
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
    assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 BSP");
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
    assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 BSP");
    // Not in the looks for new devices either.
    for (int i = 0; i < 2000; i++) {
        rig_run(rig, 100 * LOOP_MS);
        assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 BSP");
    }
    // One that goes is noticed although its values go on.
    rig_device(rig, 102)->there = false;
    rig_run(rig, 70 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 (XT2) VT1 BSP");
    rig_device(rig, 102)->there = true;
    rig_run(rig, 20 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 BSP");
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
    assert_string_equal(rig_devices(rig), "XT1 XT2");
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
    assert_string_equal(rig_devices(rig), "XT1");
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
    assert_string_equal(rig_devices(rig), "XT1 XT2 XT3 VT1 VT2 VS1 BSP");
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
        assert_string_equal(rig_devices(rig), "XT1 BMS");
        assert_string_equal(plant_device(rig->plant, FAMILY_BMS, 1)->model, "BMS PYLON");
        // Somebody changes it for a BSP: looked at after a reconnection.
        rig_device(rig, 601)->bms = false;
        rig_reconnect(rig);
        rig_run(rig, 10 * LOOP_S);
        assert_string_equal(rig_devices(rig), "XT1 BSP");
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
    assert_string_equal(rig_devices(rig), "");
    assert_true(rig->request_count < 40);
    rig->all_errors = 0;
    rig_run(rig, 70 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 VT1 BSP");
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
        assert_string_equal(rig_devices(rig), "XT2 VT1 VT2");
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
    assert_string_equal(rig_devices(rig), "XT1 VT1");
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
    assert_string_equal(rig_devices(rig), "XT1 VT1");
    assert_int_equal(rig_requests(rig, 102, 0) + rig_requests(rig, 302, 0), 0);
    rig_free(rig);

    rig = rig_new(1, 1, 0, false, false);
    rig->watchdog = 1;
    rig->multi = false;
    rig_start(rig, NULL);
    rig_run(rig, 200 * LOOP_S);
    assert_string_equal(rig_devices(rig), "");
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
    assert_string_equal(rig_devices(rig), "XT1");
    rig_free(rig);
}

static void a_gateway_silent_about_the_watchdog_has_none(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, true, false);

    rig->deaf_id = 5095;
    rig_start(rig, NULL);
    rig_run(rig, 7 * LOOP_S);
    assert_true(rig_discovered(rig));
    assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 BSP");
    rig_free(rig);
}

static void a_gateway_silent_about_multi_infos_is_searched_without(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, true, false);

    rig->multi_deaf = true;
    rig_start(rig, NULL);
    rig_run(rig, 13 * LOOP_S);
    assert_true(rig_discovered(rig));
    assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 BSP");
    rig_free(rig);
}

static void a_search_waits_for_a_gateway_that_is_off(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(9, 2, 0, true, false);
        rig->multi = multi;
        rig->deaf = true;
        rig_start(rig, NULL);
        rig_run(rig, 200 * LOOP_S);
        assert_string_equal(plant_discovery(rig->plant).text, "waiting for the gateway");
        assert_true(rig->request_count < 70);
        rig->deaf = false;
        rig_run(rig, 10 * LOOP_S);
        assert_string_equal(rig_devices(rig), "XT1 XT2 XT3 XT4 XT5 XT6 XT7 XT8 XT9 VT1 VT2 BSP");
        rig_free(rig);
    }
}

static void a_gateway_silent_about_itself_still_shows_its_devices(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 1, 0, true, false);

    rig->self_deaf = true;
    rig_start(rig, NULL);
    rig_run(rig, 90 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 BSP");
    rig_free(rig);
}

static void silence_in_the_middle_of_the_search_is_no_absence(void **state)
{
    (void)state;
    struct rig *rig = rig_new(9, 0, 0, false, false);

    rig->multi = false;
    rig->latency = 100 * LOOP_MS;
    rig_start(rig, NULL);
    while (rig_requests(rig, 104, 0) == 0)
        rig_run(rig, LOOP_MS);
    rig->deaf = true;
    rig_run(rig, 30 * LOOP_S);
    rig->deaf = false;
    rig_run(rig, 15 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2 XT3 XT4 XT5 XT6 XT7 XT8 XT9");
    rig_free(rig);
}

// Each question for an address that isn't there costs 6 s, in which nothing else is read.
static void slow_absences_are_asked_seldom(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);

    rig->multi = false;
    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 1, (const uint16_t[]){3000, 0}, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    rig_device(rig, 102)->silent = true;
    rig->deaf_id = 11047;
    rig_subscribe(rig, FAMILY_XT, 2, (const uint16_t[]){3000, 0}, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 60 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 (XT2)");
    rig_forget_requests(rig);
    rig_run(rig, 600 * LOOP_S);
    assert_in_range(rig_requests(rig, 102, 0) + rig_requests(rig, 301, 11047), 8, 20);
    assert_true(rig_requests(rig, 101, 3000) > 500);
    rig_device(rig, 102)->silent = false;
    rig_run(rig, 125 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2");
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
        assert_string_equal(rig_devices(rig), "XT1 VT1");
        rig_forget_requests(rig);
        rig_run(rig, 50 * LOOP_S);
        assert_int_equal(rig->request_count, 0);
        rig_device(rig, 102)->there = rig_device(rig, 701)->there = true;
        rig_device(rig, 601)->there = true;
        rig_run(rig, 15 * LOOP_S);
        assert_string_equal(rig_devices(rig), "XT1 XT2 VT1 VS1 BSP");
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
        assert_string_equal(rig_devices(rig), "XT1 (XT2)");
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
        assert_string_equal(rig_devices(rig), "XT1 XT2");
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
    assert_string_equal(rig_devices(rig), "XT1 XT2");
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_STALE);
    rig->deaf = false;
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_FRESH);
    rig_device(rig, 102)->silent = true;
    rig_run(rig, 60 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 (XT2)");
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
    assert_string_equal(rig_devices(rig), "XT1");
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
    assert_string_equal(rig_devices(rig), "XT1 (XT2)");
    assert_int_equal(rig_requests(rig, 102, 0), 0);
    rig_device(rig, 102)->there = true;
    rig_run(rig, 12 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2");
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
    assert_string_equal(rig_devices(rig), "XT1 XT2");
    rig_device(rig, 102)->there = false;
    rig_run(rig, 2 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 (XT2)");
    rig_forget_requests(rig);
    rig_run(rig, 200 * LOOP_S);
    assert_int_equal(rig_requests(rig, 102, 0), 0);
    // Only after a reconnection.
    rig_device(rig, 102)->there = true;
    rig_reconnect(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_string_equal(rig_devices(rig), "XT1 XT2");
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
        cmocka_unit_test(a_gateway_silent_about_the_watchdog_has_none),
        cmocka_unit_test(a_gateway_silent_about_multi_infos_is_searched_without),
        cmocka_unit_test(a_search_waits_for_a_gateway_that_is_off),
        cmocka_unit_test(a_gateway_silent_about_itself_still_shows_its_devices),
        cmocka_unit_test(silence_in_the_middle_of_the_search_is_no_absence),
        cmocka_unit_test(slow_absences_are_asked_seldom),
        cmocka_unit_test(new_devices_are_found_within_a_minute),
        cmocka_unit_test(a_device_that_disappears_is_gone_and_comes_back),
        cmocka_unit_test(a_silent_device_is_gone_a_silent_gateway_is_not),
        cmocka_unit_test(one_value_that_is_not_found_does_not_make_a_device_gone),
        cmocka_unit_test(under_the_watchdog_a_gone_device_is_looked_for_by_multi_infos),
        cmocka_unit_test(under_the_watchdog_without_multi_infos_a_gone_device_is_left_alone),
    };
    return cmocka_run_group_tests_name("discovery", tests, NULL, NULL);
}
