// SPDX-License-Identifier: MIT
#include "store/datafiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/logname.h"
#include "base/text.h"
#include "store/database.h"

enum { PART_NAME_MAX = LOGNAME_MAX + 8, COMPARED_AT_ONCE = 4096 };

char *datafiles_directory(const char *site, char *out, size_t size)
{
    const char *base = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char safe[128];
    size_t i = 0;

    for (; i < sizeof safe - 1 && site[i]; i++) {
        char c = site[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    c == '-' || (c == '.' && i > 0);
        safe[i] = fine ? c : '_';
    }
    safe[i] = '\0';
    // A relative one is to be ignored (XDG Base Directory Specification).
    if (base && base[0] == '/')
        snprintf(out, size, "%s/xcomtop/datalog/%s", base, safe);
    else
        snprintf(out, size, "%s/.local/share/xcomtop/datalog/%s", home ? home : "", safe);
    return out;
}

bool datafiles_find(const char *directory, const char *name, int64_t *size, int64_t *changed)
{
    char path[DATAFILES_PATH_MAX + LOGNAME_MAX + 1];
    struct stat what;

    *size = -1;
    *changed = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (lstat(path, &what) != 0 || !S_ISREG(what.st_mode))
        return false;
    *size = (int64_t)what.st_size;
    *changed = (int64_t)what.st_mtim.tv_sec * 1000000;
    return true;
}

// --- Keeping -------------------------------------------------------------------------------------

// What is being put where, and where the reason goes when it can't be.
struct keeping {
    const char *directory, *name;
    const uint8_t *bytes;
    size_t length;
    int at; // the directory
    char *error;
    size_t error_size;
};

static enum xc_status refuse(struct keeping *keeping, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum xc_status refuse(struct keeping *keeping, const char *format, ...)
{
    char path[DATAFILES_PATH_MAX + LOGNAME_MAX + 1], safe[2 * sizeof path];
    size_t used = 0;
    va_list args;

    snprintf(path, sizeof path, "%s/%s", keeping->directory, keeping->name);
    text_append(keeping->error, keeping->error_size, &used,
                "%s: ", text_escape(safe, sizeof safe, path));
    va_start(args, format);
    if (used < keeping->error_size)
        vsnprintf(keeping->error + used, keeping->error_size - used, format, args);
    va_end(args);
    return XC_IO;
}

static enum xc_status refuse_errno(struct keeping *keeping)
{
    return refuse(keeping, "%s", strerror(errno));
}

static enum xc_status open_directory(struct keeping *keeping)
{
    char *path = xstrdup(keeping->directory);
    int made = make_directory(path);

    free(path);
    keeping->at = made == 0 ? open(keeping->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    return keeping->at >= 0 ? XC_OK : refuse_errno(keeping);
}

// Whether a file has the beginning of the content, or all of it.
static bool is_beginning(const struct keeping *keeping, int file, int64_t size)
{
    uint8_t bytes[COMPARED_AT_ONCE];
    size_t compared = 0;

    if (size < 0 || (size_t)size > keeping->length)
        return false;
    while (compared < (size_t)size) {
        ssize_t got = read(file, bytes, sizeof bytes);
        if (got <= 0 || (size_t)got > keeping->length - compared ||
            memcmp(bytes, keeping->bytes + compared, (size_t)got) != 0)
            return false;
        compared += (size_t)got;
    }
    return true;
}

static enum xc_status compare(struct keeping *keeping, enum datafile *was)
{
    // Neither a pipe nor a device is waited for.
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int file = openat(keeping->at, keeping->name, flags);
    enum xc_status status = XC_OK;
    struct stat what;

    *was = DATAFILE_NEW;
    if (file < 0 && errno == ENOENT)
        return XC_OK;
    if (file < 0)
        return errno == ELOOP ? refuse(keeping, "a symbolic link; it isn't followed")
                              : refuse_errno(keeping);
    if (fstat(file, &what) != 0 || !S_ISREG(what.st_mode))
        status = refuse(keeping, "this isn't a regular file");
    else if (!is_beginning(keeping, file, what.st_size))
        status = refuse(keeping, "another file of this name is there; it is left as it is");
    else
        *was = (size_t)what.st_size == keeping->length ? DATAFILE_SAME : DATAFILE_GREW;
    close(file);
    return status;
}

static bool write_all(int file, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

// Two programs that fetch the same file don't write into one another's.
static int open_part(struct keeping *keeping, const char *part)
{
    int file =
        openat(keeping->at, part, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    struct stat ours, there;

    if (file < 0)
        return -1;
    // Before it was locked another program may have given it its own name.
    if (flock(file, LOCK_EX | LOCK_NB) == 0 && fstat(file, &ours) == 0 &&
        fstatat(keeping->at, part, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
        ours.st_ino == there.st_ino && ours.st_dev == there.st_dev && ours.st_nlink == 1 &&
        S_ISREG(ours.st_mode) && fchmod(file, 0600) == 0 && ftruncate(file, 0) == 0)
        return file;
    close(file);
    errno = EBUSY;
    return -1;
}

static enum xc_status put(struct keeping *keeping)
{
    char part[PART_NAME_MAX];
    enum xc_status status = XC_OK;

    snprintf(part, sizeof part, ".%s.part", keeping->name);
    int file = open_part(keeping, part);
    if (file < 0)
        return refuse_errno(keeping);
    if (!write_all(file, keeping->bytes, keeping->length) || fsync(file) != 0 ||
        renameat(keeping->at, part, keeping->at, keeping->name) != 0) {
        status = refuse_errno(keeping);
        unlinkat(keeping->at, part, 0);
    }
    close(file);
    // Makes the new name last. Not every file system can; the content is safe already.
    if (status == XC_OK)
        fsync(keeping->at);
    return status;
}

enum xc_status datafiles_keep(const char *directory, const char *name, const void *bytes,
                              size_t length, enum datafile *was, char *error, size_t error_size)
{
    struct keeping keeping = {.directory = directory,
                              .name = name,
                              .bytes = bytes,
                              .length = length,
                              .at = -1,
                              .error = error,
                              .error_size = error_size};
    char safe[64];
    int64_t day;

    if (!logname_read(name, &day)) {
        snprintf(error, error_size, "%s: names like LG261231.CSV were expected",
                 text_escape(safe, sizeof safe, name));
        return XC_RANGE;
    }
    enum xc_status status = open_directory(&keeping);
    if (status == XC_OK)
        status = compare(&keeping, was);
    if (status == XC_OK && *was != DATAFILE_SAME)
        status = put(&keeping);
    else if (status == XC_OK)
        utimensat(keeping.at, name, NULL, AT_SYMLINK_NOFOLLOW); // it is all of it by now
    if (keeping.at >= 0)
        close(keeping.at);
    return status;
}
