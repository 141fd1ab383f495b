// SPDX-License-Identifier: MIT
// Two links joined in memory: tests, the demonstration, benchmarks.
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "link/backend.h"
#include "link/link.h"

enum { PIPE_MAX = 16384 };

struct end {
    struct loop *loop;
    struct link *link;
    struct end *peer; // NULL once it was freed
    bool open;        // this end wants to be open
    bool up;
    struct loop_timer deliver;
    uint8_t pipe[PIPE_MAX]; // bytes on the way to this end
    size_t waiting;
};

static void deliver(void *arg)
{
    struct end *end = arg;
    uint8_t bytes[PIPE_MAX];
    size_t length = end->waiting;

    memcpy(bytes, end->pipe, length);
    end->waiting = 0;
    if (end->up && length > 0)
        link_backend_received(end->link, bytes, length);
    if (end->peer)
        link_backend_writable(end->peer->link);
}

static void take_down(struct end *end, const char *why)
{
    if (!end->up)
        return;
    end->up = end->open = false;
    end->waiting = 0;
    loop_timer_stop(end->loop, &end->deliver);
    link_backend_failed(end->link, LINK_FAULT_LOST, why);
}

static void memory_close(void *self)
{
    struct end *end = self;
    bool was_up = end->up;

    end->up = end->open = false;
    end->waiting = 0;
    loop_timer_stop(end->loop, &end->deliver);
    if (was_up && end->peer)
        take_down(end->peer, "closed by the other end");
}

static void memory_open(void *self, unsigned variant)
{
    struct end *end = self;

    (void)variant;
    memory_close(end);
    end->open = true;
    if (!end->peer || !end->peer->open) {
        link_backend_state(end->link, LINK_WAITING, "waiting for the other end");
        return;
    }
    end->up = end->peer->up = true;
    end->waiting = end->peer->waiting = 0;
    link_backend_state(end->peer->link, LINK_UP, "connected");
    if (end->up)
        link_backend_state(end->link, LINK_UP, "connected");
}

static long memory_write(void *self, const uint8_t *bytes, size_t length)
{
    struct end *end = self;
    struct end *peer = end->peer;

    if (!end->up || !peer)
        return 0;
    size_t room = PIPE_MAX - peer->waiting;
    size_t taken = length < room ? length : room;
    memcpy(peer->pipe + peer->waiting, bytes, taken);
    peer->waiting += taken;
    if (!peer->deliver.set)
        loop_timer_in(peer->loop, &peer->deliver, 0);
    return (long)taken;
}

static void memory_discard(void *self, bool dropped)
{
    struct end *end = self;

    (void)dropped;
    if (end->peer)
        end->peer->waiting = 0;
}

static void memory_destroy(void *self)
{
    struct end *end = self;
    if (end->peer)
        end->peer->peer = NULL;
    free(end);
}

static const struct link_backend memory_backend = {
    .open = memory_open,
    .close = memory_close,
    .write = memory_write,
    .discard = memory_discard,
    .destroy = memory_destroy,
};

static struct end *new_end(struct loop *loop)
{
    static const struct link_spec spec = {.kind = LINK_MEMORY};
    struct end *end = xcalloc(1, sizeof *end);
    end->loop = loop;
    end->deliver.fire = deliver;
    end->deliver.arg = end;
    end->link = link_new_over(loop, &spec, &memory_backend, end);
    return end;
}

void link_memory_pair(struct loop *loop, struct link **a, struct link **b)
{
    struct end *first = new_end(loop), *second = new_end(loop);
    first->peer = second;
    second->peer = first;
    *a = first->link;
    *b = second->link;
}
