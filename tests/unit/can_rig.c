// SPDX-License-Identifier: MIT
#include "can_rig.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

static const int64_t start_wall = 1795269600 * LOOP_S; // 2026-11-21T14:00:00Z

static void on_far_state(void *arg, enum link_state state)
{
    (void)arg;
    (void)state;
}

static void on_far_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct rig *rig = arg;

    for (; length >= CANFRAME_RECORD_SIZE; length -= CANFRAME_RECORD_SIZE) {
        if (rig->request_count == RIG_REQUESTS)
            abort();
        struct request *request = &rig->requests[rig->request_count++];
        if (canframe_get(bytes, &request->can) != XC_OK ||
            stucan_request_decode(&request->can, &request->frame) != STUCAN_TAKEN)
            abort();
        request->at = loop_now(rig->loop);
        bytes += CANFRAME_RECORD_SIZE;
        if (rig->script)
            rig->script(rig, request);
    }
    if (length > 0)
        abort();
}

static const struct link_events far_events = {on_far_state, on_far_received};

static void on_event(void *arg, const struct gateway_event *event)
{
    struct rig *rig = arg;

    if (rig->plant)
        plant_gateway_event(rig->plant, event);
    if (event->kind != GATEWAY_EVENT_MESSAGE)
        return;
    if (rig->message_count == RIG_MESSAGES)
        abort();
    rig->messages[rig->message_count++] = event->message;
}

static struct rig *new_rig(void)
{
    struct rig *rig = xcalloc(1, sizeof *rig);
    rig->loop = loop_new_virtual(100 * LOOP_S, start_wall);
    return rig;
}

static void connect_rig(struct rig *rig, const struct gateway_options *options)
{
    struct gateway_options own = options ? *options : (struct gateway_options){0};
    struct link *near;

    own.dialect = GATEWAY_STUCAN;
    link_memory_pair(rig->loop, &near, &rig->far);
    link_listen(rig->far, &far_events, rig);
    link_open(rig->far, 0);
    rig->gateway = gateway_new(rig->loop, near, &own, on_event, rig);
}

struct rig *rig_new(const struct gateway_options *options)
{
    struct rig *rig = new_rig();
    connect_rig(rig, options);
    return rig;
}

struct rig *rig_new_plant(const struct plant_options *options, rig_script_fn *script, void *site)
{
    struct rig *rig = new_rig();

    rig->script = script;
    rig->site = site;
    rig->plant = plant_new(rig->loop, options, NULL, NULL);
    connect_rig(rig, NULL);
    plant_attach(rig->plant, rig->gateway);
    return rig;
}

void rig_free(struct rig *rig)
{
    plant_free(rig->plant);
    gateway_free(rig->gateway);
    link_free(rig->far);
    loop_free(rig->loop);
    free(rig);
}

void rig_run(struct rig *rig, int64_t microseconds)
{
    loop_run_until(rig->loop, loop_now(rig->loop) + microseconds);
}

// --- Asking --------------------------------------------------------------------------------------

static void on_answer(void *arg, const struct answer *answer)
{
    struct rig *rig = arg;

    // Never a number where there is none.
    if (rig->answer_count == RIG_ANSWERS || (answer->status != XC_OK && !isnan(answer->number)))
        abort();
    rig->answers[rig->answer_count++] = *answer;
}

struct question rig_info(void)
{
    return (struct question){.kind = QUESTION_INFO,
                             .priority = PRIORITY_SCREEN,
                             .address = 101,
                             .id = 3000,
                             .format = FORMAT_FLOAT};
}

uint32_t rig_ask(struct rig *rig, const struct question *question)
{
    return gateway_ask(rig->gateway, question, on_answer, rig);
}

const struct request *rig_last(const struct rig *rig)
{
    if (rig->request_count == 0)
        abort();
    return &rig->requests[rig->request_count - 1];
}

const struct answer *rig_heard(const struct rig *rig)
{
    if (rig->answer_count == 0)
        abort();
    return &rig->answers[rig->answer_count - 1];
}

struct gateway_statistics rig_statistics(struct rig *rig)
{
    struct gateway_statistics statistics;
    gateway_statistics(rig->gateway, &statistics);
    return statistics;
}

// --- Answering -----------------------------------------------------------------------------------

void rig_send(struct rig *rig, const struct canframe *frame)
{
    uint8_t record[CANFRAME_RECORD_SIZE];

    if (canframe_put(frame, record) != XC_OK || link_send(rig->far, record, sizeof record) != XC_OK)
        abort();
}

void rig_send_text(struct rig *rig, uint32_t id, const char *payload)
{
    struct canframe frame = {.id = id, .extended = true};

    for (char *end; frame.length < CANFRAME_DATA_MAX; payload = end) {
        unsigned long byte = strtoul(payload, &end, 16);
        if (end == payload)
            break;
        frame.data[frame.length++] = (uint8_t)byte;
    }
    rig_send(rig, &frame);
}

void rig_send_answer(struct rig *rig, const struct stucan_frame *frame)
{
    struct canframe can;

    if (stucan_answer_encode(frame, &can) != XC_OK)
        abort();
    rig_send(rig, &can);
}

struct stucan_frame rig_answer_to(const struct request *request, float value)
{
    struct stucan_frame frame = request->frame;

    frame.destination = request->frame.source;
    frame.source = request->frame.destination;
    frame.value = value;
    return frame;
}

void rig_reply(struct rig *rig, const struct request *request, float value)
{
    struct stucan_frame frame = rig_answer_to(request, value);
    rig_send_answer(rig, &frame);
}

void rig_reply_error(struct rig *rig, const struct request *request, uint32_t code)
{
    struct stucan_frame frame = rig_answer_to(request, 0);

    frame.error = true;
    frame.code = code;
    rig_send_answer(rig, &frame);
}

void rig_notify(struct rig *rig, uint16_t source, uint16_t number, uint32_t value)
{
    const struct stucan_frame frame = {.destination = STUCAN_MESSAGES_TO,
                                       .source = source,
                                       .service = STUCAN_MESSAGE,
                                       .object = number,
                                       .code = value};
    rig_send_answer(rig, &frame);
}
