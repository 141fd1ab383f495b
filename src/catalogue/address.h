// SPDX-License-Identifier: MIT
// Devices by the names people use and by SCOM address (reference scom.md, "Addresses").
#ifndef XC_CATALOGUE_ADDRESS_H
#define XC_CATALOGUE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "catalogue/catalogue.h"

// Which device, devices or value over devices a name means.
enum target_kind {
    TARGET_DEVICE,    // XT1, VT12, BSP, BMS, XCOM: one device
    TARGET_EACH,      // XT*: each device of a family
    TARGET_SUM,       // XT.sum
    TARGET_AVERAGE,   // XT.avg
    TARGET_PHASE,     // L1..L3: reads answer with the phase's master; writes reach the phase
    TARGET_MULTICAST, // XT, VT, VS: all of a family, for writes only
};

struct target {
    enum target_kind kind;
    enum family family;
    uint8_t index; // 1..15 of TARGET_DEVICE, 1..3 of TARGET_PHASE, else 0
};

enum { DEVICES_PER_FAMILY_MAX = 15, DEVICE_NAME_MAX = 16 };

// Reads a name as on the command line (any case): XT1…XT9, L1…L3, VT1…VT15, VS1…VS15, BSP, BMS,
// XCOM, RCC, and of XT, VT and VS: XT, XT*, XT.sum, XT.avg; or an address in decimal (101–109,
// 191–193, 301–315, 501, 601, 701–715; 601 is FAMILY_BSP). XC_SYNTAX otherwise.
enum xc_status target_parse(const char *text, struct target *target);

// "XT1", "L2", "BSP", "XT*", "XT.sum" …; returns out.
char *target_name(const struct target *target, char *out, size_t size);

// SCOM address of a device, phase or multicast target; 0 for the others.
uint32_t target_address(const struct target *target);

// The device at an address; false if no device can have it. 601 is FAMILY_BSP.
bool target_from_address(uint32_t address, struct target *target);

// SCOM address of the index-th device (1..) of a family; 0 if there can't be one.
uint32_t device_address(enum family family, unsigned index);
// How many devices a family can have: XT 9, VT 15, VS 15, BSP, BMS and RCC 1.
unsigned family_devices_max(enum family family);

// "XT2", "BSP", "XCOM": the name of a device.
char *device_name(enum family family, unsigned index, char *out, size_t size);

#endif
