// SPDX-License-Identifier: MIT
// What all links have in common: state, the line that says why, the queue of bytes not yet written.
#include "link/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "link/backend.h"

enum { QUEUE_MAX = 8192, WHY_MAX = 256 };

struct link {
    struct loop *loop;
    struct link_spec spec;
    const struct link_backend *backend;
    void *self;
    const struct link_events *events;
    void *arg;
    enum link_state state;
    unsigned variant;
    char why[WHY_MAX];
    uint8_t queue[QUEUE_MAX];
    size_t queued;
};

struct link *link_new_over(struct loop *loop, const struct link_spec *spec,
                           const struct link_backend *backend, void *self)
{
    struct link *link = xcalloc(1, sizeof *link);
    link->loop = loop;
    link->spec = *spec;
    link->backend = backend;
    link->self = self;
    snprintf(link->why, sizeof link->why, "not opened yet");
    return link;
}

void link_free(struct link *link)
{
    if (!link)
        return;
    link->events = NULL;
    link_close(link);
    link->backend->destroy(link->self);
    free(link);
}

void link_listen(struct link *link, const struct link_events *events, void *arg)
{
    link->events = events;
    link->arg = arg;
}

unsigned link_variants(const struct link *link)
{
    return link->backend->variants ? link->backend->variants(&link->spec) : 1;
}

const char *link_variant_name(const struct link *link, unsigned variant)
{
    return link->backend->variant_name ? link->backend->variant_name(&link->spec, variant) : "";
}

static void set_state(struct link *link, enum link_state state, const char *why)
{
    bool changed = state != link->state;

    link->state = state;
    snprintf(link->why, sizeof link->why, "%s", why);
    if (state != LINK_UP)
        link->queued = 0;
    if ((changed || state == LINK_WAITING) && link->events)
        link->events->state(link->arg, state);
}

void link_open(struct link *link, unsigned variant)
{
    link->variant = variant;
    link->queued = 0;
    link->backend->open(link->self, variant);
}

void link_close(struct link *link)
{
    link->backend->close(link->self);
    if (link->state != LINK_CLOSED)
        set_state(link, LINK_CLOSED, "closed");
}

enum link_state link_state(const struct link *link)
{
    return link->state;
}

const char *link_why(const struct link *link)
{
    return link->why;
}

unsigned link_baud(const struct link *link)
{
    return link->backend->baud ? link->backend->baud(link->self) : 0;
}

unsigned link_bits_per_byte(const struct link *link)
{
    return link->backend->bits_per_byte ? link->backend->bits_per_byte(link->self) : 0;
}

static void write_queue(struct link *link)
{
    long written = link->backend->write(link->self, link->queue, link->queued);
    if (written < 0 || link->state != LINK_UP)
        return;
    memmove(link->queue, link->queue + written, link->queued - (size_t)written);
    link->queued -= (size_t)written;
    if (link->backend->want_write)
        link->backend->want_write(link->self, link->queued > 0);
}

enum xc_status link_send(struct link *link, const uint8_t *bytes, size_t length)
{
    if (link->state != LINK_UP)
        return XC_NO_LINK;
    if (length > QUEUE_MAX - link->queued)
        return XC_RANGE;
    memcpy(link->queue + link->queued, bytes, length);
    link->queued += length;
    write_queue(link);
    return link->state == LINK_UP ? XC_OK : XC_NO_LINK;
}

void link_discard(struct link *link)
{
    link->queued = 0;
    if (link->state != LINK_UP)
        return;
    if (link->backend->want_write)
        link->backend->want_write(link->self, false);
    if (link->backend->discard)
        link->backend->discard(link->self);
}

void link_backend_state(struct link *link, enum link_state state, const char *why)
{
    set_state(link, state, why);
}

void link_backend_failed(struct link *link, const char *why)
{
    set_state(link, LINK_CLOSED, why);
}

void link_backend_received(struct link *link, const uint8_t *bytes, size_t length)
{
    if (link->events)
        link->events->received(link->arg, bytes, length);
}

void link_backend_writable(struct link *link)
{
    if (link->state == LINK_UP)
        write_queue(link);
}
