// SPDX-License-Identifier: MIT
// Bytes in, answers out, at the pace of a serial line. The link below takes bytes at once, so the
// time they would have needed is waited for here: an answer is complete after the request's own
// time, the latency, the jitter and the answer's time.
#include "sim/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sim/canline.h"
#include "sim/chance.h"
#include "sim/server.h"

enum {
    CHANCE_JITTER = 6000,
    PREFIX_MAX = 512,
    FOREIGN_SOURCE = 77,
};

static const int64_t reopen_after = LOOP_S, abandon_after = LOOP_S / 2, device_wait = 2 * LOOP_S,
                     block_late_by = 4 * LOOP_S;

// Bytes on their way to the client.
struct delivery {
    struct sim_gateway *gateway;
    struct loop_timer timer;
    int64_t complete; // when the last byte is there
    size_t length, sent, piece;
    uint8_t bytes[];
};

void line_note(struct sim_gateway *gateway, const char *text)
{
    if (gateway->events && gateway->events->note)
        gateway->events->note(gateway->arg, text);
}

bool line_strikes(struct sim_gateway *gateway, struct fault_when *when, const char *what)
{
    if (!faults_strike(&gateway->faults.dice, when))
        return false;
    gateway->faults_struck++;
    line_note(gateway, what);
    return true;
}

static int64_t wire_time(const struct sim_gateway *gateway, size_t bytes)
{
    const struct sim_line *line = &gateway->line;

    if (line->baud == 0)
        return 0;
    int64_t bits = (int64_t)bytes * line->bits_per_byte;
    return (bits * LOOP_S + line->baud - 1) / line->baud;
}

// --- Deliveries --------------------------------------------------------------------------------

static void remove_delivery(struct delivery *delivery)
{
    struct sim_gateway *gateway = delivery->gateway;

    loop_timer_stop(gateway->sim->loop, &delivery->timer);
    for (unsigned i = 0; i < LINE_DELIVERIES_MAX; i++)
        if (gateway->deliveries[i] == delivery)
            gateway->deliveries[i] = NULL;
    free(delivery);
}

// How long bytes take that come in pieces; on a line without pace, pieces are told apart by 1 ms.
static int64_t piece_time(const struct sim_gateway *gateway, size_t bytes)
{
    unsigned piece = gateway->faults.fragment;

    if (gateway->line.baud > 0 || piece == 0)
        return wire_time(gateway, bytes);
    return (int64_t)((bytes + piece - 1) / piece) * LOOP_MS;
}

static void schedule(struct delivery *delivery)
{
    size_t left = delivery->length - delivery->sent;
    size_t next = delivery->piece < left ? delivery->piece : left;

    loop_timer_at(delivery->gateway->sim->loop, &delivery->timer,
                  delivery->complete - piece_time(delivery->gateway, left - next));
}

// On one line a frame doesn't come in the middle of another: it waits. True if it has to.
static bool wait_for_line(struct delivery *delivery)
{
    struct sim_gateway *gateway = delivery->gateway;

    if (delivery->sent > 0)
        return false;
    for (unsigned i = 0; i < LINE_DELIVERIES_MAX; i++) {
        const struct delivery *other = gateway->deliveries[i];
        if (!other || other->sent == 0)
            continue;
        delivery->complete = other->complete + piece_time(gateway, delivery->length);
        schedule(delivery);
        return true;
    }
    return false;
}

static bool send_now(struct sim_gateway *gateway, const uint8_t *bytes, size_t length)
{
    if (gateway->events && gateway->events->sent)
        gateway->events->sent(gateway->arg, bytes, length);
    return link_send(gateway->link, bytes, length) == XC_OK;
}

void line_send(struct sim_gateway *gateway, const uint8_t *bytes, size_t length)
{
    send_now(gateway, bytes, length);
}

static void send_piece(void *arg)
{
    struct delivery *delivery = arg;
    struct sim_gateway *gateway = delivery->gateway;
    size_t left = delivery->length - delivery->sent;
    size_t next = delivery->piece < left ? delivery->piece : left;
    const uint8_t *bytes = delivery->bytes + delivery->sent;

    if (wait_for_line(delivery))
        return;
    delivery->sent += next;
    bool lost = !send_now(gateway, bytes, next);
    // Sending can close the link, which removes all deliveries.
    for (unsigned i = 0; i < LINE_DELIVERIES_MAX; i++)
        if (gateway->deliveries[i] == delivery) {
            if (lost || delivery->sent == delivery->length)
                remove_delivery(delivery);
            else
                schedule(delivery);
            return;
        }
}

void line_deliver(struct sim_gateway *gateway, const uint8_t *bytes, size_t length,
                  int64_t complete)
{
    unsigned free_place = 0;

    while (free_place < LINE_DELIVERIES_MAX && gateway->deliveries[free_place])
        free_place++;
    if (free_place == LINE_DELIVERIES_MAX || length == 0)
        return;
    struct delivery *delivery = xcalloc(1, sizeof *delivery + length);
    delivery->gateway = gateway;
    delivery->timer.fire = send_piece;
    delivery->timer.arg = delivery;
    delivery->complete = complete;
    delivery->length = length;
    delivery->piece = gateway->faults.fragment ? gateway->faults.fragment : length;
    memcpy(delivery->bytes, bytes, length);
    gateway->deliveries[free_place] = delivery;
    schedule(delivery);
}

void line_forget(struct sim_gateway *gateway)
{
    for (unsigned i = 0; i < LINE_DELIVERIES_MAX; i++)
        if (gateway->deliveries[i])
            remove_delivery(gateway->deliveries[i]);
}

static void forget_traffic(struct sim_gateway *gateway)
{
    struct scom_counters counters = gateway->decoder.counters;

    line_forget(gateway);
    if (gateway->can)
        canline_reset(gateway->can);
    gateway->decoder.begin = gateway->decoder.end = 0;
    gateway->decoder.counters = counters;
    gateway->rx_until = gateway->busy_until = gateway->sends_until = 0;
    loop_timer_stop(gateway->sim->loop, &gateway->quiet);
}

// --- Faults on answers -------------------------------------------------------------------------

// Traffic of another master on the same line (field.md, section 1, row 4): its answers, sometimes
// its requests, and answers that look as if they were ours.
static size_t put_foreign(struct sim_gateway *gateway, const struct scom_frame *ours, uint8_t *out,
                          size_t size)
{
    struct scom_frame request = {.source = FOREIGN_SOURCE,
                                 .destination = SCOM_GATEWAY_ADDRESS,
                                 .service_id = SCOM_READ,
                                 .object_type = SCOM_PARAMETER,
                                 .object_id = 5002,
                                 .property_id = SCOM_VALUE_QSP};
    uint64_t kind = gateway->foreign++ % 3;
    uint8_t data[SCOM_DATA_MAX];
    uint16_t length, error;
    size_t used = 0;

    if (kind == 1)
        used = scom_encode(&request, out, size);
    if (kind == 2) {
        request.source = ours->source;
        request.property_id = SCOM_LEVEL_QSP;
    }
    server_execute(gateway->sim, &request, &error, data, &length);
    return used +
           server_answer(gateway->sim, &request, error, data, length, out + used, size - used);
}

// Its requests and their answers also pass while nobody else asks anything.
static void on_traffic(void *arg)
{
    struct sim_gateway *gateway = arg;
    const struct scom_frame nobody = {.source = FOREIGN_SOURCE};
    uint8_t out[PREFIX_MAX];

    loop_timer_in(gateway->sim->loop, &gateway->traffic, gateway->traffic_every);
    if (link_state(gateway->link) != LINK_UP)
        return;
    if (gateway->can) {
        canline_traffic(gateway->can);
        return;
    }
    gateway->foreign = 1; // with the request
    size_t length = put_foreign(gateway, &nobody, out, sizeof out);
    line_deliver(gateway, out, length, loop_now(gateway->sim->loop) + wire_time(gateway, length));
}

void line_traffic(struct sim_gateway *gateway, int64_t every)
{
    gateway->traffic_every = every;
    loop_timer_stop(gateway->sim->loop, &gateway->traffic);
    if (every > 0)
        loop_timer_in(gateway->sim->loop, &gateway->traffic, every);
}

static size_t put_prefix(struct sim_gateway *gateway, const struct scom_frame *request,
                         uint8_t *out, size_t size)
{
    struct faults *faults = &gateway->faults;
    size_t used = 0;

    if (line_strikes(gateway, &faults->foreign, "foreign traffic"))
        used += put_foreign(gateway, request, out, size);
    if (line_strikes(gateway, &faults->garbage, "garbage"))
        for (unsigned i = 0; i < faults->garbage_bytes && used < size; i++)
            out[used++] = (uint8_t)faults_random(&faults->dice, 256);
    return used;
}

static size_t spoil(struct sim_gateway *gateway, uint8_t *answer, size_t length)
{
    struct faults *faults = &gateway->faults;

    if (line_strikes(gateway, &faults->corrupt, "answer corrupted")) {
        size_t first = 1, count = length - 1;
        if (faults->corrupt_part == CORRUPT_HEADER)
            count = SCOM_HEADER_SIZE - 1;
        if (faults->corrupt_part == CORRUPT_DATA) {
            first = SCOM_HEADER_SIZE;
            count = length - SCOM_HEADER_SIZE;
        }
        size_t at = first + faults_random(&faults->dice, (unsigned)count);
        answer[at] ^= (uint8_t)(1u << faults_random(&faults->dice, 8));
    }
    if (line_strikes(gateway, &faults->truncate, "answer cut short")) {
        size_t cut = faults->truncate_bytes
                         ? faults->truncate_bytes
                         : 1 + faults_random(&faults->dice, (unsigned)length - 1);
        length -= cut < length ? cut : length;
    }
    return length;
}

// --- Requests ----------------------------------------------------------------------------------

int64_t line_jitter(struct sim_gateway *gateway)
{
    if (gateway->line.jitter <= 0)
        return 0;
    uint64_t key = chance_mix(gateway->sim->options.seed, CHANCE_JITTER);
    double part = chance_unit(chance_mix(key, gateway->jitters++));
    return (int64_t)(part * (double)gateway->line.jitter);
}

static void respond(struct sim_gateway *gateway, const struct scom_frame *request, uint16_t error,
                    const uint8_t *data, uint16_t data_length, enum server_outcome outcome,
                    enum block_fault block)
{
    struct faults *faults = &gateway->faults;
    uint8_t out[PREFIX_MAX + SCOM_FRAME_MAX + 2];
    size_t before = put_prefix(gateway, request, out, PREFIX_MAX);
    size_t length = server_answer(gateway->sim, request, error, data, data_length, out + before,
                                  SCOM_FRAME_MAX);

    length = before + spoil(gateway, out + before, length);
    if (block == BLOCK_CORRUPT)
        out[length - 1] ^= 0x01;
    size_t framed = length;
    if (line_strikes(gateway, &faults->crlf, "CR LF")) {
        out[length++] = '\r';
        out[length++] = '\n';
    }
    int64_t answer_at = gateway->rx_began + wire_time(gateway, gateway->rx_bytes + length) +
                        gateway->line.latency + line_jitter(gateway);
    if (outcome == SERVER_ANSWER_LATE)
        answer_at += device_wait;
    if (gateway->line.baud == 0 && faults->fragment > 0)
        answer_at += piece_time(gateway, length) - LOOP_MS;
    if (answer_at < gateway->sends_until + piece_time(gateway, length))
        answer_at = gateway->sends_until + piece_time(gateway, length);
    // A client may go on once it has the frame, without waiting for CR LF.
    gateway->busy_until = answer_at - (piece_time(gateway, length) - piece_time(gateway, framed));
    gateway->answers++;
    if (block == BLOCK_SILENCE || outcome == SERVER_ANSWER_LOST ||
        line_strikes(gateway, &faults->lose, "answer lost"))
        return;
    int64_t late = line_strikes(gateway, &faults->late, "answer late") ? faults->late_by : 0;
    if (block == BLOCK_LATE)
        late += block_late_by;
    line_deliver(gateway, out, length, answer_at + late);
    if (block == BLOCK_DUPLICATE || line_strikes(gateway, &faults->duplicate, "answer twice")) {
        int64_t second = answer_at + late + piece_time(gateway, length - before);
        line_deliver(gateway, out + before, length - before, second);
        // What comes late leaves the line free.
        if (late == 0)
            gateway->sends_until = second;
    }
}

// A fault for the block that is asked for. True: the request ends here, without an answer.
static bool strike_block(struct sim_gateway *gateway, const struct scom_frame *request,
                         enum block_fault *fault, uint16_t *error)
{
    unsigned block = transfer_block(gateway->sim, request);
    char text[64];

    *fault = block > 0 ? faults_block(&gateway->faults, block) : BLOCK_SOUND;
    if (*fault == BLOCK_SOUND)
        return false;
    gateway->faults_struck++;
    snprintf(text, sizeof text, "block %u: a fault strikes", block);
    line_note(gateway, text);
    if (*fault == BLOCK_RESTART) {
        site_restart_gateway(gateway->sim, SITE_GATEWAY_RESTART);
        return true;
    }
    if (*fault == BLOCK_BUSY)
        *error = SCOM_GATEWAY_BUSY;
    if (*fault == BLOCK_BROKEN) {
        transfer_close(gateway->sim);
        *error = SCOM_FILE_CORRUPTED;
    }
    return false;
}

// What keeps the gateway from carrying out a request; 0: nothing.
static uint16_t find_hindrance(struct sim_gateway *gateway, const struct scom_frame *request)
{
    uint16_t error = faults_error(&gateway->faults, request->destination, request->object_id);

    if (error) {
        gateway->faults_struck++;
        line_note(gateway, "answered with an error");
        return error;
    }
    if (loop_now(gateway->sim->loop) >= gateway->sim->sd.saving_until)
        return 0;
    line_note(gateway, "busy: the day's data are being saved");
    return SCOM_GATEWAY_BUSY;
}

static void answer(struct sim_gateway *gateway, struct scom_frame *request)
{
    struct sim *sim = gateway->sim;
    int64_t now = loop_now(sim->loop);
    uint8_t data[SCOM_DATA_MAX];
    uint16_t length = 0;

    sim->writes.requests += request->service_id == SCOM_WRITE;
    if (now < gateway->busy_until) {
        gateway->violations++;
        line_note(gateway, "request dropped: it came before the last answer was complete");
        return;
    }
    site_advance(sim);
    if (now < sim->gateway_back_at)
        return;
    gateway->requests++;
    sim->last_request = now;
    uint16_t error = find_hindrance(gateway, request);
    enum server_outcome outcome = SERVER_ANSWER;
    enum block_fault block = BLOCK_SOUND;
    if (!error && strike_block(gateway, request, &block, &error))
        return;
    if (!error) {
        uint64_t struck = sim->writes.struck;
        outcome = server_execute(sim, request, &error, data, &length);
        if (sim->writes.struck != struck)
            line_note(gateway, "a write went wrong");
    }
    if (outcome == SERVER_SILENCE) {
        if (sim->unanswered_since < 0)
            sim->unanswered_since = now;
        return;
    }
    respond(gateway, request, error, data, length, outcome, block);
}

static void take_frames(struct sim_gateway *gateway)
{
    struct scom_frame request;

    while (scom_decoder_next(&gateway->decoder, &request) == XC_OK)
        answer(gateway, &request);
}

// A receiver drops what it has when the rest doesn't come, even a request that is in it.
static void give_up(void *arg)
{
    struct sim_gateway *gateway = arg;
    struct scom_frame dropped;

    while (scom_decoder_pending(&gateway->decoder)) {
        scom_decoder_abandon(&gateway->decoder);
        while (scom_decoder_next(&gateway->decoder, &dropped) == XC_OK)
            line_note(gateway, "request dropped: it came in the middle of another one");
    }
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct sim_gateway *gateway = arg;
    struct loop *loop = gateway->sim->loop;
    int64_t now = loop_now(loop);

    if (gateway->events && gateway->events->received)
        gateway->events->received(gateway->arg, bytes, length);
    if (gateway->can) {
        canline_received(gateway->can, bytes, length);
        return;
    }
    if (now >= gateway->rx_until) {
        gateway->rx_began = now;
        gateway->rx_bytes = 0;
    }
    gateway->rx_bytes += length;
    gateway->rx_until = gateway->rx_began + wire_time(gateway, gateway->rx_bytes);
    while (length > 0) {
        size_t taken = scom_decoder_feed(&gateway->decoder, bytes, length);
        take_frames(gateway);
        bytes += taken;
        length -= taken;
    }
    if (scom_decoder_pending(&gateway->decoder))
        loop_timer_in(loop, &gateway->quiet, abandon_after);
    else
        loop_timer_stop(loop, &gateway->quiet);
}

// --- The link ----------------------------------------------------------------------------------

static void on_state(void *arg, enum link_state state)
{
    struct sim_gateway *gateway = arg;

    forget_traffic(gateway);
    if (state == LINK_CLOSED) {
        loop_timer_in(gateway->sim->loop, &gateway->reopen, gateway->reopen_in);
        gateway->reopen_in = reopen_after;
    }
    if (gateway->events && gateway->events->state)
        gateway->events->state(gateway->arg, state);
}

static void reopen(void *arg)
{
    struct sim_gateway *gateway = arg;

    link_open(gateway->link, 0);
}

void line_disconnect(struct sim_gateway *gateway, int64_t delay)
{
    gateway->reopen_in = delay;
    if (link_state(gateway->link) != LINK_CLOSED)
        link_close(gateway->link);
    else
        loop_timer_in(gateway->sim->loop, &gateway->reopen, delay);
}

struct sim_gateway *sim_gateway_new(struct sim *sim, struct link *link, const struct sim_line *line,
                                    const struct sim_can *can)
{
    static const struct link_events link_events = {.state = on_state, .received = on_received};
    struct sim_gateway *gateway = xcalloc(1, sizeof *gateway);

    gateway->sim = sim;
    gateway->link = link;
    gateway->line = *line;
    gateway->reopen.fire = reopen;
    gateway->quiet.fire = give_up;
    gateway->traffic.fire = on_traffic;
    gateway->reopen.arg = gateway->quiet.arg = gateway->traffic.arg = gateway;
    gateway->reopen_in = reopen_after;
    faults_begin(&gateway->faults, sim->options.seed);
    if (can)
        gateway->can = canline_new(gateway, can);
    link_listen(link, &link_events, gateway);
    link_open(link, 0);
    return gateway;
}

void sim_gateway_listen(struct sim_gateway *gateway, const struct sim_events *events, void *arg)
{
    gateway->events = events;
    gateway->arg = arg;
}

void sim_gateway_free(struct sim_gateway *gateway)
{
    if (!gateway)
        return;
    forget_traffic(gateway);
    loop_timer_stop(gateway->sim->loop, &gateway->reopen);
    loop_timer_stop(gateway->sim->loop, &gateway->traffic);
    link_free(gateway->link);
    canline_free(gateway->can);
    free(gateway);
}

char *sim_gateway_status(struct sim_gateway *gateway, char *out, size_t size)
{
    const struct scom_counters *c = &gateway->decoder.counters;
    struct sim *sim = gateway->sim;

    site_advance(sim);
    snprintf(out, size,
             "requests %llu\nanswers %llu\nviolations %llu\nfaults %llu\nbad-header %llu\n"
             "bad-data %llu\nskipped %llu\nclock %lld\nsoc %.1f\nsolar %.0f\nmessages %u\n"
             "writes %llu\nunfit %llu\nflashing %u\n",
             (unsigned long long)gateway->requests, (unsigned long long)gateway->answers,
             (unsigned long long)gateway->violations,
             (unsigned long long)gateway->faults_struck + sim->writes.struck,
             (unsigned long long)c->bad_header, (unsigned long long)c->bad_data,
             (unsigned long long)c->skipped, (long long)site_clock(sim),
             100 * sim->model.battery.soc, 1000 * sim->model.sun, messages_total(&sim->messages),
             (unsigned long long)sim->writes.requests,
             (unsigned long long)(gateway->can ? canline_unfit(gateway->can) : 0),
             (unsigned)site_flashing(sim));
    return out;
}

char *sim_gateway_writes(struct sim_gateway *gateway)
{
    site_advance(gateway->sim);
    return writes_report(gateway->sim);
}
