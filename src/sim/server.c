// SPDX-License-Identifier: MIT
// A request is judged from outside in: frame, service, object type, destination, object, property,
// length, value. What the document leaves open is decided in xcomsim(1), "CHOICES".
#include "sim/server.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/value.h"
#include "catalogue/address.h"
#include "sim/limits.h"

// Devices that a request is for.
struct destination {
    enum family family;
    unsigned index; // of the device that answers reads; 0 when none answers
    unsigned phase; // 1..3: writes reach the phase
    bool all;       // writes reach the family
};

static bool find_destination(const struct sim *sim, uint32_t address, struct destination *to)
{
    static const struct {
        uint32_t address;
        enum family family;
    } groups[] = {{100, FAMILY_XT}, {300, FAMILY_VT}, {600, FAMILY_BSP}, {700, FAMILY_VS}};
    struct target target;

    *to = (struct destination){0};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (groups[i].address == address) {
            to->family = groups[i].family;
            to->all = true;
            if (to->family == FAMILY_BSP)
                to->family = site_battery_family(sim);
            if (to->family == FAMILY_NONE)
                return false;
            to->index = site_master(sim, to->family);
            return to->index > 0;
        }
    if (!target_from_address(address, &target))
        return false;
    to->family = target.family;
    if (target.kind == TARGET_PHASE) {
        to->phase = target.index;
        to->index = site_phase_master(sim, to->phase);
        return to->index > 0;
    }
    if (target.kind != TARGET_DEVICE)
        return false;
    if (to->family == FAMILY_BSP)
        to->family = site_battery_family(sim);
    if (to->family == FAMILY_NONE || !site_answers(sim, to->family, target.index))
        return false;
    to->index = target.index;
    return true;
}

static const struct datapoint *find_object(enum family family, uint32_t object, bool info,
                                           uint16_t *error)
{
    const struct datapoint *dp = object <= UINT16_MAX ? catalogue_find(family, object) : NULL;
    enum family other = family == FAMILY_BSP   ? FAMILY_BMS
                        : family == FAMILY_BMS ? FAMILY_BSP
                                               : FAMILY_NONE;

    if (dp && (datapoint_kind(dp) == KIND_INFO) == info)
        return dp;
    *error = SCOM_OBJECT_ID_NOT_FOUND;
    // A BSP asked as a BMS, or the other way round (field.md, section 1, row 34).
    if (!dp && other != FAMILY_NONE && object <= UINT16_MAX && catalogue_find(other, object))
        *error = SCOM_INVALID_DATA;
    return NULL;
}

// A value in its format; not-a-number is only in floats.
static uint16_t put_value(enum value_format format, double value, uint8_t *data, uint16_t *length)
{
    size_t size;

    if (format == FORMAT_FLOAT && isnan(value)) {
        le_put_float(data, NAN);
        *length = 4;
        return 0;
    }
    if (value_encode(format, value, data, &size) != XC_OK)
        return SCOM_READ_PROPERTY_FAILED;
    *length = (uint16_t)size;
    return 0;
}

// --- User infos --------------------------------------------------------------------------------

static uint16_t user_info(struct sim *sim, const struct scom_frame *request,
                          const struct destination *to, uint8_t *data, uint16_t *length)
{
    uint16_t error;
    const struct datapoint *dp = find_object(to->family, request->object_id, true, &error);

    if (!dp)
        return error;
    if (request->property_id != SCOM_INFO_VALUE)
        return SCOM_PROPERTY_NOT_SUPPORTED;
    if (request->service_id == SCOM_WRITE)
        return SCOM_PROPERTY_IS_READ_ONLY;
    if (request->data_length != 0)
        return SCOM_INVALID_DATA_LENGTH;
    if (site_hides(sim, dp, to->index))
        return SCOM_READ_PROPERTY_FAILED;
    return put_value(datapoint_format(dp), site_info(sim, dp, to->index), data, length);
}

// --- Parameters --------------------------------------------------------------------------------

static bool has_limits(const struct sim *sim, const struct datapoint *dp)
{
    enum encoding encoding = datapoint_encoding(dp);

    return !sim->numbers_only || encoding == ENCODING_NUMBER || encoding == ENCODING_COSPHI ||
           encoding == ENCODING_MINUTES_OF_DAY;
}

static uint16_t read_parameter(struct sim *sim, const struct scom_frame *request,
                               const struct datapoint *dp, unsigned index, uint8_t *data,
                               uint16_t *length)
{
    enum value_format format = datapoint_format(dp);
    enum family family = datapoint_family(dp);
    unsigned slot = site_slot(sim, family, index);
    bool is_clock = family == FAMILY_RCC && datapoint_id(dp) == 5002;
    double min, max;

    if (request->data_length != 0)
        return SCOM_INVALID_DATA_LENGTH;
    switch (request->property_id) {
    case SCOM_LEVEL_QSP:
        return put_value(FORMAT_SHORT_ENUM, site_level(sim, slot, dp), data, length);
    case SCOM_UNSAVED_VALUE_QSP: // answers with flash, too
        if (!site_takes_ram(sim, family, slot))
            return SCOM_PROPERTY_NOT_SUPPORTED;
        // fall through
    case SCOM_VALUE_QSP:
        return put_value(format, is_clock ? (double)site_clock(sim) : site_flash(sim, slot, dp),
                         data, length);
    default:
        if (!has_limits(sim, dp))
            return SCOM_PROPERTY_NOT_SUPPORTED;
        limits_of(sim, slot, dp, &min, &max);
        return put_value(format, request->property_id == SCOM_MIN_QSP ? min : max, data, length);
    }
}

static unsigned find_slots(const struct sim *sim, const struct destination *to, uint8_t *slots)
{
    unsigned count = 0;

    for (unsigned i = 1; i <= site_count(sim, to->family); i++) {
        bool meant = to->all || (to->phase ? site_on_phase(sim, i, to->phase) : i == to->index);
        if (meant && site_answers(sim, to->family, i))
            slots[count++] = (uint8_t)site_slot(sim, to->family, i);
    }
    return count;
}

static uint16_t write_parameter(struct sim *sim, const struct scom_frame *request,
                                const struct datapoint *dp, const struct destination *to,
                                enum server_outcome *outcome)
{
    static const enum server_outcome outcomes[] = {[WRITE_ANSWERED] = SERVER_ANSWER,
                                                   [WRITE_ANSWER_LOST] = SERVER_ANSWER_LOST,
                                                   [WRITE_UNHEARD] = SERVER_SILENCE};
    struct write_order order = {.dp = dp, .data = request->data, .length = request->data_length};
    uint8_t slots[SITE_SLOTS];
    enum write_end end;

    if (request->property_id == SCOM_MIN_QSP || request->property_id == SCOM_MAX_QSP)
        return SCOM_PROPERTY_IS_READ_ONLY;
    order.part = request->property_id == SCOM_VALUE_QSP           ? PART_FLASH
                 : request->property_id == SCOM_UNSAVED_VALUE_QSP ? PART_RAM
                                                                  : PART_LEVEL;
    unsigned count = find_slots(sim, to, slots);
    uint16_t error = writes_carry_out(sim, &order, slots, count, to->all || to->phase, &end);
    *outcome = outcomes[end];
    if (end == WRITE_ANSWERED && error == SCOM_RESPONSE_TIMEOUT)
        *outcome = SERVER_ANSWER_LATE;
    return error;
}

static uint16_t parameter(struct sim *sim, const struct scom_frame *request,
                          const struct destination *to, enum server_outcome *outcome, uint8_t *data,
                          uint16_t *length)
{
    uint16_t error;
    const struct datapoint *dp = find_object(to->family, request->object_id, false, &error);

    if (!dp)
        return error;
    switch (request->property_id) {
    case SCOM_VALUE_QSP:
    case SCOM_MIN_QSP:
    case SCOM_MAX_QSP:
    case SCOM_UNSAVED_VALUE_QSP:
        if (datapoint_kind(dp) == KIND_MENU)
            return SCOM_PROPERTY_NOT_SUPPORTED;
        if (datapoint_format(dp) == FORMAT_NONE) // 5012, 5045
            return SCOM_OBJECT_NOT_SUPPORTED;
        break;
    case SCOM_LEVEL_QSP:
        break;
    default:
        return SCOM_PROPERTY_NOT_SUPPORTED;
    }
    if (request->service_id == SCOM_WRITE)
        return write_parameter(sim, request, dp, to, outcome);
    return read_parameter(sim, request, dp, to->index, data, length);
}

// --- Objects of the gateway --------------------------------------------------------------------

static uint16_t message(struct sim *sim, const struct scom_frame *request, uint8_t *data,
                        uint16_t *length)
{
    struct scom_message answer;

    if (request->property_id != 0)
        return SCOM_PROPERTY_NOT_SUPPORTED;
    if (request->service_id == SCOM_WRITE)
        return SCOM_PROPERTY_IS_READ_ONLY;
    if (request->data_length != 0)
        return SCOM_INVALID_DATA_LENGTH;
    if (!messages_read(&sim->messages, request->object_id, &answer))
        return SCOM_OBJECT_ID_NOT_FOUND;
    scom_message_encode(&answer, data);
    *length = SCOM_MESSAGE_SIZE;
    return 0;
}

static uint16_t guid(struct sim *sim, const struct scom_frame *request, uint8_t *data,
                     uint16_t *length)
{
    if (request->object_id != 0)
        return SCOM_OBJECT_ID_NOT_FOUND;
    if (request->property_id != 0)
        return SCOM_PROPERTY_NOT_SUPPORTED;
    if (request->service_id == SCOM_WRITE)
        return SCOM_PROPERTY_IS_READ_ONLY;
    if (request->data_length != 0)
        return SCOM_INVALID_DATA_LENGTH;
    site_guid(sim, data);
    *length = 16;
    return 0;
}

static enum family info_family(const struct sim *sim, unsigned info)
{
    switch (info / 1000) {
    case 3:
        return FAMILY_XT;
    case 7:
        return site_battery_family(sim);
    case 11:
        return FAMILY_VT;
    case 15:
        return FAMILY_VS;
    default:
        return FAMILY_NONE;
    }
}

static double over_family(const struct sim *sim, const struct datapoint *dp, bool average)
{
    enum family family = datapoint_family(dp);
    double sum = 0;
    unsigned n = 0;

    for (unsigned i = 1; i <= site_count(sim, family); i++)
        if (site_answers(sim, family, i)) {
            sum += site_info(sim, dp, i);
            n++;
        }
    return average ? sum / n : sum;
}

static uint16_t multi_absent(const struct sim *sim, const struct datapoint *dp, uint16_t error,
                             double *value)
{
    unsigned master = dp ? site_master(sim, datapoint_family(dp)) : 0;

    *value = sim->absent == ABSENT_ZERO ? 0 : (double)NAN;
    if (sim->absent == ABSENT_ERROR)
        return error;
    if (sim->absent == ABSENT_MASTER && master)
        *value = site_info(sim, dp, master);
    return 0;
}

static uint16_t multi_value(const struct sim *sim, const struct scom_multi_item *item,
                            double *value)
{
    enum family family = info_family(sim, item->info);
    const struct datapoint *dp = family == FAMILY_NONE ? NULL : catalogue_find(family, item->info);

    if (item->aggregation > 15 && item->aggregation != SCOM_AGGREGATE_AVERAGE &&
        item->aggregation != SCOM_AGGREGATE_SUM)
        return SCOM_INVALID_DATA;
    if (!dp || datapoint_kind(dp) != KIND_INFO)
        return multi_absent(sim, NULL, SCOM_OBJECT_ID_NOT_FOUND, value);
    unsigned master = site_master(sim, family);
    unsigned index = item->aggregation >= 1 && item->aggregation <= 15 ? item->aggregation : master;
    if (index == 0 || !site_answers(sim, family, index))
        return multi_absent(sim, dp, SCOM_DEVICE_NOT_FOUND, value);
    if (item->aggregation > 15)
        *value = over_family(sim, dp, item->aggregation == SCOM_AGGREGATE_AVERAGE);
    else
        *value = site_info(sim, dp, index);
    return 0;
}

static uint16_t multi_info(struct sim *sim, const struct scom_frame *request, uint8_t *data,
                           uint16_t *length)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    size_t count;
    uint32_t flags = 0;
    enum family battery = site_battery_family(sim);

    if (request->object_id != 1)
        return SCOM_OBJECT_ID_NOT_FOUND;
    if (sim->strict_tag && request->property_id != 1)
        return SCOM_PROPERTY_NOT_SUPPORTED;
    if (request->service_id == SCOM_WRITE)
        return SCOM_PROPERTY_IS_READ_ONLY;
    if (scom_multi_request_decode(request->data, request->data_length, items, &count) != XC_OK)
        return SCOM_INVALID_DATA_LENGTH;
    for (size_t i = 0; i < count; i++) {
        double value;
        uint16_t error = multi_value(sim, &items[i], &value);
        if (error)
            return error;
        items[i].value = (float)value;
    }
    flags |= site_master(sim, FAMILY_XT) ? SCOM_MULTI_XT_PRESENT : 0;
    flags |= site_master(sim, FAMILY_VT) ? SCOM_MULTI_VT_PRESENT : 0;
    flags |= site_master(sim, FAMILY_VS) ? SCOM_MULTI_VS_PRESENT : 0;
    if (battery != FAMILY_NONE && site_master(sim, battery))
        flags |= SCOM_MULTI_BSP_PRESENT;
    *length =
        (uint16_t)scom_multi_answer_encode(flags, (uint32_t)site_clock(sim), items, count, data);
    return 0;
}

// The custom datalog field can only be written.
static uint16_t note(struct sim *sim, const struct scom_frame *request)
{
    if (request->object_id != 0)
        return SCOM_OBJECT_ID_NOT_FOUND;
    if (request->property_id != SCOM_NOTE_PROPERTY)
        return SCOM_PROPERTY_NOT_SUPPORTED;
    if (request->service_id != SCOM_WRITE)
        return SCOM_READ_PROPERTY_FAILED;
    if (request->data_length > SCOM_NOTE_MAX)
        return SCOM_INVALID_DATA_LENGTH;
    memcpy(sim->sd.note, request->data, request->data_length);
    sim->sd.note_length = request->data_length;
    return 0;
}

// --- A request ---------------------------------------------------------------------------------

static bool is_gateway_object(uint16_t type)
{
    return type == SCOM_MESSAGE || type == SCOM_GUID || type == SCOM_DATALOG_FIELD ||
           type == SCOM_MULTI_INFO || type == SCOM_SCREEN || type == SCOM_DATALOG;
}

static uint16_t execute(struct sim *sim, struct scom_frame *request, const struct destination *to,
                        enum server_outcome *outcome, uint8_t *data, uint16_t *length)
{
    if (is_gateway_object(request->object_type) && to->family != FAMILY_RCC)
        return SCOM_TYPE_NOT_SUPPORTED;
    if (request->service_id == SCOM_READ && to->all && !sim->multicast_master)
        return SCOM_MULTICAST_READ_NOT_SUPPORTED;
    switch (request->object_type) {
    case SCOM_USER_INFO:
        return user_info(sim, request, to, data, length);
    case SCOM_PARAMETER:
        return parameter(sim, request, to, outcome, data, length);
    case SCOM_MESSAGE:
        return message(sim, request, data, length);
    case SCOM_GUID:
        return guid(sim, request, data, length);
    case SCOM_MULTI_INFO:
        return multi_info(sim, request, data, length);
    case SCOM_DATALOG_FIELD:
        return note(sim, request);
    case SCOM_DATALOG:
        return transfer_step(sim, request, &request->property_id, data, length);
    default: // screen: a gateway without it
        return SCOM_OBJECT_NOT_SUPPORTED;
    }
}

enum family server_family(const struct sim *sim, uint32_t address)
{
    struct destination to;

    return find_destination(sim, address, &to) ? to.family : FAMILY_NONE;
}

enum server_outcome server_execute(struct sim *sim, struct scom_frame *request, uint16_t *error,
                                   uint8_t *data, uint16_t *length)
{
    enum server_outcome outcome = SERVER_ANSWER;
    struct destination to;

    *length = 0;
    if (request->service_flags != 0) {
        *error = SCOM_INVALID_FRAME;
    } else if (request->service_id != SCOM_READ && request->service_id != SCOM_WRITE) {
        *error = SCOM_SERVICE_NOT_SUPPORTED;
    } else if (request->object_type != SCOM_USER_INFO && request->object_type != SCOM_PARAMETER &&
               !is_gateway_object(request->object_type)) {
        *error = SCOM_TYPE_NOT_SUPPORTED;
    } else if (request->object_type == SCOM_MULTI_INFO && !sim->multi_info) {
        *error = SCOM_SERVICE_NOT_SUPPORTED; // older than 1.6.74 (field.md, section 1, row 15)
    } else if (find_destination(sim, request->destination, &to)) {
        *error = execute(sim, request, &to, &outcome, data, length);
    } else {
        *error = SCOM_DEVICE_NOT_FOUND;
        if (sim->missing == MISSING_SILENCE)
            return SERVER_SILENCE;
        if (sim->missing == MISSING_TIMEOUT) {
            *error = SCOM_RESPONSE_TIMEOUT;
            return SERVER_ANSWER_LATE;
        }
    }
    return outcome;
}

size_t server_answer(struct sim *sim, const struct scom_frame *request, uint16_t error,
                     const uint8_t *data, uint16_t length, uint8_t *out, size_t size)
{
    uint8_t code[2];
    struct scom_frame answer = *request;

    le_put16(code, error);
    answer.frame_flags = (uint8_t)(sdcard_flags(sim) | (sim->restarted ? SCOM_RESTARTED : 0) |
                                   (sim->messages.pending ? SCOM_MESSAGE_PENDING : 0));
    answer.source = request->destination;
    answer.destination = request->source;
    answer.service_flags = (uint8_t)(SCOM_RESPONSE | (error ? SCOM_ERROR : 0));
    answer.data = error ? code : data;
    answer.data_length = error ? 2 : length;
    return scom_encode(&answer, out, size);
}
