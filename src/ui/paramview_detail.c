// SPDX-License-Identifier: MIT
// Everything about the selected row: what it is now and may be, what it depends on, what changing
// it does, and what was changed.
#include "ui/paramview.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ui/widgets.h"

enum { LABEL_WIDTH = 9, LONG_TEXT = 1024, CHANGES_MAX = 8, MENUS_MAX = 8 };

// What is left of the pane.
struct pane {
    struct canvas *canvas;
    struct rect left;
    bool more; // something found no room
};

static void add(struct pane *pane, const char *label, enum role role, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// A label, and a text behind it that may take several rows.
static void add(struct pane *pane, const char *label, enum role role, const char *format, ...)
{
    struct rect area = pane->left;
    char text[LONG_TEXT];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (area.height <= 0 || area.width <= LABEL_WIDTH) {
        pane->more = true;
        return;
    }
    canvas_text(pane->canvas, area.x, area.y, ROLE_DIM, label);
    area.x += LABEL_WIDTH;
    area.width -= LABEL_WIDTH;
    int rows = widget_paragraph(pane->canvas, area, role, text);
    pane->left.y += rows;
    pane->left.height -= rows;
}

// --- Texts ---------------------------------------------------------------------------------------

static void menu_path(const struct menu_entry *entry, char *out, size_t size)
{
    const char *names[MENUS_MAX];
    size_t count = 0, used = 0;

    out[0] = '\0';
    for (entry = menu_parent(entry); entry && count < MENUS_MAX; entry = menu_parent(entry))
        names[count++] = datapoint_name(menu_datapoint(entry));
    while (count > 0)
        text_append(out, size, &used, "%s%s", used ? " / " : "", names[--count]);
    if (used == 0)
        text_append(out, size, &used, "the top level");
}

// Where else it is in the menus.
static void other_menus(const struct menu_entry *here, char *out, size_t size)
{
    const struct datapoint *datapoint = menu_datapoint(here);
    size_t used = 0;

    out[0] = '\0';
    for (const struct menu_entry *entry = menu_of(datapoint, NULL); entry;
         entry = menu_of(datapoint, entry)) {
        char path[LONG_TEXT / 2];
        if (entry == here)
            continue;
        menu_path(entry, path, sizeof path);
        text_append(out, size, &used, "; also in %s", path);
    }
}

// --- Lines ---------------------------------------------------------------------------------------

static void add_now(struct ui *ui, struct pane *pane, enum family family, unsigned index,
                    const struct datapoint *datapoint)
{
    struct paramview_value value = paramview_value(ui, family, index, datapoint, true);
    char name[DEVICE_NAME_MAX], flash[DATAPOINT_TEXT_MAX], ram[DATAPOINT_TEXT_MAX];
    char reason[96], other_name[DEVICE_NAME_MAX], other_text[DATAPOINT_TEXT_MAX], time[24];
    double other_number;

    if (datapoint_encoding(datapoint) == ENCODING_SIGNAL) {
        add(pane, "now", ROLE_TEXT, "a signal: it is sent, and has no value");
        return;
    }
    if (!paramview_is_carried(datapoint)) {
        add(pane, "now", ROLE_DIM, "-- not carried by the gateway's protocol");
        return;
    }
    device_name(family, index, name, sizeof name);
    plant_reading_reason(&value.reading, reason, sizeof reason);
    datapoint_exact_text(datapoint, reading_has_number(&value.reading) ? value.reading.number : NAN,
                         flash, sizeof flash);
    datapoint_exact_text(datapoint, value.ram, ram, sizeof ram);
    if (value.overlay == OVERLAY_SURE)
        add(pane, "now", ROLE_VALUE, "~%s in RAM until %s restarts; flash: %s%s%s", ram, name,
            flash, *reason ? ", " : "", reason);
    else if (value.overlay == OVERLAY_DOUBT)
        add(pane, "now", ROLE_VALUE,
            "~%s perhaps in RAM: %s may have restarted, or never got it; flash: %s%s%s", ram, name,
            flash, *reason ? ", " : "", reason);
    else
        add(pane, "now", widget_role(&value.reading, ROLE_VALUE), "%s%s%s", flash,
            *reason ? "  " : "", reason);

    if (value.earlier)
        add(pane, "RAM", ROLE_WARNING,
            "! %s was written on %s: unless %s has restarted since, that runs",
            datapoint_exact_text(datapoint, value.earlier_ram, ram, sizeof ram),
            text_local_time(value.earlier_time, time, sizeof time), name);
    unsigned other = paramview_differs_from(ui, family, index, datapoint, &other_number);
    if (other)
        add(pane, "≠", ROLE_VALUE, "differs from %s: %s",
            device_name(family, other, other_name, sizeof other_name),
            datapoint_exact_text(datapoint, other_number, other_text, sizeof other_text));
}

static void add_options(struct pane *pane, const struct datapoint *datapoint, int most)
{
    struct pane part = *pane;
    struct option option;
    char all[LONG_TEXT] = "";
    size_t used = 0;

    for (size_t i = 0; datapoint_option(datapoint, i, &option); i++)
        text_append(all, sizeof all, &used, "%s%u %s", used ? ", " : "", (unsigned)option.value,
                    option.label);
    if (part.left.height > most)
        part.left.height = most;
    int before = part.left.height;
    add(&part, "options", ROLE_TEXT, "%s", all);
    pane->left.y += before - part.left.height;
    pane->left.height -= before - part.left.height;
}

// The factory default for this installation: "60 Adc", "57.6 Vdc at 48 V"; "" if there is none.
static char *factory_text(const struct paramview *p, const struct datapoint *datapoint, char *out,
                          size_t size)
{
    double factory = paramview_limits(p, datapoint).factory;
    double usual = datapoint_limits(datapoint).factory,
           low = datapoint_limits_120v(datapoint).factory;
    bool by_battery =
        datapoint_vbat(datapoint) == VBAT_LEVEL || datapoint_vbat(datapoint) == VBAT_STEP;
    size_t used;

    out[0] = '\0';
    if (!paramview_is_carried(datapoint) || isnan(usual))
        return out;
    datapoint_exact_text(datapoint, factory, out, size);
    used = strlen(out);
    if (isnan(factory))
        text_append(out, size, &used, " until the %s voltage is known",
                    by_battery ? "battery's" : "AC");
    else if (by_battery)
        text_append(out, size, &used, " at %.0f V", p->battery_v);
    else if (usual != low)
        text_append(out, size, &used, " at %.0f V AC", p->ac_v);
    return out;
}

// What the device allows, read for the selected row only; until then what the tables say.
static void add_limits(struct ui *ui, struct pane *pane, enum family family, unsigned index,
                       const struct datapoint *datapoint)
{
    struct datapoint_limits table = paramview_limits(ui->paramview, datapoint);
    struct reading low = ui_read_parameter(ui, family, index, datapoint_id(datapoint), PART_MIN);
    struct reading high = ui_read_parameter(ui, family, index, datapoint_id(datapoint), PART_MAX);
    bool read = reading_has_number(&low) && reading_has_number(&high);
    bool refused = low.quality == QUALITY_REFUSED || high.quality == QUALITY_REFUSED;
    char min[DATAPOINT_TEXT_MAX], max[DATAPOINT_TEXT_MAX], step[48] = "", name[DEVICE_NAME_MAX];
    char source[64] = "from the tables, not read yet", factory[DATAPOINT_TEXT_MAX + 64];

    device_name(family, index, name, sizeof name);
    if (read)
        snprintf(source, sizeof source, "read from %s", name);
    else if (refused)
        snprintf(source, sizeof source, "from the tables, since %s tells none", name);
    if (!isnan(table.step) && table.step > 0) {
        snprintf(step, sizeof step, " in steps of ");
        text_number(step + strlen(step), sizeof step - strlen(step), table.step,
                    datapoint_decimals(datapoint));
    }
    factory_text(ui->paramview, datapoint, factory, sizeof factory);
    add(pane, "allowed", ROLE_TEXT, "%s to %s%s, %s%s%s",
        datapoint_exact_number(datapoint, read ? low.number : table.min, min, sizeof min),
        datapoint_exact_text(datapoint, read ? high.number : table.max, max, sizeof max), step,
        source, *factory ? "; factory " : "", factory);
}

// Limits, or options; and the factory default.
static void add_allowed(struct ui *ui, struct pane *pane, enum family family, unsigned index,
                        const struct datapoint *datapoint, int most)
{
    char factory[DATAPOINT_TEXT_MAX + 64];
    struct option option;

    if (!paramview_is_carried(datapoint))
        return;
    bool has_options = datapoint_option(datapoint, 0, &option);
    if (!has_options && datapoint_encoding(datapoint) != ENCODING_DATE) {
        add_limits(ui, pane, family, index, datapoint);
        return;
    }
    if (has_options && datapoint_encoding(datapoint) != ENCODING_BOOL)
        add_options(pane, datapoint, most);
    if (*factory_text(ui->paramview, datapoint, factory, sizeof factory))
        add(pane, "factory", ROLE_TEXT, "%s", factory);
}

static void add_effect(struct pane *pane, const struct datapoint *datapoint)
{
    const char *reason = datapoint_effect_reason(datapoint);
    bool dangerous = datapoint_is_dangerous(datapoint);

    if (dangerous)
        add(pane, "effect", ROLE_WARNING, "! %s",
            *reason ? reason : "a signal whose effect isn't known");
    else if (*reason)
        add(pane, "effect", ROLE_TEXT, "%s", reason);
}

// What it refers to by number, with the value as far as it is known.
static void add_depends(struct ui *ui, struct pane *pane, enum family family, unsigned index,
                        const struct datapoint *datapoint)
{
    const char *note = datapoint_note(datapoint), *remark = datapoint_remark(datapoint);
    uint16_t id;

    if (*note || *remark)
        add(pane, "note", ROLE_TEXT, "%s%s%s", note, *note && *remark ? "; " : "", remark);
    for (size_t i = 0; datapoint_refers(datapoint, i, &id); i++) {
        const struct datapoint *other = catalogue_find(family, id);
        char text[DATAPOINT_TEXT_MAX] = "";
        if (!other)
            continue;
        if (datapoint_kind(other) == KIND_PARAMETER) {
            struct paramview_value value = paramview_value(ui, family, index, other, false);
            double number = paramview_number(&value);
            if (!isnan(number))
                datapoint_exact_text(other, number, text, sizeof text);
        }
        add(pane, i == 0 ? "see" : "", ROLE_TEXT, "%u %s%s%s", id, datapoint_name(other),
            *text ? ": " : "", text);
    }
}

static void add_changes(struct ui *ui, struct pane *pane, enum family family, unsigned index,
                        const struct datapoint *datapoint)
{
    struct record changes[CHANGES_MAX];
    unsigned flash_writes = 0;
    size_t count = plant_changes(ui->plant, family, index, datapoint_id(datapoint), changes,
                                 CHANGES_MAX, &flash_writes);

    if (flash_writes > 0)
        add(pane, "flash", ROLE_TEXT, "%u write%s recorded here; 1000 are guaranteed", flash_writes,
            flash_writes == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++) {
        const struct record *record = &changes[i];
        bool signal = datapoint_encoding(datapoint) == ENCODING_SIGNAL; // no value before
        char time[24], old[DATAPOINT_TEXT_MAX], new[DATAPOINT_TEXT_MAX];
        text_local_time(record->time, time, sizeof time);
        datapoint_exact_number(datapoint, record->old, old, sizeof old);
        datapoint_exact_number(datapoint, record->new, new, sizeof new);
        add(pane, i == 0 ? "changes" : "", ROLE_TEXT, "%s  %s%s%s in %s: %s", time,
            signal ? "" : old, signal ? "" : " → ", new, record->flash ? "flash" : "RAM",
            record_result_name(record->result));
    }
}

// --- The pane ------------------------------------------------------------------------------------

static void draw_title(struct pane *pane, const char *title, const char *remark)
{
    struct rect *area = &pane->left;
    int room = area->width - canvas_text_width(pane->canvas, remark) - 2;

    canvas_fit(pane->canvas, area->x, area->y, room, ROLE_TITLE, title);
    canvas_right(pane->canvas, area->x + area->width, area->y, ROLE_HEADING, remark);
    area->y++;
    area->height--;
}

static void draw_menu(struct pane *pane, const struct paramview_node *node)
{
    char path[LONG_TEXT / 2], also[LONG_TEXT / 2], title[128];

    menu_path(node->entry, path, sizeof path);
    other_menus(node->entry, also, sizeof also);
    snprintf(title, sizeof title, "%u %s", (unsigned)datapoint_id(node->datapoint),
             datapoint_name(node->datapoint));
    draw_title(pane, title, "");
    add(pane, "in", ROLE_DIM, "%s%s", path, also);
    add(pane, "holds", ROLE_TEXT, "%d parameter%s; level %s", node->inside,
        node->inside == 1 ? "" : "s", level_name(datapoint_level(node->datapoint)));
}

static void draw_parameter(struct ui *ui, struct pane *pane, const struct paramview_node *node)
{
    const struct datapoint *datapoint = node->datapoint;
    unsigned index = paramview_device(ui, node->family);
    char path[LONG_TEXT / 2], also[LONG_TEXT / 2], title[128], name[DEVICE_NAME_MAX];
    char remark[48];
    int most = pane->left.height < 12 ? 2 : 8;

    menu_path(node->entry, path, sizeof path);
    other_menus(node->entry, also, sizeof also);
    snprintf(title, sizeof title, "%u %s", (unsigned)datapoint_id(datapoint),
             datapoint_name(datapoint));
    device_name(node->family, index, name, sizeof name);
    snprintf(remark, sizeof remark, "%s · %s", name, level_name(datapoint_level(datapoint)));
    draw_title(pane, title, remark);
    add_now(ui, pane, node->family, index, datapoint);
    add_allowed(ui, pane, node->family, index, datapoint, most);
    add_effect(pane, datapoint);
    add_changes(ui, pane, node->family, index, datapoint);
    add_depends(ui, pane, node->family, index, datapoint);
    add(pane, "in", ROLE_DIM, "%s%s", path, also);
}

static void draw_family(struct ui *ui, struct pane *pane, enum family family)
{
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int count = paramview_devices(ui, family, indices);

    draw_title(pane, family_title(family), "");
    for (int i = 0; i < count; i++) {
        const struct plant_device *device = plant_device(ui->plant, family, indices[i]);
        char name[DEVICE_NAME_MAX];
        add(pane, device_name(family, indices[i], name, sizeof name), ROLE_TEXT, "%s  %s",
            device ? device->model : "", device ? device->firmware : "");
    }
}

// The most important of it in one line.
static void draw_line(struct ui *ui, struct canvas *canvas, struct rect area,
                      const struct paramview_node *node)
{
    unsigned index = paramview_device(ui, node->family);
    const struct datapoint *datapoint = node->datapoint;
    char name[DEVICE_NAME_MAX], reason[96] = "", text[512];

    if (paramview_is_menu(node)) {
        snprintf(text, sizeof text, "%u %s", (unsigned)datapoint_id(datapoint),
                 datapoint_name(datapoint));
    } else {
        struct paramview_value value = paramview_value(ui, node->family, index, datapoint, true);
        if (paramview_is_carried(datapoint))
            plant_reading_reason(&value.reading, reason, sizeof reason);
        snprintf(text, sizeof text, "%s  %s%s%s",
                 device_name(node->family, index, name, sizeof name), reason, *reason ? ": " : "",
                 datapoint_name(datapoint));
    }
    canvas_fit(canvas, area.x + 1, area.y, area.width - 2, ROLE_DIM, text);
}

void paramview_draw_detail(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct paramview *p = ui->paramview;
    const struct paramview_row *row = paramview_selected(p);
    struct pane pane = {canvas, {area.x + 1, area.y, area.width - 2, area.height}, false};
    char text[GATEWAY_TEXT_MAX + 4];

    if (ui->plant_link.state != GATEWAY_UP) {
        snprintf(text, sizeof text, "! %s", ui->plant_link.text);
        canvas_fit(canvas, pane.left.x, area.y, pane.left.width, ROLE_ALARM, text);
        pane.left.y++;
        pane.left.height--;
    }
    if (!row || pane.left.height <= 0)
        return;
    const struct paramview_node *node = paramview_node(p, row);
    if (area.height == 1 && node)
        draw_line(ui, canvas, area, node);
    else if (!node)
        draw_family(ui, &pane, row->family);
    else if (paramview_is_menu(node))
        draw_menu(&pane, node);
    else
        draw_parameter(ui, &pane, node);
    widget_more(canvas, area, false, pane.more);
}
