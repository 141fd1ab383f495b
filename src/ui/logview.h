// SPDX-License-Identifier: MIT
// Logging from the screens: a small form over the view to begin it, what it is doing, and its part
// of the bottom line. It goes on in any view until it is stopped or the program ends. Inside of
// src/ui.
#ifndef XC_UI_LOGVIEW_H
#define XC_UI_LOGVIEW_H

#include "ui/keymap.h"
#include "ui/view.h"

// What the form begins with comes from ui_options. Returned for ui->logview.
struct logview *logview_new(const struct ui_options *options);
void logview_free(struct logview *logview); // what is logged is on the disk when this returns

// Opens the form, or what is being done; closes whatever else lies over the view.
void logview_open(struct ui *ui);
void logview_close(struct ui *ui);
bool logview_is_open(const struct ui *ui);
// The plant has changed.
void logview_look(struct ui *ui);

// Of an open one: where its keys are looked up, what they do, what is to be seen.
place_set logview_place(const struct ui *ui);
void logview_key(struct ui *ui, unsigned key, enum action action);
void logview_draw(struct ui *ui, struct canvas *canvas, struct rect body);

// Draws what is logged into the right end of the bottom line and takes that from bar; nothing while
// nothing is.
void logview_draw_line(struct ui *ui, struct canvas *canvas, struct rect *bar);

#endif
