// SPDX-License-Identifier: MIT
// The one place that waits: descriptors, timers and signals over ppoll(2), and the clock.
//
// Times are microseconds. loop_now() never goes back, and goes on while the computer sleeps
// (CLOCK_BOOTTIME): a value read before is as old as it is. In callbacks it is the time at which
// their round began: asking is free, and one round has one time. loop_wall() is the computer's
// clock (since 1970 UTC), for what is shown and stored. A loop with a virtual clock behaves the
// same, except that time stands still while there is work and jumps to the next timer when there is
// none: tests and benchmarks run hours in milliseconds.
//
// Everything runs in one thread. A callback may add, change and remove any watch or timer,
// its own included.
#ifndef XC_LOOP_LOOP_H
#define XC_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_MS ((int64_t)1000)
#define LOOP_S  ((int64_t)1000000)

struct loop;
struct loop_watch;

// Timers live in the structure of whoever uses them; zero-initialised is "not set".
struct loop_timer {
    void (*fire)(void *arg);
    void *arg;
    int64_t at; // loop_now() at which it fires
    bool set;
    struct loop_timer *next, *previous;
};

// revents as poll(2): POLLIN, POLLOUT, POLLHUP, POLLERR.
typedef void loop_watch_fn(void *arg, short revents);
typedef void loop_signal_fn(void *arg, int signal);

struct loop *loop_new(void);

// now and wall: where the virtual clock begins.
struct loop *loop_new_virtual(int64_t now, int64_t wall);

// Frees the loop; watches that are left are forgotten, their descriptors stay open.
void loop_free(struct loop *loop);

int64_t loop_now(const struct loop *loop);
int64_t loop_wall(const struct loop *loop);

// Calls fn when descriptor has one of events (or an error or hang-up; never with events 0). The
// descriptor stays the caller's. NULL never.
struct loop_watch *loop_watch(struct loop *loop, int descriptor, short events, loop_watch_fn *fn,
                              void *arg);
void loop_watch_events(struct loop_watch *watch, short events);
// NULL is allowed.
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

// Sets (or moves) a timer to fire once at loop_now() == at; a time that has passed fires in the
// next round, in the order of the times and, among equals, in the order they were set.
void loop_timer_at(struct loop *loop, struct loop_timer *timer, int64_t at);
void loop_timer_in(struct loop *loop, struct loop_timer *timer, int64_t delay);
void loop_timer_stop(struct loop *loop, struct loop_timer *timer);

// Calls fn from the loop, never from the handler, when signal arrives. One fn for a signal.
// The signal is blocked except while the loop waits, so that none is lost. loop_free() gives
// the signals their former dispositions back.
void loop_on_signal(struct loop *loop, int signal, loop_signal_fn *fn, void *arg);

// Nobody wants to know of it any more: the signal has its former disposition again.
void loop_off_signal(struct loop *loop, int signal);

// Runs until loop_stop().
void loop_run(struct loop *loop);

// Runs until loop_stop() or until loop_now() reaches the deadline; true if stopped.
// With a virtual clock the time is exactly the deadline afterwards, unless that had passed already.
bool loop_run_until(struct loop *loop, int64_t deadline);

// Ends the run that is going on, when the callback returns; without one it does nothing.
void loop_stop(struct loop *loop);

#endif
