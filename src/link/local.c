// SPDX-License-Identifier: MIT
#include "link/local.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "link/backend.h"
#include "link/stream.h"

enum { BACKLOG = 8, FILE_MAX = LOCAL_NAME_MAX + 8 };

// --- Names ---------------------------------------------------------------------------------------

static void identify(const struct link_spec *spec, char *out, size_t size)
{
    char host[LINK_HOST_MAX];
    size_t i = 0;

    for (; spec->host[i]; i++) // host names know no case
        host[i] = (char)tolower((unsigned char)spec->host[i]);
    host[i] = '\0';
    bool v6 = strchr(host, ':');
    switch (spec->kind) {
    case LINK_SERIAL:
    case LINK_PTY:
        snprintf(out, size, "serial:%s", spec->path);
        return;
    case LINK_SLCAN:
        snprintf(out, size, "slcan:%s", spec->path);
        return;
    case LINK_CAN:
        snprintf(out, size, "can:%s", spec->path);
        return;
    case LINK_TCP:
        snprintf(out, size, v6 ? "tcp:[%s]:%u" : "tcp:%s:%u", host, (unsigned)spec->port);
        return;
    case LINK_TCP_LISTEN:
        snprintf(out, size, v6 ? "tcp-listen:[%s]%s%u" : "tcp-listen:%s%s%u", host,
                 host[0] ? ":" : "", (unsigned)spec->port);
        return;
    case LINK_UDP:
        snprintf(out, size, v6 ? "udp:[%s]:%u?local=%u" : "udp:%s:%u?local=%u", host,
                 (unsigned)spec->port,
                 (unsigned)(spec->local_port ? spec->local_port : spec->port));
        return;
    case LINK_MEMORY:
    case LINK_LOCAL:
        break;
    }
    snprintf(out, size, "memory");
}

// FNV-1a. What can't be part of a file name, or is too long for one, still tells names apart.
static uint32_t hash(const char *text)
{
    uint32_t value = 2166136261u;

    for (; *text; text++)
        value = (value ^ (uint8_t)*text) * 16777619u;
    return value;
}

static void name_file(const char *identity, char out[LOCAL_NAME_MAX])
{
    enum { READABLE_MAX = LOCAL_NAME_MAX - 10 };
    size_t used = 0;

    for (const char *c = identity; *c && used < READABLE_MAX; c++) {
        if (isalnum((unsigned char)*c) || *c == '.' || *c == '_')
            out[used++] = *c;
        else if (used > 0 && out[used - 1] != '-')
            out[used++] = '-';
    }
    snprintf(out + used, LOCAL_NAME_MAX - used, "-%08x", (unsigned)hash(identity));
}

void local_place_of(const struct link_spec *spec, struct local_place *place)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char identity[LOCAL_IDENTITY_MAX];
    unsigned uid = (unsigned)geteuid();

    *place = (struct local_place){0};
    if (runtime && runtime[0] == '/')
        snprintf(place->directories[0], LOCAL_DIRECTORY_MAX, "%.*s/xcomtop",
                 LOCAL_DIRECTORY_MAX - 16, runtime);
    snprintf(place->directories[1], LOCAL_DIRECTORY_MAX, "/run/user/%u/xcomtop", uid);
    snprintf(place->directories[2], LOCAL_DIRECTORY_MAX, "/tmp/xcomtop-%u", uid);
    identify(spec, identity, sizeof identity);
    text_escape(place->identity, sizeof place->identity, identity);
    name_file(place->identity, place->name);
}

// --- The directory -------------------------------------------------------------------------------

static bool is_ours(int descriptor)
{
    struct stat status;

    return fstat(descriptor, &status) == 0 && status.st_uid == geteuid() &&
           (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

// A directory that somebody else could write to would let him put his own in the place of ours.
static bool is_safe_parent(const char *path)
{
    char parent[LOCAL_DIRECTORY_MAX];
    struct stat status;

    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (!slash || slash == parent)
        return false;
    *slash = '\0';
    if (stat(parent, &status) < 0 || !S_ISDIR(status.st_mode))
        return false;
    return (status.st_uid == geteuid() || status.st_uid == 0) &&
           ((status.st_mode & S_ISVTX) || (status.st_mode & (S_IWGRP | S_IWOTH)) == 0);
}

// The directory, made if need be; -1, with why, when it can't be had or isn't ours alone.
static int open_directory(const char *path, bool make, char *why, size_t size)
{
    if (!is_safe_parent(path) || (make && mkdir(path, 0700) < 0 && errno != EEXIST)) {
        snprintf(why, size, "%.200s can't be made", path);
        return -1;
    }
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory >= 0 && is_ours(directory))
        return directory;
    if (directory < 0)
        snprintf(why, size, "%.200s: %s", path, strerror(errno));
    else
        snprintf(why, size, "%.200s isn't ours alone (expected: our user, mode 0700)", path);
    if (directory >= 0)
        close(directory);
    return -1;
}

// By way of the descriptor: whatever happens to the path, it is the directory that was looked at,
// and a long one fits too.
static struct sockaddr_un address_in(int directory, const struct local_place *place)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s.sock", directory,
             place->name);
    return address;
}

static const char *file_name(const struct local_place *place, const char *ending,
                             char out[FILE_MAX])
{
    snprintf(out, FILE_MAX, "%s%s", place->name, ending);
    return out;
}

// --- A connection --------------------------------------------------------------------------------

struct end {
    struct stream stream;
    int descriptor; // until it is opened
    struct link *link;
};

static void lost(void *arg, int error)
{
    struct end *end = arg;

    stream_close(&end->stream);
    link_backend_failed(end->link, LINK_FAULT_LOST,
                        error ? strerror(error) : "closed by the other end");
}

static void end_open(void *self, unsigned variant)
{
    struct end *end = self;

    (void)variant;
    if (end->descriptor < 0) {
        stream_close(&end->stream);
        link_backend_failed(end->link, LINK_FAULT_OTHER, "it can be opened once only");
        return;
    }
    stream_attach(&end->stream, end->descriptor);
    end->descriptor = -1;
    link_backend_state(end->link, LINK_UP, "connected");
}

static void end_close(void *self)
{
    struct end *end = self;

    stream_close(&end->stream);
    if (end->descriptor >= 0)
        close(end->descriptor);
    end->descriptor = -1;
}

static long end_write(void *self, const uint8_t *bytes, size_t length)
{
    struct end *end = self;
    return stream_write(&end->stream, bytes, length);
}

static void end_want_write(void *self, bool wanted)
{
    struct end *end = self;
    stream_want_write(&end->stream, wanted);
}

static const struct link_backend end_backend = {
    .destroy = free,
    .open = end_open,
    .close = end_close,
    .write = end_write,
    .broken = lost,
    .want_write = end_want_write,
};

// of_guest: a guest that has gone, perhaps while we stood still, wants nothing any more. What a
// host said last is still heard.
static struct link *new_end(struct loop *loop, int descriptor, bool of_guest)
{
    static const struct link_spec spec = {.kind = LINK_LOCAL};
    struct end *end = xcalloc(1, sizeof *end);

    end->descriptor = descriptor;
    end->link = link_new_over(loop, &spec, &end_backend, end);
    stream_init(&end->stream, loop, end->link, lost, end);
    end->stream.hears_the_living = of_guest;
    return end->link;
}

// The process at the other end, if it is one of our user; else 0.
static long peer_of(int descriptor)
{
    struct ucred peer;
    socklen_t length = sizeof peer;

    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ||
        peer.uid != geteuid())
        return 0;
    return (long)peer.pid;
}

static struct link *join(struct loop *loop, int directory, const struct local_place *place,
                         long *pid)
{
    struct sockaddr_un address = address_in(directory, place);
    char name[FILE_MAX];
    struct stat status;

    if (fstatat(directory, file_name(place, ".sock", name), &status, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISSOCK(status.st_mode))
        return NULL;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return NULL;
    if (connect(descriptor, (const struct sockaddr *)&address, sizeof address) < 0 ||
        (*pid = peer_of(descriptor)) == 0) {
        close(descriptor);
        return NULL;
    }
    return new_end(loop, descriptor, false);
}

// --- Listening -----------------------------------------------------------------------------------

struct local_listener {
    struct loop *loop;
    int directory, lock, descriptor; // descriptor: -1 when it is shut
    char socket[FILE_MAX], lock_file[FILE_MAX];
    struct loop_watch *watch;
    struct loop_timer pause; // accept() fails for want of descriptors: not tried for a while
    local_visitor_fn *fn;
    void *arg;
};

static void on_visitor(void *arg, short revents)
{
    struct local_listener *listener = arg;

    (void)revents;
    int descriptor = accept4(listener->descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            loop_watch_events(listener->watch, 0);
            loop_timer_in(listener->loop, &listener->pause, LOOP_S);
        }
        return;
    }
    if (peer_of(descriptor) == 0)
        close(descriptor);
    else
        listener->fn(listener->arg, new_end(listener->loop, descriptor, true));
}

static void end_pause(void *arg)
{
    struct local_listener *listener = arg;
    loop_watch_events(listener->watch, POLLIN);
}

// -1, with errno, when it can't be had.
static int bind_socket(int directory, const struct local_place *place)
{
    struct sockaddr_un address = address_in(directory, place);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (descriptor < 0)
        return -1;
    // The mode is there from the beginning, not a moment later.
    mode_t mask = umask(0177);
    bool bound = bind(descriptor, (const struct sockaddr *)&address, sizeof address) == 0;
    int error = errno;
    umask(mask);
    if (bound && listen(descriptor, BACKLOG) == 0)
        return descriptor;
    error = bound ? errno : error;
    close(descriptor);
    errno = error;
    return -1;
}

// Who ends removes the file: the lock on a former one is worth nothing.
static bool is_still_there(int directory, const char *name, int descriptor)
{
    struct stat ours, there;

    return fstat(descriptor, &ours) == 0 &&
           fstatat(directory, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

// Takes the place in a directory, which becomes the listener's with LOCAL_OURS.
static enum local_meeting take_place(struct loop *loop, int directory,
                                     const struct local_place *place, struct local_outcome *outcome)
{
    char name[FILE_MAX], socket[FILE_MAX];
    int lock = openat(directory, file_name(place, ".lock", name),
                      O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0) {
        enum local_meeting busy = lock >= 0 && errno == EWOULDBLOCK ? LOCAL_BUSY : LOCAL_ALONE;
        snprintf(outcome->error, sizeof outcome->error, "%s: %s", name, strerror(errno));
        if (lock >= 0)
            close(lock);
        return busy;
    }
    if (!is_still_there(directory, name, lock)) {
        close(lock);
        return LOCAL_BUSY;
    }
    // A dead one's: a living one would have the lock.
    (void)unlinkat(directory, file_name(place, ".sock", socket), 0);
    int descriptor = bind_socket(directory, place);
    if (descriptor < 0) {
        snprintf(outcome->error, sizeof outcome->error, "%s: %s", socket, strerror(errno));
        close(lock);
        return LOCAL_ALONE;
    }
    struct local_listener *listener = xcalloc(1, sizeof *listener);
    *listener = (struct local_listener){.loop = loop,
                                        .directory = directory,
                                        .lock = lock,
                                        .descriptor = descriptor,
                                        .pause = {.fire = end_pause, .arg = listener}};
    memcpy(listener->socket, socket, sizeof socket);
    memcpy(listener->lock_file, name, sizeof name);
    outcome->listener = listener;
    return LOCAL_OURS;
}

enum local_meeting local_meet(struct loop *loop, const struct local_place *place,
                              struct local_outcome *outcome)
{
    enum local_meeting meeting = LOCAL_ALONE;
    int home = -1;

    *outcome = (struct local_outcome){0};
    for (unsigned i = 0; i < LOCAL_DIRECTORIES && !outcome->link; i++) {
        if (!place->directories[i][0])
            continue;
        int directory =
            open_directory(place->directories[i], home < 0, outcome->error, sizeof outcome->error);
        if (directory < 0)
            continue;
        outcome->link = join(loop, directory, place, &outcome->pid);
        if (home < 0)
            home = directory;
        else
            close(directory);
    }
    if (outcome->link)
        meeting = LOCAL_JOINED;
    else if (home >= 0)
        meeting = take_place(loop, home, place, outcome);
    if (home >= 0 && meeting != LOCAL_OURS)
        close(home);
    return meeting;
}

void local_listen(struct local_listener *listener, local_visitor_fn *fn, void *arg)
{
    listener->fn = fn;
    listener->arg = arg;
    listener->watch =
        loop_watch(listener->loop, listener->descriptor, POLLIN, on_visitor, listener);
}

void local_shut(struct local_listener *listener)
{
    if (listener->descriptor < 0)
        return;
    loop_unwatch(listener->loop, listener->watch);
    listener->watch = NULL;
    loop_timer_stop(listener->loop, &listener->pause);
    if (is_still_there(listener->directory, listener->lock_file, listener->lock))
        (void)unlinkat(listener->directory, listener->socket, 0);
    close(listener->descriptor);
    listener->descriptor = -1;
}

void local_free(struct local_listener *listener)
{
    if (!listener)
        return;
    local_shut(listener);
    if (is_still_there(listener->directory, listener->lock_file, listener->lock))
        (void)unlinkat(listener->directory, listener->lock_file, 0);
    close(listener->lock);
    close(listener->directory);
    free(listener);
}
