// SPDX-License-Identifier: MIT
// sim: what becomes of writes: faults at each step, groups, and the count.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "sim/site.h"
#include "sim_bench.h"

static double charge_limit(struct bench *b, uint32_t address)
{
    return read_parameter(b, address, 1138, SCOM_VALUE_QSP);
}

static uint16_t write_flash(struct bench *b, uint32_t address, double value)
{
    return write_float(b, address, 1138, SCOM_VALUE_QSP, value);
}

// A flash write whose answer doesn't come.
static void write_unanswered(struct bench *b, uint32_t address, double value)
{
    struct scom_frame request = reading(address, SCOM_PARAMETER, 1138, SCOM_VALUE_QSP), answer;
    uint8_t data[4];

    le_put_float(data, (float)value);
    request.service_id = SCOM_WRITE;
    request.data = data;
    request.data_length = 4;
    assert_false(ask(b, &request, &answer));
}

// --- Refusals ------------------------------------------------------------------------------------

static void every_code_can_refuse_a_write(void **state)
{
    (void)state;
    static const uint16_t codes[] = {
        SCOM_INVALID_FRAME,         SCOM_DEVICE_NOT_FOUND,    SCOM_RESPONSE_TIMEOUT,
        SCOM_SERVICE_NOT_SUPPORTED, SCOM_GATEWAY_BUSY,        SCOM_TYPE_NOT_SUPPORTED,
        SCOM_OBJECT_ID_NOT_FOUND,   SCOM_INVALID_DATA_LENGTH, SCOM_PROPERTY_IS_READ_ONLY,
        SCOM_INVALID_DATA,          SCOM_DATA_TOO_SMALL,      SCOM_DATA_TOO_BIG,
        SCOM_WRITE_PROPERTY_FAILED, SCOM_ACCESS_DENIED,       SCOM_OBJECT_PROPERTY_INVALID};
    char text[40];
    struct bench b;

    open_bench(&b, "", NULL);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        snprintf(text, sizeof text, "deny XT1:1138 0x%x 1", codes[i]);
        command(&b, text);
        assert_true(charge_limit(&b, 101) == 60); // reads go on
        assert_int_equal(write_flash(&b, 101, 20), codes[i]);
        assert_true(charge_limit(&b, 101) == 60);
    }
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_true(charge_limit(&b, 101) == 20);
    close_bench(&b);
}

static void refusals_are_for_what_was_named(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=3,vt=1", NULL);
    command(&b, "deny XT2:1138");
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_int_equal(write_flash(&b, 102, 20), SCOM_ACCESS_DENIED);
    assert_int_equal(write_float(&b, 102, 1138, SCOM_UNSAVED_VALUE_QSP, 20), SCOM_ACCESS_DENIED);
    assert_int_equal(write_whole(&b, 102, 1124, SCOM_VALUE_QSP, 1, 1), 0);
    command(&b, "swap XT2 XT3"); // it is the device's own
    assert_int_equal(write_flash(&b, 102, 20), 0);
    assert_int_equal(write_flash(&b, 103, 20), SCOM_ACCESS_DENIED);
    command(&b, "deny XT3:1138 never");
    assert_int_equal(write_flash(&b, 103, 20), 0);
    command(&b, "deny XT1 0x29");
    assert_int_equal(write_whole(&b, 101, 1124, SCOM_VALUE_QSP, 1, 1), SCOM_WRITE_PROPERTY_FAILED);
    command(&b, "deny *:10002 0x25");
    assert_int_equal(write_float(&b, 301, 10002, SCOM_VALUE_QSP, 20), SCOM_PROPERTY_IS_READ_ONLY);
    command(&b, "clear");
    assert_int_equal(write_whole(&b, 101, 1124, SCOM_VALUE_QSP, 1, 1), 0);
    command(&b, "deny * 0x26 2");
    assert_int_equal(write_whole(&b, 501, 5101, SCOM_VALUE_QSP, 1, 4), SCOM_INVALID_DATA);
    assert_int_equal(write_float(&b, 301, 10002, SCOM_VALUE_QSP, 20), SCOM_INVALID_DATA);
    assert_int_equal(write_float(&b, 301, 10002, SCOM_VALUE_QSP, 20), 0);
    close_bench(&b);
}

static void a_device_can_allow_less_than_it_says(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "narrow XT1:1138 10 40.5");
    assert_true(read_parameter(&b, 101, 1138, SCOM_MIN_QSP) == 0);
    assert_true(read_parameter(&b, 101, 1138, SCOM_MAX_QSP) == 200);
    assert_int_equal(write_flash(&b, 101, 9), SCOM_DATA_TOO_SMALL);
    assert_int_equal(write_flash(&b, 101, 41), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 41), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_flash(&b, 101, 40), 0);
    assert_int_equal(write_flash(&b, 102, 41), 0);
    command(&b, "narrow XT1:1138 0 200");
    assert_int_equal(write_flash(&b, 101, 41), 0);
    close_bench(&b);
}

// --- Faults at each step -------------------------------------------------------------------------

static void busy_ends_after_a_while(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "deny XT1:1138 0x13 3");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(write_flash(&b, 101, 20), SCOM_GATEWAY_BUSY);
    assert_true(charge_limit(&b, 101) == 60);
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_true(charge_limit(&b, 101) == 20);
    close_bench(&b);
}

static void a_timeout_tells_nothing(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    int64_t before = loop_now(b.loop);
    command(&b, "deny XT1:1138 0x03 1"); // not done
    assert_int_equal(write_flash(&b, 101, 20), SCOM_RESPONSE_TIMEOUT);
    assert_int_equal(b.last - before, 2 * LOOP_S);
    assert_true(charge_limit(&b, 101) == 60);
    before = loop_now(b.loop);
    command(&b, "doubt XT1:1138"); // done
    assert_int_equal(write_flash(&b, 101, 20), SCOM_RESPONSE_TIMEOUT);
    assert_int_equal(b.last - before, 2 * LOOP_S);
    assert_true(charge_limit(&b, 101) == 20);
    command(&b, "doubt XT1 0x29 2");
    assert_int_equal(write_flash(&b, 101, 21), SCOM_WRITE_PROPERTY_FAILED);
    assert_int_equal(write_flash(&b, 101, 22), SCOM_WRITE_PROPERTY_FAILED);
    assert_int_equal(write_flash(&b, 101, 23), 0);
    assert_true(charge_limit(&b, 101) == 23);
    close_bench(&b);
}

static void silence_tells_nothing_either(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "drop XT1:1138"); // not done
    assert_true(charge_limit(&b, 101) == 60);
    write_unanswered(&b, 101, 20);
    assert_true(charge_limit(&b, 101) == 60);
    command(&b, "mute XT1:1138"); // done
    assert_true(charge_limit(&b, 101) == 60);
    write_unanswered(&b, 101, 20);
    assert_true(charge_limit(&b, 101) == 20);
    assert_int_equal(write_flash(&b, 101, 21), 0);
    close_bench(&b);
}

static void a_write_can_be_done_late(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "defer XT1:1138 20s");
    assert_int_equal(write_flash(&b, 101, 20), 0);
    wait_for(&b, 10 * LOOP_S);
    assert_true(charge_limit(&b, 101) == 60);
    wait_for(&b, 10 * LOOP_S);
    assert_true(charge_limit(&b, 101) == 20);
    // Without an answer, too; and what comes when the device is away is lost.
    command(&b, "defer XT1:1138 20s 2");
    command(&b, "mute XT1:1138 2");
    write_unanswered(&b, 101, 21);
    assert_true(charge_limit(&b, 101) == 20);
    wait_for(&b, 20 * LOOP_S);
    assert_true(charge_limit(&b, 101) == 21);
    write_unanswered(&b, 101, 22);
    command(&b, "gone XT1");
    wait_for(&b, 20 * LOOP_S);
    command(&b, "back XT1");
    assert_true(charge_limit(&b, 101) == 21);
    assert_int_equal(counted(&b, "flash XT1:1138"), 2);
    close_bench(&b);
}

static void another_value_can_be_stored(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "skew XT1:1138 -2.5");
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_true(charge_limit(&b, 101) == 17.5);
    assert_int_equal(write_flash(&b, 101, 1), 0);
    assert_true(charge_limit(&b, 101) == 0); // as far as the limits let it
    command(&b, "skew XT1:1138 7 1");
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 20), 0);
    assert_true(read_info(&b, 101, 3004) == 27);
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_true(charge_limit(&b, 101) == 20);
    command(&b, "skew XT1 1");
    assert_int_equal(write_whole(&b, 101, 1124, SCOM_VALUE_QSP, 0, 1), 0);
    assert_true(read_parameter(&b, 101, 1124, SCOM_VALUE_QSP) == 1);
    assert_int_equal(write_whole(&b, 101, 1138, SCOM_LEVEL_QSP, 0x20, 2), 0); // values only
    assert_true(read_parameter(&b, 101, 1138, SCOM_LEVEL_QSP) == 0x20);
    close_bench(&b);
}

static void flash_can_be_taken_and_not_stored(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "forget XT1:1138");
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_true(charge_limit(&b, 101) == 60);
    assert_true(read_info(&b, 101, 3004) == 20);
    assert_int_equal(counted(&b, "flash XT1:1138"), 0);
    assert_int_equal(counted(&b, "ram XT1:1138"), 1);
    command(&b, "reset XT1 0");
    assert_true(read_info(&b, 101, 3004) == 60);
    command(&b, "forget XT1:1138 never");
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_true(charge_limit(&b, 101) == 20);
    close_bench(&b);
}

static void faults_come_by_chance_and_repeat(void **state)
{
    (void)state;
    unsigned refused[2] = {0, 0};
    char text[512];
    struct bench b;

    for (unsigned run = 0; run < 2; run++) {
        open_bench(&b, "", NULL);
        command(&b, "deny XT1 0x29 30%");
        for (unsigned i = 0; i < 60; i++)
            refused[run] = 2 * refused[run] + (write_flash(&b, 101, 20) != 0);
        sim_gateway_status(b.gateway, text, sizeof text);
        assert_non_null(strstr(text, "\nwrites 60\n"));
        assert_null(strstr(text, "\nfaults 0\n"));
        close_bench(&b);
    }
    assert_int_equal(refused[0], refused[1]);
    assert_int_not_equal(refused[0], 0);
}

// --- Groups --------------------------------------------------------------------------------------

static void groups_reach_their_own(void **state)
{
    (void)state;
    static const struct {
        uint32_t address;
        unsigned id;
        double value;
        uint32_t reached[7], left[3];
    } cases[] = {
        {100, 1138, 21, {101, 102, 103, 104, 105, 106}, {0}},
        {191, 1138, 22, {101, 104}, {102, 103, 106}},
        {192, 1138, 23, {102, 105}, {101, 103, 106}},
        {193, 1138, 24, {103, 106}, {101, 102, 105}},
        {300, 10002, 20, {301, 302}, {0}},
        {600, 6001, 300, {601}, {0}},
        {700, 14001, 20, {701, 702}, {0}},
    };
    struct bench b;

    open_bench(&b, "xt=6,phases=3,vt=2,vs=2,bsp", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned id = cases[i].id;
        double before[3];
        for (unsigned n = 0; n < 3 && cases[i].left[n]; n++)
            before[n] = read_parameter(&b, cases[i].left[n], id, SCOM_VALUE_QSP);
        assert_int_equal(write_float(&b, cases[i].address, id, SCOM_VALUE_QSP, cases[i].value), 0);
        for (unsigned n = 0; cases[i].reached[n]; n++)
            assert_true(read_parameter(&b, cases[i].reached[n], id, SCOM_VALUE_QSP) ==
                        cases[i].value);
        for (unsigned n = 0; n < 3 && cases[i].left[n]; n++)
            assert_true(read_parameter(&b, cases[i].left[n], id, SCOM_VALUE_QSP) == before[n]);
    }
    assert_int_equal(write_float(&b, 0, 1138, SCOM_VALUE_QSP, 20), SCOM_DEVICE_NOT_FOUND);
    assert_int_equal(write_whole(&b, 500, 5101, SCOM_VALUE_QSP, 1, 4), SCOM_DEVICE_NOT_FOUND);
    assert_int_equal(write_float(&b, 100, 10002, SCOM_VALUE_QSP, 20), SCOM_OBJECT_ID_NOT_FOUND);
    close_bench(&b);
    open_bench(&b, "xt=2", NULL); // one phase
    assert_int_equal(write_flash(&b, 192, 20), SCOM_DEVICE_NOT_FOUND);
    assert_int_equal(write_float(&b, 300, 10002, SCOM_VALUE_QSP, 20), SCOM_DEVICE_NOT_FOUND);
    close_bench(&b);
}

static void absent_devices_miss_a_group_write(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=6,phases=3", NULL);
    command(&b, "gone XT2");
    assert_int_equal(write_flash(&b, 192, 22), 0); // XT5
    assert_int_equal(write_flash(&b, 100, 23), 0);
    command(&b, "back XT2");
    assert_true(charge_limit(&b, 102) == 60);
    assert_true(charge_limit(&b, 105) == 23);
    command(&b, "drop XT3");
    assert_int_equal(write_flash(&b, 100, 24), 0); // nobody tells
    assert_true(charge_limit(&b, 103) == 23);
    assert_true(charge_limit(&b, 104) == 24);
    command(&b, "drop *:1138 6");
    write_unanswered(&b, 100, 25);
    assert_true(charge_limit(&b, 104) == 24);
    // A refusal isn't a deed whose answer could get lost.
    command(&b, "narrow XT2:1138 0 50");
    command(&b, "mute XT2");
    assert_int_equal(write_flash(&b, 100, 55), SCOM_DATA_TOO_BIG);
    write_unanswered(&b, 100, 45);
    assert_true(charge_limit(&b, 102) == 45);
    close_bench(&b);
}

static void a_refusal_in_a_group_is_told_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *refusals;
        uint16_t error;
        double first, last; // of XT1 and XT3
    } cases[] = {{"refusals first", SCOM_DATA_TOO_BIG, 55, 55},
                 {"refusals hidden", 0, 55, 55},
                 {"refusals atomic", SCOM_DATA_TOO_BIG, 20, 20}};
    struct bench b;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_bench(&b, "xt=3", NULL);
        assert_int_equal(write_flash(&b, 100, 20), 0);
        command(&b, "narrow XT2:1138 0 50");
        command(&b, cases[i].refusals);
        assert_int_equal(write_flash(&b, 100, 55), cases[i].error);
        assert_true(charge_limit(&b, 101) == cases[i].first);
        assert_true(charge_limit(&b, 102) == 20);
        assert_true(charge_limit(&b, 103) == cases[i].last);
        assert_int_equal(write_flash(&b, 102, 55), SCOM_DATA_TOO_BIG); // alone, it tells
        // Busy is the gateway's: nobody has done it.
        command(&b, "deny XT3 0x13 1");
        assert_int_equal(write_flash(&b, 100, 30), SCOM_GATEWAY_BUSY);
        assert_true(charge_limit(&b, 101) == cases[i].first);
        close_bench(&b);
    }
    open_bench(&b, "xt=3", NULL);
    command(&b, "deny XT2 0x2B");
    command(&b, "deny XT3 0x29");
    assert_int_equal(write_flash(&b, 100, 55), SCOM_ACCESS_DENIED); // the first one's
    command(&b, "swap XT2 XT3");
    assert_int_equal(write_flash(&b, 100, 55), SCOM_WRITE_PROPERTY_FAILED);
    command(&b, "refusals hidden");
    command(&b, "clear");
    command(&b, "deny XT2 0x2B");
    assert_int_equal(write_flash(&b, 100, 55), SCOM_ACCESS_DENIED);
    close_bench(&b);
}

static void models_of_a_group_differ(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=3,limits=device", NULL);
    command(&b, "firmware XT1 1.5.30");
    assert_int_equal(write_flash(&b, 100, 90), SCOM_DATA_TOO_BIG); // XT3 is smaller
    assert_true(charge_limit(&b, 101) == 90);
    assert_true(charge_limit(&b, 103) == 50);
    assert_int_equal(write_float(&b, 100, 1138, SCOM_UNSAVED_VALUE_QSP, 30),
                     SCOM_PROPERTY_NOT_SUPPORTED); // XT1 is too old
    assert_true(read_info(&b, 101, 3004) == 90);
    assert_true(read_info(&b, 102, 3004) == 30);
    close_bench(&b);
}

// --- The count -----------------------------------------------------------------------------------

static void writes_are_counted(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=3,bsp", NULL);
    for (unsigned i = 0; i < 20; i++) {
        charge_limit(&b, 101);
        read_info(&b, 101, 3000);
    }
    command(&b, "set XT1 1140 54"); // not by a request
    char *none = sim_gateway_writes(b.gateway);
    assert_string_equal(none, "requests 0\n");
    free(none);
    assert_int_equal(write_flash(&b, 101, 20), 0);
    assert_int_equal(write_flash(&b, 101, 20), 0); // the same value wears, too
    assert_int_equal(write_flash(&b, 100, 21), 0);
    assert_int_equal(write_float(&b, 102, 1138, SCOM_UNSAVED_VALUE_QSP, 22), 0);
    assert_int_equal(write_flash(&b, 101, 1000), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 3000, 1, 1), SCOM_OBJECT_ID_NOT_FOUND);
    assert_int_equal(write_whole(&b, 101, 1415, SCOM_VALUE_QSP, 1, 4), 0);
    assert_int_equal(write_whole(&b, 501, 5002, SCOM_VALUE_QSP, NOON, 4), 0);
    assert_int_equal(write_whole(&b, 101, 1138, SCOM_LEVEL_QSP, 0x20, 2), 0);
    assert_int_equal(counted(&b, "requests"), 9);
    assert_int_equal(counted(&b, "flash XT1:1138"), 3);
    assert_int_equal(counted(&b, "flash XT2:1138"), 1);
    assert_int_equal(counted(&b, "ram XT2:1138"), 1);
    assert_int_equal(counted(&b, "ram XT1:1138"), 0);
    assert_int_equal(counted(&b, "done XT1:1415"), 1);
    assert_int_equal(counted(&b, "done XCOM:5002"), 1);
    assert_int_equal(counted(&b, "done XT1:1138"), 1);
    assert_int_equal(counted(&b, "flash XT1:1140"), 0);
    command(&b, "swap XT1 XT3");
    assert_int_equal(counted(&b, "flash XT3:1138"), 3);
    // Where flash is off, it isn't worn.
    assert_int_equal(write_whole(&b, 102, 1550, SCOM_VALUE_QSP, 0, 1), 0);
    assert_int_equal(write_flash(&b, 102, 23), 0);
    assert_int_equal(counted(&b, "flash XT2:1550"), 1);
    assert_int_equal(counted(&b, "flash XT2:1138"), 1);
    assert_int_equal(counted(&b, "ram XT2:1138"), 2);
    command(&b, "clear");
    assert_int_equal(counted(&b, "requests"), 11);
    close_bench(&b);
}

// Requests count whatever becomes of them.
static void lost_requests_are_counted(void **state)
{
    (void)state;
    static const struct sim_line line = {.bits_per_byte = 11, .latency = 20 * LOOP_MS};
    static const uint8_t one[4] = {0, 0, 0x80, 0x3F};
    struct scom_frame request = reading(101, SCOM_PARAMETER, 1138, SCOM_VALUE_QSP), answer;
    struct bench b;

    request.service_id = SCOM_WRITE;
    request.data = one;
    request.data_length = 4;
    open_bench(&b, "", &line);
    command(&b, "drop *");
    assert_false(ask(&b, &request, &answer));
    assert_int_equal(counted(&b, "requests"), 1);
    send_frame(&b, &request);
    send_frame(&b, &request); // in the middle of the answer
    wait_for(&b, LOOP_S);
    assert_int_equal(counted(&b, "requests"), 3);
    assert_int_equal(counted(&b, "flash XT1:1138"), 1);
    command(&b, "reset XCOM");
    assert_false(ask(&b, &request, &answer));
    assert_int_equal(counted(&b, "requests"), 4);
    assert_int_equal(counted(&b, "flash XT1:1138"), 1);
    close_bench(&b);
}

// --- Commands ------------------------------------------------------------------------------------

static void bad_commands_say_what_was_expected(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "deny",
        "deny XT7",
        "deny XT1:3000",
        "deny XT1:99999",
        "deny XT1 0xZ",
        "deny XT1 maybe",
        "deny XT1 0x2B x",
        "deny XT1 0x0",
        "doubt XT1 0x13",
        "doubt",
        "mute",
        "mute XT1 x",
        "drop XT",
        "defer XT1",
        "defer XT1 5x",
        "defer XT1 5s x",
        "skew XT1",
        "skew XT1 much",
        "forget",
        "forget XT1 x",
        "narrow XT1 1 2",
        "narrow XT1:1138",
        "narrow XT1:1138 5",
        "narrow XT1:1138 5 4",
        "narrow XT1:1138 a 4",
        "refusals",
        "refusals last",
        "limits",
        "limits 48",
        "bounds",
        "bounds some",
        "reset XT1 5x",
        "firmware XT1",
        "firmware XT1 readable",
        "set XT1 1138 500",
    };
    char error[128], text[40];
    struct bench b;

    open_bench(&b, "xt=3,vt=1,bsp", NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error[0] = '\0';
        if (sim_gateway_command(b.gateway, bad[i], error, sizeof error) == XC_OK)
            fail_msg("'%s' was taken", bad[i]);
        assert_true(strlen(error) > 5);
    }
    assert_int_equal(write_flash(&b, 101, 20), 0); // none of them did anything
    assert_true(charge_limit(&b, 101) == 20);
    for (unsigned i = 0; i < WRITE_FAULTS_MAX; i++) {
        snprintf(text, sizeof text, "deny *:%u", 2000 + i);
        command(&b, text);
    }
    assert_int_not_equal(sim_gateway_command(b.gateway, "deny XT1", error, sizeof error), XC_OK);
    command(&b, "deny *:2000 0x29"); // in the place of one
    command(&b, "clear");
    command(&b, "deny XT1");
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_can_refuse_a_write),
        cmocka_unit_test(refusals_are_for_what_was_named),
        cmocka_unit_test(a_device_can_allow_less_than_it_says),
        cmocka_unit_test(busy_ends_after_a_while),
        cmocka_unit_test(a_timeout_tells_nothing),
        cmocka_unit_test(silence_tells_nothing_either),
        cmocka_unit_test(a_write_can_be_done_late),
        cmocka_unit_test(another_value_can_be_stored),
        cmocka_unit_test(flash_can_be_taken_and_not_stored),
        cmocka_unit_test(faults_come_by_chance_and_repeat),
        cmocka_unit_test(groups_reach_their_own),
        cmocka_unit_test(absent_devices_miss_a_group_write),
        cmocka_unit_test(a_refusal_in_a_group_is_told_or_not),
        cmocka_unit_test(models_of_a_group_differ),
        cmocka_unit_test(writes_are_counted),
        cmocka_unit_test(lost_requests_are_counted),
        cmocka_unit_test(bad_commands_say_what_was_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
