// SPDX-License-Identifier: MIT
// doctor: why a gateway doesn't answer, or what is amiss where it does, and what to change.
#include "cmd/doctor.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "link/ports.h"

enum { PORTS_MAX = 64, ERROR_TEXT_MAX = 256 };

static const int64_t usual_time = 30 * LOOP_S;
static const int64_t listening_time = 60 * LOOP_S; // a Moxa dials in anew that often
static const int64_t one_setting = 7 * LOOP_S;     // two questions without an answer
static const int64_t tick_every = 250 * LOOP_MS;

// --- Ports ---------------------------------------------------------------------------------------

// What there is, without opening any of it.
static void list_ports(struct report *report)
{
    struct port ports[PORTS_MAX];
    size_t count = ports_list(ports, PORTS_MAX), serial = 0;

    report_mildly(report);

    for (size_t i = 0; i < count; i++) {
        const struct port *port = &ports[i];
        bool is_serial = port->kind == PORT_SERIAL;
        serial += is_serial;
        report_add(report, is_serial ? FINDING_PORT : FINDING_INTERFACE, port->name, NULL, "%s",
                   port->about[0] ? port->about : "a serial port");
        if (port->fault != LINK_FAULT_NONE)
            report_add(report, finding_of_fault(port->fault), port->name, NULL, "%s", port->why);
    }
    if (serial == 0)
        report_add(report, FINDING_NO_PORTS, "serial ports", NULL, "there is none");
    if (serial == count)
        report_add(report, FINDING_NO_INTERFACES, "CAN interfaces", NULL, "there is none");
}

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
    // One that is down is started where a bit rate is given.
    if (port.fault == LINK_FAULT_NONE || (port.fault == LINK_FAULT_DOWN && spec->bitrate))
        return true;
    report_add(doctor->report, finding_of_fault(port.fault), doctor->subject, NULL, "%s", port.why);
    return false;
}

// --- Sessions ------------------------------------------------------------------------------------

int64_t doctor_left(const struct doctor *doctor)
{
    int64_t left = doctor->deadline - loop_now(session_loop(doctor->session));

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

static int begin_session(struct doctor *doctor, const struct options *options)
{
    int status = session_open(options, SESSION_PLANT, &doctor->session);

    if (status != EXIT_DONE)
        return status;
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

static void tell_waiting(struct doctor *doctor)
{
    const char *why = link_why(session_link(doctor->session));
    const char *refused = strstr(why, "refused ");
    int seconds = (int)(doctor->allowed / LOOP_S);

    if (refused)
        report_add(doctor->report, FINDING_NOT_ALLOWED, doctor->subject, NULL, "%s", refused);
    else
        report_add(doctor->report, FINDING_NOT_DIALLED, doctor->subject, NULL,
                   "nobody has dialled in on port %u for %d s", (unsigned)doctor->spec.port,
                   seconds);
}

// "38400 8E1, 38400 8N1": what was tried; "" where there is nothing to choose.
static char *settings_tried(const struct link *link, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (unsigned v = 0; v < link_variants(link); v++)
        if (link_variant_name(link, v)[0])
            text_append(out, size, &used, "%s%s", v > 0 ? ", " : "", link_variant_name(link, v));
    return out;
}

static void tell_silence(struct doctor *doctor)
{
    const struct link *link = session_link(doctor->session);
    char settings[80], advice[500];
    unsigned bitrate = 0;
    struct link_bus bus;

    switch (doctor->spec.kind) {
    case LINK_CAN:
    case LINK_SLCAN:
        gateway_bus(session_gateway(doctor->session), &bus, &bitrate);
        report_add(doctor->report, FINDING_SILENT_BUS, doctor->subject,
                   finding_can_advice(bitrate, doctor->spec.bitrate != 0, advice, sizeof advice),
                   "%s, and no answer came", link_why(link));
        break;
    case LINK_SERIAL:
        settings_tried(link, settings, sizeof settings);
        report_add(
            doctor->report, FINDING_SILENT, doctor->subject, NULL, "nothing at all came back%s%s",
            settings[0] ? " at " : "; a pseudo terminal has no speed and parity to try", settings);
        break;
    default:
        report_add(doctor->report, FINDING_SILENT_NETWORK, doctor->subject, NULL,
                   "%s, but nothing at all came back", link_why(link));
        break;
    }
}

static void tell_no_answer(struct doctor *doctor)
{
    const struct link *link = session_link(doctor->session);
    enum gateway_state state = gateway_state(session_gateway(doctor->session));
    enum link_fault fault = link_fault(link);
    bool is_device = doctor->spec.kind == LINK_SERIAL || doctor->spec.kind == LINK_SLCAN;
    struct gateway_statistics statistics;

    gateway_statistics(session_gateway(doctor->session), &statistics);
    if (fault != LINK_FAULT_NONE) {
        report_add(doctor->report,
                   fault == LINK_FAULT_LOST && is_device ? FINDING_MISSING
                                                         : finding_of_fault(fault),
                   doctor->subject, NULL, "%s", link_why(link));
        return;
    }
    if (state == GATEWAY_WAITING) {
        tell_waiting(doctor);
        return;
    }
    if (state == GATEWAY_CONNECTING && doctor->spec.kind == LINK_TCP) {
        report_add(doctor->report, FINDING_UNREACHABLE, doctor->subject, NULL, "still %s",
                   link_why(link));
        return;
    }
    if (doctor->spec.kind == LINK_TCP_LISTEN)
        report_add(doctor->report, FINDING_DIALLED, doctor->subject, NULL, "%s", link_why(link));
    doctor_strangers(doctor);
    if (statistics.bytes_received > 0 && statistics.foreign == 0)
        report_add(doctor->report, FINDING_NOISE, doctor->subject, NULL,
                   "%llu bytes came, and none of them is an answer",
                   (unsigned long long)statistics.bytes_received);
    else
        tell_silence(doctor);
}

// --- A LINK --------------------------------------------------------------------------------------

// What was given isn't answered: perhaps other settings of the line are. EXIT_DONE with a session
// that was heard, else none.
static int try_settings(struct doctor *doctor, const struct options *options)
{
    char given[24];

    snprintf(given, sizeof given, "%s", link_variant_name(session_link(doctor->session), 0));
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

static bool has_settings(const struct doctor *doctor)
{
    const struct link *link = session_link(doctor->session);

    return doctor->spec.kind == LINK_SERIAL && link_variants(link) == 1 &&
           link_variant_name(link, 0)[0] && link_fault(link) == LINK_FAULT_NONE;
}

static int ask(struct doctor *doctor, const struct options *options)
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

static int look_at(struct doctor *doctor, const struct options *options)
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
    if (spec->kind == LINK_TCP_LISTEN && spec->allow_count == 0 && options->allow_count == 0 &&
        status < 128 && !report_has(doctor->report, FINDING_IN_USE, doctor->subject))
        report_add(doctor->report, FINDING_ANYONE, doctor->subject, NULL, "no --allow was given");
    return status;
}

static int look_at_link(const struct options *options, struct report *report, const char *link)
{
    struct options own = *options;
    struct doctor doctor = {.report = report, .subject = link};
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

    if (!first && options->word_count == 0)
        list_ports(report);
    if (first)
        status = look_at_link(options, report, first);
    for (int i = 0; i < options->word_count && status < 128 && status != EXIT_WRONG; i++) {
        int one = look_at_link(options, report, options->words[i]);
        status = one == EXIT_WRONG ? one : worse(status, one);
    }
    return report_end(report, status);
}
