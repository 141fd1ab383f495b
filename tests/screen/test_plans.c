// SPDX-License-Identifier: MIT
// Golden screens of copying parameters, of taking writes back, and of the list of writes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture_edit.h"
#include "gallery.h"

static void read_only(void)
{
    fixture_edits.refused = XC_READ_ONLY;
    fixture_edits.text = "nothing is written: the program was started read-only";
}

static void one_refused(void)
{
    fixture_edits.refused_id = 1298;
    fixture_edits.warned_id = 1107;
}

static void last_unknown(void)
{
    one_refused();
    fixture_edits.result = RECORD_UNKNOWN;
    fixture_edits.told = "no clear answer: it isn't known whether it was written";
}

// Those that differ, to all others; looked at; confirmed.
#define DIFFERING "6xy!!!C"
#define PLANNED   DIFFERING "E!****"
#define CONFIRMED PLANNED "copyE"

static const struct {
    struct screen screen;
    void (*script)(void);
} screens[] = {
    {{"copy-80x24", SCENE_SUNNY, 80, 24, "6DDDc", false}, NULL},
    {{"copy-40x12", SCENE_SUNNY, 40, 12, "6DDDc", false}, NULL},
    {{"copy-flash-80x24-ascii", SCENE_BIG, 80, 24, "6CRTR", true}, NULL},
    {{"copy-flash-40x12-ascii", SCENE_BIG, 40, 12, "6CTR", true}, NULL},
    {{"copy-gone-80x24", SCENE_TROUBLE, 80, 24, "6c", false}, NULL},
    {{"copy-read-only-80x24", SCENE_SUNNY, 80, 24, "6c", false}, read_only},
    {{"copy-none-80x24", SCENE_SUNNY, 80, 24, "6]]c", false}, NULL},
    {{"copy-reading-80x24", SCENE_SUNNY, 80, 24, "6CE!!", false}, NULL},
    {{"copy-reading-40x12", SCENE_SUNNY, 40, 12, "6CE!!", false}, NULL},
    {{"copy-looking-80x24", SCENE_SUNNY, 80, 24, DIFFERING "E!*", false}, NULL},
    {{"plan-80x24", SCENE_SUNNY, 80, 24, PLANNED, false}, one_refused},
    {{"plan-80x24-ascii", SCENE_SUNNY, 80, 24, PLANNED "DD", true}, one_refused},
    {{"plan-200x50", SCENE_SUNNY, 200, 50, PLANNED, false}, one_refused},
    {{"plan-60x16", SCENE_SUNNY, 60, 16, PLANNED "cop", false}, one_refused},
    {{"plan-40x12", SCENE_SUNNY, 40, 12, PLANNED, false}, one_refused},
    {{"plan-mistyped-40x12-ascii", SCENE_SUNNY, 40, 12, PLANNED "yE", true}, one_refused},
    {{"plan-overlay-80x24", SCENE_SUNNY, 80, 24, "6DDDcE!*", false}, NULL},
    {{"plan-nothing-80x24", SCENE_SUNNY, 80, 24, "6DDDDcE!*", false}, NULL},
    {{"plan-left-out-80x24", SCENE_SUNNY, 80, 24, "6/1646EcE!*", false}, NULL},
    {{"plan-writing-80x24", SCENE_SUNNY, 80, 24, CONFIRMED "**", false}, one_refused},
    {{"plan-stopping-40x12", SCENE_SUNNY, 40, 12, CONFIRMED "*^", false}, one_refused},
    {{"plan-done-80x24", SCENE_SUNNY, 80, 24, CONFIRMED "*********", false}, one_refused},
    {{"plan-unknown-80x24", SCENE_SUNNY, 80, 24, CONFIRMED "*********", false}, last_unknown},
    {{"plan-unknown-40x12", SCENE_SUNNY, 40, 12, CONFIRMED "*********", false}, last_unknown},
    {{"plan-stopped-80x24", SCENE_SUNNY, 80, 24, CONFIRMED "*^*", false}, last_unknown},
    {{"plan-help-80x24", SCENE_SUNNY, 80, 24, "6c?", false}, NULL},
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

int main(void)
{
    return gallery_run(&gallery);
}
