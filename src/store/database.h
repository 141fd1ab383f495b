// SPDX-License-Identifier: MIT
// What the files of this program have in common that are kept in SQLite: how they are made, opened,
// brought up to date and locked, and how their errors are told. Private to src/store/.
#ifndef XC_STORE_DATABASE_H
#define XC_STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "catalogue/catalogue.h"

enum { DATABASE_ERROR_MAX = 1024 };

// A kind of file. schema[i] makes version i + 1 of version i; numbers are never given twice.
struct database_kind {
    int64_t application_id; // says in SQLite's header whose file it is
    const char *what;       // "file of records", for errors
    const char *const *schema;
    int versions;
    bool makes_directories; // those of its path, 0700
};

struct database {
    const struct database_kind *kind;
    sqlite3 *db;
    bool reading;                   // nothing is written
    bool foreign;                   // the last call failed since it isn't such a file
    char *path;                     // as it was given: for errors
    char error[DATABASE_ERROR_MAX]; // why the last call failed, one line with the path
};

// Opens the file, or makes it (0600): a symbolic link in the place of the file, another program's
// file and a newer version are refused. Every commit is on the disk when it returns. XC_IO; close
// it also then, the error is in it.
enum xc_status database_open(struct database *database, const struct database_kind *kind,
                             const char *path);
// The same only to read a file that is there.
enum xc_status database_open_reading(struct database *database, const struct database_kind *kind,
                                     const char *path);
// One that is in memory only, and forgotten when it is closed.
enum xc_status database_open_memory(struct database *database, const struct database_kind *kind);
void database_close(struct database *database);
// Brings all that the write-ahead log has into the file, so that this is whole by itself until it
// is written to again. Nothing is waited for: XC_IO when somebody reads just now.
enum xc_status database_bring_in(struct database *database);
// Brings what was committed onto the disk. Nobody is waited for.
enum xc_status database_sync(struct database *database);

// Sets the error, and returns XC_IO.
enum xc_status database_fail(struct database *database, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// SQLite's last one, in words.
enum xc_status database_fail_sqlite(struct database *database);

enum xc_status database_run(struct database *database, const char *sql);
enum xc_status database_prepare(struct database *database, const char *sql,
                                sqlite3_stmt **statement);
// Runs a statement that is kept and gives no rows, or one whose first column is a number.
enum xc_status database_step(struct database *database, sqlite3_stmt *statement, int64_t *number);

// For writing the lock is taken at once: waiting for it later can't succeed when others have
// written in between.
enum xc_status database_begin(struct database *database, bool to_write);
// Commits when status is XC_OK, else nothing of it is done. Returns status, or XC_IO.
enum xc_status database_end(struct database *database, enum xc_status status);

// One after the other: i is 0 before the first one that is bound (NaN and NULL become NULL; a text
// must stay until the statement is reset) …
void bind_text(sqlite3_stmt *statement, int *i, const char *text);
void bind_int(sqlite3_stmt *statement, int *i, int64_t number);
void bind_number(sqlite3_stmt *statement, int *i, double number);
// … and -1 before the first that is taken.
void take_text(sqlite3_stmt *statement, int *i, char *out, size_t size);
int64_t take_int(sqlite3_stmt *statement, int *i);
double take_number(sqlite3_stmt *statement, int *i);
// By its name; FAMILY_COUNT when it isn't one.
enum family take_family(sqlite3_stmt *statement, int *i);

// Makes a directory (0700) with all above it, or finds it. path is changed meanwhile. 0, or -1 and
// errno.
int make_directory(char *path);

// $XDG_STATE_HOME/xcomtop/NAME, ~/.local/state without the variable. Returns out.
char *state_path(const char *name, char *out, size_t size);

#endif
