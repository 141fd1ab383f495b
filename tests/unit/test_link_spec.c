// SPDX-License-Identifier: MIT
// link: LINK texts, good and bad.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> // needs those above

#include "link/link.h"

static void link_texts_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct link_spec spec;
        const char *name;
    } cases[] = {
        {"serial:/dev/ttyUSB0", {.kind = LINK_SERIAL, .path = "/dev/ttyUSB0"}, "ttyUSB0"},
        {"/dev/serial/by-id/usb-FTDI_x-if00-port0",
         {.kind = LINK_SERIAL, .path = "/dev/serial/by-id/usb-FTDI_x-if00-port0"},
         "usb-FTDI_x-if00-port0"},
        {"serial:/dev/ttyUSB0?baud=38400&parity=even",
         {.kind = LINK_SERIAL, .path = "/dev/ttyUSB0", .baud = 38400, .parity = PARITY_EVEN},
         "ttyUSB0"},
        {"/dev/ttyS1?parity=none",
         {.kind = LINK_SERIAL, .path = "/dev/ttyS1", .parity = PARITY_NONE},
         "ttyS1"},
        {"serial:./pty?parity=odd",
         {.kind = LINK_SERIAL, .path = "./pty", .parity = PARITY_ODD},
         "pty"},
        {"tcp:192.168.1.20:4001",
         {.kind = LINK_TCP, .host = "192.168.1.20", .port = 4001},
         "192.168.1.20:4001"},
        {"moxa.local:4001",
         {.kind = LINK_TCP, .host = "moxa.local", .port = 4001},
         "moxa.local:4001"},
        {"tcp:[fe80::1%eth0]:1",
         {.kind = LINK_TCP, .host = "fe80::1%eth0", .port = 1},
         "[fe80::1%eth0]:1"},
        {"[::1]:65535", {.kind = LINK_TCP, .host = "::1", .port = 65535}, "[::1]:65535"},
        {"tcp-listen:4001", {.kind = LINK_TCP_LISTEN, .port = 4001}, "listening on 4001"},
        {":4001", {.kind = LINK_TCP_LISTEN, .port = 4001}, "listening on 4001"},
        {"tcp-listen:127.0.0.1:4001",
         {.kind = LINK_TCP_LISTEN, .host = "127.0.0.1", .port = 4001},
         "listening on 127.0.0.1:4001"},
        {"tcp-listen:[::1]:4001",
         {.kind = LINK_TCP_LISTEN, .host = "::1", .port = 4001},
         "listening on [::1]:4001"},
        {"tcp-listen:0", {.kind = LINK_TCP_LISTEN, .port = 0}, "listening on 0"},
        {"udp:10.0.0.7:4001",
         {.kind = LINK_UDP, .host = "10.0.0.7", .port = 4001},
         "udp 10.0.0.7:4001"},
        {"udp:moxa:4001?local=4002",
         {.kind = LINK_UDP, .host = "moxa", .port = 4001, .local_port = 4002},
         "udp moxa:4001"},
        {"can:can0", {.kind = LINK_CAN, .path = "can0"}, "can0"},
        {"can0", {.kind = LINK_CAN, .path = "can0"}, "can0"},
        {"vcan12", {.kind = LINK_CAN, .path = "vcan12"}, "vcan12"},
        {"slcan0", {.kind = LINK_CAN, .path = "slcan0"}, "slcan0"},
        {"vcan0?bitrate=10k", {.kind = LINK_CAN, .path = "vcan0", .bitrate = 10000}, "vcan0"},
        {"can:solar?bitrate=250000",
         {.kind = LINK_CAN, .path = "solar", .bitrate = 250000},
         "solar"},
        {"can:fifteen-letters?bitrate=1M",
         {.kind = LINK_CAN, .path = "fifteen-letters", .bitrate = 1000000},
         "fifteen-letters"},
        {"can0:4001", {.kind = LINK_TCP, .host = "can0", .port = 4001}, "can0:4001"},
        {"slcan:/dev/ttyACM0", {.kind = LINK_SLCAN, .path = "/dev/ttyACM0"}, "ttyACM0"},
        {"slcan:/dev/ttyUSB0?bitrate=125k&baud=57600",
         {.kind = LINK_SLCAN, .path = "/dev/ttyUSB0", .bitrate = 125000, .baud = 57600},
         "ttyUSB0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct link_spec *expected = &cases[i].spec;
        struct link_spec spec;
        char error[200] = "", name[LINK_TEXT_MAX];
        enum xc_status status = link_spec_parse(cases[i].text, &spec, error, sizeof error);
        if (status != XC_OK)
            fail_msg("%s: %s", cases[i].text, error);
        assert_int_equal(spec.kind, expected->kind);
        assert_string_equal(spec.path, expected->path);
        assert_string_equal(spec.host, expected->host);
        assert_int_equal(spec.baud, expected->baud);
        assert_int_equal(spec.bitrate, expected->bitrate);
        assert_int_equal(spec.parity, expected->parity);
        assert_int_equal(spec.port, expected->port);
        assert_int_equal(spec.local_port, expected->local_port);
        assert_string_equal(link_spec_name(&spec, name, sizeof name), cases[i].name);
    }
}

static void bad_link_texts_get_one_line_that_says_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "a link is missing: expected serial:, tcp:, tcp-listen:, udp:, can:, slcan: or demo:"},
        {"usb:can0", "unknown kind of link 'usb': expected serial:, tcp:, tcp-listen:, udp:, can:, "
                     "slcan: or demo:"},
        {"can", "unknown kind of link 'can'"},
        {"can0x", "unknown kind of link 'can0x'"},
        {"can:", "'' isn't a CAN interface: expected one like can0"},
        {"can:sixteen-letters.", "of at most 15 characters"},
        {"can:/dev/can0", "'/dev/can0' isn't a CAN interface"},
        {"can:my can", "isn't a CAN interface"},
        {"can:can0:1", "isn't a CAN interface"},
        {"can:..", "isn't a CAN interface"},
        {"can0?bitrate=33333", "bad bit rate '33333': expected one of the Xcom-CAN's: 10000, "
                               "20000, 50000, 100000, 125000, 250000, 500000 or 1000000"},
        {"can0?bitrate=0", "bad bit rate '0'"},
        {"can0?bitrate=250000&bitrate=125000", "bitrate is given twice"},
        {"can0?bitrate=1m", "bad bit rate '1m'"},
        {"can0?baud=115200", "unknown setting 'baud' of a CAN link: expected bitrate=250000"},
        {"slcan:can0", "'can0' isn't a device path: expected one like /dev/ttyUSB0"},
        {"slcan:/dev/ttyACM0?parity=even",
         "unknown setting 'parity' of a serial-line CAN adapter: expected bitrate=250000 or "
         "baud=115200"},
        {"slcan:/dev/ttyACM0?baud=1", "bad baud rate '1'"},
        {"ttyUSB0", "did you mean /dev/ttyUSB0?"},
        {"192.168.1.20", "'192.168.1.20' has no port: expected HOST:PORT, like 192.168.1.20:4001"},
        {"localhost", "'localhost' has no port"},
        {"moxa:", "unknown kind of link 'moxa'"},
        {"serial:", "expected one like /dev/ttyUSB0"},
        {"serial:ttyUSB0", "expected one like /dev/ttyUSB0"},
        {"/dev/", "'/dev/' isn't a device path: expected one like /dev/ttyUSB0"},
        {"serial:/dev/ttyUSB0?baud=fast", "bad baud rate 'fast': expected a number like 38400"},
        {"serial:/dev/ttyUSB0?baud=0", "bad baud rate '0'"},
        {"serial:/dev/ttyUSB0?baud=99999999999999999999", "bad baud rate"},
        {"serial:/dev/ttyUSB0?parity=E", "expected even, none or odd"},
        {"serial:/dev/ttyUSB0?speed=9600", "unknown setting 'speed' of a serial link"},
        {"serial:/dev/ttyUSB0?baud", "expected NAME=VALUE"},
        {"serial:/dev/ttyUSB0?&", "expected NAME=VALUE"},
        {"tcp:192.168.1.20", "has no port: expected tcp:HOST:PORT"},
        {"udp:moxa", "has no port: expected udp:HOST:PORT"},
        {"tcp:[::1]", "has no port"},
        {"tcp::4001", "a host is missing"},
        {"tcp:moxa:", "bad port ''"},
        {"tcp:moxa:0", "bad port '0': expected a number from 1 to 65535"},
        {"tcp:moxa:65536", "bad port '65536'"},
        {"tcp:moxa:40o1", "bad port '40o1'"},
        {"moxa:4001x", "bad port '4001x'"},
        {"tcp:::1:4001", "goes in brackets"},
        {"tcp:[::1:4001", "expected [IPv6 address]:port"},
        {"tcp:my moxa:4001", "bad host 'my moxa'"},
        {"tcp:moxa:4001?local=3", "a TCP link has none"},
        {"tcp-listen:moxa:4001", "one of this computer's own IP addresses"},
        {"tcp-listen:", "bad port ''"},
        {"tcp-listen:70000", "bad port '70000'"},
        {"udp:moxa:4001?local=0", "bad port '0'"},
        {"udp:moxa:4001?baud=9600", "expected local=PORT"},
        {"tcp:mo\x1b[31mxa", "tcp:HOST:PORT"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct link_spec spec;
        char error[200] = "";
        assert_int_equal(link_spec_parse(cases[i].text, &spec, error, sizeof error), XC_SYNTAX);
        if (!strstr(error, cases[i].part))
            fail_msg("\"%s\": \"%s\" isn't in: %s", cases[i].text, cases[i].part, error);
        for (const char *c = error; *c; c++)
            assert_true((unsigned char)*c >= ' ');
    }
}

static void long_texts_are_refused(void **state)
{
    (void)state;
    char text[1000], error[100];
    struct link_spec spec;

    for (size_t length = 10; length < sizeof text; length++) {
        memset(text, 'x', length);
        memcpy(text, "tcp:", 4);
        memcpy(text + length - 3, ":1", 3);
        enum xc_status status = link_spec_parse(text, &spec, error, sizeof error);
        assert_int_equal(status, length - 7 < LINK_HOST_MAX ? XC_OK : XC_SYNTAX);
        memcpy(text, "/dev/", 5);
        status = link_spec_parse(text, &spec, error, sizeof error);
        assert_int_equal(status, length - 1 < LINK_HOST_MAX ? XC_OK : XC_SYNTAX);
    }
}

static void peers_to_allow_are_numeric(void **state)
{
    (void)state;
    struct link_spec spec = {.kind = LINK_TCP_LISTEN, .port = 4001};
    char error[200];

    assert_int_equal(link_spec_allow(&spec, "192.168.1.20,fe80::1", error, sizeof error), XC_OK);
    assert_int_equal(spec.allow_count, 2);
    assert_string_equal(spec.allow[0], "192.168.1.20");
    assert_string_equal(spec.allow[1], "fe80::1");
    assert_int_equal(link_spec_allow(&spec, "moxa", error, sizeof error), XC_SYNTAX);
    assert_non_null(strstr(error, "bad address 'moxa' to allow: expected an IP address"));
    assert_int_equal(link_spec_allow(&spec, "1.2.3.4,", error, sizeof error), XC_SYNTAX);
    assert_int_equal(spec.allow_count, 3);
    while (spec.allow_count < LINK_ALLOW_MAX)
        assert_int_equal(link_spec_allow(&spec, "1.2.3.4", error, sizeof error), XC_OK);
    assert_int_equal(link_spec_allow(&spec, "1.2.3.4", error, sizeof error), XC_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_texts_are_understood),
        cmocka_unit_test(bad_link_texts_get_one_line_that_says_what_was_expected),
        cmocka_unit_test(long_texts_are_refused),
        cmocka_unit_test(peers_to_allow_are_numeric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
