// SPDX-License-Identifier: MIT
// Under which addresses others reach this computer: what a gateway that dials in is told to dial.
#ifndef XC_LINK_OWNADDRESS_H
#define XC_LINK_OWNADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "link/link.h"

struct ifaddrs; // of <ifaddrs.h>

enum { OWN_ADDRESSES_MAX = 4, OWN_ADDRESSES_TEXT_MAX = 448 };

// "192.168.1.5 (eth0), 2001:db8::5 (eth0)": where a tcp-listen can be dialled, at most
// OWN_ADDRESSES_MAX; or "192.168.1.5 (as the LINK says)", where it names one; "" for none, also of
// own_alone(), or when the kernel doesn't tell. Fit to be printed. Returns out.
char *own_addresses(const struct link_spec *spec, char *out, size_t size);

// The same of a list as getifaddrs(3) makes it: of interfaces that are up, IPv4 first, then, unless
// only_ipv4, what reaches beyond its own cable of IPv6.
char *own_addresses_of(const struct ifaddrs *list, bool only_ipv4, char *out, size_t size);

// True for a tcp-listen on a loopback address: only this computer reaches it.
bool own_alone(const struct link_spec *spec);

#endif
