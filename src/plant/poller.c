// SPDX-License-Identifier: MIT
// The poll plan.
//
// All subscriptions are merged: a slot is due when the shortest of its periods has passed since it
// was last asked. One question at a time is under way; the next one is asked from inside the answer
// of the last, and when nothing is due a timer waits for the next due time: the wire is never idle
// while something is due, and never busy when nothing is. What a person does comes first, then
// what is on screen and was never read, then what is wanted once only (identities), then what is on
// screen, then the rest; among equals, what is most overdue: when the line can't keep up, all
// periods stretch evenly. Where the gateway has multi-infos, everything due goes into one
// question of up to 76 items, and whatever would be due within a quarter of its period joins
// rather than cost a question of its own; a single value is cheaper as a single read, and a
// person's question isn't made longer by others. A multi-info that is refused is asked again by
// halves until the culprit is found, which is then read singly. When several of them turn out to be
// innocent and no multi-info was ever answered, the gateway doesn't know these. What a device
// refuses for good is asked again only once a minute.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "plant/internal.h"
#include "proto/scom.h"

#define REFUSED_HOLD (60 * LOOP_S)
#define FAILED_HOLD  (5 * LOOP_S)
#define SILENT_HOLD  (1 * LOOP_S)
#define MULTI_REST   (60 * LOOP_S)

enum { MULTI_SILENCES_MAX = 2, INNOCENTS_MAX = 3 };

// --- Merging -------------------------------------------------------------------------------------

bool plan_multi(const struct plant *plant)
{
    return plant->gateway && (gateway_capabilities(plant->gateway) & GATEWAY_MULTI) &&
           loop_now(plant->loop) >= plant->plan.multi_rest;
}

static bool has_multi_infos(enum family family)
{
    return family != FAMILY_RCC;
}

static bool is_plural(enum family family)
{
    return family_devices_max(family) > 1;
}

// The document doesn't say what a gateway makes of a device without a sensor, or of one that has
// gone: then its sums and averages aren't asked. One that repeats the master's values for devices
// that aren't there may even count those in.
bool plan_computes(const struct plant *plant, const struct slot *slot)
{
    return slot->aggregate && slot_aggregates(slot) &&
           (slot->alone || !is_plural(slot->ref.family) || !plan_multi(plant) ||
            datapoint_may_lack_sensor(slot->datapoint) || plant->search.echoes ||
            devices_any_gone(plant, slot->ref.family));
}

void slot_schedule(struct slot *slot)
{
    int64_t due = slot->wanted;
    if (slot->period > 0 && slot->asked + slot->period < due)
        due = slot->asked + slot->period;
    slot->due = due < slot->hold ? slot->hold : due;
}

static void want(struct plant *plant, struct slot *slot, int64_t period, enum priority priority)
{
    struct plan *plan = &plant->plan;

    // What was wanted once and has been answered doesn't press any more.
    if (period == 0 && slot->wanted == NEVER)
        priority = PRIORITY_BACKGROUND;
    if (slot->users++ > 0) {
        if (period > 0 && (slot->period == 0 || period < slot->period))
            slot->period = period;
        if (priority < slot->priority)
            slot->priority = priority;
        return;
    }
    if (plan->active_count == plan->active_room) {
        plan->active_room = plan->active_room ? plan->active_room * 2 : 64;
        plan->active = xrealloc(plan->active, plan->active_room, sizeof *plan->active);
        plan->candidates = xrealloc(plan->candidates, plan->active_room, sizeof *plan->candidates);
    }
    plan->active[plan->active_count++] = slot;
    slot->period = period;
    slot->priority = priority;
}

// A sum or average needs the values of all devices.
static void want_parts(struct plant *plant, const struct slot *aggregate)
{
    int64_t now = loop_now(plant->loop);

    if (plant->no_discovery)
        discovery_want(plant, aggregate->ref.family);
    for (size_t i = 0; i < plant->list_count; i++) {
        struct plant_ref ref = aggregate->ref;
        ref.index = plant->list[i].index;
        if (plant->list[i].family != ref.family || plant->list[i].presence != DEVICE_PRESENT)
            continue;
        struct slot *part = slot_get(plant, &ref);
        bool anew = aggregate->wanted != NEVER && !discovery_searches(plant);
        if (part->wanted == NEVER && (part->content.answered == 0 || anew))
            part->wanted = now;
        want(plant, part, aggregate->period, aggregate->priority);
    }
}

static void merge(struct plant *plant)
{
    struct plan *plan = &plant->plan;

    for (size_t i = 0; i < plan->active_count; i++)
        plan->active[i]->users = 0;
    plan->active_count = 0;
    plan->computes = plan->person = false;
    plan->multi = plan_multi(plant);
    for (struct subscription *s = plant->subscriptions; s; s = s->next)
        for (size_t i = 0; i < s->count; i++)
            want(plant, s->slots[i], s->period, s->priority);
    for (size_t i = 0, count = plan->active_count; i < count; i++) {
        if (plan_computes(plant, plan->active[i])) {
            want_parts(plant, plan->active[i]);
            plan->computes = true;
        }
    }
    for (size_t i = 0; i < plan->active_count; i++) {
        slot_schedule(plan->active[i]);
        plan->person = plan->person || plan->active[i]->priority == PRIORITY_PERSON;
    }
    plan->stale = false;
}

static void merge_if_stale(struct plant *plant)
{
    if (plant->plan.stale || plant->plan.multi != plan_multi(plant))
        merge(plant);
}

void plan_reset(struct plant *plant)
{
    int64_t now = loop_now(plant->loop);

    for (size_t i = 0; i < plant->slots.room; i++) {
        struct slot *slot = plant->slots.places[i];
        if (slot) {
            slot->alone = slot->innocent = false;
            slot->group = 0;
            slot->hold = 0;
        }
    }
    for (struct subscription *s = plant->subscriptions; s; s = s->next)
        for (size_t i = 0; s->period == 0 && i < s->count; i++)
            s->slots[i]->wanted = now;
    plant->plan.multi_rest = 0;
    plant->plan.multi_silences = 0;
    plant->plan.multi_answered = false;
    plant->plan.innocents = 0;
    plant->plan.stale = true;
}

void plan_free(struct plant *plant)
{
    free(plant->plan.active);
    free(plant->plan.candidates);
}

// --- Choosing ------------------------------------------------------------------------------------

static bool can_ask(const struct plant *plant, const struct slot *slot)
{
    if (!slot->aggregate)
        return device_ready(plant, slot);
    return slot_aggregates(slot) && !plan_computes(plant, slot) &&
           (plant->no_discovery || plant_family_count(plant, slot->ref.family) > 0);
}

static bool can_join(const struct slot *slot)
{
    return !slot->ref.parameter && !slot->alone && has_multi_infos(slot->ref.family);
}

static enum rank rank_of(const struct slot *slot)
{
    if (slot->priority == PRIORITY_PERSON)
        return RANK_PERSON;
    if (slot->priority == PRIORITY_SCREEN)
        return slot->wanted != NEVER ? RANK_FIRST : RANK_SCREEN;
    return slot->period == 0 ? RANK_ONCE : RANK_REST;
}

static bool is_more_urgent(const struct slot *a, const struct slot *b)
{
    enum rank x = rank_of(a), y = rank_of(b);
    return x < y || (x == y && a->due < b->due);
}

static struct slot *most_urgent(const struct plant *plant, enum rank from, enum rank to,
                                int64_t now)
{
    const struct plan *plan = &plant->plan;
    struct slot *found = NULL;

    // Nearly always nobody waits: this is looked at before every question.
    if (to == RANK_PERSON && !plan->person)
        return NULL;
    for (size_t i = 0; i < plan->active_count; i++) {
        struct slot *slot = plan->active[i];
        if (slot->due > now)
            continue;
        enum rank rank = rank_of(slot);
        if (rank < from || rank > to || (found && rank == to && slot->due >= found->due))
            continue;
        if ((!found || is_more_urgent(slot, found)) && can_ask(plant, slot)) {
            found = slot;
            to = rank;
        }
    }
    return found;
}

// With a gateway that has something for devices that aren't there, each device's FID is asked
// along: two more items for each device, of which there are at most as many as values.
static size_t batch_most(const struct plant *plant)
{
    return plant->search.echoes ? MULTI_ITEMS_MAX / 3 : MULTI_ITEMS_MAX;
}

// May it be in a multi-info together with the first one?
static bool goes_with(const struct plant *plant, const struct slot *slot, const struct slot *first,
                      int64_t now)
{
    if (slot == first || slot->group != first->group || !can_join(slot))
        return false;
    if (first->group == 0) {
        if (slot->due == NEVER || slot->due - slot->period / 4 > now)
            return false;
        if (first->priority == PRIORITY_PERSON && slot->priority != PRIORITY_PERSON)
            return false;
    }
    return can_ask(plant, slot);
}

static int compare_urgency(const void *a, const void *b)
{
    const struct slot *x = *(struct slot *const *)a, *y = *(struct slot *const *)b;
    return is_more_urgent(x, y) ? -1 : is_more_urgent(y, x);
}

static void fill_batch(struct plant *plant, struct slot *first, int64_t now)
{
    struct plan *plan = &plant->plan;
    size_t count = 0, most = batch_most(plant) - 1;

    plan->batch[0] = first;
    plan->batch_count = 1;
    plan->batch_asked = now;
    if (!plan->multi || !can_join(first))
        return;
    for (size_t i = 0; i < plan->active_count; i++)
        if (goes_with(plant, plan->active[i], first, now))
            plan->candidates[count++] = plan->active[i];
    if (count > most) {
        qsort(plan->candidates, count, sizeof(struct slot *), compare_urgency);
        count = most;
    }
    for (size_t i = 0; i < count; i++)
        plan->batch[plan->batch_count++] = plan->candidates[i];
}

// --- Answers -------------------------------------------------------------------------------------

static void settle(struct plant *plant, struct slot *slot, int64_t hold)
{
    // What a person wanted once is done: it goes on as what it was before.
    if (slot->wanted != NEVER && slot->priority == PRIORITY_PERSON)
        plant->plan.stale = true;
    slot->asked = plant->plan.batch_asked;
    slot->wanted = NEVER;
    slot->hold = hold;
    slot_schedule(slot);
    if (plant->plan.computes && !slot->aggregate && !slot->ref.parameter)
        slot_compute(plant, slot);
}

static void postpone(struct plant *plant, struct slot *slot, int64_t hold)
{
    slot->asked = plant->plan.batch_asked;
    slot->hold = loop_now(plant->loop) + hold;
    slot_schedule(slot);
}

static void take_number(struct plant *plant, struct slot *slot, double number)
{
    slot_answer(plant, slot, number);
    settle(plant, slot, 0);
}

static void take_error(struct plant *plant, struct slot *slot, uint16_t error)
{
    int64_t now = loop_now(plant->loop);

    switch (error) {
    case SCOM_DEVICE_NOT_FOUND:
    case SCOM_RESPONSE_TIMEOUT:
        if (device_doubtful(plant, slot)) {
            device_suspect(plant, slot->ref.family, slot->ref.index);
            return;
        }
        slot_refuse(plant, slot, error);
        settle(plant, slot, now + FAILED_HOLD);
        return;
    case SCOM_GATEWAY_BUSY:
        slot_refuse(plant, slot, error);
        postpone(plant, slot, FAILED_HOLD);
        return;
    case SCOM_READ_PROPERTY_FAILED:
        slot_refuse(plant, slot, error);
        settle(plant, slot, now + FAILED_HOLD);
        break;
    default:
        slot_refuse(plant, slot, error);
        settle(plant, slot, now + REFUSED_HOLD);
        break;
    }
    device_answered(plant, slot, true);
}

// Refused in a multi-info of its own, but read singly.
static void take_innocent(struct plant *plant, struct slot *slot)
{
    struct plan *plan = &plant->plan;

    slot->innocent = false;
    if (!plan->multi_answered && ++plan->innocents == INNOCENTS_MAX)
        plan->multi_rest = NEVER;
}

static void single_answered(struct plant *plant, const struct answer *answer)
{
    struct slot *slot = plant->plan.batch[0];
    double number = answer->number;

    switch (answer->status) {
    case XC_OK:
        // An info that isn't in the tables: those of four bytes are all FLOATs.
        if (!slot->datapoint && !slot->ref.parameter && answer->raw_length == 4)
            number = (double)le_get_float(answer->raw);
        take_number(plant, slot, number);
        device_answered(plant, slot, true);
        if (slot->innocent)
            take_innocent(plant, slot);
        break;
    case XC_DEVICE_ERROR:
        take_error(plant, slot, answer->error);
        break;
    case XC_UNSUPPORTED:
        take_error(plant, slot, SCOM_SERVICE_NOT_SUPPORTED);
        break;
    case XC_TIMEOUT:
        postpone(plant, slot, SILENT_HOLD);
        device_silent(plant, slot);
        break;
    case XC_NO_LINK:
        break;
    default:
        postpone(plant, slot, FAILED_HOLD);
        break;
    }
}

// A device whose values were numbers, or weren't known yet, and now, all together, aren't any: is
// it still there?
static void look_for_absent(struct plant *plant, const bool expected[MULTI_ITEMS_MAX])
{
    struct plan *plan = &plant->plan;

    for (size_t i = 0; i < plan->batch_count; i++) {
        const struct plant_ref *ref = &plan->batch[i]->ref;
        unsigned numbers = 0;
        if (!expected[i] || plan->batch[i]->aggregate)
            continue;
        for (size_t j = 0; j < plan->batch_count; j++)
            numbers += plan->batch[j]->ref.family == ref->family &&
                       plan->batch[j]->ref.index == ref->index &&
                       plan->batch[j]->content.quality == QUALITY_FRESH;
        if (numbers == 0)
            device_suspect(plant, ref->family, ref->index);
    }
}

// The first item of the FID that was asked along with a slot; 0: none was.
static size_t proof_of(const struct answer *answer, size_t batch_count, const struct slot *slot)
{
    uint16_t msb, lsb;

    family_fid_infos(slot->ref.family, &msb, &lsb);
    for (size_t i = batch_count; !slot->aggregate && i + 1 < answer->item_count; i += 2)
        if (answer->items[i].info == msb && answer->items[i].aggregation == slot->ref.index)
            return i;
    return 0;
}

// Somebody else's number, or nobody's: the device has gone, or has another number. Who it is tells
// its FID itself.
static bool is_anothers(const struct plant *plant, const struct answer *answer,
                        const struct slot *slot)
{
    size_t proof = proof_of(answer, plant->plan.batch_count, slot);
    const struct plant_device *device = plant_device(plant, slot->ref.family, slot->ref.index);

    if (proof == 0 || !device || slot->ref.id == answer->items[proof].info ||
        slot->ref.id == answer->items[proof + 1].info)
        return false;
    double msb = (double)answer->items[proof].value, lsb = (double)answer->items[proof + 1].value;
    return !isfinite(msb) || !isfinite(lsb) || catalogue_fid(msb, lsb) != device->fid;
}

static void multi_taken(struct plant *plant, const struct answer *answer)
{
    struct plan *plan = &plant->plan;
    bool expected[MULTI_ITEMS_MAX] = {false}, any_lost = false;

    plan->multi_silences = 0;
    plan->multi_answered = true;
    for (size_t i = 0; i < plan->batch_count && i < answer->item_count; i++) {
        struct slot *slot = plan->batch[i];
        if (is_anothers(plant, answer, slot)) {
            postpone(plant, slot, SILENT_HOLD);
            device_mistaken(plant, slot->ref.family, slot->ref.index);
            continue;
        }
        expected[i] =
            slot->content.quality == QUALITY_FRESH || slot->content.quality == QUALITY_NONE;
        slot->group = 0;
        take_number(plant, slot, (double)answer->items[i].value);
        bool number = slot->content.quality == QUALITY_FRESH;
        any_lost = any_lost || (expected[i] && !number);
        if (!slot->aggregate)
            device_answered(plant, slot, number);
    }
    if (any_lost)
        look_for_absent(plant, expected);
    clock_take(plant, answer->multi_clock);
}

static void split(struct plant *plant)
{
    struct plan *plan = &plant->plan;

    if (plan->batch_count == 1) {
        plan->batch[0]->alone = plan->batch[0]->innocent = true;
        plan->batch[0]->group = 0;
        plan->stale = true;
        return;
    }
    unsigned first = ++plan->groups, second = ++plan->groups;
    for (size_t i = 0; i < plan->batch_count; i++)
        plan->batch[i]->group = i < plan->batch_count / 2 ? first : second;
}

void plan_rest_multi(struct plant *plant)
{
    plant->plan.multi_rest = loop_now(plant->loop) + MULTI_REST;
    // The next one is for trying only.
    plant->plan.multi_silences = MULTI_SILENCES_MAX - 1;
}

static void multi_answered(struct plant *plant, const struct answer *answer)
{
    struct plan *plan = &plant->plan;

    switch (answer->status) {
    case XC_OK:
        multi_taken(plant, answer);
        break;
    case XC_DEVICE_ERROR:
        if (answer->error == SCOM_GATEWAY_BUSY) {
            for (size_t i = 0; i < plan->batch_count; i++)
                postpone(plant, plan->batch[i], SILENT_HOLD);
        } else {
            split(plant);
        }
        break;
    case XC_UNSUPPORTED:
        plan->stale = true;
        break;
    case XC_NO_LINK:
        break;
    default:
        // Silence isn't a refusal, but a gateway that never answers these must still be read.
        if (++plan->multi_silences >= MULTI_SILENCES_MAX)
            plan_rest_multi(plant);
        break;
    }
}

// --- Asking --------------------------------------------------------------------------------------

static void ask_single(struct plant *plant, const struct slot *slot)
{
    struct question question = {
        .kind = slot->ref.parameter ? QUESTION_PARAMETER : QUESTION_INFO,
        .priority = slot->priority,
        .address = slot->address,
        .id = slot->ref.id,
        .part = slot->ref.part,
        .format = slot->format,
    };
    plant_ask(plant, &question, single_answered);
}

static uint8_t aggregation_of(const struct slot *slot)
{
    if (slot->aggregate)
        return slot->ref.index == PLANT_SUM ? MULTI_SUM : MULTI_AVERAGE;
    return is_plural(slot->ref.family) ? slot->ref.index : MULTI_MASTER;
}

static bool has_item(const struct multi_item *items, size_t count, uint16_t info, uint8_t index)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].info == info && items[i].aggregation == index)
            return true;
    return false;
}

static size_t add_proofs(const struct plant *plant, struct multi_item items[MULTI_ITEMS_MAX])
{
    size_t batch_count = plant->plan.batch_count, count = batch_count;

    for (size_t i = 0; i < batch_count; i++) {
        const struct plant_ref *ref = &plant->plan.batch[i]->ref;
        const struct plant_device *device = plant_device(plant, ref->family, ref->index);
        uint16_t msb, lsb;
        if (!device || device->fid == 0 || !is_plural(ref->family))
            continue;
        family_fid_infos(ref->family, &msb, &lsb);
        if (has_item(items + batch_count, count - batch_count, msb, ref->index))
            continue;
        items[count++] = (struct multi_item){.info = msb, .aggregation = ref->index};
        items[count++] = (struct multi_item){.info = lsb, .aggregation = ref->index};
    }
    return count;
}

static void ask_multi(struct plant *plant)
{
    struct plan *plan = &plant->plan;
    struct multi_item items[MULTI_ITEMS_MAX];

    for (size_t i = 0; i < plan->batch_count; i++)
        items[i] = (struct multi_item){.info = plan->batch[i]->ref.id,
                                       .aggregation = aggregation_of(plan->batch[i])};
    struct question question = {
        .kind = QUESTION_MULTI,
        .priority = plan->batch[0]->priority,
        .items = items,
        .item_count = plant->search.echoes ? add_proofs(plant, items) : plan->batch_count,
    };
    plant_ask(plant, &question, multi_answered);
}

bool plan_ask(struct plant *plant, enum rank from, enum rank to)
{
    int64_t now = loop_now(plant->loop);

    merge_if_stale(plant);
    struct slot *first = most_urgent(plant, from, to, now);
    if (!first)
        return false;
    fill_batch(plant, first, now);
    // By halves, even one item is a multi-info: a single read couldn't tell the culprit.
    if (plant->plan.batch_count > 1 || first->aggregate ||
        (first->group != 0 && plant->plan.multi && can_join(first)))
        ask_multi(plant);
    else
        ask_single(plant, first);
    return true;
}

int64_t plan_due(struct plant *plant)
{
    struct plan *plan = &plant->plan;
    int64_t due = NEVER;

    merge_if_stale(plant);
    for (size_t i = 0; i < plan->active_count; i++)
        if (plan->active[i]->due < due && can_ask(plant, plan->active[i]))
            due = plan->active[i]->due;
    // Aggregates change from computed back to asked when the rest is over.
    if (plan->computes && plan->multi_rest > loop_now(plant->loop) && plan->multi_rest < due)
        due = plan->multi_rest;
    return due;
}
