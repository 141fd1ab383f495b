// SPDX-License-Identifier: MIT
#include "ui/axis.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define SECOND ((int64_t)1000000)

// --- Numbers -------------------------------------------------------------------------------------

static const struct {
    double size;
    const char *suffix;
} units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}};
enum { UNITS = sizeof units / sizeof *units };

// So much of a step a float may be beyond the round number that it stands for.
static const double float_error = 5e-7;

static double nice_step(double least)
{
    static const double mantissas[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(least)));

    for (size_t i = 0; i < sizeof mantissas / sizeof *mantissas; i++)
        if (mantissas[i] * power >= least * (1 - float_error))
            return mantissas[i] * power;
    return 10 * power;
}

// An axis in at most so many steps; a range smaller than a share of its numbers is widened.
static struct axis divide(double low, double high, int most_steps, double finest, double step_min)
{
    double large = fmax(fabs(low), fabs(high));
    // What doesn't change has room above and below.
    double least = fmax(large * (low < high ? finest : fmax(finest, .1)), 1e-6);

    if (large <= 0) {
        high = 1;
    } else if (high - low < least) {
        low -= least / 2;
        high += least / 2;
    }
    struct axis axis = {.step = fmax(nice_step((high - low) / most_steps), step_min)};
    for (;;) {
        axis.low = floor(low / axis.step + float_error) * axis.step;
        axis.high = ceil(high / axis.step - float_error) * axis.step;
        if (axis.high <= axis.low)
            axis.high = axis.low + axis.step;
        // Rounding both ends outwards may have added a step.
        if (axis.high - axis.low <= (most_steps + .5) * axis.step)
            return axis;
        double wider = nice_step(axis.step * 1.5);
        if (most_steps == 1 && axis.low < 0 && axis.high > 0 && wider > 4 * (high - low))
            return axis; // both sides of 0 can't be one step
        axis.step = wider;
    }
}

static int decimals_of(double step)
{
    return (int)fmax(0, ceil(-log10(step) - 1e-9));
}

static bool fits(const struct axis *axis)
{
    char text[AXIS_LABEL_MAX];

    return strlen(axis_label(axis, axis->low, text)) <= AXIS_LABEL_WIDTH &&
           strlen(axis_label(axis, axis->high, text)) <= AXIS_LABEL_WIDTH;
}

// One way to write all labels, so that they are all different; false if they are too long then.
static bool choose_labels(struct axis *axis)
{
    double large = fmax(fabs(axis->low), fabs(axis->high));

    axis->exponent = false;
    // Rather "1.5M" than "1500000"; below a million plain numbers are understood at once.
    for (unsigned i = large < 1e6 ? UNITS - 1 : 0; i < UNITS; i++) {
        axis->unit = i;
        axis->decimals = decimals_of(axis->step / units[i].size);
        if ((i == UNITS - 1 || large >= units[i].size * (1 - 1e-9)) && fits(axis))
            return true;
    }
    axis->exponent = true;
    axis->decimals = decimals_of(axis->step / pow(10, floor(log10(large))));
    return fits(axis);
}

struct axis axis_numbers(double low, double high, int most_steps, bool whole)
{
    struct axis axis = {0};
    int fewest = most_steps < 2 ? 1 : 2; // one step may have to be very long

    if (!(fabs(low) <= (double)FLT_MAX && fabs(high) <= (double)FLT_MAX))
        low = high = 0;
    if (low > high) {
        double lower = high;
        high = low;
        low = lower;
    }
    // A graph that begins near 0 is understood at once when it begins there.
    if (low > 0 && low < high / 2)
        low = 0;
    if (high < 0 && high > low / 2)
        high = 0;
    // What hardly changes isn't blown up: the last digits are noise. Still less is when there is no
    // room for numbers that tell the ticks apart: then there are fewer of them, and a wider range.
    static const double finest[] = {1e-4, 1e-3, 1e-2, 1e-1, 1};
    for (size_t i = 0; i < sizeof finest / sizeof *finest; i++)
        for (int steps = most_steps > 1 ? most_steps : 1; steps >= fewest; steps--) {
            axis = divide(low, high, steps, finest[i], whole ? 1 : 0);
            if (choose_labels(&axis))
                return axis;
        }
    return axis;
}

char *axis_label(const struct axis *axis, double number, char out[AXIS_LABEL_MAX])
{
    const char *suffix = units[axis->unit].suffix;

    // In steps 0 may be missed by a little; neither k nor an exponent makes it more.
    if (fabs(number) < axis->step * 1e-6)
        number = 0;
    if (number == 0 && (axis->exponent || *suffix)) {
        snprintf(out, AXIS_LABEL_MAX, "0");
    } else if (axis->exponent) {
        int power = (int)floor(log10(fabs(number)) + 1e-9);
        snprintf(out, AXIS_LABEL_MAX, "%.*fe%d", axis->decimals, number / pow(10, power), power);
    } else {
        text_number(out, AXIS_LABEL_MAX, number / units[axis->unit].size, axis->decimals);
        size_t length = strlen(out);
        snprintf(out + length, AXIS_LABEL_MAX - length, "%s", suffix);
    }
    return out;
}

// --- Times ---------------------------------------------------------------------------------------

enum unit { SECONDS, HOURS, DAYS, MONTHS, YEARS };

// Seconds for minutes, too: they are as long wherever the clock is.
static const struct {
    enum unit unit;
    int count;
    int64_t length; // about
} steps[] = {
    {SECONDS, 5, 5},       {SECONDS, 10, 10},      {SECONDS, 30, 30},    {SECONDS, 60, 60},
    {SECONDS, 120, 120},   {SECONDS, 300, 300},    {SECONDS, 600, 600},  {SECONDS, 900, 900},
    {SECONDS, 1800, 1800}, {HOURS, 1, 3600},       {HOURS, 2, 7200},     {HOURS, 3, 10800},
    {HOURS, 6, 21600},     {HOURS, 12, 43200},     {DAYS, 1, 86400},     {DAYS, 2, 172800},
    {DAYS, 7, 604800},     {DAYS, 14, 1209600},    {MONTHS, 1, 2629800}, {MONTHS, 2, 5259600},
    {MONTHS, 3, 7889400},  {MONTHS, 6, 15778800},  {YEARS, 1, 31557600}, {YEARS, 2, 63115200},
    {YEARS, 5, 157788000}, {YEARS, 10, 315576000},
};
enum { STEPS = sizeof steps / sizeof *steps };

static struct tm local(int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;

    localtime_r(&time, &tm);
    return tm;
}

// The beginning of the unit that a time is in, at a multiple of count.
static struct tm begin_of(int64_t seconds, enum unit unit, int count)
{
    struct tm tm = local(seconds);

    tm.tm_sec = tm.tm_min = 0;
    if (unit == HOURS) {
        tm.tm_hour -= tm.tm_hour % count;
        return tm;
    }
    tm.tm_hour = 0;
    if (unit == DAYS) {
        // Weeks begin on Mondays; pairs of days at odd days of the year.
        if (count >= 7)
            tm.tm_mday -= (tm.tm_wday + 6) % 7;
        else
            tm.tm_mday -= tm.tm_yday % count;
        return tm;
    }
    tm.tm_mday = 1;
    if (unit == MONTHS) {
        tm.tm_mon -= tm.tm_mon % count;
    } else {
        tm.tm_mon = 0;
        tm.tm_year -= (tm.tm_year + 1900) % count;
    }
    return tm;
}

static void step_on(struct tm *tm, enum unit unit, int count)
{
    tm->tm_hour += unit == HOURS ? count : 0;
    tm->tm_mday += unit == DAYS ? count : 0;
    tm->tm_mon += unit == MONTHS ? count : 0;
    tm->tm_year += unit == YEARS ? count : 0;
}

static void label(struct time_tick *tick, enum unit unit, int count)
{
    struct tm tm = local(tick->at / SECOND);
    bool midnight = tm.tm_hour == 0 && tm.tm_min == 0 && tm.tm_sec == 0;
    size_t size = sizeof tick->label;

    if (unit == YEARS || (unit >= DAYS && tm.tm_yday == 0))
        strftime(tick->label, size, "%Y", &tm);
    else if (unit == MONTHS)
        strftime(tick->label, size, "%Y-%m", &tm);
    else if (unit == DAYS || midnight)
        strftime(tick->label, size, "%m-%d", &tm);
    else if (unit == SECONDS && count < 60)
        strftime(tick->label, size, "%H:%M:%S", &tm);
    else
        strftime(tick->label, size, "%H:%M", &tm);
}

// Returns the number of ticks; those that there is room for are written.
static size_t place(int64_t from, int64_t until, enum unit unit, int count, size_t most,
                    struct time_tick *ticks)
{
    size_t n = 0;
    int64_t first = from / SECOND, last = until / SECOND, before = INT64_MIN;

    if (unit == SECONDS) {
        // Offsets from UTC, and what summer changes of them, are whole quarters or halves of hours.
        int64_t offset = local(first).tm_gmtoff;
        int64_t at = first + offset;
        at = (at + count - 1) / count * count - offset;
        for (; at <= last; at += count, n++)
            if (at * SECOND >= from && n < most) {
                ticks[n] = (struct time_tick){.at = at * SECOND};
                label(&ticks[n], unit, count);
            }
        return n;
    }
    for (struct tm tm = begin_of(first, unit, count);; step_on(&tm, unit, count)) {
        struct tm at_tm = tm;
        at_tm.tm_isdst = -1;
        int wanted = tm.tm_hour;
        int64_t at = mktime(&at_tm);
        if (at > last)
            return n;
        // mktime() has put the fields right; an hour that was skipped has become another one.
        if (unit == HOURS && (at_tm.tm_hour - wanted) % 24 != 0)
            continue;
        if (at * SECOND < from || at <= before)
            continue;
        before = at;
        if (n < most) {
            ticks[n] = (struct time_tick){.at = at * SECOND};
            label(&ticks[n], unit, count);
        }
        n++;
    }
}

size_t axis_times(int64_t from, int64_t until, size_t most, struct time_tick *ticks)
{
    if (until <= from || most == 0)
        return 0;
    for (size_t i = 0; i < STEPS; i++) {
        // Steps that are far too fine aren't tried out.
        if ((until - from) / SECOND / steps[i].length > (int64_t)most)
            continue;
        size_t count = place(from, until, steps[i].unit, steps[i].count, most, ticks);
        if (count <= most)
            return count;
    }
    return 0;
}
