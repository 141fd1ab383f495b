// SPDX-License-Identifier: MIT
// Internet addresses: written, compared, resolved without blocking. Private to src/link/.
#ifndef XC_LINK_NET_H
#define XC_LINK_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "link/link.h"
#include "loop/loop.h"

struct net_address {
    struct sockaddr_storage sa;
    socklen_t length;
};

enum { NET_TEXT_MAX = 64, NET_ADDRESSES_MAX = 4 };

// A numeric address and a port; false when host isn't one.
bool net_numeric(const char *host, uint16_t port, struct net_address *address);

// The same computer, whatever the port; an IPv4 address is the same when mapped into IPv6.
bool net_same_host(const struct net_address *a, const struct net_address *b);

// 127.0.0.0/8 or ::1.
bool net_is_loopback(const struct net_address *address);

// "192.168.1.20" or "fe80::1%eth0". Returns out.
char *net_text(const struct net_address *address, char *out, size_t size);
// The same with the port: "192.168.1.20:4001", "[::1]:4001".
char *net_text_port(const struct net_address *address, char *out, size_t size);

// What kind of failure an errno of connect(), bind() or a datagram is.
enum link_fault net_fault(int error);

// The port a socket is bound to; 0 when it isn't.
uint16_t net_bound_port(int descriptor);

// A TCP connection as we want it: small frames leave at once, a peer that is gone is noticed within
// about a minute.
void net_tune(int descriptor);

// Closes a TCP connection with a reset: nothing that the peer hasn't got yet is delivered any more.
void net_reset(int descriptor);

// --- Names to addresses, in a child process ------------------------------------------------------

struct resolver;

// Called once, from the loop, after which the resolver is gone. count 0: error says why in words.
typedef void net_resolved_fn(void *arg, const struct net_address *addresses, size_t count,
                             const char *error);

// NULL when no child could be started (fn isn't called; errno tells).
struct resolver *net_resolve(struct loop *loop, const char *host, uint16_t port,
                             net_resolved_fn *fn, void *arg);
// Gives up without calling fn. NULL is allowed.
void net_resolve_cancel(struct resolver *resolver);

#endif
