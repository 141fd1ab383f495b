// SPDX-License-Identifier: MIT
#include "ui/keymap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ui/ui.h"

#define NO_TEXT  (EVERYWHERE & ~IN_TEXT)
#define IN_LISTS (NO_TEXT & ~IN_GRAPHS)
#define IN_LINES (IN_FORM_TEXT | IN_FORM_CHOICE)
enum { RANGE_FROM = 60 }; // on a smaller screen the views are what matters

static const struct key_binding bindings[] = {
    {ACTION_HELP, NO_TEXT, {'?', UI_KEY_F1}, "? F1", "help: all keys and signs", "Help"},
    {ACTION_HELP, IN_TEXT, {UI_KEY_F1}, "F1", "help while typing", "Help"},
    {ACTION_OVERVIEW, IN_VIEWS, {'1'}, "1", "overview: energy flow, devices, messages", "Overview"},
    {ACTION_XT, IN_VIEWS, {'2'}, "2", "Xtender inverters: all values", "XT"},
    {ACTION_VT, IN_VIEWS, {'3'}, "3", "VarioTrack solar chargers: all values", "VT"},
    {ACTION_VS, IN_VIEWS, {'4'}, "4", "VarioString solar chargers: all values", "VS"},
    {ACTION_BATTERY, IN_VIEWS, {'5'}, "5", "battery monitor (BSP) or battery (BMS)", "BSP"},
    {ACTION_PARAMETERS, IN_VIEWS, {'6'}, "6", "parameters: menus, search, filters", "Params"},
    {ACTION_MESSAGES, IN_VIEWS, {'7'}, "7", "messages and alarms", "Messages"},
    {ACTION_GRAPHS, IN_VIEWS, {'8'}, "8", "graphs: up to six values over time", "Graphs"},
    {ACTION_FILES, IN_VIEWS, {'9'}, "9", "datalog files of the gateway's SD card", "Files"},
    {ACTION_LINK, IN_VIEWS, {'0'}, "0", "link: connection, statistics, identities", "Link"},
    {ACTION_NEXT_VIEW, IN_VIEWS, {UI_KEY_TAB}, "Tab", "next view", NULL},
    {ACTION_PREVIOUS_VIEW, IN_VIEWS, {UI_KEY_BACK_TAB}, "Shift-Tab", "previous view", NULL},
    {ACTION_UP, NO_TEXT, {UI_KEY_UP, 'k'}, "↑ k", "one row up", NULL},
    {ACTION_DOWN, NO_TEXT, {UI_KEY_DOWN, 'j'}, "↓ j", "one row down", NULL},
    {ACTION_LEFT,
     IN_FAMILY | IN_PARAMETERS,
     {UI_KEY_LEFT, 'h'},
     "← h",
     "one device to the left",
     NULL},
    {ACTION_RIGHT,
     IN_FAMILY | IN_PARAMETERS,
     {UI_KEY_RIGHT, 'l'},
     "→ l",
     "one device to the right",
     NULL},
    {ACTION_LEFT,
     IN_MESSAGES,
     {UI_KEY_LEFT, 'h'},
     "← h",
     "messages of the device before, or of all",
     NULL},
    {ACTION_RIGHT,
     IN_MESSAGES,
     {UI_KEY_RIGHT, 'l'},
     "→ l",
     "only messages of the next device",
     NULL},
    {ACTION_PAGE_UP, IN_LISTS, {UI_KEY_PAGE_UP}, "PgUp", "one page up", NULL},
    {ACTION_PAGE_DOWN, IN_LISTS, {UI_KEY_PAGE_DOWN}, "PgDn", "one page down", NULL},
    {ACTION_HOME, IN_LISTS, {UI_KEY_HOME}, "Home", "first row", NULL},
    {ACTION_END, IN_LISTS, {UI_KEY_END, 'G'}, "End G", "last row", NULL},
    {ACTION_GRAPH,
     IN_OVERVIEW | IN_FAMILY,
     {'g'},
     "g",
     "this value into the graphs, or out",
     "g Graph"},
    {ACTION_GRAPH, IN_PARAMETERS, {'g'}, "g", "this value into the graphs, or out", NULL},
    {ACTION_PIN, IN_FAMILY, {'*'}, "*", "pin this value to the overview, or take it off", "* Pin"},
    {ACTION_PIN, IN_PARAMETERS, {'*'}, "*", "pin this value to the overview, or take it off", NULL},
    {ACTION_ADD,
     IN_PARAMETERS,
     {'a'},
     "a",
     "add this parameter to the family's values, or take it out",
     NULL},
    {ACTION_LEFT, IN_OVERVIEW, {UI_KEY_LEFT, 'h'}, "← h", "choose the pinned value before", NULL},
    {ACTION_RIGHT, IN_OVERVIEW, {UI_KEY_RIGHT, 'l'}, "→ l", "choose the next pinned value", NULL},
    {ACTION_PIN, IN_OVERVIEW, {'*'}, "*", "take the chosen pinned value off", NULL},
    {ACTION_MOVE_UP, IN_OVERVIEW, {'u'}, "u", "the chosen pinned value one place forward", NULL},
    {ACTION_MOVE_DOWN, IN_OVERVIEW, {'d'}, "d", "the chosen pinned value one place back", NULL},
    {ACTION_COLUMNS, IN_OVERVIEW, {'c'}, "c", "the columns of this device's table", "c Columns"},
    {ACTION_COLUMNS,
     IN_FAMILY,
     {'c'},
     "c",
     "this value a column of the overview, or no longer",
     NULL},
    {ACTION_REMOVE,
     IN_FAMILY,
     {'x', UI_KEY_DELETE},
     "x Del",
     "hide this row, or take it back; take a parameter out",
     "x Hide"},
    {ACTION_SHOW_HIDDEN,
     IN_FAMILY,
     {'v'},
     "v",
     "show hidden rows, to take them back; hide them",
     NULL},
    {ACTION_MOVE_UP, IN_FAMILY, {'u'}, "u", "this row one place up in its group", NULL},
    {ACTION_MOVE_DOWN, IN_FAMILY, {'d'}, "d", "this row one place down in its group", NULL},
    {ACTION_ZOOM_IN, IN_GRAPHS, {'+', '='}, "+", "less time, in more detail", "+"},
    {ACTION_ZOOM_OUT, IN_GRAPHS, {'-'}, "-", "more time", "- Zoom"},
    {ACTION_LEFT, IN_GRAPHS, {UI_KEY_LEFT, 'h'}, "← h", "earlier", NULL},
    {ACTION_RIGHT, IN_GRAPHS, {UI_KEY_RIGHT, 'l'}, "→ l", "later", NULL},
    {ACTION_PAGE_UP, IN_GRAPHS, {UI_KEY_PAGE_UP}, "PgUp", "a whole width earlier", NULL},
    {ACTION_PAGE_DOWN, IN_GRAPHS, {UI_KEY_PAGE_DOWN}, "PgDn", "a whole width later", NULL},
    {ACTION_HOME, IN_GRAPHS, {UI_KEY_HOME}, "Home", "the oldest that is known", NULL},
    {ACTION_END, IN_GRAPHS, {UI_KEY_END, 'G'}, "End G", "back to now", "End Now"},
    {ACTION_CURSOR_LEFT, IN_GRAPHS, {','}, ",", "cursor: what it was then, and earlier", ","},
    {ACTION_CURSOR_RIGHT, IN_GRAPHS, {'.'}, ".", "cursor: later", ". Cursor"},
    {ACTION_JUMP_LEFT, IN_GRAPHS, {'<'}, "<", "cursor: ten points earlier", NULL},
    {ACTION_JUMP_RIGHT, IN_GRAPHS, {'>'}, ">", "cursor: ten points later", NULL},
    {ACTION_BACK, IN_GRAPHS, {UI_KEY_ESCAPE}, "Esc", "without the cursor", NULL},
    {ACTION_REMOVE,
     IN_GRAPHS,
     {'x', UI_KEY_DELETE},
     "x Del",
     "take the chosen value out of the graphs",
     "x Remove"},
    {ACTION_MOVE_UP, IN_GRAPHS, {'u'}, "u", "the chosen value one place up", NULL},
    {ACTION_MOVE_DOWN, IN_GRAPHS, {'d'}, "d", "the chosen value one place down", NULL},
    {ACTION_WIDEN, IN_GRAPHS, {'s'}, "s", "this device, or all of its family together", "s Sum"},
    {ACTION_PIN, IN_GRAPHS, {'*'}, "*", "pin this value to the overview, or take it off", NULL},
    {ACTION_ENTER,
     IN_OVERVIEW,
     {UI_KEY_ENTER, ' '},
     "Enter Space",
     "all values of this device",
     "Enter Values"},
    {ACTION_ENTER,
     IN_FAMILY,
     {UI_KEY_ENTER, ' '},
     "Enter Space",
     "open or fold this group",
     "Enter Fold"},
    {ACTION_IDENTIFY,
     IN_OVERVIEW,
     {'b'},
     "b",
     "make this device's LEDs flash for 45 s; stop them",
     NULL},
    {ACTION_IDENTIFY,
     IN_FAMILY,
     {'b'},
     "b",
     "make this device's LEDs flash for 45 s; stop them",
     "b Blink"},
    {ACTION_SET_CLOCK,
     IN_LINK,
     {'t'},
     "t",
     "set the installation's clock to this computer's",
     "t Clock"},
    {ACTION_CLEAR_RESTARTED,
     IN_LINK,
     {'c'},
     "c",
     "clear the sign that the gateway has restarted",
     "c Clear"},
    {ACTION_OPEN_ALL, IN_FAMILY, {'+', '='}, "+", "open all groups", "+"},
    {ACTION_CLOSE_ALL, IN_FAMILY, {'-'}, "-", "fold all groups", "- All"},
    {ACTION_ALARMS, IN_FAMILY, {'a'}, "a", "set an alarm on this value", "a Alarm"},
    {ACTION_LEVEL, IN_MESSAGES, {'v'}, "v", "only warnings, only errors, all", "v Only"},
    {ACTION_SEARCH, IN_MESSAGES, {'/'}, "/", "search the messages", "/ Find"},
    {ACTION_ALARMS, IN_MESSAGES, {'a'}, "a", "the alarms on values: see, set", "a Alarms"},
    {ACTION_BACK, IN_MESSAGES, {UI_KEY_ESCAPE}, "Esc", "show all messages again", NULL},
    {ACTION_ENTER,
     IN_PARAMETERS,
     {UI_KEY_ENTER, ' '},
     "Enter Space",
     "open or fold this menu, change this parameter",
     NULL},
    {ACTION_OPEN_ALL, IN_PARAMETERS, {'+', '='}, "+", "open all menus", NULL},
    {ACTION_CLOSE_ALL, IN_PARAMETERS, {'-'}, "-", "fold all menus", NULL},
    {ACTION_EDIT, IN_PARAMETERS, {'e'}, "e", "change this parameter", "e"},
    {ACTION_EDIT, IN_FAMILY, {'e'}, "e", "change this parameter, where one was added", NULL},
    {ACTION_COPY,
     IN_PARAMETERS,
     {'c'},
     "c",
     "copy this parameter, or those of this menu, to other devices",
     "c"},
    {ACTION_COPY_ALL,
     IN_PARAMETERS,
     {'C'},
     "C",
     "copy all listed parameters that differ to other devices",
     NULL},
    {ACTION_UNDO,
     IN_PARAMETERS,
     {'u'},
     "u",
     "take the last recorded write of this parameter back",
     "u"},
    {ACTION_WRITES, IN_PARAMETERS, {'w'}, "w", "recorded writes to this device", "w Edit"},
    {ACTION_SEARCH, IN_PARAMETERS, {'/'}, "/", "search all families", "/ Find"},
    {ACTION_PREVIOUS_FAMILY, IN_PARAMETERS, {'['}, "[", "previous family", "["},
    {ACTION_NEXT_FAMILY, IN_PARAMETERS, {']'}, "]", "next family", "] Family"},
    {ACTION_ONE_DEVICE,
     IN_PARAMETERS,
     {'s'},
     "s",
     "one device, or all of the family side by side",
     "s Side"},
    {ACTION_LEVEL, IN_PARAMETERS, {'v'}, "v", "only levels up to basic, expert, installer", "v"},
    {ACTION_CHANGED, IN_PARAMETERS, {'d'}, "d", "only what is changed from default", "d"},
    {ACTION_DIFFERS, IN_PARAMETERS, {'x'}, "x", "only what differs between devices", "x"},
    {ACTION_MINE, IN_PARAMETERS, {'r'}, "r", "only what has records of changes by me", "r Filter"},
    {ACTION_BACK,
     IN_PARAMETERS,
     {UI_KEY_ESCAPE},
     "Esc",
     "stop reading, leave the search, show all again",
     NULL},
    {ACTION_ENTER, IN_SEARCH, {UI_KEY_ENTER}, "Enter", "go to what was found", "Enter List"},
    {ACTION_ERASE, IN_SEARCH, {UI_KEY_BACKSPACE}, "Backspace", "erase a character", NULL},
    {ACTION_BACK, IN_SEARCH, {UI_KEY_ESCAPE}, "Esc", "leave the search", "Esc Leave"},
    {ACTION_YES,
     IN_QUESTION,
     {'y', UI_KEY_ENTER},
     "y Enter",
     "read what the filter needs",
     "y Read"},
    {ACTION_BACK, IN_QUESTION, {'n', UI_KEY_ESCAPE}, "n Esc", "do without this filter", "n No"},
    {ACTION_ENTER,
     IN_FILES,
     {UI_KEY_ENTER, ' '},
     "Enter Space",
     "fetch this file, or leave it",
     "Enter Get"},
    {ACTION_GET_NEW, IN_FILES, {'n'}, "n", "fetch all that aren't here, or not whole", "n New"},
    {ACTION_GET_ALL, IN_FILES, {'A'}, "A", "fetch all", "A All"},
    {ACTION_STOP, IN_FILES, {'x'}, "x", "abort, and fetch nothing more", "x Abort"},
    {ACTION_LIST, IN_FILES, {'r'}, "r", "read the list again", NULL},
    {ACTION_PAUSE, IN_VIEWS, {'P', 'p'}, "P", "pause polling, and go on", "P Pause"},
    {ACTION_KEPT, IN_VIEWS, {'K'}, "K", "values kept in RAM: see and stop them", NULL},
    {ACTION_LOG, IN_VIEWS, {'L'}, "L", "log values to a file: begin, see, stop", NULL},
    {ACTION_THEME, IN_VIEWS, {'T'}, "T", "next theme: other colours, or none", NULL},
    {ACTION_REDRAW, EVERYWHERE, {UI_KEY_REDRAW}, "Ctrl-L", "draw the screen anew", NULL},
    {ACTION_CLOSE,
     IN_HELP,
     {UI_KEY_ESCAPE, UI_KEY_ENTER, UI_KEY_BACKSPACE},
     "Esc",
     "close this help",
     "Esc Close"},
    {ACTION_QUIT, ANYWHERE, {'q', UI_KEY_F1 + 9}, "q F10", "leave", "q Quit"},

    // What lies over a view has keys of its own, and none of the view's.
    {ACTION_ENTER, IN_LINES, {UI_KEY_ENTER}, "Enter", "go on to the confirmation", "Enter Go on"},
    {ACTION_NEXT_LINE,
     IN_LINES | IN_PLAN_CHOICE,
     {UI_KEY_TAB},
     "Tab",
     "next line of the form",
     "Tab Next"},
    {ACTION_PREVIOUS_LINE,
     IN_LINES | IN_PLAN_CHOICE,
     {UI_KEY_BACK_TAB},
     "Shift-Tab",
     "previous line of the form",
     NULL},
    {ACTION_LEFT,
     IN_FORM_CHOICE | IN_PLAN_CHOICE,
     {UI_KEY_LEFT, 'h'},
     "← h",
     "the choice before",
     NULL},
    {ACTION_RIGHT,
     IN_FORM_CHOICE | IN_PLAN_CHOICE,
     {UI_KEY_RIGHT, 'l'},
     "→ l",
     "the next choice",
     NULL},
    {ACTION_TOGGLE,
     IN_FORM_CHOICE,
     {' '},
     "Space",
     "mark an option, or take the next choice",
     NULL},
    {ACTION_UP, IN_TEXT, {UI_KEY_UP}, "↑", "a step more, or a row up", NULL},
    {ACTION_DOWN, IN_TEXT, {UI_KEY_DOWN}, "↓", "a step less, or a row down", NULL},
    {ACTION_PAGE_UP, IN_TEXT, {UI_KEY_PAGE_UP}, "PgUp", "ten steps more, or a page up", NULL},
    {ACTION_PAGE_DOWN, IN_TEXT, {UI_KEY_PAGE_DOWN}, "PgDn", "ten steps less, or a page down", NULL},
    {ACTION_TEXT, IN_TEXT, {UI_KEY_LEFT, UI_KEY_RIGHT}, "← →", "move within the text", NULL},
    {ACTION_TEXT,
     IN_TEXT,
     {UI_KEY_HOME, UI_KEY_END},
     "Home End",
     "beginning or end of the text",
     NULL},
    {ACTION_TEXT,
     IN_TEXT,
     {UI_KEY_BACKSPACE, UI_KEY_DELETE},
     "Bksp Del",
     "take away a character",
     NULL},
    {ACTION_TEXT, IN_TEXT, {UI_KEY_ERASE_LINE}, "Ctrl-U", "take away all before the cursor", NULL},
    {ACTION_YES, IN_CONFIRM, {'y'}, "y", "write", "y Write"},
    {ACTION_ENTER,
     IN_WORD | IN_PLAN_WORD,
     {UI_KEY_ENTER},
     "Enter",
     "write, when the word has been typed",
     "Enter Write"},
    {ACTION_CLOSE, IN_CONFIRM, {UI_KEY_ESCAPE, 'n'}, "Esc n", "back to the form", "Esc Back"},
    {ACTION_CLOSE, IN_WORD, {UI_KEY_ESCAPE}, "Esc", "back to the form while typing", "Esc Back"},
    {ACTION_ENTER,
     IN_FORM_FAILED,
     {UI_KEY_ENTER},
     "Enter",
     "read from the devices again",
     "Enter Read again"},
    {ACTION_CLOSE,
     IN_LINES | IN_FORM_FAILED | IN_FORM_WAITING,
     {UI_KEY_ESCAPE},
     "Esc",
     "close the form",
     "Esc Close"},
    {ACTION_CLOSE,
     IN_FORM_CLOSING,
     {UI_KEY_ESCAPE, UI_KEY_ENTER},
     "Esc Enter",
     "close the result",
     "Esc Close"},
    {ACTION_ENTER,
     IN_LOG_TEXT | IN_LOG_CHOICE,
     {UI_KEY_ENTER},
     "Enter",
     "begin to log",
     "Enter Begin"},
    {ACTION_NEXT_LINE, IN_LOG_TEXT | IN_LOG_CHOICE, {UI_KEY_TAB}, "Tab", "next line", "Tab Next"},
    {ACTION_PREVIOUS_LINE,
     IN_LOG_TEXT | IN_LOG_CHOICE,
     {UI_KEY_BACK_TAB},
     "Shift-Tab",
     "previous line",
     NULL},
    {ACTION_LEFT, IN_LOG_CHOICE, {UI_KEY_LEFT, 'h'}, "← h", "the choice before", NULL},
    {ACTION_RIGHT, IN_LOG_CHOICE, {UI_KEY_RIGHT, 'l'}, "→ l", "the next choice", NULL},
    {ACTION_STOP, IN_LOG_RUNNING, {'x'}, "x", "stop logging", "x Stop"},
    {ACTION_CLOSE, IN_LOG, {UI_KEY_ESCAPE}, "Esc", "close; what is logged goes on", "Esc Close"},
    {ACTION_STOP, IN_KEPT, {'x'}, "x", "stop keeping a value", "x Stop"},
    {ACTION_YES, IN_KEPT_STOP, {'y'}, "y", "stop it", "y Stop"},
    {ACTION_CLOSE, IN_KEPT_STOP, {UI_KEY_ESCAPE, 'n'}, "Esc n", "go on keeping it", "Esc Back"},
    {ACTION_YES, IN_KEPT_LEAVE, {'y'}, "y", "leave all the same", "y Leave"},
    {ACTION_CLOSE, IN_KEPT_LEAVE, {UI_KEY_ESCAPE, 'n'}, "Esc n", "stay", "Esc Back"},
    {ACTION_CLOSE, IN_KEPT, {UI_KEY_ESCAPE}, "Esc", "close the list", "Esc Close"},
    {ACTION_NEW, IN_ALARMS, {'n'}, "n", "set a new alarm", "n New"},
    {ACTION_ENTER, IN_ALARMS, {UI_KEY_ENTER, 'e'}, "Enter e", "change this alarm", "Enter Edit"},
    {ACTION_STOP, IN_ALARMS, {'x'}, "x", "remove this alarm", "x Drop"},
    {ACTION_CLOSE, IN_ALARMS, {UI_KEY_ESCAPE}, "Esc", "close the list of alarms", "Esc Close"},
    {ACTION_ENTER, IN_ALARM_TEXT, {UI_KEY_ENTER}, "Enter", "set the alarm", "Enter Set"},
    {ACTION_CLOSE, IN_ALARM_TEXT, {UI_KEY_ESCAPE}, "Esc", "back to the alarms", "Esc Back"},
    {ACTION_REMOVE,
     IN_COLUMNS,
     {'x', UI_KEY_DELETE},
     "x Del",
     "hide this column, or take it back; an added one goes",
     "x Hide"},
    {ACTION_MOVE_UP, IN_COLUMNS, {'u'}, "u", "this column one place to the left", "u"},
    {ACTION_MOVE_DOWN, IN_COLUMNS, {'d'}, "d", "this column one place to the right", "d Move"},
    {ACTION_CLOSE, IN_COLUMNS, {UI_KEY_ESCAPE}, "Esc", "close the list of columns", "Esc Close"},
    {ACTION_UNDO, IN_WRITES, {'u'}, "u", "take this write back", "u Undo"},
    {ACTION_CLOSE, IN_WRITES, {UI_KEY_ESCAPE}, "Esc", "close the list of writes", "Esc Close"},
    {ACTION_ENTER,
     IN_PLAN_CHOICE,
     {UI_KEY_ENTER},
     "Enter",
     "read, and show what would be changed",
     "Enter Plan"},
    {ACTION_CLOSE, IN_PLAN_CHOICE, {UI_KEY_ESCAPE}, "Esc", "copy nothing", "Esc Close"},
    {ACTION_CLOSE,
     IN_PLAN_WAITING | IN_PLAN_WORD,
     {UI_KEY_ESCAPE},
     "Esc",
     "back to the choice of devices",
     "Esc Back"},
    {ACTION_STOP,
     IN_PLAN_WRITING,
     {UI_KEY_ESCAPE},
     "Esc",
     "stop after the write that is under way",
     "Esc Stop"},
    {ACTION_CLOSE,
     IN_PLAN_END,
     {UI_KEY_ESCAPE, UI_KEY_ENTER},
     "Esc Enter",
     "close the report",
     "Esc Close"},
    {ACTION_CLOSE,
     IN_NOTICE,
     {UI_KEY_ESCAPE, UI_KEY_ENTER},
     "Esc Enter",
     "close it, when it has been read",
     "Esc Close"},
};

const struct key_binding *keymap_at(size_t i)
{
    return i < sizeof bindings / sizeof *bindings ? &bindings[i] : NULL;
}

enum action keymap_action(unsigned key, place_set place)
{
    const struct key_binding *binding;

    for (size_t i = 0; (binding = keymap_at(i)); i++)
        for (size_t k = 0; k < sizeof binding->keys / sizeof *binding->keys; k++)
            if (key != 0 && binding->keys[k] == key && (binding->places & place))
                return binding->action;
    return ACTION_NONE;
}

// "P Pause": the key, and the word behind it. Views and help have the key right before the word.
struct entry {
    char key[12];
    const char *word;
    enum action action;
    bool is_view;
};

static struct entry entry_of(const struct key_binding *binding, const char *battery)
{
    struct entry entry = {.action = binding->action};

    entry.is_view = binding->action >= ACTION_OVERVIEW && binding->action <= ACTION_LINK;
    const char *blank = strchr(binding->label, ' ');
    if (entry.is_view || binding->action == ACTION_HELP) {
        size_t length = strcspn(binding->names, " ");
        memcpy(entry.key, binding->names, length);
        entry.word = binding->action == ACTION_BATTERY ? battery : binding->label;
    } else {
        size_t length = strcspn(binding->label, " ");
        memcpy(entry.key, binding->label, length);
        entry.word = blank ? blank : "";
    }
    return entry;
}

// How much of the bottom line there is room for, from least to most.
enum detail {
    DETAIL_KEYS,   // as basic, but only the keys
    DETAIL_DIGIT,  // as basic, but of the overview, help and quit only the key
    DETAIL_BASIC,  // views, help and quit
    DETAIL_RANGE,  // as short, but of other views only the range of their keys
    DETAIL_TIGHT,  // as short, but of the present view only the key, which is marked
    DETAIL_SHORT,  // as digits, but of pausing only the key
    DETAIL_DIGITS, // what can be done here; of other views, help and quit only the keys
    DETAIL_WORDS,  // the same with the words of views but the overview's
    DETAIL_ALL
};

static bool is_basic(const struct entry *entry, place_set place)
{
    return entry->is_view || entry->action == ACTION_HELP || entry->action == ACTION_QUIT ||
           !(place & IN_VIEWS);
}

static const char *word_of(const struct entry *entry, enum action current, enum detail detail)
{
    if (detail == DETAIL_KEYS || (detail == DETAIL_TIGHT && entry->is_view))
        return "";
    bool is_long = entry->action == ACTION_OVERVIEW || entry->action == ACTION_HELP ||
                   entry->action == ACTION_QUIT;

    if (is_long && detail != DETAIL_BASIC && detail != DETAIL_ALL)
        return "";
    bool digits = detail >= DETAIL_RANGE && detail <= DETAIL_DIGITS;
    if (digits && entry->is_view && entry->action != current)
        return "";
    if (detail >= DETAIL_RANGE && detail <= DETAIL_SHORT && entry->action == ACTION_PAUSE)
        return "";
    return entry->word;
}

static enum action first_other_view(enum action current)
{
    return current == ACTION_OVERVIEW ? ACTION_XT : ACTION_OVERVIEW;
}

// Draws the bar, or with draw false only tells its width.
static int lay_bar(struct canvas *canvas, struct rect area, place_set place, enum action current,
                   const char *battery, enum detail detail, bool draw)
{
    const struct key_binding *binding;
    int x = area.x + 1;

    for (size_t i = 0; (binding = keymap_at(i)); i++) {
        if (!binding->label || !(binding->places & place))
            continue;
        // In a text field other places' keys would be text.
        if (place == IN_SEARCH && binding->places != IN_SEARCH)
            continue;
        struct entry entry = entry_of(binding, battery);
        bool here = entry.action == current;
        if (detail <= DETAIL_BASIC && !is_basic(&entry, place))
            continue;
        if (detail == DETAIL_RANGE && entry.is_view && !here) {
            if (entry.action != first_other_view(current))
                continue;
            snprintf(entry.key, sizeof entry.key, "1-0");
            entry.word = "";
        }
        const char *word = word_of(&entry, current, detail);
        int key_width = canvas_text_width(canvas, entry.key);
        if (draw) {
            canvas_text(canvas, x, area.y, here ? ROLE_SELECTED : ROLE_KEY, entry.key);
            canvas_text(canvas, x + key_width, area.y, here ? ROLE_SELECTED : ROLE_KEY_TEXT, word);
        }
        x += key_width + canvas_text_width(canvas, word) + 1;
    }
    return x - area.x;
}

void keymap_draw_bar(struct canvas *canvas, struct rect area, place_set place, enum action current,
                     const char *battery)
{
    enum detail detail = DETAIL_ALL;

    while (detail > DETAIL_KEYS &&
           ((detail == DETAIL_RANGE && area.width < RANGE_FROM) ||
            lay_bar(canvas, area, place, current, battery, detail, false) > area.width))
        detail--;
    lay_bar(canvas, area, place, current, battery, detail, true);
}
