// SPDX-License-Identifier: MIT
// The latest answer of everything that is or was wanted. A slot stays when its last subscription
// goes, so that a view that is opened again shows its values, with their age, at once.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/internal.h"

#define STALE_MIN (5 * LOOP_S)

// --- The table -----------------------------------------------------------------------------------

// All of a reference fits into 31 bits.
static uint32_t pack(const struct plant_ref *ref)
{
    return (uint32_t)ref->family << 28 | (uint32_t)ref->index << 20 |
           (uint32_t)ref->parameter << 19 | (uint32_t)ref->part << 16 | ref->id;
}

static size_t home(uint32_t key, size_t room)
{
    // Bits above those of the key: each of the key's, the device's too, has its say in them.
    return (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (room - 1);
}

static struct slot **place_of(const struct slot_table *table, const struct plant_ref *ref)
{
    uint32_t key = pack(ref);
    size_t at = home(key, table->room);

    while (table->places[at] && pack(&table->places[at]->ref) != key)
        at = (at + 1) & (table->room - 1);
    return &table->places[at];
}

struct slot *slot_find(const struct plant *plant, const struct plant_ref *ref)
{
    return plant->slots.room > 0 ? *place_of(&plant->slots, ref) : NULL;
}

static void grow(struct slot_table *table)
{
    struct slot_table larger = {.room = table->room ? table->room * 2 : 128, .count = table->count};
    larger.places = xcalloc(larger.room, sizeof *larger.places);
    for (size_t i = 0; i < table->room; i++)
        if (table->places[i])
            *place_of(&larger, &table->places[i]->ref) = table->places[i];
    free(table->places);
    *table = larger;
}

static bool can_exist(const struct plant_ref *ref)
{
    if ((unsigned)ref->family >= FAMILY_COUNT || (unsigned)ref->part >= PART_COUNT)
        return false;
    if (ref->index == PLANT_SUM || ref->index == PLANT_AVERAGE)
        return !ref->parameter;
    return device_address(ref->family, ref->index) != 0;
}

struct slot *slot_get(struct plant *plant, const struct plant_ref *ref)
{
    if (!can_exist(ref))
        return NULL;
    struct slot *slot = slot_find(plant, ref);
    if (slot)
        return slot;
    if (plant->slots.count * 2 >= plant->slots.room)
        grow(&plant->slots);

    slot = xcalloc(1, sizeof *slot);
    slot->ref = *ref;
    slot->aggregate = ref->index == PLANT_SUM || ref->index == PLANT_AVERAGE;
    slot->address = slot->aggregate ? 0 : device_address(ref->family, ref->index);
    const struct datapoint *datapoint = catalogue_find(ref->family, ref->id);
    enum datapoint_kind kind = ref->parameter ? KIND_PARAMETER : KIND_INFO;
    if (datapoint && datapoint_kind(datapoint) == kind)
        slot->datapoint = datapoint;
    slot->format = slot->datapoint ? datapoint_format(slot->datapoint) : FORMAT_RAW;
    slot->fast = slot->datapoint && !ref->parameter && datapoint_pace(datapoint) == PACE_FAST;
    slot->wanted = NEVER;
    slot->due = NEVER;
    slot->content.number = (double)NAN;
    *place_of(&plant->slots, ref) = slot;
    plant->slots.count++;
    return slot;
}

void slots_free(struct plant *plant)
{
    for (size_t i = 0; i < plant->slots.room; i++) {
        if (plant->slots.places[i])
            history_free(plant->slots.places[i]->content.history);
        free(plant->slots.places[i]);
    }
    free(plant->slots.places);
}

// --- Answers -------------------------------------------------------------------------------------

void content_clear(struct content *content)
{
    history_free(content->history);
    *content = (struct content){.number = (double)NAN};
}

void slots_clear(struct plant *plant, enum family family, unsigned index)
{
    for (size_t i = 0; i < plant->slots.room; i++) {
        struct slot *slot = plant->slots.places[i];
        if (!slot)
            continue;
        if (family != FAMILY_NONE && (slot->ref.family != family || slot->ref.index != index))
            continue;
        content_clear(&slot->content);
        slot->wanted = slot->users > 0 ? loop_now(plant->loop) : NEVER;
        slot_schedule(slot);
    }
}

void slot_ask_again(struct plant *plant, const struct plant_ref *ref)
{
    struct slot *slot = slot_find(plant, ref);

    if (!slot || slot->users == 0)
        return;
    slot->wanted = loop_now(plant->loop);
    slot->hold = 0;
    slot_schedule(slot);
}

// What a sum would be without one of its devices isn't that sum.
static bool is_gone(const struct plant *plant, const struct slot *slot)
{
    if (slot->aggregate)
        return slot->ref.index == PLANT_SUM && devices_any_gone(plant, slot->ref.family);
    const struct plant_device *device = plant_device(plant, slot->ref.family, slot->ref.index);
    return device && device->presence == DEVICE_GONE;
}

static void note_answer(struct plant *plant, struct slot *slot, enum quality quality)
{
    struct content *content = &slot->content;
    content->quality = quality;
    content->taken = content->answered = plant->last_word;
    content->generation = plant->generation;
}

static void slot_lacks(struct plant *plant, struct slot *slot, const char *why)
{
    note_answer(plant, slot, QUALITY_ABSENT);
    slot->content.absent = why;
}

void slot_answer(struct plant *plant, struct slot *slot, double number)
{
    struct content *content = &slot->content;
    const char *absent = slot->datapoint ? datapoint_absent(slot->datapoint, number)
                         : isnan(number) ? "not a number"
                                         : NULL;

    if (absent) {
        slot_lacks(plant, slot, absent);
        return;
    }
    note_answer(plant, slot, QUALITY_FRESH);
    content->number = number;
    // What is wanted once is an identity, or one of thousands of settings that are compared.
    if (slot->period == 0 || plant->no_histories || is_gone(plant, slot))
        return;
    if (!content->history)
        content->history = history_new(slot->fast);
    history_add(content->history, content->taken + plant->epoch, number);
}

void slot_refuse(struct plant *plant, struct slot *slot, uint16_t error)
{
    note_answer(plant, slot, QUALITY_REFUSED);
    slot->content.error = error;
}

// --- Sums and averages computed here -------------------------------------------------------------

bool slot_aggregates(const struct slot *slot)
{
    enum aggregation wanted = slot->ref.index == PLANT_SUM ? AGGREGATE_SUM : AGGREGATE_AVERAGE;
    return slot->datapoint && datapoint_aggregation(slot->datapoint) == wanted;
}

static bool is_fresh(const struct plant *plant, const struct slot *slot)
{
    if (slot->period == 0)
        return slot->content.generation == plant->generation &&
               gateway_state(plant->gateway) == GATEWAY_UP;
    int64_t limit = slot->period > STALE_MIN / 3 ? 3 * slot->period : STALE_MIN;
    return loop_now(plant->loop) - slot->content.taken <= limit;
}

// Of the fresh values of all devices that are there; nothing as long as one doesn't answer, or may
// still be found. While one is gone, a sum is what the others make: no more than shown (is_gone()).
// An average is over those that have a value: not every device has a sensor.
static bool compute(struct plant *plant, struct slot *aggregate)
{
    bool average = aggregate->ref.index == PLANT_AVERAGE;
    unsigned devices = 0, good = 0, without = 0;
    const char *absent = NULL;
    double sum = 0;

    if (discovery_searches(plant))
        return false;
    for (size_t i = 0; i < plant->list_count; i++) {
        const struct plant_device *device = &plant->list[i];
        if (device->family != aggregate->ref.family || device->presence != DEVICE_PRESENT)
            continue;
        struct plant_ref ref = aggregate->ref;
        ref.index = device->index;
        const struct slot *slot = slot_find(plant, &ref);
        if (!slot || slot->content.quality == QUALITY_NONE)
            return false;
        if (slot->content.quality == QUALITY_FRESH && !is_fresh(plant, slot))
            return false;
        devices++;
        if (slot->content.quality == QUALITY_FRESH) {
            sum += slot->content.number;
            good++;
        } else if (slot->content.quality == QUALITY_ABSENT) {
            absent = slot->content.absent;
            without++;
        }
    }
    if (devices == 0)
        return false;
    if (good == devices || (average && good > 0 && good + without == devices))
        slot_answer(plant, aggregate, average ? sum / good : sum);
    else
        slot_lacks(plant, aggregate, without == devices ? absent : "not known of every device");
    return true;
}

static void compute_if_wanted(struct plant *plant, struct slot *aggregate)
{
    if (aggregate->users > 0 && plan_computes(plant, aggregate) && compute(plant, aggregate))
        aggregate->wanted = NEVER;
}

void slots_compute(struct plant *plant)
{
    for (size_t i = 0; i < plant->slots.room; i++)
        if (plant->slots.places[i])
            compute_if_wanted(plant, plant->slots.places[i]);
}

void slots_drop_computed(struct plant *plant, enum family family)
{
    for (size_t i = 0; i < plant->slots.room; i++) {
        struct slot *slot = plant->slots.places[i];
        if (!slot || slot->ref.family != family || !plan_computes(plant, slot))
            continue;
        slot->content.quality = QUALITY_NONE;
        slot->content.answered = 0;
        slot->wanted = slot->users > 0 ? loop_now(plant->loop) : NEVER;
        slot_schedule(slot);
    }
}

void slot_compute(struct plant *plant, const struct slot *slot)
{
    static const uint8_t kinds[] = {PLANT_SUM, PLANT_AVERAGE};

    for (size_t i = 0; i < sizeof kinds; i++) {
        struct plant_ref ref = slot->ref;
        ref.index = kinds[i];
        struct slot *aggregate = slot_find(plant, &ref);
        if (aggregate)
            compute_if_wanted(plant, aggregate);
    }
}

// --- Readings ------------------------------------------------------------------------------------

struct reading plant_reading(struct plant *plant, const struct plant_ref *ref)
{
    const struct slot *slot = slot_find(plant, ref);
    struct reading reading = {.number = (double)NAN};

    if (!slot)
        return reading;
    reading.quality = slot->content.quality;
    reading.number = slot->content.number;
    reading.error = slot->content.error;
    reading.absent = slot->content.absent;
    reading.datapoint = slot->datapoint;
    reading.taken = slot->content.taken;
    if (slot->aggregate && !slot_aggregates(slot)) {
        reading.quality = QUALITY_ABSENT;
        reading.absent = "makes no sense over several devices";
    }
    if (reading.taken > 0)
        reading.age = loop_now(plant->loop) - reading.taken;
    if (is_gone(plant, slot)) {
        reading.quality = QUALITY_GONE;
        reading.absent = slot->aggregate ? "one of the devices is gone" : NULL;
    } else if (reading.quality == QUALITY_FRESH && !is_fresh(plant, slot))
        reading.quality = QUALITY_STALE;
    return reading;
}

char *plant_reading_reason(const struct reading *reading, char *out, size_t size)
{
    char age[32];
    const char *text;

    text_age(age, sizeof age, (double)reading->age / (double)LOOP_S);
    switch (reading->quality) {
    case QUALITY_NONE:
        snprintf(out, size, "not asked yet");
        break;
    case QUALITY_FRESH:
        snprintf(out, size, "%s", "");
        break;
    case QUALITY_STALE:
        snprintf(out, size, "%s old", age);
        break;
    case QUALITY_REFUSED:
        text = catalogue_error_text(reading->error);
        snprintf(out, size, "%s (0x%02X)", text ? text : "refused", (unsigned)reading->error);
        break;
    case QUALITY_ABSENT:
        snprintf(out, size, "%s", reading->absent ? reading->absent : "no value");
        break;
    case QUALITY_GONE:
        if (reading->absent)
            snprintf(out, size, "%s", reading->absent);
        else if (reading->taken > 0)
            snprintf(out, size, "gone for %s", age);
        else
            snprintf(out, size, "gone");
        break;
    }
    return out;
}
