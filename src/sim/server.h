// SPDX-License-Identifier: MIT
// SCOM requests to answers, strictly as reference scom.md has it.
#ifndef XC_SIM_SERVER_H
#define XC_SIM_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "proto/scom.h"
#include "sim/site.h"

// How a request ends.
enum server_outcome {
    SERVER_ANSWER,
    SERVER_ANSWER_LATE, // after the 2 s that the gateway waits for a device
    SERVER_ANSWER_LOST, // it is done, and the answer gets lost
    SERVER_SILENCE,
};

// Carries out a request. error (0: none) and property_data of the answer; data holds
// SCOM_DATA_MAX bytes. The request's property becomes the answer's, which differs only in a
// datalog transfer.
enum server_outcome server_execute(struct sim *sim, struct scom_frame *request, uint16_t *error,
                                   uint8_t *data, uint16_t *length);

// The family of the device or devices that a request to address is for; FAMILY_NONE: nobody.
enum family server_family(const struct sim *sim, uint32_t address);

// The frame that answers request. Returns its length.
size_t server_answer(struct sim *sim, const struct scom_frame *request, uint16_t error,
                     const uint8_t *data, uint16_t length, uint8_t *out, size_t size);

#endif
