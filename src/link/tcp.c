// SPDX-License-Identifier: MIT
// A TCP connection to a gateway that listens (a Moxa in TCP server mode).
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "link/net.h"
#include "link/stream.h"

// How long a connection may take: the last address, and those that have others behind them.
#define CONNECT_LIMIT (10 * LOOP_S)
#define CONNECT_FIRST (3 * LOOP_S)

struct tcp {
    struct loop *loop;
    struct link *link;
    const struct link_spec *spec;
    char peer[LINK_TEXT_MAX]; // as the person wrote it
    struct stream stream;
    struct resolver *resolver;
    struct net_address addresses[NET_ADDRESSES_MAX];
    size_t count, next;
    int connecting; // -1: none
    struct loop_watch *watch;
    struct loop_timer limit;
};

static void try_next(struct tcp *tcp, int error);

static void say_why_not(const struct tcp *tcp, int error, char *out, size_t size)
{
    switch (error) {
    case ECONNREFUSED:
        snprintf(
            out, size,
            "connection refused by %.200s: is the Moxa in TCP server mode? usually it dials in: "
            "use tcp-listen:%u",
            tcp->peer, (unsigned)tcp->spec->port);
        break;
    case ETIMEDOUT:
        snprintf(out, size,
                 "no answer from %.200s within %d s: is it switched on, and is the address right?",
                 tcp->peer, (int)(CONNECT_LIMIT / LOOP_S));
        break;
    case EHOSTUNREACH:
        snprintf(out, size, "%.200s can't be reached: is it switched on, and is the address right?",
                 tcp->peer);
        break;
    case ENETUNREACH:
        snprintf(out, size, "%.200s can't be reached: no network leads there from this computer",
                 tcp->peer);
        break;
    default:
        snprintf(out, size, "can't connect to %.200s: %s", tcp->peer, strerror(error));
        break;
    }
}

static void lost(void *arg, int error)
{
    struct tcp *tcp = arg;
    char why[LINK_TEXT_MAX];

    stream_close(&tcp->stream);
    if (error == 0)
        snprintf(why, sizeof why, "%.200s closed the connection", tcp->peer);
    else if (error == ETIMEDOUT)
        snprintf(why, sizeof why, "%.200s no longer answers", tcp->peer);
    else
        snprintf(why, sizeof why, "connection to %.200s lost: %s", tcp->peer, strerror(error));
    link_backend_failed(tcp->link, LINK_FAULT_LOST, why);
}

static void stop_connecting(struct tcp *tcp)
{
    net_resolve_cancel(tcp->resolver);
    tcp->resolver = NULL;
    loop_unwatch(tcp->loop, tcp->watch);
    tcp->watch = NULL;
    loop_timer_stop(tcp->loop, &tcp->limit);
    if (tcp->connecting >= 0)
        close(tcp->connecting);
    tcp->connecting = -1;
}

static void connected(struct tcp *tcp)
{
    char why[LINK_TEXT_MAX];
    int descriptor = tcp->connecting;

    tcp->connecting = -1;
    stop_connecting(tcp);
    stream_attach(&tcp->stream, descriptor);
    snprintf(why, sizeof why, "connected to %.200s", tcp->peer);
    link_backend_state(tcp->link, LINK_UP, why);
}

static void on_connect(void *arg, short revents)
{
    struct tcp *tcp = arg;
    int error = 0;
    socklen_t length = sizeof error;

    (void)revents;
    if (getsockopt(tcp->connecting, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        error = errno;
    if (error == 0)
        connected(tcp);
    else
        try_next(tcp, error);
}

static void on_limit(void *arg)
{
    try_next(arg, ETIMEDOUT);
}

// Starts with the next address; error is what became of the one before.
static void try_next(struct tcp *tcp, int error)
{
    char why[LINK_TEXT_MAX];

    stop_connecting(tcp);
    while (tcp->next < tcp->count) {
        const struct net_address *address = &tcp->addresses[tcp->next++];
        tcp->connecting =
            socket(address->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (tcp->connecting < 0) {
            error = errno;
            continue;
        }
        net_tune(tcp->connecting);
        if (connect(tcp->connecting, (const struct sockaddr *)&address->sa, address->length) == 0) {
            connected(tcp);
            return;
        }
        if (errno == EINPROGRESS) {
            tcp->watch = loop_watch(tcp->loop, tcp->connecting, POLLOUT, on_connect, tcp);
            loop_timer_in(tcp->loop, &tcp->limit,
                          tcp->next < tcp->count ? CONNECT_FIRST : CONNECT_LIMIT);
            return;
        }
        error = errno;
        stop_connecting(tcp);
    }
    say_why_not(tcp, error, why, sizeof why);
    link_backend_failed(tcp->link, net_fault(error), why);
}

static void resolved(void *arg, const struct net_address *addresses, size_t count,
                     const char *error)
{
    struct tcp *tcp = arg;

    tcp->resolver = NULL;
    if (count == 0) {
        link_backend_failed(tcp->link, LINK_FAULT_NAME, error);
        return;
    }
    memcpy(tcp->addresses, addresses, count * sizeof *addresses);
    tcp->count = count;
    try_next(tcp, 0);
}

static void *tcp_create(struct loop *loop, struct link *link, const struct link_spec *spec)
{
    struct tcp *tcp = xcalloc(1, sizeof *tcp);

    tcp->loop = loop;
    tcp->link = link;
    tcp->spec = spec;
    tcp->connecting = -1;
    tcp->limit.fire = on_limit;
    tcp->limit.arg = tcp;
    link_spec_name(spec, tcp->peer, sizeof tcp->peer);
    stream_init(&tcp->stream, loop, link, lost, tcp);
    return tcp;
}

static void tcp_close(void *self)
{
    struct tcp *tcp = self;

    stop_connecting(tcp);
    stream_close(&tcp->stream);
}

static void tcp_open(void *self, unsigned variant)
{
    struct tcp *tcp = self;
    char why[LINK_TEXT_MAX];

    (void)variant;
    tcp_close(tcp);
    tcp->next = 0;
    tcp->count = 0;
    snprintf(why, sizeof why, "connecting to %.200s", tcp->peer);
    link_backend_state(tcp->link, LINK_OPENING, why);
    if (net_numeric(tcp->spec->host, tcp->spec->port, &tcp->addresses[0])) {
        tcp->count = 1;
        try_next(tcp, 0);
        return;
    }
    tcp->resolver = net_resolve(tcp->loop, tcp->spec->host, tcp->spec->port, resolved, tcp);
    if (!tcp->resolver) {
        snprintf(why, sizeof why, "can't look up %.200s: %s", tcp->spec->host, strerror(errno));
        link_backend_failed(tcp->link, LINK_FAULT_OTHER, why);
    }
}

static long tcp_write(void *self, const uint8_t *bytes, size_t length)
{
    struct tcp *tcp = self;
    return stream_write(&tcp->stream, bytes, length);
}

static void tcp_want_write(void *self, bool wanted)
{
    struct tcp *tcp = self;
    stream_want_write(&tcp->stream, wanted);
}

static void tcp_discard(void *self, bool dropped)
{
    struct tcp *tcp = self;
    char why[LINK_TEXT_MAX];

    if (!stream_reset_unacknowledged(&tcp->stream, dropped))
        return;
    snprintf(why, sizeof why, "%.200s doesn't take what is sent: connection given up", tcp->peer);
    link_backend_failed(tcp->link, LINK_FAULT_LOST, why);
}

const struct link_backend link_tcp_backend = {
    .create = tcp_create,
    .destroy = free,
    .open = tcp_open,
    .close = tcp_close,
    .write = tcp_write,
    .broken = lost,
    .want_write = tcp_want_write,
    .discard = tcp_discard,
};
