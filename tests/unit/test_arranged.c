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
#include "ui/columns.h"
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

// A table's columns by what they are of; hidden ones with a minus.
static const char *state_columns(enum device_table_id id)
{
    static char text[400];
    struct column list[COLUMNS_MAX];
    size_t count = columns_list(ui, &device_tables[id], list), used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u:%u ",
                                 list[i].hidden ? "-" : "", list[i].ids[0], list[i].ids[1]);
    return text;
}

#define XT_COLUMNS                                                                                 \
    "3028:0 3010:0 3000:0 3005:0 3011:0 3137:0 3021:0 3136:0 3139:0 3081:0 3083:0 3104:0 "
#define BSP_COLUMNS "7002:7002 7000:7000 7001:7001 7003:7003 7007:7007 7008:7008 7029:7029 "

static void columns_are_hidden_and_moved(void **state)
{
    (void)state;
    assert_string_equal(state_columns(TABLE_XTENDER), XT_COLUMNS);
    press("cDDx");
    restart();
    assert_string_equal(state_columns(TABLE_XTENDER),
                        "3028:0 3010:0 -3000:0 3005:0 3011:0 3137:0 3021:0 3136:0 3139:0 3081:0 "
                        "3083:0 3104:0 ");
    press("cUuddu"); // the first one stays; then it goes two places back, and one forward
    restart();
    assert_string_equal(state_columns(TABLE_XTENDER),
                        "3010:0 3028:0 -3000:0 3005:0 3011:0 3137:0 3021:0 3136:0 3139:0 3081:0 "
                        "3083:0 3104:0 ");
    press("cDuDDx"); // as at first
    restart();
    assert_string_equal(state_columns(TABLE_XTENDER), XT_COLUMNS);
    press("c");
    assert_true(ui_key(ui, UI_KEY_END));
    assert_true(ui_key(ui, 'd')); // nothing is behind the last one
    assert_string_equal(state_columns(TABLE_XTENDER), XT_COLUMNS);
}

static void values_become_columns(void **state)
{
    (void)state;
    canvas_free(&canvas);
    canvas_init(&canvas, 160, 30, false);
    press("2DDDc1");
    assert_string_equal(state_columns(TABLE_XTENDER), XT_COLUMNS "3049:0 ");
    assert_true(fixture_wants(plant, FAMILY_XT, 3, 3049, &period));
    restart();
    assert_string_equal(state_columns(TABLE_XTENDER), XT_COLUMNS "3049:0 ");
    press("2c"); // a title
    press("Dc"); // one of the table's own
    assert_int_equal(strncmp(state_columns(TABLE_XTENDER), "-3028:0 ", 8), 0);
    press("cDDc"); // … is back; the added one goes
    assert_string_equal(state_columns(TABLE_XTENDER), XT_COLUMNS);
    press("5DDDDDDc");
    assert_string_equal(state_columns(TABLE_BATTERY), BSP_COLUMNS "7004:0 ");
}

static void a_parameter_becomes_a_column(void **state)
{
    (void)state;
    press("6Da2Dc1");
    assert_string_equal(state_columns(TABLE_XTENDER), XT_COLUMNS "1551:0 ");
    assert_true(fixture_wants_part(plant, FAMILY_XT, 2, 1551, PART_VALUE, &period));
}

// VT and VS share a table: the same value of both is one column.
static void columns_of_two_families_go_together(void **state)
{
    (void)state;
    static const struct {
        enum family family;
        uint16_t id;
        const char *column;
    } added[] = {
        {FAMILY_VT, 11066, "11066:15051 "}, // the same name
        {FAMILY_VS, 15050, "0:15050 "},     // the same short name as that one
        {FAMILY_VS, 15020, "11008:15020 "}, // only the same short name and unit
        {FAMILY_VS, 15057, "11040:15057 "}, // the same name; its short name is another's, too
        {FAMILY_VS, 15005, "0:15005 "},     // none has it
        {FAMILY_VT, 11088, "11088:0 "},
    };

    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        struct plant_ref ref = {.family = added[i].family, .index = 1, .id = added[i].id};
        columns_toggle(ui, &ref);
        const char *columns = state_columns(TABLE_SOLAR);
        size_t length = strlen(columns), wanted = strlen(added[i].column);
        assert_true(length > wanted);
        assert_string_equal(columns + length - wanted, added[i].column);
        assert_true(columns_has(ui, &ref));
    }
    columns_toggle(ui, &(struct plant_ref){.family = FAMILY_VS, .index = 1, .id = 15051});
    assert_false(columns_has(ui, &(struct plant_ref){.family = FAMILY_VT, .id = 11066}));
}

static void toggle_column(enum family family, unsigned id)
{
    columns_toggle(ui, &(struct plant_ref){.family = family, .index = 1, .id = (uint16_t)id});
}

// Whatever is chosen, of VT or VS: the column is of it, in its unit, and either takes it out.
static void every_value_is_a_column_of_its_own(void **state)
{
    const struct datapoint *datapoint, *other;
    struct column list[COLUMNS_MAX];

    (void)state;
    for (size_t i = 0; (datapoint = catalogue_at(i)); i++) {
        enum family family = datapoint_family(datapoint);
        const struct device_table *table = device_table_of(family);
        unsigned id = datapoint_id(datapoint);
        if (!table || family == FAMILY_BMS || !views_has_value(datapoint) ||
            columns_has(ui, &(struct plant_ref){.family = family, .id = (uint16_t)id}))
            continue;
        size_t former = columns_list(ui, table, list);
        toggle_column(family, id);
        assert_int_equal(columns_list(ui, table, list), former + 1);
        const struct column *column = &list[former];
        int f = family == table->families[1];
        assert_int_equal(column->ids[f], id);
        restart();
        if (column->ids[!f] != 0) {
            other = catalogue_find(table->families[!f], column->ids[!f]);
            assert_string_equal(datapoint_short_unit(other), datapoint_short_unit(datapoint));
            assert_int_equal(datapoint_encoding(other), datapoint_encoding(datapoint));
            toggle_column(table->families[!f], column->ids[!f]);
        } else {
            toggle_column(family, id);
        }
        assert_int_equal(columns_list(ui, table, list), former);
    }
}

// Of two with one short name and unit neither is headed by it.
static void headings_are_told_apart(void **state)
{
    (void)state;
    struct column list[COLUMNS_MAX];

    toggle_column(FAMILY_XT, 3004);
    toggle_column(FAMILY_XT, 3012);
    size_t count = columns_list(ui, &device_tables[TABLE_XTENDER], list);
    assert_string_equal(list[count - 2].title, "3004 A");
    assert_string_equal(list[count - 1].title, "I in A");
}

static void what_leads_a_line_stays_before_what_is_added(void **state)
{
    (void)state;
    struct column list[COLUMNS_MAX];
    bool fits[COLUMNS_MAX];

    toggle_column(FAMILY_XT, 3049);
    toggle_column(FAMILY_XT, 3020);
    size_t count = columns_list(ui, &device_tables[TABLE_XTENDER], list);
    columns_fit(list, count, 40, fits);
    assert_true(fits[0] && fits[count - 2]);
    assert_false(fits[1] || fits[count - 1]);
}

static void the_trend_goes_on_without_its_column(void **state)
{
    (void)state;
    canvas_free(&canvas);
    canvas_init(&canvas, 130, 36, false);
    press("cDDDDDDDx");
    assert_true(ui_key(ui, UI_KEY_ESCAPE));
    restart();
    press("1");
    assert_int_equal(strncmp(state_columns(TABLE_XTENDER) + strlen(XT_COLUMNS) -
                                 strlen("3136:0 3139:0 3081:0 3083:0 3104:0 "),
                             "-3136:0", 7),
                     0);
    assert_true(fixture_wants(plant, FAMILY_XT, 1, 3136, &period));
}

// Another program has changed them meanwhile.
static void columns_of_two_screens_are_not_lost(void **state)
{
    (void)state;
    struct ui *other = ui_new(loop, plant, &(struct ui_options){.site = "test"});

    ui_draw(other, &canvas);
    press("c");
    columns_toggle(other, &(struct plant_ref){.family = FAMILY_XT, .index = 1, .id = 3049});
    press("x");
    columns_hide(other, &device_tables[TABLE_XTENDER], 3010);
    ui_free(other);
    restart();
    assert_string_equal(state_columns(TABLE_XTENDER),
                        "-3028:0 -3010:0 3000:0 3005:0 3011:0 3137:0 3021:0 3136:0 3139:0 3081:0 "
                        "3083:0 3104:0 3049:0 ");
}

// The same of pins and rows.
static void what_two_screens_arrange_is_not_lost(void **state)
{
    (void)state;
    struct ui *other = ui_new(loop, plant, &(struct ui_options){.site = "test"});
    struct plant_ref first = {.family = FAMILY_XT, .index = 1, .id = 3028};
    struct plant_ref second = {.family = FAMILY_XT, .index = 2, .id = 3010};

    ui_draw(other, &canvas);
    pins_toggle(ui, &first);
    pins_toggle(other, &second);
    arranged_hide(ui, FAMILY_XT, 3028);
    arranged_hide(other, FAMILY_XT, 3010);
    assert_int_equal(other->pins->count, 2);
    press("1*");                       // the first
    pins_act(other, ACTION_MOVE_DOWN); // it isn't there any more
    ui_free(other);
    restart();
    assert_int_equal(ui->pins->count, 1);
    assert_int_equal(ui->pins->refs[0].id, 3010);
    assert_string_equal(state_rows(), "-3028 -3010 3049 3020 ");
}

static void so_many_columns_are_added_and_no_more(void **state)
{
    (void)state;
    for (unsigned id = 3090; id < 3090 + COLUMNS_ADDED_MAX + 2; id++)
        columns_toggle(ui,
                       &(struct plant_ref){.family = FAMILY_XT, .index = 1, .id = (uint16_t)id});
    assert_true(columns_has(ui, &(struct plant_ref){.family = FAMILY_XT, .id = 3097}));
    assert_false(columns_has(ui, &(struct plant_ref){.family = FAMILY_XT, .id = 3098}));
    ui_draw(ui, &canvas);
}

static void spoiled_columns_are_left_out(void **state)
{
    (void)state;
    struct views_row rows[VIEWS_ROWS_MAX] = {{7003, false},  {7003, true},  {7009, true},
                                             {65000, false}, {3028, false}, {6000, false}};
    char error[VIEWS_ERROR_MAX];

    for (size_t i = 6; i < VIEWS_ROWS_MAX; i++)
        rows[i] = (struct views_row){(uint16_t)(6000 + i), false};
    views_keep_rows(plant, device_tables[TABLE_BATTERY].name, rows, VIEWS_ROWS_MAX, error);
    restart();
    assert_string_equal(
        state_columns(TABLE_BATTERY),
        "7003:7003 7009:7009 6000:0 6016:0 6017:0 6018:0 6019:0 7002:7002 7000:7000 "
        "7001:7001 7007:7007 7008:7008 7029:7029 ");
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
        cmocka_unit_test_setup_teardown(columns_are_hidden_and_moved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_become_columns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parameter_becomes_a_column, set_up, tear_down),
        cmocka_unit_test_setup_teardown(columns_of_two_families_go_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_value_is_a_column_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(headings_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_leads_a_line_stays_before_what_is_added, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_trend_goes_on_without_its_column, set_up, tear_down),
        cmocka_unit_test_setup_teardown(columns_of_two_screens_are_not_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_two_screens_arrange_is_not_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(so_many_columns_are_added_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spoiled_columns_are_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(graphs_are_kept, set_up, tear_down),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
