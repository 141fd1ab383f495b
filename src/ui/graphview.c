// SPDX-License-Identifier: MIT
// The view of graphs: the plot, and below it the list of its values.
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "ui/graph.h"
#include "ui/layout.h"
#include "ui/pins.h"
#include "ui/widgets.h"

enum { JUMP = 10 }; // columns of a character that the cursor jumps

static void time_text(int64_t wall, bool seconds, char *out, size_t size)
{
    time_t time = (time_t)(wall / LOOP_S);
    struct tm tm;

    localtime_r(&time, &tm);
    if (seconds)
        strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm);
    else
        strftime(out, size, "%Y-%m-%d %H:%M", &tm);
}

static void length_text(int64_t length, char *out, size_t size)
{
    int64_t seconds = length / LOOP_S;

    if (seconds % 86400 == 0)
        snprintf(out, size, "%d d", (int)(seconds / 86400));
    else if (seconds % 3600 == 0)
        snprintf(out, size, "%d h", (int)(seconds / 3600));
    else if (seconds % 60 == 0)
        snprintf(out, size, "%d min", (int)(seconds / 60));
    else
        snprintf(out, size, "%d s", (int)seconds);
}

static size_t cursor_column(const struct graph *graph)
{
    const struct graph_window *window = &graph->window;

    return graph->cursor ? (size_t)((graph->cursor - window->from) / window->length) : SIZE_MAX;
}

// --- Drawing -------------------------------------------------------------------------------------

static void draw_header(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct graph *graph = ui->graph;
    const struct graph_window *window = &graph->window;
    bool seconds = window->length < 60 * LOOP_S;
    char text[48], length[16];
    int64_t until = window->from + window->length * (int64_t)window->columns;

    int x = canvas_text(canvas, area.x + 1, area.y, ROLE_TITLE, "Graphs") + 2;
    x = canvas_text(canvas, x, area.y, ROLE_VALUE, graph_time_name(graph->zoom));
    length_text(window->length, length, sizeof length);
    if (area.width >= 60)
        canvas_printf(canvas, x + 2, area.y, ROLE_DIM, "%s a point", length);
    if (graph->reading) {
        canvas_right(canvas, area.x + area.width - 1, area.y, ROLE_DIM, "reading …");
    } else if (graph->cursor) {
        time_text(window->from + (int64_t)cursor_column(graph) * window->length, seconds, text,
                  sizeof text);
        canvas_right(canvas, area.x + area.width - 1, area.y, ROLE_KEY, text);
    } else if (graph->until) {
        time_text(until, false, text, sizeof text);
        int width = canvas_text_width(canvas, text) + 6;
        canvas_printf(canvas, area.x + area.width - 1 - width, area.y, ROLE_KEY, "until %s", text);
    } else {
        canvas_right(canvas, area.x + area.width - 1, area.y, ROLE_OK, "until now");
    }
}

enum { OPTION_WIDTH = 13 }; // of a number and its unit

struct columns {
    int name_width, value, unit, min, mean, max; // ends of numbers; min 0: none
};

static struct columns columns_of(struct rect area)
{
    enum { NUMBER = 9, UNIT = 5 };
    bool wide = area.width >= 70;
    int end = area.x + area.width - 1;
    struct columns columns = {0};

    if (wide) {
        columns.max = end;
        columns.mean = end - NUMBER;
        columns.min = end - 2 * NUMBER;
        end -= 3 * NUMBER;
    }
    columns.unit = end - UNIT;
    columns.value = columns.unit - 1;
    columns.name_width = columns.value - NUMBER - area.x - 5;
    return columns;
}

static void draw_heading(const struct graph *graph, struct canvas *canvas, struct rect line,
                         const struct columns *columns)
{
    widget_rule(canvas, line, "Values", "");
    canvas_right(canvas, columns->value, line.y, ROLE_DIM,
                 graph->cursor ? " at the cursor" : " now");
    if (!columns->min)
        return;
    canvas_right(canvas, columns->min, line.y, ROLE_DIM, " least");
    canvas_right(canvas, columns->mean, line.y, ROLE_DIM, " mean");
    canvas_right(canvas, columns->max, line.y, ROLE_DIM, " most");
}

static void draw_number(struct canvas *canvas, int x_end, int y, double number, int decimals)
{
    struct reading reading = {.quality = QUALITY_FRESH, .number = number};
    widget_number(canvas, x_end, y, 8, &reading, (struct number_style){decimals, false},
                  ROLE_VALUE);
}

// What is one of some options is told in its word; a mean of them would say nothing.
static void draw_option(struct canvas *canvas, int x, int y, const struct datapoint *datapoint,
                        const struct reading *reading, const struct span *at_cursor)
{
    struct reading shown = *reading;

    if (at_cursor) {
        shown = (struct reading){.quality = QUALITY_FRESH,
                                 .number = at_cursor->count > 0 ? (double)at_cursor->min : NAN};
        if (at_cursor->count > 0 && at_cursor->min < at_cursor->max) {
            canvas_fit(canvas, x, y, OPTION_WIDTH, ROLE_DIM, "changes");
            return;
        }
    }
    shown.datapoint = datapoint;
    widget_text(canvas, x, y, OPTION_WIDTH, &shown, ROLE_VALUE);
}

static bool has_options(const struct plant_ref *ref)
{
    const struct datapoint *datapoint = catalogue_find(ref->family, ref->id);
    struct option option;

    return datapoint && datapoint_option(datapoint, 0, &option);
}

static void draw_value(struct ui *ui, struct canvas *canvas, struct rect line,
                       const struct columns *columns, const struct plot *plot, size_t i,
                       bool hidden)
{
    const struct graph *graph = ui->graph;
    const struct plant_ref *ref = &graph->refs[i];
    bool is_selected = graph->rows.selected == (int)i;
    int decimals = graph_decimals(ref);
    const struct datapoint *datapoint = catalogue_find(ref->family, ref->id);
    bool is_option = has_options(ref);
    char name[GRAPH_NAME_MAX];
    struct reading reading = ui_read_ref(ui, ref);
    size_t column = cursor_column(graph);

    if (is_selected) {
        canvas_text(canvas, line.x, line.y, ROLE_KEY, "►");
        canvas->cursor_x = line.x;
        canvas->cursor_y = line.y;
    }
    canvas_printf(canvas, line.x + 1, line.y, plot_role(i), "%c%s", plot_sign(i),
                  hidden ? " " : "─");
    graph_name(ref, columns->name_width, name, sizeof name);
    canvas_fit(canvas, line.x + 4, line.y, columns->name_width,
               is_selected ? ROLE_SELECTED : ROLE_TEXT, name);
    canvas_fit(canvas, columns->unit, line.y, 5, ROLE_DIM, graph_unit(ref));
    struct span span = plot_total(plot, i);
    bool at_cursor = column < plot->columns;
    if (at_cursor)
        span = graph->spans[i][column];
    if (is_option) {
        draw_option(canvas, columns->value - 7, line.y, datapoint, &reading,
                    at_cursor ? &span : NULL);
    } else if (at_cursor) {
        draw_number(canvas, columns->value, line.y, span.count > 0 ? (double)span.mean : NAN,
                    decimals);
    } else {
        widget_number(canvas, columns->value, line.y, 8, &reading,
                      (struct number_style){decimals, false}, ROLE_VALUE);
    }
    if (hidden) {
        if (columns->min)
            canvas_right(canvas, columns->max, line.y, ROLE_DIM, "no room for its axis");
        return;
    }
    if (!columns->min || is_option)
        return;
    bool any = span.count > 0;
    draw_number(canvas, columns->min, line.y, any ? (double)span.min : NAN, decimals);
    draw_number(canvas, columns->mean, line.y, any ? (double)span.mean : NAN, decimals);
    draw_number(canvas, columns->max, line.y, any ? (double)span.max : NAN, decimals);
}

static void make_plot(const struct graph *graph, struct plot *plot)
{
    *plot = (struct plot){
        .count = graph->count, .front = (size_t)graph->rows.selected, .cursor = SIZE_MAX};
    for (size_t i = 0; i < graph->count; i++)
        plot->series[i] = (struct plot_series){.unit = graph_unit(&graph->refs[i]),
                                               .whole = has_options(&graph->refs[i])};
}

static bool has_values(const struct plot *plot)
{
    for (size_t i = 0; i < plot->count; i++)
        if (plot_total(plot, i).count > 0)
            return true;
    return false;
}

// Some of the values has a history, too short as it may be.
static bool is_known(struct ui *ui, const struct graph *graph)
{
    for (size_t i = 0; i < graph->count; i++)
        if (plant_spans_begin(ui->plant, &graph->refs[i]) > 0)
            return true;
    return false;
}

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct graph *graph = ui->graph;
    struct graph_layout layout;
    struct plot plot;

    if (ui_draw_waiting(ui, canvas, area))
        return;
    graph_fill(ui);
    layout = layout_graph(area, (int)graph->count);
    scroll_follow(&graph->rows, (int)graph->count, layout.values.height);
    make_plot(graph, &plot);
    size_t columns = plot_columns(layout.plot, canvas->ascii, plot_units(&plot));
    if (graph->count == 0 || columns == 0) {
        canvas_text(canvas, area.x + 1, area.y, ROLE_TITLE, "Graphs");
        canvas_text(canvas, area.x + 2, area.y + 2, ROLE_DIM, "No values are chosen.");
        canvas_text(canvas, area.x + 2, area.y + 3, ROLE_DIM, "g on a value puts it here.");
        return;
    }
    graph_look(ui, columns, canvas->ascii ? 1 : 2);
    plot.from = graph->window.from;
    plot.length = graph->window.length;
    plot.columns = columns;
    plot.cursor = cursor_column(graph);
    for (size_t i = 0; i < graph->count; i++)
        plot.series[i].spans = graph->spans[i];

    draw_header(ui, canvas, layout.header);
    unsigned hidden = plot_draw(canvas, layout.plot, &plot);
    if (!graph->reading && !has_values(&plot))
        canvas_text(canvas, plot_x(layout.plot, canvas->ascii, 0) + 2,
                    layout.plot.y + layout.plot.height / 2, ROLE_DIM,
                    graph->until          ? "nothing is known of then"
                    : is_known(ui, graph) ? "no whole point yet: + shows less time"
                                          : "values come from now on");
    struct columns places = columns_of(layout.values);
    if (layout.heading.height > 0)
        draw_heading(graph, canvas, layout.heading, &places);
    for (int i = graph->rows.top;
         i < (int)graph->count && i - graph->rows.top < layout.values.height; i++) {
        struct rect line = {layout.values.x, layout.values.y + i - graph->rows.top,
                            layout.values.width, 1};
        draw_value(ui, canvas, line, &places, &plot, (size_t)i, hidden & 1u << i);
    }
    // That there are more is said at the right edge.
    widget_more(canvas, layout.values, graph->rows.top > 0,
                graph->rows.top + layout.values.height < (int)graph->count);
}

// --- Keys ----------------------------------------------------------------------------------------

// The cursor appears at the newest column, and takes the window along at its edges.
static void move_cursor(struct ui *ui, int64_t columns)
{
    struct graph *graph = ui->graph;
    const struct graph_window *window = &graph->window;
    int64_t until = window->from + window->length * (int64_t)window->columns;

    if (!graph->cursor) {
        graph->cursor = until - window->length;
        return;
    }
    graph->cursor += columns * window->length;
    if (graph->cursor < window->from)
        graph_pan(ui, (graph->cursor - window->from) / window->length);
    else if (graph->cursor >= until)
        graph_pan(ui, (graph->cursor - until) / window->length + 1);
}

// What is in the middle, or under the cursor, stays in sight.
static void zoom(struct ui *ui, int step)
{
    struct graph *graph = ui->graph;
    const struct graph_window *window = &graph->window;
    int64_t span = window->length * (int64_t)window->columns;

    if (graph->zoom + (unsigned)step >= GRAPH_ZOOMS)
        return;
    graph->zoom += (unsigned)step;
    if (!graph->until && !graph->cursor)
        return;
    int64_t middle = graph->cursor ? graph->cursor : window->from + span / 2;
    int64_t length = graph_column_length(graph_time(graph->zoom), window->columns);
    graph->until = middle + length * (int64_t)window->columns / 2;
}

static void act(struct ui *ui, enum action action)
{
    struct graph *graph = ui->graph;
    int64_t columns = (int64_t)graph->window.columns;

    switch (action) {
    case ACTION_LEFT:
    case ACTION_RIGHT:
        graph_pan(ui, (action == ACTION_LEFT ? -1 : 1) * (columns / 8 + 1));
        break;
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        graph_pan(ui, action == ACTION_PAGE_UP ? -columns : columns);
        break;
    case ACTION_HOME:
        graph_pan_to_start(ui);
        break;
    case ACTION_END:
        graph->until = graph->cursor = 0;
        break;
    case ACTION_ZOOM_IN:
    case ACTION_ZOOM_OUT:
        zoom(ui, action == ACTION_ZOOM_IN ? -1 : 1);
        break;
    case ACTION_CURSOR_LEFT:
    case ACTION_CURSOR_RIGHT:
        move_cursor(ui, action == ACTION_CURSOR_LEFT ? -1 : 1);
        break;
    case ACTION_JUMP_LEFT:
    case ACTION_JUMP_RIGHT:
        move_cursor(ui, action == ACTION_JUMP_LEFT ? -JUMP : JUMP);
        break;
    case ACTION_BACK:
        graph->cursor = 0;
        break;
    case ACTION_REMOVE:
        graph_remove(ui);
        break;
    case ACTION_MOVE_UP:
    case ACTION_MOVE_DOWN:
        graph_move(ui, action == ACTION_MOVE_UP ? -1 : 1);
        break;
    case ACTION_WIDEN:
        graph_widen(ui);
        break;
    case ACTION_PIN:
        if (graph->rows.selected >= 0 && (size_t)graph->rows.selected < graph->count)
            pins_toggle(ui, &graph->refs[graph->rows.selected]);
        break;
    default:
        scroll_act(&graph->rows, action);
    }
}

const struct view graph_view = {draw, act};
