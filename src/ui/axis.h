// SPDX-License-Identifier: MIT
// Where the ticks of a graph go: round numbers, and times as clocks and calendars have them. Pure,
// but for the time zone of the environment.
#ifndef XC_UI_AXIS_H
#define XC_UI_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AXIS_LABEL_WIDTH = 7, AXIS_LABEL_MAX = 32 };

// From low to high in steps of 1, 2 or 5 times a power of ten; both ends are ticks. All labels are
// written in the same way, which tells the ticks apart.
struct axis {
    double low, high, step;
    int decimals;
    unsigned unit; // of k, M, … as axis_label() writes it
    bool exponent; // instead of a unit
};

// An axis with low … high in it, at most so many steps (one at least), and labels of at most
// AXIS_LABEL_WIDTH characters. 0 is on it when it is near; high may equal low. Numbers that a float
// doesn't hold make it go from 0 to 1. whole: there is nothing between whole numbers.
struct axis axis_numbers(double low, double high, int most_steps, bool whole);

// "12.5", "1.25M", "1.5e20": of a tick. Returns out.
char *axis_label(const struct axis *axis, double number, char out[AXIS_LABEL_MAX]);

struct time_tick {
    int64_t at;     // microseconds since 1970 UTC
    char label[12]; // "14:05", "14:05:30"; "11-23" where a day begins, "2026" where a year does
};

// Ticks within from .. until (microseconds since 1970 UTC), at most so many of them, where the
// local clock shows round times: an hour that a clock skips has none, in one that it goes through
// twice the times go on. Returns how many were written.
size_t axis_times(int64_t from, int64_t until, size_t most, struct time_tick *ticks);

#endif
