// SPDX-License-Identifier: MIT
// The menu trees as on the remote control, and which of their entries are rows of the list.
#include "ui/paramview.h"

#include <stdlib.h>

#include "base/alloc.h"

// --- The trees -----------------------------------------------------------------------------------

static void add_entries(struct paramview *p, enum family family, const struct menu_entry *entry,
                        int parent, int *room)
{
    for (; entry; entry = menu_next(entry)) {
        if (p->node_count == *room) {
            *room = *room ? *room * 2 : 256;
            p->nodes = xrealloc(p->nodes, (size_t)*room, sizeof *p->nodes);
        }
        int node = p->node_count++, depth = parent < 0 ? 0 : p->nodes[parent].depth + 1;
        p->nodes[node] =
            (struct paramview_node){.entry = entry,
                                    .datapoint = menu_datapoint(entry),
                                    .family = family,
                                    .depth = depth,
                                    .parent = parent,
                                    .again = menu_of(menu_datapoint(entry), NULL) != entry,
                                    .folded = {depth > 0, false}};
        add_entries(p, family, menu_children(entry), node, room);
        p->nodes[node].end = p->node_count;
    }
}

struct paramview *paramview_new(void)
{
    struct paramview *p = xcalloc(1, sizeof *p);
    int room = 0;

    for (int family = 0; family < FAMILY_COUNT; family++) {
        p->first[family] = p->node_count;
        add_entries(p, (enum family)family, menu_first((enum family)family), -1, &room);
    }
    p->first[FAMILY_COUNT] = p->node_count;
    // A result has headings besides, but each parameter once only.
    p->rows = xcalloc((size_t)p->node_count + FAMILY_COUNT, sizeof *p->rows);
    p->level = LEVEL_QSP;
    return p;
}

void paramview_free(struct ui *ui, struct paramview *p)
{
    if (!p)
        return;
    paramview_stop_reading(ui);
    free(p->nodes);
    free(p->rows);
    free(p);
}

// --- Families and devices ------------------------------------------------------------------------

int paramview_devices(const struct ui *ui, enum family family,
                      uint8_t indices[DEVICES_PER_FAMILY_MAX])
{
    const struct plant_device *devices;
    size_t count = plant_devices(ui->plant, &devices);
    int used = 0;

    if (family == FAMILY_RCC) {
        indices[0] = 1;
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        if (devices[i].family == family && used < DEVICES_PER_FAMILY_MAX)
            indices[used++] = devices[i].index;
    return used;
}

int paramview_families(const struct ui *ui, enum family families[FAMILY_COUNT])
{
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    int used = 0;

    for (int family = 0; family < FAMILY_COUNT; family++)
        if (paramview_devices(ui, (enum family)family, indices) > 0)
            families[used++] = (enum family)family;
    return used;
}

// --- Rows ----------------------------------------------------------------------------------------

bool paramview_flat(const struct paramview *p)
{
    // An empty field hasn't found anything yet: the tree stays.
    return p->searching && *p->text;
}

int paramview_fold_set(const struct paramview *p)
{
    return p->filters != 0;
}

struct paramview_list *paramview_current_list(struct paramview *p)
{
    return &p->lists[paramview_flat(p) ? LIST_FOUND : p->family];
}

struct paramview_node *paramview_node(struct paramview *p, const struct paramview_row *row)
{
    return row->node < 0 ? NULL : &p->nodes[row->node];
}

int paramview_key(const struct paramview *p, const struct paramview_row *row)
{
    return row->node < 0 ? p->first[row->family] * 2 : row->node * 2 + 1;
}

const struct paramview_row *paramview_selected(struct paramview *p)
{
    int selected = paramview_current_list(p)->scroll.selected;
    return selected >= 0 && selected < p->row_count ? &p->rows[selected] : NULL;
}

bool paramview_is_menu(const struct paramview_node *node)
{
    return datapoint_kind(node->datapoint) == KIND_MENU;
}

// For each menu of a family how much is to be seen in it.
static void count_inside(struct ui *ui, enum family family)
{
    struct paramview *p = ui->paramview;

    for (int i = p->first[family + 1] - 1; i >= p->first[family]; i--) {
        struct paramview_node *node = &p->nodes[i];
        if (!paramview_is_menu(node))
            node->inside = paramview_pass(ui, node);
        if (node->parent >= 0)
            p->nodes[node->parent].inside += node->inside;
    }
}

static void add_row(struct paramview *p, enum family family, int node)
{
    p->rows[p->row_count++] = (struct paramview_row){family, node};
}

static void build_tree(struct ui *ui)
{
    struct paramview *p = ui->paramview;
    int set = paramview_fold_set(p);

    count_inside(ui, p->family);
    for (int i = p->first[p->family]; i < p->first[p->family + 1];) {
        const struct paramview_node *node = &p->nodes[i];
        bool closed = paramview_is_menu(node) && (node->folded[set] || node->inside == 0);
        if (node->inside > 0)
            add_row(p, p->family, i);
        i = closed ? node->end : i + 1;
    }
}

// What was found of a family, below its heading; what is in two menus once.
static void build_found(struct ui *ui, enum family family)
{
    struct paramview *p = ui->paramview;
    int heading = p->row_count, *found = &p->found[family];

    *found = 0;
    count_inside(ui, family);
    add_row(p, family, -1);
    for (int i = p->first[family]; i < p->first[family + 1]; i++) {
        const struct paramview_node *node = &p->nodes[i];
        if (paramview_is_menu(node) || node->again || node->inside == 0)
            continue;
        ++*found;
        if (!(p->folded_families & 1U << family))
            add_row(p, family, i);
    }
    if (*found == 0)
        p->row_count = heading;
}

int paramview_count(const struct paramview *p)
{
    int count = 0;

    for (int i = 0; i < p->node_count; i++)
        count += !paramview_is_menu(&p->nodes[i]) && !p->nodes[i].again && p->nodes[i].inside > 0;
    return count;
}

void paramview_build(struct ui *ui)
{
    struct paramview *p = ui->paramview;
    enum family families[FAMILY_COUNT];
    int count = paramview_families(ui, families), selected = 0;
    bool is_there = false;

    for (int f = 0; f < count; f++)
        is_there = is_there || families[f] == p->family;
    if (!is_there)
        p->family = families[0]; // the gateway at least
    p->row_count = 0;
    for (int i = 0; i < p->node_count; i++)
        p->nodes[i].inside = 0;
    if (!paramview_flat(p))
        build_tree(ui);
    for (int f = 0; paramview_flat(p) && f < count; f++)
        build_found(ui, families[f]);

    // The selected row, or where it would be. It stays where it is on the screen.
    struct paramview_list *list = paramview_current_list(p);
    for (int i = 0; i < p->row_count; i++)
        if (paramview_key(p, &p->rows[i]) <= list->anchor)
            selected = i;
    if (list->anchor < 0) {
        selected = p->row_count > 1;
        list->scroll = (struct scroll){.selected = selected};
    }
    list->scroll.top += selected - list->scroll.selected;
    list->scroll.selected = selected;
    list->scroll.count = p->row_count;
}
