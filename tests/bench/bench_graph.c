// SPDX-License-Identifier: MIT
// Graphs over a log of ten million samples: how long a frame takes at most, and how long until all
// is there, for each length of time that can be shown.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "plant/internal.h"
#include "store/archive.h"
#include "ui/graph.h"

enum { VALUES = 80, SHOWN = 6, COLUMNS = 220 };

static const int64_t every = 10 * LOOP_S;
static const int64_t wall = 1781956800 * LOOP_S;
static const double frame_limit = 100; // ms

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

// Xtenders' values from 3000 on, as many as it takes.
static void write_log(const char *path, int64_t rows)
{
    struct archive *archive;
    struct archive_sample samples[VALUES];
    char error[ARCHIVE_ERROR_MAX];

    if (archive_open(path, &archive, error, sizeof error) != XC_OK)
        bench_fail("open", error);
    for (int i = 0; i < VALUES; i++) {
        struct archive_device device = {.family = FAMILY_XT, .address = 101u + (unsigned)i / 10};
        snprintf(device.key, sizeof device.key, "0A00000%d", i / 10);
        snprintf(device.name, sizeof device.name, "XT%d", i / 10 + 1);
        samples[i] = (struct archive_sample){.why = NULL};
        if (archive_value(archive, &device, 3000u + (unsigned)i % 10, wall, &samples[i].value) !=
            XC_OK)
            bench_fail("value", archive_error(archive));
    }
    for (int64_t row = 0; row < rows; row++) {
        for (int i = 0; i < VALUES; i++)
            samples[i].number = 50 + (double)((row * 7 + i) % 100) / 10;
        if (archive_add(archive, wall - (rows - row) * every, samples, VALUES, false) != XC_OK)
            bench_fail("add", archive_error(archive));
    }
    archive_close(archive);
}

static void look_at(const char *path, unsigned zoom)
{
    struct loop *loop = loop_new_virtual(0, wall);
    const struct plant_options options = {.no_discovery = true, .history = path};
    struct plant *plant = plant_new(loop, &options, NULL, NULL);
    struct ui *ui = ui_new(loop, plant, &(struct ui_options){.site = "bench"});
    double longest = 0, all = 0;
    int frames = 0;

    for (uint16_t i = 0; i < SHOWN; i++)
        ui->graph->refs[i] =
            (struct plant_ref){.family = FAMILY_XT, .index = (uint8_t)(1 + i), .id = 3000 + i};
    ui->graph->count = SHOWN;
    ui->graph->chosen = true;
    ui->graph->zoom = zoom;
    do {
        double began = now();
        graph_look(ui, COLUMNS, 2);
        double took = now() - began;
        longest = took > longest ? took : longest;
        all += took;
        frames++;
        loop_run_until(loop, loop_now(loop) + LOOP_MS);
    } while (ui->graph->reading);
    double began = now();
    loop_run_until(loop, loop_now(loop) + 2 * ui->graph->window.length);
    graph_look(ui, COLUMNS, 2);
    char name[48];
    snprintf(name, sizeof name, "graph of %s", graph_time_name(zoom));
    bench_row(name, longest, "ms",
              "longest of %d frames, of %.0f ms; all %.0f ms, the next point %.2f ms", frames,
              frame_limit, all, now() - began);
    ui_free(ui);
    plant_free(plant);
    loop_free(loop);
}

int main(int argc, char **argv)
{
    int64_t rows = (argc > 1 ? atoll(argv[1]) : 10000000) / VALUES;
    char directory[] = "/tmp/xcomtop-bench-XXXXXX", path[64], command[96];

    if (!mkdtemp(directory))
        bench_fail("mkdtemp", directory);
    snprintf(path, sizeof path, "%s/log.sqlite", directory);
    double began = now();
    write_log(path, rows);
    bench_row("log written", (double)rows / (now() - began), "rows/ms",
              "%lld rows of %d values in %.1f s", (long long)rows, VALUES, (now() - began) / 1e3);
    for (unsigned zoom = 0; zoom < GRAPH_ZOOMS; zoom++)
        look_at(path, zoom);
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command) == 0 ? 0 : 1;
}
