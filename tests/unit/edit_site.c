// SPDX-License-Identifier: MIT
#include "edit_site.h"

#include "sim/site.h"

void site_exchange(struct sim *sim)
{
    sim->options.seed ^= 1;
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

uint8_t *site_datalog(const struct sim *sim, int64_t day, size_t *length)
{
    return sdcard_file(sim, day, length);
}

bool site_transfers(const struct sim *sim)
{
    return sim->transfer.object != 0;
}

void site_transfer(struct sim *sim, int64_t day)
{
    transfer_close(sim);
    sim->transfer.object = SCOM_DATALOG_FILE;
    sim->transfer.bytes = sdcard_file(sim, day, &sim->transfer.length);
    sim->transfer.block = 1;
}

void site_turn_clock(struct sim *sim, int64_t seconds)
{
    site_set_clock(sim, site_clock(sim) + seconds);
}
