// SPDX-License-Identifier: MIT
// The doctor at a CAN bus: it listens, and sends nothing (design.md "Rules of the wire").
#include "cmd/doctor.h"

#include <signal.h>
#include <stdio.h>

#include "base/canframe.h"
#include "catalogue/address.h"
#include "proto/scom.h"
#include "proto/stucan.h"

enum { CLIENTS_MAX = 8 };

static const int64_t listening = 3 * LOOP_S;

struct bus {
    struct loop *loop;
    struct link *link;
    int signal;
    unsigned frames, ours, errors; // all; of the Studer protocol; that the controller told
    bool exclusive;
    uint16_t exclusive_source; // who answered what isn't its protocol's
    struct {
        uint16_t address, device; // of a client, and whom it asked
        unsigned frames;
    } clients[CLIENTS_MAX];
    unsigned client_count;
};

static void note_client(struct bus *bus, uint16_t address, uint16_t device)
{
    for (unsigned i = 0; i < bus->client_count; i++)
        if (bus->clients[i].address == address) {
            bus->clients[i].frames++;
            return;
        }
    if (bus->client_count == CLIENTS_MAX)
        return;
    bus->clients[bus->client_count].address = address;
    bus->clients[bus->client_count].device = device;
    bus->clients[bus->client_count++].frames = 1;
}

static bool is_device(uint16_t address)
{
    struct target target;
    return target_from_address(address, &target);
}

static void take_frame(struct bus *bus, const struct canframe *frame)
{
    struct stucan_frame studer = {.object = 0};

    if (frame->error) {
        bus->errors++;
        return;
    }
    bus->frames++;
    if (stucan_answer_decode(frame, &studer) == STUCAN_TAKEN && !is_device(studer.destination)) {
        bus->ours++;
        if (studer.error && studer.code == SCOM_INVALID_FRAME) {
            bus->exclusive = true;
            bus->exclusive_source = studer.source;
        } else if (studer.service != STUCAN_MESSAGE) {
            note_client(bus, studer.destination, studer.source);
        }
    } else if (stucan_request_decode(frame, &studer) == STUCAN_TAKEN &&
               is_device(studer.destination)) {
        bus->ours++;
        note_client(bus, studer.source, studer.destination);
    }
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct canframe frame;

    for (; length >= CANFRAME_RECORD_SIZE;
         bytes += CANFRAME_RECORD_SIZE, length -= CANFRAME_RECORD_SIZE)
        if (canframe_get(bytes, &frame) == XC_OK)
            take_frame(arg, &frame);
}

static void on_state(void *arg, enum link_state state)
{
    struct bus *bus = arg;

    if (state == LINK_CLOSED)
        loop_stop(bus->loop);
}

static void on_signal(void *arg, int signal)
{
    struct bus *bus = arg;

    bus->signal = signal;
    loop_stop(bus->loop);
}

static bool listen_for_a_while(struct bus *bus, const struct link_spec *spec)
{
    static const struct link_events events = {on_state, on_received};
    struct link_spec all = *spec;

    all.every_frame = true;
    bus->link = link_new(bus->loop, &all);
    link_listen(bus->link, &events, bus);
    link_open(bus->link, 0);
    if (link_state(bus->link) != LINK_CLOSED)
        loop_run_until(bus->loop, loop_now(bus->loop) + listening);
    return link_state(bus->link) != LINK_CLOSED;
}

static void tell_clients(struct doctor *doctor, const struct bus *bus, uint16_t source, bool *go_on)
{
    for (unsigned i = 0; i < bus->client_count; i++) {
        unsigned address = bus->clients[i].address, device = bus->clients[i].device;
        if (address == source)
            *go_on = false;
        report_add(doctor->report, address == source ? FINDING_SAME_ADDRESS : FINDING_OTHER_MASTER,
                   doctor->subject, NULL, "a client with the address %u, %sasks %u", address,
                   address == source ? "which is ours, " : "", device);
    }
}

static void tell_bus(struct doctor *doctor, struct bus *bus)
{
    struct link_bus state = {.state = BUS_UNKNOWN};
    char seen[LINK_TEXT_MAX + 80];

    link_bus(bus->link, &state);
    snprintf(seen, sizeof seen, "%s; the bus is %s, frames in 3 s: %u", link_why(bus->link),
             link_bus_state_name(state.state), bus->frames);
    if (state.state > BUS_ACTIVE || (bus->frames == 0 && state.receive_errors > 0))
        doctor_tell_bus_errors(doctor, seen);
    // What answers nothing may still be an adapter: that is seen when it is asked.
    else if (bus->frames == 0 && !state.mute)
        report_add(doctor->report, FINDING_BUS_QUIET, doctor->subject, NULL,
                   "%s; no frame in 3 s of listening", link_why(bus->link));
    else if (bus->frames > 0)
        report_add(doctor->report, FINDING_BUS, doctor->subject, NULL,
                   "%s; frames in 3 s of listening: %u, of the Studer protocol: %u",
                   link_why(bus->link), bus->frames, bus->ours);
    if (bus->exclusive)
        report_add(doctor->report, FINDING_EXCLUSIVE, doctor->subject, NULL,
                   "a frame of another protocol was answered with an error (INVALID_FRAME)");
}

int doctor_listen(struct doctor *doctor, const struct options *options, bool *go_on)
{
    struct bus bus = {.loop = loop_new()};
    int status = EXIT_DONE;

    loop_on_signal(bus.loop, SIGINT, on_signal, &bus);
    loop_on_signal(bus.loop, SIGTERM, on_signal, &bus);
    loop_on_signal(bus.loop, SIGHUP, on_signal, &bus);
    bool listened = listen_for_a_while(&bus, &doctor->spec);
    // Another xcomtop may have it, through which it is asked; if somebody else has, that is told
    // then.
    if (!listened && link_fault(bus.link) == LINK_FAULT_IN_USE) {
        status = EXIT_DONE;
    } else if (!listened) {
        doctor_tell_fault(doctor->report, doctor->subject, &doctor->spec, link_fault(bus.link),
                          link_why(bus.link));
        status = EXIT_NO_ANSWER;
    } else if (bus.signal) {
        status = 128 + bus.signal;
    } else {
        tell_bus(doctor, &bus);
        tell_clients(doctor, &bus, (uint16_t)options->source, go_on);
    }
    link_free(bus.link);
    loop_free(bus.loop);
    return status;
}
