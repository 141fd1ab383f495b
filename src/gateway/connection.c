// SPDX-License-Identifier: MIT
#include "gateway/connection.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

// Questions without answer in a row until a connection counts as silent, and until the settings of
// a serial line are tried anew: the gateway may have been set to another speed.
enum { SILENT_AFTER = 2, TRY_ANEW_AFTER = 5 };

static const int64_t first_delay = 1 * LOOP_S;
static const int64_t longest_delay = 30 * LOOP_S;

struct connection {
    struct loop *loop;
    struct link *link;
    const struct connection_events *events;
    const char *silence; // what to look at when nobody answers
    void *arg;
    enum gateway_state state;
    bool up;        // bytes can flow
    bool probing;   // a setting is being tried
    bool opening;   // inside link_open(): its events are looked at afterwards
    bool heard;     // an answer has come on this connection
    bool no_answer; // all settings were tried in vain
    unsigned unanswered;
    int64_t heard_at;
    // Of the link's variants: how many there are, the one that was answered last, and which is
    // being tried as the how manieth of a round.
    unsigned variants, proven, variant, tried;
    struct loop_timer retry;
    int64_t delay; // until the next retry
};

static void enter(struct connection *connection, enum gateway_state state)
{
    connection->state = state;
    connection->events->changed(connection->arg);
}

// Bytes can't flow, or not yet.
static void enter_without_line(struct connection *connection, enum gateway_state state)
{
    bool was_up = connection->up;

    connection->state = state;
    connection->up = connection->probing = false;
    if (was_up)
        connection->events->lost(connection->arg);
    connection->events->changed(connection->arg);
}

static void retry_later(struct connection *connection)
{
    connection->tried = 0;
    loop_timer_in(connection->loop, &connection->retry, connection->delay);
    connection->delay =
        connection->delay * 2 < longest_delay ? connection->delay * 2 : longest_delay;
}

static void come_up(struct connection *connection)
{
    connection->up = true;
    connection->probing = connection->variants > 1;
    connection->heard = false;
    connection->unanswered = 0;
    enter(connection, GATEWAY_PROBING);
    if (connection->probing)
        connection->events->probe(connection->arg);
    else
        connection->events->ready(connection->arg);
}

static void follow_link(struct connection *connection)
{
    switch (link_state(connection->link)) {
    case LINK_UP:
        if (!connection->up)
            come_up(connection);
        break;
    case LINK_OPENING:
        enter_without_line(connection, GATEWAY_CONNECTING);
        break;
    case LINK_WAITING:
        enter_without_line(connection, GATEWAY_WAITING);
        break;
    case LINK_CLOSED:
        retry_later(connection);
        enter_without_line(connection, GATEWAY_DOWN);
        break;
    }
}

static void on_link_state(void *arg, enum link_state state)
{
    struct connection *connection = arg;

    (void)state;
    if (!connection->opening)
        follow_link(connection);
}

static void on_link_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct connection *connection = arg;

    if (connection->up)
        connection->events->received(connection->arg, bytes, length);
}

static const struct link_events link_events = {on_link_state, on_link_received};

// The setting that was answered last comes first, the others follow in their order.
static unsigned variant_in_round(const struct connection *connection, unsigned n)
{
    if (n == 0)
        return connection->proven;
    return n <= connection->proven ? n - 1 : n;
}

static void open_link(struct connection *connection)
{
    if (connection->tried == 0) {
        // What is at a path can change: a pseudo terminal has nothing to choose.
        connection->variants = link_variants(connection->link);
        if (connection->proven >= connection->variants)
            connection->proven = 0;
    }
    connection->variant = variant_in_round(connection, connection->tried);
    connection->no_answer = false;
    connection->opening = true;
    link_open(connection->link, connection->variant);
    connection->opening = false;
    follow_link(connection);
}

static void on_retry(void *arg)
{
    open_link(arg);
}

struct connection *connection_new(struct loop *loop, struct link *link,
                                  const struct connection_events *events, const char *silence,
                                  void *arg)
{
    struct connection *connection = xcalloc(1, sizeof *connection);

    connection->loop = loop;
    connection->link = link;
    connection->events = events;
    connection->silence = silence;
    connection->arg = arg;
    connection->state = GATEWAY_DOWN;
    connection->delay = first_delay;
    connection->retry = (struct loop_timer){.fire = on_retry, .arg = connection};
    link_listen(link, &link_events, connection);
    return connection;
}

void connection_start(struct connection *connection)
{
    loop_timer_in(connection->loop, &connection->retry, 0);
}

void connection_rest(struct connection *connection)
{
    connection->opening = true; // the link's closing is ours
    link_close(connection->link);
    connection->opening = false;
    connection->tried = 0;
    connection->no_answer = false;
    loop_timer_stop(connection->loop, &connection->retry);
    enter_without_line(connection, GATEWAY_DOWN);
}

void connection_free(struct connection *connection)
{
    loop_timer_stop(connection->loop, &connection->retry);
    link_listen(connection->link, NULL, NULL);
    link_free(connection->link);
    free(connection);
}

void connection_heard(struct connection *connection)
{
    bool was_probing = connection->probing;

    connection->heard = true;
    connection->heard_at = loop_now(connection->loop);
    connection->unanswered = 0;
    connection->delay = first_delay;
    connection->proven = connection->variant;
    connection->tried = 0;
    connection->probing = false;
    if (connection->state != GATEWAY_UP)
        enter(connection, GATEWAY_UP);
    if (was_probing)
        connection->events->ready(connection->arg);
}

static void give_up_round(struct connection *connection)
{
    connection->up = connection->probing = false;
    connection->no_answer = true;
    connection->opening = true; // the link's closing is ours
    link_close(connection->link);
    connection->opening = false;
    retry_later(connection);
    enter(connection, GATEWAY_DOWN);
}

static void try_anew(struct connection *connection)
{
    connection->tried = 0;
    connection->up = false;
    connection->events->lost(connection->arg);
    open_link(connection);
}

void connection_unanswered(struct connection *connection)
{
    if (!connection->up)
        return;
    if (connection->probing) {
        if (++connection->tried == connection->variants) {
            give_up_round(connection);
            return;
        }
        connection->up = connection->probing = false;
        open_link(connection);
        return;
    }
    connection->unanswered++;
    if (connection->unanswered >= TRY_ANEW_AFTER && connection->variants > 1)
        try_anew(connection);
    else if (connection->unanswered >= SILENT_AFTER && connection->state != GATEWAY_SILENT)
        enter(connection, GATEWAY_SILENT);
}

bool connection_is_ready(const struct connection *connection)
{
    return connection->up && !connection->probing;
}

enum gateway_state connection_state(const struct connection *connection)
{
    return connection->state;
}

// --- In words ------------------------------------------------------------------------------------

static void append_settings(const struct connection *connection, char *out, size_t size,
                            size_t *used)
{
    for (unsigned v = 0; v < connection->variants; v++)
        text_append(out, size, used, "%s%s", v > 0 ? ", " : "",
                    link_variant_name(connection->link, v));
}

static void append_retry(const struct connection *connection, char *out, size_t size, size_t *used)
{
    if (!connection->retry.set)
        return;
    int64_t left = connection->retry.at - loop_now(connection->loop);
    int seconds = left > 0 ? (int)((left + LOOP_S - 1) / LOOP_S) : 0;
    text_append(out, size, used, "; next try in %d s", seconds);
}

static void append_waiting(const struct connection *connection, const char *why, char *out,
                           size_t size, size_t *used)
{
    unsigned port = link_local_port(connection->link);
    const char *more = strchr(why, ';'); // who was refused, why the last one left

    if (port > 0)
        text_append(out, size, used, "waiting for the Moxa to dial in on port %u%s", port,
                    more ? more : "");
    else
        text_append(out, size, used, "%s", why);
}

static void append_silence(const struct connection *connection, const char *setting, char *out,
                           size_t size, size_t *used)
{
    char age[16];

    if (connection->heard) {
        double seconds =
            (double)(loop_now(connection->loop) - connection->heard_at) / (double)LOOP_S;
        text_append(out, size, used, "no answer for %s", text_age(age, sizeof age, seconds));
        if (setting[0])
            text_append(out, size, used, " at %s", setting);
    } else if (setting[0]) {
        text_append(out, size, used, "no answer at %s; leave baud and parity out to find them",
                    setting);
    } else {
        text_append(out, size, used, "no answer: %s", connection->silence);
    }
}

char *connection_text(const struct connection *connection, bool tries_again, char *out, size_t size)
{
    const char *setting = link_variant_name(connection->link, connection->variant);
    char why[GATEWAY_TEXT_MAX - 32]; // what comes behind must stay in sight
    size_t used = 0;

    text_escape(why, sizeof why, link_why(connection->link));
    out[0] = '\0';
    switch (connection->state) {
    case GATEWAY_DOWN:
        if (connection->no_answer) {
            text_append(out, size, &used, "no answer at ");
            append_settings(connection, out, size, &used);
            text_append(out, size, &used, ": wrong port or cable, or the gateway is off");
        } else {
            text_append(out, size, &used, "%s", why);
        }
        if (tries_again)
            append_retry(connection, out, size, &used);
        break;
    case GATEWAY_WAITING:
        append_waiting(connection, why, out, size, &used);
        break;
    case GATEWAY_CONNECTING:
        text_append(out, size, &used, "%s", why);
        break;
    case GATEWAY_PROBING:
        if (connection->probing)
            text_append(out, size, &used, "trying %s", setting);
        else
            text_append(out, size, &used, "%s; no answer yet", why);
        break;
    case GATEWAY_UP:
        text_append(out, size, &used, "%s", why);
        if (setting[0] && !strstr(why, setting))
            text_append(out, size, &used, ", %s", setting);
        break;
    case GATEWAY_SILENT:
        append_silence(connection, setting, out, size, &used);
        break;
    }
    return out;
}
