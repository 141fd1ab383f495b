// SPDX-License-Identifier: MIT
// Which infos a family view shows, in which groups. Inside of src/ui.
#ifndef XC_UI_GROUPS_H
#define XC_UI_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "catalogue/catalogue.h"

struct info_group {
    const char *title;
    bool folded;         // at first
    const uint16_t *ids; // up to 0; halves of versions and FIDs by the upper one's id
};

enum { GROUPS_MAX = 16 };

// Up to the group without a title; NULL for a family without infos. Every info of the catalogue is
// in exactly one group of its family.
const struct info_group *info_groups(enum family family);

#endif
