// SPDX-License-Identifier: MIT
// Copying parameters from a device to others of its family, over the parameters view: which
// devices, what they have, the plan, and what has come of it. A thin skin over plant/batch.h, which
// looks, judges and writes.
#ifndef XC_UI_PLANVIEW_H
#define XC_UI_PLANVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plant/batch.h"
#include "ui/field.h"
#include "ui/keymap.h"
#include "ui/view.h"

// Opens the choice: of settings (count > 0, copied) of a device, to other ones of its family.
// Closes whatever else lies over the view.
void planview_open(struct ui *ui, const struct target *from,
                   const struct datapoint *const *parameters, size_t count);
// Closes it, if it is open. What is being written goes on and is recorded; the rest isn't written.
void planview_close(struct ui *ui);

// Of an open one: where its keys are looked up, what they do, what is to be seen (planview_draw.c).
place_set planview_place(const struct planview *plan);
void planview_key(struct ui *ui, unsigned key, enum action action);
void planview_draw(struct ui *ui, struct canvas *canvas, struct rect body);

// --- Its state, for planview.c and planview_draw.c -----------------------------------------------

enum planview_page {
    PLANVIEW_CHOOSE,
    PLANVIEW_READ, // what the devices have
    PLANVIEW_LOOK, // at each change that comes of that
    PLANVIEW_SHOW, // the plan, to be confirmed
    PLANVIEW_WRITE,
    PLANVIEW_REPORT,
};
enum planview_line { PLANVIEW_FROM, PLANVIEW_TO, PLANVIEW_PART, PLANVIEW_LINES };

// A parameter of a device that is left out before there is a change: one of both values isn't
// known.
struct planview_gap {
    const struct datapoint *datapoint;
    uint8_t index;
    char why[EDIT_TEXT_MAX];
};

struct planview {
    struct ui *ui;
    enum family family;
    const struct datapoint **parameters;
    size_t parameter_count;
    char error[EDIT_TEXT_MAX]; // why nothing can be copied at all; "" if it can

    // The choice.
    enum planview_line line; // that the keys go to
    uint8_t from;
    uint8_t to; // 0: all others
    bool flash;

    // Reading: everything is read after since, whatever was known before.
    struct plant_ref *refs;
    size_t ref_count, answered;
    struct subscription *reading; // NULL: nothing is read
    int64_t since, answered_at;   // loop_now() of the beginning, and of the last answer

    // The plan.
    uint8_t targets[DEVICES_PER_FAMILY_MAX];
    int target_count;
    struct batch *batch; // NULL: there is none yet
    struct planview_gap *gaps;
    size_t gap_count, gap_room;
    size_t same; // parameters that a device has so already, and that never came into the batch
    // Items to be seen: first the planned ones, then what is refused. The gaps follow.
    size_t *rows;
    size_t row_count, planned;
    bool shown; // the plan has been drawn: it may be confirmed
    struct field word;
    bool mistyped;
    bool stopping;
    bool scrolled; // the list doesn't follow what is being written
    struct scroll scroll;
};

enum planview_page planview_page(const struct planview *plan);
// Present devices that would be written to, as chosen now; the number of them.
int planview_targets(const struct planview *plan, uint8_t indices[DEVICES_PER_FAMILY_MAX]);
bool planview_is_present(const struct planview *plan, unsigned index);
// What is to be typed to confirm the plan.
const char *planview_word(const struct planview *plan);
// Goes on from reading when all is read. Called before each drawing.
void planview_advance(struct planview *plan);

#endif
