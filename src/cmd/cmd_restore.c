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
    size_t wanted;         // settings
    size_t same;           // … that are as they should be
    size_t found, missing; // devices
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
        complain("! %s: the model was %s, is %s", name, file->model, live->model);
    if (file->firmware[0] && live->firmware[0] && strcmp(file->firmware, live->firmware) != 0)
        complain("%s: the firmware was %s, is %s", name, file->firmware, live->firmware);
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
    restoring->wanted += wanted;
    if (wanted == 0)
        return;
    if (live) {
        tell_others(device, live);
        restoring->found++;
        return;
    }
    device_name(device->family, device->index, name, sizeof name);
    if (device->fid)
        complain("%s of the file, with FID %08X, isn't there: left out", name,
                 (unsigned)device->fid);
    else
        complain("%s of the file isn't there: left out", name);
    restoring->missing++;
}

// Devices that --devices names and that aren't in the file.
static void tell_unsaved(struct restoring *restoring)
{
    char name[DEVICE_NAME_MAX];

    for (size_t i = 0; i < restoring->named_count; i++) {
        const struct target *named = &restoring->named[i];
        bool bms = named->family == FAMILY_BSP && backup_device(restoring->file, FAMILY_BMS, 1);
        if (bms || backup_device(restoring->file, named->family, named->index))
            continue;
        complain("%s has no %s", restoring->options->words[0],
                 target_name(named, name, sizeof name));
        restoring->missing++;
    }
}

// The gateway has no FID, but a GUID.
static int tell_other_gateway(struct restoring *restoring)
{
    const struct backup *file = restoring->file;
    char guid[TEXT_GUID_MAX];

    if (!file->guid[0])
        return EXIT_DONE;
    int status = session_guid(restoring->session, guid);
    if (status == EXIT_DONE && guid[0] && strcmp(guid, file->guid) != 0)
        complain("! the gateway is another one than when this was saved: GUID %s then, %s now",
                 file->guid, guid);
    return status;
}

static int want_all(struct restoring *restoring)
{
    collector_find(session_plant(restoring->session), restoring->named, restoring->named_count,
                   restoring->live);
    tell_unsaved(restoring);
    for (size_t i = 0; i < restoring->file->device_count; i++)
        want_device(restoring, restoring->file->devices[i]);
    if (restoring->found > 0)
        return tell_other_gateway(restoring);
    if (restoring->wanted == 0)
        complain("nothing to restore: %s has no such settings", restoring->options->words[0]);
    return EXIT_REFUSED;
}

static int read_live(struct restoring *restoring)
{
    struct session *session = restoring->session;
    int status = session_wait_found(session);

    restoring->live = backup_new();
    if (status == EXIT_DONE)
        status = want_all(restoring);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    return status == EXIT_DONE ? collector_read(session, restoring->options, restoring->live)
                               : status;
}

// Twice or half the voltage is another battery.
static bool is_other_battery(const struct datapoint *datapoint, double then, double now)
{
    return datapoint_vbat(datapoint) == VBAT_LEVEL && then > 0 && now > 0 &&
           (then > 1.6 * now || now > 1.6 * then);
}

static void tell_other_battery(const struct backup_device *file, const struct backup_device *live)
{
    char name[DEVICE_NAME_MAX], then[DATAPOINT_TEXT_MAX], now[DATAPOINT_TEXT_MAX];

    for (size_t i = 0; i < file->value_count; i++) {
        const struct backup_value *a = &file->values[i], *b = &live->values[i];
        if (a->state != BACKUP_VALUE || b->state != BACKUP_VALUE ||
            !is_other_battery(a->datapoint, a->number, b->number))
            continue;
        complain("! %s: was this saved with another battery voltage? %s: %s in the file, %s now",
                 device_name(live->family, live->index, name, sizeof name),
                 datapoint_name(a->datapoint),
                 datapoint_exact_text(a->datapoint, a->number, then, sizeof then),
                 datapoint_exact_text(b->datapoint, b->number, now, sizeof now));
        return;
    }
}

// What couldn't be read is in the plan too: why it is left out is told there.
static int plan_device(struct restoring *restoring, const struct backup_device *device)
{
    const struct backup_device *live = backup_match(restoring->file, device, restoring->live);
    char error[EDIT_TEXT_MAX];

    if (live)
        tell_other_battery(device, live);
    for (size_t i = 0; live && i < device->value_count; i++) {
        const struct backup_value *value = &device->values[i], *now = &live->values[i];
        if (!is_wanted(restoring, device, value))
            continue;
        if (now->state == BACKUP_VALUE &&
            backup_same(restoring->file, device, value->datapoint, value->number, now->number)) {
            restoring->same++;
            planned_tell_ram(restoring->session, live->family, live->index, value->datapoint,
                             now->number);
            continue;
        }
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
    if (batch_count(restoring->batch) == 0)
        complain("nothing to restore: the devices have the settings of the file");
    else
        status = planned_do(restoring->session, restoring->options, restoring->batch,
                            restoring->same, true, "restore");
    return status == EXIT_DONE && restoring->missing > 0 ? EXIT_PARTLY : status;
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
        status = planned_may_write(restoring.session, options);
        if (status == EXIT_DONE)
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
