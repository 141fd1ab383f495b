// SPDX-License-Identifier: MIT
// sim: the installation: what infos answer, and whether it adds up.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/value.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "sim/site.h"
#include "sim_bench.h"

// --- Infos ---------------------------------------------------------------------------------------

static void check_infos_of(struct bench *b, enum family family, uint32_t address)
{
    const struct datapoint *dp;

    for (size_t i = 0; (dp = catalogue_at(i)); i++) {
        if (datapoint_family(dp) != family || datapoint_kind(dp) != KIND_INFO)
            continue;
        struct scom_frame request = reading(address, SCOM_USER_INFO, datapoint_id(dp), 1), answer;
        double value;
        assert_true(ask(b, &request, &answer));
        if (answer.service_flags != SCOM_RESPONSE ||
            value_decode(datapoint_format(dp), answer.data, answer.data_length, &value) != XC_OK ||
            answer.data_length != value_size(datapoint_format(dp)))
            fail_msg("%s %u isn't answered", family_name(family), datapoint_id(dp));
        if (datapoint_id(dp) != 7004 && !isfinite(value))
            fail_msg("%s %u isn't a number", family_name(family), datapoint_id(dp));
        struct option option;
        bool known = datapoint_encoding(dp) != ENCODING_ENUM;
        for (size_t o = 0; !known && datapoint_option(dp, o, &option); o++)
            known = option.value == value && strcmp(option.label, "---") != 0;
        if (!known)
            fail_msg("%s %u: %g isn't one of the options", family_name(family), datapoint_id(dp),
                     value);
        if (datapoint_encoding(dp) == ENCODING_DEVICE_TYPE)
            assert_non_null(catalogue_device_type(family, datapoint_id(dp), (uint32_t)value));
    }
}

static void every_info_of_every_family_is_answered(void **state)
{
    (void)state;
    static const char *const installs[] = {"xt=3,vt=2,vs=2,bsp", "xt=1,vt=1,bms,genset",
                                           "vt=2,vs=1,bsp,volts=24,ac=120", "vs=2,bms,volts=12"};
    struct bench b;

    for (size_t i = 0; i < sizeof installs / sizeof *installs; i++)
        for (unsigned hours = 0; hours < 24; hours += 12) {
            open_bench(&b, installs[i], NULL);
            command(&b, "sd absent"); // nothing is saved after midnight: the gateway isn't busy
            wait_for(&b, hours * 3600 * LOOP_S);
            for (unsigned f = 0; f < FAMILY_COUNT; f++)
                for (unsigned n = 1; n <= site_count(b.sim, (enum family)f); n++)
                    check_infos_of(&b, (enum family)f, device_address((enum family)f, n));
            close_bench(&b);
        }
}

static void devices_can_be_told_apart(void **state)
{
    (void)state;
    static const struct {
        uint32_t address;
        unsigned msb, lsb;
    } devices[] = {{101, 3156, 3157},   {102, 3156, 3157}, {103, 3156, 3157},  {301, 11067, 11068},
                   {302, 11067, 11068}, {601, 7048, 7049}, {701, 15102, 15103}};
    enum { N = sizeof devices / sizeof *devices };
    uint32_t fids[N];
    struct bench b;
    char version[32];

    open_bench(&b, "xt=3,vt=2,vs=1,bsp", NULL);
    for (size_t i = 0; i < N; i++) {
        fids[i] = catalogue_fid(read_info(&b, devices[i].address, devices[i].msb),
                                read_info(&b, devices[i].address, devices[i].lsb));
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(fids[i], fids[j]);
    }
    catalogue_version(read_info(&b, 101, 3130), read_info(&b, 101, 3131), version, sizeof version);
    assert_string_equal(version, "1.6.74");
    assert_true(read_info(&b, 101, 3124) == 1);
    assert_true(read_info(&b, 103, 3124) == 256);
    assert_true(read_info(&b, 101, 3089) == 1);
    assert_true(read_info(&b, 103, 3089) == 4);
    assert_true(read_info(&b, 101, 3001) < 60);
    assert_true(read_info(&b, 102, 3001) == 32767);
    close_bench(&b);
}

// Quantities that are measured in several places fit each other, and energy adds up.
static void check_balance(struct bench *b)
{
    static const struct {
        uint16_t info;
        uint8_t aggregation;
    } asked[] = {{3136, 0xFE}, {3137, 0xFE},  {11004, 0xFE}, {15010, 0xFE}, {7003, 0},   {7001, 0},
                 {3005, 0xFE}, {11001, 0xFE}, {15001, 0xFE}, {7000, 0},     {3000, 0xFD}};
    enum { N = sizeof asked / sizeof *asked };
    struct scom_multi_item items[SCOM_MULTI_MAX];
    uint8_t data[3 * N];
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 1), answer;
    uint32_t flags, clock;
    size_t count;
    double v[N];

    for (size_t i = 0; i < N; i++)
        items[i] = (struct scom_multi_item){asked[i].info, asked[i].aggregation, 0};
    request.data_length = (uint16_t)scom_multi_request_encode(items, N, data);
    request.data = data;
    assert_true(ask(b, &request, &answer));
    assert_int_equal(
        scom_multi_answer_decode(answer.data, answer.data_length, &flags, &clock, items, &count),
        XC_OK);
    for (size_t i = 0; i < N; i++)
        v[i] = (double)items[i].value;
    double loss = 1000 * (v[1] + v[2] + v[3] - v[0]) - v[4];
    double through = 1000 * (v[0] + fabs(v[1]) + v[2] + v[3]);
    if (loss < 15 || loss > 60 + 0.12 * through)
        fail_msg("loads %g, grid %g, solar %g + %g kW, battery %g W: %g W are missing", v[0], v[1],
                 v[2], v[3], v[4], loss);
    assert_true(fabs(v[5] - v[6] - v[7] - v[8]) < 0.3); // rounded by each of 15 devices
    assert_true(fabs(v[4] - v[9] * v[5]) < 3 + 0.02 * fabs(v[9] * v[5]));
    assert_true(fabs(v[9] - v[10]) < 0.1);
    // The model knows exactly.
    const struct model *m = &b->sim->model;
    double sum = -m->loss_w - m->battery.watts;
    for (unsigned i = 0; i < m->xt_count; i++) {
        double lost = m->xt[i].in_w - m->xt[i].out_w - m->xt[i].dc_w;
        assert_true(lost >= 0.05 * fabs(m->xt[i].dc_w));
        sum += m->xt[i].in_w - m->xt[i].out_w;
    }
    for (unsigned i = 0; i < m->vt_count; i++)
        sum += m->vt[i].pv_w[0];
    for (unsigned i = 0; i < m->vs_count; i++)
        sum += m->vs[i].pv_w[0];
    assert_true(fabs(sum) < 1e-6);
    assert_true(m->loss_w > 0);
}

static void energy_adds_up_through_days(void **state)
{
    (void)state;
    static const char *const installs[] = {
        "xt=3,vt=2,vs=1,bsp", "xt=2,vt=1,genset,bsp,seed=9", "xt=9,vt=3,vs=2,bms,seed=4",
        "xt=3,vt=2,vs=1,bsp,volts=24,ac=120", "xt=2,vt=1,bsp,volts=12,limits=device"};
    struct bench b;

    for (size_t i = 0; i < sizeof installs / sizeof *installs; i++) {
        open_bench(&b, installs[i], NULL);
        double low = 1, high = 0, sun = 0, grid = 0;
        command(&b, "absent zero");
        for (unsigned n = 0; n < 96; n++) {
            check_balance(&b);
            low = fmin(low, b.sim->model.battery.soc);
            high = fmax(high, b.sim->model.battery.soc);
            sun = fmax(sun, b.sim->model.sun);
            grid += b.sim->model.xt[0].in_w;
            wait_for(&b, 1800 * LOOP_S);
        }
        assert_true(low > 0.1 && low < 0.6);
        assert_true(high > 0.6 && high <= 1);
        assert_true(sun > 0.2);
        assert_true(grid > 0);
        close_bench(&b);
    }
}

static void grid_feeding_sends_the_surplus_back(void **state)
{
    (void)state;
    struct bench b;
    double least = 0;

    open_bench(&b, "", NULL);
    assert_int_equal(write_whole(&b, 100, 1127, SCOM_VALUE_QSP, 1, 1), 0);
    for (unsigned n = 0; n < 20; n++) {
        wait_for(&b, 900 * LOOP_S);
        check_balance(&b);
        least = fmin(least, multi_one(&b, 3137, 0xFE));
    }
    assert_true(least < -0.5);
    close_bench(&b);
}

// The counters of the day are the integral of the powers.
static void counters_follow_the_powers(void **state)
{
    (void)state;
    struct bench b;
    double kwh = 0;

    open_bench(&b, "", NULL);
    double before = multi_one(&b, 3083, 0xFE), yesterday = multi_one(&b, 3082, 0xFE);
    for (unsigned n = 0; n < 3600; n += 3) {
        kwh += multi_one(&b, 3136, 0xFE) * 3 / 3600;
        wait_for(&b, 500 * LOOP_MS);
    }
    double after = multi_one(&b, 3083, 0xFE);
    assert_true(before > 1 && yesterday > before);
    assert_true(fabs(after - before - kwh) < 0.05 * kwh + 0.05);
    wait_for(&b, 12 * 3600 * LOOP_S);
    assert_true(multi_one(&b, 3083, 0xFE) < after);
    assert_true(multi_one(&b, 3082, 0xFE) > after);
    close_bench(&b);
}

static void autonomy_is_a_number_only_while_discharging(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL); // noon in June: charging
    assert_true(multi_one(&b, 7001, 0) > 0);
    assert_true(isnan(multi_one(&b, 7004, 0)));
    assert_true(isnan(read_info(&b, 601, 7004)));
    wait_for(&b, 12 * 3600 * LOOP_S);
    assert_true(multi_one(&b, 7001, 0) < 0);
    double minutes = read_info(&b, 601, 7004);
    assert_true(minutes < 0 && minutes >= -60000);
    close_bench(&b);
}

// The same options and clock give the same bytes, whatever was asked in between.
static void answers_can_be_repeated(void **state)
{
    (void)state;
    struct bench a, b, c;

    open_bench(&a, "seed=5", NULL);
    open_bench(&b, "seed=5", NULL);
    open_bench(&c, "seed=6", NULL);
    for (unsigned n = 0; n < 100; n++)
        read_info(&a, 101, 3136);
    wait_for(&a, 3600 * LOOP_S - (loop_now(a.loop) - 1000000));
    wait_for(&b, 3600 * LOOP_S);
    wait_for(&c, 3600 * LOOP_S);
    a.length = b.length = c.length = 0;
    for (uint16_t id = 3000; id < 3012; id++)
        if (id != 3009) {
            read_info(&a, 101, id);
            read_info(&b, 101, id);
            read_info(&c, 101, id);
        }
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.bytes, b.bytes, a.length);
    assert_memory_not_equal(a.bytes, c.bytes, a.length);
    close_bench(&a);
    close_bench(&b);
    close_bench(&c);
}

// --- Options -------------------------------------------------------------------------------------

static void installations_are_read_from_text(void **state)
{
    (void)state;
    struct sim_options o;
    char error[160];

    assert_int_equal(sim_parse("", &o, error, sizeof error), XC_OK);
    assert_int_equal(o.xt, 3);
    assert_int_equal(o.phases, 3);
    assert_true(o.bsp && o.multi_info);
    assert_int_equal(sim_parse("xt=9,vt,bms,no-multi,genset,seed=7", &o, error, sizeof error),
                     XC_OK);
    assert_int_equal(o.xt, 9);
    assert_int_equal(o.vt, 1);
    assert_int_equal(o.vs, 0);
    assert_int_equal(o.seed, 7);
    assert_true(o.bms && !o.bsp && o.genset && !o.multi_info);
    assert_int_equal(sim_parse("seed=3", &o, error, sizeof error), XC_OK);
    assert_int_equal(o.vt, 2);
    assert_int_equal(sim_parse("xt=2", &o, error, sizeof error), XC_OK);
    assert_int_equal(o.phases, 1);
    assert_int_equal(o.battery_volts, 48);
    assert_int_equal(o.ac_volts, 230);
    assert_int_equal(o.limits, SIM_LIMITS_TABLE);
    assert_int_equal(sim_parse("volts=12,ac=120,limits=device", &o, error, sizeof error), XC_OK);
    assert_int_equal(o.battery_volts, 12);
    assert_int_equal(o.ac_volts, 120);
    assert_int_equal(o.limits, SIM_LIMITS_DEVICE);
    assert_int_equal(o.xt, 3); // the devices are the usual ones
    assert_int_equal(sim_parse("volts=24", &o, error, sizeof error), XC_OK);
    assert_int_equal(o.battery_volts, 24);
    static const char *const bad[] = {
        "xt=10",      "vt=16", "xt=",         "xt=x",          "phases=2", "foo",
        "bsp=1",      "seed",  "vs=-1",       "xt=2,phases=3", "xt==1",    "speed=0",
        "speed=3601", ",",     "xt=1,,vt",    "volts=36",      "volts",    "volts=",
        "ac=110",     "ac",    "limits=both", "limits"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error[0] = '\0';
        if (sim_parse(bad[i], &o, error, sizeof error) == XC_OK)
            fail_msg("'%s' was taken", bad[i]);
        assert_true(strlen(error) > 5);
    }
}

static void what_is_wrong_with_an_installation_is_named(void **state)
{
    (void)state;
    struct sim_options o;
    char error[160];

    assert_int_equal(sim_parse("bsp,bms", &o, error, sizeof error), XC_SYNTAX);
    assert_string_equal(error, "bms: there is a bsp already, and one battery: give either of them");
    assert_int_equal(sim_parse("bms,xt=1,bsp", &o, error, sizeof error), XC_SYNTAX);
    assert_string_equal(error, "bsp: there is a bms already, and one battery: give either of them");
    assert_int_equal(sim_parse("bsp,bsp", &o, error, sizeof error), XC_OK);
    assert_int_equal(sim_parse("xt=3,,vt=1", &o, error, sizeof error), XC_SYNTAX);
    assert_string_equal(error, "xt=3,,vt=1: there is nothing between two commas");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_info_of_every_family_is_answered),
        cmocka_unit_test(devices_can_be_told_apart),
        cmocka_unit_test(energy_adds_up_through_days),
        cmocka_unit_test(grid_feeding_sends_the_surplus_back),
        cmocka_unit_test(counters_follow_the_powers),
        cmocka_unit_test(autonomy_is_a_number_only_while_discharging),
        cmocka_unit_test(answers_can_be_repeated),
        cmocka_unit_test(installations_are_read_from_text),
        cmocka_unit_test(what_is_wrong_with_an_installation_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
