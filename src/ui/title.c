// SPDX-License-Identifier: MIT
#include "ui/title.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "plant/messages.h"
#include "ui/kept.h"

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

void title_draw(struct ui *ui, struct canvas *canvas, struct rect area)
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
