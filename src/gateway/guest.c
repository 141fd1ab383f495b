// SPDX-License-Identifier: MIT
#include "gateway/guest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

// A host that is there sends something every second.
static const int64_t patience = 10 * LOOP_S;
static const int64_t greeting = 3 * LOOP_S;

struct guest {
    struct loop *loop;
    struct link *link;
    long pid;
    const char *identity;
    const struct guest_events *events;
    void *arg;
    struct talk_inbox inbox;
    bool greeted, read_only;
    bool known; // there was a status
    struct talk_status status;
    bool over;
    char refusal[GATEWAY_TEXT_MAX];
    struct loop_timer silence; // the host says nothing
    struct loop_timer end;     // tells that it is over: not from the link's own events
};

static void end(struct guest *guest)
{
    guest->over = true;
    loop_timer_stop(guest->loop, &guest->silence);
    loop_timer_in(guest->loop, &guest->end, 0);
}

static void on_end(void *arg)
{
    struct guest *guest = arg;
    guest->events->over(guest->arg, guest->refusal[0] ? guest->refusal : NULL);
}

static void refuse(struct guest *guest, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(struct guest *guest, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(guest->refusal, sizeof guest->refusal, format, args);
    va_end(args);
    end(guest);
}

static void on_silence(void *arg)
{
    struct guest *guest = arg;

    refuse(guest, "xcomtop (pid %ld) holds the link but says nothing: is it suspended?",
           guest->pid);
}

static bool take_hello(struct guest *guest, const uint8_t *bytes, size_t length)
{
    struct talk_hello hello = {0};

    if (!talk_get_hello(bytes, length, &hello)) {
        refuse(guest, "pid %ld holds the link, but doesn't speak as xcomtop does", guest->pid);
        return false;
    }
    if (!talk_same_version(&hello)) {
        refuse(guest,
               "xcomtop %s (pid %ld) holds the link, and this is %s: only the same version can ask "
               "through it",
               hello.version, guest->pid, PACKAGE_VERSION);
        return false;
    }
    if (hello.welcome == TALK_FULL) {
        refuse(guest, "xcomtop (pid %ld) holds the link and has as many guests as it can",
               guest->pid);
        return false;
    }
    if (hello.welcome != TALK_WELCOME || strcmp(hello.identity, guest->identity) != 0) {
        refuse(guest, "xcomtop (pid %ld) holds another link by the same name", guest->pid);
        return false;
    }
    guest->greeted = true;
    guest->read_only = hello.read_only;
    return true;
}

static bool take_status(struct guest *guest, const uint8_t *bytes, size_t length)
{
    struct talk_status status;

    if (!talk_get_status(bytes, length, &status))
        return false;
    guest->status = status;
    guest->known = true;
    guest->events->status(guest->arg, &guest->status);
    return true;
}

static bool take_answer(struct guest *guest, const uint8_t *bytes, size_t length)
{
    struct talk_answer answer;

    if (!talk_get_answer(bytes, length, &answer))
        return false;
    guest->events->answer(guest->arg, &answer);
    return true;
}

static bool take_note(struct guest *guest, const uint8_t *bytes, size_t length)
{
    struct gateway_message message = {0};

    if (!talk_get_note(bytes, length, &message))
        return false;
    guest->events->note(guest->arg, &message);
    return true;
}

static bool on_message(void *arg, enum talk_kind kind, const uint8_t *bytes, size_t length)
{
    struct guest *guest = arg;

    if (guest->over)
        return false;
    if (!guest->greeted)
        return kind == TALK_HELLO && take_hello(guest, bytes, length);
    loop_timer_in(guest->loop, &guest->silence, patience);
    switch (kind) {
    case TALK_STATUS:
        return take_status(guest, bytes, length);
    case TALK_ANSWER:
        return guest->known && take_answer(guest, bytes, length);
    case TALK_NOTE:
        return take_note(guest, bytes, length);
    default:
        return false;
    }
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct guest *guest = arg;

    if (guest->over || talk_take(&guest->inbox, bytes, length, on_message, guest) || guest->over)
        return;
    refuse(guest, "xcomtop (pid %ld) holds the link, but isn't understood", guest->pid);
}

static void on_state(void *arg, enum link_state state)
{
    struct guest *guest = arg;

    if (state == LINK_CLOSED && !guest->over)
        end(guest);
}

static const struct link_events link_events = {on_state, on_received};

struct guest *guest_new(struct loop *loop, struct link *link, long pid, const char *identity,
                        bool records, const struct guest_events *events, void *arg)
{
    struct guest *guest = xcalloc(1, sizeof *guest);
    struct talk_hello hello = {.records = records};
    uint8_t bytes[TALK_FRAME_MAX];

    guest->loop = loop;
    guest->link = link;
    guest->pid = pid;
    guest->identity = identity;
    guest->events = events;
    guest->arg = arg;
    guest->silence = (struct loop_timer){.fire = on_silence, .arg = guest};
    guest->end = (struct loop_timer){.fire = on_end, .arg = guest};
    talk_introduce(&hello);
    snprintf(hello.identity, sizeof hello.identity, "%s", identity);
    loop_timer_in(loop, &guest->silence, greeting);
    link_listen(link, &link_events, guest);
    link_open(link, 0);
    if (!guest->over && link_send(link, bytes, talk_put_hello(&hello, bytes)) != XC_OK)
        end(guest);
    return guest;
}

void guest_free(struct guest *guest)
{
    if (!guest)
        return;
    loop_timer_stop(guest->loop, &guest->silence);
    loop_timer_stop(guest->loop, &guest->end);
    link_free(guest->link);
    free(guest);
}

bool guest_ask(struct guest *guest, uint32_t ticket, const struct question *question)
{
    uint8_t bytes[TALK_FRAME_MAX];
    size_t length = talk_put_ask(ticket, guest->status.generation, question, bytes);

    if (guest->over)
        return false;
    if (link_send(guest->link, bytes, length) == XC_OK)
        return true;
    end(guest);
    return false;
}

void guest_cancel(struct guest *guest, uint32_t ticket)
{
    uint8_t bytes[TALK_FRAME_MAX];

    if (!guest->over && link_send(guest->link, bytes, talk_put_cancel(ticket, bytes)) != XC_OK)
        end(guest);
}

long guest_host(const struct guest *guest)
{
    return guest->pid;
}

bool guest_read_only(const struct guest *guest)
{
    return guest->read_only;
}

const struct talk_status *guest_status(const struct guest *guest)
{
    return guest->known ? &guest->status : NULL;
}
