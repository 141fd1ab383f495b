// SPDX-License-Identifier: MIT
// The loop: timers, the virtual clock, watches and signals.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"

enum { START = 1000, WALL = 1795266202 };

// What happened, in order: "name@time " for each call.
struct diary {
    struct loop *loop;
    char text[4096];
    size_t used;
};

struct entry {
    struct diary *diary;
    const char *name;
};

static void note(void *arg)
{
    struct entry *entry = arg;
    struct diary *diary = entry->diary;
    int n = snprintf(diary->text + diary->used, sizeof diary->text - diary->used, "%s@%lld ",
                     entry->name, (long long)loop_now(diary->loop));
    diary->used += (size_t)n;
}

static struct loop *new_loop(void)
{
    return loop_new_virtual(START, WALL * LOOP_S);
}

// --- Timers ------------------------------------------------------------------------------------

static void timers_fire_in_the_order_of_times_then_of_setting(void **state)
{
    (void)state;
    struct diary diary = {.loop = new_loop()};
    struct entry a = {&diary, "a"}, b = {&diary, "b"}, c = {&diary, "c"}, d = {&diary, "d"};
    struct loop_timer ta = {.fire = note, .arg = &a}, tb = {.fire = note, .arg = &b};
    struct loop_timer tc = {.fire = note, .arg = &c}, td = {.fire = note, .arg = &d};

    loop_timer_at(diary.loop, &ta, 3000);
    loop_timer_in(diary.loop, &tb, 1000);
    loop_timer_at(diary.loop, &tc, 2000);
    loop_timer_at(diary.loop, &td, 1); // has passed
    assert_false(loop_run_until(diary.loop, 5000));
    assert_string_equal(diary.text, "d@1000 b@2000 c@2000 a@3000 ");
    assert_false(ta.set || tb.set || tc.set || td.set);
    loop_free(diary.loop);
}

static void a_timer_that_is_set_again_moves(void **state)
{
    (void)state;
    struct diary diary = {.loop = new_loop()};
    struct entry a = {&diary, "a"}, b = {&diary, "b"};
    struct loop_timer ta = {.fire = note, .arg = &a}, tb = {.fire = note, .arg = &b};

    loop_timer_at(diary.loop, &ta, 2000);
    loop_timer_at(diary.loop, &tb, 2000);
    loop_timer_at(diary.loop, &ta, 2000); // now behind b
    loop_run_until(diary.loop, 2500);
    assert_string_equal(diary.text, "b@2000 a@2000 ");
    loop_timer_at(diary.loop, &ta, 3000);
    loop_timer_at(diary.loop, &ta, 4000);
    loop_run_until(diary.loop, 3500);
    assert_string_equal(diary.text, "b@2000 a@2000 ");
    loop_timer_stop(diary.loop, &ta);
    loop_timer_stop(diary.loop, &ta); // twice is harmless
    loop_run_until(diary.loop, 9000);
    assert_string_equal(diary.text, "b@2000 a@2000 ");
    loop_free(diary.loop);
}

// A timer that sets itself again, `left` times.
struct repeater {
    struct loop *loop;
    struct loop_timer timer;
    int64_t delay;
    int left, fired;
    int wakes; // a pipe that it writes to when 500 are left; 0 none
};

static void repeat(void *arg)
{
    struct repeater *r = arg;
    r->fired++;
    if (r->wakes > 0 && r->left == 500)
        assert_int_equal(write(r->wakes, "x", 1), 1);
    if (--r->left > 0)
        loop_timer_in(r->loop, &r->timer, r->delay);
}

static void a_timer_can_set_itself_again(void **state)
{
    (void)state;
    struct repeater r = {.loop = new_loop(), .delay = LOOP_S, .left = 1 << 30};
    r.timer = (struct loop_timer){.fire = repeat, .arg = &r};
    loop_timer_in(r.loop, &r.timer, LOOP_S);
    loop_run_until(r.loop, START + 3600 * LOOP_S);
    assert_int_equal(r.fired, 3600);
    assert_true(r.timer.set);
    loop_timer_stop(r.loop, &r.timer);
    loop_free(r.loop);
}

static void watch_and_stop(void *arg, short revents)
{
    struct loop *loop = arg;
    assert_int_equal(revents, POLLIN);
    loop_stop(loop);
}

static void a_timer_set_for_now_waits_for_the_next_round(void **state)
{
    (void)state;
    // If it didn't, this one would never let the descriptor have its turn.
    struct repeater r = {.loop = new_loop(), .delay = 0, .left = 1000};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    r.wakes = ends[1];
    r.timer = (struct loop_timer){.fire = repeat, .arg = &r};
    repeat(&r);
    struct loop_watch *watch = loop_watch(r.loop, ends[0], POLLIN, watch_and_stop, r.loop);
    assert_true(loop_run_until(r.loop, 2000));
    assert_true(r.left >= 498);
    loop_unwatch(r.loop, watch);
    assert_false(loop_run_until(r.loop, 2000));
    assert_int_equal(r.left, 0);
    loop_free(r.loop);
    close(ends[0]);
    close(ends[1]);
}

// Two timers that take turns: each sets the other for now.
struct pair {
    struct loop *loop;
    struct loop_timer timers[2];
    int fired, polls;
    int descriptor;
};

static void set_other(void *arg)
{
    struct pair *pair = arg;
    int me = pair->fired++ % 2;
    if (pair->fired < 50)
        loop_timer_at(pair->loop, &pair->timers[!me], loop_now(pair->loop));
    else
        loop_stop(pair->loop);
}

static void count_poll(void *arg, short revents)
{
    struct pair *pair = arg;
    char byte;
    (void)revents;
    assert_int_equal(read(pair->descriptor, &byte, 1), 1);
    pair->polls++;
}

static void descriptors_have_their_turn_between_timers_that_set_each_other(void **state)
{
    (void)state;
    // The real clock: a round is a poll and the timers that were due after it.
    struct pair pair = {.loop = loop_new()};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pair.descriptor = ends[0];
    for (int i = 0; i < 20; i++)
        assert_int_equal(write(ends[1], "x", 1), 1);
    pair.timers[0] = pair.timers[1] = (struct loop_timer){.fire = set_other, .arg = &pair};
    loop_timer_at(pair.loop, &pair.timers[0], loop_now(pair.loop));
    loop_watch(pair.loop, ends[0], POLLIN, count_poll, &pair);
    loop_run(pair.loop);
    assert_int_equal(pair.fired, 50);
    assert_int_equal(pair.polls, 20);
    loop_free(pair.loop);
    close(ends[0]);
    close(ends[1]);
}

static void stop_the_loop(void *arg)
{
    loop_stop(arg);
}

static void timers_that_were_due_when_the_loop_stopped_fire_later_in_order(void **state)
{
    (void)state;
    struct diary diary = {.loop = new_loop()};
    struct entry a = {&diary, "a"}, b = {&diary, "b"}, c = {&diary, "c"};
    struct loop_timer stop = {.fire = stop_the_loop, .arg = diary.loop};
    struct loop_timer ta = {.fire = note, .arg = &a}, tb = {.fire = note, .arg = &b};
    struct loop_timer tc = {.fire = note, .arg = &c};

    loop_timer_at(diary.loop, &stop, 2000);
    loop_timer_at(diary.loop, &ta, 2000);
    loop_timer_at(diary.loop, &tb, 2000);
    assert_true(loop_run_until(diary.loop, 3000));
    assert_int_equal(loop_now(diary.loop), 2000);
    assert_string_equal(diary.text, "");
    assert_true(ta.set && tb.set && !stop.set);
    loop_timer_at(diary.loop, &tc, 2000);
    loop_timer_at(diary.loop, &stop, 1999);
    assert_true(loop_run_until(diary.loop, 3000));
    assert_string_equal(diary.text, "");
    assert_false(loop_run_until(diary.loop, 3000));
    assert_string_equal(diary.text, "a@2000 b@2000 c@2000 ");
    loop_free(diary.loop);
}

struct stopper {
    struct loop *loop;
    struct loop_timer *victim;
};

static void stop_victim(void *arg)
{
    struct stopper *stopper = arg;
    loop_timer_stop(stopper->loop, stopper->victim);
}

static void a_timer_stopped_by_another_of_the_same_instant_does_not_fire(void **state)
{
    (void)state;
    struct diary diary = {.loop = new_loop()};
    struct entry a = {&diary, "a"}, b = {&diary, "b"};
    struct loop_timer ta = {.fire = note, .arg = &a}, tb = {.fire = note, .arg = &b};
    struct stopper stopper = {diary.loop, &ta};
    struct loop_timer killer = {.fire = stop_victim, .arg = &stopper};

    loop_timer_at(diary.loop, &killer, 2000);
    loop_timer_at(diary.loop, &ta, 2000);
    loop_timer_at(diary.loop, &tb, 2000);
    loop_run_until(diary.loop, 3000);
    assert_string_equal(diary.text, "b@2000 ");
    assert_false(ta.set);
    loop_free(diary.loop);
}

// --- The clock ---------------------------------------------------------------------------------

static void virtual_time_jumps_to_the_next_timer_and_ends_at_the_deadline(void **state)
{
    (void)state;
    struct diary diary = {.loop = new_loop()};
    struct entry a = {&diary, "a"}, b = {&diary, "b"};
    struct loop_timer ta = {.fire = note, .arg = &a}, tb = {.fire = note, .arg = &b};

    assert_int_equal(loop_now(diary.loop), START);
    assert_int_equal(loop_wall(diary.loop), WALL * LOOP_S);
    loop_timer_at(diary.loop, &ta, 5000);
    loop_timer_at(diary.loop, &tb, 5001);
    assert_false(loop_run_until(diary.loop, 4999));
    assert_int_equal(loop_now(diary.loop), 4999);
    assert_string_equal(diary.text, "");
    assert_false(loop_run_until(diary.loop, 5000));
    assert_int_equal(loop_now(diary.loop), 5000);
    assert_string_equal(diary.text, "a@5000 ");
    assert_false(loop_run_until(diary.loop, 6000));
    assert_int_equal(loop_now(diary.loop), 6000);
    assert_string_equal(diary.text, "a@5000 b@5001 ");
    assert_int_equal(loop_wall(diary.loop), WALL * LOOP_S + 5000);
    loop_free(diary.loop);
}

static void time_never_goes_back(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    loop_run_until(loop, 5000);
    assert_false(loop_run_until(loop, 3000));
    assert_int_equal(loop_now(loop), 5000);
    loop_free(loop);

    loop = loop_new();
    int64_t now = loop_now(loop);
    assert_false(loop_run_until(loop, now - LOOP_S));
    for (int i = 0; i < 1000; i++) {
        int64_t later = loop_now(loop);
        assert_true(later >= now);
        now = later;
    }
    loop_free(loop);
}

static void the_real_clock_waits_until_the_deadline_and_fires_on_the_way(void **state)
{
    (void)state;
    struct repeater r = {.loop = loop_new(), .delay = 500, .left = 3};
    int64_t from = loop_now(r.loop);
    r.timer = (struct loop_timer){.fire = repeat, .arg = &r};
    loop_timer_in(r.loop, &r.timer, 500);
    assert_false(loop_run_until(r.loop, from + 20 * LOOP_MS));
    assert_true(loop_now(r.loop) >= from + 20 * LOOP_MS);
    assert_int_equal(r.fired, 3);
    loop_free(r.loop);
}

static void stop_ends_both_ways_of_running(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct loop_timer timer = {.fire = stop_the_loop, .arg = loop};
    loop_timer_at(loop, &timer, 2000);
    loop_run(loop);
    assert_int_equal(loop_now(loop), 2000);
    loop_timer_at(loop, &timer, 3000);
    assert_true(loop_run_until(loop, 4000));
    assert_int_equal(loop_now(loop), 3000);
    assert_false(loop_run_until(loop, 4000)); // the stop was for that run
    loop_free(loop);
}

// --- Watches -----------------------------------------------------------------------------------

struct reader {
    struct loop *loop;
    int descriptor;
    struct loop_watch *watch;
    struct reader *other; // what its callback removes or silences
    bool silence;
    int calls;
};

static void read_and_meddle(void *arg, short revents)
{
    struct reader *r = arg;
    char byte;
    assert_true(revents & POLLIN);
    assert_int_equal(read(r->descriptor, &byte, 1), 1);
    r->calls++;
    if (r->other && r->silence) {
        loop_watch_events(r->other->watch, 0);
    } else if (r->other) {
        loop_unwatch(r->loop, r->other->watch);
        r->other->watch = NULL;
    }
}

static void open_reader(struct reader *r, struct loop *loop, int *write_end)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    *write_end = ends[1];
    *r = (struct reader){.loop = loop, .descriptor = ends[0]};
    r->watch = loop_watch(loop, ends[0], POLLIN, read_and_meddle, r);
}

static void a_watch_removed_by_a_callback_is_not_called_any_more(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct reader a, b;
    int to_a, to_b;
    open_reader(&a, loop, &to_a);
    open_reader(&b, loop, &to_b);
    a.other = &b;
    assert_int_equal(write(to_a, "x", 1) + write(to_b, "x", 1), 2); // both ready at once
    loop_run_until(loop, 2000);
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 0);

    a.other = &a; // itself
    assert_int_equal(write(to_a, "xx", 2), 2);
    loop_run_until(loop, 3000);
    assert_int_equal(a.calls, 2);
    loop_unwatch(loop, NULL);
    loop_free(loop);
    close(a.descriptor), close(b.descriptor), close(to_a), close(to_b);
}

static void a_watch_silenced_by_a_callback_is_not_called_until_it_listens_again(void **state)
{
    (void)state;
    struct loop *loop = new_loop();
    struct reader a, b;
    int to_a, to_b;
    open_reader(&a, loop, &to_a);
    open_reader(&b, loop, &to_b);
    a.other = &b;
    a.silence = true;
    assert_int_equal(write(to_a, "x", 1) + write(to_b, "x", 1), 2);
    loop_run_until(loop, 2000);
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 0);
    close(to_b); // a hang-up doesn't wake it either, or the loop would spin
    loop_run_until(loop, 3000);
    assert_int_equal(b.calls, 0);
    loop_watch_events(b.watch, POLLIN);
    b.other = &b;
    loop_run_until(loop, 4000);
    assert_int_equal(b.calls, 1);
    loop_free(loop);
    close(a.descriptor), close(b.descriptor), close(to_a);
}

struct spawner {
    struct loop *loop;
    int descriptor, calls;
};

static void spawn(void *arg, short revents)
{
    struct spawner *s = arg;
    char byte;
    (void)revents;
    if (read(s->descriptor, &byte, 1) == 1 && ++s->calls < 40)
        loop_watch(s->loop, s->descriptor, POLLIN, spawn, s);
}

static void watches_can_be_added_by_callbacks(void **state)
{
    (void)state;
    // Enough to make the arrays grow while they are walked.
    struct spawner s = {.loop = new_loop()};
    int ends[2];
    char bytes[100] = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0); // they compete for the bytes
    s.descriptor = ends[0];
    assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
    loop_watch(s.loop, ends[0], POLLIN, spawn, &s);
    while (s.calls < 40)
        loop_run_until(s.loop, loop_now(s.loop));
    loop_free(s.loop);
    close(ends[0]);
    close(ends[1]);
}

static void work_comes_before_time(void **state)
{
    (void)state;
    // Data that is there is read before the clock moves on to a deadline.
    struct diary diary = {.loop = new_loop()};
    struct entry late = {&diary, "late"};
    struct loop_timer timer = {.fire = note, .arg = &late};
    struct reader a;
    int to_a;
    open_reader(&a, diary.loop, &to_a);
    loop_timer_at(diary.loop, &timer, 2000);
    assert_int_equal(write(to_a, "xxxxx", 5), 5);
    loop_run_until(diary.loop, 1999);
    assert_int_equal(a.calls, 5);
    loop_run_until(diary.loop, 2000);
    assert_string_equal(diary.text, "late@2000 ");
    loop_free(diary.loop);
    close(a.descriptor), close(to_a);
}

// --- Signals -----------------------------------------------------------------------------------

struct signals {
    struct loop *loop;
    int counts[65];
    int stop_at; // stops the loop after so many; 0 never
};

static void count_signal(void *arg, int number)
{
    struct signals *signals = arg;
    signals->counts[number]++;
    if (signals->stop_at > 0 && --signals->stop_at == 0)
        loop_stop(signals->loop);
}

static void a_signal_raised_while_nobody_waits_is_delivered_by_the_loop(void **state)
{
    (void)state;
    struct signals signals = {.loop = new_loop()};
    loop_on_signal(signals.loop, SIGUSR1, count_signal, &signals);
    loop_on_signal(signals.loop, SIGUSR2, count_signal, &signals);
    raise(SIGUSR1);
    raise(SIGUSR2);
    assert_int_equal(signals.counts[SIGUSR1], 0); // never from the handler
    loop_run_until(signals.loop, 2000);
    assert_int_equal(signals.counts[SIGUSR1], 1);
    assert_int_equal(signals.counts[SIGUSR2], 1);
    loop_run_until(signals.loop, 3000);
    assert_int_equal(signals.counts[SIGUSR1], 1);
    loop_free(signals.loop);
}

static void a_signal_that_nobody_wants_any_more_is_as_it_was(void **state)
{
    (void)state;
    struct signals signals = {.loop = new_loop()};
    struct sigaction now;
    loop_off_signal(signals.loop, SIGCHLD); // nobody wanted it
    loop_on_signal(signals.loop, SIGCHLD, count_signal, &signals);
    raise(SIGCHLD);
    loop_off_signal(signals.loop, SIGCHLD);
    loop_run_until(signals.loop, 2000);
    assert_int_equal(signals.counts[SIGCHLD], 0);
    assert_int_equal(sigaction(SIGCHLD, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
    loop_on_signal(signals.loop, SIGCHLD, count_signal, &signals);
    raise(SIGCHLD);
    loop_run_until(signals.loop, 3000);
    assert_int_equal(signals.counts[SIGCHLD], 1);
    loop_free(signals.loop);
}

static void raise_usr1(void *arg)
{
    (void)arg;
    raise(SIGUSR1);
}

static void a_signal_raised_by_a_callback_is_delivered(void **state)
{
    (void)state;
    struct signals signals = {.loop = new_loop(), .stop_at = 1};
    struct loop_timer timer = {.fire = raise_usr1};
    loop_on_signal(signals.loop, SIGUSR1, count_signal, &signals);
    loop_timer_at(signals.loop, &timer, 2000);
    loop_run(signals.loop);
    assert_int_equal(signals.counts[SIGUSR1], 1);
    assert_int_equal(loop_now(signals.loop), 2000);
    loop_free(signals.loop);
}

static void ignore(void *arg, short revents)
{
    int *calls = arg;
    (void)revents;
    ++*calls;
}

static void a_descriptor_that_is_always_ready_does_not_hold_signals_back(void **state)
{
    (void)state;
    for (int is_virtual = 0; is_virtual < 2; is_virtual++) {
        struct signals signals = {.loop = is_virtual ? new_loop() : loop_new(), .stop_at = 1};
        int ends[2], calls = 0;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "x", 1), 1);
        loop_watch(signals.loop, ends[0], POLLIN, ignore, &calls);
        loop_on_signal(signals.loop, SIGUSR1, count_signal, &signals);
        raise(SIGUSR1);
        struct loop_timer give_up = {.fire = stop_the_loop, .arg = signals.loop};
        if (!is_virtual)
            loop_timer_in(signals.loop, &give_up, LOOP_S);
        else
            alarm(5); // time stands still: nothing else would end a failing test
        loop_run(signals.loop);
        alarm(0);
        assert_int_equal(signals.counts[SIGUSR1], 1);
        loop_free(signals.loop);
        close(ends[0]);
        close(ends[1]);
    }
}

static volatile sig_atomic_t former_calls;

static void former_handler(int number)
{
    (void)number;
    former_calls++;
}

static void the_former_disposition_and_mask_come_back(void **state)
{
    (void)state;
    struct sigaction former = {.sa_handler = former_handler}, now;
    sigset_t before, after;
    sigaction(SIGUSR1, &former, NULL);
    sigprocmask(SIG_BLOCK, NULL, &before);

    struct signals signals = {.loop = new_loop()};
    loop_on_signal(signals.loop, SIGUSR1, count_signal, &signals);
    loop_on_signal(signals.loop, SIGUSR1, count_signal, &signals); // again: still the former one
    loop_free(signals.loop);

    sigaction(SIGUSR1, NULL, &now);
    assert_ptr_equal(now.sa_handler, former_handler);
    sigprocmask(SIG_BLOCK, NULL, &after);
    for (int s = 1; s < 65; s++)
        assert_int_equal(sigismember(&after, s), sigismember(&before, s));
    raise(SIGUSR1);
    assert_int_equal(former_calls, 1);
    signal(SIGUSR1, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_the_order_of_times_then_of_setting),
        cmocka_unit_test(a_timer_that_is_set_again_moves),
        cmocka_unit_test(a_timer_can_set_itself_again),
        cmocka_unit_test(a_timer_set_for_now_waits_for_the_next_round),
        cmocka_unit_test(descriptors_have_their_turn_between_timers_that_set_each_other),
        cmocka_unit_test(timers_that_were_due_when_the_loop_stopped_fire_later_in_order),
        cmocka_unit_test(a_timer_stopped_by_another_of_the_same_instant_does_not_fire),
        cmocka_unit_test(virtual_time_jumps_to_the_next_timer_and_ends_at_the_deadline),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(the_real_clock_waits_until_the_deadline_and_fires_on_the_way),
        cmocka_unit_test(stop_ends_both_ways_of_running),
        cmocka_unit_test(a_watch_removed_by_a_callback_is_not_called_any_more),
        cmocka_unit_test(a_watch_silenced_by_a_callback_is_not_called_until_it_listens_again),
        cmocka_unit_test(watches_can_be_added_by_callbacks),
        cmocka_unit_test(work_comes_before_time),
        cmocka_unit_test(a_signal_raised_while_nobody_waits_is_delivered_by_the_loop),
        cmocka_unit_test(a_signal_that_nobody_wants_any_more_is_as_it_was),
        cmocka_unit_test(a_signal_raised_by_a_callback_is_delivered),
        cmocka_unit_test(a_descriptor_that_is_always_ready_does_not_hold_signals_back),
        cmocka_unit_test(the_former_disposition_and_mask_come_back),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
