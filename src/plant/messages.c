// SPDX-License-Identifier: MIT
// What the gateway itself has to tell: its messages, its clock, its GUID. Read in the background.
//
// Reading message 0 clears the gateway's "message pending" flag, on which others may depend: the
// history is read only when the flag is set, from the newest one back to one that is known. The
// number that comes with each is their total or, the document says both, how many older ones
// remain. Where there is no history messages come by themselves, each once.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plant/internal.h"
#include "proto/scom.h"

#define CLOCK_PERIOD (60 * LOOP_S)
#define FAILED_HOLD  (30 * LOOP_S)

enum { MESSAGES_AT_ONCE = 16, PARAMETER_CLOCK = 5002 };

// --- Messages ------------------------------------------------------------------------------------

void messages_pending(struct plant *plant)
{
    bool has_history = plant->gateway && (gateway_capabilities(plant->gateway) & GATEWAY_HISTORY);

    if (plant->leave_messages || plant->no_discovery || !has_history)
        return;
    plant->inbox.wanted = true;
    plant->inbox.fresh_count = 0;
}

// The computer's wall clock, written as the installation writes its own: as if it were UTC. 0 when
// that can't be told.
static int64_t local_time_of(int64_t wall)
{
    time_t seconds = (time_t)(wall / LOOP_S);
    struct tm local;

    if (!localtime_r(&seconds, &local))
        return 0;
    local.tm_isdst = 0;
    return (int64_t)timegm(&local) * LOOP_S + wall % LOOP_S;
}

static int64_t local_wall(const struct plant *plant)
{
    return local_time_of(loop_wall(plant->loop));
}

static bool is_same(const struct plant_message *message, uint32_t told,
                    const struct plant_message *other)
{
    return told == other->source && message->timestamp == other->timestamp &&
           message->number == other->number;
}

// The ones just read go before those that were known.
static void take_over(struct inbox *inbox)
{
    size_t fresh = inbox->fresh_count, kept = inbox->count;

    if (kept > MESSAGES_MAX - fresh)
        kept = MESSAGES_MAX - fresh;
    memmove(inbox->list + fresh, inbox->list, kept * sizeof *inbox->list);
    memmove(inbox->told + fresh, inbox->told, kept * sizeof *inbox->told);
    for (size_t i = 0; i < fresh; i++) {
        inbox->list[i] = inbox->fresh[i];
        inbox->told[i] = inbox->fresh[i].source;
    }
    inbox->count = kept + fresh;
    inbox->fresh_count = 0;
    inbox->wanted = false;
}

void messages_notified(struct plant *plant, const struct gateway_message *message)
{
    struct inbox *inbox = &plant->inbox;

    // Not compared with those that are known: two alike are two.
    inbox->fresh[0] = (struct plant_message){.number = message->number,
                                             .source = message->source,
                                             .timestamp = (uint32_t)(local_wall(plant) / LOOP_S),
                                             .value = message->value};
    inbox->fresh_count = 1;
    inbox->total++;
    take_over(inbox);
}

static bool is_known(const struct inbox *inbox, const struct plant_message *message)
{
    for (size_t i = 0; i < inbox->count; i++)
        if (is_same(&inbox->list[i], inbox->told[i], message))
            return true;
    // A gateway may repeat one rather than say that there is no older one.
    for (size_t i = 0; i < inbox->fresh_count; i++)
        if (is_same(&inbox->fresh[i], inbox->fresh[i].source, message))
            return true;
    return false;
}

static void message_answered(struct plant *plant, const struct answer *answer)
{
    struct inbox *inbox = &plant->inbox;

    // With a new message in the meantime, perhaps told by this very answer, reading begins again.
    if (answer->status == XC_NO_LINK || inbox->asked != inbox->fresh_count)
        return;
    if (answer->status != XC_OK) {
        bool passes =
            answer->status == XC_TIMEOUT ||
            (answer->status == XC_DEVICE_ERROR &&
             (answer->error == SCOM_GATEWAY_BUSY || answer->error == SCOM_RESPONSE_TIMEOUT));
        // What was read is kept; the rest is read later, unless it is refused. An older one that
        // is refused is only the end of them.
        if (passes || inbox->asked == 0)
            inbox->hold = loop_now(plant->loop) + plant_pause_behind(plant->spent, FAILED_HOLD);
        if (!passes)
            take_over(inbox);
        return;
    }
    struct plant_message message = {.number = answer->message_type,
                                    .source = answer->message_source,
                                    .timestamp = answer->message_time,
                                    .value = answer->message_value};
    bool none = answer->message_total == 0 && message.source == 0 && message.timestamp == 0;
    if (inbox->asked == 0)
        inbox->total = none || answer->message_total > 0 ? answer->message_total : 1;
    else if (inbox->asked == 1 && answer->message_total + 1 == inbox->total)
        inbox->total++; // it counts down: the newest one didn't count itself
    bool known = none || is_known(inbox, &message);
    if (!known)
        inbox->fresh[inbox->fresh_count++] = message;
    if (known || inbox->fresh_count == MESSAGES_AT_ONCE || inbox->fresh_count >= inbox->total)
        take_over(inbox);
}

static void ask_message(struct plant *plant)
{
    const struct question question = {.kind = QUESTION_MESSAGE,
                                      .priority = PRIORITY_BACKGROUND,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .id = (uint32_t)plant->inbox.fresh_count,
                                      .format = FORMAT_RAW};
    plant->inbox.asked = plant->inbox.fresh_count;
    plant_ask(plant, &question, message_answered);
}

size_t plant_messages(const struct plant *plant, const struct plant_message **messages,
                      uint32_t *total)
{
    *messages = plant->inbox.list;
    *total = plant->inbox.total;
    return plant->inbox.count;
}

bool plant_messages_awaited(const struct plant *plant)
{
    return plant->inbox.wanted && plant->inbox.hold <= loop_now(plant->loop);
}

void messages_renumber(struct plant *plant, enum family family, const uint8_t to[INDEX_MAX])
{
    for (size_t i = 0; i < plant->inbox.count; i++) {
        struct plant_message *message = &plant->inbox.list[i];
        struct target target;
        if (target_from_address(message->source, &target) && target.kind == TARGET_DEVICE &&
            target.family == family && target.index < INDEX_MAX && to[target.index] != 0)
            message->source = device_address(family, to[target.index]);
    }
}

// --- Clock ---------------------------------------------------------------------------------------

void clock_take(struct plant *plant, uint32_t clock)
{
    int64_t now = loop_now(plant->loop);

    // It comes with every multi-info, and has no more than seconds.
    if (plant->clock_known && now - plant->clock_taken < LOOP_S)
        return;
    int64_t ours = local_wall(plant);
    if (clock == 0 || ours == 0)
        return;
    plant->clock_offset = (int64_t)clock * LOOP_S - ours;
    plant->clock_taken = now;
    plant->clock_known = true;
}

static void clock_answered(struct plant *plant, const struct answer *answer)
{
    plant->chores.clock_due = loop_now(plant->loop) + CLOCK_PERIOD;
    if (answer->status == XC_OK && answer->number > 0 && answer->number <= UINT32_MAX)
        clock_take(plant, (uint32_t)answer->number);
}

static void probe_answered(struct plant *plant, const struct answer *answer)
{
    (void)answer;
    plant->chores.clock_due = NEVER;
}

// Also asked out of turn, to see whether the gateway is there.
static void ask_clock(struct plant *plant)
{
    if (!(gateway_capabilities(plant->gateway) & GATEWAY_CLOCK)) {
        struct question probe = *gateway_probe(plant->gateway);
        probe.priority = PRIORITY_BACKGROUND;
        plant_ask(plant, &probe, probe_answered);
        return;
    }
    const struct question question = {.kind = QUESTION_PARAMETER,
                                      .priority = PRIORITY_BACKGROUND,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .id = PARAMETER_CLOCK,
                                      .part = PART_VALUE,
                                      .format = FORMAT_INT32};
    plant_ask(plant, &question, clock_answered);
}

int64_t clock_at(const struct plant *plant, int64_t wall)
{
    return local_time_of(wall) + (plant->clock_known ? plant->clock_offset : 0);
}

int64_t clock_now(const struct plant *plant)
{
    return clock_at(plant, loop_wall(plant->loop));
}

// --- GUID ----------------------------------------------------------------------------------------

char *guid_text(const uint8_t guid[GUID_BYTES], char out[GUID_TEXT_MAX])
{
    for (size_t i = 0; i < GUID_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", guid[i]);
    return out;
}

bool guid_take(struct plant *plant, const struct answer *answer)
{
    if (answer->raw_length != sizeof plant->guid)
        return false;
    bool other = plant->guid_known && memcmp(plant->guid, answer->raw, sizeof plant->guid) != 0;
    memcpy(plant->guid, answer->raw, sizeof plant->guid);
    plant->guid_known = true;
    if (other) {
        plant->exchanged = loop_now(plant->loop);
        plant->inbox = (struct inbox){0};
        plant->clock_known = false;
        // Another installation: nothing that was known means anything.
        overlays_free(plant);
        devices_forget(plant);
        chores_begin(plant);
        // Its flag came with this very answer, before the former's messages were dropped.
        if (plant->frame_flags & SCOM_MESSAGE_PENDING)
            messages_pending(plant);
    }
    return other;
}

static void guid_answered(struct plant *plant, const struct answer *answer)
{
    plant->chores.guid_wanted = false;
    if (answer->status == XC_OK)
        guid_take(plant, answer);
}

static void ask_guid(struct plant *plant)
{
    const struct question question = {.kind = QUESTION_GUID,
                                      .priority = PRIORITY_BACKGROUND,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .format = FORMAT_RAW};
    plant_ask(plant, &question, guid_answered);
}

// --- Whose turn it is ----------------------------------------------------------------------------

void chores_begin(struct plant *plant)
{
    unsigned abilities = gateway_capabilities(plant->gateway);

    plant->chores.guid_wanted = !plant->guid_known && (abilities & GATEWAY_GUID);
    plant->chores.clock_due = abilities & GATEWAY_CLOCK ? loop_now(plant->loop) : NEVER;
    plant->inbox.hold = 0;
    plant->inbox.fresh_count = 0;
}

// Multi-infos bring the clock along.
static int64_t clock_due(const struct plant *plant)
{
    return plant->clock_known && plan_multi(plant) ? NEVER : plant->chores.clock_due;
}

int64_t chores_due(const struct plant *plant)
{
    if (plant->no_discovery || plant->search.stage != STAGE_DONE)
        return NEVER;
    if (plant->chores.guid_wanted)
        return 0;
    int64_t clock = clock_due(plant), messages = plant->inbox.wanted ? plant->inbox.hold : NEVER;
    return clock < messages ? clock : messages;
}

bool chores_ask(struct plant *plant)
{
    int64_t now = loop_now(plant->loop);

    if (chores_due(plant) > now)
        return false;
    if (plant->inbox.wanted && plant->inbox.hold <= now)
        ask_message(plant);
    else if (plant->chores.guid_wanted)
        ask_guid(plant);
    else
        ask_clock(plant);
    return true;
}
