// SPDX-License-Identifier: MIT
// A plant over a real gateway in virtual time, and at the far end of a link in memory a small
// installation that answers from tables: which devices there are, what they say, what this gateway
// can't do. Every request is recorded.
#ifndef XC_TESTS_PLANT_RIG_H
#define XC_TESTS_PLANT_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/messages.h"
#include "plant/plant.h"
#include "proto/scom.h"

enum { RIG_DEVICES = 41, RIG_SPECIALS = 64, RIG_MESSAGES = 1100 };

// What a multi-info gives for a device that isn't there.
enum rig_absent { ABSENT_NAN, ABSENT_ZERO, ABSENT_MASTER, ABSENT_ERROR };

struct rig_device {
    uint32_t address;
    bool there, silent;
    uint32_t fid;
    bool bms; // at 601
};

// Something that isn't as usual: an error, or a value.
struct rig_special {
    uint32_t address;
    uint16_t id;
    uint16_t error; // 0: value
    double value;
};

struct rig_request {
    uint8_t service;
    uint16_t object;
    uint32_t address, id;
    int64_t at;
    size_t item_count;
    struct scom_multi_item items[SCOM_MULTI_MAX];
};

struct rig {
    struct loop *loop;
    struct gateway *gateway;
    struct plant *plant;
    struct link *far;
    struct scom_decoder decoder;
    unsigned changes;

    // The installation.
    bool multi;
    enum rig_absent absent;
    uint32_t multi_flags; // 0: by the devices that are there
    bool deaf;            // answers nothing at all
    bool multi_deaf;      // answers no multi-info
    bool self_deaf;       // answers nothing that is asked of itself (501)
    uint16_t multi_error; // why it doesn't know multi-infos; 0: SERVICE_NOT_SUPPORTED
    uint32_t deaf_id;     // answers no question about this number; 0: answers all
    uint16_t all_errors;  // every answer is this error
    int watchdog;         // 0, 1; < 0: an error
    uint8_t frame_flags;
    uint8_t guid[16];
    uint32_t clock;
    struct rig_device devices[RIG_DEVICES];
    size_t device_count;
    struct rig_special specials[RIG_SPECIALS];
    size_t special_count;
    struct scom_message messages[RIG_MESSAGES]; // newest first
    size_t message_count;
    size_t messages_told_more; // than there are
    bool messages_count_down;  // tells how many older ones there are, not how many in all

    // The line.
    unsigned baud; // 0: no time passes
    int64_t latency;
    uint8_t pending[SCOM_FRAME_MAX]; // an answer on its way
    size_t pending_length;
    struct loop_timer deliver;
    uint64_t bytes;

    struct rig_request *requests;
    size_t request_count, request_room;
};

// Devices as for xcomsim: "xt=3,vt=2,vs=1,bsp" or "bms"; FIDs 0x1001… of XT, 0x2001… of VT,
// 0x3001… of VS, 0x4001 at 601. Nothing is connected yet.
struct rig *rig_new(unsigned xt, unsigned vt, unsigned vs, bool bsp, bool bms);
// Connects; options may be NULL.
void rig_start(struct rig *rig, const struct plant_options *options);
void rig_free(struct rig *rig);
void rig_run(struct rig *rig, int64_t duration);
// Breaks the connection; the plant's end connects again by itself.
void rig_reconnect(struct rig *rig);

struct rig_device *rig_device(struct rig *rig, uint32_t address);
void rig_special(struct rig *rig, uint32_t address, uint16_t id, uint16_t error, double value);
// The value that a device has for an info when nothing special was said.
double rig_value(uint32_t address, uint16_t id);

void rig_forget_requests(struct rig *rig);
// Requests recorded for an address (0: any) and an id (0: any).
size_t rig_requests(const struct rig *rig, uint32_t address, uint32_t id);
size_t rig_multi_requests(const struct rig *rig);

struct plant_ref rig_ref(enum family family, uint8_t index, uint16_t id);
// Subscribes to ids (ended by 0) of one device.
struct subscription *rig_subscribe(struct rig *rig, enum family family, uint8_t index,
                                   const uint16_t *ids, int64_t period, enum priority priority);
struct reading rig_reading(struct rig *rig, enum family family, uint8_t index, uint16_t id);
// "XT1 XT2 VT1 BSP", gone ones in parentheses; valid until the next call.
const char *rig_devices(const struct rig *rig);
bool rig_discovered(const struct rig *rig);

#endif
