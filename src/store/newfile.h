// SPDX-License-Identifier: MIT
// A file that a person wants of one run (a trace): begun anew each time, and maybe gone on with in
// the same run.
#ifndef XC_STORE_NEWFILE_H
#define XC_STORE_NEWFILE_H

#include <stdio.h>

// Makes the file (0600), or empties it when it is the user's own; a symbolic link isn't followed,
// and a device or pipe is refused without waiting for it. NULL: *why says why not (static, or valid
// until errno is used next).
FILE *newfile_open(const char *path, const char **why);
// The same, but what is in the file already stays, and what is written comes behind it.
FILE *newfile_append(const char *path, const char **why);

#endif
