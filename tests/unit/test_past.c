// SPDX-License-Identifier: MIT
// plant/past: what is remembered and what a log has, as one; logs that come, go and are exchanged.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plant_rig.h"
#include "store/archive.h"

static char directory[64], path[96];

static const struct plant_ref volt = {.family = FAMILY_XT, .index = 1, .id = 3000};

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/xcomtop-past-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/log.sqlite", directory);
    return 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

// A row a minute from hours before a time until then.
static void write_log(const char *name, int64_t until, int hours, double number)
{
    struct archive_device device = {
        .key = "0A000001", .family = FAMILY_XT, .address = 101, .model = "XTM 4000-48"};
    struct archive *archive;
    char error[ARCHIVE_ERROR_MAX];
    int64_t value;

    snprintf(device.name, sizeof device.name, "%s", name);
    if (archive_open(path, &archive, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    int64_t at = until - hours * 3600 * LOOP_S;
    assert_int_equal(archive_value(archive, &device, 3000, at, &value), XC_OK);
    for (; at < until; at += 60 * LOOP_S) {
        const struct archive_sample sample = {value, number, NULL};
        assert_int_equal(archive_add(archive, at, &sample, 1, false), XC_OK);
    }
    archive_close(archive);
}

static struct rig *start_with(const char *history)
{
    const struct plant_options options = {.no_discovery = true, .history = history};
    const uint16_t ids[] = {3000, 0};
    struct rig *rig = rig_new(1, 0, 0, false, false);

    rig_start(rig, &options);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    return rig;
}

static struct rig *start(void)
{
    return start_with(path);
}

static void older_times_come_from_the_log(void **state)
{
    (void)state;
    struct span spans[60];
    struct rig *rig = start();
    int64_t begin = loop_wall(rig->loop);

    write_log("XT1", begin, 10, 48);
    rig_run(rig, 600 * LOOP_S);
    int64_t wall = loop_wall(rig->loop);
    plant_spans(rig->plant, &volt, wall - 3600 * LOOP_S, wall, spans, 60);
    for (int c = 0; c < 60; c++) {
        bool remembered = c >= 51;
        assert_true(spans[c].count > 0);
        if (c < 50)
            assert_true(spans[c].mean == 48);
        else if (remembered)
            assert_true((double)spans[c].mean == rig_value(101, 3000));
    }
    assert_int_equal(plant_spans_begin(rig->plant, &volt), begin - 10 * 3600 * LOOP_S);
    // Nothing is known of another value, nor of the time before.
    const struct plant_ref other = {.family = FAMILY_XT, .index = 2, .id = 3000};
    plant_spans(rig->plant, &other, wall - 3600 * LOOP_S, wall, spans, 60);
    for (int c = 0; c < 60; c++)
        assert_int_equal(spans[c].count, 0);
    plant_spans(rig->plant, &volt, begin - 12 * 3600 * LOOP_S, begin - 11 * 3600 * LOOP_S, spans,
                60);
    for (int c = 0; c < 60; c++)
        assert_int_equal(spans[c].count, 0);
    rig_free(rig);
}

// A day of which only the last minutes were seen is told by the log, not by those.
static void what_has_more_of_a_time_tells_it(void **state)
{
    (void)state;
    struct span span;
    struct rig *rig = start();

    write_log("XT1", loop_wall(rig->loop), 20, 48);
    rig_run(rig, 300 * LOOP_S);
    int64_t wall = loop_wall(rig->loop);
    plant_spans(rig->plant, &volt, wall - 24 * 3600 * LOOP_S, wall, &span, 1);
    assert_true(span.count == 20 * 60 && span.max == 48);
    rig_free(rig);
}

static void a_log_may_come_later_and_be_exchanged(void **state)
{
    (void)state;
    struct span span;
    struct rig *rig = start();
    int64_t begin = loop_wall(rig->loop);

    plant_spans(rig->plant, &volt, begin - 3600 * LOOP_S, begin, &span, 1);
    assert_int_equal(span.count, 0);
    assert_int_equal(plant_spans_begin(rig->plant, &volt), 0);
    write_log("XT1", begin, 2, 48);
    rig_run(rig, 31 * LOOP_S);
    plant_spans(rig->plant, &volt, begin - 3600 * LOOP_S, begin, &span, 1);
    assert_true(span.count == 60 && span.mean == 48);
    // Another file takes its place.
    assert_int_equal(unlink(path), 0);
    write_log("XT1", begin, 2, 52);
    rig_run(rig, 31 * LOOP_S);
    plant_spans(rig->plant, &volt, begin - 3600 * LOOP_S, begin, &span, 1);
    assert_true(span.count == 60 && span.mean == 52);
    // It is gone.
    assert_int_equal(unlink(path), 0);
    rig_run(rig, 31 * LOOP_S);
    plant_spans(rig->plant, &volt, begin - 3600 * LOOP_S, begin, &span, 1);
    assert_int_equal(span.count, 0);
    rig_free(rig);
}

// One that is begun while the program runs: read, unless another one was named.
static void the_present_log_is_read(void **state)
{
    (void)state;
    struct span span;
    struct rig *rig = start_with(NULL);
    int64_t begin = loop_wall(rig->loop);

    write_log("XT1", begin, 2, 48);
    plant_spans(rig->plant, &volt, begin - 3600 * LOOP_S, begin, &span, 1);
    assert_int_equal(span.count, 0);
    plant_read_log(rig->plant, path);
    plant_spans(rig->plant, &volt, begin - 3600 * LOOP_S, begin, &span, 1);
    assert_int_equal(span.count, 60);
    rig_free(rig);
    rig = start_with("/nonexistent/log.sqlite");
    plant_read_log(rig->plant, path);
    plant_spans(rig->plant, &volt, begin - 3600 * LOOP_S, begin, &span, 1);
    assert_int_equal(span.count, 0);
    rig_free(rig);
}

static void what_is_no_log_does_no_harm(void **state)
{
    (void)state;
    struct span span;
    struct rig *rig = start();
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs("SQLite format 3 or not", file);
    fclose(file);
    rig_run(rig, 60 * LOOP_S);
    int64_t wall = loop_wall(rig->loop);
    plant_spans(rig->plant, &volt, wall - 3600 * LOOP_S, wall, &span, 1);
    assert_true(span.count > 0 && (double)span.max == rig_value(101, 3000));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(older_times_come_from_the_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_has_more_of_a_time_tells_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_log_may_come_later_and_be_exchanged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_present_log_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_log_does_no_harm, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
