// SPDX-License-Identifier: MIT
// A connection for the time of a command: from a LINK to a gateway and, where wanted, a plant.
// Failures become one line on stderr and an exit status.
#ifndef XC_CMD_SESSION_H
#define XC_CMD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "gateway/gateway.h"
#include "loop/loop.h"
#include "plant/plant.h"

struct session;

// What a command wants of its session.
enum session_use {
    SESSION_QUESTIONS, // asks the gateway itself
    SESSION_PLANT,     // a plant discovers and polls
    SESSION_CHANGE,    // a plant without discovery: asks only what a change needs
};

// Checks what the options say about the link, opens it, and makes the gateway and maybe a plant.
// The options are kept by pointer. EXIT_DONE and a session to be freed, or, after a line on stderr,
// EXIT_WRONG or EXIT_REFUSED (the trace file).
int session_open(const struct options *options, enum session_use use, struct session **session);
void session_free(struct session *session); // NULL is allowed

struct loop *session_loop(struct session *session);
// As the gateway has it: only to look at.
const struct link *session_link(const struct session *session);
struct gateway *session_gateway(struct session *session);
struct plant *session_plant(struct session *session);
// Reads --devices without a session: at most max, in the order given. EXIT_DONE, or EXIT_WRONG
// after a line on stderr.
int session_parse_devices(const struct options *options, struct target *devices, size_t max,
                          size_t *count);
// Whether a list of devices names this one; without any, all are meant. A BMS is meant by BSP too:
// both are at 601.
bool session_names(const struct target *devices, size_t count, enum family family, unsigned index);
// The devices of --devices, in the order given.
size_t session_devices(const struct session *session, const struct target **devices);
// What the screens show as the name: the site's, else the link's.
const char *session_name(const struct session *session);
// In words, where a Moxa can dial in as things are now (link/ownaddress.h), cut to size
// (SESSION_REACHED_MAX is room enough); "" for links that don't wait for one. Returns out.
enum { SESSION_REACHED_MAX = 512 };
char *session_reached_at(const struct session *session, char *out, size_t size);
// Says on stderr through which other xcomtop questions go, if they do.
void session_tell_holder(struct session *session);

// fn is called when gateway or plant have changed; NULL: nothing is.
void session_on_change(struct session *session, void (*fn)(void *arg), void *arg);

// Something else has changed: as gateway and plant do.
void session_changed(struct session *session);

// Before the program is stopped, and when it goes on: meanwhile nobody could ask through it.
void session_suspend(struct session *session, bool stops);
// SIGINT, SIGTERM and SIGHUP end session_wait(); SIGTSTP stops the program as always, but not
// those that ask through it. For commands without screens.
void session_catch_signals(struct session *session);

// Runs the loop until done(arg): EXIT_DONE. EXIT_NO_ANSWER, without a line on stderr, when there is
// no point in waiting on: the link can't be had, or didn't come up in the time of --wait; the
// gateway has been silent for several time-outs; or limit microseconds are over (0: no limit).
// 128 + n after a signal. done is asked whenever gateway, plant or session_wake() say so.
int session_wait(struct session *session, bool (*done)(void *arg), void *arg, int64_t limit);
void session_wake(struct session *session);
// The same without any limit: for what the gateway has no part in, a person's answer for one.
int session_wait_person(struct session *session, bool (*done)(void *arg), void *arg);

// A signal has ended session_wait_person(), but what is under way is better finished: waits for it
// at most limit microseconds. True if it is done.
bool session_finish(struct session *session, bool (*done)(void *arg), void *arg, int64_t limit);

// Waits until the gateway can be asked; returns as session_wait().
int session_wait_ready(struct session *session);

// Asks one question and waits. EXIT_DONE with the answer (all but its items), whatever it says;
// else as session_wait(), and the question is withdrawn: one that was on its way may still arrive.
int session_ask(struct session *session, const struct question *question, struct answer *answer);

// The gateway's GUID as text_guid() writes it, "" when it has none. Returns as session_wait().
int session_guid(struct session *session, char guid[TEXT_GUID_MAX]);

// SESSION_PLANT: waits until the plant knows the devices. EXIT_REFUSED, after a line on stderr,
// when it mustn't look for them and none was named; else as session_wait().
int session_wait_found(struct session *session);

// Asks nothing more and waits for the answer that is under way, at most one time-out, and not
// after a signal: the next program on this line would get it.
void session_settle(struct session *session);

// True once the gateway has answered.
bool session_heard(const struct session *session);
// The line on stderr that says why there was no answer and what to do.
void session_complain(struct session *session);
// The same where the gateway itself was asked, which not every kind answers for.
void session_complain_gateway(struct session *session);

#endif
