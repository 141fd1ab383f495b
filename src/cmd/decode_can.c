// SPDX-License-Identifier: MIT
#include "cmd/decode_can.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/value.h"

// reference can.md, "Identifier": a client's address is outside.
enum { FIRST_DEVICE = 100, LAST_DEVICE = 715 };

char *decode_can_text(const struct canframe *frame, char out[DECODE_CAN_TEXT_MAX])
{
    const uint32_t error_flag = 0x20000000; // as candump shows it
    size_t used = 0;

    if (frame->extended || frame->error)
        text_append(out, DECODE_CAN_TEXT_MAX, &used, "%08X#",
                    (unsigned)(frame->id | (frame->error ? error_flag : 0)));
    else
        text_append(out, DECODE_CAN_TEXT_MAX, &used, "%03X#", (unsigned)frame->id);
    if (frame->remote)
        text_append(out, DECODE_CAN_TEXT_MAX, &used, frame->length ? "R%u" : "R", frame->length);
    for (size_t i = 0; !frame->remote && i < frame->length && i < CANFRAME_DATA_MAX; i++)
        text_append(out, DECODE_CAN_TEXT_MAX, &used, "%02X", frame->data[i]);
    return out;
}

static bool is_device(uint16_t address)
{
    return address >= FIRST_DEVICE && address <= LAST_DEVICE;
}

// What is everyone on SCOM is the usual client here.
static void address_text(uint16_t address, char out[DECODE_NAME_MAX])
{
    if (address == 0)
        snprintf(out, DECODE_NAME_MAX, "0");
    else
        decode_address(address, out);
}

// A write and its answer have the same shape.
static enum decode_way way_of_write(const struct stucan_frame *frame, enum decode_way way)
{
    bool to_device = is_device(frame->destination), from_device = is_device(frame->source);

    if (to_device == from_device)
        return way;
    return to_device ? DECODE_TO_GATEWAY : DECODE_FROM_GATEWAY;
}

static enum stucan_refusal read_frame(const struct canframe *can, enum decode_way *way,
                                      struct stucan_frame *frame)
{
    enum stucan_refusal refusal = stucan_answer_decode(can, frame);

    if (refusal == STUCAN_TAKEN && !frame->error && frame->service == STUCAN_WRITE_PARAMETER) {
        *way = way_of_write(frame, *way);
        return STUCAN_TAKEN;
    }
    *way = DECODE_FROM_GATEWAY;
    if (refusal == STUCAN_TAKEN || stucan_request_decode(can, frame) != STUCAN_TAKEN)
        return refusal;
    *way = DECODE_TO_GATEWAY;
    return STUCAN_TAKEN;
}

static void part_text(uint8_t part, char *out, size_t size)
{
    const char *name = part == STUCAN_FLASH ? "value in flash"
                       : part == STUCAN_MIN ? "minimum"
                       : part == STUCAN_MAX ? "maximum"
                       : part == STUCAN_RAM ? "value in RAM"
                                            : NULL;

    if (name)
        snprintf(out, size, "%s", name);
    else
        snprintf(out, size, "part 0x%02X", part);
}

// Every value travels as a FLOAT; one that the table's format can't hold is shown as what it is.
static void value_text(const struct stucan_frame *frame, const struct datapoint *dp,
                       struct decoded *decoded)
{
    char *out = decoded->items[0].value;
    size_t size = sizeof decoded->items[0].value, length;
    double number = (double)frame->value;
    enum value_format format = dp ? datapoint_format(dp) : FORMAT_RAW;
    bool absent = frame->service == STUCAN_READ_INFO && isnan(number);
    uint8_t bytes[VALUE_BYTES_MAX];
    bool fits = format == FORMAT_FLOAT || format == FORMAT_RAW || absent ||
                value_encode(format, number, bytes, &length) == XC_OK;

    if (dp && fits)
        decode_number(dp, number, out, size);
    else if (isfinite(number))
        text_shortest(out, size, number);
    else
        snprintf(out, size, "-- (not a number)");
    if (!fits)
        snprintf(decoded->remark, sizeof decoded->remark, "it doesn't fit the table's format");
}

static void tell_message(const struct stucan_frame *frame, struct decoded *decoded)
{
    struct decoded_item *item = &decoded->items[0];

    decoded->direction = "notification";
    snprintf(decoded->object, sizeof decoded->object, "message");
    snprintf(item->name, sizeof item->name, "%u", frame->object);
    decode_message(frame->object, frame->code, item->value, sizeof item->value);
}

static void tell_value(const struct stucan_frame *frame, enum decode_way way,
                       struct decoded *decoded)
{
    bool is_write = frame->service == STUCAN_WRITE_PARAMETER;
    bool is_info = frame->service == STUCAN_READ_INFO;
    uint32_t device = way == DECODE_TO_GATEWAY ? frame->destination : frame->source;
    const struct datapoint *dp = decode_datapoint(device, frame->object);

    decoded->direction = frame->error               ? "error"
                         : way == DECODE_TO_GATEWAY ? "request"
                         : way == DECODE_ANY_WAY    ? "write or answer"
                                                    : "answer";
    snprintf(decoded->service, sizeof decoded->service, "%s", is_write ? "write" : "read");
    snprintf(decoded->object, sizeof decoded->object, "%s", is_info ? "info" : "parameter");
    decode_name(frame->object, dp, decoded->items[0].name, sizeof decoded->items[0].name);
    if (frame->error) {
        decode_error(frame->code, decoded->error, sizeof decoded->error);
        return;
    }
    if (is_info)
        snprintf(decoded->property, sizeof decoded->property, "value");
    else
        part_text(frame->part, decoded->property, sizeof decoded->property);
    if (is_write || way == DECODE_FROM_GATEWAY)
        value_text(frame, dp, decoded);
    if (way == DECODE_ANY_WAY)
        snprintf(decoded->remark, sizeof decoded->remark,
                 "a write and its answer look alike, and these addresses don't tell");
    else if (frame->service == STUCAN_READ_PARAMETER && frame->part == STUCAN_RAM &&
             way == DECODE_FROM_GATEWAY && !decoded->remark[0])
        snprintf(decoded->remark, sizeof decoded->remark, "reading RAM answers the value in flash");
}

enum stucan_refusal decode_can_frame(const struct canframe *can, enum decode_way way,
                                     struct decoded *decoded)
{
    struct stucan_frame frame = {.object = 0};
    enum stucan_refusal refusal = read_frame(can, &way, &frame);
    char text[DECODE_CAN_TEXT_MAX];

    memset(decoded, 0, sizeof *decoded);
    if (refusal != STUCAN_TAKEN) {
        decoded->direction = "other";
        snprintf(decoded->remark, sizeof decoded->remark, "%s: no frame of the Xcom-CAN (%s)",
                 decode_can_text(can, text), stucan_refusal_text(refusal));
        return refusal;
    }
    address_text(frame.source, decoded->source);
    if (frame.destination == STUCAN_MESSAGES_TO)
        snprintf(decoded->destination, sizeof decoded->destination, "%u all RCC: messages",
                 frame.destination);
    else
        address_text(frame.destination, decoded->destination);
    decoded->id = frame.object;
    decoded->item_count = 1;
    if (frame.service == STUCAN_MESSAGE)
        tell_message(&frame, decoded);
    else
        tell_value(&frame, way, decoded);
    return STUCAN_TAKEN;
}
