// SPDX-License-Identifier: MIT
#include "ui/health.h"

#include <stdio.h>

#include "base/text.h"
#include "plant/messages.h"
#include "plant/watch.h"
#include "ui/devices.h"
#include "ui/messageview.h"
#include "ui/widgets.h"

enum { NOTICES_MAX = 8, RECENT_S = 15 * 60 };

struct notice {
    enum role role;
    char text[GATEWAY_TEXT_MAX + 8];
};

struct notices {
    struct notice list[NOTICES_MAX];
    int count, more; // more: those that found no place
    bool unknown;    // of a device it isn't known yet
};

static void add(struct notices *notices, enum role role, const char *text)
{
    if (notices->count == NOTICES_MAX) {
        notices->more++;
        return;
    }
    struct notice *notice = &notices->list[notices->count++];
    notice->role = role;
    snprintf(notice->text, sizeof notice->text, "%s", text);
}

static void find_link(struct ui *ui, struct notices *notices)
{
    char text[GATEWAY_TEXT_MAX + 8], age[24];

    if (ui->plant_link.state != GATEWAY_UP) {
        snprintf(text, sizeof text, "! %s", ui->plant_link.text);
        add(notices, ROLE_ALARM, text);
    }
    int64_t since = (loop_now(ui->loop) - ui->plant_link.exchanged) / LOOP_S;
    if (ui->plant_link.exchanged && since < RECENT_S) {
        snprintf(text, sizeof text, "! another installation answers, for %s",
                 text_age(age, sizeof age, (double)since));
        add(notices, ROLE_WARNING, text);
    }
    // While it is off the link itself says so.
    if (ui->plant_link.bus.state == BUS_WARNING || ui->plant_link.bus.state == BUS_PASSIVE) {
        snprintf(text, sizeof text, "! the CAN bus is error-%s", ui->plant_link.bus_state);
        add(notices, ui->plant_link.bus.state == BUS_PASSIVE ? ROLE_ALARM : ROLE_WARNING, text);
    }
    if (plant_paused(ui->plant))
        add(notices, ROLE_WARNING, "! polling is paused, P goes on");
}

static void find_devices(struct ui *ui, struct notices *notices, bool severe)
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices);
    char text[96], name[DEVICE_NAME_MAX];

    for (size_t i = 0; i < count; i++) {
        struct device_trouble trouble = devices_trouble(ui, &devices[i]);
        notices->unknown |= trouble.unknown;
        if (!trouble.what || trouble.severe != severe)
            continue;
        device_name(devices[i].family, devices[i].index, name, sizeof name);
        snprintf(text, sizeof text, "! %s %s", name, trouble.what);
        add(notices, severe ? ROLE_ALARM : ROLE_WARNING, text);
    }
}

static void find_rest(struct ui *ui, struct notices *notices)
{
    const struct known_message *messages;
    uint32_t total;
    size_t count = plant_messages(ui->plant, &messages, &total);
    int64_t now = ui_clock(ui) / LOOP_S;
    struct watch_status status;
    char text[NOTICE_SIZE + 8];

    for (size_t i = 0; watch_at(ui->plant, i, &status); i++) {
        if (!status.alarm.on)
            continue;
        snprintf(text, sizeof text, "! alarm: %s", status.rule.name);
        add(notices, ROLE_ALARM, text);
    }
    // The gravest of the last quarter of an hour, the newest one of those.
    const struct known_message *gravest = NULL;
    for (size_t i = 0; i < count && now - (int64_t)messages[i].timestamp < RECENT_S; i++)
        if (messages[i].kind == KNOWN_MESSAGE && messages[i].severity >= SEVERITY_WARNING &&
            (!gravest || messages[i].severity > gravest->severity))
            gravest = &messages[i];
    if (gravest) {
        char name[DEVICE_NAME_MAX], words[96];
        snprintf(text, sizeof text, "! %s %s",
                 gravest->source ? ui_device_name(ui, gravest->source, name, sizeof name)
                                 : gravest->device,
                 message_words(gravest, words, sizeof words));
        add(notices, gravest->severity == SEVERITY_WARNING ? ROLE_WARNING : ROLE_ALARM, text);
    }
    if (ui->plant_link.frame_flags & PLANT_SD_FULL)
        add(notices, ROLE_WARNING, "! SD card is full");
    if (*ui->trouble) {
        snprintf(text, sizeof text, "! %s", ui->trouble);
        add(notices, ROLE_WARNING, text);
    }
}

void health_draw(struct ui *ui, struct canvas *canvas, struct rect area, const struct reading *main)
{
    struct notices notices = {.count = 0};
    char text[128], age[24];

    find_link(ui, &notices);
    if (main->quality == QUALITY_STALE && ui->plant_link.state == GATEWAY_UP) {
        snprintf(text, sizeof text, "! values are %s old",
                 text_age(age, sizeof age, (double)(main->age / LOOP_S)));
        add(&notices, ROLE_WARNING, text);
    }
    find_devices(ui, &notices, true);
    find_devices(ui, &notices, false);
    find_rest(ui, &notices);
    if (area.width <= 0 || area.height <= 0)
        return;
    int x = area.x + (area.height == 1 ? 1 : 0);
    struct rect rows = {x, area.y, area.x + area.width - x, area.height};
    if (notices.count == 0 && ui->discovery.state != DISCOVERY_DONE) {
        snprintf(notices.list[0].text, sizeof notices.list[0].text, "○ %s", ui->discovery.text);
        widget_paragraph(canvas, rows, ROLE_TEXT, notices.list[0].text);
        return;
    }
    if (notices.count == 0 && main->quality == QUALITY_FRESH && !notices.unknown) {
        canvas_text(canvas, x, area.y, ROLE_OK, "● All is well");
        return;
    }
    if (notices.count == 0) {
        char reason[96];
        plant_reading_reason(main, reason, sizeof reason);
        snprintf(text, sizeof text, "○ %s",
                 *reason && main->quality != QUALITY_NONE ? reason : "waiting for values");
        widget_paragraph(canvas, rows, ROLE_DIM, text);
        return;
    }
    for (int i = 0; i < notices.count && rows.height > 0; i++) {
        const struct notice *notice = &notices.list[i];
        int left = notices.count - i - 1 + notices.more;
        // The last row says how many there are besides.
        if (rows.height == 1 && left > 0) {
            snprintf(text, sizeof text, " +%d", left);
            int width = canvas_text_width(canvas, text);
            canvas_fit(canvas, rows.x, rows.y, rows.width - width, notice->role, notice->text);
            canvas_right(canvas, rows.x + rows.width, rows.y, notice->role, text);
            return;
        }
        struct rect part = rows;
        part.height -= left > 0 ? 1 : 0;
        int used = widget_paragraph(canvas, part, notice->role, notice->text);
        rows.y += used;
        rows.height -= used;
    }
}
