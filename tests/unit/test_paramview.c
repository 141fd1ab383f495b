// SPDX-License-Identifier: MIT
// The parameters view: keys, search, filters, and what is read for them, over an installation that
// stands still.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_plant.h"
#include "ui/ui.h"

struct world {
    struct loop *loop;
    struct plant *plant;
    struct ui *ui;
    struct canvas canvas;
    size_t at_rest; // subscribed in the background without any filter
};

static bool press(struct world *world, unsigned key)
{
    bool goes_on = ui_key(world->ui, key);
    ui_draw(world->ui, &world->canvas);
    return goes_on;
}

static void type(struct world *world, const char *text)
{
    for (; *text; text++)
        assert_true(press(world, (unsigned char)*text));
}

static void repeat(struct world *world, unsigned key, int times)
{
    for (int i = 0; i < times; i++)
        press(world, key);
}

static struct world *open_scene(enum scene scene, int width, int height)
{
    struct world *world = calloc(1, sizeof *world);

    world->loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    world->plant = fixture_new(world->loop, scene);
    world->ui = ui_new(world->loop, world->plant, &(struct ui_options){.site = "test"});
    canvas_init(&world->canvas, width, height, false);
    world->at_rest = fixture_subscribed(world->plant, PRIORITY_BACKGROUND);
    press(world, '6');
    return world;
}

static void close_scene(struct world *world)
{
    canvas_free(&world->canvas);
    ui_free(world->ui);
    // Everything was given back.
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_SCREEN), 0);
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_BACKGROUND), 0);
    fixture_free(world->plant);
    loop_free(world->loop);
    free(world);
}

static int open_world(void **state)
{
    *state = open_scene(SCENE_SUNNY, 80, 24);
    return 0;
}

static int close_world(void **state)
{
    close_scene(*state);
    return 0;
}

static void resize(struct world *world, int width, int height)
{
    canvas_free(&world->canvas);
    canvas_init(&world->canvas, width, height, false);
    ui_draw(world->ui, &world->canvas);
}

static char *row_text(const struct world *world, int y, char *out)
{
    size_t used = 0;
    for (int x = 0; x < world->canvas.width; x++) {
        uint32_t c = world->canvas.cells[y * world->canvas.width + x].character;
        out[used++] = c < 0x80 ? (char)c : '#';
    }
    out[used] = '\0';
    return out;
}

// Rows that show a text.
static int shown(const struct world *world, const char *text)
{
    char row[512];
    int count = 0;
    for (int y = 0; y < world->canvas.height; y++)
        count += strstr(row_text(world, y, row), text) != NULL;
    return count;
}

static bool shows(const struct world *world, const char *text)
{
    return shown(world, text) > 0;
}

// The row with the cursor.
static char *selected(const struct world *world, char *out)
{
    return row_text(world, world->canvas.cursor_y, out);
}

static void assert_selected(const struct world *world, const char *text)
{
    char row[512];
    if (!strstr(selected(world, row), text))
        fail_msg("selected is: %s", row);
}

static size_t reading(const struct world *world)
{
    return fixture_subscribed(world->plant, PRIORITY_BACKGROUND) - world->at_rest;
}

// --- The tree ------------------------------------------------------------------------------------

static void what_is_visible_is_read_and_no_more(void **state)
{
    struct world *world = *state;
    int64_t period;

    assert_true(fixture_wants_part(world->plant, FAMILY_XT, 1, 1138, PART_VALUE, &period));
    assert_int_equal(period, 30 * LOOP_S);
    assert_true(fixture_wants_part(world->plant, FAMILY_XT, 3, 1138, PART_VALUE, &period));
    // Further down, folded, of another family; signals have no value.
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 1, 1286, PART_VALUE, &period));
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 1, 1108, PART_VALUE, &period));
    assert_false(fixture_wants_part(world->plant, FAMILY_VT, 1, 10009, PART_VALUE, &period));
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 1, 1395, PART_VALUE, &period));
    // Limits of the selected one only, of the chosen device only.
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 1, 1138, PART_MIN, &period));
    repeat(world, UI_KEY_DOWN, 3);
    press(world, UI_KEY_RIGHT);
    assert_selected(world, "1138");
    assert_true(fixture_wants_part(world->plant, FAMILY_XT, 2, 1138, PART_MIN, &period));
    assert_true(fixture_wants_part(world->plant, FAMILY_XT, 2, 1138, PART_MAX, &period));
    assert_true(fixture_wants_part(world->plant, FAMILY_XT, 2, 1138, PART_VALUE, &period));
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 1, 1138, PART_MIN, &period));
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 2, 1107, PART_MIN, &period));
    // One device alone.
    press(world, 's');
    assert_true(fixture_wants_part(world->plant, FAMILY_XT, 2, 1107, PART_VALUE, &period));
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 1, 1107, PART_VALUE, &period));
    press(world, '1');
    assert_false(fixture_wants_part(world->plant, FAMILY_XT, 2, 1107, PART_VALUE, &period));
}

static void limits_are_named_by_where_they_come_from(void **state)
{
    struct world *world = *state;

    repeat(world, UI_KEY_DOWN, 3);
    assert_true(shows(world, "0 to 200 A in steps of 1, from the tables, not read yet"));
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "0 to 200 A in steps of 1, read from XT1; factory 60 A"));
    // The fixture's devices tell none for this one.
    type(world, "/1140");
    press(world, UI_KEY_ENTER);
    resize(world, 120, 24);
    assert_true(shows(world, "from the tables, since XT1 tells none"));
}

static void menus_fold_and_keep_the_selection(void **state)
{
    struct world *world = *state;

    press(world, UI_KEY_DOWN);
    press(world, UI_KEY_UP);
    assert_selected(world, "1100");
    press(world, UI_KEY_ENTER);
    assert_selected(world, "1100");
    assert_false(shows(world, "1107 "));
    press(world, ' ');
    assert_true(shows(world, "1107 "));
    // A row that is folded away leaves the selection to its menu.
    press(world, UI_KEY_DOWN);
    press(world, '-');
    assert_selected(world, "1100");
    press(world, '+');
    assert_selected(world, "1551");
}

static void a_menu_that_is_there_twice_folds_by_its_place(void **state)
{
    struct world *world = open_scene(SCENE_SUNNY, 120, 60);

    (void)state;
    press(world, ']');
    press(world, ']');
    press(world, '-');
    repeat(world, UI_KEY_DOWN, 2);
    press(world, UI_KEY_ENTER);
    assert_selected(world, "14037");
    repeat(world, UI_KEY_DOWN, 3);
    assert_selected(world, "14194");
    press(world, UI_KEY_ENTER);
    press(world, UI_KEY_DOWN);
    repeat(world, UI_KEY_DOWN, 3);
    assert_selected(world, "14180");
    press(world, UI_KEY_ENTER);
    assert_true(shows(world, "14043 ") && !shows(world, "14197 "));
    repeat(world, UI_KEY_DOWN, 14);
    assert_selected(world, "14195");
    press(world, UI_KEY_ENTER);
    assert_int_equal(shown(world, "14180 "), 2);
    assert_false(shows(world, "14197 "));
    repeat(world, UI_KEY_DOWN, 2);
    press(world, UI_KEY_ENTER);
    assert_true(shows(world, "14043 ") && shows(world, "14197 "));
    // In the detail it is told where else it is.
    assert_true(shows(world, "also in SYSTEM / Configuration for VS-120"));
    close_scene(world);
}

static void the_list_scrolls_to_both_ends(void **state)
{
    struct world *world = *state;

    press(world, UI_KEY_END);
    assert_true(shows(world, "147 of 147"));
    press(world, UI_KEY_PAGE_UP);
    assert_true(shows(world, "134 of 147"));
    press(world, UI_KEY_HOME);
    assert_selected(world, "1100");
    press(world, UI_KEY_PAGE_DOWN);
    assert_true(shows(world, "14 of 147"));
    resize(world, 40, 12);
    press(world, UI_KEY_DOWN);
    ui_draw(world->ui, &world->canvas);
    assert_true(world->canvas.cursor_y >= 2 && world->canvas.cursor_y <= 9);
}

static void brackets_choose_the_family_and_come_back_to_the_row(void **state)
{
    struct world *world = *state;

    repeat(world, UI_KEY_DOWN, 4);
    press(world, ']');
    assert_true(shows(world, "10000"));
    press(world, ']');
    assert_true(shows(world, "14000"));
    press(world, ']');
    assert_true(shows(world, "6000"));
    press(world, ']');
    assert_true(shows(world, "5000") && shows(world, "XCOM"));
    press(world, ']');
    assert_selected(world, "1126");
    press(world, '[');
    assert_true(shows(world, "5000"));
}

static void devices_are_chosen_within_their_family(void **state)
{
    struct world *world = *state;

    repeat(world, UI_KEY_DOWN, 3);
    assert_true(shows(world, "XT1 # basic"));
    press(world, 'l');
    assert_true(shows(world, "XT2 # basic"));
    repeat(world, UI_KEY_RIGHT, 5);
    assert_true(shows(world, "XT3 # basic"));
    repeat(world, 'h', 5);
    assert_true(shows(world, "XT1 # basic"));
}

static void values_that_differ_and_ram_have_signs(void **state)
{
    struct world *world = *state;
    char row[512];

    repeat(world, UI_KEY_DOWN, 2);
    assert_non_null(strstr(selected(world, row), "32       #16        32"));
    press(world, UI_KEY_DOWN);
    assert_non_null(strstr(selected(world, row), "60      #~45        60"));
    repeat(world, UI_KEY_DOWN, 2);
    // What may be in RAM is no reason to point at the others.
    assert_non_null(strstr(selected(world, row), "~no?      yes       yes"));
    assert_true(shows(world, "~no perhaps in RAM: XT1 may have restarted"));
    repeat(world, UI_KEY_UP, 2);
    press(world, UI_KEY_RIGHT);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "~45 A in RAM until XT2 restarts; flash: 60 A"));
    assert_true(shows(world, "differs from XT1: 60 A"));
    assert_true(shows(world, "12 writes recorded here; 1000 are guaranteed"));
    // One device alone has none to be compared with.
    press(world, 's');
    assert_false(shows(world, "differs from"));
}

static void defaults_are_those_of_the_installations_battery(void **state)
{
    struct world *world = open_scene(SCENE_FEEDING, 80, 24);

    (void)state;
    type(world, "/1140");
    assert_true(shows(world, "27.2     27.2"));
    press(world, UI_KEY_ENTER);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "factory 27.2 V at 24 V"));
    close_scene(world);
}

// --- Search --------------------------------------------------------------------------------------

static void in_the_field_keys_are_text(void **state)
{
    struct world *world = *state;

    press(world, '/');
    type(world, "q1jk?hl+[P s");
    assert_int_equal(ui_view(world->ui), VIEW_PARAMETERS);
    assert_true(shows(world, "/q1jk?hl+[P s"));
    assert_false(plant_paused(world->plant));
    repeat(world, UI_KEY_BACKSPACE, 11);
    assert_true(shows(world, "/q "));
    assert_false(shows(world, "/q1"));
    press(world, UI_KEY_ERASE_LINE);
    assert_true(shows(world, "/ "));
    type(world, "q");
    // Those that aren't characters are what they always are.
    press(world, UI_KEY_F1);
    assert_true(shows(world, "Help"));
    press(world, UI_KEY_ESCAPE);
    assert_true(shows(world, "/q "));
    assert_false(press(world, UI_KEY_F10));
}

static void the_field_holds_whole_characters(void **state)
{
    struct world *world = *state;

    press(world, '/');
    type(world, "a");
    press(world, 0x20AC); // three bytes
    press(world, 0x1F50B);
    press(world, 0x9B); // a control
    press(world, 0x202E);
    assert_true(shows(world, "/a##"));
    press(world, UI_KEY_BACKSPACE);
    press(world, UI_KEY_BACKSPACE);
    type(world, "b");
    assert_true(shows(world, "/ab "));
    repeat(world, UI_KEY_BACKSPACE, 5);
    assert_true(shows(world, " / "));
    // Full is full, and what fits isn't broken.
    repeat(world, 0x20AC, 100);
    resize(world, 40, 12);
    for (int i = 0; i < world->canvas.width * world->canvas.height; i++)
        assert_int_not_equal(world->canvas.cells[i].character, 0xFFFD);
    repeat(world, UI_KEY_BACKSPACE, 21);
    assert_true(shows(world, " / "));
    repeat(world, 'a', 100);
    repeat(world, UI_KEY_BACKSPACE, 63);
    assert_true(shows(world, " / "));
}

static void all_words_must_match(void **state)
{
    struct world *world = *state;

    type(world, "/absorption");
    assert_true(shows(world, "43 found"));
    type(world, " VOLT");
    assert_true(shows(world, "4 found"));
    assert_true(shows(world, "1156 ") && shows(world, "Xtender"));
    type(world, " xyzzy");
    assert_true(shows(world, "0 found"));
    assert_true(shows(world, "No parameter has all of these words"));
}

static void numbers_and_options_are_searched_in_all_families(void **state)
{
    struct world *world = open_scene(SCENE_SUNNY, 120, 40);

    (void)state;
    type(world, "/1138");
    assert_true(shows(world, "1 found"));
    assert_selected(world, "/1138");
    press(world, UI_KEY_ENTER);
    assert_selected(world, "1138 Battery charge current");
    // In two menus, but found once.
    assert_int_equal(shown(world, "1138 Battery charge current"), 2); // the row and the detail
    press(world, UI_KEY_ESCAPE);
    type(world, "/reversed auto");
    press(world, UI_KEY_ENTER);
    assert_selected(world, "1202 Operating mode (AUX 1)");
    assert_true(shows(world, "10089") && shows(world, "14071"));
    assert_true(shows(world, "VarioTrack") && shows(world, "VarioString"));
    press(world, ']');
    assert_selected(world, "VarioTrack");
    press(world, UI_KEY_ENTER);
    assert_false(shows(world, "10089"));
    close_scene(world);
}

static void a_search_is_kept_or_left(void **state)
{
    struct world *world = *state;

    repeat(world, UI_KEY_DOWN, 5);
    assert_selected(world, "1124");
    type(world, "/floating");
    press(world, UI_KEY_DOWN);
    press(world, UI_KEY_ENTER);
    assert_selected(world, "1467");
    press(world, 'j');
    assert_selected(world, "1170");
    press(world, UI_KEY_ESCAPE);
    assert_selected(world, "1124");
    // Left while typing; nothing searched for.
    type(world, "/floating");
    press(world, UI_KEY_ESCAPE);
    assert_selected(world, "1124");
    press(world, '/');
    press(world, UI_KEY_ENTER);
    assert_selected(world, "1124");
    assert_true(shows(world, "356 parameters"));
}

// --- Filters -------------------------------------------------------------------------------------

static void levels_are_shown_up_to_one(void **state)
{
    struct world *world = *state;

    press(world, 'v');
    assert_true(shows(world, "only up to basic"));
    assert_true(shows(world, "1107 ") && !shows(world, "1125 ") && !shows(world, "1287 "));
    press(world, 'v');
    assert_true(shows(world, "only up to expert"));
    assert_true(shows(world, "1125 ") && !shows(world, "1287 "));
    press(world, 'v');
    assert_true(shows(world, "only up to installer"));
    assert_true(shows(world, "1287 "));
    assert_false(shows(world, "1615 "));
    press(world, 'v');
    assert_true(shows(world, "356 parameters"));
    press(world, 'v');
    press(world, UI_KEY_ESCAPE);
    assert_true(shows(world, "356 parameters"));
}

static void a_filter_says_its_cost_and_reads_when_it_may(void **state)
{
    struct world *world = *state;

    press(world, 'x');
    // A seventh of the settings of three devices wasn't read; 24 ms each.
    assert_true(shows(world, "only differs between devices needs 148 reads, about 4 s"));
    assert_int_equal(reading(world), 0);
    // Other keys don't answer.
    press(world, 'x');
    press(world, '1');
    assert_int_equal(reading(world), 0);
    press(world, 'n');
    assert_true(shows(world, "356 parameters"));
    assert_int_equal(reading(world), 0);
    press(world, 'x');
    press(world, 'y');
    assert_int_equal(reading(world), 148);
    assert_true(shows(world, "0 of 148 read"));
    fixture_answer(world->plant, 100);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "100 of 148 read"));
    press(world, UI_KEY_ESCAPE);
    assert_int_equal(reading(world), 0);
    assert_true(shows(world, "! 48 not read"));
    assert_true(shows(world, "only differs between devices"));
    // Off and on again: only what is left.
    press(world, 'x');
    press(world, 'x');
    assert_true(shows(world, "48 reads, about 1 s"));
    press(world, UI_KEY_ENTER);
    fixture_answer(world->plant, 20);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "20 of 48 read"));
    press(world, UI_KEY_ESCAPE);
    press(world, UI_KEY_ESCAPE);
    assert_true(shows(world, "356 parameters"));
}

static void a_reading_ends_by_itself(void **state)
{
    struct world *world = *state;

    press(world, ']');
    press(world, 'd');
    press(world, 'y');
    assert_true(reading(world) > 0);
    fixture_answer(world->plant, 1000);
    ui_draw(world->ui, &world->canvas);
    assert_int_equal(reading(world), 0);
    assert_true(shows(world, "only changed from default  2"));
    assert_false(shows(world, "not read"));
    // Another family wasn't read yet: the same filter asks again.
    press(world, ']');
    assert_true(shows(world, "only changed from default needs"));
    press(world, 'n');
    assert_true(shows(world, "174 parameters"));
}

static void one_device_costs_less(void **state)
{
    struct world *world = *state;

    press(world, 's');
    press(world, 'd');
    assert_true(shows(world, "needs 49 reads"));
    press(world, 'n');
    // Comparing needs all of them.
    press(world, 'x');
    assert_true(shows(world, "needs 148 reads"));
}

static void a_single_device_costs_nothing_to_compare(void **state)
{
    struct world *world = *state;

    press(world, ']');
    press(world, ']');
    press(world, 'x');
    assert_false(shows(world, "needs"));
    assert_true(shows(world, "No parameter of this family passes the filters."));
}

static void only_what_is_changed_is_shown(void **state)
{
    struct world *world = open_scene(SCENE_SUNNY, 120, 60);

    (void)state;
    press(world, 'd');
    press(world, 'y');
    fixture_answer(world->plant, 1000);
    ui_draw(world->ui, &world->canvas);
    // In flash, in RAM, and perhaps in RAM; of one device and of all.
    assert_true(shows(world, "1107 ") && shows(world, "1138 ") && shows(world, "1124 "));
    assert_true(shows(world, "1140 ") && shows(world, "1565 "));
    assert_false(shows(world, "1126 "));
    // Signals, and what a device refuses, are nothing that could be changed from default.
    assert_false(shows(world, "1395 ") || shows(world, "1646 "));
    // Differs as well: what all devices have alike goes.
    press(world, 'x');
    press(world, 'y'); // the one that isn't answered yet
    assert_true(shows(world, "changed from default, differs between devices"));
    assert_true(shows(world, "1107 ") && !shows(world, "1140 "));
    press(world, UI_KEY_ESCAPE);
    press(world, 'r');
    assert_true(shows(world, "only changed by me  3"));
    assert_true(shows(world, "1140 ") && !shows(world, "1107 "));
    close_scene(world);
}

static void changed_by_me_follows_the_records_of_the_chosen_device(void **state)
{
    struct world *world = *state;

    press(world, 'r');
    assert_true(shows(world, "1138 ") && shows(world, "1140 "));
    assert_int_equal(reading(world), 0);
    press(world, 's');
    assert_false(shows(world, "1138 "));
    assert_true(shows(world, "1140 "));
    press(world, UI_KEY_RIGHT);
    assert_true(shows(world, "1138 "));
    assert_false(shows(world, "1140 "));
}

static void filters_hold_in_a_searchs_result(void **state)
{
    struct world *world = *state;

    press(world, 'v');
    type(world, "/inverter");
    assert_true(shows(world, "1124 ") && !shows(world, "1112 "));
    press(world, UI_KEY_ENTER);
    assert_true(shows(world, "/inverter  up to basic"));
    repeat(world, 'v', 3);
    press(world, UI_KEY_ESCAPE);
    type(world, "/1124");
    press(world, UI_KEY_ENTER);
    press(world, 'x');
    assert_false(shows(world, "needs")); // what was found has all been read
    press(world, UI_KEY_ESCAPE);
    // The tree isn't read yet.
    assert_true(shows(world, "needs"));
}

static void the_selected_row_stays_while_the_list_fills(void **state)
{
    struct world *world = *state;
    char row[512];

    resize(world, 40, 12);
    press(world, 'd');
    press(world, 'y');
    press(world, UI_KEY_END);
    repeat(world, UI_KEY_UP, 3);
    assert_false(shows(world, "1109 "));
    int y = world->canvas.cursor_y;
    snprintf(row, sizeof row, "%.5s", selected(world, (char[512]){0}) + 1);
    for (int i = 0; i < 6; i++) {
        fixture_answer(world->plant, 25);
        ui_draw(world->ui, &world->canvas);
        assert_selected(world, row);
        assert_int_equal(world->canvas.cursor_y, y);
    }
    // Rows have come in above it meanwhile.
    repeat(world, UI_KEY_UP, 9);
    assert_true(shows(world, "1109 "));
}

static void a_gone_device_is_neither_read_nor_compared(void **state)
{
    struct world *world = open_scene(SCENE_TROUBLE, 80, 24);

    (void)state;
    press(world, 'x');
    assert_true(shows(world, "needs 98 reads"));
    press(world, 'y');
    fixture_answer(world->plant, 1000);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "1107 "));
    assert_false(shows(world, "1565 ")); // only the one that has gone had something else
    close_scene(world);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(what_is_visible_is_read_and_no_more),
        WORLD_TEST(limits_are_named_by_where_they_come_from),
        WORLD_TEST(menus_fold_and_keep_the_selection),
        cmocka_unit_test(a_menu_that_is_there_twice_folds_by_its_place),
        WORLD_TEST(the_list_scrolls_to_both_ends),
        WORLD_TEST(brackets_choose_the_family_and_come_back_to_the_row),
        WORLD_TEST(devices_are_chosen_within_their_family),
        WORLD_TEST(values_that_differ_and_ram_have_signs),
        cmocka_unit_test(defaults_are_those_of_the_installations_battery),
        WORLD_TEST(in_the_field_keys_are_text),
        WORLD_TEST(the_field_holds_whole_characters),
        WORLD_TEST(all_words_must_match),
        cmocka_unit_test(numbers_and_options_are_searched_in_all_families),
        WORLD_TEST(a_search_is_kept_or_left),
        WORLD_TEST(levels_are_shown_up_to_one),
        WORLD_TEST(a_filter_says_its_cost_and_reads_when_it_may),
        WORLD_TEST(a_reading_ends_by_itself),
        WORLD_TEST(one_device_costs_less),
        WORLD_TEST(a_single_device_costs_nothing_to_compare),
        cmocka_unit_test(only_what_is_changed_is_shown),
        WORLD_TEST(changed_by_me_follows_the_records_of_the_chosen_device),
        WORLD_TEST(filters_hold_in_a_searchs_result),
        WORLD_TEST(the_selected_row_stays_while_the_list_fills),
        cmocka_unit_test(a_gone_device_is_neither_read_nor_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
