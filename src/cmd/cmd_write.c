// SPDX-License-Identifier: MIT
// write: one parameter of a device, of a phase, or of all of a family.
#include "cmd/change.h"
#include "cmd/cmd.h"

int cmd_write(const struct options *options)
{
    struct session *session;
    struct change change;
    int status = change_parse(options->words[0], options->words[1], options->words[2], &change);

    if (status != EXIT_DONE)
        return status;
    change.wish.flash = options->flash;
    status = session_open(options, SESSION_CHANGE, &session);
    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    status = session_wait_ready(session);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status == EXIT_DONE)
        status = change_do(session, options, &change);
    session_settle(session);
    session_free(session);
    return status;
}
