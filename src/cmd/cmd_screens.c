// SPDX-License-Identifier: MIT
// The live screens, and --once.
#include "cmd/cmd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/session.h"
#include "ui/canvas.h"
#include "ui/term.h"
#include "ui/ui.h"

enum { ONCE_WIDTH = 80, ONCE_HEIGHT = 24, LEAST_SIZE = 20, MOST_SIZE = 400 };

static const int64_t first_look = 1 * LOOP_S;
static const int64_t once_limit = 60 * LOOP_S;

_Static_assert((int)THEME_DEFAULT == 0 && (int)THEME_LIGHT == 1 && (int)THEME_MONO == 2,
               "as the words of --theme");

// --- Once ----------------------------------------------------------------------------------------

struct snapshot {
    struct session *session;
    struct ui *ui;
};

static bool is_complete(void *arg)
{
    const struct snapshot *snapshot = arg;

    return plant_discovery(session_plant(snapshot->session)).state == DISCOVERY_DONE &&
           ui_complete(snapshot->ui);
}

// The terminal's size, else that of the environment, else the usual one.
static int size_of(unsigned short terminal, const char *variable, int usual)
{
    const char *text = getenv(variable);
    long number;

    if (terminal > 0)
        return terminal < MOST_SIZE ? terminal : MOST_SIZE;
    if (text && text_parse_int(text, LEAST_SIZE, MOST_SIZE, &number) == XC_OK)
        return (int)number;
    return usual;
}

static void print_snapshot(const struct snapshot *snapshot, const struct options *options)
{
    struct winsize size = {0};
    struct canvas canvas;

    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    canvas_init(&canvas, size_of(size.ws_col, "COLUMNS", ONCE_WIDTH),
                size_of(size.ws_row, "LINES", ONCE_HEIGHT), options->ascii);
    ui_draw(snapshot->ui, &canvas);
    canvas_print(&canvas, stdout);
    canvas_free(&canvas);
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
    session_catch_signals(session);
    status = session_wait(session, is_complete, &snapshot, once_limit);
    if (status == EXIT_DONE || (status == EXIT_NO_ANSWER && session_heard(session))) {
        if (status == EXIT_NO_ANSWER) {
            complain("not everything was answered in time");
            status = EXIT_PARTLY;
        }
        print_snapshot(&snapshot, options);
        status = finish_text(status);
    } else if (status == EXIT_NO_ANSWER) {
        session_complain(session);
    }
    ui_free(snapshot.ui);
    session_free(session);
    return status;
}

// --- Live ----------------------------------------------------------------------------------------

static void on_change(void *arg)
{
    term_invalidate(arg);
}

// The link has been tried: the screens tell the rest.
static bool is_tried(void *arg)
{
    enum gateway_state state = gateway_state(session_gateway(arg));
    return state != GATEWAY_DOWN && state != GATEWAY_CONNECTING;
}

static int run_screens(const struct options *options, struct session *session, struct ui *ui)
{
    struct term_options term_options = {.theme = (enum term_theme)options->theme,
                                        .ascii = options->ascii};
    struct term *term;
    char error[256];

    if (term_open(session_loop(session), ui, &term_options, &term, error, sizeof error) != XC_OK) {
        complain("%s; use --once or a command", error);
        return EXIT_WRONG;
    }
    // What stderr gets would be written across the screens.
    session_quiet(session, isatty(STDERR_FILENO));
    session_on_change(session, on_change, term);
    loop_run(session_loop(session));
    session_on_change(session, NULL, NULL);
    bool lost = term_lost(term);
    term_close(term);
    return lost ? 128 + SIGHUP : EXIT_DONE;
}

int cmd_screens(const struct options *options)
{
    struct session *session;
    int status;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        complain("the screens need a terminal; use --once or a command");
        return EXIT_WRONG;
    }
    status = session_open(options, SESSION_PLANT, &session);
    if (status != EXIT_DONE)
        return status;
    // A port that doesn't exist or is in use is told here and now; what only takes its time is
    // shown on the screens.
    if (options->wait < 0)
        status = session_wait(session, is_tried, session, first_look);
    if (status == EXIT_NO_ANSWER && gateway_state(session_gateway(session)) == GATEWAY_DOWN) {
        session_complain(session);
        session_free(session);
        return status;
    }
    struct ui_options ui_options = {.ascii = options->ascii, .site = session_name(session)};
    struct ui *ui = ui_new(session_loop(session), session_plant(session), &ui_options);
    status = run_screens(options, session, ui);
    ui_free(ui);
    session_free(session);
    return status;
}
