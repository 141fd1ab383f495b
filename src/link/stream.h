// SPDX-License-Identifier: MIT
// A connected descriptor in the loop: what tcp, tcp-listen, serial and pty have in common. Private
// to src/link/.
#ifndef XC_LINK_STREAM_H
#define XC_LINK_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/backend.h"

struct stream {
    struct loop *loop;
    struct link *link;
    // The connection is lost; error is 0 when the other end closed it. The descriptor is still
    // open and no longer watched.
    void (*lost)(void *arg, int error);
    void *arg;
    int descriptor; // -1: none
    struct loop_watch *watch;
    bool hears_the_living; // what one has sent who has closed since isn't taken
};

void stream_init(struct stream *stream, struct loop *loop, struct link *link,
                 void (*lost)(void *arg, int error), void *arg);

// Watches a descriptor (non-blocking), which becomes the stream's.
void stream_attach(struct stream *stream, int descriptor);
// Gives the descriptor back, or -1; it is the caller's again.
int stream_detach(struct stream *stream);
void stream_close(struct stream *stream);

// As link_backend.write.
long stream_write(struct stream *stream, const uint8_t *bytes, size_t length);
void stream_want_write(struct stream *stream, bool wanted);

// A TCP connection whose peer hasn't acknowledged everything (or dropped: bytes never came to it)
// is closed with a reset, so that nothing can arrive late. True if it was.
bool stream_reset_unacknowledged(struct stream *stream, bool dropped);

#endif
