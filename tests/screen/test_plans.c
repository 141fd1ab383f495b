// SPDX-License-Identifier: MIT
// Golden screens of taking writes back, and of the list of writes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>

#include "fixture_edit.h"
#include "gallery.h"

static const struct {
    struct screen screen;
    void (*script)(void);
} screens[] = {
    {{"undo-80x24", SCENE_SUNNY, 80, 24, "6DDDRu", false}, NULL},
    {{"undo-40x12", SCENE_SUNNY, 40, 12, "6DDDRu", false}, NULL},
    {{"undo-confirm-80x24", SCENE_SUNNY, 80, 24, "6/1140EuE", false}, NULL},
    {{"undo-confirm-40x12-ascii", SCENE_SUNNY, 40, 12, "6DDDRuE", true}, NULL},
    {{"undo-none-80x24", SCENE_SUNNY, 80, 24, "6DDu", false}, NULL},
    {{"undo-none-40x12", SCENE_SUNNY, 40, 12, "6DDu", false}, NULL},
    {{"writes-80x24", SCENE_SUNNY, 80, 24, "6w", false}, NULL},
    {{"writes-80x24-ascii", SCENE_SUNNY, 80, 24, "6wDD", true}, NULL},
    {{"writes-200x50", SCENE_SUNNY, 200, 50, "6wD", false}, NULL},
    {{"writes-60x16", SCENE_SUNNY, 60, 16, "6wZ", false}, NULL},
    {{"writes-40x12", SCENE_SUNNY, 40, 12, "6wDDD", false}, NULL},
    {{"writes-none-80x24", SCENE_SUNNY, 80, 24, "6]w", false}, NULL},
};

static const struct screen *screen_at(size_t i)
{
    return &screens[i].screen;
}

static void prepare(size_t i, struct ui *ui)
{
    (void)ui;
    fixture_edits_reset();
    if (screens[i].script)
        screens[i].script();
}

static const struct gallery gallery = {screen_at, sizeof screens / sizeof *screens, prepare};

static void plans_look_as_they_should(void **state)
{
    (void)state;
    gallery_looks_as_it_should(&gallery);
}

static void no_alarm_is_told_by_colour_alone(void **state)
{
    (void)state;
    gallery_tells_no_alarm_by_colour_alone(&gallery);
}

static void ascii_plans_are_ascii(void **state)
{
    (void)state;
    gallery_can_be_ascii(&gallery);
}

static void nothing_moves_when_values_change(void **state)
{
    (void)state;
    gallery_stands_still(&gallery);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_look_as_they_should),
        cmocka_unit_test(no_alarm_is_told_by_colour_alone),
        cmocka_unit_test(ascii_plans_are_ascii),
        cmocka_unit_test(nothing_moves_when_values_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
