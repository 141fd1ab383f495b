// SPDX-License-Identifier: MIT
// The past of a value, in spans of several lengths at once: fine ones for the last minutes, longer
// ones for hours and days. Each length has its own ring, which grows to what it may hold and then
// forgets the oldest: 14 bytes a span, at most 8 KiB a value that changes often, 6 KiB another.
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plant/internal.h"

enum { TIERS = 4, ROOM_FIRST = 8 };

static const struct {
    int64_t length;
    unsigned most; // spans kept
} tiers[TIERS] = {
    {2 * LOOP_S, 160},   // 5 minutes
    {20 * LOOP_S, 180},  // an hour
    {300 * LOOP_S, 144}, // 12 hours
    {3600 * LOOP_S, 96}, // 4 days
};

// The closed spans end where the open one begins; gaps are among them, with a count of 0.
struct ring {
    int64_t open_at; // number of the open span: its beginning is that many lengths
    struct span open;
    float (*numbers)[3]; // min, mean, max
    uint16_t *counts;
    unsigned room, count, oldest;
};

struct history {
    int64_t start; // of the first value; -1: there was none
    unsigned finest;
    struct ring rings[TIERS];
};

struct history *history_new(bool fast)
{
    struct history *history = xcalloc(1, sizeof *history);
    history->start = -1;
    history->finest = fast ? 0 : 1;
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    for (unsigned t = 0; t < TIERS; t++) {
        free(history->rings[t].numbers);
        free(history->rings[t].counts);
    }
    free(history);
}

static void grow(struct ring *ring, unsigned most)
{
    // Not wrapped around: that happens only at the full size.
    ring->room = ring->room == 0 ? ROOM_FIRST : ring->room * 2 < most ? ring->room * 2 : most;
    ring->numbers = xrealloc(ring->numbers, ring->room, sizeof *ring->numbers);
    ring->counts = xrealloc(ring->counts, ring->room, sizeof *ring->counts);
}

static void close_span(struct ring *ring, unsigned most)
{
    const struct span *span = &ring->open;

    if (ring->count == ring->room && ring->room < most)
        grow(ring, most);
    if (ring->count == ring->room) {
        ring->oldest = (ring->oldest + 1) % ring->room;
        ring->count--;
    }
    unsigned at = (ring->oldest + ring->count++) % ring->room;
    ring->numbers[at][0] = span->min;
    ring->numbers[at][1] = span->mean;
    ring->numbers[at][2] = span->max;
    ring->counts[at] = span->count < UINT16_MAX ? (uint16_t)span->count : UINT16_MAX;
    ring->open = (struct span){0};
    ring->open_at++;
}

// Closes the spans that are over by now.
static void advance(struct ring *ring, unsigned t, int64_t now)
{
    int64_t at = now / tiers[t].length;

    if (at - ring->open_at > tiers[t].most) {
        ring->count = ring->oldest = 0;
        ring->open = (struct span){0};
        ring->open_at = at;
    }
    while (ring->open_at < at)
        close_span(ring, tiers[t].most);
}

void history_add(struct history *history, int64_t now, double number)
{
    if (history->start < 0) {
        history->start = now;
        for (unsigned t = 0; t < TIERS; t++)
            history->rings[t].open_at = now / tiers[t].length;
    }
    for (unsigned t = history->finest; t < TIERS; t++) {
        advance(&history->rings[t], t, now);
        span_add(&history->rings[t].open, number);
    }
}

// --- Reading -------------------------------------------------------------------------------------

struct columns {
    int64_t from, until;
    struct span *out;
    size_t count;
};

static size_t column_at(const struct columns *columns, int64_t time)
{
    int64_t width = columns->until - columns->from;
    // In two steps: a year of microseconds times columns doesn't fit.
    double share = (double)(time - columns->from) / (double)width;
    size_t column = (size_t)(share * (double)columns->count);
    return column < columns->count ? column : columns->count - 1;
}

// A span goes to the column that its middle is in; one longer than a column to all that it covers.
static void put(const struct columns *columns, int64_t from, int64_t until, const struct span *span)
{
    if (from >= until || until <= columns->from || from >= columns->until)
        return;
    int64_t width = (columns->until - columns->from) / (int64_t)columns->count;
    if (until - from <= width) {
        int64_t middle = from + (until - from) / 2;
        if (middle >= columns->from && middle < columns->until)
            span_add_span(&columns->out[column_at(columns, middle)], span);
        return;
    }
    size_t last = until >= columns->until ? columns->count - 1 : column_at(columns, until - 1);
    for (size_t c = from <= columns->from ? 0 : column_at(columns, from); c <= last; c++)
        span_add_span(&columns->out[c], span);
}

static struct span span_at(const struct ring *ring, unsigned i)
{
    if (i == ring->count)
        return ring->open;
    unsigned at = (ring->oldest + i) % ring->room;
    const float *numbers = ring->numbers[at];
    return (struct span){numbers[0], numbers[1], numbers[2], ring->counts[at]};
}

// Puts what a ring has from ..< end, and returns where that begins: with a whole span of the next
// ring, which knows what was before, so that nothing counts twice.
static int64_t put_ring(const struct history *history, unsigned t, int64_t end,
                        const struct columns *columns)
{
    const struct ring *ring = &history->rings[t];
    int64_t length = tiers[t].length, begin = (ring->open_at - (int64_t)ring->count) * length;
    int64_t from = begin;

    if (begin > history->start && t + 1 < TIERS) {
        int64_t longer = tiers[t + 1].length;
        from = (begin + longer - 1) / longer * longer;
    }
    for (unsigned i = 0; i <= ring->count; i++) {
        int64_t start = begin + (int64_t)i * length;
        struct span span = span_at(ring, i);
        if (start >= from && start < end)
            put(columns, start, start + length, &span);
    }
    return from;
}

void history_spans(const struct history *history, int64_t from, int64_t until, struct span *out,
                   size_t count)
{
    const struct columns columns = {from, until, out, count};
    int64_t end = INT64_MAX;

    memset(out, 0, count * sizeof *out);
    if (history->start < 0 || from >= until || count == 0)
        return;
    for (unsigned t = history->finest; t < TIERS && end > history->start; t++)
        end = put_ring(history, t, end, &columns);
}

int64_t history_start(const struct history *history)
{
    return history->start;
}
