// SPDX-License-Identifier: MIT
// A gateway with questions outstanding, over a link in memory, at whose other end anything may
// happen. The first byte chooses the protocol; then each step is a byte and what belongs to it.
//
// Every question ends once, in time; a number is never given without an answer; what is asked keeps
// to the protocol; nothing is written when the program is read-only.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/canframe.h"
#include "fuzz.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "proto/scom.h"
#include "proto/stucan.h"

const char fuzz_name[] = "gateway";

enum { STUCAN = 1, READ_ONLY = 2, QUESTIONS_MAX = 24, STEPS_MAX = 128, PIECE_MAX = 64 };

// What happens next.
enum step { ASK, ANSWER, ERROR_ANSWER, SEND, SEND_MENDED, WAIT, CANCEL, HANG_UP, STEP_COUNT };

// At the other end.
struct far {
    struct link *link;
    struct scom_decoder decoder;
    bool is_can, read_only;
    unsigned requests;
    struct scom_frame scom; // the last request
    struct stucan_frame can;
};

struct asked {
    enum question_kind kind;
    uint32_t ticket;
    unsigned answers;
    bool cancelled;
};

struct world {
    struct loop *loop;
    struct gateway *gateway;
    struct far far;
    struct asked asked[QUESTIONS_MAX];
    unsigned count;
};

// --- The other end -------------------------------------------------------------------------------

static void take_scom(struct far *far, const uint8_t *bytes, size_t length)
{
    struct scom_frame frame;

    while (length > 0) {
        size_t taken = scom_decoder_feed(&far->decoder, bytes, length);
        bytes += taken;
        length -= taken;
        while (scom_decoder_next(&far->decoder, &frame) == XC_OK) {
            must(frame.source == 1 && frame.service_flags == 0);
            must(frame.service_id == SCOM_READ ||
                 (frame.service_id == SCOM_WRITE && !far->read_only));
            far->scom = frame;
            far->requests++;
        }
    }
    must(far->decoder.counters.skipped == 0);
}

static void take_can(struct far *far, const uint8_t *bytes, size_t length)
{
    struct canframe frame;

    must(length % CANFRAME_RECORD_SIZE == 0);
    for (; length > 0; length -= CANFRAME_RECORD_SIZE) {
        must(canframe_get(bytes, &frame) == XC_OK);
        must(stucan_request_decode(&frame, &far->can) == STUCAN_TAKEN && far->can.source == 0);
        must(far->can.service != STUCAN_WRITE_PARAMETER || !far->read_only);
        far->requests++;
        bytes += CANFRAME_RECORD_SIZE;
    }
}

static void on_far_state(void *arg, enum link_state state)
{
    struct far *far = arg;

    if (state != LINK_UP)
        memset(&far->decoder, 0, sizeof far->decoder);
}

static void on_far_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct far *far = arg;

    if (far->is_can)
        take_can(far, bytes, length);
    else
        take_scom(far, bytes, length);
}

static const struct link_events far_events = {on_far_state, on_far_received};

// An answer to the last request, by its address; what it says is the input's.
static void answer_scom(struct far *far, bool is_error, struct fuzz_input *input)
{
    uint8_t bytes[SCOM_FRAME_MAX];
    size_t length;
    struct scom_frame answer = far->scom;

    answer.source = far->scom.destination;
    answer.destination = far->scom.source;
    answer.frame_flags = fuzz_byte(input);
    answer.service_flags = (uint8_t)(SCOM_RESPONSE | (is_error ? SCOM_ERROR : 0));
    answer.data = fuzz_bytes(input, is_error ? 2 : fuzz_byte(input), &length);
    answer.data_length = (uint16_t)length;
    length = scom_encode(&answer, bytes, sizeof bytes);
    link_send(far->link, bytes, length);
}

static void answer_can(struct far *far, bool is_error, struct fuzz_input *input)
{
    struct stucan_frame answer = far->can;
    uint8_t record[CANFRAME_RECORD_SIZE];
    struct canframe frame;
    uint32_t bits = 0;

    for (int i = 0; i < 4; i++)
        bits = bits << 8 | fuzz_byte(input);
    answer.source = far->can.destination;
    answer.destination = far->can.source;
    answer.error = is_error;
    answer.code = bits;
    memcpy(&answer.value, &bits, sizeof answer.value);
    if (stucan_answer_encode(&answer, &frame) == XC_OK && canframe_put(&frame, record) == XC_OK)
        link_send(far->link, record, sizeof record);
}

// Links carry CAN frames as whole records only.
static void send_bytes(struct far *far, bool mended, struct fuzz_input *input)
{
    uint8_t piece[PIECE_MAX];
    size_t length;
    const uint8_t *bytes = fuzz_bytes(input, fuzz_byte(input) % (PIECE_MAX + 1), &length);
    struct canframe frame;

    if (length == 0)
        return;
    memcpy(piece, bytes, length);
    if (!far->is_can) {
        if (mended)
            fuzz_mend_scom(piece, length);
        link_send(far->link, piece, length);
        return;
    }
    for (size_t at = 0; at + CANFRAME_RECORD_SIZE <= length; at += CANFRAME_RECORD_SIZE)
        if (canframe_get(piece + at, &frame) == XC_OK)
            link_send(far->link, piece + at, CANFRAME_RECORD_SIZE);
}

// --- This end ------------------------------------------------------------------------------------

static void on_answer(void *arg, const struct answer *answer)
{
    struct asked *asked = arg;

    must(!asked->cancelled && ++asked->answers == 1);
    must(answer->status == XC_OK || isnan(answer->number));
    must(asked->kind == QUESTION_MULTI || answer->item_count == 0);
    for (size_t i = 0; i < answer->item_count; i++)
        must(answer->items[i].info != 0);
}

static void ask(struct world *world, struct fuzz_input *input)
{
    static const uint32_t addresses[] = {101, 102, 301, 501, 601, 701, 100, 999};
    static const struct multi_item items[] = {
        {3000, MULTI_MASTER, 0}, {3137, MULTI_SUM, 0}, {7002, 1, 0}};
    struct asked *asked = &world->asked[world->count];
    uint8_t how = fuzz_byte(input);
    struct question question = {.kind = (enum question_kind)(how % (QUESTION_WRITE + 1)),
                                .priority = (enum priority)(how / 8 % PRIORITY_COUNT),
                                .address = addresses[fuzz_choice(input, 8)],
                                .id = 1000 + fuzz_byte(input),
                                .part = (enum part)fuzz_choice(input, PART_COUNT),
                                .format = (enum value_format)fuzz_choice(input, FORMAT_RAW + 1),
                                .number = fuzz_byte(input),
                                .items = items,
                                .item_count = 3};

    if (world->count == QUESTIONS_MAX)
        return;
    world->count++;
    asked->kind = question.kind;
    asked->ticket = gateway_ask(world->gateway, &question, on_answer, asked);
    must(asked->ticket != 0 && asked->answers == 0);
}

static void cancel(struct world *world, unsigned which)
{
    struct asked *asked;

    if (world->count == 0)
        return;
    asked = &world->asked[which % world->count];
    gateway_cancel(world->gateway, asked->ticket);
    asked->cancelled = asked->answers == 0;
}

static void run_for(struct world *world, int64_t time)
{
    loop_run_until(world->loop, loop_now(world->loop) + time);
}

static void take_step(struct world *world, struct fuzz_input *input)
{
    struct far *far = &world->far;
    enum step step = (enum step)fuzz_choice(input, STEP_COUNT);

    switch (step) {
    case ASK:
        ask(world, input);
        break;
    case ANSWER:
    case ERROR_ANSWER:
        if (far->requests == 0)
            break;
        (far->is_can ? answer_can : answer_scom)(far, step == ERROR_ANSWER, input);
        break;
    case SEND:
    case SEND_MENDED:
        send_bytes(far, step == SEND_MENDED, input);
        break;
    case WAIT:
        run_for(world, LOOP_MS << fuzz_choice(input, 14));
        break;
    case CANCEL:
        cancel(world, fuzz_byte(input));
        break;
    case HANG_UP:
        link_close(far->link);
        run_for(world, LOOP_MS << fuzz_choice(input, 14));
        link_open(far->link, 0);
        break;
    case STEP_COUNT:
        break;
    }
    run_for(world, LOOP_MS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    struct world *world = xcalloc(1, sizeof *world);
    uint8_t how = fuzz_byte(&input);
    const struct gateway_options options = {.dialect = how & STUCAN ? GATEWAY_STUCAN : GATEWAY_SCOM,
                                            .read_only = how & READ_ONLY};
    struct link *near;

    world->loop = loop_new_virtual(100 * LOOP_S, 1795269600 * LOOP_S);
    world->far.is_can = how & STUCAN;
    world->far.read_only = how & READ_ONLY;
    link_memory_pair(world->loop, &near, &world->far.link);
    link_listen(world->far.link, &far_events, &world->far);
    link_open(world->far.link, 0);
    world->gateway = gateway_new(world->loop, near, &options, NULL, NULL);
    run_for(world, LOOP_S);
    for (unsigned steps = 0; steps < STEPS_MAX && input.length > 0; steps++)
        take_step(world, &input);
    run_for(world, 3600 * LOOP_S);
    must(gateway_pending(world->gateway) == 0);
    for (unsigned i = 0; i < world->count; i++)
        must(world->asked[i].answers == 1 || world->asked[i].cancelled);
    fuzz_check_text(gateway_state_text(world->gateway), false);
    gateway_free(world->gateway);
    link_free(world->far.link);
    loop_free(world->loop);
    free(world);
    return 0;
}
