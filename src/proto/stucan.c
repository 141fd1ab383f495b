// SPDX-License-Identifier: MIT
#include "proto/stucan.h"

#include <string.h>

#include "base/bytes.h"

enum {
    FLAGS_BITS = 6,
    SERVICE_BITS = 3,
    ADDRESS_BITS = 10,
    SERVICE_AT = FLAGS_BITS,
    SOURCE_AT = SERVICE_AT + SERVICE_BITS,
    DESTINATION_AT = SOURCE_AT + ADDRESS_BITS,
    FLAG_ERROR = 1,
    SERVICE_COUNT = 4,
};

// What is in a payload besides the object's number, in this order.
struct shape {
    bool part, value, code;
};

static const struct shape request_shapes[SERVICE_COUNT] = {
    [STUCAN_READ_PARAMETER] = {.part = true},
    [STUCAN_WRITE_PARAMETER] = {.part = true, .value = true},
};

static const struct shape answer_shapes[SERVICE_COUNT] = {
    [STUCAN_READ_INFO] = {.value = true},
    [STUCAN_READ_PARAMETER] = {.part = true, .value = true},
    [STUCAN_WRITE_PARAMETER] = {.part = true, .value = true},
    [STUCAN_MESSAGE] = {.code = true},
};

static const struct shape error_shape = {.code = true};

const char *stucan_refusal_text(enum stucan_refusal refusal)
{
    static const char *const texts[STUCAN_REFUSAL_COUNT] = {
        [STUCAN_TAKEN] = "taken",
        [STUCAN_ERROR_FRAME] = "error frame",
        [STUCAN_STANDARD_FRAME] = "11-bit frame",
        [STUCAN_REMOTE_FRAME] = "remote frame",
        [STUCAN_UNKNOWN_FLAGS] = "unknown flags",
        [STUCAN_UNKNOWN_SERVICE] = "unknown service",
        [STUCAN_WRONG_LENGTH] = "wrong length",
    };
    return (unsigned)refusal < STUCAN_REFUSAL_COUNT ? texts[refusal] : "unknown refusal";
}

// --- Identifiers ---------------------------------------------------------------------------------

static uint32_t field(uint32_t identifier, unsigned at, unsigned bits)
{
    return identifier >> at & ((1u << bits) - 1);
}

uint32_t stucan_identifier(const struct stucan_frame *frame)
{
    return (uint32_t)frame->destination << DESTINATION_AT | (uint32_t)frame->source << SOURCE_AT |
           (uint32_t)frame->service << SERVICE_AT | (frame->error ? FLAG_ERROR : 0);
}

void stucan_addresses(uint32_t identifier, uint16_t *destination, uint16_t *source)
{
    *destination = (uint16_t)field(identifier, DESTINATION_AT, ADDRESS_BITS);
    *source = (uint16_t)field(identifier, SOURCE_AT, ADDRESS_BITS);
}

// --- Payloads ------------------------------------------------------------------------------------

static uint8_t shape_size(const struct shape *shape)
{
    return (uint8_t)(2 + (shape->part ? 1 : 0) + (shape->value ? 4 : 0) + (shape->code ? 4 : 0));
}

static enum xc_status encode(const struct stucan_frame *frame, const struct shape *shape,
                             struct canframe *out)
{
    uint8_t *next;

    if (frame->destination > STUCAN_ADDRESS_MAX || frame->source > STUCAN_ADDRESS_MAX)
        return XC_RANGE;
    *out = (struct canframe){
        .id = stucan_identifier(frame), .extended = true, .length = shape_size(shape)};
    be_put16(out->data, frame->object);
    next = out->data + 2;
    if (shape->part)
        *next++ = frame->part;
    if (shape->value)
        be_put_float(next, frame->value);
    if (shape->code)
        be_put32(next, frame->code);
    return XC_OK;
}

// What both directions refuse alike.
static enum stucan_refusal check_kind(const struct canframe *frame)
{
    if (frame->error)
        return STUCAN_ERROR_FRAME;
    if (!frame->extended)
        return STUCAN_STANDARD_FRAME;
    return frame->remote ? STUCAN_REMOTE_FRAME : STUCAN_TAKEN;
}

static enum stucan_refusal decode(const struct canframe *frame, const struct shape *shape,
                                  struct stucan_frame *out)
{
    const uint8_t *next = frame->data + 2;

    if (frame->length != shape_size(shape))
        return STUCAN_WRONG_LENGTH;
    *out = (struct stucan_frame){
        .service = (enum stucan_service)field(frame->id, SERVICE_AT, SERVICE_BITS),
        .error = field(frame->id, 0, FLAGS_BITS) & FLAG_ERROR,
        .object = be_get16(frame->data),
    };
    stucan_addresses(frame->id, &out->destination, &out->source);
    if (shape->part)
        out->part = *next++;
    if (shape->value)
        out->value = be_get_float(next);
    if (shape->code)
        out->code = be_get32(next);
    return STUCAN_TAKEN;
}

// --- Requests and answers ------------------------------------------------------------------------

enum xc_status stucan_request_encode(const struct stucan_frame *frame, struct canframe *out)
{
    if ((unsigned)frame->service >= STUCAN_MESSAGE || frame->error)
        return XC_RANGE;
    return encode(frame, &request_shapes[frame->service], out);
}

enum stucan_refusal stucan_request_decode(const struct canframe *frame, struct stucan_frame *out)
{
    enum stucan_refusal refusal = check_kind(frame);
    uint32_t service = field(frame->id, SERVICE_AT, SERVICE_BITS);

    if (refusal != STUCAN_TAKEN)
        return refusal;
    if (field(frame->id, 0, FLAGS_BITS) != 0)
        return STUCAN_UNKNOWN_FLAGS;
    if (service >= STUCAN_MESSAGE)
        return STUCAN_UNKNOWN_SERVICE;
    return decode(frame, &request_shapes[service], out);
}

enum xc_status stucan_answer_encode(const struct stucan_frame *frame, struct canframe *out)
{
    if ((unsigned)frame->service >= SERVICE_COUNT ||
        (frame->service == STUCAN_MESSAGE && frame->error))
        return XC_RANGE;
    return encode(frame, frame->error ? &error_shape : &answer_shapes[frame->service], out);
}

enum stucan_refusal stucan_answer_decode(const struct canframe *frame, struct stucan_frame *out)
{
    enum stucan_refusal refusal = check_kind(frame);
    uint32_t service = field(frame->id, SERVICE_AT, SERVICE_BITS);
    uint32_t flags = field(frame->id, 0, FLAGS_BITS);

    if (refusal != STUCAN_TAKEN)
        return refusal;
    if (flags & ~(uint32_t)FLAG_ERROR)
        return STUCAN_UNKNOWN_FLAGS;
    if (service >= SERVICE_COUNT || (service == STUCAN_MESSAGE && flags))
        return STUCAN_UNKNOWN_SERVICE;
    return decode(frame, flags ? &error_shape : &answer_shapes[service], out);
}
