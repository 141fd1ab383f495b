// SPDX-License-Identifier: MIT
// The devices are the same as behind a SCOM gateway: a request is put as one for SCOM, and its
// answer's value, whatever its format, travels as a float.
#include "sim/canserver.h"

#include <math.h>

#include "base/value.h"

bool canserver_has_address(uint16_t address)
{
    return (address >= 100 && address <= 109) || (address >= 300 && address <= 315) ||
           (address >= 600 && address <= 601) || (address >= 700 && address <= 715);
}

// The protocol has fewer codes than SCOM (can.md).
static uint32_t code_of(uint16_t error)
{
    static const uint8_t known[] = {0x01, 0x02, 0x03, 0x12, 0x13, 0x22, 0x24, 0x25,
                                    0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2D};

    for (size_t i = 0; i < sizeof known; i++)
        if (known[i] == error)
            return error;
    return error == SCOM_OBJECT_NOT_SUPPORTED ? SCOM_OBJECT_ID_NOT_FOUND
                                              : SCOM_INVALID_SERVICE_ARGUMENT;
}

static bool property_of(uint8_t part, uint16_t *property)
{
    switch (part) {
    case STUCAN_FLASH:
        *property = SCOM_VALUE_QSP;
        return true;
    case STUCAN_MIN:
        *property = SCOM_MIN_QSP;
        return true;
    case STUCAN_MAX:
        *property = SCOM_MAX_QSP;
        return true;
    case STUCAN_RAM:
        *property = SCOM_UNSAVED_VALUE_QSP;
        return true;
    default:
        return false;
    }
}

// Enums and the like are whole numbers, and are rounded to them.
static bool put_value(enum value_format format, float value, struct scom_frame *request,
                      uint8_t data[VALUE_BYTES_MAX])
{
    double number = format == FORMAT_FLOAT ? (double)value : round((double)value);
    size_t length;

    if (format == FORMAT_NONE)
        return true; // refused for what it is
    if (value_encode(format, number, data, &length) != XC_OK)
        return false;
    request->data = data;
    request->data_length = (uint16_t)length;
    return true;
}

static enum server_outcome execute(struct sim *sim, const struct stucan_frame *request,
                                   uint16_t *error, float *value)
{
    uint8_t written[VALUE_BYTES_MAX], data[SCOM_DATA_MAX];
    enum family family = server_family(sim, request->destination);
    const struct datapoint *dp =
        family == FAMILY_NONE ? NULL : catalogue_find(family, request->object);
    enum value_format format = dp ? datapoint_format(dp) : FORMAT_NONE;
    struct scom_frame scom = {.source = request->source,
                              .destination = request->destination,
                              .service_id = SCOM_READ,
                              .object_type = SCOM_USER_INFO,
                              .object_id = request->object,
                              .property_id = SCOM_INFO_VALUE};
    uint16_t length;
    double number;

    if (request->service != STUCAN_READ_INFO) {
        scom.object_type = SCOM_PARAMETER;
        if (!property_of(request->part, &scom.property_id)) {
            *error = SCOM_INVALID_SERVICE_ARGUMENT;
            return SERVER_ANSWER;
        }
    }
    if (request->service == STUCAN_WRITE_PARAMETER) {
        scom.service_id = SCOM_WRITE;
        if (!put_value(format, request->value, &scom, written)) {
            *error = SCOM_INVALID_DATA;
            return SERVER_ANSWER;
        }
    }
    enum server_outcome outcome = server_execute(sim, &scom, error, data, &length);
    if (*error == 0 && scom.service_id == SCOM_READ) {
        if (value_decode(format, data, length, &number) != XC_OK)
            *error = SCOM_READ_PROPERTY_FAILED;
        else
            *value = (float)number;
    }
    return outcome;
}

enum server_outcome canserver_execute(struct sim *sim, const struct stucan_frame *request,
                                      uint16_t error, struct stucan_frame *answer)
{
    enum server_outcome outcome = SERVER_ANSWER;

    *answer = *request;
    answer->source = request->destination;
    answer->destination = request->source;
    if (error == 0)
        outcome = execute(sim, request, &error, &answer->value);
    answer->error = error != 0;
    answer->code = error ? code_of(error) : 0;
    return outcome;
}
