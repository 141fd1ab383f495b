// SPDX-License-Identifier: MIT
// The help overlay, made from the table of keys.
#include "ui/view.h"

#include <stdio.h>

#include "ui/widgets.h"

static const struct {
    const char *sign, *meaning;
    enum role role;
} signs[] = {
    {"● live", "connected, and values come in", ROLE_OK},
    {"24 ms", "round trip of a question (median)", ROLE_DIM},
    {"41 val/s", "values read in a second", ROLE_DIM},
    {"!", "look here: the words beside it tell what", ROLE_ALARM},
    {"● All is well",
     "connected, values are fresh, no device is gone, off or has an error, no alarm is on, and no "
     "warning came in the last 15 minutes",
     ROLE_OK},
    {"! command", "the command of --on-message failed: the overview tells how", ROLE_WARNING},
    {"! kept", "a kept value couldn't be written: K lists them", ROLE_WARNING},
    {"--", "no value; the selected row's reason is at the bottom", ROLE_DIM},
    {"####", "a number too wide for its place", ROLE_DIM},
    {"12 s old", "not answered of late: the last values, dimmed", ROLE_STALE},
    {"~45.0", "in RAM only, until the device restarts; ~45.0? perhaps", ROLE_VALUE},
    {"54.4?", "in flash; an earlier run wrote to RAM what may run still", ROLE_VALUE},
    {"flash 44", "its LEDs flash, for so many seconds more; * in a family", ROLE_KEY},
    {"≠", "another value than the family's first device has", ROLE_KEY},
    {"═══►", "energy flows this way", ROLE_SOLAR},
    {"from to", "the same on a small screen: source or sink of energy", ROLE_DIM},
    {"+ -", "battery: + is charging, - is discharging", ROLE_BATTERY},
    {"sum avg", "over all devices of the family", ROLE_DIM},
    {"-", "before a row: it is hidden, and seen because of v", ROLE_DIM},
};

static const struct {
    place_set place;
    const char *title;
} sections[] = {
    {IN_VIEWS, "Everywhere"},
    {IN_OVERVIEW, "In the overview"},
    {IN_FAMILY, "In a family's values"},
    {IN_PARAMETERS, "In the parameters"},
    {IN_LINK, "In the link"},
    {IN_MESSAGES, "In the messages"},
    {IN_GRAPHS, "In the graphs"},
    {IN_FILES, "In the datalog files"},
    {IN_SEARCH, "While searching"},
    {IN_QUESTION, "Before a filter reads"},
    {IN_FORM, "When changing a parameter"},
    {IN_KEPTS, "In the list of kept values"},
    {IN_WRITES, "In the list of writes"},
    {IN_COLUMNS, "In the list of columns"},
    {IN_PLAN, "When copying parameters"},
    {IN_ALARMS, "In the list of alarms"},
    {IN_LOG, "When logging"},
    {IN_NOTICE, "When something is said"},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

// What all views know stands once; other keys of views where they are known, the rest where they
// are known first.
static bool belongs(const struct key_binding *binding, place_set place)
{
    place_set views = binding->places & IN_VIEWS;

    if (place == IN_VIEWS)
        return views == IN_VIEWS;
    if (place & IN_VIEWS)
        return views != IN_VIEWS && (views & place);
    return views == 0 && (binding->places & place);
}

// The section that is of use first.
static size_t first_section(const struct ui *ui)
{
    place_set place = ui->form                      ? IN_FORM
                      : ui->kept                    ? IN_KEPTS
                      : ui->writes                  ? IN_WRITES
                      : ui->columnsview             ? IN_COLUMNS
                      : ui->planview                ? IN_PLAN
                      : ui->alarmview               ? IN_ALARMS
                      : ui->view == VIEW_PARAMETERS ? IN_PARAMETERS
                      : ui->view == VIEW_MESSAGES   ? IN_MESSAGES
                      : ui->view == VIEW_GRAPHS     ? IN_GRAPHS
                      : ui->view == VIEW_FILES      ? IN_FILES
                      : ui->view == VIEW_LINK       ? IN_LINK
                      : ui->view == VIEW_OVERVIEW   ? IN_VIEWS
                                                    : IN_FAMILY;
    size_t s = 0;

    while (sections[s].place != place)
        s++;
    return s;
}

// A key or sign and what it means, in as many lines as that needs. Returns how many.
static int draw_entry(struct canvas *canvas, struct rect area, int line, enum role role,
                      const char *sign, const char *meaning)
{
    enum { SIGN_WIDTH = 14, LINES_MAX = 8 };
    struct rect rest = {area.x + SIGN_WIDTH, area.y + line, area.width - SIGN_WIDTH, LINES_MAX};

    canvas_text(canvas, area.x + 1, area.y + line, role, sign);
    return widget_paragraph(canvas, rest, ROLE_TEXT, meaning);
}

// Draws the lines from top on. Returns how many there are.
static int draw_lines(struct canvas *canvas, struct rect area, int top, size_t first)
{
    int line = -top;
    const struct key_binding *binding;

    for (size_t i = 0; i < SECTIONS; i++) {
        size_t s = (first + i) % SECTIONS;
        canvas_text(canvas, area.x, area.y + line++, ROLE_HEADING, sections[s].title);
        for (size_t b = 0; (binding = keymap_at(b)); b++)
            if (belongs(binding, sections[s].place))
                line += draw_entry(canvas, area, line, ROLE_KEY, binding->names, binding->what);
        line++;
    }
    canvas_text(canvas, area.x, area.y + line++, ROLE_HEADING, "Signs");
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        line += draw_entry(canvas, area, line, signs[i].role, signs[i].sign, signs[i].meaning);
    return line + top;
}

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    int width = area.width < 72 ? area.width : 72;
    struct rect none = {area.x, area.y, 0, 0}, column = {area.x, area.y, width - 4, 0};
    struct rect former = canvas_clip(canvas, none);
    int count = draw_lines(canvas, column, 0, first_section(ui));
    canvas_clip(canvas, former);

    int height = area.height < count + 2 ? area.height : count + 2;
    struct rect box = {area.x + (area.width - width) / 2, area.y + (area.height - height) / 2,
                       width, height};
    struct rect inside = {box.x + 2, box.y + 1, box.width - 4, box.height - 2};
    // Scrolls by whole lines: the selection is the first one visible.
    int last = count > inside.height ? count - inside.height : 0;
    ui->help_scroll.count = last + 1;
    ui->help_scroll.height = inside.height;
    if (ui->help_scroll.selected > last)
        ui->help_scroll.selected = last;

    canvas_fill(canvas, area, ROLE_TEXT, ' ');
    char more[32] = "";
    if (last > 0)
        snprintf(more, sizeof more, "%d-%d of %d", ui->help_scroll.selected + 1,
                 ui->help_scroll.selected + inside.height, count);
    widget_box(canvas, box, "Help", more, ROLE_TITLE);
    canvas_clip(canvas, inside);
    draw_lines(canvas, inside, ui->help_scroll.selected, first_section(ui));
    canvas_clip(canvas, former);
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
}

static void act(struct ui *ui, enum action action)
{
    scroll_act(&ui->help_scroll, action);
}

const struct view help_view = {draw, act};
