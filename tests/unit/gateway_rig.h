// SPDX-License-Identifier: MIT
// A gateway in virtual time whose other end is played by the test: what it asks is recorded, and
// answered by hand or by a script.
#ifndef XC_TESTS_GATEWAY_RIG_H
#define XC_TESTS_GATEWAY_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "proto/scom.h"

enum { RIG_MAX = 4096, RIG_VARIANTS = 4 };

struct rig;

// A request that the gateway sent.
struct request {
    struct scom_frame frame; // its data is in data
    uint8_t data[256];
    int64_t at;
    unsigned variant; // of the line it came over
};

// An answer that came back, and whose.
struct heard {
    struct answer answer;
    struct multi_item items[MULTI_ITEMS_MAX];
    int64_t at;
    int name; // as given to rig_ask()
};

typedef void rig_script_fn(struct rig *rig, const struct request *request);

// A link that the test holds in its hands.
struct line {
    struct link *link;
    unsigned variants; // how many settings there are to choose from
    unsigned variant;
    unsigned baud, bits_per_byte;
    bool up;
    unsigned discards;    // how often what was sent was discarded
    bool lost_by_discard; // as a TCP connection whose peer hasn't taken everything
    unsigned failures;    // so many times opening fails
    bool slow;            // opening takes until rig_line_up()
    int64_t opened[64];
    size_t opened_count;
};

struct ticket {
    struct rig *rig;
    int name;
};

struct rig {
    struct loop *loop;
    bool borrowed; // the loop is another rig's
    struct gateway *gateway;
    struct link *far;  // the other end of a link in memory; NULL with a line
    struct line *line; // NULL with a link in memory
    struct scom_decoder decoder;
    rig_script_fn *script; // answers; NULL: by hand
    struct request requests[RIG_MAX];
    size_t request_count;
    struct heard answers[RIG_MAX];
    size_t answer_count;
    struct ticket tickets[RIG_MAX];
    size_t ticket_count;
    unsigned states, idles, flag_events, messages;
    unsigned generation; // when the last event of a state came
    uint8_t flags, flags_changed;
    void (*on_answer)(struct rig *rig, const struct heard *heard); // may ask
    void (*on_idle)(struct rig *rig);
    struct loop_timer deliver; // bytes on their way over a line
    uint8_t bytes[8192];
    size_t byte_count;
    uint8_t frame_flags; // in what rig_reply() sends
    uint32_t source;     // of the gateway
};

// Over a link in memory; both ends open, up once the loop runs.
struct rig *rig_new(const struct gateway_options *options);
// Over a line: variants settings, of a baud rate.
struct rig *rig_new_line(const struct gateway_options *options, unsigned variants, unsigned baud,
                         unsigned bits_per_byte);
// The same in the loop of another rig, which is freed after this one: as another process would be.
struct rig *rig_new_beside(struct rig *other, const struct gateway_options *options);
void rig_free(struct rig *rig);

void rig_run(struct rig *rig, int64_t microseconds);

uint32_t rig_ask(struct rig *rig, const struct question *question, int name);
// User info number of device 101, a float, for the screen.
uint32_t rig_ask_info(struct rig *rig, uint32_t number);
struct question rig_info(uint32_t number);

const struct request *rig_last(const struct rig *rig);
const struct heard *rig_heard(const struct rig *rig);

// Bytes to the gateway.
void rig_send(struct rig *rig, const uint8_t *bytes, size_t length);
// The frame that answers a request, to be changed and sent with rig_send_frame().
struct scom_frame rig_answer_to(const struct rig *rig, const struct request *request,
                                const void *data, size_t length);
void rig_send_frame(struct rig *rig, const struct scom_frame *frame);
void rig_reply(struct rig *rig, const struct request *request, const void *data, size_t length);
void rig_reply_float(struct rig *rig, const struct request *request, float value);
void rig_reply_error(struct rig *rig, const struct request *request, uint16_t error);
// What multi-infos ask for, each with the value 1000 + its place in the list.
void rig_reply_items(struct rig *rig, const struct request *request);

// A script: floats (12.5) for infos and parameters, items for multi-infos.
void rig_answers_all(struct rig *rig, const struct request *request);

// A slow line is open now.
void rig_line_up(struct rig *rig);
// The other end goes away; and comes back (link in memory; a line comes back by itself).
void rig_disconnect(struct rig *rig);
void rig_reconnect(struct rig *rig);

struct gateway_statistics rig_statistics(struct rig *rig);

#endif
