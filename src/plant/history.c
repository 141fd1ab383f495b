// SPDX-License-Identifier: MIT
// The past of a value, in spans of several lengths at once: fine ones for the last minutes, longer
// ones for hours and days. Each length has its own ring of the spans in which something came; it
// grows to what it may hold. 16 bytes a span: at most 9 KiB a value that changes often.
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

struct kept {
    float min, mean, max;
    uint16_t count, number; // number: the span's, of which the lower bits tell enough
};

struct ring {
    int64_t open_at; // number of the open span: its beginning is that many lengths
    struct span open;
    struct kept *kept; // of the tier's last spans before that
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
    for (unsigned t = 0; t < TIERS; t++)
        free(history->rings[t].kept);
    free(history);
}

// How many spans before the open one.
static unsigned age_of(const struct ring *ring, const struct kept *kept)
{
    return (uint16_t)((uint16_t)ring->open_at - kept->number);
}

static void keep(struct ring *ring, unsigned most)
{
    const struct span *span = &ring->open;

    if (ring->count == ring->room) {
        // In front of the oldest, so that the order stays.
        unsigned room = ring->room == 0         ? ROOM_FIRST
                        : ring->room * 2 < most ? ring->room * 2
                                                : most;
        struct kept *kept = xcalloc(room, sizeof *kept);
        for (unsigned i = 0; i < ring->count; i++)
            kept[i] = ring->kept[(ring->oldest + i) % ring->room];
        free(ring->kept);
        ring->kept = kept;
        ring->room = room;
        ring->oldest = 0;
    }
    ring->kept[(ring->oldest + ring->count++) % ring->room] = (struct kept){
        span->min, span->mean, span->max,
        span->count < UINT16_MAX ? (uint16_t)span->count : UINT16_MAX, (uint16_t)ring->open_at};
}

// The open span is the one of now; what is over is kept as long as it isn't too old.
static void advance(struct ring *ring, unsigned t, int64_t now)
{
    int64_t at = now / tiers[t].length, passed = at - ring->open_at;

    if (passed <= 0)
        return;
    while (ring->count > 0 &&
           age_of(ring, &ring->kept[ring->oldest]) + passed > (int64_t)tiers[t].most) {
        ring->oldest = (ring->oldest + 1) % ring->room;
        ring->count--;
    }
    if (ring->open.count > 0 && passed <= (int64_t)tiers[t].most)
        keep(ring, tiers[t].most);
    ring->open = (struct span){0};
    ring->open_at = at;
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

// Puts what a ring has from ..< end, and returns where that begins: with a whole span of the next
// ring, which knows what was before, so that nothing counts twice.
static int64_t put_ring(const struct history *history, unsigned t, int64_t end,
                        const struct columns *columns)
{
    const struct ring *ring = &history->rings[t];
    int64_t length = tiers[t].length, from = (ring->open_at - (int64_t)tiers[t].most) * length;

    if (from > history->start && t + 1 < TIERS) {
        int64_t longer = tiers[t + 1].length;
        from = (from + longer - 1) / longer * longer;
    }
    for (unsigned i = 0; i < ring->count; i++) {
        const struct kept *kept = &ring->kept[(ring->oldest + i) % ring->room];
        const struct span span = {kept->min, kept->mean, kept->max, kept->count};
        int64_t start = (ring->open_at - (int64_t)age_of(ring, kept)) * length;
        if (start >= from && start < end)
            put(columns, start, start + length, &span);
    }
    int64_t start = ring->open_at * length;
    if (ring->open.count > 0 && start >= from && start < end)
        put(columns, start, start + length, &ring->open);
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
