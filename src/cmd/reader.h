// SPDX-License-Identifier: MIT
// One-shot reading: a list of values, asked of the gateway one after the other, without discovery.
// Only what is read of each device of a family needs to know which of them there are.
#ifndef XC_CMD_READER_H
#define XC_CMD_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue/address.h"
#include "cmd/session.h"

// What came of one value.
enum outcome {
    OUTCOME_NONE,    // no answer
    OUTCOME_FRESH,   // a value
    OUTCOME_ABSENT,  // an answer that is no value: not a number, no sensor
    OUTCOME_REFUSED, // the device's error
};

// One value to read, and what came of it.
struct value_read {
    struct target target; // TARGET_DEVICE, TARGET_PHASE, TARGET_SUM or TARGET_AVERAGE
    uint16_t id;
    bool parameter;
    enum part part;
    const struct datapoint *datapoint; // NULL: not in the tables, read raw
    enum outcome outcome;
    double number;      // NaN when there is none, or when raw bytes don't say which number they are
    const char *absent; // OUTCOME_ABSENT: why
    uint16_t error;     // OUTCOME_REFUSED: the device's code, 0 when it didn't give one
    enum xc_status status;
    uint8_t raw[4]; // the first bytes of a raw value
    size_t raw_length;
    int64_t time; // loop_wall() of the answer
};

struct reader;

// session is connected already (session_wait_ready).
struct reader *reader_new(struct session *session);
void reader_free(struct reader *reader);

// Which family is at 601: EXIT_DONE and FAMILY_BSP or FAMILY_BMS; else as session_wait().
int reader_battery(struct reader *reader, enum family *family);

// The devices of a family that answer (XT, VT, VS), or those of --devices: indices at most max.
// EXIT_DONE; EXIT_REFUSED, after a line on stderr, when absent ones mustn't be probed; else as
// session_wait().
int reader_members(struct reader *reader, enum family family, uint8_t *indices, size_t *count);

// Reads one value. EXIT_DONE whatever the outcome; else as session_wait(), or EXIT_REFUSED as
// reader_members() for sums that the gateway can't form.
int reader_read(struct reader *reader, struct value_read *value);

#endif
