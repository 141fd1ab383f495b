// SPDX-License-Identifier: MIT
// Changing a parameter: a form over whatever view is shown, in three pages – what is wanted,
// whether that is meant, what has come of it. A thin skin over plant/edit.h, which reads, judges
// and writes.
#ifndef XC_UI_FORM_H
#define XC_UI_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "plant/edit.h"
#include "ui/entry.h"
#include "ui/field.h"
#include "ui/keymap.h"
#include "ui/view.h"

// Opens it for one device, phase or family; closes whatever else lies over the view. What can't be
// changed is said there.
void form_open(struct ui *ui, const struct target *target, const struct datapoint *datapoint);
// Opens it for a device to take one of its recorded writes back, which record_undo_refusal() has
// nothing against: with the value from before, to RAM or flash as then.
void form_open_undo(struct ui *ui, const struct target *device, const struct record *record);
// Closes it, if one is open. A write that is under way goes on, is recorded, and kept if that was
// wished.
void form_close(struct ui *ui);

// Of an open one: where its keys are looked up, what they do, what is to be seen (formpages.c).
place_set form_place(const struct form *form);
void form_key(struct ui *ui, unsigned key, enum action action);
void form_draw(struct ui *ui, struct canvas *canvas, struct rect body);

// --- Its state, for form.c and formpages.c -------------------------------------------------------

enum form_page { FORM_ENTER, FORM_CONFIRM, FORM_RESULT };
enum form_line { LINE_VALUE, LINE_PART, LINE_WHERE, LINE_KEEP, LINE_COUNT };
enum { FORM_TARGETS_MAX = 3, FORM_KEEPS = 7, FORM_AHEAD_MAX = 32 };

struct form {
    struct ui *ui;
    const struct datapoint *datapoint;
    struct record undo; // what is to be taken back; its n is 0: nothing
    char undo_notes[UNDO_NOTES_MAX][EDIT_TEXT_MAX];
    size_t undo_note_count;
    struct target targets[FORM_TARGETS_MAX]; // to choose from
    int target_count, where;
    struct edit *edit; // NULL: it couldn't be begun
    char error[EDIT_TEXT_MAX];
    unsigned ahead[FORM_AHEAD_MAX]; // keys that came before there was something to enter
    int ahead_count;
    bool filled;     // a first edit has been read: there is something to enter
    bool ready;      // the present one has
    int64_t read_at; // ui_clock() of that
    enum form_page page;
    enum form_line line; // that the keys go to
    struct entry entry;
    bool flash;
    int keep;                    // 0: not; else form_keep()
    struct edit_verdict verdict; // on what is entered now
    struct field word;
    bool mistyped;
    struct scroll scroll;  // of the pages that are text
    struct edit_wish sent; // FORM_RESULT
    bool done;             // the result has come, and what is to be kept is
    unsigned kept;         // its number, 0 if it isn't kept
    char keep_error[EDIT_TEXT_MAX];
};

// A choice for keeping, 1 .. FORM_KEEPS - 1: microseconds between repetitions; 0: only after
// restarts.
int64_t form_keep_period(int keep);
// What is entered, as a wish.
struct edit_wish form_wish(const struct form *form);
// True as long as that takes the record back: the value from before, where it was written.
bool form_takes_back(const struct form *form, const struct edit_wish *wish);
// True for lines that there is a choice in.
bool form_has_line(const struct form *form, enum form_line line);
// The present edit's state; EDIT_FAILED when there is none.
enum edit_state form_state(const struct form *form);

#endif
