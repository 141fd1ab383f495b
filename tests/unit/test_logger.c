// SPDX-License-Identifier: MIT
// The logger in virtual time against the simulator: a day, value by value as it was sent; files
// that are over at midnight and at each hour, also on days of 23 and 25 hours; a gateway that is
// away for days.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/logger.h"
#include "proto/scom.h"
#include "sim/sim.h"

enum { REFS_MAX = 8, SENT_MAX = 64, LINE_BYTES = 1024 };

#define DAY (24 * 3600 * LOOP_S)

// What the simulator has sent last of a value.
struct sent {
    float numbers[SENT_MAX];
    size_t count;
};

struct world {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *sim_gateway;
    struct gateway *gateway;
    struct plant *plant;
    struct logger *logger;
    struct scom_decoder decoder;
    struct sent sent[REFS_MAX];
    char directory[64], path[96];
    unsigned told;
    char last_told[200];
    // Rows as they come, instead of a file.
    unsigned rows, wrong;
    char line[LINE_BYTES];
};

static const struct plant_ref refs[] = {
    {.family = FAMILY_XT, .index = 1, .id = 3000},  {.family = FAMILY_XT, .index = 1, .id = 3136},
    {.family = FAMILY_XT, .index = 2, .id = 3136},  {.family = FAMILY_VT, .index = 1, .id = 11004},
    {.family = FAMILY_BSP, .index = 1, .id = 7002},
};
enum { REFS = sizeof refs / sizeof *refs };
static const char values[] = "XT1:3000,3136,XT2:3136,VT1:11004,BSP:7002";

static void note_sent(struct world *world, unsigned index, unsigned id, float number)
{
    for (size_t i = 0; i < REFS; i++)
        if (refs[i].id == id && refs[i].index == index)
            world->sent[i].numbers[world->sent[i].count++ % SENT_MAX] = number;
}

static void take_items(struct world *world, const struct scom_frame *frame)
{
    struct scom_multi_item items[SCOM_MULTI_MAX];
    size_t count;
    uint32_t flags, clock;

    if (scom_multi_answer_decode(frame->data, frame->data_length, &flags, &clock, items, &count) !=
        XC_OK)
        return;
    for (size_t i = 0; i < count; i++)
        note_sent(world, items[i].aggregation ? items[i].aggregation : 1, items[i].info,
                  items[i].value);
}

static void take_sent(void *arg, const uint8_t *bytes, size_t length)
{
    struct world *world = arg;
    struct scom_frame frame;

    while (length > 0) {
        size_t taken = scom_decoder_feed(&world->decoder, bytes, length);
        bytes += taken;
        length -= taken;
        while (scom_decoder_next(&world->decoder, &frame) == XC_OK)
            if (frame.object_type == SCOM_MULTI_INFO)
                take_items(world, &frame);
    }
}

static const struct sim_events events = {.sent = take_sent};

static void tell(void *arg, const char *line)
{
    struct world *world = arg;

    world->told++;
    snprintf(world->last_told, sizeof world->last_told, "%s", line);
}

// Each number of a row is one that was sent for it, lately.
static bool check_row(void *arg, const char *text, size_t length)
{
    struct world *world = arg;

    assert_true(length < sizeof world->line);
    snprintf(world->line, sizeof world->line, "%.*s", (int)length, text);
    if (strncmp(text, "time", 4) == 0)
        return true;
    world->rows++;
    const char *field = strchr(world->line, ',');
    for (size_t i = 0; i < REFS; i++, field = strchr(field + 1, ',')) {
        float number = strtof(field + 1, NULL);
        bool was_sent = false;
        for (size_t s = 0; s < SENT_MAX && s < world->sent[i].count && !was_sent; s++)
            was_sent = fabsf(world->sent[i].numbers[s] - number) <= 1e-6F * fabsf(number);
        world->wrong += !was_sent;
    }
    return true;
}

static const struct logger_calls calls = {.tell = tell, .put = check_row};

static int64_t local_time(int year, int month, int day, int hour)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_isdst = -1};

    setenv("TZ", "Europe/Zurich", 1);
    tzset();
    return (int64_t)mktime(&tm) * LOOP_S;
}

static struct world *world_open(int64_t wall)
{
    const struct gateway_options options = {0};
    const struct plant_options plant_options = {.leave_messages = true};
    const struct sim_line line = {.latency = 20 * LOOP_MS};
    struct world *world = xcalloc(1, sizeof *world);
    struct sim_options sim_options;
    struct link *near_end, *far_end;
    char error[200];

    world->loop = loop_new_virtual(LOOP_S, wall);
    sim_defaults(&sim_options);
    assert_int_equal(sim_parse("xt=2,vt=1,bsp", &sim_options, error, sizeof error), XC_OK);
    // Its clock shows local time, as this computer's.
    time_t seconds = (time_t)(wall / LOOP_S);
    struct tm local = *localtime(&seconds);
    sim_options.clock = timegm(&local);
    link_memory_pair(world->loop, &near_end, &far_end);
    world->sim = sim_new(world->loop, &sim_options);
    world->sim_gateway = sim_gateway_new(world->sim, far_end, &line, NULL);
    sim_gateway_listen(world->sim_gateway, &events, world);
    world->plant = plant_new(world->loop, &plant_options, NULL, NULL);
    world->gateway =
        gateway_new(world->loop, near_end, &options, plant_gateway_event, world->plant);
    plant_attach(world->plant, world->gateway);
    snprintf(world->directory, sizeof world->directory, "/tmp/test_logger.XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    snprintf(world->path, sizeof world->path, "%s/log", world->directory);
    return world;
}

static void world_close(struct world *world)
{
    char command[128];

    logger_free(world->logger);
    plant_free(world->plant);
    gateway_free(world->gateway);
    sim_gateway_free(world->sim_gateway);
    sim_free(world->sim);
    loop_free(world->loop);
    snprintf(command, sizeof command, "rm -rf %s", world->directory);
    assert_int_equal(system(command), 0);
    free(world);
}

static void begin(struct world *world, const struct logger_options *options)
{
    struct selection selection;
    char error[SELECTION_ERROR_MAX];

    assert_int_equal(selection_parse(values, &selection, error), XC_OK);
    world->logger = logger_new(world->loop, world->plant, &selection, options, &calls, world);
}

// The plant tells that it has changed; here it is looked at often enough.
static void run(struct world *world, int64_t duration)
{
    int64_t end = loop_now(world->loop) + duration;

    while (loop_now(world->loop) < end) {
        loop_run_until(world->loop, loop_now(world->loop) + 200 * LOOP_MS);
        logger_look(world->logger);
    }
}

static void command(struct world *world, const char *text)
{
    char error[200] = "";

    if (sim_gateway_command(world->sim_gateway, text, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
}

// --- A day ---------------------------------------------------------------------------------------

static void a_day_is_logged_as_it_was_sent(void **state)
{
    (void)state;
    struct world *world = world_open(local_time(2026, 6, 21, 0));
    const struct logger_options options = {.every = 10 * LOOP_S, .sync = 5 * LOOP_S};
    begin(world, &options);
    run(world, DAY);
    assert_in_range(world->rows, 8636, 8640);
    assert_int_equal(world->wrong, 0);
    assert_int_equal(world->told, 0);
    assert_int_equal(logger_status(world->logger).rows, world->rows);
    world_close(world);
}

// --- Files that are over -------------------------------------------------------------------------

struct file {
    char name[256];
    unsigned rows;
    char first[32], last[32]; // times
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static void read_file(const struct world *world, const char *name, struct file *file)
{
    char command[400], line[LINE_BYTES];

    // Compressed or not has nothing to do with the order.
    snprintf(file->name, sizeof file->name, "%s", name);
    char *end = strstr(file->name, ".gz");
    if (end)
        *end = '\0';
    // Some are compressed by now, others not yet: whichever is there is whole.
    snprintf(command, sizeof command, "gzip -dcf %s/%s", world->directory, name);
    FILE *lines = popen(command, "r");
    assert_non_null(lines);
    while (fgets(line, sizeof line, lines)) {
        if (strncmp(line, "time", 4) == 0)
            continue;
        char *time = file->rows++ == 0 ? file->first : file->last;
        snprintf(time, sizeof file->first, "%.25s", line);
    }
    pclose(lines);
}

// In the order of their times, the one that is written last at the end.
static size_t read_files(const struct world *world, struct file *files, size_t most)
{
    DIR *folder = opendir(world->directory);
    struct dirent *entry;
    size_t count = 0;

    while ((entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, "log", 3) != 0)
            continue;
        assert_true(count < most);
        memset(&files[count], 0, sizeof files[count]);
        read_file(world, entry->d_name, &files[count++]);
    }
    closedir(folder);
    qsort(files, count, sizeof *files, by_name);
    // "log" alone comes first by its name.
    struct file present = files[0];
    memmove(files, files + 1, (count - 1) * sizeof *files);
    files[count - 1] = present;
    return count;
}

static void days(int month, int day, unsigned middle_rows)
{
    static struct file files[8];
    struct world *world = world_open(local_time(2026, month, day, 22));
    const struct logger_options options = {
        .path = world->path, .every = 60 * LOOP_S, .sync = 5 * LOOP_S, .rotation = ROTATE_DAILY};

    begin(world, &options);
    run(world, 28 * 3600 * LOOP_S);
    size_t count = read_files(world, files, 8);
    assert_int_equal(count, 3);
    assert_in_range(files[0].rows, 118, 120);
    assert_in_range(files[1].rows, middle_rows - 1, middle_rows);
    char midnight[32];
    snprintf(midnight, sizeof midnight, "2026-%02d-%02dT00:00", month, day + 1);
    assert_memory_equal(files[1].first, midnight, strlen(midnight));
    snprintf(midnight, sizeof midnight, "2026-%02d-%02dT23:59", month, day + 1);
    assert_memory_equal(files[1].last, midnight, strlen(midnight));
    assert_true(files[2].rows > 50);
    world_close(world);
}

static void a_file_a_day_also_when_it_has_23_or_25_hours(void **state)
{
    (void)state;
    days(6, 20, 24 * 60);
    days(3, 28, 23 * 60);
    days(10, 24, 25 * 60);
}

static void a_file_an_hour_also_when_it_comes_twice(void **state)
{
    static struct file files[16];

    (void)state;
    struct world *world = world_open(local_time(2026, 10, 25, 0));
    const struct logger_options options = {.path = world->path,
                                           .every = 60 * LOOP_S,
                                           .sync = 5 * LOOP_S,
                                           .rotation = ROTATE_HOURLY,
                                           .rotate_keep = 4};
    begin(world, &options);
    run(world, 5 * 3600 * LOOP_S + 30 * LOOP_S);
    size_t count = read_files(world, files, 16);
    // 0, 1, 2 in summer time, 2 in winter time, 3, and the present one; the oldest is removed.
    assert_int_equal(count, 5);
    assert_memory_equal(files[1].first, "2026-10-25T02:00:00", 19);
    assert_memory_equal(files[2].first, "2026-10-25T02:00:00", 19);
    for (size_t i = 0; i < 4; i++)
        assert_in_range(files[i].rows, 59, 60);
    world_close(world);
}

// --- A gateway that is away ----------------------------------------------------------------------

static void days_without_a_gateway_leave_a_gap_and_nothing_else(void **state)
{
    (void)state;
    struct world *world = world_open(local_time(2026, 6, 21, 0));
    const struct logger_options options = {.every = 10 * LOOP_S, .sync = 5 * LOOP_S};
    begin(world, &options);
    run(world, 3600 * LOOP_S);
    unsigned before = world->rows;
    size_t memory = mallinfo2().uordblks;
    command(world, "disconnect 24h");
    run(world, 3600 * LOOP_S);
    assert_in_range(world->rows, before, before + 1);
    assert_int_equal(world->told, 1);
    assert_non_null(strstr(world->last_told, "no values: "));
    assert_non_null(strstr(logger_status(world->logger).error, "no values: "));
    run(world, DAY - 3600 * LOOP_S + 120 * LOOP_S);
    assert_int_equal(world->told, 2);
    assert_string_equal(world->last_told, "values come again");
    assert_string_equal(logger_status(world->logger).error, "");
    assert_true(world->rows > before + 2);
    assert_int_equal(world->wrong, 0);
    // Nothing grows while nobody answers.
    assert_true(mallinfo2().uordblks < memory + 64 * 1024);
    world_close(world);
}

static void another_clock_is_told(void **state)
{
    (void)state;
    struct world *world = world_open(local_time(2026, 6, 21, 12));
    const struct logger_options options = {.every = 10 * LOOP_S, .sync = 5 * LOOP_S};
    begin(world, &options);
    run(world, 60 * LOOP_S);
    assert_int_equal(world->told, 0);
    command(world, "set XCOM 5002 2026-06-21 13:00:00");
    run(world, 90 * LOOP_S);
    assert_int_equal(world->told, 1);
    assert_non_null(strstr(world->last_told, "ahead of this computer's: daylight saving?"));
    command(world, "set XCOM 5002 2026-06-21 12:12:00");
    run(world, 90 * LOOP_S);
    assert_int_equal(world->told, 2);
    assert_null(strstr(world->last_told, "daylight"));
    world_close(world);
}

static void the_clock_of_a_demonstration_is_not_told(void **state)
{
    (void)state;
    struct world *world = world_open(local_time(2026, 6, 21, 12));
    const struct logger_options options = {.every = 10 * LOOP_S, .sync = 5 * LOOP_S, .demo = true};
    begin(world, &options);
    command(world, "set XCOM 5002 2026-06-21 13:00:00");
    run(world, 150 * LOOP_S);
    assert_true(world->rows > 10);
    assert_int_equal(world->told, 0);
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_logged_as_it_was_sent),
        cmocka_unit_test(a_file_a_day_also_when_it_has_23_or_25_hours),
        cmocka_unit_test(a_file_an_hour_also_when_it_comes_twice),
        cmocka_unit_test(days_without_a_gateway_leave_a_gap_and_nothing_else),
        cmocka_unit_test(another_clock_is_told),
        cmocka_unit_test(the_clock_of_a_demonstration_is_not_told),
    };
    return cmocka_run_group_tests_name("logger", tests, NULL, NULL);
}
