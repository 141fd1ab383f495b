// SPDX-License-Identifier: MIT
#include "store/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// It is emptied only once it is known whose it is.
static const char *begin_anew(int descriptor)
{
    struct stat what;

    if (fstat(descriptor, &what) != 0)
        return strerror(errno);
    if (!S_ISREG(what.st_mode))
        return NULL;
    if (what.st_uid != geteuid())
        return "it isn't a file of your own";
    return ftruncate(descriptor, 0) == 0 ? NULL : strerror(errno);
}

FILE *newfile_open(const char *path, const char **why)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0600);

    if (descriptor < 0) {
        *why = errno == ELOOP ? "a symbolic link isn't followed" : strerror(errno);
        return NULL;
    }
    *why = begin_anew(descriptor);
    FILE *file = *why ? NULL : fdopen(descriptor, "w");
    if (!file) {
        if (!*why)
            *why = strerror(errno);
        close(descriptor);
    }
    return file;
}
