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
#include "sim/sim.h"

enum { SITE_SLOTS = 15, SITE_NANS_MAX = 16 };

// What a multi-info answer has for an absent device or an unknown number.
enum site_absent { ABSENT_NAN, ABSENT_ERROR, ABSENT_ZERO, ABSENT_MASTER };

// How a request to an absent device ends.
enum site_missing { MISSING_NOT_FOUND, MISSING_TIMEOUT, MISSING_SILENCE };

struct site_device {
    bool gone;
    int64_t back_at;  // restarting until then (loop time)
    uint32_t version; // X(8) 0(8) Y(8) Z(8)
    bool watched;     // its watchdog runs; a parameter reached it at fed
    int64_t fed;
};

struct sim {
    struct loop *loop;
    struct sim_options options;
    int64_t began;    // loop time
    int64_t began_at; // the model's time then
    struct model model;
    struct parameters parameters;
    struct messages messages;
    struct site_device devices[FAMILY_COUNT][SITE_SLOTS];
    uint8_t slot_of[FAMILY_COUNT][SITE_SLOTS]; // index - 1 to slot

    bool restarted;           // frame flag, until 5104 is written
    int64_t gateway_back_at;  // silent until then
    int64_t last_request;     // feeds the SCOM watchdog (5095)
    int64_t unanswered_since; // a request that never got an answer, or -1

    enum site_absent absent;
    enum site_missing missing;
    bool multicast_master; // multicast reads answer with the master's value
    bool strict_tag;       // multi-infos only with property 1
    struct {
        enum family family;
        uint8_t index;
        uint16_t id;
    } nans[SITE_NANS_MAX]; // infos that are not a number
    unsigned nan_count;
};

// Brings the model and the watchdogs up to the loop's time.
void site_advance(struct sim *sim);

// The installation's wall clock, seconds since 1970 (parameter 5002).
int64_t site_clock(const struct sim *sim);
void site_set_clock(struct sim *sim, int64_t clock);

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

uint32_t site_fid(const struct sim *sim, enum family family, unsigned slot);
void site_guid(const struct sim *sim, uint8_t guid[16]);

// The value of an info of the device at an index, as it measures it; 7004 can be NaN.
double site_info(const struct sim *sim, const struct datapoint *dp, unsigned index);

// A message of the device at an address, now.
void site_message(struct sim *sim, unsigned number, uint32_t address);

// A restart: RAM is lost, no answers for some seconds.
void site_reset_device(struct sim *sim, enum family family, unsigned slot);
void site_restart_gateway(struct sim *sim);

// The running parameters of a device take effect on the model.
void site_apply(struct sim *sim, enum family family, unsigned slot);

// Writes a checked value to a device: flash or RAM, signals are carried out. Returns 0 or an error
// code.
uint16_t site_write(struct sim *sim, const struct datapoint *dp, unsigned slot,
                    enum parameter_part part, double value);

#endif
