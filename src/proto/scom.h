// SPDX-License-Identifier: MIT
// The SCOM protocol of the Xcom-232i and Xcom-LAN: frames and what is in them (reference scom.md,
// "Frame", "Service"). Pure: no I/O, no allocation, no clock. Serves both ends: the client and the
// simulated gateway.
#ifndef XC_PROTO_SCOM_H
#define XC_PROTO_SCOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    SCOM_START = 0xAA,
    SCOM_HEADER_SIZE = 14,
    SCOM_CHECKSUM_SIZE = 2,
    SCOM_SERVICE_SIZE = 10, // service header at the beginning of frame_data
    SCOM_DATA_MAX = 2048,   // longer frame_data is refused
    SCOM_FRAME_MAX = SCOM_HEADER_SIZE + SCOM_DATA_MAX + SCOM_CHECKSUM_SIZE,
    SCOM_MULTI_MAX = 76, // items in one multi-info request
    SCOM_GATEWAY_ADDRESS = 501,
};

enum scom_frame_flag {
    SCOM_MESSAGE_PENDING = 0x01,
    SCOM_RESTARTED = 0x02,
    SCOM_SD_PRESENT = 0x04,
    SCOM_SD_FULL = 0x08,
    SCOM_NEW_DATALOG = 0x10,
    SCOM_DATALOG_SUPPORTED = 0x20,
};

enum scom_service_flag { SCOM_ERROR = 0x01, SCOM_RESPONSE = 0x02 };

enum scom_service_id { SCOM_READ = 1, SCOM_WRITE = 2 };

enum scom_object_type {
    SCOM_USER_INFO = 0x0001,
    SCOM_PARAMETER = 0x0002,
    SCOM_MESSAGE = 0x0003,
    SCOM_GUID = 0x0004,
    SCOM_DATALOG_FIELD = 0x0005,
    SCOM_MULTI_INFO = 0x000A,
    SCOM_SCREEN = 0x0100,
    SCOM_DATALOG = 0x0101,
};

enum scom_property {
    SCOM_INFO_VALUE = 1,
    SCOM_VALUE_QSP = 5,
    SCOM_MIN_QSP = 6,
    SCOM_MAX_QSP = 7,
    SCOM_LEVEL_QSP = 8,
    SCOM_UNSAVED_VALUE_QSP = 13,
};

// What a datalog transfer is of (object_id), and its steps (property_id): a request START, CONTINUE
// or RETRY is answered by BLOCK or FINISH, a request ABORT by FINISH.
enum scom_datalog { SCOM_DATALOG_DIRECTORY = 1, SCOM_DATALOG_FILE = 2 };

enum scom_datalog_step {
    SCOM_DATALOG_START = 0x21,
    SCOM_DATALOG_BLOCK = 0x22,
    SCOM_DATALOG_CONTINUE = 0x23,
    SCOM_DATALOG_RETRY = 0x24,
    SCOM_DATALOG_ABORT = 0x25,
    SCOM_DATALOG_FINISH = 0x26,
};

enum {
    SCOM_DATALOG_BLOCK_MAX = 512, // bytes in a block
    SCOM_NOTE_PROPERTY = 1,       // of the custom datalog field
    SCOM_NOTE_MAX = 250,          // bytes in it, ISO-8859-15
};

enum scom_error {
    SCOM_INVALID_FRAME = 0x01,
    SCOM_DEVICE_NOT_FOUND = 0x02,
    SCOM_RESPONSE_TIMEOUT = 0x03,
    SCOM_SERVICE_NOT_SUPPORTED = 0x11,
    SCOM_INVALID_SERVICE_ARGUMENT = 0x12,
    SCOM_GATEWAY_BUSY = 0x13,
    SCOM_TYPE_NOT_SUPPORTED = 0x21,
    SCOM_OBJECT_ID_NOT_FOUND = 0x22,
    SCOM_PROPERTY_NOT_SUPPORTED = 0x23,
    SCOM_INVALID_DATA_LENGTH = 0x24,
    SCOM_PROPERTY_IS_READ_ONLY = 0x25,
    SCOM_INVALID_DATA = 0x26,
    SCOM_DATA_TOO_SMALL = 0x27,
    SCOM_DATA_TOO_BIG = 0x28,
    SCOM_WRITE_PROPERTY_FAILED = 0x29,
    SCOM_READ_PROPERTY_FAILED = 0x2A,
    SCOM_ACCESS_DENIED = 0x2B,
    SCOM_OBJECT_NOT_SUPPORTED = 0x2C,
    SCOM_MULTICAST_READ_NOT_SUPPORTED = 0x2D,
    SCOM_OBJECT_PROPERTY_INVALID = 0x2E,
    SCOM_FILE_OR_DIR_NOT_PRESENT = 0x2F,
    SCOM_FILE_CORRUPTED = 0x30,
    SCOM_INVALID_SHELL_ARG = 0x81,
};

// A frame and the service in it. data is property_data: it points into the decoder's buffer (valid
// until the decoder is fed or asked again) or to the caller's bytes when encoding.
struct scom_frame {
    uint8_t frame_flags;
    uint32_t source, destination;
    uint8_t service_flags;
    uint8_t service_id;
    uint16_t object_type;
    uint32_t object_id;
    uint16_t property_id;
    const uint8_t *data;
    uint16_t data_length;
};

// The two checksum bytes over length bytes, A in the low byte and B in the high one.
uint16_t scom_checksum(const uint8_t *bytes, size_t length);

// Writes a whole frame to out. Returns its length, 0 if it doesn't fit in size or data is longer
// than SCOM_DATA_MAX - SCOM_SERVICE_SIZE.
size_t scom_encode(const struct scom_frame *frame, uint8_t *out, size_t size);

// --- Bytes to frames ---------------------------------------------------------------------------

// Counters only grow. "skipped" are bytes that belong to no frame, except CR and LF right behind
// one, where a Moxa puts them (field.md, section 1, row 2). A stray start byte is a bad header.
struct scom_counters {
    uint64_t frames;
    uint64_t skipped;
    uint64_t bad_header; // header checksum wrong after a start byte
    uint64_t bad_data;   // data checksum wrong
    uint64_t oversized;  // data_length beyond SCOM_DATA_MAX, or too short for a service
    uint64_t abandoned;  // frames that never became whole (scom_decoder_abandon)
};

// Holds at most one frame that isn't whole yet, and room for another to be read behind it. Plain
// data: zero-initialise to start.
struct scom_decoder {
    uint8_t buffer[2 * SCOM_FRAME_MAX];
    size_t begin, end;
    bool lost; // bytes since the last frame were skipped
    // Whose frame it was that had a good header and a wrong data checksum (bad_data), the last
    // time.
    uint32_t bad_source, bad_destination;
    struct scom_counters counters;
};

// Copies up to length bytes in; returns how many were taken: at least SCOM_FRAME_MAX, if there are
// so many, once scom_decoder_next() has returned XC_AGAIN. Call that until it does, then go on with
// the rest.
size_t scom_decoder_feed(struct scom_decoder *decoder, const uint8_t *bytes, size_t length);

// The next valid frame: XC_OK, or XC_AGAIN when more bytes are needed. Whatever isn't a valid frame
// is skipped and counted, one byte at a time where needed, so that a valid frame that begins
// anywhere in the bytes is found.
enum xc_status scom_decoder_next(struct scom_decoder *decoder, struct scom_frame *frame);

// The line has been silent: a frame that has begun won't be completed. Its start byte is given up
// and the bytes behind it are looked at again (call scom_decoder_next() next). They may hold the
// beginning of another: to empty the decoder, repeat while scom_decoder_pending().
void scom_decoder_abandon(struct scom_decoder *decoder);

// True while bytes of a frame that isn't whole are waiting (once scom_decoder_next() has returned
// XC_AGAIN; before that, while any byte is waiting).
bool scom_decoder_pending(const struct scom_decoder *decoder);

// --- Property data of particular objects -------------------------------------------------------

struct scom_multi_item {
    uint16_t info;
    uint8_t aggregation; // 0 master, 1..15 device index, 0xFD average, 0xFE sum
    float value;         // answers only
};

enum { SCOM_AGGREGATE_MASTER = 0, SCOM_AGGREGATE_AVERAGE = 0xFD, SCOM_AGGREGATE_SUM = 0xFE };

enum scom_multi_flag {
    SCOM_MULTI_VERSION_MASK = 0x0F,
    SCOM_MULTI_GSM = 0x10,
    SCOM_MULTI_XT_PRESENT = 0x20,
    SCOM_MULTI_BSP_PRESENT = 0x40,
    SCOM_MULTI_VT_PRESENT = 0x80,
    SCOM_MULTI_VS_PRESENT = 0x100,
};

// Multi-info request data. count 1..SCOM_MULTI_MAX; out holds 3 * count bytes. Returns the length.
size_t scom_multi_request_encode(const struct scom_multi_item *items, size_t count, uint8_t *out);
// XC_MALFORMED unless data is 1..76 whole items.
enum xc_status scom_multi_request_decode(const uint8_t *data, size_t length,
                                         struct scom_multi_item items[SCOM_MULTI_MAX],
                                         size_t *count);

// Multi-info answer data: flags, the gateway's clock (seconds since 1970, local wall clock of the
// installation), the items with their values. out holds 8 + 7 * count bytes.
size_t scom_multi_answer_encode(uint32_t flags, uint32_t clock, const struct scom_multi_item *items,
                                size_t count, uint8_t *out);
enum xc_status scom_multi_answer_decode(const uint8_t *data, size_t length, uint32_t *flags,
                                        uint32_t *clock,
                                        struct scom_multi_item items[SCOM_MULTI_MAX],
                                        size_t *count);

// A message of the gateway's history (scom.md "Messages").
struct scom_message {
    uint32_t total;     // messages the gateway holds ("total" or "remaining": documents differ)
    uint16_t type;      // number of the message
    uint32_t source;    // address of the device
    uint32_t timestamp; // seconds since 1970, local wall clock of the installation
    uint32_t value;
};

enum { SCOM_MESSAGE_SIZE = 18 };

void scom_message_encode(const struct scom_message *message, uint8_t out[SCOM_MESSAGE_SIZE]);
// The value may be absent (14 bytes): 0. XC_MALFORMED when shorter, or when a part of it is there.
enum xc_status scom_message_decode(const uint8_t *data, size_t length,
                                   struct scom_message *message);

#endif
