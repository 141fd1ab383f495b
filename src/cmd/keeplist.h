// SPDX-License-Identifier: MIT
// What a configuration keeps, as text: "XT1 1138 45 10m | XT2 1138 40".
#ifndef XC_CMD_KEEPLIST_H
#define XC_CMD_KEEPLIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"

enum { KEEP_ITEMS_MAX = 32, KEEP_ERROR_MAX = 200 };

struct keep_item {
    struct target target;
    const struct datapoint *datapoint;
    double number;
    int64_t period; // microseconds; 0: only after restarts
};

// Reads DEVICE ID VALUE [PERIOD], several joined by |. XC_SYNTAX with a line in error: what was
// expected, or what can't be kept without somebody who confirms it (dangerous parameters).
enum xc_status keep_list_parse(const char *text, struct keep_item list[KEEP_ITEMS_MAX],
                               size_t *count, char *error, size_t error_size);

#endif
