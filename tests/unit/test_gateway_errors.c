// SPDX-License-Identifier: MIT
// gateway: error answers, busy gateways, writes of unknown outcome, and what a gateway lacks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "gateway_rig.h"

static const struct gateway_options plain = {0};

static struct question write_question(double number)
{
    return (struct question){.kind = QUESTION_WRITE,
                             .priority = PRIORITY_PERSON,
                             .address = 101,
                             .id = 1138,
                             .part = PART_VALUE,
                             .format = FORMAT_FLOAT,
                             .number = number};
}

static struct question multi_question(void)
{
    static const struct multi_item items[2] = {{.info = 3000, .aggregation = 1},
                                               {.info = 3001, .aggregation = 1}};
    return (struct question){.kind = QUESTION_MULTI, .items = items, .item_count = 2};
}

static void answer_with_error(struct rig *rig, const struct question *question, uint16_t error)
{
    rig_ask(rig, question, 0);
    rig_run(rig, 0);
    rig_reply_error(rig, rig_last(rig), error);
    rig_run(rig, 0);
}

static void every_error_code_is_handed_on(void **state)
{
    (void)state;
    static const uint16_t codes[] = {0x01, 0x02, 0x11, 0x12, 0x21, 0x22, 0x23, 0x24,
                                     0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C,
                                     0x2D, 0x2E, 0x2F, 0x30, 0x81, 0x77, 0x00, 0x1234};
    size_t count = sizeof codes / sizeof *codes;
    struct rig *rig = rig_new(&plain);
    struct question question = rig_info(3000);

    for (size_t i = 0; i < count; i++) {
        answer_with_error(rig, &question, codes[i]);
        assert_int_equal(rig->answer_count, i + 1);
        assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
        assert_int_equal(rig_heard(rig)->answer.error, codes[i]);
        assert_true(isnan(rig_heard(rig)->answer.number));
    }
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, count);
    assert_int_equal(rig_statistics(rig).device_errors, count);
    assert_int_equal(rig_statistics(rig).values, 0);
    assert_int_equal(gateway_capabilities(rig->gateway), 0x3F);
    rig_free(rig);
}

static void an_error_without_a_code_is_malformed(void **state)
{
    (void)state;
    static const uint8_t data[3] = {0x22, 0, 0};
    struct rig *rig = rig_new(&plain);

    for (size_t length = 0; length <= 3; length++) {
        rig_ask_info(rig, 3000);
        rig_run(rig, 0);
        struct scom_frame frame = rig_answer_to(rig, rig_last(rig), data, length);
        frame.service_flags |= SCOM_ERROR;
        rig_send_frame(rig, &frame);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->answer.status,
                         length < 2 ? XC_MALFORMED : XC_DEVICE_ERROR);
    }
    assert_int_equal(rig_statistics(rig).malformed, 2);
    rig_free(rig);
}

// Busy, and devices that don't answer the gateway.

static void a_busy_gateway_is_asked_again_less_and_less_often(void **state)
{
    (void)state;
    static const int64_t pauses[] = {500, 1000, 2000, 2000, 2000};
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 0);
    for (size_t i = 0; i < 5; i++) {
        rig_reply_error(rig, rig_last(rig), SCOM_GATEWAY_BUSY);
        rig_run(rig, pauses[i] * LOOP_MS - 1);
        assert_int_equal(rig->request_count, i + 1);
        rig_run(rig, 1);
        assert_int_equal(rig->request_count, i + 2);
        assert_int_equal(rig_last(rig)->frame.object_id, 3000);
    }
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_int_equal(rig_last(rig)->frame.object_id, 3001);
    assert_int_equal(rig_statistics(rig).busy, 5);
    assert_int_equal(rig_statistics(rig).repeats, 0);
    assert_int_equal(rig_statistics(rig).device_errors, 0);
    rig_free(rig);
}

static void always_busy(struct rig *rig, const struct request *request)
{
    rig_reply_error(rig, request, SCOM_GATEWAY_BUSY);
}

static void a_busy_gateway_is_waited_for_a_minute(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->script = always_busy;

    // 0, 0.5, 1.5, 3.5, 5.5 … 59.5: the next one would be after a minute.
    rig_ask_info(rig, 3000);
    rig_run(rig, 59500 * LOOP_MS - 1);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 1);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
    assert_int_equal(rig_heard(rig)->answer.error, SCOM_GATEWAY_BUSY);
    assert_int_equal(rig->request_count, 32);
    rig_free(rig);
}

static void busy_writes_and_messages_are_tried_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question questions[] = {write_question(12), {.kind = QUESTION_MESSAGE, .id = 0}};

    for (size_t i = 0; i < 2; i++) {
        answer_with_error(rig, &questions[i], SCOM_GATEWAY_BUSY);
        rig_run(rig, 500 * LOOP_MS);
        assert_int_equal(rig->request_count, 2 * i + 2);
        rig_reply(rig, rig_last(rig), (const uint8_t[14]){0}, 14);
        rig_run(rig, 0);
        assert_int_equal(rig->answer_count, i + 1);
        assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    }
    rig_free(rig);
}

static void a_second_busy_answer_during_the_pause_is_a_duplicate(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = rig_info(3000);

    answer_with_error(rig, &question, SCOM_GATEWAY_BUSY);
    rig_reply_error(rig, rig_last(rig), SCOM_GATEWAY_BUSY);
    rig_run(rig, 500 * LOOP_MS);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig_statistics(rig).busy, 1);
    assert_int_equal(rig_statistics(rig).duplicate, 1);
    rig_free(rig);
}

static void a_device_the_gateway_did_not_reach_is_asked_once_more(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = rig_info(3000);

    answer_with_error(rig, &question, SCOM_RESPONSE_TIMEOUT);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 500 * LOOP_MS - 1);
    assert_int_equal(rig->request_count, 1);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 2);
    rig_reply_error(rig, rig_last(rig), SCOM_RESPONSE_TIMEOUT);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
    assert_int_equal(rig_heard(rig)->answer.error, SCOM_RESPONSE_TIMEOUT);
    assert_int_equal(rig_statistics(rig).repeats, 1);
    rig_free(rig);
}

// What has effects is never repeated.

static void a_message_is_never_asked_for_twice(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = {.kind = QUESTION_MESSAGE, .id = 0};

    rig_ask(rig, &question, 0);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_TIMEOUT);
    answer_with_error(rig, &question, SCOM_RESPONSE_TIMEOUT);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

static void a_write_without_answer_has_an_unknown_outcome(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = write_question(12);

    rig_ask(rig, &question, 0);
    rig_run(rig, 3 * LOOP_S - 1);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 1);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNKNOWN);
    assert_int_equal(rig_heard(rig)->answer.error, 0);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

static void errors_that_leave_a_write_open_say_so(void **state)
{
    (void)state;
    static const struct {
        uint16_t error;
        enum xc_status status;
    } cases[] = {{SCOM_RESPONSE_TIMEOUT, XC_UNKNOWN},
                 {SCOM_WRITE_PROPERTY_FAILED, XC_UNKNOWN},
                 {SCOM_DATA_TOO_BIG, XC_DEVICE_ERROR},
                 {SCOM_ACCESS_DENIED, XC_DEVICE_ERROR},
                 {SCOM_DEVICE_NOT_FOUND, XC_DEVICE_ERROR}};
    struct question question = write_question(12);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig *rig = rig_new(&plain);
        answer_with_error(rig, &question, cases[i].error);
        assert_int_equal(rig_heard(rig)->answer.status, cases[i].status);
        assert_int_equal(rig_heard(rig)->answer.error, cases[i].error);
        rig_run(rig, 10 * LOOP_S);
        assert_int_equal(rig->request_count, 1);
        rig_free(rig);
    }
}

static void a_malformed_answer_leaves_a_write_open(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = write_question(12);

    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
    struct scom_frame frame = rig_answer_to(rig, rig_last(rig), NULL, 0);
    frame.service_flags |= SCOM_ERROR;
    rig_send_frame(rig, &frame);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNKNOWN);
    rig_free(rig);
}

static void after_an_open_write_the_next_one_waits_for_a_quiet_line(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = write_question(12);

    rig_ask(rig, &question, 0);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNKNOWN);
    // Reading back is allowed at once, and its answer is the last that was heard.
    rig_ask_info(rig, 3000);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 0);

    rig_ask(rig, &question, 1);
    rig_ask_info(rig, 3001); // waits too, or it would never be quiet
    rig_run(rig, 3 * LOOP_S - 1);
    assert_int_equal(rig->request_count, 2);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(rig_last(rig)->frame.service_id, SCOM_WRITE);
    rig_reply(rig, rig_last(rig), NULL, 0);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 4);
    rig_reply_float(rig, rig_last(rig), 1);

    // Once quiet, writes are free again.
    rig_ask(rig, &question, 2);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 5);
    assert_int_equal(rig_last(rig)->frame.service_id, SCOM_WRITE);
    rig_free(rig);
}

static void what_is_sent_keeps_the_line_from_being_quiet(void **state)
{
    (void)state;
    const struct gateway_options options = {.timeout = LOOP_S};
    struct rig *rig = rig_new(&options);
    struct question question = write_question(12);
    struct question info = rig_info(3000);
    info.priority = PRIORITY_PERSON;

    // Given up after 1 s; the read behind it is sent after 1 s and 2 s and finds silence too.
    rig_ask(rig, &question, 0);
    rig_ask(rig, &info, 1);
    rig_ask(rig, &question, 2);
    rig_run(rig, 5 * LOOP_S - 1);
    assert_int_equal(rig->answer_count, 2);
    assert_int_equal(rig->request_count, 3);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 4);
    assert_int_equal(rig_last(rig)->frame.service_id, SCOM_WRITE);
    rig_free(rig);
}

static void a_read_past_its_deadline_makes_a_write_wait_for_a_quiet_line(void **state)
{
    (void)state;
    const struct gateway_options options = {.timeout = LOOP_S};
    struct rig *rig = rig_new(&options);
    struct question question = write_question(12);

    // Sent at once and after 1 s, given up after 2 s.
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_ask(rig, &question, 0);
    rig_run(rig, 4 * LOOP_S - 1);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig->answer_count, 1);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(rig_last(rig)->frame.service_id, SCOM_WRITE);
    rig_free(rig);
}

static void a_late_answer_of_an_open_write_makes_the_next_wait_longer(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = write_question(12);

    rig_ask(rig, &question, 0);
    rig_ask(rig, &question, 1);
    rig_run(rig, 5 * LOOP_S);
    rig_reply(rig, rig_last(rig), NULL, 0);
    rig_run(rig, 3 * LOOP_S - 1);
    assert_int_equal(rig_statistics(rig).late, 1);
    assert_int_equal(rig->request_count, 1);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

// What a gateway lacks.

static void a_gateway_without_multi_infos_is_told_by_its_error(void **state)
{
    (void)state;
    static const uint16_t codes[] = {SCOM_SERVICE_NOT_SUPPORTED, SCOM_TYPE_NOT_SUPPORTED,
                                     SCOM_OBJECT_NOT_SUPPORTED};
    struct question question = multi_question();

    for (size_t i = 0; i < 3; i++) {
        struct rig *rig = rig_new(&plain);
        answer_with_error(rig, &question, codes[i]);
        assert_int_equal(rig_heard(rig)->answer.status, XC_UNSUPPORTED);
        assert_int_equal(rig_heard(rig)->answer.error, codes[i]);
        assert_int_equal(gateway_capabilities(rig->gateway) & GATEWAY_MULTI, 0);
        // Not asked again on this connection, but on the next: it may be another gateway.
        rig_ask(rig, &question, 0);
        rig_run(rig, LOOP_S);
        assert_int_equal(rig_heard(rig)->answer.status, XC_UNSUPPORTED);
        assert_int_equal(rig->request_count, 1);
        rig_disconnect(rig);
        rig_reconnect(rig);
        rig_run(rig, 2 * LOOP_S);
        assert_int_equal(gateway_capabilities(rig->gateway) & GATEWAY_MULTI, GATEWAY_MULTI);
        rig_ask(rig, &question, 0);
        rig_run(rig, 0);
        assert_int_equal(rig->request_count, 2);
        rig_free(rig);
    }
}

static void silence_and_other_errors_do_not_mean_unsupported(void **state)
{
    (void)state;
    struct question question = multi_question();
    struct rig *rig = rig_new(&plain);

    rig_ask(rig, &question, 0);
    rig_run(rig, 6 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_TIMEOUT);
    answer_with_error(rig, &question, SCOM_OBJECT_ID_NOT_FOUND);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
    answer_with_error(rig, &question, SCOM_INVALID_DATA);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
    assert_int_equal(gateway_capabilities(rig->gateway) & GATEWAY_MULTI, GATEWAY_MULTI);
    rig_free(rig);
}

static void a_refused_tag_is_not_used_again(void **state)
{
    (void)state;
    static const uint16_t codes[] = {SCOM_PROPERTY_NOT_SUPPORTED, SCOM_INVALID_SERVICE_ARGUMENT,
                                     SCOM_OBJECT_PROPERTY_INVALID, SCOM_INVALID_FRAME};
    struct question question = multi_question();

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct rig *rig = rig_new(&plain);
        answer_with_error(rig, &question, codes[i]);
        assert_int_equal(rig->answer_count, 0);
        assert_int_equal(rig->request_count, 2);
        assert_int_equal(rig_last(rig)->frame.property_id, 1);
        rig_reply_items(rig, rig_last(rig));
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
        rig_ask(rig, &question, 0);
        rig_run(rig, 0);
        assert_int_equal(rig_last(rig)->frame.property_id, 1);
        // The same error without a tag is about the multi-info itself.
        rig_reply_error(rig, rig_last(rig), codes[i]);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->answer.status, XC_UNSUPPORTED);
        assert_int_equal(gateway_capabilities(rig->gateway) & GATEWAY_MULTI, 0);
        assert_int_equal(rig->request_count, 3);
        rig_free(rig);
    }
}

static void without_tags_the_list_tells_answers_apart(void **state)
{
    (void)state;
    static const struct multi_item other = {.info = 3136, .aggregation = 2};
    struct question question = multi_question();
    struct question another = {.kind = QUESTION_MULTI, .items = &other, .item_count = 1};
    struct rig *rig = rig_new(&plain);

    answer_with_error(rig, &question, SCOM_PROPERTY_NOT_SUPPORTED);
    rig_run(rig, 6 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_TIMEOUT);
    rig_ask(rig, &another, 0);
    rig_run(rig, 0);
    rig_reply_items(rig, &rig->requests[1]);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_statistics(rig).late, 1);
    rig_reply_items(rig, rig_last(rig));
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_int_equal(rig_heard(rig)->items[0].info, 3136);
    rig_free(rig);
}

static void a_list_that_is_not_the_one_asked_is_malformed(void **state)
{
    (void)state;
    struct question question = multi_question();
    struct rig *rig = rig_new(&plain);

    for (int change = 0; change < 5; change++) {
        struct scom_multi_item items[3] = {{.info = 3000, .aggregation = 1, .value = 1},
                                           {.info = 3001, .aggregation = 1, .value = 2}};
        uint8_t data[8 + 7 * 3];
        size_t count = 2;
        if (change == 0)
            items[0].info = 3001, items[1].info = 3000;
        else if (change == 1)
            items[1].aggregation = 2;
        else if (change == 2)
            count = 1;
        else if (change == 3)
            count = 3;
        rig_ask(rig, &question, 0);
        rig_run(rig, 0);
        size_t length = scom_multi_answer_encode(0, 0, items, count, data);
        rig_reply(rig, rig_last(rig), data, change == 4 ? length - 1 : length);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->answer.status, XC_MALFORMED);
        assert_int_equal(rig_heard(rig)->answer.item_count, 0);
    }
    assert_int_equal(rig_statistics(rig).malformed, 5);
    rig_free(rig);
}

static void a_gateway_without_a_guid_is_told_by_its_error(void **state)
{
    (void)state;
    static const uint16_t codes[] = {0x11, 0x21, 0x22, 0x23, 0x2C};
    struct question question = {.kind = QUESTION_GUID};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct rig *rig = rig_new(&plain);
        answer_with_error(rig, &question, 0x2A);
        assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
        answer_with_error(rig, &question, codes[i]);
        assert_int_equal(rig_heard(rig)->answer.status, XC_UNSUPPORTED);
        assert_int_equal(gateway_capabilities(rig->gateway), GATEWAY_MULTI | GATEWAY_HISTORY |
                                                                 GATEWAY_LEVELS | GATEWAY_CLOCK |
                                                                 GATEWAY_DATALOG);
        rig_free(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_code_is_handed_on),
        cmocka_unit_test(an_error_without_a_code_is_malformed),
        cmocka_unit_test(a_busy_gateway_is_asked_again_less_and_less_often),
        cmocka_unit_test(a_busy_gateway_is_waited_for_a_minute),
        cmocka_unit_test(busy_writes_and_messages_are_tried_again),
        cmocka_unit_test(a_second_busy_answer_during_the_pause_is_a_duplicate),
        cmocka_unit_test(a_device_the_gateway_did_not_reach_is_asked_once_more),
        cmocka_unit_test(a_message_is_never_asked_for_twice),
        cmocka_unit_test(a_write_without_answer_has_an_unknown_outcome),
        cmocka_unit_test(errors_that_leave_a_write_open_say_so),
        cmocka_unit_test(a_malformed_answer_leaves_a_write_open),
        cmocka_unit_test(after_an_open_write_the_next_one_waits_for_a_quiet_line),
        cmocka_unit_test(what_is_sent_keeps_the_line_from_being_quiet),
        cmocka_unit_test(a_read_past_its_deadline_makes_a_write_wait_for_a_quiet_line),
        cmocka_unit_test(a_late_answer_of_an_open_write_makes_the_next_wait_longer),
        cmocka_unit_test(a_gateway_without_multi_infos_is_told_by_its_error),
        cmocka_unit_test(silence_and_other_errors_do_not_mean_unsupported),
        cmocka_unit_test(a_refused_tag_is_not_used_again),
        cmocka_unit_test(without_tags_the_list_tells_answers_apart),
        cmocka_unit_test(a_list_that_is_not_the_one_asked_is_malformed),
        cmocka_unit_test(a_gateway_without_a_guid_is_told_by_its_error),
    };
    return cmocka_run_group_tests_name("gateway errors", tests, NULL, NULL);
}
