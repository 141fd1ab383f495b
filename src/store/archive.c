// SPDX-License-Identifier: MIT
#include "store/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "store/archive_internal.h"

#define SECOND INT64_C(1000000)

const int64_t archive_widths[ARCHIVE_WIDTHS] = {300 * SECOND, 3600 * SECOND};

// --- The schema ----------------------------------------------------------------------------------

// Samples and spans lie in the order of time, so that a row is written in one place: an SD card
// doesn't bear much more.
static const char *const schema[] = {
    "CREATE TABLE devices ("
    " device INTEGER PRIMARY KEY,"
    " key TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL, family TEXT NOT NULL, address INTEGER NOT NULL,"
    " model TEXT NOT NULL, firmware TEXT NOT NULL,"
    " renewed INTEGER NOT NULL) STRICT;" // microseconds since 1970 UTC
    "CREATE TABLE series ("
    " series INTEGER PRIMARY KEY,"
    " device INTEGER NOT NULL REFERENCES devices,"
    " id INTEGER NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL,"
    " UNIQUE (device, id)) STRICT;"
    "CREATE TABLE samples ("
    " time INTEGER NOT NULL," // microseconds since 1970 UTC
    " series INTEGER NOT NULL REFERENCES series,"
    " value REAL, why TEXT,"
    " PRIMARY KEY (time, series)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE spans ("
    " width INTEGER NOT NULL, start INTEGER NOT NULL," // microseconds
    " series INTEGER NOT NULL REFERENCES series,"
    " min REAL NOT NULL, mean REAL NOT NULL, max REAL NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (width, start, series)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE messages ("
    " time INTEGER NOT NULL," // seconds since 1970, the installation's wall clock
    " address INTEGER NOT NULL, device TEXT NOT NULL,"
    " number INTEGER NOT NULL, text TEXT NOT NULL, value INTEGER NOT NULL,"
    " PRIMARY KEY (time, address, number, text)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE notes (time INTEGER NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE VIEW readings AS SELECT"
    " strftime('%Y-%m-%dT%H:%M:%SZ', samples.time / 1000000, 'unixepoch') AS time,"
    " devices.name AS device, series.id AS id, series.name AS name,"
    " samples.value AS value, series.unit AS unit, samples.why AS why"
    " FROM samples JOIN series USING (series) JOIN devices USING (device);",
};

static const struct database_kind kind = {.application_id = 0x78636c67, // "xclg"
                                          .what = "log of xcomtop",
                                          .schema = schema,
                                          .versions = sizeof schema / sizeof *schema};

static const char *const statements[ARCHIVE_STATEMENTS] = {
    [ARCHIVE_FIND_DEVICE] = "SELECT device FROM devices WHERE key = ?",
    [ARCHIVE_MAKE_DEVICE] = "INSERT INTO devices (key, name, family, address, model, firmware,"
                            " renewed) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [ARCHIVE_RENEW_DEVICE] = "UPDATE devices SET name = ?2, family = ?3, address = ?4, model = ?5,"
                             " firmware = ?6, renewed = ?7 WHERE key = ?1",
    [ARCHIVE_FIND_VALUE] = "SELECT series FROM series WHERE device = ? AND id = ?",
    [ARCHIVE_MAKE_VALUE] = "INSERT INTO series (device, id, name, unit) VALUES (?, ?, ?, ?)",
    [ARCHIVE_ADD_SAMPLE] = "INSERT OR REPLACE INTO samples (time, series, value, why)"
                           " VALUES (?, ?, ?, ?)",
    [ARCHIVE_ADD_SPAN] = "INSERT INTO spans (width, start, series, min, mean, max, count)"
                         " VALUES (?1, ?2, ?3, ?4, ?4, ?4, 1)"
                         " ON CONFLICT DO UPDATE SET min = min(min, ?4), max = max(max, ?4),"
                         " mean = mean + (?4 - mean) / (count + 1), count = count + 1",
    [ARCHIVE_ADD_MESSAGE] = "INSERT OR IGNORE INTO messages (time, address, device, number, text,"
                            " value) VALUES (?, ?, ?, ?, ?, ?)",
    [ARCHIVE_ADD_NOTE] = "INSERT INTO notes (time, text) VALUES (?, ?)",
};

// --- Opening -------------------------------------------------------------------------------------

const char *archive_error(const struct archive *archive)
{
    return archive->database.error;
}

// SQLite's locks are only held for moments: this one for as long as somebody logs.
static enum xc_status lock(struct archive *archive)
{
    archive->lock = open(archive->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (archive->lock < 0)
        return database_fail(&archive->database, "%s", strerror(errno));
    if (flock(archive->lock, LOCK_EX | LOCK_NB) == 0)
        return XC_OK;
    return database_fail(&archive->database, "%s",
                         errno == EWOULDBLOCK ? "another program is writing it" : strerror(errno));
}

static void unlock(struct archive *archive)
{
    if (archive->lock >= 0)
        close(archive->lock);
    archive->lock = -1;
}

static enum xc_status open_to_log(struct archive *archive)
{
    enum xc_status status = database_open(&archive->database, &kind, archive->path);

    // Opened before SQLite closes, and closed behind it: closing any descriptor of a file gives up
    // this process's locks on it.
    if (status == XC_OK)
        status = lock(archive);
    if (status == XC_OK && archive->owner[0] && !claim_file(archive->lock, archive->owner))
        status = database_fail(&archive->database, "this is another installation's log");
    for (size_t i = 0; status == XC_OK && i < ARCHIVE_STATEMENTS; i++)
        status = database_prepare(&archive->database, statements[i], &archive->statements[i]);
    archive->synced = true;
    // What isn't whole is opened again with the next row.
    if (status != XC_OK)
        unlock(archive);
    return status;
}

static void close_database(struct archive *archive)
{
    for (size_t i = 0; i < ARCHIVE_STATEMENTS; i++) {
        sqlite3_finalize(archive->statements[i]);
        archive->statements[i] = NULL;
    }
    database_close(&archive->database);
}

static enum xc_status finish_opening(struct archive *archive, enum xc_status status,
                                     struct archive **out, char *error, size_t size)
{
    *out = archive;
    if (status == XC_OK)
        return XC_OK;
    snprintf(error, size, "%s", archive->database.error);
    archive_close(archive);
    *out = NULL;
    return status;
}

static struct archive *make(const char *path)
{
    struct archive *archive = xcalloc(1, sizeof *archive);

    archive->path = xstrdup(path);
    archive->lock = -1;
    return archive;
}

// "CSV", "JSON lines": a log that isn't in SQLite; NULL: none.
static const char *other_format(const char *path)
{
    char begin[9] = "";
    FILE *file = fopen(path, "re");

    if (!file)
        return NULL;
    size_t length = fread(begin, 1, sizeof begin - 1, file);
    fclose(file);
    begin[length] = '\0';
    if (strncmp(begin, "time,", 5) == 0)
        return "CSV";
    return strcmp(begin, "{\"time\":") == 0 ? "JSON lines" : NULL;
}

enum xc_status archive_open(const char *path, struct archive **out, char *error, size_t size)
{
    struct archive *archive = make(path);

    enum xc_status status = open_to_log(archive);
    const char *format = archive->database.foreign ? other_format(path) : NULL;

    if (format)
        status = database_fail(&archive->database,
                               "this is no log of xcomtop in SQLite, but one in %s: continue it as "
                               "that, or give another name",
                               format);
    return finish_opening(archive, status, out, error, size);
}

enum xc_status archive_open_reading(const char *path, struct archive **out, char *error,
                                    size_t size)
{
    struct archive *archive = make(path);
    enum xc_status status = database_open_reading(&archive->database, &kind, path);
    // Only of what isn't in SQLite: closing it would give up this process's locks on it.
    const char *format = archive->database.foreign ? other_format(path) : NULL;

    if (format)
        status = database_fail(&archive->database,
                               "this is a log in %s; one in SQLite is needed (graph reads both)",
                               format);
    return finish_opening(archive, status, out, error, size);
}

void archive_close(struct archive *archive)
{
    if (!archive)
        return;
    close_database(archive);
    unlock(archive);
    aside_end(&archive->zip);
    free(archive->path);
    free(archive);
}

// Commits are on the disk when they return, or soon: SQLite's write-ahead log is whole either way.
static enum xc_status set_synced(struct archive *archive, bool synced)
{
    if (archive->synced == synced)
        return XC_OK;
    archive->synced = synced;
    return database_run(&archive->database,
                        synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

// --- Who and what --------------------------------------------------------------------------------

static enum xc_status bring_device(struct archive *archive, const struct archive_device *device,
                                   int64_t time, int64_t *number)
{
    struct database *database = &archive->database;
    sqlite3_stmt *find = archive->statements[ARCHIVE_FIND_DEVICE];
    int i = 0;

    *number = 0;
    bind_text(find, &i, device->key);
    enum xc_status status = database_step(database, find, number);
    if (status != XC_OK)
        return status;
    sqlite3_stmt *write = archive->statements[*number ? ARCHIVE_RENEW_DEVICE : ARCHIVE_MAKE_DEVICE];
    i = 0;
    bind_text(write, &i, device->key);
    bind_text(write, &i, device->name);
    bind_text(write, &i, family_name(device->family));
    bind_int(write, &i, device->address);
    bind_text(write, &i, device->model);
    bind_text(write, &i, device->firmware);
    bind_int(write, &i, time);
    status = database_step(database, write, NULL);
    if (*number == 0)
        *number = sqlite3_last_insert_rowid(database->db);
    return status;
}

static enum xc_status bring_value(struct archive *archive, int64_t device,
                                  const struct datapoint *datapoint, unsigned id, int64_t *value)
{
    struct database *database = &archive->database;
    sqlite3_stmt *find = archive->statements[ARCHIVE_FIND_VALUE];
    sqlite3_stmt *insert = archive->statements[ARCHIVE_MAKE_VALUE];
    int i = 0;

    *value = 0;
    bind_int(find, &i, device);
    bind_int(find, &i, id);
    enum xc_status status = database_step(database, find, value);
    if (status != XC_OK || *value != 0)
        return status;
    i = 0;
    bind_int(insert, &i, device);
    bind_int(insert, &i, id);
    bind_text(insert, &i, datapoint ? datapoint_name(datapoint) : "");
    bind_text(insert, &i, datapoint ? datapoint_unit(datapoint) : "");
    status = database_step(database, insert, NULL);
    *value = sqlite3_last_insert_rowid(database->db);
    return status;
}

enum xc_status archive_value(struct archive *archive, const struct archive_device *device,
                             unsigned id, int64_t time, int64_t *value)
{
    int64_t number;
    // Of hundreds none waits for the disk: the next row that does brings them there too.
    enum xc_status status = set_synced(archive, false);

    if (status == XC_OK)
        status = database_begin(&archive->database, true);
    if (status != XC_OK)
        return status;
    status = bring_device(archive, device, time, &number);
    if (status == XC_OK)
        status = bring_value(archive, number, catalogue_find(device->family, id), id, value);
    return database_end(&archive->database, status);
}

// --- Samples -------------------------------------------------------------------------------------

static enum xc_status add_to_spans(struct archive *archive, int64_t time,
                                   const struct archive_sample *sample)
{
    sqlite3_stmt *statement = archive->statements[ARCHIVE_ADD_SPAN];
    enum xc_status status = XC_OK;

    for (size_t w = 0; status == XC_OK && w < ARCHIVE_WIDTHS; w++) {
        int i = 0;
        bind_int(statement, &i, archive_widths[w]);
        bind_int(statement, &i, time - time % archive_widths[w]);
        bind_int(statement, &i, sample->value);
        bind_number(statement, &i, sample->number);
        status = database_step(&archive->database, statement, NULL);
    }
    return status;
}

static enum xc_status add_sample(struct archive *archive, int64_t time,
                                 const struct archive_sample *sample)
{
    sqlite3_stmt *statement = archive->statements[ARCHIVE_ADD_SAMPLE];
    bool known = !isnan(sample->number);
    int i = 0;

    if (!known && !sample->why)
        return XC_OK;
    bind_int(statement, &i, time);
    bind_int(statement, &i, sample->value);
    bind_number(statement, &i, sample->number);
    bind_text(statement, &i, known ? NULL : sample->why);
    enum xc_status status = database_step(&archive->database, statement, NULL);
    return status == XC_OK && known ? add_to_spans(archive, time, sample) : status;
}

enum xc_status archive_add(struct archive *archive, int64_t time,
                           const struct archive_sample *samples, size_t count, bool synced)
{
    enum xc_status status = set_synced(archive, synced);

    if (status == XC_OK)
        status = database_begin(&archive->database, true);
    if (status != XC_OK)
        return status;
    for (size_t i = 0; status == XC_OK && i < count; i++)
        status = add_sample(archive, time, &samples[i]);
    return database_end(&archive->database, status);
}

// --- Messages and notes --------------------------------------------------------------------------

enum xc_status archive_add_message(struct archive *archive, const struct archive_message *message)
{
    sqlite3_stmt *statement = archive->statements[ARCHIVE_ADD_MESSAGE];
    enum xc_status status = set_synced(archive, false); // as in archive_value()
    int i = 0;

    if (status != XC_OK)
        return status;
    bind_int(statement, &i, message->time);
    bind_int(statement, &i, message->address);
    bind_text(statement, &i, message->device);
    bind_int(statement, &i, message->number);
    bind_text(statement, &i, message->text);
    bind_int(statement, &i, message->value);
    return database_step(&archive->database, statement, NULL);
}

enum xc_status archive_sync(struct archive *archive)
{
    return database_sync(&archive->database);
}

enum xc_status archive_add_note(struct archive *archive, int64_t time, const char *text)
{
    sqlite3_stmt *statement = archive->statements[ARCHIVE_ADD_NOTE];
    int i = 0;

    bind_int(statement, &i, time);
    bind_text(statement, &i, text);
    return database_step(&archive->database, statement, NULL);
}

// --- The file ------------------------------------------------------------------------------------

static char *path_beside(const struct archive *archive, const char *suffix)
{
    size_t size = strlen(archive->path) + strlen(suffix) + 1;
    char *name = xcalloc(size, 1);

    snprintf(name, size, "%s%s", archive->path, suffix);
    return name;
}

// What SQLite has beside a file that was brought in and isn't there any more: a new one must share
// nothing with those who still read that one.
static void remove_beside(const struct archive *archive)
{
    static const char *const suffixes[] = {"-wal", "-shm"};

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *name = path_beside(archive, suffixes[i]);
        unlink(name);
        free(name);
    }
}

static enum xc_status put_aside(struct archive *archive, int64_t time, const char *why,
                                unsigned keep, char *note)
{
    char *aside = NULL;
    enum xc_status status = database_bring_in(&archive->database);

    if (status != XC_OK) {
        snprintf(note, LOGFILE_TEXT_MAX, "%.*s", LOGFILE_TEXT_MAX - 1, archive->database.error);
        return status;
    }
    close_database(archive);
    enum xc_status renamed = aside_put(archive->path, time, why, &aside, note);
    free(aside);
    if (renamed == XC_OK)
        remove_beside(archive);
    unlock(archive);
    status = open_to_log(archive);
    if (status != XC_OK)
        snprintf(note, LOGFILE_TEXT_MAX, "%.*s", LOGFILE_TEXT_MAX - 1, archive->database.error);
    if (renamed == XC_OK) {
        aside_compress(&archive->zip, archive->path);
        if (keep > 0)
            aside_prune(archive->path, keep);
    }
    return renamed != XC_OK ? renamed : status;
}

enum xc_status archive_rotate(struct archive *archive, int64_t time, unsigned keep, char *note)
{
    return put_aside(archive, time, "", keep, note);
}

enum xc_status archive_claim(struct archive *archive, const char *owner, int64_t time, char *note)
{
    note[0] = '\0';
    snprintf(archive->owner, sizeof archive->owner, "%s", owner);
    if (archive->lock < 0 || claim_file(archive->lock, owner))
        return XC_OK;
    return put_aside(archive, time, " is another installation's", 0, note);
}

enum xc_status archive_follow(struct archive *archive, bool *begun)
{
    struct stat ours, named = {0};

    bool there = lstat(archive->path, &named) == 0;
    *begun = archive->lock < 0 || fstat(archive->lock, &ours) != 0 || !there ||
             ours.st_dev != named.st_dev || ours.st_ino != named.st_ino;
    // As long as somebody reads it where it is now, rows go there too.
    if (*begun && archive->lock >= 0 && database_bring_in(&archive->database) != XC_OK)
        *begun = false;
    if (!*begun)
        return XC_OK;
    close_database(archive);
    // In its place may be one that another program writes.
    if (!there)
        remove_beside(archive);
    unlock(archive);
    return open_to_log(archive);
}

void archive_look(struct archive *archive)
{
    aside_look(&archive->zip, archive->path);
}

static int64_t file_size(const struct archive *archive, const char *suffix)
{
    char *name = path_beside(archive, suffix);
    struct stat what;

    int64_t length = stat(name, &what) == 0 ? what.st_size : 0;
    free(name);
    return length;
}

int64_t archive_size(const struct archive *archive)
{
    return file_size(archive, "") + file_size(archive, "-wal");
}

int64_t archive_last(struct archive *archive)
{
    int64_t first, last;

    return archive_bounds(archive, &first, &last) == XC_OK ? last : 0;
}
