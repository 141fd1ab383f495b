// SPDX-License-Identifier: MIT
// The text of a serial-line CAN adapter: a frame read is one that can be, and is read from what it
// is written as.
#include <string.h>

#include "fuzz.h"
#include "proto/slcan.h"

const char fuzz_name[] = "slcan";

static void check_frame(const struct canframe *frame)
{
    uint8_t record[CANFRAME_RECORD_SIZE], again[CANFRAME_RECORD_SIZE];
    char text[SLCAN_FRAME_MAX];
    struct slcan_decoder decoder = {0};
    struct slcan_line line = {0};
    enum xc_status status = XC_AGAIN;

    must(canframe_put(frame, record) == XC_OK);
    size_t length = slcan_encode(frame, text);
    must(length > 0 && length <= sizeof text);
    for (size_t i = 0; i < length; i++) {
        must(status == XC_AGAIN);
        status = slcan_decode(&decoder, (uint8_t)text[i], &line);
    }
    must(status == XC_OK && line.kind == SLCAN_FRAME);
    must(canframe_put(&line.frame, again) == XC_OK && memcmp(record, again, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slcan_decoder decoder = {0};
    struct slcan_line line;
    uint64_t lines = 0;

    for (size_t i = 0; i < length; i++) {
        if (slcan_decode(&decoder, bytes[i], &line) != XC_OK)
            continue;
        lines++;
        must(memchr(line.text, '\0', sizeof line.text));
        if (line.kind != SLCAN_FRAME)
            continue;
        must(line.timestamp >= -1 && line.timestamp <= 65535);
        check_frame(&line.frame);
    }
    must(lines + decoder.dropped <= 2 * length);
    return 0;
}
