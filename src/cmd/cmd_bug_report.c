// SPDX-License-Identifier: MIT
// bug-report: what somebody who looks into a fault asks for first, as text to be pasted.
#include "cmd/cmd.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/findings.h"
#include "cmd/mask.h"
#include "cmd/session.h"
#include "cmd/settings.h"
#include "ui/term.h"

enum { LINE_SIZE = 512, USUAL_LINES = 20, LINES_MAX = 1000 };

static const int64_t usual_time = 20 * LOOP_S;

// The names of the configuration, and of the link.
static char **private_names; // NULL at its end, or NULL
static size_t name_count;

static void say_masked(const struct options *options, const char *line, bool message)
{
    const struct mask mask = {getenv("HOME"), (const char *const *)private_names, message};
    char shown[4 * LINE_SIZE], ascii[4 * LINE_SIZE];

    if (options->values)
        text_escape(shown, sizeof shown, line);
    else
        mask_line(shown, sizeof shown, line, &mask);
    puts(plain_text(options, shown, ascii, sizeof ascii));
}

// A line, masked unless the person wants values.
static void say(const struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct options *options, const char *format, ...)
{
    char line[LINE_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    say_masked(options, line, false);
}

// --- The computer --------------------------------------------------------------------------------

static void tell_system(const struct options *options)
{
    struct utsname name;
    char line[LINE_SIZE];
    FILE *file = fopen("/etc/os-release", "re");

    if (uname(&name) == 0)
        say(options, "kernel: %s %s %s", name.sysname, name.release, name.machine);
    while (file && fgets(line, sizeof line, file)) {
        char *value = line + strlen("PRETTY_NAME=");
        if (strncmp(line, "PRETTY_NAME=", strlen("PRETTY_NAME=")) != 0)
            continue;
        value += *value == '"';
        value[strcspn(value, "\"\n")] = '\0';
        say(options, "distribution: %s", value);
    }
    if (file)
        fclose(file);
}

static void tell_terminal(const struct options *options)
{
    static const char *const variables[] = {"TERM",     "COLORTERM", "NO_COLOR", "LC_ALL",
                                            "LC_CTYPE", "LANG",      "TMUX",     "STY"};
    struct winsize size;
    int colours = term_colours();

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        bool private = strcmp(variables[i], "TMUX") == 0 || strcmp(variables[i], "STY") == 0;
        if (value)
            say(options, "%s=%s", variables[i], private ? "(set)" : value);
    }
    say(options, "character set: %s", nl_langinfo(CODESET));
    if (!isatty(STDERR_FILENO))
        say(options, "terminal: none");
    else if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        say(options, "terminal: %u x %u characters", size.ws_col, size.ws_row);
    else
        say(options, "terminal: of unknown size");
    if (colours < 0)
        say(options, "colours: unknown, $TERM has no description");
    else
        say(options, "colours: %d", colours);
}

static void add_name(const char *name)
{
    private_names = xrealloc(private_names, name_count + 2, sizeof *private_names);
    private_names[name_count++] = xstrdup(name);
    private_names[name_count] = NULL;
}

static void add_host(const char *link)
{
    struct link_spec spec;
    char error[LINK_TEXT_MAX];

    if (link_spec_parse(link, &spec, error, sizeof error) == XC_OK &&
        (spec.kind == LINK_TCP || spec.kind == LINK_UDP))
        add_name(spec.host);
}

static void free_names(void)
{
    while (name_count > 0)
        free(private_names[--name_count]);
    free(private_names);
    private_names = NULL;
}

static bool is_preset(const char *key)
{
    return strncmp(key, "preset-", strlen("preset-")) == 0;
}

// Which keys there are, and of how many sites; what is behind them is nobody's business. known:
// whether the names in the configuration are.
static int tell_settings(const struct options *options, bool *known)
{
    char path[512], error[SETTINGS_ERROR_MAX];
    const char *site, *key, *value, *before = "";
    struct settings *settings;
    enum xc_status status =
        settings_read(settings_path(path, sizeof path), &settings, error, sizeof error);
    unsigned sites = 0;

    *known = status == XC_OK || status == XC_NOT_FOUND;
    printf("\n");
    say(options, "configuration: %s%s", path, status == XC_NOT_FOUND ? ": there is none" : "");
    if (status == XC_NOT_FOUND)
        return EXIT_DONE;
    if (status != XC_OK) {
        printf("  it can't be read: ");
        say_masked(options, error, true);
        return EXIT_PARTLY;
    }
    for (size_t i = 0; settings_at(settings, i, &site, &key, &value); i++) {
        if (site[0] && strcmp(site, before) != 0) {
            add_name(site);
            sites++;
            if (options->values)
                say(options, "  [%s]", site);
            else
                say(options, "  [site %u]", sites);
            before = site;
        }
        if (is_preset(key))
            add_name(key + strlen("preset-"));
        else if (strcmp(key, "link") == 0)
            add_host(value);
        say(options, "  %s = %s", key, options->values ? value : "…");
    }
    settings_free(settings);
    return EXIT_DONE;
}

// --- The link ------------------------------------------------------------------------------------

static const char *kind_of_link(const struct options *options)
{
    static const char *const names[] = {
        [LINK_SERIAL] = "serial", [LINK_TCP] = "tcp",     [LINK_TCP_LISTEN] = "tcp-listen",
        [LINK_UDP] = "udp",       [LINK_CAN] = "can",     [LINK_SLCAN] = "slcan",
        [LINK_PTY] = "pty",       [LINK_MEMORY] = "demo",
    };
    struct link_spec spec = {.kind = LINK_MEMORY};
    char error[LINK_TEXT_MAX];

    if (!options_demo(options) &&
        link_spec_parse(options->link, &spec, error, sizeof error) != XC_OK)
        return "?";
    return names[spec.kind];
}

static void tell_statistics(const struct options *options, struct session *session)
{
    struct gateway_statistics s;
    struct plant_link link;

    gateway_statistics(session_gateway(session), &s);
    plant_link(session_plant(session), &link);
    say(options, "questions %llu, answers %llu, values %llu, refused %llu, busy %llu",
        (unsigned long long)s.questions, (unsigned long long)s.answers,
        (unsigned long long)s.values, (unsigned long long)s.device_errors,
        (unsigned long long)s.busy);
    say(options, "repeated %llu, timeouts %llu, late %llu, duplicate %llu, malformed %llu",
        (unsigned long long)s.repeats, (unsigned long long)s.timeouts, (unsigned long long)s.late,
        (unsigned long long)s.duplicate, (unsigned long long)s.malformed);
    say(options, "foreign %llu, mismatched %llu, unasked %llu, unfit %llu",
        (unsigned long long)s.foreign, (unsigned long long)s.mismatched,
        (unsigned long long)s.unasked, (unsigned long long)s.unfit);
    say(options,
        "bad headers %llu, bad data %llu, oversized %llu, truncated %llu, skipped bytes %llu, CR "
        "LF %llu",
        (unsigned long long)s.bad_header, (unsigned long long)s.bad_data,
        (unsigned long long)s.oversized, (unsigned long long)s.truncated,
        (unsigned long long)s.skipped, (unsigned long long)s.line_ends);
    say(options, "round trip: median %.1f ms, 95 %% within %.1f ms",
        (double)s.median_us / (double)LOOP_MS, (double)s.percentile95_us / (double)LOOP_MS);
    say(options, "frame flags 0x%02X, capabilities 0x%02X", link.frame_flags, link.capabilities);
}

static void tell_devices(const struct options *options, struct session *session)
{
    const struct plant_device *devices;
    size_t count = plant_devices(session_plant(session), &devices);
    char name[DEVICE_NAME_MAX], guid[TEXT_GUID_MAX];

    for (size_t i = 0; i < count; i++)
        if (devices[i].presence == DEVICE_PRESENT)
            say(options, "  %s  %s  %s",
                device_name(devices[i].family, devices[i].index, name, sizeof name),
                devices[i].model, devices[i].firmware);
    if (session_guid(session, guid) == EXIT_DONE && guid[0])
        say(options, "GUID: %s", guid);
}

static bool is_found(void *arg)
{
    return plant_discovery(session_plant(arg)).state == DISCOVERY_DONE;
}

static int tell_link(const struct options *options)
{
    struct options own = *options;
    struct session *session;
    int status;

    own.read_only = true;
    status = session_open(&own, SESSION_PLANT, &session);
    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    printf("\n");
    say(options, "link: %s",
        options->values && options->link ? options->link : kind_of_link(options));
    fflush(stdout);
    status =
        session_wait(session, is_found, session, options->wait >= 0 ? options->wait : usual_time);
    if (session_heard(session)) {
        tell_devices(options, session);
        tell_statistics(options, session);
    } else if (status < 128) {
        enum link_fault fault = link_fault(session_link(session));
        say(options, "no answer%s%s", fault != LINK_FAULT_NONE ? ": " : "",
            fault != LINK_FAULT_NONE ? finding(finding_of_fault(fault))->name : "");
        if (options->values)
            say(options, "%s", gateway_state_text(session_gateway(session)));
    }
    if (status == EXIT_NO_ANSWER && session_heard(session))
        status = EXIT_PARTLY;
    session_settle(session);
    session_free(session);
    return status;
}

// --- A log ---------------------------------------------------------------------------------------

struct tail {
    char (*lines)[LINE_SIZE]; // a ring of the last ones that are wanted
    unsigned room, count, left_out;
};

// The next line, without its end, and cut in front of a word when it is too long for one. False at
// the end. binary is set when it is no text.
static bool read_line(FILE *file, char line[LINE_SIZE], bool *binary)
{
    size_t length = 0;
    bool whole = true;
    int byte;

    while ((byte = getc(file)) != EOF && byte != '\n') {
        *binary |= byte == '\0';
        if (length < LINE_SIZE - 1)
            line[length++] = (char)byte;
        else
            whole = false;
    }
    while (!whole && length > 0 && line[length - 1] != ' ')
        length--;
    length -= length > 0 && line[length - 1] == '\r';
    line[length] = '\0';
    return byte != EOF || length > 0;
}

static void keep_line(struct tail *tail, const struct options *options, const char *line)
{
    char time[LINE_SIZE] = "";
    const char *shown = options->values ? line : mask_own_message(line, time, sizeof time);
    size_t used = 0;

    if (shown)
        text_append(tail->lines[tail->count++ % tail->room], LINE_SIZE, &used, "%s%s", time, shown);
    else
        tail->left_out++;
}

static void show_tail(const struct tail *tail, const struct options *options, const char *path)
{
    unsigned first = tail->count > tail->room ? tail->count - tail->room : 0;

    printf("\n");
    const char *what = options->values ? "lines" : "messages of xcomtop";
    if (tail->count > 0)
        say(options, "last %s in %s:", what, path);
    else
        say(options, "there are no %s in %s", what, path);
    for (unsigned i = first; i < tail->count; i++)
        say_masked(options, tail->lines[i % tail->room], true);
    if (tail->left_out > 0)
        say(options,
            "(left out: %u line%s of xcomtop; with --values lines of every kind are shown)",
            tail->left_out, tail->left_out == 1 ? " that is no message" : "s that are no messages");
}

// Only what the program itself has told is shown: a log of values, say, isn't.
static int tell_log(const struct options *options, const char *path)
{
    unsigned wanted = options->last ? options->last : USUAL_LINES;
    struct tail tail = {.room = wanted < LINES_MAX ? wanted : LINES_MAX};
    FILE *file = fopen(path, "re");
    char line[LINE_SIZE];
    bool binary = false;

    if (!file) {
        complain("%s: %s", path, strerror(errno));
        return EXIT_REFUSED;
    }
    tail.lines = xcalloc(tail.room, sizeof *tail.lines);
    while (!binary && read_line(file, line, &binary))
        keep_line(&tail, options, line);
    bool failed = ferror(file);
    if (binary)
        complain("%s is no text: expected what xcomtop printed on standard error, or what "
                 "journalctl shows of it",
                 path);
    else if (failed)
        complain("%s can't be read: %s", path, strerror(errno));
    else
        show_tail(&tail, options, path);
    fclose(file);
    free(tail.lines);
    return failed || binary ? EXIT_REFUSED : EXIT_DONE;
}

int cmd_bug_report(const struct options *options)
{
    bool known;
    int status;

    print_versions();
    tell_system(options);
    tell_terminal(options);
    if (options->site)
        add_name(options->site);
    if (options->link)
        add_host(options->link);
    status = tell_settings(options, &known);
    if (options->link || options->demo) {
        int link = tell_link(options);
        status = link != EXIT_DONE ? link : status;
    }
    if (options->word_count > 0 && status < 128) {
        int log = EXIT_PARTLY;
        if (known || options->values)
            log = tell_log(options, options->words[0]);
        else
            complain("%s is left out: which names are to be masked in it isn't known without the "
                     "configuration; --values shows it",
                     options->words[0]);
        status = log != EXIT_DONE ? log : status;
    }
    free_names();
    return finish_text(status);
}
