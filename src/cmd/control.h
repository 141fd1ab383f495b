// SPDX-License-Identifier: MIT
// xcomsim's control socket: a Unix stream socket, one command a line, "ok" or "error: …" a line
// back (xcomsim(1)).
#ifndef XC_CMD_CONTROL_H
#define XC_CMD_CONTROL_H

#include "base/status.h"
#include "loop/loop.h"
#include "sim/sim.h"

struct control;

// Listens at path (mode 0600). A socket that a dead program left there is replaced, anything else
// is not: XC_IO, with errno.
enum xc_status control_new(struct loop *loop, const char *path, struct sim_gateway *gateway,
                           struct control **control);
void control_free(struct control *control); // removes the socket; NULL is allowed

#endif
