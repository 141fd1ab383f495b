// SPDX-License-Identifier: MIT
// The name of a day's datalog file on a gateway's SD card: LGyymmdd.CSV (reference scom.md,
// "Datalog files"). Years are 2000 to 2099.
#ifndef XC_BASE_LOGNAME_H
#define XC_BASE_LOGNAME_H

#include <stdbool.h>
#include <stdint.h>

enum { LOGNAME_LENGTH = 12, LOGNAME_MAX = LOGNAME_LENGTH + 1, LOGNAME_DAY_S = 86400 };

// The day, counted since 1970-01-01, of a text that is such a name, in capitals, with a date that
// exists. False for anything else, so that what passes can't be a path.
bool logname_read(const char *name, int64_t *day);

// The name of a day; out is empty when it is in another century. Returns out.
char *logname_make(int64_t day, char out[LOGNAME_MAX]);

#endif
