// SPDX-License-Identifier: MIT
// Bytes in and out, over any kind of connection. On CAN they are records of whole frames, always
// whole (base/canframe.h), and each record sent goes out as one frame. A link tries to open once
// when asked, says how it went, and never reconnects by itself: that is the gateway's policy.
// Nothing here blocks; name resolution runs in a child process.
#ifndef XC_LINK_LINK_H
#define XC_LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "loop/loop.h"

// --- LINK texts (man page xcomtop(1)) ------------------------------------------------------------

enum link_kind {
    LINK_SERIAL,
    LINK_TCP,
    LINK_TCP_LISTEN,
    LINK_UDP,
    LINK_CAN,
    LINK_SLCAN,
    LINK_PTY,
    LINK_MEMORY,
    LINK_LOCAL, // between two of our processes (link/local.h)
};

enum link_parity { PARITY_UNSET, PARITY_NONE, PARITY_EVEN, PARITY_ODD };

enum { LINK_HOST_MAX = 256, LINK_ALLOW_MAX = 8, LINK_TEXT_MAX = 320 };

struct link_spec {
    enum link_kind kind;
    // serial, slcan: device; can: interface; pty: where the symbolic link to it is put
    char path[LINK_HOST_MAX];
    unsigned baud;           // serial: 0: find it by trying; slcan: 0: 115200
    enum link_parity parity; // PARITY_UNSET: find it by trying
    // serial: what was sent last still leaves when the link is closed; else it is dropped.
    bool finish_output;
    unsigned bitrate; // can, slcan: bits a second; 0: as the interface or adapter is set
    // can: our own address, 0..1023. What comes from the bus are frames to it, to the group 500,
    // where messages go, and from it, that is: of another client with our address.
    uint16_t source;
    bool every_frame; // can: the simulator's side: all that is on the bus comes
    // tcp, udp: the peer (udp: "" for whoever sends first, the simulator's side); tcp-listen:
    // numeric address to bind, "" for all.
    char host[LINK_HOST_MAX];
    uint16_t port;                  // tcp-listen: 0 for any free one, see link_local_port()
    uint16_t local_port;            // udp: the port bound; 0 for the same as port
    char local_host[64];            // udp: numeric address to bind; "" for all
    char allow[LINK_ALLOW_MAX][64]; // tcp-listen: peers let in (numeric addresses); none = all
    unsigned allow_count;
};

// Reads serial:/dev/ttyUSB0[?baud=38400&parity=even], tcp:HOST:PORT, tcp-listen:[ADDR:]PORT,
// udp:HOST:PORT[?local=PORT], can:IFACE[?bitrate=N], slcan:DEVICE[?bitrate=N&baud=N], and the short
// forms /dev/…, host:port, :4001, can0. IPv6 addresses in brackets. On XC_SYNTAX error holds one
// line that says what was expected.
enum xc_status link_spec_parse(const char *text, struct link_spec *spec, char *error,
                               size_t error_size);

// Adds the peers of --allow, numeric addresses separated by commas. On XC_SYNTAX or XC_RANGE error
// holds one line that says what was expected.
enum xc_status link_spec_allow(struct link_spec *spec, const char *text, char *error,
                               size_t error_size);

// True if anybody who can reach this computer can be the peer: tcp-listen with no --allow, other
// than on a loopback address.
bool link_spec_is_open(const struct link_spec *spec);

// A short name for the screen: "ttyUSB0", "192.168.1.20:4001", "listening on 4001", "can0".
char *link_spec_name(const struct link_spec *spec, char *out, size_t size);

// --- A link --------------------------------------------------------------------------------------

enum link_state {
    LINK_CLOSED,  // not open; why() says why
    LINK_OPENING, // resolving, connecting; a CAN bus that can't take a frame for now
    LINK_WAITING, // listening; no peer yet
    LINK_UP,      // bytes can flow
};

// What kind of failure has closed a link, for programs: link_why() tells it to people.
enum link_fault {
    LINK_FAULT_NONE,
    LINK_FAULT_OTHER,
    LINK_FAULT_MISSING,     // there is no such device or interface, or nothing is behind it
    LINK_FAULT_PERMISSION,  // this user may not
    LINK_FAULT_IN_USE,      // the device or port is another program's
    LINK_FAULT_KIND,        // it is no serial port, no CAN interface
    LINK_FAULT_SETTINGS,    // it can't be, or isn't, set to what was asked for
    LINK_FAULT_NAME,        // the host's name leads nowhere
    LINK_FAULT_UNREACHABLE, // no way to the host, or nobody answers there
    LINK_FAULT_REFUSED,     // the host is there and doesn't want
    LINK_FAULT_DOWN,        // the CAN interface isn't started
    LINK_FAULT_LISTEN_ONLY, // the CAN controller may not send
    LINK_FAULT_BUS_OFF,     // the CAN controller has given up
    LINK_FAULT_LOST,        // it was open; the other end is gone
};

struct link;

struct link_events {
    // The state has changed, or link_open() has found it as it was, or a link that waits has a new
    // reason. Called from the loop or from link_open(), link_close() and link_discard(); never from
    // link_send().
    void (*state)(void *arg, enum link_state state);
    // Bytes have arrived.
    void (*received)(void *arg, const uint8_t *bytes, size_t length);
};

// spec is copied. The link is closed at first.
struct link *link_new(struct loop *loop, const struct link_spec *spec);
// Closes without an event. Not from one of the link's own events. NULL is allowed.
void link_free(struct link *link);

// Whoever listens; set before link_open(). events is kept by pointer.
void link_listen(struct link *link, const struct link_events *events, void *arg);

// How many settings there are to try (serial without baud or parity: up to four; else 1), and the
// text of one ("38400 8E1"; "" for links and pseudo terminals that have no settings).
unsigned link_variants(const struct link *link);
const char *link_variant_name(const struct link *link, unsigned variant);

// Starts opening with a variant (0-based). The result comes as a state event, maybe at once: each
// call gives at least one. An open link is closed first (without an event of its own), except that
// tcp-listen keeps its port and its peer, and a serial line is only set anew.
void link_open(struct link *link, unsigned variant);
// Closes; a state event follows unless it was closed already.
void link_close(struct link *link);

enum link_state link_state(const struct link *link);

// One line for a person about the last failure or the present state: "/dev/ttyUSB0: permission
// denied (you aren't in group dialout)", "connected from 192.168.1.20". Never NULL.
const char *link_why(const struct link *link);

// LINK_FAULT_NONE unless the link is LINK_CLOSED by a failure.
enum link_fault link_fault(const struct link *link);

// Bits a second as used on the wire, and bits a byte takes (8E1: 11, 8N1: 10, of a CAN frame's
// record: 7 on average); 0 when unknown.
unsigned link_baud(const struct link *link);
unsigned link_bits_per_byte(const struct link *link);

// The port that tcp-listen or udp is bound to; 0 when there is none.
uint16_t link_local_port(const struct link *link);

// Who has dialled in since a tcp-listen's port was opened.
struct link_callers {
    unsigned taken, refused; // let in; not among those allowed
    char last_refused[64];   // numeric address; "" when there is none
};

// False for links that nobody dials in to: then nothing is set.
bool link_callers(const struct link *link, struct link_callers *callers);

// Queues bytes and writes what can be written. XC_NO_LINK when it isn't up, or has just been found
// broken (the state event follows from the loop). At most 8 KiB wait; more is XC_RANGE and nothing
// of it is sent.
enum xc_status link_send(struct link *link, const uint8_t *bytes, size_t length);

// Sees to it that nothing sent so far can still be delivered later (a question past its deadline,
// doc/architecture.md): drops what is queued, flushes a serial line's output, and closes a TCP
// connection, with a reset, whose peer hasn't acknowledged all of it: look at link_state() after.
// can: a frame that hasn't been seen to leave can't be called back; the link is LINK_OPENING until
// it has left, then LINK_UP again. slcan: the adapter's channel is closed and opened again, which
// empties its buffers; what is sent meanwhile waits.
void link_discard(struct link *link);

// --- The CAN bus ---------------------------------------------------------------------------------

// How a CAN controller judges its bus, by its error counters: beyond 96 warning, 127 passive, 255
// off.
enum link_bus_state { BUS_UNKNOWN, BUS_ACTIVE, BUS_WARNING, BUS_PASSIVE, BUS_OFF };

struct link_bus {
    enum link_bus_state state; // BUS_UNKNOWN: virtual, not open, or the adapter doesn't tell
    int transmit_errors, receive_errors; // the controller's counters; -1 when unknown
    unsigned offs, restarts, refused;    // since the link was made: times the bus was off, times we
                                         // restarted it, frames that an slcan adapter refused
    bool mute;                           // slcan: nothing at all has come from the adapter yet
};

// "active", "warning", "passive", "bus-off", "unknown".
const char *link_bus_state_name(enum link_bus_state state);

// What is known of the bus, at most about a second old while this is asked (an slcan adapter
// answers later: one call behind). False for links that aren't CAN.
bool link_bus(struct link *link, struct link_bus *bus);

// --- Ends in memory: tests, the demonstration, benchmarks ----------------------------------------

// Two links joined to each other. Bytes sent on one arrive at the other in a later round of the
// loop. Both are LINK_UP once both have been opened; closing one closes the other, until both are
// opened again.
void link_memory_pair(struct loop *loop, struct link **a, struct link **b);

#endif
