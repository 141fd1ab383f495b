// SPDX-License-Identifier: MIT
// link: which of this computer's addresses a gateway can be told to dial.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
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

static const char *told(void)
{
    static char out[OWN_ADDRESSES_TEXT_MAX];

    return own_addresses_of(kernel.count ? kernel.list : NULL, out, sizeof out);
}

static void ipv4_comes_first_and_then_what_is_global_of_ipv6(void **state)
{
    (void)state;
    add("lo", "127.0.0.1", IFF_UP | IFF_LOOPBACK);
    add("eth0", "2001:db8::5", IFF_UP);
    add("eth0", "fe80::5", IFF_UP);
    add("eth0", "192.168.1.5", IFF_UP);
    add("wlan0", "10.0.0.2", IFF_UP);
    assert_string_equal(told(), "192.168.1.5 (eth0), 10.0.0.2 (wlan0), 2001:db8::5 (eth0)");
}

static void what_nobody_can_dial_is_left_out(void **state)
{
    (void)state;
    assert_string_equal(told(), "");
    add("lo", "127.0.0.1", IFF_UP | IFF_LOOPBACK);
    add("lo", "2001:db8::1", IFF_UP | IFF_LOOPBACK);
    add("eth0", "192.168.1.5", 0);
    add("eth1", NULL, IFF_UP);
    add("eth1", "127.0.0.2", IFF_UP);
    add("eth1", "::1", IFF_UP);
    add("eth1", "ff02::1", IFF_UP);
    assert_string_equal(told(), "");
}

static void there_are_four_at_most_and_room_for_them(void **state)
{
    (void)state;
    const char *name = "\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b";

    for (int i = 0; i < 6; i++)
        add(name, "1111:2222:3333:4444:5555:6666:7777:8888", IFF_UP);
    const char *text = told();
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, "8888 (")); at++)
        count++;
    assert_int_equal(count, OWN_ADDRESSES_MAX);
    assert_int_equal(text[strlen(text) - 1], ')');
    assert_null(strchr(text, '\x1b'));
    assert_true(strlen(text) < OWN_ADDRESSES_TEXT_MAX - 1);
}

static void who_listens_on_one_address_is_dialled_there(void **state)
{
    (void)state;
    struct link_spec spec = {.kind = LINK_TCP_LISTEN, .host = "192.168.1.5", .port = 4001};
    char out[OWN_ADDRESSES_TEXT_MAX], all[OWN_ADDRESSES_TEXT_MAX];

    assert_string_equal(own_addresses(&spec, out, sizeof out), "192.168.1.5 (as the LINK says)");
    spec.host[0] = '\0';
    own_addresses(&spec, all, sizeof all);
    assert_null(strstr(all, "127.0.0."));
    strcpy(spec.host, "0.0.0.0");
    assert_string_equal(own_addresses(&spec, out, sizeof out), all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ipv4_comes_first_and_then_what_is_global_of_ipv6, begin),
        cmocka_unit_test_setup(what_nobody_can_dial_is_left_out, begin),
        cmocka_unit_test_setup(there_are_four_at_most_and_room_for_them, begin),
        cmocka_unit_test(who_listens_on_one_address_is_dialled_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
