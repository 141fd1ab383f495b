// SPDX-License-Identifier: MIT
// What can be asked of a Studer installation: datapoints, menus, messages, error codes, device
// models. Constant tables made at build time from data/*.csv; look-up and value ↔ text. No I/O,
// no allocation, no parsing at run time. All texts are UTF-8 and static.
#ifndef XC_CATALOGUE_CATALOGUE_H
#define XC_CATALOGUE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/value.h"

// BSP and BMS share addresses and many numbers, so a datapoint's key is (family, id).
enum family {
    FAMILY_XT,  // Xtender inverter/charger, 101–109
    FAMILY_VT,  // VarioTrack, 301–315
    FAMILY_VS,  // VarioString, 701–715
    FAMILY_BSP, // battery monitor, 601
    FAMILY_BMS, // battery behind an Xcom-CAN, 601
    FAMILY_RCC, // the gateway and remote control, 501
    FAMILY_COUNT,
    FAMILY_NONE = FAMILY_COUNT
};

enum datapoint_kind { KIND_INFO, KIND_PARAMETER, KIND_MENU };

enum level {
    LEVEL_VIEW_ONLY,
    LEVEL_INFO = LEVEL_VIEW_ONLY,
    LEVEL_BASIC,
    LEVEL_EXPERT,
    LEVEL_INSTALLER,
    LEVEL_QSP
};

// How a value reads, beyond its wire format (reference data/NOTES.md, "Formats and encodings").
enum encoding {
    ENCODING_NUMBER,
    ENCODING_BOOL,           // yes, no
    ENCODING_ENUM,           // one of options
    ENCODING_ENUM_1BIT,      // one of options, whose values are mostly one-hot
    ENCODING_BITFIELD,       // any of options, values are masks
    ENCODING_WEEKDAYS,       // bit 0 Monday .. bit 6 Sunday
    ENCODING_MINUTES_OF_DAY, // 0..1440
    ENCODING_DATE,           // seconds since 1970, wall clock of the installation
    ENCODING_SIGNAL,         // write 1 to trigger
    ENCODING_COSPHI,         // -0.1 inductive 0.90 .. 0 .. +0.1 capacitive 0.90
    ENCODING_VERSION_MSB,    // halves of X(8) reserved(8) Y(8) Z(8)
    ENCODING_VERSION_LSB,
    ENCODING_FID_MSB, // halves of a 32-bit FID
    ENCODING_FID_LSB,
    ENCODING_DEVICE_TYPE, // named by the device type table
    ENCODING_LEVEL,       // access level code 0x00..0x6F
    ENCODING_NONE,        // menus; values that SCOM doesn't carry
};

// How sums and averages over a family's devices make sense (a column of data/datapoints.csv).
enum aggregation { AGGREGATE_NONE, AGGREGATE_SUM, AGGREGATE_AVERAGE };

// What a fast or slow poll is for (a column of data/datapoints.csv): powers, currents, voltages and
// states are fast; temperatures and counters slow; identities once.
enum pace { PACE_FAST, PACE_SLOW, PACE_ONCE };

// How the numbers of a parameter depend on the battery's nominal voltage (editorial, "vbat").
enum vbat_dependence { VBAT_NONE, VBAT_LEVEL, VBAT_STEP, VBAT_PV, VBAT_PER_CELL };

// What writing a parameter does beyond changing a setting (a column of data/datapoints.csv, our
// judgement).
enum effect {
    EFFECT_NONE,     // an ordinary setting
    EFFECT_HARMLESS, // a signal that stops, resets and erases nothing
    EFFECT_CAUTION,  // usual to set, but wrong it wears or damages the battery in time
    EFFECT_STOP,     // can take power, charging or the grid away, now or at the next event
    EFFECT_CLOCK,    // what goes by the clock jumps with it
    EFFECT_RESTART,  // restarts a device, the gateway or an algorithm in use
    EFFECT_RESET,    // other settings go back or are replaced
    EFFECT_ERASE,    // counters, history, messages are lost
    EFFECT_DANGER,   // can damage something or endanger somebody when wrong
};

struct option {
    uint32_t value;
    const char *label;
};

struct datapoint; // a row of the tables; compare by pointer

// --- Look-up -----------------------------------------------------------------------------------

// NULL if the family doesn't have it. Menus have ids too.
const struct datapoint *catalogue_find(enum family family, unsigned id);

// The i-th row in the order of the tables (a family's rows are together, in document order);
// NULL from catalogue_count() on.
size_t catalogue_count(void);
const struct datapoint *catalogue_at(size_t i);

// True if a person who looks for word may mean this datapoint: its number begins with it, its name,
// short name or the label of an option contains it in any case, or its unit is it.
bool datapoint_has_word(const struct datapoint *dp, const char *word);

// --- A datapoint -------------------------------------------------------------------------------

uint16_t datapoint_id(const struct datapoint *dp);
enum family datapoint_family(const struct datapoint *dp);
enum datapoint_kind datapoint_kind(const struct datapoint *dp);
enum level datapoint_level(const struct datapoint *dp);
enum value_format datapoint_format(const struct datapoint *dp);
enum encoding datapoint_encoding(const struct datapoint *dp);
enum aggregation datapoint_aggregation(const struct datapoint *dp);
enum pace datapoint_pace(const struct datapoint *dp);
enum vbat_dependence datapoint_vbat(const struct datapoint *dp);
const char *datapoint_name(const struct datapoint *dp);       // as in the documents
const char *datapoint_short_name(const struct datapoint *dp); // "" when there is none
const char *datapoint_unit(const struct datapoint *dp);       // the protocol's unit, "" if none
const char *datapoint_short_unit(const struct datapoint *dp); // as people write it: A for Adc
const char *datapoint_note(const struct datapoint *dp);       // of the documents, "" if none
const char *datapoint_remark(const struct datapoint *dp);     // our own, "" if none
int datapoint_decimals(const struct datapoint *dp);           // to show a number with

// Defaults and limits of the tables (48 V, 230 V systems): NaN where the table has none. For what
// a device allows, read its limits.
struct datapoint_limits {
    double factory, min, max, step;
};
struct datapoint_limits datapoint_limits(const struct datapoint *dp);
// The same for an Xtender made for 120 V AC (-01): differs for seven parameters.
struct datapoint_limits datapoint_limits_120v(const struct datapoint *dp);

// Fills in the i-th of the values that have a name (of bit fields and weekdays: masks that may be
// combined); false after the last. Bool, enum, enum_1bit, bitfield, weekdays, level and
// device_type have some. Labels need not be unique.
bool datapoint_option(const struct datapoint *dp, size_t i, struct option *option);

// --- Before changing a parameter -----------------------------------------------------------------

enum effect datapoint_effect(const struct datapoint *dp);
// One sentence for the person who confirms; "" with EFFECT_NONE.
const char *datapoint_effect_reason(const struct datapoint *dp);
const char *effect_name(enum effect effect); // "none", "harmless", "stop", …
// The word to be typed to confirm: "stop", "clock", "restart", "reset", "erase", "danger"; NULL for
// none, harmless and caution.
const char *effect_word(enum effect effect);
// Must be confirmed by typing effect_word(): any effect but none, harmless and caution. Every
// signal has an effect: data/tables.awk refuses one without.
bool datapoint_is_dangerous(const struct datapoint *dp);

// Defaults and limits as the documents would print them for an installation, not rounded.
// battery_v: nominal battery voltage (12, 24, 48; NaN unknown), ac_v: nominal AC output (NaN
// unknown). Voltages of a battery (vbat level, step) scale with battery_v / 48; an Xtender below
// 180 V AC has the limits of a -01. What depends on an unknown voltage (NaN, or 0 from a device
// that doesn't know) is NaN. The increment (step) doesn't scale. What counts are the device's own
// limits.
struct datapoint_limits datapoint_limits_at(const struct datapoint *dp, double battery_v,
                                            double ac_v);
// How far from what was written a FLOAT may read back: devices keep it in 16 bits, as fixed point
// (scom.md "Value formats"); where the point is isn't told. With as few bits before it as most, the
// largest magnitude that the setting may have, allows, the last one is worth up to a 2^14th of
// that. Below half a step, whatever a device says its limits are.
double datapoint_rounding(const struct datapoint *dp, double most);
// The number that was meant when a device has stored this one: with as few decimals as the rounding
// leaves open, and not fewer than the document prints. 54.3984 V is 54.4 V; 45.5 A stays.
double datapoint_meant(const struct datapoint *dp, double number);
// The infos that tell those nominal values; 0 where a family has none.
unsigned family_battery_volts_info(enum family family);
unsigned family_ac_volts_info(enum family family);

// A value that a backup holds: a parameter that SCOM carries and that is no signal, no clock (RCC
// 5002), no level (5012, 5043, 5045), doesn't number devices (5091, 5092) or make one blink (5119).
bool datapoint_is_setting(const struct datapoint *dp);

// The next number in braces in a text of the documents (a name, note, option label or message),
// from *at on, which moves behind it; false if there is none. What isn't digits up to 65535 is
// skipped.
bool catalogue_reference(const char *text, size_t *at, uint16_t *id);
// The i-th other parameter, info or menu of the family that name, note and option labels refer to
// as {id}; false behind the last. No duplicates, never itself, nothing that isn't in the tables.
bool datapoint_refers(const struct datapoint *dp, size_t i, uint16_t *id);

// --- Families ----------------------------------------------------------------------------------

const char *family_name(enum family family);  // "XT"
const char *family_title(enum family family); // "Xtender"
const char *level_name(enum level level);     // "basic", "view only"
// The level of a code 0x00, 0x10 .. 0x40 (a parameter's level_qsp); false for other codes.
bool level_from_code(uint32_t code, enum level *level);
const char *aggregation_name(enum aggregation aggregation); // "sum", "average", "none"

// The table's word for a value of an ENCODING_DEVICE_TYPE info (3124, 7034, 11047, 15074) or of
// VT info 11015; NULL if unknown.
const char *catalogue_device_type(enum family family, unsigned info, uint32_t value);

// --- Menus -------------------------------------------------------------------------------------

// The menu tree as on the remote control, by entries: a parameter that is in two menus has two.
struct menu_entry;
const struct menu_entry *menu_first(enum family family);                // top level
const struct menu_entry *menu_next(const struct menu_entry *entry);     // sibling or NULL
const struct menu_entry *menu_children(const struct menu_entry *entry); // first or NULL
const struct menu_entry *menu_parent(const struct menu_entry *entry);   // NULL at the top
const struct datapoint *menu_datapoint(const struct menu_entry *entry);
// The first entry that shows this datapoint, then the next one that does; NULL at the end.
const struct menu_entry *menu_of(const struct datapoint *dp, const struct menu_entry *after);

// --- Messages and errors -----------------------------------------------------------------------

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_HALT };

struct message_text {
    enum severity severity;
    const char *text; // without number and severity
};
// NULL text for a number that isn't in the tables (severity info then).
struct message_text catalogue_message(unsigned number);
const char *severity_name(enum severity severity); // "warning"

// The protocol's name of an error code ("DATA_TOO_BIG") and what it means in words for a person;
// both NULL if unknown.
const char *catalogue_error_name(unsigned code);
const char *catalogue_error_text(unsigned code);

// --- Value ↔ text ------------------------------------------------------------------------------

enum { DATAPOINT_TEXT_MAX = 256 };

// Why a number isn't a value of this datapoint: NULL if it is one; "no sensor" (info 3001 and other
// temperatures at ±32766 and beyond), "charging" (NaN of BSP info 7004, the remaining autonomy),
// "not a number" (NaN or infinite).
const char *datapoint_absent(const struct datapoint *dp, double number);

// True for infos that a device without a sensor answers with a number that is none (temperatures):
// sums and averages that a gateway forms over a family can have it counted in.
bool datapoint_may_lack_sensor(const struct datapoint *dp);

// The value as a person reads it, without its unit: "53.2", "yes", "Charger", "MO,TU,SU", "13:41",
// "2026-11-21 14:00:00", "inductive 0.95"; options that the table lacks as their number; "--" when
// datapoint_absent(). The halves of versions and FIDs as hexadecimal of 4 digits. Writes at most
// size bytes with NUL; DATAPOINT_TEXT_MAX always suffices. Returns out.
char *datapoint_text(const struct datapoint *dp, double number, char *out, size_t size);

// The same, but a number with all the decimals that a FLOAT has, not only those worth showing: what
// is about to be changed, to what, and within which limits.
char *datapoint_exact_number(const struct datapoint *dp, double number, char *out, size_t size);
// That with its unit, the short one.
char *datapoint_exact_text(const struct datapoint *dp, double number, char *out, size_t size);

// A person's text to the protocol's number: the inverse of datapoint_text() and, for options, also
// the number or the label in any case (a label that two options share: XC_SYNTAX, the number is
// needed); yes/no; "none" for no bit; "send" for a signal. Nothing is checked against limits.
// XC_SYNTAX, XC_RANGE (24:01, a number the format can't hold).
enum xc_status datapoint_parse(const struct datapoint *dp, const char *text, double *number);

// What datapoint_parse() expects, for error messages: "a number", "yes or no", "a time like 13:41".
const char *datapoint_expects(const struct datapoint *dp);

// Whole values from their two halves as floats: "1.6.74" ("--" if a half isn't one), and a FID (0).
char *catalogue_version(double msb, double lsb, char *out, size_t size);
uint32_t catalogue_fid(double msb, double lsb);

#endif
