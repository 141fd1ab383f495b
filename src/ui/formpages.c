// SPDX-License-Identifier: MIT
// What is to be seen of a form.
#include "ui/form.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/formtext.h"
#include "ui/modal.h"
#include "ui/widgets.h"

enum { CHANGE_MAX = FORMTEXT_PRESENT + 2 * FORMTEXT_VALUE };

// --- Where things are on the first page ----------------------------------------------------------

struct places {
    bool narrow;
    int label; // columns
    struct rect now, allowed, value, part, where, keep, message, effect;
};

enum { LABEL = 11, LABEL_NARROW = 7, MESSAGE_MIN = 2, MESSAGE_GOOD = 4 };

static struct rect take_rows(struct rect *left, int rows)
{
    struct rect taken = *left;

    taken.height = rows < left->height ? rows : left->height;
    left->y += taken.height;
    left->height -= taken.height;
    return taken;
}

enum { TITLE_REST = 26 }; // columns of a title that aren't the name's: number, device, level

static int effect_rows(const struct form *form, int columns, struct paragraphs *paragraphs)
{
    const char *reason = datapoint_effect_reason(form->datapoint);
    const char *remark = datapoint_remark(form->datapoint);
    const char *name = datapoint_name(form->datapoint);

    paragraphs->count = 0;
    // What the title has no room for.
    if (text_width(name) > columns - TITLE_REST)
        paragraphs_add(paragraphs, ROLE_DIM, "%s", name);
    if (*reason)
        paragraphs_add(paragraphs, ROLE_WARNING, "! %s", reason);
    if (*remark)
        paragraphs_add(paragraphs, ROLE_DIM, "%s", remark);
    return paragraphs_rows(paragraphs, columns);
}

// The rows that everything would like, and with what is there the places.
static int lay_first_page(const struct form *form, struct rect inside, bool box,
                          struct places *places)
{
    struct paragraphs effect;
    bool keepable = datapoint_is_setting(form->datapoint), has_head = !formtext_is_signal(form);
    int where = form->target_count > 1, part = box ? 2 : 1, blank = box ? 1 : 0;
    int head = has_head ? 2 + blank : 0;
    int effects = box ? effect_rows(form, inside.width, &effect) : 0;

    *places = (struct places){.narrow = !box, .label = box ? LABEL : LABEL_NARROW};
    int value = entry_rows(&form->entry, inside.width - places->label);
    int fixed = head + part + where + keepable + blank;
    int wanted = fixed + value + MESSAGE_GOOD + effects;
    // Lists scroll before messages and effects get less than they need.
    int left = inside.height - fixed - effects;
    if (left < 1 + MESSAGE_MIN) {
        left += effects;
        effects = 0;
    }
    if (value > left - MESSAGE_MIN)
        value = left - MESSAGE_MIN > 1 ? left - MESSAGE_MIN : 1;
    int message = left - value < MESSAGE_GOOD ? left - value : MESSAGE_GOOD;
    if (has_head) {
        places->now = take_rows(&inside, 1);
        places->allowed = take_rows(&inside, 1);
        take_rows(&inside, blank);
    }
    places->value = take_rows(&inside, value);
    places->part = take_rows(&inside, part);
    places->where = take_rows(&inside, where);
    places->keep = take_rows(&inside, keepable);
    take_rows(&inside, blank);
    places->message = take_rows(&inside, message);
    places->effect = take_rows(&inside, effects);
    return wanted;
}

static int first_page_rows(const struct form *form, struct rect body)
{
    struct modal_room room = modal_room(body, 0);
    struct places places;

    return lay_first_page(form, (struct rect){0, 0, room.columns, body.height}, room.box, &places);
}

// --- The first page ------------------------------------------------------------------------------

// A line with a label, a text, and another at its right end where there is room for both.
static void draw_pair(struct canvas *canvas, const struct places *places, struct rect area,
                      const char *label, const char *left, const char *right)
{
    int x = area.x + places->label, end = area.x + area.width;

    canvas_text(canvas, area.x, area.y, ROLE_DIM, label);
    canvas_fit(canvas, x, area.y, end - x, ROLE_VALUE, left);
    if (x + canvas_text_width(canvas, left) + 2 + canvas_text_width(canvas, right) <= end)
        canvas_right(canvas, end, area.y, ROLE_DIM, right);
}

// "(●) RAM", cut at the column end: returns the column behind it.
static int draw_choice(struct canvas *canvas, int x, int y, int end, bool on, bool focus,
                       const char *text)
{
    bool here = on && focus;

    if (here) {
        canvas->cursor_x = x + 1;
        canvas->cursor_y = y;
    }
    canvas_fit(canvas, x, y, end - x, ROLE_TEXT, on ? "(●)" : "( )");
    canvas_fit(canvas, x + 4, y, end - x - 4, here ? ROLE_SELECTED : ROLE_TEXT, text);
    return x + 4 + canvas_text_width(canvas, text);
}

static void draw_label(const struct form *form, struct canvas *canvas, struct rect area,
                       enum form_line line, const char *label)
{
    if (area.height > 0)
        canvas_text(canvas, area.x, area.y, form->line == line ? ROLE_TITLE : ROLE_DIM, label);
}

static void draw_part(const struct form *form, struct canvas *canvas, const struct places *places)
{
    struct rect area = places->part;
    bool focus = form->line == LINE_PART, two = area.height > 1;
    int x = area.x + places->label, y = area.y;
    char count[48], flash[64];

    draw_label(form, canvas, area, LINE_PART, places->narrow ? "to" : "write to");
    formtext_flash(form, !two, count, sizeof count);
    snprintf(flash, sizeof flash, two ? "flash: %s" : "flash (%s)", count);
    int end = area.x + area.width;
    const char *ram = !two                                    ? "RAM"
                      : datapoint_is_setting(form->datapoint) ? "RAM, until it restarts"
                                                              : "RAM: nothing is stored";
    int behind = draw_choice(canvas, x, y, end, !form->flash, focus, ram);
    draw_choice(canvas, two ? x : behind + 2, two ? y + 1 : y, end, form->flash, focus, flash);
}

static void draw_where(const struct form *form, struct canvas *canvas, const struct places *places)
{
    struct rect area = places->where;
    int x = area.x + places->label;
    char text[48];

    if (area.height == 0)
        return;
    draw_label(form, canvas, area, LINE_WHERE, "where");
    for (int i = 0; i < form->target_count; i++) {
        formtext_target(form, &form->targets[i], text, sizeof text);
        // The phase's devices are told where there is room.
        if (places->narrow && form->targets[i].kind == TARGET_PHASE)
            target_name(&form->targets[i], text, sizeof text);
        x = draw_choice(canvas, x, area.y, area.x + area.width, i == form->where,
                        form->line == LINE_WHERE, text) +
            2;
    }
}

static void draw_keep(const struct form *form, struct canvas *canvas, const struct places *places)
{
    struct rect area = places->keep;
    int x = area.x + places->label, end = area.x + area.width;
    bool focus = form->line == LINE_KEEP;
    char text[48];

    if (area.height == 0)
        return;
    draw_label(form, canvas, area, LINE_KEEP, "keep");
    if (!form_has_line(form, LINE_KEEP)) {
        canvas_fit(canvas, x, area.y, end - x, ROLE_DIM, "flash keeps it");
        return;
    }
    canvas_text(canvas, x, area.y, ROLE_KEY, form->keep > 0 ? "◄" : " ");
    formtext_keep(form->keep, text, sizeof text);
    int behind = canvas_text(canvas, x + 2, area.y, focus ? ROLE_SELECTED : ROLE_TEXT, text);
    canvas_text(canvas, behind + 1, area.y, ROLE_KEY, form->keep < FORM_KEEPS - 1 ? "►" : " ");
    if (focus) {
        canvas->cursor_x = x + 2;
        canvas->cursor_y = area.y;
    }
    if (form->keep && !places->narrow)
        canvas_fit(canvas, x + 20, area.y, end - x - 20, ROLE_DIM, "for as long as xcomtop runs");
}

// A device that went away while somebody was typing.
static bool find_gone(const struct form *form, char *name, size_t size)
{
    const struct edit_device *devices;
    size_t count = form->edit ? edit_devices(form->edit, &devices) : 0;

    for (size_t i = 0; i < count; i++) {
        const struct plant_device *device =
            plant_device(form->ui->plant, devices[i].family, devices[i].index);
        // The gateway isn't among the devices.
        if (devices[i].family == FAMILY_RCC || (device && device->presence == DEVICE_PRESENT))
            continue;
        device_name(devices[i].family, devices[i].index, name, size);
        return true;
    }
    return false;
}

static void reading_text(const struct form *form, char *out, size_t size)
{
    unsigned done, all;

    edit_progress(form->edit, &done, &all);
    if (all > 0 && form_state(form) == EDIT_READING)
        snprintf(out, size, "○ %s: %u of %u", edit_text(form->edit), done, all);
    else
        snprintf(out, size, "○ %s", edit_text(form->edit));
}

static const char *failure(const struct form *form)
{
    return form->edit ? edit_text(form->edit) : form->error;
}

// What is to be said of what is entered.
static void draw_message(const struct form *form, struct canvas *canvas, struct rect area)
{
    const struct edit_verdict *verdict = &form->verdict;
    const struct edit_wish wish = form_wish(form);
    char text[EDIT_TEXT_MAX + 32], name[DEVICE_NAME_MAX];
    struct paragraphs paragraphs = {.count = 0};
    struct scroll top = {0};

    if (form_state(form) == EDIT_FAILED) {
        paragraphs_add(&paragraphs, ROLE_ALARM, "! %s", failure(form));
        paragraphs_add(&paragraphs, ROLE_TEXT, "Enter reads again.");
    } else if (!form->ready) {
        reading_text(form, text, sizeof text);
        paragraphs_add(&paragraphs, ROLE_TEXT, "%s", text);
    } else {
        if (find_gone(form, name, sizeof name))
            paragraphs_add(&paragraphs, ROLE_ALARM, "! %s doesn't answer any more.", name);
        if (verdict->status != XC_OK)
            paragraphs_add(&paragraphs, ROLE_WARNING, "! %s", verdict->why);
        else if (*verdict->note)
            paragraphs_add(&paragraphs, ROLE_TEXT, "%s", verdict->note);
        if (verdict->status == XC_OK && form_takes_back(form, &wish))
            paragraphs_add(&paragraphs, ROLE_TEXT, "%s",
                           formtext_taken_back(form, false, text, sizeof text));
        if (verdict->status == XC_OK)
            paragraphs_add(&paragraphs, ROLE_DIM, "%s",
                           verdict->unchanged ? "That is the present value."
                                              : "Nothing is written before you have confirmed it.");
    }
    paragraphs_draw(&paragraphs, canvas, area, &top);
}

static void draw_enter(struct form *form, struct canvas *canvas, struct rect body)
{
    char title[160], remark[80], left[FORMTEXT_PRESENT + 32], right[FORMTEXT_VALUE + 32];
    struct modal_room room = modal_room(body, first_page_rows(form, body));
    struct places places;
    struct paragraphs effect;
    struct scroll top = {0};

    formtext_title(form, !room.box, title, sizeof title);
    formtext_remark(form, remark, sizeof remark);
    struct rect inside = modal_open(canvas, body, room.rows, title, remark);
    lay_first_page(form, inside, room.box, &places);
    if (places.now.height > 0) {
        formtext_now(form, left, sizeof left);
        formtext_factory(form, places.narrow, right, sizeof right);
        draw_pair(canvas, &places, places.now, "now", left, right);
        formtext_allowed(form, left, sizeof left);
        // "inductive 0.90 to capacitive 0.90" leaves less room than numbers do.
        bool brief = places.narrow || canvas_text_width(canvas, left) > inside.width / 3;
        formtext_read(form, brief, right, sizeof right);
        draw_pair(canvas, &places, places.allowed, places.narrow ? "range" : "allowed", left,
                  right);
    }
    draw_label(form, canvas, places.value, LINE_VALUE,
               formtext_is_signal(form) ? "signal"
               : places.narrow          ? "new"
                                        : "new value");
    struct rect value = places.value;
    value.x += places.label;
    value.width -= places.label;
    draw_part(form, canvas, &places);
    draw_where(form, canvas, &places);
    draw_keep(form, canvas, &places);
    entry_draw(&form->entry, canvas, value, form->line == LINE_VALUE);
    draw_message(form, canvas, places.message);
    if (places.effect.height > 0) {
        effect_rows(form, inside.width, &effect);
        paragraphs_draw(&effect, canvas, places.effect, &top);
    }
}

// --- Before there is anything to enter -----------------------------------------------------------

static void draw_waiting(struct form *form, struct canvas *canvas, struct rect body)
{
    char title[160], remark[80], text[EDIT_TEXT_MAX + 32];
    struct paragraphs paragraphs = {.count = 0};
    unsigned done = 0, all = 0;
    bool reading = form_state(form) != EDIT_FAILED;
    struct modal_room room = modal_room(body, first_page_rows(form, body));

    formtext_title(form, !room.box, title, sizeof title);
    formtext_remark(form, remark, sizeof remark);
    struct rect inside = modal_open(canvas, body, room.rows, title, remark);
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    if (reading) {
        edit_progress(form->edit, &done, &all);
        reading_text(form, text, sizeof text);
        paragraphs_add(&paragraphs, ROLE_TEXT, "%s", text);
        widget_bar(canvas, inside.x, inside.y, inside.width, all ? (double)done / all : 0, ROLE_OK);
        inside.y++;
        inside.height--;
        paragraphs_add(&paragraphs, ROLE_DIM,
                       "Its value, limits, level and firmware decide what can be written.");
    } else {
        paragraphs_add(&paragraphs, ROLE_ALARM, "! %s", failure(form));
        paragraphs_add(&paragraphs, ROLE_TEXT, "Nothing has been written.");
        if (form->edit)
            paragraphs_add(&paragraphs, ROLE_TEXT, "Enter reads again.");
    }
    paragraphs_draw(&paragraphs, canvas, inside, &form->scroll);
}

// --- The second page -----------------------------------------------------------------------------

static void new_text(const struct form *form, const struct edit_wish *wish, char *out, size_t size)
{
    char value[FORMTEXT_VALUE];

    datapoint_exact_text(form->datapoint, wish->number, value, sizeof value);
    snprintf(out, size, "%s%s", wish->now ? "now, " : "", value);
}

// "XT1  60 A → 45 A"
static void change_text(const struct form *form, const struct edit_device *device,
                        const struct edit_wish *wish, char *out, size_t size)
{
    char name[DEVICE_NAME_MAX], old[FORMTEXT_PRESENT], new[FORMTEXT_VALUE + 8];

    device_name(device->family, device->index, name, sizeof name);
    new_text(form, wish, new, sizeof new);
    formtext_present(form, device, old, sizeof old);
    if (formtext_is_signal(form))
        snprintf(out, size, "%-5s send the signal", name);
    else
        snprintf(out, size, "%-5s %s → %s", name, old, new);
}

static void add_changes(const struct form *form, const struct edit_wish *wish,
                        struct paragraphs *paragraphs)
{
    const struct edit_device *devices;
    size_t count = edit_devices(form->edit, &devices);
    char text[CHANGE_MAX];

    for (size_t i = 0; i < count; i++) {
        change_text(form, &devices[i], wish, text, sizeof text);
        paragraphs_add(paragraphs, ROLE_VALUE, "%s", text);
    }
}

static void add_meaning(const struct form *form, const struct edit_wish *wish,
                        struct paragraphs *paragraphs)
{
    char who[24], value[FORMTEXT_VALUE], keep[32], count[48], undo[FORMTEXT_UNDO];
    const struct edit_verdict *verdict = &form->verdict;

    if (form_takes_back(form, wish))
        paragraphs_add(paragraphs, ROLE_TEXT, "%s",
                       formtext_taken_back(form, true, undo, sizeof undo));
    for (size_t i = 0; i < form->undo_note_count && form_takes_back(form, wish); i++)
        paragraphs_add(paragraphs, ROLE_WARNING, "! %s", form->undo_notes[i]);
    formtext_who(form, who, sizeof who);
    datapoint_exact_text(form->datapoint, wish->number, value, sizeof value);
    formtext_flash(form, false, count, sizeof count);
    if (wish->flash)
        paragraphs_add(paragraphs, ROLE_TEXT, "In flash, for good: %s.", count);
    else if (datapoint_encoding(form->datapoint) == ENCODING_DATE)
        paragraphs_add(paragraphs, ROLE_TEXT, "In RAM; the clock goes on from there.");
    else if (!formtext_is_signal(form))
        paragraphs_add(paragraphs, ROLE_TEXT,
                       "In RAM. It can't be read back: it will show as ~%s until %s restart%s.",
                       value, who, strncmp(who, "the", 3) == 0 ? "" : "s");
    if (form_has_line(form, LINE_KEEP) && form->keep) {
        formtext_keep(form->keep, keep, sizeof keep);
        paragraphs_add(paragraphs, ROLE_TEXT,
                       "Kept for as long as xcomtop runs: written again after restarts%s%s.",
                       form->keep > 1 ? ", and " : "", form->keep > 1 ? keep : "");
    }
    for (size_t i = 0; i < verdict->warning_count; i++)
        paragraphs_add(paragraphs, ROLE_WARNING, "! %s", verdict->warnings[i]);
    if (*verdict->note)
        paragraphs_add(paragraphs, ROLE_TEXT, "%s", verdict->note);
    if (verdict->unchanged)
        paragraphs_add(paragraphs, ROLE_DIM, "That is the present value.");
}

static void draw_prompt(struct form *form, struct canvas *canvas, struct rect area)
{
    const char *word = form->verdict.word;
    int end = area.x + area.width;

    if (!word) {
        canvas_text(canvas, area.x, area.y, ROLE_TITLE, "y writes it, Esc goes back.");
        canvas->cursor_x = area.x;
        canvas->cursor_y = area.y;
        return;
    }
    int x = canvas_printf(canvas, area.x, area.y, ROLE_TITLE, "Type \"%s\" to %s: ", word,
                          formtext_is_signal(form) ? "send it" : "write");
    int width = end - x < 20 ? end - x : 20;
    field_draw(&form->word, canvas, x, area.y, width, true);
    if (form->mistyped)
        canvas_text(canvas, area.x, area.y + 1, ROLE_WARNING, "! That isn't the word asked for.");
    else
        canvas_text(canvas, area.x, area.y + 1, ROLE_DIM, "Then Enter. Esc goes back.");
}

static void draw_confirm(struct form *form, struct canvas *canvas, struct rect body)
{
    enum { FEW_DEVICES = 4 };
    struct edit_wish wish = form_wish(form);
    struct paragraphs paragraphs = {.count = 0};
    const struct edit_device *devices;
    bool few = edit_devices(form->edit, &devices) <= FEW_DEVICES;
    char target[48], title[160];
    int prompt = form->verdict.word ? 2 : 1;

    formtext_title(form, false, title, sizeof title);
    paragraphs_add(&paragraphs, ROLE_HEADING, "%s", title);
    // What has to be known before is in sight, however many devices there are.
    if (few)
        add_changes(form, &wish, &paragraphs);
    add_meaning(form, &wish, &paragraphs);
    if (!few)
        add_changes(form, &wish, &paragraphs);

    formtext_target(form, &form->targets[form->where], target, sizeof target);
    int rows = paragraphs_rows(&paragraphs, modal_room(body, 0).columns);
    struct rect inside = modal_open(canvas, body, rows + 1 + prompt,
                                    formtext_is_signal(form) ? "Confirm: send"
                                    : wish.flash             ? "Confirm: write to flash"
                                                             : "Confirm: write to RAM",
                                    target);
    struct rect below = inside;
    inside.height -= prompt + (inside.height > rows + prompt ? 1 : 0);
    below.y = inside.y + inside.height + (below.height > rows + prompt ? 1 : 0);
    paragraphs_draw(&paragraphs, canvas, inside, &form->scroll);
    draw_prompt(form, canvas, below);
}

// --- The third page ------------------------------------------------------------------------------

static const struct {
    enum role role;
    const char *sign, *title, *word;
} results[RECORD_RESULT_COUNT] = {
    [RECORD_PENDING] = {ROLE_ALARM, "!", "Not known", "not completed: it may have been done"},
    [RECORD_WRITTEN] = {ROLE_OK, "●", "Written", "written"},
    [RECORD_DIFFERS] = {ROLE_ALARM, "!", "Written, but it differs", "written"},
    [RECORD_REFUSED] = {ROLE_ALARM, "!", "Refused", "refused"},
    [RECORD_NOT_SENT] = {ROLE_ALARM, "!", "Not sent", "nothing was sent"},
    [RECORD_UNKNOWN] = {ROLE_ALARM, "!", "Outcome unknown", "unknown: it may have been done"},
};

static void add_result(const struct form *form, const struct edit_device *device,
                       struct paragraphs *paragraphs)
{
    char change[CHANGE_MAX], back[FORMTEXT_VALUE], wanted[FORMTEXT_VALUE], rest[256] = "";
    const char *meaning = device->error ? catalogue_error_text(device->error) : NULL;
    size_t used = 0;

    change_text(form, device, &form->sent, change, sizeof change);
    if (device->error)
        text_append(rest, sizeof rest, &used, " (%s, 0x%02x)", meaning ? meaning : "error",
                    device->error);
    datapoint_exact_text(form->datapoint, form->sent.number, wanted, sizeof wanted);
    datapoint_exact_text(form->datapoint, device->read_back, back, sizeof back);
    if (!isnan(device->read_back) && strcmp(back, wanted) != 0)
        text_append(rest, sizeof rest, &used, ", reads back as %s", back);
    paragraphs_add(paragraphs, device->result == RECORD_WRITTEN ? ROLE_TEXT : ROLE_ALARM,
                   "%s%s: %s%s", device->result == RECORD_WRITTEN ? "" : "! ", change,
                   results[device->result].word, rest);
}

static void add_kept(const struct form *form, struct paragraphs *paragraphs)
{
    char keep[32];

    if (!form->done || form->keep == 0 || form->sent.flash)
        return;
    formtext_keep(form->keep, keep, sizeof keep);
    if (form->kept)
        paragraphs_add(paragraphs, ROLE_TEXT,
                       "Kept, as number %u: written %sagain %s%s. K lists what is kept.",
                       form->kept,
                       edit_result(form->edit) == RECORD_WRITTEN ? "" : "once more now, and ",
                       form->keep > 1 ? "after restarts, and " : "", keep);
    else
        paragraphs_add(paragraphs, ROLE_WARNING, "! It isn't kept%s%s.",
                       *form->keep_error ? ": " : "", form->keep_error);
}

static void draw_result(struct form *form, struct canvas *canvas, struct rect body)
{
    struct paragraphs paragraphs = {.count = 0};
    const struct edit_device *devices;
    size_t count = edit_devices(form->edit, &devices);
    enum edit_state state = form_state(form);
    const char *title = "Writing";
    char target[48], name[160];

    formtext_title(form, false, name, sizeof name);
    paragraphs_add(&paragraphs, ROLE_HEADING, "%s", name);
    if (state == EDIT_DONE) {
        enum record_result result = edit_result(form->edit);
        title = results[result].title;
        paragraphs_add(&paragraphs, results[result].role, "%s %s", results[result].sign,
                       edit_text(form->edit));
        for (size_t i = 0; i < count; i++)
            add_result(form, &devices[i], &paragraphs);
        if ((result == RECORD_UNKNOWN || result == RECORD_PENDING) && !form->kept)
            paragraphs_add(&paragraphs, ROLE_TEXT,
                           "It isn't sent again by itself. Look at the device, or read the value, "
                           "before you try once more.");
        add_kept(form, &paragraphs);
    } else if (state == EDIT_FAILED) {
        paragraphs_add(&paragraphs, ROLE_ALARM, "! %s", edit_text(form->edit));
    } else {
        paragraphs_add(&paragraphs, ROLE_TEXT, "○ %s", edit_text(form->edit));
        paragraphs_add(&paragraphs, ROLE_DIM,
                       "Esc closes this; the write goes on all the same, and is recorded%s.",
                       form->keep > 0 && !form->sent.flash ? " and kept" : "");
    }
    formtext_target(form, &form->targets[form->where], target, sizeof target);
    int rows = paragraphs_rows(&paragraphs, modal_room(body, 0).columns);
    struct rect inside = modal_open(canvas, body, rows, title, target);
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    paragraphs_draw(&paragraphs, canvas, inside, &form->scroll);
}

void form_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct form *form = ui->form;

    if (form->page == FORM_RESULT)
        draw_result(form, canvas, body);
    else if (!form->filled)
        draw_waiting(form, canvas, body);
    else if (form->page == FORM_CONFIRM)
        draw_confirm(form, canvas, body);
    else
        draw_enter(form, canvas, body);
}
