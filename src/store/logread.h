// SPDX-License-Identifier: MIT
// Reads what "xcomtop log" has written, whichever of its formats it is: SQLite, CSV, JSON lines.
// Text is read line by line from the beginning each time, and needs no more memory than a line.
#ifndef XC_STORE_LOGREAD_H
#define XC_STORE_LOGREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

enum { LOGREAD_DEVICE_MAX = 16, LOGREAD_ERROR_MAX = 1200 };

struct logread;

// A value by what it is called in logs: "XT1" or "XT.sum", and its number.
struct logread_value {
    char device[LOGREAD_DEVICE_MAX];
    unsigned id;
};

// Finds out what the file is. XC_IO or XC_SYNTAX with one line in error.
enum xc_status logread_open(const char *path, struct logread **log, char *error, size_t size);
void logread_close(struct logread *log); // NULL is allowed
// Why the last call failed: one line, valid until the next call.
const char *logread_error(const struct logread *log);

// Times of the first and the last row, microseconds since 1970 UTC; both 0 without any.
enum xc_status logread_bounds(struct logread *log, int64_t *first, int64_t *last);

// Every value that is in it, in its order; of JSON lines what is in the first one.
enum xc_status logread_list(struct logread *log,
                            void (*fn)(void *arg, const struct logread_value *value), void *arg);

// What values did from from until before until, each in columns spans of equal length, which are
// all written; where there was nothing count is 0. Rows may be in any order. A last line that isn't
// whole (its writer was interrupted) is left out; any other that isn't a log's is XC_SYNTAX.
enum xc_status logread_spans(struct logread *log, const struct logread_value *values, size_t count,
                             int64_t from, int64_t until, struct span *const *out, size_t columns);

#endif
