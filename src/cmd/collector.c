// SPDX-License-Identifier: MIT
// One value is subscribed to at a time: what is wanted once is asked again after a reconnection,
// and minutes of reading would be lost with the link.
//
// Silence about one value doesn't tell whether the gateway is still there. So after it the value
// that was answered last is read again: with its answer the silent one is left for the end; without
// one it is for the session to lose its patience.
#include "cmd/collector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cmd/session.h"
#include "proto/scom.h"

enum { REASON_MAX = 128 };

// What is read of a device, in this order.
enum sweep { SWEEP_VALUES, SWEEP_LIMITS, SWEEP_VALUES_AGAIN, SWEEP_LIMITS_AGAIN, SWEEP_COUNT };

// Steps of a sweep over the values; before them the nominal voltages.
enum { STEP_BATTERY, STEP_AC, STEP_FIRST_VALUE };

enum result {
    RESULT_WAITING,
    RESULT_ANSWERED, // or its device isn't there
    RESULT_SILENT,
    RESULT_NONSENSE, // an answer that doesn't fit the question
};

struct collector {
    struct loop *loop;
    struct plant *plant;
    struct gateway *gateway;
    struct backup *backup;
    bool volts;
    size_t all, answered;
    char problem[REASON_MAX];

    // What is being read.
    enum sweep sweep;
    size_t device;
    size_t step;
    struct plant_ref ref;
    struct subscription *subscription;
    struct plant_ref asked;           // subscribed to: ref, or last
    struct gateway_outcomes outcomes; // when it was asked
    bool checking;                    // whether anybody is there
    struct plant_ref last;            // was answered; no id: nothing was
};

// --- Devices -------------------------------------------------------------------------------------

void collector_find(struct plant *plant, const struct target *named, size_t named_count,
                    struct backup *backup)
{
    const struct plant_device *found;
    size_t count = plant_devices(plant, &found);
    struct plant_link link;

    for (size_t i = 0; i < count; i++) {
        if (found[i].presence != DEVICE_PRESENT)
            continue;
        if (backup_device(backup, found[i].family, found[i].index))
            continue;
        struct backup_device *device = backup_add_device(backup, found[i].family, found[i].index);
        device->fid = found[i].fid;
        snprintf(device->model, sizeof device->model, "%s", found[i].model);
        snprintf(device->firmware, sizeof device->firmware, "%s", found[i].firmware);
    }
    plant_link(plant, &link);
    bool has_settings = named_count > 0 || (link.capabilities & GATEWAY_CLOCK);
    if (has_settings && session_names(named, named_count, FAMILY_RCC, 1))
        backup_add_device(backup, FAMILY_RCC, 1);
}

static struct backup_device *device_at(const struct collector *collector)
{
    return collector->backup->devices[collector->device];
}

// --- What is to be read --------------------------------------------------------------------------

static bool is_limits_sweep(enum sweep sweep)
{
    return sweep == SWEEP_LIMITS || sweep == SWEEP_LIMITS_AGAIN;
}

// The last time that it is tried.
static bool is_last_try(const struct collector *collector)
{
    bool volts = !is_limits_sweep(collector->sweep) && collector->step < STEP_FIRST_VALUE;
    return volts || collector->sweep >= SWEEP_VALUES_AGAIN;
}

static size_t steps_of(const struct backup_device *device, enum sweep sweep)
{
    if (is_limits_sweep(sweep))
        return device->ranges ? 2 * device->value_count : 0;
    return STEP_FIRST_VALUE + device->value_count;
}

static double *volts_at(struct backup_device *device, size_t step, unsigned *info)
{
    *info = step == STEP_BATTERY ? family_battery_volts_info(device->family)
                                 : family_ac_volts_info(device->family);
    return step == STEP_BATTERY ? &device->battery_v : &device->ac_v;
}

static double *limit_at(struct backup_device *device, size_t step)
{
    struct backup_range *range = &device->ranges[step / 2];
    return step % 2 == 0 ? &range->min : &range->max;
}

// What is asked for at a step; false if nothing is to be read there.
static bool describe(const struct collector *collector, struct backup_device *device, size_t step,
                     struct plant_ref *ref)
{
    unsigned info;

    *ref = (struct plant_ref){.family = device->family, .index = device->index, .parameter = true};
    if (is_limits_sweep(collector->sweep)) {
        const struct datapoint *dp = device->values[step / 2].datapoint;
        ref->id = datapoint_id(dp);
        ref->part = step % 2 == 0 ? PART_MIN : PART_MAX;
        return backup_has_range(dp) && !device->ranges[step / 2].failed &&
               isnan(*limit_at(device, step));
    }
    if (step >= STEP_FIRST_VALUE) {
        const struct backup_value *value = &device->values[step - STEP_FIRST_VALUE];
        ref->id = datapoint_id(value->datapoint);
        ref->part = PART_VALUE;
        return value->state == BACKUP_UNREAD;
    }
    double volts = *volts_at(device, step, &info);
    ref->parameter = false;
    ref->id = (uint16_t)info;
    return collector->volts && collector->sweep == SWEEP_VALUES && info != 0 && isnan(volts);
}

static size_t count_all(struct collector *collector)
{
    struct plant_ref ref;
    size_t count = 0;

    for (unsigned sweep = SWEEP_VALUES; sweep <= SWEEP_LIMITS; sweep++) {
        collector->sweep = (enum sweep)sweep;
        for (size_t i = 0; i < collector->backup->device_count; i++) {
            struct backup_device *device = collector->backup->devices[i];
            for (size_t step = 0; step < steps_of(device, collector->sweep); step++)
                count += describe(collector, device, step, &ref);
        }
    }
    collector->sweep = SWEEP_VALUES;
    return count;
}

// Something that a gateway that is there will answer.
static void begin_last(struct collector *collector)
{
    for (size_t i = 0; i < collector->backup->device_count && collector->last.id == 0; i++) {
        const struct backup_device *device = collector->backup->devices[i];
        collector->last =
            (struct plant_ref){.family = device->family,
                               .index = device->index,
                               .id = (uint16_t)family_battery_volts_info(device->family)};
    }
}

struct collector *collector_new(struct loop *loop, struct plant *plant, struct gateway *gateway,
                                struct backup *backup, bool volts)
{
    struct collector *collector = xcalloc(1, sizeof *collector);

    collector->loop = loop;
    collector->plant = plant;
    collector->gateway = gateway;
    collector->backup = backup;
    collector->volts = volts;
    collector->all = count_all(collector);
    begin_last(collector);
    return collector;
}

void collector_free(struct collector *collector)
{
    if (!collector)
        return;
    plant_unsubscribe(collector->plant, collector->subscription);
    free(collector);
}

// --- What has come -------------------------------------------------------------------------------

// An answer that may be another one a little later.
static bool is_passing(uint16_t error)
{
    return error == SCOM_GATEWAY_BUSY || error == SCOM_READ_PROPERTY_FAILED ||
           error == SCOM_RESPONSE_TIMEOUT || error == SCOM_DEVICE_NOT_FOUND;
}

static void take_number(struct collector *collector, double number)
{
    struct backup_device *device = device_at(collector);
    unsigned info;

    if (is_limits_sweep(collector->sweep)) {
        *limit_at(device, collector->step) = number;
        return;
    }
    if (collector->step < STEP_FIRST_VALUE) {
        *volts_at(device, collector->step, &info) = number;
        return;
    }
    backup_set(&device->values[collector->step - STEP_FIRST_VALUE], number);
    device->read = loop_wall(collector->loop) / LOOP_S;
}

static void take_failure(struct collector *collector, const char *reason)
{
    struct backup_device *device = device_at(collector);

    if (is_limits_sweep(collector->sweep)) {
        device->ranges[collector->step / 2].failed = true;
        // Without a minimum, the maximum isn't asked for.
        collector->answered += collector->step % 2 == 0;
    } else if (collector->step >= STEP_FIRST_VALUE) {
        backup_fail(&device->values[collector->step - STEP_FIRST_VALUE], reason);
    }
}

static void take_reading(struct collector *collector)
{
    struct reading reading = plant_reading(collector->plant, &collector->ref);
    bool gone = reading.quality == QUALITY_NONE || reading.quality == QUALITY_GONE;
    bool passing = reading.quality == QUALITY_REFUSED && is_passing(reading.error);
    char reason[REASON_MAX];

    // A stale one came before the link was lost.
    if (reading.quality == QUALITY_FRESH || reading.quality == QUALITY_STALE) {
        take_number(collector, reading.number);
        collector->last = collector->ref;
    } else if ((gone || passing) && !is_last_try(collector)) {
        return;
    } else {
        take_failure(collector, gone ? "the device isn't there any more"
                                     : plant_reading_reason(&reading, reason, sizeof reason));
    }
    collector->answered++;
}

static void take_result(struct collector *collector, enum result result)
{
    if (result == RESULT_ANSWERED) {
        take_reading(collector);
    } else if (is_last_try(collector)) {
        take_failure(collector,
                     result == RESULT_SILENT ? "no answer" : "an answer that makes no sense");
        collector->answered++;
    }
}

// --- Waiting -------------------------------------------------------------------------------------

// Whose values would be read: nobody else's.
static bool is_as_before(struct collector *collector)
{
    const struct plant_ref *asked = &collector->asked;
    const struct backup_device *device =
        backup_device(collector->backup, asked->family, asked->index);
    const struct plant_device *now = plant_device(collector->plant, asked->family, asked->index);
    char name[DEVICE_NAME_MAX];
    struct plant_link link;

    plant_link(collector->plant, &link);
    if (link.exchanged > 0) {
        snprintf(collector->problem, sizeof collector->problem,
                 "another installation is at this link now");
        return false;
    }
    if (device->fid != 0 && now && now->fid != 0 && now->fid != device->fid) {
        snprintf(collector->problem, sizeof collector->problem,
                 "%s is another device now, with FID %08X instead of %08X",
                 device_name(device->family, device->index, name, sizeof name), (unsigned)now->fid,
                 (unsigned)device->fid);
        return false;
    }
    return true;
}

static enum result look(struct collector *collector)
{
    struct gateway_outcomes outcomes;

    // While devices are being recognised nobody knows whose answer it is.
    if (plant_subscription_complete(collector->plant, collector->subscription) &&
        plant_discovery(collector->plant).state == DISCOVERY_DONE)
        return RESULT_ANSWERED;
    gateway_outcomes(collector->gateway, &outcomes);
    if (outcomes.malformed > collector->outcomes.malformed)
        return RESULT_NONSENSE;
    if (outcomes.silent > collector->outcomes.silent)
        return RESULT_SILENT;
    return RESULT_WAITING;
}

static void ask(struct collector *collector, const struct plant_ref *ref)
{
    gateway_outcomes(collector->gateway, &collector->outcomes);
    collector->asked = *ref;
    // What was refused a moment ago, perhaps when the device was recognised, is asked again at once
    // only when a person wants it; and the session doesn't wait for later.
    enum priority priority =
        collector->checking || is_last_try(collector) ? PRIORITY_PERSON : PRIORITY_SCREEN;
    collector->subscription = plant_subscribe(collector->plant, ref, 1, 0, priority);
}

// --- One after the other -------------------------------------------------------------------------

// Goes on to the next value that is to be read; false behind the last.
static bool find_next(struct collector *collector)
{
    for (; collector->sweep < SWEEP_COUNT; collector->sweep++, collector->device = 0) {
        for (; collector->device < collector->backup->device_count; collector->device++) {
            struct backup_device *device = device_at(collector);
            size_t steps = steps_of(device, collector->sweep);
            for (; collector->step < steps; collector->step++)
                if (describe(collector, device, collector->step, &collector->ref))
                    return true;
            collector->step = 0;
        }
    }
    return false;
}

static void end_question(struct collector *collector, enum result result)
{
    plant_unsubscribe(collector->plant, collector->subscription);
    collector->subscription = NULL;
    if (!collector->checking) {
        take_result(collector, result);
        collector->step++;
    }
    collector->checking = result == RESULT_SILENT && collector->last.id != 0;
}

bool collector_work(struct collector *collector)
{
    while (!collector->problem[0]) {
        if (collector->subscription) {
            if (!is_as_before(collector))
                return true;
            enum result result = look(collector);
            if (result == RESULT_WAITING)
                return false;
            end_question(collector, result);
        }
        if (collector->checking)
            ask(collector, &collector->last);
        else if (find_next(collector))
            ask(collector, &collector->ref);
        else
            return true;
    }
    return true;
}

// --- For the person ------------------------------------------------------------------------------

const char *collector_problem(const struct collector *collector)
{
    return collector->problem[0] ? collector->problem : NULL;
}

void collector_show(const struct collector *collector, struct progress *progress)
{
    char name[DEVICE_NAME_MAX] = "";

    if (collector->sweep < SWEEP_COUNT && collector->subscription)
        device_name(collector->asked.family, collector->asked.index, name, sizeof name);
    progress_show(progress, collector->answered, collector->all, name, loop_now(collector->loop));
}

// --- From beginning to end -----------------------------------------------------------------------

struct run {
    struct collector *collector;
    struct progress progress;
};

static bool run_on(void *arg)
{
    struct run *run = arg;
    bool done = collector_work(run->collector);

    collector_show(run->collector, &run->progress);
    return done;
}

int collector_read(struct session *session, const struct options *options, struct backup *backup)
{
    struct run run = {.collector = collector_new(session_loop(session), session_plant(session),
                                                 session_gateway(session), backup, false)};

    progress_begin(&run.progress, options->verbose, loop_now(session_loop(session)));
    int status = session_wait(session, run_on, &run, 0);
    progress_clear(&run.progress);
    if (status == EXIT_NO_ANSWER) {
        session_complain(session);
    } else if (status == EXIT_DONE && collector_problem(run.collector)) {
        complain("%s", collector_problem(run.collector));
        status = EXIT_REFUSED;
    }
    collector_free(run.collector);
    return status;
}
