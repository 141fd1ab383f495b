// SPDX-License-Identifier: MIT
#include "ui/columnsview.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "ui/modal.h"
#include "ui/widgets.h"

struct columnsview {
    const struct device_table *table;
    struct scroll rows;
};

enum { HINT_ROWS = 2, TITLE_WIDTH = COLUMN_TITLE_MAX, STATE_WIDTH = 8 };

static void draw_row(const struct ui *ui, struct canvas *canvas, struct rect line,
                     const struct column *column, bool fits, bool selected)
{
    const struct datapoint *datapoint = column_datapoint(ui, ui->columnsview->table, column);
    const char *state = column->hidden ? "hidden" : fits ? "" : "no room";
    enum role role = selected ? ROLE_SELECTED : fits ? ROLE_TEXT : ROLE_DIM;
    int name_x = line.x + 2 + TITLE_WIDTH, name_width = line.width - 2 - TITLE_WIDTH - STATE_WIDTH;
    char text[160];

    canvas_text(canvas, line.x, line.y, ROLE_KEY, selected ? "►" : "");
    canvas_fit(canvas, line.x + 2, line.y, TITLE_WIDTH - 1, role, column->title);
    if (datapoint) {
        snprintf(text, sizeof text, "%u %s", datapoint_id(datapoint),
                 widget_name(datapoint, name_width - 6));
        canvas_fit(canvas, name_x, line.y, name_width - 1, fits ? ROLE_TEXT : ROLE_DIM, text);
    }
    canvas_right(canvas, line.x + line.width, line.y, ROLE_DIM, state);
}

void columnsview_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct columnsview *view = ui->columnsview;
    struct column list[COLUMNS_MAX];
    bool fits[COLUMNS_MAX];
    size_t count = columns_list(ui, view->table, list);
    char title[48];

    columns_fit(list, count, body.width, fits);
    snprintf(title, sizeof title, "Columns: %s", view->table->title);
    struct rect inside = modal_open(canvas, body, (int)count + HINT_ROWS, title, "of the overview");
    scroll_follow(&view->rows, (int)count, inside.height - HINT_ROWS);
    for (int i = view->rows.top; i < (int)count && i - view->rows.top < view->rows.height; i++) {
        struct rect line = {inside.x, inside.y + i - view->rows.top, inside.width, 1};
        draw_row(ui, canvas, line, &list[i], fits[i], i == view->rows.selected);
        if (i == view->rows.selected) {
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
        }
    }
    widget_more(canvas, (struct rect){inside.x, inside.y, inside.width + 1, view->rows.height},
                view->rows.top > 0, view->rows.top + view->rows.height < (int)count);
    canvas_fit(canvas, inside.x, inside.y + inside.height - 1, inside.width, ROLE_DIM,
               *ui->notice ? ui->notice : "c in 2 to 5 adds a value.");
}

void columnsview_open(struct ui *ui, const struct device_table *table)
{
    ui_close_over(ui);
    ui->columnsview = xcalloc(1, sizeof *ui->columnsview);
    ui->columnsview->table = table;
}

void columnsview_close(struct ui *ui)
{
    free(ui->columnsview);
    ui->columnsview = NULL;
}

// The selected column, whatever another program has made of the list; 0: none is.
static unsigned selected_id(const struct ui *ui)
{
    struct column list[COLUMNS_MAX];
    size_t count = columns_list(ui, ui->columnsview->table, list);
    size_t selected = (size_t)ui->columnsview->rows.selected;

    if (selected >= count)
        return 0;
    return list[selected].ids[0] ? list[selected].ids[0] : list[selected].ids[1];
}

void columnsview_key(struct ui *ui, enum action action)
{
    struct columnsview *view = ui->columnsview;
    unsigned id = selected_id(ui);

    switch (action) {
    case ACTION_CLOSE:
        columnsview_close(ui);
        break;
    case ACTION_REMOVE:
        columns_hide(ui, view->table, id);
        break;
    case ACTION_MOVE_UP:
    case ACTION_MOVE_DOWN:
        view->rows.selected =
            (int)columns_move(ui, view->table, id, action == ACTION_MOVE_UP ? -1 : 1);
        break;
    default:
        scroll_act(&view->rows, action);
    }
}
