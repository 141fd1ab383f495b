// SPDX-License-Identifier: MIT
// What written parameters and signals do.
#include "sim/limits.h"

static void apply_xt(struct sim *sim, unsigned slot)
{
    struct model_xt *xt = &sim->model.xt[slot];

    xt->inverter_allowed = site_running_id(sim, FAMILY_XT, slot, 1124) == 1;
    xt->charger_allowed = site_running_id(sim, FAMILY_XT, slot, 1125) == 1;
    xt->boost_allowed = site_running_id(sim, FAMILY_XT, slot, 1126) == 1;
    xt->injection_allowed = site_running_id(sim, FAMILY_XT, slot, 1127) == 1;
    xt->transfer_allowed = site_running_id(sim, FAMILY_XT, slot, 1128) == 1;
    xt->input_limit_a = site_running_id(sim, FAMILY_XT, slot, 1107);
    xt->charge_limit_a = site_running_id(sim, FAMILY_XT, slot, 1138);
    xt->injection_limit_a = site_running_id(sim, FAMILY_XT, slot, 1523);
    xt->output_v = site_running_id(sim, FAMILY_XT, slot, 1286);
    if (slot == 0) { // the master leads the charge cycle of all
        sim->model.battery.floating_v = site_running_id(sim, FAMILY_XT, slot, 1140);
        sim->model.battery.absorption_v = site_running_id(sim, FAMILY_XT, slot, 1156);
        sim->model.battery.new_cycle_v = site_running_id(sim, FAMILY_XT, slot, 1143);
    }
}

void site_apply(struct sim *sim, enum family family, unsigned slot)
{
    if (family == FAMILY_XT)
        apply_xt(sim, slot);
    else if (family == FAMILY_VT)
        sim->model.vt[slot].charge_limit_a = site_running_id(sim, FAMILY_VT, slot, 10002);
    else if (family == FAMILY_VS)
        sim->model.vs[slot].charge_limit_a =
            site_running_id(sim, FAMILY_VS, slot, sim->model.vs[slot].inputs == 2 ? 14001 : 14217);
}

void site_apply_all(struct sim *sim)
{
    static const enum family families[] = {FAMILY_XT, FAMILY_VT, FAMILY_VS};

    for (unsigned f = 0; f < sizeof families / sizeof *families; f++)
        for (unsigned slot = 0; slot < site_count(sim, families[f]); slot++)
            site_apply(sim, families[f], slot);
}

// --- Signals -----------------------------------------------------------------------------------

static void reset_all(struct sim *sim, enum family family)
{
    for (unsigned slot = 0; slot < site_count(sim, family); slot++)
        site_reset_device(sim, family, slot, SITE_DEVICE_RESTART);
}

static void set_phase(struct sim *sim, enum charge_phase phase)
{
    sim->model.battery.phase = phase;
    sim->model.battery.phase_s = 0;
    sim->model.battery.below_s = 0;
}

static void restore(struct sim *sim, enum family family, unsigned slot)
{
    parameters_restore(&sim->parameters, family, slot);
    site_apply(sim, family, slot);
}

static void xt_signal(struct sim *sim, unsigned slot, unsigned id)
{
    switch (id) {
    case 1399: // OFF of the Xtenders, 1415 ON
    case 1415:
        for (unsigned i = 0; i < sim->options.xt; i++)
            sim->model.xt[i].on = id == 1415;
        break;
    case 1468:
        reset_all(sim, FAMILY_XT);
        break;
    case 1287: // factory, 1395 default settings
    case 1395:
        restore(sim, FAMILY_XT, slot);
        break;
    case 1467:
        set_phase(sim, PHASE_FLOATING);
        break;
    case 1142:
        set_phase(sim, PHASE_BULK);
        break;
    default: // the others leave no trace that could be read
        break;
    }
}

static void reset_day(struct model_solar *s)
{
    for (unsigned i = 0; i <= 2; i++)
        s->kwh[i] = 0;
    s->ah = s->sun_hours = 0;
}

static void reset_extremes(struct model_solar *s, double volts)
{
    for (unsigned i = 0; i <= 2; i++)
        s->max_v[i] = s->max_kw[i] = 0;
    s->max_battery_a = 0;
    s->max_battery_v = s->min_battery_v = volts;
}

// VarioTrack and VarioString have the same signals under different numbers.
static void solar_signal(struct sim *sim, enum family family, unsigned slot, unsigned id)
{
    struct model_solar *all = family == FAMILY_VT ? sim->model.vt : sim->model.vs;
    struct model_solar *s = &all[slot];

    switch (id) {
    case 10039: // ON
    case 14038:
    case 10040: // OFF
    case 14039:
        for (unsigned i = 0; i < site_count(sim, family); i++)
            all[i].on = id == 10039 || id == 14038;
        break;
    case 10051:
    case 14059:
        reset_all(sim, family);
        break;
    case 10056: // default, factory settings
    case 10057:
    case 14067:
    case 14068:
        restore(sim, family, slot);
        break;
    case 10006: // force floating
    case 14006:
        set_phase(sim, PHASE_FLOATING);
        break;
    case 10010: // force absorption
    case 14010:
        set_phase(sim, PHASE_ABSORPTION);
        break;
    case 10029: // a new cycle
    case 14028:
        set_phase(sim, PHASE_BULK);
        break;
    case 10043: // daily meters
    case 14051:
        reset_day(s);
        break;
    case 10044: // daily extremes
    case 14052:
        reset_extremes(s, sim->model.battery.volts);
        break;
    case 10200: // the resettable meter
    case 14182:
        for (unsigned i = 0; i <= 2; i++)
            s->kwh_resettable[i] = 0;
        break;
    case 10201: // the total
    case 14183:
        for (unsigned i = 0; i <= 2; i++)
            s->kwh_ever[i] = 0;
        break;
    default:
        break;
    }
}

static void battery_signal(struct sim *sim, enum family family, unsigned id)
{
    struct model_battery *b = &sim->model.battery;

    switch (id) {
    case 6003: // history
        b->charged_ah_ever = b->discharged_ah_ever = 0;
        break;
    case 6004: // default, factory settings
    case 6005:
        restore(sim, family, 0);
        break;
    case 6031: // user counters
        b->charged_ah_user = b->discharged_ah_user = b->user_hours = 0;
        break;
    default:
        break;
    }
}

static void gateway_signal(struct sim *sim, unsigned id)
{
    switch (id) {
    case 5104:
        sim->restarted = false;
        break;
    case 5035:
        messages_erase(&sim->messages);
        break;
    case 5059:
        sdcard_save(sim);
        break;
    case 5047: // format the card
        sdcard_erase(sim, SIZE_MAX);
        break;
    case 5120:
        sdcard_erase(sim, 30);
        break;
    case 5121: // all devices of the system
        reset_all(sim, FAMILY_XT);
        reset_all(sim, FAMILY_VT);
        reset_all(sim, FAMILY_VS);
        reset_all(sim, FAMILY_BSP);
        reset_all(sim, FAMILY_BMS);
        site_restart_gateway(sim, SITE_GATEWAY_RESTART);
        break;
    case 5071: // all remote controls, the Xcom too
        site_restart_gateway(sim, SITE_GATEWAY_RESTART);
        break;
    default:
        break;
    }
}

static void signal_device(struct sim *sim, enum family family, unsigned slot, unsigned id)
{
    switch (family) {
    case FAMILY_XT:
        xt_signal(sim, slot, id);
        break;
    case FAMILY_VT:
    case FAMILY_VS:
        solar_signal(sim, family, slot, id);
        break;
    case FAMILY_BSP:
    case FAMILY_BMS:
        battery_signal(sim, family, id);
        break;
    case FAMILY_RCC:
        gateway_signal(sim, id);
        break;
    case FAMILY_COUNT:
        break;
    }
}

// --- Writes ------------------------------------------------------------------------------------

// Numbers of a family's "parameters saved in flash" and watchdog parameters (scom.md "Parameters:
// flash and RAM"), and the first firmware that knows RAM writes.
static const struct {
    unsigned saved_in_flash, watchdog;
    uint32_t ram_since;
} special[FAMILY_COUNT] = {
    [FAMILY_XT] = {1550, 1628, 0x0100060C},   [FAMILY_VT] = {10058, 10342, 0x0100060E},
    [FAMILY_VS] = {14069, 14218, 0x0100060C}, [FAMILY_BSP] = {0, 0, 0x0100060C},
    [FAMILY_BMS] = {0, 0, 0x0100060C},        [FAMILY_RCC] = {0, 0, 0x0100060C},
};

static bool is_watchdog_on(const struct sim *sim, enum family family, unsigned slot)
{
    unsigned id = special[family].watchdog;

    return id != 0 && site_running_id(sim, family, slot, id) == 1;
}

static bool saves_in_flash(const struct sim *sim, enum family family, unsigned slot)
{
    unsigned id = special[family].saved_in_flash;

    return id == 0 || site_running_id(sim, family, slot, id) == 1;
}

bool site_takes_ram(const struct sim *sim, enum family family, unsigned slot)
{
    return sim->devices[family][slot].version >= special[family].ram_since;
}

void site_begin_watchdog(struct sim *sim, enum family family, unsigned slot, int64_t time)
{
    struct site_device *device = &sim->devices[family][slot];

    device->watched = is_watchdog_on(sim, family, slot) && !saves_in_flash(sim, family, slot);
    device->fed = time;
}

static void feed_watchdog(struct sim *sim, enum family family, unsigned slot, bool in_ram)
{
    struct site_device *device = &sim->devices[family][slot];

    if (loop_now(sim->loop) < device->back_at)
        return; // this write has restarted it
    if (!is_watchdog_on(sim, family, slot))
        device->watched = false;
    else if (in_ram || !saves_in_flash(sim, family, slot))
        device->watched = true;
    device->fed = loop_now(sim->loop);
}

// Whether a value goes to flash; 1550 and its like themselves always do.
static bool is_stored(const struct sim *sim, const struct datapoint *dp, unsigned slot,
                      enum parameter_part part)
{
    enum family family = datapoint_family(dp);

    return part == PART_FLASH && (datapoint_id(dp) == special[family].saved_in_flash ||
                                  saves_in_flash(sim, family, slot));
}

static enum site_written keep_value(struct sim *sim, const struct datapoint *dp, unsigned slot,
                                    enum parameter_part part, double value)
{
    enum family family = datapoint_family(dp);
    bool stored = is_stored(sim, dp, slot, part);
    // Switching the gateway's hardware watchdog off restarts it.
    bool restarts = family == FAMILY_RCC && datapoint_id(dp) == 5103 && value == 0 &&
                    site_running(sim, slot, dp) == 1;

    parameters_set(&sim->parameters, slot, dp, stored ? PART_FLASH : PART_RAM,
                   limits_keep(sim, dp, value));
    site_apply(sim, family, slot);
    if (restarts)
        site_restart_gateway(sim, SITE_GATEWAY_RESTART);
    return stored ? WRITTEN_FLASH : WRITTEN_RAM;
}

uint32_t site_flashing(const struct sim *sim)
{
    return loop_now(sim->loop) < sim->flashing_until ? sim->flashing : 0;
}

enum site_written site_write(struct sim *sim, const struct datapoint *dp, unsigned slot,
                             enum parameter_part part, double value)
{
    enum family family = datapoint_family(dp);
    enum site_written written = WRITTEN_DONE;

    if (part == PART_LEVEL) {
        parameters_set(&sim->parameters, slot, dp, PART_LEVEL, value);
        return WRITTEN_DONE;
    }
    if (datapoint_encoding(dp) == ENCODING_SIGNAL)
        signal_device(sim, family, slot, datapoint_id(dp));
    else if (family == FAMILY_RCC && datapoint_id(dp) == 5002)
        site_set_clock(sim, (int64_t)value);
    else
        written = keep_value(sim, dp, slot, part, value);
    if (family == FAMILY_RCC && datapoint_id(dp) == 5119) {
        sim->flashing = (uint32_t)value;
        sim->flashing_until = loop_now(sim->loop) + SITE_FLASHING_LASTS;
    }
    feed_watchdog(sim, family, slot, part == PART_RAM);
    return written;
}
