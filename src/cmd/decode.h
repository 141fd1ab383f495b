// SPDX-License-Identifier: MIT
// SCOM frames in words, from bytes. What the command decode prints.
#ifndef XC_CMD_DECODE_H
#define XC_CMD_DECODE_H

#include <stdint.h>

#include "cmd/options.h"
#include "proto/scom.h"

enum { DECODE_NAME_MAX = 32, DECODE_VALUE_MAX = 640 };

// "101 XT1", "1", "100 all XT", "191 L1": an address and whose it is. Returns out.
char *decode_address(uint32_t address, char out[DECODE_NAME_MAX]);

// One value that a frame carries, or asks for.
struct decoded_item {
    char name[160];               // "3000 Battery voltage"
    char value[DECODE_VALUE_MAX]; // "12.36 V"; "" when it is only asked for
};

// A frame in words. Texts are harmless to a terminal, whatever the frame holds.
struct decoded {
    char source[DECODE_NAME_MAX], destination[DECODE_NAME_MAX];
    const char *direction; // "request", "answer", "error"
    char service[24];      // "read", "write"
    char object[24];       // "info", "parameter", "message", …
    char property[40];     // "value in flash"; "" where it says nothing
    char flags[160];       // frame flags in words; ""
    uint32_t id;
    char error[160];   // "0x28 DATA_TOO_BIG: …"; ""
    char remark[160];  // what is wrong or worth saying about the content; ""
    size_t item_count; // 0 when the object has no items
    struct decoded_item items[SCOM_MULTI_MAX];
};

// Explains one frame.
void decode_frame(const struct scom_frame *frame, struct decoded *decoded);

#endif
