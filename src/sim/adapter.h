// SPDX-License-Identifier: MIT
// A serial-line CAN adapter (reference can.md "SLCAN"): what a client sends it becomes frames on a
// simulated bus and answers; what is on the bus becomes text. Strict: a command that doesn't fit,
// or not now, is refused with BEL.
#ifndef XC_SIM_ADAPTER_H
#define XC_SIM_ADAPTER_H

#include "proto/slcan.h"

enum { ADAPTER_TEXT_MAX = 32 };

struct adapter {
    struct slcan_decoder decoder;
    unsigned bus;     // the bus's bit rate
    unsigned bitrate; // as the client has set it
    bool open, timestamps;
    uint8_t status; // since it was asked for last
};

// bitrate: of the bus, one of slcan_bitrate_digit(). An adapter that is never told another one
// works with it.
void adapter_begin(struct adapter *adapter, unsigned bitrate);

// Takes one byte. Returns the length of the answer, without NUL, in reply: 0 for none yet. sent:
// the byte completed a frame that goes out on the bus; closed: the channel was closed, and what was
// to be delivered is gone.
size_t adapter_take(struct adapter *adapter, uint8_t byte, char reply[ADAPTER_TEXT_MAX],
                    struct canframe *frame, bool *sent, bool *closed);

// A frame on the bus, as text. milliseconds: of a clock that the timestamps tell. Returns its
// length; 0 while the channel is closed or set to another bit rate.
size_t adapter_deliver(struct adapter *adapter, const struct canframe *frame, int64_t milliseconds,
                       char out[ADAPTER_TEXT_MAX]);

#endif
