// SPDX-License-Identifier: MIT
// The messages of an installation and the alarms on its values: what is known of them, now and from
// before (store/known.h), and how it gets known.
//
// A gateway that keeps a history (GATEWAY_HISTORY) is read from the newest message back to one from
// which on all are known; an interrupted reading is taken up again. Reading the newest clears the
// gateway's "message pending" flag, on which others may depend: it is done when the flag is set or
// a person looks, and never with options.leave_messages. The number that comes with each message is
// their total or, the document says both (scom.md "Messages"), how many older ones remain: what is
// asked beyond the end is refused and does no harm. Where there is no history messages come by
// themselves, each once.
#ifndef XC_PLANT_MESSAGES_H
#define XC_PLANT_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plant/plant.h"
#include "store/known.h"

// The newest known, messages and alarms, newest first (at most 32). total: as the gateway has told
// it, or, where it keeps none, those that came since the start. Valid until the loop goes on.
size_t plant_messages(const struct plant *plant, const struct known_message **messages,
                      uint32_t *total);

// There are new ones, and they are being read: the older rest of a history isn't waited for.
bool plant_messages_awaited(const struct plant *plant);

struct plant_messages_state {
    struct known_counts counts;
    bool left;           // options.leave_messages: the gateway's aren't read
    bool reading;        // the history is
    uint32_t read;       // messages of it, this time …
    uint32_t total;      // … of so many …
    uint32_t reached;    // … back to the one with this timestamp; 0: none yet
    unsigned version;    // changes with anything that is known
    const char *problem; // why they aren't kept in the file, one line; NULL: they are
};
struct plant_messages_state plant_messages_state(const struct plant *plant);

// Those that fit, of this installation (filter->installation is set here), as known_list().
void plant_messages_list(struct plant *plant, const struct known_filter *filter,
                         bool (*fn)(void *arg, const struct known_message *message), void *arg);

// A person looks: the history is read though no flag says that there are new ones.
void plant_messages_open(struct plant *plant);
// A person has seen those up to number n.
void plant_messages_seen(struct plant *plant, int64_t n);

// Calls fn for each message that gets known from now on, and each alarm that comes or goes, once,
// in their order; also for those that another program on the same file gets to know, a little
// later. Those that were there long before the first reading of an installation aren't told: what
// is older than a day then. fn NULL: nobody wants to know.
typedef void plant_message_fn(void *arg, const struct known_message *message);
void plant_on_message(struct plant *plant, plant_message_fn *fn, void *arg);
// True in one of all programs that are told a message: that one does something about it.
bool plant_message_claim(struct plant *plant, const struct known_message *message);

#endif
