// SPDX-License-Identifier: MIT
#include "ui/modal.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "ui/widgets.h"

// --- The box -------------------------------------------------------------------------------------

enum { BOX_WIDTH = 76, BOX_MIN_COLUMNS = 60, BOX_MIN_ROWS = 14 };

struct modal_room modal_room(struct rect body, int rows)
{
    struct modal_room room = {.box = body.width >= BOX_MIN_COLUMNS && body.height >= BOX_MIN_ROWS};
    int width = body.width < BOX_WIDTH ? body.width : BOX_WIDTH;
    int most = body.height - (room.box ? 2 : 1);

    room.columns = room.box ? width - 4 : body.width - 2;
    room.rows = room.box && rows < most ? rows : most;
    return room;
}

struct rect modal_open(struct canvas *canvas, struct rect body, int rows, const char *title,
                       const char *remark)
{
    struct modal_room room = modal_room(body, rows);
    struct rect inside = {body.x + (body.width - room.columns) / 2, body.y + 1, room.columns,
                          room.rows};
    int remark_width = canvas_text_width(canvas, remark);
    char cut[256];

    if (!room.box) {
        canvas_fill(canvas, body, ROLE_TEXT, ' ');
        canvas_fit(canvas, inside.x, body.y, inside.width - remark_width - 2, ROLE_TITLE, title);
        canvas_right(canvas, inside.x + inside.width, body.y, ROLE_DIM, remark);
        return inside;
    }
    inside.y = body.y + (body.height - room.rows) / 2;
    // Whole rows: halves of what is below, left and right of it, would only disturb.
    canvas_fill(canvas, (struct rect){body.x, inside.y - 1, body.width, room.rows + 2}, ROLE_TEXT,
                ' ');
    text_fit(cut, sizeof cut, title, room.columns - remark_width - 5, true, canvas->ascii);
    widget_box(canvas, (struct rect){inside.x - 2, inside.y - 1, room.columns + 4, room.rows + 2},
               cut, remark, ROLE_TITLE);
    return inside;
}

// --- Paragraphs ----------------------------------------------------------------------------------

void paragraphs_add(struct paragraphs *paragraphs, enum role role, const char *format, ...)
{
    va_list args;

    if (paragraphs->count == PARAGRAPHS_MAX)
        return;
    paragraphs->list[paragraphs->count].role = role;
    va_start(args, format);
    vsnprintf(paragraphs->list[paragraphs->count].text, PARAGRAPH_MAX, format, args);
    va_end(args);
    paragraphs->count++;
}

// Draws all from a row on, which may be above the clip rectangle; returns the rows.
static int lay(const struct paragraphs *paragraphs, struct canvas *canvas, int x, int y, int width)
{
    int rows = 0;

    for (int i = 0; i < paragraphs->count; i++) {
        struct rect place = {x, y + rows, width, INT_MAX};
        int used =
            widget_paragraph(canvas, place, paragraphs->list[i].role, paragraphs->list[i].text);
        // An empty one is a blank row.
        rows += used > 0 ? used : 1;
    }
    return rows;
}

int paragraphs_rows(const struct paragraphs *paragraphs, int columns)
{
    struct canvas none;

    canvas_init(&none, 1, 1, false);
    canvas_clip(&none, (struct rect){0, 0, 0, 0});
    int rows = lay(paragraphs, &none, 0, 0, columns);
    canvas_free(&none);
    return rows;
}

void paragraphs_draw(const struct paragraphs *paragraphs, struct canvas *canvas, struct rect area,
                     struct scroll *scroll)
{
    int rows = paragraphs_rows(paragraphs, area.width);
    bool longer = rows > area.height;
    struct rect text = area;

    text.height -= longer ? 1 : 0;
    // By whole rows: the selected one is the first in sight.
    scroll->count = longer ? rows - text.height + 1 : 1;
    scroll->height = text.height;
    if (scroll->selected >= scroll->count)
        scroll->selected = scroll->count - 1;
    struct rect former = canvas_clip(canvas, text);
    lay(paragraphs, canvas, text.x, text.y - scroll->selected, text.width);
    canvas_clip(canvas, former);
    if (longer)
        canvas_printf(canvas, area.x, area.y + text.height, ROLE_KEY, "↑ ↓ rows %d-%d of %d",
                      scroll->selected + 1, scroll->selected + text.height, rows);
}
