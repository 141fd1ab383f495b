// SPDX-License-Identifier: MIT
#include "cmd/idlist.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

// Reads one entry and goes behind it; false if it isn't one.
static bool next_entry(const char **list, long *first, long *last)
{
    size_t length = strcspn(*list, ",");
    char entry[16];

    if (length >= sizeof entry)
        return false;
    memcpy(entry, *list, length);
    entry[length] = '\0';
    *list += length + ((*list)[length] == ',');
    char *dash = strchr(entry, '-');
    if (dash)
        *dash = '\0';
    if (text_parse_int(entry, 1, UINT16_MAX, first) != XC_OK)
        return false;
    *last = *first;
    return !dash || text_parse_int(dash + 1, *first, UINT16_MAX, last) == XC_OK;
}

bool idlist_has(const char *list, unsigned id)
{
    long first, last;

    if (!list)
        return true;
    while (*list && next_entry(&list, &first, &last))
        if ((long)id >= first && (long)id <= last)
            return true;
    return false;
}

enum xc_status idlist_check(const char *list)
{
    long first, last;

    if (!*list || list[strlen(list) - 1] == ',')
        return XC_SYNTAX;
    while (*list)
        if (!next_entry(&list, &first, &last))
            return XC_SYNTAX;
    return XC_OK;
}
