// SPDX-License-Identifier: MIT
// Copying parameters on the screen: only what was just read is copied, nothing is written without
// the plan having been seen and the word typed, and what came of it is told.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "form_rig.h"
#include "ui/paramview.h"
#include "ui/planview.h"

static int open_rig(void **state)
{
    form_rig_open(state);
    ui_show(((struct world *)*state)->ui, VIEW_PARAMETERS);
    return 0;
}

static int close_rig(void **state)
{
    form_rig_close(state);
    assert_int_equal(fixture_edits.batches, 0);
    return 0;
}
#define PLAN_TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

static void select_parameter(struct world *world, const char *number)
{
    press(world, '/');
    press_all(world, number);
    press(world, UI_KEY_ENTER);
}

// Everything that is being read is answered.
static void answer(struct world *world)
{
    fixture_answer(world->plant, 10000);
    ui_draw(world->ui, &world->canvas);
}

static void step(struct world *world, int times)
{
    for (int i = 0; i < times; i++) {
        fixture_batch_step();
        ui_draw(world->ui, &world->canvas);
    }
}

// Goes on from the choice to the plan.
static void plan(struct world *world)
{
    press(world, UI_KEY_ENTER);
    answer(world);
    for (int i = 0; i < 1000 && planview_page(world->ui->planview) == PLANVIEW_LOOK; i++)
        step(world, 1);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_SHOW);
}

static const struct batch_item *item_of(const struct world *world, unsigned index, unsigned id)
{
    const struct batch *batch = world->ui->planview->batch;

    for (size_t i = 0; i < batch_count(batch); i++) {
        const struct batch_item *item = batch_item(batch, i);
        if (item->target.index == index && datapoint_id(item->datapoint) == id)
            return item;
    }
    return NULL;
}

// --- What is copied ------------------------------------------------------------------------------

static void one_parameter_goes_to_the_others_that_differ(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1107");
    press(world, 'c');
    assert_true(shows(world, "Copy 1107 Maximum current"));
    assert_true(shows(world, "all others: XT2, XT3"));
    assert_true(shows(world, "RAM, until they restart"));
    assert_true(shows(world, "3 values are read first"));
    plan(world);
    assert_true(shows(world, "1 to change, 0 left out, 1 the same"));
    assert_true(shows(world, "16 # 32 A"));
    assert_int_equal(batch_count(world->ui->planview->batch), 1);
    assert_non_null(item_of(world, 2, 1107));
    assert_float_equal(item_of(world, 2, 1107)->number, 32, 0);
    assert_false(fixture_edits.batch_flash);
    press_all(world, "copyE");
    step(world, 1);
    assert_true(shows(world, "1 written, 1 the same"));
    assert_int_equal(fixture_edits.batch_items, 1);
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->planview);
}

static void everything_is_read_anew_first(void **state)
{
    struct world *world = *state;
    size_t before = fixture_subscribed(world->plant, PRIORITY_BACKGROUND);

    select_parameter(world, "1107");
    press(world, 'c');
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_BACKGROUND), before);
    press(world, UI_KEY_ENTER);
    // All three stand in the list already; they may have been written since they were read.
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_BACKGROUND), before + 3);
    assert_true(shows(world, "reading: 0 of 3"));
    ui_draw(world->ui, &world->canvas);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_READ);
    answer(world);
    assert_int_equal(fixture_subscribed(world->plant, PRIORITY_BACKGROUND), before);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_LOOK);
}

static void all_that_is_listed_and_differs_is_copied(void **state)
{
    struct world *world = *state;

    press(world, 'x');
    press(world, 'y');
    answer(world);
    press(world, 'C');
    assert_true(shows(world, "Copy 5 parameters"));
    plan(world);
    assert_true(shows(world, "6 to change, 0 left out, 4 the same"));
    assert_non_null(item_of(world, 2, 1107));
    assert_non_null(item_of(world, 3, 1565));
    assert_null(item_of(world, 3, 1107));
    assert_null(item_of(world, 1, 1202));
    // Another list, another plan.
    press_all(world, "XXX");
    press_all(world, "XX");
    select_parameter(world, "buzzer");
    press(world, 'C');
    assert_true(shows(world, "Copy 1 parameter") || shows(world, "Copy 1565 "));
}

static void a_menus_parameters_are_copied_together(void **state)
{
    struct world *world = *state;

    press(world, 'c'); // 1100 BASIC SETTINGS, with two signals among its ten
    assert_int_equal(world->ui->planview->parameter_count, 8);
    press(world, UI_KEY_ESCAPE);
    // Only what a filter leaves of it.
    press(world, 'v');
    press(world, 'c');
    size_t basic = world->ui->planview->parameter_count;
    assert_true(basic > 0 && basic < 8);
    press(world, UI_KEY_ESCAPE);
    press_all(world, "vvv");
    // All of the family, each once, whatever menus are open.
    press_all(world, "-C");
    size_t all = world->ui->planview->parameter_count;
    assert_true(all > 300);
    for (size_t i = 0; i < all; i++) {
        assert_true(datapoint_is_setting(world->ui->planview->parameters[i]));
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(world->ui->planview->parameters[i],
                                 world->ui->planview->parameters[j]);
    }
    // In a search's result: what was found of the selected row's family.
    press(world, UI_KEY_ESCAPE);
    select_parameter(world, "float");
    press(world, 'C');
    size_t found = world->ui->planview->parameter_count;
    assert_int_equal(world->ui->planview->family, FAMILY_XT);
    press_all(world, "XUc"); // on its heading
    assert_int_equal(world->ui->planview->parameter_count, found);
    press_all(world, "X]Dc");
    assert_int_equal(world->ui->planview->family, FAMILY_VT);
}

static void what_is_no_setting_is_never_copied(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1468");
    press(world, 'c');
    assert_null(world->ui->planview);
    assert_true(shows(world, "! 1468 isn't a setting that could be copied"));
    select_parameter(world, "restore factory");
    press(world, 'C');
    assert_true(shows(world, "! nothing that is listed here is a setting"));
    select_parameter(world, "14001");
    press(world, 'c');
    assert_true(shows(world, "! there is no other VS to copy to"));
    select_parameter(world, "5002");
    press(world, 'C');
    assert_true(shows(world, "! there is no other RCC to copy to"));
    select_parameter(world, "no such thing");
    press_all(world, "cC");
    assert_null(world->ui->planview);
}

static void what_runs_in_ram_counts_where_ram_is_written(void **state)
{
    struct world *world = *state;

    // In flash they are the same; XT2 runs with 45 A.
    select_parameter(world, "1138");
    press(world, 'c');
    plan(world);
    assert_true(shows(world, "1 to change, 0 left out, 1 the same"));
    assert_true(shows(world, "~45 # 60 A"));
    press_all(world, "XTR");
    plan(world);
    assert_true(shows(world, "0 to change, 0 left out, 2 the same"));
    assert_true(shows(world, "There is nothing to write."));
    press_all(world, "copyE"); // closes
    assert_null(world->ui->planview);
    assert_int_equal(fixture_edits.batch_items, 0);
    // From the one that runs with something else: what it has in flash.
    press_all(world, "Rc");
    assert_true(shows(world, "not what it"));
    plan(world);
    assert_int_equal(batch_count(world->ui->planview->batch), 0);
}

static void what_is_not_known_is_left_out(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1646"); // refused by all
    press(world, 'c');
    plan(world);
    assert_true(shows(world, "0 to change, 2 left out, 0 the same"));
    assert_true(shows(world, "! XT1 has no value: no such object (0x22)"));
    assert_int_equal(batch_count(world->ui->planview->batch), 0);
    press(world, UI_KEY_ESCAPE);
    fixture_edits.refused_id = 1107;
    select_parameter(world, "1107");
    press(world, 'c');
    plan(world);
    assert_true(shows(world, "0 to change, 1 left out, 1 the same"));
    assert_true(shows(world, "! 32 is above this device's maximum, 31"));
    press_all(world, "copyE");
    assert_int_equal(fixture_edits.batch_items, 0);
}

// XT3 never answers for 1187.
static void silence_ends_the_reading_after_a_while(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1187");
    press_all(world, "cE");
    answer(world);
    assert_true(shows(world, "reading: 2 of 3"));
    plant_pause(world->plant, true);
    loop_run_until(world->loop, loop_now(world->loop) + 60 * LOOP_S);
    ui_draw(world->ui, &world->canvas);
    assert_true(shows(world, "! Polling is paused"));
    plant_pause(world->plant, false);
    ui_draw(world->ui, &world->canvas);
    loop_run_until(world->loop, loop_now(world->loop) + 19 * LOOP_S);
    ui_draw(world->ui, &world->canvas);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_READ);
    loop_run_until(world->loop, loop_now(world->loop) + 2 * LOOP_S);
    ui_draw(world->ui, &world->canvas);
    step(world, 1);
    assert_true(shows(world, "0 to change, 1 left out, 1 the same"));
    assert_true(shows(world, "! XT3 has no value: no answer"));
}

// --- The choice ----------------------------------------------------------------------------------

static void devices_and_ram_or_flash_are_chosen(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1107");
    press_all(world, "Rc"); // XT2
    struct planview *view = world->ui->planview;
    assert_int_equal(view->from, 2);
    assert_int_equal(view->to, 0);
    assert_true(shows(world, "all others: XT1, XT3"));
    press_all(world, "L");
    assert_int_equal(view->to, 0);
    press_all(world, "R");
    assert_int_equal(view->to, 1);
    press_all(world, "R"); // never to itself
    assert_int_equal(view->to, 3);
    press_all(world, "R");
    assert_int_equal(view->to, 3);
    press_all(world, "UR"); // from XT3
    assert_int_equal(view->from, 3);
    assert_int_equal(view->to, 0);
    press_all(world, "RRLLLL");
    assert_int_equal(view->from, 1);
    press_all(world, "TRR");
    assert_int_equal(view->to, 3);
    press_all(world, "TRR");
    assert_true(view->flash);
    assert_true(shows(world, "flash, for good"));
    press_all(world, "LR");
    plan(world);
    assert_true(shows(world, "XT1 # XT3 in flash"));
    assert_true(shows(world, "0 to change, 0 left out, 1 the same"));
    assert_true(fixture_edits.batch_flash);
}

static void devices_that_have_gone_are_left_out(void **state)
{
    struct world *world = *state;

    fixture_scene(world->plant, SCENE_TROUBLE);
    select_parameter(world, "1107");
    press(world, 'c');
    assert_true(shows(world, "all others: XT2 "));
    assert_true(shows(world, "! XT3 doesn't answer: it is left out."));
    press_all(world, "RR"); // XT3 alone
    assert_true(shows(world, "! There is no device to copy to."));
    press(world, UI_KEY_ENTER);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_CHOOSE);
    press_all(world, "LLURR"); // from it
    assert_true(shows(world, "! XT3 doesn't answer: nothing can be copied from it."));
    press(world, UI_KEY_ENTER);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_CHOOSE);
    press_all(world, "LL");
    plan(world);
    assert_int_equal(batch_count(world->ui->planview->batch), 1);
}

static void devices_may_go_at_any_moment(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1565"); // XT3 has another
    press_all(world, "cE");
    fixture_scene(world->plant, SCENE_TROUBLE);
    answer(world);
    step(world, 1);
    assert_true(shows(world, "0 to change, 1 left out, 1 the same"));
    assert_true(shows(world, "! XT3 has no value: gone for 42 s"));
    // After it was confirmed: that isn't as planned.
    press(world, UI_KEY_ESCAPE);
    fixture_scene(world->plant, SCENE_SUNNY);
    press_all(world, "Rc"); // from XT2
    plan(world);
    press_all(world, "copyE");
    fixture_scene(world->plant, SCENE_TROUBLE);
    step(world, 1);
    assert_true(shows(world, "! 0 written, 1 failed"));
    assert_true(shows(world, "! not sent"));
    assert_true(shows(world, "! it doesn't answer any more"));
    press(world, 'L');
    // And be unknown altogether.
    press(world, UI_KEY_ESCAPE);
    fixture_scene(world->plant, SCENE_SUNNY);
    select_parameter(world, "1565");
    press_all(world, "cE");
    fixture_scene(world->plant, SCENE_SOLAR);
    for (int i = 0; i < 3; i++) {
        answer(world);
        step(world, 1);
    }
    press_all(world, "XEDDTX");
    ui_show(world->ui, VIEW_OVERVIEW);
    assert_int_equal(fixture_edits.batch_items, 0);
}

static void read_only_is_said_before_anything_is_read(void **state)
{
    struct world *world = *state;

    fixture_edits.refused = XC_READ_ONLY;
    fixture_edits.text = "nothing is written: the program was started read-only";
    select_parameter(world, "1107");
    press(world, 'c');
    assert_true(shows(world, "! nothing is written: the program was started read-only"));
    press_all(world, "TR");
    assert_non_null(world->ui->planview);
    press(world, UI_KEY_ENTER);
    assert_null(world->ui->planview);
}

// --- Nothing by accident -------------------------------------------------------------------------

static void the_word_must_be_typed_exactly(void **state)
{
    struct world *world = *state;
    static const char *const wrong[] = {"",      "y",     "c",    "cop", "copyy",
                                        " copy", "copy ", "Copy", "all", "flash"};

    select_parameter(world, "1107");
    press(world, 'c');
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        plan(world);
        for (const char *c = wrong[i]; *c; c++)
            press(world, (unsigned char)*c);
        press(world, UI_KEY_ENTER);
        assert_int_equal(planview_page(world->ui->planview), PLANVIEW_SHOW);
        assert_true(shows(world, "! That isn't the word asked for."));
        press(world, 'x');
        assert_false(shows(world, "! That isn't the word asked for."));
        press(world, UI_KEY_ESCAPE);
        assert_int_equal(planview_page(world->ui->planview), PLANVIEW_CHOOSE);
    }
    // It isn't there any more when the plan is made again; nor is the word enough without Enter.
    plan(world);
    press_all(world, "copyX");
    plan(world);
    press_all(world, "E");
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_SHOW);
    press_all(world, "copy");
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_SHOW);
    press(world, UI_KEY_ENTER);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_WRITE);
}

static void another_installation_has_a_word_of_its_own(void **state)
{
    struct world *world = *state;

    fixture_edits.other_site = true;
    select_parameter(world, "1107");
    press(world, 'c');
    plan(world);
    assert_true(shows(world, "! the last write went to another installation"));
    assert_true(shows(world, "Type \"site\" to write:"));
    press_all(world, "copyE");
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_SHOW);
    assert_int_equal(fixture_edits.sites, 0);
    press_all(world, "BBBBsiteE");
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_WRITE);
    assert_int_equal(fixture_edits.sites, 1);
}

static void what_was_not_seen_is_not_confirmed(void **state)
{
    struct world *world = *state;
    static const unsigned keys[] = {'c', 'o', 'p', 'y', UI_KEY_ENTER};

    select_parameter(world, "1107");
    press_all(world, "cE");
    press_all(world, "copyE"); // while it is read
    answer(world);
    press_all(world, "copyE"); // while it is looked at
    fixture_batch_step();
    // Ready, but not drawn yet.
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ui_key(world->ui, keys[i]);
    ui_draw(world->ui, &world->canvas);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_SHOW);
    assert_true(shows(world, "Type \"copy\" to write: [    "));
    assert_int_equal(fixture_edits.batch_items, 0);
}

static void escape_leads_back_one_step(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1107");
    press(world, 'c');
    press(world, UI_KEY_ENTER);
    press(world, UI_KEY_ESCAPE); // reading
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_CHOOSE);
    press(world, UI_KEY_ENTER);
    answer(world);
    assert_int_equal(fixture_edits.batches, 1);
    press(world, UI_KEY_ESCAPE); // looking
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_CHOOSE);
    assert_int_equal(fixture_edits.batches, 0);
    plan(world);
    press(world, UI_KEY_ESCAPE);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_CHOOSE);
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->planview);
    assert_int_equal(ui_view(world->ui), VIEW_PARAMETERS);
    assert_int_equal(fixture_edits.batch_items, 0);
}

static void writing_is_stopped_and_then_left(void **state)
{
    struct world *world = *state;

    press(world, 'x');
    press(world, 'y');
    answer(world);
    press(world, 'C');
    plan(world);
    press_all(world, "copyE");
    assert_true(shows(world, "writing: 0 of 6 done"));
    step(world, 1);
    assert_true(shows(world, "writing: 1 of 6 done"));
    press(world, UI_KEY_ENTER);
    press(world, UI_KEY_ESCAPE);
    assert_true(shows(world, "Stopping."));
    assert_true(shows(world, "not begun"));
    step(world, 1);
    assert_int_equal(planview_page(world->ui->planview), PLANVIEW_REPORT);
    assert_true(shows(world, "! 2 written, 4 not done"));
    assert_int_equal(fixture_edits.batch_items, 2);
    press(world, UI_KEY_ENTER);
    assert_null(world->ui->planview);
    // The second Esc doesn't wait for what is under way.
    press(world, 'C');
    plan(world);
    press_all(world, "copyEX");
    assert_non_null(world->ui->planview);
    press(world, UI_KEY_ESCAPE);
    assert_null(world->ui->planview);
    // ui_free() closes one that is writing.
    press(world, 'C');
    plan(world);
    press_all(world, "copyE");
}

static void unknown_outcomes_are_told_as_alarms(void **state)
{
    struct world *world = *state;

    fixture_edits.result = RECORD_UNKNOWN;
    fixture_edits.told = "no clear answer: it isn't known whether it was written";
    select_parameter(world, "1107");
    press(world, 'c');
    plan(world);
    press_all(world, "copyE");
    step(world, 1);
    assert_true(shows(world, "! 0 written, 1 unknown"));
    assert_true(shows(world, "! unknown"));
    assert_true(shows(world, "! no clear answer"));
    assert_true(shows(world, "Unknown ones aren't sent again."));
    int alarms = 0;
    for (int i = 0; i < world->canvas.width * world->canvas.height; i++)
        alarms += world->canvas.cells[i].role == ROLE_ALARM;
    assert_true(alarms > 40);
}

// --- Over the view -------------------------------------------------------------------------------

// Every key that means something somewhere, on every page.
static void keys_never_reach_the_view_below(void **state)
{
    struct world *world = *state;
    const struct key_binding *binding;

    select_parameter(world, "1107");
    for (int page = 0; page < 5; page++)
        for (size_t i = 0; (binding = keymap_at(i)); i++)
            for (size_t k = 0; k < 3; k++) {
                press(world, 'c');
                if (page > 0)
                    press(world, UI_KEY_ENTER);
                if (page > 1)
                    answer(world);
                if (page > 2)
                    step(world, 1);
                if (page > 3)
                    press_all(world, "copyE");
                if (binding->keys[k])
                    press(world, binding->keys[k]);
                assert_int_equal(ui_view(world->ui), VIEW_PARAMETERS);
                assert_false(plant_paused(world->plant));
                assert_null(world->ui->form);
                assert_null(world->ui->kept);
                assert_null(world->ui->writes);
                assert_int_equal(world->ui->paramview->filters, 0);
                assert_true(world->ui->paramview->searching);
                world->ui->help = false;
                planview_close(world->ui);
            }
    assert_int_equal(fixture_edits.batch_items, 0);
}

static void it_can_be_resized_at_any_moment(void **state)
{
    struct world *world = *state;
    static const char *const pages[] = {"", "E", "E!", "E!*", "E!*copyE", "E!*copyE*"};

    select_parameter(world, "1107");
    for (size_t p = 0; p < sizeof pages / sizeof *pages; p++) {
        press(world, 'c');
        for (const char *key = pages[p]; *key; key++) {
            char one[] = {*key, '\0'};
            if (*key == '!')
                answer(world);
            else if (*key == '*')
                step(world, 1);
            else
                press_all(world, one);
        }
        enum planview_page page = planview_page(world->ui->planview);
        for (int w = 1; w < 220; w += 13)
            for (int h = 1; h < 60; h += 7)
                resize(world, w, h);
        resize(world, 40, 12);
        resize(world, 80, 24);
        assert_int_equal(planview_page(world->ui->planview), page);
        press(world, UI_KEY_F1);
        assert_true(shows(world, "When copying parameters"));
        press(world, UI_KEY_ESCAPE);
        assert_int_equal(planview_page(world->ui->planview), page);
        ui_show(world->ui, VIEW_PARAMETERS);
        assert_null(world->ui->planview);
    }
}

static void only_one_thing_lies_over_the_view(void **state)
{
    struct world *world = *state;

    select_parameter(world, "1107");
    press(world, 'c');
    open_form(world, "XT1", 1138);
    assert_null(world->ui->planview);
    press(world, UI_KEY_ESCAPE);
    press(world, 'c');
    ui_show(world->ui, VIEW_LINK);
    assert_null(world->ui->planview);
}

// Keys drawn by lot, in every size: nothing breaks, and the batch is asked only for what it allows
// (the fixture aborts otherwise).
static void any_keys_in_any_order_are_survived(void **state)
{
    struct world *world = *state;
    static const unsigned keys[] = {
        UI_KEY_UP,       UI_KEY_DOWN,  UI_KEY_LEFT,   UI_KEY_RIGHT,     UI_KEY_TAB,
        UI_KEY_BACK_TAB, UI_KEY_ENTER, UI_KEY_ENTER,  UI_KEY_ENTER,     UI_KEY_PAGE_DOWN,
        UI_KEY_PAGE_UP,  UI_KEY_HOME,  UI_KEY_ESCAPE, UI_KEY_BACKSPACE, UI_KEY_DELETE,
        UI_KEY_F1,       'c',          'y',           0x6F22,           UI_KEY_END};
    uint32_t random = 7;

    for (int round = 0; round < 200; round++) {
        fixture_scene(world->plant, round % 3 ? SCENE_SUNNY : SCENE_TROUBLE);
        ui_show(world->ui, VIEW_PARAMETERS);
        resize(world, 40 + round % 90, 12 + round % 30);
        press(world, 'c');
        for (int n = 0; n < 60 && world->ui->planview; n++) {
            random = random * 1664525 + 1013904223;
            unsigned drawn = random >> 16;
            if (drawn % 5 == 0)
                answer(world);
            else if (drawn % 5 == 1)
                step(world, 1);
            else if (drawn % 11 == 0 && planview_place(world->ui->planview) == IN_PLAN_WORD)
                press_all(world, "copyE");
            else if (!world->ui->help || drawn % 2)
                press(world,
                      world->ui->help ? UI_KEY_ESCAPE : keys[drawn % (sizeof keys / sizeof *keys)]);
        }
        world->ui->help = false;
    }
    assert_true(fixture_edits.batch_items > 0);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        PLAN_TEST(one_parameter_goes_to_the_others_that_differ),
        PLAN_TEST(everything_is_read_anew_first),
        PLAN_TEST(all_that_is_listed_and_differs_is_copied),
        PLAN_TEST(a_menus_parameters_are_copied_together),
        PLAN_TEST(what_is_no_setting_is_never_copied),
        PLAN_TEST(what_runs_in_ram_counts_where_ram_is_written),
        PLAN_TEST(what_is_not_known_is_left_out),
        PLAN_TEST(silence_ends_the_reading_after_a_while),
        PLAN_TEST(devices_and_ram_or_flash_are_chosen),
        PLAN_TEST(devices_that_have_gone_are_left_out),
        PLAN_TEST(devices_may_go_at_any_moment),
        PLAN_TEST(read_only_is_said_before_anything_is_read),
        PLAN_TEST(the_word_must_be_typed_exactly),
        PLAN_TEST(another_installation_has_a_word_of_its_own),
        PLAN_TEST(what_was_not_seen_is_not_confirmed),
        PLAN_TEST(escape_leads_back_one_step),
        PLAN_TEST(writing_is_stopped_and_then_left),
        PLAN_TEST(unknown_outcomes_are_told_as_alarms),
        PLAN_TEST(keys_never_reach_the_view_below),
        PLAN_TEST(it_can_be_resized_at_any_moment),
        PLAN_TEST(only_one_thing_lies_over_the_view),
        PLAN_TEST(any_keys_in_any_order_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
