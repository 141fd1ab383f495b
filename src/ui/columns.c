// SPDX-License-Identifier: MIT
#include "ui/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/views.h"

enum { ADDED_WIDTH_MIN = 8, ADDED_TEXT_WIDTH = 11 };

const struct device_table device_tables[TABLE_COUNT] = {
    [TABLE_XTENDER] = {"Xtender",
                       "columns XT",
                       {FAMILY_XT, FAMILY_NONE},
                       {3136, 0},
                       ROLE_LOAD,
                       {
                           {"Mode", {3028}, COLUMN_TEXT, 10, 0, 0, false},
                           {"Phase", {3010}, COLUMN_TEXT, 9, 0, 3, false},
                           {"Ubat V", {3000}, COLUMN_NUMBER, 7, 1, 4, false},
                           {"Ibat A", {3005}, COLUMN_SIGNED, 8, 1, 2, false},
                           {"Uin V", {3011}, COLUMN_NUMBER, 8, 1, 8, false},
                           {"Pin kW", {3137}, COLUMN_NUMBER, 8, 2, 5, false},
                           {"Uout V", {3021}, COLUMN_NUMBER, 8, 1, 6, false},
                           {"Pout kW", {3136}, COLUMN_NUMBER, 8, 2, 1, false},
                           {"Pout kVA", {3139}, COLUMN_NUMBER, 9, 2, 11, false},
                           {"in kWh", {3081}, COLUMN_NUMBER, 8, 1, 10, false},
                           {"out kWh", {3083}, COLUMN_NUMBER, 8, 1, 9, false},
                           {"°C", {3104}, COLUMN_NUMBER, 4, 0, 7, false},
                       }},
    [TABLE_SOLAR] = {"Solar",
                     "columns VT VS",
                     {FAMILY_VT, FAMILY_VS},
                     {11004, 15010},
                     ROLE_SOLAR,
                     {
                         {"Mode", {11016, 15013}, COLUMN_TEXT, 10, 0, 0, false},
                         {"Phase", {11038, 15002}, COLUMN_TEXT, 9, 0, 4, false},
                         {"Ubat V", {11000, 15000}, COLUMN_NUMBER, 7, 1, 5, false},
                         {"Ibat A", {11001, 15001}, COLUMN_SIGNED, 8, 1, 2, false},
                         {"Upv V", {11002, 15004}, COLUMN_NUMBER, 8, 1, 6, false},
                         {"Ppv kW", {11004, 15010}, COLUMN_NUMBER, 8, 2, 1, false},
                         {"Ipv A", {11003, 15007}, COLUMN_NUMBER, 8, 1, 9, false},
                         {"kWh", {11007, 15017}, COLUMN_NUMBER, 8, 1, 3, false},
                         {"sun h", {11025, 15030}, COLUMN_NUMBER, 9, 1, 10, false},
                         {"max kW", {11019, 15037}, COLUMN_NUMBER, 8, 2, 8, false},
                         {"°C", {11045, 15065}, COLUMN_NUMBER, 4, 0, 7, false},
                     }},
    [TABLE_BATTERY] = {"Battery",
                       "columns BSP",
                       {FAMILY_BSP, FAMILY_BMS},
                       {7003, 7003},
                       ROLE_BATTERY,
                       {
                           {"SOC %", {7002, 7002}, COLUMN_NUMBER, 7, 1, 0, false},
                           {"Ubat V", {7000, 7000}, COLUMN_NUMBER, 8, 1, 2, false},
                           {"Ibat A", {7001, 7001}, COLUMN_SIGNED, 9, 1, 3, false},
                           {"P W", {7003, 7003}, COLUMN_SIGNED, 8, 0, 1, false},
                           {"in Ah", {7007, 7007}, COLUMN_NUMBER, 8, 1, 4, false},
                           {"out Ah", {7008, 7008}, COLUMN_NUMBER, 8, 1, 5, false},
                           {"°C", {7029, 7029}, COLUMN_NUMBER, 7, 1, 6, false},
                       }},
};

// What is kept; of tables that nobody has changed there is nothing.
struct kept_columns {
    struct views_row rows[TABLE_COUNT][COLUMNS_MAX];
    size_t counts[TABLE_COUNT];
};

struct kept_columns *columns_new(void)
{
    return xcalloc(1, sizeof(struct kept_columns));
}

void columns_free(struct kept_columns *columns)
{
    free(columns);
}

void columns_take(struct ui *ui)
{
    struct views_row rows[VIEWS_ROWS_MAX];

    for (int t = 0; t < TABLE_COUNT; t++) {
        size_t count = views_rows(ui->plant, device_tables[t].name, rows);
        ui->columns->counts[t] = count < COLUMNS_MAX ? count : COLUMNS_MAX;
        memcpy(ui->columns->rows[t], rows, ui->columns->counts[t] * sizeof *rows);
    }
}

const struct device_table *device_table_of(enum family family)
{
    for (int t = 0; t < TABLE_COUNT; t++)
        for (int f = 0; f < 2; f++)
            if (device_tables[t].families[f] == family)
                return &device_tables[t];
    return NULL;
}

struct plant_ref column_ref(const struct device_table *table, const struct column *column,
                            enum family family, unsigned index)
{
    struct plant_ref ref = {.family = family, .index = (uint8_t)index};
    const struct datapoint *datapoint;

    ref.id = column->ids[family == table->families[1]];
    datapoint = catalogue_find(family, ref.id);
    ref.parameter = datapoint && datapoint_kind(datapoint) == KIND_PARAMETER;
    return ref;
}

// --- Added ones ----------------------------------------------------------------------------------

static bool same_short_name(const struct datapoint *a, const struct datapoint *b)
{
    return *datapoint_short_name(a) &&
           strcmp(datapoint_short_name(a), datapoint_short_name(b)) == 0 &&
           strcmp(datapoint_short_unit(a), datapoint_short_unit(b)) == 0;
}

// What is the same value in a family: it has the same name, or else is the only one with the same
// short name and unit; 0 if there is none.
static uint16_t namesake(const struct datapoint *datapoint, enum family family)
{
    const struct datapoint *other, *found = NULL;
    int short_names = 0;

    for (size_t i = 0; (other = catalogue_at(i)); i++) {
        if (datapoint_kind(other) != datapoint_kind(datapoint))
            continue;
        bool there = datapoint_family(other) == family;
        if (there && strcmp(datapoint_name(other), datapoint_name(datapoint)) == 0)
            return datapoint_id(other);
        if (!same_short_name(other, datapoint))
            continue;
        // Of two in its own family one would be mistaken for the other.
        short_names += there || datapoint_family(other) == datapoint_family(datapoint);
        if (there)
            found = other;
    }
    return found && short_names == 2 ? datapoint_id(found) : 0;
}

static bool is_text(const struct datapoint *datapoint)
{
    return datapoint_encoding(datapoint) != ENCODING_NUMBER;
}

// The column of a value of one of the table's families; false of what has none.
static bool added_column(const struct device_table *table, unsigned id, struct column *column)
{
    const struct datapoint *datapoint = catalogue_find(table->families[0], id);
    int f = datapoint ? 0 : 1;

    if (!datapoint)
        datapoint = catalogue_find(table->families[1], id);
    if (!datapoint || !views_has_value(datapoint))
        return false;
    *column = (struct column){.kind = COLUMN_ADDED};
    column->ids[f] = (uint16_t)id;
    if (table->families[!f] != FAMILY_NONE)
        column->ids[!f] = namesake(datapoint, table->families[!f]);
    const char *name = datapoint_short_name(datapoint), *unit = datapoint_short_unit(datapoint);
    size_t used = 0;
    if (*name)
        text_append(column->title, sizeof column->title, &used, "%s", name);
    else
        text_append(column->title, sizeof column->title, &used, "%u", id);
    if (*unit && used + strlen(unit) + 1 < sizeof column->title)
        text_append(column->title, sizeof column->title, &used, " %s", unit);
    int width = text_width(column->title) + 1;
    int least = is_text(datapoint) ? ADDED_TEXT_WIDTH : ADDED_WIDTH_MIN;
    // Behind a parameter there may be a sign.
    least += datapoint_kind(datapoint) == KIND_PARAMETER;
    column->width = (uint8_t)(width > least ? width : least);
    return true;
}

// --- Lists ---------------------------------------------------------------------------------------

static bool shows(const struct column *column, unsigned id)
{
    return column->ids[0] == id || column->ids[1] == id;
}

static size_t find(const struct column *list, size_t count, unsigned id)
{
    size_t i = 0;

    while (i < count && !shows(&list[i], id))
        i++;
    return i;
}

static size_t count_built_in(const struct device_table *table)
{
    size_t count = 0;

    while (count < sizeof table->columns / sizeof *table->columns && *table->columns[count].title)
        count++;
    return count;
}

size_t columns_list(const struct ui *ui, const struct device_table *table,
                    struct column list[COLUMNS_MAX])
{
    const struct views_row *kept = ui->columns->rows[table - device_tables];
    size_t kept_count = ui->columns->counts[table - device_tables], count = 0, added = 0;
    size_t built_in = count_built_in(table);

    // What is kept may have been written by another version, or be spoiled.
    for (size_t i = 0; i < kept_count; i++) {
        size_t b = find(table->columns, built_in, kept[i].id);
        if (find(list, count, kept[i].id) < count)
            continue;
        if (b < built_in) {
            list[count] = table->columns[b];
            list[count++].hidden = kept[i].hidden;
        } else if (added < COLUMNS_ADDED_MAX && added_column(table, kept[i].id, &list[count])) {
            added++;
            count++;
        }
    }
    for (size_t b = 0; b < built_in; b++)
        if (find(list, count, table->columns[b].ids[0]) == count)
            list[count++] = table->columns[b];
    return count;
}

int columns_fit(const struct column *list, size_t count, int width, bool fits[COLUMNS_MAX])
{
    int used = 0;

    memset(fits, 0, COLUMNS_MAX * sizeof *fits);
    for (int pass = -1; pass < COLUMNS_MAX; pass++)
        for (size_t c = 0; c < count; c++) {
            int rank = list[c].kind == COLUMN_ADDED ? -1 : list[c].rank;
            if (rank != pass || list[c].hidden || used + list[c].width > width)
                continue;
            fits[c] = true;
            used += list[c].width;
        }
    return used;
}

// --- Changes -------------------------------------------------------------------------------------

static void keep(struct ui *ui, const struct device_table *table, const struct column *list,
                 size_t count)
{
    struct views_row *rows = ui->columns->rows[table - device_tables];
    bool as_at_first = count == count_built_in(table);
    char error[VIEWS_ERROR_MAX];

    for (size_t i = 0; i < count; i++) {
        rows[i].id = list[i].ids[0] ? list[i].ids[0] : list[i].ids[1];
        rows[i].hidden = list[i].hidden;
        as_at_first = as_at_first && !list[i].hidden && shows(&table->columns[i], rows[i].id);
    }
    if (as_at_first)
        count = 0;
    ui->columns->counts[table - device_tables] = count;
    if (views_keep_rows(ui->plant, table->name, rows, count, error) != XC_OK)
        ui_notice(ui, "not kept for the next time: %s", error);
}

void columns_hide(struct ui *ui, const struct device_table *table, size_t i)
{
    struct column list[COLUMNS_MAX];
    size_t count = columns_list(ui, table, list);

    if (i >= count)
        return;
    if (list[i].kind == COLUMN_ADDED)
        memmove(list + i, list + i + 1, (--count - i) * sizeof *list);
    else
        list[i].hidden = !list[i].hidden;
    keep(ui, table, list, count);
}

void columns_toggle(struct ui *ui, const struct plant_ref *ref)
{
    const struct device_table *table = device_table_of(ref->family);
    struct column list[COLUMNS_MAX];
    size_t count = columns_list(ui, table, list), i = find(list, count, ref->id), added = 0;

    for (size_t c = 0; c < count; c++)
        added += list[c].kind == COLUMN_ADDED;
    if (i < count) {
        ui_notice(ui,
                  list[i].hidden ? "%u is a column of the overview again"
                                 : "%u is no column of the overview any more",
                  ref->id);
        columns_hide(ui, table, i);
    } else if (added == COLUMNS_ADDED_MAX) {
        ui_notice(ui, "%d columns are added already: c here on one of them takes it out",
                  COLUMNS_ADDED_MAX);
    } else if (added_column(table, ref->id, &list[count])) {
        ui_notice(ui, "%u is a column of the overview now: c there moves it", ref->id);
        keep(ui, table, list, count + 1);
    } else {
        ui_notice(ui, "%u has no value", ref->id);
    }
}

bool columns_has(const struct ui *ui, const struct plant_ref *ref)
{
    struct column list[COLUMNS_MAX];
    size_t count = columns_list(ui, device_table_of(ref->family), list);
    size_t i = find(list, count, ref->id);

    return i < count && !list[i].hidden;
}

size_t columns_move(struct ui *ui, const struct device_table *table, size_t i, int step)
{
    struct column list[COLUMNS_MAX];
    size_t count = columns_list(ui, table, list);
    size_t to = i + (size_t)step; // before the first: too large a number

    if (i >= count || to >= count)
        return i;
    struct column moved = list[i];
    list[i] = list[to];
    list[to] = moved;
    keep(ui, table, list, count);
    return to;
}
