// SPDX-License-Identifier: MIT
// Where the ticks of a graph go: round numbers, and times as clocks and calendars have them. Pure,
// but for the time zone of the environment.
#ifndef XC_UI_AXIS_H
#define XC_UI_AXIS_H

#include <stddef.h>
#include <stdint.h>

// From low to high in steps of 1, 2 or 5 times a power of ten; both ends are ticks.
struct axis {
    double low, high, step;
    int decimals; // that tell the ticks apart
};

// An axis with low … high (finite) in it and at most so many steps (one at least). 0 is on it when
// it is near; high may equal low.
struct axis axis_numbers(double low, double high, int most_steps);

struct time_tick {
    int64_t at;     // microseconds since 1970 UTC
    char label[12]; // "14:05", "14:05:30"; "11-23" where a day begins, "2026" where a year does
};

// Ticks within from .. until (microseconds since 1970 UTC), at most so many of them, where the
// local clock shows round times: an hour that a clock skips has none, in one that it goes through
// twice the times go on. Returns how many were written.
size_t axis_times(int64_t from, int64_t until, size_t most, struct time_tick *ticks);

#endif
