// SPDX-License-Identifier: MIT
#include "link/ownaddress.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "link/net.h"

static bool is_global(const struct net_address *address)
{
    struct sockaddr_in6 six;

    memcpy(&six, &address->sa, sizeof six);
    return !IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) && !IN6_IS_ADDR_MULTICAST(&six.sin6_addr) &&
           !IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr);
}

// False when it isn't of the family, or nobody else can dial it.
static bool take(const struct ifaddrs *one, sa_family_t family, struct net_address *address)
{
    if (!one->ifa_addr || one->ifa_addr->sa_family != family || !(one->ifa_flags & IFF_UP) ||
        (one->ifa_flags & IFF_LOOPBACK))
        return false;
    address->length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    memcpy(&address->sa, one->ifa_addr, address->length);
    return !net_is_loopback(address) && (family == AF_INET || is_global(address));
}

char *own_addresses_of(const struct ifaddrs *list, bool only_ipv4, char *out, size_t size)
{
    static const sa_family_t families[] = {AF_INET, AF_INET6};
    char text[NET_TEXT_MAX], name[4 * IF_NAMESIZE];
    struct net_address address;
    unsigned count = 0;
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < (only_ipv4 ? 1 : sizeof families / sizeof *families); i++)
        for (const struct ifaddrs *one = list; one && count < OWN_ADDRESSES_MAX;
             one = one->ifa_next)
            if (take(one, families[i], &address))
                text_append(out, size, &used, "%s%s (%s)", count++ ? ", " : "",
                            net_text(&address, text, sizeof text),
                            text_escape(name, sizeof name, one->ifa_name));
    return out;
}

// Where a tcp-listen listens, whichever way it is written: "" and "::" are IPv6 and IPv4 together
// (link/listen.c), 0.0.0.0 is IPv4 alone.
static const char *listens_on(const struct link_spec *spec, char text[NET_TEXT_MAX])
{
    struct net_address address;

    if (!net_numeric(spec->host, spec->port, &address))
        return spec->host;
    return net_text(&address, text, NET_TEXT_MAX);
}

bool own_alone(const struct link_spec *spec)
{
    struct net_address address;
    return net_numeric(spec->host, spec->port, &address) && net_is_loopback(&address);
}

char *own_addresses(const struct link_spec *spec, char *out, size_t size)
{
    char text[NET_TEXT_MAX];
    const char *host = listens_on(spec, text);
    bool only_ipv4 = strcmp(host, "0.0.0.0") == 0;
    struct ifaddrs *list = NULL;

    if (own_alone(spec)) {
        out[0] = '\0';
        return out;
    }
    if (host[0] && !only_ipv4 && strcmp(host, "::") != 0) {
        snprintf(out, size, "%s (as the LINK says)", host);
        return out;
    }
    if (getifaddrs(&list) < 0)
        list = NULL;
    own_addresses_of(list, only_ipv4, out, size);
    freeifaddrs(list);
    return out;
}
