// SPDX-License-Identifier: MIT
// An edit from the decision on: look again at who is there and what it has, record the attempt,
// send one write, read back what can be, complete the record.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/localclock.h"
#include "base/text.h"
#include "plant/edit_internal.h"
#include "proto/scom.h"

static bool is_several(const struct edit *edit)
{
    return edit->target.kind != TARGET_DEVICE;
}

// How long the connection may stay away until what was written isn't read back any more: as long as
// a Moxa needs to start.
#define BACK_LIMIT (60 * LOOP_S)

// --- Looking again -------------------------------------------------------------------------------

// The values of all devices; before them, unless that is known, who they are, and whether somebody
// has switched on a watchdog meanwhile, or flash off.
static void look_once_more(struct edit *edit, enum edit_stage stage, bool who)
{
    edit->stage = stage;
    edit->generation = edit->plant->generation;
    edit_clear_looks(edit);
    if (who && edit_asks_guid(edit))
        edit_add_look(edit, LOOK_GUID, 0);
    for (unsigned i = 0; i < edit->device_count; i++) {
        edit->facts[i].known[LOOK_VALUE] = false;
        if (who && edit->devices[i].fid != 0) {
            edit_add_look(edit, LOOK_FID_MSB, i);
            edit_add_look(edit, LOOK_FID_LSB, i);
        }
        if (who && edit_has_switches(edit->devices[i].family))
            edit_add_look(edit, edit->wish.flash ? LOOK_SAVED : LOOK_WATCHDOG, i);
        if (edit_has_value(edit))
            edit_add_look(edit, LOOK_VALUE, i);
    }
}

enum xc_status edit_write(struct edit *edit, const struct edit_wish *wish, int64_t undo)
{
    struct edit_verdict verdict;

    edit_check(edit, wish, &verdict);
    if (verdict.status != XC_OK)
        return verdict.status;
    edit->wish = *wish;
    edit->undo = undo;
    edit->state = EDIT_WRITING;
    look_once_more(edit, EDIT_STAGE_AGAIN, true);
    plant_kick_soon(edit->plant);
    if (!edit->plant->recognising) {
        edit_lost(edit);
        edit_notify(edit);
    } else if (edit->look_count == 0) {
        // A signal to a gateway without GUID: there is nothing to look at.
        edit_looked_again(edit);
    }
    return XC_OK;
}

// The request would reach a device whose limits and watchdog nobody has looked at.
static bool reaches_another(struct edit *edit)
{
    const struct plant *plant = edit->plant;
    char name[DEVICE_NAME_MAX];

    for (size_t i = 0; is_several(edit) && i < plant->list_count; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (shown->family != edit->target.family || shown->presence != DEVICE_PRESENT ||
            edit->seen & 1u << shown->index)
            continue;
        edit_say(edit, "nothing was sent: %s has come meanwhile, and wasn't looked at",
                 device_name(shown->family, shown->index, name, sizeof name));
        return true;
    }
    return false;
}

void edit_looked_again(struct edit *edit)
{
    char name[DEVICE_NAME_MAX], before[DATAPOINT_TEXT_MAX], now[DATAPOINT_TEXT_MAX];

    if (reaches_another(edit)) {
        edit_stop(edit, XC_USAGE);
        return;
    }
    for (unsigned i = 0; i < edit->device_count; i++) {
        const struct facts *facts = &edit->facts[i];
        edit_device_name(&edit->devices[i], name);
        if (edit->devices[i].fid != edit_fid(facts)) {
            edit_say(edit, "nothing was sent: %s is another device than before", name);
            edit_stop(edit, XC_USAGE);
            return;
        }
        if (edit->devices[i].watched != edit_is_watched(edit, &edit->devices[i], facts) ||
            edit->devices[i].stores_flash != edit_stores_flash(edit, &edit->devices[i], facts)) {
            edit_say(edit, "nothing was sent: meanwhile somebody has switched %s of %s",
                     edit->wish.flash ? "saving in flash" : "the watchdog", name);
            edit_stop(edit, XC_USAGE);
            return;
        }
        double value = facts->numbers[LOOK_VALUE];
        if (edit_stays(edit) && value != edit->devices[i].value) {
            edit_say(edit, "nothing was sent: meanwhile %s has changed from %s to %s", name,
                     datapoint_exact_text(edit->datapoint, edit->devices[i].value, before,
                                          sizeof before),
                     datapoint_exact_text(edit->datapoint, value, now, sizeof now));
            edit_stop(edit, XC_USAGE);
            return;
        }
        edit->devices[i].value = value; // of the clock: the time of now
    }
    edit->stage = EDIT_STAGE_SEND;
}

// --- Sending -------------------------------------------------------------------------------------

static void fill_records(struct edit *edit)
{
    const struct plant *plant = edit->plant;

    for (unsigned i = 0; i < edit->device_count; i++) {
        const struct edit_device *device = &edit->devices[i];
        struct record *record = &edit->records[i];
        bool in_ram = !edit->wish.flash && !isnan(device->overlay); // a read answers flash
        *record = (struct record){
            .time = loop_wall(plant->loop),
            .address = device->address,
            .sent_to = target_address(&edit->target),
            .family = device->family,
            .id = datapoint_id(edit->datapoint),
            .flash = edit->wish.flash,
            .old = in_ram ? device->overlay : device->value,
            .new = edit->wish.number,
            .undo = edit->undo,
            .read_back = (double)NAN,
        };
        snprintf(record->who, sizeof record->who, "%s", plant->who);
        snprintf(record->site, sizeof record->site, "%s", plant->site);
        snprintf(record->guid, sizeof record->guid, "%s", edit->guid);
        snprintf(record->key, sizeof record->key, "%s", device->key);
        edit_device_name(device, record->device);
    }
}

static bool record_attempt(struct edit *edit)
{
    struct records *records = recording_open(edit->plant, true);

    fill_records(edit);
    if (!records)
        return edit->plant->unrecorded;
    edit->recorded = records_begin(records, edit->records, edit->device_count) == XC_OK;
    if (!edit->recorded)
        edit_say(edit, "nothing was sent, since it can't be recorded: %s", records_error(records));
    return edit->recorded || edit->plant->unrecorded;
}

struct question edit_write_question(const struct edit *edit, const struct edit_wish *wish)
{
    return (struct question){
        .kind = QUESTION_WRITE,
        .priority = PRIORITY_PERSON,
        .address = target_address(&edit->target),
        .id = datapoint_id(edit->datapoint),
        .part = wish->flash ? PART_VALUE : PART_RAM,
        .format = datapoint_format(edit->datapoint),
        .number = wish->number,
    };
}

void edit_send(struct edit *edit)
{
    if (edit->generation != edit->plant->generation) {
        edit_lost(edit);
        return;
    }
    if (edit->wish.now)
        edit->wish.number = (double)(local_clock(loop_wall(edit->plant->loop)) / LOOP_S);
    edit->sent = loop_now(edit->plant->loop);
    if (!record_attempt(edit)) {
        edit_stop(edit, XC_IO);
        return;
    }
    const struct question question = edit_write_question(edit, &edit->wish);
    edit_ask(edit, &question);
}

static enum record_result result_of(const struct edit *edit, const struct answer *answer)
{
    switch (answer->status) {
    case XC_OK:
        return RECORD_WRITTEN;
    case XC_NO_LINK:
    case XC_READ_ONLY:
    case XC_RANGE:
        return RECORD_NOT_SENT;
    case XC_DEVICE_ERROR:
    case XC_UNSUPPORTED:
        // Of several devices some may have taken it, unless the gateway hasn't passed it on.
        return is_several(edit) && answer->error != SCOM_GATEWAY_BUSY ? RECORD_UNKNOWN
                                                                      : RECORD_REFUSED;
    default:
        return RECORD_UNKNOWN;
    }
}

static void finish(struct edit *edit);

void edit_sent(struct edit *edit, const struct answer *answer)
{
    enum record_result result = result_of(edit, answer);

    if (result == RECORD_NOT_SENT) {
        edit_say(edit, "nothing was sent: %s",
                 answer->status == XC_NO_LINK ? "the connection was lost"
                                              : status_text(answer->status));
        edit_stop(edit, answer->status);
        return;
    }
    for (unsigned i = 0; i < edit->device_count; i++) {
        edit->devices[i].result = result;
        edit->devices[i].error = answer->error;
    }
    // RAM can't be read back; the clock runs, whatever it was written to.
    bool readable = edit_has_value(edit) && (edit->wish.flash || edit_is_clock(edit));
    if (!readable || result == RECORD_REFUSED) {
        finish(edit);
        return;
    }
    look_once_more(edit, EDIT_STAGE_BACK, false);
}

// --- Reading back --------------------------------------------------------------------------------

void edit_recognise(struct edit *edit)
{
    if (edit->stage == EDIT_STAGE_BACK && edit->generation != edit->plant->generation)
        look_once_more(edit, EDIT_STAGE_BACK, true);
}

static void give_up_reading(void *arg)
{
    struct edit *edit = arg;

    // What it has asked is nobody's question any more.
    if (edit->plant->edit_asking == edit)
        edit->plant->edit_asking = NULL;
    edit_read_back(edit);
    edit_notify(edit);
}

void edit_lost(struct edit *edit)
{
    switch (edit->stage) {
    case EDIT_STAGE_PHASES:
    case EDIT_STAGE_READ:
        edit->stage = EDIT_STAGE_FIND; // all over again on the next one
        break;
    case EDIT_STAGE_AGAIN:
    case EDIT_STAGE_SEND:
        edit_say(edit, "nothing was sent: the connection was lost");
        edit_stop(edit, XC_NO_LINK);
        break;
    case EDIT_STAGE_BACK:
        if (edit->limit.set)
            break;
        edit->limit = (struct loop_timer){.fire = give_up_reading, .arg = edit};
        loop_timer_in(edit->plant->loop, &edit->limit, BACK_LIMIT);
        break;
    default:
        break;
    }
}

// The device has what was asked for; the clock has gone on since.
static bool has_it(const struct edit *edit, const struct edit_device *device, double number)
{
    double asked = edit->wish.number;

    if (edit_is_clock(edit))
        asked += (double)(loop_now(edit->plant->loop) - edit->sent) / (double)LOOP_S;
    return edit_same_number(device, edit->datapoint, asked, number);
}

void edit_read_back(struct edit *edit)
{
    for (unsigned i = 0; i < edit->device_count; i++) {
        struct edit_device *device = &edit->devices[i];
        const struct facts *facts = &edit->facts[i];
        if (!facts->known[LOOK_VALUE] || edit_fid(facts) != device->fid)
            continue;
        device->read_back = facts->numbers[LOOK_VALUE];
        bool has = has_it(edit, device, device->read_back);
        bool had = edit_same_number(device, edit->datapoint, edit->wish.number, device->value);
        if (device->result == RECORD_WRITTEN && !has)
            device->result = RECORD_DIFFERS;
        // The answer was lost or unclear, but there it is, and wasn't before.
        else if (device->result == RECORD_UNKNOWN && has && !had)
            device->result = RECORD_WRITTEN;
    }
    finish(edit);
}

// --- The end -------------------------------------------------------------------------------------

// Why it isn't known whether a device has it.
static char *doubt_words(const struct edit *edit, const struct edit_device *device, char *out,
                         size_t size)
{
    char words[EDIT_TEXT_MAX / 2], read[DATAPOINT_TEXT_MAX];

    if (device->error)
        edit_error_words(device->error, words, sizeof words);
    if (isnan(device->read_back))
        snprintf(out, size, "%s", device->error ? words : "no answer came");
    else
        snprintf(out, size, "%s; it reads back as %s", device->error ? words : "no answer came",
                 datapoint_exact_text(edit->datapoint, device->read_back, read, sizeof read));
    return out;
}

// Read back or not: what was written has done what it does.
static void tell_of_flashing(const struct edit *edit, char *out, size_t size)
{
    uint32_t address = (uint32_t)edit->wish.number;
    char name[DEVICE_NAME_MAX];
    struct target target;

    if (address == 0) {
        snprintf(out, size, "no LEDs flash any more");
        return;
    }
    bool one = target_from_address(address, &target);
    for (unsigned family = 0; !one && family < FAMILY_COUNT; family++) {
        target = (struct target){.kind = TARGET_MULTICAST, .family = (enum family)family};
        one = target_address(&target) == address;
    }
    if (one)
        snprintf(out, size, "the LEDs of %s flash for 45 s",
                 target_name(&target, name, sizeof name));
    else
        snprintf(out, size, "the LEDs of address %lu flash for 45 s", (unsigned long)address);
}

static void tell_of_device(const struct edit *edit, const struct edit_device *device, char *out,
                           size_t size)
{
    char name[DEVICE_NAME_MAX], asked[DATAPOINT_TEXT_MAX], read[DATAPOINT_TEXT_MAX];
    char words[EDIT_TEXT_MAX / 2];
    bool signal = !edit_has_value(edit);
    size_t used = 0;

    edit_device_name(device, name);
    datapoint_exact_text(edit->datapoint, edit->wish.number, asked, sizeof asked);
    datapoint_exact_text(edit->datapoint, device->read_back, read, sizeof read);
    edit_error_words(device->error, words, sizeof words);
    switch (device->result) {
    case RECORD_WRITTEN:
        if (signal)
            text_append(out, size, &used, "%s has taken the signal", name);
        else if (edit_is_clock(edit))
            text_append(out, size, &used, "the installation's clock is set to %s", asked);
        else if (edit_is_identify(edit))
            tell_of_flashing(edit, out, size);
        else if (!edit->wish.flash)
            text_append(out, size, &used, "%s runs with %s from now on, until it restarts", name,
                        asked);
        else if (isnan(device->read_back))
            text_append(out, size, &used, "%s has taken %s; it couldn't be read back", name, asked);
        else if (strcmp(asked, read) != 0)
            text_append(out, size, &used, "%s has stored %s as %s, as it keeps numbers", name,
                        asked, read);
        else
            text_append(out, size, &used, "%s has stored %s", name, asked);
        break;
    case RECORD_DIFFERS:
        text_append(out, size, &used, "%s took %s, but reads back as %s", name, asked, read);
        break;
    case RECORD_REFUSED:
        text_append(out, size, &used, "%s refused it: %s", name, words);
        break;
    case RECORD_UNKNOWN:
    case RECORD_PENDING:
        text_append(out, size, &used, "it isn't known whether %s has it: %s", name,
                    doubt_words(edit, device, words, sizeof words));
        break;
    default:
        break;
    }
}

// Not sent is worse than written, and not to know is the worst.
static unsigned badness(enum record_result result)
{
    static const unsigned ranks[RECORD_RESULT_COUNT] = {
        [RECORD_WRITTEN] = 0,  [RECORD_DIFFERS] = 2, [RECORD_REFUSED] = 2,
        [RECORD_NOT_SENT] = 1, [RECORD_UNKNOWN] = 3, [RECORD_PENDING] = 3};
    return ranks[result];
}

static const struct edit_device *worst_device(const struct edit *edit)
{
    const struct edit_device *worst = &edit->devices[0];

    for (unsigned i = 1; i < edit->device_count; i++)
        if (badness(edit->devices[i].result) > badness(worst->result))
            worst = &edit->devices[i];
    return worst;
}

enum record_result edit_result(const struct edit *edit)
{
    return worst_device(edit)->result;
}

const struct record *edit_records(const struct edit *edit)
{
    return edit->records;
}

static void tell(struct edit *edit)
{
    const struct edit_device *worst = worst_device(edit);
    char text[EDIT_TEXT_MAX];
    unsigned good = 0, unknown = 0;

    for (unsigned i = 0; i < edit->device_count; i++) {
        good += edit->devices[i].result == RECORD_WRITTEN;
        unknown += badness(edit->devices[i].result) == badness(RECORD_UNKNOWN);
    }
    if (unknown > 1)
        doubt_words(edit, worst, text, sizeof text);
    else
        tell_of_device(edit, worst, text, sizeof text);
    if (edit->device_count == 1)
        edit_say(edit, "%s", text);
    else if (good == edit->device_count)
        edit_say(edit, "all %u devices have it: %.180s", good, text);
    else if (unknown == edit->device_count)
        edit_say(edit, "it isn't known which of the %u devices have it: %.180s", unknown, text);
    else if (unknown > 1)
        edit_say(edit, "%u of %u devices have it, of %u it isn't known: %.180s", good,
                 edit->device_count, unknown, text);
    else
        edit_say(edit, "%u of %u devices have it; %.180s", good, edit->device_count, text);
}

static void note_overlay(struct edit *edit, const struct edit_device *device)
{
    struct plant *plant = edit->plant;
    unsigned id = datapoint_id(edit->datapoint);
    bool done = device->result == RECORD_WRITTEN || device->result == RECORD_DIFFERS;
    if (done || (device->result == RECORD_UNKNOWN && !edit->wish.flash))
        earlier_written(plant, device->family, device->index, device->fid, id);
    bool as_in_flash = device->value == edit_on_wire(edit->datapoint, edit->wish.number);

    if (done && (edit->wish.flash || as_in_flash))
        overlay_remove(plant, device->family, device->index, id);
    else if (done || (device->result == RECORD_UNKNOWN && !edit->wish.flash))
        overlay_set(plant, device->family, device->index, device->fid, id, edit->wish.number,
                    done ? OVERLAY_SURE : OVERLAY_DOUBT);
    else if (device->result == RECORD_UNKNOWN)
        overlay_doubt(plant, device->family, device->index, id);
}

static void note_overlays(struct edit *edit)
{
    if (!edit_stays(edit))
        return;
    for (unsigned i = 0; i < edit->device_count; i++)
        note_overlay(edit, &edit->devices[i]);
}

static void complete_records(struct edit *edit)
{
    struct records *records = recording_open(edit->plant, true);
    size_t used = strlen(edit->text);

    for (unsigned i = 0; i < edit->device_count; i++) {
        edit->records[i].result = edit->devices[i].result;
        edit->records[i].error = edit->devices[i].error;
        edit->records[i].read_back = edit->devices[i].read_back;
    }
    if (!edit->recorded)
        return;
    if (records_finish(records, edit->records, edit->device_count) != XC_OK)
        text_append(edit->text, sizeof edit->text, &used, " (its record isn't complete: %s)",
                    records_error(records));
}

static void finish(struct edit *edit)
{
    edit->state = EDIT_DONE;
    edit->stage = EDIT_STAGE_REST;
    loop_timer_stop(edit->plant->loop, &edit->limit);
    tell(edit);
    complete_records(edit);
    note_overlays(edit);
    if (edit_is_clock(edit) && edit->devices[0].read_back > 0)
        clock_set(edit->plant, (uint32_t)edit->devices[0].read_back);
    if (edit_is_identify(edit) && edit_result(edit) == RECORD_WRITTEN)
        identify_written(edit->plant, edit->wish.number);
    // What is shown of it is read anew.
    for (unsigned i = 0; i < edit->device_count; i++) {
        struct plant_ref ref = {.family = edit->devices[i].family,
                                .index = edit->devices[i].index,
                                .parameter = true,
                                .id = datapoint_id(edit->datapoint)};
        slot_ask_again(edit->plant, &ref);
    }
}

void edit_stop(struct edit *edit, enum xc_status why)
{
    if (!edit->recorded)
        fill_records(edit);
    edit->state = EDIT_DONE;
    edit->stage = EDIT_STAGE_REST;
    edit->failure = why;
    for (unsigned i = 0; i < edit->device_count; i++)
        edit->devices[i].result = RECORD_NOT_SENT;
    complete_records(edit);
}

void edit_abandon(struct edit *edit)
{
    // In EDIT_STAGE_BACK it is known what the device has said.
    for (unsigned i = 0; i < edit->device_count && edit->stage != EDIT_STAGE_BACK; i++)
        edit->devices[i].result = edit->stage == EDIT_STAGE_SEND ? RECORD_UNKNOWN : RECORD_NOT_SENT;
    complete_records(edit);
    edit->state = EDIT_DONE;
}
