// SPDX-License-Identifier: MIT
// Datalog files as they are kept on this computer: each in a directory under its own name, there as
// a whole or not at all.
#ifndef XC_STORE_DATAFILES_H
#define XC_STORE_DATAFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { DATAFILES_ERROR_MAX = 600, DATAFILES_PATH_MAX = 512 };

// Where they go by default: $XDG_DATA_HOME/xcomtop/datalog/SITE, ~/.local/share without the
// variable. Of a site's name what could lead elsewhere becomes "_". Returns out.
char *datafiles_directory(const char *site, char *out, size_t size);

// Whether a file is there; size in bytes, or -1 when there is none, or what has its name is no
// regular file; changed: when it was written, microseconds since 1970 UTC.
bool datafiles_find(const char *directory, const char *name, int64_t *size, int64_t *changed);

enum datafile {
    DATAFILE_NEW,  // it wasn't there
    DATAFILE_SAME, // it was, with this content: only its time is new
    DATAFILE_GREW, // it was, with the beginning of this content
};

// Puts a file (0600) into the directory, which is made (0700) if need be: under another name,
// onto the disk, and only then under its own. XC_RANGE: name isn't one of a datalog file. XC_IO: a
// file of this name has other content, or is no regular file, or the system refused. error is one
// line then.
enum xc_status datafiles_keep(const char *directory, const char *name, const void *bytes,
                              size_t length, enum datafile *was, char *error, size_t error_size);

#endif
