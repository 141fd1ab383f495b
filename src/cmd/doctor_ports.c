// SPDX-License-Identifier: MIT
// The doctor without a LINK: what there is, without opening a serial port; then it listens, sends
// nothing, and says how to go on.
#include "cmd/doctor.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/settings.h"
#include "link/ownaddress.h"
#include "link/ports.h"

enum { PORTS_MAX = 64, MOXA_PORT = 4001, NAMED_MAX = 4, TODO_MAX = 480 };

static const int64_t listening = 5 * LOOP_S; // for a Moxa; it dials in about once a minute

static struct link_spec spec_of(const struct port *port)
{
    struct link_spec spec = {.kind = port->kind == PORT_CAN ? LINK_CAN : LINK_SERIAL};

    snprintf(spec.path, sizeof spec.path, "%s", port->name);
    return spec;
}

static size_t list(struct report *report, struct port *ports)
{
    size_t count = ports_list(ports, PORTS_MAX), serial = 0;

    for (size_t i = 0; i < count; i++) {
        const struct port *port = &ports[i];
        struct link_spec spec = spec_of(port);
        bool is_serial = port->kind == PORT_SERIAL;
        serial += is_serial;
        report_add(report, is_serial ? FINDING_PORT : FINDING_INTERFACE, port->name, NULL, "%s",
                   port->about[0] ? port->about : "a serial port");
        if (port->fault != LINK_FAULT_NONE)
            doctor_tell_fault(report, port->name, &spec, port->fault, port->why);
    }
    if (serial == 0)
        report_add(report, FINDING_NO_PORTS, "serial ports", NULL, "there is none");
    if (serial == count)
        report_add(report, FINDING_NO_INTERFACES, "CAN interfaces", NULL, "there is none");
    return count;
}

// --- Listening -----------------------------------------------------------------------------------

static int listen_on_bus(struct report *report, const struct options *options,
                         const struct port *port)
{
    struct doctor doctor = {.report = report, .subject = port->name, .spec = spec_of(port)};
    bool go_on;
    int status;

    complain("listening on %s for 3 s, without sending", port->name);
    status = doctor_listen(&doctor, options, &go_on);
    return status >= 128 ? status : EXIT_DONE;
}

struct ear {
    struct loop *loop;
    int signal;
};

static void on_state(void *arg, enum link_state state)
{
    const struct ear *ear = arg;

    if (state == LINK_UP || state == LINK_CLOSED)
        loop_stop(ear->loop);
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    (void)arg, (void)bytes, (void)length;
}

static void on_signal(void *arg, int signal)
{
    struct ear *ear = arg;

    ear->signal = signal;
    loop_stop(ear->loop);
}

static void tell_addresses(struct report *report, const char *subject, const struct link_spec *spec)
{
    char addresses[OWN_ADDRESSES_TEXT_MAX];

    own_addresses(spec, addresses, sizeof addresses);
    if (addresses[0])
        report_add(report, FINDING_ADDRESSES, subject, NULL, "this computer is reached at %s",
                   addresses);
    else
        report_add(report, FINDING_ADDRESSES, subject,
                   "for an Xcom-LAN, connect this computer to the Moxa's network first",
                   "this computer has no address that a Moxa could dial");
}

// Who dials in is told and let go again: it is asked when the person names the link.
static int listen_for_moxa(struct report *report)
{
    static const struct link_events events = {on_state, on_received};
    const struct link_spec spec = {.kind = LINK_TCP_LISTEN, .port = MOXA_PORT};
    struct ear ear = {.loop = loop_new()};
    struct link *link = link_new(ear.loop, &spec);
    char subject[16];

    snprintf(subject, sizeof subject, ":%d", MOXA_PORT);
    loop_on_signal(ear.loop, SIGINT, on_signal, &ear);
    loop_on_signal(ear.loop, SIGTERM, on_signal, &ear);
    loop_on_signal(ear.loop, SIGHUP, on_signal, &ear);
    complain("listening on port %d for %d s, in case a Moxa dials in", MOXA_PORT,
             (int)(listening / LOOP_S));
    link_listen(link, &events, &ear);
    link_open(link, 0);
    if (link_state(link) != LINK_CLOSED)
        loop_run_until(ear.loop, loop_now(ear.loop) + listening);
    if (link_state(link) == LINK_UP)
        report_add(report, FINDING_DIALLED, subject, NULL, "%s", link_why(link));
    else if (link_state(link) == LINK_CLOSED)
        doctor_tell_fault(report, subject, &spec, link_fault(link), link_why(link));
    else
        tell_addresses(report, subject, &spec);
    link_free(link);
    loop_free(ear.loop);
    return ear.signal ? 128 + ear.signal : EXIT_DONE;
}

// --- What comes next -----------------------------------------------------------------------------

static void append_ports(const struct port *ports, size_t count, char *out, size_t size,
                         size_t *used)
{
    unsigned named = 0;

    for (size_t i = 0; i < count; i++)
        if (ports[i].fault == LINK_FAULT_NONE && named++ < NAMED_MAX)
            text_append(out, size, used, ", xcomtop doctor %s", ports[i].name);
}

static void append_sites(char *out, size_t size, size_t *used)
{
    char path[512], error[SETTINGS_ERROR_MAX];
    const char *site, *key, *value, *before = "";
    struct settings *settings = NULL;
    unsigned named = 0;
    char name[64];

    // Without a file, or with one that can't be read, there is no site to name.
    if (settings_read(settings_path(path, sizeof path), &settings, error, sizeof error) != XC_OK)
        return;
    for (size_t i = 0; settings_at(settings, i, &site, &key, &value); i++) {
        if (!site[0] || strcmp(site, before) == 0)
            continue;
        before = site;
        text_escape(name, sizeof name, site);
        const char *quote = strchr(name, ' ') ? "'" : "";
        if (named++ < NAMED_MAX)
            text_append(out, size, used, ", xcomtop doctor --site %s%s%s", quote, name, quote);
    }
    settings_free(settings);
}

static void tell_next(struct report *report, const struct port *ports, size_t count)
{
    char todo[TODO_MAX];
    size_t used = 0;

    text_append(todo, sizeof todo, &used, "run one of: xcomtop doctor :%d (a Moxa dials in)",
                MOXA_PORT);
    append_ports(ports, count, todo, sizeof todo, &used);
    append_sites(todo, sizeof todo, &used);
    text_append(todo, sizeof todo, &used, ", xcomtop doctor HOST:%d (a Moxa is TCP server)",
                MOXA_PORT);
    report_add(report, FINDING_NOT_ASKED, "gateway", todo, "none was asked");
}

int doctor_without_link(struct report *report, const struct options *options)
{
    struct port ports[PORTS_MAX];
    int status = EXIT_DONE;

    report_mildly(report);
    size_t count = list(report, ports);
    for (size_t i = 0; i < count && status == EXIT_DONE; i++)
        if (ports[i].kind == PORT_CAN && ports[i].fault == LINK_FAULT_NONE)
            status = listen_on_bus(report, options, &ports[i]);
    if (status == EXIT_DONE)
        status = listen_for_moxa(report);
    if (status == EXIT_DONE)
        tell_next(report, ports, count);
    return status;
}
