// SPDX-License-Identifier: MIT
// What a configuration keeps, as text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cmd/keeplist.h"
#include "cmd/options.h"

static struct keep_item list[KEEP_ITEMS_MAX];
static size_t count;
static char error[KEEP_ERROR_MAX];

static void take(const char *text, size_t expected)
{
    error[0] = '\0';
    if (keep_list_parse(text, list, &count, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
    assert_int_equal(count, expected);
}

static void refuse(const char *text, const char *says)
{
    error[0] = '\0';
    assert_int_equal(keep_list_parse(text, list, &count, error, sizeof error), XC_SYNTAX);
    if (!strstr(error, says))
        fail_msg("%s: %s", text, error);
    // As an option, or in the configuration file.
    assert_int_equal(keep_list_check(text, error, sizeof error), XC_USAGE);
}

static void one_or_several(void **state)
{
    (void)state;
    take("XT1 1138 45 10m", 1);
    assert_int_equal(list[0].target.kind, TARGET_DEVICE);
    assert_int_equal(list[0].target.family, FAMILY_XT);
    assert_int_equal(list[0].target.index, 1);
    assert_int_equal(datapoint_id(list[0].datapoint), 1138);
    assert_true(list[0].number == 45);
    assert_true(list[0].period == 600 * 1000000LL);

    take("XT1 1138 45 10m | VT 10002 40.5|\tL2  1139 -4\t30s ", 3);
    assert_int_equal(list[1].target.kind, TARGET_MULTICAST);
    assert_int_equal(list[1].target.family, FAMILY_VT);
    assert_true(list[1].number == 40.5);
    assert_true(list[1].period == 0);
    assert_int_equal(list[2].target.kind, TARGET_PHASE);
    assert_true(list[2].number == -4);
    assert_true(list[2].period == 30 * 1000000LL);
    assert_int_equal(keep_list_check("XT1 1138 45 10m | VT 10002 40.5", error, sizeof error),
                     XC_OK);
}

static void values_of_each_kind(void **state)
{
    (void)state;
    take("XT1 1155 no | XT1 1205 MO,TU,SU | XT1 1206 13:41 | VT1 10075 2 | XCOM 5000 2", 5);
    assert_true(list[0].number == 0);
    assert_true(list[1].number == 0x43);
    assert_true(list[2].number == 821);
    assert_true(list[3].number == 2);
    assert_int_equal(list[4].target.family, FAMILY_RCC);
}

static void nothing_is_kept_twice(void **state)
{
    (void)state;
    refuse("XT1 1138 45 | xt1 1138 40 10m", "1138 is to be kept twice for XT1");
    refuse("XT 1138 45 | XT1 1138 40 | XT 1138 45", "1138 is to be kept twice for XT");
    take("XT1 1138 45 | XT2 1138 40 | L1 1138 40 | XT1 1139 -4", 4);
}

static void words_that_are_missing_or_too_many(void **state)
{
    (void)state;
    refuse("", "expected DEVICE ID VALUE [TIME]");
    refuse(" ", "expected DEVICE ID VALUE [TIME]");
    refuse("|", "expected DEVICE ID VALUE [TIME]");
    refuse("XT1", "expected DEVICE ID VALUE [TIME]");
    refuse("XT1 1138", "expected DEVICE ID VALUE [TIME]");
    refuse("XT1 1138 45 10m more", "expected DEVICE ID VALUE [TIME]");
    refuse("XT1 1138 45 |", "expected DEVICE ID VALUE [TIME]");
    refuse("XT1 1138 45 || XT2 1138 45", "expected DEVICE ID VALUE [TIME]");
    refuse("| XT1 1138 45", "expected DEVICE ID VALUE [TIME]");
}

static void devices_and_numbers_that_are_none(void **state)
{
    (void)state;
    refuse("XT10 1138 45", "'XT10' isn't a device");
    refuse("XT* 1138 45", "'XT*' isn't a device");
    refuse("XT.sum 1138 45", "'XT.sum' isn't a device");
    refuse("0 1138 45", "'0' isn't a device");
    refuse("XT1 0 45", "no parameter '0'");
    refuse("XT1 65536 45", "no parameter '65536'");
    refuse("XT1 -1138 45", "no parameter '-1138'");
    refuse("XT1 charge 45", "no parameter 'charge'");
    refuse("XT1 9999 45", "no parameter '9999'");
    refuse("VT1 1138 45", "VT has no parameter '1138'");
    refuse("XT1 3000 45", "no parameter '3000' that can be kept");   // an info
    refuse("XT1 1100 45", "no parameter '1100' that can be kept");   // a menu
    refuse("XT1 1467 send", "no parameter '1467' that can be kept"); // a signal
    refuse("XCOM 5002 now", "no parameter '5002' that can be kept"); // the clock
    refuse("XCOM 5119 101", "no parameter '5119' that can be kept"); // blinks
    refuse("XCOM 5012 1", "no parameter '5012' that can be kept");   // a level
}

static void values_and_times_that_are_none(void **state)
{
    (void)state;
    refuse("XT1 1138 much", "'much': expected a number");
    refuse("XT1 1138 nan", "'nan': expected a number");
    refuse("XT1 1138 inf", "'inf': expected a number");
    refuse("XT1 1138 0x10", "'0x10': expected a number");
    refuse("XT1 1155 maybe", "'maybe': expected yes or no");
    refuse("XT1 1138 45 soon", "expected a time like 10m");
    refuse("XT1 1138 45 0s", "expected a time like 10m");
    refuse("XT1 1138 45 -5s", "expected a time like 10m");
    refuse("XT1 1138 45 2d", "expected a time like 10m");
}

// Nobody is there to confirm them.
static void what_is_dangerous(void **state)
{
    (void)state;
    refuse("XT1 1124 no",
           "1124 is dangerous, so somebody must confirm it: xcomtop keep XT1 1124 no");
    refuse("XT 1286 230 10m", "1286 is dangerous");
    refuse("XT1 1138 45 | XT1 1628 yes", "1628 is dangerous");
}

static void too_long_or_too_many(void **state)
{
    (void)state;
    static const int ids[] = {10002, 10005, 10009};
    char text[KEEP_ITEMS_MAX * 16 + 200] = "";
    size_t used = 0;

    for (int i = 0; i < KEEP_ITEMS_MAX; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%sVT%d %d 45", i ? "|" : "",
                                 1 + i % 15, ids[i / 15]);
    take(text, KEEP_ITEMS_MAX);
    snprintf(text + used, sizeof text - used, "|XT1 1138 45");
    refuse(text, "at most 32 values");
    memset(text, 'X', 128);
    text[128] = '\0';
    refuse(text, "too long");
    memset(text, ' ', 127);
    text[127] = '\0';
    refuse(text, "expected DEVICE ID VALUE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_or_several),
        cmocka_unit_test(values_of_each_kind),
        cmocka_unit_test(nothing_is_kept_twice),
        cmocka_unit_test(words_that_are_missing_or_too_many),
        cmocka_unit_test(devices_and_numbers_that_are_none),
        cmocka_unit_test(values_and_times_that_are_none),
        cmocka_unit_test(what_is_dangerous),
        cmocka_unit_test(too_long_or_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
