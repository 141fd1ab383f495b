// SPDX-License-Identifier: MIT
// Datalog files that stand still: plant/datalog.h with constant values.
#include <stdio.h>
#include <string.h>

#include "fixture_plant.h"
#include "plant/datalog.h"

enum { FILES = 40, NEWEST = 20777 }; // 2026-11-20

struct datalog {
    enum scene scene;
    struct datalog_file files[FILES];
    size_t count;
};

static void set_state(struct datalog_file *file, enum datalog_state state, const char *text)
{
    file->state = state;
    snprintf(file->text, sizeof file->text, "%s", text);
}

struct fixture_files fixture_files;

struct datalog *fixture_datalog(enum scene scene)
{
    static struct datalog datalog;

    memset(&datalog, 0, sizeof datalog);
    memset(&fixture_files, 0, sizeof fixture_files);
    datalog.scene = scene;
    datalog.count = scene == SCENE_EARLY || scene == SCENE_DOWN ? 0 : FILES;
    for (size_t i = 0; i < FILES; i++) {
        struct datalog_file *file = &datalog.files[i];
        file->day = NEWEST - (int64_t)i;
        logname_make(file->day, file->name);
        file->size = i > 7 || scene == SCENE_FEEDING ? 68000 + (int64_t)(i * i * 37 % 900) : -1;
    }
    if (scene == SCENE_SUNNY) {
        datalog.files[0].size = 31044;
        datalog.files[0].partial = true;
        set_state(&datalog.files[1], DATALOG_DONE, "fetched");
        datalog.files[1].size = 68311;
        set_state(&datalog.files[2], DATALOG_COMING, "");
        set_state(&datalog.files[3], DATALOG_QUEUED, "");
        set_state(&datalog.files[4], DATALOG_QUEUED, "");
        set_state(&datalog.files[6], DATALOG_FAILED, "the file on the SD card is damaged");
    }
    if (scene == SCENE_TROUBLE) {
        set_state(&datalog.files[0], DATALOG_COMING, "");
        set_state(&datalog.files[1], DATALOG_FAILED,
                  "/home/anna/logs/LG261119.CSV: another file of this name is there; it is left "
                  "as it is");
    }
    return &datalog;
}

const char *datalog_directory(const struct datalog *datalog)
{
    (void)datalog;
    return "/home/anna/.local/share/xcomtop/datalog/Chalet_Emosson";
}

void datalog_list(struct datalog *datalog)
{
    (void)datalog;
    fixture_files.lists++;
}

bool datalog_listed(const struct datalog *datalog, int64_t *when)
{
    (void)when;
    return datalog->count > 0;
}

size_t datalog_count(const struct datalog *datalog)
{
    return datalog->count;
}

const struct datalog_file *datalog_file(const struct datalog *datalog, size_t i)
{
    return i < datalog->count ? &datalog->files[i] : NULL;
}

enum xc_status datalog_get(struct datalog *datalog, const char *name)
{
    (void)datalog;
    fixture_files.gets++;
    snprintf(fixture_files.name, sizeof fixture_files.name, "%s", name);
    return XC_OK;
}

void datalog_drop(struct datalog *datalog, const char *name)
{
    (void)datalog;
    fixture_files.drops++;
    snprintf(fixture_files.name, sizeof fixture_files.name, "%s", name);
}

void datalog_stop(struct datalog *datalog)
{
    (void)datalog;
    fixture_files.stops++;
}

bool datalog_busy(const struct datalog *datalog)
{
    return datalog->scene == SCENE_SUNNY || datalog->scene == SCENE_TROUBLE;
}

void datalog_progress(const struct datalog *datalog, struct datalog_progress *progress)
{
    *progress = (struct datalog_progress){.left = -1, .listing = datalog->scene == SCENE_EARLY};
    if (datalog->scene == SCENE_SUNNY) {
        memcpy(progress->name, datalog->files[2].name, sizeof progress->name);
        progress->bytes = 34816;
        progress->blocks = 68;
        progress->rate = 2890;
        progress->expected = 68311;
        progress->left = 59 * LOOP_S;
        progress->queued = 2;
        progress->done = 1;
        progress->failed = 1;
    }
    if (datalog->scene == SCENE_TROUBLE) {
        memcpy(progress->name, datalog->files[0].name, sizeof progress->name);
        progress->bytes = 512;
        progress->failed = 1;
        snprintf(progress->text, sizeof progress->text, "the gateway didn't answer; begun again");
    }
}
