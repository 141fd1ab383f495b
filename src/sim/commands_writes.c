// SPDX-License-Identifier: MIT
// Commands about writes: what goes wrong with them.
#include <string.h>

#include "base/text.h"
#include "proto/scom.h"
#include "sim/commands.h"

// The devices and parameters of the first word: "XT1:1138", "XT1", "*:1138" or "*".
static enum xc_status read_target(struct command *c, struct write_target *target)
{
    struct target device = {0};
    unsigned id;
    bool any;
    enum xc_status status = command_object(c, c->words[0], &device, &any, &id);

    if (status != XC_OK)
        return status;
    const struct datapoint *dp = any || id == 0 ? NULL : catalogue_find(device.family, id);
    if (!any && id != 0 && (!dp || datapoint_kind(dp) != KIND_PARAMETER))
        return command_expected(c, "the number of a parameter of this device");
    *target = (struct write_target){.family = FAMILY_NONE, .id = (uint16_t)id};
    if (!any) {
        target->family = device.family;
        target->slot = (uint8_t)site_slot(c->sim, device.family, device.index);
    }
    return XC_OK;
}

// Adds the fault for the target of the first word, at the times of the word-th; without: usual.
static enum xc_status add_fault(struct command *c, struct write_fault *fault, unsigned word,
                                struct fault_when usual)
{
    enum xc_status status = read_target(c, &fault->target);

    if (status != XC_OK)
        return status;
    fault->when = usual;
    if (c->words[word] && !command_when(c->words[word], &fault->when))
        return command_expected(c, command_when_text);
    if (!writes_add_fault(&c->sim->writes, fault))
        return command_refuse(c, "there are 32 of them already: clear them first");
    return XC_OK;
}

static const struct fault_when once = {.count = 1}, always = {.probability = 1};

// The code of the second word, which is told from a count by its 0x; the place of the next word.
static unsigned read_code(struct command *c, uint16_t *code)
{
    const char *word = c->count > 1 ? c->words[1] : "";

    return strncmp(word, "0x", 2) == 0 && command_code(word, code) ? 2 : 1;
}

enum xc_status command_deny(struct command *c)
{
    struct write_fault fault = {.kind = WRITE_DENY, .code = SCOM_ACCESS_DENIED};
    unsigned next = read_code(c, &fault.code);

    return add_fault(c, &fault, next, always);
}

enum xc_status command_doubt(struct command *c)
{
    struct write_fault fault = {.kind = WRITE_DOUBT, .code = SCOM_RESPONSE_TIMEOUT};
    unsigned next = read_code(c, &fault.code);

    if (fault.code == SCOM_GATEWAY_BUSY)
        return command_refuse(c, "GATEWAY_BUSY means that nothing was done: use deny");
    return add_fault(c, &fault, next, once);
}

enum xc_status command_mute(struct command *c)
{
    return add_fault(c, &(struct write_fault){.kind = WRITE_MUTE}, 1, once);
}

enum xc_status command_drop(struct command *c)
{
    return add_fault(c, &(struct write_fault){.kind = WRITE_DROP}, 1, once);
}

enum xc_status command_forget(struct command *c)
{
    return add_fault(c, &(struct write_fault){.kind = WRITE_FORGET}, 1, always);
}

enum xc_status command_defer(struct command *c)
{
    struct write_fault fault = {.kind = WRITE_DEFER};

    if (c->count < 2 || text_parse_duration(c->words[1], 1, &fault.delay) != XC_OK)
        return command_expected(c, command_duration_text);
    return add_fault(c, &fault, 2, once);
}

enum xc_status command_skew(struct command *c)
{
    struct write_fault fault = {.kind = WRITE_SKEW};

    if (c->count < 2 || text_parse_number(c->words[1], &fault.amount) != XC_OK)
        return command_expected(c, "a number that is added, like 0.5 or -2,");
    return add_fault(c, &fault, 2, always);
}

enum xc_status command_narrow(struct command *c)
{
    struct write_range range = {0};
    enum xc_status status = read_target(c, &range.target);

    if (status != XC_OK)
        return status;
    if (range.target.id == 0)
        return command_expected(c, "a device and a number like XT1:1138");
    if (c->count < 3 || text_parse_number(c->words[1], &range.low) != XC_OK ||
        text_parse_number(c->words[2], &range.high) != XC_OK || range.low > range.high)
        return command_expected(c, "the lowest and the highest value that is taken");
    if (!writes_add_range(&c->sim->writes, &range))
        return command_refuse(c, "there are 16 of them already: clear them first");
    return XC_OK;
}
