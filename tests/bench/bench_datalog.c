// SPDX-License-Identifier: MIT
// Fetching a datalog file, in virtual time: alone, and beside a screen. Floor: bytes of the blocks
// and their questions, both ways, × 11 / 38400 + 20 ms a block.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "plant/datalog.h"

#define NAME "LG260619.CSV"

enum { XT_VALUES = 14, REFS = 3 * XT_VALUES };

static void watch_values(struct plant *plant)
{
    static const uint16_t ids[XT_VALUES] = {3000, 3005, 3010, 3011, 3012, 3020, 3021,
                                            3022, 3028, 3049, 3084, 3085, 3136, 3137};
    struct plant_ref refs[REFS];

    for (unsigned i = 0; i < REFS; i++)
        refs[i] = (struct plant_ref){
            .family = FAMILY_XT, .index = (uint8_t)(1 + i / XT_VALUES), .id = ids[i % XT_VALUES]};
    plant_subscribe(plant, refs, REFS, LOOP_S, PRIORITY_SCREEN);
}

static void bench_file(const char *name, bool beside)
{
    static const struct plant_options options = {.no_discovery = true, .leave_messages = true};
    struct bench_world world;
    struct gateway_statistics before, after;
    struct datalog_progress progress;
    char directory[] = "/tmp/xcomtop-bench-XXXXXX", path[64];

    if (!mkdtemp(directory))
        bench_fail("mkdtemp", directory);
    snprintf(path, sizeof path, "%s/" NAME, directory);
    bench_open(&world, BENCH_SMALL ",log=2,log-every=1", GATEWAY_SCOM, &options, NULL, NULL);
    if (beside)
        watch_values(world.plant);
    struct datalog *datalog =
        datalog_new(world.plant, &(struct datalog_options){.directory = directory}, NULL, NULL);
    loop_run_until(world.loop, 10 * LOOP_S);
    int64_t begun = loop_now(world.loop);
    gateway_statistics(world.gateway, &before);
    datalog_get(datalog, NAME);
    do {
        loop_run_until(world.loop, loop_now(world.loop) + LOOP_MS);
        datalog_progress(datalog, &progress);
    } while (datalog_busy(datalog));
    gateway_statistics(world.gateway, &after);
    double seconds = (double)(loop_now(world.loop) - begun) / 1e6;
    FILE *file = fopen(path, "r");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        bench_fail(NAME, "wasn't fetched");
    double size = (double)ftell(file);
    double floor_s = bench_wire_s((double)(after.bytes_sent + after.bytes_received -
                                           before.bytes_sent - before.bytes_received),
                                  (double)(after.answers - before.answers));
    bench_row(name, seconds / floor_s, "x floor",
              "%.0f bytes in %.1f s: %.0f bytes/s, of %d bytes/s that the line carries", size,
              seconds, size / seconds, BENCH_BAUD / BENCH_BITS);
    fclose(file);
    datalog_free(datalog);
    bench_close(&world);
    unlink(path);
    rmdir(directory);
}

int main(void)
{
    bench_file("datalog file, alone", false);
    bench_file("datalog file, beside 42 values a s", true);
    return 0;
}
