// SPDX-License-Identifier: MIT
// A CAN interface of the kernel: what it is and how it does, and setting it up. Private to
// src/link/.
#ifndef XC_LINK_CANIFACE_H
#define XC_LINK_CANIFACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "link/link.h"

struct caniface {
    int index; // the kernel's number of it
    bool is_can, up;
    bool running; // its queue takes frames; one that was bus-off drops them for up to a second more
    bool controller;     // a real one: the rest is known; a virtual one (vcan) has no bit rate
    unsigned bitrate;    // 0: never set
    unsigned restart_ms; // after so long the kernel restarts it from bus-off; 0: never
    enum link_bus_state state;
    int transmit_errors, receive_errors; // -1: the driver doesn't tell
    bool one_shot, listen_only;
    bool echo; // a frame comes back when it has left; without, as soon as it is queued
};

// Asks the kernel, without waiting. XC_NOT_FOUND: there is no such interface; XC_IO: errno tells.
enum xc_status caniface_read(const char *name, struct caniface *iface);

// The CAN interfaces that there are: "can0, vcan0"; "" for none. Returns out.
char *caniface_list(char *out, size_t size);

// Makes an interface fit for use: sets the bit rate, when one is given, and starts it, if it is
// down; one that is up is left as it is. iface is what was read, and is read anew. False, with the
// reason in one line and the command that would help, when it can't be used.
bool caniface_prepare(const char *name, unsigned bitrate, struct caniface *iface, char *why,
                      size_t size);

// Why one that was read can't be used with a bit rate (0: any); LINK_FAULT_NONE if it can. All
// zeros: there is no such interface.
enum link_fault caniface_fault(const struct caniface *iface, unsigned bitrate);

// Restarts a controller that is bus-off. False, with why not in words, when it can't be.
bool caniface_restart(const char *name, char *why, size_t size);

#endif
