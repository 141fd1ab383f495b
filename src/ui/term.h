// SPDX-License-Identifier: MIT
// The terminal: the only place with initscr() and endwin(). Puts a ui on it, turns bytes into keys,
// sends only what changed in one write a frame, at most four frames a second, none while the
// terminal can't take it; handles resizing, Ctrl-Z, a lost terminal; gives it back clean, also on a
// crash.
#ifndef XC_UI_TERM_H
#define XC_UI_TERM_H

#include <stdbool.h>

#include "base/status.h"
#include "loop/loop.h"
#include "ui/ui.h"

struct term_options {
    bool ascii;
    // Called before the program is stopped (^Z), and when it goes on. NULL: nobody.
    void (*suspend)(void *arg, bool stops);
    void *arg;
};

struct term;

// True if the locale (LC_CTYPE, already set) can't show UTF-8.
bool term_locale_is_ascii(void);

// How many colours $TERM has: 0 for none, -1 when it has no description. Not while one is open.
int term_colours(void);

// Whether stdin and stdout are a terminal that screens can be shown on, before anything is opened.
// XC_IO if not; error then says so in one line.
enum xc_status term_check(char *error, size_t error_size);

// Takes the terminal on stdin and stdout over; XC_IO where term_check() would have said so. The
// loop is stopped when the person leaves, the terminal goes away, or a signal asks for the end.
enum xc_status term_open(struct loop *loop, struct ui *ui, const struct term_options *options,
                         struct term **term);
// Gives the terminal back. NULL is allowed.
void term_close(struct term *term);
// Something may look different: draw in due time.
void term_invalidate(struct term *term);
// What has stopped the loop: SIGINT, SIGTERM, or SIGHUP, also for a terminal that went away without
// one; 0: the person has left.
int term_signal(const struct term *term);

#endif
