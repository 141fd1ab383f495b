// SPDX-License-Identifier: MIT
// The record of writes: every attempt to change a parameter, stored before it is sent and completed
// after it, in SQLite. Several programs may use one file at a time; kill -9 and a full disk lose
// nothing that was stored before. Knows no plant.
#ifndef XC_STORE_RECORDS_H
#define XC_STORE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "catalogue/catalogue.h"

enum record_result {
    RECORD_PENDING,  // stored, never completed: the program ended in between; it may have been done
    RECORD_WRITTEN,  // the device took it (flash: and reads back as written)
    RECORD_DIFFERS,  // the device took it, but flash reads back as something else
    RECORD_REFUSED,  // by the device; error is its code
    RECORD_NOT_SENT, // nothing reached the device
    RECORD_UNKNOWN,  // no clear answer: it may have been done
    RECORD_RESULT_COUNT
};

enum { RECORD_NAME_MAX = 64, RECORD_DEVICE_MAX = 16, RECORD_KEY_MAX = 56 };

// One attempt on one device. A write to several devices at once has a record for each.
struct record {
    int64_t n;                      // its number, 1.., given by records_begin()
    int64_t time;                   // of the attempt: microseconds since 1970 UTC
    char who[RECORD_NAME_MAX];      // the user's login name
    char site[RECORD_NAME_MAX];     // the site's or the link's name
    char guid[RECORD_KEY_MAX];      // of the gateway, 32 hexadecimal digits; "" when it has none
    char device[RECORD_DEVICE_MAX]; // "XT1", as it was called then
    uint32_t address;               // of the device
    uint32_t sent_to;               // address in the request: the device's, a phase's, a family's
    char key[RECORD_KEY_MAX];       // who it is, whatever its address: its FID as 8 hexadecimal
                                    // digits; of one without, GUID/address
    enum family family;
    uint16_t id;  // of the parameter
    bool flash;   // else RAM
    double old;   // before, in flash; NaN: not known
    double new;   // as asked for
    int64_t undo; // n of the record that this one takes back; 0: none

    // Completed by records_finish().
    enum record_result result;
    uint16_t error;   // the device's code; 0: none
    double read_back; // flash, afterwards; NaN: not read
};

const char *record_result_name(enum record_result result); // "written", "not sent", …
// Why a write can't be taken back, in words; NULL if it can: it may have been done, to a setting
// whose value before is known.
const char *record_undo_refusal(const struct record *record);

struct records;

// Where the records of real installations are, or those of the demonstration, which are kept apart:
// $XDG_STATE_HOME/xcomtop/records.sqlite or demo-records.sqlite (~/.local/state without the
// variable). Returns out.
char *records_path(bool demo, char *out, size_t size);

// Opens the file, or makes it (0600) with its directories (0700); a symbolic link in the place of
// the file is refused. XC_IO with one line in error that names the file and says why.
enum xc_status records_open(const char *path, struct records **records, char *error,
                            size_t error_size);
void records_close(struct records *records); // NULL is allowed

// Why the last call failed: one line, valid until the next call.
const char *records_error(const struct records *records);

// Stores count attempts in one transaction that is on the disk when this returns, and sets their n;
// their results count as RECORD_PENDING. XC_IO: none is stored, so nothing may be sent.
enum xc_status records_begin(struct records *records, struct record *list, size_t count);
// Completes them: result, error and read_back by n. XC_IO: they stay as they are.
enum xc_status records_finish(struct records *records, const struct record *list, size_t count);

// How often this parameter of this device has been written to flash, as far as is recorded here:
// attempts that were not refused and not left unsent. XC_IO.
enum xc_status records_flash_count(struct records *records, const char *key, enum family family,
                                   unsigned id, unsigned *count);

// The numbers of all parameters of a device that have records, each once, at most room. XC_IO.
enum xc_status records_ids(struct records *records, const char *key, enum family family,
                           uint16_t *ids, size_t room, size_t *count);

// Which ones: everything that is given must fit.
struct record_filter {
    int64_t n;          // one number; 0: all
    const char *device; // a name like "XT1" or a family's, "XT"; any case; NULL: all
    const char *key;    // NULL: all
    const char *site;   // NULL: all
    enum family family; // with id; FAMILY_NONE: any
    unsigned id;        // 0: all
    int64_t since;      // microseconds since 1970 UTC; 0: all
    unsigned last;      // only so many, the newest; 0: all
    bool flash_only;
};

// Calls fn for each, oldest first, until it returns false. XC_IO.
enum xc_status records_list(struct records *records, const struct record_filter *filter,
                            bool (*fn)(void *arg, const struct record *record), void *arg);

#endif
