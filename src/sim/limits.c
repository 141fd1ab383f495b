// SPDX-License-Identifier: MIT
#include "sim/limits.h"

#include <math.h>

#include "base/value.h"
#include "proto/scom.h"

// --- The tables, for this installation's voltages ------------------------------------------------

static struct datapoint_limits printed(const struct sim *sim, const struct datapoint *dp)
{
    bool ac_120 = sim->options.ac_volts == 120;
    struct datapoint_limits limits = ac_120 ? datapoint_limits_120v(dp) : datapoint_limits(dp);
    enum vbat_dependence vbat = datapoint_vbat(dp);

    if (datapoint_encoding(dp) == ENCODING_SIGNAL || isnan(limits.factory))
        limits.factory = 0;
    if (isnan(limits.min))
        limits.min = 0;
    if (isnan(limits.max))
        limits.max = datapoint_encoding(dp) == ENCODING_DATE ? 0 : 1;
    if (vbat == VBAT_LEVEL || vbat == VBAT_STEP) {
        double scale = (double)sim->options.battery_volts / 48;
        limits.factory *= scale;
        limits.min *= scale;
        limits.max *= scale;
        limits.step *= scale;
    }
    return limits;
}

// 16 bits, as many of them behind the point as the limits leave.
static double fixed_point(const struct sim *sim, const struct datapoint *dp, double value)
{
    struct datapoint_limits limits = printed(sim, dp);
    double most = fmax(fabs(limits.min), fabs(limits.max));

    if (datapoint_format(dp) != FORMAT_FLOAT || !(most > 0))
        return value;
    double scale = exp2(floor(log2(32767 / most)));
    return round(value * scale) / scale;
}

static double clamp(double value, double min, double max)
{
    return value < min ? min : value > max ? max : value;
}

double limits_keep(const struct sim *sim, const struct datapoint *dp, double value)
{
    struct datapoint_limits limits = printed(sim, dp);

    if (datapoint_encoding(dp) == ENCODING_DATE)
        return value;
    value = fixed_point(sim, dp, clamp(value, limits.min, limits.max));
    // What rounds beyond a limit of the tables is the limit.
    return sim->options.limits == SIM_LIMITS_TABLE ? clamp(value, limits.min, limits.max) : value;
}

// --- Models --------------------------------------------------------------------------------------

// The most that this model's parameter allows; infinite where the model says nothing.
static double model_max(const struct sim *sim, unsigned slot, const struct datapoint *dp)
{
    if (datapoint_family(dp) != FAMILY_XT)
        return (double)INFINITY;
    switch (datapoint_id(dp)) {
    case 1138: // charge, equalisation, the end of absorption
    case 1290:
    case 1159:
        return site_xt_type(sim, slot)->charge_a;
    case 1107: // both input limits, grid feeding
    case 1567:
    case 1523:
        return site_xt_type(sim, slot)->input_a;
    default:
        return (double)INFINITY;
    }
}

// --- Between parameters --------------------------------------------------------------------------

enum relation_kind { AT_MOST, AT_LEAST };

// A parameter's value is at most, or at least, the running value of another of its device. Told:
// its maximum or minimum moves with it; else the device only refuses, with this code.
static const struct {
    enum family family;
    uint16_t id, other;
    enum relation_kind kind;
    uint16_t refusal; // 0: told
} relations[] = {
    {FAMILY_XT, 1140, 1156, AT_MOST, 0}, // floating, absorption
    {FAMILY_XT, 1156, 1140, AT_LEAST, 0},
    {FAMILY_XT, 1108, 1110, AT_MOST, 0}, // undervoltage, restart after it
    {FAMILY_XT, 1110, 1108, AT_LEAST, 0},
    {FAMILY_XT, 1109, 1108, AT_MOST, 0},  // at full load, without load
    {FAMILY_XT, 1121, 1122, AT_LEAST, 0}, // overvoltage, restart after it
    {FAMILY_XT, 1122, 1121, AT_MOST, 0},
    {FAMILY_XT, 1199, 1200, AT_LEAST, 0}, // relay opens with delay, at once
    {FAMILY_XT, 1200, 1199, AT_MOST, 0},
    {FAMILY_XT, 1164, 1156, AT_LEAST, SCOM_DATA_TOO_SMALL}, // equalisation, absorption
    {FAMILY_XT, 1174, 1140, AT_LEAST, SCOM_DATA_TOO_SMALL}, // periodic absorption, floating
    {FAMILY_XT, 1172, 1140, AT_MOST, SCOM_DATA_TOO_BIG},    // reduced floating, floating
    {FAMILY_XT, 1247, 1255, AT_MOST, SCOM_INVALID_DATA},    // AUX 1: on, off
    {FAMILY_XT, 1356, 1364, AT_MOST, SCOM_INVALID_DATA},    // AUX 2
    {FAMILY_VT, 10005, 10009, AT_MOST, 0},
    {FAMILY_VT, 10009, 10005, AT_LEAST, 0},
    {FAMILY_VT, 10085, 10086, AT_LEAST, 0},
    {FAMILY_VT, 10086, 10085, AT_MOST, 0},
    {FAMILY_VT, 10021, 10009, AT_LEAST, SCOM_DATA_TOO_SMALL},
    {FAMILY_VS, 14005, 14009, AT_MOST, 0},
    {FAMILY_VS, 14009, 14005, AT_LEAST, 0},
    {FAMILY_VS, 14065, 14066, AT_LEAST, 0},
    {FAMILY_VS, 14066, 14065, AT_MOST, 0},
    {FAMILY_VS, 14021, 14009, AT_LEAST, SCOM_DATA_TOO_SMALL},
};

enum { RELATIONS = sizeof relations / sizeof *relations };

static bool is_of(const struct datapoint *dp, size_t relation)
{
    return relations[relation].id == datapoint_id(dp) &&
           relations[relation].family == datapoint_family(dp);
}

static double other_value(const struct sim *sim, unsigned slot, size_t relation)
{
    return site_running_id(sim, relations[relation].family, slot, relations[relation].other);
}

static uint16_t untold_refusal(const struct sim *sim, unsigned slot, const struct datapoint *dp,
                               double value)
{
    for (size_t i = 0; i < RELATIONS; i++) {
        if (!is_of(dp, i) || relations[i].refusal == 0)
            continue;
        double other = other_value(sim, slot, i);
        if (relations[i].kind == AT_MOST ? value > other : value < other)
            return relations[i].refusal;
    }
    return 0;
}

// --- What a device says --------------------------------------------------------------------------

double limits_factory(const struct sim *sim, unsigned slot, const struct datapoint *dp)
{
    double factory = printed(sim, dp).factory;

    if (sim->options.limits == SIM_LIMITS_DEVICE)
        factory = fmin(factory, model_max(sim, slot, dp));
    return limits_keep(sim, dp, factory);
}

void limits_of(const struct sim *sim, unsigned slot, const struct datapoint *dp, double *min,
               double *max)
{
    struct datapoint_limits limits = printed(sim, dp);

    *min = limits.min;
    *max = limits.max;
    if (sim->options.limits == SIM_LIMITS_TABLE)
        return;
    *min = fixed_point(sim, dp, limits.min);
    *max = fixed_point(sim, dp, fmin(limits.max, model_max(sim, slot, dp)));
    for (size_t i = 0; i < RELATIONS; i++) {
        if (!is_of(dp, i) || relations[i].refusal != 0)
            continue;
        double other = other_value(sim, slot, i);
        if (relations[i].kind == AT_MOST)
            *max = fmin(*max, other);
        else
            *min = fmax(*min, other);
    }
}

static bool is_option(const struct datapoint *dp, double value)
{
    struct option option;

    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        if (option.value == value)
            return true;
    return false;
}

static uint16_t check_range(const struct sim *sim, unsigned slot, const struct datapoint *dp,
                            double value)
{
    double min, max;

    limits_of(sim, slot, dp, &min, &max);
    if (sim->options.limits == SIM_LIMITS_DEVICE) {
        value = fixed_point(sim, dp, value);
    } else if (datapoint_format(dp) == FORMAT_FLOAT) {
        // As the wire carries them: 0.1 is a little more than 0.1 there.
        min = (double)(float)min;
        max = (double)(float)max;
    }
    if (value < min)
        return SCOM_DATA_TOO_SMALL;
    if (value > max)
        return SCOM_DATA_TOO_BIG;
    return sim->options.limits == SIM_LIMITS_DEVICE ? untold_refusal(sim, slot, dp, value) : 0;
}

uint16_t limits_check(const struct sim *sim, unsigned slot, const struct datapoint *dp,
                      const uint8_t *data, size_t length, double *value)
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
    case ENCODING_DATE: // the table has no limits
        return *value >= 0 ? 0 : SCOM_DATA_TOO_SMALL;
    default:
        return check_range(sim, slot, dp, *value);
    }
}
