// SPDX-License-Identifier: MIT
#include "sim/site.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/localclock.h"
#include "catalogue/address.h"
#include "sim/chance.h"
#include "sim/limits.h"

enum { DAY_S = 86400 };

// Channels of chance.
enum { CHANCE_FID = 1000, CHANCE_GUID = 2000, CHANCE_PAST = 3000, CHANCE_WRITES = 7000 };

// --- Devices -----------------------------------------------------------------------------------

enum family site_battery_family(const struct sim *sim)
{
    return sim->options.bms ? FAMILY_BMS : sim->options.bsp ? FAMILY_BSP : FAMILY_NONE;
}

unsigned site_count(const struct sim *sim, enum family family)
{
    switch (family) {
    case FAMILY_XT:
        return sim->options.xt;
    case FAMILY_VT:
        return sim->options.vt;
    case FAMILY_VS:
        return sim->options.vs;
    case FAMILY_BSP:
    case FAMILY_BMS:
        return site_battery_family(sim) == family;
    case FAMILY_RCC:
        return 1;
    case FAMILY_COUNT:
        break;
    }
    return 0;
}

unsigned site_slot(const struct sim *sim, enum family family, unsigned index)
{
    return sim->slot_of[family][index - 1];
}

bool site_answers(const struct sim *sim, enum family family, unsigned index)
{
    if (index < 1 || index > site_count(sim, family))
        return false;
    const struct site_device *device = &sim->devices[family][site_slot(sim, family, index)];
    return !device->gone && loop_now(sim->loop) >= device->back_at;
}

unsigned site_master(const struct sim *sim, enum family family)
{
    for (unsigned i = 1; i <= site_count(sim, family); i++)
        if (site_answers(sim, family, i))
            return i;
    return 0;
}

bool site_on_phase(const struct sim *sim, unsigned index, unsigned phase)
{
    return sim->model.xt[site_slot(sim, FAMILY_XT, index)].phase + 1 == phase;
}

unsigned site_phase_master(const struct sim *sim, unsigned phase)
{
    for (unsigned i = 1; i <= sim->options.xt; i++)
        if (site_on_phase(sim, i, phase) && site_answers(sim, FAMILY_XT, i))
            return i;
    return 0;
}

// Of 12, 24 and 48 V: on one phase (and L2), L1, L3. Xtenders on one phase are of one type.
const struct site_xt_type *site_xt_type(const struct sim *sim, unsigned slot)
{
    static const struct site_xt_type types[3][3] = {
        {{1, 2500, 3000, 160, 50}, {1, 2500, 3000, 160, 50}, {256, 2000, 2000, 100, 40}},
        {{1, 4500, 5000, 140, 50}, {1, 4500, 5000, 140, 50}, {256, 3000, 3500, 90, 40}},
        {{1, 5000, 6000, 100, 50}, {1, 7000, 8000, 120, 50}, {256, 3500, 4000, 50, 40}},
    };
    static const uint8_t of_phase[] = {1, 0, 2};
    unsigned volts = sim->options.battery_volts;
    unsigned phase = sim->options.phases == 3 ? of_phase[slot % 3] : 0;

    return &types[volts == 12 ? 0 : volts == 24 ? 1 : 2][phase];
}

uint32_t site_fid(const struct sim *sim, enum family family, unsigned slot)
{
    // The slot makes it distinct, whatever chance gives.
    uint64_t bits = chance_mix(sim->options.seed, CHANCE_FID + (uint64_t)family);

    return (uint32_t)(bits & 0x0FFFF000u) | (uint32_t)family << 8 | (slot + 1);
}

void site_guid(const struct sim *sim, uint8_t guid[16])
{
    for (unsigned i = 0; i < 4; i++)
        le_put32(guid + 4 * i, (uint32_t)chance_mix(sim->options.seed, CHANCE_GUID + i));
}

// --- Time --------------------------------------------------------------------------------------

int64_t site_clock(const struct sim *sim)
{
    return sim->model.time + sim->model.offset;
}

void site_set_clock(struct sim *sim, int64_t clock)
{
    sim->model.offset = clock - sim->model.time;
    site_set_drift(sim, sim->drift);
}

void site_set_drift(struct sim *sim, double seconds)
{
    sim->drift = seconds;
    sim->drift_from = sim->model.time;
    sim->drifted = 0;
}

static void drift(struct sim *sim)
{
    double days = (double)(sim->model.time - sim->drift_from) / DAY_S;
    int64_t gained = (int64_t)(sim->drift * days);

    sim->model.offset += gained - sim->drifted;
    sim->drifted = gained;
}

void site_message(struct sim *sim, unsigned number, uint32_t address)
{
    messages_add(&sim->messages, (uint16_t)number, (uint16_t)address, (uint32_t)site_clock(sim));
}

static void no_message(void *arg, unsigned number, uint32_t address)
{
    (void)arg;
    (void)number;
    (void)address;
}

static void model_message(void *arg, unsigned number, uint32_t address)
{
    site_message(arg, number, address);
}

// --- Parameters --------------------------------------------------------------------------------

double site_flash(const struct sim *sim, unsigned slot, const struct datapoint *dp)
{
    double value;

    if (!parameters_get(&sim->parameters, slot, dp, PART_FLASH, &value))
        value = limits_factory(sim, slot, dp);
    return value;
}

double site_running(const struct sim *sim, unsigned slot, const struct datapoint *dp)
{
    double value;

    if (!parameters_get(&sim->parameters, slot, dp, PART_RAM, &value))
        value = site_flash(sim, slot, dp);
    return value;
}

double site_running_id(const struct sim *sim, enum family family, unsigned slot, unsigned id)
{
    const struct datapoint *dp = catalogue_find(family, id);

    return dp ? site_running(sim, slot, dp) : 0;
}

double site_level(const struct sim *sim, unsigned slot, const struct datapoint *dp)
{
    double level = (unsigned)datapoint_level(dp) << 4;

    parameters_get(&sim->parameters, slot, dp, PART_LEVEL, &level);
    return level;
}

// --- Restarts ----------------------------------------------------------------------------------

void site_reset_device(struct sim *sim, enum family family, unsigned slot, int64_t absence)
{
    struct site_device *device = &sim->devices[family][slot];

    if (loop_now(sim->loop) < device->back_at)
        return; // it restarts already
    parameters_forget_ram(&sim->parameters, family, slot);
    device->back_at = loop_now(sim->loop) + absence;
    site_begin_watchdog(sim, family, slot, device->back_at);
    if (family == FAMILY_XT) {
        sim->model.xt[slot].on = true;
        for (unsigned i = 1; i <= sim->options.xt; i++)
            if (site_slot(sim, family, i) == slot)
                site_message(sim, 177, device_address(family, i)); // an Xtender has started up
    }
    site_apply(sim, family, slot);
}

void site_restart_gateway(struct sim *sim, int64_t absence)
{
    parameters_forget_ram(&sim->parameters, FAMILY_RCC, 0);
    sim->restarted = true;
    sim->messages.latched = false;
    transfer_close(sim);
    sim->sd.note_length = 0;
    sim->unanswered_since = -1;
    sim->gateway_back_at = loop_now(sim->loop) + absence;
    sim->last_request = sim->gateway_back_at;
}

static void check_device_watchdogs(struct sim *sim)
{
    static const struct {
        enum family family;
        unsigned delay;
    } kinds[] = {{FAMILY_XT, 1629}, {FAMILY_VT, 10343}, {FAMILY_VS, 14219}};
    int64_t now = loop_now(sim->loop);

    for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (unsigned slot = 0; slot < site_count(sim, kinds[k].family); slot++) {
            const struct site_device *device = &sim->devices[kinds[k].family][slot];
            if (device->watched &&
                (double)(now - device->fed) >
                    site_running_id(sim, kinds[k].family, slot, kinds[k].delay) * (double)LOOP_S)
                site_reset_device(sim, kinds[k].family, slot, SITE_DEVICE_RESTART);
        }
}

// Parameters 5095 and 5096 (scom.md, "Gateway watchdogs"): silence, or a request without an answer.
static void check_gateway_watchdog(struct sim *sim)
{
    int64_t now = loop_now(sim->loop);
    int64_t delay = (int64_t)(site_running_id(sim, FAMILY_RCC, 0, 5096) * (double)LOOP_S);

    if (now < sim->gateway_back_at || site_running_id(sim, FAMILY_RCC, 0, 5095) != 1)
        return;
    bool hung = sim->unanswered_since >= 0 && now - sim->unanswered_since > delay;
    if (now - sim->last_request <= delay && !hung)
        return;
    int64_t at = hung ? sim->unanswered_since + delay : sim->last_request + delay;
    site_restart_gateway(sim, SITE_GATEWAY_RESTART);
    site_message(sim, 216, 501); // SCOM watchdog caused the reset
    // It happened when the time was up, not when somebody looked.
    sim->gateway_back_at = at + SITE_GATEWAY_RESTART;
    sim->last_request = sim->gateway_back_at > now ? sim->gateway_back_at : now;
}

void site_advance(struct sim *sim)
{
    int64_t passed = loop_now(sim->loop) - sim->began;
    int64_t speed = sim->options.speed;

    // Fast time takes bigger steps: after a night without questions there are not too many to do.
    model_run(&sim->model, sim->began_at + passed * speed / LOOP_S, speed > 60 ? speed / 60 : 1);
    drift(sim);
    sdcard_advance(sim);
    writes_advance(sim);
    check_device_watchdogs(sim);
    check_gateway_watchdog(sim);
}

// --- The beginning -----------------------------------------------------------------------------

static void set_flash(struct sim *sim, enum family family, unsigned slot, unsigned id, double value)
{
    const struct datapoint *dp = catalogue_find(family, id);

    if (dp)
        parameters_set(&sim->parameters, slot, dp, PART_FLASH, limits_keep(sim, dp, value));
}

static void build_xt(struct sim *sim)
{
    struct model *model = &sim->model;

    model->xt_count = sim->options.xt;
    model->phases = sim->options.phases;
    for (unsigned i = 0; i < model->xt_count; i++) {
        struct model_xt *xt = &model->xt[i];
        xt->phase = i % model->phases;
        xt->nominal_va = site_xt_type(sim, i)->nominal_va;
        xt->on = true;
    }
}

static void build_solar(struct sim *sim)
{
    struct model *model = &sim->model;
    // A charger of so many amperes makes less of a lower voltage; there are fewer panels then.
    double part = sim->options.battery_volts == 12   ? 0.33
                  : sim->options.battery_volts == 24 ? 0.6
                                                     : 1;

    model->vt_count = sim->options.vt;
    model->vs_count = sim->options.vs;
    for (unsigned i = 0; i < model->vt_count; i++)
        model->vt[i] = (struct model_solar){.on = true,
                                            .inputs = 1,
                                            .peak_w = {part * (3600 - 300 * (i % 3))},
                                            .open_v = {132 - 6 * (i % 2)},
                                            .kwh_ever = {9800 + 640 * i},
                                            .kwh_resettable = {1200 + 30 * i}};
    for (unsigned i = 0; i < model->vs_count; i++) {
        // A VS-120, then a VS-70, and so on.
        bool two = i % 2 == 0;
        model->vs[i] = (struct model_solar){
            .on = true,
            .inputs = two ? 2 : 1,
            .peak_w = {part * 3100, two ? part * 2700 : 0},
            .open_v = {590, two ? 560 : 0},
            .kwh_ever = {two ? 14200 : 8100, two ? 7900 : 8100, two ? 6300 : 0},
            .kwh_resettable = {two ? 1600 : 900, two ? 880 : 900, two ? 720 : 0}};
    }
}

static void build_battery(struct sim *sim)
{
    const struct sim_options *options = &sim->options;
    double volts = options->battery_volts;

    sim->model.battery =
        (struct model_battery){.nominal_v = volts,
                               // A lower voltage needs more amperes for the same house.
                               .capacity_ah = (200 + 200 * (double)options->xt +
                                               20 * (double)(options->vt + options->vs)) *
                                              (volts > 24   ? 1
                                               : volts > 12 ? 1.5
                                                            : 2),
                               .absorption_v = 57.6 * volts / 48,
                               .floating_v = 54.4 * volts / 48,
                               .new_cycle_v = 49.9 * volts / 48,
                               .charged_ah_ever = 61000,
                               .discharged_ah_ever = 57900,
                               .charged_ah_user = 2100,
                               .discharged_ah_user = 1990,
                               .user_hours = 610};
}

static void build_devices(struct sim *sim)
{
    static const uint32_t version[FAMILY_COUNT] = {
        [FAMILY_XT] = 0x0100064A,  [FAMILY_VT] = 0x01000646,  [FAMILY_VS] = 0x01000642,
        [FAMILY_BSP] = 0x01000648, [FAMILY_BMS] = 0x01000648, [FAMILY_RCC] = 0x0100064A};

    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        for (unsigned slot = 0; slot < SITE_SLOTS; slot++) {
            sim->slot_of[f][slot] = (uint8_t)slot;
            sim->devices[f][slot].version = version[f];
        }
}

static void begin_model(struct sim *sim, int64_t time)
{
    sim->model = (struct model){.seed = sim->options.seed,
                                .time = time,
                                .genset = sim->options.genset,
                                .source_nominal_v = sim->options.ac_volts,
                                .message = no_message};
    build_xt(sim);
    build_solar(sim);
    build_battery(sim);
    site_apply_all(sim);
    model_begin(&sim->model);
}

struct sim *site_past(const struct sim *sim, int64_t time)
{
    struct sim *past = xcalloc(1, sizeof *past);

    past->loop = sim->loop;
    past->options = sim->options;
    build_devices(past);
    begin_model(past, time);
    return past;
}

static void build_parameters(struct sim *sim)
{
    if (!sim->options.bsp)
        return;
    set_flash(sim, FAMILY_BSP, 0, 6001, sim->model.battery.capacity_ah);
    set_flash(sim, FAMILY_BSP, 0, 6057, sim->options.battery_volts / 6.0); // 2, 4 or 8
}

// What the history has from before: how the installation was started, and yesterday.
static void past_messages(struct sim *sim, int64_t first)
{
    uint32_t time = first < 3 * DAY_S ? 0 : (uint32_t)(first - 3 * DAY_S + 9 * 3600);

    sim->messages.remaining = sim->options.messages_remaining;
    // Of years: the transfer relay, and now and then something worse.
    for (uint32_t i = sim->options.messages; i > 0 && sim->options.xt > 0; i--)
        messages_add(&sim->messages,
                     i % 97 == 0   ? 20
                     : i % 41 == 0 ? 16
                     : i % 2       ? 3
                                   : 224,
                     (uint16_t)device_address(FAMILY_XT, 1 + i % sim->options.xt),
                     time > 7200 * i ? time - 7200 * i : 0);
    messages_add(&sim->messages, 73, 501, time); // datalogger enabled
    for (unsigned i = 1; i <= sim->options.xt; i++)
        messages_add(&sim->messages, 177, (uint16_t)device_address(FAMILY_XT, i), time + 4 + i);
    if (sim->options.xt > 0)
        messages_add(&sim->messages, 12, 101, time + 60); // battery temperature sensor
    for (unsigned i = 1; i <= sim->options.vt && sim->options.xt > 0; i++)
        messages_add(&sim->messages, 140, (uint16_t)device_address(FAMILY_VT, i), time + 60 + i);
    messages_add(&sim->messages, 90, 501, time + 90); // server connected
    uint64_t dice = chance_mix(sim->options.seed, CHANCE_PAST);
    messages_add(&sim->messages, 89, 501, time + DAY_S + (uint32_t)(dice % 20000));
    messages_add(&sim->messages, 90, 501, time + DAY_S + (uint32_t)(dice % 20000) + 310);
}

struct sim *sim_new(struct loop *loop, const struct sim_options *options)
{
    struct sim *sim = xcalloc(1, sizeof *sim);
    struct model *model = &sim->model;

    sim->loop = loop;
    sim->options = *options;
    if (sim->options.speed < 1)
        sim->options.speed = 1;
    if (sim->options.log_minutes < 1)
        sim->options.log_minutes = 1;
    if (sim->options.phases != 3)
        sim->options.phases = 1;
    if (sim->options.battery_volts != 12 && sim->options.battery_volts != 24)
        sim->options.battery_volts = 48;
    if (sim->options.ac_volts != 120)
        sim->options.ac_volts = 230;
    if (sim->options.clock < 0)
        sim->options.clock = local_clock(loop_wall(loop)) / LOOP_S;
    sim->began = loop_now(loop);
    sim->began_at = sim->options.clock;
    sim->unanswered_since = -1;
    sim->last_request = sim->began;
    sim->restarted = true;
    sim->multi_info = sim->options.multi_info;
    sim->writes.dice = chance_mix(sim->options.seed, CHANCE_WRITES);

    // A day and the part of today that has passed fill counters, battery and history.
    int64_t first = (sim->options.clock / DAY_S - 1) * DAY_S;
    build_devices(sim);
    begin_model(sim, first > 0 ? first : 0);
    model->message = model_message;
    model->arg = sim;
    build_parameters(sim);
    past_messages(sim, model->time);
    model_run(model, sim->began_at, 60);
    model_run(model, sim->began_at, 1);
    site_set_drift(sim, 0);
    sdcard_begin(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    if (!sim)
        return;
    parameters_free(&sim->parameters);
    writes_free(&sim->writes);
    transfer_close(sim);
    sdcard_end(sim);
    free(sim);
}
