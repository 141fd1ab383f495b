// SPDX-License-Identifier: MIT
// For the tests of CAN links in a virtual machine: another node on the bus, a plain socket that
// shares no code with the link, and the commands of a person who sets up interfaces.
#ifndef XC_TESTS_CAN_BUS_H
#define XC_TESTS_CAN_BUS_H

#include "../unit/link_ear.h"

#include <linux/can.h>
#include <linux/can/raw.h>

#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/canframe.h"

// Runs a shell command, printf-like, which must succeed.
__attribute__((format(printf, 1, 2))) static inline void run(const char *format, ...)
{
    char command[256];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static inline int node_open(const char *interface)
{
    struct ifreq request = {0};
    struct sockaddr_can address = {.can_family = AF_CAN};
    int node = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW);

    assert_true(node >= 0);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    assert_int_equal(ioctl(node, SIOCGIFINDEX, &request), 0);
    address.can_ifindex = request.ifr_ifindex;
    assert_int_equal(bind(node, (struct sockaddr *)&address, sizeof address), 0);
    return node;
}

// id with the flags of Linux; data: so many bytes 1, 2, 3 …
static inline void node_send(int node, uint32_t id, uint8_t length)
{
    struct can_frame frame = {.can_id = id, .len = length};
    for (uint8_t i = 0; i < length; i++)
        frame.data[i] = (uint8_t)(i + 1);
    assert_int_equal(write(node, &frame, sizeof frame), sizeof frame);
}

// The next frame from the bus; the loop runs meanwhile.
static inline struct can_frame node_receive(int node, struct loop *loop)
{
    struct can_frame frame;
    int64_t guard = loop_now(loop) + 20 * LOOP_S;

    while (read(node, &frame, sizeof frame) != (ssize_t)sizeof frame) {
        if (loop_now(loop) > guard)
            fail_msg("no frame came");
        loop_run_until(loop, loop_now(loop) + LOOP_MS);
    }
    return frame;
}

static inline void node_expect_nothing(int node)
{
    struct can_frame frame;
    assert_int_equal(read(node, &frame, sizeof frame), -1);
}

// An extended frame as a record.
static inline void put_record(uint8_t record[CANFRAME_RECORD_SIZE], uint32_t id, uint8_t length)
{
    struct canframe frame = {.id = id, .length = length, .extended = true};
    for (uint8_t i = 0; i < length; i++)
        frame.data[i] = (uint8_t)(i + 1);
    assert_int_equal(canframe_put(&frame, record), XC_OK);
}

static inline void send_frame(struct ear *ear, uint32_t id, uint8_t length)
{
    uint8_t record[CANFRAME_RECORD_SIZE];
    put_record(record, id, length);
    assert_int_equal(link_send(ear->link, record, sizeof record), XC_OK);
}

// The next record that an ear heard is this frame.
static inline void expect_frame(struct ear *ear, uint32_t id, uint8_t length)
{
    uint8_t record[CANFRAME_RECORD_SIZE];

    put_record(record, id, length);
    ear_until_length(ear, CANFRAME_RECORD_SIZE);
    assert_memory_equal(ear->bytes, record, sizeof record);
    ear->length -= CANFRAME_RECORD_SIZE;
    memmove(ear->bytes, ear->bytes + CANFRAME_RECORD_SIZE, ear->length);
}

static inline void put_can(struct ear *ear, struct loop *loop, const char *interface,
                           unsigned bitrate, uint16_t source)
{
    struct link_spec spec = {.kind = LINK_CAN, .bitrate = bitrate, .source = source};
    snprintf(spec.path, sizeof spec.path, "%s", interface);
    ear_put(ear, loop, NULL, &spec);
}

static inline void open_up(struct ear *ear)
{
    link_open(ear->link, 0);
    // One that was just started needs a moment.
    if (link_state(ear->link) != LINK_OPENING && link_state(ear->link) != LINK_UP)
        fail_msg("%s", link_why(ear->link));
    ear_until_state(ear, LINK_UP);
}

static inline void expect_closed(struct ear *ear, const char *why)
{
    link_open(ear->link, 0);
    assert_int_equal(link_state(ear->link), LINK_CLOSED);
    assert_string_equal(link_why(ear->link), why);
}

#endif
