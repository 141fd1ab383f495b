// SPDX-License-Identifier: MIT
#include "ui/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/localclock.h"
#include "plant/views.h"
#include "ui/widgets.h"

#define MINUTE (60 * LOOP_S)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct {
    int64_t time;
    const char *name;
} zooms[GRAPH_ZOOMS] = {
    {5 * MINUTE, "5 min"}, {15 * MINUTE, "15 min"}, {HOUR, "1 hour"},       {3 * HOUR, "3 hours"},
    {6 * HOUR, "6 hours"}, {12 * HOUR, "12 hours"}, {DAY, "1 day"},         {3 * DAY, "3 days"},
    {7 * DAY, "1 week"},   {31 * DAY, "1 month"},   {92 * DAY, "3 months"}, {366 * DAY, "1 year"},
};
enum { ZOOM_FIRST = 2 };

struct graph *graph_new(void)
{
    struct graph *graph = xcalloc(1, sizeof *graph);
    graph->zoom = ZOOM_FIRST;
    return graph;
}

static void forget(struct graph *graph)
{
    for (size_t i = 0; i < PLOT_SERIES_MAX; i++) {
        free(graph->spans[i]);
        free(graph->known[i]);
    }
}

void graph_free(struct ui *ui, struct graph *graph)
{
    if (!graph)
        return;
    forget(graph);
    plant_unsubscribe(ui->plant, graph->subscription);
    free(graph);
}

// --- Which values --------------------------------------------------------------------------------

static const struct datapoint *datapoint_of(const struct plant_ref *ref)
{
    return catalogue_find(ref->family, ref->id);
}

const char *graph_unit(const struct plant_ref *ref)
{
    const struct datapoint *datapoint = datapoint_of(ref);
    return datapoint ? datapoint_short_unit(datapoint) : "";
}

int graph_decimals(const struct plant_ref *ref)
{
    const struct datapoint *datapoint = datapoint_of(ref);
    return datapoint ? datapoint_decimals(datapoint) : 0;
}

char *graph_name(const struct plant_ref *ref, int width, char *out, size_t size)
{
    const struct datapoint *datapoint = datapoint_of(ref);
    char device[DEVICE_NAME_MAX];

    plant_ref_device(ref, device, sizeof device);
    int rest = width > 0 ? width - (int)strlen(device) - 6 : 1000;
    snprintf(out, size, "%s %u %s", device, ref->id, datapoint ? widget_name(datapoint, rest) : "");
    return out;
}

// Its number from 1, or 0.
static unsigned number_of(const struct graph *graph, const struct plant_ref *ref)
{
    for (size_t i = 0; i < graph->count; i++)
        if (ui_same_ref(&graph->refs[i], ref))
            return (unsigned)i + 1;
    return 0;
}

unsigned graph_number(const struct ui *ui, const struct plant_ref *ref)
{
    return ui->graph->chosen ? number_of(ui->graph, ref) : 0;
}

// It is a quantity or a state, not a name, a date or a message.
static bool is_plottable(const struct plant_ref *ref)
{
    const struct datapoint *datapoint = datapoint_of(ref);

    if (!datapoint)
        return false;
    switch (datapoint_encoding(datapoint)) {
    case ENCODING_NUMBER:
    case ENCODING_BOOL:
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
    case ENCODING_COSPHI:
    case ENCODING_MINUTES_OF_DAY:
        return true;
    default:
        return false;
    }
}

// What is in the graphs is polled, also while other views are shown.
static void subscribe(struct ui *ui)
{
    struct graph *graph = ui->graph;
    struct subscription *former = graph->subscription;
    bool same = graph->count == graph->subscribed_count;

    for (size_t i = 0; same && i < graph->count; i++)
        same = ui_same_ref(&graph->refs[i], &graph->subscribed[i]);
    if (same)
        return;
    graph->subscription = graph->count > 0
                              ? plant_subscribe(ui->plant, graph->refs, graph->count,
                                                UI_BACKGROUND_PERIOD, PRIORITY_BACKGROUND)
                              : NULL;
    plant_unsubscribe(ui->plant, former);
    memcpy(graph->subscribed, graph->refs, sizeof graph->refs);
    graph->subscribed_count = graph->count;
}

// Somebody has chosen: so they are the next time, too.
static void choose(struct ui *ui)
{
    char error[VIEWS_ERROR_MAX];

    ui->graph->chosen = true;
    subscribe(ui);
    if (views_keep_refs(ui->plant, VIEWS_GRAPHS, ui->graph->refs, ui->graph->count, error) != XC_OK)
        ui_notice(ui, "not kept for the next time: %s", error);
}

void graph_take(struct ui *ui)
{
    struct graph *graph = ui->graph;
    struct plant_ref refs[VIEWS_REFS_MAX];
    size_t count;

    if (views_refs(ui->plant, VIEWS_GRAPHS, refs, &count)) {
        graph->chosen = true;
        graph->count = 0;
        for (size_t i = 0; i < count && graph->count < PLOT_SERIES_MAX; i++)
            if (is_plottable(&refs[i]))
                graph->refs[graph->count++] = refs[i];
        subscribe(ui);
    } else if (ui->views_version > 0) {
        graph->chosen = false; // they were another installation's
    }
}

static void take_out(struct ui *ui, size_t i)
{
    struct graph *graph = ui->graph;

    memmove(graph->refs + i, graph->refs + i + 1, (graph->count - i - 1) * sizeof *graph->refs);
    graph->count--;
    choose(ui);
}

void graph_toggle(struct ui *ui, const struct plant_ref *ref)
{
    struct graph *graph = ui->graph;
    unsigned number = graph_number(ui, ref);
    char name[GRAPH_NAME_MAX];

    graph_name(ref, 0, name, sizeof name);
    if (number > 0) {
        ui_notice(ui, "taken out of the graphs: %s", name);
        take_out(ui, number - 1);
        return;
    }
    if (!is_plottable(ref)) {
        ui_notice(ui, "%s is no number to be drawn as a graph", name);
        return;
    }
    if (!graph->chosen)
        graph->count = 0;
    if (graph->count == PLOT_SERIES_MAX) {
        ui_notice(ui, "there are %d values in the graphs already: 8, then x takes one out",
                  PLOT_SERIES_MAX);
        return;
    }
    graph->refs[graph->count++] = *ref;
    ui_notice(ui, "in the graphs (8) as %zu: %s", graph->count, name);
    choose(ui);
}

static void add_main(struct ui *ui, enum family family, unsigned index, unsigned id)
{
    struct graph *graph = ui->graph;

    if (plant_family_count(ui->plant, family) > 0)
        graph->refs[graph->count++] =
            (struct plant_ref){.family = family, .index = (uint8_t)index, .id = (uint16_t)id};
}

void graph_fill(struct ui *ui)
{
    struct graph *graph = ui->graph;

    if (graph->chosen)
        return;
    graph->count = 0;
    add_main(ui, FAMILY_XT, PLANT_SUM, 3136);
    add_main(ui, FAMILY_XT, PLANT_SUM, 3137);
    add_main(ui, FAMILY_VT, PLANT_SUM, 11004);
    add_main(ui, FAMILY_VS, PLANT_SUM, 15010);
    add_main(ui, ui_battery_family(ui), 1, 7002);
    subscribe(ui);
}

static size_t selected(const struct graph *graph)
{
    return graph->rows.selected >= 0 ? (size_t)graph->rows.selected : 0;
}

void graph_remove(struct ui *ui)
{
    if (selected(ui->graph) < ui->graph->count)
        take_out(ui, selected(ui->graph));
}

void graph_move(struct ui *ui, int step)
{
    struct graph *graph = ui->graph;
    int from = graph->rows.selected, to = from + step;

    if (from < 0 || to < 0 || to >= (int)graph->count || from >= (int)graph->count)
        return;
    struct plant_ref moved = graph->refs[from];
    graph->refs[from] = graph->refs[to];
    graph->refs[to] = moved;
    graph->rows.selected = to;
    choose(ui);
}

void graph_widen(struct ui *ui)
{
    struct graph *graph = ui->graph;

    if (selected(graph) >= graph->count)
        return;
    struct plant_ref *ref = &graph->refs[selected(graph)], other = *ref;
    const struct datapoint *datapoint = datapoint_of(ref);
    enum aggregation aggregation =
        datapoint && !ref->parameter ? datapoint_aggregation(datapoint) : AGGREGATE_NONE;

    if (ref->index == PLANT_SUM || ref->index == PLANT_AVERAGE)
        other.index = 1;
    else if (aggregation != AGGREGATE_NONE && family_devices_max(ref->family) > 1)
        other.index = aggregation == AGGREGATE_SUM ? PLANT_SUM : PLANT_AVERAGE;
    if (ui_same_ref(ref, &other))
        ui_notice(ui, "it has neither sum nor average over several devices");
    else if (number_of(graph, &other))
        ui_notice(ui, "that one is in the graphs already");
    else
        *ref = other;
    choose(ui);
}

// --- Which time ----------------------------------------------------------------------------------

int64_t graph_time(unsigned zoom)
{
    return zooms[zoom].time;
}

const char *graph_time_name(unsigned zoom)
{
    return zooms[zoom].name;
}

int64_t graph_column_length(int64_t time, size_t columns)
{
    // Close to each other: so much more than was wanted may be shown.
    static const int seconds[] = {1,     2,      3,      4,      5,      6,     8,     10,    12,
                                  15,    20,     24,     30,     40,     45,    60,    72,    90,
                                  120,   150,    180,    240,    300,    360,   450,   600,   720,
                                  900,   1200,   1440,   1800,   2400,   2700,  3600,  4320,  5400,
                                  7200,  8640,   10800,  14400,  17280,  21600, 28800, 43200, 64800,
                                  86400, 129600, 172800, 259200, 345600, 604800};
    enum { COUNT = sizeof seconds / sizeof *seconds };
    size_t i = 0;

    while (i + 1 < COUNT && seconds[i] * LOOP_S * (int64_t)columns < time)
        i++;
    return seconds[i] * LOOP_S;
}

// The last end of a column that isn't after a time.
static int64_t column_end(int64_t wall, int64_t length)
{
    int64_t local = local_clock(wall);
    return local / length * length - (local - wall);
}

// Moves what is there of both windows to where it is in the new one; the rest is unknown.
static void keep(struct graph *graph, size_t i, const struct graph_window *window)
{
    const struct graph_window *former = &graph->window;
    int64_t columns = (int64_t)window->columns, moved = window->from - former->from;
    struct span *spans = graph->spans[i];
    bool *known = graph->known[i];

    if (spans && former->length == window->length && former->columns == window->columns &&
        ui_same_ref(&graph->owner[i], &graph->refs[i]) && moved % window->length == 0) {
        int64_t shift = moved / window->length;
        size_t gone = (size_t)(shift < 0 ? -shift : shift);
        if (shift == 0)
            return;
        if (gone < window->columns) {
            size_t rest = window->columns - gone;
            memmove(shift > 0 ? spans : spans + gone, shift > 0 ? spans + gone : spans,
                    rest * sizeof *spans);
            memmove(shift > 0 ? known : known + gone, shift > 0 ? known + gone : known,
                    rest * sizeof *known);
            memset(shift > 0 ? known + rest : known, 0, gone * sizeof *known);
            memset(shift > 0 ? spans + rest : spans, 0, gone * sizeof *spans);
            return;
        }
    }
    free(spans);
    free(known);
    graph->spans[i] = xcalloc((size_t)columns, sizeof *spans);
    graph->known[i] = xcalloc((size_t)columns, sizeof *known);
    graph->owner[i] = graph->refs[i];
}

// So many columns are read at once: as much time as a log has a few thousand rows of, in samples,
// in spans of five minutes, or of hours.
static size_t columns_at_once(int64_t length)
{
    int64_t time = length < 5 * MINUTE ? HOUR : length < HOUR ? DAY : 31 * DAY;
    return length < time ? (size_t)(time / length) : 1;
}

// The newest columns that aren't known yet; false if there are none.
static bool find_unknown(const struct graph *graph, size_t i, const struct graph_window *window,
                         size_t *first, size_t *count)
{
    const bool *known = graph->known[i];
    size_t end = window->columns;

    while (end > 0 && known[end - 1])
        end--;
    for (*count = 0; *count < end && !known[end - 1 - *count];)
        if (++*count == columns_at_once(window->length))
            break;
    *first = end - *count;
    return *count > 0;
}

// True when all is known.
static bool read_series(struct ui *ui, size_t i, const struct graph_window *window)
{
    struct graph *graph = ui->graph;
    size_t first, count;

    while (find_unknown(graph, i, window, &first, &count)) {
        if (!plant_spans_in_time(ui->plant))
            return false;
        plant_spans(ui->plant, &graph->refs[i], window->from + (int64_t)first * window->length,
                    window->from + (int64_t)(first + count) * window->length,
                    graph->spans[i] + first, count);
        memset(graph->known[i] + first, true, count * sizeof *graph->known[i]);
    }
    return true;
}

void graph_look(struct ui *ui, size_t columns, size_t across)
{
    struct graph *graph = ui->graph;
    struct graph_window window = {.columns = columns};
    int64_t now = loop_wall(ui->loop);

    window.length = graph_column_length(zooms[graph->zoom].time, columns);
    int64_t together = window.length * (int64_t)across;
    int64_t last = column_end(now, together);
    if (graph->until >= last)
        graph->until = 0;
    int64_t until = graph->until ? column_end(graph->until, together) : last;
    window.from = until - window.length * (int64_t)columns;
    graph->reading = false;
    for (size_t i = 0; i < graph->count; i++) {
        keep(graph, i, &window);
        graph->reading |= !read_series(ui, i, &window);
    }
    graph->window = window;
    if (graph->cursor && (graph->cursor < window.from || graph->cursor >= until))
        graph->cursor = graph->cursor < window.from ? window.from : until - window.length;
}

void graph_pan(struct ui *ui, int64_t columns)
{
    struct graph *graph = ui->graph;
    const struct graph_window *window = &graph->window;
    int64_t until = window->from + window->length * (int64_t)(window->columns);

    graph->until = until + columns * window->length;
}

void graph_pan_to_start(struct ui *ui)
{
    struct graph *graph = ui->graph;
    const struct graph_window *window = &graph->window;
    int64_t first = 0;

    for (size_t i = 0; i < graph->count; i++) {
        int64_t begin = plant_spans_begin(ui->plant, &graph->refs[i]);
        if (begin > 0 && (first == 0 || begin < first))
            first = begin;
    }
    if (first > 0 && window->columns > 0)
        graph->until = first + window->length * (int64_t)window->columns;
}
