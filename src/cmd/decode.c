// SPDX-License-Identifier: MIT
#include "cmd/decode.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/text.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"

enum { DATALOG_SHOWN_BYTES = 120, RAW_SHOWN_BYTES = 32 };

struct name_of {
    uint32_t code;
    const char *name;
};

// reference scom.md, "Addresses"; those that are no single device.
static const struct name_of groups[] = {
    {0, "everyone"}, {100, "all XT"},   {191, "L1"},      {192, "L2"},     {193, "L3"},
    {300, "all VT"}, {500, "all Xcom"}, {600, "all BSP"}, {700, "all VS"}, {0, NULL}};

static const struct name_of objects[] = {{SCOM_USER_INFO, "info"},
                                         {SCOM_PARAMETER, "parameter"},
                                         {SCOM_MESSAGE, "message"},
                                         {SCOM_GUID, "GUID"},
                                         {SCOM_DATALOG_FIELD, "custom datalog field"},
                                         {SCOM_MULTI_INFO, "multi-info"},
                                         {SCOM_SCREEN, "screen"},
                                         {SCOM_DATALOG, "datalog"},
                                         {0, NULL}};

static const struct name_of parameter_parts[] = {{SCOM_VALUE_QSP, "value in flash"},
                                                 {SCOM_MIN_QSP, "minimum"},
                                                 {SCOM_MAX_QSP, "maximum"},
                                                 {SCOM_LEVEL_QSP, "level"},
                                                 {SCOM_UNSAVED_VALUE_QSP, "value in RAM"},
                                                 {0, NULL}};

static const struct name_of datalog_steps[] = {{0x21, "start"},
                                               {0x22, "datablock"},
                                               {0x23, "next, please"},
                                               {0x24, "again, please"},
                                               {0x25, "abort"},
                                               {0x26, "finish"},
                                               {0, NULL}};

static const struct name_of flag_names[] = {{SCOM_MESSAGE_PENDING, "message pending"},
                                            {SCOM_RESTARTED, "Xcom has restarted"},
                                            {SCOM_SD_PRESENT, "SD card present"},
                                            {SCOM_SD_FULL, "SD card full"},
                                            {SCOM_NEW_DATALOG, "new datalog file"},
                                            {SCOM_DATALOG_SUPPORTED, "datalogger supported"},
                                            {0, NULL}};

static const char *find_name(const struct name_of *names, uint32_t code)
{
    for (; names->name; names++)
        if (names->code == code)
            return names->name;
    return NULL;
}

char *decode_address(uint32_t address, char out[DECODE_NAME_MAX])
{
    const char *group = find_name(groups, address);
    struct target target;
    char name[DEVICE_NAME_MAX];

    if (group)
        snprintf(out, DECODE_NAME_MAX, "%u %s", (unsigned)address, group);
    else if (target_from_address(address, &target))
        snprintf(out, DECODE_NAME_MAX, "%u %s", (unsigned)address,
                 address == device_address(FAMILY_BSP, 1)
                     ? "BSP or BMS"
                     : target_name(&target, name, sizeof name));
    else
        snprintf(out, DECODE_NAME_MAX, "%u", (unsigned)address);
    return out;
}

const struct datapoint *decode_datapoint(uint32_t address, uint32_t id)
{
    static const struct {
        uint32_t first, last;
        enum family family;
    } ranges[] = {{100, 109, FAMILY_XT},  {191, 193, FAMILY_XT},  {300, 315, FAMILY_VT},
                  {500, 505, FAMILY_RCC}, {600, 601, FAMILY_BSP}, {600, 601, FAMILY_BMS},
                  {700, 715, FAMILY_VS}};

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (address < ranges[i].first || address > ranges[i].last || id > UINT16_MAX)
            continue;
        const struct datapoint *dp = catalogue_find(ranges[i].family, id);
        if (dp)
            return dp;
    }
    return NULL;
}

// Infos of multi-infos come without an address: their numbers say whose they are.
static const struct datapoint *find_info(unsigned id)
{
    for (enum family family = FAMILY_XT; family < FAMILY_COUNT; family++) {
        const struct datapoint *dp = catalogue_find(family, id);
        if (dp && datapoint_kind(dp) == KIND_INFO)
            return dp;
    }
    return NULL;
}

void decode_name(uint32_t id, const struct datapoint *dp, char *out, size_t size)
{
    snprintf(out, size, "%u %s", (unsigned)id, dp ? datapoint_name(dp) : "(not in the tables)");
}

static void hex_text(const uint8_t *bytes, size_t length, size_t shown, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < length && i < shown; i++)
        text_append(out, size, &used, "%s%02X", i ? " " : "", bytes[i]);
    if (length > shown)
        text_append(out, size, &used, " … (%u bytes)", (unsigned)length);
}

void decode_number(const struct datapoint *dp, double number, char *out, size_t size)
{
    const char *why = datapoint_absent(dp, number);
    char text[DATAPOINT_TEXT_MAX];
    size_t used = 0;

    out[0] = '\0';
    text_append(out, size, &used, "%s", datapoint_text(dp, number, text, sizeof text));
    if (why)
        text_append(out, size, &used, " (%s)", why);
    else if (datapoint_unit(dp)[0])
        text_append(out, size, &used, " %s", datapoint_unit(dp));
}

// Bytes of which no table says what they are, as what they could be.
static void raw_text(const uint8_t *bytes, size_t length, char *out, size_t size)
{
    size_t used;

    hex_text(bytes, length, RAW_SHOWN_BYTES, out, size);
    used = strlen(out);
    if (length == 4)
        text_append(out, size, &used, " (float %g, int32 %d)", (double)le_get_float(bytes),
                    (int)(int32_t)le_get32(bytes));
    else if (length == 2)
        text_append(out, size, &used, " (%u)", le_get16(bytes));
    else if (length == 1)
        text_append(out, size, &used, " (%u)", bytes[0]);
}

// The content of an info or of a part of a parameter.
static void value_text(const struct scom_frame *frame, const struct datapoint *dp,
                       struct decoded *decoded, char *out, size_t size)
{
    bool level = frame->object_type == SCOM_PARAMETER && frame->property_id == SCOM_LEVEL_QSP;
    enum value_format format = level ? FORMAT_SHORT_ENUM : dp ? datapoint_format(dp) : FORMAT_RAW;
    double number;

    if (format != FORMAT_RAW &&
        value_decode(format, frame->data, frame->data_length, &number) == XC_OK) {
        if (level)
            snprintf(out, size, "0x%02X", (unsigned)number);
        else
            decode_number(dp, number, out, size);
        return;
    }
    raw_text(frame->data, frame->data_length, out, size);
    if (format != FORMAT_RAW)
        snprintf(decoded->remark, sizeof decoded->remark, "%u bytes don't fit the table's format",
                 (unsigned)frame->data_length);
}

static void decode_property(const struct scom_frame *frame, struct decoded *decoded)
{
    const char *name = NULL;

    switch (frame->object_type) {
    case SCOM_USER_INFO:
        name = frame->property_id == SCOM_INFO_VALUE ? "value" : NULL;
        break;
    case SCOM_PARAMETER:
        name = find_name(parameter_parts, frame->property_id);
        break;
    case SCOM_DATALOG:
        name = find_name(datalog_steps, frame->property_id);
        break;
    case SCOM_MULTI_INFO:
        snprintf(decoded->property, sizeof decoded->property, "tag %u",
                 (unsigned)frame->property_id);
        return;
    case SCOM_MESSAGE:
    case SCOM_GUID:
    case SCOM_SCREEN:
        if (frame->property_id == 0)
            return;
        break;
    default:
        break;
    }
    if (name)
        snprintf(decoded->property, sizeof decoded->property, "%s", name);
    else
        snprintf(decoded->property, sizeof decoded->property, "property %u",
                 (unsigned)frame->property_id);
}

static void decode_flags(const struct scom_frame *frame, struct decoded *decoded)
{
    size_t used = 0;

    for (const struct name_of *flag = flag_names; flag->name; flag++)
        if (frame->frame_flags & flag->code)
            text_append(decoded->flags, sizeof decoded->flags, &used, "%s%s", used ? ", " : "",
                        flag->name);
    if (frame->frame_flags & 0xC0)
        text_append(decoded->flags, sizeof decoded->flags, &used, "%sreserved bits 0x%02X",
                    used ? ", " : "", frame->frame_flags & 0xC0);
}

void decode_error(unsigned code, char *out, size_t size)
{
    const char *name = catalogue_error_name(code), *text = catalogue_error_text(code);

    snprintf(out, size, "0x%02X %s%s%s", code, name ? name : "(not in the tables)",
             text ? ": " : "", text ? text : "");
}

static void multi_name(unsigned info, unsigned aggregation, char *out, size_t size)
{
    const struct datapoint *dp = find_info(info);
    const char *family = dp ? family_name(datapoint_family(dp)) : "device";
    size_t used;

    decode_name(info, dp, out, size);
    used = strlen(out);
    if (aggregation == SCOM_AGGREGATE_MASTER)
        text_append(out, size, &used, ", %s master", family);
    else if (aggregation == SCOM_AGGREGATE_AVERAGE)
        text_append(out, size, &used, ", %s.avg", family);
    else if (aggregation == SCOM_AGGREGATE_SUM)
        text_append(out, size, &used, ", %s.sum", family);
    else
        text_append(out, size, &used, ", %s%s%u", family, dp ? "" : " ", aggregation);
}

static void wall_clock_text(uint32_t seconds, char *out, size_t size)
{
    time_t time = (time_t)seconds;
    struct tm parts;

    if (!gmtime_r(&time, &parts) || strftime(out, size, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        snprintf(out, size, "%u s", (unsigned)seconds);
}

static void decode_multi(const struct scom_frame *frame, bool answer, struct decoded *decoded)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    uint32_t flags = 0, clock = 0;
    size_t count = 0, used = 0;
    enum xc_status status =
        answer ? scom_multi_answer_decode(frame->data, frame->data_length, &flags, &clock, items,
                                          &count)
               : scom_multi_request_decode(frame->data, frame->data_length, items, &count);

    if (status != XC_OK) {
        snprintf(decoded->remark, sizeof decoded->remark, "%u bytes aren't whole items",
                 (unsigned)frame->data_length);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct decoded_item *item = &decoded->items[i];
        const struct datapoint *dp = find_info(items[i].info);
        multi_name(items[i].info, items[i].aggregation, item->name, sizeof item->name);
        if (answer && dp)
            decode_number(dp, (double)items[i].value, item->value, sizeof item->value);
        else if (answer)
            snprintf(item->value, sizeof item->value, "%g", (double)items[i].value);
    }
    decoded->item_count = count;
    if (!answer)
        return;
    char when[32];
    wall_clock_text(clock, when, sizeof when);
    text_append(
        decoded->remark, sizeof decoded->remark, &used,
        "installation's clock %s; version %u, %s;%s%s%s%s present", when,
        (unsigned)(flags & SCOM_MULTI_VERSION_MASK), flags & SCOM_MULTI_GSM ? "GSM" : "LAN",
        flags & SCOM_MULTI_XT_PRESENT ? " XT" : "", flags & SCOM_MULTI_BSP_PRESENT ? " BSP" : "",
        flags & SCOM_MULTI_VT_PRESENT ? " VT" : "", flags & SCOM_MULTI_VS_PRESENT ? " VS" : "");
}

void decode_message(unsigned number, uint32_t value, char *out, size_t size)
{
    struct message_text known = catalogue_message(number);

    snprintf(out, size, "%s: %s (value %u)", severity_name(known.severity),
             known.text ? known.text : "not in the tables", (unsigned)value);
}

static void decode_history(const struct scom_frame *frame, struct decoded *decoded)
{
    struct scom_message message;
    struct decoded_item *item = &decoded->items[0];

    if (scom_message_decode(frame->data, frame->data_length, &message) != XC_OK) {
        snprintf(decoded->remark, sizeof decoded->remark, "%u bytes are no message",
                 (unsigned)frame->data_length);
        return;
    }
    char from[DECODE_NAME_MAX], when[32];
    decode_address(message.source, from);
    wall_clock_text(message.timestamp, when, sizeof when);
    snprintf(item->name, sizeof item->name, "message %u of %s, %s", message.type, from, when);
    decode_message(message.type, message.value, item->value, sizeof item->value);
    snprintf(decoded->remark, sizeof decoded->remark, "%u messages in all or remaining",
             (unsigned)message.total);
    decoded->item_count = 1;
}

// Objects that carry a text, a picture or a number of bytes.
static void decode_other(const struct scom_frame *frame, struct decoded *decoded)
{
    struct decoded_item *item = &decoded->items[0];

    if (frame->data_length == 0)
        return;
    decoded->item_count = 1;
    switch (frame->object_type) {
    case SCOM_DATALOG:
    case SCOM_DATALOG_FIELD: {
        size_t shown =
            frame->data_length < DATALOG_SHOWN_BYTES ? frame->data_length : DATALOG_SHOWN_BYTES;
        snprintf(item->name, sizeof item->name, "%u bytes", (unsigned)frame->data_length);
        text_from_wire(item->value, sizeof item->value, frame->data, shown);
        if (shown < frame->data_length) {
            size_t used = strlen(item->value);
            text_append(item->value, sizeof item->value, &used, " …");
        }
        break;
    }
    case SCOM_GUID:
        snprintf(item->name, sizeof item->name, "GUID");
        hex_text(frame->data, frame->data_length, RAW_SHOWN_BYTES, item->value, sizeof item->value);
        break;
    default:
        snprintf(item->name, sizeof item->name, "%u bytes", (unsigned)frame->data_length);
        hex_text(frame->data, frame->data_length, RAW_SHOWN_BYTES, item->value, sizeof item->value);
        break;
    }
}

static void decode_value(const struct scom_frame *frame, bool answer, struct decoded *decoded)
{
    uint32_t device = answer ? frame->source : frame->destination;
    const struct datapoint *dp = decode_datapoint(device, frame->object_id);
    struct decoded_item *item = &decoded->items[0];

    decoded->item_count = 1;
    decode_name(frame->object_id, dp, item->name, sizeof item->name);
    if (frame->data_length > 0 && !decoded->error[0])
        value_text(frame, dp, decoded, item->value, sizeof item->value);
}

void decode_frame(const struct scom_frame *frame, struct decoded *decoded)
{
    bool answer = frame->service_flags & SCOM_RESPONSE, error = frame->service_flags & SCOM_ERROR;
    const char *object = find_name(objects, frame->object_type);

    memset(decoded, 0, sizeof *decoded);
    decode_address(frame->source, decoded->source);
    decode_address(frame->destination, decoded->destination);
    decoded->direction = error ? "error" : answer ? "answer" : "request";
    decoded->id = frame->object_id;
    if (frame->service_id == SCOM_READ || frame->service_id == SCOM_WRITE)
        snprintf(decoded->service, sizeof decoded->service, "%s",
                 frame->service_id == SCOM_READ ? "read" : "write");
    else
        snprintf(decoded->service, sizeof decoded->service, "service %u", frame->service_id);
    if (object)
        snprintf(decoded->object, sizeof decoded->object, "%s", object);
    else
        snprintf(decoded->object, sizeof decoded->object, "object 0x%04X", frame->object_type);
    decode_property(frame, decoded);
    decode_flags(frame, decoded);
    if (error && frame->data_length < 2)
        snprintf(decoded->error, sizeof decoded->error, "an error without its code");
    else if (error)
        decode_error(le_get16(frame->data), decoded->error, sizeof decoded->error);
    if (frame->object_type == SCOM_USER_INFO || frame->object_type == SCOM_PARAMETER)
        decode_value(frame, answer, decoded);
    else if (error)
        return;
    else if (frame->object_type == SCOM_MULTI_INFO)
        decode_multi(frame, answer, decoded);
    else if (frame->object_type == SCOM_MESSAGE && answer)
        decode_history(frame, decoded);
    else
        decode_other(frame, decoded);
}
