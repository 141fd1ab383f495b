// SPDX-License-Identifier: MIT
// What is done about the selected parameter of the chosen device.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "ui/form.h"
#include "ui/paramview.h"
#include "ui/planview.h"
#include "ui/writes.h"

static void tell(struct paramview *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void tell(struct paramview *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(p->notice, sizeof p->notice, format, args);
    va_end(args);
}

// NULL if the selected row isn't a parameter.
static const struct paramview_node *selected_parameter(struct paramview *p)
{
    const struct paramview_row *row = paramview_selected(p);
    const struct paramview_node *node = row ? paramview_node(p, row) : NULL;

    return node && !paramview_is_menu(node) ? node : NULL;
}

// The chosen device of the selected row's family.
static struct target chosen_device(const struct ui *ui)
{
    const struct paramview_row *row = paramview_selected(ui->paramview);
    enum family family = row ? row->family : ui->paramview->family;

    return (struct target){TARGET_DEVICE, family, (uint8_t)paramview_device(ui, family)};
}

bool paramview_edit(struct ui *ui)
{
    const struct paramview_node *node = selected_parameter(ui->paramview);
    const struct target target = chosen_device(ui);

    if (node && target.index > 0)
        form_open(ui, &target, node->datapoint);
    return node != NULL;
}

static bool is_among(const struct datapoint *datapoint, const struct datapoint *const *list,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == datapoint)
            return true;
    return false;
}

// The settings among the listed entries from first up to end; list has room for all of them.
static size_t collect_settings(const struct paramview *p, int first, int end,
                               const struct datapoint **list)
{
    size_t count = 0;

    for (int i = first; i < end; i++) {
        const struct paramview_node *node = &p->nodes[i];
        if (!paramview_is_menu(node) && node->inside > 0 && datapoint_is_setting(node->datapoint) &&
            !is_among(node->datapoint, list, count))
            list[count++] = node->datapoint;
    }
    return count;
}

void paramview_copy(struct ui *ui, bool all)
{
    struct paramview *p = ui->paramview;
    const struct paramview_row *row = paramview_selected(p);
    const struct target from = chosen_device(ui);
    uint8_t indices[DEVICES_PER_FAMILY_MAX];

    if (!row)
        return;
    if (paramview_devices(ui, from.family, indices) < 2) {
        tell(p, "! there is no other %s to copy to", family_name(from.family));
        return;
    }
    // A heading stands for all of its family.
    bool one = row->node >= 0 && !all;
    int first = one ? row->node : p->first[from.family];
    int end = one ? p->nodes[row->node].end : p->first[from.family + 1];
    const struct datapoint **list = xcalloc((size_t)(end - first), sizeof *list);
    size_t count = collect_settings(p, first, end, list);
    if (count > 0)
        planview_open(ui, &from, list, count);
    else if (selected_parameter(p) && one)
        tell(p, "! %u isn't a setting that could be copied",
             datapoint_id(p->nodes[row->node].datapoint));
    else
        tell(p, "! nothing that is listed here is a setting that could be copied");
    free(list);
}

// By one of the newer ones before it.
static bool is_taken_back(const struct record *records, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (records[i].undo == records[at].n && records[i].result == RECORD_WRITTEN)
            return true;
    return false;
}

void paramview_undo(struct ui *ui)
{
    enum { LOOK_BACK = 64 }; // records
    const struct paramview_node *node = selected_parameter(ui->paramview);
    const struct target target = chosen_device(ui);
    struct record records[LOOK_BACK];
    char name[DEVICE_NAME_MAX];

    if (!node) {
        tell(ui->paramview, "! choose a parameter whose last write is to be taken back");
        return;
    }
    size_t count = plant_changes(ui->plant, target.family, target.index,
                                 datapoint_id(node->datapoint), records, LOOK_BACK, NULL);
    // What took something back isn't taken back itself, nor is that once more: the list of writes
    // does it.
    for (size_t i = 0; i < count; i++)
        if (!record_undo_refusal(&records[i]) && records[i].undo == 0 &&
            !is_taken_back(records, i)) {
            form_open_undo(ui, &target, &records[i]);
            return;
        }
    tell(ui->paramview, "! no write of %u to %s can be taken back", datapoint_id(node->datapoint),
         target_name(&target, name, sizeof name));
}

void paramview_list_writes(struct ui *ui)
{
    const struct target target = chosen_device(ui);

    if (target.index > 0)
        writes_open(ui, &target);
}
