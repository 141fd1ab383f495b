// SPDX-License-Identifier: MIT
// The connection: how it is, what it carried, what went wrong; and who is at its other end.
#include "ui/view.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/canframe.h"
#include "base/text.h"
#include "ui/form.h"
#include "ui/widgets.h"

enum { LINES_MAX = 160, LABEL_WIDTH = 15, TWO_COLUMNS_FROM = 110 };

struct line {
    bool heading; // the text is one
    char label[24];
    enum role role;
    char text[GATEWAY_TEXT_MAX];
};

struct page {
    int width; // of its lines
    struct line lines[LINES_MAX];
    int count;
};

static void add(struct page *page, const char *label, enum role role, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// A text of more than one line is broken. label: NULL for a heading.
static void add(struct page *page, const char *label, enum role role, const char *format, ...)
{
    char all[GATEWAY_TEXT_MAX], *text = all;
    int room = page->width - LABEL_WIDTH - 2;
    va_list args;

    va_start(args, format);
    vsnprintf(all, sizeof all, format, args);
    va_end(args);
    do {
        if (page->count == LINES_MAX)
            return;
        struct line *line = &page->lines[page->count++];
        size_t fits = label ? widget_break(text, room) : strlen(text);
        line->heading = !label;
        line->role = role;
        snprintf(line->label, sizeof line->label, "%s", label && text == all ? label : "");
        snprintf(line->text, sizeof line->text, "%.*s", (int)fits, text);
        text += fits;
        text += strspn(text, " ");
    } while (*text);
}

static const char *questions_text(const struct plant_link *link)
{
    if (link->statistics.answers == 0)
        return "--";
    if (!(link->capabilities & GATEWAY_MULTI))
        return "one value in each: the gateway has no multi-infos";
    // While nothing is answered it isn't for want of multi-infos.
    return link->multi || link->state != GATEWAY_UP
               ? "many values in one (multi-info)"
               : "one value in each: multi-infos weren't answered";
}

static void add_bus(const struct plant_link *link, struct page *page)
{
    const struct link_bus *bus = &link->bus;
    bool off = bus->state == BUS_OFF, passive = bus->state == BUS_PASSIVE;

    if (off || passive || bus->state == BUS_WARNING)
        add(page, "CAN bus", off || passive ? ROLE_ALARM : ROLE_WARNING,
            "! %s: look at bit rate, wiring and termination", link->bus_state);
    else
        add(page, "CAN bus", bus->state == BUS_ACTIVE ? ROLE_OK : ROLE_DIM, "%s", link->bus_state);
    if (bus->transmit_errors >= 0 && bus->receive_errors >= 0)
        add(page, "error counters", ROLE_VALUE, "%d sending, %d receiving", bus->transmit_errors,
            bus->receive_errors);
    else
        add(page, "error counters", ROLE_DIM, "--");
    if (link->bitrate)
        add(page, "bit rate", ROLE_VALUE, "%.7g kbit/s", link->bitrate / 1000.0);
    else
        add(page, "bit rate", ROLE_DIM, "--");
}

static void add_guid(const struct ui *ui, struct page *page)
{
    const struct plant_link *link = &ui->plant_link;
    char text[TEXT_GUID_MAX], age[24];

    if (link->guid_known)
        add(page, "gateway GUID", ROLE_VALUE, "%s", text_guid(text, link->guid));
    else
        add(page, "gateway GUID", ROLE_VALUE, "%s",
            link->capabilities & GATEWAY_GUID ? "--" : "this gateway has none");
    if (link->exchanged)
        add(page, "", ROLE_WARNING, "! another installation than before, for %s",
            text_age(age, sizeof age, (double)((loop_now(ui->loop) - link->exchanged) / LOOP_S)));
}

static void add_clock(const struct ui *ui, struct page *page)
{
    const struct plant_link *link = &ui->plant_link;
    time_t clock = (time_t)(ui_clock(ui) / LOOP_S);
    double offset = (double)link->clock_offset / LOOP_S;
    bool near = fabs(offset) < 120;
    char text[24], age[24];
    struct tm tm;

    if (!(link->capabilities & GATEWAY_CLOCK)) {
        add(page, "clock", ROLE_VALUE, "this computer's: the gateway has none");
        return;
    }
    if (!link->clock_known) {
        add(page, "clock", ROLE_DIM, "--");
        return;
    }
    gmtime_r(&clock, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    add(page, "clock", ROLE_VALUE, "%s, the installation's", text);
    add(page, "", near ? ROLE_DIM : ROLE_WARNING, "%s%s %s this computer's%s", near ? "" : "! ",
        text_age(age, sizeof age, fabs(offset)), offset < 0 ? "behind" : "ahead of",
        near ? "" : "; t sets it");
}

// What each SCOM answer tells, and what ends it (scom.md "Frame").
static void add_flags(const struct plant_link *link, struct page *page)
{
    unsigned flags = link->frame_flags;
    const struct {
        const char *label;
        enum role role;
        const char *text;
    } lines[] = {
        {"message", flags & PLANT_MESSAGE_PENDING ? ROLE_WARNING : ROLE_VALUE,
         flags & PLANT_MESSAGE_PENDING ? "! a new one, until it is read" : "no new one"},
        {"restart", ROLE_VALUE,
         flags & PLANT_RESTARTED ? "the gateway has restarted; c clears this (5104)"
                                 : "none signalled"},
        {"SD card", flags & PLANT_SD_FULL ? ROLE_WARNING : ROLE_VALUE,
         flags & PLANT_SD_FULL      ? "! full, until there is room on it again"
         : flags & PLANT_SD_PRESENT ? "present"
                                    : "none"},
        {"datalog", ROLE_VALUE,
         !(flags & PLANT_DATALOG_SUPPORTED) ? "not supported by this gateway"
         : flags & PLANT_NEW_DATALOG        ? "a new file, until it is read"
                                            : "no new file"},
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (link->statistics.answers > 0)
            add(page, lines[i].label, lines[i].role, "%s", lines[i].text);
        else
            add(page, lines[i].label, ROLE_DIM, "--");
}

static void add_connection(const struct ui *ui, struct page *page)
{
    const struct plant_link *link = &ui->plant_link;

    add(page, NULL, ROLE_HEADING, "Connection");
    add(page, "state", link->state == GATEWAY_UP ? ROLE_OK : ROLE_ALARM, "%s%s",
        link->state == GATEWAY_UP ? "" : "! ", link->text);
    if (ui->discovery.state == DISCOVERY_RUNNING)
        add(page, "discovery", ROLE_VALUE, "%s (%u of %u)", ui->discovery.text, ui->discovery.asked,
            ui->discovery.to_ask);
    if (link->can)
        add_bus(link, page);
    add_guid(ui, page);
    add_clock(ui, page);
    if (link->capabilities & GATEWAY_CLOCK)
        add(page, "SCOM watchdog", ROLE_VALUE, "%s",
            link->watchdog                          ? "on: absent addresses aren't probed"
            : ui->discovery.state == DISCOVERY_DONE ? "off"
                                                    : "--");
    if (!link->can)
        add_flags(link, page);
    add(page, "questions", ROLE_VALUE, "%s", questions_text(link));
}

static void add_traffic(const struct ui *ui, struct page *page)
{
    const struct gateway_statistics *s = &ui->plant_link.statistics;
    bool can = ui->plant_link.can;
    unsigned size = can ? CANFRAME_RECORD_SIZE : 1;

    add(page, "", ROLE_TEXT, "%s", "");
    add(page, NULL, ROLE_HEADING, "Traffic");
    add(page, "now", ROLE_VALUE, "%10.1f questions/s  %6.1f values/s", s->questions_per_s,
        s->values_per_s);
    if (s->median_us > 0)
        add(page, "round trip", ROLE_VALUE, "%10.0f ms median  %9.0f ms 95 %%",
            (double)s->median_us / 1000, (double)s->percentile95_us / 1000);
    else
        add(page, "round trip", ROLE_DIM, "%10s", "--");
    if (s->line_use >= 0)
        add(page, "line use", ROLE_VALUE, "%10.1f %%", s->line_use * 100);
    add(page, "questions asked", ROLE_VALUE, "%10" PRIu64, s->questions);
    add(page, "answers", ROLE_VALUE, "%10" PRIu64, s->answers);
    add(page, "values read", ROLE_VALUE, "%10" PRIu64, s->values);
    if (!(ui->plant_link.capabilities & GATEWAY_HISTORY))
        add(page, "messages", ROLE_VALUE, "%10" PRIu64 "  only while we listen", s->messages);
    add(page, can ? "frames sent" : "bytes sent", ROLE_VALUE, "%10" PRIu64, s->bytes_sent / size);
    add(page, can ? "frames received" : "bytes received", ROLE_VALUE, "%10" PRIu64,
        s->bytes_received / size);
    add(page, "times connected", ROLE_VALUE, "%10" PRIu64, s->connections);
}

static void add_trouble(const struct ui *ui, struct page *page)
{
    enum { SCOM = 1, CAN = 2, BOTH = SCOM | CAN };
    const struct gateway_statistics *s = &ui->plant_link.statistics;
    const struct link_bus *bus = &ui->plant_link.bus;
    unsigned here = ui->plant_link.can ? CAN : SCOM;
    const struct {
        unsigned where;
        bool usual; // on a bus that is shared
        const char *label, *meaning;
        uint64_t count;
    } counters[] = {
        {BOTH, false, "silence", "questions without an answer", s->timeouts},
        {BOTH, false, "repeats", "questions asked again", s->repeats},
        {BOTH, false, "busy", "the gateway asked for patience", s->busy},
        {BOTH, false, "refused", "error answers of devices", s->device_errors},
        {BOTH, false, "late", "answers after we had given up", s->late},
        {BOTH, false, "duplicate", "answers that came twice", s->duplicate},
        {SCOM, false, "foreign", "frames for somebody else", s->foreign},
        {CAN, true, "foreign", "frames that aren't ours", s->foreign},
        {BOTH, false, "mismatched", "answers to another question", s->mismatched},
        {BOTH, false, "malformed", "answers that make no sense", s->malformed},
        {CAN, false, "wrong length", "frames to us that can't be answers", s->unfit},
        {CAN, false, "bus-off", "times the bus went off", bus->offs},
        {CAN, false, "restarts", "times we restarted the bus", bus->restarts},
        {CAN, false, "not sent", "frames an SLCAN adapter refused", bus->refused},
        {SCOM, false, "bad header", "wrong header checksums", s->bad_header},
        {SCOM, false, "bad data", "wrong data checksums", s->bad_data},
        {SCOM, false, "oversized", "frames longer than allowed", s->oversized},
        {SCOM, false, "truncated", "frames that weren't finished", s->truncated},
        {SCOM, false, "skipped bytes", "between frames", s->skipped},
    };

    add(page, NULL, ROLE_HEADING, "Trouble, counted since the start");
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        bool trouble = counters[i].count > 0 && !counters[i].usual;
        if (counters[i].where & here)
            add(page, counters[i].label, trouble ? ROLE_WARNING : ROLE_DIM, "%s%8" PRIu64 "  %s",
                trouble ? "!" : " ", counters[i].count, counters[i].meaning);
    }
}

static void add_devices(const struct ui *ui, struct page *page)
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices);
    char name[DEVICE_NAME_MAX], age[24], fid[12];

    add(page, "", ROLE_TEXT, "%s", "");
    add(page, NULL, ROLE_HEADING, "Devices");
    for (size_t i = 0; i < count; i++) {
        const struct plant_device *device = &devices[i];
        device_name(device->family, device->index, name, sizeof name);
        snprintf(fid, sizeof fid, "%08lX", (unsigned long)device->fid);
        text_age(age, sizeof age, (double)(loop_now(ui->loop) - device->seen) / LOOP_S);
        bool gone = device->presence == DEVICE_GONE;
        add(page, name, gone ? ROLE_ALARM : ROLE_VALUE, "%3lu  %-12s %-8s %-8s %s%s",
            (unsigned long)device->address, *device->model ? device->model : "--",
            *device->firmware ? device->firmware : "--", device->fid ? fid : "--",
            gone ? "! gone for " : "", gone ? age : "");
    }
    if (count == 0)
        add(page, "", ROLE_DIM, "none found yet");
}

static void draw_page(struct canvas *canvas, struct rect area, const struct page *page, int top)
{
    struct rect former = canvas_clip(canvas, area);

    for (int i = top; i < page->count && i - top < area.height; i++) {
        const struct line *line = &page->lines[i];
        int y = area.y + i - top;
        if (line->heading) {
            canvas_text(canvas, area.x, y, ROLE_HEADING, line->text);
            continue;
        }
        canvas_text(canvas, area.x + 1, y, ROLE_DIM, line->label);
        int x = area.x + 1 + LABEL_WIDTH + 1;
        canvas_fit(canvas, x, y, area.x + area.width - x, line->role, line->text);
    }
    canvas_clip(canvas, former);
}

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct page left = {.count = 0}, right = {.count = 0};
    bool two = area.width >= TWO_COLUMNS_FROM;
    struct page *second = two ? &right : &left;
    int width = two ? area.width * 11 / 20 : area.width - 1;

    left.width = width - 1;
    right.width = area.width - width - 2;

    add_connection(ui, &left);
    add_traffic(ui, &left);
    if (!two)
        add(&left, "", ROLE_TEXT, "%s", "");
    add_trouble(ui, second);
    add_devices(ui, two ? &left : second);
    int count = left.count > right.count ? left.count : right.count;
    int last = count > area.height ? count - area.height : 0;
    ui->link.count = last + 1;
    ui->link.height = area.height;
    if (ui->link.selected > last)
        ui->link.selected = last;
    draw_page(canvas, (struct rect){area.x + 1, area.y, left.width, area.height}, &left,
              ui->link.selected);
    draw_page(canvas, (struct rect){area.x + width + 2, area.y, right.width, area.height}, &right,
              ui->link.selected);
    widget_more(canvas, area, ui->link.selected > 0, ui->link.selected < last);
    canvas->cursor_x = area.x;
    canvas->cursor_y = area.y;
}

// The form of a parameter of the gateway; it asks before anything is written.
static void change_gateway(struct ui *ui, unsigned id)
{
    const struct target gateway = {.kind = TARGET_DEVICE, .family = FAMILY_RCC, .index = 1};

    form_open(ui, &gateway, catalogue_find(FAMILY_RCC, id));
}

static void act(struct ui *ui, enum action action)
{
    enum { CLOCK = 5002, CLEAR_RESTARTED = 5104 };

    switch (action) {
    case ACTION_SET_CLOCK:
        if (ui->plant_link.capabilities & GATEWAY_CLOCK)
            change_gateway(ui, CLOCK);
        break;
    case ACTION_CLEAR_RESTARTED:
        if (ui->plant_link.frame_flags & PLANT_RESTARTED)
            change_gateway(ui, CLEAR_RESTARTED);
        break;
    default:
        scroll_act(&ui->link, action);
    }
}

const struct view link_view = {draw, act};
