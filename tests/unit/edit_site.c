// SPDX-License-Identifier: MIT
#include "edit_site.h"

#include "sim/site.h"

void site_exchange(struct sim *sim)
{
    sim->options.seed++;
}

void site_set_flash(struct sim *sim, enum family family, unsigned index, unsigned id, double number)
{
    parameters_set(&sim->parameters, site_slot(sim, family, index), catalogue_find(family, id),
                   PART_FLASH, number);
}

double site_stores(const struct sim *sim, enum family family, unsigned index, unsigned id)
{
    return site_flash(sim, site_slot(sim, family, index), catalogue_find(family, id));
}

double site_runs(const struct sim *sim, enum family family, unsigned index, unsigned id)
{
    return site_running_id(sim, family, site_slot(sim, family, index), id);
}
