// SPDX-License-Identifier: MIT
// What each kind of link brings to link.c: one small table. Private to src/link/.
#ifndef XC_LINK_BACKEND_H
#define XC_LINK_BACKEND_H

#include "link/link.h"

struct link_backend {
    unsigned (*variants)(const struct link_spec *spec);
    const char *(*variant_name)(const struct link_spec *spec, unsigned variant);
    void *(*create)(struct loop *loop, struct link *link, const struct link_spec *spec);
    void (*destroy)(void *self);
    void (*open)(void *self, unsigned variant);
    void (*close)(void *self);
    // Writes what can be written now; returns the number of bytes taken (maybe 0), or -1 after
    // having called link_backend_failed().
    long (*write)(void *self, const uint8_t *bytes, size_t length);
    // Waits for room to write more, or no longer.
    void (*want_write)(void *self, bool wanted);
    void (*discard)(void *self);
    unsigned (*baud)(const void *self);
    unsigned (*bits_per_byte)(const void *self);
};

// A link over a backend that exists already (the ends in memory).
struct link *link_new_over(struct loop *loop, const struct link_spec *spec,
                           const struct link_backend *backend, void *self);

// From a backend to its link. state: any but LINK_CLOSED; why: one line, copied.
void link_backend_state(struct link *link, enum link_state state, const char *why);
// The link is closed because of a failure, in one line.
void link_backend_failed(struct link *link, const char *why);
void link_backend_received(struct link *link, const uint8_t *bytes, size_t length);
// There is room again: what is queued is written.
void link_backend_writable(struct link *link);

#endif
