// SPDX-License-Identifier: MIT
#include "cmd/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "proto/scom.h"

enum {
    BMS_INFO = 7061,      // a BMS has it, a BSP hasn't (field.md, section 1, row 22)
    SCOM_WATCHDOG = 5095, // when on, a question to an absent device can reset the gateway
};

struct reader {
    struct session *session;
    // Of each family that was asked for.
    bool known[FAMILY_COUNT];
    uint8_t members[FAMILY_COUNT][DEVICES_PER_FAMILY_MAX];
    size_t member_count[FAMILY_COUNT];
    // The outstanding question.
    bool answered;
    struct answer answer; // its items point to item
    struct multi_item item;
};

struct reader *reader_new(struct session *session)
{
    struct reader *reader = xcalloc(1, sizeof *reader);

    reader->session = session;
    return reader;
}

void reader_free(struct reader *reader)
{
    free(reader);
}

static void on_answer(void *arg, const struct answer *answer)
{
    struct reader *reader = arg;

    reader->answer = *answer;
    if (answer->item_count > 0)
        reader->item = answer->items[0];
    reader->answered = true;
    session_wake(reader->session);
}

static bool is_answered(void *arg)
{
    const struct reader *reader = arg;
    return reader->answered;
}

static int ask_once(struct reader *reader, const struct question *question)
{
    struct gateway *gateway = session_gateway(reader->session);

    reader->answered = false;
    uint32_t ticket = gateway_ask(gateway, question, on_answer, reader);
    int status = session_wait(reader->session, is_answered, reader, 0);
    if (!reader->answered)
        gateway_cancel(gateway, ticket);
    return status;
}

// Asks and waits for the answer; once more on each new connection when one was lost, as long as
// the session has patience.
static int ask(struct reader *reader, const struct question *question)
{
    int status = ask_once(reader, question);

    while (status == EXIT_DONE && reader->answer.status == XC_NO_LINK) {
        status = session_wait_ready(reader->session);
        if (status == EXIT_DONE)
            status = ask_once(reader, question);
    }
    return status;
}

static int ask_info(struct reader *reader, uint32_t address, unsigned id)
{
    struct question question = {.kind = QUESTION_INFO,
                                .priority = PRIORITY_PERSON,
                                .address = address,
                                .id = id,
                                .format = FORMAT_FLOAT};
    return ask(reader, &question);
}

int reader_battery(struct reader *reader, enum family *family)
{
    int status = ask_info(reader, device_address(FAMILY_BSP, 1), BMS_INFO);

    *family =
        reader->answer.status == XC_OK && !isnan(reader->answer.number) ? FAMILY_BMS : FAMILY_BSP;
    return status;
}

// --- The devices of a family ---------------------------------------------------------------------

static void take_named_members(struct reader *reader, enum family family)
{
    const struct target *devices;
    size_t count = session_devices(reader->session, &devices);

    for (size_t i = 0; i < count; i++)
        if (devices[i].family == family && reader->member_count[family] < DEVICES_PER_FAMILY_MAX)
            reader->members[family][reader->member_count[family]++] = devices[i].index;
    reader->known[family] = count > 0;
}

static int check_watchdog(struct reader *reader)
{
    struct question question = {.kind = QUESTION_PARAMETER,
                                .priority = PRIORITY_PERSON,
                                .address = SCOM_GATEWAY_ADDRESS,
                                .id = SCOM_WATCHDOG,
                                .part = PART_VALUE,
                                .format = FORMAT_BOOL};

    if (!(gateway_capabilities(session_gateway(reader->session)) & GATEWAY_CLOCK))
        return EXIT_DONE; // it has none
    int status = ask(reader, &question);
    if (status != EXIT_DONE || reader->answer.status != XC_OK || reader->answer.number == 0)
        return status;
    complain("the gateway's SCOM watchdog (5095) is on: asking for absent devices could reset it; "
             "name the devices with --devices");
    return EXIT_REFUSED;
}

// All addresses of the family are asked, for one that is switched off leaves a hole. Silence, which
// costs seconds, ends the search. Any answer but "there is no such device" is one.
static int probe_members(struct reader *reader, enum family family)
{
    static const unsigned voltage[FAMILY_COUNT] = {
        [FAMILY_XT] = 3000, [FAMILY_VT] = 11000, [FAMILY_VS] = 15000};
    int status = check_watchdog(reader);

    for (unsigned i = 1; status == EXIT_DONE && i <= family_devices_max(family); i++) {
        status = ask_info(reader, device_address(family, i), voltage[family]);
        const struct answer *answer = &reader->answer;
        bool silent = answer->status == XC_TIMEOUT ||
                      (answer->status == XC_DEVICE_ERROR && answer->error == SCOM_RESPONSE_TIMEOUT);
        bool absent = answer->status == XC_DEVICE_ERROR && answer->error == SCOM_DEVICE_NOT_FOUND;
        if (status != EXIT_DONE || silent)
            break;
        if (!absent)
            reader->members[family][reader->member_count[family]++] = (uint8_t)i;
    }
    reader->known[family] = status == EXIT_DONE;
    return status;
}

int reader_members(struct reader *reader, enum family family, uint8_t *indices, size_t *count)
{
    int status = EXIT_DONE;

    if (!reader->known[family])
        take_named_members(reader, family);
    if (!reader->known[family])
        status = probe_members(reader, family);
    *count = reader->member_count[family];
    memcpy(indices, reader->members[family], *count);
    return status;
}

// --- Values --------------------------------------------------------------------------------------

// Bytes that no table explains: as a number where it is clear which.
static double raw_number(const struct value_read *value, const struct answer *answer)
{
    if (!value->parameter && answer->raw_length == 4)
        return (double)le_get_float(answer->raw);
    return answer->raw_length == 1 || answer->raw_length == 2 ? answer->number : (double)NAN;
}

static void take_answer(struct reader *reader, struct value_read *value, double number)
{
    const struct answer *answer = &reader->answer;

    value->status = answer->status;
    value->error = answer->error;
    value->number = (double)NAN;
    value->time = loop_wall(session_loop(reader->session));
    switch (answer->status) {
    case XC_OK:
        break;
    case XC_TIMEOUT:
    case XC_NO_LINK:
    case XC_CANCELLED:
        value->outcome = OUTCOME_NONE;
        return;
    default:
        value->outcome = OUTCOME_REFUSED;
        return;
    }
    value->outcome = OUTCOME_FRESH;
    value->number = number;
    if (value->datapoint && value->part != PART_LEVEL)
        value->absent = datapoint_absent(value->datapoint, number);
    if (value->absent) {
        value->outcome = OUTCOME_ABSENT;
        value->number = (double)NAN;
    }
}

static int read_device(struct reader *reader, struct value_read *value)
{
    enum value_format format = value->datapoint ? datapoint_format(value->datapoint) : FORMAT_RAW;
    struct question question = {.kind = value->parameter ? QUESTION_PARAMETER : QUESTION_INFO,
                                .priority = PRIORITY_PERSON,
                                .address = target_address(&value->target),
                                .id = value->id,
                                .part = value->part,
                                .format = format};
    int status = ask(reader, &question);

    if (status != EXIT_DONE)
        return status;
    const struct answer *answer = &reader->answer;
    if (answer->status == XC_OK && format == FORMAT_RAW && value->part != PART_LEVEL) {
        value->raw_length =
            answer->raw_length < sizeof value->raw ? answer->raw_length : sizeof value->raw;
        memcpy(value->raw, answer->raw, value->raw_length);
        take_answer(reader, value, raw_number(value, answer));
    } else {
        take_answer(reader, value, answer->number);
    }
    return EXIT_DONE;
}

// From the values of all devices. One that is missing makes it unknown; an average is over those
// that have a value, since not every device has a sensor.
static int read_each(struct reader *reader, struct value_read *value)
{
    bool average = value->target.kind == TARGET_AVERAGE;
    uint8_t indices[DEVICES_PER_FAMILY_MAX];
    size_t count, good = 0;
    double sum = 0;
    int status = reader_members(reader, value->target.family, indices, &count);

    value->outcome = OUTCOME_NONE;
    value->status = XC_NOT_FOUND;
    value->number = (double)NAN;
    for (size_t i = 0; status == EXIT_DONE && i < count; i++) {
        struct value_read one = *value;
        one.absent = NULL;
        one.target.kind = TARGET_DEVICE;
        one.target.index = indices[i];
        status = read_device(reader, &one);
        if (status != EXIT_DONE)
            return status;
        one.target = value->target;
        *value = one;
        if (one.outcome == OUTCOME_FRESH) {
            sum += one.number;
            good++;
        } else if (!(average && one.outcome == OUTCOME_ABSENT)) {
            value->number = (double)NAN;
            return status;
        }
    }
    if (good == 0)
        return status;
    value->outcome = OUTCOME_FRESH;
    value->absent = NULL;
    value->number = average ? sum / (double)good : sum;
    return status;
}

static int read_together(struct reader *reader, struct value_read *value)
{
    uint8_t aggregation = value->target.kind == TARGET_SUM ? MULTI_SUM : MULTI_AVERAGE;
    struct multi_item item = {.info = value->id, .aggregation = aggregation};
    struct question question = {.kind = QUESTION_MULTI,
                                .priority = PRIORITY_PERSON,
                                .address = SCOM_GATEWAY_ADDRESS,
                                .items = &item,
                                .item_count = 1};
    const struct target *devices;

    // With --devices it is these that are meant, whatever else there is. And a gateway would count
    // a device without a sensor in.
    if (session_devices(reader->session, &devices) > 0 ||
        (value->datapoint && datapoint_may_lack_sensor(value->datapoint)))
        return read_each(reader, value);
    int status = ask(reader, &question);
    if (status != EXIT_DONE)
        return status;
    if (reader->answer.status == XC_UNSUPPORTED || reader->answer.status == XC_DEVICE_ERROR)
        return read_each(reader, value);
    take_answer(reader, value, (double)reader->item.value);
    return EXIT_DONE;
}

int reader_read(struct reader *reader, struct value_read *value)
{
    if (value->target.kind == TARGET_SUM || value->target.kind == TARGET_AVERAGE)
        return read_together(reader, value);
    return read_device(reader, value);
}
