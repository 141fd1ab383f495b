// SPDX-License-Identifier: MIT
// How screens were arranged is kept for the installation, and what is kept is judged when it is
// read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "plant/views.h"
#include "plant_rig.h"
#include "store/known.h"

static char directory[64], path[96], error[VIEWS_ERROR_MAX];

static int make_place(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/xcomtop-views-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/messages.sqlite", directory);
    return 0;
}

static int remove_place(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[128];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

// The program at an installation, which it knows after a while.
static struct rig *rig_of(int guid)
{
    struct rig *rig = rig_new(2, 0, 0, false, false);

    memset(rig->guid, guid, sizeof rig->guid);
    rig_start(rig, &(struct plant_options){.messages = path});
    assert_int_equal(views_version(rig->plant), 0);
    rig_run(rig, 20 * LOOP_S);
    assert_int_not_equal(views_version(rig->plant), 0);
    return rig;
}

static const struct plant_ref chosen[] = {
    {.family = FAMILY_XT, .index = 2, .id = 3020},
    {.family = FAMILY_XT, .index = PLANT_SUM, .id = 3136},
    {.family = FAMILY_XT, .index = PLANT_AVERAGE, .id = 3000},
    {.family = FAMILY_XT, .index = 1, .parameter = true, .id = 1138},
    {.family = FAMILY_BMS, .index = 1, .id = 7002},
};
enum { CHOSEN = sizeof chosen / sizeof *chosen };

static void lists_are_kept_for_the_installation(void **state)
{
    (void)state;
    struct plant_ref refs[VIEWS_REFS_MAX];
    size_t count = 1;
    struct rig *rig = rig_of(1);

    assert_false(views_refs(rig->plant, VIEWS_PINS, refs, &count));
    assert_int_equal(count, 0);
    assert_int_equal(views_keep_refs(rig->plant, VIEWS_PINS, chosen, CHOSEN, error), XC_OK);
    assert_int_equal(views_keep_refs(rig->plant, VIEWS_GRAPHS, NULL, 0, error), XC_OK);
    rig_free(rig);

    rig = rig_of(1);
    assert_true(views_refs(rig->plant, VIEWS_PINS, refs, &count));
    assert_int_equal(count, CHOSEN);
    for (size_t i = 0; i < CHOSEN; i++) {
        assert_int_equal(refs[i].family, chosen[i].family);
        assert_int_equal(refs[i].index, chosen[i].index);
        assert_int_equal(refs[i].id, chosen[i].id);
        assert_int_equal(refs[i].parameter, chosen[i].parameter);
    }
    // Somebody has emptied that one.
    assert_true(views_refs(rig->plant, VIEWS_GRAPHS, refs, &count));
    assert_int_equal(count, 0);
    rig_free(rig);

    rig = rig_of(2);
    assert_false(views_refs(rig->plant, VIEWS_PINS, refs, &count));
    rig_free(rig);
}

static void rows_are_kept_until_they_are_as_at_first(void **state)
{
    (void)state;
    static const struct views_row kept[] = {{3010, false}, {3028, true}};
    struct views_row rows[VIEWS_ROWS_MAX];
    struct rig *rig = rig_of(1);

    assert_int_equal(views_rows(rig->plant, "XT", rows), 0);
    assert_int_equal(views_keep_rows(rig->plant, "XT", kept, 2, error), XC_OK);
    assert_true(views_readable(rig->plant));
    rig_free(rig);
    rig = rig_of(1);
    assert_int_equal(views_rows(rig->plant, "XT", rows), 2);
    assert_int_equal(rows[0].id, 3010);
    assert_false(rows[0].hidden);
    assert_int_equal(rows[1].id, 3028);
    assert_true(rows[1].hidden);
    assert_int_equal(views_rows(rig->plant, "VT", rows), 0);
    assert_int_equal(views_keep_rows(rig->plant, "XT", NULL, 0, error), XC_OK);
    assert_int_equal(views_rows(rig->plant, "XT", rows), 0);
    rig_free(rig);
}

static void what_is_unknown_or_spoiled_is_left_out(void **state)
{
    (void)state;
    struct known_owner owner = {0};
    uint8_t guid[16];
    struct plant_ref refs[VIEWS_REFS_MAX];
    struct views_row rows[VIEWS_ROWS_MAX];
    struct known *known;
    size_t count;

    rig_free(rig_of(1)); // makes the file
    assert_int_equal(known_open(path, &known, error, sizeof error), XC_OK);
    memset(guid, 1, sizeof guid);
    text_guid(owner.installation, guid);
    known_keep_view(known, &owner, "pins",
                    "XT1:3020,XT1,XT99:3000,XT1:65536,XT1:9999,XT:3000,L1:3000,,XT.sum:1138,"
                    "a-name-that-is-much-longer-than-any:3000,XT2:3021");
    known_keep_view(known, &owner, "XT", "3010,-,x,-3028,70000,--3049");
    known_close(known);

    struct rig *rig = rig_of(1);
    assert_true(views_refs(rig->plant, VIEWS_PINS, refs, &count));
    assert_int_equal(count, 2);
    assert_int_equal(refs[0].id, 3020);
    assert_int_equal(refs[1].id, 3021);
    assert_int_equal(views_rows(rig->plant, "XT", rows), 2);
    assert_int_equal(rows[1].id, 3028);
    rig_free(rig);
}

static void nothing_is_kept_for_nobody_knows_whom(void **state)
{
    (void)state;
    struct rig *rig = rig_new(2, 0, 0, false, false);

    rig_start(rig, &(struct plant_options){.messages = path});
    assert_int_equal(views_keep_refs(rig->plant, VIEWS_PINS, chosen, CHOSEN, error), XC_USAGE);
    assert_non_null(strstr(error, "isn't known yet"));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_are_kept_for_the_installation, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(rows_are_kept_until_they_are_as_at_first, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(what_is_unknown_or_spoiled_is_left_out, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(nothing_is_kept_for_nobody_knows_whom, make_place,
                                        remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
