// SPDX-License-Identifier: MIT
// A link that several processes want: one has it, the others ask through that one.
#include "share_rig.h"

#include <math.h>
#include <stdio.h>

static const struct gateway_options recorder = {.records = true}, read_only = {.read_only = true};

static void reply_to_last(struct rig *rig, float value)
{
    rig_reply_float(rig, rig_last(rig), value);
    rig_run(rig, 0);
}

// --- As if it were one's own ---------------------------------------------------------------------

static void the_second_asks_through_the_first(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    assert_int_equal(gateway_through(first->gateway), 0);
    assert_int_equal(gateway_through(second->gateway), getpid());
    ask(second, 3000, PRIORITY_SCREEN);
    rig_run(first, 0);
    assert_int_equal(second->request_count, 0);
    assert_int_equal(first->request_count, 1);
    assert_int_equal(rig_last(first)->frame.object_id, 3000);
    assert_int_equal(gateway_pending(second->gateway), 1);
    rig_run(first, 20 * LOOP_MS);
    reply_to_last(first, 12.359375f);
    const struct answer *answer = &rig_heard(second)->answer;
    assert_int_equal(answer->status, XC_OK);
    assert_true(answer->number == 12.359375);
    assert_int_equal(answer->raw_length, 4);
    assert_memory_equal(answer->raw, ((uint8_t[]){0x00, 0xC0, 0x45, 0x41}), 4);
    assert_int_equal(answer->arrived, loop_now(first->loop));
    assert_int_equal(answer->arrived - answer->sent, 20 * LOOP_MS);
    assert_int_equal(gateway_pending(second->gateway), 0);
    assert_int_equal(second->idles, 2); // before it was asked, and after
    assert_int_equal(first->answer_count, 0);

    // What is known of the gateway is what the first knows.
    assert_int_equal(gateway_state(second->gateway), GATEWAY_UP);
    expect_text(second, "through xcomtop (pid ");
    expect_text(second, "): connected");
    rig_run(first, LOOP_S);
    assert_int_equal(rig_statistics(second).questions, 1);
    assert_int_equal(rig_statistics(second).answers, 1);
    assert_true(rig_statistics(second).median_us == 20 * LOOP_MS);
    assert_int_equal(gateway_generation(second->gateway), 1);
    assert_int_equal(gateway_capabilities(second->gateway), gateway_capabilities(first->gateway));
    struct link_bus bus;
    unsigned bitrate;
    assert_false(gateway_bus(second->gateway, &bus, &bitrate));
    rig_free(second);
    rig_free(first);
}

static void many_values_come_back_in_the_order_asked(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);
    struct multi_item items[MULTI_ITEMS_MAX];
    struct question question = {
        .kind = QUESTION_MULTI, .items = items, .item_count = MULTI_ITEMS_MAX};

    for (unsigned i = 0; i < MULTI_ITEMS_MAX; i++)
        items[i] = (struct multi_item){.info = (uint16_t)(3000 + i), .aggregation = 1};
    rig_ask(second, &question, 0);
    rig_run(first, 0);
    rig_reply_items(first, rig_last(first));
    rig_run(first, 0);
    const struct heard *heard = rig_heard(second);
    assert_int_equal(heard->answer.status, XC_OK);
    assert_int_equal(heard->answer.item_count, MULTI_ITEMS_MAX);
    assert_int_equal(heard->answer.multi_flags, 0x61);
    assert_int_equal(heard->answer.multi_clock, 1795269600);
    for (unsigned i = 0; i < MULTI_ITEMS_MAX; i++) {
        assert_int_equal(heard->items[i].info, 3000 + i);
        assert_int_equal(heard->items[i].aggregation, 1);
        assert_true(heard->items[i].value == 1000.0f + (float)i);
    }
    rig_free(second);
    rig_free(first);
}

static void errors_flags_and_abilities_are_handed_on(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);
    struct question guid = {.kind = QUESTION_GUID, .address = SCOM_GATEWAY_ADDRESS};

    first->frame_flags = SCOM_RESTARTED;
    ask(second, 3000, PRIORITY_SCREEN);
    rig_run(first, 0);
    rig_reply_error(first, rig_last(first), SCOM_DEVICE_NOT_FOUND);
    rig_run(first, 0);
    assert_int_equal(rig_heard(second)->answer.status, XC_DEVICE_ERROR);
    assert_int_equal(rig_heard(second)->answer.error, SCOM_DEVICE_NOT_FOUND);
    assert_true(isnan(rig_heard(second)->answer.number));
    assert_int_equal(second->flag_events, 1);
    assert_int_equal(second->flags_changed, SCOM_RESTARTED);
    assert_int_equal(gateway_frame_flags(second->gateway), SCOM_RESTARTED);

    // Told before the answer that tells it: who hears that one knows better already.
    rig_ask(second, &guid, 7);
    rig_run(first, 0);
    rig_reply_error(first, rig_last(first), 0x23); // object isn't supported
    rig_run(first, 0);
    if (status_of(second, 7) == XC_UNSUPPORTED)
        assert_false(gateway_capabilities(second->gateway) & GATEWAY_GUID);
    assert_int_equal(gateway_capabilities(second->gateway), gateway_capabilities(first->gateway));
    rig_free(second);
    rig_free(first);
}

static void silence_and_loss_are_handed_on(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    ask(second, 3000, PRIORITY_SCREEN);
    rig_run(first, 10 * LOOP_S); // asked twice
    assert_int_equal(status_of(second, 3000), XC_TIMEOUT);
    assert_int_equal(first->request_count, 2);
    unsigned generation = gateway_generation(second->gateway);

    rig_disconnect(first);
    rig_run(first, 0);
    assert_int_equal(gateway_state(second->gateway), gateway_state(first->gateway));
    assert_int_not_equal(gateway_state(second->gateway), GATEWAY_UP);
    ask(second, 3001, PRIORITY_SCREEN);
    rig_run(first, 500 * LOOP_MS);
    assert_int_equal(status_of(second, 3001), XC_AGAIN);
    rig_reconnect(first);
    rig_run(first, 2 * LOOP_S);
    // It has waited for the new connection, which is known as one.
    assert_int_equal(gateway_generation(second->gateway), generation + 1);
    assert_int_equal(rig_last(first)->frame.object_id, 3001);
    // Both were told of it, though the line is never idle.
    assert_int_equal(first->generation, gateway_generation(first->gateway));
    assert_int_equal(second->generation, generation + 1);

    // Whose questions weren't answered?
    struct gateway_outcomes ours, theirs;
    gateway_outcomes(first->gateway, &theirs);
    gateway_outcomes(second->gateway, &ours);
    assert_int_equal(theirs.silent, 0);
    assert_int_equal(ours.silent, 1);
    rig_free(second);
    rig_free(first);
}

// --- One queue -----------------------------------------------------------------------------------

static void equal_reads_are_asked_once(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain),
               *third = new_process(first, &plain);

    ask(first, 3000, PRIORITY_SCREEN);
    ask(second, 3000, PRIORITY_BACKGROUND);
    ask(second, 3001, PRIORITY_BACKGROUND);
    rig_run(first, 0);
    ask(third, 3000, PRIORITY_SCREEN); // it is on the wire by now
    rig_run(first, 0);
    reply_to_last(first, 48.5f);
    assert_int_equal(status_of(first, 3000), XC_OK);
    assert_int_equal(status_of(second, 3000), XC_OK);
    assert_int_equal(status_of(third, 3000), XC_OK);
    assert_int_equal(status_of(second, 3001), XC_AGAIN);
    assert_int_equal(first->request_count, 2);
    assert_int_equal(rig_last(first)->frame.object_id, 3001);
    rig_free(third);
    rig_free(second);
    rig_free(first);
}

static void what_a_person_asks_later_is_asked_again(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    ask(first, 3000, PRIORITY_PERSON);
    rig_run(first, 10 * LOOP_MS);
    ask(second, 3000, PRIORITY_PERSON);
    rig_run(first, 10 * LOOP_MS);
    reply_to_last(first, 48.5f);
    assert_int_equal(status_of(first, 3000), XC_OK);
    assert_int_equal(status_of(second, 3000), XC_AGAIN);
    assert_int_equal(first->request_count, 2);
    reply_to_last(first, 49.5f);
    assert_int_equal(status_of(second, 3000), XC_OK);
    rig_free(second);
    rig_free(first);
}

static void equal_writes_are_two(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    write_value(first, 10);
    write_value(second, 10);
    rig_run(first, 0);
    rig_reply(first, rig_last(first), NULL, 0);
    rig_run(first, 0);
    assert_int_equal(first->request_count, 2);
    assert_int_equal(status_of(first, 10), XC_OK);
    assert_int_equal(status_of(second, 10), XC_AGAIN);
    rig_free(second);
    rig_free(first);
}

static void ask_step(struct rig *rig, enum datalog_step step, int name)
{
    const struct question question = {.kind = QUESTION_DATALOG,
                                      .priority = PRIORITY_SCREEN,
                                      .step = step,
                                      .text = step == DATALOG_START ? "LG171010.CSV" : NULL,
                                      .text_length = step == DATALOG_START ? 12 : 0};

    rig_ask(rig, &question, name);
}

static void reply_block(struct rig *rig, bool last)
{
    static const uint8_t bytes[512] = {'x'};
    struct scom_frame frame = rig_answer_to(rig, rig_last(rig), bytes, last ? 7 : sizeof bytes);

    frame.property_id = last ? 0x26 : 0x22;
    rig_send_frame(rig, &frame);
    rig_run(rig, 0);
}

static uint16_t busy_code(struct rig *rig, int name)
{
    const struct heard *heard = rig_heard(rig);

    assert_int_equal(heard->name, name);
    assert_int_equal(heard->answer.status, XC_DEVICE_ERROR);
    return heard->answer.error;
}

static void a_transfer_is_of_one_only(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    ask_step(second, DATALOG_START, 1);
    rig_run(first, 0);
    reply_block(first, false);
    assert_int_equal(rig_heard(second)->answer.status, XC_OK);
    assert_int_equal(rig_heard(second)->answer.block_length, 512);
    // What another one asks for would be his blocks, or end his transfer.
    size_t asked = first->request_count;
    for (int step = DATALOG_START; step <= DATALOG_ABORT; step++) {
        if (step == DATALOG_RETRY)
            continue;
        ask_step(first, (enum datalog_step)step, 10 + step);
        rig_run(first, 0);
        assert_int_equal(busy_code(first, 10 + step), SCOM_GATEWAY_BUSY);
    }
    assert_int_equal(first->request_count, asked);
    ask_step(second, DATALOG_CONTINUE, 2);
    rig_run(first, 0);
    reply_block(first, true);
    assert_int_equal(rig_heard(second)->name, 2);
    assert_true(rig_heard(second)->answer.finished);
    // Now it is free.
    ask_step(first, DATALOG_START, 3);
    rig_run(first, 0);
    assert_int_equal(first->request_count, asked + 2);
    reply_block(first, true);
    assert_int_equal(rig_heard(first)->answer.status, XC_OK);
    rig_free(second);
    rig_free(first);
}

static void a_transfer_of_one_who_goes_is_aborted(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    ask_step(second, DATALOG_START, 1);
    rig_run(first, 0);
    reply_block(first, false);
    rig_free(second);
    rig_run(first, LOOP_S);
    assert_int_equal(rig_last(first)->frame.property_id, 0x25);
    reply_block(first, true);
    ask_step(first, DATALOG_START, 2);
    rig_run(first, 0);
    assert_int_equal(rig_last(first)->frame.property_id, 0x21);
    rig_free(first);
}

static void a_transfer_begun_by_one_who_has_gone_is_aborted(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    ask_step(second, DATALOG_START, 1);
    rig_run(first, 0);
    rig_free(second);
    rig_run(first, 0);
    reply_block(first, false);
    rig_run(first, LOOP_S);
    assert_int_equal(first->request_count, 2);
    assert_int_equal(rig_last(first)->frame.property_id, 0x25);
    reply_block(first, true);
    ask_step(first, DATALOG_START, 2);
    rig_run(first, 0);
    assert_int_equal(rig_last(first)->frame.property_id, 0x21);
    rig_free(first);
}

static void a_transfer_ends_with_its_connection(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    ask_step(second, DATALOG_START, 1);
    rig_run(first, 0);
    reply_block(first, false);
    rig_disconnect(first);
    rig_reconnect(first);
    rig_run(first, 3 * LOOP_S);
    first->request_count = 0;
    ask_step(first, DATALOG_START, 2);
    rig_run(first, LOOP_S);
    assert_int_equal(first->request_count, 1);
    rig_free(second);
    rig_free(first);
}

static void a_person_then_the_log_then_the_rest(void **state)
{
    (void)state;
    static const unsigned order[] = {3900, 3000, 3100, 3200};
    struct rig *screens = new_process(NULL, &plain), *other = new_process(screens, &plain),
               *log = new_process(screens, &recorder);

    ask(screens, 3999, PRIORITY_SCREEN);
    rig_run(screens, 0); // on the wire
    ask(other, 3200, PRIORITY_BACKGROUND);
    rig_run(screens, 0);
    ask(screens, 3100, PRIORITY_SCREEN);
    rig_run(screens, 0);
    ask(log, 3000, PRIORITY_BACKGROUND);
    rig_run(screens, 0);
    ask(other, 3900, PRIORITY_PERSON);
    rig_run(screens, 0);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        reply_to_last(screens, 1);
        assert_int_equal(rig_last(screens)->frame.object_id, order[i]);
    }
    rig_free(log);
    rig_free(other);
    rig_free(screens);
}

static void ask_again(struct rig *rig, const struct heard *heard)
{
    ask(rig, (uint32_t)heard->name, PRIORITY_BACKGROUND);
}

static void nobody_starves(void **state)
{
    (void)state;
    struct rig *log = new_process(NULL, &recorder), *other = new_process(log, &plain);

    log->on_answer = ask_again; // it always has a question
    ask(log, 3000, PRIORITY_BACKGROUND);
    rig_run(log, 0);
    ask(other, 3001, PRIORITY_BACKGROUND);
    for (int i = 0; i < 5; i++) {
        rig_run(log, LOOP_MS);
        reply_to_last(log, 1);
    }
    assert_int_equal(other->answer_count, 1);
    assert_int_equal(log->answer_count, 4);
    rig_free(other);
    rig_free(log);
}

static void what_is_withdrawn_is_not_asked(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain),
               *third = new_process(first, &plain);

    ask(first, 3000, PRIORITY_SCREEN);
    rig_run(first, 0);
    uint32_t ticket = ask(second, 3001, PRIORITY_SCREEN);
    ask(third, 3002, PRIORITY_SCREEN);
    rig_run(first, 0);
    gateway_cancel(second->gateway, ticket);
    assert_int_equal(gateway_pending(second->gateway), 0);
    rig_free(third); // with its process goes what it has asked
    rig_run(first, 0);
    reply_to_last(first, 1);
    assert_int_equal(first->request_count, 1);
    assert_int_equal(gateway_pending(first->gateway), 0);
    assert_int_equal(second->answer_count, 0);

    // On the wire it is awaited, and nobody is told.
    ticket = ask(second, 3003, PRIORITY_SCREEN);
    rig_run(first, 0);
    gateway_cancel(second->gateway, ticket);
    rig_run(first, 0);
    ask(second, 3004, PRIORITY_SCREEN);
    rig_run(first, 0);
    assert_int_equal(first->request_count, 2);
    reply_to_last(first, 1);
    assert_int_equal(rig_last(first)->frame.object_id, 3004);
    assert_int_equal(second->answer_count, 0);
    rig_free(second);
    rig_free(first);
}

// --- Writes --------------------------------------------------------------------------------------

static void read_only_holds_at_both_ends(void **state)
{
    (void)state;
    struct question question = write_question(10);
    struct stranger stranger;
    struct rig *first = new_process(NULL, &read_only), *second = new_process(first, &plain);

    assert_int_equal(gateway_check(second->gateway, &question), XC_READ_ONLY);
    write_value(second, 10);
    rig_run(first, 0);
    assert_int_equal(status_of(second, 10), XC_READ_ONLY);
    // Whoever sends one all the same.
    stranger_joins(&stranger, first->loop);
    struct talk_hello hello = good_hello();
    stranger_greets(&stranger, &hello);
    stranger_asks(&stranger, 1, 1, &question);
    rig_run(first, 0);
    assert_true(stranger.hello.read_only);
    assert_int_equal(stranger.counts[TALK_ANSWER], 1);
    assert_int_equal(stranger.answer.answer.status, XC_READ_ONLY);
    assert_int_equal(first->request_count, 0);
    stranger_leaves(&stranger);
    rig_free(second);
    rig_free(first);

    first = new_process(NULL, &plain);
    second = new_process(first, &read_only);
    write_value(second, 10);
    rig_run(first, 0);
    assert_int_equal(status_of(second, 10), XC_READ_ONLY);
    assert_int_equal(first->request_count, 0);
    write_value(first, 11);
    rig_run(first, 0);
    assert_int_equal(first->request_count, 1);
    rig_free(second);
    rig_free(first);
}

static void a_write_goes_only_over_the_connection_it_was_asked_on(void **state)
{
    (void)state;
    struct question question = write_question(10);
    struct stranger stranger;
    struct talk_hello hello = good_hello();
    struct rig *first = new_process(NULL, &plain);

    stranger_joins(&stranger, first->loop);
    stranger_greets(&stranger, &hello);
    rig_run(first, 0);
    assert_int_equal(stranger.status.generation, 1);
    rig_disconnect(first);
    rig_reconnect(first);
    rig_run(first, 3 * LOOP_S);
    assert_int_equal(stranger.status.generation, 2);
    stranger_asks(&stranger, 1, 1, &question);
    rig_run(first, 0);
    assert_int_equal(stranger.answer.answer.status, XC_NO_LINK);
    assert_int_equal(first->request_count, 0);
    stranger_asks(&stranger, 2, 2, &question);
    rig_run(first, 0);
    assert_int_equal(first->request_count, 1);
    stranger_leaves(&stranger);
    rig_free(first);
}

// He has told by now that it isn't known what became of it.
static void a_write_of_one_who_has_gone_is_not_done(void **state)
{
    (void)state;
    struct question question = write_question(10);
    struct talk_hello hello = good_hello();
    struct stranger stranger;
    struct rig *first = new_process(NULL, &plain);

    stranger_joins(&stranger, first->loop);
    stranger_greets(&stranger, &hello);
    rig_run(first, 0);
    stranger_asks(&stranger, 1, 1, &question);
    stranger_leaves(&stranger);
    rig_run(first, 10 * LOOP_S);
    assert_int_equal(first->request_count, 0);
    rig_free(first);
}

// The next one has never been connected, and isn't yet.
static void a_write_that_did_not_reach_the_host_is_not_done_by_the_next(void **state)
{
    (void)state;
    struct rig *base = rig_new(&plain);
    struct rig *first = new_process(base, &plain), *second = new_process(base, &plain);
    struct talk_status status = {.state = GATEWAY_CONNECTING};
    struct talk_hello hello = good_hello();
    struct stranger next;

    rig_run(base, LOOP_S);
    rig_free(first);
    write_value(second, 10);
    stranger_hosts(&next, base->loop);
    rig_run(base, LOOP_S);
    stranger_greets(&next, &hello);
    stranger_tells(&next, &status);
    rig_run(base, LOOP_S / 10);
    assert_int_equal(gateway_through(second->gateway), getpid());
    assert_int_equal(next.counts[TALK_ASK], 0);
    assert_int_equal(status_of(second, 10), XC_NO_LINK);
    rig_free(second);
    stranger_leaves(&next);
    rig_free(base);
}

// --- Who has the link next -----------------------------------------------------------------------

static void when_the_first_ends_another_one_follows(void **state)
{
    (void)state;
    struct rig *base = rig_new(&plain); // has the loop, and another link
    struct rig *first = new_process(base, &plain), *second = new_process(base, &plain),
               *third = new_process(base, &plain);
    unsigned before = gateway_generation(second->gateway);

    write_value(second, 10);
    ask(third, 3000, PRIORITY_SCREEN);
    rig_run(base, 0);
    assert_int_equal(first->request_count, 1); // the write
    rig_free(first);
    rig_run(base, 0);
    // What may have been done isn't known; what wasn't sent wasn't done.
    assert_int_equal(status_of(second, 10), XC_UNKNOWN);
    assert_int_equal(status_of(third, 3000), XC_NO_LINK);

    rig_run(base, LOOP_S);
    struct rig *owner = gateway_through(second->gateway) ? third : second;
    struct rig *guest = owner == second ? third : second;
    assert_int_equal(gateway_through(owner->gateway), 0);
    assert_int_equal(gateway_through(guest->gateway), getpid());
    assert_int_equal(gateway_generation(second->gateway), before + 1);
    ask(guest, 3001, PRIORITY_SCREEN);
    rig_run(base, 0);
    assert_int_equal(owner->request_count, 1);
    reply_to_last(owner, 1);
    assert_int_equal(status_of(guest, 3001), XC_OK);
    rig_free(guest);
    rig_free(owner);
    rig_free(base);
}

static void a_write_of_the_next_one_waits_for_a_quiet_line(void **state)
{
    (void)state;
    struct rig *base = rig_new(&plain);
    struct rig *first = new_process(base, &plain), *second = new_process(base, &plain);

    rig_run(base, LOOP_S);
    rig_free(first);
    rig_run(base, LOOP_S);
    assert_int_equal(gateway_through(second->gateway), 0);
    write_value(second, 10);
    rig_run(base, LOOP_S);
    assert_int_equal(second->request_count, 0);
    rig_run(base, 2 * LOOP_S);
    assert_int_equal(second->request_count, 1);
    rig_free(second);
    rig_free(base);
}

static void who_ends_finishes_what_is_on_the_wire(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain), *second = new_process(first, &plain);

    write_value(second, 10);
    rig_run(first, 0);
    ask(second, 3000, PRIORITY_SCREEN);
    rig_run(first, 0);
    assert_int_equal(gateway_pending(first->gateway), 2);
    gateway_close_to_others(first->gateway);
    ask(second, 3001, PRIORITY_SCREEN);
    rig_run(first, 0);
    assert_int_equal(status_of(second, 3000), XC_NO_LINK);
    assert_int_equal(status_of(second, 3001), XC_NO_LINK);
    assert_int_equal(status_of(second, 10), XC_AGAIN);
    assert_int_equal(gateway_pending(first->gateway), 1);
    rig_reply(first, rig_last(first), NULL, 0);
    rig_run(first, 0);
    assert_int_equal(status_of(second, 10), XC_OK);
    assert_int_equal(gateway_pending(first->gateway), 0);

    // Until it has ended nobody has the link, and what is asked waits.
    struct rig *third = new_process(first, &plain);
    ask(second, 3002, PRIORITY_SCREEN);
    rig_run(first, LOOP_S);
    assert_int_equal(gateway_state(second->gateway), GATEWAY_CONNECTING);
    assert_int_equal(gateway_state(third->gateway), GATEWAY_CONNECTING);
    assert_int_equal(first->request_count, 1);
    gateway_free(first->gateway);
    first->gateway = NULL;
    rig_run(first, LOOP_S);
    struct rig *owner = gateway_through(second->gateway) ? third : second;
    assert_int_equal(owner->request_count, 1);
    assert_int_equal(rig_last(owner)->frame.object_id, 3002);
    rig_free(third);
    rig_free(second);
    rig_free(first);
}

static void who_stands_still_gives_the_link_away(void **state)
{
    (void)state;
    struct rig *first = new_process(NULL, &plain);

    gateway_yield(first->gateway); // nobody wants it
    gateway_return(first->gateway);
    rig_run(first, 0);
    assert_int_equal(gateway_generation(first->gateway), 1);

    struct rig *second = new_process(first, &plain);
    rig_run(first, LOOP_S);
    gateway_yield(first->gateway);
    rig_run(first, LOOP_S);
    assert_int_equal(gateway_through(second->gateway), 0);
    assert_int_equal(gateway_state(second->gateway), GATEWAY_PROBING);
    ask(second, 3000, PRIORITY_SCREEN);
    rig_run(first, 0);
    assert_int_equal(second->request_count, 1);
    gateway_return(first->gateway);
    rig_run(first, 0);
    assert_int_equal(gateway_through(first->gateway), getpid());
    rig_free(second);
    // And back, as if it had never been away.
    rig_reconnect(first);
    rig_run(first, 2 * LOOP_S);
    ask(first, 3000, PRIORITY_SCREEN);
    rig_run(first, 0);
    assert_int_equal(first->request_count, 1);
    rig_free(first);
}

#define SHARE_TEST(f) cmocka_unit_test_setup_teardown(f, share_set_up, share_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        SHARE_TEST(the_second_asks_through_the_first),
        SHARE_TEST(many_values_come_back_in_the_order_asked),
        SHARE_TEST(errors_flags_and_abilities_are_handed_on),
        SHARE_TEST(silence_and_loss_are_handed_on),
        SHARE_TEST(equal_reads_are_asked_once),
        SHARE_TEST(what_a_person_asks_later_is_asked_again),
        SHARE_TEST(equal_writes_are_two),
        SHARE_TEST(a_transfer_is_of_one_only),
        SHARE_TEST(a_transfer_of_one_who_goes_is_aborted),
        SHARE_TEST(a_transfer_begun_by_one_who_has_gone_is_aborted),
        SHARE_TEST(a_transfer_ends_with_its_connection),
        SHARE_TEST(a_person_then_the_log_then_the_rest),
        SHARE_TEST(nobody_starves),
        SHARE_TEST(what_is_withdrawn_is_not_asked),
        SHARE_TEST(read_only_holds_at_both_ends),
        SHARE_TEST(a_write_goes_only_over_the_connection_it_was_asked_on),
        SHARE_TEST(a_write_of_one_who_has_gone_is_not_done),
        SHARE_TEST(a_write_that_did_not_reach_the_host_is_not_done_by_the_next),
        SHARE_TEST(when_the_first_ends_another_one_follows),
        SHARE_TEST(a_write_of_the_next_one_waits_for_a_quiet_line),
        SHARE_TEST(who_ends_finishes_what_is_on_the_wire),
        SHARE_TEST(who_stands_still_gives_the_link_away),
    };
    return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
