// SPDX-License-Identifier: MIT
// plant: datalog files over a real gateway and the simulated installation: whatever goes wrong, a
// file is there whole and as it is on the card, or it isn't there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit_rig.h"
#include "edit_site.h"
#include "plant/datalog.h"
#include "store/datafiles.h"

// The rig begins on 2026-06-20 at 12:00:00. A file has five blocks.
#define INSTALLATION "xt=1,bsp,log=3,log-every=40"
#define NAME         "LG260619.CSV"

enum { DAY = 20623, CONTENT_MAX = 1 << 20 }; // 2026-06-19

struct world {
    struct rig *rig;
    struct datalog *datalog;
    char directory[64];
    unsigned changes;
};

static void on_change(void *arg)
{
    struct world *world = arg;
    world->changes++;
}

static void open_world_over(struct world *world, const char *installation,
                            const struct plant_options *options,
                            const struct gateway_options *gateway_options, bool quiet_hours)
{
    static const struct plant_options bare = {.no_discovery = true};

    *world = (struct world){.directory = "/tmp/xcomtop-datalog-XXXXXX"};
    assert_non_null(mkdtemp(world->directory));
    world->rig = rig_new_over(installation, options ? options : &bare, gateway_options);
    world->datalog = datalog_new(
        world->rig->plant,
        &(struct datalog_options){.directory = world->directory, .quiet_hours = quiet_hours},
        on_change, world);
}

static void open_world(struct world *world)
{
    static const struct gateway_options plain = {0};
    open_world_over(world, INSTALLATION, NULL, &plain, false);
}

static int64_t size_of(const char *directory, const char *name)
{
    int64_t size, changed;

    datafiles_find(directory, name, &size, &changed);
    return size;
}

static size_t count_files(const struct world *world, bool remove)
{
    DIR *directory = opendir(world->directory);
    size_t n = 0;

    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[400];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        n++;
        snprintf(path, sizeof path, "%s/%s", world->directory, entry->d_name);
        if (remove)
            unlink(path);
    }
    closedir(directory);
    return n;
}

static void close_world(struct world *world)
{
    datalog_free(world->datalog);
    rig_free(world->rig);
    count_files(world, true);
    assert_int_equal(rmdir(world->directory), 0);
}

static void run_until_idle(struct world *world, int64_t limit)
{
    for (int64_t spent = 0; spent < limit && datalog_busy(world->datalog); spent += LOOP_S)
        rig_run(world->rig, LOOP_S);
}

static char *path_of(const struct world *world, const char *name)
{
    static char path[300];

    snprintf(path, sizeof path, "%s/%s", world->directory, name);
    return path;
}

static size_t read_file(const char *path, uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t length = fread(bytes, 1, size, file);
    fclose(file);
    return length;
}

// The file is here, private, with what the card has.
static void assert_whole(struct world *world, const char *name, int64_t day, const char *after)
{
    static uint8_t here[CONTENT_MAX];
    size_t length;
    uint8_t *there = site_datalog(world->rig->sim, day, &length);
    struct stat what;

    assert_non_null(there);
    if (size_of(world->directory, name) < 0)
        fail_msg("after %s: %s isn't there", after, name);
    if (read_file(path_of(world, name), here, sizeof here) != length ||
        memcmp(here, there, length) != 0)
        fail_msg("after %s: %s has another content", after, name);
    assert_int_equal(lstat(path_of(world, name), &what), 0);
    assert_int_equal(what.st_mode & 07777, 0600);
    free(there);
}

static const struct datalog_file *file_of(struct world *world, const char *name)
{
    for (size_t i = 0; i < datalog_count(world->datalog); i++)
        if (strcmp(datalog_file(world->datalog, i)->name, name) == 0)
            return datalog_file(world->datalog, i);
    fail_msg("%s isn't known", name);
    return NULL;
}

static uint64_t violations(struct world *world)
{
    char status[1024];
    unsigned long long n;
    const char *line =
        strstr(sim_gateway_status(world->rig->sim_gateway, status, sizeof status), "violations ");

    assert_int_equal(sscanf(line, "violations %llu", &n), 1);
    return n;
}

// --- As it should be -----------------------------------------------------------------------------

static void the_list_is_fetched_newest_first(void **state)
{
    (void)state;
    struct world world;
    int64_t when;

    open_world(&world);
    assert_false(datalog_listed(world.datalog, NULL));
    datalog_list(world.datalog);
    assert_true(datalog_busy(world.datalog));
    run_until_idle(&world, 10 * LOOP_S);
    assert_true(datalog_listed(world.datalog, &when));
    assert_int_equal(datalog_count(world.datalog), 3);
    assert_string_equal(datalog_file(world.datalog, 0)->name, "LG260619.CSV");
    assert_string_equal(datalog_file(world.datalog, 2)->name, "LG260617.CSV");
    assert_int_equal(datalog_file(world.datalog, 0)->size, -1);
    assert_int_equal(datalog_file(world.datalog, 0)->state, DATALOG_IDLE);
    assert_int_equal(datalog_strange(world.datalog), 0);
    assert_true(world.changes > 0);
    assert_int_equal(count_files(&world, false), 0);
    close_world(&world);
}

static void a_long_list_comes_in_blocks(void **state)
{
    (void)state;
    static const struct gateway_options plain = {0};
    struct world world;

    open_world_over(&world, "xt=1,log=365", NULL, &plain, false);
    datalog_list(world.datalog);
    run_until_idle(&world, 60 * LOOP_S);
    assert_int_equal(datalog_count(world.datalog), 365);
    assert_string_equal(datalog_file(world.datalog, 364)->name, "LG250620.CSV");
    close_world(&world);
}

static void files_are_fetched_and_kept(void **state)
{
    (void)state;
    struct world world;
    struct datalog_progress progress;

    open_world(&world);
    datalog_list(world.datalog);
    run_until_idle(&world, 10 * LOOP_S);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(datalog_get(world.datalog, datalog_file(world.datalog, i)->name), XC_OK);
    run_until_idle(&world, 60 * LOOP_S);
    assert_whole(&world, "LG260619.CSV", DAY, "a plain fetch");
    assert_whole(&world, "LG260618.CSV", DAY - 1, "a plain fetch");
    assert_whole(&world, "LG260617.CSV", DAY - 2, "a plain fetch");
    assert_int_equal(count_files(&world, false), 3);
    datalog_progress(world.datalog, &progress);
    assert_int_equal(progress.done, 3);
    assert_int_equal(progress.failed, 0);
    assert_int_equal(file_of(&world, NAME)->state, DATALOG_DONE);
    assert_string_equal(file_of(&world, NAME)->text, "fetched");
    // Once more: nothing changes.
    assert_int_equal(datalog_get(world.datalog, NAME), XC_OK);
    run_until_idle(&world, 60 * LOOP_S);
    assert_string_equal(file_of(&world, NAME)->text, "as it was here already");
    assert_int_equal(violations(&world), 0);
    close_world(&world);
}

static void only_names_of_datalog_files_are_taken(void **state)
{
    (void)state;
    static const char *const names[] = {"", "../LG260619.CSV", "LG260631.CSV", "LG260619.csv",
                                        "LG260619.CSV\n"};
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(datalog_get(world.datalog, names[i]), XC_RANGE);
    assert_false(datalog_busy(world.datalog));
    close_world(&world);
}

static void progress_tells_what_is_known(void **state)
{
    (void)state;
    struct world world;
    struct datalog_progress progress;
    char name[LOGNAME_MAX];

    open_world(&world);
    datalog_get(world.datalog, "LG260619.CSV");
    rig_run(world.rig, 300 * LOOP_MS);
    datalog_progress(world.datalog, &progress);
    assert_string_equal(progress.name, "LG260619.CSV");
    assert_true(progress.blocks > 0);
    assert_int_equal(progress.bytes, 512 * progress.blocks);
    assert_true(progress.rate > 1000 && progress.rate < 11520);
    assert_int_equal(progress.expected, 0); // nothing to estimate from yet
    assert_true(progress.left < 0);
    run_until_idle(&world, 60 * LOOP_S);
    datalog_get(world.datalog, "LG260618.CSV");
    datalog_get(world.datalog, "LG260617.CSV");
    rig_run(world.rig, 300 * LOOP_MS);
    datalog_progress(world.datalog, &progress);
    assert_int_equal(progress.queued, 1);
    assert_int_equal(progress.expected, file_of(&world, "LG260619.CSV")->size);
    assert_true(progress.left > 0 && progress.left < 5 * LOOP_S);
    run_until_idle(&world, 60 * LOOP_S);
    // One that is much smaller says nothing.
    for (int day = 18; day <= 19; day++) {
        snprintf(name, sizeof name, "LG2606%d.CSV", day);
        truncate(path_of(&world, name), 100);
    }
    unlink(path_of(&world, "LG260617.CSV"));
    datalog_list(world.datalog);
    run_until_idle(&world, 60 * LOOP_S);
    datalog_get(world.datalog, "LG260617.CSV");
    rig_run(world.rig, 300 * LOOP_MS);
    datalog_progress(world.datalog, &progress);
    assert_true(progress.blocks > 0);
    assert_int_equal(progress.expected, 0);
    assert_true(progress.left < 0);
    close_world(&world);
}

static void polling_goes_on_between_blocks(void **state)
{
    (void)state;
    static const struct gateway_options plain = {0};
    static const struct plant_options options = {0};
    struct plant_ref ref = {.family = FAMILY_XT, .index = 1, .id = 3136};
    struct world world;

    open_world_over(&world, "xt=1,bsp,log=3,log-every=1", &options, &plain, false);
    rig_discover(world.rig);
    plant_subscribe(world.rig->plant, &ref, 1, LOOP_S, PRIORITY_SCREEN);
    rig_run(world.rig, 3 * LOOP_S);
    datalog_get(world.datalog, NAME);
    for (int i = 0; i < 10; i++) {
        rig_run(world.rig, LOOP_S);
        struct reading reading = plant_reading(world.rig->plant, &ref);
        assert_int_equal(reading.quality, QUALITY_FRESH);
        assert_true(reading.age < 1500 * LOOP_MS);
        assert_int_equal(file_of(&world, NAME)->state, DATALOG_COMING);
    }
    run_until_idle(&world, 300 * LOOP_S);
    assert_whole(&world, NAME, DAY, "polling");
    assert_int_equal(violations(&world), 0);
    close_world(&world);
}

// --- Faults --------------------------------------------------------------------------------------

static void every_fault_at_every_block(void **state)
{
    (void)state;
    static const char *const kinds[] = {"corrupt", "silence", "duplicate", "late",
                                        "restart", "busy",    "broken"};
    static const char *const counts[] = {"1", "2"};

    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (unsigned block = 1; block <= 6; block++)
            for (size_t c = 0; c < 2; c++) {
                struct world world;
                char text[80];
                open_world(&world);
                snprintf(text, sizeof text, "block %s %u %s", kinds[kind], block, counts[c]);
                rig_command(world.rig, text);
                assert_int_equal(datalog_get(world.datalog, NAME), XC_OK);
                run_until_idle(&world, 300 * LOOP_S);
                assert_false(datalog_busy(world.datalog));
                bool broken = strcmp(kinds[kind], "broken") == 0 && block <= 5;
                if (broken)
                    assert_int_equal(count_files(&world, false), 0);
                else
                    assert_whole(&world, NAME, DAY, text);
                assert_int_equal(file_of(&world, NAME)->state,
                                 broken ? DATALOG_FAILED : DATALOG_DONE);
                // A gateway that sends twice is asked while it sends; else never.
                if (strcmp(kinds[kind], "duplicate") != 0)
                    assert_int_equal(violations(&world), 0);
                close_world(&world);
            }
}

static void a_list_survives_every_fault(void **state)
{
    (void)state;
    static const char *const kinds[] = {"corrupt", "silence", "duplicate",
                                        "late",    "restart", "busy"};
    static const struct gateway_options plain = {0};

    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (unsigned block = 1; block <= 4; block++) {
            struct world world;
            char text[80];
            open_world_over(&world, "xt=1,log=120", NULL, &plain, false);
            snprintf(text, sizeof text, "block %s %u", kinds[kind], block);
            rig_command(world.rig, text);
            datalog_list(world.datalog);
            run_until_idle(&world, 300 * LOOP_S);
            if (datalog_count(world.datalog) != 120 || datalog_strange(world.datalog) != 0)
                fail_msg("after %s: %u files", text, (unsigned)datalog_count(world.datalog));
            close_world(&world);
        }
}

static void a_lost_link_begins_the_file_again(void **state)
{
    (void)state;

    // In every tenth of a second of the transfer.
    for (int64_t at = 50; at < 700; at += 50) {
        struct world world;
        open_world(&world);
        datalog_get(world.datalog, NAME);
        datalog_get(world.datalog, "LG260618.CSV");
        rig_run(world.rig, at * LOOP_MS);
        rig_command(world.rig, "disconnect 3s");
        run_until_idle(&world, 120 * LOOP_S);
        assert_whole(&world, NAME, DAY, "a lost link");
        assert_whole(&world, "LG260618.CSV", DAY - 1, "a lost link");
        assert_int_equal(count_files(&world, false), 2);
        close_world(&world);
    }
}

static void what_never_works_is_given_up(void **state)
{
    (void)state;
    static const struct {
        const char *fault, *says;
    } cases[] = {
        {"block silence 3 always", "the gateway didn't answer"},
        {"block corrupt 3 always", "a block came that couldn't be read"},
        {"block broken 2 always", "damaged"},
        {"error 0x29 XCOM:2", "error 0x29"},
        {"sd absent", "no card"},
        {"error 0x2C XCOM:2", "no datalog files"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        open_world(&world);
        rig_command(world.rig, cases[i].fault);
        datalog_get(world.datalog, NAME);
        run_until_idle(&world, 300 * LOOP_S);
        assert_false(datalog_busy(world.datalog));
        assert_int_equal(file_of(&world, NAME)->state, DATALOG_FAILED);
        if (!strstr(file_of(&world, NAME)->text, cases[i].says))
            fail_msg("after %s: %s", cases[i].fault, file_of(&world, NAME)->text);
        assert_int_equal(count_files(&world, false), 0);
        close_world(&world);
    }
}

static void another_installation_ends_everything(void **state)
{
    (void)state;
    struct world world;

    open_world(&world);
    datalog_get(world.datalog, NAME);
    datalog_get(world.datalog, "LG260618.CSV");
    rig_run(world.rig, 200 * LOOP_MS);
    rig_command(world.rig, "disconnect 3s");
    rig_run(world.rig, LOOP_S);
    rig_exchange(world.rig);
    run_until_idle(&world, 120 * LOOP_S);
    assert_int_equal(count_files(&world, false), 0);
    assert_int_equal(file_of(&world, NAME)->state, DATALOG_FAILED);
    assert_string_equal(file_of(&world, NAME)->text, "another installation answers now");
    assert_int_equal(file_of(&world, "LG260618.CSV")->state, DATALOG_FAILED);
    close_world(&world);
}

// When the first step of a transfer came since then, and which it was.
static int64_t stepped;
static uint16_t first_step;

static void watch_steps(struct rig *rig, const struct scom_frame *request)
{
    if (request->object_type != SCOM_DATALOG || stepped > 0)
        return;
    stepped = loop_now(rig->loop);
    first_step = request->property_id;
}

static void a_late_block_has_time_to_come(void **state)
{
    (void)state;
    struct world world;

    open_world(&world);
    rig_command(world.rig, "block silence 2");
    datalog_get(world.datalog, NAME);
    rig_run(world.rig, LOOP_S);
    stepped = 0;
    world.rig->tap = watch_steps;
    int64_t since = loop_now(world.rig->loop);
    run_until_idle(&world, 60 * LOOP_S);
    assert_true(stepped - since > 7 * LOOP_S && stepped - since < 9 * LOOP_S);
    assert_int_equal(first_step, SCOM_DATALOG_ABORT);
    assert_whole(&world, NAME, DAY, "silence");
    close_world(&world);
}

// Also when the connection goes while something else is asked.
static void a_new_connection_begins_with_an_abort(void **state)
{
    (void)state;
    static const struct gateway_options plain = {0};
    static const struct plant_options options = {0};
    struct plant_ref ref = {.family = FAMILY_XT, .index = 1, .id = 3136};

    for (int64_t at = 0; at < 150; at += 10) {
        struct world world;
        open_world_over(&world, "xt=1,bsp,log=3,log-every=5", &options, &plain, false);
        rig_discover(world.rig);
        plant_subscribe(world.rig->plant, &ref, 1, LOOP_MS, PRIORITY_SCREEN);
        datalog_get(world.datalog, NAME);
        rig_run(world.rig, LOOP_S + at * LOOP_MS);
        assert_true(site_transfers(world.rig->sim));
        rig_command(world.rig, "disconnect 2s");
        stepped = 0;
        world.rig->tap = watch_steps;
        run_until_idle(&world, 60 * LOOP_S);
        assert_true(stepped > 0);
        assert_int_equal(first_step, SCOM_DATALOG_ABORT);
        assert_whole(&world, NAME, DAY, "a lost link beside the polling");
        close_world(&world);
    }
}

// Names that aren't, among those that are: no path, nothing shown.
static void strange_answer(struct rig *rig, const struct scom_frame *request)
{
    static const char names[] = "LG260619.CSV\r../../x.CSV\nLG260618.CSV\n\nLG26\x1b[2J.CSV\n"
                                "LG260230.CSV\nLG260618.CSV\nLG2606";
    struct scom_frame answered = *request;

    if (request->object_type != SCOM_DATALOG)
        return;
    answered.property_id = SCOM_DATALOG_FINISH;
    rig_forge(rig, &answered, 0, (const uint8_t *)names, sizeof names - 1);
}

static void strange_names_are_left_out(void **state)
{
    (void)state;
    struct world world;

    open_world(&world);
    world.rig->tap = strange_answer;
    datalog_list(world.datalog);
    run_until_idle(&world, 10 * LOOP_S);
    assert_int_equal(datalog_count(world.datalog), 2);
    assert_string_equal(datalog_file(world.datalog, 0)->name, "LG260619.CSV");
    assert_string_equal(datalog_file(world.datalog, 1)->name, "LG260618.CSV");
    assert_int_equal(datalog_strange(world.datalog), 4);
    close_world(&world);
}

// --- A person ------------------------------------------------------------------------------------

static void an_abort_ends_the_transfer(void **state)
{
    (void)state;
    struct world world;

    for (int64_t at = 20; at < 350; at += 30) {
        open_world(&world);
        datalog_get(world.datalog, NAME);
        datalog_get(world.datalog, "LG260618.CSV");
        rig_run(world.rig, at * LOOP_MS);
        datalog_stop(world.datalog);
        run_until_idle(&world, 10 * LOOP_S);
        assert_false(datalog_busy(world.datalog));
        assert_false(site_transfers(world.rig->sim)); // the gateway knows, too
        assert_int_equal(count_files(&world, false), 0);
        assert_int_equal(file_of(&world, NAME)->state, DATALOG_IDLE);
        // And it can begin again.
        datalog_get(world.datalog, NAME);
        run_until_idle(&world, 60 * LOOP_S);
        assert_whole(&world, NAME, DAY, "an abort");
        close_world(&world);
    }
}

static void one_file_can_be_dropped(void **state)
{
    (void)state;
    struct world world;

    open_world(&world);
    datalog_get(world.datalog, NAME);
    datalog_get(world.datalog, "LG260618.CSV");
    rig_run(world.rig, 200 * LOOP_MS);
    datalog_drop(world.datalog, NAME);
    run_until_idle(&world, 60 * LOOP_S);
    assert_whole(&world, "LG260618.CSV", DAY - 1, "dropping another");
    assert_int_equal(count_files(&world, false), 1);
    close_world(&world);
}

static void quiet_hours_are_kept(void **state)
{
    (void)state;
    static const struct gateway_options plain = {0};
    struct world world;
    struct datalog_progress progress;

    // The clock is of the installation, not of this computer.
    open_world_over(&world, "xt=1,bsp,log=3,log-every=1", NULL, &plain, true);
    site_turn_clock(world.rig->sim, 11 * 3600 + 58 * 60 + 50);
    datalog_get(world.datalog, NAME);
    rig_run(world.rig, 9 * LOOP_S);
    datalog_progress(world.datalog, &progress);
    assert_true(progress.blocks > 10);
    rig_run(world.rig, 3 * LOOP_S);
    assert_false(site_transfers(world.rig->sim));
    datalog_progress(world.datalog, &progress);
    assert_true(progress.quiet);
    assert_non_null(strstr(progress.text, "01:00"));
    unsigned reads = world.rig->reads;
    rig_run(world.rig, 3600 * LOOP_S);
    assert_int_equal(world.rig->reads, reads);
    rig_run(world.rig, 240 * LOOP_S);
    assert_whole(&world, NAME, DAY, "quiet hours");
    close_world(&world);
}

static void a_transfer_that_stood_still_is_begun_again(void **state)
{
    (void)state;
    struct world world;

    open_world(&world);
    datalog_get(world.datalog, NAME);
    rig_run(world.rig, 200 * LOOP_MS);
    plant_pause(world.rig->plant, true);
    rig_run(world.rig, 100 * LOOP_S);
    // Meanwhile somebody else has fetched another file through the same gateway.
    site_transfer(world.rig->sim, DAY - 1);
    plant_pause(world.rig->plant, false);
    run_until_idle(&world, 60 * LOOP_S);
    assert_whole(&world, NAME, DAY, "a pause");
    close_world(&world);
}

static void read_only_fetches_nothing(void **state)
{
    (void)state;
    static const struct gateway_options careful = {.read_only = true};
    struct world world;

    open_world_over(&world, INSTALLATION, NULL, &careful, false);
    datalog_get(world.datalog, NAME);
    run_until_idle(&world, 10 * LOOP_S);
    assert_int_equal(file_of(&world, NAME)->state, DATALOG_FAILED);
    assert_non_null(strstr(file_of(&world, NAME)->text, "read-only"));
    close_world(&world);
}

// --- Files ---------------------------------------------------------------------------------------

static void put_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void a_file_that_grew_is_replaced(void **state)
{
    (void)state;
    struct world world;

    open_world(&world);
    rig_command(world.rig, "set XCOM 5059 send");
    rig_run(world.rig, 10 * LOOP_S);
    datalog_get(world.datalog, "LG260620.CSV");
    run_until_idle(&world, 60 * LOOP_S);
    assert_whole(&world, "LG260620.CSV", DAY + 1, "noon");
    int64_t before = size_of(world.directory, "LG260620.CSV");
    rig_run(world.rig, 13 * 3600 * LOOP_S);
    datalog_get(world.datalog, "LG260620.CSV");
    run_until_idle(&world, 60 * LOOP_S);
    assert_whole(&world, "LG260620.CSV", DAY + 1, "midnight");
    assert_string_equal(file_of(&world, "LG260620.CSV")->text, "has grown");
    assert_true(size_of(world.directory, "LG260620.CSV") > before);
    close_world(&world);
}

static void another_file_of_the_name_stays(void **state)
{
    (void)state;
    struct world world;
    uint8_t content[64];

    open_world(&world);
    put_file(path_of(&world, NAME), "mine\n");
    datalog_get(world.datalog, NAME);
    run_until_idle(&world, 60 * LOOP_S);
    assert_int_equal(file_of(&world, NAME)->state, DATALOG_FAILED);
    assert_non_null(strstr(file_of(&world, NAME)->text, "left as it is"));
    assert_int_equal(read_file(path_of(&world, NAME), content, sizeof content), 5);
    assert_int_equal(count_files(&world, false), 1);
    close_world(&world);
}

static void links_arent_followed(void **state)
{
    (void)state;
    struct world world;
    enum datafile was;
    char victim[] = "/tmp/xcomtop-victim-XXXXXX", error[DATAFILES_ERROR_MAX];
    uint8_t content[64];
    int descriptor = mkstemp(victim);

    assert_true(descriptor >= 0);
    close(descriptor);
    open_world(&world);
    assert_int_equal(symlink(victim, path_of(&world, NAME)), 0);
    assert_int_equal(datafiles_keep(world.directory, NAME, "x", 1, &was, error, sizeof error),
                     XC_IO);
    assert_non_null(strstr(error, "symbolic link"));
    assert_int_equal(unlink(path_of(&world, NAME)), 0);
    assert_int_equal(symlink(victim, path_of(&world, "." NAME ".part")), 0);
    assert_int_equal(datafiles_keep(world.directory, NAME, "x", 1, &was, error, sizeof error),
                     XC_IO);
    assert_int_equal(read_file(victim, content, sizeof content), 0);
    assert_int_equal(unlink(path_of(&world, "." NAME ".part")), 0);
    // What an interrupted program left is no hindrance.
    put_file(path_of(&world, "." NAME ".part"), "half of something longer");
    assert_int_equal(datafiles_keep(world.directory, NAME, "x", 1, &was, error, sizeof error),
                     XC_OK);
    assert_int_equal(was, DATAFILE_NEW);
    assert_int_equal(read_file(path_of(&world, NAME), content, sizeof content), 1);
    assert_int_equal(count_files(&world, false), 1);
    // A FIFO isn't waited for.
    assert_int_equal(mkfifo(path_of(&world, "LG260618.CSV"), 0600), 0);
    assert_int_equal(
        datafiles_keep(world.directory, "LG260618.CSV", "x", 1, &was, error, sizeof error), XC_IO);
    assert_int_equal(datafiles_keep(world.directory, "../" NAME, "x", 1, &was, error, sizeof error),
                     XC_RANGE);
    unlink(victim);
    close_world(&world);
}

static void directories_are_made(void **state)
{
    (void)state;
    struct world world;
    char deep[200], error[DATAFILES_ERROR_MAX], text[DATAFILES_PATH_MAX];
    enum datafile was;
    struct stat what;

    open_world(&world);
    snprintf(deep, sizeof deep, "%s/a/b", world.directory);
    assert_int_equal(datafiles_keep(deep, NAME, "x", 1, &was, error, sizeof error), XC_OK);
    assert_int_equal(stat(deep, &what), 0);
    assert_int_equal(what.st_mode & 07777, 0700);
    assert_int_equal(size_of(deep, NAME), 1);
    unlink(path_of(&world, "a/b/" NAME));
    rmdir(path_of(&world, "a/b"));
    rmdir(path_of(&world, "a"));
    setenv("XDG_DATA_HOME", "/data", 1);
    assert_string_equal(datafiles_directory("../My site", text, sizeof text),
                        "/data/xcomtop/datalog/_._My_site");
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/home/anna", 1);
    assert_string_equal(datafiles_directory("emosson", text, sizeof text),
                        "/home/anna/.local/share/xcomtop/datalog/emosson");
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_fetched_newest_first),
        cmocka_unit_test(a_long_list_comes_in_blocks),
        cmocka_unit_test(files_are_fetched_and_kept),
        cmocka_unit_test(only_names_of_datalog_files_are_taken),
        cmocka_unit_test(progress_tells_what_is_known),
        cmocka_unit_test(polling_goes_on_between_blocks),
        cmocka_unit_test(every_fault_at_every_block),
        cmocka_unit_test(a_list_survives_every_fault),
        cmocka_unit_test(a_lost_link_begins_the_file_again),
        cmocka_unit_test(what_never_works_is_given_up),
        cmocka_unit_test(another_installation_ends_everything),
        cmocka_unit_test(a_late_block_has_time_to_come),
        cmocka_unit_test(a_new_connection_begins_with_an_abort),
        cmocka_unit_test(strange_names_are_left_out),
        cmocka_unit_test(an_abort_ends_the_transfer),
        cmocka_unit_test(one_file_can_be_dropped),
        cmocka_unit_test(quiet_hours_are_kept),
        cmocka_unit_test(a_transfer_that_stood_still_is_begun_again),
        cmocka_unit_test(read_only_fetches_nothing),
        cmocka_unit_test(a_file_that_grew_is_replaced),
        cmocka_unit_test(another_file_of_the_name_stays),
        cmocka_unit_test(links_arent_followed),
        cmocka_unit_test(directories_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
