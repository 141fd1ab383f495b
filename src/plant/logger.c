// SPDX-License-Identifier: MIT
#include "plant/logger.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/logger_internal.h"
#include "plant/messages.h"

// Clocks that differ by less are right enough.
#define DRIFT_TOLD (60 * LOOP_S)
#define FIRST_LOOK (5 * LOOP_S)

enum { RUSHED_TOLD = 5 }; // rows in a row
// An hour, in clocks that aren't set every day.
#define HOUR_LEAST (55 * 60 * LOOP_S)
#define HOUR_MOST  (65 * 60 * LOOP_S)

const char *const logger_format_names[LOGGER_FORMAT_COUNT] = {"csv", "jsonl", "sqlite"};

static void tell(struct logger *logger, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(struct logger *logger, const char *format, ...)
{
    char line[LOGFILE_TEXT_MAX + 80];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (logger->calls->tell)
        logger->calls->tell(logger->arg, line);
}

static void change(struct logger *logger)
{
    if (logger->calls->changed)
        logger->calls->changed(logger->arg);
}

// --- A new file ----------------------------------------------------------------------------------

// Hours or days of local time: a number that is another one in the next.
static int64_t period_of(enum rotation rotation, int64_t wall)
{
    time_t seconds = (time_t)(wall / LOOP_S);
    struct tm local;

    if (!localtime_r(&seconds, &local))
        return 0;
    int64_t day = local.tm_year * 366 + local.tm_yday;
    // Of the hour that comes twice when summer time ends, the second one is another.
    return rotation == ROTATE_DAILY ? day : (day * 24 + local.tm_hour) * 2 + (local.tm_isdst == 0);
}

// length: of the next row, where it matters.
static bool is_due(struct logger *logger, size_t length)
{
    enum rotation rotation = logger->options.rotation;

    if (rotation == ROTATE_NEVER || logger->kind->is_empty(logger))
        return false;
    if (rotation == ROTATE_SIZE)
        return logger->kind->size(logger) + (int64_t)length > logger->options.rotate_size;
    // Of what was written before this program began, the file tells.
    return logger->unrotated ||
           period_of(rotation, logger->last ? logger->last : logger->kind->last(logger)) !=
               period_of(rotation, loop_wall(logger->loop));
}

static void rotate(struct logger *logger)
{
    char note[LOGFILE_TEXT_MAX];
    bool done = logger->kind->rotate(logger, note) == XC_OK;

    if (!done && !logger->unrotated)
        tell(logger, "%s", note);
    logger->unrotated = !done;
}

// Rows of two installations in one file would be those of none: XC_IO with why in note when it
// can't be made sure that they aren't.
static enum xc_status claim(struct logger *logger, char note[LOGFILE_TEXT_MAX])
{
    char owner[TEXT_GUID_MAX];

    if (logger->claimed || !logger->path || !logger->plant->guid_known)
        return XC_OK;
    enum xc_status status =
        logger->kind->claim(logger, text_guid(owner, logger->plant->guid), note);
    logger->claimed = status == XC_OK;
    if (status == XC_OK && *note)
        tell(logger, "%s", note);
    return status;
}

// --- Rows ----------------------------------------------------------------------------------------

static bool put(struct logger *logger, int64_t time, const double *numbers)
{
    char note[LOGFILE_TEXT_MAX] = "";
    bool synced = loop_now(logger->loop) - logger->synced >= logger->options.sync;
    bool done = claim(logger, note) == XC_OK;
    size_t length = logger->options.rotation == ROTATE_SIZE
                        ? logger->kind->next_size(logger, time, numbers, logger->why)
                        : 0;

    if (done && logger->path && is_due(logger, length))
        rotate(logger);
    done = done && logger->kind->add(logger, time, numbers, logger->why, synced, note) == XC_OK;
    if (!done && !logger->full)
        tell(logger, "%s: rows are lost until that is over", note);
    else if (done && logger->full)
        tell(logger, "rows are written again");
    else if (done && *note)
        tell(logger, "%s", note);
    snprintf(logger->error, sizeof logger->error, "%s", done ? "" : note);
    logger->full = !done;
    if (done) {
        logger->added = loop_now(logger->loop);
        logger->unsynced = !synced;
    }
    if (done && synced)
        logger->synced = logger->added;
    return done;
}

static bool is_there(const struct logger *logger, const struct plant_ref *ref)
{
    const struct plant *plant = logger->plant;
    const struct plant_device *device = plant_device(plant, ref->family, ref->index);

    if (ref->index == PLANT_SUM || ref->index == PLANT_AVERAGE)
        return plant_family_count(plant, ref->family) > 0;
    // The gateway is no device that is found; a BMS is meant by BSP, too.
    if (ref->family == FAMILY_RCC)
        return true;
    if (!device && ref->family == FAMILY_BSP)
        device = plant_device(plant, FAMILY_BMS, ref->index);
    return device && device->presence == DEVICE_PRESENT;
}

static bool is_anyone_there(const struct logger *logger)
{
    for (size_t i = 0; i < logger->count; i++)
        if (is_there(logger, &logger->refs[i]))
            return true;
    return false;
}

// Values of a device follow each other: each is named once.
static void tell_missing(struct logger *logger)
{
    char names[200] = "", last[DEVICE_NAME_MAX] = "", name[DEVICE_NAME_MAX];
    size_t used = 0, count = 0;

    for (size_t i = 0; i < logger->count; i++) {
        plant_ref_device(&logger->refs[i], name, sizeof name);
        if (is_there(logger, &logger->refs[i]) || strcmp(name, last) == 0)
            continue;
        text_append(names, sizeof names, &used, "%s%s", count++ > 0 ? ", " : "", name);
        memcpy(last, name, sizeof last);
    }
    if (count == 0)
        return;
    // What is told here isn't told again with the first row that has no values.
    logger->silent = !is_anyone_there(logger);
    tell(logger, "%s %s there (yet): %s", names, count == 1 ? "isn't" : "aren't",
         logger->silent ? "waiting for a first value"
         : count == 1   ? "its column stays empty"
                        : "their columns stay empty");
}

// At the beginning of a connection a row may come too early; that isn't worth a line. Nor is what
// the link does in its first seconds.
static void take_silence(struct logger *logger)
{
    struct plant_link link;
    char why[LOGGER_WHY_MAX];

    plant_link(logger->plant, &link);
    if (link.state == GATEWAY_UP)
        snprintf(logger->error, sizeof logger->error, "no values: %s, but: %s", link.text,
                 sampler_why(logger->sampler, 0, why, sizeof why));
    else
        snprintf(logger->error, sizeof logger->error, "no values: %s", link.text);
    bool patient = logger->rows == 0 && loop_now(logger->loop) - logger->begun < FIRST_LOOK;
    if (!logger->silent && !patient && (link.state != GATEWAY_UP || logger->empty)) {
        logger->silent = true;
        tell(logger, "%s", logger->error);
    }
    logger->empty = true;
    change(logger);
}

static void end_silence(struct logger *logger)
{
    if (logger->silent)
        tell(logger, logger->rows > 0 ? "values come again" : "values come");
    logger->silent = logger->empty = false;
}

// Rows have the computer's time; the devices' own schedules and messages go by the installation's.
static void look_at_clock(struct logger *logger, int64_t time)
{
    int64_t offset;
    char age[32], line[120];

    if (logger->options.demo || !plant_clock_offset(logger->plant, &offset) ||
        llabs(offset - logger->drift) < DRIFT_TOLD)
        return;
    logger->drift = offset;
    bool is_an_hour = llabs(offset) >= HOUR_LEAST && llabs(offset) <= HOUR_MOST;
    text_age(age, sizeof age, (double)llabs(offset) / (double)LOOP_S);
    if (llabs(offset) < DRIFT_TOLD)
        snprintf(line, sizeof line, "the installation's clock is right again");
    else
        snprintf(line, sizeof line, "the installation's clock is %s %s this computer's%s", age,
                 offset < 0 ? "behind" : "ahead of", is_an_hour ? ": daylight saving?" : "");
    tell(logger, "! %s", line);
    if (logger->kind->remark)
        logger->kind->remark(logger, time, line);
}

static void look_at_devices(struct logger *logger)
{
    bool others = sampler_meets_others(logger->sampler);

    if (others && !logger->others)
        tell(logger, "! another device or installation answers than at the beginning: what isn't "
                     "the same isn't logged");
    logger->others = others;
}

// At the beginning, and when somebody looks at other values, a row or two may come too soon.
static void look_at_time(struct logger *logger)
{
    size_t rushed = sampler_rushed(logger->sampler);

    logger->rushed = rushed > 0 ? logger->rushed + 1 : 0;
    if (logger->rushed != RUSHED_TOLD || logger->rush_told)
        return;
    logger->rush_told = true;
    tell(logger,
         "! %zu of %zu values had no time: so many can't be read every %g s; choose a longer "
         "--every, or fewer values",
         rushed, logger->count, (double)logger->options.every / (double)LOOP_S);
}

static void take_sample(void *arg, int64_t time, const double *numbers, size_t known)
{
    struct logger *logger = arg;

    if (logger->state != LOGGER_RUNNING)
        return;
    look_at_devices(logger);
    if (known == 0) {
        take_silence(logger);
        return;
    }
    end_silence(logger);
    look_at_time(logger);
    look_at_clock(logger, time);
    for (size_t i = 0; logger->options.why && i < logger->count; i++)
        sampler_why(logger->sampler, i, logger->why[i], sizeof *logger->why);
    if (put(logger, time, numbers)) {
        logger->last = loop_wall(logger->loop);
        if (++logger->rows == logger->options.rows)
            logger->state = LOGGER_ENDED;
    }
    change(logger);
}

static void sync_file(void *arg)
{
    struct logger *logger = arg;

    // Rows may be rare.
    logger->kind->look(logger);
    if (logger->kind->sync(logger) != XC_OK && !logger->full)
        tell(logger, "%s: it can't be brought onto the disk", logger->path);
    loop_timer_in(logger->loop, &logger->sync, logger->options.sync);
}

// Whoever has begun to log should know why nothing happens.
static void look_at_beginning(void *arg)
{
    struct logger *logger = arg;
    struct plant_link link;

    plant_link(logger->plant, &link);
    if (logger->state == LOGGER_WAITING && link.state != GATEWAY_UP)
        tell(logger, "no values yet: %s", link.text);
}

// --- Life ----------------------------------------------------------------------------------------

static void fail(struct logger *logger, const char *why)
{
    snprintf(logger->error, sizeof logger->error, "%s", why);
    logger->state = LOGGER_FAILED;
    change(logger);
}

static void begin(struct logger *logger)
{
    char note[LOGFILE_TEXT_MAX] = "";

    logger->refs = selection_refs(&logger->selection, logger->plant, &logger->count);
    if (logger->count == 0) {
        fail(logger, "nothing to log: none of these devices is there");
        return;
    }
    logger->why = xcalloc(logger->count, sizeof *logger->why);
    if (logger->kind->open(logger, note) != XC_OK) {
        fail(logger, note);
        return;
    }
    if (*note)
        tell(logger, "%s", note);
    logger->state = LOGGER_RUNNING;
    logger->synced = logger->begun = loop_now(logger->loop);
    tell_missing(logger);
    if (logger->path)
        loop_timer_in(logger->loop, &logger->sync, logger->options.sync);
    logger->sampler = sampler_new(logger->plant, logger->refs, logger->count, logger->options.every,
                                  logger->options.format == LOGGER_SQLITE, take_sample, logger);
    change(logger);
}

struct logger *logger_new(struct loop *loop, struct plant *plant, struct selection *selection,
                          const struct logger_options *options, const struct logger_calls *calls,
                          void *arg)
{
    struct logger *logger = xcalloc(1, sizeof *logger);

    *logger =
        (struct logger){.loop = loop,
                        .plant = plant,
                        .selection = *selection,
                        .options = *options,
                        .path = options->path ? xstrdup(options->path) : NULL,
                        .calls = calls,
                        .arg = arg,
                        .kind = options->format == LOGGER_SQLITE ? &logger_sqlite : &logger_text,
                        .sync = {.fire = sync_file, .arg = logger},
                        .first_look = {.fire = look_at_beginning, .arg = logger}};
    *selection = (struct selection){0};
    loop_timer_in(loop, &logger->first_look, FIRST_LOOK);
    logger_look(logger);
    return logger;
}

// Messages that aren't kept may be told again some day, and alarms forgotten.
static void look_at_messages(struct logger *logger)
{
    const char *problem = plant_messages_state(logger->plant).problem;

    if (problem && !logger->unkept)
        tell(logger, "messages aren't kept for now: %s", problem);
    else if (!problem && logger->unkept)
        tell(logger, "messages are kept again");
    logger->unkept = problem != NULL;
}

void logger_look(struct logger *logger)
{
    look_at_messages(logger);
    if (logger->state == LOGGER_WAITING && plant_discovery(logger->plant).state == DISCOVERY_DONE &&
        !logger->plant->chores.guid_wanted)
        begin(logger);
    if (logger->state != LOGGER_RUNNING)
        return;
    sampler_look(logger->sampler);
    logger->kind->look(logger);
}

struct logger_status logger_status(const struct logger *logger)
{
    return (struct logger_status){
        .state = logger->state,
        .path = logger->path ? logger->path : "",
        .values = logger->state == LOGGER_WAITING ? 0 : logger->count,
        .nobody = logger->state == LOGGER_WAITING || !is_anyone_there(logger),
        .rows = logger->rows,
        .bytes = (logger->state == LOGGER_RUNNING || logger->state == LOGGER_ENDED) && logger->path
                     ? logger->kind->size(logger)
                     : 0,
        .last = logger->last,
        .error = logger->error};
}

void logger_free(struct logger *logger)
{
    if (!logger)
        return;
    loop_timer_stop(logger->loop, &logger->sync);
    loop_timer_stop(logger->loop, &logger->first_look);
    sampler_free(logger->sampler);
    logger->kind->close(logger);
    selection_free(&logger->selection);
    free(logger->refs);
    free(logger->why);
    free(logger->path);
    free(logger);
}
