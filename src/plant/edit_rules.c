// SPDX-License-Identifier: MIT
// What may be written, and what the person must know before saying yes.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "plant/edit_internal.h"

enum { CLOCK_PARAMETER = 5002 };

enum { FLASH_WRITES_GUARANTEED = 1000 }; // scom.md, "Parameters: flash and RAM"

bool edit_has_limits(const struct datapoint *datapoint)
{
    enum encoding encoding = datapoint_encoding(datapoint);

    return encoding == ENCODING_NUMBER || encoding == ENCODING_MINUTES_OF_DAY ||
           encoding == ENCODING_COSPHI;
}

void edit_limits(const struct edit *edit, double *min, double *max)
{
    *min = *max = (double)NAN;
    for (unsigned i = 0; i < edit->device_count; i++) {
        // fmax() and fmin() take the other one where one is NaN: one that gives no limits was
        // refused before.
        *min = fmax(*min, edit->devices[i].min);
        *max = fmin(*max, edit->devices[i].max);
    }
}

static double rounding(const struct edit_device *device, const struct datapoint *datapoint,
                       double number)
{
    double most = fmax(fabs(number), fmax(fabs(device->min), fabs(device->max)));

    return datapoint_rounding(datapoint, most);
}

bool edit_same_number(const struct edit_device *device, const struct datapoint *datapoint,
                      double asked, double read)
{
    if (datapoint_encoding(datapoint) == ENCODING_DATE)
        return fabs(asked - read) <= 60; // the clock goes on, and may be set a little late
    if (datapoint_format(datapoint) != FORMAT_FLOAT)
        return asked == read;
    return fabs(asked - read) <= rounding(device, datapoint, asked);
}

// --- Values --------------------------------------------------------------------------------------

static void refuse(struct edit_verdict *verdict, enum xc_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct edit_verdict *verdict, enum xc_status status, const char *format, ...)
{
    va_list args;

    verdict->status = status;
    va_start(args, format);
    vsnprintf(verdict->why, sizeof verdict->why, format, args);
    va_end(args);
}

bool edit_is_clock(const struct edit *edit)
{
    return datapoint_family(edit->datapoint) == FAMILY_RCC &&
           datapoint_id(edit->datapoint) == CLOCK_PARAMETER;
}

bool edit_is_identify(const struct edit *edit)
{
    return datapoint_family(edit->datapoint) == FAMILY_RCC &&
           datapoint_id(edit->datapoint) == IDENTIFY_PARAMETER;
}

bool edit_stays(const struct edit *edit)
{
    return edit_has_value(edit) && !edit_is_clock(edit) && !edit_is_identify(edit);
}

double edit_on_wire(const struct datapoint *datapoint, double number)
{
    return datapoint_format(datapoint) == FORMAT_FLOAT ? (double)(float)number : number;
}

static void check_limits(const struct edit *edit, double number, struct edit_verdict *verdict)
{
    const char *whose = edit->device_count == 1 ? "this device's" : "these devices'";
    char text[DATAPOINT_TEXT_MAX], limit[DATAPOINT_TEXT_MAX];
    double min, max;

    for (unsigned i = 0; i < edit->device_count; i++)
        if (!isfinite(edit->devices[i].min) || !isfinite(edit->devices[i].max)) {
            refuse(verdict, XC_UNSUPPORTED, "the device gives no limits: nothing is written");
            return;
        }
    edit_limits(edit, &min, &max);
    datapoint_exact_text(edit->datapoint, number, text, sizeof text);
    if (min > max)
        refuse(verdict, XC_RANGE, "there is no value that all of these devices allow");
    else if (edit_on_wire(edit->datapoint, number) < min)
        refuse(verdict, XC_RANGE, "%s is below %s minimum, %s", text, whose,
               datapoint_exact_text(edit->datapoint, min, limit, sizeof limit));
    else if (edit_on_wire(edit->datapoint, number) > max)
        refuse(verdict, XC_RANGE, "%s is above %s maximum, %s", text, whose,
               datapoint_exact_text(edit->datapoint, max, limit, sizeof limit));
}

static bool is_whole(double number)
{
    return number == floor(number);
}

static bool is_option(const struct datapoint *datapoint, double number)
{
    struct option option;

    for (size_t i = 0; datapoint_option(datapoint, i, &option); i++)
        if (option.value == number)
            return true;
    return false;
}

static bool is_mask_of_options(const struct datapoint *datapoint, double number)
{
    struct option option;
    uint32_t all = 0;

    for (size_t i = 0; datapoint_option(datapoint, i, &option); i++)
        all |= option.value;
    return number >= 0 && number <= UINT32_MAX && is_whole(number) &&
           ((uint32_t)number & ~all) == 0;
}

static void check_number(const struct edit *edit, double number, struct edit_verdict *verdict)
{
    const struct datapoint *datapoint = edit->datapoint;
    bool good = isfinite(number);

    switch (datapoint_encoding(datapoint)) {
    case ENCODING_NUMBER:
    case ENCODING_COSPHI:
        good = good && (datapoint_format(datapoint) == FORMAT_FLOAT || is_whole(number));
        break;
    case ENCODING_MINUTES_OF_DAY:
        good = good && is_whole(number) && number >= 0 && number <= 24 * 60;
        break;
    case ENCODING_BOOL:
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
        good = good && is_option(datapoint, number);
        break;
    case ENCODING_WEEKDAYS:
    case ENCODING_BITFIELD:
        good = good && is_mask_of_options(datapoint, number);
        break;
    case ENCODING_DATE:
        good = good && is_whole(number) && number >= 0 && number <= INT32_MAX;
        break;
    case ENCODING_SIGNAL:
        good = number == 1;
        break;
    default:
        good = false;
        break;
    }
    if (!good)
        refuse(verdict, XC_SYNTAX, "expected %s", datapoint_expects(datapoint));
    else if (edit_has_limits(datapoint))
        check_limits(edit, number, verdict);
}

// --- Where to ------------------------------------------------------------------------------------

static void check_flash(const struct edit *edit, struct edit_verdict *verdict)
{
    char name[DEVICE_NAME_MAX];

    for (unsigned i = 0; i < edit->device_count; i++)
        if (!edit->devices[i].stores_flash && !edit_is_saving_switch(edit)) {
            refuse(verdict, XC_UNSUPPORTED,
                   "%s doesn't save parameters in flash at present: nothing would be stored",
                   edit_device_name(&edit->devices[i], name));
            return;
        }
}

// It restarts when RAM writes stop coming, and this one would be the first.
static void check_watchdog(const struct edit *edit, const struct edit_device *device,
                           const struct edit_wish *wish, struct edit_verdict *verdict)
{
    char name[DEVICE_NAME_MAX];
    double delay;

    if (!edit_will_be_watched(edit, device, wish->number, &delay))
        return;
    edit_device_name(device, name);
    if (!(delay > 0))
        refuse(verdict, XC_UNSUPPORTED,
               "%s's watchdog is on with a delay that isn't known: a RAM write could restart it",
               name);
    else if (wish->keep_period <= 0 || (double)wish->keep_period * 2 >= delay * (double)LOOP_S)
        refuse(verdict, XC_UNSUPPORTED,
               "%s's watchdog %s on: it restarts when no RAM write comes for %.0f s; keep the "
               "value with a period below %.0f s, or %s",
               name, device->watched ? "is" : "would be", delay, delay / 2,
               device->watched ? "switch the watchdog off first" : "write it to flash");
}

static void check_ram(const struct edit *edit, const struct edit_wish *wish,
                      struct edit_verdict *verdict)
{
    char name[DEVICE_NAME_MAX];

    for (unsigned i = 0; i < edit->device_count && verdict->status == XC_OK; i++) {
        const struct edit_device *device = &edit->devices[i];
        edit_device_name(device, name);
        if (device->takes_ram)
            check_watchdog(edit, device, wish, verdict);
        else if (device->firmware[0])
            refuse(verdict, XC_UNSUPPORTED, "%s's firmware, %s, is too old for RAM writes", name,
                   device->firmware);
        else
            refuse(verdict, XC_UNSUPPORTED,
                   "%s doesn't tell its firmware, so it isn't known whether it takes RAM writes",
                   name);
    }
}

// Some gateways carry all values as FLOATs, which aren't exact for large whole numbers (can.md,
// "Rules").
static void check_carriage(const struct edit *edit, const struct edit_wish *wish,
                           struct edit_verdict *verdict)
{
    struct question question = edit_write_question(edit, wish);

    if (wish->now)
        question.number = INT32_MAX; // as good as any date
    if (gateway_check(edit->plant->gateway, &question) == XC_RANGE)
        refuse(verdict, XC_UNSUPPORTED,
               "this gateway can't carry such a large number exactly: nothing is written");
}

static void check_recording(const struct edit *edit, struct edit_verdict *verdict)
{
    const char *problem = plant_no_recording(edit->plant);

    if (problem)
        refuse(verdict, XC_IO, "it can't be recorded, so it isn't written: %s", problem);
}

// --- What to know --------------------------------------------------------------------------------

static void warn(struct edit_verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void warn(struct edit_verdict *verdict, const char *format, ...)
{
    va_list args;

    if (verdict->warning_count == EDIT_WARNINGS_MAX)
        return;
    va_start(args, format);
    vsnprintf(verdict->warnings[verdict->warning_count++], EDIT_TEXT_MAX, format, args);
    va_end(args);
}

static void warn_of_flash(const struct edit *edit, struct edit_verdict *verdict)
{
    char name[DEVICE_NAME_MAX];

    for (unsigned i = 0; i < edit->device_count; i++)
        if (edit->devices[i].flash_writes >= FLASH_WRITES_GUARANTEED)
            warn(verdict, "%s: %u flash writes are recorded here, %d are guaranteed",
                 edit_device_name(&edit->devices[i], name), edit->devices[i].flash_writes,
                 FLASH_WRITES_GUARANTEED);
}

static void warn_of_watchdogs(const struct edit *edit, double number, struct edit_verdict *verdict)
{
    char name[DEVICE_NAME_MAX];
    double delay;

    for (unsigned i = 0; i < edit->device_count; i++)
        if (edit_will_be_watched(edit, &edit->devices[i], number, &delay))
            warn(verdict,
                 "%s's watchdog is on: it restarts %.0f s after this program stops repeating the "
                 "value",
                 edit_device_name(&edit->devices[i], name), delay);
}

static void warn_of_ram(const struct edit *edit, struct edit_verdict *verdict)
{
    char name[DEVICE_NAME_MAX], value[DATAPOINT_TEXT_MAX], time[32];

    for (unsigned i = 0; i < edit->device_count; i++) {
        const struct edit_device *device = &edit->devices[i];
        if (!isnan(device->ram_before))
            warn(verdict,
                 "%s was written to %s's RAM on %s: unless it has restarted since, that runs",
                 datapoint_exact_text(edit->datapoint, device->ram_before, value, sizeof value),
                 edit_device_name(device, name),
                 text_local_time(device->ram_time, time, sizeof time));
    }
}

static void warn_of_kept(const struct edit *edit, double number, struct edit_verdict *verdict)
{
    const struct keep_status *kept = keep_against(edit, number);
    char name[DEVICE_NAME_MAX], value[DATAPOINT_TEXT_MAX];

    if (kept)
        warn(verdict, "%s of %s is kept, as number %u: it will be written again",
             datapoint_exact_text(edit->datapoint, kept->number, value, sizeof value),
             target_name(&kept->target, name, sizeof name), kept->n);
}

static void collect_warnings(const struct edit *edit, const struct edit_wish *wish,
                             struct edit_verdict *verdict)
{
    const char *reason = datapoint_effect_reason(edit->datapoint);

    if (edit->other_site)
        warn(verdict,
             "the last write recorded for %s went to another installation: is this the right one?",
             edit->plant->site);
    if (datapoint_is_dangerous(edit->datapoint))
        warn(verdict, "%s", reason[0] ? reason : "What this signal does isn't known.");
    else if (datapoint_effect(edit->datapoint) == EFFECT_CAUTION)
        warn(verdict, "%s", reason);
    // Phases are no addresses of the public protocol (can.md "Identifier"): maybe it answers.
    if (edit->target.kind == TARGET_PHASE &&
        !(gateway_capabilities(edit->plant->gateway) & GATEWAY_CLOCK))
        warn(verdict,
             "an Xcom-CAN isn't known to take writes to a phase: without an answer it won't "
             "be known whether it was done; to XT1, XT2 … it will");
    if (edit->gone[0])
        warn(verdict, "%s can't be reached now and won't get it", edit->gone);
    warn_of_ram(edit, verdict);
    warn_of_kept(edit, wish->number, verdict);
    if (!recording_open(edit->plant, true))
        warn(verdict, "this change isn't recorded");
    if (wish->flash)
        warn_of_flash(edit, verdict);
    else
        warn_of_watchdogs(edit, wish->number, verdict);
}

// A watchdog waits for what is kept: when that ends the device restarts.
static bool ends_in_restart(const struct edit *edit, double number)
{
    double delay;

    for (unsigned i = 0; i < edit->device_count; i++)
        if (edit_will_be_watched(edit, &edit->devices[i], number, &delay))
            return true;
    return false;
}

// The gravest reason decides.
static const char *word_for(const struct edit *edit, const struct edit_wish *wish)
{
    const char *word = effect_word(datapoint_effect(edit->datapoint));

    if (edit->other_site)
        return "site";
    if (datapoint_is_dangerous(edit->datapoint))
        return word ? word : "signal";
    if (wish->flash)
        return "flash";
    if (ends_in_restart(edit, wish->number))
        return effect_word(EFFECT_RESTART);
    return edit->target.kind != TARGET_DEVICE ? "all" : NULL;
}

// The document's steps are inexact, and some defaults are beside them: worth a word, no more. What
// a device has made of a multiple is one.
static void note_step(const struct edit *edit, double number, struct edit_verdict *verdict)
{
    struct datapoint_limits limits = datapoint_limits(edit->datapoint);
    char step[32];

    if (datapoint_encoding(edit->datapoint) != ENCODING_NUMBER || !(limits.step > 0))
        return;
    double beside = fabs(number - round(number / limits.step) * limits.step);
    if (beside <= fmin(rounding(&edit->devices[0], edit->datapoint, number), limits.step / 4))
        return;
    snprintf(verdict->note, sizeof verdict->note,
             "not a multiple of the step %s: the device may round it",
             text_number(step, sizeof step, limits.step, datapoint_decimals(edit->datapoint)));
}

// What it runs with, as far as that is certain; else NaN.
static double running(const struct edit *edit, const struct edit_device *device)
{
    double number;
    enum overlay_state state = plant_overlay(edit->plant, device->family, device->index,
                                             datapoint_id(edit->datapoint), &number);

    return state == OVERLAY_NONE ? device->value : state == OVERLAY_SURE ? number : (double)NAN;
}

// Every device has this value already, as far as that is certain.
static bool is_unchanged(const struct edit *edit, const struct edit_wish *wish)
{
    if (!edit_stays(edit))
        return false;
    for (unsigned i = 0; i < edit->device_count; i++) {
        const struct edit_device *device = &edit->devices[i];
        double now = wish->flash ? device->value : running(edit, device);
        if (isnan(now) || !edit_same_number(device, edit->datapoint, wish->number, now))
            return false;
    }
    return true;
}

static bool has_overlay(const struct edit *edit)
{
    double number;

    for (unsigned i = 0; i < edit->device_count; i++)
        if (plant_overlay(edit->plant, edit->devices[i].family, edit->devices[i].index,
                          datapoint_id(edit->datapoint), &number) != OVERLAY_NONE)
            return true;
    return false;
}

// Flash isn't worn for nothing. Over a value in RAM it is written: then that one runs.
static void check_need(const struct edit *edit, const struct edit_wish *wish,
                       struct edit_verdict *verdict)
{
    char value[DATAPOINT_TEXT_MAX], name[DEVICE_NAME_MAX];

    verdict->unchanged = !wish->now && is_unchanged(edit, wish);
    if (!verdict->unchanged || !wish->flash || has_overlay(edit))
        return;
    datapoint_exact_text(edit->datapoint, wish->number, value, sizeof value);
    if (edit->device_count == 1)
        refuse(verdict, XC_USAGE, "%s has %s in flash already: there is nothing to write",
               edit_device_name(&edit->devices[0], name), value);
    else
        refuse(verdict, XC_USAGE,
               "all %u devices have %s in flash already: there is nothing to write",
               edit->device_count, value);
}

void edit_check(const struct edit *edit, const struct edit_wish *wish, struct edit_verdict *verdict)
{
    *verdict = (struct edit_verdict){.status = XC_OK};
    if (edit->state != EDIT_READY) {
        refuse(verdict, XC_AGAIN, "not everything has been read yet");
        return;
    }
    if (!wish->now)
        check_number(edit, wish->number, verdict);
    if (verdict->status == XC_OK)
        check_carriage(edit, wish, verdict);
    if (verdict->status == XC_OK && wish->flash)
        check_flash(edit, verdict);
    else if (verdict->status == XC_OK)
        check_ram(edit, wish, verdict);
    if (verdict->status == XC_OK)
        check_recording(edit, verdict);
    if (verdict->status == XC_OK)
        check_need(edit, wish, verdict);
    if (verdict->status != XC_OK)
        return;
    if (!verdict->unchanged)
        note_step(edit, wish->number, verdict);
    collect_warnings(edit, wish, verdict);
    verdict->word = word_for(edit, wish);
}
