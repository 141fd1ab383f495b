// SPDX-License-Identifier: MIT
// The datalog files of the SD card: which there are, which are here, and fetching them.
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "plant/datalog.h"
#include "ui/view.h"
#include "ui/widgets.h"

// Narrow: no date, no bar, and what is under way takes two rows.
enum { HEAD_ROWS = 3, WIDE_FROM = 60, BAR_WIDTH = 11 };

// --- Words ---------------------------------------------------------------------------------------

// Why there is nothing to be listed or fetched; NULL when there is no reason.
static const char *why_not(const struct ui *ui)
{
    if (!(ui->plant_link.capabilities & GATEWAY_DATALOG))
        return "This gateway has no datalog files: they are on the SD card of an Xcom-232i or "
               "Xcom-LAN.";
    if (ui->plant_link.read_only)
        return "Read-only: even the list moves the gateway's transfer, and a file clears its flag "
               "for new ones.";
    return NULL;
}

// What each answer of the gateway tells.
static enum role card_words(const struct ui *ui, char *out, size_t size)
{
    unsigned flags = ui->plant_link.frame_flags;
    size_t used = 0;

    out[0] = '\0';
    if (ui->plant_link.statistics.answers == 0) {
        text_append(out, size, &used, "SD card --");
        return ROLE_DIM;
    }
    bool trouble = !(flags & PLANT_SD_PRESENT) || (flags & PLANT_SD_FULL);
    text_append(out, size, &used, "%sSD card %s", trouble ? "! " : "",
                !(flags & PLANT_SD_PRESENT) ? "missing"
                : flags & PLANT_SD_FULL     ? "full: nothing is logged"
                                            : "present");
    if (flags & PLANT_NEW_DATALOG)
        text_append(out, size, &used, ", a new file");
    if (!(flags & PLANT_DATALOG_SUPPORTED))
        text_append(out, size, &used, ", no datalogger");
    return trouble ? ROLE_WARNING : ROLE_VALUE;
}

static void kilobytes(int64_t bytes, char *out, size_t size)
{
    snprintf(out, size, "%.1f kB", (double)bytes / 1000);
}

static enum role state_words(const struct datalog_file *file, char *out, size_t size)
{
    switch (file->state) {
    case DATALOG_QUEUED:
        snprintf(out, size, "waits");
        return ROLE_KEY;
    case DATALOG_COMING:
        snprintf(out, size, "is being fetched");
        return ROLE_OK;
    case DATALOG_FAILED:
        snprintf(out, size, "! %s", file->text);
        return ROLE_WARNING;
    case DATALOG_DONE:
        snprintf(out, size, "%s", file->text);
        return ROLE_OK;
    case DATALOG_IDLE:
        break;
    }
    snprintf(out, size, "%s",
             file->size < 0  ? ""
             : file->partial ? "here, a part of the day"
                             : "here");
    return ROLE_TEXT;
}

// --- Drawing -------------------------------------------------------------------------------------

static size_t count_here(const struct datalog *datalog)
{
    size_t here = 0;

    for (size_t i = 0; i < datalog_count(datalog); i++)
        here += datalog_file(datalog, i)->size >= 0;
    return here;
}

static void draw_head(const struct ui *ui, struct canvas *canvas, struct rect area)
{
    char card[120], counts[64] = "", to[DATALOG_TEXT_MAX];
    enum role role = card_words(ui, card, sizeof card);

    if (datalog_listed(ui->datalog, NULL))
        snprintf(counts, sizeof counts, "%zu files, %zu here", datalog_count(ui->datalog),
                 count_here(ui->datalog));
    widget_rule(canvas, area, "Datalog files", counts);
    canvas_fit(canvas, area.x, area.y + 1, area.width, role, card);
    text_escape(to, sizeof to, datalog_directory(ui->datalog));
    canvas_text(canvas, area.x, area.y + 2, ROLE_DIM, "to ");
    canvas_fit(canvas, area.x + 3, area.y + 2, area.width - 3, ROLE_TEXT, to);
}

static void draw_row(struct canvas *canvas, struct rect line, const struct datalog_file *file,
                     bool selected)
{
    char size[24] = "", words[DATALOG_TEXT_MAX + 4], date[24];
    time_t seconds = (time_t)(file->day * LOGNAME_DAY_S);
    enum role role = state_words(file, words, sizeof words);
    int x = line.x;
    struct tm tm;

    canvas_text(canvas, x, line.y, selected ? ROLE_SELECTED : ROLE_TEXT, file->name);
    x += LOGNAME_LENGTH + 2;
    if (line.width >= WIDE_FROM) {
        gmtime_r(&seconds, &tm);
        strftime(date, sizeof date, "%a %Y-%m-%d", &tm);
        canvas_text(canvas, x, line.y, ROLE_DIM, date);
        x += 16;
    }
    if (file->size >= 0)
        kilobytes(file->size, size, sizeof size);
    canvas_right(canvas, x + 9, line.y, ROLE_VALUE, size);
    x += 11;
    canvas_fit(canvas, x, line.y, line.x + line.width - x, role, words);
}

static void draw_rows(struct ui *ui, struct canvas *canvas, struct rect area)
{
    scroll_follow(&ui->files, (int)datalog_count(ui->datalog), area.height);
    for (int row = 0; row < area.height; row++) {
        int i = ui->files.top + row;
        const struct datalog_file *file = datalog_file(ui->datalog, (size_t)i);
        struct rect line = {area.x, area.y + row, area.width, 1};
        if (!file)
            break;
        draw_row(canvas, line, file, i == ui->files.selected);
        if (i == ui->files.selected) {
            canvas->cursor_x = line.x;
            canvas->cursor_y = line.y;
        }
    }
}

// "34.8 of about 68.1 kB  2.9 kB/s  about 0:12 left": what isn't known isn't said.
static void progress_words(const struct datalog_progress *progress, bool wide, char *out,
                           size_t size)
{
    size_t used = 0;

    if (progress->expected > 0)
        text_append(out, size, &used, "%5.1f of about %.1f kB", (double)progress->bytes / 1000,
                    (double)progress->expected / 1000);
    else
        text_append(out, size, &used, "%5.1f kB", (double)progress->bytes / 1000);
    if (progress->rate > 0 && wide)
        text_append(out, size, &used, "  %.1f kB/s", progress->rate / 1000);
    if (progress->left >= 0)
        text_append(out, size, &used, "  about %d:%02d left", (int)(progress->left / (60 * LOOP_S)),
                    (int)(progress->left / LOOP_S % 60));
}

static void draw_progress(struct canvas *canvas, struct rect area,
                          const struct datalog_progress *progress)
{
    bool wide = area.width >= WIDE_FROM;
    char words[120];
    int x = area.x;

    x = canvas_text(canvas, x, area.y, ROLE_TEXT,
                    progress->name[0] ? progress->name : "the list    ") +
        2;
    if (progress->expected > 0 && wide) {
        double share = (double)progress->bytes / (double)progress->expected;
        widget_bar(canvas, x, area.y, BAR_WIDTH, share < 1 ? share : 1, ROLE_OK);
        x += BAR_WIDTH + 2;
    }
    progress_words(progress, wide, words, sizeof words);
    if (!wide) {
        area.y++;
        x = area.x;
    }
    canvas_fit(canvas, x, area.y, area.x + area.width - x, ROLE_VALUE, words);
}

// What is under way, or what can be done.
static void draw_foot(const struct ui *ui, struct canvas *canvas, struct rect area)
{
    struct datalog_progress progress;
    char text[DATALOG_TEXT_MAX + 64];
    size_t used = 0;
    struct rect line = {area.x, area.y + area.height - 1, area.width, 1};
    const struct datalog_file *selected = datalog_file(ui->datalog, (size_t)ui->files.selected);
    bool is_trouble = false;

    datalog_progress(ui->datalog, &progress);
    if (progress.name[0] || progress.listing)
        draw_progress(canvas, area, &progress);
    if (plant_paused(ui->plant) && datalog_busy(ui->datalog)) {
        is_trouble = true;
        text_append(text, sizeof text, &used, "! paused: P goes on");
    } else if (selected && selected->state == DATALOG_FAILED) {
        is_trouble = true;
        text_append(text, sizeof text, &used, "! %s", selected->text);
    } else if (progress.text[0]) {
        is_trouble = true;
        text_append(text, sizeof text, &used, "! %s", progress.text);
    } else if (progress.queued + progress.done + progress.failed > 0) {
        text_append(text, sizeof text, &used, "%zu more to fetch, %zu done", progress.queued,
                    progress.done);
        if (progress.failed > 0)
            text_append(text, sizeof text, &used, ", %zu failed", progress.failed);
    } else if (!datalog_listed(ui->datalog, NULL)) {
        text_append(text, sizeof text, &used, "%s",
                    progress.listing ? "" : "not listed yet: the gateway has to answer first");
    } else {
        text_append(text, sizeof text, &used, "Enter fetches a file, n the missing");
    }
    if (used > 0)
        canvas_fit(canvas, line.x, line.y, line.width, is_trouble ? ROLE_WARNING : ROLE_DIM, text);
}

static void draw(struct ui *ui, struct canvas *canvas, struct rect area)
{
    const char *why = why_not(ui);
    struct rect inside = {area.x + 1, area.y, area.width - 2, area.height};
    int foot_rows = inside.width >= WIDE_FROM ? 2 : 3;
    struct rect rows = {inside.x, inside.y + HEAD_ROWS, inside.width,
                        inside.height - HEAD_ROWS - foot_rows};
    struct rect foot = {inside.x, rows.y + rows.height, inside.width, foot_rows};

    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    if (why || !ui->datalog) {
        widget_rule(canvas, inside, "Datalog files", "");
        widget_paragraph(canvas,
                         (struct rect){inside.x, inside.y + 2, inside.width, inside.height - 2},
                         ROLE_TEXT, why ? why : "There is no directory for them.");
        return;
    }
    if (!ui->files_asked && ui->plant_link.state == GATEWAY_UP) {
        ui->files_asked = true;
        datalog_list(ui->datalog);
    }
    draw_head(ui, canvas, inside);
    draw_rows(ui, canvas, rows);
    draw_foot(ui, canvas, foot);
}

// --- Keys ----------------------------------------------------------------------------------------

static void toggle(struct ui *ui)
{
    const struct datalog_file *file = datalog_file(ui->datalog, (size_t)ui->files.selected);

    if (!file)
        return;
    if (file->state == DATALOG_QUEUED || file->state == DATALOG_COMING)
        datalog_drop(ui->datalog, file->name);
    else
        datalog_get(ui->datalog, file->name);
}

// Asking for one never reorders them.
static void get_all(struct ui *ui, bool only_new)
{
    for (size_t i = 0; i < datalog_count(ui->datalog); i++) {
        const struct datalog_file *file = datalog_file(ui->datalog, i);
        if (!only_new || file->size < 0 || file->partial)
            datalog_get(ui->datalog, file->name);
    }
}

static void act(struct ui *ui, enum action action)
{
    if (why_not(ui) || !ui->datalog)
        return;
    switch (action) {
    case ACTION_ENTER:
        toggle(ui);
        break;
    case ACTION_GET_NEW:
    case ACTION_GET_ALL:
        get_all(ui, action == ACTION_GET_NEW);
        break;
    case ACTION_LIST:
        datalog_list(ui->datalog);
        break;
    case ACTION_STOP:
        datalog_stop(ui->datalog);
        break;
    default:
        scroll_act(&ui->files, action);
    }
}

const struct view files_view = {draw, act};
