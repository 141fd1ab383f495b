// SPDX-License-Identifier: MIT
// The messages of the installation and the alarms on its values, as far as they are known: a list
// to search and filter, and the selected one in full. Inside of src/ui.
#ifndef XC_UI_MESSAGEVIEW_H
#define XC_UI_MESSAGEVIEW_H

#include "plant/messages.h"
#include "ui/view.h"

struct messageview;

struct messageview *messageview_new(void);
void messageview_free(struct messageview *view);

extern const struct view message_view;

// The person comes to the view, and leaves it: what was shown has been seen then.
void messageview_enter(struct ui *ui);
void messageview_leave(struct ui *ui);

// Where its keys are looked up; a character typed into the search.
place_set messageview_place(const struct ui *ui);
void messageview_type(struct ui *ui, unsigned character);

// How the overview and the list show one: a sign, a letter, the role, and its text in words
// ("warning: Battery low (000)").
struct message_look {
    const char *sign; // "!" for what is more than an information
    char letter;      // I, W, E, H of the catalogue; A an alarm, "-" one that is over
    enum role role;
};
struct message_look message_look(const struct known_message *message);
char *message_words(const struct known_message *message, char *out, size_t size);

#endif
