// SPDX-License-Identifier: MIT
// A CAN frame, and the record of 16 bytes that stands for one in a stream of bytes: what CAN links
// deliver and take, what a trace shows. A record: the identifier, big endian, with the flags of
// Linux in its upper bits; the length; three zero bytes; eight data bytes, zero behind the length.
#ifndef XC_BASE_CANFRAME_H
#define XC_BASE_CANFRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { CANFRAME_RECORD_SIZE = 16, CANFRAME_DATA_MAX = 8 };

#define CANFRAME_STANDARD_MAX 0x7FFu
#define CANFRAME_EXTENDED_MAX 0x1FFFFFFFu

struct canframe {
    uint32_t
        id; // 29 bits when extended, else 11; an error frame: what happened (linux/can/error.h)
    uint8_t length; // 0..8; a remote frame asks for so many bytes and has none
    bool extended, remote;
    bool error; // not from the bus: the controller tells something about itself
    uint8_t data[CANFRAME_DATA_MAX];
};

// Writes frame as a record. XC_RANGE, and nothing written, when the identifier or the length is
// more than its kind of frame has.
enum xc_status canframe_put(const struct canframe *frame, uint8_t record[CANFRAME_RECORD_SIZE]);

// Reads a record. XC_MALFORMED when canframe_put() can't have written it.
enum xc_status canframe_get(const uint8_t record[CANFRAME_RECORD_SIZE], struct canframe *frame);

#endif
