// SPDX-License-Identifier: MIT
// writes: the record of writes. Needs no link.
#include "cmd/cmd.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "catalogue/address.h"
#include "cmd/write_rows.h"
#include "store/records.h"

enum { WORDS_MAX = 512, PATH_MAX_BYTES = 512 };

// CSV and JSON lines have all columns (write_rows.h); a person gets fewer and wider ones, and the
// last one only when it wasn't chosen.
static const struct column text_columns[] = {
    {.name = "n", .type = COLUMN_INT, .right = true},
    {.name = "time", .type = COLUMN_TEXT},
    {.name = "device", .type = COLUMN_TEXT},
    {.name = "id", .type = COLUMN_INT, .right = true},
    {.name = "name", .type = COLUMN_TEXT},
    {.name = "change", .type = COLUMN_TEXT},
    {.name = "part", .type = COLUMN_TEXT},
    {.name = "result", .type = COLUMN_TEXT},
    {.name = "site", .type = COLUMN_TEXT},
};

struct listing {
    const struct options *options;
    struct rows *rows;
    size_t count;
};

// --- In words ------------------------------------------------------------------------------------

static void local_time(int64_t time_us, char *out, size_t size)
{
    time_t seconds = (time_t)(time_us / 1000000);
    struct tm local;

    out[0] = '\0';
    if (localtime_r(&seconds, &local))
        strftime(out, size, "%Y-%m-%d %H:%M:%S", &local);
}

static const char *value_words(const struct datapoint *dp, double number, char *out, size_t size)
{
    return dp ? datapoint_exact_text(dp, number, out, size) : text_number(out, size, number, 3);
}

// "53.2 V → 54.4 V"; "send" of a signal, which has no value before.
static void change_words(const struct datapoint *dp, const struct record *record, char *out,
                         size_t size)
{
    char value[DATAPOINT_TEXT_MAX];
    bool signal = dp && datapoint_encoding(dp) == ENCODING_SIGNAL;
    size_t used = 0;

    if (!signal)
        text_append(out, size, &used, "%s → ", value_words(dp, record->old, value, sizeof value));
    text_append(out, size, &used, "%s", value_words(dp, record->new, value, sizeof value));
}

static const char *outcome_words(enum record_result result)
{
    static const char *const words[RECORD_RESULT_COUNT] = {
        [RECORD_PENDING] = "not completed: it may have been done",
        [RECORD_WRITTEN] = "written",
        [RECORD_DIFFERS] = "not as asked for",
        [RECORD_REFUSED] = "refused",
        [RECORD_NOT_SENT] = "not sent",
        [RECORD_UNKNOWN] = "no clear answer: it may have been done",
    };
    return words[result];
}

// "refused (the device does not have this number)", "not as asked for, reads back as 53.2 V".
static void result_words(const struct datapoint *dp, const struct record *record, char *out,
                         size_t size)
{
    const char *error = catalogue_error_text(record->error);
    bool other = !isnan(record->read_back) && (float)record->read_back != (float)record->new;
    char back[DATAPOINT_TEXT_MAX];
    size_t used = 0;

    text_append(out, size, &used, "%s", outcome_words(record->result));
    if (record->error && error)
        text_append(out, size, &used, " (%s)", error);
    else if (record->error)
        text_append(out, size, &used, " (error 0x%02X)", record->error);
    if (other) {
        text_append(out, size, &used, ", reads back as %s",
                    value_words(dp, record->read_back, back, sizeof back));
    }
    if (record->undo)
        text_append(out, size, &used, ", takes back %lld", (long long)record->undo);
}

// --- Rows ----------------------------------------------------------------------------------------

static void add_text_row(struct listing *listing, const struct record *record,
                         const struct datapoint *dp)
{
    const struct options *options = listing->options;
    char time[32], change[WORDS_MAX], result[WORDS_MAX];
    char name_plain[WORDS_MAX], change_plain[WORDS_MAX], result_plain[WORDS_MAX];

    local_time(record->time, time, sizeof time);
    change_words(dp, record, change, sizeof change);
    result_words(dp, record, result, sizeof result);
    struct field fields[] = {
        {.integer = record->n},
        {.text = time},
        {.text = record->device},
        {.integer = record->id},
        {.text = plain_text(options, dp ? datapoint_name(dp) : "(not in the tables)", name_plain,
                            sizeof name_plain)},
        {.text = plain_text(options, change, change_plain, sizeof change_plain)},
        {.text = record->flash ? "flash" : "RAM"},
        {.text = plain_text(options, result, result_plain, sizeof result_plain)},
        {.text = record->site},
    };
    rows_add(listing->rows, fields);
}

static bool add_record(void *arg, const struct record *record)
{
    struct listing *listing = arg;
    const struct datapoint *dp = catalogue_find(record->family, record->id);

    if (listing->options->format == ROWS_TEXT)
        add_text_row(listing, record, dp);
    else
        write_rows_add(listing->rows, record);
    listing->count++;
    return true;
}

// --- Which ---------------------------------------------------------------------------------------

// device holds the name that the filter points to.
static int parse_words(const struct options *options, struct record_filter *filter,
                       char device[DEVICE_NAME_MAX])
{
    struct target target;
    long id;

    filter->family = FAMILY_NONE;
    if (options->word_count == 0)
        return EXIT_DONE;
    if (target_parse(options->words[0], &target) != XC_OK || target.kind == TARGET_SUM ||
        target.kind == TARGET_AVERAGE) {
        complain("there is no device '%s'; expected one like XT1, L2, VT12, BSP, or a family like "
                 "XT",
                 options->words[0]);
        return EXIT_WRONG;
    }
    if (target.kind == TARGET_EACH)
        target.kind = TARGET_MULTICAST;
    filter->device = target_name(&target, device, DEVICE_NAME_MAX);
    if (options->word_count == 1)
        return EXIT_DONE;
    if (text_parse_int(options->words[1], 1, UINT16_MAX, &id) != XC_OK) {
        complain("'%s' isn't the number of a parameter; xcomtop list %s searches",
                 options->words[1], options->words[1]);
        return EXIT_WRONG;
    }
    filter->family = target.family;
    filter->id = (unsigned)id;
    return EXIT_DONE;
}

static int list_records(struct listing *listing, const char *path,
                        const struct record_filter *filter)
{
    struct records *records;
    char error[2 * PATH_MAX_BYTES];

    if (records_open(path, &records, error, sizeof error) != XC_OK) {
        complain("%s", error);
        return EXIT_REFUSED;
    }
    enum xc_status status = records_list(records, filter, add_record, listing);
    if (status != XC_OK)
        complain("%s", records_error(records));
    records_close(records);
    return status == XC_OK ? EXIT_DONE : EXIT_REFUSED;
}

int cmd_writes(const struct options *options)
{
    bool text = options->format == ROWS_TEXT;
    struct record_filter filter = {
        .site = options->given & option_bit(OPTION_SITE) ? options->site : NULL,
        .since = options->since,
        .last = options->last,
        .flash_only = options->flash,
    };
    struct listing listing = {.options = options};
    char device[DEVICE_NAME_MAX], path[PATH_MAX_BYTES];
    int status = parse_words(options, &filter, device);

    if (status != EXIT_DONE)
        return status;
    size_t columns = sizeof text_columns / sizeof *text_columns - (filter.site ? 1 : 0);
    listing.rows = text ? rows_new(stdout, options->format, text_columns, columns)
                        : write_rows_new(options->format);
    records_path(options_demo(options), path, sizeof path);
    // Looking makes no file.
    bool any = access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
    if (any)
        status = list_records(&listing, path, &filter);
    status = finish_rows(listing.rows, status);
    if (!any)
        complain("nothing has been written yet: there is no %s", path);
    else if (status == EXIT_DONE && listing.count == 0)
        complain("no record of a write fits");
    return status;
}
