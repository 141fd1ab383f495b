// SPDX-License-Identifier: MIT
#include "plant/selection.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static const char overview[] =
    "XT*:3000,3005,3011,3021,3028,3136,3137,3083,3081,XT.sum:3136,3137,"
    "VT*:11000,11001,11002,11004,11007,11016,VT.sum:11004,"
    "VS*:15000,15001,15004,15010,15017,15108,VS.sum:15010,"
    "BSP:7000,7001,7002,7003,7007,7008,BMS:7000,7001,7002,7003,7007,7008";

static enum xc_status refuse(char error[SELECTION_ERROR_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum xc_status refuse(char error[SELECTION_ERROR_MAX], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error, SELECTION_ERROR_MAX, format, args);
    va_end(args);
    return XC_USAGE;
}

static void add(struct selection *selection, const struct target *target,
                const struct datapoint *datapoint)
{
    selection->items = xrealloc(selection->items, selection->count + 1, sizeof *selection->items);
    selection->items[selection->count++] =
        (struct selected){.target = *target, .datapoint = datapoint};
}

static bool is_over_family(const struct target *target)
{
    return target->kind == TARGET_SUM || target->kind == TARGET_AVERAGE;
}

static enum xc_status add_number(struct selection *selection, const struct target *target,
                                 unsigned id, char error[SELECTION_ERROR_MAX])
{
    const struct datapoint *datapoint = catalogue_find(target->family, id);
    const char *family = family_name(target->family);

    if (!datapoint || datapoint_format(datapoint) == FORMAT_NONE ||
        datapoint_encoding(datapoint) == ENCODING_SIGNAL)
        return refuse(error, "%s has no value %u; xcomtop list %s searches", family, id, family);
    enum aggregation wanted = target->kind == TARGET_SUM ? AGGREGATE_SUM : AGGREGATE_AVERAGE;
    if (is_over_family(target) && datapoint_aggregation(datapoint) != wanted)
        return refuse(error, "%u has no %s over several devices; %s*:%u takes each", id,
                      wanted == AGGREGATE_SUM ? "sum" : "average", family, id);
    add(selection, target, datapoint);
    return XC_OK;
}

// "3000" or "3000-3005"; of a range only what the tables have.
static enum xc_status add_numbers(struct selection *selection, const struct target *target,
                                  const char *text, char error[SELECTION_ERROR_MAX])
{
    char first[16];
    size_t length = strcspn(text, "-"), before = selection->count;
    long from, to;

    snprintf(first, sizeof first, "%.*s", (int)(length < sizeof first ? length : 0), text);
    if (text_parse_int(first, 1, UINT16_MAX, &from) != XC_OK)
        return refuse(error, "'%s' isn't the number of an info or parameter", text);
    if (!text[length])
        return add_number(selection, target, (unsigned)from, error);
    if (text_parse_int(text + length + 1, from, UINT16_MAX, &to) != XC_OK)
        return refuse(error, "'%s' isn't a range of numbers like 3000-3010", text);
    for (long id = from; id <= to; id++)
        if (catalogue_find(target->family, (unsigned)id))
            add_number(selection, target, (unsigned)id, error); // what has no value is left out
    if (selection->count > before)
        return XC_OK;
    return refuse(error, "there is nothing to be logged in %s", text);
}

enum xc_status selection_parse(const char *text, struct selection *selection,
                               char error[SELECTION_ERROR_MAX])
{
    struct target target = {.kind = TARGET_DEVICE};
    bool has_target = false;
    enum xc_status status = XC_OK;

    *selection = (struct selection){0};
    do {
        char item[64], *colon;
        size_t length = strcspn(text, ",");
        snprintf(item, sizeof item, "%.*s", (int)(length < sizeof item ? length : 0), text);
        if ((colon = strchr(item, ':')) != NULL) {
            *colon = '\0';
            has_target = target_parse(item, &target) == XC_OK && target.kind != TARGET_MULTICAST &&
                         target.kind != TARGET_PHASE;
        }
        if (!has_target)
            status = refuse(error,
                            "'%.*s': expected values like XT1:3000, XT*:3000-3010 or "
                            "XT.sum:3136",
                            (int)(length < 60 ? length : 60), text);
        else
            status = add_numbers(selection, &target, colon ? colon + 1 : item, error);
        text += length;
    } while (status == XC_OK && *text++ == ',');
    if (status != XC_OK)
        selection_free(selection);
    return status;
}

bool selection_is_builtin(const char *name)
{
    return strcmp(name, "overview") == 0 || strcmp(name, "all") == 0;
}

enum xc_status selection_preset(const char *name, struct selection *selection,
                                char error[SELECTION_ERROR_MAX])
{
    const struct datapoint *datapoint;

    if (strcmp(name, "overview") == 0) {
        enum xc_status status = selection_parse(overview, selection, error);
        for (size_t i = 0; i < selection->count; i++) {
            struct selected *item = &selection->items[i];
            item->where_there = true;
            if (item->target.kind == TARGET_DEVICE)
                item->target.kind = TARGET_EACH;
        }
        return status;
    }
    if (strcmp(name, "all") != 0)
        return refuse(error,
                      "there is no preset '%.40s'; there are overview and all, and preset-NAME of "
                      "the configuration file",
                      name);
    *selection = (struct selection){0};
    for (size_t i = 0; (datapoint = catalogue_at(i)) != NULL; i++) {
        struct target each = {.kind = TARGET_EACH, .family = datapoint_family(datapoint)};
        if (datapoint_kind(datapoint) == KIND_INFO && datapoint_format(datapoint) != FORMAT_NONE)
            add(selection, &each, datapoint);
    }
    return XC_OK;
}

void selection_free(struct selection *selection)
{
    free(selection->items);
    *selection = (struct selection){0};
}

// --- Of an installation --------------------------------------------------------------------------

struct list {
    struct plant_ref *refs;
    size_t count;
};

static bool is_same(const struct plant_ref *a, const struct plant_ref *b)
{
    return a->family == b->family && a->index == b->index && a->id == b->id;
}

static void add_ref(struct list *list, const struct selected *item, unsigned index)
{
    const struct plant_ref ref = {.family = item->target.family,
                                  .index = (uint8_t)index,
                                  .parameter = datapoint_kind(item->datapoint) == KIND_PARAMETER,
                                  .id = datapoint_id(item->datapoint)};

    for (size_t i = 0; i < list->count; i++)
        if (is_same(&list->refs[i], &ref))
            return;
    list->refs = xrealloc(list->refs, list->count + 1, sizeof *list->refs);
    list->refs[list->count++] = ref;
}

static bool has_family(const struct plant_device *devices, size_t count, enum family family)
{
    for (size_t i = 0; i < count; i++)
        if (devices[i].family == family)
            return true;
    return false;
}

struct plant_ref *selection_refs(const struct selection *selection, const struct plant *plant,
                                 size_t *count)
{
    const struct plant_device *devices;
    size_t device_count = plant_devices(plant, &devices);
    struct list list = {0};

    for (size_t i = 0; i < selection->count; i++) {
        const struct selected *item = &selection->items[i];
        if (item->where_there && !has_family(devices, device_count, item->target.family))
            continue;
        if (item->target.kind == TARGET_SUM)
            add_ref(&list, item, PLANT_SUM);
        else if (item->target.kind == TARGET_AVERAGE)
            add_ref(&list, item, PLANT_AVERAGE);
        else if (item->target.kind == TARGET_DEVICE)
            add_ref(&list, item, item->target.index);
        for (size_t d = 0; item->target.kind == TARGET_EACH && d < device_count; d++)
            if (devices[d].family == item->target.family)
                add_ref(&list, item, devices[d].index);
    }
    *count = list.count;
    return list.refs;
}
