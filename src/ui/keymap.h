// SPDX-License-Identifier: MIT
// The one table of keys: what they do, where, and in which words. Dispatch, the help overlay and
// the bottom line come from it; the man page is held to it by a test.
#ifndef XC_UI_KEYMAP_H
#define XC_UI_KEYMAP_H

#include <stddef.h>
#include <stdint.h>

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
    ACTION_MESSAGES,
    ACTION_GRAPHS,
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
    ACTION_THEME,
    ACTION_REDRAW,
    ACTION_CLOSE,
    ACTION_QUIT,
    ACTION_NEXT_LINE,
    ACTION_PREVIOUS_LINE,
    ACTION_TOGGLE,
    ACTION_TEXT, // within a line of text: the field knows what
    ACTION_KEPT,
    ACTION_STOP,
    ACTION_ALARMS,
    ACTION_NEW,
    ACTION_LOG,
    ACTION_IDENTIFY,
    ACTION_SET_CLOCK,
    ACTION_CLEAR_RESTARTED,
    ACTION_PIN,         // this value to the overview, or off it
    ACTION_ADD,         // this parameter to its family's values, or out of them
    ACTION_SHOW_HIDDEN, // rows
    ACTION_COLUMNS,     // of the overview: this value, or see them
    ACTION_GRAPH,       // this value into the graphs, or out
    ACTION_ZOOM_IN,
    ACTION_ZOOM_OUT,
    ACTION_CURSOR_LEFT,
    ACTION_CURSOR_RIGHT,
    ACTION_JUMP_LEFT,
    ACTION_JUMP_RIGHT,
    ACTION_REMOVE,
    ACTION_MOVE_UP,
    ACTION_MOVE_DOWN,
    ACTION_WIDEN,
    ACTION_GET_NEW,
    ACTION_GET_ALL,
    ACTION_LIST,
};

// Places where a key means something, as bits: a key may be known in several.
typedef uint64_t place_set;

#define PLACE(number) (UINT64_C(1) << (number))

// Views.
#define IN_OVERVIEW   PLACE(0)
#define IN_FAMILY     PLACE(1)
#define IN_LINK       PLACE(2)
#define IN_PARAMETERS PLACE(3)
#define IN_MESSAGES   PLACE(4)
#define IN_GRAPHS     PLACE(5)
#define IN_FILES      PLACE(6) // datalog files
// In place of one, or over it.
#define IN_HELP         PLACE(8)
#define IN_SEARCH       PLACE(9)  // a text field: characters are text, whatever else they mean
#define IN_QUESTION     PLACE(10) // yes or no
#define IN_FORM_TEXT    PLACE(11) // typing a value: characters are text
#define IN_FORM_CHOICE  PLACE(12) // any other line of the form
#define IN_CONFIRM      PLACE(13)
#define IN_WORD         PLACE(14) // typing the word asked for: characters are text
#define IN_FORM_FAILED  PLACE(15)
#define IN_FORM_WAITING PLACE(16)
#define IN_FORM_CLOSING PLACE(17) // there is nothing left to do but to close it
#define IN_KEPT         PLACE(18) // the list of kept values
#define IN_KEPT_STOP    PLACE(19)
#define IN_KEPT_LEAVE   PLACE(20) // leaving, while values are kept
#define IN_WRITES       PLACE(21) // the list of recorded writes
#define IN_PLAN_CHOICE  PLACE(22) // copying: from where, to where
#define IN_PLAN_WAITING PLACE(23)
#define IN_PLAN_WORD    PLACE(24) // before the plan; characters are text
#define IN_PLAN_WRITING PLACE(25)
#define IN_PLAN_END     PLACE(26)
#define IN_ALARMS       PLACE(27) // the list of alarms
#define IN_ALARM_TEXT   PLACE(28) // setting one: characters are text
#define IN_LOG_TEXT     PLACE(29) // where to log, and what: characters are text
#define IN_LOG_CHOICE   PLACE(30)
#define IN_LOG_RUNNING  PLACE(31)
#define IN_NOTICE       PLACE(32) // something is said
#define IN_COLUMNS      PLACE(33) // the list of a table's columns

#define IN_VIEWS                                                                                   \
    (IN_OVERVIEW | IN_FAMILY | IN_LINK | IN_PARAMETERS | IN_MESSAGES | IN_GRAPHS | IN_FILES)
// But in what lies over a view.
#define ANYWHERE (IN_VIEWS | IN_HELP | IN_SEARCH | IN_QUESTION)
#define IN_FORM                                                                                    \
    (IN_FORM_TEXT | IN_FORM_CHOICE | IN_CONFIRM | IN_WORD | IN_FORM_FAILED | IN_FORM_WAITING |     \
     IN_FORM_CLOSING)
#define IN_KEPTS (IN_KEPT | IN_KEPT_STOP | IN_KEPT_LEAVE)
#define IN_PLAN  (IN_PLAN_CHOICE | IN_PLAN_WAITING | IN_PLAN_WORD | IN_PLAN_WRITING | IN_PLAN_END)
#define IN_LOG   (IN_LOG_TEXT | IN_LOG_CHOICE | IN_LOG_RUNNING)
#define IN_TEXT  (IN_FORM_TEXT | IN_WORD | IN_PLAN_WORD | IN_ALARM_TEXT | IN_LOG_TEXT)
// Somebody is asked: what was typed before the question was on screen is no answer to it.
#define IN_ASKED (IN_QUESTION | IN_CONFIRM | IN_WORD | IN_KEPT_STOP | IN_KEPT_LEAVE | IN_PLAN_WORD)
#define EVERYWHERE                                                                                 \
    (ANYWHERE | IN_FORM | IN_KEPTS | IN_WRITES | IN_PLAN | IN_ALARMS | IN_ALARM_TEXT | IN_LOG |    \
     IN_NOTICE | IN_COLUMNS)

struct key_binding {
    enum action action;
    place_set places;
    unsigned keys[3];
    const char *names; // "↑ k"
    const char *what;  // a sentence for help and man page
    const char *label; // in the bottom line; NULL: not there
};

// The i-th binding in the order of the help; NULL at the end.
const struct key_binding *keymap_at(size_t i);
enum action keymap_action(unsigned key, place_set place);

// The bottom line for a place. battery: "BSP" or "BMS"; current: the action of the present view.
void keymap_draw_bar(struct canvas *canvas, struct rect area, place_set place, enum action current,
                     const char *battery);

#endif
