// SPDX-License-Identifier: MIT
#include "cmd/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/idlist.h"

// --- Tables --------------------------------------------------------------------------------------

static const struct command commands[] = {
    {COMMAND_SCREENS, "", "", "the live screens",
     "Shows the installation live: energy flow, devices, messages, the link. The\n"
     "bottom line shows the keys; ? explains them all; q leaves.\n"
     "With --once it prints the overview once, as plain text, and ends.\n",
     0, 0, true, true},
    {COMMAND_SCAN, "scan", "", "list the devices: model, firmware, FID",
     "Finds the devices of the installation and prints a line for each: name, address,\n"
     "family, model, firmware, FID. With -v also the gateway's GUID.\n",
     0, 0, true, false},
    {COMMAND_READ, "read", "DEVICE ID…", "read values of devices",
     "DEVICE is XT1…XT9, L1…L3 (the master of a phase), VT1…VT15, VS1…VS15, BSP, BMS,\n"
     "XCOM, an address like 101, XT* for each of a family, XT.sum or XT.avg for the\n"
     "sum or average over it; several are joined by commas. ID is the number of an\n"
     "info or parameter, or a range of numbers of the tables like 3000-3010.\n"
     "A number that isn't in the tables is read as a raw value: as an info when the\n"
     "family has infos in the same thousand, else as a parameter; --info and\n"
     "--parameter choose.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 read XT1 3000 3028\n"
     "  xcomtop --demo read 'XT*,XT.sum' 3136\n"
     "  xcomtop --demo read XT1 1138 --part max\n",
     2, WORDS_ANY, true, false},
    {COMMAND_WRITE, "write", "DEVICE ID VALUE", "change a parameter",
     "Changes a parameter in RAM, where it runs until the device restarts, or with\n"
     "--flash for good: 1000 writes to the flash memory of a parameter are guaranteed.\n"
     "First its value, limits and more are read from the device, and what would happen\n"
     "is shown; y confirms it. Flash, several devices, and what can stop, restart,\n"
     "reset or erase something is confirmed by typing a word. Every attempt is\n"
     "recorded (xcomtop writes).\n"
     "DEVICE is XT1…XT9, VT1…VT15, VS1…VS15, BSP, BMS, XCOM; L1…L3 for all Xtenders of\n"
     "a phase; XT, VT or VS for all of a family. VALUE is a number, yes or no, an\n"
     "option's label or number, 13:41, MO,TU,SU, '2026-11-21 14:00:00' (for the\n"
     "clock also now), send for a signal.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 write XT1 1138 45\n"
     "  xcomtop --demo write XT1 1138 45 --flash --confirm flash\n",
     3, 3, true, true},
    {COMMAND_KEEP, "keep", "[DEVICE ID VALUE]", "hold a RAM value until stopped",
     "Writes a value to RAM, and again whenever its device has restarted, until it is\n"
     "stopped (Ctrl-C); with --every also every so often. It is shown and confirmed\n"
     "once, as by write. Without words it holds what the site's section of the\n"
     "configuration file says (keep = …).\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 keep XT1 1138 45 --every 10m\n",
     0, 3, true, true},
    {COMMAND_WRITES, "writes", "[DEVICE [ID]]", "list the record of writes, undo one",
     "Lists every attempt to change a parameter, oldest first: when, which device and\n"
     "parameter, the value before and the new one, flash or RAM, and what came of it.\n"
     "An attempt is recorded before it is sent. No link is needed. DEVICE is a name\n"
     "like XT1, L2 or BSP, or a family like XT; ID is the number of a parameter.\n"
     "--site NAME takes only those of one site; --demo those of the demonstration,\n"
     "which are kept apart.\n"
     "With --undo N the value from before write N is written again, to RAM or flash as\n"
     "then, to the same device whatever its number is now, and with the same checks.\n"
     "\n"
     "  xcomtop writes --last 10\n"
     "  xcomtop writes XT 1138 --flash --since 30d\n"
     "  xcomtop -c /dev/ttyUSB0 writes --undo 12\n",
     0, 2, false, true},
    {COMMAND_LIST, "list", "[FAMILY] [TEXT…]", "search infos and parameters",
     "Searches the tables; no link is needed. Prints what has all words of TEXT in its\n"
     "number, name, short name, unit or options. FAMILY: XT, VT, VS, BSP, BMS, RCC.\n"
     "\n"
     "  xcomtop list XT battery voltage\n"
     "  xcomtop list 'AUX 1'\n",
     0, WORDS_ANY, false, false},
    {COMMAND_DESCRIBE, "describe", "[DEVICE] ID…", "tell everything about a number",
     "Prints what the tables say about infos, parameters and menus; no link is needed.\n"
     "DEVICE is a family or a device, for numbers that several families have.\n"
     "\n"
     "  xcomtop describe 1138\n"
     "  xcomtop describe BMS 7002\n",
     1, WORDS_ANY, false, false},
    {COMMAND_BACKUP, "backup", "FILE", "save all settings in a file",
     "Reads the settings of all devices and of the gateway, as they are in flash, and\n"
     "writes them to FILE: one line a setting, made for reading, diff and git. With\n"
     "--limits also what each model allows. FILE appears when it is whole. Until then\n"
     "FILE.part has what was read; interrupted, the same command goes on from there.\n"
     "What couldn't be read stands there as a comment with the reason.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 backup emosson.txt\n"
     "  xcomtop --demo backup --devices XT1,BSP demo.txt\n",
     1, 1, true, false},
    {COMMAND_COMPARE, "compare", "FILE [FILE2]", "compare a backup with something",
     "Compares the settings in FILE with those in the devices now; or with FILE2,\n"
     "another backup; or, with the word defaults for FILE2, with the factory's values\n"
     "for this battery and AC voltage. Only what is in FILE is read. Prints what\n"
     "differs: device, number, name, both values. Devices are the same by their FID,\n"
     "then by name. Exit status: 0 nothing differs, 1 something does.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 compare emosson.txt\n"
     "  xcomtop compare before.txt after.txt\n"
     "  xcomtop compare emosson.txt defaults\n",
     1, 2, true, false},
    {COMMAND_RESTORE, "restore", "FILE", "write a backup's settings back",
     "Compares the settings in FILE with those in the devices, shows the plan of what\n"
     "differs, what a device doesn't allow and what is dangerous, and once the word\n"
     "restore is typed writes it to flash, each with the checks of write, and reports\n"
     "each. --devices and --only choose. Interrupted, the same command goes on with\n"
     "what still differs. What a device refuses is tried once more at the end.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 restore emosson.txt --devices XT1 --only 1138,1140-1145\n",
     1, 1, true, true},
    {COMMAND_COPY, "copy", "FROM TO", "copy settings to other devices",
     "Writes the settings of the device FROM that differ to TO: other devices of its\n"
     "family, joined by commas, or XT* for all others. In RAM, or with --flash for\n"
     "good. As a plan that is shown and confirmed, like restore. --only chooses.\n"
     "\n"
     "  xcomtop -c /dev/ttyUSB0 copy XT1 XT2,XT3 --only 1138\n"
     "  xcomtop --demo copy VT1 'VT*' --flash\n",
     2, 2, true, true},
    {COMMAND_DECODE, "decode", "HEX…|FILE|-", "explain SCOM frames",
     "Explains frames given as bytes in hexadecimal, or read from a file or, with -,\n"
     "from standard input: hexadecimal text, or what --trace has written. No link is\n"
     "needed.\n"
     "\n"
     "  xcomtop decode AA 00 01 00 00 00 65 00 00 00 0A 00 6F 71 \\\n"
     "      00 01 01 00 B8 0B 00 00 01 00 C5 90\n",
     1, WORDS_ANY, false, false},
    {COMMAND_HELP, "help", "[COMMAND]", "explain a command", "", 0, 1, false, false},
};

enum {
    ALL = (1 << COMMAND_COUNT) - 1,
    SCREENS = 1 << COMMAND_SCREENS,
    READ = 1 << COMMAND_READ,
    WRITE = 1 << COMMAND_WRITE,
    KEEP = 1 << COMMAND_KEEP,
    WRITES = 1 << COMMAND_WRITES,
    COPY = 1 << COMMAND_COPY,
    PLANS = COPY | 1 << COMMAND_RESTORE,
    CHANGES = WRITE | KEEP | WRITES | PLANS,
    BACKUP = 1 << COMMAND_BACKUP,
    PRINTS = WRITE | WRITES | PLANS | 1 << COMMAND_SCAN | 1 << COMMAND_READ | 1 << COMMAND_LIST |
             1 << COMMAND_DESCRIBE | 1 << COMMAND_COMPARE | 1 << COMMAND_DECODE,
};

static const struct option_spec specs[] = {
    {OPTION_CONNECT, "connect", 'c', "LINK", ALL, "link", "connect to LINK, as below"},
    {OPTION_DEMO, "demo", 0, NULL, ALL, NULL, "a simulated installation, no hardware needed"},
    {OPTION_SITE, "site", 0, "NAME", ALL, NULL, "link and settings from the configuration file"},
    {OPTION_READ_ONLY, "read-only", 0, NULL, ALL, "read-only",
     "send nothing but reads (or XCOMTOP_READ_ONLY=1)"},
    {OPTION_SOURCE, "source", 0, "N", ALL, "source", "our address on the link (1)"},
    {OPTION_TIMEOUT, "timeout", 0, "TIME", ALL, "timeout", "wait this long for an answer (3s)"},
    {OPTION_WAIT, "wait", 0, "TIME", ALL, "wait", "wait this long for the link to come up"},
    {OPTION_TRACE, "trace", 0, "FILE", ALL, NULL, "write every byte to FILE, for decode"},
    {OPTION_ALLOW, "allow", 0, "ADDRESS", ALL, "allow", "who may dial in; can be repeated"},
    {OPTION_DEVICES, "devices", 0, "LIST", ALL, "devices",
     "ask only these (XT1,XT2,BSP), search for none"},
    {OPTION_LEAVE_MESSAGES, "leave-messages", 0, NULL, ALL, "leave-messages",
     "leave the gateway's messages unread"},
    {OPTION_ASCII, "ascii", 0, NULL, ALL, "ascii", "draw and print ASCII characters only"},
    {OPTION_THEME, "theme", 0, "default|light|mono", ALL, "theme", "colours of the screens"},
    {OPTION_VERBOSE, "verbose", 'v', NULL, ALL, NULL, "tell on stderr what the link does"},
    {OPTION_FORMAT, "format", 0, "text|csv|jsonl", PRINTS, NULL, "how results are printed (text)"},
    {OPTION_ONCE, "once", 0, NULL, SCREENS, NULL, "print the overview once, as text, and end"},
    {OPTION_PART, "part", 0, "value|ram|min|max|level", READ, NULL,
     "which part of a parameter (value)"},
    {OPTION_INFO, "info", 0, NULL, READ, NULL, "numbers not in the tables are infos"},
    {OPTION_PARAMETER, "parameter", 0, NULL, READ, NULL,
     "numbers not in the tables are parameters"},
    {OPTION_FLASH, "flash", 0, NULL, WRITE | COPY | WRITES, NULL,
     "write to flash, for good; list only such writes"},
    {OPTION_YES, "yes", 0, NULL, CHANGES, NULL, "don't ask where y would do"},
    {OPTION_CONFIRM, "confirm", 0, "WORD", CHANGES, NULL, "the word that would be asked for"},
    {OPTION_UNRECORDED, "unrecorded", 0, NULL, SCREENS | CHANGES, NULL,
     "write also when it can't be recorded"},
    {OPTION_EVERY, "every", 0, "TIME", KEEP, NULL, "write it again this often (10m)"},
    {OPTION_KEEP, "keep", 0, "LIST", KEEP, "keep", "what is kept: XT1 1138 45 10m | …"},
    {OPTION_GUID, "guid", 0, "GUID", SCREENS | CHANGES, "guid",
     "write only to the gateway with this GUID"},
    {OPTION_LAST, "last", 0, "N", WRITES, NULL, "only the last N"},
    {OPTION_SINCE, "since", 0, "TIME", WRITES, NULL,
     "only since then: 2026-11-21, 'DATE 14:00', 2h, 3d"},
    {OPTION_UNDO, "undo", 0, "N", WRITES, NULL, "take the write with number N back"},
    {OPTION_ONLY, "only", 0, "LIST", PLANS, NULL, "only these numbers (1138,1140-1145)"},
    {OPTION_LIMITS, "limits", 0, NULL, BACKUP, NULL, "also save what each model allows"},
    {OPTION_HELP, "help", 'h', NULL, ALL, NULL, "explain xcomtop, or the command"},
    {OPTION_VERSION, "version", 0, NULL, ALL, NULL, "print versions"},
};

_Static_assert(sizeof commands / sizeof *commands == COMMAND_COUNT, "a row a command");
_Static_assert(sizeof specs / sizeof *specs == OPTION_COUNT, "a row an option");

const struct command *command_at(size_t i)
{
    return i < COMMAND_COUNT ? &commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].name[0] && strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

const struct option_spec *option_at(size_t i)
{
    return i < OPTION_COUNT ? &specs[i] : NULL;
}

// --- Suggestions ---------------------------------------------------------------------------------

enum { NAME_MAX_LENGTH = 32 };

// Edits (insert, delete, replace, swap neighbours) that turn a into b.
static unsigned edit_distance(const char *a, const char *b)
{
    unsigned rows[3][NAME_MAX_LENGTH + 1];
    size_t length_a = strlen(a), length_b = strlen(b);

    if (length_a > NAME_MAX_LENGTH || length_b > NAME_MAX_LENGTH)
        return NAME_MAX_LENGTH;
    for (size_t j = 0; j <= length_b; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= length_a; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= length_b; j++) {
            unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                second[j - 2] + 1 < best)
                best = second[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[length_a % 3][length_b];
}

const char *nearest_name(const char *typed, const char *const *names)
{
    const char *nearest = NULL;
    size_t length = strlen(typed);
    unsigned least = length < 4 ? 2 : 3; // one edit in a short word, two in a longer one

    for (; *names; names++) {
        unsigned distance = edit_distance(typed, *names);
        if (length >= 3 && strncmp(*names, typed, length) == 0)
            distance = 1;
        if (distance < least) {
            least = distance;
            nearest = *names;
        }
    }
    return nearest;
}

// --- Values --------------------------------------------------------------------------------------

enum xc_status options_parse_time(const char *text, double days, int64_t *time)
{
    static const struct {
        const char *suffix;
        double unit;
    } units[] = {{"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}, {"", 1e6}};
    char digits[24];
    size_t length = strspn(text, "0123456789.");
    double number;

    if (length >= sizeof digits)
        return XC_SYNTAX;
    memcpy(digits, text, length);
    digits[length] = '\0';
    if (text_parse_number(digits, &number) != XC_OK)
        return XC_SYNTAX;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(text + length, units[i].suffix) == 0) {
            if (number * units[i].unit > days * 86400e6)
                return XC_RANGE;
            *time = (int64_t)(number * units[i].unit);
            return XC_OK;
        }
    return XC_SYNTAX;
}

// A date, or date and time, local time, to microseconds since 1970 UTC.
static enum xc_status parse_date(const char *text, int64_t *time)
{
    static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
                                        "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = {.tm_isdst = -1};
        const char *end = strptime(text, forms[i], &tm);
        if (!end || *end)
            continue;
        struct tm moved = tm;
        (void)timegm(&moved);
        if (moved.tm_mday != tm.tm_mday) // 31 February
            return XC_RANGE;
        *time = (int64_t)mktime(&tm) * 1000000;
        return XC_OK;
    }
    return XC_SYNTAX;
}

// A date, or an age like "2h" from now.
static enum xc_status parse_since(const char *text, int64_t *since)
{
    size_t length = strlen(text);
    struct timespec now;
    int64_t age;

    // A number alone could be either.
    if (length == 0 || strchr("0123456789.", text[length - 1]))
        return parse_date(text, since);
    if (options_parse_time(text, 100 * 365, &age) != XC_OK)
        return XC_SYNTAX;
    clock_gettime(CLOCK_REALTIME, &now);
    *since = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - age;
    return XC_OK;
}

// An address that a device answers to can't be ours (reference scom.md, "Addresses").
static bool is_device_address(long address)
{
    static const struct {
        long first, last;
    } ranges[] = {{0, 0}, {100, 109}, {191, 193}, {300, 315}, {500, 505}, {600, 601}, {700, 715}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (address >= ranges[i].first && address <= ranges[i].last)
            return true;
    return false;
}

// The index of value among words joined by '|'.
static enum xc_status parse_choice(const char *words, const char *value, unsigned *index)
{
    size_t length = strlen(value);

    for (*index = 0; length > 0 && *words; ++*index) {
        size_t word = strcspn(words, "|");
        if (word == length && strncmp(words, value, length) == 0)
            return XC_OK;
        words += word + (words[word] == '|');
    }
    return XC_SYNTAX;
}

enum xc_status options_set(struct options *options, const struct option_spec *spec,
                           const char *value, char *error, size_t error_size)
{
    unsigned choice = 0;
    long number;

    options->given |= option_bit(spec->key);
    if (spec->argument && strchr(spec->argument, '|') &&
        parse_choice(spec->argument, value, &choice) != XC_OK) {
        snprintf(error, error_size, "expected %s, not '%s'", spec->argument, value);
        return XC_USAGE;
    }
    switch (spec->key) {
    case OPTION_CONNECT:
        options->link = value;
        break;
    case OPTION_DEMO:
        options->demo = true;
        break;
    case OPTION_SITE:
        options->site = value;
        break;
    case OPTION_READ_ONLY:
        options->read_only = true;
        break;
    case OPTION_SOURCE:
        if (text_parse_int(value, 0, INT32_MAX, &number) != XC_OK) {
            snprintf(error, error_size, "expected a number like 1, not '%s'", value);
            return XC_USAGE;
        }
        if (is_device_address(number)) {
            snprintf(error, error_size, "%ld is the address of devices; take 1 or another one",
                     number);
            return XC_USAGE;
        }
        options->source = (uint32_t)number;
        break;
    case OPTION_TIMEOUT:
    case OPTION_WAIT: {
        int64_t time;
        if (options_parse_time(value, 1, &time) != XC_OK ||
            (spec->key == OPTION_TIMEOUT && time <= 0)) {
            snprintf(error, error_size, "expected a time like 3s or 500ms, not '%s'", value);
            return XC_USAGE;
        }
        *(spec->key == OPTION_TIMEOUT ? &options->timeout : &options->wait) = time;
        break;
    }
    case OPTION_TRACE:
        options->trace = value;
        break;
    case OPTION_ALLOW:
        if (options->allow_count == LINK_ALLOW_MAX) {
            snprintf(error, error_size, "at most %d can be given", LINK_ALLOW_MAX);
            return XC_USAGE;
        }
        options->allow[options->allow_count++] = value;
        break;
    case OPTION_DEVICES:
        options->devices = value;
        break;
    case OPTION_LEAVE_MESSAGES:
        options->leave_messages = true;
        break;
    case OPTION_ASCII:
        options->ascii = true;
        break;
    case OPTION_THEME:
        options->theme = choice;
        break;
    case OPTION_VERBOSE:
        options->verbose = true;
        break;
    case OPTION_FORMAT:
        options->format = (enum row_format)choice;
        break;
    case OPTION_ONCE:
        options->once = true;
        break;
    case OPTION_PART:
        options->part = (enum part)choice;
        break;
    case OPTION_INFO:
        options->expect |= EXPECT_INFO;
        break;
    case OPTION_PARAMETER:
        options->expect |= EXPECT_PARAMETER;
        break;
    case OPTION_FLASH:
        options->flash = true;
        break;
    case OPTION_YES:
        options->yes = true;
        break;
    case OPTION_CONFIRM:
        options->confirm = value;
        break;
    case OPTION_UNRECORDED:
        options->unrecorded = true;
        break;
    case OPTION_EVERY:
        if (options_parse_time(value, 1, &options->every) != XC_OK || options->every <= 0) {
            snprintf(error, error_size, "expected a time like 10m or 30s, not '%s'", value);
            return XC_USAGE;
        }
        break;
    case OPTION_KEEP:
        options->keep = value;
        return keep_list_check(value, error, error_size);
    case OPTION_GUID:
        if (strlen(value) != 32 || strspn(value, "0123456789abcdefABCDEF") != 32) {
            snprintf(error, error_size, "expected 32 digits 0-9A-F, as scan -v tells, not '%s'",
                     value);
            return XC_USAGE;
        }
        options->guid = value;
        break;
    case OPTION_LAST:
        if (text_parse_int(value, 1, INT32_MAX, &number) != XC_OK) {
            snprintf(error, error_size, "expected a number like 10, not '%s'", value);
            return XC_USAGE;
        }
        options->last = (unsigned)number;
        break;
    case OPTION_UNDO:
        if (text_parse_int(value, 1, INT32_MAX, &number) != XC_OK) {
            snprintf(error, error_size, "expected the number of a write, not '%s'", value);
            return XC_USAGE;
        }
        options->undo = number;
        break;
    case OPTION_SINCE:
        if (parse_since(value, &options->since) != XC_OK) {
            snprintf(error, error_size,
                     "expected a date like 2026-11-21 or '2026-11-21 14:00', or an age like 2h or "
                     "3d, not '%s'",
                     value);
            return XC_USAGE;
        }
        break;
    case OPTION_ONLY:
        if (idlist_check(value) != XC_OK) {
            snprintf(error, error_size, "expected numbers like 1138,1140-1145, not '%s'", value);
            return XC_USAGE;
        }
        options->only = value;
        break;
    case OPTION_LIMITS:
        options->limits = true;
        break;
    case OPTION_HELP:
        options->help = true;
        break;
    case OPTION_VERSION:
        options->version = true;
        break;
    case OPTION_COUNT:
        break;
    }
    return XC_OK;
}

// --- Parsing -------------------------------------------------------------------------------------

static enum xc_status unknown_option(const char *typed, char *error, size_t error_size)
{
    const char *names[OPTION_COUNT + 1];
    char name[NAME_MAX_LENGTH + 1];
    size_t used = 0, matches = 0;

    // getopt_long() has taken "--name=value" apart only in its own mind.
    snprintf(name, sizeof name, "%.*s", (int)strcspn(typed + 2, "="), typed + 2);
    snprintf(error, error_size, "--%s could be", name);
    used = strlen(error);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        names[i] = specs[i].name;
        if (strncmp(specs[i].name, name, strlen(name)) == 0)
            text_append(error, error_size, &used, "%s --%s", matches++ ? " or" : "", specs[i].name);
    }
    names[OPTION_COUNT] = NULL;
    if (matches > 1)
        return XC_USAGE;
    const char *nearest = nearest_name(name, names);
    if (nearest)
        snprintf(error, error_size, "there is no option --%s; did you mean --%s?", name, nearest);
    else
        snprintf(error, error_size, "there is no option --%s; see xcomtop --help", name);
    return XC_USAGE;
}

static enum xc_status unknown_command(const char *typed, char *error, size_t error_size)
{
    const char *names[COMMAND_COUNT + 1];
    size_t count = 0;

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (commands[i].name[0])
            names[count++] = commands[i].name;
    names[count] = NULL;
    const char *nearest = nearest_name(typed, names);
    if (nearest)
        snprintf(error, error_size, "there is no command '%s'; did you mean %s?", typed, nearest);
    else if (strpbrk(typed, "/:"))
        snprintf(error, error_size, "there is no command '%s'; to connect there: xcomtop -c %s",
                 typed, typed);
    else
        snprintf(error, error_size, "there is no command '%s'; see xcomtop --help", typed);
    return XC_USAGE;
}

// What getopt_long() calls an error, in words.
static enum xc_status bad_option(int code, char **argv, char *error, size_t error_size)
{
    const char *typed = argv[optind - 1];

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        bool meant = optopt == specs[i].letter || optopt == (int)(256 + i);
        if (optopt == 0 || !meant)
            continue;
        if (code == ':')
            snprintf(error, error_size, "--%s needs %s behind it", specs[i].name,
                     specs[i].argument);
        else
            snprintf(error, error_size, "--%s takes nothing behind it", specs[i].name);
        return XC_USAGE;
    }
    if (optopt != 0) {
        snprintf(error, error_size, "there is no option -%c; see xcomtop --help", optopt);
        return XC_USAGE;
    }
    return unknown_option(typed, error, error_size);
}

static void add_word(struct options *options, char *word)
{
    options->words[options->word_count++] = word;
}

static bool is_negative_number(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && strchr("0123456789.,", word[1]);
}

// Takes the command's name from the words.
static enum xc_status find_command(struct options *options, char *error, size_t error_size)
{
    options->command = &commands[COMMAND_SCREENS];
    if (options->word_count == 0)
        return XC_OK;
    const struct command *command = command_find(options->words[0]);
    if (!command)
        return unknown_command(options->words[0], error, error_size);
    options->command = command;
    options->word_count--;
    memmove(options->words, options->words + 1,
            (size_t)options->word_count * sizeof *options->words);
    return XC_OK;
}

static enum xc_status check_command(const struct options *options, char *error, size_t error_size)
{
    const struct command *command = options->command;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!(options->given & option_bit((enum option_key)i)) ||
            specs[i].commands & 1u << command->key)
            continue;
        if (command->name[0])
            snprintf(error, error_size, "'%s' takes no --%s; see xcomtop help %s", command->name,
                     specs[i].name, command->name);
        else
            snprintf(error, error_size, "--%s needs a command; see xcomtop --help", specs[i].name);
        return XC_USAGE;
    }
    if (options->word_count < command->least) {
        snprintf(error, error_size, "'%s' needs %s; see xcomtop help %s", command->name,
                 command->words, command->name);
        return XC_USAGE;
    }
    if (command->most != WORDS_ANY && options->word_count > command->most) {
        snprintf(error, error_size, "'%s' doesn't know what to do with '%s'", command->name,
                 options->words[command->most]);
        return XC_USAGE;
    }
    if (command->key == COMMAND_KEEP && options->word_count == 0 &&
        options->given & option_bit(OPTION_EVERY)) {
        snprintf(error, error_size, "--every goes with DEVICE ID VALUE");
        return XC_USAGE;
    }
    if (options->link && options->demo) {
        snprintf(error, error_size, "give either --connect or --demo");
        return XC_USAGE;
    }
    if (options->expect == (EXPECT_INFO | EXPECT_PARAMETER)) {
        snprintf(error, error_size, "give either --info or --parameter");
        return XC_USAGE;
    }
    return XC_OK;
}

enum xc_status options_parse(int argc, char **argv, struct options *options, char *error,
                             size_t error_size)
{
    struct option longs[OPTION_COUNT + 1] = {0};
    // Leading '-': words come in their order as code 1, whatever POSIXLY_CORRECT says.
    char shorts[2 * OPTION_COUNT + 3] = "-:";
    size_t used = strlen(shorts);
    enum xc_status status;
    int code;

    memset(options, 0, sizeof *options);
    options->wait = -1;
    options->command = &commands[COMMAND_SCREENS];
    options->words = xcalloc((size_t)argc + 1, sizeof *options->words);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        int argument = specs[i].argument ? required_argument : no_argument;
        longs[i] = (struct option){specs[i].name, argument, NULL, (int)(256 + i)};
        if (specs[i].letter)
            text_append(shorts, sizeof shorts, &used, "%c%s", specs[i].letter,
                        argument == required_argument ? ":" : "");
    }
    optind = 0; // GNU: start anew
    getopt_long(1, argv, shorts, longs, NULL);
    optind = 1;
    for (;;) {
        const struct option_spec *spec = NULL;
        char why[OPTIONS_ERROR_MAX];

        // "-3" is a value: no option is a digit.
        if (optind < argc && is_negative_number(argv[optind])) {
            add_word(options, argv[optind++]);
            continue;
        }
        code = getopt_long(argc, argv, shorts, longs, NULL);
        if (code == -1)
            break;
        if (code == 1) {
            add_word(options, optarg);
            continue;
        }
        for (size_t i = 0; i < OPTION_COUNT && !spec; i++)
            if (code == (int)(256 + i) || (specs[i].letter && code == specs[i].letter))
                spec = &specs[i];
        if (!spec)
            return bad_option(code, argv, error, error_size);
        status = options_set(options, spec, optarg, why, sizeof why);
        if (status != XC_OK) {
            snprintf(error, error_size, "--%s: %s", spec->name, why);
            return status;
        }
    }
    while (optind < argc)
        add_word(options, argv[optind++]);
    status = find_command(options, error, error_size);
    if (status == XC_OK && !options->help && !options->version)
        status = check_command(options, error, error_size);
    return status;
}

bool options_demo(const struct options *options)
{
    return options->demo || (options->link && (strncmp(options->link, "demo:", 5) == 0 ||
                                               strcmp(options->link, "demo") == 0));
}

void options_free(struct options *options)
{
    free(options->words);
    options->words = NULL;
}

// --- Help ----------------------------------------------------------------------------------------

static void help_option(FILE *out, const struct option_spec *spec)
{
    char left[64];
    size_t used = 0;

    text_append(left, sizeof left, &used, spec->letter ? "  -%c, " : "      ", spec->letter);
    text_append(left, sizeof left, &used, "--%s", spec->name);
    if (spec->argument)
        text_append(left, sizeof left, &used, " %s", spec->argument);
    if (used > 28)
        fprintf(out, "%s\n%30s%s\n", left, "", spec->help);
    else
        fprintf(out, "%-30s%s\n", left, spec->help);
}

static void help_links(FILE *out)
{
    fputs("\n"
          "LINK:\n"
          "  serial:/dev/ttyUSB0[?baud=38400&parity=even]\n"
          "                              Xcom-232i; what isn't given is found by trying\n"
          "  tcp-listen:[ADDR:]PORT      Xcom-LAN that dials in (usually to port 4001)\n"
          "  tcp:HOST:PORT               Xcom-LAN that is called\n"
          "  udp:HOST:PORT[?local=PORT]  Xcom-LAN over UDP\n"
          "  demo:[xt=3,vt=2,vs=1,bsp]   a simulated installation\n"
          "  short: /dev/ttyUSB0, :PORT, HOST:PORT; in quotes where there is ? or &\n",
          out);
}

static void help_all(FILE *out)
{
    fputs("xcomtop: a terminal monitor for Studer-Innotec solar installations\n"
          "\n"
          "  xcomtop -c LINK             the live screens\n"
          "  xcomtop --demo              the same, on a simulated installation\n"
          "  xcomtop [-c LINK] COMMAND   one of these:\n"
          "\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char left[64];
        if (!commands[i].name[0])
            continue;
        snprintf(left, sizeof left, "%s %s", commands[i].name, commands[i].words);
        // The width of printf counts bytes.
        fprintf(out, "  %s%*s%s\n", left, 28 - text_width(left), "", commands[i].summary);
    }
    fprintf(out, "\n%s\nOptions, anywhere on the line:\n", commands[COMMAND_SCREENS].details);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        help_option(out, &specs[i]);
    help_links(out);
    fputs("\n"
          "Exit status: 0 done, 1 refused, 2 wrong usage or no terminal, 3 no link or no\n"
          "answer, 4 partly done, 5 it isn't known whether a write was done. See xcomtop(1)\n"
          "and xcomtop.conf(5).\n",
          out);
}

void options_help(FILE *out, const struct command *command)
{
    if (!command || command->key == COMMAND_HELP) {
        help_all(out);
        return;
    }
    fprintf(out, "xcomtop %s%s%s [OPTION…]: %s\n\n%s", command->name, command->words[0] ? " " : "",
            command->words, command->summary, command->details);
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        // Options that only a link has a use for aren't worth a line where there is none.
        if (specs[i].commands & 1u << command->key &&
            (command->needs_link || specs[i].commands != ALL || specs[i].key == OPTION_ASCII ||
             specs[i].key == OPTION_HELP))
            help_option(out, &specs[i]);
    if (command->needs_link)
        help_links(out);
}
