// SPDX-License-Identifier: MIT
// link: CAN through real SocketCAN, on virtual interfaces. Run by vcan.sh in a virtual machine.
#include "bus.h"

#include <linux/can/error.h>
#include <sys/wait.h>

#include "link/link.h"

enum { SKIPPED = 77 };

#define TO(address)   ((uint32_t)(address) << 19)
#define FROM(address) ((uint32_t)(address) << 9)

static struct loop *loop;
static struct ear client, gateway;
static int node, descriptors_before;

static int set_up(void **state)
{
    (void)state;
    run("busybox ip link add vcan0 type vcan");
    run("busybox ip link set vcan0 up");
    descriptors_before = count_descriptors();
    loop = loop_new();
    node = node_open("vcan0");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    link_free(client.link);
    link_free(gateway.link);
    client.link = gateway.link = NULL;
    loop_free(loop);
    close(node);
    run("busybox ip link del vcan0 2>/dev/null || true");
    return count_descriptors() == descriptors_before ? 0 : -1;
}

static void join(uint16_t source)
{
    put_can(&client, loop, "vcan0", 0, source);
    open_up(&client);
}

static void frames_go_out_and_come_in_whole(void **state)
{
    (void)state;
    join(0);
    assert_string_equal(link_why(client.link), "vcan0 is open");
    assert_int_equal(client.state_count, 1);
    for (uint8_t length = 0; length <= 8; length++) {
        send_frame(&client, 0x03280000, length);
        struct can_frame frame = node_receive(node, loop);
        assert_int_equal(frame.can_id, CAN_EFF_FLAG | 0x03280000);
        assert_int_equal(frame.len, length);
        assert_memory_equal(frame.data, ((uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8}), length);
        node_send(node, CAN_EFF_FLAG | 0x0000CA00, length);
        expect_frame(&client, 0x0000CA00, length);
    }
    // What it sent itself isn't among what it hears.
    assert_int_equal(client.length, 0);
}

static void several_records_are_several_frames(void **state)
{
    (void)state;
    uint8_t records[5 * CANFRAME_RECORD_SIZE];

    join(0);
    for (uint8_t i = 0; i < 5; i++)
        put_record(records + (size_t)i * CANFRAME_RECORD_SIZE, TO(100 + i), i);
    assert_int_equal(link_send(client.link, records, sizeof records), XC_OK);
    for (uint8_t i = 0; i < 5; i++)
        assert_int_equal(node_receive(node, loop).can_id, CAN_EFF_FLAG | TO(100 + i));
}

static void only_frames_that_concern_us_come(void **state)
{
    (void)state;
    static const uint32_t foreign[] = {
        CAN_EFF_FLAG | TO(101) | FROM(1),                // another client's question
        CAN_EFF_FLAG | TO(1) | FROM(101),                // and its answer
        CAN_EFF_FLAG | TO(499) | FROM(101),              //
        CAN_EFF_FLAG | TO(501) | FROM(101),              //
        CAN_EFF_FLAG | CAN_RTR_FLAG | TO(7) | FROM(101), // remote
        0x7FF,
        0x007,
        0,                             // 11 bits
        CAN_EFF_FLAG | 0x18FEF100,     // J1939
        CAN_ERR_FLAG | CAN_ERR_BUSOFF, // nothing that a virtual bus can be
    };
    join(7);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        node_send(node, foreign[i], 6);
    node_send(node, CAN_EFF_FLAG | TO(7) | FROM(101), 6);
    node_send(node, CAN_EFF_FLAG | TO(500) | FROM(105), 6);
    node_send(node, CAN_EFF_FLAG | TO(101) | FROM(7), 2); // another client with our address
    node_send(node, CAN_EFF_FLAG | TO(7) | FROM(1023) | 0x1FF, 8);
    // Not even as error frames on their way to the listener, except the bus-off above.
    ear_until_length(&client, 5 * CANFRAME_RECORD_SIZE);
    assert_int_equal(client.bytes[0], 0x20);
    memmove(client.bytes, client.bytes + CANFRAME_RECORD_SIZE,
            client.length -= CANFRAME_RECORD_SIZE);
    expect_frame(&client, TO(7) | FROM(101), 6);
    expect_frame(&client, TO(500) | FROM(105), 6);
    expect_frame(&client, TO(101) | FROM(7), 2);
    expect_frame(&client, TO(7) | FROM(1023) | 0x1FF, 8);
    assert_int_equal(client.length, 0);
    assert_int_equal(link_state(client.link), LINK_UP);
}

static void the_simulators_side_hears_every_frame(void **state)
{
    (void)state;
    struct link_spec spec = {.kind = LINK_CAN, .path = "vcan0", .every_frame = true};
    struct canframe frame;

    join(0);
    ear_put(&gateway, loop, NULL, &spec);
    open_up(&gateway);
    send_frame(&client, 0x03280000, 2);
    expect_frame(&gateway, 0x03280000, 2);
    send_frame(&gateway, 0x0000CA00, 6);
    expect_frame(&client, 0x0000CA00, 6);
    node_send(node, 0x123, 3);
    node_send(node, CAN_EFF_FLAG | CAN_RTR_FLAG | 0x123, 3);
    ear_until_length(&gateway, 2 * CANFRAME_RECORD_SIZE);
    assert_int_equal(canframe_get(gateway.bytes, &frame), XC_OK);
    assert_true(frame.id == 0x123 && !frame.extended && frame.length == 3 && frame.data[2] == 3);
    assert_int_equal(canframe_get(gateway.bytes + CANFRAME_RECORD_SIZE, &frame), XC_OK);
    assert_true(frame.id == 0x123 && frame.extended && frame.remote && frame.length == 3);
}

static void what_is_no_frame_ends_the_link(void **state)
{
    (void)state;
    uint8_t record[CANFRAME_RECORD_SIZE];

    join(0);
    put_record(record, 1, 8);
    assert_int_equal(link_send(client.link, record, sizeof record - 1), XC_NO_LINK);
    ear_until_state(&client, LINK_CLOSED);
    assert_why(&client, "vcan0: Bad message");
    node_expect_nothing(node);
    open_up(&client);
    record[4] = 9;
    assert_int_equal(link_send(client.link, record, sizeof record), XC_NO_LINK);
    ear_until_state(&client, LINK_CLOSED);
}

static void an_interface_that_goes_down_is_found_again(void **state)
{
    (void)state;
    join(0);
    for (int i = 0; i < 2; i++) {
        run("busybox ip link set vcan0 down");
        ear_until_state(&client, LINK_CLOSED);
        assert_string_equal(link_why(client.link),
                            "vcan0 was taken down: sudo ip link set vcan0 up");
        expect_closed(&client, "vcan0 is down: sudo ip link set vcan0 up");
        run("busybox ip link set vcan0 up");
        open_up(&client);
        close(node);
        node = node_open("vcan0");
        node_send(node, CAN_EFF_FLAG | 0x0000CA00, 6);
        expect_frame(&client, 0x0000CA00, 6);
    }
}

static void an_interface_that_vanishes_is_found_again(void **state)
{
    (void)state;
    join(0);
    for (int i = 0; i < 2; i++) {
        run("busybox ip link del vcan0");
        ear_until_state(&client, LINK_CLOSED);
        assert_int_equal(link_state(client.link), LINK_CLOSED);
        expect_closed(&client, "vcan0: no such interface: sudo ip link add vcan0 type vcan");
        run("busybox ip link add vcan0 type vcan");
        expect_closed(&client, "vcan0 is down: sudo ip link set vcan0 up");
        run("busybox ip link set vcan0 up");
        open_up(&client);
        close(node);
        node = node_open("vcan0");
        node_send(node, CAN_EFF_FLAG | 0x0000CA00, 6);
        expect_frame(&client, 0x0000CA00, 6);
    }
}

static void sending_on_a_dead_interface_tells(void **state)
{
    (void)state;
    join(0);
    run("busybox ip link set vcan0 down");
    uint8_t record[CANFRAME_RECORD_SIZE];
    put_record(record, 1, 8);
    assert_int_equal(link_send(client.link, record, sizeof record), XC_NO_LINK);
    ear_until_state(&client, LINK_CLOSED);
    assert_why(&client, "vcan0 was taken down");
}

static void what_could_be_meant_is_told(void **state)
{
    (void)state;
    put_can(&client, loop, "can7", 0, 0);
    expect_closed(&client, "can7: no such interface; there is vcan0");
    run("busybox ip link del vcan0");
    expect_closed(&client, "can7: no such interface, nor any other for CAN: is the adapter plugged "
                           "in, and its driver loaded?");
    link_free(client.link);
    put_can(&client, loop, "lo", 0, 0);
    expect_closed(&client, "lo isn't a CAN interface: ip link lists them");
    assert_int_equal(client.state_count, 1);
}

static void a_virtual_interface_has_no_bit_rate(void **state)
{
    (void)state;
    struct link_bus bus;

    put_can(&client, loop, "vcan0", 250000, 0);
    expect_closed(&client, "vcan0 is virtual and has no bit rate: leave out ?bitrate=250000");
    run("busybox ip link set vcan0 down");
    expect_closed(&client, "vcan0 is virtual and has no bit rate: leave out ?bitrate=250000");
    run("busybox ip link set vcan0 up");
    link_free(client.link);
    join(0);
    assert_int_equal(link_baud(client.link), 0);
    assert_true(link_bus(client.link, &bus));
    assert_int_equal(bus.state, BUS_UNKNOWN);
    assert_int_equal(bus.transmit_errors, -1);
    assert_int_equal(bus.receive_errors, -1);
}

static void slow_down(void)
{
    // A queue of 4 frames that leave at about 60 a second.
    run("tc qdisc add dev vcan0 root tbf rate 8kbit burst 16 limit 64");
}

static void a_full_transmit_queue_is_waited_out(void **state)
{
    (void)state;
    enum { COUNT = 30 };

    join(0);
    slow_down();
    for (uint32_t i = 0; i < COUNT; i++)
        send_frame(&client, TO(101) | i << 6, 8);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(node_receive(node, loop).can_id, CAN_EFF_FLAG | TO(101) | i << 6);
    assert_int_equal(client.state_count, 1);
}

static void what_is_discarded_does_not_leave_later(void **state)
{
    (void)state;
    enum { COUNT = 30 };
    unsigned came = 0;
    struct can_frame frame;
    uint8_t record[CANFRAME_RECORD_SIZE];

    join(0);
    slow_down();
    for (uint32_t i = 0; i < COUNT; i++)
        send_frame(&client, TO(101) | i << 6, 8);
    link_discard(client.link);
    // What the kernel has already will go: until then nothing else can be sent.
    assert_int_equal(link_state(client.link), LINK_OPENING);
    assert_string_equal(link_why(client.link),
                        "vcan0: nobody has acknowledged our last frame: is the Xcom-CAN on, and "
                        "does its bit rate fit?");
    put_record(record, TO(102), 8);
    assert_int_equal(link_send(client.link, record, sizeof record), XC_NO_LINK);
    ear_until_state(&client, LINK_UP);
    assert_string_equal(link_why(client.link), "vcan0 is open");
    for (; read(node, &frame, sizeof frame) == (ssize_t)sizeof frame; came++)
        assert_int_equal(frame.can_id, CAN_EFF_FLAG | TO(101) | came << 6);
    assert_in_range(came, 4, 6);
    loop_run_until(loop, loop_now(loop) + 100 * LOOP_MS);
    node_expect_nothing(node);
    send_frame(&client, TO(103), 8);
    assert_int_equal(node_receive(node, loop).can_id, CAN_EFF_FLAG | TO(103));
}

static void the_last_frame_is_waited_for(void **state)
{
    (void)state;
    join(0);
    slow_down();
    send_frame(&client, TO(101), 8);
    send_frame(&client, TO(102), 8); // leaves a sixtieth of a second after the first
    link_discard(client.link);
    assert_int_equal(link_state(client.link), LINK_OPENING);
    ear_until_state(&client, LINK_UP);
    assert_int_equal(node_receive(node, loop).can_id, CAN_EFF_FLAG | TO(101));
    assert_int_equal(node_receive(node, loop).can_id, CAN_EFF_FLAG | TO(102));
}

static void while_it_waits_the_interface_may_go(void **state)
{
    (void)state;
    join(0);
    slow_down();
    for (uint32_t i = 0; i < 4; i++)
        send_frame(&client, TO(101), 8);
    link_discard(client.link);
    assert_int_equal(link_state(client.link), LINK_OPENING);
    run("busybox ip link set vcan0 down");
    ear_until_state(&client, LINK_CLOSED);
    run("busybox ip link set vcan0 up");
    open_up(&client);
    link_discard(client.link); // what was on its way is gone with the interface
    assert_int_equal(link_state(client.link), LINK_UP);
}

static void nothing_is_done_where_all_has_left(void **state)
{
    (void)state;
    join(0);
    send_frame(&client, TO(101), 2);
    (void)node_receive(node, loop);
    loop_run_until(loop, loop_now(loop) + 20 * LOOP_MS);
    link_discard(client.link);
    assert_int_equal(link_state(client.link), LINK_UP);
    assert_int_equal(client.state_count, 1);
}

static void a_flood_is_survived(void **state)
{
    (void)state;
    enum { COUNT = 5000 };

    join(0);
    // More than a socket has room for, and our own frame's return in the middle of it is lost.
    for (int i = 0; i < COUNT / 2; i++)
        node_send(node, CAN_EFF_FLAG | FROM(101), 6);
    send_frame(&client, TO(101), 2);
    for (int i = 0; i < COUNT / 2; i++)
        node_send(node, CAN_EFF_FLAG | FROM(101), 6);
    while (client.length < EAR_BYTES / 2 && loop_run_until(loop, loop_now(loop) + 200 * LOOP_MS))
        ;
    assert_in_range(client.length, 100 * CANFRAME_RECORD_SIZE, EAR_BYTES);
    client.length = 0;
    node_send(node, CAN_EFF_FLAG | 0x0000CA00, 6); // with it comes how many were lost
    expect_frame(&client, 0x0000CA00, 6);
    link_discard(client.link);
    assert_int_equal(link_state(client.link), LINK_UP);
}

static void another_program_may_use_the_interface_too(void **state)
{
    (void)state;
    struct ear other = {0};

    join(0);
    put_can(&other, loop, "vcan0", 0, 9);
    open_up(&other);
    send_frame(&other, TO(101) | FROM(9), 2);
    assert_int_equal(node_receive(node, loop).can_id, CAN_EFF_FLAG | TO(101) | FROM(9));
    node_send(node, CAN_EFF_FLAG | TO(9) | FROM(101), 6);
    node_send(node, CAN_EFF_FLAG | TO(0) | FROM(101), 6);
    expect_frame(&client, TO(0) | FROM(101), 6);
    expect_frame(&other, TO(9) | FROM(101), 6);
    assert_int_equal(client.length + other.length, 0);
    link_free(other.link);
}

static void no_rights_are_needed(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (setuid(65534) != 0)
            _exit(1);
        struct link_spec spec = {.kind = LINK_CAN, .path = "vcan0"};
        struct link *link = link_new(loop, &spec);
        link_open(link, 0);
        _exit(link_state(link) == LINK_UP ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#define CAN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAN_TEST(frames_go_out_and_come_in_whole),
        CAN_TEST(several_records_are_several_frames),
        CAN_TEST(only_frames_that_concern_us_come),
        CAN_TEST(the_simulators_side_hears_every_frame),
        CAN_TEST(what_is_no_frame_ends_the_link),
        CAN_TEST(an_interface_that_goes_down_is_found_again),
        CAN_TEST(an_interface_that_vanishes_is_found_again),
        CAN_TEST(sending_on_a_dead_interface_tells),
        CAN_TEST(what_could_be_meant_is_told),
        CAN_TEST(a_virtual_interface_has_no_bit_rate),
        CAN_TEST(a_full_transmit_queue_is_waited_out),
        CAN_TEST(what_is_discarded_does_not_leave_later),
        CAN_TEST(the_last_frame_is_waited_for),
        CAN_TEST(while_it_waits_the_interface_may_go),
        CAN_TEST(nothing_is_done_where_all_has_left),
        CAN_TEST(a_flood_is_survived),
        CAN_TEST(another_program_may_use_the_interface_too),
        CAN_TEST(no_rights_are_needed),
    };
    // Never on the interfaces of a computer that somebody uses.
    if (!getenv("XCOMTOP_IN_VM"))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
