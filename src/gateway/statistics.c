// SPDX-License-Identifier: MIT
#include "gateway/statistics.h"

#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"

void statistics_start(struct statistics *statistics, int64_t now)
{
    *statistics = (struct statistics){.started = now};
    for (size_t i = 0; i < STATISTICS_SECONDS; i++)
        statistics->seconds[i].second = INT64_MIN;
}

// The index of the present second's sums, emptied when it begins.
static size_t present(struct statistics *statistics, int64_t now)
{
    int64_t second = now / LOOP_S;
    size_t i = (size_t)(second % STATISTICS_SECONDS);

    if (statistics->seconds[i].second != second) {
        memset(&statistics->seconds[i], 0, sizeof statistics->seconds[i]);
        statistics->seconds[i].second = second;
    }
    return i;
}

void statistics_question(struct statistics *statistics, int64_t now)
{
    statistics->counts.questions++;
    statistics->seconds[present(statistics, now)].questions++;
}

void statistics_sent(struct statistics *statistics, int64_t now, size_t bytes)
{
    statistics->counts.bytes_sent += bytes;
    statistics->seconds[present(statistics, now)].bytes += bytes;
}

void statistics_received(struct statistics *statistics, int64_t now, size_t bytes)
{
    statistics->counts.bytes_received += bytes;
    statistics->seconds[present(statistics, now)].bytes += bytes;
}

void statistics_answer(struct statistics *statistics, int64_t now, int64_t sent, size_t values)
{
    statistics->counts.answers++;
    statistics->counts.values += values;
    statistics->seconds[present(statistics, now)].values += values;
    statistics->round_trips[statistics->round_trip_count++ % STATISTICS_ROUND_TRIPS] = now - sent;
}

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

// The smallest time that percent of all don't exceed; times are sorted.
static int64_t percentile(const int64_t *times, size_t count, size_t percent)
{
    return count > 0 ? times[(count * percent + 99) / 100 - 1] : 0;
}

static void read_round_trips(const struct statistics *statistics, struct gateway_statistics *out)
{
    int64_t times[STATISTICS_ROUND_TRIPS];
    size_t count = statistics->round_trip_count < STATISTICS_ROUND_TRIPS
                       ? (size_t)statistics->round_trip_count
                       : STATISTICS_ROUND_TRIPS;

    memcpy(times, statistics->round_trips, count * sizeof *times);
    qsort(times, count, sizeof *times, compare_times);
    out->median_us = percentile(times, count, 50);
    out->percentile95_us = percentile(times, count, 95);
}

static void read_rates(const struct statistics *statistics, int64_t now, unsigned bits_per_byte,
                       unsigned baud, struct gateway_statistics *out)
{
    int64_t first = now / LOOP_S - (STATISTICS_SECONDS - 1);
    int64_t begin = first * LOOP_S > statistics->started ? first * LOOP_S : statistics->started;
    // The first question would give an absurd rate if it were divided by the time since.
    double seconds = now - begin > LOOP_S ? (double)(now - begin) / (double)LOOP_S : 1.0;
    uint64_t questions = 0, values = 0, bytes = 0;

    for (size_t i = 0; i < STATISTICS_SECONDS; i++) {
        if (statistics->seconds[i].second < first)
            continue;
        questions += statistics->seconds[i].questions;
        values += statistics->seconds[i].values;
        bytes += statistics->seconds[i].bytes;
    }
    out->questions_per_s = (double)questions / seconds;
    out->values_per_s = (double)values / seconds;
    out->line_use = -1;
    if (baud > 0) {
        double use = (double)bytes * bits_per_byte / baud / seconds;
        out->line_use = use < 1 ? use : 1;
    }
}

void statistics_read(const struct statistics *statistics, int64_t now, unsigned bits_per_byte,
                     unsigned baud, struct gateway_statistics *out)
{
    *out = statistics->counts;
    read_round_trips(statistics, out);
    read_rates(statistics, now, bits_per_byte, baud, out);
}
