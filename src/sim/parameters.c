// SPDX-License-Identifier: MIT
#include "sim/parameters.h"

#include <stdlib.h>

#include "base/alloc.h"

void parameters_free(struct parameters *parameters)
{
    free(parameters->rows);
    *parameters = (struct parameters){0};
}

static struct parameter_override *find(const struct parameters *parameters, unsigned slot,
                                       const struct datapoint *dp, enum parameter_part part)
{
    uint16_t id = datapoint_id(dp);
    enum family family = datapoint_family(dp);

    for (size_t i = 0; i < parameters->count; i++) {
        struct parameter_override *row = &parameters->rows[i];
        if (row->id == id && row->family == family && row->slot == slot && row->part == part)
            return row;
    }
    return NULL;
}

static void drop(struct parameters *parameters, size_t i)
{
    parameters->rows[i] = parameters->rows[--parameters->count];
}

bool parameters_get(const struct parameters *parameters, unsigned slot, const struct datapoint *dp,
                    enum parameter_part part, double *value)
{
    const struct parameter_override *row = find(parameters, slot, dp, part);

    if (!row)
        return false;
    *value = row->value;
    return true;
}

void parameters_set(struct parameters *parameters, unsigned slot, const struct datapoint *dp,
                    enum parameter_part part, double value)
{
    struct parameter_override *row = find(parameters, slot, dp, part);

    if (!row) {
        if (parameters->count == parameters->size) {
            parameters->size = parameters->size ? 2 * parameters->size : 16;
            parameters->rows =
                xrealloc(parameters->rows, parameters->size, sizeof *parameters->rows);
        }
        row = &parameters->rows[parameters->count++];
        row->id = datapoint_id(dp);
        row->family = (uint8_t)datapoint_family(dp);
        row->slot = (uint8_t)slot;
        row->part = (uint8_t)part;
    }
    row->value = value;
    if (part == PART_FLASH && (row = find(parameters, slot, dp, PART_RAM)))
        drop(parameters, (size_t)(row - parameters->rows));
}

void parameters_forget_ram(struct parameters *parameters, enum family family, unsigned slot)
{
    for (size_t i = parameters->count; i-- > 0;) {
        const struct parameter_override *row = &parameters->rows[i];
        if (row->family == family && row->slot == slot && row->part == PART_RAM)
            drop(parameters, i);
    }
}

void parameters_restore(struct parameters *parameters, enum family family, unsigned slot)
{
    for (size_t i = parameters->count; i-- > 0;) {
        const struct parameter_override *row = &parameters->rows[i];
        if (row->family == family && row->slot == slot && row->part != PART_LEVEL)
            drop(parameters, i);
    }
}
