// SPDX-License-Identifier: MIT
#include "ui/ui.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
#include "ui/view.h"
#include "ui/widgets.h"
#include "ui/writes.h"

static const int64_t periods[WANTS_COUNT] = {LOOP_S, 10 * LOOP_S, 0, 30 * LOOP_S};

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
    for (int w = 0; w < WANTS_COUNT; w++) {
        plant_unsubscribe(ui->plant, ui->wants[w].subscription);
        free(ui->wants[w].refs);
        free(ui->wants[w].subscribed);
    }
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
    free(ui);
}

// --- What is drawn is polled ---------------------------------------------------------------------

static void want(struct wants *wants, const struct plant_ref *ref)
{
    if (wants->count == wants->room) {
        wants->room = wants->room ? wants->room * 2 : 64;
        wants->refs = xrealloc(wants->refs, wants->room, sizeof *wants->refs);
    }
    wants->refs[wants->count++] = *ref;
}

struct reading ui_read(struct ui *ui, enum family family, unsigned index, unsigned id)
{
    struct plant_ref ref = {.family = family, .index = (uint8_t)index, .id = (uint16_t)id};
    const struct datapoint *datapoint = catalogue_find(family, id);
    enum pace pace = datapoint ? datapoint_pace(datapoint) : PACE_SLOW;

    want(&ui->wants[pace == PACE_FAST   ? WANTS_FAST
                    : pace == PACE_SLOW ? WANTS_SLOW
                                        : WANTS_ONCE],
         &ref);
    struct reading reading = plant_reading(ui->plant, &ref);
    if (!reading.datapoint)
        reading.datapoint = datapoint;
    return reading;
}

struct reading ui_read_parameter(struct ui *ui, enum family family, unsigned index, unsigned id,
                                 enum part part)
{
    struct plant_ref ref = {.family = family,
                            .index = (uint8_t)index,
                            .parameter = true,
                            .part = part,
                            .id = (uint16_t)id};

    want(&ui->wants[WANTS_PARAMETERS], &ref);
    struct reading reading = plant_reading(ui->plant, &ref);
    if (!reading.datapoint)
        reading.datapoint = catalogue_find(family, id);
    return reading;
}

struct reading ui_read_ref(struct ui *ui, const struct plant_ref *ref)
{
    if (ref->parameter)
        return ui_read_parameter(ui, ref->family, ref->index, ref->id, ref->part);
    return ui_read(ui, ref->family, ref->index, ref->id);
}

static int compare_refs(const void *a, const void *b)
{
    const struct plant_ref *left = a, *right = b;

    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;
    if (left->index != right->index)
        return left->index < right->index ? -1 : 1;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    if (left->parameter != right->parameter)
        return left->parameter ? 1 : -1;
    return left->part < right->part ? -1 : left->part > right->part;
}

bool ui_same_ref(const struct plant_ref *a, const struct plant_ref *b)
{
    return compare_refs(a, b) == 0;
}

static bool same_refs(const struct wants *wants)
{
    if (wants->count != wants->subscribed_count)
        return false;
    for (size_t i = 0; i < wants->count; i++)
        if (compare_refs(&wants->refs[i], &wants->subscribed[i]) != 0)
            return false;
    return true;
}

static void subscribe_wants(struct ui *ui, enum priority priority)
{
    for (int w = 0; w < WANTS_COUNT; w++) {
        struct wants *wants = &ui->wants[w];
        size_t kept = 0;
        if (wants->count > 0)
            qsort(wants->refs, wants->count, sizeof *wants->refs, compare_refs);
        for (size_t i = 0; i < wants->count; i++)
            if (kept == 0 || compare_refs(&wants->refs[kept - 1], &wants->refs[i]) != 0)
                wants->refs[kept++] = wants->refs[i];
        wants->count = kept;
        if (same_refs(wants))
            continue;
        // The new one first: what is in both keeps its reading.
        struct subscription *former = wants->subscription;
        wants->subscription =
            kept ? plant_subscribe(ui->plant, wants->refs, kept, periods[w], priority) : NULL;
        plant_unsubscribe(ui->plant, former);
        wants->subscribed = xrealloc(wants->subscribed, kept ? kept : 1, sizeof *wants->refs);
        if (kept)
            memcpy(wants->subscribed, wants->refs, kept * sizeof *wants->refs);
        wants->subscribed_count = kept;
    }
}

void ui_history(struct ui *ui, enum family family, unsigned index, unsigned id, float *samples,
                size_t count)
{
    struct plant_ref ref = {.family = family, .index = (uint8_t)index, .id = (uint16_t)id};
    size_t got = plant_history(ui->plant, &ref, samples, count);

    if (got > count)
        got = count;
    memmove(samples + count - got, samples, got * sizeof *samples);
    for (size_t i = 0; i < count - got; i++)
        samples[i] = NAN;
    // A span without an answer is no gap as long as it is shorter than two periods.
    int64_t time = loop_now(ui->loop) - ui->started;
    int64_t span = (time < 3600 * LOOP_S ? time : 3600 * LOOP_S) / (int64_t)(count ? count : 1);
    size_t hold = (size_t)(2 * UI_BACKGROUND_PERIOD / (span > LOOP_S / 10 ? span : LOOP_S / 10));
    for (size_t i = 1, held = 0; i < count; i++) {
        if (!isnan(samples[i]))
            held = 0;
        else if (held++ < hold)
            samples[i] = samples[i - 1];
    }
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
    for (int w = 0; w < WANTS_COUNT; w++)
        if (ui->wants[w].subscription &&
            !plant_subscription_complete(ui->plant, ui->wants[w].subscription))
            return false;
    return true;
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
    text.y += widget_paragraph(canvas, text, up ? ROLE_DIM : ROLE_TEXT, ui->plant_link.text) + 1;
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

struct state_words {
    enum role role;
    const char *text; // with a sign, so that it is understood without colour
};

static struct state_words link_words(const struct ui *ui)
{
    if (plant_paused(ui->plant))
        return (struct state_words){ROLE_WARNING, "! paused"};
    switch (ui->plant_link.state) {
    case GATEWAY_UP:
        // It answers, but perhaps only that it is busy.
        if (ui->discovery.state == DISCOVERY_DONE && ui->plant_link.statistics.values_per_s <= 0)
            return (struct state_words){ROLE_WARNING, "! no values"};
        return (struct state_words){ROLE_OK, "● live"};
    case GATEWAY_SILENT:
        return (struct state_words){ROLE_ALARM, "! silent"};
    case GATEWAY_CONNECTING:
        return (struct state_words){ROLE_WARNING, "○ connecting"};
    case GATEWAY_WAITING:
        return (struct state_words){ROLE_WARNING, "○ waiting"};
    case GATEWAY_PROBING:
        return (struct state_words){ROLE_WARNING, "○ probing"};
    case GATEWAY_DOWN:
        break;
    }
    return (struct state_words){ROLE_ALARM, "! no link"};
}

static void draw_title(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct gateway_statistics *statistics = &ui->plant_link.statistics;
    unsigned flags = ui->plant_link.frame_flags;
    // Looked at, they are new no more.
    int64_t urgent = plant_messages_state(ui->plant).counts.urgent;
    char news[24];
    snprintf(news, sizeof news, "! %d new", (int)(urgent < 999 ? urgent : 999));
    // That it has restarted stays signalled until somebody clears it (5104): no reason to alarm.
    const struct {
        bool on;
        enum role role;
        const char *text;
    } badges[] = {{urgent > 0 && ui->view != VIEW_MESSAGES, ROLE_ALARM, news},
                  {kept_in_trouble(ui), ROLE_WARNING, "! kept"},
                  {*ui->trouble && ui->view != VIEW_OVERVIEW, ROLE_WARNING, "! command"},
                  {flags & PLANT_SD_FULL, ROLE_WARNING, "! SD full"},
                  {flags & PLANT_MESSAGE_PENDING, ROLE_WARNING, "! message"},
                  {ui->plant_link.read_only, ROLE_DIM, "read-only"},
                  {flags & PLANT_RESTARTED, ROLE_DIM, "restarted"}};
    time_t clock = (time_t)(ui_clock(ui) / LOOP_S);
    struct tm tm;
    int x = area.x + area.width - 1;

    gmtime_r(&clock, &tm);
    canvas_printf(canvas, x - 8, area.y, ROLE_TITLE, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min,
                  tm.tm_sec);
    x -= 10;
    if (area.width >= 60) {
        canvas_printf(canvas, x - 9, area.y, ROLE_DIM, "%3.0f val/s",
                      fmin(statistics->values_per_s, 999));
        x -= 10;
    }
    if (area.width >= 50) {
        // What it was before the link went says nothing about now.
        if (ui->plant_link.state == GATEWAY_UP && statistics->median_us > 0)
            canvas_printf(canvas, x - 7, area.y, ROLE_DIM, "%4.0f ms",
                          fmin((double)statistics->median_us / 1000, 9999));
        else
            canvas_text(canvas, x - 7, area.y, ROLE_DIM, "  -- ms");
        x -= 8;
    }
    struct state_words words = link_words(ui);
    // Right-aligned: what changes grows away from its neighbours.
    canvas_right(canvas, x, area.y, words.role, words.text);
    x -= 12;
    for (size_t i = 0; i < sizeof badges / sizeof *badges; i++) {
        int width = canvas_text_width(canvas, badges[i].text);
        // The first one even before the name.
        if (badges[i].on && x - width - 2 > area.x + (i == 0 ? 1 : 8)) {
            x -= width + 2;
            canvas_text(canvas, x, area.y, badges[i].role, badges[i].text);
        }
    }
    canvas_fit(canvas, area.x + 1, area.y, x - area.x - 2, ROLE_TITLE,
               *ui->site ? ui->site : "xcomtop");
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
    for (int w = 0; w < WANTS_COUNT; w++)
        ui->wants[w].count = 0;
    plant_link(ui->plant, &ui->plant_link);
    ui->discovery = plant_discovery(ui->plant);

    draw_title(ui, canvas, frame.title);
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
    subscribe_wants(ui, PRIORITY_SCREEN);
    overview_subscribe(ui);
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

void ui_look(struct ui *ui)
{
    logview_look(ui);
}

bool ui_key(struct ui *ui, unsigned key)
{
    place_set place = present_place(ui);

    if ((place & IN_ASKED) && ui->drawn != place && keymap_action(key, place) != ACTION_CLOSE)
        return true;
    ui->notice[0] = '\0';
    take_views(ui);
    bool goes_on = take_key(ui, key, place);
    if (present_place(ui) != place)
        ui->drawn = 0;
    return goes_on;
}
