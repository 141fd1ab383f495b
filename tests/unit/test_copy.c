// SPDX-License-Identifier: MIT
// Copying and taking back the whole way: from the keys to the simulated devices' flash and the
// records.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>

#include "edit_rig.h"
#include "ui/form.h"
#include "ui/planview.h"
#include "ui/ui.h"
#include "ui/view.h"

struct screen {
    struct rig *rig;
    struct ui *ui;
    struct canvas canvas;
};

static int open_screen(void **state)
{
    struct screen *screen = calloc(1, sizeof *screen);

    screen->rig = rig_new("xt=3", NULL);
    rig_discover(screen->rig);
    screen->ui = ui_new(screen->rig->loop, screen->rig->plant, &(struct ui_options){.site = ""});
    canvas_init(&screen->canvas, 80, 24, false);
    ui_show(screen->ui, VIEW_PARAMETERS);
    ui_draw(screen->ui, &screen->canvas);
    *state = screen;
    return 0;
}

static int close_screen(void **state)
{
    struct screen *screen = *state;

    canvas_free(&screen->canvas);
    ui_free(screen->ui);
    rig_free(screen->rig);
    free(screen);
    return 0;
}
#define SCREEN_TEST(name) cmocka_unit_test_setup_teardown(name, open_screen, close_screen)

// Characters; D, U, L, R: arrows; E: Enter; T: Tab; X: Esc.
static void press(struct screen *screen, const char *keys)
{
    for (; *keys; keys++) {
        unsigned key = *keys == 'D'   ? UI_KEY_DOWN
                       : *keys == 'U' ? UI_KEY_UP
                       : *keys == 'L' ? UI_KEY_LEFT
                       : *keys == 'R' ? UI_KEY_RIGHT
                       : *keys == 'E' ? UI_KEY_ENTER
                       : *keys == 'T' ? UI_KEY_TAB
                       : *keys == 'X' ? UI_KEY_ESCAPE
                                      : (unsigned char)*keys;
        assert_true(ui_key(screen->ui, key));
        ui_draw(screen->ui, &screen->canvas);
    }
}

// Time goes on, drawn four times a second.
static void run(struct screen *screen, int64_t duration)
{
    for (; duration > 0; duration -= LOOP_S / 4) {
        rig_run(screen->rig, LOOP_S / 4);
        ui_draw(screen->ui, &screen->canvas);
    }
}

static void run_to(struct screen *screen, enum planview_page page)
{
    for (int i = 0; i < 2000 && planview_page(screen->ui->planview) != page; i++)
        run(screen, LOOP_S / 4);
    assert_int_equal(planview_page(screen->ui->planview), page);
}

static struct batch_totals totals_of(const struct screen *screen)
{
    struct batch_totals totals;

    batch_totals(screen->ui->planview->batch, &totals);
    return totals;
}

static void one_parameter_is_copied_to_ram(void **state)
{
    struct screen *screen = *state;
    struct rig *rig = screen->rig;
    struct record records[8];
    double number;

    rig_command(rig, "set XT1 1138 45");
    press(screen, "/1138EcE");
    run_to(screen, PLANVIEW_SHOW);
    assert_int_equal(rig->write_count, 0);
    assert_int_equal(totals_of(screen).allowed, 2);
    press(screen, "copyE");
    run_to(screen, PLANVIEW_REPORT);
    assert_int_equal(rig->write_count, 2);
    assert_int_equal(rig->writes[0].address, 102);
    assert_int_equal(rig->writes[1].address, 103);
    assert_int_equal(rig->writes[0].property, SCOM_UNSAVED_VALUE_QSP);
    assert_int_equal(totals_of(screen).written, 2);
    assert_int_equal(plant_overlay(rig->plant, FAMILY_XT, 3, 1138, &number), OVERLAY_SURE);
    assert_true(number == 45);
    assert_true(rig_flash(rig, 103, 1138) == 60);
    assert_int_equal(rig_records(rig, records, 8), 2);
    // There is nothing left to do.
    press(screen, "EcE");
    run_to(screen, PLANVIEW_SHOW);
    assert_int_equal(totals_of(screen).all, 0);
    assert_int_equal(screen->ui->planview->same, 2);
}

static void what_has_changed_a_moment_ago_is_copied_on(void **state)
{
    struct screen *screen = *state;
    struct rig *rig = screen->rig;

    // What all of them have is known from now on.
    rig_command(rig, "set XT1 1138 45");
    rig_command(rig, "set XT1 1107 20");
    press(screen, "x");
    press(screen, "y");
    run(screen, 60 * LOOP_S);
    press(screen, "CRTRE"); // to XT2, in flash
    assert_int_equal(screen->ui->planview->parameter_count, 2);
    run_to(screen, PLANVIEW_SHOW);
    assert_int_equal(totals_of(screen).allowed, 2);
    press(screen, "copyE");
    run_to(screen, PLANVIEW_REPORT);
    assert_true(rig_flash(rig, 102, 1138) == 45);
    assert_true(rig_flash(rig, 103, 1138) == 60);
    // From there to XT3, at once; somebody else has changed something, too.
    rig_command(rig, "set XT2 1107 22");
    press(screen, "EXXRCRRTRE");
    assert_int_equal(screen->ui->planview->from, 2);
    assert_int_equal(screen->ui->planview->to, 3);
    run_to(screen, PLANVIEW_SHOW);
    assert_int_equal(totals_of(screen).allowed, 2);
    press(screen, "copyE");
    run_to(screen, PLANVIEW_REPORT);
    assert_int_equal(totals_of(screen).written, 2);
    assert_true(rig_flash(rig, 103, 1138) == 45);
    assert_true(rig_flash(rig, 103, 1107) == 22);
    assert_int_equal(rig->write_count, 4);
}

static void a_device_that_goes_away_is_left_out(void **state)
{
    struct screen *screen = *state;
    struct rig *rig = screen->rig;

    rig_command(rig, "set XT1 1138 45");
    press(screen, "/1138Ec");
    rig_command(rig, "gone XT3");
    press(screen, "E");
    run_to(screen, PLANVIEW_SHOW);
    assert_int_equal(totals_of(screen).allowed, 1);
    assert_int_equal(screen->ui->planview->gap_count, 1);
    rig_command(rig, "gone XT2");
    press(screen, "copyE");
    run_to(screen, PLANVIEW_REPORT);
    assert_int_equal(rig->write_count, 0);
    assert_int_equal(totals_of(screen).written, 0);
}

static void a_lost_answer_is_unknown(void **state)
{
    struct screen *screen = *state;
    struct rig *rig = screen->rig;

    rig_command(rig, "set XT1 1138 45");
    press(screen, "/1138EcE");
    run_to(screen, PLANVIEW_SHOW);
    rig_command(rig, "mute XT2:1138");
    press(screen, "copyE");
    run_to(screen, PLANVIEW_REPORT);
    assert_int_equal(rig->write_count, 2);
    assert_int_equal(totals_of(screen).unknown, 1);
    assert_int_equal(totals_of(screen).written, 1);
}

static void closing_while_it_writes_leaves_the_rest_unwritten(void **state)
{
    struct screen *screen = *state;
    struct rig *rig = screen->rig;
    struct record records[8];

    rig_command(rig, "set XT1 1138 45");
    press(screen, "/1138EcE");
    run_to(screen, PLANVIEW_SHOW);
    press(screen, "copyE");
    rig_run(rig, 60 * LOOP_MS);
    press(screen, "XX");
    assert_null(screen->ui->planview);
    run(screen, 10 * LOOP_S);
    assert_int_equal(rig->write_count, 1);
    assert_int_equal(rig_records(rig, records, 8), 1);
    assert_int_equal(records[0].result, RECORD_WRITTEN);
}

static void a_copy_is_taken_back(void **state)
{
    struct screen *screen = *state;
    struct rig *rig = screen->rig;
    struct record records[8];

    rig_command(rig, "set XT1 1138 45");
    press(screen, "/1138EcTRE"); // all others, in flash
    run_to(screen, PLANVIEW_SHOW);
    press(screen, "copyE");
    run_to(screen, PLANVIEW_REPORT);
    press(screen, "ERu"); // XT2's
    run(screen, 3 * LOOP_S);
    assert_non_null(screen->ui->form);
    press(screen, "E");
    assert_int_equal(rig->write_count, 2);
    press(screen, "flashE");
    run(screen, 10 * LOOP_S);
    press(screen, "E");
    assert_int_equal(rig->write_count, 3);
    assert_true(rig_flash(rig, 102, 1138) == 60);
    assert_int_equal(rig_records(rig, records, 8), 3);
    assert_int_equal(records[2].undo, records[0].n);
    assert_int_equal(records[2].result, RECORD_WRITTEN);
    // The same from the list, for XT3.
    press(screen, "Rwu");
    run(screen, 3 * LOOP_S);
    press(screen, "EflashE");
    run(screen, 10 * LOOP_S);
    assert_true(rig_flash(rig, 103, 1138) == 60);
    assert_int_equal(rig_records(rig, records, 8), 4);
    assert_int_equal(records[3].undo, records[1].n);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        SCREEN_TEST(one_parameter_is_copied_to_ram),
        SCREEN_TEST(what_has_changed_a_moment_ago_is_copied_on),
        SCREEN_TEST(a_device_that_goes_away_is_left_out),
        SCREEN_TEST(a_lost_answer_is_unknown),
        SCREEN_TEST(closing_while_it_writes_leaves_the_rest_unwritten),
        SCREEN_TEST(a_copy_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
