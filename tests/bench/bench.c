// SPDX-License-Identifier: MIT
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "link/link.h"

// --- The table -----------------------------------------------------------------------------------

void bench_row(const char *name, double figure, const char *unit, const char *how, ...)
{
    va_list args;

    printf("%-38s %10.*f %-8s  ", name, figure < 100 ? 3 : 0, figure, unit);
    va_start(args, how);
    vprintf(how, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

double bench_cpu(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

void bench_fail(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

// --- An installation -----------------------------------------------------------------------------

struct sim *bench_sim(struct loop *loop, const char *installation)
{
    struct sim_options options;
    char error[200];

    if (sim_parse(installation, &options, error, sizeof error) != XC_OK)
        bench_fail(installation, error);
    options.clock = BENCH_CLOCK;
    return sim_new(loop, &options);
}

void bench_open(struct bench_world *world, const char *installation, enum gateway_dialect dialect,
                const struct plant_options *options, void (*changed)(void *arg), void *arg)
{
    static const struct sim_line line = {
        .baud = BENCH_BAUD, .bits_per_byte = BENCH_BITS, .latency = BENCH_LATENCY};
    static const struct sim_can bus = {0};
    const struct gateway_options gateway_options = {.dialect = dialect};
    struct link *near_end, *far_end;

    world->loop = loop_new_virtual(0, BENCH_CLOCK * LOOP_S);
    world->sim = bench_sim(world->loop, installation);
    link_memory_pair(world->loop, &near_end, &far_end);
    world->sim_gateway =
        sim_gateway_new(world->sim, far_end, &line, dialect == GATEWAY_STUCAN ? &bus : NULL);
    world->plant = plant_new(world->loop, options, changed, arg);
    world->gateway =
        gateway_new(world->loop, near_end, &gateway_options, plant_gateway_event, world->plant);
    plant_attach(world->plant, world->gateway);
}

void bench_close(struct bench_world *world)
{
    plant_free(world->plant);
    gateway_free(world->gateway);
    sim_gateway_free(world->sim_gateway);
    sim_free(world->sim);
    loop_free(world->loop);
}

double bench_wire_s(double bytes, double questions)
{
    return bytes * BENCH_BITS / BENCH_BAUD + questions * (double)BENCH_LATENCY / 1e6;
}
