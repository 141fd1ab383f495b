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
                           {"Mode", {3028}, COLUMN_TEXT, 10, 0, 0, false, 0},
                           {"Phase", {3010}, COLUMN_TEXT, 9, 0, 3, false, 0},
                           {"Ubat V", {3000}, COLUMN_NUMBER, 7, 1, 4, false, 0},
                           {"Ibat A", {3005}, COLUMN_SIGNED, 8, 1, 2, false, 0},
                           {"Uin V", {3011}, COLUMN_NUMBER, 8, 1, 8, false, 0},
                           {"Pin kW", {3137}, COLUMN_NUMBER, 8, 2, 5, false, 0},
                           {"Uout V", {3021}, COLUMN_NUMBER, 8, 1, 6, false, 0},
                           {"Pout kW", {3136}, COLUMN_NUMBER, 8, 2, 1, false, 0},
                           {"Pout kVA", {3139}, COLUMN_NUMBER, 9, 2, 11, false, 0},
                           {"in kWh", {3081}, COLUMN_NUMBER, 8, 1, 10, false, 0},
                           {"out kWh", {3083}, COLUMN_NUMBER, 8, 1, 9, false, 0},
                           {"°C", {3104}, COLUMN_NUMBER, 4, 0, 7, false, 0},
                       }},
    [TABLE_SOLAR] = {"Solar",
                     "columns VT VS",
                     {FAMILY_VT, FAMILY_VS},
                     {11004, 15010},
                     ROLE_SOLAR,
                     {
                         {"Mode", {11016, 15013}, COLUMN_TEXT, 10, 0, 0, false, 0},
                         {"Phase", {11038, 15002}, COLUMN_TEXT, 9, 0, 4, false, 0},
                         {"Ubat V", {11000, 15000}, COLUMN_NUMBER, 7, 1, 5, false, 0},
                         {"Ibat A", {11001, 15001}, COLUMN_SIGNED, 8, 1, 2, false, 0},
                         {"Upv V", {11002, 15004}, COLUMN_NUMBER, 8, 1, 6, false, 0},
                         {"Ppv kW", {11004, 15010}, COLUMN_NUMBER, 8, 2, 1, false, 0},
                         {"Ipv A", {11003, 15007}, COLUMN_NUMBER, 8, 1, 9, false, 0},
                         {"kWh", {11007, 15017}, COLUMN_NUMBER, 8, 1, 3, false, 0},
                         {"sun h", {11025, 15030}, COLUMN_NUMBER, 9, 1, 10, false, 0},
                         {"max kW", {11019, 15037}, COLUMN_NUMBER, 8, 2, 8, false, 0},
                         {"°C", {11045, 15065}, COLUMN_NUMBER, 4, 0, 7, false, 0},
                     }},
    [TABLE_BATTERY] = {"Battery",
                       "columns BSP",
                       {FAMILY_BSP, FAMILY_BMS},
                       {7003, 7003},
                       ROLE_BATTERY,
                       {
                           {"SOC %", {7002, 7002}, COLUMN_NUMBER, 7, 1, 0, false, 0},
                           {"Ubat V", {7000, 7000}, COLUMN_NUMBER, 8, 1, 2, false, 0},
                           {"Ibat A", {7001, 7001}, COLUMN_SIGNED, 9, 1, 3, false, 0},
                           {"P W", {7003, 7003}, COLUMN_SIGNED, 8, 0, 1, false, 0},
                           {"in Ah", {7007, 7007}, COLUMN_NUMBER, 8, 1, 4, false, 0},
                           {"out Ah", {7008, 7008}, COLUMN_NUMBER, 8, 1, 5, false, 0},
                           {"°C", {7029, 7029}, COLUMN_NUMBER, 7, 1, 6, false, 0},
                       }},
};

// What is kept; of tables that nobody has changed there is nothing.
struct kept_columns {
    struct views_row rows[TABLE_COUNT][COLUMNS_MAX];
    size_t counts[TABLE_COUNT];
    bool unkept; // what is here couldn't be kept
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

    ui->columns->unkept = false;
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

typedef bool same_fn(const struct datapoint *a, const struct datapoint *b);

static bool is_alike(const struct datapoint *a, const struct datapoint *b)
{
    return datapoint_kind(a) == datapoint_kind(b) &&
           datapoint_encoding(a) == datapoint_encoding(b) &&
           strcmp(datapoint_short_unit(a), datapoint_short_unit(b)) == 0;
}

static bool same_name(const struct datapoint *a, const struct datapoint *b)
{
    return is_alike(a, b) && strcmp(datapoint_name(a), datapoint_name(b)) == 0;
}

static bool same_short_name(const struct datapoint *a, const struct datapoint *b)
{
    return is_alike(a, b) && *datapoint_short_name(a) &&
           strcmp(datapoint_short_name(a), datapoint_short_name(b)) == 0;
}

// The only one of a family that is the same; NULL when none is, or several are.
static const struct datapoint *only_one(enum family family, const struct datapoint *datapoint,
                                        same_fn *same)
{
    const struct datapoint *other, *found = NULL;
    int count = 0;

    for (size_t i = 0; (other = catalogue_at(i)); i++) {
        if (datapoint_family(other) != family || !same(other, datapoint))
            continue;
        found = other;
        count++;
    }
    return count == 1 ? found : NULL;
}

// What is the same value in another family; 0 if nothing clearly is: of two that are called the
// same in one family either would be mistaken for the other.
static uint16_t namesake(const struct datapoint *datapoint, enum family family)
{
    static same_fn *const names[] = {same_name, same_short_name};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct datapoint *other = only_one(family, datapoint, names[i]);
        if (other && only_one(datapoint_family(datapoint), datapoint, names[i]))
            return datapoint_id(other);
    }
    return 0;
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
    *column = (struct column){.kind = COLUMN_ADDED, .chosen = (uint16_t)id};
    column->ids[f] = (uint16_t)id;
    if (table->families[!f] != FAMILY_NONE)
        column->ids[!f] = namesake(datapoint, table->families[!f]);
    const char *name = datapoint_short_name(datapoint), *unit = datapoint_short_unit(datapoint);
    size_t used = 0;
    // "Ubat" is the name of the voltage, and of its mean.
    if (only_one(table->families[f], datapoint, same_short_name))
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
    return id != 0 && (column->ids[0] == id || column->ids[1] == id);
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

// In which turn a column gets its room.
static int turn_of(const struct column *column)
{
    if (column->kind == COLUMN_ADDED)
        return 1;
    return column->rank == 0 ? 0 : column->rank + 1;
}

int columns_fit(const struct column *list, size_t count, int line_width, bool fits[COLUMNS_MAX])
{
    int used = 0, width = line_width - DEVICE_NAME_WIDTH - DEVICE_STATE_WIDTH;

    memset(fits, 0, COLUMNS_MAX * sizeof *fits);
    for (int turn = 0; turn <= COLUMNS_MAX; turn++)
        for (size_t c = 0; c < count; c++) {
            if (turn_of(&list[c]) != turn || list[c].hidden || used + list[c].width > width)
                continue;
            fits[c] = true;
            used += list[c].width;
        }
    return used;
}

const struct datapoint *column_datapoint(const struct ui *ui, const struct device_table *table,
                                         const struct column *column)
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices);

    for (int f = 0; f < 2; f++)
        for (size_t i = 0; i < count; i++)
            if (column->ids[f] && devices[i].family == table->families[f])
                return catalogue_find(table->families[f], column->ids[f]);
    return NULL;
}

// --- Changes -------------------------------------------------------------------------------------

static uint16_t id_of(const struct column *column)
{
    if (column->kind == COLUMN_ADDED)
        return column->chosen;
    return column->ids[0] ? column->ids[0] : column->ids[1];
}

static void keep(struct ui *ui, const struct device_table *table, const struct column *list,
                 size_t count)
{
    struct views_row *rows = ui->columns->rows[table - device_tables];
    bool as_at_first = count == count_built_in(table);
    char error[VIEWS_ERROR_MAX];

    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct views_row){id_of(&list[i]), list[i].hidden};
        as_at_first = as_at_first && !list[i].hidden && shows(&table->columns[i], rows[i].id);
    }
    if (as_at_first)
        count = 0;
    ui->columns->counts[table - device_tables] = count;
    ui->columns->unkept = views_keep_rows(ui->plant, table->name, rows, count, error) != XC_OK;
    if (ui->columns->unkept)
        ui_notice(ui, "not kept for the next time: %s", error);
}

// The columns before a change: what another program has kept meanwhile isn't undone by it.
static size_t list_anew(struct ui *ui, const struct device_table *table,
                        struct column list[COLUMNS_MAX])
{
    if (!ui->columns->unkept && views_readable(ui->plant))
        columns_take(ui);
    return columns_list(ui, table, list);
}

void columns_hide(struct ui *ui, const struct device_table *table, unsigned id)
{
    struct column list[COLUMNS_MAX];
    size_t count = list_anew(ui, table, list), i = find(list, count, id);

    if (i == count)
        return;
    if (list[i].kind == COLUMN_ADDED)
        memmove(list + i, list + i + 1, (--count - i) * sizeof *list);
    else
        list[i].hidden = !list[i].hidden;
    keep(ui, table, list, count);
}

static void add(struct ui *ui, const struct device_table *table, unsigned id,
                struct column list[COLUMNS_MAX], size_t count)
{
    bool fits[COLUMNS_MAX];
    size_t added = 0;

    for (size_t c = 0; c < count; c++)
        added += list[c].kind == COLUMN_ADDED;
    if (added == COLUMNS_ADDED_MAX) {
        ui_notice(ui, "%d columns are added already: in the overview c lists them, x takes one out",
                  COLUMNS_ADDED_MAX);
    } else if (added_column(table, id, &list[count])) {
        columns_fit(list, count + 1, ui->width, fits);
        ui_notice(ui,
                  fits[count] ? "%u is a column of the overview now: c there moves it"
                              : "%u is a column of the overview now, but there is no room for it",
                  id);
        keep(ui, table, list, count + 1);
    } else {
        ui_notice(ui, "%u has no value", id);
    }
}

void columns_toggle(struct ui *ui, const struct plant_ref *ref)
{
    const struct device_table *table = device_table_of(ref->family);
    struct column list[COLUMNS_MAX];
    size_t count = list_anew(ui, table, list), i = find(list, count, ref->id);

    if (i == count) {
        add(ui, table, ref->id, list, count);
        return;
    }
    ui_notice(ui,
              list[i].hidden ? "%u is a column of the overview again"
                             : "%u is no column of the overview any more",
              ref->id);
    columns_hide(ui, table, ref->id);
}

bool columns_has(const struct ui *ui, const struct plant_ref *ref)
{
    struct column list[COLUMNS_MAX];
    size_t count = columns_list(ui, device_table_of(ref->family), list);
    size_t i = find(list, count, ref->id);

    return i < count && !list[i].hidden;
}

size_t columns_move(struct ui *ui, const struct device_table *table, unsigned id, int step)
{
    struct column list[COLUMNS_MAX];
    size_t count = list_anew(ui, table, list), i = find(list, count, id);
    size_t to = i + (size_t)step; // before the first: too large a number

    if (i == count || to >= count)
        return i;
    struct column moved = list[i];
    list[i] = list[to];
    list[to] = moved;
    keep(ui, table, list, count);
    return to;
}
