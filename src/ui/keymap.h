// SPDX-License-Identifier: MIT
// The one table of keys: what they do, where, and in which words. Dispatch, the help overlay and
// the bottom line come from it; the man page is held to it by a test.
#ifndef XC_UI_KEYMAP_H
#define XC_UI_KEYMAP_H

#include <stddef.h>

#include "ui/canvas.h"

enum action {
    ACTION_NONE,
    ACTION_HELP,
    ACTION_OVERVIEW,
    ACTION_XT,
    ACTION_VT,
    ACTION_VS,
    ACTION_BATTERY,
    ACTION_PARAMETERS,
    ACTION_FILES,
    ACTION_LINK,
    ACTION_NEXT_VIEW,
    ACTION_PREVIOUS_VIEW,
    ACTION_UP,
    ACTION_DOWN,
    ACTION_LEFT,
    ACTION_RIGHT,
    ACTION_PAGE_UP,
    ACTION_PAGE_DOWN,
    ACTION_HOME,
    ACTION_END,
    ACTION_ENTER,
    ACTION_OPEN_ALL,
    ACTION_CLOSE_ALL,
    ACTION_EDIT,
    ACTION_COPY,
    ACTION_COPY_ALL,
    ACTION_UNDO,
    ACTION_WRITES,
    ACTION_SEARCH,
    ACTION_PREVIOUS_FAMILY,
    ACTION_NEXT_FAMILY,
    ACTION_ONE_DEVICE,
    ACTION_LEVEL,
    ACTION_CHANGED,
    ACTION_DIFFERS,
    ACTION_MINE,
    ACTION_ERASE,
    ACTION_YES,
    ACTION_BACK,
    ACTION_PAUSE,
    ACTION_REDRAW,
    ACTION_CLOSE,
    ACTION_QUIT,
    ACTION_NEXT_LINE,
    ACTION_PREVIOUS_LINE,
    ACTION_TOGGLE,
    ACTION_TEXT, // within a line of text: the field knows what
    ACTION_KEPT,
    ACTION_STOP,
    ACTION_GET_NEW,
    ACTION_GET_ALL,
    ACTION_LIST,
};

// Places where a key means something; a key may be known in several.
enum place {
    IN_OVERVIEW = 1,
    IN_FAMILY = 2,
    IN_LINK = 4,
    IN_HELP = 8,
    IN_PARAMETERS = 16,
    IN_SEARCH = 32,       // a text field: characters are text, whatever else they mean
    IN_QUESTION = 64,     // yes or no
    IN_FILES = 0x4000000, // datalog files
    IN_VIEWS = IN_OVERVIEW | IN_FAMILY | IN_LINK | IN_PARAMETERS | IN_FILES,
    ANYWHERE = IN_VIEWS | IN_HELP | IN_SEARCH | IN_QUESTION, // but in what lies over a view:

    IN_FORM_TEXT = 0x100,   // typing a value: characters are text
    IN_FORM_CHOICE = 0x200, // any other line of the form
    IN_CONFIRM = 0x400,
    IN_WORD = 0x800, // typing the word asked for: characters are text
    IN_FORM_FAILED = 0x1000,
    IN_FORM_WAITING = 0x2000,
    IN_FORM_CLOSING = 0x4000, // there is nothing left to do but to close it
    IN_KEPT = 0x8000,         // the list of kept values
    IN_KEPT_STOP = 0x10000,
    IN_WRITES = 0x20000,      // the list of recorded writes
    IN_PLAN_CHOICE = 0x40000, // copying: from where, to where
    IN_PLAN_WAITING = 0x80000,
    IN_PLAN_WORD = 0x100000, // before the plan; characters are text
    IN_PLAN_WRITING = 0x200000,
    IN_PLAN_END = 0x400000,
    IN_KEPT_LEAVE = 0x800000, // leaving, while values are kept
    IN_FORM = 0x7F00,
    IN_KEPTS = IN_KEPT | IN_KEPT_STOP | IN_KEPT_LEAVE,
    IN_PLAN = 0x7C0000,
    IN_TEXT = IN_FORM_TEXT | IN_WORD | IN_PLAN_WORD,
    // Somebody is asked: what was typed before the question was on screen is no answer to it.
    IN_ASKED = IN_QUESTION | IN_CONFIRM | IN_WORD | IN_KEPT_STOP | IN_KEPT_LEAVE | IN_PLAN_WORD,
    EVERYWHERE = ANYWHERE | IN_FORM | IN_KEPTS | IN_WRITES | IN_PLAN,
};

struct key_binding {
    enum action action;
    unsigned places;
    unsigned keys[3];
    const char *names; // "↑ k"
    const char *what;  // a sentence for help and man page
    const char *label; // in the bottom line; NULL: not there
};

// The i-th binding in the order of the help; NULL at the end.
const struct key_binding *keymap_at(size_t i);
enum action keymap_action(unsigned key, enum place place);

// The bottom line for a place. battery: "BSP" or "BMS"; current: the action of the present view.
void keymap_draw_bar(struct canvas *canvas, struct rect area, enum place place, enum action current,
                     const char *battery);

#endif
