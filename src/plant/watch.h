// SPDX-License-Identifier: MIT
// The alarms of an installation (alarms.h): those of the configuration (options.alarms), and those
// that a person sets, which are kept with the known messages, for this installation. Their values
// are read in the background. That one comes or goes is a message (messages.h); one that was on
// when the program ended is on when it begins, and isn't told again.
#ifndef XC_PLANT_WATCH_H
#define XC_PLANT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "plant/alarms.h"
#include "plant/plant.h"

struct watch_status {
    struct alarm_rule rule;
    bool configured; // in the configuration: it can't be changed here
    struct alarm alarm;
    struct reading reading;
};

// The i-th alarm: of the configuration first, then by name. False when there is none.
bool watch_at(struct plant *plant, size_t i, struct watch_status *status);
// How many are on.
unsigned watch_on(const struct plant *plant);

// Sets an alarm for good; one of the same name that a person has set is replaced. XC_SYNTAX as
// alarm_parse(); XC_USAGE when the configuration has one of that name, there are ALARMS_MAX, or
// this installation isn't known yet; XC_IO when it can't be kept for now: it holds. A line in
// error.
enum xc_status watch_set(struct plant *plant, const char *rule, char *error, size_t error_size);
// Forgets one that a person has set.
void watch_remove(struct plant *plant, const char *name);

#endif
