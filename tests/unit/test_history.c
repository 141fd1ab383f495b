// SPDX-License-Identifier: MIT
// plant/history: means over spans of time, in bounded memory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "plant/internal.h"

static void each_second_has_its_mean(void **state)
{
    (void)state;
    struct history *history = history_new();
    float samples[64];

    history_add(history, 0, 1);
    history_add(history, 500 * LOOP_MS, 2);
    history_add(history, 1 * LOOP_S, 5);
    assert_int_equal(history_samples(history, 1 * LOOP_S, samples, 64), 2);
    assert_true(samples[0] == 1.5f);
    assert_true(samples[1] == 5.0f);
    history_free(history);
}

static void spans_without_values_are_not_numbers(void **state)
{
    (void)state;
    struct history *history = history_new();
    float samples[64];

    history_add(history, 0, 1);
    history_add(history, 3 * LOOP_S, 4);
    assert_int_equal(history_samples(history, 5 * LOOP_S, samples, 64), 5);
    assert_true(samples[0] == 1.0f && isnan(samples[1]) && isnan(samples[2]));
    assert_true(samples[3] == 4.0f && isnan(samples[4]));
    history_free(history);
}

static void spans_double_when_all_are_full(void **state)
{
    (void)state;
    struct history *history = history_new();
    float samples[64];

    for (int64_t s = 0; s < 100; s++)
        history_add(history, s * LOOP_S, (double)s);
    // 50 spans of two seconds.
    assert_int_equal(history_samples(history, 99 * LOOP_S, samples, 64), 50);
    for (int i = 0; i < 50; i++)
        assert_true(samples[i] == 2.0f * (float)i + 0.5f);
    history_free(history);
}

static void fewer_samples_are_means_of_more_spans(void **state)
{
    (void)state;
    struct history *history = history_new();
    float samples[4];

    for (int64_t s = 0; s < 8; s++)
        history_add(history, s * LOOP_S, (double)s);
    assert_int_equal(history_samples(history, 7 * LOOP_S, samples, 4), 4);
    for (int i = 0; i < 4; i++)
        assert_true(samples[i] == 2.0f * (float)i + 0.5f);
    assert_int_equal(history_samples(history, 7 * LOOP_S, samples, 0), 0);
    history_free(history);
}

static void the_last_hour_stays(void **state)
{
    (void)state;
    struct history *history = history_new();
    float samples[100];
    const int64_t day = 24 * 3600;

    for (int64_t s = 0; s < day; s++)
        history_add(history, s * LOOP_S, (double)s);
    size_t count = history_samples(history, (day - 1) * LOOP_S, samples, 100);
    assert_in_range(count, 57, 64);
    for (size_t i = 1; i < count - 1; i++)
        assert_true(samples[i] - samples[i - 1] == 64);
    assert_true(samples[count - 1] > (float)(day - 70));
    assert_true(samples[0] <= (float)(day - 3600));
    history_free(history);
}

static void a_long_silence_empties_it(void **state)
{
    (void)state;
    struct history *history = history_new();
    float samples[64];

    history_add(history, 0, 1);
    history_add(history, 30 * 24 * 3600 * LOOP_S, 2);
    size_t count = history_samples(history, 30 * 24 * 3600 * LOOP_S, samples, 64);
    for (size_t i = 0; i + 1 < count; i++)
        assert_true(isnan(samples[i]));
    assert_true(samples[count - 1] == 2.0f);
    history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_second_has_its_mean),
        cmocka_unit_test(spans_without_values_are_not_numbers),
        cmocka_unit_test(spans_double_when_all_are_full),
        cmocka_unit_test(fewer_samples_are_means_of_more_spans),
        cmocka_unit_test(the_last_hour_stays),
        cmocka_unit_test(a_long_silence_empties_it),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
