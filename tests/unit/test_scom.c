// SPDX-License-Identifier: MIT
// The SCOM codec: the documents' example frames, and a decoder that loses no valid frame whatever
// comes around it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "proto/scom.h"

enum { FRAMES_MAX = 4096, STREAM_MAX = 1 << 16 };

struct example {
    const char *name, *hex;
    struct scom_frame frame;
    const char *data; // property data, hexadecimal
};

#define ASKED(dst, service, type, id, property)                                                    \
    {                                                                                              \
        0, 1, dst, 0, service, type, id, property, NULL, 0                                         \
    }
#define ANSWERED(flags, src, service, type, id, property)                                          \
    {                                                                                              \
        flags, src, 1, SCOM_RESPONSE, service, type, id, property, NULL, 0                         \
    }

// scom.md "Example frames" and all of example_frames.csv whose checksums are right.
static const struct example examples[] = {
    {"read user info 3000 of 101",
     "AA 00 01 00 00 00 65 00 00 00 0A 00 6F 71 00 01 01 00 B8 0B 00 00 01 00 C5 90",
     ASKED(101, SCOM_READ, SCOM_USER_INFO, 3000, SCOM_INFO_VALUE), ""},
    {"its answer 12.359375",
     "AA 34 65 00 00 00 01 00 00 00 0E 00 A7 45 02 01 01 00 B8 0B 00 00 01 00 00 C0 45 41 0D CB",
     ANSWERED(0x34, 101, SCOM_READ, SCOM_USER_INFO, 3000, SCOM_INFO_VALUE), "00 C0 45 41"},
    {"read parameter 1138 of 101",
     "AA 00 01 00 00 00 65 00 00 00 0A 00 6F 71 00 01 02 00 72 04 00 00 05 00 7D D9",
     ASKED(101, SCOM_READ, SCOM_PARAMETER, 1138, SCOM_VALUE_QSP), ""},
    {"its answer 60.0",
     "AA 34 65 00 00 00 01 00 00 00 0E 00 A7 45 02 01 02 00 72 04 00 00 05 00 00 00 70 42 31 0B",
     ANSWERED(0x34, 101, SCOM_READ, SCOM_PARAMETER, 1138, SCOM_VALUE_QSP), "00 00 70 42"},
    {"write 12.0 to 1138, flash",
     "AA 00 01 00 00 00 65 00 00 00 0E 00 73 79 00 02 02 00 72 04 00 00 05 00 00 00 40 41 FF 9B",
     ASKED(101, SCOM_WRITE, SCOM_PARAMETER, 1138, SCOM_VALUE_QSP), "00 00 40 41"},
    {"its answer", "AA 34 65 00 00 00 01 00 00 00 0A 00 A3 3D 02 02 02 00 72 04 00 00 05 00 80 F6",
     ANSWERED(0x34, 101, SCOM_WRITE, SCOM_PARAMETER, 1138, SCOM_VALUE_QSP), ""},
    {"read message 0",
     "AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 03 00 00 00 00 00 00 00 03 17",
     ASKED(501, SCOM_READ, SCOM_MESSAGE, 0, 0), ""},
    {"its answer",
     "AA 34 F5 01 00 00 01 00 00 00 1C 00 46 0A 02 01 03 00 00 00 00 00 00 00 D0 03 00 00 10 00 "
     "69 00 00 00 82 AD 9E 59 00 00 00 00 77 60",
     ANSWERED(0x34, 501, SCOM_READ, SCOM_MESSAGE, 0, 0),
     "D0 03 00 00 10 00 69 00 00 00 82 AD 9E 59 00 00 00 00"},
    {"list the datalog directory",
     "AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 01 01 01 00 00 00 21 00 24 56",
     ASKED(501, SCOM_READ, SCOM_DATALOG, 1, 0x21), ""},
    {"its answer: finish, two names",
     "AA 27 F5 01 00 00 01 00 00 00 24 00 41 8B 02 01 01 01 01 00 00 00 26 00 4C 47 31 37 31 30 "
     "31 30 2E 43 53 56 0A 4C 47 31 37 31 30 31 31 2E 43 53 56 0A EE C9",
     ANSWERED(0x27, 501, SCOM_READ, SCOM_DATALOG, 1, 0x26),
     "4C 47 31 37 31 30 31 30 2E 43 53 56 0A 4C 47 31 37 31 30 31 31 2E 43 53 56 0A"},
    {"open datalog LG171010.CSV",
     "AA 00 01 00 00 00 F5 01 00 00 17 00 0D F0 00 01 01 01 02 00 00 00 21 00 4C 47 31 37 31 30 "
     "31 30 2E 43 53 56 0A 06 FF",
     ASKED(501, SCOM_READ, SCOM_DATALOG, 2, 0x21), "4C 47 31 37 31 30 31 30 2E 43 53 56 0A"},
    {"read GUID", "AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 04 00 00 00 00 00 00 00 04 1F",
     ASKED(501, SCOM_READ, SCOM_GUID, 0, 0), ""},
    {"its answer",
     "AA 23 F5 01 00 00 01 00 00 00 1A 00 33 4B 02 01 04 00 00 00 00 00 00 00 3A D0 1B 0B 58 C9 "
     "32 BA EC 4D 35 28 61 3D 7D 40 34 A3",
     ANSWERED(0x23, 501, SCOM_READ, SCOM_GUID, 0, 0),
     "3A D0 1B 0B 58 C9 32 BA EC 4D 35 28 61 3D 7D 40"},
    {"read screen", "AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 00 01 00 00 00 00 00 00 01 06",
     ASKED(501, SCOM_READ, SCOM_SCREEN, 0, 0), ""},
};
enum { EXAMPLES = sizeof examples / sizeof *examples };

// The document's own samples that were copied wrong.
static const char *const wrong_samples[] = {
    "AA 00 01 00 00 00 F5 01 00 00 0A 00 00 D6 00 01 01 01 02 00 00 00 21 00 4C 47 31 37 31 30 31 "
    "30 2E 43 53 56 0A 24 56",
    "AA 27 F5 01 00 00 01 00 00 00 24 00 41 8B 02 01 01 01 02 00 00 00 26 00 4C 47 31 37 31 30 31 "
    "30 2E 43 53 56 0A 4C 47 31 37 31 30 31 31 2E 43 53 56 0A EE C9",
};

static size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t length = 0;
    unsigned byte;
    for (int used; sscanf(hex, "%2x%n", &byte, &used) == 1; hex += used)
        bytes[length++] = (uint8_t)byte;
    return length;
}

static void assert_same_frame(const struct scom_frame *a, const struct scom_frame *b)
{
    assert_int_equal(a->frame_flags, b->frame_flags);
    assert_int_equal(a->source, b->source);
    assert_int_equal(a->destination, b->destination);
    assert_int_equal(a->service_flags, b->service_flags);
    assert_int_equal(a->service_id, b->service_id);
    assert_int_equal(a->object_type, b->object_type);
    assert_int_equal(a->object_id, b->object_id);
    assert_int_equal(a->property_id, b->property_id);
    assert_int_equal(a->data_length, b->data_length);
    if (a->data_length > 0)
        assert_memory_equal(a->data, b->data, a->data_length);
}

// A stream, the frames that a decoder found in it, and the decoder.
struct bench {
    struct scom_decoder decoder;
    uint8_t stream[STREAM_MAX];
    size_t length;
    size_t found;
    struct scom_frame frames[FRAMES_MAX]; // data points into stored
    uint8_t stored[4 * STREAM_MAX];
    size_t stored_length;
};

static struct bench bench; // too big for the stack

static struct bench *fresh(void)
{
    memset(&bench, 0, sizeof bench);
    return &bench;
}

static void drain(struct bench *b)
{
    struct scom_frame frame;

    while (scom_decoder_next(&b->decoder, &frame) == XC_OK) {
        assert_true(b->found < FRAMES_MAX);
        assert_true(b->stored_length + frame.data_length <= sizeof b->stored);
        memcpy(b->stored + b->stored_length, frame.data, frame.data_length);
        frame.data = b->stored + b->stored_length;
        b->stored_length += frame.data_length;
        b->frames[b->found++] = frame;
    }
}

static void give(struct bench *b, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        size_t taken = scom_decoder_feed(&b->decoder, bytes, length);
        assert_true(taken > 0);
        drain(b);
        bytes += taken;
        length -= taken;
    }
}

static void give_hex(struct bench *b, const char *hex)
{
    uint8_t bytes[512];
    give(b, bytes, from_hex(hex, bytes));
}

static void assert_found_example(const struct bench *b, size_t index, const struct example *e)
{
    uint8_t data[512];
    struct scom_frame expected = e->frame;
    expected.data_length = (uint16_t)from_hex(e->data, data);
    expected.data = data;
    assert_true(index < b->found);
    assert_same_frame(&b->frames[index], &expected);
}

// --- Frames ------------------------------------------------------------------------------------

static void example_frames_are_encoded_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        uint8_t expected[512], data[512], out[512];
        struct scom_frame frame = examples[i].frame;
        size_t length = from_hex(examples[i].hex, expected);
        frame.data_length = (uint16_t)from_hex(examples[i].data, data);
        frame.data = data;
        assert_int_equal(scom_encode(&frame, out, sizeof out), length);
        assert_memory_equal(out, expected, length);
    }
}

static void example_frames_are_decoded_to_their_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct bench *b = fresh();
        give_hex(b, examples[i].hex);
        assert_int_equal(b->found, 1);
        assert_found_example(b, 0, &examples[i]);
        assert_int_equal(b->decoder.counters.frames, 1);
        assert_int_equal(b->decoder.counters.skipped, 0);
        assert_false(scom_decoder_pending(&b->decoder));
    }
}

static void samples_with_wrong_checksums_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bench *b = fresh();
        give_hex(b, wrong_samples[i]);
        assert_int_equal(b->found, 0);
        assert_int_equal(b->decoder.counters.bad_data, 1);
    }
}

static void checksum_is_that_of_the_definition_at_every_length(void **state)
{
    (void)state;
    uint8_t bytes[SCOM_DATA_MAX];
    uint8_t a = 0xFF, b = 0;
    for (size_t i = 0; i <= sizeof bytes; i++) {
        assert_int_equal(scom_checksum(bytes, i), a | b << 8);
        if (i < sizeof bytes) {
            bytes[i] = (uint8_t)(i * 197 + i / 256 * 13 + 7);
            a = (uint8_t)(a + bytes[i]);
            b = (uint8_t)(b + a);
        }
    }
    memset(bytes, 0xFF, sizeof bytes); // the largest sums
    a = 0xFF;
    b = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        a = (uint8_t)(a + bytes[i]);
        b = (uint8_t)(b + a);
    }
    assert_int_equal(scom_checksum(bytes, sizeof bytes), a | b << 8);
}

static void encode_refuses_what_does_not_fit(void **state)
{
    (void)state;
    uint8_t data[SCOM_DATA_MAX] = {0}, out[SCOM_FRAME_MAX];
    struct scom_frame frame = {.data = data, .data_length = SCOM_DATA_MAX - SCOM_SERVICE_SIZE};

    assert_int_equal(scom_encode(&frame, out, sizeof out), SCOM_FRAME_MAX);
    assert_int_equal(scom_encode(&frame, out, sizeof out - 1), 0);
    frame.data_length++;
    assert_int_equal(scom_encode(&frame, out, sizeof out), 0);
    frame = (struct scom_frame){.data = NULL};
    assert_int_equal(scom_encode(&frame, out, 26), 26);
    assert_int_equal(scom_encode(&frame, out, 25), 0);
    assert_int_equal(scom_encode(&frame, out, 0), 0);
}

// --- Bytes to frames ---------------------------------------------------------------------------

static void every_split_in_two_gives_the_same_frame(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        uint8_t bytes[512];
        size_t length = from_hex(examples[i].hex, bytes);
        for (size_t cut = 1; cut < length; cut++) {
            struct bench *b = fresh();
            give(b, bytes, cut);
            assert_int_equal(b->found, 0);
            assert_true(scom_decoder_pending(&b->decoder));
            give(b, bytes + cut, length - cut);
            assert_int_equal(b->found, 1);
            assert_found_example(b, 0, &examples[i]);
            assert_int_equal(b->decoder.counters.skipped, 0);
        }
    }
}

static void one_byte_at_a_time_gives_all_frames(void **state)
{
    (void)state;
    struct bench *b = fresh();
    for (size_t i = 0; i < EXAMPLES; i++) {
        uint8_t bytes[512];
        size_t length = from_hex(examples[i].hex, bytes);
        for (size_t k = 0; k < length; k++) {
            assert_int_equal(b->found, i);
            give(b, bytes + k, 1);
        }
        assert_int_equal(b->found, i + 1);
        assert_found_example(b, i, &examples[i]);
    }
    assert_int_equal(b->decoder.counters.skipped, 0);
    assert_int_equal(b->decoder.counters.bad_header, 0);
}

static void garbage_around_frames_is_skipped_and_counted(void **state)
{
    (void)state;
    struct bench *b = fresh();
    give_hex(b, "FF 00 12");
    give_hex(b, examples[0].hex);
    give_hex(b, "55 54 53 52 FF");
    give_hex(b, examples[1].hex);
    give_hex(b, "01 02");
    assert_int_equal(b->found, 2);
    assert_found_example(b, 0, &examples[0]);
    assert_found_example(b, 1, &examples[1]);
    assert_int_equal(b->decoder.counters.skipped, 10);
    assert_false(scom_decoder_pending(&b->decoder));
}

static void cr_lf_between_frames_is_silently_dropped(void **state)
{
    (void)state;
    struct bench *b = fresh();
    for (size_t i = 0; i < EXAMPLES; i++) {
        give_hex(b, examples[i].hex);
        give_hex(b, "0D 0A");
    }
    assert_int_equal(b->found, EXAMPLES);
    assert_int_equal(b->decoder.counters.skipped, 0);
    assert_int_equal(b->decoder.counters.line_ends, 2 * EXAMPLES);
    assert_false(scom_decoder_pending(&b->decoder));
    give_hex(b, "00 0D 0A 0D"); // after something else they are bytes like others
    assert_int_equal(b->decoder.counters.skipped, 4);
    assert_int_equal(b->decoder.counters.line_ends, 2 * EXAMPLES);
}

static void stray_start_bytes_hide_no_frame(void **state)
{
    (void)state;
    for (size_t strays = 1; strays <= 40; strays++) {
        struct bench *b = fresh();
        for (size_t i = 0; i < strays; i++)
            give_hex(b, "AA");
        give_hex(b, examples[1].hex);
        assert_int_equal(b->found, 1);
        assert_found_example(b, 0, &examples[1]);
        assert_int_equal(b->decoder.counters.skipped, strays);
    }
}

static void a_truncated_frame_hides_no_frame_behind_it(void **state)
{
    (void)state;
    uint8_t bytes[512];
    size_t length = from_hex(examples[7].hex, bytes); // 44 bytes; what follows is longer
    for (size_t kept = 1; kept < length; kept++) {
        struct bench *b = fresh();
        give(b, bytes, kept);
        give_hex(b, examples[9].hex);
        give_hex(b, examples[0].hex);
        assert_int_equal(b->found, 2);
        assert_found_example(b, 0, &examples[9]);
        assert_found_example(b, 1, &examples[0]);
        assert_int_equal(b->decoder.counters.skipped, kept);
        assert_int_equal(b->decoder.counters.bad_data, kept >= SCOM_HEADER_SIZE ? 1 : 0);
        assert_int_equal(b->decoder.counters.bad_header, kept < SCOM_HEADER_SIZE ? 1 : 0);
    }
}

static void every_corrupt_byte_costs_one_frame_only(void **state)
{
    (void)state;
    uint8_t good[512];
    size_t length = from_hex(examples[7].hex, good);
    for (size_t i = 0; i < length; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct bench *b = fresh();
            uint8_t bytes[512];
            memcpy(bytes, good, length);
            bytes[i] ^= (uint8_t)(1 << bit);
            give(b, bytes, length);
            give_hex(b, examples[1].hex);
            assert_int_equal(b->found, 1);
            assert_found_example(b, 0, &examples[1]);
            const struct scom_counters *n = &b->decoder.counters;
            assert_int_equal(n->bad_data, i >= SCOM_HEADER_SIZE ? 1 : 0);
            if (i > 0 && i < SCOM_HEADER_SIZE)
                assert_true(n->bad_header >= 1);
        }
    }
}

// A header with right checksum and any data_length.
static size_t make_header(uint8_t out[SCOM_HEADER_SIZE], uint16_t data_length)
{
    memset(out, 0, SCOM_HEADER_SIZE);
    out[0] = SCOM_START;
    out[2] = 101;
    out[6] = 1;
    le_put16(out + 10, data_length);
    le_put16(out + 12, scom_checksum(out + 1, 11));
    return SCOM_HEADER_SIZE;
}

static void impossible_data_lengths_are_refused_at_once(void **state)
{
    (void)state;
    static const uint16_t lengths[] = {0, 1, 9, SCOM_DATA_MAX + 1, 0xAAAA, 0xFFFF};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct bench *b = fresh();
        uint8_t header[SCOM_HEADER_SIZE];
        give(b, header, make_header(header, lengths[i]));
        assert_int_equal(b->decoder.counters.oversized, 1);
        give_hex(b, examples[0].hex);
        assert_int_equal(b->found, 1);
        assert_int_equal(b->decoder.counters.skipped, SCOM_HEADER_SIZE);
    }
}

static void the_largest_frame_is_decoded(void **state)
{
    (void)state;
    static uint8_t data[SCOM_DATA_MAX], out[SCOM_FRAME_MAX];
    struct scom_frame frame = {
        .object_id = 7, .data = data, .data_length = SCOM_DATA_MAX - SCOM_SERVICE_SIZE};
    memset(data, SCOM_START, sizeof data);
    size_t length = scom_encode(&frame, out, sizeof out);
    for (size_t step = 1; step <= length; step = step * 3 + 1) {
        struct bench *b = fresh();
        for (size_t at = 0; at < length; at += step)
            give(b, out + at, length - at < step ? length - at : step);
        assert_int_equal(b->found, 1);
        assert_same_frame(&b->frames[0], &frame);
    }
}

static void frames_inside_the_data_of_a_broken_frame_are_found(void **state)
{
    (void)state;
    struct bench *b = fresh();
    uint8_t inner[512];
    size_t inner_length = from_hex(examples[1].hex, inner);
    uint8_t bytes[SCOM_HEADER_SIZE + 102];
    size_t at = make_header(bytes, 100);
    memset(bytes + at, 0, sizeof bytes - at); // data checksum 0 is wrong
    for (size_t i = 0; i < 3; i++)
        memcpy(bytes + at + 2 + i * inner_length, inner, inner_length);
    give(b, bytes, sizeof bytes);
    assert_int_equal(b->found, 3);
    assert_int_equal(b->decoder.counters.bad_data, 1);
    assert_int_equal(b->decoder.counters.skipped, sizeof bytes - 3 * inner_length);
}

static void frames_inside_the_data_of_a_valid_frame_are_its_data(void **state)
{
    (void)state;
    struct bench *b = fresh();
    uint8_t inner[512], out[512];
    struct scom_frame frame = {.data = inner,
                               .data_length = (uint16_t)from_hex(examples[1].hex, inner)};
    give(b, out, scom_encode(&frame, out, sizeof out));
    assert_int_equal(b->found, 1);
    assert_same_frame(&b->frames[0], &frame);
}

static void an_abandoned_frame_gives_back_what_is_behind_it(void **state)
{
    (void)state;
    struct bench *b = fresh();
    uint8_t header[SCOM_HEADER_SIZE];

    scom_decoder_abandon(&b->decoder); // nothing there: nothing happens
    assert_int_equal(b->decoder.counters.abandoned, 0);

    give(b, header, make_header(header, 2000));
    give_hex(b, examples[0].hex);
    give_hex(b, examples[1].hex);
    assert_int_equal(b->found, 0);
    assert_true(scom_decoder_pending(&b->decoder));
    scom_decoder_abandon(&b->decoder);
    drain(b);
    assert_int_equal(b->found, 2);
    assert_found_example(b, 1, &examples[1]);
    assert_int_equal(b->decoder.counters.abandoned, 1);
    assert_int_equal(b->decoder.counters.skipped, SCOM_HEADER_SIZE);
    assert_false(scom_decoder_pending(&b->decoder));

    give_hex(b, "AA 00 AA 00");
    scom_decoder_abandon(&b->decoder);
    drain(b);
    assert_true(scom_decoder_pending(&b->decoder)); // the second start byte
    scom_decoder_abandon(&b->decoder);
    drain(b);
    assert_false(scom_decoder_pending(&b->decoder));
    assert_int_equal(b->decoder.counters.abandoned, 3);
}

static void room_for_a_whole_frame_is_there_whenever_more_is_needed(void **state)
{
    (void)state;
    struct bench *b = fresh();
    uint8_t header[SCOM_HEADER_SIZE];
    uint8_t filler = 0, frame[SCOM_FRAME_MAX] = {0};
    // A good frame first, so that what waits isn't at the beginning of the buffer.
    give_hex(b, examples[0].hex);
    give(b, header, make_header(header, SCOM_DATA_MAX));
    for (size_t i = SCOM_HEADER_SIZE; i < SCOM_FRAME_MAX - 1; i++) {
        struct scom_decoder copy = b->decoder;
        assert_int_equal(scom_decoder_feed(&copy, frame, sizeof frame), sizeof frame);
        give(b, &filler, 1);
    }
    assert_true(scom_decoder_pending(&b->decoder));
    give(b, &filler, 1);
    assert_false(scom_decoder_pending(&b->decoder));
    assert_int_equal(b->decoder.counters.bad_data, 1);
}

static void feeding_takes_no_more_than_there_is_room(void **state)
{
    (void)state;
    struct bench *b = fresh();
    size_t room = sizeof b->decoder.buffer;
    assert_int_equal(scom_decoder_feed(&b->decoder, b->stream, sizeof b->stream), room);
    assert_int_equal(scom_decoder_feed(&b->decoder, b->stream, 1), 0);
    drain(b);
    assert_int_equal(b->decoder.counters.skipped, room);
    assert_int_equal(scom_decoder_feed(&b->decoder, b->stream, 1), 1);
}

// --- Any stream --------------------------------------------------------------------------------

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % limit;
}

static size_t make_random_frame(uint8_t *out)
{
    uint8_t data[600];
    uint16_t length = (uint16_t)random_below(random_below(10) ? 40 : 600);
    for (size_t i = 0; i < length; i++)
        data[i] = random_below(8) ? (uint8_t)random_below(256) : SCOM_START;
    struct scom_frame frame = {.frame_flags = (uint8_t)random_below(256),
                               .source = random_below(800),
                               .destination = random_below(3),
                               .service_flags = (uint8_t)random_below(4),
                               .service_id = (uint8_t)(1 + random_below(2)),
                               .object_type = (uint16_t)random_below(12),
                               .object_id = random_below(16000),
                               .property_id = (uint16_t)random_below(40),
                               .data = data,
                               .data_length = length};
    return scom_encode(&frame, out, SCOM_FRAME_MAX);
}

// Appends something that isn't meant as a frame: noise, start bytes, CR LF, a part of a frame,
// a damaged frame, a header that promises more than comes.
static void append_garbage(struct bench *b)
{
    uint8_t *to = b->stream + b->length, frame[SCOM_FRAME_MAX];
    size_t n = 0;

    switch (random_below(6)) {
    case 0:
        n = random_below(60);
        for (size_t i = 0; i < n; i++)
            to[i] = (uint8_t)random_below(256);
        break;
    case 1:
        n = random_below(30);
        memset(to, SCOM_START, n);
        break;
    case 2:
        memcpy(to, "\r\n", n = 2);
        break;
    case 3:
        n = random_below((uint32_t)make_random_frame(frame));
        memcpy(to, frame, n);
        break;
    case 4:
        n = make_random_frame(to);
        to[random_below((uint32_t)n)] ^= (uint8_t)(1 + random_below(255));
        break;
    case 5:
        n = make_header(to, (uint16_t)random_below(2100));
        break;
    }
    b->length += n;
}

// The definition, slowly: the length of a valid frame at these bytes, else 0.
static size_t valid_frame_at(const uint8_t *bytes, size_t length)
{
    if (length < 26 || bytes[0] != SCOM_START)
        return 0;
    size_t n = (size_t)(bytes[10] | bytes[11] << 8);
    if (n < 10 || n > SCOM_DATA_MAX || length < n + 16)
        return 0;
    uint8_t a = 0xFF, b = 0;
    for (size_t i = 1; i < 12; i++) {
        a = (uint8_t)(a + bytes[i]);
        b = (uint8_t)(b + a);
    }
    if (a != bytes[12] || b != bytes[13])
        return 0;
    a = 0xFF;
    b = 0;
    for (size_t i = 14; i < 14 + n; i++) {
        a = (uint8_t)(a + bytes[i]);
        b = (uint8_t)(b + a);
    }
    return a == bytes[14 + n] && b == bytes[15 + n] ? n + 16 : 0;
}

static void every_valid_frame_in_any_stream_is_found(void **state)
{
    (void)state;
    size_t placed_in_all = 0, overlapped = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct bench *b = fresh();
        static size_t placed[FRAMES_MAX], expected[FRAMES_MAX];
        size_t placed_count = 0, expected_count = 0, frame_bytes = 0, line_ends = 0;
        random_state = seed;

        while (b->length < STREAM_MAX / 4) {
            if (random_below(2)) {
                append_garbage(b);
                continue;
            }
            placed[placed_count++] = b->length;
            b->length += make_random_frame(b->stream + b->length);
        }

        // What is in it by the definition; a placed frame may only be missing when an accidental
        // one runs into it.
        bool lost = false;
        for (size_t at = 0, p = 0; at < b->length;) {
            size_t length = valid_frame_at(b->stream + at, b->length - at);
            for (; p < placed_count && placed[p] < at + (length ? length : 1); p++)
                if (placed[p] != at)
                    overlapped++;
            if (length > 0)
                expected[expected_count++] = at;
            else if (!lost && (b->stream[at] == '\r' || b->stream[at] == '\n'))
                line_ends++;
            else
                lost = true;
            lost = lost && length == 0;
            frame_bytes += length;
            at += length ? length : 1;
        }

        for (size_t at = 0; at < b->length;) {
            size_t n = random_below(3) ? 1 + random_below(20) : 1 + random_below(5000);
            n = n < b->length - at ? n : b->length - at;
            give(b, b->stream + at, n);
            at += n;
        }
        while (scom_decoder_pending(&b->decoder)) {
            scom_decoder_abandon(&b->decoder);
            drain(b);
        }

        assert_int_equal(b->found, expected_count);
        for (size_t i = 0; i < expected_count; i++) {
            const uint8_t *bytes = b->stream + expected[i];
            uint8_t again[SCOM_FRAME_MAX];
            size_t length = scom_encode(&b->frames[i], again, sizeof again);
            assert_int_equal(length, valid_frame_at(bytes, b->length - expected[i]));
            assert_memory_equal(again, bytes, length);
        }
        assert_int_equal(b->decoder.counters.frames, expected_count);
        assert_int_equal(b->decoder.counters.skipped + frame_bytes + line_ends, b->length);
        placed_in_all += placed_count;
    }
    // The streams do hold frames, and next to none falls to an accident.
    assert_true(placed_in_all > 10000);
    assert_true(overlapped < placed_in_all / 1000);
}

// --- Property data -----------------------------------------------------------------------------

static void multi_info_requests_round_trip(void **state)
{
    (void)state;
    static const struct scom_multi_item items[] = {
        {3000, SCOM_AGGREGATE_AVERAGE, 0}, {3136, SCOM_AGGREGATE_SUM, 0}, {11004, 15, 0}};
    struct scom_multi_item back[SCOM_MULTI_MAX];
    uint8_t bytes[9];
    size_t count;
    assert_int_equal(scom_multi_request_encode(items, 3, bytes), 9);
    assert_memory_equal(bytes, "\xB8\x0B\xFD\x40\x0C\xFE\xFC\x2A\x0F", 9);
    assert_int_equal(scom_multi_request_decode(bytes, 9, back, &count), XC_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(back[i].info, items[i].info);
        assert_int_equal(back[i].aggregation, items[i].aggregation);
    }
}

static void multi_info_answers_round_trip(void **state)
{
    (void)state;
    static const struct scom_multi_item items[] = {{3000, SCOM_AGGREGATE_AVERAGE, 12.359375f},
                                                   {7002, 0, (float)NAN}};
    struct scom_multi_item back[SCOM_MULTI_MAX];
    uint8_t bytes[22];
    uint32_t flags, clock;
    size_t count;
    assert_int_equal(
        scom_multi_answer_encode(SCOM_MULTI_XT_PRESENT | 1, 0x599EAD82, items, 2, bytes), 22);
    assert_memory_equal(bytes, "\x21\0\0\0\x82\xAD\x9E\x59\xB8\x0B\xFD\x00\xC0\x45\x41\x5A\x1B\0",
                        18);
    assert_int_equal(scom_multi_answer_decode(bytes, 22, &flags, &clock, back, &count), XC_OK);
    assert_int_equal(flags, 0x21);
    assert_int_equal(clock, 0x599EAD82);
    assert_int_equal(count, 2);
    assert_int_equal(back[0].info, 3000);
    assert_int_equal(back[0].aggregation, SCOM_AGGREGATE_AVERAGE);
    assert_true(back[0].value == 12.359375f);
    assert_int_equal(back[1].info, 7002);
    assert_true(isnan(back[1].value));
}

static void multi_infos_of_impossible_length_are_malformed(void **state)
{
    (void)state;
    static const uint8_t bytes[1024];
    struct scom_multi_item items[SCOM_MULTI_MAX];
    for (size_t length = 0; length < sizeof bytes; length++) {
        size_t count = 99, answer_count = 99;
        uint32_t flags, clock;
        bool request_fits = length > 0 && length % 3 == 0 && length <= 228;
        bool answer_fits = length > 8 && (length - 8) % 7 == 0 && length <= 540;
        assert_int_equal(scom_multi_request_decode(bytes, length, items, &count),
                         request_fits ? XC_OK : XC_MALFORMED);
        assert_int_equal(count, request_fits ? length / 3 : 99);
        assert_int_equal(
            scom_multi_answer_decode(bytes, length, &flags, &clock, items, &answer_count),
            answer_fits ? XC_OK : XC_MALFORMED);
        assert_int_equal(answer_count, answer_fits ? (length - 8) / 7 : 99);
    }
}

static void the_example_message_has_its_fields_and_goes_back(void **state)
{
    (void)state;
    struct scom_message message;
    uint8_t bytes[SCOM_MESSAGE_SIZE + 1] = {0}, again[SCOM_MESSAGE_SIZE];
    assert_int_equal(from_hex(examples[7].data, bytes), SCOM_MESSAGE_SIZE);
    assert_int_equal(scom_message_decode(bytes, SCOM_MESSAGE_SIZE, &message), XC_OK);
    assert_int_equal(message.total, 976);
    assert_int_equal(message.type, 16);
    assert_int_equal(message.source, 105);
    assert_int_equal(message.timestamp, 1503571330); // 2017-08-24 10:42:10
    assert_int_equal(message.value, 0);
    message.value = 0x01020304;
    scom_message_encode(&message, again);
    assert_memory_equal(again, bytes, 14);
    assert_memory_equal(again + 14, "\x04\x03\x02\x01", 4);

    for (size_t length = 0; length <= sizeof bytes; length++) {
        bool fits = length == 14 || length >= SCOM_MESSAGE_SIZE;
        message.value = 99;
        assert_int_equal(scom_message_decode(bytes, length, &message), fits ? XC_OK : XC_MALFORMED);
        assert_int_equal(message.value, fits ? 0 : 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(example_frames_are_encoded_byte_for_byte),
        cmocka_unit_test(example_frames_are_decoded_to_their_fields),
        cmocka_unit_test(samples_with_wrong_checksums_are_refused),
        cmocka_unit_test(checksum_is_that_of_the_definition_at_every_length),
        cmocka_unit_test(encode_refuses_what_does_not_fit),
        cmocka_unit_test(every_split_in_two_gives_the_same_frame),
        cmocka_unit_test(one_byte_at_a_time_gives_all_frames),
        cmocka_unit_test(garbage_around_frames_is_skipped_and_counted),
        cmocka_unit_test(cr_lf_between_frames_is_silently_dropped),
        cmocka_unit_test(stray_start_bytes_hide_no_frame),
        cmocka_unit_test(a_truncated_frame_hides_no_frame_behind_it),
        cmocka_unit_test(every_corrupt_byte_costs_one_frame_only),
        cmocka_unit_test(impossible_data_lengths_are_refused_at_once),
        cmocka_unit_test(the_largest_frame_is_decoded),
        cmocka_unit_test(frames_inside_the_data_of_a_broken_frame_are_found),
        cmocka_unit_test(frames_inside_the_data_of_a_valid_frame_are_its_data),
        cmocka_unit_test(an_abandoned_frame_gives_back_what_is_behind_it),
        cmocka_unit_test(room_for_a_whole_frame_is_there_whenever_more_is_needed),
        cmocka_unit_test(feeding_takes_no_more_than_there_is_room),
        cmocka_unit_test(every_valid_frame_in_any_stream_is_found),
        cmocka_unit_test(multi_info_requests_round_trip),
        cmocka_unit_test(multi_info_answers_round_trip),
        cmocka_unit_test(multi_infos_of_impossible_length_are_malformed),
        cmocka_unit_test(the_example_message_has_its_fields_and_goes_back),
    };
    return cmocka_run_group_tests_name("scom", tests, NULL, NULL);
}
