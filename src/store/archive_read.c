// SPDX-License-Identifier: MIT
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/archive_internal.h"

// A device that was replaced has left its history to the one that is called so now. The newest ones
// of them, the last one first.
enum { CALLED_SO_MAX = 16 };

static enum xc_status find_values(struct archive *archive, const char *device, unsigned id,
                                  int64_t values[CALLED_SO_MAX], size_t *count)
{
    sqlite3_stmt *statement = NULL;
    enum xc_status status = database_prepare(
        &archive->database,
        "SELECT series FROM series JOIN devices USING (device) WHERE devices.name = ? AND id = ?"
        " ORDER BY renewed DESC",
        &statement);
    int i = 0, code = SQLITE_ROW;

    *count = 0;
    if (status != XC_OK)
        return status;
    bind_text(statement, &i, device);
    bind_int(statement, &i, id);
    while (*count < CALLED_SO_MAX && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        int at = -1;
        values[(*count)++] = take_int(statement, &at);
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = database_fail_sqlite(&archive->database);
    sqlite3_finalize(statement);
    return status;
}

struct window {
    int64_t from, until;
    struct span *out;
    size_t columns;
};

static void put(const struct window *window, int64_t time, const struct span *span)
{
    if (time < window->from || time >= window->until)
        return;
    // Of microseconds and columns the product fits: 2^63 µs are 292000 years.
    size_t column = (size_t)((double)(time - window->from) * (double)window->columns /
                             (double)(window->until - window->from));
    span_add_span(&window->out[column < window->columns ? column : window->columns - 1], span);
}

static enum xc_status read_spans(struct archive *archive, int64_t value, int64_t width,
                                 int64_t from, int64_t until, const struct window *window)
{
    sqlite3_stmt *statement = NULL;
    int i = 0, code;
    enum xc_status status =
        database_prepare(&archive->database,
                         "SELECT start, min, mean, max, count FROM spans"
                         " WHERE width = ? AND start >= ? AND start < ? AND series = ?",
                         &statement);

    if (status != XC_OK)
        return status;
    bind_int(statement, &i, width);
    bind_int(statement, &i, from);
    bind_int(statement, &i, until);
    bind_int(statement, &i, value);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        int at = -1;
        int64_t start = take_int(statement, &at);
        double min = take_number(statement, &at), mean = take_number(statement, &at);
        double max = take_number(statement, &at);
        int64_t count = take_int(statement, &at);
        // As span_add(): of numbers that no float holds there is nothing to tell.
        if (!(min >= -(double)FLT_MAX && min <= max && max <= (double)FLT_MAX) || count < 1)
            continue;
        struct span span = {(float)min, (float)fmin(fmax(mean, min), max), (float)max,
                            count < UINT32_MAX ? (uint32_t)count : UINT32_MAX};
        put(window, start + width / 2, &span);
    }
    if (code != SQLITE_DONE)
        status = database_fail_sqlite(&archive->database);
    sqlite3_finalize(statement);
    return status;
}

static enum xc_status read_samples(struct archive *archive, int64_t value, int64_t from,
                                   int64_t until, const struct window *window)
{
    sqlite3_stmt *statement = NULL;
    int i = 0, code;
    enum xc_status status =
        database_prepare(&archive->database,
                         "SELECT time, value FROM samples WHERE time >= ? AND time < ?"
                         " AND series = ? AND value IS NOT NULL",
                         &statement);

    if (status != XC_OK)
        return status;
    bind_int(statement, &i, from);
    bind_int(statement, &i, until);
    bind_int(statement, &i, value);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct span span = {0};
        int at = -1;
        int64_t time = take_int(statement, &at);
        span_add(&span, take_number(statement, &at));
        put(window, time, &span);
    }
    if (code != SQLITE_DONE)
        status = database_fail_sqlite(&archive->database);
    sqlite3_finalize(statement);
    return status;
}

// Of widths so many may be used: the longest where a whole one lies in it, shorter ones and samples
// before and behind.
static enum xc_status read_between(struct archive *archive, int64_t value, int64_t from,
                                   int64_t until, size_t widths, const struct window *window)
{
    if (from >= until)
        return XC_OK;
    if (widths == 0)
        return read_samples(archive, value, from, until, window);
    int64_t width = archive_widths[widths - 1];
    int64_t first = (from + width - 1) / width * width, last = until / width * width;
    if (first >= last)
        return read_between(archive, value, from, until, widths - 1, window);
    enum xc_status status = read_spans(archive, value, width, first, last, window);
    if (status == XC_OK)
        status = read_between(archive, value, from, first, widths - 1, window);
    if (status == XC_OK)
        status = read_between(archive, value, last, until, widths - 1, window);
    return status;
}

// Where the one that is called so now has nothing: it may have had another number then.
static enum xc_status read_former(struct archive *archive, const int64_t *values, size_t count,
                                  size_t widths, const struct window *window)
{
    struct span *out = xcalloc(window->columns, sizeof *out);
    struct window former = {window->from, window->until, out, window->columns};
    enum xc_status status = XC_OK;

    for (size_t i = 0; i < count && status == XC_OK; i++) {
        memset(out, 0, window->columns * sizeof *out);
        status = read_between(archive, values[i], window->from > 0 ? window->from : 0,
                              window->until, widths, &former);
        for (size_t c = 0; c < window->columns; c++)
            if (window->out[c].count == 0)
                window->out[c] = out[c];
    }
    free(out);
    return status;
}

enum xc_status archive_spans(struct archive *archive, const char *device, unsigned id, int64_t from,
                             int64_t until, struct span *out, size_t columns)
{
    const struct window window = {from, until, out, columns};
    int64_t values[CALLED_SO_MAX];
    size_t widths = 0, count;

    memset(out, 0, columns * sizeof *out);
    if (columns == 0 || until <= from)
        return XC_OK;
    enum xc_status status = find_values(archive, device, id, values, &count);
    while (widths < ARCHIVE_WIDTHS && (until - from) / (int64_t)columns >= archive_widths[widths])
        widths++;
    // Nothing is older than 1970.
    if (status == XC_OK && count > 0)
        status = read_between(archive, values[0], from > 0 ? from : 0, until, widths, &window);
    if (status == XC_OK && count > 1)
        status = read_former(archive, values + 1, count - 1, widths, &window);
    return status;
}

enum xc_status archive_bounds(struct archive *archive, int64_t *first, int64_t *last)
{
    sqlite3_stmt *statement = NULL;
    int64_t *const ends[] = {first, last};
    static const char *const sql[] = {"SELECT time FROM samples ORDER BY time LIMIT 1",
                                      "SELECT time FROM samples ORDER BY time DESC LIMIT 1"};
    enum xc_status status = XC_OK;

    for (size_t i = 0; i < 2 && status == XC_OK; i++) {
        *ends[i] = 0;
        status = database_prepare(&archive->database, sql[i], &statement);
        if (status == XC_OK)
            status = database_step(&archive->database, statement, ends[i]);
        sqlite3_finalize(statement);
        statement = NULL;
    }
    return status;
}

enum xc_status archive_list(struct archive *archive,
                            bool (*fn)(void *arg, const struct archive_series *series), void *arg)
{
    sqlite3_stmt *statement = NULL;
    int code;
    enum xc_status status = database_prepare(
        &archive->database,
        "SELECT series, devices.name, devices.family, series.id,"
        " EXISTS (SELECT * FROM series AS other JOIN devices AS former USING (device)"
        " WHERE former.name = devices.name AND other.id = series.id"
        " AND other.series < series.series), devices.renewed"
        " FROM series JOIN devices USING (device) ORDER BY series",
        &statement);

    if (status != XC_OK)
        return status;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct archive_series series;
        int at = -1;
        series.value = take_int(statement, &at);
        take_text(statement, &at, series.device, sizeof series.device);
        series.family = take_family(statement, &at);
        series.id = (unsigned)take_int(statement, &at);
        series.again = take_int(statement, &at) != 0;
        series.renewed = take_int(statement, &at);
        if (!fn(arg, &series))
            break;
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = database_fail_sqlite(&archive->database);
    sqlite3_finalize(statement);
    return status;
}

enum xc_status archive_samples(struct archive *archive, int64_t from, int64_t until,
                               bool (*fn)(void *arg, int64_t time, int64_t value, double number),
                               void *arg)
{
    sqlite3_stmt *statement = NULL;
    int i = 0, code;
    enum xc_status status = database_prepare(
        &archive->database, "SELECT time, series, value FROM samples WHERE time >= ? AND time < ?",
        &statement);

    if (status != XC_OK)
        return status;
    bind_int(statement, &i, from);
    bind_int(statement, &i, until);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        int at = -1;
        int64_t time = take_int(statement, &at), value = take_int(statement, &at);
        if (!fn(arg, time, value, take_number(statement, &at)))
            break;
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = database_fail_sqlite(&archive->database);
    sqlite3_finalize(statement);
    return status;
}
