// SPDX-License-Identifier: MIT
// Frames through SocketCAN. A frame that was sent comes back to us once it has left; until then it
// can't be called back, also not by closing the socket. An interface is never taken down.
#include <errno.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/canframe.h"
#include "link/backend.h"
#include "link/caniface.h"

// Where the addresses are in an identifier, and where messages go (can.md "Identifier").
enum { DESTINATION_AT = 19, SOURCE_AT = 9, ADDRESS_MASK = 0x3FF, MESSAGES_TO = 500 };

enum { FRAMES_A_ROUND = 32, RESTARTS_MAX = 3 };

#define FULL_PAUSE    (5 * LOOP_MS) // between two tries when the transmit queue is full
#define START_PAUSE   (20 * LOOP_MS)
#define LOOK_PAUSE    (200 * LOOP_MS)
#define LOOK_AGE      LOOP_S
#define FIRST_RESTART LOOP_S // doubles with each bus-off

enum phase {
    PHASE_CLOSED,
    PHASE_UP,
    PHASE_LEAVING,  // a frame that was given up hasn't left
    PHASE_OFF,      // bus-off; a restart is due
    PHASE_STARTING, // the kernel's queue isn't ready
    // Given up: the bus went off too often, or can't be restarted. The socket stays open to notice
    // when somebody has done something about it; the link is closed.
    PHASE_STOPPED,
};

struct can {
    struct loop *loop;
    struct link *link;
    const struct link_spec *spec;
    const char *name;
    enum phase phase;
    int socket; // -1: none
    struct loop_watch *watch;
    unsigned opened; // how often: a listener may close and open
    struct caniface iface;
    int64_t looked_at;
    struct loop_timer look;
    bool full; // the transmit queue was
    struct loop_timer again;
    unsigned unconfirmed; // frames sent that haven't come back
    uint32_t overrun;     // frames that the socket had no room for
    struct loop_timer restart;
    unsigned offs_in_a_row; // bus-offs without a valid frame between them
    char stopped_why[LINK_TEXT_MAX];
    unsigned offs, restarts; // since the link was made
};

static const char *rate_text(unsigned bitrate, char out[24])
{
    snprintf(out, 24, bitrate % 1000 ? "%u bit/s" : "%u kbit/s",
             bitrate % 1000 ? bitrate : bitrate / 1000);
    return out;
}

// --- In words ------------------------------------------------------------------------------------

// ", error-passive (128 transmit errors, 0 receive errors)", or nothing when all is well.
static void say_bus(const struct can *can, char *out, size_t size)
{
    const struct caniface *iface = &can->iface;
    int used = 0;

    out[0] = '\0';
    if (iface->state != BUS_WARNING && iface->state != BUS_PASSIVE)
        return;
    used = snprintf(out, size, ", error-%s", link_bus_state_name(iface->state));
    if (iface->transmit_errors >= 0)
        snprintf(out + used, size - (size_t)used, " (%d transmit errors, %d receive errors)",
                 iface->transmit_errors, iface->receive_errors);
}

static void report(struct can *can)
{
    char why[LINK_TEXT_MAX], bus[80], rate[24];

    say_bus(can, bus, sizeof bus);
    if (can->phase == PHASE_LEAVING)
        snprintf(why, sizeof why,
                 "%s: nobody has acknowledged our last frame%s: is the Xcom-CAN on, and does its "
                 "bit rate fit?",
                 can->name, bus);
    else if (can->phase == PHASE_STARTING)
        snprintf(why, sizeof why, "%s is starting", can->name);
    else if (can->iface.bitrate)
        snprintf(why, sizeof why, "%s at %s%s", can->name, rate_text(can->iface.bitrate, rate),
                 bus);
    else
        snprintf(why, sizeof why, "%s is open%s", can->name, bus);
    link_backend_state(can->link, can->phase == PHASE_UP ? LINK_UP : LINK_OPENING, why);
}

static void say_missing(const char *name, char *why, size_t size)
{
    char list[120];

    if (caniface_list(list, sizeof list)[0])
        snprintf(why, size, "%s: no such interface; there is %s", name, list);
    else if (strncmp(name, "vcan", 4) == 0)
        snprintf(why, size, "%s: no such interface: sudo ip link add %s type vcan", name, name);
    else
        snprintf(why, size,
                 "%s: no such interface, nor any other for CAN: is the adapter plugged in, and its "
                 "driver loaded?",
                 name);
}

// --- Bus-off -------------------------------------------------------------------------------------

static void release(struct can *can)
{
    loop_timer_stop(can->loop, &can->look);
    loop_timer_stop(can->loop, &can->again);
    loop_timer_stop(can->loop, &can->restart);
    loop_unwatch(can->loop, can->watch);
    can->watch = NULL;
    if (can->socket >= 0)
        close(can->socket);
    can->socket = -1;
    can->unconfirmed = 0;
    can->phase = PHASE_CLOSED;
}

// Somebody has done something about the bus, or frames pass again.
static void forget_bus_offs(struct can *can)
{
    can->offs_in_a_row = 0;
    if (can->phase == PHASE_STOPPED)
        release(can);
}

static void stop(struct can *can, const char *why)
{
    can->phase = PHASE_STOPPED;
    snprintf(can->stopped_why, sizeof can->stopped_why, "%s", why);
    link_backend_failed(can->link, LINK_FAULT_BUS_OFF, why);
}

// The bus isn't off, as far as can->iface tells.
static void come_up(struct can *can)
{
    loop_timer_stop(can->loop, &can->restart);
    can->phase = can->iface.running ? PHASE_UP : PHASE_STARTING;
    if (can->phase == PHASE_STARTING)
        loop_timer_in(can->loop, &can->look, START_PAUSE);
    report(can);
}

static void go_off(struct can *can)
{
    char why[LINK_TEXT_MAX];
    unsigned restart_ms = can->iface.restart_ms;

    if (can->phase == PHASE_OFF || can->phase == PHASE_STOPPED)
        return;
    can->offs++;
    can->offs_in_a_row++;
    // What waited to leave is dropped with the restart.
    can->unconfirmed = 0;
    loop_timer_stop(can->loop, &can->again);
    if (can->offs_in_a_row > RESTARTS_MAX) {
        snprintf(why, sizeof why,
                 "%s was bus-off again after %d restarts: do bit rate, wiring and termination fit? "
                 "then sudo ip link set %s %s",
                 can->name, RESTARTS_MAX, can->name,
                 restart_ms ? "down, and up again" : "type can restart");
        stop(can, why);
        return;
    }
    can->phase = PHASE_OFF;
    if (restart_ms > 0) {
        snprintf(why, sizeof why, "%s is bus-off: the kernel restarts it after %u ms", can->name,
                 restart_ms);
    } else {
        int64_t delay = FIRST_RESTART << (can->offs_in_a_row - 1);
        snprintf(why, sizeof why, "%s is bus-off: restart %u of %d in %d s", can->name,
                 can->offs_in_a_row, RESTARTS_MAX, (int)(delay / LOOP_S));
        loop_timer_in(can->loop, &can->restart, delay);
    }
    link_backend_state(can->link, LINK_OPENING, why);
}

// --- The state of the bus ------------------------------------------------------------------------

// Nothing that we sent can still leave. Where no echo tells, a controller that is error-passive is
// one whose frame nobody acknowledges.
static bool has_left(const struct can *can)
{
    return can->unconfirmed == 0 && (can->iface.echo || can->iface.state != BUS_PASSIVE);
}

// Asks the kernel how things are, and follows.
static void look(struct can *can)
{
    struct caniface iface;

    if (can->phase == PHASE_CLOSED)
        return;
    can->looked_at = loop_now(can->loop);
    if (caniface_read(can->name, &iface) == XC_OK && iface.up)
        can->iface = iface;
    else if (can->phase != PHASE_LEAVING)
        return; // the socket tells
    if (can->iface.state == BUS_OFF) {
        go_off(can);
        if (can->phase == PHASE_OFF && !can->restart.set)
            loop_timer_in(can->loop, &can->look, LOOK_PAUSE); // the kernel restarts it
        return;
    }
    switch (can->phase) {
    case PHASE_LEAVING:
        if (!has_left(can)) {
            loop_timer_in(can->loop, &can->look, LOOK_AGE);
            report(can);
            break;
        }
        come_up(can);
        break;
    case PHASE_STOPPED:
        if (!can->iface.restart_ms)
            forget_bus_offs(can); // somebody restarted it
        break;
    default:
        come_up(can);
        break;
    }
}

static void on_look(void *arg)
{
    look(arg);
}

// A controller in trouble can tell so very often.
static void look_soon(struct can *can)
{
    if (can->phase != PHASE_CLOSED && !can->look.set)
        loop_timer_at(can->loop, &can->look, can->looked_at + LOOK_PAUSE);
}

static void on_restart(void *arg)
{
    struct can *can = arg;
    struct caniface iface;
    char why[LINK_TEXT_MAX];

    if (caniface_read(can->name, &iface) == XC_OK && iface.state == BUS_OFF) {
        if (!caniface_restart(can->name, why, sizeof why)) {
            stop(can, why);
            return;
        }
        can->restarts++;
        can->phase = PHASE_STARTING; // off once more counts again
    }
    look(can);
}

static void on_error_frame(struct can *can, uint32_t what)
{
    if (!can->iface.controller)
        return; // anyone can send them on a virtual bus
    if (what & CAN_ERR_BUSOFF)
        go_off(can);
    look_soon(can);
}

static void on_confirmation(struct can *can)
{
    if (can->unconfirmed > 0)
        can->unconfirmed--;
    if (can->phase == PHASE_LEAVING && has_left(can))
        come_up(can);
}

// --- Frames in -----------------------------------------------------------------------------------

static void lost(void *self, int error)
{
    struct can *can = self;
    char why[LINK_TEXT_MAX];

    release(can);
    forget_bus_offs(can);
    switch (error) {
    case ENETDOWN:
        snprintf(why, sizeof why, "%s was taken down: sudo ip link set %s up", can->name,
                 can->name);
        break;
    case ENODEV:
    case ENXIO:
        snprintf(why, sizeof why, "%s has vanished: is the adapter plugged in?", can->name);
        break;
    default:
        snprintf(why, sizeof why, "%s: %s", can->name, strerror(error));
        break;
    }
    link_backend_failed(can->link, error == ENETDOWN ? LINK_FAULT_DOWN : LINK_FAULT_LOST, why);
}

static struct canframe from_kernel(const struct can_frame *raw)
{
    struct canframe frame = {.extended = raw->can_id & CAN_EFF_FLAG,
                             .remote = raw->can_id & CAN_RTR_FLAG,
                             .error = raw->can_id & CAN_ERR_FLAG,
                             .length = raw->len};
    bool long_id = frame.extended || frame.error;

    frame.id = raw->can_id & (long_id ? CAN_EFF_MASK : CAN_SFF_MASK);
    if (!frame.remote && frame.length <= sizeof frame.data)
        memcpy(frame.data, raw->data, frame.length);
    return frame;
}

// How many frames the socket had no room for so far; our own coming back may be among them.
static void note_overrun(struct can *can, struct msghdr *message)
{
    uint32_t overrun;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
            continue;
        memcpy(&overrun, CMSG_DATA(c), sizeof overrun);
        if (overrun != can->overrun)
            can->unconfirmed = 0; // a bus so busy is one that takes frames
        can->overrun = overrun;
    }
}

// False when there was none, or the socket isn't the same any more.
static bool receive(struct can *can)
{
    struct can_frame raw;
    uint8_t record[CANFRAME_RECORD_SIZE];
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(uint32_t))];
    } control;
    struct iovec place = {&raw, sizeof raw};
    struct msghdr message = {.msg_iov = &place,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    unsigned opened = can->opened;
    ssize_t n = recvmsg(can->socket, &message, MSG_DONTWAIT);

    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            lost(can, errno);
        return false;
    }
    note_overrun(can, &message);
    struct canframe frame = from_kernel(&raw);
    if (n != (ssize_t)sizeof raw || canframe_put(&frame, record) != XC_OK)
        return true; // no classic frame
    // A frame that has left is proof that the bus works, as is one from another node. One from this
    // computer that may only have been queued isn't.
    bool own = message.msg_flags & (MSG_CONFIRM | MSG_DONTROUTE);
    if (!frame.error && (!own || can->iface.echo))
        forget_bus_offs(can);
    if (message.msg_flags & MSG_CONFIRM)
        on_confirmation(can);
    else if (can->phase != PHASE_CLOSED && can->phase != PHASE_STOPPED)
        link_backend_received(can->link, record, sizeof record);
    if (can->opened != opened || can->socket < 0)
        return false;
    if (frame.error)
        on_error_frame(can, frame.id);
    return can->opened == opened && can->socket >= 0;
}

static void on_ready(void *arg, short revents)
{
    struct can *can = arg;
    unsigned opened = can->opened;

    if (revents & POLLOUT)
        link_backend_writable(can->link);
    if (!(revents & (POLLIN | POLLERR | POLLHUP)) || can->opened != opened || can->socket < 0)
        return;
    // Some a round: others have their turn.
    for (unsigned i = 0; i < FRAMES_A_ROUND && receive(can); i++)
        ;
}

// --- Opening and closing -------------------------------------------------------------------------

// Only what can concern us wakes us. False with errno set.
static bool set_filters(const struct can *can)
{
    static const canid_t flags = CAN_EFF_FLAG | CAN_RTR_FLAG; // extended, and not remote
    canid_t source = can->spec->source & ADDRESS_MASK;
    struct can_filter filters[] = {
        {CAN_EFF_FLAG | source << DESTINATION_AT, flags | ADDRESS_MASK << DESTINATION_AT},
        {CAN_EFF_FLAG | MESSAGES_TO << DESTINATION_AT, flags | ADDRESS_MASK << DESTINATION_AT},
        // Our own frames, coming back.
        {CAN_EFF_FLAG | source << SOURCE_AT, flags | ADDRESS_MASK << SOURCE_AT},
    };
    static const can_err_mask_t errors = CAN_ERR_CRTL | CAN_ERR_BUSOFF | CAN_ERR_RESTARTED;
    static const int on = 1;

    return (can->spec->every_frame ||
            setsockopt(can->socket, SOL_CAN_RAW, CAN_RAW_FILTER, filters, sizeof filters) == 0) &&
           setsockopt(can->socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof errors) == 0 &&
           setsockopt(can->socket, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &on, sizeof on) == 0 &&
           setsockopt(can->socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) == 0;
}

// False, with why not, when there is no such socket.
static bool open_socket(struct can *can, char *why, size_t size)
{
    struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = can->iface.index};

    if (set_filters(can) &&
        bind(can->socket, (const struct sockaddr *)&address, sizeof address) == 0)
        return true;
    snprintf(why, size, "%s can't be opened: %s", can->name, strerror(errno));
    return false;
}

static bool open_interface(struct can *can, char *why, size_t size)
{
    can->iface = (struct caniface){0};
    can->socket = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
    if (can->socket < 0) {
        if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
            snprintf(why, size,
                     "this kernel has no CAN, or it isn't loaded: sudo modprobe can_raw");
        else
            snprintf(why, size, "no CAN socket can be had: %s", strerror(errno));
        return false;
    }
    enum xc_status status = caniface_read(can->name, &can->iface);
    if (status == XC_NOT_FOUND) {
        forget_bus_offs(can);
        say_missing(can->name, why, size);
        return false;
    }
    if (status != XC_OK) {
        snprintf(why, size, "%s: the kernel doesn't tell about it: %s", can->name, strerror(errno));
        return false;
    }
    if (!can->iface.up)
        forget_bus_offs(can);
    return caniface_prepare(can->name, can->spec->bitrate, &can->iface, why, size) &&
           open_socket(can, why, size);
}

static void can_open(void *self, unsigned variant)
{
    struct can *can = self;
    char why[LINK_TEXT_MAX];

    (void)variant;
    if (can->phase == PHASE_STOPPED)
        look(can);
    if (can->phase == PHASE_STOPPED) {
        link_backend_failed(can->link, LINK_FAULT_BUS_OFF, can->stopped_why);
        return;
    }
    release(can);
    can->opened++;
    can->overrun = 0;
    if (!open_interface(can, why, sizeof why)) {
        release(can);
        link_backend_failed(can->link, caniface_fault(&can->iface, can->spec->bitrate), why);
        return;
    }
    can->looked_at = loop_now(can->loop);
    can->watch = loop_watch(can->loop, can->socket, POLLIN, on_ready, can);
    if (can->iface.state == BUS_OFF)
        go_off(can);
    else
        come_up(can);
}

static void can_close(void *self)
{
    struct can *can = self;

    release(can);
    forget_bus_offs(can);
}

// --- Frames out ----------------------------------------------------------------------------------

static bool to_kernel(const uint8_t *record, struct can_frame *raw)
{
    struct canframe frame;

    if (canframe_get(record, &frame) != XC_OK || frame.error)
        return false;
    *raw = (struct can_frame){.can_id = frame.id | (frame.extended ? CAN_EFF_FLAG : 0) |
                                        (frame.remote ? CAN_RTR_FLAG : 0),
                              .len = frame.length};
    memcpy(raw->data, frame.data, sizeof frame.data);
    return true;
}

static long can_write(void *self, const uint8_t *bytes, size_t length)
{
    struct can *can = self;
    struct can_frame raw;
    size_t taken = 0;

    can->full = false;
    for (; taken < length; taken += CANFRAME_RECORD_SIZE) {
        if (length - taken < CANFRAME_RECORD_SIZE || !to_kernel(bytes + taken, &raw)) {
            errno = EBADMSG; // only whole frames come here
            return -1;
        }
        if (write(can->socket, &raw, sizeof raw) == (ssize_t)sizeof raw) {
            can->unconfirmed++;
            continue;
        }
        can->full = errno == ENOBUFS;
        if (!can->full && errno != EAGAIN && errno != EINTR)
            return -1;
        break;
    }
    return (long)taken;
}

// poll() knows of the socket's own room, not of the interface's queue.
static void can_want_write(void *self, bool wanted)
{
    struct can *can = self;

    if (wanted && can->full)
        loop_timer_in(can->loop, &can->again, FULL_PAUSE);
    else
        loop_timer_stop(can->loop, &can->again);
    loop_watch_events(can->watch, wanted && !can->full ? POLLIN | POLLOUT : POLLIN);
}

static void on_again(void *arg)
{
    struct can *can = arg;

    look_soon(can); // a bus that is off takes nothing either
    link_backend_writable(can->link);
}

static void can_discard(void *self, bool dropped)
{
    struct can *can = self;

    (void)dropped;
    // In one-shot mode a frame is tried once only, and may never come back.
    if (can->iface.one_shot)
        can->unconfirmed = 0;
    else
        can->phase = PHASE_LEAVING;
    look(can);
}

// --- The rest ------------------------------------------------------------------------------------

static void *can_create(struct loop *loop, struct link *link, const struct link_spec *spec)
{
    struct can *can = xcalloc(1, sizeof *can);

    can->loop = loop;
    can->link = link;
    can->spec = spec;
    can->name = spec->path;
    can->socket = -1;
    can->look = (struct loop_timer){.fire = on_look, .arg = can};
    can->again = (struct loop_timer){.fire = on_again, .arg = can};
    can->restart = (struct loop_timer){.fire = on_restart, .arg = can};
    return can;
}

static unsigned can_baud(const void *self)
{
    const struct can *can = self;
    return can->socket >= 0 ? can->iface.bitrate : 0;
}

// An extended frame with n bytes takes 67 + 8n bits, and up to a quarter more of the 53 + 8n among
// them that can be stuffed: a question and its answer about 2 × 112. A record has 16 bytes.
static unsigned can_bits_per_byte(const void *self)
{
    (void)self;
    return 7;
}

static void can_bus(void *self, struct link_bus *bus)
{
    struct can *can = self;

    // Counters go down without a frame that tells.
    if (can->socket >= 0 && can->iface.controller &&
        loop_now(can->loop) - can->looked_at >= LOOK_AGE)
        look_soon(can);
    bus->offs = can->offs;
    bus->restarts = can->restarts;
    if (can->socket < 0)
        return;
    bus->state =
        can->phase == PHASE_OFF || can->phase == PHASE_STOPPED ? BUS_OFF : can->iface.state;
    bus->transmit_errors = can->iface.transmit_errors;
    bus->receive_errors = can->iface.receive_errors;
}

const struct link_backend link_can_backend = {
    .create = can_create,
    .destroy = free,
    .open = can_open,
    .close = can_close,
    .write = can_write,
    .broken = lost,
    .want_write = can_want_write,
    .discard = can_discard,
    .baud = can_baud,
    .bits_per_byte = can_bits_per_byte,
    .bus = can_bus,
};
