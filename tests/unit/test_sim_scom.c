// SPDX-License-Identifier: MIT
// sim: the gateway: errors, parameters, messages, multi-infos.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "sim/chance.h"
#include "sim/site.h"
#include "sim_bench.h"

// --- Errors --------------------------------------------------------------------------------------

static void every_refusal_has_its_code(void **state)
{
    (void)state;
    static const uint8_t four[4] = {0};
    struct bench b;

    open_bench(&b, "xt=3,vt=1,bsp", NULL);
#define REFUSED(code, ...)                                                                         \
    do {                                                                                           \
        struct scom_frame r = __VA_ARGS__;                                                         \
        assert_int_equal(ask_error(&b, &r), code);                                                 \
    } while (0)
#define WITH(...) ((struct scom_frame){.source = 1, __VA_ARGS__})
    REFUSED(SCOM_INVALID_FRAME, WITH(.destination = 101, .service_flags = 2, .service_id = 1,
                                     .object_type = 1, .object_id = 3000, .property_id = 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(104, SCOM_USER_INFO, 3000, 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(0, SCOM_USER_INFO, 3000, 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(700, SCOM_USER_INFO, 15000, 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(500, SCOM_PARAMETER, 5002, 5));
    REFUSED(SCOM_SERVICE_NOT_SUPPORTED, WITH(.destination = 101, .service_id = 3, .object_type = 1,
                                             .object_id = 3000, .property_id = 1));
    REFUSED(SCOM_TYPE_NOT_SUPPORTED, reading(101, 0x0009, 3000, 1));
    REFUSED(SCOM_TYPE_NOT_SUPPORTED, reading(101, SCOM_MESSAGE, 0, 0));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 3999, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 11000, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 0x10000 + 3000, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 1138, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_PARAMETER, 3000, 5));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(501, SCOM_GUID, 1, 0));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(501, SCOM_MESSAGE, 100000, 0));
    REFUSED(SCOM_INVALID_DATA, reading(601, SCOM_USER_INFO, 7061, 1));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(101, SCOM_USER_INFO, 3000, 5));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(101, SCOM_PARAMETER, 1138, 1));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(101, SCOM_PARAMETER, 1100, 5)); // a menu
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(501, SCOM_GUID, 0, 1));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(501, SCOM_MESSAGE, 0, 1));
    REFUSED(SCOM_OBJECT_NOT_SUPPORTED, reading(501, SCOM_PARAMETER, 5012, 5));
    REFUSED(SCOM_OBJECT_NOT_SUPPORTED, reading(501, SCOM_SCREEN, 0, 0));
    REFUSED(SCOM_READ_PROPERTY_FAILED, reading(501, SCOM_DATALOG_FIELD, 0, 1));
    REFUSED(SCOM_MULTICAST_READ_NOT_SUPPORTED, reading(100, SCOM_USER_INFO, 3000, 1));
    REFUSED(SCOM_MULTICAST_READ_NOT_SUPPORTED, reading(600, SCOM_PARAMETER, 6001, 5));
    REFUSED(SCOM_INVALID_DATA_LENGTH,
            WITH(.destination = 101, .service_id = 1, .object_type = 1, .object_id = 3000,
                 .property_id = 1, .data = four, .data_length = 4));
    REFUSED(SCOM_INVALID_DATA_LENGTH,
            WITH(.destination = 101, .service_id = 1, .object_type = 2, .object_id = 1138,
                 .property_id = 5, .data = four, .data_length = 1));
    REFUSED(SCOM_PROPERTY_IS_READ_ONLY,
            WITH(.destination = 101, .service_id = 2, .object_type = 1, .object_id = 3000,
                 .property_id = 1, .data = four, .data_length = 4));
    REFUSED(SCOM_PROPERTY_IS_READ_ONLY, WITH(.destination = 501, .service_id = 2, .object_type = 4,
                                             .data = four, .data_length = 4));
#undef WITH
#undef REFUSED
    assert_int_equal(write_float(&b, 101, 1138, SCOM_MIN_QSP, 1), SCOM_PROPERTY_IS_READ_ONLY);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_MAX_QSP, 1), SCOM_PROPERTY_IS_READ_ONLY);
    assert_int_equal(write_bytes(&b, 101, 1138, SCOM_VALUE_QSP, four, 2), SCOM_INVALID_DATA_LENGTH);
    assert_int_equal(write_bytes(&b, 101, 1124, SCOM_VALUE_QSP, four, 4), SCOM_INVALID_DATA_LENGTH);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, -1), SCOM_DATA_TOO_SMALL);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 200.5), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 201), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, (double)NAN), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 101, 1124, SCOM_VALUE_QSP, 2, 1), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 501, 5101, SCOM_VALUE_QSP, 3, 4), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 501, 5104, SCOM_VALUE_QSP, 0, 4), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 101, 1206, SCOM_VALUE_QSP, 1441, 4), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_whole(&b, 101, 1138, SCOM_LEVEL_QSP, 0x15, 2), SCOM_INVALID_DATA);
    assert_int_equal(write_float(&b, 104, 1138, SCOM_VALUE_QSP, 20), SCOM_DEVICE_NOT_FOUND);
    assert_int_equal(write_float(&b, 700, 14001, SCOM_VALUE_QSP, 20), SCOM_DEVICE_NOT_FOUND);
    close_bench(&b);
}

// Damaged requests are never answered, and never spoil the next one.
static void damaged_requests_are_not_answered(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1), answer;
    uint8_t good[64], bad[64];
    size_t length = scom_encode(&request, good, sizeof good);
    struct bench b;

    open_bench(&b, "", NULL);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        memcpy(bad, good, length);
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        link_send(b.client, bad, length);
        wait_for(&b, 3 * LOOP_S);
        assert_int_equal(b.length, 0);
    }
    for (size_t cut = 1; cut < length; cut++) {
        link_send(b.client, good, cut);
        wait_for(&b, 3 * LOOP_S);
        assert_int_equal(b.length, 0);
    }
    assert_true(ask(&b, &request, &answer));
    // A request in the middle of one that never ends.
    static const uint8_t endless[] = {0xAA, 0, 1, 0, 0, 0, 101, 0, 0, 0, 200, 0};
    uint8_t header[14];
    memcpy(header, endless, sizeof endless);
    le_put16(header + 12, scom_checksum(header + 1, 11));
    b.length = 0;
    link_send(b.client, header, sizeof header);
    link_send(b.client, good, length);
    wait_for(&b, 3 * LOOP_S);
    assert_int_equal(b.length, 0);
    assert_true(ask(&b, &request, &answer));
    close_bench(&b);
}

static void requests_may_come_in_pieces_and_with_crlf(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1);
    uint8_t out[64];
    size_t length = scom_encode(&request, out, sizeof out);
    struct bench b;

    open_bench(&b, "", NULL);
    link_send(b.client, (const uint8_t *)"\r\n", 2);
    for (size_t i = 0; i < length; i++) {
        link_send(b.client, out + i, 1);
        wait_for(&b, 10 * LOOP_MS);
    }
    wait_for(&b, LOOP_S);
    assert_int_equal(b.length, 30);
    close_bench(&b);
}

static size_t throw_dice(uint64_t *dice, size_t sides)
{
    *dice = chance_mix(*dice, 0);
    return (size_t)(*dice % sides);
}

// Whatever is asked, there is one answer, and it is to the question.
static void random_requests_get_one_answer_each(void **state)
{
    (void)state;
    static const uint32_t addresses[] = {0,   1,   100, 101, 103, 109, 191, 194,
                                         301, 500, 501, 600, 601, 701, 715, 0xFFFFFFFF};
    static const uint16_t types[] = {1, 2, 2, 2, 3, 4, 5, 10, 0x100, 0x101, 0, 0xFFFF};
    static const uint16_t properties[] = {0, 1, 5, 6, 7, 8, 13, 0x21, 0xFFFF};
    struct scom_frame request, answer;
    uint8_t data[300];
    uint64_t dice = 1;
    struct bench b;

    open_bench(&b, "xt=3,vt=1,vs=1,bsp", NULL);
    for (unsigned n = 0; n < 20000; n++) {
        const struct datapoint *dp = catalogue_at((size_t)throw_dice(&dice, catalogue_count()));
        request = reading(addresses[throw_dice(&dice, 16)], types[throw_dice(&dice, 12)],
                          datapoint_id(dp), properties[throw_dice(&dice, 9)]);
        request.service_id = (uint8_t)throw_dice(&dice, 4);
        if (throw_dice(&dice, 2))
            request.destination = device_address(datapoint_family(dp), 1);
        if (throw_dice(&dice, 4) == 0)
            request.object_id = (uint32_t)throw_dice(&dice, 3);
        for (size_t i = 0; i < sizeof data; i++)
            data[i] =
                (uint8_t)(throw_dice(&dice, 3) ? throw_dice(&dice, 256) : throw_dice(&dice, 2));
        request.data = data;
        request.data_length =
            (uint16_t)(throw_dice(&dice, 2) ? throw_dice(&dice, 5) : 3 * throw_dice(&dice, 80));
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        bool answered = ask(&b, &request, &answer);
        if (!answered) { // a signal has restarted the gateway
            assert_true(b.sim->restarted);
            wait_for(&b, 5 * LOOP_S);
            continue;
        }
        assert_int_equal(answer.source, request.destination);
        assert_int_equal(answer.service_id, request.service_id);
        assert_int_equal(answer.object_id, request.object_id);
        assert_int_equal(answer.property_id, request.property_id);
        if (answer.service_flags & SCOM_ERROR)
            assert_non_null(catalogue_error_name(le_get16(answer.data)));
        assert_int_equal(b.decoder.counters.frames, 1);
        assert_int_equal(b.decoder.counters.skipped, 0);
    }
    close_bench(&b);
}

// --- Parameters ----------------------------------------------------------------------------------

static void every_parameter_reads_with_its_parts(void **state)
{
    (void)state;
    static const enum family families[] = {FAMILY_XT,  FAMILY_VT,  FAMILY_VS,
                                           FAMILY_BSP, FAMILY_RCC, FAMILY_BMS};
    const struct datapoint *dp;
    struct bench b;

    for (unsigned f = 0; f < 6; f++) {
        open_bench(&b, families[f] == FAMILY_BMS ? "xt,bms" : "xt,vt,vs,bsp", NULL);
        for (size_t i = 0; (dp = catalogue_at(i)); i++) {
            if (datapoint_family(dp) != families[f] || datapoint_kind(dp) == KIND_INFO)
                continue;
            uint32_t address = device_address(families[f], 1);
            unsigned id = datapoint_id(dp);
            double level = read_parameter(&b, address, id, SCOM_LEVEL_QSP);
            assert_true(level == 16 * datapoint_level(dp));
            if (datapoint_format(dp) == FORMAT_NONE)
                continue;
            double value = read_parameter(&b, address, id, SCOM_VALUE_QSP);
            double min = read_parameter(&b, address, id, SCOM_MIN_QSP);
            double max = read_parameter(&b, address, id, SCOM_MAX_QSP);
            if (id != 5002 && !(min <= value && value <= max))
                fail_msg("%u: %g isn't in %g..%g", id, value, min, max);
        }
        close_bench(&b);
    }
}

static void flash_and_ram_are_kept_apart(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    double before = read_parameter(&b, 101, 1138, SCOM_VALUE_QSP);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
    // It runs with the new value, but reads answer with flash.
    assert_true(read_info(&b, 101, 3004) == 12);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == before);
    assert_true(read_parameter(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP) == before);
    command(&b, "reset XT1");
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3004, 1);
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    wait_for(&b, 10 * LOOP_S);
    assert_true(read_info(&b, 101, 3004) == before);
    // What is written to flash runs at once, whatever was in RAM.
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 33), 0);
    assert_true(read_info(&b, 101, 3004) == 33);
    command(&b, "reset XT1");
    wait_for(&b, 10 * LOOP_S);
    assert_true(read_info(&b, 101, 3004) == 33);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == 33);
    assert_true(read_parameter(&b, 102, 1138, SCOM_VALUE_QSP) == before);
    close_bench(&b);
}

static void floats_are_kept_as_fixed_point(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 57.3), 0);
    double back = read_parameter(&b, 101, 1156, SCOM_VALUE_QSP);
    assert_true(back != (double)57.3f);
    assert_true(fabs(back - 57.3) < 0.005);
    // The limits themselves are allowed.
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, 37.9), 0);
    assert_int_equal(write_float(&b, 101, 1622, SCOM_VALUE_QSP, 0.1), 0);
    close_bench(&b);
}

static void without_flash_nothing_is_stored(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    double before = read_parameter(&b, 101, 1138, SCOM_VALUE_QSP);
    assert_int_equal(write_whole(&b, 101, 1550, SCOM_VALUE_QSP, 0, 1), 0);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 12), 0);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == before);
    assert_true(read_info(&b, 101, 3004) == 12);
    close_bench(&b);
}

static void old_firmware_knows_no_ram(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "firmware XT2 1.5.30");
    assert_int_equal(write_float(&b, 102, 1138, SCOM_UNSAVED_VALUE_QSP, 12),
                     SCOM_PROPERTY_NOT_SUPPORTED);
    assert_int_equal(write_float(&b, 102, 1138, SCOM_VALUE_QSP, 12), 0);
    assert_true(read_info(&b, 102, 3131) == 5 * 256 + 30);
    close_bench(&b);
}

static void groups_and_phases_reach_their_devices(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=6,phases=3", NULL);
    assert_int_equal(write_float(&b, 100, 1138, SCOM_VALUE_QSP, 21), 0);
    for (uint32_t a = 101; a <= 106; a++)
        assert_true(read_parameter(&b, a, 1138, SCOM_VALUE_QSP) == 21);
    assert_int_equal(write_float(&b, 192, 1138, SCOM_VALUE_QSP, 22), 0);
    for (uint32_t a = 101; a <= 106; a++)
        assert_true(read_parameter(&b, a, 1138, SCOM_VALUE_QSP) ==
                    (a == 102 || a == 105 ? 22 : 21));
    assert_true(read_info(&b, 193, 3135) == 3);
    command(&b, "gone XT3");
    assert_true(read_info(&b, 193, 3135) == 6);
    command(&b, "multicast master");
    assert_true(read_info(&b, 100, 3135) == 1);
    close_bench(&b);
}

static void signals_do_what_they_say(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=3,vt=1,bsp", NULL);
    assert_int_equal(write_whole(&b, 100, 1399, SCOM_VALUE_QSP, 1, 4), 0);
    wait_for(&b, 2 * LOOP_S);
    assert_true(read_info(&b, 102, 3049) == 0);
    assert_true(read_info(&b, 102, 3136) == 0);
    assert_int_equal(write_whole(&b, 100, 1415, SCOM_VALUE_QSP, 1, 4), 0);
    wait_for(&b, 2 * LOOP_S);
    assert_true(read_info(&b, 102, 3136) > 0);
    assert_int_equal(write_whole(&b, 301, 10040, SCOM_VALUE_QSP, 1, 4), 0);
    wait_for(&b, 2 * LOOP_S);
    assert_true(read_info(&b, 301, 11004) == 0);
    assert_true(read_info(&b, 301, 11016) == 6);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 9), 0);
    assert_int_equal(write_whole(&b, 101, 1395, SCOM_VALUE_QSP, 1, 4), 0);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == 60);
    assert_int_equal(write_whole(&b, 501, 5035, SCOM_VALUE_QSP, 1, 4), 0);
    struct scom_frame request = reading(501, SCOM_MESSAGE, 0, 0);
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    close_bench(&b);
}

static void the_clock_can_be_set(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_true(read_parameter(&b, 501, 5002, SCOM_VALUE_QSP) - NOON < 4);
    assert_int_equal(write_whole(&b, 501, 5002, SCOM_VALUE_QSP, NOON + 100000, 4), 0);
    double now = read_parameter(&b, 501, 5002, SCOM_VALUE_QSP);
    assert_true(now >= NOON + 100000 && now < NOON + 100006);
    assert_true(b.sim->model.sun > 0.1);
    close_bench(&b);
}

static void an_armed_watchdog_restarts_its_device(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3004, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_whole(&b, 101, 1628, SCOM_VALUE_QSP, 1, 1), 0);
    wait_for(&b, 200 * LOOP_S); // no RAM write yet
    assert_int_equal(ask_error(&b, &request), 0);
    for (unsigned n = 0; n < 5; n++) {
        assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
        wait_for(&b, 50 * LOOP_S);
        assert_true(read_info(&b, 101, 3004) == 12);
    }
    wait_for(&b, 15 * LOOP_S);
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    wait_for(&b, 10 * LOOP_S);
    assert_true(read_info(&b, 101, 3004) == 60);
    close_bench(&b);
}

static void the_scom_watchdog_restarts_the_gateway(void **state)
{
    (void)state;
    struct scom_frame clear = reading(501, SCOM_PARAMETER, 5104, SCOM_VALUE_QSP), answer;
    uint8_t one[4] = {1};
    struct bench b;

    open_bench(&b, "", NULL);
    clear.service_id = SCOM_WRITE;
    clear.data = one;
    clear.data_length = 4;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1);
    assert_true(ask(&b, &request, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    assert_int_equal(ask_error(&b, &clear), 0);
    command(&b, "watchdog on");
    for (unsigned n = 0; n < 4; n++) {
        wait_for(&b, 50 * LOOP_S);
        assert_true(ask(&b, &request, &answer));
        assert_false(answer.frame_flags & SCOM_RESTARTED);
    }
    wait_for(&b, 70 * LOOP_S);
    assert_true(ask(&b, &request, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    close_bench(&b);
}

static void the_scom_watchdog_minds_requests_without_an_answer(void **state)
{
    (void)state;
    struct scom_frame absent = reading(109, SCOM_USER_INFO, 3000, 1), answer;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_whole(&b, 501, 5104, SCOM_VALUE_QSP, 1, 4), 0);
    command(&b, "watchdog on");
    command(&b, "missing silence");
    assert_false(ask(&b, &absent, &answer));
    for (unsigned n = 0; n < 4; n++) {
        wait_for(&b, 10 * LOOP_S);
        assert_true(ask(&b, &request, &answer));
        assert_false(answer.frame_flags & SCOM_RESTARTED);
    }
    wait_for(&b, 10 * LOOP_S);
    assert_false(ask(&b, &request, &answer)); // it restarts
    wait_for(&b, 3 * LOOP_S);
    assert_true(ask(&b, &request, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    close_bench(&b);
}

// --- Messages, GUID, flags -----------------------------------------------------------------------

static struct scom_message read_message(struct bench *b, uint32_t index, uint8_t *flags)
{
    struct scom_frame request = reading(501, SCOM_MESSAGE, index, 0), answer;
    struct scom_message message;

    assert_true(ask(b, &request, &answer));
    assert_int_equal(answer.service_flags, SCOM_RESPONSE);
    assert_int_equal(answer.data_length, SCOM_MESSAGE_SIZE);
    assert_int_equal(scom_message_decode(answer.data, answer.data_length, &message), XC_OK);
    *flags = answer.frame_flags;
    return message;
}

static void messages_are_read_by_a_latched_pointer(void **state)
{
    (void)state;
    struct bench b;
    uint8_t flags;

    open_bench(&b, "", NULL);
    struct scom_message first = read_message(&b, 0, &flags);
    assert_true(first.total > 5);
    assert_false(flags & SCOM_MESSAGE_PENDING);
    struct scom_message second = read_message(&b, 1, &flags);
    assert_true(second.timestamp <= first.timestamp);
    command(&b, "message 16 XT2");
    struct scom_message again = read_message(&b, 1, &flags);
    assert_true(flags & SCOM_MESSAGE_PENDING);
    assert_int_equal(again.type, second.type);
    assert_int_equal(again.total, first.total + 1);
    struct scom_message fresh = read_message(&b, 0, &flags);
    assert_false(flags & SCOM_MESSAGE_PENDING);
    assert_int_equal(fresh.type, 16);
    assert_int_equal(fresh.source, 102);
    assert_true(fresh.timestamp >= NOON && fresh.timestamp < NOON + 20);
    assert_int_equal(read_message(&b, 1, &flags).timestamp, first.timestamp);
    // The oldest, and none behind it.
    read_message(&b, fresh.total - 1, &flags);
    struct scom_frame request = reading(501, SCOM_MESSAGE, fresh.total, 0);
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    close_bench(&b);
}

static void a_long_history_is_counted_as_asked_for(void **state)
{
    (void)state;
    struct bench b;
    uint8_t flags;

    for (int remaining = 0; remaining < 2; remaining++) {
        open_bench(&b, remaining ? "messages=900,message-count=remaining" : "messages=900", NULL);
        uint32_t all = read_message(&b, 0, &flags).total + (uint32_t)remaining;
        assert_true(all > 900);
        assert_int_equal(read_message(&b, 1, &flags).total, remaining ? all - 2 : all);
        struct scom_message oldest = read_message(&b, all - 1, &flags);
        assert_int_equal(oldest.total, remaining ? 0 : all);
        assert_true(oldest.timestamp < NOON - 900 * 7200);
        struct scom_frame request = reading(501, SCOM_MESSAGE, all, 0);
        assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
        close_bench(&b);
    }
}

static void messages_appear_as_the_day_goes(void **state)
{
    (void)state;
    struct bench b;
    uint8_t flags;

    open_bench(&b, "xt=2,vt=1,genset,bsp", NULL);
    uint32_t before = read_message(&b, 0, &flags).total;
    wait_for(&b, 48 * 3600 * LOOP_S);
    read_info(&b, 101, 3000);
    struct scom_message newest = read_message(&b, 0, &flags);
    assert_true(newest.total > before);
    assert_non_null(catalogue_message(newest.type).text);
    close_bench(&b);
}

static void the_history_forgets_the_oldest(void **state)
{
    (void)state;
    struct messages messages = {0};
    struct scom_message message;

    assert_false(messages_read(&messages, 0, &message));
    for (uint16_t i = 0; i < MESSAGES_MAX + 10; i++)
        messages_add(&messages, i, 101, i);
    assert_int_equal(messages_total(&messages), MESSAGES_MAX);
    assert_true(messages_read(&messages, MESSAGES_MAX - 1, &message));
    assert_int_equal(message.type, 10);
    assert_false(messages_read(&messages, MESSAGES_MAX, &message));
    assert_false(messages_read(&messages, UINT32_MAX, &message));
}

static void guid_and_flags_are_answered(void **state)
{
    (void)state;
    struct scom_frame request = reading(501, SCOM_GUID, 0, 0), answer;
    const uint8_t card = SCOM_SD_PRESENT | SCOM_NEW_DATALOG | SCOM_DATALOG_SUPPORTED;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.data_length, 16);
    assert_int_equal(answer.frame_flags, card | SCOM_RESTARTED | SCOM_MESSAGE_PENDING);
    assert_int_equal(write_whole(&b, 501, 5104, SCOM_VALUE_QSP, 1, 4), 0);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags, card | SCOM_MESSAGE_PENDING);
    command(&b, "reset XCOM");
    assert_false(ask(&b, &request, &answer));
    wait_for(&b, 4 * LOOP_S);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags, card | SCOM_RESTARTED | SCOM_MESSAGE_PENDING);
    close_bench(&b);
}

// --- Multi-info ----------------------------------------------------------------------------------

static void multi_infos_echo_their_list(void **state)
{
    (void)state;
    struct scom_multi_item items[SCOM_MULTI_MAX];
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 4711), answer;
    uint8_t data[3 * SCOM_MULTI_MAX];
    uint32_t flags, clock;
    size_t count;
    struct bench b;

    open_bench(&b, "xt=3,vt=2,bsp", NULL);
    for (unsigned i = 0; i < SCOM_MULTI_MAX; i++)
        items[i] = (struct scom_multi_item){(uint16_t)(3000 + i % 2 * 5), (uint8_t)(i % 4), 0};
    request.data = data;
    request.data_length = (uint16_t)scom_multi_request_encode(items, SCOM_MULTI_MAX, data);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.property_id, 4711);
    assert_int_equal(answer.data_length, 8 + 7 * SCOM_MULTI_MAX);
    assert_int_equal(
        scom_multi_answer_decode(answer.data, answer.data_length, &flags, &clock, items, &count),
        XC_OK);
    assert_int_equal(flags, SCOM_MULTI_XT_PRESENT | SCOM_MULTI_VT_PRESENT | SCOM_MULTI_BSP_PRESENT);
    assert_true(clock >= NOON && clock < NOON + 4);
    for (unsigned i = 0; i < SCOM_MULTI_MAX; i++) {
        assert_int_equal(items[i].info, 3000 + i % 2 * 5);
        assert_int_equal(items[i].aggregation, i % 4);
        assert_true(isfinite(items[i].value));
    }
    close_bench(&b);
}

static void multi_infos_are_strict(void **state)
{
    (void)state;
    static const struct {
        uint8_t data[6];
        uint8_t length;
        uint16_t error;
    } cases[] = {
        {{0}, 0, SCOM_INVALID_DATA_LENGTH},
        {{0xB8, 0x0B}, 2, SCOM_INVALID_DATA_LENGTH},
        {{0xB8, 0x0B, 0, 0xB8}, 4, SCOM_INVALID_DATA_LENGTH},
        {{0xB8, 0x0B, 0x10}, 3, SCOM_INVALID_DATA},
        {{0xB8, 0x0B, 0xFF}, 3, SCOM_INVALID_DATA},
        {{0xB8, 0x0B, 0xFD, 0xB8, 0x0B, 0xFE}, 6, 0},
    };
    uint8_t many[3 * 77] = {0};
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        request.data = cases[i].data;
        request.data_length = cases[i].length;
        assert_int_equal(ask_error(&b, &request), cases[i].error);
    }
    request.data = many;
    request.data_length = sizeof many;
    assert_int_equal(ask_error(&b, &request), SCOM_INVALID_DATA_LENGTH);
    request.data = cases[5].data;
    request.data_length = 3;
    request.object_id = 2;
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    request.object_id = 1;
    request.service_id = SCOM_WRITE;
    assert_int_equal(ask_error(&b, &request), SCOM_PROPERTY_IS_READ_ONLY);
    request.service_id = SCOM_READ;
    request.property_id = 2;
    command(&b, "multi-tag strict");
    assert_int_equal(ask_error(&b, &request), SCOM_PROPERTY_NOT_SUPPORTED);
    command(&b, "clear");
    assert_int_equal(ask_error(&b, &request), 0);
    command(&b, "multi off");
    assert_int_equal(ask_error(&b, &request), SCOM_SERVICE_NOT_SUPPORTED);
    command(&b, "clear");
    assert_int_equal(ask_error(&b, &request), 0);
    close_bench(&b);
    open_bench(&b, "no-multi", NULL);
    command(&b, "multi on");
    command(&b, "clear");
    assert_int_equal(ask_error(&b, &request), SCOM_SERVICE_NOT_SUPPORTED);
    close_bench(&b);
}

static void multi_infos_cover_devices_and_families(void **state)
{
    (void)state;
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 1);
    uint8_t absent[3] = {0xB8, 0x0B, 9}, unknown[3] = {0xFF, 0x0B, 0};
    struct bench b;

    open_bench(&b, "xt=3,vt=2,bsp", NULL);
    assert_true(multi_one(&b, 3135, 0) == 1);
    assert_true(multi_one(&b, 3135, 3) == 3);
    assert_true(multi_one(&b, 3135, 0xFE) == 6);
    assert_true(multi_one(&b, 3135, 0xFD) == 2);
    assert_true(isnan(multi_one(&b, 3135, 4)));
    assert_true(isnan(multi_one(&b, 15010, 0xFE)));
    assert_true(isnan(multi_one(&b, 3999, 1)));
    command(&b, "gone XT1");
    assert_true(multi_one(&b, 3135, 0) == 2);
    assert_true(multi_one(&b, 3135, 0xFE) == 5);
    command(&b, "absent zero");
    assert_true(multi_one(&b, 3135, 4) == 0);
    command(&b, "absent master");
    assert_true(multi_one(&b, 3135, 4) == 2);
    command(&b, "absent error");
    request.data_length = 3;
    request.data = absent;
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    request.data = unknown;
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_has_its_code),
        cmocka_unit_test(damaged_requests_are_not_answered),
        cmocka_unit_test(requests_may_come_in_pieces_and_with_crlf),
        cmocka_unit_test(random_requests_get_one_answer_each),
        cmocka_unit_test(every_parameter_reads_with_its_parts),
        cmocka_unit_test(flash_and_ram_are_kept_apart),
        cmocka_unit_test(floats_are_kept_as_fixed_point),
        cmocka_unit_test(without_flash_nothing_is_stored),
        cmocka_unit_test(old_firmware_knows_no_ram),
        cmocka_unit_test(groups_and_phases_reach_their_devices),
        cmocka_unit_test(signals_do_what_they_say),
        cmocka_unit_test(the_clock_can_be_set),
        cmocka_unit_test(an_armed_watchdog_restarts_its_device),
        cmocka_unit_test(the_scom_watchdog_restarts_the_gateway),
        cmocka_unit_test(the_scom_watchdog_minds_requests_without_an_answer),
        cmocka_unit_test(messages_are_read_by_a_latched_pointer),
        cmocka_unit_test(a_long_history_is_counted_as_asked_for),
        cmocka_unit_test(messages_appear_as_the_day_goes),
        cmocka_unit_test(the_history_forgets_the_oldest),
        cmocka_unit_test(guid_and_flags_are_answered),
        cmocka_unit_test(multi_infos_echo_their_list),
        cmocka_unit_test(multi_infos_are_strict),
        cmocka_unit_test(multi_infos_cover_devices_and_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
