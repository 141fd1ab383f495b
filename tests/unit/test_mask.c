// SPDX-License-Identifier: MIT
// cmd: what is left out of a report.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cmd/mask.h"

static void expect(const char *text, const char *expected)
{
    char out[256];
    assert_string_equal(mask_line(out, sizeof out, text, "/home/anna"), expected);
}

static void addresses_are_replaced(void **state)
{
    (void)state;
    expect("connected to 192.168.1.20:4001", "connected to ADDRESS:4001");
    expect("from 10.0.0.9; refused 10.0.0.8.", "from ADDRESS; refused ADDRESS.");
    expect("[fe80::1]:4001 and ::1", "[ADDRESS]:4001 and ADDRESS");
    expect("192.168.1.20", "ADDRESS");
    expect("holds tcp:192.168.1.20:4001", "holds tcp:ADDRESS:4001");
    expect("udp:10.0.0.1:4001:4002, tcp:[fe80::1]:4001", "udp:ADDRESS:4002, tcp:[ADDRESS]:4001");
}

static void numbers_stay(void **state)
{
    (void)state;
    expect("1.6.74 at 12:30:45, 2026-11-21T14:03:22.123+01:00", "1.6.74 at 12:30:45, "
                                                                "2026-11-21T14:03:22.123+01:00");
    expect("1.2.3.4.5 256.1.1.1", "1.2.3.4.5 256.1.1.1");
    expect("AA 00 01 deadbeef", "AA 00 01 deadbeef");
    expect("XT1:3000,3005 12:30: x", "XT1:3000,3005 12:30: x");
    expect("", "");
}

static void guids_are_cut(void **state)
{
    (void)state;
    expect("guid = 3AD01B0B58C932BAEC4D3528613D7D40", "guid = 3AD0…");
    expect("guid:3AD01B0B58C932BAEC4D3528613D7D40", "guid:3AD0…");
    expect("3AD01B0B58C932BAEC4D3528613D7D4", "3AD01B0B58C932BAEC4D3528613D7D4"); // 31 digits
}

static void the_home_directory_is_a_tilde(void **state)
{
    char out[64];

    (void)state;
    expect("/home/anna/log and /home/anna", "~/log and ~");
    expect("/home/annabel/log", "/home/annabel/log");
    assert_string_equal(mask_line(out, sizeof out, "/home/anna", NULL), "/home/anna");
    assert_string_equal(mask_line(out, sizeof out, "/a", "/"), "/a"); // root without a home
}

static void controls_are_made_visible(void **state)
{
    char out[8], line[3000];

    (void)state;
    expect("a\033[2Jb", "a\\x1B[2Jb");
    memset(line, '1', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    mask_line(out, sizeof out, line, "/home/anna");
    assert_string_equal(out, "1111111");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_replaced),
        cmocka_unit_test(numbers_stay),
        cmocka_unit_test(guids_are_cut),
        cmocka_unit_test(the_home_directory_is_a_tilde),
        cmocka_unit_test(controls_are_made_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
