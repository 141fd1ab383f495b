// SPDX-License-Identifier: MIT
// Asking the person: yes or no, or a word to be typed. The link is kept alive meanwhile.
#ifndef XC_CMD_CONFIRM_H
#define XC_CMD_CONFIRM_H

#include "cmd/session.h"

// Asks on the terminal for y, or for word when it isn't NULL; --yes answers the former, --confirm
// WORD the latter. EXIT_DONE: go on. EXIT_REFUSED: no, or there is no terminal to ask on, after a
// line on stderr that says what to give instead. 128 + n after a signal.
int confirm(struct session *session, const struct options *options, const char *question,
            const char *word);

#endif
