// SPDX-License-Identifier: MIT
#include "ui/devices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/identify.h"
#include "ui/graph.h"
#include "ui/widgets.h"

enum { NAME_WIDTH = 8, STATE_WIDTH = 9, TREND_MIN = 10, TREND_MAX = 16, COLUMNS_MAX = 16 };

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_SIGNED };

// A column of a table; ids[1] where the table shows two families (VT and VS).
struct column {
    const char *title;
    uint16_t ids[2];
    enum column_kind kind;
    uint8_t width; // with the blank before it
    uint8_t decimals;
    uint8_t rank; // the smaller, the longer it stays when there is little room
};

struct table {
    const char *title;
    enum family families[2];
    uint16_t trend_ids[2];
    enum role trend_role;
    struct column columns[COLUMNS_MAX]; // up to the one without a title
};

static const struct table tables[] = {
    {"Xtender",
     {FAMILY_XT, FAMILY_NONE},
     {3136, 0},
     ROLE_LOAD,
     {
         {"Mode", {3028}, COLUMN_TEXT, 10, 0, 0},
         {"Phase", {3010}, COLUMN_TEXT, 9, 0, 3},
         {"Ubat V", {3000}, COLUMN_NUMBER, 7, 1, 4},
         {"Ibat A", {3005}, COLUMN_SIGNED, 8, 1, 2},
         {"Uin V", {3011}, COLUMN_NUMBER, 8, 1, 8},
         {"Pin kW", {3137}, COLUMN_NUMBER, 8, 2, 5},
         {"Uout V", {3021}, COLUMN_NUMBER, 8, 1, 6},
         {"Pout kW", {3136}, COLUMN_NUMBER, 8, 2, 1},
         {"Pout kVA", {3139}, COLUMN_NUMBER, 9, 2, 11},
         {"in kWh", {3081}, COLUMN_NUMBER, 8, 1, 10},
         {"out kWh", {3083}, COLUMN_NUMBER, 8, 1, 9},
         {"°C", {3104}, COLUMN_NUMBER, 4, 0, 7},
     }},
    {"Solar",
     {FAMILY_VT, FAMILY_VS},
     {11004, 15010},
     ROLE_SOLAR,
     {
         {"Mode", {11016, 15013}, COLUMN_TEXT, 10, 0, 0},
         {"Phase", {11038, 15002}, COLUMN_TEXT, 9, 0, 4},
         {"Ubat V", {11000, 15000}, COLUMN_NUMBER, 7, 1, 5},
         {"Ibat A", {11001, 15001}, COLUMN_SIGNED, 8, 1, 2},
         {"Upv V", {11002, 15004}, COLUMN_NUMBER, 8, 1, 6},
         {"Ppv kW", {11004, 15010}, COLUMN_NUMBER, 8, 2, 1},
         {"Ipv A", {11003, 15007}, COLUMN_NUMBER, 8, 1, 9},
         {"kWh", {11007, 15017}, COLUMN_NUMBER, 8, 1, 3},
         {"sun h", {11025, 15030}, COLUMN_NUMBER, 9, 1, 10},
         {"max kW", {11019, 15037}, COLUMN_NUMBER, 8, 2, 8},
         {"°C", {11045, 15065}, COLUMN_NUMBER, 4, 0, 7},
     }},
    {"Battery",
     {FAMILY_BSP, FAMILY_BMS},
     {7003, 7003},
     ROLE_BATTERY,
     {
         {"SOC %", {7002, 7002}, COLUMN_NUMBER, 7, 1, 0},
         {"Ubat V", {7000, 7000}, COLUMN_NUMBER, 8, 1, 2},
         {"Ibat A", {7001, 7001}, COLUMN_SIGNED, 9, 1, 3},
         {"P W", {7003, 7003}, COLUMN_SIGNED, 8, 0, 1},
         {"in Ah", {7007, 7007}, COLUMN_NUMBER, 8, 1, 4},
         {"out Ah", {7008, 7008}, COLUMN_NUMBER, 8, 1, 5},
         {"°C", {7029, 7029}, COLUMN_NUMBER, 7, 1, 6},
     }},
};
enum { TABLE_COUNT = sizeof tables / sizeof *tables, ROWS_MAX = 64 };

// A row of the list: a table's heading, or a device.
struct row {
    const struct table *table;
    const struct plant_device *device; // NULL: heading
};

static int list_rows(const struct ui *ui, struct row rows[ROWS_MAX], int *device_count)
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices);
    int used = 0;

    *device_count = 0;
    for (size_t t = 0; t < TABLE_COUNT; t++) {
        bool headed = false;
        for (size_t i = 0; i < count; i++) {
            if (devices[i].family != tables[t].families[0] &&
                devices[i].family != tables[t].families[1])
                continue;
            if (used + 2 > ROWS_MAX)
                return used;
            if (!headed)
                rows[used++] = (struct row){&tables[t], NULL};
            headed = true;
            rows[used++] = (struct row){&tables[t], &devices[i]};
            ++*device_count;
        }
    }
    return used;
}

int devices_rows(const struct ui *ui)
{
    struct row rows[ROWS_MAX];
    int device_count;

    return list_rows(ui, rows, &device_count);
}

// Which columns fit, by rank. Returns the width they take.
static int choose_columns(const struct table *table, int width, bool chosen[COLUMNS_MAX])
{
    int used = 0;

    memset(chosen, 0, COLUMNS_MAX * sizeof *chosen);
    for (unsigned rank = 0; rank < COLUMNS_MAX; rank++)
        for (int c = 0; c < COLUMNS_MAX && table->columns[c].title; c++)
            if (table->columns[c].rank == rank && used + table->columns[c].width <= width) {
                chosen[c] = true;
                used += table->columns[c].width;
            }
    return used;
}

static const char *label_of(const struct reading *reading, double good)
{
    struct option option;

    if (!reading_has_number(reading) || reading->number == good || !reading->datapoint)
        return NULL;
    for (size_t i = 0; datapoint_option(reading->datapoint, i, &option); i++)
        if (option.value == reading->number)
            return option.label;
    return "error";
}

struct device_trouble devices_trouble(struct ui *ui, const struct plant_device *device)
{
    static const struct {
        enum family family;
        uint16_t error, on;
    } infos[] = {{FAMILY_XT, 3168, 3049}, {FAMILY_VT, 11034, 11069}, {FAMILY_VS, 15049, 15108}};

    if (device->presence == DEVICE_GONE)
        return (struct device_trouble){.what = "gone", .severe = true};
    for (size_t i = 0; i < sizeof infos / sizeof *infos; i++) {
        if (infos[i].family != device->family)
            continue;
        struct reading error = ui_read(ui, device->family, device->index, infos[i].error);
        struct reading on = ui_read(ui, device->family, device->index, infos[i].on);
        const char *label = label_of(&error, 0);
        if (label)
            return (struct device_trouble){.what = label, .severe = true};
        if (reading_has_number(&on) && on.number == 0)
            return (struct device_trouble){.what = "off"};
        return (struct device_trouble){.unknown = error.quality == QUALITY_NONE ||
                                                  on.quality == QUALITY_NONE};
    }
    return (struct device_trouble){0};
}

static void draw_state(struct ui *ui, struct canvas *canvas, int x_end, int y,
                       const struct plant_device *device, int64_t oldest)
{
    enum { ROOM = STATE_WIDTH - 1 };
    struct device_trouble trouble = devices_trouble(ui, device);
    char text[48], age[24], cut[48];
    enum role role = ROLE_STALE;

    if (*identify_mark(ui, device, text, sizeof text)) {
        role = ROLE_KEY;
    } else if (trouble.what) {
        role = trouble.severe ? ROLE_ALARM : ROLE_WARNING;
        snprintf(text, sizeof text, "! %s", trouble.what);
    } else if (oldest > 0) {
        text_age(age, sizeof age, (double)(oldest / LOOP_S));
        snprintf(text, sizeof text, strlen(age) + 4 <= ROOM ? "%s old" : "! %s", age);
    } else {
        return;
    }
    text_fit(cut, sizeof cut, text, ROOM, true, canvas->ascii);
    canvas_right(canvas, x_end, y, role, cut);
}

static void draw_heading(struct canvas *canvas, struct rect line, const struct table *table,
                         const bool chosen[COLUMNS_MAX])
{
    int x = line.x + NAME_WIDTH;

    canvas_text(canvas, line.x + 1, line.y, ROLE_HEADING, table->title);
    for (int c = 0; c < COLUMNS_MAX && table->columns[c].title; c++) {
        const struct column *column = &table->columns[c];
        if (!chosen[c])
            continue;
        if (column->kind == COLUMN_TEXT)
            canvas_text(canvas, x + 1, line.y, ROLE_DIM, column->title);
        else
            canvas_right(canvas, x + column->width, line.y, ROLE_DIM, column->title);
        x += column->width;
    }
}

static void draw_device(struct ui *ui, struct canvas *canvas, struct rect line,
                        const struct row *row, const bool chosen[COLUMNS_MAX], int used)
{
    const struct plant_device *device = row->device;
    int second = device->family == row->table->families[1];
    char name[DEVICE_NAME_MAX];
    int64_t oldest = 0;

    device_name(device->family, device->index, name, sizeof name);
    int x = canvas_text(canvas, line.x + 1, line.y, ROLE_VALUE, name);
    if (device->family == FAMILY_XT && device->phase)
        canvas_printf(canvas, x + 1, line.y, ROLE_DIM, "L%u", device->phase);
    x = line.x + NAME_WIDTH;
    for (int c = 0; c < COLUMNS_MAX && row->table->columns[c].title; c++) {
        const struct column *column = &row->table->columns[c];
        if (!chosen[c])
            continue;
        struct reading reading = ui_read(ui, device->family, device->index, column->ids[second]);
        if (reading.quality == QUALITY_STALE && reading.age > oldest)
            oldest = reading.age;
        if (column->kind == COLUMN_TEXT)
            widget_text(canvas, x + 1, line.y, column->width - 1, &reading, ROLE_VALUE);
        else
            widget_number(canvas, x + column->width, line.y, column->width - 1, &reading,
                          (struct number_style){column->decimals, column->kind == COLUMN_SIGNED},
                          ROLE_VALUE);
        x += column->width;
    }
    int rest = line.width - NAME_WIDTH - used - STATE_WIDTH - 4;
    if (rest >= TREND_MIN) {
        float samples[TREND_SAMPLES_MAX];
        int width = rest < TREND_MAX ? rest : TREND_MAX;
        struct rect trend = {line.x + line.width - STATE_WIDTH - 2 - width, line.y, width, 1};
        ui_history(ui, device->family, device->index, row->table->trend_ids[second], samples,
                   (size_t)trend.width);
        widget_chart(canvas, trend, samples, (size_t)trend.width, row->table->trend_role);
    }
    draw_state(ui, canvas, line.x + line.width - 1, line.y, device, oldest);
}

void devices_draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct row rows[ROWS_MAX];
    struct scroll *scroll = &ui->overview; // selected counts devices, top counts rows
    int devices, count = list_rows(ui, rows, &devices), selected_row = 0;

    scroll->count = devices;
    scroll->height = area.height;
    if (scroll->selected >= devices)
        scroll->selected = devices - 1;
    if (scroll->selected < 0)
        scroll->selected = 0;
    for (int i = 0, d = 0; i < count; i++)
        if (rows[i].device && d++ == scroll->selected)
            selected_row = i;
    // A table's heading comes into sight with its first device.
    int first = selected_row > 0 && !rows[selected_row - 1].device && area.height > 1
                    ? selected_row - 1
                    : selected_row;
    if (scroll->top > first)
        scroll->top = first;
    if (scroll->top <= selected_row - area.height)
        scroll->top = selected_row - area.height + 1;
    if (scroll->top > count - area.height)
        scroll->top = count - area.height;
    if (scroll->top < 0)
        scroll->top = 0;

    for (int i = scroll->top; i < count && i - scroll->top < area.height; i++) {
        struct rect line = {area.x, area.y + i - scroll->top, area.width, 1};
        bool chosen[COLUMNS_MAX];
        int used = choose_columns(rows[i].table, area.width - NAME_WIDTH - STATE_WIDTH, chosen);
        if (!rows[i].device) {
            draw_heading(canvas, line, rows[i].table, chosen);
            continue;
        }
        draw_device(ui, canvas, line, &rows[i], chosen, used);
        if (i == selected_row) {
            canvas_text(canvas, line.x, line.y, ROLE_KEY, "►");
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
        }
    }
    // That there is more is said at the right edge, where there is room on a heading's line.
    if (area.height > 0 && scroll->top + area.height < count)
        canvas_text(canvas, area.x + area.width - 1, area.y + area.height - 1, ROLE_KEY, "▼");
    if (area.height > 0 && scroll->top > 0)
        canvas_text(canvas, area.x + area.width - 1, area.y, ROLE_KEY, "▲");
}

static const struct row *selected_row(const struct ui *ui, struct row rows[ROWS_MAX])
{
    int devices, count = list_rows(ui, rows, &devices);

    for (int i = 0, d = 0; i < count; i++)
        if (rows[i].device && d++ == ui->overview.selected)
            return &rows[i];
    return NULL;
}

void devices_identify(struct ui *ui)
{
    struct row rows[ROWS_MAX];
    const struct row *row = selected_row(ui, rows);

    if (row)
        identify_device(ui, row->device->family, row->device->index);
}

void devices_graph(struct ui *ui)
{
    struct row rows[ROWS_MAX];
    const struct row *row = selected_row(ui, rows);

    if (!row)
        return;
    int second = row->device->family == row->table->families[1];
    graph_toggle(ui, &(struct plant_ref){.family = row->device->family,
                                         .index = row->device->index,
                                         .id = row->table->trend_ids[second]});
}

void devices_open(struct ui *ui)
{
    struct row rows[ROWS_MAX];
    int devices, count = list_rows(ui, rows, &devices);

    for (int i = 0, d = 0; i < count; i++) {
        if (!rows[i].device || d++ != ui->overview.selected)
            continue;
        for (int v = VIEW_XT; v <= VIEW_BATTERY; v++) {
            if (ui_view_family(ui, (enum view_id)v) != rows[i].device->family)
                continue;
            // Columns of a family view are its devices in the same order.
            int column = 0;
            for (int k = i - 1; k >= 0 && rows[k].device; k--)
                column += rows[k].device->family == rows[i].device->family;
            ui->families[v].device = column;
            ui_show(ui, (enum view_id)v);
            return;
        }
    }
}
