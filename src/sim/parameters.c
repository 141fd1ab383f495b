// SPDX-License-Identifier: MIT
#include "sim/parameters.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/value.h"
#include "proto/scom.h"

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

// The devices keep a FLOAT in 16 bits: as many of them behind the point as the limits leave.
static double as_stored(const struct datapoint *dp, double value)
{
    if (datapoint_format(dp) != FORMAT_FLOAT)
        return value;
    double min = parameters_min(dp), max = parameters_max(dp);
    double most = fmax(fabs(min), fabs(max));
    if (!(most > 0))
        return value;
    double scale = exp2(floor(log2(32767 / most)));
    double stored = round(value * scale) / scale;
    return stored < min ? min : stored > max ? max : stored;
}

static double factory(const struct datapoint *dp)
{
    struct datapoint_limits limits = datapoint_limits(dp);

    if (datapoint_encoding(dp) == ENCODING_SIGNAL || isnan(limits.factory))
        return 0;
    return as_stored(dp, limits.factory);
}

double parameters_flash(const struct parameters *parameters, unsigned slot,
                        const struct datapoint *dp)
{
    const struct parameter_override *row = find(parameters, slot, dp, PART_FLASH);

    return row ? row->value : factory(dp);
}

double parameters_running(const struct parameters *parameters, unsigned slot,
                          const struct datapoint *dp)
{
    const struct parameter_override *row = find(parameters, slot, dp, PART_RAM);

    return row ? row->value : parameters_flash(parameters, slot, dp);
}

double parameters_level(const struct parameters *parameters, unsigned slot,
                        const struct datapoint *dp)
{
    const struct parameter_override *row = find(parameters, slot, dp, PART_LEVEL);

    return row ? row->value : (double)parameters_level_code(datapoint_level(dp));
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
    row->value = part == PART_LEVEL ? value : as_stored(dp, value);
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

double parameters_min(const struct datapoint *dp)
{
    double min = datapoint_limits(dp).min;

    return isnan(min) ? 0 : min;
}

double parameters_max(const struct datapoint *dp)
{
    double max = datapoint_limits(dp).max;

    return isnan(max) ? 1 : max; // signals
}

static bool is_option(const struct datapoint *dp, double value)
{
    struct option option;

    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        if (option.value == value)
            return true;
    return false;
}

uint16_t parameters_check(const struct datapoint *dp, const uint8_t *data, size_t length,
                          double *value)
{
    enum value_format format = datapoint_format(dp);

    if (length != value_size(format))
        return SCOM_INVALID_DATA_LENGTH;
    if (value_decode(format, data, length, value) != XC_OK || !isfinite(*value))
        return SCOM_INVALID_DATA;
    switch (datapoint_encoding(dp)) {
    case ENCODING_SIGNAL:
        return *value == 1 ? 0 : SCOM_INVALID_DATA;
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
        return is_option(dp, *value) ? 0 : SCOM_INVALID_DATA;
    case ENCODING_DATE: // the table's limits are all 0
        return *value >= 0 ? 0 : SCOM_DATA_TOO_SMALL;
    default:
        break;
    }
    // As the wire carries them: 0.1 is a little more than 0.1 there.
    bool is_float = format == FORMAT_FLOAT;
    double min = parameters_min(dp), max = parameters_max(dp);
    if (*value < (is_float ? (double)(float)min : min))
        return SCOM_DATA_TOO_SMALL;
    if (*value > (is_float ? (double)(float)max : max))
        return SCOM_DATA_TOO_BIG;
    return 0;
}

unsigned parameters_level_code(enum level level)
{
    return (unsigned)level << 4;
}
