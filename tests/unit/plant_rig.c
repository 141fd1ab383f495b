// SPDX-License-Identifier: MIT
#include "plant_rig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/value.h"
#include "catalogue/address.h"

enum { BITS_PER_BYTE = 11 };

// --- The installation ----------------------------------------------------------------------------

struct rig_device *rig_device(struct rig *rig, uint32_t address)
{
    for (size_t i = 0; i < rig->device_count; i++)
        if (rig->devices[i].address == address)
            return &rig->devices[i];
    return NULL;
}

static void add_device(struct rig *rig, uint32_t address, uint32_t fid, bool bms)
{
    rig->devices[rig->device_count++] =
        (struct rig_device){.address = address, .there = true, .fid = fid, .bms = bms};
}

void rig_special(struct rig *rig, uint32_t address, uint16_t id, uint16_t error, double value)
{
    for (size_t i = 0; i < rig->special_count; i++) {
        if (rig->specials[i].address == address && rig->specials[i].id == id) {
            rig->specials[i].error = error;
            rig->specials[i].value = value;
            return;
        }
    }
    rig->specials[rig->special_count++] = (struct rig_special){address, id, error, value};
}

double rig_value(uint32_t address, uint16_t id)
{
    return (double)(float)(address % 100 * 1000 + id % 1000) / 8;
}

// What a device answers: 0 and a value, or an error.
static uint16_t value_of(struct rig *rig, uint32_t address, uint16_t id, double *value)
{
    const struct rig_device *device = rig_device(rig, address);

    if (!device || !device->there)
        return SCOM_DEVICE_NOT_FOUND;
    for (size_t i = 0; i < rig->special_count; i++) {
        if (rig->specials[i].address == address && rig->specials[i].id == id) {
            *value = rig->specials[i].value;
            return rig->specials[i].error;
        }
    }
    switch (id) {
    case 3124:
        *value = 256;
        return 0;
    case 3125:
        *value = 4000;
        return 0;
    case 3127:
        *value = 48;
        return 0;
    case 3089:
        *value = 1 << (address - 101) % 3; // 101 L1, 102 L2, 103 L3
        return 0;
    case 3130:
    case 7037:
    case 11050:
    case 15077:
        *value = 0x0100;
        return 0;
    case 3131:
    case 7038:
    case 11051:
    case 15078:
        *value = 0x064A;
        return 0;
    case 3156:
    case 7048:
    case 11067:
    case 15102:
        *value = device->fid >> 16;
        return 0;
    case 3157:
    case 7049:
    case 11068:
    case 15103:
        *value = device->fid & 0xFFFF;
        return 0;
    case 11047:
        *value = 9079;
        return 0;
    case 11015:
        *value = 0;
        return 0;
    case 15074:
        *value = 12801;
        return 0;
    case 7034:
        *value = 10241;
        return device->bms ? SCOM_INVALID_DATA : 0;
    case 7061:
        *value = 58;
        return device->bms ? 0 : SCOM_INVALID_DATA;
    case 7067:
        *value = 2;
        return device->bms ? 0 : SCOM_INVALID_DATA;
    default:
        *value = rig_value(address, id);
        return 0;
    }
}

static enum family family_of(uint16_t info)
{
    return info < 7000    ? FAMILY_XT
           : info < 11000 ? FAMILY_BSP
           : info < 15000 ? FAMILY_VT
                          : FAMILY_VS;
}

static uint16_t item_value(struct rig *rig, struct scom_multi_item *item)
{
    enum family family = family_of(item->info);
    uint8_t which = item->aggregation;
    double value = 0, sum = 0;
    unsigned count = 0;

    if (which == SCOM_AGGREGATE_SUM || which == SCOM_AGGREGATE_AVERAGE) {
        for (unsigned i = 1; i <= family_devices_max(family); i++) {
            if (value_of(rig, device_address(family, i), item->info, &value) == 0) {
                sum += value;
                count++;
            }
        }
        item->value = (float)(which == SCOM_AGGREGATE_SUM ? sum : sum / count);
        return 0;
    }
    uint16_t error = value_of(rig, device_address(family, which ? which : 1), item->info, &value);
    item->value = error ? NAN : (float)value;
    if (error != SCOM_DEVICE_NOT_FOUND)
        return error == SCOM_INVALID_DATA ? 0 : error;
    switch (rig->absent) {
    case ABSENT_ZERO:
        item->value = 0;
        break;
    case ABSENT_MASTER:
        if (value_of(rig, device_address(family, 1), item->info, &value) == 0)
            item->value = (float)value;
        break;
    case ABSENT_ERROR:
        return error;
    case ABSENT_NAN:
        break;
    }
    return 0;
}

static uint32_t flags_of_devices(const struct rig *rig)
{
    uint32_t flags = 0;

    for (size_t i = 0; i < rig->device_count; i++) {
        uint32_t address = rig->devices[i].address;
        if (rig->devices[i].there)
            flags |= address < 200   ? SCOM_MULTI_XT_PRESENT
                     : address < 400 ? SCOM_MULTI_VT_PRESENT
                     : address < 700 ? SCOM_MULTI_BSP_PRESENT
                                     : SCOM_MULTI_VS_PRESENT;
    }
    return rig->multi_flags ? rig->multi_flags : flags;
}

// --- Answers -------------------------------------------------------------------------------------

static void record(struct rig *rig, const struct scom_frame *frame)
{
    if (rig->request_count == rig->request_room) {
        rig->request_room = rig->request_room ? rig->request_room * 2 : 256;
        rig->requests = xrealloc(rig->requests, rig->request_room, sizeof *rig->requests);
    }
    struct rig_request *request = &rig->requests[rig->request_count++];
    *request = (struct rig_request){.service = frame->service_id,
                                    .object = frame->object_type,
                                    .address = frame->destination,
                                    .id = frame->object_id,
                                    .at = loop_now(rig->loop)};
    if (frame->object_type == SCOM_MULTI_INFO)
        scom_multi_request_decode(frame->data, frame->data_length, request->items,
                                  &request->item_count);
}

// The data of the answer, its length, or an error code.
static uint16_t answer_multi(struct rig *rig, const struct scom_frame *request, uint8_t *data,
                             size_t *length)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    size_t count;

    if (!rig->multi)
        return rig->multi_error ? rig->multi_error : SCOM_SERVICE_NOT_SUPPORTED;
    if (scom_multi_request_decode(request->data, request->data_length, items, &count) != XC_OK)
        return SCOM_INVALID_DATA_LENGTH;
    for (size_t i = 0; i < count; i++) {
        uint16_t error = item_value(rig, &items[i]);
        if (error)
            return error;
    }
    *length = scom_multi_answer_encode(flags_of_devices(rig), rig->clock, items, count, data);
    return 0;
}

static uint16_t answer_value(struct rig *rig, const struct scom_frame *request, uint8_t *data,
                             size_t *length)
{
    enum value_format format = FORMAT_FLOAT;
    double value = 0;
    struct target target;

    if (request->destination == SCOM_GATEWAY_ADDRESS) {
        if (request->object_id == 5095 && rig->watchdog < 0)
            return SCOM_OBJECT_ID_NOT_FOUND;
        format = request->object_id == 5095 ? FORMAT_BOOL : FORMAT_INT32;
        value = request->object_id == 5095 ? (double)rig->watchdog : (double)rig->clock;
    } else {
        uint16_t id = (uint16_t)request->object_id;
        uint16_t error = value_of(rig, request->destination, id, &value);
        if (error)
            return error;
        bool known = target_from_address(request->destination, &target);
        const struct rig_device *device = rig_device(rig, request->destination);
        if (device && device->bms)
            target.family = FAMILY_BMS;
        const struct datapoint *datapoint = known ? catalogue_find(target.family, id) : NULL;
        if (datapoint)
            format = datapoint_format(datapoint);
        if (format != FORMAT_FLOAT)
            value = floor(value);
    }
    if (format == FORMAT_FLOAT) {
        le_put_float(data, (float)value);
        *length = 4;
    } else {
        value_encode(format, value, data, length);
    }
    return 0;
}

static uint16_t answer_message(struct rig *rig, const struct scom_frame *request, uint8_t *data,
                               size_t *length)
{
    if (request->object_id == 0)
        rig->frame_flags &= (uint8_t)~SCOM_MESSAGE_PENDING;
    if (request->object_id >= rig->message_count)
        return SCOM_OBJECT_ID_NOT_FOUND;
    struct scom_message message = rig->messages[request->object_id];
    message.total = (uint32_t)(rig->message_count + rig->messages_told_more);
    if (rig->messages_count_down)
        message.total -= request->object_id + 1;
    scom_message_encode(&message, data);
    *length = SCOM_MESSAGE_SIZE;
    return 0;
}

static uint16_t answer_object(struct rig *rig, const struct scom_frame *request, uint8_t *data,
                              size_t *length)
{
    if (rig->all_errors)
        return rig->all_errors;
    switch (request->object_type) {
    case SCOM_USER_INFO:
    case SCOM_PARAMETER:
        return answer_value(rig, request, data, length);
    case SCOM_MULTI_INFO:
        return answer_multi(rig, request, data, length);
    case SCOM_MESSAGE:
        return answer_message(rig, request, data, length);
    case SCOM_GUID:
        memcpy(data, rig->guid, sizeof rig->guid);
        *length = sizeof rig->guid;
        return 0;
    default:
        return SCOM_OBJECT_NOT_SUPPORTED;
    }
}

static void deliver(void *arg)
{
    struct rig *rig = arg;
    link_send(rig->far, rig->pending, rig->pending_length);
}

static void answer(struct rig *rig, const struct scom_frame *request)
{
    uint8_t data[SCOM_DATA_MAX];
    size_t length = 0;
    const struct rig_device *device = rig_device(rig, request->destination);

    if (rig->deaf || (device && device->silent) ||
        (rig->multi_deaf && request->object_type == SCOM_MULTI_INFO) ||
        (rig->self_deaf && request->destination == SCOM_GATEWAY_ADDRESS) ||
        (rig->deaf_id != 0 && request->object_id == rig->deaf_id))
        return;
    uint16_t error = answer_object(rig, request, data, &length);
    if (error) {
        le_put16(data, error);
        length = 2;
    }
    struct scom_frame frame = *request;
    frame.frame_flags = rig->frame_flags;
    frame.source = request->destination;
    frame.destination = request->source;
    frame.service_flags = SCOM_RESPONSE | (error ? SCOM_ERROR : 0);
    frame.data = data;
    frame.data_length = (uint16_t)length;
    rig->pending_length = scom_encode(&frame, rig->pending, sizeof rig->pending);

    size_t request_length =
        SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + SCOM_CHECKSUM_SIZE + request->data_length;
    rig->bytes += request_length + rig->pending_length;
    int64_t delay = rig->latency;
    if (rig->baud)
        delay +=
            (int64_t)(request_length + rig->pending_length) * BITS_PER_BYTE * LOOP_S / rig->baud;
    loop_timer_in(rig->loop, &rig->deliver, delay);
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct rig *rig = arg;
    struct scom_frame frame;

    for (size_t taken = 0; taken < length;) {
        taken += scom_decoder_feed(&rig->decoder, bytes + taken, length - taken);
        while (scom_decoder_next(&rig->decoder, &frame) == XC_OK) {
            record(rig, &frame);
            answer(rig, &frame);
        }
    }
}

static void on_state(void *arg, enum link_state state)
{
    struct rig *rig = arg;
    if (state == LINK_CLOSED) {
        loop_timer_stop(rig->loop, &rig->deliver);
        link_open(rig->far, 0);
    }
}

// --- The rig -------------------------------------------------------------------------------------

static void on_changed(void *arg)
{
    struct rig *rig = arg;
    rig->changes++;
}

struct rig *rig_new(unsigned xt, unsigned vt, unsigned vs, bool bsp, bool bms)
{
    struct rig *rig = xcalloc(1, sizeof *rig);

    rig->multi = true;
    rig->clock = 1781956800;
    memset(rig->guid, 0xA1, sizeof rig->guid);
    for (unsigned i = 1; i <= xt; i++)
        add_device(rig, device_address(FAMILY_XT, i), 0x1000 + i, false);
    for (unsigned i = 1; i <= vt; i++)
        add_device(rig, device_address(FAMILY_VT, i), 0x2000 + i, false);
    for (unsigned i = 1; i <= vs; i++)
        add_device(rig, device_address(FAMILY_VS, i), 0x3000 + i, false);
    if (bsp || bms)
        add_device(rig, 601, 0x4001, bms);
    return rig;
}

void rig_start(struct rig *rig, const struct plant_options *options)
{
    static const struct link_events events = {on_state, on_received};
    static const struct plant_options usual = {0};
    const struct gateway_options gateway_options = {0};
    struct link *near_end;

    rig->loop = loop_new_virtual(1000 * LOOP_S, (int64_t)1781956800 * LOOP_S);
    rig->deliver = (struct loop_timer){.fire = deliver, .arg = rig};
    link_memory_pair(rig->loop, &near_end, &rig->far);
    link_listen(rig->far, &events, rig);
    link_open(rig->far, 0);
    rig->plant = plant_new(rig->loop, options ? options : &usual, on_changed, rig);
    rig->gateway =
        gateway_new(rig->loop, near_end, &gateway_options, plant_gateway_event, rig->plant);
    plant_attach(rig->plant, rig->gateway);
}

void rig_free(struct rig *rig)
{
    plant_free(rig->plant);
    gateway_free(rig->gateway);
    link_listen(rig->far, NULL, NULL);
    loop_timer_stop(rig->loop, &rig->deliver);
    link_free(rig->far);
    loop_free(rig->loop);
    free(rig->requests);
    free(rig);
}

void rig_run(struct rig *rig, int64_t duration)
{
    loop_run_until(rig->loop, loop_now(rig->loop) + duration);
}

void rig_reconnect(struct rig *rig)
{
    loop_timer_stop(rig->loop, &rig->deliver);
    link_close(rig->far);
}

void rig_forget_requests(struct rig *rig)
{
    rig->request_count = 0;
    rig->bytes = 0;
}

size_t rig_requests(const struct rig *rig, uint32_t address, uint32_t id)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->request_count; i++)
        count += (address == 0 || rig->requests[i].address == address) &&
                 (id == 0 || rig->requests[i].id == id);
    return count;
}

size_t rig_multi_requests(const struct rig *rig)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->request_count; i++)
        count += rig->requests[i].object == SCOM_MULTI_INFO;
    return count;
}

struct plant_ref rig_ref(enum family family, uint8_t index, uint16_t id)
{
    return (struct plant_ref){.family = family, .index = index, .id = id};
}

struct subscription *rig_subscribe(struct rig *rig, enum family family, uint8_t index,
                                   const uint16_t *ids, int64_t period, enum priority priority)
{
    struct plant_ref refs[MULTI_ITEMS_MAX];
    size_t count = 0;

    for (; ids[count] != 0; count++)
        refs[count] = rig_ref(family, index, ids[count]);
    return plant_subscribe(rig->plant, refs, count, period, priority);
}

struct reading rig_reading(struct rig *rig, enum family family, uint8_t index, uint16_t id)
{
    struct plant_ref ref = rig_ref(family, index, id);
    return plant_reading(rig->plant, &ref);
}

bool rig_discovered(const struct rig *rig)
{
    return plant_discovery(rig->plant).state == DISCOVERY_DONE;
}

const char *rig_devices(const struct rig *rig)
{
    static char text[400];
    const struct plant_device *devices;
    size_t count = plant_devices(rig->plant, &devices), used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        char name[DEVICE_NAME_MAX];
        device_name(devices[i].family, devices[i].index, name, sizeof name);
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 devices[i].presence == DEVICE_GONE ? "%s(%s)" : "%s%s",
                                 used > 0 ? " " : "", name);
    }
    return text;
}
