// SPDX-License-Identifier: MIT
// For the tests of shared links: processes that want the same one. They are gateways in one loop
// and virtual time, whose far ends the test plays; where they meet is a directory of the test's
// own.
#ifndef XC_TESTS_SHARE_RIG_H
#define XC_TESTS_SHARE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> // needs those above

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/talk.h"
#include "gateway_rig.h"
#include "link/local.h"

static struct local_place place;

static int share_set_up(void **state)
{
    static char directory[] = "/tmp/xcomtop-share-XXXXXX";
    struct link_spec spec = {.kind = LINK_SERIAL, .path = "/dev/ttyUSB0"};

    (void)state;
    strcpy(directory + sizeof directory - 7, "XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    setenv("XDG_RUNTIME_DIR", directory, 1);
    local_place_of(&spec, &place);
    // Others' places are none of the test's business.
    place.directories[1][0] = place.directories[2][0] = '\0';
    return 0;
}

// Fails when anything is left.
static int share_tear_down(void **state)
{
    (void)state;
    return rmdir(place.directories[0]) == 0 && rmdir(getenv("XDG_RUNTIME_DIR")) == 0 ? 0 : -1;
}

static inline struct rig *new_process(struct rig *first, const struct gateway_options *options)
{
    struct gateway_options own = *options;

    own.place = &place;
    struct rig *rig = first ? rig_new_beside(first, &own) : rig_new(&own);
    rig_run(rig, 0);
    return rig;
}

// --- What they ask and hear ----------------------------------------------------------------------

static const struct gateway_options plain = {0};

static inline struct question info(uint32_t id, enum priority priority)
{
    struct question question = rig_info(id);
    question.priority = priority;
    return question;
}

static inline uint32_t ask(struct rig *rig, uint32_t id, enum priority priority)
{
    struct question question = info(id, priority);
    return rig_ask(rig, &question, (int)id);
}

static inline struct question write_question(double number)
{
    return (struct question){.kind = QUESTION_WRITE,
                             .priority = PRIORITY_PERSON,
                             .address = 101,
                             .id = 1138,
                             .part = PART_RAM,
                             .format = FORMAT_FLOAT,
                             .number = number};
}

static inline uint32_t write_value(struct rig *rig, double number)
{
    struct question question = write_question(number);
    return rig_ask(rig, &question, (int)number);
}

static inline void expect_text(struct rig *rig, const char *part)
{
    const char *text = gateway_state_text(rig->gateway);
    if (!strstr(text, part))
        fail_msg("\"%s\" isn't in: %s", part, text);
}

static inline enum xc_status status_of(const struct rig *rig, int name)
{
    for (size_t i = 0; i < rig->answer_count; i++)
        if (rig->answers[i].name == name)
            return rig->answers[i].answer.status;
    return XC_AGAIN;
}

// --- Somebody who speaks by hand, as host or as guest -------------------------------------------

struct stranger {
    struct link *link;
    struct local_listener *listener;
    struct talk_inbox inbox;
    bool closed;
    unsigned counts[256]; // messages that have come, by kind
    struct talk_hello hello;
    struct talk_ask ask;
    struct talk_answer answer;
    struct talk_status status;
    uint32_t cancelled;
};

static bool stranger_message(void *arg, enum talk_kind kind, const uint8_t *bytes, size_t length)
{
    struct stranger *stranger = arg;

    stranger->counts[kind]++;
    switch (kind) {
    case TALK_HELLO:
        return talk_get_hello(bytes, length, &stranger->hello);
    case TALK_ASK:
        return talk_get_ask(bytes, length, &stranger->ask);
    case TALK_ANSWER:
        return talk_get_answer(bytes, length, &stranger->answer);
    case TALK_STATUS:
        return talk_get_status(bytes, length, &stranger->status);
    case TALK_CANCEL:
        return talk_get_cancel(bytes, length, &stranger->cancelled);
    case TALK_NOTE:
        break;
    }
    return true;
}

static void stranger_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct stranger *stranger = arg;
    assert_true(talk_take(&stranger->inbox, bytes, length, stranger_message, stranger));
}

static void stranger_state(void *arg, enum link_state state)
{
    struct stranger *stranger = arg;
    stranger->closed = state == LINK_CLOSED;
}

static void stranger_take_link(struct stranger *stranger, struct link *link)
{
    static const struct link_events events = {stranger_state, stranger_received};

    stranger->link = link;
    link_listen(link, &events, stranger);
    link_open(link, 0);
}

static void stranger_visited(void *arg, struct link *link)
{
    struct stranger *stranger = arg;

    link_free(stranger->link);
    memset(&stranger->inbox, 0, sizeof stranger->inbox);
    stranger_take_link(stranger, link);
}

static inline void stranger_joins(struct stranger *stranger, struct loop *loop)
{
    struct local_outcome outcome;

    memset(stranger, 0, sizeof *stranger);
    assert_int_equal(local_meet(loop, &place, &outcome), LOCAL_JOINED);
    stranger_take_link(stranger, outcome.link);
}

static inline void stranger_hosts(struct stranger *stranger, struct loop *loop)
{
    struct local_outcome outcome;

    memset(stranger, 0, sizeof *stranger);
    assert_int_equal(local_meet(loop, &place, &outcome), LOCAL_OURS);
    stranger->listener = outcome.listener;
    local_listen(stranger->listener, stranger_visited, stranger);
}

static inline void stranger_leaves(struct stranger *stranger)
{
    local_free(stranger->listener);
    link_free(stranger->link);
    memset(stranger, 0, sizeof *stranger);
}

static inline struct talk_hello good_hello(void)
{
    struct talk_hello hello = {0};

    talk_introduce(&hello);
    snprintf(hello.identity, sizeof hello.identity, "%s", place.identity);
    return hello;
}

static inline void stranger_says(struct stranger *stranger, const uint8_t *bytes, size_t length)
{
    assert_int_equal(link_send(stranger->link, bytes, length), XC_OK);
}

static inline void stranger_greets(struct stranger *stranger, const struct talk_hello *hello)
{
    uint8_t bytes[TALK_FRAME_MAX];
    stranger_says(stranger, bytes, talk_put_hello(hello, bytes));
}

static inline void stranger_tells(struct stranger *stranger, const struct talk_status *status)
{
    uint8_t bytes[TALK_FRAME_MAX];
    stranger_says(stranger, bytes, talk_put_status(status, bytes));
}

static inline void stranger_asks(struct stranger *stranger, uint32_t ticket, unsigned generation,
                                 const struct question *question)
{
    uint8_t bytes[TALK_FRAME_MAX];
    stranger_says(stranger, bytes, talk_put_ask(ticket, generation, question, bytes));
}

#endif
