// SPDX-License-Identifier: MIT
// What the devices of this installation allow, and how they keep it: the tables' limits for its
// battery and AC voltage and, with SIM_LIMITS_DEVICE, those of each model and between parameters.
// The protocol's document has no word about any of it: xcomsim(1), "CHOICES". Private to src/sim/.
#ifndef XC_SIM_LIMITS_H
#define XC_SIM_LIMITS_H

#include "sim/site.h"

// What the device in a slot answers as minimum and maximum now; 0 and 1 for a BOOL and a signal.
void limits_of(const struct sim *sim, unsigned slot, const struct datapoint *dp, double *min,
               double *max);

// Its value from the factory, as kept; 0 for a signal.
double limits_factory(const struct sim *sim, unsigned slot, const struct datapoint *dp);

// A value as the devices keep it: a FLOAT as 16-bit fixed point (reference scom.md, "Value
// formats"), nothing beyond the tables' limits for this installation.
double limits_keep(const struct sim *sim, const struct datapoint *dp, double value);

// The value of property_data written to the device in a slot: 0, or the error code it refuses with.
uint16_t limits_check(const struct sim *sim, unsigned slot, const struct datapoint *dp,
                      const uint8_t *data, size_t length, double *value);

#endif
