// SPDX-License-Identifier: MIT
// How close the backup of a full installation comes to what the wire allows: 9 XT, 15 VT, 15 VS and
// a BSP, on a line paced at 38400 8E1 behind a gateway with 20 ms latency, in virtual time. Floor:
// one question a setting, bytes both ways × 11 / 38400 + 20 ms a question; everything else that is
// asked, the search for the devices too, counts as lost.
#include <stdio.h>
#include <stdlib.h>

#include "cmd/collector.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "proto/scom.h"
#include "sim/sim.h"
#include "store/backup.h"

enum { BAUD = 38400, BITS = 11 };
#define LATENCY (20 * LOOP_MS)

struct run {
    struct loop *loop;
    struct plant *plant;
    struct gateway *gateway;
    struct backup *backup;
    struct collector *collector;
};

static struct sim *new_sim(struct loop *loop)
{
    struct sim_options options;
    char error[200];

    if (sim_parse("xt=9,vt=15,vs=15,bsp", &options, error, sizeof error) != XC_OK) {
        fprintf(stderr, "bench_backup: %s\n", error);
        exit(1);
    }
    options.clock = 1781956800; // a June day, 12:00
    return sim_new(loop, &options);
}

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
        if (plant_discovery(run->plant).state != DISCOVERY_DONE)
            return;
        collector_find(run->plant, NULL, 0, run->backup);
        want_all(run->backup);
        run->collector = collector_new(run->loop, run->plant, run->gateway, run->backup, true);
    }
    if (collector_work(run->collector))
        loop_stop(run->loop);
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
            seconds += (double)bytes * BITS / BAUD + (double)LATENCY / 1e6;
        }
    return seconds;
}

int main(void)
{
    struct run run = {.loop = loop_new_virtual(0, 0), .backup = backup_new()};
    struct link *near_end, *far_end;
    const struct sim_line line = {.baud = BAUD, .bits_per_byte = BITS, .latency = LATENCY};
    const struct plant_options plant_options = {.leave_messages = true};
    const struct gateway_options options = {0};

    link_memory_pair(run.loop, &near_end, &far_end);
    struct sim *sim = new_sim(run.loop);
    struct sim_gateway *sim_gateway = sim_gateway_new(sim, far_end, &line, NULL);
    run.plant = plant_new(run.loop, &plant_options, on_change, &run);
    run.gateway = gateway_new(run.loop, near_end, &options, plant_gateway_event, run.plant);
    plant_attach(run.plant, run.gateway);
    loop_run_until(run.loop, 3600 * LOOP_S);

    size_t values = backup_count(run.backup, BACKUP_VALUE);
    double seconds = (double)loop_now(run.loop) / 1e6, least = floor_s(run.backup);
    printf("%-34s %6.3f   %.0f s for %zu settings of %zu devices; floor = bytes x 11 / 38400 + 20 "
           "ms a setting\n",
           "backup / floor", seconds / least, seconds, values, run.backup->device_count);
    bool whole = values > 0 && backup_count(run.backup, BACKUP_FAILED) == 0;
    collector_free(run.collector);
    plant_free(run.plant);
    gateway_free(run.gateway);
    sim_gateway_free(sim_gateway);
    sim_free(sim);
    backup_free(run.backup);
    loop_free(run.loop);
    return whole ? 0 : 1;
}
