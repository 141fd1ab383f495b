// SPDX-License-Identifier: MIT
// read: values of infos and parameters.
#include "cmd/cmd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/text.h"
#include "cmd/reader.h"

enum { NAME_MAX = 32, TARGETS_MAX = 64, RANGE_MAX = 500 };

static const struct column all_columns[] = {
    {.name = "time", .type = COLUMN_TIME},      {.name = "device", .type = COLUMN_TEXT},
    {.name = "address", .type = COLUMN_NUMBER}, {.name = "family", .type = COLUMN_TEXT},
    {.name = "id", .type = COLUMN_INT},         {.name = "part", .type = COLUMN_TEXT},
    {.name = "name", .type = COLUMN_TEXT},      {.name = "value", .type = COLUMN_NUMBER},
    {.name = "unit", .type = COLUMN_TEXT},      {.name = "text", .type = COLUMN_TEXT},
    {.name = "quality", .type = COLUMN_TEXT},
};

static const struct column text_columns[] = {
    {.name = "device", .type = COLUMN_TEXT}, {.name = "id", .type = COLUMN_INT, .right = true},
    {.name = "name", .type = COLUMN_TEXT},   {.name = "value", .type = COLUMN_TEXT, .right = true},
    {.name = "unit", .type = COLUMN_TEXT}, // or why there is no value
};

struct named_target {
    char name[NAME_MAX]; // as given
    struct target target;
    bool battery; // by its address: BSP or BMS
};

struct range {
    unsigned first, last;
};

struct reading_list {
    const struct options *options;
    struct named_target targets[TARGETS_MAX];
    size_t target_count;
    struct range *ranges;
    size_t range_count;
    struct session *session;
    struct reader *reader;
    struct rows *rows;
    unsigned asked, good, refused;
};

// --- What is wanted ------------------------------------------------------------------------------

static int parse_target(struct reading_list *list, const char *text, size_t length)
{
    if (list->target_count == TARGETS_MAX) {
        complain("at most %d devices can be given", TARGETS_MAX);
        return EXIT_WRONG;
    }
    struct named_target *named = &list->targets[list->target_count++];
    snprintf(named->name, sizeof named->name, "%.*s", (int)length, text);
    if (length >= sizeof named->name || target_parse(named->name, &named->target) != XC_OK) {
        complain("there is no device '%s'; expected XT1…XT9, L1…L3, VT1…VT15, VS1…VS15, BSP, BMS, "
                 "XCOM, or XT*, XT.sum, XT.avg",
                 named->name);
        return EXIT_WRONG;
    }
    if (named->target.kind == TARGET_MULTICAST) {
        const char *family = family_name(named->target.family);
        complain("%s can't be read as one; expected %s* for each, %s.sum or %s.avg", named->name,
                 family, family, family);
        return EXIT_WRONG;
    }
    named->battery = named->target.family == FAMILY_BSP && named->name[0] == '6';
    return EXIT_DONE;
}

static int parse_targets(struct reading_list *list, const char *text)
{
    int status = EXIT_DONE;

    for (bool more = true; more && status == EXIT_DONE;) {
        size_t length = strcspn(text, ",");
        status = parse_target(list, text, length);
        more = text[length] == ',';
        text += length + more;
    }
    return status;
}

static int parse_range(const char *text, struct range *range)
{
    char first[8];
    size_t length = strcspn(text, "-");
    long from = 0, to = 0;

    snprintf(first, sizeof first, "%.*s", (int)length, text);
    if (length >= sizeof first || text_parse_int(first, 1, UINT16_MAX, &from) != XC_OK ||
        (text[length] && text_parse_int(text + length + 1, from, UINT16_MAX, &to) != XC_OK)) {
        complain("'%s' isn't the number of an info or parameter; xcomtop list %s searches", text,
                 text);
        return EXIT_WRONG;
    }
    *range = (struct range){(unsigned)from, (unsigned)(text[length] ? to : from)};
    if (range->last - range->first > RANGE_MAX) {
        complain("%s are more than %d numbers", text, RANGE_MAX);
        return EXIT_WRONG;
    }
    return EXIT_DONE;
}

// The infos of a family have thousands of their own (reference data/families.csv).
static bool is_among_infos(enum family family, unsigned id)
{
    const struct datapoint *dp;

    for (size_t i = 0; (dp = catalogue_at(i)) != NULL; i++)
        if (datapoint_family(dp) == family && datapoint_kind(dp) == KIND_INFO &&
            datapoint_id(dp) / 1000u == id / 1000)
            return true;
    return false;
}

static void describe_value(const struct reading_list *list, const struct named_target *named,
                           unsigned id, struct value_read *value)
{
    const struct options *options = list->options;

    *value = (struct value_read){.target = named->target,
                                 .id = (uint16_t)id,
                                 .part = options->part,
                                 .datapoint = catalogue_find(named->target.family, id),
                                 .number = (double)NAN};
    if (value->datapoint)
        value->parameter = datapoint_kind(value->datapoint) == KIND_PARAMETER;
    else if (options->expect)
        value->parameter = options->expect == EXPECT_PARAMETER;
    else
        value->parameter = !is_among_infos(named->target.family, id);
}

// What can be said before anything is asked.
static int check_value(const struct reading_list *list, const struct named_target *named,
                       unsigned id)
{
    struct value_read value;
    enum target_kind kind = named->target.kind;

    describe_value(list, named, id, &value);
    if (value.datapoint && datapoint_kind(value.datapoint) == KIND_MENU) {
        complain("%u is a menu (%s): it has no value", id, datapoint_name(value.datapoint));
        return EXIT_WRONG;
    }
    if (!value.parameter && list->options->part != PART_VALUE) {
        complain("%u is an info: it has no %s", id, part_name(list->options->part));
        return EXIT_WRONG;
    }
    if (kind != TARGET_SUM && kind != TARGET_AVERAGE)
        return EXIT_DONE;
    enum aggregation sense =
        value.datapoint ? datapoint_aggregation(value.datapoint) : AGGREGATE_NONE;
    const char *family = family_name(named->target.family);
    if (value.parameter || sense == AGGREGATE_NONE) {
        complain("%u has no sum or average; expected %s* for each", id, family);
        return EXIT_WRONG;
    }
    if ((kind == TARGET_SUM) != (sense == AGGREGATE_SUM)) {
        complain("the %s of %u (%s) says nothing; expected %s.%s",
                 kind == TARGET_SUM ? "sum" : "average", id, datapoint_name(value.datapoint),
                 family, sense == AGGREGATE_SUM ? "sum" : "avg");
        return EXIT_WRONG;
    }
    return EXIT_DONE;
}

// Of a range, the numbers that the tables have a value for.
static bool is_wanted(const struct named_target *named, const struct range *range, unsigned id)
{
    const struct datapoint *dp = catalogue_find(named->target.family, id);

    return range->first == range->last || (dp && datapoint_kind(dp) != KIND_MENU);
}

static int parse_words(struct reading_list *list)
{
    const struct options *options = list->options;
    int status = parse_targets(list, options->words[0]);

    list->ranges = xcalloc((size_t)options->word_count, sizeof *list->ranges);
    for (int i = 1; status == EXIT_DONE && i < options->word_count; i++)
        status = parse_range(options->words[i], &list->ranges[list->range_count++]);
    for (size_t t = 0; t < list->target_count; t++)
        for (size_t r = 0; r < list->range_count && status == EXIT_DONE; r++)
            for (unsigned id = list->ranges[r].first;
                 id <= list->ranges[r].last && status == EXIT_DONE; id++)
                if (is_wanted(&list->targets[t], &list->ranges[r], id))
                    status = check_value(list, &list->targets[t], id);
    return status;
}

// --- What came -----------------------------------------------------------------------------------

static const char *quality_name(enum outcome outcome)
{
    static const char *const names[] = {[OUTCOME_NONE] = "none",
                                        [OUTCOME_FRESH] = "fresh",
                                        [OUTCOME_ABSENT] = "absent",
                                        [OUTCOME_REFUSED] = "refused"};
    return names[outcome];
}

// "0x22 OBJECT_ID_NOT_FOUND: …", or why there was no proper answer.
static void failure_text(const struct value_read *value, char *out, size_t size)
{
    const char *name = catalogue_error_name(value->error);
    const char *text = catalogue_error_text(value->error);

    if (value->status == XC_DEVICE_ERROR)
        snprintf(out, size, "0x%02X %s%s%s", value->error, name ? name : "(unknown error)",
                 text ? ": " : "", text ? text : "");
    else if (value->status == XC_NOT_FOUND)
        snprintf(out, size, "there are no devices of this family");
    else
        snprintf(out, size, "%s", status_text(value->status));
}

static void raw_text(const struct value_read *value, char *out, size_t size)
{
    size_t used = 0;

    text_append(out, size, &used, "bytes");
    for (size_t i = 0; i < value->raw_length; i++)
        text_append(out, size, &used, " %02X", value->raw[i]);
    if (value->raw_length == 4)
        text_append(out, size, &used, " (float %g, int32 %d)", (double)le_get_float(value->raw),
                    (int)(int32_t)le_get32(value->raw));
    else if (!isnan(value->number))
        text_append(out, size, &used, " (%.0f)", value->number);
}

// The value in words; "" when there is none.
static void value_text(const struct value_read *value, char *out, size_t size)
{
    enum level level;

    out[0] = '\0';
    if (value->outcome != OUTCOME_FRESH)
        return;
    if (value->part == PART_LEVEL && value->parameter)
        snprintf(out, size, "%s",
                 level_from_code((uint32_t)value->number, &level) ? level_name(level)
                                                                  : "unknown level");
    else if (value->datapoint)
        datapoint_text(value->datapoint, value->number, out, size);
    else
        raw_text(value, out, size);
}

// Why there is no value; "" when there is one.
static void reason_text(const struct value_read *value, char *out, size_t size)
{
    out[0] = '\0';
    if (value->outcome == OUTCOME_ABSENT)
        snprintf(out, size, "%s", value->absent);
    else if (value->outcome != OUTCOME_FRESH)
        failure_text(value, out, size);
}

static void add_text_row(struct reading_list *list, const struct value_read *value,
                         const char *device, const char *text, const char *reason)
{
    const struct datapoint *dp = value->datapoint;
    bool raw = !dp && value->outcome == OUTCOME_FRESH && value->part != PART_LEVEL;
    const char *unit = dp && value->part != PART_LEVEL ? datapoint_unit(dp) : "";
    char name[256], number[DATAPOINT_TEXT_MAX], remark[DATAPOINT_TEXT_MAX];

    // What is long and no value stands last: it mustn't push the values aside.
    if (raw || reason[0])
        unit = raw ? text : reason;
    struct field fields[] = {
        {.text = device},
        {.integer = value->id},
        {.text = plain_text(list->options, dp ? datapoint_name(dp) : "(not in the tables)", name,
                            sizeof name)},
        {.text = raw || reason[0] ? (raw ? "" : "--")
                                  : plain_text(list->options, text, number, sizeof number)},
        {.text = plain_text(list->options, unit, remark, sizeof remark)},
    };
    rows_add(list->rows, fields);
}

static void add_row(struct reading_list *list, const struct value_read *value)
{
    const struct datapoint *dp = value->datapoint;
    char device[DEVICE_NAME_MAX], text[DATAPOINT_TEXT_MAX], reason[DATAPOINT_TEXT_MAX];
    uint32_t address = target_address(&value->target);

    target_name(&value->target, device, sizeof device);
    value_text(value, text, sizeof text);
    reason_text(value, reason, sizeof reason);
    if (list->options->format == ROWS_TEXT) {
        add_text_row(list, value, device, text, reason);
        return;
    }
    struct field fields[] = {
        {.integer = value->time},
        {.text = device},
        {.number = address ? address : (double)NAN},
        {.text = family_name(value->target.family)},
        {.integer = value->id},
        {.text = part_name(value->part)},
        {.text = dp ? datapoint_name(dp) : NULL},
        {.number = value->number, .decimals = -1},
        {.text = dp && value->part != PART_LEVEL ? datapoint_unit(dp) : ""},
        {.text = text[0] ? text : reason},
        {.text = quality_name(value->outcome)},
    };
    rows_add(list->rows, fields);
}

// --- Reading -------------------------------------------------------------------------------------

static int read_one(struct reading_list *list, const struct named_target *named, unsigned id)
{
    struct value_read value;

    describe_value(list, named, id, &value);
    int status = reader_read(list->reader, &value);
    if (status != EXIT_DONE)
        return status;
    // What the gateway lacks isn't asked for.
    if (!session_heard(list->session) && value.status != XC_UNSUPPORTED)
        return EXIT_NO_ANSWER;
    list->asked++;
    list->good += value.outcome == OUTCOME_FRESH || value.outcome == OUTCOME_ABSENT;
    list->refused += value.outcome == OUTCOME_REFUSED || value.status == XC_NOT_FOUND;
    add_row(list, &value);
    return EXIT_DONE;
}

static int read_target(struct reading_list *list, const struct named_target *named)
{
    int status = EXIT_DONE;

    for (size_t r = 0; r < list->range_count; r++) {
        const struct range *range = &list->ranges[r];
        for (unsigned id = range->first; id <= range->last && status == EXIT_DONE; id++)
            if (is_wanted(named, range, id))
                status = read_one(list, named, id);
    }
    return status;
}

static int read_family(struct reading_list *list, const struct named_target *each)
{
    struct named_target named = *each;
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    size_t count = 0;
    int status = reader_members(list->reader, each->target.family, indices, &count);

    if (status == EXIT_DONE && count == 0) {
        complain("there is no %s", family_title(each->target.family));
        list->asked++;
        list->refused++;
    }
    named.target.kind = TARGET_DEVICE;
    for (size_t i = 0; i < count && status == EXIT_DONE; i++) {
        named.target.index = indices[i];
        status = read_target(list, &named);
    }
    return status;
}

static int read_all(struct reading_list *list)
{
    int status = EXIT_DONE;

    for (size_t t = 0; t < list->target_count && status == EXIT_DONE; t++) {
        struct named_target *named = &list->targets[t];
        if (named->battery)
            status = reader_battery(list->reader, &named->target.family);
        if (status != EXIT_DONE)
            break;
        status =
            named->target.kind == TARGET_EACH ? read_family(list, named) : read_target(list, named);
    }
    return status;
}

static int conclude(struct reading_list *list, int status)
{
    if (status == EXIT_NO_ANSWER ||
        (status == EXIT_DONE && list->asked > 0 && list->good == 0 && list->refused == 0)) {
        if (list->good == 0 && list->targets[0].target.family == FAMILY_RCC)
            session_complain_gateway(list->session);
        else
            session_complain(list->session);
        return list->good > 0 ? EXIT_PARTLY : EXIT_NO_ANSWER;
    }
    if (status != EXIT_DONE || list->good == list->asked)
        return status;
    return list->good > 0 ? EXIT_PARTLY : EXIT_REFUSED;
}

int cmd_read(const struct options *options)
{
    struct reading_list list = {.options = options};
    bool text = options->format == ROWS_TEXT;
    int status = parse_words(&list);

    if (status == EXIT_DONE)
        status = session_open(options, SESSION_QUESTIONS, &list.session);
    if (status != EXIT_DONE)
        goto done;
    session_catch_signals(list.session);
    list.reader = reader_new(list.session);
    list.rows = text ? rows_new(stdout, options->format, text_columns,
                                sizeof text_columns / sizeof *text_columns)
                     : rows_new(stdout, options->format, all_columns,
                                sizeof all_columns / sizeof *all_columns);
    status = session_wait_ready(list.session);
    if (status == EXIT_DONE)
        status = read_all(&list);
    status = finish_rows(list.rows, conclude(&list, status));
    reader_free(list.reader);
done:
    session_free(list.session);
    free(list.ranges);
    return status;
}
