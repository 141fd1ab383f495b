// SPDX-License-Identifier: MIT
// The columns of the overview's tables of devices: those that a table comes with, and what a person
// has made of them: others added, hidden ones, another order. Kept for this installation
// (plant/views.h). Inside of src/ui.
#ifndef XC_UI_COLUMNS_H
#define XC_UI_COLUMNS_H

#include "ui/view.h"

enum device_table_id { TABLE_XTENDER, TABLE_SOLAR, TABLE_BATTERY, TABLE_COUNT };

enum { COLUMNS_MAX = 20, COLUMNS_ADDED_MAX = 8, COLUMN_TITLE_MAX = 16 };
enum { DEVICE_NAME_WIDTH = 8, DEVICE_STATE_WIDTH = 9 }; // before and behind a line's columns

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_SIGNED, COLUMN_ADDED };

struct column {
    char title[COLUMN_TITLE_MAX]; // with the unit
    uint16_t ids[2];              // of the table's two families; 0 where one has no such value
    enum column_kind kind;
    uint8_t width; // with the blank before it
    uint8_t decimals;
    uint8_t rank; // the smaller, the longer it stays when there is little room
    bool hidden;
    uint16_t chosen; // of an added one: which of the ids a person has chosen
};

// A table of devices: of one family, or of two that do the same (VT and VS; BSP or BMS).
struct device_table {
    const char *title;
    const char *name; // under which its columns are kept
    enum family families[2];
    uint16_t trend_ids[2];
    enum role trend_role;
    struct column columns[COLUMNS_MAX - COLUMNS_ADDED_MAX]; // up to the one without a title
};

extern const struct device_table device_tables[TABLE_COUNT];

// The table with devices of this family; NULL if none has.
const struct device_table *device_table_of(enum family family);
// What stands in a column for a device of one of the table's families: id 0 if nothing does.
struct plant_ref column_ref(const struct device_table *table, const struct column *column,
                            enum family family, unsigned index);

struct kept_columns *columns_new(void);
void columns_free(struct kept_columns *columns); // NULL is allowed

// Takes what is kept for the installation that is known now.
void columns_take(struct ui *ui);
// A table's columns in their order, also hidden ones. Returns how many.
size_t columns_list(const struct ui *ui, const struct device_table *table,
                    struct column list[COLUMNS_MAX]);
// Which of them a line of a device has room for: what leads it, then added ones, then by rank.
// Returns the width they take.
int columns_fit(const struct column *list, size_t count, int line_width, bool fits[COLUMNS_MAX]);
// What a column is of in this installation: NULL if it is of nothing that there is.
const struct datapoint *column_datapoint(const struct ui *ui, const struct device_table *table,
                                         const struct column *column);

// A value of a family becomes a column of its table, or is one no longer; says so, or why not.
void columns_toggle(struct ui *ui, const struct plant_ref *ref);
bool columns_has(const struct ui *ui, const struct plant_ref *ref);
// Hides the column of an id, or shows it again; an added one is taken out.
void columns_hide(struct ui *ui, const struct device_table *table, unsigned id);
// Moves it a step (-1, 1). Returns where it is then.
size_t columns_move(struct ui *ui, const struct device_table *table, unsigned id, int step);

#endif
