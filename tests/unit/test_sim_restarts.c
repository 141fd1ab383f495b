// SPDX-License-Identifier: MIT
// sim: restarts of devices, their firmware, what keeps them from storing, and their watchdogs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "sim_bench.h"

static void a_restart_can_be_too_short_to_be_seen(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3004, 1), answer;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
    assert_int_equal(write_float(&b, 102, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
    command(&b, "reset XT1 0");
    assert_true(read_info(&b, 101, 3004) == 60);
    assert_true(read_info(&b, 102, 3004) == 12);
    command(&b, "reset XT2 30s");
    wait_for(&b, 25 * LOOP_S);
    request.destination = 102;
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    wait_for(&b, 5 * LOOP_S);
    assert_true(read_info(&b, 102, 3004) == 60);
    // The gateway: its flag tells.
    assert_int_equal(write_whole(&b, 501, 5104, SCOM_VALUE_QSP, 1, 4), 0);
    assert_true(ask(&b, &request, &answer));
    assert_false(answer.frame_flags & SCOM_RESTARTED);
    command(&b, "reset XCOM 0");
    assert_true(ask(&b, &request, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    // Its SD card's flags.
    assert_int_equal(answer.frame_flags & (SCOM_SD_PRESENT | SCOM_SD_FULL), SCOM_SD_PRESENT);
    command(&b, "sd full");
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags & (SCOM_SD_PRESENT | SCOM_SD_FULL),
                     SCOM_SD_PRESENT | SCOM_SD_FULL);
    command(&b, "sd absent");
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags & (SCOM_SD_PRESENT | SCOM_SD_FULL), 0);
    close_bench(&b);
}

static void versions_can_be_unreadable(void **state)
{
    (void)state;
    struct scom_frame high = reading(101, SCOM_USER_INFO, 3130, 1), low = high, fid = high;
    struct bench b;

    low.object_id = 3131;
    fid.object_id = 3156;
    open_bench(&b, "", NULL);
    command(&b, "firmware XT1 unreadable");
    assert_int_equal(ask_error(&b, &high), SCOM_READ_PROPERTY_FAILED);
    assert_int_equal(ask_error(&b, &low), SCOM_READ_PROPERTY_FAILED);
    assert_int_equal(ask_error(&b, &fid), 0);
    assert_true(isnan(multi_one(&b, 3130, 1)));
    assert_true(multi_one(&b, 3130, 2) == 256);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0); // it is as it was
    command(&b, "firmware XT1 1.5.30");
    assert_true(read_info(&b, 101, 3131) == 5 * 256 + 30);
    command(&b, "firmware XT2 unreadable");
    command(&b, "clear");
    assert_true(read_info(&b, 102, 3130) == 256);
    close_bench(&b);
}

// The first versions that know RAM writes, and the last that don't.
static void ram_needs_a_firmware_of_its_family(void **state)
{
    (void)state;
    static const struct {
        const char *old, *fresh;
        uint32_t address;
        unsigned id;
    } cases[] = {{"firmware XT1 1.6.11", "firmware XT1 1.6.12", 101, 1138},
                 {"firmware VT1 1.6.13", "firmware VT1 1.6.14", 301, 10002},
                 {"firmware VS1 1.6.11", "firmware VS1 1.6.12", 701, 14001},
                 {"firmware BSP 1.6.11", "firmware BSP 1.6.12", 601, 6001},
                 {"firmware XCOM 1.6.11", "firmware XCOM 1.6.12", 501, 5096}};
    struct bench b;

    open_bench(&b, "xt,vt,vs,bsp", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t address = cases[i].address;
        unsigned id = cases[i].id;
        struct scom_frame ram = reading(address, SCOM_PARAMETER, id, SCOM_UNSAVED_VALUE_QSP);
        command(&b, cases[i].old);
        assert_int_equal(write_float(&b, address, id, SCOM_UNSAVED_VALUE_QSP, 60),
                         SCOM_PROPERTY_NOT_SUPPORTED);
        assert_int_equal(ask_error(&b, &ram), SCOM_PROPERTY_NOT_SUPPORTED);
        command(&b, cases[i].fresh);
        assert_int_equal(write_float(&b, address, id, SCOM_UNSAVED_VALUE_QSP, 60), 0);
        assert_int_equal(ask_error(&b, &ram), 0);
    }
    close_bench(&b);
}

// Nothing saved in flash arms a watchdog, from the start of the device on.
static void a_watchdog_runs_when_nothing_is_saved(void **state)
{
    (void)state;
    static const struct {
        const char *on;
        uint32_t address;
        unsigned saved, info, fed;
    } cases[] = {{"set XT1 1628 yes", 101, 1550, 3000, 1138},
                 {"set VT1 10342 yes", 301, 10058, 11000, 10002},
                 {"set VS1 14218 yes", 701, 14069, 15000, 14001}};
    struct bench b;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scom_frame request = reading(cases[i].address, SCOM_USER_INFO, cases[i].info, 1);
        open_bench(&b, "xt,vt,vs", NULL);
        command(&b, cases[i].on);
        wait_for(&b, 120 * LOOP_S);
        assert_int_equal(ask_error(&b, &request), 0);
        assert_int_equal(write_whole(&b, cases[i].address, cases[i].saved, SCOM_VALUE_QSP, 0, 1),
                         0);
        for (unsigned n = 0; n < 3; n++) {
            wait_for(&b, 50 * LOOP_S);
            assert_int_equal(ask_error(&b, &request), 0); // a read doesn't feed it
            assert_int_equal(write_float(&b, cases[i].address, cases[i].fed, SCOM_VALUE_QSP, 40),
                             0);
        }
        wait_for(&b, 62 * LOOP_S);
        assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
        wait_for(&b, 5 * LOOP_S);
        assert_int_equal(ask_error(&b, &request), 0);
        wait_for(&b, 62 * LOOP_S); // and again
        assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
        close_bench(&b);
    }
}

static void a_watchdog_can_be_disarmed(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "set XT1 1628 yes");
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 20), 0);
    assert_int_equal(write_whole(&b, 101, 1628, SCOM_VALUE_QSP, 0, 1), 0);
    wait_for(&b, 62 * LOOP_S);
    assert_int_equal(ask_error(&b, &request), 0);
    // What restarts the device doesn't arm it for the time after.
    command(&b, "set XT1 1628 yes");
    assert_int_equal(write_whole(&b, 101, 1468, SCOM_UNSAVED_VALUE_QSP, 1, 4), 0);
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    wait_for(&b, 5 * LOOP_S);
    assert_int_equal(ask_error(&b, &request), 0);
    wait_for(&b, 60 * LOOP_S);
    assert_int_equal(ask_error(&b, &request), 0);
    close_bench(&b);
}

// What switches storing off is stored itself, or it could never be switched on again.
static void saving_in_flash_is_saved_itself(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_whole(&b, 101, 1550, SCOM_VALUE_QSP, 0, 1), 0);
    assert_true(read_parameter(&b, 101, 1550, SCOM_VALUE_QSP) == 0);
    assert_int_equal(write_whole(&b, 101, 1550, SCOM_VALUE_QSP, 1, 1), 0);
    assert_true(read_parameter(&b, 101, 1550, SCOM_VALUE_QSP) == 1);
    // Off in RAM only: reads tell the opposite.
    assert_int_equal(write_whole(&b, 101, 1550, SCOM_UNSAVED_VALUE_QSP, 0, 1), 0);
    assert_true(read_parameter(&b, 101, 1550, SCOM_VALUE_QSP) == 1);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 20), 0);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == 60);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_can_be_too_short_to_be_seen),
        cmocka_unit_test(versions_can_be_unreadable),
        cmocka_unit_test(ram_needs_a_firmware_of_its_family),
        cmocka_unit_test(a_watchdog_runs_when_nothing_is_saved),
        cmocka_unit_test(a_watchdog_can_be_disarmed),
        cmocka_unit_test(saving_in_flash_is_saved_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
