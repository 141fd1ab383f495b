// SPDX-License-Identifier: MIT
// What the files of the logger share. Private to src/plant/.
//
// logger.c         when rows are taken, and what is told
// logger_text.c    CSV and JSON lines
// logger_sqlite.c  SQLite
#ifndef XC_PLANT_LOGGER_INTERNAL_H
#define XC_PLANT_LOGGER_INTERNAL_H

#include "plant/internal.h"
#include "plant/logger.h"
#include "plant/sampler.h"
#include "store/archive.h"
#include "store/logfile.h"
#include "store/rows.h"

enum { LOGGER_WHY_MAX = 80 };

// What is written is XC_OK; else note says why not, in one line. A note with XC_OK is for a person
// too.
struct logger_kind {
    enum xc_status (*open)(struct logger *logger, char note[LOGFILE_TEXT_MAX]);
    // why[i] of those that are NaN; synced: it is time for the disk.
    enum xc_status (*add)(struct logger *logger, int64_t time, const double *numbers,
                          char (*why)[LOGGER_WHY_MAX], bool synced, char note[LOGFILE_TEXT_MAX]);
    // Called before a row of so many bytes; 0: not known.
    size_t (*next_size)(struct logger *logger, int64_t time, const double *numbers,
                        char (*why)[LOGGER_WHY_MAX]);
    // The installation is known now, or another one (GUID): its file is. note tells what was done.
    enum xc_status (*claim)(struct logger *logger, const char *owner, char note[LOGFILE_TEXT_MAX]);
    enum xc_status (*rotate)(struct logger *logger, char note[LOGFILE_TEXT_MAX]);
    int64_t (*size)(const struct logger *logger);
    bool (*is_empty)(const struct logger *logger); // nothing but what a new file begins with
    int64_t (*last)(struct logger *logger);        // when a row was written last; 0: never
    void (*remark)(struct logger *logger, int64_t time, const char *text);
    void (*look)(struct logger *logger);           // often
    enum xc_status (*sync)(struct logger *logger); // what isn't on the disk yet
    void (*close)(struct logger *logger);
};

extern const struct logger_kind logger_text, logger_sqlite;

struct logger {
    struct loop *loop;
    struct plant *plant;
    struct selection selection;
    struct logger_options options;
    char *path;
    const struct logger_calls *calls;
    void *arg;
    const struct logger_kind *kind;
    enum logger_state state;
    struct plant_ref *refs;
    size_t count;
    struct sampler *sampler;
    char (*why)[LOGGER_WHY_MAX];
    uint64_t rows;
    int64_t last, synced, begun;
    int64_t added;   // loop_now() of the last row
    bool unsynced;   // it may not be on the disk yet
    bool claimed;    // for this installation
    unsigned rushed; // rows in a row in which values had no time
    bool rush_told;
    char error[LOGFILE_TEXT_MAX];
    bool full, silent, others, unkept; // told: the file, the gateway, another device, messages
    bool empty;                        // the last sample had no values
    bool unrotated;                    // … and that it couldn't be given another name
    int64_t drift;                     // of the installation's clock, as it was told
    struct loop_timer sync, first_look;

    // CSV and JSON lines.
    struct logger_columns *columns;
    struct logfile *file; // NULL: put()

    // SQLite.
    struct archive *archive;
    struct logger_series *series;
    unsigned version;      // of the messages that were kept, as plant_messages_state()
    int64_t messages_hold; // no others are tried before
};

#endif
