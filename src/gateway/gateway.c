// SPDX-License-Identifier: MIT
#include "gateway/gateway.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gateway/dialect.h"
#include "gateway/exchange.h"
#include "gateway/internal.h"
#include "gateway/through.h"
#include "proto/scom.h"

static const int64_t quiet_before_write = 3 * LOOP_S;

// --- Questions -----------------------------------------------------------------------------------

void gateway_finish(struct gateway *gateway, struct node *node, const struct answer *answer)
{
    gateway_answer_fn *fn = node->cancelled ? NULL : node->fn;
    void *arg = node->arg;

    if (!node->guest) {
        gateway->outcomes.silent += answer->status == XC_TIMEOUT;
        gateway->outcomes.malformed += answer->status == XC_MALFORMED;
    }
    // Released first: the callback may ask again.
    queue_release(&gateway->queue, node);
    if (fn)
        fn(arg, answer);
}

struct answer gateway_no_answer(enum xc_status status)
{
    return (struct answer){.status = status, .number = (double)NAN};
}

void gateway_finish_without(struct gateway *gateway, struct node *node, enum xc_status status)
{
    struct answer answer = gateway_no_answer(status);

    answer.arrived = loop_now(gateway->loop);
    gateway_finish(gateway, node, &answer);
}

// The read-only allow-list. Reading a message moves the gateway's pointer and clears its flag.
bool gateway_is_read(enum question_kind kind)
{
    return kind == QUESTION_INFO || kind == QUESTION_PARAMETER || kind == QUESTION_MULTI ||
           kind == QUESTION_GUID;
}

enum xc_status gateway_check(const struct gateway *gateway, const struct question *question)
{
    bool read_only = gateway->read_only || gateway_through_read_only(gateway);

    if (read_only && !gateway_is_read(question->kind))
        return XC_READ_ONLY;
    if ((unsigned)question->priority >= PRIORITY_COUNT)
        return XC_RANGE;
    return gateway->dialect->check(question);
}

uint32_t gateway_ask_for(struct gateway *gateway, const struct question *question,
                         const struct asker *asker, gateway_answer_fn *fn, void *arg)
{
    struct node *node = queue_add(&gateway->queue, question, gateway_check(gateway, question),
                                  asker->records, loop_now(gateway->loop));

    node->fn = fn;
    node->arg = arg;
    node->guest = asker->guest;
    node->generation = asker->generation;
    gateway->idle_told = false;
    // Not sent from here: what is asked in the same turn with a higher priority goes first.
    loop_timer_in(gateway->loop, &gateway->pump, 0);
    return node->ticket;
}

uint32_t gateway_ask(struct gateway *gateway, const struct question *question,
                     gateway_answer_fn *fn, void *arg)
{
    struct asker ourselves = {.records = gateway->records, .generation = gateway->generation};

    return gateway_ask_for(gateway, question, &ourselves, fn, arg);
}

static bool is_current(const struct gateway *gateway, uint32_t ticket)
{
    return gateway->current && gateway->current->ticket == ticket;
}

bool gateway_withdraw(struct gateway *gateway, uint32_t ticket)
{
    struct node *node = ticket ? queue_take_ticket(&gateway->queue, ticket) : NULL;

    if (!node && is_current(gateway, ticket) && !gateway->awaiting) {
        node = gateway->current;
        gateway->current = NULL;
        loop_timer_stop(gateway->loop, &gateway->again);
    }
    if (!node)
        return false;
    queue_release(&gateway->queue, node);
    loop_timer_in(gateway->loop, &gateway->pump, 0);
    return true;
}

void gateway_cancel(struct gateway *gateway, uint32_t ticket)
{
    if (ticket == 0 || gateway_withdraw(gateway, ticket)) // 0 is nobody's: the probe has it
        return;
    if (is_current(gateway, ticket))
        gateway->current->cancelled = true;
    else
        through_take_back(gateway, ticket);
}

// --- What is next --------------------------------------------------------------------------------

void gateway_tell(struct gateway *gateway, enum gateway_event_kind kind, uint8_t changed)
{
    struct gateway_event event = {.kind = kind, .flags = gateway->frame_flags, .changed = changed};

    if (gateway_host(gateway) && kind != GATEWAY_EVENT_IDLE)
        host_changed(gateway_host(gateway), kind == GATEWAY_EVENT_STATE);
    if (gateway->fn)
        gateway->fn(gateway->arg, &event);
}

void gateway_tell_message(struct gateway *gateway, const struct gateway_message *message)
{
    struct gateway_event event = {
        .kind = GATEWAY_EVENT_MESSAGE, .flags = gateway->frame_flags, .message = *message};

    event.message.arrived = loop_now(gateway->loop);
    if (gateway_host(gateway))
        host_note(gateway_host(gateway), message);
    if (gateway->fn)
        gateway->fn(gateway->arg, &event);
}

void gateway_tell_idle(struct gateway *gateway)
{
    gateway->idle_told = true;
    gateway_tell(gateway, GATEWAY_EVENT_IDLE, 0);
}

void gateway_await_expiry(struct gateway *gateway)
{
    int64_t oldest = queue_oldest(&gateway->queue);

    if (oldest < INT64_MAX)
        loop_timer_at(gateway->loop, &gateway->expiry, oldest + gateway->timeout);
    else
        loop_timer_stop(gateway->loop, &gateway->expiry);
}

static void on_expiry(void *arg)
{
    struct gateway *gateway = arg;
    int64_t until = loop_now(gateway->loop) - gateway->timeout;

    for (struct node *node; (node = queue_take_asked_until(&gateway->queue, until));)
        gateway_finish_without(gateway, node, XC_NO_LINK);
    gateway_await_expiry(gateway);
}

unsigned gateway_needs(enum question_kind kind)
{
    switch (kind) {
    case QUESTION_MULTI:
        return GATEWAY_MULTI;
    case QUESTION_GUID:
        return GATEWAY_GUID;
    case QUESTION_DATALOG:
        return GATEWAY_DATALOG;
    default:
        return 0;
    }
}

// What must not be taken for something else, nor reach somebody else.
static bool is_delicate(enum question_kind kind)
{
    return dialect_is_write(kind) || kind == QUESTION_DATALOG;
}

// After a question past its deadline, and a write of unknown outcome, the next write or step of a
// transfer waits for a quiet line, and everything waits with it: else it would never be quiet. Only
// our own traffic counts; another master's needn't end.
static bool must_be_quiet(struct gateway *gateway, const struct node *node)
{
    int64_t until = gateway->quiet_since + quiet_before_write;

    if (!is_delicate(node->question.kind) || !gateway->unsettled)
        return false;
    if (loop_now(gateway->loop) >= until) {
        gateway->unsettled = false;
        return false;
    }
    loop_timer_at(gateway->loop, &gateway->pump, until);
    return true;
}

// Whoever asked for a write knew who was at the other end then; on a new connection it may be
// another installation. A transfer may have ended with the old one. A new host that isn't connected
// yet has no connection on which it could have been asked.
bool gateway_is_former(const struct gateway *gateway, const struct node *node)
{
    bool awaits_host = gateway_guest(gateway) && gateway->host_generation == 0;

    return is_delicate(node->question.kind) && node->generation > 0 &&
           (node->generation != gateway->generation || awaits_host);
}

static bool is_in_a_transfer(const struct gateway *gateway, const struct node *node)
{
    return node->question.kind == QUESTION_DATALOG && gateway->transfer &&
           node->guest != gateway->transferrer;
}

// As the gateway itself says it, and who hears it waits.
static void refuse_as_busy(struct gateway *gateway, struct node *node)
{
    struct answer answer = gateway_no_answer(XC_DEVICE_ERROR);

    answer.error = SCOM_GATEWAY_BUSY;
    gateway_finish(gateway, node, &answer);
}

void gateway_end_transfer(struct gateway *gateway, const void *guest)
{
    const struct question abort = {.kind = QUESTION_DATALOG,
                                   .priority = PRIORITY_BACKGROUND,
                                   .step = DATALOG_ABORT,
                                   .directory = gateway->transfer_directory};
    struct asker asker = {.guest = guest, .generation = gateway->generation};

    bool is_asked = gateway->current && gateway->current->guest == guest &&
                    gateway->current->question.kind == QUESTION_DATALOG;

    // While a step is under way it isn't known what there is to end: exchange_end() does it.
    if (gateway->transfer && gateway->transferrer == guest && !is_asked)
        gateway_ask_for(gateway, &abort, &asker, NULL, NULL);
}

static void ask_next(struct gateway *gateway)
{
    while (!gateway->current && connection_is_ready(gateway->connection)) {
        struct node *node = queue_next(&gateway->queue);
        if (!node) {
            if (gateway->idle_told)
                return;
            gateway_tell_idle(gateway);
            continue;
        }
        if (gateway_is_former(gateway, node)) {
            gateway_finish_without(gateway, queue_take_next(&gateway->queue), XC_NO_LINK);
            continue;
        }
        if (is_in_a_transfer(gateway, node)) {
            refuse_as_busy(gateway, queue_take_next(&gateway->queue));
            continue;
        }
        if (must_be_quiet(gateway, node))
            return;
        queue_take_next(&gateway->queue);
        if (gateway_needs(node->question.kind) & ~gateway->capabilities)
            gateway_finish_without(gateway, node, XC_UNSUPPORTED);
        else
            exchange_start(gateway, node);
    }
}

void gateway_pump(void *arg)
{
    struct gateway *gateway = arg;

    for (struct node *node; (node = queue_take_refused(&gateway->queue));)
        gateway_finish_without(gateway, node, node->refused);
    if (gateway_owns_link(gateway))
        ask_next(gateway);
    else
        through_ask(gateway);
    if (gateway_owns_link(gateway) ? !connection_is_ready(gateway->connection)
                                   : !gateway_guest(gateway))
        gateway_await_expiry(gateway);
    if (gateway->trace.error && !gateway->trace_failure_told) {
        gateway->trace_failure_told = true;
        gateway_tell(gateway, GATEWAY_EVENT_STATE, 0);
    }
}

// --- The connection ------------------------------------------------------------------------------

static void on_probe(void *arg)
{
    struct gateway *gateway = arg;

    gateway->dialect->reset(gateway->speaker);
    exchange_start(gateway, &gateway->probe);
}

static void on_ready(void *arg)
{
    struct gateway *gateway = arg;

    gateway->generation++;
    gateway->statistics.counts.connections++;
    // Another gateway may be there now.
    gateway->capabilities = gateway->dialect->capabilities;
    gateway->transfer = false;
    gateway->transferrer = NULL;
    gateway->idle_told = false;
    loop_timer_stop(gateway->loop, &gateway->expiry);
    loop_timer_in(gateway->loop, &gateway->pump, 0);
    // The idle event, which tells others, may be far away when guests have questions.
    if (gateway_host(gateway) && host_guests(gateway_host(gateway)) > 0)
        gateway_tell(gateway, GATEWAY_EVENT_STATE, 0);
}

static void on_lost(void *arg)
{
    struct gateway *gateway = arg;

    loop_timer_stop(gateway->loop, &gateway->silence);
    gateway->dialect->reset(gateway->speaker);
    if (gateway->current) {
        // A write that waits to be asked again was refused as busy: it wasn't done.
        bool may_be_done = gateway->awaiting && dialect_is_write(gateway->current->question.kind);
        struct answer answer = gateway_no_answer(may_be_done ? XC_UNKNOWN : XC_NO_LINK);
        gateway->dialect->give_up(gateway->speaker);
        exchange_end(gateway, &answer);
    }
    gateway_await_expiry(gateway);
}

void gateway_changed(void *arg)
{
    struct gateway *gateway = arg;

    trace_note(&gateway->trace, "link: %s", gateway_state_text(gateway));
    gateway_tell(gateway, GATEWAY_EVENT_STATE, 0);
}

static const struct connection_events connection_events = {
    .probe = on_probe,
    .ready = on_ready,
    .lost = on_lost,
    .changed = gateway_changed,
    .received = exchange_on_received,
};

// --- A gateway -----------------------------------------------------------------------------------

struct gateway *gateway_new(struct loop *loop, struct link *link,
                            const struct gateway_options *options, gateway_event_fn *fn, void *arg)
{
    struct gateway *gateway = xcalloc(1, sizeof *gateway);

    gateway->loop = loop;
    gateway->link = link;
    gateway->dialect = options->dialect == GATEWAY_STUCAN ? &dialect_can : &dialect_scom;
    gateway->speaker =
        gateway->dialect->make(options->source ? options->source : gateway->dialect->source);
    gateway->timeout = options->timeout > 0 ? options->timeout : gateway->dialect->timeout;
    gateway->read_only = options->read_only;
    gateway->trace = (struct trace){.loop = loop, .file = options->trace};
    gateway->fn = fn;
    gateway->arg = arg;
    gateway->capabilities = gateway->dialect->capabilities;
    gateway->probe.question = gateway->dialect->probe;
    gateway->pump = (struct loop_timer){.fire = gateway_pump, .arg = gateway};
    gateway->expiry = (struct loop_timer){.fire = on_expiry, .arg = gateway};
    gateway->deadline = (struct loop_timer){.fire = exchange_on_deadline, .arg = gateway};
    gateway->again = (struct loop_timer){.fire = exchange_on_again, .arg = gateway};
    gateway->silence = (struct loop_timer){.fire = exchange_on_silence, .arg = gateway};
    statistics_start(&gateway->statistics, loop_now(loop));
    gateway->connection =
        connection_new(loop, link, &connection_events, gateway->dialect->silence, gateway);
    gateway->records = options->records;
    if (options->place)
        gateway->share = share_new(loop, gateway, options->place, options->read_only,
                                   options->records, &through_events, gateway);
    else
        connection_start(gateway->connection);
    return gateway;
}

void gateway_free(struct gateway *gateway)
{
    if (!gateway)
        return;
    if (gateway->share)
        share_dismiss(gateway->share);
    loop_timer_stop(gateway->loop, &gateway->pump);
    loop_timer_stop(gateway->loop, &gateway->expiry);
    loop_timer_stop(gateway->loop, &gateway->deadline);
    loop_timer_stop(gateway->loop, &gateway->again);
    loop_timer_stop(gateway->loop, &gateway->silence);
    connection_free(gateway->connection);
    share_free(gateway->share);
    free(gateway->speaker);
    queue_clear(&gateway->queue);
    if (gateway->current && !exchange_is_probe(gateway, gateway->current))
        free(gateway->current);
    free(gateway);
}

enum gateway_state gateway_state(const struct gateway *gateway)
{
    return gateway_owns_link(gateway) ? connection_state(gateway->connection)
                                      : share_state(gateway->share);
}

static const char *put_text(struct gateway *gateway, bool tries_again)
{
    if (gateway_owns_link(gateway))
        connection_text(gateway->connection, tries_again, gateway->text, sizeof gateway->text);
    else
        share_text(gateway->share, gateway->text, sizeof gateway->text);
    if (gateway->trace.error) {
        size_t used = strlen(gateway->text);
        text_append(gateway->text, sizeof gateway->text, &used, "; the trace ended: %s",
                    strerror(gateway->trace.error));
    }
    return gateway->text;
}

const char *gateway_state_text(struct gateway *gateway)
{
    return put_text(gateway, true);
}

const char *gateway_why(struct gateway *gateway)
{
    return put_text(gateway, false);
}

const struct question *gateway_probe(const struct gateway *gateway)
{
    return &gateway->dialect->probe;
}

unsigned gateway_capabilities(const struct gateway *gateway)
{
    return gateway->capabilities;
}

uint8_t gateway_frame_flags(const struct gateway *gateway)
{
    return gateway->frame_flags;
}

void gateway_statistics(struct gateway *gateway, struct gateway_statistics *statistics)
{
    if (!gateway_owns_link(gateway)) {
        const struct guest *guest = gateway_guest(gateway);
        *statistics = guest ? guest_status(guest)->statistics : (struct gateway_statistics){0};
        return;
    }
    statistics_read(&gateway->statistics, loop_now(gateway->loop),
                    link_bits_per_byte(gateway->link), link_baud(gateway->link), statistics);
    gateway->dialect->counters(gateway->speaker, statistics);
}

void gateway_outcomes(const struct gateway *gateway, struct gateway_outcomes *outcomes)
{
    *outcomes = gateway->outcomes;
}

bool gateway_bus(struct gateway *gateway, struct link_bus *bus, unsigned *bitrate)
{
    const struct guest *guest = gateway_guest(gateway);

    if (guest) {
        const struct talk_status *status = guest_status(guest);
        if (status->has_bus) {
            *bus = status->bus;
            *bitrate = status->bitrate;
        }
        return status->has_bus;
    }
    if (!link_bus(gateway->link, bus))
        return false;
    *bitrate = link_baud(gateway->link);
    return true;
}

size_t gateway_pending(const struct gateway *gateway)
{
    return gateway->queue.pending;
}

unsigned gateway_generation(const struct gateway *gateway)
{
    return gateway->generation;
}
