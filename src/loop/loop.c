// SPDX-License-Identifier: MIT
#include "loop/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"

enum { SIGNALS_MAX = 65 };

struct loop_watch {
    int descriptor;
    short events;
    loop_watch_fn *fn; // NULL once removed: freed when the round is over
    void *arg;
};

struct signal_slot {
    loop_signal_fn *fn;
    void *arg;
    struct sigaction former;
};

struct loop {
    struct loop_watch **watches;
    struct pollfd *polls;
    size_t watch_count, watch_room;
    bool has_removed;
    struct loop_timer timers; // sentinel of a ring in the order of time
    struct signal_slot signals[SIGNALS_MAX];
    bool has_signals;
    sigset_t waiting_mask; // the mask while waiting: our signals let through
    sigset_t former_mask;
    bool stopped;
    bool in_round; // callbacks are running; their time is round_began
    int64_t round_began;
    bool is_virtual;
    int64_t virtual_now;
    int64_t virtual_wall_offset;
};

// The signal flags: all that a handler touches.
static volatile sig_atomic_t signal_arrived[SIGNALS_MAX];

static int64_t clock_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * LOOP_S + t.tv_nsec / 1000;
}

struct loop *loop_new(void)
{
    struct loop *loop = xcalloc(1, sizeof *loop);
    loop->timers.next = loop->timers.previous = &loop->timers;
    sigprocmask(SIG_BLOCK, NULL, &loop->waiting_mask);
    loop->former_mask = loop->waiting_mask;
    return loop;
}

struct loop *loop_new_virtual(int64_t now, int64_t wall)
{
    struct loop *loop = loop_new();
    loop->is_virtual = true;
    loop->virtual_now = now;
    loop->virtual_wall_offset = wall - now;
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    for (int s = 1; s < SIGNALS_MAX; s++)
        if (loop->signals[s].fn)
            sigaction(s, &loop->signals[s].former, NULL);
    sigprocmask(SIG_SETMASK, &loop->former_mask, NULL);
    for (size_t i = 0; i < loop->watch_count; i++)
        free(loop->watches[i]);
    free(loop->watches);
    free(loop->polls);
    free(loop);
}

int64_t loop_now(const struct loop *loop)
{
    if (loop->is_virtual)
        return loop->virtual_now;
    return loop->in_round ? loop->round_began : clock_us(CLOCK_BOOTTIME);
}

int64_t loop_wall(const struct loop *loop)
{
    return loop->is_virtual ? loop->virtual_now + loop->virtual_wall_offset
                            : clock_us(CLOCK_REALTIME);
}

struct loop_watch *loop_watch(struct loop *loop, int descriptor, short events, loop_watch_fn *fn,
                              void *arg)
{
    if (loop->watch_count == loop->watch_room) {
        loop->watch_room = loop->watch_room ? loop->watch_room * 2 : 8;
        loop->watches = xrealloc(loop->watches, loop->watch_room, sizeof(struct loop_watch *));
        loop->polls = xrealloc(loop->polls, loop->watch_room, sizeof *loop->polls);
    }
    struct loop_watch *watch = xcalloc(1, sizeof *watch);
    *watch = (struct loop_watch){descriptor, events, fn, arg};
    loop->watches[loop->watch_count++] = watch;
    return watch;
}

void loop_watch_events(struct loop_watch *watch, short events)
{
    watch->events = events;
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (!watch)
        return;
    // The array is walked while callbacks run: only mark it here.
    watch->fn = NULL;
    loop->has_removed = true;
}

static void sweep_removed(struct loop *loop)
{
    size_t kept = 0;

    if (!loop->has_removed)
        return;
    for (size_t i = 0; i < loop->watch_count; i++) {
        if (loop->watches[i]->fn)
            loop->watches[kept++] = loop->watches[i];
        else
            free(loop->watches[i]);
    }
    loop->watch_count = kept;
    loop->has_removed = false;
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
    (void)loop;
    if (!timer->set)
        return;
    timer->previous->next = timer->next;
    timer->next->previous = timer->previous;
    timer->next = timer->previous = NULL;
    timer->set = false;
}

static void put_before(struct loop_timer *next, struct loop_timer *timer)
{
    timer->set = true;
    timer->next = next;
    timer->previous = next->previous;
    timer->previous->next = timer;
    next->previous = timer;
}

void loop_timer_at(struct loop *loop, struct loop_timer *timer, int64_t at)
{
    loop_timer_stop(loop, timer);
    // Most timers are set to later than the others: look from the end.
    struct loop_timer *next = &loop->timers;
    while (next->previous != &loop->timers && next->previous->at > at)
        next = next->previous;
    timer->at = at;
    put_before(next, timer);
}

void loop_timer_in(struct loop *loop, struct loop_timer *timer, int64_t delay)
{
    loop_timer_at(loop, timer, loop_now(loop) + delay);
}

static void note_signal(int number)
{
    signal_arrived[number] = 1;
}

void loop_on_signal(struct loop *loop, int number, loop_signal_fn *fn, void *arg)
{
    struct signal_slot *slot = &loop->signals[number];
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, number);
    sigprocmask(SIG_BLOCK, &one, NULL);
    sigdelset(&loop->waiting_mask, number);
    if (!slot->fn)
        sigaction(number, &action, &slot->former);
    slot->fn = fn;
    slot->arg = arg;
    loop->has_signals = true;
}

void loop_off_signal(struct loop *loop, int number)
{
    struct signal_slot *slot = &loop->signals[number];

    if (!slot->fn)
        return;
    slot->fn = NULL;
    sigaction(number, &slot->former, NULL);
    signal_arrived[number] = 0;
}

static void deliver_signals(struct loop *loop)
{
    for (int s = 1; s < SIGNALS_MAX; s++) {
        if (signal_arrived[s] && loop->signals[s].fn) {
            signal_arrived[s] = 0;
            loop->signals[s].fn(loop->signals[s].arg, s);
        }
    }
}

// Timers that are due now. Those that they set wait for the next round, even if due at once: two
// that set each other would keep the descriptors from ever having their turn.
static bool fire_timers(struct loop *loop)
{
    int64_t now = loop_now(loop);
    struct loop_timer due, *first = loop->timers.next, *later = first;

    while (later != &loop->timers && later->at <= now)
        later = later->next;
    if (later == first)
        return false;
    due.next = first;
    due.previous = later->previous;
    due.next->previous = due.previous->next = &due;
    loop->timers.next = later;
    later->previous = &loop->timers;

    // A callback may stop or move any of them: only the ring itself says what is left.
    while (due.next != &due && !loop->stopped) {
        first = due.next;
        loop_timer_stop(loop, first);
        first->fire(first->arg);
    }
    while (due.previous != &due) {
        struct loop_timer *left = due.previous, *next = loop->timers.next;
        loop_timer_stop(loop, left);
        while (next != &loop->timers && next->at < left->at)
            next = next->next;
        put_before(next, left);
    }
    return true;
}

// Waits until a descriptor is ready, a signal arrives, or wait_us has passed (< 0: for ever).
static bool poll_watches(struct loop *loop, int64_t wait_us)
{
    sweep_removed(loop);
    size_t count = loop->watch_count;
    for (size_t i = 0; i < count; i++) {
        struct loop_watch *watch = loop->watches[i];
        // A negative descriptor is ignored by poll: a watch that waits for nothing must not spin
        // on a hang-up.
        loop->polls[i] =
            (struct pollfd){.fd = watch->events ? watch->descriptor : -1, .events = watch->events};
    }
    struct timespec wait = {.tv_sec = (time_t)(wait_us / LOOP_S),
                            .tv_nsec = (long)(wait_us % LOOP_S * 1000)};
    int ready = ppoll(loop->polls, (nfds_t)count, wait_us < 0 ? NULL : &wait, &loop->waiting_mask);
    int poll_errno = errno;
    loop->round_began = clock_us(CLOCK_BOOTTIME);
    loop->in_round = true;
    // With a descriptor ready, ppoll() doesn't look at signals: one that always is would hold
    // them back for ever.
    if (ready > 0 && loop->has_signals)
        ppoll(NULL, 0, &(struct timespec){0}, &loop->waiting_mask);
    deliver_signals(loop);
    if (ready <= 0)
        return ready < 0 && poll_errno == EINTR;
    for (size_t i = 0; i < count && !loop->stopped; i++) {
        struct loop_watch *watch = loop->watches[i];
        // A callback before this one may have removed it or made it wait for something else.
        short revents = loop->polls[i].revents & (watch->events | POLLERR | POLLHUP | POLLNVAL);
        if (revents && watch->events && watch->fn)
            watch->fn(watch->arg, revents);
    }
    return true;
}

static void run_virtual(struct loop *loop, int64_t deadline)
{
    while (!loop->stopped) {
        if (poll_watches(loop, 0) || loop->stopped)
            continue;
        if (fire_timers(loop))
            continue;
        struct loop_timer *first = loop->timers.next;
        bool none = first == &loop->timers || (deadline >= 0 && first->at > deadline);
        if (none && deadline < 0) {
            // Nothing will ever happen but descriptors.
            poll_watches(loop, -1);
            continue;
        }
        if (none) {
            if (loop->virtual_now < deadline)
                loop->virtual_now = deadline;
            return;
        }
        loop->virtual_now = first->at;
    }
}

static void run_real(struct loop *loop, int64_t deadline)
{
    while (!loop->stopped) {
        int64_t now = loop_now(loop), until = deadline;
        struct loop_timer *first = loop->timers.next;
        if (deadline >= 0 && now >= deadline)
            return;
        if (first != &loop->timers && (until < 0 || first->at < until))
            until = first->at;
        int64_t wait = until < 0 ? -1 : until > now ? until - now : 0;
        poll_watches(loop, wait);
        fire_timers(loop);
        loop->in_round = false;
    }
}

static void run(struct loop *loop, int64_t deadline)
{
    loop->stopped = false;
    if (loop->is_virtual)
        run_virtual(loop, deadline);
    else
        run_real(loop, deadline);
    loop->in_round = false;
}

void loop_run(struct loop *loop)
{
    run(loop, -1);
}

bool loop_run_until(struct loop *loop, int64_t deadline)
{
    run(loop, deadline);
    return loop->stopped;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
}
