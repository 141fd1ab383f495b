// SPDX-License-Identifier: MIT
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/logger_internal.h"
#include "plant/messages.h"

#define HOLD (30 * LOOP_S)

// Under which number a value is kept, and of whom it is: history follows a device, by its FID.
struct logger_series {
    int64_t value; // 0: not asked for yet
    uint32_t fid;
    char model[24], firmware[16];
};

static enum xc_status failed(const struct logger *logger, char note[LOGFILE_TEXT_MAX])
{
    snprintf(note, LOGFILE_TEXT_MAX, "%.*s", LOGFILE_TEXT_MAX - 1, archive_error(logger->archive));
    return XC_IO;
}

static void begin_file(struct logger *logger)
{
    memset(logger->series, 0, logger->count * sizeof *logger->series);
    logger->version = 0;
}

static enum xc_status open_file(struct logger *logger, char note[LOGFILE_TEXT_MAX])
{
    char error[ARCHIVE_ERROR_MAX];

    logger->series = xcalloc(logger->count, sizeof *logger->series);
    if (archive_open(logger->path, &logger->archive, error, sizeof error) == XC_OK)
        return XC_OK;
    snprintf(note, LOGFILE_TEXT_MAX, "%.*s", LOGFILE_TEXT_MAX - 1, error);
    return XC_IO;
}

// --- Who -----------------------------------------------------------------------------------------

static void describe(const struct logger *logger, const struct plant_ref *ref,
                     const struct plant_device *device, uint32_t fid, struct archive_device *out)
{
    const struct plant *plant = logger->plant;
    char guid[TEXT_GUID_MAX] = "";

    *out = (struct archive_device){.family = ref->family};
    plant_ref_device(ref, out->name, sizeof out->name);
    if (plant->guid_known)
        text_guid(guid, plant->guid);
    if (!device) {
        snprintf(out->key, sizeof out->key, "%.40s/%s", guid[0] ? guid : plant->site, out->name);
        return;
    }
    out->address = device->address;
    device_key(plant, guid, fid, device->address, out->key);
    snprintf(out->model, sizeof out->model, "%s", device->model);
    snprintf(out->firmware, sizeof out->firmware, "%s", device->firmware);
}

// Asks for the number of a value where it is needed: at first, and when its device is another one
// or more is known of it.
static enum xc_status bring_series(struct logger *logger, size_t i, int64_t time)
{
    const struct plant_ref *ref = &logger->refs[i];
    struct logger_series *series = &logger->series[i];
    const struct plant_device *device = plant_device(logger->plant, ref->family, ref->index);
    // Who it is may not be known at the moment: it is who it was.
    uint32_t fid = device && device->fid ? device->fid : series->fid;
    const char *model = device ? device->model : "", *firmware = device ? device->firmware : "";
    struct archive_device who;

    if (series->value != 0 && fid == series->fid && strcmp(model, series->model) == 0 &&
        strcmp(firmware, series->firmware) == 0)
        return XC_OK;
    describe(logger, ref, device, fid, &who);
    enum xc_status status = archive_value(logger->archive, &who, ref->id, time, &series->value);
    if (status != XC_OK) {
        series->value = 0;
        return status;
    }
    series->fid = fid;
    snprintf(series->model, sizeof series->model, "%s", model);
    snprintf(series->firmware, sizeof series->firmware, "%s", firmware);
    return XC_OK;
}

// --- Rows ----------------------------------------------------------------------------------------

static enum xc_status add(struct logger *logger, int64_t time, const double *numbers,
                          char (*why)[LOGGER_WHY_MAX], bool synced, char note[LOGFILE_TEXT_MAX])
{
    bool begun;

    if (archive_follow(logger->archive, &begun) != XC_OK)
        return failed(logger, note);
    if (begun)
        begin_file(logger);
    struct archive_sample *samples = xcalloc(logger->count, sizeof *samples);
    enum xc_status status = XC_OK;
    for (size_t i = 0; status == XC_OK && i < logger->count; i++) {
        status = bring_series(logger, i, time);
        samples[i] = (struct archive_sample){.value = logger->series[i].value,
                                             .number = numbers[i],
                                             .why = logger->options.why ? why[i] : NULL};
    }
    if (status == XC_OK)
        status = archive_add(logger->archive, time, samples, logger->count, synced);
    free(samples);
    return status == XC_OK ? XC_OK : failed(logger, note);
}

static size_t next_size(struct logger *logger, int64_t time, const double *numbers,
                        char (*why)[LOGGER_WHY_MAX])
{
    (void)logger;
    (void)time;
    (void)numbers;
    (void)why;
    return 0; // of pages, not of rows
}

static enum xc_status rotate(struct logger *logger, char note[LOGFILE_TEXT_MAX])
{
    enum xc_status status =
        archive_rotate(logger->archive, loop_wall(logger->loop), logger->options.rotate_keep, note);

    begin_file(logger);
    return status;
}

static int64_t size(const struct logger *logger)
{
    return archive_size(logger->archive);
}

static int64_t last(struct logger *logger)
{
    return archive_last(logger->archive);
}

static bool is_empty(const struct logger *logger)
{
    return archive_last(logger->archive) == 0;
}

// --- The rest ------------------------------------------------------------------------------------

static void remark(struct logger *logger, int64_t time, const char *text)
{
    // A row tells when the file can't be written.
    archive_add_note(logger->archive, time, text);
}

// The newest ones come first; what is there already stays as it is.
static void add_messages(struct logger *logger)
{
    const struct known_message *messages;
    uint32_t total;
    size_t count = plant_messages(logger->plant, &messages, &total);
    unsigned version = plant_messages_state(logger->plant).version;

    if (version == logger->version || loop_now(logger->loop) < logger->messages_hold)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct known_message *message = &messages[i];
        const char *text = catalogue_message(message->number).text;
        struct archive_message kept = {.time = message->timestamp,
                                       .address = message->told, // it never changes
                                       .number = message->number,
                                       .text = message->text,
                                       .value = message->value};
        if (message->kind == KNOWN_MESSAGE)
            kept.text = text ? text : "";
        snprintf(kept.device, sizeof kept.device, "%s", message->device);
        // Whoever keeps the file locked is waited for each time.
        if (archive_add_message(logger->archive, &kept) != XC_OK) {
            logger->messages_hold = loop_now(logger->loop) + HOLD;
            return;
        }
    }
    logger->version = version;
}

static void look(struct logger *logger)
{
    archive_look(logger->archive);
    add_messages(logger);
}

static enum xc_status claim(struct logger *logger, const char *owner, char note[LOGFILE_TEXT_MAX])
{
    enum xc_status status = archive_claim(logger->archive, owner, loop_wall(logger->loop), note);

    if (*note)
        begin_file(logger);
    return status;
}

static enum xc_status sync_file(struct logger *logger)
{
    int64_t idle = loop_now(logger->loop) - logger->added;

    // With rows that go on, one now and then is brought onto the disk anyway.
    if (!logger->unsynced || idle < logger->options.sync)
        return XC_OK;
    logger->unsynced = false;
    return archive_sync(logger->archive);
}

static void close_file(struct logger *logger)
{
    archive_close(logger->archive);
    free(logger->series);
}

const struct logger_kind logger_sqlite = {.open = open_file,
                                          .add = add,
                                          .next_size = next_size,
                                          .claim = claim,
                                          .rotate = rotate,
                                          .size = size,
                                          .is_empty = is_empty,
                                          .last = last,
                                          .remark = remark,
                                          .look = look,
                                          .sync = sync_file,
                                          .close = close_file};
