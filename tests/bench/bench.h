// SPDX-License-Identifier: MIT
// What the benchmarks share: the table's lines, processor time, medians, and an installation behind
// a line of 38400 8E1 and a gateway with 20 ms latency, all in one process and in virtual time.
#ifndef XC_TESTS_BENCH_H
#define XC_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "sim/sim.h"

// --- The table -----------------------------------------------------------------------------------

// One line: "name  figure unit  how it was measured". unit: "x floor", "ms", "B/s", … The header is
// printed by `make bench`; bench_program.py prints the same columns.
void bench_row(const char *name, double figure, const char *unit, const char *how, ...)
    __attribute__((format(printf, 4, 5)));

// Seconds of processor time that this process has used, user's and system's: what others do on the
// machine counts little.
double bench_cpu(void);
// Sorts them.
double bench_median(double *values, size_t count);
// Ends the program.
_Noreturn void bench_fail(const char *what, const char *why);

// --- An installation -----------------------------------------------------------------------------

enum { BENCH_BAUD = 38400, BENCH_BITS = 11, BENCH_CLOCK = 1781956800 }; // a June day, 12:00
#define BENCH_LATENCY (20 * LOOP_MS)
// All that a Studer bus can have.
#define BENCH_FULL  "xt=9,vt=15,vs=15,bsp"
#define BENCH_SMALL "xt=3,vt=2,bsp"

struct bench_world {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *sim_gateway;
    struct gateway *gateway;
    struct plant *plant;
};

// installation: as sim_parse() reads it. On CAN the bus has no pace of its own: only the latency
// counts. changed and arg are the plant's.
void bench_open(struct bench_world *world, const char *installation, enum gateway_dialect dialect,
                const struct plant_options *options, void (*changed)(void *arg), void *arg);
void bench_close(struct bench_world *world);
// As sim_parse() and BENCH_CLOCK have it.
struct sim *bench_sim(struct loop *loop, const char *installation);

// Seconds in which so many bytes, both ways, and so many questions can go over that line at best.
double bench_wire_s(double bytes, double questions);

#endif
