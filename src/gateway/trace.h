// SPDX-License-Identifier: MIT
// Every byte both ways, as text: a line for each piece sent or received as it came,
//   2026-11-21T14:00:00.123456Z > AA 00 01 …     ("<" received; UTC by loop_wall())
// and lines that begin with "#" for what the gateway made of it. Private to src/gateway/.
#ifndef XC_GATEWAY_TRACE_H
#define XC_GATEWAY_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "loop/loop.h"

// Zero-initialised it traces nothing. It ends by itself when its file can't be written.
struct trace {
    const struct loop *loop;
    FILE *file; // the caller's; NULL: nothing is traced
    int error;  // errno of why it ended; 0 while it hasn't
};

void trace_sent(struct trace *trace, const uint8_t *bytes, size_t length);
void trace_received(struct trace *trace, const uint8_t *bytes, size_t length);
void trace_note(struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
