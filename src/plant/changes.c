// SPDX-License-Identifier: MIT
// What is recorded of one parameter of a device.
#include <stdio.h>

#include "plant/edit.h"
#include "plant/internal.h"

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

static void guid_text(const struct plant *plant, char out[2 * sizeof plant->guid + 1])
{
    out[0] = '\0';
    for (size_t i = 0; plant->guid_known && i < sizeof plant->guid; i++)
        snprintf(out + 2 * i, 3, "%02x", plant->guid[i]);
}

size_t plant_changes(const struct plant *plant, enum family family, unsigned index, unsigned id,
                     struct record *list, size_t count, unsigned *flash_writes)
{
    const struct plant_device *shown = plant_device(plant, family, index);
    char guid[2 * sizeof plant->guid + 1], key[RECORD_KEY_MAX];
    struct newest newest = {list, count};

    if (flash_writes)
        *flash_writes = 0;
    if (!plant->records)
        return 0;
    guid_text(plant, guid);
    device_key(plant, guid, shown ? shown->fid : 0, device_address(family, index), key);
    if (flash_writes)
        records_flash_count(plant->records, key, family, id, flash_writes);
    const struct record_filter filter = {
        .key = key, .family = family, .id = id, .last = (unsigned)count};
    if (count == 0 || records_list(plant->records, &filter, take, &newest) != XC_OK)
        return 0;
    // Fewer than wanted stand at the end.
    size_t found = count - newest.count;
    for (size_t i = 0; i < found; i++)
        list[i] = list[newest.count + i];
    return found;
}
