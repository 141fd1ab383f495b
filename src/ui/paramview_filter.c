// SPDX-License-Identifier: MIT
// Which parameters the list is about: search, filters, and the reading of what a filter needs.
#include "ui/paramview.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ui/widgets.h"

// How long it stays true what was changed by this program, and what wasn't.
static const int64_t mine_holds = 5 * LOOP_S;

enum { MINE_MAX = 512 }; // more parameters than any family has

// --- Values --------------------------------------------------------------------------------------

bool paramview_is_carried(const struct datapoint *datapoint)
{
    return datapoint_format(datapoint) != FORMAT_NONE &&
           datapoint_encoding(datapoint) != ENCODING_SIGNAL;
}

struct paramview_value paramview_value(struct ui *ui, enum family family, unsigned index,
                                       const struct datapoint *datapoint, bool wanted)
{
    unsigned id = datapoint_id(datapoint);
    struct plant_ref ref = {
        .family = family, .index = (uint8_t)index, .parameter = true, .id = (uint16_t)id};
    struct paramview_value value = {.reading = {.number = NAN, .datapoint = datapoint}};

    if (!paramview_is_carried(datapoint))
        return value;
    value.reading = wanted ? ui_read_parameter(ui, family, index, id, PART_VALUE)
                           : plant_reading(ui->plant, &ref);
    value.overlay = plant_overlay(ui->plant, family, index, id, &value.ram);
    value.earlier =
        reading_has_number(&value.reading) &&
        plant_earlier_ram(ui->plant, family, index, id, &value.earlier_ram, &value.earlier_time) &&
        !paramview_same(datapoint, value.earlier_ram, value.reading.number);
    return value;
}

double paramview_number(const struct paramview_value *value)
{
    if (value->overlay != OVERLAY_NONE)
        return value->ram;
    return reading_has_number(&value->reading) ? value->reading.number : NAN;
}

bool paramview_same(const struct datapoint *datapoint, double a, double b)
{
    return datapoint_meant(datapoint, a) == datapoint_meant(datapoint, b);
}

static bool is_gone(const struct ui *ui, enum family family, unsigned index)
{
    const struct plant_device *device = plant_device(ui->plant, family, index);
    return device && device->presence == DEVICE_GONE;
}

// What is compared. Of a device that has gone nobody knows what it has now, and what may be in RAM
// is no reason to point at the others.
static double comparable(struct ui *ui, enum family family, unsigned index,
                         const struct datapoint *datapoint)
{
    struct paramview_value value = paramview_value(ui, family, index, datapoint, false);

    if (is_gone(ui, family, index))
        return NAN;
    if (value.overlay == OVERLAY_DOUBT)
        value.overlay = OVERLAY_NONE;
    return paramview_number(&value);
}

unsigned paramview_differs_from(struct ui *ui, enum family family, unsigned index,
                                const struct datapoint *datapoint, double *number)
{
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(ui, family, indices);

    if (ui->paramview->one_device && !(ui->paramview->filters & FILTER_DIFFERS))
        return 0;
    double own = comparable(ui, family, index, datapoint);
    for (int i = 0; i < count && indices[i] != index && !isnan(own); i++) {
        *number = comparable(ui, family, indices[i], datapoint);
        if (!isnan(*number))
            return paramview_same(datapoint, own, *number) ? 0 : indices[i];
    }
    return 0;
}

void paramview_read_volts(struct ui *ui)
{
    struct paramview *p = ui->paramview;
    enum family families[FAMILY_COUNT];
    int count = paramview_families(ui, families);

    p->battery_v = p->ac_v = NAN;
    for (int f = 0; f < count; f++) {
        uint8_t indices[DEVICES_PER_FAMILY_MAX];
        unsigned battery = family_battery_volts_info(families[f]);
        unsigned ac = family_ac_volts_info(families[f]);
        paramview_devices(ui, families[f], indices);
        if (ac) {
            struct reading reading = ui_read(ui, families[f], indices[0], ac);
            if (reading_has_number(&reading) && reading.number > 0)
                p->ac_v = reading.number;
        }
        if (!battery || !isnan(p->battery_v))
            continue;
        struct reading reading = ui_read(ui, families[f], indices[0], battery);
        if (reading_has_number(&reading) && reading.number > 0)
            p->battery_v = reading.number;
    }
}

struct datapoint_limits paramview_limits(const struct paramview *p,
                                         const struct datapoint *datapoint)
{
    return datapoint_limits_at(datapoint, p->battery_v, p->ac_v);
}

// --- Search --------------------------------------------------------------------------------------

static bool has_all_words(const struct datapoint *datapoint, const char *text)
{
    char word[SEARCH_MAX];

    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t length = strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, text);
        if (!datapoint_has_word(datapoint, word))
            return false;
        text += length;
    }
    return true;
}

static void search(struct paramview *p)
{
    for (int i = 0; i < p->node_count; i++)
        p->nodes[i].found = has_all_words(p->nodes[i].datapoint, p->text);
    // The first parameter is selected, not its heading.
    p->lists[LIST_FOUND].anchor = -1;
    p->folded_families = 0;
}

void paramview_type(struct ui *ui, unsigned character)
{
    struct paramview *p = ui->paramview;
    size_t length = strlen(p->text);
    char bytes[4];

    if (character == UI_KEY_ERASE_LINE) {
        p->text[0] = '\0';
        search(p);
    }
    if (text_is_control(character))
        return;
    size_t size = text_put(bytes, character);
    if (length + size >= sizeof p->text)
        return;
    memcpy(p->text + length, bytes, size);
    p->text[length + size] = '\0';
    search(p);
}

void paramview_erase(struct ui *ui)
{
    struct paramview *p = ui->paramview;
    size_t length = strlen(p->text);

    while (length > 0 && ((unsigned char)p->text[--length] & 0xC0) == 0x80)
        continue;
    p->text[length] = '\0';
    search(p);
}

void paramview_leave_search(struct ui *ui)
{
    struct paramview *p = ui->paramview;

    p->typing = p->searching = false;
    p->text[0] = '\0';
}

// --- Filters -------------------------------------------------------------------------------------

unsigned paramview_device(const struct ui *ui, enum family family)
{
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(ui, family, indices);
    int device = ui->paramview->columns[family].device;

    return count == 0 ? 0 : indices[device < count ? device : count - 1];
}

// The devices whose values decide whether a parameter of the family is in the list.
static int deciding_devices(const struct ui *ui, enum family family, unsigned filters,
                            uint8_t indices[DEVICES_PER_FAMILY_MAX])
{
    if (filters & FILTER_DIFFERS || !ui->paramview->one_device)
        return paramview_devices(ui, family, indices);
    indices[0] = (uint8_t)paramview_device(ui, family);
    return indices[0] > 0;
}

static bool is_changed(struct ui *ui, const struct paramview_node *node)
{
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = deciding_devices(ui, node->family, FILTER_CHANGED, indices);
    double factory = paramview_limits(ui->paramview, node->datapoint).factory;

    for (int i = 0; i < count && !isnan(factory); i++) {
        struct paramview_value value =
            paramview_value(ui, node->family, indices[i], node->datapoint, false);
        if (reading_has_number(&value.reading) &&
            !paramview_same(node->datapoint, value.reading.number, factory))
            return true;
        if (value.overlay != OVERLAY_NONE && !paramview_same(node->datapoint, value.ram, factory))
            return true;
    }
    return false;
}

static bool differs(struct ui *ui, const struct paramview_node *node)
{
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(ui, node->family, indices);
    double number;

    for (int i = 1; i < count; i++)
        if (paramview_differs_from(ui, node->family, indices[i], node->datapoint, &number))
            return true;
    return false;
}

static bool is_mine(const struct ui *ui, const struct paramview_node *node)
{
    if (!ui->paramview->one_device)
        return node->mine != 0;
    return node->mine & 1U << paramview_device(ui, node->family);
}

// What can be judged without a device's values.
static bool passes_at_once(const struct ui *ui, const struct paramview_node *node)
{
    const struct paramview *p = ui->paramview;

    if (datapoint_level(node->datapoint) > p->level || (paramview_flat(p) && !node->found))
        return false;
    if (p->filters & FILTERS_OF_VALUES && !datapoint_is_setting(node->datapoint))
        return false;
    return !(p->filters & FILTER_MINE) || is_mine(ui, node);
}

bool paramview_pass(struct ui *ui, const struct paramview_node *node)
{
    unsigned filters = ui->paramview->filters;

    return passes_at_once(ui, node) && (!(filters & FILTER_CHANGED) || is_changed(ui, node)) &&
           (!(filters & FILTER_DIFFERS) || differs(ui, node));
}

static void look_up_device(struct ui *ui, enum family family, unsigned index)
{
    struct paramview *p = ui->paramview;
    uint16_t ids[MINE_MAX];
    size_t count = plant_changed(ui->plant, family, index, ids, MINE_MAX);

    for (int n = p->first[family]; n < p->first[family + 1]; n++)
        for (size_t i = 0; i < count; i++)
            if (datapoint_id(p->nodes[n].datapoint) == ids[i])
                p->nodes[n].mine |= (uint16_t)(1U << index);
}

void paramview_look_up_mine(struct ui *ui)
{
    struct paramview *p = ui->paramview;
    int64_t now = loop_now(ui->loop);

    for (int family = 0; p->filters & FILTER_MINE && family < FAMILY_COUNT; family++) {
        uint8_t indices[DEVICES_PER_FAMILY_MAX];
        int count = paramview_devices(ui, (enum family)family, indices);
        bool shown = paramview_flat(p) || p->family == (enum family)family;
        bool holds = p->mine_at[family] > 0 && now - p->mine_at[family] < mine_holds;
        if (!shown || holds)
            continue;
        p->mine_at[family] = now;
        for (int n = p->first[family]; n < p->first[family + 1]; n++)
            p->nodes[n].mine = 0;
        for (int i = 0; i < count; i++)
            look_up_device(ui, (enum family)family, indices[i]);
    }
}

char *paramview_filters_text(const struct paramview *p, char *out, size_t size)
{
    static const struct {
        enum paramview_filter filter;
        const char *words;
    } filters[] = {{FILTER_CHANGED, "changed from default"},
                   {FILTER_DIFFERS, "differs between devices"},
                   {FILTER_MINE, "changed by me"}};
    size_t used = 0;

    out[0] = '\0';
    if (p->level < LEVEL_QSP)
        text_append(out, size, &used, "up to %s", level_name(p->level));
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (p->filters & filters[i].filter)
            text_append(out, size, &used, "%s%s", used ? ", " : "", filters[i].words);
    return out;
}

// --- Reading what a filter needs -----------------------------------------------------------------

static bool is_unread(struct ui *ui, const struct plant_ref *ref)
{
    return plant_reading(ui->plant, ref).quality == QUALITY_NONE;
}

// Values that decide about parameters of the present list, and were never read. refs: room for all
// of them, or NULL to count.
static size_t collect_unread(struct ui *ui, struct plant_ref *refs)
{
    const struct paramview *p = ui->paramview;
    size_t used = 0;

    for (int n = 0; p->filters & FILTERS_OF_VALUES && n < p->node_count; n++) {
        const struct paramview_node *node = &p->nodes[n];
        uint8_t indices[DEVICES_PER_FAMILY_MAX];
        if (paramview_is_menu(node) || node->again ||
            (!paramview_flat(p) && node->family != p->family) || !passes_at_once(ui, node))
            continue;
        int count = deciding_devices(ui, node->family, p->filters, indices);
        if (count < 2 && !(p->filters & FILTER_CHANGED))
            continue; // nothing to compare with
        for (int i = 0; i < count; i++) {
            struct plant_ref ref = {.family = node->family,
                                    .index = indices[i],
                                    .parameter = true,
                                    .id = datapoint_id(node->datapoint)};
            if (is_gone(ui, node->family, indices[i]) || !is_unread(ui, &ref))
                continue;
            if (refs)
                refs[used] = ref;
            used++;
        }
    }
    return used;
}

size_t paramview_unread(struct ui *ui, double *seconds)
{
    size_t unread = collect_unread(ui, NULL);
    struct plant_link link;

    plant_link(ui->plant, &link);
    *seconds = (double)unread * (double)link.statistics.median_us / LOOP_S;
    return unread;
}

void paramview_stop_reading(struct ui *ui)
{
    struct paramview *p = ui->paramview;

    plant_unsubscribe(ui->plant, p->reading);
    free(p->reading_refs);
    p->reading = NULL;
    p->reading_refs = NULL;
    p->reading_count = 0;
}

bool paramview_is_reading(struct ui *ui, size_t *left)
{
    struct paramview *p = ui->paramview;

    *left = 0;
    if (p->reading && plant_subscription_complete(ui->plant, p->reading))
        paramview_stop_reading(ui);
    for (size_t i = 0; i < p->reading_count; i++)
        *left += is_unread(ui, &p->reading_refs[i]);
    return p->reading != NULL;
}

void paramview_say_yes(struct ui *ui)
{
    struct paramview *p = ui->paramview;
    size_t count = collect_unread(ui, NULL);

    p->asking = 0;
    paramview_stop_reading(ui);
    if (count == 0)
        return;
    p->reading_refs = xcalloc(count, sizeof *p->reading_refs);
    p->reading_count = collect_unread(ui, p->reading_refs);
    p->reading =
        plant_subscribe(ui->plant, p->reading_refs, p->reading_count, 0, PRIORITY_BACKGROUND);
}

void paramview_say_no(struct ui *ui)
{
    struct paramview *p = ui->paramview;

    p->filters &= ~p->asking;
    p->asking = 0;
}

void paramview_scope_changed(struct ui *ui)
{
    struct paramview *p = ui->paramview;

    paramview_stop_reading(ui);
    paramview_look_up_mine(ui);
    p->asking = collect_unread(ui, NULL) > 0 ? p->filters & FILTERS_OF_VALUES : 0;
}

void paramview_toggle(struct ui *ui, enum paramview_filter filter)
{
    struct paramview *p = ui->paramview;

    p->filters ^= filter;
    paramview_scope_changed(ui);
    // No to this one leaves the others as they were.
    if (p->filters & filter)
        p->asking &= filter;
}

void paramview_next_level(struct ui *ui)
{
    struct paramview *p = ui->paramview;

    p->level = p->level == LEVEL_QSP ? LEVEL_BASIC : p->level + 1;
    paramview_scope_changed(ui);
}
