// SPDX-License-Identifier: MIT
// Frames of a shared CAN bus, as records: what is taken for a frame of the protocol is what it is
// said to be, and its words are harmless.
#include <string.h>

#include "base/canframe.h"
#include "cmd/decode_can.h"
#include "fuzz.h"
#include "proto/stucan.h"

const char fuzz_name[] = "stucan";

static bool same(const struct canframe *a, const struct canframe *b)
{
    uint8_t one[CANFRAME_RECORD_SIZE], other[CANFRAME_RECORD_SIZE];

    must(canframe_put(a, one) == XC_OK && canframe_put(b, other) == XC_OK);
    return memcmp(one, other, sizeof one) == 0;
}

static void check_words(const struct canframe *frame, enum decode_way way)
{
    struct decoded decoded;
    char text[DECODE_CAN_TEXT_MAX];

    decode_can_frame(frame, way, &decoded);
    must(strlen(decode_can_text(frame, text)) < sizeof text);
    const char *const texts[] = {text,           decoded.source,   decoded.destination,
                                 decoded.object, decoded.property, decoded.service,
                                 decoded.error,  decoded.remark,   decoded.direction};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        fuzz_check_text(texts[i], false);
    for (size_t i = 0; i < decoded.item_count; i++) {
        fuzz_check_text(decoded.items[i].name, false);
        fuzz_check_text(decoded.items[i].value, false);
    }
}

static void check_frame(const struct canframe *frame)
{
    struct stucan_frame content;
    struct canframe again;
    enum stucan_refusal refusal;

    refusal = stucan_request_decode(frame, &content);
    must(stucan_refusal_text(refusal));
    if (refusal == STUCAN_TAKEN) {
        must(stucan_request_encode(&content, &again) == XC_OK);
        must(same(frame, &again));
    }
    refusal = stucan_answer_decode(frame, &content);
    must(stucan_refusal_text(refusal));
    if (refusal == STUCAN_TAKEN) {
        must(stucan_answer_encode(&content, &again) == XC_OK);
        must(same(frame, &again));
    }
    check_words(frame, DECODE_ANY_WAY);
    check_words(frame, DECODE_TO_GATEWAY);
    check_words(frame, DECODE_FROM_GATEWAY);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    for (; length >= CANFRAME_RECORD_SIZE; length -= CANFRAME_RECORD_SIZE) {
        uint8_t record[CANFRAME_RECORD_SIZE];
        struct canframe frame;
        if (canframe_get(bytes, &frame) == XC_OK) {
            must(canframe_put(&frame, record) == XC_OK);
            must(memcmp(record, bytes, sizeof record) == 0);
            check_frame(&frame);
        }
        bytes += CANFRAME_RECORD_SIZE;
    }
    return 0;
}
