// SPDX-License-Identifier: MIT
// The parameters view: what its files share. Inside of src/ui.
//
// paramview.c         the view: its parts, and what keys do
// paramview_rows.c    the menu trees, and which of their entries are rows of the list
// paramview_filter.c  values, search, filters, and reading what a filter needs
// paramview_list.c    the list drawn
// paramview_detail.c  everything about the selected row
// paramview_change.c  what is done about the selected parameter: changed, copied, taken back
#ifndef XC_UI_PARAMVIEW_H
#define XC_UI_PARAMVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "plant/edit.h"
#include "ui/layout.h"
#include "ui/view.h"

// An entry of a family's menu tree. A parameter that is in two menus has two, and so has a menu.
struct paramview_node {
    const struct menu_entry *entry;
    const struct datapoint *datapoint;
    enum family family;
    int depth;      // 0: top level
    int parent;     // -1: none
    int end;        // behind the last one below it
    bool again;     // another entry of the same datapoint came before
    bool folded[2]; // of menus; [1] while a filter is on that picks single parameters
    bool found;     // has all words of the search
    uint16_t mine;  // bit i: there are records of changes of the i-th device's
    int inside;     // parameters in it that the list is about, as of the last building; itself: 1
};

// A row of the list: an entry, or in a search's result a family's heading.
struct paramview_row {
    enum family family;
    int node; // -1: heading
};

// Where somebody is in a list. The anchor is the selected row, whatever is shown around it.
struct paramview_list {
    int anchor; // as paramview_key() tells it; -1: the row below the first one
    struct scroll scroll;
};

enum { LIST_FOUND = FAMILY_COUNT, LIST_COUNT }; // a tree for each family, and the search's result

enum paramview_filter {
    FILTER_CHANGED = 1, // from the factory default
    FILTER_DIFFERS = 2, // between devices of a family
    FILTER_MINE = 4,    // records of changes exist
    FILTERS_OF_VALUES = FILTER_CHANGED | FILTER_DIFFERS
};

enum { SEARCH_MAX = 64, NOTICE_MAX = 160 }; // bytes with NUL

struct paramview {
    struct paramview_node *nodes; // of all families, each family's in the order of its tree
    int node_count;
    int first[FAMILY_COUNT + 1]; // a family's first node
    struct paramview_row *rows;  // of the present list
    int row_count;

    enum family family; // whose tree is shown
    struct paramview_list lists[LIST_COUNT];
    struct {
        int device, first_device; // the chosen column, the leftmost visible one
    } columns[FAMILY_COUNT];
    bool one_device;          // the chosen one alone, not all of the family side by side
    unsigned folded_families; // bits; in a search's result
    int found[FAMILY_COUNT];  // parameters in it

    bool typing;    // the search's field is open
    bool searching; // the list is a search's result
    char text[SEARCH_MAX];

    enum level level;               // the highest shown
    unsigned filters;               // FILTER_*
    unsigned asking;                // those that wait for a person's yes to be read for
    int64_t mine_at[FAMILY_COUNT];  // loop_now() when nodes' mine was looked up; 0: never
    struct subscription *reading;   // what a filter needs
    struct plant_ref *reading_refs; // the same
    size_t reading_count;

    double battery_v, ac_v; // the installation's nominal voltages, NaN while unknown

    char notice[NOTICE_MAX]; // why a key did nothing, until the next one; "" if there is nothing
};

// --- The menu trees and their rows (paramview_rows.c) -------------------------------------------

struct paramview *paramview_new(void);
// NULL is allowed.
void paramview_free(struct ui *ui, struct paramview *paramview);

// Families that have parameters here, in the order in which they are shown.
int paramview_families(const struct ui *ui, enum family families[FAMILY_COUNT]);
// Indices of a family's devices; the gateway is RCC 1.
int paramview_devices(const struct ui *ui, enum family family,
                      uint8_t indices[DEVICES_PER_FAMILY_MAX]);

// Makes the rows of the present list anew, and finds the selected one among them.
void paramview_build(struct ui *ui);
struct paramview_list *paramview_current_list(struct paramview *paramview);
// The selected row; NULL if the list is empty.
const struct paramview_row *paramview_selected(struct paramview *paramview);
bool paramview_is_menu(const struct paramview_node *node);
// NULL for a heading.
struct paramview_node *paramview_node(struct paramview *paramview, const struct paramview_row *row);
// A row's place in the order of all rows that there can be.
int paramview_key(const struct paramview *paramview, const struct paramview_row *row);
// Which of the two ways in which a menu can be folded holds at present.
int paramview_fold_set(const struct paramview *paramview);
// True while the list shows a search's result.
bool paramview_flat(const struct paramview *paramview);
// Number of parameters in the list, folded menus' included.
int paramview_count(const struct paramview *paramview);

// --- Values, search and filters (paramview_filter.c) --------------------------------------------

struct paramview_value {
    struct reading reading;     // as the device tells it: what is in flash
    enum overlay_state overlay; // what is in RAM, as far as it is known
    double ram;
    bool earlier; // an earlier run wrote something else to RAM: it may run
    double earlier_ram;
    int64_t earlier_time; // microseconds since 1970 UTC
};

// wanted: drawn now, so polled from now on.
struct paramview_value paramview_value(struct ui *ui, enum family family, unsigned index,
                                       const struct datapoint *datapoint, bool wanted);
// Draws what runs, with "≠" where devices differ, "~" for what is in RAM only and "?" where that
// may have been lost: the value ends a column before x_end, where that sign has its place
// (paramview_list.c). False if it is old.
bool paramview_draw_value(struct ui *ui, struct canvas *canvas, int x_end, int y, int width,
                          enum family family, unsigned index, const struct datapoint *datapoint);
// The running value, maybe an old one; NaN if it isn't known.
double paramview_number(const struct paramview_value *value);
// SCOM carries it: it can be read.
bool paramview_is_carried(const struct datapoint *datapoint);
// As far as devices can hold them: they round.
bool paramview_same(const struct datapoint *datapoint, double a, double b);
// The device that this one's running value differs from, and its value: the first of the family
// whose value is known. 0 if they are the same, or aren't to be compared.
unsigned paramview_differs_from(struct ui *ui, enum family family, unsigned index,
                                const struct datapoint *datapoint, double *number);
// For this installation's voltages; NaN while they are unknown.
struct datapoint_limits paramview_limits(const struct paramview *paramview,
                                         const struct datapoint *datapoint);
// Finds out the installation's voltages: asks for those infos that tell them.
void paramview_read_volts(struct ui *ui);

// Whether a parameter's entry is in the list.
bool paramview_pass(struct ui *ui, const struct paramview_node *node);
// Looks up again what was changed by this program, where that is long ago.
void paramview_look_up_mine(struct ui *ui);

// A character for the search's field; what isn't one is ignored.
void paramview_type(struct ui *ui, unsigned character);
void paramview_erase(struct ui *ui);
void paramview_leave_search(struct ui *ui);

void paramview_next_level(struct ui *ui);
void paramview_toggle(struct ui *ui, enum paramview_filter filter);
// The list is about other parameters or devices than before: asks whether to read them if a filter
// needs that.
void paramview_scope_changed(struct ui *ui);
void paramview_say_yes(struct ui *ui);
void paramview_say_no(struct ui *ui);
// Values that the filters need and that were never read, and how long that takes (0: not known).
size_t paramview_unread(struct ui *ui, double *seconds);
// Ends the reading when all is answered. left: values that are still to come.
bool paramview_is_reading(struct ui *ui, size_t *left);
void paramview_stop_reading(struct ui *ui);

// The filters in words: "up to expert, changed from default"; "" if there are none. Returns out.
char *paramview_filters_text(const struct paramview *paramview, char *out, size_t size);

// --- Drawing (paramview_list.c, paramview_detail.c) --------------------------------------------

void paramview_draw_header(struct ui *ui, struct canvas *canvas,
                           const struct parameters_layout *layout);
void paramview_draw_rows(struct ui *ui, struct canvas *canvas,
                         const struct parameters_layout *layout);
void paramview_draw_detail(struct ui *ui, struct canvas *canvas, struct rect area);
// The chosen device of a family; 0 if there is none.
unsigned paramview_device(const struct ui *ui, enum family family);

// --- Changing (paramview_change.c) ---------------------------------------------------------------

// Opens the form for the selected parameter of the chosen device; false if the row is none.
bool paramview_edit(struct ui *ui);
// Opens the choice of devices to copy to: the selected parameter, those of the selected menu, or
// all that are listed of its family.
void paramview_copy(struct ui *ui, bool all);
// Opens the form to take the newest write of that back for which that can be done.
void paramview_undo(struct ui *ui);
// Opens the list of the writes to the chosen device.
void paramview_list_writes(struct ui *ui);

// --- For ui.c ------------------------------------------------------------------------------------

extern const struct view paramview_view;
// Where its keys are looked up: in the list, in the search's field, before a question.
place_set paramview_place(const struct ui *ui);

#endif
