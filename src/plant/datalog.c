// SPDX-License-Identifier: MIT
#include "plant/datalog.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/datalog_internal.h"
#include "store/datafiles.h"

void datalog_touch(struct datalog *datalog)
{
    if (datalog->changed && !datalog->changed_timer.set)
        loop_timer_in(datalog->plant->loop, &datalog->changed_timer, 0);
}

static void on_changed(void *arg)
{
    struct datalog *datalog = arg;
    datalog->changed(datalog->arg);
}

// --- Files ---------------------------------------------------------------------------------------

struct datalog_file *datalog_find(struct datalog *datalog, const char *name)
{
    for (size_t i = 0; i < datalog->count; i++)
        if (strcmp(datalog->files[i].name, name) == 0)
            return &datalog->files[i];
    return NULL;
}

// Looks at what is here of it. What was written before its day was over can't be all.
static void look(const struct datalog *datalog, struct datalog_file *file)
{
    int64_t changed;

    file->partial = datafiles_find(datalog->directory, file->name, &file->size, &changed) &&
                    clock_at(datalog->plant, changed) < (file->day + 1) * LOGNAME_DAY_S * LOOP_S;
}

// Finds it or puts it in its place, newest first.
static struct datalog_file *add(struct datalog *datalog, const char *name, int64_t day)
{
    struct datalog_file *file = datalog_find(datalog, name);
    size_t place = 0;

    if (file) {
        look(datalog, file); // it may have been removed
        return file;
    }
    if (datalog->count == datalog->room) {
        datalog->room = 2 * datalog->room + 32;
        datalog->files = xrealloc(datalog->files, datalog->room, sizeof *datalog->files);
    }
    while (place < datalog->count && datalog->files[place].day > day)
        place++;
    file = &datalog->files[place];
    memmove(file + 1, file, (datalog->count - place) * sizeof *file);
    datalog->count++;
    *file = (struct datalog_file){.day = day};
    memcpy(file->name, name, sizeof file->name);
    look(datalog, file);
    return file;
}

// Files that are listed no more, unless something is to be said of them.
static void drop_idle(struct datalog *datalog)
{
    size_t kept = 0;

    for (size_t i = 0; i < datalog->count; i++)
        if (datalog->files[i].state != DATALOG_IDLE)
            datalog->files[kept++] = datalog->files[i];
    datalog->count = kept;
}

void datalog_take_list(struct datalog *datalog, const uint8_t *bytes, size_t length)
{
    datalog->listed = true;
    datalog->listed_at = loop_now(datalog->plant->loop);
    datalog->strange = 0;
    drop_idle(datalog);
    for (size_t at = 0; at < length;) {
        char name[LOGNAME_MAX] = "";
        size_t end = at;
        int64_t day;
        while (end < length && bytes[end] != '\n' && bytes[end] != '\r')
            end++;
        if (end - at == LOGNAME_LENGTH)
            memcpy(name, bytes + at, LOGNAME_LENGTH);
        if (logname_read(name, &day))
            add(datalog, name, day);
        else
            datalog->strange += end > at;
        at = end + 1;
    }
}

void datalog_take_file(struct datalog *datalog, const char *name, const uint8_t *bytes,
                       size_t length)
{
    static const char *const texts[] = {[DATAFILE_NEW] = "fetched",
                                        [DATAFILE_SAME] = "as it was here already",
                                        [DATAFILE_GREW] = "has grown"};
    struct datalog_file *file = datalog_find(datalog, name);
    enum datafile was = DATAFILE_NEW;
    char error[DATAFILES_ERROR_MAX];

    if (!file)
        return;
    if (datafiles_keep(datalog->directory, name, bytes, length, &was, error, sizeof error) !=
        XC_OK) {
        datalog_give_up(datalog, error);
        return;
    }
    file->state = DATALOG_DONE;
    look(datalog, file);
    snprintf(file->text, sizeof file->text, "%s", texts[was]);
    datalog->done++;
}

static void fail(struct datalog *datalog, struct datalog_file *file, const char *why)
{
    file->state = DATALOG_FAILED;
    snprintf(file->text, sizeof file->text, "%s", why);
    datalog->failed++;
}

void datalog_give_up(struct datalog *datalog, const char *why)
{
    struct datalog_file *file =
        datalog->of == TRANSFER_OF_FILE ? datalog_find(datalog, datalog->name) : NULL;

    if (file)
        fail(datalog, file, why);
    else
        datalog->failed++;
    snprintf(datalog->text, sizeof datalog->text, "%s", why);
    datalog_touch(datalog);
}

void datalog_refuse_all(struct datalog *datalog, const char *why)
{
    for (size_t i = 0; i < datalog->count; i++)
        if (datalog->files[i].state == DATALOG_QUEUED || datalog->files[i].state == DATALOG_COMING)
            fail(datalog, &datalog->files[i], why);
    if (datalog->of == TRANSFER_OF_LIST || datalog->list_wanted)
        datalog->failed++;
    datalog->list_wanted = false;
    datalog->of = TRANSFER_OF_NOTHING;
    datalog->attempts = 0;
    transfer_restart(datalog);
    snprintf(datalog->text, sizeof datalog->text, "%s", why);
    datalog_touch(datalog);
}

struct datalog_file *datalog_next(struct datalog *datalog)
{
    for (size_t i = 0; i < datalog->count; i++)
        if (datalog->files[i].state == DATALOG_QUEUED)
            return &datalog->files[i];
    return NULL;
}

// --- What a person wants -------------------------------------------------------------------------

// Counting begins anew when nothing was to be done.
static void begin(struct datalog *datalog)
{
    if (datalog->of == TRANSFER_OF_NOTHING && !datalog->list_wanted && !datalog_next(datalog)) {
        datalog->done = datalog->failed = 0;
        datalog->text[0] = '\0';
    }
    plant_kick_soon(datalog->plant);
}

void datalog_list(struct datalog *datalog)
{
    begin(datalog);
    datalog->list_wanted = datalog->of != TRANSFER_OF_LIST;
}

enum xc_status datalog_get(struct datalog *datalog, const char *name)
{
    int64_t day;

    if (!logname_read(name, &day))
        return XC_RANGE;
    begin(datalog);
    struct datalog_file *file = add(datalog, name, day);
    if (file->state != DATALOG_COMING)
        file->state = DATALOG_QUEUED;
    file->text[0] = '\0';
    return XC_OK;
}

static void drop_file(struct datalog *datalog, struct datalog_file *file)
{
    bool coming = file->state == DATALOG_COMING;

    if (!coming && file->state != DATALOG_QUEUED)
        return;
    file->state = DATALOG_IDLE;
    if (!coming)
        return;
    datalog->of = TRANSFER_OF_NOTHING;
    datalog->attempts = 0;
    datalog->text[0] = '\0';
    // A step that is on its way is waited for before.
    if (datalog->asked != ASKED_STEP)
        transfer_restart(datalog);
}

void datalog_drop(struct datalog *datalog, const char *name)
{
    struct datalog_file *file = datalog_find(datalog, name);

    if (file)
        drop_file(datalog, file);
    plant_kick_soon(datalog->plant);
}

void datalog_stop(struct datalog *datalog)
{
    datalog->list_wanted = false;
    for (size_t i = 0; i < datalog->count; i++)
        drop_file(datalog, &datalog->files[i]);
    if (datalog->of == TRANSFER_OF_LIST) {
        datalog->of = TRANSFER_OF_NOTHING;
        if (datalog->asked != ASKED_STEP)
            transfer_restart(datalog);
    }
    plant_kick_soon(datalog->plant);
}

// --- What can be seen ----------------------------------------------------------------------------

const char *datalog_directory(const struct datalog *datalog)
{
    return datalog->directory;
}

bool datalog_listed(const struct datalog *datalog, int64_t *when)
{
    if (when)
        *when = datalog->listed_at;
    return datalog->listed;
}

size_t datalog_strange(const struct datalog *datalog)
{
    return datalog->strange;
}

size_t datalog_count(const struct datalog *datalog)
{
    return datalog->count;
}

const struct datalog_file *datalog_file(const struct datalog *datalog, size_t i)
{
    return i < datalog->count ? &datalog->files[i] : NULL;
}

bool datalog_open(const struct datalog *datalog)
{
    return datalog->open || datalog->end_due || datalog->asked == ASKED_END;
}

bool datalog_busy(const struct datalog *datalog)
{
    bool queued = datalog_next((struct datalog *)datalog) != NULL;

    return datalog->of != TRANSFER_OF_NOTHING || datalog->list_wanted || queued ||
           datalog_open(datalog);
}

// The size of the whole file whose day is nearest; 0 when none is here.
static int64_t expected_size(const struct datalog *datalog, int64_t day)
{
    int64_t nearest = INT64_MAX, size = 0;

    for (size_t i = 0; i < datalog->count; i++) {
        const struct datalog_file *file = &datalog->files[i];
        int64_t away = file->day > day ? file->day - day : day - file->day;
        if (file->size > 0 && !file->partial && away < nearest) {
            nearest = away;
            size = file->size;
        }
    }
    return size;
}

static void estimate(const struct datalog *datalog, struct datalog_progress *progress)
{
    double bytes = 0;
    bool known = progress->rate > 0;

    for (size_t i = 0; i < datalog->count; i++) {
        const struct datalog_file *file = &datalog->files[i];
        if (file->state != DATALOG_QUEUED && file->state != DATALOG_COMING)
            continue;
        int64_t size = expected_size(datalog, file->day);
        if (file->state == DATALOG_COMING) {
            // More has come than the other one has: it says nothing about this one.
            if (size < (int64_t)datalog->length)
                size = 0;
            progress->expected = size;
            size -= size > 0 ? (int64_t)datalog->length : 0;
            known = known && progress->expected > 0;
        }
        known = known && (size > 0 || file->state == DATALOG_COMING);
        bytes += (double)size;
    }
    if (known)
        progress->left = (int64_t)(bytes / progress->rate * (double)LOOP_S);
}

void datalog_progress(const struct datalog *datalog, struct datalog_progress *progress)
{
    int64_t spent = datalog->moved - datalog->began;

    *progress = (struct datalog_progress){.listing = datalog->of == TRANSFER_OF_LIST ||
                                                     datalog->list_wanted,
                                          .left = -1,
                                          .done = datalog->done,
                                          .failed = datalog->failed,
                                          .quiet = datalog->is_quiet};
    for (size_t i = 0; i < datalog->count; i++)
        progress->queued += datalog->files[i].state == DATALOG_QUEUED;
    snprintf(progress->text, sizeof progress->text, "%s",
             datalog->is_quiet && (progress->queued > 0 || datalog->of != TRANSFER_OF_NOTHING)
                 ? "quiet hours: it goes on at 01:00 of the installation's clock"
                 : datalog->text);
    if (datalog->of == TRANSFER_OF_NOTHING)
        return;
    if (datalog->of == TRANSFER_OF_FILE)
        memcpy(progress->name, datalog->name, sizeof progress->name);
    progress->bytes = datalog->length;
    progress->blocks = datalog->block_count;
    if (datalog->block_count > 0 && spent > 0)
        progress->rate = (double)datalog->length / ((double)spent / (double)LOOP_S);
    estimate(datalog, progress);
}

// --- Beginning and end ---------------------------------------------------------------------------

struct datalog *datalog_new(struct plant *plant, const struct datalog_options *options,
                            void (*changed)(void *arg), void *arg)
{
    struct datalog *datalog = xcalloc(1, sizeof *datalog);

    datalog->plant = plant;
    datalog->directory = xstrdup(options->directory);
    datalog->quiet_hours = options->quiet_hours;
    datalog->changed = changed;
    datalog->arg = arg;
    datalog->changed_timer = (struct loop_timer){.fire = on_changed, .arg = datalog};
    plant->datalog = datalog;
    return datalog;
}

void datalog_free(struct datalog *datalog)
{
    if (!datalog)
        return;
    datalog->plant->datalog = NULL;
    loop_timer_stop(datalog->plant->loop, &datalog->changed_timer);
    transfer_free(datalog);
    free(datalog->files);
    free(datalog->directory);
    free(datalog);
}
