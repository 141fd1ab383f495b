// SPDX-License-Identifier: MIT
// The file of records. Most programs only look: it is opened when somebody wants to know something
// of it, and made when something is to be changed.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "plant/internal.h"

enum { PROBLEM_MAX = 512 };

struct recording {
    char *path; // NULL: nothing is recorded
    struct records *records;
    char problem[PROBLEM_MAX];
};

struct recording *recording_new(const char *path)
{
    struct recording *recording = xcalloc(1, sizeof *recording);

    recording->path = path ? xstrdup(path) : NULL;
    return recording;
}

void recording_free(struct recording *recording)
{
    records_close(recording->records);
    free(recording->path);
    free(recording);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

struct records *recording_open(const struct plant *plant, bool make)
{
    struct recording *recording = plant->recording;

    if (recording->records || !recording->path || (!make && !is_there(recording->path)))
        return recording->records;
    if (records_open(recording->path, &recording->records, recording->problem,
                     sizeof recording->problem) == XC_OK)
        recording->problem[0] = '\0';
    return recording->records;
}

const char *plant_no_recording(struct plant *plant)
{
    if (plant->unrecorded || recording_open(plant, true))
        return NULL;
    return plant->recording->path ? plant->recording->problem : "there is no file for it";
}
