// SPDX-License-Identifier: MIT
// gateway: the connection it keeps, and what its loss means for questions.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "gateway_rig.h"

static const struct gateway_options plain = {0};

static struct question write_question(void)
{
    return (struct question){
        .kind = QUESTION_WRITE, .address = 101, .id = 1138, .format = FORMAT_FLOAT, .number = 12};
}

static void assert_text(struct rig *rig, const char *text)
{
    assert_string_equal(gateway_state_text(rig->gateway), text);
}

// Up, silent, down.

static void a_connection_is_proven_by_its_first_answer(void **state)
{
    (void)state;
    struct rig *rig = rig_new(&plain);

    assert_int_equal(gateway_state(rig->gateway), GATEWAY_DOWN);
    assert_int_equal(gateway_generation(rig->gateway), 0);
    rig_run(rig, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_PROBING);
    assert_text(rig, "connected; no answer yet");
    assert_int_equal(gateway_generation(rig->gateway), 1);
    assert_int_equal(rig->request_count, 0);
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_reply_error(rig, rig_last(rig), SCOM_ACCESS_DENIED);
    rig_run(rig, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    assert_text(rig, "connected");
    assert_int_equal(rig_statistics(rig).connections, 1);
    rig_free(rig);
}

static void opening_and_waiting_are_states_of_their_own(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    rig->line->slow = true;

    rig_ask_info(rig, 3000);
    rig_run(rig, LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_CONNECTING);
    assert_text(rig, "connecting to 192.168.1.20:4001");
    assert_int_equal(rig->request_count, 0);
    assert_int_equal(rig->idles, 0);
    rig_line_up(rig);
    rig_run(rig, 0);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);

    rig = rig_new(&plain);
    link_close(rig->far);
    rig_run(rig, LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_WAITING);
    assert_text(rig, "waiting for the other end");
    assert_int_equal(rig->idles, 0);
    rig_reconnect(rig);
    rig_run(rig, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_PROBING);
    assert_int_equal(rig->idles, 1);
    rig_free(rig);
}

static void listening_is_told_with_its_port(void **state)
{
    (void)state;
    struct loop *loop = loop_new_virtual(0, 0);
    struct link_spec spec = {.kind = LINK_TCP_LISTEN, .host = "127.0.0.1"};
    struct link *link = link_new(loop, &spec);
    struct gateway *gateway = gateway_new(loop, link, &plain, NULL, NULL);
    char expected[GATEWAY_TEXT_MAX];

    loop_run_until(loop, LOOP_MS);
    assert_int_equal(gateway_state(gateway), GATEWAY_WAITING);
    snprintf(expected, sizeof expected, "waiting for the Moxa to dial in on port %u",
             link_local_port(link));
    assert_string_equal(gateway_state_text(gateway), expected);
    gateway_free(gateway);
    loop_free(loop);
}

static void two_questions_without_answer_are_silence(void **state)
{
    (void)state;
    const struct gateway_options options = {.timeout = LOOP_S};
    struct rig *rig = rig_new(&options);

    rig->script = rig_answers_all;
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig->script = NULL;
    rig_ask_info(rig, 3001);
    rig_run(rig, 2 * LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    rig_ask_info(rig, 3002);
    rig_run(rig, 2 * LOOP_S - 1);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    unsigned states = rig->states;
    rig_run(rig, 1);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_SILENT);
    assert_int_equal(rig->states, states + 1);
    assert_text(rig, "no answer for 4 s");

    // It is still asked, and any answer to us will do.
    rig_ask_info(rig, 3003);
    rig_run(rig, 0);
    rig_reply_float(rig, &rig->requests[1], 1);
    rig_run(rig, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    assert_int_equal(rig_statistics(rig).late, 1);
    // The count begins anew.
    rig_run(rig, 2 * LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    assert_int_equal(gateway_generation(rig->gateway), 1);
    rig_free(rig);
}

static void a_fixed_setting_without_answer_gives_advice(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 38400, 11);

    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 20 * LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_SILENT);
    assert_text(rig, "no answer at 38400 8E1; leave baud and parity out to find them");
    rig_free(rig);

    rig = rig_new(&plain);
    rig_ask_info(rig, 3000);
    rig_ask_info(rig, 3001);
    rig_run(rig, 20 * LOOP_S);
    assert_text(rig, "no answer: is the gateway on, and do the serial settings of its Moxa fit?");
    rig_free(rig);
}

static void failures_are_retried_after_1_to_30_seconds(void **state)
{
    (void)state;
    static const int64_t at[] = {0, 1, 3, 7, 15, 31, 61, 91, 121};
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    int64_t start = loop_now(rig->loop);

    rig->line->failures = 8;
    rig_run(rig, 4500 * LOOP_MS);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_DOWN);
    assert_text(rig, "ttyUSB0: no such device; next try in 3 s");
    rig_run(rig, 200 * LOOP_S);
    assert_int_equal(rig->line->opened_count, 9);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(rig->line->opened[i] - start, at[i] * LOOP_S);
    assert_int_equal(gateway_generation(rig->gateway), 1);
    rig_free(rig);
}

static void only_an_answer_makes_the_retries_quick_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);

    rig->line->failures = 3;
    rig_run(rig, 7 * LOOP_S); // up at last; the next delay is 8 s
    assert_int_equal(gateway_generation(rig->gateway), 1);
    rig_disconnect(rig);
    rig_run(rig, 8 * LOOP_S - 1);
    assert_int_equal(gateway_generation(rig->gateway), 1);
    rig_run(rig, 1);
    assert_int_equal(gateway_generation(rig->gateway), 2);
    rig->script = rig_answers_all;
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_disconnect(rig);
    rig_run(rig, LOOP_S - 1);
    assert_int_equal(gateway_generation(rig->gateway), 2);
    rig_run(rig, 1);
    assert_int_equal(gateway_generation(rig->gateway), 3);
    rig_free(rig);
}

// What a lost connection means for questions.

static void a_question_on_the_wire_is_lost_with_the_connection(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    struct question write = write_question();

    rig_ask_info(rig, 3000);
    rig_run(rig, 100 * LOOP_MS);
    rig_disconnect(rig);
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    rig_run(rig, LOOP_S);

    rig_ask(rig, &write, 0);
    rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(rig->request_count, 2);
    rig_disconnect(rig);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNKNOWN);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

static void a_write_refused_as_busy_is_known_not_to_be_done(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    struct question write = write_question();

    rig_ask(rig, &write, 0);
    rig_run(rig, 0);
    rig_reply_error(rig, rig_last(rig), SCOM_GATEWAY_BUSY);
    rig_run(rig, 100 * LOOP_MS);
    rig_disconnect(rig);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

static void a_write_goes_only_over_the_connection_on_which_it_was_asked(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    struct question write = write_question();

    // It waits behind a read when the connection is lost; at the new one there may be another
    // installation.
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_ask(rig, &write, 1);
    rig_run(rig, 0);
    rig_disconnect(rig);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig_heard(rig)->name, 1);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    assert_int_equal(rig->request_count, 1);

    // Nor does one that is asked while there is none.
    rig->line->failures = 1;
    rig_disconnect(rig);
    rig_run(rig, 1);
    rig_ask(rig, &write, 2);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig_heard(rig)->name, 2);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

static void questions_in_the_queue_wait_for_the_connection_until_their_deadline(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);

    rig->line->failures = 2; // down until 3 s
    rig_ask_info(rig, 3000);
    rig_run(rig, 500 * LOOP_MS);
    rig_ask_info(rig, 3001);
    rig_run(rig, 2500 * LOOP_MS - 1);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 1);
    // The first one's 3 s are over just as the link comes up; the other one is asked.
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_heard(rig)->name, 3000);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    assert_int_equal(rig->request_count, 1);
    assert_int_equal(rig_last(rig)->frame.object_id, 3001);

    // One that waited longer than that for its turn fails as soon as the connection is lost.
    rig_ask_info(rig, 3002);
    rig_run(rig, 4 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_disconnect(rig);
    rig_run(rig, 0);
    assert_int_equal(rig->answer_count, 3);
    assert_int_equal(rig->answers[1].name, 3001);
    assert_int_equal(rig->answers[2].name, 3002);
    assert_int_equal(rig->answers[2].answer.status, XC_NO_LINK);
    assert_int_equal(gateway_pending(rig->gateway), 0);
    rig_free(rig);
}

static void half_a_frame_does_not_outlive_its_connection(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    uint8_t bytes[SCOM_FRAME_MAX];

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    struct scom_frame frame = rig_answer_to(rig, rig_last(rig), "\0\0\0\0", 4);
    scom_encode(&frame, bytes, sizeof bytes);
    rig_send(rig, bytes, 20);
    rig_run(rig, 0);
    rig_disconnect(rig);
    assert_int_equal(rig_statistics(rig).truncated, 1);
    rig_run(rig, LOOP_S);
    rig->script = rig_answers_all;
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_OK);
    rig_free(rig);
}

static void ask_again_when_lost(struct rig *rig, const struct heard *heard)
{
    if (heard->answer.status == XC_NO_LINK && rig->request_count < 5)
        rig_ask_info(rig, (uint32_t)heard->name);
}

static void a_question_asked_again_when_lost_goes_out_with_the_next_connection(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    rig->on_answer = ask_again_when_lost;

    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    rig_disconnect(rig);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(gateway_generation(rig->gateway), 2);
    rig_free(rig);
}

static void a_connection_given_up_at_the_deadline_is_opened_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 1, 0, 0);
    rig->line->lost_by_discard = true;

    rig_ask_info(rig, 3000);
    rig_run(rig, 3 * LOOP_S);
    // It couldn't be repeated.
    assert_int_equal(rig->answer_count, 1);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_DOWN);
    rig_run(rig, LOOP_S);
    assert_int_equal(gateway_generation(rig->gateway), 2);

    struct question write = write_question();
    rig_ask(rig, &write, 0);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(rig_heard(rig)->answer.status, XC_UNKNOWN);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_DOWN);
    rig_free(rig);
}

// Settings that are tried.

static void settings_are_tried_with_a_harmless_read(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 4, 38400, 11);
    const int64_t each = 2500 * LOOP_MS + 56 * 11 * LOOP_S / 38400;
    static const char *const texts[] = {"trying 38400 8E1", "trying 38400 8N1", "trying 115200 8E1",
                                        "trying 115200 8N1"};

    for (unsigned v = 0; v < 4; v++) {
        rig_run(rig, v == 0 ? 0 : each);
        assert_int_equal(rig->request_count, v + 1);
        assert_int_equal(rig_last(rig)->variant, v);
        assert_int_equal(rig_last(rig)->frame.service_id, SCOM_READ);
        assert_int_equal(rig_last(rig)->frame.destination, 501);
        assert_int_equal(rig_last(rig)->frame.object_type, SCOM_PARAMETER);
        assert_int_equal(rig_last(rig)->frame.object_id, 5002);
        assert_int_equal(gateway_state(rig->gateway), GATEWAY_PROBING);
        assert_text(rig, texts[v]);
    }
    rig_run(rig, each);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_DOWN);
    assert_text(rig, "no answer at 38400 8E1, 38400 8N1, 115200 8E1, 115200 8N1: wrong port or "
                     "cable, or the gateway is off; next try in 1 s");
    assert_int_equal(gateway_generation(rig->gateway), 0);
    assert_int_equal(rig->idles, 0);
    // And round again, with longer and longer pauses.
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 5);
    assert_int_equal(rig_last(rig)->variant, 0);
    rig_run(rig, 4 * each + 2 * LOOP_S - 1);
    assert_int_equal(rig->request_count, 8);
    rig_run(rig, 1);
    assert_int_equal(rig->request_count, 9);
    // Trouble with the port itself is told as such.
    rig_disconnect(rig);
    assert_text(rig, "ttyUSB0: unplugged; next try in 4 s");
    assert_string_equal(gateway_why(rig->gateway), "ttyUSB0: unplugged");
    rig_free(rig);
}

static void a_short_time_out_is_also_that_of_the_trials(void **state)
{
    (void)state;
    const struct gateway_options options = {.timeout = LOOP_S};
    struct rig *rig = rig_new_line(&options, 2, 38400, 11);

    rig_run(rig, LOOP_S + 56 * 11 * LOOP_S / 38400);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

static void answers_115200_8e1(struct rig *rig, const struct request *request)
{
    if (request->variant == 2)
        rig_reply_error(rig, request, SCOM_ACCESS_DENIED);
}

static void the_setting_that_is_answered_is_kept(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 4, 38400, 11);
    rig->script = answers_115200_8e1;

    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    assert_text(rig, "connected to ttyUSB0, 115200 8E1");
    assert_int_equal(gateway_generation(rig->gateway), 1);
    assert_int_equal(rig->idles, 1);
    rig_ask_info(rig, 3000);
    rig_run(rig, 0);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);

    // After a loss it is tried first.
    rig_disconnect(rig);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 5);
    assert_int_equal(rig_last(rig)->variant, 2);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    assert_int_equal(gateway_generation(rig->gateway), 2);

    // Then the others, in their order.
    rig_disconnect(rig);
    rig->script = NULL;
    rig_run(rig, LOOP_S);
    rig->request_count = 0;
    rig_run(rig, 9 * LOOP_S);
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(rig->requests[0].variant, 0);
    assert_int_equal(rig->requests[1].variant, 1);
    assert_int_equal(rig->requests[2].variant, 3);
    rig_free(rig);
}

static void a_long_silence_lets_the_settings_be_tried_anew(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 4, 38400, 11);
    rig->script = rig_answers_all;
    rig_run(rig, LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);

    // The gateway is set to another speed.
    rig->script = answers_115200_8e1;
    for (int question = 1; question <= 4; question++) {
        rig_ask_info(rig, 3000);
        rig_run(rig, 7 * LOOP_S);
        assert_int_equal(rig_last(rig)->variant, 0);
    }
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_SILENT);
    rig_ask_info(rig, 3000);
    rig_run(rig, 15 * LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    assert_text(rig, "connected to ttyUSB0, 115200 8E1");
    assert_int_equal(gateway_generation(rig->gateway), 2);
    rig_free(rig);
}

static void a_port_that_vanishes_while_settings_are_tried_is_opened_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 4, 38400, 11);

    rig_run(rig, 4 * LOOP_S);
    assert_int_equal(rig_last(rig)->variant, 1);
    rig->line->failures = 1;
    rig_disconnect(rig);
    assert_text(rig, "ttyUSB0: unplugged; next try in 1 s");
    rig_run(rig, LOOP_S);
    assert_text(rig, "ttyUSB0: no such device; next try in 2 s");
    rig->script = rig_answers_all;
    rig_run(rig, 2 * LOOP_S);
    assert_int_equal(rig_last(rig)->variant, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    assert_int_equal(rig->answer_count, 0); // the trials are nobody's
    rig_free(rig);
}

static void what_can_be_set_is_asked_again_each_time(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 4, 38400, 11);
    rig->script = answers_115200_8e1;

    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_UP);
    // The adapter is replaced by a pseudo terminal, which has no settings: nothing is tried.
    rig_disconnect(rig);
    rig->line->variants = 1;
    rig->script = NULL;
    rig->request_count = 0;
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->line->variant, 0);
    assert_int_equal(gateway_state(rig->gateway), GATEWAY_PROBING);
    assert_int_equal(rig->request_count, 0);
    assert_int_equal(rig->idles, 2);
    rig_free(rig);
}

static void questions_wait_while_settings_are_tried(void **state)
{
    (void)state;
    struct rig *rig = rig_new_line(&plain, 4, 38400, 11);
    rig->script = answers_115200_8e1;

    rig_ask_info(rig, 3000);
    rig_run(rig, 2600 * LOOP_MS);
    rig_ask_info(rig, 3001);
    rig_run(rig, 400 * LOOP_MS - 1);
    assert_int_equal(rig->answer_count, 0);
    rig_run(rig, 1);
    assert_int_equal(rig_heard(rig)->name, 3000);
    assert_int_equal(rig_heard(rig)->answer.status, XC_NO_LINK);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(rig->answer_count, 2);
    assert_int_equal(rig_heard(rig)->name, 3001);
    assert_int_equal(rig_heard(rig)->answer.status, XC_DEVICE_ERROR);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_proven_by_its_first_answer),
        cmocka_unit_test(opening_and_waiting_are_states_of_their_own),
        cmocka_unit_test(listening_is_told_with_its_port),
        cmocka_unit_test(two_questions_without_answer_are_silence),
        cmocka_unit_test(a_fixed_setting_without_answer_gives_advice),
        cmocka_unit_test(failures_are_retried_after_1_to_30_seconds),
        cmocka_unit_test(only_an_answer_makes_the_retries_quick_again),
        cmocka_unit_test(a_question_on_the_wire_is_lost_with_the_connection),
        cmocka_unit_test(a_write_refused_as_busy_is_known_not_to_be_done),
        cmocka_unit_test(a_write_goes_only_over_the_connection_on_which_it_was_asked),
        cmocka_unit_test(questions_in_the_queue_wait_for_the_connection_until_their_deadline),
        cmocka_unit_test(half_a_frame_does_not_outlive_its_connection),
        cmocka_unit_test(a_question_asked_again_when_lost_goes_out_with_the_next_connection),
        cmocka_unit_test(a_connection_given_up_at_the_deadline_is_opened_again),
        cmocka_unit_test(settings_are_tried_with_a_harmless_read),
        cmocka_unit_test(a_short_time_out_is_also_that_of_the_trials),
        cmocka_unit_test(the_setting_that_is_answered_is_kept),
        cmocka_unit_test(a_long_silence_lets_the_settings_be_tried_anew),
        cmocka_unit_test(a_port_that_vanishes_while_settings_are_tried_is_opened_again),
        cmocka_unit_test(what_can_be_set_is_asked_again_each_time),
        cmocka_unit_test(questions_wait_while_settings_are_tried),
    };
    return cmocka_run_group_tests_name("gateway connection", tests, NULL, NULL);
}
