// SPDX-License-Identifier: MIT
#include "store/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "store/aside.h"
#include "store/claim.h"

struct logfile {
    char *path, *header, *sign;
    int descriptor; // -1: it couldn't be opened again
    bool dirty;
    const char *other; // why it isn't continued: with the first line of ours it is given another
                       // name; NULL: it is
    char owner[CLAIM_MAX]; // "": not known
    struct aside_zip zip;
};

static enum xc_status cannot(const char *path, const char *what, char note[LOGFILE_TEXT_MAX])
{
    char safe[LOGFILE_TEXT_MAX / 2];

    snprintf(note, LOGFILE_TEXT_MAX, "%s: %s", text_escape(safe, sizeof safe, path), what);
    return XC_IO;
}

// --- A last line that isn't whole ----------------------------------------------------------------

// The length of the file up to the end of its last whole line; -1: it can't be read.
static off_t whole_lines(int descriptor, off_t size)
{
    char block[4096];

    while (size > 0) {
        size_t length = size < (off_t)sizeof block ? (size_t)size : sizeof block;
        if (pread(descriptor, block, length, size - (off_t)length) != (ssize_t)length)
            return -1;
        for (size_t i = length; i > 0; i--)
            if (block[i - 1] == '\n')
                return size - (off_t)(length - i);
        size -= (off_t)length;
    }
    return 0;
}

static enum xc_status repair(const char *path, int descriptor, char note[LOGFILE_TEXT_MAX])
{
    struct stat what;
    char safe[LOGFILE_TEXT_MAX / 2];

    if (fstat(descriptor, &what) != 0)
        return cannot(path, strerror(errno), note);
    off_t whole = whole_lines(descriptor, what.st_size);
    if (whole < 0)
        return cannot(path, "it can't be read", note);
    if (whole == what.st_size)
        return XC_OK;
    if (ftruncate(descriptor, whole) != 0)
        return cannot(path, strerror(errno), note);
    snprintf(note, LOGFILE_TEXT_MAX, "%s: the last line wasn't whole: %lld bytes cut off",
             text_escape(safe, sizeof safe, path), (long long)(what.st_size - whole));
    return XC_OK;
}

// --- Opening -------------------------------------------------------------------------------------

// *descriptor: -1 when it isn't so. It is locked.
static enum xc_status take(const char *path, int *descriptor, char note[LOGFILE_TEXT_MAX])
{
    struct stat what;
    // Neither a device nor a pipe is waited for.
    int fd = open(
        path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);

    *descriptor = -1;
    if (fd < 0)
        return cannot(path, errno == ELOOP ? "a symbolic link isn't followed" : strerror(errno),
                      note);
    const char *why = NULL;
    if (fstat(fd, &what) != 0)
        why = strerror(errno);
    else if (!S_ISREG(what.st_mode))
        why = "it isn't a file";
    else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        why = errno == EWOULDBLOCK ? "another program is writing it" : strerror(errno);
    if (!why) {
        *descriptor = fd;
        return XC_OK;
    }
    close(fd);
    return cannot(path, why, note);
}

static bool begins_with(int descriptor, const char *header)
{
    size_t length = strlen(header);
    char *begin = xcalloc(length + 1, 1);
    bool same = pread(descriptor, begin, length, 0) == (ssize_t)length &&
                memcmp(begin, header, length) == 0;

    free(begin);
    return same;
}

// "2026-11-": rows whose first line was cut off, by somebody who keeps only the last ones.
static bool is_row(const char *begin)
{
    static const char shape[] = "dddd-dd-";

    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == 'd' ? begin[i] < '0' || begin[i] > '9' : begin[i] != shape[i])
            return false;
    return true;
}

// Somebody else's file is neither written to nor renamed. Of our first line there may be a part.
static enum xc_status check_sign(const struct logfile *file, char note[LOGFILE_TEXT_MAX])
{
    static const char sqlite[] = "SQLite format 3";
    size_t length = strlen(file->sign);
    char begin[sizeof sqlite] = "", why[160];
    ssize_t there = pread(file->descriptor, begin, sizeof begin, 0);

    if (there < 0)
        return cannot(file->path, strerror(errno), note);
    if ((size_t)there == sizeof sqlite && memcmp(begin, sqlite, sizeof sqlite) == 0)
        return cannot(file->path, "this is a log in SQLite: --format sqlite continues it", note);
    if (memcmp(begin, file->sign, (size_t)there < length ? (size_t)there : length) == 0 ||
        (*file->header && is_row(begin)))
        return XC_OK;
    snprintf(why, sizeof why,
             "this is no log of this format, whose first line begins with %s; it is left as it is",
             file->sign);
    return cannot(file->path, why, note);
}

static enum xc_status append(struct logfile *file, const char *text, size_t length)
{
    struct stat before;

    if (fstat(file->descriptor, &before) != 0)
        return XC_IO;
    ssize_t written = write(file->descriptor, text, length);
    if (written == (ssize_t)length) {
        file->dirty = true;
        return XC_OK;
    }
    int why = written < 0 ? errno : ENOSPC;
    // A part of a line is worse than none.
    if (written > 0 && ftruncate(file->descriptor, before.st_size) != 0)
        file->dirty = true;
    errno = why;
    return XC_IO;
}

// Why it isn't continued.
static const char has_columns[] = " has other columns";
static const char is_anothers[] = " is another installation's";

static enum xc_status begin(struct logfile *file, char note[LOGFILE_TEXT_MAX])
{
    struct stat what;
    enum xc_status status = take(file->path, &file->descriptor, note);

    if (status == XC_OK)
        status = check_sign(file, note);
    if (status == XC_OK)
        status = repair(file->path, file->descriptor, note);
    if (status == XC_OK && fstat(file->descriptor, &what) != 0)
        status = cannot(file->path, strerror(errno), note);
    file->other = NULL;
    if (status == XC_OK && what.st_size > 0 && !begins_with(file->descriptor, file->header))
        file->other = has_columns;
    if (status == XC_OK && file->owner[0] && !claim_file(file->descriptor, file->owner))
        file->other = is_anothers;
    if (status == XC_OK && what.st_size == 0 && *file->header &&
        append(file, file->header, strlen(file->header)) != XC_OK)
        status = cannot(file->path, strerror(errno), note);
    if (status != XC_OK && file->descriptor >= 0) {
        close(file->descriptor);
        file->descriptor = -1;
    }
    return status;
}

enum xc_status logfile_open(const char *path, const char *header, const char *sign,
                            struct logfile **file, char note[LOGFILE_TEXT_MAX])
{
    struct logfile *opened = xcalloc(1, sizeof *opened);

    note[0] = '\0';
    *opened = (struct logfile){
        .path = xstrdup(path), .header = xstrdup(header), .sign = xstrdup(sign), .descriptor = -1};
    enum xc_status status = begin(opened, note);
    *file = status == XC_OK ? opened : NULL;
    if (status != XC_OK)
        logfile_close(opened);
    return status;
}

void logfile_close(struct logfile *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0) {
        logfile_sync(file);
        close(file->descriptor);
    }
    aside_end(&file->zip);
    free(file->path);
    free(file->header);
    free(file->sign);
    free(file);
}

// --- Another first line --------------------------------------------------------------------------

static enum xc_status replace(struct logfile *file, char note[LOGFILE_TEXT_MAX])
{
    char begun[LOGFILE_TEXT_MAX] = "", *aside;
    enum xc_status status =
        aside_put(file->path, (int64_t)time(NULL) * 1000000, file->other, &aside, note);

    if (status != XC_OK)
        return status;
    free(aside);
    close(file->descriptor);
    file->descriptor = -1;
    status = begin(file, begun);
    if (status != XC_OK)
        memcpy(note, begun, sizeof begun);
    return status;
}

// --- Writing -------------------------------------------------------------------------------------

// The file still has its name, and what it begins with: logrotate's copytruncate empties it.
static bool is_in_place(const struct logfile *file)
{
    struct stat ours, named;

    return file->descriptor >= 0 && fstat(file->descriptor, &ours) == 0 &&
           lstat(file->path, &named) == 0 && ours.st_dev == named.st_dev &&
           ours.st_ino == named.st_ino && (ours.st_size > 0 || !*file->header);
}

void logfile_claim(struct logfile *file, const char *owner)
{
    snprintf(file->owner, sizeof file->owner, "%s", owner);
    if (file->descriptor >= 0 && !claim_file(file->descriptor, owner))
        file->other = is_anothers;
}

enum xc_status logfile_append(struct logfile *file, const char *line, size_t length,
                              char note[LOGFILE_TEXT_MAX])
{
    note[0] = '\0';
    if (!is_in_place(file)) {
        if (file->descriptor >= 0) {
            logfile_sync(file);
            close(file->descriptor);
        }
        if (begin(file, note) != XC_OK)
            return XC_IO;
    }
    if (file->other && replace(file, note) != XC_OK)
        return XC_IO;
    if (append(file, line, length) != XC_OK)
        return cannot(file->path, strerror(errno), note);
    return XC_OK;
}

// --- Rotation ------------------------------------------------------------------------------------

enum xc_status logfile_rotate(struct logfile *file, int64_t time, unsigned keep,
                              char note[LOGFILE_TEXT_MAX])
{
    char begun[LOGFILE_TEXT_MAX], *aside;

    logfile_sync(file);
    enum xc_status status = aside_put(file->path, time, "", &aside, note);
    if (status != XC_OK)
        return status;
    if (file->descriptor >= 0)
        close(file->descriptor);
    status = begin(file, begun);
    if (status != XC_OK)
        memcpy(note, begun, sizeof begun);
    free(aside);
    aside_compress(&file->zip, file->path);
    if (keep > 0)
        aside_prune(file->path, keep);
    return status;
}

void logfile_look(struct logfile *file)
{
    aside_look(&file->zip, file->path);
}

int64_t logfile_size(const struct logfile *file)
{
    struct stat what;

    if (file->other)
        return 0;
    return file->descriptor >= 0 && fstat(file->descriptor, &what) == 0 ? what.st_size : 0;
}

int64_t logfile_changed(const struct logfile *file)
{
    struct stat what;

    if (file->other || file->descriptor < 0 || fstat(file->descriptor, &what) != 0)
        return 0;
    return (int64_t)what.st_mtim.tv_sec * 1000000 + what.st_mtim.tv_nsec / 1000;
}

enum xc_status logfile_sync(struct logfile *file)
{
    if (!file->dirty || file->descriptor < 0)
        return XC_OK;
    file->dirty = false;
    return fsync(file->descriptor) == 0 ? XC_OK : XC_IO;
}
