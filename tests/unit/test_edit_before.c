// SPDX-License-Identifier: MIT
// edit: what is looked at once more just before it is sent, and stops it: another device, another
// value, another installation.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "edit_rig.h"

static void another_device_at_the_number_stops_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    struct edit *edit = rig_open(rig, "XT1", 1138);
    rig_command(rig, "swap XT1 XT2");
    rig_write(rig, edit, 45, false);
    rig_assert_not_sent(rig, edit, "XT1 is another device than before");
    assert_int_equal(edit_failure(edit), XC_USAGE);
    edit_close(edit);
    rig_free(rig);
}

// The numbers on the screen would be those of the other one.
static void another_device_than_the_one_that_is_shown_is_not_looked_at(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    rig_discover(rig);
    rig_command(rig, "swap XT1 XT2");
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(edit_failure(edit), XC_USAGE);
    assert_non_null(strstr(edit_text(edit), "XT1 is another device than before"));
    edit_close(edit);
    rig_free(rig);
}

static void a_value_that_has_changed_meanwhile_stops_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);

    rig_discover(rig);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    rig_command(rig, "set XT1 1138 50");
    rig_write(rig, edit, 45, true);
    rig_assert_not_sent(rig, edit, "meanwhile XT1 has changed from 60 A to 50 A");
    edit_close(edit);

    edit = rig_open(rig, "XT", 1138);
    rig_command(rig, "set XT3 1138 50");
    rig_write(rig, edit, 45, false);
    rig_assert_not_sent(rig, edit, "meanwhile XT3 has changed");
    edit_close(edit);
    rig_free(rig);
}

static void a_device_that_has_gone_meanwhile_stops_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);

    rig_discover(rig);
    struct edit *edit = rig_open(rig, "XT", 1138);
    rig_command(rig, "gone XT2");
    rig_write(rig, edit, 45, false);
    rig_assert_not_sent(rig, edit, "there is no XT2");
    edit_close(edit);
    rig_free(rig);
}

static void a_device_that_was_not_looked_at_stops_it(void **state)
{
    (void)state;
    static const char *const targets[] = {"XT", "L1"};
    struct rig *rig = rig_new("xt=3", NULL);

    rig_discover(rig);
    rig_watch(rig, FAMILY_XT, 3);
    for (size_t i = 0; i < 2; i++) {
        rig_command(rig, "gone XT3");
        rig_run(rig, 20 * LOOP_S);
        struct edit *edit = rig_open(rig, targets[i], 1138);
        assert_int_equal(rig_check(edit, 45, false).status, XC_OK);
        rig_command(rig, "back XT3");
        rig_run(rig, 60 * LOOP_S);
        assert_int_equal(plant_device(rig->plant, FAMILY_XT, 3)->presence, DEVICE_PRESENT);
        rig_write(rig, edit, 45, false);
        rig_assert_not_sent(rig, edit, "XT3 has come");
        edit_close(edit);
    }
    rig_free(rig);
}

static void another_installation_gets_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    // At the end of the same line.
    struct edit *edit = rig_open(rig, "XT1", 1138);
    rig_exchange(rig);
    rig_write(rig, edit, 45, false);
    rig_assert_not_sent(rig, edit, "another installation answers");
    edit_close(edit);
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(edit_failure(edit), XC_USAGE);
    assert_non_null(strstr(edit_text(edit), "another installation answers"));
    edit_close(edit);
    rig_free(rig);

    // On a new connection, after which everything was found anew.
    rig = rig_new("xt=1", NULL);
    rig_discover(rig);
    edit = rig_open(rig, "XT1", 1138);
    rig_exchange(rig);
    rig_command(rig, "disconnect 1s");
    rig_run(rig, 60 * LOOP_S);
    rig_write(rig, edit, 45, false);
    rig_assert_not_sent(rig, edit, "another installation answers");
    edit_close(edit);
    rig_free(rig);
}

// A gateway of before GUIDs.
static void without_guid(struct rig *rig, const struct scom_frame *request)
{
    if (request->object_type == SCOM_GUID)
        rig_forge(rig, request, SCOM_TYPE_NOT_SUPPORTED, NULL, 0);
}

static void a_gateway_that_hides_its_guid_is_not_the_one_before(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    edit_close(rig_open(rig, "XCOM", 5000));
    rig->tap = without_guid;
    for (int i = 0; i < 2; i++) {
        struct edit *edit = rig_open(rig, "XCOM", 5000);
        assert_int_equal(edit_state(edit), EDIT_FAILED);
        assert_non_null(strstr(edit_text(edit), "GUID"));
        edit_close(edit);
    }
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);

    // Where none was ever told, none is needed.
    rig = rig_new("xt=1", NULL);
    rig->tap = without_guid;
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XT1", 1138, 46, false), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XCOM", 5104, 1, false), RECORD_WRITTEN);
    rig_free(rig);
}

static void only_the_gateway_that_was_configured_gets_anything(void **state)
{
    (void)state;
    struct record record;
    struct rig *rig = rig_new("xt=1", NULL);

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    rig_free(rig);

    char capitals[RECORD_KEY_MAX] = "";
    for (size_t i = 0; record.guid[i]; i++)
        capitals[i] = (char)toupper((unsigned char)record.guid[i]);
    const struct plant_options capital = {.guid = capitals};
    rig = rig_new("xt=1", &capital);
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    rig_free(rig);
    const struct plant_options right = {.guid = record.guid};
    rig = rig_new("xt=1", &right);
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    rig_free(rig);

    const struct plant_options wrong = {.guid = "00112233445566778899aabbccddeeff"};
    rig = rig_new("xt=1", &wrong);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_int_equal(edit_failure(edit), XC_USAGE);
    assert_non_null(strstr(edit_text(edit), "another installation than the one configured"));
    assert_non_null(strstr(edit_text(edit), record.guid));
    edit_close(edit);
    rig_free(rig);

    // One that doesn't tell it: neither the first time, nor when that is known.
    rig = rig_new("xt=1", &right);
    rig->tap = without_guid;
    rig_discover(rig);
    for (int i = 0; i < 3; i++) {
        edit = rig_open(rig, "XT1", 1138);
        assert_int_equal(edit_state(edit), EDIT_FAILED);
        assert_non_null(strstr(edit_text(edit), "GUID"));
        edit_close(edit);
    }
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

static void a_watchdog_or_flash_switched_meanwhile_stops_it(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        bool flash;
        const char *says;
    } cases[] = {
        {"set XT1 1628 yes", false, "switched the watchdog of XT1"},
        {"set XT1 1550 no", true, "switched saving in flash of XT1"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig *rig = rig_new("xt=1", NULL);
        struct edit *edit = rig_open(rig, "XT1", 1138);
        assert_int_equal(edit_state(edit), EDIT_READY);
        rig_command(rig, cases[i].command);
        rig_write(rig, edit, 45, cases[i].flash);
        rig_assert_not_sent(rig, edit, cases[i].says);
        edit_close(edit);
        rig_free(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watchdog_or_flash_switched_meanwhile_stops_it),
        cmocka_unit_test(another_device_at_the_number_stops_it),
        cmocka_unit_test(another_device_than_the_one_that_is_shown_is_not_looked_at),
        cmocka_unit_test(a_value_that_has_changed_meanwhile_stops_it),
        cmocka_unit_test(a_device_that_has_gone_meanwhile_stops_it),
        cmocka_unit_test(a_device_that_was_not_looked_at_stops_it),
        cmocka_unit_test(another_installation_gets_nothing),
        cmocka_unit_test(a_gateway_that_hides_its_guid_is_not_the_one_before),
        cmocka_unit_test(only_the_gateway_that_was_configured_gets_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
