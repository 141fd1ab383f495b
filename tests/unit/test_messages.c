// SPDX-License-Identifier: MIT
// A gateway's history of messages gets known: whole, politely, over interruptions and restarts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plant_rig.h"

enum { FIRST = 1700000000, ALL = 976 };

static char directory[64], path[96];

static int make_place(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    snprintf(directory, sizeof directory, "/tmp/xcomtop-messages-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/messages.sqlite", directory);
    return 0;
}

static int remove_place(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

// Newer ones than those that are there, an hour apart.
static void add_messages(struct rig *rig, size_t count)
{
    memmove(rig->messages + count, rig->messages, rig->message_count * sizeof *rig->messages);
    for (size_t i = 0; i < count; i++)
        rig->messages[i] = (struct scom_message){
            .type = (uint16_t)(i % 3),
            .source = 101,
            .timestamp = FIRST + 3600 * (uint32_t)(rig->message_count + count - i)};
    rig->message_count += count;
}

static struct rig *rig_with(size_t messages, bool file)
{
    struct rig *rig = rig_new(2, 0, 0, false, false);
    const struct plant_options options = {.messages = file ? path : NULL};

    memset(rig->guid, 0xA1, sizeof rig->guid);
    add_messages(rig, messages);
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, &options);
    return rig;
}

// The program ends, and begins again at the same installation.
static struct rig *again(struct rig *rig)
{
    struct rig *next = rig_with(0, true);

    memcpy(next->messages, rig->messages, sizeof rig->messages);
    next->message_count = rig->message_count;
    rig_free(rig);
    return next;
}

static size_t message_reads(const struct rig *rig)
{
    size_t reads = 0;

    for (size_t i = 0; i < rig->request_count; i++)
        reads += rig->requests[i].object == SCOM_MESSAGE;
    return reads;
}

struct order {
    uint32_t before;
    size_t count;
};

static bool check_order(void *arg, const struct known_message *message)
{
    struct order *order = arg;

    assert_true(message->timestamp == order->before - 3600 || order->count == 0);
    order->before = message->timestamp;
    order->count++;
    return true;
}

// All are known, each once, without a hole.
static void assert_known(struct rig *rig, size_t count)
{
    struct order order = {0};

    plant_messages_list(rig->plant, &(struct known_filter){.newest_first = true}, check_order,
                        &order);
    assert_int_equal(order.count, count);
    if (count > 0)
        assert_int_equal(order.before + 3600 * (uint32_t)(count - 1), rig->messages[0].timestamp);
    assert_int_equal(plant_messages_state(rig->plant).counts.all, count);
}

static void run_until_read(struct rig *rig)
{
    for (unsigned i = 0; i < 3600 && plant_messages_state(rig->plant).reading; i++)
        rig_run(rig, LOOP_S);
    assert_false(plant_messages_state(rig->plant).reading);
}

static void run_until_asked(struct rig *rig, size_t reads)
{
    for (unsigned i = 0; i < 60000 && message_reads(rig) < reads; i++)
        rig_run(rig, LOOP_MS);
    assert_true(message_reads(rig) >= reads);
}

static void nothing_is_read_before_somebody_looks(void **state)
{
    (void)state;
    struct rig *rig = rig_with(5, true);

    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(message_reads(rig), 0);
    plant_messages_open(rig->plant);
    rig_run(rig, 5 * LOOP_S);
    assert_known(rig, 5);
    rig_free(rig);
}

static void a_whole_history_is_read_once(void **state)
{
    (void)state;
    struct rig *rig = rig_with(ALL, true);

    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 5 * LOOP_S);
    run_until_read(rig);
    assert_known(rig, ALL);
    assert_int_equal(message_reads(rig), ALL);

    // Later only what is new, and one that is known.
    add_messages(rig, 3);
    rig_forget_requests(rig);
    plant_messages_open(rig->plant);
    run_until_read(rig);
    assert_known(rig, ALL + 3);
    assert_int_equal(message_reads(rig), 4);

    rig = again(rig);
    rig_run(rig, 5 * LOOP_S);
    assert_known(rig, ALL + 3);
    plant_messages_open(rig->plant);
    run_until_read(rig);
    assert_int_equal(message_reads(rig), 1);
    rig_free(rig);
}

static void screens_come_first(void **state)
{
    (void)state;
    struct rig *rig = rig_with(ALL, false);
    const uint16_t ids[] = {3000, 3005, 3011, 0};

    rig->multi = false;
    rig_run(rig, 10 * LOOP_S);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    plant_messages_open(rig->plant);
    for (unsigned i = 0; i < 20; i++) {
        rig_run(rig, LOOP_S);
        for (size_t k = 0; ids[k]; k++)
            assert_true(rig_reading(rig, FAMILY_XT, 1, ids[k]).age < 1200 * LOOP_MS);
    }
    // More than half of the time the line is free for a person, but for the first ones.
    assert_true(message_reads(rig) < 20 * 20);
    assert_true(message_reads(rig) > 20 * 5);
    rig_free(rig);
}

static void an_interrupted_reading_is_taken_up_again(void **state)
{
    (void)state;
    struct rig *rig = rig_with(ALL, true);
    size_t reads = 0;

    rig_run(rig, 5 * LOOP_S);
    for (unsigned i = 0; i < 5; i++) {
        plant_messages_open(rig->plant);
        run_until_asked(rig, 150);
        reads += message_reads(rig);
        if (i % 2 == 0) {
            add_messages(rig, 2);
            rig = again(rig);
            rig_run(rig, 5 * LOOP_S);
        } else {
            rig_forget_requests(rig);
            rig_reconnect(rig);
            rig_run(rig, LOOP_S);
        }
    }
    plant_messages_open(rig->plant);
    run_until_read(rig);
    reads += message_reads(rig);
    assert_known(rig, ALL + 6);
    // What was known wasn't read again, but for a few at each beginning.
    assert_true(reads < ALL + 6 + 6 * 8);
    rig_free(rig);
}

static void silence_is_waited_for(void **state)
{
    (void)state;
    struct rig *rig = rig_with(50, false);

    rig_run(rig, 5 * LOOP_S);
    plant_messages_open(rig->plant);
    run_until_asked(rig, 20);
    rig->deaf = true;
    rig_run(rig, 9 * LOOP_S);
    rig->deaf = false;
    run_until_read(rig);
    assert_known(rig, 50);
    rig_free(rig);
}

static void both_ways_to_count_end_at_the_oldest(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 5; count++)
        for (int down = 0; down < 2; down++)
            for (size_t more = 0; more < 3; more++) {
                struct rig *rig = rig_with(count, false);
                rig->messages_count_down = down;
                rig->messages_told_more = more;
                rig_run(rig, 5 * LOOP_S);
                plant_messages_open(rig->plant);
                run_until_read(rig);
                assert_known(rig, count);
                assert_true(message_reads(rig) <= count + 2);
                rig_free(rig);
            }
}

// Somebody else reads the newest one, and all have other indices.
static void indices_that_move_on_leave_no_hole(void **state)
{
    (void)state;
    struct rig *rig = rig_with(30, false);

    rig_run(rig, 5 * LOOP_S);
    plant_messages_open(rig->plant);
    run_until_asked(rig, 10);
    add_messages(rig, 2);
    run_until_read(rig);
    plant_messages_open(rig->plant);
    run_until_read(rig);
    assert_known(rig, 32);
    rig_free(rig);
}

static void they_are_left_when_told_so(void **state)
{
    (void)state;
    struct rig *rig = rig_with(5, true);

    plant_messages_open(rig->plant);
    rig_run(rig, 10 * LOOP_S);
    assert_known(rig, 5);
    struct rig *next = rig_new(2, 0, 0, false, false);
    memset(next->guid, 0xA1, sizeof next->guid);
    memcpy(next->messages, rig->messages, sizeof rig->messages);
    next->message_count = 5;
    next->frame_flags = SCOM_MESSAGE_PENDING;
    rig_free(rig);
    const struct plant_options options = {.leave_messages = true, .messages = path};
    rig_start(next, &options);
    rig_run(next, 5 * LOOP_S);
    plant_messages_open(next->plant);
    rig_run(next, 60 * LOOP_S);
    // What is known is known.
    assert_known(next, 5);
    assert_int_equal(message_reads(next), 0);
    assert_true(next->frame_flags & SCOM_MESSAGE_PENDING);
    rig_free(next);
}

static void another_installation_has_its_own(void **state)
{
    (void)state;
    struct rig *rig = rig_with(5, false);

    rig_run(rig, 5 * LOOP_S);
    plant_messages_open(rig->plant);
    rig_run(rig, 5 * LOOP_S);
    memset(rig->guid, 0xB2, sizeof rig->guid);
    rig_reconnect(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(plant_messages_state(rig->plant).counts.all, 0);
    memset(rig->guid, 0xA1, sizeof rig->guid);
    rig_reconnect(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_known(rig, 5);
    rig_free(rig);
}

// --- Who is told ---------------------------------------------------------------------------------

struct ear {
    size_t count;
    uint32_t last;
};

static void hear(void *arg, const struct known_message *message)
{
    struct ear *ear = arg;

    assert_true(message->timestamp > ear->last);
    ear->last = message->timestamp;
    ear->count++;
}

static void news_is_told_once_and_in_order(void **state)
{
    (void)state;
    struct rig *rig = rig_with(ALL, true);
    struct ear ear = {0};

    // Of a past that nobody looked at before, only the last day is news.
    rig->clock = rig->messages[0].timestamp + 60;
    plant_on_message(rig->plant, hear, &ear);
    rig_run(rig, 5 * LOOP_S);
    plant_messages_open(rig->plant);
    run_until_read(rig);
    assert_int_equal(ear.count, 24);
    assert_int_equal(plant_messages_state(rig->plant).counts.unseen, 24);
    add_messages(rig, 100);
    plant_messages_open(rig->plant);
    run_until_read(rig);
    assert_int_equal(ear.last, rig->messages[0].timestamp);
    assert_int_equal(plant_messages_state(rig->plant).counts.unseen, 124);
    const struct known_message *list;
    uint32_t total;
    plant_messages(rig->plant, &list, &total);
    plant_messages_seen(rig->plant, INT64_MAX);
    assert_int_equal(plant_messages_state(rig->plant).counts.unseen, 0);
    rig_free(rig);
}

static bool keep_message(void *arg, const struct known_message *message)
{
    *(struct known_message *)arg = *message;
    return true;
}

static void what_another_program_reads_is_told_too(void **state)
{
    (void)state;
    struct rig *ours = rig_with(0, true), *other = rig_with(5, true);
    struct known_message newest = {0};
    struct ear ear = {0};

    other->clock = other->messages[0].timestamp + 60;
    plant_on_message(ours->plant, hear, &ear);
    rig_run(ours, 5 * LOOP_S);
    rig_run(other, 5 * LOOP_S);
    plant_messages_open(other->plant);
    run_until_read(other);
    assert_int_equal(ear.count, 0);
    rig_run(ours, 3 * LOOP_S);
    assert_int_equal(ear.count, 5);
    assert_int_equal(plant_messages_state(ours->plant).counts.unseen, 5);
    rig_run(ours, 60 * LOOP_S);
    assert_int_equal(ear.count, 5);
    // One of them does something about it.
    plant_messages_list(ours->plant, &(struct known_filter){0}, keep_message, &newest);
    assert_true(plant_message_claim(ours->plant, &newest));
    assert_false(plant_message_claim(other->plant, &newest));
    assert_false(plant_message_claim(ours->plant, &newest));
    rig_free(ours);
    rig_free(other);
}

static void a_file_that_cannot_be_used_is_told(void **state)
{
    (void)state;
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs("this is no database, whatever its name says, and it stays as it is\n", file);
    fclose(file);
    struct rig *rig = rig_with(5, true);
    rig_run(rig, 5 * LOOP_S);
    plant_messages_open(rig->plant);
    run_until_read(rig);
    assert_known(rig, 5);
    assert_non_null(plant_messages_state(rig->plant).problem);
    assert_non_null(strstr(plant_messages_state(rig->plant).problem, "messages.sqlite"));
    rig_free(rig);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        IN_PLACE(nothing_is_read_before_somebody_looks),
        IN_PLACE(a_whole_history_is_read_once),
        IN_PLACE(screens_come_first),
        IN_PLACE(an_interrupted_reading_is_taken_up_again),
        IN_PLACE(silence_is_waited_for),
        IN_PLACE(both_ways_to_count_end_at_the_oldest),
        IN_PLACE(indices_that_move_on_leave_no_hole),
        IN_PLACE(they_are_left_when_told_so),
        IN_PLACE(another_installation_has_its_own),
        IN_PLACE(news_is_told_once_and_in_order),
        IN_PLACE(what_another_program_reads_is_told_too),
        IN_PLACE(a_file_that_cannot_be_used_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
