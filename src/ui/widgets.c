// SPDX-License-Identifier: MIT
#include "ui/widgets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { EIGHTHS = 8, BLOCK_FULL = 0x2588, BLOCK_LOWER = 0x2580 /* + 1..8 */, BLOCK_UPPER = 0x2580 };

bool reading_has_number(const struct reading *reading)
{
    return !isnan(reading->number) &&
           (reading->quality == QUALITY_FRESH || reading->quality == QUALITY_STALE ||
            reading->quality == QUALITY_GONE);
}

enum role widget_role(const struct reading *reading, enum role role)
{
    if (!reading_has_number(reading))
        return ROLE_DIM;
    return reading->quality == QUALITY_FRESH ? role : ROLE_STALE;
}

void widget_number(struct canvas *canvas, int x_end, int y, int width,
                   const struct reading *reading, struct number_style style, enum role role)
{
    char text[64];

    if (!reading_has_number(reading)) {
        canvas_right(canvas, x_end, y, ROLE_DIM, "--");
        return;
    }
    double number = reading->number;
    for (int decimals = style.decimals; decimals >= 0; decimals--) {
        text_number(text + 1, sizeof text - 1, number, decimals);
        text[0] = '+';
        bool plus = style.sign && number > 0 && strspn(text + 1, "0.") < strlen(text + 1);
        if (!plus)
            memmove(text, text + 1, strlen(text));
        if (text_width(text) <= width)
            break;
    }
    // Half a number would be a wrong one.
    if (text_width(text) > width) {
        memset(text, '#', (size_t)width);
        text[width] = '\0';
    }
    canvas_right(canvas, x_end, y, widget_role(reading, role), text);
}

void widget_text(struct canvas *canvas, int x, int y, int width, const struct reading *reading,
                 enum role role)
{
    char text[DATAPOINT_TEXT_MAX];

    if (reading_has_number(reading) && reading->datapoint)
        datapoint_text(reading->datapoint, reading->number, text, sizeof text);
    else
        snprintf(text, sizeof text, "--");
    canvas_fit(canvas, x, y, width, widget_role(reading, role), text);
}

const char *widget_name(const struct datapoint *datapoint, int width)
{
    const char *name = datapoint_name(datapoint), *short_name = datapoint_short_name(datapoint);

    return *short_name && text_width(name) > width ? short_name : name;
}

void widget_change(struct canvas *canvas, int x, int y, int width,
                   const struct datapoint *datapoint, const char *sign, double old, double new,
                   enum role role)
{
    enum { TEXT_MAX = 2 * DATAPOINT_TEXT_MAX + 32 };
    char before[DATAPOINT_TEXT_MAX], after[DATAPOINT_TEXT_MAX + 16], texts[3][TEXT_MAX];
    struct option option;

    if (datapoint_encoding(datapoint) == ENCODING_SIGNAL) { // it has no value before
        snprintf(texts[0], sizeof texts[0], "%s%s", sign,
                 datapoint_exact_text(datapoint, new, after, sizeof after));
        canvas_fit(canvas, x, y, width, role, texts[0]);
        return;
    }
    datapoint_exact_number(datapoint, old, before, sizeof before);
    datapoint_exact_text(datapoint, new, after, sizeof after);
    snprintf(texts[0], sizeof texts[0], "%s%s → %s", sign, before, after);
    datapoint_exact_number(datapoint, new, after, sizeof after);
    snprintf(texts[1], sizeof texts[1], "%s%s → %s", sign, before, after);
    snprintf(texts[2], sizeof texts[2], "→ %s", after);
    bool labels = datapoint_option(datapoint, 0, &option);
    for (int i = 0; i < (labels ? 1 : 3); i++)
        if (canvas_text_width(canvas, texts[i]) <= width) {
            canvas_text(canvas, x, y, role, texts[i]);
            return;
        }
    canvas_fit(canvas, x, y, width, role, labels ? texts[0] : "####");
}

static uint32_t lower_block(int eighths)
{
    return eighths <= 0 ? ' ' : (uint32_t)(BLOCK_LOWER + (eighths > EIGHTHS ? EIGHTHS : eighths));
}

static void put(struct canvas *canvas, int x, int y, enum role role, uint32_t character)
{
    canvas_fill(canvas, (struct rect){x, y, 1, 1}, role, character);
}

void widget_bar(struct canvas *canvas, int x, int y, int width, double share, enum role role)
{
    int full = isnan(share) ? 0 : (int)lround(fmin(fmax(share, 0), 1) * width);

    canvas_fill(canvas, (struct rect){x, y, full, 1}, role, BLOCK_FULL);
    canvas_fill(canvas, (struct rect){x + full, y, width - full, 1}, ROLE_DIM, 0x2591);
}

// A column above the zero line (rows bottom-1 upwards), height in eighths.
static void rise(struct canvas *canvas, int x, int bottom, int rows, int eighths, enum role role)
{
    for (int row = 0; row < rows; row++) {
        int part = eighths - row * EIGHTHS;
        // Where there is a value there is a mark, be it ever so small.
        if (row == 0 && part < 1)
            part = 1;
        if (part <= 0)
            break;
        put(canvas, x, bottom - 1 - row, role, lower_block(part));
    }
}

// A column below it, in halves: there are no eighths that hang.
static void hang(struct canvas *canvas, int x, int top, int rows, int halves, enum role role)
{
    for (int row = 0; row < rows; row++) {
        int part = halves - row * 2;
        if (row == 0 && part < 1)
            part = 1;
        if (part <= 0)
            break;
        put(canvas, x, top + row, role, part >= 2 ? BLOCK_FULL : BLOCK_UPPER);
    }
}

void widget_chart(struct canvas *canvas, struct rect area, const float *samples, size_t count,
                  enum role role)
{
    double low = 0, high = 0;

    if (area.width <= 0 || area.height <= 0)
        return;
    if (count > (size_t)area.width) {
        samples += count - (size_t)area.width;
        count = (size_t)area.width;
    }
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(samples[i]))
            continue;
        low = fmin(low, (double)samples[i]);
        high = fmax(high, (double)samples[i]);
    }
    double range = high - low;
    if (range <= 0)
        range = 1;
    // Rows for what is above 0 and for what is below; with one row both rise from the bottom.
    int below = 0;
    if (area.height > 1 && low < 0) {
        below = (int)lround(-low / range * area.height);
        below = below < 1 ? 1 : below >= area.height && high > 0 ? area.height - 1 : below;
    }
    int above = area.height - below;
    double base = below ? 0 : low;
    double scale_up = above ? (high - base) / above : 0, scale_down = below ? -low / below : 0;

    // Charts of one row leave a gap to the row above.
    int top = area.height == 1 ? EIGHTHS - 1 : EIGHTHS;
    int x = area.x + area.width - (int)count;
    for (size_t i = 0; i < count; i++, x++) {
        double value = (double)samples[i];
        if (!isfinite(value))
            continue;
        if (below && value < 0)
            hang(canvas, x, area.y + above, below, (int)lround(-value / scale_down * 2), role);
        else if (above)
            rise(canvas, x, area.y + above, above,
                 scale_up > 0 ? (int)lround((value - base) / scale_up * top) : 0, role);
    }
}

void widget_box(struct canvas *canvas, struct rect area, const char *title, const char *remark,
                enum role role)
{
    int right = area.x + area.width - 1, bottom = area.y + area.height - 1;

    if (area.width < 2 || area.height < 2)
        return;
    canvas_fill(canvas, (struct rect){area.x, area.y, area.width, 1}, ROLE_DIM, 0x2500);
    canvas_fill(canvas, (struct rect){area.x, bottom, area.width, 1}, ROLE_DIM, 0x2500);
    canvas_fill(canvas, (struct rect){area.x, area.y, 1, area.height}, ROLE_DIM, 0x2502);
    canvas_fill(canvas, (struct rect){right, area.y, 1, area.height}, ROLE_DIM, 0x2502);
    put(canvas, area.x, area.y, ROLE_DIM, 0x250C);
    put(canvas, right, area.y, ROLE_DIM, 0x2510);
    put(canvas, area.x, bottom, ROLE_DIM, 0x2514);
    put(canvas, right, bottom, ROLE_DIM, 0x2518);
    int end = canvas_printf(canvas, area.x + 2, area.y, role, " %s ", title);
    int width = canvas_text_width(canvas, remark);
    if (width > 0 && end + width + 3 < right) {
        canvas_text(canvas, right - 3 - width, area.y, ROLE_TEXT, " ");
        canvas_text(canvas, right - 2 - width, area.y, ROLE_DIM, remark);
        canvas_text(canvas, right - 2, area.y, ROLE_TEXT, " ");
    }
}

void widget_more(struct canvas *canvas, struct rect area, bool above, bool below)
{
    int x = area.x + area.width - 1;

    if (area.height > 0 && below)
        canvas_text(canvas, x, area.y + area.height - 1, ROLE_KEY, "▼");
    if (area.height > 0 && above)
        canvas_text(canvas, x, area.y, ROLE_KEY, "▲");
}

void widget_rule(struct canvas *canvas, struct rect area, const char *title, const char *remark)
{
    enum { LINE_FROM = 100 };
    bool line = area.width >= LINE_FROM;

    if (area.width <= 0 || area.height <= 0)
        return;
    if (line)
        canvas_fill(canvas, (struct rect){area.x, area.y, area.width, 1}, ROLE_DIM, 0x2500);
    int end = canvas_printf(canvas, area.x + (line ? 2 : 0), area.y, ROLE_HEADING, " %s ", title);
    int width = canvas_text_width(canvas, remark);
    int x = area.x + area.width - (line ? 4 : 2) - width;
    if (width > 0 && x > end)
        canvas_printf(canvas, x, area.y, ROLE_DIM, " %s ", remark);
}

size_t widget_break(const char *text, int columns)
{
    size_t fits = 0, end = 0;
    uint32_t c;

    for (size_t n; (n = text_next(text + end, &c)) > 0; end += n) {
        if (c == ' ')
            fits = end;
        columns -= text_character_width(c);
        if (columns < 0)
            return fits > 0 ? fits : end > 0 ? end : n;
    }
    return end;
}

int widget_paragraph(struct canvas *canvas, struct rect area, enum role role, const char *text)
{
    int rows = 0;

    while (*text && rows < area.height) {
        size_t fits = widget_break(text, area.width);
        if (text[fits] == '\0' || rows == area.height - 1) {
            canvas_fit(canvas, area.x, area.y + rows, area.width, role, text);
            return rows + 1;
        }
        canvas_printf(canvas, area.x, area.y + rows, role, "%.*s", (int)fits, text);
        rows++;
        text += fits;
        text += strspn(text, " ");
    }
    return rows;
}

// From best to worst for what is made of several values.
static int badness(enum quality quality)
{
    switch (quality) {
    case QUALITY_FRESH:
        return 0;
    case QUALITY_STALE:
        return 1;
    case QUALITY_GONE:
        return 2;
    case QUALITY_ABSENT:
        return 3;
    case QUALITY_REFUSED:
        return 4;
    case QUALITY_NONE:
        break;
    }
    return 5;
}

struct reading reading_plus(struct reading a, struct reading b)
{
    struct reading sum = badness(a.quality) >= badness(b.quality) ? a : b;

    sum.number = a.number + b.number;
    sum.taken = a.taken < b.taken ? a.taken : b.taken;
    sum.age = a.age > b.age ? a.age : b.age;
    sum.datapoint = NULL;
    return sum;
}

struct reading reading_times(struct reading a, double factor)
{
    a.number *= factor;
    a.datapoint = NULL;
    return a;
}
