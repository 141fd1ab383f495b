// SPDX-License-Identifier: MIT
#include "gateway/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

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

static struct node *take_ticket(struct node_list *list, uint32_t ticket)
{
    struct node *before = NULL;

    for (struct node *node = list->first; node; before = node, node = node->next) {
        if (node->ticket != ticket)
            continue;
        if (!before)
            return take_first(list);
        before->next = node->next;
        if (list->last == node)
            list->last = before;
        return node;
    }
    return NULL;
}

struct node *queue_add(struct queue *queue, const struct question *question, enum xc_status refused)
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
    append(&queue->waiting[question->priority], node);
    return node;
}

struct node *queue_next(const struct queue *queue)
{
    for (int p = 0; p < PRIORITY_COUNT; p++)
        if (queue->waiting[p].first)
            return queue->waiting[p].first;
    return NULL;
}

struct node *queue_take_next(struct queue *queue)
{
    for (int p = 0; p < PRIORITY_COUNT; p++)
        if (queue->waiting[p].first)
            return take_first(&queue->waiting[p]);
    return NULL;
}

struct node *queue_take_refused(struct queue *queue)
{
    return take_first(&queue->refused);
}

struct node *queue_take_ticket(struct queue *queue, uint32_t ticket)
{
    struct node *node = take_ticket(&queue->refused, ticket);

    for (int p = 0; p < PRIORITY_COUNT && !node; p++)
        node = take_ticket(&queue->waiting[p], ticket);
    return node;
}

struct node *queue_take_asked_until(struct queue *queue, int64_t time)
{
    // The first of a list is its oldest.
    for (int p = 0; p < PRIORITY_COUNT; p++)
        if (queue->waiting[p].first && queue->waiting[p].first->asked <= time)
            return take_first(&queue->waiting[p]);
    return NULL;
}

int64_t queue_oldest(const struct queue *queue)
{
    int64_t oldest = INT64_MAX;

    for (int p = 0; p < PRIORITY_COUNT; p++)
        if (queue->waiting[p].first && queue->waiting[p].first->asked < oldest)
            oldest = queue->waiting[p].first->asked;
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
    for (int p = 0; p < PRIORITY_COUNT; p++)
        free_nodes(queue->waiting[p].first);
    free_nodes(queue->refused.first);
    free_nodes(queue->spare);
    *queue = (struct queue){0};
}
