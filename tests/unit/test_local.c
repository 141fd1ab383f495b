// SPDX-License-Identifier: MIT
// local: where processes of one user meet, over real sockets.
#include "link_ear.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "link/local.h"

static struct loop *loop;
static struct local_place place;
static char base[64];
static int descriptors_before;

static void name_place(const char *link)
{
    struct link_spec spec;
    char error[LINK_TEXT_MAX];

    assert_int_equal(link_spec_parse(link, &spec, error, sizeof error), XC_OK);
    local_place_of(&spec, &place);
    place.directories[1][0] = place.directories[2][0] = '\0';
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/xcomtop-local-XXXXXX");
    if (!mkdtemp(base))
        return -1;
    setenv("XDG_RUNTIME_DIR", base, 1);
    name_place("/dev/ttyUSB0");
    descriptors_before = count_descriptors();
    loop = loop_new();
    return 0;
}

static int tear_down(void **state)
{
    char command[128];

    (void)state;
    loop_free(loop);
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command) == 0 && count_descriptors() == descriptors_before ? 0 : -1;
}

static const char *in_place(const char *ending)
{
    static char path[LOCAL_DIRECTORY_MAX + LOCAL_NAME_MAX + 8];
    snprintf(path, sizeof path, "%s/%s%s", place.directories[0], place.name, ending);
    return path;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static struct local_listener *take(void)
{
    struct local_outcome outcome;
    assert_int_equal(local_meet(loop, &place, &outcome), LOCAL_OURS);
    return outcome.listener;
}

// --- Names ---------------------------------------------------------------------------------------

static void one_link_has_one_name_however_it_is_written(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"/dev/ttyUSB0", "serial:/dev/ttyUSB0?baud=38400&parity=even"},
        {"can0", "can:can0?bitrate=250000"},
        {":4001", "tcp-listen:4001"},
        {"Moxa.local:4001", "tcp:moxa.LOCAL:4001"},
        {"udp:10.0.0.9:4001", "udp:10.0.0.9:4001?local=4001"},
        {"[::1]:4001", "tcp:[::1]:4001"},
    };
    static const char *const full[][2] = {
        {"/dev/ttyUSB0?baud=38400", "serial:/dev/ttyUSB0"},
        {":4001", "tcp-listen:4001"},
        {"tcp-listen:[::1]:4001", "tcp-listen:[::1]:4001"},
        {"[FE80::1]:4001", "tcp:[fe80::1]:4001"},
        {"udp:10.0.0.9:4001", "udp:10.0.0.9:4001?local=4001"},
        {"slcan:/dev/ttyACM0?bitrate=250000", "slcan:/dev/ttyACM0"},
        {"can0", "can:can0"},
    };
    static const char *const others[] = {"/dev/ttyUSB0",
                                         "/dev/ttyUSB1",
                                         "/dev/tty-USB0",
                                         "/dev-tty/USB0",
                                         "slcan:/dev/ttyUSB0",
                                         "can0",
                                         ":4001",
                                         "localhost:4001",
                                         "udp:localhost:4001",
                                         "udp:localhost:4001?local=4002",
                                         "/../../../etc/passwd",
                                         "/.sock",
                                         "/dev/\303\244\033[2J"};
    char names[sizeof others / sizeof *others][LOCAL_NAME_MAX];

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        name_place(same[i][0]);
        struct local_place first = place;
        name_place(same[i][1]);
        assert_string_equal(place.name, first.name);
        assert_string_equal(place.identity, first.identity);
    }
    for (size_t i = 0; i < sizeof full / sizeof *full; i++) {
        name_place(full[i][0]);
        assert_string_equal(place.identity, full[i][1]);
        name_place(full[i][1]); // it is a LINK itself
        assert_string_equal(place.identity, full[i][1]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        name_place(others[i]);
        strcpy(names[i], place.name);
        assert_null(strchr(names[i], '/'));
        assert_int_not_equal(names[i][0], '.');
        for (const char *c = names[i]; *c; c++)
            assert_in_range(*c, '-', 'z');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
    }
}

static void a_long_one_is_cut_and_still_its_own(void **state)
{
    (void)state;
    char link[220], other[LOCAL_NAME_MAX];

    memset(link, 'a', sizeof link);
    memcpy(link, "/dev/", 5);
    link[sizeof link - 1] = '\0';
    name_place(link);
    strcpy(other, place.name);
    link[sizeof link - 2] = 'b';
    name_place(link);
    assert_string_not_equal(place.name, other);
    assert_true(strlen(place.name) < LOCAL_NAME_MAX);
}

// --- Meeting -------------------------------------------------------------------------------------

static struct ear visitor;

static void on_visitor(void *arg, struct link *link)
{
    (void)arg;
    ear_put(&visitor, loop, link, NULL);
    link_open(link, 0);
}

static void the_second_is_joined_to_the_first(void **state)
{
    (void)state;
    struct local_outcome outcome;
    struct local_listener *listener = take();
    struct ear ear;

    assert_int_equal(mode_of(place.directories[0]), 0700);
    assert_int_equal(mode_of(in_place(".sock")), 0600);
    assert_int_equal(mode_of(in_place(".lock")), 0600);
    local_listen(listener, on_visitor, NULL);
    assert_int_equal(local_meet(loop, &place, &outcome), LOCAL_JOINED);
    assert_int_equal(outcome.pid, getpid());
    ear_put(&ear, loop, outcome.link, NULL);
    link_open(ear.link, 0);
    ear_until_state(&ear, LINK_UP);
    ear_send(&ear, "hello");
    loop_run(loop);
    ear_expect(&visitor, "hello");
    ear_send(&visitor, "well");
    ear_expect(&ear, "well");

    // Shut, nobody comes in; the place is free only when it is let go.
    local_shut(listener);
    assert_int_equal(access(in_place(".sock"), F_OK), -1);
    assert_int_equal(local_meet(loop, &place, &outcome), LOCAL_BUSY);
    local_free(listener);
    link_free(visitor.link);
    ear_until_state(&ear, LINK_CLOSED);
    assert_why(&ear, "closed by the other end");
    link_free(ear.link);
    local_free(take());
}

// What is left of a process that was killed.
static void a_dead_ones_socket_is_replaced(void **state)
{
    (void)state;
    struct local_outcome outcome;
    pid_t child = fork();

    if (child == 0) {
        raise(local_meet(loop, &place, &outcome) == LOCAL_OURS ? SIGKILL : SIGTERM);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_int_equal(access(in_place(".sock"), F_OK), 0);
    local_free(take());
    assert_int_equal(access(in_place(".sock"), F_OK), -1);
}

static void of_many_at_once_one_has_it(void **state)
{
    (void)state;
    enum { MANY = 12 };
    struct local_outcome outcome;
    int start[2], end[2], owners = 0;

    assert_int_equal(pipe(start), 0);
    assert_int_equal(pipe(end), 0);
    for (int i = 0; i < MANY; i++) {
        if (fork() != 0)
            continue;
        char byte;
        close(start[1]);
        close(end[1]);
        (void)!read(start[0], &byte, 1);
        enum local_meeting meeting = local_meet(loop, &place, &outcome);
        if (meeting == LOCAL_OURS) // until all others have tried
            (void)!read(end[0], &byte, 1);
        _exit((int)meeting);
    }
    close(start[1]);
    close(start[0]);
    for (int i = 0; i < MANY; i++) {
        int status;
        assert_true(wait(&status) > 0);
        owners += WEXITSTATUS(status) == LOCAL_OURS;
        assert_int_not_equal(WEXITSTATUS(status), LOCAL_ALONE);
        if (i == MANY - 2)
            close(end[1]);
    }
    close(end[0]);
    assert_int_equal(owners, 1);
}

// Its file was removed while somebody waited to have it locked.
static void a_lock_on_a_file_that_is_gone_is_none(void **state)
{
    (void)state;
    struct local_outcome outcome;
    struct local_listener *former = take();

    assert_int_equal(unlink(in_place(".lock")), 0);
    assert_int_equal(unlink(in_place(".sock")), 0);
    struct local_listener *listener = take();
    // The former one leaves what isn't its own.
    local_free(former);
    assert_int_equal(local_meet(loop, &place, &outcome), LOCAL_JOINED);
    link_free(outcome.link);
    local_free(listener);
    assert_int_equal(rmdir(place.directories[0]), 0);
}

static void a_service_is_found_where_it_is(void **state)
{
    (void)state;
    struct local_outcome outcome;
    struct local_place ours;
    struct local_listener *listener = take();

    // We would be elsewhere.
    local_listen(listener, on_visitor, NULL);
    ours = place;
    strcpy(ours.directories[1], place.directories[0]);
    snprintf(ours.directories[0], sizeof ours.directories[0], "%s/mine", base);
    assert_int_equal(local_meet(loop, &ours, &outcome), LOCAL_JOINED);
    link_free(outcome.link);
    local_free(listener);
    assert_int_equal(local_meet(loop, &ours, &outcome), LOCAL_OURS);
    local_free(outcome.listener);
}

// --- Only ours -----------------------------------------------------------------------------------

static void expect_alone(const char *part)
{
    struct local_outcome outcome;

    assert_int_equal(local_meet(loop, &place, &outcome), LOCAL_ALONE);
    if (!strstr(outcome.error, part))
        fail_msg("\"%s\" isn't in: %s", part, outcome.error);
}

static void a_directory_that_others_can_use_is_not_used(void **state)
{
    (void)state;
    static const mode_t modes[] = {0755, 0770, 0701, 0720};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(mkdir(place.directories[0], 0700), 0);
        assert_int_equal(chmod(place.directories[0], modes[i]), 0);
        expect_alone("isn't ours alone");
        assert_int_equal(rmdir(place.directories[0]), 0);
    }
    // Nor one whose place others could take.
    assert_int_equal(chmod(base, 0777), 0);
    expect_alone("can't be made");
    assert_int_equal(chmod(base, 0700), 0);
}

static void somebody_elses_directory_is_not_used(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(place.directories[0], 0700), 0);
    assert_int_equal(chown(place.directories[0], 65534, 65534), 0);
    expect_alone("isn't ours alone");
}

static void no_symbolic_link_is_followed(void **state)
{
    (void)state;
    char elsewhere[96], path[LOCAL_DIRECTORY_MAX + LOCAL_NAME_MAX + 8];
    struct local_outcome outcome;

    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", base);
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    assert_int_equal(symlink(elsewhere, place.directories[0]), 0);
    expect_alone(place.directories[0]);
    assert_int_equal(unlink(place.directories[0]), 0);

    // A socket behind one isn't joined, and its link is replaced, not what it leads to.
    assert_int_equal(mkdir(place.directories[0], 0700), 0);
    struct local_place real = place;
    strcpy(real.directories[0], elsewhere);
    assert_int_equal(local_meet(loop, &real, &outcome), LOCAL_OURS);
    struct local_listener *theirs = outcome.listener;
    snprintf(path, sizeof path, "%s/%s.sock", elsewhere, place.name);
    assert_int_equal(symlink(path, in_place(".sock")), 0);
    struct local_listener *listener = take();
    assert_int_equal(access(path, F_OK), 0);
    local_free(listener);

    snprintf(path, sizeof path, "%s/file", base);
    unlink(in_place(".lock"));
    assert_int_equal(symlink(path, in_place(".lock")), 0);
    expect_alone(".lock");
    assert_int_equal(access(path, F_OK), -1); // not made by way of it
    local_free(theirs);
}

// As root the test can become somebody else.
static void another_user_is_not_let_in(void **state)
{
    (void)state;
    int status;

    if (geteuid() != 0)
        skip();
    struct local_listener *listener = take();
    local_listen(listener, on_visitor, NULL);
    // Even if he could reach it.
    assert_int_equal(chmod(base, 0711), 0);
    assert_int_equal(chmod(place.directories[0], 0711), 0);
    assert_int_equal(chmod(in_place(".sock"), 0666), 0);
    pid_t child = fork();
    if (child == 0) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        char byte;
        if (setuid(65534) < 0)
            _exit(2);
        snprintf(address.sun_path, sizeof address.sun_path, "%.100s", in_place(".sock"));
        int s = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(s, (const struct sockaddr *)&address, sizeof address) < 0)
            _exit(3);
        _exit(read(s, &byte, 1) == 0 ? 0 : 4);
    }
    visitor.link = NULL;
    int64_t guard = loop_now(loop) + 20 * LOOP_S;
    while (waitpid(child, &status, WNOHANG) == 0 && loop_now(loop) < guard)
        loop_run_until(loop, loop_now(loop) + 10 * LOOP_MS);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_null(visitor.link);
    local_free(listener);
}

#define LOCAL_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        LOCAL_TEST(one_link_has_one_name_however_it_is_written),
        LOCAL_TEST(a_long_one_is_cut_and_still_its_own),
        LOCAL_TEST(the_second_is_joined_to_the_first),
        LOCAL_TEST(a_dead_ones_socket_is_replaced),
        LOCAL_TEST(of_many_at_once_one_has_it),
        LOCAL_TEST(a_lock_on_a_file_that_is_gone_is_none),
        LOCAL_TEST(a_service_is_found_where_it_is),
        LOCAL_TEST(a_directory_that_others_can_use_is_not_used),
        LOCAL_TEST(somebody_elses_directory_is_not_used),
        LOCAL_TEST(no_symbolic_link_is_followed),
        LOCAL_TEST(another_user_is_not_let_in),
    };
    return cmocka_run_group_tests_name("local", tests, NULL, NULL);
}
