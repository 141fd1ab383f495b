// SPDX-License-Identifier: MIT
// What commands by text share: their words. Private to src/sim/.
#ifndef XC_SIM_COMMANDS_H
#define XC_SIM_COMMANDS_H

#include "catalogue/address.h"
#include "sim/line.h"

enum { COMMAND_WORDS_MAX = 6, COMMAND_WORD_MAX = 64 };

struct command {
    struct sim_gateway *gateway;
    struct sim *sim;
    const char *words[COMMAND_WORDS_MAX + 1]; // without the command's name; NULL behind the last
    unsigned count;
    char *error;
    size_t error_size;
};

extern const char command_when_text[], command_duration_text[];

// Say in the command's error what was expected, or why not.
enum xc_status command_expected(struct command *c, const char *what);
enum xc_status command_refuse(struct command *c, const char *why);

// "3", "2%", "always", "never"; nothing is once.
bool command_when(const char *word, struct fault_when *when);
// An error code, decimal or as 0x22; not 0.
bool command_code(const char *word, uint16_t *code);
// One of several words; its place.
bool command_choice(const char *word, const char *const *choices, unsigned count, unsigned *place);
// A device that is installed; XCOM too.
enum xc_status command_device(struct command *c, const char *word, struct target *target);
// "XT1:3000", "XT1" (id 0) or "*" (any).
enum xc_status command_object(struct command *c, const char *word, struct target *target, bool *any,
                              unsigned *id);

// Commands about writes (commands_writes.c).
enum xc_status command_deny(struct command *c);
enum xc_status command_doubt(struct command *c);
enum xc_status command_mute(struct command *c);
enum xc_status command_drop(struct command *c);
enum xc_status command_defer(struct command *c);
enum xc_status command_skew(struct command *c);
enum xc_status command_forget(struct command *c);
enum xc_status command_narrow(struct command *c);

// Commands about the SD card and the clock (commands_datalog.c).
enum xc_status command_block(struct command *c);
enum xc_status command_sd(struct command *c);
enum xc_status command_drift(struct command *c);

#endif
