// SPDX-License-Identifier: MIT
// sim: datalog files, the SD card and the custom datalog field, as reference scom.md has them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/logname.h"
#include "sim/site.h"
#include "sim_bench.h"

#define YESTERDAY "LG260620.CSV\n" // NOON is on 2026-06-21

static struct scom_frame step(uint32_t object, uint16_t property)
{
    return reading(501, SCOM_DATALOG, object, property);
}

static struct scom_frame opening(const char *name)
{
    struct scom_frame request = step(SCOM_DATALOG_FILE, SCOM_DATALOG_START);

    request.data = (const uint8_t *)name;
    request.data_length = (uint16_t)strlen(name);
    return request;
}

// Everything of a transfer, as a text to be freed.
static char *fetch(struct bench *b, struct scom_frame request)
{
    char *content = calloc(1, 1 << 20);
    size_t length = 0;
    struct scom_frame answer;

    for (;;) {
        assert_true(ask(b, &request, &answer));
        assert_int_equal(answer.service_flags, SCOM_RESPONSE);
        assert_int_equal(answer.source, 501);
        assert_int_equal(answer.destination, 1);
        memcpy(content + length, answer.data, answer.data_length);
        length += answer.data_length;
        if (answer.property_id == SCOM_DATALOG_FINISH)
            return content;
        assert_int_equal(answer.property_id, SCOM_DATALOG_BLOCK);
        assert_int_equal(answer.data_length, SCOM_DATALOG_BLOCK_MAX);
        request = step(request.object_id, SCOM_DATALOG_CONTINUE);
    }
}

static unsigned lines(const char *text)
{
    unsigned n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void names_are_days(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "LG260230.CSV",
                                        "LG261301.CSV",
                                        "LG260100.CSV",
                                        "lg260101.CSV",
                                        "LG260101.csv",
                                        "LG26 101.CSV",
                                        "LG260101.CSV ",
                                        "../../../etc",
                                        "LG26/101.CSV"};
    char name[LOGNAME_MAX];
    int64_t day;

    assert_true(logname_read("LG171010.CSV", &day));
    assert_int_equal(day, 17449);
    assert_string_equal(logname_make(day, name), "LG171010.CSV");
    assert_true(logname_read("LG240229.CSV", &day));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(logname_read(wrong[i], &day));
    assert_string_equal(logname_make(-1, name), "");
}

static void a_year_of_files(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=1", NULL);
    char *names = fetch(&b, step(SCOM_DATALOG_DIRECTORY, SCOM_DATALOG_START));
    assert_int_equal(lines(names), 365);
    assert_int_equal(strncmp(names, "LG250621.CSV\n", 13), 0);
    assert_string_equal(names + strlen(names) - 13, YESTERDAY);
    free(names);
    close_bench(&b);
}

static void a_file_is_the_day(void **state)
{
    (void)state;
    struct bench b;
    struct scom_frame answer, request = reading(501, SCOM_GUID, 0, 0);

    open_bench(&b, "xt=1,vt=1,bsp,log-every=30", NULL);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags & (SCOM_SD_PRESENT | SCOM_NEW_DATALOG | SCOM_SD_FULL |
                                           SCOM_DATALOG_SUPPORTED),
                     SCOM_SD_PRESENT | SCOM_NEW_DATALOG | SCOM_DATALOG_SUPPORTED);
    char *file = fetch(&b, opening(YESTERDAY));
    assert_int_equal(lines(file), 1 + 48);
    assert_int_equal(strncmp(file, "time,BSP 7000 V", 15), 0);
    assert_non_null(strstr(file, "\n20.06.2026 00:00,"));
    assert_non_null(strstr(file, "\n20.06.2026 23:30,"));
    char *again = fetch(&b, opening(YESTERDAY));
    assert_string_equal(file, again);
    free(again);
    free(file);
    // Reading a file has cleared the flag.
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.frame_flags & SCOM_NEW_DATALOG, 0);
    close_bench(&b);
}

static void steps_are_judged(void **state)
{
    (void)state;
    struct bench b;
    struct scom_frame answer, request;
    char first[SCOM_DATALOG_BLOCK_MAX];

    open_bench(&b, "xt=1,log=3,log-every=60", NULL);
#define REFUSED(code, ...)                                                                         \
    do {                                                                                           \
        struct scom_frame r = __VA_ARGS__;                                                         \
        assert_int_equal(ask_error(&b, &r), code);                                                 \
    } while (0)
    REFUSED(SCOM_OBJECT_ID_NOT_FOUND, step(3, SCOM_DATALOG_START));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, step(1, SCOM_DATALOG_BLOCK));
    REFUSED(SCOM_PROPERTY_NOT_SUPPORTED, step(1, SCOM_DATALOG_FINISH));
    REFUSED(SCOM_INVALID_SERVICE_ARGUMENT, step(1, SCOM_DATALOG_CONTINUE));
    REFUSED(SCOM_INVALID_SERVICE_ARGUMENT, step(2, SCOM_DATALOG_RETRY));
    REFUSED(SCOM_INVALID_SERVICE_ARGUMENT, step(2, SCOM_DATALOG_ABORT));
    REFUSED(SCOM_INVALID_DATA_LENGTH, opening("LG260620.CSV"));
    REFUSED(SCOM_INVALID_DATA, opening("LG260620.CSV\r"));
    REFUSED(SCOM_INVALID_DATA, opening("LG260631.CSV\n"));
    REFUSED(SCOM_FILE_OR_DIR_NOT_PRESENT, opening("LG260621.CSV\n")); // today's isn't saved yet
    REFUSED(SCOM_FILE_OR_DIR_NOT_PRESENT, opening("LG260617.CSV\n"));
    REFUSED(SCOM_TYPE_NOT_SUPPORTED, reading(101, SCOM_DATALOG, 1, SCOM_DATALOG_START));

    request = opening(YESTERDAY);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.property_id, SCOM_DATALOG_BLOCK);
    memcpy(first, answer.data, sizeof first);
    // The same block again, as often as wanted; other objects between; the directory isn't open.
    request = step(2, SCOM_DATALOG_RETRY);
    assert_true(ask(&b, &request, &answer));
    assert_memory_equal(answer.data, first, sizeof first);
    assert_true(read_info(&b, 101, 3000) > 40);
    REFUSED(SCOM_INVALID_SERVICE_ARGUMENT, step(1, SCOM_DATALOG_CONTINUE));
    request = step(2, SCOM_DATALOG_CONTINUE);
    assert_true(ask(&b, &request, &answer));
    assert_memory_not_equal(answer.data, first, answer.data_length);
    request = step(2, SCOM_DATALOG_ABORT);
    assert_true(ask(&b, &request, &answer));
    assert_int_equal(answer.property_id, SCOM_DATALOG_FINISH);
    assert_int_equal(answer.data_length, 0);
    REFUSED(SCOM_INVALID_SERVICE_ARGUMENT, step(2, SCOM_DATALOG_CONTINUE));
#undef REFUSED
    close_bench(&b);
}

static void the_last_block_can_be_asked_again(void **state)
{
    (void)state;
    struct bench b;
    struct scom_frame answer, request = step(1, SCOM_DATALOG_START);

    open_bench(&b, "xt=1,log=2", NULL);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(ask(&b, &request, &answer));
        assert_int_equal(answer.property_id, SCOM_DATALOG_FINISH);
        assert_int_equal(answer.data_length, 26);
        request.property_id = SCOM_DATALOG_RETRY;
    }
    request.property_id = SCOM_DATALOG_CONTINUE;
    assert_int_equal(ask_error(&b, &request), SCOM_INVALID_SERVICE_ARGUMENT);
    close_bench(&b);
}

static void a_day_is_saved_after_midnight(void **state)
{
    (void)state;
    static const uint8_t words[] = "filter changed";
    struct scom_frame answer, note = reading(501, SCOM_DATALOG_FIELD, 0, SCOM_NOTE_PROPERTY);
    uint8_t big[SCOM_NOTE_MAX + 1];
    struct bench b;

    open_bench(&b, "xt=1,log=1,log-every=60", NULL);
    note.service_id = SCOM_WRITE;
    note.data = big;
    note.data_length = sizeof big;
    memset(big, 'x', sizeof big);
    assert_int_equal(ask_error(&b, &note), SCOM_INVALID_DATA_LENGTH);
    note.data = words;
    note.data_length = sizeof words - 1;
    assert_int_equal(ask_error(&b, &note), 0);
    free(fetch(&b, opening(YESTERDAY)));

    int64_t midnight = (43200 - (site_clock(b.sim) - NOON)) * LOOP_S;
    wait_for(&b, midnight + 31 * LOOP_S - LOOP_S / 2);
    struct scom_frame read = reading(101, SCOM_USER_INFO, 3000, 1);
    send_frame(&b, &read);
    size_t before = b.length;
    wait_for(&b, LOOP_MS);
    scom_decoder_feed(&b.decoder, b.bytes + before, b.length - before);
    assert_int_equal(scom_decoder_next(&b.decoder, &answer), XC_OK);
    assert_int_equal(le_get16(answer.data), SCOM_GATEWAY_BUSY);
    wait_for(&b, 10 * LOOP_S);
    char *names = fetch(&b, step(1, SCOM_DATALOG_START));
    assert_string_equal(names, YESTERDAY "LG260621.CSV\n");
    char *file = fetch(&b, opening("LG260621.CSV\n"));
    assert_non_null(strstr(file, "note,filter changed\r\n"));
    free(file);
    free(names);
    close_bench(&b);
}

static void today_is_saved_on_request(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=1,log=1,log-every=60", NULL);
    assert_int_equal(write_whole(&b, 501, 5059, SCOM_VALUE_QSP, 1, 4), 0);
    wait_for(&b, 5 * LOOP_S);
    char *file = fetch(&b, opening("LG260621.CSV\n"));
    assert_int_equal(lines(file), 1 + 12); // 00:00 to 11:00
    free(file);
    // Formatting takes everything away.
    assert_int_equal(write_whole(&b, 501, 5047, SCOM_VALUE_QSP, 1, 4), 0);
    char *names = fetch(&b, step(1, SCOM_DATALOG_START));
    assert_string_equal(names, "");
    free(names);
    close_bench(&b);
}

static void the_card_comes_and_goes(void **state)
{
    (void)state;
    struct bench b;
    struct scom_frame answer, request = opening(YESTERDAY), more = step(2, SCOM_DATALOG_CONTINUE);

    open_bench(&b, "xt=1,log=1,log-every=60", NULL);
    assert_true(ask(&b, &request, &answer));
    command(&b, "sd absent");
    assert_int_equal(ask_error(&b, &more), SCOM_INVALID_SERVICE_ARGUMENT);
    assert_int_equal(ask_error(&b, &request), SCOM_FILE_OR_DIR_NOT_PRESENT);
    assert_true(ask(&b, &more, &answer));
    assert_int_equal(answer.frame_flags & (SCOM_SD_PRESENT | SCOM_DATALOG_SUPPORTED),
                     SCOM_DATALOG_SUPPORTED);
    command(&b, "sd full");
    assert_true(ask(&b, &more, &answer));
    assert_true(answer.frame_flags & SCOM_SD_FULL);
    command(&b, "clear");
    assert_true(ask(&b, &more, &answer));
    assert_int_equal(answer.frame_flags & (SCOM_SD_PRESENT | SCOM_SD_FULL), SCOM_SD_PRESENT);
    command(&b, "sd full");
    // Nothing is saved on a full card.
    wait_for(&b, 86400 * LOOP_S);
    char *names = fetch(&b, step(1, SCOM_DATALOG_START));
    assert_string_equal(names, YESTERDAY);
    free(names);
    close_bench(&b);
}

static void blocks_go_wrong(void **state)
{
    (void)state;
    struct bench b;
    struct scom_frame answer, request = opening(YESTERDAY), more = step(2, SCOM_DATALOG_CONTINUE);
    uint64_t bad;

    open_bench(&b, "xt=1,log=1,log-every=60", NULL);
    command(&b, "block corrupt 1");
    bad = b.decoder.counters.bad_data;
    assert_false(ask(&b, &request, &answer));
    assert_int_equal(b.decoder.counters.bad_data, bad + 1);
    request.property_id = SCOM_DATALOG_RETRY;
    request.data_length = 0;
    assert_true(ask(&b, &request, &answer));

    command(&b, "block busy 2");
    assert_int_equal(ask_error(&b, &more), SCOM_GATEWAY_BUSY);
    assert_true(ask(&b, &more, &answer));
    command(&b, "block silence 3");
    assert_false(ask(&b, &more, &answer));
    request = opening(YESTERDAY);
    command(&b, "block broken 1");
    assert_int_equal(ask_error(&b, &request), SCOM_FILE_CORRUPTED);
    assert_int_equal(ask_error(&b, &more), SCOM_INVALID_SERVICE_ARGUMENT);
    command(&b, "block restart 1");
    assert_false(ask(&b, &request, &answer));
    wait_for(&b, 5 * LOOP_S);
    assert_int_equal(ask_error(&b, &more), SCOM_INVALID_SERVICE_ARGUMENT);
    assert_true(ask(&b, &more, &answer));
    assert_true(answer.frame_flags & SCOM_RESTARTED);
    close_bench(&b);
}

static void the_clock_drifts(void **state)
{
    (void)state;
    struct bench b;

    open_bench(&b, "xt=1", NULL);
    command(&b, "drift -24");
    wait_for(&b, 86400 * LOOP_S);
    site_advance(b.sim);
    assert_int_equal(site_clock(b.sim) - NOON, 86400 - 24);
    // It drifts on from where it is set.
    assert_int_equal(write_whole(&b, 501, 5002, SCOM_VALUE_QSP, NOON, 4), 0);
    wait_for(&b, 86400 * LOOP_S);
    site_advance(b.sim);
    assert_int_equal(site_clock(b.sim) - NOON, 86400 - 24 + 2); // ask() waits 2.5 s
    command(&b, "clear");
    wait_for(&b, 86400 * LOOP_S);
    site_advance(b.sim);
    assert_int_equal(site_clock(b.sim) - NOON, 2 * 86400 - 24 + 2);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_days),
        cmocka_unit_test(a_year_of_files),
        cmocka_unit_test(a_file_is_the_day),
        cmocka_unit_test(steps_are_judged),
        cmocka_unit_test(the_last_block_can_be_asked_again),
        cmocka_unit_test(a_day_is_saved_after_midnight),
        cmocka_unit_test(today_is_saved_on_request),
        cmocka_unit_test(the_card_comes_and_goes),
        cmocka_unit_test(blocks_go_wrong),
        cmocka_unit_test(the_clock_drifts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
