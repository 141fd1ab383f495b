// SPDX-License-Identifier: MIT
// Alarms on values: what can be written, when they come and go, and what is kept of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plant/watch.h"
#include "plant_rig.h"

static struct alarm_rule rule_of(const char *text)
{
    struct alarm_rule rule;
    char error[ALARM_ERROR_MAX];

    if (alarm_parse(text, &rule, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    return rule;
}

// --- As text -------------------------------------------------------------------------------------

static void rules_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *text;
    } cases[] = {
        {"battery low: BSP:7002 < 40 % hysteresis 5 for 1m",
         "battery low: BSP:7002 < 40 % hysteresis 5 for 1m"},
        {"  x :bsp : 7002<40", "x: BSP:7002 < 40 %"},
        {"genset: XT1:3020 = closed for 2h", "genset: XT1:3020 = Closed for 2h"},
        {"sum: XT.sum:3136 > 12.5 kW for 90s", "sum: XT.sum:3136 > 12.5 kW for 90s"},
        {"other: XT2:3028 != 1", NULL},
        {"cold: BSP:7029 < -5 hysteresis 2", NULL},
        {"waits for it: XT1:3000 < 44 for 1m", "waits for it: XT1:3000 < 44 V for 1m"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct alarm_rule rule = rule_of(cases[i].typed), same;
        char text[ALARM_RULE_MAX], text_again[ALARM_RULE_MAX];
        alarm_text(&rule, text, sizeof text);
        if (cases[i].text)
            assert_string_equal(text, cases[i].text);
        same = rule_of(text);
        assert_string_equal(alarm_text(&same, text_again, sizeof text_again), text);
    }
    struct alarm_rule rule = rule_of("low: BSP:7002 < 40 % hysteresis 5 for 1m");
    assert_int_equal(rule.test, ALARM_BELOW);
    assert_true(rule.limit == 40 && rule.hysteresis == 5);
    assert_int_equal(rule.delay, 60 * LOOP_S);
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *error;
    } cases[] = {
        {"", "expected NAME: DEVICE:ID"},
        {"   ", "expected NAME: DEVICE:ID"},
        {"BSP:7002 < 40", "expected NAME: DEVICE:ID"},
        {"low: BSP 7002 < 40", "expected NAME: DEVICE:ID"},
        {"low: BSP:7002", "expected <, >, = or != and a value"},
        {"low: BSP:7002 ! 40", "expected <, >, = or != and a value"},
        {"low: BSP:7002 <", "expected a number in % behind the sign"},
        {"low: BSP:7002 < many", "expected a number in % behind the sign"},
        {"low: BSP:7002 < 40 V", "expected a number in %"},
        {"low: XY1:7002 < 40", "expected one device"},
        {"low: XT*:3000 < 40", "expected one device"},
        {"low: BSP:9999 < 40", "BSP has no info 9999"},
        {"low: XT1:1138 < 40", "XT has no info 1138"},
        {"low: XT.sum:3000 < 40", "no sum"},
        {"low: BSP:7002 < 40 for ever", "expected a time like 90s"},
        {"low: BSP:7002 < 40 for 31d", "expected a time like 90s"},
        {"low: BSP:7002 < 40 hysteresis x", "expected a number from 0 on"},
        {"low: BSP:7002 < 40 hysteresis -1", "expected a number from 0 on"},
        {"on: XT1:3020 = closed hysteresis 1", "hysteresis goes with < and >"},
        {"on: XT1:3020 = ajar", "expected one of its options"},
        {"a name that is too long for an alarm of this kind: BSP:7002 < 4", "a name of at most 31"},
        {": BSP:7002 < 40", "a name of at most"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct alarm_rule rule;
        char error[ALARM_ERROR_MAX];
        assert_int_equal(alarm_parse(cases[i].typed, &rule, error, sizeof error), XC_SYNTAX);
        if (!strstr(error, cases[i].error))
            fail_msg("'%s': %s", cases[i].typed, error);
    }
}

static void several_are_joined(void **state)
{
    (void)state;
    struct alarm_rule rules[ALARMS_MAX];
    char error[ALARM_ERROR_MAX], many[4000] = "";
    size_t count;

    assert_int_equal(
        alarms_parse("a: BSP:7002 < 40 | b: XT1:3000 < 44", rules, &count, error, sizeof error),
        XC_OK);
    assert_int_equal(count, 2);
    assert_string_equal(rules[1].name, "b");
    assert_int_equal(
        alarms_parse("a: BSP:7002 < 40 | a: XT1:3000 < 44", NULL, &count, error, sizeof error),
        XC_SYNTAX);
    assert_non_null(strstr(error, "two alarms"));
    for (unsigned i = 0; i <= ALARMS_MAX; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "%s%u: BSP:7002 < 40",
                 i ? "|" : "", i);
    assert_int_equal(alarms_parse(many, NULL, &count, error, sizeof error), XC_SYNTAX);
    assert_non_null(strstr(error, "at most 32"));
}

// --- When they come and go -----------------------------------------------------------------------

static void hysteresis_keeps_it_from_flapping(void **state)
{
    (void)state;
    struct alarm_rule below = rule_of("a: BSP:7002 < 40 hysteresis 5"),
                      above = rule_of("a: BSP:7002 > 40 hysteresis 5"),
                      plain = rule_of("a: BSP:7002 < 40"), equal = rule_of("a: XT1:3020 = closed"),
                      unequal = rule_of("a: XT1:3020 != closed");
    const struct {
        const struct alarm_rule *rule;
        double numbers[8];
        const char *edges; // + comes, - goes, . stays
    } cases[] = {
        {&below, {40, 39.9, 41, 44.9, 45, 41, 39, 50}, ".+..-.+-"},
        {&above, {40, 40.1, 39, 35.1, 35, 39, 41, 30}, ".+..-.+-"},
        {&plain, {40, 39.9, 40, 39.9, 39, 39, 41, 30}, ".+-+..-+"},
        {&equal, {0, 1, 1, 0, 0, 1, 2, 2}, ".+.-.+-."},
        {&unequal, {1, 0, 0, 1, 1, 0, 2, 1}, ".+.-.+.-"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct alarm alarm = {0};
        char edges[9] = "";
        for (size_t k = 0; k < 8; k++)
            edges[k] = ".+-"[alarm_look(&alarm, cases[i].rule, true, cases[i].numbers[k],
                                        (int64_t)k * LOOP_S)];
        assert_string_equal(edges, cases[i].edges);
    }
}

// Looks each second for so long; returns the edges that weren't ALARM_SAME.
static unsigned look_for(struct alarm *alarm, const struct alarm_rule *rule, bool good,
                         double number, int64_t *now, unsigned seconds)
{
    unsigned edges = 0;

    for (; seconds > 0; seconds--) {
        *now += LOOP_S;
        edges += alarm_look(alarm, rule, good, number, *now) != ALARM_SAME;
    }
    return edges;
}

static void a_delay_is_waited_for(void **state)
{
    (void)state;
    struct alarm_rule rule = rule_of("a: BSP:7002 < 40 for 1m");
    struct alarm alarm = {0};
    int64_t now = 0;

    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 60), 0);
    assert_true(alarm.waiting);
    assert_int_equal(look_for(&alarm, &rule, true, 41, &now, 1), 0);
    assert_false(alarm.waiting);
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 60), 0);
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 1), 1);
    assert_true(alarm.on);
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 3600), 0);
    assert_int_equal(look_for(&alarm, &rule, true, 40, &now, 1), 1);
    assert_false(alarm.on);
}

static void without_a_value_nothing_comes_and_nothing_goes(void **state)
{
    (void)state;
    struct alarm_rule rule = rule_of("a: BSP:7002 < 40 for 1m"),
                      at_once = rule_of("a: BSP:7002 < 40");
    struct alarm alarm = {0};
    int64_t now = 0;

    assert_int_equal(look_for(&alarm, &at_once, false, 0, &now, 3600), 0);
    assert_int_equal(look_for(&alarm, &at_once, true, NAN, &now, 3600), 0);
    // A minute without values in the middle doesn't count …
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 31), 0);
    assert_int_equal(look_for(&alarm, &rule, false, 39, &now, 60), 0);
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 30), 0);
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 1), 1);
    // … and ends nothing.
    assert_int_equal(look_for(&alarm, &rule, false, 39, &now, 86400), 0);
    assert_true(alarm.on);
    // After more than five minutes it begins anew.
    alarm = (struct alarm){0};
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 59), 0);
    assert_int_equal(look_for(&alarm, &rule, false, 39, &now, 301), 0);
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 60), 0);
    assert_int_equal(look_for(&alarm, &rule, true, 39, &now, 1), 1);
}

// --- In an installation --------------------------------------------------------------------------

static char directory[64], path[96];

static int make_place(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/xcomtop-alarms-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/messages.sqlite", directory);
    return 0;
}

static int remove_place(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static struct rig *rig_at(double soc, const char *alarms)
{
    struct rig *rig = rig_new(1, 0, 0, true, false);
    const struct plant_options options = {.messages = path, .alarms = alarms};

    rig->latency = 10 * LOOP_MS;
    rig_special(rig, 601, 7002, 0, soc);
    rig_start(rig, &options);
    rig_run(rig, 20 * LOOP_S);
    return rig;
}

// "+low -low ", oldest first.
static bool put(void *arg, const struct known_message *message)
{
    char *text = arg;

    assert_string_equal(message->device, "BSP");
    snprintf(text + strlen(text), 200 - strlen(text), "%s%s ",
             message->kind == KNOWN_ALARM ? "+" : "-", message->name);
    return true;
}

static const char *told(struct rig *rig)
{
    static char text[200];

    text[0] = '\0';
    plant_messages_list(rig->plant, &(struct known_filter){0}, put, text);
    return text;
}

static void coming_and_going_are_recorded(void **state)
{
    (void)state;
    struct rig *rig = rig_at(50, "low: BSP:7002 < 40 hysteresis 5 for 10s");

    assert_string_equal(told(rig), "");
    rig_special(rig, 601, 7002, 0, 38.5);
    rig_run(rig, 8 * LOOP_S);
    assert_string_equal(told(rig), "");
    rig_run(rig, 12 * LOOP_S);
    assert_string_equal(told(rig), "+low ");
    const struct known_message *list;
    uint32_t total;
    assert_int_equal(plant_messages(rig->plant, &list, &total), 1);
    assert_string_equal(list[0].text, "low: BSP 7002 State of Charge 38.5 % (< 40 %)");
    assert_int_equal(plant_messages_state(rig->plant).counts.urgent, 1);
    rig_special(rig, 601, 7002, 0, 46);
    rig_run(rig, 12 * LOOP_S);
    assert_string_equal(told(rig), "+low -low ");
    rig_free(rig);
}

static void silence_is_no_alarm(void **state)
{
    (void)state;
    struct rig *rig = rig_at(50, "low: BSP:7002 < 40 | high: BSP:7002 > 60");

    rig->deaf = true;
    rig_run(rig, 3600 * LOOP_S);
    rig->deaf = false;
    rig_run(rig, 60 * LOOP_S);
    // A device's error and no number aren't values either.
    rig_special(rig, 601, 7002, SCOM_READ_PROPERTY_FAILED, 0);
    rig_run(rig, 60 * LOOP_S);
    rig_special(rig, 601, 7002, 0, NAN);
    rig_run(rig, 60 * LOOP_S);
    assert_string_equal(told(rig), "");
    rig_free(rig);
}

static void old_values_are_no_alarm(void **state)
{
    (void)state;
    struct rig *rig = rig_at(38, "low: BSP:7002 < 40 for 30m");

    rig_run(rig, 60 * LOOP_S);
    rig->deaf = true;
    rig_run(rig, 2 * 3600 * LOOP_S);
    assert_string_equal(told(rig), "");
    rig->deaf = false;
    rig_run(rig, 25 * 60 * LOOP_S);
    assert_string_equal(told(rig), "");
    rig_run(rig, 10 * 60 * LOOP_S);
    assert_string_equal(told(rig), "+low ");
    rig_free(rig);
}

static void one_that_is_on_is_on_after_a_restart(void **state)
{
    (void)state;
    static const char alarms[] = "low: BSP:7002 < 40";
    struct rig *rig = rig_at(30, alarms);

    assert_string_equal(told(rig), "+low ");
    rig_free(rig);
    rig = rig_at(30, alarms);
    assert_string_equal(told(rig), "+low ");
    assert_int_equal(watch_on(rig->plant), 1);
    rig_free(rig);
    rig = rig_at(50, alarms);
    assert_string_equal(told(rig), "+low -low ");
    rig_free(rig);
}

static void those_a_person_sets_are_kept(void **state)
{
    (void)state;
    struct rig *rig = rig_at(50, "low: BSP:7002 < 40");
    struct watch_status status;
    char error[ALARM_ERROR_MAX];

    assert_int_equal(watch_set(rig->plant, "mine: BSP:7002 < 60", error, sizeof error), XC_OK);
    assert_int_equal(watch_set(rig->plant, "low: BSP:7002 < 60", error, sizeof error), XC_USAGE);
    assert_non_null(strstr(error, "configuration"));
    assert_int_equal(watch_set(rig->plant, "nonsense", error, sizeof error), XC_SYNTAX);
    rig_run(rig, 10 * LOOP_S);
    assert_string_equal(told(rig), "+mine ");
    rig_free(rig);

    rig = rig_at(50, "low: BSP:7002 < 40");
    assert_true(watch_at(rig->plant, 0, &status) && status.configured);
    assert_true(watch_at(rig->plant, 1, &status) && !status.configured);
    assert_string_equal(status.rule.name, "mine");
    assert_true(status.alarm.on);
    assert_false(watch_at(rig->plant, 2, &status));
    watch_remove(rig->plant, "low"); // it isn't ours
    watch_remove(rig->plant, "mine");
    assert_true(watch_at(rig->plant, 0, &status));
    assert_false(watch_at(rig->plant, 1, &status));
    rig_free(rig);
    rig = rig_at(50, NULL);
    assert_false(watch_at(rig->plant, 0, &status));
    rig_free(rig);
}

// Another program keeps the file locked for longer than it is waited for.
static sqlite3 *lock_file(void)
{
    sqlite3 *other;

    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return other;
}

static void unlock_file(sqlite3 *other)
{
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
}

static void what_cant_be_kept_isnt_lost(void **state)
{
    (void)state;
    static const char alarms[] = "low: BSP:7002 < 40 | lower: BSP:7002 < 30";
    struct rig *rig = rig_at(35, alarms);
    char error[ALARM_ERROR_MAX];

    assert_string_equal(told(rig), "+low ");
    sqlite3 *other = lock_file();
    rig_special(rig, 601, 7002, 0, 25);
    rig_run(rig, 12 * LOOP_S);
    assert_non_null(plant_messages_state(rig->plant).problem);
    assert_string_equal(told(rig), "+lower ");
    // One that came before is told to be over, too.
    rig_special(rig, 601, 7002, 0, 50);
    rig_run(rig, 12 * LOOP_S);
    assert_string_equal(told(rig), "+lower -low -lower ");
    assert_int_equal(watch_set(rig->plant, "mine: BSP:7002 < 60", error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "isn't kept for now"));
    unlock_file(other);
    rig_run(rig, 130 * LOOP_S);
    assert_null(plant_messages_state(rig->plant).problem);
    assert_string_equal(told(rig), "+low +lower -low -lower +mine ");
    rig_free(rig);
    // And all of it is in the file.
    rig = rig_at(50, alarms);
    assert_string_equal(told(rig), "+low +lower -low -lower +mine ");
    assert_int_equal(watch_on(rig->plant), 1);
    rig_free(rig);
}

static void one_that_is_changed_or_removed_is_over(void **state)
{
    (void)state;
    struct rig *rig = rig_at(50, NULL);
    char error[ALARM_ERROR_MAX];

    assert_int_equal(watch_set(rig->plant, "mine: BSP:7002 < 60", error, sizeof error), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_string_equal(told(rig), "+mine ");
    // Otherwise the new one would have come already.
    assert_int_equal(watch_set(rig->plant, "mine: BSP:7002 > 40", error, sizeof error), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_string_equal(told(rig), "+mine -mine +mine ");
    watch_remove(rig->plant, "mine");
    assert_string_equal(told(rig), "+mine -mine +mine -mine ");
    rig_free(rig);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_read_and_written),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(several_are_joined),
        cmocka_unit_test(hysteresis_keeps_it_from_flapping),
        cmocka_unit_test(a_delay_is_waited_for),
        cmocka_unit_test(without_a_value_nothing_comes_and_nothing_goes),
        IN_PLACE(coming_and_going_are_recorded),
        IN_PLACE(silence_is_no_alarm),
        IN_PLACE(old_values_are_no_alarm),
        IN_PLACE(one_that_is_on_is_on_after_a_restart),
        IN_PLACE(those_a_person_sets_are_kept),
        IN_PLACE(what_cant_be_kept_isnt_lost),
        IN_PLACE(one_that_is_changed_or_removed_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
