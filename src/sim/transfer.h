// SPDX-License-Identifier: MIT
// The transfer of the directory or of a file of the SD card, block by block (reference scom.md,
// "Datalog files"). There is one at a time. Private to src/sim/.
#ifndef XC_SIM_TRANSFER_H
#define XC_SIM_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "proto/scom.h"

struct sim;

// Zero-initialise to start.
struct transfer {
    uint32_t object; // SCOM_DATALOG_*; 0: none is open
    uint8_t *bytes;
    size_t length;
    unsigned block; // the one sent last, from 1
};

// The number of the block that answers a request; 0 when none does.
unsigned transfer_block(const struct sim *sim, const struct scom_frame *request);

// Carries out a request for SCOM_DATALOG: an error code, or 0, the answer's data of at most
// SCOM_DATALOG_BLOCK_MAX bytes and its property.
uint16_t transfer_step(struct sim *sim, const struct scom_frame *request, uint16_t *property,
                       uint8_t *data, uint16_t *length);

void transfer_close(struct sim *sim);

#endif
