// SPDX-License-Identifier: MIT
// A log that an interrupted program, or anything else, left: it is opened, grows by whole lines,
// and nothing of what was there is lost but a last line that wasn't whole.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "fuzz.h"
#include "store/logfile.h"

const char fuzz_name[] = "logfile";

static const char header[] = "time,XT1:3000\n", line[] = "2026-11-21T14:03:22.000+01:00,53.2\n";

static char *contents(const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    char *text = xcalloc(1 << 16, 1);

    must(file);
    *length = fread(text, 1, 1 << 16, file);
    fclose(file);
    return text;
}

// All files of the directory but the log, which are former ones: their number. Removes them.
static unsigned clear(const char *directory)
{
    DIR *files = opendir(directory);
    unsigned count = 0;

    must(files);
    for (const struct dirent *entry; (entry = readdir(files));) {
        char path[512];
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "input") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        must(unlink(path) == 0);
        count++;
    }
    closedir(files);
    return count;
}

// The log now: of the former one what was whole, or the header alone, and then the line.
static void check_log(const char *path, const char *first, const uint8_t *former, size_t whole)
{
    size_t length;
    char *text = contents(path, &length);
    bool is_new = clear(fuzz_directory()) > 0 || whole == 0;
    size_t head = is_new ? strlen(first) : whole;

    must(length == head + strlen(line));
    must(memcmp(text, is_new ? (const uint8_t *)first : former, head) == 0);
    must(memcmp(text + head, line, strlen(line)) == 0);
    free(text);
}

// Nobody's file of lines: it is refused and left as it is.
static bool is_sqlite(const uint8_t *former, size_t length)
{
    static const char begin[] = "SQLite format 3";
    return length >= sizeof begin && memcmp(former, begin, sizeof begin) == 0;
}

static void refuse(const char *path, const char *first, const uint8_t *former, size_t length)
{
    char note[LOGFILE_TEXT_MAX];
    struct logfile *file;
    size_t left;

    must(logfile_open(path, first, "", &file, note) == XC_IO && !file);
    fuzz_check_text(note, false);
    char *text = contents(path, &left);
    must(left == length && memcmp(text, former, length) == 0);
    free(text);
}

static void grow(const char *path, const char *first, const uint8_t *former, size_t length)
{
    char note[LOGFILE_TEXT_MAX];
    struct logfile *file;
    size_t whole = length;

    while (whole > 0 && former[whole - 1] != '\n')
        whole--;
    must(logfile_open(path, first, "", &file, note) == XC_OK);
    fuzz_check_text(note, false);
    must(logfile_append(file, line, strlen(line), note) == XC_OK);
    must(logfile_size(file) >= (int64_t)strlen(line));
    check_log(path, first, former, whole);
    must(logfile_rotate(file, 1, 9, note) == XC_OK);
    logfile_close(file);
    must(clear(fuzz_directory()) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    void (*try)(const char *, const char *, const uint8_t *, size_t) =
        is_sqlite(bytes, length) ? refuse : grow;

    if (length > 1 << 14)
        return 0;
    try(fuzz_file(bytes, length), header, bytes, length);
    try(fuzz_file(bytes, length), "", bytes, length);
    return 0;
}
