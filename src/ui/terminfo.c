// SPDX-License-Identifier: MIT
#include "ui/terminfo.h"

#include <curses.h>
#include <string.h>
#include <term.h>

bool terminfo_knows(const char *type, int descriptor)
{
    int error;
    bool known = setupterm(type, descriptor, &error) == OK;

    if (cur_term)
        del_curterm(cur_term);
    return known;
}

size_t terminfo_restoring(char *out, size_t size)
{
    // None of these has padding on a terminal of today: what the data base says is what is sent.
    const char *const names[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
    size_t used = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = tigetstr(names[i]);
        if (!text || text == (const char *)-1)
            continue;
        size_t length = strcspn(text, "$");
        if (used + length > size)
            break;
        memcpy(out + used, text, length);
        used += length;
    }
    return used;
}
