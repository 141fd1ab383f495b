// SPDX-License-Identifier: MIT
// Waiting for the gateway to dial in: the Xcom-LAN's usual way. One peer at a time; the newest one,
// since a Moxa that has restarted dials in again long before its old connection is known to be
// dead.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "link/holder.h"
#include "link/net.h"
#include "link/stream.h"

enum { BACKLOG = 4 };

struct server {
    struct loop *loop;
    struct link *link;
    const struct link_spec *spec;
    int descriptor; // the listening socket; -1: none
    struct loop_watch *watch;
    struct loop_timer pause; // accept() fails for want of descriptors: not tried for a while
    struct stream stream;    // the peer
    char peer[NET_TEXT_MAX];
    char last[LINK_TEXT_MAX]; // what happened to the peer before; "" at first
    struct link_callers callers;
};

// "listening on 4001; 192.168.1.20 closed the connection; refused 10.0.0.9 (not allowed), 3 times",
// "connected from 192.168.1.20; open to anybody"
static void report(struct server *server)
{
    char why[LINK_TEXT_MAX];
    bool up = server->stream.descriptor >= 0;
    size_t used = 0;

    if (up)
        text_append(why, sizeof why, &used, "connected from %s", server->peer);
    else
        text_append(why, sizeof why, &used, "listening on %s%s%u", server->spec->host,
                    server->spec->host[0] ? " port " : "",
                    (unsigned)net_bound_port(server->descriptor));
    if (link_spec_is_open(server->spec))
        text_append(why, sizeof why, &used, "; open to anybody");
    if (server->last[0])
        text_append(why, sizeof why, &used, "; %s", server->last);
    if (server->callers.refused)
        text_append(why, sizeof why, &used, "; refused %s (not allowed)",
                    server->callers.last_refused);
    if (server->callers.refused > 1)
        text_append(why, sizeof why, &used, ", %u times", server->callers.refused);
    link_backend_state(server->link, up ? LINK_UP : LINK_WAITING, why);
}

static void lost(void *arg, int error)
{
    struct server *server = arg;

    stream_close(&server->stream);
    if (error == 0)
        snprintf(server->last, sizeof server->last, "%s closed the connection", server->peer);
    else if (error == ETIMEDOUT)
        snprintf(server->last, sizeof server->last, "%s no longer answers", server->peer);
    else
        snprintf(server->last, sizeof server->last, "connection from %s lost: %s", server->peer,
                 strerror(error));
    report(server);
}

static bool is_allowed(const struct server *server, const struct net_address *peer)
{
    struct net_address allowed;

    for (unsigned i = 0; i < server->spec->allow_count; i++)
        if (net_numeric(server->spec->allow[i], 0, &allowed) && net_same_host(&allowed, peer))
            return true;
    return server->spec->allow_count == 0;
}

static void take_peer(struct server *server, int descriptor, const struct net_address *peer)
{
    if (server->stream.descriptor >= 0) {
        // Nothing on its way through the old connection may arrive any more.
        net_reset(stream_detach(&server->stream));
        snprintf(server->last, sizeof server->last, "the connection from %s before was replaced",
                 server->peer);
        report(server);
        if (server->descriptor < 0) { // closed by whoever was told
            close(descriptor);
            return;
        }
    } else {
        server->last[0] = '\0';
    }
    server->callers.taken++;
    net_tune(descriptor);
    net_text(peer, server->peer, sizeof server->peer);
    stream_attach(&server->stream, descriptor);
    report(server);
}

static void on_connection(void *arg, short revents)
{
    struct server *server = arg;

    (void)revents;
    // One a round: whoever is told of it may close the link.
    struct net_address peer = {.length = sizeof peer.sa};
    int descriptor = accept4(server->descriptor, (struct sockaddr *)&peer.sa, &peer.length,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            loop_watch_events(server->watch, 0);
            loop_timer_in(server->loop, &server->pause, LOOP_S);
        }
        return;
    }
    if (is_allowed(server, &peer)) {
        take_peer(server, descriptor, &peer);
        return;
    }
    net_reset(descriptor);
    server->callers.refused++;
    net_text(&peer, server->callers.last_refused, sizeof server->callers.last_refused);
    report(server);
}

static void end_pause(void *arg)
{
    struct server *server = arg;
    loop_watch_events(server->watch, POLLIN);
}

static int bind_to(const struct net_address *address, int *error)
{
    static const int on = 1, off = 0;
    int descriptor = socket(address->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (descriptor < 0)
        goto fail;
    // The port may still be remembered from our last run.
    (void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->sa.ss_family == AF_INET6)
        (void)setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(descriptor, (const struct sockaddr *)&address->sa, address->length) < 0 ||
        listen(descriptor, BACKLOG) < 0)
        goto fail;
    return descriptor;
fail:
    *error = errno;
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

static int start_listening(const struct link_spec *spec, int *error)
{
    struct net_address address;
    int descriptor;

    if (spec->host[0]) {
        *error = EADDRNOTAVAIL;
        return net_numeric(spec->host, spec->port, &address) ? bind_to(&address, error) : -1;
    }
    // One socket for IPv6 and IPv4, or IPv4 alone where the kernel has no IPv6.
    descriptor = net_numeric("::", spec->port, &address) ? bind_to(&address, error) : -1;
    if (descriptor < 0 && (*error == EAFNOSUPPORT || *error == EADDRNOTAVAIL) &&
        net_numeric("0.0.0.0", spec->port, &address))
        descriptor = bind_to(&address, error);
    return descriptor;
}

static void fail_to_listen(struct server *server, int error)
{
    char why[LINK_TEXT_MAX], holder[64];
    unsigned port = server->spec->port;

    switch (error) {
    case EADDRINUSE:
        holder_of_port(false, server->spec->port, holder, sizeof holder);
        snprintf(why, sizeof why, "port %u is in use by %s: stop it, or listen on another port",
                 port, holder);
        break;
    case EACCES:
        snprintf(why, sizeof why,
                 "no permission to listen on port %u: ports below 1024 are for root, take another",
                 port);
        break;
    case EADDRNOTAVAIL:
        snprintf(why, sizeof why, "%s isn't an address of this computer", server->spec->host);
        break;
    default:
        snprintf(why, sizeof why, "can't listen on port %u: %s", port, strerror(error));
        break;
    }
    link_backend_failed(server->link, net_fault(error), why);
}

static void *listen_create(struct loop *loop, struct link *link, const struct link_spec *spec)
{
    struct server *server = xcalloc(1, sizeof *server);

    server->loop = loop;
    server->link = link;
    server->spec = spec;
    server->descriptor = -1;
    server->pause.fire = end_pause;
    server->pause.arg = server;
    stream_init(&server->stream, loop, link, lost, server);
    return server;
}

static void listen_open(void *self, unsigned variant)
{
    struct server *server = self;
    int error = 0;

    (void)variant;
    if (server->descriptor < 0) {
        server->last[0] = '\0';
        server->callers = (struct link_callers){0};
        server->descriptor = start_listening(server->spec, &error);
        if (server->descriptor < 0) {
            fail_to_listen(server, error);
            return;
        }
        server->watch = loop_watch(server->loop, server->descriptor, POLLIN, on_connection, server);
    }
    report(server);
}

static void listen_close(void *self)
{
    struct server *server = self;

    stream_close(&server->stream);
    loop_unwatch(server->loop, server->watch);
    server->watch = NULL;
    loop_timer_stop(server->loop, &server->pause);
    if (server->descriptor >= 0)
        close(server->descriptor);
    server->descriptor = -1;
}

static long listen_write(void *self, const uint8_t *bytes, size_t length)
{
    struct server *server = self;
    return stream_write(&server->stream, bytes, length);
}

static void listen_want_write(void *self, bool wanted)
{
    struct server *server = self;
    stream_want_write(&server->stream, wanted);
}

static void listen_discard(void *self, bool dropped)
{
    struct server *server = self;

    if (!stream_reset_unacknowledged(&server->stream, dropped))
        return;
    snprintf(server->last, sizeof server->last,
             "%s doesn't take what is sent: its connection was given up", server->peer);
    report(server);
}

static uint16_t listen_local_port(const void *self)
{
    const struct server *server = self;
    return net_bound_port(server->descriptor);
}

static void listen_callers(const void *self, struct link_callers *callers)
{
    const struct server *server = self;
    *callers = server->callers;
}

const struct link_backend link_listen_backend = {
    .create = listen_create,
    .destroy = free,
    .open = listen_open,
    .close = listen_close,
    .write = listen_write,
    .broken = lost,
    .want_write = listen_want_write,
    .discard = listen_discard,
    .local_port = listen_local_port,
    .callers = listen_callers,
};
