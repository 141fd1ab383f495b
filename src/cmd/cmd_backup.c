// SPDX-License-Identifier: MIT
// backup: the settings of all devices in one file.
#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue/address.h"
#include "cmd/collector.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "store/backup.h"

// What a power cut may cost.
static const int64_t save_every = 10 * LOOP_S;

struct run {
    const struct options *options;
    const char *path;
    struct session *session;
    struct backup *backup;
    struct collector *collector;
    struct progress progress;
    int64_t saved; // loop_now()
    bool resumed;
    size_t missing;               // of --devices
    char error[BACKUP_ERROR_MAX]; // why the part file can't be written; else ""
};

// --- What was begun before -----------------------------------------------------------------------

static int load_part(struct run *run)
{
    enum xc_status status =
        backup_read_part(run->path, &run->backup, run->error, sizeof run->error);

    run->resumed = status == XC_OK;
    if (status == XC_OK || status == XC_NOT_FOUND) {
        run->error[0] = '\0';
        return EXIT_DONE;
    }
    complain("%s; remove %s.part to begin anew", run->error, run->path);
    return EXIT_REFUSED;
}

static int refuse_part(const struct run *run, const char *why)
{
    complain("%s.part is of a backup of another installation: %s; remove it to begin anew",
             run->path, why);
    return EXIT_REFUSED;
}

// A device of the part file, as it is now.
static int check_device(const struct run *run, const struct backup_device *device, bool *same)
{
    const struct plant_device *now =
        plant_device(session_plant(run->session), device->family, device->index);
    const struct target *named;
    size_t count = session_devices(run->session, &named);
    char name[DEVICE_NAME_MAX], why[160];

    device_name(device->family, device->index, name, sizeof name);
    if (!session_names(named, count, device->family, device->index)) {
        complain("%s.part has %s, which --devices leaves out; name it, or remove the file to begin "
                 "anew",
                 run->path, name);
        return EXIT_REFUSED;
    }
    if (device->family == FAMILY_RCC || !now || now->presence != DEVICE_PRESENT)
        return EXIT_DONE;
    *same = true;
    if (now->fid != device->fid)
        snprintf(why, sizeof why, "%s has FID %08X there, %08X here", name, (unsigned)device->fid,
                 (unsigned)now->fid);
    else if (strcmp(now->firmware, device->firmware) != 0)
        snprintf(why, sizeof why, "%s has firmware %s there, %s here", name, device->firmware,
                 now->firmware);
    else if (strcmp(now->model, device->model) != 0)
        snprintf(why, sizeof why, "%s is a %s there, a %s here", name, device->model, now->model);
    else
        return EXIT_DONE;
    return refuse_part(run, why);
}

// Only the installation that it is of goes on with a part file.
static int check_part(const struct run *run, const char *guid)
{
    const struct backup *part = run->backup;
    bool any = false;
    int status = EXIT_DONE;

    if (part->guid[0] && guid[0] && strcmp(part->guid, guid) != 0)
        return refuse_part(run, "the gateway has another GUID");
    for (size_t i = 0; i < part->device_count && status == EXIT_DONE; i++)
        status = check_device(run, part->devices[i], &any);
    if (status == EXIT_DONE && !any && part->device_count > 0 && !guid[0])
        return refuse_part(run, "none of its devices is here");
    return status;
}

// --- Before reading ------------------------------------------------------------------------------

// Those that --devices names and that aren't there.
static void tell_missing(struct run *run, const struct target *named, size_t count)
{
    char name[DEVICE_NAME_MAX];

    for (size_t i = 0; i < count; i++) {
        bool battery =
            named[i].family == FAMILY_BSP && backup_device(run->backup, FAMILY_BMS, named[i].index);
        if (battery || backup_device(run->backup, named[i].family, named[i].index))
            continue;
        complain("there is no %s", target_name(&named[i], name, sizeof name));
        run->missing++;
    }
}

static int find_devices(struct run *run)
{
    const struct target *named;
    const struct plant_device *found;
    size_t count = session_devices(run->session, &named);
    int status = session_wait_found(run->session);
    char guid[TEXT_GUID_MAX];

    if (status == EXIT_DONE)
        status = session_guid(run->session, guid);
    if (status != EXIT_DONE)
        return status;
    if (run->resumed && (status = check_part(run, guid)) != EXIT_DONE)
        return status;
    if (!run->backup)
        run->backup = backup_new();
    if (guid[0])
        snprintf(run->backup->guid, sizeof run->backup->guid, "%s", guid);
    collector_find(session_plant(run->session), named, count, run->backup);
    tell_missing(run, named, count);
    if (count == 0 && plant_devices(session_plant(run->session), &found) == 0)
        complain("the gateway answers, but it has no devices");
    else if (run->backup->device_count > 0)
        return EXIT_DONE;
    return EXIT_REFUSED;
}

// Of a gateway that isn't known to have settings they are read only when a person names it.
static void tell_without_gateway(const struct run *run)
{
    const struct target *named;

    if (session_devices(run->session, &named) == 0 && !backup_device(run->backup, FAMILY_RCC, 1))
        complain("XCOM is left out: an Xcom-CAN may have no settings; --devices XCOM tries");
}

static void want_all(struct run *run)
{
    struct backup *backup = run->backup;

    for (size_t i = 0; i < backup->device_count; i++) {
        struct backup_device *device = backup->devices[i];
        for (size_t j = 0; j < device->value_count; j++)
            if (device->values[j].state == BACKUP_ABSENT)
                device->values[j].state = BACKUP_UNREAD;
        if (!run->options->limits) {
            free(device->ranges);
            device->ranges = NULL;
        }
    }
    if (run->options->limits)
        backup_want_ranges(backup);
}

static void count_settings(const struct run *run, size_t *have, size_t *all)
{
    *have = backup_count(run->backup, BACKUP_VALUE);
    *all =
        *have + backup_count(run->backup, BACKUP_UNREAD) + backup_count(run->backup, BACKUP_FAILED);
}

static void tell_resumed(const struct run *run)
{
    size_t have, all;

    count_settings(run, &have, &all);
    if (run->resumed)
        complain("going on with %s.part: %zu of %zu settings are there already", run->path, have,
                 all);
}

// --- Reading -------------------------------------------------------------------------------------

static bool read_on(void *arg)
{
    struct run *run = arg;
    bool done = collector_work(run->collector);
    int64_t now = loop_now(session_loop(run->session));

    collector_show(run->collector, &run->progress);
    if (now - run->saved >= save_every && !done) {
        run->saved = now;
        if (backup_save_part(run->backup, run->path, run->error, sizeof run->error) != XC_OK)
            return true;
    }
    return done;
}

static int read_all(struct run *run)
{
    struct session *session = run->session;
    int64_t now = loop_now(session_loop(session));

    // That it can be written is known before minutes are spent.
    run->saved = now;
    if (backup_save_part(run->backup, run->path, run->error, sizeof run->error) != XC_OK)
        return EXIT_REFUSED;
    run->collector = collector_new(session_loop(session), session_plant(session),
                                   session_gateway(session), run->backup, true);
    progress_begin(&run->progress, run->options->verbose, now);
    int status = session_wait(session, read_on, run, 0);
    progress_clear(&run->progress);
    return status;
}

// --- What came of it -----------------------------------------------------------------------------

// Interrupted: what has been read stays.
static int keep_part(struct run *run, int status)
{
    size_t have, all;

    count_settings(run, &have, &all);
    if (backup_save_part(run->backup, run->path, run->error, sizeof run->error) == XC_OK)
        complain("%zu of %zu settings are in %s.part; the same command goes on from there", have,
                 all, run->path);
    else
        complain("%s", run->error);
    return status;
}

static int save(struct run *run)
{
    const struct backup *backup = run->backup;
    size_t have, all;
    char name[DEVICE_NAME_MAX];

    count_settings(run, &have, &all);
    if (have == 0) {
        complain("no setting could be read: %s isn't written", run->path);
        return EXIT_REFUSED;
    }
    if (backup_save(backup, run->path, run->error, sizeof run->error) != XC_OK) {
        complain("%s", run->error);
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < backup->device_count; i++) {
        const struct backup_device *device = backup->devices[i];
        const struct plant_device *now =
            plant_device(session_plant(run->session), device->family, device->index);
        if (device->family != FAMILY_RCC && (!now || now->presence != DEVICE_PRESENT))
            complain("%s isn't there any more",
                     device_name(device->family, device->index, name, sizeof name));
    }
    if (have < all)
        complain("%zu of %zu settings couldn't be read; %s says which and why", all - have, all,
                 run->path);
    else if (run->options->verbose || isatty(STDERR_FILENO))
        complain("%zu settings of %zu devices are in %s", have, backup->device_count, run->path);
    return have < all || run->missing > 0 ? EXIT_PARTLY : EXIT_DONE;
}

static int conclude(struct run *run, int status)
{
    const char *problem = run->collector ? collector_problem(run->collector) : NULL;

    if (run->error[0]) {
        complain("%s", run->error);
        return EXIT_REFUSED;
    }
    if (status == EXIT_NO_ANSWER)
        session_complain(run->session);
    if (status != EXIT_DONE)
        return run->collector ? keep_part(run, status) : status;
    if (!problem)
        return save(run);
    complain("%s; %s.part stays as it is", problem, run->path);
    return EXIT_REFUSED;
}

int cmd_backup(const struct options *options)
{
    struct run run = {.options = options, .path = options->words[0]};
    int status = EXIT_REFUSED;

    if (backup_may_replace(run.path, run.error, sizeof run.error) == XC_OK)
        status = load_part(&run);
    else
        complain("%s", run.error);
    if (status == EXIT_DONE)
        status = session_open(options, SESSION_PLANT, &run.session);
    if (status != EXIT_DONE)
        goto done;
    session_catch_signals(run.session);
    status = find_devices(&run);
    if (status == EXIT_DONE) {
        want_all(&run);
        tell_resumed(&run);
        tell_without_gateway(&run);
        status = read_all(&run);
    }
    status = conclude(&run, status);
    session_settle(run.session);
done:
    collector_free(run.collector);
    session_free(run.session);
    backup_free(run.backup);
    return status;
}
