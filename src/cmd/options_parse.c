// SPDX-License-Identifier: MIT
// What somebody typed, on the command line or in the configuration, by the tables of options.c.
#include "cmd/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/idlist.h"
#include "ui/theme.h"

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
    return text_parse_duration(text, days, time);
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

static bool parse_rotation(const char *text, struct options *options)
{
    static const char units[] = "kMG";
    size_t length = strlen(text);
    char digits[16];
    long number;

    options->rotation = strcmp(text, "daily") == 0    ? ROTATE_DAILY
                        : strcmp(text, "hourly") == 0 ? ROTATE_HOURLY
                                                      : ROTATE_SIZE;
    if (options->rotation != ROTATE_SIZE)
        return true;
    const char *unit = length > 1 ? strchr(units, text[length - 1]) : NULL;
    if (!unit || length > sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)length - 1, text);
    if (text_parse_int(digits, 1, 9999, &number) != XC_OK)
        return false;
    options->rotate_size = number;
    for (const char *u = units; u <= unit; u++)
        options->rotate_size *= 1024;
    return true;
}

// An address that a device answers to can't be ours (scom.md "Addresses"), nor one that messages on
// CAN come from or go to (can.md "Identifier"). 0 is for the session to judge.
static bool is_device_address(long address)
{
    static const struct {
        long first, last;
    } ranges[] = {{100, 109}, {191, 193}, {300, 315}, {500, 505}, {600, 601}, {700, 715}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (address >= ranges[i].first && address <= ranges[i].last)
            return true;
    return false;
}

// The index of value among words joined by '|'. A last one in capitals stands for any name.
static enum xc_status parse_choice(const char *words, const char *value, unsigned *index)
{
    size_t length = strlen(value);

    for (*index = 0; length > 0 && *words; ++*index) {
        size_t word = strcspn(words, "|");
        if ((word == length && strncmp(words, value, length) == 0) ||
            (words[0] >= 'A' && words[0] <= 'Z'))
            return XC_OK;
        words += word + (words[word] == '|');
    }
    return XC_SYNTAX;
}

enum xc_status options_set(struct options *options, const struct option_spec *spec,
                           const char *value, char *error, size_t error_size)
{
    const char *argument = option_argument(spec, options->command);
    unsigned choice = 0;
    char guid[TEXT_GUID_MAX];
    long number;

    options->given |= option_bit(spec->key);
    if (argument && strchr(argument, '|') &&
        (parse_choice(argument, value, &choice) != XC_OK ||
         parse_choice(spec->argument, value, &choice) != XC_OK)) {
        snprintf(error, error_size, "expected %s, not '%s'", argument, value);
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
            snprintf(error, error_size, "%ld is the address of devices; take another one", number);
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
        if (!theme_name_is_good(value)) {
            snprintf(error, error_size,
                     "expected default, light, contrast, mono or the name of a theme file "
                     "(letters, digits, - and _), not '%s'",
                     value);
            return XC_USAGE;
        }
        options->theme = value;
        break;
    case OPTION_VERBOSE:
        options->verbose = true;
        break;
    case OPTION_FORMAT:
        options->sqlite = choice > ROWS_JSONL;
        options->format = options->sqlite ? ROWS_TEXT : (enum row_format)choice;
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
    case OPTION_OUTPUT:
        options->output = value;
        break;
    case OPTION_SELECT:
        options->select = value;
        break;
    case OPTION_PRESET:
        options->preset = value;
        break;
    case OPTION_SAMPLES:
        if (text_parse_int(value, 1, INT32_MAX, &number) != XC_OK) {
            snprintf(error, error_size, "expected a number of rows from 1 on, not '%s'", value);
            return XC_USAGE;
        }
        options->samples = (unsigned)number;
        break;
    case OPTION_ROTATE:
        if (parse_rotation(value, options))
            break;
        snprintf(error, error_size,
                 "expected daily, hourly or a size like 500k, 10M or 1G, not '%s'", value);
        return XC_USAGE;
    case OPTION_ROTATE_KEEP:
        if (text_parse_int(value, 1, 100000, &number) != XC_OK) {
            snprintf(error, error_size, "expected a number of files from 1 on, not '%s'", value);
            return XC_USAGE;
        }
        options->rotate_keep = (unsigned)number;
        break;
    case OPTION_WHY:
        options->why = true;
        break;
    case OPTION_SYNC:
        if (options_parse_time(value, 1, &options->sync) != XC_OK) {
            snprintf(error, error_size, "expected a time like 5s or 1m, not '%s'", value);
            return XC_USAGE;
        }
        break;
    case OPTION_KEEP:
        options->keep = value;
        return keep_list_check(value, error, error_size);
    case OPTION_GUID:
        if (text_parse_guid(value, guid) != XC_OK) {
            snprintf(error, error_size, "expected 32 digits 0-9a-f, as scan tells, not '%s'",
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
    case OPTION_UNTIL:
        if (parse_since(value, spec->key == OPTION_SINCE ? &options->since : &options->until) !=
            XC_OK) {
            snprintf(error, error_size,
                     "expected a date like 2026-11-21 or '2026-11-21 14:00', or an age like 2h or "
                     "3d, not '%s'",
                     value);
            return XC_USAGE;
        }
        break;
    case OPTION_WIDTH:
        if (text_parse_int(value, 40, 400, &number) != XC_OK) {
            snprintf(error, error_size, "expected 40 to 400 columns, not '%s'", value);
            return XC_USAGE;
        }
        options->width = (unsigned)number;
        break;
    case OPTION_HEIGHT:
        if (text_parse_int(value, 12, 200, &number) != XC_OK) {
            snprintf(error, error_size, "expected 12 to 200 rows, not '%s'", value);
            return XC_USAGE;
        }
        options->height = (unsigned)number;
        break;
    case OPTION_HISTORY:
        options->history = value;
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
    case OPTION_FOLLOW:
        options->follow = true;
        break;
    case OPTION_ALARM:
        options->alarms = value;
        return alarm_list_check(value, error, error_size);
    case OPTION_ON_MESSAGE:
        options->on_message = value;
        break;
    case OPTION_SET:
        options->set = true;
        break;
    case OPTION_ALL:
        options->all = true;
        break;
    case OPTION_NEW:
        options->only_new = true;
        break;
    case OPTION_DATALOG_DIRECTORY:
        options->datalog_directory = value;
        break;
    case OPTION_QUIET_HOURS:
        options->quiet_hours = true;
        break;
    case OPTION_VALUES:
        options->values = true;
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
        names[i] = option_at(i)->name;
        if (strncmp(option_at(i)->name, name, strlen(name)) == 0)
            text_append(error, error_size, &used, "%s --%s", matches++ ? " or" : "",
                        option_at(i)->name);
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
        if (command_at(i)->name[0])
            names[count++] = command_at(i)->name;
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
        bool meant = optopt == option_at(i)->letter || optopt == (int)(256 + i);
        if (optopt == 0 || !meant)
            continue;
        if (code == ':')
            snprintf(error, error_size, "--%s needs %s behind it", option_at(i)->name,
                     option_at(i)->argument);
        else
            snprintf(error, error_size, "--%s takes nothing behind it", option_at(i)->name);
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
    options->command = command_at(COMMAND_SCREENS);
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

#define BIT(option) ((uint64_t)1 << OPTION_##option)

enum { WITH_WORDS = 1, WITHOUT_WORDS = -1 };

// What has no effect, or none that somebody could mean: the first rule that isn't kept is told.
static const struct rule {
    unsigned commands; // bits of enum command_key; 0: all
    uint64_t options;  // when one of these is given,
    uint64_t needed;   // one of these has to be (0: none has to),
    uint64_t excluded; // none of these may be,
    int words;         // and the command has words, or hasn't; 0: either
    const char *text;  // behind the option's name
} rules[] = {
    {0, BIT(CONNECT), 0, BIT(DEMO), 0, ": give either --connect or --demo"},
    {0, BIT(INFO), 0, BIT(PARAMETER), 0, ": give either --info or --parameter"},
    {1u << COMMAND_KEEP, BIT(EVERY), 0, 0, WITH_WORDS,
     " goes with DEVICE ID VALUE; in --keep each value can have its own time"},
    {1u << COMMAND_KEEP, BIT(KEEP), 0, 0, WITHOUT_WORDS,
     " isn't for DEVICE ID VALUE: give either of them"},
    {1u << COMMAND_WRITES, BIT(GUID) | BIT(YES) | BIT(CONFIRM) | BIT(UNRECORDED), BIT(UNDO), 0, 0,
     " goes with --undo: a list writes nothing"},
    {1u << COMMAND_WRITES, BIT(UNDO), 0, BIT(LAST) | BIT(SINCE) | BIT(FLASH), WITHOUT_WORDS,
     " takes no DEVICE, --last, --since or --flash: the record tells what is written where"},
    {1u << COMMAND_CLOCK, BIT(GUID) | BIT(CONFIRM) | BIT(UNRECORDED), BIT(SET), 0, 0,
     " goes with --set: else nothing is written"},
    {1u << COMMAND_MESSAGES, BIT(ON_MESSAGE), BIT(FOLLOW), 0, 0, " goes with --follow"},
    {1u << COMMAND_BUG_REPORT, BIT(LAST), 0, 0, WITH_WORDS, " goes with FILE"},
};

static bool is_kept(const struct rule *rule, const struct options *options)
{
    if (rule->commands && !(rule->commands & 1u << options->command->key))
        return true;
    return !(options->given & rule->options) ||
           ((!rule->needed || options->given & rule->needed) &&
            !(options->given & rule->excluded) &&
            (rule->words == 0 || (rule->words == WITH_WORDS) == (options->word_count > 0)));
}

// Whether options go together that were given on the command line: a configuration may well have
// more than a command has a use for.
static enum xc_status check_together(const struct options *options, char *error, size_t error_size)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        size_t option = 0;
        if (is_kept(&rules[i], options))
            continue;
        while (!(options->given & rules[i].options & (uint64_t)1 << option))
            option++;
        snprintf(error, error_size, "--%s%s", option_at(option)->name, rules[i].text);
        return XC_USAGE;
    }
    if (options->since && options->until && options->since >= options->until) {
        snprintf(error, error_size, "--since is not before --until");
        return XC_USAGE;
    }
    if (options->output && strcmp(options->output, "-") == 0 &&
        options->given & (BIT(ROTATE) | BIT(ROTATE_KEEP))) {
        snprintf(error, error_size, "--rotate is for files: --output - is stdout");
        return XC_USAGE;
    }
    return XC_OK;
}

static enum xc_status check_command(const struct options *options, char *error, size_t error_size)
{
    const struct command *command = options->command;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!(options->given & option_bit((enum option_key)i)) ||
            option_at(i)->commands & 1u << command->key)
            continue;
        if (command->name[0])
            snprintf(error, error_size, "'%s' takes no --%s; see xcomtop help %s", command->name,
                     option_at(i)->name, command->name);
        else
            snprintf(error, error_size, "--%s needs a command; see xcomtop --help",
                     option_at(i)->name);
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
    return check_together(options, error, error_size);
}

enum xc_status options_check(const struct options *options, char *error, size_t error_size)
{
    if (!options->rotate_keep || options->rotation != ROTATE_NEVER)
        return XC_OK;
    snprintf(error, error_size, "--rotate-keep goes with --rotate");
    return XC_USAGE;
}

enum xc_status options_parse(int argc, char **argv, struct options *options, char *error,
                             size_t error_size)
{
    // What is expected behind an option depends on the command, which may come later.
    struct given {
        const struct option_spec *spec;
        const char *value;
    } *given = NULL;
    struct option longs[OPTION_COUNT + 1] = {0};
    // Leading '-': words come in their order as code 1, whatever POSIXLY_CORRECT says.
    char shorts[2 * OPTION_COUNT + 3] = "-:";
    size_t used = strlen(shorts), count = 0;
    char why[OPTIONS_ERROR_MAX];
    enum xc_status status;
    int code;

    memset(options, 0, sizeof *options);
    options->wait = -1;
    options->command = command_at(COMMAND_SCREENS);
    options->words = xcalloc((size_t)argc + 1, sizeof *options->words);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        int argument = option_at(i)->argument ? required_argument : no_argument;
        longs[i] = (struct option){option_at(i)->name, argument, NULL, (int)(256 + i)};
        if (option_at(i)->letter)
            text_append(shorts, sizeof shorts, &used, "%c%s", option_at(i)->letter,
                        argument == required_argument ? ":" : "");
    }
    optind = 0; // GNU: start anew
    getopt_long(1, argv, shorts, longs, NULL);
    optind = 1;
    for (;;) {
        const struct option_spec *spec = NULL;

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
            if (code == (int)(256 + i) || (option_at(i)->letter && code == option_at(i)->letter))
                spec = option_at(i);
        if (!spec) {
            status = bad_option(code, argv, error, error_size);
            goto done;
        }
        given = xrealloc(given, count + 1, sizeof *given);
        given[count++] = (struct given){spec, optarg};
    }
    while (optind < argc)
        add_word(options, argv[optind++]);
    status = find_command(options, error, error_size);
    for (size_t i = 0; i < count && status == XC_OK; i++) {
        status = options_set(options, given[i].spec, given[i].value, why, sizeof why);
        if (status != XC_OK)
            snprintf(error, error_size, "--%s: %s", given[i].spec->name, why);
    }
    if (status == XC_OK && !options->help && !options->version)
        status = check_command(options, error, error_size);
done:
    free(given);
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
