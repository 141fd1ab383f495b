// SPDX-License-Identifier: MIT
// Lets guests – other processes of ours that want the same link – ask through our gateway. Their
// questions wait in its one queue, by its rules; what we refuse or can't do, they can't either. A
// guest that breaks the rules of talk.h, asks for too much or doesn't read is shut out, and what he
// has asked is withdrawn; nothing of that holds us up. Private to src/gateway/.
#ifndef XC_GATEWAY_HOST_H
#define XC_GATEWAY_HOST_H

#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"

struct host;

enum { HOST_GUESTS_MAX = 16, HOST_QUESTIONS_MAX = 64 }; // of one guest

// identity: of the link, as local.h; kept by pointer.
struct host *host_new(struct loop *loop, struct gateway *gateway, const char *identity,
                      bool read_only);
// Each guest is told what became of what he has asked, as far as that is known: XC_UNKNOWN for a
// write that is under way. NULL is allowed.
void host_free(struct host *host);

// Takes over the link to somebody who has come.
void host_admit(struct host *host, struct link *link);

// The gateway's state or text has changed (told), or what else talk.h's status has.
void host_changed(struct host *host, bool told);
void host_note(struct host *host, const struct gateway_message *message);

// Nothing more is taken from guests, and what waits ends with XC_NO_LINK; what is on the wire is
// still answered. Who waits for nothing any more is shut out.
void host_close(struct host *host);

// How many there are.
unsigned host_guests(const struct host *host);

#endif
