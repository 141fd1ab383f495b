// SPDX-License-Identifier: MIT
// The counters of a gateway, and what is reckoned from them: round trips, rates, line use. Times
// are loop_now(). Private to src/gateway/.
#ifndef XC_GATEWAY_STATISTICS_H
#define XC_GATEWAY_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"

enum { STATISTICS_ROUND_TRIPS = 128, STATISTICS_SECONDS = 10 };

struct statistics {
    struct gateway_statistics counts; // the counters only; raise those without a function directly
    int64_t started;
    int64_t round_trips[STATISTICS_ROUND_TRIPS];
    uint64_t round_trip_count; // of all times
    struct {
        int64_t second;
        uint64_t questions, values, bytes;
    } seconds[STATISTICS_SECONDS];
};

void statistics_start(struct statistics *statistics, int64_t now);
void statistics_question(struct statistics *statistics, int64_t now);
void statistics_sent(struct statistics *statistics, int64_t now, size_t bytes);
void statistics_received(struct statistics *statistics, int64_t now, size_t bytes);
// A frame was taken as the answer to what was sent at sent, and brought so many values.
void statistics_answer(struct statistics *statistics, int64_t now, int64_t sent, size_t values);
// bits_per_byte and baud: of the line; 0 when there are none.
void statistics_read(const struct statistics *statistics, int64_t now, unsigned bits_per_byte,
                     unsigned baud, struct gateway_statistics *out);

#endif
