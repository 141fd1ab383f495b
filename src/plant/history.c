// SPDX-License-Identifier: MIT
// The short past of a value: 64 spans of equal length, each with the mean of what came in it. The
// spans begin at 1 s; when all are full, pairs are merged and the spans are twice as long, up to
// 64 s (68 minutes in all); from then on the oldest one is dropped.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plant/internal.h"

enum { SPANS = 64 };

#define SPAN_MIN (1 * LOOP_S)
#define SPAN_MAX (64 * LOOP_S)

struct history {
    int64_t start; // of the first span
    int64_t span;
    float mean[SPANS]; // NaN where nothing came
    unsigned closed;   // spans that are over
    double sum;        // of the open span
    unsigned count;
};

struct history *history_new(void)
{
    struct history *history = xcalloc(1, sizeof *history);
    history->start = -1;
    history->span = SPAN_MIN;
    return history;
}

void history_free(struct history *history)
{
    free(history);
}

// The mean of those that are there.
static float mean_of(const float *means, size_t count)
{
    double sum = 0;
    unsigned there = 0;

    for (size_t i = 0; i < count; i++) {
        if (!isnan(means[i])) {
            sum += (double)means[i];
            there++;
        }
    }
    return there > 0 ? (float)(sum / there) : NAN;
}

static void make_room(struct history *history)
{
    if (history->span < SPAN_MAX) {
        for (unsigned i = 0; i < SPANS / 2; i++)
            history->mean[i] = mean_of(history->mean + 2 * (size_t)i, 2);
        history->closed = SPANS / 2;
        history->span *= 2;
    } else {
        memmove(history->mean, history->mean + 1, (SPANS - 1) * sizeof *history->mean);
        history->closed = SPANS - 1;
        history->start += history->span;
    }
}

// Closes the spans that are over by now.
static void advance(struct history *history, int64_t now)
{
    while (now - history->start >= ((int64_t)history->closed + 1) * history->span) {
        history->mean[history->closed++] =
            history->count > 0 ? (float)(history->sum / history->count) : NAN;
        history->sum = 0;
        history->count = 0;
        if (history->closed == SPANS)
            make_room(history);
    }
}

void history_add(struct history *history, int64_t now, double number)
{
    if (history->start < 0)
        history->start = now;
    advance(history, now);
    history->sum += number;
    history->count++;
}

size_t history_samples(const struct history *history, int64_t now, float *samples, size_t count)
{
    struct history past = *history;
    float all[SPANS + 1];

    if (past.start < 0 || count == 0)
        return 0;
    advance(&past, now);
    size_t total = past.closed;
    memcpy(all, past.mean, total * sizeof *all);
    if (past.count > 0)
        all[total++] = (float)(past.sum / past.count);
    size_t group = (total + count - 1) / count, written = 0;
    for (size_t at = 0; at < total; at += group)
        samples[written++] = mean_of(all + at, total - at < group ? total - at : group);
    return written;
}
