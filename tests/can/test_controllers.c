// SPDX-License-Identifier: MIT
// link: CAN through two real controllers on one bus (SJA1000, as QEMU emulates them: every frame is
// acknowledged, whatever the bit rates). Run by controllers.sh in a virtual machine.
#include "bus.h"

#include <linux/can/error.h>
#include <linux/can/netlink.h>
#include <sys/wait.h>

#include <libsocketcan.h>

enum { SKIPPED = 77 };

static struct loop *loop;
static struct ear client, gateway;
static int descriptors_before;

static int set_up(void **state)
{
    (void)state;
    descriptors_before = count_descriptors();
    loop = loop_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    link_free(client.link);
    link_free(gateway.link);
    client.link = gateway.link = NULL;
    loop_free(loop);
    if (count_descriptors() != descriptors_before)
        return -1;
    run("busybox ip link set can0 down");
    run("busybox ip link set can1 down");
    return 0;
}

// What libsocketcan says that the interface is set to.
static unsigned set_bitrate_of(const char *interface)
{
    struct can_bittiming timing = {0};
    assert_int_equal(can_get_bittiming(interface, &timing), 0);
    return timing.bitrate;
}

static void every_bit_rate_is_set_and_started(void **state)
{
    (void)state;
    static const struct {
        unsigned bitrate;
        const char *why;
    } rates[] = {{10000, "can0 at 10 kbit/s"},   {20000, "can0 at 20 kbit/s"},
                 {50000, "can0 at 50 kbit/s"},   {100000, "can0 at 100 kbit/s"},
                 {125000, "can0 at 125 kbit/s"}, {250000, "can0 at 250 kbit/s"},
                 {500000, "can0 at 500 kbit/s"}, {1000000, "can0 at 1000 kbit/s"}};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        put_can(&client, loop, "can0", rates[i].bitrate, 0);
        assert_int_equal(link_baud(client.link), 0);
        open_up(&client);
        assert_string_equal(link_why(client.link), rates[i].why);
        assert_int_equal(link_baud(client.link), rates[i].bitrate);
        assert_int_equal(link_bits_per_byte(client.link), 7);
        assert_int_equal(set_bitrate_of("can0"), rates[i].bitrate);
        link_free(client.link);
        client.link = NULL;
        run("busybox ip link set can0 down");
    }
}

static void frames_cross_the_bus(void **state)
{
    (void)state;
    put_can(&client, loop, "can0", 250000, 0);
    put_can(&gateway, loop, "can1", 250000, 101);
    open_up(&client);
    open_up(&gateway);
    for (uint8_t length = 0; length <= 8; length++) {
        send_frame(&client, 101u << 19, length);
        expect_frame(&gateway, 101u << 19, length);
        send_frame(&gateway, 101u << 9, length);
        expect_frame(&client, 101u << 9, length);
    }
    loop_run_until(loop, loop_now(loop) + 50 * LOOP_MS);
    link_discard(client.link); // all of them have left
    assert_int_equal(link_state(client.link), LINK_UP);
    assert_int_equal(client.length + gateway.length, 0);
}

static void an_interface_that_is_up_is_left_alone(void **state)
{
    (void)state;
    run("ip link set can0 up type can bitrate 500000");
    put_can(&client, loop, "can0", 250000, 0);
    expect_closed(&client, "can0 is up at 500000 bit/s, not 250000, and is left alone: leave out "
                           "?bitrate=250000, or sudo ip link set can0 down");
    assert_int_equal(set_bitrate_of("can0"), 500000);
    link_free(client.link);
    // The same rate, or none, is no reason to refuse.
    put_can(&client, loop, "can0", 500000, 0);
    open_up(&client);
    link_free(client.link);
    put_can(&client, loop, "can0", 0, 0);
    open_up(&client);
    assert_string_equal(link_why(client.link), "can0 at 500 kbit/s");
}

static void an_interface_stays_up_behind_us(void **state)
{
    (void)state;
    put_can(&client, loop, "can0", 250000, 0);
    open_up(&client);
    link_close(client.link);
    open_up(&client);
    assert_int_equal(set_bitrate_of("can0"), 250000);
    link_free(client.link);
    put_can(&client, loop, "can0", 0, 0);
    open_up(&client);
}

static void without_a_bit_rate_nothing_is_started(void **state)
{
    (void)state;
    put_can(&client, loop, "can0", 0, 0);
    expect_closed(&client, "can0 is down: give its bit rate with ?bitrate=250000, or sudo ip link "
                           "set can0 up type can bitrate 250000");
    link_free(client.link);
    put_can(&client, loop, "can9", 250000, 0);
    link_open(client.link, 0);
    assert_why(&client, "can9: no such interface; there is ");
    assert_why(&client, "can0");
    assert_why(&client, "can1");
}

static void one_that_may_only_listen_is_said(void **state)
{
    (void)state;
    run("ip link set can0 up type can bitrate 250000 listen-only on");
    put_can(&client, loop, "can0", 250000, 0);
    expect_closed(&client,
                  "can0 can only listen: sudo ip link set can0 down; sudo ip link set can0 "
                  "up type can listen-only off");
    run("ip link set can0 down");
    run("ip link set can0 type can listen-only off");
}

// Without rights: what is to be done is said, and nothing is printed beside it.
static void who_may_not_is_told_the_command(void **state)
{
    (void)state;
    static const char expected[] =
        "can0 is down, and only root may start it: sudo ip link set can0 "
        "up type can bitrate 250000";
    int status, output[2];
    char printed;

    assert_int_equal(pipe(output), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(output[1], STDERR_FILENO);
        close(output[1]);
        if (setuid(65534) != 0)
            _exit(1);
        struct link_spec spec = {.kind = LINK_CAN, .path = "can0", .bitrate = 250000};
        struct link *link = link_new(loop, &spec);
        link_open(link, 0);
        _exit(strcmp(link_why(link), expected) == 0 ? 0 : 2);
    }
    close(output[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(output[0], &printed, 1), 0);
    close(output[0]);
}

static void the_bus_is_known_to_be_well(void **state)
{
    (void)state;
    struct link_bus bus;

    put_can(&client, loop, "can0", 250000, 0);
    assert_true(link_bus(client.link, &bus));
    assert_int_equal(bus.state, BUS_UNKNOWN);
    open_up(&client);
    assert_true(link_bus(client.link, &bus));
    assert_int_equal(bus.state, BUS_ACTIVE);
    assert_int_equal(bus.transmit_errors, 0);
    assert_int_equal(bus.receive_errors, 0);
    assert_int_equal(bus.offs + bus.restarts + bus.refused, 0);
}

// The interface goes while it is asked about, again and again: nothing waits for ever.
static void an_interface_may_go_at_any_moment(void **state)
{
    (void)state;
    struct link_bus bus;

    put_can(&client, loop, "can0", 250000, 0);
    for (int i = 0; i < 20; i++) {
        run("(busybox usleep %d; busybox ip link set can0 down) &", i * 2000);
        int64_t guard = loop_now(loop) + 20 * LOOP_S;
        link_open(client.link, 0);
        while (link_state(client.link) != LINK_CLOSED && loop_now(loop) < guard) {
            link_bus(client.link, &bus);
            loop_run_until(loop, loop_now(loop) + LOOP_MS);
        }
        assert_int_equal(link_state(client.link), LINK_CLOSED);
        run("busybox ip link set can0 down");
        client.state_count = 0;
    }
}

#define CAN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAN_TEST(every_bit_rate_is_set_and_started),     CAN_TEST(frames_cross_the_bus),
        CAN_TEST(an_interface_that_is_up_is_left_alone), CAN_TEST(an_interface_stays_up_behind_us),
        CAN_TEST(without_a_bit_rate_nothing_is_started), CAN_TEST(one_that_may_only_listen_is_said),
        CAN_TEST(who_may_not_is_told_the_command),       CAN_TEST(the_bus_is_known_to_be_well),
        CAN_TEST(an_interface_may_go_at_any_moment),
    };
    // Never on the interfaces of a computer that somebody uses.
    if (!getenv("XCOMTOP_IN_VM"))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
