// SPDX-License-Identifier: MIT
// What the process that holds a link (the host) and another one that wants it too (a guest) say to
// each other over a local connection: messages of a length (2 bytes, little endian, of what follows
// the kind), a kind (1 byte) and its fields. Pure: no I/O, no clock. Everything read is checked for
// length and range; a message that doesn't fit is refused whole. Private to src/gateway/.
//
// The guest begins with TALK_HELLO, the host answers with its own, and unless both are of the same
// version that is all that is said: the first two fields of TALK_HELLO mustn't ever change. Then a
// guest sends TALK_ASK and TALK_CANCEL, the host TALK_STATUS at least once a second, TALK_ANSWER
// and TALK_NOTE.
#ifndef XC_GATEWAY_TALK_H
#define XC_GATEWAY_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/gateway.h"
#include "link/local.h"

// Raised with every change of the messages, or of what the numbers in them mean. The version of the
// program must be the same too.
enum { TALK_PROTOCOL = 3 };

enum { TALK_HEADER = 3, TALK_FRAME_MAX = 2048, TALK_VERSION_MAX = 32, TALK_BLOCK_MAX = 512 };

enum talk_kind {
    TALK_HELLO = 1,
    TALK_ASK,
    TALK_CANCEL,
    TALK_ANSWER,
    TALK_STATUS,
    TALK_NOTE, // a device tells something, unasked (GATEWAY_EVENT_MESSAGE)
};

enum talk_welcome {
    TALK_WELCOME,
    TALK_OTHER_VERSION,
    TALK_OTHER_LINK,
    TALK_FULL, // too many guests
};

struct talk_hello {
    uint16_t protocol;
    char version[TALK_VERSION_MAX]; // of the program
    // Of one of the same version only:
    char identity[LOCAL_IDENTITY_MAX]; // of the link, as local.h
    enum talk_welcome welcome;         // the host's
    bool read_only;                    // the host's
    bool records;                      // the guest's, as gateway_options
};

struct talk_ask {
    uint32_t ticket;          // the guest's; it comes back with the answer
    unsigned generation;      // the host's, as the guest knew it
    struct question question; // items point to items, text to text
    struct multi_item items[MULTI_ITEMS_MAX];
    char text[QUESTION_TEXT_MAX];
};

struct talk_answer {
    uint32_t ticket;
    int64_t took; // microseconds from sent to arrived: the two ends may count from other beginnings
    struct answer answer; // but the times; items point to items, with values only; block to block
    struct multi_item items[MULTI_ITEMS_MAX];
    uint8_t block[TALK_BLOCK_MAX];
};

struct talk_status {
    enum gateway_state state;
    bool ready; // questions can be asked
    bool told;  // the host was told of a new state or text; else only numbers have changed
    unsigned generation, capabilities;
    uint8_t frame_flags;
    char text[GATEWAY_TEXT_MAX];
    struct gateway_statistics statistics;
    bool has_bus;
    struct link_bus bus;
    unsigned bitrate;
};

// Fills in protocol and version: our own.
void talk_introduce(struct talk_hello *hello);
bool talk_same_version(const struct talk_hello *hello);

// Each writes a whole message to out and returns its length.
size_t talk_put_hello(const struct talk_hello *hello, uint8_t out[TALK_FRAME_MAX]);
size_t talk_put_ask(uint32_t ticket, unsigned generation, const struct question *question,
                    uint8_t out[TALK_FRAME_MAX]);
size_t talk_put_cancel(uint32_t ticket, uint8_t out[TALK_FRAME_MAX]);
size_t talk_put_answer(uint32_t ticket, const struct answer *answer, uint8_t out[TALK_FRAME_MAX]);
size_t talk_put_status(const struct talk_status *status, uint8_t out[TALK_FRAME_MAX]);
size_t talk_put_note(const struct gateway_message *message, uint8_t out[TALK_FRAME_MAX]);

// Each reads the fields of a message; false when they aren't what such a message has. Texts are
// escaped, numbers that aren't told are NaN.
bool talk_get_hello(const uint8_t *bytes, size_t length, struct talk_hello *hello);
bool talk_get_ask(const uint8_t *bytes, size_t length, struct talk_ask *ask);
bool talk_get_cancel(const uint8_t *bytes, size_t length, uint32_t *ticket);
bool talk_get_answer(const uint8_t *bytes, size_t length, struct talk_answer *answer);
bool talk_get_status(const uint8_t *bytes, size_t length, struct talk_status *status);
// All but the time.
bool talk_get_note(const uint8_t *bytes, size_t length, struct gateway_message *message);

// Bytes as they come, put together to messages. Zero-initialise to start.
struct talk_inbox {
    uint8_t bytes[TALK_FRAME_MAX];
    size_t used;
};

// Called for each whole message; false: enough, what follows is of no interest.
typedef bool talk_message_fn(void *arg, enum talk_kind kind, const uint8_t *bytes, size_t length);

// False when fn said so, or when a message is longer than any can be.
bool talk_take(struct talk_inbox *inbox, const uint8_t *bytes, size_t length, talk_message_fn *fn,
               void *arg);

#endif
