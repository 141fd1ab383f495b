// SPDX-License-Identifier: MIT
// What the parts of the doctor share: one LINK that is being looked at. Everything within a time
// that is known from the beginning; nothing but reads is sent, and only on a LINK that the person
// named.
#ifndef XC_CMD_DOCTOR_H
#define XC_CMD_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/cmd.h"
#include "cmd/progress.h"
#include "cmd/report.h"
#include "cmd/session.h"
#include "link/link.h"
#include "loop/loop.h"

struct doctor {
    struct report *report;
    const char *subject; // the LINK as it was given
    struct link_spec spec;
    bool demo;
    bool *traced;     // a session of this run has begun the trace
    int64_t allowed;  // microseconds for this LINK
    int64_t deadline; // loop_now() of any loop
    int64_t asked;    // loop_now(): since when something is asked
    struct session *session;
    struct progress progress;
    struct loop_timer tick;
    const char *doing;   // for the progress line
    char tried[120];     // settings of a serial line, in the order of trying; "" for none
    uint64_t unreadable; // bytes that came at settings before the present ones
    // Of a session with other settings of the line, which keeps them.
    struct options other;
    char other_link[LINK_HOST_MAX + 16];
};

// The doctor without a LINK: lists ports, listens on what needs no naming, says how to go on.
// EXIT_DONE, or 128 + n after a signal.
int doctor_without_link(struct report *report, const struct options *options);

// A link that can't be had, and what helps.
void doctor_tell_fault(struct report *report, const char *subject, const struct link_spec *spec,
                       enum link_fault fault, const char *why);
// A bus whose controller sees errors.
void doctor_tell_bus_errors(struct doctor *doctor, const char *seen);

// Microseconds that the session has left for questions, at least a second.
int64_t doctor_left(const struct doctor *doctor);

// A CAN bus, by listening only: who is on it, and how it does. EXIT_DONE; EXIT_NO_ANSWER when the
// bus can't be had; 128 + n after a signal. Silent about one that another program has. go_on
// becomes false when the bus mustn't be asked.
int doctor_listen(struct doctor *doctor, const struct options *options, bool *go_on);

// What a gateway that has answered tells of itself, its devices and the line. EXIT_DONE, or 128 + n
// after a signal.
int doctor_site(struct doctor *doctor);

// Other masters, and our own echo, as far as their frames came along.
void doctor_strangers(struct doctor *doctor);

#endif
