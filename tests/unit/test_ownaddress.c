// SPDX-License-Identifier: MIT
// link: which of this computer's addresses a gateway can be told to dial.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> // needs those above

#include "link/ownaddress.h"

enum { MOST = 8 };

// A list as the kernel gives it.
static struct {
    struct ifaddrs list[MOST];
    struct sockaddr_storage addresses[MOST];
    size_t count;
} kernel;

static void add(const char *name, const char *text, unsigned flags)
{
    struct ifaddrs *one = &kernel.list[kernel.count];
    struct sockaddr_storage *address = &kernel.addresses[kernel.count];
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};

    *one = (struct ifaddrs){.ifa_name = (char *)(uintptr_t)name, .ifa_flags = flags};
    if (text && inet_pton(AF_INET, text, &four.sin_addr) == 1)
        memcpy(address, &four, sizeof four);
    else if (text && inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
        memcpy(address, &six, sizeof six);
    if (text)
        one->ifa_addr = (struct sockaddr *)address;
    if (kernel.count > 0)
        kernel.list[kernel.count - 1].ifa_next = one;
    kernel.count++;
}

static int begin(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof kernel);
    return 0;
}

static const char *told(bool only_ipv4)
{
    static char out[OWN_ADDRESSES_TEXT_MAX];

    return own_addresses_of(kernel.count ? kernel.list : NULL, only_ipv4, out, sizeof out);
}

static void ipv4_comes_first_and_then_what_is_global_of_ipv6(void **state)
{
    (void)state;
    add("lo", "127.0.0.1", IFF_UP | IFF_LOOPBACK);
    add("eth0", "2001:db8::5", IFF_UP);
    add("eth0", "fe80::5", IFF_UP);
    add("eth0", "192.168.1.5", IFF_UP);
    add("wlan0", "10.0.0.2", IFF_UP);
    assert_string_equal(told(false), "192.168.1.5 (eth0), 10.0.0.2 (wlan0), 2001:db8::5 (eth0)");
    assert_string_equal(told(true), "192.168.1.5 (eth0), 10.0.0.2 (wlan0)");
}

static void what_nobody_can_dial_is_left_out(void **state)
{
    (void)state;
    assert_string_equal(told(false), "");
    add("lo", "127.0.0.1", IFF_UP | IFF_LOOPBACK);
    add("lo", "2001:db8::1", IFF_UP | IFF_LOOPBACK);
    add("eth0", "192.168.1.5", 0);
    add("eth1", NULL, IFF_UP);
    add("eth1", "127.0.0.2", IFF_UP);
    add("eth1", "::1", IFF_UP);
    add("eth1", "ff02::1", IFF_UP);
    assert_string_equal(told(false), "");
}

static void there_are_four_at_most_and_room_for_them(void **state)
{
    (void)state;
    const char *name = "\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b";

    for (int i = 0; i < 6; i++)
        add(name, "1111:2222:3333:4444:5555:6666:7777:8888", IFF_UP);
    const char *text = told(false);
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, "8888 (")); at++)
        count++;
    assert_int_equal(count, OWN_ADDRESSES_MAX);
    assert_int_equal(text[strlen(text) - 1], ')');
    assert_null(strchr(text, '\x1b'));
    assert_true(strlen(text) < OWN_ADDRESSES_TEXT_MAX - 1);
}

static const char *reached(const char *host)
{
    static char out[OWN_ADDRESSES_TEXT_MAX];
    struct link_spec spec = {.kind = LINK_TCP_LISTEN, .port = 4001};

    strcpy(spec.host, host);
    return own_addresses(&spec, out, sizeof out);
}

static bool is_alone(const char *host)
{
    struct link_spec spec = {.kind = LINK_TCP_LISTEN, .port = 4001};

    strcpy(spec.host, host);
    return own_alone(&spec);
}

static void who_listens_on_one_address_is_dialled_there(void **state)
{
    (void)state;
    assert_string_equal(reached("192.168.1.5"), "192.168.1.5 (as the LINK says)");
    assert_string_equal(reached("2001:db8::5"), "2001:db8::5 (as the LINK says)");
    assert_false(is_alone("192.168.1.5"));
}

static void who_listens_on_all_is_dialled_by_what_is_listened_on(void **state)
{
    char all[OWN_ADDRESSES_TEXT_MAX], only_ipv4[OWN_ADDRESSES_TEXT_MAX];
    struct ifaddrs *list;

    (void)state;
    assert_int_equal(getifaddrs(&list), 0);
    own_addresses_of(list, false, all, sizeof all);
    own_addresses_of(list, true, only_ipv4, sizeof only_ipv4);
    freeifaddrs(list);
    assert_string_equal(reached(""), all);
    assert_string_equal(reached("::"), all);
    assert_string_equal(reached("0::0"), all);
    assert_string_equal(reached("0.0.0.0"), only_ipv4);
    assert_string_equal(reached("::ffff:0.0.0.0"), only_ipv4);
    assert_false(is_alone(""));
    assert_false(is_alone("::"));
    assert_false(is_alone("0.0.0.0"));
}

static void who_listens_on_a_loopback_address_is_dialled_by_nobody_else(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"};

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        assert_true(is_alone(hosts[i]));
        assert_string_equal(reached(hosts[i]), "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ipv4_comes_first_and_then_what_is_global_of_ipv6, begin),
        cmocka_unit_test_setup(what_nobody_can_dial_is_left_out, begin),
        cmocka_unit_test_setup(there_are_four_at_most_and_room_for_them, begin),
        cmocka_unit_test(who_listens_on_one_address_is_dialled_there),
        cmocka_unit_test(who_listens_on_all_is_dialled_by_what_is_listened_on),
        cmocka_unit_test(who_listens_on_a_loopback_address_is_dialled_by_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
