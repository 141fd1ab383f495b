// SPDX-License-Identifier: MIT
#include "ui/form.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

int64_t form_keep_period(int keep)
{
    // 20 s is below half of a watchdog's usual delay, 60 s.
    static const int seconds[FORM_KEEPS] = {0, 0, 20, 60, 300, 600, 1800};

    return seconds[keep] * LOOP_S;
}

enum edit_state form_state(const struct form *form)
{
    return form->edit ? edit_state(form->edit) : EDIT_FAILED;
}

bool form_has_line(const struct form *form, enum form_line line)
{
    switch (line) {
    case LINE_WHERE:
        return form->target_count > 1;
    case LINE_KEEP:
        return !form->flash && datapoint_is_setting(form->datapoint);
    default:
        return true;
    }
}

struct edit_wish form_wish(const struct form *form)
{
    struct edit_wish wish = {
        .number = form->entry.number, .flash = form->flash, .now = form->entry.now};

    if (wish.now)
        wish.number = (double)(ui_computer_clock(form->ui) / LOOP_S);
    if (form_has_line(form, LINE_KEEP))
        wish.keep_period = form_keep_period(form->keep);
    return wish;
}

bool form_takes_back(const struct form *form, const struct edit_wish *wish)
{
    return form->undo.n > 0 && wish->number == form->undo.old && wish->flash == form->undo.flash;
}

// --- What there is to choose from ----------------------------------------------------------------

// How many present inverters are on a phase.
static unsigned count_phase(const struct plant *plant, unsigned phase)
{
    const struct plant_device *devices;
    size_t count = plant_devices(plant, &devices);
    unsigned found = 0;

    for (size_t i = 0; i < count; i++)
        found += devices[i].family == FAMILY_XT && devices[i].presence == DEVICE_PRESENT &&
                 devices[i].phase == phase;
    return found;
}

static void find_targets(struct form *form, const struct target *target)
{
    const struct plant *plant = form->ui->plant;
    const struct plant_device *device;
    struct target all = {.kind = TARGET_MULTICAST, .family = target->family};
    unsigned count = plant_family_count(plant, target->family);

    form->targets[form->target_count++] = *target;
    if (target->kind != TARGET_DEVICE || count < 2 || form->undo.n > 0)
        return;
    device = plant_device(plant, target->family, target->index);
    if (device && target->family == FAMILY_XT && device->phase) {
        unsigned on_phase = count_phase(plant, device->phase);
        if (on_phase > 1 && on_phase < count)
            form->targets[form->target_count++] =
                (struct target){TARGET_PHASE, FAMILY_XT, device->phase};
    }
    if (target_address(&all) != 0)
        form->targets[form->target_count++] = all;
}

// --- The edit ------------------------------------------------------------------------------------

// The record that is taken back belongs to a device, not to its number.
static bool is_meant(const struct form *form)
{
    const struct edit_device *devices;

    return form->undo.n == 0 || edit_devices(form->edit, &devices) == 0 ||
           strcmp(devices->key, form->undo.key) == 0;
}

static void judge(struct form *form)
{
    struct edit_wish wish = form_wish(form);
    char name[DEVICE_NAME_MAX];

    if (!form->ready || form_state(form) != EDIT_READY || form->page == FORM_RESULT)
        return;
    edit_check(form->edit, &wish, &form->verdict);
    if (!is_meant(form)) {
        form->verdict.status = XC_USAGE;
        snprintf(form->verdict.why, sizeof form->verdict.why,
                 "%s is another device now than the one that was written to",
                 target_name(&form->targets[form->where], name, sizeof name));
    }
    // What can't be confirmed any more isn't asked for.
    if (form->verdict.status != XC_OK)
        form->page = FORM_ENTER;
}

// What was typed while the device was still being read. A part of it would be another value.
static void take_what_was_typed(struct form *form)
{
    for (int i = 0; i < form->ahead_count; i++)
        entry_key(&form->entry, form->ahead[i], ACTION_NONE, ui_computer_clock(form->ui) / LOOP_S);
    form->ahead_count = 0;
}

static void type_ahead(struct form *form, unsigned key)
{
    bool text = entry_kind(&form->entry) == ENTRY_TEXT && form_state(form) == EDIT_READING;

    if (text && (key < UI_KEY_UP || key == UI_KEY_BACKSPACE) && form->ahead_count < FORM_AHEAD_MAX)
        form->ahead[form->ahead_count++] = key;
}

static void take_what_was_read(struct form *form)
{
    const struct edit_device *devices;
    size_t count = edit_devices(form->edit, &devices);
    struct datapoint_limits *limits = &form->entry.limits;

    if (!form->filled) {
        double now = count == 0 ? NAN : isnan(devices->overlay) ? devices->value : devices->overlay;
        entry_begin(&form->entry, form->datapoint, form->undo.n > 0 ? form->undo.old : now);
        form->filled = true;
        take_what_was_typed(form);
    }
    limits->step = datapoint_limits(form->datapoint).step;
    edit_limits(form->edit, &limits->min, &limits->max);
    form->read_at = ui_clock(form->ui);
    form->ready = true;
}

// What may have been written is kept too: a watchdog that it has armed waits for the next one.
static void keep_what_was_written(struct form *form)
{
    enum record_result result = edit_result(form->edit);

    if (form->done || form->keep == 0 || form->sent.flash ||
        (result != RECORD_WRITTEN && result != RECORD_UNKNOWN))
        return;
    keep_start(form->ui->plant, edit_target(form->edit), form->datapoint, form->sent.number,
               form_keep_period(form->keep), result == RECORD_WRITTEN, &form->kept,
               form->keep_error, sizeof form->keep_error);
}

static void on_edit_changed(void *arg)
{
    struct form *form = arg;

    if (!form->edit)
        return;
    switch (form_state(form)) {
    case EDIT_READY:
        if (!form->ready)
            take_what_was_read(form);
        judge(form);
        break;
    case EDIT_DONE:
        keep_what_was_written(form);
        form->done = true;
        break;
    case EDIT_FAILED:
        if (form->page == FORM_CONFIRM)
            form->page = FORM_ENTER;
        break;
    case EDIT_READING:
    case EDIT_WRITING:
        break;
    }
}

static void begin_edit(struct form *form)
{
    struct edit *edit = NULL;

    edit_close(form->edit);
    form->edit = NULL;
    form->ready = false;
    form->page = FORM_ENTER;
    form->verdict = (struct edit_verdict){.status = XC_AGAIN};
    if (edit_open(form->ui->plant, &form->targets[form->where], form->datapoint, on_edit_changed,
                  form, &edit, form->error, sizeof form->error) != XC_OK)
        return;
    form->edit = edit;
    on_edit_changed(form);
}

static void write_it(struct form *form)
{
    judge(form);
    if (form_state(form) != EDIT_READY || form->page != FORM_CONFIRM)
        return;
    form->sent = form_wish(form);
    form->page = FORM_RESULT;
    form->scroll = (struct scroll){0};
    int64_t undo = form_takes_back(form, &form->sent) ? form->undo.n : 0;
    bool site = form->verdict.word && strcmp(form->verdict.word, "site") == 0;
    enum xc_status status = edit_write(form->edit, &form->sent, undo);
    if (status == XC_OK) {
        if (site)
            plant_confirm_site(form->ui->plant);
        return;
    }
    form->page = FORM_ENTER;
    form->verdict.status = status;
    snprintf(form->verdict.why, sizeof form->verdict.why, "nothing was written: %s",
             status_text(status));
}

// --- Life ----------------------------------------------------------------------------------------

static void open_form(struct ui *ui, const struct target *target, const struct datapoint *datapoint,
                      const struct record *undo)
{
    struct form *form = xcalloc(1, sizeof *form);

    form->ui = ui;
    form->datapoint = datapoint;
    if (undo) {
        form->undo = *undo;
        form->undo_note_count = plant_undo_notes(ui->plant, undo, form->undo_notes);
        form->flash = undo->flash;
    }
    find_targets(form, target);
    entry_begin(&form->entry, datapoint, NAN); // as large as it will be
    ui_close_over(ui);
    ui->form = form;
    begin_edit(form);
}

void form_open(struct ui *ui, const struct target *target, const struct datapoint *datapoint)
{
    open_form(ui, target, datapoint, NULL);
}

void form_open_undo(struct ui *ui, const struct target *device, const struct record *record)
{
    open_form(ui, device, catalogue_find(record->family, record->id), record);
}

void form_close(struct ui *ui)
{
    struct form *form = ui->form;

    if (!form)
        return;
    // It is kept all the same, and an edit that isn't done doesn't know of that.
    if (form->page == FORM_RESULT && !form->done && form->keep > 0 && !form->sent.flash)
        keep_adopt(form->edit);
    else
        edit_close(form->edit);
    free(form);
    ui->form = NULL;
}

// --- Keys ----------------------------------------------------------------------------------------

place_set form_place(const struct form *form)
{
    enum edit_state state = form_state(form);

    if ((!form->edit && !form->filled) || (form->page == FORM_RESULT && state == EDIT_DONE))
        return IN_FORM_CLOSING;
    if (form->page == FORM_RESULT)
        return IN_FORM_WAITING;
    if (!form->filled)
        return state == EDIT_FAILED ? IN_FORM_FAILED : IN_FORM_WAITING;
    if (form->page == FORM_CONFIRM)
        return form->verdict.word ? IN_WORD : IN_CONFIRM;
    return form->line == LINE_VALUE && entry_kind(&form->entry) == ENTRY_TEXT ? IN_FORM_TEXT
                                                                              : IN_FORM_CHOICE;
}

static void go_on(struct form *form)
{
    if (form_state(form) == EDIT_FAILED) {
        begin_edit(form);
        return;
    }
    judge(form);
    if (!form->ready || form_state(form) != EDIT_READY || form->verdict.status != XC_OK)
        return;
    form->page = FORM_CONFIRM;
    form->scroll = (struct scroll){0};
    form->mistyped = false;
    field_set(&form->word, "", false);
}

static void move_line(struct form *form, int by)
{
    do
        form->line = (enum form_line)(((int)form->line + LINE_COUNT + by) % LINE_COUNT);
    while (!form_has_line(form, form->line));
}

// What a key makes of a choice of count.
static int chosen(int choice, int count, enum action action)
{
    switch (action) {
    case ACTION_LEFT:
    case ACTION_UP:
        return choice > 0 ? choice - 1 : 0;
    case ACTION_RIGHT:
    case ACTION_DOWN:
        return choice < count - 1 ? choice + 1 : choice;
    case ACTION_TOGGLE:
        return (choice + 1) % count;
    default:
        return choice;
    }
}

static void line_key(struct form *form, unsigned key, enum action action)
{
    int where;

    switch (form->line) {
    case LINE_VALUE:
        entry_key(&form->entry, key, action, ui_computer_clock(form->ui) / LOOP_S);
        break;
    case LINE_PART:
        form->flash = chosen(form->flash, 2, action) != 0;
        break;
    case LINE_WHERE:
        where = chosen(form->where, form->target_count, action);
        if (where != form->where) {
            form->where = where;
            begin_edit(form);
        }
        break;
    case LINE_KEEP:
        form->keep = chosen(form->keep, FORM_KEEPS, action);
        break;
    case LINE_COUNT:
        break;
    }
    judge(form);
}

static void enter_key(struct ui *ui, unsigned key, enum action action)
{
    struct form *form = ui->form;

    switch (action) {
    case ACTION_CLOSE:
        form_close(ui);
        break;
    case ACTION_ENTER:
        go_on(form);
        break;
    case ACTION_NEXT_LINE:
        move_line(form, 1);
        break;
    case ACTION_PREVIOUS_LINE:
        move_line(form, -1);
        break;
    default:
        if (form->filled)
            line_key(form, key, action);
        else
            type_ahead(form, key);
    }
}

static void confirm_key(struct form *form, unsigned key, enum action action)
{
    const char *word = form->verdict.word;

    switch (action) {
    case ACTION_CLOSE:
        form->page = FORM_ENTER;
        break;
    case ACTION_YES:
        write_it(form);
        break;
    case ACTION_ENTER:
        form->mistyped = strcmp(form->word.text, word) != 0;
        if (!form->mistyped)
            write_it(form);
        break;
    case ACTION_UP:
    case ACTION_DOWN:
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        scroll_act(&form->scroll, action);
        break;
    default:
        if (word && field_key(&form->word, key))
            form->mistyped = false;
    }
}

void form_key(struct ui *ui, unsigned key, enum action action)
{
    struct form *form = ui->form;

    switch (form->edit || form->filled ? form->page : FORM_RESULT) {
    case FORM_ENTER:
        enter_key(ui, key, action);
        break;
    case FORM_CONFIRM:
        confirm_key(form, key, action);
        break;
    case FORM_RESULT:
        if (action == ACTION_CLOSE)
            form_close(ui);
        else
            scroll_act(&form->scroll, action);
        break;
    }
}
