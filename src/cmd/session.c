// SPDX-License-Identifier: MIT
#include "cmd/session.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/localclock.h"
#include "base/text.h"
#include "cmd/findings.h"
#include "link/link.h"
#include "link/local.h"
#include "link/ownaddress.h"
#include "plant/alarms.h"
#include "proto/scom.h"
#include "sim/sim.h"
#include "store/known.h"
#include "store/newfile.h"
#include "store/records.h"

enum { DEVICES_MAX = 48, ERROR_TEXT_MAX = 256, GUID_BYTES = 16 };

static const int64_t usual_timeout = 3 * LOOP_S;
static const int64_t can_timeout = 1 * LOOP_S;     // can.md "Rules"
static const int64_t listening_wait = 60 * LOOP_S; // a Moxa dials in anew that often
static const int64_t connecting_wait = 10 * LOOP_S;
static const unsigned quiet_timeouts = 4;     // without an answer: there will be none
static const int64_t write_rest = 3 * LOOP_S; // a write behind a silence comes so much later
static const int64_t file_rest = 60 * LOOP_S; // a file is begun again when the link is back

// The demonstration's line is an Xcom-232i's, with the latency of a quick one.
static const struct sim_line demo_line = {38400, 11, 15 * LOOP_MS, 5 * LOOP_MS};

struct session {
    const struct options *options;
    struct loop *loop;
    FILE *trace;
    struct link *link; // the gateway's; NULL before it has been handed over
    struct link_spec spec;
    struct local_place place; // not of the demonstration
    bool demo;
    struct sim_options sim_options;
    struct sim *sim;
    struct sim_gateway *sim_gateway;
    struct gateway *gateway;
    struct plant *plant;
    struct target devices[DEVICES_MAX];
    size_t device_count;
    char name[LINK_HOST_MAX + 32];
    void (*changed)(void *arg);
    void *changed_arg;
    bool waiting;
    bool heard;  // the gateway has answered
    bool failed; // the link couldn't be had, and nobody wants to wait for it
    int signal;
    long traced; // the process that has the trace
    int64_t opened_at;
    uint64_t answers;   // the last time we looked,
    int64_t answers_at; // and since when there are so many
    char told[GATEWAY_TEXT_MAX];
};

// --- Checks --------------------------------------------------------------------------------------

static int check_link(struct session *session)
{
    const struct options *options = session->options;
    const char *link = options->demo ? "demo:" : options->link;
    char error[ERROR_TEXT_MAX];
    enum xc_status status;

    if (!link) {
        complain("no gateway given: use --connect LINK (like /dev/ttyUSB0, HOST:4001 or :4001), "
                 "or --demo");
        return EXIT_WRONG;
    }
    session->demo = options_demo(options);
    if (session->demo) {
        status = sim_parse(link[4] ? link + 5 : "", &session->sim_options, error, sizeof error);
        snprintf(session->name, sizeof session->name, "demonstration");
    } else {
        status = link_spec_parse(link, &session->spec, error, sizeof error);
        if (status == XC_OK)
            link_spec_name(&session->spec, session->name, sizeof session->name);
    }
    if (status != XC_OK) {
        complain("--connect %s: %s", link, error);
        return EXIT_WRONG;
    }
    if (options->site && !options->demo)
        snprintf(session->name, sizeof session->name, "%s", options->site);
    return EXIT_DONE;
}

static bool is_can(const struct session *session)
{
    return !session->demo && (session->spec.kind == LINK_CAN || session->spec.kind == LINK_SLCAN);
}

static int check_source(struct session *session)
{
    enum { CAN_SOURCE_MAX = 1023 };
    uint32_t source = session->options->source;

    if (!is_can(session)) {
        // SCOM's address of all devices (scom.md "Addresses").
        if (source != 0 || !(session->options->given & option_bit(OPTION_SOURCE)))
            return EXIT_DONE;
        complain("--source 0: that is for CAN; take 1 or another one");
        return EXIT_WRONG;
    }
    if (source > CAN_SOURCE_MAX) {
        complain("--source %lu: on CAN addresses go from 0 to %d", (unsigned long)source,
                 CAN_SOURCE_MAX);
        return EXIT_WRONG;
    }
    session->spec.source = (uint16_t)source;
    return EXIT_DONE;
}

static int check_allow(struct session *session)
{
    const struct options *options = session->options;
    char error[ERROR_TEXT_MAX];

    if (options->allow_count > 0 && session->spec.kind != LINK_TCP_LISTEN) {
        complain("--allow is for a link that listens, like tcp-listen:4001");
        return EXIT_WRONG;
    }
    for (unsigned i = 0; i < options->allow_count; i++)
        if (link_spec_allow(&session->spec, options->allow[i], error, sizeof error) != XC_OK) {
            complain("--allow %s: %s", options->allow[i], error);
            return EXIT_WRONG;
        }
    // On the screens the state of the link says so.
    if (link_spec_is_open(&session->spec) && options->command->key != COMMAND_SCREENS)
        complain("whoever reaches port %u is taken for your gateway; --allow ADDRESS lets in only "
                 "your Moxa",
                 (unsigned)session->spec.port);
    return EXIT_DONE;
}

int session_parse_devices(const struct options *options, struct target *devices, size_t max,
                          size_t *count)
{
    const char *list = options->devices;

    *count = 0;
    if (list && !*list) {
        complain("--devices: there is none in it; expected names like XT1,VT1,BSP");
        return EXIT_WRONG;
    }
    while (list && *list) {
        char name[32];
        size_t length = strcspn(list, ",");
        struct target target;
        snprintf(name, sizeof name, "%.*s", (int)length, list);
        if (target_parse(name, &target) != XC_OK || target.kind != TARGET_DEVICE) {
            complain("--devices: there is no device '%s'; expected names like XT1,VT1,BSP", name);
            return EXIT_WRONG;
        }
        if (*count == max) {
            complain("--devices: at most %zu can be given", max);
            return EXIT_WRONG;
        }
        devices[(*count)++] = target;
        list += length + (list[length] == ',');
    }
    return EXIT_DONE;
}

bool session_names(const struct target *devices, size_t count, enum family family, unsigned index)
{
    for (size_t i = 0; i < count; i++) {
        bool battery = devices[i].family == FAMILY_BSP && family == FAMILY_BMS;
        if ((devices[i].family == family || battery) && devices[i].index == index)
            return true;
    }
    return count == 0;
}

// --- What happens --------------------------------------------------------------------------------

static void tell(struct session *session)
{
    const char *text = gateway_state_text(session->gateway);

    if (!session->options->verbose || strcmp(text, session->told) == 0)
        return;
    snprintf(session->told, sizeof session->told, "%s", text);
    complain("%s", text);
}

// What is sent and received is in the trace of whoever has the link.
static void tell_trace(struct session *session)
{
    long pid = session->trace ? gateway_through(session->gateway) : 0;

    if (pid == 0 || pid == session->traced)
        return;
    session->traced = pid;
    complain("%s gets no bytes: they go through xcomtop (pid %ld), whose own --trace has them",
             session->options->trace, pid);
}

static void follow_state(struct session *session)
{
    switch (gateway_state(session->gateway)) {
    case GATEWAY_UP:
        session->heard = true;
        break;
    case GATEWAY_DOWN:
        // Who gives a time to wait knows that the link may come later.
        session->failed = !session->heard && session->options->wait < 0;
        break;
    case GATEWAY_SILENT:
        session->failed = !session->heard;
        break;
    case GATEWAY_CONNECTING:
    case GATEWAY_WAITING:
    case GATEWAY_PROBING:
        break;
    }
    tell_trace(session);
    tell(session);
}

static void on_change(void *arg)
{
    struct session *session = arg;

    session_wake(session);
    if (session->changed)
        session->changed(session->changed_arg);
}

void session_changed(struct session *session)
{
    on_change(session);
}

static void on_gateway_event(void *arg, const struct gateway_event *event)
{
    struct session *session = arg;

    if (session->plant)
        plant_gateway_event(session->plant, event);
    if (event->kind == GATEWAY_EVENT_STATE) {
        follow_state(session);
        on_change(session);
    } else if (event->kind == GATEWAY_EVENT_IDLE) {
        session_wake(session);
    }
}

static void on_signal(void *arg, int signal)
{
    struct session *session = arg;

    session->signal = signal;
    loop_stop(session->loop);
}

// --- Opening -------------------------------------------------------------------------------------

static int open_trace(struct session *session)
{
    const char *path = session->options->trace, *why;

    if (!path)
        return EXIT_DONE;
    session->trace =
        session->options->trace_goes_on ? newfile_append(path, &why) : newfile_open(path, &why);
    if (session->trace)
        return EXIT_DONE;
    complain("can't write the trace to %s: %s", path, why);
    return EXIT_REFUSED;
}

// Today at 11:00, the installation's wall clock: a demonstration in the evening shows the sun too.
static int64_t demo_clock(const struct loop *loop)
{
    enum { HOUR = 3600, DAY = 24 * HOUR };
    int64_t now = local_clock(loop_wall(loop)) / LOOP_S;

    return now - now % DAY + 11 * HOUR;
}

// The far end of the demonstration's link is the simulated installation.
static struct link *open_demo(struct session *session)
{
    struct link *ours, *its;

    if (session->sim_options.clock < 0)
        session->sim_options.clock = demo_clock(session->loop);
    link_memory_pair(session->loop, &ours, &its);
    session->sim = sim_new(session->loop, &session->sim_options);
    session->sim_gateway = sim_gateway_new(session->sim, its, &demo_line, NULL);
    return ours;
}

enum xc_status alarm_list_check(const char *text, char *error, size_t error_size)
{
    size_t count;

    return alarms_parse(text, NULL, &count, error, error_size) == XC_OK ? XC_OK : XC_USAGE;
}

// Who looks after an installation, knows its messages and watches its values.
static bool watches(const struct options *options)
{
    enum command_key key = options->command->key;

    return key == COMMAND_SCREENS || key == COMMAND_LOG || key == COMMAND_MESSAGES;
}

// For others to read messages would be to take them away from those who show them.
static bool leaves_messages(const struct options *options)
{
    bool shows = options->command->key != COMMAND_LOG || options->on_message || options->sqlite;

    return options->leave_messages || !watches(options) || !shows;
}

static struct plant *new_plant(struct session *session, enum session_use use)
{
    const struct options *options = session->options;
    const struct passwd *user = getpwuid(getuid());
    char path[512], known[512];
    struct plant_options plant_options = {
        .leave_messages = leaves_messages(options),
        .messages = watches(options) ? known_path(session->demo, known, sizeof known) : NULL,
        .alarms = watches(options) ? options->alarms : NULL,
        .no_discovery = use == SESSION_CHANGE,
        .devices = session->devices,
        .device_count = session->device_count,
        .read_only = options->read_only,
        .records = records_path(session->demo, path, sizeof path),
        .no_histories = options->command->key != COMMAND_SCREENS,
        .history = options->history,
        .unrecorded = options->unrecorded,
        .who = user ? user->pw_name : "",
        .site = session->name,
        .site_named = options->site && !options->demo,
        .guid = options->guid,
    };
    return plant_new(session->loop, &plant_options, on_change, session);
}

// Its rows, or what it keeps, have their time; screens and what is asked once can wait for it.
static bool records(enum command_key key)
{
    return key == COMMAND_LOG || key == COMMAND_KEEP;
}

int session_open(const struct options *options, enum session_use use, struct session **out)
{
    struct session *session = xcalloc(1, sizeof *session);
    int status;

    *out = NULL;
    session->options = options;
    if ((status = check_link(session)) != EXIT_DONE ||
        (status = check_source(session)) != EXIT_DONE ||
        (status = check_allow(session)) != EXIT_DONE ||
        (status = session_parse_devices(options, session->devices, DEVICES_MAX,
                                        &session->device_count)) != EXIT_DONE ||
        (status = open_trace(session)) != EXIT_DONE) {
        session_free(session);
        return status;
    }
    session->loop = loop_new();
    session->opened_at = loop_now(session->loop);
    session->link = session->demo ? open_demo(session) : link_new(session->loop, &session->spec);
    if (use != SESSION_QUESTIONS)
        session->plant = new_plant(session, use);
    struct gateway_options gateway_options = {.dialect =
                                                  is_can(session) ? GATEWAY_STUCAN : GATEWAY_SCOM,
                                              .source = options->source,
                                              .timeout = options->timeout,
                                              .read_only = options->read_only,
                                              .trace = session->trace,
                                              .records = records(options->command->key)};
    if (!session->demo) {
        local_place_of(&session->spec, &session->place);
        gateway_options.place = &session->place;
    }
    session->gateway =
        gateway_new(session->loop, session->link, &gateway_options, on_gateway_event, session);
    if (session->plant)
        plant_attach(session->plant, session->gateway);
    *out = session;
    return EXIT_DONE;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    if (session->plant)
        plant_free(session->plant);
    if (session->gateway)
        gateway_free(session->gateway);
    if (session->sim_gateway)
        sim_gateway_free(session->sim_gateway);
    if (session->sim)
        sim_free(session->sim);
    if (session->loop)
        loop_free(session->loop);
    if (session->trace && fclose(session->trace) != 0)
        complain("can't write the trace to %s: %s", session->options->trace, strerror(errno));
    free(session);
}

struct loop *session_loop(struct session *session)
{
    return session->loop;
}

const struct link *session_link(const struct session *session)
{
    return session->link;
}

struct gateway *session_gateway(struct session *session)
{
    return session->gateway;
}

struct plant *session_plant(struct session *session)
{
    return session->plant;
}

size_t session_devices(const struct session *session, const struct target **devices)
{
    *devices = session->devices;
    return session->device_count;
}

const char *session_name(const struct session *session)
{
    return session->name;
}

char *session_reached_at(const struct session *session, char *out, size_t size)
{
    char addresses[OWN_ADDRESSES_TEXT_MAX];

    out[0] = '\0';
    if (session->spec.kind != LINK_TCP_LISTEN || session->demo)
        return out;
    if (own_alone(&session->spec))
        snprintf(out, size, "only this computer reaches it: %s", session->spec.host);
    else if (*own_addresses(&session->spec, addresses, sizeof addresses))
        snprintf(out, size, "this computer is reached at %s", addresses);
    else
        snprintf(out, size, "this computer has no address that a Moxa could dial");
    return out;
}

void session_tell_holder(struct session *session)
{
    long pid = gateway_through(session->gateway);

    if (pid)
        complain("through xcomtop (pid %ld) that holds %s", pid, session->place.identity);
}

void session_on_change(struct session *session, void (*fn)(void *arg), void *arg)
{
    session->changed = fn;
    session->changed_arg = arg;
}

// --- Waiting -------------------------------------------------------------------------------------

void session_suspend(struct session *session, bool stops)
{
    if (stops)
        gateway_yield(session->gateway);
    else
        gateway_return(session->gateway);
}

static void on_stop(void *arg, int signal)
{
    (void)signal;
    session_suspend(arg, true);
    raise(SIGSTOP); // SIGTSTP is ours now
    session_suspend(arg, false);
}

void session_catch_signals(struct session *session)
{
    struct sigaction action;

    // Somebody may not want it to be stopped.
    if (sigaction(SIGTSTP, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
        loop_on_signal(session->loop, SIGTSTP, on_stop, session);
    loop_on_signal(session->loop, SIGINT, on_signal, session);
    loop_on_signal(session->loop, SIGTERM, on_signal, session);
    loop_on_signal(session->loop, SIGHUP, on_signal, session);
}

void session_wake(struct session *session)
{
    if (session->waiting)
        loop_stop(session->loop);
}

static int64_t one_timeout(const struct session *session)
{
    if (session->options->timeout)
        return session->options->timeout;
    return is_can(session) ? can_timeout : usual_timeout;
}

// How long the link may take until the first answer: as long as trying all of its settings does.
static int64_t time_to_come_up(const struct session *session)
{
    if (session->options->wait >= 0)
        return session->options->wait;
    if (session->spec.kind == LINK_TCP_LISTEN && !session->demo)
        return listening_wait;
    return connecting_wait + 2 * (int64_t)link_variants(session->link) * one_timeout(session);
}

static bool writes(enum command_key key)
{
    return key == COMMAND_WRITE || key == COMMAND_WRITES || key == COMMAND_RESTORE ||
           key == COMMAND_COPY || key == COMMAND_KEEP || key == COMMAND_NOTE;
}

// Until when it makes sense to wait, as things are now.
static int64_t patience(struct session *session)
{
    struct gateway_statistics statistics;

    if (!session->heard)
        return session->opened_at + time_to_come_up(session);
    gateway_statistics(session->gateway, &statistics);
    if (statistics.answers != session->answers || session->answers_at == 0) {
        session->answers = statistics.answers;
        session->answers_at = loop_now(session->loop);
    }
    // On CAN an absent device meets silence, and what is asked then to see whether the gateway is
    // there may do so too.
    int64_t timeout = one_timeout(session);
    if (is_can(session) && timeout < usual_timeout)
        timeout = usual_timeout;
    return session->answers_at + quiet_timeouts * timeout +
           (writes(session->options->command->key) ? write_rest : 0) +
           (session->options->command->key == COMMAND_DATALOG ? file_rest : 0);
}

int session_wait(struct session *session, bool (*done)(void *arg), void *arg, int64_t limit)
{
    int64_t start = loop_now(session->loop);
    int status = session->signal ? 128 + session->signal : EXIT_DONE;

    session->waiting = true;
    while (status == EXIT_DONE && !done(arg)) {
        int64_t until = patience(session);
        if (limit > 0 && start + limit < until)
            until = start + limit;
        bool in_time = loop_run_until(session->loop, until);
        if (session->signal)
            status = 128 + session->signal;
        else if (session->failed || (!in_time && patience(session) <= until))
            status = done(arg) ? EXIT_DONE : EXIT_NO_ANSWER;
        else if (!in_time && limit > 0 && loop_now(session->loop) >= start + limit)
            status = EXIT_NO_ANSWER;
    }
    session->waiting = false;
    return status;
}

int session_wait_person(struct session *session, bool (*done)(void *arg), void *arg)
{
    session->waiting = true;
    while (!session->signal && !done(arg))
        loop_run(session->loop);
    session->waiting = false;
    // The gateway wasn't asked for anything: its silence began only now.
    session->answers_at = 0;
    return session->signal ? 128 + session->signal : EXIT_DONE;
}

bool session_finish(struct session *session, bool (*done)(void *arg), void *arg, int64_t limit)
{
    int64_t until = loop_now(session->loop) + limit;

    session->waiting = true;
    while (!done(arg) && loop_now(session->loop) < until)
        loop_run_until(session->loop, until);
    session->waiting = false;
    return done(arg);
}

// The settings of a serial line are being tried until one is answered; else questions can be asked
// as soon as the line is up.
static bool is_ready(void *arg)
{
    const struct session *session = arg;
    enum gateway_state state = gateway_state(session->gateway);

    return state == GATEWAY_UP || state == GATEWAY_SILENT ||
           (state == GATEWAY_PROBING && link_variants(session->link) == 1);
}

int session_wait_ready(struct session *session)
{
    return session_wait(session, is_ready, session, 0);
}

static bool is_found(void *arg)
{
    const struct session *session = arg;
    return plant_discovery(session->plant).state == DISCOVERY_DONE;
}

int session_wait_found(struct session *session)
{
    int status = session_wait(session, is_found, session, 0);
    struct plant_discovery discovery = plant_discovery(session->plant);

    if (status != EXIT_DONE || !discovery.text[0])
        return status;
    complain("%s", discovery.text);
    return EXIT_REFUSED;
}

// --- One question --------------------------------------------------------------------------------

struct asked {
    struct session *session;
    struct answer *answer;
    bool answered;
};

static void on_answer(void *arg, const struct answer *answer)
{
    struct asked *asked = arg;

    *asked->answer = *answer;
    asked->answer->items = NULL;
    asked->answered = true;
    session_wake(asked->session);
}

static bool is_answered(void *arg)
{
    const struct asked *asked = arg;
    return asked->answered;
}

int session_ask(struct session *session, const struct question *question, struct answer *answer)
{
    struct asked asked = {.session = session, .answer = answer};
    uint32_t ticket = gateway_ask(session->gateway, question, on_answer, &asked);
    int status = session_wait(session, is_answered, &asked, 0);

    if (asked.answered)
        return EXIT_DONE;
    gateway_cancel(session->gateway, ticket);
    return status;
}

int session_guid(struct session *session, char text[TEXT_GUID_MAX])
{
    const struct question question = {
        .kind = QUESTION_GUID, .priority = PRIORITY_PERSON, .address = SCOM_GATEWAY_ADDRESS};
    struct answer answer;
    int status = session_ask(session, &question, &answer);

    text[0] = '\0';
    if (status == EXIT_DONE && answer.status == XC_OK && answer.raw_length == GUID_BYTES)
        text_guid(text, answer.raw);
    return status;
}

// --- The end -------------------------------------------------------------------------------------

static bool is_settled(void *arg)
{
    const struct session *session = arg;

    return gateway_pending(session->gateway) == 0 || gateway_state(session->gateway) != GATEWAY_UP;
}

void session_settle(struct session *session)
{
    if (session->plant)
        plant_pause(session->plant, true);
    gateway_close_to_others(session->gateway);
    if (!session->signal)
        session_wait(session, is_settled, session, one_timeout(session));
}

bool session_heard(const struct session *session)
{
    return session->heard;
}

static void complain_can(struct session *session)
{
    char advice[500];
    unsigned bitrate = 0;
    struct link_bus bus = {0};

    gateway_bus(session->gateway, &bus, &bitrate);
    complain("no answer on %s%s%s: %s", session->spec.path,
             bus.state > BUS_ACTIVE ? ", whose bus is " : "",
             bus.state > BUS_ACTIVE ? link_bus_state_name(bus.state) : "",
             finding_can_advice(bitrate, session->spec.bitrate != 0, advice, sizeof advice));
}

void session_complain_gateway(struct session *session)
{
    if (gateway_capabilities(session->gateway) & GATEWAY_CLOCK)
        session_complain(session);
    else
        complain(
            "no answer: an Xcom-CAN isn't known to have a clock or settings of its own (XCOM)");
}

// Who has the link when it isn't ours, and whoever was let in and has left, is told by the state.
static void complain_waiting(struct session *session)
{
    struct link_callers callers = {0};
    unsigned port = session->spec.port;
    char waited[16], advice[FINDING_DIAL_MAX];

    link_callers(session->link, &callers);
    text_age(waited, sizeof waited,
             (double)(loop_now(session->loop) - session->opened_at) / (double)LOOP_S);
    if (gateway_through(session->gateway) != 0 || callers.taken > 0)
        complain("%s", gateway_why(session->gateway));
    else if (callers.refused > 0)
        complain("nobody who is allowed has dialled in on port %u for %s; refused %s (not allowed) "
                 "%u time%s: %s",
                 port, waited, callers.last_refused, callers.refused,
                 callers.refused == 1 ? "" : "s", finding(FINDING_NOT_ALLOWED)->todo);
    else
        complain("no Moxa has dialled in on port %u for %s: %s (--wait waits longer)", port, waited,
                 finding_dial_advice(&session->spec, advice, sizeof advice));
}

void session_complain(struct session *session)
{
    enum gateway_state state = gateway_state(session->gateway);
    const char *setting = link_variant_name(session->link, 0);

    if (state == GATEWAY_WAITING) {
        complain_waiting(session);
        return;
    }
    if (!session->heard && setting[0] && link_variants(session->link) == 1 &&
        (state == GATEWAY_PROBING || state == GATEWAY_SILENT)) {
        complain("no answer at %s; leave baud and parity out to find them", setting);
        return;
    }
    if (!session->heard && session->spec.kind == LINK_SERIAL && !setting[0] &&
        (state == GATEWAY_PROBING || state == GATEWAY_SILENT)) {
        complain("no answer on %s: %s", session->spec.path, finding(FINDING_SILENT)->todo);
        return;
    }
    if (!session->heard && is_can(session) &&
        (state == GATEWAY_PROBING || state == GATEWAY_SILENT)) {
        complain_can(session);
        return;
    }
    complain("%s", gateway_why(session->gateway)); // the program doesn't try again
}
