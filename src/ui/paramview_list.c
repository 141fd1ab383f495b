// SPDX-License-Identifier: MIT
// The list of parameters: menus as on the remote control, values side by side.
#include "ui/paramview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/widgets.h"

// --- The header ----------------------------------------------------------------------------------

// The families as they can be chosen; or what the list holds, if it isn't the tree of one.
static int draw_families(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct paramview *p = ui->paramview;
    enum family families[FAMILY_COUNT];
    int count = paramview_families(ui, families), x = area.x + 1;

    if (paramview_flat(p))
        return canvas_text(canvas, x, area.y, ROLE_TITLE, "Found");
    for (int f = 0; f < count; f++) {
        bool here = families[f] == p->family;
        x = canvas_text(canvas, x, area.y, here ? ROLE_SELECTED : ROLE_KEY_TEXT,
                        family_name(families[f]));
        x += area.width < 60 ? 1 : 2;
    }
    return x;
}

// The names of a family's visible devices over their columns.
static void draw_devices(struct ui *ui, struct canvas *canvas,
                         const struct parameters_layout *layout, enum family family, int y)
{
    const struct paramview *p = ui->paramview;
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(ui, family, indices);
    int first = p->columns[family].first_device;
    int x = layout->rows.x + layout->label_width + layout->unit_width;
    char name[DEVICE_NAME_MAX], text[48];

    if (first > 0)
        canvas_text(canvas, x, y, ROLE_KEY, "◄");
    for (int d = first; d < first + layout->columns && d < count; d++) {
        const struct plant_device *device = plant_device(ui->plant, family, indices[d]);
        bool gone = device && device->presence == DEVICE_GONE;
        device_name(family, indices[d], name, sizeof name);
        snprintf(text, sizeof text, "%s%s", gone ? "! " : "", name);
        if (device && device->phase)
            snprintf(text, sizeof text, "%s%s L%u", gone ? "! " : "", name, device->phase);
        x += layout->column_width;
        canvas_right(canvas, x - 1, y,
                     gone                             ? ROLE_ALARM
                     : d == p->columns[family].device ? ROLE_SELECTED
                                                      : ROLE_HEADING,
                     text);
    }
    if (first + layout->columns < count)
        canvas_text(canvas, x - 1, y, ROLE_KEY, "►");
}

void paramview_draw_header(struct ui *ui, struct canvas *canvas,
                           const struct parameters_layout *layout)
{
    struct paramview *p = ui->paramview;
    const struct rect *area = &layout->header;
    int top = paramview_current_list(p)->scroll.top;
    int x = area->x + layout->label_width + layout->unit_width;

    draw_families(ui, canvas, *area);
    // A result's columns are those of the first row's family; a heading tells them itself.
    if (p->row_count > 0 && (p->rows[top].node >= 0 || !paramview_flat(p)))
        draw_devices(ui, canvas, layout, p->rows[top].family, area->y);
    x += layout->columns * layout->column_width;
    if (layout->factory_width)
        canvas_right(canvas, x + layout->factory_width - 1, area->y, ROLE_DIM, "factory");
    if (layout->level_width)
        canvas_text(canvas, x + layout->factory_width, area->y, ROLE_DIM, "level");
}

// --- Rows ----------------------------------------------------------------------------------------

static void draw_heading(struct ui *ui, struct canvas *canvas,
                         const struct parameters_layout *layout, struct rect line,
                         enum family family, bool selected)
{
    bool folded = ui->paramview->folded_families & 1U << family;
    int x = canvas_text(canvas, line.x + 1, line.y, ROLE_HEADING, folded ? "► " : "▼ ");

    x = canvas_text(canvas, x, line.y, selected ? ROLE_SELECTED : ROLE_HEADING,
                    family_title(family));
    canvas_printf(canvas, x + 2, line.y, ROLE_DIM, "%d", ui->paramview->found[family]);
    draw_devices(ui, canvas, layout, family, line.y);
}

static int indent_of(const struct ui *ui, const struct parameters_layout *layout,
                     const struct paramview_node *node)
{
    if (paramview_flat(ui->paramview))
        return 0;
    return node->depth * (layout->unit_width ? 2 : 1);
}

static void draw_menu(struct ui *ui, struct canvas *canvas, const struct parameters_layout *layout,
                      struct rect line, int x, const struct paramview_node *node, bool selected)
{
    bool folded = node->folded[paramview_fold_set(ui->paramview)];
    char count[24] = "", name[128];

    x = canvas_text(canvas, x + indent_of(ui, layout, node), line.y, ROLE_HEADING,
                    folded ? "► " : "▼ ");
    if (folded)
        snprintf(count, sizeof count, "%d", node->inside);
    int room = line.x + line.width - x - (folded ? canvas_text_width(canvas, count) + 2 : 1);
    text_fit(name, sizeof name, datapoint_name(node->datapoint), room, true, canvas->ascii);
    x = canvas_text(canvas, x, line.y, selected ? ROLE_SELECTED : ROLE_HEADING, name);
    canvas_text(canvas, x + 2, line.y, ROLE_DIM, count);
}

// The signs before a value, and the one behind it.
struct signs {
    const char *before, *behind;
};

static struct signs signs_of(const struct paramview_value *value, bool differs)
{
    return (struct signs){
        .before = value->overlay != OVERLAY_NONE ? differs ? "≠~" : "~"
                  : differs                      ? "≠"
                                                 : "",
        .behind = value->overlay == OVERLAY_DOUBT || value->earlier ? "?" : "",
    };
}

bool paramview_draw_value(struct ui *ui, struct canvas *canvas, int x_end, int y, int width,
                          enum family family, unsigned index, const struct datapoint *datapoint)
{
    struct paramview_value value = paramview_value(ui, family, index, datapoint, true);
    double number = paramview_number(&value), other;
    bool differs = paramview_differs_from(ui, family, index, datapoint, &other) != 0;
    struct signs signs = signs_of(&value, differs);
    char text[DATAPOINT_TEXT_MAX], cut[DATAPOINT_TEXT_MAX];
    enum role role = value.overlay == OVERLAY_DOUBT  ? ROLE_STALE
                     : value.overlay != OVERLAY_NONE ? ROLE_VALUE
                                                     : widget_role(&value.reading, ROLE_VALUE);

    if (datapoint_encoding(datapoint) == ENCODING_SIGNAL)
        snprintf(text, sizeof text, "signal");
    else if (isnan(number))
        snprintf(text, sizeof text, "--");
    else
        datapoint_exact_number(datapoint, datapoint_meant(datapoint, number), text, sizeof text);
    width -= canvas_text_width(canvas, signs.before) + 2;
    // Half a number would be a wrong one.
    if (datapoint_encoding(datapoint) == ENCODING_NUMBER && canvas_text_width(canvas, text) > width)
        memset(text, '#', strlen(text));
    text_fit(cut, sizeof cut, text, width, datapoint_encoding(datapoint) != ENCODING_NUMBER,
             canvas->ascii);
    int x = x_end - 1 - canvas_text_width(canvas, cut);
    canvas_right(canvas, x, y, ROLE_KEY, signs.before);
    canvas_text(canvas, x, y, role, cut);
    canvas_text(canvas, x_end - 1, y, ROLE_KEY, signs.behind);
    return value.reading.quality != QUALITY_STALE;
}

// Quiet where the chosen device has it so.
static void draw_factory(struct ui *ui, struct canvas *canvas, int x_end, int y, int width,
                         enum family family, const struct datapoint *datapoint)
{
    double factory = paramview_limits(ui->paramview, datapoint).factory;
    struct paramview_value value =
        paramview_value(ui, family, paramview_device(ui, family), datapoint, false);
    double number = paramview_number(&value);
    bool same = isnan(number) || isnan(factory) || paramview_same(datapoint, number, factory);
    char text[DATAPOINT_TEXT_MAX] = "", cut[DATAPOINT_TEXT_MAX];

    if (!paramview_is_carried(datapoint) || isnan(datapoint_limits(datapoint).factory))
        return;
    datapoint_text(datapoint, factory, text, sizeof text);
    text_fit(cut, sizeof cut, text, width - 1, true, canvas->ascii);
    canvas_right(canvas, x_end, y, same ? ROLE_DIM : ROLE_VALUE, cut);
}

static void draw_parameter(struct ui *ui, struct canvas *canvas,
                           const struct parameters_layout *layout, struct rect line, int x,
                           const struct paramview_node *node, bool selected)
{
    const struct paramview *p = ui->paramview;
    const struct datapoint *datapoint = node->datapoint;
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(ui, node->family, indices);
    int first = p->columns[node->family].first_device;
    const char *short_name = datapoint_short_name(datapoint);
    bool is_short = !layout->unit_width && *short_name;
    int end = line.x + layout->label_width;

    x += indent_of(ui, layout, node);
    canvas_fit(canvas, x, line.y, end - x - 1, selected ? ROLE_SELECTED : ROLE_TEXT,
               is_short ? short_name : datapoint_name(datapoint));
    if (layout->unit_width)
        canvas_fit(canvas, end, line.y, layout->unit_width - 1, ROLE_DIM,
                   datapoint_short_unit(datapoint));
    x = end + layout->unit_width;
    for (int d = first; d < first + layout->columns && d < count; d++)
        paramview_draw_value(ui, canvas, x + (d - first + 1) * layout->column_width, line.y,
                             layout->column_width, node->family, indices[d], datapoint);
    x += layout->columns * layout->column_width;
    if (layout->factory_width)
        draw_factory(ui, canvas, x + layout->factory_width - 1, line.y, layout->factory_width,
                     node->family, datapoint);
    if (layout->level_width)
        canvas_text(canvas, x + layout->factory_width, line.y, ROLE_DIM,
                    level_name(datapoint_level(datapoint)));
}

static void draw_nothing(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct paramview *p = ui->paramview;
    const char *text = "No parameter of this family passes the filters.";
    double seconds;

    area = (struct rect){area.x + 2, area.y + 1, area.width - 4, area.height - 1};
    if (paramview_flat(p))
        text = p->filters || p->level < LEVEL_QSP
                   ? "No parameter that passes the filters has all of these words."
                   : "No parameter has all of these words in its number, name or options.";
    if (paramview_unread(ui, &seconds) > 0)
        text = "None so far: not all values that decide about it have been read.";
    widget_paragraph(canvas, area, ROLE_DIM, text);
}

// The chosen device's column comes into sight.
static void follow_devices(struct ui *ui, const struct parameters_layout *layout)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        uint8_t indices[DEVICES_PER_FAMILY_MAX];
        int count = paramview_devices(ui, (enum family)f, indices);
        int *device = &ui->paramview->columns[f].device;
        int *first = &ui->paramview->columns[f].first_device;
        if (*device >= count)
            *device = count > 0 ? count - 1 : 0;
        if (*first > count - layout->columns)
            *first = count > layout->columns ? count - layout->columns : 0;
        if (*first > *device)
            *first = *device;
        if (*first <= *device - layout->columns)
            *first = *device - layout->columns + 1;
    }
}

void paramview_draw_rows(struct ui *ui, struct canvas *canvas,
                         const struct parameters_layout *layout)
{
    struct paramview *p = ui->paramview;
    struct scroll *scroll = &paramview_current_list(p)->scroll;
    bool long_numbers = paramview_flat(p) || p->family == FAMILY_VT || p->family == FAMILY_VS;
    int number_width = long_numbers ? 5 : 4;

    follow_devices(ui, layout);
    scroll_follow(scroll, p->row_count, layout->rows.height);
    if (p->row_count == 0)
        draw_nothing(ui, canvas, layout->rows);
    for (int i = scroll->top; i < p->row_count && i - scroll->top < scroll->height; i++) {
        struct rect line = {layout->rows.x, layout->rows.y + i - scroll->top, layout->rows.width,
                            1};
        const struct paramview_node *node = paramview_node(p, &p->rows[i]);
        bool selected = i == scroll->selected;
        if (selected) {
            canvas_text(canvas, line.x, line.y, ROLE_KEY, "►");
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
        }
        if (!node) {
            draw_heading(ui, canvas, layout, line, p->rows[i].family, selected);
            continue;
        }
        int x = line.x + 1 + number_width + 1;
        canvas_printf(canvas, line.x + 1, line.y, paramview_is_menu(node) ? ROLE_DIM : ROLE_TEXT,
                      "%*u", number_width, (unsigned)datapoint_id(node->datapoint));
        if (paramview_is_menu(node))
            draw_menu(ui, canvas, layout, line, x, node, selected);
        else
            draw_parameter(ui, canvas, layout, line, x, node, selected);
    }
}
