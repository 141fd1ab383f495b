// SPDX-License-Identifier: MIT
#include "sim/sdcard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/logname.h"
#include "base/text.h"
#include "catalogue/address.h"
#include "sim/site.h"

enum {
    DAY_S = LOGNAME_DAY_S,
    SAVED_AT_S = 30,  // 00:00:30
    LOGGER_OFF = 4,   // 5101
    LINE_MAX = 2048,  // of a file
    MODEL_STEP_S = 60 // past days are gone through in such steps
};

#define SAVING_TAKES (4 * LOOP_S)

// --- Which files there are -----------------------------------------------------------------------

static int64_t last_saved_day(const struct sim *sim)
{
    return (site_clock(sim) - SAVED_AT_S) / DAY_S - 1;
}

static void add_day(struct sdcard *sd, int64_t day)
{
    if (sd->count == sd->room) {
        sd->room = 2 * sd->room + 16;
        sd->days = xrealloc(sd->days, sd->room, sizeof *sd->days);
    }
    sd->days[sd->count++] = day;
}

void sdcard_begin(struct sim *sim)
{
    sim->sd.last = last_saved_day(sim);
    sim->sd.new_file = sim->options.log_days > 0;
    for (unsigned ago = sim->options.log_days; ago > 0; ago--)
        add_day(&sim->sd, sim->sd.last + 1 - (int64_t)ago);
}

void sdcard_end(struct sim *sim)
{
    free(sim->sd.days);
}

static void keep_note(struct sdcard *sd, int64_t day)
{
    if (sd->note_length == 0)
        return;
    memcpy(sd->saved_note, sd->note, sd->note_length);
    sd->saved_note_length = sd->note_length;
    sd->saved_note_day = day;
    sd->note_length = 0;
}

static bool can_save(const struct sim *sim)
{
    return !sim->sd.absent && !sim->sd.full &&
           site_running_id(sim, FAMILY_RCC, 0, 5101) != LOGGER_OFF;
}

void sdcard_advance(struct sim *sim)
{
    struct sdcard *sd = &sim->sd;
    int64_t day = last_saved_day(sim);

    if (day <= sd->last)
        return;
    sd->last = day;
    sd->today_clock = 0;
    if (!can_save(sim))
        return;
    // It happened then, not when somebody looked.
    int64_t ago = site_clock(sim) - (day + 1) * DAY_S - SAVED_AT_S;
    sd->saving_until =
        loop_now(sim->loop) - ago * LOOP_S / (int64_t)sim->options.speed + SAVING_TAKES;
    sd->new_file = true;
    keep_note(sd, day);
    add_day(sd, day);
}

void sdcard_save(struct sim *sim)
{
    struct sdcard *sd = &sim->sd;

    if (!can_save(sim))
        return;
    sd->today = site_clock(sim) / DAY_S;
    sd->today_clock = site_clock(sim);
    sd->saving_until = loop_now(sim->loop) + SAVING_TAKES;
    sd->new_file = true;
    keep_note(sd, sd->today);
}

void sdcard_erase(struct sim *sim, size_t count)
{
    struct sdcard *sd = &sim->sd;

    if (count == SIZE_MAX)
        sd->today_clock = 0;
    if (count > sd->count)
        count = sd->count;
    sd->count -= count;
    if (sd->count > 0)
        memmove(sd->days, sd->days + count, sd->count * sizeof *sd->days);
}

uint8_t sdcard_flags(const struct sim *sim)
{
    const struct sdcard *sd = &sim->sd;
    uint8_t flags = SCOM_DATALOG_SUPPORTED;

    if (sd->absent)
        return flags;
    return (uint8_t)(flags | SCOM_SD_PRESENT | (sd->full ? SCOM_SD_FULL : 0) |
                     (sd->new_file ? SCOM_NEW_DATALOG : 0));
}

// --- Content -------------------------------------------------------------------------------------

struct text {
    char *bytes;
    size_t length, room;
};

static void put(struct text *text, const char *bytes, size_t length)
{
    if (text->room - text->length < length) {
        text->room = 2 * text->room + length;
        text->bytes = xrealloc(text->bytes, text->room, 1);
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

static void put_name(struct text *text, int64_t day)
{
    char name[LOGNAME_MAX];

    logname_make(day, name);
    put(text, name, strlen(name));
    put(text, "\n", 1);
}

uint8_t *sdcard_directory(const struct sim *sim, size_t *length)
{
    const struct sdcard *sd = &sim->sd;
    struct text text = {.room = 64};

    if (sd->absent)
        return NULL;
    text.bytes = xcalloc(1, text.room);
    for (size_t i = 0; i < sd->count; i++)
        put_name(&text, sd->days[i]);
    if (sd->today_clock > 0)
        put_name(&text, sd->today);
    *length = text.length;
    return (uint8_t *)text.bytes;
}

// What is logged of each device.
static const struct {
    enum family family;
    unsigned id;
} columns[] = {
    {FAMILY_BSP, 7000}, {FAMILY_BSP, 7001}, {FAMILY_BSP, 7002}, {FAMILY_BMS, 7000},
    {FAMILY_BMS, 7001}, {FAMILY_BMS, 7002}, {FAMILY_XT, 3000},  {FAMILY_XT, 3005},
    {FAMILY_XT, 3137},  {FAMILY_XT, 3136},  {FAMILY_XT, 3028},  {FAMILY_VT, 11001},
    {FAMILY_VT, 11004}, {FAMILY_VT, 11007}, {FAMILY_VS, 15001}, {FAMILY_VS, 15010},
    {FAMILY_VS, 15017},
};

// A line of the file: of names when past is NULL.
static void put_line(const struct sim *sim, const struct sim *past, struct text *text)
{
    char line[LINE_MAX], device[16];
    size_t used = 0;

    if (past) {
        time_t clock = (time_t)site_clock(past);
        struct tm tm;
        gmtime_r(&clock, &tm);
        used = strftime(line, sizeof line, "%d.%m.%Y %H:%M", &tm);
    } else {
        text_append(line, sizeof line, &used, "time");
    }
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        for (unsigned i = 1; i <= site_count(sim, columns[c].family); i++) {
            const struct datapoint *dp = catalogue_find(columns[c].family, columns[c].id);
            double value = past && dp ? site_info(past, dp, i) : 0;
            if (!dp)
                continue;
            if (!past)
                text_append(line, sizeof line, &used, ",%s %u %s",
                            device_name(columns[c].family, i, device, sizeof device), columns[c].id,
                            datapoint_unit(dp));
            else if (isfinite(value))
                text_append(line, sizeof line, &used, ",%.2f", value);
            else
                text_append(line, sizeof line, &used, ",");
        }
    put(text, line, used);
    put(text, "\r\n", 2);
}

static bool has_day(const struct sdcard *sd, int64_t day)
{
    for (size_t i = 0; i < sd->count; i++)
        if (sd->days[i] == day)
            return true;
    return false;
}

uint8_t *sdcard_file(const struct sim *sim, int64_t day, size_t *length)
{
    const struct sdcard *sd = &sim->sd;
    bool whole = has_day(sd, day);
    bool part = sd->today_clock > 0 && day == sd->today;
    struct text text = {.room = 65536};

    if (sd->absent || (!whole && !part))
        return NULL;
    // A day passes before that isn't logged.
    struct sim *past = site_past(sim, (day - 1) * DAY_S);
    text.bytes = xcalloc(1, text.room);
    put_line(sim, NULL, &text);
    int64_t end = whole ? (day + 1) * DAY_S : sd->today_clock;
    for (int64_t at = day * DAY_S; at < end; at += (int64_t)sim->options.log_minutes * 60) {
        model_run(&past->model, at, MODEL_STEP_S);
        put_line(sim, past, &text);
    }
    if (sd->saved_note_length > 0 && sd->saved_note_day == day) {
        put(&text, "note,", 5);
        put(&text, sd->saved_note, sd->saved_note_length);
        put(&text, "\r\n", 2);
    }
    free(past);
    *length = text.length;
    return (uint8_t *)text.bytes;
}
