// SPDX-License-Identifier: MIT
// A link that can't be had: which finding that is, and what helps where the finding's own advice is
// for another kind of link.
#include "cmd/doctor.h"

#include <stdio.h>

#include "link/device.h"

enum { ADVICE_MAX = 500 };

static bool is_network(const struct link_spec *spec)
{
    return spec->kind == LINK_TCP || spec->kind == LINK_TCP_LISTEN || spec->kind == LINK_UDP;
}

static const char *permission_advice(const struct link_spec *spec)
{
    char group[40];

    if (spec->kind == LINK_TCP_LISTEN)
        return "listen on a port from 1024 on, like tcp-listen:4001, and give that to the Moxa as "
               "its destination; root isn't needed";
    if (is_network(spec))
        return "see whether a firewall on this computer forbids it; a local port must be one from "
               "1024 on";
    if (spec->kind == LINK_CAN)
        return "let root start the interface, with the bit rate of the bus, and leave bitrate out "
               "of the LINK; root isn't needed to use it then";
    if (!device_group(spec->path, group, sizeof group))
        return "ls -l tells who may use it; a rule of udev can give such a port to a group, "
               "usually dialout, whose member you become; root isn't needed then";
    return NULL;
}

static const char *refused_advice(const struct link_spec *spec, char *out, size_t size)
{
    if (spec->kind == LINK_UDP)
        return "set the Moxa to UDP mode with this port as its local one (Operating Settings)";
    snprintf(out, size,
             "use tcp-listen:%u, and this computer's address and that port as destination in the "
             "Moxa's Operating Settings; or set it to TCP server on port %u there",
             (unsigned)spec->port, (unsigned)spec->port);
    return out;
}

static const char *left_advice(const struct link_spec *spec)
{
    return spec->kind == LINK_TCP_LISTEN
               ? "if that was the Moxa, it dials in again within about a minute (--wait waits "
                 "longer); if it leaves each time, raise its Inactivity time (Operating Settings)"
               : NULL;
}

static const char *bus_advice(char *out, size_t size)
{
    char switches[200];

    snprintf(out, size, "%s; the switches: %s", finding(FINDING_BUS_ERRORS)->todo,
             finding_switches(switches, sizeof switches));
    return out;
}

static const char *advice(enum finding_key key, const struct link_spec *spec, char *out,
                          size_t size)
{
    switch (key) {
    case FINDING_PERMISSION:
        return permission_advice(spec);
    case FINDING_IN_USE:
        return is_network(spec)
                   ? "end the other program, often a home automation or another monitor; or take "
                     "another port, and give that to the Moxa as its destination"
                   : NULL;
    case FINDING_MISSING:
        return spec->kind == LINK_CAN
                   ? "see what there is with xcomtop doctor; an adapter that is plugged in and "
                     "makes no interface lacks its driver (see dmesg), or is a serial-line one, "
                     "like slcan:/dev/ttyACM0"
                   : NULL;
    case FINDING_REFUSED:
        return refused_advice(spec, out, size);
    case FINDING_HUNG_UP:
        return left_advice(spec);
    case FINDING_BUS_ERRORS:
        return bus_advice(out, size);
    default:
        return NULL;
    }
}

void doctor_tell_bus_errors(struct doctor *doctor, const char *seen)
{
    char text[ADVICE_MAX];

    report_add(doctor->report, FINDING_BUS_ERRORS, doctor->subject, bus_advice(text, sizeof text),
               "%s", seen);
}

void doctor_tell_fault(struct report *report, const char *subject, const struct link_spec *spec,
                       enum link_fault fault, const char *why)
{
    // What is plugged in is gone when it is lost; of a network it is the other end.
    bool vanished = fault == LINK_FAULT_LOST && !is_network(spec);
    enum finding_key key = vanished ? FINDING_MISSING : finding_of_fault(fault);
    char text[ADVICE_MAX];

    report_add(report, key, subject, advice(key, spec, text, sizeof text), "%s", why);
}
