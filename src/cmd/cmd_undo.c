// SPDX-License-Identifier: MIT
// writes --undo: writes the value from before a recorded write again.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/change.h"
#include "cmd/cmd.h"

static bool take(void *arg, const struct record *record)
{
    *(struct record *)arg = *record;
    return false;
}

static int find_record(const struct options *options, struct record *record)
{
    const struct record_filter filter = {.n = options->undo, .family = FAMILY_NONE};
    char path[512], error[1024];
    struct records *records;

    *record = (struct record){0};
    if (records_open(records_path(options_demo(options), path, sizeof path), &records, error,
                     sizeof error) != XC_OK) {
        complain("%s", error);
        return EXIT_REFUSED;
    }
    enum xc_status status = records_list(records, &filter, take, record);
    if (status != XC_OK)
        complain("%s", records_error(records));
    else if (record->n == 0)
        complain("there is no record of a write %lld", (long long)options->undo);
    records_close(records);
    return record->n != 0 ? EXIT_DONE : EXIT_REFUSED;
}

static int check_record(const struct record *record)
{
    const char *why = record_undo_refusal(record);

    if (!why)
        return EXIT_DONE;
    complain("write %lld can't be taken back: %s", (long long)record->n, why);
    return EXIT_REFUSED;
}

// The device's present number, by its FID; one without a FID is where it was.
static int find_device(struct session *session, const struct record *record, struct target *target)
{
    const struct plant_device *devices;
    char *end;
    unsigned long fid = strtoul(record->key, &end, 16);

    if ((*end != '\0' || end - record->key != 8) && target_from_address(record->address, target)) {
        target->family = record->family; // BSP and BMS have one address
        return EXIT_DONE;
    }
    int status = session_wait_found(session);
    if (status != EXIT_DONE)
        return status;
    size_t count = plant_devices(session_plant(session), &devices);
    for (size_t i = 0; i < count; i++)
        if (devices[i].family == record->family && devices[i].fid == fid) {
            *target = (struct target){TARGET_DEVICE, devices[i].family, devices[i].index};
            return EXIT_DONE;
        }
    complain("the device that was written to, %s then, with the FID %s, isn't there",
             record->device, record->key);
    return EXIT_REFUSED;
}

static void tell_notes(struct session *session, const struct record *record)
{
    char notes[UNDO_NOTES_MAX][EDIT_TEXT_MAX];
    size_t count = plant_undo_notes(session_plant(session), record, notes);

    for (size_t i = 0; i < count; i++)
        complain("! %s", notes[i]);
}

int cmd_undo(const struct options *options)
{
    struct session *session = NULL;
    struct record record;
    struct change change = {0};
    int status = find_record(options, &record);

    if (status == EXIT_DONE) {
        change = (struct change){.datapoint = catalogue_find(record.family, record.id),
                                 .wish = {.number = record.old, .flash = record.flash},
                                 .undo = record.n,
                                 .key = record.key};
        status = check_record(&record);
    }
    if (status == EXIT_DONE)
        status = session_open(options, SESSION_PLANT, &session);
    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    status = session_wait_ready(session);
    if (status == EXIT_DONE)
        status = find_device(session, &record, &change.target);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status == EXIT_DONE)
        tell_notes(session, &record);
    if (status == EXIT_DONE)
        status = change_do(session, options, &change);
    session_settle(session);
    session_free(session);
    return status;
}
