// SPDX-License-Identifier: MIT
// Entering a value of a datapoint in a form fit for its encoding: a line of text with step keys
// (number, time of day, date, cos phi), one of options, several of them, or a button (signal). What
// may be entered is judged elsewhere.
#ifndef XC_UI_ENTRY_H
#define XC_UI_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "ui/canvas.h"
#include "ui/field.h"
#include "ui/keymap.h"
#include "ui/view.h"

enum entry_kind { ENTRY_TEXT, ENTRY_ONE, ENTRY_SEVERAL, ENTRY_BUTTON };

struct entry {
    const struct datapoint *datapoint;
    double number;                  // what is entered, the protocol's; NaN: nothing sensible
    bool now;                       // a date: the computer's local time when it is sent
    struct datapoint_limits limits; // what steps go by and stay within; NaN: as if there were none
    struct field field;             // ENTRY_TEXT
    int option;                     // that the cursor is on; ENTRY_ONE, ENTRY_SEVERAL
    int columns;                    // of options side by side; this and rows as of the last drawing
    struct scroll rows;
};

// Begins with a value as the proposal (NaN for none); a date begins with "now".
void entry_begin(struct entry *entry, const struct datapoint *datapoint, double number);

enum entry_kind entry_kind(const struct entry *entry);

// A key that nobody else took, and what the table of keys says to it. clock: the computer's local
// time in seconds since 1970, to step on from "now".
void entry_key(struct entry *entry, unsigned key, enum action action, int64_t clock);

// The rows it would like to have in so many columns.
int entry_rows(const struct entry *entry, int columns);
// focus: the keys go to it now.
void entry_draw(struct entry *entry, struct canvas *canvas, struct rect area, bool focus);

#endif
