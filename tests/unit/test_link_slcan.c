// SPDX-License-Identifier: MIT
// link: serial-line CAN adapters, played by a script at the other end of a real pseudo terminal.
#include "link_ear.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/canframe.h"

enum { LOG_MAX = 16384, COMMAND_MAX = 64 };

// What the adapter has been told is in log, a '|' behind each command.
struct adapter {
    const char *done, *sent; // what it answers to a command, to a frame; "" for nothing
    const char *version, *flags;
    const char *refused; // the letters of commands that it refuses
    char late;           // before this one's answer comes that to an empty one before it; '\0'
    bool deaf;           // hears, but answers nothing and does nothing
    bool open;
    char command[COMMAND_MAX], log[LOG_MAX];
    size_t length;
    struct link *link;
};

static struct loop *loop;
static struct ear client;
static struct adapter adapter;
static char directory[64], path[128];
static int descriptors_before;

// --- The adapter ---------------------------------------------------------------------------------

static void say(const char *text)
{
    assert_int_equal(link_send(adapter.link, (const uint8_t *)text, strlen(text)), XC_OK);
}

static void obey(const char *command)
{
    char letter = command[0] ? command[0] : '\r';
    bool frame = letter == 'T' || letter == 't' || letter == 'R' || letter == 'r';
    bool needs_open = frame || letter == 'F', needs_closed = letter == 'S';

    if (adapter.deaf)
        return;
    if (letter == adapter.late) {
        adapter.late = '\0';
        say("\a");
    }
    if (letter == '\r' || strchr(adapter.refused, letter) || (needs_open && !adapter.open) ||
        (needs_closed && adapter.open)) {
        say("\a");
        return;
    }
    if (letter == 'O' || letter == 'C')
        adapter.open = letter == 'O';
    if (letter == 'V')
        say(adapter.version);
    else if (letter == 'F')
        say(adapter.flags);
    else
        say(frame ? adapter.sent : adapter.done);
}

static void adapter_received(void *arg, const uint8_t *bytes, size_t length)
{
    (void)arg;
    for (size_t i = 0; i < length; i++) {
        size_t used = strlen(adapter.log);
        assert_true(used + 2 < LOG_MAX && adapter.length + 1 < COMMAND_MAX);
        adapter.log[used] = bytes[i] == '\r' ? '|' : (char)bytes[i];
        adapter.log[used + 1] = '\0';
        if (bytes[i] != '\r') {
            adapter.command[adapter.length++] = (char)bytes[i];
            continue;
        }
        adapter.command[adapter.length] = '\0';
        adapter.length = 0;
        obey(adapter.command);
    }
    loop_stop(loop);
}

static void adapter_state(void *arg, enum link_state state)
{
    (void)arg;
    (void)state;
}

// --- The client ----------------------------------------------------------------------------------

static void put_client(unsigned bitrate)
{
    struct link_spec spec = {.kind = LINK_SLCAN, .bitrate = bitrate};
    snprintf(spec.path, sizeof spec.path, "%s", path);
    ear_put(&client, loop, NULL, &spec);
}

static int set_up(void **state)
{
    static const struct link_events events = {adapter_state, adapter_received};
    struct link_spec spec = {.kind = LINK_PTY};

    (void)state;
    descriptors_before = count_descriptors();
    loop = loop_new();
    snprintf(directory, sizeof directory, "/tmp/test_slcan.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/line", directory);
    snprintf(spec.path, sizeof spec.path, "%s", path);
    adapter = (struct adapter){
        .done = "\r", .sent = "Z\r", .version = "V1013\r", .flags = "F00\r", .refused = ""};
    adapter.link = link_new(loop, &spec);
    link_listen(adapter.link, &events, NULL);
    link_open(adapter.link, 0);
    put_client(250000);
    return link_state(adapter.link) == LINK_UP ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    link_free(client.link);
    link_free(adapter.link);
    client.link = adapter.link = NULL;
    loop_free(loop);
    rmdir(directory);
    return count_descriptors() == descriptors_before ? 0 : -1;
}

static void run_until_log(const char *end)
{
    int64_t guard = loop_now(loop) + 20 * LOOP_S;

    for (;;) {
        size_t used = strlen(adapter.log), length = strlen(end);
        if (used >= length && strcmp(adapter.log + used - length, end) == 0)
            return;
        if (!loop_run_until(loop, guard) && loop_now(loop) >= guard)
            fail_msg("\"%s\" isn't at the end of: %s", end, adapter.log);
    }
}

static void run_until_why(const char *part)
{
    char text[LINK_TEXT_MAX];
    int64_t guard = loop_now(loop) + 20 * LOOP_S;

    snprintf(text, sizeof text, "%s: %s", path, part);
    while (strcmp(link_why(client.link), text) != 0 && loop_now(loop) < guard)
        loop_run_until(loop, loop_now(loop) + LOOP_MS);
    assert_string_equal(link_why(client.link), text);
}

static void open_up(void)
{
    link_open(client.link, 0);
    ear_until_state(&client, LINK_UP);
}

// Until the adapter has told its status, and nothing is on the way any more.
static void open_quietly(void)
{
    open_up();
    run_until_log("F|");
    loop_run_until(loop, loop_now(loop) + 20 * LOOP_MS);
    adapter.log[0] = '\0';
    client.state_count = 0;
}

static void put_record(uint8_t record[CANFRAME_RECORD_SIZE], uint32_t id, uint8_t length)
{
    struct canframe frame = {.id = id, .length = length, .extended = true};
    for (uint8_t i = 0; i < length; i++)
        frame.data[i] = (uint8_t)(i + 1);
    assert_int_equal(canframe_put(&frame, record), XC_OK);
}

static enum xc_status send_frame(uint32_t id, uint8_t length)
{
    uint8_t record[CANFRAME_RECORD_SIZE];
    put_record(record, id, length);
    return link_send(client.link, record, sizeof record);
}

static void expect_frame(uint32_t id, uint8_t length)
{
    uint8_t record[CANFRAME_RECORD_SIZE];
    put_record(record, id, length);
    ear_until_length(&client, sizeof record);
    assert_memory_equal(client.bytes, record, sizeof record);
    client.length -= sizeof record;
    memmove(client.bytes, client.bytes + sizeof record, client.length);
}

// --- Opening -------------------------------------------------------------------------------------

static void the_channel_is_closed_set_and_opened(void **state)
{
    (void)state;
    assert_int_equal(link_variants(client.link), 1);
    open_up();
    run_until_log("F|");
    assert_string_equal(adapter.log, "|||C|V|S5|O|F|");
    run_until_why("SLCAN adapter V1013 at 250 kbit/s");
    assert_int_equal(link_baud(client.link), 250000);
    assert_int_equal(link_bits_per_byte(client.link), 7);
    assert_int_equal(client.states[0], LINK_OPENING);
    assert_int_equal(client.states[1], LINK_UP);
    assert_int_equal(client.state_count, 2);
}

static void without_a_bit_rate_the_adapter_keeps_its_own(void **state)
{
    (void)state;
    link_free(client.link);
    put_client(0);
    open_up();
    run_until_log("F|");
    assert_string_equal(adapter.log, "|||C|V|O|F|");
    assert_why(&client, "SLCAN adapter V1013");
    assert_int_equal(link_baud(client.link), 0);
}

static void a_bit_rate_that_is_refused_is_said(void **state)
{
    (void)state;
    adapter.refused = "S";
    link_open(client.link, 0);
    ear_until_state(&client, LINK_CLOSED);
    run_until_why("the adapter refuses a bit rate of 250000 bit/s");
    run_until_log("|||C|V|S5||C|");
}

static void an_answer_that_comes_late_is_no_refusal(void **state)
{
    (void)state;
    adapter.late = 'S';
    open_up();
    link_free(client.link);
    put_client(0);
    adapter.late = 'O';
    open_up();
}

static void a_channel_that_does_not_open_is_said(void **state)
{
    (void)state;
    adapter.refused = "O";
    link_open(client.link, 0);
    ear_until_state(&client, LINK_CLOSED);
    run_until_why("the adapter refuses to open its channel");
    link_free(client.link);
    put_client(0);
    link_open(client.link, 0);
    ear_until_state(&client, LINK_CLOSED);
    run_until_why("the adapter refuses to open its channel: give its bit rate with "
                  "?bitrate=250000");
    adapter.refused = "";
    open_up();
}

static void an_adapter_that_answers_nothing_is_used_all_the_same(void **state)
{
    (void)state;
    adapter.deaf = true;
    open_up();
    run_until_why("SLCAN adapter open at 250 kbit/s; it answers nothing: is it one?");
    run_until_log("|||C|V|S5|O|F|");
    adapter.log[0] = '\0';
    assert_int_equal(send_frame(0x03280000, 2), XC_OK);
    run_until_log("T0328000020102|");
    say("T0000CA006010203040506\r");
    expect_frame(0x0000CA00, 6);
    run_until_why("SLCAN adapter open at 250 kbit/s");
    // Opened anew it isn't waited for at each step.
    int64_t before = loop_now(loop);
    link_discard(client.link);
    adapter.log[0] = '\0';
    run_until_log("|||C|S5|O|F|");
    assert_true(loop_now(loop) - before < LOOP_S / 2);
}

static void an_adapter_that_acknowledges_nothing_is_used_too(void **state)
{
    (void)state;
    adapter.done = adapter.sent = "";
    open_up();
    assert_why(&client, "SLCAN adapter V1013 at 250 kbit/s");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(send_frame(0x03280000, 2), XC_OK);
        run_until_log("T0328000020102|");
        adapter.log[0] = '\0';
    }
    assert_int_equal(link_state(client.link), LINK_UP);
}

static void a_channel_left_open_by_a_crash_is_closed_first(void **state)
{
    (void)state;
    // Half a command in the adapter, its channel open, and answers that nobody has read.
    snprintf(adapter.command, sizeof adapter.command, "T03280");
    adapter.length = strlen(adapter.command);
    adapter.open = true;
    say("\a\rV9999\rz\rT0000CA0060BB84145C000\rT0000CA00");
    open_up();
    run_until_log("|||C|V|S5|O|F|");
    run_until_why("SLCAN adapter V1013 at 250 kbit/s");
    assert_int_equal(client.length, 0);
    say("T0000CA0010\a\rT0000CA00101\r");
    expect_frame(0x0000CA00, 1);
}

static void a_busy_channel_is_not_waited_for_for_ever(void **state)
{
    (void)state;
    int64_t begin = loop_now(loop);

    link_open(client.link, 0);
    // It goes on sending, whatever it was told.
    while (link_state(client.link) == LINK_OPENING && loop_now(loop) < begin + 10 * LOOP_S) {
        say("T0000CA0060BB84145C000\r");
        loop_run_until(loop, loop_now(loop) + 10 * LOOP_MS);
    }
    assert_int_equal(link_state(client.link), LINK_UP);
    assert_in_range(loop_now(loop) - begin, LOOP_S / 2, 5 * LOOP_S);
    run_until_why("SLCAN adapter V1013 at 250 kbit/s");
}

static void what_is_not_there_or_in_use_is_said(void **state)
{
    (void)state;
    struct ear other;
    struct link_spec spec = {.kind = LINK_SLCAN, .path = "/nonexistent/ttyACM0"};

    open_up();
    ear_put(&other, loop, NULL, &spec);
    link_open(other.link, 0);
    assert_int_equal(link_state(other.link), LINK_CLOSED);
    assert_int_equal(other.state_count, 1);
    assert_why(&other, "/nonexistent/ttyACM0: no such device");
    link_free(other.link);
    snprintf(spec.path, sizeof spec.path, "%s", path);
    ear_put(&other, loop, NULL, &spec);
    link_open(other.link, 0);
    assert_int_equal(link_state(other.link), LINK_CLOSED);
    assert_why(&other, "is in use by");
    link_free(other.link);
}

// --- Closing -------------------------------------------------------------------------------------

static void the_channel_is_closed_at_the_end(void **state)
{
    (void)state;
    open_quietly();
    link_close(client.link);
    run_until_log("|C|");
    open_quietly();
    assert_true(adapter.open);
    link_free(client.link);
    client.link = NULL;
    run_until_log("|C|");
    assert_false(adapter.open);
}

static void an_adapter_that_vanishes_is_found_again(void **state)
{
    (void)state;
    open_quietly();
    link_close(adapter.link);
    ear_until_state(&client, LINK_CLOSED);
    assert_why(&client, "the program at the other end is gone");
    link_open(client.link, 0);
    assert_int_equal(link_state(client.link), LINK_CLOSED);
    link_open(adapter.link, 0);
    open_up();
    say("T0000CA00101\r");
    expect_frame(0x0000CA00, 1);
}

static void one_that_was_switched_off_is_noticed(void **state)
{
    (void)state;
    open_quietly();
    adapter.open = false;
    assert_int_equal(send_frame(0x03280000, 2), XC_OK);
    ear_until_state(&client, LINK_CLOSED);
    run_until_why("the adapter's channel was closed: was it switched off?");
    open_quietly();
    assert_int_equal(send_frame(0x03280000, 2), XC_OK);
    run_until_log("T0328000020102|");
}

// --- Frames --------------------------------------------------------------------------------------

static void frames_go_out_and_come_in(void **state)
{
    (void)state;
    static const char *const acknowledgements[] = {"Z\r", "z\r", "\r", ""};

    open_quietly();
    for (size_t i = 0; i < sizeof acknowledgements / sizeof *acknowledgements; i++) {
        adapter.sent = acknowledgements[i];
        assert_int_equal(send_frame(0x03280000, 2), XC_OK);
        run_until_log("T0328000020102|");
        say("T0000CA006010203040506\r");
        expect_frame(0x0000CA00, 6);
        say("T0000CA0060102030405061234\r"); // with a timestamp
        expect_frame(0x0000CA00, 6);
    }
    assert_string_equal(adapter.log, "T0328000020102|T0328000020102|T0328000020102|"
                                     "T0328000020102|");
    assert_int_equal(client.length + client.state_count, 0);
}

static void several_records_are_several_frames(void **state)
{
    (void)state;
    uint8_t records[3 * CANFRAME_RECORD_SIZE];

    open_quietly();
    put_record(records, 1, 0);
    put_record(records + CANFRAME_RECORD_SIZE, 2, 1);
    put_record(records + 2 * (size_t)CANFRAME_RECORD_SIZE, 0x1FFFFFFF, 8);
    assert_int_equal(link_send(client.link, records, sizeof records), XC_OK);
    run_until_log("T000000010|T00000002101|T1FFFFFFF80102030405060708|");
}

static void lines_are_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "T0000CA006010203040506\rZ\r\rF00\rt12300001\rT0000CA00201027FFF\r";

    open_quietly();
    for (size_t cut = 1; cut < sizeof text - 1; cut++) {
        char first[sizeof text];
        memcpy(first, text, cut);
        first[cut] = '\0';
        say(first);
        loop_run_until(loop, loop_now(loop) + LOOP_MS);
        say(text + cut);
        expect_frame(0x0000CA00, 6);
        struct canframe frame;
        ear_until_length(&client, CANFRAME_RECORD_SIZE);
        assert_int_equal(canframe_get(client.bytes, &frame), XC_OK);
        assert_true(frame.id == 0x123 && !frame.extended && frame.length == 0);
        client.length -= CANFRAME_RECORD_SIZE;
        memmove(client.bytes, client.bytes + CANFRAME_RECORD_SIZE, client.length);
        expect_frame(0x0000CA00, 2);
    }
    assert_int_equal(client.length, 0);
}

static void noise_between_frames_is_skipped(void **state)
{
    (void)state;
    open_quietly();
    say("\xFF\xFE garbage T0000CA006010203040506\rT0000CA0\aT0000CA009010203040506\r"
        "T0000CA006010203040506\r");
    expect_frame(0x0000CA00, 6);
    assert_int_equal(client.length, 0);
}

static void a_refused_frame_is_told(void **state)
{
    (void)state;
    struct link_bus bus;

    open_quietly();
    adapter.refused = "T";
    adapter.flags = "F26\r";
    assert_int_equal(send_frame(0x03280000, 2), XC_OK);
    run_until_why("SLCAN adapter V1013 at 250 kbit/s, error-passive; it refused a frame");
    run_until_log("T0328000020102|F|"); // why it did
    assert_true(link_bus(client.link, &bus));
    assert_int_equal(bus.refused, 1);
    assert_int_equal(bus.state, BUS_PASSIVE);
    assert_int_equal(link_state(client.link), LINK_UP);
    adapter.refused = "";
    adapter.flags = "F00\r";
    assert_int_equal(send_frame(0x03280000, 2), XC_OK);
    run_until_why("SLCAN adapter V1013 at 250 kbit/s, error-passive");
    assert_int_equal(client.state_count, 0);
}

static void what_is_no_frame_ends_the_link(void **state)
{
    (void)state;
    uint8_t record[CANFRAME_RECORD_SIZE];

    open_quietly();
    put_record(record, 1, 8);
    assert_int_equal(link_send(client.link, record, sizeof record - 1), XC_NO_LINK);
    ear_until_state(&client, LINK_CLOSED);
    run_until_why("Bad message");
    open_quietly();
    record[0] = 0x20; // an error frame has no text
    assert_int_equal(link_send(client.link, record, sizeof record), XC_NO_LINK);
    ear_until_state(&client, LINK_CLOSED);
}

// --- The bus -------------------------------------------------------------------------------------

static void status_flags_tell_the_state_of_the_bus(void **state)
{
    (void)state;
    static const struct {
        const char *flags;
        enum link_bus_state state;
        const char *why;
    } cases[] = {
        {"F04\r", BUS_WARNING, "SLCAN adapter V1013 at 250 kbit/s, error-warning"},
        {"F24\r", BUS_PASSIVE, "SLCAN adapter V1013 at 250 kbit/s, error-passive"},
        {"F80\r", BUS_ACTIVE, "SLCAN adapter V1013 at 250 kbit/s"},
    };
    struct link_bus bus;

    assert_true(link_bus(client.link, &bus));
    assert_int_equal(bus.state, BUS_UNKNOWN);
    open_quietly();
    assert_true(link_bus(client.link, &bus));
    assert_int_equal(bus.state, BUS_ACTIVE);
    assert_int_equal(bus.transmit_errors, -1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        adapter.flags = cases[i].flags;
        int64_t guard = loop_now(loop) + 20 * LOOP_S;
        while (link_bus(client.link, &bus) && bus.state != cases[i].state && loop_now(loop) < guard)
            loop_run_until(loop, loop_now(loop) + 10 * LOOP_MS);
        assert_int_equal(bus.state, cases[i].state);
        run_until_why(cases[i].why);
    }
    // It is asked once a second at most.
    assert_in_range(strlen(adapter.log), 6, 12);
}

static void an_adapter_without_status_flags_is_no_worse(void **state)
{
    (void)state;
    struct link_bus bus;

    adapter.refused = "F";
    open_quietly();
    assert_int_equal(link_state(client.link), LINK_UP);
    assert_true(link_bus(client.link, &bus));
    assert_int_equal(bus.state, BUS_UNKNOWN);
    assert_int_equal(bus.refused, 0);
}

static void what_an_adapter_says_is_made_harmless(void **state)
{
    (void)state;
    adapter.version = "V\x1B[31m\n\x07";
    adapter.refused = "";
    link_open(client.link, 0);
    ear_until_state(&client, LINK_UP);
    for (const char *c = link_why(client.link); *c; c++)
        assert_true((unsigned char)*c >= ' ');
    say("F00\rF00\rV\x1B]0;x\rN\x1B[2J\r");
    loop_run_until(loop, loop_now(loop) + 50 * LOOP_MS);
    for (const char *c = link_why(client.link); *c; c++)
        assert_true((unsigned char)*c >= ' ');
}

static void a_status_that_nobody_asked_for_opens_nothing(void **state)
{
    (void)state;
    adapter.deaf = true;
    link_open(client.link, 0);
    run_until_log("V|");
    say("F00\r\rF00\rT0000CA00101\r");
    loop_run_until(loop, loop_now(loop) + 20 * LOOP_MS);
    assert_int_equal(link_state(client.link), LINK_OPENING);
    assert_int_equal(client.length, 0);
}

// --- What is discarded ---------------------------------------------------------------------------

static void the_adapters_own_buffer_is_emptied(void **state)
{
    (void)state;
    open_quietly();
    link_discard(client.link); // nothing was sent
    assert_int_equal(send_frame(0x03280000, 2), XC_OK);
    run_until_log("T0328000020102|");
    assert_string_equal(adapter.log, "T0328000020102|");
    adapter.log[0] = '\0';
    link_discard(client.link);
    assert_int_equal(link_state(client.link), LINK_UP);
    // What is sent meanwhile waits, and goes once.
    assert_int_equal(send_frame(0x03280040, 3), XC_OK);
    assert_int_equal(send_frame(0x03280080, 0), XC_OK);
    run_until_log("|||C|S5|O|F|T032800403010203|T032800800|");
    assert_string_equal(adapter.log, "|||C|S5|O|F|T032800403010203|T032800800|");
    assert_int_equal(client.state_count, 0);
}

static void what_was_not_written_yet_is_dropped(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    uint8_t record[CANFRAME_RECORD_SIZE];
    unsigned came = 0;

    open_quietly();
    put_record(record, 0x03280000, 8);
    // Much more than the terminal takes, while the adapter reads nothing.
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(link_send(client.link, record, sizeof record), XC_OK);
    link_discard(client.link);
    run_until_log("|||C|S5|O|F|"); // the first ends a command that was cut
    for (const char *c = adapter.log; *c; c++)
        came += *c == 'T';
    assert_in_range(came, 0, COUNT / 2);
    assert_int_equal(send_frame(0x03280040, 0), XC_OK);
    run_until_log("|||C|S5|O|F|T032800400|");
}

static void an_adapter_that_fails_meanwhile_is_told(void **state)
{
    (void)state;
    open_quietly();
    assert_int_equal(send_frame(0x03280000, 2), XC_OK);
    run_until_log("T0328000020102|");
    adapter.refused = "O";
    link_discard(client.link);
    ear_until_state(&client, LINK_CLOSED);
    run_until_why("the adapter refuses to open its channel");
}

static void a_burst_is_sent_whole_and_in_order(void **state)
{
    (void)state;
    enum { COUNT = 120 };
    char expected[COUNT * 28 + 1];
    size_t used = 0;

    open_quietly();
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(send_frame(i, 8), XC_OK);
        used += (size_t)sprintf(expected + used, "T%08X80102030405060708|", (unsigned)i);
    }
    run_until_log("T0000007780102030405060708|");
    assert_string_equal(adapter.log, expected);
}

#define LINK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINK_TEST(the_channel_is_closed_set_and_opened),
        LINK_TEST(without_a_bit_rate_the_adapter_keeps_its_own),
        LINK_TEST(a_bit_rate_that_is_refused_is_said),
        LINK_TEST(an_answer_that_comes_late_is_no_refusal),
        LINK_TEST(a_channel_that_does_not_open_is_said),
        LINK_TEST(an_adapter_that_answers_nothing_is_used_all_the_same),
        LINK_TEST(an_adapter_that_acknowledges_nothing_is_used_too),
        LINK_TEST(a_channel_left_open_by_a_crash_is_closed_first),
        LINK_TEST(a_busy_channel_is_not_waited_for_for_ever),
        LINK_TEST(what_is_not_there_or_in_use_is_said),
        LINK_TEST(the_channel_is_closed_at_the_end),
        LINK_TEST(an_adapter_that_vanishes_is_found_again),
        LINK_TEST(one_that_was_switched_off_is_noticed),
        LINK_TEST(frames_go_out_and_come_in),
        LINK_TEST(several_records_are_several_frames),
        LINK_TEST(lines_are_cut_anywhere),
        LINK_TEST(noise_between_frames_is_skipped),
        LINK_TEST(a_refused_frame_is_told),
        LINK_TEST(what_is_no_frame_ends_the_link),
        LINK_TEST(status_flags_tell_the_state_of_the_bus),
        LINK_TEST(an_adapter_without_status_flags_is_no_worse),
        LINK_TEST(what_an_adapter_says_is_made_harmless),
        LINK_TEST(a_status_that_nobody_asked_for_opens_nothing),
        LINK_TEST(the_adapters_own_buffer_is_emptied),
        LINK_TEST(what_was_not_written_yet_is_dropped),
        LINK_TEST(an_adapter_that_fails_meanwhile_is_told),
        LINK_TEST(a_burst_is_sent_whole_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
