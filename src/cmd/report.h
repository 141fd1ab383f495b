// SPDX-License-Identifier: MIT
// Findings on standard output as they are made: text for people, or rows. Counts how bad it is.
#ifndef XC_CMD_REPORT_H
#define XC_CMD_REPORT_H

#include <stdbool.h>

#include "cmd/findings.h"
#include "cmd/options.h"
#include "cmd/progress.h"

struct report;

// options are kept by pointer.
struct report *report_new(const struct options *options);

// From now on it is about what nobody has asked for: what would be a problem is a hint.
void report_mildly(struct report *report);

// What stands on the terminal meanwhile is taken away before a finding is printed. NULL: nothing.
void report_over(struct report *report, struct progress *progress);

// One finding about a subject (a LINK, a port): what was seen, in one line; and what helps, where
// that is more particular than the table's todo (NULL: that one).
void report_add(struct report *report, enum finding_key key, const char *subject, const char *todo,
                const char *seen, ...) __attribute__((format(printf, 5, 6)));

// Whether there is one already about the subject.
bool report_has(const struct report *report, enum finding_key key, const char *subject);

// Prints what remains, and for people how many problems and hints there were. Frees the report.
// EXIT_DONE, EXIT_REFUSED when there was a problem; or status, when that is something else than
// EXIT_DONE.
int report_end(struct report *report, int status);

#endif
