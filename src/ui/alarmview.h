// SPDX-License-Identifier: MIT
// The list of alarms on values, over the view: which are on, and a line of text to set one. Those
// of the configuration file are shown, and changed there. Inside of src/ui.
#ifndef XC_UI_ALARMVIEW_H
#define XC_UI_ALARMVIEW_H

#include "plant/watch.h"
#include "ui/keymap.h"
#include "ui/view.h"

// Opens the list; closes whatever else lies over the view.
void alarmview_open(struct ui *ui);
// Opens it with a proposal for a value, to be completed.
void alarmview_open_for(struct ui *ui, const struct plant_ref *ref);
// Closes it, if it is open.
void alarmview_close(struct ui *ui);

// Of an open one: where its keys are looked up, what they do, what is to be seen.
place_set alarmview_place(const struct alarmview *alarmview);
void alarmview_key(struct ui *ui, unsigned key, enum action action);
void alarmview_draw(struct ui *ui, struct canvas *canvas, struct rect body);

#endif
