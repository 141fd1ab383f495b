// SPDX-License-Identifier: MIT
// Names of devices and their addresses, both ways.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "catalogue/address.h"

static void assert_target(const char *text, enum target_kind kind, enum family family,
                          unsigned index, uint32_t address, const char *name)
{
    struct target target;
    char out[DEVICE_NAME_MAX];

    assert_int_equal(target_parse(text, &target), XC_OK);
    assert_int_equal(target.kind, kind);
    assert_int_equal(target.family, family);
    assert_int_equal(target.index, index);
    assert_int_equal(target_address(&target), address);
    assert_string_equal(target_name(&target, out, sizeof out), name);
}

static void names_mean_devices(void **state)
{
    (void)state;
    assert_target("XT1", TARGET_DEVICE, FAMILY_XT, 1, 101, "XT1");
    assert_target("xt9", TARGET_DEVICE, FAMILY_XT, 9, 109, "XT9");
    assert_target("VT15", TARGET_DEVICE, FAMILY_VT, 15, 315, "VT15");
    assert_target("Vs15", TARGET_DEVICE, FAMILY_VS, 15, 715, "VS15");
    assert_target("BSP", TARGET_DEVICE, FAMILY_BSP, 1, 601, "BSP");
    assert_target("bms", TARGET_DEVICE, FAMILY_BMS, 1, 601, "BMS");
    assert_target("XCOM", TARGET_DEVICE, FAMILY_RCC, 1, 501, "XCOM");
    assert_target("rcc", TARGET_DEVICE, FAMILY_RCC, 1, 501, "XCOM");
    assert_target("l3", TARGET_PHASE, FAMILY_XT, 3, 193, "L3");
    assert_target("XT", TARGET_MULTICAST, FAMILY_XT, 0, 100, "XT");
    assert_target("VT", TARGET_MULTICAST, FAMILY_VT, 0, 300, "VT");
    assert_target("VS", TARGET_MULTICAST, FAMILY_VS, 0, 700, "VS");
    assert_target("XT*", TARGET_EACH, FAMILY_XT, 0, 0, "XT*");
    assert_target("xt.SUM", TARGET_SUM, FAMILY_XT, 0, 0, "XT.sum");
    assert_target("VS.avg", TARGET_AVERAGE, FAMILY_VS, 0, 0, "VS.avg");
    assert_target("191", TARGET_PHASE, FAMILY_XT, 1, 191, "L1");
    assert_target("601", TARGET_DEVICE, FAMILY_BSP, 1, 601, "BSP");
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",        "X",     "XT0",     "XT10", "XT01",       "XT1 ",
        " XT1",    "XT-1",  "XT+1",    "VT16", "VS16",       "VT1x",
        "L",       "L0",    "L4",      "BSP1", "BSP*",       "BSP.sum",
        "BMS1",    "XCOM1", "RCC*",    "XT**", "XT.",        "XT.su",
        "XT.summ", "XT1*",  "XT1.sum", "NONE", "XTXTXTXTXT", "0101",
        "101.0",   "+101",  "-101",    "0x65", "4294967397", "18446744073709551717",
        "*",       ".sum"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct target target = {TARGET_SUM, FAMILY_BMS, 77};
        if (target_parse(names[i], &target) != XC_SYNTAX)
            fail_msg("\"%s\" was taken", names[i]);
        assert_int_equal(target.index, 77);
    }
}

static bool is_a_device(uint32_t address)
{
    return (address >= 101 && address <= 109) || (address >= 191 && address <= 193) ||
           (address >= 301 && address <= 315) || address == 501 || address == 601 ||
           (address >= 701 && address <= 715);
}

static void addresses_go_both_ways(void **state)
{
    (void)state;
    for (uint32_t address = 0; address <= 1100; address++) {
        struct target target, named;
        char digits[12], name[DEVICE_NAME_MAX];
        bool known = is_a_device(address);

        snprintf(digits, sizeof digits, "%u", (unsigned)address);
        assert_int_equal(target_from_address(address, &target), known);
        assert_int_equal(target_parse(digits, &named), known ? XC_OK : XC_SYNTAX);
        if (!known)
            continue;
        assert_int_equal(target_address(&target), address);
        assert_int_equal(target_address(&named), address);
        target_name(&target, name, sizeof name);
        assert_int_equal(target_parse(name, &named), XC_OK);
        assert_int_equal(named.kind, target.kind);
        assert_int_equal(named.family, target.family);
        assert_int_equal(named.index, target.index);
    }
    struct target target;
    assert_false(target_from_address(UINT32_MAX, &target));
}

static void families_have_so_many_devices(void **state)
{
    (void)state;
    static const unsigned most[FAMILY_COUNT] = {9, 15, 15, 1, 1, 1};
    static const uint32_t first[FAMILY_COUNT] = {101, 301, 701, 601, 601, 501};

    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        enum family family = (enum family)f;
        assert_int_equal(family_devices_max(family), most[f]);
        assert_true(most[f] <= DEVICES_PER_FAMILY_MAX);
        assert_int_equal(device_address(family, 0), 0);
        assert_int_equal(device_address(family, most[f] + 1), 0);
        assert_int_equal(device_address(family, UINT32_MAX), 0);
        for (unsigned i = 1; i <= most[f]; i++)
            assert_int_equal(device_address(family, i), first[f] + i - 1);
    }
    assert_int_equal(family_devices_max(FAMILY_NONE), 0);
    assert_int_equal(device_address(FAMILY_NONE, 1), 0);
}

static void impossible_targets_have_no_address(void **state)
{
    (void)state;
    static const struct target targets[] = {
        {TARGET_PHASE, FAMILY_XT, 0},      {TARGET_PHASE, FAMILY_XT, 4},
        {TARGET_DEVICE, FAMILY_XT, 10},    {TARGET_DEVICE, FAMILY_NONE, 1},
        {TARGET_MULTICAST, FAMILY_BSP, 0}, {TARGET_MULTICAST, FAMILY_NONE, 0},
    };
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        assert_int_equal(target_address(&targets[i]), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_mean_devices),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(addresses_go_both_ways),
        cmocka_unit_test(families_have_so_many_devices),
        cmocka_unit_test(impossible_targets_have_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
