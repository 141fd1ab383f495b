// SPDX-License-Identifier: MIT
// Parameters of the simulated devices: the tables' defaults, and what differs from them in flash,
// RAM and level. A device is a family and a slot, the place where it is mounted (0..14), which it
// keeps when addresses change.
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

// The value in flash (what reads answer), the running one (RAM if there is one, else flash), or the
// level as its code 0x00..0x40.
double parameters_flash(const struct parameters *parameters, unsigned slot,
                        const struct datapoint *dp);
double parameters_running(const struct parameters *parameters, unsigned slot,
                          const struct datapoint *dp);
double parameters_level(const struct parameters *parameters, unsigned slot,
                        const struct datapoint *dp);

// Keeps a value as the device would: FLOATs as 16-bit fixed point (reference scom.md, "Value
// formats"). A new flash value ends the one in RAM. Nothing is checked.
void parameters_set(struct parameters *parameters, unsigned slot, const struct datapoint *dp,
                    enum parameter_part part, double value);

// Forgets what is in RAM (a restart), or everything but levels (restore settings).
void parameters_forget_ram(struct parameters *parameters, enum family family, unsigned slot);
void parameters_restore(struct parameters *parameters, enum family family, unsigned slot);

// The value of property_data for this parameter: 0, or the error code that the device answers.
uint16_t parameters_check(const struct datapoint *dp, const uint8_t *data, size_t length,
                          double *value);

// Limits as properties 6 and 7 give them.
double parameters_min(const struct datapoint *dp);
double parameters_max(const struct datapoint *dp);

// The level's code on the wire: 0x00, 0x10 .. 0x40.
unsigned parameters_level_code(enum level level);

#endif
