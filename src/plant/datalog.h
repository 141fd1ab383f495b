// SPDX-License-Identifier: MIT
// The datalog files of the gateway's SD card: their list, and fetching them into a directory of
// this computer (reference scom.md, "Datalog files"). Polling goes on between the blocks of a file.
// A corrupt block is asked for again; after anything else that goes wrong – silence, a lost
// connection, a block that came twice – the file is begun again, a few times. A file is kept only
// when it is whole.
#ifndef XC_PLANT_DATALOG_H
#define XC_PLANT_DATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/logname.h"
#include "plant/plant.h"

struct datalog;

enum { DATALOG_TEXT_MAX = 600 };

struct datalog_options {
    const char *directory; // where files go; copied; made with the first file
    bool quiet_hours; // leaves the card to the manufacturer's portal from 23:59 to 01:00 of the
                      // installation's clock
};

enum datalog_state {
    DATALOG_IDLE,   // nobody has asked for it
    DATALOG_QUEUED, // it will be fetched
    DATALOG_COMING, // it is being fetched
    DATALOG_DONE,   // it was fetched: text says what came of it
    DATALOG_FAILED, // it couldn't be: text says why
};

struct datalog_file {
    char name[LOGNAME_MAX];
    int64_t day;  // since 1970-01-01
    int64_t size; // bytes here; -1: it isn't
    enum datalog_state state;
    bool partial;                // … written before its day was over on the installation's clock
    char text[DATALOG_TEXT_MAX]; // one line
};

struct datalog_progress {
    bool listing;           // the list is being fetched
    char name[LOGNAME_MAX]; // the file under way, "" when none is
    size_t bytes, blocks;   // of it so far
    double rate;            // bytes a second so far; 0 while it isn't known
    // Estimates, since the directory has no sizes: from the file of the nearest day that is here.
    int64_t expected; // bytes of this file; 0 when unknown
    int64_t left;     // microseconds for it and all that are queued; < 0 when unknown
    size_t queued, done, failed;
    bool quiet;                  // waits for the end of the quiet hours
    char text[DATALOG_TEXT_MAX]; // what it waits for or what went wrong; "" when nothing did
};

// One for a plant. changed(arg) (may be NULL) is called when there is something new; not from
// inside datalog_*().
struct datalog *datalog_new(struct plant *plant, const struct datalog_options *options,
                            void (*changed)(void *arg), void *arg);
// Before the plant's end. What is under way isn't ended properly: see datalog_stop(). NULL is
// allowed.
void datalog_free(struct datalog *datalog);

const char *datalog_directory(const struct datalog *datalog);

// Fetches the list (again).
void datalog_list(struct datalog *datalog);
// True once the list has come; loop_now() then in *when, which may be NULL.
bool datalog_listed(const struct datalog *datalog, int64_t *when);
// Names in the last list that no datalog file has: they aren't shown.
size_t datalog_strange(const struct datalog *datalog);

// The files of the list and those asked for by their names, newest first. Valid until the loop goes
// on.
size_t datalog_count(const struct datalog *datalog);
const struct datalog_file *datalog_file(const struct datalog *datalog, size_t i);

// Queues a file, listed or not. XC_RANGE when it isn't the name of one.
enum xc_status datalog_get(struct datalog *datalog, const char *name);
// Takes it back; one that is under way is aborted.
void datalog_drop(struct datalog *datalog, const char *name);
// Ends everything: drops all, aborts what is under way.
void datalog_stop(struct datalog *datalog);
// True while something is under way, queued, or being aborted.
bool datalog_busy(const struct datalog *datalog);
// True while a transfer is open at the gateway, as far as is known.
bool datalog_open(const struct datalog *datalog);

void datalog_progress(const struct datalog *datalog, struct datalog_progress *progress);

#endif
