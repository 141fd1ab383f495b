// SPDX-License-Identifier: MIT
// The installation's physics: sun and clouds, loads of each phase, Xtenders, solar chargers, the
// battery and the grid or generator. Knows no protocol and no parameter numbers. Every step is in
// balance: grid + solar = loads + battery + losses. Time is the installation's sun time in seconds
// since 1970; it moves on a fixed grid of seconds, so values don't depend on when they are read.
#ifndef XC_SIM_MODEL_H
#define XC_SIM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { MODEL_XT_MAX = 9, MODEL_VT_MAX = 15, MODEL_VS_MAX = 15, MODEL_PHASES = 3 };

// Minimum, maximum and average over the last whole minute.
struct minute {
    float min, max, average;             // of the last minute
    float min_now, max_now, sum, weight; // of this one
};

enum charge_phase { PHASE_BULK, PHASE_ABSORPTION, PHASE_FLOATING };

enum xt_mode { XT_INVERTER = 1, XT_CHARGER = 2, XT_BOOST = 3, XT_INJECTION = 4 };

enum xt_minute {
    XT_MINUTE_BATTERY_V,
    XT_MINUTE_BATTERY_A,
    XT_MINUTE_OUT_KVA,
    XT_MINUTE_OUT_KW,
    XT_MINUTE_TEMPERATURE_1,
    XT_MINUTE_TEMPERATURE_2,
    XT_MINUTE_OUT_HZ,
    XT_MINUTE_IN_V,
    XT_MINUTE_IN_A,
    XT_MINUTE_IN_KW,
    XT_MINUTE_IN_HZ,
    XT_MINUTES
};

struct model_xt {
    // What it is and may do, set from outside.
    unsigned phase;    // 0..2
    double nominal_va; // of its type
    bool on;
    bool inverter_allowed, charger_allowed, boost_allowed, transfer_allowed, injection_allowed;
    double charge_limit_a, input_limit_a, injection_limit_a;
    double output_v; // when it doesn't pass the source through

    // What it does.
    enum xt_mode mode;
    bool transfer, limit_reached;
    double out_w, in_w; // AC; in_w is negative when feeding the grid
    double dc_w;        // into the battery; negative when the inverter draws from it
    double temperature_1, temperature_2;
    double in_kwh, out_kwh, discharge_kwh; // of the current day
    double in_kwh_before, out_kwh_before, discharge_kwh_before;
    struct minute minute[XT_MINUTES];
};

enum solar_minute {
    SOLAR_MINUTE_BATTERY_V,
    SOLAR_MINUTE_BATTERY_A,
    SOLAR_MINUTE_PV_V, // of both inputs, of the first, of the second
    SOLAR_MINUTE_PV1_V,
    SOLAR_MINUTE_PV2_V,
    SOLAR_MINUTE_PV_KW,
    SOLAR_MINUTE_PV1_KW,
    SOLAR_MINUTE_PV2_KW,
    SOLAR_MINUTE_BATTERY_C,
    SOLAR_MINUTE_TEMPERATURE_1,
    SOLAR_MINUTE_TEMPERATURE_2,
    SOLAR_MINUTES
};

enum solar_mode { SOLAR_NIGHT, SOLAR_CHARGING, SOLAR_VOLTAGE_LIMITED, SOLAR_CURRENT_LIMITED };

// A VarioTrack (one input) or VarioString (one or two). Arrays over inputs: the whole, input 1,
// input 2.
struct model_solar {
    bool on;
    unsigned inputs;
    double peak_w[2], open_v[2]; // of the panels of each input
    double charge_limit_a;

    enum solar_mode mode;
    double pv_w[3], pv_v[3];
    double battery_w;
    double temperature_1, temperature_2;
    double kwh[3], kwh_before[3], kwh_ever[3]; // current day, day before, since it was installed
    double kwh_resettable[3];
    double ah, ah_before;
    double max_v[3], max_kw[3], max_battery_a, max_battery_v, min_battery_v; // current day
    double sun_hours, sun_hours_before, absorption_hours;
    struct minute minute[SOLAR_MINUTES];
};

enum battery_minute { BATTERY_MINUTE_V, BATTERY_MINUTE_A, BATTERY_MINUTE_SOC, BATTERY_MINUTE_C };

struct model_battery {
    double nominal_v; // 12, 24 or 48
    double capacity_ah;
    double absorption_v, floating_v, new_cycle_v; // set from outside
    double volts, amperes, watts;                 // + charges
    double soc;                                   // 0..1
    double temperature;
    enum charge_phase phase;
    double charged_ah, discharged_ah; // current day
    double charged_ah_before, discharged_ah_before;
    double charged_ah_ever, discharged_ah_ever;
    double charged_ah_user, discharged_ah_user, user_hours; // resettable
    struct minute minute[4];
    double phase_s, below_s; // in this phase; below new_cycle_v
};

// Something has happened that devices report as a message of the tables (messages.csv).
typedef void model_message_fn(void *arg, unsigned number, uint32_t address);

struct model {
    uint64_t seed;
    int64_t time;    // of the last step
    int64_t day;     // its day on the installation's clock
    int64_t offset;  // the installation's clock minus sun time
    unsigned phases; // 1 or 3
    bool genset;     // else a grid
    double source_nominal_v;

    unsigned xt_count, vt_count, vs_count;
    struct model_xt xt[MODEL_XT_MAX];
    struct model_solar vt[MODEL_VT_MAX], vs[MODEL_VS_MAX];
    struct model_battery battery;

    double load_w[MODEL_PHASES]; // what is asked for; served while a phase has an Xtender on
    double sun;                  // 0..1.1 of the panels' peak
    double ambient;
    double loss_w; // everything that becomes heat but the battery
    bool wants_source, source_running, transfer_closed, cut_off;
    double source_s; // since it was wanted
    double source_v, source_hz;

    model_message_fn *message;
    void *arg;
};

// Time, counts, nominal voltages, capacity, limits and permissions are set by the caller before;
// this gives the rest its beginning at model->time.
void model_begin(struct model *model);

// Moves on to time by steps of step seconds (1..60).
void model_run(struct model *model, int64_t time, int64_t step);

#endif
