// SPDX-License-Identifier: MIT
// Why a serial device can't be had, in words. Private to src/link/.
#ifndef XC_LINK_DEVICE_H
#define XC_LINK_DEVICE_H

#include <stddef.h>

#include "link/link.h"

// One line about an errno of opening the device at path: what is the matter and what helps.
enum link_fault device_why_not(const char *path, int error, char *why, size_t size);

#endif
