// SPDX-License-Identifier: MIT
// A log in SQLite: rows as a whole, spans of any length, devices that change their numbers, one
// writer and any number of readers, files that are moved and rotated.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "store/archive.h"
#include "store/logfile.h"

#define SECOND INT64_C(1000000)
#define HOUR   (3600 * SECOND)

// 2026-11-21 00:00:00 UTC
static const int64_t midnight = INT64_C(1795219200) * SECOND;

struct place {
    char directory[64], path[96];
};

static struct place place;

static int make_place(void **state)
{
    (void)state;
    snprintf(place.directory, sizeof place.directory, "/tmp/test_archive.XXXXXX");
    assert_non_null(mkdtemp(place.directory));
    snprintf(place.path, sizeof place.path, "%s/log.sqlite", place.directory);
    return 0;
}

static int remove_place(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", place.directory);
    return system(command);
}

static struct archive *open_log(void)
{
    char error[ARCHIVE_ERROR_MAX];
    struct archive *archive;

    if (archive_open(place.path, &archive, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    return archive;
}

static int64_t value_of(struct archive *archive, const char *key, const char *name, unsigned id,
                        int64_t time)
{
    struct archive_device device = {.family = FAMILY_XT, .address = 101, .model = "XTM 4000-48"};
    int64_t value = 0;

    snprintf(device.key, sizeof device.key, "%s", key);
    snprintf(device.name, sizeof device.name, "%s", name);
    assert_int_equal(archive_value(archive, &device, id, time, &value), XC_OK);
    assert_true(value > 0);
    return value;
}

static void add(struct archive *archive, int64_t time, int64_t value, double number)
{
    const struct archive_sample sample = {value, number, NULL};

    if (archive_add(archive, time, &sample, 1, false) != XC_OK)
        fail_msg("%s", archive_error(archive));
}

static void spans_of(struct archive *archive, const char *device, int64_t from, int64_t until,
                     struct span *out, size_t columns)
{
    if (archive_spans(archive, device, 3000, from, until, out, columns) != XC_OK)
        fail_msg("%s", archive_error(archive));
}

static void numbers_of_values_stay(void **state)
{
    (void)state;
    struct archive *archive = open_log();
    int64_t one = value_of(archive, "0A000001", "XT1", 3000, midnight);
    int64_t other = value_of(archive, "0A000001", "XT1", 3005, midnight);
    assert_int_not_equal(one, other);
    assert_int_not_equal(one, value_of(archive, "0A000002", "XT2", 3000, midnight));
    archive_close(archive);
    archive = open_log();
    assert_int_equal(value_of(archive, "0A000001", "XT1", 3000, midnight), one);
    archive_close(archive);
    struct stat what;
    assert_int_equal(stat(place.path, &what), 0);
    assert_int_equal(what.st_mode & 0777, 0600);
}

static void a_spike_is_seen_at_every_width(void **state)
{
    static const int64_t lengths[] = {60 * SECOND, HOUR, 24 * HOUR, 7 * 24 * HOUR};
    struct span spans[100];

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    for (int i = 0; i < 8640; i++)
        add(archive, midnight + i * 10 * SECOND, value, i == 4000 ? 99 : 50 + i % 2);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        int64_t from = midnight + 40000 * SECOND - lengths[i] / 2;
        float max = 0, min = INFINITY;
        uint32_t count = 0;
        spans_of(archive, "XT1", from, from + lengths[i], spans, 100);
        for (size_t c = 0; c < 100; c++) {
            if (spans[c].count == 0)
                continue;
            max = fmaxf(max, spans[c].max);
            min = fminf(min, spans[c].min);
            count += spans[c].count;
            assert_true(spans[c].mean >= spans[c].min && spans[c].mean <= spans[c].max);
        }
        assert_float_equal(max, 99, 0);
        assert_float_equal(min, 50, 0);
        assert_int_equal(count, lengths[i] >= 7 * 24 * HOUR ? 8640 : count);
        assert_true(count > 0);
    }
    archive_close(archive);
}

static void spans_are_exact_where_samples_are_read(void **state)
{
    struct span spans[3];

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    static const double numbers[] = {1, 3, 5, -2, 8};
    for (int i = 0; i < 5; i++)
        add(archive, midnight + i * SECOND, value, numbers[i]);
    // The first two columns have two each, the last one what comes before its end.
    spans_of(archive, "XT1", midnight, midnight + 6 * SECOND, spans, 3);
    assert_int_equal(spans[0].count, 2);
    assert_float_equal(spans[0].mean, 2, 1e-6);
    assert_float_equal(spans[1].min, -2, 0);
    assert_float_equal(spans[1].max, 5, 0);
    assert_int_equal(spans[2].count, 1);
    // Nothing of before and after, nothing of other values and devices.
    spans_of(archive, "XT1", midnight - 3 * SECOND, midnight, spans, 3);
    assert_int_equal(spans[0].count + spans[1].count + spans[2].count, 0);
    spans_of(archive, "XT2", midnight, midnight + 6 * SECOND, spans, 3);
    assert_int_equal(spans[0].count, 0);
    archive_close(archive);
}

static void hours_are_means_of_all_that_came(void **state)
{
    struct span spans[2];

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    for (int i = 0; i < 7200; i++)
        add(archive, midnight + i * SECOND, value, i < 3600 ? i : 1000);
    spans_of(archive, "XT1", midnight, midnight + 2 * HOUR, spans, 2);
    assert_int_equal(spans[0].count, 3600);
    assert_float_equal(spans[0].mean, 1799.5, 0.01);
    assert_float_equal(spans[0].max, 3599, 0);
    assert_float_equal(spans[1].mean, 1000, 0.001);
    archive_close(archive);
}

// Neither among the samples nor in the spans that were kept of them.
static void numbers_that_no_float_holds_are_left_out(void **state)
{
    struct span spans[2];

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    add(archive, midnight, value, 1e39);
    add(archive, midnight + SECOND, value, 5);
    add(archive, midnight + HOUR, value, 6);
    spans_of(archive, "XT1", midnight, midnight + 2 * SECOND, spans, 2);
    assert_int_equal(spans[0].count, 0);
    assert_int_equal(spans[1].count, 1);
    spans_of(archive, "XT1", midnight, midnight + 2 * HOUR, spans, 2);
    assert_int_equal(spans[0].count, 0);
    assert_int_equal(spans[1].count, 1);
    assert_float_equal(spans[1].max, 6, 0);
    archive_close(archive);
}

static bool count_one(void *arg, const struct archive_series *series)
{
    char *names = arg;

    snprintf(names + strlen(names), 200 - strlen(names), "%s:%u%s ", series->device, series->id,
             series->again ? " again" : "");
    return true;
}

static void history_follows_the_device_when_numbers_change(void **state)
{
    struct span span;
    char names[200] = "";

    (void)state;
    struct archive *archive = open_log();
    int64_t first = value_of(archive, "0A000001", "XT1", 3000, midnight);
    int64_t second = value_of(archive, "0A000002", "XT2", 3000, midnight);
    add(archive, midnight, first, 1);
    add(archive, midnight, second, 2);
    // XT1 is taken away: what was XT2 is XT1 now.
    assert_int_equal(value_of(archive, "0A000002", "XT1", 3000, midnight + HOUR), second);
    spans_of(archive, "XT1", midnight, midnight + SECOND, &span, 1);
    assert_float_equal(span.mean, 2, 0);
    spans_of(archive, "XT2", midnight, midnight + SECOND, &span, 1);
    assert_int_equal(span.count, 0);
    assert_int_equal(archive_list(archive, count_one, names), XC_OK);
    assert_string_equal(names, "XT1:3000 XT1:3000 again ");
    archive_close(archive);
}

static void history_goes_on_with_the_device_that_replaces_another(void **state)
{
    struct span spans[4];

    (void)state;
    struct archive *archive = open_log();
    int64_t first = value_of(archive, "0A000001", "XT1", 3000, midnight);
    add(archive, midnight, first, 1);
    add(archive, midnight + HOUR, first, 2);
    int64_t second = value_of(archive, "0A000003", "XT1", 3000, midnight + 2 * HOUR);
    add(archive, midnight + 2 * HOUR, second, 3);
    spans_of(archive, "XT1", midnight, midnight + 4 * HOUR, spans, 4);
    assert_float_equal(spans[0].mean, 1, 0);
    assert_float_equal(spans[1].mean, 2, 0);
    assert_float_equal(spans[2].mean, 3, 0);
    assert_int_equal(spans[3].count, 0);
    archive_close(archive);
}

static void another_installations_log_is_put_aside(void **state)
{
    char note[LOGFILE_TEXT_MAX];
    bool begun;

    (void)state;
    struct archive *archive = open_log();
    if (setxattr(place.path, "user.xcomtop.test", "", 0, 0) != 0) {
        archive_close(archive);
        skip(); // this file system doesn't keep whose it is
    }
    assert_int_equal(archive_claim(archive, "a1b2", midnight, note), XC_OK);
    assert_string_equal(note, "");
    add(archive, midnight, value_of(archive, "0A000001", "XT1", 3000, midnight), 1);
    archive_close(archive);
    archive = open_log();
    assert_int_equal(archive_claim(archive, "c3d4", midnight, note), XC_OK);
    assert_non_null(strstr(note, "is another installation's: it is "));
    assert_int_equal(archive_last(archive), 0);
    add(archive, midnight, value_of(archive, "0A000002", "XT1", 3000, midnight), 2);
    // One that is put in its place while it is written isn't written to.
    assert_int_equal(unlink(place.path), 0);
    struct archive *other = NULL;
    char error[ARCHIVE_ERROR_MAX];
    assert_int_equal(archive_open(place.path, &other, error, sizeof error), XC_OK);
    assert_int_equal(archive_claim(other, "a1b2", midnight, note), XC_OK);
    archive_close(other);
    assert_int_equal(archive_follow(archive, &begun), XC_IO);
    assert_non_null(strstr(archive_error(archive), "another installation's"));
    archive_close(archive);
}

static void one_writes_and_others_read(void **state)
{
    char error[ARCHIVE_ERROR_MAX];
    struct archive *other;
    struct span span;
    int64_t begin, end;

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    add(archive, midnight, value, 7);
    assert_int_equal(archive_open(place.path, &other, error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "another program is writing it"));
    assert_int_equal(archive_open_reading(place.path, &other, error, sizeof error), XC_OK);
    spans_of(other, "XT1", midnight, midnight + SECOND, &span, 1);
    assert_float_equal(span.max, 7, 0);
    add(archive, midnight + SECOND, value, 8);
    assert_int_equal(archive_bounds(other, &begin, &end), XC_OK);
    assert_int_equal(begin, midnight);
    assert_int_equal(end, midnight + SECOND);
    archive_close(other);
    // The reader's leaving hasn't let go of the writer's lock.
    assert_int_equal(archive_open(place.path, &other, error, sizeof error), XC_IO);
    archive_close(archive);
    archive = open_log();
    archive_close(archive);
}

static void what_is_no_log_is_left_as_it_is(void **state)
{
    char error[ARCHIVE_ERROR_MAX], other[128];
    struct archive *archive;

    (void)state;
    FILE *file = fopen(place.path, "w");
    fputs("time,XT1:3000\n", file);
    fclose(file);
    assert_int_equal(archive_open(place.path, &archive, error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "this is no log of xcomtop"));
    assert_int_equal(archive_open_reading(place.path, &archive, error, sizeof error), XC_IO);
    snprintf(other, sizeof other, "%s/link", place.directory);
    assert_int_equal(symlink("/etc/passwd", other), 0);
    assert_int_equal(archive_open(other, &archive, error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "symbolic link"));
    snprintf(other, sizeof other, "%s/none", place.directory);
    assert_int_equal(archive_open_reading(other, &archive, error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "No such file"));
}

static bool count_sample(void *arg, int64_t time, int64_t value, double number)
{
    unsigned *counts = arg;

    (void)time;
    (void)value;
    counts[isnan(number)]++;
    return true;
}

static void a_missing_value_is_kept_with_its_reason_only(void **state)
{
    unsigned counts[2] = {0};
    struct span span;

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    const struct archive_sample samples[] = {{value, NAN, "no answer"}};
    assert_int_equal(archive_add(archive, midnight, samples, 1, true), XC_OK);
    const struct archive_sample silent[] = {{value, NAN, NULL}};
    assert_int_equal(archive_add(archive, midnight + SECOND, silent, 1, true), XC_OK);
    assert_int_equal(archive_samples(archive, midnight, midnight + HOUR, count_sample, counts),
                     XC_OK);
    assert_int_equal(counts[0], 0);
    assert_int_equal(counts[1], 1);
    spans_of(archive, "XT1", midnight, midnight + SECOND, &span, 1);
    assert_int_equal(span.count, 0);
    archive_close(archive);
}

static void messages_are_kept_once(void **state)
{
    const struct archive_message message = {.time = 1795219200,
                                            .address = 101,
                                            .device = "XT1",
                                            .number = 16,
                                            .text = "Warning (016): Fan error detected"};

    (void)state;
    struct archive *archive = open_log();
    assert_int_equal(archive_add_message(archive, &message), XC_OK);
    assert_int_equal(archive_add_message(archive, &message), XC_OK);
    assert_int_equal(archive_add_note(archive, midnight, "the clock is an hour ahead"), XC_OK);
    archive_close(archive);
}

static void a_file_that_is_moved_is_begun_anew(void **state)
{
    char moved[128], note[LOGFILE_TEXT_MAX];
    bool begun;

    (void)state;
    struct archive *archive = open_log();
    add(archive, midnight, value_of(archive, "0A000001", "XT1", 3000, midnight), 7);
    assert_int_equal(archive_follow(archive, &begun), XC_OK);
    assert_false(begun);
    snprintf(moved, sizeof moved, "%s/moved", place.directory);
    assert_int_equal(rename(place.path, moved), 0);
    assert_int_equal(archive_follow(archive, &begun), XC_OK);
    assert_true(begun);
    assert_int_equal(archive_last(archive), 0);
    add(archive, midnight, value_of(archive, "0A000001", "XT1", 3000, midnight), 8);
    assert_int_equal(archive_rotate(archive, midnight, 3, note), XC_OK);
    assert_non_null(strstr(note, ": it is "));
    assert_int_equal(archive_last(archive), 0);
    add(archive, midnight, value_of(archive, "0A000001", "XT1", 3000, midnight), 9);
    archive_close(archive);
}

// The name is between what the note says of it.
static void name_of_aside(const char *note, char *out, size_t size)
{
    const char *begin = strstr(note, ": it is ");

    assert_non_null(begin);
    begin += strlen(": it is ");
    snprintf(out, size, "%.*s", (int)(strlen(begin) - strlen(" now")), begin);
}

static struct archive *read_log(const char *path)
{
    char error[ARCHIVE_ERROR_MAX];
    struct archive *archive;

    if (archive_open_reading(path, &archive, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    return archive;
}

static void assert_only(struct archive *archive, double number)
{
    struct span span;

    spans_of(archive, "XT1", midnight, midnight + SECOND, &span, 1);
    assert_int_equal(span.count, 1);
    assert_float_equal(span.max, number, 0);
}

static void a_file_is_whole_by_itself_although_others_read_it(void **state)
{
    char aside[160], moved[128], note[LOGFILE_TEXT_MAX];
    bool begun;

    (void)state;
    struct archive *archive = open_log();
    add(archive, midnight, value_of(archive, "0A000001", "XT1", 3000, midnight), 7);
    struct archive *reader = read_log(place.path);
    assert_only(reader, 7);
    assert_int_equal(archive_rotate(archive, midnight, 0, note), XC_OK);
    name_of_aside(note, aside, sizeof aside);
    add(archive, midnight, value_of(archive, "0A000001", "XT1", 3000, midnight), 8);
    assert_only(archive, 8);
    // Who has read it before still reads it, and nothing of the new one.
    assert_only(reader, 7);
    archive_close(reader);
    reader = read_log(aside);
    assert_only(reader, 7);
    archive_close(reader);

    reader = read_log(place.path);
    assert_only(reader, 8);
    snprintf(moved, sizeof moved, "%s/moved", place.directory);
    assert_int_equal(rename(place.path, moved), 0);
    assert_int_equal(archive_follow(archive, &begun), XC_OK);
    assert_true(begun);
    add(archive, midnight, value_of(archive, "0A000001", "XT1", 3000, midnight), 9);
    assert_only(reader, 8);
    archive_close(reader);
    reader = read_log(moved);
    assert_only(reader, 8);
    archive_close(reader);
    assert_only(archive, 9);
    archive_close(archive);
}

static bool rotate_meanwhile(void *arg, int64_t time, int64_t value, double number)
{
    char note[LOGFILE_TEXT_MAX];

    (void)time;
    (void)number;
    assert_int_equal(archive_rotate(arg, midnight, 0, note), XC_IO);
    assert_non_null(strstr(note, "another program keeps it locked"));
    add(arg, midnight + SECOND, value, 8);
    return false;
}

static void a_file_that_is_being_read_is_put_aside_later(void **state)
{
    char aside[160], note[LOGFILE_TEXT_MAX];
    struct span span;

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    // More than fits before what the reader has begun with.
    add(archive, midnight, value, 7);
    struct archive *reader = read_log(place.path);
    assert_int_equal(archive_samples(reader, midnight, midnight + HOUR, rotate_meanwhile, archive),
                     XC_OK);
    assert_int_equal(archive_rotate(archive, midnight, 0, note), XC_OK);
    archive_close(reader);
    name_of_aside(note, aside, sizeof aside);
    reader = read_log(aside);
    spans_of(reader, "XT1", midnight, midnight + 2 * SECOND, &span, 1);
    assert_int_equal(span.count, 2);
    archive_close(reader);
    archive_close(archive);
}

static void the_ends_of_long_spans_are_exact(void **state)
{
    struct span spans[2];
    uint32_t count = 0;

    (void)state;
    struct archive *archive = open_log();
    int64_t value = value_of(archive, "0A000001", "XT1", 3000, midnight);
    for (int i = 0; i < 6 * 360; i++)
        add(archive, midnight + i * 10 * SECOND, value, i);
    // From 00:47:10 until 04:13:20: neither of an hour nor of five minutes.
    int64_t from = midnight + 2830 * SECOND, until = midnight + 15200 * SECOND;
    spans_of(archive, "XT1", from, until, spans, 2);
    for (size_t i = 0; i < 2; i++)
        count += spans[i].count;
    assert_int_equal(count, 1237);
    assert_float_equal(spans[0].min, 283, 0);
    assert_float_equal(spans[1].max, 1519, 0);
    // Less than one whole hour in it.
    spans_of(archive, "XT1", midnight + 1800 * SECOND, midnight + 5430 * SECOND, spans, 1);
    assert_int_equal(spans[0].count, 363);
    archive_close(archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_of_values_stay, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_spike_is_seen_at_every_width, make_place, remove_place),
        cmocka_unit_test_setup_teardown(numbers_that_no_float_holds_are_left_out, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(spans_are_exact_where_samples_are_read, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(hours_are_means_of_all_that_came, make_place, remove_place),
        cmocka_unit_test_setup_teardown(history_follows_the_device_when_numbers_change, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(history_goes_on_with_the_device_that_replaces_another,
                                        make_place, remove_place),
        cmocka_unit_test_setup_teardown(another_installations_log_is_put_aside, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(one_writes_and_others_read, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_is_no_log_is_left_as_it_is, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_missing_value_is_kept_with_its_reason_only, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(messages_are_kept_once, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_file_that_is_moved_is_begun_anew, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_file_is_whole_by_itself_although_others_read_it,
                                        make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_file_that_is_being_read_is_put_aside_later, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(the_ends_of_long_spans_are_exact, make_place, remove_place),
    };
    return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
