// SPDX-License-Identifier: MIT
// Keeps the link to a gateway: opens it, opens it again when it was lost (1 s later, then doubling
// to 30 s, from the beginning after a connection that brought an answer), and tries a serial
// line's settings until one is answered. Says in words how things are. Private to src/gateway/.
#ifndef XC_GATEWAY_CONNECTION_H
#define XC_GATEWAY_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"

struct connection;

// All are called from the loop.
struct connection_events {
    // A setting is being tried: ask something harmless, and say connection_heard() or
    // connection_unanswered().
    void (*probe)(void *arg);
    // Questions can be asked.
    void (*ready)(void *arg);
    // Bytes can't flow any more, after probe or ready.
    void (*lost)(void *arg);
    // The state has changed.
    void (*changed)(void *arg);
    void (*received)(void *arg, const uint8_t *bytes, size_t length);
};

// Takes the link over; it is opened when connection_start() says so. events is kept by pointer, and
// so is silence: what a person should look at when no answer has ever come, "is the gateway on?".
struct connection *connection_new(struct loop *loop, struct link *link,
                                  const struct connection_events *events, const char *silence,
                                  void *arg);
void connection_free(struct connection *connection);

// Opens the link, from the loop.
void connection_start(struct connection *connection);
// Closes it, and leaves it so until the next start.
void connection_rest(struct connection *connection);

// An answer to us has come, to whatever question: there is a gateway.
void connection_heard(struct connection *connection);
// A question, or the probe, has been given up for silence.
void connection_unanswered(struct connection *connection);

// Between ready and lost.
bool connection_is_ready(const struct connection *connection);
enum gateway_state connection_state(const struct connection *connection);
// One line; returns out. tries_again: also when the next try is.
char *connection_text(const struct connection *connection, bool tries_again, char *out,
                      size_t size);

#endif
