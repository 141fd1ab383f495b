// SPDX-License-Identifier: MIT
// The parameters: the menus as on the remote control, search and filters over them, and everything
// about the selected one.
#include "ui/paramview.h"

#include <stdio.h>

#include "base/text.h"
#include "ui/arranged.h"
#include "ui/graph.h"
#include "ui/pins.h"
#include "ui/widgets.h"

// --- What the list is about ----------------------------------------------------------------------

enum { ANSWERS_WIDTH = 16 }; // of "  y read  n no"

static char *duration_text(double seconds, char *out, size_t size)
{
    char age[24];

    if (seconds <= 0)
        out[0] = '\0';
    else
        snprintf(out, size, ", about %s", text_age(age, sizeof age, seconds < 1 ? 1 : seconds));
    return out;
}

static void draw_question(struct ui *ui, struct canvas *canvas, struct rect area)
{
    char duration[40], filters[128], cost[128], text[320];
    double seconds;
    size_t unread = paramview_unread(ui, &seconds);

    snprintf(cost, sizeof cost, "%zu read%s%s", unread, unread == 1 ? "" : "s",
             duration_text(seconds, duration, sizeof duration));
    snprintf(text, sizeof text, "only %s needs %s",
             paramview_filters_text(ui->paramview, filters, sizeof filters), cost);
    bool fits = canvas_text_width(canvas, text) + ANSWERS_WIDTH < area.width;
    int x = canvas_text(canvas, area.x + 1, area.y, ROLE_TITLE, fits ? text : cost);
    x = canvas_text(canvas, x + 2, area.y, ROLE_KEY, "y");
    x = canvas_text(canvas, x, area.y, ROLE_KEY_TEXT, " read");
    x = canvas_text(canvas, x + 2, area.y, ROLE_KEY, "n");
    canvas_text(canvas, x, area.y, ROLE_KEY_TEXT, " no");
}

static void draw_progress(const struct ui *ui, struct canvas *canvas, struct rect area, size_t left)
{
    enum { BAR_MIN = 12 };
    size_t all = ui->paramview->reading_count, done = all - left;
    int x = area.x + 1, end = area.x + area.width - 12;
    char filters[128], text[64];

    // The longest text there can be: the bar doesn't move.
    snprintf(text, sizeof text, "%zu of %zu read", all, all);
    int width = canvas_text_width(canvas, text);
    paramview_filters_text(ui->paramview, filters, sizeof filters);
    if (x + 5 + canvas_text_width(canvas, filters) + 2 + width + 2 + BAR_MIN <= end) {
        x = canvas_text(canvas, x, area.y, ROLE_HEADING, "only ");
        x = canvas_text(canvas, x, area.y, ROLE_HEADING, filters) + 2;
    }
    snprintf(text, sizeof text, "%zu of %zu read", done, all);
    canvas_text(canvas, x, area.y, ROLE_TITLE, text);
    x += width + 2;
    widget_bar(canvas, x, area.y, end - x, (double)done / (double)all, ROLE_OK);
    x = canvas_text(canvas, end + 2, area.y, ROLE_KEY, "Esc");
    canvas_text(canvas, x, area.y, ROLE_KEY_TEXT, " stops");
}

static void draw_field(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct paramview *p = ui->paramview;
    const char *text = p->text;
    char found[24] = "";

    if (*text)
        snprintf(found, sizeof found, "%d found", paramview_count(p));
    int room = area.width - 3 - 12;
    // The end of it is being typed.
    for (uint32_t c; canvas_text_width(canvas, text) > room;)
        text += text_next(text, &c);
    int x = canvas_text(canvas, area.x + 1, area.y, ROLE_KEY, "/");
    x = canvas_text(canvas, x, area.y, ROLE_TITLE, text);
    canvas->cursor_x = x;
    canvas->cursor_y = area.y;
    canvas_text(canvas, x, area.y, ROLE_SELECTED, " ");
    canvas_right(canvas, area.x + area.width - 1, area.y, ROLE_DIM, found);
}

// Why rows are missing, and where in the list one is.
static void draw_summary(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct paramview *p = ui->paramview;
    const struct scroll *scroll = &paramview_current_list(p)->scroll;
    char filters[128], title[256], position[48];
    size_t used = 0;
    double seconds;

    paramview_filters_text(p, filters, sizeof filters);
    title[0] = '\0';
    if (p->searching)
        text_append(title, sizeof title, &used, "/%s", p->text);
    if (*filters)
        text_append(title, sizeof title, &used, "%s%s", used ? "  " : "only ", filters);
    size_t unread = p->filters & FILTERS_OF_VALUES ? paramview_unread(ui, &seconds) : 0;
    if (used == 0)
        text_append(title, sizeof title, &used, "%s %d parameters", family_title(p->family),
                    paramview_count(p));
    else
        text_append(title, sizeof title, &used, "  %d", paramview_count(p));
    snprintf(position, sizeof position, "%d of %d", p->row_count ? scroll->selected + 1 : 0,
             p->row_count);
    if (unread > 0)
        snprintf(position, sizeof position, "! %zu not read", unread);
    widget_rule(canvas, area, title, position);
}

static void draw_bar(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct paramview *p = ui->paramview;
    size_t left;

    if (p->asking)
        draw_question(ui, canvas, area);
    else if (p->typing)
        draw_field(ui, canvas, area);
    else if (*p->notice)
        canvas_fit(canvas, area.x + 1, area.y, area.width - 2, ROLE_WARNING, p->notice);
    else if (paramview_is_reading(ui, &left))
        draw_progress(ui, canvas, area, left);
    else
        draw_summary(ui, canvas, area);
}

// --- The view ------------------------------------------------------------------------------------

// Devices that are to be shown side by side.
static int devices_beside(const struct ui *ui)
{
    const struct paramview *p = ui->paramview;
    int most = 1;

    for (int f = 0; f < FAMILY_COUNT && !p->one_device; f++) {
        uint8_t indices[DEVICES_PER_FAMILY_MAX];
        int count = paramview_devices(ui, (enum family)f, indices);
        if ((paramview_flat(p) || p->family == (enum family)f) && count > most)
            most = count;
    }
    return most;
}

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct paramview *p = ui->paramview;

    if (ui_draw_waiting(ui, canvas, area))
        return;
    paramview_read_volts(ui);
    paramview_look_up_mine(ui);
    paramview_build(ui);
    bool told = p->typing || p->searching || p->filters || p->level < LEVEL_QSP || *p->notice;
    struct parameters_layout layout = layout_parameters(area, devices_beside(ui), told);
    paramview_draw_rows(ui, canvas, &layout);
    paramview_draw_header(ui, canvas, &layout);
    paramview_draw_detail(ui, canvas, layout.detail);
    if (layout.beside)
        canvas_fill(canvas, (struct rect){layout.detail.x - 1, area.y, 1, area.height}, ROLE_DIM,
                    0x2502);
    if (layout.bar.height > 0)
        draw_bar(ui, canvas, layout.bar);
}

// --- Keys ----------------------------------------------------------------------------------------

place_set paramview_place(const struct ui *ui)
{
    const struct paramview *p = ui->paramview;
    return p->asking ? IN_QUESTION : p->typing ? IN_SEARCH : IN_PARAMETERS;
}

static void choose_device(struct ui *ui, int step)
{
    struct paramview *p = ui->paramview;
    const struct paramview_row *row = paramview_selected(p);
    enum family family = row ? row->family : p->family;
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(ui, family, indices);
    int device = p->columns[family].device + step;

    if (device < 0 || device >= count)
        return;
    p->columns[family].device = device;
    if (p->one_device)
        paramview_scope_changed(ui);
}

// The tree of another family; in a search's result, its heading.
static void choose_family(struct ui *ui, int step)
{
    struct paramview *p = ui->paramview;
    const struct paramview_row *row = paramview_selected(p);
    enum family families[FAMILY_COUNT], family = row ? row->family : p->family;
    int count = paramview_families(ui, families), at = 0;

    for (int f = 0; f < count; f++)
        if (families[f] == family)
            at = f;
    family = families[(at + step + count) % count];
    if (paramview_flat(p)) {
        p->lists[LIST_FOUND].anchor =
            paramview_key(p, &(struct paramview_row){.family = family, .node = -1});
        return;
    }
    p->family = family;
    paramview_scope_changed(ui);
}

static void fold(struct ui *ui)
{
    struct paramview *p = ui->paramview;
    const struct paramview_row *row = paramview_selected(p);

    if (!row)
        return;
    struct paramview_node *node = paramview_node(p, row);
    if (!node)
        p->folded_families ^= 1U << row->family;
    else if (paramview_is_menu(node))
        node->folded[paramview_fold_set(p)] ^= true;
}

static void fold_all(struct paramview *p, bool folded)
{
    if (paramview_flat(p)) {
        p->folded_families = folded ? ~0U : 0;
        return;
    }
    for (int i = p->first[p->family]; i < p->first[p->family + 1]; i++)
        p->nodes[i].folded[paramview_fold_set(p)] = folded;
}

// Esc: out of the innermost of what there is to leave.
static void back(struct ui *ui)
{
    struct paramview *p = ui->paramview;

    if (p->asking) {
        paramview_say_no(ui);
    } else if (p->reading) {
        paramview_stop_reading(ui);
    } else if (p->searching) {
        paramview_leave_search(ui);
        paramview_scope_changed(ui);
    } else {
        p->filters = 0;
        p->level = LEVEL_QSP;
    }
}

static void act_typing(struct ui *ui, enum action action)
{
    struct paramview *p = ui->paramview;

    switch (action) {
    case ACTION_ERASE:
        paramview_erase(ui);
        break;
    case ACTION_ENTER:
        p->typing = false;
        if (*p->text)
            paramview_scope_changed(ui);
        else
            paramview_leave_search(ui);
        break;
    case ACTION_BACK:
        paramview_leave_search(ui);
        break;
    default:
        scroll_act(&paramview_current_list(p)->scroll, action);
    }
}

// The selected parameter of the chosen device into the graphs or to the overview, or out.
static void choose_value(struct ui *ui, void (*toggle)(struct ui *ui, const struct plant_ref *ref))
{
    const struct paramview_row *row = paramview_selected(ui->paramview);
    const struct paramview_node *node = row ? paramview_node(ui->paramview, row) : NULL;
    unsigned device = row ? paramview_device(ui, row->family) : 0;

    if (!node || paramview_is_menu(node) || !device)
        ui_notice(ui, "that key goes with a parameter of a device");
    else
        toggle(ui, &(struct plant_ref){.family = row->family,
                                       .index = (uint8_t)device,
                                       .parameter = true,
                                       .part = PART_VALUE,
                                       .id = datapoint_id(node->datapoint)});
}

static void act_in_list(struct ui *ui, enum action action)
{
    struct paramview *p = ui->paramview;

    switch (action) {
    case ACTION_LEFT:
        choose_device(ui, -1);
        break;
    case ACTION_RIGHT:
        choose_device(ui, 1);
        break;
    case ACTION_PREVIOUS_FAMILY:
        choose_family(ui, -1);
        break;
    case ACTION_NEXT_FAMILY:
        choose_family(ui, 1);
        break;
    case ACTION_ONE_DEVICE:
        p->one_device = !p->one_device;
        paramview_scope_changed(ui);
        break;
    case ACTION_ENTER:
    case ACTION_EDIT:
        if (!paramview_edit(ui))
            fold(ui);
        break;
    case ACTION_COPY:
    case ACTION_COPY_ALL:
        paramview_copy(ui, action == ACTION_COPY_ALL);
        break;
    case ACTION_UNDO:
        paramview_undo(ui);
        break;
    case ACTION_WRITES:
        paramview_list_writes(ui);
        break;
    case ACTION_OPEN_ALL:
        fold_all(p, false);
        break;
    case ACTION_CLOSE_ALL:
        fold_all(p, true);
        break;
    case ACTION_SEARCH:
        paramview_leave_search(ui);
        p->typing = p->searching = true;
        break;
    case ACTION_LEVEL:
        paramview_next_level(ui);
        break;
    case ACTION_GRAPH:
        choose_value(ui, graph_toggle);
        break;
    case ACTION_PIN:
        choose_value(ui, pins_toggle);
        break;
    case ACTION_ADD:
        choose_value(ui, arranged_add);
        break;
    case ACTION_CHANGED:
        paramview_toggle(ui, FILTER_CHANGED);
        break;
    case ACTION_DIFFERS:
        paramview_toggle(ui, FILTER_DIFFERS);
        break;
    case ACTION_MINE:
        paramview_toggle(ui, FILTER_MINE);
        break;
    case ACTION_BACK:
        back(ui);
        break;
    default:
        scroll_act(&paramview_current_list(p)->scroll, action);
    }
}

static bool moves(enum action action)
{
    return action >= ACTION_UP && action <= ACTION_END && action != ACTION_LEFT &&
           action != ACTION_RIGHT;
}

static void act(struct ui *ui, enum action action)
{
    struct paramview *p = ui->paramview;
    bool typing = p->typing;

    p->notice[0] = '\0';
    paramview_build(ui);
    if (p->asking && action == ACTION_YES)
        paramview_say_yes(ui);
    else if (p->asking && action == ACTION_BACK)
        back(ui);
    else if (typing && !p->asking)
        act_typing(ui, action);
    else
        act_in_list(ui, action);
    // Somebody who moves goes to another row; whatever else happens, the row is the same.
    const struct paramview_row *row = paramview_selected(p);
    if (row && moves(action))
        paramview_current_list(p)->anchor = paramview_key(p, row);
    paramview_build(ui);
}

const struct view paramview_view = {draw, act};
