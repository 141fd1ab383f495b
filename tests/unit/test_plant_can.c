// SPDX-License-Identifier: MIT
// plant over an Xcom-CAN: no multi-infos, GUID, levels, history and clock. What is found by
// probing, in how much time, whether absent devices are refused or met with silence; notifications;
// a write.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "can_rig.h"
#include "plant/edit.h"
#include "plant/messages.h"
#include "proto/scom.h"

enum { SITE_DEVICES = 8 };

// What is behind the gateway.
struct site {
    unsigned devices[SITE_DEVICES]; // addresses, 0 behind the last
    bool silent;                    // about absent devices
    bool deaf;                      // answers nothing at all
    bool groups;                    // reads of a group are answered
    double current;                 // parameter 1138
};

static bool is_there(const struct site *site, unsigned address)
{
    for (size_t i = 0; i < SITE_DEVICES; i++)
        if (address != 0 && site->devices[i] == address)
            return true;
    return site->groups && address == 100;
}

static float info_value(unsigned address, unsigned id)
{
    switch (id) {
    case 3157: // FID, LSB
    case 11068:
    case 15103:
    case 7049:
        return (float)address;
    case 3130: // firmware 1.6.74
    case 11050:
    case 15077:
    case 7037:
        return 0x0100;
    case 3131:
    case 11051:
    case 15078:
    case 7038:
        return 0x064A;
    case 7034: // a BSP
        return 10241;
    default:
        return (float)(address + id % 100);
    }
}

static float parameter_value(const struct site *site, const struct stucan_frame *frame)
{
    switch (frame->object) {
    case 1138:
        return frame->part == STUCAN_MIN   ? 0
               : frame->part == STUCAN_MAX ? 60
                                           : (float)site->current;
    case 1550:
        return 1;
    case 1629:
        return 60;
    default:
        return 0;
    }
}

static void serve(struct rig *rig, const struct request *request)
{
    struct site *site = rig->site;
    const struct stucan_frame *frame = &request->frame;

    if (site->deaf)
        return;
    if (!is_there(site, frame->destination)) {
        if (!site->silent)
            rig_reply_error(rig, request, SCOM_DEVICE_NOT_FOUND);
        return;
    }
    switch (frame->service) {
    case STUCAN_READ_INFO:
        // A BSP isn't a BMS.
        if (frame->object == 7061)
            rig_reply_error(rig, request, SCOM_OBJECT_ID_NOT_FOUND);
        else
            rig_reply(rig, request, info_value(frame->destination, frame->object));
        break;
    case STUCAN_READ_PARAMETER:
        rig_reply(rig, request, parameter_value(site, frame));
        break;
    default:
        if (frame->part == STUCAN_FLASH)
            site->current = (double)frame->value;
        rig_reply(rig, request, frame->value);
        break;
    }
}

static const struct plant_options plain = {.unrecorded = true, .who = "tester", .site = "hut"};

static size_t requests_to(const struct rig *rig, unsigned address)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->request_count; i++)
        count += rig->requests[i].frame.destination == address;
    return count;
}

static bool is_discovered(const struct rig *rig)
{
    return plant_discovery(rig->plant).state == DISCOVERY_DONE;
}

static const char *devices(const struct rig *rig)
{
    static char text[128];
    const struct plant_device *list;
    size_t count = plant_devices(rig->plant, &list);
    char name[DEVICE_NAME_MAX];

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, device_name(list[i].family, list[i].index, name, sizeof name));
    }
    return text;
}

static struct reading voltage_of(struct rig *rig, unsigned index)
{
    const struct plant_ref ref = {.family = FAMILY_XT, .index = (uint8_t)index, .id = 3000};
    return plant_reading(rig->plant, &ref);
}

// --- Discovery -----------------------------------------------------------------------------------

static void devices_are_found_at_once_where_absent_ones_are_refused(void **state)
{
    (void)state;
    struct site site = {.devices = {101, 102, 301, 601}};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    struct plant_link link;

    rig_run(rig, 100 * LOOP_MS);
    assert_true(is_discovered(rig));
    assert_string_equal(devices(rig), "XT1 XT2 VT1 BSP");
    assert_string_equal(plant_device(rig->plant, FAMILY_XT, 1)->firmware, "1.6.74");
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 2)->fid & 0xFFFF, 102);
    // One absence a family is enough.
    assert_int_equal(requests_to(rig, 103) + requests_to(rig, 302) + requests_to(rig, 701), 3);
    assert_int_equal(requests_to(rig, 104) + requests_to(rig, 702), 0);
    assert_int_equal(requests_to(rig, 501) + requests_to(rig, 100), 0);
    plant_link(rig->plant, &link);
    assert_int_equal(link.capabilities, 0);
    assert_false(link.multi);
    assert_false(link.guid_known);
    assert_false(link.clock_known);
    assert_false(link.watchdog);
    rig_free(rig);
}

static void a_silent_gateway_keeps_nobody_waiting_for_what_is_there(void **state)
{
    (void)state;
    struct site site = {.devices = {101, 102, 301}, .silent = true, .groups = true};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    const struct plant_ref refs[] = {{.family = FAMILY_XT, .index = 1, .id = 3000},
                                     {.family = FAMILY_XT, .index = 2, .id = 3000}};

    plant_subscribe(rig->plant, refs, 2, 2 * LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 10 * LOOP_MS);
    assert_string_equal(devices(rig), "XT1 VT1");
    assert_int_equal(voltage_of(rig, 1).quality, QUALITY_FRESH);
    // Absent at the beginnings of VS and BSP: the seconds of XT and VT come behind.
    rig_run(rig, 6 * LOOP_S);
    assert_string_equal(devices(rig), "XT1 XT2 VT1");
    assert_int_equal(voltage_of(rig, 2).quality, QUALITY_FRESH);
    assert_int_equal(voltage_of(rig, 1).quality, QUALITY_FRESH);
    rig_run(rig, 9 * LOOP_S);
    assert_true(is_discovered(rig));
    size_t absent = requests_to(rig, 103) + requests_to(rig, 302) + requests_to(rig, 701) +
                    requests_to(rig, 601);
    assert_int_equal(absent, 8);

    // The look for more takes no more than a twentieth of the time.
    rig_run(rig, 30 * 60 * LOOP_S);
    absent = requests_to(rig, 103) + requests_to(rig, 302) + requests_to(rig, 701) +
             requests_to(rig, 601);
    assert_in_range(absent, 9, 8 + 30 * 60 / 20 + 8);
    rig_free(rig);
}

static void an_installation_without_xtenders_is_found_behind_a_silent_gateway(void **state)
{
    (void)state;
    static const struct site sites[] = {{.devices = {301}, .silent = true},
                                        {.devices = {701, 702}, .silent = true},
                                        {.devices = {601}, .silent = true}};
    static const char *const found[] = {"VT1", "VS1 VS2", "BSP"};

    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        struct site site = sites[i];
        struct rig *rig = rig_new_plant(&plain, serve, &site);
        rig_run(rig, 40 * LOOP_S);
        assert_string_equal(devices(rig), found[i]);
        assert_true(is_discovered(rig));
        rig_free(rig);
    }
}

static void a_gateway_that_comes_late_is_found(void **state)
{
    (void)state;
    struct site site = {.devices = {101}, .deaf = true};
    struct rig *rig = rig_new_plant(&plain, serve, &site);

    rig_run(rig, 60 * LOOP_S);
    assert_string_equal(devices(rig), "");
    assert_int_equal(plant_discovery(rig->plant).state, DISCOVERY_RUNNING);
    // Never more than one request a second into the dark.
    assert_in_range(rig->request_count, 20, 60);
    assert_int_equal(requests_to(rig, 501), 0);
    site.deaf = false;
    rig_run(rig, 5 * LOOP_S);
    assert_string_equal(devices(rig), "XT1");
    assert_true(is_discovered(rig));
    rig_free(rig);
}

static void the_gateway_is_asked_at_the_group_when_its_only_device_is_silent(void **state)
{
    (void)state;
    struct site site = {.devices = {101}, .groups = true};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    const struct plant_ref ref = {.family = FAMILY_XT, .index = 1, .id = 3000};

    plant_subscribe(rig->plant, &ref, 1, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(voltage_of(rig, 1).quality, QUALITY_FRESH);
    site.devices[0] = 0;
    site.silent = true;
    rig_run(rig, 60 * LOOP_S);
    assert_true(requests_to(rig, 100) > 0);
    assert_int_equal(requests_to(rig, 501), 0);
    assert_int_equal(plant_device(rig->plant, FAMILY_XT, 1)->presence, DEVICE_GONE);
    assert_int_equal(voltage_of(rig, 1).quality, QUALITY_GONE);
    site.devices[0] = 101;
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(voltage_of(rig, 1).quality, QUALITY_FRESH);
    rig_free(rig);
}

// --- The bus
// ----------------------------------------------------------------------------------------

static void the_bus_below_is_told(void **state)
{
    (void)state;
    struct site site = {.devices = {101}};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    struct plant_link link;

    // This one ends in memory.
    plant_link(rig->plant, &link);
    assert_false(link.can);

    struct loop *loop = loop_new();
    const struct link_spec spec = {.kind = LINK_SLCAN, .path = "/dev/null", .bitrate = 250000};
    const struct gateway_options options = {.dialect = GATEWAY_STUCAN};
    struct plant *plant = plant_new(loop, &plain, NULL, NULL);
    struct gateway *gateway =
        gateway_new(loop, link_new(loop, &spec), &options, plant_gateway_event, plant);
    plant_attach(plant, gateway);
    plant_link(plant, &link);
    assert_true(link.can);
    assert_int_equal(link.bus.state, BUS_UNKNOWN);
    assert_string_equal(link.bus_state, "unknown");
    assert_int_equal(link.bus.transmit_errors, -1);
    assert_int_equal(link.bitrate, 250000);
    plant_free(plant);
    gateway_free(gateway);
    loop_free(loop);
    rig_free(rig);
}

// --- Messages ------------------------------------------------------------------------------------

static void notifications_are_listed_with_the_time_of_their_arrival(void **state)
{
    (void)state;
    struct site site = {.devices = {101, 301}};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    const struct known_message *list;
    uint32_t total;

    rig_run(rig, LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &list, &total), 0);
    rig_notify(rig, 101, 16, 5);
    rig_run(rig, 2 * LOOP_S);
    rig_notify(rig, 301, 20, 6);
    rig_notify(rig, 301, 20, 6); // twice the same is two
    rig_run(rig, 0);
    assert_int_equal(plant_messages(rig->plant, &list, &total), 3);
    assert_int_equal(total, 3);
    assert_int_equal(list[0].source, 301);
    assert_int_equal(list[0].number, 20);
    assert_int_equal(list[1].number, 20);
    assert_int_equal(list[2].source, 101);
    assert_int_equal(list[2].number, 16);
    assert_int_equal(list[2].value, 5);
    // 2026-11-21 14:00:01 UTC, an hour later on the wall.
    assert_int_equal(list[2].timestamp, 1795269601 + 3600);
    assert_int_equal(list[0].timestamp, 1795269603 + 3600);

    for (unsigned i = 0; i < 40; i++)
        rig_notify(rig, 101, (uint16_t)i, 0);
    rig_run(rig, 0);
    assert_int_equal(plant_messages(rig->plant, &list, &total), 32);
    assert_int_equal(total, 43);
    assert_int_equal(list[0].number, 39);
    assert_int_equal(list[31].number, 8);
    assert_false(plant_messages_awaited(rig->plant));
    rig_free(rig);
}

// --- Values and changes --------------------------------------------------------------------------

static void a_level_is_refused_without_a_question(void **state)
{
    (void)state;
    struct site site = {.devices = {101}};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    const struct plant_ref ref = {
        .family = FAMILY_XT, .index = 1, .parameter = true, .part = PART_LEVEL, .id = 1138};

    rig_run(rig, LOOP_S);
    size_t asked = rig->request_count;
    plant_subscribe(rig->plant, &ref, 1, 0, PRIORITY_SCREEN);
    rig_run(rig, LOOP_S);
    assert_int_equal(plant_reading(rig->plant, &ref).quality, QUALITY_REFUSED);
    assert_int_equal(rig->request_count, asked);
    rig_free(rig);
}

static struct edit *open_edit(struct rig *rig, const char *name, enum family family, unsigned id)
{
    struct target target;
    struct edit *edit;
    char error[EDIT_TEXT_MAX];

    assert_int_equal(target_parse(name, &target), XC_OK);
    assert_int_equal(edit_open(rig->plant, &target, catalogue_find(family, id), NULL, NULL, &edit,
                               error, sizeof error),
                     XC_OK);
    rig_run(rig, 10 * LOOP_S);
    return edit;
}

static void a_parameter_is_written_without_guid_and_level(void **state)
{
    (void)state;
    struct site site = {.devices = {101}, .current = 60};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    const struct edit_device *device;
    struct edit_verdict verdict;
    struct edit_wish wish = {.number = 45};
    double number;

    rig_run(rig, LOOP_S);
    struct edit *edit = open_edit(rig, "XT1", FAMILY_XT, 1138);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(edit_devices(edit, &device), 1);
    assert_false(device->level_known);
    assert_true(device->value == 60);
    assert_int_equal(device->fid & 0xFFFF, 101);
    edit_check(edit, &wish, &verdict);
    assert_int_equal(verdict.status, XC_OK);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(edit_result(edit), RECORD_WRITTEN);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_SURE);
    assert_true(number == 45);
    edit_close(edit);

    edit = open_edit(rig, "XT1", FAMILY_XT, 1138);
    wish = (struct edit_wish){.number = 40, .flash = true};
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(edit_result(edit), RECORD_WRITTEN);
    assert_true(edit_devices(edit, &device) == 1 && device->read_back == 40);
    edit_close(edit);

    size_t writes = 0;
    for (size_t i = 0; i < rig->request_count; i++)
        writes += rig->requests[i].frame.service == STUCAN_WRITE_PARAMETER;
    assert_int_equal(writes, 2);
    rig_free(rig);
}

static void another_guid_than_a_configured_one_cant_be_excluded(void **state)
{
    (void)state;
    struct plant_options options = plain;
    struct site site = {.devices = {101}, .current = 60};

    options.guid = "00112233445566778899aabbccddeeff";
    struct rig *rig = rig_new_plant(&options, serve, &site);
    rig_run(rig, LOOP_S);
    struct edit *edit = open_edit(rig, "XT1", FAMILY_XT, 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_string_equal(edit_text(edit), "this gateway has no GUID to tell it by: leave the "
                                         "configured one out");
    edit_close(edit);
    rig_free(rig);
}

static void a_date_that_cant_be_carried_is_refused_in_words(void **state)
{
    (void)state;
    struct site site = {.devices = {101, 501}};
    struct rig *rig = rig_new_plant(&plain, serve, &site);
    struct edit_verdict verdict;
    struct edit_wish wish = {.now = true, .number = (double)NAN, .flash = true};

    rig_run(rig, LOOP_S);
    struct edit *edit = open_edit(rig, "XCOM", FAMILY_RCC, 5002);
    assert_int_equal(edit_state(edit), EDIT_READY);
    for (int i = 0; i < 2; i++) {
        edit_check(edit, &wish, &verdict);
        assert_int_equal(verdict.status, XC_UNSUPPORTED);
        assert_string_equal(verdict.why, "this gateway can't carry such a large number exactly: "
                                         "nothing is written");
        wish = (struct edit_wish){.number = 1795269601, .flash = true};
    }
    edit_close(edit);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_are_found_at_once_where_absent_ones_are_refused),
        cmocka_unit_test(a_silent_gateway_keeps_nobody_waiting_for_what_is_there),
        cmocka_unit_test(an_installation_without_xtenders_is_found_behind_a_silent_gateway),
        cmocka_unit_test(a_gateway_that_comes_late_is_found),
        cmocka_unit_test(the_gateway_is_asked_at_the_group_when_its_only_device_is_silent),
        cmocka_unit_test(the_bus_below_is_told),
        cmocka_unit_test(notifications_are_listed_with_the_time_of_their_arrival),
        cmocka_unit_test(a_level_is_refused_without_a_question),
        cmocka_unit_test(a_parameter_is_written_without_guid_and_level),
        cmocka_unit_test(another_guid_than_a_configured_one_cant_be_excluded),
        cmocka_unit_test(a_date_that_cant_be_carried_is_refused_in_words),
    };
    setenv("TZ", "UTC-1", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
