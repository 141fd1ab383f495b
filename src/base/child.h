// SPDX-License-Identifier: MIT
// Another program, in a process group of its own: what a person's ^C is for isn't for it.
#ifndef XC_BASE_CHILD_H
#define XC_BASE_CHILD_H

#include <sys/types.h>

// What it gets as its standard files: descriptors of ours, -1 for /dev/null.
struct child_files {
    int in, out, error;
};

// Starts it as a shell would: signals that the loop blocks or ignores are neither there. program:
// a path, or a name looked for in PATH; environment: NULL for ours. Returns 0, or an errno; the
// caller waits for *child.
int child_start(const char *program, char *const arguments[], char *const *environment,
                struct child_files files, pid_t *child);

#endif
