// SPDX-License-Identifier: MIT
// Kept values: written to RAM again on the edge of a restart, and every period. Each time is an
// edit of its own, with all of its checks and its record.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "plant/edit.h"
#include "plant/edit_internal.h"
#include "plant/internal.h"

#define RETRY     (30 * LOOP_S)
#define RETRY_MAX (3600 * LOOP_S)
#define PAUSE_MIN (1 * LOOP_S)

struct keep {
    struct keep *next;
    struct plant *plant;
    struct keep_status status;
    uint32_t fid; // of the one device it is kept for; 0 while unknown
    struct edit *edit;
    struct subscription *watch; // is its device still there?
    int64_t began;              // the last time
    int64_t retry;              // until the next one, after an attempt that failed
    struct loop_timer timer;    // the next time
    struct loop_timer progress; // the edit has got on
};

// A period goes from beginning to beginning: on a slow line all that is looked at takes its time,
// and a watchdog waits for the writes.
static void schedule(struct keep *keep, int64_t period)
{
    int64_t soonest = loop_now(keep->plant->loop) + PAUSE_MIN;
    int64_t at = keep->began + period;

    if (period > 0)
        loop_timer_at(keep->plant->loop, &keep->timer, at > soonest ? at : soonest);
    else
        loop_timer_stop(keep->plant->loop, &keep->timer);
}

static void note(struct keep *keep, bool trouble, const char *text)
{
    keep->status.trouble = trouble;
    snprintf(keep->status.text, sizeof keep->status.text, "%s", text);
    plant_touch(keep->plant);
}

static void end_edit(struct keep *keep)
{
    edit_close(keep->edit);
    keep->edit = NULL;
}

// The period, or sooner.
static void try_again(struct keep *keep, int64_t retry)
{
    int64_t period = keep->status.period;

    schedule(keep, period > 0 && period < retry ? period : retry);
}

// Nothing was sent: its device isn't there yet, or the link is down.
static void put_off(struct keep *keep, const char *text)
{
    note(keep, true, text);
    end_edit(keep);
    try_again(keep, RETRY);
}

// It is kept for a device, not for whichever has its number, and where somebody wanted it; text
// says why not.
static bool is_the_right_one(struct keep *keep, char text[EDIT_TEXT_MAX])
{
    const struct target *target = &keep->status.target;
    const struct edit_device *devices;
    char name[DEVICE_NAME_MAX];

    edit_devices(keep->edit, &devices);
    if (keep->fid == 0)
        keep->fid = devices[0].fid;
    if (target->kind == TARGET_DEVICE && keep->fid != devices[0].fid) {
        snprintf(text, EDIT_TEXT_MAX, "%s is another device than the one whose value is kept",
                 target_name(target, name, sizeof name));
        return false;
    }
    if (keep->edit->other_site) {
        snprintf(text, EDIT_TEXT_MAX,
                 "the last write recorded for %s went to another installation: give its guid, or "
                 "confirm it with a write",
                 keep->plant->site);
        return false;
    }
    return true;
}

static void write_it(struct keep *keep)
{
    const struct edit_wish wish = {.number = keep->status.number,
                                   .keep_period = keep->status.period};
    struct edit_verdict verdict;
    char text[EDIT_TEXT_MAX];

    if (!is_the_right_one(keep, text)) {
        put_off(keep, text);
        return;
    }
    edit_check(keep->edit, &wish, &verdict);
    if (verdict.status != XC_OK || edit_write(keep->edit, &wish, 0) != XC_OK)
        put_off(keep, verdict.why);
}

// The shortest delay of its devices whose watchdogs are on.
static void note_watchdogs(struct keep *keep)
{
    const struct edit *edit = keep->edit;
    double shortest = INFINITY, delay;

    for (unsigned i = 0; i < edit->device_count; i++)
        if (edit_will_be_watched(edit, &edit->devices[i], edit->wish.number, &delay))
            shortest = fmin(shortest, delay);
    keep->status.watchdog_s = isfinite(shortest) ? shortest : 0;
}

static void take_result(struct keep *keep)
{
    enum record_result result = edit_result(keep->edit);

    note_watchdogs(keep);
    if (result == RECORD_NOT_SENT) {
        put_off(keep, edit_text(keep->edit));
        return;
    }
    note(keep, result != RECORD_WRITTEN, edit_text(keep->edit));
    end_edit(keep);
    if (result == RECORD_WRITTEN) {
        keep->status.written++;
        keep->status.last = loop_now(keep->plant->loop);
        keep->retry = RETRY;
        schedule(keep, keep->status.period);
        return;
    }
    // Each of these is recorded: what is refused for good is tried ever more rarely.
    try_again(keep, keep->retry);
    keep->retry = keep->retry * 2 < RETRY_MAX ? keep->retry * 2 : RETRY_MAX;
}

static void on_progress(void *arg)
{
    struct keep *keep = arg;

    switch (keep->edit ? edit_state(keep->edit) : EDIT_WRITING) {
    case EDIT_FAILED:
        put_off(keep, edit_text(keep->edit));
        break;
    case EDIT_READY:
        write_it(keep);
        break;
    case EDIT_DONE:
        take_result(keep);
        break;
    default:
        break;
    }
}

static void on_edit(void *arg)
{
    struct keep *keep = arg;

    loop_timer_in(keep->plant->loop, &keep->progress, 0);
}

static void begin(void *arg)
{
    struct keep *keep = arg;
    char error[EDIT_TEXT_MAX];

    if (keep->edit)
        return; // it is at it
    keep->began = loop_now(keep->plant->loop);
    if (edit_open(keep->plant, &keep->status.target, keep->status.datapoint, on_edit, keep,
                  &keep->edit, error, sizeof error) != XC_OK)
        put_off(keep, error);
}

static void remove_keep(struct keep **place)
{
    struct keep *keep = *place;

    *place = keep->next;
    loop_timer_stop(keep->plant->loop, &keep->timer);
    loop_timer_stop(keep->plant->loop, &keep->progress);
    edit_close(keep->edit);
    plant_unsubscribe(keep->plant, keep->watch);
    free(keep);
}

static bool is_for(const struct keep *keep, const struct target *target,
                   const struct datapoint *datapoint)
{
    const struct target *own = &keep->status.target;

    return keep->status.datapoint == datapoint && own->kind == target->kind &&
           own->family == target->family && own->index == target->index;
}

// A new one takes the place of the former: two would overwrite each other.
static struct keep *add_keep(struct plant *plant, const struct target *target,
                             const struct datapoint *datapoint, double number, int64_t period)
{
    struct keep *keep = xcalloc(1, sizeof *keep);
    struct keep **place = &plant->keeps;

    while (*place)
        if (is_for(*place, target, datapoint))
            remove_keep(place);
        else
            place = &(*place)->next;
    *place = keep;
    keep->plant = plant;
    keep->timer = (struct loop_timer){.fire = begin, .arg = keep};
    keep->progress = (struct loop_timer){.fire = on_progress, .arg = keep};
    keep->status = (struct keep_status){.n = ++plant->keeps_started,
                                        .target = *target,
                                        .datapoint = datapoint,
                                        .number = number,
                                        .period = period};
    keep->watch = devices_watch(plant, target);
    keep->began = loop_now(plant->loop);
    keep->retry = RETRY;
    plant_touch(plant);
    return keep;
}

enum xc_status keep_start(struct plant *plant, const struct target *target,
                          const struct datapoint *datapoint, double number, int64_t period,
                          bool written, unsigned *n, char *error, size_t error_size)
{
    enum xc_status status = edit_can_write(plant, target, datapoint, error, error_size);
    const struct plant_device *shown = plant_device(plant, target->family, target->index);

    if (status != XC_OK)
        return status;
    if (!datapoint_is_setting(datapoint)) {
        snprintf(error, error_size, "%u can't be kept: it is done once, or runs by itself",
                 (unsigned)datapoint_id(datapoint));
        return XC_USAGE;
    }
    struct keep *keep = add_keep(plant, target, datapoint, number, period);
    if (shown && target->kind == TARGET_DEVICE)
        keep->fid = shown->fid;
    if (written) {
        keep->status.written = 1;
        keep->status.last = keep->began;
        schedule(keep, period);
    } else {
        begin(keep);
    }
    *n = keep->status.n;
    return XC_OK;
}

void keep_adopt(struct edit *edit)
{
    struct keep *keep = add_keep(edit->plant, &edit->target, edit->datapoint, edit->wish.number,
                                 edit->wish.keep_period);

    if (edit->target.kind == TARGET_DEVICE)
        keep->fid = edit->devices[0].fid;
    keep->edit = edit;
    edit->changed = on_edit;
    edit->arg = keep;
    on_edit(keep); // it may have ended already
}

bool keep_stop(struct plant *plant, unsigned n)
{
    for (struct keep **place = &plant->keeps; *place; place = &(*place)->next)
        if ((*place)->status.n == n) {
            remove_keep(place);
            plant_touch(plant);
            return true;
        }
    return false;
}

bool keep_at(const struct plant *plant, size_t i, struct keep_status *status)
{
    const struct keep *keep = plant->keeps;

    for (; keep && i > 0; i--)
        keep = keep->next;
    if (keep)
        *status = keep->status;
    return keep != NULL;
}

const struct keep_status *keep_against(const struct edit *edit, double number)
{
    for (const struct keep *keep = edit->plant->keeps; keep; keep = keep->next) {
        bool reaches = keep->status.target.kind != TARGET_DEVICE;
        for (unsigned i = 0; i < edit->device_count; i++)
            reaches = reaches || keep->status.target.index == edit->devices[i].index;
        if (reaches && keep->status.datapoint == edit->datapoint && keep->status.number != number)
            return &keep->status;
    }
    return NULL;
}

void keeps_restarted(struct plant *plant, enum family family, unsigned index)
{
    for (struct keep *keep = plant->keeps; keep; keep = keep->next) {
        const struct target *target = &keep->status.target;
        bool meant =
            family == FAMILY_NONE ||
            (target->family == family && (target->kind != TARGET_DEVICE || target->index == index));
        if (meant)
            loop_timer_in(plant->loop, &keep->timer, 0);
    }
}

void keeps_free(struct plant *plant)
{
    while (plant->keeps)
        remove_keep(&plant->keeps);
}
