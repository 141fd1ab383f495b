// SPDX-License-Identifier: MIT
// How close a refresh comes to what a CAN bus allows: 60 infos of 3 XT, 2 VT and a BSP, one request
// each. In real time, with the simulator in a process of its own.
//
//     bench_can            an SLCAN adapter on a pseudo terminal, its bus paced at 125 kbit/s, the
//                          gateway with 20 ms latency; floor: bits of the frames / 125000 + 20 ms
//     bench_can IFACE      SocketCAN; against a bare peer that sends the same requests with
//     write(2)
//                          and waits for each answer with read(2), in turn
#include <fcntl.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "catalogue/address.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "proto/stucan.h"
#include "sim/sim.h"

enum { BITRATE = 125000, REQUEST_BITS = 67 + 8 * 2, ANSWER_BITS = 67 + 8 * 6, ROUNDS = 7 };

static const uint16_t xt[] = {3000, 3005, 3010, 3011, 3012, 3020, 3021,
                              3022, 3028, 3049, 3084, 3085, 3136, 3137};
static const uint16_t vt[] = {11000, 11001, 11002, 11003, 11004, 11016};
static const uint16_t bsp[] = {7000, 7001, 7002, 7003, 7005, 7007};

enum { REFS = 3 * 14 + 2 * 6 + 6 };

static void add(struct plant_ref *refs, size_t *n, enum family family, uint8_t devices,
                const uint16_t *ids, size_t count)
{
    for (uint8_t device = 1; device <= devices; device++)
        for (size_t i = 0; i < count; i++)
            refs[(*n)++] = (struct plant_ref){.family = family, .index = device, .id = ids[i]};
}

static void make_refs(struct plant_ref refs[REFS])
{
    size_t n = 0;

    add(refs, &n, FAMILY_XT, 3, xt, sizeof xt / sizeof *xt);
    add(refs, &n, FAMILY_VT, 2, vt, sizeof vt / sizeof *vt);
    add(refs, &n, FAMILY_BSP, 1, bsp, sizeof bsp / sizeof *bsp);
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

// The simulator, in a process of its own.
static pid_t serve(const struct link_spec *spec, bool slcan, int64_t latency)
{
    const struct sim_line line = {.latency = latency};
    const struct sim_can can = {.slcan = slcan, .bitrate = BITRATE};
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    struct loop *loop = loop_new();
    sim_gateway_new(bench_sim(loop, BENCH_SMALL), link_new(loop, spec), &line, &can);
    loop_run(loop);
    _exit(0);
}

static void end(pid_t server)
{
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
}

// Seconds a refresh, through the whole client.
static double refresh(const struct link_spec *spec, int refreshes)
{
    struct plant_ref refs[REFS];
    struct loop *loop = loop_new();
    const struct plant_options plant_options = {.no_discovery = true, .leave_messages = true};
    const struct gateway_options options = {.dialect = GATEWAY_STUCAN};
    struct plant *plant = plant_new(loop, &plant_options, NULL, NULL);
    struct gateway *gateway =
        gateway_new(loop, link_new(loop, spec), &options, plant_gateway_event, plant);
    struct gateway_statistics before, after;

    make_refs(refs);
    plant_attach(plant, gateway);
    plant_subscribe(plant, refs, REFS, 1, PRIORITY_SCREEN);
    do { // what comes first (who is there, the link's settings) doesn't count
        loop_run_until(loop, loop_now(loop) + 10 * LOOP_MS);
        gateway_statistics(gateway, &before);
    } while (before.values < 2 * REFS);
    int64_t begun = loop_now(loop);
    do {
        loop_run_until(loop, loop_now(loop) + 10 * LOOP_MS);
        gateway_statistics(gateway, &after);
    } while (after.values < before.values + (uint64_t)refreshes * REFS);
    double taken = (double)(loop_now(loop) - begun) / LOOP_S;
    plant_free(plant);
    gateway_free(gateway);
    loop_free(loop);
    return taken / ((double)(after.values - before.values) / REFS);
}

// --- An adapter ----------------------------------------------------------------------------------

static void bench_slcan(void)
{
    struct link_spec far_end = {.kind = LINK_PTY}, near_end = {.kind = LINK_SLCAN};
    static const int64_t latency = 20 * LOOP_MS;
    double floor_s =
        REFS * ((REQUEST_BITS + ANSWER_BITS) / (double)BITRATE + (double)latency / LOOP_S);

    snprintf(far_end.path, sizeof far_end.path, "/tmp/bench-can-%d", (int)getpid());
    memcpy(near_end.path, far_end.path, sizeof near_end.path);
    near_end.bitrate = BITRATE;
    pid_t server = serve(&far_end, true, latency);
    while (access(far_end.path, F_OK) != 0)
        usleep(10000);
    double taken = refresh(&near_end, 5);
    end(server);
    unlink(far_end.path);
    bench_row("refresh, CAN through SLCAN", taken / floor_s, "x floor",
              "%.0f ms for %d infos; floor = bits / 125000 + 20 ms a request", taken * 1e3, REFS);
}

// --- SocketCAN -----------------------------------------------------------------------------------

static int open_bus(const char *interface)
{
    struct sockaddr_can to = {.can_family = AF_CAN, .can_ifindex = (int)if_nametoindex(interface)};
    const struct can_filter ours = {CAN_EFF_FLAG, CAN_EFF_FLAG | STUCAN_ADDRESS_MAX << 19};
    int bus = socket(PF_CAN, SOCK_RAW, CAN_RAW);

    if (bus < 0 || bind(bus, (struct sockaddr *)&to, sizeof to) != 0 ||
        setsockopt(bus, SOL_CAN_RAW, CAN_RAW_FILTER, &ours, sizeof ours) != 0)
        fail(interface);
    return bus;
}

static double wall(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// Seconds a refresh, with nothing but requests and answers.
static double bare_refresh(const char *interface, int refreshes)
{
    struct plant_ref refs[REFS];
    struct can_frame request, answer;
    int bus = open_bus(interface);

    make_refs(refs);
    double begun = wall();
    for (int round = 0; round < refreshes; round++)
        for (size_t i = 0; i < REFS; i++) {
            uint32_t device = device_address(refs[i].family, refs[i].index);
            request = (struct can_frame){.can_id = CAN_EFF_FLAG | device << 19,
                                         .can_dlc = 2,
                                         .data = {(uint8_t)(refs[i].id >> 8), (uint8_t)refs[i].id}};
            if (write(bus, &request, sizeof request) != sizeof request)
                fail(interface);
            do {
                if (read(bus, &answer, sizeof answer) != sizeof answer)
                    fail(interface);
            } while (answer.can_id != (CAN_EFF_FLAG | device << 9) || answer.can_dlc != 6 ||
                     memcmp(answer.data, request.data, 2) != 0);
        }
    double taken = wall() - begun;
    close(bus);
    return taken / refreshes;
}

static void bench_bus(const char *interface)
{
    struct link_spec far_end = {.kind = LINK_CAN, .every_frame = true};
    struct link_spec near_end = {.kind = LINK_CAN};
    double ratios[ROUNDS], taken = 0;

    snprintf(far_end.path, sizeof far_end.path, "%s", interface);
    memcpy(near_end.path, far_end.path, sizeof near_end.path);
    pid_t server = serve(&far_end, false, LOOP_MS);
    usleep(500000);
    for (int i = 0; i < ROUNDS; i++) {
        double bare = bare_refresh(interface, 10);
        taken = refresh(&near_end, 10);
        ratios[i] = taken / bare;
    }
    end(server);
    bench_row("refresh, SocketCAN", bench_median(ratios, ROUNDS), "x bare",
              "%.0f ms for %d infos on %s, answers after 1 ms; median of %d runs in turn (%.3f to "
              "%.3f)",
              taken * 1e3, REFS, interface, ROUNDS, ratios[0], ratios[ROUNDS - 1]);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        bench_bus(argv[1]);
    else
        bench_slcan();
    return 0;
}
