// SPDX-License-Identifier: MIT
// Infos of the battery: BSP or BMS.
#include "sim/infos.h"

// What both have.
static double battery_info(const struct sim *sim, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;

    switch (id) {
    case 7000:
        return info_volts(b->volts);
    case 7001:
        return info_amperes(b->amperes);
    case 7002:
    case 7047:
        return info_steps(100 * b->soc, 2);
    case 7003:
        return info_steps(b->watts, 1);
    case 7007:
        return info_amperes(b->charged_ah);
    case 7008:
        return info_amperes(b->discharged_ah);
    case 7009:
        return info_amperes(b->charged_ah_before);
    case 7010:
        return info_amperes(b->discharged_ah_before);
    case 7029:
        return info_degrees(b->temperature);
    case 7030:
        return info_volts((double)b->minute[BATTERY_MINUTE_V].average);
    case 7031:
        return info_amperes((double)b->minute[BATTERY_MINUTE_A].average);
    case 7032:
        return info_steps((double)b->minute[BATTERY_MINUTE_SOC].average, 2);
    case 7033:
        return info_degrees((double)b->minute[BATTERY_MINUTE_C].average);
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
    return info_steps(fmax(minutes, -60000), 1);
}

double info_bsp(const struct sim *sim, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;
    uint32_t version = sim->devices[FAMILY_BSP][0].version;
    uint32_t fid = site_fid(sim, FAMILY_BSP, 0);

    switch (id) {
    case 7004:
        return autonomy(b);
    case 7005:
        return info_degrees(sim->model.ambient + 4);
    case 7006:
        return 100;
    case 7011:
        return info_steps(b->charged_ah_ever / 1000, 1000);
    case 7012:
        return info_steps(b->discharged_ah_ever / 1000, 1000);
    case 7013:
        return info_steps(804 + b->user_hours / 24, 4);
    case 7017:
        return info_amperes(b->charged_ah_user);
    case 7018:
        return info_amperes(b->discharged_ah_user);
    case 7019:
        return info_steps(b->user_hours, 4);
    case 7034:
        return 10241;
    case 7035:
        return sim->options.battery_volts;
    case 7036:
        return 1;
    case 7037:
        return info_high_half(version);
    case 7038:
        return info_low_half(version);
    case 7039:
    case 7060:
        return info_rows(FAMILY_BSP, KIND_PARAMETER);
    case 7040:
        return info_rows(FAMILY_BSP, KIND_INFO);
    case 7041:
        return 1;
    case 7048:
        return info_high_half(fid);
    case 7049:
        return info_low_half(fid);
    default:
        return battery_info(sim, id);
    }
}

double info_bms(const struct sim *sim, unsigned id)
{
    const struct model_battery *b = &sim->model.battery;

    switch (id) {
    case 7022:
        return info_steps(100 * b->soc, 2);
    case 7053:
        return 2;
    case 7054:
        return 258;
    case 7055:
        return info_steps(b->capacity_ah, 1);
    case 7056:
        return 0;
    case 7057:
        return 98;
    case 7058:
        return info_steps(100 * b->soc, 100);
    case 7061:
        return info_volts(b->absorption_v);
    case 7062:
        return info_volts(44.5 * b->nominal_v / 48);
    case 7063:
        return info_steps(0.5 * b->capacity_ah * (b->soc < 0.97 ? 1 : 0.2), 1);
    case 7064:
        return info_steps(0.5 * b->capacity_ah, 1);
    case 7065:
    case 7066:
        return info_steps(0.3 * b->capacity_ah, 1);
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
