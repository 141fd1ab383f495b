// SPDX-License-Identifier: MIT
// The record of writes: what is stored survives, and what isn't ours is left alone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/records.h"

enum { PATH_SIZE = 256, LISTED_MAX = 4096 };

// --- A directory for each test -------------------------------------------------------------------

static char directory[64], path[PATH_SIZE];

static int make_place(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/xcomtop-records-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/state/xcomtop/records.sqlite", directory);
    return 0;
}

static int remove_one(const char *name, const struct stat *what, int type, struct FTW *where)
{
    (void)what;
    (void)type;
    (void)where;
    return remove(name);
}

static int remove_place(void **state)
{
    (void)state;
    return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct records *open_records(void)
{
    struct records *records;
    char error[512] = "";

    if (records_open(path, &records, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    return records;
}

// The reason stands behind the path.
static void assert_refused(const char *why)
{
    struct records *records;
    char error[512] = "";

    assert_int_equal(records_open(path, &records, error, sizeof error), XC_IO);
    assert_null(records);
    if (strncmp(error, path, strlen(path)) != 0 || !strstr(error, why) || strchr(error, '\n'))
        fail_msg("expected '%s', got '%s'", why, error);
}

// What another program does to the file.
static void run_sql(const char *file, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void write_file(const char *file, const char *text)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static char *read_file(const char *file, size_t *length)
{
    char *bytes = xcalloc(65536, 1);
    FILE *in = fopen(file, "r");

    assert_non_null(in);
    *length = fread(bytes, 1, 65536, in);
    fclose(in);
    return bytes;
}

// --- Records -------------------------------------------------------------------------------------

static struct record sample(const char *device, unsigned id, bool flash)
{
    struct record record = {
        .time = 1795269802123456,
        .who = "anna",
        .site = "emosson",
        .guid = "00112233445566778899AABBCCDDEEFF",
        .address = 101,
        .sent_to = 100,
        .key = "0BADF00D",
        .family = FAMILY_XT,
        .id = (uint16_t)id,
        .flash = flash,
        .old = 53.2,
        .new = 54.4,
        .read_back = (double)NAN,
    };
    snprintf(record.device, sizeof record.device, "%s", device);
    return record;
}

static int64_t store(struct records *records, struct record record)
{
    if (records_begin(records, &record, 1) != XC_OK)
        fail_msg("%s", records_error(records));
    return record.n;
}

static int64_t store_done(struct records *records, struct record record, enum record_result result)
{
    record.n = store(records, record);
    record.result = result;
    assert_int_equal(records_finish(records, &record, 1), XC_OK);
    return record.n;
}

struct listed {
    struct record list[LISTED_MAX];
    size_t count, most;
};

static struct listed listed;

static bool take(void *arg, const struct record *record)
{
    struct listed *to = arg;

    if (to->count < LISTED_MAX)
        to->list[to->count] = *record;
    return ++to->count != to->most;
}

// Lists into listed.
static void list(struct records *records, const struct record_filter *filter)
{
    listed.count = 0;
    listed.most = 0;
    if (records_list(records, filter, take, &listed) != XC_OK)
        fail_msg("%s", records_error(records));
    assert_true(listed.count <= LISTED_MAX);
}

// The numbers that a filter gives, as "1 3 5".
static void assert_listed(struct records *records, struct record_filter filter,
                          const char *expected)
{
    char numbers[256] = "";
    size_t used = 0;

    list(records, &filter);
    for (size_t i = 0; i < listed.count; i++)
        used += (size_t)snprintf(numbers + used, sizeof numbers - used, "%s%d", i > 0 ? " " : "",
                                 (int)listed.list[i].n);
    assert_string_equal(numbers, expected);
}

static void assert_same_number(double a, double b)
{
    if (!(isnan(a) && isnan(b)) && a != b)
        fail_msg("%g isn't %g", a, b);
}

static void assert_same(const struct record *a, const struct record *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->time, b->time);
    assert_string_equal(a->who, b->who);
    assert_string_equal(a->site, b->site);
    assert_string_equal(a->guid, b->guid);
    assert_string_equal(a->device, b->device);
    assert_int_equal(a->address, b->address);
    assert_int_equal(a->sent_to, b->sent_to);
    assert_string_equal(a->key, b->key);
    assert_int_equal(a->family, b->family);
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->flash, b->flash);
    assert_same_number(a->old, b->old);
    assert_same_number(a->new, b->new);
    assert_int_equal(a->undo, b->undo);
    assert_int_equal(a->result, b->result);
    assert_int_equal(a->error, b->error);
    assert_same_number(a->read_back, b->read_back);
}

static void what_can_be_taken_back_is_known(void **state)
{
    static const char *const refused[RECORD_RESULT_COUNT] = {
        [RECORD_REFUSED] = "it was refused", [RECORD_NOT_SENT] = "it was never sent"};
    struct record record = sample("XT1", 1138, false);

    (void)state;
    record.old = 60;
    for (int result = 0; result < RECORD_RESULT_COUNT; result++) {
        record.result = (enum record_result)result;
        if (refused[result])
            assert_string_equal(record_undo_refusal(&record), refused[result]);
        else
            assert_null(record_undo_refusal(&record));
    }
    record.result = RECORD_WRITTEN;
    record.old = (double)NAN;
    assert_string_equal(record_undo_refusal(&record), "the value before isn't known");
    record.old = 0;
    record.id = 1468; // a signal
    assert_string_equal(record_undo_refusal(&record), "it isn't a setting");
    record.id = 65535;
    assert_string_equal(record_undo_refusal(&record), "its parameter isn't in the tables");
}

static void every_field_survives(void **state)
{
    struct records *records = open_records();
    struct record records_in[2] = {sample("XT3", 1138, true), sample("BMS", 65535, false)};

    (void)state;
    snprintf(records_in[1].who, sizeof records_in[1].who, "O'Brien; DROP TABLE writes; -- \x1b[2J");
    snprintf(records_in[1].key, sizeof records_in[1].key, "00112233445566778899AABBCCDDEEFF/601");
    records_in[1].family = FAMILY_BMS;
    records_in[1].address = UINT32_MAX;
    records_in[1].old = (double)NAN;
    records_in[1].new = 16777217;
    records_in[1].undo = 1;
    // What isn't known before the write doesn't count at its beginning.
    records_in[1].result = RECORD_WRITTEN;
    records_in[1].error = 7;
    records_in[1].read_back = 1;
    assert_int_equal(records_begin(records, records_in, 2), XC_OK);
    assert_int_equal(records_in[0].n, 1);
    assert_int_equal(records_in[1].n, 2);
    records_close(records);

    records = open_records();
    records_in[1].result = RECORD_PENDING;
    records_in[1].error = 0;
    records_in[1].read_back = (double)NAN;
    list(records, &(struct record_filter){0});
    assert_int_equal(listed.count, 2);
    assert_same(&listed.list[0], &records_in[0]);
    assert_same(&listed.list[1], &records_in[1]);

    for (int result = RECORD_PENDING; result < RECORD_RESULT_COUNT; result++) {
        records_in[0].result = (enum record_result)result;
        records_in[0].error = (uint16_t)(0xFFF0 + result);
        records_in[0].read_back = result == RECORD_DIFFERS ? 53.2 : (double)NAN;
        assert_int_equal(records_finish(records, records_in, 1), XC_OK);
        list(records, &(struct record_filter){.n = 1});
        assert_int_equal(listed.count, 1);
        assert_same(&listed.list[0], &records_in[0]);
    }
    records_close(records);
}

static void filters_take_what_fits(void **state)
{
    struct records *records = open_records();
    struct record record;

    (void)state;
    store(records, sample("XT1", 1138, false));
    store(records, sample("XT2", 1138, true));
    store(records, sample("L1", 1138, false));
    record = sample("BSP", 6001, true);
    record.family = FAMILY_BSP;
    store(records, record);
    record = sample("VT1", 10009, false);
    record.family = FAMILY_VT;
    snprintf(record.site, sizeof record.site, "chalet");
    snprintf(record.key, sizeof record.key, "00000001");
    record.time += 1000000;
    store(records, record);
    store(records, sample("XT10", 1140, false));

    assert_listed(records, (struct record_filter){0}, "1 2 3 4 5 6");
    assert_listed(records, (struct record_filter){.n = 3}, "3");
    assert_listed(records, (struct record_filter){.n = 7}, "");
    assert_listed(records, (struct record_filter){.device = "xt1"}, "1");
    assert_listed(records, (struct record_filter){.device = "xt"}, "1 2 3 6");
    assert_listed(records, (struct record_filter){.device = "L1"}, "3");
    assert_listed(records, (struct record_filter){.device = "BSP"}, "4");
    assert_listed(records, (struct record_filter){.device = "VS"}, "");
    assert_listed(records, (struct record_filter){.device = "X%"}, "");
    assert_listed(records, (struct record_filter){.key = "00000001"}, "5");
    assert_listed(records, (struct record_filter){.site = "chalet"}, "5");
    assert_listed(records, (struct record_filter){.site = "Chalet"}, "");
    assert_listed(records, (struct record_filter){.id = 1138, .family = FAMILY_XT}, "1 2 3");
    assert_listed(records, (struct record_filter){.id = 1138, .family = FAMILY_VT}, "");
    assert_listed(records, (struct record_filter){.id = 10009, .family = FAMILY_NONE}, "5");
    assert_listed(records, (struct record_filter){.flash_only = true}, "2 4");
    assert_listed(records, (struct record_filter){.since = record.time}, "5");
    assert_listed(records, (struct record_filter){.since = record.time + 1}, "");
    assert_listed(records, (struct record_filter){.last = 2}, "5 6");
    assert_listed(records, (struct record_filter){.last = 2, .device = "XT", .id = 1138}, "2 3");
    assert_listed(records, (struct record_filter){.last = 100}, "1 2 3 4 5 6");

    listed.count = 0;
    listed.most = 2;
    assert_int_equal(records_list(records, &(struct record_filter){0}, take, &listed), XC_OK);
    assert_int_equal(listed.count, 2);
    records_close(records);
}

static unsigned flash_count(struct records *records, const char *key, enum family family,
                            unsigned id)
{
    unsigned count = 99;

    assert_int_equal(records_flash_count(records, key, family, id, &count), XC_OK);
    return count;
}

static void flash_is_counted_unless_it_surely_was_not_written(void **state)
{
    static const unsigned counts[RECORD_RESULT_COUNT] = {
        [RECORD_PENDING] = 1, [RECORD_WRITTEN] = 1,  [RECORD_DIFFERS] = 1,
        [RECORD_REFUSED] = 0, [RECORD_NOT_SENT] = 0, [RECORD_UNKNOWN] = 1,
    };
    struct records *records = open_records();
    unsigned expected = 0;

    (void)state;
    for (int result = RECORD_PENDING; result < RECORD_RESULT_COUNT; result++) {
        store_done(records, sample("XT1", 1138, false), (enum record_result)result);
        store_done(records, sample("XT1", 1138, true), (enum record_result)result);
        expected += counts[result];
        assert_int_equal(flash_count(records, "0BADF00D", FAMILY_XT, 1138), expected);
    }
    store(records, sample("XT2", 1138, true));
    assert_int_equal(flash_count(records, "0BADF00D", FAMILY_XT, 1138), expected + 1);
    assert_int_equal(flash_count(records, "0BADF00D", FAMILY_XT, 1139), 0);
    assert_int_equal(flash_count(records, "0BADF00D", FAMILY_VT, 1138), 0);
    assert_int_equal(flash_count(records, "0BADF00E", FAMILY_XT, 1138), 0);
    records_close(records);
}

// --- All or nothing ------------------------------------------------------------------------------

static void numbers_with_records_come_once(void **state)
{
    struct records *records = open_records();
    uint16_t ids[4];
    size_t count;

    (void)state;
    for (int i = 0; i < 3; i++) {
        store(records, sample("XT1", 1138, false));
        store(records, sample("XT1", 1107, true));
        store(records, sample("XT1", 1140, true));
    }
    assert_int_equal(records_ids(records, "0BADF00D", FAMILY_XT, ids, 4, &count), XC_OK);
    assert_int_equal(count, 3);
    assert_int_equal(ids[0] + ids[1] + ids[2], 1138 + 1107 + 1140);
    assert_int_equal(records_ids(records, "0BADF00D", FAMILY_XT, ids, 2, &count), XC_OK);
    assert_int_equal(count, 2);
    assert_int_equal(records_ids(records, "0BADF00D", FAMILY_VT, ids, 4, &count), XC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(records_ids(records, "0BADF00E", FAMILY_XT, ids, 4, &count), XC_OK);
    assert_int_equal(count, 0);
    records_close(records);
}

// Records have as much of a name as there is room for.
static void a_long_site_is_found(void **state)
{
    static const char site[] =
        "a very long name of a very remote site in the mountains, behind the "
        "river and the lake";
    struct records *records = open_records();
    struct record record = sample("XT1", 1138, false);

    (void)state;
    memcpy(record.site, site, sizeof record.site - 1);
    record.site[sizeof record.site - 1] = '\0';
    store(records, record);
    assert_listed(records, (struct record_filter){.site = site, .family = FAMILY_NONE}, "1");
    records_close(records);
}

static void several_are_stored_or_none(void **state)
{
    struct records *records = open_records();
    struct record three[] = {sample("XT1", 1138, true), sample("XT2", 1138, true),
                             sample("XT3", 1138, true)};

    (void)state;
    run_sql(path, "CREATE TRIGGER no BEFORE INSERT ON writes WHEN NEW.device = 'XT3'"
                  " BEGIN SELECT RAISE(ABORT, 'not that one'); END");
    assert_int_equal(records_begin(records, three, 3), XC_IO);
    assert_non_null(strstr(records_error(records), "not that one"));
    assert_non_null(strstr(records_error(records), path));
    assert_listed(records, (struct record_filter){0}, "");
    assert_int_equal(records_begin(records, three, 2), XC_OK);
    assert_listed(records, (struct record_filter){0}, "1 2");

    three[0].result = three[1].result = RECORD_WRITTEN;
    three[1].n = 1000;
    assert_int_equal(records_finish(records, three, 2), XC_IO);
    assert_non_null(strstr(records_error(records), "no record 1000"));
    list(records, &(struct record_filter){0});
    assert_int_equal(listed.list[0].result, RECORD_PENDING);
    records_close(records);
}

static void numbers_are_never_given_twice(void **state)
{
    struct records *records = open_records();

    (void)state;
    assert_int_equal(store(records, sample("XT1", 1138, true)), 1);
    assert_int_equal(store(records, sample("XT1", 1138, true)), 2);
    run_sql(path, "DELETE FROM writes WHERE n = 2");
    assert_int_equal(store(records, sample("XT1", 1138, true)), 3);
    records_close(records);
}

// --- Several programs ----------------------------------------------------------------------------

static void two_programs_use_one_file(void **state)
{
    struct records *one = open_records(), *two = open_records();
    struct record record = sample("XT1", 1138, true);

    (void)state;
    for (int i = 0; i < 10; i++) {
        record.n = store(i % 2 ? one : two, sample("XT1", 1138, true));
        assert_int_equal(record.n, i + 1);
        record.result = RECORD_WRITTEN;
        assert_int_equal(records_finish(i % 2 ? two : one, &record, 1), XC_OK);
    }
    assert_int_equal(flash_count(one, "0BADF00D", FAMILY_XT, 1138), 10);
    records_close(one);
    assert_int_equal(store(two, sample("XT1", 1138, true)), 11);
    records_close(two);
}

// The rest of a test in a process of its own, where nothing of cmocka may be used.
static pid_t start(void (*body)(int out), int out)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        body(out);
        _exit(0);
    }
    return child;
}

static void must(bool fine)
{
    if (!fine)
        _exit(1);
}

static void open_and_store_ten(int out)
{
    struct records *records;
    char error[512];

    (void)out;
    must(records_open(path, &records, error, sizeof error) == XC_OK);
    for (int i = 0; i < 10; i++) {
        struct record record = sample("XT1", 1138, true);
        must(records_begin(records, &record, 1) == XC_OK);
    }
    records_close(records);
}

static void many_programs_may_make_the_file_at_once(void **state)
{
    enum { PROGRAMS = 6 };
    pid_t children[PROGRAMS];
    int status;

    (void)state;
    for (int i = 0; i < PROGRAMS; i++)
        children[i] = start(open_and_store_ten, -1);
    for (int i = 0; i < PROGRAMS; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    struct records *records = open_records();
    assert_int_equal(flash_count(records, "0BADF00D", FAMILY_XT, 1138), 10 * PROGRAMS);
    records_close(records);
}

static void a_file_that_stays_locked_is_told(void **state)
{
    struct records *records = open_records();
    struct record record = sample("XT1", 1138, true);
    sqlite3 *other;

    (void)state;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(records_begin(records, &record, 1), XC_IO);
    assert_non_null(strstr(records_error(records), "another program keeps it locked"));
    assert_listed(records, (struct record_filter){0}, "");
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    assert_int_equal(records_begin(records, &record, 1), XC_OK);
    records_close(records);
}

// --- Killed --------------------------------------------------------------------------------------

// What the program that will be killed has seen done.
struct told {
    int64_t n;
    int64_t finished;
};

static void store_until_killed(int out)
{
    struct records *records;
    char error[512];

    must(records_open(path, &records, error, sizeof error) == XC_OK);
    for (;;) {
        struct record two[] = {sample("XT1", 1138, true), sample("XT2", 1138, true)};
        struct told told = {0};
        must(records_begin(records, two, 2) == XC_OK);
        for (int i = 0; i < 2; i++) {
            told.n = two[i].n;
            must(write(out, &told, sizeof told) == (ssize_t)sizeof told);
        }
        two[0].result = RECORD_WRITTEN;
        must(records_finish(records, two, 1) == XC_OK);
        told = (struct told){two[0].n, true};
        must(write(out, &told, sizeof told) == (ssize_t)sizeof told);
    }
}

static bool next_told(int in, enum record_result *results)
{
    struct told told;

    if (read(in, &told, sizeof told) != (ssize_t)sizeof told)
        return false;
    assert_true(told.n > 0 && told.n < LISTED_MAX);
    results[told.n] = told.finished ? RECORD_WRITTEN : RECORD_UNKNOWN;
    return true;
}

// results: by number; RECORD_PENDING: nothing was told of it, RECORD_UNKNOWN: it was begun.
static void assert_nothing_is_lost(const enum record_result *results)
{
    struct records *records = open_records();
    size_t seen = 0;

    run_sql(path, "PRAGMA integrity_check");
    list(records, &(struct record_filter){0});
    for (int64_t n = 1; n < LISTED_MAX; n++) {
        const struct record *record = &listed.list[seen];
        bool stored = seen < listed.count && record->n == n;
        if (results[n] != RECORD_PENDING)
            assert_true(stored);
        if (!stored)
            continue;
        seen++;
        assert_true(record->result == RECORD_PENDING || record->result == RECORD_WRITTEN);
        if (results[n] == RECORD_WRITTEN)
            assert_int_equal(record->result, RECORD_WRITTEN);
    }
    assert_int_equal(seen, listed.count);
    // Two are begun at a time.
    assert_int_equal(listed.count % 2, 0);
    records_close(records);
}

static void kill_9_loses_nothing_that_was_stored(void **state)
{
    static enum record_result results[LISTED_MAX];
    int status, ends[2];

    (void)state;
    srand(1);
    for (int round = 0; round < 50; round++) {
        int patience = rand() % 20;
        assert_int_equal(pipe(ends), 0);
        pid_t child = start(store_until_killed, ends[1]);
        close(ends[1]);
        while (patience-- > 0 && next_told(ends[0], results))
            continue;
        for (volatile int i = rand() % 1000000; i > 0; i--)
            continue;
        assert_int_equal(kill(child, SIGKILL), 0);
        while (next_told(ends[0], results))
            continue;
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_nothing_is_lost(results);
    }
    struct records *records = open_records();
    assert_true(flash_count(records, "0BADF00D", FAMILY_XT, 1138) > 100);
    records_close(records);
}

// --- The file ------------------------------------------------------------------------------------

static unsigned mode_of(const char *name)
{
    struct stat what;

    if (stat(name, &what) != 0)
        fail_msg("%s: %s", name, strerror(errno));
    return what.st_mode & 07777;
}

static void only_its_owner_can_read_it(void **state)
{
    char name[PATH_SIZE + 8];
    mode_t usual = umask(0);
    struct records *records = open_records();

    (void)state;
    store(records, sample("XT1", 1138, true));
    umask(usual);
    assert_int_equal(mode_of(path), 0600);
    snprintf(name, sizeof name, "%s-wal", path);
    assert_int_equal(mode_of(name), 0600);
    snprintf(name, sizeof name, "%s-shm", path);
    assert_int_equal(mode_of(name), 0600);
    snprintf(name, sizeof name, "%s/state/xcomtop", directory);
    assert_int_equal(mode_of(name), 0700);
    snprintf(name, sizeof name, "%s/state", directory);
    assert_int_equal(mode_of(name), 0700);
    records_close(records);
}

// Makes the file's directory without opening the file.
static void make_directories(void)
{
    char name[PATH_SIZE];

    snprintf(name, sizeof name, "%s/state", directory);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(name, sizeof name, "%s/state/xcomtop", directory);
    assert_int_equal(mkdir(name, 0700), 0);
}

static void a_symbolic_link_is_refused(void **state)
{
    char target[PATH_SIZE];
    size_t length;

    (void)state;
    make_directories();
    snprintf(target, sizeof target, "%s/precious", directory);
    assert_int_equal(symlink(target, path), 0);
    assert_refused("symbolic link");
    assert_int_equal(access(target, F_OK), -1);
    write_file(target, "");
    assert_refused("symbolic link");
    free(read_file(target, &length));
    assert_int_equal(length, 0);
    assert_int_equal(remove(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused("regular file");
}

static void a_linked_directory_is_fine(void **state)
{
    char name[PATH_SIZE], target[PATH_SIZE];

    (void)state;
    snprintf(name, sizeof name, "%s/state", directory);
    snprintf(target, sizeof target, "%s/elsewhere", directory);
    assert_int_equal(mkdir(target, 0700), 0);
    assert_int_equal(symlink(target, name), 0);
    struct records *records = open_records();
    store(records, sample("XT1", 1138, true));
    records_close(records);
}

// Refused, and not a byte of it changed.
static void assert_left_alone(const char *why)
{
    size_t before_length, after_length;
    char *before = read_file(path, &before_length);

    assert_refused(why);
    char *after = read_file(path, &after_length);
    assert_int_equal(after_length, before_length);
    assert_memory_equal(after, before, before_length);
    free(before);
    free(after);
}

static void what_is_not_ours_is_left_alone(void **state)
{
    (void)state;
    make_directories();
    write_file(path, "link = tcp-listen:4001\n# long enough for a header of SQLite: ........."
                     "................................................................\n");
    assert_left_alone("no file of records");
    assert_int_equal(remove(path), 0);
    run_sql(path, "CREATE TABLE bookmarks (url TEXT)");
    assert_left_alone("no file of records");
    assert_int_equal(remove(path), 0);
    run_sql(path, "CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 1;"
                  "PRAGMA application_id = 42");
    assert_left_alone("no file of records");
}

static void a_newer_schema_is_refused(void **state)
{
    (void)state;
    records_close(open_records());
    run_sql(path, "PRAGMA user_version = 3");
    assert_left_alone("newer xcomtop has made it (version 3; this one knows 2)");
}

static void an_older_schema_becomes_the_present_one(void **state)
{
    struct records *records = open_records();

    (void)state;
    store(records, sample("XT1", 1138, true));
    records_close(records);
    run_sql(path, "DROP INDEX writes_device; DROP INDEX writes_flash; PRAGMA user_version = 1");
    for (int i = 0; i < 2; i++) {
        records = open_records();
        assert_int_equal(flash_count(records, "0BADF00D", FAMILY_XT, 1138), i + 1);
        store(records, sample("XT1", 1138, true));
        records_close(records);
    }
    // Each can be made once only.
    run_sql(path, "DROP INDEX writes_device; DROP INDEX writes_flash");
}

static void a_damaged_file_is_told(void **state)
{
    struct records *records = open_records();
    struct record record = sample("XT1", 1138, true);
    struct stat what;

    (void)state;
    for (int i = 0; i < 100; i++)
        store(records, sample("XT1", 1138, true));
    records_close(records);
    // All pages but the first, which has the schema.
    assert_int_equal(stat(path, &what), 0);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, 4096, SEEK_SET);
    for (long i = 4096; i < what.st_size; i++)
        putc(0xA5, file);
    fclose(file);
    records = open_records();
    assert_int_equal(records_begin(records, &record, 1), XC_IO);
    assert_non_null(strstr(records_error(records), "damaged"));
    assert_int_equal(records_list(records, &(struct record_filter){0}, take, &listed), XC_IO);
    assert_non_null(strstr(records_error(records), "damaged"));
    records_close(records);
}

static void the_path_follows_the_environment(void **state)
{
    char out[PATH_SIZE];

    (void)state;
    setenv("HOME", "/home/me", 1);
    setenv("XDG_STATE_HOME", "/var/me", 1);
    assert_string_equal(records_path(false, out, sizeof out), "/var/me/xcomtop/records.sqlite");
    assert_string_equal(records_path(true, out, sizeof out), "/var/me/xcomtop/demo-records.sqlite");
    setenv("XDG_STATE_HOME", "relative", 1);
    assert_string_equal(records_path(false, out, sizeof out),
                        "/home/me/.local/state/xcomtop/records.sqlite");
    unsetenv("XDG_STATE_HOME");
    assert_string_equal(records_path(true, out, sizeof out),
                        "/home/me/.local/state/xcomtop/demo-records.sqlite");
}

// --- A full disk ---------------------------------------------------------------------------------

static bool write_line(const char *file, const char *line)
{
    int out = open(file, O_WRONLY | O_CLOEXEC);
    bool fine = out >= 0 && write(out, line, strlen(line)) == (ssize_t)strlen(line);

    if (out >= 0)
        close(out);
    return fine;
}

// A small file system that only this process sees. NULL, or why there is none.
static const char *mount_small(const char *where)
{
    char users[64], groups[64];

    snprintf(users, sizeof users, "%u %u 1", getuid(), getuid());
    snprintf(groups, sizeof groups, "%u %u 1", getgid(), getgid());
    if (unshare(CLONE_NEWNS) != 0 &&
        (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_line("/proc/self/uid_map", users) ||
         !write_line("/proc/self/setgroups", "deny") || !write_line("/proc/self/gid_map", groups)))
        return "no name spaces here";
    if (mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", where, "tmpfs", 0, "size=512k,mode=777") != 0)
        return "no mount here";
    return NULL;
}

static void fill_disk(const char *name)
{
    static const char block[1024] = "full";
    int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    while (write(file, block, sizeof block) > 0)
        continue;
    assert_int_equal(errno, ENOSPC);
    close(file);
}

static void assert_full(enum xc_status status, const struct records *records)
{
    assert_int_equal(status, XC_IO);
    if (!strstr(records_error(records), ": the disk is full"))
        fail_msg("got '%s'", records_error(records));
}

// Last: the process is in a name space of its own from here on.
static void a_full_disk_is_told_and_harms_nothing(void **state)
{
    enum { MANY = 400 };
    static struct record many[MANY];
    char filler[PATH_SIZE];
    const char *missing = mount_small(directory);

    (void)state;
    if (missing) {
        print_message("%s\n", missing);
        skip();
    }
    snprintf(filler, sizeof filler, "%s/filler", directory);
    fill_disk(filler);
    assert_refused("the disk is full");
    assert_int_equal(remove(filler), 0);

    struct records *records = open_records();
    store(records, sample("XT1", 1138, true));
    for (size_t i = 0; i < MANY; i++)
        many[i] = sample("XT2", 1138, true);
    fill_disk(filler);
    assert_full(records_begin(records, many, MANY), records);
    assert_listed(records, (struct record_filter){0}, "1");
    assert_int_equal(remove(filler), 0);
    assert_int_equal(records_begin(records, many, MANY), XC_OK);

    // Opened anew, the log has no room yet that it could use again.
    records_close(records);
    records = open_records();
    for (size_t i = 0; i < MANY; i++)
        many[i].result = RECORD_WRITTEN;
    fill_disk(filler);
    assert_full(records_finish(records, many, MANY), records);
    list(records, &(struct record_filter){0});
    assert_int_equal(listed.count, MANY + 1);
    for (size_t i = 0; i < listed.count; i++)
        assert_int_equal(listed.list[i].result, RECORD_PENDING);
    assert_int_equal(remove(filler), 0);
    assert_int_equal(records_finish(records, many, MANY), XC_OK);
    list(records, &(struct record_filter){0});
    assert_int_equal(listed.list[MANY].result, RECORD_WRITTEN);
    records_close(records);

    // Not for writing at all.
    assert_int_equal(mount("", directory, "", MS_REMOUNT | MS_RDONLY, NULL), 0);
    assert_refused("Read-only file system");
    assert_int_equal(umount(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_field_survives, make_place, remove_place),
        cmocka_unit_test_setup_teardown(filters_take_what_fits, make_place, remove_place),
        cmocka_unit_test_setup_teardown(flash_is_counted_unless_it_surely_was_not_written,
                                        make_place, remove_place),
        cmocka_unit_test_setup_teardown(numbers_with_records_come_once, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_long_site_is_found, make_place, remove_place),
        cmocka_unit_test_setup_teardown(several_are_stored_or_none, make_place, remove_place),
        cmocka_unit_test_setup_teardown(numbers_are_never_given_twice, make_place, remove_place),
        cmocka_unit_test_setup_teardown(two_programs_use_one_file, make_place, remove_place),
        cmocka_unit_test_setup_teardown(many_programs_may_make_the_file_at_once, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_file_that_stays_locked_is_told, make_place, remove_place),
        cmocka_unit_test_setup_teardown(kill_9_loses_nothing_that_was_stored, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(only_its_owner_can_read_it, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_symbolic_link_is_refused, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_linked_directory_is_fine, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_is_not_ours_is_left_alone, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_newer_schema_is_refused, make_place, remove_place),
        cmocka_unit_test_setup_teardown(an_older_schema_becomes_the_present_one, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_told, make_place, remove_place),
        cmocka_unit_test(the_path_follows_the_environment),
        cmocka_unit_test(what_can_be_taken_back_is_known),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told_and_harms_nothing, make_place,
                                        remove_place),
    };
    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
