// SPDX-License-Identifier: MIT
#include "store/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// NULL, or why it isn't one to be written to.
static const char *check(int descriptor)
{
    struct stat what;

    if (fstat(descriptor, &what) != 0)
        return strerror(errno);
    if (!S_ISREG(what.st_mode))
        return "it isn't a file";
    return what.st_uid == geteuid() ? NULL : "it isn't a file of your own";
}

static const char *why_not_opened(void)
{
    if (errno == ELOOP)
        return "a symbolic link isn't followed";
    return errno == ENXIO ? "it isn't a file" : strerror(errno); // a pipe that nobody reads
}

static FILE *open_file(const char *path, bool appends, const char **why)
{
    // Neither a device nor a pipe is waited for.
    int descriptor = open(path,
                          O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
                              (appends ? O_APPEND : 0),
                          0600);

    if (descriptor < 0) {
        *why = why_not_opened();
        return NULL;
    }
    *why = check(descriptor);
    // Emptied only once it is known whose it is.
    if (!*why && !appends && ftruncate(descriptor, 0) != 0)
        *why = strerror(errno);
    FILE *file = *why ? NULL : fdopen(descriptor, appends ? "a" : "w");
    if (!file) {
        if (!*why)
            *why = strerror(errno);
        close(descriptor);
    }
    return file;
}

FILE *newfile_open(const char *path, const char **why)
{
    return open_file(path, false, why);
}

FILE *newfile_append(const char *path, const char **why)
{
    return open_file(path, true, why);
}
