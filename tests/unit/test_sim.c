// SPDX-License-Identifier: MIT
// sim: the simulated installation.
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
#include "proto/scom.h"
#include "sim/chance.h"
#include "sim/sim.h"
#include "sim/site.h"

enum { NOON = 1782043200 }; // 2026-06-21 12:00:00

// A client on the other end of a memory link.
struct bench {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *gateway;
    struct link *client;
    struct scom_decoder decoder;
    uint8_t bytes[65536]; // everything that came
    size_t length;
    unsigned chunks;
    int64_t last; // when
};

static void on_state(void *arg, enum link_state state)
{
    (void)arg;
    (void)state;
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct bench *b = arg;

    assert_true(length <= sizeof b->bytes - b->length);
    memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
    b->chunks++;
    b->last = loop_now(b->loop);
}

static void open_bench(struct bench *b, const char *install, const struct sim_line *line)
{
    static const struct link_events events = {.state = on_state, .received = on_received};
    static const struct sim_line fast = {.bits_per_byte = 11};
    struct sim_options options;
    struct link *server;
    char error[128];

    memset(b, 0, sizeof *b);
    assert_int_equal(sim_parse(install, &options, error, sizeof error), XC_OK);
    options.clock = NOON;
    b->loop = loop_new_virtual(1000000, 1782043200000000);
    b->sim = sim_new(b->loop, &options);
    link_memory_pair(b->loop, &b->client, &server);
    link_listen(b->client, &events, b);
    b->gateway = sim_gateway_new(b->sim, server, line ? line : &fast);
    link_open(b->client, 0);
}

static void close_bench(struct bench *b)
{
    link_free(b->client);
    sim_gateway_free(b->gateway);
    sim_free(b->sim);
    loop_free(b->loop);
}

static void wait_for(struct bench *b, int64_t time)
{
    loop_run_until(b->loop, loop_now(b->loop) + time);
}

static void command(struct bench *b, const char *text)
{
    char error[128] = "";

    if (sim_gateway_command(b->gateway, text, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
}

static void send_frame(struct bench *b, const struct scom_frame *request)
{
    uint8_t out[SCOM_FRAME_MAX];
    size_t length = scom_encode(request, out, sizeof out);

    assert_true(length > 0);
    assert_int_equal(link_send(b->client, out, length), XC_OK);
}

// Sends a request and waits; the next frame that came. False when none did.
static bool ask(struct bench *b, const struct scom_frame *request, struct scom_frame *answer)
{
    size_t before = b->length;

    send_frame(b, request);
    wait_for(b, 2500 * LOOP_MS);
    scom_decoder_feed(&b->decoder, b->bytes + before, b->length - before);
    return scom_decoder_next(&b->decoder, answer) == XC_OK;
}

static struct scom_frame reading(uint32_t address, uint16_t type, uint32_t id, uint16_t property)
{
    return (struct scom_frame){.source = 1,
                               .destination = address,
                               .service_id = SCOM_READ,
                               .object_type = type,
                               .object_id = id,
                               .property_id = property};
}

static double read_info(struct bench *b, uint32_t address, unsigned id)
{
    struct scom_frame request = reading(address, SCOM_USER_INFO, id, 1), answer;

    assert_true(ask(b, &request, &answer));
    assert_int_equal(answer.service_flags, SCOM_RESPONSE);
    return answer.data_length == 2 ? le_get16(answer.data) : (double)le_get_float(answer.data);
}

static uint16_t ask_error(struct bench *b, const struct scom_frame *request)
{
    struct scom_frame answer;

    if (!ask(b, request, &answer))
        fail_msg("no answer");
    assert_int_equal(answer.source, request->destination);
    assert_int_equal(answer.destination, request->source);
    assert_int_equal(answer.service_id, request->service_id);
    assert_int_equal(answer.object_type, request->object_type);
    assert_int_equal(answer.object_id, request->object_id);
    assert_int_equal(answer.property_id, request->property_id);
    if (!(answer.service_flags & SCOM_ERROR))
        return 0;
    assert_int_equal(answer.service_flags, SCOM_ERROR | SCOM_RESPONSE);
    assert_int_equal(answer.data_length, 2);
    return le_get16(answer.data);
}

static double read_parameter(struct bench *b, uint32_t address, unsigned id, uint16_t part)
{
    struct scom_frame request = reading(address, SCOM_PARAMETER, id, part), answer;
    struct target target;
    double value;

    assert_true(ask(b, &request, &answer));
    assert_int_equal(answer.service_flags, SCOM_RESPONSE);
    assert_true(target_from_address(address, &target));
    if (target.family == FAMILY_BSP)
        target.family = site_battery_family(b->sim);
    enum value_format format = part == SCOM_LEVEL_QSP
                                   ? FORMAT_SHORT_ENUM
                                   : datapoint_format(catalogue_find(target.family, id));
    assert_int_equal(answer.data_length, value_size(format));
    assert_int_equal(value_decode(format, answer.data, answer.data_length, &value), XC_OK);
    return value;
}

static uint16_t write_bytes(struct bench *b, uint32_t address, unsigned id, uint16_t part,
                            const void *data, size_t length)
{
    struct scom_frame request = reading(address, SCOM_PARAMETER, id, part);

    request.service_id = SCOM_WRITE;
    request.data = data;
    request.data_length = (uint16_t)length;
    return ask_error(b, &request);
}

static uint16_t write_float(struct bench *b, uint32_t address, unsigned id, uint16_t part,
                            double value)
{
    uint8_t data[4];

    le_put_float(data, (float)value);
    return write_bytes(b, address, id, part, data, 4);
}

static uint16_t write_whole(struct bench *b, uint32_t address, unsigned id, uint16_t part,
                            uint32_t value, size_t length)
{
    uint8_t data[4];

    le_put32(data, value);
    return write_bytes(b, address, id, part, data, length);
}

static double multi_one(struct bench *b, uint16_t info, uint8_t aggregation)
{
    struct scom_multi_item items[SCOM_MULTI_MAX] = {{.info = info, .aggregation = aggregation}};
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 1), answer;
    uint8_t data[3];
    uint32_t flags, clock;
    size_t count;

    request.data_length = (uint16_t)scom_multi_request_encode(items, 1, data);
    request.data = data;
    assert_true(ask(b, &request, &answer));
    assert_int_equal(answer.service_flags, SCOM_RESPONSE);
    assert_int_equal(
        scom_multi_answer_decode(answer.data, answer.data_length, &flags, &clock, items, &count),
        XC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(items[0].info, info);
    assert_int_equal(items[0].aggregation, aggregation);
    return (double)items[0].value;
}

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
                                           "vt=2,vs=1,bsp", "vs=2,bms"};
    struct bench b;

    for (size_t i = 0; i < sizeof installs / sizeof *installs; i++)
        for (unsigned hours = 0; hours < 24; hours += 12) {
            open_bench(&b, installs[i], NULL);
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
    static const char *const installs[] = {"xt=3,vt=2,vs=1,bsp", "xt=2,vt=1,genset,bsp,seed=9",
                                           "xt=9,vt=3,vs=2,bms,seed=4"};
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

// --- Errors --------------------------------------------------------------------------------------

static void every_refusal_has_its_code(void **state)
{
    (void)state;
    static const uint8_t four[4] = {0};
    struct bench b;

    open_bench(&b, "xt=3,vt=1,bsp", NULL);
#define REFUSED(code, ...)                                                                         \
    do {                                                                                           \
        struct scom_frame r = __VA_ARGS__;                                                         \
        assert_int_equal(ask_error(&b, &r), code);                                                 \
    } while (0)
#define WITH(...) ((struct scom_frame){.source = 1, __VA_ARGS__})
    REFUSED(SCOM_INVALID_FRAME, WITH(.destination = 101, .service_flags = 2, .service_id = 1,
                                     .object_type = 1, .object_id = 3000, .property_id = 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(104, SCOM_USER_INFO, 3000, 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(0, SCOM_USER_INFO, 3000, 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(700, SCOM_USER_INFO, 15000, 1));
    REFUSED(SCOM_DEVICE_NOT_FOUND, reading(500, SCOM_PARAMETER, 5002, 5));
    REFUSED(SCOM_SERVICE_NOT_SUPPORTED, WITH(.destination = 101, .service_id = 3, .object_type = 1,
                                             .object_id = 3000, .property_id = 1));
    REFUSED(SCOM_TYPE_NOT_SUPPORTED, reading(101, 0x0009, 3000, 1));
    REFUSED(SCOM_TYPE_NOT_SUPPORTED, reading(101, SCOM_MESSAGE, 0, 0));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 3999, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 11000, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 0x10000 + 3000, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_USER_INFO, 1138, 1));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(101, SCOM_PARAMETER, 3000, 5));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(501, SCOM_GUID, 1, 0));
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, reading(501, SCOM_MESSAGE, 100000, 0));
    REFUSED(SCOM_INVALID_DATA, reading(601, SCOM_USER_INFO, 7061, 1));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(101, SCOM_USER_INFO, 3000, 5));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(101, SCOM_PARAMETER, 1138, 1));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(101, SCOM_PARAMETER, 1100, 5)); // a menu
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(501, SCOM_GUID, 0, 1));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, reading(501, SCOM_MESSAGE, 0, 1));
    REFUSED(SCOM_OBJECT_NOT_SUPPORTED, reading(501, SCOM_PARAMETER, 5012, 5));
    REFUSED(SCOM_OBJECT_NOT_SUPPORTED, reading(501, SCOM_DATALOG, 1, 0x21));
    REFUSED(SCOM_OBJECT_NOT_SUPPORTED, reading(501, SCOM_SCREEN, 0, 0));
    REFUSED(SCOM_OBJECT_NOT_SUPPORTED, reading(501, SCOM_DATALOG_FIELD, 0, 1));
    REFUSED(SCOM_MULTICAST_READ_NOT_SUPPORTED, reading(100, SCOM_USER_INFO, 3000, 1));
    REFUSED(SCOM_MULTICAST_READ_NOT_SUPPORTED, reading(600, SCOM_PARAMETER, 6001, 5));
    REFUSED(SCOM_INVALID_DATA_LENGTH,
            WITH(.destination = 101, .service_id = 1, .object_type = 1, .object_id = 3000,
                 .property_id = 1, .data = four, .data_length = 4));
    REFUSED(SCOM_INVALID_DATA_LENGTH,
            WITH(.destination = 101, .service_id = 1, .object_type = 2, .object_id = 1138,
                 .property_id = 5, .data = four, .data_length = 1));
    REFUSED(SCOM_PROPERTY_IS_READ_ONLY,
            WITH(.destination = 101, .service_id = 2, .object_type = 1, .object_id = 3000,
                 .property_id = 1, .data = four, .data_length = 4));
    REFUSED(SCOM_PROPERTY_IS_READ_ONLY, WITH(.destination = 501, .service_id = 2, .object_type = 4,
                                             .data = four, .data_length = 4));
#undef WITH
#undef REFUSED
    assert_int_equal(write_float(&b, 101, 1138, SCOM_MIN_QSP, 1), SCOM_PROPERTY_IS_READ_ONLY);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_MAX_QSP, 1), SCOM_PROPERTY_IS_READ_ONLY);
    assert_int_equal(write_bytes(&b, 101, 1138, SCOM_VALUE_QSP, four, 2), SCOM_INVALID_DATA_LENGTH);
    assert_int_equal(write_bytes(&b, 101, 1124, SCOM_VALUE_QSP, four, 4), SCOM_INVALID_DATA_LENGTH);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, -1), SCOM_DATA_TOO_SMALL);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 200.5), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 201), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, (double)NAN), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 101, 1124, SCOM_VALUE_QSP, 2, 1), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 501, 5101, SCOM_VALUE_QSP, 3, 4), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 501, 5104, SCOM_VALUE_QSP, 0, 4), SCOM_INVALID_DATA);
    assert_int_equal(write_whole(&b, 101, 1206, SCOM_VALUE_QSP, 1441, 4), SCOM_DATA_TOO_BIG);
    assert_int_equal(write_whole(&b, 101, 1138, SCOM_LEVEL_QSP, 0x15, 2), SCOM_INVALID_DATA);
    assert_int_equal(write_float(&b, 104, 1138, SCOM_VALUE_QSP, 20), SCOM_DEVICE_NOT_FOUND);
    assert_int_equal(write_float(&b, 700, 14001, SCOM_VALUE_QSP, 20), SCOM_DEVICE_NOT_FOUND);
    close_bench(&b);
}

// Damaged requests are never answered, and never spoil the next one.
static void damaged_requests_are_not_answered(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1), answer;
    uint8_t good[64], bad[64];
    size_t length = scom_encode(&request, good, sizeof good);
    struct bench b;

    open_bench(&b, "", NULL);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        memcpy(bad, good, length);
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        link_send(b.client, bad, length);
        wait_for(&b, 3 * LOOP_S);
        assert_int_equal(b.length, 0);
    }
    for (size_t cut = 1; cut < length; cut++) {
        link_send(b.client, good, cut);
        wait_for(&b, 3 * LOOP_S);
        assert_int_equal(b.length, 0);
    }
    assert_true(ask(&b, &request, &answer));
    // A request in the middle of one that never ends.
    static const uint8_t endless[] = {0xAA, 0, 1, 0, 0, 0, 101, 0, 0, 0, 200, 0};
    uint8_t header[14];
    memcpy(header, endless, sizeof endless);
    le_put16(header + 12, scom_checksum(header + 1, 11));
    b.length = 0;
    link_send(b.client, header, sizeof header);
    link_send(b.client, good, length);
    wait_for(&b, 3 * LOOP_S);
    assert_int_equal(b.length, 0);
    assert_true(ask(&b, &request, &answer));
    close_bench(&b);
}

static void requests_may_come_in_pieces_and_with_crlf(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1);
    uint8_t out[64];
    size_t length = scom_encode(&request, out, sizeof out);
    struct bench b;

    open_bench(&b, "", NULL);
    link_send(b.client, (const uint8_t *)"\r\n", 2);
    for (size_t i = 0; i < length; i++) {
        link_send(b.client, out + i, 1);
        wait_for(&b, 10 * LOOP_MS);
    }
    wait_for(&b, LOOP_S);
    assert_int_equal(b.length, 30);
    close_bench(&b);
}

static size_t throw_dice(uint64_t *dice, size_t sides)
{
    *dice = chance_mix(*dice, 0);
    return (size_t)(*dice % sides);
}

// Whatever is asked, there is one answer, and it is to the question.
static void random_requests_get_one_answer_each(void **state)
{
    (void)state;
    static const uint32_t addresses[] = {0,   1,   100, 101, 103, 109, 191, 194,
                                         301, 500, 501, 600, 601, 701, 715, 0xFFFFFFFF};
    static const uint16_t types[] = {1, 2, 2, 2, 3, 4, 5, 10, 0x100, 0x101, 0, 0xFFFF};
    static const uint16_t properties[] = {0, 1, 5, 6, 7, 8, 13, 0x21, 0xFFFF};
    struct scom_frame request, answer;
    uint8_t data[300];
    uint64_t dice = 1;
    struct bench b;

    open_bench(&b, "xt=3,vt=1,vs=1,bsp", NULL);
    for (unsigned n = 0; n < 20000; n++) {
        const struct datapoint *dp = catalogue_at((size_t)throw_dice(&dice, catalogue_count()));
        request = reading(addresses[throw_dice(&dice, 16)], types[throw_dice(&dice, 12)],
                          datapoint_id(dp), properties[throw_dice(&dice, 9)]);
        request.service_id = (uint8_t)throw_dice(&dice, 4);
        if (throw_dice(&dice, 2))
            request.destination = device_address(datapoint_family(dp), 1);
        if (throw_dice(&dice, 4) == 0)
            request.object_id = (uint32_t)throw_dice(&dice, 3);
        for (size_t i = 0; i < sizeof data; i++)
            data[i] =
                (uint8_t)(throw_dice(&dice, 3) ? throw_dice(&dice, 256) : throw_dice(&dice, 2));
        request.data = data;
        request.data_length =
            (uint16_t)(throw_dice(&dice, 2) ? throw_dice(&dice, 5) : 3 * throw_dice(&dice, 80));
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        bool answered = ask(&b, &request, &answer);
        if (!answered) { // a signal has restarted the gateway
            assert_true(b.sim->restarted);
            wait_for(&b, 5 * LOOP_S);
            continue;
        }
        assert_int_equal(answer.source, request.destination);
        assert_int_equal(answer.service_id, request.service_id);
        assert_int_equal(answer.object_id, request.object_id);
        assert_int_equal(answer.property_id, request.property_id);
        if (answer.service_flags & SCOM_ERROR)
            assert_non_null(catalogue_error_name(le_get16(answer.data)));
        assert_int_equal(b.decoder.counters.frames, 1);
        assert_int_equal(b.decoder.counters.skipped, 0);
    }
    close_bench(&b);
}

// --- Parameters ----------------------------------------------------------------------------------

static void every_parameter_reads_with_its_parts(void **state)
{
    (void)state;
    static const enum family families[] = {FAMILY_XT,  FAMILY_VT,  FAMILY_VS,
                                           FAMILY_BSP, FAMILY_RCC, FAMILY_BMS};
    const struct datapoint *dp;
    struct bench b;

    for (unsigned f = 0; f < 6; f++) {
        open_bench(&b, families[f] == FAMILY_BMS ? "xt,bms" : "xt,vt,vs,bsp", NULL);
        for (size_t i = 0; (dp = catalogue_at(i)); i++) {
            if (datapoint_family(dp) != families[f] || datapoint_kind(dp) == KIND_INFO)
                continue;
            uint32_t address = device_address(families[f], 1);
            unsigned id = datapoint_id(dp);
            double level = read_parameter(&b, address, id, SCOM_LEVEL_QSP);
            assert_true(level == 16 * datapoint_level(dp));
            if (datapoint_format(dp) == FORMAT_NONE)
                continue;
            double value = read_parameter(&b, address, id, SCOM_VALUE_QSP);
            double min = read_parameter(&b, address, id, SCOM_MIN_QSP);
            double max = read_parameter(&b, address, id, SCOM_MAX_QSP);
            if (id != 5002 && !(min <= value && value <= max))
                fail_msg("%u: %g isn't in %g..%g", id, value, min, max);
        }
        close_bench(&b);
    }
}

static void flash_and_ram_are_kept_apart(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    double before = read_parameter(&b, 101, 1138, SCOM_VALUE_QSP);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
    // It runs with the new value, but reads answer with flash.
    assert_true(read_info(&b, 101, 3004) == 12);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == before);
    assert_true(read_parameter(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP) == before);
    command(&b, "reset XT1");
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3004, 1);
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    wait_for(&b, 10 * LOOP_S);
    assert_true(read_info(&b, 101, 3004) == before);
    // What is written to flash runs at once, whatever was in RAM.
    assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 33), 0);
    assert_true(read_info(&b, 101, 3004) == 33);
    command(&b, "reset XT1");
    wait_for(&b, 10 * LOOP_S);
    assert_true(read_info(&b, 101, 3004) == 33);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == 33);
    assert_true(read_parameter(&b, 102, 1138, SCOM_VALUE_QSP) == before);
    close_bench(&b);
}

static void floats_are_kept_as_fixed_point(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_float(&b, 101, 1156, SCOM_VALUE_QSP, 57.3), 0);
    double back = read_parameter(&b, 101, 1156, SCOM_VALUE_QSP);
    assert_true(back != (double)57.3f);
    assert_true(fabs(back - 57.3) < 0.005);
    // The limits themselves are allowed.
    assert_int_equal(write_float(&b, 101, 1140, SCOM_VALUE_QSP, 37.9), 0);
    assert_int_equal(write_float(&b, 101, 1622, SCOM_VALUE_QSP, 0.1), 0);
    close_bench(&b);
}

static void without_flash_nothing_is_stored(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    double before = read_parameter(&b, 101, 1138, SCOM_VALUE_QSP);
    assert_int_equal(write_whole(&b, 101, 1550, SCOM_VALUE_QSP, 0, 1), 0);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 12), 0);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == before);
    assert_true(read_info(&b, 101, 3004) == 12);
    close_bench(&b);
}

static void old_firmware_knows_no_ram(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "firmware XT2 1.5.30");
    assert_int_equal(write_float(&b, 102, 1138, SCOM_UNSAVED_VALUE_QSP, 12),
                     SCOM_PROPERTY_NOT_SUPPORTED);
    assert_int_equal(write_float(&b, 102, 1138, SCOM_VALUE_QSP, 12), 0);
    assert_true(read_info(&b, 102, 3131) == 5 * 256 + 30);
    close_bench(&b);
}

static void groups_and_phases_reach_their_devices(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=6,phases=3", NULL);
    assert_int_equal(write_float(&b, 100, 1138, SCOM_VALUE_QSP, 21), 0);
    for (uint32_t a = 101; a <= 106; a++)
        assert_true(read_parameter(&b, a, 1138, SCOM_VALUE_QSP) == 21);
    assert_int_equal(write_float(&b, 192, 1138, SCOM_VALUE_QSP, 22), 0);
    for (uint32_t a = 101; a <= 106; a++)
        assert_true(read_parameter(&b, a, 1138, SCOM_VALUE_QSP) ==
                    (a == 102 || a == 105 ? 22 : 21));
    assert_true(read_info(&b, 193, 3135) == 3);
    command(&b, "gone XT3");
    assert_true(read_info(&b, 193, 3135) == 6);
    command(&b, "multicast master");
    assert_true(read_info(&b, 100, 3135) == 1);
    close_bench(&b);
}

static void signals_do_what_they_say(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=3,vt=1,bsp", NULL);
    assert_int_equal(write_whole(&b, 100, 1399, SCOM_VALUE_QSP, 1, 4), 0);
    wait_for(&b, 2 * LOOP_S);
    assert_true(read_info(&b, 102, 3049) == 0);
    assert_true(read_info(&b, 102, 3136) == 0);
    assert_int_equal(write_whole(&b, 100, 1415, SCOM_VALUE_QSP, 1, 4), 0);
    wait_for(&b, 2 * LOOP_S);
    assert_true(read_info(&b, 102, 3136) > 0);
    assert_int_equal(write_whole(&b, 301, 10040, SCOM_VALUE_QSP, 1, 4), 0);
    wait_for(&b, 2 * LOOP_S);
    assert_true(read_info(&b, 301, 11004) == 0);
    assert_true(read_info(&b, 301, 11016) == 6);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 9), 0);
    assert_int_equal(write_whole(&b, 101, 1395, SCOM_VALUE_QSP, 1, 4), 0);
    assert_true(read_parameter(&b, 101, 1138, SCOM_VALUE_QSP) == 60);
    assert_int_equal(write_whole(&b, 501, 5035, SCOM_VALUE_QSP, 1, 4), 0);
    struct scom_frame request = reading(501, SCOM_MESSAGE, 0, 0);
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    close_bench(&b);
}

static void the_clock_can_be_set(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_true(read_parameter(&b, 501, 5002, SCOM_VALUE_QSP) - NOON < 4);
    assert_int_equal(write_whole(&b, 501, 5002, SCOM_VALUE_QSP, NOON + 100000, 4), 0);
    double now = read_parameter(&b, 501, 5002, SCOM_VALUE_QSP);
    assert_true(now >= NOON + 100000 && now < NOON + 100006);
    assert_true(b.sim->model.sun > 0.1);
    close_bench(&b);
}

static void an_armed_watchdog_restarts_its_device(void **state)
{
    (void)state;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3004, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_whole(&b, 101, 1628, SCOM_VALUE_QSP, 1, 1), 0);
    wait_for(&b, 200 * LOOP_S); // no RAM write yet
    assert_int_equal(ask_error(&b, &request), 0);
    for (unsigned n = 0; n < 5; n++) {
        assert_int_equal(write_float(&b, 101, 1138, SCOM_UNSAVED_VALUE_QSP, 12), 0);
        wait_for(&b, 50 * LOOP_S);
        assert_true(read_info(&b, 101, 3004) == 12);
    }
    wait_for(&b, 15 * LOOP_S);
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    wait_for(&b, 10 * LOOP_S);
    assert_true(read_info(&b, 101, 3004) == 60);
    close_bench(&b);
}

static void the_scom_watchdog_restarts_the_gateway(void **state)
{
    (void)state;
    struct scom_frame clear = reading(501, SCOM_PARAMETER, 5104, SCOM_VALUE_QSP), answer;
    uint8_t one[4] = {1};
    struct bench b;

    open_bench(&b, "", NULL);
    clear.service_id = SCOM_WRITE;
    clear.data = one;
    clear.data_length = 4;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1);
    assert_true(ask(&b, &request, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    assert_int_equal(ask_error(&b, &clear), 0);
    command(&b, "watchdog on");
    for (unsigned n = 0; n < 4; n++) {
        wait_for(&b, 50 * LOOP_S);
        assert_true(ask(&b, &request, &answer));
        assert_false(answer.frame_flags & SCOM_RESTARTED);
    }
    wait_for(&b, 70 * LOOP_S);
    assert_true(ask(&b, &request, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    close_bench(&b);
}

static void the_scom_watchdog_minds_requests_without_an_answer(void **state)
{
    (void)state;
    struct scom_frame absent = reading(109, SCOM_USER_INFO, 3000, 1), answer;
    struct scom_frame request = reading(101, SCOM_USER_INFO, 3000, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    assert_int_equal(write_whole(&b, 501, 5104, SCOM_VALUE_QSP, 1, 4), 0);
    command(&b, "watchdog on");
    command(&b, "missing silence");
    assert_false(ask(&b, &absent, &answer));
    for (unsigned n = 0; n < 4; n++) {
        wait_for(&b, 10 * LOOP_S);
        assert_true(ask(&b, &request, &answer));
        assert_false(answer.frame_flags & SCOM_RESTARTED);
    }
    wait_for(&b, 10 * LOOP_S);
    assert_false(ask(&b, &request, &answer)); // it restarts
    wait_for(&b, 3 * LOOP_S);
    assert_true(ask(&b, &request, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    close_bench(&b);
}

// --- Messages, GUID, flags -----------------------------------------------------------------------

static struct scom_message read_message(struct bench *b, uint32_t index, uint8_t *flags)
{
    struct scom_frame request = reading(501, SCOM_MESSAGE, index, 0), answer;
    struct scom_message message;

    assert_true(ask(b, &request, &answer));
    assert_int_equal(answer.service_flags, SCOM_RESPONSE);
    assert_int_equal(answer.data_length, SCOM_MESSAGE_SIZE);
    assert_int_equal(scom_message_decode(answer.data, answer.data_length, &message), XC_OK);
    *flags = answer.frame_flags;
    return message;
}

static void messages_are_read_by_a_latched_pointer(void **state)
{
    (void)state;
    struct bench b;
    uint8_t flags;

    open_bench(&b, "", NULL);
    struct scom_message first = read_message(&b, 0, &flags);
    assert_true(first.total > 5);
    assert_false(flags & SCOM_MESSAGE_PENDING);
    struct scom_message second = read_message(&b, 1, &flags);
    assert_true(second.timestamp <= first.timestamp);
    command(&b, "message 16 XT2");
    struct scom_message again = read_message(&b, 1, &flags);
    assert_true(flags & SCOM_MESSAGE_PENDING);
    assert_int_equal(again.type, second.type);
    assert_int_equal(again.total, first.total + 1);
    struct scom_message fresh = read_message(&b, 0, &flags);
    assert_false(flags & SCOM_MESSAGE_PENDING);
    assert_int_equal(fresh.type, 16);
    assert_int_equal(fresh.source, 102);
    assert_true(fresh.timestamp >= NOON && fresh.timestamp < NOON + 20);
    assert_int_equal(read_message(&b, 1, &flags).timestamp, first.timestamp);
    // The oldest, and none behind it.
    read_message(&b, fresh.total - 1, &flags);
    struct scom_frame request = reading(501, SCOM_MESSAGE, fresh.total, 0);
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    close_bench(&b);
}

static void messages_appear_as_the_day_goes(void **state)
{
    (void)state;
    struct bench b;
    uint8_t flags;

    open_bench(&b, "xt=2,vt=1,genset,bsp", NULL);
    uint32_t before = read_message(&b, 0, &flags).total;
    wait_for(&b, 48 * 3600 * LOOP_S);
    read_info(&b, 101, 3000);
    struct scom_message newest = read_message(&b, 0, &flags);
    assert_true(newest.total > before);
    assert_non_null(catalogue_message(newest.type).text);
    close_bench(&b);
}

static void the_history_forgets_the_oldest(void **state)
{
    (void)state;
    struct messages messages = {0};
    struct scom_message message;

    assert_false(messages_read(&messages, 0, &message));
    for (uint16_t i = 0; i < MESSAGES_MAX + 10; i++)
        messages_add(&messages, i, 101, i);
    assert_int_equal(messages_total(&messages), MESSAGES_MAX);
    assert_true(messages_read(&messages, MESSAGES_MAX - 1, &message));
    assert_int_equal(message.type, 10);
    assert_false(messages_read(&messages, MESSAGES_MAX, &message));
    assert_false(messages_read(&messages, UINT32_MAX, &message));
}

static void guid_and_flags_are_answered(void **state)
{
    (void)state;
    struct scom_frame request = reading(501, SCOM_GUID, 0, 0), answer;
    struct bench b;

    open_bench(&b, "", NULL);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.data_length, 16);
    assert_int_equal(answer.frame_flags, SCOM_SD_PRESENT | SCOM_RESTARTED);
    assert_int_equal(write_whole(&b, 501, 5104, SCOM_VALUE_QSP, 1, 4), 0);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags, SCOM_SD_PRESENT);
    command(&b, "reset XCOM");
    assert_false(ask(&b, &request, &answer));
    wait_for(&b, 4 * LOOP_S);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags, SCOM_SD_PRESENT | SCOM_RESTARTED);
    close_bench(&b);
}

// --- Multi-info ----------------------------------------------------------------------------------

static void multi_infos_echo_their_list(void **state)
{
    (void)state;
    struct scom_multi_item items[SCOM_MULTI_MAX];
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 4711), answer;
    uint8_t data[3 * SCOM_MULTI_MAX];
    uint32_t flags, clock;
    size_t count;
    struct bench b;

    open_bench(&b, "xt=3,vt=2,bsp", NULL);
    for (unsigned i = 0; i < SCOM_MULTI_MAX; i++)
        items[i] = (struct scom_multi_item){(uint16_t)(3000 + i % 2 * 5), (uint8_t)(i % 4), 0};
    request.data = data;
    request.data_length = (uint16_t)scom_multi_request_encode(items, SCOM_MULTI_MAX, data);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.property_id, 4711);
    assert_int_equal(answer.data_length, 8 + 7 * SCOM_MULTI_MAX);
    assert_int_equal(
        scom_multi_answer_decode(answer.data, answer.data_length, &flags, &clock, items, &count),
        XC_OK);
    assert_int_equal(flags, SCOM_MULTI_XT_PRESENT | SCOM_MULTI_VT_PRESENT | SCOM_MULTI_BSP_PRESENT);
    assert_true(clock >= NOON && clock < NOON + 4);
    for (unsigned i = 0; i < SCOM_MULTI_MAX; i++) {
        assert_int_equal(items[i].info, 3000 + i % 2 * 5);
        assert_int_equal(items[i].aggregation, i % 4);
        assert_true(isfinite(items[i].value));
    }
    close_bench(&b);
}

static void multi_infos_are_strict(void **state)
{
    (void)state;
    static const struct {
        uint8_t data[6];
        uint8_t length;
        uint16_t error;
    } cases[] = {
        {{0}, 0, SCOM_INVALID_DATA_LENGTH},
        {{0xB8, 0x0B}, 2, SCOM_INVALID_DATA_LENGTH},
        {{0xB8, 0x0B, 0, 0xB8}, 4, SCOM_INVALID_DATA_LENGTH},
        {{0xB8, 0x0B, 0x10}, 3, SCOM_INVALID_DATA},
        {{0xB8, 0x0B, 0xFF}, 3, SCOM_INVALID_DATA},
        {{0xB8, 0x0B, 0xFD, 0xB8, 0x0B, 0xFE}, 6, 0},
    };
    uint8_t many[3 * 77] = {0};
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        request.data = cases[i].data;
        request.data_length = cases[i].length;
        assert_int_equal(ask_error(&b, &request), cases[i].error);
    }
    request.data = many;
    request.data_length = sizeof many;
    assert_int_equal(ask_error(&b, &request), SCOM_INVALID_DATA_LENGTH);
    request.data = cases[5].data;
    request.data_length = 3;
    request.object_id = 2;
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    request.object_id = 1;
    request.service_id = SCOM_WRITE;
    assert_int_equal(ask_error(&b, &request), SCOM_PROPERTY_IS_READ_ONLY);
    request.service_id = SCOM_READ;
    request.property_id = 2;
    command(&b, "multi-tag strict");
    assert_int_equal(ask_error(&b, &request), SCOM_PROPERTY_NOT_SUPPORTED);
    command(&b, "clear");
    assert_int_equal(ask_error(&b, &request), 0);
    command(&b, "multi off");
    assert_int_equal(ask_error(&b, &request), SCOM_SERVICE_NOT_SUPPORTED);
    close_bench(&b);
}

static void multi_infos_cover_devices_and_families(void **state)
{
    (void)state;
    struct scom_frame request = reading(501, SCOM_MULTI_INFO, 1, 1);
    uint8_t absent[3] = {0xB8, 0x0B, 9}, unknown[3] = {0xFF, 0x0B, 0};
    struct bench b;

    open_bench(&b, "xt=3,vt=2,bsp", NULL);
    assert_true(multi_one(&b, 3135, 0) == 1);
    assert_true(multi_one(&b, 3135, 3) == 3);
    assert_true(multi_one(&b, 3135, 0xFE) == 6);
    assert_true(multi_one(&b, 3135, 0xFD) == 2);
    assert_true(isnan(multi_one(&b, 3135, 4)));
    assert_true(isnan(multi_one(&b, 15010, 0xFE)));
    assert_true(isnan(multi_one(&b, 3999, 1)));
    command(&b, "gone XT1");
    assert_true(multi_one(&b, 3135, 0) == 2);
    assert_true(multi_one(&b, 3135, 0xFE) == 5);
    command(&b, "absent zero");
    assert_true(multi_one(&b, 3135, 4) == 0);
    command(&b, "absent master");
    assert_true(multi_one(&b, 3135, 4) == 2);
    command(&b, "absent error");
    request.data_length = 3;
    request.data = absent;
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    request.data = unknown;
    assert_int_equal(ask_error(&b, &request), SCOM_OBJECT_ID_NOT_FOUND);
    close_bench(&b);
}

// --- Faults --------------------------------------------------------------------------------------

static const struct scom_frame volts = {.source = 1,
                                        .destination = 101,
                                        .service_id = SCOM_READ,
                                        .object_type = SCOM_USER_INFO,
                                        .object_id = 3000,
                                        .property_id = 1};
enum { VOLTS_ANSWER = 30 };

static void answers_can_get_lost(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "lose 2");
    assert_false(ask(&b, &volts, &answer));
    assert_false(ask(&b, &volts, &answer));
    assert_true(ask(&b, &volts, &answer));
    // What was asked is done.
    command(&b, "lose");
    struct scom_frame write = reading(101, SCOM_PARAMETER, 1124, SCOM_VALUE_QSP);
    write.service_id = SCOM_WRITE;
    write.data = (const uint8_t *)"";
    write.data_length = 1;
    assert_false(ask(&b, &write, &answer));
    assert_true(read_parameter(&b, 101, 1124, SCOM_VALUE_QSP) == 0);
    command(&b, "lose 40%");
    unsigned lost = 0;
    for (unsigned i = 0; i < 200; i++)
        lost += !ask(&b, &volts, &answer);
    assert_true(lost > 50 && lost < 110);
    command(&b, "lose never");
    assert_true(ask(&b, &volts, &answer));
    close_bench(&b);
}

static void answers_can_be_late_and_double(void **state)
{
    (void)state;
    static const struct sim_line line = {.bits_per_byte = 11, .latency = 20 * LOOP_MS};
    struct scom_frame answer, other = volts;
    struct bench b;

    open_bench(&b, "", &line);
    command(&b, "late 1 5s");
    int64_t sent = loop_now(b.loop);
    assert_false(ask(&b, &volts, &answer));
    // The line is free meanwhile.
    other.object_id = 3005;
    assert_true(ask(&b, &other, &answer));
    assert_int_equal(answer.object_id, 3005);
    wait_for(&b, LOOP_S);
    assert_int_equal(b.length, 2 * VOLTS_ANSWER);
    assert_int_equal(b.last - sent, 5020 * LOOP_MS);
    assert_int_equal(le_get32(b.bytes + VOLTS_ANSWER + 18), 3000);

    b.length = 0;
    command(&b, "duplicate");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.length, 2 * VOLTS_ANSWER);
    assert_memory_equal(b.bytes, b.bytes + VOLTS_ANSWER, VOLTS_ANSWER);
    close_bench(&b);
}

static void answers_can_be_damaged(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    for (unsigned seed = 0; seed < 40; seed++) {
        char install[16];
        snprintf(install, sizeof install, "seed=%u", seed);
        open_bench(&b, install, NULL);
        command(&b, "corrupt header");
        assert_false(ask(&b, &volts, &answer));
        assert_int_equal(b.length, VOLTS_ANSWER);
        uint16_t sum = scom_checksum(b.bytes + 1, 11);
        assert_int_not_equal(sum, le_get16(b.bytes + 12));
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        command(&b, "corrupt data 1");
        assert_false(ask(&b, &volts, &answer));
        assert_int_equal(scom_checksum(b.bytes + 1, 11), le_get16(b.bytes + 12));
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        command(&b, "truncate 1");
        assert_false(ask(&b, &volts, &answer));
        assert_true(b.length > 0 && b.length < VOLTS_ANSWER);
        b.length = 0;
        b.decoder = (struct scom_decoder){0};
        command(&b, "truncate 1 7");
        assert_false(ask(&b, &volts, &answer));
        assert_int_equal(b.length, VOLTS_ANSWER - 7);
        close_bench(&b);
    }
}

static void noise_comes_around_answers(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "garbage 20");
    command(&b, "crlf always");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.length, 20 + VOLTS_ANSWER + 2);
    assert_memory_equal(b.bytes + 20 + VOLTS_ANSWER, "\r\n", 2);
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.length, 20 + 2 * (VOLTS_ANSWER + 2));
    close_bench(&b);
}

static void foreign_traffic_is_mixed_in(void **state)
{
    (void)state;
    struct scom_decoder decoder = {0};
    struct scom_frame answer;
    unsigned others = 0, requests = 0, impostors = 0, ours = 0;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "foreign 3");
    for (unsigned i = 0; i < 4; i++) {
        send_frame(&b, &volts);
        wait_for(&b, LOOP_S);
    }
    scom_decoder_feed(&decoder, b.bytes, b.length);
    while (scom_decoder_next(&decoder, &answer) == XC_OK) {
        bool is_ours = answer.object_type == SCOM_USER_INFO && answer.object_id == 3000;
        ours += answer.destination == 1 && is_ours;
        impostors += answer.destination == 1 && !is_ours;
        requests += !(answer.service_flags & SCOM_RESPONSE);
        others += answer.destination != 1 && (answer.service_flags & SCOM_RESPONSE);
    }
    assert_int_equal(ours, 4);
    assert_int_equal(impostors, 1);
    assert_int_equal(requests, 1);
    assert_int_equal(others, 2);
    close_bench(&b);
}

static void answers_can_come_in_pieces(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "fragment 1");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.chunks, VOLTS_ANSWER);
    command(&b, "fragment 20");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.chunks, VOLTS_ANSWER + 2);
    command(&b, "fragment off");
    assert_true(ask(&b, &volts, &answer));
    assert_int_equal(b.chunks, VOLTS_ANSWER + 3);
    close_bench(&b);
}

static void errors_come_on_demand(void **state)
{
    (void)state;
    struct scom_frame other = reading(102, SCOM_USER_INFO, 3000, 1);
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "busy 3");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ask_error(&b, &volts), SCOM_GATEWAY_BUSY);
    assert_int_equal(ask_error(&b, &volts), 0);
    command(&b, "error 0x2A XT1:3000 2");
    assert_int_equal(ask_error(&b, &other), 0);
    assert_int_equal(ask_error(&b, &volts), SCOM_READ_PROPERTY_FAILED);
    assert_int_equal(ask_error(&b, &volts), SCOM_READ_PROPERTY_FAILED);
    assert_int_equal(ask_error(&b, &volts), 0);
    command(&b, "error 43 XT1");
    assert_int_equal(ask_error(&b, &volts), SCOM_ACCESS_DENIED);
    assert_int_equal(ask_error(&b, &volts), SCOM_ACCESS_DENIED);
    assert_int_equal(ask_error(&b, &other), 0);
    command(&b, "clear");
    assert_int_equal(ask_error(&b, &volts), 0);
    close_bench(&b);
}

static void absent_devices_are_reported_as_wished(void **state)
{
    (void)state;
    struct scom_frame request = volts, answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "gone XT1");
    assert_int_equal(ask_error(&b, &request), SCOM_DEVICE_NOT_FOUND);
    command(&b, "missing timeout");
    int64_t before = loop_now(b.loop);
    assert_int_equal(ask_error(&b, &request), SCOM_RESPONSE_TIMEOUT);
    assert_int_equal(b.last - before, 2 * LOOP_S);
    command(&b, "missing silence");
    assert_false(ask(&b, &request, &answer));
    command(&b, "back XT1");
    assert_int_equal(ask_error(&b, &request), 0);
    close_bench(&b);
}

static void values_can_be_not_a_number(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "nan XT1:3000");
    assert_true(isnan(read_info(&b, 101, 3000)));
    assert_true(isnan(multi_one(&b, 3000, 1)));
    assert_true(!isnan(read_info(&b, 102, 3000)));
    command(&b, "clear");
    assert_true(!isnan(read_info(&b, 101, 3000)));
    close_bench(&b);
}

static void devices_can_change_places(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "", NULL);
    double first = read_info(&b, 101, 3157), second = read_info(&b, 102, 3157);
    assert_int_equal(write_float(&b, 101, 1138, SCOM_VALUE_QSP, 17), 0);
    command(&b, "swap XT1 XT2");
    assert_true(read_info(&b, 101, 3157) == second);
    assert_true(read_info(&b, 102, 3157) == first);
    assert_true(read_parameter(&b, 102, 1138, SCOM_VALUE_QSP) == 17);
    close_bench(&b);
}

static void the_link_can_break_and_come_back(void **state)
{
    (void)state;
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", NULL);
    command(&b, "disconnect 4s");
    assert_int_equal(link_state(b.client), LINK_CLOSED);
    link_open(b.client, 0);
    wait_for(&b, 3900 * LOOP_MS);
    assert_int_equal(link_state(b.client), LINK_WAITING);
    wait_for(&b, 200 * LOOP_MS);
    assert_int_equal(link_state(b.client), LINK_UP);
    assert_true(ask(&b, &volts, &answer));
    close_bench(&b);
}

static void bad_commands_say_what_was_expected(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "foo",
        "lose x",
        "lose 1 2",
        "late 1 5y",
        "corrupt x",
        "garbage",
        "garbage 0",
        "garbage 20 maybe",
        "fragment",
        "error",
        "error 0 XT1",
        "error 0xZ XT1",
        "error 1 XT7",
        "error 1 XT1:x",
        "nan XT1:3010",
        "nan XT1",
        "nan *:3000",
        "gone XT4",
        "gone",
        "gone XCOM",
        "gone XT",
        "swap XT1",
        "swap XT1 VT1",
        "swap XT1 XT1",
        "multi",
        "multi maybe",
        "absent",
        "missing x",
        "multicast",
        "disconnect x",
        "message",
        "message x",
        "message 1 XT9",
        "set XT1 3000 1",
        "set XT1 1138",
        "set XT1 1138 abc",
        "firmware XT1 1.6",
        "firmware XT1 1.6.7x",
        "soc 101",
        "watchdog",
        "lose 101%",
        "a b c d e f g",
    };
    char error[128];
    struct bench b;

    open_bench(&b, "xt=3,vt=1,bsp", NULL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error[0] = '\0';
        if (sim_gateway_command(b.gateway, bad[i], error, sizeof error) == XC_OK)
            fail_msg("'%s' was taken", bad[i]);
        assert_true(strlen(error) > 5);
    }
    struct scom_frame answer;
    assert_true(ask(&b, &volts, &answer)); // none of them did anything
    close_bench(&b);
}

// --- The line ------------------------------------------------------------------------------------

static void the_pace_is_exact(void **state)
{
    (void)state;
    static const struct sim_line line = {
        .baud = 38400, .bits_per_byte = 11, .latency = 20 * LOOP_MS};
    struct scom_frame answer;
    struct bench b;

    open_bench(&b, "", &line);
    int64_t began = loop_now(b.loop);
    assert_true(ask(&b, &volts, &answer));
    // 26 bytes there, 30 back, 11 bits each: 16041.67 us, rounded up.
    assert_int_equal(b.last - began, 16042 + 20000);
    assert_int_equal(b.chunks, 1);

    // In pieces, the last one is there at the same time and the first one earlier.
    command(&b, "fragment 10");
    send_frame(&b, &volts);
    began = loop_now(b.loop);
    wait_for(&b, 7448 + 20000 + 2864 - 10);
    assert_int_equal(b.chunks, 1);
    wait_for(&b, 20);
    assert_int_equal(b.chunks, 2);
    wait_for(&b, LOOP_S);
    assert_int_equal(b.chunks, 4);
    assert_int_equal(b.last - began, 16042 + 20000);
    close_bench(&b);
}

static void jitter_stays_in_its_bounds_and_repeats(void **state)
{
    (void)state;
    static const struct sim_line line = {
        .bits_per_byte = 11, .latency = 10 * LOOP_MS, .jitter = 30 * LOOP_MS};
    int64_t took[2][20];
    struct scom_frame answer;
    struct bench b;

    for (unsigned run = 0; run < 2; run++) {
        open_bench(&b, "", &line);
        for (unsigned i = 0; i < 20; i++) {
            int64_t began = loop_now(b.loop);
            assert_true(ask(&b, &volts, &answer));
            took[run][i] = b.last - began;
            assert_true(took[run][i] >= 10 * LOOP_MS && took[run][i] <= 40 * LOOP_MS);
        }
        close_bench(&b);
    }
    assert_memory_equal(took[0], took[1], sizeof took[0]);
    assert_true(took[0][0] != took[0][1]);
}

static void requests_during_an_answer_are_violations(void **state)
{
    (void)state;
    static const struct sim_line line = {
        .baud = 38400, .bits_per_byte = 11, .latency = 20 * LOOP_MS};
    char text[512];
    struct bench b;

    open_bench(&b, "", &line);
    send_frame(&b, &volts);
    wait_for(&b, 10 * LOOP_MS);
    send_frame(&b, &volts);
    wait_for(&b, LOOP_S);
    assert_int_equal(b.length, VOLTS_ANSWER);
    assert_non_null(strstr(sim_gateway_status(b.gateway, text, sizeof text), "violations 1\n"));
    close_bench(&b);
}

static void time_can_run_faster(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "speed=60", NULL);
    wait_for(&b, 60 * LOOP_S);
    site_advance(b.sim);
    assert_int_equal(site_clock(b.sim), NOON + 3600);
    close_bench(&b);
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
    static const char *const bad[] = {"xt=10", "vt=16",   "xt=",        "xt=x",  "phases=2",
                                      "foo",   "bsp=1",   "seed",       "vs=-1", "xt=2,phases=3",
                                      "xt==1", "speed=0", "speed=3601", ",",     "xt=1,,vt"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error[0] = '\0';
        if (sim_parse(bad[i], &o, error, sizeof error) == XC_OK)
            fail_msg("'%s' was taken", bad[i]);
        assert_true(strlen(error) > 5);
    }
}

static void durations_are_read_from_text(void **state)
{
    (void)state;
    int64_t d;

    assert_int_equal(sim_parse_duration("20ms", &d), XC_OK);
    assert_int_equal(d, 20000);
    assert_int_equal(sim_parse_duration("1.5s", &d), XC_OK);
    assert_int_equal(d, 1500000);
    assert_int_equal(sim_parse_duration("0", &d), XC_OK);
    assert_int_equal(d, 0);
    assert_int_equal(sim_parse_duration("2", &d), XC_SYNTAX);
    assert_int_equal(sim_parse_duration("2m", &d), XC_OK);
    assert_int_equal(d, 120000000);
    assert_int_equal(sim_parse_duration("", &d), XC_SYNTAX);
    assert_int_equal(sim_parse_duration("s", &d), XC_SYNTAX);
    assert_int_equal(sim_parse_duration("-1s", &d), XC_SYNTAX);
    assert_int_equal(sim_parse_duration("1d", &d), XC_SYNTAX);
    assert_int_equal(sim_parse_duration("25h", &d), XC_RANGE);
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
        cmocka_unit_test(every_refusal_has_its_code),
        cmocka_unit_test(damaged_requests_are_not_answered),
        cmocka_unit_test(requests_may_come_in_pieces_and_with_crlf),
        cmocka_unit_test(every_parameter_reads_with_its_parts),
        cmocka_unit_test(flash_and_ram_are_kept_apart),
        cmocka_unit_test(floats_are_kept_as_fixed_point),
        cmocka_unit_test(without_flash_nothing_is_stored),
        cmocka_unit_test(old_firmware_knows_no_ram),
        cmocka_unit_test(groups_and_phases_reach_their_devices),
        cmocka_unit_test(signals_do_what_they_say),
        cmocka_unit_test(the_clock_can_be_set),
        cmocka_unit_test(an_armed_watchdog_restarts_its_device),
        cmocka_unit_test(the_scom_watchdog_restarts_the_gateway),
        cmocka_unit_test(the_scom_watchdog_minds_requests_without_an_answer),
        cmocka_unit_test(random_requests_get_one_answer_each),
        cmocka_unit_test(messages_are_read_by_a_latched_pointer),
        cmocka_unit_test(messages_appear_as_the_day_goes),
        cmocka_unit_test(the_history_forgets_the_oldest),
        cmocka_unit_test(guid_and_flags_are_answered),
        cmocka_unit_test(multi_infos_echo_their_list),
        cmocka_unit_test(multi_infos_are_strict),
        cmocka_unit_test(multi_infos_cover_devices_and_families),
        cmocka_unit_test(answers_can_get_lost),
        cmocka_unit_test(answers_can_be_late_and_double),
        cmocka_unit_test(answers_can_be_damaged),
        cmocka_unit_test(noise_comes_around_answers),
        cmocka_unit_test(foreign_traffic_is_mixed_in),
        cmocka_unit_test(answers_can_come_in_pieces),
        cmocka_unit_test(errors_come_on_demand),
        cmocka_unit_test(absent_devices_are_reported_as_wished),
        cmocka_unit_test(values_can_be_not_a_number),
        cmocka_unit_test(devices_can_change_places),
        cmocka_unit_test(the_link_can_break_and_come_back),
        cmocka_unit_test(bad_commands_say_what_was_expected),
        cmocka_unit_test(the_pace_is_exact),
        cmocka_unit_test(jitter_stays_in_its_bounds_and_repeats),
        cmocka_unit_test(requests_during_an_answer_are_violations),
        cmocka_unit_test(time_can_run_faster),
        cmocka_unit_test(installations_are_read_from_text),
        cmocka_unit_test(durations_are_read_from_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
