// SPDX-License-Identifier: MIT
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

enum { BUSY_MS = 1000 };

// --- Errors --------------------------------------------------------------------------------------

enum xc_status database_fail(struct database *database, const char *format, ...)
{
    size_t used = 0;
    va_list args;

    text_append(database->error, sizeof database->error, &used, "%s: ", database->path);
    va_start(args, format);
    vsnprintf(database->error + used, sizeof database->error - used, format, args);
    va_end(args);
    return XC_IO;
}

static enum xc_status fail_foreign(struct database *database)
{
    database->foreign = true;
    return database_fail(database, "this is no %s%s", database->kind->what,
                         database->reading ? "" : "; it is left as it is");
}

static enum xc_status fail_errno(struct database *database, int code)
{
    if (code == ENOSPC || code == EDQUOT)
        return database_fail(database, "the disk is full");
    return database_fail(database, "%s", strerror(code));
}

enum xc_status database_fail_sqlite(struct database *database)
{
    int system_error = sqlite3_system_errno(database->db);

    switch (sqlite3_errcode(database->db)) {
    case SQLITE_FULL:
        return fail_errno(database, ENOSPC);
    case SQLITE_BUSY:
        return database_fail(database, "another program keeps it locked");
    case SQLITE_READONLY:
        return database_fail(database, "it can't be written to");
    case SQLITE_NOTADB:
        return fail_foreign(database);
    case SQLITE_CORRUPT:
        return database_fail(database, "the file is damaged%s",
                             database->reading ? "" : "; it is left as it is");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (system_error != 0)
            return fail_errno(database, system_error);
        break;
    default:
        break;
    }
    return database_fail(database, "%s", sqlite3_errmsg(database->db));
}

// --- SQL -----------------------------------------------------------------------------------------

enum xc_status database_run(struct database *database, const char *sql)
{
    return sqlite3_exec(database->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? XC_OK
               : database_fail_sqlite(database);
}

enum xc_status database_prepare(struct database *database, const char *sql,
                                sqlite3_stmt **statement)
{
    return sqlite3_prepare_v2(database->db, sql, -1, statement, NULL) == SQLITE_OK
               ? XC_OK
               : database_fail_sqlite(database);
}

enum xc_status database_step(struct database *database, sqlite3_stmt *statement, int64_t *number)
{
    int code = sqlite3_step(statement);
    enum xc_status status = code == SQLITE_DONE || code == SQLITE_ROW ? XC_OK : XC_IO;

    if (code == SQLITE_ROW && number)
        *number = sqlite3_column_int64(statement, 0);
    if (status != XC_OK)
        status = database_fail_sqlite(database);
    sqlite3_reset(statement);
    return status;
}

static enum xc_status ask_number(struct database *database, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    enum xc_status status = database_prepare(database, sql, &statement);

    if (status == XC_OK)
        status = database_step(database, statement, number);
    sqlite3_finalize(statement);
    return status;
}

enum xc_status database_begin(struct database *database, bool to_write)
{
    return database_run(database, to_write ? "BEGIN IMMEDIATE" : "BEGIN");
}

enum xc_status database_end(struct database *database, enum xc_status status)
{
    if (status == XC_OK)
        status = database_run(database, "COMMIT");
    if (!sqlite3_get_autocommit(database->db))
        sqlite3_exec(database->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

void bind_text(sqlite3_stmt *statement, int *i, const char *text)
{
    sqlite3_bind_text(statement, ++*i, text, -1, SQLITE_STATIC);
}

void bind_int(sqlite3_stmt *statement, int *i, int64_t number)
{
    sqlite3_bind_int64(statement, ++*i, number);
}

// SQLite makes NULL of NaN by itself; take_number() takes it back.
void bind_number(sqlite3_stmt *statement, int *i, double number)
{
    sqlite3_bind_double(statement, ++*i, number);
}

void take_text(sqlite3_stmt *statement, int *i, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(statement, ++*i);

    snprintf(out, size, "%s", text ? (const char *)text : "");
}

int64_t take_int(sqlite3_stmt *statement, int *i)
{
    return sqlite3_column_int64(statement, ++*i);
}

double take_number(sqlite3_stmt *statement, int *i)
{
    bool none = sqlite3_column_type(statement, ++*i) == SQLITE_NULL;

    return none ? (double)NAN : sqlite3_column_double(statement, *i);
}

enum family take_family(sqlite3_stmt *statement, int *i)
{
    char name[8];
    enum family family = FAMILY_XT;

    take_text(statement, i, name, sizeof name);
    while (family < FAMILY_COUNT && strcmp(family_name(family), name) != 0)
        family++;
    return family;
}

// --- Opening -------------------------------------------------------------------------------------

char *state_path(const char *name, char *out, size_t size)
{
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    // A relative one is to be ignored (XDG Base Directory Specification).
    if (base && base[0] == '/')
        snprintf(out, size, "%s/xcomtop/%s", base, name);
    else
        snprintf(out, size, "%s/.local/state/xcomtop/%s", home ? home : "", name);
    return out;
}

int make_directory(char *path)
{
    char *slash = strrchr(path, '/');

    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    if (errno != ENOENT || !slash || slash == path)
        return -1;
    *slash = '\0';
    int made = make_directory(path);
    *slash = '/';
    if (made != 0)
        return made;
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

// The path without symbolic links in its directories, for the caller to free; NULL and errno. Only
// the file itself may still be one.
static char *resolve(const struct database *database)
{
    char *directory = xstrdup(database->path), *slash = strrchr(directory, '/');
    const char *name = slash ? database->path + (slash - directory) + 1 : database->path;
    char *real = NULL, *resolved = NULL;

    if (slash)
        *slash = '\0';
    if (slash && slash != directory && database->kind->makes_directories &&
        make_directory(directory) != 0)
        goto done;
    resolved = realpath(!slash ? "." : slash == directory ? "/" : directory, NULL);
    if (!resolved)
        goto done;
    size_t size = strlen(resolved) + strlen(name) + 2;
    real = xcalloc(size, 1);
    snprintf(real, size, "%s/%s", resolved, name);
done:
    free(resolved);
    free(directory);
    return real;
}

static enum xc_status check_file(struct database *database, const char *real, int rights)
{
    struct stat what;

    if (lstat(real, &what) != 0)
        return fail_errno(database, errno);
    if (!S_ISREG(what.st_mode))
        return database_fail(database, S_ISLNK(what.st_mode) ? "a symbolic link; it isn't followed"
                                                             : "this isn't a regular file");
    return access(real, rights) == 0 ? XC_OK : fail_errno(database, errno);
}

// Makes what isn't there yet.
static enum xc_status make_file(struct database *database, const char *real)
{
    // A file that exists isn't opened here: closing it would give up this process's locks on it.
    int file = open(real, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (file < 0)
        return errno == EEXIST ? check_file(database, real, R_OK | W_OK)
                               : fail_errno(database, errno);
    close(file);
    return XC_OK;
}

// Refuses what isn't ours to touch; version is 0 for a file that is still empty. In a transaction:
// another program may be making the file.
static enum xc_status check_version(struct database *database, int64_t *version)
{
    int64_t application = 0, things = 0;
    enum xc_status status = ask_number(database, "PRAGMA application_id", &application);

    if (status == XC_OK)
        status = ask_number(database, "PRAGMA user_version", version);
    if (status == XC_OK)
        status = ask_number(database, "SELECT count(*) FROM sqlite_schema", &things);
    if (status != XC_OK)
        return status;
    bool empty = application == 0 && *version == 0 && things == 0;
    if (!empty && application != database->kind->application_id)
        return fail_foreign(database);
    if (*version > database->kind->versions)
        return database_fail(database,
                             "a newer xcomtop has made it (version %d; this one knows %d)",
                             (int)*version, database->kind->versions);
    return XC_OK;
}

static enum xc_status migrate(struct database *database)
{
    int64_t version = 0;
    enum xc_status status = database_begin(database, true);

    if (status != XC_OK)
        return status;
    // Another program may have been faster.
    status = check_version(database, &version);
    for (int64_t i = version; status == XC_OK && i < database->kind->versions; i++) {
        char stamp[96];
        snprintf(stamp, sizeof stamp,
                 "PRAGMA application_id = %" PRId64 "; PRAGMA user_version = %" PRId64,
                 database->kind->application_id, i + 1);
        status = database_run(database, database->kind->schema[i]);
        if (status == XC_OK)
            status = database_run(database, stamp);
    }
    return database_end(database, status);
}

// The one step that doesn't wait for others: who keeps the file busy now is about to do it too, and
// until then SQLite's usual journal is as safe.
static enum xc_status use_write_ahead_log(struct database *database)
{
    int code = sqlite3_exec(database->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);

    return code == SQLITE_OK || code == SQLITE_BUSY ? XC_OK : database_fail_sqlite(database);
}

static enum xc_status connect_file(struct database *database, const char *real)
{
    int64_t version = 0;

    if (sqlite3_open_v2(real, &database->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) !=
        SQLITE_OK)
        return database_fail_sqlite(database);
    sqlite3_busy_timeout(database->db, BUSY_MS);
    enum xc_status status = database_begin(database, false);
    if (status == XC_OK)
        status = database_end(database, check_version(database, &version));
    if (status == XC_OK)
        status = use_write_ahead_log(database);
    if (status == XC_OK)
        status = database_run(database, "PRAGMA synchronous = FULL");
    if (status == XC_OK && version < database->kind->versions)
        status = migrate(database);
    return status;
}

static void prepare_opening(struct database *database, const struct database_kind *kind,
                            const char *path)
{
    *database = (struct database){.kind = kind, .path = xstrdup(path)};
}

enum xc_status database_open(struct database *database, const struct database_kind *kind,
                             const char *path)
{
    prepare_opening(database, kind, path);
    char *real = resolve(database);
    enum xc_status status = real ? make_file(database, real) : fail_errno(database, errno);
    if (status == XC_OK)
        status = connect_file(database, real);
    free(real);
    return status;
}

enum xc_status database_open_reading(struct database *database, const struct database_kind *kind,
                                     const char *path)
{
    int64_t version = 0;

    prepare_opening(database, kind, path);
    database->reading = true;
    char *real = resolve(database);
    enum xc_status status = real ? check_file(database, real, R_OK) : fail_errno(database, errno);
    if (status == XC_OK &&
        sqlite3_open_v2(real, &database->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW, NULL) !=
            SQLITE_OK)
        status = database_fail_sqlite(database);
    free(real);
    if (status != XC_OK)
        return status;
    sqlite3_busy_timeout(database->db, BUSY_MS);
    status = database_begin(database, false);
    if (status == XC_OK)
        status = database_end(database, check_version(database, &version));
    if (status == XC_OK && version == 0)
        status = database_fail(database, "the file is empty: nothing was written to it yet");
    if (status == XC_OK && version < database->kind->versions)
        status =
            database_fail(database, "an older xcomtop has made it; log to it once with this one");
    return status;
}

enum xc_status database_open_memory(struct database *database, const struct database_kind *kind)
{
    prepare_opening(database, kind, "memory");
    if (sqlite3_open_v2(":memory:", &database->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return database_fail_sqlite(database);
    return migrate(database);
}

void database_close(struct database *database)
{
    sqlite3_close(database->db);
    free(database->path);
    *database = (struct database){0};
}

enum xc_status database_bring_in(struct database *database)
{
    sqlite3_busy_timeout(database->db, 0);
    int code =
        sqlite3_wal_checkpoint_v2(database->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    enum xc_status status = code == SQLITE_OK ? XC_OK : database_fail_sqlite(database);
    sqlite3_busy_timeout(database->db, BUSY_MS);
    return status;
}

enum xc_status database_sync(struct database *database)
{
    int code = sqlite3_wal_checkpoint_v2(database->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    // Another program is about to do the same.
    return code == SQLITE_OK || code == SQLITE_BUSY ? XC_OK : database_fail_sqlite(database);
}
