// SPDX-License-Identifier: MIT
// An Xcom-CAN's end of the line: frames in, answers and messages out, in records of a CAN link or
// as an SLCAN adapter's text. Private to src/sim/.
#ifndef XC_SIM_CANLINE_H
#define XC_SIM_CANLINE_H

#include "sim/line.h"

struct canline;

struct canline *canline_new(struct sim_gateway *gateway, const struct sim_can *can);
void canline_free(struct canline *canline); // NULL is allowed

void canline_received(struct canline *canline, const uint8_t *bytes, size_t length);
// The link has opened or closed.
void canline_reset(struct canline *canline);
// Sends the messages that are new. It looks by itself each second.
void canline_look(struct canline *canline);
// Another master's question and its answer pass, and a frame of another protocol.
void canline_traffic(struct canline *canline);
bool canline_is_slcan(const struct canline *canline);
// How many frames didn't fit the protocol.
uint64_t canline_unfit(const struct canline *canline);

#endif
