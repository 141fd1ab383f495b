// SPDX-License-Identifier: MIT
// link: CAN through USB adapters that go bus-off, lose their bus and are unplugged. Run by
// adapters.sh in a virtual machine: adapters.py is two adapters on one bus.
#include "bus.h"

#include <fcntl.h>
#include <linux/can/error.h>
#include <sys/wait.h>

enum { SKIPPED = 77 };

static struct loop *loop;
static struct ear client, gateway;
static int descriptors_before;

// One of adapters.py's lines, and until it is done.
static void steer(const char *line)
{
    static int orders = -1, done = -1;
    char path[128], byte;

    if (orders < 0) {
        orders = open(getenv("CAN_ADAPTERS"), O_WRONLY | O_CLOEXEC);
        snprintf(path, sizeof path, "%s.done", getenv("CAN_ADAPTERS"));
        done = open(path, O_RDONLY | O_CLOEXEC);
        descriptors_before += 2;
    }
    assert_int_equal(write(orders, line, strlen(line)), strlen(line));
    assert_int_equal(read(done, &byte, 1), 1);
}

static int set_up(void **state)
{
    (void)state;
    descriptors_before = count_descriptors();
    loop = loop_new();
    put_can(&client, loop, "can0", 250000, 0);
    put_can(&gateway, loop, "can1", 250000, 101);
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
    steer("hearing 0\n");
    steer("hearing 1\n");
    run("ip link set can0 down");
    run("ip link set can1 down");
    run("ip link set can0 type can restart-ms 0");
    return 0;
}

static void join(void)
{
    open_up(&client);
    open_up(&gateway);
}

static void exchange(void)
{
    send_frame(&client, 101u << 19, 2);
    expect_frame(&gateway, 101u << 19, 2);
    send_frame(&gateway, 101u << 9, 6);
    expect_frame(&client, 101u << 9, 6);
}

// Forgets error frames and states, also those that are about to come.
static void settle(void)
{
    loop_run_until(loop, loop_now(loop) + 50 * LOOP_MS);
    client.length = client.state_count = 0;
}

static struct link_bus bus_of(const struct ear *ear)
{
    struct link_bus bus;
    assert_true(link_bus(ear->link, &bus));
    return bus;
}

static void frames_cross_the_bus(void **state)
{
    (void)state;
    join();
    exchange();
    assert_int_equal(bus_of(&client).state, BUS_ACTIVE);
    assert_int_equal(bus_of(&client).transmit_errors, -1); // this driver has no counters
}

static void a_bit_rate_that_the_controller_cannot_do_is_said(void **state)
{
    (void)state;
    link_free(client.link);
    put_can(&client, loop, "can0", 10000, 0);
    expect_closed(&client,
                  "can0 can't be set to 10000 bit/s (Numerical argument out of domain): ip "
                  "-details link show can0 tells what its controller can do");
    link_free(client.link);
    put_can(&client, loop, "can0", 20000, 0);
    open_up(&client);
}

static void the_state_of_the_bus_is_told(void **state)
{
    (void)state;
    struct canframe frame;

    join();
    settle();
    steer("warning 0\n");
    ear_until_why(&client, "can0 at 250 kbit/s, error-warning");
    assert_int_equal(bus_of(&client).state, BUS_WARNING);
    steer("passive 0\n");
    ear_until_why(&client, "can0 at 250 kbit/s, error-passive");
    assert_int_equal(bus_of(&client).state, BUS_PASSIVE);
    // The trace sees it too.
    ear_until_length(&client, 2 * CANFRAME_RECORD_SIZE);
    assert_int_equal(canframe_get(client.bytes + CANFRAME_RECORD_SIZE, &frame), XC_OK);
    assert_true(frame.error && frame.id == CAN_ERR_CRTL);
    steer("active 0\n");
    int64_t guard = loop_now(loop) + 20 * LOOP_S;
    while (strcmp(link_why(client.link), "can0 at 250 kbit/s") != 0 && loop_now(loop) < guard)
        loop_run_until(loop, loop_now(loop) + LOOP_MS);
    assert_string_equal(link_why(client.link), "can0 at 250 kbit/s");
    assert_int_equal(bus_of(&client).state, BUS_ACTIVE);
    assert_int_equal(client.state_count, 0);
    settle();
    exchange();
}

static void bus_off_is_recovered(void **state)
{
    (void)state;
    join();
    for (int i = 0; i < 4; i++) { // a valid frame between them each time
        client.state_count = 0;
        steer("busoff 0\n");
        ear_until_state(&client, LINK_OPENING);
        assert_string_equal(link_why(client.link), "can0 is bus-off: restart 1 of 3 in 1 s");
        assert_int_equal(bus_of(&client).state, BUS_OFF);
        uint8_t record[CANFRAME_RECORD_SIZE] = {0};
        assert_int_equal(link_send(client.link, record, sizeof record), XC_NO_LINK);
        ear_until_state(&client, LINK_UP);
        assert_string_equal(link_why(client.link), "can0 at 250 kbit/s");
        assert_int_equal(client.state_count, 2);
        settle();
        exchange();
    }
    assert_int_equal(bus_of(&client).offs, 4);
    assert_int_equal(bus_of(&client).restarts, 4);
    assert_int_equal(bus_of(&client).state, BUS_ACTIVE);
}

// Bus-off until the link gives up; no valid frame passes.
static void wear_out(void)
{
    static const char *const whys[] = {"can0 is bus-off: restart 1 of 3 in 1 s",
                                       "can0 is bus-off: restart 2 of 3 in 2 s",
                                       "can0 is bus-off: restart 3 of 3 in 4 s"};
    for (size_t i = 0; i < 3; i++) {
        int64_t before = loop_now(loop);
        steer("busoff 0\n");
        ear_until_state(&client, LINK_OPENING);
        assert_string_equal(link_why(client.link), whys[i]);
        ear_until_state(&client, LINK_UP);
        assert_true(loop_now(loop) - before >= (LOOP_S << i));
    }
    steer("busoff 0\n");
    ear_until_state(&client, LINK_CLOSED);
    assert_int_equal(bus_of(&client).state, BUS_OFF);
    assert_int_equal(bus_of(&client).restarts, 3);
}

static void after_three_restarts_in_vain_it_stops(void **state)
{
    (void)state;
    static const char why[] = "can0 was bus-off again after 3 restarts: do bit rate, wiring and "
                              "termination fit? then sudo ip link set can0 type can restart";
    join();
    wear_out();
    assert_string_equal(link_why(client.link), why);
    // Not by opening it again, nor by itself.
    loop_run_until(loop, loop_now(loop) + 2 * LOOP_S);
    expect_closed(&client, why);
    assert_int_equal(bus_of(&client).restarts, 3);
    // Restarted by hand: all begins anew.
    run("ip link set can0 type can restart");
    open_up(&client);
    settle();
    exchange();
    steer("busoff 0\n");
    ear_until_why(&client, "restart 1 of 3");
}

static void taken_down_and_up_all_begins_anew(void **state)
{
    (void)state;
    join();
    for (int i = 0; i < 2; i++) {
        steer("busoff 0\n");
        ear_until_state(&client, LINK_OPENING);
        assert_why(&client, "restart 1 of 3");
        run("ip link set can0 down");
        ear_until_state(&client, LINK_CLOSED);
        assert_why(&client, "can0 was taken down");
        open_up(&client); // with ?bitrate it is started again
    }
    settle();
    exchange();
}

static void a_bus_that_is_off_when_we_come_is_restarted(void **state)
{
    (void)state;
    run("ip link set can0 up type can bitrate 250000");
    steer("busoff 0\n");
    open_up(&gateway);
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_OPENING);
    assert_why(&client, "can0 is bus-off: restart 1 of 3 in 1 s");
    ear_until_state(&client, LINK_UP);
    settle();
    exchange();
}

static void who_restarts_it_while_we_wait_helps(void **state)
{
    (void)state;
    join();
    settle();
    steer("busoff 0\n");
    ear_until_state(&client, LINK_OPENING);
    run("ip link set can0 type can restart");
    ear_until_state(&client, LINK_UP);
    assert_int_equal(bus_of(&client).restarts, 0);
    loop_run_until(loop, loop_now(loop) + 1200 * LOOP_MS);
    assert_int_equal(client.state_count, 2);
    settle();
    exchange();
}

static void the_kernels_own_restart_is_left_to_it(void **state)
{
    (void)state;
    run("ip link set can0 type can bitrate 250000 restart-ms 100");
    join();
    steer("busoff 0\n");
    ear_until_state(&client, LINK_OPENING);
    assert_why(&client, "can0 is bus-off: the kernel restarts it after 100 ms");
    ear_until_state(&client, LINK_UP);
    for (int i = 0; i < 2; i++) {
        steer("busoff 0\n");
        ear_until_state(&client, LINK_OPENING);
        ear_until_state(&client, LINK_UP);
    }
    steer("busoff 0\n");
    ear_until_state(&client, LINK_CLOSED);
    assert_int_equal(bus_of(&client).restarts, 0);
    loop_run_until(loop, loop_now(loop) + 500 * LOOP_MS); // it has restarted once more
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_CLOSED);
    // A frame that comes in proves that the bus is well again.
    open_up(&gateway);
    send_frame(&gateway, 101u << 9, 6);
    loop_run_until(loop, loop_now(loop) + 200 * LOOP_MS);
    open_up(&client);
    settle();
    exchange();
}

static void two_bit_rates_on_one_bus_are_given_up(void **state)
{
    (void)state;
    link_free(gateway.link);
    put_can(&gateway, loop, "can1", 500000, 101);
    join();
    for (int i = 0; i < 4; i++) {
        ear_until_state(&client, LINK_UP);
        send_frame(&client, 101u << 19, 2); // that it was queued proves nothing
        ear_until_state(&client, i < 3 ? LINK_OPENING : LINK_CLOSED);
    }
    assert_why(&client, "can0 was bus-off again after 3 restarts");
    assert_int_equal(gateway.length, 0);
}

// Without rights, in a child: the command that would help is said.
static void who_may_not_restart_it_is_told_the_command(void **state)
{
    (void)state;
    static const char expected[] =
        "can0 is bus-off, and only root may restart it: sudo ip link set "
        "can0 type can restart";
    int status;

    run("ip link set can0 up type can bitrate 250000");
    steer("busoff 0\n");
    pid_t child = fork();
    if (child == 0) {
        if (setuid(65534) != 0)
            _exit(1);
        link_open(client.link, 0);
        if (link_state(client.link) != LINK_OPENING)
            _exit(2);
        int64_t guard = loop_now(loop) + 20 * LOOP_S;
        while (link_state(client.link) != LINK_CLOSED && loop_now(loop) < guard)
            loop_run_until(loop, guard);
        _exit(strcmp(link_why(client.link), expected) == 0 ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_frame_that_nobody_acknowledges_is_waited_for(void **state)
{
    (void)state;
    join();
    steer("deaf 1\n");
    send_frame(&client, 101u << 19, 2);
    ear_until_why(&client, "error-passive");
    link_discard(client.link);
    assert_int_equal(link_state(client.link), LINK_OPENING);
    assert_string_equal(link_why(client.link),
                        "can0: nobody has acknowledged our last frame, error-passive: is the "
                        "Xcom-CAN on, and does its bit rate fit?");
    loop_run_until(loop, loop_now(loop) + 1500 * LOOP_MS);
    assert_int_equal(link_state(client.link), LINK_OPENING);
    steer("hearing 1\n");
    ear_until_state(&client, LINK_UP);
    expect_frame(&gateway, 101u << 19, 2);
    settle();
    exchange();
}

static void a_full_transmit_queue_is_waited_out(void **state)
{
    (void)state;
    enum { COUNT = 60 }; // the adapter takes 8, the interface's queue 10

    join();
    steer("deaf 1\n");
    for (uint32_t i = 0; i < COUNT; i++)
        send_frame(&client, 101u << 19 | i << 9, 8);
    loop_run_until(loop, loop_now(loop) + 300 * LOOP_MS);
    assert_int_equal(link_state(client.link), LINK_UP);
    assert_int_equal(gateway.length, 0);
    steer("hearing 1\n");
    for (uint32_t i = 0; i < COUNT; i++)
        expect_frame(&gateway, 101u << 19 | i << 9, 8);
    assert_int_equal(link_state(client.link), LINK_UP);
}

// The bus goes off while the queue is full: what is left of it isn't sent after the restart.
static void a_full_queue_hides_no_bus_off(void **state)
{
    (void)state;
    join();
    steer("deaf 1\n");
    for (uint32_t i = 0; i < 60; i++)
        send_frame(&client, 101u << 19 | i << 9, 8);
    steer("busoff 0\n");
    ear_until_state(&client, LINK_OPENING);
    steer("hearing 1\n");
    ear_until_state(&client, LINK_UP);
    loop_run_until(loop, loop_now(loop) + 200 * LOOP_MS);
    assert_int_equal(gateway.length, 0);
    settle();
    exchange();
}

static void an_adapter_that_is_unplugged_is_found_again(void **state)
{
    (void)state;
    join();
    for (int i = 0; i < 2; i++) {
        steer("unplug 0\n");
        ear_until_state(&client, LINK_CLOSED);
        int64_t guard = loop_now(loop) + 20 * LOOP_S;
        while (access("/sys/class/net/can0", F_OK) == 0 && loop_now(loop) < guard)
            loop_run_until(loop, loop_now(loop) + 10 * LOOP_MS);
        expect_closed(&client, "can0: no such interface; there is can1");
        steer("plug 0\n");
        open_up(&client); // set to its bit rate, and started
        settle();
        exchange();
    }
}

#define CAN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAN_TEST(frames_cross_the_bus),
        CAN_TEST(a_bit_rate_that_the_controller_cannot_do_is_said),
        CAN_TEST(the_state_of_the_bus_is_told),
        CAN_TEST(bus_off_is_recovered),
        CAN_TEST(after_three_restarts_in_vain_it_stops),
        CAN_TEST(taken_down_and_up_all_begins_anew),
        CAN_TEST(a_bus_that_is_off_when_we_come_is_restarted),
        CAN_TEST(who_restarts_it_while_we_wait_helps),
        CAN_TEST(the_kernels_own_restart_is_left_to_it),
        CAN_TEST(two_bit_rates_on_one_bus_are_given_up),
        CAN_TEST(who_may_not_restart_it_is_told_the_command),
        CAN_TEST(a_frame_that_nobody_acknowledges_is_waited_for),
        CAN_TEST(a_full_transmit_queue_is_waited_out),
        CAN_TEST(a_full_queue_hides_no_bus_off),
        CAN_TEST(an_adapter_that_is_unplugged_is_found_again),
    };
    // Never on the interfaces of a computer that somebody uses.
    if (!getenv("XCOMTOP_IN_VM"))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
