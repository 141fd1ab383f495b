// SPDX-License-Identifier: MIT
// What a person must know before changing a parameter.
#include "catalogue/catalogue.h"

#include <math.h>

#include "catalogue/tables.h"

// Parameter 5119 of the gateway makes a device's lights blink; it is no setting of the gateway.

// --- Effects -----------------------------------------------------------------------------------

enum effect datapoint_effect(const struct datapoint *dp)
{
    return (enum effect)dp->effect;
}

const char *datapoint_effect_reason(const struct datapoint *dp)
{
    return tables_text(dp->effect_reason);
}

const char *effect_name(enum effect effect)
{
    static const char names[][12] = {
        [EFFECT_NONE] = "none",   [EFFECT_HARMLESS] = "harmless", [EFFECT_CAUTION] = "caution",
        [EFFECT_STOP] = "stop",   [EFFECT_CLOCK] = "clock",       [EFFECT_RESTART] = "restart",
        [EFFECT_RESET] = "reset", [EFFECT_ERASE] = "erase",       [EFFECT_DANGER] = "danger",
    };
    return (unsigned)effect < sizeof names / sizeof *names ? names[effect] : "";
}

const char *effect_word(enum effect effect)
{
    return effect < EFFECT_STOP ? NULL : effect_name(effect);
}

bool datapoint_is_dangerous(const struct datapoint *dp)
{
    return effect_word((enum effect)dp->effect) != NULL;
}

// --- Limits of an installation -----------------------------------------------------------------

// A number of which nobody knows whether it is a or b.
static double agreed(double a, double b)
{
    return a == b ? a : NAN;
}

static struct datapoint_limits limits_at_ac(const struct datapoint *dp, double ac_v)
{
    static const double made_for_120v_below = 180; // -01 devices; the others make 230 V
    struct datapoint_limits usual = datapoint_limits(dp), low = datapoint_limits_120v(dp);

    if (!(ac_v > 0) && dp->limits != dp->limits_120v)
        return (struct datapoint_limits){
            agreed(usual.factory, low.factory),
            agreed(usual.min, low.min),
            agreed(usual.max, low.max),
            agreed(usual.step, low.step),
        };
    return ac_v < made_for_120v_below ? low : usual;
}

struct datapoint_limits datapoint_limits_at(const struct datapoint *dp, double battery_v,
                                            double ac_v)
{
    static const double table_battery_v = 48;
    struct datapoint_limits limits = limits_at_ac(dp, ac_v);

    if (dp->vbat != VBAT_LEVEL && dp->vbat != VBAT_STEP)
        return limits;
    double scale = battery_v > 0 ? battery_v / table_battery_v : NAN;
    limits.factory *= scale;
    limits.min *= scale;
    limits.max *= scale;
    return limits;
}

double datapoint_rounding(const struct datapoint *dp, double most)
{
    double step = datapoint_limits(dp).step, last_bit = most / 16384;

    return step > 0 ? fmin(last_bit, step * 0.499) : last_bit;
}

double datapoint_meant(const struct datapoint *dp, double number)
{
    enum { DECIMALS_MAX = 6 };
    struct datapoint_limits limits = datapoint_limits(dp);

    if (datapoint_encoding(dp) != ENCODING_NUMBER || datapoint_format(dp) != FORMAT_FLOAT)
        return number;
    double rounding =
        datapoint_rounding(dp, fmax(fabs(number), fmax(fabs(limits.min), fabs(limits.max))));
    double scale = pow(10, datapoint_decimals(dp));
    for (int i = datapoint_decimals(dp); i < DECIMALS_MAX; i++, scale *= 10)
        if (fabs(round(number * scale) / scale - number) <= rounding)
            return round(number * scale) / scale;
    return number;
}

unsigned family_battery_volts_info(enum family family)
{
    switch (family) {
    case FAMILY_XT:
        return 3127;
    case FAMILY_BSP:
        return 7035;
    case FAMILY_VT:
        return 11048;
    case FAMILY_VS:
        return 15075;
    default:
        return 0;
    }
}

unsigned family_ac_volts_info(enum family family)
{
    return family == FAMILY_XT ? 3126 : 0;
}

// --- Settings ----------------------------------------------------------------------------------

// What a parameter of the gateway does when it is written, or chooses for that: to change the level
// of all parameters, to assign a number to a device, to make one blink.
static bool is_deed(unsigned id)
{
    return id == 5043 || id == 5091 || id == 5092 || id == 5119;
}

bool datapoint_is_setting(const struct datapoint *dp)
{
    if (dp->kind != KIND_PARAMETER || dp->format == FORMAT_NONE)
        return false;
    if (dp->encoding == ENCODING_SIGNAL || dp->encoding == ENCODING_DATE)
        return false;
    return dp->family != FAMILY_RCC || !is_deed(dp->id);
}

// --- References --------------------------------------------------------------------------------

bool catalogue_reference(const char *text, size_t *at, uint16_t *id)
{
    while (text[*at]) {
        if (text[(*at)++] != '{')
            continue;
        const char *digit = text + *at;
        unsigned number = 0;
        while (*digit >= '0' && *digit <= '9' && number <= UINT16_MAX)
            number = number * 10 + (unsigned)(*digit++ - '0');
        if (digit == text + *at || *digit != '}' || number > UINT16_MAX)
            continue;
        *at = (size_t)(digit + 1 - text);
        *id = (uint16_t)number;
        return true;
    }
    return false;
}

enum { REFERENCES_MAX = 16 };

struct references {
    uint16_t ids[REFERENCES_MAX];
    size_t count;
};

static void collect(const struct datapoint *dp, const char *text, struct references *references)
{
    size_t at = 0;
    uint16_t id;

    while (references->count < REFERENCES_MAX && catalogue_reference(text, &at, &id)) {
        bool known = id == dp->id || !catalogue_find((enum family)dp->family, id);
        for (size_t i = 0; i < references->count && !known; i++)
            known = references->ids[i] == id;
        if (!known)
            references->ids[references->count++] = id;
    }
}

bool datapoint_refers(const struct datapoint *dp, size_t i, uint16_t *id)
{
    struct references references = {.count = 0};
    struct option option;

    collect(dp, datapoint_name(dp), &references);
    collect(dp, datapoint_note(dp), &references);
    for (size_t o = 0; datapoint_option(dp, o, &option); o++)
        collect(dp, option.label, &references);
    if (i >= references.count)
        return false;
    *id = references.ids[i];
    return true;
}
