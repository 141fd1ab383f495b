// SPDX-License-Identifier: MIT
#include "sim/writes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "catalogue/address.h"
#include "proto/scom.h"
#include "sim/limits.h"
#include "sim/site.h"

struct write_deferred {
    int64_t at; // loop time
    const struct datapoint *dp;
    unsigned slot;
    enum parameter_part part;
    double value;
};

// How often requests have changed a parameter.
struct write_tally {
    const struct datapoint *dp;
    unsigned slot;
    unsigned counts[WRITTEN_DONE + 1];
};

void writes_free(struct writes *writes)
{
    free(writes->deferred);
    free(writes->tallies);
    *writes = (struct writes){0};
}

// --- Faults ------------------------------------------------------------------------------------

static bool is_same(const struct write_target *a, const struct write_target *b)
{
    return a->family == b->family && a->slot == b->slot && a->id == b->id;
}

static bool is_meant(const struct write_target *target, const struct datapoint *dp, unsigned slot)
{
    bool device = target->family == FAMILY_NONE ||
                  (target->family == datapoint_family(dp) && target->slot == slot);

    return device && (target->id == 0 || target->id == datapoint_id(dp));
}

bool writes_add_fault(struct writes *writes, const struct write_fault *fault)
{
    unsigned i = 0;

    while (i < writes->fault_count && !(writes->faults[i].kind == fault->kind &&
                                        is_same(&writes->faults[i].target, &fault->target)))
        i++;
    if (i == WRITE_FAULTS_MAX)
        return false;
    writes->fault_count += i == writes->fault_count;
    writes->faults[i] = *fault;
    return true;
}

bool writes_add_range(struct writes *writes, const struct write_range *range)
{
    unsigned i = 0;

    while (i < writes->range_count && !is_same(&writes->ranges[i].target, &range->target))
        i++;
    if (i == WRITE_RANGES_MAX)
        return false;
    writes->range_count += i == writes->range_count;
    writes->ranges[i] = *range;
    return true;
}

void writes_clear(struct writes *writes)
{
    writes->fault_count = writes->range_count = 0;
}

// The fault of a kind that strikes this write now; NULL if none does.
static const struct write_fault *strike(struct sim *sim, enum write_fault_kind kind,
                                        const struct datapoint *dp, unsigned slot)
{
    struct writes *writes = &sim->writes;

    for (unsigned i = 0; i < writes->fault_count; i++) {
        struct write_fault *fault = &writes->faults[i];
        if (fault->kind != kind || !is_meant(&fault->target, dp, slot) ||
            !faults_strike(&writes->dice, &fault->when))
            continue;
        writes->struck++;
        return fault;
    }
    return NULL;
}

// --- A device's judgement ------------------------------------------------------------------------

static uint16_t check_ranges(const struct writes *writes, const struct datapoint *dp, unsigned slot,
                             double value)
{
    for (unsigned i = 0; i < writes->range_count; i++) {
        const struct write_range *range = &writes->ranges[i];
        if (!is_meant(&range->target, dp, slot))
            continue;
        if (value < range->low)
            return SCOM_DATA_TOO_SMALL;
        if (value > range->high)
            return SCOM_DATA_TOO_BIG;
    }
    return 0;
}

static uint16_t check_level(const struct write_order *order, double *value)
{
    enum level level;

    if (order->length != 2)
        return SCOM_INVALID_DATA_LENGTH;
    *value = le_get16(order->data);
    return level_from_code(le_get16(order->data), &level) ? 0 : SCOM_INVALID_DATA;
}

static uint16_t judge(struct sim *sim, const struct write_order *order, unsigned slot,
                      double *value)
{
    const struct write_fault *deny = strike(sim, WRITE_DENY, order->dp, slot);
    enum family family = datapoint_family(order->dp);

    if (deny)
        return deny->code;
    if (order->part == PART_LEVEL)
        return check_level(order, value);
    if (order->part == PART_RAM && !site_takes_ram(sim, family, slot))
        return SCOM_PROPERTY_NOT_SUPPORTED;
    uint16_t error = limits_check(sim, slot, order->dp, order->data, order->length, value);
    return error ? error : check_ranges(&sim->writes, order->dp, slot, *value);
}

// --- What is done --------------------------------------------------------------------------------

static void count(struct writes *writes, const struct datapoint *dp, unsigned slot,
                  enum site_written written)
{
    size_t i = 0;

    while (i < writes->tally_count &&
           (writes->tallies[i].dp != dp || writes->tallies[i].slot != slot))
        i++;
    if (i == writes->tally_count) {
        if (i == writes->tally_size) {
            writes->tally_size = i ? 2 * i : 16;
            writes->tallies =
                xrealloc(writes->tallies, writes->tally_size, sizeof *writes->tallies);
        }
        writes->tallies[writes->tally_count++] = (struct write_tally){.dp = dp, .slot = slot};
    }
    writes->tallies[i].counts[written]++;
}

static void carry_out(struct sim *sim, const struct datapoint *dp, unsigned slot,
                      enum parameter_part part, double value)
{
    count(&sim->writes, dp, slot, site_write(sim, dp, slot, part, value));
}

static void defer(struct sim *sim, const struct write_deferred *write)
{
    struct writes *writes = &sim->writes;

    if (writes->deferred_count == writes->deferred_size) {
        writes->deferred_size = writes->deferred_size ? 2 * writes->deferred_size : 16;
        writes->deferred =
            xrealloc(writes->deferred, writes->deferred_size, sizeof *writes->deferred);
    }
    writes->deferred[writes->deferred_count++] = *write;
}

void writes_advance(struct sim *sim)
{
    struct writes *writes = &sim->writes;
    int64_t now = loop_now(sim->loop);
    size_t left = 0;

    for (size_t i = 0; i < writes->deferred_count; i++) {
        struct write_deferred write = writes->deferred[i];
        const struct site_device *device = &sim->devices[datapoint_family(write.dp)][write.slot];
        if (write.at > now)
            writes->deferred[left++] = write;
        else if (!device->gone && now >= device->back_at)
            carry_out(sim, write.dp, write.slot, write.part, write.value);
    }
    writes->deferred_count = left;
}

// A write that was judged well reaches its device: false when it doesn't.
static bool reach(struct sim *sim, const struct write_order *order, unsigned slot, double value)
{
    const struct datapoint *dp = order->dp;
    enum parameter_part part = order->part;
    const struct write_fault *fault;

    if (strike(sim, WRITE_DROP, dp, slot))
        return false;
    bool is_value = part != PART_LEVEL && datapoint_encoding(dp) != ENCODING_SIGNAL;
    if (is_value && (fault = strike(sim, WRITE_SKEW, dp, slot)))
        value += fault->amount;
    if (is_value && part == PART_FLASH && strike(sim, WRITE_FORGET, dp, slot))
        part = PART_RAM;
    if ((fault = strike(sim, WRITE_DEFER, dp, slot)))
        defer(sim,
              &(struct write_deferred){loop_now(sim->loop) + fault->delay, dp, slot, part, value});
    else
        carry_out(sim, dp, slot, part, value);
    return true;
}

// --- A request -----------------------------------------------------------------------------------

static uint16_t first_error(const uint16_t *errors, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (errors[i])
            return errors[i];
    return 0;
}

// GATEWAY_BUSY is the gateway's own word: no device has heard of the write then.
static bool is_busy(const uint16_t *errors, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (errors[i] == SCOM_GATEWAY_BUSY)
            return true;
    return false;
}

uint16_t writes_carry_out(struct sim *sim, const struct write_order *order, const uint8_t *slots,
                          unsigned count, bool group, enum write_end *end)
{
    uint16_t errors[SITE_SLOTS];
    double values[SITE_SLOTS];
    unsigned heard = 0;

    *end = WRITE_ANSWERED;
    for (unsigned i = 0; i < count; i++)
        errors[i] = judge(sim, order, slots[i], &values[i]);
    uint16_t error = first_error(errors, count);
    if (is_busy(errors, count))
        return SCOM_GATEWAY_BUSY;
    if (error && (!group || sim->group == GROUP_ATOMIC))
        return error;

    for (unsigned i = 0; i < count; i++) {
        const struct write_fault *doubt;
        if (!errors[i] && !reach(sim, order, slots[i], values[i]))
            continue;
        heard++;
        if (errors[i])
            continue;
        if (strike(sim, WRITE_MUTE, order->dp, slots[i]))
            *end = WRITE_ANSWER_LOST;
        if ((doubt = strike(sim, WRITE_DOUBT, order->dp, slots[i])))
            errors[i] = doubt->code;
    }
    if (heard == 0)
        *end = WRITE_UNHEARD;
    return group && sim->group == GROUP_HIDDEN ? 0 : first_error(errors, count);
}

// --- The count -----------------------------------------------------------------------------------

static void name_device(const struct sim *sim, enum family family, unsigned slot, char *out,
                        size_t size)
{
    for (unsigned i = 1; i <= site_count(sim, family); i++)
        if (site_slot(sim, family, i) == slot)
            device_name(family, i, out, size);
}

char *writes_report(const struct sim *sim)
{
    static const char *const names[] = {
        [WRITTEN_FLASH] = "flash", [WRITTEN_RAM] = "ram", [WRITTEN_DONE] = "done"};
    const struct writes *writes = &sim->writes;
    size_t size = 64 + writes->tally_count * 3 * 48, used;
    char *out = xcalloc(1, size);

    used = (size_t)snprintf(out, size, "requests %llu\n", (unsigned long long)writes->requests);
    for (size_t i = 0; i < writes->tally_count; i++) {
        const struct write_tally *tally = &writes->tallies[i];
        char device[DEVICE_NAME_MAX] = "";
        name_device(sim, datapoint_family(tally->dp), tally->slot, device, sizeof device);
        for (unsigned k = 0; k <= WRITTEN_DONE; k++)
            if (tally->counts[k])
                used += (size_t)snprintf(out + used, size - used, "%s %s:%u %u\n", names[k], device,
                                         datapoint_id(tally->dp), tally->counts[k]);
    }
    return out;
}
