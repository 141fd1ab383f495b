// SPDX-License-Identifier: MIT
// log: rows of values into a file, for as long as it may take. What a disk or a gateway does is
// told once, and once more when it is over; nothing but a signal ends it.
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/hook.h"
#include "cmd/selection.h"
#include "cmd/session.h"
#include "plant/messages.h"
#include "plant/sampler.h"
#include "store/logfile.h"

enum { NAME_MAX_BYTES = 192 };

static const int64_t usual_every = 10 * LOOP_S, least_every = LOOP_S, most_every = 3600 * LOOP_S;
static const int64_t usual_sync = 5 * LOOP_S;

struct logging {
    const struct options *options;
    struct session *session;
    struct selection selection;
    struct plant_ref *refs;
    size_t count;
    struct column *columns; // time, and one a value
    char (*names)[NAME_MAX_BYTES];
    struct field *fields;
    struct rows *rows; // into the text below
    FILE *stream;
    char *text;
    size_t length;
    struct logfile *file; // NULL: stdout
    char *first;          // the first line, as long as stdout hasn't got it; else NULL
    struct sampler *sampler;
    struct loop_timer sync;
    unsigned written;
    int64_t header;            // bytes of the first line
    bool full, silent, others; // told: the file, the gateway, another device
    bool unrotated;            // … and that it couldn't be given another name
    int status;                // why it ends, once it does
    bool ended;
};

// --- What is wanted ------------------------------------------------------------------------------

static int check_options(struct logging *logging)
{
    const struct options *options = logging->options;
    char error[SELECTION_ERROR_MAX];
    enum xc_status status;

    if (!options->output) {
        complain("log needs --output FILE (- is stdout)");
        return EXIT_WRONG;
    }
    if (options->given & option_bit(OPTION_FORMAT) && options->format == ROWS_TEXT) {
        complain("a log is csv or jsonl, not text");
        return EXIT_WRONG;
    }
    if (options->every && (options->every < least_every || options->every > most_every)) {
        complain("--every: expected 1s to 1h");
        return EXIT_WRONG;
    }
    if (options->select && options->preset) {
        complain("give either --select or --preset");
        return EXIT_WRONG;
    }
    if (options->select)
        status = selection_parse(options->select, &logging->selection, error);
    else
        status = selection_preset(options->preset ? options->preset : "overview",
                                  &logging->selection, error);
    if (status == XC_OK)
        return EXIT_DONE;
    complain("%s", error);
    return EXIT_WRONG;
}

// --- Columns -------------------------------------------------------------------------------------

static bool is_csv(const struct logging *logging)
{
    return logging->options->format != ROWS_JSONL;
}

static void name_device(const struct plant_ref *ref, char *out, size_t size)
{
    if (ref->index == PLANT_SUM || ref->index == PLANT_AVERAGE)
        snprintf(out, size, "%s.%s", family_name(ref->family),
                 ref->index == PLANT_SUM ? "sum" : "avg");
    else
        device_name(ref->family, ref->index, out, size);
}

// "XT1:3000", and for people who open a CSV file "XT1:3000 Battery voltage [V]".
static void name_column(const struct logging *logging, const struct plant_ref *ref, char *out)
{
    const struct datapoint *datapoint = catalogue_find(ref->family, ref->id);
    const char *unit = datapoint_unit(datapoint);
    char device[DEVICE_NAME_MAX];
    size_t used = 0;

    name_device(ref, device, sizeof device);
    text_append(out, NAME_MAX_BYTES, &used, "%s:%u", device, (unsigned)ref->id);
    if (!is_csv(logging))
        return;
    text_append(out, NAME_MAX_BYTES, &used, " %s", datapoint_name(datapoint));
    if (*unit)
        text_append(out, NAME_MAX_BYTES, &used, " [%s]", unit);
}

static void make_columns(struct logging *logging)
{
    size_t count = logging->count;

    logging->columns = xcalloc(count + 1, sizeof *logging->columns);
    logging->names = xcalloc(count, sizeof *logging->names);
    logging->fields = xcalloc(count + 1, sizeof *logging->fields);
    logging->columns[0] = (struct column){.name = "time", .type = COLUMN_TIME};
    for (size_t i = 0; i < count; i++) {
        name_column(logging, &logging->refs[i], logging->names[i]);
        logging->columns[i + 1] = (struct column){.name = logging->names[i], .type = COLUMN_NUMBER};
        logging->fields[i + 1].decimals = -1;
    }
    logging->stream = open_memstream(&logging->text, &logging->length);
    if (!logging->stream)
        abort();
    logging->rows = rows_new(logging->stream, is_csv(logging) ? ROWS_CSV : ROWS_JSONL,
                             logging->columns, count + 1);
}

// What the rows have written since they were asked last; valid until they are written again.
static const char *take_text(struct logging *logging, size_t *length)
{
    rows_flush(logging->rows);
    fflush(logging->stream);
    *length = logging->length;
    fseeko(logging->stream, 0, SEEK_SET);
    return logging->text;
}

// --- Rows ----------------------------------------------------------------------------------------

static void end(struct logging *logging, int status)
{
    logging->status = status;
    logging->ended = true;
    session_wake(logging->session);
}

// Hours or days of local time: a number that is another one in the next.
static int64_t period_of(enum rotation rotation, int64_t wall)
{
    time_t seconds = (time_t)(wall / LOOP_S);
    struct tm local;

    if (!localtime_r(&seconds, &local))
        return 0;
    int64_t day = local.tm_year * 366 + local.tm_yday;
    return rotation == ROTATE_DAILY ? day : day * 24 + local.tm_hour;
}

static bool is_due(const struct logging *logging, size_t length)
{
    enum rotation rotation = logging->options->rotation;
    int64_t now = loop_wall(session_loop(logging->session));
    int64_t size = logfile_size(logging->file);

    if (rotation == ROTATE_NEVER || size <= logging->header)
        return false;
    if (rotation == ROTATE_SIZE)
        return size + (int64_t)length > logging->options->rotate_size;
    return period_of(rotation, logfile_changed(logging->file)) != period_of(rotation, now);
}

static void rotate(struct logging *logging)
{
    char note[LOGFILE_TEXT_MAX];
    bool done = logfile_rotate(logging->file, logging->options->rotate_keep, note) == XC_OK;

    if (!done && !logging->unrotated)
        complain("%s", note);
    else if (done && logging->options->verbose)
        complain("%s", note);
    logging->unrotated = !done;
}

static bool put(struct logging *logging, const char *text, size_t length)
{
    char note[LOGFILE_TEXT_MAX];

    if (!logging->file && !can_print()) {
        if (!logging->full)
            complain("nobody reads: rows are lost until somebody does");
        logging->full = true;
        return false;
    }
    if (!logging->file) {
        logging->full = false;
        if (logging->first)
            fputs(logging->first, stdout);
        free(logging->first);
        logging->first = NULL;
        if (fwrite(text, 1, length, stdout) == length && fflush(stdout) == 0)
            return true;
        end(logging, finish_text(EXIT_DONE));
        return false;
    }
    if (is_due(logging, length))
        rotate(logging);
    bool done = logfile_append(logging->file, text, length, note) == XC_OK;
    if (!done && !logging->full)
        complain("%s: rows are lost until that is over", note);
    else if (done && logging->full)
        complain("rows are written again");
    else if (done && *note)
        complain("%s", note);
    logging->full = !done;
    return done;
}

static void tell_gateway(struct logging *logging, bool silent)
{
    struct plant_link link;

    if (silent == logging->silent)
        return;
    logging->silent = silent;
    plant_link(session_plant(logging->session), &link);
    if (silent)
        complain("no values: %s", link.text);
    else
        complain("values come again");
}

static void take_sample(void *arg, int64_t time, const double *numbers, size_t known)
{
    struct logging *logging = arg;
    bool others = sampler_meets_others(logging->sampler);
    size_t length;

    if (others && !logging->others)
        complain("! another device or installation answers than at the beginning: what isn't the "
                 "same isn't logged");
    logging->others = others;
    tell_gateway(logging, known == 0);
    if (known == 0)
        return;
    logging->fields[0].integer = time;
    for (size_t i = 0; i < logging->count; i++)
        logging->fields[i + 1].number = numbers[i];
    rows_add(logging->rows, logging->fields);
    const char *text = take_text(logging, &length);
    if (put(logging, text, length) && ++logging->written == logging->options->samples)
        end(logging, EXIT_DONE);
}

static void sync_file(void *arg)
{
    struct logging *logging = arg;

    if (logfile_sync(logging->file) != XC_OK && !logging->full)
        complain("%s: %s", logging->options->output, strerror(errno));
    loop_timer_in(session_loop(logging->session), &logging->sync,
                  logging->options->sync ? logging->options->sync : usual_sync);
}

// --- Life ----------------------------------------------------------------------------------------

static int begin(struct logging *logging)
{
    char note[LOGFILE_TEXT_MAX];
    size_t length;

    make_columns(logging);
    const char *header = take_text(logging, &length);
    char *first = xcalloc(length + 1, 1);
    memcpy(first, header, length);
    logging->header = (int64_t)length;
    enum xc_status status = XC_OK;
    if (strcmp(logging->options->output, "-") == 0) {
        logging->first = xstrdup(first);
    } else {
        status = logfile_open(logging->options->output, first, &logging->file, note);
        if (*note)
            complain("%s", note);
    }
    free(first);
    return status == XC_OK ? EXIT_DONE : EXIT_REFUSED;
}

static bool is_found(void *arg)
{
    struct logging *logging = arg;

    return plant_discovery(session_plant(logging->session)).state == DISCOVERY_DONE;
}

static bool is_ended(void *arg)
{
    const struct logging *logging = arg;

    return logging->ended;
}

static void on_change(void *arg)
{
    struct logging *logging = arg;

    sampler_look(logging->sampler);
}

static void ignore(void *arg, int number)
{
    (void)arg;
    (void)number; // a file that was moved away is noticed by itself
}

static int run(struct logging *logging)
{
    struct plant *plant = session_plant(logging->session);
    const struct options *options = logging->options;
    // The gateway may come hours later.
    int status = session_wait_person(logging->session, is_found, logging);

    if (status != EXIT_DONE)
        return status;
    logging->refs = selection_refs(&logging->selection, plant, &logging->count);
    if (logging->count == 0) {
        complain("nothing to log: none of these devices is there");
        return EXIT_REFUSED;
    }
    status = begin(logging);
    if (status != EXIT_DONE)
        return status;
    if (logging->file)
        sync_file(logging);
    logging->sampler =
        sampler_new(plant, logging->refs, logging->count,
                    options->every ? options->every : usual_every, take_sample, logging);
    session_on_change(logging->session, on_change, logging);
    struct hook *hook = hook_new(session_loop(logging->session), plant, options->on_message,
                                 session_name(logging->session), false);
    plant_on_message(plant, hook_message, hook);
    status = session_wait_person(logging->session, is_ended, logging);
    plant_on_message(plant, NULL, NULL);
    hook_free(hook);
    session_on_change(logging->session, NULL, NULL);
    return status == EXIT_DONE ? logging->status : status;
}

static void clean_up(struct logging *logging)
{
    if (logging->session)
        loop_timer_stop(session_loop(logging->session), &logging->sync);
    sampler_free(logging->sampler);
    logfile_close(logging->file);
    rows_free(logging->rows);
    if (logging->stream)
        fclose(logging->stream);
    free(logging->text);
    free(logging->first);
    free(logging->columns);
    free(logging->names);
    free(logging->fields);
    free(logging->refs);
    selection_free(&logging->selection);
}

int cmd_log(const struct options *options)
{
    struct logging logging = {.options = options, .sync = {.fire = sync_file}};
    int status = check_options(&logging);

    logging.sync.arg = &logging;
    if (status == EXIT_DONE)
        status = session_open(options, SESSION_PLANT, &logging.session);
    if (status == EXIT_DONE) {
        session_catch_signals(logging.session);
        loop_on_signal(session_loop(logging.session), SIGHUP, ignore, NULL);
        status = run(&logging);
        session_settle(logging.session);
    }
    clean_up(&logging);
    session_free(logging.session);
    return status;
}
