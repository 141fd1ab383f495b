// SPDX-License-Identifier: MIT
// link: ends in memory, TCP both ways, UDP; over real sockets on this computer.
#include "link_ear.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "link/link.h"

static struct loop *loop;
static struct ear one, two;
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
    link_free(one.link);
    link_free(two.link);
    one.link = two.link = NULL;
    loop_free(loop);
    // Nothing is left behind: no descriptor, no child.
    return count_descriptors() == descriptors_before && waitpid(-1, NULL, WNOHANG) < 0 ? 0 : -1;
}

static const struct sockaddr_in *here(const char *address, uint16_t port)
{
    static struct sockaddr_in result;
    result = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    assert_int_equal(inet_pton(AF_INET, address, &result.sin_addr), 1);
    return &result;
}

// A socket of the test's own, bound to any free port of an address.
static int test_socket(int type, const char *address, uint16_t *port)
{
    struct sockaddr_in bound;
    socklen_t length = sizeof bound;
    int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    assert_true(s >= 0);
    assert_int_equal(bind(s, (const struct sockaddr *)here(address, 0), sizeof bound), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&bound, &length), 0);
    *port = ntohs(bound.sin_port);
    return s;
}

static void connect_to(int s, uint16_t port)
{
    assert_int_equal(
        connect(s, (const struct sockaddr *)here("127.0.0.1", port), sizeof(struct sockaddr_in)),
        0);
}

static struct link_spec spec_of(enum link_kind kind, const char *host, uint16_t port)
{
    struct link_spec spec = {.kind = kind, .port = port};
    snprintf(spec.host, sizeof spec.host, "%s", host);
    return spec;
}

static void open_listener(struct ear *ear, const struct link_spec *spec)
{
    ear_put(ear, loop, NULL, spec);
    link_open(ear->link, 0);
    ear_until_state(ear, LINK_WAITING);
}

// one listens, two has connected to it.
static void join_over_tcp(void)
{
    struct link_spec listen = spec_of(LINK_TCP_LISTEN, "", 0);
    open_listener(&one, &listen);
    struct link_spec client = spec_of(LINK_TCP, "127.0.0.1", link_local_port(one.link));
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    ear_until_state(&two, LINK_UP);
    ear_until_state(&one, LINK_UP);
}

// two has connected to a socket of the test's own, which is returned.
static int join_to_test(int receive_buffer)
{
    uint16_t port;
    int s = test_socket(SOCK_STREAM, "127.0.0.1", &port);
    if (receive_buffer)
        assert_int_equal(
            setsockopt(s, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer), 0);
    assert_int_equal(listen(s, 1), 0);
    struct link_spec client = spec_of(LINK_TCP, "127.0.0.1", port);
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    ear_until_state(&two, LINK_UP);
    int peer = accept(s, NULL, NULL);
    assert_true(peer >= 0);
    close(s);
    return peer;
}

static void fill(uint8_t *bytes, size_t length, unsigned salt)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)((i * 7 + i / 251 + salt) & 0xFF);
}

// --- In memory -----------------------------------------------------------------------------------

static void join_in_memory(void)
{
    struct link *a, *b;
    link_memory_pair(loop, &a, &b);
    ear_put(&one, loop, a, NULL);
    ear_put(&two, loop, b, NULL);
    link_open(a, 0);
    assert_int_equal(link_state(a), LINK_WAITING);
    link_open(b, 0);
    assert_int_equal(link_state(a), LINK_UP);
    assert_int_equal(link_state(b), LINK_UP);
}

static void memory_delivers_in_a_later_round(void **state)
{
    (void)state;
    join_in_memory();
    ear_send(&one, "question");
    assert_int_equal(two.length, 0);
    ear_expect(&two, "question");
    ear_send(&two, "answer");
    ear_expect(&one, "answer");
}

static void memory_closes_and_opens_again_at_both_ends(void **state)
{
    (void)state;
    join_in_memory();
    ear_send(&two, "lost");
    link_close(two.link);
    assert_int_equal(link_state(one.link), LINK_CLOSED);
    assert_why(&one, "closed by the other end");
    assert_int_equal(link_fault(one.link), LINK_FAULT_LOST);
    assert_int_equal(link_fault(two.link), LINK_FAULT_NONE); // it wanted that
    assert_int_equal(link_send(one.link, (const uint8_t *)"x", 1), XC_NO_LINK);
    link_open(one.link, 0);
    link_open(two.link, 0);
    ear_send(&two, "new");
    ear_expect(&one, "new");
    // Opening an open one closes it first.
    link_open(two.link, 0);
    assert_int_equal(link_state(one.link), LINK_CLOSED);
    assert_int_equal(link_state(two.link), LINK_WAITING);
    link_open(one.link, 0);
    assert_int_equal(link_state(two.link), LINK_UP);
}

static void memory_survives_the_loss_of_its_other_end(void **state)
{
    (void)state;
    join_in_memory();
    ear_send(&two, "lost");
    link_free(two.link);
    two.link = NULL;
    assert_int_equal(link_state(one.link), LINK_CLOSED);
    link_open(one.link, 0);
    assert_int_equal(link_state(one.link), LINK_WAITING);
    assert_int_equal(one.length, 0);
}

static void memory_keeps_what_is_queued_in_order_and_refuses_what_is_too_much(void **state)
{
    (void)state;
    static uint8_t bytes[16384 + 8192];
    uint8_t more = 0;
    join_in_memory();
    fill(bytes, sizeof bytes, 1);
    for (size_t sent = 0; sent < sizeof bytes; sent += 4096)
        assert_int_equal(link_send(one.link, bytes + sent, 4096), XC_OK);
    assert_int_equal(link_send(one.link, &more, 1), XC_RANGE);
    ear_until_length(&two, sizeof bytes);
    assert_memory_equal(two.bytes, bytes, sizeof bytes);
    assert_int_equal(link_send(one.link, &more, 1), XC_OK);
}

static void memory_discards_what_is_on_its_way(void **state)
{
    (void)state;
    join_in_memory();
    ear_send(&one, "late question");
    link_discard(one.link);
    ear_send(&one, "next");
    ear_expect(&two, "next");
}

// --- TCP, we connect -----------------------------------------------------------------------------

static void tcp_carries_bytes_both_ways(void **state)
{
    (void)state;
    join_over_tcp();
    assert_why(&two, "connected to 127.0.0.1:");
    assert_why(&one, "connected from 127.0.0.1; open to anybody");
    assert_int_equal(two.states[0], LINK_OPENING);
    assert_int_equal(two.states[1], LINK_UP);
    assert_int_equal(link_variants(two.link), 1);
    assert_string_equal(link_variant_name(two.link, 0), "");
    ear_send(&two, "question");
    ear_expect(&one, "question");
    ear_send(&one, "answer");
    ear_expect(&two, "answer");
}

static int option_of(int descriptor, int level, int option)
{
    int value = -1;
    socklen_t length = sizeof value;

    assert_int_equal(getsockopt(descriptor, level, option, &value, &length), 0);
    return value;
}

// A peer without power says no goodbye.
static void both_ends_of_tcp_notice_a_peer_that_is_gone(void **state)
{
    (void)state;
    struct sockaddr_storage peer;
    int connected = 0;

    join_over_tcp();
    for (int d = 0; d < 64; d++) {
        socklen_t length = sizeof peer;
        if (getpeername(d, (struct sockaddr *)&peer, &length) < 0 || peer.ss_family == AF_UNIX)
            continue;
        connected++;
        assert_int_equal(option_of(d, SOL_SOCKET, SO_KEEPALIVE), 1);
        assert_in_range(option_of(d, IPPROTO_TCP, TCP_KEEPIDLE) +
                            option_of(d, IPPROTO_TCP, TCP_KEEPINTVL) *
                                option_of(d, IPPROTO_TCP, TCP_KEEPCNT),
                        1, 60);
        assert_in_range(option_of(d, IPPROTO_TCP, TCP_USER_TIMEOUT), 1, 60000);
        assert_int_equal(option_of(d, IPPROTO_TCP, TCP_NODELAY), 1);
    }
    assert_int_equal(connected, 2);
}

static void tcp_resolves_names(void **state)
{
    (void)state;
    struct link_spec listen = spec_of(LINK_TCP_LISTEN, "", 0);
    open_listener(&one, &listen);
    struct link_spec client = spec_of(LINK_TCP, "localhost", link_local_port(one.link));
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    assert_int_equal(link_state(two.link), LINK_OPENING);
    ear_until_state(&two, LINK_UP);
    link_open(two.link, 0); // and again while it is up
    assert_int_equal(link_state(two.link), LINK_OPENING);
    link_close(two.link); // given up in the middle
    assert_int_equal(link_state(two.link), LINK_CLOSED);
}

static void tcp_says_that_a_name_is_unknown(void **state)
{
    (void)state;
    struct link_spec client = spec_of(LINK_TCP, "no..such..name", 4001);
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    ear_until_state(&two, LINK_CLOSED);
    assert_why(&two, "no..such..name");
    assert_int_equal(link_fault(two.link), LINK_FAULT_NAME);
}

static void tcp_says_what_to_do_when_refused(void **state)
{
    (void)state;
    uint16_t port;
    int s = test_socket(SOCK_STREAM, "127.0.0.1", &port); // bound, and doesn't listen
    struct link_spec client = spec_of(LINK_TCP, "127.0.0.1", port);
    char expected[100];
    ear_put(&two, loop, NULL, &client);
    for (int i = 0; i < 3; i++) {
        link_open(two.link, 0);
        ear_until_state(&two, LINK_CLOSED);
        snprintf(expected, sizeof expected, "connection refused by 127.0.0.1:%u: is the Moxa",
                 (unsigned)port);
        assert_why(&two, expected);
        assert_int_equal(link_fault(two.link), LINK_FAULT_REFUSED);
        snprintf(expected, sizeof expected, "use tcp-listen:%u", (unsigned)port);
        assert_why(&two, expected);
    }
    close(s);
}

static void tcp_says_when_the_peer_closes_or_resets(void **state)
{
    (void)state;
    struct linger now = {.l_onoff = 1};
    int peer = join_to_test(0);
    close(peer);
    ear_until_state(&two, LINK_CLOSED);
    assert_why(&two, "closed the connection");
    assert_int_equal(link_fault(two.link), LINK_FAULT_LOST);
    link_free(two.link);
    peer = join_to_test(0);
    assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(peer);
    // Found by writing or by reading, whichever is first: no SIGPIPE, no event from link_send().
    unsigned events = two.state_count;
    link_send(two.link, (const uint8_t *)"question", 8);
    assert_int_equal(link_send(two.link, (const uint8_t *)"question", 8), XC_NO_LINK);
    assert_int_equal(two.state_count, events);
    ear_until_state(&two, LINK_CLOSED);
    assert_int_equal(two.state_count, events + 1);
    assert_why(&two, "lost: ");
}

static void tcp_writes_in_parts_and_loses_nothing(void **state)
{
    (void)state;
    static uint8_t sent[4 * 1024 * 1024], got[sizeof sent];
    size_t queued = 0, read_so_far = 0;
    int peer = join_to_test(2048);

    fill(sent, sizeof sent, 3);
    while (queued + 1000 <= sizeof sent && link_send(two.link, sent + queued, 1000) == XC_OK)
        queued += 1000;
    assert_in_range(queued, 8000, sizeof sent - 1000);
    int64_t guard = loop_now(loop) + 20 * LOOP_S;
    while (read_so_far < queued && loop_now(loop) < guard) {
        ssize_t n = recv(peer, got + read_so_far, sizeof got - read_so_far, MSG_DONTWAIT);
        if (n > 0)
            read_so_far += (size_t)n;
        loop_run_until(loop, loop_now(loop) + (n > 0 ? 0 : LOOP_MS));
    }
    assert_int_equal(read_so_far, queued);
    assert_memory_equal(got, sent, queued);
    assert_int_equal(link_send(two.link, sent, 1000), XC_OK);
    close(peer);
}

static void tcp_gives_up_what_was_not_acknowledged(void **state)
{
    (void)state;
    static uint8_t bytes[1000];
    int peer = join_to_test(2048);
    ssize_t n;

    while (link_send(two.link, bytes, sizeof bytes) == XC_OK)
        ;
    link_discard(two.link);
    assert_int_equal(link_state(two.link), LINK_CLOSED);
    assert_why(&two, "connection given up");
    // What the peer has already got it may read; then comes the reset, never the rest.
    while ((n = recv(peer, bytes, sizeof bytes, 0)) > 0)
        ;
    assert_int_equal(n, -1);
    assert_int_equal(errno, ECONNRESET);
    close(peer);
}

static void tcp_gives_up_what_waits_in_the_kernel(void **state)
{
    (void)state;
    static uint8_t bytes[6000]; // more than the peer takes, less than the kernel does
    int peer = join_to_test(2048);
    ssize_t n;

    assert_int_equal(link_send(two.link, bytes, sizeof bytes), XC_OK);
    link_discard(two.link);
    assert_int_equal(link_state(two.link), LINK_CLOSED);
    assert_why(&two, "connection given up");
    while ((n = recv(peer, bytes, sizeof bytes, 0)) > 0)
        ;
    assert_int_equal(n, -1);
    assert_int_equal(errno, ECONNRESET);
    close(peer);
}

static void tcp_stays_when_all_was_acknowledged(void **state)
{
    (void)state;
    join_over_tcp();
    ear_send(&two, "question");
    ear_expect(&one, "question");
    ear_send(&one, "answer"); // carries the acknowledgement
    ear_expect(&two, "answer");
    link_discard(two.link);
    assert_int_equal(link_state(two.link), LINK_UP);
}

// The clock is a virtual one: the connection takes no time here, and the limit is reached at once.
static void tcp_says_that_nobody_answers(void **state)
{
    (void)state;
    enum { FILLERS = 4 };
    uint16_t port;
    int fillers[FILLERS], s = test_socket(SOCK_STREAM, "127.0.0.1", &port);
    assert_int_equal(listen(s, 0), 0);
    for (int i = 0; i < FILLERS; i++) { // once its queue is full, a listener doesn't answer
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(fillers[i], (const struct sockaddr *)here("127.0.0.1", port),
                      sizeof(struct sockaddr_in));
    }
    loop_free(loop);
    loop = loop_new_virtual(0, 0);
    struct link_spec client = spec_of(LINK_TCP, "127.0.0.1", port);
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    ear_until_state(&two, LINK_CLOSED);
    assert_why(&two, "no answer from 127.0.0.1:");
    assert_why(&two, "within 10 s");
    assert_int_equal(loop_now(loop), 10 * LOOP_S);
    for (int i = 0; i < FILLERS; i++)
        close(fillers[i]);
    close(s);
}

// --- TCP, the gateway dials in -------------------------------------------------------------------

static void a_new_peer_replaces_the_present_one(void **state)
{
    (void)state;
    uint16_t port;
    char byte;
    struct link_spec listen = spec_of(LINK_TCP_LISTEN, "", 0);
    open_listener(&one, &listen);
    int first = test_socket(SOCK_STREAM, "127.0.0.1", &port);
    int second = test_socket(SOCK_STREAM, "127.0.0.1", &port);
    connect_to(first, link_local_port(one.link));
    ear_until_state(&one, LINK_UP);
    one.state_count = 0;
    connect_to(second, link_local_port(one.link));
    ear_until_why(&one, "was replaced");
    ear_until_state(&one, LINK_UP);
    assert_int_equal(one.state_count, 2); // whoever listens hears of it
    assert_int_equal(one.states[0], LINK_WAITING);
    assert_int_equal(one.states[1], LINK_UP);
    assert_int_equal(recv(first, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    assert_int_equal(send(second, "hello", 5, 0), 5);
    ear_expect(&one, "hello");
    close(first);
    close(second);
}

static void a_lost_peer_is_waited_for_on_the_same_port(void **state)
{
    (void)state;
    join_over_tcp();
    uint16_t port = link_local_port(one.link);
    link_close(two.link);
    ear_until_state(&one, LINK_WAITING);
    assert_why(&one, "127.0.0.1 closed the connection");
    link_open(two.link, 0);
    ear_until_state(&two, LINK_UP);
    ear_until_state(&one, LINK_UP);
    assert_int_equal(link_local_port(one.link), port);
    // Opened again, it keeps its peer, and says so.
    unsigned events = one.state_count;
    link_open(one.link, 0);
    assert_int_equal(one.state_count, events + 1);
    assert_int_equal(link_state(one.link), LINK_UP);
    ear_send(&two, "still here");
    ear_expect(&one, "still here");
    struct link_callers callers;
    assert_true(link_callers(one.link, &callers));
    assert_int_equal(callers.taken, 2);
    assert_false(link_callers(two.link, &callers)); // nobody dials in to it
    // Counted since the port was opened.
    link_close(one.link);
    link_open(one.link, 0);
    assert_true(link_callers(one.link, &callers));
    assert_int_equal(callers.taken, 0);
}

static void only_allowed_peers_are_let_in(void **state)
{
    (void)state;
    uint16_t port;
    char byte;
    struct link_spec listen = spec_of(LINK_TCP_LISTEN, "", 0);
    snprintf(listen.allow[listen.allow_count++], sizeof listen.allow[0], "10.1.2.3");
    snprintf(listen.allow[listen.allow_count++], sizeof listen.allow[0], "127.0.0.1");
    open_listener(&one, &listen);
    for (int i = 0; i < 2; i++) {
        int stranger = test_socket(SOCK_STREAM, "127.0.0.2", &port);
        connect_to(stranger, link_local_port(one.link));
        ear_until_why(&one, i ? "refused 127.0.0.2 (not allowed), 2 times"
                              : "refused 127.0.0.2 (not allowed)");
        assert_int_equal(link_state(one.link), LINK_WAITING);
        assert_true(recv(stranger, &byte, 1, 0) <= 0);
        close(stranger);
    }
    int friend = test_socket(SOCK_STREAM, "127.0.0.1", &port);
    connect_to(friend, link_local_port(one.link));
    ear_until_state(&one, LINK_UP);
    // A stranger doesn't disturb the one that is let in.
    int stranger = test_socket(SOCK_STREAM, "127.0.0.2", &port);
    connect_to(stranger, link_local_port(one.link));
    ear_until_why(&one, "3 times");
    assert_int_equal(link_state(one.link), LINK_UP);
    struct link_callers callers;
    assert_true(link_callers(one.link, &callers));
    assert_int_equal(callers.taken, 1);
    assert_int_equal(callers.refused, 3);
    assert_string_equal(callers.last_refused, "127.0.0.2");
    assert_int_equal(send(friend, "hello", 5, 0), 5);
    ear_expect(&one, "hello");
    close(stranger);
    close(friend);
}

static void a_port_in_use_is_said_with_its_holder(void **state)
{
    (void)state;
    struct link_spec listen = spec_of(LINK_TCP_LISTEN, "127.0.0.1", 0);
    open_listener(&one, &listen);
    struct link_spec again = spec_of(LINK_TCP_LISTEN, "", link_local_port(one.link));
    ear_put(&two, loop, NULL, &again);
    link_open(two.link, 0);
    assert_int_equal(link_state(two.link), LINK_CLOSED);
    assert_why(&two, "is in use by this program");
    assert_int_equal(link_fault(two.link), LINK_FAULT_IN_USE);
    link_close(one.link);
    link_open(two.link, 0);
    assert_int_equal(link_fault(two.link), LINK_FAULT_NONE);
    assert_int_equal(link_state(two.link), LINK_WAITING);
}

static void an_address_of_another_computer_is_said(void **state)
{
    (void)state;
    struct link_spec listen = spec_of(LINK_TCP_LISTEN, "192.0.2.1", 4001);
    ear_put(&one, loop, NULL, &listen);
    link_open(one.link, 0);
    assert_int_equal(link_state(one.link), LINK_CLOSED);
    assert_why(&one, "192.0.2.1 isn't an address of this computer");
}

static void a_listener_gives_up_a_peer_that_does_not_acknowledge(void **state)
{
    (void)state;
    static uint8_t bytes[1000];
    uint16_t port;
    int small = 2048;
    struct link_spec listen = spec_of(LINK_TCP_LISTEN, "", 0);
    open_listener(&one, &listen);
    int peer = test_socket(SOCK_STREAM, "127.0.0.1", &port);
    assert_int_equal(setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    connect_to(peer, link_local_port(one.link));
    ear_until_state(&one, LINK_UP);
    while (link_send(one.link, bytes, sizeof bytes) == XC_OK)
        ;
    link_discard(one.link);
    assert_int_equal(link_state(one.link), LINK_WAITING);
    assert_why(&one, "its connection was given up");
    close(peer);
}

// --- UDP -----------------------------------------------------------------------------------------

static void udp_answers_whoever_asks_where_no_peer_is_named(void **state)
{
    (void)state;
    struct link_spec server = spec_of(LINK_UDP, "", 0);
    open_listener(&one, &server);
    struct link_spec client = spec_of(LINK_UDP, "127.0.0.1", link_local_port(one.link));
    uint16_t free_port;
    int s = test_socket(SOCK_DGRAM, "127.0.0.1", &free_port);
    close(s);
    client.local_port = free_port;
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    assert_int_equal(link_state(two.link), LINK_UP);
    assert_int_equal(link_local_port(two.link), free_port);
    assert_int_equal(link_send(one.link, (const uint8_t *)"x", 1), XC_NO_LINK);
    ear_send(&two, "question");
    ear_until_state(&one, LINK_UP);
    ear_expect(&one, "question");
    ear_send(&one, "answer");
    ear_expect(&two, "answer");
}

static void udp_takes_the_peer_from_any_port_and_nobody_else(void **state)
{
    (void)state;
    uint16_t peer_port, other_port, stranger_port, local_port;
    int peer = test_socket(SOCK_DGRAM, "127.0.0.1", &peer_port);
    int other = test_socket(SOCK_DGRAM, "127.0.0.1", &other_port);
    int stranger = test_socket(SOCK_DGRAM, "127.0.0.2", &stranger_port);
    int s = test_socket(SOCK_DGRAM, "127.0.0.1", &local_port);
    close(s);
    struct link_spec client = spec_of(LINK_UDP, "127.0.0.1", peer_port);
    client.local_port = local_port;
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    connect_to(other, local_port);
    connect_to(stranger, local_port);
    assert_int_equal(send(stranger, "foreign", 7, 0), 7);
    assert_int_equal(send(other, "answer", 6, 0), 6);
    ear_expect(&two, "answer");
    assert_why(&two, "datagrams of others ignored: 1");
    close(peer);
    close(other);
    close(stranger);
}

static void udp_says_that_nobody_is_there(void **state)
{
    (void)state;
    uint16_t port, local_port;
    int s = test_socket(SOCK_DGRAM, "127.0.0.1", &port);
    close(s);
    s = test_socket(SOCK_DGRAM, "127.0.0.1", &local_port);
    close(s);
    struct link_spec client = spec_of(LINK_UDP, "127.0.0.1", port);
    client.local_port = local_port;
    ear_put(&two, loop, NULL, &client);
    for (int i = 0; i < 2; i++) {
        link_open(two.link, 0);
        ear_send(&two, "question");
        ear_until_state(&two, LINK_CLOSED);
        assert_why(&two, "refuses UDP: is the Moxa in UDP mode");
    }
}

static void a_udp_port_in_use_is_said(void **state)
{
    (void)state;
    uint16_t port;
    int s = test_socket(SOCK_DGRAM, "127.0.0.1", &port);
    struct link_spec client = spec_of(LINK_UDP, "127.0.0.1", port);
    ear_put(&two, loop, NULL, &client);
    link_open(two.link, 0);
    assert_int_equal(link_state(two.link), LINK_CLOSED);
    assert_why(&two, "is in use by this program: stop it, or give another with ?local=PORT");
    close(s);
}

// On real and virtual interfaces: tests/can/.
static void can_says_what_is_missing(void **state)
{
    (void)state;
    struct link_spec spec = {.kind = LINK_CAN, .path = "nosuchcan0"};
    int s = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC, 1);
    bool has_can = s >= 0;

    if (has_can)
        close(s);
    ear_put(&one, loop, NULL, &spec);
    link_open(one.link, 0);
    assert_int_equal(link_state(one.link), LINK_CLOSED);
    assert_why(&one, has_can ? "nosuchcan0: no such interface"
                             : "this kernel has no CAN, or it isn't loaded: sudo modprobe can_raw");
    assert_int_equal(one.state_count, 1);
    assert_int_equal(link_baud(one.link), 0);
}

static void only_can_has_a_bus(void **state)
{
    (void)state;
    static const char *const names[] = {"unknown", "active", "warning", "passive", "bus-off"};
    struct link_bus bus;
    struct link_spec spec = {.kind = LINK_CAN, .path = "nosuchcan0"};

    link_memory_pair(loop, &one.link, &two.link);
    assert_false(link_bus(one.link, &bus));
    link_free(two.link);
    two.link = link_new(loop, &spec);
    assert_true(link_bus(two.link, &bus));
    assert_int_equal(bus.state, BUS_UNKNOWN);
    assert_int_equal(bus.transmit_errors, -1);
    assert_int_equal(bus.receive_errors, -1);
    for (unsigned i = BUS_UNKNOWN; i <= BUS_OFF; i++)
        assert_string_equal(link_bus_state_name((enum link_bus_state)i), names[i]);
}

#define LINK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINK_TEST(memory_delivers_in_a_later_round),
        LINK_TEST(memory_closes_and_opens_again_at_both_ends),
        LINK_TEST(memory_survives_the_loss_of_its_other_end),
        LINK_TEST(memory_keeps_what_is_queued_in_order_and_refuses_what_is_too_much),
        LINK_TEST(memory_discards_what_is_on_its_way),
        LINK_TEST(tcp_carries_bytes_both_ways),
        LINK_TEST(both_ends_of_tcp_notice_a_peer_that_is_gone),
        LINK_TEST(tcp_resolves_names),
        LINK_TEST(tcp_says_that_a_name_is_unknown),
        LINK_TEST(tcp_says_what_to_do_when_refused),
        LINK_TEST(tcp_says_when_the_peer_closes_or_resets),
        LINK_TEST(tcp_says_that_nobody_answers),
        LINK_TEST(tcp_writes_in_parts_and_loses_nothing),
        LINK_TEST(tcp_gives_up_what_was_not_acknowledged),
        LINK_TEST(tcp_gives_up_what_waits_in_the_kernel),
        LINK_TEST(tcp_stays_when_all_was_acknowledged),
        LINK_TEST(a_new_peer_replaces_the_present_one),
        LINK_TEST(a_lost_peer_is_waited_for_on_the_same_port),
        LINK_TEST(only_allowed_peers_are_let_in),
        LINK_TEST(a_port_in_use_is_said_with_its_holder),
        LINK_TEST(an_address_of_another_computer_is_said),
        LINK_TEST(a_listener_gives_up_a_peer_that_does_not_acknowledge),
        LINK_TEST(udp_answers_whoever_asks_where_no_peer_is_named),
        LINK_TEST(udp_takes_the_peer_from_any_port_and_nobody_else),
        LINK_TEST(udp_says_that_nobody_is_there),
        LINK_TEST(a_udp_port_in_use_is_said),
        LINK_TEST(can_says_what_is_missing),
        LINK_TEST(only_can_has_a_bus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
