// SPDX-License-Identifier: MIT
#include "cmd/planned.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
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
    struct progress progress;
};

void planned_changed(void *session)
{
    session_wake(session);
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

static const char *result_word(const struct batch_item *item)
{
    switch (item->state) {
    case ITEM_SAME:
        return "same";
    case ITEM_DONE:
        return record_result_name(item->result);
    case ITEM_REFUSED:
        return record_result_name(RECORD_REFUSED);
    default:
        return record_result_name(RECORD_NOT_SENT);
    }
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
        {.text = item->text},
    };
    rows_add(rows, fields);
}

// --- The plan ------------------------------------------------------------------------------------

static bool is_looked_at(void *arg)
{
    struct run *run = arg;
    struct batch_totals totals;

    batch_totals(run->batch, &totals);
    progress_show(&run->progress, totals.looked, totals.all, "looking at the devices",
                  loop_now(session_loop(run->session)));
    return batch_phase(run->batch) != BATCH_LOOKING;
}

static int look(struct run *run)
{
    progress_begin(&run->progress, run->options->verbose, loop_now(session_loop(run->session)));
    batch_look(run->batch);
    int status = session_wait(run->session, is_looked_at, run, 0);
    progress_clear(&run->progress);
    if (status == EXIT_NO_ANSWER)
        session_complain(run->session);
    return status;
}

static const char *remark_of(const struct batch_item *item, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    if (item->state == ITEM_REFUSED)
        text_append(out, size, &used, "left out: %s", item->text);
    else if (datapoint_is_dangerous(item->datapoint))
        text_append(out, size, &used, "! %s", datapoint_effect_reason(item->datapoint));
    else
        text_append(out, size, &used, "%s", item->text);
    return out;
}

static void show(const struct run *run, bool flash)
{
    struct rows *rows =
        rows_new(stderr, ROWS_TEXT, plan_columns, sizeof plan_columns / sizeof *plan_columns);
    struct batch_totals totals;
    char remark[EDIT_TEXT_MAX + 16];

    batch_totals(run->batch, &totals);
    for (size_t i = 0; i < batch_count(run->batch); i++) {
        const struct batch_item *item = batch_item(run->batch, i);
        if (item->state != ITEM_SAME)
            add_text_row(run, rows, item, remark_of(item, remark, sizeof remark));
    }
    rows_flush(rows);
    rows_free(rows);
    complain("%zu to change in %s, %zu left out, %zu as they should be", totals.allowed,
             flash ? "flash" : "RAM", totals.refused, totals.same);
    if (totals.dangerous > 0)
        complain("! %zu of them can stop, restart, reset, erase or endanger something",
                 totals.dangerous);
}

// --- Carrying it out -----------------------------------------------------------------------------

static bool is_ended(void *arg)
{
    struct run *run = arg;
    struct batch_totals totals;

    batch_totals(run->batch, &totals);
    size_t done = totals.written + totals.failed + totals.unknown;
    progress_show(&run->progress, done, done + totals.allowed, "writing",
                  loop_now(session_loop(run->session)));
    return batch_phase(run->batch) == BATCH_ENDED;
}

static int carry_out(struct run *run)
{
    progress_begin(&run->progress, run->options->verbose, loop_now(session_loop(run->session)));
    batch_write(run->batch);
    int status = session_wait_person(run->session, is_ended, run);
    if (status != EXIT_DONE) {
        batch_stop(run->batch);
        session_finish(run->session, is_ended, run, finish_limit);
    }
    progress_clear(&run->progress);
    return status;
}

static int report(const struct run *run)
{
    bool text = run->options->format == ROWS_TEXT;
    struct rows *rows =
        text ? rows_new(stdout, ROWS_TEXT, plan_columns, sizeof plan_columns / sizeof *plan_columns)
             : rows_new(stdout, run->options->format, result_columns,
                        sizeof result_columns / sizeof *result_columns);
    struct batch_totals totals;

    batch_totals(run->batch, &totals);
    for (size_t i = 0; i < batch_count(run->batch); i++) {
        const struct batch_item *item = batch_item(run->batch, i);
        if (!text)
            add_data_row(rows, item);
        else if (item->state == ITEM_DONE)
            add_text_row(run, rows, item, item->text);
    }
    size_t done = totals.written + totals.failed + totals.unknown;
    size_t missing = totals.allowed + totals.refused + totals.failed;
    int status = totals.unknown > 0                      ? EXIT_UNKNOWN
                 : missing == 0                          ? EXIT_DONE
                 : totals.written > 0 || totals.same > 0 ? EXIT_PARTLY
                                                         : EXIT_REFUSED;
    if (done > 0 || !text)
        complain("%zu written, %zu failed, %zu of unknown outcome, %zu left", totals.written,
                 totals.failed, totals.unknown, totals.allowed);
    return finish_rows(rows, status);
}

int planned_do(struct session *session, const struct options *options, struct batch *batch,
               bool flash, const char *word)
{
    struct run run = {.session = session, .options = options, .batch = batch};
    struct batch_totals totals;
    int status = look(&run);

    if (status != EXIT_DONE)
        return status;
    show(&run, flash);
    batch_totals(batch, &totals);
    if (totals.allowed == 0)
        return report(&run);
    status = confirm(session, options, "Write all of this?", totals.other_site ? "site" : word);
    if (status != EXIT_DONE)
        return status;
    if (totals.other_site)
        plant_confirm_site(session_plant(session));
    status = carry_out(&run);
    int outcome = report(&run);
    return status != EXIT_DONE ? status : outcome;
}
