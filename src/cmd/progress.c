// SPDX-License-Identifier: MIT
#include "cmd/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "loop/loop.h"

enum { USUAL_WIDTH = 80, MOST_WIDTH = 100, WHAT_WIDTH = 6, BAR_WIDTH_MIN = 8, TENTHS = 10 };

static const int64_t redraw_after = 250 * LOOP_MS;
static const int64_t rate_known_after = 2 * LOOP_S;

void progress_begin(struct progress *progress, bool verbose, int64_t now)
{
    *progress = (struct progress){.bar = !verbose && isatty(STDERR_FILENO),
                                  .lines = verbose,
                                  .began = now,
                                  .drawn = now - redraw_after};
}

// "4:40 left" from the rate so far; "" while it isn't known.
static void time_left(const struct progress *progress, size_t done, size_t all, int64_t now,
                      char *out, size_t size)
{
    int64_t spent = now - progress->began;

    out[0] = '\0';
    if (spent < rate_known_after || done == 0)
        return;
    double rate = (double)done / (double)spent;
    long seconds = (long)((double)(all - done) / rate / (double)LOOP_S + 0.5);
    snprintf(out, size, "  %ld:%02ld left", seconds / 60, seconds % 60);
}

static int terminal_width(void)
{
    struct winsize size;
    int width = USUAL_WIDTH;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    // The last column stays free: some terminals begin a new line there.
    return width > MOST_WIDTH ? MOST_WIDTH : width - 1;
}

static void put_line(struct progress *progress, const char *text, int width)
{
    char line[MOST_WIDTH + 1];
    int columns = text_fit(line, sizeof line, text, width, false, true);

    fprintf(stderr, "\r%s%*s", line, progress->width > columns ? progress->width - columns : 0, "");
    fflush(stderr);
    progress->width = columns;
}

static void draw(struct progress *progress, size_t done, size_t all, const char *what,
                 const char *counts)
{
    char text[MOST_WIDTH + 64];
    size_t used = 0;
    int width = terminal_width();
    int before = text_width(what) > WHAT_WIDTH ? text_width(what) : WHAT_WIDTH;
    int room = width - before - 4 - text_width(counts); // "[" and "]  " around it

    text_append(text, sizeof text, &used, "%-*s", WHAT_WIDTH, what);
    if (room >= BAR_WIDTH_MIN) {
        size_t full = (size_t)room * done / all;
        for (size_t i = 0; i < (size_t)room; i++)
            text_append(text, sizeof text, &used, "%s%s", i == 0 ? "[" : "", i < full ? "#" : ".");
        text_append(text, sizeof text, &used, "]  ");
    }
    text_append(text, sizeof text, &used, "%s", counts);
    put_line(progress, text, width);
}

void progress_show(struct progress *progress, size_t done, size_t all, const char *what,
                   int64_t now)
{
    char left[48], counts[120];
    size_t tenths = all > 0 ? done * TENTHS / all : 0;

    if (all == 0 || now - progress->drawn < redraw_after)
        return;
    progress->drawn = now;
    time_left(progress, done, all, now, left, sizeof left);
    snprintf(counts, sizeof counts, "%zu of %zu  %zu %%%s", done, all, done * 100 / all, left);
    if (progress->bar)
        draw(progress, done, all, what, counts);
    else if (progress->lines && tenths > progress->tenths)
        complain("%s", counts);
    progress->tenths = tenths;
}

void progress_text(struct progress *progress, const char *text, int64_t now)
{
    if (!progress->bar || now - progress->drawn < redraw_after)
        return;
    progress->drawn = now;
    put_line(progress, text, terminal_width());
}

void progress_clear(struct progress *progress)
{
    if (progress->width > 0)
        fprintf(stderr, "\r%*s\r", progress->width, "");
    progress->width = 0;
}
