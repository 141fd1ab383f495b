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

static void an_info_is_answered(void **state)
{
    (void)state;
    struct bench b;
    open_bench(&b, "", NULL);
    double volts = read_info(&b, 101, 3000);
    assert_true(volts > 46 && volts < 60);
    command(&b, "clear");
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_info_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
