// SPDX-License-Identifier: MIT
// Runs a fuzz target on files, without a fuzzer and with any compiler: those of its corpus, or
// those given. Each is also run cut off at several places. What a fuzzer has found is looked at so.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "fuzz.h"

enum { CUTS = 32, FILE_MAX = 1 << 20 };

static unsigned files, runs;

// The target gets exactly as many bytes as there are, so that a sanitizer sees one read too many.
static void run(const uint8_t *bytes, size_t length)
{
    uint8_t *exact = xcalloc(length + (length == 0), 1);

    if (length > 0)
        memcpy(exact, bytes, length);
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    runs++;
}

static bool run_file(const char *path)
{
    static uint8_t bytes[FILE_MAX];
    FILE *file = fopen(path, "re");

    if (!file) {
        perror(path);
        return false;
    }
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 0; cut < CUTS; cut++)
        if (length * cut / CUTS != length * (cut + 1) / CUTS)
            run(bytes, length * cut / CUTS);
    run(bytes, length);
    files++;
    return true;
}

static bool run_all(const char *path)
{
    DIR *directory = opendir(path);
    bool done = true;

    if (!directory)
        return run_file(path);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        done = run_file(name) && done;
    }
    closedir(directory);
    return done;
}

int main(int argc, char **argv)
{
    const char *top = getenv("top_srcdir");
    char corpus[4096];
    bool done = true;

    snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s", top ? top : ".", fuzz_name);
    for (int i = 1; i < argc; i++)
        done = run_all(argv[i]) && done;
    if (argc == 1)
        done = run_all(corpus);
    fprintf(stderr, "%s: %u files, %u runs\n", fuzz_name, files, runs);
    return done && files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
