// SPDX-License-Identifier: MIT
// restore: the settings of a backup back into the devices' flash. Interrupted, the same command
// goes on: it writes what still differs.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/collector.h"
#include "cmd/idlist.h"
#include "cmd/planned.h"
#include "store/backup.h"

struct restoring {
    const struct options *options;
    struct session *session;
    struct backup *file, *live;
    struct target named[BACKUP_DEVICES_MAX];
    size_t named_count;
    struct batch *batch;
    size_t missing, unread; // devices, settings
};

static bool is_wanted(const struct restoring *restoring, const struct backup_device *device,
                      const struct backup_value *value)
{
    return value->state == BACKUP_VALUE &&
           session_names(restoring->named, restoring->named_count, device->family, device->index) &&
           idlist_has(restoring->options->only, datapoint_id(value->datapoint));
}

// What a person should know before other devices get these settings.
static void tell_others(const struct backup_device *file, const struct backup_device *live)
{
    char name[DEVICE_NAME_MAX], now[DEVICE_NAME_MAX];

    device_name(file->family, file->index, name, sizeof name);
    if (live->index != file->index)
        complain("%s of the file is %s now", name,
                 device_name(live->family, live->index, now, sizeof now));
    if (live->fid && file->fid && live->fid != file->fid)
        complain("! %s is another device than the one that was saved: FID %08X then, %08X now",
                 name, (unsigned)file->fid, (unsigned)live->fid);
    if (file->model[0] && live->model[0] && strcmp(file->model, live->model) != 0)
        complain("! %s was a %s, is a %s", name, file->model, live->model);
    if (file->firmware[0] && live->firmware[0] && strcmp(file->firmware, live->firmware) != 0)
        complain("%s had firmware %s, has %s", name, file->firmware, live->firmware);
}

static void want_device(struct restoring *restoring, const struct backup_device *device)
{
    struct backup_device *live = backup_match(restoring->file, device, restoring->live);
    char name[DEVICE_NAME_MAX];
    size_t wanted = 0;

    for (size_t i = 0; i < device->value_count; i++) {
        if (!is_wanted(restoring, device, &device->values[i]))
            continue;
        wanted++;
        if (live)
            live->values[i].state = BACKUP_UNREAD;
    }
    if (wanted == 0)
        return;
    if (live) {
        tell_others(device, live);
        return;
    }
    complain("%s isn't there: left out",
             device_name(device->family, device->index, name, sizeof name));
    restoring->missing++;
}

static int read_live(struct restoring *restoring)
{
    struct session *session = restoring->session;
    int status = session_wait_found(session);

    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status != EXIT_DONE)
        return status;
    restoring->live = backup_new();
    collector_find(session_plant(session), restoring->named, restoring->named_count,
                   restoring->live);
    for (size_t i = 0; i < restoring->file->device_count; i++)
        want_device(restoring, restoring->file->devices[i]);
    return collector_read(session, restoring->options, restoring->live);
}

static int plan_device(struct restoring *restoring, const struct backup_device *device)
{
    const struct backup_device *live = backup_match(restoring->file, device, restoring->live);
    char error[EDIT_TEXT_MAX];

    for (size_t i = 0; live && i < device->value_count; i++) {
        const struct backup_value *value = &device->values[i], *now = &live->values[i];
        if (!is_wanted(restoring, device, value))
            continue;
        if (now->state != BACKUP_VALUE) {
            restoring->unread++;
            continue;
        }
        if (backup_same(restoring->file, device, value->datapoint, value->number, now->number))
            continue;
        const struct target target = {TARGET_DEVICE, live->family, live->index};
        if (batch_add(restoring->batch, &target, value->datapoint, value->number, error,
                      sizeof error) != XC_OK) {
            complain("%s", error);
            return EXIT_REFUSED;
        }
    }
    return EXIT_DONE;
}

static int restore(struct restoring *restoring)
{
    int status = EXIT_DONE;

    restoring->batch =
        batch_new(session_plant(restoring->session), true, planned_changed, restoring->session);
    for (size_t i = 0; i < restoring->file->device_count && status == EXIT_DONE; i++)
        status = plan_device(restoring, restoring->file->devices[i]);
    if (status != EXIT_DONE)
        return status;
    if (restoring->unread > 0)
        complain("%zu settings couldn't be read and are left out", restoring->unread);
    if (batch_count(restoring->batch) == 0)
        complain("nothing to restore: all other settings are as in the file");
    else
        status =
            planned_do(restoring->session, restoring->options, restoring->batch, true, "restore");
    bool partly = restoring->missing > 0 || restoring->unread > 0;
    return status == EXIT_DONE && partly ? EXIT_PARTLY : status;
}

int cmd_restore(const struct options *options)
{
    struct restoring restoring = {.options = options};
    char error[BACKUP_ERROR_MAX];
    int status =
        session_parse_devices(options, restoring.named, BACKUP_DEVICES_MAX, &restoring.named_count);

    if (status != EXIT_DONE)
        return status;
    if (backup_read(options->words[0], &restoring.file, error, sizeof error) != XC_OK) {
        complain("%s", error);
        return EXIT_REFUSED;
    }
    status = session_open(options, SESSION_PLANT, &restoring.session);
    if (status == EXIT_DONE) {
        session_catch_signals(restoring.session);
        status = read_live(&restoring);
        if (status == EXIT_DONE)
            status = restore(&restoring);
        batch_free(restoring.batch);
        session_settle(restoring.session);
    }
    session_free(restoring.session);
    backup_free(restoring.live);
    backup_free(restoring.file);
    return status;
}
