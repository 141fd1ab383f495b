// SPDX-License-Identifier: MIT
// One change from the command line: look at the devices, show what would happen, ask, write, tell.
#ifndef XC_CMD_CHANGE_H
#define XC_CMD_CHANGE_H

#include "cmd/session.h"
#include "plant/edit.h"

// What is to be changed.
struct change {
    struct target target;
    const struct datapoint *datapoint;
    struct edit_wish wish;
    int64_t undo;    // the record that is taken back; 0: none
    const char *key; // of the device it must be, as in records; NULL: any
};

// Opens an edit and waits until the devices have been read. EXIT_DONE and an edit that is ready, to
// be closed; else, after a line on stderr, EXIT_REFUSED, EXIT_NO_ANSWER or 128 + n.
int change_look(struct session *session, const struct change *change, struct edit **edit);

// Shows what would happen and asks. EXIT_DONE: it was confirmed; EXIT_REFUSED by a check or the
// person; 128 + n.
int change_confirm(struct session *session, const struct options *options,
                   const struct change *change, struct edit *edit);

// Writes, waits for the end, and prints a row for each device. EXIT_DONE, EXIT_REFUSED,
// EXIT_NO_ANSWER (nothing was sent: the connection was lost), EXIT_PARTLY (some of the devices),
// EXIT_UNKNOWN.
int change_write(struct session *session, const struct options *options,
                 const struct change *change, struct edit *edit);

// All three, one after the other; EXIT_DONE too when flash has the value already and nothing is
// written.
int change_do(struct session *session, const struct options *options, const struct change *change);

// Reads "XT1", "1138" and "45" as a target, a parameter of it, and a value. EXIT_DONE, or
// EXIT_WRONG after a line on stderr.
int change_parse(const char *device, const char *id, const char *value, struct change *change);

#endif
