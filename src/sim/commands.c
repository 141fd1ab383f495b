// SPDX-License-Identifier: MIT
// Faults and events by text: one table gives the names, what they take, and the help.
#include "sim/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sim/canline.h"
#include "sim/limits.h"

enum xc_status command_expected(struct command *c, const char *what)
{
    snprintf(c->error, c->error_size, "%s was expected", what);
    return XC_SYNTAX;
}

enum xc_status command_refuse(struct command *c, const char *why)
{
    snprintf(c->error, c->error_size, "%s", why);
    return XC_NOT_FOUND;
}

// --- Words -------------------------------------------------------------------------------------

const char command_when_text[] = "a count, a percentage like 2%, always or never";
const char command_duration_text[] = "a duration like 5s or 200ms";

bool command_when(const char *word, struct fault_when *when)
{
    char number[COMMAND_WORD_MAX];
    double value;
    long count;

    *when = (struct fault_when){.count = 1};
    if (!word)
        return true;
    *when = (struct fault_when){0};
    if (strcmp(word, "never") == 0)
        return true;
    if (strcmp(word, "always") == 0) {
        when->probability = 1;
        return true;
    }
    size_t length = strlen(word);
    if (word[length - 1] == '%') {
        snprintf(number, sizeof number, "%.*s", (int)length - 1, word);
        if (text_parse_number(number, &value) != XC_OK || value < 0 || value > 100)
            return false;
        when->probability = value / 100;
        return true;
    }
    if (text_parse_int(word, 0, 1000000, &count) != XC_OK)
        return false;
    when->count = (unsigned)count;
    return true;
}

static bool read_bytes(const char *word, long min, unsigned *bytes)
{
    long n;

    if (!word || text_parse_int(word, min, 400, &n) != XC_OK)
        return false;
    *bytes = (unsigned)n;
    return true;
}

enum xc_status command_device(struct command *c, const char *word, struct target *target)
{
    if (!word || target_parse(word, target) != XC_OK || target->kind != TARGET_DEVICE)
        return command_expected(c, "a device like XT1, VT2, VS1, BSP or XCOM");
    if (target->family == FAMILY_BSP && site_battery_family(c->sim) == FAMILY_BMS)
        target->family = FAMILY_BMS;
    if (target->index > site_count(c->sim, target->family))
        return command_refuse(c, "this installation has no such device");
    return XC_OK;
}

static struct site_device *device_of(struct command *c, const struct target *target)
{
    unsigned slot = site_slot(c->sim, target->family, target->index);

    return &c->sim->devices[target->family][slot];
}

bool command_choice(const char *word, const char *const *choices, unsigned count, unsigned *place)
{
    for (unsigned i = 0; word && i < count; i++)
        if (strcmp(word, choices[i]) == 0) {
            *place = i;
            return true;
        }
    return false;
}

static bool read_on_off(const char *word, bool *on)
{
    static const char *const choices[] = {"off", "on"};
    unsigned place;

    if (!command_choice(word, choices, 2, &place))
        return false;
    *on = place == 1;
    return true;
}

// --- Faults of answers -------------------------------------------------------------------------

static enum xc_status set_when(struct command *c, struct fault_when *when, unsigned word)
{
    struct fault_when read;

    if (!command_when(c->words[word], &read))
        return command_expected(c, command_when_text);
    *when = read;
    return XC_OK;
}

static enum xc_status do_lose(struct command *c)
{
    return set_when(c, &c->gateway->faults.lose, 0);
}

static enum xc_status do_late(struct command *c)
{
    int64_t by = 4 * LOOP_S;

    if (c->count > 1 && text_parse_duration(c->words[1], 1, &by) != XC_OK)
        return command_expected(c, command_duration_text);
    enum xc_status status = set_when(c, &c->gateway->faults.late, 0);
    if (status == XC_OK)
        c->gateway->faults.late_by = by;
    return status;
}

static enum xc_status do_duplicate(struct command *c)
{
    return set_when(c, &c->gateway->faults.duplicate, 0);
}

static enum xc_status do_corrupt(struct command *c)
{
    static const char *const parts[] = {"any", "data", "header"};
    unsigned part = 0, word = command_choice(c->words[0], parts, 3, &part) ? 1 : 0;
    enum xc_status status = set_when(c, &c->gateway->faults.corrupt, word);

    if (status == XC_OK)
        c->gateway->faults.corrupt_part = (enum corrupt_part)part;
    return status;
}

static enum xc_status do_truncate(struct command *c)
{
    unsigned bytes = 0;

    if (c->count > 1 && !read_bytes(c->words[1], 1, &bytes))
        return command_expected(c, "a number of bytes from 1 to 400");
    enum xc_status status = set_when(c, &c->gateway->faults.truncate, 0);
    if (status == XC_OK)
        c->gateway->faults.truncate_bytes = bytes;
    return status;
}

static enum xc_status do_garbage(struct command *c)
{
    unsigned bytes;

    if (!read_bytes(c->words[0], 1, &bytes))
        return command_expected(c, "a number of bytes from 1 to 400");
    enum xc_status status = set_when(c, &c->gateway->faults.garbage, 1);
    if (status == XC_OK)
        c->gateway->faults.garbage_bytes = bytes;
    return status;
}

static enum xc_status do_crlf(struct command *c)
{
    return set_when(c, &c->gateway->faults.crlf, 0);
}

static enum xc_status do_foreign(struct command *c)
{
    return set_when(c, &c->gateway->faults.foreign, 0);
}

static enum xc_status do_fragment(struct command *c)
{
    unsigned bytes = 0;

    if (!c->words[0] || (strcmp(c->words[0], "off") != 0 && !read_bytes(c->words[0], 1, &bytes)))
        return command_expected(c, "a number of bytes from 1 to 400, or off");
    c->gateway->faults.fragment = bytes;
    return XC_OK;
}

static enum xc_status do_busy(struct command *c)
{
    return set_when(c, &c->gateway->faults.busy, 0);
}

enum xc_status command_object(struct command *c, const char *word, struct target *target, bool *any,
                              unsigned *id)
{
    char device[COMMAND_WORD_MAX];
    long n = 0;

    if (!word)
        return command_expected(c, "a device, or a device and a number like XT1:3000,");
    snprintf(device, sizeof device, "%s", word);
    char *colon = strchr(device, ':');
    if (colon) {
        *colon = '\0';
        if (text_parse_int(colon + 1, 0, 65535, &n) != XC_OK)
            return command_expected(c, "a number behind the colon, like XT1:3000,");
    }
    *id = (unsigned)n;
    *any = strcmp(device, "*") == 0;
    return *any ? XC_OK : command_device(c, device, target);
}

bool command_code(const char *word, uint16_t *code)
{
    long n;

    if (!word)
        return false;
    if (word[0] == '0' && word[1] == 'x') {
        n = 0;
        for (word += 2; *word; word++) {
            const char *digits = "0123456789abcdef";
            const char *digit = strchr(digits, *word | 0x20);
            if (!digit || n > 0xFFF)
                return false;
            n = n * 16 + (digit - digits);
        }
    } else if (text_parse_int(word, 1, 65535, &n) != XC_OK) {
        return false;
    }
    *code = (uint16_t)n;
    return n > 0;
}

static enum xc_status do_error(struct command *c)
{
    struct faults *faults = &c->gateway->faults;
    struct target target = {0};
    struct fault_when when = {.probability = 1};
    uint16_t code;
    unsigned id;
    bool any;

    if (!command_code(c->words[0], &code))
        return command_expected(c, "an error code like 0x22");
    enum xc_status status = command_object(c, c->words[1], &target, &any, &id);
    if (status != XC_OK)
        return status;
    if (c->count > 2 && !command_when(c->words[2], &when))
        return command_expected(c, command_when_text);
    if (faults->error_count == FAULT_ERRORS_MAX)
        return command_refuse(c, "there are 16 errors already: clear them first");
    unsigned i = faults->error_count++;
    faults->errors[i].address = any ? 0 : target_address(&target);
    faults->errors[i].object = id;
    faults->errors[i].code = code;
    faults->errors[i].when = when;
    return XC_OK;
}

static enum xc_status do_nan(struct command *c)
{
    struct sim *sim = c->sim;
    struct target target = {0};
    unsigned id;
    bool any;
    enum xc_status status = command_object(c, c->words[0], &target, &any, &id);

    if (status != XC_OK)
        return status;
    const struct datapoint *dp = any ? NULL : catalogue_find(target.family, id);
    if (!dp || datapoint_kind(dp) != KIND_INFO || datapoint_format(dp) != FORMAT_FLOAT)
        return command_expected(
            c, "a device and the number of one of its FLOAT infos, like XT1:3000,");
    if (sim->nan_count == SITE_NANS_MAX)
        return command_refuse(c, "there are 16 such values already: clear them first");
    unsigned i = sim->nan_count++;
    sim->nans[i].family = target.family;
    sim->nans[i].index = target.index;
    sim->nans[i].id = (uint16_t)id;
    return XC_OK;
}

// --- What the gateway is like ------------------------------------------------------------------

static enum xc_status do_multi(struct command *c)
{
    return read_on_off(c->words[0], &c->sim->multi_info) ? XC_OK : command_expected(c, "on or off");
}

static enum xc_status do_multi_tag(struct command *c)
{
    static const char *const choices[] = {"free", "strict"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 2, &place))
        return command_expected(c, "free or strict");
    c->sim->strict_tag = place == 1;
    return XC_OK;
}

static enum xc_status do_absent(struct command *c)
{
    static const char *const choices[] = {"nan", "error", "zero", "master"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 4, &place))
        return command_expected(c, "nan, error, zero or master");
    c->sim->absent = (enum site_absent)place;
    return XC_OK;
}

static enum xc_status do_missing(struct command *c)
{
    static const char *const choices[] = {"notfound", "timeout", "silence"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 3, &place))
        return command_expected(c, "notfound, timeout or silence");
    c->sim->missing = (enum site_missing)place;
    return XC_OK;
}

static enum xc_status do_multicast(struct command *c)
{
    static const char *const choices[] = {"error", "master"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 2, &place))
        return command_expected(c, "error or master");
    c->sim->multicast_master = place == 1;
    return XC_OK;
}

static enum xc_status do_refusals(struct command *c)
{
    static const char *const choices[] = {"first", "hidden", "atomic"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 3, &place))
        return command_expected(c, "first, hidden or atomic");
    c->sim->group = (enum site_group)place;
    return XC_OK;
}

static enum xc_status do_limits(struct command *c)
{
    static const char *const choices[] = {"table", "device"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 2, &place))
        return command_expected(c, "table or device");
    c->sim->options.limits = (enum sim_limits)place;
    site_apply_all(c->sim);
    return XC_OK;
}

static enum xc_status do_bounds(struct command *c)
{
    static const char *const choices[] = {"all", "numbers"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 2, &place))
        return command_expected(c, "all or numbers");
    c->sim->numbers_only = place == 1;
    return XC_OK;
}

// --- Devices and events ------------------------------------------------------------------------

static enum xc_status do_gone(struct command *c)
{
    struct target target;
    enum xc_status status = command_device(c, c->words[0], &target);

    if (status != XC_OK)
        return status;
    if (target.family == FAMILY_RCC)
        return command_refuse(c, "the gateway itself can't be gone: use disconnect or reset XCOM");
    device_of(c, &target)->gone = true;
    return XC_OK;
}

static enum xc_status do_back(struct command *c)
{
    struct target target;
    enum xc_status status = command_device(c, c->words[0], &target);

    if (status == XC_OK)
        device_of(c, &target)->gone = false;
    return status;
}

static enum xc_status do_reset(struct command *c)
{
    struct target target;
    enum xc_status status = command_device(c, c->words[0], &target);
    int64_t absence;

    if (status != XC_OK)
        return status;
    absence = target.family == FAMILY_RCC ? SITE_GATEWAY_RESTART : SITE_DEVICE_RESTART;
    if (c->words[1] && text_parse_duration(c->words[1], 1, &absence) != XC_OK)
        return command_expected(c, command_duration_text);
    if (target.family == FAMILY_RCC)
        site_restart_gateway(c->sim, absence);
    else
        site_reset_device(c->sim, target.family, site_slot(c->sim, target.family, target.index),
                          absence);
    return XC_OK;
}

static enum xc_status do_swap(struct command *c)
{
    struct target a, b;
    enum xc_status status = command_device(c, c->words[0], &a);

    if (status == XC_OK)
        status = command_device(c, c->words[1], &b);
    if (status != XC_OK)
        return status;
    if (a.family != b.family || a.index == b.index)
        return command_expected(c, "two devices of one family, like XT1 XT2,");
    uint8_t *slots = c->sim->slot_of[a.family];
    uint8_t slot = slots[a.index - 1];
    slots[a.index - 1] = slots[b.index - 1];
    slots[b.index - 1] = slot;
    return XC_OK;
}

static enum xc_status do_disconnect(struct command *c)
{
    int64_t delay = LOOP_S;

    if (c->words[0] && text_parse_duration(c->words[0], 1, &delay) != XC_OK)
        return command_expected(c, command_duration_text);
    line_disconnect(c->gateway, delay);
    return XC_OK;
}

static enum xc_status do_message(struct command *c)
{
    struct target target = {.kind = TARGET_DEVICE, .family = FAMILY_RCC, .index = 1};
    long number;

    if (!c->words[0] || text_parse_int(c->words[0], 0, 65535, &number) != XC_OK)
        return command_expected(c, "the number of a message");
    if (c->words[1]) {
        enum xc_status status = command_device(c, c->words[1], &target);
        if (status != XC_OK)
            return status;
    }
    site_message(c->sim, (unsigned)number, target_address(&target));
    return XC_OK;
}

static enum xc_status set_parameter(struct command *c, const struct target *target, unsigned id,
                                    const char *text)
{
    const struct datapoint *dp = catalogue_find(target->family, id);
    unsigned slot = site_slot(c->sim, target->family, target->index);
    uint8_t data[VALUE_BYTES_MAX];
    size_t length;
    double value;

    if (!dp || datapoint_kind(dp) != KIND_PARAMETER || datapoint_format(dp) == FORMAT_NONE)
        return command_expected(c, "the number of a parameter of this device");
    if (!text || datapoint_parse(dp, text, &value) != XC_OK)
        return command_expected(c, datapoint_expects(dp));
    if (value_encode(datapoint_format(dp), value, data, &length) != XC_OK ||
        limits_check(c->sim, slot, dp, data, length, &value) != 0)
        return command_expected(c, "a value that the device allows");
    site_write(c->sim, dp, slot, PART_FLASH, value);
    return XC_OK;
}

static enum xc_status do_set(struct command *c)
{
    struct target target;
    long id;
    enum xc_status status = command_device(c, c->words[0], &target);

    if (status != XC_OK)
        return status;
    if (!c->words[1] || text_parse_int(c->words[1], 0, 65535, &id) != XC_OK)
        return command_expected(c, "the number of a parameter of this device");
    // A date has a blank in it.
    char both[2 * COMMAND_WORD_MAX];
    if (!c->words[2] || !c->words[3])
        return set_parameter(c, &target, (unsigned)id, c->words[2]);
    snprintf(both, sizeof both, "%s %s", c->words[2], c->words[3]);
    return set_parameter(c, &target, (unsigned)id, both);
}

static enum xc_status do_watchdog(struct command *c)
{
    static const struct target gateway = {.kind = TARGET_DEVICE, .family = FAMILY_RCC, .index = 1};
    bool on;

    if (!read_on_off(c->words[0], &on))
        return command_expected(c, "on or off");
    c->sim->last_request = loop_now(c->sim->loop);
    return set_parameter(c, &gateway, 5095, on ? "yes" : "no");
}

static enum xc_status do_firmware(struct command *c)
{
    struct target target;
    uint32_t version = 0;
    enum xc_status status = command_device(c, c->words[0], &target);

    if (status != XC_OK)
        return status;
    const char *text = c->words[1] ? c->words[1] : "";
    device_of(c, &target)->version_hidden = strcmp(text, "unreadable") == 0;
    if (device_of(c, &target)->version_hidden)
        return XC_OK;
    for (unsigned i = 0; i < 3; i++) {
        char part[COMMAND_WORD_MAX];
        size_t length = strcspn(text, ".");
        long n;
        snprintf(part, sizeof part, "%.*s", (int)length, text);
        if (text_parse_int(part, 0, 255, &n) != XC_OK || text[length] != (i < 2 ? '.' : '\0'))
            return command_expected(c, "a version like 1.6.74, or unreadable,");
        version |= (uint32_t)n << (i == 0 ? 24 : i == 1 ? 8 : 0);
        text += length + 1;
    }
    device_of(c, &target)->version = version;
    return XC_OK;
}

static enum xc_status do_traffic(struct command *c)
{
    int64_t every = 0;

    if (!c->words[0] || (strcmp(c->words[0], "off") != 0 &&
                         (text_parse_duration(c->words[0], 1, &every) != XC_OK || every < LOOP_MS)))
        return command_expected(c, "a duration like 5s or 200ms, or off");
    line_traffic(c->gateway, every);
    return XC_OK;
}

static enum xc_status do_soc(struct command *c)
{
    long percent;

    if (!c->words[0] || text_parse_int(c->words[0], 0, 100, &percent) != XC_OK)
        return command_expected(c, "a state of charge from 0 to 100");
    c->sim->model.battery.soc = (double)percent / 100;
    return XC_OK;
}

static enum xc_status do_clear(struct command *c)
{
    struct sim *sim = c->sim;

    c->gateway->faults = (struct faults){.dice = c->gateway->faults.dice};
    line_traffic(c->gateway, 0);
    writes_clear(&sim->writes);
    sim->nan_count = 0;
    sim->strict_tag = sim->multicast_master = sim->numbers_only = false;
    sim->group = GROUP_FIRST;
    sim->absent = ABSENT_NAN;
    sim->missing = MISSING_NOT_FOUND;
    sim->multi_info = sim->options.multi_info;
    sim->sd.absent = sim->sd.full = false;
    site_set_drift(sim, 0);
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        for (unsigned slot = 0; slot < SITE_SLOTS; slot++)
            sim->devices[f][slot].gone = sim->devices[f][slot].version_hidden = false;
    return XC_OK;
}

// --- The table ---------------------------------------------------------------------------------

static const struct {
    const char *name, *takes, *meaning;
    unsigned most; // arguments
    enum xc_status (*run)(struct command *command);
} commands[] = {
    {"lose", "[WHEN]", "answers get lost; what was asked is done", 1, do_lose},
    {"late", "[WHEN [TIME]]", "answers come later than they should, by 4s", 2, do_late},
    {"duplicate", "[WHEN]", "answers come twice", 1, do_duplicate},
    {"corrupt", "[data|header] [WHEN]", "one bit of an answer is wrong", 2, do_corrupt},
    {"truncate", "[WHEN [BYTES]]", "the end of an answer is missing", 2, do_truncate},
    {"garbage", "BYTES [WHEN]", "random bytes (CAN: frames) before an answer", 2, do_garbage},
    {"crlf", "[WHEN]", "CR LF behind an answer, as Moxas add", 1, do_crlf},
    {"foreign", "[WHEN]", "another master's traffic before an answer", 1, do_foreign},
    {"traffic", "TIME|off", "another master asks this often", 1, do_traffic},
    {"fragment", "BYTES|off", "answers come in pieces", 1, do_fragment},
    {"busy", "[WHEN]", "requests are answered with GATEWAY_BUSY", 1, do_busy},
    {"error", "CODE DEVICE[:ID]|* [WHEN]", "requests get an error (always)", 3, do_error},
    {"nan", "DEVICE:ID", "an info is not a number", 1, do_nan},
    {"deny", "DEVICE[:ID]|* [CODE] [WHEN]", "writes are refused (0x2B, always)", 3, command_deny},
    {"doubt", "DEVICE[:ID]|* [CODE] [WHEN]", "writes are done, but get an error (0x03)", 3,
     command_doubt},
    {"mute", "DEVICE[:ID]|* [WHEN]", "writes are done, their answers get lost", 2, command_mute},
    {"drop", "DEVICE[:ID]|* [WHEN]", "writes don't reach the device", 2, command_drop},
    {"defer", "DEVICE[:ID]|* TIME [WHEN]", "writes are done so much later", 3, command_defer},
    {"skew", "DEVICE[:ID]|* NUMBER [WHEN]", "what is written has this added (always)", 3,
     command_skew},
    {"forget", "DEVICE[:ID]|* [WHEN]", "writes to flash aren't stored (always)", 2, command_forget},
    {"narrow", "DEVICE:ID LOW HIGH", "writes of other values are refused", 3, command_narrow},
    {"multi", "on|off", "the gateway knows multi-infos, or is older", 1, do_multi},
    {"multi-tag", "free|strict", "multi-infos: any property, or only 1", 1, do_multi_tag},
    {"absent", "nan|error|zero|master", "what multi-infos have for absent devices", 1, do_absent},
    {"missing", "notfound|timeout|silence", "how requests to absent devices end", 1, do_missing},
    {"multicast", "error|master", "how multicast reads are answered", 1, do_multicast},
    {"refusals", "first|hidden|atomic", "how writes to groups end", 1, do_refusals},
    {"limits", "table|device", "limits as printed, or the models' own", 1, do_limits},
    {"bounds", "all|numbers", "which values have a minimum and maximum", 1, do_bounds},
    {"gone", "DEVICE", "a device is taken away", 1, do_gone},
    {"back", "DEVICE", "and comes back", 1, do_back},
    {"reset", "DEVICE [TIME]", "a device restarts; XCOM: the gateway", 2, do_reset},
    {"swap", "DEVICE DEVICE", "two devices change their addresses", 2, do_swap},
    {"disconnect", "[TIME]", "the link closes, for 1s", 1, do_disconnect},
    {"message", "NUMBER [DEVICE]", "a new message", 2, do_message},
    {"set", "DEVICE ID VALUE", "a parameter is changed in the device", 4, do_set},
    {"watchdog", "on|off", "the gateway's SCOM watchdog (5095)", 1, do_watchdog},
    {"firmware", "DEVICE X.Y.Z|unreadable", "a device's software version", 2, do_firmware},
    {"block", "KIND N [WHEN]", "block N of a datalog transfer goes wrong", 3, command_block},
    {"sd", "present|absent|full", "the SD card", 1, command_sd},
    {"drift", "SECONDS", "the clock gains so much a day", 1, command_drift},
    {"soc", "PERCENT", "the battery's state of charge", 1, do_soc},
    {"clear", "", "ends all faults; what is gone comes back", 0, do_clear},
};

// Why a command makes no sense with an Xcom-CAN; NULL if it does.
static const char *why_not_on_can(const char *name)
{
    static const struct {
        const char *name, *why;
    } refused[] = {
        {"corrupt", "a CAN frame with a wrong bit reaches nobody: use lose"},
        {"crlf", "only a Moxa adds CR LF"},
        {"multi", "an Xcom-CAN has no multi-infos"},
        {"multi-tag", "an Xcom-CAN has no multi-infos"},
        {"absent", "an Xcom-CAN has no multi-infos"},
        {"block", "an Xcom-CAN has no datalog files"},
        {"sd", "an Xcom-CAN has no datalog files"},
    };

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcmp(refused[i].name, name) == 0)
            return refused[i].why;
    return NULL;
}

bool sim_command_help(size_t i, const char **name, const char **takes, const char **meaning)
{
    if (i >= sizeof commands / sizeof *commands)
        return false;
    *name = commands[i].name;
    *takes = commands[i].takes;
    *meaning = commands[i].meaning;
    return true;
}

enum xc_status sim_gateway_command(struct sim_gateway *gateway, const char *text, char *error,
                                   size_t error_size)
{
    struct command c = {
        .gateway = gateway, .sim = gateway->sim, .error = error, .error_size = error_size};
    char words[COMMAND_WORDS_MAX][COMMAND_WORD_MAX];
    unsigned count = 0;

    while (*(text += strspn(text, " \t"))) {
        size_t length = strcspn(text, " \t");
        if (count == COMMAND_WORDS_MAX || length >= COMMAND_WORD_MAX)
            return command_expected(&c, "a shorter command");
        snprintf(words[count++], COMMAND_WORD_MAX, "%.*s", (int)length, text);
        text += length;
    }
    if (count == 0)
        return command_expected(&c, "a command");
    for (unsigned i = 1; i < count; i++)
        c.words[c.count++] = words[i];
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(words[0], commands[i].name) == 0) {
            if (c.count > commands[i].most)
                return command_expected(&c, "fewer words behind the command");
            const char *why = gateway->can ? why_not_on_can(words[0]) : NULL;
            if (why)
                return command_refuse(&c, why);
            site_advance(c.sim);
            enum xc_status status = commands[i].run(&c);
            if (gateway->can)
                canline_look(gateway->can);
            return status;
        }
    return command_expected(&c, "one of the commands of xcomsim --help");
}
