// SPDX-License-Identifier: MIT
// The file of records. Most programs only look: it is opened when somebody wants to know something
// of it, and made when something is to be changed.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "plant/internal.h"

enum { PROBLEM_MAX = 512 };

// Who finds a file locked has waited for a second: nobody does that with every key.
static const int64_t retry = 5 * LOOP_S;

struct recording {
    char *path; // NULL: nothing is recorded
    struct records *records;
    char problem[PROBLEM_MAX]; // of the last attempt to open it; "": none, or it went well
    int64_t tried;             // loop_now() of it
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

    int64_t now = loop_now(plant->loop);

    if (recording->records || !recording->path || (!make && !is_there(recording->path)) ||
        (recording->problem[0] && now - recording->tried < retry))
        return recording->records;
    recording->tried = now;
    recording->problem[0] = '\0';
    records_open(recording->path, &recording->records, recording->problem,
                 sizeof recording->problem);
    return recording->records;
}

const char *plant_no_recording(struct plant *plant)
{
    if (plant->unrecorded || recording_open(plant, true))
        return NULL;
    return plant->recording->path ? plant->recording->problem : "there is no file for it";
}
