// SPDX-License-Identifier: MIT
// sim: what devices allow: nominal voltages, models, limits that move, and what isn't told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "sim/site.h"
#include "sim_bench.h"

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) < 1e-5 * fmax(1, fabs(expected))))
        fail_msg("%.9g, not %.9g", value, expected);
}

// --- Nominal voltages ----------------------------------------------------------------------------

// What the tables' numbers of a 48 V battery are for another.
static double scale_of(const struct datapoint *dp, double volts)
{
    enum vbat_dependence vbat = datapoint_vbat(dp);

    return vbat == VBAT_LEVEL || vbat == VBAT_STEP ? volts / 48 : 1;
}

// Both limits themselves are allowed, as the wire carries them; the value from before comes back.
static void write_limits(struct bench *b, uint32_t address, unsigned id, double min, double max,
                         double value)
{
    if (write_float(b, address, id, SCOM_UNSAVED_VALUE_QSP, min) != 0 ||
        write_float(b, address, id, SCOM_UNSAVED_VALUE_QSP, max) != 0)
        fail_msg("%u: %g or %g is refused", id, min, max);
    assert_int_equal(write_float(b, address, id, SCOM_UNSAVED_VALUE_QSP, value), 0);
}

static void check_limits_of_all(struct bench *b, double volts)
{
    const struct datapoint *dp;
    unsigned scaled = 0;

    for (size_t i = 0; (dp = catalogue_at(i)); i++) {
        if (datapoint_kind(dp) != KIND_PARAMETER || datapoint_format(dp) != FORMAT_FLOAT ||
            datapoint_family(dp) == FAMILY_BMS)
            continue;
        struct datapoint_limits limits = datapoint_limits(dp);
        double scale = scale_of(dp, volts);
        uint32_t address = device_address(datapoint_family(dp), 1);
        unsigned id = datapoint_id(dp);
        double value = read_parameter(b, address, id, SCOM_VALUE_QSP);
        double min = read_parameter(b, address, id, SCOM_MIN_QSP);
        double max = read_parameter(b, address, id, SCOM_MAX_QSP);
        assert_near(min, limits.min * scale);
        assert_near(max, limits.max * scale);
        write_limits(b, address, id, min, max, value);
        if (id != 6001) // the capacity is as installed
            assert_true(fabs(value - limits.factory * scale) <= 0.004 * fabs(limits.max));
        scaled += scale != 1;
    }
    if (volts != 48)
        assert_int_equal(scaled, 66);
}

static void limits_follow_the_batterys_voltage(void **state)
{
    (void)state;
    static const double volts[] = {12, 24, 48};
    char install[40];
    struct bench b;

    for (unsigned i = 0; i < 3; i++) {
        snprintf(install, sizeof install, "xt=3,vt=1,vs=1,bsp,volts=%g", volts[i]);
        open_bench(&b, install, NULL);
        assert_true(read_info(&b, 101, 3127) == volts[i]);
        assert_true(read_info(&b, 301, 11048) == volts[i]);
        assert_true(read_info(&b, 601, 7035) == volts[i]);
        assert_true(read_info(&b, 701, 15075) == volts[i]);
        assert_true(read_parameter(&b, 601, 6057, SCOM_VALUE_QSP) == volts[i] / 6);
        check_limits_of_all(&b, volts[i]);
        // It lives at that voltage.
        assert_true(fabs(read_info(&b, 101, 3000) / volts[i] - 1.1) < 0.2);
        assert_true(fabs(read_info(&b, 601, 7000) / volts[i] - 1.1) < 0.2);
        assert_true(fabs(read_info(&b, 701, 15053) / volts[i] - 1.17) < 0.05);
        assert_true(fabs(read_info(&b, 102, 3008) / volts[i] - 0.93) < 0.06);
        close_bench(&b);
    }
}

// Whoever takes the printed limits for granted is refused, or allows what he shouldn't.
static void printed_limits_do_not_hold_at_24_volts(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=1,vt=1,volts=24", NULL);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 57.6), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_UNSAVED_VALUE_QSP, 36.1), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 18.9), SCOM_DATA_TOO_SMALL);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 18.95), 0);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 36), 0);
    assert_int_equal(write_float(&b, 301, 10009, SCOM_VALUE_QSP, 28.8), 0);
    // More bits behind the point than at 48 V.
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 28.7), 0);
    assert_true(fabs(read_parameter(&b, 101, 1156, SCOM_VALUE_QSP) - 28.7) <= 1.0 / 1024);
    assert_true(read_parameter(&b, 101, 1156, SCOM_VALUE_QSP) != (double)28.7f);
    close_bench(&b);
}

static void limits_follow_the_ac_voltage(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=3,ac=120", NULL);
    assert_true(read_info(&b, 103, 3126) == 120);
    assert_true(fabs(read_info(&b, 101, 3128) - 7000.0 / 120) < 0.2);
    assert_true(read_parameter(&b, 101, 1286, SCOM_VALUE_QSP) == 120);
    assert_true(read_parameter(&b, 101, 1286, SCOM_MAX_QSP) == 140);
    assert_true(read_parameter(&b, 101, 1432, SCOM_MIN_QSP) == 117.5);
    assert_int_equal(write_float(&b, 101, 1286, SCOM_VALUE_QSP, 230), SCOM_DATA_TOO_BIG);
    assert_true(read_info(&b, 101, 3021) == 120); // the inverter's
    command(&b, "soc 20");                        // the grid helps
    wait_for(&b, 60 * LOOP_S);
    assert_true(read_info(&b, 101, 3020) == 1);
    assert_true(fabs(read_info(&b, 101, 3011) - 120) < 3);
    assert_true(fabs(read_info(&b, 101, 3021) - 120) < 3);
    close_bench(&b);

    open_bench(&b, "xt=3", NULL);
    assert_true(read_info(&b, 101, 3126) == 230);
    assert_true(read_parameter(&b, 101, 1286, SCOM_MAX_QSP) == 280);
    assert_int_equal(write_float(&b, 101, 1286, SCOM_UNSAVED_VALUE_QSP, 225), 0);
    assert_true(read_info(&b, 101, 3021) == 225);
    close_bench(&b);
}

// --- Models --------------------------------------------------------------------------------------

static void models_have_limits_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *install;
        double type[3], va[3], charge[3];
    } cases[] = {
        {"xt=3,limits=device", {1, 1, 256}, {8000, 6000, 4000}, {120, 100, 50}},
        {"xt=3,volts=24,limits=device", {1, 1, 256}, {5000, 5000, 3500}, {140, 140, 90}},
        {"xt=3,volts=12,limits=device", {1, 1, 256}, {3000, 3000, 2000}, {160, 160, 100}},
        {"xt=2,limits=device", {1, 1}, {6000, 6000}, {100, 100}},
    };
    struct bench b;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_bench(&b, cases[i].install, NULL);
        for (unsigned n = 0; n < b.sim->options.xt; n++) {
            double charge = cases[i].charge[n];
            assert_true(read_info(&b, 101 + n, 3124) == cases[i].type[n]);
            assert_true(read_info(&b, 101 + n, 3125) == cases[i].va[n]);
            assert_true(read_parameter(&b, 101 + n, 1138, SCOM_MAX_QSP) == charge);
            assert_true(read_parameter(&b, 101 + n, 1138, SCOM_VALUE_QSP) == fmin(60, charge));
            assert_true(read_info(&b, 101 + n, 3004) == fmin(60, charge));
            assert_int_equal(write_float(&b, 101 + n, 1138, SCOM_VALUE_QSP, charge), 0);
            assert_int_equal(write_float(&b, 101 + n, 1138, SCOM_VALUE_QSP, charge + 1),
                             SCOM_DATA_TOO_BIG);
            assert_true(read_parameter(&b, 101 + n, 1159, SCOM_MAX_QSP) == charge);
            assert_true(read_parameter(&b, 101 + n, 1290, SCOM_MAX_QSP) == charge);
            double input = cases[i].type[n] == 1 ? 50 : 40;
            assert_true(read_parameter(&b, 101 + n, 1107, SCOM_MAX_QSP) == input);
            assert_true(read_parameter(&b, 101 + n, 1567, SCOM_MAX_QSP) == input);
            assert_true(read_parameter(&b, 101 + n, 1523, SCOM_MAX_QSP) == input);
        }
        close_bench(&b);
    }
}

static void factory_values_are_those_of_the_model(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=3,limits=device", NULL);
    assert_int_equal(write_float(&b, 103, 1138, SCOM_VALUE_QSP, 20), 0);
    assert_int_equal(write_whole(&b, 103, 1287, SCOM_VALUE_QSP, 1, 4), 0);
    assert_true(read_parameter(&b, 103, 1138, SCOM_VALUE_QSP) == 50);
    // The printed ones can be had, too.
    command(&b, "limits table");
    assert_true(read_parameter(&b, 103, 1138, SCOM_MAX_QSP) == 200);
    assert_true(read_parameter(&b, 103, 1138, SCOM_VALUE_QSP) == 60);
    assert_true(read_info(&b, 103, 3004) == 60);
    command(&b, "limits device");
    assert_true(read_info(&b, 103, 3004) == 50);
    close_bench(&b);
}

// --- Between parameters --------------------------------------------------------------------------

static void limits_move_with_other_parameters(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=2,vt=1,vs=1,limits=device", NULL);
    double absorption = read_parameter(&b, 101, 1156, SCOM_VALUE_QSP);
    assert_near(read_parameter(&b, 101, 1140, SCOM_MAX_QSP), absorption);
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, 58), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 60), 0);
    assert_near(read_parameter(&b, 101, 1140, SCOM_MAX_QSP), 60);
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, 58), 0);
    assert_near(read_parameter(&b, 101, 1156, SCOM_MIN_QSP), 58);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 57.6), SCOM_DATA_TOO_SMALL);
    assert_near(read_parameter(&b, 102, 1140, SCOM_MAX_QSP), absorption); // each its own
    // What runs counts, though it can't be read.
    assert_int_equal(write_float(&b, 301, 10009, SCOM_UNSAVED_VALUE_QSP, 55), 0);
    assert_near(read_parameter(&b, 301, 10005, SCOM_MAX_QSP), 55);
    assert_int_equal(write_float(&b, 301, 10005, SCOM_VALUE_QSP, 55.5), SCOM_DATA_TOO_BIG);
    command(&b, "reset VT1 0");
    assert_true(read_parameter(&b, 301, 10005, SCOM_MAX_QSP) > 57);
    assert_int_equal(write_float(&b, 701, 14066, SCOM_VALUE_QSP, 68), 0);
    assert_near(read_parameter(&b, 701, 14065, SCOM_MIN_QSP), 68);
    // A value can be out of its limits when the other one has moved.
    assert_int_equal(write_float(&b, 101, 1108, SCOM_VALUE_QSP, 40), 0);
    assert_true(read_parameter(&b, 101, 1109, SCOM_VALUE_QSP) >
                read_parameter(&b, 101, 1109, SCOM_MAX_QSP));
    // With the tables' limits nothing moves.
    command(&b, "limits table");
    assert_near(read_parameter(&b, 101, 1140, SCOM_MAX_QSP), 72);
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, 70), 0);
    close_bench(&b);
}

static void some_refusals_are_not_told_before(void **state)
{
    (void)state;
    static const struct {
        unsigned id;
        double value, fine;
        uint16_t error;
    } cases[] = {
        {1164, 57, 58, SCOM_DATA_TOO_SMALL}, {1174, 54, 55, SCOM_DATA_TOO_SMALL},
        {1172, 55, 54, SCOM_DATA_TOO_BIG},   {1247, 54.5, 53, SCOM_INVALID_DATA},
        {1356, 51, 50, SCOM_INVALID_DATA},
    };
    struct bench b;

    open_bench(&b, "xt=1,limits=device", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned id = cases[i].id;
        assert_true(read_parameter(&b, 101, id, SCOM_MIN_QSP) <= cases[i].value);
        assert_true(read_parameter(&b, 101, id, SCOM_MAX_QSP) >= cases[i].value);
        assert_int_equal(write_float(&b, 101, id, SCOM_VALUE_QSP, cases[i].value), cases[i].error);
        assert_int_equal(write_float(&b, 101, id, SCOM_UNSAVED_VALUE_QSP, cases[i].value),
                         cases[i].error);
        assert_int_equal(write_float(&b, 101, id, SCOM_VALUE_QSP, cases[i].fine), 0);
    }
    close_bench(&b);
}

// Every value that a device holds from the factory is within what it allows, and can be written.
static void factory_values_can_be_written(void **state)
{
    (void)state;
    static const char *const installs[] = {"xt=3,vt=1,vs=1,bsp,limits=device",
                                           "xt=3,vt=1,vs=1,bsp,volts=12,ac=120,limits=device",
                                           "xt=3,vt=1,vs=1,bsp,volts=24,ac=120"};
    const struct datapoint *dp;
    struct bench b;

    for (size_t n = 0; n < sizeof installs / sizeof *installs; n++) {
        open_bench(&b, installs[n], NULL);
        for (size_t i = 0; (dp = catalogue_at(i)); i++) {
            if (datapoint_kind(dp) != KIND_PARAMETER || datapoint_format(dp) != FORMAT_FLOAT ||
                datapoint_family(dp) == FAMILY_BMS)
                continue;
            uint32_t address =
                device_address(datapoint_family(dp), datapoint_family(dp) == FAMILY_XT ? 3 : 1);
            unsigned id = datapoint_id(dp);
            double value = read_parameter(&b, address, id, SCOM_VALUE_QSP);
            double min = read_parameter(&b, address, id, SCOM_MIN_QSP);
            double max = read_parameter(&b, address, id, SCOM_MAX_QSP);
            if (!(min <= value && value <= max))
                fail_msg("%u: %g isn't in %g..%g", id, value, min, max);
            if (write_float(&b, address, id, SCOM_VALUE_QSP, value) != 0)
                fail_msg("%u: %g can't be written", id, value);
            assert_true(read_parameter(&b, address, id, SCOM_VALUE_QSP) == value);
        }
        close_bench(&b);
    }
}

// With the devices' own limits, these are fixed-point numbers as everything in there.
static void limits_are_rounded_as_values_are(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=1,limits=device", NULL);
    double min = read_parameter(&b, 101, 1140, SCOM_MIN_QSP);
    assert_true(min != (double)37.9f && fabs(min - 37.9) < 0.004);
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, 37.9), 0);
    assert_true(read_parameter(&b, 101, 1140, SCOM_VALUE_QSP) == min);
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, min), 0);
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, 37.8), SCOM_DATA_TOO_SMALL);
    double max = read_parameter(&b, 101, 1121, SCOM_MAX_QSP);
    assert_true(fabs(max - 74.4) < 0.004);
    assert_int_equal(write_float(&b, 101, 1121, SCOM_VALUE_QSP, 74.4), 0);
    assert_int_equal(write_float(&b, 101, 1121, SCOM_VALUE_QSP, max), 0);
    close_bench(&b);
}

// --- What can be asked ---------------------------------------------------------------------------

static void bounds_can_be_of_numbers_only(void **state)
{
    (void)state;
    struct scom_frame flag = reading(101, SCOM_PARAMETER, 1124, SCOM_MIN_QSP);
    struct scom_frame options = reading(101, SCOM_PARAMETER, 1545, SCOM_MAX_QSP);
    struct scom_frame signal = reading(101, SCOM_PARAMETER, 1399, SCOM_MAX_QSP);
    struct bench b;

    open_bench(&b, "xt=1", NULL);
    assert_true(read_parameter(&b, 101, 1124, SCOM_MAX_QSP) == 1);
    command(&b, "bounds numbers");
    assert_int_equal(ask_error(&b, &flag), SCOM_PROPERTY_NOT_SUPPORTED);
    assert_int_equal(ask_error(&b, &options), SCOM_PROPERTY_NOT_SUPPORTED);
    assert_int_equal(ask_error(&b, &signal), SCOM_PROPERTY_NOT_SUPPORTED);
    assert_true(read_parameter(&b, 101, 1138, SCOM_MAX_QSP) == 200);
    assert_true(read_parameter(&b, 101, 1206, SCOM_MAX_QSP) == 1440);
    assert_true(read_parameter(&b, 101, 1124, SCOM_VALUE_QSP) == 1);
    assert_int_equal(write_whole(&b, 101, 1124, SCOM_VALUE_QSP, 2, 1), SCOM_INVALID_DATA);
    command(&b, "clear");
    assert_int_equal(ask_error(&b, &flag), 0);
    close_bench(&b);
}

static void values_can_be_changed_in_the_device(void **state)
{
    (void)state;
    char error[128];
    struct bench b;

    open_bench(&b, "xt=1,volts=24", NULL);
    command(&b, "set XT1 1156 28");
    assert_near(read_parameter(&b, 101, 1156, SCOM_VALUE_QSP), 28);
    assert_int_not_equal(sim_gateway_command(b.gateway, "set XT1 1156 57.6", error, sizeof error),
                         XC_OK);
    assert_non_null(strstr(error, "allows"));
    assert_near(read_parameter(&b, 101, 1156, SCOM_VALUE_QSP), 28);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_follow_the_batterys_voltage),
        cmocka_unit_test(printed_limits_do_not_hold_at_24_volts),
        cmocka_unit_test(limits_follow_the_ac_voltage),
        cmocka_unit_test(models_have_limits_of_their_own),
        cmocka_unit_test(factory_values_are_those_of_the_model),
        cmocka_unit_test(limits_move_with_other_parameters),
        cmocka_unit_test(some_refusals_are_not_told_before),
        cmocka_unit_test(factory_values_can_be_written),
        cmocka_unit_test(limits_are_rounded_as_values_are),
        cmocka_unit_test(bounds_can_be_of_numbers_only),
        cmocka_unit_test(values_can_be_changed_in_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
