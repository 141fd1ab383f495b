// SPDX-License-Identifier: MIT
// The gateway's history of messages (reference scom.md, "Messages").
#ifndef XC_SIM_MESSAGES_H
#define XC_SIM_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/scom.h"

enum { MESSAGES_MAX = 1024 }; // kept; the oldest go first

struct message_row {
    uint32_t time, value;
    uint16_t type, source;
};

// Zero-initialise to start.
struct messages {
    struct message_row rows[MESSAGES_MAX];
    uint64_t written; // ever; row n is rows[n % MESSAGES_MAX]
    uint64_t erased;  // below this number there are none
    uint64_t pointer; // number that index 0 had when it was read last
    bool latched, pending;
    bool remaining; // with each is told how many older ones there are, not how many in all
};

void messages_add(struct messages *messages, uint16_t type, uint16_t source, uint32_t time);
void messages_erase(struct messages *messages);
uint32_t messages_total(const struct messages *messages);

// Index 0: the newest; latches the pointer and clears pending. Others count back from the pointer.
// False when there is none.
bool messages_read(struct messages *messages, uint32_t index, struct scom_message *message);

#endif
