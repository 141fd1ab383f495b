// SPDX-License-Identifier: MIT
#include "store/backup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct backup *backup_new(void)
{
    return xcalloc(1, sizeof(struct backup));
}

static void free_device(struct backup_device *device)
{
    for (size_t i = 0; i < device->value_count; i++)
        free(device->values[i].reason);
    free(device->values);
    free(device->ranges);
    free(device);
}

void backup_free(struct backup *backup)
{
    if (!backup)
        return;
    for (size_t i = 0; i < backup->device_count; i++)
        free_device(backup->devices[i]);
    free(backup);
}

// --- Devices and values --------------------------------------------------------------------------

static struct backup_device *new_device(enum family family, unsigned index)
{
    struct backup_device *device = xcalloc(1, sizeof *device);
    const struct datapoint *dp;

    device->family = family;
    device->index = (uint8_t)index;
    device->battery_v = device->ac_v = (double)NAN;
    for (size_t i = 0; (dp = catalogue_at(i)) != NULL; i++)
        device->value_count += datapoint_family(dp) == family && datapoint_is_setting(dp);
    device->values = xcalloc(device->value_count, sizeof *device->values);
    struct backup_value *value = device->values;
    for (size_t i = 0; (dp = catalogue_at(i)) != NULL; i++)
        if (datapoint_family(dp) == family && datapoint_is_setting(dp))
            (value++)->datapoint = dp;
    return device;
}

struct backup_device *backup_add_device(struct backup *backup, enum family family, unsigned index)
{
    struct backup_device *device = backup_device(backup, family, index);
    size_t at = backup->device_count;

    if (device)
        return device;
    device = new_device(family, index);
    for (; at > 0; at--) {
        const struct backup_device *before = backup->devices[at - 1];
        if (before->family < family || (before->family == family && before->index < index))
            break;
        backup->devices[at] = backup->devices[at - 1];
    }
    backup->devices[at] = device;
    backup->device_count++;
    return device;
}

struct backup_device *backup_device(const struct backup *backup, enum family family, unsigned index)
{
    for (size_t i = 0; i < backup->device_count; i++)
        if (backup->devices[i]->family == family && backup->devices[i]->index == index)
            return backup->devices[i];
    return NULL;
}

struct backup_value *backup_value(const struct backup_device *device, unsigned id)
{
    for (size_t i = 0; i < device->value_count; i++)
        if (datapoint_id(device->values[i].datapoint) == id)
            return &device->values[i];
    return NULL;
}

void backup_set(struct backup_value *value, double number)
{
    free(value->reason);
    value->reason = NULL;
    value->state = BACKUP_VALUE;
    // Beyond Sunday nothing is defined (scom.md "Value formats").
    if (datapoint_encoding(value->datapoint) == ENCODING_WEEKDAYS)
        number = fmod(number, 1 << 7);
    value->number = number;
}

void backup_fail(struct backup_value *value, const char *reason)
{
    free(value->reason);
    value->reason = xstrdup(reason);
    value->state = BACKUP_FAILED;
}

size_t backup_count(const struct backup *backup, enum backup_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < backup->device_count; i++)
        for (size_t j = 0; j < backup->devices[i]->value_count; j++)
            count += backup->devices[i]->values[j].state == state;
    return count;
}

// --- Limits --------------------------------------------------------------------------------------

bool backup_has_range(const struct datapoint *dp)
{
    switch (datapoint_encoding(dp)) {
    case ENCODING_NUMBER:
    case ENCODING_MINUTES_OF_DAY:
    case ENCODING_COSPHI:
        return true;
    default:
        return false;
    }
}

static bool is_same_model(const struct backup_device *a, const struct backup_device *b)
{
    return a->family == b->family && strcmp(a->model, b->model) == 0 &&
           strcmp(a->firmware, b->firmware) == 0;
}

void backup_want_ranges(struct backup *backup)
{
    for (size_t i = 0; i < backup->device_count; i++) {
        struct backup_device *device = backup->devices[i];
        bool known = device->ranges != NULL;
        for (size_t j = 0; j < backup->device_count && !known; j++)
            known = backup->devices[j]->ranges && is_same_model(backup->devices[j], device);
        if (known)
            continue;
        device->ranges = xcalloc(device->value_count, sizeof *device->ranges);
        for (size_t j = 0; j < device->value_count; j++)
            device->ranges[j].min = device->ranges[j].max = (double)NAN;
    }
}

bool backup_range(const struct backup *backup, const struct backup_device *device, unsigned id,
                  struct backup_range *range)
{
    const struct backup_value *value = backup_value(device, id);

    for (size_t i = 0; value && i < backup->device_count; i++) {
        const struct backup_device *other = backup->devices[i];
        if (!other->ranges || !is_same_model(other, device))
            continue;
        struct backup_range found = other->ranges[value - device->values];
        if (isnan(found.min) || isnan(found.max))
            return false;
        *range = found;
        return true;
    }
    return false;
}

// --- Comparing -----------------------------------------------------------------------------------

static struct backup_device *by_fid(const struct backup *backup, enum family family, uint32_t fid)
{
    for (size_t i = 0; fid != 0 && i < backup->device_count; i++)
        if (backup->devices[i]->family == family && backup->devices[i]->fid == fid)
            return backup->devices[i];
    return NULL;
}

struct backup_device *backup_match(const struct backup *backup, const struct backup_device *device,
                                   const struct backup *other)
{
    struct backup_device *same = by_fid(other, device->family, device->fid);

    if (same)
        return same;
    same = backup_device(other, device->family, device->index);
    return same && !by_fid(backup, same->family, same->fid) ? same : NULL;
}

// What was written, the factory's value, or the same value in a device with other limits, reads
// back a little beside. Without limits only the FLOAT's own rounding is forgiven.
static double tolerance(const struct backup *backup, const struct backup_device *device,
                        const struct datapoint *dp, double a, double b)
{
    struct datapoint_limits limits = datapoint_limits_at(dp, device->battery_v, device->ac_v);
    struct backup_range range = {.min = limits.min, .max = limits.max};

    backup_range(backup, device, datapoint_id(dp), &range);
    if (isnan(range.min) || isnan(range.max))
        return fmax(fabs(a), fabs(b)) * 1e-6;
    return datapoint_rounding(dp, fmax(fabs(range.min), fabs(range.max)));
}

bool backup_same(const struct backup *backup, const struct backup_device *device,
                 const struct datapoint *dp, double a, double b)
{
    if (datapoint_format(dp) != FORMAT_FLOAT)
        return a == b;
    return fabs(a - b) <= tolerance(backup, device, dp, a, b);
}
