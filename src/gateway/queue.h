// SPDX-License-Identifier: MIT
// Questions that wait: by priority, and in the order they were asked inside of one. Nodes are used
// again, so that asking allocates nothing in the long run. Private to src/gateway/.
#ifndef XC_GATEWAY_QUEUE_H
#define XC_GATEWAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"

struct node {
    struct node *next;
    struct question question;
    struct multi_item items[MULTI_ITEMS_MAX]; // what question.items points to
    char text[QUESTION_TEXT_MAX];             // … and question.text
    gateway_answer_fn *fn;
    void *arg;
    uint32_t ticket;
    int64_t asked;
    unsigned generation;    // the connection over which it was asked; 0: before the first
    enum xc_status refused; // XC_OK: it goes on the wire
    bool cancelled;         // on the wire when it was withdrawn: awaited, but nobody is told
};

struct node_list {
    struct node *first, *last;
};

// Zero-initialise to start.
struct queue {
    struct node_list waiting[PRIORITY_COUNT];
    struct node_list refused;
    struct node *spare;
    uint32_t last_ticket;
    size_t pending; // nodes made and not yet released
};

// Makes a node with a copy of question and a new ticket; it waits, unless it is refused.
struct node *queue_add(struct queue *queue, const struct question *question,
                       enum xc_status refused);
// The next to be asked, which stays in the queue; NULL when none waits.
struct node *queue_next(const struct queue *queue);
// These take one out, or return NULL.
struct node *queue_take_next(struct queue *queue);
struct node *queue_take_refused(struct queue *queue);
struct node *queue_take_ticket(struct queue *queue, uint32_t ticket);
struct node *queue_take_asked_until(struct queue *queue, int64_t time);
// When the oldest of those that wait was asked; INT64_MAX when none does.
int64_t queue_oldest(const struct queue *queue);
// Gives a node that was taken out back.
void queue_release(struct queue *queue, struct node *node);
// Frees all nodes but those taken out.
void queue_clear(struct queue *queue);

#endif
