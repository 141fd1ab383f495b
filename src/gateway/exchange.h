// SPDX-License-Identifier: MIT
// The one question that is on the wire, from its first sending to its end: when it is asked again,
// when it is given up, and what of all that comes in is its answer. Private to src/gateway/.
#ifndef XC_GATEWAY_EXCHANGE_H
#define XC_GATEWAY_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"
#include "gateway/queue.h"

// A question that was taken out of the queue, or the probe: while none is outstanding.
void exchange_start(struct gateway *gateway, struct node *node);
// The outstanding one ends so; its asker is told.
void exchange_end(struct gateway *gateway, struct answer *answer);
bool exchange_is_probe(const struct gateway *gateway, const struct node *node);

// Events; arg: the gateway.
void exchange_on_received(void *arg, const uint8_t *bytes, size_t length);
void exchange_on_again(void *arg);    // it is time to ask again
void exchange_on_silence(void *arg);  // in the middle of a frame
void exchange_on_deadline(void *arg); // there was no answer

#endif
