// SPDX-License-Identifier: MIT
// What writing and reading a log in SQLite share. Private to src/store/.
#ifndef XC_STORE_ARCHIVE_INTERNAL_H
#define XC_STORE_ARCHIVE_INTERNAL_H

#include "store/archive.h"
#include "store/aside.h"
#include "store/claim.h"
#include "store/database.h"

enum archive_statement {
    ARCHIVE_FIND_DEVICE,
    ARCHIVE_MAKE_DEVICE,
    ARCHIVE_RENEW_DEVICE,
    ARCHIVE_FIND_VALUE,
    ARCHIVE_MAKE_VALUE,
    ARCHIVE_ADD_SAMPLE,
    ARCHIVE_ADD_SPAN,
    ARCHIVE_ADD_MESSAGE,
    ARCHIVE_ADD_NOTE,
    ARCHIVE_STATEMENTS
};

// The lengths of the spans that are kept beside the samples, microseconds.
enum { ARCHIVE_WIDTHS = 2 };
extern const int64_t archive_widths[ARCHIVE_WIDTHS]; // the shorter one first

struct archive {
    struct database database;
    char *path;
    int lock; // of the one who logs to it; -1
    bool synced;
    char owner[CLAIM_MAX]; // "": not known
    sqlite3_stmt *statements[ARCHIVE_STATEMENTS];
    struct aside_zip zip;
};

#endif
