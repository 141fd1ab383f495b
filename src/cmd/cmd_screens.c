// SPDX-License-Identifier: MIT
// The live screens, and --once.
#include "cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/hook.h"
#include "cmd/log_options.h"
#include "cmd/session.h"
#include "cmd/themes.h"
#include "plant/datalog.h"
#include "plant/messages.h"
#include "store/archive.h"
#include "store/datafiles.h"
#include "ui/canvas.h"
#include "ui/term.h"
#include "ui/ui.h"

enum {
    ONCE_HEIGHT = 24,
    OTHER_ROWS = 20, // of the overview: all but the devices'
};

static const int64_t file_end = 3 * LOOP_S; // a transfer that is under way, at the end
static const int64_t first_look = 1 * LOOP_S;
static const int64_t once_limit = 60 * LOOP_S;
static const int64_t address_look = 10 * LOOP_S;

// --- Once ----------------------------------------------------------------------------------------

struct snapshot {
    struct session *session;
    struct ui *ui;
    struct canvas canvas;
};

// High enough for all devices that are known by now; what is wanted is what is drawn.
static void fit_canvas(struct snapshot *snapshot)
{
    struct canvas *canvas = &snapshot->canvas;
    const struct plant_device *devices;
    int height = OTHER_ROWS + (int)plant_devices(session_plant(snapshot->session), &devices);
    int width = canvas->width;
    bool ascii = canvas->ascii;

    if (height <= canvas->height)
        return;
    canvas_free(canvas);
    canvas_init(canvas, width, height, ascii);
    ui_draw(snapshot->ui, canvas);
}

static bool is_complete(void *arg)
{
    struct snapshot *snapshot = arg;

    fit_canvas(snapshot);
    return ui_complete(snapshot->ui);
}

static bool is_blank(const struct canvas *canvas, int row)
{
    for (int x = 0; x < canvas->width; x++)
        if (canvas->cells[row * canvas->width + x].character != ' ')
            return false;
    return true;
}

static void print_snapshot(struct snapshot *snapshot)
{
    struct canvas *canvas = &snapshot->canvas;

    ui_draw(snapshot->ui, canvas);
    canvas->height--; // the bottom line's keys are of no use on paper
    while (canvas->height > 1 && is_blank(canvas, canvas->height - 1))
        canvas->height--;
    canvas_print(canvas, stdout);
}

int cmd_once(const struct options *options)
{
    struct snapshot snapshot = {0};
    int status = session_open(options, SESSION_PLANT, &snapshot.session);

    if (status != EXIT_DONE)
        return status;
    struct session *session = snapshot.session;
    struct ui_options ui_options = {.ascii = options->ascii, .site = session_name(session)};
    snapshot.ui = ui_new(session_loop(session), session_plant(session), &ui_options);
    canvas_init(&snapshot.canvas, output_width(), ONCE_HEIGHT, options->ascii);
    ui_draw(snapshot.ui, &snapshot.canvas); // says what is wanted
    session_catch_signals(session);
    status = session_wait(session, is_complete, &snapshot, once_limit);
    if (status == EXIT_NO_ANSWER && session_heard(session)) {
        complain("not everything was answered in time");
        status = EXIT_PARTLY;
    }
    if (status == EXIT_DONE || status == EXIT_PARTLY) {
        print_snapshot(&snapshot);
        status = finish_text(status);
    } else if (status == EXIT_NO_ANSWER) {
        session_complain(session);
    }
    session_settle(session);
    canvas_free(&snapshot.canvas);
    ui_free(snapshot.ui);
    session_free(session);
    return status;
}

// --- Live ----------------------------------------------------------------------------------------

struct live {
    struct session *session;
    struct ui *ui;
    struct term *term;
    struct loop_timer addresses;
};

static void on_change(void *arg)
{
    struct live *live = arg;

    ui_look(live->ui);
    term_invalidate(live->term);
}

// The link has been tried: the screens tell the rest.
static bool is_tried(void *arg)
{
    enum gateway_state state = gateway_state(session_gateway(arg));
    return state != GATEWAY_DOWN && state != GATEWAY_CONNECTING;
}

static void on_suspend(void *arg, bool stops)
{
    session_suspend(arg, stops);
}

static void on_command(void *arg, const char *trouble)
{
    struct live *live = arg;

    ui_trouble(live->ui, trouble);
    term_invalidate(live->term);
}

// This computer's addresses come and go, and no descriptor of ours tells.
static void look_at_addresses(void *arg)
{
    struct live *live = arg;
    char text[SESSION_REACHED_MAX];

    if (gateway_state(session_gateway(live->session)) != GATEWAY_UP &&
        ui_reached_at(live->ui, session_reached_at(live->session, text, sizeof text)))
        term_invalidate(live->term);
    loop_timer_in(session_loop(live->session), &live->addresses, address_look);
}

static int run_screens(const struct options *options, struct session *session, struct ui *ui)
{
    struct loop *loop = session_loop(session);
    struct term_options term_options = {
        .ascii = options->ascii, .suspend = on_suspend, .arg = session};
    struct term *term;

    if (term_open(loop, ui, &term_options, &term) != XC_OK) {
        complain("the terminal can't be set up; use --once or a command");
        return EXIT_WRONG;
    }
    struct live live = {.session = session, .ui = ui, .term = term};
    live.addresses = (struct loop_timer){.fire = look_at_addresses, .arg = &live};
    look_at_addresses(&live);
    session_on_change(session, on_change, &live);
    struct hook *hook =
        hook_new(loop, session_plant(session), options->on_message, session_name(session));
    hook_tell(hook, on_command, &live);
    plant_on_message(session_plant(session), hook_message, hook);
    loop_run(loop);
    plant_on_message(session_plant(session), NULL, NULL);
    hook_free(hook);
    session_on_change(session, NULL, NULL);
    loop_timer_stop(loop, &live.addresses);
    int signal = term_signal(term);
    term_close(term);
    return signal ? 128 + signal : EXIT_DONE;
}

static int check_terminal(void)
{
    char error[256];

    if (term_check(error, sizeof error) == XC_OK)
        return EXIT_DONE;
    complain("%s", error);
    return EXIT_WRONG;
}

// One that isn't there yet may come; anything else that can't be read is told here and now.
static int check_history(const struct options *options)
{
    struct archive *archive;
    char error[ARCHIVE_ERROR_MAX];

    if (!options->history || access(options->history, F_OK) != 0)
        return EXIT_DONE;
    if (archive_open_reading(options->history, &archive, error, sizeof error) != XC_OK) {
        complain("%s", error);
        return EXIT_REFUSED;
    }
    archive_close(archive);
    return EXIT_DONE;
}

static void on_datalog(void *arg)
{
    session_changed(arg);
}

static struct datalog *new_datalog(struct session *session, const struct options *options)
{
    char path[DATAFILES_PATH_MAX];
    struct datalog_options datalog_options = {
        .directory = options->datalog_directory
                         ? options->datalog_directory
                         : datafiles_directory(session_name(session), path, sizeof path),
        .quiet_hours = options->quiet_hours};

    return datalog_new(session_plant(session), &datalog_options, on_datalog, session);
}

static bool is_ended(void *arg)
{
    return !datalog_open(arg);
}

// The gateway isn't left in the middle of a file.
static void end_datalog(struct session *session, struct datalog *datalog)
{
    datalog_stop(datalog);
    plant_pause(session_plant(session), false);
    session_finish(session, is_ended, datalog, file_end);
    datalog_free(datalog);
}

static int read_themes(const struct options *options, struct themes *themes)
{
    char error[THEMES_ERROR_MAX];
    enum xc_status status = themes_read(options->theme, themes, error, sizeof error);

    if (status == XC_OK)
        return EXIT_DONE;
    complain("%s", error);
    return status == XC_IO ? EXIT_REFUSED : EXIT_WRONG;
}

static int show_screens(const struct options *options, const struct themes *themes)
{
    struct session *session = NULL;
    int status = EXIT_DONE;

    // Without a link there is something else to be said first.
    if (options->link || options->demo)
        status = check_terminal();
    if (status == EXIT_DONE)
        status = check_history(options);
    if (status == EXIT_DONE)
        status = session_open(options, SESSION_PLANT, &session);
    if (status != EXIT_DONE)
        return status;
    // A port that doesn't exist or is in use is told here and now; what only takes its time is
    // shown on the screens. Who gives a time to wait knows that the link may come later.
    if (options->wait < 0)
        status = session_wait(session, is_tried, session, first_look);
    if (status == EXIT_NO_ANSWER && gateway_state(session_gateway(session)) == GATEWAY_DOWN) {
        session_complain(session);
        session_free(session);
        return status;
    }
    struct datalog *datalog = new_datalog(session, options);
    const struct logger_options log = log_options(options);
    struct ui_options ui_options = {.ascii = options->ascii,
                                    .site = session_name(session),
                                    .datalog = datalog,
                                    .log = &log,
                                    .log_values =
                                        options->select ? options->select : options->preset,
                                    .themes = themes->list,
                                    .theme_count = themes->count,
                                    .theme = themes->wanted};
    struct ui *ui = ui_new(session_loop(session), session_plant(session), &ui_options);
    status = run_screens(options, session, ui);
    ui_free(ui);
    end_datalog(session, datalog);
    session_free(session);
    return status;
}

int cmd_screens(const struct options *options)
{
    struct themes themes;
    int status = read_themes(options, &themes);

    if (status != EXIT_DONE)
        return status;
    status = show_screens(options, &themes);
    themes_free(&themes);
    return status;
}
