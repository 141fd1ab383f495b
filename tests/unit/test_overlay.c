// SPDX-License-Identifier: MIT
// overlay: what is known of RAM, which nobody can read: for how long it is sure, when it is
// doubted, when it ends, and whom it follows.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "edit_rig.h"

static struct rig *rig_with_ram(const char *installation)
{
    struct rig *rig = rig_new(installation, NULL);

    rig_discover(rig);
    rig_watch(rig, FAMILY_XT, 2);
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    return rig;
}

// XT1 and XT2 run with this, or as far as is known with what flash has (NaN).
static void assert_overlays(struct rig *rig, enum overlay_state xt1, enum overlay_state xt2)
{
    const enum overlay_state expected[] = {xt1, xt2};

    for (unsigned i = 0; i < 2; i++) {
        double number = (double)NAN;
        assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, i + 1, 1138, &number), expected[i]);
        if (expected[i] != OVERLAY_NONE)
            assert_true(number == 45);
    }
}

static void it_is_of_one_parameter_of_one_device(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2,vt=1");
    double number;

    assert_overlays(rig, OVERLAY_SURE, OVERLAY_NONE);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1107, &number), OVERLAY_NONE);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_VT, 1, 1138, &number), OVERLAY_NONE);
    assert_int_equal(rig_change(rig, "XT1", 1138, 46, false), RECORD_WRITTEN);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_SURE);
    assert_true(number == 46);
    rig_free(rig);
}

static void what_goes_to_flash_ends_it(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");
    double number;

    assert_int_equal(rig_change(rig, "XT1", 1138, 50, true), RECORD_WRITTEN);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_NONE);
    // So does the value that flash has.
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    assert_overlays(rig, OVERLAY_SURE, OVERLAY_NONE);
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, false), RECORD_WRITTEN);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_NONE);
    // Also when the wire carries it a little differently.
    rig_set_flash(rig, FAMILY_XT, 1, 1140, (double)54.3F);
    assert_int_equal(rig_change(rig, "XT1", 1140, 54.3, false), RECORD_WRITTEN);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1140, &number), OVERLAY_NONE);
    rig_free(rig);
}

static void what_was_refused_changes_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");

    rig_command(rig, "deny XT1:1138 0x2B");
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, false), RECORD_REFUSED);
    assert_int_equal(rig_change(rig, "XT2", 1138, 50, true), RECORD_WRITTEN);
    assert_overlays(rig, OVERLAY_SURE, OVERLAY_NONE);
    rig_free(rig);
}

static void what_may_have_been_done_makes_it_doubtful(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");
    double number;

    rig_command(rig, "mute XT1:1138");
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, false), RECORD_UNKNOWN);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_DOUBT);
    assert_true(number == 50);
    rig_free(rig);

    // A write to flash changes RAM too.
    rig = rig_with_ram("xt=2");
    rig_command(rig, "drop XT1:1138");
    assert_int_equal(rig_change(rig, "XT1", 1138, 50, true), RECORD_UNKNOWN);
    assert_overlays(rig, OVERLAY_DOUBT, OVERLAY_NONE);
    rig_free(rig);
}

static void a_restart_ends_it(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");

    assert_int_equal(rig_change(rig, "XT2", 1138, 45, false), RECORD_WRITTEN);
    rig_command(rig, "reset XT1");
    rig_run(rig, 60 * LOOP_S);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_SURE);
    assert_true(rig_running(rig, 101, 1138) == 60);
    rig_free(rig);
}

static void a_short_restart_is_noticed_with_nothing_on_screen(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    rig_discover(rig);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
        rig_run(rig, 20 * LOOP_S + i * 371 * LOOP_MS);
        assert_overlays(rig, OVERLAY_SURE, OVERLAY_NONE);
        rig_command(rig, "reset XT1 4s");
        rig_run(rig, 20 * LOOP_S);
        assert_overlays(rig, OVERLAY_NONE, OVERLAY_NONE);
    }
    rig_free(rig);
}

static void a_new_connection_makes_it_doubtful(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");
    const struct edit_device *devices;

    rig_command(rig, "disconnect 2s");
    rig_run(rig, 60 * LOOP_S);
    assert_overlays(rig, OVERLAY_DOUBT, OVERLAY_NONE);
    // A doubtful value is told, but isn't relied on.
    struct edit *edit = rig_open(rig, "XT1", 1138);
    edit_devices(edit, &devices);
    assert_true(devices[0].overlay == 45);
    assert_false(rig_check(edit, 45, false).unchanged);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    edit_close(edit);
    assert_overlays(rig, OVERLAY_SURE, OVERLAY_NONE);
    edit = rig_open(rig, "XT1", 1138);
    edit_devices(edit, &devices);
    assert_true(devices[0].overlay == 45);
    edit_close(edit);
    rig_free(rig);
}

static void a_gateway_that_restarts_loses_its_own(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");
    double number;

    assert_int_equal(rig_change(rig, "XCOM", 5104, 1, false), RECORD_WRITTEN);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig_change(rig, "XCOM", 5006, 70, false), RECORD_WRITTEN);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_RCC, 1, 5006, &number), OVERLAY_SURE);
    rig_command(rig, "reset XCOM");
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_RCC, 1, 5006, &number), OVERLAY_NONE);
    assert_overlays(rig, OVERLAY_DOUBT, OVERLAY_NONE);
    // The flag stays set: that is no restart.
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    rig_run(rig, 600 * LOOP_S);
    assert_overlays(rig, OVERLAY_SURE, OVERLAY_NONE);
    rig_free(rig);
}

static void it_follows_its_device_to_another_number(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");

    rig_command(rig, "swap XT1 XT2");
    rig_command(rig, "disconnect 2s");
    rig_run(rig, 60 * LOOP_S);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_DOUBT);
    // The one at its former number restarts.
    rig_command(rig, "reset XT1");
    rig_run(rig, 60 * LOOP_S);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_DOUBT);
    rig_command(rig, "reset XT2");
    rig_run(rig, 60 * LOOP_S);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_NONE);
    rig_free(rig);
}

static void another_installation_has_none_of_it(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");
    double number;

    assert_int_equal(rig_change(rig, "XCOM", 5006, 70, false), RECORD_WRITTEN);
    rig_exchange(rig);
    rig_command(rig, "disconnect 2s");
    rig_run(rig, 60 * LOOP_S);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_NONE);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_RCC, 1, 5006, &number), OVERLAY_NONE);
    rig_free(rig);
}

// A change notices the exchange before the plant itself does.
static void an_exchange_that_a_change_notices_is_one_for_all(void **state)
{
    (void)state;
    struct rig *rig = rig_with_ram("xt=2");
    const struct plant_device *device;
    double number;

    assert_int_equal(rig_change(rig, "XCOM", 5006, 70, false), RECORD_WRITTEN);
    uint32_t fid = plant_device(rig->plant, FAMILY_XT, 1)->fid;
    assert_int_not_equal(fid, 0);
    rig_exchange(rig);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    edit_close(edit);
    rig_run(rig, 60 * LOOP_S);
    assert_overlays(rig, OVERLAY_NONE, OVERLAY_NONE);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_RCC, 1, 5006, &number), OVERLAY_NONE);
    // Its devices have been found anew.
    device = plant_device(rig->plant, FAMILY_XT, 1);
    assert_non_null(device);
    assert_int_not_equal(device->fid, fid);
    assert_int_not_equal(device->fid, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_of_one_parameter_of_one_device),
        cmocka_unit_test(what_goes_to_flash_ends_it),
        cmocka_unit_test(what_was_refused_changes_nothing),
        cmocka_unit_test(what_may_have_been_done_makes_it_doubtful),
        cmocka_unit_test(a_restart_ends_it),
        cmocka_unit_test(a_short_restart_is_noticed_with_nothing_on_screen),
        cmocka_unit_test(a_new_connection_makes_it_doubtful),
        cmocka_unit_test(a_gateway_that_restarts_loses_its_own),
        cmocka_unit_test(it_follows_its_device_to_another_number),
        cmocka_unit_test(another_installation_has_none_of_it),
        cmocka_unit_test(an_exchange_that_a_change_notices_is_one_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
