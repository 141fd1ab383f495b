// SPDX-License-Identifier: MIT
// Why a serial device can't be had, in words.
#ifndef XC_LINK_DEVICE_H
#define XC_LINK_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "link/link.h"

// The name of the group whose members may use the device at path, if the person isn't in it and
// could be: then true.
bool device_group(const char *path, char *name, size_t size);

// One line about an errno of opening the device at path: what is the matter and what helps.
enum link_fault device_why_not(const char *path, int error, char *why, size_t size);

#endif
