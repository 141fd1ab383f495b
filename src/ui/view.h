// SPDX-License-Identifier: MIT
// Inside of src/ui: the state that views share, and what a view is. Views draw what is there at the
// moment; what they read while drawing is what gets polled. Not for other modules.
#ifndef XC_UI_VIEW_H
#define XC_UI_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plant/plant.h"
#include "ui/canvas.h"
#include "ui/keymap.h"
#include "ui/ui.h"

// Everything drawn in this frame that has to be polled at one period.
struct wants {
    struct plant_ref *refs; // collected by this drawing
    size_t count, room;
    struct plant_ref *subscribed;
    size_t subscribed_count;
    struct subscription *subscription;
};

enum { WANTS_FAST, WANTS_SLOW, WANTS_ONCE, WANTS_PARAMETERS, WANTS_COUNT };

enum { NOTICE_SIZE = 160 };

// Of what is asked for, for its history, while it isn't on screen.
#define UI_BACKGROUND_PERIOD (5 * LOOP_S)

// A list that scrolls and has a selected row. count and height are as of the last drawing.
struct scroll {
    int selected, top;
    int count, height;
};

struct form;
struct graph;
struct kept;
struct writes;
struct planview;
struct alarmview;
struct logview;
struct identify;
struct arranged;
struct kept_columns;
struct columnsview;
struct pins;

struct family_state {
    struct scroll rows;
    int device; // selected column; behind the last one that of all together
    bool all;   // … which is drawn
    int first_device;
    uint32_t folded;  // bit g: group g is closed
    bool show_hidden; // rows, to take them back
};

struct ui {
    struct loop *loop;
    struct plant *plant;
    bool ascii;
    char *site, *reached_at;
    const struct theme *themes; // the caller's
    size_t theme_count, theme;
    enum view_id view;
    bool help;
    struct scroll help_scroll;
    // What lies over the view; NULL: nothing. Never more than one of them.
    struct form *form;
    struct kept *kept;               // the list of kept values
    struct writes *writes;           // the list of recorded writes
    struct columnsview *columnsview; // the list of a table's columns
    struct planview *planview;       // copying parameters
    struct alarmview *alarmview;     // the list of alarms
    struct logview *logview;         // always there: logging goes on while nothing is seen of it
    struct identify *identify;       // of ui/identify.h; also without anything over the view
    struct scroll overview;
    struct scroll link;
    struct datalog *datalog; // NULL: none
    struct scroll files;
    bool files_asked;                               // for their list, once
    struct family_state families[VIEW_BATTERY + 1]; // by view_id
    struct paramview *paramview;                    // of ui/paramview.h
    struct messageview *messageview;                // of ui/messageview.h
    struct graph *graph;                            // of ui/graph.h
    struct pins *pins;                              // of ui/pins.h
    struct arranged *arranged;                      // of ui/arranged.h
    struct kept_columns *columns;                   // of ui/columns.h
    unsigned views_version;    // of the installation whose these are (plant/views.h)
    char notice[NOTICE_SIZE];  // what a key has done, until the next one; "" if there is nothing
    char trouble[NOTICE_SIZE]; // as of ui_trouble()
    struct wants wants[WANTS_COUNT];
    struct subscription *background; // the main values' history goes on while hidden
    enum family background_volt;     // … with the battery's voltage as these measure it
    struct plant_link plant_link;    // as of this frame
    struct plant_discovery discovery;
    int64_t started;
    int width, height; // of the last frame
    place_set drawn;   // what it showed; 0: it isn't that any more
};

struct view {
    void (*draw)(struct ui *ui, struct canvas *canvas, struct rect area);
    void (*act)(struct ui *ui, enum action action);
};

extern const struct view overview_view, family_view, graph_view, files_view, link_view, help_view;

// --- Reading while drawing (wants.c) -------------------------------------------------------------

// The reading of an info, which from now on is polled at its pace for as long as it is drawn.
struct reading ui_read(struct ui *ui, enum family family, unsigned index, unsigned id);
// The same for a part of a parameter: polled at a slower pace, since parameters seldom change.
struct reading ui_read_parameter(struct ui *ui, enum family family, unsigned index, unsigned id,
                                 enum part part);
// Either of them.
struct reading ui_read_ref(struct ui *ui, const struct plant_ref *ref);
bool ui_same_ref(const struct plant_ref *a, const struct plant_ref *b);
// An info's history, resampled to count columns at the right end: NaN where there was nothing.
void ui_history(struct ui *ui, enum family family, unsigned index, unsigned id, float *samples,
                size_t count);

// --- What views share (ui.c) ---------------------------------------------------------------------

// BMS if there is one, else BSP.
enum family ui_battery_family(const struct ui *ui);
// The family of a family view.
enum family ui_view_family(const struct ui *ui, enum view_id view);
// The installation's wall clock, microseconds since 1970; the computer's until it is known.
int64_t ui_clock(const struct ui *ui);
// This computer's local time, likewise.
int64_t ui_computer_clock(const struct ui *ui);
// Says in the last row of the body what a key has done, or why it didn't, until the next key.
void ui_notice(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Closes whatever lies over the view. A write that is under way goes on and is recorded.
void ui_close_over(struct ui *ui);
// True while there is something to say instead of values: not connected yet, or nothing found yet.
// Then it is drawn: the state, what to do, and how far discovery is.
bool ui_draw_waiting(struct ui *ui, struct canvas *canvas, struct rect area);

// Moves the selection by an action.
void scroll_act(struct scroll *scroll, enum action action);
// Takes the size of this drawing, and sees to it that the selected row is among the visible ones.
void scroll_follow(struct scroll *scroll, int count, int height);

// "XT1": static storage is the caller's. 601 is BSP or BMS, as found.
char *ui_device_name(const struct ui *ui, uint32_t address, char *out, size_t size);

// Which groups are open at first (family.c).
void family_view_init(struct ui *ui, enum view_id view);

// The value as in a family's table, right-aligned before x_end (family.c). False if it is old.
bool family_draw_value(struct ui *ui, struct canvas *canvas, int x_end, int y, int width,
                       const struct plant_ref *ref);

// What the overview's trends are made of is polled while other views are shown, too: keeps
// ui->background at what the devices that are known now need (overview.c).
void overview_subscribe(struct ui *ui);

#endif
