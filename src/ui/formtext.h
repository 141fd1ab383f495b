// SPDX-License-Identifier: MIT
// What a form says of its parameter, values, devices and choices.
#ifndef XC_UI_FORMTEXT_H
#define XC_UI_FORMTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/form.h"

enum {
    FORMTEXT_VALUE = DATAPOINT_TEXT_MAX + 16,
    FORMTEXT_PRESENT = 2 * FORMTEXT_VALUE + 32, // in flash, and in RAM
    FORMTEXT_UNDO = 2 * FORMTEXT_VALUE + 80,
};

bool formtext_is_signal(const struct form *form);

// "60 A", and what runs in RAM when that is known to be something else.
void formtext_present(const struct form *form, const struct edit_device *device, char *out,
                      size_t size);
// All devices' present values: one text when they are the same.
void formtext_now(const struct form *form, char *out, size_t size);
// The documents' factory default for this installation's voltages; "" when that isn't known.
void formtext_factory(const struct form *form, bool narrow, char *out, size_t size);
// "0 to 200 A".
void formtext_allowed(const struct form *form, char *out, size_t size);
// When the limits were read.
void formtext_read(const struct form *form, bool narrow, char *out, size_t size);

// "1138 Battery charge current".
void formtext_title(const struct form *form, bool narrow, char *out, size_t size);
// "XT1", "phase L1, 3 XT", "all 9 XT". Returns out.
char *formtext_target(const struct form *form, const struct target *target, char *out, size_t size);
// "XT1 · basic": what is chosen now, and who may change it.
void formtext_remark(const struct form *form, char *out, size_t size);
// Who restarts: "XT1", or "the devices".
void formtext_who(const struct form *form, char *out, size_t size);
// "12 recorded here, 1000 guaranteed": the most of one device.
void formtext_flash(const struct form *form, bool narrow, char *out, size_t size);
// "Takes back write 12 of 2026-11-21 13:03", with the change that it was or without. Returns out.
char *formtext_taken_back(const struct form *form, bool change, char *out, size_t size);
// "every 5 min".
void formtext_keep(int keep, char *out, size_t size);

#endif
