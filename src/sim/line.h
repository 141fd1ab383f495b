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

struct delivery;

struct sim_gateway {
    struct sim *sim;
    struct link *link;
    struct sim_line line;
    const struct sim_events *events;
    void *arg;
    struct faults faults;
    struct scom_decoder decoder;
    struct loop_timer reopen, quiet;
    int64_t reopen_in; // after the next closing

    int64_t rx_began, rx_until; // bytes that arrive back to back, paced
    size_t rx_bytes;
    int64_t busy_until; // the answer is complete
    struct delivery *deliveries[LINE_DELIVERIES_MAX];
    uint64_t jitters; // thrown so far
    uint64_t requests, answers, violations, faults_struck, foreign;
};

// Closes the link; opened again after delay.
void line_disconnect(struct sim_gateway *gateway, int64_t delay);

#endif
