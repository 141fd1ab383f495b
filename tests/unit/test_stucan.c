// SPDX-License-Identifier: MIT
// The Studer public CAN protocol: can.md's example frames, and everything that isn't one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> // needs those above

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/scom.h"
#include "proto/stucan.h"

enum direction { REQUEST, ANSWER };

static struct canframe frame_of(uint32_t id, const char *hex)
{
    struct canframe frame = {.id = id, .extended = true};
    unsigned byte;
    int used;

    for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used)
        frame.data[frame.length++] = (uint8_t)byte;
    return frame;
}

static enum stucan_refusal decode(enum direction direction, const struct canframe *frame,
                                  struct stucan_frame *out)
{
    return direction == REQUEST ? stucan_request_decode(frame, out)
                                : stucan_answer_decode(frame, out);
}

static enum xc_status encode(enum direction direction, const struct stucan_frame *frame,
                             struct canframe *out)
{
    return direction == REQUEST ? stucan_request_encode(frame, out)
                                : stucan_answer_encode(frame, out);
}

static void assert_same(const struct stucan_frame *a, const struct stucan_frame *b)
{
    assert_int_equal(a->destination, b->destination);
    assert_int_equal(a->source, b->source);
    assert_int_equal(a->service, b->service);
    assert_int_equal(a->error, b->error);
    assert_int_equal(a->object, b->object);
    assert_int_equal(a->part, b->part);
    assert_memory_equal(&a->value, &b->value, sizeof a->value);
    assert_int_equal(a->code, b->code);
}

// can.md "Example", and one of each form that isn't there.
static const struct {
    const char *name;
    enum direction direction;
    uint32_t id;
    const char *payload;
    struct stucan_frame frame;
} examples[] = {
    {"read user info 3000 of 101",
     REQUEST,
     0x03280000,
     "0B B8",
     {.destination = 101, .service = STUCAN_READ_INFO, .object = 3000}},
    {"its answer 12.359375",
     ANSWER,
     0x0000CA00,
     "0B B8 41 45 C0 00",
     {.source = 101, .service = STUCAN_READ_INFO, .object = 3000, .value = 12.359375f}},
    {"read parameter 1286, part max",
     REQUEST,
     0x03280040,
     "05 06 02",
     {.destination = 101, .service = STUCAN_READ_PARAMETER, .object = 1286, .part = STUCAN_MAX}},
    {"write parameter 1286 := 230.0, RAM",
     REQUEST,
     0x03280080,
     "05 06 04 43 66 00 00",
     {.destination = 101,
      .service = STUCAN_WRITE_PARAMETER,
      .object = 1286,
      .part = STUCAN_RAM,
      .value = 230.0f}},
    {"DATA_TOO_BIG to that write",
     ANSWER,
     0x0000CA81,
     "05 06 00 00 00 28",
     {.source = 101,
      .service = STUCAN_WRITE_PARAMETER,
      .error = true,
      .object = 1286,
      .code = SCOM_DATA_TOO_BIG}},
    {"message 16 from 105 to 500",
     ANSWER,
     0x0FA0D2C0,
     "00 10 00 00 00 00",
     {.destination = 500, .source = 105, .service = STUCAN_MESSAGE, .object = 16}},
    {"the answer to a read of a parameter",
     ANSWER,
     0x0000CA40,
     "05 06 02 43 66 00 00",
     {.source = 101,
      .service = STUCAN_READ_PARAMETER,
      .object = 1286,
      .part = STUCAN_MAX,
      .value = 230.0f}},
    {"the answer to a write",
     ANSWER,
     0x0000CA80,
     "05 06 00 43 66 00 00",
     {.source = 101, .service = STUCAN_WRITE_PARAMETER, .object = 1286, .value = 230.0f}},
    {"an error to a read of a user info",
     ANSWER,
     0x0000CA01,
     "FF FF 00 00 00 22",
     {.source = 101,
      .service = STUCAN_READ_INFO,
      .error = true,
      .object = 65535,
      .code = SCOM_OBJECT_ID_NOT_FOUND}},
    {"a message with a value",
     ANSWER,
     0x0FA0D2C0,
     "00 D0 FF 00 00 01",
     {.destination = 500,
      .source = 105,
      .service = STUCAN_MESSAGE,
      .object = 208,
      .code = 0xFF000001}},
};

enum { EXAMPLES = sizeof examples / sizeof *examples };

static void the_examples_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct canframe frame = frame_of(examples[i].id, examples[i].payload);
        struct stucan_frame out;
        enum stucan_refusal refusal = decode(examples[i].direction, &frame, &out);
        if (refusal != STUCAN_TAKEN)
            fail_msg("%s: %s", examples[i].name, stucan_refusal_text(refusal));
        assert_same(&out, &examples[i].frame);
    }
}

static void the_examples_are_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct canframe expected = frame_of(examples[i].id, examples[i].payload), out;
        assert_int_equal(encode(examples[i].direction, &examples[i].frame, &out), XC_OK);
        assert_int_equal(out.id, expected.id);
        assert_int_equal(out.length, expected.length);
        assert_memory_equal(out.data, expected.data, sizeof out.data);
        assert_true(out.extended && !out.remote && !out.error);
        assert_int_equal(stucan_identifier(&examples[i].frame), expected.id);
    }
}

static void every_address_and_every_value_come_back(void **state)
{
    (void)state;
    static const uint32_t values[] = {0,          0x80000000, 0x3F800000, 0x7F7FFFFF,
                                      0x7F800000, 0x7FC00000, 0x7FA00001, 0xFFFFFFFF};

    for (unsigned address = 0; address <= STUCAN_ADDRESS_MAX; address++) {
        struct stucan_frame in = {.destination = (uint16_t)address,
                                  .source = (uint16_t)(STUCAN_ADDRESS_MAX - address),
                                  .service = STUCAN_WRITE_PARAMETER,
                                  .object = (uint16_t)(address * 61),
                                  .part = (uint8_t)address};
        struct stucan_frame out;
        struct canframe frame;
        uint16_t destination, source;
        memcpy(&in.value, &values[address % 8], sizeof in.value);
        for (enum direction direction = REQUEST; direction <= ANSWER; direction++) {
            assert_int_equal(encode(direction, &in, &frame), XC_OK);
            assert_int_equal(decode(direction, &frame, &out), STUCAN_TAKEN);
            assert_same(&out, &in);
        }
        stucan_addresses(frame.id, &destination, &source);
        assert_int_equal(destination, in.destination);
        assert_int_equal(source, in.source);
    }
}

static void what_is_no_frame_of_the_protocol_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        enum direction direction;
        struct canframe frame;
        enum stucan_refusal refusal;
        const char *text;
    } cases[] = {
        {ANSWER, {.id = 0x4, .length = 8, .error = true}, STUCAN_ERROR_FRAME, "error frame"},
        {REQUEST,
         {.id = 0x03280000, .length = 2, .extended = true, .error = true},
         STUCAN_ERROR_FRAME,
         "error frame"},
        {ANSWER, {.id = 0x7FF, .length = 6}, STUCAN_STANDARD_FRAME, "11-bit frame"},
        {REQUEST, {.id = 0x000, .length = 2}, STUCAN_STANDARD_FRAME, "11-bit frame"},
        {ANSWER,
         {.id = 0x0000CA00, .length = 6, .extended = true, .remote = true},
         STUCAN_REMOTE_FRAME,
         "remote frame"},
        {ANSWER,
         {.id = 0x0000CA02, .length = 6, .extended = true},
         STUCAN_UNKNOWN_FLAGS,
         "unknown flags"},
        {ANSWER,
         {.id = 0x0000CA23, .length = 6, .extended = true},
         STUCAN_UNKNOWN_FLAGS,
         "unknown flags"},
        {REQUEST,
         {.id = 0x03280001, .length = 2, .extended = true},
         STUCAN_UNKNOWN_FLAGS,
         "unknown flags"},
        {ANSWER,
         {.id = 0x0000CB00, .length = 6, .extended = true},
         STUCAN_UNKNOWN_SERVICE,
         "unknown service"},
        {ANSWER,
         {.id = 0x0000CBC0, .length = 6, .extended = true},
         STUCAN_UNKNOWN_SERVICE,
         "unknown service"},
        {ANSWER,
         {.id = 0x0FA0D2C1, .length = 6, .extended = true},
         STUCAN_UNKNOWN_SERVICE,
         "unknown service"},
        {REQUEST,
         {.id = 0x032800C0, .length = 2, .extended = true},
         STUCAN_UNKNOWN_SERVICE,
         "unknown service"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stucan_frame out = {.object = 77};
        assert_int_equal(decode(cases[i].direction, &cases[i].frame, &out), cases[i].refusal);
        assert_string_equal(stucan_refusal_text(cases[i].refusal), cases[i].text);
        assert_int_equal(out.object, 77);
    }
    assert_string_equal(stucan_refusal_text(STUCAN_WRONG_LENGTH), "wrong length");
    assert_string_equal(stucan_refusal_text(STUCAN_REFUSAL_COUNT), "unknown refusal");
}

// Service, with and without the error flag: only its own length is taken.
static void only_the_right_length_is_taken(void **state)
{
    (void)state;
    static const struct {
        enum direction direction;
        uint32_t flags; // service and error flag
        unsigned length;
    } right[] = {
        {REQUEST, 0x000, 2}, {REQUEST, 0x040, 3}, {REQUEST, 0x080, 7}, {ANSWER, 0x000, 6},
        {ANSWER, 0x040, 7},  {ANSWER, 0x080, 7},  {ANSWER, 0x0C0, 6},  {ANSWER, 0x001, 6},
        {ANSWER, 0x041, 6},  {ANSWER, 0x081, 6},
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        for (unsigned length = 0; length <= CANFRAME_DATA_MAX; length++) {
            struct canframe frame = {
                .id = 0x03280000 | right[i].flags, .extended = true, .length = (uint8_t)length};
            struct stucan_frame out;
            assert_int_equal(decode(right[i].direction, &frame, &out),
                             length == right[i].length ? STUCAN_TAKEN : STUCAN_WRONG_LENGTH);
        }
    }
}

// Nothing that decodes says anything else than its bytes do.
static void random_frames_decode_only_to_themselves(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    unsigned taken = 0;

    for (unsigned i = 0; i < 200000; i++) {
        struct canframe frame = {.extended = true}, back;
        struct stucan_frame out;
        seed = seed * 1664525 + 1013904223;
        frame.id = seed >> 3;
        if (i % 2)
            frame.id &= ~0x3Fu;
        seed = seed * 1664525 + 1013904223;
        frame.length = (uint8_t)((seed >> 24) % 9);
        for (unsigned b = 0; b < frame.length; b++)
            frame.data[b] = (uint8_t)(seed >> b);
        for (enum direction direction = REQUEST; direction <= ANSWER; direction++) {
            if (decode(direction, &frame, &out) != STUCAN_TAKEN)
                continue;
            taken++;
            assert_int_equal(encode(direction, &out, &back), XC_OK);
            assert_int_equal(back.id, frame.id);
            assert_int_equal(back.length, frame.length);
            assert_memory_equal(back.data, frame.data, sizeof back.data);
        }
    }
    assert_true(taken > 10000);
}

static void what_the_protocol_lacks_is_not_written(void **state)
{
    (void)state;
    struct canframe out;
    static const struct stucan_frame neither[] = {
        {.destination = 1024},
        {.source = 1024},
        {.service = (enum stucan_service)4},
        {.service = STUCAN_MESSAGE, .error = true},
    };
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++)
        for (enum direction direction = REQUEST; direction <= ANSWER; direction++)
            assert_int_equal(encode(direction, &neither[i], &out), XC_RANGE);
    assert_int_equal(stucan_request_encode(&(struct stucan_frame){.service = STUCAN_MESSAGE}, &out),
                     XC_RANGE);
    assert_int_equal(stucan_request_encode(&(struct stucan_frame){.error = true}, &out), XC_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_are_read),
        cmocka_unit_test(the_examples_are_written),
        cmocka_unit_test(every_address_and_every_value_come_back),
        cmocka_unit_test(what_is_no_frame_of_the_protocol_is_refused_by_name),
        cmocka_unit_test(only_the_right_length_is_taken),
        cmocka_unit_test(random_frames_decode_only_to_themselves),
        cmocka_unit_test(what_the_protocol_lacks_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
