// SPDX-License-Identifier: MIT
#include "ui/planview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/paramview.h"

// How long nothing may be answered before what is missing counts as not known.
static const int64_t patience = 20 * LOOP_S;

// --- Where it is ---------------------------------------------------------------------------------

enum planview_page planview_page(const struct planview *plan)
{
    if (plan->reading)
        return PLANVIEW_READ;
    if (!plan->batch)
        return PLANVIEW_CHOOSE;
    switch (batch_phase(plan->batch)) {
    case BATCH_READY:
        return PLANVIEW_SHOW;
    case BATCH_WRITING:
        return PLANVIEW_WRITE;
    case BATCH_ENDED:
        return PLANVIEW_REPORT;
    case BATCH_ADDING:
    case BATCH_LOOKING:
        break;
    }
    return PLANVIEW_LOOK;
}

static bool can_write(const struct planview *plan)
{
    struct batch_totals totals;

    batch_totals(plan->batch, &totals);
    return totals.allowed > 0;
}

const char *planview_word(const struct planview *plan)
{
    struct batch_totals totals;

    batch_totals(plan->batch, &totals);
    return totals.other_site > 0 ? "site" : "copy";
}

place_set planview_place(const struct planview *plan)
{
    switch (planview_page(plan)) {
    case PLANVIEW_CHOOSE:
        return *plan->error ? IN_PLAN_END : IN_PLAN_CHOICE;
    case PLANVIEW_SHOW:
        // Nobody confirms what hasn't been seen.
        return !plan->shown ? IN_PLAN_WAITING : can_write(plan) ? IN_PLAN_WORD : IN_PLAN_END;
    case PLANVIEW_WRITE:
        return IN_PLAN_WRITING;
    case PLANVIEW_REPORT:
        return IN_PLAN_END;
    default:
        return IN_PLAN_WAITING;
    }
}

bool planview_is_present(const struct planview *plan, unsigned index)
{
    const struct plant_device *device = plant_device(plan->ui->plant, plan->family, index);

    return device && device->presence == DEVICE_PRESENT;
}

int planview_targets(const struct planview *plan, uint8_t indices[DEVICES_PER_FAMILY_MAX])
{
    uint8_t all[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(plan->ui, plan->family, all), used = 0;

    for (int i = 0; i < count; i++)
        if (all[i] != plan->from && (plan->to == 0 || plan->to == all[i]) &&
            planview_is_present(plan, all[i]))
            indices[used++] = all[i];
    return used;
}

// --- Reading what the devices have ---------------------------------------------------------------

static struct plant_ref ref_of(const struct planview *plan, unsigned index,
                               const struct datapoint *datapoint)
{
    return (struct plant_ref){.family = plan->family,
                              .index = (uint8_t)index,
                              .parameter = true,
                              .id = datapoint_id(datapoint)};
}

// What was read before isn't good enough: meanwhile it may have been written.
static bool is_fresh(const struct planview *plan, const struct reading *reading)
{
    return reading->quality == QUALITY_FRESH && reading->taken >= plan->since;
}

static bool is_answered(const struct planview *plan, const struct plant_ref *ref)
{
    struct reading reading = plant_reading(plan->ui->plant, ref);

    return is_fresh(plan, &reading) || reading.quality == QUALITY_REFUSED ||
           reading.quality == QUALITY_ABSENT || !planview_is_present(plan, ref->index);
}

static void stop_reading(struct planview *plan)
{
    plant_unsubscribe(plan->ui->plant, plan->reading);
    free(plan->refs);
    plan->reading = NULL;
    plan->refs = NULL;
    plan->ref_count = 0;
}

static void begin_reading(struct planview *plan)
{
    plan->target_count = planview_targets(plan, plan->targets);
    if (plan->target_count == 0 || !planview_is_present(plan, plan->from))
        return;
    plan->refs =
        xcalloc(plan->parameter_count * (size_t)(plan->target_count + 1), sizeof *plan->refs);
    for (size_t i = 0; i < plan->parameter_count; i++) {
        plan->refs[plan->ref_count++] = ref_of(plan, plan->from, plan->parameters[i]);
        for (int t = 0; t < plan->target_count; t++)
            plan->refs[plan->ref_count++] = ref_of(plan, plan->targets[t], plan->parameters[i]);
    }
    plan->since = plan->answered_at = loop_now(plan->ui->loop);
    plan->answered = 0;
    plan->reading =
        plant_subscribe(plan->ui->plant, plan->refs, plan->ref_count, 0, PRIORITY_BACKGROUND);
}

// --- The plan ------------------------------------------------------------------------------------

static void leave_out(struct planview *plan, unsigned index, const struct datapoint *datapoint,
                      const char *why)
{
    if (plan->gap_count == plan->gap_room) {
        plan->gap_room = plan->gap_room ? 2 * plan->gap_room : 32;
        plan->gaps = xrealloc(plan->gaps, plan->gap_room, sizeof *plan->gaps);
    }
    struct planview_gap *gap = &plan->gaps[plan->gap_count++];
    *gap = (struct planview_gap){.datapoint = datapoint, .index = (uint8_t)index};
    snprintf(gap->why, sizeof gap->why, "%s", why);
}

// A device's value in flash; false with a line in why if it isn't known.
static bool read_value(const struct planview *plan, unsigned index,
                       const struct datapoint *datapoint, double *number, char *why, size_t size)
{
    const struct plant_ref ref = ref_of(plan, index, datapoint);
    struct reading reading = plant_reading(plan->ui->plant, &ref);
    char name[DEVICE_NAME_MAX], reason[EDIT_TEXT_MAX / 2] = "no answer";

    *number = reading.number;
    if (is_fresh(plan, &reading))
        return true;
    if (reading.quality == QUALITY_REFUSED || reading.quality == QUALITY_ABSENT ||
        reading.quality == QUALITY_GONE)
        plant_reading_reason(&reading, reason, sizeof reason);
    snprintf(why, size, "%s has no value: %s", device_name(plan->family, index, name, sizeof name),
             reason);
    return false;
}

// Whether a device has a value already, where it would be written to.
static bool has_already(const struct planview *plan, unsigned index,
                        const struct datapoint *datapoint, double flash, double wanted)
{
    double ram;
    enum overlay_state overlay = plan->flash ? OVERLAY_NONE
                                             : plant_overlay(plan->ui->plant, plan->family, index,
                                                             datapoint_id(datapoint), &ram);

    return overlay == OVERLAY_NONE ? flash == wanted : overlay == OVERLAY_SURE && ram == wanted;
}

static void add_change(struct planview *plan, unsigned index, const struct datapoint *datapoint)
{
    const struct target target = {TARGET_DEVICE, plan->family, (uint8_t)index};
    char why[EDIT_TEXT_MAX];
    double wanted, now;

    if (!read_value(plan, plan->from, datapoint, &wanted, why, sizeof why) ||
        !read_value(plan, index, datapoint, &now, why, sizeof why))
        leave_out(plan, index, datapoint, why);
    else if (has_already(plan, index, datapoint, now, wanted))
        plan->same++;
    else if (batch_add(plan->batch, &target, datapoint, wanted, why, sizeof why) != XC_OK)
        leave_out(plan, index, datapoint, why);
}

static void make_plan(struct planview *plan)
{
    plan->batch = batch_new(plan->ui->plant, plan->flash, NULL, NULL);
    for (int t = 0; t < plan->target_count; t++)
        for (size_t i = 0; i < plan->parameter_count; i++)
            add_change(plan, plan->targets[t], plan->parameters[i]);
    stop_reading(plan);
    batch_look(plan->batch);
}

static void forget_plan(struct planview *plan)
{
    stop_reading(plan);
    batch_free(plan->batch);
    free(plan->gaps);
    free(plan->rows);
    plan->batch = NULL;
    plan->gaps = NULL;
    plan->rows = NULL;
    plan->gap_count = plan->gap_room = plan->same = 0;
    plan->row_count = plan->planned = 0;
    plan->shown = plan->stopping = plan->scrolled = plan->mistyped = false;
    plan->scroll = (struct scroll){0};
    field_set(&plan->word, "", false);
}

static void add_rows(struct planview *plan, enum batch_state state)
{
    for (size_t i = 0; i < batch_count(plan->batch); i++)
        if (batch_item(plan->batch, i)->state == state)
            plan->rows[plan->row_count++] = i;
}

void planview_advance(struct planview *plan)
{
    int64_t now = loop_now(plan->ui->loop);
    size_t answered = 0;

    if (plan->reading) {
        for (size_t i = 0; i < plan->ref_count; i++)
            answered += is_answered(plan, &plan->refs[i]);
        // Without a connection, or in a pause, nobody can answer.
        if (answered != plan->answered || plan->ui->plant_link.state != GATEWAY_UP ||
            plant_paused(plan->ui->plant))
            plan->answered_at = now;
        plan->answered = answered;
        if (answered == plan->ref_count || now - plan->answered_at > patience)
            make_plan(plan);
    }
    if (planview_page(plan) == PLANVIEW_SHOW && !plan->rows) {
        plan->rows = xcalloc(batch_count(plan->batch) + 1, sizeof *plan->rows);
        add_rows(plan, ITEM_ALLOWED);
        plan->planned = plan->row_count;
        add_rows(plan, ITEM_REFUSED);
    }
}

// --- Life ----------------------------------------------------------------------------------------

// Where nothing at all may be written, that is said before anything is read.
static void check_writing(struct planview *plan)
{
    struct batch *batch = batch_new(plan->ui->plant, false, NULL, NULL);
    const struct target target = {TARGET_DEVICE, plan->family, plan->from};

    if (batch_add(batch, &target, plan->parameters[0], 0, plan->error, sizeof plan->error) == XC_OK)
        plan->error[0] = '\0';
    batch_free(batch);
}

void planview_open(struct ui *ui, const struct target *from,
                   const struct datapoint *const *parameters, size_t count)
{
    struct planview *plan = xcalloc(1, sizeof *plan);

    plan->ui = ui;
    plan->family = from->family;
    plan->from = from->index;
    plan->line = PLANVIEW_TO;
    plan->parameters = xcalloc(count, sizeof *plan->parameters);
    memcpy(plan->parameters, parameters, count * sizeof *parameters);
    plan->parameter_count = count;
    check_writing(plan);
    ui_close_over(ui);
    ui->planview = plan;
}

void planview_close(struct ui *ui)
{
    if (!ui->planview)
        return;
    forget_plan(ui->planview);
    free(ui->planview->parameters);
    free(ui->planview);
    ui->planview = NULL;
}

// --- Keys ----------------------------------------------------------------------------------------

// The next of the family's devices, but for one that is left out; the present one at either end.
// 0 stands before all of them where it is allowed.
static uint8_t next_device(const struct planview *plan, uint8_t index, int step, uint8_t without,
                           bool or_all)
{
    uint8_t all[DEVICES_PER_FAMILY_MAX + 1] = {0};
    int count = 1 + paramview_devices(plan->ui, plan->family, all + 1), at = 0;

    for (int i = 0; i < count; i++)
        if (all[i] == index)
            at = i;
    do
        at += step;
    while (at > 0 && at < count && all[at] == without);
    return at >= count || at < (or_all ? 0 : 1) ? index : all[at];
}

static void choose(struct planview *plan, int step)
{
    switch (plan->line) {
    case PLANVIEW_FROM:
        plan->from = next_device(plan, plan->from, step, 0, false);
        if (plan->to == plan->from)
            plan->to = 0;
        break;
    case PLANVIEW_TO:
        plan->to = next_device(plan, plan->to, step, plan->from, true);
        break;
    case PLANVIEW_PART:
        plan->flash = step > 0;
        break;
    case PLANVIEW_LINES:
        break;
    }
}

static void choice_key(struct ui *ui, enum action action)
{
    struct planview *plan = ui->planview;

    switch (action) {
    case ACTION_CLOSE:
        planview_close(ui);
        break;
    case ACTION_ENTER:
        begin_reading(plan);
        break;
    case ACTION_LEFT:
        choose(plan, -1);
        break;
    case ACTION_RIGHT:
        choose(plan, 1);
        break;
    case ACTION_NEXT_LINE:
    case ACTION_DOWN:
        plan->line = (enum planview_line)((plan->line + 1) % PLANVIEW_LINES);
        break;
    case ACTION_PREVIOUS_LINE:
    case ACTION_UP:
        plan->line = (enum planview_line)((plan->line + PLANVIEW_LINES - 1) % PLANVIEW_LINES);
        break;
    default:
        break;
    }
}

static void write_plan(struct planview *plan)
{
    struct batch_totals totals;

    batch_totals(plan->batch, &totals);
    if (totals.other_site > 0)
        plant_confirm_site(plan->ui->plant);
    batch_write(plan->batch);
}

static void word_key(struct planview *plan, unsigned key, enum action action)
{
    switch (action) {
    case ACTION_CLOSE:
        forget_plan(plan);
        break;
    case ACTION_ENTER:
        plan->mistyped = strcmp(plan->word.text, planview_word(plan)) != 0;
        if (!plan->mistyped)
            write_plan(plan);
        break;
    case ACTION_UP:
    case ACTION_DOWN:
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        scroll_act(&plan->scroll, action);
        break;
    default:
        if (field_key(&plan->word, key))
            plan->mistyped = false;
    }
}

static void stop(struct ui *ui)
{
    struct planview *plan = ui->planview;

    if (plan->stopping) {
        planview_close(ui);
    } else {
        plan->stopping = true;
        batch_stop(plan->batch);
    }
}

void planview_key(struct ui *ui, unsigned key, enum action action)
{
    struct planview *plan = ui->planview;

    switch (planview_place(plan)) {
    case IN_PLAN_CHOICE:
        choice_key(ui, action);
        break;
    case IN_PLAN_WAITING:
        if (action == ACTION_CLOSE)
            forget_plan(plan);
        break;
    case IN_PLAN_WORD:
        word_key(plan, key, action);
        break;
    default:
        if (action == ACTION_CLOSE) {
            planview_close(ui);
        } else if (action == ACTION_STOP) {
            stop(ui);
        } else {
            plan->scrolled = true;
            scroll_act(&plan->scroll, action);
        }
    }
}
