// SPDX-License-Identifier: MIT
// The public face of the plant: subscriptions, the connection, and who gets the next question.
//
// One question at a time is given to the gateway, so that a person's action overtakes everything
// that is only due. A lower class isn't starved by a higher one that is always due: while devices
// are being searched for, the search and the screen take turns – after a silence the screen catches
// up first –, every eighth question is for the rest, and every other one for a datalog file.
#include "plant/plant.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/internal.h"

// A part that is due but has nothing to ask must not spin.
#define NEXT_MIN (1 * LOOP_MS)

enum { REST_SHARE = 8, PAUSE_SHARE = 20 };

// --- Asking --------------------------------------------------------------------------------------

static void kick(struct plant *plant);

static void on_answer(void *arg, const struct answer *answer)
{
    struct plant *plant = arg;
    answered_fn *answered = plant->answered;

    plant->spent = loop_now(plant->loop) - plant->asked;
    plant->asking = false;
    plant->ticket = 0;
    if (answer->status == XC_OK || answer->status == XC_DEVICE_ERROR)
        plant->last_word = loop_now(plant->loop);
    if (answer->status == XC_TIMEOUT)
        plant->search.off = true;
    answered(plant, answer);
    plant_touch(plant);
    kick(plant);
}

void plant_ask(struct plant *plant, const struct question *question, answered_fn *fn)
{
    plant->asking = true;
    plant->asked = loop_now(plant->loop);
    plant->answered = fn;
    plant->turn++;
    plant->ticket = gateway_ask(plant->gateway, question, on_answer, plant);
}

int64_t plant_pause_behind(int64_t spent, int64_t at_least)
{
    return spent * PAUSE_SHARE > at_least ? spent * PAUSE_SHARE : at_least;
}

static bool is_found(const struct plant *plant)
{
    return plant->search.stage == STAGE_DONE;
}

static bool search_asks(struct plant *plant)
{
    plant->searched = discovery_ask(plant);
    return plant->searched;
}

static bool files_ask(struct plant *plant)
{
    plant->datalog_asked = datalog_ask(plant);
    return plant->datalog_asked;
}

static bool ask_something(struct plant *plant)
{
    bool stands_back = plant->searched || loop_now(plant->loop) < plant->search.stand_back;
    bool search_turn = !stands_back || plant->search.stage == STAGE_SILENT;
    bool rest_turn = plant->turn % REST_SHARE == REST_SHARE - 1;
    bool others_turn = plant->datalog_asked;

    plant->searched = plant->datalog_asked = false;
    if (plan_ask(plant, RANK_PERSON, RANK_PERSON) || devices_ask(plant))
        return true;
    if (!others_turn && files_ask(plant))
        return true;
    if (search_turn && !is_found(plant) && search_asks(plant))
        return true;
    if (plan_ask(plant, RANK_FIRST, rest_turn ? RANK_ONCE : RANK_SCREEN))
        return true;
    if (search_asks(plant) || chores_ask(plant))
        return true;
    return plan_ask(plant, RANK_REST, RANK_REST) || plan_ask(plant, RANK_SCREEN, RANK_SCREEN) ||
           files_ask(plant);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_due(struct plant *plant)
{
    return earlier(earlier(earlier(plan_due(plant), devices_due(plant)),
                           earlier(discovery_due(plant), chores_due(plant))),
                   datalog_due(plant));
}

static void begin_connection(struct plant *plant)
{
    plant->generation = gateway_generation(plant->gateway);
    plant->recognising = true;
    plant->restarted = false;
    plant->frame_flags = gateway_frame_flags(plant->gateway);
    plan_reset(plant);
    chores_begin(plant);
    devices_recognise(plant);
    discovery_begin(plant);
    // What has restarted in between isn't known.
    overlays_doubt(plant);
    keeps_restarted(plant, FAMILY_NONE, 0);
}

static bool is_reachable(const struct plant *plant)
{
    switch (gateway_state(plant->gateway)) {
    case GATEWAY_PROBING:
    case GATEWAY_UP:
    case GATEWAY_SILENT:
        return true;
    default:
        return false;
    }
}

// Something may be asked now.
static void kick(struct plant *plant)
{
    int64_t now = loop_now(plant->loop);

    if (!plant->gateway || plant->asking)
        return;
    loop_timer_stop(plant->loop, &plant->next_timer);
    // When this changes there will be an event.
    if (!is_reachable(plant))
        return;
    if (plant->generation != gateway_generation(plant->gateway))
        begin_connection(plant);
    if (!plant->recognising)
        return;
    if (plant->restarted && is_found(plant)) {
        plant->restarted = false;
        devices_recognise(plant);
        discovery_begin(plant);
    }
    // A person's changes don't wait for a pause to end.
    if (edits_ask(plant) || plant->paused || ask_something(plant))
        return;
    int64_t due = next_due(plant);
    if (due != NEVER)
        loop_timer_at(plant->loop, &plant->next_timer, due > now ? due : now + NEXT_MIN);
}

static void on_next(void *arg)
{
    kick(arg);
}

// Subscriptions come in groups: look at them together, in the next round.
void plant_kick_soon(struct plant *plant)
{
    if (!plant->asking)
        loop_timer_in(plant->loop, &plant->next_timer, 0);
}

static void on_changed(void *arg)
{
    struct plant *plant = arg;
    plant->changed(plant->arg);
}

void plant_touch(struct plant *plant)
{
    if (plant->changed && !plant->changed_timer.set)
        loop_timer_in(plant->loop, &plant->changed_timer, 0);
}

// --- Subscriptions -------------------------------------------------------------------------------

struct subscription *plant_subscribe(struct plant *plant, const struct plant_ref *refs,
                                     size_t count, int64_t period, enum priority priority)
{
    struct subscription *subscription = xcalloc(1, sizeof *subscription);
    int64_t now = loop_now(plant->loop);

    subscription->slots = xcalloc(count, sizeof *subscription->slots);
    subscription->period = period > 0 ? period : 0;
    subscription->since = now;
    subscription->priority = priority;
    subscription->next = plant->subscriptions;
    plant->subscriptions = subscription;
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = slot_get(plant, &refs[i]);
        if (!slot)
            continue;
        subscription->slots[subscription->count++] = slot;
        if (slot->wanted == NEVER && (subscription->period == 0 || slot->content.answered == 0))
            slot->wanted = now;
        // A person may try again what was refused a moment ago.
        if (priority == PRIORITY_PERSON)
            slot->hold = 0;
    }
    plant->plan.stale = true;
    plant_kick_soon(plant);
    return subscription;
}

void plant_unsubscribe(struct plant *plant, struct subscription *subscription)
{
    if (!subscription)
        return;
    struct subscription **place = &plant->subscriptions;
    while (*place != subscription)
        place = &(*place)->next;
    *place = subscription->next;
    free(subscription->slots);
    free(subscription);
    plant->plan.stale = true;
}

// Nobody is going to answer: its device isn't there, or it makes no sense.
static bool is_hopeless(const struct plant *plant, const struct slot *slot)
{
    if (slot->aggregate)
        return !slot_aggregates(slot) ||
               (!plant->no_discovery && plant_family_count(plant, slot->ref.family) == 0);
    if (plant->no_discovery || slot->ref.family == FAMILY_RCC)
        return false;
    const struct plant_device *device = plant_device(plant, slot->ref.family, slot->ref.index);
    return !device || device->presence == DEVICE_GONE;
}

bool plant_subscription_complete(const struct plant *plant, const struct subscription *subscription)
{
    bool found = is_found(plant) || plant->search.looking;

    for (size_t i = 0; i < subscription->count; i++) {
        const struct slot *slot = subscription->slots[i];
        bool answered = slot->content.answered > 0 &&
                        slot->content.answered >= subscription->since - subscription->period;
        if (!answered && !(found && is_hopeless(plant, slot)))
            return false;
    }
    return true;
}

// --- Connection ----------------------------------------------------------------------------------

void plant_link(struct plant *plant, struct plant_link *link)
{
    *link = (struct plant_link){
        .guid_known = plant->guid_known,
        .exchanged = plant->exchanged,
        .watchdog = plant->watchdog,
        .frame_flags = plant->frame_flags,
        .multi = plan_multi(plant),
    };
    link->clock_known = plant_clock_offset(plant, &link->clock_offset);
    memcpy(link->guid, plant->guid, sizeof link->guid);
    if (!plant->gateway)
        return;
    link->state = gateway_state(plant->gateway);
    strncpy(link->text, gateway_state_text(plant->gateway), sizeof link->text - 1);
    link->capabilities = gateway_capabilities(plant->gateway);
    gateway_statistics(plant->gateway, &link->statistics);
    link->read_only = plant->read_only || gateway_through_read_only(plant->gateway);
    link->can = gateway_bus(plant->gateway, &link->bus, &link->bitrate);
    link->bus_state = link_bus_state_name(link->bus.state);
}

bool plant_clock_offset(const struct plant *plant, int64_t *offset)
{
    *offset = plant->clock_known ? plant->clock_offset : 0;
    return plant->clock_known;
}

static void take_flags(struct plant *plant, uint8_t flags, uint8_t changed)
{
    plant->frame_flags = flags;
    if (flags & changed & PLANT_MESSAGE_PENDING)
        messages_pending(plant);
    // The gateway has restarted behind a connection that has stayed: the numbering may be another.
    // In the first answers of a connection it is only old news.
    if ((flags & changed & PLANT_RESTARTED) && (plant->search.looking || is_found(plant))) {
        plant->restarted = true;
        overlays_restarted(plant, FAMILY_RCC, 1);
        overlays_doubt(plant);
        keeps_restarted(plant, FAMILY_NONE, 0);
    }
}

void plant_gateway_event(void *arg, const struct gateway_event *event)
{
    struct plant *plant = arg;

    switch (event->kind) {
    case GATEWAY_EVENT_STATE:
        // A link that comes back counts as another connection a little later than it is up.
        if (plant->gateway && !is_reachable(plant)) {
            plant->recognising = false;
            edits_lost(plant);
        }
        break;
    case GATEWAY_EVENT_FLAGS:
        take_flags(plant, event->flags, event->changed);
        break;
    case GATEWAY_EVENT_MESSAGE:
        messages_notified(plant, &event->message);
        break;
    case GATEWAY_EVENT_IDLE:
        break;
    }
    if (event->kind != GATEWAY_EVENT_IDLE)
        plant_touch(plant);
    kick(plant);
}

void plant_pause(struct plant *plant, bool paused)
{
    plant->paused = paused;
    plant_touch(plant);
    kick(plant);
}

bool plant_paused(const struct plant *plant)
{
    return plant->paused;
}

// --- The plant -----------------------------------------------------------------------------------

struct plant *plant_new(struct loop *loop, const struct plant_options *options,
                        plant_changed_fn *changed, void *arg)
{
    struct plant *plant = xcalloc(1, sizeof *plant);

    plant->loop = loop;
    plant->began = loop_wall(loop);
    plant->leave_messages = options->leave_messages || options->read_only;
    plant->epoch = plant->began - loop_now(loop);
    plant->past = past_new(options->history);
    plant->no_discovery = options->no_discovery;
    plant->no_histories = options->no_histories;
    plant->named_count = options->device_count;
    plant->named = xcalloc(options->device_count, sizeof *plant->named);
    if (options->device_count > 0)
        memcpy(plant->named, options->devices, options->device_count * sizeof *plant->named);
    plant->read_only = options->read_only;
    plant->recording = recording_new(options->records);
    inbox_init(plant, options->messages);
    watches_init(plant, options->alarms);
    plant->unrecorded = options->unrecorded;
    plant->site_named = options->site_named;
    plant->site = xstrdup(options->site ? options->site : "");
    plant->who = xstrdup(options->who ? options->who : "");
    char guid[TEXT_GUID_MAX];
    if (options->guid)
        plant->guid_expected =
            xstrdup(text_parse_guid(options->guid, guid) == XC_OK ? guid : options->guid);
    plant->changed = changed;
    plant->arg = arg;
    plant->changed_timer.fire = on_changed;
    plant->changed_timer.arg = plant;
    plant->next_timer.fire = on_next;
    plant->next_timer.arg = plant;
    plant->search.look_due = NEVER;
    if (plant->no_discovery)
        plant->search.stage = STAGE_DONE;
    return plant;
}

void plant_free(struct plant *plant)
{
    if (!plant)
        return;
    if (plant->asking)
        gateway_cancel(plant->gateway, plant->ticket);
    keeps_free(plant);
    watches_free(plant);
    edits_free(plant);
    overlays_free(plant);
    earlier_free(plant);
    loop_timer_stop(plant->loop, &plant->changed_timer);
    loop_timer_stop(plant->loop, &plant->next_timer);
    while (plant->subscriptions)
        plant_unsubscribe(plant, plant->subscriptions);
    slots_free(plant);
    past_free(plant->past);
    plan_free(plant);
    free(plant->named);
    free(plant->site);
    free(plant->who);
    free(plant->guid_expected);
    recording_free(plant->recording);
    inbox_free(plant);
    free(plant);
}

void plant_attach(struct plant *plant, struct gateway *gateway)
{
    plant->gateway = gateway;
    if (gateway_frame_flags(gateway) & PLANT_MESSAGE_PENDING)
        messages_pending(plant);
    kick(plant);
}
