// SPDX-License-Identifier: MIT
// The messages that are known: what gateways have told, and alarms on values, each once, with what
// somebody has seen of them; the alarms that were set on the screens, and how the screens were
// arranged. In SQLite: several programs may use one file at a time. Knows no plant.
//
// A gateway's history is read from the newest one back, and that may be interrupted: a message that
// was read last has a gap below it until the next older one is known. Order is a place, the greater
// the newer, since clocks of installations are set and have no summer time.
#ifndef XC_STORE_KNOWN_H
#define XC_STORE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "catalogue/catalogue.h"

enum known_kind {
    KNOWN_MESSAGE,    // of a device or the gateway
    KNOWN_ALARM,      // a value has got where it shouldn't be
    KNOWN_ALARM_OVER, // … and isn't any more
    KNOWN_KIND_COUNT
};

enum {
    KNOWN_NAME_MAX = 64, // of a site, an installation, an alarm
    KNOWN_DEVICE_MAX = 16,
    KNOWN_TEXT_MAX = 192,
    KNOWN_RULE_MAX = 128,
};

struct known_message {
    int64_t n; // its number in the file, 1..
    enum known_kind kind;
    enum severity severity;
    uint16_t number;    // in the tables; 0 of alarms
    uint32_t source;    // address of its device, where that is now; 0: none
    uint32_t told;      // … as the gateway has told it: part of its identity
    uint32_t timestamp; // seconds since 1970, the installation's wall clock; the computer's where
                        // it has none
    uint32_t value;
    int64_t learned;               // when this program got to know it: microseconds since 1970 UTC
    bool seen;                     // by a person
    bool old;                      // it was there long before anybody looked: no news to anybody
    char device[KNOWN_DEVICE_MAX]; // "XT1"
    char name[KNOWN_NAME_MAX];     // of an alarm; else ""
    char text[KNOWN_TEXT_MAX];     // of an alarm; "" where the tables have it
};

const char *known_kind_name(enum known_kind kind); // "message", "alarm", "alarm over"

// Whose they are. installation: the gateway's GUID, or what stands for it.
struct known_owner {
    char installation[KNOWN_NAME_MAX];
    char site[KNOWN_NAME_MAX]; // the site's or the link's name, to find them again
};

struct known;

// $XDG_STATE_HOME/xcomtop/messages.sqlite, or demo-messages.sqlite of the demonstration
// (~/.local/state without the variable). Returns out.
char *known_path(bool demo, char *out, size_t size);

// Opens the file, or makes it (0600) with its directories (0700); NULL: in memory, for as long as
// it is open. The newest 20000 of all are kept. XC_IO with one line in error.
enum xc_status known_open(const char *path, struct known **known, char *error, size_t error_size);
void known_close(struct known *known); // NULL is allowed

// XC_OK if the file can be written to at present; nothing is changed in it.
enum xc_status known_check(struct known *known);

// Why the last call failed: one line, valid until the next call.
const char *known_error(const struct known *known);

// --- Messages ------------------------------------------------------------------------------------

// Where one is in the order of its installation.
struct known_row {
    int64_t n; // 0: none
    int64_t place;
    bool gap; // the next older one isn't known, if there is one
};

// One of the history, by its identity: told, timestamp and number. row->n is 0 if it isn't known.
enum xc_status known_find(struct known *known, const struct known_owner *owner,
                          const struct known_message *message, struct known_row *row);
// Adds one of the history: as the newest, or below another one, whose gap it closes; a gap is below
// it. Sets message->n and row. XC_IO: nothing was done; another program may have been faster.
enum xc_status known_add(struct known *known, const struct known_owner *owner,
                         struct known_message *message, const struct known_row *above,
                         struct known_row *row);
// Adds one that came by itself, or an alarm, as the newest. Two alike are two; but one that another
// program has taken from the same bus is the same: n is 0 then. Sets message->n.
enum xc_status known_add_alone(struct known *known, const struct known_owner *owner,
                               struct known_message *message);
// What is below it is known, or there is nothing.
enum xc_status known_close_gap(struct known *known, const struct known_row *row);
// The newest gap at or below a place, and how many of the history are from that place to it.
// gap->n is 0 when there is none.
enum xc_status known_next_gap(struct known *known, const struct known_owner *owner, int64_t place,
                              struct known_row *gap, int64_t *steps);
// True if a history has been read to its end once.
enum xc_status known_complete(struct known *known, const struct known_owner *owner, bool *complete);

// A device of the family has another index: from[i] → to[i] addresses, all at once.
enum xc_status known_renumber(struct known *known, const struct known_owner *owner,
                              enum family family, const uint32_t *from, const uint32_t *to,
                              size_t count);

// Which ones: everything that is given must fit.
struct known_filter {
    const char *installation; // NULL: all
    const char *site;         // NULL: all
    const char *device;       // a name like "XT1" or a family's, "XT"; any case; NULL: all
    enum severity least;      // SEVERITY_INFO: all
    int64_t since;            // seconds as in timestamp; 0: all
    int64_t after;            // only with greater numbers n; 0: all
    unsigned last;            // only so many, the newest; 0: all
    bool news;                // without old ones
    bool newest_first;        // else oldest first
};

// Calls fn for each until it returns false. XC_IO.
enum xc_status known_list(struct known *known, const struct known_filter *filter,
                          bool (*fn)(void *arg, const struct known_message *message), void *arg);

// How many nobody has seen, how many of them are more than an information, and how many there are.
struct known_counts {
    int64_t all, unseen, urgent;
};
enum xc_status known_count(struct known *known, const struct known_owner *owner,
                           struct known_counts *counts);
// The greatest number n in the file.
enum xc_status known_last(struct known *known, int64_t *n);
// Of all programs that would do something about message n, the one that is told true does it. When
// the file can't be had, each is: rather twice than never.
enum xc_status known_claim(struct known *known, int64_t n, bool *ours);
// Up to number n they have been seen.
enum xc_status known_see(struct known *known, const struct known_owner *owner, int64_t n);

// --- Alarms --------------------------------------------------------------------------------------

// on: the last that is known of an alarm is that it came; any: something is known of it.
enum xc_status known_alarm_is_on(struct known *known, const struct known_owner *owner,
                                 const char *name, bool *any, bool *on);
// Keeps an alarm that a person has set, as text; one of the same name is replaced. rule NULL:
// forgets it.
enum xc_status known_keep_rule(struct known *known, const struct known_owner *owner,
                               const char *name, const char *rule);
// Calls fn for each, in the order of their names.
enum xc_status known_rules(struct known *known, const struct known_owner *owner,
                           void (*fn)(void *arg, const char *rule), void *arg);

// --- Arranged screens ----------------------------------------------------------------------------

// Keeps a part of how a person has arranged the screens, as text; what had its name is replaced.
// content NULL: forgets it. XC_IO.
enum xc_status known_keep_view(struct known *known, const struct known_owner *owner,
                               const char *name, const char *content);
// What is kept under a name, cut to size; found is false when there is nothing. XC_IO.
enum xc_status known_view(struct known *known, const struct known_owner *owner, const char *name,
                          char *content, size_t size, bool *found);

#endif
