// SPDX-License-Identifier: MIT
// The commands, and what they have in common. Results go to stdout, everything else to stderr.
#ifndef XC_CMD_CMD_H
#define XC_CMD_CMD_H

#include "base/status.h"
#include "catalogue/catalogue.h"
#include "cmd/options.h"
#include "store/rows.h"

// Exit statuses (design.md; man page xcomtop(1)). Ended by a signal: 128 + its number.
enum exit_status {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, // by the device, a check, a local file
    EXIT_WRONG = 2,   // wrong usage, no terminal
    EXIT_NO_ANSWER = 3,
    EXIT_PARTLY = 4,
    EXIT_UNKNOWN = 5, // it isn't known whether a write was done
};

// Each runs one command and returns its exit status.
int cmd_screens(const struct options *options);
int cmd_once(const struct options *options); // the screens with --once
int cmd_scan(const struct options *options);
int cmd_read(const struct options *options);
int cmd_write(const struct options *options);
int cmd_keep(const struct options *options);
int cmd_writes(const struct options *options);
int cmd_undo(const struct options *options); // writes with --undo
int cmd_blink(const struct options *options);
int cmd_clock(const struct options *options);
int cmd_list(const struct options *options);
int cmd_describe(const struct options *options);
int cmd_backup(const struct options *options);
int cmd_compare(const struct options *options);
int cmd_restore(const struct options *options);
int cmd_copy(const struct options *options);
int cmd_decode(const struct options *options);
int cmd_completion(const struct options *options);
int cmd_export(const struct options *options);
int cmd_log(const struct options *options);
int cmd_messages(const struct options *options);
int cmd_graph(const struct options *options);
int cmd_datalog(const struct options *options);
int cmd_note(const struct options *options);
int cmd_doctor(const struct options *options);
int cmd_bug_report(const struct options *options);

// Two lines on stdout: of the program, of its libraries.
void print_versions(void);

// One line "xcomtop: …" on stderr, whatever the arguments contain.
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum { TIME_TEXT_MAX = 32 };

// "2026-11-21 14:03:22": the local time of microseconds since 1970 UTC; "" for a time that has
// none. Returns out.
char *time_text(int64_t time, char out[TIME_TEXT_MAX]);

// Says that a log holds nothing, or nothing of the values that were asked for (some), from since
// until before until (microseconds since 1970 UTC; 0: no limit), and the times of what is in it
// (first 0: nothing at all).
void complain_empty(const char *file, bool some, int64_t since, int64_t until, int64_t first,
                    int64_t last);

// Ends the rows and says when they couldn't be written. Returns status, or EXIT_REFUSED then, or
// 128 + SIGPIPE, silently, when the reader went away.
int finish_rows(struct rows *rows, int status);
// The same for text that was printed directly.
int finish_text(int status);

// False while nobody reads a descriptor (^S, a pipe that is full), waiting for so many microseconds
// that somebody does: a program that goes on for years would hang in printing, and neither write
// nor hear a signal.
bool can_print(int descriptor, int64_t wait);

// Columns for what is drawn on stdout: the terminal's, else those of the environment, else 80; 40
// to 400.
int output_width(void);

// A text for a column: as it is, or in ASCII when a person reads it and wants ASCII. buffer holds
// the result if it had to be changed.
const char *plain_text(const struct options *options, const char *text, char *buffer, size_t size);

// The family somebody means by "xt", "VT"…; FAMILY_NONE if it isn't one.
enum family family_parse(const char *text);

// Words of the tables for people: "info", "float", "one of", "value".
const char *kind_name(enum datapoint_kind kind);
const char *format_name(enum value_format format);
const char *encoding_name(enum encoding encoding);
const char *part_name(enum part part);

#endif
