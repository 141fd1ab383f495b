// SPDX-License-Identifier: MIT
// Which devices' LEDs flash because of what this program has written to parameter 5119.
#include "plant/edit.h"
#include "plant/internal.h"

#define FLASHING_LASTS (45 * LOOP_S) // scom.md, "Parameters: flash and RAM"

void identify_written(struct plant *plant, double number)
{
    plant->flashing = number > 0 ? (uint32_t)number : 0;
    plant->flashing_since = loop_now(plant->loop);
    plant_touch(plant);
}

static bool is_reached(const struct plant *plant, enum family family, unsigned index)
{
    const struct plant_device *device = plant_device(plant, family, index);
    const struct target all = {.kind = TARGET_MULTICAST, .family = family};
    uint32_t address = plant->flashing;

    if (address == device_address(family, index) || address == target_address(&all))
        return true;
    if (family != FAMILY_XT || !device || device->phase == 0)
        return false;
    const struct target phase = {TARGET_PHASE, FAMILY_XT, device->phase};
    return address == target_address(&phase);
}

int64_t plant_flashing(const struct plant *plant, enum family family, unsigned index)
{
    int64_t left = plant->flashing_since + FLASHING_LASTS - loop_now(plant->loop);

    return plant->flashing != 0 && left > 0 && is_reached(plant, family, index) ? left : 0;
}
