// SPDX-License-Identifier: MIT
#include "cmd/change.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/confirm.h"
#include "cmd/write_rows.h"

enum { FLASH_WRITES_GUARANTEED = 1000 };

static const int64_t finish_limit = 10 * LOOP_S;

// --- What is wanted ------------------------------------------------------------------------------

static void tell_options(const struct datapoint *dp)
{
    struct option option;

    if (datapoint_encoding(dp) == ENCODING_BOOL)
        return; // they are named already
    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        complain("  %u  %s", (unsigned)option.value, option.label);
}

static int parse_value(const char *text, struct change *change)
{
    const struct datapoint *dp = change->datapoint;
    bool date = datapoint_encoding(dp) == ENCODING_DATE;
    enum xc_status status = XC_OK;

    change->wish.now = date && strcmp(text, "now") == 0;
    if (!change->wish.now)
        status = datapoint_parse(dp, text, &change->wish.number);
    if (status == XC_OK)
        return EXIT_DONE;
    complain("'%s': expected %s%s", text, datapoint_expects(dp), date ? ", or now" : "");
    tell_options(dp);
    return EXIT_WRONG;
}

int change_parse(const char *device, const char *id, const char *value, struct change *change)
{
    long number;

    *change = (struct change){0};
    if (target_parse(device, &change->target) != XC_OK || target_address(&change->target) == 0) {
        complain("'%s' isn't something to write to; expected XT1…XT9, VT1…VT15, VS1…VS15, BSP, "
                 "BMS, XCOM, a phase L1…L3, or XT, VT, VS for all of a family",
                 device);
        return EXIT_WRONG;
    }
    if (text_parse_int(id, 1, UINT16_MAX, &number) != XC_OK) {
        complain("'%s' isn't the number of a parameter; xcomtop list %s searches", id, id);
        return EXIT_WRONG;
    }
    change->datapoint = catalogue_find(change->target.family, (unsigned)number);
    if (!change->datapoint) {
        complain("%s has no parameter %ld in the tables; only what they know is written",
                 family_name(change->target.family), number);
        return EXIT_WRONG;
    }
    if (datapoint_kind(change->datapoint) != KIND_PARAMETER) {
        complain("%ld is a %s: only parameters can be written", number,
                 datapoint_kind(change->datapoint) == KIND_INFO ? "user info" : "menu");
        return EXIT_WRONG;
    }
    if (datapoint_format(change->datapoint) == FORMAT_NONE) {
        complain("%ld can't be read or written over this protocol", number);
        return EXIT_WRONG;
    }
    return parse_value(value, change);
}

// --- Looking -------------------------------------------------------------------------------------

static bool is_read(void *arg)
{
    return edit_state(arg) != EDIT_READING;
}

static void wake(void *arg)
{
    session_wake(arg);
}

// The record that is taken back belongs to a device, not to its number.
static bool is_meant(const struct change *change, const struct edit *edit)
{
    const struct edit_device *devices;
    char name[DEVICE_NAME_MAX];

    if (!change->key || edit_devices(edit, &devices) == 0 ||
        strcmp(devices[0].key, change->key) == 0)
        return true;
    complain("%s is another device now than the one that was written to",
             target_name(&change->target, name, sizeof name));
    return false;
}

int change_look(struct session *session, const struct change *change, struct edit **edit)
{
    char error[EDIT_TEXT_MAX];

    if (edit_open(session_plant(session), &change->target, change->datapoint, wake, session, edit,
                  error, sizeof error) != XC_OK) {
        complain("%s", error);
        return EXIT_REFUSED;
    }
    int status = session_wait(session, is_read, *edit, 0);
    if (status == EXIT_NO_ANSWER) {
        session_complain(session);
    } else if (status == EXIT_DONE && edit_state(*edit) == EDIT_FAILED) {
        status = edit_failure(*edit) == XC_TIMEOUT ? EXIT_NO_ANSWER : EXIT_REFUSED;
        if (status == EXIT_NO_ANSWER && change->target.family == FAMILY_RCC)
            session_complain_gateway(session);
        else
            complain("%s", edit_text(*edit));
    } else if (status == EXIT_DONE && !is_meant(change, *edit)) {
        status = EXIT_REFUSED;
    }
    if (status != EXIT_DONE) {
        edit_close(*edit);
        *edit = NULL;
    }
    return status;
}

// --- Asking --------------------------------------------------------------------------------------

static void show_device(const struct change *change, const struct edit_device *device)
{
    const struct datapoint *dp = change->datapoint;
    char name[DEVICE_NAME_MAX], old[DATAPOINT_TEXT_MAX], new[DATAPOINT_TEXT_MAX] = "now";
    char line[1024];
    size_t used = 0;

    device_name(device->family, device->index, name, sizeof name);
    if (!change->wish.now)
        datapoint_exact_text(dp, change->wish.number, new, sizeof new);
    text_append(line, sizeof line, &used, "%s %u %s: ", name, (unsigned)datapoint_id(dp),
                datapoint_name(dp));
    if (!isnan(device->value))
        text_append(line, sizeof line, &used, "%s to ",
                    datapoint_exact_text(dp, device->value, old, sizeof old));
    text_append(line, sizeof line, &used, "%s", new);
    if (!isnan(device->overlay))
        text_append(line, sizeof line, &used, " (runs with %s)",
                    datapoint_exact_text(dp, device->overlay, old, sizeof old));
    if (datapoint_encoding(dp) == ENCODING_SIGNAL || datapoint_encoding(dp) == ENCODING_DATE)
        ; // nothing that is kept
    else if (change->wish.flash)
        text_append(line, sizeof line, &used, " in flash (%u write%s recorded here, %d guaranteed)",
                    device->flash_writes, device->flash_writes == 1 ? "" : "s",
                    FLASH_WRITES_GUARANTEED);
    else
        text_append(line, sizeof line, &used, " in RAM, until it restarts");
    complain("%s", line);
}

int change_confirm(struct session *session, const struct options *options,
                   const struct change *change, struct edit *edit)
{
    const struct edit_device *devices;
    struct edit_verdict verdict;
    size_t count = edit_devices(edit, &devices);

    edit_check(edit, &change->wish, &verdict);
    if (verdict.status != XC_OK) {
        complain("%s", verdict.why);
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < count; i++)
        show_device(change, &devices[i]);
    // What runs in RAM can't be read.
    if (verdict.unchanged)
        complain("that is what it has %s",
                 change->wish.flash || !isnan(devices[0].overlay) ? "already" : "in flash");
    if (verdict.note[0])
        complain("%s", verdict.note);
    for (size_t i = 0; i < verdict.warning_count; i++)
        complain("! %s", verdict.warnings[i]);
    int status = confirm(session, options, "Write?", verdict.word);
    if (status == EXIT_DONE && verdict.word && strcmp(verdict.word, "site") == 0)
        plant_confirm_site(session_plant(session));
    return status;
}

// --- Writing -------------------------------------------------------------------------------------

static bool is_done(void *arg)
{
    return edit_state(arg) == EDIT_DONE;
}

static int status_of(const struct edit *edit)
{
    const struct edit_device *devices;
    size_t count = edit_devices(edit, &devices), good = 0;

    for (size_t i = 0; i < count; i++)
        good += devices[i].result == RECORD_WRITTEN;
    switch (edit_result(edit)) {
    case RECORD_WRITTEN:
        return EXIT_DONE;
    case RECORD_UNKNOWN:
    case RECORD_PENDING:
        return EXIT_UNKNOWN;
    case RECORD_NOT_SENT:
        return edit_failure(edit) == XC_NO_LINK || edit_failure(edit) == XC_TIMEOUT ? EXIT_NO_ANSWER
                                                                                    : EXIT_REFUSED;
    default:
        return good > 0 ? EXIT_PARTLY : EXIT_REFUSED;
    }
}

static int print_results(const struct options *options, const struct edit *edit)
{
    const struct edit_device *devices;
    size_t count = edit_devices(edit, &devices);
    int status = status_of(edit);

    if (options->format == ROWS_TEXT) {
        char text[EDIT_TEXT_MAX];
        if (status != EXIT_DONE) {
            complain("%s", edit_text(edit));
            return status;
        }
        puts(plain_text(options, edit_text(edit), text, sizeof text));
        return finish_text(status);
    }
    struct rows *rows = write_rows_new(options->format);
    for (size_t i = 0; i < count; i++)
        write_rows_add(rows, &edit_records(edit)[i]);
    if (status != EXIT_DONE)
        complain("%s", edit_text(edit));
    return finish_rows(rows, status);
}

int change_write(struct session *session, const struct options *options,
                 const struct change *change, struct edit *edit)
{
    struct edit_verdict verdict;

    if (edit_write(edit, &change->wish, change->undo) != XC_OK) {
        edit_check(edit, &change->wish, &verdict);
        complain("%s", verdict.why);
        return EXIT_REFUSED;
    }
    // What was sent is waited for, whatever the gateway does and whoever wants to end.
    int status = session_wait_person(session, is_done, edit);
    if (status != EXIT_DONE && !session_finish(session, is_done, edit, finish_limit)) {
        complain("ended while writing: it isn't known whether it was done");
        return status;
    }
    int outcome = print_results(options, edit);
    return status != EXIT_DONE ? status : outcome;
}

// Says so if there is nothing to write.
static bool is_needless(const struct change *change, const struct edit *edit)
{
    struct edit_verdict verdict;

    edit_check(edit, &change->wish, &verdict);
    if (verdict.status != XC_USAGE || !verdict.unchanged)
        return false;
    complain("%s", verdict.why);
    return true;
}

int change_do(struct session *session, const struct options *options, const struct change *change)
{
    struct edit *edit;
    int status = change_look(session, change, &edit);

    if (status == EXIT_DONE && is_needless(change, edit)) {
        edit_close(edit);
        return EXIT_DONE;
    }
    if (status == EXIT_DONE)
        status = change_confirm(session, options, change, edit);
    if (status == EXIT_DONE)
        status = change_write(session, options, change, edit);
    edit_close(edit);
    return status;
}
