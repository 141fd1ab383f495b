// SPDX-License-Identifier: MIT
// Frames of the Xcom-CAN (reference can.md) in words. What the command decode prints of them.
#ifndef XC_CMD_DECODE_CAN_H
#define XC_CMD_DECODE_CAN_H

#include "base/canframe.h"
#include "cmd/decode.h"
#include "proto/stucan.h"

// Where a frame went, as far as is known without looking into it.
enum decode_way { DECODE_ANY_WAY, DECODE_TO_GATEWAY, DECODE_FROM_GATEWAY };

enum { DECODE_CAN_TEXT_MAX = 32 };

// "0000CA00#0BB84145C000", "7FF#R8" (remote), as people write CAN frames. Returns out.
char *decode_can_text(const struct canframe *frame, char out[DECODE_CAN_TEXT_MAX]);

// Explains one frame. Its lengths tell requests from answers; those of writes don't: there the
// addresses of devices do, else way. Directions are "request", "answer", "error", "notification"
// (a message to all), "write or answer" when nothing tells, and "other": no frame of this protocol,
// of which remark says why, and source and destination are empty. Returns why it isn't one, or
// STUCAN_TAKEN.
enum stucan_refusal decode_can_frame(const struct canframe *frame, enum decode_way way,
                                     struct decoded *decoded);

#endif
