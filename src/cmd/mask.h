// SPDX-License-Identifier: MIT
// What a person wouldn't want to paste into a public report: replaced, so that the rest still
// reads.
#ifndef XC_CMD_MASK_H
#define XC_CMD_MASK_H

#include <stddef.h>

// A line of text, made printable, with the home directory as "~", addresses of computers (IPv4, and
// IPv6 with at least two colons) as "ADDRESS", and GUIDs cut to their first four digits, "3AD0…".
// home: NULL or "" for none. Returns out.
char *mask_line(char *out, size_t size, const char *text, const char *home);

#endif
