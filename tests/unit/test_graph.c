// SPDX-License-Identifier: MIT
// The graphs: which values are in them, which time, and what is sent when nothing changes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_plant.h"
#include "ui/graph.h"
#include "ui/pins.h"

static struct loop *loop;
static struct plant *plant;
static struct ui *ui;
static struct canvas canvas;

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
                       : *keys == 'Z' ? UI_KEY_END
                       : *keys == 'H' ? UI_KEY_HOME
                       : *keys == 'N' ? UI_KEY_PAGE_DOWN
                       : *keys == 'P' ? UI_KEY_PAGE_UP
                       : *keys == '^' ? UI_KEY_ESCAPE
                                      : (unsigned char)*keys;
        assert_true(ui_key(ui, key));
        ui_draw(ui, &canvas);
    }
}

static int64_t until(void)
{
    const struct graph_window *window = &ui->graph->window;
    return window->from + window->length * (int64_t)window->columns;
}

static void a_value_is_pinned_from_here(void **state)
{
    (void)state;
    press("8D*"); // one of the main values, which nobody has chosen
    assert_int_equal(ui->pins->count, 1);
    assert_true(pins_has(ui, &ui->graph->refs[1]));
    assert_non_null(strstr(ui->notice, "pinned to the overview"));
    assert_false(ui->graph->chosen);
    press("1");
    press("8*");
    assert_int_equal(ui->pins->count, 0);
    assert_non_null(strstr(ui->notice, "taken off the overview"));
    press("2Dg8x*"); // an empty list
    assert_int_equal(ui->pins->count, 0);
}

static void main_values_come_by_themselves(void **state)
{
    (void)state;
    press("8");
    assert_int_equal(ui->graph->count, 5);
    assert_false(ui->graph->chosen);
    // One that is chosen replaces them.
    press("2Dg8");
    assert_int_equal(ui->graph->count, 1);
    assert_int_equal(ui->graph->refs[0].id, 3028);
    press("x");
    assert_int_equal(ui->graph->count, 0);
    press("18");
    assert_int_equal(ui->graph->count, 0);
}

static void g_takes_in_and_out(void **state)
{
    (void)state;
    press("2Dg");
    assert_non_null(strstr(ui->notice, "in the graphs (8) as 1: XT1 3028"));
    press("RDgDgDgDgDg");
    assert_int_equal(ui->graph->count, 6);
    press("Dg");
    assert_int_equal(ui->graph->count, 6);
    assert_non_null(strstr(ui->notice, "6 values"));
    press("?");
    assert_string_equal(ui->notice, "");
    press("?2");
    // Back on the one but last: out.
    ui->families[VIEW_XT].rows.selected--;
    press("g");
    assert_non_null(strstr(ui->notice, "taken out"));
    assert_int_equal(ui->graph->count, 5);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    // Half of a software version.
    graph_toggle(ui, &(struct plant_ref){.family = FAMILY_XT, .index = 1, .id = 3130});
    assert_non_null(strstr(ui->notice, "no number"));
    assert_false(ui->graph->chosen);
    press("2Hg");
    assert_non_null(strstr(ui->notice, "title"));
}

static void a_parameter_can_be_drawn(void **state)
{
    (void)state;
    press("6DDDg");
    assert_int_equal(ui->graph->count, 1);
    assert_true(ui->graph->refs[0].parameter);
    press("8");
    int64_t period;
    assert_true(
        fixture_wants_part(plant, FAMILY_XT, 1, ui->graph->refs[0].id, PART_VALUE, &period));
    assert_int_equal(period, 30 * LOOP_S);
}

static void a_device_s_power_comes_from_the_overview(void **state)
{
    (void)state;
    press("1DDDg8");
    assert_int_equal(ui->graph->count, 1);
    assert_int_equal(ui->graph->refs[0].family, FAMILY_VT);
    assert_int_equal(ui->graph->refs[0].id, 11004);
    // All of the family, and one again.
    press("s");
    assert_int_equal(ui->graph->refs[0].index, PLANT_SUM);
    press("s");
    assert_int_equal(ui->graph->refs[0].index, 1);
}

static void they_are_polled_while_other_views_are_shown(void **state)
{
    (void)state;
    size_t before = fixture_subscribed(plant, PRIORITY_BACKGROUND);
    press("2DDDg");
    assert_int_equal(fixture_subscribed(plant, PRIORITY_BACKGROUND), before + 1);
    press("81");
    assert_int_equal(fixture_subscribed(plant, PRIORITY_BACKGROUND), before + 1);
    press("8x1");
    assert_int_equal(fixture_subscribed(plant, PRIORITY_BACKGROUND), before);
}

static void the_order_can_be_changed(void **state)
{
    (void)state;
    press("2DgDgDg8");
    uint16_t first = ui->graph->refs[0].id, second = ui->graph->refs[1].id;
    press("d");
    assert_int_equal(ui->graph->refs[0].id, second);
    assert_int_equal(ui->graph->refs[1].id, first);
    assert_int_equal(ui->graph->rows.selected, 1);
    press("uuu");
    assert_int_equal(ui->graph->refs[0].id, first);
    press("Dx");
    assert_int_equal(ui->graph->count, 2);
    assert_int_equal(ui->graph->refs[0].id, first);
}

static void time_goes_on_by_whole_columns(void **state)
{
    (void)state;
    press("8");
    int64_t together = 2 * ui->graph->window.length, end = until();
    assert_true(end <= fixture_wall && end > fixture_wall - together);
    assert_int_equal(end % together, 0);
    for (int s = 0; s < 120; s++) {
        loop_run_until(loop, loop_now(loop) + LOOP_S);
        ui_draw(ui, &canvas);
        int64_t now = loop_wall(loop);
        assert_true(until() <= now && until() > now - together);
    }
    assert_true(until() > end);
}

// What was kept when the window moved is what is read anew.
static void what_moves_along_is_as_if_read(void **state)
{
    (void)state;
    press("8");
    struct graph *graph = ui->graph;
    struct span anew[1024];

    srand(3);
    for (int n = 0; n < 60; n++) {
        static const char *const keys[] = {"L", "R", "P", "N", "Z", "L",
                                           "L", ",", "<", ">", "+", "-"};
        press(keys[rand() % 12]);
        loop_run_until(loop, loop_now(loop) + 7 * LOOP_S);
        ui_draw(ui, &canvas);
        for (size_t i = 0; i < graph->count; i++) {
            plant_spans(plant, &graph->refs[i], graph->window.from, until(), anew,
                        graph->window.columns);
            assert_memory_equal(anew, graph->spans[i], graph->window.columns * sizeof *anew);
        }
    }
}

static void panning_comes_back_to_now(void **state)
{
    (void)state;
    press("8");
    int64_t end = until();
    press("LL");
    assert_true(ui->graph->until > 0 && until() < end);
    press("RRR");
    assert_int_equal(ui->graph->until, 0);
    assert_int_equal(until(), end);
    press("PP");
    assert_true(end - until() >= 2 * graph_time(2));
    press("Z");
    assert_int_equal(until(), end);
    press("H");
    assert_in_range(ui->graph->window.from, fixture_wall - 30 * 86400 * LOOP_S - 60 * LOOP_S,
                    fixture_wall - 30 * 86400 * LOOP_S + 60 * LOOP_S);
}

static void the_cursor_takes_the_window_along(void **state)
{
    (void)state;
    press("8,");
    struct graph *graph = ui->graph;
    assert_int_equal(graph->cursor, until() - graph->window.length);
    press(",,");
    assert_int_equal(graph->cursor, until() - 3 * graph->window.length);
    int64_t from = graph->window.from;
    for (size_t i = 0; i < graph->window.columns; i++)
        press("<");
    assert_true(graph->window.from < from);
    assert_in_range(graph->cursor, graph->window.from, until() - 1);
    // It stays where it is when more or less is shown.
    int64_t at = graph->cursor;
    press("-");
    assert_true(graph->cursor == at);
    assert_in_range(at, graph->window.from + 1, until() - 1);
    press("^");
    assert_int_equal(graph->cursor, 0);
    press("Z");
    assert_int_equal(graph->until, 0);
}

static void every_zoom_shows_its_time(void **state)
{
    (void)state;
    press("8++++++");
    assert_int_equal(ui->graph->zoom, 0);
    for (unsigned z = 0; z < GRAPH_ZOOMS; z++) {
        int64_t time = ui->graph->window.length * (int64_t)ui->graph->window.columns;
        assert_true(time >= graph_time(z) && time <= 3 * graph_time(z));
        press("-");
    }
    assert_int_equal(ui->graph->zoom, GRAPH_ZOOMS - 1);
}

// A log that is large is read a bit with each frame, the newest first.
static void what_takes_long_is_read_with_the_next_frames(void **state)
{
    (void)state;
    struct graph *graph = ui->graph;
    int frames = 0;

    fixture_let_read(plant, 0);
    press("8-----"); // a day and more
    assert_true(graph->reading);
    assert_true(ui_next_second(ui) <= loop_now(loop) + LOOP_S / 4);
    for (size_t i = 0; i < graph->count; i++)
        assert_false(graph->known[i][graph->window.columns - 1]);
    do {
        fixture_let_read(plant, 1);
        ui_draw(ui, &canvas);
        assert_true(graph->known[0][graph->window.columns - 1]);
        frames++;
    } while (graph->reading && frames < 1000);
    assert_in_range(frames, 6, 999);
    for (size_t i = 0; i < graph->count; i++) {
        struct span anew[1024];
        plant_spans(plant, &graph->refs[i], graph->window.from, until(), anew,
                    graph->window.columns);
        assert_memory_equal(anew, graph->spans[i], graph->window.columns * sizeof *anew);
    }
}

// Typed before the view was drawn for the first time.
static void keys_don_t_wait_for_the_first_frame(void **state)
{
    (void)state;
    for (const char *key = "8++,hl"; *key; key++)
        assert_true(ui_key(ui, (unsigned char)*key));
    assert_true(ui_key(ui, UI_KEY_HOME));
    assert_true(ui_key(ui, UI_KEY_PAGE_UP));
    ui_draw(ui, &canvas);
    assert_int_equal(ui->graph->zoom, 0);
    // Where they lead to is known all the same.
    int64_t typed_ahead = until();
    assert_true(typed_ahead < fixture_wall - ui->graph->window.length);
    assert_true(ui_key(ui, UI_KEY_END));
    ui_draw(ui, &canvas);
    assert_true(ui_key(ui, UI_KEY_HOME));
    ui_draw(ui, &canvas);
    assert_true(ui_key(ui, UI_KEY_PAGE_UP));
    ui_draw(ui, &canvas);
    // But for some columns, as the window lies on whole ones.
    assert_true(llabs(until() - typed_ahead) < 8 * ui->graph->window.length);
}

// Only the clock and the latest values: not the lines.
static void between_columns_nothing_is_drawn_anew(void **state)
{
    (void)state;
    struct canvas after;

    press("8");
    canvas_init(&after, 100, 30, false);
    for (int s = 0; s < 30; s++) {
        int64_t end = until();
        ui_draw(ui, &canvas);
        loop_run_until(loop, loop_now(loop) + LOOP_S);
        fixture_wiggle(plant);
        ui_draw(ui, &after);
        unsigned changed = 0;
        for (int c = 0; c < 100 * 30; c++)
            changed += memcmp(&canvas.cells[c], &after.cells[c], sizeof *canvas.cells) != 0;
        assert_true(until() != end || changed < 40);
    }
    canvas_free(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_value_is_pinned_from_here, set_up, tear_down),
        cmocka_unit_test_setup_teardown(main_values_come_by_themselves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(g_takes_in_and_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_number_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parameter_can_be_drawn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_device_s_power_comes_from_the_overview, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(they_are_polled_while_other_views_are_shown, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_order_can_be_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_goes_on_by_whole_columns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_moves_along_is_as_if_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(panning_comes_back_to_now, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_cursor_takes_the_window_along, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_zoom_shows_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_takes_long_is_read_with_the_next_frames, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keys_don_t_wait_for_the_first_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(between_columns_nothing_is_drawn_anew, set_up, tear_down),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
