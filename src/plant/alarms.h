// SPDX-License-Identifier: MIT
// Alarms on values: the rule, as a person writes it, and what becomes of it as values come. Pure:
// no clock, no plant. watch.h looks after them.
//
//   NAME: DEVICE:ID <|>|=|!= VALUE [hysteresis NUMBER] [for TIME]
//
//   battery low: BSP:7002 < 40 % hysteresis 5 for 1m
//   genset: XT1:3020 = closed for 2h
//
// DEVICE is one device, or XT.sum, XT.avg; ID an info; VALUE as the tables write it, its unit may
// stand behind. With hysteresis an alarm is over only that far on the good side. With a time the
// value must have been there for so long. Several are joined by |.
#ifndef XC_PLANT_ALARMS_H
#define XC_PLANT_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "catalogue/catalogue.h"
#include "plant/plant.h"

enum { ALARM_NAME_MAX = 32, ALARM_RULE_MAX = 120, ALARM_ERROR_MAX = 200, ALARMS_MAX = 32 };

enum alarm_test { ALARM_BELOW, ALARM_ABOVE, ALARM_EQUAL, ALARM_OTHER };

struct alarm_rule {
    char name[ALARM_NAME_MAX];
    struct plant_ref ref;
    const struct datapoint *datapoint;
    enum alarm_test test;
    double limit, hysteresis; // as the device has them, >= 0
    int64_t delay;            // microseconds
};

// Reads one rule. XC_SYNTAX with a line in error: what was expected.
enum xc_status alarm_parse(const char *text, struct alarm_rule *rule, char *error,
                           size_t error_size);
// Reads several, joined by |: at most ALARMS_MAX, each name once. rules may be NULL: only to check.
enum xc_status alarms_parse(const char *text, struct alarm_rule *rules, size_t *count, char *error,
                            size_t error_size);
// The rule as alarm_parse() reads it. Returns out.
char *alarm_text(const struct alarm_rule *rule, char *out, size_t size);
// "BSP 7002 State of charge 38.5 %, < 40 %": where, the value and the test. Returns out.
char *alarm_words(const struct alarm_rule *rule, double number, char *out, size_t size);

// All 0 to begin with; on may be set from what is known from before.
struct alarm {
    bool on;
    bool waiting;    // the value is there, but not for long enough yet
    int64_t counted; // for how long it has been
    int64_t looked;  // when there was a value last
};

enum alarm_edge { ALARM_SAME, ALARM_CAME, ALARM_WENT };

// What a value makes of an alarm. good: there is one, and it isn't stale; without one nothing comes
// and nothing goes. Time without values doesn't count for the delay; after five minutes of it the
// delay begins anew. now: microseconds, of a clock that doesn't go back.
enum alarm_edge alarm_look(struct alarm *alarm, const struct alarm_rule *rule, bool good,
                           double number, int64_t now);

#endif
