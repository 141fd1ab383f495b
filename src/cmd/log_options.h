// SPDX-License-Identifier: MIT
// How log is wanted, by its options: also for the screens, where logging begins with a key.
#ifndef XC_CMD_LOG_OPTIONS_H
#define XC_CMD_LOG_OPTIONS_H

#include "cmd/options.h"
#include "plant/logger.h"

// What isn't given is as usual; path: NULL when it is stdout, or isn't given. Texts are those of
// the options.
struct logger_options log_options(const struct options *options);

#endif
