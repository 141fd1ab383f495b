// SPDX-License-Identifier: MIT
#include "fixture_edit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

struct edit {
    struct plant *plant;
    struct target target;
    const struct datapoint *datapoint;
    void (*changed)(void *arg);
    void *arg;
    enum edit_state state;
    char text[EDIT_TEXT_MAX];
    struct edit_device devices[DEVICES_PER_FAMILY_MAX];
    size_t count;
    double min, max;
};

struct fixture_edits fixture_edits = {.overlay = NAN, .earlier = NAN, .key = ""};

void fixture_edits_reset(void)
{
    fixture_edits = (struct fixture_edits){.state = EDIT_READY,
                                           .earlier = NAN,
                                           .later = EDIT_READY,
                                           .text = "",
                                           .value = NAN,
                                           .overlay = NAN,
                                           .key = "",
                                           .flash_writes = 12,
                                           .told = "written",
                                           .result = RECORD_WRITTEN,
                                           .read_back = NAN};
}

// --- Life ----------------------------------------------------------------------------------------

static bool is_reached(const struct target *target, const struct plant_device *device)
{
    if (device->family != target->family || device->presence != DEVICE_PRESENT)
        return false;
    return target->kind == TARGET_MULTICAST ||
           (target->kind == TARGET_PHASE ? device->phase : device->index) == target->index;
}

static double present_value(const struct datapoint *datapoint)
{
    double factory = datapoint_limits(datapoint).factory;

    if (!isnan(fixture_edits.value))
        return fixture_edits.value;
    return isnan(factory) ? 0 : factory;
}

static void read_device(struct edit *edit, const struct plant_device *device)
{
    edit->devices[edit->count] = (struct edit_device){
        .family = device->family,
        .index = device->index,
        .address = device->address,
        .fid = device->fid,
        .firmware = "1.6.74",
        .takes_ram = true,
        .stores_flash = true,
        .value = present_value(edit->datapoint) + (double)edit->count * fixture_edits.differs,
        .min = edit->min,
        .max = edit->max,
        .level = datapoint_level(edit->datapoint),
        .level_known = true,
        .flash_writes = fixture_edits.flash_writes,
        .overlay = edit->count == 0 ? fixture_edits.overlay : NAN,
        .read_back = NAN,
    };
    snprintf(edit->devices[edit->count].key, RECORD_KEY_MAX, "%s", fixture_edits.key);
    edit->count++;
}

static void read_devices(struct edit *edit)
{
    const struct plant_device *devices;
    size_t count = plant_devices(edit->plant, &devices);

    for (size_t i = 0; i < count; i++)
        if (is_reached(&edit->target, &devices[i]))
            read_device(edit, &devices[i]);
    // The gateway isn't among the devices.
    if (edit->target.family == FAMILY_RCC)
        read_device(edit, &(struct plant_device){.family = FAMILY_RCC, .index = 1, .address = 501});
}

enum xc_status edit_open(struct plant *plant, const struct target *target,
                         const struct datapoint *datapoint, void (*changed)(void *arg), void *arg,
                         struct edit **opened, char *error, size_t error_size)
{
    struct datapoint_limits limits = datapoint_limits(datapoint);

    fixture_edits.opened++;
    fixture_edits.target = *target;
    if (fixture_edits.refused != XC_OK) {
        snprintf(error, error_size, "%s", fixture_edits.text);
        return fixture_edits.refused;
    }
    struct edit *edit = xcalloc(1, sizeof *edit);
    *edit = (struct edit){.plant = plant,
                          .target = *target,
                          .datapoint = datapoint,
                          .changed = changed,
                          .arg = arg,
                          .state = fixture_edits.state,
                          .min = limits.min,
                          .max = limits.max};
    snprintf(edit->text, sizeof edit->text, "%s", fixture_edits.text);
    if (edit->state == EDIT_READY)
        read_devices(edit);
    fixture_edits.state = fixture_edits.later;
    fixture_edits.edit = *opened = edit;
    return XC_OK;
}

void edit_close(struct edit *edit)
{
    if (!edit)
        return;
    fixture_edits.closed++;
    fixture_edits.edit = NULL;
    free(edit);
}

void fixture_edit_is(enum edit_state state, const char *text)
{
    struct edit *edit = fixture_edits.edit;

    edit->state = state;
    snprintf(edit->text, sizeof edit->text, "%s", text);
    if (state == EDIT_READY && edit->count == 0)
        read_devices(edit);
    for (size_t i = 0; i < edit->count && state == EDIT_DONE; i++) {
        bool last = i == edit->count - 1;
        edit->devices[i].result = last ? fixture_edits.result : RECORD_WRITTEN;
        edit->devices[i].error = last ? fixture_edits.error : 0;
        edit->devices[i].read_back = i == 0 ? fixture_edits.read_back : NAN;
    }
}

void fixture_edit_becomes(enum edit_state state, const char *text)
{
    struct edit *edit = fixture_edits.edit;

    fixture_edit_is(state, text);
    if (edit->changed)
        edit->changed(edit->arg);
}

// --- What is known -------------------------------------------------------------------------------

enum edit_state edit_state(const struct edit *edit)
{
    return edit->state;
}

const char *edit_text(const struct edit *edit)
{
    return edit->text;
}

const struct datapoint *edit_datapoint(const struct edit *edit)
{
    return edit->datapoint;
}

const struct target *edit_target(const struct edit *edit)
{
    return &edit->target;
}

size_t edit_devices(const struct edit *edit, const struct edit_device **devices)
{
    *devices = edit->devices;
    return edit->count;
}

void edit_limits(const struct edit *edit, double *min, double *max)
{
    *min = edit->min;
    *max = edit->max;
}

void edit_progress(const struct edit *edit, unsigned *done, unsigned *all)
{
    (void)edit;
    *done = fixture_edits.done;
    *all = fixture_edits.all;
}

// --- Judging -------------------------------------------------------------------------------------

static void warn(struct edit_verdict *verdict, const char *text)
{
    snprintf(verdict->warnings[verdict->warning_count++], EDIT_TEXT_MAX, "%s", text);
}

static void refuse(struct edit_verdict *verdict, enum xc_status status, const char *why,
                   const char *what)
{
    size_t used = 0;

    verdict->status = status;
    text_append(verdict->why, sizeof verdict->why, &used, "%s%s", why, what);
}

static void judge_number(const struct edit *edit, double number, struct edit_verdict *verdict)
{
    double step = datapoint_limits(edit->datapoint).step;
    char text[DATAPOINT_TEXT_MAX];
    size_t used = 0;

    if (isnan(number)) {
        refuse(verdict, XC_SYNTAX, "expected is ", datapoint_expects(edit->datapoint));
    } else if (number < edit->min) {
        datapoint_text(edit->datapoint, edit->min, text, sizeof text);
        refuse(verdict, XC_RANGE, "that is below this device's minimum, ", text);
    } else if (number > edit->max) {
        datapoint_text(edit->datapoint, edit->max, text, sizeof text);
        refuse(verdict, XC_RANGE, "that is above this device's maximum, ", text);
    } else if (step > 0 && fabs(number / step - round(number / step)) > 1e-6) {
        text_number(text, sizeof text, step, 1);
        text_append(verdict->note, sizeof verdict->note, &used,
                    "not a multiple of %s: the device may round it", text);
    }
}

void edit_check(const struct edit *edit, const struct edit_wish *wish, struct edit_verdict *verdict)
{
    fixture_edits.checks++;
    fixture_edits.checked = *wish;
    *verdict = (struct edit_verdict){.status = XC_OK, .unchanged = !wish->now};
    judge_number(edit, wish->number, verdict);
    if (verdict->status == XC_OK && !wish->flash && fixture_edits.ram != XC_OK)
        refuse(verdict, fixture_edits.ram,
               "XT1's watchdog (1628) is on: it restarts when RAM writes stop coming", "");
    for (size_t i = 0; i < edit->count; i++)
        if ((float)edit->devices[i].value != (float)wish->number)
            verdict->unchanged = false;
    if (datapoint_encoding(edit->datapoint) == ENCODING_SIGNAL) {
        verdict->unchanged = false;
        warn(verdict, "The inverters stop for some seconds, and start again.");
        verdict->word = "restart";
    } else if (edit->count > 1) {
        warn(verdict, "One request changes all of them.");
        verdict->word = "all";
    } else if (wish->flash) {
        verdict->word = "flash";
    }
    if (wish->flash && fixture_edits.flash_writes > 500)
        warn(verdict, "More than half of the writes that its flash is good for are used up.");
}

enum xc_status edit_write(struct edit *edit, const struct edit_wish *wish, int64_t undo)
{
    struct edit_verdict verdict;

    fixture_edits.writes++;
    fixture_edits.wish = *wish;
    fixture_edits.undo = undo;
    edit_check(edit, wish, &verdict);
    if (verdict.status != XC_OK || edit->state != EDIT_READY)
        abort(); // the form must not come here
    if (fixture_edits.writable != XC_OK)
        return fixture_edits.writable;
    if (fixture_edits.at_once)
        fixture_edit_becomes(EDIT_DONE, fixture_edits.told);
    else
        fixture_edit_becomes(EDIT_WRITING, "writing to RAM");
    return XC_OK;
}

enum record_result edit_result(const struct edit *edit)
{
    (void)edit;
    return fixture_edits.result;
}

// --- Plans of changes ----------------------------------------------------------------------------

enum { BATCH_MAX = 1024, LOOKED_AT_ONCE = 3 };

struct batch {
    struct plant *plant;
    enum batch_phase phase;
    struct batch_item items[BATCH_MAX];
    size_t count, at;
    bool stopped;
};

struct batch *batch_new(struct plant *plant, bool flash, void (*changed)(void *arg), void *arg)
{
    struct batch *batch = xcalloc(1, sizeof *batch);

    (void)changed;
    (void)arg;
    batch->plant = plant;
    fixture_edits.batches++;
    fixture_edits.batch_flash = flash;
    fixture_edits.batch = batch;
    return batch;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    fixture_edits.batches--;
    fixture_edits.batch = NULL;
    free(batch);
}

enum xc_status batch_add(struct batch *batch, const struct target *target,
                         const struct datapoint *datapoint, double number, char *error,
                         size_t error_size)
{
    if (fixture_edits.refused != XC_OK) {
        snprintf(error, error_size, "%s", fixture_edits.text);
        return fixture_edits.refused;
    }
    if (target->kind != TARGET_DEVICE || !datapoint_is_setting(datapoint) ||
        batch->phase != BATCH_ADDING || batch->count == BATCH_MAX)
        abort(); // nobody must come here with these
    batch->items[batch->count++] = (struct batch_item){
        .target = *target, .datapoint = datapoint, .number = number, .old = NAN};
    return XC_OK;
}

void batch_look(struct batch *batch)
{
    batch->phase = BATCH_LOOKING;
}

void batch_write(struct batch *batch)
{
    if (batch->phase != BATCH_READY)
        abort();
    batch->phase = BATCH_WRITING;
    batch->at = 0;
}

void batch_stop(struct batch *batch)
{
    batch->stopped = true;
}

static void look_at(const struct batch *batch, struct batch_item *item)
{
    unsigned id = datapoint_id(item->datapoint);
    bool warned = id == fixture_edits.warned_id || fixture_edits.other_site;
    const struct plant_ref ref = {.family = item->target.family,
                                  .index = item->target.index,
                                  .parameter = true,
                                  .id = (uint16_t)id};

    double now = item->old = plant_reading(batch->plant, &ref).number;
    if (!fixture_edits.batch_flash)
        plant_overlay(batch->plant, ref.family, ref.index, id, &now);
    item->state = now == item->number ? ITEM_SAME : ITEM_ALLOWED;
    if (id == fixture_edits.refused_id) {
        item->state = ITEM_REFUSED;
        snprintf(item->text, sizeof item->text, "%g is above this device's maximum, %g",
                 item->number, item->number - 1);
    } else if (warned || datapoint_is_dangerous(item->datapoint)) {
        item->warned = true;
        item->other_site = fixture_edits.other_site;
        snprintf(item->text, sizeof item->text, "%s",
                 item->other_site ? "the last write went to another installation"
                 : warned         ? "1000 flash writes are recorded here"
                                  : datapoint_effect_reason(item->datapoint));
    }
}

static bool find_next(struct batch *batch)
{
    while (batch->at < batch->count && batch->items[batch->at].state != ITEM_ALLOWED)
        batch->at++;
    return batch->at < batch->count;
}

static void write_next(struct batch *batch)
{
    struct batch_item *item = &batch->items[batch->at];
    const struct plant_device *device =
        plant_device(batch->plant, item->target.family, item->target.index);
    bool gone = !device || device->presence == DEVICE_GONE;

    item->state = gone ? ITEM_REFUSED : ITEM_DONE;
    fixture_edits.batch_items += !gone;
    bool last = !find_next(batch);
    item->result = last ? fixture_edits.result : RECORD_WRITTEN;
    snprintf(item->text, sizeof item->text, "%s",
             gone   ? "it doesn't answer any more"
             : last ? fixture_edits.told
                    : "written");
    if (last || batch->stopped)
        batch->phase = BATCH_ENDED;
}

void fixture_batch_step(void)
{
    struct batch *batch = fixture_edits.batch;

    if (!batch)
        return;
    if (batch->phase == BATCH_LOOKING) {
        for (int i = 0; i < LOOKED_AT_ONCE && batch->at < batch->count; i++)
            look_at(batch, &batch->items[batch->at++]);
        if (batch->at == batch->count)
            batch->phase = BATCH_READY;
    } else if (batch->phase == BATCH_WRITING && find_next(batch)) {
        write_next(batch);
    }
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
    return i < batch->count ? &batch->items[i] : NULL;
}

void batch_totals(const struct batch *batch, struct batch_totals *totals)
{
    *totals = (struct batch_totals){.all = batch->count};
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_item *item = &batch->items[i];
        bool done = item->state == ITEM_DONE;
        totals->looked += item->state != ITEM_WAITING;
        totals->allowed += item->state == ITEM_ALLOWED;
        totals->other_site += item->state == ITEM_ALLOWED && item->other_site;
        totals->same += item->state == ITEM_SAME;
        totals->refused += item->state == ITEM_REFUSED;
        totals->written += done && item->result == RECORD_WRITTEN;
        totals->unknown += done && item->result == RECORD_UNKNOWN;
        totals->failed += done && item->result != RECORD_WRITTEN && item->result != RECORD_UNKNOWN;
    }
}

// --- RAM and records -----------------------------------------------------------------------------

void fixture_keep(const char *target, unsigned id, double number, int64_t period, int64_t last,
                  const char *trouble)
{
    struct keep_status *keep = &fixture_edits.keeps[fixture_edits.keep_count++];

    *keep = (struct keep_status){.n = (unsigned)fixture_edits.keep_count,
                                 .number = number,
                                 .period = period,
                                 .written = last ? 7 : 0,
                                 .last = last,
                                 .trouble = trouble != NULL};
    target_parse(target, &keep->target);
    keep->datapoint = catalogue_find(keep->target.family, id);
    snprintf(keep->text, sizeof keep->text, "%s", trouble ? trouble : "");
}

enum xc_status keep_start(struct plant *plant, const struct target *target,
                          const struct datapoint *datapoint, double number, int64_t period,
                          bool written, unsigned *n, char *error, size_t error_size)
{
    char name[DEVICE_NAME_MAX];

    (void)plant;
    fixture_edits.starts++;
    fixture_edits.written = written;
    if (fixture_edits.cant_keep) {
        snprintf(error, error_size, "the clock can't be kept");
        return XC_USAGE;
    }
    fixture_keep(target_name(target, name, sizeof name), datapoint_id(datapoint), number, period,
                 written ? 1 : 0, NULL);
    *n = (unsigned)fixture_edits.keep_count;
    return XC_OK;
}

void keep_adopt(struct edit *edit)
{
    char name[DEVICE_NAME_MAX];

    if (edit->state != EDIT_WRITING && edit->state != EDIT_DONE)
        abort(); // nobody must come here with another one
    fixture_edits.adopted++;
    fixture_keep(target_name(&edit->target, name, sizeof name), datapoint_id(edit->datapoint),
                 fixture_edits.wish.number, fixture_edits.wish.keep_period, 0, NULL);
    edit_close(edit);
}

bool keep_stop(struct plant *plant, unsigned n)
{
    (void)plant;
    for (size_t i = 0; i < fixture_edits.keep_count; i++) {
        if (fixture_edits.keeps[i].n != n)
            continue;
        fixture_edits.stopped = n;
        fixture_edits.keep_count--;
        memmove(&fixture_edits.keeps[i], &fixture_edits.keeps[i + 1],
                (fixture_edits.keep_count - i) * sizeof *fixture_edits.keeps);
        return true;
    }
    return false;
}

bool keep_at(const struct plant *plant, size_t i, struct keep_status *status)
{
    (void)plant;
    if (i >= fixture_edits.keep_count)
        return false;
    *status = fixture_edits.keeps[i];
    return true;
}

int64_t plant_flashing(const struct plant *plant, enum family family, unsigned index)
{
    (void)plant;
    return fixture_edits.flashing_family == family && fixture_edits.flashing_index == index
               ? fixture_edits.flashing_left
               : 0;
}

void plant_confirm_site(struct plant *plant)
{
    (void)plant;
    fixture_edits.sites++;
}

bool plant_earlier_ram(struct plant *plant, enum family family, unsigned index, unsigned id,
                       double *number, int64_t *time)
{
    (void)plant;
    (void)family;
    (void)id;
    *number = fixture_edits.earlier;
    *time = INT64_C(1763726580) * 1000000; // 2025-11-21 12:03 UTC
    return index == 1 && !isnan(fixture_edits.earlier);
}

size_t plant_undo_notes(const struct plant *plant, const struct record *record,
                        char notes[UNDO_NOTES_MAX][EDIT_TEXT_MAX])
{
    (void)plant;
    (void)record;
    if (fixture_edits.undo_note)
        snprintf(notes[0], EDIT_TEXT_MAX, "%s", fixture_edits.undo_note);
    return fixture_edits.undo_note != NULL;
}
