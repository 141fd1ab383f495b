// SPDX-License-Identifier: MIT
// gateway: everything that can happen to a question on its way, and what is counted.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "gateway_rig.h"

static const struct gateway_options plain = {0};

// What happens after silence.

static void a_lost_answer_is_asked_for_once_more(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_run(rig, 3 * LOOP_S - 1);
    assert_int_equal(rig->request_count, 1);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig->requests[1].at - rig->requests[0].at, 3 * LOOP_S);
    assert_int_equal(rig->requests[1].frame.object_id, 3000);
    rig_run(rig, 50 * LOOP_MS);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_int_equal(rig_heard(rig)->answer.arrived - rig_heard(rig)->answer.sent, 50 * LOOP_MS);
    assert_int_equal(rig_statistics(rig).repeats, 1);
    assert_int_equal(rig_statistics(rig).timeouts, 1);
    rig_free(rig);
}

static void silence_ends_with_a_time_out(void **state)
{
    (void)state;
    const struct gateway_options options = {.timeout = 700 * LOOP_MS};
    struct rig *rig = rig_new(&options);

    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 1400 * LOOP_MS - 1);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 1);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_heard(rig)->answer.status, XC_TIMEOUT);
    // The next one is on the wire at once.
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(rig_last(rig)->frame.object_id, 3001);
    assert_int_equal(rig_last(rig)->at, rig_heard(rig)->at);
    rig_free(rig);
}

static void the_time_on_the_line_is_added_to_the_deadline(void **state)
{
    (void)state;
    struct multi_item items[MULTI_ITEMS_MAX] = {{0}};
    struct question question = {
        .kind = QUESTION_MULTI, .items = items, .item_count = MULTI_ITEMS_MAX};
    struct rig *rig = rig_new_line(&plain, 1, 38400, 11);

    rig_ask_info(rig, 3000);
    rig_run(rig, 3 * LOOP_S + 56 * 11 * LOOP_S / 38400 - 1);
    assert_int_equal(rig->request_count, 1);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 2);
    rig_reply_float(rig, rig_last(rig), 1);

    rig_ask(rig, &question, 0);
    rig_run(rig, 3 * LOOP_S + 820 * 11 * LOOP_S / 38400 - 1);
    assert_int_equal(rig->request_count, 3);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 4);
    rig_free(rig);
}

static void what_was_sent_is_discarded_at_each_deadline(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);

    rig_ask_info(rig, 3000);
    rig_run(rig, 3 * LOOP_S - 1);
    assert_int_equal(rig->line->discards, 0);
    rig_run(rig, 1);
    assert_int_equal(rig->line->discards, 1);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(rig->line->discards, 2);
    rig_free(rig);
}

static void a_late_answer_of_the_first_sending_answers_the_repetition(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_run(rig, 3100 * LOOP_MS);
    assert_int_equal(rig->request_count, 2);
    rig_reply_float(rig, &rig->requests[0], 1);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_reply_float(rig, &rig->requests[1], 2);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_statistics(rig).duplicate, 1);
    assert_int_equal(rig_statistics(rig).late, 0);
    rig_free(rig);
}

static void a_repeated_multi_info_keeps_its_tag(void **state)
{
    (void)state;
    static const struct multi_item item = {.info = 3000, .aggregation = 1};
    struct question question = {.kind = QUESTION_MULTI, .items = &item, .item_count = 1};
    struct rig *rig = rig_new(&plain);

    rig_ask(rig, &question, 0);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig->requests[0].frame.property_id, rig->requests[1].frame.property_id);
    rig_reply_items(rig, &rig->requests[0]);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_free(rig);
}

static void late_answers_are_counted_and_never_used(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 6100 * LOOP_MS);
    assert_int_equal(rig_last(rig)->frame.object_id, 3001);
    rig_reply_float(rig, &rig->requests[0], 1);
    rig_reply_float(rig, &rig->requests[1], 1);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_heard(rig)->answer.status, XC_TIMEOUT);
    assert_int_equal(rig_statistics(rig).late, 2);
    rig_reply_float(rig, rig_last(rig), 2);
    rig_run(rig, 0);
    assert_true(rig_heard(rig)->answer.number == 2);
    rig_free(rig);
}

static void the_last_eight_given_up_are_remembered(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    for (unsigned i = 0; i < 9; i++)
        rig_ask_info(rig, 3000 + i);
    rig_run(rig, 9 * 6 * LOOP_S);
    assert_int_equal(rig->answer_count, 9);
    for (unsigned i = 0; i < 9; i++)
        rig_reply_float(rig, &rig->requests[2 * i], 1);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).late, 8);
    assert_int_equal(rig_statistics(rig).foreign, 1);
    rig_free(rig);
}

static void duplicates_are_counted_and_never_used(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 0);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_reply_float(rig, rig_last(rig), 9);
    rig_run(rig, 0);
    rig_reply_float(rig, &rig->requests[0], 9);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).duplicate, 2);
    rig_reply_float(rig, rig_last(rig), 2);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 2);
    assert_true(rig->answers[0].answer.number == 1);
    assert_true(rig->answers[1].answer.number == 2);
    rig_free(rig);
}

static void ask_the_same_again(struct rig *rig, const struct heard *heard)
{
    if (rig->answer_count == 1)
        rig_ask_info(rig, (uint32_t)heard->name);
}

static void a_duplicate_does_not_answer_the_same_question_asked_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->on_answer = ask_the_same_again;

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_statistics(rig).duplicate, 1);
    rig_free(rig);
}

// Frames that belong to others, or to nothing.

static void our_own_question_come_back_is_an_echo(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    struct scom_frame echo = rig_last(rig)->frame;
    rig_send_frame(rig, &echo);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).foreign, 1);
    assert_int_equal(rig_statistics(rig).echoes, 1);
    assert_int_equal(rig_statistics(rig).stranger_source, 0); // nobody else is there
    assert_int_not_equal(gateway_state(rig->gateway), GATEWAY_UP);
    echo.object_id++; // that is another master's
    rig_send_frame(rig, &echo);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).foreign, 2);
    assert_int_equal(rig_statistics(rig).echoes, 1);
    rig_free(rig);
}

static void foreign_frames_are_counted_and_never_used(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    uint8_t value[4] = {0};

    rig->frame_flags = 0xFF;
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    struct scom_frame to_another = rig_answer_to(rig, rig_last(rig), value, 4);
    to_another.destination = 2;
    rig_send_frame(rig, &to_another);
    struct scom_frame request = rig_last(rig)->frame;
    request.frame_flags = 0xFF;
    request.source = 2;
    rig_send_frame(rig, &request);
    struct scom_frame to_us = request;
    to_us.destination = 1;
    rig_send_frame(rig, &to_us);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).foreign, 3);
    assert_int_equal(rig_statistics(rig).unasked, 0);
    assert_int_equal(rig_statistics(rig).stranger_source, 2);
    assert_int_equal(rig_statistics(rig).stranger_destination, 1);
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(rig->flag_events, 0);
    assert_int_equal(gateway_frame_flags(rig->gateway), 0);
    assert_int_not_equal(gateway_state(rig->gateway), GATEWAY_UP);

    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    // Nothing is asked now.
    struct scom_frame unasked = rig_answer_to(rig, rig_last(rig), value, 4);
    unasked.object_id = 3001;
    rig_send_frame(rig, &unasked);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).foreign, 4);
    assert_int_equal(rig_statistics(rig).unasked, 1); // somebody has our address
    assert_int_equal(rig_statistics(rig).stranger_source, 101);
    rig_free(rig);
}

static void answers_must_match_in_every_field(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    uint8_t value[4] = {0};

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    for (int field = 0; field < 5; field++) {
        struct scom_frame frame = rig_answer_to(rig, rig_last(rig), value, 4);
        switch (field) {
        case 0:
            frame.source = 102;
            break;
        case 1:
            frame.service_id = SCOM_WRITE;
            break;
        case 2:
            frame.object_type = SCOM_PARAMETER;
            break;
        case 3:
            frame.object_id = 3001;
            break;
        case 4:
            frame.property_id = 5;
            break;
        }
        rig_send_frame(rig, &frame);
        rig_run(rig, 0);
        assert_int_equal(rig->answer_count, 0);
        assert_int_equal(rig_statistics(rig).mismatched, field + 1);
        assert_int_equal(rig_statistics(rig).unasked, field + 1);
    }
    rig_reply_float(rig, rig_last(rig), 4);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    assert_true(rig_heard(rig)->answer.number == 4);
    rig_free(rig);
}

// Bytes that are damaged.

static size_t encoded_reply(struct rig *rig, float value, uint8_t bytes[SCOM_FRAME_MAX])
{
    uint8_t data[4];
    le_put_float(data, value);
    struct scom_frame frame = rig_answer_to(rig, rig_last(rig), data, sizeof data);
    return scom_encode(&frame, bytes, SCOM_FRAME_MAX);
}

static void corrupt_answers_are_counted_and_asked_for_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    uint8_t bytes[SCOM_FRAME_MAX];

    rig->frame_flags = 0x35;
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    size_t length = encoded_reply(rig, 1, bytes);
    bytes[length - 4] ^= 0x40;
    rig_send(rig, bytes, length);
    length = encoded_reply(rig, 1, bytes);
    bytes[5] ^= 0x40;
    rig_send(rig, bytes, length);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(rig->flag_events, 0);
    assert_int_equal(rig_statistics(rig).bad_data, 1);
    assert_int_equal(rig_statistics(rig).bad_header, 1);
    assert_int_not_equal(rig_statistics(rig).skipped, 0);
    rig->script = rig_answers_all;
    rig_run(rig, 2 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_free(rig);
}

static void answers_survive_garbage_and_single_bytes(void **state)
{
    (void)state;
    static const uint8_t garbage[] = {0xFF, 0x00, 0xAA, 0xAA, 0x0D, 0x0A, 0x55};
    struct rig *rig = rig_new(&plain);
    uint8_t bytes[SCOM_FRAME_MAX];

    for (unsigned i = 0; i < 20; i++) {
        rig_ask_info(rig, 3000 + i);
        rig_run(rig, 0);
        size_t length = encoded_reply(rig, (float)i, bytes);
        rig_send(rig, garbage, sizeof garbage);
        for (size_t b = 0; b < length; b++) {
            rig_send(rig, bytes + b, 1);
            rig_run(rig, LOOP_MS);
        }
        assert_int_equal(rig->answer_count, i + 1);
        assert_true(rig_heard(rig)->answer.number == i);
    }
    assert_int_equal(rig->request_count, 20);
    rig_free(rig);
}

static void a_truncated_answer_does_not_swallow_the_next(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 38400, 11);
    uint8_t bytes[SCOM_FRAME_MAX];

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    size_t length = encoded_reply(rig, 1, bytes);
    rig_send(rig, bytes, length - 6);
    rig_run(rig, 99 * LOOP_MS);
    assert_int_equal(rig_statistics(rig).truncated, 0);
    rig_run(rig, LOOP_MS);
    assert_int_equal(rig_statistics(rig).truncated, 1);
    rig_reply_float(rig, rig_last(rig), 2);
    rig_run(rig, 0);
    assert_true(rig_heard(rig)->answer.number == 2);
    rig_free(rig);
}

static void an_answer_behind_a_false_beginning_is_found_after_silence(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 1200, 11);
    uint8_t header[SCOM_FRAME_MAX];
    static const uint8_t zeros[200];

    // The heads of two long frames whose rest was lost, then the answer.
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    struct scom_frame longer = rig_answer_to(rig, rig_last(rig), zeros, sizeof zeros);
    scom_encode(&longer, header, sizeof header);
    rig_send(rig, header, SCOM_HEADER_SIZE);
    rig_send(rig, header, SCOM_HEADER_SIZE);
    rig_reply_float(rig, rig_last(rig), 7);
    // At this rate 20 bytes take longer than 100 ms.
    rig_run(rig, 20 * 11 * LOOP_S / 1200 - 1);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 1);
    assert_int_equal(rig->answer_count, 1);
    assert_true(rig_heard(rig)->answer.number == 7);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

static void packets_of_a_network_may_be_further_apart(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    uint8_t bytes[SCOM_FRAME_MAX];

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    size_t length = encoded_reply(rig, 1, bytes);
    rig_send(rig, bytes, 20);
    rig_run(rig, 499 * LOOP_MS);
    rig_send(rig, bytes + 20, length - 20);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_send(rig, bytes, 20);
    rig_run(rig, 500 * LOOP_MS);
    assert_int_equal(rig_statistics(rig).truncated, 1);
    rig_free(rig);
}

static void an_answer_still_in_the_decoder_at_the_deadline_counts(void **state)
{
    (void)state;
    const struct gateway_options options = {.timeout = 50 * LOOP_MS};
    struct rig *rig = rig_new_line(&options, 1, 38400, 11);
    uint8_t header[SCOM_FRAME_MAX];
    static const uint8_t zeros[200];

    rig_ask_info(rig, 3000);
    rig_run(rig, 40 * LOOP_MS);
    struct scom_frame longer = rig_answer_to(rig, rig_last(rig), zeros, sizeof zeros);
    scom_encode(&longer, header, sizeof header);
    rig_send(rig, header, SCOM_HEADER_SIZE);
    rig_reply_float(rig, rig_last(rig), 7);
    rig_run(rig, 50 * LOOP_MS);
    assert_int_equal(rig->answer_count, 1);
    assert_true(rig_heard(rig)->answer.number == 7);
    assert_int_equal(rig_statistics(rig).timeouts, 0);
    rig_free(rig);
}

// Frame flags, statistics, trace.

static void frame_flags_of_our_answers_surface(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;

    rig->frame_flags = SCOM_SD_PRESENT | SCOM_DATALOG_SUPPORTED;
    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 0);
    assert_int_equal(rig->flag_events, 1);
    assert_int_equal(rig->flags, 0x24);
    assert_int_equal(rig->flags_changed, 0x24);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    assert_int_equal(rig->flag_events, 2);
    assert_int_equal(rig->flags, 0x25);
    assert_int_equal(rig->flags_changed, SCOM_MESSAGE_PENDING);
    rig->frame_flags = SCOM_SD_PRESENT;
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    assert_int_equal(rig->flag_events, 3);
    assert_int_equal(rig->flags_changed, SCOM_MESSAGE_PENDING | SCOM_DATALOG_SUPPORTED);
    assert_int_equal(gateway_frame_flags(rig->gateway), SCOM_SD_PRESENT);
    rig_free(rig);
}

static void round_trips_are_reckoned_over_the_last_128(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    assert_int_equal(rig_statistics(rig).median_us, 0);
    assert_int_equal(rig_statistics(rig).percentile95_us, 0);
    // 72 that are forgotten again, then 1 to 128 ms, the longest first.
    for (int i = 0; i < 200; i++) {
        rig_ask_info(rig, 3000);
        rig_run(rig, 0);
        rig_run(rig, (i < 72 ? 900 : 200 - i) * LOOP_MS);
        rig_reply_float(rig, rig_last(rig), 1);
        rig_run(rig, 0);
    }
    assert_int_equal(rig_statistics(rig).median_us, 64 * LOOP_MS);
    assert_int_equal(rig_statistics(rig).percentile95_us, 122 * LOOP_MS);
    assert_int_equal(rig_statistics(rig).answers, 200);
    assert_int_equal(rig_statistics(rig).values, 200);
    rig_free(rig);
}

static void rates_are_of_the_last_ten_seconds(void **state)
{
    (void)state;
    struct multi_item items[20] = {{0}};
    struct question question = {.kind = QUESTION_MULTI, .items = items, .item_count = 20};
    struct rig *rig = rig_new_line(&plain, 1, 38400, 11);
    rig->script = rig_answers_all;

    // 2 questions with 21 values and (26 + 60 + 34 + 140) + 56 = 316 bytes a second.
    for (int i = 0; i < 30; i++) {
        rig_ask(rig, &question, 0);
        rig_ask_info(rig, 3000);
        rig_run(rig, LOOP_S);
    }
    struct gateway_statistics statistics = rig_statistics(rig);
    // Nine whole seconds with what they brought, and a new one that has just begun.
    assert_true(fabs(statistics.questions_per_s - 2) < 1e-9);
    assert_true(fabs(statistics.values_per_s - 21) < 1e-9);
    assert_true(fabs(statistics.line_use - 316 * 11 / 38400.0) < 1e-9);
    rig_run(rig, 4 * LOOP_S);
    assert_true(fabs(rig_statistics(rig).questions_per_s - 10 / 9.0) < 1e-9);
    rig_run(rig, 6 * LOOP_S);
    assert_true(fabs(rig_statistics(rig).values_per_s - 0) < 1e-9);
    assert_true(fabs(rig_statistics(rig).line_use - 0) < 1e-9);
    assert_int_equal(rig_statistics(rig).questions, 60);
    assert_int_equal(rig_statistics(rig).bytes_sent, 30 * (26 + 86));
    assert_int_equal(rig_statistics(rig).bytes_received, 30 * (30 + 174));
    rig_free(rig);
}

static void without_a_baud_rate_there_is_no_line_use(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;

    rig_ask_info(rig, 3000);
    rig_run(rig, LOOP_MS);
    assert_true(rig_statistics(rig).line_use < 0);
    // The first question isn't a thousand a second.
    assert_true(fabs(rig_statistics(rig).questions_per_s - 1) < 1e-9);
    rig_free(rig);
}

static void the_trace_has_every_byte_with_time_and_verdict(void **state)
{
    (void)state;
    static const char *const expected =
        "# link: connected; no answer yet\n"
        "2026-11-21T14:00:00.000000Z > AA 00 01 00 00 00 65 00 00 00 0A 00 6F 71 00 01 01 00 B8 0B "
        "00 00 01 00 C5 90\n"
        "2026-11-21T14:00:00.123456Z < AA 34 65 00 00 00 01 00 00 00 0E 00 A7 45 02 01 01 00 B8 0B "
        "00 00 01 00 00 C0 45 41 0D CB\n"
        "# answer\n"
        "# link: connected\n"
        "2026-11-21T14:00:00.123456Z < 55 55\n"
        "# skipped bytes: 2\n";
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    const struct gateway_options options = {.trace = file};
    struct rig *rig = rig_new(&options);

    rig->frame_flags = 0x34;
    rig_ask_info(rig, 3000);
    rig_run(rig, 123456);
    rig_reply_float(rig, rig_last(rig), 12.359375f);
    rig_run(rig, 0);
    rig_send(rig, (const uint8_t *)"UU", 2);
    rig_run(rig, 0);
    assert_string_equal(text, expected); // each line is written at once
    rig_free(rig);
    fclose(file);
    free(text);
}

static void a_trace_that_cannot_be_written_is_told_and_the_work_goes_on(void **state)
{
    (void)state;
    FILE *file = fopen("/dev/full", "w");
    assert_non_null(file);
    const struct gateway_options options = {.trace = file};
    struct rig *rig = rig_new(&options);
    rig->script = rig_answers_all;

    rig_ask_info(rig, 3000);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_non_null(strstr(gateway_state_text(rig->gateway), "the trace ended: No space left"));
    unsigned states = rig->states;
    rig_ask_info(rig, 3000);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->states, states);
    rig_free(rig);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_answer_is_asked_for_once_more),
        cmocka_unit_test(silence_ends_with_a_time_out),
        cmocka_unit_test(the_time_on_the_line_is_added_to_the_deadline),
        cmocka_unit_test(what_was_sent_is_discarded_at_each_deadline),
        cmocka_unit_test(a_late_answer_of_the_first_sending_answers_the_repetition),
        cmocka_unit_test(a_repeated_multi_info_keeps_its_tag),
        cmocka_unit_test(late_answers_are_counted_and_never_used),
        cmocka_unit_test(the_last_eight_given_up_are_remembered),
        cmocka_unit_test(duplicates_are_counted_and_never_used),
        cmocka_unit_test(a_duplicate_does_not_answer_the_same_question_asked_again),
        cmocka_unit_test(our_own_question_come_back_is_an_echo),
        cmocka_unit_test(foreign_frames_are_counted_and_never_used),
        cmocka_unit_test(answers_must_match_in_every_field),
        cmocka_unit_test(corrupt_answers_are_counted_and_asked_for_again),
        cmocka_unit_test(answers_survive_garbage_and_single_bytes),
        cmocka_unit_test(a_truncated_answer_does_not_swallow_the_next),
        cmocka_unit_test(an_answer_behind_a_false_beginning_is_found_after_silence),
        cmocka_unit_test(packets_of_a_network_may_be_further_apart),
        cmocka_unit_test(an_answer_still_in_the_decoder_at_the_deadline_counts),
        cmocka_unit_test(frame_flags_of_our_answers_surface),
        cmocka_unit_test(round_trips_are_reckoned_over_the_last_128),
        cmocka_unit_test(rates_are_of_the_last_ten_seconds),
        cmocka_unit_test(without_a_baud_rate_there_is_no_line_use),
        cmocka_unit_test(the_trace_has_every_byte_with_time_and_verdict),
        cmocka_unit_test(a_trace_that_cannot_be_written_is_told_and_the_work_goes_on),
    };
    return cmocka_run_group_tests_name("gateway faults", tests, NULL, NULL);
}
