// SPDX-License-Identifier: MIT
#include "store/logread.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "store/archive.h"

enum { LINE_MAX_BYTES = 1 << 20, NAME_BYTES = 32, ID_MAX = 65535 };

#define SECOND ((int64_t)1000000)

enum kind { KIND_SQLITE, KIND_CSV, KIND_JSON_LINES };

struct logread {
    enum kind kind;
    char *path;
    struct archive *archive; // SQLite
    FILE *file;              // text
    char *line;
    unsigned number; // of the line
    char error[LOGREAD_ERROR_MAX];
};

static enum xc_status refuse(struct logread *log, enum xc_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum xc_status refuse(struct logread *log, enum xc_status status, const char *format, ...)
{
    char path[256], why[256];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    text_escape(path, sizeof path, log->path);
    if (status == XC_SYNTAX && log->number > 0)
        snprintf(log->error, sizeof log->error, "%s:%u: %s", path, log->number, why);
    else
        snprintf(log->error, sizeof log->error, "%s: %s", path, why);
    return status;
}

const char *logread_error(const struct logread *log)
{
    return log->archive && !log->error[0] ? archive_error(log->archive) : log->error;
}

// --- Lines of text -------------------------------------------------------------------------------

static enum xc_status rewind_log(struct logread *log)
{
    log->number = 0;
    log->error[0] = '\0';
    if (fseek(log->file, 0, SEEK_SET) != 0)
        return refuse(log, XC_IO, "%s", strerror(errno));
    return XC_OK;
}

// The next whole line, without its end, in log->line; *there false at the end.
static enum xc_status next_line(struct logread *log, bool *there)
{
    *there = false;
    if (!fgets(log->line, LINE_MAX_BYTES, log->file))
        return ferror(log->file) ? refuse(log, XC_IO, "%s", strerror(errno)) : XC_OK;
    log->number++;
    size_t length = strlen(log->line);
    if (length == 0 || log->line[length - 1] != '\n') {
        if (length + 1 < LINE_MAX_BYTES && feof(log->file))
            return XC_OK; // torn
        return refuse(log, XC_SYNTAX, "the line is too long, or no text, for a log");
    }
    log->line[--length] = '\0';
    if (length > 0 && log->line[length - 1] == '\r')
        log->line[length - 1] = '\0';
    *there = true;
    return XC_OK;
}

// So many digits, and after them a character unless it is 0.
static bool take_digits(const char **text, int count, char after, int *number)
{
    for (*number = 0; count > 0 && **text >= '0' && **text <= '9'; count--)
        *number = *number * 10 + *(*text)++ - '0';
    if (count > 0 || (after && **text != after))
        return false;
    *text += after != '\0';
    return true;
}

// "2026-11-26T03:05:02.000+01:00" to microseconds since 1970 UTC.
static bool parse_time(const char *text, int64_t *time)
{
    struct tm tm = {0};
    int hours, minutes;
    int64_t fraction = 0, unit = SECOND / 10, offset = 0;

    if (!take_digits(&text, 4, '-', &tm.tm_year) || !take_digits(&text, 2, '-', &tm.tm_mon) ||
        !take_digits(&text, 2, 'T', &tm.tm_mday) || !take_digits(&text, 2, ':', &tm.tm_hour) ||
        !take_digits(&text, 2, ':', &tm.tm_min) || !take_digits(&text, 2, '\0', &tm.tm_sec))
        return false;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
            fraction += unit * (*text - '0');
    char sign = *text++;
    if (sign == '+' || sign == '-') {
        if (!take_digits(&text, 2, ':', &hours) || !take_digits(&text, 2, '\0', &minutes) || *text)
            return false;
        offset = (int64_t)(hours * 60 + minutes) * 60 * SECOND * (sign == '-' ? -1 : 1);
    } else if (sign != 'Z' || *text) {
        return false;
    }
    tm.tm_year -= 1900;
    tm.tm_mon--;
    *time = (int64_t)timegm(&tm) * SECOND + fraction - offset;
    return true;
}

// What a log says of a value is a plain number, or nothing.
static bool parse_number(const char *text, double *number)
{
    char *end;

    if (!strchr("-0123456789", text[0]) || strpbrk(text, "xX"))
        return false;
    *number = strtod(text, &end);
    return end != text && !*end && isfinite(*number);
}

// As devices are called, and nothing else: it will be shown.
static bool is_device(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.";

    return name[0] && strspn(name, allowed) == strlen(name);
}

// "XT1:3000", with more behind a blank.
static bool parse_name(const char *text, struct logread_value *value)
{
    char name[NAME_BYTES];
    size_t length = strcspn(text, " ");
    const char *rest = text + length;
    long id;

    // Beside values there may be columns that say why they are missing.
    size_t rest_length = strlen(rest);
    if (length >= sizeof name || (rest_length >= 4 && strcmp(rest + rest_length - 4, " why") == 0))
        return false;
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    char *colon = strchr(name, ':');
    if (!colon || (size_t)(colon - name) >= sizeof value->device ||
        text_parse_int(colon + 1, 1, ID_MAX, &id) != XC_OK)
        return false;
    *colon = '\0';
    if (!is_device(name))
        return false;
    memcpy(value->device, name, strlen(name) + 1);
    value->id = (unsigned)id;
    return true;
}

// Takes the next field off a line of CSV (RFC 4180), unquoted in its place; NULL at the end.
static char *csv_field(char **line)
{
    char *field = *line, *to;

    if (!field)
        return NULL;
    if (*field != '"') {
        char *comma = strchr(field, ',');
        if (comma)
            *comma = '\0';
        *line = comma ? comma + 1 : NULL;
        return field;
    }
    char *from = field + 1;
    for (to = field; *from && (*from != '"' || from[1] == '"'); from++) {
        from += *from == '"';
        *to++ = *from;
    }
    if (*from == '"')
        from++;
    *line = *from == ',' ? from + 1 : NULL;
    *to = '\0';
    return field;
}

// Takes the next member off a flat object of JSON: its name without the quotes, its value as it is
// written, a text without its quotes. False at the end or where it is none.
static bool json_member(char **at, char **name, char **value)
{
    char *p = *at + strspn(*at, "{, \t");

    if (*p != '"')
        return false;
    *name = ++p;
    p += strcspn(p, "\"\\");
    if (*p != '"')
        return false;
    *p++ = '\0';
    p += strspn(p, " \t");
    if (*p++ != ':')
        return false;
    p += strspn(p, " \t");
    bool quoted = *p == '"';
    *value = p += quoted;
    while (*p && (quoted ? *p != '"' : *p != ',' && *p != '}'))
        p += *p == '\\' && p[1] ? 2 : 1;
    if (!*p)
        return false;
    *p = '\0';
    *at = p + 1;
    return true;
}

// --- Rows ----------------------------------------------------------------------------------------

struct reading {
    const struct logread_value *values;
    size_t count;
    int64_t from, until;
    struct span *const *out;
    size_t columns;
    size_t *wanted; // of CSV: by column of the file, 1 + number of the value; 0: none
    size_t wanted_count;
    int64_t first, last;
    bool any;
    void (*fn)(void *arg, const struct logread_value *value);
    void *arg;
};

static void take_time(struct reading *reading, int64_t time)
{
    if (!reading->any || time < reading->first)
        reading->first = time;
    if (!reading->any || time > reading->last)
        reading->last = time;
    reading->any = true;
}

static void take(struct reading *reading, size_t value, int64_t time, const char *text)
{
    double number;

    if (time < reading->from || time >= reading->until || !parse_number(text, &number))
        return;
    double share = (double)(time - reading->from) / (double)(reading->until - reading->from);
    size_t column = (size_t)(share * (double)reading->columns);
    span_add(&reading->out[value][column < reading->columns ? column : reading->columns - 1],
             number);
}

static size_t find(const struct reading *reading, const struct logread_value *value)
{
    for (size_t i = 0; i < reading->count; i++)
        if (reading->values[i].id == value->id &&
            strcmp(reading->values[i].device, value->device) == 0)
            return i + 1;
    return 0;
}

static void take_heading(struct logread *log, struct reading *reading)
{
    char *line = log->line, *field;
    struct logread_value value;

    for (size_t c = 0; (field = csv_field(&line)) != NULL; c++) {
        reading->wanted =
            xrealloc(reading->wanted, reading->wanted_count + 1, sizeof *reading->wanted);
        bool is_value = parse_name(field, &value);
        reading->wanted[reading->wanted_count++] = is_value ? find(reading, &value) : 0;
        if (is_value && reading->fn)
            reading->fn(reading->arg, &value);
    }
}

static enum xc_status take_csv(struct logread *log, struct reading *reading)
{
    char *line = log->line, *field;
    int64_t time;

    if (log->number == 1) {
        take_heading(log, reading);
        return XC_OK;
    }
    field = csv_field(&line);
    if (!field || !parse_time(field, &time))
        return refuse(log, XC_SYNTAX, "expected a row of a log, with a time in front");
    take_time(reading, time);
    for (size_t c = 1; c < reading->wanted_count && (field = csv_field(&line)) != NULL; c++)
        if (reading->wanted[c] > 0)
            take(reading, reading->wanted[c] - 1, time, field);
    return XC_OK;
}

static enum xc_status take_json(struct logread *log, struct reading *reading)
{
    char *at = log->line, *name, *text;
    struct logread_value value;
    int64_t time;

    if (*at != '{' || !json_member(&at, &name, &text) || strcmp(name, "time") != 0 ||
        !parse_time(text, &time))
        return refuse(log, XC_SYNTAX, "expected a row of a log, {\"time\":\"…\",…}");
    take_time(reading, time);
    while (json_member(&at, &name, &text)) {
        if (!parse_name(name, &value))
            continue;
        size_t found = find(reading, &value);
        if (found > 0)
            take(reading, found - 1, time, text);
        if (reading->fn)
            reading->fn(reading->arg, &value);
    }
    return XC_OK;
}

// rows: at most so many lines; 0: all.
static enum xc_status read_text(struct logread *log, struct reading *reading, unsigned lines)
{
    enum xc_status status = rewind_log(log);
    bool there = true;

    while (status == XC_OK && (lines == 0 || log->number < lines)) {
        status = next_line(log, &there);
        if (status != XC_OK || !there)
            break;
        status = log->kind == KIND_CSV ? take_csv(log, reading) : take_json(log, reading);
    }
    free(reading->wanted);
    return status;
}

// --- The file ------------------------------------------------------------------------------------

static enum xc_status look(struct logread *log)
{
    static const char magic[] = "SQLite format 3";
    bool there;

    log->file = fopen(log->path, "re");
    if (!log->file)
        return refuse(log, XC_IO, "%s", strerror(errno));
    log->line = xcalloc(1, LINE_MAX_BYTES);
    size_t length = fread(log->line, 1, sizeof magic, log->file);
    if (length == 0 && feof(log->file))
        return refuse(log, XC_SYNTAX, "the file is empty");
    if (length == sizeof magic && memcmp(log->line, magic, sizeof magic) == 0) {
        log->kind = KIND_SQLITE;
        return archive_open_reading(log->path, &log->archive, log->error, sizeof log->error);
    }
    enum xc_status status = rewind_log(log);
    if (status == XC_OK)
        status = next_line(log, &there);
    if (status != XC_OK)
        return status;
    log->kind = log->line[0] == '{' ? KIND_JSON_LINES : KIND_CSV;
    if (!there || (log->kind == KIND_CSV && strncmp(log->line, "time,", 5) != 0))
        return refuse(log, XC_SYNTAX,
                      "this is no log of xcomtop: expected SQLite, CSV with the heading time,… or "
                      "JSON lines");
    return XC_OK;
}

enum xc_status logread_open(const char *path, struct logread **out, char *error, size_t size)
{
    struct logread *log = xcalloc(1, sizeof *log);

    log->path = xstrdup(path);
    enum xc_status status = look(log);
    if (status == XC_OK) {
        *out = log;
        return XC_OK;
    }
    snprintf(error, size, "%s", log->error);
    *out = NULL;
    logread_close(log);
    return status;
}

void logread_close(struct logread *log)
{
    if (!log)
        return;
    archive_close(log->archive);
    if (log->file)
        fclose(log->file);
    free(log->line);
    free(log->path);
    free(log);
}

enum xc_status logread_bounds(struct logread *log, int64_t *first, int64_t *last)
{
    struct reading reading = {0};

    if (log->kind == KIND_SQLITE)
        return archive_bounds(log->archive, first, last);
    enum xc_status status = read_text(log, &reading, 0);
    *first = reading.first;
    *last = reading.last;
    return status;
}

static bool on_series(void *arg, const struct archive_series *series)
{
    struct reading *reading = arg;
    struct logread_value value = {.id = series->id};

    snprintf(value.device, sizeof value.device, "%s", series->device);
    if (!series->again && is_device(value.device))
        reading->fn(reading->arg, &value);
    return true;
}

enum xc_status logread_list(struct logread *log,
                            void (*fn)(void *arg, const struct logread_value *value), void *arg)
{
    struct reading reading = {.fn = fn, .arg = arg};

    if (log->kind == KIND_SQLITE)
        return archive_list(log->archive, on_series, &reading);
    return read_text(log, &reading, 1);
}

enum xc_status logread_spans(struct logread *log, const struct logread_value *values, size_t count,
                             int64_t from, int64_t until, struct span *const *out, size_t columns)
{
    struct reading reading = {.values = values,
                              .count = count,
                              .from = from,
                              .until = until,
                              .out = out,
                              .columns = columns};
    enum xc_status status = XC_OK;

    for (size_t i = 0; i < count; i++)
        memset(out[i], 0, columns * sizeof *out[i]);
    if (columns == 0 || until <= from)
        return XC_OK;
    if (log->kind != KIND_SQLITE)
        return read_text(log, &reading, 0);
    for (size_t i = 0; i < count && status == XC_OK; i++)
        status = archive_spans(log->archive, values[i].device, values[i].id, from, until, out[i],
                               columns);
    return status;
}
