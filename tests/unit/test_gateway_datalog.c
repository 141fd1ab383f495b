// SPDX-License-Identifier: MIT
// gateway: transfers of datalog files step by step, and the custom datalog field.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/bytes.h"
#include "gateway_rig.h"

static const struct gateway_options plain = {0};

static struct question step_of(bool directory, enum datalog_step step)
{
    return (struct question){.kind = QUESTION_DATALOG,
                             .priority = PRIORITY_SCREEN,
                             .step = step,
                             .directory = directory};
}

static struct question opening(const char *name)
{
    struct question question = step_of(false, DATALOG_START);

    question.text = name;
    question.text_length = strlen(name);
    return question;
}

static void ask_step(struct rig *rig, enum datalog_step step)
{
    struct question question =
        step == DATALOG_START ? opening("LG171010.CSV") : step_of(false, step);

    rig_ask(rig, &question, 0);
    rig_run(rig, 0);
}

// The block of the last answer, which is valid during the call only.
static uint8_t block[SCOM_DATALOG_BLOCK_MAX];

static void keep_block(struct rig *rig, const struct heard *heard)
{
    (void)rig;
    memset(block, 0, sizeof block);
    if (heard->answer.block)
        memcpy(block, heard->answer.block, heard->answer.block_length);
}

static struct scom_frame block_frame(const struct rig *rig, uint16_t property, const void *data,
                                     size_t length)
{
    struct scom_frame frame = rig_answer_to(rig, rig_last(rig), data, length);

    frame.property_id = property;
    return frame;
}

static void reply_block(struct rig *rig, uint16_t property, const void *data, size_t length)
{
    struct scom_frame frame = block_frame(rig, property, data, length);

    rig_send_frame(rig, &frame);
    rig_run(rig, 0);
}

static void reply_corrupt(struct rig *rig, const struct scom_frame *frame)
{
    uint8_t bytes[SCOM_FRAME_MAX];
    size_t length = scom_encode(frame, bytes, sizeof bytes);

    bytes[length - 1] ^= 0x10;
    rig_send(rig, bytes, length);
    rig_run(rig, 0);
}

static uint16_t last_property(const struct rig *rig)
{
    return rig_last(rig)->frame.property_id;
}

// --- What goes over the wire ---------------------------------------------------------------------

static void steps_are_as_in_the_reference(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    struct question list = step_of(true, DATALOG_START);

    rig->on_answer = keep_block;
    rig_ask(rig, &list, 0);
    rig_run(rig, 0);
    assert_int_equal(rig_last(rig)->frame.destination, 501);
    assert_int_equal(rig_last(rig)->frame.service_id, SCOM_READ);
    assert_int_equal(rig_last(rig)->frame.object_type, 0x0101);
    assert_int_equal(rig_last(rig)->frame.object_id, 1);
    assert_int_equal(last_property(rig), 0x21);
    assert_int_equal(rig_last(rig)->frame.data_length, 0);
    reply_block(rig, 0x26, "LG171010.CSV\nLG171011.CSV\n", 26);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_true(rig_heard(rig)->answer.finished);
    assert_int_equal(rig_heard(rig)->answer.block_length, 26);
    assert_memory_equal(block, "LG171010.CSV\nLG171011.CSV\n", 26);

    ask_step(rig, DATALOG_START);
    assert_int_equal(rig_last(rig)->frame.object_id, 2);
    assert_int_equal(rig_last(rig)->frame.data_length, 13);
    assert_memory_equal(rig_last(rig)->data, "LG171010.CSV\n", 13);
    uint8_t full[SCOM_DATALOG_BLOCK_MAX];
    memset(full, 'b', sizeof full);
    reply_block(rig, 0x22, full, sizeof full);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_false(rig_heard(rig)->answer.finished);
    assert_memory_equal(block, full, sizeof full);
    // Other objects between the blocks.
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_reply_float(rig, rig_last(rig), 12);
    rig_run(rig, 0);
    ask_step(rig, DATALOG_CONTINUE);
    assert_int_equal(last_property(rig), 0x23);
    assert_int_equal(rig_last(rig)->frame.data_length, 0);
    reply_block(rig, 0x26, "", 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_true(rig_heard(rig)->answer.finished);
    ask_step(rig, DATALOG_ABORT);
    assert_int_equal(last_property(rig), 0x25);
    reply_block(rig, 0x26, "", 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_free(rig);
}

static void only_fitting_properties_are_taken(void **state)
{
    (void)state;
    static const struct {
        enum datalog_step step;
        uint16_t property;
        bool error, taken;
    } cases[] = {
        {DATALOG_START, 0x22, false, true},     {DATALOG_START, 0x26, false, true},
        {DATALOG_START, 0x21, false, false},    {DATALOG_START, 0x23, false, false},
        {DATALOG_START, 0x21, true, true},      {DATALOG_START, 0x26, true, true},
        {DATALOG_START, 0x25, true, false},     {DATALOG_CONTINUE, 0x22, false, true},
        {DATALOG_CONTINUE, 0x26, false, true},  {DATALOG_CONTINUE, 0x23, false, false},
        {DATALOG_CONTINUE, 0x23, true, true},   {DATALOG_CONTINUE, 0x21, false, false},
        {DATALOG_ABORT, 0x26, false, true},     {DATALOG_ABORT, 0x22, false, false},
        {DATALOG_ABORT, 0x25, false, false},    {DATALOG_ABORT, 0x25, true, true},
        {DATALOG_CONTINUE, 0x24, false, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig *rig = rig_new(&plain);
        ask_step(rig, cases[i].step);
        struct scom_frame frame = block_frame(rig, cases[i].property, "\x30\x00", 2);
        if (cases[i].error)
            frame.service_flags |= SCOM_ERROR;
        rig_send_frame(rig, &frame);
        rig_run(rig, 0);
        assert_int_equal(rig->answer_count, cases[i].taken);
        if (cases[i].taken)
            assert_int_equal(rig_heard(rig)->answer.status,
                             cases[i].error ? XC_DEVICE_ERROR : XC_OK);
        else
            assert_int_equal(rig_statistics(rig).mismatched, 1);
        rig_free(rig);
    }
}

static void another_object_is_no_block(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    ask_step(rig, DATALOG_CONTINUE);
    struct scom_frame frame = block_frame(rig, 0x22, "x", 1);
    frame.object_id = 1; // of the directory
    rig_send_frame(rig, &frame);
    frame.object_id = 2;
    frame.source = 101;
    rig_send_frame(rig, &frame);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 0);
    rig_free(rig);
}

static void impossible_blocks_are_malformed(void **state)
{
    (void)state;
    static const struct {
        uint16_t property;
        size_t length;
    } cases[] = {{0x22, 0}, {0x22, 513}, {0x26, 513}};
    uint8_t bytes[513] = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig *rig = rig_new(&plain);
        ask_step(rig, DATALOG_CONTINUE);
        reply_block(rig, cases[i].property, bytes, cases[i].length);
        assert_int_equal(rig_heard(rig)->answer.status, XC_MALFORMED);
        assert_null(rig_heard(rig)->answer.block);
        rig_free(rig);
    }
}

// --- What goes wrong -----------------------------------------------------------------------------

static void a_corrupt_block_is_asked_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    rig->on_answer = keep_block;
    ask_step(rig, DATALOG_START);
    struct scom_frame frame = block_frame(rig, 0x22, "block", 5);
    for (unsigned n = 1; n <= 4; n++) {
        reply_corrupt(rig, &frame);
        rig_run(rig, 200 * LOOP_MS);
        assert_int_equal(rig->request_count, 1 + n);
        assert_int_equal(last_property(rig), 0x24);
        assert_int_equal(rig_last(rig)->frame.data_length, 0);
        assert_int_equal(rig->answer_count, 0);
    }
    reply_block(rig, 0x22, "block", 5);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    assert_memory_equal(block, "block", 5);
    // The next one has its own nacks; the fifth ends it.
    ask_step(rig, DATALOG_CONTINUE);
    for (unsigned n = 1; n <= 5; n++) {
        assert_int_equal(rig->answer_count, 1);
        reply_corrupt(rig, &frame);
        rig_run(rig, 200 * LOOP_MS);
    }
    assert_int_equal(rig->answer_count, 2);
    assert_int_equal(rig_heard(rig)->answer.status, XC_MALFORMED);
    assert_int_equal(rig->request_count, 5 + 5);
    rig_free(rig);
}

static void a_good_frame_behind_a_corrupt_block_isnt_taken(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);
    uint8_t bytes[2 * SCOM_FRAME_MAX];

    ask_step(rig, DATALOG_CONTINUE);
    struct scom_frame frame = block_frame(rig, 0x22, "block", 5);
    size_t length = scom_encode(&frame, bytes, sizeof bytes);
    bytes[length - 1] ^= 0x10;
    length += scom_encode(&frame, bytes + length, sizeof bytes - length);
    rig_send(rig, bytes, length);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 0);
    assert_int_equal(rig_statistics(rig).duplicate, 1);
    rig_run(rig, 200 * LOOP_MS);
    assert_int_equal(last_property(rig), 0x24);
    rig_free(rig);
}

static void what_isnt_the_block_isnt_asked_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    ask_step(rig, DATALOG_CONTINUE);
    struct scom_frame frame = block_frame(rig, 0x22, "block", 5);
    frame.source = 101; // another device's
    reply_corrupt(rig, &frame);
    frame.source = 501;
    frame.destination = 9; // to another master
    reply_corrupt(rig, &frame);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 1);
    reply_block(rig, 0x22, "block", 5);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    // An abort is over in any case.
    ask_step(rig, DATALOG_ABORT);
    frame = block_frame(rig, 0x26, "", 0);
    reply_corrupt(rig, &frame);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

static void silence_ends_a_step(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    ask_step(rig, DATALOG_CONTINUE);
    struct scom_frame late = block_frame(rig, 0x22, "late", 4);
    rig_run(rig, 2900 * LOOP_MS);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 200 * LOOP_MS);
    assert_int_equal(rig_heard(rig)->answer.status, XC_TIMEOUT);
    assert_int_equal(rig->request_count, 1);
    rig_send_frame(rig, &late);
    rig_run(rig, 0);
    assert_int_equal(rig_statistics(rig).late, 1);
    // Nothing more is done in the transfer until the line has been quiet for 3 s.
    ask_step(rig, DATALOG_ABORT);
    rig_run(rig, 2900 * LOOP_MS);
    assert_int_equal(rig->request_count, 1);
    rig_run(rig, 200 * LOOP_MS);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(last_property(rig), 0x25);
    rig_free(rig);
}

static void a_block_that_comes_twice_is_a_duplicate(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    ask_step(rig, DATALOG_CONTINUE);
    struct scom_frame frame = block_frame(rig, 0x22, "block", 5);
    rig_send_frame(rig, &frame);
    rig_send_frame(rig, &frame);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_statistics(rig).duplicate, 1);
    rig_free(rig);
}

static void a_busy_gateway_is_waited_for(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    ask_step(rig, DATALOG_CONTINUE);
    for (unsigned n = 1; n <= 5; n++) {
        rig_reply_error(rig, rig_last(rig), SCOM_GATEWAY_BUSY);
        rig_run(rig, 2100 * LOOP_MS);
        assert_int_equal(rig->request_count, n + 1);
        assert_int_equal(last_property(rig), 0x23);
    }
    reply_block(rig, 0x26, "block", 5);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_free(rig);
}

static void a_step_is_for_its_connection(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    ask_step(rig, DATALOG_START);
    rig_disconnect(rig);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    struct question more = step_of(false, DATALOG_CONTINUE);
    rig_ask(rig, &more, 0);
    rig_reconnect(rig);
    rig_run(rig, 2 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

// --- What isn't asked ----------------------------------------------------------------------------

static void some_are_never_asked(void **state)
{
    (void)state;
    const struct gateway_options careful = {.read_only = true};
    const struct gateway_options can = {.dialect = GATEWAY_STUCAN};
    struct question start = opening("LG171010.CSV"), list = step_of(true, DATALOG_START),
                    note = {.kind = QUESTION_NOTE, .text = "x", .text_length = 1};
    struct rig *rig = rig_new(&careful);

    assert_int_equal(gateway_check(rig->gateway, &start), XC_READ_ONLY);
    assert_int_equal(gateway_check(rig->gateway, &list), XC_READ_ONLY);
    assert_int_equal(gateway_check(rig->gateway, &note), XC_READ_ONLY);
    rig_free(rig);
    rig = rig_new(&can);
    assert_int_equal(gateway_check(rig->gateway, &start), XC_UNSUPPORTED);
    assert_int_equal(gateway_check(rig->gateway, &note), XC_UNSUPPORTED);
    assert_int_equal(gateway_capabilities(rig->gateway) & GATEWAY_DATALOG, 0);
    rig_free(rig);
    rig = rig_new(&plain);
    start.text_length = 11;
    assert_int_equal(gateway_check(rig->gateway, &start), XC_RANGE);
    list.text_length = 12;
    assert_int_equal(gateway_check(rig->gateway, &list), XC_RANGE);
    note.text_length = QUESTION_TEXT_MAX + 1;
    assert_int_equal(gateway_check(rig->gateway, &note), XC_RANGE);
    rig_free(rig);
}

static void a_gateway_without_datalog_is_recognised(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    ask_step(rig, DATALOG_START);
    rig_reply_error(rig, rig_last(rig), SCOM_FILE_OR_DIR_NOT_PRESENT);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
    ask_step(rig, DATALOG_START);
    rig_reply_error(rig, rig_last(rig), SCOM_OBJECT_NOT_SUPPORTED);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNSUPPORTED);
    assert_int_equal(gateway_capabilities(rig->gateway) & GATEWAY_DATALOG, 0);
    ask_step(rig, DATALOG_START);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNSUPPORTED);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

// --- The custom datalog field --------------------------------------------------------------------

static void a_note_is_written_once(void **state)
{
    (void)state;
    char text[QUESTION_TEXT_MAX];
    struct question note = {.kind = QUESTION_NOTE,
                            .priority = PRIORITY_PERSON,
                            .text = text,
                            .text_length = sizeof text};
    struct rig *rig = rig_new(&plain);

    memset(text, 0xA4, sizeof text);
    rig_ask(rig, &note, 0);
    memset(text, 0, sizeof text); // it was copied
    rig_run(rig, 0);
    assert_int_equal(rig_last(rig)->frame.destination, 501);
    assert_int_equal(rig_last(rig)->frame.service_id, SCOM_WRITE);
    assert_int_equal(rig_last(rig)->frame.object_type, 0x0005);
    assert_int_equal(last_property(rig), 1);
    assert_int_equal(rig_last(rig)->frame.data_length, sizeof text);
    assert_int_equal(rig_last(rig)->data[0], 0xA4);
    assert_int_equal(rig_last(rig)->data[249], 0xA4);
    rig_reply(rig, rig_last(rig), NULL, 0);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_ask(rig, &note, 0);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNKNOWN);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_as_in_the_reference),
        cmocka_unit_test(only_fitting_properties_are_taken),
        cmocka_unit_test(another_object_is_no_block),
        cmocka_unit_test(impossible_blocks_are_malformed),
        cmocka_unit_test(a_corrupt_block_is_asked_again),
        cmocka_unit_test(a_good_frame_behind_a_corrupt_block_isnt_taken),
        cmocka_unit_test(what_isnt_the_block_isnt_asked_again),
        cmocka_unit_test(silence_ends_a_step),
        cmocka_unit_test(a_block_that_comes_twice_is_a_duplicate),
        cmocka_unit_test(a_busy_gateway_is_waited_for),
        cmocka_unit_test(a_step_is_for_its_connection),
        cmocka_unit_test(some_are_never_asked),
        cmocka_unit_test(a_gateway_without_datalog_is_recognised),
        cmocka_unit_test(a_note_is_written_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
