// SPDX-License-Identifier: MIT
// link: the serial line through libserialport, on the ports of run-in-vm.sh: /dev/ttyS1, a 16550,
// whose registers tell what was really set, and /dev/ttyUSB0 at the other end of the cable.
#include "../unit/link_ear.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "link/link.h"

enum { SKIPPED = 77, UART = 0x2F8, LINE_CONTROL = 3, DIVISOR_LATCH = 0x80 };

static struct loop *loop;
static struct ear uart, adapter;
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
    link_free(uart.link);
    link_free(adapter.link);
    uart.link = adapter.link = NULL;
    loop_free(loop);
    return count_descriptors() == descriptors_before ? 0 : -1;
}

static void put(struct ear *ear, const char *device, unsigned baud, enum link_parity parity)
{
    struct link_spec spec = {.kind = LINK_SERIAL, .baud = baud, .parity = parity};
    snprintf(spec.path, sizeof spec.path, "%s", device);
    ear_put(ear, loop, NULL, &spec);
}

static void open_up(struct ear *ear, unsigned variant)
{
    link_open(ear->link, variant);
    if (link_state(ear->link) != LINK_UP)
        fail_msg("%s", link_why(ear->link));
}

static void join(unsigned baud, enum link_parity parity)
{
    put(&uart, "/dev/ttyS1", baud, parity);
    put(&adapter, "/dev/ttyUSB0", baud, parity);
    open_up(&uart, 0);
    open_up(&adapter, 0);
}

static uint8_t port_read(int ports, int number)
{
    uint8_t byte;
    assert_int_equal(pread(ports, &byte, 1, number), 1);
    return byte;
}

static void port_write(int ports, int number, uint8_t byte)
{
    assert_int_equal(pwrite(ports, &byte, 1, number), 1);
}

// What the 16550 is set to: "38400 8E1".
static void read_uart(char *out, size_t size)
{
    int ports = open("/dev/port", O_RDWR | O_CLOEXEC);
    assert_true(ports >= 0);
    uint8_t control = port_read(ports, UART + LINE_CONTROL);
    port_write(ports, UART + LINE_CONTROL, control | DIVISOR_LATCH);
    unsigned divisor = port_read(ports, UART) | (unsigned)port_read(ports, UART + 1) << 8;
    port_write(ports, UART + LINE_CONTROL, control);
    close(ports);
    assert_int_not_equal(divisor, 0);
    snprintf(out, size, "%u %u%c%u", 115200 / divisor, 5 + (control & 3u),
             !(control & 8) ? 'N'
             : control & 16 ? 'E'
                            : 'O',
             control & 4 ? 2u : 1u);
}

static void write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
}

static void each_setting_reaches_the_port(void **state)
{
    (void)state;
    char found[32];

    put(&uart, "/dev/ttyS1", 0, PARITY_UNSET);
    assert_int_equal(link_variants(uart.link), 4);
    for (unsigned v = 0; v < 8; v++) { // twice: by opening, then by setting anew
        open_up(&uart, v % 4);
        read_uart(found, sizeof found);
        assert_string_equal(found, link_variant_name(uart.link, v % 4));
        assert_int_equal(link_baud(uart.link), v % 4 < 2 ? 38400 : 115200);
        assert_int_equal(link_bits_per_byte(uart.link), v % 2 ? 10 : 11);
    }
    link_free(uart.link);
    put(&uart, "/dev/ttyS1", 9600, PARITY_ODD);
    open_up(&uart, 0);
    read_uart(found, sizeof found);
    assert_string_equal(found, "9600 8O1");
}

static void every_byte_crosses_the_cable_both_ways(void **state)
{
    (void)state;
    static uint8_t bytes[2048];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i + i / 256);
    join(115200, PARITY_EVEN);
    assert_int_equal(link_send(uart.link, bytes, sizeof bytes), XC_OK);
    assert_int_equal(link_send(adapter.link, bytes, sizeof bytes), XC_OK);
    ear_until_length(&adapter, sizeof bytes);
    ear_until_length(&uart, sizeof bytes);
    assert_memory_equal(uart.bytes, bytes, sizeof bytes);
    assert_memory_equal(adapter.bytes, bytes, sizeof bytes);
}

static void what_is_discarded_does_not_leave_the_port(void **state)
{
    (void)state;
    static const uint8_t bytes[3000];
    join(38400, PARITY_EVEN);
    // Root may open it beside us, to hold the output back.
    int port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    assert_true(port >= 0);
    assert_int_equal(tcflow(port, TCOOFF), 0);
    assert_int_equal(link_send(uart.link, bytes, sizeof bytes), XC_OK);
    link_discard(uart.link);
    assert_int_equal(tcflow(port, TCOON), 0);
    close(port);
    ear_send(&uart, "next");
    ear_expect(&adapter, "next");
}

static void what_was_sent_last_leaves_where_that_is_wanted(void **state)
{
    (void)state;
    static uint8_t bytes[1000];

    for (int finish = 0; finish < 2; finish++) {
        struct link_spec spec = {.kind = LINK_SERIAL,
                                 .path = "/dev/ttyS1",
                                 .baud = 38400,
                                 .parity = PARITY_NONE,
                                 .finish_output = finish};
        ear_put(&uart, loop, NULL, &spec);
        put(&adapter, "/dev/ttyUSB0", 38400, PARITY_NONE);
        open_up(&uart, 0);
        open_up(&adapter, 0);
        // Held back, so that on a busy computer it doesn't leave before the link is closed.
        int port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        assert_true(port >= 0);
        if (!finish)
            assert_int_equal(tcflow(port, TCOOFF), 0);
        assert_int_equal(link_send(uart.link, bytes, sizeof bytes), XC_OK);
        link_close(uart.link);
        if (!finish)
            assert_int_equal(tcflow(port, TCOON), 0);
        close(port);
        if (finish)
            ear_until_length(&adapter, sizeof bytes);
        loop_run_until(loop, loop_now(loop) + 200 * LOOP_MS);
        assert_int_equal(adapter.length == sizeof bytes, finish);
        link_free(uart.link);
        link_free(adapter.link);
        uart.link = adapter.link = NULL;
    }
}

static void a_rate_that_the_port_cannot_do_is_said(void **state)
{
    (void)state;
    put(&uart, "/dev/ttyS1", 460800, PARITY_EVEN);
    link_open(uart.link, 0);
    assert_int_equal(link_state(uart.link), LINK_CLOSED);
    assert_why(&uart, "/dev/ttyS1 can't be set to 460800 8E1: choose another");
}

static void a_port_without_hardware_is_said(void **state)
{
    (void)state;
    put(&uart, "/dev/ttyS3", 0, PARITY_UNSET);
    link_open(uart.link, 0);
    assert_int_equal(link_state(uart.link), LINK_CLOSED);
    assert_why(&uart, "/dev/ttyS3 isn't a serial port");
    link_free(uart.link);
    // What could be meant instead is listed.
    put(&uart, "/dev/ttyUSB7", 0, PARITY_UNSET);
    link_open(uart.link, 0);
    assert_why(&uart, "/dev/ttyUSB7: no such device; there is /dev/ttyUSB0");
}

// Runs in a child: opens a port plainly and holds it until end is closed.
static void hold(const char *device, int ready, int end)
{
    char byte;
    int port = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (port < 0 || write(ready, "x", 1) != 1)
        _exit(1);
    _exit(read(end, &byte, 1) == 0 ? 0 : 1);
}

static void a_program_that_does_not_lock_is_noticed(void **state)
{
    (void)state;
    int ready[2], end[2];
    char byte, expected[64];

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(end, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        close(end[1]);
        hold("/dev/ttyS1", ready[1], end[0]);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    put(&uart, "/dev/ttyS1", 0, PARITY_UNSET);
    link_open(uart.link, 0);
    assert_int_equal(link_state(uart.link), LINK_CLOSED);
    snprintf(expected, sizeof expected, "/dev/ttyS1 is in use by test_serial_lin (pid %ld)",
             (long)child);
    assert_why(&uart, expected);
    close(end[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(end[0]);
    close(ready[0]);
    close(ready[1]);
    open_up(&uart, 0);
}

static void others_are_kept_out_while_we_have_the_port(void **state)
{
    (void)state;
    int status;

    assert_int_equal(chmod("/dev/ttyS1", 0666), 0);
    put(&uart, "/dev/ttyS1", 0, PARITY_UNSET);
    open_up(&uart, 0);
    pid_t child = fork();
    if (child == 0) {
        if (setuid(65534) != 0)
            _exit(1);
        int port = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        _exit(port < 0 && errno == EBUSY ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void an_adapter_that_vanishes_is_found_again(void **state)
{
    (void)state;
    join(38400, PARITY_EVEN);
    for (int i = 0; i < 2; i++) {
        write_file("/sys/bus/usb/devices/1-1/authorized", "0"); // as if unplugged
        ear_until_state(&adapter, LINK_CLOSED);
        assert_why(&adapter, "/dev/ttyUSB0 has vanished: is the adapter plugged in?");
        link_open(adapter.link, 0);
        assert_int_equal(link_state(adapter.link), LINK_CLOSED);
        assert_why(&adapter, "no such device");
        write_file("/sys/bus/usb/devices/1-1/authorized", "1");
        int64_t guard = loop_now(loop) + 20 * LOOP_S;
        while (link_state(adapter.link) != LINK_UP && loop_now(loop) < guard) {
            loop_run_until(loop, loop_now(loop) + 20 * LOOP_MS);
            link_open(adapter.link, 0);
        }
        open_up(&adapter, 0);
        uart.length = 0;
        ear_send(&adapter, "back");
        ear_expect(&uart, "back");
    }
}

#define LINK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINK_TEST(each_setting_reaches_the_port),
        LINK_TEST(every_byte_crosses_the_cable_both_ways),
        LINK_TEST(what_is_discarded_does_not_leave_the_port),
        LINK_TEST(what_was_sent_last_leaves_where_that_is_wanted),
        LINK_TEST(a_rate_that_the_port_cannot_do_is_said),
        LINK_TEST(a_port_without_hardware_is_said),
        LINK_TEST(a_program_that_does_not_lock_is_noticed),
        LINK_TEST(others_are_kept_out_while_we_have_the_port),
        LINK_TEST(an_adapter_that_vanishes_is_found_again),
    };
    // Never on the ports of a computer that somebody uses.
    if (!getenv("XCOMTOP_IN_VM"))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
