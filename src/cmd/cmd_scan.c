// SPDX-License-Identifier: MIT
// scan: the devices of the installation, and what they are.
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "catalogue/address.h"
#include "cmd/session.h"
#include "proto/scom.h"

static const struct column columns[] = {
    {.name = "device", .type = COLUMN_TEXT},
    {.name = "address", .type = COLUMN_INT, .right = true},
    {.name = "family", .type = COLUMN_TEXT},
    {.name = "model", .type = COLUMN_TEXT},
    {.name = "firmware", .type = COLUMN_TEXT},
    {.name = "fid", .type = COLUMN_TEXT},
};

static bool is_found(void *arg)
{
    return plant_discovery(session_plant(arg)).state == DISCOVERY_DONE;
}

static void add_device(struct rows *rows, const struct plant_device *device)
{
    char name[DEVICE_NAME_MAX], fid[16] = "";

    if (device->fid)
        snprintf(fid, sizeof fid, "%08X", (unsigned)device->fid);
    struct field fields[] = {
        {.text = device_name(device->family, device->index, name, sizeof name)},
        {.integer = device->address},
        {.text = family_name(device->family)},
        {.text = device->model},
        {.text = device->firmware},
        {.text = fid},
    };
    rows_add(rows, fields);
}

struct guid {
    struct session *session;
    bool answered;
    char text[40];
};

static void on_guid(void *arg, const struct answer *answer)
{
    struct guid *guid = arg;
    size_t used = 0;

    guid->answered = true;
    if (answer->status == XC_OK)
        for (size_t i = 0; i < answer->raw_length && i < ANSWER_RAW_MAX; i++)
            text_append(guid->text, sizeof guid->text, &used, "%02X", answer->raw[i]);
    session_wake(guid->session);
}

static bool has_guid(void *arg)
{
    const struct guid *guid = arg;
    return guid->answered;
}

static int tell_guid(struct session *session)
{
    struct guid guid = {.session = session};
    struct question question = {
        .kind = QUESTION_GUID, .priority = PRIORITY_PERSON, .address = SCOM_GATEWAY_ADDRESS};
    uint32_t ticket = gateway_ask(session_gateway(session), &question, on_guid, &guid);
    int status = session_wait(session, has_guid, &guid, 0);

    if (!guid.answered)
        gateway_cancel(session_gateway(session), ticket);
    if (guid.text[0])
        complain("the gateway's GUID is %s", guid.text);
    return status;
}

int cmd_scan(const struct options *options)
{
    const struct plant_device *devices;
    struct session *session;
    size_t present = 0;
    int status = session_open(options, SESSION_PLANT, &session);

    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    status = session_wait(session, is_found, session, 0);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    struct rows *rows =
        rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);
    size_t count = plant_devices(session_plant(session), &devices);
    for (size_t i = 0; i < count; i++)
        if (devices[i].presence == DEVICE_PRESENT) {
            add_device(rows, &devices[i]);
            present++;
        }
    if (status == EXIT_NO_ANSWER && present > 0)
        status = EXIT_PARTLY;
    if (status == EXIT_DONE && present == 0) {
        struct plant_discovery discovery = plant_discovery(session_plant(session));
        complain("%s",
                 discovery.text[0] ? discovery.text : "the gateway answers, but it has no devices");
        status = discovery.text[0] ? EXIT_REFUSED : EXIT_DONE;
    }
    if (status == EXIT_DONE && options->verbose)
        status = tell_guid(session);
    status = finish_rows(rows, status);
    session_settle(session);
    session_free(session);
    return status;
}
