// SPDX-License-Identifier: MIT
#include "plant/alarms.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalogue/address.h"
#include "loop/loop.h"

// Who looks more rarely has missed something.
#define LOOK_MAX (10 * LOOP_S)
#define GAP_MAX  (300 * LOOP_S)

static const char *const test_signs[] = {
    [ALARM_BELOW] = "<", [ALARM_ABOVE] = ">", [ALARM_EQUAL] = "=", [ALARM_OTHER] = "!="};

// --- From text -----------------------------------------------------------------------------------

struct parsing {
    char *error;
    size_t error_size;
};

static enum xc_status refuse(const struct parsing *parsing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum xc_status refuse(const struct parsing *parsing, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(parsing->error, parsing->error_size, format, args);
    va_end(args);
    return XC_SYNTAX;
}

static char *trim(char *text)
{
    text += strspn(text, " \t");
    for (size_t end = strlen(text); end > 0 && strchr(" \t", text[end - 1]); end--)
        text[end - 1] = '\0';
    return text;
}

// Cuts the last " WORD argument" off; NULL when there is none.
static char *cut_off(char *text, const char *word)
{
    char *found = NULL;

    for (char *at = text; (at = strstr(at, word)) != NULL; at++)
        found = at;
    if (!found)
        return NULL;
    *found = '\0';
    return trim(found + strlen(word));
}

static enum xc_status parse_value(const struct parsing *parsing, char *text,
                                  struct alarm_rule *rule)
{
    const char *expects = datapoint_expects(rule->datapoint);

    if (datapoint_parse(rule->datapoint, text, &rule->limit) == XC_OK && isfinite(rule->limit))
        return XC_OK;
    return refuse(parsing, "'%.40s': expected %s%s%s behind the sign", text, expects,
                  *datapoint_short_unit(rule->datapoint) ? " in " : "",
                  datapoint_short_unit(rule->datapoint));
}

// "BSP:7002"
static enum xc_status parse_ref(const struct parsing *parsing, char *text, struct alarm_rule *rule)
{
    char *colon = strchr(text, ':');
    struct target target;
    long id;

    if (!colon)
        return refuse(parsing, "'%.40s': expected DEVICE:ID like BSP:7002 or XT.sum:3136", text);
    *colon = '\0';
    text = trim(text);
    if (target_parse(text, &target) != XC_OK ||
        (target.kind != TARGET_DEVICE && target.kind != TARGET_SUM &&
         target.kind != TARGET_AVERAGE))
        return refuse(parsing, "'%.40s': expected one device like XT1 or BSP, or XT.sum", text);
    char *number = trim(colon + 1);
    if (text_parse_int(number, 1, UINT16_MAX, &id) != XC_OK)
        return refuse(parsing, "'%.40s': expected the number of an info like 7002", number);
    rule->datapoint = catalogue_find(target.family, (unsigned)id);
    if (!rule->datapoint || datapoint_kind(rule->datapoint) != KIND_INFO ||
        datapoint_format(rule->datapoint) == FORMAT_NONE)
        return refuse(parsing, "%s has no info %ld; xcomtop list %s searches",
                      family_name(target.family), id, family_name(target.family));
    rule->ref = (struct plant_ref){.family = target.family,
                                   .index = target.kind == TARGET_SUM       ? PLANT_SUM
                                            : target.kind == TARGET_AVERAGE ? PLANT_AVERAGE
                                                                            : target.index,
                                   .id = (uint16_t)id};
    enum aggregation wanted = target.kind == TARGET_SUM ? AGGREGATE_SUM : AGGREGATE_AVERAGE;
    if (target.kind != TARGET_DEVICE && datapoint_aggregation(rule->datapoint) != wanted)
        return refuse(parsing, "%ld has no %s over several devices", id,
                      wanted == AGGREGATE_SUM ? "sum" : "average");
    return XC_OK;
}

static enum xc_status parse_hysteresis(const struct parsing *parsing, char *text,
                                       struct alarm_rule *rule)
{
    if (rule->test == ALARM_EQUAL || rule->test == ALARM_OTHER)
        return refuse(parsing, "hysteresis goes with < and >");
    if (datapoint_parse(rule->datapoint, text, &rule->hysteresis) != XC_OK ||
        !isfinite(rule->hysteresis) || rule->hysteresis < 0)
        return refuse(parsing, "hysteresis '%.40s': expected a number from 0 on", text);
    return XC_OK;
}

static enum xc_status parse_delay(const struct parsing *parsing, const char *text,
                                  struct alarm_rule *rule)
{
    if (text_parse_duration(text, 30, &rule->delay) != XC_OK)
        return refuse(parsing, "for '%.40s': expected a time like 90s, 5m or 2h, at most 30d",
                      text);
    return XC_OK;
}

// "BSP:7002 < 40 %"
static enum xc_status parse_test(const struct parsing *parsing, char *text, struct alarm_rule *rule)
{
    char *sign = strpbrk(text, "<>=!");

    if (!sign || (*sign == '!' && sign[1] != '='))
        return refuse(parsing, "'%.40s': expected <, >, = or != and a value", text);
    char *value = sign + (*sign == '!' ? 2 : 1);
    rule->test = *sign == '<'   ? ALARM_BELOW
                 : *sign == '>' ? ALARM_ABOVE
                 : *sign == '=' ? ALARM_EQUAL
                                : ALARM_OTHER;
    *sign = '\0';
    enum xc_status status = parse_ref(parsing, trim(text), rule);
    return status == XC_OK ? parse_value(parsing, trim(value), rule) : status;
}

enum xc_status alarm_parse(const char *text, struct alarm_rule *rule, char *error,
                           size_t error_size)
{
    const struct parsing parsing = {error, error_size};
    char copy[ALARM_RULE_MAX];
    struct alarm_rule made = {0};

    if (strlen(text) >= sizeof copy)
        return refuse(&parsing, "'%.20s...' is too long for an alarm", text);
    if (strspn(text, " \t") == strlen(text))
        return refuse(&parsing, "expected NAME: DEVICE:ID < VALUE, like low: BSP:7002 < 40");
    snprintf(copy, sizeof copy, "%s", text);
    char *colon = strchr(copy, ':'), *sign = strpbrk(copy, "<>=!"), *name;
    if (!colon || (sign && colon > sign) || !strchr(colon + 1, ':'))
        return refuse(&parsing,
                      "'%.40s': expected NAME: DEVICE:ID < VALUE, like low: BSP:7002 < 40", text);
    *colon = '\0';
    name = trim(copy);
    text_escape(made.name, sizeof made.name, name);
    if (!*name || strcmp(name, made.name) != 0)
        return refuse(&parsing, "'%.40s': expected a name of at most %d characters", made.name,
                      ALARM_NAME_MAX - 1);
    char *rest = trim(colon + 1);
    const char *delay = cut_off(rest, " for ");
    char *hysteresis = cut_off(rest, " hysteresis ");
    enum xc_status status = parse_test(&parsing, rest, &made);
    if (status == XC_OK && hysteresis)
        status = parse_hysteresis(&parsing, hysteresis, &made);
    if (status == XC_OK && delay)
        status = parse_delay(&parsing, delay, &made);
    if (status == XC_OK)
        *rule = made;
    return status;
}

enum xc_status alarms_parse(const char *text, struct alarm_rule *rules, size_t *count, char *error,
                            size_t error_size)
{
    const struct parsing parsing = {error, error_size};
    struct alarm_rule own[ALARMS_MAX];

    if (!rules)
        rules = own;
    *count = 0;
    for (bool more = true; more;) {
        char item[ALARM_RULE_MAX + 1];
        size_t length = strcspn(text, "|");
        snprintf(item, sizeof item, "%.*s", (int)(length < sizeof item ? length : sizeof item),
                 text);
        if (*count == ALARMS_MAX)
            return refuse(&parsing, "at most %d alarms can be given", ALARMS_MAX);
        enum xc_status status = alarm_parse(item, &rules[*count], error, error_size);
        if (status != XC_OK)
            return status;
        for (size_t i = 0; i < *count; i++)
            if (strcmp(rules[i].name, rules[*count].name) == 0)
                return refuse(&parsing, "there are two alarms with the name '%s'", rules[i].name);
        ++*count;
        more = text[length] == '|';
        text += length + more;
    }
    return XC_OK;
}

// --- To text -------------------------------------------------------------------------------------

static void device_words(const struct alarm_rule *rule, char *out, size_t size)
{
    if (rule->ref.index == PLANT_SUM || rule->ref.index == PLANT_AVERAGE)
        snprintf(out, size, "%s.%s", family_name(rule->ref.family),
                 rule->ref.index == PLANT_SUM ? "sum" : "avg");
    else
        device_name(rule->ref.family, rule->ref.index, out, size);
}

// "40 %", "Closed"
static char *value_words(const struct datapoint *datapoint, double number, char *out, size_t size)
{
    const char *unit = datapoint_short_unit(datapoint);
    size_t used = 0;

    if (datapoint_encoding(datapoint) != ENCODING_NUMBER)
        return datapoint_text(datapoint, number, out, size);
    text_shortest(out, size, number);
    used = strlen(out);
    text_append(out, size, &used, "%s%s", *unit ? " " : "", unit);
    return out;
}

char *alarm_text(const struct alarm_rule *rule, char *out, size_t size)
{
    char device[DEVICE_NAME_MAX], value[DATAPOINT_TEXT_MAX];
    size_t used = 0;

    device_words(rule, device, sizeof device);
    text_append(out, size, &used, "%s: %s:%u %s %s", rule->name, device, (unsigned)rule->ref.id,
                test_signs[rule->test],
                value_words(rule->datapoint, rule->limit, value, sizeof value));
    if (rule->hysteresis > 0)
        text_append(out, size, &used, " hysteresis %s",
                    text_shortest(value, sizeof value, rule->hysteresis));
    if (rule->delay > 0) {
        int64_t seconds = rule->delay / LOOP_S;
        bool hours = seconds % 3600 == 0, minutes = seconds % 60 == 0;
        text_append(out, size, &used, " for %lld%s",
                    (long long)(hours     ? seconds / 3600
                                : minutes ? seconds / 60
                                          : seconds),
                    hours     ? "h"
                    : minutes ? "m"
                              : "s");
    }
    return out;
}

char *alarm_words(const struct alarm_rule *rule, double number, char *out, size_t size)
{
    char device[DEVICE_NAME_MAX], value[DATAPOINT_TEXT_MAX], limit[DATAPOINT_TEXT_MAX];

    device_words(rule, device, sizeof device);
    datapoint_text(rule->datapoint, number, value, sizeof value);
    value_words(rule->datapoint, rule->limit, limit, sizeof limit);
    size_t used = 0;
    text_append(out, size, &used, "%s %u %s %s %s (%s %s)", device, (unsigned)rule->ref.id,
                datapoint_name(rule->datapoint), value, datapoint_short_unit(rule->datapoint),
                test_signs[rule->test], limit);
    return out;
}

// --- What becomes of it --------------------------------------------------------------------------

static bool is_there(const struct alarm_rule *rule, double number)
{
    switch (rule->test) {
    case ALARM_BELOW:
        return number < rule->limit;
    case ALARM_ABOVE:
        return number > rule->limit;
    case ALARM_EQUAL:
        return number == rule->limit;
    case ALARM_OTHER:
        break;
    }
    return number != rule->limit;
}

static bool is_over(const struct alarm_rule *rule, double number)
{
    if (rule->test == ALARM_BELOW)
        return number >= rule->limit + rule->hysteresis;
    if (rule->test == ALARM_ABOVE)
        return number <= rule->limit - rule->hysteresis;
    return !is_there(rule, number);
}

enum alarm_edge alarm_look(struct alarm *alarm, const struct alarm_rule *rule, bool good,
                           double number, int64_t now)
{
    if (!good || isnan(number))
        return ALARM_SAME;
    int64_t since = now - alarm->looked;
    alarm->looked = now;
    if (alarm->on) {
        alarm->on = !is_over(rule, number);
        return alarm->on ? ALARM_SAME : ALARM_WENT;
    }
    if (!is_there(rule, number)) {
        alarm->waiting = false;
        return ALARM_SAME;
    }
    if (!alarm->waiting || since > GAP_MAX)
        alarm->counted = 0;
    else if (since <= LOOK_MAX)
        alarm->counted += since;
    alarm->waiting = true;
    if (alarm->counted < rule->delay)
        return ALARM_SAME;
    alarm->waiting = false;
    alarm->on = true;
    return ALARM_CAME;
}
