// SPDX-License-Identifier: MIT
// plant: readings and their quality, subscriptions, messages, clock, what a day costs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <math.h>
#include <string.h>

#include "plant_rig.h"

static const struct plant_options ask_only = {.no_discovery = true, .leave_messages = true};

static const char *reason_of(struct reading reading)
{
    static char text[120];
    return plant_reading_reason(&reading, text, sizeof text);
}

// --- Readings ------------------------------------------------------------------------------------

static void a_reading_has_quality_and_age(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 3001, 3005, 0};

    rig_special(rig, 101, 3001, 0, 32767);
    rig_special(rig, 101, 3005, SCOM_ACCESS_DENIED, 0);
    rig_start(rig, &ask_only);
    struct reading reading = rig_reading(rig, FAMILY_XT, 1, 3000);
    assert_int_equal(reading.quality, QUALITY_NONE);
    assert_true(isnan(reading.number));
    struct subscription *wanted = rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    reading = rig_reading(rig, FAMILY_XT, 1, 3000);
    assert_int_equal(reading.quality, QUALITY_NONE);
    assert_string_equal(reason_of(reading), "not asked yet");
    rig_run(rig, 500 * LOOP_MS);
    assert_true(plant_subscription_complete(rig->plant, wanted));

    reading = rig_reading(rig, FAMILY_XT, 1, 3000);
    assert_int_equal(reading.quality, QUALITY_FRESH);
    assert_true(reading.age >= 0 && reading.age <= 500 * LOOP_MS);
    assert_int_equal(datapoint_id(reading.datapoint), 3000);
    assert_string_equal(reason_of(reading), "");
    reading = rig_reading(rig, FAMILY_XT, 1, 3001);
    assert_int_equal(reading.quality, QUALITY_ABSENT);
    assert_true(isnan(reading.number));
    assert_string_equal(reason_of(reading), "no sensor");
    reading = rig_reading(rig, FAMILY_XT, 1, 3005);
    assert_int_equal(reading.quality, QUALITY_REFUSED);
    assert_int_equal(reading.error, SCOM_ACCESS_DENIED);
    assert_non_null(strstr(reason_of(reading), "(0x2B)"));

    // Three periods, but 5 s at least.
    rig->deaf = true;
    rig_run(rig, 4 * LOOP_S);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_FRESH);
    rig_run(rig, 2 * LOOP_S);
    reading = rig_reading(rig, FAMILY_XT, 1, 3000);
    assert_int_equal(reading.quality, QUALITY_STALE);
    assert_true(reading.number == rig_value(101, 3000));
    assert_non_null(strstr(reason_of(reading), " old"));
    rig_free(rig);
}

static void what_is_not_in_the_tables_can_be_read(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(1, 0, 0, false, false);
        const uint16_t ids[] = {3999, 3998, 0};
        rig->multi = multi;
        rig_special(rig, 101, 3999, 0, 12.5);
        rig_start(rig, &ask_only);
        rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
        rig_run(rig, 500 * LOOP_MS);
        struct reading reading = rig_reading(rig, FAMILY_XT, 1, 3999);
        assert_int_equal(reading.quality, QUALITY_FRESH);
        assert_true(reading.number == 12.5);
        assert_null(reading.datapoint);
        rig_free(rig);
    }
}

static void what_can_not_exist_is_not_asked(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    struct plant_ref refs[] = {
        rig_ref(FAMILY_XT, 10, 3000),
        rig_ref(FAMILY_XT, 0, 3000),
        {.family = FAMILY_XT, .index = PLANT_SUM, .parameter = true, .id = 1138},
        rig_ref(FAMILY_NONE, 1, 3000),
    };

    rig_start(rig, &ask_only);
    struct subscription *wanted = plant_subscribe(rig->plant, refs, 4, 0, PRIORITY_PERSON);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig->request_count, 0);
    assert_true(plant_subscription_complete(rig->plant, wanted));
    assert_int_equal(plant_reading(rig->plant, &refs[0]).quality, QUALITY_NONE);
    rig_free(rig);
}

static void values_stay_when_a_view_is_closed(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};
    float samples[64];
    struct plant_ref ref = rig_ref(FAMILY_XT, 1, 3000);

    rig_start(rig, &ask_only);
    struct subscription *view = rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 10 * LOOP_S);
    plant_unsubscribe(rig->plant, view);
    rig_forget_requests(rig);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->request_count, 0);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_STALE);
    view = rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    assert_false(plant_subscription_complete(rig->plant, view));
    rig_run(rig, 500 * LOOP_MS);
    assert_true(plant_subscription_complete(rig->plant, view));
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_FRESH);
    assert_true(plant_history(rig->plant, &ref, samples, 64) > 30);
    rig_free(rig);
}

static void what_is_wanted_once_is_asked_again_after_a_reconnection(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3125, 0};

    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, ids, 0, PRIORITY_SCREEN);
    rig_run(rig, 600 * LOOP_S);
    assert_int_equal(rig->request_count, 1);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3125).quality, QUALITY_FRESH);
    rig_reconnect(rig);
    rig_run(rig, 100 * LOOP_MS);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

static void what_is_wanted_once_has_no_history(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3136, 0}, once_ids[] = {3125, 0};
    float samples[64];
    struct span spans[30];
    struct plant_ref often = rig_ref(FAMILY_XT, 1, 3136), once = rig_ref(FAMILY_XT, 1, 3125);

    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_XT, 1, once_ids, 0, PRIORITY_SCREEN);
    rig_run(rig, 20 * LOOP_S + 500 * LOOP_MS);
    assert_in_range(plant_history(rig->plant, &often, samples, 64), 10, 12);
    assert_true((double)samples[3] == rig_value(101, 3136));
    assert_int_equal(plant_history(rig->plant, &once, samples, 64), 0);

    int64_t wall = loop_wall(rig->loop);
    plant_spans(rig->plant, &often, wall - 60 * LOOP_S, wall, spans, 30);
    assert_int_equal(spans[15].count, 0);
    assert_true(spans[25].count > 0 && (double)spans[25].mean == rig_value(101, 3136));
    plant_spans(rig->plant, &once, wall - 60 * LOOP_S, wall, spans, 30);
    for (size_t c = 0; c < 30; c++)
        assert_int_equal(spans[c].count, 0);
    rig_free(rig);
}

static void a_device_that_is_not_there_is_not_waited_for(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t xt[] = {3000, 0}, vt[] = {11000, 0};

    rig->latency = 20 * LOOP_MS;
    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 1, xt, LOOP_S, PRIORITY_SCREEN);
    struct subscription *other = rig_subscribe(rig, FAMILY_VT, 1, vt, LOOP_S, PRIORITY_SCREEN);
    assert_false(plant_subscription_complete(rig->plant, other));
    rig_run(rig, LOOP_S);
    assert_true(plant_subscription_complete(rig->plant, other));
    assert_int_equal(rig_requests(rig, 301, 0), 0);
    rig_free(rig);
}

// --- Messages ------------------------------------------------------------------------------------

static void add_messages(struct rig *rig, size_t count)
{
    memmove(rig->messages + count, rig->messages, rig->message_count * sizeof *rig->messages);
    for (size_t i = 0; i < count; i++)
        rig->messages[i] = (struct scom_message){
            .type = 16,
            .source = 101,
            .timestamp = 1781956800 + (uint32_t)(rig->message_count + count - i)};
    rig->message_count += count;
}

static void messages_are_read_when_the_flag_says_so(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);
    const struct known_message *messages;
    uint32_t total;
    const uint16_t ids[] = {3000, 3005, 0};

    add_messages(rig, 5);
    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 0);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 5);
    assert_int_equal(total, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(messages[i].timestamp, 1781956800 + 5 - i);
    assert_int_equal(rig->frame_flags & SCOM_MESSAGE_PENDING, 0);

    // Two more: only those are read, and one that is known.
    add_messages(rig, 2);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_forget_requests(rig);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 7);
    assert_int_equal(messages[0].timestamp, 1781956800 + 7);
    size_t reads = 0;
    for (size_t i = 0; i < rig->request_count; i++)
        reads += rig->requests[i].object == SCOM_MESSAGE;
    assert_int_equal(reads, 3);

    // More than are listed.
    add_messages(rig, 20);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 27);
    add_messages(rig, 12);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 32);
    assert_int_equal(messages[0].timestamp, 1781956800 + 39);
    rig_free(rig);
}

static size_t message_reads(const struct rig *rig)
{
    size_t reads = 0;

    for (size_t i = 0; i < rig->request_count; i++)
        reads += rig->requests[i].object == SCOM_MESSAGE;
    return reads;
}

static void a_message_that_comes_while_others_are_read_is_read_too(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const struct known_message *messages;
    uint32_t total;

    add_messages(rig, 5);
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, NULL);
    rig_run(rig, 10 * LOOP_S);
    rig_forget_requests(rig);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_subscribe(rig, FAMILY_XT, 1, (const uint16_t[]){3000, 0}, LOOP_S, PRIORITY_SCREEN);
    while (message_reads(rig) < 2)
        rig_run(rig, LOOP_MS);
    // The answer under way was formed before: the next one tells of it.
    add_messages(rig, 1);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(messages[i].timestamp, 1781956800 + 6 - i);
    assert_int_equal(rig->frame_flags & SCOM_MESSAGE_PENDING, 0);
    rig_free(rig);
}

static void reading_messages_goes_on_after_silence(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const struct known_message *messages;
    uint32_t total;

    add_messages(rig, 5);
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, NULL);
    rig_run(rig, 10 * LOOP_S);
    rig_forget_requests(rig);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_subscribe(rig, FAMILY_XT, 1, (const uint16_t[]){3000, 0}, LOOP_S, PRIORITY_SCREEN);
    while (message_reads(rig) < 3)
        rig_run(rig, LOOP_MS);
    rig->deaf = true;
    rig_run(rig, 9 * LOOP_S);
    rig->deaf = false;
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(messages[i].timestamp, 1781956800 + 5 - i);
    rig_free(rig);
}

// The number with each message: all of them, or the older ones that remain.
static void messages_are_counted_in_both_ways(void **state)
{
    (void)state;
    const struct known_message *messages;
    uint32_t total;

    for (size_t count = 1; count <= 5; count++) {
        struct rig *rig = rig_new(1, 0, 0, false, false);
        rig->messages_count_down = true;
        add_messages(rig, count);
        rig_start(rig, NULL);
        rig->frame_flags |= SCOM_MESSAGE_PENDING;
        rig_run(rig, 10 * LOOP_S);
        assert_int_equal(plant_messages(rig->plant, &messages, &total), count);
        assert_int_equal(total, count);
        rig_free(rig);
    }
}

static void a_message_that_is_repeated_is_one(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const struct known_message *messages;
    uint32_t total;

    add_messages(rig, 5);
    for (size_t i = 2; i < 5; i++)
        rig->messages[i] = rig->messages[1];
    rig_start(rig, NULL);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 2);
    rig_free(rig);
}

static void the_end_of_the_messages_delays_no_new_one(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const struct known_message *messages;
    uint32_t total;

    add_messages(rig, 3);
    rig->messages_told_more = 10;
    rig_start(rig, NULL);
    rig_subscribe(rig, FAMILY_XT, 1, (const uint16_t[]){3000, 0}, LOOP_S, PRIORITY_SCREEN);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 3);
    add_messages(rig, 1);
    rig->frame_flags |= SCOM_MESSAGE_PENDING;
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 4);
    rig_free(rig);
}

static void messages_are_left_when_told_so(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const struct plant_options options = {.leave_messages = true};
    const struct known_message *messages;
    uint32_t total;

    add_messages(rig, 5);
    rig->frame_flags = SCOM_MESSAGE_PENDING | SCOM_SD_PRESENT;
    rig_start(rig, &options);
    rig_run(rig, 100 * LOOP_S);
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 0);
    struct plant_link link;
    plant_link(rig->plant, &link);
    assert_int_equal(link.frame_flags, PLANT_MESSAGE_PENDING | PLANT_SD_PRESENT);
    assert_int_equal(link.state, GATEWAY_UP);
    rig_free(rig);
}

static void messages_name_the_device_where_it_is_now(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);
    const struct known_message *messages;
    uint32_t total;

    add_messages(rig, 1);
    rig->frame_flags = SCOM_MESSAGE_PENDING;
    rig_start(rig, NULL);
    rig_run(rig, 5 * LOOP_S);
    rig_device(rig, 101)->fid = 0x1002;
    rig_device(rig, 102)->fid = 0x1001;
    rig->frame_flags = SCOM_MESSAGE_PENDING;
    rig_reconnect(rig);
    rig_run(rig, 10 * LOOP_S);
    // Read again, it is still known as the same one.
    assert_int_equal(plant_messages(rig->plant, &messages, &total), 1);
    assert_int_equal(messages[0].source, 102);
    rig_free(rig);
}

// --- Clock, changes, a day -----------------------------------------------------------------------

static void the_clock_is_read_once_a_minute_without_multi_infos(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    struct plant_link link;

    rig->multi = false;
    rig_start(rig, NULL);
    rig_run(rig, 5 * LOOP_S);
    plant_link(rig->plant, &link);
    assert_true(link.clock_known);
    assert_false(link.multi);
    int64_t offset = link.clock_offset;
    rig->clock += 100;
    rig_forget_requests(rig);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig_requests(rig, SCOM_GATEWAY_ADDRESS, 5002), 1);
    plant_link(rig->plant, &link);
    assert_true(link.clock_offset - offset > 30 * LOOP_S);
    assert_true(link.clock_offset - offset <= 100 * LOOP_S);
    rig_free(rig);
}

static void changes_are_told_at_most_once_an_answer(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    const uint16_t ids[] = {3000, 3005, 3010, 3011, 3012, 3020, 0};

    rig_start(rig, NULL);
    rig_run(rig, 5 * LOOP_S);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, LOOP_S + 500 * LOOP_MS);
    rig->changes = 0;
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->changes, 10);
    rig_free(rig);
}

static void a_plant_may_be_freed_in_the_middle_of_a_question(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);

    rig->latency = 100 * LOOP_MS;
    rig_start(rig, NULL);
    rig_run(rig, 50 * LOOP_MS);
    assert_int_equal(gateway_pending(rig->gateway), 1);
    rig_free(rig);
}

static void a_day_costs_no_memory(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 1, true, false);
    const uint16_t xt[] = {3000, 3005, 3136, 3137, 3001, 0};

    rig_start(rig, NULL);
    for (uint8_t i = 1; i <= 3; i++)
        rig_subscribe(rig, FAMILY_XT, i, xt, 10 * LOOP_S, PRIORITY_SCREEN);
    size_t before = 0;
    for (int hour = 0; hour < 24; hour++) {
        struct subscription *view = rig_subscribe(rig, FAMILY_XT, 1, xt, LOOP_S, PRIORITY_SCREEN);
        rig_run(rig, 1800 * LOOP_S);
        plant_unsubscribe(rig->plant, view);
        rig_device(rig, 102)->there = hour % 2;
        rig_run(rig, 1800 * LOOP_S);
        rig_forget_requests(rig);
        if (hour == 1)
            before = mallinfo2().uordblks;
    }
    // Only histories grow, for four days: 144 and 96 spans more of each value. The allocator itself
    // isn't exact: chunks are a little larger than asked for.
    assert_true(mallinfo2().uordblks < before + 2048 + (size_t)15 * (144 + 96) * 16);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_has_quality_and_age),
        cmocka_unit_test(what_is_not_in_the_tables_can_be_read),
        cmocka_unit_test(what_can_not_exist_is_not_asked),
        cmocka_unit_test(values_stay_when_a_view_is_closed),
        cmocka_unit_test(what_is_wanted_once_is_asked_again_after_a_reconnection),
        cmocka_unit_test(what_is_wanted_once_has_no_history),
        cmocka_unit_test(a_device_that_is_not_there_is_not_waited_for),
        cmocka_unit_test(messages_are_read_when_the_flag_says_so),
        cmocka_unit_test(a_message_that_comes_while_others_are_read_is_read_too),
        cmocka_unit_test(reading_messages_goes_on_after_silence),
        cmocka_unit_test(messages_are_counted_in_both_ways),
        cmocka_unit_test(a_message_that_is_repeated_is_one),
        cmocka_unit_test(the_end_of_the_messages_delays_no_new_one),
        cmocka_unit_test(messages_are_left_when_told_so),
        cmocka_unit_test(messages_name_the_device_where_it_is_now),
        cmocka_unit_test(the_clock_is_read_once_a_minute_without_multi_infos),
        cmocka_unit_test(changes_are_told_at_most_once_an_answer),
        cmocka_unit_test(a_plant_may_be_freed_in_the_middle_of_a_question),
        cmocka_unit_test(a_day_costs_no_memory),
    };
    return cmocka_run_group_tests_name("plant", tests, NULL, NULL);
}
