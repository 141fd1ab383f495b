// SPDX-License-Identifier: MIT
// Messages and alarms of the installation that stands still: plant/messages.h and plant/watch.h.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fixture_plant.h"
#include "plant/messages.h"
#include "plant/watch.h"

enum { HOUR = 3600 };

static const struct {
    uint32_t age; // seconds
    uint16_t number, source;
    const char *device;
    enum known_kind kind;
    const char *text;
} list[] = {
    {300, 16, 102, "XT2", KNOWN_MESSAGE, ""},
    {40 * 60, 0, 601, "BSP", KNOWN_ALARM, "low: BSP 7002 State of charge 38.5 % (< 40 %)"},
    {5 * HOUR, 3, 101, "XT1", KNOWN_MESSAGE, ""},
    {30 * HOUR, 0, 101, "XT1", KNOWN_MESSAGE, ""},
    {31 * HOUR, 0, 601, "BSP", KNOWN_ALARM_OVER,
     "low is over: BSP 7002 State of charge 45.1 % (< 40 %)"},
    {50 * HOUR, 999, 301, "VT1", KNOWN_MESSAGE, ""},
    {51 * HOUR, 81, 501, "XCOM", KNOWN_MESSAGE, ""},
    {200 * HOUR, 20, 102, "XT2", KNOWN_MESSAGE, ""},
    {201 * HOUR, 140, 302, "VT2", KNOWN_MESSAGE, ""},
};

enum { LIST_COUNT = sizeof list / sizeof *list, RECENT = 3 };

static struct known_message message_at(const struct plant *plant, size_t i)
{
    struct known_message message = {
        .n = (int64_t)(LIST_COUNT - i),
        .kind = list[i].kind,
        .severity = list[i].kind == KNOWN_ALARM     ? SEVERITY_WARNING
                    : list[i].kind == KNOWN_MESSAGE ? catalogue_message(list[i].number).severity
                                                    : SEVERITY_INFO,
        .number = list[i].number,
        .source = list[i].source,
        .timestamp = (uint32_t)(fixture_wall / LOOP_S) - list[i].age,
        .learned = fixture_wall - (int64_t)list[i].age * LOOP_S,
        .seen = fixture_scene_of(plant) != SCENE_TROUBLE || i >= RECENT};

    snprintf(message.device, sizeof message.device, "%s", list[i].device);
    snprintf(message.text, sizeof message.text, "%s", list[i].text);
    return message;
}

static bool any(const struct plant *plant)
{
    const struct plant_device *devices;
    enum scene scene = fixture_scene_of(plant);

    return plant_devices(plant, &devices) > 0 && scene != SCENE_FEEDING && scene != SCENE_SOLAR;
}

// The warnings are among them in trouble only.
static bool is_there(const struct plant *plant, size_t i)
{
    return any(plant) && (fixture_scene_of(plant) == SCENE_TROUBLE || (i != 0 && i != 1));
}

void plant_messages_list(struct plant *plant, const struct known_filter *filter,
                         bool (*fn)(void *arg, const struct known_message *message), void *arg)
{
    (void)filter;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct known_message message = message_at(plant, i);
        if (is_there(plant, i) && !fn(arg, &message))
            return;
    }
}

size_t plant_messages(const struct plant *plant, const struct known_message **messages,
                      uint32_t *total)
{
    static struct known_message recent[RECENT];
    size_t count = 0;

    for (size_t i = 0; i < LIST_COUNT && count < RECENT; i++)
        if (is_there(plant, i))
            recent[count++] = message_at(plant, i);
    *messages = recent;
    *total = any(plant) ? LIST_COUNT : 0;
    return count;
}

bool plant_messages_awaited(const struct plant *plant)
{
    (void)plant;
    return false;
}

struct plant_messages_state plant_messages_state(const struct plant *plant)
{
    bool trouble = any(plant) && fixture_scene_of(plant) == SCENE_TROUBLE;

    return (struct plant_messages_state){
        .counts = {any(plant) ? LIST_COUNT : 0, trouble ? RECENT : 0, trouble ? RECENT : 0},
        .left = fixture_scene_of(plant) == SCENE_SOLAR,
        .reading = fixture_scene_of(plant) == SCENE_BIG,
        .read = 312,
        .total = 976,
    };
}

void plant_messages_open(struct plant *plant)
{
    (void)plant;
}

void plant_messages_seen(struct plant *plant, int64_t n)
{
    (void)plant;
    (void)n;
}

// --- Alarms --------------------------------------------------------------------------------------

bool watch_at(struct plant *plant, size_t i, struct watch_status *status)
{
    static const char *const rules[] = {"low: BSP:7002 < 40 hysteresis 5 for 1m",
                                        "genset: XT1:3020 = closed for 2h", "hot: XT2:3104 > 60"};
    char error[ALARM_ERROR_MAX];

    if (!any(plant) || i >= sizeof rules / sizeof *rules)
        return false;
    *status = (struct watch_status){.configured = i == 0, .alarm.on = i == 0};
    if (alarm_parse(rules[i], &status->rule, error, sizeof error) != XC_OK)
        return false;
    status->reading = plant_reading(plant, &status->rule.ref);
    return true;
}

enum xc_status watch_set(struct plant *plant, const char *rule, char *error, size_t error_size)
{
    struct alarm_rule made;

    (void)plant;
    return alarm_parse(rule, &made, error, error_size);
}

void watch_remove(struct plant *plant, const char *name)
{
    (void)plant;
    (void)name;
}
