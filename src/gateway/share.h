// SPDX-License-Identifier: MIT
// Who of several processes that want the same link has it: the first takes it and is the host of
// the others (host.h), which ask through it as guests (guest.h). When the host ends, one of the
// guests takes its place. Private to src/gateway/.
#ifndef XC_GATEWAY_SHARE_H
#define XC_GATEWAY_SHARE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/gateway.h"
#include "gateway/guest.h"
#include "gateway/host.h"
#include "link/local.h"
#include "loop/loop.h"

struct share;

// All are called from the loop.
struct share_events {
    // The link is ours to open. The last event, unless share_yield() is called. alone: why nobody
    // can come to ask through us, in one line; NULL: they can.
    void (*own)(void *arg, const char *alone);
    // We are a guest, and the host tells: as guest.h.
    void (*status)(void *arg, const struct talk_status *status);
    void (*answer)(void *arg, struct talk_answer *answer);
    void (*note)(void *arg, const struct gateway_message *message);
    // No guest any more: what was asked won't be answered.
    void (*lost)(void *arg);
    // The state or text has changed by other reasons than these.
    void (*changed)(void *arg);
};

// Begins to look for who has the link, from the loop. events is kept by pointer, place is copied.
struct share *share_new(struct loop *loop, struct gateway *gateway, const struct local_place *place,
                        bool read_only, bool records, const struct share_events *events, void *arg);
// The place where others meet is given up last: the link must be closed by then. NULL is allowed.
void share_free(struct share *share);

// Whether the link is ours: share_state() and share_text() are of interest only when it isn't.
bool share_owns(const struct share *share);
enum gateway_state share_state(const struct share *share);
// One line; returns out.
char *share_text(const struct share *share, char *out, size_t size);
// Not NULL while we are one and have a status.
struct guest *share_guest(const struct share *share);
// Not NULL while the link is ours and others can come.
struct host *share_host(const struct share *share);

// Nobody can come any more, and what guests wait for ends, as host_close(); the link stays ours.
void share_close(struct share *share);
// The same, and guests are sent away.
void share_dismiss(struct share *share);
// The link was ours and is closed now: guests get no more answers and take it over.
void share_yield(struct share *share);
// After that: looks again for who has it.
void share_return(struct share *share);

#endif
