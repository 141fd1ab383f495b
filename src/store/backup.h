// SPDX-License-Identifier: MIT
// Backups: the settings of an installation's devices as one readable text file that is made for
// diff and git, and read back strictly. Knows no plant.
//
// The file is UTF-8 in INI form: [backup] with its format and the gateway's GUID; a section a
// device with who it is and a line a setting, in the order of the manufacturer's document:
//
//     1138 = 60                   ; A  Battery charge current
//
// maybe sections like [limits XT1] with what the devices of one model and firmware allow; and
// [end], without which the file isn't whole. Options stand as their label where that can be read
// back, else as their number; FLOATs as the shortest text that gives the same float. What couldn't
// be read is a comment that says why. One changed value changes one line.
#ifndef XC_STORE_BACKUP_H
#define XC_STORE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "base/text.h"
#include "catalogue/catalogue.h"

enum { BACKUP_FORMAT = 1, BACKUP_ERROR_MAX = 512 };

// --- What is in it -------------------------------------------------------------------------------

enum backup_state {
    BACKUP_ABSENT, // not in the file, and not wanted
    BACKUP_UNREAD, // to be read from the device
    BACKUP_VALUE,  // number holds
    BACKUP_FAILED, // couldn't be read; reason says why
};

struct backup_value {
    const struct datapoint *datapoint;
    enum backup_state state;
    double number; // the protocol's
    char *reason;  // BACKUP_FAILED: in words; else NULL
};

// What a device allows for a setting.
struct backup_range {
    double min, max; // NaN: not read
    bool failed;     // couldn't be read
};

struct backup_device {
    enum family family;
    uint8_t index;
    uint32_t fid;      // 0: it has none, or it isn't known
    char model[24];    // "" while unknown
    char firmware[16]; // "1.6.74", "" while unknown
    int64_t read;      // when its last value was read: seconds since 1970 UTC; 0: never
    double battery_v;  // nominal voltages (family_battery_volts_info(), …_ac_…); NaN: unknown
    double ac_v;
    // All settings of its family (datapoint_is_setting()), in document order.
    struct backup_value *values;
    size_t value_count;
    // As values, where its limits stand for all of its model and firmware; else NULL.
    struct backup_range *ranges;
};

enum { BACKUP_DEVICES_MAX = 9 + 15 + 15 + 3 };

struct backup {
    char guid[TEXT_GUID_MAX]; // of the gateway, as text_guid() writes it, or ""
    bool complete;            // read from a whole file
    // In the order XT, VT, VS, BSP, BMS, gateway, and of their numbers.
    struct backup_device *devices[BACKUP_DEVICES_MAX];
    size_t device_count;
};

struct backup *backup_new(void);
void backup_free(struct backup *backup); // NULL is allowed

// The device of this name, made when it isn't there yet. It must be one that can exist.
struct backup_device *backup_add_device(struct backup *backup, enum family family, unsigned index);
// NULL if it isn't there.
struct backup_device *backup_device(const struct backup *backup, enum family family,
                                    unsigned index);
// NULL if the family has no such setting.
struct backup_value *backup_value(const struct backup_device *device, unsigned id);
void backup_set(struct backup_value *value, double number);
void backup_fail(struct backup_value *value, const char *reason);
// How many values of all devices are in this state.
size_t backup_count(const struct backup *backup, enum backup_state state);

// True for settings whose limits say something: numbers and times.
bool backup_has_range(const struct datapoint *dp);
// Makes ranges for the first device of each family, model and firmware, and for no other.
void backup_want_ranges(struct backup *backup);
// What the file tells of the limits of this setting for this device, from any device of its model
// and firmware; false if nothing.
bool backup_range(const struct backup *backup, const struct backup_device *device, unsigned id,
                  struct backup_range *range);

// --- Comparing -----------------------------------------------------------------------------------

// The device of other that is this one of backup: the one with its FID, wherever it is; else the
// one of its name, unless that is another one of backup's. NULL if there is none.
struct backup_device *backup_match(const struct backup *backup, const struct backup_device *device,
                                   const struct backup *other);

// Whether two values of a setting of a device are the same but for what the devices' storing of
// FLOATs does to them.
bool backup_same(const struct backup *backup, const struct backup_device *device,
                 const struct datapoint *dp, double a, double b);

// --- Values as text ------------------------------------------------------------------------------

// The value as the file has it, which backup_parse() gives back; false if there is no such text.
bool backup_text(const struct datapoint *dp, double number, char *out, size_t size);
// XC_SYNTAX, XC_RANGE: as datapoint_parse(), but a plain number is taken for everything.
enum xc_status backup_parse(const struct datapoint *dp, const char *text, double *number);

// --- The file ------------------------------------------------------------------------------------

// Writes it. BACKUP_UNREAD and BACKUP_ABSENT values are left out; with whole false it says that
// something is missing. XC_IO when out has an error.
enum xc_status backup_write(const struct backup *backup, FILE *out, bool whole);

// What is read so far of a backup to PATH: in PATH.part, replaced as a whole (0600, no symbolic
// link is followed). XC_IO with a line in error.
enum xc_status backup_save_part(const struct backup *backup, const char *path, char *error,
                                size_t error_size);
// The whole backup: to PATH.part, onto the disk, and then under its name; a file of that name is
// PATH~ then. As backup_save_part().
enum xc_status backup_save(const struct backup *backup, const char *path, char *error,
                           size_t error_size);
// XC_OK if PATH isn't there, is empty, or is a backup, so that it can be replaced. XC_IO with a
// line in error.
enum xc_status backup_may_replace(const char *path, char *error, size_t error_size);

// Reads a whole backup. XC_NOT_FOUND, XC_IO or XC_SYNTAX with one line in error, PATH:LINE and what
// was expected where it is about a line.
enum xc_status backup_read(const char *path, struct backup **backup, char *error,
                           size_t error_size);
// Reads PATH.part, which may lack what wasn't read yet; it must be a file of our own, no link.
enum xc_status backup_read_part(const char *path, struct backup **backup, char *error,
                                size_t error_size);

#endif
