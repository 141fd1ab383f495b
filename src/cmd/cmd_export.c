// SPDX-License-Identifier: MIT
// export: a range of time of a log in SQLite as the rows that log writes to CSV and JSON lines.
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/span.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "plant/logger.h"
#include "store/archive.h"

struct exporting {
    const struct options *options;
    struct selection selection; // count 0: everything
    struct archive_series *series;
    size_t *places; // … and in which column each is
    size_t series_count;
    const struct archive_series **values; // the first one of each column
    size_t count;
    struct column *columns; // time, and one a value
    char (*names)[LOGGER_COLUMN_MAX];
    struct field *fields;
    struct rows *rows;

    char others[120]; // what else there is of the wanted numbers, the first few
    size_t others_used, others_count;

    // The row that is being filled.
    struct span *spans;
    double *last;
    int64_t *renewed; // … of which device each is
    int64_t time;
    bool any, written; // it has a value; there was one that had
};

// --- Which values --------------------------------------------------------------------------------

static bool fits(const struct selected *item, const struct archive_series *series)
{
    char name[DEVICE_NAME_MAX];

    if (datapoint_id(item->datapoint) != series->id || item->target.family != series->family)
        return false;
    if (item->target.kind == TARGET_EACH)
        return !strchr(series->device, '.');
    return strcmp(target_name(&item->target, name, sizeof name), series->device) == 0;
}

enum { OTHERS_MAX = 5 };

static void note_other(struct exporting *e, const struct archive_series *series)
{
    bool same = false;

    for (size_t i = 0; i < e->selection.count && !same; i++)
        same = datapoint_id(e->selection.items[i].datapoint) == series->id;
    if (same && e->others_count++ < OTHERS_MAX)
        text_append(e->others, sizeof e->others, &e->others_used, "%s%s:%u",
                    e->others_count > 1 ? ", " : "", series->device, series->id);
}

static bool take_series(void *arg, const struct archive_series *series)
{
    struct exporting *e = arg;
    bool wanted = e->selection.count == 0;

    for (size_t i = 0; i < e->selection.count && !wanted; i++)
        wanted = fits(&e->selection.items[i], series);
    if (!wanted) {
        note_other(e, series);
        return true;
    }
    e->series = xrealloc(e->series, e->series_count + 1, sizeof *e->series);
    e->series[e->series_count++] = *series;
    return true;
}

// A device that has replaced another one goes on in its column.
static void place_series(struct exporting *e)
{
    e->places = xcalloc(e->series_count + 1, sizeof *e->places);
    e->values = xcalloc(e->series_count + 1, sizeof *e->values);
    for (size_t i = 0; i < e->series_count; i++) {
        const struct archive_series *series = &e->series[i];
        size_t place = 0;
        while (place < e->count && (e->values[place]->id != series->id ||
                                    strcmp(e->values[place]->device, series->device) != 0))
            place++;
        if (place == e->count)
            e->values[e->count++] = series;
        e->places[i] = place;
    }
}

static void make_columns(struct exporting *e, FILE *out)
{
    bool csv = e->options->format != ROWS_JSONL;

    e->columns = xcalloc(e->count + 1, sizeof *e->columns);
    e->names = xcalloc(e->count + 1, sizeof *e->names);
    e->fields = xcalloc(e->count + 1, sizeof *e->fields);
    e->spans = xcalloc(e->count + 1, sizeof *e->spans);
    e->last = xcalloc(e->count + 1, sizeof *e->last);
    e->renewed = xcalloc(e->count + 1, sizeof *e->renewed);
    e->columns[0] = (struct column){.name = "time", .type = COLUMN_TIME};
    for (size_t i = 0; i < e->count; i++) {
        const struct archive_series *series = e->values[i];
        logger_column_name(series->device, series->family, series->id, csv, e->names[i]);
        e->columns[i + 1] = (struct column){.name = e->names[i], .type = COLUMN_NUMBER};
        e->fields[i + 1].decimals = -1;
    }
    e->rows = rows_new(out, csv ? ROWS_CSV : ROWS_JSONL, e->columns, e->count + 1);
}

// --- Rows ----------------------------------------------------------------------------------------

// Between two options of a list there is nothing in the middle: there the last one counts.
static double cell(const struct exporting *e, size_t i)
{
    const struct datapoint *datapoint = catalogue_find(e->values[i]->family, e->values[i]->id);

    if (e->spans[i].count == 0)
        return (double)NAN;
    return datapoint && datapoint_encoding(datapoint) != ENCODING_NUMBER ? e->last[i]
                                                                         : (double)e->spans[i].mean;
}

static void put_row(struct exporting *e)
{
    if (!e->any)
        return;
    e->fields[0].integer = e->time;
    for (size_t i = 0; i < e->count; i++) {
        e->fields[i + 1].number = cell(e, i);
        e->spans[i] = (struct span){0};
        e->renewed[i] = 0;
    }
    rows_add(e->rows, e->fields);
    e->any = false;
    e->written = true;
}

static int compare_series(const void *key, const void *element)
{
    int64_t value = *(const int64_t *)key;
    const struct archive_series *series = element;

    return value < series->value ? -1 : value > series->value;
}

static bool take_sample(void *arg, int64_t time, int64_t value, double number)
{
    struct exporting *e = arg;
    int64_t every = e->options->every;
    int64_t row = every > 0 ? time - time % every : time;

    if (row != e->time)
        put_row(e);
    e->time = row;
    // They are in the order of their numbers (archive_list()).
    const struct archive_series *series =
        bsearch(&value, e->series, e->series_count, sizeof *e->series, compare_series);
    if (isnan(number) || !series)
        return true;
    size_t place = e->places[series - e->series];
    // Of two that have been called so the one that is meant now.
    if (series->renewed < e->renewed[place])
        return true;
    if (series->renewed > e->renewed[place])
        e->spans[place] = (struct span){0};
    e->renewed[place] = series->renewed;
    span_add(&e->spans[place], number);
    e->last[place] = number;
    e->any = true;
    return true;
}

static int tell_nothing(const struct exporting *e, struct archive *archive)
{
    const struct options *options = e->options;
    int64_t first, last;

    if (archive_bounds(archive, &first, &last) != XC_OK)
        complain("%s", archive_error(archive));
    else
        complain_empty(options->words[0], e->selection.count > 0, options->since, options->until,
                       first, last);
    return EXIT_REFUSED;
}

static int export_rows(struct exporting *e, struct archive *archive, FILE *out)
{
    const struct options *options = e->options;

    if (archive_list(archive, take_series, e) != XC_OK)
        goto failed;
    place_series(e);
    if (e->count == 0 && e->selection.count == 0)
        return tell_nothing(e, archive);
    if (e->count == 0) {
        complain("%s: nothing of that is in this log%s%s%s%s", options->words[0],
                 e->others_count > 0 ? "; there is " : "", e->others,
                 e->others_count > OTHERS_MAX ? " …" : "",
                 e->others_count > 0 ? "" : ", nor another device's value of this number");
        return EXIT_REFUSED;
    }
    make_columns(e, out);
    if (archive_samples(archive, options->since, options->until ? options->until : INT64_MAX,
                        take_sample, e) != XC_OK)
        goto failed;
    put_row(e);
    if (!e->written)
        return tell_nothing(e, archive);
    if (rows_flush(e->rows) == XC_OK && fflush(out) == 0)
        return EXIT_DONE;
    if (errno == EPIPE)
        return 128 + SIGPIPE;
    complain("can't write the rows: %s", strerror(errno));
    return EXIT_REFUSED;
failed:
    complain("%s", archive_error(archive));
    return EXIT_REFUSED;
}

// --- The files -----------------------------------------------------------------------------------

// A file that is there isn't replaced: it may be a log.
static FILE *make_file(const char *path)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *out = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (!out)
        complain("%s: %s", path, strerror(errno));
    if (!out && descriptor >= 0)
        close(descriptor);
    return out;
}

static int close_file(FILE *out, const char *path, int status)
{
    bool synced = fsync(fileno(out)) == 0;
    bool closed = fclose(out) == 0;
    if (status == EXIT_DONE && synced && closed)
        return status;
    if (status == EXIT_DONE) {
        complain("%s: %s", path, strerror(errno));
        status = EXIT_REFUSED;
    }
    unlink(path);
    return status;
}

int cmd_export(const struct options *options)
{
    struct exporting e = {.options = options};
    char error[SELECTION_ERROR_MAX], why[ARCHIVE_ERROR_MAX];
    struct archive *archive = NULL;
    bool to_file = options->output && strcmp(options->output, "-") != 0;
    int status = EXIT_REFUSED;
    FILE *file = NULL;

    if (options->select && selection_parse(options->select, &e.selection, error) != XC_OK) {
        complain("%s", error);
        return EXIT_WRONG;
    }
    if (archive_open_reading(options->words[0], &archive, why, sizeof why) != XC_OK)
        complain("%s", why);
    else if (to_file)
        file = make_file(options->output);
    if (archive && (file || !to_file)) {
        status = export_rows(&e, archive, file ? file : stdout);
        rows_free(e.rows);
    }
    if (file)
        status = close_file(file, options->output, status);
    archive_close(archive);
    selection_free(&e.selection);
    free(e.series);
    free(e.places);
    free(e.values);
    free(e.columns);
    free(e.names);
    free(e.fields);
    free(e.spans);
    free(e.last);
    free(e.renewed);
    return status;
}
