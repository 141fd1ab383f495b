// SPDX-License-Identifier: MIT
// What a person wouldn't want to paste into a public report: replaced, so that the rest still
// reads.
#ifndef XC_CMD_MASK_H
#define XC_CMD_MASK_H

#include <stdbool.h>
#include <stddef.h>

struct mask {
    const char *home;         // "~" in the text; NULL or "": none
    const char *const *names; // of sites, hosts, presets: "…"; NULL at the end, or NULL: none
    bool message;             // of the program: also what it quotes, "45 V" ("… V"), and hosts
};

// A line of text, made printable. Besides what the mask says: home directories of others
// ("/home/…"), addresses of computers (IPv4, and IPv6 with at least two colons: "ADDRESS"), their
// names ("HOST": behind tcp: and the like; in messages also in front of a port, and with dots and
// no usual ending of a file), MAC and mail addresses ("MAC", "MAIL"), and GUIDs, cut to their first
// four digits ("3AD0…"). Returns out.
char *mask_line(char *out, size_t size, const char *text, const struct mask *mask);

// What xcomtop itself has told in a line of what was kept of its standard error, as it stands there
// or as a journal shows it; NULL when the line is something else. time is the journal's, "" without
// one: all that is taken of what stands in front.
const char *mask_own_message(const char *line, char *time, size_t size);

#endif
