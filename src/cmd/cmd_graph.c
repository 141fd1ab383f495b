// SPDX-License-Identifier: MIT
// graph: what is in a log, drawn as text. Needs no link.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "plant/selection.h"
#include "store/logread.h"
#include "ui/plot.h"

enum { HEIGHT = 24, SCALE_WIDTH = 10, UNIT_WIDTH = 6 };

#define SECOND ((int64_t)1000000)

struct picture {
    const struct options *options;
    struct logread *log;
    struct logread_value values[PLOT_SERIES_MAX];
    const struct datapoint *datapoints[PLOT_SERIES_MAX];
    size_t count;
    int64_t first, last; // of what is in the file; 0: nothing
    int64_t from, until;
    struct span *spans[PLOT_SERIES_MAX];
    struct canvas canvas;
};

// --- What is in the file -------------------------------------------------------------------------

static const struct datapoint *datapoint_of(const struct logread_value *value)
{
    struct target target;

    if (target_parse(value->device, &target) != XC_OK)
        return NULL;
    return catalogue_find(target.family, value->id);
}

static void print_value(void *arg, const struct logread_value *value)
{
    struct rows *rows = arg;
    const struct datapoint *datapoint = datapoint_of(value);
    char name[64], device[48];

    snprintf(name, sizeof name, "%s:%u", text_escape(device, sizeof device, value->device),
             value->id);
    const struct field fields[] = {{.text = name},
                                   {.text = datapoint ? datapoint_short_unit(datapoint) : ""},
                                   {.text = datapoint ? datapoint_name(datapoint) : ""}};
    rows_add(rows, fields);
}

static int print_list(struct picture *picture)
{
    static const struct column columns[] = {{.name = "value", .type = COLUMN_TEXT},
                                            {.name = "unit", .type = COLUMN_TEXT},
                                            {.name = "name", .type = COLUMN_TEXT}};
    struct rows *rows = rows_new(stdout, ROWS_TEXT, columns, sizeof columns / sizeof *columns);
    enum xc_status status = logread_list(picture->log, print_value, rows);
    int ended = finish_rows(rows, status == XC_OK ? EXIT_DONE : EXIT_REFUSED);

    if (status != XC_OK)
        complain("%s", logread_error(picture->log));
    return ended;
}

// --- What is wanted ------------------------------------------------------------------------------

// The value's devices in the file, where each of a family is meant.
struct expansion {
    struct picture *picture;
    const struct selected *item;
    bool too_many;
};

static void add(struct picture *picture, const struct target *target,
                const struct datapoint *datapoint, bool *too_many)
{
    struct logread_value *value = &picture->values[picture->count];

    if (picture->count == PLOT_SERIES_MAX) {
        *too_many = true;
        return;
    }
    target_name(target, value->device, sizeof value->device);
    value->id = datapoint_id(datapoint);
    picture->datapoints[picture->count++] = datapoint;
}

static void expand(void *arg, const struct logread_value *value)
{
    struct expansion *expansion = arg;
    struct target target;

    if (value->id == datapoint_id(expansion->item->datapoint) &&
        target_parse(value->device, &target) == XC_OK && target.kind == TARGET_DEVICE &&
        target.family == expansion->item->target.family)
        add(expansion->picture, &target, expansion->item->datapoint, &expansion->too_many);
}

static int choose(struct picture *picture, const char *word)
{
    struct selection selection;
    char error[SELECTION_ERROR_MAX];
    bool too_many = false;
    int status = EXIT_DONE;

    if (selection_parse(word, &selection, error) != XC_OK) {
        complain("%s", error);
        return EXIT_WRONG;
    }
    for (size_t i = 0; i < selection.count && status == EXIT_DONE; i++) {
        struct expansion expansion = {picture, &selection.items[i], false};
        if (selection.items[i].target.kind != TARGET_EACH)
            add(picture, &selection.items[i].target, selection.items[i].datapoint, &too_many);
        else if (logread_list(picture->log, expand, &expansion) != XC_OK)
            status = EXIT_REFUSED;
        too_many |= expansion.too_many;
    }
    selection_free(&selection);
    if (status != EXIT_DONE)
        complain("%s", logread_error(picture->log));
    if (status == EXIT_DONE && too_many) {
        complain("a graph has room for %d values", PLOT_SERIES_MAX);
        status = EXIT_WRONG;
    }
    return status;
}

// some: there is something in that time, but not of the values that are wanted.
static void tell_nothing(const struct picture *picture, bool some)
{
    const struct options *options = picture->options;

    complain_empty(options->words[0], some, options->since, options->until, picture->first,
                   picture->last);
}

static int choose_time(struct picture *picture)
{
    const struct options *options = picture->options;

    if (logread_bounds(picture->log, &picture->first, &picture->last) != XC_OK) {
        complain("%s", logread_error(picture->log));
        return EXIT_REFUSED;
    }
    picture->from = options->since ? options->since : picture->first;
    picture->until = options->until ? options->until : picture->last + SECOND;
    if (picture->first != 0 && picture->from <= picture->last && picture->until > picture->first)
        return EXIT_DONE;
    tell_nothing(picture, false);
    return EXIT_REFUSED;
}

// --- Drawing -------------------------------------------------------------------------------------

// With as many of its decimals as there is room for.
static void draw_number(struct canvas *canvas, int x_end, int y, const struct span *span,
                        float value, int decimals)
{
    double number = span->count > 0 ? (double)value : (double)NAN;
    char text[64];

    text_number(text, sizeof text, number, decimals);
    while (strlen(text) >= SCALE_WIDTH && decimals > 0)
        text_number(text, sizeof text, number, --decimals);
    if (strlen(text) >= SCALE_WIDTH)
        snprintf(text, sizeof text, "%.2e", number);
    canvas_right(canvas, x_end, y, ROLE_VALUE, text);
}

static void draw_legend(struct picture *picture, const struct plot *plot, struct rect area,
                        unsigned hidden)
{
    static const char *const headings[] = {"least", "mean", "most"};
    struct canvas *canvas = &picture->canvas;
    int end = area.x + area.width, numbers = end - UNIT_WIDTH - 3 * SCALE_WIDTH;

    for (int i = 0; i < 3; i++)
        canvas_right(canvas, numbers + (i + 1) * SCALE_WIDTH, area.y, ROLE_DIM, headings[i]);
    for (size_t i = 0; i < plot->count; i++) {
        const struct datapoint *datapoint = picture->datapoints[i];
        struct span total = plot_total(plot, i);
        int y = area.y + 1 + (int)i, decimals = datapoint_decimals(datapoint);
        char name[160];
        snprintf(name, sizeof name, "%c %s:%u %s%s", plot_sign(i), picture->values[i].device,
                 picture->values[i].id, datapoint_name(datapoint),
                 hidden & 1u << i ? " (no room: --height)" : "");
        canvas_fit(canvas, area.x, y, numbers - area.x, plot_role(i), name);
        draw_number(canvas, numbers + SCALE_WIDTH, y, &total, total.min, decimals);
        draw_number(canvas, numbers + 2 * SCALE_WIDTH, y, &total, total.mean, decimals);
        draw_number(canvas, numbers + 3 * SCALE_WIDTH, y, &total, total.max, decimals);
        canvas_text(canvas, end - UNIT_WIDTH + 1, y, ROLE_DIM, plot->series[i].unit);
    }
}

static void draw(struct picture *picture, struct plot *plot, struct rect area)
{
    struct canvas *canvas = &picture->canvas;
    int rows = 1 + (int)picture->count;
    struct rect lines = {area.x, area.y + 1, area.width, area.height - rows - 1};
    struct rect legend = {area.x, area.y + area.height - rows, area.width, rows};
    char from[TIME_TEXT_MAX], until[TIME_TEXT_MAX];

    time_text(picture->from, from);
    time_text(picture->until, until);
    canvas_printf(canvas, area.x, area.y, ROLE_TITLE, "%s … %s", from, until);
    unsigned hidden = plot_draw(canvas, lines, plot);
    draw_legend(picture, plot, legend, hidden);
}

// What else there is of a number, the first few.
struct others {
    struct picture *picture;
    char text[120];
    size_t used, count;
};

enum { OTHERS_MAX = 5 };

static bool is_chosen(const struct picture *picture, const struct logread_value *value, bool same)
{
    for (size_t i = 0; i < picture->count; i++)
        if (picture->values[i].id == value->id &&
            (!same || strcmp(picture->values[i].device, value->device) == 0))
            return true;
    return false;
}

static void note_other(void *arg, const struct logread_value *value)
{
    struct others *others = arg;
    char device[4 * LOGREAD_DEVICE_MAX];

    if (!is_chosen(others->picture, value, false) || is_chosen(others->picture, value, true) ||
        others->count++ >= OTHERS_MAX)
        return;
    text_append(others->text, sizeof others->text, &others->used, "%s%s:%u",
                others->count > 1 ? ", " : "", text_escape(device, sizeof device, value->device),
                value->id);
}

static void tell_others(struct picture *picture)
{
    struct others others = {.picture = picture};

    if (logread_list(picture->log, note_other, &others) == XC_OK && others.count > 0)
        complain("in the file there is %s%s", others.text, others.count > OTHERS_MAX ? " …" : "");
    else
        complain("without VALUE what is in the file is listed");
}

static int print_picture(struct picture *picture)
{
    const struct options *options = picture->options;
    int width = options->width ? (int)options->width : output_width();
    int height = options->height ? (int)options->height : HEIGHT;
    struct rect area = {0, 0, width, height};
    struct plot plot = {
        .from = picture->from, .count = picture->count, .front = SIZE_MAX, .cursor = SIZE_MAX};
    bool any = false;

    canvas_init(&picture->canvas, width, height, options->ascii);
    for (size_t i = 0; i < picture->count; i++) {
        struct option option;
        plot.series[i].unit = datapoint_short_unit(picture->datapoints[i]);
        plot.series[i].whole = datapoint_option(picture->datapoints[i], 0, &option);
    }
    plot.columns = plot_columns(area, options->ascii, plot_units(&plot));
    plot.length =
        (picture->until - picture->from + (int64_t)plot.columns - 1) / (int64_t)plot.columns;
    picture->until = picture->from + plot.length * (int64_t)plot.columns;
    for (size_t i = 0; i < picture->count; i++)
        plot.series[i].spans = picture->spans[i] = xcalloc(plot.columns, sizeof *picture->spans[i]);
    if (logread_spans(picture->log, picture->values, picture->count, picture->from, picture->until,
                      picture->spans, plot.columns) != XC_OK) {
        complain("%s", logread_error(picture->log));
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < picture->count; i++)
        any |= plot_total(&plot, i).count > 0;
    if (!any) {
        tell_nothing(picture, true);
        tell_others(picture);
        return EXIT_REFUSED;
    }
    for (size_t i = 0; i < picture->count; i++)
        if (plot_total(&plot, i).count == 0)
            complain("there are no values of %s:%u in that time", picture->values[i].device,
                     picture->values[i].id);
    draw(picture, &plot, area);
    canvas_print(&picture->canvas, stdout);
    return finish_text(EXIT_DONE);
}

int cmd_graph(const struct options *options)
{
    struct picture picture = {.options = options};
    char error[LOGREAD_ERROR_MAX];
    int status = EXIT_DONE;

    if (logread_open(options->words[0], &picture.log, error, sizeof error) != XC_OK) {
        complain("%s", error);
        return EXIT_REFUSED;
    }
    for (int i = 1; i < options->word_count && status == EXIT_DONE; i++)
        status = choose(&picture, options->words[i]);
    if (status == EXIT_DONE && options->word_count == 1) {
        status = print_list(&picture);
    } else if (status == EXIT_DONE && picture.count == 0) {
        complain("none of these values is in the file; without VALUE they are listed");
        status = EXIT_REFUSED;
    } else if (status == EXIT_DONE) {
        status = choose_time(&picture);
        if (status == EXIT_DONE)
            status = print_picture(&picture);
    }
    for (size_t i = 0; i < PLOT_SERIES_MAX; i++)
        free(picture.spans[i]);
    canvas_free(&picture.canvas);
    logread_close(picture.log);
    return status;
}
