// SPDX-License-Identifier: MIT
// The simulated Xcom-CAN (reference can.md), in virtual time: frames as records, and as the text of
// an adapter.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/scom.h"
#include "proto/slcan.h"
#include "proto/stucan.h"
#include "sim/sim.h"

enum { FRAMES_MAX = 64, TEXT_MAX = 4096 };

struct world {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *gateway;
    struct link *client;
    struct canframe frames[FRAMES_MAX];
    size_t count;
    char text[TEXT_MAX]; // of an adapter
    size_t length;
    int64_t last; // when something came
    bool slcan;
};

static void received(void *arg, const uint8_t *bytes, size_t length)
{
    struct world *world = arg;

    world->last = loop_now(world->loop);
    if (world->slcan) {
        assert_true(world->length + length < TEXT_MAX);
        memcpy(world->text + world->length, bytes, length);
        world->length += length;
        world->text[world->length] = '\0';
        return;
    }
    assert_int_equal(length % CANFRAME_RECORD_SIZE, 0);
    for (; length > 0; bytes += CANFRAME_RECORD_SIZE, length -= CANFRAME_RECORD_SIZE) {
        assert_true(world->count < FRAMES_MAX);
        assert_int_equal(canframe_get(bytes, &world->frames[world->count++]), XC_OK);
    }
}

static void state_changed(void *arg, enum link_state state)
{
    (void)arg;
    (void)state;
}

static void begin(struct world *world, const struct sim_can *can)
{
    static const struct link_events events = {.state = state_changed, .received = received};
    static const struct sim_line line = {.latency = 20 * LOOP_MS};
    struct sim_options options;
    struct link *far_end;
    char error[160];

    *world = (struct world){.slcan = can->slcan};
    world->loop = loop_new_virtual(1000 * LOOP_S, INT64_C(1782043200) * LOOP_S);
    assert_int_equal(sim_parse("xt=3,vt=1,bsp,phases=3", &options, error, sizeof error), XC_OK);
    options.clock = 1782043200;
    world->sim = sim_new(world->loop, &options);
    link_memory_pair(world->loop, &world->client, &far_end);
    link_listen(world->client, &events, world);
    world->gateway = sim_gateway_new(world->sim, far_end, &line, can);
    link_open(world->client, 0);
    loop_run_until(world->loop, loop_now(world->loop) + LOOP_MS);
}

static void end(struct world *world)
{
    sim_gateway_free(world->gateway);
    sim_free(world->sim);
    link_free(world->client);
    loop_free(world->loop);
}

static void pass(struct world *world, int64_t time)
{
    loop_run_until(world->loop, loop_now(world->loop) + time);
}

static void command(struct world *world, const char *text)
{
    char error[160];

    if (sim_gateway_command(world->gateway, text, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
}

static void send(struct world *world, uint32_t id, bool extended, const void *data, uint8_t length)
{
    struct canframe frame = {.id = id, .extended = extended, .length = length};
    uint8_t record[CANFRAME_RECORD_SIZE];

    memcpy(frame.data, data, length);
    assert_int_equal(canframe_put(&frame, record), XC_OK);
    world->count = 0;
    assert_int_equal(link_send(world->client, record, sizeof record), XC_OK);
    pass(world, LOOP_S);
}

#define SEND(world, id, ...)                                                                       \
    send(world, id, true, ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__}))

// One answer, with these bytes.
static void assert_answer(const struct world *world, uint32_t id, const void *data, uint8_t length)
{
    assert_int_equal(world->count, 1);
    assert_true(world->frames[0].extended && !world->frames[0].remote);
    assert_int_equal(world->frames[0].id, id);
    assert_int_equal(world->frames[0].length, length);
    assert_memory_equal(world->frames[0].data, data, length);
}

#define ANSWERED(world, id, ...)                                                                   \
    assert_answer(world, id, ((const uint8_t[]){__VA_ARGS__}),                                     \
                  sizeof((const uint8_t[]){__VA_ARGS__}))

static const struct sim_can tolerant = {0}, exclusive = {.exclusive = true},
                            adapter = {.slcan = true, .bitrate = 125000};

// --- Requests ------------------------------------------------------------------------------------

static void the_examples_of_the_document(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &tolerant);
    // Read user info 3000 of 101 from 0.
    SEND(&world, 0x03280000, 0x0B, 0xB8);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.frames[0].id, 0x0000CA00);
    assert_int_equal(world.frames[0].length, 6);
    assert_memory_equal(world.frames[0].data, "\x0B\xB8", 2);
    // Parameter 1286, maximum: an AC voltage.
    SEND(&world, 0x03280040, 0x05, 0x06, 0x02);
    assert_int_equal(world.frames[0].id, 0x0000CA40);
    assert_int_equal(world.frames[0].length, 7);
    assert_memory_equal(world.frames[0].data, "\x05\x06\x02", 3);
    // Set to 230 in RAM; the answer echoes.
    SEND(&world, 0x03280080, 0x05, 0x06, 0x04, 0x43, 0x66, 0x00, 0x00);
    ANSWERED(&world, 0x0000CA80, 0x05, 0x06, 0x04, 0x43, 0x66, 0x00, 0x00);
    // Too big: the error doesn't echo the part.
    SEND(&world, 0x03280080, 0x05, 0x06, 0x04, 0x47, 0x00, 0x00, 0x00);
    ANSWERED(&world, 0x0000CA81, 0x05, 0x06, 0x00, 0x00, 0x00, 0x28);
    // Message 16 from 105 isn't there with three Xtenders; from 102.
    world.count = 0;
    command(&world, "message 16 XT2");
    pass(&world, LOOP_MS);
    ANSWERED(&world, 0x0FA0CCC0, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00);
    end(&world);
}

static void all_values_are_floats(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &tolerant);
    // 1138 := 45 in RAM; flash, and a read of RAM, stay 60.
    SEND(&world, 0x03280080, 0x04, 0x72, 0x04, 0x42, 0x34, 0x00, 0x00);
    ANSWERED(&world, 0x0000CA80, 0x04, 0x72, 0x04, 0x42, 0x34, 0x00, 0x00);
    SEND(&world, 0x03280040, 0x04, 0x72, 0x04);
    ANSWERED(&world, 0x0000CA40, 0x04, 0x72, 0x04, 0x42, 0x70, 0x00, 0x00);
    // An enum: 1124, a bool: yes.
    SEND(&world, 0x03280040, 0x04, 0x64, 0x00);
    ANSWERED(&world, 0x0000CA40, 0x04, 0x64, 0x00, 0x3F, 0x80, 0x00, 0x00);
    // To flash: no.
    SEND(&world, 0x03280080, 0x04, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00);
    SEND(&world, 0x03280040, 0x04, 0x64, 0x00);
    ANSWERED(&world, 0x0000CA40, 0x04, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00);
    // Not a number: no bool.
    SEND(&world, 0x03280080, 0x04, 0x64, 0x00, 0x7F, 0xC0, 0x00, 0x00);
    ANSWERED(&world, 0x0000CA81, 0x04, 0x64, 0x00, 0x00, 0x00, 0x26);
    end(&world);
}

static void errors_have_their_codes(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &tolerant);
    SEND(&world, 0x03280000, 0x04, 0x72); // a parameter as an info
    ANSWERED(&world, 0x0000CA01, 0x04, 0x72, 0x00, 0x00, 0x00, 0x22);
    SEND(&world, 0x03280040, 0x04, 0x72, 0x08); // no such part
    ANSWERED(&world, 0x0000CA41, 0x04, 0x72, 0x00, 0x00, 0x00, 0x12);
    SEND(&world, 0x03280080, 0x04, 0x72, 0x01, 0x42, 0x34, 0x00, 0x00); // the minimum
    ANSWERED(&world, 0x0000CA81, 0x04, 0x72, 0x00, 0x00, 0x00, 0x25);
    SEND(&world, 109u << 19, 0x0B, 0xB8); // absent
    ANSWERED(&world, 109u << 9 | 1, 0x0B, 0xB8, 0x00, 0x00, 0x00, 0x02);
    SEND(&world, 100u << 19, 0x0B, 0xB8); // a group
    ANSWERED(&world, 100u << 9 | 1, 0x0B, 0xB8, 0x00, 0x00, 0x00, 0x2D);
    command(&world, "multicast master");
    SEND(&world, 100u << 19 | 5u << 9, 0x0B, 0xB8);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.frames[0].id, 5u << 19 | 100u << 9);
    // A write to a group reaches all of it.
    SEND(&world, 100u << 19 | 2u << 6, 0x04, 0x72, 0x00, 0x42, 0x34, 0x00, 0x00);
    SEND(&world, 103u << 19 | 1u << 6, 0x04, 0x72, 0x00);
    ANSWERED(&world, 103u << 9 | 1u << 6, 0x04, 0x72, 0x00, 0x42, 0x34, 0x00, 0x00);
    // What every installation's gateway must refuse somewhen.
    command(&world, "busy 1");
    SEND(&world, 0x03280000, 0x0B, 0xB8);
    ANSWERED(&world, 0x0000CA01, 0x0B, 0xB8, 0x00, 0x00, 0x00, 0x13);
    command(&world, "missing silence");
    SEND(&world, 109u << 19, 0x0B, 0xB8);
    assert_int_equal(world.count, 0);
    command(&world, "missing timeout");
    SEND(&world, 109u << 19, 0x0B, 0xB8);
    ANSWERED(&world, 109u << 9 | 1, 0x0B, 0xB8, 0x00, 0x00, 0x00, 0x03);
    end(&world);
}

// --- Two modes -----------------------------------------------------------------------------------

static void only_exclusive_mode_answers_strangers(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &tolerant);
    send(&world, 0x123, false, "\x01\x02", 2);
    assert_int_equal(world.count, 0);
    SEND(&world, 0x03280000, 0x0B); // too short
    assert_int_equal(world.count, 0);
    SEND(&world, 800u << 19, 0x0B, 0xB8); // to nobody that could be there
    assert_int_equal(world.count, 0);
    SEND(&world, 501u << 19, 0x0B, 0xB8); // the gateway itself
    assert_int_equal(world.count, 0);
    end(&world);
    begin(&world, &exclusive);
    send(&world, 0x123, false, "\x01\x02", 2);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.frames[0].id & 0x3F, 1);
    SEND(&world, 0x03280000, 0x0B);
    ANSWERED(&world, 0x0000CA01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x24);
    SEND(&world, 0x032800C0, 0x0B, 0xB8); // a message as a request
    ANSWERED(&world, 0x0000CA01, 0x0B, 0xB8, 0x00, 0x00, 0x00, 0x01);
    SEND(&world, 800u << 19, 0x0B, 0xB8);
    ANSWERED(&world, 800u << 9 | 1, 0x0B, 0xB8, 0x00, 0x00, 0x00, 0x02);
    end(&world);
}

// --- Faults --------------------------------------------------------------------------------------

static void answers_go_wrong(void **state)
{
    (void)state;
    struct world world;
    char error[160];

    begin(&world, &tolerant);
    command(&world, "lose 1");
    SEND(&world, 0x03280000, 0x0B, 0xB8);
    assert_int_equal(world.count, 0);
    command(&world, "duplicate 1");
    SEND(&world, 0x03280000, 0x0B, 0xB8);
    assert_int_equal(world.count, 2);
    command(&world, "truncate 1 2");
    SEND(&world, 0x03280000, 0x0B, 0xB8);
    assert_int_equal(world.count, 1);
    assert_int_equal(world.frames[0].length, 4);
    command(&world, "garbage 5 1");
    SEND(&world, 0x03280000, 0x0B, 0xB8);
    assert_int_equal(world.count, 6);
    command(&world, "late 1 1500ms");
    SEND(&world, 0x03280000, 0x0B, 0xB8);
    assert_int_equal(world.count, 0);
    pass(&world, LOOP_S);
    assert_int_equal(world.count, 1);
    command(&world, "foreign 4");
    for (int i = 0; i < 4; i++) {
        SEND(&world, 0x03280000, 0x0B, 0xB8);
        assert_int_equal(world.count, 2);
    }
    // Another master's question, the answer, and another protocol's frame, which is refused.
    command(&world, "traffic 200ms");
    world.count = 0;
    pass(&world, 300 * LOOP_MS);
    assert_int_equal(world.count, 3);
    command(&world, "traffic off");
    assert_int_equal(sim_gateway_command(world.gateway, "corrupt 1", error, sizeof error),
                     XC_NOT_FOUND);
    assert_string_equal(error, "a CAN frame with a wrong bit reaches nobody: use lose");
    end(&world);
}

static void requests_wait_for_each_other(void **state)
{
    (void)state;
    struct world world;
    const struct canframe request = {
        .id = 0x03280000, .extended = true, .length = 2, .data = {0x0B, 0xB8}};
    uint8_t record[CANFRAME_RECORD_SIZE];

    begin(&world, &tolerant);
    canframe_put(&request, record);
    int64_t begun = loop_now(world.loop);
    for (int i = 0; i < 3; i++)
        link_send(world.client, record, sizeof record);
    pass(&world, 59 * LOOP_MS);
    assert_int_equal(world.count, 2);
    pass(&world, LOOP_S);
    assert_int_equal(world.count, 3);
    assert_true(world.last - begun >= 60 * LOOP_MS && world.last - begun < 62 * LOOP_MS);
    end(&world);
}

// --- An adapter ----------------------------------------------------------------------------------

static const char *type(struct world *world, const char *text)
{
    world->length = 0;
    world->text[0] = '\0';
    assert_int_equal(link_send(world->client, (const uint8_t *)text, strlen(text)), XC_OK);
    pass(world, LOOP_S);
    return world->text;
}

static void an_adapter_obeys(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &adapter);
    assert_string_equal(type(&world, "T0328000020BB8\r"), "\a"); // closed
    assert_string_equal(type(&world, "C\r"), "\a");
    assert_string_equal(type(&world, "S9\r"), "\a");
    assert_string_equal(type(&world, "S4\rO\r"), "\r\r");
    assert_string_equal(type(&world, "S4\r"), "\a"); // open
    assert_string_equal(type(&world, "V\rN\rF\r"), "V1013\rNXC01\rF00\r");
    const char *text = type(&world, "T0328000020BB8\r");
    assert_memory_equal(text, "Z\rT0000CA0060BB8", 16);
    assert_int_equal(strlen(text), 2 + 10 + 12 + 1);
    assert_string_equal(type(&world, "X\r"), "\a");
    assert_string_equal(type(&world, "C\rZ1\rO\r"), "\r\r\r");
    text = type(&world, "T0328000020BB8\r");
    assert_int_equal(strlen(text), 2 + 10 + 12 + 4 + 1); // with a timestamp
    end(&world);
}

static void an_adapter_at_another_bit_rate_is_alone(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &adapter);
    assert_string_equal(type(&world, "S5\rO\rT0328000020BB8\r"), "\r\rZ\r");
    assert_string_equal(type(&world, "F\rF\r"), "FA0\rF00\r");
    command(&world, "message 16 XT2");
    pass(&world, LOOP_S);
    assert_string_equal(world.text, "FA0\rF00\r");
    end(&world);
}

static void closing_empties_an_adapter(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &adapter);
    assert_string_equal(type(&world, "O\r"), "\r");
    assert_string_equal(type(&world, "T0328000020BB8\rC\rO\r"), "Z\r\r\r");
    end(&world);
}

static void frames_take_the_time_of_their_bits(void **state)
{
    (void)state;
    struct world world;

    begin(&world, &adapter);
    type(&world, "O\r");
    int64_t begun = loop_now(world.loop);
    type(&world, "T0328000020BB8\r");
    // 83 bits there, 115 back, at 125 kbit/s, and the latency.
    int64_t taken = world.last - begun, expected = 20 * LOOP_MS + (83 + 115) * 8;
    assert_true(taken >= expected && taken < expected + LOOP_MS);
    end(&world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_document),
        cmocka_unit_test(all_values_are_floats),
        cmocka_unit_test(errors_have_their_codes),
        cmocka_unit_test(only_exclusive_mode_answers_strangers),
        cmocka_unit_test(answers_go_wrong),
        cmocka_unit_test(requests_wait_for_each_other),
        cmocka_unit_test(an_adapter_obeys),
        cmocka_unit_test(an_adapter_at_another_bit_rate_is_alone),
        cmocka_unit_test(closing_empties_an_adapter),
        cmocka_unit_test(frames_take_the_time_of_their_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
