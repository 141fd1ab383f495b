// SPDX-License-Identifier: MIT
// What a value did during a span of time, in three numbers, so that spikes stay visible however
// long it is: what histories, logs and graphs are made of.
#ifndef XC_BASE_SPAN_H
#define XC_BASE_SPAN_H

#include <float.h>
#include <math.h>
#include <stdint.h>

// With count 0 there was none, and the numbers mean nothing. The mean is of what came, each the
// same.
struct span {
    float min, mean, max;
    uint32_t count;
};

static inline void span_add_span(struct span *span, const struct span *other)
{
    if (other->count == 0)
        return;
    if (span->count == 0) {
        *span = *other;
        return;
    }
    uint32_t room = UINT32_MAX - span->count;
    uint32_t count = span->count + (other->count < room ? other->count : room);
    // The distance of two floats may be more than a float holds.
    double apart = (double)other->mean - (double)span->mean;
    span->mean = (float)((double)span->mean + apart * ((double)other->count / (double)count));
    span->min = fminf(span->min, other->min);
    span->max = fmaxf(span->max, other->max);
    span->count = count;
}

// What isn't finite as a float is no number that a value had, and isn't counted: a log may hold
// anything.
static inline void span_add(struct span *span, double number)
{
    if (!(fabs(number) <= (double)FLT_MAX))
        return;
    const struct span one = {(float)number, (float)number, (float)number, 1};
    span_add_span(span, &one);
}

#endif
