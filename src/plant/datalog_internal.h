// SPDX-License-Identifier: MIT
// What the two files of datalog share: datalog.c has the list and the queue, datalog_transfer.c the
// one transfer that is under way.
#ifndef XC_PLANT_DATALOG_INTERNAL_H
#define XC_PLANT_DATALOG_INTERNAL_H

#include "plant/datalog.h"
#include "plant/internal.h"

enum transfer_of { TRANSFER_OF_NOTHING, TRANSFER_OF_LIST, TRANSFER_OF_FILE };

// A question of ours that is on its way.
enum transfer_asked { ASKED_NOTHING, ASKED_WHO, ASKED_CLOCK, ASKED_STEP, ASKED_BETWEEN, ASKED_END };

struct datalog {
    struct plant *plant;
    char *directory;
    bool quiet_hours;
    void (*changed)(void *arg);
    void *arg;
    struct loop_timer changed_timer;

    struct datalog_file *files; // newest first
    size_t count, room;
    bool list_wanted, listed;
    int64_t listed_at;
    size_t strange;
    size_t done, failed; // since the queue was empty

    // The transfer.
    enum transfer_of of;
    char name[LOGNAME_MAX]; // TRANSFER_OF_FILE
    enum transfer_asked asked;
    bool open;        // the gateway is in the middle of it, or may be
    bool end_due;     // it must be told to end it
    bool is_list;     // … which is the list's
    bool careful;     // something else is asked between two blocks, so that one that comes twice
                      // comes then
    bool between_due; // … and that is still to be done
    size_t suspect;   // the block that equalled an earlier one, from 1; 0: none did
    unsigned attempts;
    uint8_t *bytes;
    size_t length, bytes_room;
    size_t *blocks; // where each begins
    size_t block_count, block_room;
    int64_t began, moved; // loop_now() of this attempt's first question and its last block
    int64_t hold;         // nothing is asked before
    bool is_quiet;        // … since these are the quiet hours
    unsigned recognised;  // the connection on which the gateway was asked who it is
    unsigned who_silences;
    bool clock_asked; // on this connection
    char text[DATALOG_TEXT_MAX];
};

// --- datalog.c -----------------------------------------------------------------------------------

// Something that can be seen has changed.
void datalog_touch(struct datalog *datalog);
struct datalog_file *datalog_find(struct datalog *datalog, const char *name);
// The list has come as a whole.
void datalog_take_list(struct datalog *datalog, const uint8_t *bytes, size_t length);
void datalog_take_file(struct datalog *datalog, const char *name, const uint8_t *bytes,
                       size_t length);
// What is under way can't be had.
void datalog_give_up(struct datalog *datalog, const char *why);
// Nothing of what is wanted can be had.
void datalog_refuse_all(struct datalog *datalog, const char *why);
// The next file of the queue; NULL when there is none.
struct datalog_file *datalog_next(struct datalog *datalog);

// --- datalog_transfer.c --------------------------------------------------------------------------

// Forgets what has come so far; the next question begins anew.
void transfer_restart(struct datalog *datalog);
void transfer_free(struct datalog *datalog);

#endif
