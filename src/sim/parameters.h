// SPDX-License-Identifier: MIT
// Parameters of the simulated devices: what differs from the factory's values in flash, what is in
// RAM, and changed levels. A device is a family and a slot, the place where it is mounted (0..14),
// which it keeps when addresses change.
#ifndef XC_SIM_PARAMETERS_H
#define XC_SIM_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"

enum parameter_part { PART_FLASH, PART_RAM, PART_LEVEL };

struct parameter_override {
    uint16_t id;
    uint8_t family, slot, part;
    double value;
};

// Zero-initialise to start.
struct parameters {
    struct parameter_override *rows;
    size_t count, size;
};

void parameters_free(struct parameters *parameters);

// What was set; false, and *value as it was, when nothing is.
bool parameters_get(const struct parameters *parameters, unsigned slot, const struct datapoint *dp,
                    enum parameter_part part, double *value);

// A new flash value ends the one in RAM. Nothing is checked.
void parameters_set(struct parameters *parameters, unsigned slot, const struct datapoint *dp,
                    enum parameter_part part, double value);

// Forgets what is in RAM (a restart), or everything but levels (restore settings).
void parameters_forget_ram(struct parameters *parameters, enum family family, unsigned slot);
void parameters_restore(struct parameters *parameters, enum family family, unsigned slot);

#endif
