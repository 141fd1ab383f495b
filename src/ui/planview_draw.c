// SPDX-License-Identifier: MIT
// What is to be seen of copying parameters.
#include "ui/planview.h"

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "ui/modal.h"
#include "ui/paramview.h"
#include "ui/widgets.h"

enum { FEW_NAMES = 3, NAMES_MAX = 64, LABEL = 11, LABEL_NARROW = 9 };

// --- In words ------------------------------------------------------------------------------------

static char *device_text(const struct planview *plan, unsigned index, char out[DEVICE_NAME_MAX])
{
    return device_name(plan->family, index, out, DEVICE_NAME_MAX);
}

// "XT2, XT3", or "8 others". Returns out.
static char *targets_text(const struct planview *plan, const uint8_t *indices, int count, char *out,
                          size_t size)
{
    char name[DEVICE_NAME_MAX];
    size_t used = 0;

    *out = '\0';
    if (count > FEW_NAMES)
        text_append(out, size, &used, "%d others", count);
    for (int i = 0; i < count && count <= FEW_NAMES; i++)
        text_append(out, size, &used, "%s%s", i > 0 ? ", " : "",
                    device_text(plan, indices[i], name));
    return out;
}

static void title_text(const struct planview *plan, char *out, size_t size)
{
    const struct datapoint *first = plan->parameters[0];

    if (plan->parameter_count == 1)
        snprintf(out, size, "Copy %u %s", datapoint_id(first), datapoint_name(first));
    else
        snprintf(out, size, "Copy %zu parameters", plan->parameter_count);
}

// "XT1 → XT2, XT3 in RAM"
static void way_text(const struct planview *plan, char *out, size_t size)
{
    char from[DEVICE_NAME_MAX], to[NAMES_MAX];

    snprintf(out, size, "%s → %s in %s", device_text(plan, plan->from, from),
             targets_text(plan, plan->targets, plan->target_count, to, sizeof to),
             plan->flash ? "flash" : "RAM");
}

// --- The choice ----------------------------------------------------------------------------------

static void draw_choice(const struct planview *plan, struct canvas *canvas, struct rect line,
                        enum planview_line which, const char *label, const char *text)
{
    bool here = plan->line == which;
    int labels = line.width < 60 ? LABEL_NARROW : LABEL;
    int x = line.x + labels, end = line.x + line.width;

    line.y += (int)which;
    canvas_text(canvas, line.x, line.y, here ? ROLE_TITLE : ROLE_DIM, label);
    canvas_text(canvas, x, line.y, ROLE_KEY, "◄");
    canvas_fit(canvas, x + 2, line.y, end - x - 4, here ? ROLE_SELECTED : ROLE_TEXT, text);
    int width = canvas_text_width(canvas, text);
    canvas_text(canvas, width < end - x - 4 ? x + 3 + width : end - 1, line.y, ROLE_KEY, "►");
    if (here) {
        canvas->cursor_x = x + 2;
        canvas->cursor_y = line.y;
    }
}

// Those that would be read or written to if they answered.
static void add_gone(const struct planview *plan, struct paragraphs *paragraphs)
{
    uint8_t all[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(plan->ui, plan->family, all), gone = 0;
    char name[DEVICE_NAME_MAX], other[DEVICE_NAME_MAX];

    if (!planview_is_present(plan, plan->from))
        paragraphs_add(paragraphs, ROLE_WARNING,
                       "! %s doesn't answer: nothing can be copied from it.",
                       device_text(plan, plan->from, name));
    for (int i = 0; i < count; i++) {
        if (all[i] == plan->from || (plan->to != 0 && plan->to != all[i]) ||
            planview_is_present(plan, all[i]))
            continue;
        device_text(plan, all[i], other);
        gone++;
    }
    if (gone == 1)
        paragraphs_add(paragraphs, ROLE_WARNING, "! %s doesn't answer: it is left out.", other);
    else if (gone > 1)
        paragraphs_add(paragraphs, ROLE_WARNING, "! %d others don't answer: they are left out.",
                       gone);
}

static bool runs_otherwise(const struct planview *plan)
{
    double ram;

    for (size_t i = 0; i < plan->parameter_count; i++)
        if (plant_overlay(plan->ui->plant, plan->family, plan->from,
                          datapoint_id(plan->parameters[i]), &ram) != OVERLAY_NONE)
            return true;
    return false;
}

static void add_cost(const struct planview *plan, int targets, struct paragraphs *paragraphs)
{
    size_t reads = plan->parameter_count * (size_t)(targets + 1);
    double seconds =
        (double)reads * (double)plan->ui->plant_link.statistics.median_us / (double)LOOP_S;
    char time[32] = "", age[24];

    if (seconds > 0)
        snprintf(time, sizeof time, ", about %s",
                 text_age(age, sizeof age, seconds < 1 ? 1 : seconds));
    paragraphs_add(paragraphs, ROLE_TEXT, "%zu values are read first%s.", reads, time);
}

// What matters most comes first: small screens have no room for the rest.
static void add_meaning(const struct planview *plan, struct paragraphs *paragraphs)
{
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int targets = planview_targets(plan, indices);
    char name[DEVICE_NAME_MAX];

    if (*plan->error) {
        paragraphs_add(paragraphs, ROLE_ALARM, "! %s", plan->error);
        return;
    }
    add_gone(plan, paragraphs);
    if (targets == 0)
        paragraphs_add(paragraphs, ROLE_WARNING, "! There is no device to copy to.");
    paragraphs_add(paragraphs, ROLE_TEXT,
                   "What %s has in flash is copied to where another value is%s.",
                   device_text(plan, plan->from, name),
                   runs_otherwise(plan) ? ", not what it runs with in RAM" : "");
    if (targets > 0)
        add_cost(plan, targets, paragraphs);
    if (plan->flash)
        paragraphs_add(paragraphs, ROLE_TEXT, "Flash is good for 1000 writes of each parameter.");
    paragraphs_add(paragraphs, ROLE_DIM, "Nothing is written before the plan has been confirmed.");
}

static void draw_paragraphs(const struct paragraphs *paragraphs, struct canvas *canvas,
                            struct rect area)
{
    for (int i = 0; i < paragraphs->count && area.height > 0; i++) {
        int rows =
            widget_paragraph(canvas, area, paragraphs->list[i].role, paragraphs->list[i].text);
        area.y += rows;
        area.height -= rows;
    }
}

static void draw_choose(struct planview *plan, struct canvas *canvas, struct rect body)
{
    struct paragraphs paragraphs = {.count = 0};
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    char title[160], name[DEVICE_NAME_MAX], names[NAMES_MAX], all[NAMES_MAX + 16];

    title_text(plan, title, sizeof title);
    add_meaning(plan, &paragraphs);
    int lines = *plan->error ? 0 : PLANVIEW_LINES + 1;
    int rows = lines + paragraphs_rows(&paragraphs, modal_room(body, 0).columns);
    struct rect inside = modal_open(canvas, body, rows, title, "");
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    if (lines > 0) {
        int targets = planview_targets(plan, indices);
        targets_text(plan, indices, targets, names, sizeof names);
        snprintf(all, sizeof all, targets > FEW_NAMES ? "all %s" : "all others: %s", names);
        draw_choice(plan, canvas, inside, PLANVIEW_FROM, "from",
                    device_text(plan, plan->from, name));
        draw_choice(plan, canvas, inside, PLANVIEW_TO, "to",
                    plan->to ? device_text(plan, plan->to, name) : all);
        draw_choice(plan, canvas, inside, PLANVIEW_PART, "write to",
                    plan->flash ? "flash, for good" : "RAM, until they restart");
        if (inside.height < rows)
            lines--; // the blank row
        inside.y += lines;
        inside.height -= lines;
    }
    draw_paragraphs(&paragraphs, canvas, inside);
}

// --- Waiting -------------------------------------------------------------------------------------

static void draw_waiting(struct planview *plan, struct canvas *canvas, struct rect body,
                         const char *what, size_t done, size_t all, const char *why)
{
    enum { ROWS = 6 };
    struct paragraphs paragraphs = {.count = 0};
    char title[160], way[NAMES_MAX + 48];

    title_text(plan, title, sizeof title);
    way_text(plan, way, sizeof way);
    paragraphs_add(&paragraphs, ROLE_TEXT, "○ %s: %zu of %zu", what, done, all);
    if (plant_paused(plan->ui->plant) && plan->reading)
        paragraphs_add(&paragraphs, ROLE_WARNING, "! Polling is paused: nothing is read until P.");
    else if (plan->ui->plant_link.state != GATEWAY_UP)
        paragraphs_add(&paragraphs, ROLE_ALARM, "! %s", plan->ui->plant_link.text);
    paragraphs_add(&paragraphs, ROLE_DIM, "%s", why);
    struct rect inside = modal_open(canvas, body, ROWS, title, way);
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    widget_bar(canvas, inside.x, inside.y, inside.width, all ? (double)done / (double)all : 0,
               ROLE_OK);
    inside.y++;
    inside.height--;
    draw_paragraphs(&paragraphs, canvas, inside);
}

// --- The plan's rows -----------------------------------------------------------------------------

// What there is to be seen of a row.
struct line {
    const struct datapoint *datapoint;
    unsigned index;
    const struct batch_item *item; // NULL: left out before
    const char *text;
    enum role role; // of the remark
    char remark[32];
    double new;
};

static void remark(struct line *line, enum role role, const char *sign, const char *word)
{
    line->role = role;
    snprintf(line->remark, sizeof line->remark, "%s%s", sign, word);
}

// They are written one after the other.
static int row_under_way(const struct planview *plan)
{
    for (size_t i = 0; i < plan->row_count; i++)
        if (batch_item(plan->batch, plan->rows[i])->state == ITEM_ALLOWED)
            return (int)i;
    return -1;
}

static void remark_allowed(const struct planview *plan, struct line *line, bool is_under_way)
{
    switch (planview_page(plan)) {
    case PLANVIEW_WRITE:
        if (is_under_way)
            remark(line, ROLE_TEXT, "○ ", "writing");
        else if (plan->stopping)
            remark(line, ROLE_DIM, "", "not begun");
        break;
    case PLANVIEW_REPORT:
        remark(line, ROLE_WARNING, "! ", "not done");
        line->text = "It was stopped before.";
        break;
    default:
        if (datapoint_is_dangerous(line->datapoint))
            remark(line, ROLE_WARNING, "! ", effect_name(datapoint_effect(line->datapoint)));
        else if (line->item->warned)
            remark(line, ROLE_WARNING, "! ", "warning");
        else if (*line->text)
            remark(line, ROLE_TEXT, "", "note");
    }
}

static struct line line_at(const struct planview *plan, int row)
{
    size_t i = (size_t)row;
    struct line line = {.role = ROLE_TEXT, .new = (double)NAN};

    if (i >= plan->row_count) {
        const struct planview_gap *gap = &plan->gaps[i - plan->row_count];
        line.datapoint = gap->datapoint;
        line.index = gap->index;
        line.text = gap->why;
        remark(&line, ROLE_WARNING, "! ", "left out");
        return line;
    }
    line.item = batch_item(plan->batch, plan->rows[i]);
    line.datapoint = line.item->datapoint;
    line.index = line.item->target.index;
    line.text = line.item->text;
    line.new = line.item->number;
    if (line.item->state == ITEM_ALLOWED)
        remark_allowed(plan, &line, row == row_under_way(plan));
    else if (line.item->state == ITEM_REFUSED && i < plan->planned)
        remark(&line, ROLE_ALARM, "! ", "not sent"); // it was confirmed
    else if (line.item->state == ITEM_REFUSED)
        remark(&line, ROLE_WARNING, "! ", "left out");
    else if (line.item->state == ITEM_DONE && line.item->result == RECORD_WRITTEN)
        remark(&line, ROLE_OK, "● ", record_result_name(line.item->result));
    else if (line.item->state == ITEM_DONE)
        remark(&line, ROLE_ALARM, "! ", record_result_name(line.item->result));
    return line;
}

static int row_count(const struct planview *plan)
{
    return (int)(plan->row_count + plan->gap_count);
}

// What a change starts from: what runs, as far as that is known, where RAM is written.
static double old_value(const struct planview *plan, const struct line *line, const char **sign)
{
    double ram;

    *sign = "";
    if (plan->flash || line->item->state == ITEM_DONE ||
        plant_overlay(plan->ui->plant, plan->family, line->index, datapoint_id(line->datapoint),
                      &ram) == OVERLAY_NONE)
        return line->item->old;
    *sign = "~";
    return ram;
}

// Columns from the left edge. Narrow: no name.
struct columns {
    bool name;
    int change, remark;
};

static struct columns lay(int width, bool box)
{
    if (!box)
        return (struct columns){false, 12, width - 10};
    return (struct columns){true, width - (width >= 72 ? 36 : 31), width - 12};
}

enum { NUMBER_COLUMN = 6 };

static void draw_row(const struct planview *plan, struct canvas *canvas, struct rect at,
                     const struct columns *columns, const struct line *line, bool selected)
{
    enum { NUMBER_WIDTH = 6 };
    char name[DEVICE_NAME_MAX], text[160];
    const char *sign;
    int room = columns->change - NUMBER_COLUMN - 1;

    canvas_text(canvas, at.x, at.y, selected ? ROLE_SELECTED : ROLE_TEXT,
                device_text(plan, line->index, name));
    snprintf(text, sizeof text, "%u %s", datapoint_id(line->datapoint),
             columns->name ? widget_name(line->datapoint, room - NUMBER_WIDTH) : "");
    canvas_fit(canvas, at.x + NUMBER_COLUMN, at.y, room, ROLE_TEXT, text);
    if (line->item && !(line->item->state == ITEM_REFUSED && isnan(line->item->old))) {
        double old = old_value(plan, line, &sign);
        widget_change(canvas, at.x + columns->change, at.y, columns->remark - columns->change - 1,
                      line->datapoint, sign, old, line->new, ROLE_VALUE);
    }
    canvas_fit(canvas, at.x + columns->remark, at.y, at.width - columns->remark, line->role,
               line->remark);
}

// The selected row in full.
static void draw_detail(const struct planview *plan, struct canvas *canvas, struct rect area,
                        const struct line *line)
{
    char change[2 * DATAPOINT_TEXT_MAX + 160], old[DATAPOINT_TEXT_MAX + 16];
    char new[DATAPOINT_TEXT_MAX + 16], text[EDIT_TEXT_MAX + 4], name[DEVICE_NAME_MAX];
    struct rect upper = area;
    const char *sign;
    size_t used = 0;

    text_append(change, sizeof change, &used, "%s %s", device_text(plan, line->index, name),
                datapoint_name(line->datapoint));
    if (line->item) {
        double number = old_value(plan, line, &sign);
        text_append(change, sizeof change, &used, ": %s%s → %s", sign,
                    datapoint_exact_text(line->datapoint, number, old, sizeof old),
                    datapoint_exact_text(line->datapoint, line->new, new, sizeof new));
    }
    upper.height = !*line->text ? area.height : area.height > 3 ? 2 : 1;
    int rows = widget_paragraph(canvas, upper, ROLE_VALUE, change);
    bool trouble = line->role == ROLE_WARNING || line->role == ROLE_ALARM;
    snprintf(text, sizeof text, "%s%s", trouble ? "! " : "", line->text);
    area.y += rows;
    area.height -= rows;
    widget_paragraph(canvas, area, trouble ? line->role : ROLE_TEXT, text);
}

// --- The plan ------------------------------------------------------------------------------------

static size_t count_warned(const struct planview *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < batch_count(plan->batch); i++) {
        const struct batch_item *item = batch_item(plan->batch, i);
        count += item->state == ITEM_ALLOWED && item->warned;
    }
    return count;
}

static void summary_text(const struct planview *plan, char *out, size_t size)
{
    struct batch_totals totals;
    size_t used = 0;

    batch_totals(plan->batch, &totals);
    text_append(out, size, &used, "%zu to change, %zu left out", totals.allowed,
                totals.refused + plan->gap_count);
    if (totals.later > 0)
        text_append(out, size, &used, " (%zu for now)", totals.later);
    text_append(out, size, &used, ", %zu the same", totals.same + plan->same);
}

// What was confirmed and then couldn't be sent.
static size_t count_not_sent(const struct planview *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->planned; i++)
        count += batch_item(plan->batch, plan->rows[i])->state == ITEM_REFUSED;
    return count;
}

// What has come of the plan; the role says how good that is.
static enum role report_text(const struct planview *plan, bool box, char *out, size_t size)
{
    struct batch_totals totals;
    size_t used = 0, not_sent = count_not_sent(plan);

    batch_totals(plan->batch, &totals);
    size_t failed = totals.failed + not_sent;
    size_t left_out = totals.refused - not_sent + plan->gap_count;
    size_t same = totals.same + plan->same;
    bool good = failed + totals.unknown + totals.allowed == 0;
    text_append(out, size, &used, "%s%zu written", good ? "● " : "! ", totals.written);
    if (totals.unknown)
        text_append(out, size, &used, ", %zu unknown", totals.unknown);
    if (failed)
        text_append(out, size, &used, ", %zu failed", failed);
    if (totals.allowed)
        text_append(out, size, &used, ", %zu not done", totals.allowed);
    if (left_out)
        text_append(out, size, &used, ", %zu left out", left_out);
    if (same && box)
        text_append(out, size, &used, ", %zu the same", same);
    return good ? ROLE_OK : totals.unknown + failed > 0 ? ROLE_ALARM : ROLE_WARNING;
}

static void draw_progress(const struct planview *plan, struct canvas *canvas, struct rect line)
{
    struct batch_totals totals;

    batch_totals(plan->batch, &totals);
    size_t done = plan->planned - totals.allowed;
    int x = canvas_printf(canvas, line.x, line.y, ROLE_TITLE, "○ writing: %zu of %zu done", done,
                          plan->planned);
    int end = line.x + line.width;
    if (end - x > 6)
        widget_bar(canvas, x + 2, line.y, end - x - 2, (double)done / (double)plan->planned,
                   ROLE_OK);
}

// One line of how far it is.
static void draw_summary(const struct planview *plan, struct canvas *canvas, struct rect line,
                         bool box)
{
    enum role role = ROLE_TITLE;
    char text[160];

    if (planview_page(plan) == PLANVIEW_WRITE) {
        draw_progress(plan, canvas, line);
        return;
    }
    if (planview_page(plan) == PLANVIEW_REPORT)
        role = report_text(plan, box, text, sizeof text);
    else
        summary_text(plan, text, sizeof text);
    canvas_fit(canvas, line.x, line.y, line.width, role, text);
}

static void draw_prompt(struct planview *plan, struct canvas *canvas, struct rect line)
{
    static const char *const esc = "Esc goes back.";
    struct batch_totals totals;
    const char *text = "";
    int end = line.x + line.width;

    batch_totals(plan->batch, &totals);
    switch (planview_page(plan)) {
    case PLANVIEW_SHOW:
        if (totals.allowed == 0) {
            text = "There is nothing to write.";
            break;
        }
        int x = canvas_printf(canvas, line.x, line.y, ROLE_TITLE,
                              "Type \"%s\" to write: ", planview_word(plan));
        int width = end - x < 14 ? end - x : 14;
        field_draw(&plan->word, canvas, x, line.y, width, true);
        if (end - x - width > canvas_text_width(canvas, esc) + 2)
            canvas_text(canvas, x + width + 2, line.y, ROLE_DIM, esc);
        return;
    case PLANVIEW_WRITE:
        text = plan->stopping ? "Stopping. Esc closes this. What is under way is recorded."
                              : "Esc stops after the one under way.";
        break;
    case PLANVIEW_REPORT:
        text = totals.unknown ? "Unknown ones aren't sent again." : "w lists the recorded writes.";
        break;
    default:
        break;
    }
    canvas_fit(canvas, line.x, line.y, line.width, ROLE_DIM, text);
}

// The list follows what is being written until somebody scrolls.
static void follow_writing(struct planview *plan)
{
    if (planview_page(plan) != PLANVIEW_WRITE || plan->scrolled)
        return;
    int row = row_under_way(plan);
    if (row >= 0)
        plan->scroll.selected = row;
}

static void draw_rows(struct planview *plan, struct canvas *canvas, struct rect list,
                      struct rect detail, const struct columns *columns)
{
    struct scroll *scroll = &plan->scroll;

    follow_writing(plan);
    scroll_follow(scroll, row_count(plan), list.height);
    for (int i = scroll->top; i < scroll->count && i - scroll->top < scroll->height; i++) {
        struct rect at = {list.x, list.y + i - scroll->top, list.width, 1};
        struct line line = line_at(plan, i);
        bool selected = i == scroll->selected;
        draw_row(plan, canvas, at, columns, &line, selected);
        if (!selected)
            continue;
        canvas->cursor_x = at.x;
        canvas->cursor_y = at.y;
        if (plan->mistyped)
            canvas_fit(canvas, detail.x, detail.y, detail.width, ROLE_WARNING,
                       "! That isn't the word asked for.");
        else
            draw_detail(plan, canvas, detail, &line);
    }
    list.width++;
    widget_more(canvas, list, scroll->top > 0, scroll->top + scroll->height < scroll->count);
}

static void draw_heading(struct canvas *canvas, struct rect line, const struct columns *columns)
{
    canvas_text(canvas, line.x, line.y, ROLE_HEADING, "to");
    canvas_text(canvas, line.x + NUMBER_COLUMN, line.y, ROLE_HEADING, "parameter");
    canvas_text(canvas, line.x + columns->change, line.y, ROLE_HEADING, "change");
}

static struct rect take_rows(struct rect *left, int rows)
{
    struct rect taken = {left->x, left->y, left->width, rows};

    left->y += rows;
    left->height -= rows;
    return taken;
}

static void draw_plan(struct planview *plan, struct canvas *canvas, struct rect body)
{
    enum { DETAIL = 4, DETAIL_NARROW = 3, BLANKS_FROM = 20 };
    bool box = modal_room(body, 0).box;
    int rows = row_count(plan), heading = box && rows > 0,
        blank = box && body.height >= BLANKS_FROM;
    int detail = rows == 0 ? 0 : box ? DETAIL : DETAIL_NARROW;
    int blanks = rows == 0 ? blank : 3 * blank;
    size_t warned = planview_page(plan) == PLANVIEW_SHOW ? count_warned(plan) : 0;
    int fixed = 1 + (warned > 0) + heading + detail + 1 + blanks;
    char title[160], way[NAMES_MAX + 48];

    title_text(plan, title, sizeof title);
    way_text(plan, way, sizeof way);
    struct rect left = modal_open(canvas, body, fixed + rows, title, way);
    struct columns columns = lay(left.width, box);
    canvas->cursor_x = left.x;
    canvas->cursor_y = left.y;
    struct rect line = take_rows(&left, 1);
    draw_summary(plan, canvas, line, box);
    if (warned > 0) {
        line = take_rows(&left, 1);
        canvas_printf(canvas, line.x, line.y, ROLE_WARNING, "! %zu with a warning: look at %s",
                      warned, warned == 1 ? "it" : "each");
    }
    take_rows(&left, blank);
    if (rows > 0) {
        line = take_rows(&left, heading);
        if (heading)
            draw_heading(canvas, line, &columns);
        struct rect list = take_rows(&left, left.height - detail - 1 - 2 * blank);
        take_rows(&left, blank);
        struct rect below = take_rows(&left, detail);
        take_rows(&left, blank);
        draw_rows(plan, canvas, list, below, &columns);
    }
    draw_prompt(plan, canvas, left);
    plan->shown = true;
}

void planview_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct planview *plan = ui->planview;
    struct batch_totals totals;

    planview_advance(plan);
    switch (planview_page(plan)) {
    case PLANVIEW_CHOOSE:
        draw_choose(plan, canvas, body);
        break;
    case PLANVIEW_READ:
        draw_waiting(plan, canvas, body, "reading", plan->answered, plan->ref_count,
                     "Only what is known for certain is copied.");
        break;
    case PLANVIEW_LOOK:
        batch_totals(plan->batch, &totals);
        draw_waiting(plan, canvas, body, "looking at the changes", totals.looked, totals.all,
                     "Each device's limits, level and firmware decide what can be written.");
        break;
    default:
        draw_plan(plan, canvas, body);
    }
}
