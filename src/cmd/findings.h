// SPDX-License-Identifier: MIT
// What can be the matter with a connection and an installation: for each a name, how bad it is,
// what it means and what to do. The doctor prints them; other commands take their advice from here.
#ifndef XC_CMD_FINDINGS_H
#define XC_CMD_FINDINGS_H

#include <stddef.h>

#include "link/link.h"

enum finding_key {
    // Ports of this computer
    FINDING_PORT,
    FINDING_INTERFACE,
    FINDING_NO_PORTS,
    FINDING_NO_INTERFACES,
    FINDING_NOT_ASKED,
    FINDING_ADDRESSES,
    FINDING_MISSING,
    FINDING_PERMISSION,
    FINDING_IN_USE,
    FINDING_WRONG_KIND,
    FINDING_SETTINGS_REFUSED,
    FINDING_INTERFACE_DOWN,
    FINDING_LISTEN_ONLY,
    // The way to the gateway
    FINDING_UNKNOWN_HOST,
    FINDING_UNREACHABLE,
    FINDING_REFUSED,
    FINDING_HUNG_UP,
    FINDING_NOT_OPENED,
    FINDING_NOT_DIALLED,
    FINDING_NOT_ALLOWED,
    FINDING_DIALLED,
    FINDING_ANYONE,
    FINDING_BUS,
    FINDING_BUS_QUIET,
    FINDING_BUS_ERRORS,
    // The gateway's answers
    FINDING_SILENT,
    FINDING_SILENT_NETWORK,
    FINDING_SILENT_BUS,
    FINDING_NO_ADAPTER,
    FINDING_NOISE,
    FINDING_ECHO,
    FINDING_WRONG_SETTINGS,
    FINDING_ANSWERS,
    FINDING_DAMAGED,
    FINDING_LOST_ANSWERS,
    FINDING_SLOW,
    FINDING_BUSY,
    FINDING_LINE_ENDS,
    FINDING_OTHER_MASTER,
    FINDING_SAME_ADDRESS,
    FINDING_EXCLUSIVE,
    // The installation
    FINDING_UNFINISHED,
    FINDING_NOT_CHECKED,
    FINDING_NO_DEVICES,
    FINDING_NOT_SEARCHED,
    FINDING_DEVICES,
    FINDING_OLD_GATEWAY,
    FINDING_OLD_FIRMWARE,
    FINDING_UNKNOWN_FIRMWARE,
    FINDING_CLOCK_WRONG,
    FINDING_CLOCK_DRIFT,
    FINDING_PORTAL_HOURS,
    FINDING_SD_FULL,
    FINDING_SD_MISSING,
    FINDING_RESTARTED,
    FINDING_SCOM_WATCHDOG,
    FINDING_DEVICE_WATCHDOG,
    FINDING_COUNT
};

enum grade { GRADE_OK, GRADE_HINT, GRADE_PROBLEM };

struct finding {
    const char *name; // in JSON lines and the man page
    enum grade grade;
    const char *means; // "" where what was seen says it all
    const char *todo;  // what helps, as a phrase that can follow a colon; "": nothing needs to
};

// The row of a key.
const struct finding *finding(enum finding_key key);

// "ok", "hint", "problem".
const char *grade_name(enum grade grade);

// What a link that couldn't be had is a case of.
enum finding_key finding_of_fault(enum link_fault fault);

// What each position of the Xcom-CAN's switches 6-8 stands for. Returns out.
char *finding_switches(char *out, size_t size);

// FINDING_SILENT_BUS's todo, with what the Xcom-CAN's switches are for a bit rate (0: unknown);
// given: the LINK names it, and it may be wrong. Returns out.
char *finding_can_advice(unsigned bitrate, bool given, char *out, size_t size);

// FINDING_NOT_DIALLED's todo for a tcp-listen, with the addresses of this computer that a Moxa can
// dial; FINDING_DIAL_MAX is room enough. Returns out.
enum { FINDING_DIAL_MAX = 700 };
char *finding_dial_advice(const struct link_spec *spec, char *out, size_t size);

#endif
