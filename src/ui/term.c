// SPDX-License-Identifier: MIT
#include "ui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

// Its struct term isn't ours.
#define term terminfo_term
#include <term.h>
#undef term

#include "base/alloc.h"
#include "ui/canvas.h"
#include "ui/looks.h"
#include "ui/term_start.h"

enum { FRAMES_A_SECOND = 4, ESCAPE_DELAY_MS = 50, RESTORE_MAX = 256 };

// News from the installation wait this long for each other; keys are answered at once, as far as
// FRAMES_A_SECOND lets them.
static const int64_t news_interval = LOOP_S / 2;

struct term {
    struct loop *loop;
    struct ui *ui;
    FILE *in, *out;
    SCREEN *screen;
    struct loop_watch *input, *output;
    struct loop_timer draw_timer, second_timer;
    struct canvas shown, next; // what the terminal shows; what is being drawn
    struct looks looks;
    bool ascii;
    void (*suspend)(void *arg, bool stops); // as term_options
    void *suspend_arg;
    bool anew;                            // everything has to be sent again
    bool closing;                         // it is over
    int signal;                           // why: see term_signal()
    int64_t frame_times[FRAMES_A_SECOND]; // the last ones, a ring
    uint64_t frames;
    int captured_stderr; // -1: stderr is as it was
    int former_stderr;
};

// --- Giving the terminal back in a crash ---------------------------------------------------------

// All that the handler needs, prepared: nothing but write, tcsetattr and dup2 is allowed there.
static struct {
    struct termios termios;
    bool have_termios;
    char restore[RESTORE_MAX];
    size_t restore_length;
    int terminal, former_stderr;
} crash;

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { CRASH_SIGNALS = sizeof crash_signals / sizeof *crash_signals };
static struct sigaction crash_former[CRASH_SIGNALS];

static void crash_write(int descriptor, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(descriptor, text, length);
        if (n <= 0)
            return;
        text += n;
        length -= (size_t)n;
    }
}

static void on_crash(int number)
{
    static const char line[] = "\r\nxcomtop: crashed; the installation is as it was. Please report "
                               "this with: xcomtop --version\r\n";

    crash_write(crash.terminal, crash.restore, crash.restore_length);
    if (crash.have_termios)
        tcsetattr(crash.terminal, TCSANOW, &crash.termios);
    if (crash.former_stderr >= 0)
        dup2(crash.former_stderr, STDERR_FILENO);
    crash_write(STDERR_FILENO, line, sizeof line - 1);
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        if (crash_signals[i] == number)
            sigaction(number, &crash_former[i], NULL);
    raise(number);
}

// What gives the present terminal back: attributes, colours, cursor, keypad, screen. None of it has
// padding on a terminal of today: what terminfo says is what is sent.
static size_t restoring_sequence(char *out, size_t size)
{
    const char *const names[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
    size_t used = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = tigetstr(names[i]);
        if (!text || text == (const char *)-1)
            continue;
        size_t length = strcspn(text, "$");
        if (used + length > size)
            break;
        memcpy(out + used, text, length);
        used += length;
    }
    return used;
}

static void arm_crash_handler(const struct term *term)
{
    struct sigaction action = {.sa_handler = on_crash,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};

    crash.restore_length = restoring_sequence(crash.restore, sizeof crash.restore);
    crash.terminal = fileno(term->out);
    crash.former_stderr = term->former_stderr;
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        sigaction(crash_signals[i], &action, &crash_former[i]);
}

static void disarm_crash_handler(void)
{
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        sigaction(crash_signals[i], &crash_former[i], NULL);
}

// --- Messages of libraries must not fall on the screen -------------------------------------------

static void capture_stderr(struct term *term)
{
    term->captured_stderr = term->former_stderr = -1;
    if (!isatty(STDERR_FILENO))
        return;
    int memory = memfd_create("stderr", MFD_CLOEXEC);
    if (memory < 0)
        return;
    term->former_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    term->captured_stderr = memory;
    dup2(memory, STDERR_FILENO);
}

static void release_stderr(struct term *term)
{
    char text[512];
    ssize_t n;

    if (term->captured_stderr < 0)
        return;
    fflush(stderr);
    dup2(term->former_stderr, STDERR_FILENO);
    lseek(term->captured_stderr, 0, SEEK_SET);
    while ((n = read(term->captured_stderr, text, sizeof text)) > 0)
        crash_write(STDERR_FILENO, text, (size_t)n);
    close(term->captured_stderr);
    close(term->former_stderr);
    term->captured_stderr = -1;
}

// --- Frames --------------------------------------------------------------------------------------

static bool same_picture(const struct canvas *a, const struct canvas *b)
{
    if (a->width != b->width || a->height != b->height || a->cursor_x != b->cursor_x ||
        a->cursor_y != b->cursor_y)
        return false;
    size_t count = (size_t)a->width * (size_t)a->height;
    for (size_t i = 0; i < count; i++)
        if (a->cells[i].character != b->cells[i].character || a->cells[i].role != b->cells[i].role)
            return false;
    return true;
}

// Its blanks are seen.
static bool is_filled(const struct term *term, const struct cell *cell)
{
    return term->looks.attributes[cell->role] & (A_REVERSE | A_UNDERLINE);
}

// Small gaps take the role of what is before them: changing colours costs more than blanks do. Not
// so next to what fills its background.
static void join_gaps(const struct term *term, struct canvas *canvas)
{
    enum { GAP_MAX = 6 };

    for (int y = 0; y < canvas->height; y++) {
        struct cell *row = &canvas->cells[(size_t)y * (size_t)canvas->width];
        int last = -1; // the last that isn't blank
        for (int x = 0; x < canvas->width; x++) {
            if (row[x].character == ' ' && !is_filled(term, &row[x]))
                continue;
            if (last >= 0 && x - last <= GAP_MAX + 1 && !is_filled(term, &row[last]))
                for (int gap = last + 1; gap < x; gap++)
                    row[gap].role = row[last].role;
            last = x;
        }
    }
}

static void put_cell(const struct term *term, int x, int y, const struct cell *cell)
{
    wchar_t text[2] = {(wchar_t)cell->character, L'\0'};
    cchar_t character;

    // Plain blanks are what the terminal is erased with.
    short pair =
        cell->character == ' ' && cell->role == ROLE_TEXT ? 0 : term->looks.pairs[cell->role];
    setcchar(&character, text, term->looks.attributes[cell->role], pair, NULL);
    mvadd_wch(y, x, &character);
}

// Hands what differs to ncurses, which finds the cheapest way to say it.
static void put_changes(const struct term *term, bool all)
{
    const struct canvas *next = &term->next, *shown = &term->shown;

    for (int y = 0; y < next->height; y++) {
        for (int x = 0; x < next->width; x++) {
            size_t i = (size_t)y * (size_t)next->width + (size_t)x;
            const struct cell *cell = &next->cells[i];
            // The right half of a wide character comes with its left one.
            if (cell->character == 0)
                continue;
            if (all || cell->character != shown->cells[i].character ||
                cell->role != shown->cells[i].role)
                put_cell(term, x, y, cell);
        }
    }
    move(next->cursor_y, next->cursor_x);
}

static bool can_write(const struct term *term)
{
    struct pollfd output = {.fd = fileno(term->out), .events = POLLOUT};

    return poll(&output, 1, 0) == 1 && (output.revents & (POLLOUT | POLLERR | POLLHUP));
}

static void set_second_timer(struct term *term)
{
    loop_timer_at(term->loop, &term->second_timer, ui_next_second(term->ui));
}

static void draw(struct term *term)
{
    struct canvas former;

    // Written while it is stopped (^S) the program would hang in the middle of a frame.
    if (!can_write(term)) {
        loop_watch_events(term->output, POLLOUT);
        return;
    }
    ui_draw(term->ui, &term->next);
    term->anew |= looks_choose(&term->looks, ui_theme(term->ui));
    join_gaps(term, &term->next);
    bool all = term->anew || term->next.width != term->shown.width ||
               term->next.height != term->shown.height;
    if (!all && same_picture(&term->next, &term->shown))
        return;
    if (term->anew)
        clearok(curscr, TRUE);
    if (all)
        erase();
    put_changes(term, all);
    refresh();
    term->anew = false;
    former = term->shown;
    term->shown = term->next;
    term->next = former;
    if (term->next.width != term->shown.width || term->next.height != term->shown.height) {
        canvas_free(&term->next);
        canvas_init(&term->next, term->shown.width, term->shown.height, term->ascii);
    }
    term->frame_times[term->frames % FRAMES_A_SECOND] = loop_now(term->loop);
    term->frames++;
}

// Draws as soon as may be, but not within interval of the last frame.
static void draw_after(struct term *term, int64_t interval)
{
    int64_t at = loop_now(term->loop);

    if (term->frames > 0) {
        int64_t last = term->frame_times[(term->frames - 1) % FRAMES_A_SECOND];
        if (at < last + interval)
            at = last + interval;
    }
    if (term->frames >= FRAMES_A_SECOND) {
        int64_t first = term->frame_times[term->frames % FRAMES_A_SECOND];
        if (at < first + LOOP_S)
            at = first + LOOP_S;
    }
    if (!term->draw_timer.set || term->draw_timer.at > at)
        loop_timer_at(term->loop, &term->draw_timer, at);
}

static void on_draw_timer(void *arg)
{
    draw(arg);
}

static void on_second(void *arg)
{
    struct term *term = arg;

    draw_after(term, 0);
    set_second_timer(term);
}

static void on_writable(void *arg, short revents)
{
    struct term *term = arg;

    (void)revents;
    loop_watch_events(term->output, 0);
    draw_after(term, 0);
}

void term_invalidate(struct term *term)
{
    if (!term->closing)
        draw_after(term, news_interval);
}

// Looks how large the terminal is now.
static void measure(struct term *term)
{
    struct winsize size;

    if (ioctl(fileno(term->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
    canvas_free(&term->next);
    canvas_init(&term->next, COLS, LINES, term->ascii);
}

// --- Keys ----------------------------------------------------------------------------------------

static unsigned key_of(wint_t character, bool is_function)
{
    static const struct {
        int curses;
        unsigned key;
    } keys[] = {
        {KEY_UP, UI_KEY_UP},
        {KEY_DOWN, UI_KEY_DOWN},
        {KEY_LEFT, UI_KEY_LEFT},
        {KEY_RIGHT, UI_KEY_RIGHT},
        {KEY_PPAGE, UI_KEY_PAGE_UP},
        {KEY_NPAGE, UI_KEY_PAGE_DOWN},
        {KEY_HOME, UI_KEY_HOME},
        {KEY_END, UI_KEY_END},
        {KEY_BTAB, UI_KEY_BACK_TAB},
        {KEY_ENTER, UI_KEY_ENTER},
        {KEY_BACKSPACE, UI_KEY_BACKSPACE},
        {KEY_DC, UI_KEY_DELETE},
    };

    if (is_function) {
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if ((wint_t)keys[i].curses == character)
                return keys[i].key;
        if (character >= (wint_t)KEY_F(1) && character <= (wint_t)KEY_F(10))
            return UI_KEY_F1 + (unsigned)(character - (wint_t)KEY_F(1));
        return 0;
    }
    switch (character) {
    case '\t':
        return UI_KEY_TAB;
    case '\r':
    case '\n':
        return UI_KEY_ENTER;
    case 0x1B:
        return UI_KEY_ESCAPE;
    case 0x08:
    case 0x7F:
        return UI_KEY_BACKSPACE;
    case 0x0C:
        return UI_KEY_REDRAW;
    default:
        return (unsigned)character;
    }
}

static void leave(struct term *term, int signal)
{
    term->signal = signal;
    term->closing = true;
    loop_watch_events(term->input, 0);
    loop_timer_stop(term->loop, &term->draw_timer);
    loop_timer_stop(term->loop, &term->second_timer);
    loop_stop(term->loop);
}

// True if reading gives nothing though there is something to read: the end of the input.
static bool input_has_ended(const struct term *term)
{
    struct pollfd input = {.fd = fileno(term->in), .events = POLLIN};
    int available = 0;

    if (poll(&input, 1, 0) != 1)
        return false;
    return (input.revents & (POLLHUP | POLLERR)) ||
           (ioctl(fileno(term->in), FIONREAD, &available) == 0 && available == 0);
}

static void on_input(void *arg, short revents)
{
    struct term *term = arg;
    wint_t character;
    int kind, keys = 0;

    while (!term->closing && (kind = get_wch(&character)) != ERR) {
        unsigned key = key_of(character, kind == KEY_CODE_YES);
        keys++;
        if (key == 0)
            continue;
        if (key == UI_KEY_REDRAW)
            term->anew = true;
        if (!ui_key(term->ui, key))
            leave(term, 0);
    }
    if (term->closing)
        return;
    if ((revents & (POLLHUP | POLLERR)) || (keys == 0 && input_has_ended(term)))
        leave(term, SIGHUP);
    else
        draw_after(term, 0);
}

// --- Signals -------------------------------------------------------------------------------------

static void on_end_signal(void *arg, int number)
{
    leave(arg, number);
}

static void on_resize(void *arg, int number)
{
    struct term *term = arg;

    (void)number;
    measure(term);
    draw_after(term, 0);
}

// Ours again after a stop or after somebody else has written on it.
static void come_back(struct term *term)
{
    measure(term);
    term->anew = true;
    draw_after(term, 0);
    set_second_timer(term);
}

static void on_stop(void *arg, int number)
{
    struct term *term = arg;

    (void)number;
    endwin();
    if (term->suspend)
        term->suspend(term->suspend_arg, true);
    // SIGTSTP is ours now, and blocked; this one can't be either.
    raise(SIGSTOP);
    if (term->suspend)
        term->suspend(term->suspend_arg, false);
    come_back(term);
}

static void on_continue(void *arg, int number)
{
    (void)number;
    come_back(arg);
}

static void on_ignored_signal(void *arg, int number)
{
    (void)arg;
    (void)number;
}

static void take_signals(struct term *term)
{
    // Before ncurses starts: it leaves alone what has a handler.
    loop_on_signal(term->loop, SIGWINCH, on_resize, term);
    loop_on_signal(term->loop, SIGTSTP, on_stop, term);
    loop_on_signal(term->loop, SIGCONT, on_continue, term);
    loop_on_signal(term->loop, SIGINT, on_end_signal, term);
    loop_on_signal(term->loop, SIGTERM, on_end_signal, term);
    loop_on_signal(term->loop, SIGHUP, on_end_signal, term);
}

static void leave_signals(struct term *term)
{
    static const int numbers[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        loop_on_signal(term->loop, numbers[i], on_ignored_signal, NULL);
}

// --- Life ----------------------------------------------------------------------------------------

bool term_locale_is_ascii(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

// Whether the type is known, and can move its cursor: no screens without ("dumb"). Asked before
// newterm(), which leaks when it doesn't know the type.
static bool can_show(const char *type, int descriptor)
{
    int error;
    const char *move = setupterm(type, descriptor, &error) == OK ? tigetstr("cup") : NULL;
    bool can = move && move != (const char *)-1;

    if (cur_term)
        del_curterm(cur_term);
    return can;
}

enum xc_status term_start(struct loop *loop, struct ui *ui, const struct term_options *options,
                          const char *type, FILE *in, FILE *out, struct term **opened)
{
    if (!can_show(type, fileno(out)))
        return XC_IO;
    struct term *term = xcalloc(1, sizeof *term);
    *term = (struct term){.loop = loop,
                          .ui = ui,
                          .in = in,
                          .out = out,
                          .ascii = options->ascii,
                          .suspend = options->suspend,
                          .suspend_arg = options->arg,
                          .captured_stderr = -1,
                          .former_stderr = -1,
                          .draw_timer = {.fire = on_draw_timer, .arg = term},
                          .second_timer = {.fire = on_second, .arg = term}};
    crash.have_termios = tcgetattr(fileno(out), &crash.termios) == 0;
    take_signals(term);
    term->screen = newterm(type, out, in);
    if (!term->screen) {
        leave_signals(term);
        free(term);
        return XC_IO;
    }
    set_term(term->screen);
    capture_stderr(term);
    // ncurses 6.4 (Debian 12) writes once per cursor move until it has seen an endwin() and a
    // refresh(): this makes it one write a frame.
    endwin();
    arm_crash_handler(term);
    looks_init(&term->looks);
    looks_choose(&term->looks, ui_theme(ui));
    cbreak();
    noecho();
    nonl();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    if (!getenv("ESCDELAY"))
        set_escdelay(ESCAPE_DELAY_MS);
    curs_set(0);
    measure(term);
    canvas_init(&term->shown, 1, 1, term->ascii);
    term->input = loop_watch(loop, fileno(in), POLLIN, on_input, term);
    term->output = loop_watch(loop, fileno(out), 0, on_writable, term);
    set_second_timer(term);
    draw_after(term, 0);
    *opened = term;
    return XC_OK;
}

enum xc_status term_check(char *error, size_t error_size)
{
    const char *type = getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        snprintf(error, error_size, "the live screens need a terminal; use --once or a command");
    else if (!type || !*type)
        snprintf(error, error_size,
                 "TERM isn't set, so the kind of terminal isn't known; try "
                 "TERM=xterm, or use --once");
    else if (!can_show(type, STDOUT_FILENO))
        snprintf(error, error_size,
                 "the terminal type '%.32s' isn't known here, or can't show screens; try "
                 "TERM=xterm, or use --once",
                 type);
    else
        return XC_OK;
    return XC_IO;
}

enum xc_status term_open(struct loop *loop, struct ui *ui, const struct term_options *options,
                         struct term **term)
{
    const char *type = getenv("TERM");

    return type ? term_start(loop, ui, options, type, stdin, stdout, term) : XC_IO;
}

void term_close(struct term *term)
{
    if (!term)
        return;
    loop_unwatch(term->loop, term->input);
    loop_unwatch(term->loop, term->output);
    loop_timer_stop(term->loop, &term->draw_timer);
    loop_timer_stop(term->loop, &term->second_timer);
    leave_signals(term);
    // A terminal that went away, or that has been stopped, can't be waited for.
    if (term->signal != SIGHUP && can_write(term)) {
        const char *leave = tigetstr("rmcup");
        // Without a screen of its own to leave, the shell goes on in the bottom line.
        if (!leave || leave == (char *)-1) {
            move(LINES - 1, 0);
            clrtoeol();
            refresh();
        }
        endwin();
    } else if (crash.have_termios)
        tcsetattr(fileno(term->out), TCSANOW, &crash.termios);
    disarm_crash_handler();
    release_stderr(term);
    delscreen(term->screen);
    canvas_free(&term->shown);
    canvas_free(&term->next);
    free(term);
}

int term_signal(const struct term *term)
{
    return term->signal;
}

uint64_t term_frames(const struct term *term)
{
    return term->frames;
}
