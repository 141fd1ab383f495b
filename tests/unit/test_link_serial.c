// SPDX-License-Identifier: MIT
// link: serial lines over real pseudo terminals, and the simulator's end of them.
#include "link_ear.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "link/holder.h"
#include "link/link.h"

static struct loop *loop;
static struct ear gateway, client, second;
static char directory[64], path[128];
static int descriptors_before;

static int set_up(void **state)
{
    (void)state;
    descriptors_before = count_descriptors();
    loop = loop_new();
    snprintf(directory, sizeof directory, "/tmp/test_link.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/line", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    link_free(gateway.link);
    link_free(client.link);
    link_free(second.link);
    gateway.link = client.link = second.link = NULL;
    loop_free(loop);
    unlink(path);
    rmdir(directory);
    return count_descriptors() == descriptors_before ? 0 : -1;
}

static struct link_spec spec_of(enum link_kind kind, const char *device)
{
    struct link_spec spec = {.kind = kind};
    snprintf(spec.path, sizeof spec.path, "%s", device);
    return spec;
}

static void put(struct ear *ear, enum link_kind kind)
{
    struct link_spec spec = spec_of(kind, path);
    ear_put(ear, loop, NULL, &spec);
}

static void join(void)
{
    put(&gateway, LINK_PTY);
    link_open(gateway.link, 0);
    assert_int_equal(link_state(gateway.link), LINK_UP);
    put(&client, LINK_SERIAL);
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_UP);
}

static void a_pseudo_terminal_carries_every_byte_both_ways(void **state)
{
    (void)state;
    uint8_t all[256];
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    join();
    assert_int_equal(link_variants(client.link), 1); // its settings mean nothing
    assert_int_equal(link_send(client.link, all, sizeof all), XC_OK);
    ear_until_length(&gateway, sizeof all);
    assert_memory_equal(gateway.bytes, all, sizeof all);
    assert_int_equal(link_send(gateway.link, all, sizeof all), XC_OK);
    ear_until_length(&client, sizeof all);
    assert_memory_equal(client.bytes, all, sizeof all);
}

static void a_full_line_is_written_in_parts(void **state)
{
    (void)state;
    static uint8_t bytes[65000];
    size_t sent = 0;
    join();
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 13 + i / 255);
    while (sent + 500 <= sizeof bytes && link_send(client.link, bytes + sent, 500) == XC_OK)
        sent += 500;
    assert_in_range(sent, 8000, sizeof bytes - 500);
    ear_until_length(&gateway, sent);
    assert_memory_equal(gateway.bytes, bytes, sent);
}

static void what_is_discarded_does_not_arrive(void **state)
{
    (void)state;
    static const uint8_t bytes[500];
    size_t sent = 0;
    join();
    while (link_send(client.link, bytes, sizeof bytes) == XC_OK)
        sent += sizeof bytes;
    link_discard(client.link);
    assert_int_equal(link_state(client.link), LINK_UP);
    assert_int_equal(link_send(client.link, bytes, sizeof bytes), XC_OK);
    ear_send(&client, "next");
    while (gateway.length < 4 || memcmp(gateway.bytes + gateway.length - 4, "next", 4) != 0)
        ear_until_length(&gateway, gateway.length + 1);
    // What has passed on to the other end is beyond recall; the queue of 8 KiB isn't.
    assert_in_range(gateway.length, 4, sent - 7000);
}

static void a_line_is_ours_alone(void **state)
{
    (void)state;
    join();
    put(&second, LINK_SERIAL);
    link_open(second.link, 0);
    assert_int_equal(link_state(second.link), LINK_CLOSED);
    assert_why(&second, "is in use by another program");
    ear_send(&client, "undisturbed");
    ear_expect(&gateway, "undisturbed");
    link_close(client.link);
    link_open(second.link, 0);
    assert_int_equal(link_state(second.link), LINK_UP);
}

// Another process that holds the line is named.
static void the_holder_of_a_line_is_named(void **state)
{
    (void)state;
    int ready[2], end[2], status;
    char byte, expected[64];

    put(&gateway, LINK_PTY);
    link_open(gateway.link, 0);
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    assert_int_equal(pipe2(end, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int line = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (line < 0 || flock(line, LOCK_EX) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        close(end[1]);
        _exit(read(end[0], &byte, 1) == 0 ? 0 : 1); // lives no longer than the test
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    put(&client, LINK_SERIAL);
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_CLOSED);
    snprintf(expected, sizeof expected, "is in use by test_link_seria (pid %ld)", (long)child);
    assert_why(&client, expected);
    close(end[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(end[0]);
    close(ready[0]);
    close(ready[1]);
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_UP);
}

static void a_line_that_vanishes_is_found_again(void **state)
{
    (void)state;
    join();
    for (int i = 0; i < 3; i++) {
        link_close(gateway.link);
        ear_until_state(&client, LINK_CLOSED);
        assert_why(&client, "the program at the other end is gone");
        link_open(client.link, 0);
        assert_int_equal(link_state(client.link), LINK_CLOSED);
        assert_why(&client, "no such device");
        link_open(gateway.link, 0);
        link_open(client.link, 0);
        assert_int_equal(link_state(client.link), LINK_UP);
        ear_send(&gateway, "back");
        ear_expect(&client, "back");
    }
}

// Found by writing, and opened again before the loop could tell.
static void a_broken_line_can_be_opened_at_once(void **state)
{
    (void)state;
    join();
    link_close(gateway.link);
    assert_int_equal(link_send(client.link, (const uint8_t *)"x", 1), XC_NO_LINK);
    link_open(gateway.link, 0);
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_UP);
    ear_send(&gateway, "back");
    ear_expect(&client, "back");
}

static void what_came_before_opening_is_not_read(void **state)
{
    (void)state;
    put(&gateway, LINK_PTY);
    link_open(gateway.link, 0);
    ear_send(&gateway, "old");
    put(&client, LINK_SERIAL);
    link_open(client.link, 0);
    ear_send(&gateway, "new");
    ear_expect(&client, "new");
    // Opened again, it is only set anew.
    ear_send(&gateway, "old");
    unsigned events = client.state_count;
    link_open(client.link, 0);
    assert_int_equal(client.state_count, events + 1);
    ear_send(&gateway, "new");
    ear_expect(&client, "new");
}

static void a_program_that_leaves_does_not_hang_up_the_simulator(void **state)
{
    (void)state;
    join();
    for (int i = 0; i < 3; i++) {
        link_close(client.link);
        ear_send(&gateway, "to nobody");
        link_open(client.link, 0);
        ear_send(&client, "hello");
        ear_expect(&gateway, "hello");
    }
    assert_int_equal(link_state(gateway.link), LINK_UP);
}

static void settings_to_try_are_named_in_their_order(void **state)
{
    (void)state;
    static const struct {
        unsigned baud;
        enum link_parity parity;
        unsigned count;
        const char *names[4];
    } cases[] = {
        {0, PARITY_UNSET, 4, {"38400 8E1", "38400 8N1", "115200 8E1", "115200 8N1"}},
        {9600, PARITY_UNSET, 2, {"9600 8E1", "9600 8N1"}},
        {0, PARITY_NONE, 2, {"38400 8N1", "115200 8N1"}},
        {115200, PARITY_ODD, 1, {"115200 8O1"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct link_spec spec = spec_of(LINK_SERIAL, "/dev/there-is-no-such-thing");
        spec.baud = cases[i].baud;
        spec.parity = cases[i].parity;
        struct link *link = link_new(loop, &spec);
        assert_int_equal(link_variants(link), cases[i].count);
        for (unsigned v = 0; v < cases[i].count; v++)
            assert_string_equal(link_variant_name(link, v), cases[i].names[v]);
        link_free(link);
    }
}

static void a_path_without_a_serial_port_is_said(void **state)
{
    (void)state;
    struct link_spec spec = spec_of(LINK_SERIAL, "/dev/there-is-no-such-thing");
    ear_put(&client, loop, NULL, &spec);
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_CLOSED);
    assert_why(&client, "/dev/there-is-no-such-thing: no such device; ");
    link_free(client.link);

    static const char *const others[] = {"/dev/null", "/dev", "/etc/passwd"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        spec = spec_of(LINK_SERIAL, others[i]);
        ear_put(&client, loop, NULL, &spec);
        link_open(client.link, 0);
        assert_int_equal(link_state(client.link), LINK_CLOSED);
        if (geteuid() == 0)
            assert_why(&client, "isn't a serial port");
        link_free(client.link);
    }
    client.link = NULL;
}

static void a_line_that_is_not_permitted_is_said_with_what_helps(void **state)
{
    (void)state;
    struct stat status;
    bool is_root = geteuid() == 0;

    put(&gateway, LINK_PTY);
    link_open(gateway.link, 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(chmod(path, 0), 0);
    assert_int_equal(chmod(directory, 0755), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    put(&client, LINK_SERIAL);
    link_open(client.link, 0);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(link_state(client.link), LINK_CLOSED);
    assert_why(&client, "permission denied: ");
    assert_int_equal(chmod(path, 0660), 0);
    if (!is_root || chown(path, 0, 20) != 0)
        return;
    // Now a group may use it (20 is dialout on Debian): the person is told which.
    assert_int_equal(seteuid(65534), 0);
    link_open(client.link, 0);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(link_state(client.link), LINK_CLOSED);
    assert_why(&client, "you aren't in group ");
}

static void a_link_left_behind_is_replaced_and_nothing_else(void **state)
{
    (void)state;
    struct stat status;

    assert_int_equal(symlink("/dev/pts/999999", path), 0);
    put(&gateway, LINK_PTY);
    link_open(gateway.link, 0);
    assert_int_equal(link_state(gateway.link), LINK_UP);
    link_close(gateway.link);
    assert_int_equal(lstat(path, &status), -1);

    assert_int_equal(symlink("/dev/null", path), 0);
    link_open(gateway.link, 0);
    assert_int_equal(link_state(gateway.link), LINK_CLOSED);
    assert_why(&gateway, "choose another path");
    assert_int_equal(unlink(path), 0);

    // Where it leads to may only be away for a while.
    assert_int_equal(symlink("/nowhere/file", path), 0);
    link_open(gateway.link, 0);
    assert_int_equal(link_state(gateway.link), LINK_CLOSED);
    assert_why(&gateway, "leads to /nowhere/file: choose another path");
    assert_int_equal(unlink(path), 0);

    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    close(file);
    link_open(gateway.link, 0);
    assert_int_equal(link_state(gateway.link), LINK_CLOSED);
    assert_why(&gateway, "isn't a symbolic link");
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    // Closing leaves alone what isn't ours.
    link_close(gateway.link);
    assert_int_equal(lstat(path, &status), 0);
}

static void what_to_do_about_a_holder(void **state)
{
    (void)state;
    assert_non_null(strstr(holder_advice("xcomtop (pid 1234)"), "give the LINK just as it was"));
    assert_string_equal(holder_advice("minicom (pid 1234)"), "stop it first");
    assert_string_equal(holder_advice("xcomtopper (pid 1)"), "stop it first");
}

#define LINK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINK_TEST(a_pseudo_terminal_carries_every_byte_both_ways),
        LINK_TEST(a_full_line_is_written_in_parts),
        LINK_TEST(what_is_discarded_does_not_arrive),
        LINK_TEST(a_line_is_ours_alone),
        LINK_TEST(the_holder_of_a_line_is_named),
        LINK_TEST(a_line_that_vanishes_is_found_again),
        LINK_TEST(a_broken_line_can_be_opened_at_once),
        LINK_TEST(what_came_before_opening_is_not_read),
        LINK_TEST(a_program_that_leaves_does_not_hang_up_the_simulator),
        LINK_TEST(settings_to_try_are_named_in_their_order),
        LINK_TEST(a_path_without_a_serial_port_is_said),
        LINK_TEST(a_line_that_is_not_permitted_is_said_with_what_helps),
        LINK_TEST(a_link_left_behind_is_replaced_and_nothing_else),
        cmocka_unit_test(what_to_do_about_a_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
