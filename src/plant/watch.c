// SPDX-License-Identifier: MIT
#include "plant/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/internal.h"

#define READ_PERIOD (5 * LOOP_S)
#define LOOK_PERIOD LOOP_S

struct watch {
    struct watch *next;
    struct alarm_rule rule;
    bool configured;
    struct alarm alarm;
    struct subscription *subscription;
};

// --- Values --------------------------------------------------------------------------------------

// words: what has become of it.
static void raise(struct plant *plant, const struct watch *watch, enum known_kind kind,
                  const char *words)
{
    const struct plant_ref *ref = &watch->rule.ref;
    struct known_message message = {.kind = kind,
                                    .severity =
                                        kind == KNOWN_ALARM ? SEVERITY_WARNING : SEVERITY_INFO,
                                    .source = device_address(ref->family, ref->index),
                                    .timestamp = (uint32_t)(clock_now(plant) / LOOP_S)};
    size_t used = 0;
    bool any = false, on = false;

    // Another program that watches it may have been faster.
    known_alarm_is_on(messages_known(plant), &plant->inbox.owner, watch->rule.name, &any, &on);
    if (any && on == (kind == KNOWN_ALARM))
        return;
    message.told = message.source;
    if (message.source != 0)
        device_name(ref->family, ref->index, message.device, sizeof message.device);
    else
        snprintf(message.device, sizeof message.device, "%s", family_name(ref->family));
    snprintf(message.name, sizeof message.name, "%s", watch->rule.name);
    text_append(message.text, sizeof message.text, &used, "%s%s: %s", watch->rule.name,
                kind == KNOWN_ALARM ? "" : " is over", words);
    messages_raise(plant, &message);
}

static void tell(struct plant *plant, const struct watch *watch, enum known_kind kind,
                 double number)
{
    char words[KNOWN_TEXT_MAX];

    raise(plant, watch, kind, alarm_words(&watch->rule, number, words, sizeof words));
}

static void look(void *arg)
{
    struct plant *plant = arg;

    for (struct watch *watch = plant->watches; watch; watch = watch->next) {
        struct reading reading = plant_reading(plant, &watch->rule.ref);
        bool good = reading.quality == QUALITY_FRESH;
        switch (
            alarm_look(&watch->alarm, &watch->rule, good, reading.number, loop_now(plant->loop))) {
        case ALARM_CAME:
            tell(plant, watch, KNOWN_ALARM, reading.number);
            break;
        case ALARM_WENT:
            tell(plant, watch, KNOWN_ALARM_OVER, reading.number);
            break;
        case ALARM_SAME:
            break;
        }
    }
    if (plant->watches)
        loop_timer_in(plant->loop, &plant->watch_timer, LOOK_PERIOD);
}

// --- Which ---------------------------------------------------------------------------------------

static struct watch **find(struct plant *plant, const char *name)
{
    struct watch **place = &plant->watches;

    while (*place && strcmp((*place)->rule.name, name) != 0)
        place = &(*place)->next;
    return place;
}

static void remove_at(struct plant *plant, struct watch **place)
{
    struct watch *watch = *place;

    *place = watch->next;
    plant_unsubscribe(plant, watch->subscription);
    free(watch);
}

// In its place: of the configuration as they stand there, then by name.
static void add(struct plant *plant, const struct alarm_rule *rule, bool configured)
{
    struct watch *watch = xcalloc(1, sizeof *watch);
    struct watch **place = &plant->watches;
    bool any;

    while (*place &&
           ((*place)->configured || (!configured && strcmp((*place)->rule.name, rule->name) < 0)))
        place = &(*place)->next;
    watch->next = *place;
    *place = watch;
    watch->rule = *rule;
    watch->configured = configured;
    known_alarm_is_on(messages_known(plant), &plant->inbox.owner, rule->name, &any,
                      &watch->alarm.on);
    watch->subscription = plant_subscribe(plant, &rule->ref, 1, READ_PERIOD, PRIORITY_BACKGROUND);
    if (!plant->watch_timer.set)
        loop_timer_in(plant->loop, &plant->watch_timer, 0);
    plant_touch(plant);
}

static size_t count(const struct plant *plant)
{
    size_t all = 0;

    for (const struct watch *watch = plant->watches; watch; watch = watch->next)
        all++;
    return all;
}

static void take_kept(void *arg, const char *text)
{
    struct plant *plant = arg;
    struct alarm_rule rule;
    char error[ALARM_ERROR_MAX];

    if (count(plant) < ALARMS_MAX && alarm_parse(text, &rule, error, sizeof error) == XC_OK &&
        !*find(plant, rule.name))
        add(plant, &rule, false);
}

void watches_settle(struct plant *plant)
{
    struct alarm_rule rules[ALARMS_MAX];
    char error[ALARM_ERROR_MAX];
    size_t all = 0;

    while (plant->watches)
        remove_at(plant, &plant->watches);
    if (plant->no_discovery)
        return;
    if (plant->alarms && alarms_parse(plant->alarms, rules, &all, error, sizeof error) != XC_OK)
        all = 0; // it was checked where it was read
    for (size_t i = 0; i < all; i++)
        add(plant, &rules[i], true);
    if (plant->inbox.known)
        known_rules(plant->inbox.known, &plant->inbox.owner, take_kept, plant);
}

enum xc_status watches_keep(const struct plant *plant, struct known *known)
{
    enum xc_status status = XC_OK;

    for (const struct watch *watch = plant->watches; watch && status == XC_OK;
         watch = watch->next) {
        char text[ALARM_RULE_MAX];
        if (!watch->configured)
            status = known_keep_rule(known, &plant->inbox.owner, watch->rule.name,
                                     alarm_text(&watch->rule, text, sizeof text));
    }
    return status;
}

void watches_init(struct plant *plant, const char *alarms)
{
    plant->alarms = alarms ? xstrdup(alarms) : NULL;
    plant->watch_timer.fire = look;
    plant->watch_timer.arg = plant;
}

void watches_free(struct plant *plant)
{
    loop_timer_stop(plant->loop, &plant->watch_timer);
    while (plant->watches)
        remove_at(plant, &plant->watches);
    free(plant->alarms);
}

// --- For others ----------------------------------------------------------------------------------

bool watch_at(struct plant *plant, size_t i, struct watch_status *status)
{
    const struct watch *watch = plant->watches;

    for (; watch && i > 0; i--)
        watch = watch->next;
    if (watch)
        *status = (struct watch_status){watch->rule, watch->configured, watch->alarm,
                                        plant_reading(plant, &watch->rule.ref)};
    return watch != NULL;
}

unsigned watch_on(const struct plant *plant)
{
    unsigned on = 0;

    for (const struct watch *watch = plant->watches; watch; watch = watch->next)
        on += watch->alarm.on;
    return on;
}

static enum xc_status check(struct plant *plant, const struct alarm_rule *rule, char *error,
                            size_t error_size)
{
    struct watch *former = *find(plant, rule->name);

    if (!messages_settled(plant))
        snprintf(error, error_size, "which installation this is isn't known yet");
    else if (former && former->configured)
        snprintf(error, error_size, "the configuration file has an alarm '%s': change it there",
                 rule->name);
    else if (!former && count(plant) >= ALARMS_MAX)
        snprintf(error, error_size, "there can be %d alarms", ALARMS_MAX);
    else
        return XC_OK;
    return XC_USAGE;
}

// Another one may get its name.
static void end_if_on(struct plant *plant, const struct watch *watch, const char *why)
{
    if (watch->alarm.on)
        raise(plant, watch, KNOWN_ALARM_OVER, why);
}

enum xc_status watch_set(struct plant *plant, const char *text, char *error, size_t error_size)
{
    struct alarm_rule rule;
    enum xc_status status = alarm_parse(text, &rule, error, error_size);

    if (status == XC_OK)
        status = check(plant, &rule, error, error_size);
    if (status != XC_OK)
        return status;
    status = known_keep_rule(messages_known(plant), &plant->inbox.owner, rule.name, text);
    if (status != XC_OK) {
        snprintf(error, error_size, "%s", known_error(plant->inbox.known));
        return status;
    }
    struct watch **former = find(plant, rule.name);
    if (*former) {
        end_if_on(plant, *former, "it was changed");
        remove_at(plant, former);
    }
    add(plant, &rule, false);
    if (!plant->inbox.problem[0])
        return XC_OK;
    snprintf(error, error_size, "it holds, but isn't kept for now: %s", plant->inbox.problem);
    return XC_IO;
}

void watch_remove(struct plant *plant, const char *name)
{
    struct watch **place = find(plant, name);

    if (!*place || (*place)->configured)
        return;
    known_keep_rule(messages_known(plant), &plant->inbox.owner, name, NULL);
    end_if_on(plant, *place, "it was removed");
    remove_at(plant, place);
    plant_touch(plant);
}
