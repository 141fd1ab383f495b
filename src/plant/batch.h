// SPDX-License-Identifier: MIT
// Several changes as one plan: looked at, shown, confirmed, then written one after the other, each
// as an edit with all of its checks and its own record. What a restore or a copy is made of.
#ifndef XC_PLANT_BATCH_H
#define XC_PLANT_BATCH_H

#include "plant/edit.h"

struct batch;

enum batch_phase {
    BATCH_ADDING,  // until batch_look()
    BATCH_LOOKING, // at what the devices have and allow
    BATCH_READY,   // to be shown; batch_write() may be called
    BATCH_WRITING,
    BATCH_ENDED, // all results are final
};

enum batch_state {
    ITEM_WAITING, // not looked at yet
    ITEM_ALLOWED, // it will be written
    ITEM_SAME,    // the device has the value already: it won't be
    ITEM_REFUSED, // it can't or mustn't be: text says why
    ITEM_DONE,    // result and text tell what came of it
};

struct batch_item {
    struct target target; // a device
    const struct datapoint *datapoint;
    double number; // wanted
    double old;    // in flash; NaN until it was looked at
    enum batch_state state;
    enum record_result result; // ITEM_DONE. ITEM_ALLOWED: RECORD_PENDING once writing it has begun
    bool warned;               // ITEM_ALLOWED: the text has to be known before saying yes
    bool other_site;           // … and one must be sure that it is the right installation
    bool later;                // ITEM_REFUSED: beyond a limit that may be another one at the end
    char text[EDIT_TEXT_MAX];  // what is worth knowing of it; "" if nothing
};

struct batch_totals {
    size_t all, looked, allowed, same, refused;
    size_t dangerous;  // among the allowed, and those that are tried again at the end
    size_t other_site; // among the allowed
    size_t under_way;  // among the allowed: 1 while one is being written
    size_t later;      // among the refused
    size_t written, failed, unknown;
};

// changed(arg) (may be NULL) is called when there is something new; not from inside batch_*().
struct batch *batch_new(struct plant *plant, bool flash, void (*changed)(void *arg), void *arg);
// What is being written goes on and is recorded; the rest isn't. NULL is allowed.
void batch_free(struct batch *batch);

// Only in BATCH_ADDING. It is meant for the device that the plant knows at this number: no other
// one gets it. XC_USAGE, XC_READ_ONLY as edit_open(), with a line in error.
enum xc_status batch_add(struct batch *batch, const struct target *target,
                         const struct datapoint *datapoint, double number, char *error,
                         size_t error_size);
// Puts the items into the order in which they are written: what is dangerous behind the rest, what
// restarts or resets something last. When the connection is lost it is waited for; a device that
// has answered nothing twice isn't asked any more.
void batch_look(struct batch *batch);
// Writes what is allowed. What a device refuses is tried once more at the end: it may depend on
// what was still to come; so are values beyond a limit when something of that device has been
// written, and what wasn't sent because no answer came before. Another installation at this link,
// or attempts that can't be recorded, end it. When the connection is lost it is waited for.
void batch_write(struct batch *batch);
// Writes nothing more after what is under way.
void batch_stop(struct batch *batch);

enum batch_phase batch_phase(const struct batch *batch);
size_t batch_count(const struct batch *batch);
const struct batch_item *batch_item(const struct batch *batch, size_t i);
void batch_totals(const struct batch *batch, struct batch_totals *totals);

#endif
