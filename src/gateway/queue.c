// SPDX-License-Identifier: MIT
#include "gateway/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { LONGEST_TURN = 4 };

static void append(struct node_list *list, struct node *node)
{
    node->next = NULL;
    if (list->last)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
}

static struct node *take_first(struct node_list *list)
{
    struct node *node = list->first;

    if (!node)
        return NULL;
    list->first = node->next;
    if (!list->first)
        list->last = NULL;
    return node;
}

// before: NULL for the first.
static struct node *take_after(struct node_list *list, struct node *before)
{
    if (!before)
        return take_first(list);
    struct node *node = before->next;
    before->next = node->next;
    if (list->last == node)
        list->last = before;
    return node;
}

static struct node *take_ticket(struct node_list *list, uint32_t ticket)
{
    struct node *before = NULL;

    for (struct node *node = list->first; node; before = node, node = node->next)
        if (node->ticket == ticket)
            return take_after(list, before);
    return NULL;
}

static enum lane lane_of(enum priority priority, bool records)
{
    if (priority == PRIORITY_PERSON)
        return LANE_PERSON;
    if (records)
        return LANE_LOG;
    return priority == PRIORITY_SCREEN ? LANE_SCREEN : LANE_BACKGROUND;
}

struct node *queue_add(struct queue *queue, const struct question *question, enum xc_status refused,
                       bool records, int64_t asked)
{
    struct node *node = queue->spare;

    if (node)
        queue->spare = node->next;
    else
        node = xcalloc(1, sizeof *node);
    queue->pending++;
    if (++queue->last_ticket == 0)
        queue->last_ticket = 1;
    node->ticket = queue->last_ticket;
    node->question = *question;
    node->asked = asked;
    node->refused = refused;
    node->cancelled = false;
    if (refused != XC_OK) {
        append(&queue->refused, node);
        return node;
    }
    if (question->kind == QUESTION_MULTI) {
        memcpy(node->items, question->items, question->item_count * sizeof *node->items);
        node->question.items = node->items;
    }
    if (question->text_length > 0) {
        memcpy(node->text, question->text, question->text_length);
        node->question.text = node->text;
    }
    append(&queue->waiting[lane_of(question->priority, records)], node);
    return node;
}

static enum lane first_lane(const struct queue *queue)
{
    int r = 0;

    while (r < LANE_COUNT && !queue->waiting[r].first)
        r++;
    return (enum lane)r;
}

// Of those that wait for the longest time the first lane's.
static enum lane longest_lane(const struct queue *queue)
{
    enum lane longest = first_lane(queue);

    for (int r = (int)longest + 1; r < LANE_COUNT; r++)
        if (queue->waiting[r].first &&
            queue->waiting[r].first->asked < queue->waiting[longest].first->asked)
            longest = (enum lane)r;
    return longest;
}

// LANE_COUNT when none waits.
static enum lane next_lane(const struct queue *queue)
{
    enum lane lane = first_lane(queue);

    if (lane == LANE_PERSON || lane == LANE_COUNT || queue->turn % LONGEST_TURN != LONGEST_TURN - 1)
        return lane;
    return longest_lane(queue);
}

struct node *queue_next(const struct queue *queue)
{
    enum lane lane = next_lane(queue);
    return lane == LANE_COUNT ? NULL : queue->waiting[lane].first;
}

struct node *queue_take_next(struct queue *queue)
{
    enum lane lane = next_lane(queue);

    if (lane == LANE_COUNT)
        return NULL;
    if (lane != LANE_PERSON)
        queue->turn++;
    return take_first(&queue->waiting[lane]);
}

struct node *queue_take_refused(struct queue *queue)
{
    return take_first(&queue->refused);
}

struct node *queue_take_ticket(struct queue *queue, uint32_t ticket)
{
    struct node *node = take_ticket(&queue->refused, ticket);

    for (int r = 0; r < LANE_COUNT && !node; r++)
        node = take_ticket(&queue->waiting[r], ticket);
    return node;
}

struct node *queue_take_asked_until(struct queue *queue, int64_t time)
{
    // The first of a list is its oldest.
    for (int r = 0; r < LANE_COUNT; r++)
        if (queue->waiting[r].first && queue->waiting[r].first->asked <= time)
            return take_first(&queue->waiting[r]);
    return NULL;
}

static bool is_same_question(const struct question *a, const struct question *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind != QUESTION_MULTI)
        return a->address == b->address && a->id == b->id && a->part == b->part &&
               a->format == b->format;
    if (a->item_count != b->item_count)
        return false;
    for (size_t i = 0; i < a->item_count; i++)
        if (a->items[i].info != b->items[i].info ||
            a->items[i].aggregation != b->items[i].aggregation)
            return false;
    return true;
}

struct node *queue_take_equal(struct queue *queue, const struct question *question, uint32_t newest,
                              int64_t sent)
{
    for (int r = 0; r < LANE_COUNT; r++) {
        struct node *before = NULL, *node = queue->waiting[r].first;
        for (; node; before = node, node = node->next) {
            bool in_time = r != LANE_PERSON || node->asked <= sent;
            if (in_time && (int32_t)(newest - node->ticket) >= 0 &&
                is_same_question(&node->question, question))
                return take_after(&queue->waiting[r], before);
        }
    }
    return NULL;
}

void queue_lend_next(struct queue *queue)
{
    struct node *node = queue_take_next(queue);

    if (node)
        append(&queue->lent, node);
}

struct node *queue_take_lent(struct queue *queue, uint32_t ticket)
{
    return take_ticket(&queue->lent, ticket);
}

struct node *queue_take_lent_next(struct queue *queue)
{
    return take_first(&queue->lent);
}

int64_t queue_oldest(const struct queue *queue)
{
    int64_t oldest = INT64_MAX;

    for (int r = 0; r < LANE_COUNT; r++)
        if (queue->waiting[r].first && queue->waiting[r].first->asked < oldest)
            oldest = queue->waiting[r].first->asked;
    return oldest;
}

void queue_release(struct queue *queue, struct node *node)
{
    node->next = queue->spare;
    queue->spare = node;
    queue->pending--;
}

static void free_nodes(struct node *node)
{
    while (node) {
        struct node *next = node->next;
        free(node);
        node = next;
    }
}

void queue_clear(struct queue *queue)
{
    for (int r = 0; r < LANE_COUNT; r++)
        free_nodes(queue->waiting[r].first);
    free_nodes(queue->refused.first);
    free_nodes(queue->lent.first);
    free_nodes(queue->spare);
    *queue = (struct queue){0};
}
