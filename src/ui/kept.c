// SPDX-License-Identifier: MIT
#include "ui/kept.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/edit.h"
#include "ui/modal.h"

struct kept {
    struct scroll rows;
    unsigned stopping; // the number that is to be confirmed; 0: none
    bool leaving;      // to be confirmed
};

enum { DETAIL_ROWS = 3 };

// --- In words ------------------------------------------------------------------------------------

static void period_text(const struct keep_status *status, char *out, size_t size)
{
    int seconds = (int)(status->period / LOOP_S);

    if (seconds == 0)
        snprintf(out, size, "after restarts");
    else if (seconds % 60 == 0)
        snprintf(out, size, "every %d min", seconds / 60);
    else
        snprintf(out, size, "every %d s", seconds);
}

static void last_text(const struct ui *ui, const struct keep_status *status, char *out, size_t size)
{
    char age[24];

    if (status->last == 0)
        snprintf(out, size, "never");
    else
        snprintf(out, size, "%s ago",
                 text_age(age, sizeof age, (double)((loop_now(ui->loop) - status->last) / LOOP_S)));
}

// --- Drawing -------------------------------------------------------------------------------------

static int count_kept(const struct ui *ui)
{
    struct keep_status status;
    int count = 0;

    while (keep_at(ui->plant, (size_t)count, &status))
        count++;
    return count;
}

bool kept_in_trouble(const struct ui *ui)
{
    struct keep_status status;

    for (size_t i = 0; keep_at(ui->plant, i, &status); i++)
        if (status.trouble)
            return true;
    return false;
}

// Columns from the left edge. Narrow: the parameter's number only, and no time of the last write.
struct columns {
    int device, parameter, value_end, period, last;
};

static struct columns lay(int width, bool box)
{
    if (!box)
        return (struct columns){3, 8, 23, 24, width};
    return (struct columns){4, 11, width - 26, width - 24, width - 9};
}

static void draw_heading(struct canvas *canvas, struct rect line, const struct columns *columns,
                         bool box)
{
    canvas_text(canvas, line.x, line.y, ROLE_HEADING, "n");
    canvas_text(canvas, line.x + columns->device, line.y, ROLE_HEADING, box ? "device" : "dev");
    canvas_text(canvas, line.x + columns->parameter, line.y, ROLE_HEADING,
                box ? "parameter" : "param");
    canvas_right(canvas, line.x + columns->value_end, line.y, ROLE_HEADING, "value");
    canvas_text(canvas, line.x + columns->period, line.y, ROLE_HEADING, "again");
    if (box)
        canvas_text(canvas, line.x + columns->last, line.y, ROLE_HEADING, "last");
}

static void draw_row(struct ui *ui, struct canvas *canvas, struct rect line,
                     const struct columns *columns, const struct keep_status *status, bool selected)
{
    char text[DATAPOINT_TEXT_MAX + 16], value[DATAPOINT_TEXT_MAX + 16];
    bool box = columns->last < line.width;
    int x = line.x, y = line.y;

    canvas_printf(canvas, x, y, selected ? ROLE_SELECTED : ROLE_TEXT, "%u", status->n);
    if (status->trouble)
        canvas_text(canvas, x + columns->device - 1, y, ROLE_ALARM, "!");
    canvas_text(canvas, x + columns->device, y, ROLE_TEXT,
                target_name(&status->target, text, sizeof text));
    datapoint_exact_text(status->datapoint, status->number, value, sizeof value);
    int value_width = canvas_text_width(canvas, value);
    int room = columns->value_end - columns->parameter - value_width - 1;
    snprintf(text, sizeof text, "%u %s", datapoint_id(status->datapoint),
             box ? datapoint_name(status->datapoint) : "");
    canvas_fit(canvas, x + columns->parameter, y, room, ROLE_TEXT, text);
    canvas_right(canvas, x + columns->value_end, y, ROLE_VALUE, value);
    period_text(status, text, sizeof text);
    canvas_fit(canvas, x + columns->period, y, columns->last - columns->period, ROLE_TEXT, text);
    if (box) {
        last_text(ui, status, text, sizeof text);
        canvas_fit(canvas, x + columns->last, y, line.width - columns->last, ROLE_DIM, text);
    }
}

static void draw_detail(struct ui *ui, struct canvas *canvas, struct rect area,
                        const struct keep_status *status)
{
    struct paragraphs paragraphs = {.count = 0};
    struct scroll top = {0};
    char name[DEVICE_NAME_MAX], last[40];

    target_name(&status->target, name, sizeof name);
    last_text(ui, status, last, sizeof last);
    if (ui->kept->stopping && status->watchdog_s > 0) {
        paragraphs_add(
            &paragraphs, ROLE_WARNING,
            "! y stops writing %u to %s again, and its watchdog is on: it restarts %.0f s "
            "later, unless something else is kept. Esc doesn't.",
            datapoint_id(status->datapoint), name, status->watchdog_s);
    } else if (ui->kept->stopping) {
        paragraphs_add(
            &paragraphs, ROLE_TITLE,
            "y stops writing %u to %s again, Esc doesn't. Its value stays in RAM until a "
            "restart.",
            datapoint_id(status->datapoint), name);
    } else if (status->trouble) {
        paragraphs_add(&paragraphs, ROLE_ALARM, "! %s", status->text);
    } else {
        paragraphs_add(&paragraphs, ROLE_DIM, "%s: written %u time%s, last %s", name,
                       status->written, status->written == 1 ? "" : "s", last);
    }
    paragraphs_draw(&paragraphs, canvas, area, &top);
}

static void draw_leave(const struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct paragraphs paragraphs = {.count = 0};
    struct scroll top = {0};
    struct keep_status status, first = {.watchdog_s = 0};
    char name[DEVICE_NAME_MAX];

    for (size_t i = 0; keep_at(ui->plant, i, &status); i++)
        if (status.watchdog_s > 0 &&
            (first.watchdog_s == 0 || status.watchdog_s < first.watchdog_s))
            first = status;
    if (first.watchdog_s > 0)
        paragraphs_add(
            &paragraphs, ROLE_WARNING,
            "! y leaves, and the watchdog of %s is on: it restarts %.0f s after the last "
            "write. Esc stays.",
            target_name(&first.target, name, sizeof name), first.watchdog_s);
    else
        paragraphs_add(&paragraphs, ROLE_TITLE,
                       "y leaves: then nobody writes these again, and they last until a restart. "
                       "Esc stays.");
    paragraphs_draw(&paragraphs, canvas, area, &top);
}

static void draw_none(struct canvas *canvas, struct rect area)
{
    struct paragraphs paragraphs = {.count = 0};
    struct scroll top = {0};

    paragraphs_add(&paragraphs, ROLE_TEXT, "Nothing is kept.");
    paragraphs_add(&paragraphs, ROLE_DIM,
                   "A value that is written to RAM can be kept: choose so in its form. Then it is "
                   "written again after restarts, or at intervals.");
    canvas->cursor_x = area.x;
    canvas->cursor_y = area.y;
    paragraphs_draw(&paragraphs, canvas, area, &top);
}

void kept_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct scroll *rows = &ui->kept->rows;
    int count = count_kept(ui);
    int wanted = 2 + (count > 0 ? count : 1) + DETAIL_ROWS;
    struct modal_room room = modal_room(body, wanted);
    struct rect inside = modal_open(canvas, body, wanted, "Kept in RAM", "while xcomtop runs");
    struct columns columns = lay(inside.width, room.box);
    struct keep_status status;

    if (count == 0) {
        draw_none(canvas, inside);
        return;
    }
    struct rect detail = {inside.x, inside.y + inside.height - DETAIL_ROWS, inside.width,
                          DETAIL_ROWS};
    int blank = room.box ? 1 : 0;
    scroll_follow(rows, count, inside.height - 1 - blank - DETAIL_ROWS);
    draw_heading(canvas, inside, &columns, room.box);
    for (int i = rows->top; i < count && i - rows->top < rows->height; i++) {
        struct rect line = {inside.x, inside.y + 1 + i - rows->top, inside.width, 1};
        bool selected = i == rows->selected;
        if (!keep_at(ui->plant, (size_t)i, &status))
            break;
        draw_row(ui, canvas, line, &columns, &status, selected);
        if (selected) {
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
            if (ui->kept->leaving)
                draw_leave(ui, canvas, detail);
            else
                draw_detail(ui, canvas, detail, &status);
        }
    }
}

// --- Keys ----------------------------------------------------------------------------------------

void kept_open(struct ui *ui)
{
    ui_close_over(ui);
    ui->kept = xcalloc(1, sizeof *ui->kept);
}

bool kept_ask_leave(struct ui *ui)
{
    if (count_kept(ui) == 0)
        return false;
    kept_open(ui);
    ui->kept->leaving = true;
    return true;
}

void kept_close(struct ui *ui)
{
    free(ui->kept);
    ui->kept = NULL;
}

place_set kept_place(const struct kept *kept)
{
    return kept->leaving ? IN_KEPT_LEAVE : kept->stopping ? IN_KEPT_STOP : IN_KEPT;
}

bool kept_key(struct ui *ui, enum action action)
{
    struct kept *kept = ui->kept;
    struct keep_status status;

    switch (action) {
    case ACTION_CLOSE:
        if (kept->stopping)
            kept->stopping = 0;
        else
            kept_close(ui);
        break;
    case ACTION_STOP:
        if (keep_at(ui->plant, (size_t)kept->rows.selected, &status))
            kept->stopping = status.n;
        break;
    case ACTION_YES:
        if (kept->leaving)
            return false;
        keep_stop(ui->plant, kept->stopping);
        kept->stopping = 0;
        break;
    default:
        // What is to be confirmed stays what is selected.
        if (!kept->stopping)
            scroll_act(&kept->rows, action);
    }
    return true;
}
