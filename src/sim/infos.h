// SPDX-License-Identifier: MIT
// What each family's user infos answer (reference data/datapoints.csv), one file a family. Devices
// measure in steps and each a little differently, so values are rounded to the steps of a 16-bit
// fixed point. Private to src/sim/.
#ifndef XC_SIM_INFOS_H
#define XC_SIM_INFOS_H

#include <math.h>

#include "sim/site.h"

// What a temperature without a sensor answers.
#define INFO_NO_SENSOR 32767.0

// The value of an info that the family has, of the device in a slot.
double info_xt(const struct sim *sim, unsigned slot, unsigned id);
double info_vt(const struct sim *sim, unsigned slot, unsigned id);
double info_vs(const struct sim *sim, unsigned slot, unsigned id);
double info_bsp(const struct sim *sim, unsigned id); // 7004 is not a number while charging
double info_bms(const struct sim *sim, unsigned id);

// Each device's own battery voltage sensor is up to 40 mV off.
double info_own_volts(const struct sim *sim, enum family family, unsigned slot, double volts);

// The voltage that the chargers aim at.
double info_target_volts(const struct model_battery *battery);

// How many rows of a kind the tables have for a family.
unsigned info_rows(enum family family, enum datapoint_kind kind);

// A value as devices carry it, in steps of 1 / per_unit.
static inline double info_steps(double value, double per_unit)
{
    return round(value * per_unit) / per_unit;
}

static inline double info_volts(double value) // hertz, too
{
    return info_steps(value, 128);
}

static inline double info_amperes(double value)
{
    return info_steps(value, 32);
}

static inline double info_kilo(double value)
{
    return info_steps(value, 1024);
}

static inline double info_degrees(double value)
{
    return info_steps(value, 16);
}

static inline double info_energy(double value)
{
    return info_steps(value, 64);
}

// Versions and FIDs come in two infos, 16 bits each.
static inline double info_high_half(uint32_t whole)
{
    return whole >> 16;
}

static inline double info_low_half(uint32_t whole)
{
    return whole & 0xFFFF;
}

#endif
