// SPDX-License-Identifier: MIT
#include "store/aside.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

static const char compressed[] = ".gz";

// --- Another name --------------------------------------------------------------------------------

enum { STAMP_LENGTH = 17, SAME_SECOND_MAX = 9 }; // 2026-11-21T140322

enum xc_status aside_put(const char *path, const char *why, char **out, char note[LOGFILE_TEXT_MAX])
{
    time_t now = time(NULL);
    size_t size = strlen(path) + STAMP_LENGTH + 8;
    char *aside = xcalloc(size, 1), stamp[STAMP_LENGTH + 1] = "";
    char safe[LOGFILE_TEXT_MAX / 3], former[LOGFILE_TEXT_MAX / 3];
    struct tm local;
    bool linked = false;

    if (localtime_r(&now, &local))
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H%M%S", &local);
    for (int i = 1; i <= SAME_SECOND_MAX && !linked; i++) {
        if (i == 1)
            snprintf(aside, size, "%s.%s", path, stamp);
        else
            snprintf(aside, size, "%s.%s-%d", path, stamp, i);
        linked = link(path, aside) == 0;
        if (!linked && errno != EEXIST)
            break;
    }
    enum xc_status status = XC_OK;
    if (!linked || unlink(path) != 0) {
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

// The names are in the order of their times.
static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void aside_prune(const char *path, unsigned keep)
{
    char *copies[] = {xstrdup(path), xstrdup(path)}, **names = NULL;
    const char *folder = dirname(copies[0]), *base = basename(copies[1]);
    DIR *files = opendir(folder);
    struct dirent *file;
    size_t count = 0;

    while (files && (file = readdir(files)) != NULL)
        if (is_aside(file->d_name, base)) {
            names = xrealloc(names, count + 1, sizeof *names);
            names[count++] = xstrdup(file->d_name);
        }
    if (count > 0)
        qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        if (i + keep < count)
            unlinkat(dirfd(files), names[i], 0);
        free(names[i]);
    }
    free(names);
    if (files)
        closedir(files);
    free(copies[0]);
    free(copies[1]);
}

// --- Compressed ----------------------------------------------------------------------------------

void aside_compress(struct aside_zip *zip, const char *aside)
{
    // A name that begins with a dash is no option.
    char gzip[] = "gzip", quiet[] = "-q", end[] = "--", *path = xstrdup(aside);
    char *const arguments[] = {gzip, quiet, end, path, NULL};
    extern char **environ;

    aside_look(zip);
    if (zip->child == 0 && posix_spawnp(&zip->child, gzip, NULL, NULL, arguments, environ) != 0)
        zip->child = 0;
    free(path);
}

void aside_look(struct aside_zip *zip)
{
    if (zip->child > 0 && waitpid(zip->child, NULL, WNOHANG) != 0)
        zip->child = 0;
}
