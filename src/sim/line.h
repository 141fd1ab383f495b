// SPDX-License-Identifier: MIT
// The gateway's end of the line. Private to src/sim/.
#ifndef XC_SIM_LINE_H
#define XC_SIM_LINE_H

#include "link/link.h"
#include "proto/scom.h"
#include "sim/faults.h"
#include "sim/sim.h"
#include "sim/site.h"

enum { LINE_DELIVERIES_MAX = 16 };

struct canline;
struct delivery;

struct sim_gateway {
    struct sim *sim;
    struct link *link;
    struct sim_line line;
    const struct sim_events *events;
    void *arg;
    struct faults faults;
    struct canline *can; // NULL: SCOM
    struct scom_decoder decoder;
    struct loop_timer reopen, quiet;
    int64_t reopen_in; // after the next closing

    int64_t rx_began, rx_until; // bytes that arrive back to back, paced
    size_t rx_bytes;
    int64_t busy_until;  // the answer is complete
    int64_t sends_until; // … and what comes behind it, which the next answer waits for
    struct delivery *deliveries[LINE_DELIVERIES_MAX];
    uint64_t jitters; // thrown so far
    uint64_t requests, answers, violations, faults_struck, foreign;
};

// What both protocols' ends do.

// Whether a fault strikes now; it is counted and noted as what.
bool line_strikes(struct sim_gateway *gateway, struct fault_when *when, const char *what);
void line_note(struct sim_gateway *gateway, const char *text);
int64_t line_jitter(struct sim_gateway *gateway); // microseconds
// Bytes that are complete at the client's at a time (loop_now()); 0 bytes are none.
void line_deliver(struct sim_gateway *gateway, const uint8_t *bytes, size_t length,
                  int64_t complete);
void line_send(struct sim_gateway *gateway, const uint8_t *bytes, size_t length); // at once
void line_forget(struct sim_gateway *gateway); // what was to be delivered

// Closes the link; opened again after delay.
void line_disconnect(struct sim_gateway *gateway, int64_t delay);

#endif
