// SPDX-License-Identifier: MIT
// Which devices there are, in as few questions as possible.
//
// After every connection: is it the gateway that was known (GUID), is its SCOM watchdog (5095), if
// it has one, on – then absent addresses aren't probed, since an unanswered request would reset it
// – and then one multi-info with the identity of every possible device. What an absent device gives
// there isn't documented: NaN, 0, an error for the whole request, or the value of the family's
// master. The last one shows as a family that seems full; its echoes are told apart by their FIDs.
// Without multi-infos addresses are probed one by one, the first of each family first, until the
// first absence in each. Afterwards there is a short look for further devices once a minute.
//
// Silence alone says nothing: the gateway may be off. So after a silence it is asked something that
// any gateway answers, at its own address and at a group's in turn (where it has none of its own,
// at a group's and at the first of each family), until it does; only when that was answered at once
// was the silence about the question, and the search goes on without it.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plant/internal.h"
#include "proto/scom.h"

#define LOOK_PERIOD (60 * LOOP_S)
#define SILENT_HOLD (1 * LOOP_S)
#define BUSY_HOLD   (1 * LOOP_S)
#define CATCH_UP    (2 * LOOP_S)

enum {
    PARAMETER_WATCHDOG = 5095,
    PARAMETER_CLOCK = 5002,
    INFO_BATTERY_VOLTAGE = 3000,
    XT_GROUP_ADDRESS = 100,
    PROBE_STEPS = 3,
    LOOK_ITEMS = 5, // identity, FID, and the FID of the family's master
};

// Infos whose answer shows that there is a device: the first one that isn't refused decides.
static const uint16_t probe_infos[FAMILY_COUNT][PROBE_STEPS] = {
    [FAMILY_XT] = {3124, 3000},
    [FAMILY_VT] = {11047, 11000},
    [FAMILY_VS] = {15074, 15000},
    // A BMS knows its charge voltage limit; a BSP says that it isn't valid data.
    [FAMILY_BSP] = {7061, 7034, 7000},
};

static unsigned bit(enum family family)
{
    return 1u << family;
}

static bool is_plural(enum family family)
{
    return family_devices_max(family) > 1;
}

// A value that a device that isn't there wouldn't have.
static bool plausible(double number)
{
    return isfinite(number) && number != 0;
}

static bool is_listed(const struct plant *plant, enum family family, unsigned index)
{
    return plant->devices[family][index].listed;
}

static void add(struct search *search, enum family family, unsigned index)
{
    if (search->count < sizeof search->list / sizeof *search->list)
        search->list[search->count++] = (struct candidate){family, (uint8_t)index};
}

static bool is_searched(const struct plant *plant, enum family family)
{
    return !plant->no_discovery || (plant->search.wanted & bit(family));
}

// --- Which ones to ask for -----------------------------------------------------------------------

static void list_named(struct plant *plant)
{
    for (size_t i = 0; i < plant->named_count; i++) {
        const struct target *named = &plant->named[i];
        bool each = named->kind == TARGET_EACH;
        if ((!each && named->kind != TARGET_DEVICE) || named->family == FAMILY_RCC)
            continue;
        unsigned first = each ? 1 : named->index;
        unsigned last = each ? family_devices_max(named->family) : named->index;
        for (unsigned index = first; index <= last; index++)
            add(&plant->search, named->family, index);
    }
}

// The first device of each family or, for a look, what is missing up to the next one.
static void list_next(struct plant *plant)
{
    for (unsigned f = FAMILY_XT; f <= FAMILY_VS; f++) {
        enum family family = (enum family)f;
        unsigned last = 0;
        if (!is_searched(plant, family))
            continue;
        for (unsigned i = 1; plant->search.looking && i <= family_devices_max(family); i++)
            if (is_listed(plant, family, i))
                last = i;
        for (unsigned i = 1; i <= last + 1 && i <= family_devices_max(family); i++)
            if (!is_listed(plant, family, i) || !plant->search.looking)
                add(&plant->search, family, i);
    }
    bool battery = is_listed(plant, FAMILY_BSP, 1) || is_listed(plant, FAMILY_BMS, 1);
    if (is_searched(plant, FAMILY_BSP) && !(plant->search.looking && battery))
        add(&plant->search, FAMILY_BSP, 1);
}

static void list_all(struct plant *plant)
{
    for (unsigned family = FAMILY_XT; family <= FAMILY_VS; family++)
        for (unsigned index = 1; index <= family_devices_max((enum family)family); index++)
            if (is_searched(plant, (enum family)family))
                add(&plant->search, (enum family)family, index);
    if (is_searched(plant, FAMILY_BSP))
        add(&plant->search, FAMILY_BSP, 1);
}

static void clear_list(struct search *search)
{
    search->count = search->next = 0;
    search->attempts = 0;
    search->probe_step = 0;
}

// --- Beginning and end ---------------------------------------------------------------------------

static void finish(struct plant *plant)
{
    struct search *search = &plant->search;
    bool blocked = plant->watchdog && !plan_multi(plant);

    // Known before, but not found: is it gone?
    for (size_t i = 0; i < plant->list_count && !search->looking; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (!plant->devices[shown->family][shown->index].seen_in_search)
            device_suspect(plant, shown->family, shown->index);
    }
    // A gateway that answers for absent devices would hide that one has gone.
    if (search->looking && search->echoes)
        devices_check_fids(plant);
    search->stage = STAGE_DONE;
    search->looking = false;
    devices_settle(plant);
    slots_compute(plant);
    bool once = plant->no_discovery || plant->named_count > 0 || blocked;
    search->look_due =
        once ? NEVER : loop_now(plant->loop) + plant_pause_behind(search->spent, LOOK_PERIOD);
    search->spent = 0;
    plant_touch(plant);
}

static void begin_probing(struct plant *plant)
{
    struct search *search = &plant->search;

    search->stage = STAGE_PROBE;
    clear_list(search);
    if (plant->named_count > 0)
        list_named(plant);
    else if (!plant->watchdog || plan_multi(plant))
        list_next(plant);
}

static void begin_multi(struct plant *plant)
{
    struct search *search = &plant->search;

    if (!plan_multi(plant)) {
        begin_probing(plant);
        return;
    }
    search->stage = STAGE_MULTI;
    clear_list(search);
    search->doubtful = 0;
    if (plant->named_count > 0)
        list_named(plant);
    else if (search->looking)
        list_next(plant);
    else
        list_all(plant);
}

static void begin_watchdog(struct plant *plant)
{
    if (gateway_capabilities(plant->gateway) & GATEWAY_CLOCK) {
        plant->search.stage = STAGE_WATCHDOG;
    } else {
        plant->watchdog = false;
        begin_multi(plant);
    }
}

void discovery_begin(struct plant *plant)
{
    struct search *search = &plant->search;

    search->looking = false;
    search->hold = 0;
    search->asked = 0;
    search->attempts = 0;
    if (plant->no_discovery && search->wanted == 0)
        finish(plant);
    else if (plant->guid_known)
        search->stage = STAGE_GUID;
    else
        begin_watchdog(plant);
}

void discovery_want(struct plant *plant, enum family family)
{
    if (plant->search.wanted & bit(family))
        return;
    plant->search.wanted |= bit(family);
    if (plant->search.stage == STAGE_DONE)
        discovery_begin(plant);
}

// An answer that the search can't go on with: the connection is gone, or there was none.
static bool no_answer(struct plant *plant, const struct answer *answer)
{
    struct search *search = &plant->search;

    if (answer->status == XC_TIMEOUT) {
        search->silent_stage = search->stage;
        search->stage = STAGE_SILENT;
        search->off = false;
    }
    return answer->status == XC_TIMEOUT || answer->status == XC_NO_LINK;
}

// --- GUID and watchdog ---------------------------------------------------------------------------

static void guid_answered(struct plant *plant, const struct answer *answer)
{
    struct search *search = &plant->search;

    if (no_answer(plant, answer))
        return;
    if (answer->status == XC_OK)
        guid_take(plant, answer);
    search->attempts = 0;
    search->stage = STAGE_WATCHDOG;
}

static void ask_guid(struct plant *plant)
{
    const struct question question = {.kind = QUESTION_GUID,
                                      .priority = PRIORITY_SCREEN,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .format = FORMAT_RAW};
    plant_ask(plant, &question, guid_answered);
}

static void watchdog_answered(struct plant *plant, const struct answer *answer)
{
    bool busy = answer->status == XC_DEVICE_ERROR && answer->error == SCOM_GATEWAY_BUSY;

    if (no_answer(plant, answer))
        return;
    if (busy) {
        plant->search.hold = loop_now(plant->loop) + BUSY_HOLD;
        return;
    }
    // A gateway that doesn't know the parameter has no watchdog.
    plant->watchdog = answer->status == XC_OK && answer->number != 0;
    begin_multi(plant);
}

static void ask_watchdog(struct plant *plant)
{
    const struct question question = {.kind = QUESTION_PARAMETER,
                                      .priority = PRIORITY_SCREEN,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .id = PARAMETER_WATCHDOG,
                                      .part = PART_VALUE,
                                      .format = FORMAT_RAW};
    plant_ask(plant, &question, watchdog_answered);
}

// --- Everything in one question ------------------------------------------------------------------

// 601: a BSP has a known type; what only knows a charge voltage limit is a BMS.
static void take_battery(struct plant *plant, double bsp_type, double bms_limit)
{
    bool known = bsp_type > 0 && bsp_type <= 65535 &&
                 catalogue_device_type(FAMILY_BSP, 7034, (uint32_t)bsp_type);

    if (!known && plausible(bms_limit))
        device_appears(plant, FAMILY_BMS, 1);
    else if (plausible(bsp_type))
        device_appears(plant, FAMILY_BSP, 1);
}

static uint32_t fid_of(const struct multi_item halves[2])
{
    double msb = (double)halves[0].value, lsb = (double)halves[1].value;
    return isfinite(msb) && isfinite(lsb) ? catalogue_fid(msb, lsb) : 0;
}

// One more than was known: not if it only repeats the master of its family.
static bool is_new(struct plant *plant, unsigned index, uint32_t fid, uint32_t master)
{
    if (index > 1 && fid != 0 && fid == master)
        plant->search.echoes = true;
    return index == 1 || fid != master || (fid == 0 && !plant->search.echoes);
}

// A family in which every possible device has a value.
static bool seems_full(const struct search *search, enum family family,
                       const bool here[DEVICES_MAX + 1])
{
    unsigned count = 0;

    for (size_t i = 0; i < search->count; i++)
        count += search->list[i].family == family && here[i];
    return count == family_devices_max(family);
}

static unsigned families_of_flags(uint32_t flags)
{
    return (flags & SCOM_MULTI_XT_PRESENT ? bit(FAMILY_XT) : 0) |
           (flags & SCOM_MULTI_VT_PRESENT ? bit(FAMILY_VT) : 0) |
           (flags & SCOM_MULTI_VS_PRESENT ? bit(FAMILY_VS) : 0) |
           (flags & SCOM_MULTI_BSP_PRESENT ? bit(FAMILY_BSP) : 0);
}

// The families that ought to be there, by the answer's header, but weren't found in it; all, if
// neither the header nor the values tell of any.
static unsigned families_missing(const struct plant *plant, uint32_t flags)
{
    unsigned told = families_of_flags(flags), found = plant->search.doubtful;

    for (size_t i = 0; i < plant->list_count; i++)
        found |= bit(plant->list[i].family == FAMILY_BMS ? FAMILY_BSP : plant->list[i].family);
    if (told == 0 && found == 0)
        told = bit(FAMILY_XT) | bit(FAMILY_VT) | bit(FAMILY_VS) | bit(FAMILY_BSP);
    return told & ~found;
}

static void multi_taken(struct plant *plant, const struct answer *answer)
{
    struct search *search = &plant->search;
    bool here[DEVICES_MAX + 1] = {false};
    size_t at = 0;

    clock_take(plant, answer->multi_clock);
    for (size_t i = 0; i < search->count && at < answer->item_count; i++) {
        const struct candidate *c = &search->list[i];
        const struct multi_item *item = &answer->items[at];
        size_t items = !is_plural(c->family) ? 2 : search->looking ? LOOK_ITEMS : 1;
        if (at + items > answer->item_count)
            break;
        at += items;
        if (!is_plural(c->family)) {
            take_battery(plant, (double)item[0].value, (double)item[1].value);
            continue;
        }
        here[i] = plausible((double)item[0].value);
        // A number for nobody: later it would be taken for one of a device that has gone.
        search->echoes = search->echoes || item[0].value == 0;
        if (here[i] && search->looking &&
            !is_new(plant, c->index, fid_of(item + 1), fid_of(item + 3)))
            here[i] = false;
    }
    for (unsigned family = FAMILY_XT; family <= FAMILY_VS && !search->looking; family++)
        if (plant->named_count == 0 && seems_full(search, (enum family)family, here))
            search->doubtful |= bit((enum family)family);
    for (size_t i = 0; i < search->count; i++)
        if (here[i] && !(search->doubtful & bit(search->list[i].family)))
            device_appears(plant, search->list[i].family, search->list[i].index);

    bool probe = !plant->watchdog && !search->looking && plant->named_count == 0;
    unsigned missing = probe ? families_missing(plant, answer->multi_flags) : 0;
    clear_list(search);
    for (unsigned family = FAMILY_XT; family <= FAMILY_BSP; family++)
        if ((missing & bit((enum family)family)) && is_searched(plant, (enum family)family))
            add(search, (enum family)family, 1);
    search->stage = search->doubtful ? STAGE_FIDS : STAGE_PROBE;
}

static void multi_answered(struct plant *plant, const struct answer *answer)
{
    if (no_answer(plant, answer))
        return;
    if (answer->status == XC_OK) {
        plant->plan.multi_answered = true;
        multi_taken(plant, answer);
    } else {
        begin_probing(plant);
    }
}

static void ask_multi(struct plant *plant)
{
    const struct search *search = &plant->search;
    struct multi_item items[MULTI_ITEMS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < search->count && count + LOOK_ITEMS <= MULTI_ITEMS_MAX; i++) {
        const struct candidate *c = &search->list[i];
        uint8_t which = is_plural(c->family) ? c->index : MULTI_MASTER;
        uint16_t msb, lsb;
        if (!is_plural(c->family)) {
            items[count++] = (struct multi_item){.info = family_identity(FAMILY_BSP)};
            items[count++] = (struct multi_item){.info = family_identity(FAMILY_BMS)};
            continue;
        }
        items[count++] =
            (struct multi_item){.info = family_identity(c->family), .aggregation = which};
        if (search->looking) {
            family_fid_infos(c->family, &msb, &lsb);
            items[count++] = (struct multi_item){.info = msb, .aggregation = which};
            items[count++] = (struct multi_item){.info = lsb, .aggregation = which};
            items[count++] = (struct multi_item){.info = msb, .aggregation = 1};
            items[count++] = (struct multi_item){.info = lsb, .aggregation = 1};
        }
    }
    const struct question question = {
        .kind = QUESTION_MULTI,
        .priority = search->looking ? PRIORITY_BACKGROUND : PRIORITY_SCREEN,
        .items = items,
        .item_count = count,
    };
    plant_ask(plant, &question, multi_answered);
}

// --- Echoes --------------------------------------------------------------------------------------

// items: NULL when there was no answer.
static void take_fids(struct plant *plant, const struct multi_item *items)
{
    struct search *search = &plant->search;
    enum family family = search->doubt;
    unsigned max = family_devices_max(family);
    uint32_t fids[INDEX_MAX] = {0}, any = 0;

    search->doubtful &= ~bit(family);
    search->attempts = 0;
    for (unsigned i = 0; items && i < max; i++) {
        fids[i] = fid_of(items + 2 * (size_t)i);
        any |= fids[i];
    }
    if (any == 0 && !plant->watchdog) {
        // Nothing tells them apart: only the addresses themselves do.
        add(search, family, 1);
    } else {
        for (unsigned i = 0; i < max; i++) {
            bool echo = any != 0 && fids[i] == 0;
            for (unsigned j = 0; j < i; j++)
                echo = echo || (fids[i] != 0 && fids[i] == fids[j]);
            if (echo)
                search->echoes = true;
            else
                device_appears(plant, family, i + 1);
        }
    }
    if (search->doubtful == 0)
        search->stage = STAGE_PROBE;
}

static void fids_answered(struct plant *plant, const struct answer *answer)
{
    if (!no_answer(plant, answer))
        take_fids(plant, answer->status == XC_OK ? answer->items : NULL);
}

static void ask_fids(struct plant *plant)
{
    struct search *search = &plant->search;
    struct multi_item items[MULTI_ITEMS_MAX];
    size_t count = 0;
    uint16_t msb, lsb;

    search->doubt = search->doubtful & bit(FAMILY_XT)   ? FAMILY_XT
                    : search->doubtful & bit(FAMILY_VT) ? FAMILY_VT
                                                        : FAMILY_VS;
    family_fid_infos(search->doubt, &msb, &lsb);
    for (unsigned i = 1; i <= family_devices_max(search->doubt); i++) {
        items[count++] = (struct multi_item){.info = msb, .aggregation = (uint8_t)i};
        items[count++] = (struct multi_item){.info = lsb, .aggregation = (uint8_t)i};
    }
    const struct question question = {
        .kind = QUESTION_MULTI, .priority = PRIORITY_SCREEN, .items = items, .item_count = count};
    plant_ask(plant, &question, fids_answered);
}

// --- Address by address --------------------------------------------------------------------------

static bool by_multi(const struct plant *plant)
{
    return plant->watchdog && plant->named_count == 0;
}

static void probe_next(struct search *search)
{
    search->next++;
    search->probe_step = 0;
    search->attempts = 0;
}

static void probe_found(struct plant *plant, const struct candidate *c, enum family family)
{
    struct search *search = &plant->search;

    device_appears(plant, family, c->index);
    probe_next(search);
    if (plant->named_count == 0 && c->index < family_devices_max(c->family))
        add(search, c->family, c->index + 1u);
}

static void probe_answered(struct plant *plant, const struct answer *answer)
{
    struct search *search = &plant->search;
    const struct candidate c = search->list[search->next];
    enum family family = c.family == FAMILY_BMS ? FAMILY_BSP : c.family;
    double number = by_multi(plant) && answer->status == XC_OK ? (double)answer->items[0].value
                                                               : answer->number;

    search->spent += plant->spent;
    if (no_answer(plant, answer))
        return;
    if (answer->status == XC_OK && plausible(number)) {
        bool bms = family == FAMILY_BSP && search->probe_step == 0;
        probe_found(plant, &c, bms ? FAMILY_BMS : family);
        return;
    }
    bool absent = answer->status == XC_DEVICE_ERROR && (answer->error == SCOM_DEVICE_NOT_FOUND ||
                                                        answer->error == SCOM_RESPONSE_TIMEOUT);
    search->probe_step++;
    if (absent || search->probe_step == PROBE_STEPS || probe_infos[family][search->probe_step] == 0)
        probe_next(search);
}

static void ask_probe(struct plant *plant)
{
    const struct search *search = &plant->search;
    const struct candidate *c = &search->list[search->next];
    enum family family = c->family == FAMILY_BMS ? FAMILY_BSP : c->family;
    const struct multi_item item = {
        .info = probe_infos[family][search->probe_step],
        .aggregation = is_plural(family) ? c->index : MULTI_MASTER,
    };
    const struct question question = {
        .kind = by_multi(plant) ? QUESTION_MULTI : QUESTION_INFO,
        .priority = search->looking ? PRIORITY_BACKGROUND : PRIORITY_SCREEN,
        .address = by_multi(plant) ? 0 : device_address(family, c->index),
        .id = item.info,
        .format = FORMAT_FLOAT,
        .items = by_multi(plant) ? &item : NULL,
        .item_count = by_multi(plant) ? 1 : 0,
    };
    plant_ask(plant, &question, probe_answered);
}

// --- Silence -------------------------------------------------------------------------------------

// The question of this stage isn't answered by a gateway that answers others.
static void go_on_without(struct plant *plant)
{
    // One that could mean that the installation is another one is asked more than once.
    static const unsigned silences_max[] = {
        [STAGE_GUID] = 2, [STAGE_WATCHDOG] = 1, [STAGE_MULTI] = 2,
        [STAGE_FIDS] = 2, [STAGE_PROBE] = 1,
    };
    struct search *search = &plant->search;

    search->stand_back = loop_now(plant->loop) + CATCH_UP;
    if (++search->attempts < silences_max[search->stage])
        return;
    search->attempts = 0;
    switch (search->stage) {
    case STAGE_GUID:
        search->stage = STAGE_WATCHDOG;
        break;
    case STAGE_WATCHDOG:
        // It doesn't know the parameter, so it has no watchdog.
        plant->watchdog = false;
        begin_multi(plant);
        break;
    case STAGE_MULTI:
        plan_rest_multi(plant);
        begin_probing(plant);
        break;
    case STAGE_FIDS:
        take_fids(plant, NULL);
        break;
    default:
        probe_next(search);
        break;
    }
}

static void silence_answered(struct plant *plant, const struct answer *answer)
{
    struct search *search = &plant->search;

    if (answer->status == XC_NO_LINK)
        return;
    if (answer->status == XC_TIMEOUT) {
        search->hold = loop_now(plant->loop) + SILENT_HOLD;
        search->silent_turn++;
        return;
    }
    search->stage = search->silent_stage;
    if (search->off)
        search->attempts = 0;
    else
        go_on_without(plant);
}

// In turn the gateway's own clock, and the battery voltage of all Xtenders: whether it gives the
// master's or refuses, the gateway answers that too (field.md, section 1, rows 1 and 19). Without a
// clock of its own, the battery voltage and the first device of each family: one that is silent
// about absent devices answers for a family that is there.
static struct question silent_question(const struct plant *plant)
{
    struct question question = {
        .kind = QUESTION_INFO,
        .address = XT_GROUP_ADDRESS,
        .id = INFO_BATTERY_VOLTAGE,
        .format = FORMAT_RAW,
    };
    bool has_clock = gateway_capabilities(plant->gateway) & GATEWAY_CLOCK;
    unsigned turn = plant->search.silent_turn % (has_clock ? 2 : 1 + FAMILY_BSP - FAMILY_XT + 1);

    if (has_clock && turn == 0) {
        question.kind = QUESTION_PARAMETER;
        question.address = SCOM_GATEWAY_ADDRESS;
        question.id = PARAMETER_CLOCK;
        question.part = PART_VALUE;
    } else if (!has_clock && turn > 0) {
        enum family family = (enum family)(FAMILY_XT + turn - 1);
        question.address = device_address(family, 1);
        question.id = family_identity(family);
    }
    return question;
}

static void ask_silent(struct plant *plant)
{
    struct question question = silent_question(plant);

    question.priority = plant->search.looking ? PRIORITY_BACKGROUND : PRIORITY_SCREEN;
    plant_ask(plant, &question, silence_answered);
}

// --- The search ----------------------------------------------------------------------------------

bool discovery_searches(const struct plant *plant)
{
    return plant->search.stage != STAGE_DONE && !plant->search.looking;
}

int64_t discovery_due(const struct plant *plant)
{
    const struct search *search = &plant->search;

    if (search->stage == STAGE_WAITING)
        return NEVER;
    return search->stage == STAGE_DONE ? search->look_due : search->hold;
}

bool discovery_ask(struct plant *plant)
{
    struct search *search = &plant->search;

    if (discovery_due(plant) > loop_now(plant->loop))
        return false;
    if (search->stage == STAGE_DONE) {
        search->looking = true;
        begin_multi(plant);
    }
    bool by_list = search->stage == STAGE_MULTI || search->stage == STAGE_PROBE;
    if (by_list && search->next >= search->count) {
        finish(plant);
        return false;
    }
    search->asked++;
    switch (search->stage) {
    case STAGE_GUID:
        ask_guid(plant);
        break;
    case STAGE_WATCHDOG:
        ask_watchdog(plant);
        break;
    case STAGE_MULTI:
        ask_multi(plant);
        break;
    case STAGE_FIDS:
        ask_fids(plant);
        break;
    case STAGE_SILENT:
        ask_silent(plant);
        break;
    default:
        ask_probe(plant);
        break;
    }
    return true;
}

static void say_where(const struct plant *plant, struct plant_discovery *discovery)
{
    const struct search *search = &plant->search;
    const struct candidate *c = &search->list[search->next];

    switch (search->stage) {
    case STAGE_WAITING:
    case STAGE_SILENT:
        snprintf(discovery->text, sizeof discovery->text, "waiting for the gateway");
        break;
    case STAGE_GUID:
    case STAGE_WATCHDOG:
        snprintf(discovery->text, sizeof discovery->text, "asking the gateway what it is");
        break;
    case STAGE_PROBE:
        if (search->next < search->count && is_plural(c->family))
            snprintf(discovery->text, sizeof discovery->text, "looking for %s %u",
                     family_title(c->family), (unsigned)c->index);
        else
            snprintf(discovery->text, sizeof discovery->text, "looking for a BSP or BMS");
        break;
    default:
        snprintf(discovery->text, sizeof discovery->text, "looking for devices");
        break;
    }
}

struct plant_discovery plant_discovery(const struct plant *plant)
{
    const struct search *search = &plant->search;
    struct plant_discovery discovery = {.state = DISCOVERY_RUNNING};
    const struct plant_device *unknown;
    unsigned answered, wanted;
    char name[DEVICE_NAME_MAX];

    devices_progress(plant, &answered, &wanted, &unknown);
    discovery.asked = search->asked + answered;
    discovery.to_ask = search->asked + wanted;
    if (search->stage == STAGE_PROBE)
        discovery.to_ask += (unsigned)(search->count - search->next);
    if (search->stage == STAGE_WAITING) {
        discovery.state = DISCOVERY_WAITING;
        say_where(plant, &discovery);
    } else if (search->stage != STAGE_DONE && !search->looking) {
        say_where(plant, &discovery);
    } else if (unknown) {
        snprintf(discovery.text, sizeof discovery.text, "asking %s what it is",
                 device_name(unknown->family, unknown->index, name, sizeof name));
    } else {
        discovery.state = DISCOVERY_DONE;
        if (plant->watchdog && plant->list_count == 0 && plant->named_count == 0)
            snprintf(discovery.text, sizeof discovery.text,
                     "the SCOM watchdog (5095) is on: name the devices with --devices");
    }
    return discovery;
}
