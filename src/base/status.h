// SPDX-License-Identifier: MIT
// What a function that can fail returns. XC_OK is 0; the rest say why in one word, and
// status_text() in a short phrase that fits behind "xcomtop: SOMETHING: ".
#ifndef XC_BASE_STATUS_H
#define XC_BASE_STATUS_H

enum xc_status {
    XC_OK = 0,
    XC_AGAIN,        // not yet: more bytes or time are needed
    XC_USAGE,        // the person asked for something that isn't possible
    XC_SYNTAX,       // a text can't be read as what it should be
    XC_RANGE,        // outside of the allowed range
    XC_NOT_FOUND,    // no such datapoint, device, file
    XC_IO,           // the operating system refused; errno tells
    XC_NO_LINK,      // there is no connection to the gateway
    XC_TIMEOUT,      // the gateway was silent past the deadline
    XC_DEVICE_ERROR, // an error answer; its code goes with it
    XC_MALFORMED,    // an answer that doesn't fit its question
    XC_UNSUPPORTED,  // this gateway can't do it
    XC_READ_ONLY,    // refused: the program was started read-only
    XC_UNKNOWN,      // a write whose outcome isn't known
    XC_CANCELLED,    // withdrawn before it was answered
    XC_STATUS_COUNT
};

// A phrase in English, lower case, no full stop. Static; never NULL.
const char *status_text(enum xc_status status);

#endif
