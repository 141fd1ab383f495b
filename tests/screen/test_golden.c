// SPDX-License-Identifier: MIT
// Screens as they should look: text, then roles as letters, in golden/NAME.txt. After a change on
// purpose: make update-golden, and read the difference.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gallery.h"

static const struct screen screens[] = {
    {"overview-80x24", SCENE_SUNNY, 80, 24, "", false},
    {"overview-120x40", SCENE_SUNNY, 120, 40, "", false},
    {"overview-200x50", SCENE_SUNNY, 200, 50, "", false},
    {"overview-60x16", SCENE_SUNNY, 60, 16, "", false},
    {"overview-40x12", SCENE_SUNNY, 40, 12, "", false},
    {"overview-39x11", SCENE_SUNNY, 39, 11, "", false},
    {"overview-80x24-ascii", SCENE_SUNNY, 80, 24, "", true},
    {"overview-120x40-ascii", SCENE_SUNNY, 120, 40, "", true},
    {"overview-40x12-ascii", SCENE_SUNNY, 40, 12, "", true},
    {"overview-scrolled-80x24", SCENE_SUNNY, 80, 24, "DDDDDD", false},
    {"feeding-80x24", SCENE_FEEDING, 80, 24, "", false},
    {"feeding-40x12", SCENE_FEEDING, 40, 12, "", false},
    {"genset-80x24", SCENE_GENSET, 80, 24, "", false},
    {"trouble-80x24", SCENE_TROUBLE, 80, 24, "", false},
    {"trouble-120x40", SCENE_TROUBLE, 120, 40, "", false},
    {"trouble-40x12-ascii", SCENE_TROUBLE, 40, 12, "", true},
    {"big-80x24", SCENE_BIG, 80, 24, "", false},
    {"big-200x50", SCENE_BIG, 200, 50, "", false},
    {"solar-80x24", SCENE_SOLAR, 80, 24, "", false},
    {"solar-70x16", SCENE_SOLAR, 70, 16, "", false},
    {"early-80x24", SCENE_EARLY, 80, 24, "", false},
    {"discovery-80x24", SCENE_DISCOVERY, 80, 24, "", false},
    {"down-60x16", SCENE_DOWN, 60, 16, "", false},
    {"down-40x12-ascii", SCENE_DOWN, 40, 12, "", true},
    {"paused-60x16", SCENE_SUNNY, 60, 16, "P", false},
    {"xt-80x24", SCENE_SUNNY, 80, 24, "2", false},
    {"xt-120x40", SCENE_SUNNY, 120, 40, "2", false},
    {"xt-40x12", SCENE_SUNNY, 40, 12, "2", false},
    {"xt-folded-80x24", SCENE_SUNNY, 80, 24, "2-DDDE", false},
    {"xt-identity-80x24", SCENE_SUNNY, 80, 24, "2+Z", false},
    {"xt-trouble-80x24", SCENE_TROUBLE, 80, 24, "2RDDDN", false},
    {"vt-big-60x16-ascii", SCENE_BIG, 60, 16, "3RRRRR", true},
    {"vs-trouble-80x24", SCENE_TROUBLE, 80, 24, "4D", false},
    {"vs-none-60x16", SCENE_GENSET, 60, 16, "4", false},
    {"bsp-80x24", SCENE_SUNNY, 80, 24, "5", false},
    {"bms-120x40", SCENE_GENSET, 120, 40, "5", false},
    {"params-80x24", SCENE_SUNNY, 80, 24, "6", false},
    {"params-80x24-ascii", SCENE_SUNNY, 80, 24, "6DDDDR", true},
    {"params-120x40", SCENE_SUNNY, 120, 40, "6DDDR", false},
    {"params-120x40-ascii", SCENE_SUNNY, 120, 40, "6]", true},
    {"params-200x50", SCENE_SUNNY, 200, 50, "6DDD", false},
    {"params-200x50-ascii", SCENE_BIG, 200, 50, "6DDDR", true},
    {"params-40x12", SCENE_SUNNY, 40, 12, "6DDD", false},
    {"params-40x12-ascii", SCENE_SUNNY, 40, 12, "6DDDR", true},
    {"params-one-80x24", SCENE_SUNNY, 80, 24, "6sDDDR", false},
    {"params-folded-80x24", SCENE_SUNNY, 80, 24, "6-DE", false},
    {"params-unfolded-80x24", SCENE_SUNNY, 80, 24, "6-DE+NN", false},
    {"params-vs-14180-120x40", SCENE_SUNNY, 120, 40, "6]]-DDEDDDEDDDDEDDDDDDDDDDDDDDEDDED", false},
    {"params-bms-80x24", SCENE_GENSET, 80, 24, "6]]", false},
    {"params-rcc-80x24", SCENE_SUNNY, 80, 24, "6[DDD", false},
    {"params-24v-80x24", SCENE_FEEDING, 80, 24, "6NDDDDDDDD", false},
    {"params-trouble-80x24", SCENE_TROUBLE, 80, 24, "6DDRR", false},
    {"params-early-80x24", SCENE_EARLY, 80, 24, "6DD", false},
    {"params-typing-80x24", SCENE_SUNNY, 80, 24, "6/batt volt", false},
    {"params-typing-40x12-ascii", SCENE_SUNNY, 40, 12, "6/batt volt", true},
    {"params-found-80x24", SCENE_SUNNY, 80, 24, "6/batt voltEND", false},
    {"params-found-120x40", SCENE_SUNNY, 120, 40, "6/manualE", false},
    {"params-found-none-60x16", SCENE_SUNNY, 60, 16, "6/no such", false},
    {"params-level-80x24", SCENE_SUNNY, 80, 24, "6v", false},
    {"params-question-80x24", SCENE_SUNNY, 80, 24, "6d", false},
    {"params-question-40x12-ascii", SCENE_BIG, 40, 12, "6d", true},
    {"params-reading-80x24", SCENE_SUNNY, 80, 24, "6dy!", false},
    {"params-reading-40x12", SCENE_SUNNY, 40, 12, "6xy!", false},
    {"params-stopped-80x24", SCENE_SUNNY, 80, 24, "6dy!^", false},
    {"params-changed-80x24", SCENE_SUNNY, 80, 24, "6dy!!!D", false},
    {"params-differs-80x24", SCENE_SUNNY, 80, 24, "6xy!!!DRR", false},
    {"params-mine-80x24", SCENE_SUNNY, 80, 24, "6rDR", false},
    {"link-80x24", SCENE_SUNNY, 80, 24, "0", false},
    {"link-140x40", SCENE_TROUBLE, 140, 40, "0", false},
    {"link-40x12-ascii", SCENE_DOWN, 40, 12, "0", true},
    {"link-can-80x24", SCENE_CAN, 80, 24, "0", false},
    {"link-can-40x12-ascii", SCENE_CAN, 40, 12, "0", true},
    {"link-can-bad-120x40", SCENE_CAN_BAD, 120, 40, "0", false},
    {"link-can-bad-80x24", SCENE_CAN_BAD, 80, 24, "0N", false},
    {"link-can-bad-40x12", SCENE_CAN_BAD, 40, 12, "0", false},
    {"overview-can-bad-80x24", SCENE_CAN_BAD, 80, 24, "", false},
    {"files-80x24", SCENE_SUNNY, 80, 24, "9D", false},
    {"files-80x24-ascii", SCENE_SUNNY, 80, 24, "9NN", true},
    {"files-120x40", SCENE_SUNNY, 120, 40, "9DDD", false},
    {"files-40x12", SCENE_SUNNY, 40, 12, "9", false},
    {"files-40x12-ascii", SCENE_TROUBLE, 40, 12, "9DDD", true},
    {"files-trouble-80x24", SCENE_TROUBLE, 80, 24, "9D", false},
    {"files-all-here-80x24", SCENE_FEEDING, 80, 24, "9", false},
    {"files-early-80x24", SCENE_EARLY, 80, 24, "9", false},
    {"files-down-60x16", SCENE_DOWN, 60, 16, "9", false},
    {"files-paused-60x16", SCENE_SUNNY, 60, 16, "9P", false},
    {"files-can-60x16", SCENE_CAN, 60, 16, "9", false},
    {"help-80x24", SCENE_SUNNY, 80, 24, "?", false},
    {"help-40x12-ascii", SCENE_SUNNY, 40, 12, "?DDD", true},
};
static const struct screen *screen_at(size_t i)
{
    return &screens[i];
}

static const struct gallery gallery = {screen_at, sizeof screens / sizeof *screens, NULL};

int main(void)
{
    return gallery_run(&gallery);
}
