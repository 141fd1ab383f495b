// SPDX-License-Identifier: MIT
// The text that serial-line CAN adapters speak, as Lawicel defined it (reference can.md "SLCAN").
// Pure: no I/O, no allocation, no clock. Serves both ends: frames have the same form in both
// directions, and a command that isn't one of the answers below comes as SLCAN_OTHER.
#ifndef XC_PROTO_SLCAN_H
#define XC_PROTO_SLCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/canframe.h"
#include "base/status.h"

enum {
    SLCAN_CR = 0x0D,
    SLCAN_BEL = 0x07,
    SLCAN_LINE_MAX = 64,  // a longer line is dropped; the longest frame takes 30 characters
    SLCAN_FRAME_MAX = 27, // a frame as it is sent: without a timestamp, with its CR
};

// What is sent besides frames: a letter and CR. SLCAN_BITRATE takes a digit.
enum slcan_command {
    SLCAN_BITRATE = 'S', // only while the channel is closed
    SLCAN_OPEN = 'O',
    SLCAN_CLOSE = 'C',
    SLCAN_ASK_VERSION = 'V',
    SLCAN_ASK_SERIAL = 'N',
    SLCAN_ASK_STATUS = 'F', // only while the channel is open
};

// What the bits of the status flags mean (Lawicel's manuals; other makers' may mean less).
enum slcan_status {
    SLCAN_RECEIVE_FULL = 0x01, // frames were lost
    SLCAN_TRANSMIT_FULL = 0x02,
    SLCAN_WARNING = 0x04,
    SLCAN_OVERRUN = 0x08, // frames were lost
    SLCAN_PASSIVE = 0x20,
    SLCAN_ARBITRATION_LOST = 0x40,
    SLCAN_BUS_ERROR = 0x80,
};

// The digit of a bit rate: 10k 20k 50k 100k 125k 250k 500k 1M; '\0' for one that there isn't.
char slcan_bitrate_digit(unsigned bitrate);

// Writes a frame with its CR, upper-case. Returns its length. XC_RANGE frames (canframe_put) and
// error frames, which have no text: 0.
size_t slcan_encode(const struct canframe *frame, char out[SLCAN_FRAME_MAX]);

// --- Bytes to lines ------------------------------------------------------------------------------

enum slcan_kind {
    SLCAN_FRAME,   // frame; a timestamp behind it is recognised by the line's length
    SLCAN_OK,      // CR alone: the last command was done
    SLCAN_SENT,    // z or Z: the adapter has taken a frame to be sent
    SLCAN_ERROR,   // BEL: the last command was refused
    SLCAN_VERSION, // V and more: text
    SLCAN_SERIAL,  // N and more: text
    SLCAN_FLAGS,   // F and two digits: status
    SLCAN_OTHER,   // text
};

struct slcan_line {
    enum slcan_kind kind;
    struct canframe frame;
    int timestamp;                 // milliseconds, 0..65535; -1 when there is none
    uint8_t status;                // SLCAN_RECEIVE_FULL | …
    char text[SLCAN_LINE_MAX + 1]; // the line as it came, without its CR; not to be trusted
};

// Zero-initialised it is ready.
struct slcan_decoder {
    char line[SLCAN_LINE_MAX];
    size_t length;
    bool too_long;
    uint64_t dropped; // lines that were too long, or cut off by a BEL; only grows
};

// Takes one byte. XC_OK: it ended a line; XC_AGAIN: it didn't. What is no line is given up at the
// next CR or BEL.
enum xc_status slcan_decode(struct slcan_decoder *decoder, uint8_t byte, struct slcan_line *line);

#endif
