// SPDX-License-Identifier: MIT
// CAN frames as people write them and as candump (of Linux's can-utils) prints them:
//   0000CA00#0BB84145C000                        ID#DATA, bytes joined or with dots; #R remote
//   (1436509052.249713) can0 0000CA00#0BB84145C000
//   can0  0000CA00   [6]  0B B8 41 45 C0 00      a time in parentheses may be in front
// An identifier has 3 digits, or 8 when it is of 29 bits; an error frame's has Linux's flag.
#ifndef XC_CMD_CANDUMP_H
#define XC_CMD_CANDUMP_H

#include <stddef.h>

#include "base/canframe.h"
#include "base/status.h"

enum { CANDUMP_TIME_MAX = 40 };

// Reads a line or a word. time is what its parentheses hold, "" without. XC_SYNTAX: it isn't
// written in any of these ways; XC_MALFORMED: it is, but no CAN frame can be so (an identifier too
// big, no whole bytes or more than 8, CAN FD). What is behind a frame isn't looked at.
enum xc_status candump_read(const char *text, struct canframe *frame, char time[CANDUMP_TIME_MAX]);

#endif
