// SPDX-License-Identifier: MIT
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/logger_internal.h"

// A column for the time, and one (with why: two) for each value.
struct logger_columns {
    struct column *columns;
    char (*names)[LOGGER_COLUMN_MAX];
    struct field *fields;
    size_t count;
    struct rows *rows; // into the text below
    FILE *stream;
    char *text;
    size_t length;
    char *header; // CSV: the first line; ""
    bool put;     // … and put() has got it
    int64_t row;  // the time of the one in the text
};

char *logger_column_name(const char *device, enum family family, unsigned id, bool with_name,
                         char out[LOGGER_COLUMN_MAX])
{
    const struct datapoint *datapoint = catalogue_find(family, id);
    size_t used = 0;

    text_append(out, LOGGER_COLUMN_MAX, &used, "%s:%u", device, id);
    if (with_name && datapoint) {
        const char *unit = datapoint_unit(datapoint);
        text_append(out, LOGGER_COLUMN_MAX, &used, " %s", datapoint_name(datapoint));
        if (*unit)
            text_append(out, LOGGER_COLUMN_MAX, &used, " [%s]", unit);
    }
    return out;
}

static void name_column(const struct logger *logger, const struct plant_ref *ref, bool why,
                        char out[LOGGER_COLUMN_MAX])
{
    char device[DEVICE_NAME_MAX];
    size_t used;

    plant_ref_device(ref, device, sizeof device);
    logger_column_name(device, ref->family, ref->id, !why && logger->options.format == LOGGER_CSV,
                       out);
    used = strlen(out);
    if (why)
        text_append(out, LOGGER_COLUMN_MAX, &used, " why");
}

static void make_columns(struct logger *logger)
{
    struct logger_columns *c = xcalloc(1, sizeof *c);
    size_t each = logger->options.why ? 2 : 1;

    c->count = 1 + logger->count * each;
    c->columns = xcalloc(c->count, sizeof *c->columns);
    c->names = xcalloc(c->count, sizeof *c->names);
    c->fields = xcalloc(c->count, sizeof *c->fields);
    c->columns[0] = (struct column){.name = "time", .type = COLUMN_TIME};
    for (size_t i = 0; i < logger->count * each; i++) {
        bool why = i % each == 1;
        name_column(logger, &logger->refs[i / each], why, c->names[i]);
        c->columns[i + 1] =
            (struct column){.name = c->names[i], .type = why ? COLUMN_TEXT : COLUMN_NUMBER};
        c->fields[i + 1].decimals = -1;
    }
    c->stream = open_memstream(&c->text, &c->length);
    if (!c->stream)
        abort();
    c->rows = rows_new(c->stream, logger->options.format == LOGGER_CSV ? ROWS_CSV : ROWS_JSONL,
                       c->columns, c->count);
    logger->columns = c;
}

// What the rows have written since they were asked last; valid until they are written again.
static const char *take_text(struct logger_columns *c, size_t *length)
{
    rows_flush(c->rows);
    fflush(c->stream);
    *length = c->length;
    fseeko(c->stream, 0, SEEK_SET);
    return c->text;
}

static enum xc_status open_file(struct logger *logger, char note[LOGFILE_TEXT_MAX])
{
    size_t length;

    make_columns(logger);
    struct logger_columns *c = logger->columns;
    const char *header = take_text(c, &length);
    c->header = xcalloc(length + 1, 1);
    memcpy(c->header, header, length);
    const char *sign = logger->options.format == LOGGER_CSV ? "time," : "{\"time\":";
    return logger->path ? logfile_open(logger->path, c->header, sign, &logger->file, note) : XC_OK;
}

static void make_row(struct logger *logger, int64_t time, const double *numbers,
                     char (*why)[LOGGER_WHY_MAX])
{
    struct logger_columns *c = logger->columns;
    struct field *field = c->fields;

    field++->integer = time;
    for (size_t i = 0; i < logger->count; i++) {
        field++->number = numbers[i];
        if (logger->options.why)
            field++->text = isnan(numbers[i]) ? why[i] : NULL;
    }
    rows_add(c->rows, c->fields);
    c->row = time;
}

static size_t next_size(struct logger *logger, int64_t time, const double *numbers,
                        char (*why)[LOGGER_WHY_MAX])
{
    size_t length;

    make_row(logger, time, numbers, why);
    take_text(logger->columns, &length);
    return length;
}

static enum xc_status add(struct logger *logger, int64_t time, const double *numbers,
                          char (*why)[LOGGER_WHY_MAX], bool synced, char note[LOGFILE_TEXT_MAX])
{
    struct logger_columns *c = logger->columns;
    size_t length;

    (void)synced; // logger.c has a timer for that: rows may be rare
    make_row(logger, time, numbers, why);
    const char *text = take_text(c, &length);
    if (logger->file)
        return logfile_append(logger->file, text, length, note);
    if ((c->put || !*c->header || logger->calls->put(logger->arg, c->header, strlen(c->header))) &&
        (c->put = true, logger->calls->put(logger->arg, text, length)))
        return XC_OK;
    snprintf(note, LOGFILE_TEXT_MAX, "nobody reads");
    return XC_IO;
}

static enum xc_status rotate(struct logger *logger, char note[LOGFILE_TEXT_MAX])
{
    return logfile_rotate(logger->file, loop_wall(logger->loop), logger->options.rotate_keep, note);
}

static int64_t size(const struct logger *logger)
{
    return logger->file ? logfile_size(logger->file) : 0;
}

static bool is_empty(const struct logger *logger)
{
    return size(logger) <= (int64_t)strlen(logger->columns->header);
}

static int64_t last(struct logger *logger)
{
    return logfile_changed(logger->file);
}

static void look(struct logger *logger)
{
    if (logger->file)
        logfile_look(logger->file);
}

static void close_file(struct logger *logger)
{
    struct logger_columns *c = logger->columns;

    logfile_close(logger->file);
    if (!c)
        return;
    rows_free(c->rows);
    if (c->stream)
        fclose(c->stream);
    free(c->text);
    free(c->header);
    free(c->columns);
    free(c->names);
    free(c->fields);
    free(c);
}

static enum xc_status claim(struct logger *logger, const char *owner, char note[LOGFILE_TEXT_MAX])
{
    // What must be done is done with the next row, which tells it.
    note[0] = '\0';
    logfile_claim(logger->file, owner);
    return XC_OK;
}

static enum xc_status sync_file(struct logger *logger)
{
    return logger->file ? logfile_sync(logger->file) : XC_OK;
}

const struct logger_kind logger_text = {.open = open_file,
                                        .add = add,
                                        .next_size = next_size,
                                        .claim = claim,
                                        .rotate = rotate,
                                        .size = size,
                                        .is_empty = is_empty,
                                        .last = last,
                                        .look = look,
                                        .sync = sync_file,
                                        .close = close_file};
