// SPDX-License-Identifier: MIT
// SLCAN text: frames, answers, and lines that are cut, damaged or too long.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> // needs those above

#include <stdio.h>
#include <string.h>

#include "proto/slcan.h"

enum { LINES_MAX = 64 };

static struct slcan_line lines[LINES_MAX];
static size_t line_count;

static void feed(struct slcan_decoder *decoder, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        struct slcan_line line;
        if (slcan_decode(decoder, (uint8_t)text[i], &line) != XC_OK)
            continue;
        assert_true(line_count < LINES_MAX);
        lines[line_count++] = line;
    }
}

static void read_all(struct slcan_decoder *decoder, const char *text)
{
    line_count = 0;
    feed(decoder, text, strlen(text));
}

static void assert_frame(const struct slcan_line *line, const struct canframe *frame, int timestamp)
{
    assert_int_equal(line->kind, SLCAN_FRAME);
    assert_int_equal(line->frame.id, frame->id);
    assert_int_equal(line->frame.length, frame->length);
    assert_int_equal(line->frame.extended, frame->extended);
    assert_int_equal(line->frame.remote, frame->remote);
    assert_int_equal(line->frame.error, false);
    assert_memory_equal(line->frame.data, frame->data, CANFRAME_DATA_MAX);
    assert_int_equal(line->timestamp, timestamp);
}

static const struct {
    const char *text;
    struct canframe frame;
} examples[] = {
    // can.md's example frames in can.md's form
    {"T0328000020BB8\r", {.id = 0x03280000, .length = 2, .extended = true, .data = {0x0B, 0xB8}}},
    {"T0000CA0060BB84145C000\r",
     {.id = 0x0000CA00,
      .length = 6,
      .extended = true,
      .data = {0x0B, 0xB8, 0x41, 0x45, 0xC0, 0x00}}},
    {"T03280080705060443660000\r",
     {.id = 0x03280080, .length = 7, .extended = true, .data = {5, 6, 4, 0x43, 0x66, 0, 0}}},
    {"T0FA0D2C06001000000000\r",
     {.id = 0x0FA0D2C0, .length = 6, .extended = true, .data = {0, 0x10}}},
    {"T1FFFFFFF80102030405060708\r",
     {.id = 0x1FFFFFFF, .length = 8, .extended = true, .data = {1, 2, 3, 4, 5, 6, 7, 8}}},
    {"T000000000\r", {.id = 0, .length = 0, .extended = true}},
    {"t7FF1AA\r", {.id = 0x7FF, .length = 1, .data = {0xAA}}},
    {"t0000\r", {.id = 0}},
    {"r1238\r", {.id = 0x123, .length = 8, .remote = true}},
    {"R123456780\r", {.id = 0x12345678, .extended = true, .remote = true}},
};

enum { EXAMPLES = sizeof examples / sizeof *examples };

static void frames_become_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        char out[SLCAN_FRAME_MAX];
        size_t length = slcan_encode(&examples[i].frame, out);
        assert_int_equal(length, strlen(examples[i].text));
        assert_memory_equal(out, examples[i].text, length);
    }
}

static void text_becomes_frames_with_and_without_timestamp(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct slcan_decoder decoder = {0};
        char text[64];
        read_all(&decoder, examples[i].text);
        assert_int_equal(line_count, 1);
        assert_frame(&lines[0], &examples[i].frame, -1);
        // Lower case, a time behind it, CR LF at the end.
        size_t body = strlen(examples[i].text) - 1;
        snprintf(text, sizeof text, "%.*sea5F\r\n", (int)body, examples[i].text);
        for (size_t c = 1; c < body; c++)
            if (text[c] >= 'A' && text[c] <= 'F')
                text[c] = (char)(text[c] - 'A' + 'a');
        read_all(&decoder, text);
        assert_int_equal(line_count, 1);
        assert_frame(&lines[0], &examples[i].frame, 0xEA5F);
        read_all(&decoder, examples[i].text); // the LF isn't part of it
        assert_int_equal(line_count, 1);
        assert_frame(&lines[0], &examples[i].frame, -1);
        assert_int_equal(decoder.dropped, 0);
    }
}

static void timestamps_may_be_switched_between_lines(void **state)
{
    (void)state;
    struct slcan_decoder decoder = {0};
    read_all(&decoder, "t1230\rt12300001\rt1231FF\rt1231FFFFFF\r");
    assert_int_equal(line_count, 4);
    assert_int_equal(lines[0].timestamp, -1);
    assert_int_equal(lines[1].timestamp, 1);
    assert_int_equal(lines[2].timestamp, -1);
    assert_int_equal(lines[3].timestamp, 0xFFFF);
    assert_int_equal(lines[3].frame.data[0], 0xFF);
}

static void answers_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum slcan_kind kind;
        uint8_t status;
    } cases[] = {
        {"\r", SLCAN_OK, 0},
        {"z\r", SLCAN_SENT, 0},
        {"Z\r", SLCAN_SENT, 0},
        {"\a", SLCAN_ERROR, 0},
        {"V1013\r", SLCAN_VERSION, 0},
        {"NA123\r", SLCAN_SERIAL, 0},
        {"F00\r", SLCAN_FLAGS, 0},
        {"Fa4\r", SLCAN_FLAGS, SLCAN_BUS_ERROR | SLCAN_PASSIVE | SLCAN_WARNING},
        {"F4B\r", SLCAN_FLAGS,
         SLCAN_ARBITRATION_LOST | SLCAN_OVERRUN | SLCAN_TRANSMIT_FULL | SLCAN_RECEIVE_FULL},
        // What an adapter is told.
        {"S5\r", SLCAN_OTHER, 0},
        {"O\r", SLCAN_OTHER, 0},
        {"V\r", SLCAN_OTHER, 0},
        {"N\r", SLCAN_OTHER, 0},
        {"F\r", SLCAN_OTHER, 0},
        // Nearly something.
        {"F0\r", SLCAN_OTHER, 0},
        {"F000\r", SLCAN_OTHER, 0},
        {"Fxx\r", SLCAN_OTHER, 0},
        {"zz\r", SLCAN_OTHER, 0},
        {"T\r", SLCAN_OTHER, 0},
        {"t12\r", SLCAN_OTHER, 0},
        {"t123\r", SLCAN_OTHER, 0},
        {"T0328000\r", SLCAN_OTHER, 0},
        {"T032800002\r", SLCAN_OTHER, 0},          // no data
        {"T0328000020BB\r", SLCAN_OTHER, 0},       // half a byte is missing
        {"T0328000020BB80\r", SLCAN_OTHER, 0},     // half a byte too many
        {"T0328000020BB8001\r", SLCAN_OTHER, 0},   // three digits are no time
        {"T0328000020BB800010\r", SLCAN_OTHER, 0}, // nor are five
        {"T0328000020BB8000x\r", SLCAN_OTHER, 0},  // no digit
        {"T0328000020BG8\r", SLCAN_OTHER, 0},
        {"T0328 00020BB8\r", SLCAN_OTHER, 0},
        {"T2328000020BB8\r", SLCAN_OTHER, 0},               // more than 29 bits
        {"T032800009000000000000000000\r", SLCAN_OTHER, 0}, // nine bytes
        {"t80000\r", SLCAN_OTHER, 0},                       // more than 11 bits
        {"r1239\r", SLCAN_OTHER, 0},
        {"r123800\r", SLCAN_OTHER, 0}, // a remote frame has no data
    };
    struct slcan_decoder decoder = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_all(&decoder, cases[i].text);
        assert_int_equal(line_count, 1);
        if (lines[0].kind != cases[i].kind)
            fail_msg("%s is a %d", cases[i].text, (int)lines[0].kind);
        assert_int_equal(lines[0].status, cases[i].status);
        assert_memory_equal(lines[0].text, cases[i].text, strlen(lines[0].text));
    }
}

static void lines_may_be_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "\rz\rT0000CA0060BB84145C0001234\r\aF04\rt1230\rV1013\r";
    static const enum slcan_kind kinds[] = {SLCAN_OK,    SLCAN_SENT,  SLCAN_FRAME,  SLCAN_ERROR,
                                            SLCAN_FLAGS, SLCAN_FRAME, SLCAN_VERSION};
    enum { COUNT = sizeof kinds / sizeof *kinds };

    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct slcan_decoder decoder = {0};
        line_count = 0;
        feed(&decoder, text, cut);
        feed(&decoder, text + cut, sizeof text - 1 - cut);
        assert_int_equal(line_count, COUNT);
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(lines[i].kind, kinds[i]);
    }
}

static void garbage_ends_at_the_next_line(void **state)
{
    (void)state;
    struct slcan_decoder decoder = {0};

    // Cut by a crash, then a whole frame.
    read_all(&decoder, "00CA0060BB8\rT0328000020BB8\r");
    assert_int_equal(line_count, 2);
    assert_int_equal(lines[0].kind, SLCAN_OTHER);
    assert_int_equal(lines[1].kind, SLCAN_FRAME);
    assert_int_equal(decoder.dropped, 0);
    // A refusal in the middle of a line is a refusal; the line is lost.
    read_all(&decoder, "T03280\a\rT0328000020BB8\r");
    assert_int_equal(line_count, 3);
    assert_int_equal(lines[0].kind, SLCAN_ERROR);
    assert_int_equal(lines[1].kind, SLCAN_OK);
    assert_int_equal(lines[2].kind, SLCAN_FRAME);
    assert_int_equal(decoder.dropped, 1);
}

static void a_line_without_end_is_dropped(void **state)
{
    (void)state;
    struct slcan_decoder decoder = {0};
    char longest[SLCAN_LINE_MAX + 2];

    memset(longest, 'x', SLCAN_LINE_MAX);
    longest[SLCAN_LINE_MAX] = '\r';
    line_count = 0;
    feed(&decoder, longest, SLCAN_LINE_MAX + 1);
    assert_int_equal(line_count, 1);
    assert_int_equal(lines[0].kind, SLCAN_OTHER);
    assert_int_equal(strlen(lines[0].text), SLCAN_LINE_MAX);
    line_count = 0;
    for (int i = 0; i < 100000; i++)
        feed(&decoder, "T0000CA00", 9);
    assert_int_equal(line_count, 0);
    feed(&decoder, "\rz\r", 3);
    assert_int_equal(line_count, 1);
    assert_int_equal(lines[0].kind, SLCAN_SENT);
    assert_int_equal(decoder.dropped, 1);
}

static void every_byte_is_survived(void **state)
{
    (void)state;
    struct slcan_decoder decoder = {0};
    uint32_t seed = 4711;

    for (int i = 0; i < 1000000; i++) {
        struct slcan_line line;
        seed = seed * 1664525 + 1013904223;
        // Mostly what frames are made of.
        uint8_t byte =
            seed >> 28 ? (uint8_t) "TtRrzF0123ABCDef\r\a"[(seed >> 16) % 18] : (uint8_t)(seed >> 8);
        if (slcan_decode(&decoder, byte, &line) == XC_OK && line.kind == SLCAN_FRAME) {
            char out[SLCAN_FRAME_MAX];
            assert_true(slcan_encode(&line.frame, out) >= 5);
        }
    }
}

static void bit_rates_have_their_digit(void **state)
{
    (void)state;
    assert_int_equal(slcan_bitrate_digit(10000), '0');
    assert_int_equal(slcan_bitrate_digit(20000), '1');
    assert_int_equal(slcan_bitrate_digit(50000), '2');
    assert_int_equal(slcan_bitrate_digit(100000), '3');
    assert_int_equal(slcan_bitrate_digit(125000), '4');
    assert_int_equal(slcan_bitrate_digit(250000), '5');
    assert_int_equal(slcan_bitrate_digit(500000), '6');
    assert_int_equal(slcan_bitrate_digit(1000000), '8');
    assert_int_equal(slcan_bitrate_digit(800000), 0);
    assert_int_equal(slcan_bitrate_digit(0), 0);
}

static void what_has_no_text_is_not_written(void **state)
{
    (void)state;
    char out[SLCAN_FRAME_MAX];
    assert_int_equal(slcan_encode(&(struct canframe){.id = 4, .error = true}, out), 0);
    assert_int_equal(slcan_encode(&(struct canframe){.id = 0x800}, out), 0);
    assert_int_equal(slcan_encode(&(struct canframe){.id = 1, .length = 9}, out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_become_text),
        cmocka_unit_test(text_becomes_frames_with_and_without_timestamp),
        cmocka_unit_test(timestamps_may_be_switched_between_lines),
        cmocka_unit_test(answers_are_told_apart),
        cmocka_unit_test(lines_may_be_cut_anywhere),
        cmocka_unit_test(garbage_ends_at_the_next_line),
        cmocka_unit_test(a_line_without_end_is_dropped),
        cmocka_unit_test(every_byte_is_survived),
        cmocka_unit_test(bit_rates_have_their_digit),
        cmocka_unit_test(what_has_no_text_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
