// SPDX-License-Identifier: MIT
// A gateway over CAN in virtual time whose other end is played by the test: frames that it sends
// are recorded, and answered by hand or by a script.
#ifndef XC_TESTS_CAN_RIG_H
#define XC_TESTS_CAN_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/canframe.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "proto/stucan.h"

enum { RIG_REQUESTS = 8192, RIG_ANSWERS = 64, RIG_MESSAGES = 64 };

struct rig;

struct request {
    struct canframe can;
    struct stucan_frame frame;
    int64_t at;
};

typedef void rig_script_fn(struct rig *rig, const struct request *request);

struct rig {
    struct loop *loop;
    struct gateway *gateway;
    struct plant *plant; // NULL: none
    struct link *far;
    rig_script_fn *script; // NULL: by hand
    void *site;            // the script's own
    struct request requests[RIG_REQUESTS];
    size_t request_count;
    struct answer answers[RIG_ANSWERS];
    size_t answer_count;
    struct gateway_message messages[RIG_MESSAGES];
    size_t message_count;
};

// options may be NULL; the dialect is set here.
struct rig *rig_new(const struct gateway_options *options);
// With a plant.
struct rig *rig_new_plant(const struct plant_options *options, rig_script_fn *script, void *site);
void rig_free(struct rig *rig);
void rig_run(struct rig *rig, int64_t microseconds);

// User info 3000 of XT1 as a FLOAT.
struct question rig_info(void);
uint32_t rig_ask(struct rig *rig, const struct question *question);
const struct request *rig_last(const struct rig *rig);
const struct answer *rig_heard(const struct rig *rig);
struct gateway_statistics rig_statistics(struct rig *rig);

// Frames to the gateway.
void rig_send(struct rig *rig, const struct canframe *frame);
// Extended, from the identifier and the payload in hexadecimal: "0B B8 41".
void rig_send_text(struct rig *rig, uint32_t id, const char *payload);
void rig_send_answer(struct rig *rig, const struct stucan_frame *frame);
struct stucan_frame rig_answer_to(const struct request *request, float value);
void rig_reply(struct rig *rig, const struct request *request, float value);
void rig_reply_error(struct rig *rig, const struct request *request, uint32_t code);
void rig_notify(struct rig *rig, uint16_t source, uint16_t number, uint32_t value);

#endif
