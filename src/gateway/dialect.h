// SPDX-License-Identifier: MIT
// How a question becomes bytes and bytes become its answer: all that knows the protocol (SCOM:
// scom.md "Frame", "Service"). Knows no clock, no link and no queue, and at most one question at a
// time. Private to src/gateway/.
#ifndef XC_GATEWAY_DIALECT_H
#define XC_GATEWAY_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"

struct dialect;

enum { DIALECT_REQUEST_MAX = 256 };

// What a frame that came in is.
enum verdict {
    VERDICT_ANSWER,     // the awaited one: a value, a final error
    VERDICT_BUSY,       // the awaited one: the gateway can't now, ask again later
    VERDICT_UNREACHED,  // the awaited one: the gateway had no answer from the device in time
    VERDICT_REPHRASE,   // the awaited one: refused for how it was put; dialect_ask() knows better
    VERDICT_MALFORMED,  // the awaited one, with content that doesn't fit the question
    VERDICT_LATE,       // to one of the last questions given up
    VERDICT_DUPLICATE,  // to one of the last questions answered
    VERDICT_MISMATCHED, // to us, while something else is awaited
    VERDICT_FOREIGN,    // to somebody else, another master's request, or nothing that we asked
};

// A word or two for the trace.
const char *verdict_name(enum verdict verdict);

struct reception {
    enum verdict verdict;
    bool to_us;           // an answer to our address, whatever it answers: somebody is there
    uint8_t frame_flags;  // SCOM_* frame flags
    struct answer answer; // of the awaited ones: all but the times. What status to end with when
                          // the question isn't asked again; for a write that is XC_UNKNOWN unless
                          // the device was clear about it
};

// A read that does no harm and that every gateway answers: its clock (field.md, section 1, row 1).
extern const struct question dialect_probe;

struct dialect *dialect_new(uint32_t source);
void dialect_free(struct dialect *dialect);

// XC_OK, or XC_RANGE when the question can't be put into a frame.
enum xc_status dialect_check(const struct question *question);

// Writes the question's frame to out and awaits its answer; question must stay where it is until
// then. Returns the frame's length and sets answer_length to what its answer will have.
size_t dialect_ask(struct dialect *dialect, const struct question *question,
                   uint8_t out[DIALECT_REQUEST_MAX], size_t *answer_length);
// The question isn't awaited any more: its answer would be late.
void dialect_give_up(struct dialect *dialect);

// Takes up to length bytes; returns how many, at least one once dialect_next() has returned false.
size_t dialect_feed(struct dialect *dialect, const uint8_t *bytes, size_t length);
// The next frame in the bytes so far; false when there is none. What reception points to is valid
// until the dialect is fed or asked again.
bool dialect_next(struct dialect *dialect, struct reception *reception);
// True while a frame has begun and isn't whole.
bool dialect_pending(const struct dialect *dialect);
// That frame won't be completed: look behind its beginning (dialect_next()).
void dialect_abandon(struct dialect *dialect);
// Forgets bytes that wait: they belong to a connection that is gone.
void dialect_reset(struct dialect *dialect);

// Sets the counters of what was no frame (bad_header … skipped).
void dialect_counters(const struct dialect *dialect, struct gateway_statistics *statistics);

#endif
