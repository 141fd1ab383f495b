// SPDX-License-Identifier: MIT
// What a terminal's description says, without taking the terminal over.
#include "ui/term.h"

#include <curses.h>
#include <stdlib.h>
#include <unistd.h>

// Its struct term isn't ours.
#define term terminfo_term
#include <term.h>
#undef term

int term_colours(void)
{
    const char *type = getenv("TERM");
    int error, colours = -1;

    if (type && setupterm(type, STDERR_FILENO, &error) == OK) {
        colours = tigetnum("colors");
        colours = colours < 0 ? 0 : colours;
    }
    if (cur_term)
        del_curterm(cur_term);
    return colours;
}
