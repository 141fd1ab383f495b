// SPDX-License-Identifier: MIT
#include "ui/identify.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "plant/edit.h"
#include "ui/modal.h"

struct identify {
    struct edit *edit; // NULL: none is under way
    double address;    // that is written; 0 stops
    char name[DEVICE_NAME_MAX];
    struct paragraphs trouble; // to be read; none: nothing lies over the view
    struct scroll scroll;
};

static void tell(struct ui *ui, const char *text)
{
    paragraphs_add(&ui->identify->trouble, ROLE_WARNING, "! %s", text);
}

static void end(struct ui *ui)
{
    edit_close(ui->identify->edit);
    ui->identify->edit = NULL;
}

static void write_it(struct ui *ui)
{
    const struct edit_wish wish = {.number = ui->identify->address};
    struct edit_verdict verdict;

    edit_check(ui->identify->edit, &wish, &verdict);
    if (verdict.status == XC_OK && !verdict.word) {
        edit_write(ui->identify->edit, &wish, 0);
        return;
    }
    // What has to be confirmed first is confirmed where there is a form for it.
    if (verdict.status != XC_OK)
        tell(ui, verdict.why);
    for (size_t i = 0; verdict.status == XC_OK && i < verdict.warning_count; i++)
        tell(ui, verdict.warnings[i]);
    if (verdict.status == XC_OK)
        paragraphs_add(&ui->identify->trouble, ROLE_TEXT,
                       "Change %d of XCOM among the parameters, where this can be confirmed.",
                       IDENTIFY_PARAMETER);
    end(ui);
}

static void on_changed(void *arg)
{
    struct ui *ui = arg;
    struct edit *edit = ui->identify->edit;

    switch (edit_state(edit)) {
    case EDIT_READY:
        write_it(ui);
        break;
    case EDIT_FAILED:
        tell(ui, edit_text(edit));
        end(ui);
        break;
    case EDIT_DONE:
        if (edit_result(edit) != RECORD_WRITTEN)
            tell(ui, edit_text(edit));
        end(ui);
        break;
    case EDIT_READING:
    case EDIT_WRITING:
        break;
    }
}

void identify_device(struct ui *ui, enum family family, unsigned index)
{
    const struct target gateway = {.kind = TARGET_DEVICE, .family = FAMILY_RCC, .index = 1};
    char error[EDIT_TEXT_MAX];

    if (!ui->identify)
        ui->identify = xcalloc(1, sizeof *ui->identify);
    struct identify *identify = ui->identify;
    if (identify->edit)
        return;
    device_name(family, index, identify->name, sizeof identify->name);
    identify->address =
        plant_flashing(ui->plant, family, index) > 0 ? 0 : device_address(family, index);
    if (edit_open(ui->plant, &gateway, catalogue_find(FAMILY_RCC, IDENTIFY_PARAMETER), on_changed,
                  ui, &identify->edit, error, sizeof error) != XC_OK)
        tell(ui, error);
}

char *identify_mark(const struct ui *ui, const struct plant_device *device, char *out, size_t size)
{
    int64_t left = plant_flashing(ui->plant, device->family, device->index);

    out[0] = '\0';
    if (left > 0)
        snprintf(out, size, "flash %d", (int)((left + LOOP_S - 1) / LOOP_S));
    return out;
}

// --- What was in the way -------------------------------------------------------------------------

bool identify_is_open(const struct ui *ui)
{
    return ui->identify && ui->identify->trouble.count > 0;
}

void identify_close(struct ui *ui)
{
    if (!ui->identify)
        return;
    ui->identify->trouble.count = 0;
    ui->identify->scroll = (struct scroll){0};
}

void identify_key(struct ui *ui, enum action action)
{
    if (action == ACTION_CLOSE)
        identify_close(ui);
    else
        scroll_act(&ui->identify->scroll, action);
}

void identify_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    const struct paragraphs *trouble = &ui->identify->trouble;
    struct modal_room room = modal_room(body, 4);
    char title[48];

    snprintf(title, sizeof title, "LEDs of %s", ui->identify->name);
    struct rect inside =
        modal_open(canvas, body, paragraphs_rows(trouble, room.columns), title, "");
    paragraphs_draw(trouble, canvas, inside, &ui->identify->scroll);
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
}

void identify_free(struct ui *ui)
{
    if (ui->identify)
        edit_close(ui->identify->edit);
    free(ui->identify);
    ui->identify = NULL;
}
