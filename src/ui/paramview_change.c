// SPDX-License-Identifier: MIT
// What is done about the selected parameter of the chosen device.
#include <stdarg.h>
#include <stdio.h>

#include "ui/form.h"
#include "ui/paramview.h"
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
    for (size_t i = 0; i < count; i++)
        if (!record_undo_refusal(&records[i])) {
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
