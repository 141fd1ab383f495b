// SPDX-License-Identifier: MIT
// plant, through the real gateway, against the simulator at its worst: whatever happens, afterwards
// everything is there again and fresh.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "sim/sim.h"

enum { REFS_MAX = 60, STORMS = 40 };

struct world {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *sim_gateway;
    struct gateway *gateway;
    struct plant *plant;
    struct plant_ref refs[REFS_MAX];
    size_t count;
};

static void want(struct world *world, enum family family, uint8_t devices, const uint16_t *ids)
{
    for (uint8_t device = 1; device <= devices; device++)
        for (size_t i = 0; ids[i] != 0; i++)
            world->refs[world->count++] =
                (struct plant_ref){.family = family, .index = device, .id = ids[i]};
}

static void world_open(struct world *world, const char *installation, unsigned baud)
{
    static const uint16_t xt[] = {3000, 3005, 3136, 3028, 0}, vt[] = {11000, 11004, 0};
    static const uint16_t vs[] = {15000, 15010, 0}, bsp[] = {7000, 7001, 7002, 0};
    static const struct gateway_options options = {0};
    static const struct plant_options plant_options = {0};
    const struct sim_line line = {
        .baud = baud, .bits_per_byte = 11, .latency = 20 * LOOP_MS, .jitter = 10 * LOOP_MS};
    struct sim_options sim_options;
    struct link *near_end, *far_end;
    char error[200];

    *world = (struct world){.loop = loop_new_virtual(0, 1781956800 * LOOP_S)};
    sim_defaults(&sim_options);
    assert_int_equal(sim_parse(installation, &sim_options, error, sizeof error), XC_OK);
    sim_options.clock = 1781956800;
    link_memory_pair(world->loop, &near_end, &far_end);
    world->sim = sim_new(world->loop, &sim_options);
    world->sim_gateway = sim_gateway_new(world->sim, far_end, &line, NULL);
    world->plant = plant_new(world->loop, &plant_options, NULL, NULL);
    world->gateway =
        gateway_new(world->loop, near_end, &options, plant_gateway_event, world->plant);
    plant_attach(world->plant, world->gateway);
    want(world, FAMILY_XT, 3, xt);
    want(world, FAMILY_VT, 2, vt);
    want(world, FAMILY_VS, 1, vs);
    want(world, FAMILY_BSP, 1, bsp);
    world->refs[world->count++] =
        (struct plant_ref){.family = FAMILY_XT, .index = PLANT_SUM, .id = 3136};
    plant_subscribe(world->plant, world->refs, world->count, LOOP_S, PRIORITY_SCREEN);
}

static void world_close(struct world *world)
{
    plant_free(world->plant);
    gateway_free(world->gateway);
    sim_gateway_free(world->sim_gateway);
    sim_free(world->sim);
    loop_free(world->loop);
}

static void run(struct world *world, int64_t duration)
{
    loop_run_until(world->loop, loop_now(world->loop) + duration);
}

static void command(struct world *world, const char *text)
{
    char error[200] = "";
    if (sim_gateway_command(world->sim_gateway, text, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
}

static void everything_is_well(struct world *world, const char *after)
{
    const struct plant_device *devices;
    size_t count = plant_devices(world->plant, &devices);

    if (count != 7 || plant_discovery(world->plant).state != DISCOVERY_DONE)
        fail_msg("after %s: %u devices, %s", after, (unsigned)count,
                 plant_discovery(world->plant).text);
    for (size_t i = 0; i < count; i++) {
        if (devices[i].presence != DEVICE_PRESENT || devices[i].fid == 0 || !devices[i].model[0])
            fail_msg("after %s: device %u: gone or unknown", after, (unsigned)devices[i].address);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(devices[i].fid, devices[j].fid);
    }
    for (size_t i = 0; i < world->count; i++) {
        struct reading reading = plant_reading(world->plant, &world->refs[i]);
        char reason[80];
        if (reading.quality != QUALITY_FRESH)
            fail_msg("after %s: %u of %d/%u: %s", after, (unsigned)world->refs[i].id,
                     (int)world->refs[i].family, (unsigned)world->refs[i].index,
                     plant_reading_reason(&reading, reason, sizeof reason));
    }
}

static void after_each_fault_everything_is_well_again(void **state)
{
    static const char *const faults[] = {
        "lose 20%",         "late 20%",         "duplicate 30%",
        "corrupt 10%",      "truncate 10%",     "garbage 20 20%",
        "foreign 30%",      "fragment 1",       "busy 20%",
        "error 0x2A * 20%", "gone XT2",         "gone BSP",
        "absent error",     "missing silence",  "reset XCOM",
        "disconnect 5s",    "multi off",        "error 0x22 XT2:3005",
        "swap XT1 XT3",     "multi-tag strict", "lose",
        "nan VT1:11000",    "message 16 XT1",   "watchdog on",
    };

    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct world world;
        world_open(&world, multi ? "xt=3,vt=2,vs=1,bsp" : "xt=3,vt=2,vs=1,bsp,no-multi", 115200);
        run(&world, 20 * LOOP_S);
        everything_is_well(&world, "the start");
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            // Without multi-infos the watchdog leaves nothing to find devices with.
            if (!multi && strcmp(faults[i], "watchdog on") == 0)
                continue;
            command(&world, faults[i]);
            run(&world, 60 * LOOP_S);
            command(&world, "clear");
            command(&world, multi ? "multi on" : "multi off");
            command(&world, "fragment off");
            run(&world, 180 * LOOP_S);
            everything_is_well(&world, faults[i]);
        }
        world_close(&world);
    }
}

static void after_storms_of_faults_everything_is_well_again(void **state)
{
    static const char *const faults[] = {
        "lose 5%",
        "late 5%",
        "duplicate 5%",
        "corrupt 5%",
        "truncate 5%",
        "garbage 30 10%",
        "foreign 10%",
        "fragment 3",
        "busy 5%",
        "error 0x03 * 5%",
        "gone XT1",
        "gone XT3",
        "gone VT2",
        "gone BSP",
        "back XT1",
        "absent error",
        "absent zero",
        "absent master",
        "absent nan",
        "missing timeout",
        "missing silence",
        "reset XCOM",
        "reset XT2",
        "disconnect 3s",
        "swap VT1 VT2",
        "multi off",
        "multi on",
        "message 17 XT2",
        "error 0x22 VT1 10%",
        "nan XT1:3000",
    };
    unsigned chance = 4711;

    (void)state;
    struct world world;
    world_open(&world, "xt=3,vt=2,vs=1,bsp", 38400);
    for (int storm = 0; storm < STORMS; storm++) {
        char name[40];
        for (int i = 0; i < 8; i++) {
            chance = chance * 1103515245u + 12345u;
            command(&world, faults[chance / 65536 % (sizeof faults / sizeof *faults)]);
            run(&world, 7 * LOOP_S);
        }
        command(&world, "clear");
        command(&world, "multi on");
        command(&world, "fragment off");
        run(&world, 240 * LOOP_S);
        snprintf(name, sizeof name, "storm %d", storm);
        everything_is_well(&world, name);
    }
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_each_fault_everything_is_well_again),
        cmocka_unit_test(after_storms_of_faults_everything_is_well_again),
    };
    return cmocka_run_group_tests_name("plant faults", tests, NULL, NULL);
}
