// SPDX-License-Identifier: MIT
// What the files of an edit share. Private to src/plant/.
//
// edit.c        its course up to the decision; whose turn it is
// edit_look.c   what is read of its devices, and what is made of it
// edit_rules.c  what may be written, and what the person must know
// edit_write.c  its course from the decision on: look again, record, send once, read back
#ifndef XC_PLANT_EDIT_INTERNAL_H
#define XC_PLANT_EDIT_INTERNAL_H

#include "plant/edit.h"
#include "plant/internal.h"

// What is read, one question each.
enum look {
    LOOK_GUID,  // of the gateway
    LOOK_MULTI, // does the gateway know multi-infos? Then its firmware takes RAM writes
    LOOK_PHASE,
    LOOK_IDENTITY, // BSP or BMS: is it one?
    LOOK_FID_MSB,
    LOOK_FID_LSB,
    LOOK_VERSION_MSB,
    LOOK_VERSION_LSB,
    LOOK_SAVED,
    LOOK_WATCHDOG,
    LOOK_DELAY,
    LOOK_LEVEL,
    LOOK_MIN,
    LOOK_MAX,
    LOOK_VALUE,
    LOOK_COUNT
};

struct look_at {
    enum look what;
    uint8_t device; // index into devices
};

struct facts {
    double numbers[LOOK_COUNT]; // NaN unless known
    bool known[LOOK_COUNT];
};

// What devices have told that is the same for all of their parameters, so that it isn't read for
// each change of a plan. Read anew after a minute, and over another connection; and whatever it
// says, the FID is read just before anything is sent.
struct edit_memory {
    struct remembered {
        struct facts facts;
        unsigned generation;
        int64_t read; // loop_now(); 0: never
    } of[FAMILY_COUNT][INDEX_MAX];
};

enum edit_stage {
    EDIT_STAGE_REST,   // nothing to ask
    EDIT_STAGE_FIND,   // which devices?
    EDIT_STAGE_PHASES, // which of them are on this phase?
    EDIT_STAGE_READ,
    EDIT_STAGE_AGAIN, // just before sending
    EDIT_STAGE_SEND,
    EDIT_STAGE_BACK, // reading back
};

struct edit {
    struct plant *plant;
    struct edit *next;
    struct target target;
    const struct datapoint *datapoint;
    void (*changed)(void *arg);
    void *arg;
    struct loop_timer told;
    enum edit_state state;
    enum edit_stage stage;
    enum xc_status failure;
    bool closed;     // nobody is interested any more: freed when it is done
    bool met_nobody; // it failed because the first question to its device found nobody there
    char text[EDIT_TEXT_MAX];

    // A plan of changes has many edits, most of them of one device.
    struct edit_device *devices;
    struct facts *facts;
    struct record *records;
    unsigned device_count, device_room;
    uint16_t seen; // of a phase or family: bit index for each device that was there when it began
    char gone[EDIT_TEXT_MAX / 2]; // names of the family's devices that aren't there
    char guid[RECORD_KEY_MAX];
    bool other_site;            // the site's name was last used for another installation
    struct edit_memory *memory; // of a plan, which lives as long as this reads; NULL: none
    bool recalled;              // its device's facts are from there

    struct look_at *looks;
    size_t look_count, look_room, look_done;

    // From edit_write() on.
    struct edit_wish wish;
    int64_t undo;
    unsigned generation;     // the connection over which it was looked at last
    struct loop_timer limit; // of reading back without one
    int64_t sent;            // loop_now()
    bool recorded;
};

// --- edit.c --------------------------------------------------------------------------------------

void edit_say(struct edit *edit, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *edit_device_name(const struct edit_device *device, char out[DEVICE_NAME_MAX]);
// "the value is too big (0x28)"; returns out.
char *edit_error_words(uint16_t error, char *out, size_t size);
// Asks; the answer goes to the stage that the edit is in.
void edit_ask(struct edit *edit, const struct question *question);
// EDIT_FAILED; its text says why.
void edit_fail(struct edit *edit, enum xc_status why);
// The looks of EDIT_STAGE_PHASES are done.
void edit_choose_phase(struct edit *edit);
// Tells its owner that it has got on; one that nobody follows any more goes when it is done.
void edit_notify(struct edit *edit);
// As edit_open(), without opening.
enum xc_status edit_can_write(const struct plant *plant, const struct target *target,
                              const struct datapoint *datapoint, char *error, size_t error_size);

// --- edit_look.c ---------------------------------------------------------------------------------

// Everything that EDIT_READY needs of the devices.
void edit_begin_reading(struct edit *edit);
void edit_clear_looks(struct edit *edit);
void edit_add_look(struct edit *edit, enum look what, unsigned device);
// Asks the next one of the list; takes its answer, and at the list's end goes on.
void edit_ask_look(struct edit *edit);
void edit_look_answered(struct edit *edit, const struct answer *answer);
bool edit_has_value(const struct edit *edit); // signals have none
bool edit_asks_guid(const struct edit *edit);
uint32_t edit_fid(const struct facts *facts);
// What decides between flash and RAM. A firmware without such a parameter stores, and isn't
// watched.
bool edit_stores_flash(const struct edit *edit, const struct edit_device *device,
                       const struct facts *facts);
bool edit_is_watched(const struct edit *edit, const struct edit_device *device,
                     const struct facts *facts);
bool edit_has_switches(enum family family); // parameters for these two
// It is the one for saving in flash, which is stored whatever it says.
bool edit_is_saving_switch(const struct edit *edit);
// Whether its watchdog is on once the number is in RAM, and its delay then, in seconds; 0: unknown.
bool edit_will_be_watched(const struct edit *edit, const struct edit_device *device, double number,
                          double *delay);

// --- edit_rules.c --------------------------------------------------------------------------------

// The installation's clock, which goes on.
bool edit_is_clock(const struct edit *edit);
// What was written stays until something else is: no signal, clock, nor what makes a device flash.
bool edit_stays(const struct edit *edit);
// The gateway's parameter that makes a device flash.
bool edit_is_identify(const struct edit *edit);
// A quantity whose limits the device must have told.
bool edit_has_limits(const struct datapoint *datapoint);
// As it goes over the wire: 37.9 is a little more than 37.9 there.
double edit_on_wire(const struct datapoint *datapoint, double number);
// What was read back is what was asked for, but for how devices keep numbers.
bool edit_same_number(const struct edit_device *device, const struct datapoint *datapoint,
                      double asked, double read);

// --- edit_write.c --------------------------------------------------------------------------------

// The looks of EDIT_STAGE_AGAIN are done.
void edit_looked_again(struct edit *edit);
// The write that a wish asks for.
struct question edit_write_question(const struct edit *edit, const struct edit_wish *wish);
void edit_send(struct edit *edit);
void edit_sent(struct edit *edit, const struct answer *answer);
// Those of EDIT_STAGE_BACK are, or as many as could be had.
void edit_read_back(struct edit *edit);
// On another connection those who are read back are recognised first.
void edit_recognise(struct edit *edit);
// The connection is gone, and no question of this edit was on it.
void edit_lost(struct edit *edit);
// Ends it before anything was sent; its text says why.
void edit_stop(struct edit *edit, enum xc_status why);
// The plant goes away while it writes.
void edit_abandon(struct edit *edit);

// --- keep.c --------------------------------------------------------------------------------------

// What is kept of its parameter for one of its devices, and is another number; NULL: nothing.
const struct keep_status *keep_against(const struct edit *edit, double number);

#endif
