// SPDX-License-Identifier: MIT
// The serial ports and CAN interfaces of this computer, and whether they could be used. Nothing is
// opened, changed or written to: what is told comes from /sys, /proc and the kernel's interface
// list.
#ifndef XC_LINK_PORTS_H
#define XC_LINK_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "link/link.h"

enum port_kind { PORT_SERIAL, PORT_CAN };

struct port {
    enum port_kind kind;
    char name[LINK_HOST_MAX]; // as in a LINK: "/dev/ttyUSB0", "can0"
    char about[160];         // "FT232R USB UART (FTDI, A50285BI)", "up at 250000 bit/s, bus active"
    enum link_fault fault;   // LINK_FAULT_NONE when nothing speaks against using it
    bool by_xcomtop;         // LINK_FAULT_IN_USE: it may be asked through whoever has it
    char why[LINK_TEXT_MAX]; // of a fault: one line with what helps; else ""
};

// Serial ports, then CAN interfaces, in the order of their names. Returns how many there are in
// ports: at most max.
size_t ports_list(struct port *ports, size_t max);

// One by its name, or any path to it. bitrate: as it shall be used, 0: as it is.
void ports_look(enum port_kind kind, const char *name, unsigned bitrate, struct port *port);

#endif
