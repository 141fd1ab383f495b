// SPDX-License-Identifier: MIT
// The simulated installation as its gateway sees it: which devices answer at which addresses, their
// parameters, infos and messages, and the model behind. Private to src/sim/.
#ifndef XC_SIM_SITE_H
#define XC_SIM_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "loop/loop.h"
#include "sim/messages.h"
#include "sim/model.h"
#include "sim/parameters.h"
#include "sim/sdcard.h"
#include "sim/sim.h"
#include "sim/transfer.h"
#include "sim/writes.h"

enum { SITE_SLOTS = 15, SITE_NANS_MAX = 16 };

#define SITE_DEVICE_RESTART  (5 * LOOP_S)
#define SITE_GATEWAY_RESTART (3 * LOOP_S)
#define SITE_FLASHING_LASTS  (45 * LOOP_S)

// What a multi-info answer has for an absent device or an unknown number.
enum site_absent { ABSENT_NAN, ABSENT_ERROR, ABSENT_ZERO, ABSENT_MASTER };

// How a write to a phase or family ends of which some devices refuse it: the first one's error, the
// others having done it; as if all had done it; the first one's error, and none has done it.
enum site_group { GROUP_FIRST, GROUP_HIDDEN, GROUP_ATOMIC };

// How a request to an absent device ends.
enum site_missing { MISSING_NOT_FOUND, MISSING_TIMEOUT, MISSING_SILENCE };

struct site_device {
    bool gone;
    int64_t back_at;  // restarting until then (loop time)
    uint32_t version; // X(8) 0(8) Y(8) Z(8)
    bool version_hidden;
    bool watched; // its watchdog runs; a parameter reached it at fed
    int64_t fed;
};

struct sim {
    struct loop *loop;
    struct sim_options options;
    int64_t began;    // loop time
    int64_t began_at; // the model's time then
    struct model model;
    struct parameters parameters;
    struct writes writes;
    struct messages messages;
    struct sdcard sd;
    struct transfer transfer;
    struct site_device devices[FAMILY_COUNT][SITE_SLOTS];
    uint8_t slot_of[FAMILY_COUNT][SITE_SLOTS]; // index - 1 to slot

    bool restarted;           // frame flag, until 5104 is written
    uint32_t flashing;        // the address whose LEDs flash (5119), 0: none …
    int64_t flashing_until;   // … loop time
    int64_t gateway_back_at;  // silent until then
    int64_t last_request;     // feeds the SCOM watchdog (5095)
    int64_t unanswered_since; // a request that never got an answer, or -1

    double drift;       // seconds that its clock gains each day,
    int64_t drift_from; // since this time of the model;
    int64_t drifted;    // so many by now

    bool multi_info; // as in the options, or changed since
    enum site_absent absent;
    enum site_missing missing;
    bool multicast_master; // multicast reads answer with the master's value
    bool strict_tag;       // multi-infos only with property 1
    bool numbers_only;     // minimum and maximum can be read of numbers only
    enum site_group group; // how a group write ends when some devices refuse
    struct {
        enum family family;
        uint8_t index;
        uint16_t id;
    } nans[SITE_NANS_MAX]; // infos that are not a number
    unsigned nan_count;
};

// The same installation, as it came from the factory, at another time: what its values were then.
// To be freed with free().
struct sim *site_past(const struct sim *sim, int64_t time);

// Brings the model and the watchdogs up to the loop's time.
void site_advance(struct sim *sim);

// The installation's wall clock, seconds since 1970 (parameter 5002).
int64_t site_clock(const struct sim *sim);
void site_set_clock(struct sim *sim, int64_t clock);
// From now on it gains so many seconds a day.
void site_set_drift(struct sim *sim, double seconds);

// The family at 601, FAMILY_NONE if there is neither BSP nor BMS.
enum family site_battery_family(const struct sim *sim);

// Devices installed; whether the index-th (1..) is there and answers; the slot of an index.
unsigned site_count(const struct sim *sim, enum family family);
bool site_answers(const struct sim *sim, enum family family, unsigned index);
unsigned site_slot(const struct sim *sim, enum family family, unsigned index);
// The lowest index that answers, 0 if none; on phase 1..3, the phase's master (XT only).
unsigned site_master(const struct sim *sim, enum family family);
unsigned site_phase_master(const struct sim *sim, unsigned phase);
bool site_on_phase(const struct sim *sim, unsigned index, unsigned phase);

// What an Xtender is made for: names and ratings as in the shops.
struct site_xt_type {
    uint16_t code; // info 3124
    double nominal_va, named_va;
    double charge_a, input_a; // the most that 1138 and 1107 allow with SIM_LIMITS_DEVICE
};
const struct site_xt_type *site_xt_type(const struct sim *sim, unsigned slot);

uint32_t site_fid(const struct sim *sim, enum family family, unsigned slot);
void site_guid(const struct sim *sim, uint8_t guid[16]);

// The address that was last written to 5119, while its LEDs flash; else 0.
uint32_t site_flashing(const struct sim *sim);

// The value of an info of the device at an index, as it measures it; 7004 can be NaN.
double site_info(const struct sim *sim, const struct datapoint *dp, unsigned index);

// Whether it is a half of a version that can't be read.
bool site_hides(const struct sim *sim, const struct datapoint *dp, unsigned index);

// A message of the device at an address, now.
void site_message(struct sim *sim, unsigned number, uint32_t address);

// A restart: RAM is lost, no answers for absence (microseconds; usually SITE_DEVICE_RESTART and
// SITE_GATEWAY_RESTART).
void site_reset_device(struct sim *sim, enum family family, unsigned slot, int64_t absence);
void site_restart_gateway(struct sim *sim, int64_t absence);

// The value of a parameter in flash (what reads answer), the running one (RAM if there is one, else
// flash), or its level's code 0x00..0x40.
double site_flash(const struct sim *sim, unsigned slot, const struct datapoint *dp);
double site_running(const struct sim *sim, unsigned slot, const struct datapoint *dp);
double site_running_id(const struct sim *sim, enum family family, unsigned slot, unsigned id);
double site_level(const struct sim *sim, unsigned slot, const struct datapoint *dp);

// The running parameters of a device, or of all, take effect on the model.
void site_apply(struct sim *sim, enum family family, unsigned slot);
void site_apply_all(struct sim *sim);

// Whether a device's firmware knows writes to RAM.
bool site_takes_ram(const struct sim *sim, enum family family, unsigned slot);

// The device's watchdog as after a start at a time: it runs at once if nothing is saved in flash.
void site_begin_watchdog(struct sim *sim, enum family family, unsigned slot, int64_t time);

// Writes a checked value to a device: to flash, to RAM (or flash that isn't saved), or a signal,
// clock or level, which is carried out.
enum site_written { WRITTEN_FLASH, WRITTEN_RAM, WRITTEN_DONE };
enum site_written site_write(struct sim *sim, const struct datapoint *dp, unsigned slot,
                             enum parameter_part part, double value);

#endif
