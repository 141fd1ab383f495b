// SPDX-License-Identifier: MIT
// What a log costs. A row of 51 values in each format, with everything that belongs to it: against
// snprintf(3) of its numbers, with nine digits, and write(2) of the line. And what a year of
// logging leaves in memory, in virtual time.
#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/logger.h"
#include "sim/sim.h"
#include "store/archive.h"
#include "store/logfile.h"
#include "store/rows.h"

enum { VALUES = 51, ROWS = 20000 };

static char directory[64];

static char *path_of(const char *name)
{
    static char path[96];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static double number_of(int row, int value)
{
    return (double)(float)(50 + sin(row / 100.0 + value) * 10);
}

// --- A row ---------------------------------------------------------------------------------------

static double bench_bare(void)
{
    int file = open(path_of("bare"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    char line[VALUES * 20];
    double begun = bench_cpu();

    for (int row = 0; row < ROWS; row++) {
        int length = 0;
        for (int i = 0; i < VALUES; i++)
            length +=
                snprintf(line + length, sizeof line - (size_t)length, "%.9g,", number_of(row, i));
        if (write(file, line, (size_t)length) != length)
            exit(1);
    }
    double took = bench_cpu() - begun;
    close(file);
    return took / ROWS;
}

static double bench_text(enum row_format format, size_t *line_length)
{
    static char names[VALUES][16];
    struct column columns[VALUES + 1] = {{.name = "time", .type = COLUMN_TIME}};
    struct field fields[VALUES + 1] = {0};
    char note[LOGFILE_TEXT_MAX], *text = NULL;
    struct logfile *file;
    size_t length = 0;

    for (int i = 0; i < VALUES; i++) {
        snprintf(names[i], sizeof names[i], "XT1:%d", 3000 + i);
        columns[i + 1] = (struct column){.name = names[i], .type = COLUMN_NUMBER};
        fields[i + 1].decimals = -1;
    }
    FILE *stream = open_memstream(&text, &length);
    struct rows *rows = rows_new(stream, format, columns, VALUES + 1);
    if (logfile_open(path_of(format == ROWS_CSV ? "csv" : "jsonl"), "", &file, note) != XC_OK)
        exit(1);
    double begun = bench_cpu();
    for (int row = 0; row < ROWS; row++) {
        fields[0].integer = 1782043200 * LOOP_S + row * LOOP_S;
        for (int i = 0; i < VALUES; i++)
            fields[i + 1].number = number_of(row, i);
        rows_add(rows, fields);
        rows_flush(rows);
        fflush(stream);
        if (logfile_append(file, text, length, note) != XC_OK)
            exit(1);
        *line_length = length;
        fseeko(stream, 0, SEEK_SET);
    }
    double took = bench_cpu() - begun;
    rows_free(rows);
    fclose(stream);
    free(text);
    logfile_close(file);
    return took / ROWS;
}

static double bench_archive(double *row_size)
{
    struct archive_sample samples[VALUES];
    const struct archive_device device = {.key = "04A68001", .name = "XT1", .family = FAMILY_XT};
    char error[ARCHIVE_ERROR_MAX];
    struct archive *archive;
    const int64_t start = 1782043200 * LOOP_S;

    if (archive_open(path_of("sqlite"), &archive, error, sizeof error) != XC_OK)
        exit(1);
    for (int i = 0; i < VALUES; i++)
        archive_value(archive, &device, 3000 + (unsigned)i, start, &samples[i].value);
    double begun = bench_cpu();
    for (int row = 0; row < ROWS; row++) {
        for (int i = 0; i < VALUES; i++) {
            samples[i].number = number_of(row, i);
            samples[i].why = NULL;
        }
        // The disk isn't what is measured.
        if (archive_add(archive, start + row * 10 * LOOP_S, samples, VALUES, false) != XC_OK)
            exit(1);
    }
    double took = bench_cpu() - begun;
    *row_size = (double)archive_size(archive) / ROWS;
    archive_close(archive);
    return took / ROWS;
}

static void print_row(const char *name, double took, double floor)
{
    bench_row(name, took / floor, "x floor",
              "%.0f us, %.2f us a value; floor = snprintf and write(2) alone", took * 1e6,
              took * 1e6 / VALUES);
}

// --- A year --------------------------------------------------------------------------------------

struct year {
    struct logger *logger;
    uint64_t bytes;
};

static bool take(void *arg, const char *text, size_t length)
{
    struct year *year = arg;

    (void)text;
    year->bytes += length;
    return true;
}

static const struct logger_calls calls = {.put = take};

static void look(void *arg)
{
    struct year *year = arg;

    if (year->logger)
        logger_look(year->logger);
}

static void bench_year(void)
{
    static const int64_t day = 86400 * LOOP_S;
    struct year year = {0};
    struct loop *loop = loop_new_virtual(LOOP_S, 1767225600 * LOOP_S);
    struct sim_options options;
    struct link *near_end, *far_end;
    const struct sim_line line = {.latency = 20 * LOOP_MS};
    const struct plant_options plant_options = {.leave_messages = true};
    const struct gateway_options gateway_options = {0};
    const struct logger_options log = {.every = 600 * LOOP_S, .sync = 5 * LOOP_S};
    char error[SELECTION_ERROR_MAX];
    struct selection selection;

    sim_defaults(&options);
    options.clock = 1767225600;
    link_memory_pair(loop, &near_end, &far_end);
    struct sim *sim = sim_new(loop, &options);
    struct sim_gateway *sim_gateway = sim_gateway_new(sim, far_end, &line, NULL);
    struct plant *plant = plant_new(loop, &plant_options, look, &year);
    struct gateway *gateway =
        gateway_new(loop, near_end, &gateway_options, plant_gateway_event, plant);
    plant_attach(plant, gateway);
    selection_preset("overview", &selection, error);
    year.logger = logger_new(loop, plant, &selection, &log, &calls, &year);
    loop_run_until(loop, loop_now(loop) + day);
    size_t before = mallinfo2().uordblks;
    double begun = bench_cpu();
    loop_run_until(loop, loop_now(loop) + 364 * day);
    struct logger_status status = logger_status(year.logger);
    bench_row("log, memory after a year", (double)mallinfo2().uordblks / (double)before, "x before",
              "%zu kB after its first day; %llu rows, %.1f s CPU with the simulator", before / 1024,
              (unsigned long long)status.rows, bench_cpu() - begun);
    logger_free(year.logger);
    plant_free(plant);
    gateway_free(gateway);
    sim_gateway_free(sim_gateway);
    sim_free(sim);
    loop_free(loop);
}

int main(void)
{
    char command[96];
    size_t length = 0;
    double row_size;

    snprintf(directory, sizeof directory, "/tmp/xcomtop-bench.XXXXXX");
    if (!mkdtemp(directory))
        return 1;
    double jsonl = bench_text(ROWS_JSONL, &length);
    double csv = bench_text(ROWS_CSV, &length);
    double floor = bench_bare();
    print_row("log, CSV: a row", csv, floor);
    print_row("log, JSON lines: a row", jsonl, floor);
    print_row("log, SQLite: a row", bench_archive(&row_size), floor);
    bench_row("log, CSV: size", (double)length, "B", "in the file a row of %d values", VALUES);
    bench_row("log, SQLite: size", row_size, "B", "in the file a row of %d values", VALUES);
    bench_year();
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command) == 0 ? 0 : 1;
}
