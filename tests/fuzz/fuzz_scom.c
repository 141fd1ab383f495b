// SPDX-License-Identifier: MIT
// SCOM from a hostile line. The first byte says whether checksums are mended, and in what pieces
// the bytes come: neither changes which frames there are.
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fuzz.h"
#include "proto/scom.h"

const char fuzz_name[] = "scom";

enum { MEND = 0x80, PIECE = 0x7F };

// What came out of a decoder.
struct outcome {
    unsigned frames;
    uint32_t hash; // of them all
    size_t bytes;  // that they took
    struct scom_counters counters;
};

static void add(struct outcome *outcome, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        outcome->hash = (outcome->hash ^ bytes[i]) * 16777619u;
}

// What a frame is said to be is what has come.
static void check_frame(const struct scom_frame *frame, const uint8_t *line, size_t line_length,
                        struct outcome *outcome)
{
    uint8_t bytes[SCOM_FRAME_MAX];
    struct scom_decoder decoder = {0};
    struct scom_frame again;
    size_t length = scom_encode(frame, bytes, sizeof bytes);

    must(length ==
         (size_t)SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + frame->data_length + SCOM_CHECKSUM_SIZE);
    must(memmem(line, line_length, bytes, length));
    must(scom_decoder_feed(&decoder, bytes, length) == length);
    must(scom_decoder_next(&decoder, &again) == XC_OK);
    must(again.source == frame->source && again.destination == frame->destination &&
         again.object_id == frame->object_id && again.data_length == frame->data_length);
    must(memcmp(again.data, frame->data, frame->data_length) == 0);
    add(outcome, bytes, length);
    outcome->frames++;
    outcome->bytes += length;
}

static void check_content(const struct scom_frame *frame)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    struct scom_message message;
    uint8_t bytes[8 + 7 * SCOM_MULTI_MAX];
    uint32_t flags, clock;
    size_t count;

    if (scom_multi_request_decode(frame->data, frame->data_length, items, &count) == XC_OK) {
        must(count >= 1 && count <= SCOM_MULTI_MAX);
        must(scom_multi_request_encode(items, count, bytes) == frame->data_length);
        must(memcmp(bytes, frame->data, frame->data_length) == 0);
    }
    if (scom_multi_answer_decode(frame->data, frame->data_length, &flags, &clock, items, &count) ==
        XC_OK) {
        must(count >= 1 && count <= SCOM_MULTI_MAX);
        must(scom_multi_answer_encode(flags, clock, items, count, bytes) == frame->data_length);
        must(memcmp(bytes, frame->data, frame->data_length) == 0);
    }
    if (scom_message_decode(frame->data, frame->data_length, &message) == XC_OK) {
        scom_message_encode(&message, bytes);
        must(memcmp(bytes, frame->data, SCOM_MESSAGE_SIZE - 4) == 0);
    }
}

static void take_frames(struct scom_decoder *decoder, const uint8_t *line, size_t length,
                        struct outcome *outcome)
{
    struct scom_frame frame;

    while (scom_decoder_next(decoder, &frame) == XC_OK) {
        check_frame(&frame, line, length, outcome);
        check_content(&frame);
    }
}

// piece 0: as much as the decoder takes.
static struct outcome decode(const uint8_t *bytes, size_t length, size_t piece)
{
    struct scom_decoder decoder = {0};
    struct outcome outcome = {0};
    size_t line_ends = 0;

    for (size_t i = 0; i < length; i++)
        line_ends += bytes[i] == '\r' || bytes[i] == '\n';
    for (size_t at = 0; at < length;) {
        size_t some = piece > 0 && piece < length - at ? piece : length - at;
        size_t taken = scom_decoder_feed(&decoder, bytes + at, some);
        must(taken > 0 && (taken == some || taken >= SCOM_FRAME_MAX));
        at += taken;
        take_frames(&decoder, bytes, length, &outcome);
    }
    while (scom_decoder_pending(&decoder)) {
        scom_decoder_abandon(&decoder);
        take_frames(&decoder, bytes, length, &outcome);
    }
    must(decoder.counters.frames == outcome.frames);
    // Nothing is lost without being counted; CR and LF behind frames aren't.
    must(outcome.bytes + decoder.counters.skipped <= length);
    must(outcome.bytes + decoder.counters.skipped + line_ends >= length);
    outcome.counters = decoder.counters;
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    uint8_t how = fuzz_byte(&input);
    uint8_t *line = xcalloc(input.length + 1, 1);

    if (input.length > 0)
        memcpy(line, input.bytes, input.length);
    if (how & MEND)
        fuzz_mend_scom(line, input.length);
    struct outcome whole = decode(line, input.length, 0);
    struct outcome pieces = decode(line, input.length, (how & PIECE) + 1u);
    must(whole.frames == pieces.frames && whole.hash == pieces.hash);
    must(whole.counters.skipped == pieces.counters.skipped);
    free(line);
    return 0;
}
