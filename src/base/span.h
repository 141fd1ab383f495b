// SPDX-License-Identifier: MIT
// What a value did during a span of time, in three numbers, so that spikes stay visible however
// long it is: what histories, logs and graphs are made of.
#ifndef XC_BASE_SPAN_H
#define XC_BASE_SPAN_H

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
    uint32_t count = span->count + other->count;
    span->mean += (other->mean - span->mean) * ((float)other->count / (float)count);
    span->min = fminf(span->min, other->min);
    span->max = fmaxf(span->max, other->max);
    span->count = count;
}

// number isn't NaN.
static inline void span_add(struct span *span, double number)
{
    const struct span one = {(float)number, (float)number, (float)number, 1};

    span_add_span(span, &one);
}

#endif
