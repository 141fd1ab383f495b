// SPDX-License-Identifier: MIT
// The course of an edit up to the decision: find its devices, look at them; and whose turn it is.
//
// All looking is a list of single reads that is worked off from inside the answers. An edit's
// questions come before everything else that the plant asks, and one that writes before one that
// only reads.
#include "plant/edit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/edit_internal.h"

// Told in the next round: whoever hears it may close the edit.
static void touch(struct edit *edit)
{
    plant_touch(edit->plant);
    if (edit->changed && !edit->told.set)
        loop_timer_in(edit->plant->loop, &edit->told, 0);
}

static void on_told(void *arg)
{
    struct edit *edit = arg;

    if (edit->changed)
        edit->changed(edit->arg);
}

void edit_say(struct edit *edit, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(edit->text, sizeof edit->text, format, args);
    va_end(args);
}

char *edit_device_name(const struct edit_device *device, char out[DEVICE_NAME_MAX])
{
    return device_name(device->family, device->index, out, DEVICE_NAME_MAX);
}

char *edit_error_words(uint16_t error, char *out, size_t size)
{
    const char *text = catalogue_error_text(error);

    snprintf(out, size, "%s (0x%02X)", text ? text : "an error", (unsigned)error);
    return out;
}

// --- Devices -------------------------------------------------------------------------------------

static void add_device(struct edit *edit, enum family family, unsigned index)
{
    if (edit->device_count == edit->device_room) {
        size_t room = ++edit->device_room;
        edit->devices = xrealloc(edit->devices, room, sizeof *edit->devices);
        edit->facts = xrealloc(edit->facts, room, sizeof *edit->facts);
        edit->records = xrealloc(edit->records, room, sizeof *edit->records);
    }
    struct edit_device *device = &edit->devices[edit->device_count];
    *device = (struct edit_device){
        .family = family,
        .index = (uint8_t)index,
        .address = device_address(family, index),
        .value = (double)NAN,
        .min = (double)NAN,
        .max = (double)NAN,
        .overlay = (double)NAN,
        .read_back = (double)NAN,
    };
    struct facts *facts = &edit->facts[edit->device_count++];
    *facts = (struct facts){.known = {false}};
    for (unsigned i = 0; i < LOOK_COUNT; i++)
        facts->numbers[i] = (double)NAN;
}

void edit_fail(struct edit *edit, enum xc_status why)
{
    edit->state = EDIT_FAILED;
    edit->failure = why;
    edit->stage = EDIT_STAGE_REST;
    touch(edit);
}

// All present devices of the family, for a phase to be chosen from.
static void list_devices(struct edit *edit)
{
    const struct plant *plant = edit->plant;
    char name[DEVICE_NAME_MAX];
    size_t used = 0;

    edit->gone[0] = '\0';
    edit->seen = 0;
    for (size_t i = 0; i < plant->list_count; i++) {
        const struct plant_device *shown = &plant->list[i];
        if (shown->family != edit->target.family)
            continue;
        if (shown->presence == DEVICE_PRESENT) {
            add_device(edit, shown->family, shown->index);
            edit->seen |= (uint16_t)(1u << shown->index);
        } else {
            text_append(edit->gone, sizeof edit->gone, &used, "%s%s", used ? ", " : "",
                        device_name(shown->family, shown->index, name, sizeof name));
        }
    }
}

static void find_devices(struct edit *edit)
{
    char name[DEVICE_NAME_MAX];

    edit->device_count = 0;
    if (edit->target.kind == TARGET_DEVICE) {
        add_device(edit, edit->target.family, edit->target.index);
        edit_begin_reading(edit);
        return;
    }
    if (edit->plant->named_count > 0) {
        edit_say(edit, "%s reaches every %s, also those that aren't among the devices named",
                 target_name(&edit->target, name, sizeof name), family_title(edit->target.family));
        edit_fail(edit, XC_USAGE);
        return;
    }
    list_devices(edit);
    if (edit->device_count == 0) {
        if (edit->plant->watchdog)
            edit_say(edit,
                     "the SCOM watchdog (5095) is on, so nothing is searched for: write to each %s "
                     "by its name",
                     family_title(edit->target.family));
        else
            edit_say(edit, "there is no %s", family_title(edit->target.family));
        edit_fail(edit, XC_NOT_FOUND);
        return;
    }
    if (edit->target.kind == TARGET_MULTICAST) {
        edit_begin_reading(edit);
        return;
    }
    edit->stage = EDIT_STAGE_PHASES;
    edit_clear_looks(edit);
    for (unsigned i = 0; i < edit->device_count; i++)
        edit_add_look(edit, LOOK_PHASE, i);
}

// Keeps those that the request will reach.
void edit_choose_phase(struct edit *edit)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < edit->device_count; i++) {
        if (edit->facts[i].numbers[LOOK_PHASE] != 1 << (edit->target.index - 1))
            continue;
        edit->devices[kept] = edit->devices[i];
        edit->facts[kept++] = edit->facts[i];
    }
    edit->device_count = kept;
    if (kept > 0) {
        edit_begin_reading(edit);
        return;
    }
    edit_say(edit, "no Xtender is on phase L%u", (unsigned)edit->target.index);
    edit_fail(edit, XC_NOT_FOUND);
}

// --- Turns ---------------------------------------------------------------------------------------

void edit_notify(struct edit *edit)
{
    if (edit->closed && edit->state == EDIT_DONE)
        edit_close(edit);
    else
        touch(edit);
}

static void on_answer(struct plant *plant, const struct answer *answer)
{
    struct edit *edit = plant->edit_asking;

    plant->edit_asking = NULL;
    if (!edit)
        return; // closed meanwhile
    if (edit->stage == EDIT_STAGE_SEND)
        edit_sent(edit, answer);
    else
        edit_look_answered(edit, answer);
    edit_notify(edit);
}

void edit_ask(struct edit *edit, const struct question *question)
{
    edit->plant->edit_asking = edit;
    plant_ask(edit->plant, question, on_answer);
}

// It has something to do that doesn't wait for others.
static bool is_due(const struct edit *edit)
{
    struct plant *plant = edit->plant;

    if (edit->stage == EDIT_STAGE_FIND && edit->target.kind != TARGET_DEVICE) {
        if (plant->no_discovery)
            discovery_want(plant, edit->target.family);
        return !discovery_searches(plant);
    }
    return edit->stage != EDIT_STAGE_REST;
}

static struct edit *most_urgent(const struct plant *plant)
{
    struct edit *chosen = NULL;

    for (struct edit *edit = plant->edits; edit; edit = edit->next)
        if (is_due(edit) && (!chosen || edit->state == EDIT_WRITING))
            chosen = edit;
    return chosen;
}

// Asks its next question, or ends it.
static void go_on(struct edit *edit)
{
    if (edit->stage == EDIT_STAGE_FIND)
        find_devices(edit);
    edit_recognise(edit);
    if (edit->stage == EDIT_STAGE_SEND)
        edit_send(edit);
    else if (edit->stage != EDIT_STAGE_REST)
        edit_ask_look(edit);
}

void edits_lost(struct plant *plant)
{
    for (struct edit *edit = plant->edits, *next; edit; edit = next) {
        next = edit->next;
        if (edit == plant->edit_asking || edit->stage == EDIT_STAGE_REST)
            continue; // its answer tells it; it waits for nothing
        edit_lost(edit);
        edit_notify(edit);
    }
}

bool edits_ask(struct plant *plant)
{
    for (struct edit *edit; !plant->asking && (edit = most_urgent(plant)) != NULL;) {
        go_on(edit);
        if (!plant->asking)
            edit_notify(edit);
    }
    return plant->asking;
}

// --- The public face -----------------------------------------------------------------------------

enum xc_status edit_can_write(const struct plant *plant, const struct target *target,
                              const struct datapoint *datapoint, char *error, size_t error_size)
{
    if (plant->read_only) {
        snprintf(error, error_size, "nothing is written: the program was started read-only");
        return XC_READ_ONLY;
    }
    if (plant->gateway && gateway_through_read_only(plant->gateway)) {
        snprintf(error, error_size,
                 "nothing is written: xcomtop (pid %ld), which has the link, was started read-only",
                 gateway_through(plant->gateway));
        return XC_READ_ONLY;
    }
    if (datapoint_kind(datapoint) != KIND_PARAMETER) {
        snprintf(error, error_size, "%u is %s: only parameters can be written",
                 (unsigned)datapoint_id(datapoint),
                 datapoint_kind(datapoint) == KIND_INFO ? "a user info" : "a menu");
        return XC_USAGE;
    }
    if (datapoint_format(datapoint) == FORMAT_NONE) {
        snprintf(error, error_size, "%u can't be read or written over this protocol",
                 (unsigned)datapoint_id(datapoint));
        return XC_USAGE;
    }
    if (target_address(target) == 0 || target->family != datapoint_family(datapoint)) {
        snprintf(error, error_size,
                 "expected a device, a phase or a family to write to: XT1, L1, XT …");
        return XC_USAGE;
    }
    return XC_OK;
}

enum xc_status edit_open(struct plant *plant, const struct target *target,
                         const struct datapoint *datapoint, void (*changed)(void *arg), void *arg,
                         struct edit **out, char *error, size_t error_size)
{
    enum xc_status status = edit_can_write(plant, target, datapoint, error, error_size);

    *out = NULL;
    if (status != XC_OK)
        return status;
    struct edit *edit = xcalloc(1, sizeof *edit);
    edit->plant = plant;
    edit->target = *target;
    edit->datapoint = datapoint;
    edit->changed = changed;
    edit->arg = arg;
    edit->told = (struct loop_timer){.fire = on_told, .arg = edit};
    edit->state = EDIT_READING;
    edit->stage = EDIT_STAGE_FIND;
    edit->next = plant->edits;
    plant->edits = edit;
    plant_kick_soon(plant);
    *out = edit;
    return XC_OK;
}

static void remove_edit(struct edit *edit)
{
    struct plant *plant = edit->plant;
    struct edit **place = &plant->edits;

    while (*place != edit)
        place = &(*place)->next;
    *place = edit->next;
    if (plant->edit_asking == edit)
        plant->edit_asking = NULL;
    loop_timer_stop(plant->loop, &edit->told);
    loop_timer_stop(plant->loop, &edit->limit);
    free(edit->devices);
    free(edit->facts);
    free(edit->records);
    free(edit->looks);
    free(edit);
}

void edit_close(struct edit *edit)
{
    if (!edit)
        return;
    edit->closed = true;
    edit->changed = NULL;
    if (edit->state != EDIT_WRITING)
        remove_edit(edit);
}

void edits_free(struct plant *plant)
{
    for (struct edit *edit = plant->edits, *next; edit; edit = next) {
        next = edit->next;
        // What is on the wire may still be done.
        if (edit->state == EDIT_WRITING)
            edit_abandon(edit);
        remove_edit(edit);
    }
}

enum edit_state edit_state(const struct edit *edit)
{
    return edit->state;
}

const char *edit_text(const struct edit *edit)
{
    static const char *const stages[] = {
        [EDIT_STAGE_FIND] = "waiting for the gateway",
        [EDIT_STAGE_SEND] = "writing",
        [EDIT_STAGE_AGAIN] = "looking once more",
        [EDIT_STAGE_BACK] = "reading back",
    };
    struct edit *own = (struct edit *)edit; // its text is only worked out when it is wanted
    char name[DEVICE_NAME_MAX];

    if (edit->state == EDIT_WRITING)
        return stages[edit->stage] ? stages[edit->stage] : "writing";
    if (edit->state != EDIT_READING)
        return edit->text;
    if (edit->stage == EDIT_STAGE_FIND)
        return edit->plant->recognising && edit->target.kind != TARGET_DEVICE
                   ? "looking for devices"
                   : stages[EDIT_STAGE_FIND];
    edit_say(own, "reading from %s",
             edit->looks[edit->look_done].what == LOOK_GUID
                 ? "the gateway"
                 : edit_device_name(&edit->devices[edit->looks[edit->look_done].device], name));
    return edit->text;
}

enum xc_status edit_failure(const struct edit *edit)
{
    return edit->failure;
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
    return edit->state == EDIT_READING || edit->state == EDIT_FAILED ? 0 : edit->device_count;
}

void edit_progress(const struct edit *edit, unsigned *done, unsigned *all)
{
    *done = (unsigned)edit->look_done;
    *all = (unsigned)edit->look_count;
}
