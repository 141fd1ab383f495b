// SPDX-License-Identifier: MIT
#include "ui/alarmview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ui/field.h"
#include "ui/modal.h"
#include "ui/widgets.h"

enum { DETAIL_ROWS = 2, FORM_ROWS = 9, WORDS_MAX = 320 };

struct alarmview {
    struct scroll rows;
    bool typing;
    struct field field;
    const struct datapoint *about; // it is proposed for; NULL: none
    char former[ALARM_NAME_MAX];   // of the alarm that is being changed; "": a new one
    char error[ALARM_ERROR_MAX];
};

// --- Drawing -------------------------------------------------------------------------------------

static const char *state_words(const struct watch_status *status)
{
    if (status->alarm.on)
        return "! ON";
    if (status->reading.quality != QUALITY_FRESH)
        return "no value";
    return status->alarm.waiting ? "waiting" : "ok";
}

static void draw_row(struct canvas *canvas, struct rect line, const struct watch_status *status,
                     bool selected)
{
    char text[ALARM_RULE_MAX + 64];
    int state = line.width - 9;

    alarm_text(&status->rule, text, sizeof text);
    canvas_fit(canvas, line.x, line.y, state - 1, selected ? ROLE_SELECTED : ROLE_TEXT, text);
    canvas_text(canvas, line.x + state, line.y, status->alarm.on ? ROLE_ALARM : ROLE_DIM,
                state_words(status));
}

static void draw_selected(struct canvas *canvas, struct rect area,
                          const struct watch_status *status)
{
    char value[DATAPOINT_TEXT_MAX], text[DATAPOINT_TEXT_MAX + 128];

    plant_reading_reason(&status->reading, value, sizeof value);
    if (status->reading.quality == QUALITY_FRESH)
        snprintf(value, sizeof value, "%s", "");
    size_t used = 0;
    text_append(text, sizeof text, &used, "%s", datapoint_name(status->rule.datapoint));
    if (reading_has_number(&status->reading)) {
        char number[DATAPOINT_TEXT_MAX];
        text_append(
            text, sizeof text, &used, ": %s %s",
            datapoint_text(status->rule.datapoint, status->reading.number, number, sizeof number),
            datapoint_short_unit(status->rule.datapoint));
    }
    if (*value)
        text_append(text, sizeof text, &used, " (%s)", value);
    if (status->configured)
        text_append(text, sizeof text, &used, ". In the configuration file.");
    widget_paragraph(canvas, area, ROLE_DIM, text);
}

// "One of: Opened, Closed"; false for what isn't chosen from a list.
static bool options_words(const struct datapoint *datapoint, char *out, size_t size)
{
    struct option option;
    size_t used = 0, count = 0;

    if (!datapoint || datapoint_encoding(datapoint) == ENCODING_NUMBER)
        return false;
    for (; datapoint_option(datapoint, count, &option); count++)
        text_append(out, size, &used, "%s%s", count ? ", " : "One of: ", option.label);
    return count > 0;
}

static void draw_form(struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct alarmview *alarmview = ui->alarmview;
    struct rect inside = modal_open(canvas, body, FORM_ROWS,
                                    alarmview->former[0] ? "Change an alarm" : "A new alarm", "");
    struct rect text = {inside.x, inside.y + 2, inside.width, inside.height - 2};

    field_draw(&alarmview->field, canvas, inside.x, inside.y, inside.width, true);
    char words[WORDS_MAX];
    if (alarmview->error[0]) {
        snprintf(words, sizeof words, "! %s", alarmview->error);
        int rows = widget_paragraph(canvas, text, ROLE_WARNING, words);
        text.y += rows + 1;
        text.height -= rows + 1;
    }
    if (options_words(alarmview->about, words, sizeof words)) {
        int rows = widget_paragraph(canvas, text, ROLE_TEXT, words) + 1;
        text.y += rows;
        text.height -= rows;
    }
    if (text.height > 0)
        widget_paragraph(canvas, text, ROLE_DIM,
                         "NAME: DEVICE:ID < VALUE; or >, =, !=. Behind it, if wanted: hysteresis "
                         "NUMBER (it is over only so far on the good side), for TIME (only when it "
                         "was so for that long), like: low: BSP:7002 < 40 hysteresis 5 for 1m");
}

void alarmview_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct alarmview *alarmview = ui->alarmview;
    struct watch_status status;
    int count = 0;

    if (alarmview->typing) {
        draw_form(ui, canvas, body);
        return;
    }
    while (watch_at(ui->plant, (size_t)count, &status))
        count++;
    int wanted = count > 0 ? count + 1 + DETAIL_ROWS : 2;
    struct rect inside = modal_open(canvas, body, wanted, "Alarms on values", "");
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    if (count == 0) {
        widget_paragraph(canvas, inside, ROLE_TEXT,
                         "There are none. n sets one; so does a on a value in its view.");
        return;
    }
    scroll_follow(&alarmview->rows, count, inside.height - DETAIL_ROWS);
    for (int i = alarmview->rows.top; i < count && i - alarmview->rows.top < alarmview->rows.height;
         i++) {
        struct rect line = {inside.x, inside.y + i - alarmview->rows.top, inside.width, 1};
        bool selected = i == alarmview->rows.selected;
        watch_at(ui->plant, (size_t)i, &status);
        draw_row(canvas, line, &status, selected);
        if (!selected)
            continue;
        canvas->cursor_x = line.x;
        canvas->cursor_y = line.y;
        draw_selected(canvas,
                      (struct rect){inside.x, inside.y + inside.height - DETAIL_ROWS, inside.width,
                                    DETAIL_ROWS},
                      &status);
    }
}

// --- Keys ----------------------------------------------------------------------------------------

static void type(struct alarmview *alarmview, const char *former, const char *text)
{
    alarmview->typing = true;
    alarmview->error[0] = '\0';
    alarmview->about = NULL;
    snprintf(alarmview->former, sizeof alarmview->former, "%s", former);
    field_set(&alarmview->field, text, false);
}

void alarmview_open(struct ui *ui)
{
    ui_close_over(ui);
    ui->alarmview = xcalloc(1, sizeof *ui->alarmview);
}

// A name has no signs in it that mean something behind it.
static void proposed_name(const struct datapoint *datapoint, const char *device, char *out,
                          size_t size)
{
    const char *name = datapoint_short_name(datapoint);
    size_t used = 0;

    text_append(out, size, &used, "%s %.*s", device, ALARM_NAME_MAX - 1 - (int)strlen(device) - 1,
                *name ? name : datapoint_name(datapoint));
    for (char *c = out; *c; c++)
        if (strchr("<>=!:|", *c))
            *c = ' ';
}

void alarmview_open_for(struct ui *ui, const struct plant_ref *ref)
{
    const struct datapoint *datapoint = catalogue_find(ref->family, ref->id);
    char device[DEVICE_NAME_MAX], name[ALARM_NAME_MAX], text[FIELD_MAX];

    plant_ref_device(ref, device, sizeof device);
    proposed_name(datapoint, device, name, sizeof name);
    snprintf(text, sizeof text, "%s: %s:%u %s ", name, device, (unsigned)datapoint_id(datapoint),
             datapoint_encoding(datapoint) == ENCODING_NUMBER ? "<" : "=");
    alarmview_open(ui);
    type(ui->alarmview, "", text);
    ui->alarmview->about = datapoint;
}

void alarmview_close(struct ui *ui)
{
    free(ui->alarmview);
    ui->alarmview = NULL;
}

place_set alarmview_place(const struct alarmview *alarmview)
{
    return alarmview->typing ? IN_ALARM_TEXT : IN_ALARMS;
}

static void form_key_of(struct ui *ui, unsigned key, enum action action)
{
    struct alarmview *alarmview = ui->alarmview;
    struct alarm_rule rule;

    if (action == ACTION_CLOSE) {
        alarmview->typing = false;
    } else if (action == ACTION_ENTER) {
        if (watch_set(ui->plant, alarmview->field.text, alarmview->error,
                      sizeof alarmview->error) != XC_OK)
            return;
        // With another name it is another one: the former goes.
        if (alarm_parse(alarmview->field.text, &rule, alarmview->error, sizeof alarmview->error) ==
                XC_OK &&
            alarmview->former[0] && strcmp(rule.name, alarmview->former) != 0)
            watch_remove(ui->plant, alarmview->former);
        alarmview->typing = false;
    } else if (field_key(&alarmview->field, key)) {
        alarmview->error[0] = '\0';
    }
}

void alarmview_key(struct ui *ui, unsigned key, enum action action)
{
    struct alarmview *alarmview = ui->alarmview;
    struct watch_status status;
    char text[ALARM_RULE_MAX];
    bool any = watch_at(ui->plant, (size_t)alarmview->rows.selected, &status);

    if (alarmview->typing) {
        form_key_of(ui, key, action);
        return;
    }
    switch (action) {
    case ACTION_CLOSE:
        alarmview_close(ui);
        break;
    case ACTION_NEW:
        type(alarmview, "", "");
        break;
    case ACTION_ENTER:
        // Those of the configuration file are changed there, as it says below the list.
        if (any && !status.configured)
            type(alarmview, status.rule.name, alarm_text(&status.rule, text, sizeof text));
        break;
    case ACTION_STOP:
        if (any)
            watch_remove(ui->plant, status.rule.name);
        break;
    default:
        scroll_act(&alarmview->rows, action);
    }
}
