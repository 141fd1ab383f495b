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

static const char *const names[] = {"emosson", "moxa", "Winter", NULL};
static const struct mask usual = {.home = "/home/anna", .names = names};
static const struct mask for_messages = {.home = "/home/anna", .names = names, .message = true};

static void expect(const char *text, const char *expected)
{
    char out[256];
    assert_string_equal(mask_line(out, sizeof out, text, &usual), expected);
}

static void expect_message(const char *text, const char *expected)
{
    char out[256];
    assert_string_equal(mask_line(out, sizeof out, text, &for_messages), expected);
}

static void addresses_are_replaced(void **state)
{
    (void)state;
    expect("connected to 192.168.1.20:4001", "connected to ADDRESS:4001");
    expect("from 10.0.0.9; refused 10.0.0.8.", "from ADDRESS; refused ADDRESS.");
    expect("[fe80::1]:4001 and ::1", "[ADDRESS]:4001 and ADDRESS");
    expect("192.168.1.20", "ADDRESS");
    expect("holds tcp:192.168.1.20:4001", "holds tcp:ADDRESS:4001");
    expect("udp:10.0.0.1:4001:4002, tcp:[fe80::1]:4001",
           "udp:ADDRESS:4001:4002, tcp:[ADDRESS]:4001");
    expect("tcp:10.0.0.1, tcp:[fe80::1]:4001", "tcp:ADDRESS, tcp:[ADDRESS]:4001");
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

static void guids_with_dashes_are_cut(void **state)
{
    (void)state;
    expect("GUID 3ad01b0b-58c9-32ba-ec4d-3528613d7d40.", "GUID 3ad0….");
    expect("2026-11-21 1-2-3", "2026-11-21 1-2-3");
}

static void the_home_directory_is_a_tilde(void **state)
{
    const struct mask none = {0}, root = {.home = "/"};
    char out[64];

    (void)state;
    expect("is/home/anna/log and /mnt/home/berta", "is~/log and /mnt/home/…");
    expect("/home/anna/log and /home/anna", "~/log and ~");
    expect("/home/annabel/log, /home/maria: x", "/home/…/log, /home/…: x");
    assert_string_equal(mask_line(out, sizeof out, "/home/anna", &none), "/home/…");
    assert_string_equal(mask_line(out, sizeof out, "/a", &root), "/a"); // root without a home
}

static void hosts_are_replaced(void **state)
{
    (void)state;
    expect_message("connecting to gate.example.invalid:4001", "connecting to HOST:4001");
    expect_message("can't connect to box:4001: x", "can't connect to HOST:4001: x");
    expect_message("can't look up gate.example.invalid.", "can't look up HOST.");
    expect_message("holds tcp:box:4001, udp:box, tcp:a.example.org:1",
                   "holds tcp:HOST:4001, udp:HOST, "
                   "tcp:HOST:1");
    expect_message("tcp-listen:4001 tcp-listen::4001", "tcp-listen:4001 tcp-listen::4001");
    // Devices and files are none.
    expect_message("XT1:3000 XT.sum:3136 BSP:7002 XCOM:5002",
                   "XT1:3000 XT.sum:3136 BSP:7002 XCOM:5002");
    expect_message("xcomtop.conf:12: a.csv, b.sqlite; e.g. i.e.",
                   "xcomtop.conf:12: a.csv, b.sqlite; e.g. "
                   "i.e.");
    expect("LANG=ja_JP.eucJP tcp:box:4001", "LANG=ja_JP.eucJP tcp:HOST:4001");
}

static void mac_and_mail_addresses_are_replaced(void **state)
{
    (void)state;
    expect("from 00:90:e8:12:34:56.", "from MAC.");
    expect("00-90-E8-12-34-56", "MAC");
    expect("00:90:e8:12:34", "00:90:e8:12:34");
    expect("mail to anna.b+x@example.org, please", "mail to MAIL, please");
}

static void names_are_replaced(void **state)
{
    (void)state;
    expect("Emosson, emosson2: no, xemosson", "…, emosson2: no, xemosson");
    expect("connected to moxa (winter)", "connected to … (…)");
    expect("preset-mine = …; --preset mine; --site chalet: x",
           "preset-… = …; --preset …; --site …: x");
}

static void messages_lose_what_they_quote_and_values(void **state)
{
    (void)state;
    expect_message("there is no 'a secret'; it doesn't say 'more'", "there is no '…'; it doesn't "
                                                                    "say '…'");
    expect_message("XT1 1138: 45 A, -3.5 kW, 12 s", "XT1 1138: … A, … kW, 12 s");
    expect("95 % within 2 ms, 'so'", "95 % within 2 ms, 'so'");
}

static void expect_own(const char *line, const char *time, const char *message)
{
    char out[64];
    const char *found = mask_own_message(line, out, sizeof out);

    if (!message) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_string_equal(found, message);
    assert_string_equal(out, time);
}

static void own_messages_are_known(void **state)
{
    (void)state;
    expect_own("xcomtop: up", "", "xcomtop: up");
    expect_own("Nov 21 14:03:22 chalet xcomtop[123]: xcomtop: up", "Nov 21 14:03:22 ",
               "xcomtop: up");
    expect_own("Nov  1 14:03:22 chalet xcomtop[123]: xcomtop: up", "Nov  1 14:03:22 ",
               "xcomtop: up");
    expect_own("2026-11-21T14:03:22+0100 chalet xcomtop[1]: xcomtop: up",
               "2026-11-21T14:03:22+0100 ", "xcomtop: up");
    expect_own("my house xcomtop[1]: xcomtop: up", "", "xcomtop: up");
    expect_own("Nov 21 14:03:22 chalet xcomtop[123]: noise", "", NULL);
    expect_own("Nov 21 14:03:22 chalet systemd[1]: xcomtop: up", "", NULL);
    expect_own("2026-11-26T07:04:35.000+00:00,50.4375", "", NULL);
    expect_own(" xcomtop: up", "", NULL);
    expect_own("", "", NULL);
}

static void controls_are_made_visible(void **state)
{
    char out[8], line[5000];

    (void)state;
    expect("a\033[2Jb", "a\\x1B[2Jb");
    memset(line, '1', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    mask_line(out, sizeof out, line, &usual);
    assert_string_equal(out, "1111111");
}

// Whatever a line ends with, nothing behind it is read: this one fills all that there is for it.
static void a_line_that_is_too_long_is_cut(void **state)
{
    char out[5000], line[5000];

    (void)state;
    for (size_t i = 0; i < sizeof line; i++)
        line[i] = "ab, "[i % 4];
    line[sizeof line - 1] = '\0';
    for (size_t skip = 0; skip < 4; skip++) {
        size_t length = strlen(mask_line(out, sizeof out, line + skip, &for_messages));
        assert_in_range(length, 1000, sizeof line - 2);
        assert_memory_equal(out, line + skip, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_replaced),
        cmocka_unit_test(numbers_stay),
        cmocka_unit_test(guids_are_cut),
        cmocka_unit_test(guids_with_dashes_are_cut),
        cmocka_unit_test(hosts_are_replaced),
        cmocka_unit_test(mac_and_mail_addresses_are_replaced),
        cmocka_unit_test(names_are_replaced),
        cmocka_unit_test(messages_lose_what_they_quote_and_values),
        cmocka_unit_test(own_messages_are_known),
        cmocka_unit_test(the_home_directory_is_a_tilde),
        cmocka_unit_test(controls_are_made_visible),
        cmocka_unit_test(a_line_that_is_too_long_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
