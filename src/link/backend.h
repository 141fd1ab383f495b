// SPDX-License-Identifier: MIT
// What each kind of link brings to link.c: one small table. Private to src/link/.
#ifndef XC_LINK_BACKEND_H
#define XC_LINK_BACKEND_H

#include "link/link.h"

struct link_backend {
    // NULL: one variant with nothing to choose.
    unsigned (*variants)(const void *self);
    const char *(*variant_name)(const void *self, unsigned variant);
    // spec stays where it is for the life of the link.
    void *(*create)(struct loop *loop, struct link *link, const struct link_spec *spec);
    // Called after close().
    void (*destroy)(void *self);
    // May be called in any state: what is open is closed first, or kept where link.h says so.
    void (*open)(void *self, unsigned variant);
    // Lets go of everything; link.c reports the state.
    void (*close)(void *self);
    // Writes what can be written now; returns the number of bytes taken (maybe 0), or -1 with errno
    // set. No events from here: a failure is handed to broken() in a later round of the loop.
    long (*write)(void *self, const uint8_t *bytes, size_t length);
    void (*broken)(void *self, int error);
    // Waits for room to write more, or no longer. NULL where link_backend_writable() comes anyway.
    void (*want_write)(void *self, bool wanted);
    // dropped: bytes that the backend never saw were dropped from the queue. NULL: nothing to do.
    void (*discard)(void *self, bool dropped);
    unsigned (*baud)(const void *self);
    unsigned (*bits_per_byte)(const void *self);
    uint16_t (*local_port)(const void *self);
    void (*callers)(const void *self, struct link_callers *callers); // NULL: nobody dials in
    void (*bus)(void *self, struct link_bus *bus);                   // NULL: not CAN
};

extern const struct link_backend link_serial_backend;
extern const struct link_backend link_tcp_backend;
extern const struct link_backend link_listen_backend;
extern const struct link_backend link_udp_backend;
extern const struct link_backend link_can_backend;
extern const struct link_backend link_slcan_backend;
extern const struct link_backend link_pty_backend;

// A link over a backend that exists already (the ends in memory).
struct link *link_new_over(struct loop *loop, const struct link_spec *spec,
                           const struct link_backend *backend, void *self);

// From a backend to its link. state: any but LINK_CLOSED; why: one line, copied and escaped.
void link_backend_state(struct link *link, enum link_state state, const char *why);
// The link is closed because of a failure, in one line. The backend has let go of everything.
void link_backend_failed(struct link *link, enum link_fault fault, const char *why);
// The listener may do anything but free the link, closing it included.
void link_backend_received(struct link *link, const uint8_t *bytes, size_t length);
// There is room again: what is queued is written.
void link_backend_writable(struct link *link);

#endif
