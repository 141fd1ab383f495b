// SPDX-License-Identifier: MIT
#include "gateway/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static const int64_t moment = 100 * LOOP_MS; // until somebody who begins or ends has done so
static const int64_t refused_for = 5 * LOOP_S;

enum role {
    ROLE_NONE, // looking for who has the link
    ROLE_OWNER,
    ROLE_GUEST,
    ROLE_REFUSED, // somebody has it through whom we can't ask
};

struct share {
    struct loop *loop;
    struct gateway *gateway;
    struct local_place place;
    bool read_only, records;
    const struct share_events *events;
    void *arg;
    enum role role;
    struct loop_timer meet;
    struct guest *guest;
    struct local_listener *listener; // NULL when there is no place to meet
    struct host *host;
    char text[GATEWAY_TEXT_MAX - 32]; // what comes behind must stay in sight
};

// --- As guest ------------------------------------------------------------------------------------

static void on_status(void *arg, const struct talk_status *status)
{
    struct share *share = arg;
    share->events->status(share->arg, status);
}

static void on_answer(void *arg, struct talk_answer *answer)
{
    struct share *share = arg;
    share->events->answer(share->arg, answer);
}

static void on_note(void *arg, const struct gateway_message *message)
{
    struct share *share = arg;
    share->events->note(share->arg, message);
}

static void on_over(void *arg, const char *refusal)
{
    struct share *share = arg;

    if (refusal)
        snprintf(share->text, sizeof share->text, "%s", refusal);
    share->role = refusal ? ROLE_REFUSED : ROLE_NONE;
    loop_timer_in(share->loop, &share->meet, refusal ? refused_for : 0);
    guest_free(share->guest);
    share->guest = NULL;
    share->events->lost(share->arg);
    share->events->changed(share->arg);
}

static const struct guest_events guest_events = {on_status, on_answer, on_note, on_over};

// --- Meeting -------------------------------------------------------------------------------------

static void on_visitor(void *arg, struct link *link)
{
    struct share *share = arg;
    host_admit(share->host, link);
}

static void meet(void *arg)
{
    struct share *share = arg;
    struct local_outcome outcome;

    switch (local_meet(share->loop, &share->place, &outcome)) {
    case LOCAL_JOINED:
        share->role = ROLE_GUEST;
        share->guest = guest_new(share->loop, outcome.link, outcome.pid, share->place.identity,
                                 share->records, &guest_events, share);
        share->events->changed(share->arg);
        return;
    case LOCAL_OURS:
        share->listener = outcome.listener;
        share->host =
            host_new(share->loop, share->gateway, share->place.identity, share->read_only);
        local_listen(share->listener, on_visitor, share);
        break;
    case LOCAL_BUSY:
        loop_timer_in(share->loop, &share->meet, moment);
        return;
    case LOCAL_ALONE:
        break;
    }
    share->role = ROLE_OWNER;
    share->events->own(share->arg, share->host ? NULL : outcome.error);
}

struct share *share_new(struct loop *loop, struct gateway *gateway, const struct local_place *place,
                        bool read_only, bool records, const struct share_events *events, void *arg)
{
    struct share *share = xcalloc(1, sizeof *share);

    share->loop = loop;
    share->gateway = gateway;
    share->place = *place;
    share->read_only = read_only;
    share->records = records;
    share->events = events;
    share->arg = arg;
    share->meet = (struct loop_timer){.fire = meet, .arg = share};
    loop_timer_in(loop, &share->meet, 0);
    return share;
}

void share_free(struct share *share)
{
    if (!share)
        return;
    share_yield(share);
    guest_free(share->guest);
    free(share);
}

bool share_owns(const struct share *share)
{
    return share->role == ROLE_OWNER;
}

enum gateway_state share_state(const struct share *share)
{
    const struct talk_status *status = share->guest ? guest_status(share->guest) : NULL;

    if (share->role == ROLE_REFUSED)
        return GATEWAY_DOWN;
    return status ? status->state : GATEWAY_CONNECTING;
}

char *share_text(const struct share *share, char *out, size_t size)
{
    const struct talk_status *status = share->guest ? guest_status(share->guest) : NULL;
    size_t used = 0;

    out[0] = '\0';
    if (share->role == ROLE_REFUSED)
        text_append(out, size, &used, "%s", share->text);
    else if (status)
        text_append(out, size, &used, "through xcomtop (pid %ld): %s", guest_host(share->guest),
                    status->text);
    else if (share->guest)
        text_append(out, size, &used, "asking xcomtop (pid %ld), which holds the link",
                    guest_host(share->guest));
    else
        text_append(out, size, &used, "looking for who holds the link");
    return out;
}

struct guest *share_guest(const struct share *share)
{
    return share->guest && guest_status(share->guest) ? share->guest : NULL;
}

struct host *share_host(const struct share *share)
{
    return share->host;
}

void share_close(struct share *share)
{
    if (share->listener)
        local_shut(share->listener);
    if (share->host)
        host_close(share->host);
}

void share_dismiss(struct share *share)
{
    loop_timer_stop(share->loop, &share->meet);
    share_close(share);
    host_free(share->host);
    share->host = NULL;
}

void share_yield(struct share *share)
{
    share_dismiss(share);
    local_free(share->listener);
    share->listener = NULL;
    if (share->role == ROLE_OWNER)
        share->role = ROLE_NONE;
}

void share_return(struct share *share)
{
    loop_timer_in(share->loop, &share->meet, 0);
}
