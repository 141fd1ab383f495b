// SPDX-License-Identifier: MIT
#include "ui/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/localclock.h"
#include "base/text.h"
#include "plant/views.h"
#include "ui/alarmview.h"
#include "ui/arranged.h"
#include "ui/columnsview.h"
#include "ui/form.h"
#include "ui/identify.h"
#include "ui/graph.h"
#include "ui/kept.h"
#include "ui/keymap.h"
#include "ui/layout.h"
#include "ui/logview.h"
#include "ui/messageview.h"
#include "ui/paramview.h"
#include "ui/pins.h"
#include "ui/planview.h"
#include "ui/theme.h"
#include "ui/title.h"
#include "ui/view.h"
#include "ui/wants.h"
#include "ui/widgets.h"
#include "ui/writes.h"

// --- Life ----------------------------------------------------------------------------------------

struct ui *ui_new(struct loop *loop, struct plant *plant, const struct ui_options *options)
{
    struct ui *ui = xcalloc(1, sizeof *ui);
    char site[256];

    ui->loop = loop;
    ui->plant = plant;
    ui->ascii = options->ascii;
    ui->datalog = options->datalog;
    text_escape(site, sizeof site, options->site ? options->site : "");
    ui->site = xstrdup(site);
    ui->reached_at = xstrdup("");
    ui->themes = options->themes ? options->themes : theme_builtin;
    ui->theme_count = options->themes ? options->theme_count : THEME_COUNT;
    ui->theme = options->theme;
    ui->started = loop_now(loop);
    ui->width = 80;
    ui->height = 24;
    ui->paramview = paramview_new();
    ui->logview = logview_new(options);
    ui->messageview = messageview_new();
    ui->graph = graph_new();
    ui->pins = pins_new();
    ui->arranged = arranged_new();
    ui->columns = columns_new();
    for (int v = VIEW_XT; v <= VIEW_BATTERY; v++)
        family_view_init(ui, (enum view_id)v);
    overview_subscribe(ui);
    return ui;
}

void ui_free(struct ui *ui)
{
    if (!ui)
        return;
    ui_close_over(ui);
    if (ui->view == VIEW_MESSAGES)
        messageview_leave(ui);
    wants_free(ui);
    plant_unsubscribe(ui->plant, ui->background);
    identify_free(ui);
    paramview_free(ui, ui->paramview);
    logview_free(ui->logview);
    messageview_free(ui->messageview);
    graph_free(ui, ui->graph);
    pins_free(ui->pins);
    arranged_free(ui->arranged);
    columns_free(ui->columns);
    free(ui->site);
    free(ui->reached_at);
    free(ui);
}

// --- What views share ----------------------------------------------------------------------------

enum family ui_battery_family(const struct ui *ui)
{
    return plant_device(ui->plant, FAMILY_BMS, 1) ? FAMILY_BMS : FAMILY_BSP;
}

enum family ui_view_family(const struct ui *ui, enum view_id view)
{
    switch (view) {
    case VIEW_XT:
        return FAMILY_XT;
    case VIEW_VT:
        return FAMILY_VT;
    case VIEW_VS:
        return FAMILY_VS;
    case VIEW_BATTERY:
        return ui_battery_family(ui);
    default:
        return FAMILY_NONE;
    }
}

char *ui_device_name(const struct ui *ui, uint32_t address, char *out, size_t size)
{
    struct target target;

    if (!target_from_address(address, &target))
        snprintf(out, size, "%lu", (unsigned long)address);
    else if (target.kind == TARGET_DEVICE && target.family == FAMILY_BSP)
        device_name(ui_battery_family(ui), 1, out, size);
    else
        target_name(&target, out, size);
    return out;
}

int64_t ui_computer_clock(const struct ui *ui)
{
    return local_clock(loop_wall(ui->loop));
}

int64_t ui_clock(const struct ui *ui)
{
    int64_t offset;

    (void)plant_clock_offset(ui->plant, &offset);
    return ui_computer_clock(ui) + offset;
}

int64_t ui_next_second(const struct ui *ui)
{
    if (ui->view == VIEW_GRAPHS && ui->graph->reading)
        return loop_now(ui->loop) + LOOP_S / 4;
    int64_t into = ui_clock(ui) % LOOP_S;
    return loop_now(ui->loop) + LOOP_S - (into < 0 ? into + LOOP_S : into);
}

void ui_notice(struct ui *ui, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ui->notice, sizeof ui->notice, format, args);
    va_end(args);
}

const struct theme *ui_theme(const struct ui *ui)
{
    return &ui->themes[ui->theme];
}

static void draw_notice(const struct ui *ui, struct canvas *canvas, struct rect body)
{
    struct rect line = {body.x, body.y + body.height - 1, body.width, 1};

    canvas_fill(canvas, line, ROLE_TEXT, ' ');
    canvas_fit(canvas, line.x + 1, line.y, line.width - 2, ROLE_HEADING, ui->notice);
}

void scroll_follow(struct scroll *scroll, int count, int height)
{
    scroll->count = count;
    scroll->height = height;
    if (scroll->selected >= count)
        scroll->selected = count - 1;
    if (scroll->selected < 0)
        scroll->selected = 0;
    if (scroll->top > scroll->selected)
        scroll->top = scroll->selected;
    if (scroll->top <= scroll->selected - height)
        scroll->top = scroll->selected - height + 1;
    if (scroll->top > count - height)
        scroll->top = count - height;
    if (scroll->top < 0)
        scroll->top = 0;
}

void scroll_act(struct scroll *scroll, enum action action)
{
    int page = scroll->height > 1 ? scroll->height - 1 : 1;

    switch (action) {
    case ACTION_UP:
        scroll->selected--;
        break;
    case ACTION_DOWN:
        scroll->selected++;
        break;
    case ACTION_PAGE_UP:
        scroll->selected -= page;
        break;
    case ACTION_PAGE_DOWN:
        scroll->selected += page;
        break;
    case ACTION_HOME:
        scroll->selected = 0;
        break;
    case ACTION_END:
        scroll->selected = scroll->count - 1;
        break;
    default:
        break;
    }
    scroll_follow(scroll, scroll->count, scroll->height);
}

// A gateway that is only slow to come isn't worth a search.
static const int64_t doctor_after = 15 * LOOP_S;

bool ui_draw_waiting(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct plant_device *devices;
    bool up = ui->plant_link.state == GATEWAY_UP || ui->plant_link.state == GATEWAY_SILENT;

    if (plant_devices(ui->plant, &devices) > 0)
        return false;
    int width = area.width - 4 < 64 ? area.width - 4 : 64;
    struct rect text = {area.x + (area.width - width) / 2, area.y + area.height / 2 - 3, width, 3};
    if (text.y < area.y)
        text.y = area.y;
    const char *title = ui->plant_link.state == GATEWAY_PROBING ? "Waiting for the first answer"
                        : !up                                   ? "Not connected yet"
                        : ui->discovery.state == DISCOVERY_DONE ? "No devices found"
                                                                : "Looking for devices";
    canvas_text(canvas, text.x, text.y, ROLE_TITLE, title);
    text.y++;
    text.y += widget_paragraph(canvas, text, up ? ROLE_DIM : ROLE_TEXT, ui->plant_link.text);
    if (ui->plant_link.state == GATEWAY_WAITING)
        text.y += widget_paragraph(canvas, text, ROLE_DIM, ui->reached_at);
    text.y++;
    if ((!up || ui->plant_link.state == GATEWAY_SILENT) &&
        loop_now(ui->loop) - ui->started > doctor_after) {
        widget_paragraph(canvas, text, ROLE_DIM,
                         "Why? q leaves; then xcomtop doctor with the same link finds out.");
    } else if (ui->discovery.state == DISCOVERY_RUNNING && up) {
        unsigned to_ask = ui->discovery.to_ask ? ui->discovery.to_ask : 1;
        widget_bar(canvas, text.x, text.y, width - 10, (double)ui->discovery.asked / to_ask,
                   ROLE_OK);
        canvas_printf(canvas, text.x + width - 9, text.y, ROLE_DIM, "%3u of %u",
                      ui->discovery.asked, ui->discovery.to_ask);
        canvas_fit(canvas, text.x, text.y + 1, width, ROLE_TEXT, ui->discovery.text);
    } else if (ui->discovery.state == DISCOVERY_DONE && up) {
        char why[sizeof ui->discovery.text + 4];
        snprintf(why, sizeof why, "! %s", ui->discovery.text);
        text.height = 3;
        widget_paragraph(canvas, text, ROLE_WARNING,
                         *ui->discovery.text
                             ? why
                             : "! No device answers. Are the devices on, and connected to the "
                               "gateway by the communication bus?");
    }
    return true;
}

// --- The frame -----------------------------------------------------------------------------------

static const struct {
    const struct view *view;
    place_set place;
    enum action action;
} views[VIEW_COUNT] = {
    [VIEW_OVERVIEW] = {&overview_view, IN_OVERVIEW, ACTION_OVERVIEW},
    [VIEW_XT] = {&family_view, IN_FAMILY, ACTION_XT},
    [VIEW_VT] = {&family_view, IN_FAMILY, ACTION_VT},
    [VIEW_VS] = {&family_view, IN_FAMILY, ACTION_VS},
    [VIEW_BATTERY] = {&family_view, IN_FAMILY, ACTION_BATTERY},
    [VIEW_PARAMETERS] = {&paramview_view, IN_PARAMETERS, ACTION_PARAMETERS},
    [VIEW_MESSAGES] = {&message_view, IN_MESSAGES, ACTION_MESSAGES},
    [VIEW_GRAPHS] = {&graph_view, IN_GRAPHS, ACTION_GRAPHS},
    [VIEW_FILES] = {&files_view, IN_FILES, ACTION_FILES},
    [VIEW_LINK] = {&link_view, IN_LINK, ACTION_LINK},
};

// What keys and the bottom line are about at the moment.
static place_set present_place(const struct ui *ui)
{
    if (ui->help)
        return IN_HELP;
    if (ui->form)
        return form_place(ui->form);
    if (ui->kept)
        return kept_place(ui->kept);
    if (ui->writes)
        return IN_WRITES;
    if (ui->columnsview)
        return IN_COLUMNS;
    if (ui->planview)
        return planview_place(ui->planview);
    if (ui->alarmview)
        return alarmview_place(ui->alarmview);
    if (logview_is_open(ui))
        return logview_place(ui);
    if (identify_is_open(ui))
        return IN_NOTICE;
    if (ui->view == VIEW_MESSAGES)
        return messageview_place(ui);
    return ui->view == VIEW_PARAMETERS ? paramview_place(ui) : views[ui->view].place;
}

static void draw_too_small(struct canvas *canvas)
{
    char text[64];

    snprintf(text, sizeof text, "needs %dx%d, has %dx%d", LAYOUT_MIN_WIDTH, LAYOUT_MIN_HEIGHT,
             canvas->width, canvas->height);
    int width = canvas_text_width(canvas, text);
    int x = width < canvas->width ? (canvas->width - width) / 2 : 0;
    canvas_text(canvas, x, canvas->height / 2, ROLE_TEXT, text);
    canvas->cursor_x = 0;
    canvas->cursor_y = canvas->height / 2;
}

// How the screens of this installation were arranged, once it is known which one it is.
static void take_views(struct ui *ui)
{
    unsigned version = views_version(ui->plant);

    if (ui->views_version == version)
        return;
    pins_take(ui);
    graph_take(ui);
    arranged_take(ui);
    columns_take(ui);
    ui->views_version = version;
}

void ui_draw(struct ui *ui, struct canvas *canvas)
{
    struct frame_layout frame = layout_frame(canvas->width, canvas->height);

    take_views(ui);
    canvas_clear(canvas);
    canvas->ascii = ui->ascii;
    if (frame.too_small) {
        // What was asked for before goes on being asked for.
        draw_too_small(canvas);
        ui->drawn = 0;
        return;
    }
    ui->width = canvas->width;
    ui->height = canvas->height;
    wants_begin(ui);
    plant_link(ui->plant, &ui->plant_link);
    ui->discovery = plant_discovery(ui->plant);

    title_draw(ui, canvas, frame.title);
    canvas_clip(canvas, frame.body);
    views[ui->view].view->draw(ui, canvas, frame.body);
    if (*ui->notice)
        draw_notice(ui, canvas, frame.body);
    if (ui->form)
        form_draw(ui, canvas, frame.body);
    if (ui->kept)
        kept_draw(ui, canvas, frame.body);
    if (ui->writes)
        writes_draw(ui, canvas, frame.body);
    if (ui->columnsview)
        columnsview_draw(ui, canvas, frame.body);
    if (ui->planview)
        planview_draw(ui, canvas, frame.body);
    if (ui->alarmview)
        alarmview_draw(ui, canvas, frame.body);
    if (logview_is_open(ui))
        logview_draw(ui, canvas, frame.body);
    if (present_place(ui) == IN_NOTICE)
        identify_draw(ui, canvas, frame.body);
    if (ui->help)
        help_view.draw(ui, canvas, frame.body);
    canvas_clip(canvas, (struct rect){0, 0, canvas->width, canvas->height});
    ui->drawn = present_place(ui);
    logview_draw_line(ui, canvas, &frame.keys);
    keymap_draw_bar(canvas, frame.keys, ui->drawn, ui->help ? ACTION_HELP : views[ui->view].action,
                    family_name(ui_battery_family(ui)));
    wants_subscribe(ui, PRIORITY_SCREEN);
    overview_subscribe(ui);
}

bool ui_complete(struct ui *ui)
{
    struct plant_discovery discovery = plant_discovery(ui->plant);
    struct canvas aside;

    // Messages that are known, and pinned values, are those of an installation that is known.
    if (discovery.state != DISCOVERY_DONE || plant_messages_awaited(ui->plant) ||
        views_version(ui->plant) == 0)
        return false;
    canvas_init(&aside, ui->width, ui->height, ui->ascii);
    ui_draw(ui, &aside);
    canvas_free(&aside);
    return wants_complete(ui);
}

// --- Keys ----------------------------------------------------------------------------------------

void ui_close_over(struct ui *ui)
{
    form_close(ui);
    kept_close(ui);
    writes_close(ui);
    columnsview_close(ui);
    planview_close(ui);
    alarmview_close(ui);
    logview_close(ui);
    identify_close(ui);
}

void ui_show(struct ui *ui, enum view_id view)
{
    ui->help = false;
    ui_close_over(ui);
    if (ui->view == view)
        return;
    if (ui->view == VIEW_MESSAGES)
        messageview_leave(ui);
    ui->view = view;
    ui->drawn = 0;
    if (view == VIEW_MESSAGES)
        messageview_enter(ui);
}

enum view_id ui_view(const struct ui *ui)
{
    return ui->view;
}

static bool is_over(const struct ui *ui)
{
    return ui->form || ui->kept || ui->writes || ui->columnsview || ui->planview || ui->alarmview ||
           logview_is_open(ui) || identify_is_open(ui);
}

// A key for what lies over the view: the view's own keys wait. False when the program should end.
static bool over_key(struct ui *ui, unsigned key, enum action action)
{
    if (ui->form)
        form_key(ui, key, action);
    else if (ui->kept)
        return kept_key(ui, action);
    else if (ui->writes)
        writes_key(ui, action);
    else if (ui->columnsview)
        columnsview_key(ui, action);
    else if (ui->alarmview)
        alarmview_key(ui, key, action);
    else if (logview_is_open(ui))
        logview_key(ui, key, action);
    else if (ui->planview)
        planview_key(ui, key, action);
    else
        identify_key(ui, action);
    return true;
}

static bool take_key(struct ui *ui, unsigned key, place_set place)
{
    enum action action = keymap_action(key, place);

    if (!ui->help && action != ACTION_HELP && action != ACTION_REDRAW && is_over(ui))
        return over_key(ui, key, action);
    if (place == IN_SEARCH && key < UI_KEY_UP) {
        if (ui->view == VIEW_MESSAGES)
            messageview_type(ui, key);
        else
            paramview_type(ui, key);
        return true;
    }
    switch (action) {
    case ACTION_NONE:
    case ACTION_REDRAW: // the terminal's
        break;
    case ACTION_QUIT:
        ui->help = false;
        return kept_ask_leave(ui);
    case ACTION_HELP:
        ui->help = !ui->help;
        ui->help_scroll = (struct scroll){0};
        break;
    case ACTION_CLOSE:
        ui->help = false;
        break;
    case ACTION_OVERVIEW:
    case ACTION_XT:
    case ACTION_VT:
    case ACTION_VS:
    case ACTION_BATTERY:
    case ACTION_PARAMETERS:
    case ACTION_MESSAGES:
    case ACTION_GRAPHS:
    case ACTION_FILES:
    case ACTION_LINK:
        for (int v = 0; v < VIEW_COUNT; v++)
            if (views[v].action == action)
                ui_show(ui, (enum view_id)v);
        break;
    case ACTION_NEXT_VIEW:
        ui_show(ui, (enum view_id)((ui->view + 1) % VIEW_COUNT));
        break;
    case ACTION_PREVIOUS_VIEW:
        ui_show(ui, (enum view_id)((ui->view + VIEW_COUNT - 1) % VIEW_COUNT));
        break;
    case ACTION_KEPT:
        kept_open(ui);
        break;
    case ACTION_LOG:
        logview_open(ui);
        break;
    case ACTION_THEME:
        ui->theme = (ui->theme + 1) % ui->theme_count;
        ui_notice(ui, "Theme %s. For always: theme = %s in xcomtop.conf", ui_theme(ui)->name,
                  ui_theme(ui)->name);
        break;
    case ACTION_PAUSE:
        plant_pause(ui->plant, !plant_paused(ui->plant));
        break;
    default:
        if (ui->help)
            help_view.act(ui, action);
        else
            views[ui->view].view->act(ui, action);
    }
    return true;
}

void ui_trouble(struct ui *ui, const char *text)
{
    text_escape(ui->trouble, sizeof ui->trouble, text);
}

bool ui_reached_at(struct ui *ui, const char *text)
{
    if (strcmp(ui->reached_at, text) == 0)
        return false;
    free(ui->reached_at);
    ui->reached_at = xstrdup(text);
    return true;
}

void ui_look(struct ui *ui)
{
    logview_look(ui);
}

// Lists know how long they are from being drawn. On a slow link people type faster than that.
static void lay_out(struct ui *ui)
{
    struct canvas aside;

    canvas_init(&aside, ui->width, ui->height, ui->ascii);
    ui_draw(ui, &aside);
    canvas_free(&aside);
    ui->drawn = 0; // nobody has seen it
}

bool ui_key(struct ui *ui, unsigned key)
{
    place_set place = present_place(ui);

    if ((place & IN_ASKED) && ui->drawn != place && keymap_action(key, place) != ACTION_CLOSE)
        return true;
    ui->notice[0] = '\0';
    take_views(ui);
    if (ui->drawn == 0)
        lay_out(ui);
    bool goes_on = take_key(ui, key, place);
    if (present_place(ui) != place)
        ui->drawn = 0;
    return goes_on;
}
