// SPDX-License-Identifier: MIT
// How close a refresh of a screen comes to what the wire allows, and what it costs the processor.
//
// The wire: 60 infos of 3 XT, 2 VT and a BSP, on a line paced at 38400 8E1 behind a gateway with
// 20 ms latency, in virtual time. Floor: bytes both ways × 11 / 38400 + 20 ms a request.
// The processor: the same refresh through the whole client over TCP on this machine, each answer
// 1 ms after its request, so that it is waited for as on a real line; against a bare reader that
// sends the same requests with write(2), waits with poll(2), and checks and decodes the answers in
// place.
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "proto/scom.h"
#include "sim/sim.h"

enum { REFS = 60, ROUNDS = 7 };

static size_t make_refs(struct plant_ref refs[REFS])
{
    static const uint16_t xt[] = {3000, 3005, 3010, 3011, 3012, 3020, 3021,
                                  3022, 3028, 3049, 3084, 3085, 3136, 3137};
    static const uint16_t vt[] = {11000, 11001, 11002, 11003, 11004, 11016};
    static const uint16_t bsp[] = {7000, 7001, 7002, 7003, 7005, 7007};
    size_t n = 0;

    for (uint8_t device = 1; device <= 3; device++)
        for (size_t i = 0; i < sizeof xt / sizeof *xt; i++)
            refs[n++] = (struct plant_ref){.family = FAMILY_XT, .index = device, .id = xt[i]};
    for (uint8_t device = 1; device <= 2; device++)
        for (size_t i = 0; i < sizeof vt / sizeof *vt; i++)
            refs[n++] = (struct plant_ref){.family = FAMILY_VT, .index = device, .id = vt[i]};
    for (size_t i = 0; i < sizeof bsp / sizeof *bsp; i++)
        refs[n++] = (struct plant_ref){.family = FAMILY_BSP, .index = 1, .id = bsp[i]};
    return n;
}

// --- The wire, in virtual time -----------------------------------------------------------------

static void bench_wire(const char *name, const char *installation)
{
    static const struct plant_options options = {.no_discovery = true, .leave_messages = true};
    struct plant_ref refs[REFS];
    size_t count = make_refs(refs);
    struct bench_world world;
    struct gateway_statistics before, after;

    bench_open(&world, installation, GATEWAY_SCOM, &options, NULL, NULL);
    // As often as the line allows, for two minutes; the first seconds (learning what the gateway
    // can do) don't count.
    plant_subscribe(world.plant, refs, count, 1, PRIORITY_SCREEN);
    loop_run_until(world.loop, 10 * LOOP_S);
    gateway_statistics(world.gateway, &before);
    loop_run_until(world.loop, 130 * LOOP_S);
    gateway_statistics(world.gateway, &after);

    double bytes = (double)(after.bytes_sent - before.bytes_sent + after.bytes_received -
                            before.bytes_received);
    double requests = (double)(after.answers - before.answers);
    double refreshes = (double)(after.values - before.values) / (double)count;
    bench_row(name, 120 / bench_wire_s(bytes, requests), "x floor",
              "%.0f ms for %zu infos, %.1f requests; floor = bytes x 11 / 38400 + 20 ms a request",
              120e3 / refreshes, count, requests / refreshes);
    bench_close(&world);
}

// --- The processor, over TCP -------------------------------------------------------------------

// The simulator, in a process of its own, listening on a port of this machine.
static pid_t serve(uint16_t port, bool multi)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct loop *loop = loop_new();
    struct link_spec spec = {.kind = LINK_TCP_LISTEN, .port = port, .host = "127.0.0.1"};
    const struct sim_line line = {.latency = LOOP_MS};
    struct sim *sim = bench_sim(loop, multi ? BENCH_SMALL : BENCH_SMALL ",no-multi");
    sim_gateway_new(sim, link_new(loop, &spec), &line, NULL);
    loop_run(loop);
    _exit(0);
}

struct run {
    struct loop *loop;
    struct plant *plant;
    struct gateway *gateway;
    uint64_t until_values;
};

static void stop_when_read(void *arg)
{
    struct run *run = arg;
    struct gateway_statistics statistics;
    gateway_statistics(run->gateway, &statistics);
    if (statistics.values >= run->until_values)
        loop_stop(run->loop);
}

// Microseconds of processor time a refresh, through the whole client.
static double client_cpu(uint16_t port, int refreshes)
{
    struct plant_ref refs[REFS];
    size_t count = make_refs(refs);
    struct run run = {.loop = loop_new()};
    struct link_spec spec = {.kind = LINK_TCP, .port = port, .host = "127.0.0.1"};
    const struct plant_options plant_options = {.no_discovery = true, .leave_messages = true};
    const struct gateway_options options = {0};
    run.plant = plant_new(run.loop, &plant_options, NULL, NULL);
    run.gateway =
        gateway_new(run.loop, link_new(run.loop, &spec), &options, plant_gateway_event, run.plant);
    plant_attach(run.plant, run.gateway);
    plant_subscribe(run.plant, refs, count, 1, PRIORITY_SCREEN);

    // Asking for the statistics costs more than a refresh: look at them ten times a second.
    struct loop_timer look = {.fire = stop_when_read, .arg = &run};
    run.until_values = count;
    do {
        loop_timer_in(run.loop, &look, 10 * LOOP_MS);
        loop_run_until(run.loop, loop_now(run.loop) + 10 * LOOP_MS + LOOP_MS);
        stop_when_read(&run);
    } while (plant_reading(run.plant, &refs[count - 1]).quality == QUALITY_NONE);

    struct gateway_statistics before, after;
    gateway_statistics(run.gateway, &before);
    double cpu = bench_cpu();
    run.until_values = before.values + (uint64_t)refreshes * count;
    do {
        loop_run_until(run.loop, loop_now(run.loop) + 20 * LOOP_MS);
        gateway_statistics(run.gateway, &after);
    } while (after.values < run.until_values);
    cpu = bench_cpu() - cpu;
    loop_timer_stop(run.loop, &look);
    plant_free(run.plant);
    gateway_free(run.gateway);
    loop_free(run.loop);
    return cpu * 1e6 / ((double)(after.values - before.values) / (double)count);
}

static int dial(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (int i = 0; connect(descriptor, (struct sockaddr *)&to, sizeof to) != 0; i++) {
        if (i > 200) {
            perror("bench_refresh: connect");
            exit(1);
        }
        poll(NULL, 0, 10);
    }
    return descriptor;
}

// One request and its answer, as plainly as it can be done. Returns a sum, so that nothing is
// optimised away.
static double bare_exchange(int descriptor, const uint8_t *request, size_t length)
{
    uint8_t answer[SCOM_FRAME_MAX];
    size_t have = 0, whole = SCOM_HEADER_SIZE;
    double sum = 0;

    if (write(descriptor, request, length) != (ssize_t)length)
        exit(1);
    while (have < whole) {
        struct pollfd readable = {.fd = descriptor, .events = POLLIN};
        poll(&readable, 1, 3000);
        ssize_t n = read(descriptor, answer + have, sizeof answer - have);
        if (n <= 0)
            exit(1);
        have += (size_t)n;
        if (have >= SCOM_HEADER_SIZE)
            whole = SCOM_HEADER_SIZE + (size_t)(answer[10] | answer[11] << 8) + SCOM_CHECKSUM_SIZE;
    }
    if (scom_checksum(answer + 1, 11) != (answer[12] | answer[13] << 8) ||
        scom_checksum(answer + 14, whole - 16) != (answer[whole - 2] | answer[whole - 1] << 8))
        exit(1);
    for (size_t at = SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE; at + 4 <= whole - 2; at += 7) {
        float value;
        memcpy(&value, answer + at, sizeof value);
        sum += isnan(value) ? 0 : (double)value;
    }
    return sum;
}

static double bare_cpu(uint16_t port, int refreshes, bool multi)
{
    struct plant_ref refs[REFS];
    size_t count = make_refs(refs), requests = 0;
    static uint8_t request[REFS][SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + 3 * REFS + 2];
    static size_t length[REFS];
    uint8_t data[3 * REFS];

    if (multi) {
        struct scom_multi_item items[REFS];
        for (size_t i = 0; i < count; i++)
            items[i] = (struct scom_multi_item){
                .info = refs[i].id,
                .aggregation = refs[i].family == FAMILY_BSP ? 0 : refs[i].index};
        struct scom_frame frame = {.source = 1,
                                   .destination = SCOM_GATEWAY_ADDRESS,
                                   .service_id = SCOM_READ,
                                   .object_type = SCOM_MULTI_INFO,
                                   .object_id = 1,
                                   .property_id = 1,
                                   .data = data};
        frame.data_length = (uint16_t)scom_multi_request_encode(items, count, data);
        length[requests] = scom_encode(&frame, request[requests], sizeof request[0]);
        requests++;
    } else {
        for (; requests < count; requests++) {
            struct scom_frame frame = {
                .source = 1,
                .destination = device_address(refs[requests].family, refs[requests].index),
                .service_id = SCOM_READ,
                .object_type = SCOM_USER_INFO,
                .object_id = refs[requests].id,
                .property_id = SCOM_INFO_VALUE};
            length[requests] = scom_encode(&frame, request[requests], sizeof request[0]);
        }
    }
    int descriptor = dial(port);
    volatile double sum = 0;
    for (size_t i = 0; i < requests; i++)
        sum = sum + bare_exchange(descriptor, request[i], length[i]);
    double cpu = bench_cpu();
    for (int round = 0; round < refreshes; round++)
        for (size_t i = 0; i < requests; i++)
            sum = sum + bare_exchange(descriptor, request[i], length[i]);
    cpu = bench_cpu() - cpu;
    close(descriptor);
    return cpu * 1e6 / refreshes;
}

static void bench_processor(uint16_t port, bool multi)
{
    double ratio[ROUNDS], cost[ROUNDS];
    int refreshes = multi ? 1000 : 20;
    pid_t server = serve(port, multi);

    for (int i = 0; i < ROUNDS; i++) {
        double bare = bare_cpu(port, refreshes, multi);
        cost[i] = client_cpu(port, refreshes);
        ratio[i] = cost[i] / bare;
    }
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    double us = bench_median(cost, ROUNDS), times = bench_median(ratio, ROUNDS);
    const char *way = multi ? "multi-info" : "single reads";
    char name[64];
    snprintf(name, sizeof name, "CPU of a refresh, %s", way);
    bench_row(name, times, "x bare", "%.0f us, over TCP; median of %d runs in turn (%.3f to %.3f)",
              us, ROUNDS, ratio[0], ratio[ROUNDS - 1]);
    snprintf(name, sizeof name, "CPU of a value, %s", way);
    bench_row(name, us / REFS, "us", "the same by %d values, without screens", REFS);
}

int main(void)
{
    bench_wire("refresh, multi-info", BENCH_SMALL);
    bench_wire("refresh, single reads", BENCH_SMALL ",no-multi");
    uint16_t port = (uint16_t)(20000 + getpid() % 20000);
    bench_processor(port, true);
    bench_processor((uint16_t)(port + 1), false);
    return 0;
}
