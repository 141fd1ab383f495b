// SPDX-License-Identifier: MIT
// ui/axis: round numbers, and round times of a clock that is put forward and back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/axis.h"

#define SECOND ((int64_t)1000000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static int64_t local(int year, int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_isdst = -1};
    return (int64_t)mktime(&tm) * SECOND;
}

// "14:00 14:30 …".
static const char *labels(int64_t from, int64_t until, size_t most)
{
    static char text[512];
    struct time_tick ticks[32];
    size_t count = axis_times(from, until, most, ticks);
    int64_t before = INT64_MIN;

    text[0] = '\0';
    assert_true(count <= most);
    for (size_t i = 0; i < count; i++) {
        assert_true(ticks[i].at >= from && ticks[i].at <= until && ticks[i].at > before);
        before = ticks[i].at;
        strcat(text, i ? " " : "");
        strcat(text, ticks[i].label);
    }
    return text;
}

static void steps_are_round(void **state)
{
    (void)state;
    static const struct {
        double low, high;
        int most;
        double axis_low, axis_high, step;
        int decimals;
    } cases[] = {
        {0, 2.64, 4, 0, 3, 1, 0},         {0.3, 2.64, 8, 0, 3, .5, 1},
        {-1.2, 3.9, 3, -2, 4, 2, 0},      {52.1, 53.9, 4, 52, 54, .5, 1},
        {0, 100, 5, 0, 100, 20, 0},       {-0.013, 0.021, 4, -.02, .04, .02, 2},
        {0, 12345, 4, 0, 15000, 5000, 0}, {-90, -80, 2, -90, -80, 5, 0},
        {-90, -3, 3, -100, 0, 50, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct axis axis = axis_numbers(cases[i].low, cases[i].high, cases[i].most, false);
        if (fabs(axis.low - cases[i].axis_low) > 1e-9 ||
            fabs(axis.high - cases[i].axis_high) > 1e-9 || fabs(axis.step - cases[i].step) > 1e-9 ||
            axis.decimals != cases[i].decimals)
            fail_msg("%g..%g: %g..%g by %g, %d decimals", cases[i].low, cases[i].high, axis.low,
                     axis.high, axis.step, axis.decimals);
    }
}

static void an_axis_has_its_values_on_it(void **state)
{
    (void)state;

    srand(1);
    for (int i = 0; i < 20000; i++) {
        double scale = pow(10, rand() % 13 - 5);
        double a = ((double)rand() / RAND_MAX - .5) * scale,
               b = a + (double)rand() / RAND_MAX * scale;
        int most = 1 + rand() % 12;
        struct axis axis = axis_numbers(a, b, most, false);
        double steps = (axis.high - axis.low) / axis.step;
        assert_true(axis.low <= a + axis.step * 1e-6 && axis.high >= b - axis.step * 1e-6);
        assert_true(fabs(steps - round(steps)) < 1e-6);
        assert_in_range((int)round(steps), 1, most > 1 ? most : 2);
        assert_in_range(axis.decimals, 0, 12);
    }
}

static void what_stands_still_has_an_axis(void **state)
{
    (void)state;
    const double values[] = {0, 1, -1, 53.2, 1e9, -1e-9};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct axis axis = axis_numbers(values[i], values[i], 4, false);
        assert_true(axis.low < axis.high && axis.step > 0);
        assert_true(axis.low <= values[i] && values[i] <= axis.high);
    }
}

// "0 5 10".
static const char *number_labels(double low, double high, int most_steps, bool whole)
{
    static char text[512];
    char label[AXIS_LABEL_MAX], before[AXIS_LABEL_MAX] = "";
    struct axis axis = axis_numbers(low, high, most_steps, whole);
    int count = (int)lround((axis.high - axis.low) / axis.step);

    text[0] = '\0';
    assert_in_range(count, 1, most_steps > 1 ? most_steps : 2);
    for (int i = 0; i <= count; i++) {
        axis_label(&axis, axis.low + i * axis.step, label);
        if (strlen(label) > AXIS_LABEL_WIDTH || strcmp(label, before) == 0)
            fail_msg("%g..%g: %s after %s", low, high, label, before);
        strcat(text, i ? " " : "");
        strcat(text, label);
        strcpy(before, label);
    }
    return text;
}

static void labels_tell_ticks_apart(void **state)
{
    (void)state;
    static const struct {
        double low, high;
        int most;
        const char *labels;
    } cases[] = {
        {123456, 123475, 4, "123455 123460 123465 123470 123475"},
        {99000, 103000, 4, "99000 100000 101000 102000 103000"},
        {-123456, 0, 4, "-150000 -100000 -50000 0"},
        {0, 2.5e6, 5, "0 0.5M 1.0M 1.5M 2.0M 2.5M"},
        {1234560, 1234590, 7, "1234450 1234500 1234550 1234600 1234650 1234700"},
        {-12345678, -12345900, 4, "-12347k -12346k -12345k"},
        {1e9, 1.005e9, 4, "1.000G 1.002G 1.004G 1.006G"},
        {0, 1e20, 4, "0 5.0e19 1.0e20"},
        {0, 1e-7, 4, "-5.0e-7 0 5.0e-7 1.0e-6"},
        {-0.013, 0.021, 4, "-0.02 0.00 0.02 0.04"},
        {230.1, 230.4, 4, "230.1 230.2 230.3 230.4"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(number_labels(cases[i].low, cases[i].high, cases[i].most, false),
                            cases[i].labels);
    srand(2);
    for (int i = 0; i < 20000; i++) {
        double scale = pow(10, rand() % 45 - 7), share = pow(10, rand() % 7 - 6);
        double low = ((double)rand() / RAND_MAX - .5) * scale;
        number_labels(low, low + share * (double)rand() / RAND_MAX * scale, 2 + rand() % 12, false);
    }
}

// Half an option isn't one.
static void options_have_whole_ticks(void **state)
{
    (void)state;
    assert_string_equal(number_labels(0, 1, 8, true), "0 1");
    assert_string_equal(number_labels(4, 4, 8, true), "3 4 5");
    assert_string_equal(number_labels(0, 0, 8, true), "0 1");
    assert_string_equal(number_labels(1, 4, 8, true), "0 1 2 3 4");
    assert_string_equal(number_labels(0, 21, 4, true), "0 10 20 30");
}

// What a log holds may be anything: an axis comes of it, and soon.
static void numbers_beyond_measure_have_an_axis(void **state)
{
    (void)state;
    static const double wrong[] = {NAN, INFINITY, -INFINITY, 1e39, -1e308};
    static const double extreme[] = {0, 3e38, -3e38, 3.4028234e38, 1e-40, -1e-45, 1e-300, 7, -7};
    enum { WRONG = sizeof wrong / sizeof *wrong, EXTREME = sizeof extreme / sizeof *extreme };

    for (size_t i = 0; i < WRONG; i++)
        for (int most = -1; most < 9; most++) {
            assert_int_equal(strncmp(number_labels(wrong[i], 5, most, most % 2), "0", 1), 0);
            assert_int_equal(strncmp(number_labels(5, wrong[i], most, most % 2), "0", 1), 0);
            assert_int_equal(strncmp(number_labels(wrong[i], wrong[i], most, false), "0", 1), 0);
        }
    for (size_t a = 0; a < EXTREME; a++)
        for (size_t b = 0; b < EXTREME; b++)
            for (int most = -1; most < 9; most++) {
                // The lower one needn't come first.
                double low = fmin(extreme[a], extreme[b]), high = fmax(extreme[a], extreme[b]);
                struct axis axis = axis_numbers(extreme[a], extreme[b], most, false);
                assert_true(axis.low < axis.high && isfinite(axis.high - axis.low));
                assert_true(axis.low <= low + axis.step * 1e-6);
                assert_true(axis.high >= high - axis.step * 1e-6);
                number_labels(extreme[a], extreme[b], most, a % 2);
            }
}

static void times_are_round(void **state)
{
    (void)state;
    set_zone("UTC");
    int64_t at = local(2026, 11, 21, 14, 3);

    assert_string_equal(labels(at - HOUR, at, 6), "13:10 13:20 13:30 13:40 13:50 14:00");
    assert_string_equal(labels(at, at + 40 * SECOND, 5),
                        "14:03:00 14:03:10 14:03:20 14:03:30 14:03:40");
    assert_string_equal(labels(at - 12 * HOUR, at, 7), "04:00 06:00 08:00 10:00 12:00 14:00");
    // Where a day begins its date stands; where a year does, that.
    assert_string_equal(labels(at - DAY, at, 5), "18:00 11-21 06:00 12:00");
    assert_string_equal(labels(at - 7 * DAY, at, 8), "11-15 11-16 11-17 11-18 11-19 11-20 11-21");
    // Weeks begin on Mondays.
    assert_string_equal(labels(at - 31 * DAY, at, 6), "10-26 11-02 11-09 11-16");
    assert_string_equal(labels(at - 366 * DAY, at, 8),
                        "2026 2026-03 2026-05 2026-07 2026-09 2026-11");
    assert_string_equal(labels(local(2025, 12, 20, 0, 0), local(2026, 1, 10, 0, 0), 4),
                        "12-22 12-29 01-05");
    assert_string_equal(labels(local(2025, 12, 30, 0, 0), local(2026, 1, 2, 0, 0), 4),
                        "12-30 12-31 2026 01-02");
    assert_string_equal(labels(at, at, 5), "");
    assert_string_equal(labels(at - HOUR, at, 0), "");
}

static void there_is_no_hour_that_the_clock_skips(void **state)
{
    (void)state;
    set_zone("Europe/Zurich");
    // 2026-03-29: 02:00 is 03:00.
    int64_t at = local(2026, 3, 29, 0, 30);

    assert_string_equal(labels(at, at + 4 * HOUR, 6), "01:00 03:00 04:00 05:00");
    assert_string_equal(labels(at, at + 10 * HOUR, 6), "04:00 06:00 08:00 10:00");
    assert_string_equal(labels(at, at + 2 * HOUR, 8), "00:30 01:00 01:30 03:00 03:30");
    assert_string_equal(labels(at, at + 3 * DAY, 4), "03-30 03-31 04-01");
}

static void an_hour_that_comes_twice_goes_on(void **state)
{
    (void)state;
    set_zone("Europe/Zurich");
    // 2026-10-25: 03:00 is 02:00.
    int64_t at = local(2026, 10, 25, 1, 15);

    assert_string_equal(labels(at, at + 2 * HOUR, 5), "01:30 02:00 02:30 02:00");
    // Noon is noon before and after.
    assert_string_equal(labels(local(2026, 10, 24, 0, 0), local(2026, 10, 26, 23, 0), 6),
                        "10-24 12:00 10-25 12:00 10-26 12:00");
}

static void offsets_need_not_be_hours(void **state)
{
    (void)state;
    set_zone("Asia/Kathmandu"); // +05:45
    int64_t at = local(2026, 11, 21, 14, 3);

    assert_string_equal(labels(at - HOUR, at, 6), "13:10 13:20 13:30 13:40 13:50 14:00");
    assert_string_equal(labels(at - 4 * HOUR, at, 4), "11:00 12:00 13:00 14:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_round),
        cmocka_unit_test(an_axis_has_its_values_on_it),
        cmocka_unit_test(what_stands_still_has_an_axis),
        cmocka_unit_test(labels_tell_ticks_apart),
        cmocka_unit_test(options_have_whole_ticks),
        cmocka_unit_test(numbers_beyond_measure_have_an_axis),
        cmocka_unit_test(times_are_round),
        cmocka_unit_test(there_is_no_hour_that_the_clock_skips),
        cmocka_unit_test(an_hour_that_comes_twice_goes_on),
        cmocka_unit_test(offsets_need_not_be_hours),
    };
    return cmocka_run_group_tests_name("axis", tests, NULL, NULL);
}
