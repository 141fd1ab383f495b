// SPDX-License-Identifier: MIT
// The messages that are known: each once, in their order, with the gaps in what was read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/known.h"

static const struct known_owner home = {"AA", "home"}, other = {"BB", "other"};

static struct known *open_known(const char *path)
{
    struct known *known;
    char error[512];

    if (known_open(path, &known, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    return known;
}

// With what SQLite may have left beside it.
static void remove_file(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[96];

    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static struct known_message message_of(uint32_t timestamp, uint16_t number)
{
    return (struct known_message){.number = number,
                                  .source = 101,
                                  .told = 101,
                                  .timestamp = timestamp,
                                  .device = "XT1",
                                  .learned = 5};
}

static struct known_row add(struct known *known, const struct known_owner *owner,
                            uint32_t timestamp, const struct known_row *above)
{
    struct known_message message = message_of(timestamp, 16);
    struct known_row row;

    assert_int_equal(known_add(known, owner, &message, above, &row), XC_OK);
    assert_true(row.gap);
    return row;
}

static bool put(void *arg, const struct known_message *message)
{
    char *text = arg;

    snprintf(text + strlen(text), 200 - strlen(text), "%u ", (unsigned)message->timestamp);
    return true;
}

static const char *listed(struct known *known, const struct known_filter *filter)
{
    static char text[200];

    text[0] = '\0';
    assert_int_equal(known_list(known, filter, put, text), XC_OK);
    return text;
}

static void a_message_is_known_once_for_each_installation(void **state)
{
    (void)state;
    struct known *known = open_known(NULL);
    struct known_message message = message_of(100, 16);
    struct known_row row;

    add(known, &home, 100, NULL);
    assert_int_equal(known_find(known, &home, &message, &row), XC_OK);
    assert_true(row.n > 0 && row.gap);
    assert_int_equal(known_find(known, &other, &message, &row), XC_OK);
    assert_int_equal(row.n, 0);
    assert_int_equal(known_add(known, &home, &message, NULL, &row), XC_IO);
    add(known, &other, 100, NULL);
    message.number = 17;
    assert_int_equal(known_find(known, &home, &message, &row), XC_OK);
    assert_int_equal(row.n, 0);
    // Two that came by themselves are two.
    assert_int_equal(known_add_alone(known, &home, &message), XC_OK);
    assert_int_equal(known_add_alone(known, &home, &message), XC_OK);
    assert_string_equal(listed(known, &(struct known_filter){.installation = "AA"}),
                        "100 100 100 ");
    known_close(known);
}

static void gaps_are_where_reading_was_interrupted(void **state)
{
    (void)state;
    struct known *known = open_known(NULL);
    struct known_row gap, top;
    int64_t steps;
    bool complete;

    // 90 and 80 were read, then nothing more; later 120 and 110, and nothing more.
    struct known_row first = add(known, &home, 90, NULL);
    struct known_row second = add(known, &home, 80, &first);
    top = add(known, &home, 120, NULL);
    struct known_row fourth = add(known, &home, 110, &top);
    assert_int_equal(known_next_gap(known, &home, top.place, &gap, &steps), XC_OK);
    assert_int_equal(gap.n, fourth.n);
    assert_int_equal(steps, 1);
    // 100, then 90 is met: the next gap is below 80.
    struct known_row fifth = add(known, &home, 100, &fourth);
    assert_int_equal(known_close_gap(known, &fifth), XC_OK);
    assert_int_equal(known_next_gap(known, &home, top.place, &gap, &steps), XC_OK);
    assert_int_equal(gap.n, second.n);
    assert_int_equal(steps, 4);
    assert_string_equal(listed(known, &(struct known_filter){.installation = "AA"}),
                        "80 90 100 110 120 ");
    assert_int_equal(known_complete(known, &home, &complete), XC_OK);
    assert_false(complete);
    assert_int_equal(known_close_gap(known, &second), XC_OK);
    assert_int_equal(known_complete(known, &home, &complete), XC_OK);
    assert_true(complete);
    assert_int_equal(known_next_gap(known, &home, top.place, &gap, &steps), XC_OK);
    assert_int_equal(gap.n, 0);
    known_close(known);
}

static void filters_take_what_fits(void **state)
{
    (void)state;
    struct known *known = open_known(NULL);
    struct known_message list[] = {message_of(10, 1), message_of(20, 2), message_of(30, 3),
                                   message_of(40, 4)};

    list[1].severity = SEVERITY_WARNING;
    list[2].severity = SEVERITY_HALT;
    snprintf(list[2].device, sizeof list[2].device, "XT12");
    snprintf(list[3].device, sizeof list[3].device, "BSP");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(known_add_alone(known, i == 3 ? &other : &home, &list[i]), XC_OK);
    const struct {
        struct known_filter filter;
        const char *text;
    } cases[] = {
        {{0}, "10 20 30 40 "},
        {{.last = 2}, "30 40 "},
        {{.last = 2, .newest_first = true}, "40 30 "},
        {{.since = 20}, "20 30 40 "},
        {{.device = "xt1"}, "10 20 "},
        {{.device = "xt"}, "10 20 30 "},
        {{.device = "BSP"}, "40 "},
        {{.least = SEVERITY_WARNING}, "20 30 "},
        {{.least = SEVERITY_ERROR}, "30 "},
        {{.installation = "BB"}, "40 "},
        {{.site = "home", .last = 1}, "30 "},
        {{.after = list[1].n}, "30 40 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(listed(known, &cases[i].filter), cases[i].text);
    known_close(known);
}

static void what_was_seen_is_no_news(void **state)
{
    (void)state;
    struct known *known = open_known(NULL);
    struct known_message list[] = {message_of(10, 1), message_of(20, 2), message_of(30, 3)};
    struct known_counts counts;

    list[0].severity = list[2].severity = SEVERITY_WARNING;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(known_add_alone(known, &home, &list[i]), XC_OK);
    assert_int_equal(known_count(known, &home, &counts), XC_OK);
    assert_int_equal(counts.all, 3);
    assert_int_equal(counts.unseen, 3);
    assert_int_equal(counts.urgent, 2);
    assert_int_equal(known_see(known, &home, list[1].n), XC_OK);
    assert_int_equal(known_count(known, &home, &counts), XC_OK);
    assert_int_equal(counts.unseen, 1);
    assert_int_equal(counts.urgent, 1);
    known_close(known);
}

static bool put_device(void *arg, const struct known_message *message)
{
    char *text = arg;

    snprintf(text + strlen(text), 200 - strlen(text), "%s/%u/%u ", message->device,
             (unsigned)message->source, (unsigned)message->told);
    return true;
}

static void devices_that_change_places_take_their_messages_along(void **state)
{
    (void)state;
    struct known *known = open_known(NULL);
    struct known_message first = message_of(10, 1), second = message_of(20, 1);
    const uint32_t from[] = {101, 102}, to[] = {102, 101};
    char text[200] = "";

    second.source = second.told = 102;
    snprintf(second.device, sizeof second.device, "XT2");
    known_add_alone(known, &home, &first);
    known_add_alone(known, &home, &second);
    known_add_alone(known, &other, &first);
    assert_int_equal(known_renumber(known, &home, FAMILY_XT, from, to, 2), XC_OK);
    known_list(known, &(struct known_filter){.installation = "AA"}, put_device, text);
    known_list(known, &(struct known_filter){.installation = "BB"}, put_device, text);
    assert_string_equal(text, "XT2/102/101 XT1/101/102 XT1/101/101 ");
    known_close(known);
}

static void put_rule(void *arg, const char *rule)
{
    char *text = arg;

    snprintf(text + strlen(text), 200 - strlen(text), "%s;", rule);
}

static void alarms_are_kept(void **state)
{
    (void)state;
    struct known *known = open_known(NULL);
    struct known_message came = {.kind = KNOWN_ALARM, .name = "low"},
                         went = {.kind = KNOWN_ALARM_OVER, .name = "low"};
    char text[200] = "";
    bool any, on;

    assert_int_equal(known_alarm_is_on(known, &home, "low", &any, &on), XC_OK);
    assert_false(any || on);
    known_add_alone(known, &home, &came);
    known_alarm_is_on(known, &home, "low", &any, &on);
    assert_true(any && on);
    known_alarm_is_on(known, &other, "low", &any, &on);
    assert_false(any || on);
    known_add_alone(known, &home, &went);
    known_alarm_is_on(known, &home, "low", &any, &on);
    assert_true(any && !on);

    known_keep_rule(known, &home, "b", "b: BSP:7002 < 1");
    known_keep_rule(known, &home, "a", "a: BSP:7002 < 2");
    known_keep_rule(known, &other, "c", "c: BSP:7002 < 3");
    known_keep_rule(known, &home, "b", "b: BSP:7002 < 4");
    assert_int_equal(known_rules(known, &home, put_rule, text), XC_OK);
    assert_string_equal(text, "a: BSP:7002 < 2;b: BSP:7002 < 4;");
    text[0] = '\0';
    known_keep_rule(known, &home, "a", NULL);
    known_rules(known, &home, put_rule, text);
    assert_string_equal(text, "b: BSP:7002 < 4;");
    known_close(known);
}

static void two_programs_on_a_bus_take_a_message_once(void **state)
{
    (void)state;
    char directory[] = "/tmp/xcomtop-known-XXXXXX", path[64];
    struct known_message message = message_of(100, 16), later;

    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/messages.sqlite", directory);
    struct known *one = open_known(path), *two = open_known(path);
    for (unsigned i = 0; i < 2; i++) { // it has come twice
        later = message;
        assert_int_equal(known_add_alone(one, &home, &message), XC_OK);
        assert_true(message.n > 0);
        later.timestamp = 101;
        assert_int_equal(known_add_alone(two, &home, &later), XC_OK);
        assert_int_equal(later.n, 0);
    }
    later.timestamp = 103;
    assert_int_equal(known_add_alone(two, &home, &later), XC_OK);
    assert_true(later.n > 0);
    assert_string_equal(listed(one, &(struct known_filter){.installation = "AA"}), "100 100 103 ");
    known_close(one);
    known_close(two);
    remove_file(path);
    assert_int_equal(rmdir(directory), 0);
}

static void the_file_is_private_and_bounded(void **state)
{
    (void)state;
    char directory[] = "/tmp/xcomtop-known-XXXXXX", path[64];
    struct known_message message = message_of(1, 1);
    struct known_counts counts;
    struct stat what;

    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/messages.sqlite", directory);
    struct known *known = open_known(path);
    assert_int_equal(stat(path, &what), 0);
    assert_int_equal(what.st_mode & 0777, 0600);
    for (unsigned i = 0; i < 21000; i++) {
        message.timestamp = i;
        assert_int_equal(known_add_alone(known, &home, &message), XC_OK);
    }
    known_close(known);
    known = open_known(path);
    known_count(known, &home, &counts);
    assert_int_equal(counts.all, 20000);
    // The newest ones.
    assert_string_equal(listed(known, &(struct known_filter){.last = 1}), "20999 ");
    known_close(known);
    remove_file(path);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_known_once_for_each_installation),
        cmocka_unit_test(gaps_are_where_reading_was_interrupted),
        cmocka_unit_test(filters_take_what_fits),
        cmocka_unit_test(what_was_seen_is_no_news),
        cmocka_unit_test(devices_that_change_places_take_their_messages_along),
        cmocka_unit_test(alarms_are_kept),
        cmocka_unit_test(two_programs_on_a_bus_take_a_message_once),
        cmocka_unit_test(the_file_is_private_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
