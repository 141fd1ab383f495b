// SPDX-License-Identifier: MIT
// Bytes in and out, over any kind of connection. A link tries to open once when asked, says how it
// went, and never reconnects by itself: that is the gateway's policy. Nothing here blocks; name
// resolution runs in a child process.
#ifndef XC_LINK_LINK_H
#define XC_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "loop/loop.h"

// --- LINK texts (design.md "Links"; man page xcomtop(1))
// ------------------------------------------

enum link_kind { LINK_SERIAL, LINK_TCP, LINK_TCP_LISTEN, LINK_UDP, LINK_PTY, LINK_MEMORY };

enum link_parity { PARITY_UNSET, PARITY_NONE, PARITY_EVEN, PARITY_ODD };

enum { LINK_HOST_MAX = 256, LINK_ALLOW_MAX = 8, LINK_TEXT_MAX = 320 };

struct link_spec {
    enum link_kind kind;
    char path[LINK_HOST_MAX]; // serial: device; pty: where the symbolic link to it is put
    unsigned baud;            // 0: find it by trying
    enum link_parity parity;  // PARITY_UNSET: find it by trying
    char host[LINK_HOST_MAX]; // tcp, udp: the peer; tcp-listen: address to bind, "" for all
    uint16_t port;
    uint16_t local_port;            // udp; 0 for the same as port
    char allow[LINK_ALLOW_MAX][64]; // tcp-listen: peers let in (numeric addresses); none = all
    unsigned allow_count;
};

// Reads serial:/dev/ttyUSB0[?baud=38400&parity=even], tcp:HOST:PORT, tcp-listen:[ADDR:]PORT,
// udp:HOST:PORT[?local=PORT], and the short forms /dev/…, host:port, :4001. IPv6 addresses in
// brackets. On XC_SYNTAX error holds one line that says what was expected.
enum xc_status link_spec_parse(const char *text, struct link_spec *spec, char *error,
                               size_t error_size);

// A short name for the screen: "ttyUSB0", "192.168.1.20:4001", "listening on 4001".
char *link_spec_name(const struct link_spec *spec, char *out, size_t size);

// --- A link
// ----------------------------------------------------------------------------------------

enum link_state {
    LINK_CLOSED,  // not open; why() says why
    LINK_OPENING, // resolving, connecting
    LINK_WAITING, // listening; no peer yet
    LINK_UP,      // bytes can flow
};

struct link;

struct link_events {
    // The state has changed. Called from the loop or from link_open()/link_close().
    void (*state)(void *arg, enum link_state state);
    // Bytes have arrived.
    void (*received)(void *arg, const uint8_t *bytes, size_t length);
};

// spec is copied. The link is closed at first.
struct link *link_new(struct loop *loop, const struct link_spec *spec);
void link_free(struct link *link); // closes; NULL is allowed

// Whoever listens; set before link_open(). events is kept by pointer.
void link_listen(struct link *link, const struct link_events *events, void *arg);

// How many settings there are to try (serial without baud or parity: up to four; else 1), and the
// text of one ("38400 8E1"; "" when there is nothing to choose).
unsigned link_variants(const struct link *link);
const char *link_variant_name(const struct link *link, unsigned variant);

// Starts opening with a variant (0-based). The result comes as a state event, maybe at once.
// An open link is closed first; a tcp-listen link keeps its port and its peer across variants.
void link_open(struct link *link, unsigned variant);
// Closes; a state event follows unless it was closed already.
void link_close(struct link *link);

enum link_state link_state(const struct link *link);

// One line for a person about the last failure or the present state: "/dev/ttyUSB0: permission
// denied (you aren't in group dialout)", "connected from 192.168.1.20". Never NULL.
const char *link_why(const struct link *link);

// Bits a second as used on the wire, and bits a byte takes (8E1: 11, 8N1: 10); 0 when unknown.
unsigned link_baud(const struct link *link);
unsigned link_bits_per_byte(const struct link *link);

// Queues bytes and writes what can be written. XC_NO_LINK when it isn't up. At most 8 KiB wait;
// more is XC_RANGE.
enum xc_status link_send(struct link *link, const uint8_t *bytes, size_t length);

// Sees to it that nothing sent so far can still be delivered later (a question past its deadline,
// design.md "Rules of the wire"): drops what is queued, flushes a serial line's output, and closes
// a TCP connection, with a reset, whose peer hasn't acknowledged all of it.
void link_discard(struct link *link);

// --- Ends in memory: tests, the demonstration, benchmarks
// --------------------------------------------

// Two links joined to each other. Bytes sent on one arrive at the other in a later round of the
// loop. Both are LINK_UP once both have been opened; closing one closes the other, until both are
// opened again.
void link_memory_pair(struct loop *loop, struct link **a, struct link **b);

#endif
