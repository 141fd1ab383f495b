// SPDX-License-Identifier: MIT
// base: status texts, values on the wire, text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/localclock.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"

static void every_status_has_a_text(void **state)
{
    (void)state;
    for (int s = 0; s < XC_STATUS_COUNT; s++)
        assert_string_not_equal(status_text((enum xc_status)s), "unknown status");
}

static void values_round_trip(void **state)
{
    (void)state;
    static const struct {
        enum value_format format;
        double number;
    } cases[] = {{FORMAT_BOOL, 1},
                 {FORMAT_SHORT_ENUM, 65535},
                 {FORMAT_LONG_ENUM, 4294967295.0},
                 {FORMAT_INT32, -2147483648.0},
                 {FORMAT_FLOAT, 12.359375},
                 {FORMAT_FLOAT, -0.1f}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[VALUE_BYTES_MAX];
        size_t length;
        double back;
        assert_int_equal(value_encode(cases[i].format, cases[i].number, bytes, &length), XC_OK);
        assert_int_equal(length, value_size(cases[i].format));
        assert_int_equal(value_decode(cases[i].format, bytes, length, &back), XC_OK);
        assert_true(back == cases[i].number);
    }
}

// People are shown 0.
static void no_zero_is_negative(void **state)
{
    (void)state;
    static const uint8_t zero[VALUE_BYTES_MAX] = {0};
    static const double numbers[] = {-0.0, -1e-60};
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t length;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_int_equal(value_encode(FORMAT_FLOAT, numbers[i], bytes, &length), XC_OK);
        assert_memory_equal(bytes, zero, length);
    }
}

static void values_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[VALUE_BYTES_MAX] = {2, 0, 0, 0};
    size_t length;
    double number;
    assert_int_equal(value_encode(FORMAT_BOOL, 2, bytes, &length), XC_RANGE);
    assert_int_equal(value_encode(FORMAT_INT32, 0.5, bytes, &length), XC_RANGE);
    assert_int_equal(value_encode(FORMAT_INT32, 2147483648.0, bytes, &length), XC_RANGE);
    assert_int_equal(value_encode(FORMAT_SHORT_ENUM, -1, bytes, &length), XC_RANGE);
    assert_int_equal(value_encode(FORMAT_FLOAT, (double)NAN, bytes, &length), XC_RANGE);
    assert_int_equal(value_encode(FORMAT_FLOAT, 1e39, bytes, &length), XC_RANGE);
    bytes[0] = 2;
    assert_int_equal(value_decode(FORMAT_BOOL, bytes, 1, &number), XC_MALFORMED);
    assert_int_equal(value_decode(FORMAT_FLOAT, bytes, 3, &number), XC_MALFORMED);
    assert_int_equal(value_decode(FORMAT_NONE, bytes, 0, &number), XC_MALFORMED);
}

// A FLOAT where the format is SHORT_ENUM, as everywhere but in SCOM's single reads.
static void short_enums_of_four_bytes_are_whole_either_way(void **state)
{
    (void)state;
    uint8_t bytes[VALUE_BYTES_MAX];
    double number;

    for (uint32_t i = 0; i <= UINT16_MAX; i++) {
        le_put32(bytes, i);
        assert_int_equal(value_decode(FORMAT_SHORT_ENUM, bytes, 4, &number), XC_OK);
        assert_true(number == i);
        le_put_float(bytes, (float)i);
        assert_int_equal(value_decode(FORMAT_SHORT_ENUM, bytes, 4, &number), XC_OK);
        assert_true(number == i);
    }
    static const float wrong[] = {0.5f, -1, 65536, NAN, INFINITY};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        le_put_float(bytes, wrong[i]);
        number = 42;
        assert_int_equal(value_decode(FORMAT_SHORT_ENUM, bytes, 4, &number), XC_MALFORMED);
        assert_true(number == 42); // nothing of it is taken
    }
    assert_int_equal(value_decode(FORMAT_SHORT_ENUM, bytes, 1, &number), XC_MALFORMED);
}

static void wire_text_is_made_harmless(void **state)
{
    (void)state;
    char out[32];
    assert_string_equal(text_from_wire(out, sizeof out, (const uint8_t *)"a\x1b[2J\xB0\xA4", 7),
                        "a\\x1B[2J°€");
    assert_string_equal(text_escape(out, sizeof out, "ok\n\x7f\xff"), "ok\\x0A\\x7F\xEF\xBF\xBD");
    assert_string_equal(text_escape(out, sizeof out,
                                    "\xC2\x9B"
                                    "31m"),
                        "\\x9B31m");
    // Writing from right to left, and back.
    assert_string_equal(text_escape(out, sizeof out, "a\u202Eb\u061Cc"), "a\\u202Eb\\u061Cc");
    assert_string_equal(text_escape(out, 5, "ab\x1b"), "ab");
    assert_string_equal(text_to_ascii(out, sizeof out, "22 °C…"), "22 degC...");
}

static void text_is_cut_by_columns(void **state)
{
    (void)state;
    char out[32];
    assert_int_equal(text_fit(out, sizeof out, "Température", 6, true, false), 6);
    assert_string_equal(out, "Tempé…");
    assert_int_equal(text_fit(out, sizeof out, "abc", 3, true, false), 3);
    assert_string_equal(out, "abc");
    assert_int_equal(text_fit(out, sizeof out, "abcd", 3, true, true), 3);
    assert_string_equal(out, "ab.");
    assert_int_equal(text_fit(out, sizeof out, "abcd", 0, true, true), 0);
    assert_string_equal(out, "");
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    double number;
    static const char *const bad[] = {"",   "nan",   "inf", "0x10", "1e3", " 1",
                                      "1 ", "1.2.3", "-",   "--1",  "1-"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(text_parse_number(bad[i], &number), XC_SYNTAX);
    assert_int_equal(text_parse_number("-3,5", &number), XC_OK);
    assert_true(number == -3.5);
    long whole;
    assert_int_equal(text_parse_int("12", 0, 11, &whole), XC_RANGE);
    assert_int_equal(text_parse_int("99999999999999999999", 0, 11, &whole), XC_RANGE);
    assert_int_equal(text_parse_int("0x1", 0, 11, &whole), XC_SYNTAX);
    assert_int_equal(text_parse_int("+1", 0, 11, &whole), XC_SYNTAX);
}

static void numbers_are_shown_plainly(void **state)
{
    (void)state;
    char out[32];
    assert_string_equal(text_number(out, sizeof out, -0.04, 1), "0.0");
    assert_string_equal(text_number(out, sizeof out, -0.06, 1), "-0.1");
    assert_string_equal(text_number(out, sizeof out, (double)NAN, 1), "--");
    assert_string_equal(text_age(out, sizeof out, 3), "3 s");
    assert_string_equal(text_age(out, sizeof out, 600), "10 min");
}

static void the_clock_on_the_wall_is_local(void **state)
{
    (void)state;
    enum { HOUR = 3600, QUARTER = HOUR / 4 };
    const int64_t second = 1000000;
    const int64_t winter = 1795269802, summer = 1781956800; // 2026-11-21 14:03:22, 06-20 12:00:00
    const int64_t put_forward = 1774746000;                 // in CET, 2026-03-29 01:00:00
    static const struct {
        const char *zone;
        int winter, summer; // seconds ahead of UTC
    } zones[] = {
        {"UTC", 0, 0},
        {"CET-1CEST,M3.5.0,M10.5.0/3", HOUR, 2 * HOUR},
        {"EST5EDT,M3.2.0,M11.1.0", -5 * HOUR, -4 * HOUR},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 11 * HOUR, 10 * HOUR},
        {"<+0545>-5:45", 23 * QUARTER, 23 * QUARTER},
        {"<-0930>9:30", -38 * QUARTER, -38 * QUARTER},
    };

    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        setenv("TZ", zones[i].zone, 1);
        tzset();
        assert_int_equal(local_clock(winter * second + 7), (winter + zones[i].winter) * second + 7);
        assert_int_equal(local_clock(summer * second), (summer + zones[i].summer) * second);
    }
    setenv("TZ", zones[1].zone, 1);
    tzset();
    assert_int_equal(local_clock(put_forward * second - 1), (put_forward + HOUR) * second - 1);
    assert_int_equal(local_clock(put_forward * second), (put_forward + 2 * HOUR) * second);
    unsetenv("TZ");
    tzset();
}

static void a_guid_is_written_one_way_and_read_in_all(void **state)
{
    static const uint8_t guid[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                     0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};
    static const char *const good[] = {"00112233445566778899aabbccddeeff",
                                       "00112233445566778899AABBCCDDEEFF",
                                       "00112233-4455-6677-8899-aabbccDDeeff"};
    static const char *const bad[] = {"",
                                      "0011",
                                      "00112233445566778899aabbccddeef",
                                      "00112233445566778899aabbccddeeff0",
                                      "0011223344556677 8899aabbccddeeff",
                                      "00112233445566778899aabbccddeefg"};
    char out[TEXT_GUID_MAX];

    (void)state;
    assert_string_equal(text_guid(out, guid), good[0]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(text_parse_guid(good[i], out), XC_OK);
        assert_string_equal(out, good[0]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(text_parse_guid(bad[i], out), XC_SYNTAX);
}

static void text_for_the_wire_is_latin_9(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {'a', 0xF6, 0xA4, 0x7E, 0xBE, 0xB1};
    const char *text = "aö€~Ÿ±", *where;
    uint8_t out[8];
    size_t length;

    assert_int_equal(text_to_wire(text, out, sizeof out, &length, &where), XC_OK);
    assert_int_equal(length, sizeof bytes);
    assert_memory_equal(out, bytes, sizeof bytes);
    assert_int_equal(text_to_wire(text, out, sizeof bytes, &length, &where), XC_OK);
    assert_int_equal(text_to_wire(text, out, sizeof bytes - 1, &length, &where), XC_RANGE);
    assert_int_equal(text_to_wire("", out, sizeof out, &length, &where), XC_OK);
    assert_int_equal(length, 0);
    // A control, what Latin 9 has another character for, what it lacks, and what is no UTF-8.
    static const char *const wrong[] = {"ab\n", "ab\t",   "ab\x7F",  "ab¤",
                                        "ab日", "ab\xFF", "ab\u200E"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(text_to_wire(wrong[i], out, sizeof out, &length, &where), XC_SYNTAX);
        assert_ptr_equal(where, wrong[i] + 2);
    }
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_text),
        cmocka_unit_test(values_round_trip),
        cmocka_unit_test(no_zero_is_negative),
        cmocka_unit_test(values_that_do_not_fit_are_refused),
        cmocka_unit_test(short_enums_of_four_bytes_are_whole_either_way),
        cmocka_unit_test(wire_text_is_made_harmless),
        cmocka_unit_test(text_for_the_wire_is_latin_9),
        cmocka_unit_test(text_is_cut_by_columns),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(numbers_are_shown_plainly),
        cmocka_unit_test(the_clock_on_the_wall_is_local),
        cmocka_unit_test(a_guid_is_written_one_way_and_read_in_all),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
