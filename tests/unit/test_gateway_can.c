// SPDX-License-Identifier: MIT
// gateway over the Studer public protocol of the Xcom-CAN: can.md's example frames, what is ours
// and what isn't on a shared bus, errors, silence, values that travel as FLOATs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "can_rig.h"
#include "proto/scom.h"

static struct question parameter(enum part part, enum value_format format)
{
    return (struct question){.kind = QUESTION_PARAMETER,
                             .priority = PRIORITY_SCREEN,
                             .address = 101,
                             .id = 1286,
                             .part = part,
                             .format = format};
}

static struct question write_of(double number, enum value_format format)
{
    return (struct question){.kind = QUESTION_WRITE,
                             .priority = PRIORITY_PERSON,
                             .address = 101,
                             .id = 1286,
                             .part = PART_RAM,
                             .format = format,
                             .number = number};
}

// Asks, and lets the request reach the other end.
static void ask(struct rig *rig, const struct question *question)
{
    rig_ask(rig, question);
    rig_run(rig, 0);
}

static void expect_request(const struct rig *rig, uint32_t id, const void *payload, size_t length)
{
    const struct canframe *can = &rig_last(rig)->can;

    assert_int_equal(can->id, id);
    assert_true(can->extended);
    assert_int_equal(can->length, length);
    assert_memory_equal(can->data, payload, length);
}

// --- can.md, "Example" ---------------------------------------------------------------------------

static void the_example_frames_are_sent_and_understood(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();

    ask(rig, &question);
    expect_request(rig, 0x03280000, "\x0B\xB8", 2);
    rig_run(rig, 20 * LOOP_MS);
    rig_send_text(rig, 0x0000CA00, "0B B8 41 45 C0 00");
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_OK);
    assert_true(rig_heard(rig)->number == 12.359375);
    assert_int_equal(rig_heard(rig)->raw_length, 4);
    assert_memory_equal(rig_heard(rig)->raw, "\x00\xC0\x45\x41", 4);
    assert_int_equal(rig_heard(rig)->arrived - rig_heard(rig)->sent, 20 * LOOP_MS);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);

    question = parameter(PART_MAX, FORMAT_FLOAT);
    ask(rig, &question);
    expect_request(rig, 0x03280040, "\x05\x06\x02", 3);
    rig_send_text(rig, 0x0000CA40, "05 06 02 43 66 00 00");
    rig_run(rig, 0);
    assert_true(rig_heard(rig)->number == 230);

    question = write_of(230, FORMAT_FLOAT);
    ask(rig, &question);
    expect_request(rig, 0x03280080, "\x05\x06\x04\x43\x66\x00\x00", 7);
    rig_send_text(rig, 0x0000CA81, "05 06 00 00 00 28");
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_DEVICE_ERROR);
    assert_int_equal(rig_heard(rig)->error, SCOM_DATA_TOO_BIG);

    ask(rig, &question);
    rig_send_text(rig, 0x0000CA80, "05 06 04 43 66 00 00");
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_OK);
    assert_true(isnan(rig_heard(rig)->number));

    rig_send_text(rig, 0x0FA0D2C0, "00 10 00 00 00 00");
    rig_run(rig, 0);
    assert_int_equal(rig->message_count, 1);
    assert_int_equal(rig->messages[0].source, 105);
    assert_int_equal(rig->messages[0].number, 16);
    assert_int_equal(rig->messages[0].value, 0);
    assert_int_equal(rig->messages[0].arrived, loop_now(rig->loop));
    assert_int_equal(rig->answer_count, 4);
    assert_int_equal(rig_statistics(rig).foreign, 0);
    assert_int_equal(rig_statistics(rig).messages, 1);
    rig_free(rig);
}

static void each_part_has_its_code(void **state)
{
    (void)state;
    static const uint8_t codes[] = {
        [PART_VALUE] = 0, [PART_RAM] = 4, [PART_MIN] = 1, [PART_MAX] = 2};
    struct rig *rig = rig_new(NULL);

    for (unsigned part = PART_VALUE; part <= PART_MAX; part++) {
        struct question question = parameter((enum part)part, FORMAT_FLOAT);
        ask(rig, &question);
        assert_int_equal(rig_last(rig)->frame.part, codes[part]);
        rig_reply(rig, rig_last(rig), (float)part);
        rig_run(rig, 0);
        assert_true(rig_heard(rig)->number == part);
    }
    struct question question = write_of(1, FORMAT_FLOAT);
    question.part = PART_VALUE;
    ask(rig, &question);
    assert_int_equal(rig_last(rig)->frame.part, 0);
    rig_free(rig);
}

static void our_address_can_be_another(void **state)
{
    (void)state;
    const struct gateway_options options = {.source = 7};
    struct rig *rig = rig_new(&options);
    struct question question = rig_info();

    ask(rig, &question);
    assert_int_equal(rig_last(rig)->frame.source, 7);
    // Another master's, at 0.
    rig_send_text(rig, 0x0000CA00, "0B B8 41 45 C0 00");
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(rig_statistics(rig).foreign, 1);
    rig_reply(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_OK);
    rig_free(rig);
}

// --- What isn't ours -----------------------------------------------------------------------------

static void only_the_whole_match_is_the_answer(void **state)
{
    (void)state;
    static const struct {
        unsigned address, object, part, service;
    } others[] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
    struct rig *rig = rig_new(NULL);
    struct question question = parameter(PART_MIN, FORMAT_FLOAT);

    ask(rig, &question);
    const struct request request = *rig_last(rig);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct stucan_frame frame = rig_answer_to(&request, 99);
        frame.source = (uint16_t)(frame.source + others[i].address);
        frame.object = (uint16_t)(frame.object + others[i].object);
        frame.part = (uint8_t)(frame.part + others[i].part);
        frame.service = (enum stucan_service)(frame.service + others[i].service);
        rig_send_answer(rig, &frame);
        // An error answer tells no part.
        frame.error = true;
        frame.code = SCOM_DATA_TOO_BIG;
        if (others[i].part == 0)
            rig_send_answer(rig, &frame);
    }
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(rig_statistics(rig).mismatched, 7);
    rig_reply(rig, &request, 5);
    rig_run(rig, 0);
    assert_true(rig_heard(rig)->number == 5);
    rig_free(rig);
}

static void other_frames_are_counted_and_ignored(void **state)
{
    (void)state;
    static const struct {
        struct canframe frame;
        unsigned foreign, unfit;
    } cases[] = {
        {{.id = 0x123, .length = 8}, 1, 0}, // 11 bits
        {{.id = 0x0000CA00, .length = 6, .extended = true, .remote = true}, 1, 0},
        {{.id = 0x4, .length = 8, .error = true}, 1, 0},
        {{.id = 0x0000CA02, .length = 6, .extended = true}, 1, 0}, // flags
        {{.id = 0x0000CB00, .length = 6, .extended = true}, 1, 0}, // service 4
        {{.id = 0x0000CA00, .length = 5, .extended = true}, 0, 1},
        {{.id = 0x0000CA00, .length = 8, .extended = true}, 0, 1},
        {{.id = 0x0000CA00, .length = 0, .extended = true}, 0, 1},
        {{.id = 0x0000CA01, .length = 4, .extended = true}, 0, 1}, // error
        {{.id = 0x0008CA00, .length = 5, .extended = true}, 1, 0}, // to 1
        {{.id = 0x0008CA00, .length = 6, .extended = true}, 1, 0},
        {{.id = 0x03280000, .length = 2, .extended = true}, 1, 0}, // a request
        {{.id = 0x0FA0D2C0, .length = 5, .extended = true}, 1, 0}, // to 500
        {{.id = 0x0FA0D200, .length = 6, .extended = true}, 1, 0},
        {{.id = 0x0000D2C0, .length = 6, .extended = true}, 1, 0}, // a message only to us
    };
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();

    ask(rig, &question);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gateway_statistics before = rig_statistics(rig);
        rig_send(rig, &cases[i].frame);
        rig_run(rig, 0);
        struct gateway_statistics after = rig_statistics(rig);
        assert_int_equal(after.foreign - before.foreign, cases[i].foreign);
        assert_int_equal(after.unfit - before.unfit, cases[i].unfit);
        assert_int_equal(after.skipped, 0);
    }
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(rig->message_count, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_PROBING);
    rig_reply(rig, rig_last(rig), 48);
    rig_run(rig, 0);
    assert_true(rig_heard(rig)->number == 48);
    rig_free(rig);
}

static void a_storm_of_foreign_frames_doesnt_delay_an_answer_or_a_deadline(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();
    uint64_t random = 1;

    ask(rig, &question);
    for (unsigned i = 0; i < 3000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        // To 512 and above.
        struct canframe frame = {.id = 0x10000000 | (uint32_t)(random >> 36),
                                 .length = (uint8_t)(random >> 20 & 7),
                                 .extended = true};
        rig_send(rig, &frame);
        if (i % 10 == 0)
            rig_run(rig, LOOP_MS);
        if (i == 1500)
            rig_reply(rig, rig_last(rig), 7);
    }
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    assert_true(rig_heard(rig)->number == 7);
    assert_int_equal(rig_statistics(rig).foreign, 3000);

    int64_t begin = loop_now(rig->loop);
    ask(rig, &question);
    while (rig->answer_count == 1) {
        rig_send_text(rig, 0x0008CA00, "0B B8 41 45 C0 00");
        rig_run(rig, LOOP_MS);
    }
    assert_int_equal(rig_heard(rig)->status, XC_TIMEOUT);
    assert_in_range(loop_now(rig->loop) - begin, 2 * LOOP_S, 2 * LOOP_S + 2 * LOOP_MS);
    rig_free(rig);
}

static void pieces_of_records_are_put_together(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();
    struct stucan_frame frame;
    struct canframe can;
    uint8_t record[CANFRAME_RECORD_SIZE];

    ask(rig, &question);
    frame = rig_answer_to(rig_last(rig), 3);
    assert_int_equal(stucan_answer_encode(&frame, &can), XC_OK);
    assert_int_equal(canframe_put(&can, record), XC_OK);
    link_send(rig->far, record, 7);
    rig_run(rig, LOOP_MS);
    assert_int_equal(rig->answer_count, 0);
    link_send(rig->far, record + 7, sizeof record - 7);
    rig_run(rig, LOOP_MS);
    assert_true(rig_heard(rig)->number == 3);

    // One that is never completed, and one that is none.
    ask(rig, &question);
    link_send(rig->far, record, 7);
    rig_run(rig, 600 * LOOP_MS);
    assert_int_equal(rig_statistics(rig).truncated, 1);
    link_send(rig->far, (const uint8_t[CANFRAME_RECORD_SIZE]){[4] = 9}, CANFRAME_RECORD_SIZE);
    rig_run(rig, LOOP_MS);
    assert_int_equal(rig_statistics(rig).skipped, CANFRAME_RECORD_SIZE);
    link_send(rig->far, record, sizeof record);
    rig_run(rig, LOOP_MS);
    assert_int_equal(rig->answer_count, 2);
    rig_free(rig);
}

// --- Silence -------------------------------------------------------------------------------------

static void a_read_is_repeated_once_after_a_second(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();

    ask(rig, &question);
    rig_run(rig, LOOP_S - LOOP_MS);
    assert_int_equal(rig->request_count, 1);
    rig_run(rig, LOOP_MS);
    assert_int_equal(rig->request_count, 2);
    assert_memory_equal(&rig->requests[0].can, &rig->requests[1].can, sizeof rig->requests[0].can);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig_heard(rig)->status, XC_TIMEOUT);
    // What comes now is late, an error too; what was answered is known for a while.
    rig_reply(rig, &rig->requests[0], 1);
    rig_reply_error(rig, &rig->requests[0], SCOM_DEVICE_NOT_FOUND);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).late, 2);

    question = parameter(PART_MAX, FORMAT_FLOAT);
    ask(rig, &question);
    rig_reply(rig, rig_last(rig), 1);
    rig_reply(rig, rig_last(rig), 1);
    rig_reply_error(rig, rig_last(rig), SCOM_RESPONSE_TIMEOUT);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_OK);
    assert_int_equal(rig_statistics(rig).duplicate, 2);
    rig_free(rig);
}

static void a_write_is_sent_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = write_of(230, FORMAT_FLOAT);

    ask(rig, &question);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig->request_count, 1);
    assert_int_equal(rig_heard(rig)->status, XC_UNKNOWN);
    assert_int_equal(rig_heard(rig)->arrived - rig_heard(rig)->sent, LOOP_S);
    rig_free(rig);
}

static void the_timeout_can_be_another(void **state)
{
    (void)state;
    const struct gateway_options options = {.timeout = 4 * LOOP_S};
    struct rig *rig = rig_new(&options);
    struct question question = write_of(230, FORMAT_FLOAT);

    ask(rig, &question);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig_heard(rig)->arrived - rig_heard(rig)->sent, 4 * LOOP_S);
    rig_free(rig);
}

static void silence_is_said_in_words_of_a_bus(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();

    for (int i = 0; i < 2; i++) {
        ask(rig, &question);
        rig_run(rig, 3 * LOOP_S);
    }
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_SILENT);
    assert_string_equal(gateway_state_text(rig->gateway),
                        "no answer: is the Xcom-CAN on, do the bit rates agree, and is the bus "
                        "terminated?");
    rig_free(rig);
}

// --- Errors --------------------------------------------------------------------------------------

static void error_answers_become_what_they_mean(void **state)
{
    (void)state;
    static const struct {
        uint32_t code;
        enum xc_status read, write;
    } cases[] = {
        {SCOM_INVALID_FRAME, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {SCOM_DEVICE_NOT_FOUND, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {SCOM_INVALID_SERVICE_ARGUMENT, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {SCOM_OBJECT_ID_NOT_FOUND, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {0x24, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {0x25, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {0x26, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {0x27, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {SCOM_DATA_TOO_BIG, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {SCOM_WRITE_PROPERTY_FAILED, XC_DEVICE_ERROR, XC_UNKNOWN},
        {0x2A, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {0x2B, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        {0x2D, XC_DEVICE_ERROR, XC_DEVICE_ERROR},
        // No codes.
        {0, XC_MALFORMED, XC_UNKNOWN},
        {0x10028, XC_MALFORMED, XC_UNKNOWN},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig *rig = rig_new(NULL);
        struct question read = parameter(PART_VALUE, FORMAT_FLOAT);
        struct question write = write_of(1, FORMAT_FLOAT);
        ask(rig, &write);
        rig_reply_error(rig, rig_last(rig), cases[i].code);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->status, cases[i].write);
        ask(rig, &read);
        rig_reply_error(rig, rig_last(rig), cases[i].code);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->status, cases[i].read);
        if (cases[i].read == XC_DEVICE_ERROR)
            assert_int_equal(rig_heard(rig)->error, cases[i].code);
        rig_run(rig, 5 * LOOP_S);
        assert_int_equal(rig->request_count, 2);
        rig_free(rig);
    }
}

static void busy_is_waited_for_and_an_unreached_device_asked_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question write = write_of(1, FORMAT_FLOAT), read = rig_info();

    ask(rig, &write);
    rig_reply_error(rig, rig_last(rig), SCOM_GATEWAY_BUSY);
    rig_run(rig, 499 * LOOP_MS);
    assert_int_equal(rig->request_count, 1);
    rig_run(rig, 2 * LOOP_MS);
    assert_int_equal(rig->request_count, 2);
    rig_reply(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_OK);

    ask(rig, &write);
    rig_reply_error(rig, rig_last(rig), SCOM_RESPONSE_TIMEOUT);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_UNKNOWN);
    assert_int_equal(rig->request_count, 3);

    ask(rig, &read);
    for (int i = 0; i < 2; i++) {
        rig_reply_error(rig, rig_last(rig), SCOM_RESPONSE_TIMEOUT);
        rig_run(rig, LOOP_S);
    }
    assert_int_equal(rig->request_count, 5);
    assert_int_equal(rig_heard(rig)->status, XC_DEVICE_ERROR);
    assert_int_equal(rig_heard(rig)->error, SCOM_RESPONSE_TIMEOUT);
    rig_free(rig);
}

// --- Values --------------------------------------------------------------------------------------

static void numbers_are_read_in_the_format_of_the_question(void **state)
{
    (void)state;
    static const struct {
        enum value_format format;
        float value;
        enum xc_status status;
    } cases[] = {
        {FORMAT_FLOAT, 13.6f, XC_OK},
        {FORMAT_FLOAT, NAN, XC_OK},
        {FORMAT_RAW, -1.5f, XC_OK},
        {FORMAT_BOOL, 0, XC_OK},
        {FORMAT_BOOL, 1, XC_OK},
        {FORMAT_BOOL, 2, XC_MALFORMED},
        {FORMAT_BOOL, 0.5f, XC_MALFORMED},
        {FORMAT_BOOL, NAN, XC_MALFORMED},
        {FORMAT_SHORT_ENUM, 65535, XC_OK},
        {FORMAT_SHORT_ENUM, 65536, XC_MALFORMED},
        {FORMAT_SHORT_ENUM, 3.25f, XC_MALFORMED},
        {FORMAT_SHORT_ENUM, -1, XC_MALFORMED},
        {FORMAT_LONG_ENUM, 4294967040.0f, XC_OK},
        {FORMAT_LONG_ENUM, 4294967296.0f, XC_MALFORMED},
        {FORMAT_LONG_ENUM, INFINITY, XC_MALFORMED},
        {FORMAT_INT32, -2147483648.0f, XC_OK},
        {FORMAT_INT32, 2147483648.0f, XC_MALFORMED},
        {FORMAT_INT32, 1e-20f, XC_MALFORMED},
        {FORMAT_INT32, -0.0f, XC_OK},
    };
    struct rig *rig = rig_new(NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct question question = parameter(PART_VALUE, cases[i].format);
        ask(rig, &question);
        rig_reply(rig, rig_last(rig), cases[i].value);
        rig_run(rig, 0);
        const struct answer *answer = rig_heard(rig);
        assert_int_equal(answer->status, cases[i].status);
        assert_int_equal(answer->raw_length, 4);
        if (cases[i].status == XC_OK && !isnan(cases[i].value))
            assert_true(answer->number == (double)cases[i].value);
    }
    // An info that a device hasn't is no number, whatever its format.
    struct question question = rig_info();
    question.format = FORMAT_SHORT_ENUM;
    ask(rig, &question);
    rig_reply(rig, rig_last(rig), NAN);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->status, XC_OK);
    assert_true(isnan(rig_heard(rig)->number));
    rig_free(rig);
}

static void a_number_that_a_float_cant_hold_isnt_sent(void **state)
{
    (void)state;
    static const struct {
        enum value_format format;
        double number;
        enum xc_status status;
    } cases[] = {
        {FORMAT_INT32, 16777216, XC_OK},
        {FORMAT_INT32, 16777217, XC_RANGE},
        {FORMAT_INT32, -16777217, XC_RANGE},
        {FORMAT_INT32, 2147483647, XC_RANGE},
        {FORMAT_LONG_ENUM, 1795269600, XC_RANGE}, // a date
        {FORMAT_LONG_ENUM, 1 << 30, XC_OK},
        {FORMAT_SHORT_ENUM, 65535, XC_OK},
        {FORMAT_SHORT_ENUM, 65536, XC_RANGE},
        {FORMAT_BOOL, 2, XC_RANGE},
        {FORMAT_FLOAT, 13.6, XC_OK},
        {FORMAT_FLOAT, NAN, XC_RANGE},
        {FORMAT_FLOAT, 1e39, XC_RANGE},
        {FORMAT_RAW, 1, XC_RANGE},
    };
    struct rig *rig = rig_new(NULL);
    size_t sent = 0;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct question question = write_of(cases[i].number, cases[i].format);
        assert_int_equal(gateway_check(rig->gateway, &question), cases[i].status);
        ask(rig, &question);
        sent += cases[i].status == XC_OK;
        assert_int_equal(rig->request_count, sent);
        if (cases[i].status == XC_OK) {
            assert_true(rig_last(rig)->frame.value == (float)cases[i].number);
            rig_reply(rig, rig_last(rig), rig_last(rig)->frame.value);
            rig_run(rig, 0);
        }
        assert_int_equal(rig_heard(rig)->status, cases[i].status);
    }
    rig_free(rig);
}

// --- Abilities -----------------------------------------------------------------------------------

static void what_the_protocol_lacks_ends_at_once(void **state)
{
    (void)state;
    const struct multi_item item = {.info = 3000};
    struct question level = parameter(PART_LEVEL, FORMAT_FLOAT);
    const struct question multi = {.kind = QUESTION_MULTI, .items = &item, .item_count = 1};
    const struct question guid = {.kind = QUESTION_GUID, .address = 501, .format = FORMAT_RAW};
    const struct question message = {.kind = QUESTION_MESSAGE, .address = 501};
    const struct question *const lacking[] = {&level, &multi, &guid, &message};
    struct rig *rig = rig_new(NULL);

    assert_int_equal(gateway_capabilities(rig->gateway), 0);
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) {
        ask(rig, lacking[i]);
        assert_int_equal(rig->answer_count, i + 1);
        assert_int_equal(rig_heard(rig)->status, XC_UNSUPPORTED);
    }
    assert_int_equal(rig->request_count, 0);
    assert_int_equal(gateway_capabilities(rig->gateway), 0);
    rig_free(rig);
}

static void impossible_questions_arent_sent(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();

    question.address = 0;
    ask(rig, &question);
    question.address = STUCAN_ADDRESS_MAX + 1;
    ask(rig, &question);
    question = rig_info();
    question.id = 65536;
    ask(rig, &question);
    question = write_of(1, FORMAT_FLOAT);
    question.part = PART_MIN;
    ask(rig, &question);
    assert_int_equal(rig->answer_count, 4);
    for (size_t i = 0; i < rig->answer_count; i++)
        assert_int_equal(rig->answers[i].status, XC_RANGE);
    assert_int_equal(rig->request_count, 0);
    rig_free(rig);
}

static void the_probe_is_a_read(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);

    ask(rig, gateway_probe(rig->gateway));
    assert_int_equal(rig_last(rig)->frame.service, STUCAN_READ_INFO);
    assert_int_equal(rig_last(rig)->frame.destination, 100);
    assert_int_equal(rig_last(rig)->frame.object, 3000);
    rig_reply_error(rig, rig_last(rig), SCOM_DEVICE_NOT_FOUND);
    rig_run(rig, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    rig_free(rig);
}

// --- Notifications -------------------------------------------------------------------------------

static void notifications_come_at_any_time(void **state)
{
    (void)state;
    struct rig *rig = rig_new(NULL);
    struct question question = rig_info();

    rig_run(rig, LOOP_MS);
    rig_notify(rig, 101, 3, 0xFFFFFFFF);
    rig_run(rig, LOOP_MS);
    // One that nobody asks is still no proof that we are answered.
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_PROBING);
    ask(rig, &question);
    rig_notify(rig, 301, 20, 1);
    rig_notify(rig, 301, 20, 1);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 0);
    rig_reply(rig, rig_last(rig), 4);
    rig_notify(rig, 501, 222, 2);
    rig_run(rig, 0);
    assert_true(rig_heard(rig)->number == 4);
    assert_int_equal(rig->message_count, 4);
    assert_int_equal(rig->messages[0].value, 0xFFFFFFFF);
    assert_int_equal(rig->messages[3].source, 501);
    assert_int_equal(rig->messages[3].number, 222);
    assert_int_equal(rig_statistics(rig).messages, 4);
    assert_int_equal(rig_statistics(rig).foreign + rig_statistics(rig).mismatched, 0);
    rig_free(rig);
}

static void the_trace_tells_what_was_made_of_a_frame(void **state)
{
    (void)state;
    char text[4096] = "";
    FILE *file = fmemopen(text, sizeof text, "w");
    const struct gateway_options options = {.trace = file};
    struct rig *rig = rig_new(&options);
    struct question question = rig_info();

    ask(rig, &question);
    rig_send(rig, &(struct canframe){.id = 0x123});
    rig_notify(rig, 101, 3, 0);
    rig_reply(rig, rig_last(rig), 4);
    rig_run(rig, 0);
    rig_free(rig);
    fclose(file);
    assert_non_null(strstr(text, "> 83 28 00 00 02 00 00 00 0B B8 00 00 00 00 00 00\n"));
    assert_non_null(strstr(text, "# foreign: 11-bit frame\n"));
    assert_non_null(strstr(text, "# message\n"));
    assert_non_null(strstr(text, "# answer\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_frames_are_sent_and_understood),
        cmocka_unit_test(each_part_has_its_code),
        cmocka_unit_test(our_address_can_be_another),
        cmocka_unit_test(only_the_whole_match_is_the_answer),
        cmocka_unit_test(other_frames_are_counted_and_ignored),
        cmocka_unit_test(a_storm_of_foreign_frames_doesnt_delay_an_answer_or_a_deadline),
        cmocka_unit_test(pieces_of_records_are_put_together),
        cmocka_unit_test(a_read_is_repeated_once_after_a_second),
        cmocka_unit_test(a_write_is_sent_once),
        cmocka_unit_test(the_timeout_can_be_another),
        cmocka_unit_test(silence_is_said_in_words_of_a_bus),
        cmocka_unit_test(error_answers_become_what_they_mean),
        cmocka_unit_test(busy_is_waited_for_and_an_unreached_device_asked_again),
        cmocka_unit_test(numbers_are_read_in_the_format_of_the_question),
        cmocka_unit_test(a_number_that_a_float_cant_hold_isnt_sent),
        cmocka_unit_test(what_the_protocol_lacks_ends_at_once),
        cmocka_unit_test(impossible_questions_arent_sent),
        cmocka_unit_test(the_probe_is_a_read),
        cmocka_unit_test(notifications_come_at_any_time),
        cmocka_unit_test(the_trace_tells_what_was_made_of_a_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
