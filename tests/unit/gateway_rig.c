// SPDX-License-Identifier: MIT
#include "gateway_rig.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "link/backend.h"

static const int64_t start_wall = 1795269600 * LOOP_S; // 2026-11-21T14:00:00Z

// --- The other end -------------------------------------------------------------------------------

static void take_bytes(struct rig *rig, const uint8_t *bytes, size_t length)
{
    struct scom_frame frame;

    while (length > 0) {
        size_t taken = scom_decoder_feed(&rig->decoder, bytes, length);
        bytes += taken;
        length -= taken;
        while (scom_decoder_next(&rig->decoder, &frame) == XC_OK) {
            if (rig->request_count == RIG_MAX)
                abort();
            struct request *request = &rig->requests[rig->request_count++];
            request->frame = frame;
            memcpy(request->data, frame.data, frame.data_length);
            request->frame.data = request->data;
            request->at = loop_now(rig->loop);
            request->variant = rig->line ? rig->line->variant : 0;
            if (rig->script)
                rig->script(rig, request);
        }
    }
}

static void on_far_state(void *arg, enum link_state state)
{
    (void)arg;
    (void)state;
}

static void on_far_received(void *arg, const uint8_t *bytes, size_t length)
{
    take_bytes(arg, bytes, length);
}

static const struct link_events far_events = {on_far_state, on_far_received};

// --- A line --------------------------------------------------------------------------------------

static const char *const variant_names[RIG_VARIANTS] = {"38400 8E1", "38400 8N1", "115200 8E1",
                                                        "115200 8N1"};

static unsigned line_variants(const void *self)
{
    const struct rig *rig = self;
    return rig->line->variants;
}

static const char *line_variant_name(const void *self, unsigned variant)
{
    const struct rig *rig = self;
    return rig->line->baud > 0 ? variant_names[variant] : "";
}

static void line_open(void *self, unsigned variant)
{
    struct rig *rig = self;

    rig->line->variant = variant;
    rig->line->opened[rig->line->opened_count++ % 64] = loop_now(rig->loop);
    if (rig->line->failures > 0) {
        rig->line->failures--;
        rig->line->up = false;
        link_backend_failed(rig->line->link, LINK_FAULT_LOST, "ttyUSB0: no such device");
        return;
    }
    if (rig->line->slow)
        link_backend_state(rig->line->link, LINK_OPENING, "connecting to 192.168.1.20:4001");
    else
        rig_line_up(rig);
}

static void line_close(void *self)
{
    struct rig *rig = self;
    rig->line->up = false;
}

static long line_write(void *self, const uint8_t *bytes, size_t length)
{
    take_bytes(self, bytes, length);
    return (long)length;
}

static void line_discard(void *self, bool dropped)
{
    struct rig *rig = self;

    (void)dropped;
    rig->line->discards++;
    if (rig->line->lost_by_discard)
        rig_disconnect(rig);
}

static void line_destroy(void *self)
{
    struct rig *rig = self;
    loop_timer_stop(rig->loop, &rig->deliver);
}

static unsigned line_baud(const void *self)
{
    const struct rig *rig = self;
    return rig->line->baud;
}

static unsigned line_bits(const void *self)
{
    const struct rig *rig = self;
    return rig->line->bits_per_byte;
}

static const struct link_backend line_backend = {
    .variants = line_variants,
    .variant_name = line_variant_name,
    .open = line_open,
    .close = line_close,
    .write = line_write,
    .discard = line_discard,
    .destroy = line_destroy,
    .baud = line_baud,
    .bits_per_byte = line_bits,
};

static void deliver(void *arg)
{
    struct rig *rig = arg;
    uint8_t bytes[sizeof rig->bytes];
    size_t count = rig->byte_count;

    memcpy(bytes, rig->bytes, count);
    rig->byte_count = 0;
    if (rig->line->up)
        link_backend_received(rig->line->link, bytes, count);
}

// --- The rig -------------------------------------------------------------------------------------

static void on_event(void *arg, const struct gateway_event *event)
{
    struct rig *rig = arg;

    switch (event->kind) {
    case GATEWAY_EVENT_STATE:
        rig->states++;
        rig->generation = gateway_generation(rig->gateway);
        break;
    case GATEWAY_EVENT_FLAGS:
        rig->flag_events++;
        rig->flags = event->flags;
        rig->flags_changed = event->changed;
        break;
    case GATEWAY_EVENT_MESSAGE:
        rig->messages++; // SCOM has none: only another process can have told it
        break;
    case GATEWAY_EVENT_IDLE:
        rig->idles++;
        if (rig->on_idle)
            rig->on_idle(rig);
        break;
    }
}

static struct rig *new_rig(const struct gateway_options *options, struct loop *loop)
{
    struct rig *rig = xcalloc(1, sizeof *rig);

    rig->borrowed = loop;
    rig->loop = loop ? loop : loop_new_virtual(100 * LOOP_S, start_wall);
    rig->source = options->source ? options->source : 1;
    rig->deliver = (struct loop_timer){.fire = deliver, .arg = rig};
    return rig;
}

static struct rig *new_rig_in_memory(const struct gateway_options *options, struct loop *loop)
{
    struct rig *rig = new_rig(options, loop);
    struct link *near;

    link_memory_pair(rig->loop, &near, &rig->far);
    link_listen(rig->far, &far_events, rig);
    link_open(rig->far, 0);
    rig->gateway = gateway_new(rig->loop, near, options, on_event, rig);
    return rig;
}

struct rig *rig_new(const struct gateway_options *options)
{
    return new_rig_in_memory(options, NULL);
}

struct rig *rig_new_beside(struct rig *other, const struct gateway_options *options)
{
    return new_rig_in_memory(options, other->loop);
}

struct rig *rig_new_line(const struct gateway_options *options, unsigned variants, unsigned baud,
                         unsigned bits_per_byte)
{
    struct rig *rig = new_rig(options, NULL);
    static const struct link_spec spec = {.kind = LINK_SERIAL};

    rig->line = xcalloc(1, sizeof *rig->line);
    rig->line->variants = variants;
    rig->line->baud = baud;
    rig->line->bits_per_byte = bits_per_byte;
    rig->line->link = link_new_over(rig->loop, &spec, &line_backend, rig);
    rig->gateway = gateway_new(rig->loop, rig->line->link, options, on_event, rig);
    return rig;
}

void rig_free(struct rig *rig)
{
    gateway_free(rig->gateway);
    link_free(rig->far);
    if (!rig->borrowed)
        loop_free(rig->loop);
    free(rig->line);
    free(rig);
}

void rig_run(struct rig *rig, int64_t microseconds)
{
    loop_run_until(rig->loop, loop_now(rig->loop) + microseconds);
}

// --- Asking --------------------------------------------------------------------------------------

static void on_answer(void *arg, const struct answer *answer)
{
    struct ticket *ticket = arg;
    struct rig *rig = ticket->rig;

    if (rig->answer_count == RIG_MAX)
        abort();
    // Never a number where there is none.
    if (answer->status != XC_OK && !isnan(answer->number))
        abort();
    struct heard *heard = &rig->answers[rig->answer_count++];
    heard->answer = *answer;
    if (answer->item_count > 0)
        memcpy(heard->items, answer->items, answer->item_count * sizeof *heard->items);
    heard->at = loop_now(rig->loop);
    heard->name = ticket->name;
    if (rig->on_answer)
        rig->on_answer(rig, heard);
}

uint32_t rig_ask(struct rig *rig, const struct question *question, int name)
{
    if (rig->ticket_count == RIG_MAX)
        abort();
    struct ticket *ticket = &rig->tickets[rig->ticket_count++];
    *ticket = (struct ticket){rig, name};
    return gateway_ask(rig->gateway, question, on_answer, ticket);
}

struct question rig_info(uint32_t number)
{
    return (struct question){.kind = QUESTION_INFO,
                             .priority = PRIORITY_SCREEN,
                             .address = 101,
                             .id = number,
                             .format = FORMAT_FLOAT};
}

uint32_t rig_ask_info(struct rig *rig, uint32_t number)
{
    struct question question = rig_info(number);
    return rig_ask(rig, &question, (int)number);
}

const struct request *rig_last(const struct rig *rig)
{
    if (rig->request_count == 0)
        abort();
    return &rig->requests[rig->request_count - 1];
}

const struct heard *rig_heard(const struct rig *rig)
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

void rig_send(struct rig *rig, const uint8_t *bytes, size_t length)
{
    if (!rig->line) {
        if (link_send(rig->far, bytes, length) != XC_OK)
            abort();
        return;
    }
    if (length > sizeof rig->bytes - rig->byte_count)
        abort();
    memcpy(rig->bytes + rig->byte_count, bytes, length);
    rig->byte_count += length;
    loop_timer_in(rig->loop, &rig->deliver, 0);
}

struct scom_frame rig_answer_to(const struct rig *rig, const struct request *request,
                                const void *data, size_t length)
{
    return (struct scom_frame){
        .frame_flags = rig->frame_flags,
        .source = request->frame.destination,
        .destination = request->frame.source,
        .service_flags = SCOM_RESPONSE,
        .service_id = request->frame.service_id,
        .object_type = request->frame.object_type,
        .object_id = request->frame.object_id,
        .property_id = request->frame.property_id,
        .data = data,
        .data_length = (uint16_t)length,
    };
}

void rig_send_frame(struct rig *rig, const struct scom_frame *frame)
{
    uint8_t bytes[SCOM_FRAME_MAX];
    rig_send(rig, bytes, scom_encode(frame, bytes, sizeof bytes));
}

void rig_reply(struct rig *rig, const struct request *request, const void *data, size_t length)
{
    struct scom_frame frame = rig_answer_to(rig, request, data, length);
    rig_send_frame(rig, &frame);
}

void rig_reply_float(struct rig *rig, const struct request *request, float value)
{
    uint8_t data[4];
    le_put_float(data, value);
    rig_reply(rig, request, data, sizeof data);
}

void rig_reply_error(struct rig *rig, const struct request *request, uint16_t error)
{
    uint8_t data[2];
    le_put16(data, error);
    struct scom_frame frame = rig_answer_to(rig, request, data, sizeof data);
    frame.service_flags |= SCOM_ERROR;
    rig_send_frame(rig, &frame);
}

void rig_reply_items(struct rig *rig, const struct request *request)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    uint8_t data[8 + 7 * SCOM_MULTI_MAX];
    size_t count;

    if (scom_multi_request_decode(request->data, request->frame.data_length, items, &count) !=
        XC_OK)
        abort();
    for (size_t i = 0; i < count; i++)
        items[i].value = 1000.0f + (float)i;
    rig_reply(rig, request, data, scom_multi_answer_encode(0x61, 1795269600, items, count, data));
}

void rig_answers_all(struct rig *rig, const struct request *request)
{
    if (request->frame.object_type == SCOM_MULTI_INFO)
        rig_reply_items(rig, request);
    else
        rig_reply_float(rig, request, 12.5f);
}

void rig_line_up(struct rig *rig)
{
    rig->line->up = true;
    rig->byte_count = 0;
    link_backend_state(rig->line->link, LINK_UP, "connected to ttyUSB0");
}

void rig_disconnect(struct rig *rig)
{
    if (!rig->line) {
        link_close(rig->far);
        return;
    }
    rig->line->up = false;
    link_backend_failed(rig->line->link, LINK_FAULT_LOST, "ttyUSB0: unplugged");
}

void rig_reconnect(struct rig *rig)
{
    link_open(rig->far, 0);
}
