// SPDX-License-Identifier: MIT
// Changes of parameters for the fixture's plant: edits come in the state that a test wants, judge
// by a simple table, and write nothing but down what they were asked.
#ifndef XC_TESTS_FIXTURE_EDIT_H
#define XC_TESTS_FIXTURE_EDIT_H

#include "plant/batch.h"

enum { FIXTURE_KEEPS_MAX = 20 };

struct fixture_edits {
    // What the next edit is like.
    enum xc_status refused; // edit_open()'s; XC_OK: it is begun
    enum edit_state state;  // that it begins in; EDIT_READY by default
    enum edit_state later;  // that later ones begin in
    const char *text;       // edit_text()
    unsigned done, all;     // edit_progress()
    double value;           // of all devices; NaN: by the table
    double differs;         // is added for each device behind the first
    double overlay;         // of the first device
    bool doubt;             // about it
    double earlier;         // what an earlier run wrote to RAM of the first device; NaN: nothing
    const char *undo_note;  // what is to be known before something is taken back; NULL: nothing
    unsigned sites;         // calls of plant_confirm_site()
    const char *key;        // of all devices; "" as in the records
    unsigned flash_writes;
    enum xc_status ram;        // what edit_check() says to RAM
    enum xc_status writable;   // what edit_write() returns
    bool at_once;              // it is EDIT_DONE when edit_write() returns
    const char *told;          // edit_text() then
    enum record_result result; // of the last device; the others' is RECORD_WRITTEN
    uint16_t error;            // with it
    double read_back;          // of the first device

    // What has come of it.
    unsigned opened, closed, checks, writes;
    struct target target;
    struct edit_wish wish;    // of the last write
    int64_t undo;             // what it takes back
    struct edit_wish checked; // of the last edit_check()
    struct edit *edit;        // the one that is open; NULL: none

    // Plans of changes. Their devices have what the fixture's plant has; refused, result and told
    // (both of the last item) hold for them, too.
    unsigned refused_id;  // this parameter can't be written; 0: none
    unsigned warned_id;   // there is something to be known of this one; 0: none
    bool other_site;      // the last write went to another installation
    unsigned batches;     // that are there
    unsigned batch_items; // written
    bool batch_flash;
    struct batch *batch; // the last one; NULL: none

    // A device that flashes.
    enum family flashing_family;
    unsigned flashing_index; // 0: none
    int64_t flashing_left;

    // Kept values.
    struct keep_status keeps[FIXTURE_KEEPS_MAX];
    size_t keep_count;
    unsigned starts, stopped; // keep_start() called; the number that keep_stop() was given
    bool written;             // keep_start()'s
    unsigned adopted;         // keep_adopt() called
    bool cant_keep;
};
extern struct fixture_edits fixture_edits;

// Everything as at the beginning; nothing may be open.
void fixture_edits_reset(void);
// The open edit is in another state now, and whoever opened it is told.
void fixture_edit_becomes(enum edit_state state, const char *text);
// The same, but nobody is told yet.
void fixture_edit_is(enum edit_state state, const char *text);
// The batch gets on: looks at up to three items, or is done with writing one.
void fixture_batch_step(void);
// Adds a kept value.
void fixture_keep(const char *target, unsigned id, double number, int64_t period, int64_t last,
                  const char *trouble);

#endif
