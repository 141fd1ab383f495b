// SPDX-License-Identifier: MIT
// Messages get known: read from the gateway's history one by one, or come by themselves.
#include "plant/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "plant/internal.h"
#include "proto/scom.h"

#define FAILED_HOLD (30 * LOOP_S)
#define AGAIN_FIRST (60 * LOOP_S)   // whether the file can be used again …
#define AGAIN_LAST  (3600 * LOOP_S) // … and in the end
#define PAUSE       (50 * LOOP_MS)  // between old ones, while somebody looks at values
#define TELL_PERIOD (2 * LOOP_S)    // what other programs get to know

static const uint32_t old_age = 86400;

enum {
    SOON = 16,       // so many of the newest are read without pauses
    READ_MAX = 8192, // whatever total a gateway tells
    REPEATS_MAX = 8, // in a row, then it has no older ones
};

// --- What is kept --------------------------------------------------------------------------------

static bool has_history(const struct plant *plant)
{
    return plant->gateway && (gateway_capabilities(plant->gateway) & GATEWAY_HISTORY);
}

// In the file, or, when that can't be had, in memory.
static struct known *open_known(struct plant *plant)
{
    struct inbox *inbox = &plant->inbox;
    char ignored[8];

    if (inbox->known)
        return inbox->known;
    inbox->told_n = 0;
    if (inbox->path && !inbox->problem[0] &&
        known_open(inbox->path, &inbox->known, inbox->problem, sizeof inbox->problem) == XC_OK) {
        known_last(inbox->known, &inbox->told_n);
        return inbox->known;
    }
    if (known_open(NULL, &inbox->known, ignored, sizeof ignored) != XC_OK)
        abort(); // there is no memory
    if (inbox->problem[0])
        loop_timer_in(plant->loop, &inbox->again, inbox->again_in);
    return inbox->known;
}

// What is read again from the gateway is no news.
static void begin_again(struct plant *plant)
{
    struct inbox *inbox = &plant->inbox;

    inbox->former = 0;
    for (size_t i = 0; i < inbox->count; i++)
        if (inbox->list[i].kind == KNOWN_MESSAGE && inbox->list[i].timestamp > inbox->former)
            inbox->former = inbox->list[i].timestamp;
    messages_pending(plant);
    plant_kick_soon(plant);
}

// The file can't be used: for now it is memory, which is filled from the gateway.
static void give_up_file(struct plant *plant)
{
    struct inbox *inbox = &plant->inbox;

    snprintf(inbox->problem, sizeof inbox->problem, "%s", known_error(inbox->known));
    known_close(inbox->known);
    inbox->known = NULL;
    open_known(plant);
    begin_again(plant);
}

static bool take_recent(void *arg, const struct known_message *message)
{
    struct inbox *inbox = arg;

    inbox->list[inbox->count++] = *message;
    return inbox->count < MESSAGES_MAX;
}

// What is shown of it has changed.
static void look_again(struct plant *plant)
{
    struct inbox *inbox = &plant->inbox;
    const struct known_filter filter = {
        .installation = inbox->owner.installation, .last = MESSAGES_MAX, .newest_first = true};

    inbox->count = 0;
    inbox->version++;
    if (known_list(inbox->known, &filter, take_recent, inbox) != XC_OK ||
        known_count(inbox->known, &inbox->owner, &inbox->counts) != XC_OK)
        inbox->counts = (struct known_counts){0};
    plant_touch(plant);
}

struct carrying {
    const struct plant *plant;
    struct known *to;
    bool failed;
};

// What the gateway's history doesn't have; nobody does again what it was about.
static bool carry(void *arg, const struct known_message *message)
{
    struct carrying *carrying = arg;
    const struct known_owner *owner = &carrying->plant->inbox.owner;
    struct known_message copy = *message;
    bool any = false, on = false, ours;

    if (message->kind == KNOWN_MESSAGE && has_history(carrying->plant))
        return true;
    // Another program that watches it may have told it.
    if (message->kind != KNOWN_MESSAGE)
        known_alarm_is_on(carrying->to, owner, message->name, &any, &on);
    if (any && on == (message->kind == KNOWN_ALARM))
        return true;
    carrying->failed = known_add_alone(carrying->to, owner, &copy) != XC_OK ||
                       known_claim(carrying->to, copy.n, &ours) != XC_OK;
    return !carrying->failed;
}

// Back to the file, with what has come meanwhile.
static void on_again(void *arg)
{
    struct plant *plant = arg;
    struct inbox *inbox = &plant->inbox;
    const struct known_filter filter = {.installation = inbox->owner.installation};
    struct carrying carrying = {.plant = plant};

    bool good =
        known_open(inbox->path, &carrying.to, inbox->problem, sizeof inbox->problem) == XC_OK;
    if (good && (known_check(carrying.to) != XC_OK ||
                 known_list(inbox->known, &filter, carry, &carrying) != XC_OK || carrying.failed ||
                 watches_keep(plant, carrying.to) != XC_OK)) {
        snprintf(inbox->problem, sizeof inbox->problem, "%s", known_error(carrying.to));
        known_close(carrying.to);
        good = false;
    }
    inbox->again_in = good ? AGAIN_FIRST : 2 * inbox->again_in;
    if (inbox->again_in > AGAIN_LAST)
        inbox->again_in = AGAIN_LAST;
    if (!good) {
        loop_timer_in(plant->loop, &inbox->again, inbox->again_in);
        return;
    }
    known_close(inbox->known);
    inbox->known = carrying.to;
    inbox->problem[0] = '\0';
    known_last(inbox->known, &inbox->told_n);
    begin_again(plant);
    look_again(plant);
    watches_settle(plant);
    plant->views_version++;
}

struct known *messages_known(struct plant *plant)
{
    return open_known(plant);
}

bool messages_settled(const struct plant *plant)
{
    return plant->inbox.owner.installation[0] != '\0';
}

void messages_settle(struct plant *plant)
{
    struct inbox *inbox = &plant->inbox;
    struct known_owner owner = {0};

    if (plant->guid_known)
        text_guid(owner.installation, plant->guid);
    else if (plant->chores.guid_wanted)
        return;
    else
        snprintf(owner.installation, sizeof owner.installation, "site:%.50s", plant->site);
    snprintf(owner.site, sizeof owner.site, "%s", plant->site);
    if (strcmp(owner.installation, inbox->owner.installation) == 0)
        return;
    // Another installation's.
    if (messages_settled(plant)) {
        inbox->total = 0;
        inbox->wanted = false;
    }
    inbox->owner = owner;
    if (inbox->path || inbox->known) {
        open_known(plant);
        look_again(plant);
    }
    watches_settle(plant);
    plant->views_version++;
}

void messages_name_device(const struct plant *plant, struct known_message *message)
{
    struct target target;

    message->device[0] = '\0';
    if (!target_from_address(message->source, &target))
        return;
    if (target.family == FAMILY_BSP && plant_device(plant, FAMILY_BMS, 1))
        target.family = FAMILY_BMS;
    target_name(&target, message->device, sizeof message->device);
}

// --- Who is told ---------------------------------------------------------------------------------

struct news {
    struct known_message *list;
    size_t count, room;
};

static bool take_news(void *arg, const struct known_message *message)
{
    struct news *news = arg;

    if (news->count == news->room) {
        news->room = news->room ? 2 * news->room : 8;
        news->list = xrealloc(news->list, news->room, sizeof *news->list);
    }
    news->list[news->count++] = *message;
    return true;
}

// What got known since, here or by another program. First all is looked up: who is told may write
// to the file.
static void tell_news(struct plant *plant)
{
    struct inbox *inbox = &plant->inbox;
    const struct known_filter filter = {
        .installation = inbox->owner.installation, .after = inbox->told_n, .news = true};
    struct news news = {0};

    if (!inbox->told || !inbox->known)
        return;
    known_list(inbox->known, &filter, take_news, &news);
    for (size_t i = 0; i < news.count; i++)
        if (news.list[i].n > inbox->told_n)
            inbox->told_n = news.list[i].n;
    for (size_t i = 0; i < news.count && inbox->told; i++)
        inbox->told(inbox->told_arg, &news.list[i]);
    free(news.list);
}

static void on_told_timer(void *arg)
{
    struct plant *plant = arg;
    struct inbox *inbox = &plant->inbox;
    int64_t last = 0;

    // What is being read comes newest first: it is told when it is whole.
    if (inbox->known && !inbox->wanted && known_last(inbox->known, &last) == XC_OK &&
        last > inbox->told_n) {
        tell_news(plant);
        if (last > inbox->told_n)
            inbox->told_n = last;
        look_again(plant);
    }
    loop_timer_in(plant->loop, &inbox->told_timer, TELL_PERIOD);
}

void plant_on_message(struct plant *plant, plant_message_fn *fn, void *arg)
{
    struct inbox *inbox = &plant->inbox;

    inbox->told = fn;
    inbox->told_arg = arg;
    if (inbox->known)
        known_last(inbox->known, &inbox->told_n);
    if (fn)
        loop_timer_in(plant->loop, &inbox->told_timer, TELL_PERIOD);
    else
        loop_timer_stop(plant->loop, &inbox->told_timer);
}

bool plant_message_claim(struct plant *plant, const struct known_message *message)
{
    bool ours = true;

    if (plant->inbox.known)
        known_claim(plant->inbox.known, message->n, &ours);
    return ours;
}

void inbox_init(struct plant *plant, const char *path)
{
    plant->inbox.path = path ? xstrdup(path) : NULL;
    plant->inbox.told_timer = (struct loop_timer){.fire = on_told_timer, .arg = plant};
    plant->inbox.again = (struct loop_timer){.fire = on_again, .arg = plant};
    plant->inbox.again_in = AGAIN_FIRST;
}

void inbox_free(struct plant *plant)
{
    loop_timer_stop(plant->loop, &plant->inbox.told_timer);
    loop_timer_stop(plant->loop, &plant->inbox.again);
    known_close(plant->inbox.known);
    free(plant->inbox.path);
}

// --- By themselves -------------------------------------------------------------------------------

void messages_raise(struct plant *plant, struct known_message *message)
{
    struct inbox *inbox = &plant->inbox;

    open_known(plant);
    message->learned = loop_wall(plant->loop);
    if (known_add_alone(inbox->known, &inbox->owner, message) != XC_OK) {
        give_up_file(plant);
        known_add_alone(inbox->known, &inbox->owner, message);
    }
    look_again(plant);
    if (!inbox->wanted)
        tell_news(plant);
}

void messages_notified(struct plant *plant, const struct gateway_message *told)
{
    struct known_message message = {.number = told->number,
                                    .severity = catalogue_message(told->number).severity,
                                    .source = told->source,
                                    .told = told->source,
                                    .timestamp = (uint32_t)(clock_now(plant) / LOOP_S),
                                    .value = told->value};

    messages_settle(plant);
    if (!messages_settled(plant))
        return;
    messages_name_device(plant, &message);
    plant->inbox.total++;
    messages_raise(plant, &message);
}

// --- Reading a history ---------------------------------------------------------------------------

// From the newest one on; what is known by then is.
static void begin_reading(struct plant *plant)
{
    struct inbox *inbox = &plant->inbox;

    inbox->reading++;
    inbox->index = 0;
    inbox->above = (struct known_row){0};
    inbox->counting = COUNTING_UNKNOWN;
    inbox->repeats = 0;
    inbox->reached = 0;
}

void messages_begin(struct plant *plant)
{
    messages_settle(plant);
    plant->inbox.hold = 0;
    begin_reading(plant);
}

void messages_pending(struct plant *plant)
{
    if (plant->leave_messages || plant->no_discovery || !has_history(plant))
        return;
    plant->inbox.wanted = true;
    begin_reading(plant);
}

void plant_messages_open(struct plant *plant)
{
    if (plant->inbox.wanted)
        return;
    plant->inbox.hold = 0;
    messages_pending(plant);
    plant_kick_soon(plant);
}

// All is known, from the last one read on.
static void end_reading(struct plant *plant, bool at_end)
{
    struct inbox *inbox = &plant->inbox;

    open_known(plant);
    if (at_end && inbox->above.n != 0)
        known_close_gap(inbox->known, &inbox->above);
    inbox->wanted = false;
    inbox->former = 0;
    tell_news(plant);
    look_again(plant);
}

static bool is_old(const struct plant *plant, const struct known_message *message)
{
    bool complete = false;

    if (message->timestamp < plant->inbox.former)
        return true;
    // An installation that nobody has looked at before has a past.
    known_complete(plant->inbox.known, &plant->inbox.owner, &complete);
    return !complete && (int64_t)message->timestamp + old_age < clock_now(plant) / LOOP_S;
}

static bool add_read(struct plant *plant, struct known_message *message)
{
    struct inbox *inbox = &plant->inbox;
    const struct known_row *above = inbox->above.n != 0 ? &inbox->above : NULL;
    struct known_row row;

    message->seen = message->old = is_old(plant, message);
    if (known_add(inbox->known, &inbox->owner, message, above, &row) != XC_OK)
        return false;
    inbox->above = row;
    inbox->repeats = 0;
    return true;
}

// One that was known before: on to the next gap below it, if there is one.
static void meet_known(struct plant *plant, const struct known_row *row)
{
    struct inbox *inbox = &plant->inbox;
    struct known_row gap;
    int64_t steps = 0;

    if (inbox->above.n != 0 && row->place >= inbox->above.place) {
        // The gateway repeats one, or somebody else has read its newest, and all have moved on.
        if (++inbox->repeats >= REPEATS_MAX)
            end_reading(plant, true);
        else
            inbox->index++;
        return;
    }
    if (inbox->above.n != 0)
        known_close_gap(inbox->known, &inbox->above);
    if (known_next_gap(inbox->known, &inbox->owner, row->place, &gap, &steps) != XC_OK ||
        gap.n == 0) {
        end_reading(plant, false);
        return;
    }
    inbox->above = gap;
    inbox->repeats = 0;
    // That one is asked again: all may have moved on.
    inbox->index += steps > 0 ? (uint32_t)steps : 1;
}

static void count_total(struct inbox *inbox, uint32_t told)
{
    if (inbox->asked == 1)
        inbox->counting = told + 1 == inbox->total ? COUNTING_REST : COUNTING_ALL;
    // Somebody else may have added to them since the first one was read.
    if (inbox->counting == COUNTING_REST)
        inbox->total = told + inbox->asked + 1;
    else if (inbox->asked == 0 || inbox->counting == COUNTING_ALL)
        inbox->total = told > 0 ? told : 1;
}

static bool is_at_end(const struct inbox *inbox)
{
    bool sure = inbox->counting != COUNTING_UNKNOWN;

    return inbox->index > READ_MAX || inbox->index > inbox->total ||
           (sure && inbox->index == inbox->total);
}

static bool passes(const struct answer *answer)
{
    return answer->status == XC_TIMEOUT ||
           (answer->status == XC_DEVICE_ERROR &&
            (answer->error == SCOM_GATEWAY_BUSY || answer->error == SCOM_RESPONSE_TIMEOUT));
}

// What was read is kept; the rest is read later, unless it is refused. An older one that is refused
// is only the end of them.
static void message_refused(struct plant *plant, const struct answer *answer)
{
    struct inbox *inbox = &plant->inbox;

    if (passes(answer) || inbox->asked == 0)
        inbox->hold = loop_now(plant->loop) + plant_pause_behind(plant->spent, FAILED_HOLD);
    if (passes(answer))
        tell_news(plant);
    else
        end_reading(plant, inbox->asked > 0);
}

static bool somebody_looks(const struct plant *plant)
{
    for (const struct subscription *s = plant->subscriptions; s; s = s->next)
        if (s->period > 0 && s->priority < PRIORITY_BACKGROUND)
            return true;
    return false;
}

static void message_answered(struct plant *plant, const struct answer *answer)
{
    struct inbox *inbox = &plant->inbox;
    struct known_row row;

    // With a new message in the meantime, perhaps told by this very answer, reading begins again.
    if (answer->status == XC_NO_LINK || inbox->asked_reading != inbox->reading || !inbox->wanted)
        return;
    if (answer->status != XC_OK) {
        message_refused(plant, answer);
        return;
    }
    struct known_message message = {.number = answer->message_type,
                                    .severity = catalogue_message(answer->message_type).severity,
                                    .source = answer->message_source,
                                    .told = answer->message_source,
                                    .timestamp = answer->message_time,
                                    .value = answer->message_value,
                                    .learned = loop_wall(plant->loop)};
    if (answer->message_total == 0 && message.told == 0 && message.timestamp == 0) {
        if (inbox->asked == 0)
            inbox->total = 0;
        end_reading(plant, true);
        return;
    }
    count_total(inbox, answer->message_total);
    inbox->reached = message.timestamp;
    messages_name_device(plant, &message);
    open_known(plant);
    bool added = false;
    if (known_find(inbox->known, &inbox->owner, &message, &row) == XC_OK && row.n == 0)
        added = add_read(plant, &message);
    // Another program may have been faster.
    if (!added && known_find(inbox->known, &inbox->owner, &message, &row) == XC_OK && row.n != 0) {
        meet_known(plant, &row);
    } else if (added) {
        inbox->index++;
        look_again(plant);
    } else {
        give_up_file(plant);
    }
    if (inbox->wanted && is_at_end(inbox))
        end_reading(plant, true);
    if (inbox->wanted && inbox->index >= SOON && somebody_looks(plant))
        inbox->hold = loop_now(plant->loop) + (plant->spent > PAUSE ? plant->spent : PAUSE);
}

void messages_ask(struct plant *plant)
{
    const struct question question = {.kind = QUESTION_MESSAGE,
                                      .priority = PRIORITY_BACKGROUND,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .id = plant->inbox.index,
                                      .format = FORMAT_RAW};
    messages_settle(plant);
    plant->inbox.asked = plant->inbox.index;
    plant->inbox.asked_reading = plant->inbox.reading;
    plant_ask(plant, &question, message_answered);
}

int64_t messages_due(const struct plant *plant)
{
    return plant->inbox.wanted ? plant->inbox.hold : NEVER;
}

// --- For others ----------------------------------------------------------------------------------

size_t plant_messages(const struct plant *plant, const struct known_message **messages,
                      uint32_t *total)
{
    *messages = plant->inbox.list;
    *total = plant->inbox.total;
    return plant->inbox.count;
}

bool plant_messages_awaited(const struct plant *plant)
{
    const struct inbox *inbox = &plant->inbox;

    return inbox->wanted && inbox->hold <= loop_now(plant->loop) && inbox->index < SOON;
}

struct plant_messages_state plant_messages_state(const struct plant *plant)
{
    const struct inbox *inbox = &plant->inbox;

    return (struct plant_messages_state){.counts = inbox->counts,
                                         .left = plant->leave_messages,
                                         .reading = inbox->wanted,
                                         .read = inbox->index,
                                         .total = inbox->total,
                                         .reached = inbox->reached,
                                         .version = inbox->version,
                                         .problem = inbox->problem[0] ? inbox->problem : NULL};
}

void plant_messages_list(struct plant *plant, const struct known_filter *filter,
                         bool (*fn)(void *arg, const struct known_message *message), void *arg)
{
    struct known_filter ours = *filter;

    ours.installation = plant->inbox.owner.installation;
    if (plant->inbox.known)
        known_list(plant->inbox.known, &ours, fn, arg);
}

void plant_messages_seen(struct plant *plant, int64_t n)
{
    if (!plant->inbox.known || plant->inbox.counts.unseen == 0)
        return;
    known_see(plant->inbox.known, &plant->inbox.owner, n);
    look_again(plant);
}

void messages_renumber(struct plant *plant, enum family family, const uint8_t to[INDEX_MAX])
{
    struct inbox *inbox = &plant->inbox;
    uint32_t former[INDEX_MAX], now[INDEX_MAX];
    size_t count = 0;

    for (unsigned index = 1; index < INDEX_MAX; index++) {
        if (to[index] == 0 || to[index] == index)
            continue;
        former[count] = device_address(family, index);
        now[count++] = device_address(family, to[index]);
    }
    if (!inbox->known || count == 0)
        return;
    known_renumber(inbox->known, &inbox->owner, family, former, now, count);
    look_again(plant);
}
