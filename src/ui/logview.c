// SPDX-License-Identifier: MIT
#include "ui/logview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/logger.h"
#include "ui/field.h"
#include "ui/modal.h"
#include "ui/widgets.h"

enum { LABEL_WIDTH = 8, LINE_MIN = 24, HELP_ROWS = 3 };

// --- The form ------------------------------------------------------------------------------------

enum line {
    LINE_FILE,
    LINE_VALUES,
    LINE_EVERY,
    LINE_FORMAT,
    LINE_ROTATE,
    LINE_KEEP,
    LINE_WHY,
    LINE_SYNC,
    LINE_ROWS,
    LINE_COUNT
};

enum { MIB = 1024 * 1024, CHOICE_MAX = 24 };

struct choice {
    const char *text;
    int64_t value;
};

static const struct choice everies[] = {
    {"1 s", LOOP_S},          {"5 s", 5 * LOOP_S},    {"10 s", 10 * LOOP_S},
    {"30 s", 30 * LOOP_S},    {"1 min", 60 * LOOP_S}, {"5 min", 300 * LOOP_S},
    {"15 min", 900 * LOOP_S}, {"1 h", 3600 * LOOP_S}, {NULL, 0}};
static const struct choice formats[] = {
    {"CSV", LOGGER_CSV}, {"JSON lines", LOGGER_JSONL}, {"SQLite", LOGGER_SQLITE}, {NULL, 0}};
// A rotation, or the bytes of a file: none is so small.
static const struct choice rotations[] = {{"one file", ROTATE_NEVER},
                                          {"a file a day", ROTATE_DAILY},
                                          {"a file an hour", ROTATE_HOURLY},
                                          {"files of 1 MB", MIB},
                                          {"files of 10 MB", 10 * MIB},
                                          {"files of 100 MB", 100 * MIB},
                                          {NULL, 0}};
static const struct choice keeps[] = {{"all", 0}, {"7", 7}, {"31", 31}, {"366", 366}, {NULL, 0}};
static const struct choice syncs[] = {{"1 s", LOOP_S},
                                      {"5 s", 5 * LOOP_S},
                                      {"30 s", 30 * LOOP_S},
                                      {"5 min", 300 * LOOP_S},
                                      {NULL, 0}};
static const struct choice row_counts[] = {{"until stopped", 0}, {"1", 1},       {"10", 10},
                                           {"100", 100},         {"1000", 1000}, {NULL, 0}};
static const struct choice whys[] = {{"left empty", false}, {"with the reason", true}, {NULL, 0}};

static const struct {
    const char *label;
    const struct choice *choices; // NULL: text
} lines[LINE_COUNT] = {
    [LINE_FILE] = {"file", NULL},       [LINE_VALUES] = {"values", NULL},
    [LINE_EVERY] = {"every", everies},  [LINE_FORMAT] = {"format", formats},
    [LINE_ROTATE] = {"in", rotations},  [LINE_KEEP] = {"former", keeps},
    [LINE_WHY] = {"missing", whys},     [LINE_SYNC] = {"to disk", syncs},
    [LINE_ROWS] = {"rows", row_counts},
};

struct logview {
    bool open;
    enum line line;
    struct field fields[LINE_EVERY]; // file and values
    size_t chosen[LINE_COUNT];
    // What the configuration says and isn't among the choices is one more, the last.
    struct choice own[LINE_COUNT];
    char own_texts[LINE_COUNT][CHOICE_MAX];
    char error[SELECTION_ERROR_MAX];
    bool demo;
    struct logger *logger;
    char told[SELECTION_ERROR_MAX]; // what it said last
};

// "640 B", "12 kB", "3.4 MB".
static char *size_text(char *out, size_t size, int64_t bytes)
{
    if (bytes < 1024)
        snprintf(out, size, "%d B", (int)bytes);
    else if (bytes < MIB)
        snprintf(out, size, "%d kB", (int)(bytes / 1024));
    else
        snprintf(out, size, "%.1f MB", (double)bytes / MIB);
    return out;
}

// NULL behind the last one.
static const struct choice *choice_at(const struct logview *logview, enum line line, size_t i)
{
    const struct choice *choices = lines[line].choices;
    size_t count = 0;

    while (choices[count].text)
        count++;
    if (i < count)
        return &choices[i];
    return i == count && logview->own[line].text ? &logview->own[line] : NULL;
}

static int64_t chosen(const struct logview *logview, enum line line)
{
    const struct choice *choice = choice_at(logview, line, logview->chosen[line]);

    return choice ? choice->value : 0;
}

static void choose(struct logview *logview, enum line line, int64_t value)
{
    char *text = logview->own_texts[line], size[CHOICE_MAX / 2];
    size_t *i = &logview->chosen[line];
    const struct choice *choice;

    for (*i = 0; (choice = choice_at(logview, line, *i)); (*i)++)
        if (choice->value == value)
            return;
    if (line == LINE_EVERY || line == LINE_SYNC)
        snprintf(text, CHOICE_MAX, "%g s", (double)value / (double)LOOP_S);
    else if (line == LINE_ROTATE)
        snprintf(text, CHOICE_MAX, "files of %s", size_text(size, sizeof size, value));
    else
        snprintf(text, CHOICE_MAX, "%lld", (long long)value);
    logview->own[line] = (struct choice){text, value};
}

struct logview *logview_new(const struct ui_options *options)
{
    static const struct logger_options usual = {.every = 10 * LOOP_S, .sync = 5 * LOOP_S};
    struct logview *logview = xcalloc(1, sizeof *logview);
    const struct logger_options *log = options->log ? options->log : &usual;

    field_set(&logview->fields[LINE_FILE], log->path ? log->path : "xcomtop.csv", false);
    // A list that is too long for the field would be another one.
    bool fits = options->log_values && strlen(options->log_values) < FIELD_MAX;
    field_set(&logview->fields[LINE_VALUES], fits ? options->log_values : "overview", false);
    logview->demo = log->demo;
    choose(logview, LINE_EVERY, log->every);
    choose(logview, LINE_FORMAT, log->format);
    choose(logview, LINE_ROTATE,
           log->rotation == ROTATE_SIZE ? log->rotate_size : (int64_t)log->rotation);
    choose(logview, LINE_KEEP, log->rotate_keep);
    choose(logview, LINE_WHY, log->why);
    choose(logview, LINE_SYNC, log->sync);
    choose(logview, LINE_ROWS, log->rows);
    return logview;
}

void logview_free(struct logview *logview)
{
    if (!logview)
        return;
    logger_free(logview->logger);
    free(logview);
}

// --- Running -------------------------------------------------------------------------------------

static void take_line(void *arg, const char *line)
{
    struct logview *logview = arg;

    snprintf(logview->told, sizeof logview->told, "%.*s", (int)sizeof logview->told - 1, line);
}

static bool is_logging(const struct logview *logview)
{
    return logview->logger && logger_status(logview->logger).state <= LOGGER_RUNNING;
}

static void stop(struct logview *logview)
{
    logger_free(logview->logger);
    logview->logger = NULL;
}

// A name that stands for a list, or the list itself.
static enum xc_status read_values(const char *text, struct selection *selection,
                                  char error[SELECTION_ERROR_MAX])
{
    return strchr(text, ':') ? selection_parse(text, selection, error)
                             : selection_preset(text, selection, error);
}

static void begin(struct ui *ui)
{
    static const struct logger_calls calls = {.tell = take_line};
    struct logview *logview = ui->logview;
    struct selection selection;
    int64_t rotation = chosen(logview, LINE_ROTATE);
    bool by_size = rotation > ROTATE_SIZE;
    const struct logger_options options = {
        .path = logview->fields[LINE_FILE].text,
        .format = (enum logger_format)chosen(logview, LINE_FORMAT),
        .every = chosen(logview, LINE_EVERY),
        .sync = chosen(logview, LINE_SYNC),
        .rotation = by_size ? ROTATE_SIZE : (enum rotation)rotation,
        .rotate_size = by_size ? rotation : 0,
        .rotate_keep = (unsigned)chosen(logview, LINE_KEEP),
        .why = chosen(logview, LINE_WHY) != 0,
        .rows = (unsigned)chosen(logview, LINE_ROWS),
        .demo = logview->demo,
    };

    if (!*options.path) {
        snprintf(logview->error, sizeof logview->error, "a file needs a name");
        return;
    }
    if (read_values(logview->fields[LINE_VALUES].text, &selection, logview->error) != XC_OK)
        return;
    logview->error[0] = logview->told[0] = '\0';
    stop(logview);
    logview->logger = logger_new(ui->loop, ui->plant, &selection, &options, &calls, logview);
    struct logger_status status = logger_status(logview->logger);
    if (status.state != LOGGER_FAILED) {
        if (options.format == LOGGER_SQLITE)
            plant_read_log(ui->plant, options.path);
        return;
    }
    snprintf(logview->error, sizeof logview->error, "%.*s", (int)sizeof logview->error - 1,
             status.error);
    stop(logview);
}

void logview_look(struct ui *ui)
{
    if (ui->logview->logger)
        logger_look(ui->logview->logger);
}

// --- Drawing -------------------------------------------------------------------------------------

static void draw_choices(const struct logview *logview, struct canvas *canvas, struct rect area,
                         enum line line, bool focus)
{
    const struct choice *choice;
    int x = area.x;

    // Where not all have room, the chosen one stands alone, with the keys to the others.
    int all = 0;
    for (size_t i = 0; (choice = choice_at(logview, line, i)); i++)
        all += canvas_text_width(canvas, choice->text) + 6;
    for (size_t i = 0; (choice = choice_at(logview, line, i)); i++) {
        bool here = i == logview->chosen[line];
        if (all > area.width + 2 && !here)
            continue;
        if (here && focus) {
            canvas->cursor_x = x;
            canvas->cursor_y = area.y;
        }
        const char *sign = here ? "(●) " : "( ) ";
        canvas_text(canvas, x, area.y, here && focus ? ROLE_SELECTED : ROLE_TEXT, sign);
        canvas_text(canvas, x + 4, area.y,
                    here && focus ? ROLE_SELECTED
                    : here        ? ROLE_VALUE
                                  : ROLE_DIM,
                    choice->text);
        x += canvas_text_width(canvas, choice->text) + 6;
    }
    if (all > area.width + 2)
        canvas_text(canvas, x, area.y, ROLE_DIM, "← →");
}

static void draw_line(struct logview *logview, struct canvas *canvas, struct rect row,
                      enum line line)
{
    bool focus = logview->line == line;
    struct rect rest = {row.x + LABEL_WIDTH, row.y, row.width - LABEL_WIDTH, 1};

    canvas_text(canvas, row.x, row.y, ROLE_DIM, lines[line].label);
    if (lines[line].choices)
        draw_choices(logview, canvas, rest, line, focus);
    else
        field_draw(&logview->fields[line], canvas, rest.x, row.y, rest.width, focus);
}

static const char *help_of(enum line line)
{
    switch (line) {
    case LINE_FILE:
        return "Where rows go; one that is there already is continued.";
    case LINE_VALUES:
        return "overview, all, or a list like XT1:3000,3005,XT*:3136,XT.sum:3136,BSP:7000-7003.";
    case LINE_ROTATE:
        return "A file that is over gets the time behind its name, and is compressed.";
    case LINE_KEEP:
        return "How many files that are over stay; older ones are removed.";
    case LINE_WHY:
        return "Whether it is said why a value is missing.";
    case LINE_SYNC:
        return "So much may be lost with this computer's power; each time costs an SD card a "
               "write.";
    case LINE_ROWS:
        return "How many rows are written until it ends by itself.";
    default:
        return "It goes on in all views, until it is stopped here or xcomtop ends. For years, "
               "unattended: xcomtop log.";
    }
}

static void draw_form(struct ui *ui, struct canvas *canvas, struct rect inside)
{
    struct logview *logview = ui->logview;
    int y = inside.y,
        room = inside.height < LINE_COUNT + HELP_ROWS ? inside.height - HELP_ROWS : LINE_COUNT;
    // On a small screen as many as there is room for, with the present one among them.
    enum line first = (int)logview->line < room ? LINE_FILE : logview->line - (enum line)room + 1;

    for (enum line line = first; line < LINE_COUNT && (int)(line - first) < room; line++)
        draw_line(logview, canvas, (struct rect){inside.x, y++, inside.width, 1}, line);
    struct rect text = {inside.x, y, inside.width, inside.y + inside.height - y};
    if (text.height > 3) {
        text.y++;
        text.height--;
    }
    if (logview->error[0]) {
        char words[SELECTION_ERROR_MAX + 4];
        snprintf(words, sizeof words, "! %s", logview->error);
        widget_paragraph(canvas, text, ROLE_WARNING, words);
    } else {
        widget_paragraph(canvas, text, ROLE_DIM, help_of(logview->line));
    }
}

static void draw_running(struct ui *ui, struct canvas *canvas, struct rect inside)
{
    struct logger_status status = logger_status(ui->logview->logger);
    struct paragraphs paragraphs = {.count = 0};
    struct scroll top = {0};
    char path[FIELD_MAX * 4], size[24], age[24] = "";

    text_escape(path, sizeof path, status.path);
    paragraphs_add(&paragraphs, ROLE_TITLE, "%.200s", path);
    if (status.last)
        text_age(age, sizeof age, (double)(loop_wall(ui->loop) - status.last) / (double)LOOP_S);
    if (status.state == LOGGER_WAITING)
        paragraphs_add(&paragraphs, ROLE_TEXT, "It begins when the devices are known.");
    else
        paragraphs_add(&paragraphs, ROLE_TEXT, "%llu row%s, the file has %s; the last one %s%s",
                       (unsigned long long)status.rows, status.rows == 1 ? "" : "s",
                       size_text(size, sizeof size, status.bytes), *age ? age : "is still to come",
                       *age ? " ago" : "");
    if (*status.error)
        paragraphs_add(&paragraphs, ROLE_ALARM, "! %s", status.error);
    else if (ui->logview->told[0])
        paragraphs_add(&paragraphs, ROLE_DIM, "%s", ui->logview->told);
    canvas->cursor_x = inside.x;
    canvas->cursor_y = inside.y;
    paragraphs_draw(&paragraphs, canvas, inside, &top);
}

void logview_draw(struct ui *ui, struct canvas *canvas, struct rect body)
{
    bool running = is_logging(ui->logview);
    int rows = running ? 4 : LINE_COUNT + 3;
    struct rect inside =
        modal_open(canvas, body, rows, "Log", running ? "goes on" : "rows of values to a file");

    if (running)
        draw_running(ui, canvas, inside);
    else
        draw_form(ui, canvas, inside);
}

void logview_draw_line(struct ui *ui, struct canvas *canvas, struct rect *bar)
{
    struct logger_status status;
    char text[160], size[24], path[80], error[128];

    if (!ui->logview->logger)
        return;
    status = logger_status(ui->logview->logger);
    bool bad = *status.error;
    const char *slash = strrchr(status.path, '/');
    text_escape(path, sizeof path, slash ? slash + 1 : status.path);
    size_text(size, sizeof size, status.bytes);
    // An error needs the room: what is in the file, L tells.
    text_fit(error, sizeof error, status.error, bar->width / 3, true, canvas->ascii);
    if (bad && bar->width >= 70)
        snprintf(text, sizeof text, "! log: %s", error);
    else if (bar->width >= 110)
        snprintf(text, sizeof text, "● log %.24s  %llu row%s  %s", path,
                 (unsigned long long)status.rows, status.rows == 1 ? "" : "s", size);
    else if (bar->width >= 70)
        snprintf(text, sizeof text, "● %.12s %llu %s", path, (unsigned long long)status.rows, size);
    else
        snprintf(text, sizeof text, "%s", bad ? "!L" : "●L");
    int width = canvas_text_width(canvas, text);
    if (width + LINE_MIN > bar->width)
        return;
    canvas_text(canvas, bar->x + bar->width - width - 1, bar->y, bad ? ROLE_ALARM : ROLE_OK, text);
    bar->width -= width + 2;
}

// --- Keys ----------------------------------------------------------------------------------------

void logview_open(struct ui *ui)
{
    ui_close_over(ui);
    ui->logview->open = true;
    ui->logview->error[0] = '\0';
}

void logview_close(struct ui *ui)
{
    ui->logview->open = false;
}

bool logview_is_open(const struct ui *ui)
{
    return ui->logview->open;
}

place_set logview_place(const struct ui *ui)
{
    const struct logview *logview = ui->logview;

    if (is_logging(logview))
        return IN_LOG_RUNNING;
    return lines[logview->line].choices ? IN_LOG_CHOICE : IN_LOG_TEXT;
}

static void move_choice(struct logview *logview, int by)
{
    size_t *i = &logview->chosen[logview->line];

    if (by < 0 ? *i > 0 : choice_at(logview, logview->line, *i + 1) != NULL)
        *i += (size_t)by;
}

void logview_key(struct ui *ui, unsigned key, enum action action)
{
    struct logview *logview = ui->logview;
    bool choice = lines[logview->line].choices != NULL;

    switch (action) {
    case ACTION_CLOSE:
        logview_close(ui);
        break;
    case ACTION_STOP:
        stop(logview);
        logview_close(ui);
        break;
    case ACTION_ENTER:
        begin(ui);
        break;
    case ACTION_NEXT_LINE:
    case ACTION_DOWN:
        logview->line = (logview->line + 1) % LINE_COUNT;
        break;
    case ACTION_PREVIOUS_LINE:
    case ACTION_UP:
        logview->line = (logview->line + LINE_COUNT - 1) % LINE_COUNT;
        break;
    case ACTION_LEFT:
    case ACTION_RIGHT:
        if (choice)
            move_choice(logview, action == ACTION_LEFT ? -1 : 1);
        break;
    default:
        if (!choice && field_key(&logview->fields[logview->line], key))
            logview->error[0] = '\0';
    }
}
