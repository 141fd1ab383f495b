// SPDX-License-Identifier: MIT
#include "store/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"

// The widest: 309 digits of a double with sign, point and decimals.
enum { CELL_SIZE = 352 };

struct rows {
    FILE *out;
    enum row_format format;
    const struct column *columns;
    size_t column_count;
    bool begun; // header or headings are written
    int error;  // errno of the first write that failed
    // ROWS_TEXT: what waits for rows_flush(), row by row.
    char **cells;
    size_t cell_count, cell_room;
    int *widths;
};

struct rows *rows_new(FILE *out, enum row_format format, const struct column *columns,
                      size_t column_count)
{
    struct rows *rows = xcalloc(1, sizeof *rows);

    rows->out = out;
    rows->format = format;
    rows->columns = columns;
    rows->column_count = column_count;
    rows->widths = xcalloc(column_count, sizeof *rows->widths);
    return rows;
}

// --- Numbers and times -------------------------------------------------------------------------

static void iso_time(char out[CELL_SIZE], int64_t time_us)
{
    int64_t ms = time_us / 1000 - (time_us % 1000 < 0);
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    int rest = (int)(ms - (int64_t)seconds * 1000);
    struct tm local;
    char date[64];

    out[0] = '\0';
    if (!localtime_r(&seconds, &local))
        return;
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
    long offset = local.tm_gmtoff / 60; // minutes east
    snprintf(out, CELL_SIZE, "%s.%03d%c%02ld:%02ld", date, rest, offset < 0 ? '-' : '+',
             labs(offset) / 60, labs(offset) % 60);
}

// What a field that isn't text says in every format; "" when it says nothing.
static void plain_cell(char out[CELL_SIZE], const struct column *column, const struct field *field)
{
    out[0] = '\0';
    switch (column->type) {
    case COLUMN_TEXT:
        break;
    case COLUMN_INT:
        if (field->integer != ROW_NONE)
            snprintf(out, CELL_SIZE, "%" PRId64, field->integer);
        break;
    case COLUMN_NUMBER:
        if (!isfinite(field->number))
            break;
        if (field->decimals < 0)
            text_shortest(out, CELL_SIZE, field->number);
        else
            text_number(out, CELL_SIZE, field->number, field->decimals);
        break;
    case COLUMN_TIME:
        if (field->integer != ROW_NONE)
            iso_time(out, field->integer);
        break;
    }
}

// Text that can't break a line or lead a terminal astray. The caller frees it.
static char *harmless(const char *text)
{
    // The most that escaping makes of a byte: \xHH.
    size_t size = 4 * strlen(text) + 1;
    char *out = xcalloc(size, 1);

    return text_escape(out, size, text);
}

// --- CSV ---------------------------------------------------------------------------------------

static void csv_text(FILE *out, const char *text)
{
    char *plain = harmless(text);

    if (strpbrk(plain, ",\"")) {
        putc('"', out);
        for (const char *p = plain; *p; p++) {
            if (*p == '"')
                putc('"', out);
            putc(*p, out);
        }
        putc('"', out);
    } else {
        fputs(plain, out);
    }
    free(plain);
}

static void csv_header(struct rows *rows)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        if (i > 0)
            putc(',', rows->out);
        csv_text(rows->out, rows->columns[i].name);
    }
    putc('\n', rows->out);
}

static void csv_row(struct rows *rows, const struct field *fields)
{
    char cell[CELL_SIZE];

    for (size_t i = 0; i < rows->column_count; i++) {
        if (i > 0)
            putc(',', rows->out);
        if (rows->columns[i].type == COLUMN_TEXT) {
            csv_text(rows->out, fields[i].text ? fields[i].text : "");
        } else {
            plain_cell(cell, &rows->columns[i], &fields[i]);
            fputs(cell, rows->out);
        }
    }
    putc('\n', rows->out);
}

// --- JSON lines --------------------------------------------------------------------------------

static void put_character(FILE *out, uint32_t c)
{
    char bytes[4];
    size_t length = text_put(bytes, c);

    fwrite(bytes, 1, length, out);
}

static void json_text(FILE *out, const char *text)
{
    uint32_t c;

    putc('"', out);
    for (size_t n; (n = text_next(text, &c)) > 0; text += n) {
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (int)c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c == '\t')
            fputs("\\t", out);
        else if (text_is_control(c))
            fprintf(out, "\\u%04" PRIX32, c);
        else
            put_character(out, c);
    }
    putc('"', out);
}

static void json_row(struct rows *rows, const struct field *fields)
{
    char cell[CELL_SIZE];

    for (size_t i = 0; i < rows->column_count; i++) {
        const struct column *column = &rows->columns[i];
        fprintf(rows->out, "%c\"%s\":", i > 0 ? ',' : '{', column->name);
        plain_cell(cell, column, &fields[i]);
        if (column->type == COLUMN_TEXT && fields[i].text)
            json_text(rows->out, fields[i].text);
        else if (!cell[0])
            fputs("null", rows->out);
        else
            fprintf(rows->out, column->type == COLUMN_TIME ? "\"%s\"" : "%s", cell);
    }
    fputs("}\n", rows->out);
}

// --- Text --------------------------------------------------------------------------------------

static void text_cell(struct rows *rows, size_t column, char *cell)
{
    if (rows->cell_count == rows->cell_room) {
        rows->cell_room = rows->cell_room ? rows->cell_room * 2 : 64;
        rows->cells = xrealloc(rows->cells, rows->cell_room, sizeof *rows->cells);
    }
    rows->cells[rows->cell_count++] = cell;
    int width = rows->columns[column].hidden_in_text ? 0 : text_width(cell);
    if (width > rows->widths[column])
        rows->widths[column] = width;
}

static void text_headings(struct rows *rows)
{
    bool any = false;

    for (size_t i = 0; i < rows->column_count; i++)
        any = any || (rows->columns[i].heading && !rows->columns[i].hidden_in_text);
    for (size_t i = 0; any && i < rows->column_count; i++)
        text_cell(rows, i, xstrdup(rows->columns[i].heading ? rows->columns[i].heading : ""));
}

static void text_row(struct rows *rows, const struct field *fields)
{
    char cell[CELL_SIZE];

    for (size_t i = 0; i < rows->column_count; i++) {
        const struct column *column = &rows->columns[i];
        plain_cell(cell, column, &fields[i]);
        if (column->type == COLUMN_TEXT)
            text_cell(rows, i, harmless(fields[i].text ? fields[i].text : ""));
        else
            text_cell(rows, i, xstrdup(column->type == COLUMN_NUMBER && !cell[0] ? "--" : cell));
    }
}

static void put_blanks(FILE *out, int count)
{
    for (int i = 0; i < count; i++)
        putc(' ', out);
}

// Blanks are put before a cell, never at the end of a line.
static void write_text_row(struct rows *rows, char *const *cells)
{
    int blanks = 0;

    for (size_t i = 0; i < rows->column_count; i++) {
        if (rows->columns[i].hidden_in_text)
            continue;
        int padding = rows->widths[i] - text_width(cells[i]);
        if (rows->columns[i].right)
            blanks += padding;
        if (cells[i][0]) {
            put_blanks(rows->out, blanks);
            fputs(cells[i], rows->out);
            blanks = 0;
        }
        blanks += rows->columns[i].right ? 2 : padding + 2;
    }
    putc('\n', rows->out);
}

static void write_text(struct rows *rows)
{
    for (size_t i = 0; i < rows->cell_count; i += rows->column_count)
        write_text_row(rows, rows->cells + i);
    for (size_t i = 0; i < rows->cell_count; i++)
        free(rows->cells[i]);
    rows->cell_count = 0;
}

// --- All formats -------------------------------------------------------------------------------

static void begin(struct rows *rows)
{
    if (rows->begun)
        return;
    rows->begun = true;
    if (rows->format == ROWS_CSV)
        csv_header(rows);
    else if (rows->format == ROWS_TEXT)
        text_headings(rows);
}

// errno is kept from the first failure on: what comes after it would overwrite the reason.
static void note_error(struct rows *rows)
{
    if (ferror(rows->out) && !rows->error)
        rows->error = errno ? errno : EIO;
}

void rows_add(struct rows *rows, const struct field *fields)
{
    begin(rows);
    switch (rows->format) {
    case ROWS_TEXT:
        text_row(rows, fields);
        break;
    case ROWS_CSV:
        csv_row(rows, fields);
        break;
    case ROWS_JSONL:
        json_row(rows, fields);
        break;
    }
    note_error(rows);
}

enum xc_status rows_flush(struct rows *rows)
{
    begin(rows);
    if (rows->format == ROWS_TEXT)
        write_text(rows);
    fflush(rows->out);
    note_error(rows);
    if (!rows->error)
        return XC_OK;
    errno = rows->error;
    return XC_IO;
}

void rows_free(struct rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < rows->cell_count; i++)
        free(rows->cells[i]);
    free(rows->cells);
    free(rows->widths);
    free(rows);
}
