// SPDX-License-Identifier: MIT
#include "gateway/dialect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/value.h"
#include "proto/scom.h"

enum {
    DEFAULT_SOURCE = 1,
    GUID_SIZE = 16,
    EMPTY_FRAME = SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + SCOM_CHECKSUM_SIZE,
    UNTAGGED = 1, // the property of a multi-info by the document; 2.. are our tags
};

_Static_assert((int)MULTI_ITEMS_MAX == (int)SCOM_MULTI_MAX, "one limit of items");
_Static_assert(EMPTY_FRAME + 3 * MULTI_ITEMS_MAX <= DIALECT_REQUEST_MAX, "the longest request");

struct scom_dialect {
    uint32_t source;
    struct scom_decoder decoder;
    const struct question *question; // the awaited one; NULL when none is
    struct dialect_key key;
    uint16_t tag;
    bool tags_refused;
    struct dialect_memory given_up, answered;
    struct multi_item items[MULTI_ITEMS_MAX]; // of the last answer
};

static void *scom_new(uint32_t source)
{
    struct scom_dialect *dialect = xcalloc(1, sizeof *dialect);
    dialect->source = source;
    dialect->tag = UNTAGGED;
    return dialect;
}

// --- Questions to frames -------------------------------------------------------------------------

static enum value_format format_of(const struct question *question)
{
    bool is_level = question->kind == QUESTION_PARAMETER && question->part == PART_LEVEL;
    return is_level ? FORMAT_SHORT_ENUM : question->format;
}

static bool is_aggregation(uint8_t aggregation)
{
    return aggregation <= 15 || aggregation == MULTI_AVERAGE || aggregation == MULTI_SUM;
}

static enum xc_status check_items(const struct question *question)
{
    if (question->item_count < 1 || question->item_count > MULTI_ITEMS_MAX)
        return XC_RANGE;
    for (size_t i = 0; i < question->item_count; i++)
        if (!is_aggregation(question->items[i].aggregation))
            return XC_RANGE;
    return XC_OK;
}

static enum xc_status scom_check(const struct question *question)
{
    bool has_target = question->address >= 1 && question->address <= UINT16_MAX &&
                      question->id >= 1 && question->id <= UINT16_MAX;
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t length;

    switch (question->kind) {
    case QUESTION_INFO:
        return has_target && format_of(question) != FORMAT_NONE ? XC_OK : XC_RANGE;
    case QUESTION_PARAMETER:
        return has_target && format_of(question) != FORMAT_NONE && question->part < PART_COUNT
                   ? XC_OK
                   : XC_RANGE;
    case QUESTION_WRITE:
        if (!has_target || (question->part != PART_VALUE && question->part != PART_RAM))
            return XC_RANGE;
        return value_encode(question->format, question->number, bytes, &length);
    case QUESTION_MULTI:
        return check_items(question);
    case QUESTION_GUID:
    case QUESTION_MESSAGE:
        return XC_OK;
    }
    return XC_RANGE;
}

static uint16_t part_property(enum part part)
{
    static const uint16_t properties[PART_COUNT] = {
        [PART_VALUE] = SCOM_VALUE_QSP, [PART_RAM] = SCOM_UNSAVED_VALUE_QSP,
        [PART_MIN] = SCOM_MIN_QSP,     [PART_MAX] = SCOM_MAX_QSP,
        [PART_LEVEL] = SCOM_LEVEL_QSP,
    };
    return properties[part];
}

// Requests for multi-infos look alike: the property, which is free there, tells them apart.
static uint16_t next_tag(struct scom_dialect *dialect)
{
    if (dialect->tags_refused)
        return UNTAGGED;
    dialect->tag = dialect->tag == UINT16_MAX ? UNTAGGED + 1 : (uint16_t)(dialect->tag + 1);
    return dialect->tag;
}

static struct dialect_key question_key(struct scom_dialect *dialect,
                                       const struct question *question)
{
    struct dialect_key key = {
        .address = SCOM_GATEWAY_ADDRESS, .service = SCOM_READ, .id = question->id};

    switch (question->kind) {
    case QUESTION_INFO:
        key.address = question->address;
        key.object = SCOM_USER_INFO;
        key.property = SCOM_INFO_VALUE;
        break;
    case QUESTION_WRITE:
        key.service = SCOM_WRITE;
        // fall through
    case QUESTION_PARAMETER:
        key.address = question->address;
        key.object = SCOM_PARAMETER;
        key.property = part_property(question->part);
        break;
    case QUESTION_MULTI:
        key.object = SCOM_MULTI_INFO;
        key.id = 1;
        key.property = next_tag(dialect);
        break;
    case QUESTION_GUID:
        key.object = SCOM_GUID;
        key.id = 0;
        break;
    case QUESTION_MESSAGE:
        key.object = SCOM_MESSAGE;
        break;
    }
    return key;
}

static size_t encode_items(const struct question *question, uint8_t *out)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];

    for (size_t i = 0; i < question->item_count; i++)
        items[i] = (struct scom_multi_item){.info = question->items[i].info,
                                            .aggregation = question->items[i].aggregation};
    return scom_multi_request_encode(items, question->item_count, out);
}

static size_t answer_data_length(const struct question *question)
{
    switch (question->kind) {
    case QUESTION_INFO:
    case QUESTION_PARAMETER:
        return VALUE_BYTES_MAX;
    case QUESTION_MULTI:
        return 8 + 7 * question->item_count;
    case QUESTION_GUID:
        return GUID_SIZE;
    case QUESTION_MESSAGE:
        return SCOM_MESSAGE_SIZE;
    case QUESTION_WRITE:
        break;
    }
    return 0;
}

static size_t scom_ask(void *self, const struct question *question,
                       uint8_t out[DIALECT_REQUEST_MAX], size_t *answer_length)
{
    struct scom_dialect *dialect = self;
    uint8_t data[3 * MULTI_ITEMS_MAX];
    size_t length = 0;

    if (question->kind == QUESTION_MULTI)
        length = encode_items(question, data);
    else if (question->kind == QUESTION_WRITE)
        value_encode(question->format, question->number, data, &length);
    struct dialect_key key = question_key(dialect, question);
    struct scom_frame frame = {
        .source = dialect->source,
        .destination = key.address,
        .service_id = key.service,
        .object_type = key.object,
        .object_id = key.id,
        .property_id = key.property,
        .data = data,
        .data_length = (uint16_t)length,
    };
    dialect->question = question;
    dialect->key = key;
    *answer_length = EMPTY_FRAME + answer_data_length(question);
    return scom_encode(&frame, out, DIALECT_REQUEST_MAX);
}

// --- Which question a frame belongs to -----------------------------------------------------------

static struct dialect_key frame_key(const struct scom_frame *frame)
{
    return (struct dialect_key){.address = frame->source,
                                .service = frame->service_id,
                                .object = frame->object_type,
                                .id = frame->object_id,
                                .property = frame->property_id};
}

static void scom_give_up(void *self)
{
    struct scom_dialect *dialect = self;

    if (!dialect->question)
        return;
    dialect_remember(&dialect->given_up, &dialect->key);
    dialect->question = NULL;
}

// The list echoed in a multi-info answer is the one that was asked.
static bool echoes(const struct question *question, const struct scom_multi_item *items,
                   size_t count)
{
    if (count != question->item_count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (items[i].info != question->items[i].info ||
            items[i].aggregation != question->items[i].aggregation)
            return false;
    return true;
}

// Without a tag only the echoed list tells one multi-info from another.
static bool is_another_list(const struct scom_dialect *dialect, const struct scom_frame *frame)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    uint32_t flags, clock;
    size_t count;

    return dialect->key.object == SCOM_MULTI_INFO && dialect->key.property == UNTAGGED &&
           !(frame->service_flags & SCOM_ERROR) &&
           scom_multi_answer_decode(frame->data, frame->data_length, &flags, &clock, items,
                                    &count) == XC_OK &&
           !echoes(dialect->question, items, count);
}

// --- Frames to answers ---------------------------------------------------------------------------

static enum xc_status read_number(const struct question *question, const struct scom_frame *frame,
                                  double *number)
{
    enum xc_status status =
        value_decode(format_of(question), frame->data, frame->data_length, number);

    if (status != XC_OK && format_of(question) == FORMAT_RAW && frame->data_length > 0) {
        // Of any length: its bytes are the answer.
        *number = (double)NAN;
        status = XC_OK;
    }
    return status;
}

static enum xc_status read_items(struct scom_dialect *dialect, const struct scom_frame *frame,
                                 struct answer *answer)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    enum xc_status status =
        scom_multi_answer_decode(frame->data, frame->data_length, &answer->multi_flags,
                                 &answer->multi_clock, items, &answer->item_count);

    if (status != XC_OK || !echoes(dialect->question, items, answer->item_count)) {
        answer->item_count = 0;
        return XC_MALFORMED;
    }
    for (size_t i = 0; i < answer->item_count; i++)
        dialect->items[i] = (struct multi_item){
            .info = items[i].info, .aggregation = items[i].aggregation, .value = items[i].value};
    answer->items = dialect->items;
    return XC_OK;
}

static enum xc_status read_message(const struct scom_frame *frame, struct answer *answer)
{
    struct scom_message message;
    enum xc_status status = scom_message_decode(frame->data, frame->data_length, &message);

    if (status != XC_OK)
        return status;
    answer->message_type = message.type;
    answer->message_source = message.source;
    answer->message_time = message.timestamp;
    answer->message_value = message.value;
    answer->message_total = message.total;
    return XC_OK;
}

static enum xc_status read_content(struct scom_dialect *dialect, const struct scom_frame *frame,
                                   struct answer *answer)
{
    switch (dialect->question->kind) {
    case QUESTION_INFO:
    case QUESTION_PARAMETER:
        return read_number(dialect->question, frame, &answer->number);
    case QUESTION_MULTI:
        return read_items(dialect, frame, answer);
    case QUESTION_GUID:
        return frame->data_length == GUID_SIZE ? XC_OK : XC_MALFORMED;
    case QUESTION_MESSAGE:
        return read_message(frame, answer);
    case QUESTION_WRITE:
        break;
    }
    return XC_OK;
}

// The gateway doesn't know this object at all, rather than this one of its kind.
static bool is_unsupported(const struct scom_dialect *dialect, uint16_t error)
{
    enum question_kind kind = dialect->question->kind;

    if (kind != QUESTION_MULTI && kind != QUESTION_GUID)
        return false;
    switch (error) {
    case SCOM_SERVICE_NOT_SUPPORTED:
    case SCOM_TYPE_NOT_SUPPORTED:
    case SCOM_OBJECT_NOT_SUPPORTED:
        return true;
    case SCOM_PROPERTY_NOT_SUPPORTED: // a multi-info's tag was refused first
        return true;
    case SCOM_OBJECT_ID_NOT_FOUND:
        return kind == QUESTION_GUID;
    case SCOM_INVALID_FRAME:
    case SCOM_INVALID_SERVICE_ARGUMENT:
    case SCOM_OBJECT_PROPERTY_INVALID:
        return kind == QUESTION_MULTI;
    default:
        return false;
    }
}

static bool refuses_tag(const struct scom_dialect *dialect, uint16_t error)
{
    if (dialect->question->kind != QUESTION_MULTI || dialect->key.property == UNTAGGED)
        return false;
    return error == SCOM_PROPERTY_NOT_SUPPORTED || error == SCOM_OBJECT_PROPERTY_INVALID ||
           error == SCOM_INVALID_SERVICE_ARGUMENT || error == SCOM_INVALID_FRAME;
}

static enum verdict read_error(struct scom_dialect *dialect, uint16_t error, struct answer *answer)
{
    enum verdict verdict = dialect_read_error(dialect->question, error, answer);

    if (verdict != VERDICT_ANSWER)
        return verdict;
    if (refuses_tag(dialect, error)) {
        dialect->tags_refused = true;
        return VERDICT_REPHRASE;
    }
    if (is_unsupported(dialect, error))
        answer->status = XC_UNSUPPORTED;
    return VERDICT_ANSWER;
}

static enum verdict read_awaited(struct scom_dialect *dialect, const struct scom_frame *frame,
                                 struct answer *answer)
{
    answer->raw_length = frame->data_length;
    memcpy(answer->raw, frame->data,
           frame->data_length < ANSWER_RAW_MAX ? frame->data_length : ANSWER_RAW_MAX);
    if (frame->service_flags & SCOM_ERROR) {
        if (frame->data_length >= 2)
            return read_error(dialect, le_get16(frame->data), answer);
        answer->status = XC_MALFORMED;
    } else {
        answer->status = read_content(dialect, frame, answer);
    }
    if (answer->status == XC_OK)
        return VERDICT_ANSWER;
    if (dialect->question->kind == QUESTION_WRITE)
        answer->status = XC_UNKNOWN;
    return VERDICT_MALFORMED;
}

static bool scom_next(void *self, struct reception *reception)
{
    struct scom_dialect *dialect = self;
    struct scom_frame frame;

    if (scom_decoder_next(&dialect->decoder, &frame) != XC_OK)
        return false;
    struct dialect_key key = frame_key(&frame);
    *reception = (struct reception){
        .frame_flags = frame.frame_flags, .source = frame.source, .destination = frame.destination};
    reception->answer.number = (double)NAN;
    reception->to_us =
        frame.destination == dialect->source && (frame.service_flags & SCOM_RESPONSE);
    if (!reception->to_us) {
        reception->verdict = VERDICT_FOREIGN;
    } else if (dialect->question && dialect_same_key(&key, &dialect->key) &&
               !is_another_list(dialect, &frame)) {
        reception->verdict = read_awaited(dialect, &frame, &reception->answer);
        dialect_remember(&dialect->answered, &dialect->key);
        dialect->question = NULL;
    } else if (dialect_remembers(&dialect->given_up, &key)) {
        reception->verdict = VERDICT_LATE;
    } else if (dialect_remembers(&dialect->answered, &key)) {
        reception->verdict = VERDICT_DUPLICATE;
    } else {
        reception->verdict = dialect->question ? VERDICT_MISMATCHED : VERDICT_FOREIGN;
    }
    return true;
}

// --- Bytes ---------------------------------------------------------------------------------------

static size_t scom_feed(void *self, const uint8_t *bytes, size_t length)
{
    struct scom_dialect *dialect = self;
    return scom_decoder_feed(&dialect->decoder, bytes, length);
}

static bool scom_pending(const void *self)
{
    const struct scom_dialect *dialect = self;
    return scom_decoder_pending(&dialect->decoder);
}

static void scom_abandon(void *self)
{
    struct scom_dialect *dialect = self;
    scom_decoder_abandon(&dialect->decoder);
}

static void scom_reset(void *self)
{
    struct scom_dialect *dialect = self;

    if (scom_decoder_pending(&dialect->decoder))
        dialect->decoder.counters.abandoned++;
    dialect->decoder.begin = dialect->decoder.end = 0;
}

static void scom_counters(const void *self, struct gateway_statistics *statistics)
{
    const struct scom_dialect *dialect = self;
    const struct scom_counters *counters = &dialect->decoder.counters;

    statistics->bad_header = counters->bad_header;
    statistics->bad_data = counters->bad_data;
    statistics->oversized = counters->oversized;
    statistics->truncated = counters->abandoned;
    statistics->skipped = counters->skipped;
    statistics->line_ends = counters->line_ends;
}

const struct dialect dialect_scom = {
    .source = DEFAULT_SOURCE,
    .timeout = 3 * LOOP_S,
    .capabilities = GATEWAY_MULTI | GATEWAY_GUID | GATEWAY_HISTORY | GATEWAY_LEVELS | GATEWAY_CLOCK,
    // Its clock (field.md, section 1, row 1).
    .probe =
        {
            .kind = QUESTION_PARAMETER,
            .address = SCOM_GATEWAY_ADDRESS,
            .id = 5002,
            .part = PART_VALUE,
            .format = FORMAT_RAW,
        },
    .silence = "is the gateway on, and do the serial settings of its Moxa fit?",
    .make = scom_new,
    .check = scom_check,
    .ask = scom_ask,
    .give_up = scom_give_up,
    .feed = scom_feed,
    .next = scom_next,
    .pending = scom_pending,
    .abandon = scom_abandon,
    .reset = scom_reset,
    .counters = scom_counters,
};
