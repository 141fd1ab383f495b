// SPDX-License-Identifier: MIT
// Write requests on their way to the devices: what each makes of it, what goes wrong with writes on
// request (reads go on working), and how many there were. Private to src/sim/.
#ifndef XC_SIM_WRITES_H
#define XC_SIM_WRITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "sim/faults.h"
#include "sim/parameters.h"

struct sim;

enum { WRITE_FAULTS_MAX = 32, WRITE_RANGES_MAX = 16 };

enum write_fault_kind {
    WRITE_DENY,   // not done; an error is answered
    WRITE_DOUBT,  // done, but an error is answered
    WRITE_MUTE,   // done, and no answer comes
    WRITE_DROP,   // never reaches the device
    WRITE_DEFER,  // done some time after it was answered
    WRITE_SKEW,   // another value is stored
    WRITE_FORGET, // to flash: runs, but isn't stored
};

// Devices and parameters that are meant.
struct write_target {
    enum family family; // FAMILY_NONE: every device
    uint8_t slot;
    uint16_t id; // 0: every parameter
};

struct write_fault {
    enum write_fault_kind kind;
    struct write_target target;
    uint16_t code; // WRITE_DENY, WRITE_DOUBT
    double amount; // WRITE_SKEW: is added
    int64_t delay; // WRITE_DEFER: microseconds
    struct fault_when when;
};

// Values that a device refuses though its limits allow them: those below low and above high.
struct write_range {
    struct write_target target;
    double low, high;
};

struct write_deferred;
struct write_tally;

// Zero-initialise to start, with a dice.
struct writes {
    uint64_t dice;     // seed of the next throw
    uint64_t requests; // received by the gateway, whatever became of them
    uint64_t struck;   // faults, not ranges
    struct write_fault faults[WRITE_FAULTS_MAX];
    struct write_range ranges[WRITE_RANGES_MAX];
    unsigned fault_count, range_count;
    struct write_deferred *deferred;
    size_t deferred_count, deferred_size;
    struct write_tally *tallies;
    size_t tally_count, tally_size;
};

void writes_free(struct writes *writes);

// One more; it takes the place of one of the same kind for the same target. False when there are
// too many.
bool writes_add_fault(struct writes *writes, const struct write_fault *fault);
bool writes_add_range(struct writes *writes, const struct write_range *range);
// Ends all faults and ranges. What is deferred comes, what was counted stays.
void writes_clear(struct writes *writes);

// Does what was deferred and is due.
void writes_advance(struct sim *sim);

struct write_order {
    const struct datapoint *dp;
    enum parameter_part part;
    const uint8_t *data; // property_data
    size_t length;
};

enum write_end { WRITE_ANSWERED, WRITE_ANSWER_LOST, WRITE_UNHEARD };

// Carries a write out in the devices in count slots (at least 1; more than one, or group: to a
// phase or family). Returns the error code of the answer, 0 for none; *end: whether one comes.
uint16_t writes_carry_out(struct sim *sim, const struct write_order *order, const uint8_t *slots,
                          unsigned count, bool group, enum write_end *end);

// What was counted, as lines "requests 3", "flash XT1:1138 2"; to be freed by the caller.
char *writes_report(const struct sim *sim);

#endif
