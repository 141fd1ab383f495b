// SPDX-License-Identifier: MIT
// scan: the devices of the installation, and what they are.
#include "cmd/cmd.h"

#include <stdio.h>

#include "catalogue/address.h"
#include "cmd/session.h"

static const struct column columns[] = {
    {.name = "device", .type = COLUMN_TEXT},
    {.name = "address", .type = COLUMN_INT, .right = true},
    {.name = "family", .type = COLUMN_TEXT},
    {.name = "model", .type = COLUMN_TEXT},
    {.name = "firmware", .type = COLUMN_TEXT},
    {.name = "fid", .type = COLUMN_TEXT},
};

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

static int tell_guid(struct session *session, const struct options *options)
{
    char guid[TEXT_GUID_MAX];
    int status = session_guid(session, guid);

    if (guid[0])
        complain("the gateway's GUID is %s", guid);
    else if (options->verbose && !(gateway_capabilities(session_gateway(session)) & GATEWAY_GUID))
        complain("the gateway has no GUID");
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
    status = session_wait_found(session);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    session_tell_holder(session);
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
    if (status == EXIT_DONE && present == 0)
        complain("the gateway answers, but it has no devices");
    status = finish_rows(rows, status);
    // Beside rows for a program it would only disturb.
    if (status == EXIT_DONE && (options->format == ROWS_TEXT || options->verbose))
        status = tell_guid(session, options);
    session_settle(session);
    session_free(session);
    return status;
}
