// SPDX-License-Identifier: MIT
// describe: everything the tables say about a number. Needs no link.
#include "cmd/cmd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalogue/address.h"

enum { LONG_TEXT = 4096, PATH_TEXT = 512 };

static const struct column columns[] = {
    {.name = "family", .type = COLUMN_TEXT},        {.name = "id", .type = COLUMN_INT},
    {.name = "kind", .type = COLUMN_TEXT},          {.name = "level", .type = COLUMN_TEXT},
    {.name = "name", .type = COLUMN_TEXT},          {.name = "short", .type = COLUMN_TEXT},
    {.name = "unit", .type = COLUMN_TEXT},          {.name = "format", .type = COLUMN_TEXT},
    {.name = "encoding", .type = COLUMN_TEXT},      {.name = "default", .type = COLUMN_NUMBER},
    {.name = "min", .type = COLUMN_NUMBER},         {.name = "max", .type = COLUMN_NUMBER},
    {.name = "step", .type = COLUMN_NUMBER},        {.name = "options", .type = COLUMN_TEXT},
    {.name = "menu", .type = COLUMN_TEXT},          {.name = "note", .type = COLUMN_TEXT},
    {.name = "aggregate", .type = COLUMN_TEXT},     {.name = "effect", .type = COLUMN_TEXT},
    {.name = "effect_reason", .type = COLUMN_TEXT}, {.name = "refers", .type = COLUMN_TEXT},
};

struct description {
    const struct options *options;
    struct rows *rows; // NULL: text
    unsigned printed;
};

// "Menu / Submenu", without the datapoint itself.
static void menu_path(const struct menu_entry *entry, char *out, size_t size)
{
    const char *names[8];
    size_t depth = 0, used = 0;

    out[0] = '\0';
    for (entry = menu_parent(entry); entry && depth < 8; entry = menu_parent(entry))
        names[depth++] = datapoint_name(menu_datapoint(entry));
    while (depth > 0)
        text_append(out, size, &used, "%s%s", used ? " / " : "", names[--depth]);
    if (used == 0)
        text_append(out, size, &used, "top level");
}

static void all_menus(const struct datapoint *dp, const char *between, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (const struct menu_entry *entry = menu_of(dp, NULL); entry; entry = menu_of(dp, entry)) {
        char path[PATH_TEXT];
        menu_path(entry, path, sizeof path);
        text_append(out, size, &used, "%s%s", used ? between : "", path);
    }
}

static void all_options(const struct datapoint *dp, const char *between, char *out, size_t size)
{
    bool mask = datapoint_encoding(dp) == ENCODING_BITFIELD;
    struct option option;
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        text_append(out, size, &used, mask ? "%s0x%X %s" : "%s%u %s", used ? between : "",
                    (unsigned)option.value, option.label);
}

// "1124 Inverter allowed": what the i-th reference means; false behind the last.
static bool reference_text(const struct datapoint *dp, size_t i, char *out, size_t size)
{
    uint16_t id;

    if (!datapoint_refers(dp, i, &id))
        return false;
    const struct datapoint *other = catalogue_find(datapoint_family(dp), id);
    snprintf(out, size, "%u %s", (unsigned)id, datapoint_name(other));
    return true;
}

static void all_references(const struct datapoint *dp, const char *between, char *out, size_t size)
{
    char reference[DATAPOINT_TEXT_MAX];
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; reference_text(dp, i, reference, sizeof reference); i++)
        text_append(out, size, &used, "%s%s", used ? between : "", reference);
}

static const char *vbat_text(enum vbat_dependence vbat)
{
    switch (vbat) {
    case VBAT_LEVEL:
        return "a battery voltage: the numbers here are those of a 48 V battery";
    case VBAT_STEP:
        return "a battery voltage step: the numbers here are those of a 48 V battery";
    case VBAT_PV:
        return "a solar voltage: doesn't depend on the battery";
    case VBAT_PER_CELL:
        return "per cell: doesn't depend on the battery";
    case VBAT_NONE:
        break;
    }
    return "";
}

// A line "label  text", or nothing for an empty text.
static void line(const struct description *description, const char *label, const char *text)
{
    char plain[LONG_TEXT];

    if (text[0])
        printf("  %-12s %s\n", label, plain_text(description->options, text, plain, sizeof plain));
}

// One limit with its meaning: "60 A", "no", "13:41".
static void limit_text(const struct datapoint *dp, double number, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    if (isnan(number))
        return;
    datapoint_text(dp, number, out, size);
    used = strlen(out);
    if (datapoint_unit(dp)[0])
        text_append(out, size, &used, " %s", datapoint_unit(dp));
}

static void limits_line(const struct description *description, const struct datapoint *dp,
                        const char *label, const struct datapoint_limits *limits)
{
    char factory[DATAPOINT_TEXT_MAX], min[DATAPOINT_TEXT_MAX], max[DATAPOINT_TEXT_MAX];
    char step[DATAPOINT_TEXT_MAX], all[LONG_TEXT];
    size_t used = 0;

    limit_text(dp, limits->factory, factory, sizeof factory);
    limit_text(dp, limits->min, min, sizeof min);
    limit_text(dp, limits->max, max, sizeof max);
    all[0] = '\0';
    if (factory[0])
        text_append(all, sizeof all, &used, "default %s", factory);
    if (min[0] && max[0])
        text_append(all, sizeof all, &used, "%sfrom %s to %s", used ? ", " : "", min, max);
    if (!isnan(limits->step) && limits->step > 0) {
        text_number(step, sizeof step, limits->step, datapoint_decimals(dp));
        text_append(all, sizeof all, &used, "%sstep %s", used ? ", " : "", step);
    }
    line(description, label, all);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void describe_limits(const struct description *description, const struct datapoint *dp)
{
    struct datapoint_limits limits = datapoint_limits(dp), limits_120v = datapoint_limits_120v(dp);
    enum encoding encoding = datapoint_encoding(dp);

    if (encoding == ENCODING_SIGNAL || encoding == ENCODING_NONE)
        return;
    limits_line(description, dp, "table", &limits);
    if (!same_number(limits.factory, limits_120v.factory) ||
        !same_number(limits.min, limits_120v.min) || !same_number(limits.max, limits_120v.max))
        limits_line(description, dp, "120 V AC", &limits_120v);
    line(description, "", vbat_text(datapoint_vbat(dp)));
    line(description, "", "what counts are the device's own limits: read … --part min, --part max");
}

static void describe_options(const struct description *description, const struct datapoint *dp)
{
    bool mask = datapoint_encoding(dp) == ENCODING_BITFIELD;
    char text[LONG_TEXT];
    struct option option;

    if (datapoint_encoding(dp) == ENCODING_BOOL)
        return;
    for (size_t i = 0; datapoint_option(dp, i, &option); i++) {
        snprintf(text, sizeof text, mask ? "0x%X  %s" : "%u  %s", (unsigned)option.value,
                 option.label);
        line(description, i ? "" : "options", text);
    }
}

static void describe_effect(const struct description *description, const struct datapoint *dp)
{
    char text[LONG_TEXT];

    if (datapoint_effect(dp) == EFFECT_NONE)
        return;
    snprintf(text, sizeof text, "%s: %s", effect_name(datapoint_effect(dp)),
             datapoint_effect_reason(dp));
    line(description, "effect", text);
}

static void describe_text(struct description *description, const struct datapoint *dp)
{
    char text[LONG_TEXT], plain[LONG_TEXT], title[DATAPOINT_TEXT_MAX];

    if (description->printed++)
        putchar('\n');
    snprintf(title, sizeof title, "%s %u  %s", family_name(datapoint_family(dp)),
             (unsigned)datapoint_id(dp), datapoint_name(dp));
    puts(plain_text(description->options, title, plain, sizeof plain));
    snprintf(text, sizeof text, "%s of %s, level %s", kind_name(datapoint_kind(dp)),
             family_title(datapoint_family(dp)), level_name(datapoint_level(dp)));
    line(description, "what", text);
    line(description, "short", datapoint_short_name(dp));
    line(description, "unit", datapoint_unit(dp));
    if (datapoint_kind(dp) != KIND_MENU) {
        snprintf(text, sizeof text, "%s, carried as %s", encoding_name(datapoint_encoding(dp)),
                 format_name(datapoint_format(dp)));
        line(description, "value", text);
    }
    describe_options(description, dp);
    if (datapoint_kind(dp) == KIND_PARAMETER) {
        describe_limits(description, dp);
        describe_effect(description, dp);
    }
    for (const struct menu_entry *entry = menu_of(dp, NULL); entry; entry = menu_of(dp, entry)) {
        menu_path(entry, text, sizeof text);
        line(description, "menu", text);
    }
    if (datapoint_aggregation(dp) != AGGREGATE_NONE) {
        snprintf(text, sizeof text, "%s.%s has its %s over all devices",
                 family_name(datapoint_family(dp)),
                 datapoint_aggregation(dp) == AGGREGATE_SUM ? "sum" : "avg",
                 aggregation_name(datapoint_aggregation(dp)));
        line(description, "together", text);
    }
    line(description, "note", datapoint_note(dp));
    line(description, "", datapoint_remark(dp));
    for (size_t i = 0; reference_text(dp, i, text, sizeof text); i++)
        line(description, i ? "" : "see", text);
}

static void describe_row(struct description *description, const struct datapoint *dp)
{
    struct datapoint_limits limits = datapoint_limits(dp);
    char choices[LONG_TEXT], menus[LONG_TEXT], references[LONG_TEXT];

    all_options(dp, "|", choices, sizeof choices);
    all_menus(dp, "|", menus, sizeof menus);
    all_references(dp, "|", references, sizeof references);
    struct field fields[] = {
        {.text = family_name(datapoint_family(dp))},
        {.integer = datapoint_id(dp)},
        {.text = kind_name(datapoint_kind(dp))},
        {.text = level_name(datapoint_level(dp))},
        {.text = datapoint_name(dp)},
        {.text = datapoint_short_name(dp)},
        {.text = datapoint_unit(dp)},
        {.text = format_name(datapoint_format(dp))},
        {.text = encoding_name(datapoint_encoding(dp))},
        {.number = limits.factory, .decimals = -1},
        {.number = limits.min, .decimals = -1},
        {.number = limits.max, .decimals = -1},
        {.number = limits.step, .decimals = -1},
        {.text = choices},
        {.text = menus},
        {.text = datapoint_note(dp)},
        {.text = aggregation_name(datapoint_aggregation(dp))},
        {.text = effect_name(datapoint_effect(dp))},
        {.text = datapoint_effect_reason(dp)},
        {.text = references},
    };
    rows_add(description->rows, fields);
}

// All of the families (one, or FAMILY_NONE for every one) that have the number.
static unsigned describe_id(struct description *description, enum family only, unsigned id)
{
    unsigned found = 0;

    for (enum family family = FAMILY_XT; family < FAMILY_COUNT; family++) {
        const struct datapoint *dp = catalogue_find(family, id);
        if (!dp || (only != FAMILY_NONE && family != only))
            continue;
        found++;
        if (description->rows)
            describe_row(description, dp);
        else
            describe_text(description, dp);
    }
    return found;
}

static bool parse_family(const char *word, enum family *family)
{
    struct target target;

    *family = family_parse(word);
    if (*family != FAMILY_NONE)
        return true;
    // "101" alone is a number to describe, not an address: names only.
    if (word[0] >= '0' && word[0] <= '9')
        return false;
    if (target_parse(word, &target) != XC_OK)
        return false;
    *family = target.family;
    return true;
}

int cmd_describe(const struct options *options)
{
    struct description description = {.options = options};
    enum family family = FAMILY_NONE;
    int first = 0, missing = 0, status = EXIT_DONE;

    if (parse_family(options->words[0], &family))
        first = 1;
    if (first == options->word_count) {
        complain("'describe' needs a number behind %s, like 3000", options->words[0]);
        return EXIT_WRONG;
    }
    for (int i = first; i < options->word_count; i++) {
        long id;
        if (text_parse_int(options->words[i], 1, UINT16_MAX, &id) != XC_OK) {
            complain("'%s' isn't a number of an info or parameter; xcomtop list %s searches",
                     options->words[i], options->words[i]);
            return EXIT_WRONG;
        }
    }
    if (options->format != ROWS_TEXT)
        description.rows =
            rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);
    for (int i = first; i < options->word_count; i++) {
        long id = 0;
        (void)text_parse_int(options->words[i], 1, UINT16_MAX, &id);
        if (describe_id(&description, family, (unsigned)id) > 0)
            continue;
        missing++;
        complain("%ld isn't in the tables%s%s", id, family != FAMILY_NONE ? " of " : "",
                 family != FAMILY_NONE ? family_name(family) : "");
    }
    if (missing > 0)
        status = missing < options->word_count - first ? EXIT_PARTLY : EXIT_REFUSED;
    return description.rows ? finish_rows(description.rows, status) : finish_text(status);
}
