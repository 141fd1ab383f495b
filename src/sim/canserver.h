// SPDX-License-Identifier: MIT
// Requests of the Studer public protocol to answers, as reference can.md has it.
#ifndef XC_SIM_CANSERVER_H
#define XC_SIM_CANSERVER_H

#include "proto/stucan.h"
#include "sim/server.h"

// Whether a request can be for something behind an Xcom-CAN: the addresses of can.md "Identifier".
bool canserver_has_address(uint16_t address);

// Carries out a request, which stucan_request_decode() has taken, and makes its answer. error: a
// code to answer with instead; 0: none.
enum server_outcome canserver_execute(struct sim *sim, const struct stucan_frame *request,
                                      uint16_t error, struct stucan_frame *answer);

#endif
