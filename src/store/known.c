// SPDX-License-Identifier: MIT
#include "store/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "catalogue/address.h"
#include "store/database.h"

// Between what is on top and what is put there later: room for a whole history in between.
#define STRIDE ((int64_t)1 << 20)

enum { SQL_MAX = 1536, KEPT = 20000, PRUNE_EVERY = 512, TWIN_SECONDS = 2 };

struct known {
    struct database database;
    sqlite3_stmt *find, *insert, *close_gap, *top, *next_gap, *steps, *oldest, *counts, *alarm,
        *twin;
    unsigned added;
    int64_t program; // a number of its own
};

// --- The schema ----------------------------------------------------------------------------------

// In the order of bind_message() and take_message().
#define MESSAGE                                                                                    \
    "kind, severity, number, address, told, time, value, learned, seen, old, device, name, text"

static const char *const schema[] = {
    "CREATE TABLE messages ("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " installation TEXT NOT NULL, site TEXT NOT NULL,"
    " history INTEGER NOT NULL," // read from the gateway's history, else it came by itself
    " place INTEGER NOT NULL, gap INTEGER NOT NULL,"
    " kind TEXT NOT NULL,"
    " severity INTEGER NOT NULL," // 0 information, 1 warning, 2 error, 3 halt
    " number INTEGER NOT NULL,"
    " address INTEGER NOT NULL, told INTEGER NOT NULL,"
    " time INTEGER NOT NULL," // seconds since 1970, the installation's wall clock
    " value INTEGER NOT NULL,"
    " learned INTEGER NOT NULL," // microseconds since 1970 UTC
    " seen INTEGER NOT NULL, old INTEGER NOT NULL,"
    " program INTEGER NOT NULL,"           // that added it: a number by chance
    " claimed INTEGER NOT NULL DEFAULT 0," // one runs its command
    " device TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX messages_identity ON messages (installation, told, time, number)"
    " WHERE history;"
    "CREATE INDEX messages_place ON messages (installation, place);"
    "CREATE INDEX messages_gap ON messages (installation, place) WHERE gap;"
    "CREATE INDEX messages_unseen ON messages (installation, severity) WHERE NOT seen;"
    "CREATE INDEX messages_alarm ON messages (installation, name, n) WHERE name <> '';"
    "CREATE TABLE alarms (" // that were set on the screens
    " installation TEXT NOT NULL, name TEXT NOT NULL, rule TEXT NOT NULL,"
    " PRIMARY KEY (installation, name)) STRICT;",
    "CREATE TABLE views (" // how the screens were arranged
    " installation TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL,"
    " PRIMARY KEY (installation, name)) STRICT;",
};

static const struct database_kind kind = {.application_id = 0x7863676D, // "xcgm"
                                          .what = "file of messages",
                                          .schema = schema,
                                          .versions = sizeof schema / sizeof *schema,
                                          .makes_directories = true};

static const char *const kind_names[KNOWN_KIND_COUNT] = {
    [KNOWN_MESSAGE] = "message", [KNOWN_ALARM] = "alarm", [KNOWN_ALARM_OVER] = "alarm over"};

const char *known_kind_name(enum known_kind k)
{
    return kind_names[k];
}

// --- Opening -------------------------------------------------------------------------------------

char *known_path(bool demo, char *out, size_t size)
{
    return state_path(demo ? "demo-messages.sqlite" : "messages.sqlite", out, size);
}

const char *known_error(const struct known *known)
{
    return known->database.error;
}

static enum xc_status prepare_all(struct known *known)
{
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } list[] = {
        {&known->find, "SELECT n, place, gap FROM messages"
                       " WHERE installation = ? AND told = ? AND time = ? AND number = ?"
                       " AND history"},
        {&known->insert,
         "INSERT INTO messages (installation, site, history, place, gap, program, " MESSAGE
         ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
        {&known->twin, "SELECT count(*) FROM messages WHERE installation = ? AND told = ?"
                       " AND number = ? AND value = ? AND time BETWEEN ? AND ?"
                       " AND kind = 'message' AND NOT history AND program <> ?"},
        {&known->close_gap, "UPDATE messages SET gap = 0 WHERE n = ?"},
        {&known->top, "SELECT max(place) FROM messages WHERE installation = ?"},
        {&known->next_gap, "SELECT n, place, gap FROM messages"
                           " WHERE installation = ? AND place <= ? AND gap"
                           " ORDER BY place DESC LIMIT 1"},
        {&known->steps, "SELECT count(*) FROM messages"
                        " WHERE installation = ? AND place > ? AND place <= ? AND history"},
        {&known->oldest, "SELECT NOT gap FROM messages WHERE installation = ? AND history"
                         " ORDER BY place LIMIT 1"},
        {&known->counts, "SELECT count(*), coalesce(sum(NOT seen), 0),"
                         " coalesce(sum(NOT seen AND severity > 0), 0)"
                         " FROM messages WHERE installation = ?"},
        {&known->alarm, "SELECT kind = ? FROM messages WHERE installation = ? AND name = ?"
                        " AND name <> '' ORDER BY n DESC LIMIT 1"},
    };
    enum xc_status status = XC_OK;

    for (size_t i = 0; i < sizeof list / sizeof *list && status == XC_OK; i++)
        status = database_prepare(&known->database, list[i].sql, list[i].statement);
    return status;
}

// The oldest of all go, by their own times: a history is read from its newest one back. What was
// below them counts as not known no more: a history that is as long isn't read again for their
// sake.
static enum xc_status prune(struct known *known)
{
    char sql[160];

    snprintf(sql, sizeof sql,
             "DELETE FROM messages WHERE n IN (SELECT n FROM messages ORDER BY time DESC, n DESC"
             " LIMIT -1 OFFSET %d)",
             KEPT);
    return database_run(&known->database, sql);
}

enum xc_status known_open(const char *path, struct known **out, char *error, size_t error_size)
{
    struct known *known = xcalloc(1, sizeof *known);
    enum xc_status status = path ? database_open(&known->database, &kind, path)
                                 : database_open_memory(&known->database, &kind);

    // Nothing depends on it but that two programs' messages are told apart.
    known->program = (int64_t)getpid() << 32 ^ time(NULL) ^ (int64_t)(intptr_t)known;
    // What a power failure takes is read from the gateway again; a disk that is waited for with
    // each of a thousand messages would hold up the screens.
    if (status == XC_OK)
        status = database_run(&known->database, "PRAGMA synchronous = NORMAL");
    if (status == XC_OK)
        status = prepare_all(known);
    if (status == XC_OK)
        status = prune(known);
    *out = known;
    if (status == XC_OK)
        return XC_OK;
    snprintf(error, error_size, "%s", known->database.error);
    known_close(known);
    *out = NULL;
    return status;
}

enum xc_status known_check(struct known *known)
{
    char sql[48];

    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", kind.versions);
    return database_run(&known->database, sql);
}

void known_close(struct known *known)
{
    if (!known)
        return;
    sqlite3_stmt *const statements[] = {
        known->find,     known->insert, known->close_gap, known->top,   known->steps,
        known->next_gap, known->oldest, known->counts,    known->alarm, known->twin};
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        sqlite3_finalize(statements[i]);
    database_close(&known->database);
    free(known);
}

// --- Adding --------------------------------------------------------------------------------------

// A statement that gives a row at most.
static enum xc_status step_row(struct known *known, sqlite3_stmt *statement, struct known_row *row)
{
    int i = -1, code = sqlite3_step(statement);

    *row = (struct known_row){0};
    if (code == SQLITE_ROW) {
        row->n = take_int(statement, &i);
        row->place = take_int(statement, &i);
        row->gap = take_int(statement, &i) != 0;
    }
    enum xc_status status =
        code == SQLITE_ROW || code == SQLITE_DONE ? XC_OK : database_fail_sqlite(&known->database);
    sqlite3_reset(statement);
    return status;
}

enum xc_status known_find(struct known *known, const struct known_owner *owner,
                          const struct known_message *message, struct known_row *row)
{
    int i = 0;

    bind_text(known->find, &i, owner->installation);
    bind_int(known->find, &i, message->told);
    bind_int(known->find, &i, message->timestamp);
    bind_int(known->find, &i, message->number);
    return step_row(known, known->find, row);
}

static void bind_message(sqlite3_stmt *statement, int *i, const struct known_message *message)
{
    bind_text(statement, i, known_kind_name(message->kind));
    bind_int(statement, i, message->severity);
    bind_int(statement, i, message->number);
    bind_int(statement, i, message->source);
    bind_int(statement, i, message->told);
    bind_int(statement, i, message->timestamp);
    bind_int(statement, i, message->value);
    bind_int(statement, i, message->learned);
    bind_int(statement, i, message->seen);
    bind_int(statement, i, message->old);
    bind_text(statement, i, message->device);
    bind_text(statement, i, message->name);
    bind_text(statement, i, message->text);
}

static enum xc_status insert(struct known *known, const struct known_owner *owner, bool history,
                             struct known_message *message, struct known_row *row)
{
    int i = 0;

    bind_text(known->insert, &i, owner->installation);
    bind_text(known->insert, &i, owner->site);
    bind_int(known->insert, &i, history);
    bind_int(known->insert, &i, row->place);
    bind_int(known->insert, &i, row->gap);
    bind_int(known->insert, &i, known->program);
    bind_message(known->insert, &i, message);
    enum xc_status status = database_step(&known->database, known->insert, NULL);
    row->n = message->n = sqlite3_last_insert_rowid(known->database.db);
    return status;
}

static enum xc_status top_place(struct known *known, const struct known_owner *owner,
                                int64_t *place)
{
    int i = 0;

    bind_text(known->top, &i, owner->installation);
    *place = 0;
    enum xc_status status = database_step(&known->database, known->top, place);
    *place += STRIDE;
    return status;
}

static enum xc_status add(struct known *known, const struct known_owner *owner, bool history,
                          struct known_message *message, const struct known_row *above,
                          struct known_row *row)
{
    enum xc_status status = database_begin(&known->database, true);

    *row = (struct known_row){.gap = history};
    if (status != XC_OK)
        return status;
    if (above) {
        row->place = above->place - 1;
        status = known_close_gap(known, above);
    } else {
        status = top_place(known, owner, &row->place);
    }
    if (status == XC_OK)
        status = insert(known, owner, history, message, row);
    if (status == XC_OK && ++known->added % PRUNE_EVERY == 0)
        status = prune(known);
    return database_end(&known->database, status);
}

enum xc_status known_add(struct known *known, const struct known_owner *owner,
                         struct known_message *message, const struct known_row *above,
                         struct known_row *row)
{
    return add(known, owner, true, message, above, row);
}

// Another program on the same bus may have been faster.
static enum xc_status has_twin(struct known *known, const struct known_owner *owner,
                               const struct known_message *message, bool *twin)
{
    int64_t count = 0;
    int i = 0;

    bind_text(known->twin, &i, owner->installation);
    bind_int(known->twin, &i, message->told);
    bind_int(known->twin, &i, message->number);
    bind_int(known->twin, &i, message->value);
    bind_int(known->twin, &i, (int64_t)message->timestamp - TWIN_SECONDS);
    bind_int(known->twin, &i, (int64_t)message->timestamp + TWIN_SECONDS);
    bind_int(known->twin, &i, known->program);
    enum xc_status status = database_step(&known->database, known->twin, &count);
    *twin = count > 0;
    return status;
}

enum xc_status known_add_alone(struct known *known, const struct known_owner *owner,
                               struct known_message *message)
{
    struct known_row row;
    bool twin = false;
    enum xc_status status = XC_OK;

    message->n = 0;
    if (message->kind == KNOWN_MESSAGE)
        status = has_twin(known, owner, message, &twin);
    return status != XC_OK || twin ? status : add(known, owner, false, message, NULL, &row);
}

// --- Gaps ----------------------------------------------------------------------------------------

enum xc_status known_close_gap(struct known *known, const struct known_row *row)
{
    int i = 0;

    bind_int(known->close_gap, &i, row->n);
    return database_step(&known->database, known->close_gap, NULL);
}

enum xc_status known_next_gap(struct known *known, const struct known_owner *owner, int64_t place,
                              struct known_row *gap, int64_t *steps)
{
    int i = 0, k = 0;

    *steps = 0;
    bind_text(known->next_gap, &i, owner->installation);
    bind_int(known->next_gap, &i, place);
    enum xc_status status = step_row(known, known->next_gap, gap);
    if (status != XC_OK || gap->n == 0)
        return status;
    bind_text(known->steps, &k, owner->installation);
    bind_int(known->steps, &k, gap->place);
    bind_int(known->steps, &k, place);
    return database_step(&known->database, known->steps, steps);
}

enum xc_status known_complete(struct known *known, const struct known_owner *owner, bool *complete)
{
    int64_t whole = 0;
    int i = 0;

    bind_text(known->oldest, &i, owner->installation);
    enum xc_status status = database_step(&known->database, known->oldest, &whole);
    *complete = whole != 0;
    return status;
}

// --- Devices -------------------------------------------------------------------------------------

enum xc_status known_renumber(struct known *known, const struct known_owner *owner,
                              enum family family, const uint32_t *from, const uint32_t *to,
                              size_t count)
{
    char sql[SQL_MAX], name[DEVICE_NAME_MAX];
    size_t used = 0;
    sqlite3_stmt *statement = NULL;
    struct target target;
    int i = 0;

    if (count == 0)
        return XC_OK;
    text_append(sql, sizeof sql, &used, "UPDATE messages SET address = CASE address");
    for (size_t k = 0; k < count; k++)
        text_append(sql, sizeof sql, &used, " WHEN %u THEN %u", (unsigned)from[k], (unsigned)to[k]);
    text_append(sql, sizeof sql, &used, " ELSE address END, device = CASE address");
    for (size_t k = 0; k < count; k++)
        if (target_from_address(to[k], &target))
            text_append(sql, sizeof sql, &used, " WHEN %u THEN '%s'", (unsigned)from[k],
                        device_name(family, target.index, name, sizeof name));
    text_append(sql, sizeof sql, &used, " ELSE device END WHERE installation = ?");
    enum xc_status status = database_prepare(&known->database, sql, &statement);
    if (status != XC_OK)
        return status;
    bind_text(statement, &i, owner->installation);
    status = database_step(&known->database, statement, NULL);
    sqlite3_finalize(statement);
    return status;
}

// --- Looking -------------------------------------------------------------------------------------

static enum known_kind take_kind(sqlite3_stmt *statement, int *i)
{
    char name[16];

    take_text(statement, i, name, sizeof name);
    for (unsigned k = 0; k < KNOWN_KIND_COUNT; k++)
        if (strcmp(kind_names[k], name) == 0)
            return (enum known_kind)k;
    return KNOWN_MESSAGE;
}

static void take_message(sqlite3_stmt *statement, struct known_message *message)
{
    int i = -1;

    message->n = take_int(statement, &i);
    message->kind = take_kind(statement, &i);
    int64_t severity = take_int(statement, &i);
    message->severity = severity > SEVERITY_INFO && severity <= SEVERITY_HALT
                            ? (enum severity)severity
                            : SEVERITY_INFO;
    message->number = (uint16_t)take_int(statement, &i);
    message->source = (uint32_t)take_int(statement, &i);
    message->told = (uint32_t)take_int(statement, &i);
    message->timestamp = (uint32_t)take_int(statement, &i);
    message->value = (uint32_t)take_int(statement, &i);
    message->learned = take_int(statement, &i);
    message->seen = take_int(statement, &i) != 0;
    message->old = take_int(statement, &i) != 0;
    take_text(statement, &i, message->device, sizeof message->device);
    take_text(statement, &i, message->name, sizeof message->name);
    take_text(statement, &i, message->text, sizeof message->text);
}

// Only the conditions that are wanted, so that an index can serve them. The parameters keep their
// numbers. Places of different installations can't be compared: then the clock gives the order.
static void filter_sql(const struct known_filter *filter, char *sql, size_t size)
{
    const struct {
        bool wanted;
        const char *condition;
    } conditions[] = {
        {filter->installation != NULL, " AND installation = ?1"},
        {filter->site != NULL, " AND site = ?2"},
        {filter->device != NULL,
         " AND (device = ?3 COLLATE NOCASE"
         " OR (?3 NOT GLOB '*[0-9]' AND upper(device) GLOB upper(?3) || '[0-9]*'))"},
        {filter->least != SEVERITY_INFO, " AND severity >= ?4"},
        {filter->since != 0, " AND time >= ?5"},
        {filter->after != 0, " AND n > ?6"},
        {filter->news, " AND NOT old"},
    };
    const char *order = filter->installation ? "place" : "time";
    size_t used = 0;

    text_append(sql, size, &used, "SELECT n, " MESSAGE " FROM (SELECT * FROM messages WHERE true");
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].wanted)
            text_append(sql, size, &used, "%s", conditions[i].condition);
    text_append(sql, size, &used, " ORDER BY %s DESC, n DESC LIMIT ?7)", order);
    if (filter->newest_first)
        text_append(sql, size, &used, " ORDER BY %s DESC, n DESC", order);
    else
        text_append(sql, size, &used, " ORDER BY %s, n", order);
}

enum xc_status known_list(struct known *known, const struct known_filter *filter,
                          bool (*fn)(void *arg, const struct known_message *message), void *arg)
{
    char sql[SQL_MAX];
    sqlite3_stmt *statement = NULL;
    int i = 0, code = SQLITE_ROW;

    filter_sql(filter, sql, sizeof sql);
    enum xc_status status = database_prepare(&known->database, sql, &statement);
    if (status != XC_OK)
        return status;
    bind_text(statement, &i, filter->installation);
    bind_text(statement, &i, filter->site);
    bind_text(statement, &i, filter->device);
    bind_int(statement, &i, filter->least);
    bind_int(statement, &i, filter->since);
    bind_int(statement, &i, filter->after);
    bind_int(statement, &i, filter->last > 0 ? (int64_t)filter->last : -1);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct known_message message;
        take_message(statement, &message);
        if (!fn(arg, &message))
            break;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = database_fail_sqlite(&known->database);
    sqlite3_finalize(statement);
    return status;
}

enum xc_status known_count(struct known *known, const struct known_owner *owner,
                           struct known_counts *counts)
{
    enum xc_status status = XC_OK;
    int i = 0, k = -1;

    bind_text(known->counts, &i, owner->installation);
    if (sqlite3_step(known->counts) == SQLITE_ROW) {
        counts->all = take_int(known->counts, &k);
        counts->unseen = take_int(known->counts, &k);
        counts->urgent = take_int(known->counts, &k);
    } else {
        status = database_fail_sqlite(&known->database);
    }
    sqlite3_reset(known->counts);
    return status;
}

// A statement that is used seldom, with two or three texts.
static enum xc_status run_with(struct known *known, const char *sql, const char *const *texts,
                               size_t count, int64_t number)
{
    sqlite3_stmt *statement = NULL;
    enum xc_status status = database_prepare(&known->database, sql, &statement);
    int i = 0;

    if (status != XC_OK)
        return status;
    for (size_t k = 0; k < count; k++)
        bind_text(statement, &i, texts[k]);
    if (number != 0)
        bind_int(statement, &i, number);
    status = database_step(&known->database, statement, NULL);
    sqlite3_finalize(statement);
    return status;
}

enum xc_status known_last(struct known *known, int64_t *n)
{
    sqlite3_stmt *statement = NULL;
    enum xc_status status =
        database_prepare(&known->database, "SELECT max(n) FROM messages", &statement);

    *n = 0;
    if (status == XC_OK)
        status = database_step(&known->database, statement, n);
    sqlite3_finalize(statement);
    return status;
}

enum xc_status known_claim(struct known *known, int64_t n, bool *ours)
{
    char sql[96];

    snprintf(sql, sizeof sql, "UPDATE messages SET claimed = 1 WHERE n = %lld AND NOT claimed",
             (long long)n);
    enum xc_status status = database_run(&known->database, sql);
    // Rather told twice than never.
    *ours = status != XC_OK || sqlite3_changes(known->database.db) == 1;
    return status;
}

enum xc_status known_see(struct known *known, const struct known_owner *owner, int64_t n)
{
    const char *texts[] = {owner->installation};

    return run_with(known,
                    "UPDATE messages SET seen = 1 WHERE NOT seen AND installation = ? AND n <= ?",
                    texts, 1, n);
}

// --- Alarms --------------------------------------------------------------------------------------

enum xc_status known_alarm_is_on(struct known *known, const struct known_owner *owner,
                                 const char *name, bool *any, bool *on)
{
    int64_t came = -1;
    int i = 0;

    bind_text(known->alarm, &i, known_kind_name(KNOWN_ALARM));
    bind_text(known->alarm, &i, owner->installation);
    bind_text(known->alarm, &i, name);
    enum xc_status status = database_step(&known->database, known->alarm, &came);
    *any = came >= 0;
    *on = came > 0;
    return status;
}

// What somebody has set can't be read from the gateway again.
static enum xc_status keep(struct known *known, const char *sql, const char *const *texts,
                           size_t count)
{
    enum xc_status status = database_run(&known->database, "PRAGMA synchronous = FULL");

    if (status == XC_OK)
        status = run_with(known, sql, texts, count, 0);
    // What comes afterwards is read again; and the error that is told is the first one.
    sqlite3_exec(known->database.db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
    return status;
}

enum xc_status known_keep_rule(struct known *known, const struct known_owner *owner,
                               const char *name, const char *rule)
{
    const char *texts[] = {owner->installation, name, rule};

    return rule ? keep(known, "INSERT OR REPLACE INTO alarms VALUES (?, ?, ?)", texts, 3)
                : keep(known, "DELETE FROM alarms WHERE installation = ? AND name = ?", texts, 2);
}

enum xc_status known_rules(struct known *known, const struct known_owner *owner,
                           void (*fn)(void *arg, const char *rule), void *arg)
{
    sqlite3_stmt *statement = NULL;
    enum xc_status status = database_prepare(
        &known->database, "SELECT rule FROM alarms WHERE installation = ? ORDER BY name",
        &statement);
    int i = 0, code;

    if (status != XC_OK)
        return status;
    bind_text(statement, &i, owner->installation);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        char rule[KNOWN_RULE_MAX];
        int k = -1;
        take_text(statement, &k, rule, sizeof rule);
        fn(arg, rule);
    }
    if (code != SQLITE_DONE)
        status = database_fail_sqlite(&known->database);
    sqlite3_finalize(statement);
    return status;
}

// --- Arranged screens ----------------------------------------------------------------------------

enum xc_status known_keep_view(struct known *known, const struct known_owner *owner,
                               const char *name, const char *content)
{
    const char *texts[] = {owner->installation, name, content};

    return content ? keep(known, "INSERT OR REPLACE INTO views VALUES (?, ?, ?)", texts, 3)
                   : keep(known, "DELETE FROM views WHERE installation = ? AND name = ?", texts, 2);
}

enum xc_status known_view(struct known *known, const struct known_owner *owner, const char *name,
                          char *content, size_t size, bool *found)
{
    sqlite3_stmt *statement = NULL;
    enum xc_status status = database_prepare(
        &known->database, "SELECT content FROM views WHERE installation = ? AND name = ?",
        &statement);
    int i = 0, k = -1;

    *found = false;
    if (status != XC_OK)
        return status;
    bind_text(statement, &i, owner->installation);
    bind_text(statement, &i, name);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        take_text(statement, &k, content, size);
        *found = true;
    } else if (code != SQLITE_DONE) {
        status = database_fail_sqlite(&known->database);
    }
    sqlite3_finalize(statement);
    return status;
}
