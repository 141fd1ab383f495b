// SPDX-License-Identifier: MIT
// A simulated installation behind a simulated gateway: the demonstration, and what tests talk to.
// Written from reference/ alone, strict about what it receives, able to misbehave as real gateways
// do. Knows nothing of gateway and plant. Deterministic: the same options, seed and clock give the
// same answers.
#ifndef XC_SIM_SIM_H
#define XC_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "link/link.h"
#include "loop/loop.h"

// --- The installation ----------------------------------------------------------------------------

// Where limits and factory values of parameters come from.
enum sim_limits {
    SIM_LIMITS_TABLE,  // the tables, for the installation's voltages
    SIM_LIMITS_DEVICE, // and each model, and some other parameters' values (xcomsim(1), "CHOICES")
};

enum { MESSAGES_PAST_MAX = 1000 };

struct sim_options {
    unsigned xt;            // 0..9
    unsigned phases;        // 1 or 3: XT1.. are spread over the phases
    unsigned vt, vs;        // 0..15
    bool bsp, bms;          // at most one
    bool genset;            // a generator instead of a grid
    unsigned battery_volts; // nominal: 12, 24 or 48
    unsigned ac_volts;      // 120 or 230
    enum sim_limits limits;
    bool multi_info;         // the gateway knows multi-infos (firmware >= 1.6.74)
    unsigned messages;       // so many more in the history, from before; 0..MESSAGES_PAST_MAX
    bool messages_remaining; // what is told with each: the older ones that remain, not all
    uint64_t seed;
    // The installation's wall clock at the start, seconds since 1970; < 0: the computer's local
    // time.
    int64_t clock;
    // Datalog files on its SD card: of so many days, a line each so many minutes (1..60).
    unsigned log_days, log_minutes;
    unsigned speed; // the installation's time runs this much faster than the loop's; 1..3600
};

// "xt=3,vt=2,vs=1,bsp" (also bms, phases=3, volts=24, ac=120, limits=device, genset, grid,
// no-multi, messages=N, message-count=remaining, log=DAYS, log-every=MINUTES, seed=N, speed=N) to
// options. Starts from sim_defaults(): any device list given replaces the default devices. On
// XC_SYNTAX or XC_RANGE error says in one line what was expected.
void sim_defaults(struct sim_options *options);
enum xc_status sim_parse(const char *text, struct sim_options *options, char *error,
                         size_t error_size);

struct sim;
struct sim *sim_new(struct loop *loop, const struct sim_options *options);
void sim_free(struct sim *sim);

// --- Its gateway ---------------------------------------------------------------------------------

struct sim_line {
    unsigned baud;          // 0: as fast as the link is
    unsigned bits_per_byte; // 11 for 8E1
    int64_t latency;        // microseconds between the end of a request and its answer's beginning
    int64_t jitter;         // up to this much more, by chance
};

struct sim_gateway;

// An Xcom-CAN (reference can.md). On a link of kind LINK_CAN the frames come from a real bus; else
// the link is what a client's serial-line adapter hangs on.
struct sim_can {
    bool exclusive;   // it answers what doesn't fit the protocol with an error, too
    bool slcan;       // an adapter and its bus are simulated
    unsigned bitrate; // … the bus's: one of slcan_bitrate_digit()
};

// Serves SCOM, or with can the Studer public protocol, on a link (opened here, and again a second
// after it closes). The link becomes the gateway's. line: with can only its latency and jitter
// count.
struct sim_gateway *sim_gateway_new(struct sim *sim, struct link *link, const struct sim_line *line,
                                    const struct sim_can *can);
void sim_gateway_free(struct sim_gateway *gateway);

// Whoever wants to know what goes on; each may be NULL. events is kept by pointer.
struct sim_events {
    void (*state)(void *arg, enum link_state state);
    // Bytes as they arrive, and as they are sent.
    void (*received)(void *arg, const uint8_t *bytes, size_t length);
    void (*sent)(void *arg, const uint8_t *bytes, size_t length);
    // One line for a person: a request in the middle of an answer, a fault that strikes.
    void (*note)(void *arg, const char *text);
};
void sim_gateway_listen(struct sim_gateway *gateway, const struct sim_events *events, void *arg);

// Faults and events, by text as on xcomsim's command line and control socket (xcomsim(1)):
// "lose 3", "late 1 5s", "corrupt 2%", "error 0x22 XT1:3000", "busy 3", "deny XT1:1138 0x2B",
// "gone XT2", "back XT2", "disconnect 4s", "message 16 XT1", "clear" … XC_OK; otherwise error says
// in one line what was expected.
enum xc_status sim_gateway_command(struct sim_gateway *gateway, const char *text, char *error,
                                   size_t error_size);

// The i-th command, what it takes, and what it does; false from the last on.
bool sim_command_help(size_t i, const char **name, const char **takes, const char **meaning);

// Counters and the state of the installation, as lines "name value". Returns out.
char *sim_gateway_status(struct sim_gateway *gateway, char *out, size_t size);

// How many write requests have come, and what has been written to each parameter, as lines
// (xcomsim(1), "writes"). To be freed by the caller.
char *sim_gateway_writes(struct sim_gateway *gateway);

#endif
