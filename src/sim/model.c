// SPDX-License-Identifier: MIT
// The physics, in steps. Numbers are chosen to look like a house in the Alps with a lead battery;
// what matters is that they fit each other.
#include "sim/model.h"

#include <math.h>
#include <stddef.h>

#include "sim/chance.h"

enum { DAY_S = 86400 };

static const double pi = 3.14159265358979323846;

static const double inverter_efficiency = 0.94, charger_efficiency = 0.92, mppt_efficiency = 0.985;
static const double inverter_idle_w = 14, standby_w = 8;

// Channels of chance.
enum {
    CHANCE_CLOUD_DAY,
    CHANCE_CLOUD_SLOW,
    CHANCE_CLOUD_FAST,
    CHANCE_AMBIENT,
    CHANCE_SOURCE_V,
    CHANCE_SOURCE_HZ,
    CHANCE_LOAD = 16,      // + phase
    CHANCE_LOAD_FAST = 32, // + phase
    CHANCE_APPLIANCE = 48, // + phase
    CHANCE_PANEL = 64,     // + device
};

static double clamp(double x, double min, double max)
{
    return x < min ? min : x > max ? max : x;
}

// --- Minutes -----------------------------------------------------------------------------------

static void minute_add(struct minute *m, double value, double weight, bool full)
{
    float v = (float)value;

    if (m->weight <= 0) {
        m->min_now = m->max_now = v;
        m->sum = 0;
    }
    if (v < m->min_now)
        m->min_now = v;
    if (v > m->max_now)
        m->max_now = v;
    m->sum += v * (float)weight;
    m->weight += (float)weight;
    if (full) {
        m->min = m->min_now;
        m->max = m->max_now;
        m->average = m->sum / m->weight;
        m->weight = 0;
    }
}

// --- Weather and loads -------------------------------------------------------------------------

// Sun on panels that face south at 30 degrees, latitude 46 north; sun noon is at 13:00.
static void weather(struct model *model)
{
    double t = (double)model->time;
    double days = floor(t / DAY_S);
    double hour = (t - days * DAY_S) / 3600;
    double year = fmod(days, 365.25) / 365.25;
    double declination = -0.4093 * cos(2 * pi * (year + 10 / 365.25));
    double angle = (hour - 13) * pi / 12;
    double height = sin(0.803) * sin(declination) + cos(0.803) * cos(declination) * cos(angle);
    double facing = sin(0.279) * sin(declination) + cos(0.279) * cos(declination) * cos(angle);
    double clear = height > 0 && facing > 0 ? 1.08 * facing * (1 - exp(-9 * height)) : 0;

    double cloudy = chance_noise(model->seed, CHANCE_CLOUD_DAY, t, 0.7 * DAY_S);
    double slow = chance_noise(model->seed, CHANCE_CLOUD_SLOW, t, 1300);
    double fast = chance_noise(model->seed, CHANCE_CLOUD_FAST, t, 70);
    double shade = cloudy * cloudy * (0.25 + 0.95 * slow) + 0.35 * cloudy * slow * fast;
    model->sun = clear * (1 - clamp(shade, 0, 0.9));

    model->ambient = 10 - 11 * cos(2 * pi * (year - 0.04)) - 5 * cos((hour - 3.5) * pi / 12) +
                     4 * (chance_noise(model->seed, CHANCE_AMBIENT, t, 9000) - 0.5);
}

// What a phase's consumers want, as a part of the installed power: a day's curve with a morning and
// an evening peak, and appliances that come and go.
static double load_part(const struct model *model, unsigned phase)
{
    static const float curve[24] = {.10f, .08f, .08f, .08f, .09f, .12f, .24f, .42f,
                                    .36f, .22f, .19f, .22f, .36f, .28f, .19f, .17f,
                                    .19f, .27f, .44f, .58f, .54f, .40f, .26f, .15f};
    double t = (double)model->time;
    double hour = fmod(t, DAY_S) / 3600;
    unsigned h = (unsigned)hour;
    double base = (double)curve[h] + (double)(curve[(h + 1) % 24] - curve[h]) * (hour - (double)h);
    double slow = chance_noise(model->seed, CHANCE_LOAD + phase, t, 700);
    double fast = chance_noise(model->seed, CHANCE_LOAD_FAST + phase, t, 11);
    double part = base * (0.22 + 0.2 * slow) + 0.02 + 0.006 * fast;

    int64_t block = model->time / 240;
    uint64_t dice = chance_mix(chance_mix(model->seed, CHANCE_APPLIANCE + phase), (uint64_t)block);
    double within = (double)(model->time % 240) / 240;
    if (chance_unit(dice) < 0.05 + 0.4 * base && within < 0.2 + 0.8 * chance_unit(dice << 17))
        part += 0.08 + 0.22 * chance_unit(dice << 31);
    return part;
}

static void loads(struct model *model)
{
    double installed[MODEL_PHASES] = {0};

    for (unsigned i = 0; i < model->xt_count; i++)
        installed[model->xt[i].phase] += model->xt[i].nominal_va;
    for (unsigned p = 0; p < MODEL_PHASES; p++)
        model->load_w[p] = installed[p] > 0 ? installed[p] * load_part(model, p) : 0;
}

// --- Grid or generator -------------------------------------------------------------------------

static void tell(struct model *model, unsigned number, uint32_t address)
{
    if (model->message)
        model->message(model->arg, number, address);
}

static bool injection_wanted(const struct model *model)
{
    for (unsigned i = 0; i < model->xt_count; i++)
        if (model->xt[i].injection_allowed && !model->genset)
            return true;
    return false;
}

// The battery is used between two states of charge; below, the grid or generator helps.
static void source(struct model *model, double dt)
{
    double t = (double)model->time;
    double low = model->genset ? 0.30 : 0.50, enough = model->genset ? 0.75 : 0.65;
    bool wanted = model->wants_source;

    if (model->xt_count == 0)
        wanted = false;
    else if (model->battery.soc < low)
        wanted = true;
    else if (model->battery.soc > enough && !injection_wanted(model))
        wanted = false;
    else if (injection_wanted(model))
        wanted = true;
    if (wanted != model->wants_source) {
        model->wants_source = wanted;
        model->source_s = 0;
        if (wanted && model->genset)
            tell(model, 0, 101); // battery low
        if (model->genset)
            tell(model, wanted ? 207 : 208, 101); // AUX1 relay
        else if (wanted)
            tell(model, 224, 101); // delay before closing the transfer relay
    } else {
        model->source_s += dt;
    }
    // A generator needs 20 s to run smoothly; then 10 s to synchronise.
    bool running = !model->genset || (model->wants_source && model->source_s >= 20);
    bool closed = model->wants_source && running && model->source_s >= (model->genset ? 30 : 10);
    if (closed && !model->transfer_closed)
        tell(model, 3, 101); // AC-In synchronisation
    model->source_running = running;
    model->transfer_closed = closed;
    double sway_v = chance_noise(model->seed, CHANCE_SOURCE_V, t, 45) - 0.5;
    double sway_hz = chance_noise(model->seed, CHANCE_SOURCE_HZ, t, 17) - 0.5;
    double volts = 231 + sway_v * (model->genset ? 9 : 5); // of 230
    model->source_v = running ? volts * model->source_nominal_v / 230 : 0;
    model->source_hz = running ? 50 + sway_hz * (model->genset ? 1.1 : 0.06) : 0;
}

// --- Solar -------------------------------------------------------------------------------------

// What the panels could give, of each input.
static double solar_available(const struct model *model, const struct model_solar *s,
                              unsigned input, unsigned number)
{
    double t = (double)model->time;
    double own = 0.96 + 0.06 * chance_noise(model->seed, CHANCE_PANEL + number * 2 + input, t, 40);
    double cell = model->ambient + 28 * model->sun;

    if (!s->on || model->sun < 0.003)
        return 0;
    return s->peak_w[input] * model->sun * own * (1 - 0.004 * (cell - 25));
}

static double offer(struct model *model, struct model_solar *s, unsigned number, double volts)
{
    double sum = 0;

    for (unsigned i = 0; i < s->inputs; i++)
        sum += s->pv_w[i + 1] = solar_available(model, s, i, number);
    s->pv_w[0] = sum;
    s->mode = sum > 0 ? SOLAR_CHARGING : SOLAR_NIGHT;
    double most = s->charge_limit_a * volts / mppt_efficiency;
    if (sum > most) {
        for (unsigned i = 0; i <= s->inputs; i++)
            s->pv_w[i] *= most / sum;
        s->mode = SOLAR_CURRENT_LIMITED;
    }
    return s->pv_w[0] * mppt_efficiency;
}

static void curtail(struct model_solar *s, double factor)
{
    for (unsigned i = 0; i <= s->inputs; i++)
        s->pv_w[i] *= factor;
    if (factor < 0.999 && s->mode != SOLAR_NIGHT)
        s->mode = SOLAR_VOLTAGE_LIMITED;
    s->battery_w = s->pv_w[0] * mppt_efficiency;
}

// Every solar charger, VT first; NULL behind the last.
static struct model_solar *solar_at(struct model *model, unsigned i)
{
    if (i < model->vt_count)
        return &model->vt[i];
    i -= model->vt_count;
    return i < model->vs_count ? &model->vs[i] : NULL;
}

// --- Battery -----------------------------------------------------------------------------------

// What a 48 V battery has, for this one.
static double scaled(const struct model_battery *b, double of_48)
{
    return of_48 * b->nominal_v / 48;
}

static double rest_volts(const struct model_battery *b)
{
    return scaled(b, 47.0 + 4.2 * b->soc);
}

// Ohms: a nearly full lead battery takes less and less current at the same voltage.
static double ohms(const struct model_battery *b, bool charging)
{
    double r = scaled(b, 4.6) / b->capacity_ah;

    return charging ? r * (1 + 130 * pow(b->soc, 24)) : r;
}

static double target_volts(const struct model_battery *b)
{
    return b->phase == PHASE_FLOATING ? b->floating_v : b->absorption_v;
}

// The most power that the battery takes without going above its charge voltage.
static double acceptance(const struct model_battery *b)
{
    double target = target_volts(b), over = target - rest_volts(b);

    return over > 0 ? target * over / ohms(b, true) : 0;
}

static void charge_cycle(struct model_battery *b, double dt)
{
    b->phase_s += dt;
    b->below_s = b->volts < b->new_cycle_v ? b->below_s + dt : 0;
    enum charge_phase phase = b->phase;
    if (phase == PHASE_BULK && b->amperes > 0 && b->volts >= b->absorption_v - scaled(b, 0.05))
        phase = PHASE_ABSORPTION;
    else if (phase == PHASE_ABSORPTION &&
             (b->phase_s >= 2 * 3600 || b->amperes < 0.012 * b->capacity_ah) && b->soc > 0.9)
        phase = PHASE_FLOATING;
    else if (phase != PHASE_BULK && b->below_s >= 60)
        phase = PHASE_BULK;
    if (phase != b->phase) {
        b->phase = phase;
        b->phase_s = 0;
    }
}

static void battery(struct model *model, double watts, double dt)
{
    struct model_battery *b = &model->battery;
    double rest = rest_volts(b), r = ohms(b, watts > 0);

    // volts = rest + r * amperes and watts = volts * amperes, together. More than half of the
    // short-circuit power can't be drawn: the inverters are off long before.
    double inside = rest * rest + 4 * r * watts;
    b->volts = (rest + sqrt(inside > 0 ? inside : 0)) / 2;
    b->watts = watts;
    b->amperes = watts / b->volts;

    double ah = b->amperes * dt / 3600;
    if (ah > 0) {
        b->charged_ah += ah;
        b->charged_ah_ever += ah;
        b->charged_ah_user += ah;
        b->soc += ah * 0.985 * (1 - pow(b->soc, 30)) / b->capacity_ah;
    } else {
        b->discharged_ah -= ah;
        b->discharged_ah_ever -= ah;
        b->discharged_ah_user -= ah;
        b->soc += ah / b->capacity_ah;
    }
    b->soc = clamp(b->soc, 0, 1);
    b->user_hours += dt / 3600;
    double heat = 0.3 * (model->ambient - 8) + 17 + 3 * fabs(b->amperes) / b->capacity_ah;
    b->temperature += (heat - b->temperature) * clamp(dt / 14400, 0, 1);
    charge_cycle(b, dt);
}

// --- Xtenders ----------------------------------------------------------------------------------

static unsigned running_on(const struct model *model, unsigned phase)
{
    unsigned n = 0;

    for (unsigned i = 0; i < model->xt_count; i++)
        n += model->xt[i].phase == phase && model->xt[i].on;
    return n;
}

// Without charging: what goes in and out and what the battery has to give.
static void serve(struct model *model, struct model_xt *xt)
{
    unsigned shares = xt->on ? running_on(model, xt->phase) : 0;
    double want = shares > 0 ? model->load_w[xt->phase] / shares : 0;

    xt->limit_reached = false;
    xt->transfer = xt->on && xt->transfer_allowed && model->transfer_closed;
    xt->mode = xt->transfer ? XT_CHARGER : XT_INVERTER;
    xt->in_w = xt->dc_w = xt->out_w = 0;
    if (!xt->on)
        return;
    if (xt->transfer) {
        double most = xt->input_limit_a * model->source_v;
        xt->out_w = want;
        xt->in_w = want + standby_w;
        if (xt->in_w > most && xt->boost_allowed && !model->cut_off) {
            xt->limit_reached = true;
            xt->mode = XT_BOOST;
            xt->dc_w = -(xt->in_w - most) / inverter_efficiency;
            xt->in_w = most;
        }
    } else if (xt->inverter_allowed && !model->cut_off) {
        xt->out_w = want;
        xt->dc_w = -(want / inverter_efficiency + inverter_idle_w);
    }
}

// The charger takes up to want watts (DC) for the battery; returns what it gives.
static double charge(const struct model *model, struct model_xt *xt, double want)
{
    if (!xt->transfer || !xt->charger_allowed || xt->mode == XT_BOOST || want <= 0)
        return 0;
    double room = xt->input_limit_a * model->source_v - xt->in_w;
    double dc = fmin(want, xt->charge_limit_a * model->battery.volts);
    if (dc > room * charger_efficiency) {
        dc = fmax(room, 0) * charger_efficiency;
        xt->limit_reached = true;
    }
    xt->in_w += dc / charger_efficiency;
    xt->dc_w += dc;
    return dc;
}

// Feeds up to surplus watts (DC) to the grid; returns what it takes from the battery side.
static double inject(const struct model *model, struct model_xt *xt, double surplus)
{
    if (!xt->transfer || !xt->injection_allowed || model->genset || xt->mode == XT_BOOST)
        return 0;
    double dc = fmin(surplus, xt->injection_limit_a * model->source_v / inverter_efficiency);
    if (dc < 30)
        return 0;
    xt->mode = XT_INJECTION;
    xt->in_w -= dc * inverter_efficiency;
    xt->dc_w -= dc;
    return dc;
}

// --- A step ------------------------------------------------------------------------------------

static void balance(struct model *model, double dt)
{
    struct model_solar *s;
    double volts = model->battery.volts, solar = 0, drawn = 0;

    for (unsigned i = 0; i < model->xt_count; i++) {
        serve(model, &model->xt[i]);
        drawn -= model->xt[i].dc_w;
    }
    for (unsigned i = 0; (s = solar_at(model, i)); i++)
        solar += offer(model, s, i, volts);

    double room = acceptance(&model->battery);
    double net = solar - drawn;
    double surplus = net - room;
    for (unsigned i = 0; i < model->xt_count && surplus > 0; i++) {
        double taken = inject(model, &model->xt[i], surplus);
        surplus -= taken;
        net -= taken;
    }
    double factor = surplus > 0 && solar > 0 ? fmax(0, 1 - surplus / solar) : 1;
    net -= solar * (1 - factor);
    for (unsigned i = 0; (s = solar_at(model, i)); i++)
        curtail(s, factor);
    // With a charger in parallel each takes its part of what the battery still accepts.
    for (unsigned i = 0; i < model->xt_count; i++)
        net += charge(model, &model->xt[i], (room - net) / (double)(model->xt_count - i));
    battery(model, net, dt);

    model->loss_w = 0;
    for (unsigned i = 0; i < model->xt_count; i++) {
        const struct model_xt *xt = &model->xt[i];
        model->loss_w += xt->in_w - xt->out_w - xt->dc_w;
    }
    for (unsigned i = 0; (s = solar_at(model, i)); i++)
        model->loss_w += s->pv_w[0] - s->battery_w;
}

static void protect(struct model *model)
{
    const struct model_battery *b = &model->battery;

    if (!model->cut_off && b->soc < 0.02) {
        model->cut_off = true;
        tell(model, 19, 101); // battery undervoltage
    } else if (model->cut_off && b->soc > 0.12) {
        model->cut_off = false;
    }
}

static double approach(double from, double to, double dt, double period)
{
    return from + (to - from) * clamp(dt / period, 0, 1);
}

static void xt_follow(struct model *model, struct model_xt *xt, double dt, bool full)
{
    double hours = dt / 3600, through = fmax(xt->out_w, fabs(xt->dc_w)) / xt->nominal_va;
    double out_hz = xt->on && xt->out_w > 0 ? (xt->transfer ? model->source_hz : 50) : 0;

    xt->temperature_1 = approach(xt->temperature_1, model->ambient + 9 + 34 * through, dt, 600);
    xt->temperature_2 = approach(xt->temperature_2, model->ambient + 12 + 42 * through, dt, 300);
    if (xt->in_w > 0)
        xt->in_kwh += xt->in_w * hours / 1000;
    xt->out_kwh += xt->out_w * hours / 1000;
    if (xt->dc_w < 0)
        xt->discharge_kwh -= xt->dc_w * hours / 1000;

    const double now[XT_MINUTES] = {
        [XT_MINUTE_BATTERY_V] = model->battery.volts,
        [XT_MINUTE_BATTERY_A] = xt->dc_w / model->battery.volts,
        [XT_MINUTE_OUT_KVA] = xt->out_w / 1000 / 0.96,
        [XT_MINUTE_OUT_KW] = xt->out_w / 1000,
        [XT_MINUTE_TEMPERATURE_1] = xt->temperature_1,
        [XT_MINUTE_TEMPERATURE_2] = xt->temperature_2,
        [XT_MINUTE_OUT_HZ] = out_hz,
        [XT_MINUTE_IN_V] = model->source_v,
        [XT_MINUTE_IN_A] = model->source_v > 0 ? xt->in_w / model->source_v / 0.98 : 0,
        [XT_MINUTE_IN_KW] = xt->in_w / 1000,
        [XT_MINUTE_IN_HZ] = model->source_hz,
    };
    for (unsigned i = 0; i < XT_MINUTES; i++)
        minute_add(&xt->minute[i], now[i], dt, full);
}

// Panels work near 80 % of their open voltage, higher when less is taken from them.
static void solar_volts(const struct model *model, struct model_solar *s)
{
    double sum = 0;

    for (unsigned i = 0; i < s->inputs; i++) {
        double open = s->open_v[i] * (1 - 0.003 * (model->ambient + 28 * model->sun - 25));
        double could = s->peak_w[i] * model->sun;
        double used = could > 0 ? clamp(s->pv_w[i + 1] / could, 0, 1) : 0;
        double light = clamp(model->sun * 60, 0, 1);
        s->pv_v[i + 1] = open * light * (0.98 - 0.18 * used);
        sum += s->pv_v[i + 1];
    }
    s->pv_v[0] = s->inputs > 0 ? sum / s->inputs : 0;
}

static void solar_follow(struct model *model, struct model_solar *s, double dt, bool full)
{
    double hours = dt / 3600, amperes = s->battery_w / model->battery.volts;
    double rated = s->peak_w[0] + s->peak_w[1];

    solar_volts(model, s);
    for (unsigned i = 0; i <= s->inputs; i++) {
        double kwh = s->pv_w[i] * hours / 1000;
        s->kwh[i] += kwh;
        s->kwh_ever[i] += kwh;
        s->kwh_resettable[i] += kwh;
        s->max_v[i] = fmax(s->max_v[i], s->pv_v[i]);
        s->max_kw[i] = fmax(s->max_kw[i], s->pv_w[i] / 1000);
    }
    s->ah += amperes * hours;
    s->max_battery_a = fmax(s->max_battery_a, amperes);
    s->max_battery_v = fmax(s->max_battery_v, model->battery.volts);
    s->min_battery_v = fmin(s->min_battery_v, model->battery.volts);
    s->sun_hours += model->sun * hours;
    if (model->battery.phase == PHASE_ABSORPTION && s->battery_w > 0)
        s->absorption_hours += hours;
    double through = rated > 0 ? s->pv_w[0] / rated : 0;
    s->temperature_1 = approach(s->temperature_1, model->ambient + 8 + 30 * through, dt, 500);
    s->temperature_2 = approach(s->temperature_2, model->ambient + 10 + 36 * through, dt, 300);

    const double now[SOLAR_MINUTES] = {
        [SOLAR_MINUTE_BATTERY_V] = model->battery.volts,
        [SOLAR_MINUTE_BATTERY_A] = amperes,
        [SOLAR_MINUTE_PV_V] = s->pv_v[0],
        [SOLAR_MINUTE_PV1_V] = s->pv_v[1],
        [SOLAR_MINUTE_PV2_V] = s->pv_v[2],
        [SOLAR_MINUTE_PV_KW] = s->pv_w[0] / 1000,
        [SOLAR_MINUTE_PV1_KW] = s->pv_w[1] / 1000,
        [SOLAR_MINUTE_PV2_KW] = s->pv_w[2] / 1000,
        [SOLAR_MINUTE_BATTERY_C] = model->battery.temperature,
        [SOLAR_MINUTE_TEMPERATURE_1] = s->temperature_1,
        [SOLAR_MINUTE_TEMPERATURE_2] = s->temperature_2,
    };
    for (unsigned i = 0; i < SOLAR_MINUTES; i++)
        minute_add(&s->minute[i], now[i], dt, full);
}

static void solar_new_day(const struct model *model, struct model_solar *s)
{
    for (unsigned i = 0; i <= 2; i++) {
        s->kwh_before[i] = s->kwh[i];
        s->kwh[i] = s->max_v[i] = s->max_kw[i] = 0;
    }
    s->ah_before = s->ah;
    s->sun_hours_before = s->sun_hours;
    s->ah = s->sun_hours = s->absorption_hours = s->max_battery_a = 0;
    s->max_battery_v = s->min_battery_v = model->battery.volts;
}

static void new_day(struct model *model)
{
    struct model_battery *b = &model->battery;
    struct model_solar *s;

    for (unsigned i = 0; i < model->xt_count; i++) {
        struct model_xt *xt = &model->xt[i];
        xt->in_kwh_before = xt->in_kwh;
        xt->out_kwh_before = xt->out_kwh;
        xt->discharge_kwh_before = xt->discharge_kwh;
        xt->in_kwh = xt->out_kwh = xt->discharge_kwh = 0;
    }
    for (unsigned i = 0; (s = solar_at(model, i)); i++)
        solar_new_day(model, s);
    b->charged_ah_before = b->charged_ah;
    b->discharged_ah_before = b->discharged_ah;
    b->charged_ah = b->discharged_ah = 0;
}

static void step(struct model *model, int64_t seconds)
{
    double dt = (double)seconds;
    struct model_battery *b = &model->battery;
    struct model_solar *s;

    model->time += seconds;
    bool full = model->time / 60 != (model->time - seconds) / 60;
    int64_t day = (model->time + model->offset) / DAY_S;
    // Counters are closed at midnight; a clock that is set back closes nothing.
    if (day > model->day)
        new_day(model);
    model->day = day;

    weather(model);
    loads(model);
    source(model, dt);
    balance(model, dt);
    protect(model);
    for (unsigned i = 0; i < model->xt_count; i++)
        xt_follow(model, &model->xt[i], dt, full);
    for (unsigned i = 0; (s = solar_at(model, i)); i++)
        solar_follow(model, s, dt, full);
    minute_add(&b->minute[BATTERY_MINUTE_V], b->volts, dt, full);
    minute_add(&b->minute[BATTERY_MINUTE_A], b->amperes, dt, full);
    minute_add(&b->minute[BATTERY_MINUTE_SOC], b->soc * 100, dt, full);
    minute_add(&b->minute[BATTERY_MINUTE_C], b->temperature, dt, full);
}

void model_begin(struct model *model)
{
    struct model_battery *b = &model->battery;
    struct model_solar *s;

    weather(model);
    model->day = (model->time + model->offset) / DAY_S;
    b->soc = 0.62;
    b->volts = rest_volts(b);
    b->temperature = 17 + 0.3 * (model->ambient - 8);
    b->phase = PHASE_BULK;
    for (unsigned i = 0; i < model->xt_count; i++)
        model->xt[i].temperature_1 = model->xt[i].temperature_2 = model->ambient + 12;
    for (unsigned i = 0; (s = solar_at(model, i)); i++) {
        s->temperature_1 = s->temperature_2 = model->ambient + 9;
        s->max_battery_v = s->min_battery_v = b->volts;
    }
}

void model_run(struct model *model, int64_t time, int64_t step_s)
{
    while (model->time + step_s <= time)
        step(model, step_s);
}
