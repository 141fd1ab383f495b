// SPDX-License-Identifier: MIT
// What is recorded of a device: of all its parameters and of one, newest first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edit_rig.h"

static void the_newest_come_first(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    struct record list[8];
    uint16_t ids[8];
    unsigned flash_writes;

    rig_discover(rig);
    rig_change(rig, "XT1", 1138, 45, false);
    rig_change(rig, "XT2", 1138, 50, true);
    rig_change(rig, "XT1", 1107, 20, true);
    rig_change(rig, "XT1", 1138, 40, true);

    assert_int_equal(plant_records(rig->plant, FAMILY_XT, 1, list, 8), 3);
    assert_int_equal(list[0].n, 4);
    assert_int_equal(list[1].id, 1107);
    assert_int_equal(list[2].n, 1);
    assert_true(list[2].old == 60 && list[2].new == 45 && !list[2].flash);
    // No more than there is room for: the newest.
    assert_int_equal(plant_records(rig->plant, FAMILY_XT, 1, list, 2), 2);
    assert_int_equal(list[0].n, 4);
    assert_int_equal(list[1].n, 3);
    assert_int_equal(plant_records(rig->plant, FAMILY_XT, 1, list, 0), 0);
    assert_int_equal(plant_records(rig->plant, FAMILY_XT, 2, list, 8), 1);
    assert_string_equal(list[0].device, "XT2");
    assert_int_equal(plant_records(rig->plant, FAMILY_RCC, 1, list, 8), 0);

    assert_int_equal(plant_changes(rig->plant, FAMILY_XT, 1, 1138, list, 8, &flash_writes), 2);
    assert_int_equal(list[0].n, 4);
    assert_int_equal(list[1].n, 1);
    assert_int_equal(flash_writes, 1);
    assert_int_equal(plant_changed(rig->plant, FAMILY_XT, 1, ids, 8), 2);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
