// SPDX-License-Identifier: MIT
#include "plant/plant.h"

char *plant_ref_device(const struct plant_ref *ref, char *out, size_t size)
{
    struct target target = {.kind = TARGET_DEVICE, .family = ref->family, .index = ref->index};

    if (ref->index == PLANT_SUM || ref->index == PLANT_AVERAGE)
        target = (struct target){.kind = ref->index == PLANT_SUM ? TARGET_SUM : TARGET_AVERAGE,
                                 .family = ref->family};
    return target_name(&target, out, size);
}
