// SPDX-License-Identifier: MIT
#include "cmd/planned.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalogue/address.h"
#include "cmd/cmd.h"
#include "cmd/confirm.h"
#include "cmd/progress.h"

static const int64_t finish_limit = 10 * LOOP_S;

static const struct column plan_columns[] = {
    {.name = "device", .type = COLUMN_TEXT}, {.name = "id", .type = COLUMN_INT, .right = true},
    {.name = "name", .type = COLUMN_TEXT},   {.name = "change", .type = COLUMN_TEXT},
    {.name = "remark", .type = COLUMN_TEXT},
};

static const struct column result_columns[] = {
    {.name = "device", .type = COLUMN_TEXT}, {.name = "address", .type = COLUMN_INT},
    {.name = "id", .type = COLUMN_INT},      {.name = "name", .type = COLUMN_TEXT},
    {.name = "old", .type = COLUMN_NUMBER},  {.name = "new", .type = COLUMN_NUMBER},
    {.name = "unit", .type = COLUMN_TEXT},   {.name = "result", .type = COLUMN_TEXT},
    {.name = "text", .type = COLUMN_TEXT},
};

struct run {
    struct session *session;
    const struct options *options;
    struct batch *batch;
    size_t same; // settings that aren't in the plan since they are as they should be
    bool flash;
    struct progress progress;
};

void planned_changed(void *session)
{
    session_wake(session);
}

void planned_tell_ram(struct session *session, enum family family, unsigned index,
                      const struct datapoint *datapoint, double kept_in_flash)
{
    char name[DEVICE_NAME_MAX], ram[DATAPOINT_TEXT_MAX], flash[DATAPOINT_TEXT_MAX], when[32];
    double number;
    int64_t time;

    if (!plant_earlier_ram(session_plant(session), family, index, datapoint_id(datapoint), &number,
                           &time) ||
        datapoint_meant(datapoint, number) == datapoint_meant(datapoint, kept_in_flash))
        return;
    complain("! %s has %s in flash of %u, but %s was written to its RAM on %s: unless it has "
             "restarted since, that runs",
             device_name(family, index, name, sizeof name),
             datapoint_exact_text(datapoint, kept_in_flash, flash, sizeof flash),
             (unsigned)datapoint_id(datapoint),
             datapoint_exact_text(datapoint, number, ram, sizeof ram),
             text_local_time(time, when, sizeof when));
}

int planned_may_write(struct session *session, const struct options *options)
{
    const char *problem = plant_no_recording(session_plant(session));

    if (options->read_only)
        complain("nothing is written: the program was started read-only");
    else if (problem)
        complain("it can't be recorded, so it isn't written: %s", problem);
    else
        return EXIT_DONE;
    return EXIT_REFUSED;
}

// --- Rows ----------------------------------------------------------------------------------------

static void change_words(const struct batch_item *item, char *out, size_t size)
{
    char value[DATAPOINT_TEXT_MAX];
    size_t used = 0;

    if (!isnan(item->old))
        text_append(out, size, &used, "%s → ",
                    datapoint_exact_text(item->datapoint, item->old, value, sizeof value));
    text_append(out, size, &used, "%s",
                datapoint_exact_text(item->datapoint, item->number, value, sizeof value));
}

static void add_text_row(const struct run *run, struct rows *rows, const struct batch_item *item,
                         const char *remark)
{
    char device[DEVICE_NAME_MAX], change[2 * DATAPOINT_TEXT_MAX];
    char plain_name[256], plain_change[2 * DATAPOINT_TEXT_MAX], plain_remark[EDIT_TEXT_MAX];

    change_words(item, change, sizeof change);
    struct field fields[] = {
        {.text = target_name(&item->target, device, sizeof device)},
        {.integer = datapoint_id(item->datapoint)},
        {.text = plain_text(run->options, datapoint_name(item->datapoint), plain_name,
                            sizeof plain_name)},
        {.text = plain_text(run->options, change, plain_change, sizeof plain_change)},
        {.text = plain_text(run->options, remark, plain_remark, sizeof plain_remark)},
    };
    rows_add(rows, fields);
}

static bool is_under_way(const struct batch_item *item)
{
    return item->state == ITEM_ALLOWED && item->result == RECORD_PENDING;
}

static const char *result_word(const struct batch_item *item)
{
    switch (item->state) {
    case ITEM_SAME:
        return "same";
    case ITEM_REFUSED:
        return "left out";
    case ITEM_DONE:
        return record_result_name(item->result);
    default:
        return record_result_name(is_under_way(item) ? RECORD_UNKNOWN : RECORD_NOT_SENT);
    }
}

// What came of it, in words.
static const char *result_text(const struct batch_item *item)
{
    if (item->state != ITEM_ALLOWED)
        return item->text;
    return is_under_way(item) ? "ended while it was being written: it isn't known whether it was"
                              : "not begun";
}

static void add_data_row(struct rows *rows, const struct batch_item *item)
{
    char device[DEVICE_NAME_MAX];
    struct field fields[] = {
        {.text = target_name(&item->target, device, sizeof device)},
        {.integer = target_address(&item->target)},
        {.integer = datapoint_id(item->datapoint)},
        {.text = datapoint_name(item->datapoint)},
        {.number = item->old, .decimals = -1},
        {.number = item->number, .decimals = -1},
        {.text = datapoint_unit(item->datapoint)},
        {.text = result_word(item)},
        {.text = result_text(item)},
    };
    rows_add(rows, fields);
}

// --- Progress ------------------------------------------------------------------------------------

// The device of the first item in a state: that one is being dealt with.
static void show_progress(struct run *run, enum batch_state state, const char *doing, size_t done,
                          size_t all)
{
    char device[DEVICE_NAME_MAX] = "", what[DEVICE_NAME_MAX + 32];
    size_t i = 0;

    while (i < batch_count(run->batch) && batch_item(run->batch, i)->state != state)
        i++;
    if (i < batch_count(run->batch))
        target_name(&batch_item(run->batch, i)->target, device, sizeof device);
    snprintf(what, sizeof what, "%s %-5s ", doing, device);
    progress_show(&run->progress, done, all, what, loop_now(session_loop(run->session)));
}

static void begin_progress(struct run *run)
{
    progress_begin(&run->progress, run->options->verbose, loop_now(session_loop(run->session)));
}

// --- The plan ------------------------------------------------------------------------------------

static bool is_looked_at(void *arg)
{
    struct run *run = arg;
    struct batch_totals totals;

    batch_totals(run->batch, &totals);
    show_progress(run, ITEM_WAITING, "looking at", totals.looked, totals.all);
    return batch_phase(run->batch) != BATCH_LOOKING;
}

static int look(struct run *run)
{
    begin_progress(run);
    batch_look(run->batch);
    int status = session_wait(run->session, is_looked_at, run, 0);
    progress_clear(&run->progress);
    if (status == EXIT_NO_ANSWER)
        session_complain(run->session);
    return status;
}

static void add_plan_row(const struct run *run, struct rows *rows, const struct batch_item *item)
{
    char remark[EDIT_TEXT_MAX + 32];

    snprintf(remark, sizeof remark, "%s%s",
             item->state == ITEM_ALLOWED ? (item->warned ? "! " : "")
             : item->later               ? "left out for now: "
                                         : "left out: ",
             item->text);
    add_text_row(run, rows, item, remark);
}

// "XT1 12, XT2 3": how many of each device are to be changed.
static void count_by_device(const struct run *run, char *out, size_t size)
{
    size_t counts[FAMILY_COUNT][DEVICES_PER_FAMILY_MAX + 1] = {{0}}, used = 0;
    char name[DEVICE_NAME_MAX];

    out[0] = '\0';
    for (size_t i = 0; i < batch_count(run->batch); i++) {
        const struct batch_item *item = batch_item(run->batch, i);
        counts[item->target.family][item->target.index] += item->state == ITEM_ALLOWED;
    }
    for (unsigned family = 0; family < FAMILY_COUNT; family++)
        for (unsigned index = 1; index <= DEVICES_PER_FAMILY_MAX; index++)
            if (counts[family][index] > 0)
                text_append(out, size, &used, "%s%s %zu", used ? ", " : " (",
                            device_name((enum family)family, index, name, sizeof name),
                            counts[family][index]);
    if (used > 0)
        text_append(out, size, &used, ")");
}

// The end of a long plan is what a person sees: what is left out comes first, what is dangerous
// last.
static void show(const struct run *run)
{
    struct rows *rows =
        rows_new(stderr, ROWS_TEXT, plan_columns, sizeof plan_columns / sizeof *plan_columns);
    struct batch_totals totals;
    char devices[512];

    for (size_t i = 0; i < batch_count(run->batch); i++)
        if (batch_item(run->batch, i)->state == ITEM_REFUSED)
            add_plan_row(run, rows, batch_item(run->batch, i));
    for (size_t i = 0; i < batch_count(run->batch); i++)
        if (batch_item(run->batch, i)->state == ITEM_ALLOWED)
            add_plan_row(run, rows, batch_item(run->batch, i));
    rows_flush(rows);
    rows_free(rows);
    batch_totals(run->batch, &totals);
    count_by_device(run, devices, sizeof devices);
    complain("%zu to change in %s%s, %zu left out, %zu as they should be", totals.allowed,
             run->flash ? "flash" : "RAM", devices, totals.refused, run->same + totals.same);
    if (totals.dangerous > 0)
        complain("! %zu of them can stop, restart, reset, erase or endanger something: they come "
                 "last",
                 totals.dangerous);
    if (totals.other_site)
        complain("! the last write recorded for %s went to another installation: is this the right "
                 "one?",
                 session_name(run->session));
}

// --- Carrying it out -----------------------------------------------------------------------------

static bool is_ended(void *arg)
{
    struct run *run = arg;
    struct batch_totals totals;

    batch_totals(run->batch, &totals);
    size_t done = totals.written + totals.failed + totals.unknown;
    show_progress(run, ITEM_ALLOWED, "writing to", done, done + totals.allowed);
    return batch_phase(run->batch) == BATCH_ENDED;
}

// What is under way is waited for, whatever the gateway does and whoever wants to end.
static int carry_out(struct run *run)
{
    int signalled = EXIT_DONE;

    begin_progress(run);
    batch_write(run->batch);
    int status = session_wait(run->session, is_ended, run, 0);
    if (status != EXIT_DONE)
        batch_stop(run->batch);
    if (status == EXIT_NO_ANSWER)
        signalled = session_wait_person(run->session, is_ended, run);
    if (signalled != EXIT_DONE)
        status = signalled;
    if (status != EXIT_DONE)
        session_finish(run->session, is_ended, run, finish_limit);
    progress_clear(&run->progress);
    if (status == EXIT_NO_ANSWER)
        session_complain(run->session);
    return status;
}

// --- What came of it -----------------------------------------------------------------------------

static void tell_totals(const struct run *run, const struct batch_totals *totals)
{
    size_t unknown = totals->unknown + totals->under_way;
    size_t left = totals->allowed - totals->under_way, used = 0;
    char line[256];

    text_append(line, sizeof line, &used, "%zu written", totals->written);
    if (totals->failed > 0)
        text_append(line, sizeof line, &used, ", %zu failed", totals->failed);
    if (unknown > 0)
        text_append(line, sizeof line, &used, ", %zu of unknown outcome", unknown);
    if (totals->refused > 0)
        text_append(line, sizeof line, &used, ", %zu left out", totals->refused);
    if (left > 0)
        text_append(line, sizeof line, &used, ", %zu not begun%s", left,
                    run->flash ? "; the same command goes on with what still differs" : "");
    complain("%s", line);
}

static int outcome(const struct batch_totals *totals)
{
    if (totals->unknown + totals->under_way > 0)
        return EXIT_UNKNOWN;
    if (totals->allowed + totals->refused + totals->failed == 0)
        return EXIT_DONE;
    return totals->written > 0 || totals->same > 0 ? EXIT_PARTLY : EXIT_REFUSED;
}

// As text only what a person hasn't just seen: nothing when nothing was to be written.
static int report(const struct run *run, bool begun)
{
    bool text = run->options->format == ROWS_TEXT;
    struct rows *rows =
        text ? rows_new(stdout, ROWS_TEXT, plan_columns, sizeof plan_columns / sizeof *plan_columns)
             : rows_new(stdout, run->options->format, result_columns,
                        sizeof result_columns / sizeof *result_columns);
    struct batch_totals totals;

    for (size_t i = 0; i < batch_count(run->batch); i++) {
        const struct batch_item *item = batch_item(run->batch, i);
        if (!text)
            add_data_row(rows, item);
        else if (begun && item->state == ITEM_REFUSED)
            add_plan_row(run, rows, item);
        else if (item->state == ITEM_DONE || is_under_way(item))
            add_text_row(run, rows, item, result_text(item));
    }
    batch_totals(run->batch, &totals);
    int status = finish_rows(rows, outcome(&totals));
    if (begun)
        tell_totals(run, &totals);
    return status;
}

int planned_do(struct session *session, const struct options *options, struct batch *batch,
               size_t same, bool flash, const char *word)
{
    struct run run = {
        .session = session, .options = options, .batch = batch, .same = same, .flash = flash};
    struct batch_totals totals;
    int status = look(&run);

    if (status != EXIT_DONE)
        return status;
    show(&run);
    batch_totals(batch, &totals);
    if (totals.allowed == 0)
        return report(&run, false);
    status = confirm(session, options, "Write all of this?", totals.other_site ? "site" : word);
    if (status != EXIT_DONE)
        return status;
    if (totals.other_site)
        plant_confirm_site(session_plant(session));
    status = carry_out(&run);
    int reported = report(&run, true);
    // The gateway may have gone only when all was done; and what isn't known is graver.
    if (status == EXIT_NO_ANSWER && (reported == EXIT_DONE || reported == EXIT_UNKNOWN))
        status = reported;
    return status == EXIT_DONE ? reported : status;
}
