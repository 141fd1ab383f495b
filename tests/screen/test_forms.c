// SPDX-License-Identifier: MIT
// The form that changes a parameter, the list of kept values, and their golden screens.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture_edit.h"
#include "gallery.h"
#include "ui/form.h"

// --- Edits ---------------------------------------------------------------------------------------

static void reading(void)
{
    fixture_edits.state = EDIT_READING;
    fixture_edits.text = "reading from XT2";
    fixture_edits.done = 5;
    fixture_edits.all = 9;
}

static void reading_others(void)
{
    reading();
    fixture_edits.state = EDIT_READY;
    fixture_edits.later = EDIT_READING;
}

static void failing_others(void)
{
    fixture_edits.later = EDIT_FAILED;
    fixture_edits.text = "XT3 doesn't answer: not all of them can be written";
}

static void failed(void)
{
    fixture_edits.state = EDIT_FAILED;
    fixture_edits.text = "XT1 doesn't tell its limits (no answer), so nothing can be written";
}

static void refused_to_begin(void)
{
    fixture_edits.refused = XC_READ_ONLY;
    fixture_edits.text = "the program was started read-only: nothing is written";
}

static void overlaid(void)
{
    fixture_edits.overlay = 45.5;
}

static void different(void)
{
    fixture_edits.differs = -2;
    fixture_edits.overlay = 45.5;
    fixture_edits.doubt = true;
}

static void watched(void)
{
    fixture_edits.ram = XC_UNSUPPORTED;
}

static void worn(void)
{
    fixture_edits.flash_writes = 612;
}

static void written(void)
{
    fixture_edits.at_once = true;
}

static void uncertain(void)
{
    fixture_edits.at_once = true;
    fixture_edits.told = "no clear answer: it isn't known whether it was written";
    fixture_edits.result = RECORD_UNKNOWN;
    fixture_edits.error = 0x03;
}

static void refused(void)
{
    fixture_edits.at_once = true;
    fixture_edits.told = "XT3 refused it";
    fixture_edits.result = RECORD_REFUSED;
    fixture_edits.error = 0x2B;
}

static void rounded(void)
{
    fixture_edits.at_once = true;
    fixture_edits.told = "written to flash, and rounded by the device";
    fixture_edits.read_back = 44.97;
}

static void differing(void)
{
    fixture_edits.at_once = true;
    fixture_edits.told = "XT1 took it, but has another value now";
    fixture_edits.result = RECORD_DIFFERS;
    fixture_edits.read_back = 60;
}

static void monday_to_friday(void)
{
    fixture_edits.value = 0x1F;
}

static void one_flashes(void)
{
    fixture_edits.flashing_family = FAMILY_XT;
    fixture_edits.flashing_index = 2;
    fixture_edits.flashing_left = 44 * LOOP_S;
}

static void nothing_is_written(void)
{
    fixture_edits.refused = XC_READ_ONLY;
    fixture_edits.text = "nothing is written: the program was started read-only";
}

static void some_kept(void)
{
    fixture_keep("XT1", 1138, 45, 300 * LOOP_S, FIXTURE_NOW - 130 * LOOP_S, NULL);
    fixture_keep("VT", 10037, 1, 0, FIXTURE_NOW - 40 * LOOP_S, NULL);
    fixture_keep("XT2", 1108, 47.2, 600 * LOOP_S, 0,
                 "XT2's software is older than 1.6.12: it doesn't know RAM writes");
}

// --- Screens -------------------------------------------------------------------------------------

static const struct {
    struct screen screen;
    const char *device; // a form is open from the beginning: of this device; NULL: none
    unsigned parameter;
    void (*script)(void); // what the edit is like
} screens[] = {
    {{"form-reading-80x24", SCENE_SUNNY, 80, 24, "", false}, "XT1", 1138, reading},
    {{"form-reading-40x12-ascii", SCENE_SUNNY, 40, 12, "", true}, "XT1", 1138, reading},
    {{"form-failed-80x24", SCENE_SUNNY, 80, 24, "", false}, "XT1", 1138, failed},
    {{"form-failed-40x12", SCENE_SUNNY, 40, 12, "", false}, "XT1", 1138, failed},
    {{"form-read-only-80x24", SCENE_SUNNY, 80, 24, "", false}, "XT1", 1138, refused_to_begin},
    {{"form-number-80x24", SCENE_SUNNY, 80, 24, "", false}, "XT1", 1138, overlaid},
    {{"form-number-120x40", SCENE_SUNNY, 120, 40, "2", false}, "XT1", 1138, overlaid},
    {{"form-number-200x50", SCENE_SUNNY, 200, 50, "45", false}, "XT1", 1138, overlaid},
    {{"form-number-40x12", SCENE_SUNNY, 40, 12, "45", false}, "XT1", 1138, overlaid},
    {{"form-number-60x16", SCENE_SUNNY, 60, 16, "45", false}, "XT1", 1138, overlaid},
    {{"form-number-80x24-ascii", SCENE_SUNNY, 80, 24, "DDU", true}, "XT1", 1138, overlaid},
    {{"form-number-40x12-ascii", SCENE_SUNNY, 40, 12, "45", true}, "XT1", 1138, overlaid},
    {{"form-range-80x24", SCENE_SUNNY, 80, 24, "250", false}, "XT1", 1138, NULL},
    {{"form-range-40x12", SCENE_SUNNY, 40, 12, "250", false}, "XT1", 1138, NULL},
    {{"form-syntax-80x24", SCENE_SUNNY, 80, 24, "4x", false}, "XT1", 1138, NULL},
    {{"form-note-80x24", SCENE_SUNNY, 80, 24, "45,5", false}, "XT1", 1138, NULL},
    {{"form-watched-80x24", SCENE_SUNNY, 80, 24, "45", false}, "XT1", 1138, watched},
    {{"form-bool-80x24", SCENE_SUNNY, 80, 24, "D", false}, "XT1", 1126, NULL},
    {{"form-enum-80x24", SCENE_SUNNY, 80, 24, "DD", false}, "XT1", 1532, NULL},
    {{"form-enum-40x12", SCENE_SUNNY, 40, 12, "DD", false}, "XT1", 1532, NULL},
    {{"form-bits-80x24", SCENE_SUNNY, 80, 24, "RRRRR D", false}, "XT1", 1205, monday_to_friday},
    {{"form-bits-40x12-ascii", SCENE_SUNNY, 40, 12, "RRRRR ", true}, "XT1", 1205, monday_to_friday},
    {{"form-time-80x24", SCENE_SUNNY, 80, 24, "13:41", false}, "XT1", 1206, NULL},
    {{"form-date-80x24", SCENE_SUNNY, 80, 24, "", false}, "XCOM", 5002, NULL},
    {{"form-date-40x12", SCENE_SUNNY, 40, 12, "U", false}, "XCOM", 5002, NULL},
    {{"form-cosphi-80x24", SCENE_SUNNY, 80, 24, "DD", false}, "XT1", 1622, NULL},
    {{"form-signal-80x24", SCENE_SUNNY, 80, 24, "", false}, "XT1", 1468, NULL},
    {{"form-signal-40x12-ascii", SCENE_SUNNY, 40, 12, "", true}, "XT1", 1468, NULL},
    {{"form-flash-80x24", SCENE_SUNNY, 80, 24, "45TR", false}, "XT1", 1138, NULL},
    {{"form-flash-40x12", SCENE_SUNNY, 40, 12, "45TR", false}, "XT1", 1138, NULL},
    {{"form-several-80x24", SCENE_SUNNY, 80, 24, "45TTR", false}, "XT1", 1138, different},
    {{"form-several-40x12", SCENE_BIG, 40, 12, "45TTRR", false}, "XT1", 1138, different},
    {{"form-others-read-80x24", SCENE_SUNNY, 80, 24, "45TTR", false}, "XT1", 1138, reading_others},
    {{"form-others-failed-80x24", SCENE_SUNNY, 80, 24, "45TTR", false},
     "XT1",
     1138,
     failing_others},
    {{"form-phase-80x24", SCENE_BIG, 80, 24, "45TTR", false}, "XT1", 1138, NULL},
    {{"form-keep-80x24", SCENE_SUNNY, 80, 24, "45TTTRRR", false}, "XT1", 1138, NULL},
    {{"form-long-name-80x24", SCENE_SUNNY, 80, 24, "", false}, "XT1", 1554, NULL},
    {{"confirm-80x24", SCENE_SUNNY, 80, 24, "45E", false}, "XT1", 1138, NULL},
    {{"confirm-120x40", SCENE_SUNNY, 120, 40, "45E", false}, "XT1", 1138, NULL},
    {{"confirm-40x12", SCENE_SUNNY, 40, 12, "45E", false}, "XT1", 1138, overlaid},
    {{"confirm-80x24-ascii", SCENE_SUNNY, 80, 24, "45TTTRRRE", true}, "XT1", 1138, overlaid},
    {{"confirm-date-80x24", SCENE_SUNNY, 80, 24, "E", false}, "XCOM", 5002, NULL},
    {{"confirm-signal-80x24", SCENE_SUNNY, 80, 24, "Eres", false}, "XT1", 1468, NULL},
    {{"confirm-flash-80x24", SCENE_SUNNY, 80, 24, "45TREfla", false}, "XT1", 1138, worn},
    {{"confirm-flash-40x12", SCENE_SUNNY, 40, 12, "45TREflushE", false}, "XT1", 1138, worn},
    {{"confirm-all-80x24", SCENE_SUNNY, 80, 24, "45TTRE", false}, "XT1", 1138, different},
    {{"confirm-fifteen-80x24", SCENE_BIG, 80, 24, "45TTRRE", false}, "VT1", 10002, different},
    {{"confirm-fifteen-40x12", SCENE_BIG, 40, 12, "45TTRREDDDN", false}, "VT1", 10002, different},
    {{"writing-80x24", SCENE_SUNNY, 80, 24, "45Ey", false}, "XT1", 1138, NULL},
    {{"writing-40x12", SCENE_SUNNY, 40, 12, "45Ey", false}, "XT1", 1138, NULL},
    {{"written-80x24", SCENE_SUNNY, 80, 24, "45TTTRRREy", false}, "XT1", 1138, written},
    {{"written-40x12-ascii", SCENE_SUNNY, 40, 12, "45TTTRREy", true}, "XT1", 1138, written},
    {{"written-rounded-80x24", SCENE_SUNNY, 80, 24, "45TREflashE", false}, "XT1", 1138, rounded},
    {{"written-differs-80x24", SCENE_SUNNY, 80, 24, "45TREflashE", false}, "XT1", 1138, differing},
    {{"written-refused-80x24", SCENE_SUNNY, 80, 24, "45TTREallE", false}, "XT1", 1138, refused},
    {{"written-unknown-80x24", SCENE_SUNNY, 80, 24, "45TTTREy", false}, "XT1", 1138, uncertain},
    {{"written-unknown-40x12", SCENE_SUNNY, 40, 12, "45Ey", false}, "XT1", 1138, uncertain},
    {{"flash-80x24", SCENE_SUNNY, 80, 24, "", false}, NULL, 0, one_flashes},
    {{"flash-xt-80x24", SCENE_SUNNY, 80, 24, "2R", false}, NULL, 0, one_flashes},
    {{"flash-refused-80x24", SCENE_SUNNY, 80, 24, "b", false}, NULL, 0, nothing_is_written},
    {{"flash-refused-40x12-ascii", SCENE_SUNNY, 40, 12, "b", true}, NULL, 0, nothing_is_written},
    {{"link-clock-80x24", SCENE_SUNNY, 80, 24, "0t", false}, NULL, 0, NULL},
    {{"kept-80x24", SCENE_SUNNY, 80, 24, "K", false}, NULL, 0, some_kept},
    {{"kept-120x40", SCENE_SUNNY, 120, 40, "KD", false}, NULL, 0, some_kept},
    {{"kept-trouble-80x24", SCENE_SUNNY, 80, 24, "KDD", false}, NULL, 0, some_kept},
    {{"kept-stop-80x24-ascii", SCENE_SUNNY, 80, 24, "Kx", true}, NULL, 0, some_kept},
    {{"kept-40x12", SCENE_SUNNY, 40, 12, "KDD", false}, NULL, 0, some_kept},
    {{"kept-none-80x24", SCENE_SUNNY, 80, 24, "K", false}, NULL, 0, NULL},
    {{"help-form-80x24", SCENE_SUNNY, 80, 24, "T?", false}, "XT1", 1138, NULL},
};

static const struct screen *screen_at(size_t i)
{
    return &screens[i].screen;
}

static void prepare(size_t i, struct ui *ui)
{
    struct target target;

    fixture_edits_reset();
    if (screens[i].script)
        screens[i].script();
    if (!screens[i].device)
        return;
    assert_int_equal(target_parse(screens[i].device, &target), XC_OK);
    form_open(ui, &target, catalogue_find(target.family, screens[i].parameter));
}

static const struct gallery gallery = {screen_at, sizeof screens / sizeof *screens, prepare};

int main(void)
{
    return gallery_run(&gallery);
}
