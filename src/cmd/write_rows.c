// SPDX-License-Identifier: MIT
#include "cmd/write_rows.h"

#include "cmd/cmd.h"

static const struct column columns[] = {
    {.name = "n", .type = COLUMN_INT},       {.name = "time", .type = COLUMN_TIME},
    {.name = "device", .type = COLUMN_TEXT}, {.name = "address", .type = COLUMN_INT},
    {.name = "fid", .type = COLUMN_TEXT},    {.name = "id", .type = COLUMN_INT},
    {.name = "part", .type = COLUMN_TEXT},   {.name = "old", .type = COLUMN_NUMBER},
    {.name = "new", .type = COLUMN_NUMBER},  {.name = "result", .type = COLUMN_TEXT},
    {.name = "name", .type = COLUMN_TEXT},   {.name = "unit", .type = COLUMN_TEXT},
    {.name = "error", .type = COLUMN_INT},   {.name = "read_back", .type = COLUMN_NUMBER},
    {.name = "site", .type = COLUMN_TEXT},   {.name = "who", .type = COLUMN_TEXT},
    {.name = "undo", .type = COLUMN_INT},
};

struct rows *write_rows_new(enum row_format format)
{
    return rows_new(stdout, format, columns, sizeof columns / sizeof *columns);
}

void write_rows_add(struct rows *rows, const struct record *record)
{
    const struct datapoint *dp = catalogue_find(record->family, record->id);
    struct field fields[] = {
        {.integer = record->n ? record->n : ROW_NONE},
        {.integer = record->time},
        {.text = record->device},
        {.integer = record->address},
        {.text = record->key},
        {.integer = record->id},
        {.text = part_name(record->flash ? PART_VALUE : PART_RAM)},
        {.number = record->old, .decimals = -1},
        {.number = record->new, .decimals = -1},
        {.text = record_result_name(record->result)},
        {.text = dp ? datapoint_name(dp) : NULL},
        {.text = dp ? datapoint_unit(dp) : NULL},
        {.integer = record->error ? record->error : ROW_NONE},
        {.number = record->read_back, .decimals = -1},
        {.text = record->site},
        {.text = record->who},
        {.integer = record->undo ? record->undo : ROW_NONE},
    };
    rows_add(rows, fields);
}
