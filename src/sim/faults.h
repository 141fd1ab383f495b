// SPDX-License-Identifier: MIT
// What goes wrong on request: kinds of faults, and when they strike.
#ifndef XC_SIM_FAULTS_H
#define XC_SIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum { FAULT_ERRORS_MAX = 16, FAULT_BLOCKS_MAX = 16 };

// The next count times, or each time with a probability. Zero: never.
struct fault_when {
    unsigned count;
    double probability;
};

enum corrupt_part { CORRUPT_ANY, CORRUPT_DATA, CORRUPT_HEADER };

// What happens to a block of a datalog transfer.
enum block_fault {
    BLOCK_SOUND,
    BLOCK_CORRUPT,   // its data checksum is wrong
    BLOCK_SILENCE,   // it gets lost
    BLOCK_DUPLICATE, // it comes twice
    BLOCK_LATE,      // it comes 4 s later
    BLOCK_RESTART,   // the gateway restarts instead
    BLOCK_BUSY,      // GATEWAY_BUSY, and the transfer stays where it is
    BLOCK_BROKEN,    // FILE_CORRUPTED, and the transfer ends
    BLOCK_FAULTS
};

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
    struct {
        enum block_fault kind;
        unsigned block; // from 1
        struct fault_when when;
    } blocks[FAULT_BLOCKS_MAX];
    unsigned block_count;
};

void faults_begin(struct faults *faults, uint64_t seed);

// A random number below limit (> 0).
unsigned faults_random(uint64_t *dice, unsigned limit);

// Whether it strikes now; counts down. dice: the seed of the next throw.
bool faults_strike(uint64_t *dice, struct fault_when *when);

// The error code that a request to address for object shall get, 0 for none.
uint16_t faults_error(struct faults *faults, uint32_t address, uint32_t object);

// What shall happen to the block with this number.
enum block_fault faults_block(struct faults *faults, unsigned block);

#endif
