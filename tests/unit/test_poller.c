// SPDX-License-Identifier: MIT
// plant/poller: which questions are asked, how many, in which order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant_rig.h"

static const struct plant_options ask_only = {.no_discovery = true, .leave_messages = true};

// The 60 infos of 3 XT, 2 VT and a BSP.
static size_t screen_of_60(struct plant_ref refs[60])
{
    static const uint16_t xt[] = {3000, 3005, 3010, 3011, 3012, 3020, 3021,
                                  3022, 3028, 3049, 3084, 3085, 3136, 3137};
    static const uint16_t vt[] = {11000, 11001, 11002, 11003, 11004, 11016};
    static const uint16_t bsp[] = {7000, 7001, 7002, 7003, 7005, 7007};
    size_t n = 0;

    for (uint8_t device = 1; device <= 3; device++)
        for (size_t i = 0; i < sizeof xt / sizeof *xt; i++)
            refs[n++] = rig_ref(FAMILY_XT, device, xt[i]);
    for (uint8_t device = 1; device <= 2; device++)
        for (size_t i = 0; i < sizeof vt / sizeof *vt; i++)
            refs[n++] = rig_ref(FAMILY_VT, device, vt[i]);
    for (size_t i = 0; i < sizeof bsp / sizeof *bsp; i++)
        refs[n++] = rig_ref(FAMILY_BSP, 1, bsp[i]);
    return n;
}

// --- Few questions -------------------------------------------------------------------------------

static void sixty_infos_are_one_request(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref refs[60];
    size_t count = screen_of_60(refs);

    assert_int_equal(count, 60);
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, count, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(rig->request_count, 1);
    assert_int_equal(rig->requests[0].item_count, 60);
    // The BSP is asked as the master of its family.
    assert_int_equal(rig->requests[0].items[59].aggregation, MULTI_MASTER);
    for (size_t i = 0; i < count; i++) {
        struct reading reading = plant_reading(rig->plant, &refs[i]);
        assert_int_equal(reading.quality, QUALITY_FRESH);
        assert_true(reading.number ==
                    rig_value(device_address(refs[i].family, refs[i].index), refs[i].id));
    }
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->request_count, 11);
    rig_free(rig);
}

static void refreshes_cost_what_the_line_needs(void **state)
{
    (void)state;
    for (int multi = 0; multi <= 1; multi++) {
        struct rig *rig = rig_new(3, 2, 0, true, false);
        struct plant_ref refs[60];
        size_t count = screen_of_60(refs);
        rig->multi = multi;
        rig->baud = 38400;
        rig->latency = 20 * LOOP_MS;
        rig_start(rig, &ask_only);
        // More often than the line allows.
        plant_subscribe(rig->plant, refs, count, LOOP_MS, PRIORITY_SCREEN);
        rig_run(rig, 10 * LOOP_S);
        struct gateway_statistics before, after;
        gateway_statistics(rig->gateway, &before);
        rig_forget_requests(rig);
        rig_run(rig, 60 * LOOP_S);
        gateway_statistics(rig->gateway, &after);
        double requests = (double)rig->request_count;
        double floor = (double)rig->bytes * 11 / 38400 + requests * 0.020;
        assert_true(60 / floor <= 1.02);
        double refreshes = (double)(after.values - before.values) / 60;
        double refresh_bytes = multi ? 26 + 3 * 60 + 34 + 7 * 60 : 60 * 56;
        double best = refresh_bytes * 11 / 38400 + (multi ? 1 : 60) * 0.020;
        assert_true(60 / refreshes <= 1.02 * best);
        rig_free(rig);
    }
}

static void a_lone_info_is_a_single_read(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(rig->request_count, 1);
    assert_int_equal(rig->requests[0].object, SCOM_USER_INFO);
    assert_int_equal(rig->requests[0].address, 101);
    rig_free(rig);
}

static void what_is_due_soon_joins(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t fast[] = {3000, 0}, slow[] = {3001, 0};

    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, fast, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 250 * LOOP_MS);
    rig_subscribe(rig, FAMILY_XT, 1, slow, 10 * LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 7 * LOOP_S + 500 * LOOP_MS);
    assert_int_equal(rig_requests(rig, 101, 3001), 1);
    rig_forget_requests(rig);
    rig_run(rig, 10 * LOOP_S);
    // Never alone: it came along with the fast one, a little early.
    assert_int_equal(rig_requests(rig, 101, 3001), 0);
    assert_int_equal(rig_multi_requests(rig), 2);
    assert_int_equal(rig->request_count, 10);
    rig_free(rig);
}

static void the_same_wanted_twice_is_asked_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_start(rig, &ask_only);
    struct subscription *fast = rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_XT, 1, ids, 10 * LOOP_S, PRIORITY_BACKGROUND);
    rig_run(rig, 9 * LOOP_S + 500 * LOOP_MS);
    assert_int_equal(rig->request_count, 10);
    rig_forget_requests(rig);
    plant_unsubscribe(rig->plant, fast);
    rig_run(rig, 20 * LOOP_S);
    assert_int_equal(rig->request_count, 2);
    rig_free(rig);
}

static void parameters_are_single_reads(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    struct plant_ref refs[3] = {
        {.family = FAMILY_XT, .index = 1, .parameter = true, .part = PART_VALUE, .id = 1138},
        {.family = FAMILY_XT, .index = 1, .parameter = true, .part = PART_MAX, .id = 1138},
        {.family = FAMILY_XT, .index = 1, .parameter = true, .part = PART_VALUE, .id = 1107},
    };

    rig_start(rig, &ask_only);
    struct subscription *wanted = plant_subscribe(rig->plant, refs, 3, 0, PRIORITY_PERSON);
    assert_false(plant_subscription_complete(rig->plant, wanted));
    rig_run(rig, 100 * LOOP_MS);
    assert_true(plant_subscription_complete(rig->plant, wanted));
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(rig_requests(rig, 101, 1138), 2);
    assert_true(plant_reading(rig->plant, &refs[1]).number == rig_value(101, 1138));
    // Once is once.
    rig_run(rig, 3600 * LOOP_S);
    assert_int_equal(rig->request_count, 3);
    assert_int_equal(plant_reading(rig->plant, &refs[0]).quality, QUALITY_FRESH);
    rig_free(rig);
}

static void nothing_is_asked_when_nothing_is_due(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    const uint16_t ids[] = {3000, 3001, 0};

    rig_start(rig, &ask_only);
    rig_run(rig, LOOP_S);
    rig_forget_requests(rig);
    rig_run(rig, 3600 * LOOP_S);
    assert_int_equal(rig->request_count, 0);
    rig_subscribe(rig, FAMILY_XT, 1, ids, 3600 * LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 3599 * LOOP_S);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

static void more_than_76_infos_are_two_requests(void **state)
{
    (void)state;
    struct rig *rig = rig_new(9, 0, 0, false, false);
    const uint16_t ids[] = {3000, 3005, 3010, 3011, 3012, 3020, 3021, 3022, 3028, 3049, 0};

    rig_start(rig, &ask_only);
    for (uint8_t i = 1; i <= 9; i++)
        rig_subscribe(rig, FAMILY_XT, i, ids, 10 * LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    assert_int_equal(rig->requests[0].item_count, 76);
    assert_int_equal(rig->requests[1].item_count, 14);
    rig_free(rig);
}

// --- Order ---------------------------------------------------------------------------------------

static void what_is_visible_comes_first(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t behind[] = {3080, 3081, 3082, 0}, visible[] = {3000, 3005, 3011, 0};

    rig->multi = false;
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, &ask_only);
    rig_run(rig, LOOP_S);
    rig_forget_requests(rig);
    rig_subscribe(rig, FAMILY_XT, 1, behind, LOOP_S, PRIORITY_BACKGROUND);
    rig_subscribe(rig, FAMILY_XT, 1, visible, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 900 * LOOP_MS);
    size_t first = rig->requests[0].object == SCOM_MULTI_INFO; // the refused attempt
    assert_int_equal(rig->request_count, 6 + first);
    for (size_t i = 0; i < 3; i++) {
        assert_int_not_equal(rig->requests[first + i].id / 10, 308);
        assert_int_equal(rig->requests[first + 3 + i].id / 10, 308);
    }
    rig_free(rig);
}

static void what_was_never_read_comes_before_refreshes(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref refs[60];
    size_t count = screen_of_60(refs);
    const uint16_t opened[] = {3104, 3107, 3103, 0}, once[] = {3124, 3125, 0};

    rig->multi = false;
    rig->baud = 38400;
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, count, LOOP_MS, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S + 50 * LOOP_MS);
    rig_forget_requests(rig);
    rig_subscribe(rig, FAMILY_XT, 1, once, 0, PRIORITY_BACKGROUND);
    rig_subscribe(rig, FAMILY_XT, 1, opened, 10 * LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, LOOP_S);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rig_requests(rig, 101, opened[i]), 1);
    for (size_t i = 0; i < 5; i++)
        assert_true((rig->requests[i].id / 10 == 312) == (i >= 3));
    rig_free(rig);
}

static void a_person_overtakes_everything(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref refs[60];
    size_t count = screen_of_60(refs);
    const uint16_t asked[] = {3104, 0};

    rig->baud = 38400;
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, count, LOOP_MS, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S + 50 * LOOP_MS);
    rig_forget_requests(rig);
    rig_subscribe(rig, FAMILY_XT, 2, asked, 0, PRIORITY_PERSON);
    rig_run(rig, LOOP_S);
    // The very next question, and not made longer by others.
    assert_int_equal(rig->requests[0].object, SCOM_USER_INFO);
    assert_int_equal(rig->requests[0].id, 3104);
    assert_int_equal(rig_requests(rig, 102, 3104), 1);
    rig_free(rig);
}

static void too_much_stretches_evenly(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref refs[60];
    size_t count = screen_of_60(refs);

    rig->multi = false;
    rig->baud = 38400;
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, count, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    rig_forget_requests(rig);
    rig_run(rig, 60 * LOOP_S);
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < count; i++) {
        size_t times = rig_requests(rig, device_address(refs[i].family, refs[i].index), refs[i].id);
        least = times < least ? times : least;
        most = times > most ? times : most;
    }
    assert_true(least > 20 && most - least <= 1);
    rig_free(rig);
}

static void the_rest_is_not_starved(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref refs[60];
    size_t count = screen_of_60(refs);
    const uint16_t behind[] = {3080, 3081, 3082, 0};

    rig->multi = false;
    rig->baud = 38400;
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, count, LOOP_MS, PRIORITY_SCREEN);
    rig_subscribe(rig, FAMILY_XT, 1, behind, 10 * LOOP_S, PRIORITY_BACKGROUND);
    rig_run(rig, 30 * LOOP_S);
    assert_in_range(rig_requests(rig, 101, 3080), 3, 4);
    rig_free(rig);
}

static void a_pause_is_silence(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 2 * LOOP_S);
    plant_pause(rig->plant, true);
    rig_forget_requests(rig);
    rig_run(rig, 60 * LOOP_S);
    assert_int_equal(rig->request_count, 0);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_STALE);
    plant_pause(rig->plant, false);
    rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(rig->request_count, 1);
    rig_free(rig);
}

// --- Errors --------------------------------------------------------------------------------------

static void the_culprit_of_a_refused_multi_is_found_and_read_alone(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref refs[60];
    size_t count = screen_of_60(refs);

    rig_special(rig, 102, 3012, SCOM_OBJECT_ID_NOT_FOUND, 0);
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, count, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 900 * LOOP_MS);
    // 60, 30 30, 15 15, 7 8, 3 4, 1 2, and the one alone.
    assert_true(rig->request_count <= 14);
    for (size_t i = 0; i < count; i++) {
        bool culprit = refs[i].family == FAMILY_XT && refs[i].index == 2 && refs[i].id == 3012;
        struct reading reading = plant_reading(rig->plant, &refs[i]);
        assert_int_equal(reading.quality, culprit ? QUALITY_REFUSED : QUALITY_FRESH);
        assert_int_equal(reading.error, culprit ? SCOM_OBJECT_ID_NOT_FOUND : 0);
    }
    // From then on the others are one request, and the culprit is asked once a minute.
    rig_forget_requests(rig);
    rig_run(rig, 120 * LOOP_S);
    assert_in_range(rig_requests(rig, 102, 3012), 1, 2);
    assert_int_equal(rig->request_count - rig_requests(rig, 102, 3012), 120);
    rig_free(rig);
}

static void what_is_refused_for_good_is_asked_once_a_minute(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_special(rig, 101, 3000, SCOM_OBJECT_NOT_SUPPORTED, 0);
    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 600 * LOOP_S);
    assert_in_range(rig->request_count, 10, 11);
    rig_free(rig);
}

static void what_was_refused_is_tried_again_by_a_person_and_after_a_reconnection(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 0};

    rig_special(rig, 101, 3000, SCOM_ACCESS_DENIED, 0);
    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig->request_count, 1);
    struct subscription *wanted = rig_subscribe(rig, FAMILY_XT, 1, ids, 0, PRIORITY_PERSON);
    rig_run(rig, LOOP_S);
    assert_int_equal(rig->request_count, 2);
    plant_unsubscribe(rig->plant, wanted);
    rig_reconnect(rig);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig->request_count, 3);
    rig_free(rig);
}

static void without_multi_infos_everything_is_read_singly(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref refs[60];
    size_t count = screen_of_60(refs);

    rig->multi = false;
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, count, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 900 * LOOP_MS);
    assert_int_equal(rig_multi_requests(rig), 1);
    assert_int_equal(rig->request_count, 61);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(plant_reading(rig->plant, &refs[i]).quality, QUALITY_FRESH);
    rig_free(rig);
}

static void silence_to_multi_infos_does_not_stop_polling(void **state)
{
    (void)state;
    struct rig *rig = rig_new(1, 0, 0, false, false);
    const uint16_t ids[] = {3000, 3005, 0};

    rig->multi_deaf = true;
    rig_start(rig, &ask_only);
    rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3005).quality, QUALITY_FRESH);
    // Silence isn't taken as "unsupported": it is tried again.
    rig->multi_deaf = false;
    rig_run(rig, 60 * LOOP_S);
    rig_forget_requests(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig_multi_requests(rig), 10);
    assert_int_equal(rig->request_count, 10);
    rig_free(rig);
}

// Errors that could be about one of the items as well.
static void multi_infos_refused_one_and_all_are_unknown(void **state)
{
    (void)state;
    static const uint16_t errors[] = {SCOM_OBJECT_ID_NOT_FOUND, SCOM_INVALID_DATA,
                                      SCOM_READ_PROPERTY_FAILED, SCOM_INVALID_FRAME};
    uint16_t ids[41] = {0};

    for (uint16_t i = 0; i < 40; i++)
        ids[i] = (uint16_t)(3000 + i);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct rig *rig = rig_new(2, 0, 0, false, false);
        rig->multi = false;
        rig->multi_error = errors[i];
        rig_start(rig, NULL);
        rig_subscribe(rig, FAMILY_XT, 1, ids, LOOP_S, PRIORITY_SCREEN);
        rig_subscribe(rig, FAMILY_XT, PLANT_SUM, (const uint16_t[]){3136, 0}, LOOP_S,
                      PRIORITY_SCREEN);
        rig_run(rig, 3 * LOOP_S);
        assert_true(rig_multi_requests(rig) < 16);
        assert_int_equal(rig_reading(rig, FAMILY_XT, PLANT_SUM, 3136).quality, QUALITY_FRESH);
        rig_forget_requests(rig);
        rig_run(rig, 300 * LOOP_S);
        assert_int_equal(rig_multi_requests(rig), 0);
        rig_free(rig);
    }
}

// --- Sums and averages ---------------------------------------------------------------------------

static void sums_and_averages_are_asked_with_multi_infos(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref refs[2] = {rig_ref(FAMILY_XT, PLANT_SUM, 3136),
                                rig_ref(FAMILY_XT, PLANT_AVERAGE, 3000)};

    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, refs, 2, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(rig->request_count, 1);
    assert_int_equal(rig->requests[0].items[0].aggregation, MULTI_SUM);
    assert_int_equal(rig->requests[0].items[1].aggregation, MULTI_AVERAGE);
    double sum = rig_value(101, 3136) + rig_value(102, 3136) + rig_value(103, 3136);
    assert_true(plant_reading(rig->plant, &refs[0]).number == sum);
    assert_true(plant_reading(rig->plant, &refs[1]).number == rig_value(102, 3000));
    rig_free(rig);
}

static void sums_are_computed_where_they_can_not_be_asked(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref refs[2] = {rig_ref(FAMILY_XT, PLANT_SUM, 3136),
                                rig_ref(FAMILY_XT, PLANT_AVERAGE, 3000)};

    rig->multi = false;
    rig_start(rig, NULL);
    struct subscription *wanted = plant_subscribe(rig->plant, refs, 2, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 3 * LOOP_S);
    double sum = rig_value(101, 3136) + rig_value(102, 3136) + rig_value(103, 3136);
    assert_true(plant_subscription_complete(rig->plant, wanted));
    assert_int_equal(plant_reading(rig->plant, &refs[0]).quality, QUALITY_FRESH);
    assert_true(plant_reading(rig->plant, &refs[0]).number == sum);
    assert_true(plant_reading(rig->plant, &refs[1]).number == rig_value(102, 3000));
    // Never a read of the group's address.
    assert_int_equal(rig_requests(rig, 100, 0), 0);

    // Without one of them there is no sum.
    rig_special(rig, 102, 3136, 0, (double)NAN);
    rig_run(rig, 3 * LOOP_S);
    assert_int_equal(plant_reading(rig->plant, &refs[0]).quality, QUALITY_ABSENT);
    assert_int_equal(plant_reading(rig->plant, &refs[1]).quality, QUALITY_FRESH);
    rig_free(rig);
}

// While devices are still being found, and when there is one more, a sum of some isn't the sum.
static void sums_are_never_of_some_devices_only(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref ref = rig_ref(FAMILY_XT, PLANT_SUM, 3136);
    double two = rig_value(101, 3136) + rig_value(102, 3136), three = two + rig_value(103, 3136);
    int64_t first = 0;

    rig->multi = false;
    rig->latency = 500 * LOOP_MS;
    rig_device(rig, 103)->there = false;
    rig_start(rig, NULL);
    plant_subscribe(rig->plant, &ref, 1, LOOP_S, PRIORITY_SCREEN);
    for (int64_t at = 0; at < 200 * LOOP_S; at += 100 * LOOP_MS) {
        if (at == 70 * LOOP_S)
            rig_device(rig, 103)->there = true;
        bool all = strcmp(rig_devices(rig), "XT1 XT2 XT3") == 0;
        struct reading reading = plant_reading(rig->plant, &ref);
        if (reading.quality == QUALITY_FRESH) {
            assert_true(reading.number == (all ? three : two));
            first = first ? first : at;
        }
        rig_run(rig, 100 * LOOP_MS);
    }
    assert_in_range(first, LOOP_S, 10 * LOOP_S);
    assert_true(plant_reading(rig->plant, &ref).number == three);
    rig_free(rig);
}

static bool asked_for(const struct rig *rig, uint16_t id, uint8_t aggregation)
{
    for (size_t r = 0; r < rig->request_count; r++)
        for (size_t i = 0; i < rig->requests[r].item_count; i++)
            if (rig->requests[r].items[i].info == id &&
                rig->requests[r].items[i].aggregation == aggregation)
                return true;
    return false;
}

static void an_average_is_over_the_devices_that_have_a_sensor(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref ref = rig_ref(FAMILY_XT, PLANT_AVERAGE, 3001);
    char reason[80];

    rig_special(rig, 101, 3001, 0, 21.5);
    rig_special(rig, 102, 3001, 0, 32767);
    rig_special(rig, 103, 3001, 0, 22.5);
    rig_start(rig, NULL);
    plant_subscribe(rig->plant, &ref, 1, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 3 * LOOP_S);
    struct reading reading = plant_reading(rig->plant, &ref);
    assert_int_equal(reading.quality, QUALITY_FRESH);
    assert_true(reading.number == 22);
    // The gateway would count the 32767 in.
    assert_false(asked_for(rig, 3001, MULTI_AVERAGE));

    // An error isn't a missing sensor: that device may be the hottest.
    rig_special(rig, 103, 3001, SCOM_READ_PROPERTY_FAILED, 0);
    rig_run(rig, 3 * LOOP_S);
    reading = plant_reading(rig->plant, &ref);
    assert_int_equal(reading.quality, QUALITY_ABSENT);
    assert_string_equal(plant_reading_reason(&reading, reason, sizeof reason),
                        "not known of every device");
    rig_special(rig, 101, 3001, 0, -32767);
    rig_special(rig, 103, 3001, 0, 32767);
    rig_run(rig, 90 * LOOP_S);
    reading = plant_reading(rig->plant, &ref);
    assert_int_equal(reading.quality, QUALITY_ABSENT);
    assert_string_equal(plant_reading_reason(&reading, reason, sizeof reason), "no sensor");
    rig_free(rig);
}

static void a_gateway_is_not_asked_for_the_sum_of_a_family_with_a_gone_device(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref refs[2] = {rig_ref(FAMILY_XT, PLANT_SUM, 3136), rig_ref(FAMILY_XT, 2, 3000)};

    rig_start(rig, NULL);
    plant_subscribe(rig->plant, refs, 2, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 3 * LOOP_S);
    assert_true(asked_for(rig, 3136, MULTI_SUM));
    rig_device(rig, 102)->there = false;
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_GONE);
    rig_forget_requests(rig);
    rig_run(rig, 3 * LOOP_S);
    assert_false(asked_for(rig, 3136, MULTI_SUM));
    // What the others make is shown, but isn't the sum: it isn't logged, drawn or watched.
    struct reading rest = plant_reading(rig->plant, &refs[0]);
    char reason[80];
    assert_int_equal(rest.quality, QUALITY_GONE);
    assert_string_equal(plant_reading_reason(&rest, reason, sizeof reason),
                        "one of the devices is gone");
    assert_true(rest.number == rig_value(101, 3136) + rig_value(103, 3136));
    float samples[8];
    rig_run(rig, 60 * LOOP_S);
    size_t count = plant_history(rig->plant, &refs[0], samples, 8);
    assert_true(count > 1 && !isnan(samples[0]) && isnan(samples[count - 1]));

    rig_device(rig, 102)->there = true;
    rig_run(rig, 30 * LOOP_S);
    assert_int_equal(plant_reading(rig->plant, &refs[0]).quality, QUALITY_FRESH);
    rig_forget_requests(rig);
    rig_run(rig, 3 * LOOP_S);
    assert_true(asked_for(rig, 3136, MULTI_SUM));
    rig_free(rig);
}

static void a_device_that_goes_before_its_first_values_is_gone(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref refs[] = {rig_ref(FAMILY_XT, 1, 3001), rig_ref(FAMILY_XT, 1, 3000),
                               rig_ref(FAMILY_XT, 2, 3000), rig_ref(FAMILY_XT, 2, 3001),
                               rig_ref(FAMILY_XT, 3, 3001)};

    // One without a sensor is there all the same, also when nothing else of it is wanted.
    rig_special(rig, 101, 3001, 0, 32767);
    rig_special(rig, 103, 3001, 0, 32767);
    rig_start(rig, NULL);
    while (!rig_discovered(rig))
        rig_run(rig, 100 * LOOP_MS);
    rig_device(rig, 102)->there = false;
    plant_subscribe(rig->plant, refs, 5, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 2, 3000).quality, QUALITY_GONE);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 1, 3000).quality, QUALITY_FRESH);
    assert_int_equal(rig_reading(rig, FAMILY_XT, 3, 3001).quality, QUALITY_ABSENT);
    rig_free(rig);
}

static void a_gateway_that_repeats_values_is_not_asked_for_sums(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);
    struct plant_ref ref = rig_ref(FAMILY_XT, PLANT_SUM, 3136);

    // It shows in the look for new devices after a minute.
    rig_start(rig, NULL);
    plant_subscribe(rig->plant, &ref, 1, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    assert_true(asked_for(rig, 3136, MULTI_SUM));
    rig->absent = ABSENT_MASTER;
    rig_run(rig, 70 * LOOP_S);
    rig_forget_requests(rig);
    rig_run(rig, 10 * LOOP_S);
    assert_false(asked_for(rig, 3136, MULTI_SUM));
    assert_string_equal(rig_devices(rig), "XT1 XT2");
    assert_int_equal(plant_reading(rig->plant, &ref).quality, QUALITY_FRESH);
    assert_true(plant_reading(rig->plant, &ref).number ==
                rig_value(101, 3136) + rig_value(102, 3136));
    rig_free(rig);
}

static void a_sum_with_an_old_part_is_old(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref sum = rig_ref(FAMILY_XT, PLANT_SUM, 3136);

    rig->multi = false;
    rig->latency = 20 * LOOP_MS;
    rig_start(rig, NULL);
    plant_subscribe(rig->plant, &sum, 1, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(plant_reading(rig->plant, &sum).quality, QUALITY_FRESH);
    rig_device(rig, 102)->silent = true;
    bool others_answered = false;
    for (int i = 0; i < 100 && !others_answered; i++) {
        rig_run(rig, 100 * LOOP_MS);
        others_answered = rig_reading(rig, FAMILY_XT, 2, 3136).quality == QUALITY_STALE &&
                          rig_reading(rig, FAMILY_XT, 1, 3136).age < 500 * LOOP_MS;
    }
    assert_true(others_answered);
    assert_int_equal(plant_reading(rig->plant, &sum).quality, QUALITY_STALE);
    rig_free(rig);
}

static void a_sum_without_discovery_finds_its_devices(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 2, 0, true, false);
    struct plant_ref ref = rig_ref(FAMILY_VT, PLANT_SUM, 11004);

    rig->multi = false;
    rig_start(rig, &ask_only);
    plant_subscribe(rig->plant, &ref, 1, 0, PRIORITY_PERSON);
    rig_run(rig, 5 * LOOP_S);
    assert_true(plant_reading(rig->plant, &ref).number ==
                rig_value(301, 11004) + rig_value(302, 11004));
    assert_int_equal(rig_requests(rig, 101, 0), 0);
    rig_free(rig);
}

static void sums_that_make_no_sense_are_not_asked(void **state)
{
    (void)state;
    struct rig *rig = rig_new(3, 0, 0, false, false);
    struct plant_ref ref = rig_ref(FAMILY_XT, PLANT_SUM, 3028);
    char reason[80];

    rig_start(rig, &ask_only);
    struct subscription *wanted = plant_subscribe(rig->plant, &ref, 1, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig->request_count, 0);
    struct reading reading = plant_reading(rig->plant, &ref);
    assert_int_equal(reading.quality, QUALITY_ABSENT);
    assert_string_equal(plant_reading_reason(&reading, reason, sizeof reason),
                        "makes no sense over several devices");
    assert_true(plant_subscription_complete(rig->plant, wanted));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_infos_are_one_request),
        cmocka_unit_test(refreshes_cost_what_the_line_needs),
        cmocka_unit_test(a_lone_info_is_a_single_read),
        cmocka_unit_test(what_is_due_soon_joins),
        cmocka_unit_test(the_same_wanted_twice_is_asked_once),
        cmocka_unit_test(parameters_are_single_reads),
        cmocka_unit_test(nothing_is_asked_when_nothing_is_due),
        cmocka_unit_test(more_than_76_infos_are_two_requests),
        cmocka_unit_test(what_is_visible_comes_first),
        cmocka_unit_test(what_was_never_read_comes_before_refreshes),
        cmocka_unit_test(a_person_overtakes_everything),
        cmocka_unit_test(too_much_stretches_evenly),
        cmocka_unit_test(the_rest_is_not_starved),
        cmocka_unit_test(a_pause_is_silence),
        cmocka_unit_test(the_culprit_of_a_refused_multi_is_found_and_read_alone),
        cmocka_unit_test(what_is_refused_for_good_is_asked_once_a_minute),
        cmocka_unit_test(what_was_refused_is_tried_again_by_a_person_and_after_a_reconnection),
        cmocka_unit_test(without_multi_infos_everything_is_read_singly),
        cmocka_unit_test(silence_to_multi_infos_does_not_stop_polling),
        cmocka_unit_test(multi_infos_refused_one_and_all_are_unknown),
        cmocka_unit_test(sums_and_averages_are_asked_with_multi_infos),
        cmocka_unit_test(sums_are_computed_where_they_can_not_be_asked),
        cmocka_unit_test(sums_are_never_of_some_devices_only),
        cmocka_unit_test(an_average_is_over_the_devices_that_have_a_sensor),
        cmocka_unit_test(a_gateway_is_not_asked_for_the_sum_of_a_family_with_a_gone_device),
        cmocka_unit_test(a_device_that_goes_before_its_first_values_is_gone),
        cmocka_unit_test(a_gateway_that_repeats_values_is_not_asked_for_sums),
        cmocka_unit_test(a_sum_with_an_old_part_is_old),
        cmocka_unit_test(a_sum_without_discovery_finds_its_devices),
        cmocka_unit_test(sums_that_make_no_sense_are_not_asked),
    };
    return cmocka_run_group_tests_name("poller", tests, NULL, NULL);
}
