// SPDX-License-Identifier: MIT
// What libinih lets pass that mustn't, in files that are read strictly.
#ifndef XC_BASE_INI_H
#define XC_BASE_INI_H

#include <stdbool.h>
#include <string.h>

// True for a line that begins a section and has more behind it than a comment, which inih would
// silently leave out: "[chalet] read-only = yes".
static inline bool ini_hides(const char *line)
{
    line += strspn(line, " \t");
    const char *end = line[0] == '[' ? strchr(line, ']') : NULL;
    if (!end)
        return false;
    end += 1 + strspn(end + 1, " \t\r\n");
    return *end && *end != ';' && *end != '#';
}

#endif
