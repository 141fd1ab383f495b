// SPDX-License-Identifier: MIT
// Where to a write may go, what the person must know, and what must be typed (design.md, "Writing a
// parameter").
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "edit_rig.h"

// --- RAM -----------------------------------------------------------------------------------------

static struct edit_verdict check_kept(struct edit *edit, double number, int64_t period)
{
    struct edit_wish wish = {.number = number, .keep_period = period};
    struct edit_verdict verdict;

    edit_check(edit, &wish, &verdict);
    return verdict;
}

static void an_armed_watchdog_allows_only_what_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *target, *arm, *delay;
        unsigned id;
        double value;
    } cases[] = {
        {"XT1", "set XT1 1628 yes", "set XT1 1629 100", 1138, 45},
        {"VT1", "set VT1 10342 yes", "set VT1 10343 100", 10002, 40},
        {"VS1", "set VS1 14218 yes", "set VS1 14219 100", 14001, 40},
    };
    struct rig *rig = rig_new("xt=1,vt=1,vs=1", NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = cases[i].value;
        struct edit *edit = rig_open(rig, cases[i].target, cases[i].id);
        assert_int_equal(rig_check(edit, value, false).status, XC_OK);
        edit_close(edit);

        rig_command(rig, cases[i].arm);
        edit = rig_open(rig, cases[i].target, cases[i].id);
        struct edit_verdict verdict = rig_check(edit, value, false);
        assert_int_equal(verdict.status, XC_UNSUPPORTED);
        assert_non_null(strstr(verdict.why, "watchdog"));
        assert_non_null(strstr(verdict.why, "60 s"));
        struct edit_wish wish = rig_wish(value, false);
        assert_int_equal(edit_write(edit, &wish, 0), XC_UNSUPPORTED);
        // Below half of 60 s.
        assert_int_equal(check_kept(edit, value, 30 * LOOP_S).status, XC_UNSUPPORTED);
        verdict = check_kept(edit, value, 30 * LOOP_S - 1);
        assert_int_equal(verdict.status, XC_OK);
        assert_int_equal(verdict.warning_count, 1);
        assert_non_null(strstr(verdict.warnings[0], "restarts 60 s after"));
        // Flash doesn't arm it.
        verdict = rig_check(edit, value, true);
        assert_int_equal(verdict.status, XC_OK);
        assert_int_equal(verdict.warning_count, 0);
        edit_close(edit);

        rig_command(rig, cases[i].delay);
        edit = rig_open(rig, cases[i].target, cases[i].id);
        assert_int_equal(check_kept(edit, value, 49 * LOOP_S).status, XC_OK);
        assert_int_equal(check_kept(edit, value, 50 * LOOP_S).status, XC_UNSUPPORTED);
        edit_close(edit);
    }
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

// Infinity.
static void tell_endless_delay(struct rig *rig, const struct scom_frame *request)
{
    static const uint8_t infinity[] = {0x00, 0x00, 0x80, 0x7F};

    if (request->object_id == 1629 && request->property_id == SCOM_VALUE_QSP)
        rig_forge(rig, request, 0, infinity, sizeof infinity);
}

static void a_watchdog_of_unknown_delay_refuses_every_ram_write(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig_command(rig, "set XT1 1628 yes");
    rig_command(rig, "error 0x22 XT1:1629");
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(rig_check(edit, 45, false).status, XC_UNSUPPORTED);
    struct edit_verdict verdict = check_kept(edit, 45, LOOP_S);
    assert_int_equal(verdict.status, XC_UNSUPPORTED);
    assert_non_null(strstr(verdict.why, "a delay that isn't known"));
    assert_int_equal(rig_check(edit, 45, true).status, XC_OK);
    edit_close(edit);
    rig_command(rig, "clear");
    rig->tap = tell_endless_delay;
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(check_kept(edit, 45, LOOP_S).status, XC_UNSUPPORTED);
    edit_close(edit);
    rig->tap = NULL;
    // A firmware that doesn't know watchdogs has none; one that doesn't tell may have one.
    rig_command(rig, "clear");
    rig_command(rig, "error 0x22 XT1:1628");
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_check(edit, 45, false).status, XC_OK);
    edit_close(edit);
    rig_command(rig, "clear");
    rig_command(rig, "error 0x2B XT1:1628");
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    assert_non_null(strstr(edit_text(edit), "watchdog"));
    edit_close(edit);
    rig_free(rig);
}

// Reads tell what is in flash, devices do what is in RAM.
static void what_runs_in_ram_decides_too(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit_wish wish = {.number = 1, .keep_period = 20 * LOOP_S};

    // The write that switches the watchdog on is the first that it waits for others behind.
    struct edit *edit = rig_open(rig, "XT1", 1628);
    struct edit_verdict verdict = rig_check(edit, 1, false);
    assert_int_equal(verdict.status, XC_UNSUPPORTED);
    assert_non_null(strstr(verdict.why, "XT1's watchdog would be on"));
    assert_int_equal(rig_check(edit, 0, false).status, XC_OK);
    assert_int_equal(rig_check(edit, 1, true).status, XC_OK);
    edit_check(edit, &wish, &verdict);
    assert_int_equal(verdict.status, XC_OK);
    assert_int_equal(verdict.warning_count, 2);
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(edit_result(edit), RECORD_WRITTEN);
    edit_close(edit);

    edit = rig_open(rig, "XT1", 1138);
    verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_UNSUPPORTED);
    assert_non_null(strstr(verdict.why, "XT1's watchdog is on"));
    assert_int_equal(check_kept(edit, 45, 29 * LOOP_S).status, XC_OK);
    edit_close(edit);

    // So is the delay.
    edit = rig_open(rig, "XT1", 1629);
    assert_int_equal(check_kept(edit, 20, 20 * LOOP_S).status, XC_UNSUPPORTED);
    assert_int_equal(check_kept(edit, 20, 9 * LOOP_S).status, XC_OK);
    wish = (struct edit_wish){.number = 20, .keep_period = 9 * LOOP_S};
    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    rig_run(rig, 5 * LOOP_S);
    edit_close(edit);
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(check_kept(edit, 45, 10 * LOOP_S).status, XC_UNSUPPORTED);
    assert_int_equal(check_kept(edit, 45, 9 * LOOP_S).status, XC_OK);
    edit_close(edit);
    rig_free(rig);
}

static void flash_that_is_off_in_ram_stores_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    assert_int_equal(rig_change(rig, "XT1", 1550, 0, false), RECORD_WRITTEN);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_check(edit, 45, true).status, XC_UNSUPPORTED);
    assert_int_equal(rig_check(edit, 45, false).status, XC_OK);
    edit_close(edit);
    rig_free(rig);
}

static void one_device_of_a_group_can_forbid_it(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);

    rig_discover(rig);
    rig_command(rig, "set XT2 1628 yes");
    struct edit *edit = rig_open(rig, "XT", 1138);
    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_UNSUPPORTED);
    assert_non_null(strstr(verdict.why, "XT2's watchdog"));
    assert_int_equal(rig_check(edit, 45, true).status, XC_OK);
    edit_close(edit);

    rig_command(rig, "set XT2 1628 no");
    rig_command(rig, "firmware XT3 1.6.11");
    edit = rig_open(rig, "XT", 1138);
    verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_UNSUPPORTED);
    assert_non_null(strstr(verdict.why, "XT3's firmware, 1.6.11, is too old"));
    edit_close(edit);

    rig_command(rig, "firmware XT3 1.6.12");
    rig_command(rig, "set XT2 1550 no");
    edit = rig_open(rig, "XT", 1138);
    verdict = rig_check(edit, 45, true);
    assert_int_equal(verdict.status, XC_UNSUPPORTED);
    assert_non_null(strstr(verdict.why, "XT2 doesn't save parameters in flash"));
    assert_int_equal(rig_check(edit, 45, false).status, XC_OK);
    edit_close(edit);
    rig_free(rig);
}

static void old_firmware_takes_no_ram_and_never_flash_instead(void **state)
{
    (void)state;
    static const struct {
        const char *target, *too_old, *first;
        unsigned id;
        double value;
    } cases[] = {
        {"XT1", "firmware XT1 1.6.11", "firmware XT1 1.6.12", 1138, 45},
        {"VT1", "firmware VT1 1.6.13", "firmware VT1 1.6.14", 10002, 40},
        {"VS1", "firmware VS1 1.6.11", "firmware VS1 1.6.12", 14001, 40},
        {"BSP", "firmware BSP 1.6.11", "firmware BSP 1.6.12", 6001, 200},
    };
    struct rig *rig = rig_new("xt=1,vt=1,vs=1,bsp", NULL);
    char unreadable[40];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct edit_wish wish = rig_wish(cases[i].value, false);
        rig_command(rig, cases[i].too_old);
        struct edit *edit = rig_open(rig, cases[i].target, cases[i].id);
        struct edit_verdict verdict = rig_check(edit, cases[i].value, false);
        assert_int_equal(verdict.status, XC_UNSUPPORTED);
        assert_non_null(strstr(verdict.why, "too old for RAM writes"));
        assert_int_equal(edit_write(edit, &wish, 0), XC_UNSUPPORTED);
        assert_int_equal(rig_check(edit, cases[i].value, true).status, XC_OK);
        edit_close(edit);

        rig_command(rig, cases[i].first);
        edit = rig_open(rig, cases[i].target, cases[i].id);
        assert_int_equal(rig_check(edit, cases[i].value, false).status, XC_OK);
        edit_close(edit);

        snprintf(unreadable, sizeof unreadable, "firmware %s unreadable", cases[i].target);
        rig_command(rig, unreadable);
        edit = rig_open(rig, cases[i].target, cases[i].id);
        verdict = rig_check(edit, cases[i].value, false);
        assert_int_equal(verdict.status, XC_UNSUPPORTED);
        assert_non_null(strstr(verdict.why, "doesn't tell its firmware"));
        assert_int_equal(edit_write(edit, &wish, 0), XC_UNSUPPORTED);
        assert_int_equal(rig_check(edit, cases[i].value, true).status, XC_OK);
        edit_close(edit);
    }
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

// Of a version.
static float half;

static void forge_version(struct rig *rig, const struct scom_frame *request)
{
    uint8_t data[4];

    if (request->object_type != SCOM_USER_INFO || request->object_id != 3130)
        return;
    le_put_float(data, half);
    rig_forge(rig, request, 0, data, sizeof data);
}

static void a_version_that_makes_no_sense_is_unreadable(void **state)
{
    (void)state;
    static const float halves[] = {-1, 65536, 1e30F, INFINITY};
    struct rig *rig = rig_new("xt=1", NULL);

    rig->tap = forge_version;
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        half = halves[i];
        struct edit *edit = rig_open(rig, "XT1", 1138);
        struct edit_verdict verdict = rig_check(edit, 45, false);
        assert_int_equal(verdict.status, XC_UNSUPPORTED);
        assert_non_null(strstr(verdict.why, "doesn't tell its firmware"));
        edit_close(edit);
    }
    rig_free(rig);
}

static void a_gateway_takes_ram_when_it_knows_multi_infos(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    struct edit *edit = rig_open(rig, "XCOM", 5000);
    assert_int_equal(rig_check(edit, 1, false).status, XC_OK);
    edit_close(edit);
    rig_free(rig);

    // That there is no Xtender to ask for doesn't make it older.
    rig = rig_new("vt=1", NULL);
    rig_command(rig, "absent error");
    edit = rig_open(rig, "XCOM", 5000);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(rig_check(edit, 1, false).status, XC_OK);
    edit_close(edit);
    rig_free(rig);

    rig = rig_new("xt=1,no-multi", NULL);
    edit = rig_open(rig, "XCOM", 5000);
    assert_int_equal(edit_state(edit), EDIT_READY);
    assert_int_equal(rig_check(edit, 1, false).status, XC_UNSUPPORTED);
    assert_int_equal(rig_check(edit, 1, true).status, XC_OK);
    edit_close(edit);
    rig_free(rig);
}

// --- Flash ---------------------------------------------------------------------------------------

static void saving_in_flash_can_be_switched_on_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    rig_command(rig, "set XT1 1550 no");
    assert_int_equal(rig_change(rig, "XT1", 1550, 1, true), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, true), RECORD_WRITTEN);
    assert_true(rig_flash(rig, 101, 1138) == 45);
    rig_free(rig);
}

static void flash_that_stores_nothing_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *target, *off;
        unsigned id;
        double value;
    } cases[] = {
        {"XT1", "set XT1 1550 no", 1138, 45},
        {"VT1", "set VT1 10058 no", 10002, 40},
        {"VS1", "set VS1 14069 no", 14001, 40},
    };
    struct rig *rig = rig_new("xt=1,vt=1,vs=1", NULL);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct edit_wish wish = rig_wish(cases[i].value, true);
        rig_command(rig, cases[i].off);
        struct edit *edit = rig_open(rig, cases[i].target, cases[i].id);
        struct edit_verdict verdict = rig_check(edit, cases[i].value, true);
        assert_int_equal(verdict.status, XC_UNSUPPORTED);
        assert_non_null(strstr(verdict.why, "nothing would be stored"));
        assert_int_equal(edit_write(edit, &wish, 0), XC_UNSUPPORTED);
        assert_int_equal(rig_check(edit, cases[i].value, false).status, XC_OK);
        edit_close(edit);
    }
    // A firmware without the parameter saves always; one that doesn't tell may not.
    rig_command(rig, "error 0x22 XT1:1550");
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_check(edit, 45, true).status, XC_OK);
    edit_close(edit);
    rig_command(rig, "clear");
    rig_command(rig, "error 0x2A XT1:1550");
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(edit_state(edit), EDIT_FAILED);
    edit_close(edit);
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

static void worn_flash_is_warned_of(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct edit_device *devices;
    struct record records[100];

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, true), RECORD_WRITTEN);
    assert_int_equal(rig_records(rig, records, 1), 1);
    for (size_t i = 1; i < 100; i++)
        records[i] = records[0];
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(records_begin(rig->records, records, i == 9 ? 98 : 100), XC_OK);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    edit_devices(edit, &devices);
    assert_int_equal(devices[0].flash_writes, 999);
    assert_int_equal(rig_check(edit, 46, true).warning_count, 0);
    edit_close(edit);
    assert_int_equal(records_begin(rig->records, records, 1), XC_OK);
    edit = rig_open(rig, "XT1", 1138);
    struct edit_verdict verdict = rig_check(edit, 46, true);
    assert_int_equal(verdict.warning_count, 1);
    assert_string_equal(verdict.warnings[0],
                        "XT1: 1000 flash writes are recorded here, 1000 are guaranteed");
    assert_int_equal(rig_check(edit, 46, false).warning_count, 0);
    edit_close(edit);
    rig_free(rig);
}

// --- What must be typed --------------------------------------------------------------------------

static void the_word_that_confirms(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        unsigned id;
        double value;
        bool flash;
        const char *word; // NULL: y
    } cases[] = {
        {"XT1", 1138, 45, false, NULL},      {"XT1", 1138, 45, true, "flash"},
        {"XT", 1138, 45, false, "all"},      {"L1", 1138, 45, false, "all"},
        {"XT", 1138, 45, true, "flash"},     {"XT1", 1124, 0, false, "stop"},
        {"XT1", 1124, 0, true, "stop"},      {"XT", 1124, 0, false, "stop"},
        {"XT1", 1128, 0, false, "stop"},     {"XT1", 1286, 230, false, "danger"},
        {"XT1", 1576, 0, false, "stop"},     {"XT1", 1628, 1, true, "danger"},
        {"XT1", 1395, 1, false, "reset"},    {"XT1", 1467, 1, false, "restart"},
        {"XT1", 1162, 1, false, "danger"},   {"XT1", 1399, 1, false, "stop"},
        {"VT1", 10200, 1, false, "erase"},   {"VT1", 10001, 8, false, "danger"},
        {"BSP", 6057, 8, false, "danger"},   {"XCOM", 5104, 1, false, NULL},
        {"XCOM", 5104, 1, true, "flash"},    {"XCOM", 5095, 1, false, "restart"},
        {"XCOM", 5121, 1, false, "restart"}, {"XCOM", 5002, 1781956800, false, "clock"},
    };
    struct rig *rig = rig_new("xt=3,vt=1,bsp", NULL);

    rig_discover(rig);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct edit *edit = rig_open(rig, cases[i].target, cases[i].id);
        struct edit_verdict verdict = rig_check(edit, cases[i].value, cases[i].flash);
        assert_int_equal(verdict.status, XC_OK);
        if (cases[i].word)
            assert_string_equal(verdict.word, cases[i].word);
        else
            assert_null(verdict.word);
        // What is dangerous says why.
        if (datapoint_is_dangerous(edit_datapoint(edit))) {
            assert_int_equal(verdict.warning_count, 1);
            assert_string_equal(verdict.warnings[0], datapoint_effect_reason(edit_datapoint(edit)));
        } else {
            assert_int_equal(verdict.warning_count, 0);
        }
        edit_close(edit);
    }
    rig_free(rig);
}

// --- Records, sites, read-only -------------------------------------------------------------------

static void what_cannot_be_recorded_is_not_written(void **state)
{
    (void)state;
    const struct plant_options none = {.records = "/dev/null/records.sqlite"};
    struct rig *rig = rig_new("xt=1", &none);
    struct edit_wish wish = rig_wish(45, false);

    struct edit *edit = rig_open(rig, "XT1", 1138);
    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_IO);
    assert_non_null(strstr(verdict.why, "/dev/null/records.sqlite: "));
    assert_int_equal(edit_write(edit, &wish, 0), XC_IO);
    edit_close(edit);
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);

    const struct plant_options unrecorded = {.unrecorded = true};
    rig = rig_new("xt=1", &unrecorded);
    edit = rig_open(rig, "XT1", 1138);
    verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_OK);
    assert_string_equal(verdict.warnings[0], "this change isn't recorded");
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    assert_int_equal(edit_records(edit)[0].n, 0);
    assert_int_equal(rig->write_count, 1);
    edit_close(edit);
    rig_free(rig);
}

// Opening a file that is locked waits for it: nobody does that with every key.
static void records_that_cannot_be_opened_are_tried_again_after_a_while(void **state)
{
    (void)state;
    char directory[] = "/tmp/xcomtop-edit-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/records.sqlite", directory);
    assert_int_equal(mkdir(path, 0700), 0);
    const struct plant_options options = {.records = path};
    struct rig *rig = rig_new("xt=1", &options);

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_check(edit, 45, false).status, XC_IO);
    assert_int_equal(rmdir(path), 0);
    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_IO);
    assert_non_null(strstr(verdict.why, path));
    rig_run(rig, 5 * LOOP_S);
    assert_int_equal(rig_check(edit, 45, false).status, XC_OK);
    edit_close(edit);
    rig_free(rig);
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(directory), 0);
}

static void another_installation_under_the_sites_name_is_asked_about(void **state)
{
    (void)state;
    const struct plant_options named = {.site = "emosson", .site_named = true};
    struct rig *rig = rig_new("xt=1", &named);
    struct record record;

    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_null(rig_check(edit, 45, false).word);
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    edit_close(edit);
    edit = rig_open(rig, "XT1", 1138);
    assert_null(rig_check(edit, 45, false).word);
    edit_close(edit);

    // The last one that is recorded went elsewhere.
    assert_int_equal(rig_records(rig, &record, 1), 1);
    memset(record.guid, '0', 32);
    assert_int_equal(records_begin(rig->records, &record, 1), XC_OK);
    edit = rig_open(rig, "XT1", 1138);
    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.status, XC_OK);
    assert_string_equal(verdict.word, "site");
    assert_non_null(strstr(verdict.warnings[0], "emosson"));
    assert_string_equal(rig_check(edit, 45, true).word, "site");
    edit_close(edit);
    rig_free(rig);
}

static void a_link_without_a_sites_name_is_no_site(void **state)
{
    (void)state;
    const struct plant_options unnamed = {.site = "emosson"};
    struct rig *rig = rig_new("xt=1", &unnamed);
    struct record record;

    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    assert_int_equal(rig_records(rig, &record, 1), 1);
    memset(record.guid, '0', 32);
    assert_int_equal(records_begin(rig->records, &record, 1), XC_OK);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    assert_null(rig_check(edit, 45, false).word);
    edit_close(edit);
    rig_free(rig);
}

// --- What is there already -----------------------------------------------------------------------

static void flash_is_not_worn_for_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    const struct edit_wish wish = rig_wish(60, true);
    struct edit *edit = rig_open(rig, "XT1", 1138);
    struct edit_verdict verdict = rig_check(edit, 60, true);

    assert_int_equal(verdict.status, XC_USAGE);
    assert_true(verdict.unchanged);
    assert_string_equal(verdict.why, "XT1 has 60 A in flash already: there is nothing to write");
    assert_int_equal(edit_write(edit, &wish, 0), XC_USAGE);
    assert_int_equal(rig_check(edit, 60, false).status, XC_OK);
    edit_close(edit);
    edit = rig_open(rig, "XT", 1138);
    assert_string_equal(rig_check(edit, 60, true).why,
                        "all 2 devices have 60 A in flash already: there is nothing to write");
    edit_close(edit);
    // One of them hasn't; and over a value in RAM flash brings back what it has.
    rig_set_flash(rig, FAMILY_XT, 2, 1138, 50);
    edit = rig_open(rig, "XT", 1138);
    assert_int_equal(rig_check(edit, 60, true).status, XC_OK);
    edit_close(edit);
    assert_int_equal(rig_change(rig, "XT1", 1138, 45, false), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XT1", 1138, 60, true), RECORD_WRITTEN);
    assert_int_equal(rig->write_count, 2);
    rig_free(rig);
}

// A record of XT1's parameter 1138, an hour before the program was started.
static void record_before(struct rig *rig, const char *key, double number, bool flash,
                          enum record_result result)
{
    struct record record = {.time = loop_wall(rig->loop) - 3600 * LOOP_S,
                            .device = "XT1",
                            .family = FAMILY_XT,
                            .id = 1138,
                            .flash = flash,
                            .old = 60,
                            .new = number};

    snprintf(record.key, sizeof record.key, "%s", key);
    assert_int_equal(records_begin(rig->records, &record, 1), XC_OK);
    record.result = result;
    assert_int_equal(records_finish(rig->records, &record, 1), XC_OK);
}

static void what_an_earlier_run_wrote_to_ram_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);
    const struct edit_device *devices;
    struct edit *edit = rig_open(rig, "XT1", 1138);
    char key[RECORD_KEY_MAX];

    edit_devices(edit, &devices);
    assert_true(isnan(devices->ram_before));
    snprintf(key, sizeof key, "%s", devices->key);
    edit_close(edit);
    rig_free(rig);
    rig = rig_new("xt=1", NULL);
    record_before(rig, key, 52, false, RECORD_WRITTEN);
    record_before(rig, key, 30, false, RECORD_REFUSED);
    record_before(rig, key, 52, false, RECORD_UNKNOWN);
    rig_discover(rig);
    edit = rig_open(rig, "XT1", 1138);
    edit_devices(edit, &devices);
    assert_true(devices->ram_before == 52);
    struct edit_verdict verdict = rig_check(edit, 45, false);
    assert_int_equal(verdict.warning_count, 1);
    assert_non_null(strstr(verdict.warnings[0], "52 A was written to XT1's RAM on "));
    assert_null(verdict.word);
    // From now on it is known.
    assert_int_equal(rig_write(rig, edit, 45, false), RECORD_WRITTEN);
    edit_close(edit);
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_check(edit, 50, false).warning_count, 0);
    edit_close(edit);
    rig_free(rig);
    // A write to flash after it has ended it.
    rig = rig_new("xt=1", NULL);
    record_before(rig, key, 52, false, RECORD_WRITTEN);
    record_before(rig, key, 60, true, RECORD_WRITTEN);
    rig_discover(rig);
    edit = rig_open(rig, "XT1", 1138);
    assert_int_equal(rig_check(edit, 45, false).warning_count, 0);
    edit_close(edit);
    rig_free(rig);
}

static void a_restart_ends_what_an_earlier_run_wrote(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=2", NULL);
    double number;
    int64_t time;
    char key[RECORD_KEY_MAX];

    rig_discover(rig);
    snprintf(key, sizeof key, "%08X", (unsigned)plant_device(rig->plant, FAMILY_XT, 1)->fid);
    rig_free(rig);
    rig = rig_new("xt=2", NULL);
    record_before(rig, key, 52, false, RECORD_WRITTEN);
    assert_false(plant_earlier_ram(rig->plant, FAMILY_XT, 1, 1138, &number, &time));
    rig_discover(rig);
    rig_watch(rig, FAMILY_XT, 2);
    assert_true(plant_earlier_ram(rig->plant, FAMILY_XT, 1, 1138, &number, &time));
    assert_true(number == 52 && time < loop_wall(rig->loop));
    assert_false(plant_earlier_ram(rig->plant, FAMILY_XT, 1, 1107, &number, &time));
    assert_false(plant_earlier_ram(rig->plant, FAMILY_XT, 2, 1138, &number, &time));
    rig_command(rig, "reset XT1 10s");
    rig_run(rig, 60 * LOOP_S);
    assert_false(plant_earlier_ram(rig->plant, FAMILY_XT, 1, 1138, &number, &time));
    rig_free(rig);
}

static void what_concerns_an_undo_is_told(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=3", NULL);
    char notes[UNDO_NOTES_MAX][EDIT_TEXT_MAX];
    struct record records[8];

    rig_discover(rig);
    assert_int_equal(rig_change(rig, "XT2", 1138, 50, true), RECORD_WRITTEN);
    assert_int_equal(rig_change(rig, "XT", 1138, 45, false), RECORD_WRITTEN);
    assert_int_equal(rig_records(rig, records, 8), 4);
    assert_int_equal(plant_undo_notes(rig->plant, &records[1], notes), 1);
    assert_string_equal(notes[0], "the same write went to XT2, XT3 too: it stays there");
    assert_int_equal(plant_undo_notes(rig->plant, &records[0], notes), 1);
    assert_string_equal(notes[0], "it was written again since: number 3, 45 A in RAM");
    assert_int_equal(rig_change(rig, "XT1", 1138, 70, false), RECORD_WRITTEN);
    assert_int_equal(plant_undo_notes(rig->plant, &records[1], notes), 2);
    assert_int_equal(plant_undo_notes(rig->plant, &records[3], notes), 1);
    rig_free(rig);
}

static void refuse_to_open(struct rig *rig, const char *name, unsigned id, enum family family,
                           enum xc_status status, const char *says)
{
    struct target target = rig_target(name);
    const struct datapoint *datapoint = catalogue_find(family, id);
    struct edit *edit;
    char error[256] = "";

    assert_non_null(datapoint);
    assert_int_equal(
        edit_open(rig->plant, &target, datapoint, NULL, NULL, &edit, error, sizeof error), status);
    assert_null(edit);
    assert_non_null(strstr(error, says));
}

static void what_is_no_parameter_of_a_device_cannot_be_opened(void **state)
{
    (void)state;
    struct rig *rig = rig_new("xt=1", NULL);

    refuse_to_open(rig, "XT1", 3000, FAMILY_XT, XC_USAGE, "user info");
    refuse_to_open(rig, "XT1", 1100, FAMILY_XT, XC_USAGE, "menu");
    refuse_to_open(rig, "XCOM", 5012, FAMILY_RCC, XC_USAGE, "this protocol");
    refuse_to_open(rig, "XCOM", 5045, FAMILY_RCC, XC_USAGE, "this protocol");
    refuse_to_open(rig, "XT.sum", 1138, FAMILY_XT, XC_USAGE, "expected a device");
    refuse_to_open(rig, "XT*", 1138, FAMILY_XT, XC_USAGE, "expected a device");
    refuse_to_open(rig, "VT1", 1138, FAMILY_XT, XC_USAGE, "expected a device");
    rig_run(rig, 10 * LOOP_S);
    assert_int_equal(rig->write_count, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_armed_watchdog_allows_only_what_is_kept),
        cmocka_unit_test(a_watchdog_of_unknown_delay_refuses_every_ram_write),
        cmocka_unit_test(what_runs_in_ram_decides_too),
        cmocka_unit_test(flash_that_is_off_in_ram_stores_nothing),
        cmocka_unit_test(one_device_of_a_group_can_forbid_it),
        cmocka_unit_test(old_firmware_takes_no_ram_and_never_flash_instead),
        cmocka_unit_test(a_version_that_makes_no_sense_is_unreadable),
        cmocka_unit_test(a_gateway_takes_ram_when_it_knows_multi_infos),
        cmocka_unit_test(saving_in_flash_can_be_switched_on_again),
        cmocka_unit_test(flash_that_stores_nothing_is_refused),
        cmocka_unit_test(worn_flash_is_warned_of),
        cmocka_unit_test(the_word_that_confirms),
        cmocka_unit_test(what_cannot_be_recorded_is_not_written),
        cmocka_unit_test(records_that_cannot_be_opened_are_tried_again_after_a_while),
        cmocka_unit_test(another_installation_under_the_sites_name_is_asked_about),
        cmocka_unit_test(a_link_without_a_sites_name_is_no_site),
        cmocka_unit_test(flash_is_not_worn_for_nothing),
        cmocka_unit_test(what_an_earlier_run_wrote_to_ram_is_told),
        cmocka_unit_test(a_restart_ends_what_an_earlier_run_wrote),
        cmocka_unit_test(what_concerns_an_undo_is_told),
        cmocka_unit_test(what_is_no_parameter_of_a_device_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
