// SPDX-License-Identifier: MIT
// What was written to RAM before this program began, and may run still: RAM can't be read back, so
// the records are all that is known of it. A restart that is noticed ends it.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plant/edit.h"
#include "plant/internal.h"

// A device that has run for so long without a restart is rare; and there may be a record every few
// seconds.
static const int64_t look_back = INT64_C(30) * 86400 * LOOP_S;

struct write {
    uint16_t id;
    bool flash;
    double number;
    int64_t time;
};

struct earlier {
    char key[RECORD_KEY_MAX]; // of the device that it is of
    int64_t before;           // the end of what is looked up, microseconds since 1970 UTC
    struct write *writes;     // the last one of each parameter
    size_t count;
};

static struct write *find(const struct earlier *earlier, unsigned id)
{
    for (size_t i = 0; i < earlier->count; i++)
        if (earlier->writes[i].id == id)
            return &earlier->writes[i];
    return NULL;
}

// They come oldest first.
static bool take(void *arg, const struct record *record)
{
    struct earlier *earlier = arg;
    struct write *write = find(earlier, record->id);

    if (record->time >= earlier->before)
        return false;
    if (record->result == RECORD_REFUSED || record->result == RECORD_NOT_SENT)
        return true;
    if (!write) {
        earlier->writes = xrealloc(earlier->writes, earlier->count + 1, sizeof *earlier->writes);
        write = &earlier->writes[earlier->count++];
    }
    *write = (struct write){record->id, record->flash, record->new, record->time};
    return true;
}

static void drop(struct plant *plant, enum family family, unsigned index)
{
    struct earlier **place = &plant->earlier[family][index];

    if (*place)
        free((*place)->writes);
    free(*place);
    *place = NULL;
}

static uint32_t fid_of(const struct plant *plant, enum family family, unsigned index)
{
    const struct plant_device *device = plant_device(plant, family, index);

    return device ? device->fid : 0;
}

// NULL while it isn't known who the device is (fid 0), or when nothing is recorded.
static struct earlier *look_up(struct plant *plant, enum family family, unsigned index,
                               uint32_t fid)
{
    struct earlier **place = &plant->earlier[family][index];
    char key[RECORD_KEY_MAX];

    if (fid == 0)
        return NULL;
    device_key(plant, "", fid, 0, key);
    if (*place && strcmp((*place)->key, key) == 0)
        return *place;
    struct records *records = recording_open(plant, false);
    if (!records)
        return NULL;
    drop(plant, family, index);
    *place = xcalloc(1, sizeof **place);
    (*place)->before = plant->began;
    memcpy((*place)->key, key, sizeof key);
    const struct record_filter filter = {
        .key = (*place)->key, .family = FAMILY_NONE, .since = plant->began - look_back};
    records_list(records, &filter, take, *place); // what can't be read tells nothing
    return *place;
}

bool earlier_ram(struct plant *plant, enum family family, unsigned index, uint32_t fid, unsigned id,
                 double *number, int64_t *time)
{
    const struct earlier *earlier = look_up(plant, family, index, fid);
    const struct write *write = earlier ? find(earlier, id) : NULL;
    double running;

    if (!write || write->flash || plant_overlay(plant, family, index, id, &running) != OVERLAY_NONE)
        return false;
    *number = write->number;
    *time = write->time;
    return true;
}

bool plant_earlier_ram(struct plant *plant, enum family family, unsigned index, unsigned id,
                       double *number, int64_t *time)
{
    return earlier_ram(plant, family, index, fid_of(plant, family, index), id, number, time);
}

void earlier_written(struct plant *plant, enum family family, unsigned index, uint32_t fid,
                     unsigned id)
{
    struct earlier *earlier = look_up(plant, family, index, fid);
    struct write *write = earlier ? find(earlier, id) : NULL;

    if (write)
        *write = earlier->writes[--earlier->count];
}

void earlier_restarted(struct plant *plant, enum family family, unsigned index)
{
    struct earlier *earlier = look_up(plant, family, index, fid_of(plant, family, index));

    if (earlier)
        earlier->count = 0;
}

void earlier_free(struct plant *plant)
{
    for (unsigned family = 0; family < FAMILY_COUNT; family++)
        for (unsigned index = 0; index < INDEX_MAX; index++)
            drop(plant, (enum family)family, index);
}
