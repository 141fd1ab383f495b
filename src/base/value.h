// SPDX-License-Identifier: MIT
// Values on the wire. Inside the program a value is a double: it holds every FLOAT, INT32 and
// enum of the protocol exactly. The format says how it is carried (scom.md, "Value formats").
#ifndef XC_BASE_VALUE_H
#define XC_BASE_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum value_format {
    FORMAT_NONE,       // no value (a menu)
    FORMAT_BOOL,       // 1 byte, 0 or 1
    FORMAT_SHORT_ENUM, // 2 bytes
    FORMAT_LONG_ENUM,  // 4 bytes
    FORMAT_INT32,      // 4 bytes, signed
    FORMAT_FLOAT,      // 4 bytes, IEEE-754 binary32
    FORMAT_RAW,        // not in the tables: any length, kept as bytes
};

enum { VALUE_BYTES_MAX = 4 };

// Size on the wire in bytes; 0 for FORMAT_NONE and FORMAT_RAW.
size_t value_size(enum value_format format);

// Bytes to number. XC_MALFORMED when the length isn't the format's own (a FORMAT_LONG_ENUM of 2
// bytes and a FORMAT_SHORT_ENUM of 4, an integer or a FLOAT, are taken, as field gateways send
// them) or a BOOL is neither 0 nor 1: then *number stays as it is. FORMAT_RAW: lengths 1, 2 and 4
// are read as an unsigned number.
enum xc_status value_decode(enum value_format format, const uint8_t *bytes, size_t length,
                            double *number);

// Number to bytes; *length is set. XC_RANGE when the format can't hold the number: a fraction or
// an overflow in an integer format, NaN or infinity anywhere.
enum xc_status value_encode(enum value_format format, double number, uint8_t bytes[VALUE_BYTES_MAX],
                            size_t *length);

#endif
