// SPDX-License-Identifier: MIT
// Samples for a log: at the clock's multiples, of values that were read for them, of the devices
// that were there at first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <math.h>
#include <string.h>

#include "edit_rig.h"
#include "plant/sampler.h"

enum { SAMPLES_MAX = 64, REFS = 3 };

static struct {
    int64_t time;
    double numbers[REFS];
    size_t known;
} samples[SAMPLES_MAX];
static size_t sample_count;

static void take(void *arg, int64_t time, const double *numbers, size_t known)
{
    (void)arg;
    assert_true(sample_count < SAMPLES_MAX);
    samples[sample_count].time = time;
    memcpy(samples[sample_count].numbers, numbers, sizeof samples->numbers);
    samples[sample_count++].known = known;
}

static const struct plant_ref refs[REFS] = {
    {.family = FAMILY_XT, .index = 1, .id = 3000},
    {.family = FAMILY_XT, .index = 2, .id = 3000},
    {.family = FAMILY_XT, .index = PLANT_SUM, .id = 3136},
};

// The plant tells that it has changed; here it is looked at often enough.
static void run(struct rig *rig, struct sampler *sampler, int64_t duration)
{
    for (; duration > 0; duration -= 100 * LOOP_MS) {
        rig_run(rig, 100 * LOOP_MS);
        sampler_look(sampler);
    }
}

static struct sampler *begin(struct rig **rig)
{
    *rig = rig_new("xt=2", NULL);
    rig_discover(*rig);
    sample_count = 0;
    return sampler_new((*rig)->plant, refs, REFS, 10 * LOOP_S, false, take, NULL);
}

static void they_come_at_the_clocks_multiples(void **state)
{
    (void)state;
    struct rig *rig;
    struct sampler *sampler = begin(&rig);

    run(rig, sampler, 61 * LOOP_S);
    assert_in_range(sample_count, 6, 7);
    for (size_t i = 0; i < sample_count; i++) {
        assert_true(samples[i].time % (10 * LOOP_S) < 2 * LOOP_MS);
        assert_int_equal(samples[i].known, REFS);
        assert_true(samples[i].numbers[0] > 40 && samples[i].numbers[0] < 60);
        assert_true(i == 0 || samples[i].time - samples[i - 1].time > 9 * LOOP_S);
    }
    sampler_free(sampler);
    rig_free(rig);
}

static void old_values_are_not_repeated(void **state)
{
    (void)state;
    struct rig *rig;
    struct sampler *sampler = begin(&rig);

    run(rig, sampler, 21 * LOOP_S);
    size_t before = sample_count;
    rig_command(rig, "disconnect 35s");
    run(rig, sampler, 30 * LOOP_S);
    assert_true(sample_count > before);
    for (size_t i = before; i < sample_count; i++)
        assert_int_equal(samples[i].known, 0);
    run(rig, sampler, 60 * LOOP_S);
    assert_int_equal(samples[sample_count - 1].known, REFS);
    // One that is away has none.
    rig_command(rig, "gone XT2");
    run(rig, sampler, 30 * LOOP_S);
    assert_true(!isnan(samples[sample_count - 1].numbers[0]));
    assert_true(isnan(samples[sample_count - 1].numbers[1]));
    sampler_free(sampler);
    rig_free(rig);
}

static void another_devices_values_are_none(void **state)
{
    (void)state;
    struct rig *rig;
    struct sampler *sampler = begin(&rig);

    run(rig, sampler, 21 * LOOP_S);
    assert_false(sampler_meets_others(sampler));
    rig_command(rig, "swap XT1 XT2");
    rig_command(rig, "disconnect 1s");
    run(rig, sampler, 90 * LOOP_S);
    assert_true(sampler_meets_others(sampler));
    assert_true(isnan(samples[sample_count - 1].numbers[0]));
    assert_true(isnan(samples[sample_count - 1].numbers[1]));
    assert_true(!isnan(samples[sample_count - 1].numbers[2]));
    // Another installation has nothing to say at all.
    rig_exchange(rig);
    rig_command(rig, "disconnect 1s");
    run(rig, sampler, 90 * LOOP_S);
    assert_int_equal(samples[sample_count - 1].known, 0);
    sampler_free(sampler);
    rig_free(rig);
}

static void the_same_installations_values_come_again(void **state)
{
    (void)state;
    struct rig *rig;
    struct sampler *sampler = begin(&rig);

    run(rig, sampler, 21 * LOOP_S);
    rig_exchange(rig);
    rig_command(rig, "disconnect 1s");
    run(rig, sampler, 90 * LOOP_S);
    assert_int_equal(samples[sample_count - 1].known, 0);
    rig_exchange(rig);
    rig_command(rig, "disconnect 1s");
    run(rig, sampler, 90 * LOOP_S);
    assert_int_equal(samples[sample_count - 1].known, REFS);
    sampler_free(sampler);
    rig_free(rig);
}

enum { MANY = 60 };

static struct {
    struct sampler *sampler;
    size_t rushed, told;
} hurried;

static void take_hurried(void *arg, int64_t time, const double *numbers, size_t known)
{
    char why[80];

    (void)arg;
    (void)time;
    (void)numbers;
    hurried.rushed = sampler_rushed(hurried.sampler);
    hurried.told = 0;
    for (size_t i = 0; i < MANY; i++)
        hurried.told += strcmp(sampler_why(hurried.sampler, i, why, sizeof why), "no time") == 0;
    assert_true(known + hurried.told <= MANY);
}

static void what_had_no_time_is_told(void **state)
{
    struct plant_ref many[MANY];
    struct rig *rig = rig_new("xt=2,no-multi", NULL);

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        many[i] = (struct plant_ref){
            .family = FAMILY_XT, .index = (uint8_t)(1 + i % 2), .id = (uint16_t)(3000 + i / 2)};
    rig_discover(rig);
    hurried.sampler = sampler_new(rig->plant, many, MANY, LOOP_S, false, take_hurried, NULL);
    run(rig, hurried.sampler, 20 * LOOP_S);
    assert_true(hurried.rushed > 0);
    assert_int_equal(hurried.told, hurried.rushed);
    sampler_free(hurried.sampler);
    // There is time enough.
    hurried.sampler = sampler_new(rig->plant, many, MANY, 60 * LOOP_S, false, take_hurried, NULL);
    run(rig, hurried.sampler, 200 * LOOP_S);
    assert_int_equal(hurried.rushed, 0);
    sampler_free(hurried.sampler);
    rig_free(rig);
}

static struct {
    unsigned all, whole;
} counted;

static void count(void *arg, int64_t time, const double *numbers, size_t known)
{
    (void)arg;
    (void)time;
    (void)numbers;
    counted.all++;
    counted.whole += known == REFS;
}

// Bytes in use; 0 where a sanitizer counts for itself.
static size_t memory(void)
{
    return mallinfo2().uordblks;
}

// Silent, and without a link, for days each: the log goes on when the gateway is back, and has not
// grown meanwhile.
static void a_gateway_may_be_away_for_days(void **state)
{
    static const int64_t hour = 3600 * LOOP_S, day = 24 * 3600 * LOOP_S;
    struct rig *rig = rig_new("xt=2", NULL);

    (void)state;
    rig_discover(rig);
    struct sampler *sampler = sampler_new(rig->plant, refs, REFS, 60 * LOOP_S, false, count, NULL);
    run(rig, sampler, 2 * hour); // histories are full
    counted.all = counted.whole = 0;
    run(rig, sampler, hour);
    assert_in_range(counted.whole, 59, 61);

    rig_command(rig, "lose always");
    rig_run(rig, day);
    size_t silent = memory();
    rig_run(rig, 3 * day);
    assert_true(memory() <= silent + 1024);
    rig_command(rig, "clear");
    for (unsigned i = 0; i < 4; i++) {
        rig_command(rig, "disconnect 24h");
        rig_run(rig, day - LOOP_S);
    }
    assert_true(memory() <= silent + 1024);
    assert_in_range(counted.whole, 59, 61);
    assert_true(counted.all > 8 * 1400); // each minute was tried

    rig_run(rig, hour);
    counted.whole = 0;
    run(rig, sampler, hour);
    assert_in_range(counted.whole, 59, 61);
    assert_false(sampler_meets_others(sampler));
    sampler_free(sampler);
    rig_free(rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_come_at_the_clocks_multiples),
        cmocka_unit_test(old_values_are_not_repeated),
        cmocka_unit_test(another_devices_values_are_none),
        cmocka_unit_test(the_same_installations_values_come_again),
        cmocka_unit_test(what_had_no_time_is_told),
        cmocka_unit_test(a_gateway_may_be_away_for_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
