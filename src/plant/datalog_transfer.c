// SPDX-License-Identifier: MIT
// A transfer, one question at a time, each given by the plant when it is our turn.
//
// Blocks have no number (scom.md, "Datalog files"): whether what comes is the next one shows only
// in that nothing went wrong. So everything that may have cost or added a block ends the attempt:
// the gateway is told to end the transfer, once whatever is still on its way has had the time to
// come, and the file is begun again. A block that equals an earlier one is taken as such a sign,
// unless it did so at the same place before: from the second attempt on something else is asked
// between two blocks, and since a line keeps the order, what comes twice comes then and is no
// answer.
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plant/datalog_internal.h"
#include "proto/scom.h"

enum {
    ATTEMPTS_MAX = 4,
    FILE_MAX = 16 << 20, // bytes
    LIST_MAX = 128 << 10,
    DAY_S = 86400,
    QUIET_FROM_S = 23 * 3600 + 59 * 60,
    QUIET_UNTIL_S = 3600,
};

#define BEFORE_ANEW (5 * LOOP_S)  // a late answer comes before
#define BUSY_PAUSE  (30 * LOOP_S) // the gateway has been busy for a minute before
#define LINK_PAUSE  (1 * LOOP_S)
#define STALE_AFTER (60 * LOOP_S) // without a step somebody else may have used it

// --- What has come -------------------------------------------------------------------------------

void transfer_restart(struct datalog *datalog)
{
    datalog->length = datalog->block_count = 0;
    datalog->end_due = datalog->end_due || datalog->open;
    datalog->open = false;
    datalog->between_due = false;
}

void transfer_free(struct datalog *datalog)
{
    free(datalog->bytes);
    free(datalog->blocks);
}

static void finish(struct datalog *datalog)
{
    transfer_restart(datalog);
    datalog->of = TRANSFER_OF_NOTHING;
    datalog->attempts = 0;
    datalog->suspect = 0;
    datalog->careful = false;
}

static void give_up(struct datalog *datalog, const char *why)
{
    datalog_give_up(datalog, why);
    finish(datalog);
}

static void try_again(struct datalog *datalog, const char *why)
{
    transfer_restart(datalog);
    datalog->hold = loop_now(datalog->plant->loop) + BEFORE_ANEW;
    datalog->careful = true;
    if (++datalog->attempts == ATTEMPTS_MAX) {
        give_up(datalog, why);
        return;
    }
    snprintf(datalog->text, sizeof datalog->text, "%s; begun again", why);
}

static bool came_before(const struct datalog *datalog, const uint8_t *block, size_t length)
{
    for (size_t i = 0; i < datalog->block_count; i++) {
        size_t end = i + 1 < datalog->block_count ? datalog->blocks[i + 1] : datalog->length;
        if (end - datalog->blocks[i] == length &&
            memcmp(datalog->bytes + datalog->blocks[i], block, length) == 0)
            return true;
    }
    return false;
}

static void add_block(struct datalog *datalog, const uint8_t *block, size_t length)
{
    if (datalog->block_count == datalog->block_room) {
        datalog->block_room = 2 * datalog->block_room + 64;
        datalog->blocks = xrealloc(datalog->blocks, datalog->block_room, sizeof *datalog->blocks);
    }
    if (datalog->bytes_room - datalog->length < length) {
        datalog->bytes_room = 2 * datalog->bytes_room + 64 * SCOM_DATALOG_BLOCK_MAX;
        datalog->bytes = xrealloc(datalog->bytes, datalog->bytes_room, 1);
    }
    datalog->blocks[datalog->block_count++] = datalog->length;
    memcpy(datalog->bytes + datalog->length, block, length);
    datalog->length += length;
}

static void take_whole(struct datalog *datalog)
{
    datalog->open = false;
    datalog->text[0] = '\0';
    if (datalog->of == TRANSFER_OF_LIST)
        datalog_take_list(datalog, datalog->bytes, datalog->length);
    else if (datalog->length == 0)
        datalog_give_up(datalog, "the gateway sent it without content");
    else
        datalog_take_file(datalog, datalog->name, datalog->bytes, datalog->length);
    finish(datalog);
}

static void take_block(struct datalog *datalog, const struct answer *answer)
{
    size_t most = datalog->of == TRANSFER_OF_LIST ? LIST_MAX : FILE_MAX;

    if (answer->block_length > most - datalog->length) {
        give_up(datalog, "it doesn't end");
        return;
    }
    if (answer->block_length > 0 && datalog->suspect != datalog->block_count + 1 &&
        came_before(datalog, answer->block, answer->block_length)) {
        datalog->suspect = datalog->block_count + 1;
        try_again(datalog, "a block seems to have come twice");
        return;
    }
    if (answer->block_length > 0)
        add_block(datalog, answer->block, answer->block_length);
    datalog->moved = loop_now(datalog->plant->loop);
    datalog->between_due = datalog->careful;
    if (answer->finished)
        take_whole(datalog);
}

// --- Answers -------------------------------------------------------------------------------------

static void take_error(struct datalog *datalog, uint16_t error)
{
    bool is_file = datalog->of == TRANSFER_OF_FILE;
    char why[80];

    switch (error) {
    case SCOM_GATEWAY_BUSY: // for a minute
        datalog->hold = loop_now(datalog->plant->loop) + BUSY_PAUSE;
        snprintf(datalog->text, sizeof datalog->text, "the gateway is busy");
        return;
    case SCOM_FILE_OR_DIR_NOT_PRESENT:
        datalog->open = false;
        give_up(datalog, is_file ? "there is no such file on the SD card, or no card"
                                 : "there is no SD card, or no datalog on it");
        return;
    case SCOM_FILE_CORRUPTED:
        give_up(datalog, "the file on the SD card is damaged");
        return;
    default:
        snprintf(why, sizeof why, "the gateway answers with error 0x%02X", error);
        try_again(datalog, why);
    }
}

// False when there is nobody any more for whom it was asked.
static bool is_ours(struct datalog *datalog, enum transfer_asked what)
{
    bool ours = datalog && datalog->asked == what;

    if (ours)
        datalog->asked = ASKED_NOTHING;
    return ours;
}

static void step_answered(struct plant *plant, const struct answer *answer)
{
    struct datalog *datalog = plant->datalog;

    if (!is_ours(datalog, ASKED_STEP))
        return;
    datalog_touch(datalog);
    if (datalog->of == TRANSFER_OF_NOTHING) { // dropped meanwhile
        transfer_restart(datalog);
        return;
    }
    switch (answer->status) {
    case XC_OK:
        take_block(datalog, answer);
        break;
    case XC_TIMEOUT:
        try_again(datalog, "the gateway didn't answer");
        break;
    case XC_NO_LINK:
        transfer_restart(datalog);
        datalog->hold = loop_now(plant->loop) + LINK_PAUSE;
        snprintf(datalog->text, sizeof datalog->text, "the connection was lost; begun again");
        break;
    case XC_DEVICE_ERROR:
        take_error(datalog, answer->error);
        break;
    case XC_UNSUPPORTED:
        datalog->open = false;
        datalog_refuse_all(datalog, "this gateway has no datalog files");
        break;
    case XC_READ_ONLY:
        datalog->open = false;
        datalog_refuse_all(datalog, "read-only: fetching files moves the gateway's transfer and "
                                    "clears its flag, so it isn't a pure read");
        break;
    default:
        try_again(datalog, "a block came that couldn't be read");
    }
}

static void end_answered(struct plant *plant, const struct answer *answer)
{
    (void)answer; // whatever it is: it was told
    if (is_ours(plant->datalog, ASKED_END))
        datalog_touch(plant->datalog);
}

static void between_answered(struct plant *plant, const struct answer *answer)
{
    struct datalog *datalog = plant->datalog;

    if (!is_ours(datalog, ASKED_BETWEEN))
        return;
    datalog->between_due = false;
    if (answer->status == XC_TIMEOUT && datalog->of != TRANSFER_OF_NOTHING)
        try_again(datalog, "the gateway didn't answer");
}

static void who_answered(struct plant *plant, const struct answer *answer)
{
    struct datalog *datalog = plant->datalog;

    if (!is_ours(datalog, ASKED_WHO))
        return;
    if (answer->status == XC_OK && guid_take(plant, answer)) {
        datalog->end_due = datalog->open = false;
        datalog_refuse_all(datalog, "another installation answers now");
    }
    // It will be silent about everything then, or it is about this: once more.
    if (answer->status == XC_NO_LINK ||
        (answer->status == XC_TIMEOUT && datalog->who_silences++ == 0))
        datalog->recognised = 0;
}

static void clock_answered(struct plant *plant, const struct answer *answer)
{
    is_ours(plant->datalog, ASKED_CLOCK);
    if (answer->status == XC_OK && answer->number > 0 && answer->number <= UINT32_MAX)
        clock_take(plant, (uint32_t)answer->number);
}

// --- Questions -----------------------------------------------------------------------------------

static void ask(struct datalog *datalog, enum transfer_asked what, const struct question *question,
                answered_fn *fn)
{
    datalog->asked = what;
    plant_ask(datalog->plant, question, fn);
}

static void ask_step(struct datalog *datalog, enum datalog_step step)
{
    struct question question = {.kind = QUESTION_DATALOG,
                                .priority = PRIORITY_SCREEN,
                                .step = step,
                                .directory = datalog->of == TRANSFER_OF_LIST};

    if (step == DATALOG_START && datalog->of == TRANSFER_OF_FILE) {
        question.text = datalog->name;
        question.text_length = LOGNAME_LENGTH;
    }
    if (step == DATALOG_START)
        datalog->began = loop_now(datalog->plant->loop);
    datalog->open = true;
    datalog->is_list = datalog->of == TRANSFER_OF_LIST;
    ask(datalog, ASKED_STEP, &question, step_answered);
}

static void ask_end(struct datalog *datalog)
{
    const struct question question = {.kind = QUESTION_DATALOG,
                                      .priority = PRIORITY_SCREEN,
                                      .step = DATALOG_ABORT,
                                      .directory = datalog->is_list};

    datalog->end_due = false;
    ask(datalog, ASKED_END, &question, end_answered);
}

static void ask_who(struct datalog *datalog)
{
    const struct question question = {.kind = QUESTION_GUID,
                                      .priority = PRIORITY_SCREEN,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .format = FORMAT_RAW};

    ask(datalog, ASKED_WHO, &question, who_answered);
}

static void ask_clock(struct datalog *datalog, enum transfer_asked what, answered_fn *fn)
{
    const struct question question = {.kind = QUESTION_PARAMETER,
                                      .priority = PRIORITY_SCREEN,
                                      .address = SCOM_GATEWAY_ADDRESS,
                                      .id = 5002,
                                      .part = PART_VALUE,
                                      .format = FORMAT_INT32};

    ask(datalog, what, &question, fn);
}

// --- Whose turn it is ----------------------------------------------------------------------------

static bool is_wanted(const struct datalog *datalog)
{
    return datalog->of != TRANSFER_OF_NOTHING || datalog->list_wanted ||
           datalog_next((struct datalog *)datalog) != NULL;
}

// Until the quiet hours end, microseconds; 0 outside of them.
static int64_t quiet_left(const struct datalog *datalog)
{
    int64_t second = clock_now(datalog->plant) / LOOP_S % DAY_S;

    if (!datalog->quiet_hours || (second >= QUIET_UNTIL_S && second < QUIET_FROM_S))
        return 0;
    return ((QUIET_UNTIL_S - second + DAY_S) % DAY_S) * LOOP_S;
}

static bool choose(struct datalog *datalog)
{
    struct datalog_file *file = datalog_next(datalog);

    if (datalog->of != TRANSFER_OF_NOTHING)
        return true;
    datalog->text[0] = '\0';
    if (datalog->list_wanted) {
        datalog->list_wanted = false;
        datalog->of = TRANSFER_OF_LIST;
        return true;
    }
    if (!file)
        return false;
    file->state = DATALOG_COMING;
    datalog->of = TRANSFER_OF_FILE;
    memcpy(datalog->name, file->name, sizeof datalog->name);
    return true;
}

// Who answers, on a new connection, and what time it is there. True if a question was asked.
static bool ask_first(struct datalog *datalog)
{
    struct plant *plant = datalog->plant;

    if (datalog->recognised != plant->generation) {
        datalog->recognised = plant->generation;
        datalog->clock_asked = false;
        if (datalog->open)
            transfer_restart(datalog);
        if (gateway_capabilities(plant->gateway) & GATEWAY_GUID) {
            ask_who(datalog);
            return true;
        }
    }
    if (datalog->quiet_hours && !plant->clock_known && !datalog->clock_asked) {
        datalog->clock_asked = true;
        ask_clock(datalog, ASKED_CLOCK, clock_answered);
        return true;
    }
    return false;
}

bool datalog_ask(struct plant *plant)
{
    struct datalog *datalog = plant->datalog;
    int64_t now = loop_now(plant->loop);

    if (!datalog || now < datalog->hold || (!is_wanted(datalog) && !datalog->end_due))
        return false;
    if (!(gateway_capabilities(plant->gateway) & GATEWAY_DATALOG)) {
        datalog->end_due = datalog->open = false;
        datalog_refuse_all(datalog, "this gateway has no datalog files");
        return false;
    }
    if (ask_first(datalog))
        return true;
    int64_t quiet = quiet_left(datalog);
    if (datalog->is_quiet != (quiet > 0))
        datalog_touch(datalog);
    datalog->is_quiet = quiet > 0;
    if (datalog->open && (datalog->is_quiet || now - datalog->moved > STALE_AFTER) &&
        datalog->block_count > 0)
        transfer_restart(datalog);
    if (datalog->end_due) {
        ask_end(datalog);
        return true;
    }
    if (datalog->is_quiet) {
        datalog->hold = now + quiet;
        return false;
    }
    if (!choose(datalog))
        return false;
    if (datalog->between_due)
        ask_clock(datalog, ASKED_BETWEEN, between_answered);
    else
        ask_step(datalog, datalog->block_count > 0 ? DATALOG_CONTINUE : DATALOG_START);
    return true;
}

int64_t datalog_due(const struct plant *plant)
{
    const struct datalog *datalog = plant->datalog;

    return datalog && (is_wanted(datalog) || datalog->end_due) ? datalog->hold : NEVER;
}
