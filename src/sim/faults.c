// SPDX-License-Identifier: MIT
#include "sim/faults.h"

#include "proto/scom.h"
#include "sim/chance.h"

enum { CHANCE_FAULTS = 5000 };

void faults_begin(struct faults *faults, uint64_t seed)
{
    *faults = (struct faults){.dice = chance_mix(seed, CHANCE_FAULTS)};
}

unsigned faults_random(uint64_t *dice, unsigned limit)
{
    *dice = chance_mix(*dice, 0);
    return (unsigned)(chance_unit(*dice) * limit);
}

bool faults_strike(uint64_t *dice, struct fault_when *when)
{
    if (when->count > 0) {
        when->count--;
        return true;
    }
    return when->probability > 0 &&
           (when->probability >= 1 ||
            faults_random(dice, 1000000) < (unsigned)(when->probability * 1e6));
}

uint16_t faults_error(struct faults *faults, uint32_t address, uint32_t object)
{
    if (faults_strike(&faults->dice, &faults->busy))
        return SCOM_GATEWAY_BUSY;
    for (unsigned i = 0; i < faults->error_count; i++) {
        bool meant = (faults->errors[i].address == 0 || faults->errors[i].address == address) &&
                     (faults->errors[i].object == 0 || faults->errors[i].object == object);
        if (meant && faults_strike(&faults->dice, &faults->errors[i].when))
            return faults->errors[i].code;
    }
    return 0;
}

enum block_fault faults_block(struct faults *faults, unsigned block)
{
    for (unsigned i = 0; i < faults->block_count; i++)
        if (faults->blocks[i].block == block &&
            faults_strike(&faults->dice, &faults->blocks[i].when))
            return faults->blocks[i].kind;
    return BLOCK_SOUND;
}
