// SPDX-License-Identifier: MIT
#include "sim/infos.h"

#include "sim/chance.h"

enum { CHANCE_OFFSET = 4000 };

double info_own_volts(const struct sim *sim, enum family family, unsigned slot, double volts)
{
    uint64_t key = chance_mix(sim->options.seed, CHANCE_OFFSET + (uint64_t)family * 16 + slot);

    return info_volts(volts + 0.08 * (chance_unit(key) - 0.5));
}

unsigned info_rows(enum family family, enum datapoint_kind kind)
{
    const struct datapoint *dp;
    unsigned n = 0;

    for (size_t i = 0; (dp = catalogue_at(i)); i++)
        n += datapoint_family(dp) == family && datapoint_kind(dp) == kind;
    return n;
}

double info_target_volts(const struct model_battery *b)
{
    return b->phase == PHASE_FLOATING ? b->floating_v : b->absorption_v;
}

bool site_hides(const struct sim *sim, const struct datapoint *dp, unsigned index)
{
    enum family family = datapoint_family(dp);
    enum encoding encoding = datapoint_encoding(dp);

    return (encoding == ENCODING_VERSION_MSB || encoding == ENCODING_VERSION_LSB) &&
           sim->devices[family][site_slot(sim, family, index)].version_hidden;
}

double site_info(const struct sim *sim, const struct datapoint *dp, unsigned index)
{
    enum family family = datapoint_family(dp);
    unsigned id = datapoint_id(dp), slot = site_slot(sim, family, index);

    for (unsigned i = 0; i < sim->nan_count; i++)
        if (sim->nans[i].family == family && sim->nans[i].index == index && sim->nans[i].id == id)
            return (double)NAN;
    if (site_hides(sim, dp, index))
        return (double)NAN;
    switch (family) {
    case FAMILY_XT:
        return info_xt(sim, slot, id);
    case FAMILY_VT:
        return info_vt(sim, slot, id);
    case FAMILY_VS:
        return info_vs(sim, slot, id);
    case FAMILY_BSP:
        return info_bsp(sim, id);
    case FAMILY_BMS:
        return info_bms(sim, id);
    default:
        return 0;
    }
}
