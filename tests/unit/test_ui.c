// SPDX-License-Identifier: MIT
// Keys, views and what they ask for, over an installation that stands still.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_plant.h"
#include "ui/groups.h"
#include "ui/keymap.h"
#include "ui/ui.h"
#include "ui/widgets.h"

struct world {
    struct loop *loop;
    struct plant *plant;
    struct ui *ui;
    struct canvas canvas;
};

static int open_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);

    world->loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    world->plant = fixture_new(world->loop, SCENE_SUNNY);
    world->ui =
        ui_new(world->loop, world->plant,
               &(struct ui_options){.site = "test", .datalog = fixture_datalog(SCENE_SUNNY)});
    canvas_init(&world->canvas, 80, 24, false);
    ui_draw(world->ui, &world->canvas);
    *state = world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;

    canvas_free(&world->canvas);
    ui_free(world->ui);
    fixture_free(world->plant);
    loop_free(world->loop);
    free(world);
    return 0;
}

static bool press(struct world *world, unsigned key)
{
    bool goes_on = ui_key(world->ui, key);
    ui_draw(world->ui, &world->canvas);
    return goes_on;
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

static bool shows(const struct world *world, const char *text)
{
    char row[512];
    for (int y = 0; y < world->canvas.height; y++)
        if (strstr(row_text(world, y, row), text))
            return true;
    return false;
}

static void digits_and_tab_choose_views(void **state)
{
    struct world *world = *state;
    static const enum view_id views[] = {VIEW_XT, VIEW_VT, VIEW_VS, VIEW_BATTERY, VIEW_PARAMETERS};

    for (unsigned i = 0; i < 5; i++) {
        press(world, '2' + i);
        assert_int_equal(ui_view(world->ui), views[i]);
    }
    press(world, '9');
    assert_int_equal(ui_view(world->ui), VIEW_FILES);
    press(world, UI_KEY_TAB);
    assert_int_equal(ui_view(world->ui), VIEW_LINK);
    press(world, '0');
    assert_int_equal(ui_view(world->ui), VIEW_LINK);
    press(world, UI_KEY_TAB);
    assert_int_equal(ui_view(world->ui), VIEW_OVERVIEW);
    press(world, UI_KEY_BACK_TAB);
    assert_int_equal(ui_view(world->ui), VIEW_LINK);
    press(world, '1');
    assert_int_equal(ui_view(world->ui), VIEW_OVERVIEW);
}

static void q_and_f10_leave_and_escape_never_does(void **state)
{
    struct world *world = *state;

    for (int v = 0; v < VIEW_COUNT; v++) {
        ui_show(world->ui, (enum view_id)v);
        assert_true(press(world, UI_KEY_ESCAPE));
        assert_false(press(world, 'q'));
        assert_false(press(world, UI_KEY_F10));
    }
    press(world, '?');
    assert_true(press(world, UI_KEY_ESCAPE));
    press(world, '?');
    assert_false(press(world, 'q'));
}

static void help_opens_scrolls_and_closes(void **state)
{
    struct world *world = *state;

    press(world, UI_KEY_F1);
    assert_true(shows(world, "Everywhere"));
    assert_false(shows(world, "over all devices"));
    press(world, UI_KEY_END);
    assert_true(shows(world, "over all devices"));
    assert_false(shows(world, "Everywhere"));
    press(world, UI_KEY_ESCAPE);
    assert_false(shows(world, "over all devices"));
    press(world, '?');
    assert_true(shows(world, "Everywhere"));
    press(world, '?');
    assert_false(shows(world, "Everywhere"));
}

static void p_pauses_polling_with_a_badge(void **state)
{
    struct world *world = *state;

    assert_false(shows(world, "paused"));
    press(world, 'P');
    assert_true(plant_paused(world->plant));
    assert_true(shows(world, "! paused"));
    press(world, 'P');
    assert_false(plant_paused(world->plant));
    assert_false(shows(world, "paused"));
}

static void enter_on_a_device_shows_its_values(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 4; i++)
        press(world, UI_KEY_DOWN);
    press(world, UI_KEY_ENTER);
    assert_int_equal(ui_view(world->ui), VIEW_VT);
    assert_true(shows(world, " VT2  VT-80"));
}

static void arrows_and_letters_move_the_same_way(void **state)
{
    struct world *world = *state;

    press(world, '2');
    int top = world->canvas.cursor_y;
    press(world, 'j');
    press(world, UI_KEY_DOWN);
    assert_int_equal(world->canvas.cursor_y, top + 2);
    press(world, 'k');
    press(world, UI_KEY_UP);
    assert_int_equal(world->canvas.cursor_y, top);
    press(world, 'l');
    assert_true(shows(world, " XT2  XTM"));
    press(world, UI_KEY_LEFT);
    assert_true(shows(world, " XT1  XTM"));
    press(world, UI_KEY_LEFT);
    assert_true(shows(world, " XT1  XTM"));
}

static void only_what_is_visible_is_asked(void **state)
{
    struct world *world = *state;
    int64_t period;

    // The overview's own, and nothing of the family views.
    assert_true(fixture_wants(world->plant, FAMILY_XT, PLANT_SUM, 3136, &period));
    assert_false(fixture_wants(world->plant, FAMILY_XT, 1, 3004, &period));
    press(world, '2');
    assert_true(fixture_wants(world->plant, FAMILY_XT, 1, 3004, &period));
    assert_false(fixture_wants(world->plant, FAMILY_VT, 1, 11004, &period));
    // Folded, then open but below, then in sight.
    assert_false(fixture_wants(world->plant, FAMILY_XT, 1, 3142, &period));
    press(world, '+');
    assert_false(fixture_wants(world->plant, FAMILY_XT, 1, 3142, &period));
    press(world, UI_KEY_END);
    assert_true(fixture_wants(world->plant, FAMILY_XT, 1, 3142, &period));
    assert_false(fixture_wants(world->plant, FAMILY_XT, 1, 3004, &period));
    // The link view asks for nothing; the background goes on.
    press(world, '0');
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_SCREEN), 0);
    assert_true(fixture_subscribed(world->plant, PRIORITY_BACKGROUND) > 0);
}

static void periods_follow_the_pace_of_a_value(void **state)
{
    struct world *world = *state;
    int64_t period;

    press(world, '2');
    assert_true(fixture_wants(world->plant, FAMILY_XT, 1, 3000, &period));
    assert_int_equal(period, LOOP_S);
    assert_true(fixture_wants(world->plant, FAMILY_XT, 1, 3001, &period));
    assert_int_equal(period, 10 * LOOP_S);
    press(world, '+');
    press(world, UI_KEY_END);
    assert_true(fixture_wants(world->plant, FAMILY_XT, 1, 3135, &period));
    assert_int_equal(period, 0);
}

static void polling_goes_on_when_the_screen_is_too_small(void **state)
{
    struct world *world = *state;
    size_t before = fixture_subscribed(world->plant, PRIORITY_SCREEN);

    assert_true(before > 20);
    resize(world, 39, 11);
    assert_true(shows(world, "needs 40x12, has 39x11"));
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_SCREEN), before);
    resize(world, 1, 1);
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_SCREEN), before);
}

static unsigned count_shown(const struct world *world, const char *text)
{
    unsigned count = 0;
    char row[512];

    for (int y = 0; y < world->canvas.height; y++)
        for (const char *at = row_text(world, y, row); (at = strstr(at, text)); at++)
            count++;
    return count;
}

// As the sums of now: a part of them would look like less power.
static void a_trend_of_which_a_part_is_missing_is_none(void **state)
{
    struct world *world = *state;

    resize(world, 120, 40);
    assert_int_equal(count_shown(world, "peak"), 4); // sun, loads, battery, grid
    fixture_forget(world->plant, FAMILY_VT);
    press(world, '1');
    assert_int_equal(count_shown(world, "peak"), 3);
    // Without a monitor the battery's power is the sum of what is at the battery.
    fixture_scene(world->plant, SCENE_FEEDING); // XT and VS
    fixture_forget(world->plant, FAMILY_NONE);
    press(world, '1');
    assert_int_equal(count_shown(world, "peak"), 4);
    fixture_forget(world->plant, FAMILY_VS);
    press(world, '1');
    assert_int_equal(count_shown(world, "peak"), 2);
    // What isn't there takes nothing away.
    fixture_scene(world->plant, SCENE_SOLAR); // VT and VS
    fixture_forget(world->plant, FAMILY_XT);
    press(world, '1');
    assert_int_equal(count_shown(world, "peak"), 2);
}

static void all_of_a_trend_is_asked_for_in_other_views(void **state)
{
    struct world *world = *state;
    int64_t period;

    press(world, '0');
    assert_true(fixture_wants_hidden(world->plant, FAMILY_XT, PLANT_AVERAGE, 3000, &period));
    assert_false(fixture_wants_hidden(world->plant, FAMILY_VT, PLANT_AVERAGE, 11000, &period));
    size_t before = fixture_subscribed(world->plant, PRIORITY_BACKGROUND);
    // Without inverters the chargers tell the battery's voltage.
    fixture_scene(world->plant, SCENE_SOLAR);
    press(world, '0');
    assert_true(fixture_wants_hidden(world->plant, FAMILY_VT, PLANT_AVERAGE, 11000, &period));
    assert_int_equal(period, 5 * LOOP_S);
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_BACKGROUND), before);
    fixture_scene(world->plant, SCENE_SUNNY);
    press(world, '0');
    assert_false(fixture_wants_hidden(world->plant, FAMILY_VT, PLANT_AVERAGE, 11000, &period));
}

static void groups_fold_and_keep_the_selection(void **state)
{
    struct world *world = *state;

    press(world, '2');
    press(world, UI_KEY_DOWN);
    assert_true(shows(world, "3028 Operating state"));
    int row = world->canvas.cursor_y;
    press(world, UI_KEY_ENTER);
    assert_false(shows(world, "3028 Operating state"));
    assert_int_equal(world->canvas.cursor_y, row - 1);
    press(world, ' ');
    assert_true(shows(world, "3028 Operating state"));
    press(world, '-');
    assert_false(shows(world, "3000 Battery voltage"));
    press(world, '+');
    assert_true(shows(world, "3028 Operating state"));
}

static void every_info_is_in_one_group_of_its_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *datapoint = catalogue_at(i);
        enum encoding encoding = datapoint_encoding(datapoint);
        const struct info_group *groups = info_groups(datapoint_family(datapoint));
        unsigned found = 0, id = datapoint_id(datapoint);
        if (datapoint_kind(datapoint) != KIND_INFO)
            continue;
        // Lower halves are shown with the upper ones.
        if (encoding == ENCODING_VERSION_LSB || encoding == ENCODING_FID_LSB)
            id--;
        for (int g = 0; groups[g].title; g++)
            for (const uint16_t *member = groups[g].ids; *member; member++)
                found += *member == id;
        if (found != 1)
            fail_msg("info %u is in %u groups", id, found);
    }
}

// Where keys are looked up.
static const place_set places[] = {
    IN_OVERVIEW,     IN_FAMILY,   IN_LINK,        IN_HELP,         IN_FORM_TEXT,
    IN_FORM_CHOICE,  IN_CONFIRM,  IN_WORD,        IN_FORM_FAILED,  IN_FORM_WAITING,
    IN_FORM_CLOSING, IN_KEPT,     IN_KEPT_STOP,   IN_PARAMETERS,   IN_SEARCH,
    IN_QUESTION,     IN_WRITES,   IN_PLAN_CHOICE, IN_PLAN_WAITING, IN_PLAN_WORD,
    IN_PLAN_WRITING, IN_PLAN_END, IN_KEPT_LEAVE,  IN_MESSAGES,     IN_ALARMS,
    IN_ALARM_TEXT,   IN_GRAPHS,   IN_LOG_TEXT,    IN_LOG_CHOICE,   IN_LOG_RUNNING,
    IN_NOTICE,
};
enum { PLACES = sizeof places / sizeof *places };

static void keys_are_unambiguous_and_explained(void **state)
{
    const struct key_binding *binding, *other;

    (void)state;
    for (size_t i = 0; (binding = keymap_at(i)); i++) {
        assert_true(strlen(binding->what) > 3 && strlen(binding->names) > 0);
        bool has_function = false, has_other = false;
        for (size_t k = 0; k < 3 && binding->keys[k]; k++) {
            bool function = binding->keys[k] >= UI_KEY_F1 && binding->keys[k] <= UI_KEY_F10;
            has_function |= function;
            has_other |= !function;
            for (size_t j = 0; j < i && (other = keymap_at(j)); j++)
                for (size_t m = 0; m < 3; m++)
                    assert_false(other->keys[m] == binding->keys[k] &&
                                 (other->places & binding->places));
            for (size_t p = 0; p < PLACES; p++)
                if (binding->places & places[p])
                    assert_int_equal(keymap_action(binding->keys[k], places[p]), binding->action);
        }
        // Every F-key has a letter beside it, but where letters are text.
        assert_true(!has_function || has_other || !(binding->places & ~IN_TEXT));
    }
}

static void the_bottom_line_fits_at_any_width(void **state)
{
    (void)state;
    for (int width = 40; width < 130; width++) {
        for (size_t p = 0; p < PLACES; p++) {
            struct canvas canvas;
            canvas_init(&canvas, width, 1, false);
            keymap_draw_bar(&canvas, (struct rect){0, 0, width, 1}, places[p], ACTION_NONE, "BSP");
            int end = width;
            while (canvas.cells[end - 1].character == ' ')
                end--;
            // It ends with the way out: q Quit, Esc Close, Esc Back, Esc Stop.
            uint32_t last = canvas.cells[end - 1].character;
            assert_true(last == 't' || last == 'q' || last == 'e' || last == 'k' || last == 'p');
            canvas_free(&canvas);
        }
    }
}

static void any_key_in_any_view_at_any_size_is_survived(void **state)
{
    static const unsigned keys[] = {
        UI_KEY_DOWN, UI_KEY_PAGE_DOWN, UI_KEY_RIGHT, UI_KEY_ENTER, UI_KEY_END,       UI_KEY_LEFT,
        '+',         UI_KEY_PAGE_DOWN, '-',          UI_KEY_HOME,  UI_KEY_BACK_TAB,  '?',
        UI_KEY_DOWN, UI_KEY_ESCAPE,    UI_KEY_UP,    'x',          UI_KEY_BACKSPACE, UI_KEY_TAB,
        UI_KEY_TAB};
    struct world *world = *state;
    unsigned step = 0;

    for (int s = 0; s < SCENE_COUNT; s++) {
        fixture_scene(world->plant, (enum scene)s);
        for (int w = 1; w < 230; w += 23)
            for (int h = 1; h < 70; h += 9)
                for (int n = 0; n < 7; n++) {
                    resize(world, w, h);
                    assert_true(press(world, keys[step++ % (sizeof keys / sizeof *keys)]));
                }
    }
}

static void any_keys_among_the_parameters_are_survived(void **state)
{
    static const unsigned keys[] = {UI_KEY_DOWN,
                                    UI_KEY_PAGE_DOWN,
                                    UI_KEY_RIGHT,
                                    UI_KEY_ENTER,
                                    UI_KEY_END,
                                    UI_KEY_LEFT,
                                    '+',
                                    '-',
                                    UI_KEY_HOME,
                                    '/',
                                    UI_KEY_BACKSPACE,
                                    '1',
                                    'a',
                                    UI_KEY_ESCAPE,
                                    'v',
                                    'd',
                                    'x',
                                    'r',
                                    's',
                                    '[',
                                    ']',
                                    'y',
                                    'n',
                                    'e',
                                    ' ',
                                    UI_KEY_UP,
                                    '?',
                                    'v'};
    static const int sizes[][2] = {{40, 12}, {60, 16}, {80, 24}, {200, 50}, {39, 11}, {149, 20}};
    struct world *world = *state;
    uint32_t random = 1;

    for (int i = 0; i < 15000; i++) {
        ui_show(world->ui, VIEW_PARAMETERS);
        random = random * 1664525 + 1013904223;
        assert_true(press(world, keys[(random >> 16) % (sizeof keys / sizeof *keys)]));
        if (i % 5 == 0)
            fixture_answer(world->plant, 7);
        if (i % 50 == 49)
            resize(world, sizes[i / 50 % 6][0], sizes[i / 50 % 6][1]);
        if (i % 170 == 169)
            fixture_scene(world->plant, (enum scene)(i / 170 % SCENE_COUNT));
    }
}

static void the_next_second_is_the_installations(void **state)
{
    struct world *world = *state;

    // Both clocks of the fixture are at a whole second.
    assert_int_equal(ui_next_second(world->ui), FIXTURE_NOW + LOOP_S);
    loop_run_until(world->loop, FIXTURE_NOW + LOOP_S / 4);
    assert_int_equal(ui_next_second(world->ui), FIXTURE_NOW + LOOP_S);
    assert_true(shows(world, "14:03:19"));
    loop_run_until(world->loop, FIXTURE_NOW + LOOP_S);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "14:03:20"));
}

static void hostile_text_never_reaches_the_screen_raw(void **state)
{
    struct world *world = *state;
    const struct ui_options options = {.site = "a\x1b[31mb\a\xff"};
    struct ui *ui = ui_new(world->loop, world->plant, &options);

    ui_draw(ui, &world->canvas);
    for (int i = 0; i < world->canvas.width * world->canvas.height; i++)
        assert_true(world->canvas.cells[i].character >= 0x20 &&
                    world->canvas.cells[i].character != 0x7F);
    assert_true(shows(world, "a\\x1B[31mb"));
    ui_free(ui);
}

// --- Canvas and widgets --------------------------------------------------------------------------

static void nothing_is_drawn_outside_of_the_clip(void **state)
{
    struct canvas canvas;

    (void)state;
    canvas_init(&canvas, 20, 5, false);
    canvas_clip(&canvas, (struct rect){5, 1, 10, 2});
    for (int y = -2; y < 8; y++)
        canvas_text(&canvas, -5, y, ROLE_ALARM, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    canvas_fill(&canvas, (struct rect){-9, -9, 99, 99}, ROLE_ALARM, '#');
    for (int i = 0; i < 100; i++) {
        int x = i % 20, y = i / 20;
        bool inside = x >= 5 && x < 15 && y >= 1 && y < 3;
        assert_int_equal(canvas.cells[i].character, inside ? '#' : ' ');
        assert_int_equal(canvas.cells[i].role, inside ? ROLE_ALARM : ROLE_TEXT);
    }
    canvas_free(&canvas);
}

static void half_of_a_wide_character_never_stays(void **state)
{
    struct canvas canvas;

    (void)state;
    canvas_init(&canvas, 6, 1, false);
    canvas_text(&canvas, 0, 0, ROLE_TEXT, "漢字漢");
    assert_int_equal(canvas.cells[1].character, 0);
    canvas_text(&canvas, 1, 0, ROLE_TEXT, "x");
    assert_int_equal(canvas.cells[0].character, ' ');
    canvas_text(&canvas, 2, 0, ROLE_TEXT, "y");
    assert_int_equal(canvas.cells[3].character, ' ');
    // It doesn't fit into the last column.
    canvas_text(&canvas, 5, 0, ROLE_TEXT, "漢");
    assert_int_equal(canvas.cells[5].character == 0x6F22, 0);
    canvas_free(&canvas);
}

static void ascii_canvases_hold_ascii_only(void **state)
{
    struct canvas canvas;

    (void)state;
    canvas_init(&canvas, 40, 1, true);
    canvas_text(&canvas, 0, 0, ROLE_TEXT, "22 °C ►▼●○═║─│▁█ × · … ü 漢");
    for (int i = 0; i < 40; i++)
        assert_true(canvas.cells[i].character >= ' ' && canvas.cells[i].character < 0x7F);
    assert_int_equal(canvas.cells[3].character, 'C');
    canvas_free(&canvas);
}

static void check_number(double number, enum quality quality, int width, struct number_style style,
                         const char *text, enum role role)
{
    struct reading reading = {.quality = quality, .number = number};
    struct canvas canvas;
    char got[32];

    canvas_init(&canvas, 12, 1, false);
    widget_number(&canvas, 12, 0, width, &reading, style, ROLE_LOAD);
    size_t used = 0;
    for (int x = 0; x < 12; x++)
        if (canvas.cells[x].character != ' ')
            got[used++] = (char)canvas.cells[x].character;
    got[used] = '\0';
    assert_string_equal(got, text);
    assert_int_equal(canvas.cells[11].role, role);
    canvas_free(&canvas);
}

static void numbers_show_their_quality(void **state)
{
    (void)state;
    check_number(1.236, QUALITY_FRESH, 6, (struct number_style){2, false}, "1.24", ROLE_LOAD);
    check_number(1.236, QUALITY_FRESH, 6, (struct number_style){2, true}, "+1.24", ROLE_LOAD);
    check_number(-1.236, QUALITY_FRESH, 6, (struct number_style){2, true}, "-1.24", ROLE_LOAD);
    check_number(0.001, QUALITY_FRESH, 6, (struct number_style){2, true}, "0.00", ROLE_LOAD);
    check_number(-0.001, QUALITY_FRESH, 6, (struct number_style){2, true}, "0.00", ROLE_LOAD);
    check_number(12345.67, QUALITY_FRESH, 6, (struct number_style){2, false}, "12346", ROLE_LOAD);
    // Never a part of it only.
    check_number(-1e9, QUALITY_FRESH, 6, (struct number_style){2, false}, "######", ROLE_LOAD);
    check_number(3.4e38, QUALITY_FRESH, 4, (struct number_style){2, true}, "####", ROLE_LOAD);
    check_number(1.5, QUALITY_STALE, 6, (struct number_style){1, false}, "1.5", ROLE_STALE);
    check_number(1.5, QUALITY_GONE, 6, (struct number_style){1, false}, "1.5", ROLE_STALE);
    check_number(32767, QUALITY_ABSENT, 6, (struct number_style){1, false}, "--", ROLE_DIM);
    check_number(1, QUALITY_REFUSED, 6, (struct number_style){1, false}, "--", ROLE_DIM);
    check_number(1, QUALITY_NONE, 6, (struct number_style){1, false}, "--", ROLE_DIM);
}

static void sums_are_as_good_as_their_worst_part(void **state)
{
    struct reading fresh = {.quality = QUALITY_FRESH, .number = 2, .age = 1, .taken = 9};
    struct reading stale = {.quality = QUALITY_STALE, .number = 3, .age = 7, .taken = 3};
    struct reading none = {.quality = QUALITY_NONE, .number = 0};

    (void)state;
    struct reading sum = reading_plus(fresh, stale);
    assert_int_equal(sum.quality, QUALITY_STALE);
    assert_float_equal(sum.number, 5, 0);
    assert_int_equal(sum.age, 7);
    assert_int_equal(sum.taken, 3);
    sum = reading_plus(none, fresh);
    assert_false(reading_has_number(&sum));
}

static void charts_have_zero_on_their_scale(void **state)
{
    const float rising[] = {0, 1, 2, 4}, mixed[] = {-1, 1};
    struct canvas canvas;

    (void)state;
    canvas_init(&canvas, 4, 4, false);
    widget_chart(&canvas, (struct rect){0, 0, 4, 1}, rising, 4, ROLE_LOAD);
    assert_int_equal(canvas.cells[0].character, 0x2581); // a mark, be it ever so small
    assert_int_equal(canvas.cells[3].character, 0x2587); // with a gap to the row above
    canvas_clear(&canvas);
    widget_chart(&canvas, (struct rect){0, 0, 4, 4}, mixed, 2, ROLE_LOAD);
    // Two rows up, two rows down, at the right end.
    assert_int_equal(canvas.cells[1].character, ' ');
    assert_int_equal(canvas.cells[4 * 2 + 2].character, 0x2588);
    assert_int_equal(canvas.cells[4 * 1 + 2].character, ' ');
    assert_int_equal(canvas.cells[4 * 0 + 3].character, 0x2588);
    assert_int_equal(canvas.cells[4 * 2 + 3].character, ' ');
    canvas_free(&canvas);
}

static void paragraphs_break_between_words(void **state)
{
    struct canvas canvas;
    char text[64] = "";

    (void)state;
    canvas_init(&canvas, 10, 3, false);
    int rows = widget_paragraph(&canvas, (struct rect){0, 0, 10, 3}, ROLE_TEXT,
                                "one two three incomprehensibilities");
    assert_int_equal(rows, 3);
    for (int i = 0; i < 30; i++)
        text[i] = canvas.cells[i].character < 0x80 ? (char)canvas.cells[i].character : '~';
    assert_string_equal(text, "one two   three     incompreh~");
    canvas_free(&canvas);
}

static void datalog_files_are_asked_for(void **state)
{
    struct world *world = *state;

    assert_int_equal(fixture_files.lists, 0); // nobody has looked yet
    press(world, '9');
    press(world, UI_KEY_DOWN);
    assert_int_equal(fixture_files.lists, 1);
    press(world, UI_KEY_ENTER);
    assert_int_equal(fixture_files.gets, 1);
    assert_string_equal(fixture_files.name, "LG261119.CSV");
    press(world, UI_KEY_DOWN); // it is being fetched,
    press(world, ' ');
    assert_int_equal(fixture_files.drops, 1);
    assert_string_equal(fixture_files.name, "LG261118.CSV");
    press(world, UI_KEY_DOWN); // it waits
    press(world, UI_KEY_ENTER);
    assert_int_equal(fixture_files.drops, 2);
    assert_int_equal(fixture_files.gets, 1);
    press(world, 'n'); // six aren't here, and of one only a part
    assert_int_equal(fixture_files.gets, 1 + 7);
    press(world, 'A');
    assert_int_equal(fixture_files.gets, 1 + 7 + 40);
    press(world, 'r');
    assert_int_equal(fixture_files.lists, 2);
    press(world, 'x');
    assert_int_equal(fixture_files.stops, 1);
    // On an Xcom-CAN there is nothing to be asked for.
    fixture_scene(world->plant, SCENE_CAN);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "This gateway has no datalog files"));
    press(world, 'A');
    press(world, 'r');
    assert_int_equal(fixture_files.gets, 48);
    assert_int_equal(fixture_files.lists, 2);
}

static void a_failed_command_is_told_until_one_does_well(void **state)
{
    struct world *world = *state;

    ui_trouble(world->ui, "--on-message:\033[2J exit status 3");
    press(world, '1');
    assert_true(shows(world, "! --on-message:"));
    press(world, '2');
    assert_true(shows(world, "! command"));
    ui_trouble(world->ui, "");
    press(world, '2');
    assert_false(shows(world, "! command"));
    press(world, '1');
    assert_false(shows(world, "on-message"));
}

static void addresses_that_are_known_are_not_drawn_anew(void **state)
{
    struct world *world = *state;

    assert_false(ui_reached_at(world->ui, ""));
    assert_true(ui_reached_at(world->ui, "this computer is reached at 192.0.2.7"));
    assert_false(ui_reached_at(world->ui, "this computer is reached at 192.0.2.7"));
    fixture_scene(world->plant, SCENE_DOWN); // no gateway is waited for
    press(world, '1');
    assert_false(shows(world, "192.0.2.7"));
    assert_true(ui_reached_at(world->ui, ""));
}

static void keys_are_typed_ahead(void **state)
{
    struct world *world = *state;
    char row[512];

    for (const char *key = "2DDD3DD"; *key; key++)
        assert_true(ui_key(world->ui, *key == 'D' ? UI_KEY_DOWN : (unsigned)*key));
    ui_draw(world->ui, &world->canvas);
    assert_non_null(strstr(row_text(world, 4, row), "11038 Battery cycle phase"));
    assert_int_equal(world->canvas.cursor_y, 4);
    assert_true(ui_key(world->ui, '2'));
    ui_draw(world->ui, &world->canvas);
    assert_int_equal(world->canvas.cursor_y, 5);
}

static void help_begins_with_where_it_was_asked_for(void **state)
{
    struct world *world = *state;
    static const struct {
        unsigned key;
        const char *title;
    } helps[] = {{'1', "Everywhere"},        {'4', "In a family's values"},
                 {'6', "In the parameters"}, {'7', "In the messages"},
                 {'8', "In the graphs"},     {'9', "In the datalog files"},
                 {'0', "In the link"}};

    for (size_t i = 0; i < sizeof helps / sizeof *helps; i++) {
        char row[512];
        press(world, helps[i].key);
        press(world, '?');
        assert_non_null(strstr(row_text(world, 2, row), helps[i].title));
        press(world, '?');
    }
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(digits_and_tab_choose_views),
        WORLD_TEST(q_and_f10_leave_and_escape_never_does),
        WORLD_TEST(help_opens_scrolls_and_closes),
        WORLD_TEST(p_pauses_polling_with_a_badge),
        WORLD_TEST(enter_on_a_device_shows_its_values),
        WORLD_TEST(arrows_and_letters_move_the_same_way),
        WORLD_TEST(datalog_files_are_asked_for),
        WORLD_TEST(only_what_is_visible_is_asked),
        WORLD_TEST(a_failed_command_is_told_until_one_does_well),
        WORLD_TEST(addresses_that_are_known_are_not_drawn_anew),
        WORLD_TEST(keys_are_typed_ahead),
        WORLD_TEST(help_begins_with_where_it_was_asked_for),
        WORLD_TEST(periods_follow_the_pace_of_a_value),
        WORLD_TEST(polling_goes_on_when_the_screen_is_too_small),
        WORLD_TEST(a_trend_of_which_a_part_is_missing_is_none),
        WORLD_TEST(all_of_a_trend_is_asked_for_in_other_views),
        WORLD_TEST(groups_fold_and_keep_the_selection),
        cmocka_unit_test(every_info_is_in_one_group_of_its_family),
        cmocka_unit_test(keys_are_unambiguous_and_explained),
        cmocka_unit_test(the_bottom_line_fits_at_any_width),
        WORLD_TEST(any_key_in_any_view_at_any_size_is_survived),
        WORLD_TEST(any_keys_among_the_parameters_are_survived),
        WORLD_TEST(the_next_second_is_the_installations),
        WORLD_TEST(hostile_text_never_reaches_the_screen_raw),
        cmocka_unit_test(nothing_is_drawn_outside_of_the_clip),
        cmocka_unit_test(half_of_a_wide_character_never_stays),
        cmocka_unit_test(ascii_canvases_hold_ascii_only),
        cmocka_unit_test(numbers_show_their_quality),
        cmocka_unit_test(sums_are_as_good_as_their_worst_part),
        cmocka_unit_test(charts_have_zero_on_their_scale),
        cmocka_unit_test(paragraphs_break_between_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
