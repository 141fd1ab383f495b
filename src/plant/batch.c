// SPDX-License-Identifier: MIT
// A plan is worked off from one timer: whenever the edit under way has got on, and in the round
// after it has ended. Edits that have been looked at stay open until they are written, so that each
// compares what it finds then with what was shown.
#include "plant/batch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/edit_internal.h"

// So many edits in a row have met nobody: their device has gone.
enum { SILENCES_MAX = 2 };

struct entry {
    struct batch_item item;
    struct edit *edit; // NULL: not open
    uint32_t fid;      // of the device that is meant; 0: it has none, or it isn't known yet
    bool looked;       // item.old has been shown
    bool again;        // it is tried once more at the end
    size_t why;        // … how much of item.text says why that is needed
};

struct batch {
    struct plant *plant;
    bool flash, stopped;
    void (*changed)(void *arg);
    void *arg;
    enum batch_phase phase;
    struct entry *entries;
    size_t count, room;
    size_t at; // the one under way
    bool second_round;
    uint8_t silences[FAMILY_COUNT][INDEX_MAX]; // edits in a row
    struct edit_memory memory;
    struct loop_timer step; // the edit under way has got on
};

static void tell(struct batch *batch)
{
    if (batch->changed)
        batch->changed(batch->arg);
}

static void step_soon(void *arg)
{
    struct batch *batch = arg;

    loop_timer_in(batch->plant->loop, &batch->step, 0);
}

static struct edit_wish wish_of(const struct batch *batch, const struct entry *entry)
{
    return (struct edit_wish){.number = entry->item.number, .flash = batch->flash};
}

static void close_edit(struct entry *entry)
{
    edit_close(entry->edit);
    entry->edit = NULL;
}

static void refuse(struct entry *entry, const char *why)
{
    entry->item.state = ITEM_REFUSED;
    entry->item.later = false;
    snprintf(entry->item.text, sizeof entry->item.text, "%s", why);
    close_edit(entry);
}

static void open_edit(struct batch *batch, struct entry *entry)
{
    char error[EDIT_TEXT_MAX];

    (void)edit_open(batch->plant, &entry->item.target, entry->item.datapoint, step_soon, batch,
                    &entry->edit, error, sizeof error);
    if (entry->edit)
        entry->edit->memory = &batch->memory;
    else
        refuse(entry, error);
}

// --- Devices that don't answer -------------------------------------------------------------------

static uint8_t *silences_of(struct batch *batch, const struct entry *entry)
{
    return &batch->silences[entry->item.target.family][entry->item.target.index];
}

// To be called when an edit has ended, or is ready.
static void count_silence(struct batch *batch, const struct entry *entry)
{
    uint8_t *silences = silences_of(batch, entry);

    if (!entry->edit->met_nobody)
        *silences = 0;
    else if (*silences < SILENCES_MAX)
        ++*silences;
}

// Nobody waits for the answers of a device that has stopped answering, item by item.
static bool refuse_if_gone(struct batch *batch, struct entry *entry)
{
    const struct target *target = &entry->item.target;
    const struct plant_device *device = plant_device(batch->plant, target->family, target->index);
    bool gone = device && device->presence == DEVICE_GONE;
    char name[DEVICE_NAME_MAX], why[EDIT_TEXT_MAX];

    if (!gone && *silences_of(batch, entry) < SILENCES_MAX)
        return false;
    snprintf(why, sizeof why, "%s doesn't answer any more",
             device_name(target->family, target->index, name, sizeof name));
    refuse(entry, why);
    return true;
}

// --- Looking -------------------------------------------------------------------------------------

// No other device gets what is meant for this one.
static bool is_meant(struct entry *entry, const struct edit_device *device)
{
    char name[DEVICE_NAME_MAX], why[EDIT_TEXT_MAX];

    if (entry->fid == 0 && !entry->looked)
        entry->fid = device->fid;
    if (entry->fid == device->fid)
        return true;
    snprintf(why, sizeof why, "%s is another device than before", edit_device_name(device, name));
    refuse(entry, why);
    return false;
}

// It has what was shown, as far as something was.
static bool is_as_shown(struct entry *entry, const struct edit_device *device)
{
    const struct datapoint *dp = entry->item.datapoint;
    char name[DEVICE_NAME_MAX], before[DATAPOINT_TEXT_MAX], now[DATAPOINT_TEXT_MAX];
    char why[EDIT_TEXT_MAX];
    bool signal = isnan(entry->item.old) && isnan(device->value);

    if (!entry->looked || signal || entry->item.old == device->value)
        return true;
    snprintf(why, sizeof why, "meanwhile %s has changed from %s to %s",
             edit_device_name(device, name),
             datapoint_exact_text(dp, entry->item.old, before, sizeof before),
             datapoint_exact_text(dp, device->value, now, sizeof now));
    refuse(entry, why);
    return false;
}

// What must be known before, and what is worth knowing.
static void tell_verdict(struct batch_item *item, const struct edit_verdict *verdict)
{
    size_t used = 0;

    item->text[0] = '\0';
    for (size_t i = 0; i < verdict->warning_count; i++)
        text_append(item->text, sizeof item->text, &used, "%s%s", used ? "; " : "",
                    verdict->warnings[i]);
    if (*verdict->note)
        text_append(item->text, sizeof item->text, &used, "%s%s", used ? "; " : "", verdict->note);
    item->warned = verdict->warning_count > 0;
    item->other_site = verdict->word && strcmp(verdict->word, "site") == 0;
}

static void judge(struct batch *batch, struct entry *entry)
{
    const struct edit_wish wish = wish_of(batch, entry);
    const struct edit_device *devices;
    struct edit_verdict verdict;

    if (edit_devices(entry->edit, &devices) == 0 || !is_meant(entry, &devices[0]))
        return;
    edit_check(entry->edit, &wish, &verdict);
    if (!verdict.unchanged && !is_as_shown(entry, &devices[0]))
        return;
    entry->item.old = devices[0].value;
    entry->looked = true;
    if (verdict.status != XC_OK && !verdict.unchanged) {
        refuse(entry, verdict.why);
        // The limit may depend on what is still to be written.
        entry->again = entry->item.later = verdict.status == XC_RANGE && !batch->second_round;
        return;
    }
    tell_verdict(&entry->item, &verdict);
    entry->item.state = verdict.unchanged ? ITEM_SAME : ITEM_ALLOWED;
    if (verdict.unchanged)
        close_edit(entry);
}

// True when there is nothing more to be looked at for now.
static bool look_on(struct batch *batch)
{
    for (; batch->at < batch->count; batch->at++) {
        struct entry *entry = &batch->entries[batch->at];
        if (entry->item.state != ITEM_WAITING || refuse_if_gone(batch, entry))
            continue;
        if (!entry->edit)
            open_edit(batch, entry);
        if (!entry->edit)
            continue;
        if (edit_state(entry->edit) == EDIT_READING)
            return false;
        count_silence(batch, entry);
        if (edit_state(entry->edit) == EDIT_FAILED)
            refuse(entry, edit_text(entry->edit));
        else
            judge(batch, entry);
    }
    return true;
}

static bool is_same_target(const struct entry *a, const struct entry *b)
{
    return a->item.target.family == b->item.target.family &&
           a->item.target.index == b->item.target.index;
}

static bool has_any_allowed(const struct batch *batch, const struct entry *entry)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i].item.state == ITEM_ALLOWED &&
            is_same_target(&batch->entries[i], entry))
            return true;
    return false;
}

// All have been looked at: which of those beyond a limit have something to hope for?
static void end_looking(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct entry *entry = &batch->entries[i];
        size_t used = entry->why = strlen(entry->item.text);
        if (!entry->item.later)
            continue;
        entry->again = entry->item.later = has_any_allowed(batch, entry);
        if (!entry->item.later)
            continue;
        text_append(entry->item.text, sizeof entry->item.text, &used, "; tried again at the end");
        // Who says yes says it to this too.
        if (datapoint_is_dangerous(entry->item.datapoint))
            text_append(entry->item.text, sizeof entry->item.text, &used, "; ! %s",
                        datapoint_effect_reason(entry->item.datapoint));
    }
    batch->phase = BATCH_READY;
}

// --- Writing -------------------------------------------------------------------------------------

// Nothing was sent, but only because the line or the device was away for a moment.
static bool is_passing(const struct edit *edit)
{
    return edit_result(edit) == RECORD_NOT_SENT &&
           (edit_failure(edit) == XC_TIMEOUT || edit_failure(edit) == XC_DEVICE_ERROR);
}

static void take_result(struct batch *batch, struct entry *entry)
{
    struct batch_item *item = &entry->item;
    enum xc_status failure = edit_failure(entry->edit);

    item->state = ITEM_DONE;
    item->result = edit_result(entry->edit);
    snprintf(item->text, sizeof item->text, "%s", edit_text(entry->edit));
    entry->again =
        !batch->second_round && (item->result == RECORD_REFUSED || is_passing(entry->edit));
    close_edit(entry);
    // It would be the same with all others.
    if (failure == XC_IO || batch->plant->exchanged > 0)
        batch->stopped = true;
}

// One step of an entry's edit; true when it has come to its end.
static bool write_entry(struct batch *batch, struct entry *entry)
{
    const struct edit_wish wish = wish_of(batch, entry);

    switch (edit_state(entry->edit)) {
    case EDIT_READY:
        judge(batch, entry);
        if (entry->item.state != ITEM_ALLOWED || edit_write(entry->edit, &wish, 0) != XC_OK)
            return true;
        entry->item.result = RECORD_PENDING;
        return false;
    case EDIT_FAILED:
        count_silence(batch, entry);
        refuse(entry, edit_text(entry->edit));
        return true;
    case EDIT_DONE:
        count_silence(batch, entry);
        // Nothing was sent: it waits for the line.
        if (edit_failure(entry->edit) == XC_NO_LINK && !batch->stopped) {
            entry->item.result = RECORD_NOT_SENT;
            close_edit(entry);
            open_edit(batch, entry);
            return entry->edit == NULL;
        }
        take_result(batch, entry);
        return true;
    default:
        return false;
    }
}

// Has begun to write, or is to be written.
static bool is_due(const struct batch *batch, const struct entry *entry)
{
    bool begun = entry->edit && edit_state(entry->edit) >= EDIT_WRITING;

    if (batch->stopped || begun)
        return begun;
    return batch->second_round ? entry->again : entry->item.state == ITEM_ALLOWED;
}

// False when it doesn't come to be written.
static bool begin_entry(struct batch *batch, struct entry *entry)
{
    bool first_round = !batch->second_round;

    if (entry->edit && edit_state(entry->edit) >= EDIT_WRITING)
        return true;
    if (refuse_if_gone(batch, entry)) {
        entry->again = first_round;
        return false;
    }
    // Looked at anew: the limits may be others by now.
    if (!entry->edit) {
        entry->item.state = ITEM_ALLOWED;
        entry->item.result = RECORD_NOT_SENT;
        entry->item.later = false;
        open_edit(batch, entry);
    }
    return entry->edit != NULL;
}

static bool write_on(struct batch *batch)
{
    for (; batch->at < batch->count; batch->at++) {
        struct entry *entry = &batch->entries[batch->at];
        if (is_due(batch, entry) && begin_entry(batch, entry) && !write_entry(batch, entry))
            return false;
    }
    return true;
}

static bool has_any_written(const struct batch *batch, const struct entry *entry)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i].item.state == ITEM_DONE &&
            batch->entries[i].item.result == RECORD_WRITTEN &&
            is_same_target(&batch->entries[i], entry))
            return true;
    return false;
}

// What the device doesn't allow is worth another try only if something has changed that it could
// depend on. False if nothing is worth one.
static bool begin_second_round(struct batch *batch)
{
    bool any = false;

    for (size_t i = 0; i < batch->count; i++) {
        struct entry *entry = &batch->entries[i];
        struct batch_item *item = &entry->item;
        if (item->later || (item->state == ITEM_DONE && item->result == RECORD_REFUSED))
            entry->again = entry->again && has_any_written(batch, entry);
        if (item->later && !entry->again)
            item->text[entry->why] = '\0';
        any = any || entry->again;
    }
    batch->second_round = true;
    memset(batch->silences, 0, sizeof batch->silences);
    batch->at = 0;
    return any;
}

static void on_step(void *arg)
{
    struct batch *batch = arg;

    if (batch->phase == BATCH_LOOKING && look_on(batch))
        end_looking(batch);
    if (batch->phase == BATCH_WRITING && write_on(batch)) {
        if (!batch->second_round && !batch->stopped && begin_second_round(batch))
            step_soon(batch);
        else
            batch->phase = BATCH_ENDED;
    }
    tell(batch);
}

// --- The public face -----------------------------------------------------------------------------

struct batch *batch_new(struct plant *plant, bool flash, void (*changed)(void *arg), void *arg)
{
    struct batch *batch = xcalloc(1, sizeof *batch);

    batch->plant = plant;
    batch->flash = flash;
    batch->changed = changed;
    batch->arg = arg;
    batch->step = (struct loop_timer){.fire = on_step, .arg = batch};
    return batch;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    loop_timer_stop(batch->plant->loop, &batch->step);
    for (size_t i = 0; i < batch->count; i++)
        edit_close(batch->entries[i].edit);
    free(batch->entries);
    free(batch);
}

enum xc_status batch_add(struct batch *batch, const struct target *target,
                         const struct datapoint *datapoint, double number, char *error,
                         size_t error_size)
{
    enum xc_status status = edit_can_write(batch->plant, target, datapoint, error, error_size);

    if (status != XC_OK)
        return status;
    if (target->kind != TARGET_DEVICE) {
        snprintf(error, error_size, "expected a single device");
        return XC_USAGE;
    }
    if (batch->count == batch->room) {
        batch->room = batch->room ? 2 * batch->room : 32;
        batch->entries = xrealloc(batch->entries, batch->room, sizeof *batch->entries);
    }
    const struct plant_device *device = plant_device(batch->plant, target->family, target->index);
    batch->entries[batch->count++] = (struct entry){.item = {.target = *target,
                                                             .datapoint = datapoint,
                                                             .number = number,
                                                             .old = (double)NAN,
                                                             .result = RECORD_NOT_SENT},
                                                    .fid = device ? device->fid : 0};
    return XC_OK;
}

// What stops something comes behind what doesn't, and what restarts a device, or makes its settings
// count no more, comes last: nothing of the plan fails because of it.
enum { TURNS = 4 };

static unsigned turn_of(const struct datapoint *datapoint)
{
    switch (datapoint_effect(datapoint)) {
    case EFFECT_RESTART:
        return 3;
    case EFFECT_RESET:
        return 2;
    default:
        return datapoint_is_dangerous(datapoint) ? 1 : 0;
    }
}

static void sort_by_turn(struct batch *batch)
{
    struct entry *sorted = xcalloc(batch->room, sizeof *sorted);
    size_t count = 0;

    for (unsigned turn = 0; turn < TURNS; turn++)
        for (size_t i = 0; i < batch->count; i++)
            if (turn_of(batch->entries[i].item.datapoint) == turn)
                sorted[count++] = batch->entries[i];
    free(batch->entries);
    batch->entries = sorted;
}

void batch_look(struct batch *batch)
{
    if (batch->phase != BATCH_ADDING)
        return;
    sort_by_turn(batch);
    batch->phase = BATCH_LOOKING;
    batch->at = 0;
    step_soon(batch);
}

void batch_write(struct batch *batch)
{
    if (batch->phase != BATCH_READY)
        return;
    batch->phase = BATCH_WRITING;
    batch->at = 0;
    step_soon(batch);
}

void batch_stop(struct batch *batch)
{
    batch->stopped = true;
    step_soon(batch);
}

enum batch_phase batch_phase(const struct batch *batch)
{
    return batch->phase;
}

size_t batch_count(const struct batch *batch)
{
    return batch->count;
}

const struct batch_item *batch_item(const struct batch *batch, size_t i)
{
    return i < batch->count ? &batch->entries[i].item : NULL;
}

static void count_result(struct batch_totals *totals, enum record_result result)
{
    if (result == RECORD_WRITTEN)
        totals->written++;
    else if (result == RECORD_UNKNOWN || result == RECORD_PENDING)
        totals->unknown++;
    else
        totals->failed++;
}

void batch_totals(const struct batch *batch, struct batch_totals *totals)
{
    *totals = (struct batch_totals){.all = batch->count};
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_item *item = &batch->entries[i].item;
        totals->looked += item->state != ITEM_WAITING;
        totals->allowed += item->state == ITEM_ALLOWED;
        totals->same += item->state == ITEM_SAME;
        totals->under_way += item->state == ITEM_ALLOWED && item->result == RECORD_PENDING;
        totals->refused += item->state == ITEM_REFUSED;
        totals->later += item->state == ITEM_REFUSED && item->later;
        totals->dangerous +=
            (item->state == ITEM_ALLOWED || item->later) && datapoint_is_dangerous(item->datapoint);
        totals->other_site += item->state == ITEM_ALLOWED && item->other_site;
        if (item->state == ITEM_DONE)
            count_result(totals, item->result);
    }
}
