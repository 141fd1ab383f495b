// SPDX-License-Identifier: MIT
// The whole way of a write in virtual time: a plant, a real gateway, a link in memory, and the
// simulated installation behind it. Every frame on the line is recorded; so is, in a file, every
// attempt to write.
#ifndef XC_TESTS_EDIT_RIG_H
#define XC_TESTS_EDIT_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plant/edit.h"
#include "proto/scom.h"
#include "sim/sim.h"

enum { RIG_WRITES_MAX = 256 };

// A write request that reached the gateway.
struct rig_write {
    uint32_t address, id;
    uint16_t property;
    uint8_t data[8];
    size_t length;
    int64_t at;
};

struct rig;
// Sees each request as it reaches the gateway, before it is answered: a fault that it orders
// (rig_command(), rig_forge()) strikes this very answer.
typedef void rig_tap_fn(struct rig *rig, const struct scom_frame *request);

struct rig {
    struct loop *loop;
    struct link *far; // the gateway's end
    struct sim *sim;
    struct sim_gateway *sim_gateway;
    struct gateway *gateway;
    struct plant *plant;
    struct records *records;
    char path[256]; // of the records
    struct scom_decoder decoder;
    struct rig_write writes[RIG_WRITES_MAX];
    size_t write_count;
    unsigned reads;
    unsigned changes; // calls of the edits' changed()
    rig_tap_fn *tap;  // NULL for none
    unsigned at;      // the tap's own: which request
    uint8_t forged[SCOM_FRAME_MAX];
    size_t forged_length;
    struct loop_timer forge;
};

// An installation as for xcomsim. options: NULL for the usual ones; records are added, unless
// options say why there are none or that they aren't needed.
struct rig *rig_new(const char *installation, const struct plant_options *options);
struct rig *rig_new_over(const char *installation, const struct plant_options *options,
                         const struct gateway_options *gateway_options);
void rig_free(struct rig *rig);
void rig_run(struct rig *rig, int64_t duration);
void rig_command(struct rig *rig, const char *text);
// Runs until discovery is done.
void rig_discover(struct rig *rig);
// From now on the plant notices when one of a family's first devices goes or comes.
void rig_watch(struct rig *rig, enum family family, unsigned devices);
// The plant and its gateway go away: what a program does that ends.
void rig_end(struct rig *rig);

// In a tap: the request is answered so instead, 100 ms later, whatever becomes of it. data NULL:
// the error's code, or nothing.
void rig_forge(struct rig *rig, const struct scom_frame *request, uint16_t error,
               const uint8_t *data, size_t length);
// From now on another installation answers, of the same build: other FIDs, another GUID.
void rig_exchange(struct rig *rig);
// A device's flash, past all of its checks.
void rig_set_flash(struct rig *rig, enum family family, unsigned index, unsigned id, double number);
// No attempt can be stored any more, or completed.
void rig_break_records(struct rig *rig);

struct target rig_target(const char *name);
// Opens an edit and runs until nothing more is read.
struct edit *rig_open(struct rig *rig, const char *target, unsigned id);
struct edit_wish rig_wish(double number, bool flash);
struct edit_verdict rig_check(struct edit *edit, double number, bool flash);
// Writes and runs until it is done; the result.
enum record_result rig_write(struct rig *rig, struct edit *edit, double number, bool flash);
// All at once: opens, writes, closes.
enum record_result rig_change(struct rig *rig, const char *target, unsigned id, double number,
                              bool flash);
// It has ended without a request, and its text has says in it.
void rig_assert_not_sent(struct rig *rig, struct edit *edit, const char *says);
// What the device has in flash; with what it runs.
double rig_flash(struct rig *rig, uint32_t address, unsigned id);
double rig_running(struct rig *rig, uint32_t address, unsigned id);
// The records, oldest first; the number of them.
size_t rig_records(struct rig *rig, struct record *list, size_t count);

#endif
