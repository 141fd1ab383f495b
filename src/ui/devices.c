// SPDX-License-Identifier: MIT
#include "ui/devices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/columnsview.h"
#include "ui/identify.h"
#include "ui/graph.h"
#include "ui/widgets.h"

enum { TREND_MIN = 10, TREND_MAX = 16 };

enum { ROWS_MAX = 64 };

// A row of the list: a table's heading, or a device.
struct row {
    const struct device_table *table;
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
            if (devices[i].family != device_tables[t].families[0] &&
                devices[i].family != device_tables[t].families[1])
                continue;
            if (used + 2 > ROWS_MAX)
                return used;
            if (!headed)
                rows[used++] = (struct row){&device_tables[t], NULL};
            headed = true;
            rows[used++] = (struct row){&device_tables[t], &devices[i]};
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
    enum { ROOM = DEVICE_STATE_WIDTH - 1 };
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

// What a table shows, where there is so much room.
struct shown {
    struct column list[COLUMNS_MAX];
    size_t count;
    bool fits[COLUMNS_MAX];
    int width;
};

static void choose(const struct ui *ui, const struct device_table *table, int width,
                   struct shown *shown)
{
    shown->count = columns_list(ui, table, shown->list);
    shown->width = columns_fit(shown->list, shown->count, width, shown->fits);
}

static void draw_heading(struct canvas *canvas, struct rect line, const struct device_table *table,
                         const struct shown *shown)
{
    int x = line.x + DEVICE_NAME_WIDTH;

    canvas_text(canvas, line.x + 1, line.y, ROLE_HEADING, table->title);
    for (size_t c = 0; c < shown->count; c++) {
        const struct column *column = &shown->list[c];
        if (!shown->fits[c])
            continue;
        if (column->kind == COLUMN_TEXT)
            canvas_text(canvas, x + 1, line.y, ROLE_DIM, column->title);
        else
            canvas_right(canvas, x + column->width, line.y, ROLE_DIM, column->title);
        x += column->width;
    }
}

// One value, left-aligned behind a blank or right-aligned before x + width.
static void draw_column(struct ui *ui, struct canvas *canvas, int x, int y,
                        const struct column *column, const struct plant_ref *ref,
                        const struct reading *reading)
{
    switch (column->kind) {
    case COLUMN_TEXT:
        widget_text(canvas, x + 1, y, column->width - 1, reading, ROLE_VALUE);
        return;
    case COLUMN_ADDED:
        // Behind a parameter there may be a sign.
        family_draw_value(ui, canvas, x + column->width - ref->parameter, y,
                          column->width - 1 - ref->parameter, ref);
        return;
    case COLUMN_NUMBER:
    case COLUMN_SIGNED:
        widget_number(canvas, x + column->width, y, column->width - 1, reading,
                      (struct number_style){column->decimals, column->kind == COLUMN_SIGNED},
                      ROLE_VALUE);
    }
}

static void draw_device(struct ui *ui, struct canvas *canvas, struct rect line,
                        const struct row *row, const struct shown *shown)
{
    const struct plant_device *device = row->device;
    int second = device->family == row->table->families[1];
    char name[DEVICE_NAME_MAX];
    int64_t oldest = 0;

    device_name(device->family, device->index, name, sizeof name);
    int x = canvas_text(canvas, line.x + 1, line.y, ROLE_VALUE, name);
    if (device->family == FAMILY_XT && device->phase)
        canvas_printf(canvas, x + 1, line.y, ROLE_DIM, "L%u", device->phase);
    x = line.x + DEVICE_NAME_WIDTH;
    for (size_t c = 0; c < shown->count; c++) {
        const struct column *column = &shown->list[c];
        struct plant_ref ref = column_ref(row->table, column, device->family, device->index);
        if (!shown->fits[c])
            continue;
        if (ref.id) {
            struct reading reading = ui_read_ref(ui, &ref);
            if (reading.quality == QUALITY_STALE && reading.age > oldest)
                oldest = reading.age;
            draw_column(ui, canvas, x, line.y, column, &ref, &reading);
        }
        x += column->width;
    }
    int rest = line.width - DEVICE_NAME_WIDTH - shown->width - DEVICE_STATE_WIDTH - 4;
    if (rest >= TREND_MIN) {
        float samples[TREND_SAMPLES_MAX];
        int width = rest < TREND_MAX ? rest : TREND_MAX;
        struct rect trend = {line.x + line.width - DEVICE_STATE_WIDTH - 2 - width, line.y, width,
                             1};
        // It goes on, also when its column is hidden.
        ui_read(ui, device->family, device->index, row->table->trend_ids[second]);
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

    struct shown shown = {.count = 0};
    for (int i = scroll->top; i < count && i - scroll->top < area.height; i++) {
        struct rect line = {area.x, area.y + i - scroll->top, area.width, 1};
        if (i == scroll->top || rows[i].table != rows[i - 1].table)
            choose(ui, rows[i].table, area.width, &shown);
        if (!rows[i].device) {
            draw_heading(canvas, line, rows[i].table, &shown);
            continue;
        }
        draw_device(ui, canvas, line, &rows[i], &shown);
        if (i == selected_row) {
            canvas_text(canvas, line.x, line.y, ROLE_KEY, "►");
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
        }
    }
    // That there is more is said at the right edge, where there is room on a heading's line.
    widget_more(canvas, area, scroll->top > 0, scroll->top + area.height < count);
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

void devices_columns(struct ui *ui)
{
    struct row rows[ROWS_MAX];
    const struct row *row = selected_row(ui, rows);

    if (row)
        columnsview_open(ui, row->table);
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
