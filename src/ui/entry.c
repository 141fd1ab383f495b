// SPDX-License-Identifier: MIT
#include "ui/entry.h"
#include "ui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"

enum { MINUTES_PER_DAY = 24 * 60, DECIMALS_MAX = 6, MINUTES_PART = 4 /* of a date */ };

enum entry_kind entry_kind(const struct entry *entry)
{
    switch (datapoint_encoding(entry->datapoint)) {
    case ENCODING_BOOL:
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
    case ENCODING_LEVEL:
    case ENCODING_DEVICE_TYPE:
        return ENTRY_ONE;
    case ENCODING_BITFIELD:
    case ENCODING_WEEKDAYS:
        return ENTRY_SEVERAL;
    case ENCODING_SIGNAL:
        return ENTRY_BUTTON;
    default:
        return ENTRY_TEXT;
    }
}

// --- Text ----------------------------------------------------------------------------------------

static void put_text(struct entry *entry)
{
    char text[DATAPOINT_TEXT_MAX];

    field_set(&entry->field,
              datapoint_exact_number(entry->datapoint,
                                     datapoint_meant(entry->datapoint, entry->number), text,
                                     sizeof text),
              true);
}

static void take_text(struct entry *entry)
{
    const char *text = entry->field.text;
    enum encoding encoding = datapoint_encoding(entry->datapoint);

    entry->now = encoding == ENCODING_DATE && strcasecmp(text, "now") == 0;
    // Whether the device can hold a number is judged where its limits are.
    enum xc_status status = encoding == ENCODING_NUMBER
                                ? text_parse_number(text, &entry->number)
                                : datapoint_parse(entry->datapoint, text, &entry->number);
    if (status != XC_OK)
        entry->number = NAN;
}

// How many of these characters are before the cursor: the part of a time or date that it is on.
static int part_at_cursor(const struct field *field, const char *separators)
{
    int part = 0;

    for (size_t i = 0; i < field->cursor; i++)
        part += strchr(separators, field->text[i]) != NULL;
    return part;
}

// A date with a part (0 year … 5 second) moved; a day that the month lacks becomes its last.
static double move_date(double seconds, int part, int by)
{
    time_t time = (time_t)seconds;
    struct tm tm, moved;

    if (!gmtime_r(&time, &tm))
        return seconds;
    int *const parts[] = {&tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                          &tm.tm_hour, &tm.tm_min, &tm.tm_sec};
    *parts[part < 5 ? part : 5] += by;
    moved = tm;
    time = timegm(&moved);
    while (part < 2 && moved.tm_mday != tm.tm_mday) {
        tm.tm_mday--;
        moved = tm;
        time = timegm(&moved);
    }
    return fmin(fmax((double)time, 0), INT32_MAX);
}

static void step(struct entry *entry, int by, int64_t clock)
{
    enum encoding encoding = datapoint_encoding(entry->datapoint);
    const struct datapoint_limits *limits = &entry->limits;
    double width = limits->step > 0 ? limits->step : pow(10, -datapoint_decimals(entry->datapoint));
    double number = entry->number, min = limits->min, max = limits->max;
    size_t cursor = entry->field.cursor;

    if (entry->now)
        number = (double)clock;
    if (isnan(number))
        return;
    if (encoding == ENCODING_DATE) {
        int part = entry->now ? MINUTES_PART : part_at_cursor(&entry->field, "- :");
        number = move_date(number, part, by);
    } else if (encoding == ENCODING_MINUTES_OF_DAY) {
        bool hours = part_at_cursor(&entry->field, ":") == 0;
        number += by * (hours ? 60 : width);
        min = fmax(min, 0);
        max = fmin(max, MINUTES_PER_DAY);
    } else {
        number = datapoint_meant(entry->datapoint, number) + by * width;
    }
    entry->number = encoding == ENCODING_DATE ? number : fmin(fmax(number, min), max);
    put_text(entry);
    if (encoding == ENCODING_DATE || encoding == ENCODING_MINUTES_OF_DAY) {
        entry->field.chosen = false;
        entry->field.cursor = entry->now ? strlen("2026-11-21 14:03") : cursor;
    }
    take_text(entry);
}

static void text_entry_key(struct entry *entry, unsigned key, enum action action, int64_t clock)
{
    enum { PAGE = 10 };

    switch (action) {
    case ACTION_UP:
        step(entry, 1, clock);
        break;
    case ACTION_DOWN:
        step(entry, -1, clock);
        break;
    case ACTION_PAGE_UP:
        step(entry, PAGE, clock);
        break;
    case ACTION_PAGE_DOWN:
        step(entry, -PAGE, clock);
        break;
    default:
        if (field_key(&entry->field, key))
            take_text(entry);
    }
}

// --- Options -------------------------------------------------------------------------------------

static int count_options(const struct datapoint *datapoint)
{
    struct option option;
    int count = 0;

    while (datapoint_option(datapoint, (size_t)count, &option))
        count++;
    return count;
}

// What is entered, as bits; 0 for what can't be any.
static uint32_t bits_of(const struct entry *entry)
{
    return entry->number >= 0 && entry->number <= UINT32_MAX ? (uint32_t)entry->number : 0;
}

// True if an option is what is entered, or among it.
static bool is_on(const struct entry *entry, const struct option *option)
{
    if (isnan(entry->number))
        return false;
    if (entry_kind(entry) == ENTRY_ONE)
        return entry->number == option->value;
    return (bits_of(entry) & option->value) == option->value;
}

static bool any_is_on(const struct entry *entry)
{
    struct option option;

    for (size_t i = 0; datapoint_option(entry->datapoint, i, &option); i++)
        if (is_on(entry, &option))
            return true;
    return false;
}

static void toggle(struct entry *entry)
{
    struct option option;

    if (!datapoint_option(entry->datapoint, (size_t)entry->option, &option))
        return;
    // Bits without a name stay as they are.
    uint32_t bits = bits_of(entry);
    entry->number = is_on(entry, &option) ? bits & ~option.value : bits | option.value;
}

static void choose(struct entry *entry)
{
    struct option option;

    if (datapoint_option(entry->datapoint, (size_t)entry->option, &option))
        entry->number = option.value;
}

static int moved(const struct entry *entry, enum action action)
{
    int count = count_options(entry->datapoint), at = entry->option;
    int columns = entry->columns > 0 ? entry->columns : 1;
    int page = entry->rows.height > 1 ? entry->rows.height - 1 : 1;

    switch (action) {
    case ACTION_UP:
        return at - columns >= 0 ? at - columns : at;
    case ACTION_DOWN:
        return at + columns < count ? at + columns : at;
    case ACTION_PAGE_UP:
        return at - page * columns >= 0 ? at - page * columns : at % columns;
    case ACTION_PAGE_DOWN:
        return at + page * columns < count ? at + page * columns : count - 1;
    case ACTION_LEFT:
        return at > 0 ? at - 1 : 0;
    case ACTION_RIGHT:
        return at + 1 < count ? at + 1 : at;
    case ACTION_HOME:
        return 0;
    case ACTION_END:
        return count - 1;
    default:
        return -1;
    }
}

static void options_key(struct entry *entry, enum action action)
{
    bool one = entry_kind(entry) == ENTRY_ONE;
    int to = moved(entry, action);

    if (action == ACTION_TOGGLE && !one) {
        toggle(entry);
    } else if (action == ACTION_TOGGLE) {
        choose(entry);
    } else if (to >= 0) {
        // Where none is chosen yet, the first key chooses the one that the cursor is on.
        if (!one || any_is_on(entry))
            entry->option = to;
        if (one)
            choose(entry);
    }
}

// --- Life ----------------------------------------------------------------------------------------

void entry_begin(struct entry *entry, const struct datapoint *datapoint, double number)
{
    struct option option;

    *entry = (struct entry){.datapoint = datapoint, .number = number, .columns = 1};
    entry->limits = (struct datapoint_limits){NAN, NAN, NAN, NAN};
    switch (entry_kind(entry)) {
    case ENTRY_TEXT:
        if (datapoint_encoding(datapoint) == ENCODING_DATE) {
            field_set(&entry->field, "now", true);
            take_text(entry);
        } else if (!isnan(number)) {
            put_text(entry); // the number stays exactly what it is
        }
        break;
    case ENTRY_ONE:
        for (int i = 0; datapoint_option(datapoint, (size_t)i, &option); i++)
            if (is_on(entry, &option))
                entry->option = i;
        break;
    case ENTRY_SEVERAL:
        break;
    case ENTRY_BUTTON:
        entry->number = 1;
        break;
    }
}

void entry_key(struct entry *entry, unsigned key, enum action action, int64_t clock)
{
    switch (entry_kind(entry)) {
    case ENTRY_TEXT:
        text_entry_key(entry, key, action, clock);
        break;
    case ENTRY_ONE:
    case ENTRY_SEVERAL:
        options_key(entry, action);
        break;
    case ENTRY_BUTTON:
        break;
    }
}

// --- Drawing -------------------------------------------------------------------------------------

static bool label_is_unique(const struct datapoint *datapoint, const char *label)
{
    struct option option;
    int found = 0;

    for (size_t i = 0; datapoint_option(datapoint, i, &option); i++)
        found += strcmp(option.label, label) == 0;
    return found == 1;
}

static void option_text(const struct entry *entry, const struct option *option, char *out,
                        size_t size)
{
    if (label_is_unique(entry->datapoint, option->label))
        snprintf(out, size, "%s", option->label);
    else
        snprintf(out, size, "%s (%lu)", option->label, (unsigned long)option->value);
}

enum { MARK_WIDTH = 4, OPTION_GAP = 2 }; // "(●) "

// Options of which one is chosen stand below each other; others as many side by side as fit.
static int option_columns(const struct entry *entry, int columns)
{
    struct option option;
    char text[DATAPOINT_TEXT_MAX];
    int widest = 1;

    if (entry_kind(entry) == ENTRY_ONE)
        return 1;
    for (size_t i = 0; datapoint_option(entry->datapoint, i, &option); i++) {
        option_text(entry, &option, text, sizeof text);
        int width = text_width(text);
        widest = width > widest ? width : widest;
    }
    int fit = (columns + OPTION_GAP) / (MARK_WIDTH + widest + OPTION_GAP);
    return fit > 0 ? fit : 1;
}

int entry_rows(const struct entry *entry, int columns)
{
    enum entry_kind kind = entry_kind(entry);

    if (kind == ENTRY_TEXT || kind == ENTRY_BUTTON)
        return 1;
    int beside = option_columns(entry, columns);
    return (count_options(entry->datapoint) + beside - 1) / beside;
}

static void draw_options(struct entry *entry, struct canvas *canvas, struct rect area, bool focus)
{
    bool one = entry_kind(entry) == ENTRY_ONE;
    struct option option;
    char text[DATAPOINT_TEXT_MAX];

    entry->columns = option_columns(entry, area.width);
    entry->rows.selected = entry->option / entry->columns;
    scroll_follow(&entry->rows, entry_rows(entry, area.width), area.height);
    int first = entry->rows.top * entry->columns, width = area.width / entry->columns;
    for (int i = first; i < first + area.height * entry->columns; i++) {
        if (!datapoint_option(entry->datapoint, (size_t)i, &option))
            break;
        int x = area.x + i % entry->columns * width;
        int y = area.y + (i - first) / entry->columns;
        bool here = focus && i == entry->option, on = is_on(entry, &option);
        option_text(entry, &option, text, sizeof text);
        canvas_text(canvas, x, y, ROLE_TEXT, one ? on ? "(●)" : "( )" : on ? "[x]" : "[ ]");
        canvas_fit(canvas, x + MARK_WIDTH, y, width - MARK_WIDTH - OPTION_GAP,
                   here ? ROLE_SELECTED : ROLE_TEXT, text);
        if (here) {
            canvas->cursor_x = x + 1;
            canvas->cursor_y = y;
        }
    }
    widget_more(canvas, area, entry->rows.top > 0,
                entry->rows.top + area.height < entry->rows.count);
}

static int field_width(const struct datapoint *datapoint)
{
    switch (datapoint_encoding(datapoint)) {
    case ENCODING_MINUTES_OF_DAY:
        return 8;
    case ENCODING_DATE:
        return 22;
    case ENCODING_COSPHI:
        return 18;
    default:
        return 13;
    }
}

// What the step keys do here.
static void hint(const struct entry *entry, char *out, size_t size)
{
    switch (datapoint_encoding(entry->datapoint)) {
    case ENCODING_MINUTES_OF_DAY:
        snprintf(out, size, "↑ ↓ the part at the cursor");
        break;
    case ENCODING_DATE:
        snprintf(out, size, "or now: this computer's time");
        break;
    case ENCODING_NUMBER:
    case ENCODING_COSPHI:
        if (entry->limits.step > 0) {
            snprintf(out, size, "↑ ↓ step %g", entry->limits.step);
        }
        break;
    default:
        break;
    }
}

void entry_draw(struct entry *entry, struct canvas *canvas, struct rect area, bool focus)
{
    enum entry_kind kind = entry_kind(entry);
    char text[64] = "";
    int end = area.x + area.width;

    if (kind == ENTRY_ONE || kind == ENTRY_SEVERAL) {
        draw_options(entry, canvas, area, focus);
        return;
    }
    if (kind == ENTRY_BUTTON) {
        int x = canvas_text(canvas, area.x, area.y, focus ? ROLE_SELECTED : ROLE_TEXT, "[ send ]");
        canvas_fit(canvas, x + 2, area.y, end - x - 2, ROLE_DIM, "nothing to enter");
        if (focus) {
            canvas->cursor_x = area.x;
            canvas->cursor_y = area.y;
        }
        return;
    }
    int width = field_width(entry->datapoint);
    field_draw(&entry->field, canvas, area.x, area.y, width, focus);
    int x = area.x + width + 1;
    x = canvas_text(canvas, x, area.y, ROLE_DIM, datapoint_short_unit(entry->datapoint));
    hint(entry, text, sizeof text);
    if (canvas_text_width(canvas, text) <= end - x - 2)
        canvas_text(canvas, x + 2, area.y, ROLE_DIM, text);
}
