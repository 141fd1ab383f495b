// SPDX-License-Identifier: MIT
// Values to text and back: every row of the tables, and what is special in each encoding.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "catalogue/catalogue.h"

static const struct datapoint *row(enum family family, unsigned id)
{
    const struct datapoint *dp = catalogue_find(family, id);
    assert_non_null(dp);
    return dp;
}

static void assert_text(const struct datapoint *dp, double number, const char *expected)
{
    char text[DATAPOINT_TEXT_MAX];
    assert_string_equal(datapoint_text(dp, number, text, sizeof text), expected);
}

static void assert_parse(const struct datapoint *dp, const char *text, double expected)
{
    double number = -12345;
    assert_int_equal(datapoint_parse(dp, text, &number), XC_OK);
    assert_true(number == expected);
}

static void assert_refused(const struct datapoint *dp, const char *text, enum xc_status status)
{
    double number = -12345;
    assert_int_equal(datapoint_parse(dp, text, &number), status);
    assert_true(number == -12345);
}

// To text, back, within what the decimals can show, and to the same text again.
static void round_trip(const struct datapoint *dp, double number)
{
    char text[DATAPOINT_TEXT_MAX], again[DATAPOINT_TEXT_MAX];
    double back, half = 0.5 * pow(10, -datapoint_decimals(dp)) * 1.000001;

    datapoint_text(dp, number, text, sizeof text);
    if (datapoint_parse(dp, text, &back) != XC_OK || fabs(back - number) > half)
        fail_msg("%s %u: %.9g is \"%s\"", family_name(datapoint_family(dp)), datapoint_id(dp),
                 number, text);
    assert_string_equal(datapoint_text(dp, back, again, sizeof again), text);
}

static void options_round_trip(const struct datapoint *dp)
{
    struct option option, other;
    char digits[16];

    for (size_t i = 0; datapoint_option(dp, i, &option); i++) {
        unsigned same = 0;
        for (size_t k = 0; datapoint_option(dp, k, &other); k++)
            same += strcmp(option.label, other.label) == 0;
        assert_text(dp, option.value, option.label);
        if (same == 1)
            assert_parse(dp, option.label, option.value);
        else
            assert_refused(dp, option.label, XC_SYNTAX);
        snprintf(digits, sizeof digits, "%lu", (unsigned long)option.value);
        assert_parse(dp, digits, option.value);
    }
}

static void numbers_round_trip(const struct datapoint *dp)
{
    struct datapoint_limits limits = datapoint_limits(dp), other = datapoint_limits_120v(dp);
    double numbers[] = {limits.factory, limits.min, limits.max,
                        other.factory,  other.min,  other.max};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!isnan(numbers[i]))
            round_trip(dp, numbers[i]);
    if (limits.step > 0 && datapoint_encoding(dp) != ENCODING_DATE)
        for (int i = 0; i <= 20; i++)
            round_trip(dp, fmin(limits.min + i * limits.step, limits.max));
    if (datapoint_kind(dp) == KIND_INFO)
        for (int i = -50; i <= 50; i++)
            round_trip(dp, i * 7.37);
}

static void every_row_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        switch (datapoint_encoding(dp)) {
        case ENCODING_NUMBER:
        case ENCODING_COSPHI:
        case ENCODING_MINUTES_OF_DAY:
            numbers_round_trip(dp);
            break;
        case ENCODING_BOOL:
        case ENCODING_ENUM:
        case ENCODING_ENUM_1BIT:
        case ENCODING_BITFIELD:
        case ENCODING_WEEKDAYS:
        case ENCODING_LEVEL:
        case ENCODING_DEVICE_TYPE:
            options_round_trip(dp);
            break;
        case ENCODING_DATE:
            for (double day = -20000; day <= 20000; day += 17.321)
                round_trip(dp, round(day * 86400));
            break;
        case ENCODING_SIGNAL:
            assert_text(dp, 1, "send");
            assert_parse(dp, "send", 1);
            break;
        case ENCODING_VERSION_MSB:
        case ENCODING_VERSION_LSB:
        case ENCODING_FID_MSB:
        case ENCODING_FID_LSB:
            for (int half = 0; half <= UINT16_MAX; half += 99)
                round_trip(dp, half);
            break;
        case ENCODING_NONE:
            assert_refused(dp, "1", XC_SYNTAX);
            break;
        }
        assert_true(strlen(datapoint_expects(dp)) > 3);
    }
}

// Whatever a device sends, each row has a text for it, in the room that is promised.
static void any_number_has_a_text(void **state)
{
    (void)state;
    static const double numbers[] = {-1e300, -3.4e38, -1,    -0.0, 0.4,    0.5,   1.5,
                                     65536,  1e9,     4.3e9, 1e19, 3.4e38, 1e300, -32767};
    for (size_t i = 0; i < catalogue_count(); i++)
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            char text[DATAPOINT_TEXT_MAX], little[4];
            datapoint_text(catalogue_at(i), numbers[k], text, sizeof text);
            assert_true(strlen(text) > 0);
            datapoint_text(catalogue_at(i), numbers[k], little, sizeof little);
            assert_true(strlen(little) < sizeof little);
        }
}

static void absent_values_say_why(void **state)
{
    (void)state;
    const struct datapoint *battery = row(FAMILY_XT, 3001), *power = row(FAMILY_XT, 3136);
    const struct datapoint *autonomy = row(FAMILY_BSP, 7004);

    assert_string_equal(datapoint_absent(battery, 32767), "no sensor");
    assert_string_equal(datapoint_absent(battery, -32767), "no sensor");
    assert_string_equal(datapoint_absent(battery, 32766), "no sensor");
    assert_string_equal(datapoint_absent(row(FAMILY_VS, 15064), 32767), "no sensor");
    assert_null(datapoint_absent(battery, -20.5));
    assert_null(datapoint_absent(row(FAMILY_XT, 3125), 40000)); // VA
    assert_text(battery, 32767, "--");
    assert_string_equal(datapoint_absent(power, (double)NAN), "not a number");
    assert_string_equal(datapoint_absent(power, (double)INFINITY), "not a number");
    assert_text(power, (double)NAN, "--");
    assert_string_equal(datapoint_absent(autonomy, (double)NAN), "charging");
    assert_text(autonomy, (double)NAN, "--");
    assert_text(autonomy, -60000, "-60000");
}

static void numbers_have_the_decimals_that_people_want(void **state)
{
    (void)state;
    assert_text(row(FAMILY_XT, 3000), 53.249, "53.25");
    assert_text(row(FAMILY_XT, 3136), -0.001, "0.00");
    assert_text(row(FAMILY_XT, 3085), 49.98f, "49.98");
    assert_text(row(FAMILY_BSP, 7002), 87.25f, "87.2");
    assert_text(row(FAMILY_BSP, 7003), -1234.4, "-1234");
    assert_text(row(FAMILY_XT, 1140), 57.6f, "57.6");
    assert_text(row(FAMILY_XT, 1432), 117.5, "117.5");
    assert_text(row(FAMILY_XT, 1584), 0.25, "0.25");
    assert_parse(row(FAMILY_XT, 1138), "-3", -3);
    assert_parse(row(FAMILY_XT, 1140), "57,6", 57.6);
    static const char *const refused[] = {"",    "nan", "inf", "0x10", "1e3",
                                          "5 V", " 5",  "--",  "5.5.5"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_refused(row(FAMILY_XT, 1138), refused[i], XC_SYNTAX);
    assert_refused(row(FAMILY_RCC, 5000), "1.5", XC_RANGE);
    assert_refused(row(FAMILY_RCC, 5000), "3000000000", XC_RANGE);
}

static void bools_are_yes_and_no(void **state)
{
    (void)state;
    const struct datapoint *dp = row(FAMILY_XT, 1124);
    assert_text(dp, 0, "no");
    assert_text(dp, 1.0000001, "yes");
    assert_text(dp, 2, "2");
    assert_parse(dp, "YES", 1);
    assert_parse(dp, "no", 0);
    assert_parse(dp, "1", 1);
    assert_refused(dp, "2", XC_RANGE);
    assert_refused(dp, "true", XC_SYNTAX);
    assert_refused(dp, "yes ", XC_SYNTAX);
}

static void enums_take_label_or_number(void **state)
{
    (void)state;
    const struct datapoint *mode = row(FAMILY_XT, 3028), *phase = row(FAMILY_XT, 3089);
    assert_text(mode, 2, "Charger");
    assert_text(mode, 6, "Off");
    assert_text(mode, 77, "77");
    assert_text(phase, 3.9999f, "L3");
    assert_text(phase, -1, "-1");
    assert_parse(mode, "charger", 2);
    assert_parse(mode, "77", 77);
    assert_refused(mode, "Charg", XC_SYNTAX);
    assert_refused(mode, "-1", XC_SYNTAX);
    assert_refused(mode, "70000", XC_RANGE);
    assert_refused(mode, "99999999999", XC_SYNTAX);
    // Both numberings that the document gives.
    assert_text(row(FAMILY_XT, 3168), 3, "EL.Error");
    assert_text(row(FAMILY_XT, 3168), 4, "EL.Error or EL.Stop");
    assert_text(row(FAMILY_XT, 3168), 8, "EL.Stop");
    // M is 3 and 4.
    assert_text(row(FAMILY_XT, 3054), 4, "M");
    assert_refused(row(FAMILY_XT, 3054), "M", XC_SYNTAX);
    assert_parse(row(FAMILY_XT, 3054), "4", 4);
    // The separator's labels are ';' and ','.
    assert_parse(row(FAMILY_RCC, 5032), ",", 4);
    assert_text(row(FAMILY_RCC, 5012), 0x30, "installer");
    assert_parse(row(FAMILY_RCC, 5012), "view only", 0);
    assert_parse(row(FAMILY_RCC, 5012), "111", 111);
}

static void bit_fields_join_their_labels(void **state)
{
    (void)state;
    const struct datapoint *dp = row(FAMILY_XT, 3056);
    char text[DATAPOINT_TEXT_MAX];
    double back;

    assert_text(dp, 0, "none");
    assert_text(dp, 3, "forbidden inverter {1124},forbidden charger {1125}");
    assert_text(dp, 1 + 32 + 64, "forbidden inverter {1124},96");
    assert_parse(dp, "forbidden inverter {1124}, 96", 97);
    assert_parse(dp, "None", 0);
    assert_refused(dp, "", XC_SYNTAX);
    assert_refused(dp, "1,", XC_SYNTAX);
    for (unsigned bits = 0; bits < 0x800; bits++) {
        datapoint_text(dp, bits, text, sizeof text);
        assert_int_equal(datapoint_parse(dp, text, &back), XC_OK);
        assert_true(back == bits);
    }
    // All labels and the rest of 32 bits still fit.
    assert_true(strlen(datapoint_text(dp, UINT32_MAX, text, sizeof text)) < sizeof text - 1);
    assert_non_null(strstr(text, "4294965472"));
}

static void weekdays_are_two_letters(void **state)
{
    (void)state;
    const struct datapoint *dp = row(FAMILY_XT, 1205);
    char text[DATAPOINT_TEXT_MAX];
    double back;

    assert_text(dp, 0, "none");
    assert_text(dp, 0x43, "MO,TU,SU");
    assert_text(dp, 128, "128");
    assert_parse(dp, "su,mo,TU,mo", 0x43);
    assert_parse(dp, "all", 127);
    assert_parse(dp, "none", 0);
    assert_refused(dp, "MO,XX", XC_SYNTAX);
    assert_refused(dp, "MO,", XC_SYNTAX);
    assert_refused(dp, "128", XC_RANGE);
    for (unsigned days = 0; days < 128; days++) {
        datapoint_text(dp, days, text, sizeof text);
        assert_int_equal(datapoint_parse(dp, text, &back), XC_OK);
        assert_true(back == days);
    }
}

static void times_of_day_go_to_24_00(void **state)
{
    (void)state;
    const struct datapoint *dp = row(FAMILY_XT, 1206);
    for (int minutes = 0; minutes <= 1440; minutes++)
        round_trip(dp, minutes);
    assert_text(dp, 821, "13:41");
    assert_text(dp, 1440, "24:00");
    assert_text(dp, 1441, "1441");
    assert_parse(dp, "7:05", 425);
    assert_refused(dp, "24:01", XC_RANGE);
    assert_refused(dp, "12:60", XC_RANGE);
    static const char *const refused[] = {"",       "821", "13.41", "13:4",
                                          "13:411", ":41", "1:-1",  "+1:00"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_refused(dp, refused[i], XC_SYNTAX);
}

static void dates_are_the_wall_clock_of_the_installation(void **state)
{
    (void)state;
    const struct datapoint *dp = row(FAMILY_RCC, 5002);
    assert_text(dp, 0, "1970-01-01 00:00:00");
    assert_text(dp, 1795269600, "2026-11-21 14:00:00");
    assert_parse(dp, "2026-11-21 14:00:00", 1795269600);
    assert_parse(dp, "2000-02-29 23:59:59", 951868799);
    assert_parse(dp, "1969-12-31 23:59:59", -1);
    assert_parse(dp, "2038-01-19 03:14:07", INT32_MAX);
    assert_refused(dp, "2038-01-19 03:14:08", XC_RANGE);
    assert_refused(dp, "2026-02-29 00:00:00", XC_RANGE);
    assert_refused(dp, "2100-02-29 00:00:00", XC_RANGE);
    assert_refused(dp, "2026-13-01 00:00:00", XC_RANGE);
    assert_refused(dp, "2026-12-32 00:00:00", XC_RANGE);
    assert_refused(dp, "2026-12-31 24:00:00", XC_RANGE);
    assert_refused(dp, "0000-01-01 00:00:00", XC_RANGE);
    assert_refused(dp, "2026-11-21", XC_SYNTAX);
    assert_refused(dp, "2026-11-21T14:00:00", XC_SYNTAX);
    assert_refused(dp, "2026-11-21 14:00:0x", XC_SYNTAX);
    assert_refused(dp, "2026-11--1 14:00:00", XC_SYNTAX);
}

static void signals_take_one_word(void **state)
{
    (void)state;
    const struct datapoint *dp = row(FAMILY_XT, 1468);
    assert_parse(dp, "SEND", 1);
    assert_refused(dp, "1", XC_SYNTAX);
    assert_refused(dp, "yes", XC_SYNTAX);
    assert_text(dp, 0, "0");
}

static void cos_phi_reads_as_a_power_factor(void **state)
{
    (void)state;
    const struct datapoint *dp = row(FAMILY_XT, 1622);
    assert_text(dp, 0, "1.00");
    assert_text(dp, -0.1f, "inductive 0.90");
    assert_text(dp, 0.05f, "capacitive 0.95");
    assert_text(dp, 0.7, "0.70"); // not a cos phi that the appendix knows
    assert_parse(dp, "Inductive 0.95", -0.05);
    assert_parse(dp, "capacitive 0.9", 0.1);
    assert_parse(dp, "1", 0);
    assert_parse(dp, "-0.03", -0.03);
    assert_refused(dp, "0.95", XC_SYNTAX);
    assert_refused(dp, "reactive 0.95", XC_SYNTAX);
    assert_refused(dp, "inductive", XC_SYNTAX);
    assert_refused(dp, "inductive 1.01", XC_RANGE);
    assert_refused(dp, "inductive 0", XC_RANGE);
}

// What somebody confirms is what is sent.
static void an_exact_cos_phi_has_as_many_decimals_as_it_takes(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {{0, "1.00"},
                 {0.05f, "capacitive 0.95"},
                 {0.054, "capacitive 0.946"},
                 {-0.0005f, "inductive 0.9995"},
                 {0.7, "0.70"}};
    const struct datapoint *dp = row(FAMILY_XT, 1622);
    char text[DATAPOINT_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(datapoint_exact_number(dp, cases[i].number, text, sizeof text),
                            cases[i].text);
    assert_parse(dp, "capacitive 0.946", 0.054);
}

static void halves_make_versions_and_fids(void **state)
{
    (void)state;
    char text[DATAPOINT_TEXT_MAX];
    assert_text(row(FAMILY_XT, 3130), 0x0100, "0100");
    assert_text(row(FAMILY_XT, 3156), 65535, "FFFF");
    assert_text(row(FAMILY_XT, 3156), 65536, "65536");
    assert_refused(row(FAMILY_XT, 3156), "FFF", XC_SYNTAX);
    assert_refused(row(FAMILY_XT, 3156), "FFFG", XC_SYNTAX);
    assert_string_equal(catalogue_version(0x0100, 0x064A, text, sizeof text), "1.6.74");
    assert_string_equal(catalogue_version((double)NAN, 0x064A, text, sizeof text), "--");
    assert_string_equal(catalogue_version(0x0100, -1, text, sizeof text), "--");
    assert_int_equal(catalogue_fid(0xABCD, 0x0123), 0xABCD0123);
    assert_int_equal(catalogue_fid(0xABCD, (double)NAN), 0);
}

static void device_types_read_as_models(void **state)
{
    (void)state;
    assert_text(row(FAMILY_XT, 3124), 256, "XTM family");
    assert_text(row(FAMILY_VT, 11047), 9079, "VT65 and VT80");
    assert_text(row(FAMILY_VT, 11047), 9729, "VT65 and VT80");
    assert_text(row(FAMILY_VS, 15074), 13057.0f, "VS70");
    assert_text(row(FAMILY_BSP, 7034), 5, "5");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_round_trips),
        cmocka_unit_test(any_number_has_a_text),
        cmocka_unit_test(absent_values_say_why),
        cmocka_unit_test(numbers_have_the_decimals_that_people_want),
        cmocka_unit_test(bools_are_yes_and_no),
        cmocka_unit_test(enums_take_label_or_number),
        cmocka_unit_test(bit_fields_join_their_labels),
        cmocka_unit_test(weekdays_are_two_letters),
        cmocka_unit_test(times_of_day_go_to_24_00),
        cmocka_unit_test(dates_are_the_wall_clock_of_the_installation),
        cmocka_unit_test(signals_take_one_word),
        cmocka_unit_test(cos_phi_reads_as_a_power_factor),
        cmocka_unit_test(an_exact_cos_phi_has_as_many_decimals_as_it_takes),
        cmocka_unit_test(halves_make_versions_and_fids),
        cmocka_unit_test(device_types_read_as_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
