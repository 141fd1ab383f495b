// SPDX-License-Identifier: MIT
// Running values that only this program knows: written to RAM, which can't be read back. They
// belong to a device, not to its number, and end with its restart.
#include <stdlib.h>

#include "base/alloc.h"
#include "plant/edit.h"
#include "plant/internal.h"

struct overlay {
    enum family family;
    uint8_t index; // of a device without a FID; else its FID says where it is now
    uint32_t fid;  // 0: none
    uint16_t id;
    double number;
    enum overlay_state state;
    struct subscription *watch; // has it restarted?
};

static bool is_of(const struct plant *plant, const struct overlay *overlay, enum family family,
                  unsigned index)
{
    const struct plant_device *shown = plant_device(plant, family, index);

    if (overlay->family != family)
        return false;
    if (overlay->fid != 0 && shown && shown->fid != 0)
        return overlay->fid == shown->fid;
    return overlay->index == index;
}

static struct overlay *find(const struct plant *plant, enum family family, unsigned index,
                            unsigned id)
{
    for (size_t i = 0; i < plant->overlay_count; i++)
        if (plant->overlays[i].id == id && is_of(plant, &plant->overlays[i], family, index))
            return &plant->overlays[i];
    return NULL;
}

enum overlay_state plant_overlay(const struct plant *plant, enum family family, unsigned index,
                                 unsigned id, double *number)
{
    const struct overlay *overlay = find(plant, family, index, id);

    if (!overlay)
        return OVERLAY_NONE;
    *number = overlay->number;
    return overlay->state;
}

void overlay_set(struct plant *plant, enum family family, unsigned index, uint32_t fid, unsigned id,
                 double number, enum overlay_state state)
{
    struct overlay *overlay = find(plant, family, index, id);

    if (!overlay) {
        plant->overlays =
            xrealloc(plant->overlays, plant->overlay_count + 1, sizeof *plant->overlays);
        overlay = &plant->overlays[plant->overlay_count++];
        overlay->watch = NULL;
    }
    if (!overlay->watch) {
        struct target target = {.kind = TARGET_DEVICE, .family = family, .index = (uint8_t)index};
        overlay->watch = devices_watch(plant, &target);
    }
    *overlay = (struct overlay){.family = family,
                                .index = (uint8_t)index,
                                .fid = fid,
                                .id = (uint16_t)id,
                                .number = number,
                                .state = state,
                                .watch = overlay->watch};
    plant_touch(plant);
}

static void drop(struct plant *plant, struct overlay *overlay)
{
    plant_unsubscribe(plant, overlay->watch);
    *overlay = plant->overlays[--plant->overlay_count];
    plant_touch(plant);
}

void overlay_remove(struct plant *plant, enum family family, unsigned index, unsigned id)
{
    struct overlay *overlay = find(plant, family, index, id);

    if (overlay)
        drop(plant, overlay);
}

void overlay_doubt(struct plant *plant, enum family family, unsigned index, unsigned id)
{
    struct overlay *overlay = find(plant, family, index, id);

    if (overlay) {
        overlay->state = OVERLAY_DOUBT;
        plant_touch(plant);
    }
}

void overlays_restarted(struct plant *plant, enum family family, unsigned index)
{
    for (size_t i = plant->overlay_count; i-- > 0;)
        if (is_of(plant, &plant->overlays[i], family, index))
            drop(plant, &plant->overlays[i]);
    earlier_restarted(plant, family, index);
}

void overlays_doubt(struct plant *plant)
{
    for (size_t i = 0; i < plant->overlay_count; i++)
        plant->overlays[i].state = OVERLAY_DOUBT;
    plant_touch(plant);
}

void overlays_free(struct plant *plant)
{
    for (size_t i = 0; i < plant->overlay_count; i++)
        plant_unsubscribe(plant, plant->overlays[i].watch);
    free(plant->overlays);
    plant->overlays = NULL;
    plant->overlay_count = 0;
}
