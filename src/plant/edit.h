// SPDX-License-Identifier: MIT
// Changing a parameter: the only way to a write (design.md "Writing a parameter"). The live
// inverter comes first.
//
// An edit is one parameter of one device, or of several that one request reaches (a phase, a
// family). It begins by reading from each device its value, limits, level, firmware, FID, and what
// decides whether RAM or flash can be written. edit_check() judges a wish against that as often as
// somebody types. edit_write() reads FID and value again, records the attempt, sends one write
// request, reads flash back and completes the record. RAM can't be read back: its value becomes an
// overlay until the device restarts.
#ifndef XC_PLANT_EDIT_H
#define XC_PLANT_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "plant/plant.h"
#include "store/records.h"

struct edit;

enum { EDIT_TEXT_MAX = 240, EDIT_WARNINGS_MAX = 8, UNDO_NOTES_MAX = 2 };

enum edit_state {
    EDIT_READING, // from the devices; edit_text() says what
    EDIT_READY,   // edit_check() can judge, edit_write() may be called
    EDIT_FAILED,  // not everything could be read, or nothing may be written: edit_text() says why
    EDIT_WRITING, // from edit_write() on
    EDIT_DONE,    // the results are final; edit_text() tells them in words
};

// What was read of one device, and what has come of the write.
struct edit_device {
    enum family family;
    uint8_t index;
    uint32_t address;
    uint32_t fid;             // 0: it has none (BMS, gateway)
    char key[RECORD_KEY_MAX]; // as in its records
    char firmware[16];        // "1.6.74"; "" when it can't be read
    bool takes_ram;           // its firmware knows RAM writes
    bool stores_flash;        // "parameters saved in flash" is on, or the family has no such thing
    bool watched;             // its watchdog is on, in flash or in RAM as far as that is known: it
                              // restarts when RAM writes stop coming
    double watchdog_s;        // its delay in seconds, the shorter one; 0: not known
    double value;             // in flash; NaN: could not be read
    double min, max;          // NaN: the device gives none
    enum level level;         // who may change it
    bool level_known;
    unsigned flash_writes; // recorded here so far, for this parameter of this device
    double overlay;        // its running value when it was written to RAM (plant_overlay() tells
                           // how sure that is); else NaN
    double ram_before; // written to RAM by an earlier run or another program, last of all as far
                       // as is recorded: it runs with that unless it has restarted since; NaN:
                       // nothing, or it is known what it runs with
    int64_t ram_time;  // … when: microseconds since 1970 UTC
    enum record_result result; // EDIT_DONE
    uint16_t error;            // the device's code
    double read_back;          // NaN: not read
};

// What somebody wants.
struct edit_wish {
    double number;       // the protocol's; NaN: nothing sensible was entered yet
    bool flash;          // else RAM
    bool now;            // ENCODING_DATE: the computer's local time when it is sent
    int64_t keep_period; // microseconds between repetitions of a kept RAM value; 0: not repeated
};

// What comes of a wish.
struct edit_verdict {
    enum xc_status status;   // XC_OK: it can be confirmed; XC_RANGE: beyond a limit; XC_SYNTAX: not
                             // a value; XC_UNSUPPORTED: not this way (RAM, flash); XC_READ_ONLY;
                             // XC_USAGE: see unchanged
    char why[EDIT_TEXT_MAX]; // not XC_OK: "37.8 V is below this device's minimum, 37.9 V"
    char note[EDIT_TEXT_MAX]; // XC_OK: worth knowing ("not a multiple of 0.1: …"); "" if nothing
    // What the person must know before saying yes.
    char warnings[EDIT_WARNINGS_MAX][EDIT_TEXT_MAX];
    size_t warning_count;
    const char *word; // to be typed to confirm ("flash", "all", "restart", …); NULL: y is enough
    bool unchanged;   // every device has this value already; XC_USAGE: in flash, where writing it
                      // again would be wear for nothing
};

// Begins to read. The plant calls changed(arg) (may be NULL) whenever state or text change.
// XC_USAGE with a line in error: not something that can be written (an info, a menu, XT.sum, a
// value that SCOM doesn't carry, the wrong family). XC_READ_ONLY: the program was started so. *out
// is NULL then.
enum xc_status edit_open(struct plant *plant, const struct target *target,
                         const struct datapoint *datapoint, void (*changed)(void *arg), void *arg,
                         struct edit **edit, char *error, size_t error_size);
// Not needed any more. A write that is under way goes on and is recorded. NULL is allowed.
void edit_close(struct edit *edit);

enum edit_state edit_state(const struct edit *edit);
// One line for a person; valid until the loop goes on.
const char *edit_text(const struct edit *edit);
// Why, in EDIT_FAILED: XC_TIMEOUT there was no answer, XC_DEVICE_ERROR the device refused to tell
// something, XC_NOT_FOUND there is no such device, XC_USAGE it mustn't be written. In EDIT_DONE
// with RECORD_NOT_SENT: XC_NO_LINK or XC_TIMEOUT, XC_DEVICE_ERROR, XC_USAGE something has changed,
// XC_IO it can't be recorded. Else XC_OK.
enum xc_status edit_failure(const struct edit *edit);
const struct datapoint *edit_datapoint(const struct edit *edit);
const struct target *edit_target(const struct edit *edit);
// In the order of their indices; valid until the edit is closed. 0 while they aren't known yet.
size_t edit_devices(const struct edit *edit, const struct edit_device **devices);
// The limits that hold for all of its devices; NaN where there is none.
void edit_limits(const struct edit *edit, double *min, double *max);
// The number of reads that are done, and in all.
void edit_progress(const struct edit *edit, unsigned *done, unsigned *all);

// Judges; changes nothing. Only in EDIT_READY.
void edit_check(const struct edit *edit, const struct edit_wish *wish,
                struct edit_verdict *verdict);

// The word "site" was typed: this is the right installation, as long as the plant lives.
void plant_confirm_site(struct plant *plant);

// Writes what was confirmed; only in EDIT_READY and when edit_check() says XC_OK, else nothing is
// done and that status returned. undo: the number of the record that is taken back, else 0.
enum xc_status edit_write(struct edit *edit, const struct edit_wish *wish, int64_t undo);

// The worst of all devices' results, RECORD_WRITTEN being the best; only in EDIT_DONE.
enum record_result edit_result(const struct edit *edit);
// Its records, one a device, in their order; n is 0 where nothing was recorded. Only in EDIT_DONE.
const struct record *edit_records(const struct edit *edit);

// --- What is known of RAM ------------------------------------------------------------------------

// What the newest record of the last 30 days says was written to RAM before this program began: it
// runs unless the device has restarted since, of which this program knows nothing. False if there
// is none, if something is known, or while it isn't known who the device is.
bool plant_earlier_ram(struct plant *plant, enum family family, unsigned index, unsigned id,
                       double *number, int64_t *time);

enum overlay_state {
    OVERLAY_NONE,
    OVERLAY_SURE,  // written, and the device hasn't restarted since
    OVERLAY_DOUBT, // written without a clear answer, or it may have restarted meanwhile
};

// The running value of a parameter that was written to RAM by this program; number is set unless
// OVERLAY_NONE.
enum overlay_state plant_overlay(const struct plant *plant, enum family family, unsigned index,
                                 unsigned id, double *number);

// --- Devices that flash --------------------------------------------------------------------------

// Parameter of the gateway: the LEDs of the device, phase or family whose SCOM address is written
// flash for 45 s; 0 stops them (scom.md, "Parameters: flash and RAM"). It is a deed, not a value
// that stays.
enum { IDENTIFY_PARAMETER = 5119 };

// How many microseconds longer a device's LEDs flash, as far as this program has made them; 0: not.
int64_t plant_flashing(const struct plant *plant, enum family family, unsigned index);

// --- Kept values ---------------------------------------------------------------------------------

// A RAM value that is written again when its device has restarted, and every period.
struct keep_status {
    unsigned n; // its number, 1..
    struct target target;
    const struct datapoint *datapoint;
    double number;
    int64_t period;    // microseconds; 0: only after restarts
    unsigned written;  // times
    int64_t last;      // loop_now() of the last write; 0: none yet
    double watchdog_s; // a device restarts when nothing comes for so many seconds, as of the last
                       // write; 0: none
    bool trouble;      // the last attempt failed; text says why
    char text[EDIT_TEXT_MAX];
};

// Keeps a value from now on, in the place of what was kept there before: it is written at once,
// unless written is true (an edit has just done it). The person has confirmed it. XC_USAGE with a
// line in error for what can't be kept: signals, clock, level, identify.
enum xc_status keep_start(struct plant *plant, const struct target *target,
                          const struct datapoint *datapoint, double number, int64_t period,
                          bool written, unsigned *n, char *error, size_t error_size);
// Keeps what an edit has begun to write to RAM, with the period of its wish: its write is the first
// one, whatever comes of it. Takes the edit over.
void keep_adopt(struct edit *edit);
// Stops; the value stays in RAM. False if there is none of that number.
bool keep_stop(struct plant *plant, unsigned n);
// The i-th of them; false behind the last.
bool keep_at(const struct plant *plant, size_t i, struct keep_status *status);

// --- Records -------------------------------------------------------------------------------------

// Why nothing can be recorded, one line; NULL when it can, or needn't be. Makes the file of records
// if it isn't there.
const char *plant_no_recording(struct plant *plant);

// The newest records (newest first, at most count) of one parameter of a device that is known; the
// number of them. flash_writes (NULL allowed): how often it was written to flash.
size_t plant_changes(const struct plant *plant, enum family family, unsigned index, unsigned id,
                     struct record *list, size_t count, unsigned *flash_writes);

// What a person should know before a recorded write is taken back, at most two lines: other devices
// that it went to, and that it was written again since. Returns how many there are.
size_t plant_undo_notes(const struct plant *plant, const struct record *record,
                        char notes[UNDO_NOTES_MAX][EDIT_TEXT_MAX]);

// As plant_changes(), of all parameters of that device.
size_t plant_records(const struct plant *plant, enum family family, unsigned index,
                     struct record *list, size_t count);

// The numbers of all parameters of a device that have records, each once, at most room; how many.
size_t plant_changed(const struct plant *plant, enum family family, unsigned index, uint16_t *ids,
                     size_t room);

// --- What families are like
// -----------------------------------------------------------------------

// The first firmware of a family that takes RAM writes, X(8) 0(8) Y(8) Z(8); 0 when it isn't told.
uint32_t edit_first_ram_firmware(enum family family);
// The parameter that switches a family's watchdog on; 0 when it has none.
uint16_t edit_watchdog_parameter(enum family family);

#endif
