// SPDX-License-Identifier: MIT
// The screens of a full installation: what drawing one costs the processor, and what a terminal is
// sent while it is live, in virtual time. The terminal is a socket that keeps each write apart.
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "ui/canvas.h"
#include "ui/term_start.h"
#include "ui/ui.h"

enum { DRAWINGS = 200, ROUNDS = 7, SECONDS = 60 };

static const struct {
    enum view_id view;
    const char *name;
} views[] = {
    {VIEW_OVERVIEW, "overview"},
    {VIEW_XT, "XT"},
    {VIEW_PARAMETERS, "parameters"},
    {VIEW_GRAPHS, "graphs"},
};

struct stage {
    struct bench_world world;
    struct ui *ui;
    struct term *term; // NULL: nothing is shown
};

static void on_change(void *arg)
{
    struct stage *stage = arg;

    if (stage->term)
        term_invalidate(stage->term);
}

static void open_stage(struct stage *stage)
{
    static const struct plant_options options = {0};

    *stage = (struct stage){.term = NULL};
    bench_open(&stage->world, BENCH_FULL, GATEWAY_SCOM, &options, on_change, stage);
    stage->ui =
        ui_new(stage->world.loop, stage->world.plant, &(struct ui_options){.site = "bench"});
}

static void close_stage(struct stage *stage)
{
    ui_free(stage->ui);
    bench_close(&stage->world);
}

static void run_for(struct stage *stage, int64_t time)
{
    loop_run_until(stage->world.loop, loop_now(stage->world.loop) + time);
}

// Each view has been shown for a while, so that its values are there.
static void bench_drawing(int width, int height)
{
    struct stage stage;
    struct canvas canvas;
    char name[64];

    open_stage(&stage);
    canvas_init(&canvas, width, height, false);
    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        double took[ROUNDS];
        ui_show(stage.ui, views[v].view);
        for (int frame = 0; frame < 4 * SECONDS; frame++) {
            ui_draw(stage.ui, &canvas);
            run_for(&stage, LOOP_S / 4);
        }
        for (int round = 0; round < ROUNDS; round++) {
            double begun = bench_cpu();
            for (int i = 0; i < DRAWINGS; i++)
                ui_draw(stage.ui, &canvas);
            took[round] = (bench_cpu() - begun) / DRAWINGS;
        }
        snprintf(name, sizeof name, "drawing: %s, %dx%d", views[v].name, width, height);
        bench_row(name, bench_median(took, ROUNDS) * 1e6, "us",
                  "of CPU a drawing, of 250 ms that a frame lasts; median of %d rounds", ROUNDS);
    }
    canvas_free(&canvas);
    close_stage(&stage);
}

static size_t take_writes(int terminal, unsigned *writes)
{
    static char bytes[1 << 18];
    size_t size = 0;

    for (ssize_t n; (n = recv(terminal, bytes, sizeof bytes, MSG_DONTWAIT)) > 0; ++*writes)
        size += (size_t)n;
    return size;
}

static void bench_terminal(int width, int height)
{
    static const struct term_options options = {.theme = THEME_DEFAULT};
    struct stage stage;
    int output[2], input[2];
    char number[12], name[64];

    snprintf(number, sizeof number, "%d", width);
    setenv("COLUMNS", number, 1);
    snprintf(number, sizeof number, "%d", height);
    setenv("LINES", number, 1);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, output) != 0 || pipe(input) != 0)
        bench_fail("socketpair", "failed");
    FILE *in = fdopen(input[0], "r"), *out = fdopen(output[1], "w");
    open_stage(&stage);
    if (term_start(stage.world.loop, stage.ui, &options, "xterm-256color", in, out, &stage.term) !=
        XC_OK)
        bench_fail("xterm-256color", "isn't known here");
    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        unsigned writes = 0;
        size_t bytes = 0;
        ui_show(stage.ui, views[v].view);
        for (int i = 0; i < SECONDS; i++) { // until its values are there
            run_for(&stage, LOOP_S);
            take_writes(output[0], &writes);
        }
        writes = 0;
        uint64_t frames = term_frames(stage.term);
        for (int i = 0; i < SECONDS; i++) {
            run_for(&stage, LOOP_S);
            bytes += take_writes(output[0], &writes);
        }
        frames = term_frames(stage.term) - frames;
        snprintf(name, sizeof name, "terminal: %s, %dx%d", views[v].name, width, height);
        bench_row(name, (double)bytes / (double)frames, "B/frame",
                  "%.3f writes a frame, %.1f frames/s, %.0f bytes/s; over %d s",
                  (double)writes / (double)frames, (double)frames / SECONDS,
                  (double)bytes / SECONDS, SECONDS);
    }
    struct term *term = stage.term;
    stage.term = NULL;
    term_close(term);
    close_stage(&stage);
    fclose(in);
    fclose(out);
    close(output[0]);
    close(input[1]);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    bench_drawing(80, 24);
    bench_drawing(200, 50);
    bench_terminal(80, 24);
    bench_terminal(200, 50);
    return 0;
}
