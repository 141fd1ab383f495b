// SPDX-License-Identifier: MIT
#include "gateway/talk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

// --- Fields --------------------------------------------------------------------------------------

struct writer {
    uint8_t *bytes;
    size_t used;
};

struct reader {
    const uint8_t *bytes;
    size_t left;
    bool bad; // something was missing or out of range
};

static void put(struct writer *w, const void *bytes, size_t length)
{
    if (length > TALK_FRAME_MAX - w->used)
        abort(); // the largest message fits
    if (length > 0)
        memcpy(w->bytes + w->used, bytes, length);
    w->used += length;
}

static void put8(struct writer *w, unsigned value)
{
    put(w, &(uint8_t){(uint8_t)value}, 1);
}

static void put16(struct writer *w, unsigned value)
{
    uint8_t bytes[2];
    le_put16(bytes, (uint16_t)value);
    put(w, bytes, sizeof bytes);
}

static void put32(struct writer *w, uint32_t value)
{
    uint8_t bytes[4];
    le_put32(bytes, value);
    put(w, bytes, sizeof bytes);
}

static void put64(struct writer *w, uint64_t value)
{
    put32(w, (uint32_t)value);
    put32(w, (uint32_t)(value >> 32));
}

static void put_double(struct writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put64(w, bits);
}

static void put_text(struct writer *w, const char *text)
{
    size_t length = strlen(text);
    put16(w, (unsigned)length);
    put(w, text, length);
}

static bool get(struct reader *r, void *out, size_t length)
{
    if (r->bad || length > r->left) {
        r->bad = true;
        memset(out, 0, length);
        return false;
    }
    memcpy(out, r->bytes, length);
    r->bytes += length;
    r->left -= length;
    return true;
}

static uint8_t get8(struct reader *r)
{
    uint8_t value;
    get(r, &value, 1);
    return value;
}

static uint16_t get16(struct reader *r)
{
    uint8_t bytes[2];
    get(r, bytes, sizeof bytes);
    return le_get16(bytes);
}

static uint32_t get32(struct reader *r)
{
    uint8_t bytes[4];
    get(r, bytes, sizeof bytes);
    return le_get32(bytes);
}

static uint64_t get64(struct reader *r)
{
    uint64_t low = get32(r);
    return low | (uint64_t)get32(r) << 32;
}

static double get_double(struct reader *r)
{
    uint64_t bits = get64(r);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// A number below count.
static unsigned get_choice(struct reader *r, unsigned count)
{
    unsigned value = get8(r);

    if (value < count)
        return value;
    r->bad = true;
    return 0;
}

static bool get_bool(struct reader *r)
{
    return get_choice(r, 2) == 1;
}

static void get_text(struct reader *r, char *out, size_t size)
{
    char raw[TALK_FRAME_MAX];
    size_t length = get16(r);

    out[0] = '\0';
    if (length >= sizeof raw || !get(r, raw, length)) {
        r->bad = true;
        return;
    }
    raw[length] = '\0';
    text_escape(out, size, raw);
}

// --- Messages ------------------------------------------------------------------------------------

static struct writer begin(enum talk_kind kind, uint8_t out[TALK_FRAME_MAX])
{
    struct writer w = {out, TALK_HEADER};

    out[2] = (uint8_t)kind;
    return w;
}

static size_t end(struct writer *w)
{
    le_put16(w->bytes, (uint16_t)(w->used - TALK_HEADER));
    return w->used;
}

static bool is_whole(const struct reader *r)
{
    return !r->bad && r->left == 0;
}

void talk_introduce(struct talk_hello *hello)
{
    hello->protocol = TALK_PROTOCOL;
    snprintf(hello->version, sizeof hello->version, "%s", PACKAGE_VERSION);
}

bool talk_same_version(const struct talk_hello *hello)
{
    return hello->protocol == TALK_PROTOCOL && strcmp(hello->version, PACKAGE_VERSION) == 0;
}

size_t talk_put_hello(const struct talk_hello *hello, uint8_t out[TALK_FRAME_MAX])
{
    struct writer w = begin(TALK_HELLO, out);

    put16(&w, hello->protocol);
    put_text(&w, hello->version);
    put_text(&w, hello->identity);
    put8(&w, hello->welcome);
    put8(&w, hello->read_only);
    put8(&w, hello->records);
    return end(&w);
}

bool talk_get_hello(const uint8_t *bytes, size_t length, struct talk_hello *hello)
{
    struct reader r = {bytes, length, false};

    hello->protocol = get16(&r);
    get_text(&r, hello->version, sizeof hello->version);
    if (!r.bad && !talk_same_version(hello))
        return true; // what follows may be anything
    get_text(&r, hello->identity, sizeof hello->identity);
    hello->welcome = (enum talk_welcome)get_choice(&r, TALK_FULL + 1);
    hello->read_only = get_bool(&r);
    hello->records = get_bool(&r);
    return is_whole(&r);
}

size_t talk_put_ask(uint32_t ticket, unsigned generation, const struct question *question,
                    uint8_t out[TALK_FRAME_MAX])
{
    struct writer w = begin(TALK_ASK, out);
    size_t count = question->kind == QUESTION_MULTI ? question->item_count : 0;

    put32(&w, ticket);
    put32(&w, generation);
    put8(&w, question->kind);
    put8(&w, question->priority);
    put32(&w, question->address);
    put32(&w, question->id);
    put8(&w, question->part);
    put8(&w, question->format);
    put_double(&w, question->number);
    put8(&w, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        put16(&w, question->items[i].info);
        put8(&w, question->items[i].aggregation);
    }
    put8(&w, question->step);
    put8(&w, question->directory);
    put8(&w, (unsigned)question->text_length);
    put(&w, (const uint8_t *)question->text, question->text_length);
    return end(&w);
}

bool talk_get_ask(const uint8_t *bytes, size_t length, struct talk_ask *ask)
{
    struct reader r = {bytes, length, false};
    struct question *question = &ask->question;

    *question = (struct question){.items = ask->items};
    ask->ticket = get32(&r);
    ask->generation = get32(&r);
    question->kind = (enum question_kind)get_choice(&r, QUESTION_DATALOG + 1);
    question->priority = (enum priority)get_choice(&r, PRIORITY_COUNT);
    question->address = get32(&r);
    question->id = get32(&r);
    question->part = (enum part)get_choice(&r, PART_COUNT);
    question->format = (enum value_format)get_choice(&r, FORMAT_RAW + 1);
    question->number = get_double(&r);
    question->item_count = get_choice(&r, MULTI_ITEMS_MAX + 1);
    for (size_t i = 0; i < question->item_count; i++) {
        ask->items[i].info = get16(&r);
        ask->items[i].aggregation = get8(&r);
        ask->items[i].value = NAN;
    }
    question->step = (enum datalog_step)get_choice(&r, DATALOG_ABORT + 1);
    question->directory = get_bool(&r);
    question->text_length = get_choice(&r, QUESTION_TEXT_MAX + 1);
    get(&r, (uint8_t *)ask->text, question->text_length);
    question->text = ask->text;
    return is_whole(&r);
}

size_t talk_put_cancel(uint32_t ticket, uint8_t out[TALK_FRAME_MAX])
{
    struct writer w = begin(TALK_CANCEL, out);

    put32(&w, ticket);
    return end(&w);
}

bool talk_get_cancel(const uint8_t *bytes, size_t length, uint32_t *ticket)
{
    struct reader r = {bytes, length, false};

    *ticket = get32(&r);
    return is_whole(&r);
}

static size_t raw_count(const struct answer *answer)
{
    return answer->raw_length < ANSWER_RAW_MAX ? answer->raw_length : ANSWER_RAW_MAX;
}

size_t talk_put_answer(uint32_t ticket, const struct answer *answer, uint8_t out[TALK_FRAME_MAX])
{
    struct writer w = begin(TALK_ANSWER, out);

    put32(&w, ticket);
    put8(&w, answer->status);
    put16(&w, answer->error);
    put_double(&w, answer->number);
    put32(&w, (uint32_t)answer->raw_length);
    put(&w, answer->raw, raw_count(answer));
    put32(&w, answer->multi_flags);
    put32(&w, answer->multi_clock);
    put16(&w, answer->message_type);
    put32(&w, answer->message_source);
    put32(&w, answer->message_time);
    put32(&w, answer->message_value);
    put32(&w, answer->message_total);
    put64(&w, answer->sent > 0 ? (uint64_t)(answer->arrived - answer->sent) : 0);
    put8(&w, (unsigned)answer->item_count);
    for (size_t i = 0; i < answer->item_count; i++) {
        uint8_t value[4];
        le_put_float(value, answer->items[i].value);
        put(&w, value, sizeof value);
    }
    put8(&w, answer->finished);
    put16(&w, (unsigned)answer->block_length);
    put(&w, answer->block, answer->block_length);
    return end(&w);
}

bool talk_get_answer(const uint8_t *bytes, size_t length, struct talk_answer *out)
{
    struct reader r = {bytes, length, false};
    struct answer *answer = &out->answer;

    *answer = (struct answer){.items = out->items};
    out->ticket = get32(&r);
    answer->status = (enum xc_status)get_choice(&r, XC_STATUS_COUNT);
    answer->error = get16(&r);
    answer->number = get_double(&r);
    answer->raw_length = get32(&r);
    get(&r, answer->raw, raw_count(answer));
    answer->multi_flags = get32(&r);
    answer->multi_clock = get32(&r);
    answer->message_type = get16(&r);
    answer->message_source = get32(&r);
    answer->message_time = get32(&r);
    answer->message_value = get32(&r);
    answer->message_total = get32(&r);
    uint64_t took = get64(&r);
    answer->item_count = get_choice(&r, MULTI_ITEMS_MAX + 1);
    for (size_t i = 0; i < answer->item_count; i++) {
        uint8_t value[4];
        get(&r, value, sizeof value);
        out->items[i] = (struct multi_item){.value = le_get_float(value)};
    }
    answer->finished = get_bool(&r);
    answer->block_length = get16(&r);
    if (answer->block_length > TALK_BLOCK_MAX)
        return false;
    get(&r, out->block, answer->block_length);
    answer->block = out->block;
    if (answer->status != XC_OK)
        answer->number = NAN;
    out->took = took < (uint64_t)(3600 * LOOP_S) ? (int64_t)took : 0;
    return is_whole(&r);
}

size_t talk_put_status(const struct talk_status *status, uint8_t out[TALK_FRAME_MAX])
{
    struct writer w = begin(TALK_STATUS, out);

    put8(&w, status->state);
    put8(&w, status->ready);
    put8(&w, status->told);
    put32(&w, status->generation);
    put32(&w, status->capabilities);
    put8(&w, status->frame_flags);
    put_text(&w, status->text);
    // Numbers only, and both ends are of one version on one computer: a counter that is added comes
    // along by itself.
    put16(&w, sizeof status->statistics);
    put(&w, &status->statistics, sizeof status->statistics);
    put8(&w, status->has_bus);
    put8(&w, status->bus.state);
    put32(&w, (uint32_t)status->bus.transmit_errors);
    put32(&w, (uint32_t)status->bus.receive_errors);
    put32(&w, status->bus.offs);
    put32(&w, status->bus.restarts);
    put32(&w, status->bus.refused);
    put8(&w, status->bus.mute);
    put32(&w, status->bitrate);
    return end(&w);
}

bool talk_get_status(const uint8_t *bytes, size_t length, struct talk_status *status)
{
    struct reader r = {bytes, length, false};

    status->state = (enum gateway_state)get_choice(&r, GATEWAY_SILENT + 1);
    status->ready = get_bool(&r);
    status->told = get_bool(&r);
    status->generation = get32(&r);
    status->capabilities = get32(&r);
    status->frame_flags = get8(&r);
    get_text(&r, status->text, sizeof status->text);
    if (get16(&r) != sizeof status->statistics)
        r.bad = true;
    get(&r, &status->statistics, sizeof status->statistics);
    status->has_bus = get_bool(&r);
    status->bus.state = (enum link_bus_state)get_choice(&r, BUS_OFF + 1);
    status->bus.transmit_errors = (int)(int32_t)get32(&r);
    status->bus.receive_errors = (int)(int32_t)get32(&r);
    status->bus.offs = get32(&r);
    status->bus.restarts = get32(&r);
    status->bus.refused = get32(&r);
    status->bus.mute = get_bool(&r);
    status->bitrate = get32(&r);
    return is_whole(&r);
}

size_t talk_put_note(const struct gateway_message *message, uint8_t out[TALK_FRAME_MAX])
{
    struct writer w = begin(TALK_NOTE, out);

    put32(&w, message->source);
    put16(&w, message->number);
    put32(&w, message->value);
    return end(&w);
}

bool talk_get_note(const uint8_t *bytes, size_t length, struct gateway_message *message)
{
    struct reader r = {bytes, length, false};

    message->source = get32(&r);
    message->number = get16(&r);
    message->value = get32(&r);
    return is_whole(&r);
}

// --- Bytes to messages ---------------------------------------------------------------------------

bool talk_take(struct talk_inbox *inbox, const uint8_t *bytes, size_t length, talk_message_fn *fn,
               void *arg)
{
    while (length > 0) {
        size_t wanted = TALK_HEADER;
        if (inbox->used >= TALK_HEADER)
            wanted += le_get16(inbox->bytes);
        if (wanted > sizeof inbox->bytes)
            return false;
        size_t part = wanted - inbox->used < length ? wanted - inbox->used : length;
        memcpy(inbox->bytes + inbox->used, bytes, part);
        inbox->used += part;
        bytes += part;
        length -= part;
        if (inbox->used < TALK_HEADER || inbox->used < TALK_HEADER + (size_t)le_get16(inbox->bytes))
            continue;
        size_t content = inbox->used - TALK_HEADER;
        inbox->used = 0;
        if (!fn(arg, (enum talk_kind)inbox->bytes[2], inbox->bytes + TALK_HEADER, content))
            return false;
    }
    return true;
}
