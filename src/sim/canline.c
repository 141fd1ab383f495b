// SPDX-License-Identifier: MIT
// Requests are carried out one after the other: more of them don't come back faster (can.md
// "Rules"). On a simulated bus, behind an adapter, frames take the time of their bits.
#include "sim/canline.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "sim/adapter.h"
#include "sim/canserver.h"

enum { FRAME_BITS = 67, FOREIGN_SOURCE = 77, IDENTIFIER_BITS = 29 }; // without data and stuff bits

static const int64_t device_wait = 900 * LOOP_MS; // before a client has given up (can.md "Rules")

struct canline {
    struct sim_gateway *gateway;
    struct sim_can options;
    struct adapter adapter;
    struct loop_timer tick;
    uint64_t told; // messages sent, of all there ever were
    uint64_t unfit;
};

bool canline_is_slcan(const struct canline *canline)
{
    return canline->options.slcan;
}

uint64_t canline_unfit(const struct canline *canline)
{
    return canline->unfit;
}

static int64_t frame_time(const struct canline *canline, unsigned length)
{
    if (!canline->options.slcan)
        return 0; // the bus has its own pace
    return (int64_t)(FRAME_BITS + 8 * length) * LOOP_S / canline->options.bitrate;
}

// --- Sending -------------------------------------------------------------------------------------

static void deliver(struct canline *canline, const struct canframe *frame, int64_t at)
{
    uint8_t record[CANFRAME_RECORD_SIZE];
    char text[ADAPTER_TEXT_MAX];

    if (canline->options.slcan)
        line_deliver(canline->gateway, (const uint8_t *)text,
                     adapter_deliver(&canline->adapter, frame, at / LOOP_MS, text), at);
    else if (canframe_put(frame, record) == XC_OK)
        line_deliver(canline->gateway, record, sizeof record, at);
}

static void deliver_answer(struct canline *canline, const struct stucan_frame *answer, int64_t at)
{
    struct canframe frame;

    if (stucan_answer_encode(answer, &frame) == XC_OK)
        deliver(canline, &frame, at);
}

// --- Faults on answers ---------------------------------------------------------------------------

// What else is on a shared bus: another master's request, its answer, an answer to nobody's
// question that looks as if it were ours, and another protocol's frame.
static void put_foreign(struct canline *canline, const struct stucan_frame *ours, int64_t at)
{
    struct stucan_frame frame = {.source = FOREIGN_SOURCE,
                                 .destination = ours->destination,
                                 .service = STUCAN_READ_INFO,
                                 .object = 3000};
    struct stucan_frame answer;
    struct canframe raw = {.id = 0x181, .length = 8, .data = {1, 2, 3}};

    switch (canline->gateway->foreign++ % 4) {
    case 0:
        if (stucan_request_encode(&frame, &raw) == XC_OK)
            deliver(canline, &raw, at);
        break;
    case 1:
        canserver_execute(canline->gateway->sim, &frame, 0, &answer);
        deliver_answer(canline, &answer, at);
        break;
    case 2:
        frame.source = ours->source;
        frame.object = 3001;
        canserver_execute(canline->gateway->sim, &frame, 0, &answer);
        deliver_answer(canline, &answer, at);
        break;
    default:
        deliver(canline, &raw, at);
        break;
    }
}

static void put_garbage(struct canline *canline, int64_t at)
{
    struct faults *faults = &canline->gateway->faults;

    for (unsigned i = 0; i < faults->garbage_bytes; i++) {
        struct canframe frame = {.extended = faults_random(&faults->dice, 4) > 0,
                                 .remote = faults_random(&faults->dice, 8) == 0,
                                 .length = (uint8_t)faults_random(&faults->dice, 9)};
        frame.id = faults_random(&faults->dice, 1u << (frame.extended ? IDENTIFIER_BITS : 11));
        for (unsigned b = 0; !frame.remote && b < frame.length; b++)
            frame.data[b] = (uint8_t)faults_random(&faults->dice, 256);
        deliver(canline, &frame, at);
    }
}

static void shorten(struct canline *canline, struct canframe *frame)
{
    struct faults *faults = &canline->gateway->faults;
    unsigned cut = faults->truncate_bytes ? faults->truncate_bytes
                                          : 1 + faults_random(&faults->dice, frame->length);

    if (!line_strikes(canline->gateway, &faults->truncate, "answer cut short"))
        return;
    frame->length -= (uint8_t)(cut < frame->length ? cut : frame->length);
    memset(frame->data + frame->length, 0, CANFRAME_DATA_MAX - frame->length);
}

// --- Answers -------------------------------------------------------------------------------------

// request_length: data bytes of the frame that is answered.
static void respond(struct canline *canline, const struct stucan_frame *request,
                    unsigned request_length, const struct stucan_frame *answer,
                    enum server_outcome outcome)
{
    struct sim_gateway *gateway = canline->gateway;
    struct faults *faults = &gateway->faults;
    int64_t begun = loop_now(gateway->sim->loop) + frame_time(canline, request_length);
    struct canframe frame;

    if (stucan_answer_encode(answer, &frame) != XC_OK)
        return;
    if (begun < gateway->busy_until)
        begun = gateway->busy_until;
    begun += gateway->line.latency + line_jitter(gateway);
    if (outcome == SERVER_ANSWER_LATE)
        begun += device_wait;
    int64_t at = begun + frame_time(canline, frame.length);
    gateway->busy_until = at;
    gateway->answers++;
    if (line_strikes(gateway, &faults->foreign, "foreign traffic"))
        put_foreign(canline, request, at);
    if (line_strikes(gateway, &faults->garbage, "garbage"))
        put_garbage(canline, at);
    shorten(canline, &frame);
    if (outcome == SERVER_ANSWER_LOST || line_strikes(gateway, &faults->lose, "answer lost"))
        return;
    if (line_strikes(gateway, &faults->late, "answer late"))
        at += faults->late_by;
    deliver(canline, &frame, at);
    if (line_strikes(gateway, &faults->duplicate, "answer twice"))
        deliver(canline, &frame, at + frame_time(canline, frame.length));
}

static void answer_request(struct canline *canline, const struct stucan_frame *request,
                           unsigned length)
{
    struct sim_gateway *gateway = canline->gateway;
    struct sim *sim = gateway->sim;
    int64_t now = loop_now(sim->loop);
    struct stucan_frame answer;

    sim->writes.requests += request->service == STUCAN_WRITE_PARAMETER;
    site_advance(sim);
    if (now < sim->gateway_back_at)
        return;
    if (now < gateway->busy_until) {
        gateway->violations++;
        line_note(gateway, "request came before the last one was answered: it waits");
    }
    gateway->requests++;
    sim->last_request = now;
    uint16_t error = faults_error(&gateway->faults, request->destination, request->object);
    if (error) {
        gateway->faults_struck++;
        line_note(gateway, "answered with an error");
    }
    uint64_t struck = sim->writes.struck;
    enum server_outcome outcome = canserver_execute(sim, request, error, &answer);
    if (sim->writes.struck != struck)
        line_note(gateway, "a write went wrong");
    if (outcome == SERVER_SILENCE) {
        if (sim->unanswered_since < 0)
            sim->unanswered_since = now;
        return;
    }
    respond(canline, request, length, &answer, outcome);
}

// Only an Xcom-CAN in exclusive mode says something to what doesn't fit the protocol.
static void refuse(struct canline *canline, const struct canframe *frame,
                   enum stucan_refusal refusal)
{
    struct stucan_frame request = {0};

    canline->unfit++;
    line_note(canline->gateway, stucan_refusal_text(refusal));
    if (!canline->options.exclusive)
        return;
    stucan_addresses(frame->id, &request.destination, &request.source);
    request.object = frame->length >= 2 && !frame->remote ? be_get16(frame->data) : 0;
    struct stucan_frame answer = {.source = request.destination,
                                  .destination = request.source,
                                  .object = request.object,
                                  .error = true,
                                  .code = refusal == STUCAN_WRONG_LENGTH ? SCOM_INVALID_DATA_LENGTH
                                                                         : SCOM_INVALID_FRAME};
    respond(canline, &request, frame->length, &answer, SERVER_ANSWER);
}

static void take(struct canline *canline, const struct canframe *frame)
{
    struct stucan_frame request;
    enum stucan_refusal refusal = stucan_request_decode(frame, &request);

    if (frame->error)
        return; // our controller's, not from the bus
    if (refusal != STUCAN_TAKEN)
        refuse(canline, frame, refusal);
    else if (canserver_has_address(request.destination) || canline->options.exclusive)
        answer_request(canline, &request, frame->length);
    else
        canline->unfit++;
}

void canline_traffic(struct canline *canline)
{
    struct stucan_frame request = {
        .source = FOREIGN_SOURCE, .destination = 101, .service = STUCAN_READ_INFO, .object = 3000};
    const struct canframe other = {.id = 0x181, .length = 8, .data = {1, 2, 3}};
    int64_t now = loop_now(canline->gateway->sim->loop);
    struct canframe frame;

    if (stucan_request_encode(&request, &frame) != XC_OK)
        return;
    deliver(canline, &frame, now);
    take(canline, &frame);
    deliver(canline, &other, now);
    take(canline, &other);
}

// --- Bytes ---------------------------------------------------------------------------------------

static void take_text(struct canline *canline, uint8_t byte)
{
    struct sim_gateway *gateway = canline->gateway;
    char reply[ADAPTER_TEXT_MAX];
    struct canframe frame;
    bool sent, closed;
    size_t length = adapter_take(&canline->adapter, byte, reply, &frame, &sent, &closed);

    if (closed)
        line_forget(gateway);
    if (length > 0)
        line_send(gateway, (const uint8_t *)reply, length);
    if (sent)
        take(canline, &frame);
}

void canline_received(struct canline *canline, const uint8_t *bytes, size_t length)
{
    struct canframe frame;

    if (canline->options.slcan) {
        for (size_t i = 0; i < length; i++)
            take_text(canline, bytes[i]);
        return;
    }
    for (; length >= CANFRAME_RECORD_SIZE;
         bytes += CANFRAME_RECORD_SIZE, length -= CANFRAME_RECORD_SIZE)
        if (canframe_get(bytes, &frame) == XC_OK)
            take(canline, &frame);
}

void canline_reset(struct canline *canline)
{
    struct adapter *adapter = &canline->adapter;

    // A channel that a client has left open stays open.
    adapter->decoder = (struct slcan_decoder){0};
}

// --- Messages ------------------------------------------------------------------------------------

void canline_look(struct canline *canline)
{
    struct sim *sim = canline->gateway->sim;
    const struct messages *messages = &sim->messages;

    site_advance(sim);
    for (; canline->told < messages->written; canline->told++) {
        const struct message_row *row = &messages->rows[canline->told % MESSAGES_MAX];
        const struct stucan_frame frame = {.destination = STUCAN_MESSAGES_TO,
                                           .source = row->source,
                                           .service = STUCAN_MESSAGE,
                                           .object = row->type,
                                           .code = row->value};
        if (messages->written - canline->told <= MESSAGES_MAX)
            deliver_answer(canline, &frame, loop_now(sim->loop));
    }
}

static void look_again(void *arg)
{
    struct canline *canline = arg;

    canline_look(canline);
    loop_timer_in(canline->gateway->sim->loop, &canline->tick, LOOP_S);
}

struct canline *canline_new(struct sim_gateway *gateway, const struct sim_can *can)
{
    struct canline *canline = xcalloc(1, sizeof *canline);

    canline->gateway = gateway;
    canline->options = *can;
    canline->told = gateway->sim->messages.written;
    adapter_begin(&canline->adapter, can->bitrate);
    canline->tick = (struct loop_timer){.fire = look_again, .arg = canline};
    loop_timer_in(gateway->sim->loop, &canline->tick, LOOP_S);
    return canline;
}

void canline_free(struct canline *canline)
{
    if (!canline)
        return;
    loop_timer_stop(canline->gateway->sim->loop, &canline->tick);
    free(canline);
}
