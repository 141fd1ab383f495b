// SPDX-License-Identifier: MIT
// The clock on the wall. An installation's tells local time as if it were UTC (reference scom.md,
// "Value formats"): to be compared with it, or written to it, this computer's is told so too.
#ifndef XC_BASE_LOCALCLOCK_H
#define XC_BASE_LOCALCLOCK_H

#include <stdint.h>

// What this computer's clock on the wall shows at a time (microseconds since 1970 UTC), as if that
// were UTC. Where the local time can't be told: wall itself.
int64_t local_clock(int64_t wall);

#endif
