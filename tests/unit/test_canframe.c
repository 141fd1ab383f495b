// SPDX-License-Identifier: MIT
// CAN frames as records of 16 bytes, and big-endian numbers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> // needs those above

#include <string.h>

#include "base/bytes.h"
#include "base/canframe.h"

static void assert_same(const struct canframe *a, const struct canframe *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->extended, b->extended);
    assert_int_equal(a->remote, b->remote);
    assert_int_equal(a->error, b->error);
    assert_memory_equal(a->data, b->data, CANFRAME_DATA_MAX);
}

static void big_endian_numbers_are_read_and_written(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x41, 0x45, 0xC0, 0x80};
    uint8_t back[4];

    assert_int_equal(be_get16(bytes), 0x4145);
    assert_int_equal(be_get32(bytes + 0), 0x4145C080);
    assert_true(be_get_float((const uint8_t[]){0x41, 0x45, 0xC0, 0x00}) == 12.359375f);
    be_put16(back, 0xFEDC);
    assert_memory_equal(back, ((const uint8_t[]){0xFE, 0xDC}), 2);
    be_put32(back, 0xFEDCBA98);
    assert_memory_equal(back, ((const uint8_t[]){0xFE, 0xDC, 0xBA, 0x98}), 4);
    be_put_float(back, 230.0f);
    assert_memory_equal(back, ((const uint8_t[]){0x43, 0x66, 0x00, 0x00}), 4);
}

// Written out by hand from the header's description.
static const struct {
    struct canframe frame;
    uint8_t record[CANFRAME_RECORD_SIZE];
} examples[] = {
    {{.id = 0x03280000, .length = 2, .extended = true, .data = {0x0B, 0xB8}},
     {0x83, 0x28, 0, 0, 2, 0, 0, 0, 0x0B, 0xB8}},
    {{.id = 0x1FFFFFFF, .length = 8, .extended = true, .data = {1, 2, 3, 4, 5, 6, 7, 8}},
     {0x9F, 0xFF, 0xFF, 0xFF, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}},
    {{.id = 0x7FF, .length = 1, .data = {0xAA}}, {0, 0, 0x07, 0xFF, 1, 0, 0, 0, 0xAA}},
    {{.id = 0}, {0}},
    {{.id = 0x12345, .length = 5, .extended = true, .remote = true}, {0xC0, 0x01, 0x23, 0x45, 5}},
    {{.id = 0x204, .length = 8, .error = true, .data = {0, 8, 0, 0, 0, 0, 96, 1}},
     {0x20, 0, 0x02, 0x04, 8, 0, 0, 0, 0, 8, 0, 0, 0, 0, 96, 1}},
};

static void frames_become_records_and_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        uint8_t record[CANFRAME_RECORD_SIZE];
        struct canframe back;
        memset(record, 0xEE, sizeof record);
        assert_int_equal(canframe_put(&examples[i].frame, record), XC_OK);
        assert_memory_equal(record, examples[i].record, sizeof record);
        assert_int_equal(canframe_get(record, &back), XC_OK);
        assert_same(&back, &examples[i].frame);
    }
}

static void what_lies_behind_the_length_is_not_carried(void **state)
{
    (void)state;
    struct canframe frame = {.id = 1, .length = 2, .data = {1, 2, 3}}, back;
    uint8_t record[CANFRAME_RECORD_SIZE];

    assert_int_equal(canframe_put(&frame, record), XC_OK);
    assert_int_equal(canframe_get(record, &back), XC_OK);
    assert_int_equal(back.data[2], 0);
    frame.remote = true;
    assert_int_equal(canframe_put(&frame, record), XC_OK);
    assert_int_equal(record[8], 0);
}

static void impossible_frames_are_refused(void **state)
{
    (void)state;
    static const struct canframe frames[] = {
        {.id = 0x800},
        {.id = 0x20000000, .extended = true},
        {.id = 0x20000000, .error = true},
        {.id = 1, .length = 9},
        {.id = 1, .length = 255, .extended = true, .remote = true},
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        uint8_t record[CANFRAME_RECORD_SIZE] = {0xEE};
        assert_int_equal(canframe_put(&frames[i], record), XC_RANGE);
        assert_int_equal(record[0], 0xEE);
    }
}

static void impossible_records_are_refused(void **state)
{
    (void)state;
    static const uint8_t records[][CANFRAME_RECORD_SIZE] = {
        {0x00, 0, 0x08, 0x00}, // 11 bits are fewer
        {0x80, 0, 0, 1, 9},    // too long
        {0x80, 0, 0, 1, 0, 1}, // the zeros
        {0x80, 0, 0, 1, 0, 0, 0, 1},
        {0x80, 0, 0, 1, 0, 0, 0, 0, 1}, // data that isn't counted
        {0x80, 0, 0, 1, 2, 0, 0, 0, 1, 1, 0, 1},
        {0xC0, 0, 0, 1, 2, 0, 0, 0, 1, 1, 0, 0}, // a remote frame's
        {0x80, 0, 0, 1, 255, 0, 0, 0, 1, 1, 1, 1},
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct canframe frame = {.id = 77};
        assert_int_equal(canframe_get(records[i], &frame), XC_MALFORMED);
        assert_int_equal(frame.id, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(big_endian_numbers_are_read_and_written),
        cmocka_unit_test(frames_become_records_and_come_back),
        cmocka_unit_test(what_lies_behind_the_length_is_not_carried),
        cmocka_unit_test(impossible_frames_are_refused),
        cmocka_unit_test(impossible_records_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
