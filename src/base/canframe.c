// SPDX-License-Identifier: MIT
#include "base/canframe.h"

#include <string.h>

#include "base/bytes.h"

// As in linux/can.h, which only the links see.
#define FLAG_EXTENDED 0x80000000u
#define FLAG_REMOTE   0x40000000u
#define FLAG_ERROR    0x20000000u

enum { LENGTH_AT = 4, ZEROS_AT = 5, DATA_AT = 8 };

static bool is_possible(const struct canframe *frame)
{
    bool long_id = frame->extended || frame->error;

    return frame->id <= (long_id ? CANFRAME_EXTENDED_MAX : CANFRAME_STANDARD_MAX) &&
           frame->length <= CANFRAME_DATA_MAX;
}

static uint8_t data_length(const struct canframe *frame)
{
    return frame->remote ? 0 : frame->length;
}

enum xc_status canframe_put(const struct canframe *frame, uint8_t record[CANFRAME_RECORD_SIZE])
{
    if (!is_possible(frame))
        return XC_RANGE;
    memset(record, 0, CANFRAME_RECORD_SIZE);
    be_put32(record, frame->id | (frame->extended ? FLAG_EXTENDED : 0) |
                         (frame->remote ? FLAG_REMOTE : 0) | (frame->error ? FLAG_ERROR : 0));
    record[LENGTH_AT] = frame->length;
    memcpy(record + DATA_AT, frame->data, data_length(frame));
    return XC_OK;
}

enum xc_status canframe_get(const uint8_t record[CANFRAME_RECORD_SIZE], struct canframe *frame)
{
    static const uint8_t zeros[CANFRAME_DATA_MAX];
    uint32_t word = be_get32(record);
    struct canframe read = {
        .id = word & CANFRAME_EXTENDED_MAX,
        .length = record[LENGTH_AT],
        .extended = word & FLAG_EXTENDED,
        .remote = word & FLAG_REMOTE,
        .error = word & FLAG_ERROR,
    };

    if (!is_possible(&read) || memcmp(record + ZEROS_AT, zeros, DATA_AT - ZEROS_AT) != 0 ||
        memcmp(record + DATA_AT + data_length(&read), zeros,
               CANFRAME_DATA_MAX - (size_t)data_length(&read)) != 0)
        return XC_MALFORMED;
    memcpy(read.data, record + DATA_AT, CANFRAME_DATA_MAX);
    *frame = read;
    return XC_OK;
}
