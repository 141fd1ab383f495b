// SPDX-License-Identifier: MIT
#include "plant/batch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/edit_internal.h"

struct entry {
    struct batch_item item;
    struct edit *edit;
    bool again; // it was refused, and is tried once more
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

static void refuse(struct entry *entry, const char *why)
{
    entry->item.state = ITEM_REFUSED;
    snprintf(entry->item.text, sizeof entry->item.text, "%s", why);
    edit_close(entry->edit);
    entry->edit = NULL;
}

// Nobody waits for the answers of a device that has stopped answering, item by item.
static bool refuse_if_gone(struct batch *batch, struct entry *entry)
{
    const struct target *target = &entry->item.target;
    const struct plant_device *device = plant_device(batch->plant, target->family, target->index);
    char name[DEVICE_NAME_MAX], why[EDIT_TEXT_MAX];

    if (!device || device->presence != DEVICE_GONE)
        return false;
    snprintf(why, sizeof why, "%s doesn't answer any more",
             device_name(target->family, target->index, name, sizeof name));
    refuse(entry, why);
    return true;
}

static void open_edit(struct batch *batch, struct entry *entry)
{
    char error[EDIT_TEXT_MAX];

    if (edit_open(batch->plant, &entry->item.target, entry->item.datapoint, step_soon, batch,
                  &entry->edit, error, sizeof error) != XC_OK)
        refuse(entry, error);
}

// --- Looking -------------------------------------------------------------------------------------

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

    edit_check(entry->edit, &wish, &verdict);
    if (edit_devices(entry->edit, &devices) > 0)
        entry->item.old = devices[0].value;
    if (verdict.status != XC_OK) {
        refuse(entry, verdict.why);
        return;
    }
    tell_verdict(&entry->item, &verdict);
    entry->item.state = verdict.unchanged ? ITEM_SAME : ITEM_ALLOWED;
    if (verdict.unchanged) {
        edit_close(entry->edit);
        entry->edit = NULL;
    }
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
        if (edit_state(entry->edit) == EDIT_FAILED)
            refuse(entry, edit_text(entry->edit));
        else
            judge(batch, entry);
    }
    return true;
}

// --- Writing -------------------------------------------------------------------------------------

static void take_result(struct batch *batch, struct entry *entry)
{
    struct batch_item *item = &entry->item;

    item->state = ITEM_DONE;
    item->result = edit_result(entry->edit);
    snprintf(item->text, sizeof item->text, "%s", edit_text(entry->edit));
    edit_close(entry->edit);
    entry->edit = NULL;
    entry->again = item->result == RECORD_REFUSED && !batch->second_round;
}

// One step of an entry's edit; true when it has come to its end.
static bool write_entry(struct batch *batch, struct entry *entry)
{
    const struct edit_wish wish = wish_of(batch, entry);

    switch (edit_state(entry->edit)) {
    case EDIT_READY:
        if (edit_write(entry->edit, &wish, 0) == XC_OK)
            return false;
        judge(batch, entry);
        return true;
    case EDIT_FAILED:
        refuse(entry, edit_text(entry->edit));
        return true;
    case EDIT_DONE:
        take_result(batch, entry);
        return true;
    default:
        return false;
    }
}

// What was refused is looked at anew: its limits may be others by now.
static void begin_second_round(struct batch *batch)
{
    batch->second_round = true;
    batch->at = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct entry *entry = &batch->entries[i];
        if (!entry->again)
            continue;
        entry->item.state = ITEM_ALLOWED;
        open_edit(batch, entry);
    }
}

static bool write_on(struct batch *batch)
{
    for (; batch->at < batch->count; batch->at++) {
        struct entry *entry = &batch->entries[batch->at];
        if (entry->item.state != ITEM_ALLOWED || !entry->edit)
            continue;
        if (batch->stopped && edit_state(entry->edit) < EDIT_WRITING)
            continue; // not begun
        if (edit_state(entry->edit) < EDIT_WRITING && refuse_if_gone(batch, entry))
            continue;
        if (!write_entry(batch, entry))
            return false;
    }
    return true;
}

static bool any_again(const struct batch *batch)
{
    struct batch_totals totals;
    bool any = false;

    batch_totals(batch, &totals);
    for (size_t i = 0; i < batch->count; i++)
        any = any || batch->entries[i].again;
    // Nothing has changed that it could depend on.
    return any && totals.written > 0;
}

static void on_step(void *arg)
{
    struct batch *batch = arg;

    if (batch->phase == BATCH_LOOKING && look_on(batch))
        batch->phase = BATCH_READY;
    if (batch->phase == BATCH_WRITING && write_on(batch)) {
        if (!batch->second_round && !batch->stopped && any_again(batch)) {
            begin_second_round(batch);
            step_soon(batch);
        } else {
            batch->phase = BATCH_ENDED;
        }
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
    batch->entries[batch->count++] = (struct entry){
        .item = {.target = *target, .datapoint = datapoint, .number = number, .old = (double)NAN}};
    return XC_OK;
}

void batch_look(struct batch *batch)
{
    if (batch->phase != BATCH_ADDING)
        return;
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
        totals->refused += item->state == ITEM_REFUSED;
        totals->dangerous += item->state == ITEM_ALLOWED && datapoint_is_dangerous(item->datapoint);
        totals->other_site += item->state == ITEM_ALLOWED && item->other_site;
        if (item->state == ITEM_DONE)
            count_result(totals, item->result);
    }
}
