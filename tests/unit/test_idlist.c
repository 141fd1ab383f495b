// SPDX-License-Identifier: MIT
// cmd: lists of numbers on the command line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "cmd/idlist.h"

static void lists_are_checked(void **state)
{
    static const char *const good[] = {
        "1",           "1138",          "65535",   "1138,1140", "1138,1140-1145",
        "1-65535",     "5-5",           "0001138", "1,1,1",     "1140-1145,1138,10002-10003",
        "65535-65535", "1138-1138,5000"};
    static const char *const bad[] = {"",
                                      ",",
                                      "1138,",
                                      ",1138",
                                      "1138,,1140",
                                      "1140-1138",
                                      "1138-",
                                      "-1138",
                                      "-",
                                      "1138 ",
                                      " 1138",
                                      "1138, 1140",
                                      "1138 1140",
                                      "1138;1140",
                                      "0",
                                      "0-5",
                                      "65536",
                                      "1-65536",
                                      "+1138",
                                      "1138-+1140",
                                      "1e3",
                                      "1138.0",
                                      "0x10",
                                      "XT1",
                                      "all",
                                      "1-2-3",
                                      "1138--1140",
                                      "0000000000000001138",
                                      "nan",
                                      "1138-1140x",
                                      "\xff",
                                      "1138\n",
                                      "11381138113811381138113811381138"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (idlist_check(good[i]) != XC_OK)
            fail_msg("'%s'", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (idlist_check(bad[i]) != XC_SYNTAX)
            fail_msg("'%s'", bad[i]);
}

static void numbers_are_found_in_them(void **state)
{
    static const char list[] = "1138,1140-1145,5000,65535";

    (void)state;
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        bool there = id == 1138 || (id >= 1140 && id <= 1145) || id == 5000 || id == 65535;
        assert_int_equal(idlist_has(list, id), there);
        assert_int_equal(idlist_has("1-65535", id), id != 0);
        assert_true(idlist_has(NULL, id));
    }
    // Digits of others are no number.
    assert_false(idlist_has("11380", 1138));
    assert_false(idlist_has("1138", 113));
    assert_false(idlist_has(list, 65536 + 1138));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(numbers_are_found_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
