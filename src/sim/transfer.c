// SPDX-License-Identifier: MIT
#include "sim/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "base/logname.h"
#include "sim/site.h"

void transfer_close(struct sim *sim)
{
    free(sim->transfer.bytes);
    sim->transfer = (struct transfer){0};
}

unsigned transfer_block(const struct sim *sim, const struct scom_frame *request)
{
    const struct transfer *transfer = &sim->transfer;

    if (request->object_type != SCOM_DATALOG || request->service_id != SCOM_READ)
        return 0;
    if (request->property_id == SCOM_DATALOG_START)
        return 1;
    if (transfer->object == 0)
        return 0;
    if (request->property_id == SCOM_DATALOG_CONTINUE)
        return transfer->block + 1;
    return request->property_id == SCOM_DATALOG_RETRY ? transfer->block : 0;
}

static bool is_last(const struct transfer *transfer)
{
    return (size_t)transfer->block * SCOM_DATALOG_BLOCK_MAX >= transfer->length;
}

// The block that is due; the last one finishes.
static uint16_t put_block(const struct transfer *transfer, uint8_t *data, uint16_t *length)
{
    size_t from = (size_t)(transfer->block - 1) * SCOM_DATALOG_BLOCK_MAX;
    size_t left = transfer->length - from;

    *length = (uint16_t)(left < SCOM_DATALOG_BLOCK_MAX ? left : SCOM_DATALOG_BLOCK_MAX);
    memcpy(data, transfer->bytes + from, *length);
    return is_last(transfer) ? SCOM_DATALOG_FINISH : SCOM_DATALOG_BLOCK;
}

static uint16_t open_file(struct sim *sim, const struct scom_frame *request)
{
    struct transfer *transfer = &sim->transfer;
    char name[LOGNAME_MAX] = "";
    int64_t day;

    if (request->data_length != LOGNAME_LENGTH + 1)
        return SCOM_INVALID_DATA_LENGTH;
    memcpy(name, request->data, LOGNAME_LENGTH);
    if (request->data[LOGNAME_LENGTH] != '\n' || !logname_read(name, &day))
        return SCOM_INVALID_DATA;
    transfer->bytes = sdcard_file(sim, day, &transfer->length);
    if (transfer->bytes)
        sim->sd.new_file = false;
    return transfer->bytes ? 0 : SCOM_FILE_OR_DIR_NOT_PRESENT;
}

static uint16_t start(struct sim *sim, const struct scom_frame *request)
{
    struct transfer *transfer = &sim->transfer;
    uint16_t error = 0;

    transfer_close(sim);
    if (request->object_id == SCOM_DATALOG_FILE) {
        error = open_file(sim, request);
    } else if (request->data_length != 0) {
        error = SCOM_INVALID_DATA_LENGTH;
    } else {
        transfer->bytes = sdcard_directory(sim, &transfer->length);
        error = transfer->bytes ? 0 : SCOM_FILE_OR_DIR_NOT_PRESENT;
    }
    if (error)
        return error;
    transfer->object = request->object_id;
    transfer->block = 1;
    return 0;
}

// CONTINUE, RETRY, ABORT: of the transfer that is open.
static uint16_t move(struct transfer *transfer, const struct scom_frame *request)
{
    if (request->data_length != 0)
        return SCOM_INVALID_DATA_LENGTH;
    if (transfer->object != request->object_id)
        return SCOM_INVALID_SERVICE_ARGUMENT;
    if (request->property_id == SCOM_DATALOG_CONTINUE) {
        if (is_last(transfer))
            return SCOM_INVALID_SERVICE_ARGUMENT;
        transfer->block++;
    }
    return 0;
}

uint16_t transfer_step(struct sim *sim, const struct scom_frame *request, uint16_t *property,
                       uint8_t *data, uint16_t *length)
{
    struct transfer *transfer = &sim->transfer;
    uint16_t step = request->property_id, error;

    if (request->object_id != SCOM_DATALOG_DIRECTORY && request->object_id != SCOM_DATALOG_FILE)
        return SCOM_OBJECT_ID_NOT_FOUND;
    if (step != SCOM_DATALOG_START && step != SCOM_DATALOG_CONTINUE && step != SCOM_DATALOG_RETRY &&
        step != SCOM_DATALOG_ABORT)
        return SCOM_PROPERTY_NOT_SUPPORTED;
    if (request->service_id == SCOM_WRITE)
        return SCOM_PROPERTY_IS_READ_ONLY;
    error = step == SCOM_DATALOG_START ? start(sim, request) : move(transfer, request);
    if (error)
        return error;
    // The card can be taken out in the middle.
    if (sim->sd.absent) {
        transfer_close(sim);
        return SCOM_FILE_OR_DIR_NOT_PRESENT;
    }
    if (step == SCOM_DATALOG_ABORT) {
        transfer_close(sim);
        *property = SCOM_DATALOG_FINISH;
        return 0;
    }
    *property = put_block(transfer, data, length);
    return 0;
}
