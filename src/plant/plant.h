// SPDX-License-Identifier: MIT
// The installation: which devices there are, the latest value of everything somebody wants with its
// age and quality, a short history, the state of the connection. Panels, logger and commands
// subscribe; the poll plan turns all subscriptions into the fewest questions. Changes are in
// edit.h, messages in messages.h, alarms on values in watch.h.
#ifndef XC_PLANT_PLANT_H
#define XC_PLANT_PLANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "gateway/gateway.h"
#include "loop/loop.h"

struct plant;

// --- Values --------------------------------------------------------------------------------------

// What can be wanted: a value of a device, or the sum or average over a family's devices.
enum { PLANT_SUM = 0xFE, PLANT_AVERAGE = 0xFD };

struct plant_ref {
    enum family family;
    uint8_t index;  // 1.., or PLANT_SUM, PLANT_AVERAGE (infos only)
    bool parameter; // info or parameter
    enum part part; // of a parameter
    uint16_t id;
};

// Whose it is: "XT1", "XT.sum"; DEVICE_NAME_MAX suffices. Returns out.
char *plant_ref_device(const struct plant_ref *ref, char *out, size_t size);

enum quality {
    QUALITY_NONE, // never asked, or asked and not answered yet
    QUALITY_FRESH,
    QUALITY_STALE,   // older than three periods, or 5 s where that is more; what is wanted once:
                     // of an earlier connection, or of one that is silent or lost
    QUALITY_REFUSED, // the device's error; see error
    QUALITY_ABSENT,  // an answer that is no value: not a number, no sensor
    QUALITY_GONE,    // its device isn't there any more; a sum: one of them, the others make number
};

struct reading {
    enum quality quality;
    double number;      // the last good value (also when stale or gone); NaN if there was none
    uint16_t error;     // QUALITY_REFUSED
    const char *absent; // QUALITY_ABSENT: why, in words; QUALITY_GONE of a sum likewise
    int64_t taken;      // loop_now() of the answer; 0 if none
    int64_t age;        // microseconds since taken
    const struct datapoint *datapoint; // NULL for an id that isn't in the tables
};

// The latest reading of something; QUALITY_NONE when nobody ever subscribed to it. What nobody
// subscribes to any more is kept, and ages.
struct reading plant_reading(struct plant *plant, const struct plant_ref *ref);

// Why there is no value: "no sensor", "no such object (0x22)", "gone for 12 s", "not asked yet"; ""
// for fresh ones. Returns out.
char *plant_reading_reason(const struct reading *reading, char *out, size_t size);

// Up to count samples (and TREND_SAMPLES_MAX), oldest first, evenly spaced over the time since the
// first value or the last hour: each the mean of its span, NaN where there was none. Returns how
// many were written.
enum { TREND_SAMPLES_MAX = 128 };
size_t plant_history(struct plant *plant, const struct plant_ref *ref, float *samples,
                     size_t count);

// The time from ..< until, in columns of equal length: what the value did in each. Microseconds
// since 1970 UTC by the computer's clock. Kept for everything that is subscribed with a period: of
// what changes often 5 minutes by 2 s; an hour by 20 s, 12 hours by 5 minutes, 4 days by the hour.
// A column that is shorter has the span it lies in. Where options.history has more of a column,
// that is taken. out is all written.
void plant_spans(struct plant *plant, const struct plant_ref *ref, int64_t from, int64_t until,
                 struct span *out, size_t columns);
// When the oldest of that was, likewise, or the log's first row; 0 if there is nothing.
int64_t plant_spans_begin(struct plant *plant, const struct plant_ref *ref);
// Older times come from this log from now on (options.history), unless the options named one.
void plant_read_log(struct plant *plant, const char *path);
// False when reading the log has taken so long in this round of the loop that the rest of what is
// wanted had better wait for the next.
bool plant_spans_in_time(const struct plant *plant);

// --- Subscriptions -------------------------------------------------------------------------------

struct subscription;

// Wants all of refs (copied), each at least once a period (microseconds; 0: once, and again after
// each reconnection). References to devices that aren't there are asked when they come.
struct subscription *plant_subscribe(struct plant *plant, const struct plant_ref *refs,
                                     size_t count, int64_t period, enum priority priority);
// NULL is allowed.
void plant_unsubscribe(struct plant *plant, struct subscription *subscription);
// True when every reference whose device is there has been answered once.
bool plant_subscription_complete(const struct plant *plant,
                                 const struct subscription *subscription);

// --- Devices -------------------------------------------------------------------------------------

enum presence { DEVICE_PRESENT, DEVICE_GONE };

struct plant_device {
    enum family family;
    uint8_t index;
    uint32_t address;
    enum presence presence;
    int64_t seen;      // loop_now() of its last answer
    uint32_t fid;      // 0 while unknown
    char model[24];    // "XTM 4000-48", "VS-120", "BSP", "" while unknown
    char firmware[16]; // "1.6.74", "" while unknown
    uint32_t version;  // the same as X(8) 0(8) Y(8) Z(8); 0 while unknown
    uint8_t phase;     // XT: 1..3, 0 while unknown
};

// Devices in the order XT, VT, VS, BSP/BMS. The array is valid until the loop goes on.
size_t plant_devices(const struct plant *plant, const struct plant_device **devices);
// Number of present devices of a family.
unsigned plant_family_count(const struct plant *plant, enum family family);
const struct plant_device *plant_device(const struct plant *plant, enum family family,
                                        unsigned index);

enum discovery { DISCOVERY_WAITING, DISCOVERY_RUNNING, DISCOVERY_DONE };
struct plant_discovery {
    enum discovery state;
    unsigned asked, to_ask; // progress while running; to_ask is an estimate
    char text[80];          // "looking for VarioTrack 3"; done: why it couldn't look, or ""
};
struct plant_discovery plant_discovery(const struct plant *plant);

// --- Connection ----------------------------------------------------------------------------------

struct plant_link {
    enum gateway_state state;
    char text[GATEWAY_TEXT_MAX]; // gateway_state_text()
    unsigned capabilities;       // GATEWAY_*
    uint8_t frame_flags;         // bits as in scom.md "frame_flags"; see plant_flag_*
    bool guid_known;
    uint8_t guid[16];
    int64_t exchanged;    // loop_now() when another installation's GUID answered; 0 if none did
    int64_t clock_offset; // installation's clock minus the computer's local wall clock, µs
    bool clock_known;
    bool watchdog; // the SCOM watchdog (5095) is on: absent addresses aren't probed
    bool multi;    // multi-infos are used
    // The program was started so, or the one that has the link was: nothing is written.
    bool read_only;
    // A CAN link: only then there is a bus, and never are there frame_flags.
    bool can;
    struct link_bus bus;
    const char *bus_state; // its state in a word: "active", "bus-off"; static
    unsigned bitrate;      // bits a second; 0 when unknown
    struct gateway_statistics statistics;
};
// Once a frame: it sorts round trips and puts words together.
void plant_link(struct plant *plant, struct plant_link *link);
// Only clock_offset; false, and 0, while it isn't known.
bool plant_clock_offset(const struct plant *plant, int64_t *offset);

enum plant_flag {
    PLANT_MESSAGE_PENDING = 0x01,
    PLANT_RESTARTED = 0x02,
    PLANT_SD_PRESENT = 0x04,
    PLANT_SD_FULL = 0x08,
    PLANT_NEW_DATALOG = 0x10,
    PLANT_DATALOG_SUPPORTED = 0x20,
};

// --- The plant -----------------------------------------------------------------------------------

struct plant_options {
    bool leave_messages;  // never read the gateway's history (it clears the pending flag);
                          // so it is with read_only
    const char *messages; // the file of known messages, made when it isn't there; NULL: in memory
    const char *alarms;   // as alarms_parse() reads them; NULL: none
    bool no_discovery;    // ask only what is subscribed; every address is taken as present
    // Devices named by the person: nothing else is searched for. "" for none.
    const struct target *devices;
    size_t device_count;

    bool no_histories;   // nothing is remembered: nobody will look at what was before
    const char *history; // a log in SQLite to read for older times, also one that is written at the
                         // same time; copied. NULL: there is none

    // For changes (edit.h). Texts are copied.
    bool read_only;      // nothing is written
    const char *records; // the file for attempts, opened when it is needed and made with the first
                         // edit; NULL: there is none. Without records nothing is written …
    bool unrecorded;     // … unless this says that they needn't be
    const char *who;     // the user's login name
    const char *site;    // the site's or the link's name
    bool site_named;     // it is a site's, so always the same installation
    const char *guid;    // of the gateway it must be, as text_parse_guid() reads it; NULL: any
};

// Something that can be seen has changed. Called from the loop, often.
typedef void plant_changed_fn(void *arg);

// The gateway stays the caller's, and lives longer; its events go to plant_gateway_event().
struct plant *plant_new(struct loop *loop, const struct plant_options *options,
                        plant_changed_fn *changed, void *arg);
void plant_free(struct plant *plant); // before its gateway; NULL is allowed
// Makes the gateway known: begin to poll. Call once.
void plant_attach(struct plant *plant, struct gateway *gateway);
// Pass to gateway_new() with the plant as its arg.
void plant_gateway_event(void *plant, const struct gateway_event *event);

// Pauses polling (a key); the connection stays. Questions under way are answered.
void plant_pause(struct plant *plant, bool paused);
bool plant_paused(const struct plant *plant);

#endif
