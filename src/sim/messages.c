// SPDX-License-Identifier: MIT
#include "sim/messages.h"

void messages_add(struct messages *messages, uint16_t type, uint16_t source, uint32_t time)
{
    messages->rows[messages->written++ % MESSAGES_MAX] =
        (struct message_row){.time = time, .type = type, .source = source};
    messages->pending = true;
}

void messages_erase(struct messages *messages)
{
    messages->erased = messages->written;
    messages->latched = messages->pending = false;
}

static uint64_t oldest(const struct messages *messages)
{
    uint64_t kept = messages->written > MESSAGES_MAX ? messages->written - MESSAGES_MAX : 0;

    return kept > messages->erased ? kept : messages->erased;
}

uint32_t messages_total(const struct messages *messages)
{
    return (uint32_t)(messages->written - oldest(messages));
}

bool messages_read(struct messages *messages, uint32_t index, struct scom_message *message)
{
    uint64_t first = oldest(messages);

    if (messages->written == first)
        return false;
    if (index == 0) {
        messages->pointer = messages->written - 1;
        messages->latched = true;
        messages->pending = false;
    }
    uint64_t newest = messages->latched ? messages->pointer : messages->written - 1;
    if (newest < first || index > newest - first)
        return false;
    const struct message_row *row = &messages->rows[(newest - index) % MESSAGES_MAX];
    uint64_t older = newest - index - first;
    *message = (struct scom_message){.total = messages->remaining ? (uint32_t)older
                                                                  : messages_total(messages),
                                     .type = row->type,
                                     .source = row->source,
                                     .timestamp = row->time,
                                     .value = row->value};
    return true;
}
