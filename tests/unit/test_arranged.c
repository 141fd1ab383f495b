// SPDX-License-Identifier: MIT
// Pins, hidden and moved rows: what keys do to them, and that they are there the next time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_plant.h"
#include "ui/arranged.h"
#include "ui/graph.h"
#include "ui/pins.h"

static struct loop *loop;
static struct plant *plant;
static struct ui *ui;
static struct canvas canvas;
static int64_t period;

static int set_up(void **state)
{
    (void)state;
    loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    plant = fixture_new(loop, SCENE_SUNNY);
    ui = ui_new(loop, plant, &(struct ui_options){.site = "test"});
    canvas_init(&canvas, 100, 30, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    canvas_free(&canvas);
    ui_free(ui);
    fixture_free(plant);
    loop_free(loop);
    return 0;
}

static void press(const char *keys)
{
    for (; *keys; keys++) {
        unsigned key = *keys == 'L'   ? UI_KEY_LEFT
                       : *keys == 'R' ? UI_KEY_RIGHT
                       : *keys == 'D' ? UI_KEY_DOWN
                       : *keys == 'U' ? UI_KEY_UP
                                      : (unsigned char)*keys;
        assert_true(ui_key(ui, key));
        ui_draw(ui, &canvas);
    }
}

// The program ends, and begins again.
static void restart(void)
{
    ui_free(ui);
    ui = ui_new(loop, plant, &(struct ui_options){.site = "test"});
    ui_draw(ui, &canvas);
}

// The order of the inverters' first group, hidden ones with a minus.
static const char *state_rows(void)
{
    static char text[200];
    struct views_row rows[VIEWS_ROWS_MAX];
    size_t count = arranged_group(ui, FAMILY_XT, &info_groups(FAMILY_XT)[0], rows), used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count && i < 4; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u ",
                                 rows[i].hidden ? "-" : "", rows[i].id);
    return text;
}

static void rows_are_hidden_and_taken_back(void **state)
{
    (void)state;
    press("2DDx");
    assert_string_equal(state_rows(), "3028 -3010 3049 3020 ");
    restart();
    assert_string_equal(state_rows(), "3028 -3010 3049 3020 ");
    press("2");
    assert_true(fixture_wants(plant, FAMILY_XT, 1, 3049, &period));
    assert_false(fixture_wants(plant, FAMILY_XT, 1, 3010, &period));
    press("vUUUUUUDDx");
    assert_string_equal(state_rows(), "3028 3010 3049 3020 ");
    restart();
    assert_string_equal(state_rows(), "3028 3010 3049 3020 ");
    assert_int_equal(ui->arranged->counts[FAMILY_XT], 0); // as at first
}

static void rows_are_moved_within_their_group(void **state)
{
    (void)state;
    press("2DDd");
    assert_string_equal(state_rows(), "3028 3049 3010 3020 ");
    press("uuuu"); // not over the title
    assert_string_equal(state_rows(), "3010 3028 3049 3020 ");
    press("DxUd"); // over the hidden one, which isn't seen
    assert_string_equal(state_rows(), "-3028 3049 3010 3020 ");
    restart();
    assert_string_equal(state_rows(), "-3028 3049 3010 3020 ");
    press("2dx*"); // a title is no value
    assert_string_equal(state_rows(), "-3028 3049 3010 3020 ");
    assert_int_equal(ui->pins->count, 0);
}

static void pins_are_there_the_next_time(void **state)
{
    (void)state;
    press("2DR*D*1");
    assert_int_equal(ui->pins->count, 2);
    assert_true(fixture_wants(plant, FAMILY_XT, 2, 3028, &period));
    restart();
    assert_int_equal(ui->pins->count, 2);
    assert_int_equal(ui->pins->refs[0].index, 2);
    assert_int_equal(ui->pins->refs[0].id, 3028);
    press("d"); // one place back
    assert_int_equal(ui->pins->refs[1].id, 3028);
    press("d*"); // there is no farther one; off
    assert_int_equal(ui->pins->count, 1);
    assert_int_equal(ui->pins->refs[0].id, 3010);
    press("u*");
    assert_int_equal(ui->pins->count, 0);
    press("*u");
    restart();
    assert_int_equal(ui->pins->count, 0);
}

static void sums_are_pinned_and_drawn(void **state)
{
    (void)state;
    press("2RRRRRRD*g"); // the column of all together, of a state: there is no sum of that
    assert_int_equal(ui->pins->count, 0);
    press("DDDDDDDDDDDD*g");
    assert_int_equal(ui->pins->count, 1);
    assert_int_equal(ui->pins->refs[0].index, PLANT_SUM);
    assert_int_equal(ui->graph->refs[0].index, PLANT_SUM);
    press("b"); // no device
    restart();
    assert_int_equal(ui->pins->refs[0].index, PLANT_SUM);
    press("2DRRRL*");
    assert_int_equal(ui->pins->refs[1].index, 3);
}

static void there_are_so_many_pins_and_no_more(void **state)
{
    (void)state;
    press("2D*D*D*D*D*D*D*D*D*D*DD*D*");
    assert_int_equal(ui->pins->count, PINS_MAX);
    press("D*");
    assert_int_equal(ui->pins->count, PINS_MAX);
    press("U*"); // the last one off
    assert_int_equal(ui->pins->count, PINS_MAX - 1);
}

static void a_parameter_is_pinned_but_no_menu(void **state)
{
    (void)state;
    press("6*");
    assert_int_equal(ui->pins->count, 0);
    press("D*");
    assert_int_equal(ui->pins->count, 1);
    assert_true(ui->pins->refs[0].parameter);
}

// The parameters among the inverters' values.
static const char *state_added(void)
{
    static char text[200];
    struct views_row rows[VIEWS_ROWS_MAX];
    size_t count = arranged_added(ui, FAMILY_XT, rows), used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%u ", rows[i].id);
    return text;
}

static void parameters_are_added_to_the_values(void **state)
{
    (void)state;
    press("6aDaDa"); // no menu; and what is opened by it
    assert_string_equal(state_added(), "1551 1107 ");
    restart();
    assert_string_equal(state_added(), "1551 1107 ");
    press("2");
    assert_true(fixture_wants_part(plant, FAMILY_XT, 2, 1107, PART_VALUE, &period));
    press("DDu"); // over the other one, not over the title
    assert_string_equal(state_added(), "1107 1551 ");
    press("uDDDdu"); // the infos are another group
    assert_string_equal(state_rows(), "3028 3010 3049 3020 ");
    press("UUUx");
    assert_string_equal(state_added(), "1551 ");
    press("x");
    assert_string_equal(state_added(), "");
    restart();
    assert_string_equal(state_added(), "");
    assert_int_equal(ui->arranged->counts[FAMILY_XT], 0);
}

static void graphs_are_kept(void **state)
{
    (void)state;
    press("2RDgDDg");
    restart();
    assert_true(ui->graph->chosen);
    assert_int_equal(ui->graph->count, 2);
    assert_int_equal(ui->graph->refs[0].id, 3028);
    press("8u"); // the first stays the first
    press("d");
    restart();
    assert_int_equal(ui->graph->refs[1].id, 3028);
    press("8xx");
    restart();
    press("8");
    assert_int_equal(ui->graph->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_hidden_and_taken_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_are_moved_within_their_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pins_are_there_the_next_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sums_are_pinned_and_drawn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_are_so_many_pins_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parameter_is_pinned_but_no_menu, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parameters_are_added_to_the_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(graphs_are_kept, set_up, tear_down),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
