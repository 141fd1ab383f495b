// SPDX-License-Identifier: MIT
#include "proto/scom.h"

#include <string.h>

#include "base/bytes.h"

enum { HEADER_CHECKED = 11, MULTI_ASKED = 3, MULTI_HEAD = 8, MULTI_ANSWERED = 7 };

// Sixteen bytes that are added side by side, each modulo 256 (gcc and clang, any processor).
typedef uint8_t lanes __attribute__((vector_size(16)));

uint16_t scom_checksum(const uint8_t *bytes, size_t length)
{
    uint32_t a = 0xFF, b = 0;
    size_t i = 0;

    // A grows by the bytes, B by 0xFF for each byte and by each byte as often as there are bytes
    // from it to the end. sums[j] and weighted[j] have that for every sixteenth byte, from j on,
    // counted in blocks; a block is 16 bytes, and byte j is j short of a whole one. Ten times as
    // fast as byte after byte, where each addition waits for the one before (make bench).
    if (length >= 2 * sizeof(lanes)) {
        lanes sums = {0}, weighted = {0}, block;
        for (; length - i >= sizeof block; i += sizeof block) {
            memcpy(&block, bytes + i, sizeof block);
            sums += block;
            weighted += sums;
        }
        b = (uint32_t)i * 0xFF;
        for (uint32_t j = 0; j < sizeof block; j++) {
            a += sums[j];
            b += (uint32_t)sizeof block * weighted[j] - j * sums[j];
        }
    }
    // Both are wanted modulo 256, and 2^32 is a multiple of it: cutting at the end is enough.
    for (; i < length; i++) {
        a += bytes[i];
        b += a;
    }
    return (uint16_t)((a & 0xFF) | (b & 0xFF) << 8);
}

size_t scom_encode(const struct scom_frame *frame, uint8_t *out, size_t size)
{
    size_t data_length = SCOM_SERVICE_SIZE + (size_t)frame->data_length;
    size_t length = SCOM_HEADER_SIZE + data_length + SCOM_CHECKSUM_SIZE;

    if (data_length > SCOM_DATA_MAX || length > size)
        return 0;
    uint8_t *service = out + SCOM_HEADER_SIZE;
    out[0] = SCOM_START;
    out[1] = frame->frame_flags;
    le_put32(out + 2, frame->source);
    le_put32(out + 6, frame->destination);
    le_put16(out + 10, (uint16_t)data_length);
    le_put16(out + 12, scom_checksum(out + 1, HEADER_CHECKED));
    service[0] = frame->service_flags;
    service[1] = frame->service_id;
    le_put16(service + 2, frame->object_type);
    le_put32(service + 4, frame->object_id);
    le_put16(service + 8, frame->property_id);
    if (frame->data_length > 0)
        memcpy(service + SCOM_SERVICE_SIZE, frame->data, frame->data_length);
    le_put16(service + data_length, scom_checksum(service, data_length));
    return length;
}

// --- Bytes to frames ---------------------------------------------------------------------------
//
// What a hostile stream can cost: begin only moves on, so each byte is looked at once as a start
// byte. A start byte costs one header checksum a call and, over its life, one data checksum of at
// most SCOM_DATA_MAX bytes: if it is right the whole frame is consumed, if not begin moves on for
// good. So the work per byte has a fixed bound (make bench: "hostile stream"); in good frames each
// byte is summed once.

size_t scom_decoder_feed(struct scom_decoder *decoder, const uint8_t *bytes, size_t length)
{
    size_t waiting = decoder->end - decoder->begin;

    // At most a frame that isn't whole is moved, and only when something came before it.
    if (decoder->begin > 0) {
        memmove(decoder->buffer, decoder->buffer + decoder->begin, waiting);
        decoder->begin = 0;
        decoder->end = waiting;
    }
    size_t room = sizeof decoder->buffer - waiting;
    size_t taken = length < room ? length : room;

    if (taken > 0)
        memcpy(decoder->buffer + waiting, bytes, taken);
    decoder->end += taken;
    return taken;
}

// Gives up count bytes as belonging to no frame.
static void skip(struct scom_decoder *decoder, size_t count)
{
    const uint8_t *bytes = decoder->buffer + decoder->begin;
    size_t line_ends = 0;

    if (!decoder->lost)
        while (line_ends < count && (bytes[line_ends] == '\r' || bytes[line_ends] == '\n'))
            line_ends++;
    decoder->begin += count;
    decoder->counters.skipped += count - line_ends;
    decoder->lost = decoder->lost || line_ends < count;
}

static void read_frame(const uint8_t *bytes, size_t data_length, struct scom_frame *frame)
{
    const uint8_t *service = bytes + SCOM_HEADER_SIZE;

    *frame = (struct scom_frame){
        .frame_flags = bytes[1],
        .source = le_get32(bytes + 2),
        .destination = le_get32(bytes + 6),
        .service_flags = service[0],
        .service_id = service[1],
        .object_type = le_get16(service + 2),
        .object_id = le_get32(service + 4),
        .property_id = le_get16(service + 8),
        .data = service + SCOM_SERVICE_SIZE,
        .data_length = (uint16_t)(data_length - SCOM_SERVICE_SIZE),
    };
}

enum xc_status scom_decoder_next(struct scom_decoder *decoder, struct scom_frame *frame)
{
    while (decoder->begin < decoder->end) {
        const uint8_t *bytes = decoder->buffer + decoder->begin;
        size_t waiting = decoder->end - decoder->begin;

        if (bytes[0] != SCOM_START) {
            const uint8_t *start = memchr(bytes, SCOM_START, waiting);
            skip(decoder, start ? (size_t)(start - bytes) : waiting);
            continue;
        }
        if (waiting < SCOM_HEADER_SIZE)
            return XC_AGAIN;
        if (le_get16(bytes + 12) != scom_checksum(bytes + 1, HEADER_CHECKED)) {
            decoder->counters.bad_header++;
            skip(decoder, 1);
            continue;
        }
        size_t data_length = le_get16(bytes + 10);
        if (data_length > SCOM_DATA_MAX || data_length < SCOM_SERVICE_SIZE) {
            decoder->counters.oversized++;
            skip(decoder, 1);
            continue;
        }
        size_t length = SCOM_HEADER_SIZE + data_length + SCOM_CHECKSUM_SIZE;
        if (waiting < length)
            return XC_AGAIN;
        const uint8_t *data = bytes + SCOM_HEADER_SIZE;
        if (le_get16(data + data_length) != scom_checksum(data, data_length)) {
            // It may have been cut short, with a good frame in what followed: look inside.
            decoder->counters.bad_data++;
            decoder->bad_source = le_get32(bytes + 2);
            decoder->bad_destination = le_get32(bytes + 6);
            skip(decoder, 1);
            continue;
        }
        read_frame(bytes, data_length, frame);
        decoder->begin += length;
        decoder->lost = false;
        decoder->counters.frames++;
        return XC_OK;
    }
    return XC_AGAIN;
}

void scom_decoder_abandon(struct scom_decoder *decoder)
{
    if (!scom_decoder_pending(decoder))
        return;
    decoder->counters.abandoned++;
    skip(decoder, 1);
}

bool scom_decoder_pending(const struct scom_decoder *decoder)
{
    return decoder->begin < decoder->end;
}

// --- Property data of particular objects -------------------------------------------------------

// The number of whole items of item_size behind head bytes; 0 when that isn't 1..SCOM_MULTI_MAX.
static size_t item_count(size_t length, size_t head, size_t item_size)
{
    if (length < head || (length - head) % item_size != 0)
        return 0;
    size_t count = (length - head) / item_size;
    return count <= SCOM_MULTI_MAX ? count : 0;
}

size_t scom_multi_request_encode(const struct scom_multi_item *items, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i++) {
        le_put16(out + MULTI_ASKED * i, items[i].info);
        out[MULTI_ASKED * i + 2] = items[i].aggregation;
    }
    return MULTI_ASKED * count;
}

enum xc_status scom_multi_request_decode(const uint8_t *data, size_t length,
                                         struct scom_multi_item items[SCOM_MULTI_MAX],
                                         size_t *count)
{
    size_t n = item_count(length, 0, MULTI_ASKED);

    if (n == 0)
        return XC_MALFORMED;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *item = data + MULTI_ASKED * i;
        items[i] = (struct scom_multi_item){.info = le_get16(item), .aggregation = item[2]};
    }
    *count = n;
    return XC_OK;
}

size_t scom_multi_answer_encode(uint32_t flags, uint32_t clock, const struct scom_multi_item *items,
                                size_t count, uint8_t *out)
{
    le_put32(out, flags);
    le_put32(out + 4, clock);
    for (size_t i = 0; i < count; i++) {
        uint8_t *item = out + MULTI_HEAD + MULTI_ANSWERED * i;
        le_put16(item, items[i].info);
        item[2] = items[i].aggregation;
        le_put_float(item + 3, items[i].value);
    }
    return MULTI_HEAD + MULTI_ANSWERED * count;
}

enum xc_status scom_multi_answer_decode(const uint8_t *data, size_t length, uint32_t *flags,
                                        uint32_t *clock,
                                        struct scom_multi_item items[SCOM_MULTI_MAX], size_t *count)
{
    size_t n = item_count(length, MULTI_HEAD, MULTI_ANSWERED);

    if (n == 0)
        return XC_MALFORMED;
    *flags = le_get32(data);
    *clock = le_get32(data + 4);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *item = data + MULTI_HEAD + MULTI_ANSWERED * i;
        items[i] = (struct scom_multi_item){
            .info = le_get16(item), .aggregation = item[2], .value = le_get_float(item + 3)};
    }
    *count = n;
    return XC_OK;
}

void scom_message_encode(const struct scom_message *message, uint8_t out[SCOM_MESSAGE_SIZE])
{
    le_put32(out, message->total);
    le_put16(out + 4, message->type);
    le_put32(out + 6, message->source);
    le_put32(out + 10, message->timestamp);
    le_put32(out + 14, message->value);
}

enum xc_status scom_message_decode(const uint8_t *data, size_t length, struct scom_message *message)
{
    // Old descriptions end with the timestamp; a part of a value is no value.
    if (length < 14 || (length > 14 && length < SCOM_MESSAGE_SIZE))
        return XC_MALFORMED;
    *message = (struct scom_message){
        .total = le_get32(data),
        .type = le_get16(data + 4),
        .source = le_get32(data + 6),
        .timestamp = le_get32(data + 10),
        .value = length >= SCOM_MESSAGE_SIZE ? le_get32(data + 14) : 0,
    };
    return XC_OK;
}
