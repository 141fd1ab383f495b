// SPDX-License-Identifier: MIT
// Infos of the Xtenders.
#include "sim/infos.h"

#include "sim/chance.h"

// 3090..3122: minimum, maximum and average of each quantity in turn.
static double xt_minute(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct minute *m = &sim->model.xt[slot].minute[(id - 3090) / 3];
    unsigned which = (id - 3090) % 3;
    double value = (double)(which == 0 ? m->min : which == 1 ? m->max : m->average);

    switch ((enum xt_minute)((id - 3090) / 3)) {
    case XT_MINUTE_BATTERY_V:
        return info_own_volts(sim, FAMILY_XT, slot, value);
    case XT_MINUTE_OUT_KVA:
    case XT_MINUTE_OUT_KW:
    case XT_MINUTE_IN_KW:
        return info_kilo(value);
    case XT_MINUTE_TEMPERATURE_1:
    case XT_MINUTE_TEMPERATURE_2:
        return info_degrees(value);
    case XT_MINUTE_BATTERY_A:
    case XT_MINUTE_IN_A:
        return info_amperes(value);
    default:
        return info_volts(value);
    }
}

static double xt_identity(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct site_xt_type *type = site_xt_type(sim, slot);
    uint32_t version = sim->devices[FAMILY_XT][slot].version;
    uint32_t fid = site_fid(sim, FAMILY_XT, slot);

    switch (id) {
    case 3124:
        return type->code;
    case 3125:
        return type->named_va;
    case 3126:
        return sim->options.ac_volts;
    case 3127:
        return sim->options.battery_volts;
    case 3128:
        return info_steps(type->nominal_va / sim->options.ac_volts, 4);
    case 3129:
        return 5;
    case 3130:
        return info_high_half(version);
    case 3131:
        return info_low_half(version);
    case 3132:
        return 3;
    case 3133:
        return info_rows(FAMILY_XT, KIND_PARAMETER);
    case 3134:
        return info_rows(FAMILY_XT, KIND_INFO);
    case 3135: // SID, as index of the device
        return slot + 1;
    case 3156:
        return info_high_half(fid);
    case 3157:
        return info_low_half(fid);
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

// What it switches off at now: between no load (1108) and full load (1109).
static double xt_undervoltage(const struct sim *sim, unsigned slot)
{
    const struct model_xt *xt = &sim->model.xt[slot];
    double none = site_running_id(sim, FAMILY_XT, slot, 1108);
    double full = site_running_id(sim, FAMILY_XT, slot, 1109);

    return none - (none - full) * fmin(1, xt->out_w / xt->nominal_va);
}

double info_xt(const struct sim *sim, unsigned slot, unsigned id)
{
    const struct model *model = &sim->model;
    const struct model_xt *xt = &model->xt[slot];
    const struct model_battery *b = &model->battery;
    double out_va = xt->out_w / 0.96, in_va = xt->in_w / 0.98;
    bool out_live = xt->on && (xt->transfer || (xt->inverter_allowed && !model->cut_off));
    double out_v = !out_live ? 0 : xt->transfer ? model->source_v : xt->output_v;
    double out_hz = !out_live ? 0 : xt->transfer ? model->source_hz : 50;
    bool aux1 = slot == 0 && model->genset && model->wants_source;

    if (id >= 3090 && id <= 3122)
        return xt_minute(sim, slot, id);
    switch (id) {
    case 3000:
        return info_own_volts(sim, FAMILY_XT, slot, b->volts);
    case 3001:
        return slot == 0 ? info_degrees(b->temperature) : INFO_NO_SENSOR;
    case 3002: // -3 mV a degree and cell of 2 V away from 25
        return info_volts(-0.003 * b->nominal_v / 2 * (b->temperature - 25));
    case 3003:
        return 0;
    case 3004:
        return xt->charger_allowed ? info_amperes(xt->charge_limit_a) : 0;
    case 3005:
        return info_amperes(xt->dc_w / b->volts);
    case 3006:
        return info_volts((0.05 + 0.6 * fabs(xt->dc_w) / xt->nominal_va) * b->nominal_v / 48);
    case 3007:
        return info_steps(100 * b->soc, 4);
    case 3008: // between no load and full load
        return info_volts(xt_undervoltage(sim, slot));
    case 3010:
        return xt_phase(b);
    case 3011:
        return info_volts(model->source_v);
    case 3012:
        return model->source_v > 0 ? info_amperes(in_va / model->source_v) : 0;
    case 3013:
        return info_steps(in_va / 1000, 16);
    case 3017:
        return info_amperes(xt->input_limit_a);
    case 3018:
        return xt->limit_reached;
    case 3019:
        return xt->mode == XT_BOOST;
    case 3020:
        return xt->transfer;
    case 3021:
        return info_volts(out_v);
    case 3022:
        return out_v > 0 ? info_amperes(out_va / out_v) : 0;
    case 3023:
        return info_steps(out_va / 1000, 16);
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
        return info_energy(xt->discharge_kwh_before);
    case 3078:
        return info_energy(xt->discharge_kwh);
    case 3080:
        return info_energy(xt->in_kwh_before);
    case 3081:
        return info_energy(xt->in_kwh);
    case 3082:
        return info_energy(xt->out_kwh_before);
    case 3083:
        return info_energy(xt->out_kwh);
    case 3084:
    case 3154:
        return info_volts(model->source_hz);
    case 3085:
        return info_volts(out_hz);
    case 3086:
        return 0;
    case 3087:
        return info_steps(xt->out_w, 0.0625);
    case 3088:
        return info_steps(xt->in_w, 0.0625);
    case 3089:
        return 1u << xt->phase;
    case 3136:
        return info_kilo(xt->out_w / 1000);
    case 3137:
        return info_kilo(xt->in_w / 1000);
    case 3138:
        return info_kilo(in_va / 1000);
    case 3139:
        return info_kilo(out_va / 1000);
    case 3142:
        return xt->on ? 8 : 2;
    case 3155:
        return xt->mode == XT_INJECTION ? info_amperes(-xt->in_w / model->source_v) : 0;
    case 3158:
        return info_amperes(xt->injection_limit_a);
    case 3160:
        return xt_limitation(model, xt);
    case 3164:
        return info_volts(info_target_volts(b));
    case 3165:
        return info_amperes(xt->input_limit_a);
    case 3166:
        return info_amperes((xt->out_w - xt->in_w) / sim->options.ac_volts);
    case 3167:
        return out_live ? info_volts(out_v) : 0;
    default:
        return xt_identity(sim, slot, id);
    }
}
