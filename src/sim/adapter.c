// SPDX-License-Identifier: MIT
#include "sim/adapter.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE_MS = 60000 }; // where timestamps begin again

void adapter_begin(struct adapter *adapter, unsigned bitrate)
{
    *adapter = (struct adapter){.bus = bitrate, .bitrate = bitrate};
}

static size_t answer(char reply[ADAPTER_TEXT_MAX], const char *text)
{
    return (size_t)snprintf(reply, ADAPTER_TEXT_MAX, "%s", text);
}

static size_t refuse(char reply[ADAPTER_TEXT_MAX])
{
    return answer(reply, "\a");
}

static bool set_bitrate(struct adapter *adapter, char digit)
{
    static const unsigned rates[] = {10000, 20000, 50000, 100000, 125000, 250000, 500000, 1000000};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        if (slcan_bitrate_digit(rates[i]) == digit) {
            adapter->bitrate = rates[i];
            return true;
        }
    return false;
}

// A frame on a bus of another bit rate is acknowledged by nobody.
static size_t send_frame(struct adapter *adapter, const struct slcan_line *line,
                         char reply[ADAPTER_TEXT_MAX], bool *sent)
{
    if (!adapter->open || line->timestamp >= 0)
        return refuse(reply);
    if (adapter->bitrate == adapter->bus)
        *sent = true;
    else
        adapter->status |= SLCAN_BUS_ERROR | SLCAN_PASSIVE;
    return answer(reply, line->frame.extended ? "Z\r" : "z\r");
}

static size_t obey(struct adapter *adapter, const char *text, char reply[ADAPTER_TEXT_MAX],
                   bool *closed)
{
    char command = text[0];
    bool alone = command && !text[1], digit = command && text[1] && !text[2];

    if (command == SLCAN_ASK_VERSION && alone)
        return answer(reply, "V1013\r");
    if (command == SLCAN_ASK_SERIAL && alone)
        return answer(reply, "NXC01\r");
    if (!adapter->open) {
        if (command == SLCAN_OPEN && alone)
            adapter->open = true;
        else if (command == 'Z' && digit && (text[1] == '0' || text[1] == '1'))
            adapter->timestamps = text[1] == '1';
        else if (command != SLCAN_BITRATE || !digit || !set_bitrate(adapter, text[1]))
            return refuse(reply);
        return answer(reply, "\r");
    }
    if (command == SLCAN_CLOSE && alone) {
        adapter->open = false;
        *closed = true;
        return answer(reply, "\r");
    }
    if (command != SLCAN_ASK_STATUS || !alone)
        return refuse(reply);
    snprintf(reply, ADAPTER_TEXT_MAX, "F%02X\r", adapter->status);
    adapter->status = 0;
    return strlen(reply);
}

size_t adapter_take(struct adapter *adapter, uint8_t byte, char reply[ADAPTER_TEXT_MAX],
                    struct canframe *frame, bool *sent, bool *closed)
{
    struct slcan_line line;

    *sent = *closed = false;
    if (byte == SLCAN_BEL || slcan_decode(&adapter->decoder, byte, &line) != XC_OK)
        return 0;
    if (line.kind != SLCAN_FRAME)
        return obey(adapter, line.text, reply, closed);
    *frame = line.frame;
    return send_frame(adapter, &line, reply, sent);
}

size_t adapter_deliver(struct adapter *adapter, const struct canframe *frame, int64_t milliseconds,
                       char out[ADAPTER_TEXT_MAX])
{
    if (!adapter->open || adapter->bitrate != adapter->bus)
        return 0;
    size_t length = slcan_encode(frame, out);
    if (length > 0 && adapter->timestamps)
        length = length - 1 +
                 (size_t)snprintf(out + length - 1, ADAPTER_TEXT_MAX - length + 1, "%04X\r",
                                  (unsigned)(milliseconds % MINUTE_MS));
    return length;
}
