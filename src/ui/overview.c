// SPDX-License-Identifier: MIT
// The overview: where does the energy go, what do the devices do, is all well? Sources of the
// formulas: reference field.md, section 4 "Energy flow".
#include "ui/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/devices.h"
#include "ui/health.h"
#include "ui/layout.h"
#include "ui/messages.h"
#include "ui/pins.h"
#include "ui/widgets.h"

enum { MODE_GENERATOR = 5 }; // 3054, 3055: "G"

static const double FLOW_MIN_KW = 0.005; // less is shown as 0.00: nothing flows

#define SUM_OF(f, i)                                                                               \
    {                                                                                              \
        .family = (f), .index = PLANT_SUM, .id = (i)                                               \
    }
#define AVERAGE_OF(f, i)                                                                           \
    {                                                                                              \
        .family = (f), .index = PLANT_AVERAGE, .id = (i)                                           \
    }
#define FIRST_OF(f, i)                                                                             \
    {                                                                                              \
        .family = (f), .index = 1, .id = (i)                                                       \
    }
static const struct plant_ref main_values[] = {
    SUM_OF(FAMILY_XT, 3136),  SUM_OF(FAMILY_XT, 3137),    SUM_OF(FAMILY_XT, 3005),
    SUM_OF(FAMILY_VT, 11004), SUM_OF(FAMILY_VT, 11001),   SUM_OF(FAMILY_VS, 15010),
    SUM_OF(FAMILY_VS, 15001), FIRST_OF(FAMILY_BSP, 7003), FIRST_OF(FAMILY_BMS, 7003),
};
static const struct plant_ref xt_volt = AVERAGE_OF(FAMILY_XT, 3000);
static const struct plant_ref vt_volt = AVERAGE_OF(FAMILY_VT, 11000);
static const struct plant_ref vs_volt = AVERAGE_OF(FAMILY_VS, 15000);
enum { MAIN_VALUES = sizeof main_values / sizeof *main_values };

// Where energy comes from or goes to, in the order of the trends.
enum side { SOLAR, LOADS, BATTERY, GRID, SIDES };

static const struct {
    const char *title;
    enum role role;
    int source; // 1: a positive power comes from there; -1: it goes there
} sides[SIDES] = {
    [SOLAR] = {"Solar", ROLE_SOLAR, 1},
    [LOADS] = {"Loads", ROLE_LOAD, -1},
    [BATTERY] = {"Battery", ROLE_BATTERY, -1},
    [GRID] = {"Grid", ROLE_GRID, 1},
};

// Everything that the picture of the energy shows.
struct energy {
    bool has_xt, has_vt, has_vs, has_monitor;
    bool generator; // what comes in is a generator's
    struct {
        struct reading kw, volt, hertz;
        struct reading today; // of the battery: what was drawn from it
    } at[SIDES];
    struct reading mode, phase, transfer;
    struct reading vt_kw, vs_kw;
    struct reading soc, ampere, celsius; // of the battery
    struct reading exchange_kw;          // from the inverters to the battery
};

static unsigned count_family(const struct ui *ui, enum family family)
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices);
    unsigned found = 0;

    for (size_t i = 0; i < count; i++)
        found += devices[i].family == family;
    return found;
}

// The battery's voltage, as the devices at it measure it.
static struct plant_ref battery_volt(const struct ui *ui)
{
    bool has_xt = count_family(ui, FAMILY_XT) > 0;

    return !has_xt && count_family(ui, FAMILY_VT) > 0   ? vt_volt
           : !has_xt && count_family(ui, FAMILY_VS) > 0 ? vs_volt
                                                        : xt_volt;
}

void overview_subscribe(struct ui *ui)
{
    struct plant_ref refs[MAIN_VALUES + 1], volt = battery_volt(ui);
    struct subscription *former = ui->background;

    // A monitor knows the power; else, without inverters, it takes what the chargers measure.
    if (count_family(ui, ui_battery_family(ui)) > 0)
        volt = xt_volt;
    if (former && volt.family == ui->background_volt)
        return;
    memcpy(refs, main_values, sizeof main_values);
    refs[MAIN_VALUES] = volt;
    ui->background = plant_subscribe(ui->plant, refs, MAIN_VALUES + 1, UI_BACKGROUND_PERIOD,
                                     PRIORITY_BACKGROUND);
    ui->background_volt = volt.family;
    plant_unsubscribe(ui->plant, former);
}

static struct reading sum(struct ui *ui, enum family family, unsigned id)
{
    return ui_read(ui, family, PLANT_SUM, id);
}

// What two families make together; one that isn't there adds nothing.
static struct reading both(bool has_a, struct reading a, bool has_b, struct reading b)
{
    if (has_a && has_b)
        return reading_plus(a, b);
    if (!has_a && !has_b)
        return (struct reading){.quality = QUALITY_ABSENT, .number = NAN};
    return has_a ? a : b;
}

// A generator feeds in when an auxiliary relay that starts one (mode G) is closed [infer].
static bool generator_runs(struct ui *ui)
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices);
    bool runs = false;

    for (size_t i = 0; i < count; i++) {
        if (devices[i].family != FAMILY_XT)
            continue;
        for (unsigned aux = 0; aux < 2; aux++) {
            struct reading mode = ui_read(ui, FAMILY_XT, devices[i].index, 3054 + aux);
            struct reading relay = ui_read(ui, FAMILY_XT, devices[i].index, 3031 + aux);
            runs |= mode.number == MODE_GENERATOR && relay.number == 1;
        }
    }
    return runs;
}

static struct reading product(struct reading a, struct reading b)
{
    struct reading result = reading_plus(a, b);
    result.number = a.number * b.number;
    return result;
}

static void read_battery(struct ui *ui, struct energy *e)
{
    struct plant_ref volt_ref = battery_volt(ui);
    struct reading volt = ui_read_ref(ui, &volt_ref);
    struct reading from_xt = sum(ui, FAMILY_XT, 3005);

    e->exchange_kw = reading_times(product(volt, from_xt), 0.001);
    e->at[BATTERY].today = sum(ui, FAMILY_XT, 3078);
    if (e->has_monitor) {
        enum family family = ui_battery_family(ui);
        e->soc = ui_read(ui, family, 1, 7002);
        e->at[BATTERY].volt = ui_read(ui, family, 1, 7000);
        e->ampere = ui_read(ui, family, 1, 7001);
        e->at[BATTERY].kw = reading_times(ui_read(ui, family, 1, 7003), 0.001);
        e->celsius = ui_read(ui, family, 1, 7029);
        return;
    }
    // Without a monitor the currents of all that is at the battery make the power.
    struct reading solar =
        both(e->has_vt, sum(ui, FAMILY_VT, 11001), e->has_vs, sum(ui, FAMILY_VS, 15001));
    e->at[BATTERY].volt = volt;
    e->ampere = both(e->has_xt, from_xt, e->has_vt || e->has_vs, solar);
    e->at[BATTERY].kw = reading_times(product(e->at[BATTERY].volt, e->ampere), 0.001);
    e->soc = ui_read(ui, FAMILY_XT, 1, 3007);
    e->celsius = ui_read(ui, FAMILY_XT, 1, 3001);
}

static void read_energy(struct ui *ui, struct energy *e)
{
    e->has_xt = count_family(ui, FAMILY_XT) > 0;
    e->has_vt = count_family(ui, FAMILY_VT) > 0;
    e->has_vs = count_family(ui, FAMILY_VS) > 0;
    e->has_monitor = count_family(ui, ui_battery_family(ui)) > 0;
    e->generator = generator_runs(ui);
    // Of several inverters the first stands for the line; in a three-phase system for L1.
    e->at[GRID].kw = sum(ui, FAMILY_XT, 3137);
    e->at[GRID].volt = ui_read(ui, FAMILY_XT, 1, 3011);
    e->at[GRID].hertz = ui_read(ui, FAMILY_XT, 1, 3084);
    e->at[GRID].today = sum(ui, FAMILY_XT, 3081);
    e->mode = ui_read(ui, FAMILY_XT, 1, 3028);
    e->phase = ui_read(ui, FAMILY_XT, 1, 3010);
    e->transfer = ui_read(ui, FAMILY_XT, 1, 3020);
    e->at[LOADS].kw = sum(ui, FAMILY_XT, 3136);
    e->at[LOADS].volt = ui_read(ui, FAMILY_XT, 1, 3021);
    e->at[LOADS].hertz = ui_read(ui, FAMILY_XT, 1, 3085);
    e->at[LOADS].today = sum(ui, FAMILY_XT, 3083);
    if (e->has_vt)
        e->vt_kw = sum(ui, FAMILY_VT, 11004);
    if (e->has_vs)
        e->vs_kw = sum(ui, FAMILY_VS, 15010);
    e->at[SOLAR].kw = both(e->has_vt, e->vt_kw, e->has_vs, e->vs_kw);
    struct reading none = {.number = NAN};
    e->at[SOLAR].today = both(e->has_vt, e->has_vt ? sum(ui, FAMILY_VT, 11007) : none, e->has_vs,
                              e->has_vs ? sum(ui, FAMILY_VS, 15017) : none);
    read_battery(ui, e);
}

static const char *title_of(const struct energy *e, enum side side)
{
    return side == GRID && e->generator ? "Genset" : sides[side].title;
}

// --- Trends --------------------------------------------------------------------------------------

// What several families make together. As of the sum that both() makes: while one of those that
// are there isn't known, it isn't either.
struct total {
    float *samples;
    size_t count;
    bool any;
};

static void add_history(struct ui *ui, struct total *total, bool there, enum family family,
                        unsigned id)
{
    float more[TREND_SAMPLES_MAX];

    if (!there)
        return;
    ui_history(ui, family, PLANT_SUM, id, more, total->count);
    for (size_t i = 0; i < total->count; i++)
        total->samples[i] = total->any ? total->samples[i] + more[i] : more[i];
    total->any = true;
}

// Of one of the main powers, in kW.
static void trend_samples(struct ui *ui, const struct energy *e, enum side side, float *samples,
                          size_t count)
{
    struct total total = {samples, count, false};
    struct plant_ref volt_ref;
    float volt[TREND_SAMPLES_MAX];

    for (size_t i = 0; i < count; i++)
        samples[i] = NAN;
    switch (side) {
    case LOADS:
        ui_history(ui, FAMILY_XT, PLANT_SUM, 3136, samples, count);
        return;
    case GRID:
        ui_history(ui, FAMILY_XT, PLANT_SUM, 3137, samples, count);
        return;
    case SOLAR:
        add_history(ui, &total, e->has_vt, FAMILY_VT, 11004);
        add_history(ui, &total, e->has_vs, FAMILY_VS, 15010);
        return;
    case BATTERY:
        if (e->has_monitor) {
            ui_history(ui, ui_battery_family(ui), 1, 7003, samples, count);
            for (size_t i = 0; i < count; i++)
                samples[i] /= 1000;
            return;
        }
        add_history(ui, &total, e->has_xt, FAMILY_XT, 3005);
        add_history(ui, &total, e->has_vt, FAMILY_VT, 11001);
        add_history(ui, &total, e->has_vs, FAMILY_VS, 15001);
        volt_ref = battery_volt(ui);
        ui_history(ui, volt_ref.family, volt_ref.index, volt_ref.id, volt, count);
        for (size_t i = 0; i < count; i++)
            samples[i] *= volt[i] / 1000;
        return;
    case SIDES:
        break;
    }
}

static void draw_trend(struct ui *ui, struct canvas *canvas, struct rect area,
                       const struct energy *e, enum side side)
{
    float samples[TREND_SAMPLES_MAX];
    size_t count = area.width < TREND_SAMPLES_MAX ? (size_t)area.width : TREND_SAMPLES_MAX;

    if (area.width <= 0)
        return;
    trend_samples(ui, e, side, samples, count);
    widget_chart(canvas, area, samples, count, sides[side].role);
}

// What the height of a chart stands for: the value farthest from 0.
static void draw_peak(struct ui *ui, struct canvas *canvas, int x, int y, size_t count,
                      const struct energy *e, enum side side)
{
    float samples[TREND_SAMPLES_MAX];
    struct reading peak = {.quality = QUALITY_FRESH, .number = NAN};

    count = count < TREND_SAMPLES_MAX ? count : TREND_SAMPLES_MAX;
    trend_samples(ui, e, side, samples, count);
    for (size_t i = 0; i < count; i++)
        if (!isnan(samples[i]) &&
            (isnan(peak.number) || fabs((double)samples[i]) > fabs(peak.number)))
            peak.number = (double)samples[i];
    if (!reading_has_number(&peak))
        return;
    canvas_text(canvas, x, y, ROLE_DIM, "peak");
    widget_number(canvas, x + 10, y, 5, &peak, (struct number_style){2, false}, ROLE_DIM);
}

static void draw_trends(struct ui *ui, struct canvas *canvas, struct rect area, unsigned charts,
                        const struct energy *e)
{
    char age[16], remark[32];
    double seconds = (double)(loop_now(ui->loop) - ui->started) / LOOP_S;

    if (area.height < 3)
        return;
    snprintf(remark, sizeof remark, "last %s",
             text_age(age, sizeof age,
                      seconds < 60     ? 60
                      : seconds < 3600 ? floor(seconds / 60) * 60
                                       : 3600));
    widget_rule(canvas, area, "Trends", remark);
    int width = area.width / (int)charts;
    for (unsigned i = 0; i < charts; i++) {
        int x = area.x + (int)i * width + 1;
        struct rect chart = {x, area.y + 2, width - 3, area.height - 2};
        enum role role = sides[i].role;
        canvas_text(canvas, x, area.y + 1, role, title_of(e, (enum side)i));
        widget_number(canvas, x + width - 6, area.y + 1, 8, &e->at[i].kw,
                      (struct number_style){2, i == BATTERY}, role);
        canvas_text(canvas, x + width - 5, area.y + 1, ROLE_DIM, "kW");
        draw_trend(ui, canvas, chart, e, (enum side)i);
        if (width >= 30)
            draw_peak(ui, canvas, x + 8, area.y + 1, (size_t)chart.width, e, (enum side)i);
    }
}

// --- The picture ---------------------------------------------------------------------------------

// 1 if energy flows in the sense of the number, -1 against it, 0 if none does or nobody knows.
static int direction(const struct reading *kw)
{
    if (!reading_has_number(kw) || fabs(kw->number) < FLOW_MIN_KW)
        return 0;
    return kw->number > 0 ? 1 : -1;
}

// A number with its unit: the number ends before x_end, the unit stands behind.
static void with_unit(struct canvas *canvas, int x_end, int y, int width,
                      const struct reading *reading, int decimals, bool sign, const char *unit,
                      enum role role)
{
    widget_number(canvas, x_end, y, width, reading, (struct number_style){decimals, sign}, role);
    canvas_text(canvas, x_end + 1, y, ROLE_DIM, unit);
}

// Numbers in a box stand in two columns, that begin at its x and end before these.
struct columns {
    int x, left, right;
};

static struct columns columns_of(struct rect box)
{
    int x = box.x + 2;

    return (struct columns){x, x + 6, x + (box.width >= 32 ? 24 : box.width >= 26 ? 18 : 14)};
}

// A word, and the number that belongs to it in the right column.
static void draw_sum(struct canvas *canvas, struct columns columns, int y, const char *word,
                     const struct reading *reading, int decimals, const char *unit)
{
    canvas_text(canvas, columns.x, y, ROLE_DIM, word);
    with_unit(canvas, columns.right, y, 6, reading, decimals, false, unit, ROLE_VALUE);
}

// What is behind the number and unit of a box's left column.
static struct rect beside_left(struct rect box, int y)
{
    return (struct rect){box.x + 12, y, box.width - 14, 1};
}

static const char *count_text(char *out, size_t size, const struct ui *ui, enum family family)
{
    unsigned known = count_family(ui, family), there = plant_family_count(ui->plant, family);

    if (there < known)
        snprintf(out, size, "%s: %u of %u", family_name(family), there, known);
    else
        snprintf(out, size, "%s ×%u", family_name(family), known);
    return out;
}

// The grid or the loads: what is on the inverters' AC side.
static void draw_ac_box(struct ui *ui, struct canvas *canvas, const struct energy *e,
                        struct rect box, enum side side)
{
    enum role role = sides[side].role;
    struct columns columns = columns_of(box);
    int y = box.y + 1;

    widget_box(canvas, box, title_of(e, side),
               side == GRID && direction(&e->at[GRID].kw) < 0 ? "feeding" : "", role);
    if (!e->has_xt) {
        canvas_text(canvas, columns.x, y, ROLE_DIM, "not measured");
        return;
    }
    with_unit(canvas, columns.left, y, 6, &e->at[side].kw, 2, false, "kW", role);
    draw_trend(ui, canvas, beside_left(box, y), e, side);
    with_unit(canvas, columns.left, y + 1, 6, &e->at[side].volt, 1, false, "V", ROLE_VALUE);
    with_unit(canvas, columns.right, y + 1, 5, &e->at[side].hertz, 1, false, "Hz", ROLE_VALUE);
    draw_sum(canvas, columns, y + 2, "today", &e->at[side].today, 1, "kWh");
}

static void draw_inverter_box(struct ui *ui, struct canvas *canvas, const struct energy *e,
                              struct rect box)
{
    char remark[40];
    int x = box.x + 2, y = box.y + 1, width = box.width - 4;

    widget_box(canvas, box, "Inverters",
               e->has_xt ? count_text(remark, sizeof remark, ui, FAMILY_XT) : "", ROLE_TITLE);
    if (!e->has_xt) {
        canvas_text(canvas, x, y, ROLE_DIM, "none found");
        return;
    }
    widget_text(canvas, x, y, width, &e->mode, ROLE_TITLE);
    widget_text(canvas, x, y + 1, width, &e->phase, ROLE_VALUE);
    int end = canvas_text(canvas, x, y + 2, ROLE_DIM, "transfer ");
    widget_text(canvas, end, y + 2, width - 9, &e->transfer, ROLE_VALUE);
}

static void draw_solar_box(struct ui *ui, struct canvas *canvas, const struct energy *e,
                           struct rect box)
{
    struct columns columns = columns_of(box);
    char name[40];
    int y = box.y + 1;

    widget_box(canvas, box, "Solar", "", ROLE_SOLAR);
    if (!e->has_vt && !e->has_vs) {
        canvas_text(canvas, columns.x, y, ROLE_DIM, "no charger found");
        return;
    }
    with_unit(canvas, columns.left, y, 6, &e->at[SOLAR].kw, 2, false, "kW", ROLE_SOLAR);
    draw_trend(ui, canvas, beside_left(box, y), e, SOLAR);
    if (e->has_vt)
        draw_sum(canvas, columns, ++y, count_text(name, sizeof name, ui, FAMILY_VT), &e->vt_kw, 2,
                 "kW");
    if (e->has_vs)
        draw_sum(canvas, columns, ++y, count_text(name, sizeof name, ui, FAMILY_VS), &e->vs_kw, 2,
                 "kW");
    draw_sum(canvas, columns, ++y, "today", &e->at[SOLAR].today, 1, "kWh");
}

static double share_of(const struct reading *percent)
{
    return reading_has_number(percent) ? percent->number / 100 : NAN;
}

static void draw_battery_box(struct ui *ui, struct canvas *canvas, const struct energy *e,
                             struct rect box)
{
    struct columns columns = columns_of(box);
    struct rect bar = beside_left(box, box.y + 1);
    int y = box.y + 1;

    widget_box(canvas, box, "Battery",
               e->has_monitor ? family_name(ui_battery_family(ui)) : "estimate", ROLE_BATTERY);
    with_unit(canvas, columns.left, y, 5, &e->soc, 0, false, "%", ROLE_BATTERY);
    widget_bar(canvas, bar.x, y, bar.width, share_of(&e->soc), widget_role(&e->soc, ROLE_BATTERY));
    with_unit(canvas, columns.left, y + 1, 6, &e->at[BATTERY].volt, 1, false, "V", ROLE_VALUE);
    with_unit(canvas, columns.right, y + 1, 7, &e->ampere, 1, true, "A", ROLE_VALUE);
    with_unit(canvas, columns.left, y + 2, 6, &e->at[BATTERY].kw, 2, true, "kW", ROLE_BATTERY);
    draw_trend(ui, canvas, beside_left(box, y + 2), e, BATTERY);
    with_unit(canvas, columns.left, y + 3, 6, &e->celsius, 1, false, "°C", ROLE_VALUE);
    if (!e->has_xt)
        return;
    // What the inverters have drawn.
    int end = canvas_text(canvas, bar.x, y + 3, ROLE_DIM, "out");
    if (columns.right - end > 10)
        canvas_text(canvas, end + 1, y + 3, ROLE_DIM, "today");
    with_unit(canvas, columns.right, y + 3, 4, &e->at[BATTERY].today, 1, false, "kWh", ROLE_VALUE);
}

// A wire from x to x_end with an arrow head where the energy goes, as of the last good value.
static void draw_wire(struct canvas *canvas, int x, int x_end, int y, const struct reading *kw,
                      enum role role)
{
    int flow = direction(kw);

    role = widget_role(kw, role);
    canvas_fill(canvas, (struct rect){x, y, x_end - x, 1}, flow ? role : ROLE_DIM,
                flow ? 0x2550 : 0x2500);
    if (flow > 0)
        canvas_text(canvas, x_end - 1, y, role, "►");
    else if (flow < 0)
        canvas_text(canvas, x, y, role, "◄");
}

static void draw_wires(struct canvas *canvas, const struct energy *e,
                       const struct overview_layout *layout)
{
    const struct rect *grid = &layout->grid, *inverters = &layout->inverters;
    const struct rect *loads = &layout->loads, *wires = &layout->wires;
    int upper_y = grid->y + 2, lower_y = wires->y + 2;
    int node_x = inverters->x + inverters->width / 2;
    int exchange = direction(&e->exchange_kw), battery = direction(&e->at[BATTERY].kw);

    draw_wire(canvas, grid->x + grid->width, inverters->x, upper_y, &e->at[GRID].kw, ROLE_GRID);
    draw_wire(canvas, inverters->x + inverters->width, loads->x, upper_y, &e->at[LOADS].kw,
              ROLE_LOAD);
    draw_wire(canvas, wires->x, node_x, lower_y, &e->at[SOLAR].kw, ROLE_SOLAR);
    draw_wire(canvas, node_x + 1, wires->x + wires->width, lower_y, &e->at[BATTERY].kw,
              ROLE_BATTERY);
    canvas_text(canvas, node_x, lower_y, exchange || battery ? ROLE_TEXT : ROLE_DIM, "●");
    if (!e->has_xt)
        return;
    enum role role = exchange ? widget_role(&e->exchange_kw, ROLE_BATTERY) : ROLE_DIM;
    canvas_text(canvas, node_x, lower_y - 2, role, exchange < 0 ? "▲" : exchange > 0 ? "║" : "│");
    canvas_text(canvas, node_x, lower_y - 1, role, exchange < 0 ? "║" : exchange > 0 ? "▼" : "│");
    struct reading size = e->exchange_kw;
    size.number = fabs(size.number);
    with_unit(canvas, node_x + 8, lower_y - 1, 6, &size, 2, false, "kW", ROLE_VALUE);
}

static void draw_boxes(struct ui *ui, struct canvas *canvas, const struct energy *e,
                       const struct overview_layout *layout)
{
    draw_ac_box(ui, canvas, e, layout->grid, GRID);
    draw_inverter_box(ui, canvas, e, layout->inverters);
    draw_ac_box(ui, canvas, e, layout->loads, LOADS);
    draw_solar_box(ui, canvas, e, layout->solar);
    draw_battery_box(ui, canvas, e, layout->battery);
    draw_wires(canvas, e, layout);
}

// --- The same in four lines ----------------------------------------------------------------------

// Voltage, and the energy of the day or the battery's temperature, in 24 columns.
static void draw_details(struct canvas *canvas, const struct energy *e, int x, int y,
                         enum side side)
{
    if (side != SOLAR)
        with_unit(canvas, x + 5, y, 5, &e->at[side].volt, 1, false, "V", ROLE_VALUE);
    if (side == BATTERY) {
        with_unit(canvas, x + 19, y, 5, &e->celsius, 1, false, "°C", ROLE_VALUE);
        return;
    }
    canvas_text(canvas, x + 8, y, ROLE_DIM, "today");
    with_unit(canvas, x + 19, y, 5, &e->at[side].today, 1, false, "kWh", ROLE_VALUE);
}

static void draw_line(struct ui *ui, struct canvas *canvas, const struct energy *e,
                      struct rect area, enum side side)
{
    enum { DETAILS_FROM = 66, DETAILS = 24 };
    static const char *const words[] = {"  to", "", "from"};
    const struct reading *kw = &e->at[side].kw;
    enum role role = sides[side].role;
    int x = area.x + 1, y = area.y, end = area.x + area.width - 1;
    int details_x = area.x + area.width - DETAILS;

    canvas_text(canvas, x, y, ROLE_DIM, words[sides[side].source * direction(kw) + 1]);
    canvas_text(canvas, x + 5, y, role, title_of(e, side));
    with_unit(canvas, x + 19, y, 6, kw, 2, side == BATTERY, "kW", role);
    if (area.width >= DETAILS_FROM) {
        draw_details(canvas, e, details_x, y, side);
        end = details_x - 2;
    }
    if (side != BATTERY) {
        draw_trend(ui, canvas, (struct rect){x + 23, y, end - x - 23, 1}, e, side);
        return;
    }
    with_unit(canvas, x + 26, y, 3, &e->soc, 0, false, "%", role);
    widget_bar(canvas, x + 29, y, end - x - 29, share_of(&e->soc), widget_role(&e->soc, role));
}

static void draw_lines(struct ui *ui, struct canvas *canvas, const struct energy *e,
                       const struct overview_layout *layout)
{
    draw_line(ui, canvas, e, layout->grid, GRID);
    draw_line(ui, canvas, e, layout->solar, SOLAR);
    draw_line(ui, canvas, e, layout->loads, LOADS);
    draw_line(ui, canvas, e, layout->battery, BATTERY);
}

// --- The view ------------------------------------------------------------------------------------

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct energy energy = {0};

    if (ui_draw_waiting(ui, canvas, area))
        return;
    struct overview_layout layout = layout_overview(area, devices_rows(ui), (int)ui->pins->count);
    read_energy(ui, &energy);
    if (layout.boxes)
        draw_boxes(ui, canvas, &energy, &layout);
    else
        draw_lines(ui, canvas, &energy, &layout);
    health_draw(ui, canvas, layout.health,
                energy.has_xt                    ? &energy.at[LOADS].kw
                : energy.has_vt || energy.has_vs ? &energy.at[SOLAR].kw
                                                 : &energy.at[BATTERY].kw);
    pins_draw(ui, canvas, layout.pins, layout.pin_columns, layout.pin_title);
    devices_draw(ui, canvas, layout.devices);
    if (layout.trend_count)
        draw_trends(ui, canvas, layout.trends, layout.trend_count, &energy);
    messages_draw(ui, canvas, layout.messages);
}

static void act(struct ui *ui, enum action action)
{
    if (action == ACTION_ENTER)
        devices_open(ui);
    else if (action == ACTION_IDENTIFY)
        devices_identify(ui);
    else if (action == ACTION_GRAPH)
        devices_graph(ui);
    else if (action == ACTION_COLUMNS)
        devices_columns(ui);
    else if (action == ACTION_PIN || action == ACTION_LEFT || action == ACTION_RIGHT ||
             action == ACTION_MOVE_UP || action == ACTION_MOVE_DOWN)
        pins_act(ui, action);
    else
        scroll_act(&ui->overview, action);
}

const struct view overview_view = {draw, act};
