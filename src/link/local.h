// SPDX-License-Identifier: MIT
// Where the processes of one user that want the same LINK meet on this computer: one of them holds
// it and listens on a Unix socket, the others are joined to it. Which one is decided by a lock that
// the kernel gives back when its process ends, however it ends: a socket left behind by a dead one
// is removed only by who has the lock.
//
// Only we ourselves may come in. The directory is ours and 0700 (else it isn't used), the socket
// and the lock in it are 0600 and never reached through a symbolic link, and the other end of each
// connection must be a process of our user (SO_PEERCRED). Root is another user.
#ifndef XC_LINK_LOCAL_H
#define XC_LINK_LOCAL_H

#include <stddef.h>

#include "link/link.h"
#include "loop/loop.h"

enum {
    LOCAL_DIRECTORIES = 3,
    LOCAL_DIRECTORY_MAX = 512,
    LOCAL_NAME_MAX = 64,
    LOCAL_IDENTITY_MAX = 2 * LINK_HOST_MAX
};

struct local_place {
    // The first that can be used is where we would listen; others may in all of them: a service has
    // no $XDG_RUNTIME_DIR. Absolute, "" for none.
    char directories[LOCAL_DIRECTORIES][LOCAL_DIRECTORY_MAX];
    char name[LOCAL_NAME_MAX];         // of the files, without .sock and .lock
    char identity[LOCAL_IDENTITY_MAX]; // the LINK in full, however it was written, without settings
                                       // of the line: "serial:/dev/ttyUSB0"; escaped
};

// $XDG_RUNTIME_DIR/xcomtop, /run/user/UID/xcomtop, /tmp/xcomtop-UID; and by the device, address or
// interface of spec a name that is a file name whatever spec holds.
void local_place_of(const struct link_spec *spec, struct local_place *place);

enum local_meeting {
    LOCAL_JOINED, // link leads to who listens there, whose process is pid
    LOCAL_OURS,   // we listen there; listener gives the links of those who come
    LOCAL_BUSY,   // somebody is about to listen, or is ending: ask again in a moment
    LOCAL_ALONE,  // there is no place to meet; error says why in one line
};

struct local_listener;

// A process of ours has come: the link to it, already up when it is opened. From the loop.
typedef void local_visitor_fn(void *arg, struct link *link);

struct local_outcome {
    struct link *link; // LOCAL_JOINED: as of link_new(), already up when it is opened
    long pid;
    struct local_listener *listener; // LOCAL_OURS
    char error[LINK_TEXT_MAX];       // LOCAL_ALONE
};

// Doesn't wait for anything.
enum local_meeting local_meet(struct loop *loop, const struct local_place *place,
                              struct local_outcome *outcome);

// Whoever comes before this was called is kept waiting.
void local_listen(struct local_listener *listener, local_visitor_fn *fn, void *arg);
// Nobody comes in any more, and the socket is gone; the place stays ours until it is freed.
void local_shut(struct local_listener *listener);
void local_free(struct local_listener *listener); // NULL is allowed

#endif
