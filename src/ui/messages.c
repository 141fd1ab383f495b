// SPDX-License-Identifier: MIT
#include "ui/messages.h"

#include <stdio.h>
#include <time.h>

#include "ui/messageview.h"
#include "ui/widgets.h"

static void draw_message(struct ui *ui, struct canvas *canvas, struct rect line,
                         const struct known_message *message)
{
    struct message_look look = message_look(message);
    int64_t today = ui_clock(ui) / LOOP_S / 86400;
    time_t time = (time_t)message->timestamp;
    char name[DEVICE_NAME_MAX], text[256];
    struct tm tm;

    gmtime_r(&time, &tm);
    canvas_text(canvas, line.x, line.y, look.role, look.sign);
    // The day where it isn't today.
    if ((int64_t)message->timestamp / 86400 == today)
        canvas_printf(canvas, line.x + 2, line.y, ROLE_DIM, "%02d:%02d", tm.tm_hour, tm.tm_min);
    else
        canvas_printf(canvas, line.x + 2, line.y, ROLE_DIM, "%02d-%02d", tm.tm_mon + 1, tm.tm_mday);
    canvas_fit(canvas, line.x + 8, line.y, 5, ROLE_VALUE,
               message->source ? ui_device_name(ui, message->source, name, sizeof name)
                               : message->device);
    canvas_fit(canvas, line.x + 14, line.y, line.width - 15, look.role,
               message_words(message, text, sizeof text));
}

void messages_draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const struct known_message *messages;
    uint32_t total;
    size_t count = plant_messages(ui->plant, &messages, &total);
    bool kept = ui->plant_link.capabilities & GATEWAY_HISTORY;
    char remark[40] = "";

    if (area.height >= 3) {
        if (total > 0)
            snprintf(remark, sizeof remark, kept ? "%lu in all" : "%lu since the start",
                     (unsigned long)total);
        widget_rule(canvas, area, "Messages", remark);
        area.y++;
        area.height--;
    }
    // Those that were read elsewhere aren't known here: there may be some.
    if (count == 0 && area.height > 0)
        canvas_text(canvas, area.x + 2, area.y, ROLE_DIM,
                    plant_messages_awaited(ui->plant)                    ? "reading messages"
                    : ui->plant_link.frame_flags & PLANT_MESSAGE_PENDING ? "new messages, not read"
                    : kept                                               ? "no new messages"
                                                                         : "none since the start");
    for (size_t i = 0; i < count && (int)i < area.height; i++)
        draw_message(ui, canvas, (struct rect){area.x, area.y + (int)i, area.width, 1},
                     &messages[i]);
}
