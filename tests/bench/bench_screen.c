// SPDX-License-Identifier: MIT
// The live screens in virtual time, on a line paced at 38400 8E1 behind a gateway with 20 ms
// latency: how long until the first screen is complete, and whether an hour of it leaks memory.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "sim/sim.h"
#include "ui/canvas.h"
#include "ui/ui.h"

struct world {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *sim_gateway;
    struct gateway *gateway;
    struct plant *plant;
    struct ui *ui;
    struct canvas canvas;
};

static void world_open(struct world *world, bool multi, bool messages)
{
    static const struct sim_line line = {
        .baud = 38400, .bits_per_byte = 11, .latency = 20 * LOOP_MS};
    static const struct gateway_options options = {0};
    const struct plant_options plant_options = {.leave_messages = !messages};
    const struct ui_options ui_options = {.site = "bench"};
    struct sim_options sim_options;
    struct link *near_end, *far_end;
    char error[200];

    world->loop = loop_new_virtual(0, 1781956800 * LOOP_S);
    sim_defaults(&sim_options);
    if (sim_parse("xt=3,vt=2,bsp", &sim_options, error, sizeof error) != XC_OK) {
        fprintf(stderr, "bench_screen: %s\n", error);
        exit(1);
    }
    sim_options.multi_info = multi;
    sim_options.clock = 1781956800;
    link_memory_pair(world->loop, &near_end, &far_end);
    world->sim = sim_new(world->loop, &sim_options);
    world->sim_gateway = sim_gateway_new(world->sim, far_end, &line, NULL);
    world->plant = plant_new(world->loop, &plant_options, NULL, NULL);
    world->gateway =
        gateway_new(world->loop, near_end, &options, plant_gateway_event, world->plant);
    plant_attach(world->plant, world->gateway);
    world->ui = ui_new(world->loop, world->plant, &ui_options);
    canvas_init(&world->canvas, 80, 24, false);
}

static void world_close(struct world *world)
{
    canvas_free(&world->canvas);
    ui_free(world->ui);
    plant_free(world->plant);
    gateway_free(world->gateway);
    sim_gateway_free(world->sim_gateway);
    sim_free(world->sim);
    loop_free(world->loop);
}

// Draws four times a second, as the terminal does, until the deadline or, if wanted, until
// everything that the view shows has been read.
static int64_t run(struct world *world, int64_t deadline, bool until_complete)
{
    while (loop_now(world->loop) < deadline) {
        loop_run_until(world->loop, loop_now(world->loop) + 10 * LOOP_MS);
        if (loop_now(world->loop) % (250 * LOOP_MS) == 0)
            ui_draw(world->ui, &world->canvas);
        if (until_complete && ui_complete(world->ui))
            break;
    }
    return loop_now(world->loop);
}

static void bench_first_screen(const char *name, bool multi, bool messages)
{
    struct world world;

    world_open(&world, multi, messages);
    int64_t complete = run(&world, 60 * LOOP_S, true);
    printf("%-34s %6.3f   of 1 s: link open to complete overview of 3 XT, 2 VT, BSP at 38400 8E1, "
           "20 ms latency\n",
           name, (double)complete / 1e6);
    world_close(&world);
}

static void bench_hour(void)
{
    struct world world;

    world_open(&world, true, true);
    // After four days every table and history has its size.
    run(&world, 60 * LOOP_S, false);
    loop_run_until(world.loop, 100 * 3600 * LOOP_S);
    size_t before = mallinfo2().uordblks;
    run(&world, 101 * 3600 * LOOP_S, false);
    size_t after = mallinfo2().uordblks;
    printf("%-34s %6.3f   %zu bytes on the heap after four days, after one more hour %zu (virtual "
           "time)\n",
           "heap after an hour / before", (double)after / (double)before, before, after);
    world_close(&world);
}

int main(void)
{
    bench_first_screen("first full screen, multi-info", true, false);
    bench_first_screen("... and 16 messages read", true, true);
    bench_first_screen("first full screen, single reads", false, false);
    bench_hour();
    return 0;
}
