// SPDX-License-Identifier: MIT
// CAN through a serial-line adapter that speaks Lawicel's text, over a serial link of our own. The
// channel is closed first, whatever a program before us has left open, and its answers are let
// pass; then bit rate and opening. Adapters that acknowledge nothing are taken too.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/canframe.h"
#include "link/backend.h"
#include "proto/slcan.h"

enum { USUAL_BAUD = 115200, ASKED_MAX = 32, VERSION_MAX = 24 };

// A channel under heavy traffic may go on for a moment before it closes.
#define QUIET_TIME  (50 * LOOP_MS)
#define QUIET_LIMIT LOOP_S
#define ANSWER_TIME (300 * LOOP_MS)
#define FULL_PAUSE  (5 * LOOP_MS)
#define STATUS_AGE  LOOP_S

enum step {
    STEP_CLOSED, // the serial line is, too
    STEP_QUIET,  // the channel was closed; waits for a silence
    STEP_VERSION,
    STEP_BITRATE,
    STEP_OPEN,
    STEP_READY,
};

struct slcan {
    struct loop *loop;
    struct link *link;
    const struct link_spec *spec;
    struct link *line;
    enum step step;
    struct loop_timer timer; // of the step
    int64_t quiet_limit;
    struct slcan_decoder decoder;
    // Commands that haven't been answered, oldest first: their letters, 'T' for a frame.
    char asked[ASKED_MAX];
    unsigned asked_count;
    bool talks;        // the adapter has answered something since the line was opened
    bool acknowledges; // also commands
    bool known;        // the channel has been opened once since then
    bool used;         // a frame was sent since the channel was opened
    bool doubted;      // its opening was refused once, and is tried again
    char version[VERSION_MAX];
    int status; // SLCAN_WARNING | …; -1: unknown
    int64_t status_asked;
    bool refusing; // the last frame was refused
    unsigned refused;
    struct loop_timer again; // the serial line's queue was full
};

static void enter(struct slcan *slcan, enum step step);

// --- In words ------------------------------------------------------------------------------------

static enum link_bus_state bus_state(const struct slcan *slcan)
{
    if (slcan->status < 0)
        return BUS_UNKNOWN;
    if (slcan->status & SLCAN_PASSIVE)
        return BUS_PASSIVE;
    return slcan->status & SLCAN_WARNING ? BUS_WARNING : BUS_ACTIVE;
}

static void report(struct slcan *slcan)
{
    char why[LINK_TEXT_MAX], rate[32] = "";
    enum link_bus_state bus = bus_state(slcan);
    bool trouble = bus == BUS_WARNING || bus == BUS_PASSIVE;

    if (slcan->step != STEP_READY)
        return;
    if (slcan->spec->bitrate)
        snprintf(rate, sizeof rate, " at %u kbit/s", slcan->spec->bitrate / 1000);
    snprintf(why, sizeof why, "%.160s: SLCAN adapter %s%s%s%s%s", slcan->spec->path,
             slcan->version[0] ? slcan->version : "open", rate, trouble ? ", error-" : "",
             trouble ? link_bus_state_name(bus) : "",
             !slcan->talks     ? "; it answers nothing: is it one?"
             : slcan->refusing ? "; it refused a frame"
                               : "");
    link_backend_state(slcan->link, LINK_UP, why);
}

static void let_go(struct slcan *slcan)
{
    loop_timer_stop(slcan->loop, &slcan->timer);
    loop_timer_stop(slcan->loop, &slcan->again);
    slcan->step = STEP_CLOSED;
}

static void slcan_close(void *self)
{
    static const char close[] = {SLCAN_CR, SLCAN_CLOSE, SLCAN_CR};
    struct slcan *slcan = self;

    if (slcan->step != STEP_CLOSED)
        link_send(slcan->line, (const uint8_t *)close, sizeof close);
    let_go(slcan);
    link_close(slcan->line);
}

static void fail(struct slcan *slcan, const char *reason)
{
    char why[LINK_TEXT_MAX];

    snprintf(why, sizeof why, "%.160s: %s", slcan->spec->path, reason);
    slcan_close(slcan);
    link_backend_failed(slcan->link, LINK_FAULT_SETTINGS, why);
}

// --- Commands and their answers ------------------------------------------------------------------

static void remember(struct slcan *slcan, char command)
{
    if (slcan->asked_count == ASKED_MAX)
        memmove(slcan->asked, slcan->asked + 1, --slcan->asked_count);
    slcan->asked[slcan->asked_count++] = command;
}

// The oldest command that an answer can belong to, which is then done, as are those before it;
// '\0' for none.
static char settle(struct slcan *slcan, const char *which)
{
    for (unsigned i = 0; i < slcan->asked_count; i++) {
        char command = slcan->asked[i];
        if (!strchr(which, command))
            continue;
        slcan->asked_count -= i + 1;
        memmove(slcan->asked, slcan->asked + i + 1, slcan->asked_count);
        return command;
    }
    return '\0';
}

static void command(struct slcan *slcan, enum slcan_command letter, char digit)
{
    char text[] = {(char)letter, digit ? digit : SLCAN_CR, SLCAN_CR};

    remember(slcan, (char)letter);
    // When the line fails here, its loss ends all.
    link_send(slcan->line, (const uint8_t *)text, digit ? 3 : 2);
}

static void ask_status(struct slcan *slcan)
{
    slcan->status_asked = loop_now(slcan->loop);
    command(slcan, SLCAN_ASK_STATUS, '\0');
}

// What was refused may have been an earlier command, whose answer came late.
static bool try_again(struct slcan *slcan)
{
    bool first = !slcan->doubted;

    slcan->doubted = true;
    if (first)
        enter(slcan, STEP_QUIET);
    return first;
}

static void on_refusal(struct slcan *slcan)
{
    char why[80];

    switch (settle(slcan, "SOVFT")) {
    case SLCAN_BITRATE:
        if (try_again(slcan))
            break;
        snprintf(why, sizeof why, "the adapter refuses a bit rate of %u bit/s",
                 slcan->spec->bitrate);
        fail(slcan, why);
        break;
    case SLCAN_OPEN:
        if (try_again(slcan))
            break;
        fail(slcan, slcan->spec->bitrate ? "the adapter refuses to open its channel"
                                         : "the adapter refuses to open its channel: give its bit "
                                           "rate with ?bitrate=250000");
        break;
    case SLCAN_ASK_STATUS:
        // Only a channel that is closed has none; but some adapters have none at all.
        if (slcan->status >= 0)
            fail(slcan, "the adapter's channel was closed: was it switched off?");
        break;
    case 'T':
        slcan->refused++;
        slcan->refusing = true;
        ask_status(slcan); // why
        report(slcan);
        break;
    default:
        break;
    }
}

// The step's command has been answered, or its time is over.
static void go_on(struct slcan *slcan)
{
    switch (slcan->step) {
    case STEP_QUIET:
        enter(slcan, slcan->known ? STEP_BITRATE : STEP_VERSION);
        break;
    case STEP_VERSION:
        enter(slcan, STEP_BITRATE);
        break;
    case STEP_BITRATE:
        enter(slcan, STEP_OPEN);
        break;
    case STEP_OPEN:
        enter(slcan, STEP_READY);
        break;
    default:
        break;
    }
}

static void on_done(struct slcan *slcan, char command)
{
    if ((command == SLCAN_ASK_VERSION && slcan->step == STEP_VERSION) ||
        (command == SLCAN_BITRATE && slcan->step == STEP_BITRATE) ||
        (command == SLCAN_OPEN && slcan->step == STEP_OPEN))
        go_on(slcan);
    else if (command == 'T' && slcan->refusing) {
        slcan->refusing = false;
        report(slcan);
    }
}

static void deliver(struct slcan *slcan, const struct canframe *frame)
{
    uint8_t record[CANFRAME_RECORD_SIZE];

    if (slcan->step == STEP_READY && canframe_put(frame, record) == XC_OK)
        link_backend_received(slcan->link, record, sizeof record);
}

static void on_line(struct slcan *slcan, const struct slcan_line *line)
{
    switch (line->kind) {
    case SLCAN_FRAME:
        deliver(slcan, &line->frame);
        break;
    case SLCAN_OK:
        slcan->acknowledges = true;
        on_done(slcan, settle(slcan, "SOT"));
        break;
    case SLCAN_SENT:
        on_done(slcan, settle(slcan, "T"));
        break;
    case SLCAN_ERROR:
        on_refusal(slcan);
        break;
    case SLCAN_VERSION:
        snprintf(slcan->version, sizeof slcan->version, "%.*s", VERSION_MAX - 1, line->text);
        on_done(slcan, settle(slcan, "V"));
        break;
    case SLCAN_FLAGS:
        settle(slcan, "F");
        slcan->status = line->status;
        report(slcan);
        break;
    default:
        break;
    }
}

// --- Opening -------------------------------------------------------------------------------------

static void enter(struct slcan *slcan, enum step step)
{
    static const char clear[] = {SLCAN_CR, SLCAN_CR, SLCAN_CR, SLCAN_CLOSE, SLCAN_CR};

    slcan->step = step;
    // One that has acknowledged nothing the first time isn't waited for again.
    loop_timer_in(slcan->loop, &slcan->timer,
                  slcan->known && !slcan->acknowledges ? 0 : ANSWER_TIME);
    switch (step) {
    case STEP_QUIET:
        slcan->decoder = (struct slcan_decoder){0};
        slcan->asked_count = 0;
        slcan->used = false;
        slcan->quiet_limit = loop_now(slcan->loop) + QUIET_LIMIT;
        // The first ones end what somebody has begun and not finished.
        link_send(slcan->line, (const uint8_t *)clear, sizeof clear);
        loop_timer_in(slcan->loop, &slcan->timer, QUIET_TIME);
        break;
    case STEP_VERSION:
        command(slcan, SLCAN_ASK_VERSION, '\0');
        break;
    case STEP_BITRATE:
        if (slcan->spec->bitrate)
            command(slcan, SLCAN_BITRATE, slcan_bitrate_digit(slcan->spec->bitrate));
        else
            enter(slcan, STEP_OPEN);
        break;
    case STEP_OPEN:
        command(slcan, SLCAN_OPEN, '\0');
        break;
    case STEP_READY:
        loop_timer_stop(slcan->loop, &slcan->timer);
        slcan->known = true;
        slcan->refusing = slcan->doubted = false;
        ask_status(slcan);
        report(slcan);
        link_backend_writable(slcan->link);
        break;
    case STEP_CLOSED:
        break;
    }
}

static void on_timer(void *arg)
{
    go_on(arg);
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct slcan *slcan = arg;
    struct slcan_line line;

    if (slcan->step == STEP_QUIET) {
        // Answers to others, and frames: until there is silence, but not for ever.
        int64_t until = loop_now(slcan->loop) + QUIET_TIME;
        loop_timer_at(slcan->loop, &slcan->timer,
                      until < slcan->quiet_limit ? until : slcan->quiet_limit);
        return;
    }
    for (size_t i = 0; i < length && slcan->step > STEP_QUIET; i++) {
        if (slcan_decode(&slcan->decoder, bytes[i], &line) != XC_OK)
            continue;
        bool first = !slcan->talks;
        slcan->talks = true;
        on_line(slcan, &line);
        if (first)
            report(slcan); // it does answer something
    }
}

static void on_state(void *arg, enum link_state state)
{
    struct slcan *slcan = arg;

    if (state == LINK_UP && slcan->step == STEP_CLOSED) {
        slcan->talks = slcan->acknowledges = slcan->known = false;
        slcan->version[0] = '\0';
        slcan->status = -1;
        link_backend_state(slcan->link, LINK_OPENING, "opening the adapter's channel");
        enter(slcan, STEP_QUIET);
    } else if (state == LINK_CLOSED && slcan->step != STEP_CLOSED) {
        let_go(slcan);
        link_backend_failed(slcan->link, link_fault(slcan->line), link_why(slcan->line));
    }
}

static void slcan_open(void *self, unsigned variant)
{
    struct slcan *slcan = self;

    (void)variant;
    let_go(slcan);
    link_open(slcan->line, 0);
    if (link_state(slcan->line) == LINK_CLOSED)
        link_backend_failed(slcan->link, link_fault(slcan->line), link_why(slcan->line));
}

// --- Frames out ----------------------------------------------------------------------------------

static long slcan_write(void *self, const uint8_t *bytes, size_t length)
{
    struct slcan *slcan = self;
    struct canframe frame;
    char text[SLCAN_FRAME_MAX];
    size_t taken = 0;

    for (; slcan->step == STEP_READY && taken < length; taken += CANFRAME_RECORD_SIZE) {
        size_t text_length = 0;
        if (length - taken >= CANFRAME_RECORD_SIZE && canframe_get(bytes + taken, &frame) == XC_OK)
            text_length = slcan_encode(&frame, text);
        if (text_length == 0) {
            errno = EBADMSG; // only whole frames come here
            return -1;
        }
        if (link_send(slcan->line, (const uint8_t *)text, text_length) != XC_OK)
            break;
        remember(slcan, 'T');
        slcan->used = true;
    }
    return (long)taken;
}

static void slcan_want_write(void *self, bool wanted)
{
    struct slcan *slcan = self;

    // While the channel isn't ready, that it is will be told.
    if (wanted && slcan->step == STEP_READY)
        loop_timer_in(slcan->loop, &slcan->again, FULL_PAUSE);
    else
        loop_timer_stop(slcan->loop, &slcan->again);
}

static void on_again(void *arg)
{
    struct slcan *slcan = arg;
    link_backend_writable(slcan->link);
}

static void slcan_broken(void *self, int error)
{
    fail(self, strerror(error));
}

// A frame may wait in the adapter for as long as nobody on the bus acknowledges it; closing its
// channel is what empties it.
static void slcan_discard(void *self, bool dropped)
{
    struct slcan *slcan = self;

    (void)dropped;
    if (slcan->step != STEP_READY || !slcan->used)
        return;
    link_discard(slcan->line);
    enter(slcan, STEP_QUIET);
}

// --- The rest ------------------------------------------------------------------------------------

static void *slcan_create(struct loop *loop, struct link *link, const struct link_spec *spec)
{
    static const struct link_events events = {.state = on_state, .received = on_received};
    struct slcan *slcan = xcalloc(1, sizeof *slcan);
    struct link_spec line = {.kind = LINK_SERIAL,
                             .baud = spec->baud ? spec->baud : USUAL_BAUD,
                             .parity = PARITY_NONE,
                             .finish_output = true}; // the channel is closed at the end

    snprintf(line.path, sizeof line.path, "%s", spec->path);
    slcan->loop = loop;
    slcan->link = link;
    slcan->spec = spec;
    slcan->line = link_new(loop, &line);
    slcan->timer = (struct loop_timer){.fire = on_timer, .arg = slcan};
    slcan->again = (struct loop_timer){.fire = on_again, .arg = slcan};
    link_listen(slcan->line, &events, slcan);
    return slcan;
}

static void slcan_destroy(void *self)
{
    struct slcan *slcan = self;

    link_free(slcan->line);
    free(slcan);
}

static unsigned slcan_baud(const void *self)
{
    const struct slcan *slcan = self;
    return slcan->spec->bitrate;
}

// As of any CAN link: see can.c.
static unsigned slcan_bits_per_byte(const void *self)
{
    (void)self;
    return 7;
}

static void slcan_bus(void *self, struct link_bus *bus)
{
    struct slcan *slcan = self;

    bus->refused = slcan->refused;
    bus->mute = !slcan->talks;
    if (slcan->step != STEP_READY)
        return;
    bus->state = bus_state(slcan);
    if (loop_now(slcan->loop) - slcan->status_asked >= STATUS_AGE)
        ask_status(slcan);
}

const struct link_backend link_slcan_backend = {
    .create = slcan_create,
    .destroy = slcan_destroy,
    .open = slcan_open,
    .close = slcan_close,
    .write = slcan_write,
    .broken = slcan_broken,
    .want_write = slcan_want_write,
    .discard = slcan_discard,
    .baud = slcan_baud,
    .bits_per_byte = slcan_bits_per_byte,
    .bus = slcan_bus,
};
