// SPDX-License-Identifier: MIT
#include "ui/wants.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const int64_t periods[WANTS_COUNT] = {LOOP_S, 10 * LOOP_S, 0, 30 * LOOP_S};

// --- Reading -------------------------------------------------------------------------------------

static void want(struct wants *wants, const struct plant_ref *ref)
{
    if (wants->count == wants->room) {
        wants->room = wants->room ? wants->room * 2 : 64;
        wants->refs = xrealloc(wants->refs, wants->room, sizeof *wants->refs);
    }
    wants->refs[wants->count++] = *ref;
}

struct reading ui_read(struct ui *ui, enum family family, unsigned index, unsigned id)
{
    struct plant_ref ref = {.family = family, .index = (uint8_t)index, .id = (uint16_t)id};
    const struct datapoint *datapoint = catalogue_find(family, id);
    enum pace pace = datapoint ? datapoint_pace(datapoint) : PACE_SLOW;

    want(&ui->wants[pace == PACE_FAST   ? WANTS_FAST
                    : pace == PACE_SLOW ? WANTS_SLOW
                                        : WANTS_ONCE],
         &ref);
    struct reading reading = plant_reading(ui->plant, &ref);
    if (!reading.datapoint)
        reading.datapoint = datapoint;
    return reading;
}

struct reading ui_read_parameter(struct ui *ui, enum family family, unsigned index, unsigned id,
                                 enum part part)
{
    struct plant_ref ref = {.family = family,
                            .index = (uint8_t)index,
                            .parameter = true,
                            .part = part,
                            .id = (uint16_t)id};

    want(&ui->wants[WANTS_PARAMETERS], &ref);
    struct reading reading = plant_reading(ui->plant, &ref);
    if (!reading.datapoint)
        reading.datapoint = catalogue_find(family, id);
    return reading;
}

struct reading ui_read_ref(struct ui *ui, const struct plant_ref *ref)
{
    if (ref->parameter)
        return ui_read_parameter(ui, ref->family, ref->index, ref->id, ref->part);
    return ui_read(ui, ref->family, ref->index, ref->id);
}

static int compare_refs(const void *a, const void *b)
{
    const struct plant_ref *left = a, *right = b;

    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;
    if (left->index != right->index)
        return left->index < right->index ? -1 : 1;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    if (left->parameter != right->parameter)
        return left->parameter ? 1 : -1;
    return left->part < right->part ? -1 : left->part > right->part;
}

bool ui_same_ref(const struct plant_ref *a, const struct plant_ref *b)
{
    return compare_refs(a, b) == 0;
}

void ui_history(struct ui *ui, enum family family, unsigned index, unsigned id, float *samples,
                size_t count)
{
    struct plant_ref ref = {.family = family, .index = (uint8_t)index, .id = (uint16_t)id};
    size_t got = plant_history(ui->plant, &ref, samples, count);

    if (got > count)
        got = count;
    memmove(samples + count - got, samples, got * sizeof *samples);
    for (size_t i = 0; i < count - got; i++)
        samples[i] = NAN;
    // A span without an answer is no gap as long as it is shorter than two periods.
    int64_t time = loop_now(ui->loop) - ui->started;
    int64_t span = (time < 3600 * LOOP_S ? time : 3600 * LOOP_S) / (int64_t)(count ? count : 1);
    size_t hold = (size_t)(2 * UI_BACKGROUND_PERIOD / (span > LOOP_S / 10 ? span : LOOP_S / 10));
    for (size_t i = 1, held = 0; i < count; i++) {
        if (!isnan(samples[i]))
            held = 0;
        else if (held++ < hold)
            samples[i] = samples[i - 1];
    }
}

// --- Subscribing ---------------------------------------------------------------------------------

static bool same_refs(const struct wants *wants)
{
    if (wants->count != wants->subscribed_count)
        return false;
    for (size_t i = 0; i < wants->count; i++)
        if (compare_refs(&wants->refs[i], &wants->subscribed[i]) != 0)
            return false;
    return true;
}

void wants_subscribe(struct ui *ui, enum priority priority)
{
    for (int w = 0; w < WANTS_COUNT; w++) {
        struct wants *wants = &ui->wants[w];
        size_t kept = 0;
        if (wants->count > 0)
            qsort(wants->refs, wants->count, sizeof *wants->refs, compare_refs);
        for (size_t i = 0; i < wants->count; i++)
            if (kept == 0 || compare_refs(&wants->refs[kept - 1], &wants->refs[i]) != 0)
                wants->refs[kept++] = wants->refs[i];
        wants->count = kept;
        if (same_refs(wants))
            continue;
        // The new one first: what is in both keeps its reading.
        struct subscription *former = wants->subscription;
        wants->subscription =
            kept ? plant_subscribe(ui->plant, wants->refs, kept, periods[w], priority) : NULL;
        plant_unsubscribe(ui->plant, former);
        wants->subscribed = xrealloc(wants->subscribed, kept ? kept : 1, sizeof *wants->refs);
        if (kept)
            memcpy(wants->subscribed, wants->refs, kept * sizeof *wants->refs);
        wants->subscribed_count = kept;
    }
}

void wants_begin(struct ui *ui)
{
    for (int w = 0; w < WANTS_COUNT; w++)
        ui->wants[w].count = 0;
}

bool wants_complete(const struct ui *ui)
{
    for (int w = 0; w < WANTS_COUNT; w++)
        if (ui->wants[w].subscription &&
            !plant_subscription_complete(ui->plant, ui->wants[w].subscription))
            return false;
    return true;
}

void wants_free(struct ui *ui)
{
    for (int w = 0; w < WANTS_COUNT; w++) {
        plant_unsubscribe(ui->plant, ui->wants[w].subscription);
        free(ui->wants[w].refs);
        free(ui->wants[w].subscribed);
    }
}
