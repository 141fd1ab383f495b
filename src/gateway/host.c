// SPDX-License-Identifier: MIT
#include "gateway/host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "gateway/internal.h"
#include "gateway/talk.h"

static const int64_t status_period = 1 * LOOP_S;

struct visitor;

// What a guest has asked and wasn't answered yet.
struct errand {
    struct visitor *visitor;
    uint32_t ticket; // of the gateway; 0: free
    uint32_t theirs; // the guest's own ticket
    bool is_write;
};

struct visitor {
    struct host *host; // NULL: nobody
    struct link *link;
    struct talk_inbox inbox;
    bool greeted;
    bool over; // to be shut out, as soon as that can be done
    bool records;
    struct errand errands[HOST_QUESTIONS_MAX];
    // What he knows of the gateway.
    unsigned generation, capabilities;
    uint8_t frame_flags;
    enum gateway_state state;
};

struct host {
    struct loop *loop;
    struct gateway *gateway;
    const char *identity;
    bool read_only;
    bool closed;
    struct loop_timer status, sweep;
    struct visitor visitors[HOST_GUESTS_MAX];
};

// --- To a guest ----------------------------------------------------------------------------------

// What he has asked and wasn't sent yet is withdrawn at once: he may have been gone for long.
static void shut_out(struct visitor *visitor)
{
    visitor->over = true;
    for (unsigned i = 0; i < HOST_QUESTIONS_MAX; i++) {
        gateway_cancel(visitor->host->gateway, visitor->errands[i].ticket);
        visitor->errands[i].ticket = 0;
    }
    loop_timer_in(visitor->host->loop, &visitor->host->sweep, 0);
}

static void send_to(struct visitor *visitor, const uint8_t *bytes, size_t length)
{
    // A queue that is full is that of somebody who doesn't read.
    if (!visitor->over && link_send(visitor->link, bytes, length) != XC_OK)
        shut_out(visitor);
}

static void read_status(struct host *host, struct talk_status *status)
{
    struct gateway *gateway = host->gateway;

    *status = (struct talk_status){.state = gateway_state(gateway),
                                   .ready = gateway_is_ready(gateway),
                                   .generation = gateway_generation(gateway),
                                   .capabilities = gateway_capabilities(gateway),
                                   .frame_flags = gateway_frame_flags(gateway)};
    snprintf(status->text, sizeof status->text, "%s", gateway_state_text(gateway));
    gateway_statistics(gateway, &status->statistics);
    status->has_bus = gateway_bus(gateway, &status->bus, &status->bitrate);
}

static void send_status(struct visitor *visitor, const struct talk_status *status)
{
    uint8_t bytes[TALK_FRAME_MAX];

    visitor->generation = status->generation;
    visitor->capabilities = status->capabilities;
    visitor->frame_flags = status->frame_flags;
    visitor->state = status->state;
    send_to(visitor, bytes, talk_put_status(status, bytes));
}

static bool is_guest(const struct visitor *visitor)
{
    return visitor->host && visitor->greeted && !visitor->over;
}

static void send_status_to_all(struct host *host, bool told)
{
    struct talk_status status;

    if (host_guests(host) == 0)
        return;
    read_status(host, &status);
    status.told = told;
    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++)
        if (is_guest(&host->visitors[i]))
            send_status(&host->visitors[i], &status);
    loop_timer_in(host->loop, &host->status, status_period);
}

static void on_status_timer(void *arg)
{
    send_status_to_all(arg, false);
}

// An answer means what it does on the connection, and with the abilities, that it came with.
static bool is_informed(const struct visitor *visitor)
{
    const struct gateway *gateway = visitor->host->gateway;

    return visitor->generation == gateway_generation(gateway) &&
           visitor->capabilities == gateway_capabilities(gateway) &&
           visitor->frame_flags == gateway_frame_flags(gateway) &&
           visitor->state == gateway_state(gateway);
}

static bool has_errands(const struct visitor *visitor)
{
    for (unsigned i = 0; i < HOST_QUESTIONS_MAX; i++)
        if (visitor->errands[i].ticket)
            return true;
    return false;
}

static void send_answer(struct errand *errand, const struct answer *answer)
{
    struct visitor *visitor = errand->visitor;
    struct talk_status status;
    uint8_t bytes[TALK_FRAME_MAX];

    errand->ticket = 0;
    if (!is_informed(visitor)) {
        read_status(visitor->host, &status);
        send_status(visitor, &status);
    }
    send_to(visitor, bytes, talk_put_answer(errand->theirs, answer, bytes));
    if (visitor->host->closed && !has_errands(visitor))
        shut_out(visitor);
}

static void on_answer(void *arg, const struct answer *answer)
{
    send_answer(arg, answer);
}

static void send_no_answer(struct errand *errand, enum xc_status status)
{
    struct answer answer = {.status = status, .number = (double)NAN};
    send_answer(errand, &answer);
}

// --- From a guest --------------------------------------------------------------------------------

static bool take_hello(struct visitor *visitor, const uint8_t *bytes, size_t length)
{
    struct host *host = visitor->host;
    struct talk_hello theirs, ours = {.read_only = host->read_only};
    struct talk_status status;
    uint8_t out[TALK_FRAME_MAX];

    if (!talk_get_hello(bytes, length, &theirs))
        return false;
    talk_introduce(&ours);
    snprintf(ours.identity, sizeof ours.identity, "%s", host->identity);
    if (!talk_same_version(&theirs))
        ours.welcome = TALK_OTHER_VERSION;
    else if (strcmp(theirs.identity, host->identity) != 0)
        ours.welcome = TALK_OTHER_LINK;
    send_to(visitor, out, talk_put_hello(&ours, out));
    if (ours.welcome != TALK_WELCOME)
        return false;
    visitor->greeted = true;
    visitor->records = theirs.records;
    read_status(host, &status);
    send_status(visitor, &status);
    loop_timer_in(host->loop, &host->status, status_period);
    return true;
}

static struct errand *find_errand(struct visitor *visitor, uint32_t theirs)
{
    for (unsigned i = 0; i < HOST_QUESTIONS_MAX; i++)
        if (visitor->errands[i].ticket && visitor->errands[i].theirs == theirs)
            return &visitor->errands[i];
    return NULL;
}

static struct errand *free_errand(struct visitor *visitor)
{
    for (unsigned i = 0; i < HOST_QUESTIONS_MAX; i++)
        if (!visitor->errands[i].ticket)
            return &visitor->errands[i];
    return NULL;
}

static bool take_ask(struct visitor *visitor, const uint8_t *bytes, size_t length)
{
    struct errand *errand = free_errand(visitor);
    struct talk_ask ask;

    if (!errand || !talk_get_ask(bytes, length, &ask) || find_errand(visitor, ask.ticket))
        return false;
    struct asker asker = {
        .guest = visitor, .records = visitor->records, .generation = ask.generation};
    errand->theirs = ask.ticket;
    errand->is_write = dialect_is_write(ask.question.kind);
    errand->ticket =
        gateway_ask_for(visitor->host->gateway, &ask.question, &asker, on_answer, errand);
    if (visitor->host->closed && gateway_withdraw(visitor->host->gateway, errand->ticket))
        send_no_answer(errand, XC_NO_LINK);
    return true;
}

static bool take_cancel(struct visitor *visitor, const uint8_t *bytes, size_t length)
{
    uint32_t theirs;

    if (!talk_get_cancel(bytes, length, &theirs))
        return false;
    struct errand *errand = find_errand(visitor, theirs); // NULL: the answer is on its way
    if (errand) {
        gateway_cancel(visitor->host->gateway, errand->ticket);
        errand->ticket = 0;
    }
    return true;
}

static bool on_message(void *arg, enum talk_kind kind, const uint8_t *bytes, size_t length)
{
    struct visitor *visitor = arg;

    if (visitor->over)
        return false;
    if (!visitor->greeted)
        return kind == TALK_HELLO && take_hello(visitor, bytes, length);
    switch (kind) {
    case TALK_ASK:
        return take_ask(visitor, bytes, length);
    case TALK_CANCEL:
        return take_cancel(visitor, bytes, length);
    default:
        return false;
    }
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct visitor *visitor = arg;

    if (!visitor->over && !talk_take(&visitor->inbox, bytes, length, on_message, visitor))
        shut_out(visitor);
}

static void on_state(void *arg, enum link_state state)
{
    if (state == LINK_CLOSED)
        shut_out(arg);
}

// --- Coming and going ----------------------------------------------------------------------------

static void see_off(struct visitor *visitor)
{
    shut_out(visitor);
    gateway_end_transfer(visitor->host->gateway, visitor);
    link_free(visitor->link);
    memset(visitor, 0, sizeof *visitor);
}

static void on_sweep(void *arg)
{
    struct host *host = arg;

    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++)
        if (host->visitors[i].host && host->visitors[i].over)
            see_off(&host->visitors[i]);
    if (host_guests(host) == 0)
        loop_timer_stop(host->loop, &host->status);
}

static void turn_away(struct link *link)
{
    struct talk_hello hello = {.welcome = TALK_FULL};
    uint8_t bytes[TALK_FRAME_MAX];

    talk_introduce(&hello);
    link_open(link, 0);
    link_send(link, bytes, talk_put_hello(&hello, bytes));
    link_free(link);
}

// NULL when there is none. Who was let in and hasn't greeted has no right to it.
static struct visitor *find_room(struct host *host)
{
    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++)
        if (!host->visitors[i].host)
            return &host->visitors[i];
    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++) {
        if (is_guest(&host->visitors[i]))
            continue;
        see_off(&host->visitors[i]);
        return &host->visitors[i];
    }
    return NULL;
}

void host_admit(struct host *host, struct link *link)
{
    static const struct link_events events = {on_state, on_received};
    struct visitor *visitor = host->closed ? NULL : find_room(host);

    if (!visitor) {
        turn_away(link);
        return;
    }
    visitor->host = host;
    visitor->link = link;
    for (unsigned i = 0; i < HOST_QUESTIONS_MAX; i++)
        visitor->errands[i].visitor = visitor;
    link_listen(link, &events, visitor);
    link_open(link, 0);
}

struct host *host_new(struct loop *loop, struct gateway *gateway, const char *identity,
                      bool read_only)
{
    struct host *host = xcalloc(1, sizeof *host);

    host->loop = loop;
    host->gateway = gateway;
    host->identity = identity;
    host->read_only = read_only;
    host->status = (struct loop_timer){.fire = on_status_timer, .arg = host};
    host->sweep = (struct loop_timer){.fire = on_sweep, .arg = host};
    return host;
}

void host_close(struct host *host)
{
    host->closed = true;
    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++) {
        struct visitor *visitor = &host->visitors[i];
        for (unsigned e = 0; visitor->host && e < HOST_QUESTIONS_MAX; e++)
            if (visitor->errands[e].ticket &&
                gateway_withdraw(host->gateway, visitor->errands[e].ticket))
                send_no_answer(&visitor->errands[e], XC_NO_LINK);
        if (visitor->host && !has_errands(visitor))
            shut_out(visitor);
    }
}

void host_free(struct host *host)
{
    if (!host)
        return;
    host_close(host);
    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++) {
        struct visitor *visitor = &host->visitors[i];
        if (!visitor->host)
            continue;
        for (unsigned e = 0; e < HOST_QUESTIONS_MAX; e++) {
            struct errand *errand = &visitor->errands[e];
            uint32_t ticket = errand->ticket;
            if (ticket == 0)
                continue;
            gateway_cancel(host->gateway, ticket);
            send_no_answer(errand, errand->is_write ? XC_UNKNOWN : XC_NO_LINK);
        }
        see_off(visitor);
    }
    loop_timer_stop(host->loop, &host->status);
    loop_timer_stop(host->loop, &host->sweep);
    free(host);
}

void host_changed(struct host *host, bool told)
{
    send_status_to_all(host, told);
}

void host_note(struct host *host, const struct gateway_message *message)
{
    uint8_t bytes[TALK_FRAME_MAX];
    size_t length = talk_put_note(message, bytes);

    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++)
        if (is_guest(&host->visitors[i]))
            send_to(&host->visitors[i], bytes, length);
}

unsigned host_guests(const struct host *host)
{
    unsigned count = 0;

    for (unsigned i = 0; i < HOST_GUESTS_MAX; i++)
        count += is_guest(&host->visitors[i]);
    return count;
}
