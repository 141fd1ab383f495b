// SPDX-License-Identifier: MIT
// What encoding and decoding SCOM frames costs, against the least that any codec in straightforward
// C must do with the same bytes: copy them once and sum them as scom.md defines it.
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "proto/scom.h"

enum { ROUNDS = 21, STREAM_MAX = 64 * 1024, BYTES_A_ROUND = 4 * 1024 * 1024 };

struct work {
    struct scom_frame frame;
    uint8_t stream[STREAM_MAX];
    size_t length; // of the stream
    size_t frames; // in it
    uint8_t copy[STREAM_MAX];
};

static volatile uint64_t sink; // keeps the compiler from leaving work out

// Not to be merged into the loops that measure: the codec's functions aren't either.
static __attribute__((noinline)) uint16_t plain_checksum(const uint8_t *bytes, size_t length)
{
    uint8_t a = 0xFF, b = 0;
    for (size_t i = 0; i < length; i++) {
        a = (uint8_t)(a + bytes[i]);
        b = (uint8_t)(b + a);
    }
    return (uint16_t)(a | b << 8);
}

static void floor_once(struct work *work)
{
    size_t length = work->length / work->frames;
    for (size_t at = 0; at < work->length; at += length) {
        uint8_t *copy = work->copy + at;
        memcpy(copy, work->stream + at, length);
        sink += plain_checksum(copy + 1, 11);
        sink +=
            plain_checksum(copy + SCOM_HEADER_SIZE, length - SCOM_HEADER_SIZE - SCOM_CHECKSUM_SIZE);
    }
}

static void encode_once(struct work *work)
{
    size_t at = 0;
    for (size_t i = 0; i < work->frames; i++)
        at += scom_encode(&work->frame, work->copy + at, sizeof work->copy - at);
    sink += at;
}

static void decode_stream(const struct work *work, size_t piece)
{
    static struct scom_decoder decoder;
    struct scom_frame frame;

    for (size_t at = 0; at < work->length;) {
        size_t n = work->length - at < piece ? work->length - at : piece;
        n = scom_decoder_feed(&decoder, work->stream + at, n);
        at += n;
        while (scom_decoder_next(&decoder, &frame) == XC_OK)
            sink += frame.object_id;
    }
}

// As bytes arrive: an answer at a time.
static void decode_once(struct work *work)
{
    decode_stream(work, work->length / work->frames);
}

static void decode_bytes_once(struct work *work)
{
    decode_stream(work, 1);
}

static double seconds_of(void (*once)(struct work *), struct work *work, size_t times)
{
    double begun = bench_cpu();

    for (size_t i = 0; i < times; i++)
        once(work);
    return bench_cpu() - begun;
}

static void measure(const char *name, void (*once)(struct work *), struct work *work)
{
    double ratios[ROUNDS], ours[ROUNDS];
    size_t times = BYTES_A_ROUND / work->length;

    for (size_t i = 0; i < ROUNDS; i++) {
        double least = seconds_of(floor_once, work, times);
        ours[i] = seconds_of(once, work, times);
        ratios[i] = ours[i] / least;
    }
    double a_frame = bench_median(ours, ROUNDS) / (double)(times * work->frames);
    double times_floor = bench_median(ratios, ROUNDS);
    bench_row(name, times_floor, "x floor",
              "%.1f million frames/s of %zu bytes; floor = memcpy + plain checksum; median of %d "
              "rounds in turn (%.3f to %.3f)",
              1e-6 / a_frame, work->length / work->frames, ROUNDS, ratios[0], ratios[ROUNDS - 1]);
}

static void fill(struct work *work, const uint8_t *data, uint16_t data_length)
{
    work->frame = (struct scom_frame){.source = 101,
                                      .destination = 1,
                                      .service_flags = SCOM_RESPONSE,
                                      .service_id = SCOM_READ,
                                      .object_type = SCOM_USER_INFO,
                                      .object_id = 3000,
                                      .property_id = SCOM_INFO_VALUE,
                                      .data = data,
                                      .data_length = data_length};
    work->length = work->frames = 0;
    for (;;) {
        size_t n = scom_encode(&work->frame, work->stream + work->length,
                               sizeof work->stream - work->length);
        if (n == 0)
            return;
        work->length += n;
        work->frames++;
    }
}

// Nothing but headers that are right and promise SCOM_DATA_MAX bytes: each makes the decoder sum
// all that follows, in vain.
static void fill_with_traps(struct work *work)
{
    static const uint8_t zeros[SCOM_DATA_MAX];
    uint8_t trap[SCOM_FRAME_MAX];
    const struct scom_frame frame = {.data = zeros,
                                     .data_length = SCOM_DATA_MAX - SCOM_SERVICE_SIZE};

    scom_encode(&frame, trap, sizeof trap);
    work->length = work->frames = 0;
    while (work->length + SCOM_HEADER_SIZE <= sizeof work->stream) {
        memcpy(work->stream + work->length, trap, SCOM_HEADER_SIZE);
        work->length += SCOM_HEADER_SIZE;
    }
    work->frames = work->length / (SCOM_HEADER_SIZE * 128);
    work->length = work->frames * (SCOM_HEADER_SIZE * 128);
}

int main(void)
{
    static struct work work;
    uint8_t value[4] = {0x00, 0xC0, 0x45, 0x41}, answer[8 + 7 * SCOM_MULTI_MAX];
    struct scom_multi_item items[SCOM_MULTI_MAX];

    for (uint16_t i = 0; i < SCOM_MULTI_MAX; i++)
        items[i] = (struct scom_multi_item){.info = (uint16_t)(3000 + i), .value = (float)i / 7};
    uint16_t length =
        (uint16_t)scom_multi_answer_encode(0x21, 0x599EAD82, items, SCOM_MULTI_MAX, answer);

    fill(&work, value, sizeof value);
    measure("scom encode, one value", encode_once, &work);
    measure("scom decode, one value", decode_once, &work);
    measure("scom decode, byte by byte", decode_bytes_once, &work);
    fill(&work, answer, length);
    measure("scom encode, 76 values", encode_once, &work);
    measure("scom decode, 76 values", decode_once, &work);
    fill_with_traps(&work);
    measure("scom decode, hostile stream", decode_once, &work);
    return 0;
}
