// SPDX-License-Identifier: MIT
#include "ui/pins.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/graph.h"
#include "ui/widgets.h"

enum { VALUE_WIDTH = 10, UNIT_WIDTH = 5, MORE_WIDTH = 4 };

struct pins *pins_new(void)
{
    return xcalloc(1, sizeof(struct pins));
}

void pins_free(struct pins *pins)
{
    free(pins);
}

void pins_take(struct ui *ui)
{
    struct plant_ref refs[VIEWS_REFS_MAX];
    size_t count = 0;

    views_refs(ui->plant, VIEWS_PINS, refs, &count);
    *ui->pins = (struct pins){.count = count < PINS_MAX ? count : PINS_MAX};
    memcpy(ui->pins->refs, refs, ui->pins->count * sizeof *refs);
}

static size_t find(const struct pins *pins, const struct plant_ref *ref)
{
    size_t i = 0;

    while (i < pins->count && !ui_same_ref(&pins->refs[i], ref))
        i++;
    return i;
}

bool pins_has(const struct ui *ui, const struct plant_ref *ref)
{
    return find(ui->pins, ref) < ui->pins->count;
}

// Before a change: what another program has kept meanwhile isn't undone by it. The chosen one
// stays the same; false when it isn't there any more.
static bool take_anew(struct ui *ui)
{
    struct pins *pins = ui->pins;
    struct plant_ref chosen = pins->refs[pins->chosen];
    bool any = pins->count > 0;

    if (pins->unkept || !views_readable(ui->plant))
        return any;
    pins_take(ui);
    size_t i = find(pins, &chosen);
    pins->chosen = i < pins->count ? i : 0;
    return any && i < pins->count;
}

static void keep(struct ui *ui)
{
    struct pins *pins = ui->pins;
    char error[VIEWS_ERROR_MAX];

    pins->unkept = views_keep_refs(ui->plant, VIEWS_PINS, pins->refs, pins->count, error) != XC_OK;
    if (pins->unkept)
        ui_notice(ui, "not kept for the next time: %s", error);
}

static void take_off(struct ui *ui, size_t i)
{
    struct pins *pins = ui->pins;
    char name[GRAPH_NAME_MAX];

    ui_notice(ui, "taken off the overview: %s", graph_name(&pins->refs[i], 0, name, sizeof name));
    memmove(pins->refs + i, pins->refs + i + 1, (pins->count - i - 1) * sizeof *pins->refs);
    pins->count--;
    if (pins->chosen > 0 && pins->chosen >= pins->count)
        pins->chosen = pins->count > 0 ? pins->count - 1 : 0;
    keep(ui);
}

void pins_toggle(struct ui *ui, const struct plant_ref *ref)
{
    struct pins *pins = ui->pins;
    char name[GRAPH_NAME_MAX];

    take_anew(ui);
    size_t i = find(pins, ref);
    if (i < pins->count) {
        take_off(ui, i);
    } else if (!views_has_value(catalogue_find(ref->family, ref->id))) {
        ui_notice(ui, "%s has no value", graph_name(ref, 0, name, sizeof name));
    } else if (pins->count == PINS_MAX) {
        ui_notice(ui, "%d values are pinned already: * in the overview takes one off", PINS_MAX);
    } else {
        pins->refs[pins->count++] = *ref;
        ui_notice(ui, "pinned to the overview, on 1: %s", graph_name(ref, 0, name, sizeof name));
        keep(ui);
    }
}

// --- In the overview -----------------------------------------------------------------------------

static void draw_pin(struct ui *ui, struct canvas *canvas, struct rect cell, size_t i)
{
    const struct plant_ref *ref = &ui->pins->refs[i];
    int value_end = cell.x + cell.width - UNIT_WIDTH - 1;
    int name_width = value_end - VALUE_WIDTH - 1 - (cell.x + 2);
    bool chosen = i == ui->pins->chosen;
    char name[GRAPH_NAME_MAX];

    canvas_text(canvas, cell.x, cell.y, ROLE_KEY, chosen ? "►" : "*");
    canvas_fit(canvas, cell.x + 2, cell.y, name_width, ROLE_TEXT,
               graph_name(ref, name_width, name, sizeof name));
    // Behind a parameter there may be a sign.
    family_draw_value(ui, canvas, value_end - ref->parameter, cell.y, VALUE_WIDTH, ref);
    canvas_fit(canvas, value_end + 1, cell.y, UNIT_WIDTH, ROLE_DIM, graph_unit(ref));
}

void pins_draw(struct ui *ui, struct canvas *canvas, struct rect area, int columns, bool title)
{
    const struct pins *pins = ui->pins;

    if (area.height == 0 || pins->count == 0)
        return;
    if (title) {
        widget_rule(canvas, area, "Pinned", "");
        area.y++;
        area.height--;
    }
    size_t room = (size_t)columns * (size_t)area.height;
    size_t first = pins->chosen < room ? 0 : pins->chosen - room + 1;
    bool all = pins->count <= room;
    int width = (area.width - 1 - (all ? 0 : MORE_WIDTH)) / columns;

    for (size_t i = first; i < pins->count && i - first < room; i++)
        draw_pin(ui, canvas,
                 (struct rect){area.x + (int)(i - first) % columns * width,
                               area.y + (int)(i - first) / columns, width, 1},
                 i);
    if (!all)
        canvas_printf(canvas, area.x + area.width - MORE_WIDTH, area.y + area.height - 1, ROLE_DIM,
                      "+%zu", pins->count - room);
}

static void move(struct ui *ui, size_t to)
{
    struct pins *pins = ui->pins;
    struct plant_ref moved = pins->refs[pins->chosen];

    if (to >= pins->count)
        return;
    pins->refs[pins->chosen] = pins->refs[to];
    pins->refs[to] = moved;
    pins->chosen = to;
    keep(ui);
}

void pins_act(struct ui *ui, enum action action)
{
    struct pins *pins = ui->pins;

    if (pins->count == 0) {
        ui_notice(ui, "nothing is pinned: * on a value of the views 2 to 6 pins it here");
        return;
    }
    if (action == ACTION_LEFT) {
        pins->chosen -= pins->chosen > 0;
        return;
    }
    if (action == ACTION_RIGHT) {
        pins->chosen += pins->chosen + 1 < pins->count;
        return;
    }
    if (!take_anew(ui))
        return;
    if (action == ACTION_MOVE_UP)
        move(ui, pins->chosen - 1); // of the first: too large a number
    else if (action == ACTION_MOVE_DOWN)
        move(ui, pins->chosen + 1);
    else
        take_off(ui, pins->chosen);
}
