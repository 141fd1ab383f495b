// SPDX-License-Identifier: MIT
// One question at a time to a gateway, and its answer (design.md "Rules of the wire"). Hides which
// protocol and which link are below. Keeps the connection: opens the link, finds a serial line's
// settings, reconnects after 1 s to 30 s. Everything is asynchronous in one loop.
//
// Where other processes of ours may want the same link, one of them opens it and the others ask
// through that one: nothing of what follows is different then, but that the state, the statistics
// and the trace are those of the one that has the link, that what it refuses is refused, and that a
// read which another one is asking already may be answered by that one's answer. A person's
// questions come first, whoever's they are, then those of a log, then other polling. When the one
// that has the link ends, the next takes it over: a new connection (gateway_generation()).
#ifndef XC_GATEWAY_GATEWAY_H
#define XC_GATEWAY_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "base/value.h"
#include "link/link.h"
#include "link/local.h"
#include "loop/loop.h"

struct gateway;

// --- Questions -----------------------------------------------------------------------------------

enum question_kind {
    QUESTION_INFO,      // user info `id` of `address`
    QUESTION_PARAMETER, // `part` of parameter `id` of `address`
    QUESTION_MULTI,     // `items` at the gateway
    QUESTION_GUID,      // of the gateway: 16 bytes
    // These have effects: never repeated, but after a busy answer, which says that nothing was
    // done.
    QUESTION_MESSAGE, // message `id` (0 the newest) of the gateway
    QUESTION_WRITE,   // `number` to `part` (PART_VALUE flash, PART_RAM) of parameter `id`
    QUESTION_NOTE,    // `text` to the gateway's custom datalog field
    QUESTION_DATALOG, // `step` in the transfer of a datalog file, or of their directory
};

// A transfer goes from block to block, and other questions may be asked between two steps. A block
// that came with a wrong checksum is asked for again (a nack) by the gateway itself, a few times.
// Blocks have no number: after a step that wasn't answered with XC_OK nobody knows which is next,
// and the transfer is aborted and started again.
enum datalog_step {
    DATALOG_START,    // opens the file called `text`, or the directory: its first block
    DATALOG_CONTINUE, // the next block
    DATALOG_RETRY,    // the gateway's own: the same again
    DATALOG_ABORT,    // ends a transfer
};

enum part { PART_VALUE, PART_RAM, PART_MIN, PART_MAX, PART_LEVEL, PART_COUNT };

// Who waits for it: a person's action is asked before what is on screen, that before the rest.
enum priority { PRIORITY_PERSON, PRIORITY_SCREEN, PRIORITY_BACKGROUND, PRIORITY_COUNT };

enum { MULTI_ITEMS_MAX = 76, MULTI_MASTER = 0, MULTI_AVERAGE = 0xFD, MULTI_SUM = 0xFE };

struct multi_item {
    uint16_t info;
    uint8_t aggregation; // MULTI_MASTER, 1..15 the device's index in its family, MULTI_AVERAGE,
                         // MULTI_SUM
    float value;         // in answers; NaN where the gateway has none
};

struct question {
    enum question_kind kind;
    enum priority priority;
    uint32_t address;
    uint32_t id;
    enum part part;
    enum value_format format;       // of the value; not looked at for PART_LEVEL
    double number;                  // QUESTION_WRITE
    const struct multi_item *items; // copied
    size_t item_count;              // 1..MULTI_ITEMS_MAX
    const char *text;               // copied: bytes of ISO-8859-15
    size_t text_length;             // 0..QUESTION_TEXT_MAX; a file's name without its line end
    enum datalog_step step;
    bool directory; // QUESTION_DATALOG: of the files' names, each on a line, rather than a file
};

enum { QUESTION_TEXT_MAX = 250, ANSWER_RAW_MAX = 32 };

struct answer {
    // XC_OK; XC_DEVICE_ERROR (see error; busy for a minute is one too); XC_TIMEOUT (silence, after
    // the repetition); XC_NO_LINK (lost or never up); XC_MALFORMED; XC_UNSUPPORTED (the gateway
    // lacks it); XC_UNKNOWN (a write or note that may or may not have been done). Never asked:
    // XC_RANGE (not a possible question), XC_READ_ONLY.
    enum xc_status status;
    uint16_t error; // the device's code, also of XC_UNSUPPORTED and XC_UNKNOWN; 0 when none came
    double number;  // the value, decoded by the question's format; else NaN
    uint8_t raw[ANSWER_RAW_MAX];    // its first bytes, in SCOM's order, also over CAN
    size_t raw_length;              // of all of it
    const struct multi_item *items; // QUESTION_MULTI: in the order asked; valid during the call
    size_t item_count;
    uint32_t multi_flags;  // SCOM_MULTI_* of proto/scom.h
    uint32_t multi_clock;  // the installation's clock, seconds since 1970
    uint16_t message_type; // QUESTION_MESSAGE
    uint32_t message_source, message_time, message_value, message_total;
    const uint8_t *block;  // QUESTION_DATALOG: bytes of the file; valid during the call
    size_t block_length;   // at most 512
    bool finished;         // it was the last block
    int64_t sent, arrived; // loop_now() of the (last) sending and of the answer
};

// Called once for each question, from the loop, never from gateway_ask(). May ask again at once:
// a question asked here is on the wire before anything else is waited for.
typedef void gateway_answer_fn(void *arg, const struct answer *answer);

// --- State, statistics, events -------------------------------------------------------------------

enum gateway_state {
    GATEWAY_DOWN,       // the link is closed; it is opened again after a while
    GATEWAY_CONNECTING, // the link is opening
    GATEWAY_WAITING,    // listening for a Moxa that dials in
    GATEWAY_PROBING,    // the link is up; no answer to us yet, settings are tried if there are any
    GATEWAY_UP,         // an answer to us has come on this connection
    GATEWAY_SILENT,     // the last two questions found no answer
};

enum gateway_capability {
    GATEWAY_MULTI = 1,
    GATEWAY_GUID = 2,
    GATEWAY_HISTORY = 4,
    GATEWAY_LEVELS = 8,
    GATEWAY_CLOCK = 16,   // has a clock and a watchdog of its own, at 501
    GATEWAY_DATALOG = 32, // has datalog files
};

enum { GATEWAY_TEXT_MAX = 256 };

// All counters since the start.
struct gateway_statistics {
    uint64_t questions;     // put on the wire, repetitions not counted
    uint64_t answers;       // frames taken as an answer, errors and busy ones too
    uint64_t values;        // in them: one for each item of a multi-info
    uint64_t device_errors; // error answers, busy ones not counted
    uint64_t busy;
    uint64_t repeats;  // sent again after silence, a corrupt block, or when the gateway didn't
                       // reach the device
    uint64_t timeouts; // sendings that found no answer
    uint64_t bytes_sent, bytes_received; // CAN: CANFRAME_RECORD_SIZE for each frame
    uint64_t late;                       // answers to a question given up before
    uint64_t duplicate;                  // answers to a question answered before
    uint64_t foreign;    // to another address, requests of another master, nothing we asked
    uint64_t mismatched; // ours by address, but not the outstanding question's object
    uint64_t echoes;     // of the foreign ones: our own question, come back (SCOM)
    uint64_t unasked;    // of those two: to our address, so somebody else may have it too
    uint32_t stranger_source, stranger_destination; // of the last of those two; 0 and 0 for none
    uint64_t malformed; // the right question's, with content that doesn't fit
    uint64_t unfit;     // CAN: to us, but of a length that no answer has (can.md "Rules")
    uint64_t messages;  // notifications
    uint64_t bad_header, bad_data, oversized, truncated, skipped; // from the decoder
    uint64_t line_ends;   // CR and LF behind frames, which a Moxa puts there
    uint64_t connections; // times there was a connection
    // Of the last 128 round trips, microseconds; 0 when there were none.
    int64_t median_us, percentile95_us;
    // Of the last 10 s: per second.
    double questions_per_s, values_per_s;
    double line_use; // 0..1 of the baud rate; < 0 when there is none
};

enum gateway_event_kind {
    GATEWAY_EVENT_STATE,   // state or its text changed
    GATEWAY_EVENT_FLAGS,   // frame_flags changed
    GATEWAY_EVENT_IDLE,    // nothing outstanding, nothing queued, and the gateway can be asked
    GATEWAY_EVENT_MESSAGE, // a device tells something, unasked
};

// A message notification (can.md "Identifier", service 3).
struct gateway_message {
    uint32_t source; // address of the device
    uint16_t number;
    uint32_t value;
    int64_t arrived; // loop_now()
};

struct gateway_event {
    enum gateway_event_kind kind;
    uint8_t flags, changed;         // GATEWAY_EVENT_FLAGS: SCOM_* frame flags of proto/scom.h
    struct gateway_message message; // GATEWAY_EVENT_MESSAGE
};

// What became of our own questions, whoever has the link and whoever else asks.
struct gateway_outcomes {
    uint64_t silent;    // ended with XC_TIMEOUT
    uint64_t malformed; // with XC_MALFORMED
};

typedef void gateway_event_fn(void *arg, const struct gateway_event *event);

enum gateway_dialect {
    GATEWAY_SCOM,   // Xcom-232i, Xcom-LAN: a stream of bytes
    GATEWAY_STUCAN, // Xcom-CAN, the Studer public protocol: records of base/canframe.h
};

struct gateway_options {
    enum gateway_dialect dialect; // what is spoken over the link
    uint32_t source;              // our address; 0 for the protocol's custom: SCOM 1, CAN 0
    int64_t timeout; // microseconds until a question is given up; 0 for SCOM 3 s, CAN 1 s
    bool read_only;  // one allow-list: anything but a pure read is XC_READ_ONLY
    FILE *trace;     // every byte both ways with time and verdict, readable by decode; NULL none
    bool records;    // a log or the like: asked before what is polled for screens
    // Where to meet others that want the link; copied. NULL: it is ours alone.
    const struct local_place *place;
};

// --- The functions -------------------------------------------------------------------------------

// Takes the link over; the loop opens it. options are copied; the trace stays the caller's, and
// when it can't be written it ends, which gateway_state_text() says. fn may be NULL.
struct gateway *gateway_new(struct loop *loop, struct link *link,
                            const struct gateway_options *options, gateway_event_fn *fn, void *arg);
// Questions that are left are forgotten without an answer. Frees the link. Not from one of the
// gateway's own calls. NULL is allowed.
void gateway_free(struct gateway *gateway);

// Queues a question; fn may be NULL. While there is no connection, or settings are being tried, it
// waits until the timeout since it was asked has passed, then XC_NO_LINK. Writes, notes and steps
// of a transfer go only over the connection on which they were asked: XC_NO_LINK when there is
// another one. Returns a ticket for gateway_cancel(), never 0.
uint32_t gateway_ask(struct gateway *gateway, const struct question *question,
                     gateway_answer_fn *fn, void *arg);
// What gateway_ask() would refuse a question with, at once; else XC_OK.
enum xc_status gateway_check(const struct gateway *gateway, const struct question *question);
// Withdraws a question: it won't be called back. A question on the wire is awaited silently.
// Tickets of questions that have ended, and 0, are allowed.
void gateway_cancel(struct gateway *gateway, uint32_t ticket);

enum gateway_state gateway_state(const struct gateway *gateway);
// One line for a person: "/dev/ttyUSB0 is open at 38400 8E1", "no answer at 38400 8E1, 38400 8N1:
// wrong port or cable, or the gateway is off; next try in 8 s". It counts seconds: ask again to
// show it again. Valid until then; shorter than GATEWAY_TEXT_MAX.
const char *gateway_state_text(struct gateway *gateway);
// The same without when the next try is: for who won't wait for it. Through another xcomtop, which
// does try again, it is the whole text.
const char *gateway_why(struct gateway *gateway);
// A read that does no harm and that any gateway of this dialect answers, or refuses. Static.
const struct question *gateway_probe(const struct gateway *gateway);
// GATEWAY_MULTI | …; all that its dialect has until refuted by an error answer, and again on each
// new connection. What the dialect hasn't ends at once with XC_UNSUPPORTED.
unsigned gateway_capabilities(const struct gateway *gateway);
uint8_t gateway_frame_flags(const struct gateway *gateway); // of the last answer
void gateway_statistics(struct gateway *gateway, struct gateway_statistics *statistics);
void gateway_outcomes(const struct gateway *gateway, struct gateway_outcomes *outcomes);
// What link_bus() and link_baud() know of the CAN bus (bitrate: bits a second, 0 when unknown).
// False for links that aren't CAN: then nothing is set.
bool gateway_bus(struct gateway *gateway, struct link_bus *bus, unsigned *bitrate);
// Number of questions waiting or outstanding.
size_t gateway_pending(const struct gateway *gateway);
// Times there was a connection (with a setting that is answered, where there were several): changes
// when what was known must be recognised again.
unsigned gateway_generation(const struct gateway *gateway);

// --- Shared links --------------------------------------------------------------------------------

// The process through which we ask; 0 when the link is ours.
long gateway_through(const struct gateway *gateway);
// That one was started read-only: it writes nothing for us either.
bool gateway_through_read_only(const struct gateway *gateway);
// Asks nothing more for others, before we end: what they have waiting ends with XC_NO_LINK. What is
// on the wire is still awaited, whoever's it is (gateway_pending()).
void gateway_close_to_others(struct gateway *gateway);
// We shall stand still for a while: if others ask through us, the link is closed, for one of them
// to take it; and back again, from the loop.
void gateway_yield(struct gateway *gateway);
void gateway_return(struct gateway *gateway);

#endif
