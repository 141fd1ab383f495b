// SPDX-License-Identifier: MIT
// What is logged, from a text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plant/selection.h"

static struct selection selection;
static char error[SELECTION_ERROR_MAX];

static void assert_item(size_t i, enum target_kind kind, enum family family, unsigned index,
                        unsigned id)
{
    assert_true(i < selection.count);
    assert_int_equal(selection.items[i].target.kind, kind);
    assert_int_equal(selection.items[i].target.family, family);
    assert_int_equal(selection.items[i].target.index, index);
    assert_int_equal(datapoint_id(selection.items[i].datapoint), id);
}

static void lists_are_read(void **state)
{
    (void)state;
    assert_int_equal(
        selection_parse("xt1:3000,3005,XT*:3136,XT.sum:3136,BSP:7000-7002,1138", &selection, error),
        XC_USAGE); // 1138 isn't the BSP's
    assert_non_null(strstr(error, "BSP has no value 1138"));
    assert_int_equal(
        selection_parse("xt1:3000,3005,XT*:3136,XT.sum:3136,BSP:7000-7002", &selection, error),
        XC_OK);
    assert_int_equal(selection.count, 7);
    assert_item(0, TARGET_DEVICE, FAMILY_XT, 1, 3000);
    assert_item(1, TARGET_DEVICE, FAMILY_XT, 1, 3005);
    assert_item(2, TARGET_EACH, FAMILY_XT, 0, 3136);
    assert_item(3, TARGET_SUM, FAMILY_XT, 0, 3136);
    assert_item(6, TARGET_DEVICE, FAMILY_BSP, 1, 7002);
    selection_free(&selection);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "'': expected values like XT1:3000"},
        {"3000", "'3000': expected values like"},
        {"XT:3000", "'XT:3000': expected"},
        {"L1:3000", "'L1:3000': expected"},
        {"XT10:3000", "'XT10:3000': expected"},
        {"XT1:", "'' isn't the number"},
        {"XT1:3000,", "'' isn't the number"},
        {"XT1:99", "XT has no value 99"},
        {"XT1:3000-2", "isn't a range"},
        {"XT1:3900-3999", "there is nothing to be logged in 3900-3999"},
        {"XT1:1467", "XT has no value 1467"}, // a signal
        {"XT.sum:3000", "3000 has no sum over several devices; XT*:3000 takes each"},
        {"XT.avg:3136", "3136 has no average over several devices"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(selection_parse(cases[i].text, &selection, error), XC_USAGE);
        if (!strstr(error, cases[i].says))
            fail_msg("%s: %s", cases[i].text, error);
        assert_null(selection.items);
    }
    assert_int_equal(selection_preset("most", &selection, error), XC_USAGE);
}

static void presets_are_of_the_tables(void **state)
{
    (void)state;
    assert_int_equal(selection_preset("overview", &selection, error), XC_OK);
    assert_true(selection.count > 20);
    size_t sums = 0;
    for (size_t i = 0; i < selection.count; i++) {
        assert_true(selection.items[i].where_there);
        sums += selection.items[i].target.kind == TARGET_SUM;
        assert_true(selection.items[i].target.kind == TARGET_EACH ||
                    selection.items[i].target.kind == TARGET_SUM);
    }
    assert_int_equal(sums, 4); // what the graphs begin with
    selection_free(&selection);
    assert_int_equal(selection_preset("all", &selection, error), XC_OK);
    assert_true(selection.count > 250);
    for (size_t i = 0; i < selection.count; i++)
        assert_int_equal(datapoint_kind(selection.items[i].datapoint), KIND_INFO);
    selection_free(&selection);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(presets_are_of_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
