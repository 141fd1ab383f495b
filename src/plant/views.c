// SPDX-License-Identifier: MIT
#include "plant/views.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plant/internal.h"

// Lists are kept as people write values, "XT1:3020,XT.sum:3136"; rows by their numbers, a hidden
// one with a minus before it.
enum { CONTENT_MAX = 2048, ITEM_MAX = 32 };

static const char *const list_names[] = {[VIEWS_PINS] = "pins", [VIEWS_GRAPHS] = "graphs"};

unsigned views_version(const struct plant *plant)
{
    return plant->views_version;
}

bool views_readable(const struct plant *plant)
{
    return plant->inbox.known && messages_settled(plant) && !plant->inbox.problem[0];
}

bool views_has_value(const struct datapoint *datapoint)
{
    return datapoint_kind(datapoint) != KIND_MENU && datapoint_format(datapoint) != FORMAT_NONE &&
           datapoint_encoding(datapoint) != ENCODING_SIGNAL;
}

static bool read_content(struct plant *plant, const char *name, char content[CONTENT_MAX])
{
    bool found = false;

    return plant->inbox.known && messages_settled(plant) &&
           known_view(plant->inbox.known, &plant->inbox.owner, name, content, CONTENT_MAX,
                      &found) == XC_OK &&
           found;
}

static enum xc_status keep_content(struct plant *plant, const char *name, const char *content,
                                   char error[VIEWS_ERROR_MAX])
{
    if (!messages_settled(plant)) {
        snprintf(error, VIEWS_ERROR_MAX, "which installation this is isn't known yet");
        return XC_USAGE;
    }
    enum xc_status status =
        known_keep_view(messages_known(plant), &plant->inbox.owner, name, content);
    if (status != XC_OK)
        snprintf(error, VIEWS_ERROR_MAX, "%.200s", known_error(plant->inbox.known));
    else if (plant->inbox.problem[0])
        snprintf(error, VIEWS_ERROR_MAX, "%.200s", plant->inbox.problem);
    return plant->inbox.problem[0] ? XC_IO : status;
}

// Takes the next of the items that commas separate; false at the end. One that is too long is "".
static bool next_item(const char **text, char item[ITEM_MAX])
{
    size_t length = strcspn(*text, ",");

    if (!**text)
        return false;
    snprintf(item, ITEM_MAX, "%.*s", (int)(length < ITEM_MAX ? length : 0), *text);
    *text += length + ((*text)[length] == ',');
    return true;
}

// --- Lists ---------------------------------------------------------------------------------------

static bool parse_ref(char *item, struct plant_ref *ref)
{
    char *colon = strchr(item, ':');
    struct target target;
    long id;

    if (!colon)
        return false;
    *colon = '\0';
    if (target_parse(item, &target) != XC_OK ||
        text_parse_int(colon + 1, 1, UINT16_MAX, &id) != XC_OK)
        return false;
    const struct datapoint *datapoint = catalogue_find(target.family, (unsigned)id);
    if (!datapoint || !views_has_value(datapoint))
        return false;
    *ref = (struct plant_ref){.family = target.family,
                              .index = target.index,
                              .parameter = datapoint_kind(datapoint) == KIND_PARAMETER,
                              .id = (uint16_t)id};
    if (target.kind == TARGET_SUM)
        ref->index = PLANT_SUM;
    else if (target.kind == TARGET_AVERAGE)
        ref->index = PLANT_AVERAGE;
    return target.kind == TARGET_DEVICE || (ref->index != target.index && !ref->parameter);
}

bool views_refs(struct plant *plant, enum views_list list, struct plant_ref refs[VIEWS_REFS_MAX],
                size_t *count)
{
    char content[CONTENT_MAX], item[ITEM_MAX];
    const char *text = content;

    *count = 0;
    if (!read_content(plant, list_names[list], content))
        return false;
    while (*count < VIEWS_REFS_MAX && next_item(&text, item))
        if (parse_ref(item, &refs[*count]))
            ++*count;
    return true;
}

enum xc_status views_keep_refs(struct plant *plant, enum views_list list,
                               const struct plant_ref *refs, size_t count,
                               char error[VIEWS_ERROR_MAX])
{
    char content[CONTENT_MAX] = "", name[DEVICE_NAME_MAX];
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        text_append(content, sizeof content, &used, "%s%s:%u", i > 0 ? "," : "",
                    plant_ref_device(&refs[i], name, sizeof name), refs[i].id);
    return keep_content(plant, list_names[list], content, error);
}

// --- Rows ----------------------------------------------------------------------------------------

size_t views_rows(struct plant *plant, const char *name, struct views_row rows[VIEWS_ROWS_MAX])
{
    char content[CONTENT_MAX], item[ITEM_MAX];
    const char *text = content;
    size_t count = 0;
    long id;

    if (!read_content(plant, name, content))
        return 0;
    while (count < VIEWS_ROWS_MAX && next_item(&text, item)) {
        bool hidden = item[0] == '-';
        if (text_parse_int(item + hidden, 1, UINT16_MAX, &id) == XC_OK)
            rows[count++] = (struct views_row){(uint16_t)id, hidden};
    }
    return count;
}

enum xc_status views_keep_rows(struct plant *plant, const char *name, const struct views_row *rows,
                               size_t count, char error[VIEWS_ERROR_MAX])
{
    char content[CONTENT_MAX] = "";
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        text_append(content, sizeof content, &used, "%s%s%u", i > 0 ? "," : "",
                    rows[i].hidden ? "-" : "", rows[i].id);
    return keep_content(plant, name, count > 0 ? content : NULL, error);
}
