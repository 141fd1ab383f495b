// SPDX-License-Identifier: MIT
// What the files of plant share. Private to src/plant/.
//
// plant.c      the public face, subscriptions, the order in which the parts get their turn
// values.c     slots: the latest answer of everything that is or was wanted
// poller.c     the poll plan
// discovery.c  which devices there are
// devices.c    devices: presence, identity, renumbering
// messages.c   the messages that are known (messages.h)
// chores.c     the gateway's clock and GUID
// watch.c      alarms on values (alarms.h)
// history.c    the past of a value, in spans of time
// past.c       what values did before, from memory and from a log
// edit*.c      changes of parameters (edit_internal.h)
// identify.c   whose LEDs flash
// overlay.c    what was written to RAM
// recording.c  the file of records, opened when it is needed
// keep.c       values that are written again
// datalog*.c   the datalog files of the SD card (datalog_internal.h)
// batch.c      several changes as one plan
// changes.c    what is recorded of a device
#ifndef XC_PLANT_INTERNAL_H
#define XC_PLANT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "gateway/gateway.h"
#include "loop/loop.h"
#include "plant/edit.h"
#include "plant/messages.h"
#include "plant/plant.h"

#define NEVER INT64_MAX

enum { DEVICES_MAX = 9 + 15 + 15 + 1, INDEX_MAX = 16, MESSAGES_MAX = 32 };

// --- History -------------------------------------------------------------------------------------

// Of one value. Times are loop_now() + plant.epoch: they never go back, and are those of the
// computer's clock as long as nobody sets it.
struct history;
// fast: in spans from 2 s on, else from 20 s on.
struct history *history_new(bool fast);
void history_free(struct history *history); // NULL is allowed
// now: not before that of the former call.
void history_add(struct history *history, int64_t now, double number);
// The time from ..< until in count columns of equal length. A column shorter than what is still
// known of its time has the span it lies in. out is all written.
void history_spans(const struct history *history, int64_t from, int64_t until, struct span *out,
                   size_t count);
// Of the first value; -1 without any.
int64_t history_start(const struct history *history);

// The log that is read for older times.
struct past;
struct past *past_new(const char *path); // copied; NULL: there is none
void past_free(struct past *past);       // NULL is allowed

// --- Slots ---------------------------------------------------------------------------------------

// What the device said. Moves from slot to slot when devices are renumbered.
struct content {
    enum quality quality; // NONE, FRESH (age is looked at when read), REFUSED, ABSENT
    double number;        // the last good one
    const char *absent;
    uint16_t error;
    int64_t taken;       // of the answer that made the quality
    int64_t answered;    // of any answer
    unsigned generation; // the connection it came over
    struct history *history;
};

struct slot {
    struct plant_ref ref;
    const struct datapoint *datapoint;
    enum value_format format;
    uint32_t address; // 0 for sums and averages
    bool aggregate;   // a sum or an average
    bool fast;        // changes often

    // Who wants it, merged from all subscriptions.
    unsigned users;
    int64_t period; // the shortest one; 0 if wanted once only
    enum priority priority;

    // The plan.
    int64_t wanted; // wanted at once since then; NEVER
    int64_t asked;  // when its last answered question was asked
    int64_t hold;   // not before this
    int64_t due;    // from these three; NEVER
    unsigned group; // slots of a refused multi-info are asked again by halves: which of them
    bool alone;     // multi-infos don't work for it: read singly, or computed
    bool innocent;  // so it was found, but not yet read singly

    struct content content;
};

struct slot_table {
    struct slot **places; // open addressing, a power of two
    size_t room, count;
};

// NULL when nobody ever wanted it.
struct slot *slot_find(const struct plant *plant, const struct plant_ref *ref);
// Finds or makes it. NULL for something that can't exist (VT16, the sum of a parameter).
struct slot *slot_get(struct plant *plant, const struct plant_ref *ref);
void slots_free(struct plant *plant);
// Forgets what a device said, or all with FAMILY_NONE.
void slots_clear(struct plant *plant, enum family family, unsigned index);
// An answer to a slot: a number, or the device's error.
void slot_answer(struct plant *plant, struct slot *slot, double number);
void slot_refuse(struct plant *plant, struct slot *slot, uint16_t error);
// Sums and averages over this slot's datapoint that are computed here.
void slot_compute(struct plant *plant, const struct slot *slot);
// All of them.
void slots_compute(struct plant *plant);
// A family has one device more: they aren't its sums any more.
void slots_drop_computed(struct plant *plant, enum family family);
// Reads it again soon, if anybody wants it.
void slot_ask_again(struct plant *plant, const struct plant_ref *ref);
// True if the sum or average makes sense (datapoint_aggregation()).
bool slot_aggregates(const struct slot *slot);
void content_clear(struct content *content);

// --- Subscriptions -------------------------------------------------------------------------------

struct subscription {
    struct slot **slots;
    size_t count;
    int64_t period;
    int64_t since;
    enum priority priority;
    struct subscription *next;
};

// --- Devices -------------------------------------------------------------------------------------

// What isn't public of a device; at [family][index], in use when listed.
struct device {
    bool listed;                         // else nothing of this means anything
    struct subscription *fid, *identity; // its identity, wanted once a connection
    bool identified;                     // its identity was read once
    bool recognise;                      // known from before: its FID comes first, then its values
    int64_t asked_who; // what came since is of the device that has this number now
    bool seen_in_search;
    int64_t look_at;      // suspect or gone: when to read its identity next; else NEVER
    int64_t verified;     // when that last succeeded
    unsigned silences;    // questions in a row without an answer
    int64_t silent_since; // the first of them
};

bool devices_any_gone(const struct plant *plant, enum family family);
// Adds it to the list, or takes it as present again.
void device_appears(struct plant *plant, enum family family, unsigned index);
// That a device has restarted shows by its absence, so it must be asked for something: the devices
// of a target are, from now on. NULL for the gateway, which tells by itself.
struct subscription *devices_watch(struct plant *plant, const struct target *target);
// For a doubt whether it is still there.
void device_suspect(struct plant *plant, enum family family, unsigned index);
// Another one answers at its number, or nobody: it is recognised before any of its values is read.
void device_mistaken(struct plant *plant, enum family family, unsigned index);
// A slot of a device was answered, or met silence.
void device_answered(struct plant *plant, const struct slot *slot, bool alive);
void device_silent(struct plant *plant, const struct slot *slot);
// May this slot's device be asked for it now?
bool device_ready(const struct plant *plant, const struct slot *slot);
// Does "device not found" raise doubts about the device, rather than about this one value?
bool device_doubtful(const struct plant *plant, const struct slot *slot);
// A new connection: recognise everything.
void devices_recognise(struct plant *plant);
// The search is over: find out who is who.
void devices_settle(struct plant *plant);
// Reads the FIDs of all devices that could be echoes of their master.
void devices_check_fids(struct plant *plant);
// Another installation: forget everything.
void devices_forget(struct plant *plant);
// Looks after suspect and gone devices. True if a question was asked.
bool devices_ask(struct plant *plant);
int64_t devices_due(const struct plant *plant);
// The info that every device of a family answers: 3124, 11047, 15074, 7034, 7061.
uint16_t family_identity(enum family family);
void family_fid_infos(enum family family, uint16_t *msb, uint16_t *lsb);
// The info with the upper half of its software version, before that with the lower one; 0: none.
uint16_t family_version_info(enum family family);
// Identity values wanted and answered, for progress.
// unknown: a device whose identity wasn't read yet, or NULL.
void devices_progress(const struct plant *plant, unsigned *answered, unsigned *wanted,
                      const struct plant_device **unknown);

// --- Discovery -----------------------------------------------------------------------------------

enum stage {
    STAGE_WAITING,  // for the gateway
    STAGE_GUID,     // is it the same gateway as before?
    STAGE_WATCHDOG, // may absent addresses be asked?
    STAGE_MULTI,    // everything in one question
    STAGE_FIDS,     // families that seem full: which of their devices are only echoes
    STAGE_PROBE,    // address by address
    STAGE_SILENT,   // no answer: is there none to this question, or to any?
    STAGE_DONE,
};

struct candidate {
    enum family family;
    uint8_t index;
};

struct search {
    enum stage stage;
    bool looking; // the short look for new devices after discovery
    struct candidate list[DEVICES_MAX + 1];
    size_t count, next;
    unsigned doubtful;       // families (bits) to tell apart by FIDs
    enum family doubt;       // the one under way
    unsigned probe_step;     // info of probe_infos
    unsigned attempts;       // questions of this stage that met silence
    enum stage silent_stage; // which one
    bool off;                // and other questions have met it since
    unsigned silent_turn;    // what else is asked then
    int64_t spent;           // probing
    unsigned asked;
    bool echoes;     // this gateway repeats values for devices that aren't there
    unsigned wanted; // no_discovery: families (bits) whose devices are needed for sums
    int64_t look_due;
    int64_t hold;
    int64_t stand_back; // behind what is on screen, until then: a silence has held it up
};

void discovery_begin(struct plant *plant);
// Asks the next question of the search. True if one was asked.
bool discovery_ask(struct plant *plant);
int64_t discovery_due(const struct plant *plant);
// Devices that were never seen may still be found, apart from the short looks for more.
bool discovery_searches(const struct plant *plant);
// no_discovery: the devices of a family are needed after all.
void discovery_want(struct plant *plant, enum family family);

// --- Messages, clock, GUID -----------------------------------------------------------------------

enum { MESSAGES_PROBLEM_MAX = 512 };

struct inbox {
    char *path; // NULL: in memory
    char problem[MESSAGES_PROBLEM_MAX];
    struct known *known;     // NULL: nobody needed it yet
    struct loop_timer again; // while there is a problem: is it over?
    int64_t again_in;
    uint32_t former; // what is older than this was known before it was lost; 0: nothing was
    struct known_owner owner;
    struct known_message list[MESSAGES_MAX]; // the newest ones
    size_t count;
    struct known_counts counts;
    unsigned version;
    plant_message_fn *told;
    void *told_arg;
    int64_t told_n; // up to which number
    struct loop_timer told_timer;

    // Reading the history.
    bool wanted;
    int64_t hold;
    unsigned reading; // counts beginnings
    uint32_t index;   // of the message that is asked next
    uint32_t asked;   // of the one under way, and in which reading
    unsigned asked_reading;
    uint32_t total, reached;
    enum { COUNTING_UNKNOWN, COUNTING_ALL, COUNTING_REST } counting; // what is told with each
    struct known_row above; // the last one read, with a gap below; n 0: none yet
    unsigned repeats;
};

void inbox_init(struct plant *plant, const char *path);
void inbox_free(struct plant *plant);
// A new connection.
void messages_begin(struct plant *plant);
void messages_ask(struct plant *plant);
int64_t messages_due(const struct plant *plant);
void messages_pending(struct plant *plant);
// Whose they are may be known now.
void messages_settle(struct plant *plant);
bool messages_settled(const struct plant *plant);
// One that came by itself.
void messages_notified(struct plant *plant, const struct gateway_message *message);
// The same of an alarm.
void messages_raise(struct plant *plant, struct known_message *message);
// What is known, opened now if it wasn't yet; never NULL.
struct known *messages_known(struct plant *plant);
// Sets its device, as it is called now.
void messages_name_device(const struct plant *plant, struct known_message *message);
// Devices have other numbers: old index → new index of a family (0: none).
void messages_renumber(struct plant *plant, enum family family, const uint8_t to[INDEX_MAX]);

struct chores {
    bool guid_wanted;
    int64_t clock_due; // read of 5002; NEVER with multi-infos, and where there is none
};

void chores_begin(struct plant *plant);
bool chores_ask(struct plant *plant);
int64_t chores_due(const struct plant *plant);
// The installation's wall clock, or the computer's local time until that is known, now or at a time
// of loop_wall(): microseconds since 1970.
int64_t clock_now(const struct plant *plant);
int64_t clock_at(const struct plant *plant, int64_t wall);
// The installation's clock, as an answer of now tells it.
void clock_take(struct plant *plant, uint32_t clock);
// The same, after it was set: what was known before says nothing.
void clock_set(struct plant *plant, uint32_t clock);
enum { GUID_BYTES = 16 };
// True if the GUID is another one than before: all devices and values are forgotten then.
bool guid_take(struct plant *plant, const struct answer *answer);

// --- Alarms --------------------------------------------------------------------------------------

void watches_init(struct plant *plant, const char *alarms);
void watches_free(struct plant *plant);
// Whose they are is known, or somebody else's: from now on these are looked after.
void watches_settle(struct plant *plant);
// Keeps those that a person has set in another file.
enum xc_status watches_keep(const struct plant *plant, struct known *known);

// --- The poll plan -------------------------------------------------------------------------------

// Most urgent first.
enum rank {
    RANK_PERSON, // a person waits for it
    RANK_FIRST,  // on screen, not read yet
    RANK_ONCE,   // wanted once only: identities
    RANK_SCREEN, // on screen, read before
    RANK_REST,
};

struct plan {
    struct slot **active; // all with users
    size_t active_count, active_room;
    bool stale;    // subscriptions, devices or abilities have changed: merge again
    bool multi;    // as it was when merged
    bool computes; // some sums or averages are computed here
    bool person;   // somebody waits for something
    struct slot **candidates;
    struct slot *batch[MULTI_ITEMS_MAX]; // under way
    size_t batch_count;
    int64_t batch_asked;
    unsigned groups;         // numbers given to halves of refused multi-infos
    unsigned multi_silences; // in a row
    bool multi_answered;     // one was, on this connection
    unsigned innocents;      // refused there, but read singly, when none was
    int64_t multi_rest;      // single reads until then
};

void plan_reset(struct plant *plant); // a new connection
void plan_free(struct plant *plant);
// Asks what is most urgent among the slots of some ranks. True if a question was asked.
bool plan_ask(struct plant *plant, enum rank from, enum rank to);
int64_t plan_due(struct plant *plant);
void slot_schedule(struct slot *slot);
// Multi-infos are used at present.
bool plan_multi(const struct plant *plant);
// They aren't answered: single reads for a while.
void plan_rest_multi(struct plant *plant);
// A sum or average that is computed here, not asked.
bool plan_computes(const struct plant *plant, const struct slot *slot);

// --- Recording -----------------------------------------------------------------------------------

struct recording;
struct recording *recording_new(const char *path); // NULL: there is none
void recording_free(struct recording *recording);
// The records, opened now if they weren't yet; NULL when there are none. make: the file is made if
// it isn't there.
struct records *recording_open(const struct plant *plant, bool make);

// --- Changes -------------------------------------------------------------------------------------

// Asks what the most urgent edit wants. True if a question was asked.
bool edits_ask(struct plant *plant);
// The connection is gone: those that haven't sent anything yet won't.
void edits_lost(struct plant *plant);
void edits_free(struct plant *plant);

// The key of a running value: its device, and the parameter. fid 0: none.
void overlay_set(struct plant *plant, enum family family, unsigned index, uint32_t fid, unsigned id,
                 double number, enum overlay_state state);
void overlay_remove(struct plant *plant, enum family family, unsigned index, unsigned id);
// It may have been changed unseen.
void overlay_doubt(struct plant *plant, enum family family, unsigned index, unsigned id);
// The device has restarted: its RAM is lost.
void overlays_restarted(struct plant *plant, enum family family, unsigned index);
// Any device may have restarted unseen.
void overlays_doubt(struct plant *plant);
void overlays_free(struct plant *plant);

// A parameter was written by this program: what was recorded before doesn't count any more.
void earlier_written(struct plant *plant, enum family family, unsigned index, uint32_t fid,
                     unsigned id);
// As plant_earlier_ram(), of a device whose FID was read without a discovery.
bool earlier_ram(struct plant *plant, enum family family, unsigned index, uint32_t fid, unsigned id,
                 double *number, int64_t *time);
void earlier_restarted(struct plant *plant, enum family family, unsigned index);
void earlier_free(struct plant *plant);

// Who a device is in its records, whatever its number: its FID, or without one (0) where it is: the
// gateway's GUID (or, without one, the site's name) and its address.
char *device_key(const struct plant *plant, const char *guid, uint32_t fid, uint32_t address,
                 char out[RECORD_KEY_MAX]);

// A device has restarted; FAMILY_NONE: perhaps all.
void keeps_restarted(struct plant *plant, enum family family, unsigned index);
void keeps_free(struct plant *plant);

// --- identify.c ----------------------------------------------------------------------------------

// This was written to parameter 5119.
void identify_written(struct plant *plant, double number);

// --- Datalog files -------------------------------------------------------------------------------

struct datalog;
// Asks for the next block, or what else is to be done. True if a question was asked.
bool datalog_ask(struct plant *plant);
int64_t datalog_due(const struct plant *plant);

// --- The plant -----------------------------------------------------------------------------------

typedef void answered_fn(struct plant *plant, const struct answer *answer);

struct earlier;

struct plant {
    struct loop *loop;
    int64_t began; // loop_wall() when the program began to look after it
    int64_t epoch; // began less loop_now() then: what makes loop_now() a time of histories
    struct gateway *gateway;
    bool leave_messages, no_discovery, no_histories;
    bool read_only, unrecorded, site_named;
    struct recording *recording;
    char *who, *site, *guid_expected; // NULL: any GUID
    struct target *named;
    size_t named_count;
    plant_changed_fn *changed;
    void *arg;
    struct loop_timer changed_timer, next_timer;
    bool paused;
    unsigned generation;
    bool recognising; // the present connection is this generation
    bool restarted;   // the gateway, during this connection: recognise everything again
    uint8_t frame_flags;

    // The one question under way.
    bool asking;
    uint32_t ticket;
    answered_fn *answered;
    unsigned turn;     // questions asked so far
    bool searched;     // the last one was the search's
    int64_t last_word; // of the last answer, also while it is being looked at
    int64_t asked;     // the last question
    int64_t spent;     // how long its answer took, repetitions included

    bool guid_known;
    uint8_t guid[GUID_BYTES];
    int64_t exchanged; // when another GUID than the known one was read
    bool clock_known;
    int64_t clock_offset, clock_taken;
    bool watchdog;

    struct slot_table slots;
    struct past *past;
    struct subscription *subscriptions;
    struct plan plan;
    struct plant_device list[DEVICES_MAX];
    size_t list_count;
    struct device devices[FAMILY_COUNT][INDEX_MAX];
    struct earlier *earlier[FAMILY_COUNT][INDEX_MAX];
    struct candidate looked_for; // suspect or gone
    bool looked_by_multi;
    struct search search;
    struct inbox inbox;
    char *alarms; // of the configuration; NULL: none
    unsigned views_version;
    struct watch *watches;
    struct loop_timer watch_timer;
    struct chores chores;

    struct edit *edits;
    struct edit *edit_asking; // whose question is under way; NULL: nobody's any more
    struct overlay *overlays;
    size_t overlay_count;
    struct datalog *datalog; // NULL: nobody wants files
    bool datalog_asked;      // the last question was for it
    struct keep *keeps;
    unsigned keeps_started;

    uint32_t flashing; // what was last written to 5119; 0: nothing
    int64_t flashing_since;
};

// Asks one question, answered by fn; only while none is under way.
void plant_ask(struct plant *plant, const struct question *question, answered_fn *fn);
// How long to wait before something that isn't there is looked for again: some gateways are silent
// for seconds about an absent device, and nothing else is read then.
int64_t plant_pause_behind(int64_t spent, int64_t at_least);
// Something that can be seen has changed.
void plant_touch(struct plant *plant);
// Looks in the next round whether there is something to ask.
void plant_kick_soon(struct plant *plant);

#endif
