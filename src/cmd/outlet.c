// SPDX-License-Identifier: MIT
#include "cmd/outlet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cmd/cmd.h"

// A pipe that can be written to takes a page at once, a terminal not even that. Making stdout
// non-blocking isn't for us: other programs have it too.
enum { PIPE_BYTES = 4096, TERMINAL_BYTES = 64 };

#define LOOK_AGAIN (100 * LOOP_MS)

struct outlet {
    struct loop *loop;
    void (*lost)(void *arg);
    void *arg;
    size_t piece;
    char *kept;
    size_t length;
    bool broken;
    struct loop_timer again;
};

static void drain(struct outlet *outlet)
{
    size_t done = 0;

    while (!outlet->broken && done < outlet->length && can_print(STDOUT_FILENO, 0)) {
        size_t length = outlet->length - done;
        ssize_t written = write(STDOUT_FILENO, outlet->kept + done,
                                length < outlet->piece ? length : outlet->piece);
        if (written > 0) {
            done += (size_t)written;
        } else if (errno != EINTR && errno != EAGAIN) {
            outlet->broken = true;
            outlet->lost(outlet->arg);
        } else if (errno == EAGAIN) {
            break;
        }
    }
    memmove(outlet->kept, outlet->kept + done, outlet->length - done);
    outlet->length -= done;
    if (outlet->length > 0 && !outlet->broken)
        loop_timer_in(outlet->loop, &outlet->again, LOOK_AGAIN);
}

static void look_again(void *arg)
{
    drain(arg);
}

struct outlet *outlet_new(struct loop *loop, void (*lost)(void *arg), void *arg)
{
    struct outlet *outlet = xcalloc(1, sizeof *outlet);

    *outlet = (struct outlet){.loop = loop,
                              .lost = lost,
                              .arg = arg,
                              .piece = isatty(STDOUT_FILENO) ? TERMINAL_BYTES : PIPE_BYTES,
                              .again = {.fire = look_again, .arg = outlet}};
    return outlet;
}

bool outlet_put(struct outlet *outlet, const char *text, size_t length)
{
    if (outlet->broken || outlet->length > 0)
        return false;
    outlet->kept = xrealloc(outlet->kept, length, 1);
    memcpy(outlet->kept, text, length);
    outlet->length = length;
    drain(outlet);
    return true;
}

void outlet_free(struct outlet *outlet)
{
    if (!outlet)
        return;
    while (outlet->length > 0 && !outlet->broken && can_print(STDOUT_FILENO, LOOP_S))
        drain(outlet);
    loop_timer_stop(outlet->loop, &outlet->again);
    free(outlet->kept);
    free(outlet);
}
