// SPDX-License-Identifier: MIT
#include "ui/arranged.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct arranged *arranged_new(void)
{
    return xcalloc(1, sizeof(struct arranged));
}

void arranged_free(struct arranged *arranged)
{
    free(arranged);
}

void arranged_take(struct ui *ui)
{
    ui->arranged->unkept = false;
    for (int f = 0; f < FAMILY_COUNT; f++)
        ui->arranged->counts[f] =
            info_groups((enum family)f)
                ? views_rows(ui->plant, family_name((enum family)f), ui->arranged->rows[f])
                : 0;
}

static bool is_in(const struct info_group *group, unsigned id)
{
    const uint16_t *ids = group->ids;

    while (*ids && *ids != id)
        ids++;
    return *ids != 0;
}

static bool is_parameter(enum family family, unsigned id)
{
    const struct datapoint *datapoint = catalogue_find(family, id);

    return datapoint && datapoint_kind(datapoint) == KIND_PARAMETER && views_has_value(datapoint);
}

static bool is_listed(const struct views_row *rows, size_t count, unsigned id)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].id == id)
            return true;
    return false;
}

size_t arranged_group(const struct ui *ui, enum family family, const struct info_group *group,
                      struct views_row rows[VIEWS_ROWS_MAX])
{
    const struct views_row *kept = ui->arranged->rows[family];
    size_t kept_count = ui->arranged->counts[family], count = 0;

    // What is kept may have been written by another version, or be spoiled.
    for (size_t i = 0; i < kept_count && count < VIEWS_ROWS_MAX; i++)
        if (is_in(group, kept[i].id) && !is_listed(rows, count, kept[i].id))
            rows[count++] = kept[i];
    for (const uint16_t *id = group->ids; *id && count < VIEWS_ROWS_MAX; id++)
        if (!is_listed(rows, count, *id))
            rows[count++] = (struct views_row){*id, false};
    return count;
}

size_t arranged_added(const struct ui *ui, enum family family,
                      struct views_row rows[VIEWS_ROWS_MAX])
{
    const struct views_row *kept = ui->arranged->rows[family];
    size_t count = 0;

    for (size_t i = 0; i < ui->arranged->counts[family] && count < ADDED_MAX; i++)
        if (is_parameter(family, kept[i].id) && !is_listed(rows, count, kept[i].id))
            rows[count++] = (struct views_row){kept[i].id, false};
    return count;
}

// All rows of the family, those added and then group by group; returns how many.
static size_t list_all(const struct ui *ui, enum family family,
                       struct views_row all[VIEWS_ROWS_MAX])
{
    struct views_row rows[VIEWS_ROWS_MAX];
    size_t count = arranged_added(ui, family, all);

    for (const struct info_group *group = info_groups(family); group->title; group++) {
        size_t more = arranged_group(ui, family, group, rows);
        for (size_t i = 0; i < more && count < VIEWS_ROWS_MAX; i++)
            all[count++] = rows[i];
    }
    return count;
}

// The same before a change: what another program has kept meanwhile isn't undone by it.
static size_t list_anew(struct ui *ui, enum family family, struct views_row all[VIEWS_ROWS_MAX])
{
    if (!ui->arranged->unkept && views_readable(ui->plant))
        arranged_take(ui);
    return list_all(ui, family, all);
}

static bool is_as_at_first(enum family family, const struct views_row *rows, size_t count)
{
    size_t i = 0;

    for (const struct info_group *group = info_groups(family); group->title; group++)
        for (const uint16_t *id = group->ids; *id; id++, i++)
            if (i >= count || rows[i].id != *id || rows[i].hidden)
                return false;
    return true;
}

static void keep(struct ui *ui, enum family family, const struct views_row *rows, size_t count)
{
    char error[VIEWS_ERROR_MAX];

    if (is_as_at_first(family, rows, count))
        count = 0;
    memcpy(ui->arranged->rows[family], rows, count * sizeof *rows);
    ui->arranged->counts[family] = count;
    ui->arranged->unkept =
        views_keep_rows(ui->plant, family_name(family), rows, count, error) != XC_OK;
    if (ui->arranged->unkept)
        ui_notice(ui, "not kept for the next time: %s", error);
}

static size_t find(const struct views_row *rows, size_t count, unsigned id)
{
    size_t i = 0;

    while (i < count && rows[i].id != id)
        i++;
    return i;
}

void arranged_add(struct ui *ui, const struct plant_ref *ref)
{
    struct views_row rows[VIEWS_ROWS_MAX];
    const char *family = family_name(ref->family);
    size_t added = 0;

    if (!info_groups(ref->family)) {
        ui_notice(ui, "there is no view of values of the gateway; * pins this to the overview");
        return;
    }
    size_t count = list_anew(ui, ref->family, rows), i = find(rows, count, ref->id);
    while (added < count && is_parameter(ref->family, rows[added].id))
        added++;
    if (i < count) {
        memmove(rows + i, rows + i + 1, (--count - i) * sizeof *rows);
        ui_notice(ui, "%u is taken out of the values of %s", ref->id, family);
    } else if (!is_parameter(ref->family, ref->id)) {
        ui_notice(ui, "%u has no value", ref->id);
        return;
    } else if (added == ADDED_MAX || count == VIEWS_ROWS_MAX) {
        ui_notice(ui, "%zu parameters are among the values of %s already: x there takes one out",
                  added, family);
        return;
    } else {
        memmove(rows + added + 1, rows + added, (count++ - added) * sizeof *rows);
        rows[added] = (struct views_row){ref->id, false};
        ui_notice(ui, "%u stands among the values of %s now", ref->id, family);
    }
    keep(ui, ref->family, rows, count);
}

void arranged_hide(struct ui *ui, enum family family, unsigned id)
{
    struct views_row rows[VIEWS_ROWS_MAX];
    size_t count = list_anew(ui, family, rows), i = find(rows, count, id);

    if (i == count)
        return;
    if (is_parameter(family, id)) {
        arranged_add(ui, &(struct plant_ref){.family = family, .id = (uint16_t)id});
        return;
    }
    rows[i].hidden = !rows[i].hidden;
    ui_notice(
        ui, rows[i].hidden ? "%u is hidden: v shows what is, x takes it back" : "%u is shown again",
        id);
    keep(ui, family, rows, count);
}

// Of a parameter the one without a title.
static const struct info_group *group_of(enum family family, unsigned id)
{
    const struct info_group *group = info_groups(family);

    while (group->title && !is_in(group, id))
        group++;
    return group;
}

void arranged_move(struct ui *ui, enum family family, unsigned id, int step, bool hidden_shown)
{
    struct views_row rows[VIEWS_ROWS_MAX];
    size_t count = list_anew(ui, family, rows), from = find(rows, count, id);
    const struct info_group *group = group_of(family, id);

    if (from == count)
        return;
    struct views_row moved = rows[from];
    // Below 0 it is too large a number.
    for (size_t to = from + (size_t)step; to < count && group_of(family, rows[to].id) == group;
         to += (size_t)step) {
        rows[to - (size_t)step] = rows[to];
        rows[to] = moved;
        if (rows[to - (size_t)step].hidden && !hidden_shown)
            continue;
        keep(ui, family, rows, count);
        return;
    }
}
