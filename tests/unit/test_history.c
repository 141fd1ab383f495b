// SPDX-License-Identifier: MIT
// plant/history: spans of several lengths, in bounded memory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <stdlib.h>

#include "plant/internal.h"

enum { COLUMNS = 400 };
#define MINUTE (60 * LOOP_S)
#define HOUR   (3600 * LOOP_S)
#define DAY    (24 * HOUR)

static struct span columns[COLUMNS];

static void read_past(const struct history *history, int64_t from, int64_t until, size_t count)
{
    history_spans(history, from, until, columns, count);
}

// One value a second: its number is the second.
static struct history *history_of_seconds(int64_t from, int64_t until)
{
    struct history *history = history_new(true);

    for (int64_t s = from; s < until; s++)
        history_add(history, s * LOOP_S, (double)s);
    return history;
}

static void a_span_has_what_came_in_it(void **state)
{
    (void)state;
    struct history *history = history_new(true);

    history_add(history, 10 * LOOP_S, 1);
    history_add(history, 10500 * LOOP_MS, 4);
    history_add(history, 11 * LOOP_S, -2);
    history_add(history, 12 * LOOP_S, 7);
    read_past(history, 8 * LOOP_S, 14 * LOOP_S, 3);
    assert_int_equal(columns[0].count, 0);
    assert_int_equal(columns[1].count, 3);
    assert_true(columns[1].min == -2 && columns[1].mean == 1 && columns[1].max == 4);
    assert_int_equal(columns[2].count, 1);
    assert_true(columns[2].mean == 7);
    history_free(history);
}

static void an_empty_one_has_nothing(void **state)
{
    (void)state;
    struct history *history = history_new(false);

    columns[0].count = columns[1].count = 9;
    read_past(history, 0, DAY, 2);
    assert_int_equal(columns[0].count + columns[1].count, 0);
    assert_true(history_start(history) < 0);
    history_free(history);
}

static void gaps_stay_gaps(void **state)
{
    (void)state;
    struct history *history = history_new(true);

    history_add(history, 0, 1);
    history_add(history, 60 * LOOP_S, 4);
    read_past(history, 0, 80 * LOOP_S, 40);
    for (size_t c = 0; c < 40; c++)
        assert_int_equal(columns[c].count, c == 0 || c == 30);
    history_free(history);
}

static void older_times_are_coarser(void **state)
{
    (void)state;
    struct history *history = history_of_seconds(0, 30 * 3600);
    int64_t now = 30 * HOUR;

    // The last five minutes by two seconds.
    read_past(history, now - 5 * MINUTE, now, 150);
    for (int c = 0; c < 150; c++) {
        assert_int_equal(columns[c].count, 2);
        assert_true(columns[c].min == (float)(30 * 3600 - 300 + 2 * c));
    }
    // An hour ago a column of two seconds has the twenty that it lies in.
    read_past(history, now - 50 * MINUTE, now - 49 * MINUTE, 30);
    for (int c = 0; c < 30; c++)
        assert_true(columns[c].count == 20 && columns[c].max - columns[c].min == 19);
    // Twelve hours by five minutes, before that by hours.
    read_past(history, now - 11 * HOUR, now - 10 * HOUR, 12);
    for (int c = 0; c < 12; c++)
        assert_int_equal(columns[c].count, 300);
    read_past(history, now - 24 * HOUR, now, 24);
    for (int c = 0; c < 24; c++) {
        assert_int_equal(columns[c].count, 3600);
        assert_true(columns[c].min == (float)(6 + c) * 3600);
        assert_true(columns[c].max == (float)(7 + c) * 3600 - 1);
    }
    history_free(history);
}

static void a_spike_is_seen_from_afar(void **state)
{
    (void)state;
    struct history *history = history_new(true);

    for (int64_t s = 0; s < 2 * 24 * 3600; s += 5)
        history_add(history, s * LOOP_S, s == 3600 * 7 + 15 ? 9000 : 1);
    read_past(history, 0, 2 * DAY, 2);
    assert_true(columns[0].max == 9000 && columns[0].min == 1 && columns[0].mean < 2);
    assert_true(columns[1].max == 1);
    history_free(history);
}

// Every second counts once, whatever the columns are: nothing is lost or told twice where two
// lengths meet.
static void nothing_is_told_twice(void **state)
{
    (void)state;
    struct history *history = history_of_seconds(7, 20 * 3600 + 13);

    for (size_t count = 1; count <= 20; count++) {
        uint64_t total = 0;
        read_past(history, 0, 20 * HOUR + 20 * MINUTE, count);
        for (size_t c = 0; c < count; c++)
            total += columns[c].count;
        assert_int_equal(total, 20 * 3600 + 6);
    }
    history_free(history);
}

static void nothing_is_told_of_before_the_first_value(void **state)
{
    (void)state;
    struct history *history = history_of_seconds(3000, 3600);

    read_past(history, 0, HOUR, 60);
    for (size_t c = 0; c < 60; c++)
        assert_int_equal(columns[c].count > 0, c >= 50);
    history_free(history);
}

static void a_long_silence_empties_it(void **state)
{
    (void)state;
    struct history *history = history_of_seconds(0, 600);

    history_add(history, 30 * DAY, 2);
    read_past(history, 0, 30 * DAY + HOUR, COLUMNS);
    for (size_t c = 0; c + 1 < COLUMNS; c++)
        assert_int_equal(columns[c].count, 0);
    assert_int_equal(columns[COLUMNS - 1].count, 1);
    history_free(history);
}

static void a_value_polled_slowly_begins_with_longer_spans(void **state)
{
    (void)state;
    struct history *history = history_new(false);

    for (int64_t s = 0; s < 60; s += 10)
        history_add(history, s * LOOP_S, (double)s);
    read_past(history, 0, MINUTE, 30);
    for (size_t c = 0; c < 30; c++)
        assert_int_equal(columns[c].count, 2);
    history_free(history);
}

// Everything subscribed, for days: as many bytes as were decided on.
static size_t bytes_of_days(const unsigned devices[FAMILY_COUNT])
{
    enum { MOST = 4096 };
    static struct history *histories[MOST];
    size_t count = 0, before = mallinfo2().uordblks;

    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *datapoint = catalogue_at(i);
        unsigned n = devices[datapoint_family(datapoint)];
        if (datapoint_kind(datapoint) != KIND_INFO || datapoint_pace(datapoint) == PACE_ONCE)
            continue;
        n += n > 1 && datapoint_aggregation(datapoint) != AGGREGATE_NONE;
        for (unsigned d = 0; d < n && count < MOST; d++)
            histories[count++] = history_new(datapoint_pace(datapoint) == PACE_FAST);
    }
    assert_in_range(count, 1, MOST - 1);
    for (int64_t t = 0; t < 5 * DAY; t += 5 * MINUTE)
        for (size_t i = 0; i < count; i++)
            history_add(histories[i], t, 1);
    for (int64_t t = 5 * DAY; t < 5 * DAY + 2 * HOUR; t += 2 * LOOP_S)
        for (size_t i = 0; i < count; i++)
            history_add(histories[i], t, 1);
    size_t bytes = mallinfo2().uordblks - before;
    for (size_t i = 0; i < count; i++)
        history_free(histories[i]);
    return bytes;
}

static void memory_is_bounded(void **state)
{
    (void)state;
    const unsigned full[FAMILY_COUNT] = {
        [FAMILY_XT] = 9, [FAMILY_VT] = 15, [FAMILY_VS] = 15, [FAMILY_BSP] = 1};
    const unsigned small[FAMILY_COUNT] = {
        [FAMILY_XT] = 3, [FAMILY_VT] = 2, [FAMILY_VS] = 1, [FAMILY_BSP] = 1};
    size_t of_full = bytes_of_days(full), of_small = bytes_of_days(small);

    print_message("full installation %zu KiB, small %zu KiB\n", of_full >> 10, of_small >> 10);
    assert_true(of_full < 24u << 20);
    assert_true(of_small < 5u << 20);
}

// Somebody who goes through all views now and then sees many values, each for a minute.
static void what_is_seldom_seen_takes_little(void **state)
{
    (void)state;
    struct history *history = history_new(true);
    size_t before = mallinfo2().uordblks;

    for (int64_t hour = 0; hour < 200; hour += 5)
        for (int64_t s = 0; s < 60; s++)
            history_add(history, hour * HOUR + s * LOOP_S, 1);
    assert_true(mallinfo2().uordblks < before + 1536);
    read_past(history, 190 * HOUR, 200 * HOUR, 10);
    for (size_t c = 0; c < 10; c++)
        assert_int_equal(columns[c].count, c % 5 == 0 ? 60 : 0);
    history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_has_what_came_in_it),
        cmocka_unit_test(an_empty_one_has_nothing),
        cmocka_unit_test(gaps_stay_gaps),
        cmocka_unit_test(older_times_are_coarser),
        cmocka_unit_test(a_spike_is_seen_from_afar),
        cmocka_unit_test(nothing_is_told_twice),
        cmocka_unit_test(nothing_is_told_of_before_the_first_value),
        cmocka_unit_test(a_long_silence_empties_it),
        cmocka_unit_test(a_value_polled_slowly_begins_with_longer_spans),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(what_is_seldom_seen_takes_little),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
