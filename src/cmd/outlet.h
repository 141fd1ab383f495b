// SPDX-License-Identifier: MIT
// Whole lines to stdout for a program that goes on for years: a reader that is slow or has stopped
// (^S, a pipe that is full) is never waited for. What it doesn't take at once is kept, and until it
// has it all no more is taken.
#ifndef XC_CMD_OUTLET_H
#define XC_CMD_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#include "loop/loop.h"

struct outlet;

// lost(arg) is called from the loop or from outlet_put() when the reader has gone away or nothing
// can be written any more (errno tells).
struct outlet *outlet_new(struct loop *loop, void (*lost)(void *arg), void *arg);
// Waits for a reader at most a second for what is kept. NULL is allowed.
void outlet_free(struct outlet *outlet);
// False: nothing of it is taken.
bool outlet_put(struct outlet *outlet, const char *text, size_t length);

#endif
