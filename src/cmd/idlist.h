// SPDX-License-Identifier: MIT
// Lists of numbers on the command line: "1138,1140-1145".
#ifndef XC_CMD_IDLIST_H
#define XC_CMD_IDLIST_H

#include <stdbool.h>

#include "base/status.h"

// Whether a number is in the list; every one is in NULL. The list has been checked.
bool idlist_has(const char *list, unsigned id);
// XC_SYNTAX unless it is such a list.
enum xc_status idlist_check(const char *list);

#endif
