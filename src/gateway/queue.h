// SPDX-License-Identifier: MIT
// Questions that wait: by lanes, and in the order they were asked inside of one. A person's come
// first, whoever's they are, then those of a log, then what is on screen, then the rest; but every
// fourth of those that aren't a person's is the one that has waited longest: where several
// processes share a line that can't keep up, none of them starves. Nodes are used again, so that
// asking allocates nothing in the long run. Private to src/gateway/.
#ifndef XC_GATEWAY_QUEUE_H
#define XC_GATEWAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"

enum lane { LANE_PERSON, LANE_LOG, LANE_SCREEN, LANE_BACKGROUND, LANE_COUNT };

struct node {
    struct node *next;
    struct question question;
    struct multi_item items[MULTI_ITEMS_MAX]; // what question.items points to
    char text[QUESTION_TEXT_MAX];             // … and question.text
    gateway_answer_fn *fn;
    void *arg;
    uint32_t ticket;
    int64_t asked;
    const void *guest;      // by whom of other processes it was asked; NULL: by this one
    unsigned generation;    // the connection over which it was asked; 0: before the first
    enum xc_status refused; // XC_OK: it goes on the wire
    bool cancelled;         // on the wire when it was withdrawn: awaited, but nobody is told
};

struct node_list {
    struct node *first, *last;
};

// Zero-initialise to start.
struct queue {
    struct node_list waiting[LANE_COUNT];
    struct node_list refused;
    struct node_list lent; // given to another process, until it answers
    unsigned turn;         // of those that weren't a person's
    struct node *spare;
    uint32_t last_ticket;
    size_t pending; // nodes made and not yet released
};

// Makes a node with a copy of question and a new ticket; it waits, unless it is refused. records:
// it is a log's.
struct node *queue_add(struct queue *queue, const struct question *question, enum xc_status refused,
                       bool records, int64_t asked);
// The next to be asked, which stays in the queue; NULL when none waits.
struct node *queue_next(const struct queue *queue);
// These take one out, or return NULL.
struct node *queue_take_next(struct queue *queue);
struct node *queue_take_refused(struct queue *queue);
struct node *queue_take_ticket(struct queue *queue, uint32_t ticket);
struct node *queue_take_asked_until(struct queue *queue, int64_t time);
// One that waits, no younger than ticket newest, and asks the same; a person's only if it was asked
// by the time sent.
struct node *queue_take_equal(struct queue *queue, const struct question *question, uint32_t newest,
                              int64_t sent);
// The next to be asked is lent; it stays in the queue until it is taken back. The last takes any.
void queue_lend_next(struct queue *queue);
struct node *queue_take_lent(struct queue *queue, uint32_t ticket);
struct node *queue_take_lent_next(struct queue *queue);
// When the oldest of those that wait was asked; INT64_MAX when none does.
int64_t queue_oldest(const struct queue *queue);
// Gives a node that was taken out back.
void queue_release(struct queue *queue, struct node *node);
// Frees all nodes but those taken out.
void queue_clear(struct queue *queue);

#endif
