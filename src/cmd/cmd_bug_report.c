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

// A line, masked unless the person wants values.
static void say(const struct options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct options *options, const char *format, ...)
{
    char line[LINE_SIZE], shown[2 * LINE_SIZE], ascii[2 * LINE_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (options->values)
        text_escape(shown, sizeof shown, line);
    else
        mask_line(shown, sizeof shown, line, getenv("HOME"));
    puts(plain_text(options, shown, ascii, sizeof ascii));
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

// Which keys there are, and of how many sites; what is behind them is nobody's business.
static int tell_settings(const struct options *options)
{
    char path[512], error[SETTINGS_ERROR_MAX];
    const char *site, *key, *value, *before = "";
    struct settings *settings;
    enum xc_status status =
        settings_read(settings_path(path, sizeof path), &settings, error, sizeof error);
    unsigned sites = 0;

    printf("\n");
    say(options, "configuration: %s%s", path, status == XC_NOT_FOUND ? ": there is none" : "");
    if (status == XC_NOT_FOUND)
        return EXIT_DONE;
    if (status != XC_OK) {
        say(options, "  it can't be read: %s", error);
        return EXIT_PARTLY;
    }
    for (size_t i = 0; settings_at(settings, i, &site, &key, &value); i++) {
        if (site[0] && strcmp(site, before) != 0) {
            sites++;
            if (options->values)
                say(options, "  [%s]", site);
            else
                say(options, "  [site %u]", sites);
            before = site;
        }
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

static int tell_log(const struct options *options, const char *path)
{
    unsigned wanted = options->last ? options->last : USUAL_LINES, count = 0;
    FILE *file = fopen(path, "re");
    char(*lines)[LINE_SIZE];

    if (!file) {
        complain("%s: %s", path, strerror(errno));
        return EXIT_REFUSED;
    }
    if (wanted > LINES_MAX)
        wanted = LINES_MAX;
    lines = xcalloc(wanted, sizeof *lines);
    // A line that is longer than there is room for counts as several.
    while (fgets(lines[count % wanted], LINE_SIZE, file)) {
        lines[count % wanted][strcspn(lines[count % wanted], "\r\n")] = '\0';
        count++;
    }
    bool failed = ferror(file);
    fclose(file);
    printf("\n");
    say(options, "last lines of %s:", path);
    for (unsigned i = count > wanted ? count - wanted : 0; i < count; i++)
        say(options, "%s", lines[i % wanted]);
    free(lines);
    if (failed)
        complain("%s can't be read: %s", path, strerror(errno));
    return failed ? EXIT_REFUSED : EXIT_DONE;
}

int cmd_bug_report(const struct options *options)
{
    int status;

    print_versions();
    tell_system(options);
    tell_terminal(options);
    status = tell_settings(options);
    if (options->link || options->demo) {
        int link = tell_link(options);
        status = link != EXIT_DONE ? link : status;
    }
    if (options->word_count > 0 && status < 128 && status != EXIT_WRONG) {
        int log = tell_log(options, options->words[0]);
        status = log != EXIT_DONE ? log : status;
    }
    return finish_text(status);
}
