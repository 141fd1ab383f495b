// SPDX-License-Identifier: MIT
#include "gateway/through.h"

#include "gateway/internal.h"

// More would wait there just as well as here, but out of our reach.
enum { LENT_MAX = HOST_QUESTIONS_MAX / 2 };

// --- Questions -----------------------------------------------------------------------------------

void through_ask(struct gateway *gateway)
{
    struct guest *guest = gateway_guest(gateway);
    struct node *node;

    if (!guest)
        return;
    while (gateway->lent < LENT_MAX && (node = queue_next(&gateway->queue))) {
        if (gateway_is_former(gateway, node)) {
            gateway_finish_without(gateway, queue_take_next(&gateway->queue), XC_NO_LINK);
        } else if (gateway_needs(node->question.kind) & ~gateway->capabilities) {
            gateway_finish_without(gateway, queue_take_next(&gateway->queue), XC_UNSUPPORTED);
        } else {
            if (!guest_ask(guest, node->ticket, &node->question))
                return;
            queue_lend_next(&gateway->queue);
            gateway->lent++;
        }
    }
    if (gateway->queue.pending == 0 && gateway_is_ready(gateway) && !gateway->idle_told)
        gateway_tell_idle(gateway);
}

void through_take_back(struct gateway *gateway, uint32_t ticket)
{
    struct node *node = queue_take_lent(&gateway->queue, ticket);

    if (!node)
        return;
    gateway->lent--;
    queue_release(&gateway->queue, node);
    if (gateway_guest(gateway)) // not while the others learn that it is lost
        guest_cancel(gateway_guest(gateway), ticket);
    loop_timer_in(gateway->loop, &gateway->pump, 0);
}

// --- What the host tells -------------------------------------------------------------------------

static void on_own(void *arg, const char *alone)
{
    struct gateway *gateway = arg;

    if (alone)
        trace_note(&gateway->trace, "no other program can ask through this one: %s", alone);
    connection_start(gateway->connection);
}

static void on_host_status(void *arg, const struct talk_status *status)
{
    struct gateway *gateway = arg;
    bool is_new = status->generation != gateway->host_generation;
    bool is_news = status->told || is_new || status->state != gateway->host_state;

    gateway->host_state = status->state;
    gateway->capabilities = status->capabilities;
    if (is_new) {
        gateway->host_generation = status->generation;
        gateway->generation++;
        gateway->idle_told = false;
    }
    loop_timer_stop(gateway->loop, &gateway->expiry);
    loop_timer_in(gateway->loop, &gateway->pump, 0);
    gateway_take_flags(gateway, status->frame_flags);
    if (is_news)
        gateway_changed(gateway);
}

static void on_host_answer(void *arg, struct talk_answer *theirs)
{
    struct gateway *gateway = arg;
    struct node *node = queue_take_lent(&gateway->queue, theirs->ticket);
    struct answer *answer = &theirs->answer;

    if (!node) // withdrawn while the answer was on its way
        return;
    gateway->lent--;
    answer->arrived = loop_now(gateway->loop);
    answer->sent = answer->arrived - theirs->took;
    if (node->question.kind == QUESTION_MULTI && answer->status == XC_OK) {
        if (answer->item_count != node->question.item_count)
            *answer = gateway_no_answer(XC_MALFORMED);
        for (size_t i = 0; i < answer->item_count; i++) {
            theirs->items[i].info = node->items[i].info;
            theirs->items[i].aggregation = node->items[i].aggregation;
        }
    }
    gateway_finish(gateway, node, answer);
    loop_timer_in(gateway->loop, &gateway->pump, 0);
}

static void on_host_note(void *arg, const struct gateway_message *message)
{
    gateway_tell_message(arg, message);
}

static void on_host_lost(void *arg)
{
    struct gateway *gateway = arg;

    gateway->host_generation = 0;
    gateway->host_state = GATEWAY_DOWN;
    // What the host had under way may still be answered, to whoever has the link next.
    gateway->unsettled = true;
    gateway->quiet_since = loop_now(gateway->loop);
    for (struct node *node; (node = queue_take_lent_next(&gateway->queue));) {
        gateway->lent--;
        gateway_finish_without(gateway, node,
                               dialect_is_write(node->question.kind) ? XC_UNKNOWN : XC_NO_LINK);
    }
    gateway_await_expiry(gateway);
}

const struct share_events through_events = {
    .own = on_own,
    .status = on_host_status,
    .answer = on_host_answer,
    .note = on_host_note,
    .lost = on_host_lost,
    .changed = gateway_changed,
};

// --- For gateway.h -------------------------------------------------------------------------------

bool gateway_is_ready(const struct gateway *gateway)
{
    const struct guest *guest = gateway_guest(gateway);

    return gateway_owns_link(gateway) ? connection_is_ready(gateway->connection)
                                      : guest && guest_status(guest)->ready;
}

long gateway_through(const struct gateway *gateway)
{
    const struct guest *guest = gateway_guest(gateway);

    return guest ? guest_host(guest) : 0;
}

bool gateway_through_read_only(const struct gateway *gateway)
{
    const struct guest *guest = gateway_guest(gateway);

    return guest && guest_read_only(guest);
}

void gateway_close_to_others(struct gateway *gateway)
{
    if (gateway->share)
        share_close(gateway->share);
}

void gateway_yield(struct gateway *gateway)
{
    if (!gateway_host(gateway) || host_guests(gateway_host(gateway)) == 0)
        return;
    gateway->yielded = true;
    connection_rest(gateway->connection);
    share_yield(gateway->share);
}

void gateway_return(struct gateway *gateway)
{
    if (gateway->yielded)
        share_return(gateway->share);
    gateway->yielded = false;
}
