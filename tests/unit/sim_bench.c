// SPDX-License-Identifier: MIT
#include "sim_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/value.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "sim/site.h"

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

void open_bench(struct bench *b, const char *install, const struct sim_line *line)
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
    b->gateway = sim_gateway_new(b->sim, server, line ? line : &fast, NULL);
    link_open(b->client, 0);
}

void close_bench(struct bench *b)
{
    link_free(b->client);
    sim_gateway_free(b->gateway);
    sim_free(b->sim);
    loop_free(b->loop);
}

void wait_for(struct bench *b, int64_t time)
{
    loop_run_until(b->loop, loop_now(b->loop) + time);
}

void command(struct bench *b, const char *text)
{
    char error[128] = "";

    if (sim_gateway_command(b->gateway, text, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
}

void send_frame(struct bench *b, const struct scom_frame *request)
{
    uint8_t out[SCOM_FRAME_MAX];
    size_t length = scom_encode(request, out, sizeof out);

    assert_true(length > 0);
    assert_int_equal(link_send(b->client, out, length), XC_OK);
}

bool ask(struct bench *b, const struct scom_frame *request, struct scom_frame *answer)
{
    size_t before = b->length;

    send_frame(b, request);
    wait_for(b, 2500 * LOOP_MS);
    scom_decoder_feed(&b->decoder, b->bytes + before, b->length - before);
    return scom_decoder_next(&b->decoder, answer) == XC_OK;
}

struct scom_frame reading(uint32_t address, uint16_t type, uint32_t id, uint16_t property)
{
    return (struct scom_frame){.source = 1,
                               .destination = address,
                               .service_id = SCOM_READ,
                               .object_type = type,
                               .object_id = id,
                               .property_id = property};
}

double read_info(struct bench *b, uint32_t address, unsigned id)
{
    struct scom_frame request = reading(address, SCOM_USER_INFO, id, 1), answer;

    assert_true(ask(b, &request, &answer));
    assert_int_equal(answer.service_flags, SCOM_RESPONSE);
    return answer.data_length == 2 ? le_get16(answer.data) : (double)le_get_float(answer.data);
}

uint16_t ask_error(struct bench *b, const struct scom_frame *request)
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

double read_parameter(struct bench *b, uint32_t address, unsigned id, uint16_t part)
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

uint16_t write_bytes(struct bench *b, uint32_t address, unsigned id, uint16_t part,
                     const void *data, size_t length)
{
    struct scom_frame request = reading(address, SCOM_PARAMETER, id, part);

    request.service_id = SCOM_WRITE;
    request.data = data;
    request.data_length = (uint16_t)length;
    return ask_error(b, &request);
}

uint16_t write_float(struct bench *b, uint32_t address, unsigned id, uint16_t part, double value)
{
    uint8_t data[4];

    le_put_float(data, (float)value);
    return write_bytes(b, address, id, part, data, 4);
}

uint16_t write_whole(struct bench *b, uint32_t address, unsigned id, uint16_t part, uint32_t value,
                     size_t length)
{
    uint8_t data[4];

    le_put32(data, value);
    return write_bytes(b, address, id, part, data, length);
}

unsigned counted(struct bench *b, const char *name)
{
    char *text = sim_gateway_writes(b->gateway), *rest = text, *line;
    unsigned count = 0;

    while ((line = strsep(&rest, "\n"))) {
        char *number = strrchr(line, ' ');
        if (number && (size_t)(number - line) == strlen(name) &&
            strncmp(line, name, strlen(name)) == 0)
            count = (unsigned)strtoul(number, NULL, 10);
    }
    free(text);
    return count;
}

double multi_one(struct bench *b, uint16_t info, uint8_t aggregation)
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
