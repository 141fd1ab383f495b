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
    int64_t allowed;  // microseconds for this LINK
    int64_t deadline; // loop_now() of any loop
    int64_t asked;    // loop_now(): since when something is asked
    struct session *session;
    struct progress progress;
    struct loop_timer tick;
    const char *doing; // for the progress line
    // Of a session with other settings of the line, which keeps them.
    struct options other;
    char other_link[LINK_HOST_MAX + 16];
};

// Microseconds that the session has left, at least a second.
int64_t doctor_left(const struct doctor *doctor);

// A CAN bus, by listening only: who is on it, and how it does. EXIT_DONE; EXIT_NO_ANSWER when the
// bus can't be had; 128 + n after a signal. go_on becomes false when the bus mustn't be asked.
int doctor_listen(struct doctor *doctor, const struct options *options, bool *go_on);

// What a gateway that has answered tells of itself, its devices and the line. EXIT_DONE, or 128 + n
// after a signal.
int doctor_site(struct doctor *doctor);

// Other masters, as far as their frames came along.
void doctor_strangers(struct doctor *doctor);

#endif
