// SPDX-License-Identifier: MIT
// Sinks of typed rows: aligned text, CSV (RFC 4180, LF) and JSON lines from the same rows. Knows no
// plant. Text from outside is escaped for the format it goes to: a row is always one line.
#ifndef XC_STORE_ROWS_H
#define XC_STORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

enum row_format { ROWS_TEXT, ROWS_CSV, ROWS_JSONL };

enum column_type {
    COLUMN_TEXT,   // const char *, UTF-8; NULL is empty (JSON null)
    COLUMN_INT,    // int64_t; ROW_NONE is empty (JSON null)
    COLUMN_NUMBER, // double with `decimals`; NaN and infinity are empty ("--" in text, JSON null)
    COLUMN_TIME,   // int64_t microseconds since 1970 UTC, written as ISO 8601 with the local offset
                   // and milliseconds, 2026-11-21T14:03:22.123+01:00; ROW_NONE is empty
};

#define ROW_NONE INT64_MIN

struct column {
    const char *name; // JSON key, CSV header: plain ASCII
    enum column_type type;
    bool right;          // text: align right
    bool hidden_in_text; // neither cell nor heading there
    const char *heading; // text: above the column; no column has one: no such line
};

struct field {
    const char *text;
    int64_t integer;
    double number;
    int decimals; // COLUMN_NUMBER; < 0: the shortest text that gives the same number back, compared
                  // as float when it is one
};

struct rows;

// columns are kept by pointer, out stays the caller's. Text is written by rows_flush() with columns
// aligned over all rows so far; CSV and JSON lines are written at once. The header of CSV and the
// headings of text come with the first row or flush.
struct rows *rows_new(FILE *out, enum row_format format, const struct column *columns,
                      size_t column_count);
// One field a column, in their order. Nothing is kept of fields.
void rows_add(struct rows *rows, const struct field *fields);
// XC_IO when something couldn't be written, now or before (errno tells).
enum xc_status rows_flush(struct rows *rows);
// Text rows that weren't flushed are dropped. NULL is allowed.
void rows_free(struct rows *rows);

#endif
