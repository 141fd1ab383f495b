// SPDX-License-Identifier: MIT
// Which values are logged: "XT1:3000,3005,XT*:3136,XT.sum:3136,BSP:7000-7003", or a preset.
#ifndef XC_PLANT_SELECTION_H
#define XC_PLANT_SELECTION_H

#include "catalogue/address.h"
#include "plant/plant.h"

struct selection {
    struct selected {
        struct target target; // a device, each of a family, or a sum or average over it
        const struct datapoint *datapoint;
        bool where_there; // only if the family has a device
    } * items;
    size_t count;
};

enum { SELECTION_ERROR_MAX = 240 };

// A number without a device in front belongs to the one before. XC_USAGE with one line in error.
enum xc_status selection_parse(const char *text, struct selection *selection,
                               char error[SELECTION_ERROR_MAX]);
// "overview": what the overview shows, of families that are there; "all": every info. XC_USAGE with
// one line in error.
enum xc_status selection_preset(const char *name, struct selection *selection,
                                char error[SELECTION_ERROR_MAX]);
// "overview" or "all".
bool selection_is_builtin(const char *name);
void selection_free(struct selection *selection);

// The values of the selection in its order, of each device that the plant knows where it says so;
// twice the same is once. At least one. The array is the caller's (free()); *count of them.
struct plant_ref *selection_refs(const struct selection *selection, const struct plant *plant,
                                 size_t *count);

#endif
