// SPDX-License-Identifier: MIT
// gateway: questions and their answers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

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

static void an_info_is_asked_and_answered(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 1);
    const struct scom_frame *frame = &rig_last(rig)->frame;
    assert_int_equal(frame->source, 1);
    assert_int_equal(frame->destination, 101);
    assert_int_equal(frame->service_flags, 0);
    assert_int_equal(frame->service_id, SCOM_READ);
    assert_int_equal(frame->object_type, SCOM_USER_INFO);
    assert_int_equal(frame->object_id, 3000);
    assert_int_equal(frame->property_id, 1);
    assert_int_equal(gateway_pending(rig->gateway), 1);

    rig_run(rig, 20 * LOOP_MS);
    assert_int_equal(rig->answer_count, 0);
    rig_reply_float(rig, rig_last(rig), 12.359375f);
    rig_run(rig, 0);
    const struct answer *answer = &rig_heard(rig)->answer;
    assert_int_equal(answer->status, XC_OK);
    assert_true(answer->number == 12.359375);
    assert_int_equal(answer->raw_length, 4);
    assert_memory_equal(answer->raw, ((uint8_t[]){0x00, 0xC0, 0x45, 0x41}), 4);
    assert_int_equal(answer->arrived - answer->sent, 20 * LOOP_MS);
    assert_int_equal(gateway_pending(rig->gateway), 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    rig_free(rig);
}

static void each_part_of_a_parameter_has_its_property(void **state)
{
    (void)state;
    static const struct {
        enum part part;
        unsigned property;
    } cases[] = {{PART_VALUE, 5}, {PART_RAM, 13}, {PART_MIN, 6}, {PART_MAX, 7}};
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct question question = {.kind = QUESTION_PARAMETER,
                                    .address = 301,
                                    .id = 10001,
                                    .part = cases[i].part,
                                    .format = FORMAT_FLOAT};
        rig_ask(rig, &question, 0);
        rig_run(rig, 0);
        assert_int_equal(rig_last(rig)->frame.object_type, SCOM_PARAMETER);
        assert_int_equal(rig_last(rig)->frame.destination, 301);
        assert_int_equal(rig_last(rig)->frame.property_id, cases[i].property);
        assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
        assert_true(rig_heard(rig)->answer.number == 12.5);
    }
    rig_free(rig);
}

static void a_level_is_an_enum_of_two_or_four_bytes(void **state)
{
    (void)state;
    static const uint8_t level[4] = {0x20, 0, 0, 0};
    struct question question = {.kind = QUESTION_PARAMETER,
                                .address = 101,
                                .id = 1138,
                                .part = PART_LEVEL,
                                .format = FORMAT_NONE};
    struct rig *rig = rig_new(&plain);

    for (size_t length = 2; length <= 4; length++) {
        rig_ask(rig, &question, 0);
        rig_run(rig, 0);
        assert_int_equal(rig_last(rig)->frame.property_id, SCOM_LEVEL_QSP);
        rig_reply(rig, rig_last(rig), level, length);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->answer.status, length == 3 ? XC_MALFORMED : XC_OK);
        if (length != 3)
            assert_true(rig_heard(rig)->answer.number == 0x20);
    }
    rig_free(rig);
}

static void values_are_read_in_the_format_of_the_question(void **state)
{
    (void)state;
    static const struct {
        enum value_format format;
        size_t length;
        enum xc_status status;
        double number;
    } cases[] = {
        {FORMAT_BOOL, 1, XC_OK, 1},
        {FORMAT_SHORT_ENUM, 2, XC_OK, 0xFE01},
        {FORMAT_LONG_ENUM, 4, XC_OK, 0xFFFFFE01},
        {FORMAT_INT32, 4, XC_OK, -511},
        {FORMAT_RAW, 2, XC_OK, 0xFE01},
        {FORMAT_BOOL, 2, XC_MALFORMED, 0},
        {FORMAT_FLOAT, 2, XC_MALFORMED, 0},
        {FORMAT_INT32, 0, XC_MALFORMED, 0},
        {FORMAT_RAW, 0, XC_MALFORMED, 0},
    };
    static const uint8_t data[4] = {0x01, 0xFE, 0xFF, 0xFF};
    struct rig *rig = rig_new(&plain);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct question question = rig_info(3000);
        question.format = cases[i].format;
        rig_ask(rig, &question, 0);
        rig_run(rig, 0);
        rig_reply(rig, rig_last(rig), data, cases[i].length);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->answer.status, cases[i].status);
        if (cases[i].status == XC_OK)
            assert_true(rig_heard(rig)->answer.number == cases[i].number);
        else
            assert_true(isnan(rig_heard(rig)->answer.number));
    }
    assert_int_equal(rig_statistics(rig).malformed, 4);
    rig_free(rig);
}

static void raw_values_of_any_length_are_kept_as_bytes(void **state)
{
    (void)state;
    uint8_t data[40];
    struct question question = rig_info(3000);
    struct rig *rig = rig_new(&plain);

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    question.format = FORMAT_RAW;
    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
    rig_reply(rig, rig_last(rig), data, sizeof data);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_true(isnan(rig_heard(rig)->answer.number));
    assert_int_equal(rig_heard(rig)->answer.raw_length, 40);
    assert_memory_equal(rig_heard(rig)->answer.raw, data, ANSWER_RAW_MAX);
    rig_free(rig);
}

static void not_a_number_is_an_answer(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_reply_float(rig, rig_last(rig), NAN);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_true(isnan(rig_heard(rig)->answer.number));
    rig_free(rig);
}

static void a_write_is_sent_once_and_confirmed(void **state)
{
    (void)state;
    struct question question = write_question(12.0);
    struct rig *rig = rig_new(&plain);

    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
    const struct scom_frame *frame = &rig_last(rig)->frame;
    assert_int_equal(frame->service_id, SCOM_WRITE);
    assert_int_equal(frame->object_type, SCOM_PARAMETER);
    assert_int_equal(frame->object_id, 1138);
    assert_int_equal(frame->property_id, SCOM_VALUE_QSP);
    assert_int_equal(frame->data_length, 4);
    assert_memory_equal(frame->data, ((uint8_t[]){0x00, 0x00, 0x40, 0x41}), 4);
    rig_reply(rig, rig_last(rig), NULL, 0);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);

    question.part = PART_RAM;
    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
    assert_int_equal(rig_last(rig)->frame.property_id, SCOM_UNSAVED_VALUE_QSP);
    rig_reply(rig, rig_last(rig), NULL, 0);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

static void the_guid_is_sixteen_bytes(void **state)
{
    (void)state;
    static const uint8_t guid[17] = {0x3A, 0xD0, 0x1B, 0x0B};
    struct question question = {.kind = QUESTION_GUID};
    struct rig *rig = rig_new(&plain);

    for (size_t length = 15; length <= 17; length++) {
        rig_ask(rig, &question, 0);
        rig_run(rig, 0);
        assert_int_equal(rig_last(rig)->frame.destination, 501);
        assert_int_equal(rig_last(rig)->frame.object_type, SCOM_GUID);
        assert_int_equal(rig_last(rig)->frame.object_id, 0);
        assert_int_equal(rig_last(rig)->frame.property_id, 0);
        rig_reply(rig, rig_last(rig), guid, length);
        rig_run(rig, 0);
        assert_int_equal(rig_heard(rig)->answer.status, length == 16 ? XC_OK : XC_MALFORMED);
    }
    assert_memory_equal(rig->answers[1].answer.raw, guid, 16);
    rig_free(rig);
}

static void a_message_is_taken_apart(void **state)
{
    (void)state;
    static const uint8_t data[18] = {0xD0, 0x03, 0,    0,    16,   0, 105, 0, 0,
                                     0,    0x82, 0xAD, 0x9E, 0x59, 7, 0,   0, 0};
    struct question question = {.kind = QUESTION_MESSAGE, .id = 3};
    struct rig *rig = rig_new(&plain);

    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
    assert_int_equal(rig_last(rig)->frame.destination, 501);
    assert_int_equal(rig_last(rig)->frame.object_type, SCOM_MESSAGE);
    assert_int_equal(rig_last(rig)->frame.object_id, 3);
    assert_int_equal(rig_last(rig)->frame.property_id, 0);
    rig_reply(rig, rig_last(rig), data, sizeof data);
    rig_run(rig, 0);
    const struct answer *answer = &rig_heard(rig)->answer;
    assert_int_equal(answer->status, XC_OK);
    assert_int_equal(answer->message_total, 976);
    assert_int_equal(answer->message_type, 16);
    assert_int_equal(answer->message_source, 105);
    assert_int_equal(answer->message_time, 0x599EAD82);
    assert_int_equal(answer->message_value, 7);
    rig_free(rig);
}

static void multi_infos_come_back_in_the_order_asked(void **state)
{
    (void)state;
    struct multi_item items[] = {{.info = 3000, .aggregation = MULTI_AVERAGE},
                                 {.info = 3136, .aggregation = MULTI_SUM},
                                 {.info = 7002, .aggregation = MULTI_MASTER},
                                 {.info = 3000, .aggregation = 15}};
    struct question question = {.kind = QUESTION_MULTI, .items = items, .item_count = 4};
    struct rig *rig = rig_new(&plain);

    rig_ask(rig, &question, 0);
    memset(items, 0xFF, sizeof items); // they were copied
    rig_run(rig, 0);
    assert_int_equal(rig_last(rig)->frame.destination, 501);
    assert_int_equal(rig_last(rig)->frame.object_type, SCOM_MULTI_INFO);
    assert_int_equal(rig_last(rig)->frame.object_id, 1);
    assert_int_equal(rig_last(rig)->frame.data_length, 12);
    assert_memory_equal(
        rig_last(rig)->data,
        ((uint8_t[]){0xB8, 0x0B, 0xFD, 0x40, 0x0C, 0xFE, 0x5A, 0x1B, 0, 0xB8, 0x0B, 15}), 12);
    rig_reply_items(rig, rig_last(rig));
    rig_run(rig, 0);
    const struct heard *heard = rig_heard(rig);
    assert_int_equal(heard->answer.status, XC_OK);
    assert_int_equal(heard->answer.item_count, 4);
    assert_int_equal(heard->answer.multi_flags, 0x61);
    assert_int_equal(heard->answer.multi_clock, 1795269600);
    assert_int_equal(heard->items[1].info, 3136);
    assert_int_equal(heard->items[1].aggregation, MULTI_SUM);
    assert_true(heard->items[3].value == 1003.0f);
    assert_int_equal(rig_statistics(rig).values, 4);
    rig_free(rig);
}

static void ask_one_item(struct rig *rig)
{
    static const struct multi_item item = {.info = 3000, .aggregation = 1};
    struct question question = {.kind = QUESTION_MULTI, .items = &item, .item_count = 1};

    rig->request_count = rig->answer_count = rig->ticket_count = 0;
    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 1);
}

static void every_multi_info_has_another_tag(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;

    // All there are: 2 to 65535, and again from 2.
    for (unsigned tag = 2; tag < 65536 + 3; tag++) {
        ask_one_item(rig);
        assert_int_equal(rig_last(rig)->frame.property_id, tag < 65536 ? tag : tag - 65534);
        assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    }
    rig_free(rig);
}

static void higher_priorities_go_first_and_equals_in_turn(void **state)
{
    (void)state;
    static const enum priority priorities[] = {PRIORITY_BACKGROUND, PRIORITY_SCREEN,
                                               PRIORITY_BACKGROUND, PRIORITY_PERSON,
                                               PRIORITY_SCREEN,     PRIORITY_PERSON};
    static const int order[] = {3003, 3005, 3001, 3004, 3000, 3002};
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;

    for (unsigned i = 0; i < 6; i++) {
        struct question question = rig_info(3000 + i);
        question.priority = priorities[i];
        rig_ask(rig, &question, (int)question.id);
    }
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(rig->requests[i].frame.object_id, order[i]);
        assert_int_equal(rig->answers[i].name, order[i]);
    }
    rig_free(rig);
}

static void one_question_is_outstanding_at_a_time(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 1);
    assert_int_equal(gateway_pending(rig->gateway), 2);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig_last(rig)->frame.object_id, 3001);
    rig_free(rig);
}

static void ask_the_next(struct rig *rig, const struct heard *heard)
{
    if (heard->name < 3003)
        rig_ask_info(rig, (uint32_t)heard->name + 1);
}

static void a_question_asked_by_an_answer_goes_out_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->on_answer = ask_the_next;

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    for (unsigned i = 0; i < 3; i++) {
        rig_run(rig, 20 * LOOP_MS);
        rig_reply_float(rig, rig_last(rig), 1);
        rig_run(rig, 0);
        assert_int_equal(rig->request_count, i + 2);
        assert_int_equal(rig_last(rig)->frame.object_id, 3001 + i);
        assert_int_equal(rig_last(rig)->at, rig_heard(rig)->at);
    }
    // There was always something to ask.
    assert_int_equal(rig->idles, 0);
    rig_free(rig);
}

static void idleness_is_told_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;

    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->idles, 1);
    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->idles, 2);
    rig_free(rig);
}

static void ask_when_idle(struct rig *rig)
{
    if (rig->idles <= 3)
        rig_ask_info(rig, 3000 + rig->idles);
}

static void what_is_asked_when_idle_is_asked_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;
    rig->on_idle = ask_when_idle;

    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 3);
    assert_int_equal(rig->idles, 4);
    rig_free(rig);
}

static void wrong_questions_are_refused_from_the_loop(void **state)
{
    (void)state;
    static struct multi_item items[MULTI_ITEMS_MAX + 1];
    static const struct multi_item odd = {.info = 3000, .aggregation = 16};
    const struct question info = rig_info(3000);
    struct question wrong[14];
    size_t n = 0;

    wrong[n] = info, wrong[n++].address = 0;
    wrong[n] = info, wrong[n++].address = 0x10000;
    wrong[n] = info, wrong[n++].id = 0;
    wrong[n] = info, wrong[n++].id = 0x10000;
    wrong[n] = info, wrong[n++].format = FORMAT_NONE;
    wrong[n] = info, wrong[n++].priority = PRIORITY_COUNT;
    wrong[n] = info, wrong[n].kind = QUESTION_PARAMETER, wrong[n++].part = PART_COUNT;
    wrong[n++] = (struct question){.kind = QUESTION_MULTI, .items = items, .item_count = 0};
    wrong[n++] = (struct question){.kind = QUESTION_MULTI, .items = items, .item_count = 77};
    wrong[n++] = (struct question){.kind = QUESTION_MULTI, .items = &odd, .item_count = 1};
    wrong[n] = write_question(1), wrong[n++].part = PART_MIN;
    wrong[n] = write_question(0.5), wrong[n++].format = FORMAT_INT32;
    wrong[n++] = write_question((double)NAN);
    wrong[n] = write_question(1), wrong[n++].format = FORMAT_RAW;

    struct rig *rig = rig_new(&plain);
    for (size_t i = 0; i < n; i++)
        rig_ask(rig, &wrong[i], (int)i);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(rig->answers[i].answer.status, XC_RANGE);
        assert_int_equal(rig->answers[i].name, i);
    }
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, 0);
    assert_int_equal(gateway_pending(rig->gateway), 0);
    rig_free(rig);
}

static void the_largest_questions_fit(void **state)
{
    (void)state;
    struct multi_item items[MULTI_ITEMS_MAX];
    struct question question = {
        .kind = QUESTION_MULTI, .items = items, .item_count = MULTI_ITEMS_MAX};
    struct rig *rig = rig_new(&plain);
    rig->script = rig_answers_all;

    for (unsigned i = 0; i < MULTI_ITEMS_MAX; i++)
        items[i] = (struct multi_item){.info = (uint16_t)(3000 + i), .aggregation = 1};
    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_int_equal(rig_heard(rig)->answer.item_count, MULTI_ITEMS_MAX);
    assert_true(rig_heard(rig)->items[75].value == 1075.0f);
    assert_int_equal(rig_statistics(rig).bytes_sent, 254);
    assert_int_equal(rig_statistics(rig).bytes_received, 566);
    rig_free(rig);
}

static void read_only_lets_pure_reads_through_and_nothing_else(void **state)
{
    (void)state;
    static const struct multi_item item = {.info = 3000, .aggregation = 1};
    const struct gateway_options options = {.read_only = true};
    struct question questions[] = {
        rig_info(3000),
        {.kind = QUESTION_PARAMETER, .address = 101, .id = 1138, .format = FORMAT_FLOAT},
        {.kind = QUESTION_MULTI, .items = &item, .item_count = 1},
        {.kind = QUESTION_GUID},
        {.kind = QUESTION_MESSAGE, .id = 0},
        {.kind = QUESTION_MESSAGE, .id = 5},
        write_question(12.0),
        {.kind = (enum question_kind)17},
    };
    struct rig *rig = rig_new(&options);

    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        rig_ask(rig, &questions[i], (int)i);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rig->answers[i].name, 4 + i);
        assert_int_equal(rig->answers[i].answer.status, XC_READ_ONLY);
    }
    rig->script = rig_answers_all;
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->answer_count, 8);
    for (size_t i = 0; i < rig->request_count; i++)
        assert_int_equal(rig->requests[i].frame.service_id, SCOM_READ);
    rig_free(rig);
}

static void a_question_withdrawn_in_the_queue_is_never_asked(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    uint32_t tickets[4];

    for (unsigned i = 0; i < 4; i++)
        tickets[i] = rig_ask_info(rig, 3000 + i);
    gateway_cancel(rig->gateway, tickets[2]);
    gateway_cancel(rig->gateway, tickets[0]);
    gateway_cancel(rig->gateway, tickets[3]);
    assert_int_equal(gateway_pending(rig->gateway), 1);
    rig->script = rig_answers_all;
    rig_ask_info(rig, 3004);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig->requests[0].frame.object_id, 3001);
    assert_int_equal(rig->requests[1].frame.object_id, 3004);
    assert_int_equal(rig->answer_count, 2);
    rig_free(rig);
}

static void a_question_withdrawn_on_the_wire_is_awaited_silently(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    uint32_t ticket = rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 0);
    gateway_cancel(rig->gateway, ticket);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 1);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(rig->request_count, 2);

    // Nobody wants to know: it isn't repeated after silence.
    ticket = rig_ask_info(rig, 3002);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 0);
    gateway_cancel(rig->gateway, ticket);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(gateway_pending(rig->gateway), 0);
    rig_free(rig);
}

static void a_question_withdrawn_while_the_gateway_is_busy_makes_room(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    uint32_t ticket = rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 0);
    rig_reply_error(rig, rig_last(rig), SCOM_GATEWAY_BUSY);
    rig_run(rig, 100 * LOOP_MS);
    gateway_cancel(rig->gateway, ticket);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig_last(rig)->frame.object_id, 3001);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_reply_float(rig, rig_last(rig), 1);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig->answer_count, 1);
    rig_free(rig);
}

static void a_refused_question_can_be_withdrawn_too(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question question = rig_info(0);

    uint32_t ticket = rig_ask(rig, &question, 0);
    assert_int_not_equal(ticket, 0);
    gateway_cancel(rig->gateway, ticket);
    gateway_cancel(rig->gateway, 0);
    gateway_cancel(rig->gateway, ticket + 1);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(gateway_pending(rig->gateway), 0);
    rig_free(rig);
}

static void questions_that_are_left_are_forgotten(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question wrong = rig_info(0);

    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 0);
    rig_ask(rig, &wrong, 0);
    rig_free(rig);
}

static void the_source_address_can_be_chosen(void **state)
{
    (void)state;
    const struct gateway_options options = {.source = 7};
    struct rig *rig = rig_new(&options);
    rig->script = rig_answers_all;

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    assert_int_equal(rig_last(rig)->frame.source, 7);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_info_is_asked_and_answered),
        cmocka_unit_test(each_part_of_a_parameter_has_its_property),
        cmocka_unit_test(a_level_is_an_enum_of_two_or_four_bytes),
        cmocka_unit_test(values_are_read_in_the_format_of_the_question),
        cmocka_unit_test(raw_values_of_any_length_are_kept_as_bytes),
        cmocka_unit_test(not_a_number_is_an_answer),
        cmocka_unit_test(a_write_is_sent_once_and_confirmed),
        cmocka_unit_test(the_guid_is_sixteen_bytes),
        cmocka_unit_test(a_message_is_taken_apart),
        cmocka_unit_test(multi_infos_come_back_in_the_order_asked),
        cmocka_unit_test(every_multi_info_has_another_tag),
        cmocka_unit_test(higher_priorities_go_first_and_equals_in_turn),
        cmocka_unit_test(one_question_is_outstanding_at_a_time),
        cmocka_unit_test(a_question_asked_by_an_answer_goes_out_at_once),
        cmocka_unit_test(idleness_is_told_once),
        cmocka_unit_test(what_is_asked_when_idle_is_asked_at_once),
        cmocka_unit_test(wrong_questions_are_refused_from_the_loop),
        cmocka_unit_test(the_largest_questions_fit),
        cmocka_unit_test(read_only_lets_pure_reads_through_and_nothing_else),
        cmocka_unit_test(a_question_withdrawn_in_the_queue_is_never_asked),
        cmocka_unit_test(a_question_withdrawn_on_the_wire_is_awaited_silently),
        cmocka_unit_test(a_question_withdrawn_while_the_gateway_is_busy_makes_room),
        cmocka_unit_test(a_refused_question_can_be_withdrawn_too),
        cmocka_unit_test(questions_that_are_left_are_forgotten),
        cmocka_unit_test(the_source_address_can_be_chosen),
    };
    return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
