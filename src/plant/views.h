// SPDX-License-Identifier: MIT
// How a person has arranged the screens of this installation: which values are pinned, which are in
// the graphs, which rows a family's view has in which order, parameters among them, and which
// columns the overview's tables have. Kept with the known messages (messages.h), for this
// installation.
#ifndef XC_PLANT_VIEWS_H
#define XC_PLANT_VIEWS_H

#include <stdbool.h>
#include <stddef.h>

#include "plant/plant.h"

enum views_list { VIEWS_PINS, VIEWS_GRAPHS };

enum { VIEWS_REFS_MAX = 16, VIEWS_ROWS_MAX = 192, VIEWS_ERROR_MAX = 240 };

// A row of a family's view, or a column of a table.
struct views_row {
    uint16_t id; // of the info, or of a parameter that was added
    bool hidden;
};

// 0 until it is known which installation this is; another number whenever it is another one: what
// was read before isn't this one's.
unsigned views_version(const struct plant *plant);

// True when what is kept can be read anew, as another program may have left it: this installation
// is known, and its file is in use, not memory in its place.
bool views_readable(const struct plant *plant);

// False of menus and of what is only written: there is nothing to be shown.
bool views_has_value(const struct datapoint *datapoint);

// Reads a list in its order; what this program doesn't know is left out. False when nobody has
// chosen any; a list that somebody has emptied is one of none.
bool views_refs(struct plant *plant, enum views_list list, struct plant_ref refs[VIEWS_REFS_MAX],
                size_t *count);
// Keeps a list of up to VIEWS_REFS_MAX. XC_USAGE when this installation isn't known yet, XC_IO when
// it can't be kept; one line in error.
enum xc_status views_keep_refs(struct plant *plant, enum views_list list,
                               const struct plant_ref *refs, size_t count,
                               char error[VIEWS_ERROR_MAX]);

// The rows that were kept under a name, a family's ("XT") or that of a table's columns; 0 when
// nobody has changed them.
size_t views_rows(struct plant *plant, const char *name, struct views_row rows[VIEWS_ROWS_MAX]);
// Keeps up to VIEWS_ROWS_MAX rows; 0: as at first. Errors as of views_keep_refs().
enum xc_status views_keep_rows(struct plant *plant, const char *name, const struct views_row *rows,
                               size_t count, char error[VIEWS_ERROR_MAX]);

#endif
