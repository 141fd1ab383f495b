// SPDX-License-Identifier: MIT
// How far something long has got, on standard error: on a terminal a line that is drawn anew at
// most four times a second; otherwise, or with -v, a plain line every 10 %, and with -v only.
#ifndef XC_CMD_PROGRESS_H
#define XC_CMD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool bar, lines;
    int64_t began, drawn; // loop_now()
    size_t tenths;        // of all
    int width;            // of what stands on the terminal
};

// now: loop_now(), here and below.
void progress_begin(struct progress *progress, bool verbose, int64_t now);
// done of all are done; now is being dealt with what.
void progress_show(struct progress *progress, size_t done, size_t all, const char *what,
                   int64_t now);
// The same where it isn't known how much there is to do: a text of one's own.
void progress_text(struct progress *progress, const char *text, int64_t now);
// Takes the line away, so that something else can be told.
void progress_clear(struct progress *progress);

#endif
