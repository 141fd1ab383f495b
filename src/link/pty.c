// SPDX-License-Identifier: MIT
// The simulator's end of a pseudo terminal: programs open the other end like a serial port.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "link/holder.h"
#include "link/stream.h"

struct pty {
    struct loop *loop;
    struct link *link;
    const struct link_spec *spec;
    struct stream stream; // the master
    int slave;            // kept open, so that a program that closes it doesn't hang us up
    char slave_path[64];
    bool linked;
};

static void pty_close(void *self)
{
    struct pty *pty = self;
    char target[PATH_MAX];

    if (pty->linked) {
        // Only if it is still ours.
        ssize_t n = readlink(pty->spec->path, target, sizeof target - 1);
        if (n > 0 && (size_t)n == strlen(pty->slave_path) &&
            memcmp(target, pty->slave_path, (size_t)n) == 0)
            unlink(pty->spec->path);
    }
    pty->linked = false;
    stream_close(&pty->stream);
    if (pty->slave >= 0)
        close(pty->slave);
    pty->slave = -1;
}

static void lost(void *arg, int error)
{
    struct pty *pty = arg;
    char why[LINK_TEXT_MAX];

    pty_close(pty);
    snprintf(why, sizeof why, "the pseudo terminal is lost: %s",
             error ? strerror(error) : "hung up");
    link_backend_failed(pty->link, LINK_FAULT_LOST, why);
}

// Removes the symbolic link that a run before has left behind, and nothing else. False, with why
// not, when something else is there.
static bool make_room(const char *path, char *why, size_t size)
{
    struct stat status;
    char target[PATH_MAX], holder[64];

    if (lstat(path, &status) < 0)
        return true;
    if (!S_ISLNK(status.st_mode)) {
        snprintf(why, size, "%.200s exists and isn't a symbolic link: choose another path", path);
        return false;
    }
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n > 0 ? n : 0] = '\0';
    if (strncmp(target, "/dev/pts/", 9) != 0) {
        snprintf(why, size, "%.120s leads to %.120s: choose another path", path, target);
        return false;
    }
    if (holder_of_file(target, holder, sizeof holder)) {
        snprintf(why, size, "%.120s is in use by %s: choose another path, or remove it", path,
                 holder);
        return false;
    }
    unlink(path);
    return true;
}

static int open_pair(struct pty *pty)
{
    struct termios raw;
    int error;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
        ptsname_r(master, pty->slave_path, sizeof pty->slave_path) != 0)
        goto fail;
    pty->slave = open(pty->slave_path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->slave < 0 || tcgetattr(pty->slave, &raw) < 0)
        goto fail;
    cfmakeraw(&raw);
    if (tcsetattr(pty->slave, TCSANOW, &raw) < 0)
        goto fail;
    return master;
fail:
    error = errno;
    if (master >= 0)
        close(master);
    errno = error;
    return -1;
}

static void *pty_create(struct loop *loop, struct link *link, const struct link_spec *spec)
{
    struct pty *pty = xcalloc(1, sizeof *pty);

    pty->loop = loop;
    pty->link = link;
    pty->spec = spec;
    pty->slave = -1;
    stream_init(&pty->stream, loop, link, lost, pty);
    return pty;
}

static void pty_open(void *self, unsigned variant)
{
    struct pty *pty = self;
    const char *path = pty->spec->path;
    char why[LINK_TEXT_MAX];

    (void)variant;
    pty_close(pty);
    if (!make_room(path, why, sizeof why)) {
        link_backend_failed(pty->link, LINK_FAULT_OTHER, why);
        return;
    }
    int master = open_pair(pty);
    if (master < 0) {
        snprintf(why, sizeof why, "can't make a pseudo terminal: %s", strerror(errno));
        pty_close(pty);
        link_backend_failed(pty->link, LINK_FAULT_OTHER, why);
        return;
    }
    stream_attach(&pty->stream, master);
    if (symlink(pty->slave_path, path) < 0) {
        snprintf(why, sizeof why, "can't make the link %.200s: %s", path, strerror(errno));
        pty_close(pty);
        link_backend_failed(pty->link, LINK_FAULT_OTHER, why);
        return;
    }
    pty->linked = true;
    snprintf(why, sizeof why, "%.200s is %s", path, pty->slave_path);
    link_backend_state(pty->link, LINK_UP, why);
}

static long pty_write(void *self, const uint8_t *bytes, size_t length)
{
    struct pty *pty = self;
    return stream_write(&pty->stream, bytes, length);
}

static void pty_want_write(void *self, bool wanted)
{
    struct pty *pty = self;
    stream_want_write(&pty->stream, wanted);
}

static void pty_discard(void *self, bool dropped)
{
    struct pty *pty = self;

    (void)dropped;
    // What the other end hasn't read yet.
    (void)tcflush(pty->slave, TCIFLUSH);
}

const struct link_backend link_pty_backend = {
    .create = pty_create,
    .destroy = free,
    .open = pty_open,
    .close = pty_close,
    .write = pty_write,
    .broken = lost,
    .want_write = pty_want_write,
    .discard = pty_discard,
};
