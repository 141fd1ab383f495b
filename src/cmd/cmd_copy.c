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
    size_t same;   // as they should be already
    size_t unread; // settings of the device that is copied from
};

// --- Which ---------------------------------------------------------------------------------------

static int parse_from(const char *text, struct target *target)
{
    if (target_parse(text, target) != XC_OK || target->kind != TARGET_DEVICE) {
        complain("'%s' isn't a device; expected one like XT1", text);
        return EXIT_WRONG;
    }
    if (family_devices_max(target->family) > 1)
        return EXIT_DONE;
    complain("%s is the only one of its kind: there is nothing to copy to",
             family_name(target->family));
    return EXIT_WRONG;
}

static bool is_other(const struct target *from, const struct target *target)
{
    if (target->family != from->family)
        return false;
    return target->kind == TARGET_EACH ||
           (target->kind == TARGET_DEVICE && target->index != from->index);
}

static bool is_named(const struct copying *copying, unsigned index)
{
    for (size_t i = 0; i < copying->to_count; i++)
        if (copying->to[i].index == index)
            return true;
    return false;
}

static int parse_others(struct copying *copying, const char *list)
{
    const char *family = family_name(copying->from.family);

    do {
        char name[DEVICE_NAME_MAX];
        size_t length = strcspn(list, ",");
        struct target target;
        snprintf(name, sizeof name, "%.*s", (int)length, list);
        if (target_parse(name, &target) != XC_OK || !is_other(&copying->from, &target)) {
            complain("'%s' isn't another device of the family; expected names like %s2,%s3, or %s*",
                     name, family, family, family);
            return EXIT_WRONG;
        }
        if (target.kind == TARGET_EACH)
            copying->all = true;
        else if (!is_named(copying, target.index))
            copying->to[copying->to_count++] = target;
        list += length;
    } while (*list++ == ',');
    return EXIT_DONE;
}

static bool is_meant(const struct copying *copying, const struct backup_device *device)
{
    if (device->family != copying->from.family || device->index == copying->from.index)
        return false;
    return copying->all || is_named(copying, device->index);
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
    const struct backup *live = copying->live;
    char name[DEVICE_NAME_MAX];
    bool any = false;

    for (size_t i = 0; i <= copying->to_count; i++) {
        const struct target *target = i == 0 ? &copying->from : &copying->to[i - 1];
        if (backup_device(live, target->family, target->index))
            continue;
        complain("there is no %s", target_name(target, name, sizeof name));
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < live->device_count; i++)
        any = any || is_meant(copying, live->devices[i]);
    if (!any)
        complain("there is no other %s", family_title(copying->from.family));
    return any ? EXIT_DONE : EXIT_REFUSED;
}

// What a person should know before one device gets what was made for another one.
static void tell_other(const struct backup_device *from, const struct backup_device *to)
{
    char names[2][DEVICE_NAME_MAX];

    device_name(from->family, from->index, names[0], sizeof names[0]);
    device_name(to->family, to->index, names[1], sizeof names[1]);
    if (from->model[0] && to->model[0] && strcmp(from->model, to->model) != 0)
        complain("! %s is another model than %s: %s, not %s", names[1], names[0], to->model,
                 from->model);
    if (from->firmware[0] && to->firmware[0] && strcmp(from->firmware, to->firmware) != 0)
        complain("%s has firmware %s, %s has %s", names[0], from->firmware, names[1], to->firmware);
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
    if (status != EXIT_DONE)
        return status;
    struct backup_device *source =
        backup_device(copying->live, copying->from.family, copying->from.index);
    want(copying, source);
    for (size_t i = 0; i < copying->live->device_count; i++) {
        struct backup_device *device = copying->live->devices[i];
        if (!is_meant(copying, device))
            continue;
        tell_other(source, device);
        want(copying, device);
    }
    return collector_read(session, copying->options, copying->live);
}

// --- The plan ------------------------------------------------------------------------------------

// What couldn't be read of the other one is in the plan too: why it is left out is told there.
static int plan_device(struct copying *copying, const struct backup_device *source,
                       const struct backup_device *device)
{
    const struct target target = {TARGET_DEVICE, device->family, device->index};
    char error[EDIT_TEXT_MAX];

    for (size_t i = 0; i < source->value_count; i++) {
        const struct backup_value *value = &source->values[i], *now = &device->values[i];
        if (value->state != BACKUP_VALUE)
            continue;
        if (now->state == BACKUP_VALUE &&
            backup_same(copying->live, device, value->datapoint, value->number, now->number)) {
            copying->same++;
            planned_tell_ram(copying->session, device->family, device->index, value->datapoint,
                             now->number);
            continue;
        }
        if (batch_add(copying->batch, &target, value->datapoint, value->number, error,
                      sizeof error) != XC_OK) {
            complain("%s", error);
            return EXIT_REFUSED;
        }
    }
    return EXIT_DONE;
}

// What there is to be copied; false, after a line, if there is nothing.
static bool check_source(struct copying *copying, const struct backup_device *source)
{
    size_t values = 0;

    for (size_t i = 0; i < source->value_count; i++) {
        if (source->values[i].state == BACKUP_VALUE)
            planned_tell_ram(copying->session, source->family, source->index,
                             source->values[i].datapoint, source->values[i].number);
        values += source->values[i].state == BACKUP_VALUE;
        copying->unread += source->values[i].state == BACKUP_FAILED;
    }
    if (copying->unread > 0)
        complain("%zu settings of %s couldn't be read and are left out", copying->unread,
                 copying->options->words[0]);
    else if (values == 0)
        complain("nothing to copy: %s has no such settings", family_title(source->family));
    return values > 0;
}

static int copy(struct copying *copying)
{
    const struct backup_device *source =
        backup_device(copying->live, copying->from.family, copying->from.index);
    bool flash = copying->options->flash;
    int status = EXIT_DONE;

    if (!check_source(copying, source))
        return EXIT_REFUSED;
    copying->batch =
        batch_new(session_plant(copying->session), flash, planned_changed, copying->session);
    for (size_t i = 0; i < copying->live->device_count && status == EXIT_DONE; i++)
        if (is_meant(copying, copying->live->devices[i]))
            status = plan_device(copying, source, copying->live->devices[i]);
    if (status != EXIT_DONE)
        return status;
    if (batch_count(copying->batch) == 0)
        complain("nothing to copy: the settings are the same");
    else
        status = planned_do(copying->session, copying->options, copying->batch, copying->same,
                            flash, "copy");
    return status == EXIT_DONE && copying->unread > 0 ? EXIT_PARTLY : status;
}

int cmd_copy(const struct options *options)
{
    struct copying copying = {.options = options};
    struct options own = *options;
    char *devices = NULL;
    int status = parse_from(options->words[0], &copying.from);

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
        status = planned_may_write(copying.session, options);
        if (status == EXIT_DONE)
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
