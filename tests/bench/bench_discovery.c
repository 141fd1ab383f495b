// SPDX-License-Identifier: MIT
// How long until every device is known, and until it is certain that there are no more, in virtual
// time. Floor of the first: one question a device, or with multi-infos one for all. Floor of the
// whole: what was asked, without a pause, and the deadline of each question that nobody answers.
#include <string.h>

#include "bench.h"
#include "proto/scom.h"

struct search {
    struct bench_world world;
    size_t devices; // that are there
    double found;   // seconds until the last of them was
};

static void on_change(void *arg)
{
    struct search *search = arg;
    const struct plant_device *devices;

    if (search->found == 0 && plant_devices(search->world.plant, &devices) == search->devices)
        search->found = (double)loop_now(search->world.loop) / 1e6;
    if (plant_discovery(search->world.plant).state == DISCOVERY_DONE)
        loop_stop(search->world.loop);
}

static double least(size_t devices, enum gateway_dialect dialect, bool multi)
{
    enum { FRAME = SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + SCOM_CHECKSUM_SIZE, VALUE = 4 };

    if (dialect == GATEWAY_STUCAN)
        return bench_wire_s(0, (double)devices);
    if (multi)
        return bench_wire_s((double)(2 * FRAME + 8 + (3 + 7) * devices), 1);
    return bench_wire_s((double)((2 * FRAME + VALUE) * devices), (double)devices);
}

static void bench_search(const char *name, const char *installation, size_t devices,
                         enum gateway_dialect dialect)
{
    static const struct plant_options options = {.leave_messages = true};
    struct search search = {.devices = devices};
    struct gateway_statistics spent;
    char title[64];

    bench_open(&search.world, installation, dialect, &options, on_change, &search);
    loop_run_until(search.world.loop, 3600 * LOOP_S);
    if (search.found == 0)
        bench_fail(name, "not every device was found");
    double whole = (double)loop_now(search.world.loop) / 1e6;
    gateway_statistics(search.world.gateway, &spent);
    bool can = dialect == GATEWAY_STUCAN;
    double deadline = can ? 1 : 3, silence = (double)spent.timeouts * deadline;
    double asked = bench_wire_s(can ? 0 : (double)(spent.bytes_sent + spent.bytes_received),
                                (double)spent.answers);
    strcat(strcpy(title, "found: "), name);
    bench_row(title,
              search.found / least(devices, dialect, !can && !strstr(installation, "no-mul")),
              "x floor", "all %zu devices are there after %.2f s", devices, search.found);
    strcat(strcpy(title, "search: "), name);
    bench_row(title, whole / (asked + silence), "x floor",
              "over after %.2f s: %llu answers, and %llu silences of %.0f s", whole,
              (unsigned long long)spent.answers, (unsigned long long)spent.timeouts, deadline);
    bench_close(&search.world);
}

int main(void)
{
    bench_search("40 devices, multi-info", BENCH_FULL, 40, GATEWAY_SCOM);
    bench_search("40 devices, single reads", BENCH_FULL ",no-multi", 40, GATEWAY_SCOM);
    bench_search("40 devices, CAN", BENCH_FULL, 40, GATEWAY_STUCAN);
    bench_search("6 devices, multi-info", BENCH_SMALL, 6, GATEWAY_SCOM);
    bench_search("6 devices, single reads", BENCH_SMALL ",no-multi", 6, GATEWAY_SCOM);
    bench_search("6 devices, CAN", BENCH_SMALL, 6, GATEWAY_STUCAN);
    return 0;
}
