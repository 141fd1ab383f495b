// SPDX-License-Identifier: MIT
// The command line: one table of options and one of commands drive parsing, --help, the man page's
// test and the keys of the configuration file.
#ifndef XC_CMD_OPTIONS_H
#define XC_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "store/logfile.h"
#include "store/rows.h"

// --- Commands ------------------------------------------------------------------------------------

enum command_key {
    COMMAND_SCREENS, // when no command is given
    COMMAND_SCAN,
    COMMAND_READ,
    COMMAND_WRITE,
    COMMAND_KEEP,
    COMMAND_WRITES,
    COMMAND_BLINK,
    COMMAND_CLOCK,
    COMMAND_LIST,
    COMMAND_DESCRIBE,
    COMMAND_BACKUP,
    COMMAND_COMPARE,
    COMMAND_RESTORE,
    COMMAND_COPY,
    COMMAND_DECODE,
    COMMAND_LOG,
    COMMAND_EXPORT,
    COMMAND_GRAPH,
    COMMAND_COMPLETION,
    COMMAND_MESSAGES,
    COMMAND_DATALOG,
    COMMAND_NOTE,
    COMMAND_DOCTOR,
    COMMAND_BUG_REPORT,
    COMMAND_HELP,
    COMMAND_COUNT
};

enum { WORDS_ANY = -1 };

struct command {
    enum command_key key;
    const char *name;    // "" for the screens
    const char *words;   // what follows the name: "DEVICE ID…"
    const char *summary; // one line for --help
    const char *details; // paragraphs for "help COMMAND", lines of at most 79 columns
    int least, most;     // number of words; most may be WORDS_ANY
    bool needs_link;
};

const struct command *command_at(size_t i); // NULL behind the last
const struct command *command_find(const char *name);

// --- Options -------------------------------------------------------------------------------------

enum option_key {
    OPTION_CONNECT,
    OPTION_DEMO,
    OPTION_SITE,
    OPTION_READ_ONLY,
    OPTION_SOURCE,
    OPTION_TIMEOUT,
    OPTION_WAIT,
    OPTION_TRACE,
    OPTION_ALLOW,
    OPTION_DEVICES,
    OPTION_LEAVE_MESSAGES,
    OPTION_ASCII,
    OPTION_THEME,
    OPTION_VERBOSE,
    OPTION_FORMAT,
    OPTION_ONCE,
    OPTION_PART,
    OPTION_INFO,
    OPTION_PARAMETER,
    OPTION_FLASH,
    OPTION_YES,
    OPTION_CONFIRM,
    OPTION_UNRECORDED,
    OPTION_EVERY,
    OPTION_KEEP,
    OPTION_GUID,
    OPTION_LAST,
    OPTION_SINCE,
    OPTION_UNTIL,
    OPTION_UNDO,
    OPTION_ONLY,
    OPTION_LIMITS,
    OPTION_OUTPUT,
    OPTION_SELECT,
    OPTION_PRESET,
    OPTION_SAMPLES,
    OPTION_WHY,
    OPTION_SYNC,
    OPTION_ROTATE,
    OPTION_ROTATE_KEEP,
    OPTION_FOLLOW,
    OPTION_ALARM,
    OPTION_ON_MESSAGE,
    OPTION_SET,
    OPTION_WIDTH,
    OPTION_HEIGHT,
    OPTION_HISTORY,
    OPTION_ALL,
    OPTION_NEW,
    OPTION_DATALOG_DIRECTORY,
    OPTION_QUIET_HOURS,
    OPTION_VALUES,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_COUNT
};

struct option_spec {
    enum option_key key;
    const char *name;       // long, without the dashes
    char letter;            // 0: none
    const char *argument;   // NULL: none; words joined by | are the only ones allowed
    unsigned commands;      // bit 1 << enum command_key of those that take it
    const char *config_key; // its name in the configuration file; NULL: not there
    const char *help;       // at most 50 columns
};

const struct option_spec *option_at(size_t i); // NULL behind the last

// What stands behind an option of a command: its argument, but of words only those that the command
// takes. command NULL: in the configuration file.
const char *option_argument(const struct option_spec *spec, const struct command *command);

enum { EXPECT_INFO = 1, EXPECT_PARAMETER = 2 };

struct options {
    const struct command *command;
    char **words; // of the command, without its name; kept in the options
    int word_count;
    uint64_t given; // option_bit() of each

    const char *link; // NULL: none. Texts are kept by pointer
    const char *site;
    const char *trace;
    bool trace_goes_on;                // behind what a session before has written to it
    const char *devices;               // names joined by commas; read by session.c
    const char *allow[LINK_ALLOW_MAX]; // read by session.c
    unsigned allow_count;
    uint32_t source;   // 0: the protocol's custom
    int64_t timeout;   // microseconds; 0: the gateway's own
    int64_t wait;      // microseconds; < 0: what the link needs
    const char *theme; // a built-in one, or the name of a file; NULL: the usual one
    enum row_format format;
    enum part part;
    unsigned expect; // EXPECT_*: what ids that aren't in the tables are; 0: by their number
    bool demo, read_only, leave_messages, ascii, verbose, once;
    bool flash; // write: to flash; writes: only such ones
    bool yes, unrecorded;
    const char *confirm;           // the word; NULL: ask
    const char *keep;              // as keep_list_parse() reads it, checked; NULL: nothing
    const char *guid;              // of the gateway that may be written to; NULL: any
    int64_t every;                 // microseconds; 0: not repeated, or as usual
    unsigned last;                 // 0: all
    int64_t since;                 // microseconds since 1970 UTC; 0: all
    int64_t until;                 // likewise; 0: to the end
    int64_t undo;                  // number of a write; 0: none
    bool limits;                   // backup: also what each model allows
    const char *only;              // as idlist_has() reads it; NULL: all
    const char *output;            // log: the file; "-": stdout
    const char *select, *preset;   // log: as selection.h reads them; NULL: not given
    bool sqlite;                   // log: instead of format
    bool why;                      // log
    unsigned samples;              // log: ends after so many; 0: never
    int64_t sync;                  // log: microseconds
    enum rotation rotation;        // log
    int64_t rotate_size;           // bytes, ROTATE_SIZE
    unsigned rotate_keep;          // log: so many former files; 0: all
    bool follow;                   // messages: go on with new ones
    const char *alarms;            // as alarms_parse() reads them, checked; NULL: none
    const char *on_message;        // a command of the shell; NULL: none
    bool set;                      // clock: to the computer's time
    unsigned width, height;        // graph: of the picture, in characters; 0: the terminal's
    const char *history;           // a log to read for older times; NULL: none
    bool all, only_new;            // datalog get
    const char *datalog_directory; // NULL: the usual one
    bool quiet_hours;              // leaves the SD card to the portal around midnight
    bool values;                   // bug-report: also what is private
    bool help, version;            // asked for
};

enum { OPTIONS_ERROR_MAX = 256 };

static inline uint64_t option_bit(enum option_key key)
{
    return (uint64_t)1 << key;
}

// Reads the command line. On XC_USAGE error holds one line that says what to do. The words point
// into argv. Free with options_free(), also after an error.
enum xc_status options_parse(int argc, char **argv, struct options *options, char *error,
                             size_t error_size);
void options_free(struct options *options);

// Whether options that go together do, once the configuration has filled in its part. XC_USAGE with
// a line in error.
enum xc_status options_check(const struct options *options, char *error, size_t error_size);

// Sets one option from a text (not looked at where it takes none) as if it had been given; used for
// the configuration too. XC_USAGE with a line in error: what was expected.
enum xc_status options_set(struct options *options, const struct option_spec *spec,
                           const char *value, char *error, size_t error_size);

// "3", "3s", "500ms", "2m", "1h", "3d" to microseconds, at most so many days. XC_SYNTAX, XC_RANGE.
enum xc_status options_parse_time(const char *text, double days, int64_t *time);

// Whether a text is what keep_list_parse() of keeplist.h reads. XC_USAGE with a line in error.
enum xc_status keep_list_check(const char *text, char *error, size_t error_size);

// Whether a text is what alarms_parse() of plant/alarms.h reads. Likewise.
enum xc_status alarm_list_check(const char *text, char *error, size_t error_size);

// True for the demonstration: --demo or a link to it.
bool options_demo(const struct options *options);

// The help text: of one command, or of everything (NULL).
void options_help(FILE *out, const struct command *command);

// The name among names (NULL at its end) that is nearest to what somebody typed; NULL if none is.
const char *nearest_name(const char *typed, const char *const *names);

#endif
