// SPDX-License-Identifier: MIT
#include "base/value.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "base/bytes.h"

static bool is_whole(double number, double min, double max)
{
    return number >= min && number <= max && number == floor(number);
}

size_t value_size(enum value_format format)
{
    switch (format) {
    case FORMAT_BOOL:
        return 1;
    case FORMAT_SHORT_ENUM:
        return 2;
    case FORMAT_LONG_ENUM:
    case FORMAT_INT32:
    case FORMAT_FLOAT:
        return 4;
    case FORMAT_NONE:
    case FORMAT_RAW:
        break;
    }
    return 0;
}

static enum xc_status decode_unsigned(const uint8_t *bytes, size_t length, double *number)
{
    switch (length) {
    case 1:
        *number = bytes[0];
        return XC_OK;
    case 2:
        *number = le_get16(bytes);
        return XC_OK;
    case 4:
        *number = le_get32(bytes);
        return XC_OK;
    default:
        return XC_MALFORMED;
    }
}

// A SHORT_ENUM in four bytes is either an integer or, as everywhere but in SCOM's single reads, a
// FLOAT. No integer that fits is the FLOAT of a whole number but 0, which is the same in both.
static enum xc_status decode_enum(const uint8_t *bytes, size_t length, bool is_short,
                                  double *number)
{
    if (is_short && length == 4 && le_get32(bytes) > UINT16_MAX) {
        double whole = (double)le_get_float(bytes);
        if (!is_whole(whole, 0, UINT16_MAX))
            return XC_MALFORMED;
        *number = whole;
        return XC_OK;
    }
    return length == 1 ? XC_MALFORMED : decode_unsigned(bytes, length, number);
}

enum xc_status value_decode(enum value_format format, const uint8_t *bytes, size_t length,
                            double *number)
{
    bool right_size = length == value_size(format);

    switch (format) {
    case FORMAT_BOOL:
        if (!right_size || bytes[0] > 1)
            return XC_MALFORMED;
        *number = bytes[0];
        return XC_OK;
    case FORMAT_SHORT_ENUM:
    case FORMAT_LONG_ENUM:
        return decode_enum(bytes, length, format == FORMAT_SHORT_ENUM, number);
    case FORMAT_INT32:
        if (!right_size)
            return XC_MALFORMED;
        *number = (int32_t)le_get32(bytes);
        return XC_OK;
    case FORMAT_FLOAT:
        if (!right_size)
            return XC_MALFORMED;
        *number = (double)le_get_float(bytes);
        return XC_OK;
    case FORMAT_RAW:
        return decode_unsigned(bytes, length, number);
    case FORMAT_NONE:
        break;
    }
    return XC_MALFORMED;
}

enum xc_status value_encode(enum value_format format, double number, uint8_t bytes[VALUE_BYTES_MAX],
                            size_t *length)
{
    if (!isfinite(number))
        return XC_RANGE;
    switch (format) {
    case FORMAT_BOOL:
        if (number != 0 && number != 1)
            return XC_RANGE;
        bytes[0] = (uint8_t)number;
        break;
    case FORMAT_SHORT_ENUM:
        if (!is_whole(number, 0, UINT16_MAX))
            return XC_RANGE;
        le_put16(bytes, (uint16_t)number);
        break;
    case FORMAT_LONG_ENUM:
        if (!is_whole(number, 0, UINT32_MAX))
            return XC_RANGE;
        le_put32(bytes, (uint32_t)number);
        break;
    case FORMAT_INT32:
        if (!is_whole(number, INT32_MIN, INT32_MAX))
            return XC_RANGE;
        le_put32(bytes, (uint32_t)(int32_t)number);
        break;
    case FORMAT_FLOAT:
        if (fabs(number) > (double)FLT_MAX)
            return XC_RANGE;
        le_put_float(bytes, (float)number + 0.0f); // no -0: nobody is shown it
        break;
    case FORMAT_NONE:
    case FORMAT_RAW:
        return XC_RANGE;
    }
    *length = value_size(format);
    return XC_OK;
}
