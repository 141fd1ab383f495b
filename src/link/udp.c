// SPDX-License-Identifier: MIT
// UDP. A Moxa in UDP mode answers to the port it is configured for, not to the one it was asked
// from, and from any port of its own: a fixed port is bound here, and what comes from the peer's
// address counts, whatever its port.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "link/holder.h"
#include "link/net.h"
#include "link/stream.h"

enum { DATAGRAM_MAX = 2048, SEND_MAX = 1400 };

struct udp {
    struct loop *loop;
    struct link *link;
    const struct link_spec *spec;
    char name[LINK_TEXT_MAX]; // "192.168.1.20:4001"
    int descriptor;           // -1: none
    struct loop_watch *watch;
    struct resolver *resolver;
    struct net_address peer;
    bool has_peer;
    unsigned strangers;
};

static void udp_close(void *self)
{
    struct udp *udp = self;

    net_resolve_cancel(udp->resolver);
    udp->resolver = NULL;
    loop_unwatch(udp->loop, udp->watch);
    udp->watch = NULL;
    if (udp->descriptor >= 0)
        close(udp->descriptor);
    udp->descriptor = -1;
    udp->has_peer = false;
}

static void broken(void *self, int error)
{
    struct udp *udp = self;
    char why[LINK_TEXT_MAX];

    udp_close(udp);
    switch (error) {
    case ECONNREFUSED:
        snprintf(why, sizeof why,
                 "%.200s refuses UDP: is the Moxa in UDP mode, with %u as its local port?",
                 udp->name, (unsigned)udp->spec->port);
        break;
    case EHOSTUNREACH:
    case ENETUNREACH:
        snprintf(why, sizeof why,
                 "%.200s can't be reached: is it switched on, and is the address right?",
                 udp->name);
        break;
    default:
        snprintf(why, sizeof why, "UDP to %.200s: %s", udp->name, strerror(error));
        break;
    }
    link_backend_failed(udp->link, net_fault(error), why);
}

static void report_up(struct udp *udp)
{
    char why[LINK_TEXT_MAX], stranger[64] = "";

    if (udp->strangers)
        snprintf(stranger, sizeof stranger, "; datagrams of others ignored: %u", udp->strangers);
    snprintf(why, sizeof why, "UDP with %.160s, local port %u%s", udp->name,
             (unsigned)net_bound_port(udp->descriptor), stranger);
    link_backend_state(udp->link, LINK_UP, why);
}

// What an ICMP message said about a datagram sent before; 0 for none.
static int queued_error(const struct udp *udp)
{
    char control[512];
    struct msghdr message = {.msg_control = control, .msg_controllen = sizeof control};
    int error = 0;
    socklen_t length = sizeof error;

    if (getsockopt(udp->descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
        return errno;
    while (recvmsg(udp->descriptor, &message, MSG_ERRQUEUE) >= 0)
        message.msg_controllen = sizeof control;
    return error;
}

static void on_ready(void *arg, short revents)
{
    struct udp *udp = arg;
    uint8_t bytes[DATAGRAM_MAX];
    struct net_address from = {.length = sizeof from.sa};

    if (revents & POLLERR) {
        int error = queued_error(udp);
        if (error) {
            broken(udp, error);
            return;
        }
    }
    if (revents & POLLOUT)
        link_backend_writable(udp->link);
    if (!(revents & POLLIN))
        return;
    ssize_t n = recvfrom(udp->descriptor, bytes, sizeof bytes, 0, (struct sockaddr *)&from.sa,
                         &from.length);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        broken(udp, errno);
    if (n <= 0)
        return;
    if (!udp->spec->host[0]) {
        // The simulator's side: whoever asks gets the answer.
        bool is_new = !udp->has_peer;
        udp->peer = from;
        udp->has_peer = true;
        net_text_port(&from, udp->name, sizeof udp->name);
        if (is_new)
            report_up(udp);
    } else if (!net_same_host(&udp->peer, &from)) {
        udp->strangers++;
        report_up(udp);
        return;
    }
    link_backend_received(udp->link, bytes, (size_t)n);
}

static void fail_to_bind(struct udp *udp, uint16_t port, int error)
{
    char why[LINK_TEXT_MAX], holder[64];

    if (error == EADDRINUSE) {
        holder_of_port(true, port, holder, sizeof holder);
        snprintf(why, sizeof why,
                 "UDP port %u is in use by %s: stop it, or give another with "
                 "?local=PORT",
                 (unsigned)port, holder);
    } else if (error == EACCES) {
        snprintf(
            why, sizeof why,
            "no permission to bind UDP port %u: ports below 1024 are for root, give another with "
            "?local=PORT",
            (unsigned)port);
    } else {
        snprintf(why, sizeof why, "can't bind UDP port %u: %s", (unsigned)port, strerror(error));
    }
    link_backend_failed(udp->link, net_fault(error), why);
}

static int bind_port(const char *host, uint16_t port)
{
    static const int on = 1;
    struct net_address local;

    if (!net_numeric(host, port, &local)) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    bool six = local.sa.ss_family == AF_INET6;
    int descriptor = socket(local.sa.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -1;
    // A socket that isn't connected hears of refusals only this way.
    (void)setsockopt(descriptor, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVERR : IP_RECVERR,
                     &on, sizeof on);
    if (bind(descriptor, (const struct sockaddr *)&local.sa, local.length) < 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}

static void start(struct udp *udp)
{
    const struct link_spec *spec = udp->spec;
    uint16_t port = spec->local_port ? spec->local_port : spec->port;
    char why[LINK_TEXT_MAX];

    const char *host = spec->local_host;
    if (!host[0])
        host = udp->has_peer && udp->peer.sa.ss_family == AF_INET6 ? "::" : "0.0.0.0";
    udp->descriptor = bind_port(host, port);
    if (udp->descriptor < 0) {
        fail_to_bind(udp, port, errno);
        return;
    }
    udp->strangers = 0;
    udp->watch = loop_watch(udp->loop, udp->descriptor, POLLIN, on_ready, udp);
    if (udp->has_peer) {
        report_up(udp);
        return;
    }
    snprintf(why, sizeof why, "waiting for datagrams on UDP port %u",
             (unsigned)net_bound_port(udp->descriptor));
    link_backend_state(udp->link, LINK_WAITING, why);
}

static void resolved(void *arg, const struct net_address *addresses, size_t count,
                     const char *error)
{
    struct udp *udp = arg;

    udp->resolver = NULL;
    if (count == 0) {
        link_backend_failed(udp->link, LINK_FAULT_NAME, error);
        return;
    }
    udp->peer = addresses[0];
    udp->has_peer = true;
    start(udp);
}

static void *udp_create(struct loop *loop, struct link *link, const struct link_spec *spec)
{
    struct udp *udp = xcalloc(1, sizeof *udp);

    udp->loop = loop;
    udp->link = link;
    udp->spec = spec;
    udp->descriptor = -1;
    return udp;
}

static void udp_open(void *self, unsigned variant)
{
    struct udp *udp = self;
    const struct link_spec *spec = udp->spec;
    char why[LINK_TEXT_MAX];

    (void)variant;
    udp_close(udp);
    if (!spec->host[0]) {
        start(udp);
        return;
    }
    udp->has_peer = net_numeric(spec->host, spec->port, &udp->peer);
    snprintf(udp->name, sizeof udp->name, strchr(spec->host, ':') ? "[%s]:%u" : "%s:%u", spec->host,
             (unsigned)spec->port);
    if (udp->has_peer) {
        start(udp);
        return;
    }
    snprintf(why, sizeof why, "looking up %.200s", spec->host);
    link_backend_state(udp->link, LINK_OPENING, why);
    udp->resolver = net_resolve(udp->loop, spec->host, spec->port, resolved, udp);
    if (!udp->resolver) {
        snprintf(why, sizeof why, "can't look up %.200s: %s", spec->host, strerror(errno));
        link_backend_failed(udp->link, LINK_FAULT_OTHER, why);
    }
}

static long udp_write(void *self, const uint8_t *bytes, size_t length)
{
    struct udp *udp = self;
    size_t piece = length < SEND_MAX ? length : SEND_MAX;
    ssize_t n = sendto(udp->descriptor, bytes, piece, MSG_NOSIGNAL,
                       (const struct sockaddr *)&udp->peer.sa, udp->peer.length);

    if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
        return 0;
    return (long)n;
}

static void udp_want_write(void *self, bool wanted)
{
    struct udp *udp = self;
    if (udp->watch)
        loop_watch_events(udp->watch, wanted ? POLLIN | POLLOUT : POLLIN);
}

static uint16_t udp_local_port(const void *self)
{
    const struct udp *udp = self;
    return net_bound_port(udp->descriptor);
}

const struct link_backend link_udp_backend = {
    .create = udp_create,
    .destroy = free,
    .open = udp_open,
    .close = udp_close,
    .write = udp_write,
    .broken = broken,
    .want_write = udp_want_write,
    .local_port = udp_local_port,
};
