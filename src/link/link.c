// SPDX-License-Identifier: MIT
// What all links have in common: state, the line that says why, the queue of bytes not yet written.
#include "link/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "link/backend.h"

enum { QUEUE_MAX = 8192, WHY_MAX = 320 };

struct link {
    struct loop *loop;
    struct link_spec spec;
    const struct link_backend *backend;
    void *self;
    const struct link_events *events;
    void *arg;
    enum link_state state;
    bool announced; // a state event has been sent since link_open() began
    char why[WHY_MAX];
    enum link_fault fault;
    struct loop_timer broken; // a write has failed: told in the next round
    int broken_error;
    uint8_t queue[QUEUE_MAX];
    size_t queued;
};

static void tell_broken(void *arg)
{
    struct link *link = arg;
    link->backend->broken(link->self, link->broken_error);
}

struct link *link_new_over(struct loop *loop, const struct link_spec *spec,
                           const struct link_backend *backend, void *self)
{
    struct link *link = xcalloc(1, sizeof *link);
    link->loop = loop;
    link->spec = *spec;
    link->backend = backend;
    link->self = self;
    link->broken.fire = tell_broken;
    link->broken.arg = link;
    snprintf(link->why, sizeof link->why, "not opened yet");
    return link;
}

static const struct link_backend *backend_of(enum link_kind kind)
{
    switch (kind) {
    case LINK_SERIAL:
        return &link_serial_backend;
    case LINK_TCP:
        return &link_tcp_backend;
    case LINK_TCP_LISTEN:
        return &link_listen_backend;
    case LINK_UDP:
        return &link_udp_backend;
    case LINK_CAN:
        return &link_can_backend;
    case LINK_SLCAN:
        return &link_slcan_backend;
    case LINK_PTY:
        return &link_pty_backend;
    case LINK_MEMORY: // only in pairs
    case LINK_LOCAL:  // only by local_meet()
        break;
    }
    abort();
}

struct link *link_new(struct loop *loop, const struct link_spec *spec)
{
    struct link *link = link_new_over(loop, spec, backend_of(spec->kind), NULL);
    link->self = link->backend->create(loop, link, &link->spec);
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
    return link->backend->variants ? link->backend->variants(link->self) : 1;
}

const char *link_variant_name(const struct link *link, unsigned variant)
{
    return link->backend->variant_name ? link->backend->variant_name(link->self, variant) : "";
}

static void announce(struct link *link)
{
    link->announced = true;
    if (link->events)
        link->events->state(link->arg, link->state);
}

static void set_state(struct link *link, enum link_state state, enum link_fault fault,
                      const char *why)
{
    bool changed = state != link->state;

    link->state = state;
    link->fault = fault;
    text_escape(link->why, sizeof link->why, why);
    if (state != LINK_UP) {
        link->queued = 0;
        loop_timer_stop(link->loop, &link->broken);
    }
    // Waiting again: why has changed (a peer was refused), and a person may be reading it.
    if (changed || state == LINK_WAITING)
        announce(link);
}

void link_open(struct link *link, unsigned variant)
{
    link->queued = 0;
    link->announced = false;
    if (link->broken.set) {
        loop_timer_stop(link->loop, &link->broken);
        link->backend->broken(link->self, link->broken_error);
    }
    link->backend->open(link->self, variant);
    if (!link->announced)
        announce(link);
}

void link_close(struct link *link)
{
    link->backend->close(link->self);
    if (link->state != LINK_CLOSED)
        set_state(link, LINK_CLOSED, LINK_FAULT_NONE, "closed");
}

enum link_state link_state(const struct link *link)
{
    return link->state;
}

const char *link_why(const struct link *link)
{
    return link->why;
}

enum link_fault link_fault(const struct link *link)
{
    return link->fault;
}

unsigned link_baud(const struct link *link)
{
    return link->backend->baud ? link->backend->baud(link->self) : 0;
}

unsigned link_bits_per_byte(const struct link *link)
{
    return link->backend->bits_per_byte ? link->backend->bits_per_byte(link->self) : 0;
}

uint16_t link_local_port(const struct link *link)
{
    return link->backend->local_port ? link->backend->local_port(link->self) : 0;
}

bool link_callers(const struct link *link, struct link_callers *callers)
{
    if (!link->backend->callers)
        return false;
    link->backend->callers(link->self, callers);
    return true;
}

const char *link_bus_state_name(enum link_bus_state state)
{
    static const char *const names[] = {[BUS_UNKNOWN] = "unknown",
                                        [BUS_ACTIVE] = "active",
                                        [BUS_WARNING] = "warning",
                                        [BUS_PASSIVE] = "passive",
                                        [BUS_OFF] = "bus-off"};
    return names[state];
}

bool link_bus(struct link *link, struct link_bus *bus)
{
    if (!link->backend->bus)
        return false;
    *bus = (struct link_bus){.transmit_errors = -1, .receive_errors = -1};
    link->backend->bus(link->self, bus);
    return true;
}

static void write_queue(struct link *link)
{
    long written = link->backend->write(link->self, link->queue, link->queued);
    if (written < 0) {
        link->broken_error = errno;
        link->queued = 0;
        loop_timer_in(link->loop, &link->broken, 0);
        return;
    }
    memmove(link->queue, link->queue + written, link->queued - (size_t)written);
    link->queued -= (size_t)written;
    if (link->backend->want_write)
        link->backend->want_write(link->self, link->queued > 0);
}

enum xc_status link_send(struct link *link, const uint8_t *bytes, size_t length)
{
    if (link->state != LINK_UP || link->broken.set)
        return XC_NO_LINK;
    if (length > QUEUE_MAX - link->queued)
        return XC_RANGE;
    memcpy(link->queue + link->queued, bytes, length);
    link->queued += length;
    write_queue(link);
    return link->broken.set ? XC_NO_LINK : XC_OK;
}

void link_discard(struct link *link)
{
    bool dropped = link->queued > 0;

    link->queued = 0;
    if (link->state != LINK_UP)
        return;
    if (link->backend->want_write)
        link->backend->want_write(link->self, false);
    if (link->backend->discard)
        link->backend->discard(link->self, dropped);
}

void link_backend_state(struct link *link, enum link_state state, const char *why)
{
    set_state(link, state, LINK_FAULT_NONE, why);
}

void link_backend_failed(struct link *link, enum link_fault fault, const char *why)
{
    set_state(link, LINK_CLOSED, fault, why);
}

void link_backend_received(struct link *link, const uint8_t *bytes, size_t length)
{
    if (link->events)
        link->events->received(link->arg, bytes, length);
}

void link_backend_writable(struct link *link)
{
    if (link->state == LINK_UP && link->queued > 0 && !link->broken.set)
        write_queue(link);
}
