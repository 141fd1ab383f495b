// SPDX-License-Identifier: MIT
// datalog: the datalog files of the gateway's SD card: lists them, fetches them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/logname.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "plant/datalog.h"
#include "store/datafiles.h"

static const int64_t to_end = 8 * LOOP_S; // a transfer, once somebody has interrupted it

struct run {
    const struct options *options;
    struct session *session;
    struct datalog *datalog;
    struct progress progress;
    bool told_quiet;
};

// --- What is wanted ------------------------------------------------------------------------------

static int wrong(const char *what)
{
    complain("datalog: %s; see xcomtop help datalog", what);
    return EXIT_WRONG;
}

static int check_words(const struct options *options)
{
    bool is_list = strcmp(options->words[0], "list") == 0;
    int names = options->word_count - 1;
    int64_t day;

    if (!is_list && strcmp(options->words[0], "get") != 0)
        return wrong("list or get was expected behind it");
    if (is_list && (names > 0 || options->all || options->only_new))
        return wrong("list takes neither names nor --all nor --new");
    if (!is_list && (names > 0) + options->all + options->only_new != 1)
        return wrong("get needs names, --all or --new, one of them");
    for (int i = 1; i <= names; i++)
        if (!logname_read(options->words[i], &day)) {
            complain("%s: the name of a file like LG261231.CSV was expected", options->words[i]);
            return EXIT_WRONG;
        }
    return EXIT_DONE;
}

static const char *directory(const struct run *run, char *out, size_t size)
{
    const struct options *options = run->options;

    if (options->output)
        return options->output;
    if (options->datalog_directory)
        return options->datalog_directory;
    return datafiles_directory(session_name(run->session), out, size);
}

static void on_changed(void *arg)
{
    const struct run *run = arg;
    session_changed(run->session);
}

static int open_run(struct run *run)
{
    char path[DATAFILES_PATH_MAX];
    int status = session_open(run->options, SESSION_CHANGE, &run->session);

    if (status != EXIT_DONE)
        return status;
    session_catch_signals(run->session);
    run->datalog =
        datalog_new(session_plant(run->session),
                    &(struct datalog_options){.directory = directory(run, path, sizeof path),
                                              .quiet_hours = run->options->quiet_hours},
                    on_changed, run);
    status = session_wait_ready(run->session);
    if (status == EXIT_NO_ANSWER)
        session_complain(run->session);
    if (status != EXIT_DONE)
        return status;
    if (gateway_capabilities(session_gateway(run->session)) & GATEWAY_DATALOG)
        return EXIT_DONE;
    complain(
        "an Xcom-CAN has no datalog files: they are on the SD card of an Xcom-232i or Xcom-LAN");
    return EXIT_REFUSED;
}

// --- Waiting -------------------------------------------------------------------------------------

// "LG261231.CSV  45 of about 68 kB  2.9 kB/s  about 0:08 left  (2 more)"
static void show(struct run *run)
{
    struct datalog_progress now;
    char text[200];
    size_t used = 0;

    datalog_progress(run->datalog, &now);
    if (!now.name[0] && !now.listing)
        return;
    text_append(text, sizeof text, &used, "%s  ", now.listing && !now.name[0] ? "list" : now.name);
    if (now.expected > 0)
        text_append(text, sizeof text, &used, "%.0f of about %.0f kB", (double)now.bytes / 1000,
                    (double)now.expected / 1000);
    else
        text_append(text, sizeof text, &used, "%.0f kB", (double)now.bytes / 1000);
    if (now.rate > 0)
        text_append(text, sizeof text, &used, "  %.1f kB/s", now.rate / 1000);
    if (now.left >= 0)
        text_append(text, sizeof text, &used, "  about %d:%02d left",
                    (int)(now.left / (60 * LOOP_S)), (int)(now.left / LOOP_S % 60));
    if (now.queued > 0)
        text_append(text, sizeof text, &used, "  %zu more", now.queued);
    if (now.text[0])
        text_append(text, sizeof text, &used, "  ! %s", now.text);
    progress_text(&run->progress, text, loop_now(session_loop(run->session)));
}

static bool is_over_or_quiet(void *arg)
{
    struct run *run = arg;
    struct datalog_progress now;

    show(run);
    datalog_progress(run->datalog, &now);
    return !datalog_busy(run->datalog) || now.quiet;
}

static bool is_over(void *arg)
{
    const struct run *run = arg;
    return !datalog_busy(run->datalog);
}

static bool is_over_or_loud(void *arg)
{
    const struct run *run = arg;
    struct datalog_progress now;

    datalog_progress(run->datalog, &now);
    return !datalog_busy(run->datalog) || !now.quiet;
}

// Waits until all is done, through the quiet hours too.
static int wait_all(struct run *run)
{
    int status = EXIT_DONE;

    progress_begin(&run->progress, run->options->verbose, loop_now(session_loop(run->session)));
    while (status == EXIT_DONE && datalog_busy(run->datalog)) {
        struct datalog_progress now;
        status = session_wait(run->session, is_over_or_quiet, run, 0);
        datalog_progress(run->datalog, &now);
        if (status != EXIT_DONE || !now.quiet || !datalog_busy(run->datalog))
            continue;
        progress_clear(&run->progress);
        if (!run->told_quiet)
            complain("%s", now.text);
        run->told_quiet = true;
        status = session_wait_person(run->session, is_over_or_loud, run);
    }
    progress_clear(&run->progress);
    if (status == EXIT_DONE)
        return EXIT_DONE;
    // The gateway isn't left in the middle of a file.
    struct datalog_progress last;
    datalog_progress(run->datalog, &last);
    datalog_stop(run->datalog);
    session_finish(run->session, is_over, run, to_end);
    // Of a file that didn't come whole nothing is kept.
    if (status > 128 && last.name[0])
        complain("stopped: %s is fetched from the beginning next time", last.name);
    if (status == EXIT_NO_ANSWER)
        session_complain(run->session);
    return status;
}

static int fetch_list(struct run *run)
{
    struct datalog_progress progress;

    datalog_list(run->datalog);
    int status = wait_all(run);
    if (status != EXIT_DONE)
        return status;
    datalog_progress(run->datalog, &progress);
    if (!datalog_listed(run->datalog, NULL)) {
        complain("the list can't be had: %s", progress.text);
        return EXIT_REFUSED;
    }
    if (datalog_strange(run->datalog) > 0)
        complain("%zu other names on the card are left out", datalog_strange(run->datalog));
    return EXIT_DONE;
}

// --- list ----------------------------------------------------------------------------------------

static const struct column list_columns[] = {
    {.name = "name", .type = COLUMN_TEXT, .heading = "name"},
    {.name = "date", .type = COLUMN_TEXT, .heading = "date"},
    {.name = "bytes", .type = COLUMN_INT, .right = true, .heading = "bytes here"},
    {.name = "whole", .type = COLUMN_TEXT, .heading = ""},
};

static void date_text(int64_t day, char out[16])
{
    time_t seconds = (time_t)(day * LOGNAME_DAY_S);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(out, 16, "%Y-%m-%d", &tm);
}

static int print_list(struct run *run)
{
    struct rows *rows = rows_new(stdout, run->options->format, list_columns,
                                 sizeof list_columns / sizeof *list_columns);

    for (size_t i = 0; i < datalog_count(run->datalog); i++) {
        const struct datalog_file *file = datalog_file(run->datalog, i);
        char date[16];
        date_text(file->day, date);
        struct field fields[] = {
            {.text = file->name},
            {.text = date},
            {.integer = file->size < 0 ? ROW_NONE : file->size},
            {.text = file->size < 0  ? NULL
                     : file->partial ? "part"
                                     : "whole"},
        };
        rows_add(rows, fields);
    }
    return finish_rows(rows, EXIT_DONE);
}

// --- get -----------------------------------------------------------------------------------------

static const struct column get_columns[] = {
    {.name = "name", .type = COLUMN_TEXT},
    {.name = "bytes", .type = COLUMN_INT, .right = true},
    {.name = "result", .type = COLUMN_TEXT},
};

static void queue(struct run *run)
{
    const struct options *options = run->options;

    for (int i = 1; i < options->word_count; i++)
        datalog_get(run->datalog, options->words[i]);
    for (size_t i = 0; i < datalog_count(run->datalog); i++) {
        const struct datalog_file *file = datalog_file(run->datalog, i);
        if (options->all || (options->only_new && (file->size < 0 || file->partial)))
            datalog_get(run->datalog, file->name);
    }
}

static int print_results(struct run *run, int status)
{
    struct rows *rows = rows_new(stdout, run->options->format, get_columns,
                                 sizeof get_columns / sizeof *get_columns);
    struct datalog_progress progress;

    datalog_progress(run->datalog, &progress);
    for (size_t i = 0; i < datalog_count(run->datalog); i++) {
        const struct datalog_file *file = datalog_file(run->datalog, i);
        if (file->state != DATALOG_DONE && file->state != DATALOG_FAILED)
            continue;
        struct field fields[] = {
            {.text = file->name},
            {.integer = file->state == DATALOG_DONE ? file->size : ROW_NONE},
            {.text = file->text},
        };
        rows_add(rows, fields);
    }
    if (status == EXIT_DONE && progress.failed > 0)
        status = progress.done > 0 ? EXIT_PARTLY : EXIT_REFUSED;
    else if (status == EXIT_NO_ANSWER && progress.done > 0)
        status = EXIT_PARTLY;
    status = finish_rows(rows, status);
    if (progress.done > 0)
        complain("%zu file%s in %s", progress.done, progress.done == 1 ? " is" : "s are",
                 datalog_directory(run->datalog));
    return status;
}

static int get(struct run *run)
{
    int status = run->options->word_count > 1 ? EXIT_DONE : fetch_list(run);

    if (status != EXIT_DONE)
        return status;
    queue(run);
    if (!datalog_busy(run->datalog)) {
        complain("nothing is new: all %zu files are in %s", datalog_count(run->datalog),
                 datalog_directory(run->datalog));
        return EXIT_DONE;
    }
    return print_results(run, wait_all(run));
}

int cmd_datalog(const struct options *options)
{
    struct run run = {.options = options};
    int status = check_words(options);

    if (status != EXIT_DONE)
        return status;
    if (options->read_only) {
        complain("--read-only: even the list moves the gateway's transfer, and a file clears its "
                 "flag for new ones: that isn't a pure read");
        return EXIT_REFUSED;
    }
    status = open_run(&run);
    if (status == EXIT_DONE && strcmp(options->words[0], "list") == 0) {
        status = fetch_list(&run);
        if (status == EXIT_DONE)
            status = print_list(&run);
    } else if (status == EXIT_DONE) {
        status = get(&run);
    }
    if (run.session)
        session_settle(run.session);
    datalog_free(run.datalog);
    session_free(run.session);
    return status;
}
