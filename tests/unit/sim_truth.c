// SPDX-License-Identifier: MIT
#include "sim_truth.h"

#include "sim/site.h"

double sim_truth(struct sim *sim, enum family family, unsigned index, unsigned id)
{
    site_advance(sim);
    return site_info(sim, catalogue_find(family, id), index);
}
