// SPDX-License-Identifier: MIT
// One view for all families: groups of values as rows, devices as columns.
#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/alarmview.h"
#include "ui/arranged.h"
#include "ui/columns.h"
#include "ui/form.h"
#include "ui/graph.h"
#include "ui/groups.h"
#include "ui/identify.h"
#include "ui/layout.h"
#include "ui/paramview.h"
#include "ui/pins.h"
#include "ui/widgets.h"

enum { ROWS_MAX = VIEWS_ROWS_MAX + GROUPS_MAX + 1 };

struct row {
    int group;   // of table.groups
    uint16_t id; // 0: the group's title
    bool hidden; // seen only because hidden ones are shown
};

struct group {
    const char *title;
    int number; // bit of family_state.folded
    int values, hidden;
};

struct table {
    enum family family;
    struct group groups[GROUPS_MAX + 1];
    int group_count;
    const struct plant_device *devices[DEVICES_PER_FAMILY_MAX];
    bool stale[DEVICES_PER_FAMILY_MAX]; // has old values among those drawn
    int device_count;
    struct row rows[ROWS_MAX];
    int row_count;
    struct family_state *state;
    struct family_layout layout;
};

void family_view_init(struct ui *ui, enum view_id view)
{
    // The two battery families open and fold together: their first groups matter most in both.
    const struct info_group *groups = info_groups(ui_view_family(ui, view));

    for (int g = 0; groups[g].title; g++)
        if (groups[g].folded)
            ui->families[view].folded |= 1U << g;
}

static void add_group(struct table *table, const char *title, int number,
                      const struct views_row *rows, size_t count)
{
    struct group *group = &table->groups[table->group_count];

    *group = (struct group){.title = title, .number = number, .values = (int)count};
    table->rows[table->row_count++] = (struct row){.group = table->group_count};
    for (size_t i = 0; i < count; i++) {
        group->hidden += rows[i].hidden;
        if (!(table->state->folded & 1U << number) &&
            (!rows[i].hidden || table->state->show_hidden))
            table->rows[table->row_count++] =
                (struct row){table->group_count, rows[i].id, rows[i].hidden};
    }
    table->group_count++;
}

static void build(struct ui *ui, struct table *table)
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices), rows;
    struct views_row arranged[VIEWS_ROWS_MAX];

    *table = (struct table){.family = ui_view_family(ui, ui->view)};
    table->state = &ui->families[ui->view];
    const struct info_group *groups = info_groups(table->family);
    for (size_t i = 0; i < count; i++)
        if (devices[i].family == table->family && table->device_count < DEVICES_PER_FAMILY_MAX)
            table->devices[table->device_count++] = &devices[i];
    rows = arranged_added(ui, table->family, arranged);
    if (rows > 0)
        add_group(table, "Parameters", GROUPS_MAX, arranged, rows);
    for (int g = 0; groups[g].title; g++) {
        rows = arranged_group(ui, table->family, &groups[g], arranged);
        add_group(table, groups[g].title, g, arranged, rows);
    }
}

// The column of all together is the selected one.
static bool is_all(const struct table *table)
{
    return table->state->device >= table->device_count;
}

// What is in a row and the selected column; false where nothing is: not of everything there is a
// sum or an average.
static bool selected_ref(const struct table *table, uint16_t id, struct plant_ref *ref)
{
    const struct datapoint *datapoint = catalogue_find(table->family, id);
    enum aggregation aggregation = datapoint ? datapoint_aggregation(datapoint) : AGGREGATE_NONE;

    *ref = (struct plant_ref){.family = table->family,
                              .parameter = datapoint && datapoint_kind(datapoint) == KIND_PARAMETER,
                              .id = id};
    if (!is_all(table))
        ref->index = table->devices[table->state->device]->index;
    else
        ref->index = aggregation == AGGREGATE_SUM ? PLANT_SUM : PLANT_AVERAGE;
    return !is_all(table) || aggregation != AGGREGATE_NONE;
}

static bool is_half(enum encoding encoding)
{
    return encoding == ENCODING_VERSION_MSB || encoding == ENCODING_FID_MSB;
}

static bool is_signed(unsigned id)
{
    static const uint16_t ids[] = {3005, 3137, 7001, 7003, 7031};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static const char *row_name(const struct datapoint *datapoint, bool narrow)
{
    if (datapoint_encoding(datapoint) == ENCODING_VERSION_MSB)
        return "Software version";
    if (datapoint_encoding(datapoint) == ENCODING_FID_MSB)
        return "FID";
    const char *short_name = datapoint_short_name(datapoint);
    return narrow && *short_name ? short_name : datapoint_name(datapoint);
}

// What a trend tells something about: it has 0 on its scale.
static bool has_trend(const struct datapoint *datapoint)
{
    static const char *const units[] = {"kW", "kVA", "W", "A"};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(datapoint_short_unit(datapoint), units[i]) == 0)
            return datapoint_pace(datapoint) == PACE_FAST;
    return false;
}

bool family_draw_value(struct ui *ui, struct canvas *canvas, int x_end, int y, int width,
                       const struct plant_ref *ref)
{
    const struct datapoint *datapoint = catalogue_find(ref->family, ref->id);
    enum encoding encoding = datapoint_encoding(datapoint);
    // What runs, with the signs of the parameters' view; behind it is room for one.
    if (ref->parameter)
        return paramview_draw_value(ui, canvas, x_end + 1, y, width + 2, ref->family, ref->index,
                                    datapoint);
    struct reading reading = ui_read_ref(ui, ref);
    char text[DATAPOINT_TEXT_MAX], cut[DATAPOINT_TEXT_MAX];

    if (encoding == ENCODING_NUMBER) {
        widget_number(canvas, x_end, y, width, &reading,
                      (struct number_style){datapoint_decimals(datapoint), is_signed(ref->id)},
                      ROLE_VALUE);
        return reading.quality != QUALITY_STALE;
    }
    if (is_half(encoding)) {
        struct reading lower = ui_read(ui, ref->family, ref->index, ref->id + 1u);
        if (!reading_has_number(&lower))
            reading = lower;
        if (reading_has_number(&reading) && encoding == ENCODING_VERSION_MSB)
            catalogue_version(reading.number, lower.number, text, sizeof text);
        else if (reading_has_number(&reading))
            snprintf(text, sizeof text, "%08lX",
                     (unsigned long)catalogue_fid(reading.number, lower.number));
    } else if (reading_has_number(&reading)) {
        datapoint_text(datapoint, reading.number, text, sizeof text);
    }
    if (!reading_has_number(&reading))
        snprintf(text, sizeof text, "--");
    text_fit(cut, sizeof cut, text, width, true, canvas->ascii);
    canvas_right(canvas, x_end, y, widget_role(&reading, ROLE_VALUE), cut);
    return reading.quality != QUALITY_STALE;
}

static void draw_header(struct ui *ui, struct canvas *canvas, const struct table *table)
{
    const struct family_layout *layout = &table->layout;
    const struct rect *area = &layout->header;
    int x = area->x + layout->label_width + layout->unit_width, y = area->y;
    int first = table->state->first_device;
    char name[DEVICE_NAME_MAX], text[48];

    int end = canvas_text(canvas, area->x + 1, y, ROLE_TITLE, family_title(table->family));
    if (layout->label_width > 24)
        canvas_printf(
            canvas, end + 2, y, ROLE_DIM, "%u of %d answer",
            ui->plant_link.state == GATEWAY_UP ? plant_family_count(ui->plant, table->family) : 0,
            table->device_count);
    if (first > 0)
        canvas_text(canvas, x, y, ROLE_KEY, "◄");
    for (int d = 0; d < layout->columns; d++) {
        const struct plant_device *device = table->devices[first + d];
        bool gone = device->presence == DEVICE_GONE;
        const char *sign = gone || table->stale[first + d]                 ? "! "
                           : *identify_mark(ui, device, text, sizeof text) ? "* "
                                                                           : "";
        device_name(device->family, device->index, name, sizeof name);
        if (device->phase)
            snprintf(text, sizeof text, "%s%s L%u", sign, name, device->phase);
        else
            snprintf(text, sizeof text, "%s%s", sign, name);
        enum role role = gone                                ? ROLE_ALARM
                         : table->stale[first + d]           ? ROLE_WARNING
                         : first + d == table->state->device ? ROLE_SELECTED
                                                             : ROLE_HEADING;
        x += layout->column_width;
        canvas_right(canvas, x, y, role, text);
    }
    if (first + layout->columns < table->device_count)
        canvas_text(canvas, x, y, ROLE_KEY, "►");
    if (layout->all_width)
        canvas_right(canvas, x + layout->all_width - 4, y,
                     is_all(table) ? ROLE_SELECTED : ROLE_HEADING, "all");
}

static void draw_group(struct canvas *canvas, const struct table *table, struct rect line,
                       const struct row *row, bool selected)
{
    const struct group *group = &table->groups[row->group];
    bool folded = table->state->folded & 1U << group->number;

    int x = canvas_text(canvas, line.x + 1, line.y, ROLE_HEADING, folded ? "► " : "▼ ");
    int end = canvas_text(canvas, x, line.y, selected ? ROLE_SELECTED : ROLE_HEADING, group->title);
    if (folded)
        end = canvas_printf(canvas, end + 2, line.y, ROLE_DIM, "%d value%s", group->values,
                            group->values > 1 ? "s" : "");
    if (group->hidden > 0)
        canvas_printf(canvas, end + 2, line.y, ROLE_DIM, "%d hidden", group->hidden);
}

static void draw_all(struct ui *ui, struct canvas *canvas, const struct table *table, int x, int y,
                     const struct datapoint *datapoint)
{
    enum aggregation aggregation = datapoint_aggregation(datapoint);

    if (aggregation == AGGREGATE_NONE)
        return;
    bool is_sum = aggregation == AGGREGATE_SUM;
    struct plant_ref ref = {.family = table->family,
                            .index = is_sum ? PLANT_SUM : PLANT_AVERAGE,
                            .id = (uint16_t)datapoint_id(datapoint)};
    family_draw_value(ui, canvas, x + table->layout.all_width - 4, y, table->layout.all_width - 4,
                      &ref);
    canvas_text(canvas, x + table->layout.all_width - 3, y, ROLE_DIM, is_sum ? "sum" : "avg");
}

static void draw_trend(struct ui *ui, struct canvas *canvas, const struct table *table, int y,
                       const struct datapoint *datapoint)
{
    static const enum role roles[FAMILY_COUNT] = {
        [FAMILY_XT] = ROLE_LOAD,     [FAMILY_VT] = ROLE_SOLAR,    [FAMILY_VS] = ROLE_SOLAR,
        [FAMILY_BSP] = ROLE_BATTERY, [FAMILY_BMS] = ROLE_BATTERY,
    };
    float samples[TREND_SAMPLES_MAX];
    struct rect area = {table->layout.trend_x, y, table->layout.trend_width, 1};
    struct plant_ref ref;

    if (!selected_ref(table, (uint16_t)datapoint_id(datapoint), &ref))
        return;
    if (table->layout.all_width && datapoint_aggregation(datapoint) == AGGREGATE_SUM)
        ref.index = PLANT_SUM;
    ui_history(ui, ref.family, ref.index, ref.id, samples, (size_t)area.width);
    widget_chart(canvas, area, samples, (size_t)area.width, roles[table->family]);
}

// Why there is no good value in the selected column; "" if there is one, or isn't meant to be.
static void reason_of(struct ui *ui, const struct table *table, const struct datapoint *datapoint,
                      char *out, size_t size)
{
    struct plant_ref ref;

    *out = '\0';
    if (!selected_ref(table, (uint16_t)datapoint_id(datapoint), &ref))
        return;
    struct reading reading = ui_read_ref(ui, &ref);
    plant_reading_reason(&reading, out, size);
}

static void draw_info(struct ui *ui, struct canvas *canvas, struct table *table, struct rect line,
                      const struct row *row, bool selected)
{
    const struct family_layout *layout = &table->layout;
    const struct datapoint *datapoint = catalogue_find(table->family, row->id);
    bool narrow = layout->label_width < 30;
    char label[128], reason[96];

    if (!datapoint)
        return;
    snprintf(label, sizeof label, "%s%u %s", layout->label_width < 40 ? "" : " ", row->id,
             row_name(datapoint, narrow));
    if (row->hidden)
        canvas_text(canvas, line.x, line.y, ROLE_DIM, "-");
    canvas_fit(canvas, line.x + 1, line.y, layout->label_width - 2,
               selected      ? ROLE_SELECTED
               : row->hidden ? ROLE_DIM
                             : ROLE_TEXT,
               label);
    canvas_fit(canvas, line.x + layout->label_width, line.y, layout->unit_width, ROLE_DIM,
               is_half(datapoint_encoding(datapoint)) ? "" : datapoint_short_unit(datapoint));
    int x = line.x + layout->label_width + layout->unit_width;
    for (int d = 0; d < layout->columns; d++) {
        x += layout->column_width;
        int device = table->state->first_device + d;
        struct plant_ref ref = {.family = table->family,
                                .index = table->devices[device]->index,
                                .parameter = datapoint_kind(datapoint) == KIND_PARAMETER,
                                .id = row->id};
        if (!family_draw_value(ui, canvas, x, line.y, layout->column_width - 1, &ref))
            table->stale[device] = true;
    }
    if (layout->all_width)
        draw_all(ui, canvas, table, x, line.y, datapoint);
    if (!layout->trend_width)
        return;
    reason_of(ui, table, datapoint, reason, sizeof reason);
    if (*reason)
        canvas_fit(canvas, layout->trend_x, line.y, layout->trend_width, ROLE_DIM, reason);
    else if (has_trend(datapoint))
        draw_trend(ui, canvas, table, line.y, datapoint);
}

// The selected row in full: name, whose it is, why there is no value, what the documents note.
static void describe_value(struct ui *ui, const struct table *table, const struct row *row,
                           const char *whose, char *text, size_t size)
{
    const struct datapoint *datapoint = catalogue_find(table->family, row->id);
    const char *note = datapoint_note(datapoint);
    char reason[96];
    struct plant_ref ref;
    size_t used = 0;

    reason_of(ui, table, datapoint, reason, sizeof reason);
    text_append(text, size, &used, "%s  %u %s%s%s", whose, row->id, row_name(datapoint, false),
                *reason ? ": " : "", reason);
    if (selected_ref(table, row->id, &ref)) {
        unsigned graph = graph_number(ui, &ref);
        if (graph)
            text_append(text, size, &used, "  ·  graph %u", graph);
        if (pins_has(ui, &ref))
            text_append(text, size, &used, "  ·  pinned");
    }
    if (columns_has(ui, &ref))
        text_append(text, size, &used, "  ·  column");
    if (row->hidden)
        text_append(text, size, &used, "  ·  hidden: x takes it back");
    if (*note)
        text_append(text, size, &used, "  ·  %s", note);
}

static void draw_detail(struct ui *ui, struct canvas *canvas, const struct table *table)
{
    const struct rect *area = &table->layout.detail;
    const struct row *row = &table->rows[table->state->rows.selected];
    const struct plant_device *device = is_all(table) ? NULL : table->devices[table->state->device];
    char whose[DEVICE_NAME_MAX + 8], text[512], mark[16];

    if (ui->plant_link.state != GATEWAY_UP) {
        snprintf(text, sizeof text, "! %s", ui->plant_link.text);
        canvas_fit(canvas, area->x + 1, area->y, area->width - 2, ROLE_ALARM, text);
        return;
    }
    if (device)
        device_name(device->family, device->index, whose, sizeof whose);
    else
        snprintf(whose, sizeof whose, "all %s", family_name(table->family));
    if (device && *identify_mark(ui, device, mark, sizeof mark)) {
        snprintf(text, sizeof text, "%s  its LEDs flash: %s s", whose, mark + strlen("flash "));
        canvas_fit(canvas, area->x + 1, area->y, area->width - 2, ROLE_KEY, text);
        return;
    }
    if (row->id != 0)
        describe_value(ui, table, row, whose, text, sizeof text);
    else if (device)
        snprintf(text, sizeof text, "%s  %s  %s", whose, device->model, device->firmware);
    else
        snprintf(text, sizeof text, "%s  sums and averages, where they mean something", whose);
    canvas_fit(canvas, area->x + 1, area->y, area->width - 2, ROLE_DIM, text);
}

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct table table;

    if (ui_draw_waiting(ui, canvas, area))
        return;
    build(ui, &table);
    if (table.device_count == 0) {
        canvas_printf(canvas, area.x + 2, area.y + 1, ROLE_DIM, "No %s (%s) has been found",
                      family_title(table.family), family_name(table.family));
        return;
    }
    struct family_state *state = table.state;
    table.layout = layout_family(area, table.device_count, table.device_count > 1);
    const struct family_layout *layout = &table.layout;
    state->all = layout->all_width > 0;
    if (state->device >= table.device_count + state->all)
        state->device = table.device_count + state->all - 1;
    int device = is_all(&table) ? table.device_count - 1 : state->device;
    if (state->first_device > device)
        state->first_device = device;
    if (state->first_device <= device - layout->columns)
        state->first_device = device - layout->columns + 1;
    if (state->first_device > table.device_count - layout->columns)
        state->first_device = table.device_count - layout->columns;
    scroll_follow(&state->rows, table.row_count, layout->rows.height);

    for (int i = state->rows.top; i < table.row_count && i - state->rows.top < layout->rows.height;
         i++) {
        struct rect line = {layout->rows.x, layout->rows.y + i - state->rows.top,
                            layout->rows.width, 1};
        bool selected = i == state->rows.selected;
        if (table.rows[i].id)
            draw_info(ui, canvas, &table, line, &table.rows[i], selected);
        else
            draw_group(canvas, &table, line, &table.rows[i], selected);
        if (selected) {
            canvas_text(canvas, line.x, line.y, ROLE_KEY, "►");
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
        }
    }
    draw_header(ui, canvas, &table);
    draw_detail(ui, canvas, &table);
}

static void edit(struct ui *ui, const struct plant_ref *ref)
{
    const struct target target = {TARGET_DEVICE, ref->family, ref->index};

    if (ref->parameter)
        form_open(ui, &target, catalogue_find(ref->family, ref->id));
    else
        ui_notice(ui, "%u is a user info: only parameters (6) can be changed", ref->id);
}

static void set_alarm(struct ui *ui, const struct plant_ref *ref)
{
    if (ref->parameter)
        ui_notice(ui, "%u is a parameter: alarms watch user infos", ref->id);
    else
        alarmview_open_for(ui, ref);
}

// What goes with a row of a value, not with a group's title. False if it is anything else.
static bool act_on_value(struct ui *ui, const struct table *table, enum action action)
{
    struct family_state *state = table->state;
    const struct row *row = &table->rows[state->rows.selected];

    if (action != ACTION_GRAPH && action != ACTION_PIN && action != ACTION_REMOVE &&
        action != ACTION_MOVE_UP && action != ACTION_MOVE_DOWN && action != ACTION_EDIT &&
        action != ACTION_ALARMS && action != ACTION_COLUMNS)
        return false;
    if (row->id == 0) {
        ui_notice(ui, "this is a group's title: that key goes with a value");
        return true;
    }
    if (table->device_count == 0)
        return true;
    struct plant_ref ref;
    bool there = selected_ref(table, row->id, &ref);
    if (!there && action != ACTION_REMOVE && action != ACTION_MOVE_UP &&
        action != ACTION_MOVE_DOWN && action != ACTION_COLUMNS) {
        ui_notice(ui, "%u has neither a sum nor an average: choose a device with ← →", row->id);
        return true;
    }
    switch (action) {
    case ACTION_GRAPH:
        graph_toggle(ui, &ref);
        break;
    case ACTION_PIN:
        pins_toggle(ui, &ref);
        break;
    case ACTION_COLUMNS:
        columns_toggle(ui, &ref);
        break;
    case ACTION_EDIT:
        edit(ui, &ref);
        break;
    case ACTION_ALARMS:
        set_alarm(ui, &ref);
        break;
    case ACTION_REMOVE:
        arranged_hide(ui, table->family, row->id);
        break;
    default:
        arranged_move(ui, table->family, row->id, action == ACTION_MOVE_UP ? -1 : 1,
                      state->show_hidden);
    }
    return true;
}

// The selection stays with its row, or goes to its group's title when that isn't seen any more.
static void follow(struct ui *ui, struct row former)
{
    struct table table;

    build(ui, &table);
    for (int i = 0; i < table.row_count; i++) {
        if (table.rows[i].group != former.group)
            continue;
        if (table.rows[i].id == 0 || table.rows[i].id == former.id)
            table.state->rows.selected = i;
    }
}

static void act(struct ui *ui, enum action action)
{
    struct table table;

    build(ui, &table);
    struct family_state *state = table.state;
    if (state->rows.selected >= table.row_count)
        return;
    struct row former = table.rows[state->rows.selected];
    if (act_on_value(ui, &table, action)) {
        // Where a row was hidden, the next one is selected.
        if (action == ACTION_MOVE_UP || action == ACTION_MOVE_DOWN)
            follow(ui, former);
        return;
    }
    switch (action) {
    case ACTION_LEFT:
        state->device -= state->device > 0;
        break;
    case ACTION_RIGHT:
        state->device += state->device < table.device_count - 1 + state->all;
        break;
    case ACTION_ENTER:
        state->folded ^= 1U << table.groups[former.group].number;
        break;
    case ACTION_IDENTIFY:
        if (is_all(&table))
            ui_notice(ui, "one device flashes at a time: choose it with ← →");
        else
            identify_device(ui, table.family, table.devices[state->device]->index);
        return;
    case ACTION_SHOW_HIDDEN:
        state->show_hidden = !state->show_hidden;
        break;
    case ACTION_OPEN_ALL:
        state->folded = 0;
        break;
    case ACTION_CLOSE_ALL:
        state->folded = ~0U;
        break;
    default:
        scroll_act(&state->rows, action);
        return;
    }
    follow(ui, former);
}

const struct view family_view = {draw, act};
