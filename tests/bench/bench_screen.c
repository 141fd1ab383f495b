// SPDX-License-Identifier: MIT
// The live screens in virtual time, on a line paced at 38400 8E1 behind a gateway with 20 ms
// latency: how long until the first screen is complete, and whether an hour of it leaks memory.
#include <malloc.h>

#include "bench.h"
#include "ui/canvas.h"
#include "ui/ui.h"

struct stage {
    struct bench_world world;
    struct ui *ui;
    struct canvas canvas;
};

static void open_stage(struct stage *stage, const char *installation, bool messages)
{
    const struct plant_options options = {.leave_messages = !messages};

    bench_open(&stage->world, installation, GATEWAY_SCOM, &options, NULL, NULL);
    stage->ui =
        ui_new(stage->world.loop, stage->world.plant, &(struct ui_options){.site = "bench"});
    canvas_init(&stage->canvas, 80, 24, false);
}

static void close_stage(struct stage *stage)
{
    canvas_free(&stage->canvas);
    ui_free(stage->ui);
    bench_close(&stage->world);
}

// Draws four times a second, as the terminal does, until the deadline or, if wanted, until
// everything that the view shows has been read.
static int64_t run(struct stage *stage, int64_t deadline, bool until_complete)
{
    while (loop_now(stage->world.loop) < deadline) {
        loop_run_until(stage->world.loop, loop_now(stage->world.loop) + 10 * LOOP_MS);
        if (loop_now(stage->world.loop) % (250 * LOOP_MS) == 0)
            ui_draw(stage->ui, &stage->canvas);
        if (until_complete && ui_complete(stage->ui))
            break;
    }
    return loop_now(stage->world.loop);
}

static void bench_first_screen(const char *name, const char *installation, bool messages)
{
    struct stage stage;

    open_stage(&stage, installation, messages);
    int64_t complete = run(&stage, 60 * LOOP_S, true);
    bench_row(name, (double)complete / 1e6, "s",
              "of 1 s: link open to complete overview of 3 XT, 2 VT, BSP");
    close_stage(&stage);
}

static void bench_hour(const char *name, const char *installation)
{
    struct stage stage;

    open_stage(&stage, installation, true);
    // After four days every table and history has its size.
    run(&stage, 60 * LOOP_S, false);
    loop_run_until(stage.world.loop, 100 * 3600 * LOOP_S);
    size_t before = mallinfo2().uordblks;
    run(&stage, 101 * 3600 * LOOP_S, false);
    size_t after = mallinfo2().uordblks;
    bench_row(name, (double)after / (double)before, "x before",
              "%zu bytes after four days, after one more hour %zu (virtual time)", before, after);
    close_stage(&stage);
}

int main(void)
{
    bench_first_screen("first screen, multi-info", BENCH_SMALL, false);
    bench_first_screen("first screen, and 16 messages read", BENCH_SMALL, true);
    bench_first_screen("first screen, single reads", BENCH_SMALL ",no-multi", false);
    bench_hour("heap after an hour, 6 devices", BENCH_SMALL);
    bench_hour("heap after an hour, 40 devices", BENCH_FULL);
    return 0;
}
