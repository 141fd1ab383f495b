// SPDX-License-Identifier: MIT
// A client of the simulator on the other end of a memory link, in virtual time.
#ifndef XC_TESTS_SIM_BENCH_H
#define XC_TESTS_SIM_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/scom.h"
#include "sim/sim.h"

enum { NOON = 1782043200 }; // 2026-06-21 12:00:00

struct bench {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *gateway;
    struct link *client;
    struct scom_decoder decoder;
    uint8_t bytes[65536]; // everything that came
    size_t length;
    unsigned chunks;
    int64_t last; // when
};

// An installation by its text (sim_parse) at NOON; line NULL: no delays.
void open_bench(struct bench *b, const char *install, const struct sim_line *line);
void close_bench(struct bench *b);
void wait_for(struct bench *b, int64_t time);
// A fault or event by its text; it has to be taken.
void command(struct bench *b, const char *text);
void send_frame(struct bench *b, const struct scom_frame *request);
// Sends a request and waits 2.5 s; the first frame that came. False when none did.
bool ask(struct bench *b, const struct scom_frame *request, struct scom_frame *answer);
struct scom_frame reading(uint32_t address, uint16_t type, uint32_t id, uint16_t property);
// Values; the answer has to have them in their own formats.
double read_info(struct bench *b, uint32_t address, unsigned id);
// The error code of the answer, which has to fit the request; 0: none.
uint16_t ask_error(struct bench *b, const struct scom_frame *request);
double read_parameter(struct bench *b, uint32_t address, unsigned id, uint16_t part);
// The error code of a write; 0: done.
uint16_t write_bytes(struct bench *b, uint32_t address, unsigned id, uint16_t part,
                     const void *data, size_t length);
uint16_t write_float(struct bench *b, uint32_t address, unsigned id, uint16_t part, double value);
uint16_t write_whole(struct bench *b, uint32_t address, unsigned id, uint16_t part, uint32_t value,
                     size_t length);
// A line of sim_gateway_writes(): "requests", "flash XT1:1138"; 0 if there is none.
unsigned counted(struct bench *b, const char *name);
// A multi-info request with one item.
double multi_one(struct bench *b, uint16_t info, uint8_t aggregation);

#endif
