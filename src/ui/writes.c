// SPDX-License-Identifier: MIT
#include "ui/writes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "ui/form.h"
#include "ui/modal.h"
#include "ui/widgets.h"

enum { WRITES_MAX = 200, DETAIL_ROWS = 4, CHANGE_WORDS = 2 * DATAPOINT_TEXT_MAX + 64 };

struct writes {
    struct target device;
    struct record list[WRITES_MAX]; // newest first
    size_t count;
    struct scroll rows;
};

// --- In words ------------------------------------------------------------------------------------

// "60 A → 45 A in RAM"; "send in RAM" of a signal, which has no value before; the number alone of
// what isn't in the tables.
static void change_words(const struct record *record, const struct datapoint *datapoint, char *out,
                         size_t size)
{
    char old[DATAPOINT_TEXT_MAX + 16], new[DATAPOINT_TEXT_MAX + 16];
    const char *where = record->flash ? "flash" : "RAM";

    if (datapoint && datapoint_encoding(datapoint) == ENCODING_SIGNAL)
        snprintf(out, size, "%s in %s",
                 datapoint_exact_text(datapoint, record->new, new, sizeof new), where);
    else if (datapoint)
        snprintf(out, size, "%s → %s in %s",
                 datapoint_exact_text(datapoint, record->old, old, sizeof old),
                 datapoint_exact_text(datapoint, record->new, new, sizeof new), where);
    else
        snprintf(out, size, "%g in %s", record->new, where);
}

static void detail_words(const struct record *record, char *out, size_t size)
{
    const char *error = record->error ? catalogue_error_text(record->error) : NULL;
    char change[CHANGE_WORDS];
    size_t used = 0;

    change_words(record, catalogue_find(record->family, record->id), change, sizeof change);
    text_append(out, size, &used, "%lld by %s: %s, %s", (long long)record->n, record->who, change,
                record_result_name(record->result));
    if (error)
        text_append(out, size, &used, " (%s)", error);
    if (record->undo)
        text_append(out, size, &used, ", takes back %lld", (long long)record->undo);
}

static void undo_words(const struct record *record, char *out, size_t size)
{
    const char *refusal = record_undo_refusal(record);
    char old[DATAPOINT_TEXT_MAX + 16];

    if (refusal)
        snprintf(out, size, "It can't be taken back: %s.", refusal);
    else
        snprintf(out, size, "u takes it back: %s to %s again.",
                 datapoint_exact_text(catalogue_find(record->family, record->id), record->old, old,
                                      sizeof old),
                 record->flash ? "flash" : "RAM");
}

// --- Drawing -------------------------------------------------------------------------------------

// Columns from the left edge. Narrow: no name, no year, RAM and flash below the list only.
struct columns {
    bool year, name;
    int parameter, change, part, result;
};

static struct columns lay(int width, bool box)
{
    bool wide = width >= 72;

    if (!box)
        return (struct columns){false, false, 12, 18, width - 10, width - 10};
    return (struct columns){wide,       true,      wide ? 17 : 12, width - (wide ? 37 : 34),
                            width - 17, width - 10};
}

static void draw_heading(struct canvas *canvas, struct rect line, const struct columns *columns)
{
    canvas_text(canvas, line.x, line.y, ROLE_HEADING, "time");
    canvas_text(canvas, line.x + columns->parameter, line.y, ROLE_HEADING,
                columns->name ? "parameter" : "param");
    canvas_text(canvas, line.x + columns->change, line.y, ROLE_HEADING, "change");
    if (columns->part < columns->result)
        canvas_text(canvas, line.x + columns->part, line.y, ROLE_HEADING, "in");
    canvas_text(canvas, line.x + columns->result, line.y, ROLE_HEADING, "result");
}

static enum role result_role(enum record_result result)
{
    switch (result) {
    case RECORD_WRITTEN:
        return ROLE_TEXT;
    case RECORD_UNKNOWN:
    case RECORD_PENDING:
        return ROLE_ALARM;
    default:
        return ROLE_WARNING;
    }
}

static void draw_row(struct canvas *canvas, struct rect line, const struct columns *columns,
                     const struct record *record, bool selected)
{
    enum { YEAR = sizeof "2026-" - 1 };
    const struct datapoint *datapoint = catalogue_find(record->family, record->id);
    enum role role = result_role(record->result);
    char time[24], text[160];
    int x = line.x, y = line.y;

    text_local_time(record->time, time, sizeof time);
    canvas_text(canvas, x, y, selected ? ROLE_SELECTED : ROLE_TEXT,
                columns->year ? time : time + YEAR);
    int room = columns->change - columns->parameter - 1;
    snprintf(text, sizeof text, "%u %s", record->id,
             columns->name && datapoint ? widget_name(datapoint, room - 5) : "");
    canvas_fit(canvas, x + columns->parameter, y, room, ROLE_TEXT, text);
    room = columns->part - columns->change - 1;
    if (datapoint)
        widget_change(canvas, x + columns->change, y, room, datapoint, "", record->old, record->new,
                      ROLE_VALUE);
    if (columns->part < columns->result)
        canvas_text(canvas, x + columns->part, y, ROLE_DIM, record->flash ? "flash" : "RAM");
    canvas_printf(canvas, x + columns->result, y, role, "%s%s", role == ROLE_TEXT ? "" : "! ",
                  record_result_name(record->result));
}

static void draw_detail(struct canvas *canvas, struct rect area, bool box,
                        const struct record *record)
{
    const struct datapoint *datapoint = catalogue_find(record->family, record->id);
    struct rect change = {area.x, area.y + 1, area.width, box ? area.height - 2 : 1};
    char text[CHANGE_WORDS + 512];

    canvas_fit(canvas, area.x, area.y, area.width, ROLE_HEADING,
               datapoint ? datapoint_name(datapoint) : "not in the tables");
    detail_words(record, text, sizeof text);
    int rows = 1 + widget_paragraph(canvas, change, ROLE_TEXT, text);
    undo_words(record, text, sizeof text);
    area.y += rows;
    area.height -= rows;
    widget_paragraph(canvas, area, ROLE_DIM, text);
}

void writes_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct writes *writes = ui->writes;
    int count = (int)writes->count;
    int wanted = count > 0 ? 2 + count + DETAIL_ROWS : 1;
    struct modal_room room = modal_room(body, wanted);
    char name[DEVICE_NAME_MAX], title[48], remark[48] = "newest first";

    snprintf(title, sizeof title, "Writes to %s", target_name(&writes->device, name, sizeof name));
    if (count == WRITES_MAX)
        snprintf(remark, sizeof remark, "the newest %d", WRITES_MAX);
    struct rect inside = modal_open(canvas, body, wanted, title, remark);
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    if (count == 0) {
        canvas_fit(canvas, inside.x, inside.y, inside.width, ROLE_TEXT, "None is recorded.");
        return;
    }
    struct columns columns = lay(inside.width, room.box);
    struct rect detail = {inside.x, inside.y + inside.height - DETAIL_ROWS, inside.width,
                          DETAIL_ROWS};
    int blank = room.box ? 1 : 0;
    scroll_follow(&writes->rows, count, inside.height - 1 - blank - DETAIL_ROWS);
    draw_heading(canvas, inside, &columns);
    for (int i = writes->rows.top; i < count && i - writes->rows.top < writes->rows.height; i++) {
        struct rect line = {inside.x, inside.y + 1 + i - writes->rows.top, inside.width, 1};
        bool selected = i == writes->rows.selected;
        draw_row(canvas, line, &columns, &writes->list[i], selected);
        if (selected) {
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
            draw_detail(canvas, detail, room.box, &writes->list[i]);
        }
    }
}

// --- Keys ----------------------------------------------------------------------------------------

void writes_open(struct ui *ui, const struct target *device)
{
    struct writes *writes = xcalloc(1, sizeof *writes);

    writes->device = *device;
    writes->count =
        plant_records(ui->plant, device->family, device->index, writes->list, WRITES_MAX);
    ui_close_over(ui);
    ui->writes = writes;
}

void writes_close(struct ui *ui)
{
    free(ui->writes);
    ui->writes = NULL;
}

void writes_key(struct ui *ui, enum action action)
{
    struct writes *writes = ui->writes;
    size_t selected = (size_t)writes->rows.selected;

    switch (action) {
    case ACTION_CLOSE:
        writes_close(ui);
        break;
    case ACTION_UNDO:
        // Why it can't be stands below the list.
        if (selected < writes->count && !record_undo_refusal(&writes->list[selected]))
            form_open_undo(ui, &writes->device, &writes->list[selected]);
        break;
    default:
        scroll_act(&writes->rows, action);
    }
}
