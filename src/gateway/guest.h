// SPDX-License-Identifier: MIT
// Asks through the gateway of another process (host.h) instead of one's own: one's questions go
// there as they are, and what is known of the gateway is what the host tells. Private to
// src/gateway/.
#ifndef XC_GATEWAY_GUEST_H
#define XC_GATEWAY_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/gateway.h"
#include "gateway/talk.h"
#include "link/link.h"
#include "loop/loop.h"

struct guest;

// All are called from the loop.
struct guest_events {
    // The host tells how things are: at once when that changes, and once a second.
    void (*status)(void *arg, const struct talk_status *status);
    // An answer: all but its times.
    void (*answer)(void *arg, struct talk_answer *answer);
    void (*note)(void *arg, const struct gateway_message *message);
    // The host is gone, or isn't one for us: nothing more will come. refusal says why in words, and
    // that there is no point in trying again soon; NULL: the host has ended. The guest may be freed
    // from here.
    void (*over)(void *arg, const char *refusal);
};

// Takes the link over; pid is the host's. identity is kept by pointer, and so is events.
struct guest *guest_new(struct loop *loop, struct link *link, long pid, const char *identity,
                        bool records, const struct guest_events *events, void *arg);
void guest_free(struct guest *guest); // NULL is allowed

// False when it can't be sent: the host is gone, or takes nothing. Only once there was a status.
bool guest_ask(struct guest *guest, uint32_t ticket, const struct question *question);
void guest_cancel(struct guest *guest, uint32_t ticket);

long guest_host(const struct guest *guest); // its process
// What the host refuses to write.
bool guest_read_only(const struct guest *guest);
// The last one; NULL before the first.
const struct talk_status *guest_status(const struct guest *guest);

#endif
