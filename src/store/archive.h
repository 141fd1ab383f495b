// SPDX-License-Identifier: MIT
// A log in SQLite: samples of values, messages, the devices that they are of, and notes. What is in
// the tables is told in doc/log-format.md. Beside the samples it keeps what each value did in every
// five minutes and every hour, so that a year is looked at quickly. Knows no plant.
#ifndef XC_STORE_ARCHIVE_H
#define XC_STORE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "catalogue/catalogue.h"

enum { ARCHIVE_KEY_MAX = 64, ARCHIVE_NAME_MAX = 16, ARCHIVE_ERROR_MAX = 1100 };

struct archive;

// Opens the file to log to, or makes it (0600); a symbolic link, another kind of file, and one that
// another program logs to are refused. XC_IO with one line in error.
enum xc_status archive_open(const char *path, struct archive **archive, char *error, size_t size);
// Opens one that is there, only to read, also while another program logs to it. XC_IO.
enum xc_status archive_open_reading(const char *path, struct archive **archive, char *error,
                                    size_t size);
void archive_close(struct archive *archive); // NULL is allowed
// Why the last call failed: one line, valid until the next call.
const char *archive_error(const struct archive *archive);

// --- Writing -------------------------------------------------------------------------------------

// A device, or a sum or average over a family, whose values are logged.
struct archive_device {
    char key[ARCHIVE_KEY_MAX]; // who it is, whatever its number: its FID; GUID/address; GUID/XT.sum
    char name[ARCHIVE_NAME_MAX]; // what it is called at present: "XT1", "XT.sum"
    enum family family;
    uint32_t address; // 0 for sums and averages
    char model[24], firmware[16];
};

// The number under which samples of a value of a device are kept; made when it is new. What is
// known of the device is brought up to date. time: now, microseconds since 1970 UTC. XC_IO.
enum xc_status archive_value(struct archive *archive, const struct archive_device *device,
                             unsigned id, int64_t time, int64_t *value);

struct archive_sample {
    int64_t value;   // from archive_value()
    double number;   // NaN: there was none
    const char *why; // … and why; NULL: nothing is kept of it
};

// One row: samples of one time (microseconds since 1970 UTC), as a whole or not at all. synced: it
// and all before it are on the disk when this returns; else they may be lost with the computer's
// power, but not with the program. A time that is there already: the later one counts. XC_IO.
enum xc_status archive_add(struct archive *archive, int64_t time,
                           const struct archive_sample *samples, size_t count, bool synced);
// From now on the log is this installation's (GUID). A file that is another one's is given another
// name, and a new one begun: note tells that, else it is "". XC_IO.
enum xc_status archive_claim(struct archive *archive, const char *owner, int64_t time, char *note);
// Brings all rows onto the disk; nobody is waited for.
enum xc_status archive_sync(struct archive *archive);

struct archive_message {
    int64_t time;     // seconds since 1970 of the installation's wall clock
    uint32_t address; // of the device
    char device[ARCHIVE_NAME_MAX];
    unsigned number;
    const char *text; // of the tables, or of an alarm; "" when there is none
    uint32_t value;
};

// A message that is there already (time, address, number, text) is left as it is. XC_IO.
enum xc_status archive_add_message(struct archive *archive, const struct archive_message *message);
// Something that whoever looks at the samples should know. time: microseconds since 1970 UTC.
enum xc_status archive_add_note(struct archive *archive, int64_t time, const char *text);

// Gives the file another name with the time, which gzip compresses in a child, and begins a new
// one; of such files the newest keep stay (0: all). All numbers of values have to be asked for
// again. note says what was done, or why not (XC_IO: it goes on as it was, if it can, as when
// somebody reads just now); at least LOGFILE_TEXT_MAX. Who has it open goes on reading what it was.
enum xc_status archive_rotate(struct archive *archive, int64_t time, unsigned keep, char *note);
// The file was moved away or removed, and a new one begun: numbers of values have to be asked for
// again. False: it is in place, or somebody reads it just now where it was moved to: rows go there
// until that is over. XC_IO: it can't be begun.
enum xc_status archive_follow(struct archive *archive, bool *begun);
// To be called now and then: what the child has compressed is put in its place. Cheap.
void archive_look(struct archive *archive);
// Bytes on the disk; and when its last sample was, microseconds since 1970 UTC, 0 without any.
int64_t archive_size(const struct archive *archive);
int64_t archive_last(struct archive *archive);

// --- Reading -------------------------------------------------------------------------------------

// What a value did from from until before until (microseconds since 1970 UTC), in columns spans of
// equal length; where there was nothing count is 0. device: "XT1", "XT.sum"; of several that were
// called so, the one that was so last, with what it did under other names. From and until are
// exact; between columns that are at least five minutes or an hour long such spans are taken as a
// whole, to the one in which their middle is. XC_IO.
enum xc_status archive_spans(struct archive *archive, const char *device, unsigned id, int64_t from,
                             int64_t until, struct span *out, size_t columns);

// Times of the first and the last sample; both 0 without any. XC_IO.
enum xc_status archive_bounds(struct archive *archive, int64_t *first, int64_t *last);

struct archive_series {
    int64_t value; // its number
    char device[ARCHIVE_NAME_MAX];
    enum family family;
    unsigned id;
    bool again;      // another device that was called so had it before
    int64_t renewed; // when its device was called so last; of two at a time the later one is meant
};
// Every value that there are samples of, in the order in which they came; of devices that were
// called the same, one after the other, each one's. Until fn returns false. XC_IO.
enum xc_status archive_list(struct archive *archive,
                            bool (*fn)(void *arg, const struct archive_series *series), void *arg);

// Samples of values (by number) from from until before until, by time. XC_IO. Until fn returns
// false.
enum xc_status archive_samples(struct archive *archive, int64_t from, int64_t until,
                               bool (*fn)(void *arg, int64_t time, int64_t value, double number),
                               void *arg);

#endif
