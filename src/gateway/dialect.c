// SPDX-License-Identifier: MIT
#include "gateway/dialect.h"

#include "proto/scom.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_ANSWER] = "answer",
        [VERDICT_BUSY] = "busy",
        [VERDICT_UNREACHED] = "unreached",
        [VERDICT_REPHRASE] = "tag refused",
        [VERDICT_CORRUPT] = "corrupt",
        [VERDICT_MALFORMED] = "malformed",
        [VERDICT_LATE] = "late",
        [VERDICT_DUPLICATE] = "duplicate",
        [VERDICT_MISMATCHED] = "mismatched",
        [VERDICT_FOREIGN] = "foreign",
        [VERDICT_UNFIT] = "malformed",
        [VERDICT_MESSAGE] = "message",
    };
    return names[verdict];
}

bool dialect_is_write(enum question_kind kind)
{
    return kind == QUESTION_WRITE || kind == QUESTION_NOTE;
}

bool dialect_same_key(const struct dialect_key *a, const struct dialect_key *b)
{
    return a->address == b->address && a->service == b->service && a->object == b->object &&
           a->id == b->id && a->property == b->property;
}

void dialect_remember(struct dialect_memory *memory, const struct dialect_key *key)
{
    memory->keys[memory->count++ % DIALECT_REMEMBERED] = *key;
}

bool dialect_remembers(const struct dialect_memory *memory, const struct dialect_key *key)
{
    size_t count = memory->count < DIALECT_REMEMBERED ? memory->count : DIALECT_REMEMBERED;

    for (size_t i = 0; i < count; i++)
        if (dialect_same_key(&memory->keys[i], key))
            return true;
    return false;
}

enum verdict dialect_read_error(const struct question *question, uint16_t error,
                                struct answer *answer)
{
    bool is_write = dialect_is_write(question->kind);

    answer->error = error;
    answer->status = XC_DEVICE_ERROR;
    if (error == SCOM_GATEWAY_BUSY)
        return VERDICT_BUSY;
    if (is_write && (error == SCOM_RESPONSE_TIMEOUT || error == SCOM_WRITE_PROPERTY_FAILED))
        answer->status = XC_UNKNOWN;
    return error == SCOM_RESPONSE_TIMEOUT ? VERDICT_UNREACHED : VERDICT_ANSWER;
}
