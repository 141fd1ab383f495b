// SPDX-License-Identifier: MIT
// Layout of the tables that data/tables.awk makes of data/*.csv; private to src/catalogue.
// Constant data without pointers: texts are offsets into one pool, rows and menu entries are
// meant by index, so nothing needs relocation and the pages stay shared with the file.
#ifndef XC_CATALOGUE_TABLES_H
#define XC_CATALOGUE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "catalogue/catalogue.h"

// A text of the pool; offset 0 is "" and means that there is none.
const char *tables_text(uint32_t offset);

struct datapoint {
    uint32_t name, short_name, unit, note, remark, effect_reason;
    uint16_t id;
    uint16_t limits, limits_120v; // indices into tables_limits
    uint16_t options;             // index of the first
    uint8_t option_count;
    uint8_t family, kind, level, format, encoding, aggregation, pace, vbat, effect;
    uint8_t decimals;
};

struct tables_option {
    uint32_t value, label;
};

extern const struct datapoint tables_datapoints[];
extern const uint16_t tables_datapoint_count;
extern const struct datapoint_limits tables_limits[];
extern const struct tables_option tables_options[];

// Rows sorted by family and id; those of a family begin at tables_family_first[family] and end
// where the next family's begin.
extern const uint16_t tables_by_id[];
extern const uint16_t tables_family_first[FAMILY_COUNT + 1];

// The menu tree in preorder: the first child follows its parent.
enum { MENU_NONE = 0xFFFF };
struct menu_entry {
    uint16_t row, parent, next; // parent, next: MENU_NONE if none
    bool has_children;
};
extern const struct menu_entry tables_menus[];
extern const uint16_t tables_menu_count;
extern const uint16_t tables_menu_first[FAMILY_COUNT];

// By number; text 0 for a number that isn't used.
struct tables_message {
    uint32_t severity, text;
};
extern const struct tables_message tables_messages[];
extern const uint16_t tables_message_count;

struct tables_error {
    uint32_t code, name, text;
};
extern const struct tables_error tables_errors[];
extern const uint16_t tables_error_count;

struct tables_device_type {
    uint16_t row, value;
    uint32_t model;
};
extern const struct tables_device_type tables_device_types[];
extern const uint16_t tables_device_type_count;

// Whether two words are the same but for the case of ASCII letters, in any locale.
bool tables_same_word(const char *a, const char *b);

#endif
