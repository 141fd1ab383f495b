// SPDX-License-Identifier: MIT
// How a question becomes bytes and bytes become its answer: all that knows the protocol. There are
// two, behind one table of functions: SCOM (scom.md "Frame", "Service") and the Studer public
// protocol of the Xcom-CAN (can.md). A dialect knows no clock, no link and no queue, and at most
// one question at a time. Private to src/gateway/.
#ifndef XC_GATEWAY_DIALECT_H
#define XC_GATEWAY_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"

enum { DIALECT_REQUEST_MAX = 288 };

// What a frame that came in is.
enum verdict {
    VERDICT_ANSWER,     // the awaited one: a value, a final error
    VERDICT_BUSY,       // the awaited one: the gateway can't now, ask again later
    VERDICT_UNREACHED,  // the awaited one: the gateway had no answer from the device in time
    VERDICT_REPHRASE,   // the awaited one: refused for how it was put; ask() knows better
    VERDICT_CORRUPT,    // a block of a transfer whose content came with a wrong checksum
    VERDICT_MALFORMED,  // the awaited one, with content that doesn't fit the question
    VERDICT_LATE,       // to one of the last questions given up
    VERDICT_DUPLICATE,  // to one of the last questions answered
    VERDICT_MISMATCHED, // to us, while something else is awaited
    VERDICT_FOREIGN,    // to somebody else, another master's request, or nothing that we asked
    VERDICT_UNFIT,      // to us, but no frame of the protocol: nothing is concluded from it
    VERDICT_MESSAGE,    // a notification
};

// A word or two for the trace.
const char *verdict_name(enum verdict verdict);

struct reception {
    enum verdict verdict;
    const char *why; // more for the trace; NULL: nothing
    bool to_us;      // an answer to our address, whatever it answers: somebody is there
    bool echo;       // VERDICT_FOREIGN: our own question, come back
    uint32_t source, destination; // as the frame has them
    uint8_t frame_flags;          // SCOM_* frame flags
    struct answer answer; // of the awaited ones: all but the times. What status to end with when
                          // the question isn't asked again; for a write that is XC_UNKNOWN unless
                          // the device was clear about it
    struct gateway_message message; // VERDICT_MESSAGE: all but the time
};

// self: what make() returned.
struct dialect {
    uint32_t source;       // our address by custom
    int64_t timeout;       // until a question is given up, by custom
    unsigned capabilities; // GATEWAY_* that a gateway may have
    struct question probe; // a read that does no harm and that every gateway answers
    const char *silence;   // what a person should look at when there never was an answer

    void *(*make)(uint32_t source); // to be freed with free()

    // XC_OK; XC_RANGE when the question can't be put into a frame; XC_UNSUPPORTED when the protocol
    // has no such question.
    enum xc_status (*check)(const struct question *question);

    // Writes the frame of a question that was checked to out and awaits its answer; question must
    // stay where it is until then. Returns the frame's length and sets answer_length to what its
    // answer will have.
    size_t (*ask)(void *self, const struct question *question, uint8_t out[DIALECT_REQUEST_MAX],
                  size_t *answer_length);
    // The question isn't awaited any more: its answer would be late.
    void (*give_up)(void *self);

    // Takes up to length bytes; returns how many, at least one once next() has returned false.
    size_t (*feed)(void *self, const uint8_t *bytes, size_t length);
    // The next frame in the bytes so far; false when there is none. What reception points to is
    // valid until the dialect is fed or asked again.
    bool (*next)(void *self, struct reception *reception);
    // True while a frame has begun and isn't whole.
    bool (*pending)(const void *self);
    // That frame won't be completed: look behind its beginning (next()).
    void (*abandon)(void *self);
    // Forgets bytes that wait: they belong to a connection that is gone.
    void (*reset)(void *self);

    // Sets the counters of what was no frame (bad_header … skipped).
    void (*counters)(const void *self, struct gateway_statistics *statistics);
};

extern const struct dialect dialect_scom, dialect_can;

// --- What dialects share -------------------------------------------------------------------------

// What an answer has in common with its question.
struct dialect_key {
    uint32_t address;
    uint8_t service;
    uint16_t object;
    uint32_t id;
    uint16_t property;
};

enum { DIALECT_REMEMBERED = 8 };

// Questions whose answers are still recognised after they ended.
struct dialect_memory {
    struct dialect_key keys[DIALECT_REMEMBERED];
    size_t count; // of all times
};

// Whether silence leaves in doubt if something was written.
bool dialect_is_write(enum question_kind kind);

bool dialect_same_key(const struct dialect_key *a, const struct dialect_key *b);
void dialect_remember(struct dialect_memory *memory, const struct dialect_key *key);
bool dialect_remembers(const struct dialect_memory *memory, const struct dialect_key *key);

// What an error answer (enum scom_error, the same codes in both protocols) means for its question:
// VERDICT_BUSY, VERDICT_UNREACHED or VERDICT_ANSWER. Sets answer's error and status.
enum verdict dialect_read_error(const struct question *question, uint16_t error,
                                struct answer *answer);

#endif
