// SPDX-License-Identifier: MIT
// sim: the line and its faults.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "sim/site.h"
#include "sim_bench.h"

// --- Faults --------------------------------------------------------------------------------------

static const struct scom_frame volts = {.source = 1,
                                        .destination = 101,
                                        .service_id = SCOM_READ,
                                        .object_type = SCOM_USER_INFO,
                                        .object_id = 3000,
                                        .property_id = 1};
enum { VOLTS_ANSWER = 30 };

static void answers_can_get_lost(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "lose 2");
    assert_false(ask(&b, &volts, &answer));
    assert_false(ask(&b, &volts, &answer));
    assert_true(ask(&b, &volts, &answer));
    // What was asked is done.
    command(&b, "lose");
    struct scom_frame write = reading(101, SCOM_PARAMETER, 1124, SCOM_VALUE_QSP);
    write.service_id = SCOM_WRITE;
    write.data = (const uint8_t *)"";
    write.data_length = 1;
    assert_false(ask(&b, &write, &answer));
    assert_true(read_parameter(&b, 101, 1124, SCOM_VALUE_QSP) == 0);
    command(&b, "lose 40%");
    unsigned lost = 0;
    for (unsigned i = 0; i < 200; i++)
        lost += !ask(&b, &volts, &answer);
    assert_true(lost > 50 && lost < 110);
    command(&b, "lose never");
    assert_true(ask(&b, &volts, &answer));
    close_bench(&b);
}

static void answers_can_be_late_and_double(void **state)
{
    (void)state;
    static const struct sim_line line = {.bits_per_byte = 11, .latency = 20 * LOOP_MS};
    struct scom_frame answer, other = volts;
    struct bench b;

    open_bench(&b, "", &line);
    command(&b, "late 1 5s");
    int64_t sent = loop_now(b.loop);
    assert_false(ask(&b, &volts, &answer));
    // The line is free meanwhile.
    other.object_id = 3005;
    assert_true(ask(&b, &other, &answer));
    assert_int_equal(answer.object_id, 3005);
    wait_for(&b, LOOP_S);
    assert_int_equal(b.length, 2 * VOLTS_ANSWER);
    assert_int_equal(b.last - sent, 5020 * LOOP_MS);
    assert_int_equal(le_get32(b.bytes + VOLTS_ANSWER + 18), 3000);

    b.length = 0;
    command(&b, "duplicate");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.length, 2 * VOLTS_ANSWER);
    assert_memory_equal(b.bytes, b.bytes + VOLTS_ANSWER, VOLTS_ANSWER);
    close_bench(&b);
}

static void answers_can_be_damaged(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    for (unsigned seed = 0; seed < 40; seed++) {
        char install[16];
        snprintf(install, sizeof install, "seed=%u", seed);
        open_bench(&b, install, NULL);
        command(&b, "corrupt header");
        assert_false(ask(&b, &volts, &answer));
        assert_int_equal(b.length, VOLTS_ANSWER);
        uint16_t sum = scom_checksum(b.bytes + 1, 11);
        assert_int_not_equal(sum, le_get16(b.bytes + 12));
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        command(&b, "corrupt data 1");
        assert_false(ask(&b, &volts, &answer));
        assert_int_equal(scom_checksum(b.bytes + 1, 11), le_get16(b.bytes + 12));
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        command(&b, "truncate 1");
        assert_false(ask(&b, &volts, &answer));
        assert_true(b.length > 0 && b.length < VOLTS_ANSWER);
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        command(&b, "truncate 1 7");
        assert_false(ask(&b, &volts, &answer));
        assert_int_equal(b.length, VOLTS_ANSWER - 7);
        close_bench(&b);
    }
}

static void noise_comes_around_answers(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "garbage 20");
    command(&b, "crlf always");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.length, 20 + VOLTS_ANSWER + 2);
    assert_memory_equal(b.bytes + 20 + VOLTS_ANSWER, "\r\n", 2);
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.length, 20 + 2 * (VOLTS_ANSWER + 2));
    // The next request may come as soon as the frame is there.
    b.length = 0;
    command(&b, "fragment 30");
    send_frame(&b, &volts);
    wait_for(&b, 0);
    assert_int_equal(b.length, VOLTS_ANSWER);
    send_frame(&b, &volts);
    wait_for(&b, LOOP_S);
    assert_int_equal(b.length, 2 * (VOLTS_ANSWER + 2));
    close_bench(&b);
}

static void foreign_traffic_is_mixed_in(void **state)
{
    (void)state;
    struct scom_decoder decoder = {0};
    struct scom_frame answer;
    unsigned others = 0, requests = 0, impostors = 0, ours = 0;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "foreign 3");
    for (unsigned i = 0; i < 4; i++) {
        send_frame(&b, &volts);
        wait_for(&b, LOOP_S);
    }
    scom_decoder_feed(&decoder, b.bytes, b.length);
    while (scom_decoder_next(&decoder, &answer) == XC_OK) {
        bool is_ours = answer.object_type == SCOM_USER_INFO && answer.object_id == 3000;
        ours += answer.destination == 1 && is_ours;
        impostors += answer.destination == 1 && !is_ours;
        requests += !(answer.service_flags & SCOM_RESPONSE);
        others += answer.destination != 1 && (answer.service_flags & SCOM_RESPONSE);
    }
    assert_int_equal(ours, 4);
    assert_int_equal(impostors, 1);
    assert_int_equal(requests, 1);
    assert_int_equal(others, 2);
    close_bench(&b);
}

static void another_master_asks_by_itself(void **state)
{
    (void)state;
    struct scom_decoder decoder = {0};
    struct scom_frame frame;
    unsigned requests = 0, answers = 0;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "traffic 200ms");
    wait_for(&b, LOOP_S + 100 * LOOP_MS);
    command(&b, "traffic off");
    wait_for(&b, LOOP_S);
    scom_decoder_feed(&decoder, b.bytes, b.length);
    while (scom_decoder_next(&decoder, &frame) == XC_OK) {
        requests += frame.source == 77 && frame.destination == 501;
        answers += frame.source == 501 && frame.destination == 77;
    }
    assert_int_equal(requests, 5);
    assert_int_equal(answers, 5);
    close_bench(&b);
}

static void answers_can_come_in_pieces(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "fragment 1");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.chunks, VOLTS_ANSWER);
    command(&b, "fragment 20");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.chunks, VOLTS_ANSWER + 2);
    command(&b, "fragment off");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.chunks, VOLTS_ANSWER + 3);
    close_bench(&b);
}

static void pieces_of_two_answers_are_not_mixed(void **state)
{
    (void)state;
    static const struct sim_line lines[] = {{.bits_per_byte = 11},
                                            {.baud = 38400, .bits_per_byte = 11}};
    struct scom_frame answer, other = volts;
    struct bench b;

    for (unsigned i = 0; i < 2; i++) {
        open_bench(&b, "", &lines[i]);
        command(&b, "fragment 7");
        command(&b, "duplicate 1");
        assert_true(ask(&b, &volts, &answer));
        assert_int_equal(b.length, 2 * VOLTS_ANSWER);
        assert_memory_equal(b.bytes, b.bytes + VOLTS_ANSWER, VOLTS_ANSWER);
        // A late one that is due in the middle of the next.
        b.length = 0;
        command(&b, "late 1 100ms");
        send_frame(&b, &volts);
        wait_for(&b, 98 * LOOP_MS);
        other.object_id = 3028;
        send_frame(&b, &other);
        wait_for(&b, LOOP_S);
        b.decoder = (struct scom_decoder){0};
        scom_decoder_feed(&b.decoder, b.bytes, b.length);
        assert_int_equal(scom_decoder_next(&b.decoder, &answer), XC_OK);
        assert_int_equal(scom_decoder_next(&b.decoder, &answer), XC_OK);
        assert_int_equal(b.decoder.counters.skipped, 0);
        close_bench(&b);
    }
}

static void errors_come_on_demand(void **state)
{
    (void)state;
    struct scom_frame other = reading(102, SCOM_USER_INFO, 3000, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "busy 3");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ask_error(&b, &volts), SCOM_GATEWAY_BUSY);
    assert_int_equal(ask_error(&b, &volts), 0);
    command(&b, "error 0x2A XT1:3000 2");
    assert_int_equal(ask_error(&b, &other), 0);
    assert_int_equal(ask_error(&b, &volts), SCOM_READ_PROPERTY_FAILED);
    assert_int_equal(ask_error(&b, &volts), SCOM_READ_PROPERTY_FAILED);
    assert_int_equal(ask_error(&b, &volts), 0);
    command(&b, "error 43 XT1");
    assert_int_equal(ask_error(&b, &volts), SCOM_ACCESS_DENIED);
    assert_int_equal(ask_error(&b, &volts), SCOM_ACCESS_DENIED);
    assert_int_equal(ask_error(&b, &other), 0);
    command(&b, "clear");
    assert_int_equal(ask_error(&b, &volts), 0);
    close_bench(&b);
}

static void absent_devices_are_reported_as_wished(void **state)
{
    (void)state;
    struct scom_frame request = volts, answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "gone XT1");
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    command(&b, "missing timeout");
    int64_t before = loop_now(b.loop);
    assert_int_equal(ask_error(&b, &request), SCOM_RESPONSE_TIMEOUT);
    assert_int_equal(b.last - before, 2 * LOOP_S);
    command(&b, "missing silence");
    assert_false(ask(&b, &request, &answer));
    command(&b, "back XT1");
    assert_int_equal(ask_error(&b, &request), 0);
    close_bench(&b);
}

static void values_can_be_not_a_number(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "nan XT1:3000");
    assert_true(isnan(read_info(&b, 101, 3000)));
    assert_true(isnan(multi_one(&b, 3000, 1)));
    assert_true(!isnan(read_info(&b, 102, 3000)));
    command(&b, "clear");
    assert_true(!isnan(read_info(&b, 101, 3000)));
    close_bench(&b);
}

static void devices_can_change_places(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    double first = read_info(&b, 101, 3157), second = read_info(&b, 102, 3157);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 17), 0);
    command(&b, "swap XT1 XT2");
    assert_true(read_info(&b, 101, 3157) == second);
    assert_true(read_info(&b, 102, 3157) == first);
    assert_true(read_parameter(&b, 102, 1138, SCOM_VALUE_QSP) == 17);
    close_bench(&b);
}

static void the_link_can_break_and_come_back(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "disconnect 4s");
    assert_int_equal(link_state(b.client), LINK_CLOSED);
    link_open(b.client, 0);
    wait_for(&b, 3900 * LOOP_MS);
    assert_int_equal(link_state(b.client), LINK_WAITING);
    wait_for(&b, 200 * LOOP_MS);
    assert_int_equal(link_state(b.client), LINK_UP);
    assert_true(ask(&b, &volts, &answer));
    close_bench(&b);
}

static void bad_commands_say_what_was_expected(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "foo",
        "lose x",
        "lose 1 2",
        "late 1 5y",
        "corrupt x",
        "garbage",
        "garbage 0",
        "garbage 20 maybe",
        "fragment",
        "error",
        "error 0 XT1",
        "error 0xZ XT1",
        "error 1 XT7",
        "error 1 XT1:x",
        "nan XT1:3010",
        "nan XT1",
        "nan *:3000",
        "gone XT4",
        "gone",
        "gone XCOM",
        "gone XT",
        "swap XT1",
        "swap XT1 VT1",
        "swap XT1 XT1",
        "multi",
        "multi maybe",
        "absent",
        "missing x",
        "multicast",
        "disconnect x",
        "message",
        "message x",
        "message 1 XT9",
        "set XT1 3000 1",
        "set XT1 1138",
        "set XT1 1138 abc",
        "firmware XT1 1.6",
        "firmware XT1 1.6.7x",
        "soc 101",
        "watchdog",
        "lose 101%",
        "a b c d e f g",
    };
    char error[128];
    struct bench b;

    open_bench(&b, "xt=3,vt=1,bsp", NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error[0] = '\0';
        if (sim_gateway_command(b.gateway, bad[i], error, sizeof error) == XC_OK)
            fail_msg("'%s' was taken", bad[i]);
        assert_true(strlen(error) > 5);
    }
    struct scom_frame answer;
    assert_true(ask(&b, &volts, &answer)); // none of them did anything
    close_bench(&b);
}

// --- The line ------------------------------------------------------------------------------------

static void the_pace_is_exact(void **state)
{
    (void)state;
    static const struct sim_line line = {
        .baud = 38400, .bits_per_byte = 11, .latency = 20 * LOOP_MS};
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", &line);
    int64_t began = loop_now(b.loop);
    assert_true(ask(&b, &volts, &answer));
    // 26 bytes there, 30 back, 11 bits each: 16041.67 us, rounded up.
    assert_int_equal(b.last - began, 16042 + 20000);
    assert_int_equal(b.chunks, 1);

    // In pieces, the last one is there at the same time and the first one earlier.
    command(&b, "fragment 10");
    send_frame(&b, &volts);
    began = loop_now(b.loop);
    wait_for(&b, 7448 + 20000 + 2864 - 10);
    assert_int_equal(b.chunks, 1);
    wait_for(&b, 20);
    assert_int_equal(b.chunks, 2);
    wait_for(&b, LOOP_S);
    assert_int_equal(b.chunks, 4);
    assert_int_equal(b.last - began, 16042 + 20000);
    close_bench(&b);
}

static void jitter_stays_in_its_bounds_and_repeats(void **state)
{
    (void)state;
    static const struct sim_line line = {
        .bits_per_byte = 11, .latency = 10 * LOOP_MS, .jitter = 30 * LOOP_MS};
    int64_t took[2][20];
    struct scom_frame answer;
    struct bench b;

    for (unsigned run = 0; run < 2; run++) {
        open_bench(&b, "", &line);
        for (unsigned i = 0; i < 20; i++) {
            int64_t began = loop_now(b.loop);
            assert_true(ask(&b, &volts, &answer));
            took[run][i] = b.last - began;
            assert_true(took[run][i] >= 10 * LOOP_MS && took[run][i] <= 40 * LOOP_MS);
        }
        close_bench(&b);
    }
    assert_memory_equal(took[0], took[1], sizeof took[0]);
    assert_true(took[0][0] != took[0][1]);
}

static void requests_during_an_answer_are_violations(void **state)
{
    (void)state;
    static const struct sim_line line = {
        .baud = 38400, .bits_per_byte = 11, .latency = 20 * LOOP_MS};
    char text[512];
    struct bench b;

    open_bench(&b, "", &line);
    send_frame(&b, &volts);
    wait_for(&b, 10 * LOOP_MS);
    send_frame(&b, &volts);
    wait_for(&b, LOOP_S);
    assert_int_equal(b.length, VOLTS_ANSWER);
    assert_non_null(strstr(sim_gateway_status(b.gateway, text, sizeof text), "violations 1\n"));
    close_bench(&b);
}

static void time_can_run_faster(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "speed=60", NULL);
    wait_for(&b, 60 * LOOP_S);
    site_advance(b.sim);
    assert_int_equal(site_clock(b.sim), NOON + 3600);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_can_get_lost),
        cmocka_unit_test(answers_can_be_late_and_double),
        cmocka_unit_test(answers_can_be_damaged),
        cmocka_unit_test(noise_comes_around_answers),
        cmocka_unit_test(foreign_traffic_is_mixed_in),
        cmocka_unit_test(another_master_asks_by_itself),
        cmocka_unit_test(answers_can_come_in_pieces),
        cmocka_unit_test(pieces_of_two_answers_are_not_mixed),
        cmocka_unit_test(errors_come_on_demand),
        cmocka_unit_test(absent_devices_are_reported_as_wished),
        cmocka_unit_test(values_can_be_not_a_number),
        cmocka_unit_test(devices_can_change_places),
        cmocka_unit_test(the_link_can_break_and_come_back),
        cmocka_unit_test(bad_commands_say_what_was_expected),
        cmocka_unit_test(the_pace_is_exact),
        cmocka_unit_test(jitter_stays_in_its_bounds_and_repeats),
        cmocka_unit_test(requests_during_an_answer_are_violations),
        cmocka_unit_test(time_can_run_faster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
