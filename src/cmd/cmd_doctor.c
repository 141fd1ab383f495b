// SPDX-License-Identifier: MIT
// doctor: why a gateway doesn't answer, or what is amiss where it does, and what to change.
#include "cmd/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "link/ports.h"

enum { ERROR_TEXT_MAX = 256 };

static const int64_t usual_time = 30 * LOOP_S;
static const int64_t listening_time = 60 * LOOP_S; // a Moxa dials in anew that often
static const int64_t one_setting = 7 * LOOP_S;     // two questions without an answer
static const int64_t last_question = 3 * LOOP_S;
static const int64_t tick_every = 250 * LOOP_MS;

// --- Ports ---------------------------------------------------------------------------------------

// The port that a LINK names, before it is opened: what is found here is told without touching it.
static bool check_port(struct doctor *doctor)
{
    const struct link_spec *spec = &doctor->spec;
    bool is_can = spec->kind == LINK_CAN;
    struct port port;

    ports_look(is_can ? PORT_CAN : PORT_SERIAL, spec->path, is_can ? spec->bitrate : 0, &port);
    if (port.about[0])
        report_add(doctor->report, is_can ? FINDING_INTERFACE : FINDING_PORT, doctor->subject, NULL,
                   "%s", port.about);
    // One that is down is started where a bit rate is given. Whether another xcomtop lets us ask
    // through it, it tells itself; without that it keeps us out.
    if (port.fault == LINK_FAULT_NONE || (port.fault == LINK_FAULT_DOWN && spec->bitrate) ||
        (port.fault == LINK_FAULT_IN_USE && port.by_xcomtop))
        return true;
    doctor_tell_fault(doctor->report, doctor->subject, spec, port.fault, port.why);
    return false;
}

// --- Sessions ------------------------------------------------------------------------------------

int64_t doctor_left(const struct doctor *doctor)
{
    int64_t left = doctor->deadline - loop_now(session_loop(doctor->session));
    int64_t rest = doctor->allowed / 4;

    // What is still asked at the end is waited for (session_settle()): that is part of the time.
    if (session_heard(doctor->session))
        left -= rest < last_question ? rest : last_question;
    return left > LOOP_S ? left : LOOP_S;
}

static void on_tick(void *arg)
{
    struct doctor *doctor = arg;
    struct loop *loop = session_loop(doctor->session);
    int64_t now = loop_now(loop), spent = doctor->allowed - (doctor->deadline - now);

    if (spent > 0 && spent <= doctor->allowed)
        progress_show(&doctor->progress, (size_t)(spent / LOOP_S),
                      (size_t)(doctor->allowed / LOOP_S), doctor->doing, now);
    loop_timer_in(loop, &doctor->tick, tick_every);
}

// Adds "38400 8E1, 38400 8N1" to what was tried; nothing where there is nothing to choose.
static void note_settings(struct doctor *doctor)
{
    const struct link *link = session_link(doctor->session);
    size_t used = strlen(doctor->tried);

    for (unsigned v = 0; v < link_variants(link); v++) {
        const char *name = link_variant_name(link, v);
        if (name[0] && !strstr(doctor->tried, name))
            text_append(doctor->tried, sizeof doctor->tried, &used, "%s%s", used ? ", " : "", name);
    }
}

static int begin_session(struct doctor *doctor, struct options *options)
{
    options->trace_goes_on = *doctor->traced;
    int status = session_open(options, SESSION_PLANT, &doctor->session);

    if (status != EXIT_DONE)
        return status;
    *doctor->traced = true;
    if (doctor->spec.kind == LINK_SERIAL && !doctor->demo)
        note_settings(doctor);
    session_catch_signals(doctor->session);
    doctor->asked = loop_now(session_loop(doctor->session));
    doctor->tick = (struct loop_timer){.fire = on_tick, .arg = doctor};
    progress_begin(&doctor->progress, options->verbose, loop_now(session_loop(doctor->session)));
    report_over(doctor->report, &doctor->progress);
    on_tick(doctor);
    return EXIT_DONE;
}

static void end_session(struct doctor *doctor)
{
    loop_timer_stop(session_loop(doctor->session), &doctor->tick);
    progress_clear(&doctor->progress);
    report_over(doctor->report, NULL);
    session_settle(doctor->session);
    session_free(doctor->session);
    doctor->session = NULL;
}

static bool is_found(void *arg)
{
    const struct doctor *doctor = arg;
    return plant_discovery(session_plant(doctor->session)).state == DISCOVERY_DONE;
}

// Or never will be.
static bool is_heard(void *arg)
{
    const struct doctor *doctor = arg;
    return session_heard(doctor->session) ||
           link_fault(session_link(doctor->session)) != LINK_FAULT_NONE;
}

static int wait_heard(struct doctor *doctor, int64_t limit)
{
    int status = session_wait(doctor->session, is_heard, doctor, limit);

    return status == EXIT_DONE && !session_heard(doctor->session) ? EXIT_NO_ANSWER : status;
}

// --- Why there is no answer ----------------------------------------------------------------------

// How the link is, in words; of another xcomtop's, as that one says it.
static const char *how_it_is(struct doctor *doctor)
{
    struct gateway *gateway = session_gateway(doctor->session);

    return gateway_through(gateway) ? gateway_why(gateway)
                                    : link_why(session_link(doctor->session));
}

static void tell_waiting(struct doctor *doctor)
{
    char advice[FINDING_DIAL_MAX];
    struct link_callers callers = {0};
    int64_t waited = loop_now(session_loop(doctor->session)) - doctor->asked;
    bool is_guest = gateway_through(session_gateway(doctor->session)) != 0;

    finding_dial_advice(&doctor->spec, advice, sizeof advice);
    link_callers(session_link(doctor->session), &callers);
    if (is_guest)
        report_add(doctor->report, FINDING_NOT_DIALLED, doctor->subject, advice, "%s",
                   how_it_is(doctor));
    else if (callers.taken > 0)
        doctor_tell_fault(doctor->report, doctor->subject, &doctor->spec, LINK_FAULT_LOST,
                          how_it_is(doctor));
    else if (callers.refused > 0)
        report_add(doctor->report, FINDING_NOT_ALLOWED, doctor->subject, NULL,
                   "refused %s (not allowed), %u time%s", callers.last_refused, callers.refused,
                   callers.refused == 1 ? "" : "s");
    else
        report_add(doctor->report, FINDING_NOT_DIALLED, doctor->subject, advice,
                   "nobody has dialled in on port %u for %d s", (unsigned)doctor->spec.port,
                   (int)((waited + LOOP_S / 2) / LOOP_S));
}

static void tell_silent_bus(struct doctor *doctor)
{
    char advice[500];
    unsigned bitrate = 0;
    struct link_bus bus = {.state = BUS_UNKNOWN};

    gateway_bus(session_gateway(doctor->session), &bus, &bitrate);
    if (bus.mute)
        report_add(doctor->report, FINDING_NO_ADAPTER, doctor->subject, NULL,
                   "%s: no answer to the adapter's own commands either", doctor->spec.path);
    else
        report_add(doctor->report, FINDING_SILENT_BUS, doctor->subject,
                   finding_can_advice(bitrate, doctor->spec.bitrate != 0, advice, sizeof advice),
                   "%s, and no answer came", how_it_is(doctor));
}

static void tell_silence(struct doctor *doctor)
{
    if (doctor->spec.kind == LINK_SERIAL)
        report_add(doctor->report, FINDING_SILENT, doctor->subject, NULL,
                   "nothing at all came back%s%s",
                   doctor->tried[0] ? " at " : "; a pseudo terminal has no speed and parity to try",
                   doctor->tried);
    else
        report_add(doctor->report, FINDING_SILENT_NETWORK, doctor->subject, NULL,
                   "%s, but nothing at all came back", how_it_is(doctor));
}

static void tell_noise(struct doctor *doctor, uint64_t bytes)
{
    bool is_serial = doctor->spec.kind == LINK_SERIAL;

    report_add(doctor->report, FINDING_NOISE, doctor->subject,
               is_serial ? NULL
                         : "do host and port lead to the Moxa, and do its serial settings fit the "
                           "gateway? 115200 bit/s, 8 data bits, no parity, 1 stop bit, no flow "
                           "control (Serial Settings); --trace FILE shows the bytes",
               "bytes that came: %llu, and none of them is an answer%s%s",
               (unsigned long long)bytes, doctor->tried[0] ? "; tried were " : "", doctor->tried);
}

static void tell_no_answer(struct doctor *doctor)
{
    struct gateway *gateway = session_gateway(doctor->session);
    enum gateway_state state = gateway_state(gateway);
    enum link_fault fault = link_fault(session_link(doctor->session));
    struct gateway_statistics statistics;

    gateway_statistics(gateway, &statistics);
    if (fault != LINK_FAULT_NONE) {
        doctor_tell_fault(doctor->report, doctor->subject, &doctor->spec, fault, how_it_is(doctor));
        return;
    }
    if (state == GATEWAY_WAITING) {
        tell_waiting(doctor);
        return;
    }
    if (state == GATEWAY_CONNECTING && doctor->spec.kind == LINK_TCP) {
        report_add(doctor->report, FINDING_UNREACHABLE, doctor->subject, NULL, "still %s",
                   how_it_is(doctor));
        return;
    }
    if (doctor->spec.kind == LINK_TCP_LISTEN)
        report_add(doctor->report, FINDING_DIALLED, doctor->subject, NULL, "%s", how_it_is(doctor));
    doctor_strangers(doctor);
    uint64_t bytes = statistics.bytes_received + doctor->unreadable;
    if (doctor->spec.kind == LINK_CAN || doctor->spec.kind == LINK_SLCAN)
        tell_silent_bus(doctor);
    else if (bytes > 0 && statistics.foreign == 0)
        tell_noise(doctor, bytes);
    else if (statistics.echoes == 0)
        tell_silence(doctor);
}

// --- A LINK --------------------------------------------------------------------------------------

// What was given isn't answered: perhaps other settings of the line are. EXIT_DONE with a session
// that was heard, else none.
static int try_settings(struct doctor *doctor, const struct options *options)
{
    struct gateway_statistics statistics;
    char given[sizeof doctor->tried];

    gateway_statistics(session_gateway(doctor->session), &statistics);
    doctor->unreadable = statistics.bytes_received;
    snprintf(given, sizeof given, "%s", doctor->tried);
    end_session(doctor);
    snprintf(doctor->other_link, sizeof doctor->other_link, "serial:%s", doctor->spec.path);
    doctor->other = *options;
    doctor->other.link = doctor->other_link;
    doctor->doing = "other settings ";
    int status = begin_session(doctor, &doctor->other);
    if (status == EXIT_DONE)
        status = wait_heard(doctor, doctor_left(doctor));
    if (status == EXIT_DONE)
        report_add(doctor->report, FINDING_WRONG_SETTINGS, doctor->subject, NULL,
                   "no answer at %s, but %s", given,
                   gateway_state_text(session_gateway(doctor->session)));
    return status;
}

// The LINK says something of them, so that others are left to be tried.
static bool has_settings(const struct doctor *doctor)
{
    const struct link *link = session_link(doctor->session);
    const struct link_spec *spec = &doctor->spec;

    return spec->kind == LINK_SERIAL && (spec->baud || spec->parity != PARITY_UNSET) &&
           link_variant_name(link, 0)[0] && link_fault(link) == LINK_FAULT_NONE;
}

static int ask(struct doctor *doctor, struct options *options)
{
    doctor->doing = doctor->spec.kind == LINK_TCP_LISTEN ? "waiting " : "asking ";
    int status = begin_session(doctor, options);
    if (status != EXIT_DONE)
        return status;
    status = wait_heard(doctor, has_settings(doctor) ? one_setting : doctor_left(doctor));
    if (status == EXIT_NO_ANSWER && has_settings(doctor))
        status = try_settings(doctor, options);
    if (status == EXIT_NO_ANSWER)
        tell_no_answer(doctor);
    if (status == EXIT_DONE) {
        doctor->doing = "looking ";
        // Something remains for what is asked then.
        status = session_wait(doctor->session, is_found, doctor, doctor_left(doctor) / 5 * 4);
        if (status == EXIT_DONE || status == EXIT_NO_ANSWER)
            status = doctor_site(doctor);
    }
    if (doctor->session)
        end_session(doctor);
    return status;
}

static int look_at(struct doctor *doctor, struct options *options)
{
    const struct link_spec *spec = &doctor->spec;
    bool go_on = true;
    int status = EXIT_DONE;

    if (doctor->demo)
        return ask(doctor, options);
    if ((spec->kind == LINK_SERIAL || spec->kind == LINK_SLCAN || spec->kind == LINK_CAN) &&
        !check_port(doctor))
        return EXIT_NO_ANSWER;
    if (spec->kind == LINK_CAN || spec->kind == LINK_SLCAN)
        status = doctor_listen(doctor, options, &go_on);
    if (status == EXIT_DONE && go_on)
        status = ask(doctor, options);
    if (link_spec_is_open(spec) && options->allow_count == 0 && status < 128 &&
        !report_has(doctor->report, FINDING_IN_USE, doctor->subject))
        report_add(doctor->report, FINDING_ANYONE, doctor->subject, NULL, "no --allow was given");
    return status;
}

static int look_at_link(const struct options *options, struct report *report, const char *link,
                        bool *traced)
{
    struct options own = *options;
    struct doctor doctor = {.report = report, .subject = link, .traced = traced};
    char error[ERROR_TEXT_MAX];
    struct loop *loop = loop_new();

    own.link = link;
    own.demo = false;
    own.read_only = true;
    doctor.demo = options_demo(&own);
    if (!doctor.demo && link_spec_parse(link, &doctor.spec, error, sizeof error) != XC_OK) {
        loop_free(loop);
        complain("%s: %s", link, error);
        return EXIT_WRONG;
    }
    doctor.allowed = options->wait >= 0                    ? options->wait
                     : doctor.spec.kind == LINK_TCP_LISTEN ? listening_time
                                                           : usual_time;
    doctor.deadline = loop_now(loop) + doctor.allowed;
    loop_free(loop);
    // Only who listens waits for somebody else to come, and lets in.
    if (doctor.spec.kind != LINK_TCP_LISTEN || doctor.demo)
        own.allow_count = 0;
    own.wait = doctor.spec.kind == LINK_TCP_LISTEN && !doctor.demo ? doctor.allowed : -1;
    return look_at(&doctor, &own);
}

// The worse of two exit statuses, for several LINKs.
static int worse(int a, int b)
{
    return a > b ? a : b;
}

int cmd_doctor(const struct options *options)
{
    struct report *report = report_new(options);
    const char *first = options->demo ? "demo:" : options->link;
    int status = EXIT_DONE;
    bool traced = false;

    if (!first && options->word_count == 0)
        status = doctor_without_link(report, options);
    if (first)
        status = look_at_link(options, report, first, &traced);
    for (int i = 0; i < options->word_count && status < 128 && status != EXIT_WRONG; i++) {
        int one = look_at_link(options, report, options->words[i], &traced);
        status = one == EXIT_WRONG ? one : worse(status, one);
    }
    return report_end(report, status);
}
