// SPDX-License-Identifier: MIT
// xcomsim: a simulated installation behind a simulated gateway, on a pseudo terminal or a socket.
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "cmd/control.h"
#include "link/link.h"
#include "loop/loop.h"
#include "proto/slcan.h"
#include "sim/sim.h"
#include "store/newfile.h"

enum { FAULTS_MAX = 32 };

// As xcomtop's (xcomtop(1), "EXIT STATUS").
enum { STATUS_DONE = 0, STATUS_REFUSED = 1, STATUS_USAGE = 2, STATUS_NO_LINK = 3 };

struct settings {
    struct sim_options install;
    struct sim_line line;
    struct sim_can can;
    struct link_spec link;
    bool has_link, is_can, baud_given, bitrate_given, mode_given;
    const char *faults[FAULTS_MAX];
    unsigned fault_count;
    const char *control, *trace;
    bool verbose;
};

struct program {
    struct settings settings;
    struct loop *loop;
    struct link *link;
    struct sim *sim;
    struct sim_gateway *gateway;
    struct control *control;
    FILE *trace;
    bool ready;
    int status;
};

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void complain(const char *format, ...)
{
    char line[512], safe[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(stderr, "xcomsim: %s\n", text_escape(safe, sizeof safe, line));
}

// --- Help --------------------------------------------------------------------------------------

static void print_help(void)
{
    const char *name, *takes, *meaning;

    fputs("usage: xcomsim LINK [OPTION...]\n"
          "A simulated Studer installation behind a simulated gateway: one that speaks\n"
          "SCOM, or an Xcom-CAN.\n"
          "\n"
          "LINK, one of:\n"
          "  --pty PATH                  a pseudo terminal, as a symbolic link at PATH\n"
          "  --tcp-listen [ADDR:]PORT    waits for clients (ADDR: 127.0.0.1)\n"
          "  --tcp-connect HOST:PORT     dials out like a Moxa, each second until answered\n"
          "  --udp HOST:PORT[?local=N]   datagrams to and from one peer\n"
          "  --udp-listen [ADDR:]PORT    datagrams with whoever asks (ADDR: 127.0.0.1)\n"
          "  --can IFACE[?bitrate=N]     an Xcom-CAN on Linux's CAN\n"
          "  --slcan PATH                an Xcom-CAN behind a serial-line CAN adapter: a\n"
          "                              pseudo terminal, as a symbolic link at PATH\n"
          "\n"
          "The installation:\n"
          "  --install LIST        devices and kind: xt=3,vt=2,vs=1,bsp (also bms,\n"
          "                        phases=1|3, volts=12|24|48, ac=120|230,\n"
          "                        limits=table|device, genset, grid, no-multi,\n"
          "                        messages=N, message-count=total|remaining,\n"
          "                        log=DAYS, log-every=MINUTES, seed=N, speed=N)\n"
          "  --clock \"DATE TIME\"   its clock at the start, like \"2026-06-21 12:00:00\"\n"
          "  --seed N              other weather, loads and serial numbers\n"
          "  --speed N             its time runs N times faster, up to 3600\n"
          "\n"
          "The line:\n"
          "  --baud N              the pace of a serial line (--pty: 38400; else 0: none)\n"
          "  --latency TIME        before an answer begins (20ms)\n"
          "  --jitter TIME         up to this much more, by chance (0)\n"
          "  --bitrate N           --slcan: of the bus, 10000 to 1000000 (125000)\n"
          "  --mode WORD           the Xcom-CAN's: tolerant, or exclusive, which answers\n"
          "                        also what doesn't fit the protocol (tolerant)\n"
          "\n"
          "Faults and the rest:\n"
          "  --fault COMMAND       a command as below; can be given several times\n"
          "  --control PATH        takes commands on a Unix socket; also \"status\" and\n"
          "                        \"writes\", which tell what was counted\n"
          "  --trace FILE          writes every byte both ways\n"
          "  -v, --verbose         says on stderr what happens\n"
          "  -h, --help, -V, --version\n"
          "\n"
          "Commands (WHEN: a count, 2%, always, never; nothing: once):\n",
          stdout);
    for (size_t i = 0; sim_command_help(i, &name, &takes, &meaning); i++) {
        char command[64];
        snprintf(command, sizeof command, "%s %s", name, takes);
        printf("  %-33s %s\n", command, meaning);
    }
}

// --- Command line ------------------------------------------------------------------------------

static bool read_link(struct settings *s, const char *option, const char *text)
{
    char spec[LINK_TEXT_MAX], error[LINK_TEXT_MAX];
    bool is_udp = strcmp(option, "udp-listen") == 0;
    bool listens = is_udp || strcmp(option, "tcp-listen") == 0;

    if (s->has_link) {
        complain("one link is enough: --%s is the second", option);
        return false;
    }
    s->has_link = true;
    s->link = (struct link_spec){.kind = LINK_PTY};
    s->is_can = strcmp(option, "can") == 0 || strcmp(option, "slcan") == 0;
    s->can.slcan = strcmp(option, "slcan") == 0;
    if (strcmp(option, "pty") == 0 || s->can.slcan) {
        if (strlen(text) >= sizeof s->link.path || !*text) {
            complain("--%s: a path of 1 to %d bytes was expected", option,
                     (int)sizeof s->link.path - 1);
            return false;
        }
        snprintf(s->link.path, sizeof s->link.path, "%s", text);
        return true;
    }
    // Only this computer is let in unless an address says otherwise.
    if (listens)
        snprintf(spec, sizeof spec, "tcp-listen:%s%s",
                 !strchr(text, ':') ? "127.0.0.1:"
                 : *text == ':'     ? "127.0.0.1"
                                    : "",
                 text);
    else
        snprintf(spec, sizeof spec, "%s:%s", strcmp(option, "tcp-connect") == 0 ? "tcp" : option,
                 text);
    if (link_spec_parse(spec, &s->link, error, sizeof error) != XC_OK) {
        complain("--%s: %s", option, error);
        return false;
    }
    s->link.every_frame = true;
    if (is_udp) { // the same address to bind, and no peer yet
        s->link.kind = LINK_UDP;
        s->link.local_port = s->link.port;
        snprintf(s->link.local_host, sizeof s->link.local_host, "%.63s", s->link.host);
        s->link.host[0] = '\0';
    }
    return true;
}

static bool read_clock(const char *text, int64_t *clock)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);

    if (!end || *end || tm.tm_year < 71)
        return false;
    int day = tm.tm_mday;
    *clock = timegm(&tm); // which makes a day in March of 31 February
    return tm.tm_mday == day && *clock <= UINT32_MAX;
}

static bool read_number(const char *option, const char *text, long min, long max, long *n)
{
    if (text_parse_int(text, min, max, n) == XC_OK)
        return true;
    complain("--%s: a number from %ld to %ld was expected", option, min, max);
    return false;
}

static bool read_duration(const char *option, const char *text, int64_t *duration)
{
    if (text_parse_duration(text, 1, duration) == XC_OK)
        return true;
    complain("--%s: a duration like 20ms or 1.5s was expected", option);
    return false;
}

enum {
    OPT_LINK = 256,
    OPT_INSTALL,
    OPT_CLOCK,
    OPT_SEED,
    OPT_SPEED,
    OPT_BAUD,
    OPT_LATENCY,
    OPT_JITTER,
    OPT_BITRATE,
    OPT_MODE,
    OPT_FAULT,
    OPT_CONTROL,
    OPT_TRACE,
};

static const struct option long_options[] = {
    {"pty", required_argument, NULL, OPT_LINK},
    {"tcp-listen", required_argument, NULL, OPT_LINK},
    {"tcp-connect", required_argument, NULL, OPT_LINK},
    {"udp", required_argument, NULL, OPT_LINK},
    {"udp-listen", required_argument, NULL, OPT_LINK},
    {"can", required_argument, NULL, OPT_LINK},
    {"slcan", required_argument, NULL, OPT_LINK},
    {"install", required_argument, NULL, OPT_INSTALL},
    {"clock", required_argument, NULL, OPT_CLOCK},
    {"seed", required_argument, NULL, OPT_SEED},
    {"speed", required_argument, NULL, OPT_SPEED},
    {"baud", required_argument, NULL, OPT_BAUD},
    {"latency", required_argument, NULL, OPT_LATENCY},
    {"jitter", required_argument, NULL, OPT_JITTER},
    {"bitrate", required_argument, NULL, OPT_BITRATE},
    {"mode", required_argument, NULL, OPT_MODE},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"control", required_argument, NULL, OPT_CONTROL},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {0},
};

// The options that change the installation come after --install, wherever they were given.
struct later {
    long seed, speed;
    int64_t clock;
};

static bool read_install(struct settings *s, const char *text)
{
    char error[160];

    if (sim_parse(text, &s->install, error, sizeof error) == XC_OK)
        return true;
    complain("--install: %s", error);
    return false;
}

static bool read_bitrate(struct settings *s, const char *text)
{
    long n;

    s->bitrate_given = true;
    if (text_parse_int(text, 1, 1000000, &n) == XC_OK && slcan_bitrate_digit((unsigned)n)) {
        s->can.bitrate = (unsigned)n;
        return true;
    }
    complain("--bitrate: 10000, 20000, 50000, 100000, 125000, 250000, 500000 or 1000000 was "
             "expected");
    return false;
}

static bool read_mode(struct settings *s, const char *text)
{
    s->mode_given = true;
    s->can.exclusive = strcmp(text, "exclusive") == 0;
    if (s->can.exclusive || strcmp(text, "tolerant") == 0)
        return true;
    complain("--mode: tolerant or exclusive was expected");
    return false;
}

static bool read_option(struct settings *s, struct later *later, int option, const char *name,
                        const char *text)
{
    long n;

    switch (option) {
    case OPT_LINK:
        return read_link(s, name, text);
    case OPT_INSTALL:
        return read_install(s, text);
    case OPT_CLOCK:
        if (read_clock(text, &later->clock))
            return true;
        complain("--clock: a date and time like \"2026-06-21 12:00:00\" was expected");
        return false;
    case OPT_SEED:
        return read_number(name, text, 0, INT32_MAX, &later->seed);
    case OPT_SPEED:
        return read_number(name, text, 1, 3600, &later->speed);
    case OPT_BAUD:
        if (!read_number(name, text, 0, 4000000, &n))
            return false;
        s->line.baud = (unsigned)n;
        s->baud_given = true;
        return true;
    case OPT_LATENCY:
        return read_duration(name, text, &s->line.latency);
    case OPT_JITTER:
        return read_duration(name, text, &s->line.jitter);
    case OPT_BITRATE:
        return read_bitrate(s, text);
    case OPT_MODE:
        return read_mode(s, text);
    case OPT_FAULT:
        if (s->fault_count == FAULTS_MAX) {
            complain("--fault: not more than %d", FAULTS_MAX);
            return false;
        }
        s->faults[s->fault_count++] = text;
        return true;
    case OPT_CONTROL:
        s->control = text;
        return true;
    case OPT_TRACE:
        s->trace = text;
        return true;
    default: // 'v'
        s->verbose = true;
        return true;
    }
}

// What says nothing on this link is no mistake to be passed over.
static bool check_settings(const struct settings *s)
{
    if (!s->has_link)
        complain("which link? --pty PATH, --tcp-listen PORT, --can IFACE …; see --help");
    else if (s->bitrate_given && !s->can.slcan)
        complain("--bitrate is for --slcan; a real bus has its own (--can IFACE?bitrate=N)");
    else if (s->mode_given && !s->is_can)
        complain("--mode is an Xcom-CAN's: for --can and --slcan");
    else if (s->baud_given && s->is_can)
        complain("--baud is a serial line's; --slcan takes --bitrate");
    else
        return true;
    return false;
}

// What getopt_long() calls an error; typed: the argument before the next one. Of letters behind
// each other that is none of them.
static void complain_option(int code, const char *typed)
{
    if (code == ':')
        complain("%s: it takes a value", typed);
    else if (optopt == 0)
        complain("%s: unknown option; see --help", typed);
    else if (strchr("hvV", optopt))
        complain("%s: it takes no value", typed);
    else
        complain("-%c: unknown option; see --help", optopt);
}

// False when the program ends here, with *status.
static bool read_command_line(int argc, char **argv, struct settings *s, int *status)
{
    struct later later = {.seed = -1, .speed = -1, .clock = -1};
    int option, place = 0;

    sim_defaults(&s->install);
    s->line = (struct sim_line){.bits_per_byte = 11, .latency = 20 * LOOP_MS};
    s->can.bitrate = 125000;
    *status = STATUS_USAGE;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":hvV", long_options, &place)) >= 0) {
        if (option == 'h' || option == 'V') {
            if (option == 'h')
                print_help();
            else
                puts("xcomsim " PACKAGE_VERSION);
            *status = STATUS_DONE;
            return false;
        }
        if (option == '?' || option == ':') {
            complain_option(option, argv[optind - 1]);
            return false;
        }
        const char *name = option == 'v' ? "verbose" : long_options[place].name;
        if (!read_option(s, &later, option, name, optarg))
            return false;
    }
    if (optind < argc) {
        complain("%s: only options are taken; see --help", argv[optind]);
        return false;
    }
    if (!check_settings(s))
        return false;
    if (!s->baud_given && s->link.kind == LINK_PTY && !s->is_can)
        s->line.baud = 38400;
    if (later.seed >= 0)
        s->install.seed = (uint64_t)later.seed;
    if (later.speed >= 0)
        s->install.speed = (unsigned)later.speed;
    if (later.clock >= 0)
        s->install.clock = later.clock;
    *status = STATUS_DONE;
    return true;
}

// --- What goes on ------------------------------------------------------------------------------

static void say(struct program *p, const char *text)
{
    if (p->settings.verbose)
        complain("%s", text);
}

static void say_ready(struct program *p)
{
    const struct link_spec *spec = &p->settings.link;
    char where[LINK_TEXT_MAX];

    switch (spec->kind) {
    case LINK_PTY:
        text_escape(where, sizeof where, spec->path);
        break;
    case LINK_TCP_LISTEN:
        snprintf(where, sizeof where, strchr(spec->host, ':') ? "[%s]:%u" : "%s:%u", spec->host,
                 link_local_port(p->link));
        break;
    case LINK_UDP:
        snprintf(where, sizeof where, "udp port %u", link_local_port(p->link));
        break;
    default:
        link_spec_name(spec, where, sizeof where);
        break;
    }
    printf("xcomsim: ready on %s\n", where);
    fflush(stdout);
    p->ready = true;
}

// One that dials out goes on trying; any other has to be there from the beginning.
static bool is_ready(const struct program *p, enum link_state state)
{
    return state == LINK_UP || state == LINK_WAITING || p->settings.link.kind == LINK_TCP;
}

static void no_link(struct program *p)
{
    complain("%s", link_why(p->link));
    p->status = STATUS_NO_LINK;
}

static void on_state(void *arg, enum link_state state)
{
    struct program *p = arg;

    if (p->trace)
        fprintf(p->trace, "# link: %s\n", state == LINK_UP ? "up" : "down");
    if (!p->ready && is_ready(p, state)) {
        say_ready(p);
    } else if (!p->ready && state == LINK_CLOSED) { // after a name was looked up
        no_link(p);
        loop_stop(p->loop);
        return;
    }
    say(p, link_why(p->link));
}

static void on_note(void *arg, const char *text)
{
    say(arg, text);
}

// A line as xcomtop's --trace writes it: > to the gateway, < from it.
static void trace(struct program *p, char direction, const uint8_t *bytes, size_t length)
{
    char stamp[32];
    int64_t wall = loop_wall(p->loop);
    time_t seconds = (time_t)(wall / LOOP_S);
    struct tm tm;

    if (!p->trace)
        return;
    gmtime_r(&seconds, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
    fprintf(p->trace, "%s.%06dZ %c", stamp, (int)(wall % LOOP_S), direction);
    for (size_t i = 0; i < length; i++)
        fprintf(p->trace, " %02X", bytes[i]);
    fputc('\n', p->trace);
    fflush(p->trace);
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    trace(arg, '>', bytes, length);
}

static void on_sent(void *arg, const uint8_t *bytes, size_t length)
{
    trace(arg, '<', bytes, length);
}

static void on_signal(void *arg, int number)
{
    struct program *p = arg;

    (void)number;
    loop_stop(p->loop);
}

// --- The program -------------------------------------------------------------------------------

static bool begin(struct program *p)
{
    static const struct sim_events events = {
        .state = on_state, .received = on_received, .sent = on_sent, .note = on_note};
    const struct settings *s = &p->settings;
    char error[160];
    const char *why;

    if (s->trace && !(p->trace = newfile_open(s->trace, &why))) {
        complain("%s: %s", s->trace, why);
        p->status = STATUS_REFUSED;
        return false;
    }
    p->sim = sim_new(p->loop, &s->install);
    p->link = link_new(p->loop, &s->link);
    p->gateway = sim_gateway_new(p->sim, p->link, &s->line, s->is_can ? &s->can : NULL);
    enum link_state state = link_state(p->link);
    if (state == LINK_CLOSED && !is_ready(p, state)) {
        no_link(p);
        return false;
    }
    for (unsigned i = 0; i < s->fault_count; i++)
        if (sim_gateway_command(p->gateway, s->faults[i], error, sizeof error) != XC_OK) {
            complain("--fault \"%s\": %s", s->faults[i], error);
            p->status = STATUS_USAGE;
            return false;
        }
    if (s->control && control_new(p->loop, s->control, p->gateway, &p->control) != XC_OK) {
        complain("--control %s: %s", s->control, strerror(errno));
        p->status = STATUS_REFUSED;
        return false;
    }
    if (state != LINK_OPENING || is_ready(p, state))
        say_ready(p);
    sim_gateway_listen(p->gateway, &events, p);
    return true;
}

int main(int argc, char **argv)
{
    struct program p = {0};

    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN);
    if (!read_command_line(argc, argv, &p.settings, &p.status))
        return p.status;
    p.loop = loop_new();
    loop_on_signal(p.loop, SIGTERM, on_signal, &p);
    loop_on_signal(p.loop, SIGINT, on_signal, &p);
    loop_on_signal(p.loop, SIGHUP, on_signal, &p);
    if (begin(&p))
        loop_run(p.loop);
    control_free(p.control);
    sim_gateway_free(p.gateway);
    sim_free(p.sim);
    loop_free(p.loop);
    if (p.trace)
        fclose(p.trace);
    return p.status;
}
