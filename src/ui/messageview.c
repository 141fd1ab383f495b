// SPDX-License-Identifier: MIT
#include "ui/messageview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ui/alarmview.h"
#include "ui/field.h"
#include "ui/widgets.h"

enum { LIST_MAX = 2000, WORDS_MAX = 256, DETAIL_ROWS = 3, NARROW = 72, STAMP_MAX = 24 };

struct messageview {
    struct known_message *list; // newest first
    size_t count, room;
    bool loaded;
    unsigned version; // of what is known, when it was loaded
    size_t *shown;    // indices of those that fit
    size_t shown_count;
    int64_t newest;   // greatest number on the list: what is up to it will have been seen
    int64_t selected; // number of the selected one, so that it stays selected; 0: the newest
    struct scroll rows;
    enum severity least;
    char device[KNOWN_DEVICE_MAX]; // "": all
    struct field search;
    bool typing, searching;
};

struct messageview *messageview_new(void)
{
    return xcalloc(1, sizeof(struct messageview));
}

void messageview_free(struct messageview *view)
{
    free(view->list);
    free(view->shown);
    free(view);
}

// --- In words ------------------------------------------------------------------------------------

struct message_look message_look(const struct known_message *message)
{
    static const struct message_look severities[] = {
        [SEVERITY_INFO] = {" ", 'I', ROLE_TEXT},
        [SEVERITY_WARNING] = {"!", 'W', ROLE_WARNING},
        [SEVERITY_ERROR] = {"!", 'E', ROLE_ALARM},
        [SEVERITY_HALT] = {"!", 'H', ROLE_ALARM},
    };

    if (message->kind == KNOWN_ALARM)
        return (struct message_look){"!", 'A', ROLE_ALARM};
    if (message->kind == KNOWN_ALARM_OVER)
        return (struct message_look){" ", '-', ROLE_TEXT};
    return severities[message->severity];
}

char *message_words(const struct known_message *message, char *out, size_t size)
{
    static const char *const words[] = {[SEVERITY_INFO] = "",
                                        [SEVERITY_WARNING] = "warning: ",
                                        [SEVERITY_ERROR] = "ERROR: ",
                                        [SEVERITY_HALT] = "HALTED: "};
    struct message_text known = catalogue_message(message->number);

    if (message->kind != KNOWN_MESSAGE)
        snprintf(out, size, "%s%s", message->kind == KNOWN_ALARM ? "ALARM: " : "", message->text);
    else
        snprintf(out, size, "%s%s (%03u)", words[message->severity],
                 known.text ? known.text : "message", message->number);
    return out;
}

static void stamp(const struct known_message *message, bool year, char out[STAMP_MAX])
{
    time_t time = (time_t)message->timestamp;
    struct tm tm;

    gmtime_r(&time, &tm);
    strftime(out, STAMP_MAX, year ? "%Y-%m-%d %H:%M" : "%m-%d %H:%M", &tm);
}

// --- Which are shown -----------------------------------------------------------------------------

static bool take(void *arg, const struct known_message *message)
{
    struct messageview *view = arg;

    if (view->count == view->room) {
        view->room = view->room ? 2 * view->room : 64;
        view->list = xrealloc(view->list, view->room, sizeof *view->list);
    }
    view->list[view->count++] = *message;
    if (message->n > view->newest)
        view->newest = message->n;
    return true;
}

static bool fits(const struct messageview *view, const struct known_message *message)
{
    char words[WORDS_MAX];

    if (message->severity < view->least ||
        (view->device[0] && strcmp(view->device, message->device) != 0))
        return false;
    if (!view->searching || !view->search.text[0])
        return true;
    return strcasestr(message_words(message, words, sizeof words), view->search.text) ||
           strcasecmp(message->device, view->search.text) == 0;
}

static void choose(struct messageview *view)
{
    view->shown = xrealloc(view->shown, view->count ? view->count : 1, sizeof *view->shown);
    view->shown_count = 0;
    for (size_t i = 0; i < view->count; i++)
        if (fits(view, &view->list[i]))
            view->shown[view->shown_count++] = i;
    // The selection stays with its message while others come; the newest stays the newest.
    for (size_t i = 0; view->selected != 0 && i < view->shown_count; i++)
        if (view->list[view->shown[i]].n == view->selected)
            view->rows.selected = (int)i;
}

static void load(struct ui *ui)
{
    struct messageview *view = ui->messageview;
    const struct known_filter filter = {.last = LIST_MAX, .newest_first = true};
    unsigned version = plant_messages_state(ui->plant).version;

    if (!view->loaded || view->version != version) {
        view->count = 0;
        view->newest = 0;
        plant_messages_list(ui->plant, &filter, take, view);
        view->loaded = true;
        view->version = version;
    }
    choose(view);
}

static const struct known_message *selected_message(const struct messageview *view)
{
    size_t i = (size_t)view->rows.selected;

    return view->rows.selected >= 0 && i < view->shown_count ? &view->list[view->shown[i]] : NULL;
}

// --- Drawing -------------------------------------------------------------------------------------

static const char *filter_words(const struct messageview *view, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    if (view->least != SEVERITY_INFO)
        text_append(out, size, &used, "%s and worse",
                    view->least == SEVERITY_WARNING ? "warnings" : "errors");
    if (view->device[0])
        text_append(out, size, &used, "%sof %s", used ? ", " : "", view->device);
    if (view->searching && !view->typing)
        text_append(out, size, &used, "%s\"%s\"", used ? ", " : "", view->search.text);
    return out;
}

static void draw_heading(struct ui *ui, struct canvas *canvas, struct rect line)
{
    const struct messageview *view = ui->messageview;
    struct plant_messages_state state = plant_messages_state(ui->plant);
    char filter[FIELD_MAX + 64], title[sizeof filter + 16], remark[64];

    if (state.reading && state.total > 0)
        snprintf(remark, sizeof remark, "reading %lu of %lu",
                 (unsigned long)(state.read < state.total ? state.read : state.total),
                 (unsigned long)state.total);
    else if (state.reading)
        snprintf(remark, sizeof remark, "reading");
    else if (view->shown_count < view->count)
        snprintf(remark, sizeof remark, "%zu of %zu", view->shown_count, view->count);
    else if (view->count == LIST_MAX)
        snprintf(remark, sizeof remark, "the newest %d", LIST_MAX);
    else
        snprintf(remark, sizeof remark, "%zu known", view->count);
    filter_words(view, filter, sizeof filter);
    snprintf(title, sizeof title, "Messages%s%s", *filter ? ": " : "", filter);
    widget_rule(canvas, line, title, remark);
}

static const char *why_none(struct ui *ui)
{
    const struct messageview *view = ui->messageview;
    struct plant_messages_state state = plant_messages_state(ui->plant);

    if (view->count > 0)
        return "None fits: Esc shows all.";
    if (state.reading)
        return "Reading messages.";
    if (state.left)
        return "None is known, and the gateway's are left unread.";
    return ui->plant_link.capabilities & GATEWAY_HISTORY
               ? "There are none."
               : "None since the start: an Xcom-CAN keeps none.";
}

static void draw_row(struct canvas *canvas, struct rect line, const struct known_message *message,
                     bool selected)
{
    struct message_look look = message_look(message);
    bool wide = line.width >= NARROW;
    int device = wide ? 19 : 14, text = device + (wide ? 11 : 6);
    char time[STAMP_MAX], words[WORDS_MAX], letter[2] = {look.letter, '\0'};

    stamp(message, wide, time);
    if (selected)
        canvas_text(canvas, line.x, line.y, ROLE_KEY, "►");
    if (!message->seen)
        canvas_text(canvas, line.x + 1, line.y, ROLE_KEY, "*");
    canvas_text(canvas, line.x + 2, line.y, selected ? ROLE_SELECTED : ROLE_DIM, time);
    canvas_fit(canvas, line.x + device, line.y, text - device - (wide ? 5 : 1), ROLE_VALUE,
               message->device);
    if (wide) {
        canvas_text(canvas, line.x + text - 4, line.y, look.role, letter);
        canvas_text(canvas, line.x + text - 2, line.y, look.role, look.sign);
    } else {
        canvas_text(canvas, line.x + text - 1, line.y, look.role, look.sign);
    }
    message_words(message, words, sizeof words);
    canvas_fit(canvas, line.x + text, line.y, line.width - text - 1, look.role, words);
}

static void draw_detail(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct known_message *message = selected_message(ui->messageview);
    struct plant_messages_state state = plant_messages_state(ui->plant);
    char words[WORDS_MAX + 8], text[WORDS_MAX], learned[STAMP_MAX];
    time_t time = message ? (time_t)message->timestamp : 0;
    struct tm tm;
    size_t used = 0;

    if (!message || area.height < 1)
        return;
    struct message_look look = message_look(message);
    snprintf(words, sizeof words, "%s%s", look.sign[0] == '!' ? "! " : "",
             message_words(message, text, sizeof text));
    int rows = widget_paragraph(canvas, area, look.role, words);
    area.y += rows;
    area.height -= rows;
    gmtime_r(&time, &tm);
    text[0] = '\0';
    text_append(text, sizeof text, &used, "%s at %04d-%02d-%02d %02d:%02d:%02d by its clock",
                message->device[0] ? message->device : "?", tm.tm_year + 1900, tm.tm_mon + 1,
                tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (message->kind == KNOWN_MESSAGE)
        text_append(text, sizeof text, &used, ", value %lu", (unsigned long)message->value);
    text_append(text, sizeof text, &used, "; known here since %s",
                text_local_time(message->learned, learned, sizeof learned));
    rows = widget_paragraph(canvas, area, ROLE_DIM, text);
    area.y += rows;
    area.height -= rows;
    if (state.problem && area.height > 0) {
        snprintf(words, sizeof words, "! Not kept: %.200s", state.problem);
        widget_paragraph(canvas, area, ROLE_WARNING, words);
    }
}

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct messageview *view = ui->messageview;
    int detail = area.height >= 8 ? DETAIL_ROWS : 1;
    int height = area.height - 2 - detail;

    load(ui);
    draw_heading(ui, canvas, (struct rect){area.x, area.y, area.width, 1});
    scroll_follow(&view->rows, (int)view->shown_count, height);
    if (view->shown_count == 0)
        canvas_fit(canvas, area.x + 2, area.y + 1, area.width - 3, ROLE_DIM, why_none(ui));
    for (int i = view->rows.top; i < view->rows.count && i - view->rows.top < height; i++) {
        struct rect line = {area.x, area.y + 1 + i - view->rows.top, area.width, 1};
        bool selected = i == view->rows.selected;
        draw_row(canvas, line, &view->list[view->shown[i]], selected);
        if (selected) {
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
        }
    }
    struct rect bottom = {area.x + 1, area.y + area.height - detail - 1, area.width - 2,
                          detail + 1};
    if (view->typing) {
        int x = canvas_text(canvas, bottom.x, bottom.y, ROLE_TITLE, "Search: ");
        field_draw(&view->search, canvas, x, bottom.y, bottom.x + bottom.width - x, true);
    } else {
        draw_detail(ui, canvas, bottom);
    }
}

// --- Keys ----------------------------------------------------------------------------------------

place_set messageview_place(const struct ui *ui)
{
    return ui->messageview->typing ? IN_SEARCH : IN_MESSAGES;
}

void messageview_enter(struct ui *ui)
{
    struct messageview *view = ui->messageview;

    view->rows = (struct scroll){0};
    view->selected = 0;
    view->loaded = false;
    plant_messages_open(ui->plant);
}

void messageview_leave(struct ui *ui)
{
    ui->messageview->typing = false;
    plant_messages_seen(ui->plant, ui->messageview->newest);
}

void messageview_type(struct ui *ui, unsigned character)
{
    struct messageview *view = ui->messageview;

    field_key(&view->search, character);
    view->rows.selected = 0;
    view->selected = 0;
}

// All, then each device that has a message, in the order of their names.
static void next_device(struct messageview *view, bool back)
{
    const char *best = NULL;

    for (size_t i = 0; i < view->count; i++) {
        const char *name = view->list[i].device;
        int to_own = strcmp(name, view->device);
        if (!name[0] || (back ? view->device[0] && to_own >= 0 : to_own <= 0))
            continue;
        int to_best = best ? strcmp(name, best) : 0;
        if (!best || (back ? to_best > 0 : to_best < 0))
            best = name;
    }
    snprintf(view->device, sizeof view->device, "%s", best ? best : "");
}

static void show_all(struct messageview *view)
{
    view->least = SEVERITY_INFO;
    view->device[0] = '\0';
    view->searching = view->typing = false;
    field_set(&view->search, "", false);
}

static void act(struct ui *ui, enum action action)
{
    struct messageview *view = ui->messageview;

    switch (action) {
    case ACTION_LEFT:
    case ACTION_RIGHT:
        next_device(view, action == ACTION_LEFT);
        break;
    case ACTION_LEVEL:
        view->least = view->least == SEVERITY_INFO      ? SEVERITY_WARNING
                      : view->least == SEVERITY_WARNING ? SEVERITY_ERROR
                                                        : SEVERITY_INFO;
        break;
    case ACTION_SEARCH:
        field_set(&view->search, "", false);
        view->typing = view->searching = true;
        break;
    case ACTION_ERASE:
        field_key(&view->search, UI_KEY_BACKSPACE);
        break;
    case ACTION_ENTER:
        view->typing = false;
        view->searching = view->search.text[0] != '\0';
        break;
    case ACTION_BACK:
        if (view->typing)
            view->typing = view->searching = false;
        else
            show_all(view);
        break;
    case ACTION_ALARMS:
        alarmview_open(ui);
        return;
    default: {
        scroll_act(&view->rows, action);
        const struct known_message *message = selected_message(view);
        view->selected = message && view->rows.selected > 0 ? message->n : 0;
        return;
    }
    }
    // Another list: from its newest one.
    view->rows.selected = view->rows.top = 0;
    view->selected = 0;
    choose(view);
}

const struct view message_view = {draw, act};
