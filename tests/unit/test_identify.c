// SPDX-License-Identifier: MIT
// Deeds of the gateway: devices that flash – who, for how long, and that nothing stays behind –,
// and its clock.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "edit_rig.h"

static int64_t flashing(struct rig *rig, const char *name)
{
    struct target target = rig_target(name);

    return plant_flashing(rig->plant, target.family, target.index);
}

static void a_device_flashes_45_seconds(void **state)
{
    struct rig *rig = rig_new("xt=3,phases=3,vt=2,bsp", NULL);

    (void)state;
    rig_discover(rig);
    assert_int_equal(flashing(rig, "XT2"), 0);
    assert_int_equal(rig_change(rig, "XCOM", IDENTIFY_PARAMETER, 102, false), RECORD_WRITTEN);
    assert_true(flashing(rig, "XT2") > 44 * LOOP_S && flashing(rig, "XT2") <= 45 * LOOP_S);
    assert_int_equal(flashing(rig, "XT1"), 0);
    assert_int_equal(flashing(rig, "VT2"), 0);
    rig_run(rig, 44 * LOOP_S);
    assert_true(flashing(rig, "XT2") > 0);
    rig_run(rig, LOOP_S);
    assert_int_equal(flashing(rig, "XT2"), 0);
    rig_free(rig);
}

static void phases_and_families_flash(void **state)
{
    struct rig *rig = rig_new("xt=3,phases=3,vt=2,bsp", NULL);

    (void)state;
    rig_discover(rig);
    rig_run(rig, 20 * LOOP_S); // phases are read
    rig_change(rig, "XCOM", IDENTIFY_PARAMETER, 192, false);
    assert_int_equal(flashing(rig, "XT1"), 0);
    assert_true(flashing(rig, "XT2") > 0);
    rig_change(rig, "XCOM", IDENTIFY_PARAMETER, 300, false);
    assert_int_equal(flashing(rig, "XT2"), 0);
    assert_true(flashing(rig, "VT1") > 0 && flashing(rig, "VT2") > 0);
    rig_change(rig, "XCOM", IDENTIFY_PARAMETER, 0, false);
    assert_int_equal(flashing(rig, "VT1"), 0);
    rig_free(rig);
}

// It is no value that would run until the gateway restarts.
static void nothing_is_said_to_stay_in_ram(void **state)
{
    struct rig *rig = rig_new("xt=2", NULL);
    int64_t time;
    double number;

    (void)state;
    rig_discover(rig);
    rig_change(rig, "XCOM", IDENTIFY_PARAMETER, 101, false);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_RCC, 1, IDENTIFY_PARAMETER, &number),
                     OVERLAY_NONE);
    assert_false(plant_earlier_ram(rig->plant, FAMILY_RCC, 1, IDENTIFY_PARAMETER, &number, &time));
    // The same once more isn't "unchanged": it flashes anew.
    struct edit *edit = rig_open(rig, "XCOM", IDENTIFY_PARAMETER);
    struct edit_verdict verdict = rig_check(edit, 101, false);
    assert_int_equal(verdict.status, XC_OK);
    assert_null(verdict.word);
    assert_false(verdict.unchanged);
    assert_int_equal(verdict.warning_count, 0);
    edit_close(edit);
    rig_free(rig);
}

static void what_was_refused_or_lost_doesnt_flash(void **state)
{
    struct rig *rig = rig_new("xt=2", NULL);

    (void)state;
    rig_discover(rig);
    rig_command(rig, "deny XCOM:5119 0x2B");
    assert_int_equal(rig_change(rig, "XCOM", IDENTIFY_PARAMETER, 101, false), RECORD_REFUSED);
    assert_int_equal(flashing(rig, "XT1"), 0);
    rig_command(rig, "clear");
    rig_command(rig, "mute XCOM:5119");
    assert_int_equal(rig_change(rig, "XCOM", IDENTIFY_PARAMETER, 101, false), RECORD_UNKNOWN);
    assert_int_equal(flashing(rig, "XT1"), 0);
    rig_free(rig);
}

// Without multi-infos, which bring it along every second, it would be asked for much later.
static void a_clock_that_was_set_is_known_at_once(void **state)
{
    struct rig *rig = rig_new("xt=1,no-multi", NULL);
    struct plant_link link;
    int64_t former, offset = 1;

    (void)state;
    assert_false(plant_clock_offset(rig->plant, &offset));
    assert_int_equal(offset, 0);
    rig_discover(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_true(plant_clock_offset(rig->plant, &former));
    double before = (double)(loop_wall(rig->loop) + former) / LOOP_S;
    rig_change(rig, "XCOM", 5002, floor(before) + 7200, true);
    assert_true(plant_clock_offset(rig->plant, &offset));
    assert_true(llabs(offset - former - 7200 * LOOP_S) < 10 * LOOP_S);
    plant_link(rig->plant, &link);
    assert_true(link.clock_known);
    assert_int_equal(link.clock_offset, offset);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_flashes_45_seconds),
        cmocka_unit_test(phases_and_families_flash),
        cmocka_unit_test(nothing_is_said_to_stay_in_ram),
        cmocka_unit_test(what_was_refused_or_lost_doesnt_flash),
        cmocka_unit_test(a_clock_that_was_set_is_known_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
