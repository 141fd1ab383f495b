// SPDX-License-Identifier: MIT
// The gateway when another process has the link: its questions are lent to that one, and what it
// tells becomes our state. Private to src/gateway/.
#ifndef XC_GATEWAY_THROUGH_H
#define XC_GATEWAY_THROUGH_H

#include "gateway/gateway.h"
#include "gateway/share.h"

// For share_new(), with the gateway as its arg.
extern const struct share_events through_events;

// Lends what waits to the process that has the link, if it is known.
void through_ask(struct gateway *gateway);
// Withdraws a question that was lent; others are allowed.
void through_take_back(struct gateway *gateway, uint32_t ticket);

#endif
