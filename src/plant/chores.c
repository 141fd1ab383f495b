// SPDX-License-Identifier: MIT
// What the gateway itself has to tell, in the background: its clock, its GUID, its messages.
#include <stdio.h>
#include <string.h>

#include "base/localclock.h"
#include "plant/internal.h"
#include "proto/scom.h"

#define CLOCK_PERIOD (60 * LOOP_S)

enum { PARAMETER_CLOCK = 5002 };

// --- Clock ---------------------------------------------------------------------------------------

int64_t clock_at(const struct plant *plant, int64_t wall)
{
    return local_clock(wall) + (plant->clock_known ? plant->clock_offset : 0);
}

int64_t clock_now(const struct plant *plant)
{
    return clock_at(plant, loop_wall(plant->loop));
}

void clock_take(struct plant *plant, uint32_t clock)
{
    int64_t now = loop_now(plant->loop);

    // It comes with every multi-info, and has no more than seconds.
    if (plant->clock_known && now - plant->clock_taken < LOOP_S)
        return;
    if (clock == 0)
        return;
    plant->clock_offset = (int64_t)clock * LOOP_S - local_clock(loop_wall(plant->loop));
    plant->clock_taken = now;
    plant->clock_known = true;
}

void clock_set(struct plant *plant, uint32_t clock)
{
    plant->clock_known = false;
    clock_take(plant, clock);
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

// --- GUID ----------------------------------------------------------------------------------------

bool guid_take(struct plant *plant, const struct answer *answer)
{
    if (answer->raw_length != sizeof plant->guid)
        return false;
    bool other = plant->guid_known && memcmp(plant->guid, answer->raw, sizeof plant->guid) != 0;
    memcpy(plant->guid, answer->raw, sizeof plant->guid);
    plant->guid_known = true;
    if (other) {
        plant->exchanged = loop_now(plant->loop);
        plant->clock_known = false;
        // Another installation: nothing that was known means anything.
        overlays_free(plant);
        devices_forget(plant);
        chores_begin(plant);
    }
    messages_settle(plant);
    // Its flag came with this very answer, before the former's messages were dropped.
    if (other && (plant->frame_flags & SCOM_MESSAGE_PENDING))
        messages_pending(plant);
    return other;
}

static void guid_answered(struct plant *plant, const struct answer *answer)
{
    plant->chores.guid_wanted = false;
    if (answer->status == XC_OK)
        guid_take(plant, answer);
    messages_settle(plant);
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
    messages_begin(plant);
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
    int64_t clock = clock_due(plant), messages = messages_due(plant);
    return clock < messages ? clock : messages;
}

bool chores_ask(struct plant *plant)
{
    int64_t now = loop_now(plant->loop);

    if (chores_due(plant) > now)
        return false;
    // Whose messages they are comes before them.
    if (plant->chores.guid_wanted)
        ask_guid(plant);
    else if (messages_due(plant) <= now)
        messages_ask(plant);
    else
        ask_clock(plant);
    return true;
}
