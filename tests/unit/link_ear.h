// SPDX-License-Identifier: MIT
// For the tests of links: someone who listens to a link, and waits for what must happen. Time is
// only a guard: a test that works never waits for it.
#ifndef XC_TESTS_UNIT_LINK_EAR_H
#define XC_TESTS_UNIT_LINK_EAR_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> // needs those above

#include "link/link.h"
#include "loop/loop.h"

enum { EAR_BYTES = 65536, EAR_STATES = 16 };

struct ear {
    struct loop *loop;
    struct link *link;
    uint8_t bytes[EAR_BYTES];
    size_t length;
    enum link_state states[EAR_STATES]; // the events, in their order
    unsigned state_count;
};

static void ear_state(void *arg, enum link_state state)
{
    struct ear *ear = arg;
    if (ear->state_count < EAR_STATES)
        ear->states[ear->state_count++] = state;
    assert_int_equal(state, link_state(ear->link));
    loop_stop(ear->loop);
}

static void ear_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct ear *ear = arg;
    assert_true(length <= EAR_BYTES - ear->length);
    memcpy(ear->bytes + ear->length, bytes, length);
    ear->length += length;
    loop_stop(ear->loop);
}

// A link with an ear on it, closed as yet. Takes over a link that exists, or makes one by its spec.
static void ear_put(struct ear *ear, struct loop *loop, struct link *link,
                    const struct link_spec *spec)
{
    static const struct link_events events = {.state = ear_state, .received = ear_received};

    memset(ear, 0, sizeof *ear);
    ear->loop = loop;
    ear->link = link ? link : link_new(loop, spec);
    link_listen(ear->link, &events, ear);
}

static inline void ear_until_state(struct ear *ear, enum link_state state)
{
    int64_t guard = loop_now(ear->loop) + 20 * LOOP_S;
    while (link_state(ear->link) != state)
        if (!loop_run_until(ear->loop, guard))
            fail_msg("state %d didn't come: %s", (int)state, link_why(ear->link));
}

static inline void ear_until_length(struct ear *ear, size_t length)
{
    int64_t guard = loop_now(ear->loop) + 20 * LOOP_S;
    while (ear->length < length)
        if (!loop_run_until(ear->loop, guard))
            fail_msg("%zu of %zu bytes came: %s", ear->length, length, link_why(ear->link));
}

static inline void ear_until_why(struct ear *ear, const char *part)
{
    int64_t guard = loop_now(ear->loop) + 20 * LOOP_S;
    while (!strstr(link_why(ear->link), part))
        if (loop_now(ear->loop) > guard ||
            (!loop_run_until(ear->loop, loop_now(ear->loop) + LOOP_MS) &&
             loop_now(ear->loop) > guard))
            fail_msg("\"%s\" didn't come: %s", part, link_why(ear->link));
}

static inline void ear_send(struct ear *ear, const char *text)
{
    assert_int_equal(link_send(ear->link, (const uint8_t *)text, strlen(text)), XC_OK);
}

static inline void ear_expect(struct ear *ear, const char *text)
{
    ear_until_length(ear, strlen(text));
    assert_int_equal(ear->length, strlen(text));
    assert_memory_equal(ear->bytes, text, strlen(text));
    ear->length = 0;
}

static inline void assert_why(const struct ear *ear, const char *part)
{
    if (!strstr(link_why(ear->link), part))
        fail_msg("\"%s\" isn't in: %s", part, link_why(ear->link));
}

// How many descriptors are open, to see that none is left behind.
static inline int count_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count;
}

#endif
