// SPDX-License-Identifier: MIT
// A file of lines that grows for years: each line is there as a whole or not at all, earlier ones
// are never touched, one program writes it at a time. Knows nothing of what is in the lines.
#ifndef XC_STORE_LOGFILE_H
#define XC_STORE_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { LOGFILE_TEXT_MAX = 600 };

// When whoever writes a log wants it to be given another name and a new one begun.
enum rotation { ROTATE_NEVER, ROTATE_HOURLY, ROTATE_DAILY, ROTATE_SIZE };

struct logfile;

// Opens the file, or makes it (0600); a symbolic link or anything that is no file is refused, as is
// a file that another program has open so. header: its first line with LF, or "" for none; sign:
// what any such file begins with ("": anything); both copied. A file that begins otherwise isn't
// ours: it is refused and left as it is. What an interrupted program left of a last line is cut
// off. A file with another first line is given another name (FILE.2026-11-21T140322) and a new one
// begun, but only when the first line is appended: until then nothing may come. note holds what was
// done so, one line, or "". XC_IO with one line in note that names the file and says why.
enum xc_status logfile_open(const char *path, const char *header, const char *sign,
                            struct logfile **file, char note[LOGFILE_TEXT_MAX]);
// Syncs and closes. NULL is allowed.
void logfile_close(struct logfile *file);

// From now on it is this installation's (GUID). A file that is another one's is given another name,
// as one with another first line.
void logfile_claim(struct logfile *file, const char *owner);

// Appends one line with its LF (or several) in one piece. A file that was moved away or removed is
// made anew first, as is one that was emptied. note: what was done with one that has another first
// line, or "". XC_IO: nothing of it is in the file; note says why, in one line.
enum xc_status logfile_append(struct logfile *file, const char *line, size_t length,
                              char note[LOGFILE_TEXT_MAX]);
// Gives the file another name (as logfile_open() does), which gzip compresses in a child, and
// begins a new one (time: now, microseconds since 1970 UTC); of those that were named so the newest
// keep stay (0: all), the others are removed. XC_IO: it goes on as it was, if it can; note says
// why.
enum xc_status logfile_rotate(struct logfile *file, int64_t time, unsigned keep,
                              char note[LOGFILE_TEXT_MAX]);
// To be called now and then: what the child has compressed is put in its place. Cheap.
void logfile_look(struct logfile *file);
// Bytes in it, and when it was changed last, microseconds since 1970 UTC (the former program's
// time, until something is appended). 0 when that can't be told.
int64_t logfile_size(const struct logfile *file);
int64_t logfile_changed(const struct logfile *file);

// Puts what was appended onto the disk; XC_IO with errno.
enum xc_status logfile_sync(struct logfile *file);

#endif
