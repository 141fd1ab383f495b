// SPDX-License-Identifier: MIT
#include "plant/sampler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/internal.h"

#define EARLY (20 * LOOP_MS)

struct sampler {
    struct plant *plant;
    struct plant_ref *refs;
    uint32_t *fids; // of their devices; 0: none, or not known yet
    double *numbers;
    size_t count;
    int64_t every;
    sampler_fn *fn;
    void *arg;
    struct loop_timer next;
    struct subscription *reading; // the sample under way; NULL: none
    int64_t begun, begun_wall;
    char guid[TEXT_GUID_MAX];       // the installation's; "": not known yet
    size_t rushed;                  // values for which the last sample had no time
    bool follow, others, elsewhere; // as of the last sample
};

static bool is_one_device(const struct plant_ref *ref)
{
    return ref->index != PLANT_SUM && ref->index != PLANT_AVERAGE;
}

static bool is_this_installation(struct sampler *sampler)
{
    char guid[TEXT_GUID_MAX];

    if (!sampler->plant->guid_known)
        return true;
    text_guid(guid, sampler->plant->guid);
    if (!sampler->guid[0])
        memcpy(sampler->guid, guid, sizeof guid);
    return strcmp(sampler->guid, guid) == 0;
}

// Who isn't known yet may be anybody, and who has been there once stays who it was.
static bool is_the_same(struct sampler *sampler, size_t i)
{
    const struct plant_ref *ref = &sampler->refs[i];
    const struct plant_device *device = plant_device(sampler->plant, ref->family, ref->index);

    if (sampler->elsewhere)
        return false;
    if (sampler->follow || !is_one_device(ref) || !device || device->fid == 0)
        return true;
    if (sampler->fids[i] == 0)
        sampler->fids[i] = device->fid;
    return sampler->fids[i] == device->fid;
}

// Everybody else was asked first: nobody has failed to answer.
static bool had_no_time(const struct sampler *sampler, size_t i)
{
    const struct slot *slot = slot_find(sampler->plant, &sampler->refs[i]);

    return slot && !slot->aggregate && slot->asked < sampler->begun &&
           slot->hold <= sampler->begun && sampler->plant->gateway &&
           gateway_state(sampler->plant->gateway) == GATEWAY_UP;
}

static void finish(struct sampler *sampler)
{
    size_t known = 0;

    plant_unsubscribe(sampler->plant, sampler->reading);
    sampler->reading = NULL;
    sampler->others = false;
    sampler->elsewhere = !is_this_installation(sampler);
    sampler->rushed = 0;
    for (size_t i = 0; i < sampler->count; i++) {
        struct reading reading = plant_reading(sampler->plant, &sampler->refs[i]);
        bool same = is_the_same(sampler, i);
        bool fresh = reading.quality == QUALITY_FRESH && reading.taken >= sampler->begun;
        sampler->others = sampler->others || !same;
        sampler->numbers[i] = same && fresh ? reading.number : (double)NAN;
        known += same && fresh && !isnan(reading.number);
        sampler->rushed += isnan(sampler->numbers[i]) && reading.quality != QUALITY_GONE &&
                           had_no_time(sampler, i);
    }
    sampler->fn(sampler->arg, sampler->begun_wall, sampler->numbers, known);
}

static void schedule(struct sampler *sampler)
{
    int64_t wall = loop_wall(sampler->plant->loop);

    loop_timer_in(sampler->plant->loop, &sampler->next, sampler->every - wall % sampler->every);
}

static void begin(void *arg)
{
    struct sampler *sampler = arg;
    int64_t early = sampler->every - loop_wall(sampler->plant->loop) % sampler->every;

    // The two clocks don't go alike: a row of 11:59:59.999 would be another day's at midnight.
    if (early <= EARLY) {
        loop_timer_in(sampler->plant->loop, &sampler->next, early);
        return;
    }
    if (sampler->reading)
        finish(sampler);
    sampler->begun = loop_now(sampler->plant->loop);
    sampler->begun_wall = loop_wall(sampler->plant->loop);
    sampler->reading =
        plant_subscribe(sampler->plant, sampler->refs, sampler->count, 0, PRIORITY_BACKGROUND);
    schedule(sampler);
}

void sampler_look(struct sampler *sampler)
{
    if (sampler->reading && plant_subscription_complete(sampler->plant, sampler->reading))
        finish(sampler);
}

char *sampler_why(const struct sampler *sampler, size_t i, char *out, size_t size)
{
    const struct plant_ref *ref = &sampler->refs[i];
    struct reading reading = plant_reading(sampler->plant, ref);
    bool told = reading.quality == QUALITY_REFUSED || reading.quality == QUALITY_ABSENT;

    if (!isnan(sampler->numbers[i]))
        snprintf(out, size, "%s", "");
    else if (sampler->elsewhere)
        snprintf(out, size, "another installation");
    else if (told && reading.taken >= sampler->begun)
        plant_reading_reason(&reading, out, size);
    else if (reading.quality == QUALITY_GONE)
        snprintf(out, size, is_one_device(ref) ? "gone" : "one is gone");
    else if (is_one_device(ref) && !plant_device(sampler->plant, ref->family, ref->index))
        snprintf(out, size, "not there");
    else if (sampler->others && reading.quality == QUALITY_FRESH)
        snprintf(out, size, "another device");
    else if (had_no_time(sampler, i))
        snprintf(out, size, "no time");
    else
        snprintf(out, size, "no answer");
    return out;
}

size_t sampler_rushed(const struct sampler *sampler)
{
    return sampler->rushed;
}

bool sampler_meets_others(const struct sampler *sampler)
{
    return sampler->others;
}

struct sampler *sampler_new(struct plant *plant, const struct plant_ref *refs, size_t count,
                            int64_t every, bool follow, sampler_fn *fn, void *arg)
{
    struct sampler *sampler = xcalloc(1, sizeof *sampler);

    *sampler = (struct sampler){.plant = plant,
                                .refs = xcalloc(count, sizeof *refs),
                                .fids = xcalloc(count, sizeof *sampler->fids),
                                .numbers = xcalloc(count, sizeof *sampler->numbers),
                                .count = count,
                                .every = every,
                                .follow = follow,
                                .fn = fn,
                                .arg = arg};
    memcpy(sampler->refs, refs, count * sizeof *refs);
    // The site's, if that says which one it is.
    if (plant->guid_expected)
        text_parse_guid(plant->guid_expected, sampler->guid);
    is_this_installation(sampler);
    sampler->next = (struct loop_timer){.fire = begin, .arg = sampler};
    schedule(sampler);
    return sampler;
}

void sampler_free(struct sampler *sampler)
{
    if (!sampler)
        return;
    loop_timer_stop(sampler->plant->loop, &sampler->next);
    plant_unsubscribe(sampler->plant, sampler->reading);
    free(sampler->refs);
    free(sampler->fids);
    free(sampler->numbers);
    free(sampler);
}
