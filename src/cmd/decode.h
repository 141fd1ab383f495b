// SPDX-License-Identifier: MIT
// SCOM frames in words, from bytes. What the command decode prints.
#ifndef XC_CMD_DECODE_H
#define XC_CMD_DECODE_H

#include <stdint.h>

#include "catalogue/catalogue.h"
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

// A frame of either protocol in words. Texts are harmless to a terminal, whatever the frame holds.
struct decoded {
    char source[DECODE_NAME_MAX], destination[DECODE_NAME_MAX];
    const char *direction; // "request", "answer", "error"; decode_can.h has more
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

// --- Words that both protocols share. Each writes at most size bytes with NUL. -------------------

// The row of the tables for a number of an address, NULL if there is none; where BSP and BMS share
// one, both rows say the same.
const struct datapoint *decode_datapoint(uint32_t address, uint32_t id);

// "3000 Battery voltage"; dp may be NULL.
void decode_name(uint32_t id, const struct datapoint *dp, char *out, size_t size);

// "12.36 V", "-- (no sensor)": a number in the protocol's unit. dp isn't NULL.
void decode_number(const struct datapoint *dp, double number, char *out, size_t size);

// "0x28 DATA_TOO_BIG: …" (enum scom_error of proto/scom.h).
void decode_error(unsigned code, char *out, size_t size);

// "error: Fan error detected (value 0)": a message of a device, by its number.
void decode_message(unsigned number, uint32_t value, char *out, size_t size);

#endif
