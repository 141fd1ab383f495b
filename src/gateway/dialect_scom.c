// SPDX-License-Identifier: MIT
#include "gateway/dialect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/logname.h"
#include "base/value.h"
#include "proto/scom.h"

enum {
    DEFAULT_SOURCE = 1,
    GUID_SIZE = 16,
    EMPTY_FRAME = SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + SCOM_CHECKSUM_SIZE,
    QUESTION_DATA_MAX = DIALECT_REQUEST_MAX - EMPTY_FRAME,
    UNTAGGED = 1, // the property of a multi-info by the document; 2.. are our tags
};

_Static_assert((int)MULTI_ITEMS_MAX == (int)SCOM_MULTI_MAX, "one limit of items");
_Static_assert((int)QUESTION_TEXT_MAX == (int)SCOM_NOTE_MAX, "one limit of bytes");
_Static_assert(EMPTY_FRAME + 3 * MULTI_ITEMS_MAX <= DIALECT_REQUEST_MAX &&
                   EMPTY_FRAME + QUESTION_TEXT_MAX <= DIALECT_REQUEST_MAX,
               "the longest request");

struct scom_dialect {
    uint32_t source;
    struct scom_decoder decoder;
    const struct question *question; // the awaited one; NULL when none is
    struct dialect_key key;
    uint16_t tag;
    bool tags_refused;
    struct dialect_memory given_up, answered;
    struct scom_frame held; // came behind a corrupt one
    bool holds;
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

static enum xc_status check_step(const struct question *question)
{
    bool named = question->step == DATALOG_START && !question->directory;

    if (question->step > DATALOG_ABORT)
        return XC_RANGE;
    return question->text_length == (named ? LOGNAME_LENGTH : 0) ? XC_OK : XC_RANGE;
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
    case QUESTION_NOTE:
        return question->text_length <= QUESTION_TEXT_MAX ? XC_OK : XC_RANGE;
    case QUESTION_DATALOG:
        return check_step(question);
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

static uint16_t step_property(enum datalog_step step)
{
    static const uint16_t properties[] = {
        [DATALOG_START] = SCOM_DATALOG_START,
        [DATALOG_CONTINUE] = SCOM_DATALOG_CONTINUE,
        [DATALOG_RETRY] = SCOM_DATALOG_RETRY,
        [DATALOG_ABORT] = SCOM_DATALOG_ABORT,
    };
    return properties[step];
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
    case QUESTION_NOTE:
        key.service = SCOM_WRITE;
        key.object = SCOM_DATALOG_FIELD;
        key.id = 0;
        key.property = SCOM_NOTE_PROPERTY;
        break;
    case QUESTION_DATALOG:
        key.object = SCOM_DATALOG;
        key.id = question->directory ? SCOM_DATALOG_DIRECTORY : SCOM_DATALOG_FILE;
        key.property = step_property(question->step);
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
    case QUESTION_DATALOG:
        return question->step == DATALOG_ABORT ? 0 : SCOM_DATALOG_BLOCK_MAX;
    case QUESTION_NOTE:
    case QUESTION_WRITE:
        break;
    }
    return 0;
}

static size_t encode_data(const struct question *question, uint8_t data[QUESTION_DATA_MAX])
{
    size_t length = 0;

    if (question->kind == QUESTION_MULTI)
        return encode_items(question, data);
    if (question->kind == QUESTION_WRITE)
        value_encode(question->format, question->number, data, &length);
    if (question->kind == QUESTION_NOTE || question->kind == QUESTION_DATALOG) {
        // What was asked as a start may have become a retry, which has no name.
        bool has_text = question->kind == QUESTION_NOTE || question->step == DATALOG_START;
        length = has_text ? question->text_length : 0;
        if (length > 0)
            memcpy(data, question->text, length);
        if (length > 0 && question->kind == QUESTION_DATALOG)
            data[length++] = '\n';
    }
    return length;
}

static size_t scom_ask(void *self, const struct question *question,
                       uint8_t out[DIALECT_REQUEST_MAX], size_t *answer_length)
{
    struct scom_dialect *dialect = self;
    uint8_t data[QUESTION_DATA_MAX];
    size_t length = encode_data(question, data);

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

// The key as it is remembered: a transfer's answers have other properties than its requests.
static struct dialect_key remembered(struct dialect_key key)
{
    if (key.object == SCOM_DATALOG)
        key.property = 0;
    return key;
}

static void remember(struct dialect_memory *memory, const struct dialect_key *key)
{
    struct dialect_key as = remembered(*key);
    dialect_remember(memory, &as);
}

static bool remembers(const struct dialect_memory *memory, const struct dialect_key *key)
{
    struct dialect_key as = remembered(*key);
    return dialect_remembers(memory, &as);
}

static void scom_give_up(void *self)
{
    struct scom_dialect *dialect = self;

    if (!dialect->question)
        return;
    remember(&dialect->given_up, &dialect->key);
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

// In a transfer the property moves on (scom.md "Service"); an error may carry either.
static bool is_step_answer(const struct scom_dialect *dialect, const struct scom_frame *frame)
{
    uint16_t asked = dialect->key.property, property = frame->property_id;

    if (property == asked)
        return frame->service_flags & SCOM_ERROR;
    return property == SCOM_DATALOG_FINISH ||
           (property == SCOM_DATALOG_BLOCK && asked != SCOM_DATALOG_ABORT);
}

static bool is_awaited(const struct scom_dialect *dialect, const struct dialect_key *key,
                       const struct scom_frame *frame)
{
    if (!dialect->question)
        return false;
    if (dialect->key.object == SCOM_DATALOG) {
        struct dialect_key asked = remembered(dialect->key), came = remembered(*key);
        return dialect_same_key(&asked, &came) && is_step_answer(dialect, frame);
    }
    return dialect_same_key(key, &dialect->key) && !is_another_list(dialect, frame);
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

static enum xc_status read_block(const struct question *question, const struct scom_frame *frame,
                                 struct answer *answer)
{
    answer->finished = frame->property_id == SCOM_DATALOG_FINISH;
    if (question->step == DATALOG_ABORT)
        return XC_OK;
    if (frame->data_length > SCOM_DATALOG_BLOCK_MAX ||
        (frame->data_length == 0 && !answer->finished))
        return XC_MALFORMED;
    answer->block = frame->data;
    answer->block_length = frame->data_length;
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
    case QUESTION_DATALOG:
        return read_block(dialect->question, frame, answer);
    case QUESTION_NOTE:
    case QUESTION_WRITE:
        break;
    }
    return XC_OK;
}

// The gateway doesn't know this object at all, rather than this one of its kind.
static bool is_unsupported(const struct scom_dialect *dialect, uint16_t error)
{
    enum question_kind kind = dialect->question->kind;

    if (kind != QUESTION_MULTI && kind != QUESTION_GUID && kind != QUESTION_NOTE &&
        kind != QUESTION_DATALOG)
        return false;
    switch (error) {
    case SCOM_SERVICE_NOT_SUPPORTED:
    case SCOM_TYPE_NOT_SUPPORTED:
    case SCOM_OBJECT_NOT_SUPPORTED:
        return true;
    case SCOM_PROPERTY_NOT_SUPPORTED: // a multi-info's tag was refused first
        return kind != QUESTION_DATALOG;
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
    if (dialect_is_write(dialect->question->kind))
        answer->status = XC_UNKNOWN;
    return VERDICT_MALFORMED;
}

// The header of a corrupt frame was good, so that it is known who sent it to whom. Its content is
// taken for what is awaited: the line is quiet when a transfer goes on after a silence.
static bool is_corrupt_block(const struct scom_dialect *dialect)
{
    return dialect->question && dialect->question->kind == QUESTION_DATALOG &&
           dialect->question->step != DATALOG_ABORT &&
           dialect->decoder.bad_source == SCOM_GATEWAY_ADDRESS &&
           dialect->decoder.bad_destination == dialect->source;
}

static void take_corrupt(struct scom_dialect *dialect, struct reception *reception)
{
    *reception = (struct reception){
        .verdict = VERDICT_CORRUPT,
        .to_us = true,
        .answer = {.status = XC_MALFORMED, .number = (double)NAN},
    };
    remember(&dialect->answered, &dialect->key);
    dialect->question = NULL;
}

// The next good frame. True in corrupt when the block that is awaited came before it, spoiled:
// then the frame, if there is one, is held for the next time.
static bool next_frame(struct scom_dialect *dialect, struct scom_frame *frame, bool *corrupt)
{
    uint64_t bad = dialect->decoder.counters.bad_data;

    *corrupt = false;
    if (dialect->holds) {
        dialect->holds = false;
        *frame = dialect->held;
        return true;
    }
    bool came = scom_decoder_next(&dialect->decoder, frame) == XC_OK;
    *corrupt = dialect->decoder.counters.bad_data != bad && is_corrupt_block(dialect);
    if (!*corrupt)
        return came;
    dialect->holds = came;
    dialect->held = *frame;
    return true;
}

// The last question as it was sent: a plug that joins both lines, an adapter that hears itself.
static bool is_echo(const struct scom_dialect *dialect, const struct scom_frame *frame)
{
    struct dialect_key key = frame_key(frame);

    key.address = frame->destination;
    return frame->source == dialect->source && !(frame->service_flags & SCOM_RESPONSE) &&
           dialect_same_key(&key, &dialect->key);
}

static bool scom_next(void *self, struct reception *reception)
{
    struct scom_dialect *dialect = self;
    struct scom_frame frame = {0};
    bool corrupt;

    if (!next_frame(dialect, &frame, &corrupt))
        return false;
    if (corrupt) {
        take_corrupt(dialect, reception);
        return true;
    }
    struct dialect_key key = frame_key(&frame);
    *reception = (struct reception){
        .frame_flags = frame.frame_flags, .source = frame.source, .destination = frame.destination};
    reception->answer.number = (double)NAN;
    reception->to_us =
        frame.destination == dialect->source && (frame.service_flags & SCOM_RESPONSE);
    if (!reception->to_us) {
        reception->verdict = VERDICT_FOREIGN;
        reception->echo = is_echo(dialect, &frame);
        reception->why = reception->echo ? "our own question, come back" : NULL;
    } else if (is_awaited(dialect, &key, &frame)) {
        reception->verdict = read_awaited(dialect, &frame, &reception->answer);
        remember(&dialect->answered, &dialect->key);
        dialect->question = NULL;
    } else if (remembers(&dialect->given_up, &key)) {
        reception->verdict = VERDICT_LATE;
    } else if (remembers(&dialect->answered, &key)) {
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
    dialect->holds = false;
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
    .capabilities = GATEWAY_MULTI | GATEWAY_GUID | GATEWAY_HISTORY | GATEWAY_LEVELS |
                    GATEWAY_CLOCK | GATEWAY_DATALOG,
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
