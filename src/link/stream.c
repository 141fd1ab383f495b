// SPDX-License-Identifier: MIT
#include "link/stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/net.h"

enum { READ_MAX = 4096 };

void stream_init(struct stream *stream, struct loop *loop, struct link *link,
                 void (*lost)(void *arg, int error), void *arg)
{
    *stream =
        (struct stream){.loop = loop, .link = link, .lost = lost, .arg = arg, .descriptor = -1};
}

static void on_ready(void *arg, short revents)
{
    struct stream *stream = arg;
    uint8_t bytes[READ_MAX];

    if (revents & POLLOUT)
        link_backend_writable(stream->link);
    if (!(revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)))
        return;
    // One read a round: other links and the screen have their turn.
    bool is_late = stream->hears_the_living && (revents & POLLHUP);
    ssize_t n = is_late ? 0 : read(stream->descriptor, bytes, sizeof bytes);
    if (n > 0) {
        link_backend_received(stream->link, bytes, (size_t)n);
        return;
    }
    int error = n < 0 ? errno : 0;
    if ((error == EAGAIN || error == EINTR) && !(revents & (POLLHUP | POLLERR | POLLNVAL)))
        return;
    loop_unwatch(stream->loop, stream->watch);
    stream->watch = NULL;
    stream->lost(stream->arg, error == EAGAIN ? EIO : error);
}

void stream_attach(struct stream *stream, int descriptor)
{
    stream->descriptor = descriptor;
    stream->watch = loop_watch(stream->loop, descriptor, POLLIN, on_ready, stream);
}

int stream_detach(struct stream *stream)
{
    int descriptor = stream->descriptor;

    loop_unwatch(stream->loop, stream->watch);
    stream->watch = NULL;
    stream->descriptor = -1;
    return descriptor;
}

void stream_close(struct stream *stream)
{
    int descriptor = stream_detach(stream);
    if (descriptor >= 0)
        close(descriptor);
}

long stream_write(struct stream *stream, const uint8_t *bytes, size_t length)
{
    // Sockets: no SIGPIPE. Ttys aren't sockets.
    ssize_t n = send(stream->descriptor, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK)
        n = write(stream->descriptor, bytes, length);
    if (n >= 0)
        return (long)n;
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    // Not read any more: reading would only find the same, in vaguer words.
    loop_unwatch(stream->loop, stream->watch);
    stream->watch = NULL;
    return -1;
}

void stream_want_write(struct stream *stream, bool wanted)
{
    if (stream->watch)
        loop_watch_events(stream->watch, wanted ? POLLIN | POLLOUT : POLLIN);
}

bool stream_reset_unacknowledged(struct stream *stream, bool dropped)
{
    int waiting = 0;

    if (stream->descriptor < 0)
        return false;
    if (!dropped && (ioctl(stream->descriptor, SIOCOUTQ, &waiting) < 0 || waiting == 0))
        return false;
    net_reset(stream_detach(stream));
    return true;
}
