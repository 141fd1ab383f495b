// SPDX-License-Identifier: MIT
#include "proto/slcan.h"

#include <string.h>

enum { STANDARD_DIGITS = 3, EXTENDED_DIGITS = 8, TIMESTAMP_DIGITS = 4, FLAGS_DIGITS = 2 };

char slcan_bitrate_digit(unsigned bitrate)
{
    // 7 is 800k, which no Xcom-CAN has.
    static const struct {
        unsigned bitrate;
        char digit;
    } rates[] = {{10000, '0'},  {20000, '1'},  {50000, '2'},  {100000, '3'},
                 {125000, '4'}, {250000, '5'}, {500000, '6'}, {1000000, '8'}};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (rates[i].bitrate == bitrate)
            return rates[i].digit;
    return '\0';
}

// --- Frames to text ------------------------------------------------------------------------------

static char *put_hex(char *out, uint32_t number, unsigned digits)
{
    for (unsigned i = digits; i-- > 0;)
        *out++ = "0123456789ABCDEF"[number >> 4 * i & 0xF];
    return out;
}

size_t slcan_encode(const struct canframe *frame, char out[SLCAN_FRAME_MAX])
{
    uint8_t record[CANFRAME_RECORD_SIZE];
    char *next = out;

    if (frame->error || canframe_put(frame, record) != XC_OK)
        return 0;
    *next++ = frame->extended ? (frame->remote ? 'R' : 'T') : (frame->remote ? 'r' : 't');
    next = put_hex(next, frame->id, frame->extended ? EXTENDED_DIGITS : STANDARD_DIGITS);
    next = put_hex(next, frame->length, 1);
    for (unsigned i = 0; !frame->remote && i < frame->length; i++)
        next = put_hex(next, frame->data[i], 2);
    *next++ = SLCAN_CR;
    return (size_t)(next - out);
}

// --- Text to frames ------------------------------------------------------------------------------

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

// At most eight digits; false when one of them isn't.
static bool get_hex(const char *text, size_t digits, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < digits; i++) {
        int value = digit_value(text[i]);
        if (value < 0)
            return false;
        *number = *number << 4 | (uint32_t)value;
    }
    return true;
}

static bool read_data(const char *text, struct canframe *frame)
{
    uint32_t number;

    for (size_t i = 0; !frame->remote && i < frame->length; i++) {
        if (!get_hex(text + 2 * i, 2, &number))
            return false;
        frame->data[i] = (uint8_t)number;
    }
    return true;
}

// A line that begins with t, T, r or R.
static bool read_frame(const char *text, size_t length, struct slcan_line *line)
{
    struct canframe frame = {.extended = text[0] == 'T' || text[0] == 'R',
                             .remote = text[0] == 'r' || text[0] == 'R'};
    size_t head = 1 + (size_t)(frame.extended ? EXTENDED_DIGITS : STANDARD_DIGITS);
    uint8_t record[CANFRAME_RECORD_SIZE];
    uint32_t number;

    if (length <= head || !get_hex(text + 1, head - 1, &frame.id) ||
        !get_hex(text + head, 1, &number))
        return false;
    frame.length = (uint8_t)number;
    size_t end = head + 1 + (frame.remote ? 0 : 2 * (size_t)frame.length);
    if (length != end && length != end + TIMESTAMP_DIGITS)
        return false;
    if (canframe_put(&frame, record) != XC_OK || !read_data(text + head + 1, &frame))
        return false;
    line->timestamp = -1;
    if (length > end) {
        if (!get_hex(text + end, TIMESTAMP_DIGITS, &number))
            return false;
        line->timestamp = (int)number;
    }
    line->frame = frame;
    return true;
}

static enum slcan_kind classify(const char *text, size_t length, struct slcan_line *line)
{
    uint32_t number;

    switch (text[0]) {
    case '\0':
        return length == 0 ? SLCAN_OK : SLCAN_OTHER;
    case 't':
    case 'T':
    case 'r':
    case 'R':
        return read_frame(text, length, line) ? SLCAN_FRAME : SLCAN_OTHER;
    case 'z':
    case 'Z':
        return length == 1 ? SLCAN_SENT : SLCAN_OTHER;
    case 'V':
        return length > 1 ? SLCAN_VERSION : SLCAN_OTHER;
    case 'N':
        return length > 1 ? SLCAN_SERIAL : SLCAN_OTHER;
    case 'F':
        if (length != 1 + FLAGS_DIGITS || !get_hex(text + 1, FLAGS_DIGITS, &number))
            return SLCAN_OTHER;
        line->status = (uint8_t)number;
        return SLCAN_FLAGS;
    default:
        return SLCAN_OTHER;
    }
}

enum xc_status slcan_decode(struct slcan_decoder *decoder, uint8_t byte, struct slcan_line *line)
{
    size_t length = decoder->length;

    if (byte != SLCAN_CR && byte != SLCAN_BEL) {
        if (byte == '\n') // some adapters end their lines with both
            return XC_AGAIN;
        if (length < SLCAN_LINE_MAX)
            decoder->line[decoder->length++] = (char)byte;
        else
            decoder->too_long = true;
        return XC_AGAIN;
    }
    bool too_long = decoder->too_long;
    decoder->length = 0;
    decoder->too_long = false;
    *line = (struct slcan_line){.kind = SLCAN_ERROR, .timestamp = -1};
    if (byte == SLCAN_BEL) {
        decoder->dropped += length > 0;
        return XC_OK;
    }
    if (too_long) {
        decoder->dropped++;
        return XC_AGAIN;
    }
    memcpy(line->text, decoder->line, length);
    line->kind = classify(line->text, length, line);
    return XC_OK;
}
