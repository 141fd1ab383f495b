// SPDX-License-Identifier: MIT
// A shared link whose hosts and guests are killed, silent, of another version, greedy or hostile.
#include "share_rig.h"

#include <stdio.h>

// --- Hosts that aren't good ----------------------------------------------------------------------

static struct talk_status good_status(void)
{
    return (struct talk_status){.state = GATEWAY_UP,
                                .ready = true,
                                .generation = 5,
                                .capabilities = GATEWAY_MULTI,
                                .text = "connected to \033[2Jnowhere"};
}

// A guest of a host that the test plays; base has the loop.
static struct rig *new_guest(struct rig *base, struct stranger *host)
{
    struct talk_hello hello = good_hello();
    struct talk_status status = good_status();

    stranger_hosts(host, base->loop);
    struct rig *guest = new_process(base, &plain);
    assert_int_equal(gateway_state(guest->gateway), GATEWAY_CONNECTING);
    stranger_greets(host, &hello);
    stranger_tells(host, &status);
    rig_run(base, 0);
    assert_int_equal(gateway_state(guest->gateway), GATEWAY_UP);
    return guest;
}

static void a_host_that_is_killed(void **state)
{
    (void)state;
    struct stranger host;
    struct rig *base = rig_new(&plain), *guest = new_guest(base, &host);

    expect_text(guest, "connected to \\x1B[2Jnowhere");
    ask(guest, 3000, PRIORITY_SCREEN);
    write_value(guest, 10);
    rig_run(base, 0);
    assert_int_equal(host.counts[TALK_ASK], 2);
    assert_int_equal(host.ask.generation, 5);
    stranger_leaves(&host); // without a word
    rig_run(base, 0);
    assert_int_equal(status_of(guest, 3000), XC_NO_LINK);
    assert_int_equal(status_of(guest, 10), XC_UNKNOWN);
    rig_run(base, LOOP_S);
    assert_int_equal(gateway_through(guest->gateway), 0);
    rig_free(guest);
    rig_free(base);
}

static void a_host_that_says_nothing_any_more(void **state)
{
    (void)state;
    struct stranger host;
    struct rig *base = rig_new(&plain), *guest = new_guest(base, &host);

    ask(guest, 3000, PRIORITY_SCREEN);
    rig_run(base, 9 * LOOP_S);
    assert_int_equal(status_of(guest, 3000), XC_AGAIN);
    rig_run(base, 2 * LOOP_S);
    assert_int_equal(status_of(guest, 3000), XC_NO_LINK);
    assert_int_equal(gateway_state(guest->gateway), GATEWAY_DOWN);
    expect_text(guest, "holds the link but says nothing: is it suspended?");
    // It is asked again, and when it is gone, the link is taken.
    rig_run(base, 4 * LOOP_S);
    assert_int_equal(host.counts[TALK_HELLO], 2);
    stranger_leaves(&host);
    rig_run(base, 9 * LOOP_S);
    assert_int_equal(gateway_through(guest->gateway), 0);
    assert_int_equal(gateway_state(guest->gateway), GATEWAY_PROBING);
    rig_free(guest);
    rig_free(base);
}

static void a_host_of_another_version(void **state)
{
    (void)state;
    struct stranger host;
    struct rig *base = rig_new(&plain);
    struct talk_hello hello = good_hello();

    stranger_hosts(&host, base->loop);
    struct rig *guest = new_process(base, &plain);
    ask(guest, 3000, PRIORITY_SCREEN);
    strcpy(hello.version, "9.8.7");
    stranger_greets(&host, &hello);
    rig_run(base, 0);
    assert_int_equal(gateway_state(guest->gateway), GATEWAY_DOWN);
    expect_text(guest, "xcomtop 9.8.7 (pid ");
    expect_text(guest, ") holds the link, and this is ");
    rig_run(base, 4 * LOOP_S);
    assert_int_equal(status_of(guest, 3000), XC_NO_LINK); // at its deadline
    stranger_leaves(&host);
    rig_free(guest);
    rig_free(base);
}

static void an_answer_that_does_not_fit_its_question(void **state)
{
    (void)state;
    struct stranger host;
    struct rig *base = rig_new(&plain), *guest = new_guest(base, &host);
    struct multi_item items[3] = {{3000, 1, 0}, {3001, 1, 0}, {3002, 1, 0}};
    struct question question = {.kind = QUESTION_MULTI, .items = items, .item_count = 2};
    struct answer answer = {.status = XC_OK, .items = items, .item_count = 3};
    uint8_t bytes[TALK_FRAME_MAX];

    rig_ask(guest, &question, 1);
    rig_run(base, 0);
    stranger_says(&host, bytes, talk_put_answer(host.ask.ticket + 1, &answer, bytes)); // nobody's
    stranger_says(&host, bytes, talk_put_answer(host.ask.ticket, &answer, bytes));
    rig_run(base, 0);
    assert_int_equal(guest->answer_count, 1);
    assert_int_equal(status_of(guest, 1), XC_MALFORMED);
    struct gateway_message note = {.source = 101, .number = 3, .value = 7};
    stranger_says(&host, bytes, talk_put_note(&note, bytes));
    rig_run(base, 0);
    assert_int_equal(guest->messages, 1);
    stranger_leaves(&host);
    rig_free(guest);
    rig_free(base);
}

// --- Guests that aren't good ---------------------------------------------------------------------

static void guests_that_are_not_let_in(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain);
    struct stranger stranger;
    struct question question = info(3000, PRIORITY_SCREEN);
    struct talk_hello hello;

    for (int which = 0; which < 3; which++) {
        hello = good_hello();
        if (which == 0)
            hello.protocol++;
        else if (which == 1)
            strcpy(hello.version, "0.0.1");
        else
            strcpy(hello.identity, "serial:/dev/ttyUSB1");
        stranger_joins(&stranger, first->loop);
        stranger_greets(&stranger, &hello);
        stranger_asks(&stranger, 1, 0, &question);
        rig_run(first, 0);
        assert_true(stranger.closed);
        assert_int_equal(stranger.hello.welcome, which < 2 ? TALK_OTHER_VERSION : TALK_OTHER_LINK);
        assert_string_equal(stranger.hello.version, good_hello().version);
        stranger_leaves(&stranger);
    }
    // What is too long isn't waited for.
    hello = good_hello();
    stranger_joins(&stranger, first->loop);
    stranger_greets(&stranger, &hello);
    stranger_says(&stranger, (const uint8_t[]){0xFE, 0x07, TALK_ASK, 0}, 4);
    rig_run(first, 0);
    assert_true(stranger.closed);
    stranger_leaves(&stranger);
    // Without a word of greeting.
    stranger_joins(&stranger, first->loop);
    stranger_asks(&stranger, 1, 0, &question);
    rig_run(first, 0);
    assert_true(stranger.closed);
    stranger_leaves(&stranger);
    assert_int_equal(first->request_count, 0);
    rig_free(first);
}

static void only_so_many_are_let_in(void **state)
{
    (void)state;
    static struct stranger strangers[17];
    struct rig *first = new_process(NULL, &plain);
    struct talk_hello hello = good_hello();

    // Who says nothing takes nobody's room.
    for (int i = 0; i < 17; i++) {
        stranger_joins(&strangers[i], first->loop);
        rig_run(first, 0);
    }
    for (int i = 0; i < 17; i++)
        stranger_leaves(&strangers[i]);
    for (int i = 0; i < 17; i++) {
        stranger_joins(&strangers[i], first->loop);
        rig_run(first, 0);
        if (i < 16) // the last one is turned away unheard
            stranger_greets(&strangers[i], &hello);
        rig_run(first, 0);
        assert_int_equal(strangers[i].hello.welcome, i < 16 ? TALK_WELCOME : TALK_FULL);
        assert_int_equal(strangers[i].closed, i == 16);
    }
    for (int i = 0; i < 17; i++)
        stranger_leaves(&strangers[i]);
    rig_free(first);
}

static void who_asks_too_much_is_shut_out(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain);
    struct stranger stranger;
    struct talk_hello hello = good_hello();

    for (int which = 0; which < 2; which++) {
        stranger_joins(&stranger, first->loop);
        stranger_greets(&stranger, &hello);
        // So many at once are too many; the same ticket twice is wrong sooner.
        for (unsigned i = 0; i < (which == 0 ? 65u : 2u); i++) {
            struct question question = info(3000 + i, PRIORITY_SCREEN);
            stranger_asks(&stranger, which == 0 ? i : 7, 1, &question);
        }
        rig_run(first, 0);
        assert_true(stranger.closed);
        stranger_leaves(&stranger);
        rig_run(first, 0);
        assert_in_range(gateway_pending(first->gateway), 0, 1); // what is on the wire
        rig_run(first, 10 * LOOP_S);
    }
    rig_free(first);
}

static void who_does_not_read_is_shut_out(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain);
    struct stranger stranger;
    struct talk_hello hello = good_hello();
    uint8_t bytes[TALK_FRAME_MAX];
    // A socket that nobody looks at: what the kernel takes for it is all that can be sent.
    struct loop *asleep = loop_new_virtual(0, 0);

    stranger_joins(&stranger, asleep);
    assert_int_equal(link_send(stranger.link, bytes, talk_put_hello(&hello, bytes)), XC_OK);
    first->script = rig_answers_all;
    rig_run(first, LOOP_S);
    for (int hours = 0; hours < 2; hours++) {
        rig_run(first, 3600 * LOOP_S);
        ask(first, 3000, PRIORITY_SCREEN);
        rig_run(first, LOOP_S);
        assert_int_equal(rig_heard(first)->answer.status, XC_OK);
    }
    loop_run_until(asleep, 100 * LOOP_S);
    assert_true(stranger.closed);
    stranger_leaves(&stranger);
    loop_free(asleep);
    rig_free(first);
}

// Deterministic: the same bytes in each run.
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

// Good messages with some bytes changed, and rubbish, at both ends.
static void hostile_bytes_harm_nobody(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *good = new_process(first, &plain);
    struct multi_item items[5] = {{3000, 1, 0}, {3001, 1, 0}};
    struct question multi = {.kind = QUESTION_MULTI, .items = items, .item_count = 5};
    struct talk_hello hello = good_hello();
    uint32_t seed = 1;

    first->script = rig_answers_all;
    for (int round = 0; round < 400; round++) {
        struct stranger stranger;
        uint8_t bytes[4 * TALK_FRAME_MAX], message[TALK_FRAME_MAX];
        size_t length = 0;
        stranger_joins(&stranger, first->loop);
        if (round % 4)
            stranger_greets(&stranger, &hello);
        for (uint32_t i = 0; i < 4; i++) {
            size_t more = i % 2 ? talk_put_cancel(i, message) : talk_put_ask(i, i, &multi, message);
            memcpy(bytes + length, message, more);
            length += more;
        }
        for (int changes = 0; changes < 1 + round % 5; changes++)
            bytes[next_random(&seed) % length] = (uint8_t)next_random(&seed);
        link_send(stranger.link, bytes, length);
        first->request_count = first->answer_count = 0;
        rig_run(first, 20 * LOOP_MS);
        stranger_leaves(&stranger);
    }
    rig_run(first, 10 * LOOP_S);
    ask(good, 3000, PRIORITY_PERSON);
    rig_run(first, 0);
    assert_int_equal(status_of(good, 3000), XC_OK);
    rig_free(good);
    rig_free(first);
}

static void hostile_bytes_of_a_host_harm_nobody(void **state)
{
    (void)state;
    uint32_t seed = 2;

    for (int round = 0; round < 200; round++) {
        struct stranger host;
        struct rig *base = rig_new(&plain), *guest = new_guest(base, &host);
        struct talk_status status = good_status();
        struct answer answer = {.status = XC_OK, .number = 1, .raw_length = 4};
        uint8_t bytes[4 * TALK_FRAME_MAX];
        ask(guest, 3000, PRIORITY_SCREEN);
        rig_run(base, 0);
        size_t length = talk_put_status(&status, bytes);
        length += talk_put_answer(host.ask.ticket, &answer, bytes + length);
        for (int changes = 0; changes < 1 + round % 5; changes++)
            bytes[next_random(&seed) % length] = (uint8_t)next_random(&seed);
        stranger_says(&host, bytes, length);
        rig_run(base, LOOP_S);
        assert_true(strlen(gateway_state_text(guest->gateway)) < GATEWAY_TEXT_MAX);
        stranger_leaves(&host);
        rig_run(base, 9 * LOOP_S);
        assert_int_equal(gateway_through(guest->gateway), 0);
        rig_free(guest);
        rig_free(base);
    }
}

#define SHARE_TEST(f) cmocka_unit_test_setup_teardown(f, share_set_up, share_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        SHARE_TEST(a_host_that_is_killed),
        SHARE_TEST(a_host_that_says_nothing_any_more),
        SHARE_TEST(a_host_of_another_version),
        SHARE_TEST(an_answer_that_does_not_fit_its_question),
        SHARE_TEST(guests_that_are_not_let_in),
        SHARE_TEST(only_so_many_are_let_in),
        SHARE_TEST(who_asks_too_much_is_shut_out),
        SHARE_TEST(who_does_not_read_is_shut_out),
        SHARE_TEST(hostile_bytes_harm_nobody),
        SHARE_TEST(hostile_bytes_of_a_host_harm_nobody),
    };
    return cmocka_run_group_tests_name("share_strangers", tests, NULL, NULL);
}
