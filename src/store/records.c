// SPDX-License-Identifier: MIT
#include "store/records.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "store/database.h"

enum { SQL_MAX = 1024 };

struct records {
    struct database database;
    sqlite3_stmt *insert, *update, *count, *ids;
};

// --- The schema ----------------------------------------------------------------------------------

// In the order of bind_attempt() and take_record(). family and result are words, so that the file
// can be read without this program.
#define ATTEMPT                                                                                    \
    "time, who, site, guid, device, address, sent_to, key, family, id, flash, old, new, undo"
#define OUTCOME "result, error, read_back"

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
    "CREATE INDEX writes_time ON writes (time);",
    // A value that is kept has hundreds of thousands of records after some months.
    "CREATE INDEX writes_device ON writes (key);"
    "CREATE INDEX writes_flash ON writes (key, family, id) WHERE flash;",
};

static const struct database_kind kind = {.application_id = 0x78637277, // "xcrw"
                                          .what = "file of records",
                                          .schema = schema,
                                          .versions = sizeof schema / sizeof *schema,
                                          .makes_directories = true};

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

// --- Opening -------------------------------------------------------------------------------------

char *records_path(bool demo, char *out, size_t size)
{
    return state_path(demo ? "demo-records.sqlite" : "records.sqlite", out, size);
}

const char *records_error(const struct records *records)
{
    return records->database.error;
}

static enum xc_status prepare_all(struct records *records)
{
    enum xc_status status =
        database_prepare(&records->database,
                         "INSERT INTO writes (" ATTEMPT ", " OUTCOME ")"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL)",
                         &records->insert);

    if (status == XC_OK)
        status = database_prepare(
            &records->database,
            "UPDATE writes SET result = ?, error = ?, read_back = ? WHERE n = ?", &records->update);
    if (status == XC_OK)
        status =
            database_prepare(&records->database,
                             "SELECT count(*) FROM writes WHERE key = ? AND family = ? AND id = ?"
                             " AND flash AND result NOT IN (?, ?)",
                             &records->count);
    if (status == XC_OK)
        status = database_prepare(&records->database,
                                  "SELECT DISTINCT id FROM writes WHERE key = ? AND family = ?",
                                  &records->ids);
    return status;
}

enum xc_status records_open(const char *path, struct records **out, char *error, size_t error_size)
{
    struct records *records = xcalloc(1, sizeof *records);
    enum xc_status status = database_open(&records->database, &kind, path);

    if (status == XC_OK)
        status = prepare_all(records);
    *out = records;
    if (status == XC_OK)
        return XC_OK;
    snprintf(error, error_size, "%s", records->database.error);
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
    database_close(&records->database);
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
    enum xc_status status = database_begin(&records->database, true);

    if (status != XC_OK)
        return status;
    for (size_t i = 0; i < count && status == XC_OK; i++) {
        bind_attempt(records->insert, &list[i]);
        status = database_step(&records->database, records->insert, NULL);
        list[i].n = sqlite3_last_insert_rowid(records->database.db);
    }
    return database_end(&records->database, status);
}

static enum xc_status finish_one(struct records *records, const struct record *record)
{
    int i = 0;

    bind_text(records->update, &i, record_result_name(record->result));
    bind_int(records->update, &i, record->error);
    bind_number(records->update, &i, record->read_back);
    bind_int(records->update, &i, record->n);
    enum xc_status status = database_step(&records->database, records->update, NULL);
    if (status == XC_OK && sqlite3_changes(records->database.db) != 1)
        status = database_fail(&records->database, "there is no record %lld", (long long)record->n);
    return status;
}

enum xc_status records_finish(struct records *records, const struct record *list, size_t count)
{
    enum xc_status status = database_begin(&records->database, true);

    if (status != XC_OK)
        return status;
    for (size_t i = 0; i < count && status == XC_OK; i++)
        status = finish_one(records, &list[i]);
    return database_end(&records->database, status);
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
    enum xc_status status = database_step(&records->database, records->count, &number);
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
        status = database_fail_sqlite(&records->database);
    sqlite3_reset(records->ids);
    return status;
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
    enum xc_status status = database_prepare(&records->database, sql, &statement);
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
        status = database_fail_sqlite(&records->database);
    sqlite3_finalize(statement);
    return status;
}
