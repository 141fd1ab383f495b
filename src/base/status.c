// SPDX-License-Identifier: MIT
#include "base/status.h"

static const char *const texts[XC_STATUS_COUNT] = {
    [XC_OK] = "done",
    [XC_AGAIN] = "not complete yet",
    [XC_USAGE] = "wrong usage",
    [XC_SYNTAX] = "not understood",
    [XC_RANGE] = "out of range",
    [XC_NOT_FOUND] = "not found",
    [XC_IO] = "input/output error",
    [XC_NO_LINK] = "no connection to the gateway",
    [XC_TIMEOUT] = "no answer",
    [XC_DEVICE_ERROR] = "refused by the device",
    [XC_MALFORMED] = "an answer that doesn't fit the question",
    [XC_UNSUPPORTED] = "not supported by this gateway",
    [XC_READ_ONLY] = "refused: started read-only",
    [XC_UNKNOWN] = "outcome unknown",
    [XC_CANCELLED] = "withdrawn",
};

const char *status_text(enum xc_status status)
{
    if ((unsigned)status >= XC_STATUS_COUNT || !texts[status])
        return "unknown status";
    return texts[status];
}
