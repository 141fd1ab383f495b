// SPDX-License-Identifier: MIT
// The installation as a text: "xt=3,vt=2,vs=1,bsp".
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalogue/address.h"
#include "sim/sim.h"

void sim_defaults(struct sim_options *options)
{
    *options = (struct sim_options){.xt = 3,
                                    .phases = 3,
                                    .vt = 2,
                                    .vs = 1,
                                    .bsp = true,
                                    .multi_info = true,
                                    .battery_volts = 48,
                                    .ac_volts = 230,
                                    .log_days = 365,
                                    .log_minutes = 1,
                                    .seed = 1,
                                    .clock = -1,
                                    .speed = 1};
}

// What is being read: a device list replaces the default devices.
struct parse {
    struct sim_options *options;
    bool devices, phases;
    const char *battery; // "bsp" or "bms", once either was given
    char *error;
    size_t error_size;
};

static enum xc_status fail(struct parse *p, enum xc_status status, const char *text,
                           const char *expected)
{
    char safe[64];

    snprintf(p->error, p->error_size, "%s: %s", text_escape(safe, sizeof safe, text), expected);
    return status;
}

static void begin_devices(struct parse *p)
{
    if (p->devices)
        return;
    p->devices = true;
    p->options->xt = p->options->vt = p->options->vs = 0;
    p->options->bsp = p->options->bms = false;
}

static enum xc_status read_count(struct parse *p, const char *item, const char *value,
                                 enum family family, unsigned *count)
{
    char expected[64];
    long max = (long)family_devices_max(family), n = 1;

    begin_devices(p);
    snprintf(expected, sizeof expected, "a number of devices from 0 to %ld was expected", max);
    if (value) {
        enum xc_status status = text_parse_int(value, 0, max, &n);
        if (status != XC_OK)
            return fail(p, status, item, expected);
    }
    *count = (unsigned)n;
    return XC_OK;
}

static enum xc_status read_flag(struct parse *p, const char *item, const char *key,
                                const char *value)
{
    struct sim_options *o = p->options;

    if (value)
        return fail(p, XC_SYNTAX, item, "it takes no value");
    if (strcmp(key, "bsp") == 0 || strcmp(key, "bms") == 0) {
        const char *battery = key[1] == 's' ? "bsp" : "bms";
        begin_devices(p);
        if (p->battery && strcmp(p->battery, battery) != 0)
            return fail(p, XC_SYNTAX, item,
                        o->bsp ? "there is a bsp already, and one battery: give either of them"
                               : "there is a bms already, and one battery: give either of them");
        p->battery = battery;
        o->bsp = key[1] == 's';
        o->bms = !o->bsp;
    } else if (strcmp(key, "genset") == 0) {
        o->genset = true;
    } else if (strcmp(key, "grid") == 0) {
        o->genset = false;
    } else { // no-multi
        o->multi_info = false;
    }
    return XC_OK;
}

static enum xc_status read_number(struct parse *p, const char *item, const char *value, long min,
                                  long max, const char *expected, long *n)
{
    enum xc_status status = value ? text_parse_int(value, min, max, n) : XC_SYNTAX;

    return status == XC_OK ? XC_OK : fail(p, status, item, expected);
}

// One of two or three words.
static enum xc_status read_word(struct parse *p, const char *item, const char *value,
                                const char *const *words, unsigned count, const char *expected,
                                unsigned *place)
{
    for (unsigned i = 0; value && i < count; i++)
        if (strcmp(value, words[i]) == 0) {
            *place = i;
            return XC_OK;
        }
    return fail(p, XC_SYNTAX, item, expected);
}

// Which voltages, and whose limits.
static enum xc_status read_electrics(struct parse *p, const char *item, const char *key,
                                     const char *value)
{
    static const char *const volts[] = {"12", "24", "48"}, *const ac[] = {"120", "230"},
                             *const limits[] = {"table", "device"};
    enum xc_status status;
    unsigned i = 0;

    if (strcmp(key, "volts") == 0) {
        status = read_word(p, item, value, volts, 3, "12, 24 or 48 V were expected", &i);
        if (status == XC_OK)
            p->options->battery_volts = 12u << i;
    } else if (strcmp(key, "ac") == 0) {
        status = read_word(p, item, value, ac, 2, "120 or 230 V were expected", &i);
        if (status == XC_OK)
            p->options->ac_volts = i == 0 ? 120 : 230;
    } else {
        status = read_word(p, item, value, limits, 2, "table or device was expected", &i);
        if (status == XC_OK)
            p->options->limits = (enum sim_limits)i;
    }
    return status;
}

static enum xc_status read_item(struct parse *p, const char *item)
{
    static const char *const flags[] = {"bsp", "bms", "genset", "grid", "no-multi"};
    struct sim_options *o = p->options;
    char key[64];
    long n = 0;

    snprintf(key, sizeof key, "%s", item);
    char *value = strchr(key, '=');
    if (value)
        *value++ = '\0';
    if (strcmp(key, "xt") == 0)
        return read_count(p, item, value, FAMILY_XT, &o->xt);
    if (strcmp(key, "vt") == 0)
        return read_count(p, item, value, FAMILY_VT, &o->vt);
    if (strcmp(key, "vs") == 0)
        return read_count(p, item, value, FAMILY_VS, &o->vs);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(key, flags[i]) == 0)
            return read_flag(p, item, key, value);
    enum xc_status status;
    if (strcmp(key, "phases") == 0) {
        status = read_number(p, item, value, 1, 3, "1 or 3 phases were expected", &n);
        if (status != XC_OK)
            return status;
        if (n == 2)
            return fail(p, XC_RANGE, item, "1 or 3 phases were expected");
        o->phases = (unsigned)n;
        p->phases = true;
        return XC_OK;
    }
    if (strcmp(key, "volts") == 0 || strcmp(key, "ac") == 0 || strcmp(key, "limits") == 0)
        return read_electrics(p, item, key, value);
    if (strcmp(key, "messages") == 0) {
        status = read_number(p, item, value, 0, MESSAGES_PAST_MAX,
                             "a number from 0 to 1000 was expected", &n);
        o->messages = (unsigned)n;
        return status;
    }
    if (strcmp(key, "message-count") == 0) {
        static const char *const ways[] = {"total", "remaining"};
        unsigned way = 0;
        status = read_word(p, item, value, ways, 2, "total or remaining was expected", &way);
        o->messages_remaining = way == 1;
        return status;
    }
    if (strcmp(key, "seed") == 0) {
        status = read_number(p, item, value, 0, 2147483647, "a whole number was expected", &n);
        o->seed = (uint64_t)n;
        return status;
    }
    if (strcmp(key, "log") == 0) {
        status = read_number(p, item, value, 0, 3650, "days from 0 to 3650 were expected", &n);
        o->log_days = (unsigned)n;
        return status;
    }
    if (strcmp(key, "log-every") == 0) {
        status = read_number(p, item, value, 1, 60, "minutes from 1 to 60 were expected", &n);
        o->log_minutes = (unsigned)n;
        return status;
    }
    if (strcmp(key, "speed") == 0) {
        status = read_number(p, item, value, 1, 3600, "a number from 1 to 3600 was expected", &n);
        o->speed = (unsigned)n;
        return status;
    }
    return fail(p, XC_SYNTAX, item,
                "xt=, vt=, vs=, bsp, bms, phases=, volts=, ac=, limits=, genset, grid, no-multi, "
                "messages=, message-count=, log=, log-every=, seed= or speed= was expected");
}

enum xc_status sim_parse(const char *text, struct sim_options *options, char *error,
                         size_t error_size)
{
    struct parse p = {.options = options, .error = error, .error_size = error_size};

    const char *whole = text;

    sim_defaults(options);
    while (*text) {
        size_t length = strcspn(text, ",");
        char item[64];
        if (length >= sizeof item)
            return fail(&p, XC_SYNTAX, text, "that is too long");
        if (length == 0)
            return fail(&p, XC_SYNTAX, whole, "there is nothing between two commas");
        memcpy(item, text, length);
        item[length] = '\0';
        enum xc_status status = read_item(&p, item);
        if (status != XC_OK)
            return status;
        text += length;
        text += *text == ',';
    }
    if (!p.phases)
        options->phases = options->xt >= 3 && options->xt % 3 == 0 ? 3 : 1;
    if (options->phases == 3 && options->xt < 3)
        return fail(&p, XC_RANGE, "phases=3", "three phases need at least three XT");
    return XC_OK;
}
