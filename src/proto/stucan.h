// SPDX-License-Identifier: MIT
// The Studer public protocol of the Xcom-CAN (reference can.md): identifiers, requests, answers,
// messages. Pure: no I/O, no allocation, no clock. Serves both ends: the client and the simulated
// gateway. Whatever else passes on a shared bus is refused with a word that says what it is.
#ifndef XC_PROTO_STUCAN_H
#define XC_PROTO_STUCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/canframe.h"
#include "base/status.h"

enum {
    STUCAN_ADDRESS_MAX = 1023,
    STUCAN_MESSAGES_TO = 500, // the RCC group, to which messages are sent
};

enum stucan_service {
    STUCAN_READ_INFO = 0,
    STUCAN_READ_PARAMETER = 1,
    STUCAN_WRITE_PARAMETER = 2,
    STUCAN_MESSAGE = 3, // a notification, never asked for
};

enum stucan_part {
    STUCAN_FLASH = 0x00, // a write goes to flash and RAM
    STUCAN_MIN = 0x01,
    STUCAN_MAX = 0x02,
    STUCAN_RAM = 0x04, // a write goes to RAM only; a read answers the flash value
};

struct stucan_frame {
    uint16_t destination, source; // 0..STUCAN_ADDRESS_MAX
    enum stucan_service service;
    bool error;      // an error answer: code is set, part and value aren't
    uint16_t object; // number of the user info, the parameter or the message
    uint8_t part;    // parameters
    float value;     // read, or to be written; any bits, NaN too
    uint32_t code;   // an error answer's (enum scom_error of proto/scom.h); a message's value
};

// Why a frame isn't one of this protocol.
enum stucan_refusal {
    STUCAN_TAKEN, // it is
    STUCAN_ERROR_FRAME,
    STUCAN_STANDARD_FRAME, // an identifier of 11 bits
    STUCAN_REMOTE_FRAME,
    STUCAN_UNKNOWN_FLAGS,   // others than the one for errors, or that one in a request
    STUCAN_UNKNOWN_SERVICE, // 4..7; a message as a request, or with the error flag
    STUCAN_WRONG_LENGTH,
    STUCAN_REFUSAL_COUNT
};

// A word or two for the trace: "remote frame". Never NULL.
const char *stucan_refusal_text(enum stucan_refusal refusal);

// The identifier of 29 bits. Addresses beyond STUCAN_ADDRESS_MAX are the caller's fault.
uint32_t stucan_identifier(const struct stucan_frame *frame);

// Destination and source of any extended frame, whatever is in it.
void stucan_addresses(uint32_t identifier, uint16_t *destination, uint16_t *source);

// A read or a write, as a client sends it. XC_RANGE: an address or a service that there isn't.
enum xc_status stucan_request_encode(const struct stucan_frame *frame, struct canframe *out);
enum stucan_refusal stucan_request_decode(const struct canframe *frame, struct stucan_frame *out);

// An answer, an error answer or a message, as the gateway sends it. XC_RANGE: an address or a
// service that there isn't, an error answer to a message.
enum xc_status stucan_answer_encode(const struct stucan_frame *frame, struct canframe *out);
enum stucan_refusal stucan_answer_decode(const struct canframe *frame, struct stucan_frame *out);

#endif
