// SPDX-License-Identifier: MIT
#include "store/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/text.h"

static const char compressed[] = ".gz";

// --- Another name --------------------------------------------------------------------------------

enum { STAMP_LENGTH = 17, SAME_SECOND_MAX = 9 }; // 2026-11-21T140322

// As renameat2() does, where a file system doesn't know how; FAT has no links either.
static int rename_new(const char *path, const char *aside)
{
    if (renameat2(AT_FDCWD, path, AT_FDCWD, aside, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (link(path, aside) == 0)
        return unlink(path);
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
        return -1;
    if (access(aside, F_OK) != 0)
        return rename(path, aside);
    errno = EEXIST;
    return -1;
}

// A compressed file has the name, too.
static int put_new(const char *path, char *aside)
{
    size_t length = strlen(aside);

    memcpy(aside + length, compressed, sizeof compressed);
    bool there = access(aside, F_OK) == 0;
    aside[length] = '\0';
    if (!there)
        return rename_new(path, aside);
    errno = EEXIST;
    return -1;
}

enum xc_status aside_put(const char *path, int64_t time, const char *why, char **out,
                         char note[LOGFILE_TEXT_MAX])
{
    time_t now = (time_t)(time / 1000000);
    size_t size = strlen(path) + STAMP_LENGTH + 8 + sizeof compressed;
    char *aside = xcalloc(size, 1), stamp[STAMP_LENGTH + 1] = "";
    char safe[LOGFILE_TEXT_MAX / 3], former[LOGFILE_TEXT_MAX / 3];
    struct tm local;
    bool done = false;

    if (localtime_r(&now, &local))
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H%M%S", &local);
    for (int i = 1; i <= SAME_SECOND_MAX && !done; i++) {
        if (i == 1)
            snprintf(aside, size, "%s.%s", path, stamp);
        else
            snprintf(aside, size, "%s.%s-%d", path, stamp, i);
        done = put_new(path, aside) == 0;
        if (!done && errno != EEXIST)
            break;
    }
    enum xc_status status = XC_OK;
    if (!done) {
        snprintf(note, LOGFILE_TEXT_MAX, "%s%s: it can't be renamed: %s",
                 text_escape(safe, sizeof safe, path), why, strerror(errno));
        status = XC_IO;
    } else {
        snprintf(note, LOGFILE_TEXT_MAX, "%s%s: it is %s now", text_escape(safe, sizeof safe, path),
                 why, text_escape(former, sizeof former, aside));
    }
    *out = status == XC_OK ? aside : NULL;
    if (status != XC_OK)
        free(aside);
    return status;
}

// --- Too many ------------------------------------------------------------------------------------

// What is behind the file's name in one that was put aside: ".2026-11-21T140322", "-2" behind
// it, ".gz" at the end.
static bool is_aside(const char *name, const char *base)
{
    static const char shape[] = ".dddd-dd-ddTdddddd";
    size_t length = strlen(base);

    if (strncmp(name, base, length) != 0 || strlen(name) < length + sizeof shape - 1)
        return false;
    name += length;
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == 'd' ? name[i] < '0' || name[i] > '9' : name[i] != shape[i])
            return false;
    name += sizeof shape - 1;
    if (name[0] == '-' && name[1] >= '2' && name[1] <= '9')
        name += 2;
    return !*name || strcmp(name, compressed) == 0;
}

// Without what says that it is compressed.
static size_t bare_length(const char *name)
{
    size_t length = strlen(name), end = sizeof compressed - 1;

    return length > end && strcmp(name + length - end, compressed) == 0 ? length - end : length;
}

// The names are in the order of their times; a compressed one is behind the same plain one.
static int by_name(const void *a, const void *b)
{
    const char *left = *(char *const *)a, *right = *(char *const *)b;
    size_t left_length = bare_length(left), right_length = bare_length(right);
    int order = strncmp(left, right, left_length < right_length ? left_length : right_length);

    if (order == 0)
        order = (left_length > right_length) - (left_length < right_length);
    return order != 0 ? order : strcmp(left, right);
}

struct files {
    DIR *folder;
    char **names; // the oldest first
    size_t count;
};

static void list_files(const char *path, struct files *files)
{
    char *copies[] = {xstrdup(path), xstrdup(path)};
    const char *base = basename(copies[1]);
    struct dirent *file;

    *files = (struct files){.folder = opendir(dirname(copies[0]))};
    while (files->folder && (file = readdir(files->folder)) != NULL)
        if (is_aside(file->d_name, base)) {
            files->names = xrealloc(files->names, files->count + 1, sizeof *files->names);
            files->names[files->count++] = xstrdup(file->d_name);
        }
    if (files->count > 0)
        qsort(files->names, files->count, sizeof *files->names, by_name);
    free(copies[0]);
    free(copies[1]);
}

static void free_files(struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->names[i]);
    free(files->names);
    if (files->folder)
        closedir(files->folder);
}

void aside_prune(const char *path, unsigned keep)
{
    struct files files;

    list_files(path, &files);
    for (size_t i = 0; files.folder && i + keep < files.count; i++)
        unlinkat(dirfd(files.folder), files.names[i], 0);
    free_files(&files);
}

// --- Compressed ----------------------------------------------------------------------------------

// A program or the power that failed may have left both.
static bool is_compressed(const struct files *files, size_t i)
{
    const char *name = files->names[i];
    size_t length = strlen(name);

    // Behind it in the list.
    if (i + 1 >= files->count || strncmp(files->names[i + 1], name, length) != 0 ||
        strcmp(files->names[i + 1] + length, compressed) != 0)
        return false;
    return unlinkat(dirfd(files->folder), name, 0) == 0;
}

// The newest one that isn't compressed, to be freed by the caller; NULL: none.
static char *find_plain(const char *path)
{
    struct files files;
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    char *plain = NULL;

    list_files(path, &files);
    for (size_t i = files.count; i > 0 && !plain; i--) {
        const char *name = files.names[i - 1];
        if (bare_length(name) != strlen(name) || is_compressed(&files, i - 1))
            continue;
        size_t size = folder + strlen(name) + 1;
        plain = xcalloc(size, 1);
        snprintf(plain, size, "%.*s%s", (int)folder, path, name);
    }
    free_files(&files);
    return plain;
}

static int open_nameless(const char *beside)
{
    char *copy = xstrdup(beside);
    int file = open(dirname(copy), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    free(copy);
    return file;
}

static int spawn_gzip(int in, int out, pid_t *child)
{
    // Without the file's name and time: it warns of some times, and then ends as if it had failed.
    char gzip[] = "gzip", options[] = "-nc";
    char *const arguments[] = {gzip, options, NULL};

    return child_start(gzip, arguments, NULL, (struct child_files){in, out, -1}, child);
}

void aside_compress(struct aside_zip *zip, const char *path)
{
    if (zip->child > 0)
        return;
    char *aside = find_plain(path);
    int in = aside ? open(aside, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
    int out = in >= 0 ? open_nameless(aside) : -1;
    pid_t child = 0;
    if (out < 0 || spawn_gzip(in, out, &child) != 0) {
        free(aside);
        if (out >= 0)
            close(out);
    } else {
        *zip = (struct aside_zip){child, out, aside};
    }
    if (in >= 0)
        close(in);
}

static bool put_in_place(const struct aside_zip *zip)
{
    size_t size = strlen(zip->aside) + sizeof compressed;
    char from[40], *to = xcalloc(size, 1);

    snprintf(from, sizeof from, "/proc/self/fd/%d", zip->out);
    snprintf(to, size, "%s%s", zip->aside, compressed);
    bool done =
        fsync(zip->out) == 0 && linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0;
    // It may have been one too many meanwhile.
    if (done && unlink(zip->aside) != 0)
        unlink(to);
    free(to);
    return done;
}

static void forget(struct aside_zip *zip)
{
    close(zip->out);
    free(zip->aside);
    *zip = (struct aside_zip){0};
}

void aside_look(struct aside_zip *zip, const char *path)
{
    int how = 0;

    if (zip->child == 0)
        return;
    pid_t ended = waitpid(zip->child, &how, WNOHANG);
    if (ended == 0) {
        // Then little is left to wait for in the end.
        sync_file_range(zip->out, 0, 0, SYNC_FILE_RANGE_WRITE);
        return;
    }
    bool done = ended > 0 && WIFEXITED(how) && WEXITSTATUS(how) == 0 && put_in_place(zip);
    forget(zip);
    if (done)
        aside_compress(zip, path);
}

void aside_end(struct aside_zip *zip)
{
    if (zip->child == 0)
        return;
    // It ends now: waiting for it takes no time.
    kill(zip->child, SIGKILL);
    while (waitpid(zip->child, NULL, 0) < 0 && errno == EINTR)
        ;
    forget(zip);
}
