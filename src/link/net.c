// SPDX-License-Identifier: MIT
#include "link/net.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool net_numeric(const char *host, uint16_t port, struct net_address *address)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    char service[8];

    snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(host, service, &hints, &found) != 0)
        return false;
    memcpy(&address->sa, found->ai_addr, found->ai_addrlen);
    address->length = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

// An IPv4 address mapped into IPv6 (what a socket for both sees) as plain IPv4.
static struct net_address plain(const struct net_address *address)
{
    struct sockaddr_in6 six;
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct net_address result = *address;

    if (address->sa.ss_family != AF_INET6)
        return result;
    memcpy(&six, &address->sa, sizeof six);
    if (!IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
        return result;
    four.sin_port = six.sin6_port;
    memcpy(&four.sin_addr, &six.sin6_addr.s6_addr[12], sizeof four.sin_addr);
    memcpy(&result.sa, &four, sizeof four);
    result.length = sizeof four;
    return result;
}

bool net_same_host(const struct net_address *a, const struct net_address *b)
{
    struct net_address x = plain(a), y = plain(b);

    if (x.sa.ss_family != y.sa.ss_family)
        return false;
    if (x.sa.ss_family == AF_INET) {
        struct sockaddr_in p, q;
        memcpy(&p, &x.sa, sizeof p);
        memcpy(&q, &y.sa, sizeof q);
        return p.sin_addr.s_addr == q.sin_addr.s_addr;
    }
    struct sockaddr_in6 p, q;
    memcpy(&p, &x.sa, sizeof p);
    memcpy(&q, &y.sa, sizeof q);
    return memcmp(&p.sin6_addr, &q.sin6_addr, sizeof p.sin6_addr) == 0;
}

static void names_of(const struct net_address *address, char *host, size_t host_size, char *port,
                     size_t port_size)
{
    struct net_address shown = plain(address);

    if (getnameinfo((const struct sockaddr *)&shown.sa, shown.length, host, (socklen_t)host_size,
                    port, (socklen_t)port_size, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(host, host_size, "?");
}

bool net_is_loopback(const struct net_address *address)
{
    struct net_address one = plain(address);
    struct sockaddr_in four;
    struct sockaddr_in6 six;

    if (one.sa.ss_family == AF_INET) {
        memcpy(&four, &one.sa, sizeof four);
        return ntohl(four.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    memcpy(&six, &one.sa, sizeof six);
    return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

char *net_text(const struct net_address *address, char *out, size_t size)
{
    names_of(address, out, size, NULL, 0);
    return out;
}

char *net_text_port(const struct net_address *address, char *out, size_t size)
{
    char host[NET_TEXT_MAX] = "", port[8] = "?";

    names_of(address, host, sizeof host, port, sizeof port);
    snprintf(out, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
    return out;
}

enum link_fault net_fault(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return LINK_FAULT_REFUSED;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ETIMEDOUT:
        return LINK_FAULT_UNREACHABLE;
    case EADDRINUSE:
        return LINK_FAULT_IN_USE;
    case EACCES:
    case EPERM:
        return LINK_FAULT_PERMISSION;
    case EADDRNOTAVAIL:
        return LINK_FAULT_NAME;
    default:
        return LINK_FAULT_OTHER;
    }
}

uint16_t net_bound_port(int descriptor)
{
    struct sockaddr_storage bound = {0};
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    socklen_t length = sizeof bound;

    if (descriptor < 0 || getsockname(descriptor, (struct sockaddr *)&bound, &length) < 0)
        return 0;
    if (bound.ss_family == AF_INET6) {
        memcpy(&six, &bound, sizeof six);
        return ntohs(six.sin6_port);
    }
    memcpy(&four, &bound, sizeof four);
    return ntohs(four.sin_port);
}

static void set_option(int descriptor, int level, int option, int value)
{
    // Each of them is a comfort: a connection without is still a connection.
    (void)setsockopt(descriptor, level, option, &value, sizeof value);
}

void net_tune(int descriptor)
{
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
}

void net_reset(int descriptor)
{
    struct linger now = {.l_onoff = 1};
    (void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(descriptor);
}
