// SPDX-License-Identifier: MIT
// copy: settings of one device to others of its family.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/collector.h"
#include "cmd/idlist.h"
#include "cmd/planned.h"
#include "store/backup.h"

struct copying {
    const struct options *options;
    struct session *session;
    struct target from;
    struct target to[DEVICES_PER_FAMILY_MAX];
    size_t to_count;
    bool all; // to all others of the family
    struct backup *live;
    struct batch *batch;
    size_t unread;
};

// --- Which ---------------------------------------------------------------------------------------

static int parse_device(const char *text, struct target *target)
{
    if (target_parse(text, target) == XC_OK && target->kind == TARGET_DEVICE)
        return EXIT_DONE;
    complain("'%s' isn't a device; expected one like XT1", text);
    return EXIT_WRONG;
}

static int parse_others(struct copying *copying, const char *list)
{
    while (*list) {
        char name[DEVICE_NAME_MAX];
        size_t length = strcspn(list, ",");
        struct target target;
        snprintf(name, sizeof name, "%.*s", (int)length, list);
        list += length + (list[length] == ',');
        if (target_parse(name, &target) != XC_OK || target.family != copying->from.family ||
            (target.kind != TARGET_DEVICE && target.kind != TARGET_EACH) ||
            (target.kind == TARGET_DEVICE && target.index == copying->from.index)) {
            complain("'%s' isn't another device of the family; expected names like %s2,%s3, or %s*",
                     name, family_name(copying->from.family), family_name(copying->from.family),
                     family_name(copying->from.family));
            return EXIT_WRONG;
        }
        if (target.kind == TARGET_EACH)
            copying->all = true;
        else if (copying->to_count < DEVICES_PER_FAMILY_MAX)
            copying->to[copying->to_count++] = target;
    }
    return EXIT_DONE;
}

static bool is_meant(const struct copying *copying, const struct backup_device *device)
{
    if (device->family != copying->from.family || device->index == copying->from.index)
        return false;
    for (size_t i = 0; i < copying->to_count; i++)
        if (copying->to[i].index == device->index)
            return true;
    return copying->all;
}

// --- Reading -------------------------------------------------------------------------------------

static void want(const struct copying *copying, struct backup_device *device)
{
    for (size_t i = 0; i < device->value_count; i++)
        if (idlist_has(copying->options->only, datapoint_id(device->values[i].datapoint)))
            device->values[i].state = BACKUP_UNREAD;
}

static int check_there(const struct copying *copying)
{
    char name[DEVICE_NAME_MAX];

    for (size_t i = 0; i <= copying->to_count; i++) {
        const struct target *target = i == 0 ? &copying->from : &copying->to[i - 1];
        if (backup_device(copying->live, target->family, target->index))
            continue;
        complain("there is no %s", target_name(target, name, sizeof name));
        return EXIT_REFUSED;
    }
    return EXIT_DONE;
}

static int read_live(struct copying *copying)
{
    struct session *session = copying->session;
    int status = session_wait_found(session);

    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status != EXIT_DONE)
        return status;
    copying->live = backup_new();
    collector_find(session_plant(session), NULL, 0, copying->live);
    status = check_there(copying);
    for (size_t i = 0; i < copying->live->device_count && status == EXIT_DONE; i++) {
        struct backup_device *device = copying->live->devices[i];
        bool source =
            device->family == copying->from.family && device->index == copying->from.index;
        if (source || is_meant(copying, device))
            want(copying, device);
    }
    return status == EXIT_DONE ? collector_read(session, copying->options, copying->live) : status;
}

// --- The plan ------------------------------------------------------------------------------------

static int plan_device(struct copying *copying, const struct backup_device *source,
                       const struct backup_device *device)
{
    const struct target target = {TARGET_DEVICE, device->family, device->index};
    char error[EDIT_TEXT_MAX];

    for (size_t i = 0; i < source->value_count; i++) {
        const struct backup_value *value = &source->values[i], *now = &device->values[i];
        if (!idlist_has(copying->options->only, datapoint_id(value->datapoint)))
            continue;
        if (value->state != BACKUP_VALUE || now->state != BACKUP_VALUE) {
            copying->unread++;
            continue;
        }
        if (backup_same(copying->live, device, value->datapoint, value->number, now->number))
            continue;
        if (batch_add(copying->batch, &target, value->datapoint, value->number, error,
                      sizeof error) != XC_OK) {
            complain("%s", error);
            return EXIT_REFUSED;
        }
    }
    return EXIT_DONE;
}

static int copy(struct copying *copying)
{
    const struct backup_device *source =
        backup_device(copying->live, copying->from.family, copying->from.index);
    bool flash = copying->options->flash;
    int status = EXIT_DONE;

    copying->batch =
        batch_new(session_plant(copying->session), flash, planned_changed, copying->session);
    for (size_t i = 0; i < copying->live->device_count && status == EXIT_DONE; i++)
        if (is_meant(copying, copying->live->devices[i]))
            status = plan_device(copying, source, copying->live->devices[i]);
    if (status != EXIT_DONE)
        return status;
    if (copying->unread > 0)
        complain("%zu settings couldn't be read and are left out", copying->unread);
    if (batch_count(copying->batch) == 0)
        complain("nothing to copy: the settings are the same");
    else
        status = planned_do(copying->session, copying->options, copying->batch, flash, "copy");
    return status == EXIT_DONE && copying->unread > 0 ? EXIT_PARTLY : status;
}

int cmd_copy(const struct options *options)
{
    struct copying copying = {.options = options};
    struct options own = *options;
    char *devices = NULL;
    int status = parse_device(options->words[0], &copying.from);

    if (status == EXIT_DONE)
        status = parse_others(&copying, options->words[1]);
    if (status != EXIT_DONE)
        return status;
    // Nothing else needs to be looked for.
    if (!copying.all && !options->devices) {
        size_t size = strlen(options->words[0]) + strlen(options->words[1]) + 2;
        devices = xcalloc(size, 1);
        snprintf(devices, size, "%s,%s", options->words[0], options->words[1]);
        own.devices = devices;
    }
    status = session_open(&own, SESSION_PLANT, &copying.session);
    if (status == EXIT_DONE) {
        session_catch_signals(copying.session);
        status = read_live(&copying);
        if (status == EXIT_DONE)
            status = copy(&copying);
        batch_free(copying.batch);
        session_settle(copying.session);
    }
    session_free(copying.session);
    backup_free(copying.live);
    free(devices);
    return status;
}
