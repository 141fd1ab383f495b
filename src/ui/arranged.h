// SPDX-License-Identifier: MIT
// The rows of family views as a person has arranged them: in another order within their group, or
// hidden; and parameters added to them, which are a group of their own. Kept for this installation
// (plant/views.h). Inside of src/ui.
#ifndef XC_UI_ARRANGED_H
#define XC_UI_ARRANGED_H

#include "plant/views.h"
#include "ui/groups.h"
#include "ui/view.h"

enum { ADDED_MAX = 24 };

// What somebody has changed; of the others the order is that of groups.h.
struct arranged {
    struct views_row rows[FAMILY_COUNT][VIEWS_ROWS_MAX];
    size_t counts[FAMILY_COUNT];
    bool unkept; // what is here couldn't be kept
};

struct arranged *arranged_new(void);
void arranged_free(struct arranged *arranged); // NULL is allowed

// Takes what is kept for the installation that is known now.
void arranged_take(struct ui *ui);

// The rows of a group in their order, also hidden ones. Returns how many.
size_t arranged_group(const struct ui *ui, enum family family, const struct info_group *group,
                      struct views_row rows[VIEWS_ROWS_MAX]);
// The parameters that were added, in their order. Returns how many, at most ADDED_MAX.
size_t arranged_added(const struct ui *ui, enum family family,
                      struct views_row rows[VIEWS_ROWS_MAX]);
// Adds a parameter to its family's values, or takes it out; says so, or why not.
void arranged_add(struct ui *ui, const struct plant_ref *ref);
// Hides a row, or shows it again; a parameter is taken out.
void arranged_hide(struct ui *ui, enum family family, unsigned id);
// Moves a row a step (-1, 1) within its group; over hidden ones unless they are shown.
void arranged_move(struct ui *ui, enum family family, unsigned id, int step, bool hidden_shown);

#endif
