// SPDX-License-Identifier: MIT
// What values did before: from memory, and from a log in SQLite where there is one. The log is
// opened when it is needed, followed when another file takes its place, and read a bit at a time.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "plant/internal.h"
#include "store/archive.h"

#define TREND_SPAN_MIN (2 * LOOP_S)
#define TREND_SPAN_MAX (64 * LOOP_S)
#define TREND_TIME     (3600 * LOOP_S)

static const int64_t look_again = 30 * LOOP_S; // whether the log is there, and the same
static const int64_t most_a_round = 40 * LOOP_MS;

struct past {
    char *path;
    bool named;              // by the options
    struct archive *archive; // NULL: not there, or not to be read
    int64_t look_at;
    int64_t round, spent; // reading in the round of the loop that began then
};

struct past *past_new(const char *path)
{
    struct past *past = xcalloc(1, sizeof *past);
    past->path = path ? xstrdup(path) : NULL;
    past->named = path != NULL;
    past->round = -1;
    return past;
}

void past_free(struct past *past)
{
    if (!past)
        return;
    archive_close(past->archive);
    free(past->path);
    free(past);
}

// --- The log -------------------------------------------------------------------------------------

static struct archive *log_of(struct plant *plant)
{
    struct past *past = plant->past;
    int64_t now = loop_now(plant->loop);
    char error[ARCHIVE_ERROR_MAX];

    if (!past->path || now < past->look_at)
        return past->archive;
    past->look_at = now + look_again;
    // It may be another file by now; and one that this program has written and closed isn't locked
    // against others any more.
    archive_close(past->archive);
    past->archive = NULL;
    archive_open_reading(past->path, &past->archive, error, sizeof error);
    return past->archive;
}

void plant_read_log(struct plant *plant, const char *path)
{
    struct past *past = plant->past;

    if (past->named)
        return;
    free(past->path);
    past->path = xstrdup(path);
    past->look_at = 0;
}

static int64_t monotonic(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * LOOP_S + now.tv_nsec / 1000;
}

static void read_log(struct plant *plant, const struct plant_ref *ref, int64_t from, int64_t until,
                     struct span *out, size_t columns)
{
    struct past *past = plant->past;
    struct archive *archive = log_of(plant);
    char device[DEVICE_NAME_MAX];

    if (!archive)
        return;
    if (past->round != loop_now(plant->loop)) {
        past->round = loop_now(plant->loop);
        past->spent = 0;
    }
    int64_t began = monotonic();
    struct span *logged = xcalloc(columns, sizeof *logged);
    plant_ref_device(ref, device, sizeof device);
    if (archive_spans(archive, device, ref->id, from, until, logged, columns) == XC_OK)
        // What is in both is told by the one that has more of it.
        for (size_t c = 0; c < columns; c++)
            if (logged[c].count > out[c].count)
                out[c] = logged[c];
    free(logged);
    past->spent += monotonic() - began;
}

bool plant_spans_in_time(const struct plant *plant)
{
    const struct past *past = plant->past;
    return past->round != loop_now(plant->loop) || past->spent < most_a_round;
}

// --- Both
// ------------------------------------------------------------------------------------------

// The computer's clock may be put right while the program runs; less isn't told from the time that
// passes between two looks at the clocks.
static int64_t clock_step(const struct plant *plant)
{
    int64_t step = loop_wall(plant->loop) - loop_now(plant->loop) - plant->epoch;
    return step > -LOOP_S && step < LOOP_S ? 0 : step;
}

void plant_spans(struct plant *plant, const struct plant_ref *ref, int64_t from, int64_t until,
                 struct span *out, size_t columns)
{
    const struct slot *slot = slot_find(plant, ref);
    int64_t step = clock_step(plant);

    memset(out, 0, columns * sizeof *out);
    if (slot && slot->content.history)
        history_spans(slot->content.history, from - step, until - step, out, columns);
    read_log(plant, ref, from, until, out, columns);
}

int64_t plant_spans_begin(struct plant *plant, const struct plant_ref *ref)
{
    const struct slot *slot = slot_find(plant, ref);
    struct archive *archive = log_of(plant);
    int64_t begin = 0, first, last;

    if (slot && slot->content.history)
        begin = history_start(slot->content.history) + clock_step(plant);
    if (archive && archive_bounds(archive, &first, &last) == XC_OK && first > 0 &&
        (begin == 0 || first < begin))
        begin = first;
    return begin;
}

size_t plant_history(struct plant *plant, const struct plant_ref *ref, float *samples, size_t count)
{
    struct span spans[TREND_SAMPLES_MAX];
    const struct slot *slot = slot_find(plant, ref);

    if (!slot || !slot->content.history || count == 0)
        return 0;
    if (count > TREND_SAMPLES_MAX)
        count = TREND_SAMPLES_MAX;
    int64_t now = loop_now(plant->loop) + plant->epoch, length = TREND_SPAN_MIN;
    int64_t start = history_start(slot->content.history);
    if (start < now - TREND_TIME)
        start = now - TREND_TIME;
    // Whole spans, so that they stay what they are while time goes on.
    while ((now / length - start / length + 1) > (int64_t)count && length < TREND_SPAN_MAX)
        length *= 2;
    int64_t last = now / length;
    int64_t first =
        start / length > last - (int64_t)count ? start / length : last - (int64_t)count + 1;
    size_t columns = (size_t)(last - first + 1);
    history_spans(slot->content.history, first * length, (last + 1) * length, spans, columns);
    for (size_t c = 0; c < columns; c++)
        samples[c] = spans[c].count > 0 ? spans[c].mean : NAN;
    // Nothing may have come in the present one yet.
    return isnan(samples[columns - 1]) ? columns - 1 : columns;
}
