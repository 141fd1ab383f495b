// SPDX-License-Identifier: MIT
// A gateway from inside: what is shared by the parts of it that are called by its functions – the
// wire (gateway.c), and what goes through another process (through.c, host.c). Private to
// src/gateway/.
#ifndef XC_GATEWAY_INTERNAL_H
#define XC_GATEWAY_INTERNAL_H

#include "gateway/connection.h"
#include "gateway/dialect.h"
#include "gateway/gateway.h"
#include "gateway/queue.h"
#include "gateway/share.h"
#include "gateway/statistics.h"
#include "gateway/trace.h"

struct gateway {
    struct loop *loop;
    struct link *link;
    struct connection *connection;
    const struct dialect *dialect;
    void *speaker; // of the dialect
    struct statistics statistics;
    struct trace trace;
    bool trace_failure_told;
    int64_t timeout;
    bool read_only;
    gateway_event_fn *fn;
    void *arg;

    struct share *share; // NULL: the link is ours alone
    bool records, yielded;
    unsigned lent;            // questions that the host has
    unsigned host_generation; // that we know of; 0: none
    enum gateway_state host_state;

    struct queue queue;
    struct loop_timer pump;   // asks what is next; set by whoever isn't in the loop's own call
    struct loop_timer expiry; // for questions that wait in vain for a connection
    bool idle_told;

    // The outstanding question, from its first sending to its end.
    struct node *current;
    uint8_t request[DIALECT_REQUEST_MAX];
    size_t request_length, answer_length;
    bool awaiting; // it is on the wire; false while it waits to be asked again
    bool repeated;
    // A datalog transfer is somebody's until it has ended: another's steps would get its blocks.
    bool transfer, transfer_directory;
    const void *transferrer; // as asker.guest
    unsigned nacks;          // corrupt blocks that were asked for again
    int64_t sent;
    int64_t busy_since; // the first busy answer; < 0 when there was none
    int64_t pause;      // before it is asked again
    struct loop_timer deadline, again;
    struct node probe;

    struct loop_timer silence; // in the middle of a frame
    bool unsettled; // a question passed its deadline, or a write ended with an unknown outcome, and
                    // the line wasn't quiet yet
    int64_t quiet_since;

    unsigned generation;
    unsigned capabilities;
    uint8_t frame_flags;
    struct gateway_outcomes outcomes;
    char text[GATEWAY_TEXT_MAX];
};

// --- Whose the link is ---------------------------------------------------------------------------

static inline bool gateway_owns_link(const struct gateway *gateway)
{
    return !gateway->share || share_owns(gateway->share);
}

// NULL when the link is ours, or it isn't known yet who has it.
static inline struct guest *gateway_guest(const struct gateway *gateway)
{
    return gateway->share ? share_guest(gateway->share) : NULL;
}

// NULL when the link isn't ours, or nobody can come.
static inline struct host *gateway_host(const struct gateway *gateway)
{
    return gateway->share ? share_host(gateway->share) : NULL;
}

// Whether what is asked now would go on the wire when its turn comes.
bool gateway_is_ready(const struct gateway *gateway);

// --- Questions -----------------------------------------------------------------------------------

// On whose behalf a question is asked.
struct asker {
    const void *guest;   // who of other processes; NULL: this one
    bool records;        // as gateway_options
    unsigned generation; // the connection that he knew when he asked; 0: before the first
};

// gateway_ask() for somebody else.
uint32_t gateway_ask_for(struct gateway *gateway, const struct question *question,
                         const struct asker *asker, gateway_answer_fn *fn, void *arg);
// Takes a question back if nothing of it is on the wire, as gateway_cancel(); else false.
bool gateway_withdraw(struct gateway *gateway, uint32_t ticket);

// Whoever asked for a write knew who was at the other end then; on a new connection it may be
// another installation.
bool gateway_is_former(const struct gateway *gateway, const struct node *node);
// A guest is gone: a transfer of his is aborted.
void gateway_end_transfer(struct gateway *gateway, const void *guest);
// Asking it changes nothing, so it can be asked again.
bool gateway_is_read(enum question_kind kind);
// GATEWAY_MULTI | …: without these a question can't be asked.
unsigned gateway_needs(enum question_kind kind);

// Tells the answer of a node that was taken out of the queue, and releases it.
void gateway_finish(struct gateway *gateway, struct node *node, const struct answer *answer);
struct answer gateway_no_answer(enum xc_status status);
void gateway_finish_without(struct gateway *gateway, struct node *node, enum xc_status status);
// Asks what is next, if something can be asked. arg: the gateway.
void gateway_pump(void *arg);
// While nothing can be asked: what waits ends at its deadline.
void gateway_await_expiry(struct gateway *gateway);

// --- Events --------------------------------------------------------------------------------------

void gateway_tell(struct gateway *gateway, enum gateway_event_kind kind, uint8_t changed);
void gateway_tell_idle(struct gateway *gateway);
void gateway_tell_message(struct gateway *gateway, const struct gateway_message *message);
// The state or its text has changed; arg: the gateway.
void gateway_changed(void *arg);
void gateway_take_flags(struct gateway *gateway, uint8_t flags);

#endif
