// SPDX-License-Identifier: MIT
// What each family's user infos answer (reference data/datapoints.csv). Devices measure in steps
// and each a little differently, so values are rounded to the steps of a 16-bit fixed point.
#include <math.h>

#include "sim/chance.h"
#include "sim/site.h"

enum { CHANCE_OFFSET = 4000 };

static const double no_sensor = 32767;

static double steps(double value, double per_unit)
{
    return round(value * per_unit) / per_unit;
}

static double in_volts(double value)
{
    return steps(value, 128);
}

static double in_amperes(double value)
{
    return steps(value, 32);
}

static double in_kilo(double value)
{
    return steps(value, 1024);
}

static double in_degrees(double value)
{
    return steps(value, 16);
}

static double in_energy(double value)
{
    return steps(value, 64);
}

// Each device's own battery voltage sensor is up to 40 mV off.
static double own_volts(const struct sim *sim, enum family family, unsigned slot, double volts)
{
    uint64_t key = chance_mix(sim->options.seed, CHANCE_OFFSET + (uint64_t)family * 16 + slot);

    return in_volts(volts + 0.08 * (chance_unit(key) - 0.5));
}

static double high_half(uint32_t whole)
{
    return whole >> 16;
}

static double low_half(uint32_t whole)
{
    return whole & 0xFFFF;
}

static unsigned number_of(enum family family, enum datapoint_kind kind)
{
    const struct datapoint *dp;
    unsigned n = 0;

    for (size_t i = 0; (dp = catalogue_at(i)); i++)
        n += datapoint_family(dp) == family && datapoint_kind(dp) == kind;
    return n;
}

// --- Xtender -----------------------------------------------------------------------------------

// 3090..3122: minimum, maximum and average of each quantity in turn.
static double xt_minute(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct minute *m = &sim->model.xt[slot].minute[(id - 3090) / 3];
    unsigned which = (id - 3090) % 3;
    double value = (double)(which == 0 ? m->min : which == 1 ? m->max : m->average);

    switch ((enum xt_minute)((id - 3090) / 3)) {
    case XT_MINUTE_BATTERY_V:
        return own_volts(sim, FAMILY_XT, slot, value);
    case XT_MINUTE_OUT_KVA:
    case XT_MINUTE_OUT_KW:
    case XT_MINUTE_IN_KW:
        return in_kilo(value);
    case XT_MINUTE_TEMPERATURE_1:
    case XT_MINUTE_TEMPERATURE_2:
        return in_degrees(value);
    case XT_MINUTE_BATTERY_A:
    case XT_MINUTE_IN_A:
        return in_amperes(value);
    default:
        return in_volts(value);
    }
}

static double xt_identity(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct model_xt *xt = &sim->model.xt[slot];
    uint32_t version = sim->devices[FAMILY_XT][slot].version;
    uint32_t fid = site_fid(sim, FAMILY_XT, slot);

    switch (id) {
    case 3124: // the 3500 VA one is an XTM, the bigger ones are XTH
        return xt->nominal_va < 4000 ? 256 : 1;
    case 3125:
        return xt->nominal_va;
    case 3126:
        return 230;
    case 3127:
        return 48;
    case 3128:
        return steps(xt->nominal_va / 230, 4);
    case 3129:
        return 5;
    case 3130:
        return high_half(version);
    case 3131:
        return low_half(version);
    case 3132:
        return 3;
    case 3133:
        return number_of(FAMILY_XT, KIND_PARAMETER);
    case 3134:
        return number_of(FAMILY_XT, KIND_INFO);
    case 3135: // SID, as index of the device
        return slot + 1;
    case 3156:
        return high_half(fid);
    case 3157:
        return low_half(fid);
    default:
        return 0;
    }
}

static double xt_lockings(const struct model_xt *xt)
{
    return (xt->inverter_allowed ? 0 : 1) + (xt->charger_allowed ? 0 : 2) +
           (xt->boost_allowed ? 0 : 4) + (xt->transfer_allowed ? 0 : 8) +
           (xt->injection_allowed ? 0 : 16) + 1024; // a slave may stand by
}

static double xt_phase(const struct model_battery *b)
{
    static const uint8_t phases[] = {
        [PHASE_BULK] = 1, [PHASE_ABSORPTION] = 2, [PHASE_FLOATING] = 4};

    return phases[b->phase];
}

static double target(const struct model_battery *b)
{
    return b->phase == PHASE_FLOATING ? b->floating_v : b->absorption_v;
}

// Why the charger gives no more: input limit, its own current, else the battery's voltage.
static double xt_limitation(const struct model *model, const struct model_xt *xt)
{
    if (xt->mode == XT_INJECTION)
        return xt->in_w < -0.98 * xt->injection_limit_a * model->source_v ? 7 : 6;
    if (xt->limit_reached)
        return 9;
    if (xt->dc_w > 0.98 * xt->charge_limit_a * model->battery.volts)
        return 4;
    return 1;
}

static double xt_info(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct model *model = &sim->model;
    const struct model_xt *xt = &model->xt[slot];
    const struct model_battery *b = &model->battery;
    double out_va = xt->out_w / 0.96, in_va = xt->in_w / 0.98;
    bool out_live = xt->on && (xt->transfer || (xt->inverter_allowed && !model->cut_off));
    double out_v = !out_live ? 0 : xt->transfer ? model->source_v : 230;
    double out_hz = !out_live ? 0 : xt->transfer ? model->source_hz : 50;
    bool aux1 = slot == 0 && model->genset && model->wants_source;

    if (id >= 3090 && id <= 3122)
        return xt_minute(sim, slot, id);
    switch (id) {
    case 3000:
        return own_volts(sim, FAMILY_XT, slot, b->volts);
    case 3001:
        return slot == 0 ? in_degrees(b->temperature) : no_sensor;
    case 3002: // -3 mV a degree and cell away from 25
        return in_volts(-0.003 * 24 * (b->temperature - 25));
    case 3003:
        return 0;
    case 3004:
        return xt->charger_allowed ? in_amperes(xt->charge_limit_a) : 0;
    case 3005:
        return in_amperes(xt->dc_w / b->volts);
    case 3006:
        return in_volts(0.05 + 0.6 * fabs(xt->dc_w) / xt->nominal_va);
    case 3007:
        return steps(100 * b->soc, 4);
    case 3008: // between no load and full load
        return in_volts(46.3 - 4.3 * fmin(1, xt->out_w / xt->nominal_va));
    case 3010:
        return xt_phase(b);
    case 3011:
        return in_volts(model->source_v);
    case 3012:
        return model->source_v > 0 ? in_amperes(in_va / model->source_v) : 0;
    case 3013:
        return steps(in_va / 1000, 16);
    case 3017:
        return in_amperes(xt->input_limit_a);
    case 3018:
        return xt->limit_reached;
    case 3019:
        return xt->mode == XT_BOOST;
    case 3020:
        return xt->transfer;
    case 3021:
        return in_volts(out_v);
    case 3022:
        return out_v > 0 ? in_amperes(out_va / out_v) : 0;
    case 3023:
        return steps(out_va / 1000, 16);
    case 3028:
        return xt->mode;
    case 3030:
    case 3074:
    case 3075:
        return id == 3030 ? out_live : xt->on && !xt->transfer;
    case 3031:
        return aux1;
    case 3032:
        return 0;
    case 3045:
    case 3046:
    case 3047:
        return (double)(chance_mix(sim->options.seed, id * 16 + slot) % 3);
    case 3049:
        return xt->on;
    case 3050:
        return 24;
    case 3051:
        return 0;
    case 3054:
    case 3055: // automatic
        return 1;
    case 3056:
        return xt_lockings(xt);
    case 3076:
        return in_energy(xt->discharge_kwh_before);
    case 3078:
        return in_energy(xt->discharge_kwh);
    case 3080:
        return in_energy(xt->in_kwh_before);
    case 3081:
        return in_energy(xt->in_kwh);
    case 3082:
        return in_energy(xt->out_kwh_before);
    case 3083:
        return in_energy(xt->out_kwh);
    case 3084:
    case 3154:
        return in_volts(model->source_hz);
    case 3085:
        return in_volts(out_hz);
    case 3086:
        return 0;
    case 3087:
        return steps(xt->out_w, 0.0625);
    case 3088:
        return steps(xt->in_w, 0.0625);
    case 3089:
        return 1u << xt->phase;
    case 3136:
        return in_kilo(xt->out_w / 1000);
    case 3137:
        return in_kilo(xt->in_w / 1000);
    case 3138:
        return in_kilo(in_va / 1000);
    case 3139:
        return in_kilo(out_va / 1000);
    case 3142:
        return xt->on ? 8 : 2;
    case 3155:
        return xt->mode == XT_INJECTION ? in_amperes(-xt->in_w / model->source_v) : 0;
    case 3158:
        return in_amperes(xt->injection_limit_a);
    case 3160:
        return xt_limitation(model, xt);
    case 3164:
        return in_volts(target(b));
    case 3165:
        return in_amperes(xt->input_limit_a);
    case 3166:
        return in_amperes((xt->out_w - xt->in_w) / 230);
    case 3167:
        return out_live ? in_volts(out_v) : 0;
    default:
        return xt_identity(sim, slot, id);
    }
}

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
        return number_of(FAMILY_VT, KIND_PARAMETER);
    case 11014:
        return number_of(FAMILY_VT, KIND_INFO);
    case 11015: // VT-80
        return 0;
    case 11047:
        return 9079;
    case 11048:
        return 48;
    case 11049:
        return 2;
    case 11050:
        return high_half(version);
    case 11051:
        return low_half(version);
    case 11052:
        return slot + 1;
    case 11067:
        return high_half(fid);
    case 11068:
        return low_half(fid);
    default:
        return 0;
    }
}

static double vt_info(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;
    const struct model_solar *s = &sim->model.vt[slot];

    switch (id) {
    case 11000:
        return own_volts(sim, FAMILY_VT, slot, b->volts);
    case 11001:
        return in_amperes(s->battery_w / b->volts);
    case 11002:
        return in_volts(s->pv_v[0]);
    case 11003:
        return s->pv_v[0] > 1 ? in_amperes(s->pv_w[0] / s->pv_v[0]) : 0;
    case 11004:
        return in_kilo(s->pv_w[0] / 1000);
    case 11005:
    case 11044: // the Xtender has the sensor
        return sim->options.xt > 0 ? no_sensor : in_degrees(b->temperature);
    case 11006:
        return in_amperes(s->ah);
    case 11007:
        return in_energy(s->kwh[0]);
    case 11008:
        return steps(s->kwh_resettable[0], 1);
    case 11009:
        return steps(s->kwh_ever[0] / 1000, 1000);
    case 11010:
        return in_amperes(s->ah_before);
    case 11011:
        return in_energy(s->kwh_before[0]);
    case 11016:
        return vt_mode(s);
    case 11017:
        return in_volts(s->max_v[0]);
    case 11018:
        return in_amperes(s->max_battery_a);
    case 11019:
        return in_kilo(s->max_kw[0]);
    case 11020:
        return own_volts(sim, FAMILY_VT, slot, s->max_battery_v);
    case 11021:
        return own_volts(sim, FAMILY_VT, slot, s->min_battery_v);
    case 11025:
        return steps(s->sun_hours, 64);
    case 11026:
        return steps(s->sun_hours_before, 64);
    case 11037:
        return 26;
    case 11038:
        return solar_phase(b);
    case 11039:
        return own_volts(sim, FAMILY_VT, slot, (double)s->minute[SOLAR_MINUTE_BATTERY_V].average);
    case 11040:
        return in_amperes((double)s->minute[SOLAR_MINUTE_BATTERY_A].average);
    case 11041:
        return in_volts((double)s->minute[SOLAR_MINUTE_PV_V].average);
    case 11043:
        return in_kilo((double)s->minute[SOLAR_MINUTE_PV_KW].average);
    case 11045:
        return in_degrees((double)s->minute[SOLAR_MINUTE_TEMPERATURE_1].average);
    case 11046:
        return in_degrees((double)s->minute[SOLAR_MINUTE_TEMPERATURE_2].average);
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
        return in_volts(s->pv_v[0]);
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
        return number_of(FAMILY_VS, KIND_PARAMETER);
    case 15073:
        return number_of(FAMILY_VS, KIND_INFO);
    case 15074: // VS-120 and VS-70
        return sim->model.vs[slot].inputs == 2 ? 12801 : 13057;
    case 15075:
        return 48;
    case 15076:
        return 4;
    case 15077:
        return high_half(version);
    case 15078:
        return low_half(version);
    case 15079:
        return slot + 1;
    case 15102:
        return high_half(fid);
    case 15103:
        return low_half(fid);
    default:
        return 0;
    }
}

// Infos that come in threes: the whole, input 1, input 2.
static double vs_input(const struct model_solar *s, unsigned first, unsigned i)
{
    switch (first) {
    case 15004:
        return in_volts(s->pv_v[i]);
    case 15007:
        return s->pv_v[i] > 1 ? in_amperes(s->pv_w[i] / s->pv_v[i]) : 0;
    case 15010:
        return in_kilo(s->pv_w[i] / 1000);
    case 15013:
        return vs_mode(s, i);
    case 15017:
        return in_energy(s->kwh[i]);
    case 15020:
        return steps(s->kwh_resettable[i], 1);
    case 15023:
        return steps(s->kwh_ever[i] / 1000, 1000);
    case 15027:
        return in_energy(s->kwh_before[i]);
    case 15033:
        return in_volts(s->max_v[i]);
    case 15037:
        return in_kilo(s->max_kw[i]);
    case 15044: // earth is in the middle of the panels
        return in_volts(-s->pv_v[i] / 2);
    case 15058:
        return in_volts((double)s->minute[SOLAR_MINUTE_PV_V + i].average);
    default: // 15061
        return in_kilo((double)s->minute[SOLAR_MINUTE_PV_KW + i].average);
    }
}

static double vs_info(const struct sim *sim, unsigned slot, unsigned id)
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
        return own_volts(sim, FAMILY_VS, slot, b->volts);
    case 15001:
        return in_amperes(s->battery_w / b->volts);
    case 15002:
        return solar_phase(b);
    case 15003: // independent
        return 1;
    case 15016:
        return in_amperes(s->ah);
    case 15026:
        return in_amperes(s->ah_before);
    case 15030:
        return steps(s->sun_hours, 64);
    case 15031:
        return steps(s->sun_hours_before, 64);
    case 15032:
    case 15064: // the Xtender has the sensor
        return sim->options.xt > 0 ? no_sensor : in_degrees(b->temperature);
    case 15036:
        return in_amperes(s->max_battery_a);
    case 15040:
        return own_volts(sim, FAMILY_VS, slot, s->max_battery_v);
    case 15041:
        return own_volts(sim, FAMILY_VS, slot, s->min_battery_v);
    case 15042:
        return steps(s->absorption_hours, 64);
    case 15043:
        return 0;
    case 15050:
        return sim->options.xt > 0;
    case 15051:
        return solar_sync(sim, FAMILY_VS, slot);
    case 15052:
        return 26;
    case 15053:
        return in_volts(target(b));
    case 15054:
        return own_volts(sim, FAMILY_VS, slot, (double)volts->average);
    case 15055:
        return own_volts(sim, FAMILY_VS, slot, (double)volts->max);
    case 15056:
        return own_volts(sim, FAMILY_VS, slot, (double)volts->min);
    case 15057:
        return in_amperes((double)s->minute[SOLAR_MINUTE_BATTERY_A].average);
    case 15065:
        return in_degrees((double)t1->average);
    case 15066:
        return in_degrees((double)t1->max);
    case 15067:
        return in_degrees((double)t1->min);
    case 15068:
        return in_degrees((double)t2->average);
    case 15069:
        return in_degrees((double)t2->max);
    case 15070:
        return in_degrees((double)t2->min);
    case 15090:
    case 15091: // automatic
        return 1;
    case 15108:
        return s->on;
    default: // no error, relays open
        return vs_identity(sim, slot, id);
    }
}

// --- Battery: BSP or BMS -----------------------------------------------------------------------

// What both have.
static double battery_info(const struct sim *sim, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;

    switch (id) {
    case 7000:
        return in_volts(b->volts);
    case 7001:
        return in_amperes(b->amperes);
    case 7002:
    case 7047:
        return steps(100 * b->soc, 2);
    case 7003:
        return steps(b->watts, 1);
    case 7007:
        return in_amperes(b->charged_ah);
    case 7008:
        return in_amperes(b->discharged_ah);
    case 7009:
        return in_amperes(b->charged_ah_before);
    case 7010:
        return in_amperes(b->discharged_ah_before);
    case 7029:
        return in_degrees(b->temperature);
    case 7030:
        return in_volts((double)b->minute[BATTERY_MINUTE_V].average);
    case 7031:
        return in_amperes((double)b->minute[BATTERY_MINUTE_A].average);
    case 7032:
        return steps((double)b->minute[BATTERY_MINUTE_SOC].average, 2);
    case 7033:
        return in_degrees((double)b->minute[BATTERY_MINUTE_C].average);
    default: // 7059: no communication error today
        return 0;
    }
}

// Minutes until it is empty, as a negative number; not a number while charging.
static double autonomy(const struct model_battery *b)
{
    if (b->amperes >= -0.1)
        return (double)NAN;
    double minutes = b->soc * b->capacity_ah / b->amperes * 60;
    return steps(fmax(minutes, -60000), 1);
}

static double bsp_info(const struct sim *sim, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;
    uint32_t version = sim->devices[FAMILY_BSP][0].version;
    uint32_t fid = site_fid(sim, FAMILY_BSP, 0);

    switch (id) {
    case 7004:
        return autonomy(b);
    case 7005:
        return in_degrees(sim->model.ambient + 4);
    case 7006:
        return 100;
    case 7011:
        return steps(b->charged_ah_ever / 1000, 1000);
    case 7012:
        return steps(b->discharged_ah_ever / 1000, 1000);
    case 7013:
        return steps(804 + b->user_hours / 24, 4);
    case 7017:
        return in_amperes(b->charged_ah_user);
    case 7018:
        return in_amperes(b->discharged_ah_user);
    case 7019:
        return steps(b->user_hours, 4);
    case 7034:
        return 10241;
    case 7035:
        return 48;
    case 7036:
        return 1;
    case 7037:
        return high_half(version);
    case 7038:
        return low_half(version);
    case 7039:
    case 7060:
        return number_of(FAMILY_BSP, KIND_PARAMETER);
    case 7040:
        return number_of(FAMILY_BSP, KIND_INFO);
    case 7041:
        return 1;
    case 7048:
        return high_half(fid);
    case 7049:
        return low_half(fid);
    default:
        return battery_info(sim, id);
    }
}

static double bms_info(const struct sim *sim, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;

    switch (id) {
    case 7022:
        return steps(100 * b->soc, 2);
    case 7053:
        return 2;
    case 7054:
        return 258;
    case 7055:
        return steps(b->capacity_ah, 1);
    case 7056:
        return 0;
    case 7057:
        return 98;
    case 7058:
        return steps(100 * b->soc, 100);
    case 7061:
        return in_volts(b->absorption_v);
    case 7062:
        return 44.5;
    case 7063:
        return steps(0.5 * b->capacity_ah * (b->soc < 0.97 ? 1 : 0.2), 1);
    case 7064:
        return steps(0.5 * b->capacity_ah, 1);
    case 7065:
    case 7066:
        return steps(0.3 * b->capacity_ah, 1);
    case 7067: // PYLON
        return 2;
    case 7068:
        return b->soc >= 0.995 ? 9 : b->soc < 0.2 ? 6 : 10;
    case 7069:
        return 20;
    case 7070:
        return 90;
    case 7071:
        return 100;
    default:
        return battery_info(sim, id);
    }
}

double site_info(const struct sim *sim, const struct datapoint *dp, unsigned index)
{
    enum family family = datapoint_family(dp);
    unsigned id = datapoint_id(dp), slot = site_slot(sim, family, index);

    for (unsigned i = 0; i < sim->nan_count; i++)
        if (sim->nans[i].family == family && sim->nans[i].index == index && sim->nans[i].id == id)
            return (double)NAN;
    switch (family) {
    case FAMILY_XT:
        return xt_info(sim, slot, id);
    case FAMILY_VT:
        return vt_info(sim, slot, id);
    case FAMILY_VS:
        return vs_info(sim, slot, id);
    case FAMILY_BSP:
        return bsp_info(sim, id);
    case FAMILY_BMS:
        return bms_info(sim, id);
    default:
        return 0;
    }
}
