// SPDX-License-Identifier: MIT
// Infos of the solar chargers: VarioTrack and VarioString.
#include "sim/infos.h"

// --- VarioTrack --------------------------------------------------------------------------------

static double solar_phase(const struct model_battery *b)
{
    static const uint8_t phases[] = {
        [PHASE_BULK] = 0, [PHASE_ABSORPTION] = 1, [PHASE_FLOATING] = 3};

    return phases[b->phase];
}

static double solar_sync(const struct sim *sim, enum family family, unsigned slot)
{
    if (sim->options.xt > 0)
        return 4; // XTslave
    if (family == FAMILY_VT)
        return slot == 0 ? 8 : 5; // VTmaster, VTslave
    return slot == 0 && sim->options.vt == 0 ? 11 : sim->options.vt > 0 ? 5 : 10;
}

static double vt_mode(const struct model_solar *s)
{
    static const uint8_t modes[] = {[SOLAR_NIGHT] = 0,
                                    [SOLAR_CHARGING] = 8,
                                    [SOLAR_VOLTAGE_LIMITED] = 9,
                                    [SOLAR_CURRENT_LIMITED] = 10};

    return s->on ? modes[s->mode] : 6;
}

static double vt_identity(const struct sim *sim, unsigned slot, unsigned id)
{
    uint32_t version = sim->devices[FAMILY_VT][slot].version;
    uint32_t fid = site_fid(sim, FAMILY_VT, slot);

    switch (id) {
    case 11012:
    case 11013:
        return info_rows(FAMILY_VT, KIND_PARAMETER);
    case 11014:
        return info_rows(FAMILY_VT, KIND_INFO);
    case 11015: // VT-80
        return 0;
    case 11047:
        return 9079;
    case 11048:
        return sim->options.battery_volts;
    case 11049:
        return 2;
    case 11050:
        return info_high_half(version);
    case 11051:
        return info_low_half(version);
    case 11052:
        return slot + 1;
    case 11067:
        return info_high_half(fid);
    case 11068:
        return info_low_half(fid);
    default:
        return 0;
    }
}

double info_vt(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;
    const struct model_solar *s = &sim->model.vt[slot];

    switch (id) {
    case 11000:
        return info_own_volts(sim, FAMILY_VT, slot, b->volts);
    case 11001:
        return info_amperes(s->battery_w / b->volts);
    case 11002:
        return info_volts(s->pv_v[0]);
    case 11003:
        return s->pv_v[0] > 1 ? info_amperes(s->pv_w[0] / s->pv_v[0]) : 0;
    case 11004:
        return info_kilo(s->pv_w[0] / 1000);
    case 11005:
    case 11044: // the Xtender has the sensor
        return sim->options.xt > 0 ? INFO_NO_SENSOR : info_degrees(b->temperature);
    case 11006:
        return info_amperes(s->ah);
    case 11007:
        return info_energy(s->kwh[0]);
    case 11008:
        return info_steps(s->kwh_resettable[0], 1);
    case 11009:
        return info_steps(s->kwh_ever[0] / 1000, 1000);
    case 11010:
        return info_amperes(s->ah_before);
    case 11011:
        return info_energy(s->kwh_before[0]);
    case 11016:
        return vt_mode(s);
    case 11017:
        return info_volts(s->max_v[0]);
    case 11018:
        return info_amperes(s->max_battery_a);
    case 11019:
        return info_kilo(s->max_kw[0]);
    case 11020:
        return info_own_volts(sim, FAMILY_VT, slot, s->max_battery_v);
    case 11021:
        return info_own_volts(sim, FAMILY_VT, slot, s->min_battery_v);
    case 11025:
        return info_steps(s->sun_hours, 64);
    case 11026:
        return info_steps(s->sun_hours_before, 64);
    case 11037:
        return 26;
    case 11038:
        return solar_phase(b);
    case 11039:
        return info_own_volts(sim, FAMILY_VT, slot,
                              (double)s->minute[SOLAR_MINUTE_BATTERY_V].average);
    case 11040:
        return info_amperes((double)s->minute[SOLAR_MINUTE_BATTERY_A].average);
    case 11041:
        return info_volts((double)s->minute[SOLAR_MINUTE_PV_V].average);
    case 11043:
        return info_kilo((double)s->minute[SOLAR_MINUTE_PV_KW].average);
    case 11045:
        return info_degrees((double)s->minute[SOLAR_MINUTE_TEMPERATURE_1].average);
    case 11046:
        return info_degrees((double)s->minute[SOLAR_MINUTE_TEMPERATURE_2].average);
    case 11063: // relays: automatic
    case 11064:
    case 11079:
    case 11080:
        return 1;
    case 11066:
        return solar_sync(sim, FAMILY_VT, slot);
    case 11069:
        return s->on;
    case 11088:
        return info_volts(s->pv_v[0]);
    default: // no error, relays open
        return vt_identity(sim, slot, id);
    }
}

// --- VarioString -------------------------------------------------------------------------------

static double vs_mode(const struct model_solar *s, unsigned input)
{
    static const uint8_t modes[] = {[SOLAR_NIGHT] = 0,
                                    [SOLAR_CHARGING] = 3,
                                    [SOLAR_VOLTAGE_LIMITED] = 4,
                                    [SOLAR_CURRENT_LIMITED] = 5};

    return s->on && input <= s->inputs ? modes[s->mode] : 2;
}

static double vs_identity(const struct sim *sim, unsigned slot, unsigned id)
{
    uint32_t version = sim->devices[FAMILY_VS][slot].version;
    uint32_t fid = site_fid(sim, FAMILY_VS, slot);

    switch (id) {
    case 15071:
    case 15072:
        return info_rows(FAMILY_VS, KIND_PARAMETER);
    case 15073:
        return info_rows(FAMILY_VS, KIND_INFO);
    case 15074: // VS-120 and VS-70
        return sim->model.vs[slot].inputs == 2 ? 12801 : 13057;
    case 15075:
        return sim->options.battery_volts;
    case 15076:
        return 4;
    case 15077:
        return info_high_half(version);
    case 15078:
        return info_low_half(version);
    case 15079:
        return slot + 1;
    case 15102:
        return info_high_half(fid);
    case 15103:
        return info_low_half(fid);
    default:
        return 0;
    }
}

// Infos that come in threes: the whole, input 1, input 2.
static double vs_input(const struct model_solar *s, unsigned first, unsigned i)
{
    switch (first) {
    case 15004:
        return info_volts(s->pv_v[i]);
    case 15007:
        return s->pv_v[i] > 1 ? info_amperes(s->pv_w[i] / s->pv_v[i]) : 0;
    case 15010:
        return info_kilo(s->pv_w[i] / 1000);
    case 15013:
        return vs_mode(s, i);
    case 15017:
        return info_energy(s->kwh[i]);
    case 15020:
        return info_steps(s->kwh_resettable[i], 1);
    case 15023:
        return info_steps(s->kwh_ever[i] / 1000, 1000);
    case 15027:
        return info_energy(s->kwh_before[i]);
    case 15033:
        return info_volts(s->max_v[i]);
    case 15037:
        return info_kilo(s->max_kw[i]);
    case 15044: // earth is in the middle of the panels
        return info_volts(-s->pv_v[i] / 2);
    case 15058:
        return info_volts((double)s->minute[SOLAR_MINUTE_PV_V + i].average);
    default: // 15061
        return info_kilo((double)s->minute[SOLAR_MINUTE_PV_KW + i].average);
    }
}

double info_vs(const struct sim *sim, unsigned slot, unsigned id)
{
    static const uint16_t threes[] = {15004, 15007, 15010, 15013, 15017, 15020, 15023,
                                      15027, 15033, 15037, 15044, 15058, 15061};
    const struct model_battery *b = &sim->model.battery;
    const struct model_solar *s = &sim->model.vs[slot];
    const struct minute *volts = &s->minute[SOLAR_MINUTE_BATTERY_V];
    const struct minute *t1 = &s->minute[SOLAR_MINUTE_TEMPERATURE_1];
    const struct minute *t2 = &s->minute[SOLAR_MINUTE_TEMPERATURE_2];

    for (size_t i = 0; i < sizeof threes / sizeof *threes; i++)
        if (id >= threes[i] && id < threes[i] + 3u)
            return vs_input(s, threes[i], id - threes[i]);
    switch (id) {
    case 15000:
        return info_own_volts(sim, FAMILY_VS, slot, b->volts);
    case 15001:
        return info_amperes(s->battery_w / b->volts);
    case 15002:
        return solar_phase(b);
    case 15003: // independent
        return 1;
    case 15016:
        return info_amperes(s->ah);
    case 15026:
        return info_amperes(s->ah_before);
    case 15030:
        return info_steps(s->sun_hours, 64);
    case 15031:
        return info_steps(s->sun_hours_before, 64);
    case 15032:
    case 15064: // the Xtender has the sensor
        return sim->options.xt > 0 ? INFO_NO_SENSOR : info_degrees(b->temperature);
    case 15036:
        return info_amperes(s->max_battery_a);
    case 15040:
        return info_own_volts(sim, FAMILY_VS, slot, s->max_battery_v);
    case 15041:
        return info_own_volts(sim, FAMILY_VS, slot, s->min_battery_v);
    case 15042:
        return info_steps(s->absorption_hours, 64);
    case 15043:
        return 0;
    case 15050:
        return sim->options.xt > 0;
    case 15051:
        return solar_sync(sim, FAMILY_VS, slot);
    case 15052:
        return 26;
    case 15053:
        return info_volts(info_target_volts(b));
    case 15054:
        return info_own_volts(sim, FAMILY_VS, slot, (double)volts->average);
    case 15055:
        return info_own_volts(sim, FAMILY_VS, slot, (double)volts->max);
    case 15056:
        return info_own_volts(sim, FAMILY_VS, slot, (double)volts->min);
    case 15057:
        return info_amperes((double)s->minute[SOLAR_MINUTE_BATTERY_A].average);
    case 15065:
        return info_degrees((double)t1->average);
    case 15066:
        return info_degrees((double)t1->max);
    case 15067:
        return info_degrees((double)t1->min);
    case 15068:
        return info_degrees((double)t2->average);
    case 15069:
        return info_degrees((double)t2->max);
    case 15070:
        return info_degrees((double)t2->min);
    case 15090:
    case 15091: // automatic
        return 1;
    case 15108:
        return s->on;
    default: // no error, relays open
        return vs_identity(sim, slot, id);
    }
}
