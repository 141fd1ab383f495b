// SPDX-License-Identifier: MIT
#include "gateway/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gateway/dialect.h"
#include "gateway/internal.h"

static const int64_t probe_timeout = 2500 * LOOP_MS;
static const int64_t first_pause = 500 * LOOP_MS;
static const int64_t longest_pause = 2 * LOOP_S;
static const int64_t busy_at_most = 60 * LOOP_S;
// A frame that stops in its middle for this long won't go on. Between the packets of a network
// there are longer gaps than on a serial line.
static const int64_t silence_on_line = 100 * LOOP_MS;
static const int64_t silence_on_network = 500 * LOOP_MS;

enum { SILENT_BYTES = 20, NACKS_MAX = 4 };

// --- The outstanding question --------------------------------------------------------------------

static int64_t line_time(const struct gateway *gateway, size_t bytes)
{
    unsigned baud = link_baud(gateway->link);

    return baud ? (int64_t)bytes * link_bits_per_byte(gateway->link) * LOOP_S / baud : 0;
}

// Or a CAN bus: frames come whole there, so that none is ever pending.
static bool is_serial_line(const struct gateway *gateway)
{
    return link_baud(gateway->link) > 0;
}

bool exchange_is_probe(const struct gateway *gateway, const struct node *node)
{
    return node == &gateway->probe;
}

static void send_request(struct gateway *gateway)
{
    int64_t now = loop_now(gateway->loop);
    int64_t timeout = gateway->timeout;

    if (exchange_is_probe(gateway, gateway->current) && timeout > probe_timeout)
        timeout = probe_timeout;
    gateway->awaiting = true;
    gateway->sent = gateway->quiet_since = now;
    loop_timer_at(gateway->loop, &gateway->deadline,
                  now + timeout +
                      line_time(gateway, gateway->request_length + gateway->answer_length));
    statistics_sent(&gateway->statistics, now, gateway->request_length);
    trace_sent(&gateway->trace, gateway->request, gateway->request_length);
    // When the link fails here, its loss ends the question.
    link_send(gateway->link, gateway->request, gateway->request_length);
}

static void ask_current(struct gateway *gateway)
{
    gateway->request_length = gateway->dialect->ask(gateway->speaker, &gateway->current->question,
                                                    gateway->request, &gateway->answer_length);
    send_request(gateway);
}

void exchange_start(struct gateway *gateway, struct node *node)
{
    gateway->current = node;
    gateway->repeated = false;
    gateway->nacks = 0;
    gateway->busy_since = -1;
    gateway->pause = first_pause;
    statistics_question(&gateway->statistics, loop_now(gateway->loop));
    ask_current(gateway);
}

static struct node *take_current(struct gateway *gateway)
{
    struct node *node = gateway->current;

    gateway->current = NULL;
    gateway->awaiting = false;
    loop_timer_stop(gateway->loop, &gateway->deadline);
    loop_timer_stop(gateway->loop, &gateway->again);
    return node;
}

// Whoever waits with the same read has the answer too: it was on the wire once for all. A person
// who asked only after it was sent wants to know how it is since.
static void finish_with_equals(struct gateway *gateway, struct node *node,
                               const struct answer *answer)
{
    struct node copy = *node;
    uint32_t newest = gateway->queue.last_ticket;
    bool is_shared = gateway_is_read(copy.question.kind) && answer->status != XC_NO_LINK;

    copy.question.items = copy.items;
    do
        gateway_finish(gateway, node, answer);
    while (is_shared &&
           (node = queue_take_equal(&gateway->queue, &copy.question, newest, gateway->sent)));
}

// Whether the gateway is at a block of somebody's file now.
static void note_transfer(struct gateway *gateway, const struct node *node,
                          const struct answer *answer)
{
    bool over = node->question.step == DATALOG_ABORT || answer->status == XC_NO_LINK ||
                (answer->status == XC_OK && answer->finished) ||
                (answer->status == XC_DEVICE_ERROR && node->question.step == DATALOG_START);

    if (node->question.kind != QUESTION_DATALOG)
        return;
    gateway->transfer = !over;
    gateway->transferrer = over ? NULL : node->guest;
    gateway->transfer_directory = node->question.directory;
}

void exchange_end(struct gateway *gateway, struct answer *answer)
{
    struct node *node = take_current(gateway);

    note_transfer(gateway, node, answer);
    if (node->cancelled && node->guest)
        gateway_end_transfer(gateway, node->guest);
    answer->sent = gateway->sent;
    answer->arrived = loop_now(gateway->loop);
    if (answer->status == XC_UNKNOWN) {
        gateway->unsettled = true;
        gateway->quiet_since = answer->arrived;
    }
    if (!exchange_is_probe(gateway, node))
        finish_with_equals(gateway, node, answer);
}

static void ask_again_in(struct gateway *gateway, int64_t pause)
{
    gateway->awaiting = false;
    loop_timer_stop(gateway->loop, &gateway->deadline);
    loop_timer_in(gateway->loop, &gateway->again, pause);
    trace_note(&gateway->trace, "asking again in %.1f s", (double)pause / (double)LOOP_S);
}

static void ask_again_later(struct gateway *gateway)
{
    ask_again_in(gateway, gateway->pause);
    gateway->pause = gateway->pause * 2 < longest_pause ? gateway->pause * 2 : longest_pause;
}

void exchange_on_again(void *arg)
{
    ask_current(arg);
}

// A question without effects is asked once more, as long as somebody wants to know.
static bool may_repeat(const struct gateway *gateway)
{
    const struct node *node = gateway->current;

    return gateway_is_read(node->question.kind) && !gateway->repeated && !node->cancelled &&
           !exchange_is_probe(gateway, node);
}

// Busy says that nothing was done: any question may be asked again.
static bool may_wait_for_busy(struct gateway *gateway)
{
    const struct node *node = gateway->current;
    int64_t now = loop_now(gateway->loop);

    if (gateway->busy_since < 0)
        gateway->busy_since = now;
    return !node->cancelled && !exchange_is_probe(gateway, node) &&
           now + gateway->pause - gateway->busy_since <= busy_at_most;
}

// --- What comes in -------------------------------------------------------------------------------

void gateway_take_flags(struct gateway *gateway, uint8_t flags)
{
    uint8_t changed = flags ^ gateway->frame_flags;

    gateway->frame_flags = flags;
    if (changed)
        gateway_tell(gateway, GATEWAY_EVENT_FLAGS, changed);
}

static size_t value_count(const struct question *question, const struct answer *answer)
{
    if (answer->status != XC_OK)
        return 0;
    if (question->kind == QUESTION_INFO || question->kind == QUESTION_PARAMETER)
        return 1;
    return answer->item_count;
}

// An answer of the awaited question that fits it.
static void take_answer(struct gateway *gateway, struct reception *reception)
{
    struct answer *answer = &reception->answer;
    struct gateway_statistics *counts = &gateway->statistics.counts;
    const struct question *question = &gateway->current->question;

    statistics_answer(&gateway->statistics, loop_now(gateway->loop), gateway->sent,
                      value_count(question, answer));
    if (reception->verdict == VERDICT_BUSY)
        counts->busy++;
    else if (answer->status != XC_OK)
        counts->device_errors++;
    if (answer->status == XC_UNSUPPORTED)
        gateway->capabilities &= ~gateway_needs(question->kind);
    gateway_take_flags(gateway, reception->frame_flags);

    if (reception->verdict == VERDICT_BUSY && may_wait_for_busy(gateway)) {
        ask_again_later(gateway);
    } else if (reception->verdict == VERDICT_UNREACHED && may_repeat(gateway)) {
        gateway->repeated = true;
        counts->repeats++;
        ask_again_later(gateway);
    } else if (reception->verdict == VERDICT_REPHRASE && !gateway->current->cancelled) {
        ask_current(gateway);
    } else {
        exchange_end(gateway, answer);
    }
}

// The gateway stays at a block until it is told to go on: the same can be asked for again, once the
// line is quiet.
static void take_corrupt(struct gateway *gateway, struct answer *answer)
{
    struct node *node = gateway->current;

    if (node->cancelled || gateway->nacks == NACKS_MAX) {
        exchange_end(gateway, answer);
        return;
    }
    gateway->nacks++;
    gateway->statistics.counts.repeats++;
    node->question.step = DATALOG_RETRY;
    ask_again_in(gateway, silence_on_line);
}

static void take_message(struct gateway *gateway, const struct gateway_message *message)
{
    gateway->statistics.counts.messages++;
    gateway_tell_message(gateway, message);
}

// Another master's frame, or one to somebody else who has our address.
static void note_stranger(struct gateway_statistics *counts, const struct reception *reception)
{
    counts->unasked += reception->to_us;
    counts->stranger_source = reception->source;
    counts->stranger_destination = reception->destination;
}

static void take_reception(struct gateway *gateway, struct reception *reception)
{
    struct gateway_statistics *counts = &gateway->statistics.counts;

    trace_note(&gateway->trace, "%s%s%s", verdict_name(reception->verdict),
               reception->why ? ": " : "", reception->why ? reception->why : "");
    if (reception->to_us) {
        gateway->quiet_since = loop_now(gateway->loop);
        connection_heard(gateway->connection);
    }
    switch (reception->verdict) {
    case VERDICT_ANSWER:
    case VERDICT_BUSY:
    case VERDICT_UNREACHED:
    case VERDICT_REPHRASE:
        take_answer(gateway, reception);
        break;
    case VERDICT_CORRUPT:
        take_corrupt(gateway, &reception->answer);
        break;
    case VERDICT_MALFORMED:
        counts->malformed++;
        exchange_end(gateway, &reception->answer);
        break;
    case VERDICT_LATE:
        counts->late++;
        break;
    case VERDICT_DUPLICATE:
        counts->duplicate++;
        break;
    case VERDICT_MISMATCHED:
        counts->mismatched++;
        note_stranger(counts, reception);
        break;
    case VERDICT_FOREIGN:
        counts->foreign++;
        counts->echoes += reception->echo;
        if (!reception->echo)
            note_stranger(counts, reception);
        break;
    case VERDICT_UNFIT:
        counts->unfit++;
        break;
    case VERDICT_MESSAGE:
        take_message(gateway, &reception->message);
        break;
    }
}

static void trace_rubbish(struct gateway *gateway, const struct gateway_statistics *before)
{
    struct gateway_statistics now;

    gateway->dialect->counters(gateway->speaker, &now);
    if (now.bad_header != before->bad_header)
        trace_note(&gateway->trace, "bad header checksum");
    if (now.bad_data != before->bad_data)
        trace_note(&gateway->trace, "bad data checksum");
    if (now.oversized != before->oversized)
        trace_note(&gateway->trace, "impossible length");
    if (now.truncated != before->truncated)
        trace_note(&gateway->trace, "truncated");
    if (now.skipped != before->skipped)
        trace_note(&gateway->trace, "skipped bytes: %u", (unsigned)(now.skipped - before->skipped));
}

static void read_frames(struct gateway *gateway)
{
    struct gateway_statistics before;
    struct reception reception;

    gateway->dialect->counters(gateway->speaker, &before);
    while (gateway->dialect->next(gateway->speaker, &reception))
        take_reception(gateway, &reception);
    trace_rubbish(gateway, &before);
}

// Frames that have begun won't be completed.
static void abandon_partial(struct gateway *gateway)
{
    while (gateway->dialect->pending(gateway->speaker)) {
        gateway->dialect->abandon(gateway->speaker);
        read_frames(gateway);
    }
}

void exchange_on_silence(void *arg)
{
    struct gateway *gateway = arg;

    abandon_partial(gateway);
    gateway_pump(gateway);
}

static void await_silence(struct gateway *gateway)
{
    int64_t silence = is_serial_line(gateway) ? silence_on_line : silence_on_network;
    int64_t bytes = line_time(gateway, SILENT_BYTES);

    if (gateway->dialect->pending(gateway->speaker))
        loop_timer_in(gateway->loop, &gateway->silence, bytes > silence ? bytes : silence);
    else
        loop_timer_stop(gateway->loop, &gateway->silence);
}

void exchange_on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct gateway *gateway = arg;

    statistics_received(&gateway->statistics, loop_now(gateway->loop), length);
    trace_received(&gateway->trace, bytes, length);
    for (size_t taken = 0; taken < length;) {
        taken += gateway->dialect->feed(gateway->speaker, bytes + taken, length - taken);
        read_frames(gateway);
    }
    await_silence(gateway);
    // Only when all of it has been read: what came with the answer isn't the next one's.
    gateway_pump(gateway);
}

// --- Deadlines -----------------------------------------------------------------------------------

static void repeat(struct gateway *gateway)
{
    struct node *node = gateway->current;

    gateway->repeated = true;
    link_discard(gateway->link);
    if (gateway->current != node || !gateway->awaiting)
        return; // the connection was lost with it
    gateway->statistics.counts.repeats++;
    send_request(gateway);
}

static void give_up(struct gateway *gateway)
{
    bool is_write = dialect_is_write(gateway->current->question.kind);
    struct answer answer = gateway_no_answer(is_write ? XC_UNKNOWN : XC_TIMEOUT);

    gateway->dialect->give_up(gateway->speaker);
    // Ended before the link is discarded: that may take the connection down.
    exchange_end(gateway, &answer);
    gateway->unsettled = true;
    link_discard(gateway->link);
    connection_unanswered(gateway->connection);
}

void exchange_on_deadline(void *arg)
{
    struct gateway *gateway = arg;

    // The answer may have come behind a false beginning.
    if (is_serial_line(gateway)) {
        abandon_partial(gateway);
        if (!gateway->awaiting) {
            gateway_pump(gateway);
            return;
        }
    }
    gateway->statistics.counts.timeouts++;
    trace_note(&gateway->trace, "no answer for %.1f s; %s",
               (double)(loop_now(gateway->loop) - gateway->sent) / (double)LOOP_S,
               may_repeat(gateway) ? "asked again" : "given up");
    if (may_repeat(gateway))
        repeat(gateway);
    else
        give_up(gateway);
    gateway_pump(gateway);
}
