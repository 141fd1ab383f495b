// SPDX-License-Identifier: MIT
// The Studer public protocol of the Xcom-CAN: a question is one frame, and so is its answer. All
// values travel as FLOATs. The bus may be shared: most of what passes is for others.
#include "gateway/dialect.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/canframe.h"
#include "base/value.h"
#include "proto/stucan.h"

enum {
    VALUE_SIZE = 4,
    ANY_PART = UINT16_MAX, // an error answer doesn't tell which
    PROBE_ADDRESS = 100,
    PROBE_INFO = 3000,
};

struct can_dialect {
    uint32_t source;
    uint8_t record[CANFRAME_RECORD_SIZE];
    size_t filled;
    const struct question *question; // the awaited one; NULL when none is
    struct dialect_key key;
    struct dialect_memory given_up, answered;
    uint64_t truncated, skipped;
};

static void *can_new(uint32_t source)
{
    struct can_dialect *dialect = xcalloc(1, sizeof *dialect);
    dialect->source = source;
    return dialect;
}

// --- Questions to frames -------------------------------------------------------------------------

// A FLOAT holds whole numbers exactly only up to 2^24: what it can't hold isn't sent as another
// one. A fraction is rounded, as everywhere.
static enum xc_status check_number(enum value_format format, double number)
{
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t length;
    enum xc_status status = value_encode(format, number, bytes, &length);

    if (status == XC_OK && format != FORMAT_FLOAT && (double)(float)number != number)
        return XC_RANGE;
    return status;
}

static enum xc_status can_check(const struct question *question)
{
    bool has_target = question->address >= 1 && question->address <= STUCAN_ADDRESS_MAX &&
                      question->id >= 1 && question->id <= UINT16_MAX;

    switch (question->kind) {
    case QUESTION_INFO:
        return has_target && question->format != FORMAT_NONE ? XC_OK : XC_RANGE;
    case QUESTION_PARAMETER:
        if (question->part == PART_LEVEL)
            return XC_UNSUPPORTED;
        return has_target && question->format != FORMAT_NONE && question->part < PART_COUNT
                   ? XC_OK
                   : XC_RANGE;
    case QUESTION_WRITE:
        if (!has_target || (question->part != PART_VALUE && question->part != PART_RAM))
            return XC_RANGE;
        return check_number(question->format, question->number);
    case QUESTION_MULTI:
    case QUESTION_GUID:
    case QUESTION_MESSAGE:
    case QUESTION_NOTE:
    case QUESTION_DATALOG:
        return XC_UNSUPPORTED;
    }
    return XC_RANGE;
}

static enum stucan_service service_of(enum question_kind kind)
{
    return kind == QUESTION_INFO    ? STUCAN_READ_INFO
           : kind == QUESTION_WRITE ? STUCAN_WRITE_PARAMETER
                                    : STUCAN_READ_PARAMETER;
}

static uint8_t part_of(const struct question *question)
{
    static const uint8_t parts[PART_COUNT] = {
        [PART_VALUE] = STUCAN_FLASH,
        [PART_RAM] = STUCAN_RAM,
        [PART_MIN] = STUCAN_MIN,
        [PART_MAX] = STUCAN_MAX,
    };
    return question->kind == QUESTION_INFO ? 0 : parts[question->part];
}

static size_t can_ask(void *self, const struct question *question, uint8_t out[DIALECT_REQUEST_MAX],
                      size_t *answer_length)
{
    struct can_dialect *dialect = self;
    const struct stucan_frame frame = {
        .destination = (uint16_t)question->address,
        .source = (uint16_t)dialect->source,
        .service = service_of(question->kind),
        .object = (uint16_t)question->id,
        .part = part_of(question),
        .value = (float)question->number,
    };
    struct canframe can;

    // Can't fail: the question was checked, and our address is below STUCAN_ADDRESS_MAX.
    if (stucan_request_encode(&frame, &can) != XC_OK || canframe_put(&can, out) != XC_OK)
        return 0;
    dialect->question = question;
    dialect->key = (struct dialect_key){.address = question->address,
                                        .service = (uint8_t)frame.service,
                                        .id = question->id,
                                        .property = frame.part};
    *answer_length = CANFRAME_RECORD_SIZE;
    return CANFRAME_RECORD_SIZE;
}

static void can_give_up(void *self)
{
    struct can_dialect *dialect = self;

    if (!dialect->question)
        return;
    dialect_remember(&dialect->given_up, &dialect->key);
    dialect->question = NULL;
}

// --- Frames to answers ---------------------------------------------------------------------------

// The number that a FLOAT stands for in the question's format. An info that isn't a number is one
// that its device hasn't, whatever its format.
static enum xc_status read_number(const struct question *question, double value, double *number)
{
    bool has_none = question->kind == QUESTION_INFO && isnan(value);
    enum value_format format = question->format;
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t length;

    if (format != FORMAT_FLOAT && format != FORMAT_RAW && !has_none &&
        value_encode(format, value, bytes, &length) != XC_OK)
        return XC_MALFORMED;
    *number = value;
    return XC_OK;
}

static enum verdict read_error(const struct question *question, uint32_t code,
                               struct answer *answer)
{
    if (code >= 1 && code <= UINT16_MAX)
        return dialect_read_error(question, (uint16_t)code, answer);
    answer->status = question->kind == QUESTION_WRITE ? XC_UNKNOWN : XC_MALFORMED;
    return VERDICT_MALFORMED;
}

static enum verdict read_awaited(const struct question *question, const struct stucan_frame *frame,
                                 struct answer *answer)
{
    answer->raw_length = VALUE_SIZE;
    if (frame->error) {
        le_put32(answer->raw, frame->code);
        return read_error(question, frame->code, answer);
    }
    le_put_float(answer->raw, frame->value);
    answer->status = question->kind == QUESTION_WRITE
                         ? XC_OK
                         : read_number(question, (double)frame->value, &answer->number);
    return answer->status == XC_OK ? VERDICT_ANSWER : VERDICT_MALFORMED;
}

static bool fits(const struct dialect_key *asked, const struct dialect_key *answer)
{
    struct dialect_key key = *answer;

    if (key.property == ANY_PART)
        key.property = asked->property;
    return dialect_same_key(asked, &key);
}

static bool remembers(const struct dialect_memory *memory, const struct dialect_key *answer)
{
    for (size_t i = 0; i < DIALECT_REMEMBERED && i < memory->count; i++)
        if (fits(&memory->keys[i], answer))
            return true;
    return false;
}

static void take_answer(struct can_dialect *dialect, const struct stucan_frame *frame,
                        struct reception *reception)
{
    const struct dialect_key key = {.address = frame->source,
                                    .service = (uint8_t)frame->service,
                                    .id = frame->object,
                                    .property = frame->error ? ANY_PART : frame->part};

    reception->to_us = true;
    if (dialect->question && fits(&dialect->key, &key)) {
        reception->verdict = read_awaited(dialect->question, frame, &reception->answer);
        dialect_remember(&dialect->answered, &dialect->key);
        dialect->question = NULL;
    } else if (remembers(&dialect->given_up, &key)) {
        reception->verdict = VERDICT_LATE;
    } else if (remembers(&dialect->answered, &key)) {
        reception->verdict = VERDICT_DUPLICATE;
    } else {
        reception->verdict = dialect->question ? VERDICT_MISMATCHED : VERDICT_FOREIGN;
    }
}

static void take_frame(struct can_dialect *dialect, const struct canframe *can,
                       struct reception *reception)
{
    struct stucan_frame frame = {.object = 0};
    enum stucan_refusal refusal = stucan_answer_decode(can, &frame);
    uint16_t destination, source;

    stucan_addresses(can->id, &destination, &source);
    if (refusal != STUCAN_TAKEN) {
        bool to_us = can->extended && !can->error && destination == dialect->source;
        reception->verdict =
            to_us && refusal == STUCAN_WRONG_LENGTH ? VERDICT_UNFIT : VERDICT_FOREIGN;
        reception->why = stucan_refusal_text(refusal);
    } else if (frame.service == STUCAN_MESSAGE) {
        bool to_all = destination == STUCAN_MESSAGES_TO;
        reception->verdict = to_all ? VERDICT_MESSAGE : VERDICT_FOREIGN;
        reception->message = (struct gateway_message){
            .source = frame.source, .number = frame.object, .value = frame.code};
    } else if (destination == dialect->source) {
        take_answer(dialect, &frame, reception);
    } else {
        reception->verdict = VERDICT_FOREIGN;
    }
}

static bool can_next(void *self, struct reception *reception)
{
    struct can_dialect *dialect = self;
    struct canframe can;

    if (dialect->filled < CANFRAME_RECORD_SIZE)
        return false;
    dialect->filled = 0;
    if (canframe_get(dialect->record, &can) != XC_OK) {
        dialect->skipped += CANFRAME_RECORD_SIZE;
        return false;
    }
    *reception = (struct reception){.verdict = VERDICT_FOREIGN};
    reception->answer.number = (double)NAN;
    take_frame(dialect, &can, reception);
    return true;
}

// --- Bytes ---------------------------------------------------------------------------------------

static size_t can_feed(void *self, const uint8_t *bytes, size_t length)
{
    struct can_dialect *dialect = self;
    size_t room = CANFRAME_RECORD_SIZE - dialect->filled;
    size_t taken = length < room ? length : room;

    memcpy(dialect->record + dialect->filled, bytes, taken);
    dialect->filled += taken;
    return taken;
}

static bool can_pending(const void *self)
{
    const struct can_dialect *dialect = self;
    return dialect->filled > 0;
}

// A link delivers whole records: what is behind a broken one begins with another.
static void can_abandon(void *self)
{
    struct can_dialect *dialect = self;

    if (dialect->filled > 0)
        dialect->truncated++;
    dialect->filled = 0;
}

static void can_counters(const void *self, struct gateway_statistics *statistics)
{
    const struct can_dialect *dialect = self;

    statistics->bad_header = statistics->bad_data = statistics->oversized = 0;
    statistics->truncated = dialect->truncated;
    statistics->skipped = dialect->skipped;
}

const struct dialect dialect_can = {
    .source = 0,
    .timeout = 1 * LOOP_S,
    .capabilities = 0,
    // The battery voltage of all Xtenders: whether it gives one's or refuses, the gateway answers.
    .probe =
        {
            .kind = QUESTION_INFO,
            .address = PROBE_ADDRESS,
            .id = PROBE_INFO,
            .format = FORMAT_RAW,
        },
    .silence = "is the Xcom-CAN on, do the bit rates agree, and is the bus terminated?",
    .make = can_new,
    .check = can_check,
    .ask = can_ask,
    .give_up = can_give_up,
    .feed = can_feed,
    .next = can_next,
    .pending = can_pending,
    .abandon = can_abandon,
    .reset = can_abandon,
    .counters = can_counters,
};
