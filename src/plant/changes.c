// SPDX-License-Identifier: MIT
// What is recorded of a device, and of one of its parameters.
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plant/edit.h"
#include "plant/internal.h"

char *device_key(const struct plant *plant, const char *guid, uint32_t fid, uint32_t address,
                 char out[RECORD_KEY_MAX])
{
    if (fid != 0)
        snprintf(out, RECORD_KEY_MAX, "%08lX", (unsigned long)fid);
    else
        snprintf(out, RECORD_KEY_MAX, "%.40s/%lu", guid[0] ? guid : plant->site,
                 (unsigned long)address);
    return out;
}

struct newest {
    struct record *list;
    size_t count;
};

// They come oldest first.
static bool take(void *arg, const struct record *record)
{
    struct newest *newest = arg;

    newest->list[--newest->count] = *record;
    return newest->count > 0;
}

static void key_of(const struct plant *plant, enum family family, unsigned index,
                   char key[RECORD_KEY_MAX])
{
    const struct plant_device *shown = plant_device(plant, family, index);
    char guid[TEXT_GUID_MAX] = "";

    if (plant->guid_known)
        text_guid(guid, plant->guid);
    device_key(plant, guid, shown ? shown->fid : 0, device_address(family, index), key);
}

// The newest that pass the filter, newest first.
static size_t list_newest(struct records *records, struct record_filter filter, struct record *list,
                          size_t count)
{
    struct newest newest = {list, count};

    filter.last = (unsigned)count;
    if (count == 0 || records_list(records, &filter, take, &newest) != XC_OK)
        return 0;
    // Fewer than wanted stand at the end.
    size_t found = count - newest.count;
    for (size_t i = 0; i < found; i++)
        list[i] = list[newest.count + i];
    return found;
}

size_t plant_changes(const struct plant *plant, enum family family, unsigned index, unsigned id,
                     struct record *list, size_t count, unsigned *flash_writes)
{
    struct records *records = recording_open(plant, false);
    char key[RECORD_KEY_MAX];

    if (flash_writes)
        *flash_writes = 0;
    if (!records)
        return 0;
    key_of(plant, family, index, key);
    if (flash_writes)
        records_flash_count(records, key, family, id, flash_writes);
    return list_newest(records, (struct record_filter){.key = key, .family = family, .id = id},
                       list, count);
}

// The records of one request to several devices are as close as that.
static const int64_t one_moment = LOOP_S / 10;

struct undo_facts {
    const struct record *record;
    char others[EDIT_TEXT_MAX / 2];
    size_t others_length;
    struct record newer; // n is 0: none
};

static bool take_undo_fact(void *arg, const struct record *record)
{
    struct undo_facts *facts = arg;
    const struct record *undone = facts->record;
    bool same_device = strcmp(record->key, undone->key) == 0;

    if (record->result == RECORD_REFUSED || record->result == RECORD_NOT_SENT)
        return true;
    if (same_device && record->n > undone->n)
        facts->newer = *record;
    if (!same_device && record->time - undone->time < one_moment &&
        record->sent_to == undone->sent_to)
        text_append(facts->others, sizeof facts->others, &facts->others_length, "%s%s",
                    facts->others_length > 0 ? ", " : "", record->device);
    return true;
}

size_t plant_undo_notes(const struct plant *plant, const struct record *record,
                        char notes[UNDO_NOTES_MAX][EDIT_TEXT_MAX])
{
    struct records *records = recording_open(plant, false);
    const struct datapoint *datapoint = catalogue_find(record->family, record->id);
    const struct record_filter filter = {
        .family = record->family, .id = record->id, .since = record->time - one_moment};
    struct undo_facts facts = {.record = record};
    char value[DATAPOINT_TEXT_MAX];
    size_t count = 0;

    if (!records || !datapoint)
        return 0;
    records_list(records, &filter, take_undo_fact, &facts);
    if (facts.newer.n != 0)
        snprintf(notes[count++], EDIT_TEXT_MAX, "it %s written again since: number %lld, %s in %s",
                 facts.newer.result == RECORD_WRITTEN || facts.newer.result == RECORD_DIFFERS
                     ? "was"
                     : "may have been",
                 (long long)facts.newer.n,
                 datapoint_exact_text(datapoint, facts.newer.new, value, sizeof value),
                 facts.newer.flash ? "flash" : "RAM");
    if (facts.others_length > 0)
        snprintf(notes[count++], EDIT_TEXT_MAX, "the same write went to %s too: it stays there",
                 facts.others);
    return count;
}

size_t plant_records(const struct plant *plant, enum family family, unsigned index,
                     struct record *list, size_t count)
{
    struct records *records = recording_open(plant, false);
    char key[RECORD_KEY_MAX];

    if (!records)
        return 0;
    key_of(plant, family, index, key);
    return list_newest(records, (struct record_filter){.key = key, .family = FAMILY_NONE}, list,
                       count);
}

size_t plant_changed(const struct plant *plant, enum family family, unsigned index, uint16_t *ids,
                     size_t room)
{
    struct records *records = recording_open(plant, false);
    char key[RECORD_KEY_MAX];
    size_t count = 0;

    if (!records)
        return 0;
    key_of(plant, family, index, key);
    records_ids(records, key, family, ids, room, &count);
    return count;
}
