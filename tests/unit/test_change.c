// SPDX-License-Identifier: MIT
// What a person must know before changing a parameter: effects, limits of an installation, what a
// backup holds, references.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "catalogue/catalogue.h"

static void every_signal_has_an_effect_and_every_effect_a_reason(void **state)
{
    (void)state;
    enum { REASON_MAX = 150 }; // so that it fits beside other words in a line for a person
    unsigned signals = 0, dangerous = 0;

    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        enum effect effect = datapoint_effect(dp);
        const char *reason = datapoint_effect_reason(dp);
        size_t length = strlen(reason);
        signals += datapoint_encoding(dp) == ENCODING_SIGNAL;
        dangerous += datapoint_is_dangerous(dp);
        assert_true(datapoint_kind(dp) == KIND_PARAMETER || effect == EFFECT_NONE);
        assert_true(datapoint_encoding(dp) != ENCODING_SIGNAL || effect != EFFECT_NONE);
        assert_int_equal(effect == EFFECT_NONE, length == 0);
        assert_int_equal(datapoint_is_dangerous(dp), effect_word(effect) != NULL);
        assert_true(length <= REASON_MAX);
        assert_true(length == 0 || reason[length - 1] == '.');
    }
    assert_int_equal(signals, 87);
    assert_int_equal(dangerous, 272);
}

static void what_can_stop_or_endanger_must_be_confirmed(void **state)
{
    (void)state;
    static const struct {
        enum family family;
        unsigned id;
        const char *word;
    } named[] = {
        {FAMILY_VT, 10001, "danger"},  {FAMILY_BSP, 6057, "danger"},  // system voltage
        {FAMILY_XT, 1124, "stop"},     {FAMILY_XT, 1125, "stop"},     // inverter, charger
        {FAMILY_XT, 1126, "stop"},     {FAMILY_XT, 1128, "stop"},     // Smart-Boost, transfer
        {FAMILY_XT, 1286, "danger"},   {FAMILY_XT, 1112, "danger"},   // voltage, frequency
        {FAMILY_XT, 1576, "stop"},     {FAMILY_VT, 10314, "stop"},    // remote on/off
        {FAMILY_VS, 14202, "stop"},    {FAMILY_XT, 1578, "stop"},     //
        {FAMILY_XT, 1628, "danger"},   {FAMILY_XT, 1629, "danger"},   // watchdogs
        {FAMILY_VT, 10342, "danger"},  {FAMILY_VT, 10343, "danger"},  //
        {FAMILY_VS, 14218, "danger"},  {FAMILY_VS, 14219, "danger"},  //
        {FAMILY_RCC, 5095, "restart"}, {FAMILY_RCC, 5096, "restart"}, //
        {FAMILY_RCC, 5103, "restart"}, {FAMILY_RCC, 5072, "restart"}, //
        {FAMILY_XT, 1550, "reset"},    {FAMILY_VT, 10058, "reset"},   // saved in flash
        {FAMILY_VS, 14069, "reset"},   {FAMILY_XT, 1395, "reset"},    // defaults, factory
        {FAMILY_XT, 1287, "reset"},    {FAMILY_BMS, 6005, "reset"},   //
        {FAMILY_RCC, 5018, "reset"},   {FAMILY_RCC, 5068, "reset"},   // load, restore
        {FAMILY_XT, 1569, "reset"},    {FAMILY_RCC, 5043, "reset"},   //
        {FAMILY_XT, 1399, "stop"},     {FAMILY_XT, 1415, "danger"},   // off, on
        {FAMILY_XT, 1468, "restart"},  {FAMILY_RCC, 5121, "restart"}, // resets
        {FAMILY_RCC, 5071, "restart"}, {FAMILY_XT, 1142, "restart"},  //
        {FAMILY_RCC, 5002, "clock"},   {FAMILY_RCC, 5101, "erase"},   // clock, datalogger
        {FAMILY_RCC, 5075, "erase"},   {FAMILY_RCC, 5047, "erase"},   //
        {FAMILY_RCC, 5035, "erase"},   {FAMILY_VT, 10201, "erase"},   // messages, counters
        {FAMILY_BSP, 6003, "erase"},   {FAMILY_XT, 1127, "danger"},   // grid feeding
        {FAMILY_XT, 1627, "danger"},   {FAMILY_XT, 1200, "stop"},     // codes, transfer
        {FAMILY_XT, 1121, "danger"},   {FAMILY_XT, 1108, "stop"},     // battery limits
        {FAMILY_XT, 1485, "danger"},   {FAMILY_VT, 10060, "danger"},  // earthing
        {FAMILY_XT, 1162, "danger"},   {FAMILY_XT, 1571, "danger"},   // equalization, phases
        {FAMILY_RCC, 5061, "danger"},  {FAMILY_BMS, 6070, "stop"},    //
    };

    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        const struct datapoint *dp = catalogue_find(named[i].family, named[i].id);
        assert_true(datapoint_is_dangerous(dp));
        assert_string_equal(effect_word(datapoint_effect(dp)), named[i].word);
    }
}

static void ordinary_settings_and_harmless_signals_need_no_word(void **state)
{
    (void)state;
    static const struct {
        enum family family;
        unsigned id;
        enum effect effect;
    } named[] = {
        {FAMILY_XT, 1138, EFFECT_NONE},      {FAMILY_XT, 1107, EFFECT_NONE},
        {FAMILY_XT, 1140, EFFECT_CAUTION},   {FAMILY_XT, 1156, EFFECT_CAUTION},
        {FAMILY_XT, 1246, EFFECT_NONE},      {FAMILY_XT, 1205, EFFECT_NONE},
        {FAMILY_VT, 10002, EFFECT_NONE},     {FAMILY_VS, 14009, EFFECT_CAUTION},
        {FAMILY_BSP, 6001, EFFECT_NONE},     {FAMILY_BMS, 6062, EFFECT_NONE},
        {FAMILY_RCC, 5000, EFFECT_NONE},     {FAMILY_RCC, 5119, EFFECT_NONE},
        {FAMILY_RCC, 5059, EFFECT_HARMLESS}, {FAMILY_RCC, 5104, EFFECT_HARMLESS},
        {FAMILY_RCC, 5019, EFFECT_HARMLESS}, {FAMILY_RCC, 5105, EFFECT_HARMLESS},
    };

    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        const struct datapoint *dp = catalogue_find(named[i].family, named[i].id);
        assert_int_equal(datapoint_effect(dp), named[i].effect);
        assert_false(datapoint_is_dangerous(dp));
    }
    assert_null(effect_word(EFFECT_NONE));
    assert_null(effect_word(EFFECT_HARMLESS));
    assert_null(effect_word(EFFECT_CAUTION));
    assert_string_equal(effect_name(EFFECT_NONE), "none");
    assert_string_equal(effect_name(EFFECT_HARMLESS), "harmless");
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void assert_same_limits(struct datapoint_limits a, struct datapoint_limits b)
{
    assert_true(same_number(a.factory, b.factory));
    assert_true(same_number(a.min, b.min));
    assert_true(same_number(a.max, b.max));
    assert_true(same_number(a.step, b.step));
}

static void assert_limits_at(unsigned id, double battery_v, double ac_v,
                             struct datapoint_limits expected)
{
    assert_same_limits(datapoint_limits_at(catalogue_find(FAMILY_XT, id), battery_v, ac_v),
                       expected);
}

static void limits_of_an_installation_follow_its_battery(void **state)
{
    (void)state;
    assert_limits_at(1108, 48, 230, (struct datapoint_limits){46.3, 36, 72, 0.1});
    assert_limits_at(1108, 24, 230, (struct datapoint_limits){23.15, 18, 36, 0.1});
    assert_limits_at(1108, 12, 120, (struct datapoint_limits){11.575, 9, 18, 0.1});
    assert_limits_at(1108, NAN, 230, (struct datapoint_limits){NAN, NAN, NAN, 0.1});
    assert_limits_at(1108, 0, 230, (struct datapoint_limits){NAN, NAN, NAN, 0.1});
    assert_limits_at(1298, 12, 230, (struct datapoint_limits){0.125, 0, 0.35, 0.01});
    assert_limits_at(1139, 12, NAN, (struct datapoint_limits){-3, -8, 0, 1});   // per cell
    assert_limits_at(1138, NAN, NAN, (struct datapoint_limits){60, 0, 200, 1}); // no voltage
    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        struct datapoint_limits table = datapoint_limits(dp), at_24v = table;
        enum vbat_dependence vbat = datapoint_vbat(dp);
        assert_same_limits(datapoint_limits_at(dp, 48, 230), table);
        if (vbat == VBAT_LEVEL || vbat == VBAT_STEP) {
            at_24v.factory /= 2;
            at_24v.min /= 2;
            at_24v.max /= 2;
        }
        assert_same_limits(datapoint_limits_at(dp, 24, 230), at_24v);
    }
}

static void limits_of_an_installation_follow_its_ac_voltage(void **state)
{
    (void)state;
    assert_limits_at(1286, 24, 120, (struct datapoint_limits){120, 55, 140, 1});
    assert_limits_at(1286, NAN, 179, (struct datapoint_limits){120, 55, 140, 1});
    assert_limits_at(1286, NAN, 180, (struct datapoint_limits){230, 110, 280, 1});
    assert_limits_at(1286, 24, NAN, (struct datapoint_limits){NAN, NAN, NAN, 1});
    assert_limits_at(1286, 24, 0, (struct datapoint_limits){NAN, NAN, NAN, 1});
    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        assert_same_limits(datapoint_limits_at(dp, 48, 120), datapoint_limits_120v(dp));
    }
}

static void nominal_voltages_are_infos_in_volts(void **state)
{
    (void)state;
    static const unsigned battery[FAMILY_COUNT] = {
        [FAMILY_XT] = 3127, [FAMILY_VT] = 11048, [FAMILY_VS] = 15075, [FAMILY_BSP] = 7035};

    for (enum family family = FAMILY_XT; family <= FAMILY_NONE; family++) {
        unsigned battery_info = family_battery_volts_info(family);
        unsigned ac_info = family_ac_volts_info(family);
        assert_int_equal(battery_info, family == FAMILY_NONE ? 0 : battery[family]);
        assert_int_equal(ac_info, family == FAMILY_XT ? 3126 : 0);
        if (battery_info == 0)
            continue;
        assert_int_equal(datapoint_kind(catalogue_find(family, battery_info)), KIND_INFO);
        assert_string_equal(datapoint_unit(catalogue_find(family, battery_info)), "V");
    }
    assert_string_equal(datapoint_unit(catalogue_find(FAMILY_XT, 3126)), "V");
}

static void settings_are_parameters_that_hold_a_value(void **state)
{
    (void)state;
    static const unsigned expected[FAMILY_COUNT] = {
        [FAMILY_XT] = 346, [FAMILY_VT] = 246, [FAMILY_VS] = 158,
        [FAMILY_BSP] = 21, [FAMILY_BMS] = 37, [FAMILY_RCC] = 37,
    };
    // Clock, levels, preset, numbering of devices, identify, and a signal.
    static const unsigned never[] = {5002, 5012, 5043, 5045, 5091, 5092, 5119, 5059};
    unsigned counts[FAMILY_COUNT] = {0}, parameters = 0, signals = 0;

    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        counts[datapoint_family(dp)] += datapoint_is_setting(dp);
        parameters += datapoint_kind(dp) == KIND_PARAMETER;
        signals += datapoint_encoding(dp) == ENCODING_SIGNAL;
    }
    assert_memory_equal(counts, expected, sizeof counts);
    assert_int_equal(346 + 246 + 158 + 21 + 37 + 37, parameters - signals - 7);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_false(datapoint_is_setting(catalogue_find(FAMILY_RCC, never[i])));
    assert_false(datapoint_is_setting(catalogue_find(FAMILY_XT, 1415)));
    assert_false(datapoint_is_setting(catalogue_find(FAMILY_XT, 3000)));
    assert_false(datapoint_is_setting(catalogue_find(FAMILY_XT, 1100)));
    assert_true(datapoint_is_setting(catalogue_find(FAMILY_XT, 1138)));
}

static void only_whole_references_in_braces_count(void **state)
{
    (void)state;
    static const char text[] = "{1}{1124} {} {abc} {12x} { 7} {-7} {1124} {65535} {65536} "
                               "{99999999999999999999} {{5} 8} {9";
    static const unsigned expected[] = {1, 1124, 1124, 65535, 5};
    size_t at = 0, found = 0;
    uint16_t id;

    for (; catalogue_reference(text, &at, &id); found++) {
        assert_true(found < sizeof expected / sizeof *expected);
        assert_int_equal(id, expected[found]);
    }
    assert_int_equal(found, sizeof expected / sizeof *expected);
    assert_int_equal(at, strlen(text));
    assert_false(catalogue_reference(text, &at, &id));
}

static void assert_refers(enum family family, unsigned id, const unsigned *expected)
{
    const struct datapoint *dp = catalogue_find(family, id);
    uint16_t other;
    size_t i = 0;

    for (; expected[i]; i++) {
        assert_true(datapoint_refers(dp, i, &other));
        assert_int_equal(other, expected[i]);
    }
    assert_false(datapoint_refers(dp, i, &other));
    assert_false(datapoint_refers(dp, SIZE_MAX, &other));
}

static void references_are_of_the_family_and_only_once(void **state)
{
    (void)state;
    // Its note and its options name the same eight.
    static const unsigned lockings[] = {1124, 1125, 1126, 1128, 1127, 1461, 1462, 1547, 0};
    unsigned with_references = 0;

    assert_refers(FAMILY_XT, 3056, lockings);
    assert_refers(FAMILY_XT, 3028, (const unsigned[]){1107, 1522, 0});
    assert_refers(FAMILY_XT, 1462, (const unsigned[]){1468, 0});  // in the name
    assert_refers(FAMILY_XT, 3010, (const unsigned[]){1137, 0});  // a menu
    assert_refers(FAMILY_RCC, 5111, (const unsigned[]){5073, 0}); // in an option
    assert_refers(FAMILY_RCC, 5067, (const unsigned[]){0});       // 17019 is in no table
    assert_refers(FAMILY_XT, 1138, (const unsigned[]){0});
    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        uint16_t id;
        size_t r = 0;
        for (; datapoint_refers(dp, r, &id); r++) {
            assert_int_not_equal(id, datapoint_id(dp));
            assert_non_null(catalogue_find(datapoint_family(dp), id));
        }
        with_references += r > 0;
    }
    assert_int_equal(with_references, 14);
}

// --- Rounding ------------------------------------------------------------------------------------

static void devices_round_by_less_than_half_a_step(void **state)
{
    const struct datapoint *current = catalogue_find(FAMILY_XT, 1138); // step 1
    const struct datapoint *volts = catalogue_find(FAMILY_XT, 1140);   // step 0.1

    (void)state;
    assert_true(datapoint_rounding(current, 200) == 200. / 16384);
    assert_true(datapoint_rounding(volts, 68) == 68. / 16384);
    assert_true(datapoint_rounding(current, 1e9) < .5 && datapoint_rounding(current, 1e9) > .4);
    assert_true(datapoint_rounding(volts, INFINITY) < .05);
}

static void what_was_meant_has_few_decimals(void **state)
{
    const struct datapoint *current = catalogue_find(FAMILY_XT, 1138); // no decimals
    const struct datapoint *volts = catalogue_find(FAMILY_XT, 1140);   // one

    (void)state;
    assert_true(datapoint_meant(volts, 54.3984) == 54.4);
    assert_true(datapoint_meant(volts, 54.41) == 54.41);
    assert_true(datapoint_meant(volts, 0) == 0);
    assert_true(datapoint_meant(current, 45.5) == 45.5);
    assert_true(datapoint_meant(current, 59.996) == 60);
    assert_true(isnan(datapoint_meant(volts, NAN)));
    assert_true(datapoint_meant(catalogue_find(FAMILY_XT, 1206), 821) == 821);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_signal_has_an_effect_and_every_effect_a_reason),
        cmocka_unit_test(what_can_stop_or_endanger_must_be_confirmed),
        cmocka_unit_test(ordinary_settings_and_harmless_signals_need_no_word),
        cmocka_unit_test(limits_of_an_installation_follow_its_battery),
        cmocka_unit_test(limits_of_an_installation_follow_its_ac_voltage),
        cmocka_unit_test(nominal_voltages_are_infos_in_volts),
        cmocka_unit_test(settings_are_parameters_that_hold_a_value),
        cmocka_unit_test(only_whole_references_in_braces_count),
        cmocka_unit_test(references_are_of_the_family_and_only_once),
        cmocka_unit_test(devices_round_by_less_than_half_a_step),
        cmocka_unit_test(what_was_meant_has_few_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
