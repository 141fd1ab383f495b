// SPDX-License-Identifier: MIT
// How close the backup of a full installation comes to what the wire allows: 9 XT, 15 VT, 15 VS and
// a BSP, on a line paced at 38400 8E1 behind a gateway with 20 ms latency, in virtual time. Floor:
// one question a setting, bytes both ways × 11 / 38400 + 20 ms a question; everything else that is
// asked, the search for the devices too, counts as lost.
#include "bench.h"
#include "cmd/collector.h"
#include "proto/scom.h"
#include "store/backup.h"

struct run {
    struct bench_world world;
    struct backup *backup;
    struct collector *collector;
};

static void want_all(struct backup *backup)
{
    for (size_t i = 0; i < backup->device_count; i++)
        for (size_t j = 0; j < backup->devices[i]->value_count; j++)
            backup->devices[i]->values[j].state = BACKUP_UNREAD;
}

static void on_change(void *arg)
{
    struct run *run = arg;

    if (!run->collector) {
        if (plant_discovery(run->world.plant).state != DISCOVERY_DONE)
            return;
        collector_find(run->world.plant, NULL, 0, run->backup);
        want_all(run->backup);
        run->collector =
            collector_new(run->world.loop, run->world.plant, run->world.gateway, run->backup, true);
    }
    if (collector_work(run->collector))
        loop_stop(run->world.loop);
}

// Seconds on the wire that the values can't be had in less than.
static double floor_s(const struct backup *backup)
{
    double seconds = 0;

    for (size_t i = 0; i < backup->device_count; i++)
        for (size_t j = 0; j < backup->devices[i]->value_count; j++) {
            const struct datapoint *dp = backup->devices[i]->values[j].datapoint;
            size_t bytes = 2 * (SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + SCOM_CHECKSUM_SIZE) +
                           value_size(datapoint_format(dp));
            seconds += bench_wire_s((double)bytes, 1);
        }
    return seconds;
}

int main(void)
{
    static const struct plant_options options = {.leave_messages = true};
    struct run run = {.backup = backup_new()};

    bench_open(&run.world, BENCH_FULL, GATEWAY_SCOM, &options, on_change, &run);
    loop_run_until(run.world.loop, 3600 * LOOP_S);
    size_t values = backup_count(run.backup, BACKUP_VALUE);
    if (values == 0 || backup_count(run.backup, BACKUP_FAILED) > 0)
        bench_fail("backup", "isn't whole");
    double seconds = (double)loop_now(run.world.loop) / 1e6;
    bench_row("backup of 40 devices", seconds / floor_s(run.backup), "x floor",
              "%.0f s for %zu settings of %zu devices, the search for them included", seconds,
              values, run.backup->device_count);
    collector_free(run.collector);
    bench_close(&run.world);
    backup_free(run.backup);
    return 0;
}
