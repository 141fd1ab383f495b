// SPDX-License-Identifier: MIT
// Devices: who is there, what they are, and who is who after the numbering has changed.
//
// A device that answers "not found", falls silent, or whose values all stop being numbers is
// suspect: its identity is read once more, and if that fails it is gone. A gone device is looked
// for every 10 s by one read. After a reconnection, or when it comes back, a device is recognised
// by its FID before any of its values is asked.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plant/internal.h"
#include "proto/scom.h"

#define GONE_LOOK       (10 * LOOP_S)
#define VERIFIED_STANDS (60 * LOOP_S)
#define WATCH_PERIOD    (2 * LOOP_S) // a restart takes a few seconds

enum { SILENCES_MAX = 2 };

// The infos that tell what a device is; 0 where the family has none.
enum { ID_FID_MSB, ID_FID_LSB, ID_TYPE, ID_SOFT_MSB, ID_SOFT_LSB, ID_EXTRA, ID_COUNT = 8 };

static const uint16_t identities[FAMILY_COUNT][ID_COUNT] = {
    // nominal power, battery voltage, phase
    [FAMILY_XT] = {3156, 3157, 3124, 3130, 3131, 3125, 3127, 3089},
    // model
    [FAMILY_VT] = {11067, 11068, 11047, 11050, 11051, 11015},
    [FAMILY_VS] = {15102, 15103, 15074, 15077, 15078},
    [FAMILY_BSP] = {7048, 7049, 7034, 7037, 7038},
    // its maker; the charge voltage limit is what only a BMS has
    [FAMILY_BMS] = {0, 0, 7061, 0, 0, 7067},
};

uint16_t family_identity(enum family family)
{
    return identities[family][ID_TYPE];
}

void family_fid_infos(enum family family, uint16_t *msb, uint16_t *lsb)
{
    *msb = identities[family][ID_FID_MSB];
    *lsb = identities[family][ID_FID_LSB];
}

uint16_t family_version_info(enum family family)
{
    return identities[family][ID_SOFT_MSB];
}

static bool is_identity(const struct slot *slot)
{
    for (size_t i = 0; i < ID_COUNT; i++)
        if (slot->ref.id == identities[slot->ref.family][i])
            return !slot->ref.parameter;
    return false;
}

// --- The list ------------------------------------------------------------------------------------

static struct plant_device *public_device(struct plant *plant, enum family family, unsigned index)
{
    for (size_t i = 0; i < plant->list_count; i++)
        if (plant->list[i].family == family && plant->list[i].index == index)
            return &plant->list[i];
    return NULL;
}

const struct plant_device *plant_device(const struct plant *plant, enum family family,
                                        unsigned index)
{
    for (size_t i = 0; i < plant->list_count; i++)
        if (plant->list[i].family == family && plant->list[i].index == index)
            return &plant->list[i];
    return NULL;
}

size_t plant_devices(const struct plant *plant, const struct plant_device **devices)
{
    *devices = plant->list;
    return plant->list_count;
}

unsigned plant_family_count(const struct plant *plant, enum family family)
{
    unsigned count = 0;

    for (size_t i = 0; i < plant->list_count; i++)
        count += plant->list[i].family == family && plant->list[i].presence == DEVICE_PRESENT;
    return count;
}

bool devices_any_gone(const struct plant *plant, enum family family)
{
    for (size_t i = 0; i < plant->list_count; i++)
        if (plant->list[i].family == family && plant->list[i].presence == DEVICE_GONE)
            return true;
    return false;
}

static struct plant_device *insert(struct plant *plant, enum family family, unsigned index)
{
    // In the order of the devices in the catalogue's families: XT, VT, VS, BSP, BMS.
    size_t at = plant->list_count;
    while (at > 0 && (plant->list[at - 1].family > family ||
                      (plant->list[at - 1].family == family && plant->list[at - 1].index > index)))
        at--;
    memmove(plant->list + at + 1, plant->list + at, (plant->list_count - at) * sizeof *plant->list);
    plant->list_count++;
    plant->list[at] = (struct plant_device){
        .family = family,
        .index = (uint8_t)index,
        .address = device_address(family, index),
        .presence = DEVICE_PRESENT,
    };
    plant->devices[family][index] = (struct device){.listed = true, .look_at = NEVER};
    return &plant->list[at];
}

static void drop(struct plant *plant, enum family family, unsigned index)
{
    struct device *device = &plant->devices[family][index];
    struct plant_device *shown = public_device(plant, family, index);

    if (!shown)
        return;
    plant_unsubscribe(plant, device->fid);
    plant_unsubscribe(plant, device->identity);
    *device = (struct device){.look_at = NEVER};
    slots_clear(plant, family, index);
    plant->list_count--;
    memmove(shown, shown + 1,
            (size_t)(plant->list + plant->list_count - shown) * sizeof *plant->list);
    plant->plan.stale = true;
    plant_touch(plant);
}

static void mark_gone(struct plant *plant, struct plant_device *shown)
{
    shown->presence = DEVICE_GONE;
    plant->devices[shown->family][shown->index].look_at =
        loop_now(plant->loop) + plant_pause_behind(plant->spent, GONE_LOOK);
    plant->plan.stale = true;
    plant_touch(plant);
}

// --- Identity ------------------------------------------------------------------------------------

static struct slot *identity_slot(const struct plant *plant, enum family family, unsigned index,
                                  unsigned which)
{
    struct plant_ref ref = {
        .family = family, .index = (uint8_t)index, .id = identities[family][which]};
    return ref.id != 0 ? slot_find(plant, &ref) : NULL;
}

// Answered since it was last wanted.
static bool is_answered(const struct slot *slot)
{
    return slot->wanted == NEVER && slot->content.answered > 0;
}

static double identity_number(const struct plant *plant, const struct plant_device *shown,
                              unsigned which)
{
    const struct slot *slot = identity_slot(plant, shown->family, shown->index, which);
    bool known = slot && slot->content.quality == QUALITY_FRESH;
    return known ? slot->content.number : (double)NAN;
}

// Wants the identity (again): the FID before anything else where the device is to be recognised.
static void want_identity(struct plant *plant, enum family family, unsigned index)
{
    struct device *device = &plant->devices[family][index];
    struct plant_ref refs[ID_COUNT];
    size_t count = 0, fids = 0;

    if (plant->no_discovery)
        return;
    for (unsigned i = 0; i < ID_COUNT; i++) {
        if (identities[family][i] == 0)
            continue;
        refs[count++] = (struct plant_ref){
            .family = family, .index = (uint8_t)index, .id = identities[family][i]};
        if (i <= ID_FID_LSB)
            fids = count;
    }
    device->asked_who = loop_now(plant->loop);
    plant_unsubscribe(plant, device->fid);
    plant_unsubscribe(plant, device->identity);
    enum priority first = device->recognise ? PRIORITY_PERSON : PRIORITY_BACKGROUND;
    device->fid = fids > 0 ? plant_subscribe(plant, refs, fids, 0, first) : NULL;
    device->identity = plant_subscribe(plant, refs + fids, count - fids, 0, PRIORITY_BACKGROUND);
}

static void name_xt(const struct plant *plant, struct plant_device *shown)
{
    double type = identity_number(plant, shown, ID_TYPE);
    double power = identity_number(plant, shown, ID_EXTRA);
    double battery = identity_number(plant, shown, ID_EXTRA + 1);
    const char *name =
        type > 0 && type <= 65535 ? catalogue_device_type(FAMILY_XT, 3124, (uint32_t)type) : NULL;

    // "XTM family" in the tables: XTM.
    if (name && power > 0 && power < 1e6 && battery > 0 && battery < 1000)
        snprintf(shown->model, sizeof shown->model, "%.3s %.0f-%.0f", name, power, battery);
    else if (name)
        snprintf(shown->model, sizeof shown->model, "%.3s", name);

    double phase = identity_number(plant, shown, ID_EXTRA + 2);
    shown->phase = phase == 1 ? 1 : phase == 2 ? 2 : phase == 4 ? 3 : 0;
}

// "VS120" of the tables is a VS-120.
static void hyphenate(const char *name, char *out, size_t size)
{
    size_t letters = strcspn(name, "0123456789-");
    bool bare = name[letters] >= '0' && name[letters] <= '9';
    snprintf(out, size, "%.*s%s%s", (int)letters, name, bare ? "-" : "", name + letters);
}

static void name_device(struct plant *plant, struct plant_device *shown)
{
    double type = identity_number(plant, shown, ID_TYPE);
    double extra = identity_number(plant, shown, ID_EXTRA);
    double msb = identity_number(plant, shown, ID_SOFT_MSB);
    double lsb = identity_number(plant, shown, ID_SOFT_LSB);
    const char *name = NULL;
    char text[DATAPOINT_TEXT_MAX];

    if (!isnan(msb) && !isnan(lsb)) {
        catalogue_version(msb, lsb, shown->firmware, sizeof shown->firmware);
        shown->version = catalogue_fid(msb, lsb); // its halves are put together alike
    }
    switch (shown->family) {
    case FAMILY_XT:
        name_xt(plant, shown);
        return;
    case FAMILY_VT:
        if (extra >= 0 && extra <= 65535)
            name = catalogue_device_type(FAMILY_VT, 11015, (uint32_t)extra);
        break;
    case FAMILY_VS:
        if (type > 0 && type <= 65535)
            name = catalogue_device_type(FAMILY_VS, 15074, (uint32_t)type);
        break;
    case FAMILY_BMS:
        // 0 is "OTHERS".
        if (extra > 0) {
            const struct datapoint *maker = catalogue_find(FAMILY_BMS, 7067);
            if (maker)
                snprintf(shown->model, sizeof shown->model, "BMS %.12s",
                         datapoint_text(maker, extra, text, sizeof text));
            return;
        }
        name = "BMS";
        break;
    default:
        name = "BSP";
        break;
    }
    if (name)
        hyphenate(name, shown->model, sizeof shown->model);
}

// --- Who is who ----------------------------------------------------------------------------------

// What a family's devices tell about their FIDs, by index; false while one is still to be asked.
static bool read_fids(const struct plant *plant, enum family family, uint32_t fids[INDEX_MAX])
{
    for (size_t i = 0; i < plant->list_count; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (shown->family != family || shown->presence != DEVICE_PRESENT)
            continue;
        const struct slot *msb = identity_slot(plant, family, shown->index, ID_FID_MSB);
        const struct slot *lsb = identity_slot(plant, family, shown->index, ID_FID_LSB);
        if (!msb || !lsb)
            continue;
        if (!is_answered(msb) || !is_answered(lsb))
            return false;
        if (msb->content.quality == QUALITY_FRESH && lsb->content.quality == QUALITY_FRESH)
            fids[shown->index] = catalogue_fid(msb->content.number, lsb->content.number);
    }
    return true;
}

// The same FID twice: the second one is an echo of a gateway that repeats values – of a device that
// was never there, or that has gone.
static void sort_out_echoes(struct plant *plant, enum family family, uint32_t fids[INDEX_MAX])
{
    for (unsigned i = 1; i < INDEX_MAX; i++) {
        for (unsigned j = i + 1; fids[i] != 0 && j < INDEX_MAX; j++) {
            struct plant_device *shown = public_device(plant, family, j);
            if (fids[j] != fids[i] || !shown)
                continue;
            plant->search.echoes = true;
            if (shown->fid != 0 && shown->fid != fids[j])
                mark_gone(plant, shown);
            else
                drop(plant, family, j);
            fids[j] = 0;
        }
    }
}

// A person doesn't wait until everybody is recognised, and the FIDs can come with values.
static bool is_of_now(const struct plant *plant, const struct slot *slot)
{
    return slot->content.answered >= plant->devices[slot->ref.family][slot->ref.index].asked_who;
}

// Values go from the old index of a device to its new one; to[old] is 0 where there is none.
static void move_values(struct plant *plant, enum family family, const uint8_t to[INDEX_MAX])
{
    struct moved {
        struct plant_ref ref;
        struct content content;
    } *moved = xcalloc(plant->slots.count, sizeof *moved);
    size_t count = 0;

    for (size_t i = 0; i < plant->slots.room; i++) {
        struct slot *slot = plant->slots.places[i];
        if (!slot || slot->ref.family != family || slot->aggregate || is_identity(slot) ||
            to[slot->ref.index] == slot->ref.index)
            continue;
        moved[count].ref = slot->ref;
        moved[count].content = (struct content){.number = (double)NAN};
        if (is_of_now(plant, slot)) {
            moved[count].content.history = slot->content.history;
            slot->content.history = NULL;
        } else {
            moved[count].content = slot->content;
            slot->content = (struct content){.number = (double)NAN};
            slot->wanted = slot->users > 0 ? loop_now(plant->loop) : NEVER;
            slot_schedule(slot);
        }
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        struct content *content = &moved[i].content;
        moved[i].ref.index = to[moved[i].ref.index];
        struct slot *slot = moved[i].ref.index != 0 ? slot_find(plant, &moved[i].ref) : NULL;
        if (!slot)
            content_clear(content);
        else if (is_of_now(plant, slot))
            slot->content.history = content->history;
        else
            slot->content = *content;
    }
    free(moved);
    messages_renumber(plant, family, to);
}

// All FIDs of a family are known: find who has moved, and take the new ones over.
static void settle_family(struct plant *plant, enum family family)
{
    uint32_t fids[INDEX_MAX] = {0}, before[INDEX_MAX] = {0};
    uint8_t to[INDEX_MAX] = {0};
    bool present[INDEX_MAX] = {false}, taken[INDEX_MAX] = {false}, any_moved = false;

    // While some may still be found, nobody can be told to have gone.
    if (discovery_searches(plant) || !read_fids(plant, family, fids))
        return;
    sort_out_echoes(plant, family, fids);
    for (size_t i = 0; i < plant->list_count; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (shown->family == family) {
            before[shown->index] = shown->fid;
            present[shown->index] = shown->presence == DEVICE_PRESENT;
        }
    }
    for (unsigned was = 1; was < INDEX_MAX; was++)
        for (unsigned is = 1; is < INDEX_MAX; is++)
            if (before[was] != 0 && before[was] == fids[is]) {
                to[was] = (uint8_t)is;
                taken[is] = true;
            }
    // Without a FID, before or now, a device stays what its number says.
    for (unsigned i = 1; i < INDEX_MAX; i++)
        if (to[i] == 0 && !taken[i] && (before[i] == 0 || fids[i] == 0))
            to[i] = (uint8_t)i;
    for (unsigned i = 1; i < INDEX_MAX; i++)
        any_moved = any_moved || (to[i] != i && (before[i] != 0 || taken[i]));
    if (any_moved)
        move_values(plant, family, to);

    for (unsigned i = 1; i < INDEX_MAX; i++) {
        struct plant_device *shown = public_device(plant, family, i);
        if (!shown)
            continue;
        if (!present[i]) {
            // The device that was known here answers at another number.
            if (to[i] != 0 && to[i] != i)
                drop(plant, family, i);
            continue;
        }
        // One that doesn't tell it now, while its former one is told by another, isn't the same.
        if (fids[i] != 0 || to[i] != i || plant->search.echoes)
            shown->fid = fids[i];
        if (plant->devices[family][i].recognise) {
            plant->devices[family][i].recognise = false;
            plant->plan.stale = true;
        }
    }
    plant_touch(plant);
}

void devices_settle(struct plant *plant)
{
    for (unsigned family = FAMILY_XT; family <= FAMILY_BMS; family++)
        settle_family(plant, (enum family)family);
}

static void identify(struct plant *plant, struct plant_device *shown)
{
    struct device *device = &plant->devices[shown->family][shown->index];
    bool all = true;

    for (unsigned i = 0; i < ID_COUNT; i++) {
        const struct slot *slot = identity_slot(plant, shown->family, shown->index, i);
        all = all && (!slot || is_answered(slot));
    }
    device->identified = device->identified || all;
    name_device(plant, shown);
    settle_family(plant, shown->family);
}

// --- Presence ------------------------------------------------------------------------------------

// A further device in a family that is known already: the numbers may mean others now. True if
// there were others.
static bool recognise_others(struct plant *plant, enum family family, unsigned index)
{
    bool any = false;

    for (size_t i = 0; i < plant->list_count; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (shown->family != family || shown->index == index || shown->fid == 0)
            continue;
        plant->devices[family][shown->index].recognise = true;
        want_identity(plant, family, shown->index);
        any = true;
    }
    return any;
}

void device_appears(struct plant *plant, enum family family, unsigned index)
{
    // One of the two is at 601.
    if (family == FAMILY_BMS && plant->devices[FAMILY_BSP][1].listed)
        drop(plant, FAMILY_BSP, 1);
    if (family == FAMILY_BSP && plant->devices[FAMILY_BMS][1].listed)
        drop(plant, FAMILY_BMS, 1);

    struct device *device = &plant->devices[family][index];
    struct plant_device *shown = public_device(plant, family, index);
    if (!shown) {
        shown = insert(plant, family, index);
        slots_drop_computed(plant, family);
        device->recognise = recognise_others(plant, family, index);
        want_identity(plant, family, index);
    } else if (shown->presence == DEVICE_GONE) {
        shown->presence = DEVICE_PRESENT;
        overlays_restarted(plant, family, index);
        keeps_restarted(plant, family, index);
        slots_drop_computed(plant, family);
        device->recognise = shown->fid != 0;
        want_identity(plant, family, index);
    }
    shown->seen = loop_now(plant->loop);
    device->seen_in_search = true;
    device->silences = 0;
    device->look_at = NEVER;
    plant->plan.stale = true;
    plant_touch(plant);
}

struct subscription *devices_watch(struct plant *plant, const struct target *target)
{
    struct plant_ref refs[DEVICES_PER_FAMILY_MAX];
    size_t count = 0;

    if (target->family == FAMILY_RCC)
        return NULL;
    for (unsigned i = 1; i <= family_devices_max(target->family); i++)
        if (target->kind != TARGET_DEVICE || target->index == i)
            refs[count++] = (struct plant_ref){.family = target->family,
                                               .index = (uint8_t)i,
                                               .id = family_identity(target->family)};
    return plant_subscribe(plant, refs, count, WATCH_PERIOD, PRIORITY_BACKGROUND);
}

bool device_ready(const struct plant *plant, const struct slot *slot)
{
    const struct device *device = &plant->devices[slot->ref.family][slot->ref.index];

    if (plant->no_discovery || slot->ref.family == FAMILY_RCC)
        return true;
    if (!device->listed || device->look_at != NEVER)
        return false;
    return !device->recognise || slot->priority == PRIORITY_PERSON;
}

bool device_doubtful(const struct plant *plant, const struct slot *slot)
{
    const struct device *device = &plant->devices[slot->ref.family][slot->ref.index];
    bool verified =
        device->verified > 0 && loop_now(plant->loop) - device->verified < VERIFIED_STANDS;

    // Some values answer so in devices that are there; what the look itself would ask doesn't.
    if (slot->ref.id == family_identity(slot->ref.family) && !slot->ref.parameter)
        verified = false;
    return device->listed && !plant->no_discovery && !verified;
}

void device_answered(struct plant *plant, const struct slot *slot, bool alive)
{
    struct device *device = &plant->devices[slot->ref.family][slot->ref.index];
    struct plant_device *shown = public_device(plant, slot->ref.family, slot->ref.index);

    if (!shown)
        return;
    if (alive) {
        shown->seen = plant->last_word;
        device->silences = 0;
    }
    if (is_identity(slot))
        identify(plant, shown);
}

static void goes(struct plant *plant, struct plant_device *shown)
{
    mark_gone(plant, shown);
    // The others may have waited for its FID.
    settle_family(plant, shown->family);
}

// While the SCOM watchdog is on, an absent address may be asked through multi-infos only.
static bool may_look(const struct plant *plant)
{
    return !plant->watchdog || plan_multi(plant);
}

void device_suspect(struct plant *plant, enum family family, unsigned index)
{
    struct device *device = &plant->devices[family][index];
    struct plant_device *shown = public_device(plant, family, index);

    if (!shown || device->look_at != NEVER || plant->no_discovery)
        return;
    if (may_look(plant))
        device->look_at = loop_now(plant->loop);
    else
        goes(plant, shown);
}

void device_mistaken(struct plant *plant, enum family family, unsigned index)
{
    struct device *device = &plant->devices[family][index];

    device_suspect(plant, family, index);
    if (!device->listed || device->recognise || plant->no_discovery)
        return;
    device->recognise = true;
    want_identity(plant, family, index);
    plant->plan.stale = true;
}

void device_silent(struct plant *plant, const struct slot *slot)
{
    struct device *device = &plant->devices[slot->ref.family][slot->ref.index];

    if (!device->listed || plant->no_discovery)
        return;
    if (device->silences++ == 0)
        device->silent_since = loop_now(plant->loop);
    if (device->silences >= SILENCES_MAX)
        device_suspect(plant, slot->ref.family, slot->ref.index);
}

static void is_there(struct plant *plant, struct plant_device *shown)
{
    plant->devices[shown->family][shown->index].verified = loop_now(plant->loop);
    device_appears(plant, shown->family, shown->index);
}

static void looked(struct plant *plant, const struct answer *answer)
{
    enum family family = plant->looked_for.family;
    struct plant_device *shown = public_device(plant, family, plant->looked_for.index);
    int64_t now = loop_now(plant->loop);

    if (!shown)
        return;
    struct device *device = &plant->devices[family][plant->looked_for.index];
    switch (answer->status) {
    case XC_OK:
        if (plant->looked_by_multi &&
            (isnan(answer->items[0].value) || answer->items[0].value == 0))
            goes(plant, shown);
        else
            is_there(plant, shown);
        break;
    case XC_DEVICE_ERROR:
        if (plant->looked_by_multi || answer->error == SCOM_DEVICE_NOT_FOUND ||
            answer->error == SCOM_RESPONSE_TIMEOUT)
            goes(plant, shown);
        else
            is_there(plant, shown);
        break;
    case XC_TIMEOUT:
        // Silence says something about the device only when the gateway has answered others.
        if (plant->last_word > device->silent_since || shown->presence == DEVICE_GONE) {
            goes(plant, shown);
        } else {
            device->look_at = now + GONE_LOOK;
            plant->chores.clock_due = now;
        }
        break;
    case XC_UNSUPPORTED:
        goes(plant, shown);
        break;
    case XC_NO_LINK:
        break;
    default:
        device->look_at = now + GONE_LOOK;
        break;
    }
}

int64_t devices_due(const struct plant *plant)
{
    int64_t due = NEVER;

    for (size_t i = 0; i < plant->list_count && may_look(plant); i++) {
        const struct plant_device *shown = &plant->list[i];
        int64_t look_at = plant->devices[shown->family][shown->index].look_at;
        if (look_at < due)
            due = look_at;
    }
    return due;
}

bool devices_ask(struct plant *plant)
{
    int64_t now = loop_now(plant->loop);
    const struct plant_device *shown = NULL;

    for (size_t i = 0; i < plant->list_count && !shown && may_look(plant); i++)
        if (plant->devices[plant->list[i].family][plant->list[i].index].look_at <= now)
            shown = &plant->list[i];
    if (!shown)
        return false;
    struct multi_item item = {
        .info = family_identity(shown->family),
        .aggregation = family_devices_max(shown->family) > 1 ? shown->index : MULTI_MASTER,
    };
    struct question question = {
        .kind = plant->watchdog ? QUESTION_MULTI : QUESTION_INFO,
        .priority = PRIORITY_SCREEN,
        .address = plant->watchdog ? 0 : shown->address,
        .id = item.info,
        .format = FORMAT_FLOAT,
        .items = &item,
        .item_count = plant->watchdog ? 1 : 0,
    };
    plant->looked_for = (struct candidate){shown->family, shown->index};
    plant->looked_by_multi = plant->watchdog;
    plant_ask(plant, &question, looked);
    return true;
}

// --- Beginnings ----------------------------------------------------------------------------------

void devices_recognise(struct plant *plant)
{
    for (size_t i = 0; i < plant->list_count; i++) {
        struct plant_device *shown = &plant->list[i];
        struct device *device = &plant->devices[shown->family][shown->index];
        device->seen_in_search = false;
        device->silences = 0;
        device->verified = 0;
        if (shown->presence == DEVICE_GONE) {
            device->look_at = loop_now(plant->loop);
            continue;
        }
        device->recognise = shown->fid != 0;
        want_identity(plant, shown->family, shown->index);
    }
}

void devices_check_fids(struct plant *plant)
{
    for (size_t i = 0; i < plant->list_count; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (family_devices_max(shown->family) > 1 && shown->presence == DEVICE_PRESENT)
            want_identity(plant, shown->family, shown->index);
    }
}

void devices_forget(struct plant *plant)
{
    while (plant->list_count > 0)
        drop(plant, plant->list[0].family, plant->list[0].index);
    slots_clear(plant, FAMILY_NONE, 0);
    plant->plan.stale = true;
}

void devices_progress(const struct plant *plant, unsigned *answered, unsigned *wanted,
                      const struct plant_device **unknown)
{
    *answered = *wanted = 0;
    *unknown = NULL;
    for (size_t i = 0; i < plant->list_count; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (shown->presence != DEVICE_PRESENT)
            continue;
        for (unsigned which = 0; which < ID_COUNT; which++) {
            const struct slot *slot = identity_slot(plant, shown->family, shown->index, which);
            *wanted += slot != NULL;
            *answered += slot && is_answered(slot);
        }
        if (!*unknown && !plant->no_discovery &&
            !plant->devices[shown->family][shown->index].identified)
            *unknown = shown;
    }
}
