// SPDX-License-Identifier: MIT
// Log files that are over: FILE gets another name with the time (FILE.2026-11-21T140322), is
// compressed by a child (….gz), and removed when there are too many. Private to src/store/.
#ifndef XC_STORE_ASIDE_H
#define XC_STORE_ASIDE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"
#include "store/logfile.h"

// Gives a file another name with the time (microseconds since 1970 UTC; the name has local time);
// one that is there already isn't replaced. why is put into the note behind the file's name. aside:
// its new path, to be freed by the caller; NULL with XC_IO.
enum xc_status aside_put(const char *path, int64_t time, const char *why, char **aside,
                         char note[LOGFILE_TEXT_MAX]);
// Of those that were named so, compressed or not, the newest keep stay; the others are removed.
void aside_prune(const char *path, unsigned keep);

// Compresses those of a file's that aren't yet, the newest first, one after the other: gzip does,
// in a child, into a file without a name. When that is whole and on the disk it becomes FILE.gz,
// and FILE is removed. What is interrupted, by whatever, leaves FILE as it was, and nothing else;
// the next rotation takes it up again. Where gzip or files without a name are missing FILE stays.
struct aside_zip {
    pid_t child; // 0: none
    int out;     // what it writes to
    char *aside; // what it reads
};
// Begins, if none is under way.
void aside_compress(struct aside_zip *zip, const char *path);
// Notices that the child has ended, and goes on with the next file. Cheap while there is nothing.
void aside_look(struct aside_zip *zip, const char *path);
// Ends what is under way.
void aside_end(struct aside_zip *zip);

#endif
