// SPDX-License-Identifier: MIT
// edit: the whole course of a write, and every rule that stands before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "edit_rig.h"

static void a_ram_write_reaches_the_device_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct edit_device *devices;
    struct record records[4];
    double number, min, max;

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(edit_devices(edit, &devices), 1);
    assert_true(devices[0].value == 60);
    assert_true(devices[0].takes_ram);
    assert_true(devices[0].stores_flash);
    assert_false(devices[0].watched);
    assert_true(devices[0].level_known);
    assert_int_equal(devices[0].level, LEVEL_BASIC);
    assert_string_equal(devices[0].firmware, "1.6.74");
    assert_int_equal(strlen(devices[0].key), 8);
    edit_limits(edit, &min, &max);
    assert_true(min == 0 && max > 45);
    assert_int_equal(rig->write_count, 0);

    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_OK);
    assert_null(verdict.word);
    assert_false(verdict.unchanged);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    assert_string_equal(edit_text(edit), "XT1 runs with 45 A from now on, until it restarts");
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig->writes[0].address, 101);
    assert_int_equal(rig->writes[0].id, 1138);
    assert_int_equal(rig->writes[0].property, SCOM_UNSAVED_VALUE_QSP);
    assert_int_equal(rig->writes[0].length, 4);
    assert_true(le_get_float(rig->writes[0].data) == 45);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 1, 1138, &number), OVERLAY_SURE);
    assert_true(number == 45);
    assert_true(rig_flash(rig, 101, 1138) == 60);

    assert_int_equal(rig_records(rig, records, 4), 1);
    assert_string_equal(records[0].who, "anna");
    assert_string_equal(records[0].site, "emosson");
    assert_string_equal(records[0].device, "XT1");
    assert_string_equal(records[0].key, devices[0].key);
    assert_int_equal(strlen(records[0].guid), 32);
    assert_false(records[0].flash);
    assert_true(records[0].old == 60 && records[0].new == 45);
    assert_int_equal(records[0].result, RECORD_WRITTEN);
    edit_close(edit);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ram_write_reaches_the_device_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
