// SPDX-License-Identifier: MIT
#include "ui/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ui/axis.h"

enum {
    SIDE_WIDTH = AXIS_LABEL_WIDTH + 1,
    EDGE_WIDTH = 1,    // at the right, without an axis
    TIME_WIDTH = 12,   // of a tick, with room between
    PANEL_MIN = 3,     // rows
    UNIT_ROW_FROM = 6, // rows of a panel that has one for its units
    TICK_ROWS = 3,
    SIGN_EVERY = 24, // characters from a line's number to its next
    SIGN_SHIFT = 7,  // from those of one line to those of the next
    GRID_EVERY = 4,
    BRAILLE = 0x2800,
};

// --- What there is -------------------------------------------------------------------------------

enum role plot_role(size_t series)
{
    return (enum role)(ROLE_LINE_1 + series);
}

char plot_sign(size_t series)
{
    return (char)('1' + series);
}

// The number of the series' unit in the order of first appearance.
static unsigned unit_of(const struct plot *plot, size_t series)
{
    unsigned unit = 0;

    for (size_t i = 0; i < series; i++) {
        bool is_new = true;
        if (strcmp(plot->series[i].unit, plot->series[series].unit) == 0)
            return unit_of(plot, i);
        for (size_t j = 0; j < i; j++)
            is_new &= strcmp(plot->series[i].unit, plot->series[j].unit) != 0;
        unit += is_new;
    }
    return unit;
}

unsigned plot_units(const struct plot *plot)
{
    unsigned units = 0;

    for (size_t i = 0; i < plot->count; i++)
        if (unit_of(plot, i) == units)
            units++;
    return units;
}

struct span plot_total(const struct plot *plot, size_t series)
{
    struct span total = {0};

    for (size_t c = 0; c < plot->columns; c++)
        span_add_span(&total, &plot->series[series].spans[c]);
    return total;
}

static int inner_width(struct rect area, unsigned units)
{
    return area.width - SIDE_WIDTH - (units > 1 ? SIDE_WIDTH : EDGE_WIDTH);
}

size_t plot_columns(struct rect area, bool ascii, unsigned units)
{
    int width = inner_width(area, units);
    return width > 0 ? (size_t)width * (ascii ? 1 : 2) : 0;
}

int plot_x(struct rect area, bool ascii, size_t column)
{
    return area.x + SIDE_WIDTH + (int)(ascii ? column : column / 2);
}

// --- A panel -------------------------------------------------------------------------------------

// Dots are put here, and become characters when all lines are drawn. In ASCII a dot is a character.
struct raster {
    int width, height; // characters
    int across, down;  // dots of a character
    uint8_t *bits;
    uint8_t *signs;  // what stands for the dots; 0: their own picture
    uint8_t *owners; // 1 + the series drawn last; 0: none
};

struct panel {
    struct canvas *canvas;
    const struct plot *plot;
    struct rect area; // of the lines
    unsigned first_unit;
    struct axis axes[2];
    bool has_axis[2];
    struct raster raster;
};

static int dots_down(const struct raster *raster)
{
    return raster->height * raster->down;
}

static size_t cell_of(const struct raster *raster, size_t column, int y)
{
    return (size_t)(y / raster->down) * (size_t)raster->width + column / (size_t)raster->across;
}

// y counts from the top.
static void dot(struct raster *raster, size_t series, size_t column, int y, char sign)
{
    static const uint8_t braille[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

    if (y < 0 || y >= dots_down(raster) || column >= (size_t)raster->width * (size_t)raster->across)
        return;
    size_t cell = cell_of(raster, column, y);
    bool taken = raster->owners[cell] == series + 1;
    raster->bits[cell] |= raster->down == 4 ? braille[y % 4][column % 2] : 1;
    raster->owners[cell] = (uint8_t)(series + 1);
    // Of a series' own signs the line's counts more than the shade's.
    if (sign && (!taken || raster->signs[cell] == ':' || sign != ':'))
        raster->signs[cell] = (uint8_t)sign;
    else if (!taken)
        raster->signs[cell] = 0;
}

static int y_of(const struct raster *raster, const struct axis *axis, double value)
{
    int most = dots_down(raster) - 1;
    return most - (int)lround((value - axis->low) / (axis->high - axis->low) * most);
}

static int compare_sizes(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

// Columns from one with values to the next that a line goes over: twice what is usual in this
// series, which may be polled or logged more slowly than columns are long.
static size_t reach_of(const struct plot *plot, const struct span *spans)
{
    size_t *distances = xcalloc(plot->columns, sizeof *distances);
    size_t count = 0, last = 0, reach = 2;
    bool any = false;

    for (size_t c = 0; c < plot->columns; c++) {
        if (spans[c].count == 0)
            continue;
        if (any)
            distances[count++] = c - last;
        last = c;
        any = true;
    }
    if (count > 0) {
        qsort(distances, count, sizeof *distances, compare_sizes);
        reach = 2 * distances[count / 2];
    }
    free(distances);
    return reach;
}

static void shade(struct raster *raster, size_t series, size_t column, int top, int bottom)
{
    char sign = raster->down == 1 ? ':' : 0;

    for (int y = top; y <= bottom; y++)
        if (y == top || y == bottom || raster->down == 1 || (((size_t)y + column) & 1) == 0)
            dot(raster, series, column, y, sign);
}

// From one mean to the next: where it is steep the dots of both columns stand above each other.
static void connect(struct raster *raster, size_t series, size_t from, int from_y, size_t to,
                    int to_y, char sign)
{
    size_t run = to - from;
    int before = from_y;

    for (size_t c = from + 1; c <= to; c++) {
        int y = from_y + (int)lround((double)(to_y - from_y) * (double)(c - from) / (double)run);
        int step = y > before ? 1 : -1, middle = (before + y) / 2;
        for (int at = before; raster->down > 1 && at != y; at += step)
            dot(raster, series, (at - middle) * step < 0 ? c - 1 : c, at, sign);
        dot(raster, series, c, y, sign);
        before = y;
    }
}

// Its number on a line, where it moves with it, and at its newest value.
static bool has_sign(const struct panel *panel, size_t series, size_t column, size_t newest)
{
    int64_t across = panel->raster.across;
    int64_t cell = (panel->plot->from / panel->plot->length + (int64_t)column) / across;

    return column / (size_t)across == newest / (size_t)across ||
           (cell + SIGN_SHIFT * (int64_t)series) % SIGN_EVERY == 0;
}

static void draw_line(struct panel *panel, size_t series, const struct axis *axis)
{
    const struct plot *plot = panel->plot;
    const struct span *spans = plot->series[series].spans;
    struct raster *raster = &panel->raster;
    size_t reach = reach_of(plot, spans), last = 0;
    int last_y = 0;
    bool any = false;
    char sign = raster->down == 1 ? plot_sign(series) : 0;

    for (size_t c = 0; c < plot->columns; c++)
        if (spans[c].count > 0)
            shade(raster, series, c, y_of(raster, axis, (double)spans[c].max),
                  y_of(raster, axis, (double)spans[c].min));
    for (size_t c = 0; c < plot->columns; c++) {
        if (spans[c].count == 0)
            continue;
        int y = y_of(raster, axis, (double)spans[c].mean);
        if (any && c - last <= reach)
            connect(raster, series, last, last_y, c, y, sign);
        else
            dot(raster, series, c, y, sign);
        last = c;
        last_y = y;
        any = true;
    }
    for (size_t c = 0; any && c < plot->columns; c++)
        if (spans[c].count > 0 && has_sign(panel, series, c, last))
            dot(raster, series, c, y_of(raster, axis, (double)spans[c].mean), plot_sign(series));
}

static void put(struct canvas *canvas, int x, int y, enum role role, uint32_t character)
{
    canvas_fill(canvas, (struct rect){x, y, 1, 1}, role, character);
}

static void draw_raster(const struct panel *panel)
{
    const struct raster *raster = &panel->raster;
    const struct plot *plot = panel->plot;

    for (int y = 0; y < raster->height; y++)
        for (int x = 0; x < raster->width; x++) {
            size_t cell = (size_t)y * (size_t)raster->width + (size_t)x;
            bool marked =
                plot->cursor < plot->columns && plot->cursor / (size_t)raster->across == (size_t)x;
            if (!raster->owners[cell]) {
                if (marked)
                    put(panel->canvas, panel->area.x + x, panel->area.y + y, ROLE_KEY, 0x2502);
                continue;
            }
            uint32_t character =
                raster->signs[cell] ? raster->signs[cell] : BRAILLE + raster->bits[cell];
            enum role role = plot_role(raster->owners[cell] - 1u);
            put(panel->canvas, panel->area.x + x, panel->area.y + y, marked ? ROLE_SELECTED : role,
                character);
        }
}

// --- Axes ----------------------------------------------------------------------------------------

static bool in_panel(const struct panel *panel, size_t series, unsigned *side)
{
    unsigned unit = unit_of(panel->plot, series);
    *side = unit - panel->first_unit;
    return unit >= panel->first_unit && *side < 2;
}

static void find_axes(struct panel *panel)
{
    struct span totals[2] = {{0}};
    bool whole[2] = {true, true};
    unsigned side;

    for (size_t i = 0; i < panel->plot->count; i++) {
        struct span total = plot_total(panel->plot, i);
        if (!in_panel(panel, i, &side))
            continue;
        span_add_span(&totals[side], &total);
        whole[side] &= panel->plot->series[i].whole;
    }
    for (side = 0; side < 2; side++) {
        panel->has_axis[side] = totals[side].count > 0;
        if (panel->has_axis[side])
            panel->axes[side] = axis_numbers((double)totals[side].min, (double)totals[side].max,
                                             panel->area.height / TICK_ROWS, whole[side]);
    }
}

static void draw_axis(const struct panel *panel, unsigned side, unsigned units)
{
    const struct rect *area = &panel->area;
    const struct axis *axis = &panel->axes[side];
    bool left = side == 0;
    int x = left ? area->x - 1 : area->x + area->width;
    char text[AXIS_LABEL_MAX];

    if (!left && units < 2)
        return;
    canvas_fill(panel->canvas, (struct rect){x, area->y, 1, area->height}, ROLE_DIM, 0x2502);
    if (!panel->has_axis[side])
        return;
    int count = (int)lround((axis->high - axis->low) / axis->step);
    for (int i = 0; i <= count; i++) {
        double number = axis->low + i * axis->step;
        int y = area->y + y_of(&panel->raster, axis, number) / panel->raster.down;
        axis_label(axis, number, text);
        put(panel->canvas, x, y, ROLE_DIM, left ? 0x2524 : 0x251C);
        if (left)
            canvas_right(panel->canvas, x, y, ROLE_DIM, text);
        else
            canvas_fit(panel->canvas, x + 1, y, SIDE_WIDTH - 1, ROLE_DIM, text);
        if (left)
            for (int column = GRID_EVERY; column < area->width; column += GRID_EVERY)
                put(panel->canvas, area->x + column, y, ROLE_DIM, 0xB7);
    }
}

static const char *unit_name(const struct plot *plot, unsigned unit)
{
    for (size_t i = 0; i < plot->count; i++)
        if (unit_of(plot, i) == unit)
            return plot->series[i].unit;
    return "";
}

static void draw_units(const struct panel *panel, int y)
{
    const char *right = unit_name(panel->plot, panel->first_unit + 1);
    const struct rect *area = &panel->area;

    canvas_right(panel->canvas, area->x, y, ROLE_HEADING,
                 unit_name(panel->plot, panel->first_unit));
    canvas_text(panel->canvas, area->x + area->width, y, ROLE_HEADING, right);
}

static void draw_panel(struct canvas *canvas, struct rect area, const struct plot *plot,
                       unsigned first_unit, unsigned units)
{
    struct panel panel = {.canvas = canvas, .plot = plot, .first_unit = first_unit};
    bool unit_row = area.height >= UNIT_ROW_FROM;
    struct raster *raster = &panel.raster;
    unsigned side;

    panel.area = (struct rect){area.x + SIDE_WIDTH, area.y + unit_row, inner_width(area, units),
                               area.height - unit_row};
    *raster = (struct raster){panel.area.width,
                              panel.area.height,
                              canvas->ascii ? 1 : 2,
                              canvas->ascii ? 1 : 4,
                              NULL,
                              NULL,
                              NULL};
    size_t cells = (size_t)raster->width * (size_t)raster->height;
    raster->bits = xcalloc(3, cells);
    raster->signs = raster->bits + cells;
    raster->owners = raster->signs + cells;
    find_axes(&panel);
    if (unit_row)
        draw_units(&panel, area.y);
    for (side = 0; side < 2; side++)
        draw_axis(&panel, side, units);
    // The one in front last, before it the others from the last on.
    for (size_t n = plot->count; n-- > 0;)
        if (n != plot->front && in_panel(&panel, n, &side) && panel.has_axis[side])
            draw_line(&panel, n, &panel.axes[side]);
    if (plot->front < plot->count && in_panel(&panel, plot->front, &side) && panel.has_axis[side])
        draw_line(&panel, plot->front, &panel.axes[side]);
    draw_raster(&panel);
    free(raster->bits);
}

static void draw_times(struct canvas *canvas, struct rect area, const struct plot *plot,
                       unsigned units, int line_y)
{
    struct time_tick ticks[64];
    int width = inner_width(area, units), end = area.x;
    int64_t until = plot->from + plot->length * (int64_t)plot->columns;
    size_t most = (size_t)(width / TIME_WIDTH);
    size_t count = axis_times(plot->from, until, most < 64 ? most : 64, ticks);
    int label_y = area.y + area.height - 1;

    if (line_y < label_y) {
        canvas_fill(canvas, (struct rect){area.x + SIDE_WIDTH, line_y, width, 1}, ROLE_DIM, 0x2500);
        put(canvas, area.x + SIDE_WIDTH - 1, line_y, ROLE_DIM, 0x2514);
        if (units > 1)
            put(canvas, area.x + SIDE_WIDTH + width, line_y, ROLE_DIM, 0x2518);
    }
    for (size_t i = 0; i < count; i++) {
        size_t column = (size_t)((ticks[i].at - plot->from) / plot->length);
        int x = plot_x(area, canvas->ascii, column);
        int start = x - (int)strlen(ticks[i].label) / 2;
        if (x >= area.x + SIDE_WIDTH + width)
            continue;
        if (line_y < label_y)
            put(canvas, x, line_y, ROLE_DIM, 0x252C);
        if (start > end && start + (int)strlen(ticks[i].label) <= area.x + area.width)
            end = canvas_text(canvas, start, label_y, ROLE_DIM, ticks[i].label);
    }
}

unsigned plot_draw(struct canvas *canvas, struct rect area, const struct plot *plot)
{
    unsigned units = plot_units(plot), hidden = 0;
    int time_rows = area.height >= 9 ? 2 : 1;
    int rows = area.height - time_rows, y = area.y;
    int wanted = units > 0 ? (int)(units + 1) / 2 : 1;
    int panels = wanted < rows / PANEL_MIN ? wanted : rows / PANEL_MIN;

    if (panels < 1 || inner_width(area, units) < 1 || plot->columns == 0)
        return (1u << plot->count) - 1;
    // What there is no room for is left out from the end, but not what is in front.
    int first = 0;
    if (plot->front < plot->count) {
        int front = (int)unit_of(plot, plot->front) / 2;
        first = front < panels ? 0 : front - panels + 1;
    }
    for (int p = 0; p < panels; p++) {
        int height = rows / panels + (p < rows % panels);
        draw_panel(canvas, (struct rect){area.x, y, area.width, height}, plot,
                   2 * (unsigned)(first + p), units);
        y += height;
    }
    draw_times(canvas, area, plot, units, y);
    for (size_t i = 0; i < plot->count; i++) {
        int panel = (int)unit_of(plot, i) / 2;
        if (panel < first || panel >= first + panels)
            hidden |= 1u << i;
    }
    return hidden;
}
