// SPDX-License-Identifier: MIT
// Log files that are over: FILE gets another name with the time (FILE.2026-11-21T140322), is
// compressed by a child (…Z.gz), and removed when there are too many. Private to src/store/.
#ifndef XC_STORE_ASIDE_H
#define XC_STORE_ASIDE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"
#include "store/logfile.h"

// Gives a file another name; one that is there already isn't replaced. why is put into the note
// behind the file's name. aside: its new path, to be freed by the caller; NULL with XC_IO.
enum xc_status aside_put(const char *path, const char *why, char **aside,
                         char note[LOGFILE_TEXT_MAX]);
// Of those that were named so, compressed or not, the newest keep stay; the others are removed.
void aside_prune(const char *path, unsigned keep);

// One file after the other, each by a child: nothing waits for it. When it is whole FILE.gz takes
// FILE's place. Without a gzip the file stays as it is.
struct aside_zip {
    pid_t child; // 0: none
};
// Takes the file as the next one; with one still under way it stays as it is.
void aside_compress(struct aside_zip *zip, const char *aside);
// Notices that the child has ended. Cheap.
void aside_look(struct aside_zip *zip);

#endif
