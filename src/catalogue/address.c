// SPDX-License-Identifier: MIT
#include "catalogue/address.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalogue/tables.h"

// Addresses of scom.md: base is multicast where there is one, devices follow it.
static const struct {
    uint16_t base;
    uint8_t devices;
    bool multicast;
} plan[FAMILY_COUNT] = {
    [FAMILY_XT] = {100, 9, true},   [FAMILY_VT] = {300, 15, true},  [FAMILY_VS] = {700, 15, true},
    [FAMILY_BSP] = {600, 1, false}, [FAMILY_BMS] = {600, 1, false}, [FAMILY_RCC] = {500, 1, false},
};

enum { PHASE_BASE = 190, PHASES = 3 };

unsigned family_devices_max(enum family family)
{
    return (unsigned)family < FAMILY_COUNT ? plan[family].devices : 0;
}

uint32_t device_address(enum family family, unsigned index)
{
    return index >= 1 && index <= family_devices_max(family) ? plan[family].base + index : 0;
}

uint32_t target_address(const struct target *target)
{
    switch (target->kind) {
    case TARGET_DEVICE:
        return device_address(target->family, target->index);
    case TARGET_PHASE:
        if (target->index >= 1 && target->index <= PHASES)
            return (uint32_t)PHASE_BASE + target->index;
        break;
    case TARGET_MULTICAST:
        if ((unsigned)target->family < FAMILY_COUNT && plan[target->family].multicast)
            return plan[target->family].base;
        break;
    case TARGET_EACH:
    case TARGET_SUM:
    case TARGET_AVERAGE:
        break;
    }
    return 0;
}

bool target_from_address(uint32_t address, struct target *target)
{
    if (address > PHASE_BASE && address <= PHASE_BASE + PHASES) {
        *target = (struct target){TARGET_PHASE, FAMILY_XT, (uint8_t)(address - PHASE_BASE)};
        return true;
    }
    for (unsigned family = 0; family < FAMILY_COUNT; family++) {
        uint32_t base = plan[family].base;
        if (address > base && address <= base + plan[family].devices) {
            *target =
                (struct target){TARGET_DEVICE, (enum family)family, (uint8_t)(address - base)};
            return true;
        }
    }
    return false;
}

char *device_name(enum family family, unsigned index, char *out, size_t size)
{
    if (family == FAMILY_RCC)
        snprintf(out, size, "XCOM");
    else if (family_devices_max(family) == 1)
        snprintf(out, size, "%s", family_name(family));
    else
        snprintf(out, size, "%s%u", family_name(family), index);
    return out;
}

char *target_name(const struct target *target, char *out, size_t size)
{
    const char *family = target->family == FAMILY_RCC ? "XCOM" : family_name(target->family);

    switch (target->kind) {
    case TARGET_DEVICE:
        return device_name(target->family, target->index, out, size);
    case TARGET_PHASE:
        snprintf(out, size, "L%u", target->index);
        break;
    case TARGET_MULTICAST:
        snprintf(out, size, "%s", family);
        break;
    case TARGET_EACH:
        snprintf(out, size, "%s*", family);
        break;
    case TARGET_SUM:
        snprintf(out, size, "%s.sum", family);
        break;
    case TARGET_AVERAGE:
        snprintf(out, size, "%s.avg", family);
        break;
    }
    return out;
}

// The number behind a name: no sign, no leading zero.
static bool parse_index(const char *text, unsigned max, uint8_t *index)
{
    long number;
    if (text[0] < '1' || text[0] > '9' || text_parse_int(text, 1, (long)max, &number) != XC_OK)
        return false;
    *index = (uint8_t)number;
    return true;
}

// What follows a family's name.
static bool parse_suffix(const char *text, enum family family, struct target *target)
{
    bool several = plan[family].multicast;

    target->family = family;
    target->index = 0;
    if (*text == '\0') {
        target->kind = several ? TARGET_MULTICAST : TARGET_DEVICE;
        target->index = several ? 0 : 1;
        return true;
    }
    if (!several)
        return false;
    if (strcmp(text, "*") == 0) {
        target->kind = TARGET_EACH;
        return true;
    }
    if (tables_same_word(text, ".sum")) {
        target->kind = TARGET_SUM;
        return true;
    }
    if (tables_same_word(text, ".avg")) {
        target->kind = TARGET_AVERAGE;
        return true;
    }
    target->kind = TARGET_DEVICE;
    return parse_index(text, plan[family].devices, &target->index);
}

enum xc_status target_parse(const char *text, struct target *target)
{
    char letters[8];
    size_t length = 0;

    if (text[0] >= '1' && text[0] <= '9') {
        long address;
        if (text_parse_int(text, 1, UINT16_MAX, &address) == XC_OK &&
            target_from_address((uint32_t)address, target))
            return XC_OK;
        return XC_SYNTAX;
    }
    while (length + 1 < sizeof letters && ((text[length] >= 'A' && text[length] <= 'Z') ||
                                           (text[length] >= 'a' && text[length] <= 'z'))) {
        letters[length] = text[length];
        length++;
    }
    letters[length] = '\0';

    struct target found = {TARGET_PHASE, FAMILY_XT, 0};
    if (tables_same_word(letters, "L")) {
        if (!parse_index(text + length, PHASES, &found.index))
            return XC_SYNTAX;
        *target = found;
        return XC_OK;
    }
    if (tables_same_word(letters, "XCOM"))
        snprintf(letters, sizeof letters, "%s", family_name(FAMILY_RCC));
    for (unsigned family = 0; family < FAMILY_COUNT; family++)
        if (tables_same_word(letters, family_name((enum family)family))) {
            if (!parse_suffix(text + length, (enum family)family, &found))
                return XC_SYNTAX;
            *target = found;
            return XC_OK;
        }
    return XC_SYNTAX;
}
