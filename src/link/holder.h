// SPDX-License-Identifier: MIT
// Who holds what we wanted, as far as /proc tells. Private to src/link/.
#ifndef XC_LINK_HOLDER_H
#define XC_LINK_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Another process that has the file open (an absolute path without symbolic links): out becomes
// "minicom (pid 1234)". False, and out untouched, when none is seen. Without being root only one's
// own processes can be looked into.
bool holder_of_file(const char *path, char *out, size_t size);

// Whether such a holder is another xcomtop.
bool holder_is_xcomtop(const char *holder);

// What to do about a holder as told by holder_of_file(): another xcomtop can be asked through, if
// it was started with the same LINK (local.h).
const char *holder_advice(const char *holder);

// Who has bound a local TCP (listening) or UDP port: "xcomtop (pid 1234)", "this program", or
// "another program". Always fills out; returns it.
char *holder_of_port(bool udp, uint16_t port, char *out, size_t size);

#endif
