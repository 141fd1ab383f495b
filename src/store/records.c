// SPDX-License-Identifier: MIT
#include "store/records.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

enum { ERROR_MAX = 1024, SQL_MAX = 1024, BUSY_MS = 1000 };

struct records {
    sqlite3 *db;
    char *path; // as it was given: for errors
    sqlite3_stmt *insert, *update, *count, *ids;
    char error[ERROR_MAX];
};

// --- The schema ----------------------------------------------------------------------------------

// Says that a file is ours, in SQLite's header: "xcrw".
#define APPLICATION_ID "2019783287"

// In the order of bind_attempt() and take_record(). family and result are words, so that the file
// can be read without this program.
#define ATTEMPT                                                                                    \
    "time, who, site, guid, device, address, sent_to, key, family, id, flash, old, new, undo"
#define OUTCOME "result, error, read_back"

// schema[i] makes version i + 1 of version i. Numbers are never given twice.
static const char *const schema[] = {
    "CREATE TABLE writes ("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " time INTEGER NOT NULL," // microseconds since 1970 UTC
    " who TEXT NOT NULL, site TEXT NOT NULL, guid TEXT NOT NULL,"
    " device TEXT NOT NULL, address INTEGER NOT NULL, sent_to INTEGER NOT NULL,"
    " key TEXT NOT NULL, family TEXT NOT NULL, id INTEGER NOT NULL, flash INTEGER NOT NULL,"
    " old REAL, new REAL, undo INTEGER NOT NULL,"
    " result TEXT NOT NULL, error INTEGER NOT NULL, read_back REAL) STRICT;"
    "CREATE INDEX writes_parameter ON writes (key, family, id);"
    "CREATE INDEX writes_time ON writes (time);"
    "PRAGMA application_id = " APPLICATION_ID ";"
    "PRAGMA user_version = 1;",
    // A value that is kept has hundreds of thousands of records after some months.
    "CREATE INDEX writes_device ON writes (key);"
    "CREATE INDEX writes_flash ON writes (key, family, id) WHERE flash;"
    "PRAGMA user_version = 2;",
};
enum { SCHEMA_VERSION = sizeof schema / sizeof *schema };

static const char *const result_names[RECORD_RESULT_COUNT] = {
    [RECORD_PENDING] = "pending", [RECORD_WRITTEN] = "written",   [RECORD_DIFFERS] = "differs",
    [RECORD_REFUSED] = "refused", [RECORD_NOT_SENT] = "not sent", [RECORD_UNKNOWN] = "unknown",
};

const char *record_result_name(enum record_result result)
{
    return result_names[result];
}

const char *record_undo_refusal(const struct record *record)
{
    const struct datapoint *datapoint = catalogue_find(record->family, record->id);

    if (!datapoint)
        return "its parameter isn't in the tables";
    if (!datapoint_is_setting(datapoint))
        return "it isn't a setting";
    if (isnan(record->old))
        return "the value before isn't known";
    if (record->result == RECORD_NOT_SENT)
        return "it was never sent";
    return record->result == RECORD_REFUSED ? "it was refused" : NULL;
}

// --- Errors --------------------------------------------------------------------------------------

static enum xc_status fail(struct records *records, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum xc_status fail(struct records *records, const char *format, ...)
{
    size_t used = 0;
    va_list args;

    text_append(records->error, sizeof records->error, &used, "%s: ", records->path);
    va_start(args, format);
    vsnprintf(records->error + used, sizeof records->error - used, format, args);
    va_end(args);
    return XC_IO;
}

static enum xc_status fail_errno(struct records *records, int code)
{
    if (code == ENOSPC || code == EDQUOT)
        return fail(records, "the disk is full");
    return fail(records, "%s", strerror(code));
}

// SQLite's last error, in words.
static enum xc_status fail_sqlite(struct records *records)
{
    int system_error = sqlite3_system_errno(records->db);

    switch (sqlite3_errcode(records->db)) {
    case SQLITE_FULL:
        return fail_errno(records, ENOSPC);
    case SQLITE_BUSY:
        return fail(records, "another program keeps it locked");
    case SQLITE_READONLY:
        return fail(records, "it can't be written to");
    case SQLITE_NOTADB:
        return fail(records, "this is no file of records; it is left as it is");
    case SQLITE_CORRUPT:
        return fail(records, "the file is damaged; it is left as it is");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (system_error != 0)
            return fail_errno(records, system_error);
        break;
    default:
        break;
    }
    return fail(records, "%s", sqlite3_errmsg(records->db));
}

const char *records_error(const struct records *records)
{
    return records->error;
}

// --- SQL -----------------------------------------------------------------------------------------

static enum xc_status run(struct records *records, const char *sql)
{
    return sqlite3_exec(records->db, sql, NULL, NULL, NULL) == SQLITE_OK ? XC_OK
                                                                         : fail_sqlite(records);
}

static enum xc_status prepare(struct records *records, const char *sql, sqlite3_stmt **statement)
{
    return sqlite3_prepare_v2(records->db, sql, -1, statement, NULL) == SQLITE_OK
               ? XC_OK
               : fail_sqlite(records);
}

// Runs a statement that is kept and gives no rows, or one with a number.
static enum xc_status step(struct records *records, sqlite3_stmt *statement, int64_t *number)
{
    int code = sqlite3_step(statement);
    enum xc_status status = code == SQLITE_DONE || code == SQLITE_ROW ? XC_OK : XC_IO;

    if (code == SQLITE_ROW && number)
        *number = sqlite3_column_int64(statement, 0);
    if (status != XC_OK)
        status = fail_sqlite(records);
    sqlite3_reset(statement);
    return status;
}

static enum xc_status ask_number(struct records *records, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement = NULL;
    enum xc_status status = prepare(records, sql, &statement);

    if (status == XC_OK)
        status = step(records, statement, number);
    sqlite3_finalize(statement);
    return status;
}

// For writing the lock is taken at once: waiting for it later can't succeed when others have
// written in between.
static enum xc_status begin(struct records *records, bool to_write)
{
    return run(records, to_write ? "BEGIN IMMEDIATE" : "BEGIN");
}

// All or nothing.
static enum xc_status end(struct records *records, enum xc_status status)
{
    if (status == XC_OK)
        status = run(records, "COMMIT");
    if (!sqlite3_get_autocommit(records->db))
        sqlite3_exec(records->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static void bind_text(sqlite3_stmt *statement, int *i, const char *text)
{
    sqlite3_bind_text(statement, ++*i, text, -1, SQLITE_STATIC);
}

static void bind_int(sqlite3_stmt *statement, int *i, int64_t number)
{
    sqlite3_bind_int64(statement, ++*i, number);
}

// SQLite makes NULL of NaN by itself; take_number() takes it back.
static void bind_number(sqlite3_stmt *statement, int *i, double number)
{
    sqlite3_bind_double(statement, ++*i, number);
}

// --- Opening -------------------------------------------------------------------------------------

char *records_path(bool demo, char *out, size_t size)
{
    const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const char *name = demo ? "demo-records.sqlite" : "records.sqlite";

    // A relative one is to be ignored (XDG Base Directory Specification).
    if (base && base[0] == '/')
        snprintf(out, size, "%s/xcomtop/%s", base, name);
    else
        snprintf(out, size, "%s/.local/state/xcomtop/%s", home ? home : "", name);
    return out;
}

// With all above it. 0, or -1 and errno.
static int make_directory(char *path)
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

// Makes what isn't there yet. *real is the path without symbolic links in its directories; the
// caller frees it.
static enum xc_status make_file(struct records *records, char **real)
{
    char *directory = xstrdup(records->path), *name = strrchr(directory, '/'), *resolved = NULL;
    enum xc_status status = XC_OK;
    struct stat what;

    if (!name || name == directory) {
        status = fail(records, "expected a path with a directory");
        goto done;
    }
    *name++ = '\0';
    if (make_directory(directory) != 0 || (resolved = realpath(directory, NULL)) == NULL) {
        status = fail_errno(records, errno);
        goto done;
    }
    size_t size = strlen(resolved) + strlen(name) + 2;
    *real = xcalloc(size, 1);
    snprintf(*real, size, "%s/%s", resolved, name);
    // A file that exists isn't opened here: closing it would give up this process's locks on it.
    int file = open(*real, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
    else if (errno != EEXIST || lstat(*real, &what) != 0)
        status = fail_errno(records, errno);
    else if (!S_ISREG(what.st_mode))
        status = fail(records, S_ISLNK(what.st_mode) ? "a symbolic link; it isn't followed"
                                                     : "this isn't a regular file");
    else if (access(*real, R_OK | W_OK) != 0)
        status = fail_errno(records, errno);
done:
    free(resolved);
    free(directory);
    return status;
}

// Refuses what isn't ours to touch; version is 0 for a file that is still empty. In a transaction:
// another program may be making the file.
static enum xc_status check_version(struct records *records, int64_t *version)
{
    int64_t application = 0, things = 0;
    enum xc_status status = ask_number(records, "PRAGMA application_id", &application);

    if (status == XC_OK)
        status = ask_number(records, "PRAGMA user_version", version);
    if (status == XC_OK)
        status = ask_number(records, "SELECT count(*) FROM sqlite_schema", &things);
    if (status != XC_OK)
        return status;
    bool empty = application == 0 && *version == 0 && things == 0;
    if (!empty && application != strtoll(APPLICATION_ID, NULL, 10))
        return fail(records, "this is no file of records; it is left as it is");
    if (*version > SCHEMA_VERSION)
        return fail(records, "a newer xcomtop has made it (version %d; this one knows %d)",
                    (int)*version, (int)SCHEMA_VERSION);
    return XC_OK;
}

static enum xc_status migrate(struct records *records)
{
    int64_t version = 0;
    enum xc_status status = begin(records, true);

    if (status != XC_OK)
        return status;
    // Another program may have been faster.
    status = check_version(records, &version);
    for (int64_t i = version; status == XC_OK && i < SCHEMA_VERSION; i++)
        status = run(records, schema[i]);
    return end(records, status);
}

// The one step that doesn't wait for others: who keeps the file busy now is about to do it too, and
// until then SQLite's usual journal is as safe.
static enum xc_status use_write_ahead_log(struct records *records)
{
    int code = sqlite3_exec(records->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);

    return code == SQLITE_OK || code == SQLITE_BUSY ? XC_OK : fail_sqlite(records);
}

static enum xc_status connect_file(struct records *records, const char *real)
{
    int64_t version = 0;

    if (sqlite3_open_v2(real, &records->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) !=
        SQLITE_OK)
        return fail_sqlite(records);
    sqlite3_busy_timeout(records->db, BUSY_MS);
    enum xc_status status = begin(records, false);
    if (status == XC_OK)
        status = end(records, check_version(records, &version));
    if (status == XC_OK)
        status = use_write_ahead_log(records);
    if (status == XC_OK)
        status = run(records, "PRAGMA synchronous = FULL");
    if (status == XC_OK && version < SCHEMA_VERSION)
        status = migrate(records);
    return status;
}

static enum xc_status prepare_all(struct records *records)
{
    enum xc_status status =
        prepare(records,
                "INSERT INTO writes (" ATTEMPT ", " OUTCOME ")"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL)",
                &records->insert);

    if (status == XC_OK)
        status =
            prepare(records, "UPDATE writes SET result = ?, error = ?, read_back = ? WHERE n = ?",
                    &records->update);
    if (status == XC_OK)
        status = prepare(records,
                         "SELECT count(*) FROM writes WHERE key = ? AND family = ? AND id = ?"
                         " AND flash AND result NOT IN (?, ?)",
                         &records->count);
    if (status == XC_OK)
        status = prepare(records, "SELECT DISTINCT id FROM writes WHERE key = ? AND family = ?",
                         &records->ids);
    return status;
}

enum xc_status records_open(const char *path, struct records **out, char *error, size_t error_size)
{
    struct records *records = xcalloc(1, sizeof *records);
    char *real = NULL;

    records->path = xstrdup(path);
    enum xc_status status = make_file(records, &real);
    if (status == XC_OK)
        status = connect_file(records, real);
    if (status == XC_OK)
        status = prepare_all(records);
    free(real);
    *out = records;
    if (status == XC_OK)
        return XC_OK;
    snprintf(error, error_size, "%s", records->error);
    records_close(records);
    *out = NULL;
    return status;
}

void records_close(struct records *records)
{
    if (!records)
        return;
    sqlite3_finalize(records->insert);
    sqlite3_finalize(records->update);
    sqlite3_finalize(records->count);
    sqlite3_finalize(records->ids);
    sqlite3_close(records->db);
    free(records->path);
    free(records);
}

// --- Writing -------------------------------------------------------------------------------------

static void bind_attempt(sqlite3_stmt *statement, const struct record *record)
{
    int i = 0;

    bind_int(statement, &i, record->time);
    bind_text(statement, &i, record->who);
    bind_text(statement, &i, record->site);
    bind_text(statement, &i, record->guid);
    bind_text(statement, &i, record->device);
    bind_int(statement, &i, record->address);
    bind_int(statement, &i, record->sent_to);
    bind_text(statement, &i, record->key);
    bind_text(statement, &i, family_name(record->family));
    bind_int(statement, &i, record->id);
    bind_int(statement, &i, record->flash);
    bind_number(statement, &i, record->old);
    bind_number(statement, &i, record->new);
    bind_int(statement, &i, record->undo);
    bind_text(statement, &i, record_result_name(RECORD_PENDING));
}

enum xc_status records_begin(struct records *records, struct record *list, size_t count)
{
    enum xc_status status = begin(records, true);

    if (status != XC_OK)
        return status;
    for (size_t i = 0; i < count && status == XC_OK; i++) {
        bind_attempt(records->insert, &list[i]);
        status = step(records, records->insert, NULL);
        list[i].n = sqlite3_last_insert_rowid(records->db);
    }
    return end(records, status);
}

static enum xc_status finish_one(struct records *records, const struct record *record)
{
    int i = 0;

    bind_text(records->update, &i, record_result_name(record->result));
    bind_int(records->update, &i, record->error);
    bind_number(records->update, &i, record->read_back);
    bind_int(records->update, &i, record->n);
    enum xc_status status = step(records, records->update, NULL);
    if (status == XC_OK && sqlite3_changes(records->db) != 1)
        status = fail(records, "there is no record %lld", (long long)record->n);
    return status;
}

enum xc_status records_finish(struct records *records, const struct record *list, size_t count)
{
    enum xc_status status = begin(records, true);

    if (status != XC_OK)
        return status;
    for (size_t i = 0; i < count && status == XC_OK; i++)
        status = finish_one(records, &list[i]);
    return end(records, status);
}

// --- Reading -------------------------------------------------------------------------------------

enum xc_status records_flash_count(struct records *records, const char *key, enum family family,
                                   unsigned id, unsigned *count)
{
    int64_t number = 0;
    int i = 0;

    bind_text(records->count, &i, key);
    bind_text(records->count, &i, family_name(family));
    bind_int(records->count, &i, id);
    bind_text(records->count, &i, record_result_name(RECORD_REFUSED));
    bind_text(records->count, &i, record_result_name(RECORD_NOT_SENT));
    enum xc_status status = step(records, records->count, &number);
    *count = (unsigned)number;
    return status;
}

enum xc_status records_ids(struct records *records, const char *key, enum family family,
                           uint16_t *ids, size_t room, size_t *count)
{
    enum xc_status status = XC_OK;
    int i = 0, code = SQLITE_DONE;

    *count = 0;
    bind_text(records->ids, &i, key);
    bind_text(records->ids, &i, family_name(family));
    while (*count < room && (code = sqlite3_step(records->ids)) == SQLITE_ROW)
        ids[(*count)++] = (uint16_t)sqlite3_column_int64(records->ids, 0);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = fail_sqlite(records);
    sqlite3_reset(records->ids);
    return status;
}

static void take_text(sqlite3_stmt *statement, int *i, char *out, size_t size)
{
    const unsigned char *text = sqlite3_column_text(statement, ++*i);

    snprintf(out, size, "%s", text ? (const char *)text : "");
}

static int64_t take_int(sqlite3_stmt *statement, int *i)
{
    return sqlite3_column_int64(statement, ++*i);
}

static double take_number(sqlite3_stmt *statement, int *i)
{
    bool none = sqlite3_column_type(statement, ++*i) == SQLITE_NULL;

    return none ? (double)NAN : sqlite3_column_double(statement, *i);
}

static enum family take_family(sqlite3_stmt *statement, int *i)
{
    char name[8];
    enum family family = FAMILY_XT;

    take_text(statement, i, name, sizeof name);
    while (family < FAMILY_COUNT && strcmp(family_name(family), name) != 0)
        family++;
    return family;
}

static enum record_result take_result(sqlite3_stmt *statement, int *i)
{
    char name[16];

    take_text(statement, i, name, sizeof name);
    for (unsigned result = 0; result < RECORD_RESULT_COUNT; result++)
        if (strcmp(result_names[result], name) == 0)
            return (enum record_result)result;
    return RECORD_UNKNOWN;
}

static void take_record(sqlite3_stmt *statement, struct record *record)
{
    int i = -1;

    record->n = take_int(statement, &i);
    record->time = take_int(statement, &i);
    take_text(statement, &i, record->who, sizeof record->who);
    take_text(statement, &i, record->site, sizeof record->site);
    take_text(statement, &i, record->guid, sizeof record->guid);
    take_text(statement, &i, record->device, sizeof record->device);
    record->address = (uint32_t)take_int(statement, &i);
    record->sent_to = (uint32_t)take_int(statement, &i);
    take_text(statement, &i, record->key, sizeof record->key);
    record->family = take_family(statement, &i);
    record->id = (uint16_t)take_int(statement, &i);
    record->flash = take_int(statement, &i) != 0;
    record->old = take_number(statement, &i);
    record->new = take_number(statement, &i);
    record->undo = take_int(statement, &i);
    record->result = take_result(statement, &i);
    record->error = (uint16_t)take_int(statement, &i);
    record->read_back = take_number(statement, &i);
}

// Only the conditions that are wanted, so that an index can serve them. The parameters keep their
// numbers; the last one is always there.
static void filter_sql(const struct record_filter *filter, char *sql, size_t size)
{
    const struct {
        bool wanted;
        const char *condition;
    } conditions[] = {
        {filter->n != 0, " AND n = ?1"},
        {filter->device != NULL, " AND (device = ?2 COLLATE NOCASE OR family = ?2 COLLATE NOCASE)"},
        {filter->key != NULL, " AND key = ?3"},
        {filter->site != NULL, " AND site = ?4"},
        {filter->id != 0, " AND id = ?6"},
        {filter->id != 0 && filter->family != FAMILY_NONE, " AND family = ?5"},
        {filter->since != 0, " AND time >= ?7"},
        {filter->flash_only, " AND flash"},
    };
    size_t used = 0;

    text_append(sql, size, &used,
                "SELECT * FROM (SELECT n, " ATTEMPT ", " OUTCOME " FROM writes WHERE true");
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].wanted)
            text_append(sql, size, &used, "%s", conditions[i].condition);
    text_append(sql, size, &used, " ORDER BY n DESC LIMIT ?8) ORDER BY n");
}

static void bind_filter(sqlite3_stmt *statement, const struct record_filter *filter,
                        char site[RECORD_NAME_MAX])
{
    int i = 0;

    bind_int(statement, &i, filter->n);
    bind_text(statement, &i, filter->device);
    bind_text(statement, &i, filter->key);
    // As long as records have it.
    snprintf(site, RECORD_NAME_MAX, "%s", filter->site ? filter->site : "");
    bind_text(statement, &i, site);
    bind_text(statement, &i, filter->family < FAMILY_COUNT ? family_name(filter->family) : NULL);
    bind_int(statement, &i, filter->id);
    bind_int(statement, &i, filter->since);
    bind_int(statement, &i, filter->last > 0 ? (int64_t)filter->last : -1);
}

enum xc_status records_list(struct records *records, const struct record_filter *filter,
                            bool (*fn)(void *arg, const struct record *record), void *arg)
{
    char sql[SQL_MAX], site[RECORD_NAME_MAX];
    sqlite3_stmt *statement = NULL;
    int code = SQLITE_ROW;

    filter_sql(filter, sql, sizeof sql);
    enum xc_status status = prepare(records, sql, &statement);
    if (status != XC_OK)
        return status;
    bind_filter(statement, filter, site);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct record record;
        take_record(statement, &record);
        if (!fn(arg, &record))
            break;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = fail_sqlite(records);
    sqlite3_finalize(statement);
    return status;
}
