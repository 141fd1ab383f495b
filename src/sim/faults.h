// SPDX-License-Identifier: MIT
// What goes wrong on request: kinds of faults, and when they strike.
#ifndef XC_SIM_FAULTS_H
#define XC_SIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum { FAULT_ERRORS_MAX = 16 };

// The next count times, or each time with a probability. Zero: never.
struct fault_when {
    unsigned count;
    double probability;
};

enum corrupt_part { CORRUPT_ANY, CORRUPT_DATA, CORRUPT_HEADER };

struct faults {
    uint64_t dice; // seed of the next throw
    struct fault_when lose, late, duplicate, corrupt, truncate, garbage, crlf, foreign, busy;
    int64_t late_by; // microseconds
    enum corrupt_part corrupt_part;
    unsigned truncate_bytes; // 0: by chance
    unsigned garbage_bytes;
    unsigned fragment; // bytes in a piece; 0: whole
    struct {
        uint32_t address; // 0: any
        uint32_t object;  // 0: any
        uint16_t code;
        struct fault_when when;
    } errors[FAULT_ERRORS_MAX];
    unsigned error_count;
};

void faults_begin(struct faults *faults, uint64_t seed);

// A random number below limit (> 0).
unsigned faults_random(uint64_t *dice, unsigned limit);

// Whether it strikes now; counts down. dice: the seed of the next throw.
bool faults_strike(uint64_t *dice, struct fault_when *when);

// The error code that a request to address for object shall get, 0 for none.
uint16_t faults_error(struct faults *faults, uint32_t address, uint32_t object);

#endif
