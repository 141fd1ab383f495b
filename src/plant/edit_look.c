// SPDX-License-Identifier: MIT
// What an edit reads of its devices, one question each, and what it makes of it.
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/edit_internal.h"
#include "proto/scom.h"

// How long what devices have told counts as what they tell.
#define MEMORY_LASTS (60 * LOOP_S)

enum {
    PHASE_INFO = 3089,
    MULTI_PROBE_INFO = 3000,
    WEEKDAYS = 7, // bits; those above mean nothing (scom.md, "Value formats")
};

// What decides what a write does: parameters of a family, and the first firmware that takes RAM
// writes, X(8) 0(8) Y(8) Z(8); 0: it doesn't tell its firmware (scom.md, "Parameters: flash and
// RAM").
static const struct {
    uint16_t saved_in_flash, watchdog, watchdog_delay;
    uint32_t takes_ram;
} special[FAMILY_COUNT] = {
    [FAMILY_XT] = {1550, 1628, 1629, 0x0100060C},
    [FAMILY_VT] = {10058, 10342, 10343, 0x0100060E},
    [FAMILY_VS] = {14069, 14218, 14219, 0x0100060C},
    [FAMILY_BSP] = {0, 0, 0, 0x0100060C},
};

uint32_t edit_first_ram_firmware(enum family family)
{
    return special[family].takes_ram;
}

uint16_t edit_watchdog_parameter(enum family family)
{
    return special[family].watchdog;
}

// --- The list ------------------------------------------------------------------------------------

void edit_add_look(struct edit *edit, enum look what, unsigned device)
{
    if (edit->look_count == edit->look_room) {
        edit->look_room += 16;
        edit->looks = xrealloc(edit->looks, edit->look_room, sizeof *edit->looks);
    }
    edit->looks[edit->look_count++] = (struct look_at){what, (uint8_t)device};
}

void edit_clear_looks(struct edit *edit)
{
    edit->look_count = edit->look_done = 0;
}

// The parameter or info that a look reads, and how; false for what isn't a single value of a
// device.
static bool describe_look(const struct edit *edit, const struct look_at *look,
                          struct question *question)
{
    const struct edit_device *device = &edit->devices[look->device];
    enum family family = device->family;
    uint16_t msb = 0, lsb = 0, version = 0;

    *question = (struct question){.priority = PRIORITY_PERSON,
                                  .address = device->address,
                                  .kind = QUESTION_INFO,
                                  .format = FORMAT_FLOAT};
    family_fid_infos(family, &msb, &lsb);
    version = family_version_info(family);
    switch (look->what) {
    case LOOK_PHASE:
        question->id = PHASE_INFO;
        break;
    case LOOK_IDENTITY:
        question->id = family_identity(family);
        break;
    case LOOK_FID_MSB:
        question->id = msb;
        break;
    case LOOK_FID_LSB:
        question->id = lsb;
        break;
    case LOOK_VERSION_MSB:
        question->id = version;
        break;
    case LOOK_VERSION_LSB:
        question->id = version + 1u;
        break;
    case LOOK_SAVED:
    case LOOK_WATCHDOG:
        question->kind = QUESTION_PARAMETER;
        question->format = FORMAT_BOOL;
        question->id =
            look->what == LOOK_SAVED ? special[family].saved_in_flash : special[family].watchdog;
        break;
    case LOOK_DELAY:
        question->kind = QUESTION_PARAMETER;
        question->id = special[family].watchdog_delay;
        break;
    case LOOK_LEVEL:
    case LOOK_MIN:
    case LOOK_MAX:
    case LOOK_VALUE:
        question->kind = QUESTION_PARAMETER;
        question->id = datapoint_id(edit->datapoint);
        question->format = datapoint_format(edit->datapoint);
        question->part = look->what == LOOK_LEVEL ? PART_LEVEL
                         : look->what == LOOK_MIN ? PART_MIN
                         : look->what == LOOK_MAX ? PART_MAX
                                                  : PART_VALUE;
        break;
    default:
        return false;
    }
    return true;
}

void edit_ask_look(struct edit *edit)
{
    const struct look_at *look = &edit->looks[edit->look_done];
    const struct multi_item item = {.info = MULTI_PROBE_INFO, .aggregation = MULTI_MASTER};
    struct question question;

    if (!describe_look(edit, look, &question))
        question = (struct question){
            .priority = PRIORITY_PERSON,
            .address = SCOM_GATEWAY_ADDRESS,
            .kind = look->what == LOOK_GUID ? QUESTION_GUID : QUESTION_MULTI,
            .format = FORMAT_RAW,
            .items = &item,
            .item_count = look->what == LOOK_GUID ? 0 : 1,
        };
    edit_ask(edit, &question);
}

// Values have numbers; what has none is left out.
bool edit_has_value(const struct edit *edit)
{
    return datapoint_encoding(edit->datapoint) != ENCODING_SIGNAL;
}

static struct remembered *memory_of(const struct edit *edit, unsigned device)
{
    const struct edit_device *who = &edit->devices[device];

    return &edit->memory->of[who->family][who->index];
}

// Who a device is and what it can, when it has told that a moment ago.
static bool recall(struct edit *edit, unsigned device)
{
    const struct plant *plant = edit->plant;
    struct facts *facts = &edit->facts[device];

    if (!edit->memory)
        return false;
    const struct remembered *known = memory_of(edit, device);
    if (known->read == 0 || loop_now(plant->loop) - known->read > MEMORY_LASTS ||
        known->generation != plant->generation)
        return false;
    for (unsigned what = LOOK_MULTI; what <= LOOK_DELAY; what++) {
        facts->known[what] = known->facts.known[what];
        facts->numbers[what] = known->facts.numbers[what];
    }
    return true;
}

// A plan's edits are of one device each.
static void remember(struct edit *edit)
{
    if (edit->memory && !edit->recalled)
        *memory_of(edit, 0) = (struct remembered){.facts = edit->facts[0],
                                                  .generation = edit->plant->generation,
                                                  .read = loop_now(edit->plant->loop)};
}

static void add_who_looks(struct edit *edit, unsigned device)
{
    enum family family = edit->devices[device].family;
    uint16_t msb, lsb;

    // Who it is.
    family_fid_infos(family, &msb, &lsb);
    if (family == FAMILY_BSP || family == FAMILY_BMS)
        edit_add_look(edit, LOOK_IDENTITY, device);
    if (msb != 0) {
        edit_add_look(edit, LOOK_FID_MSB, device);
        edit_add_look(edit, LOOK_FID_LSB, device);
    }
    // What it can.
    if (family_version_info(family) != 0) {
        edit_add_look(edit, LOOK_VERSION_MSB, device);
        edit_add_look(edit, LOOK_VERSION_LSB, device);
    } else if (family == FAMILY_RCC) {
        edit_add_look(edit, LOOK_MULTI, device);
    }
    if (edit_has_switches(family)) {
        edit_add_look(edit, LOOK_SAVED, device);
        edit_add_look(edit, LOOK_WATCHDOG, device);
        edit_add_look(edit, LOOK_DELAY, device);
    }
}

static void add_device_looks(struct edit *edit, unsigned device)
{
    edit->recalled = recall(edit, device);
    if (!edit->recalled)
        add_who_looks(edit, device);
    // The parameter.
    edit_add_look(edit, LOOK_LEVEL, device);
    if (edit_has_limits(edit->datapoint)) {
        edit_add_look(edit, LOOK_MIN, device);
        edit_add_look(edit, LOOK_MAX, device);
    }
    if (edit_has_value(edit))
        edit_add_look(edit, LOOK_VALUE, device);
}

// A gateway that doesn't tell it isn't asked again, unless it has to be a certain one.
bool edit_asks_guid(const struct edit *edit)
{
    const struct plant *plant = edit->plant;

    return plant->guid_known || plant->guid_expected ||
           gateway_capabilities(plant->gateway) & GATEWAY_GUID;
}

void edit_begin_reading(struct edit *edit)
{
    edit->stage = EDIT_STAGE_READ;
    edit_clear_looks(edit);
    if (edit_asks_guid(edit))
        edit_add_look(edit, LOOK_GUID, 0);
    for (unsigned i = 0; i < edit->device_count; i++)
        add_device_looks(edit, i);
}

// --- What was read -------------------------------------------------------------------------------

uint32_t edit_fid(const struct facts *facts)
{
    double msb = facts->numbers[LOOK_FID_MSB], lsb = facts->numbers[LOOK_FID_LSB];

    return isfinite(msb) && isfinite(lsb) ? catalogue_fid(msb, lsb) : 0;
}

bool edit_has_switches(enum family family)
{
    return special[family].saved_in_flash != 0;
}

bool edit_is_saving_switch(const struct edit *edit)
{
    enum family family = edit->target.family;

    return edit_has_switches(family) &&
           datapoint_id(edit->datapoint) == special[family].saved_in_flash;
}

static bool takes_ram(enum family family, const struct facts *facts)
{
    // Multi-infos came later than RAM writes (field.md, section 1, row 15).
    if (family == FAMILY_RCC)
        return facts->known[LOOK_MULTI];
    double msb = facts->numbers[LOOK_VERSION_MSB], lsb = facts->numbers[LOOK_VERSION_LSB];
    if (special[family].takes_ram == 0 || !isfinite(msb) || !isfinite(lsb))
        return false;
    return (catalogue_fid(msb, lsb) & 0xFF00FFFF) >= special[family].takes_ram;
}

// What this program has written to RAM of a parameter that decides, which reads don't tell; else
// NaN. It counts besides what is in flash: a restart that nobody noticed has brought that back.
static double in_ram(const struct edit *edit, const struct edit_device *device, unsigned id)
{
    double number;

    if (plant_overlay(edit->plant, device->family, device->index, id, &number) == OVERLAY_NONE)
        return (double)NAN;
    return number;
}

bool edit_stores_flash(const struct edit *edit, const struct edit_device *device,
                       const struct facts *facts)
{
    return (!facts->known[LOOK_SAVED] || facts->numbers[LOOK_SAVED] == 1) &&
           in_ram(edit, device, special[device->family].saved_in_flash) != 0;
}

bool edit_is_watched(const struct edit *edit, const struct edit_device *device,
                     const struct facts *facts)
{
    return (facts->known[LOOK_WATCHDOG] && facts->numbers[LOOK_WATCHDOG] == 1) ||
           in_ram(edit, device, special[device->family].watchdog) == 1;
}

// The shorter one; 0: not known.
static double watchdog_delay(const struct edit *edit, const struct edit_device *device,
                             const struct facts *facts)
{
    if (!facts->known[LOOK_DELAY] || !isfinite(facts->numbers[LOOK_DELAY]))
        return 0;
    return fmin(facts->numbers[LOOK_DELAY],
                in_ram(edit, device, special[device->family].watchdog_delay));
}

bool edit_will_be_watched(const struct edit *edit, const struct edit_device *device, double number,
                          double *delay)
{
    unsigned id = datapoint_id(edit->datapoint);

    *delay = device->watchdog_s;
    if (id == special[device->family].watchdog_delay)
        *delay = fmin(*delay, number);
    return device->watched || (id == special[device->family].watchdog && number == 1);
}

static void look_up_records(const struct edit *edit, struct edit_device *device)
{
    struct records *records = recording_open(edit->plant, true);
    unsigned id = datapoint_id(edit->datapoint);
    double number;

    device->flash_writes = 0;
    device->ram_before = NAN;
    if (records)
        records_flash_count(records, device->key, device->family, id, &device->flash_writes);
    if (edit_stays(edit) &&
        earlier_ram(edit->plant, device->family, device->index, device->fid, id, &number,
                    &device->ram_time) &&
        !edit_same_number(device, edit->datapoint, number, device->value))
        device->ram_before = number;
}

static void take_facts(struct edit *edit, unsigned i)
{
    struct edit_device *device = &edit->devices[i];
    const struct facts *facts = &edit->facts[i];
    double msb = facts->numbers[LOOK_VERSION_MSB], lsb = facts->numbers[LOOK_VERSION_LSB];

    device->fid = edit_fid(facts);
    device_key(edit->plant, edit->guid, device->fid, device->address, device->key);
    // Halves that are none leave it unknown.
    if (facts->known[LOOK_VERSION_MSB] && facts->known[LOOK_VERSION_LSB] &&
        catalogue_fid(msb, lsb) != 0)
        catalogue_version(msb, lsb, device->firmware, sizeof device->firmware);
    device->takes_ram = takes_ram(device->family, facts);
    device->stores_flash = edit_stores_flash(edit, device, facts);
    device->watched = edit_is_watched(edit, device, facts);
    device->watchdog_s = watchdog_delay(edit, device, facts);
    device->value = facts->numbers[LOOK_VALUE];
    device->min = facts->numbers[LOOK_MIN];
    device->max = facts->numbers[LOOK_MAX];
    device->level_known = facts->known[LOOK_LEVEL] &&
                          level_from_code((uint32_t)facts->numbers[LOOK_LEVEL], &device->level);
    device->overlay = in_ram(edit, device, datapoint_id(edit->datapoint));
    look_up_records(edit, device);
}

static bool take_first_guid(void *arg, const struct record *record)
{
    struct edit *edit = arg;

    edit->other_site = edit->guid[0] && record->guid[0] && strcmp(record->guid, edit->guid) != 0;
    return false;
}

void plant_confirm_site(struct plant *plant)
{
    plant->site_named = false;
}

// A site by its name: is it the installation that was written to last time? When its GUID is
// configured that has been looked at.
static void compare_site(struct edit *edit)
{
    const struct record_filter newest = {
        .site = edit->plant->site, .family = FAMILY_NONE, .last = 1};

    struct records *records = recording_open(edit->plant, true);

    edit->other_site = false;
    if (records && edit->plant->site_named && !edit->plant->guid_expected)
        records_list(records, &newest, take_first_guid, edit);
}

// The plant knows it by another FID: what it has at this number isn't what is there now.
static bool is_exchanged(const struct edit *edit, const struct edit_device *device)
{
    const struct plant_device *shown = plant_device(edit->plant, device->family, device->index);

    return shown && shown->fid != 0 && device->fid != 0 && shown->fid != device->fid;
}

static void become_ready(struct edit *edit)
{
    char name[DEVICE_NAME_MAX];

    for (unsigned i = 0; i < edit->device_count; i++) {
        take_facts(edit, i);
        if (is_exchanged(edit, &edit->devices[i])) {
            edit_say(edit, "%s is another device than before: its numbers will be looked at anew",
                     edit_device_name(&edit->devices[i], name));
            edit_fail(edit, XC_USAGE);
            return;
        }
    }
    compare_site(edit);
    remember(edit);
    edit->state = EDIT_READY;
    edit->stage = EDIT_STAGE_REST;
    edit_say(edit, "%s", "");
}

// --- Answers of looks ----------------------------------------------------------------------------

// What may be refused without harm: it is then taken as not known, or as not there. Silence is no
// refusal, but of multi-infos: some gateways never answer these.
static bool may_lack(const struct edit *edit, enum look what, const struct answer *answer)
{
    if (answer->status == XC_TIMEOUT && what != LOOK_MULTI)
        return false;
    switch (what) {
    case LOOK_MULTI:
        return true;
    case LOOK_LEVEL:
    case LOOK_VERSION_MSB:
    case LOOK_VERSION_LSB:
        return answer->error != SCOM_DEVICE_NOT_FOUND;
    case LOOK_FID_MSB:
    case LOOK_FID_LSB:
    case LOOK_SAVED:
    case LOOK_WATCHDOG:
    case LOOK_DELAY:
        return answer->error == SCOM_OBJECT_ID_NOT_FOUND;
    case LOOK_GUID:
        return !edit->plant->guid_known && !edit->plant->guid_expected;
    default:
        return false;
    }
}

static const char *look_name(enum look what)
{
    static const char *const names[LOOK_COUNT] = {
        [LOOK_GUID] = "its GUID",
        [LOOK_MULTI] = "multi-infos",
        [LOOK_PHASE] = "its phase",
        [LOOK_IDENTITY] = "what it is",
        [LOOK_FID_MSB] = "its FID",
        [LOOK_FID_LSB] = "its FID",
        [LOOK_VERSION_MSB] = "its firmware",
        [LOOK_VERSION_LSB] = "its firmware",
        [LOOK_SAVED] = "whether it saves in flash",
        [LOOK_WATCHDOG] = "its watchdog",
        [LOOK_DELAY] = "its watchdog's delay",
        [LOOK_LEVEL] = "the level",
        [LOOK_MIN] = "the minimum",
        [LOOK_MAX] = "the maximum",
        [LOOK_VALUE] = "the value",
    };
    return names[what];
}

// Nobody is there, or the gateway can't reach it; silence about a later one says less.
static bool meets_nobody(const struct edit *edit, const struct answer *answer)
{
    size_t first = edit->looks[0].what == LOOK_GUID ? 1 : 0;

    return edit->look_done == first &&
           (answer->status == XC_TIMEOUT || answer->error == SCOM_DEVICE_NOT_FOUND ||
            answer->error == SCOM_RESPONSE_TIMEOUT);
}

// Ends the edit because something could not be read.
static void look_failed(struct edit *edit, const struct answer *answer)
{
    const struct look_at *look = &edit->looks[edit->look_done];
    char name[DEVICE_NAME_MAX], words[EDIT_TEXT_MAX / 2];
    const char *who = look->what == LOOK_GUID
                          ? "the gateway"
                          : edit_device_name(&edit->devices[look->device], name);

    bool deciding = edit->stage != EDIT_STAGE_AGAIN;
    const char *so = deciding ? "" : "nothing was sent: ";
    enum xc_status why = answer->status == XC_TIMEOUT ? XC_TIMEOUT : XC_DEVICE_ERROR;

    edit->met_nobody = meets_nobody(edit, answer);
    edit_error_words(answer->error, words, sizeof words);
    if (look->what == LOOK_GUID && answer->status == XC_UNSUPPORTED && answer->error == 0)
        edit_say(edit, "%sthis gateway has no GUID to tell it by: leave the configured one out",
                 so);
    else if (why == XC_TIMEOUT)
        edit_say(edit, "%sno answer when %s was asked for %s", so, who, look_name(look->what));
    else if (answer->error == 0)
        edit_say(edit, "%s%s doesn't tell %s: what it answers is no value", so, who,
                 look_name(look->what));
    else if (look->what == LOOK_IDENTITY || answer->error == SCOM_DEVICE_NOT_FOUND)
        edit_say(edit, "%sthere is no %s: %s", so, who, words);
    else
        edit_say(edit, "%s%s doesn't tell %s: %s", so, who, look_name(look->what), words);
    if (deciding)
        edit_fail(edit, why);
    else
        edit_stop(edit, why);
}

// False when it is another installation: then the edit has ended.
static bool take_guid(struct edit *edit, const struct answer *answer)
{
    struct plant *plant = edit->plant;
    char guid[TEXT_GUID_MAX] = "";

    if (answer->status == XC_OK && answer->raw_length == sizeof plant->guid) {
        // It is searched for its devices, if that isn't going on.
        if (guid_take(plant, answer) && plant->search.stage == STAGE_DONE)
            plant->restarted = true;
        text_guid(guid, answer->raw);
    }
    bool expected = !plant->guid_expected || strcasecmp(plant->guid_expected, guid) == 0;
    bool same = edit->stage == EDIT_STAGE_READ || strcmp(guid, edit->guid) == 0;
    if (plant->exchanged == 0 && expected && same) {
        snprintf(edit->guid, sizeof edit->guid, "%s", guid);
        return true;
    }
    // What this one has says nothing about the one that was written to.
    if (edit->stage == EDIT_STAGE_BACK) {
        edit_read_back(edit);
        return false;
    }
    if (plant->exchanged != 0 || !same)
        edit_say(edit, "another installation answers than before: nothing is written to it; start "
                       "again to change this one");
    else
        edit_say(edit, "this is another installation than the one configured: its GUID is %s",
                 guid[0] ? guid : "not told");
    if (edit->stage == EDIT_STAGE_AGAIN)
        edit_stop(edit, XC_USAGE);
    else
        edit_fail(edit, XC_USAGE);
    return false;
}

// One of the list is done. At its end: what comes next.
static void look_done(struct edit *edit)
{
    if (++edit->look_done < edit->look_count)
        return;
    switch (edit->stage) {
    case EDIT_STAGE_PHASES:
        edit_choose_phase(edit);
        break;
    case EDIT_STAGE_READ:
        become_ready(edit);
        break;
    case EDIT_STAGE_AGAIN:
        edit_looked_again(edit);
        break;
    case EDIT_STAGE_BACK:
        edit_read_back(edit);
        break;
    default:
        break;
    }
}

void edit_look_answered(struct edit *edit, const struct answer *answer)
{
    const struct look_at look = edit->looks[edit->look_done];
    struct facts *facts = &edit->facts[look.device];
    bool good = answer->status == XC_OK;

    if (answer->status == XC_NO_LINK) {
        edit_lost(edit);
        return;
    }
    loop_timer_stop(edit->plant->loop, &edit->limit);
    // It knows multi-infos, though not this device.
    if (look.what == LOOK_MULTI && answer->error == SCOM_DEVICE_NOT_FOUND)
        good = true;
    // A parameter without a number is as good as refused.
    if (good && look.what != LOOK_GUID && look.what != LOOK_MULTI && isnan(answer->number))
        good = false;
    if (!good && edit->stage != EDIT_STAGE_BACK && !may_lack(edit, look.what, answer)) {
        look_failed(edit, answer);
        return;
    }
    if (look.what == LOOK_GUID && !take_guid(edit, answer))
        return;
    facts->known[look.what] = good;
    facts->numbers[look.what] = good ? answer->number : (double)NAN;
    if (look.what == LOOK_VALUE && datapoint_encoding(edit->datapoint) == ENCODING_WEEKDAYS)
        facts->numbers[look.what] = fmod(facts->numbers[look.what], 1 << WEEKDAYS);
    look_done(edit);
}
