// SPDX-License-Identifier: MIT
// What is read of a device before anything can be written, the limits that it tells, and the values
// that each encoding takes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "edit_rig.h"

// --- What is read first --------------------------------------------------------------------------

enum { READS_MAX = 64 };

static struct {
    struct {
        uint16_t object;
        uint32_t address, id;
        uint16_t property;
    } list[READS_MAX];
    size_t count;
} seen;

static void note_read(struct rig *rig, const struct scom_frame *request)
{
    (void)rig;
    assert_true(seen.count < READS_MAX);
    seen.list[seen.count].object = request->object_type;
    seen.list[seen.count].address = request->destination;
    seen.list[seen.count].id = request->object_id;
    seen.list[seen.count++].property = request->property_id;
}

static bool was_read(uint16_t object, uint32_t address, uint32_t id, uint16_t property)
{
    for (size_t i = 0; i < seen.count; i++)
        if (seen.list[i].object == object && seen.list[i].address == address &&
            seen.list[i].id == id && seen.list[i].property == property)
            return true;
    return false;
}

static struct edit *open_noted(struct rig *rig, const char *target, unsigned id)
{
    seen.count = 0;
    rig->tap = note_read;
    struct edit *edit = rig_open(rig, target, id);
    rig->tap = NULL;
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(rig->write_count, 0);
    return edit;
}

static bool was_parameter_read(uint32_t address, uint32_t id, uint16_t property)
{
    return was_read(SCOM_PARAMETER, address, id, property);
}

static void everything_that_decides_is_read_from_the_device(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        unsigned id, address, fid, version, saved, watchdog, delay;
    } cases[] = {
        {"XT1", 1138, 101, 3156, 3130, 1550, 1628, 1629},
        {"VT1", 10002, 301, 11067, 11050, 10058, 10342, 10343},
        {"VS1", 14001, 701, 15102, 15077, 14069, 14218, 14219},
        {"BSP", 6001, 601, 7048, 7037, 0, 0, 0},
    };
    struct rig *rig = rig_new("xt=1,vt=1,vs=1,bsp", NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned at = cases[i].address, id = cases[i].id;
        edit_close(open_noted(rig, cases[i].target, id));
        assert_true(was_read(SCOM_GUID, 501, 0, 0));
        for (unsigned half = 0; half < 2; half++) {
            assert_true(was_read(SCOM_USER_INFO, at, cases[i].fid + half, 1));
            assert_true(was_read(SCOM_USER_INFO, at, cases[i].version + half, 1));
        }
        assert_true(was_parameter_read(at, id, SCOM_VALUE_QSP));
        assert_true(was_parameter_read(at, id, SCOM_MIN_QSP));
        assert_true(was_parameter_read(at, id, SCOM_MAX_QSP));
        assert_true(was_parameter_read(at, id, SCOM_LEVEL_QSP));
        if (cases[i].saved == 0)
            continue;
        assert_true(was_parameter_read(at, cases[i].saved, SCOM_VALUE_QSP));
        assert_true(was_parameter_read(at, cases[i].watchdog, SCOM_VALUE_QSP));
        assert_true(was_parameter_read(at, cases[i].delay, SCOM_VALUE_QSP));
    }
    rig_free(rig);
}

static void only_numbers_have_limits_and_signals_no_value(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    edit_close(open_noted(rig, "XT1", 1126));
    assert_true(was_parameter_read(101, 1126, SCOM_VALUE_QSP));
    assert_false(was_parameter_read(101, 1126, SCOM_MAX_QSP));
    edit_close(open_noted(rig, "XT1", 1467));
    assert_false(was_parameter_read(101, 1467, SCOM_VALUE_QSP));
    assert_true(was_parameter_read(101, 1467, SCOM_LEVEL_QSP));
    rig_free(rig);
}

static void each_device_of_a_group_is_read(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    const struct edit_device *devices;

    rig_discover(rig);
    struct edit *edit = open_noted(rig, "XT", 1138);
    assert_int_equal(edit_devices(edit, &devices), 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(devices[i].address, 101 + i);
        assert_true(was_parameter_read(101 + i, 1138, SCOM_VALUE_QSP));
        assert_true(was_parameter_read(101 + i, 1138, SCOM_MAX_QSP));
        assert_true(was_parameter_read(101 + i, 1628, SCOM_VALUE_QSP));
        assert_true(was_read(SCOM_USER_INFO, 101 + i, 3156, 1));
    }
    edit_close(edit);
    rig_free(rig);
}

// --- Limits --------------------------------------------------------------------------------------

static struct {
    uint16_t property, error;
    float value;
} forged;

// One answer of parameter 1138 of XT1 is another one.
static void forge(struct rig *rig, const struct scom_frame *request)
{
    uint8_t data[4];

    if (request->object_type != SCOM_PARAMETER || request->object_id != 1138 ||
        request->destination != 101 || request->property_id != forged.property)
        return;
    le_put_float(data, forged.value);
    rig_forge(rig, request, forged.error, forged.error ? NULL : data, sizeof data);
}

static void both_limits_or_no_write(void **state)
{
    (void)state;
    static const uint16_t limits[] = {SCOM_MIN_QSP, SCOM_MAX_QSP};
    struct rig *rig = rig_new("xt=1", NULL);

    rig->tap = forge;
    for (size_t i = 0; i < 2; i++) {
        forged.property = limits[i];
        forged.error = SCOM_PROPERTY_NOT_SUPPORTED;
        struct edit *edit = rig_open(rig, "XT1", 1138);
        assert_int_equal(edit_state(edit), EDIT_FAILED);
        assert_int_equal(edit_failure(edit), XC_DEVICE_ERROR);
        assert_non_null(strstr(edit_text(edit), i == 0 ? "minimum" : "maximum"));
        assert_non_null(strstr(edit_text(edit), "0x23"));
        assert_int_equal(rig_check(edit, 45, false).status, XC_AGAIN);
        edit_close(edit);

        forged.error = 0;
        forged.value = NAN;
        edit = rig_open(rig, "XT1", 1138);
        assert_int_equal(edit_state(edit), EDIT_FAILED);
        assert_null(strstr(edit_text(edit), "0x00"));
        edit_close(edit);

        // What says nothing isn't a limit.
        forged.value = i == 0 ? -INFINITY : INFINITY;
        edit = rig_open(rig, "XT1", 1138);
        assert_int_equal(edit_state(edit), EDIT_READY);
        assert_int_equal(rig_check(edit, 45, false).status, XC_UNSUPPORTED);
        edit_close(edit);
    }
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

static void the_devices_limits_hold_not_the_tables(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit_verdict verdict;

    rig->tap = forge;
    forged.property = SCOM_MAX_QSP;
    forged.error = 0;
    forged.value = 50;
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_check(edit, 50, false).status, XC_OK);
    verdict = rig_check(edit, 51, false);
    assert_int_equal(verdict.status, XC_RANGE);
    assert_string_equal(verdict.why, "51 A is above this device's maximum, 50 A");
    verdict = rig_check(edit, -1, true);
    assert_int_equal(verdict.status, XC_RANGE);
    assert_string_equal(verdict.why, "-1 A is below this device's minimum, 0 A");
    struct edit_wish wish = rig_wish(51, false);
    assert_int_equal(edit_write(edit, &wish, 0), XC_RANGE);
    assert_int_equal(edit_state(edit), EDIT_READY);
    edit_close(edit);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

static void limits_are_compared_as_the_wire_carries_them(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    // 37.9 is a little more than 37.9 there.
    struct edit *edit = rig_open(rig, "XT1", 1140);
    assert_int_equal(rig_check(edit, 37.9, false).status, XC_OK);
    assert_int_equal(rig_check(edit, 37.89, false).status, XC_RANGE);
    edit_close(edit);
    rig_free(rig);
}

// Of 1140 the maximum is the device's own 1156, of 1156 the minimum its 1140.
static void a_group_has_the_limits_that_all_allow(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2,limits=device", NULL);
    double min, max;

    rig_command(rig, "set XT1 1156 58");
    rig_command(rig, "set XT2 1156 56");
    rig_command(rig, "set XT1 1140 55");
    rig_command(rig, "set XT2 1140 52");
    rig_discover(rig);
    struct edit *edit = rig_open(rig, "XT", 1140);
    edit_limits(edit, &min, &max);
    assert_true(fabs(max - 56) < 0.01);
    assert_int_equal(rig_check(edit, 55.9, false).status, XC_OK);
    struct edit_verdict verdict = rig_check(edit, 57, false);
    assert_int_equal(verdict.status, XC_RANGE);
    assert_non_null(strstr(verdict.why, "above these devices' maximum, 56"));
    edit_close(edit);

    edit = rig_open(rig, "XT", 1156);
    edit_limits(edit, &min, &max);
    assert_true(fabs(min - 55) < 0.01);
    assert_int_equal(rig_check(edit, 54, false).status, XC_RANGE);
    assert_int_equal(rig_check(edit, 55.1, false).status, XC_OK);
    edit_close(edit);
    rig_free(rig);
}

static void no_value_suits_all_devices(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    rig_discover(rig);
    rig->tap = forge;
    forged.property = SCOM_MIN_QSP;
    forged.error = 0;
    forged.value = 210; // the other one's maximum is 200
    struct edit *edit = rig_open(rig, "XT", 1138);
    struct edit_verdict verdict = rig_check(edit, 205, false);
    assert_int_equal(verdict.status, XC_RANGE);
    assert_non_null(strstr(verdict.why, "no value"));
    edit_close(edit);
    rig_free(rig);
}

// --- Values --------------------------------------------------------------------------------------

static void only_values_of_the_encoding_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        unsigned id;
        double good[4], bad[6]; // NaN ends them
    } cases[] = {
        {"XT1", 1138, {0, 45, 45.5, 200}, {INFINITY, -INFINITY, NAN}},
        {"XT1", 1126, {0, 1, NAN}, {2, 0.5, -1, INFINITY, NAN}},                 // bool
        {"XT1", 1552, {1, 2, 4, NAN}, {0, 3, 8, 1.5, -1, NAN}},                  // one bit of some
        {"XT1", 1497, {0, 1, NAN}, {2, -1, 0.5, NAN}},                           // one bit or none
        {"XT1", 1205, {0, 127, 5, NAN}, {128, -1, 0.5, 256, 4294967296.0, NAN}}, // weekdays
        {"XT1", 1206, {0, 1440, 821, NAN}, {1441, -1, 0.5, NAN}},                // minutes
        {"XT1", 1622, {-0.1, 0, 0.1, 0.05}, {INFINITY, NAN}},                    // cos phi
        {"XT1", 1467, {1, NAN}, {0, 2, -1, 0.5, NAN}},                           // signal
        {"XCOM", 5000, {0, 3, NAN}, {0.5, INFINITY, NAN}},                       // INT32
        {"XCOM", 5002, {0, 1781956800, 2147483647, NAN}, {-1, 0.5, 2147483648.0, NAN}}, // date
    };
    struct rig *rig = rig_new("xt=1", NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct edit *edit = rig_open(rig, cases[i].target, cases[i].id);
        assert_int_equal(edit_state(edit), EDIT_READY);
        for (size_t k = 0; k < 4 && !isnan(cases[i].good[k]); k++)
            assert_int_equal(rig_check(edit, cases[i].good[k], false).status, XC_OK);
        for (size_t k = 0; k < 6 && !isnan(cases[i].bad[k]); k++) {
            struct edit_verdict verdict = rig_check(edit, cases[i].bad[k], false);
            assert_int_equal(verdict.status, XC_SYNTAX);
            assert_non_null(strstr(verdict.why, datapoint_expects(edit_datapoint(edit))));
        }
        assert_int_equal(rig_check(edit, (double)NAN, false).status, XC_SYNTAX);
        edit_close(edit);
    }
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

static void a_value_beside_the_steps_is_noted_and_allowed(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    struct edit *edit = rig_open(rig, "XT1", 1140);
    struct edit_verdict verdict = rig_check(edit, 54.45, false);
    assert_int_equal(verdict.status, XC_OK);
    assert_non_null(strstr(verdict.note, "0.1"));
    assert_string_equal(rig_check(edit, 54.4, false).note, "");
    edit_close(edit);
    rig_free(rig);
}

static void what_is_there_already_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    rig_discover(rig);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_true(rig_check(edit, 60, true).unchanged);
    assert_true(rig_check(edit, 60, false).unchanged);
    assert_false(rig_check(edit, 61, true).unchanged);
    edit_close(edit);
    // It runs with another value than flash has.
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    edit = rig_open(rig, "XT1", 1138);
    assert_true(rig_check(edit, 45, false).unchanged);
    assert_false(rig_check(edit, 60, false).unchanged);
    assert_true(rig_check(edit, 60, true).unchanged);
    edit_close(edit);
    // One of two.
    edit = rig_open(rig, "XT", 1138);
    assert_false(rig_check(edit, 45, false).unchanged);
    edit_close(edit);
    edit = rig_open(rig, "XT1", 1467);
    assert_false(rig_check(edit, 1, false).unchanged);
    edit_close(edit);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_decides_is_read_from_the_device),
        cmocka_unit_test(only_numbers_have_limits_and_signals_no_value),
        cmocka_unit_test(each_device_of_a_group_is_read),
        cmocka_unit_test(both_limits_or_no_write),
        cmocka_unit_test(the_devices_limits_hold_not_the_tables),
        cmocka_unit_test(limits_are_compared_as_the_wire_carries_them),
        cmocka_unit_test(a_group_has_the_limits_that_all_allow),
        cmocka_unit_test(no_value_suits_all_devices),
        cmocka_unit_test(only_values_of_the_encoding_are_taken),
        cmocka_unit_test(a_value_beside_the_steps_is_noted_and_allowed),
        cmocka_unit_test(what_is_there_already_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
