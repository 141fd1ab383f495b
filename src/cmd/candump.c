// SPDX-License-Identifier: MIT
#include "cmd/candump.h"

#include <stdlib.h>
#include <string.h>

// As candump shows it.
#define FLAG_ERROR 0x20000000u

enum { STANDARD_DIGITS = 3, EXTENDED_DIGITS = 8 };

static const char blanks[] = " \t";
static const char hex_digits[] = "0123456789abcdefABCDEF";

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, blanks);
}

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// An identifier and what shows that it is one: a # behind it, or a length in brackets. Eight digits
// can be bytes of SCOM too, with a remark behind them.
static bool begins_frame(const char *text)
{
    size_t digits = strspn(text, hex_digits);

    if (digits != STANDARD_DIGITS && digits != EXTENDED_DIGITS)
        return false;
    if (text[digits] == '#')
        return digits == STANDARD_DIGITS || !strchr(blanks, text[digits + 1]) ||
               text[digits + 1] == '\0';
    return skip_blanks(text + digits)[0] == '[';
}

// What candump -x puts behind the interface: the direction and two flags.
static bool is_mark(const char *word, size_t length)
{
    return (length == 2 && (word[0] == 'R' || word[0] == 'T') && word[1] == 'X') ||
           (length == 1 && strchr("-BE", word[0]));
}

// Behind the name of an interface, if there is one. NULL if no frame is there.
static const char *find_frame(const char *text)
{
    enum { WORDS_IN_FRONT = 4 };

    for (int words = 0; words <= WORDS_IN_FRONT; words++) {
        size_t length = strcspn(text, " \t\r\n");
        if (begins_frame(text))
            return text;
        // Bytes before a remark aren't an interface.
        if (length == 0 ||
            (words == 0 ? strspn(text, hex_digits) == length : !is_mark(text, length)))
            return NULL;
        text = skip_blanks(text + length);
    }
    return NULL;
}

static const char *read_time(const char *text, char time[CANDUMP_TIME_MAX])
{
    size_t length;

    time[0] = '\0';
    text = skip_blanks(text);
    if (text[0] != '(')
        return text;
    length = strspn(text + 1, "0123456789.:- ");
    if (text[1 + length] != ')' || length >= CANDUMP_TIME_MAX)
        return text;
    memcpy(time, text + 1, length);
    time[length] = '\0';
    return skip_blanks(text + length + 2);
}

static const char *read_identifier(const char *text, struct canframe *frame)
{
    char *end;
    unsigned long word = strtoul(text, &end, 16);

    *frame = (struct canframe){.extended = end - text == EXTENDED_DIGITS};
    if (frame->extended && word & FLAG_ERROR) {
        frame->error = true;
        frame->extended = false;
        word &= ~(unsigned long)FLAG_ERROR;
    }
    if (word > (frame->extended || frame->error ? CANFRAME_EXTENDED_MAX : CANFRAME_STANDARD_MAX))
        return NULL;
    frame->id = (uint32_t)word;
    return end;
}

static bool read_byte(const char *text, struct canframe *frame)
{
    char digits[3] = "";

    if (strspn(text, hex_digits) < 2 || frame->length >= CANFRAME_DATA_MAX)
        return false;
    memcpy(digits, text, 2);
    frame->data[frame->length++] = (uint8_t)strtoul(digits, NULL, 16);
    return true;
}

// Behind the #.
static enum xc_status read_joined(const char *text, struct canframe *frame)
{
    if (*text == 'R' || *text == 'r') {
        frame->remote = true;
        if (*++text >= '0' && *text <= '0' + CANFRAME_DATA_MAX)
            frame->length = (uint8_t)(*text++ - '0');
        return ends_word(*text) ? XC_OK : XC_MALFORMED;
    }
    while (!ends_word(*text)) {
        if (!read_byte(text, frame))
            return XC_MALFORMED;
        text += 2;
        if (text[0] == '.' && !ends_word(text[1]))
            text++;
    }
    return XC_OK;
}

// "[6]  0B B8 41 45 C0 00", "[0]  remote request".
static enum xc_status read_apart(const char *text, struct canframe *frame)
{
    unsigned length = (unsigned)(text[1] - '0');

    if (text[1] < '0' || length > CANFRAME_DATA_MAX || text[2] != ']')
        return XC_MALFORMED;
    text = skip_blanks(text + 3);
    if (strncmp(text, "remote", strlen("remote")) == 0) {
        frame->remote = true;
        frame->length = (uint8_t)length;
        return XC_OK;
    }
    while (frame->length < length) {
        if (!read_byte(text, frame) || !ends_word(text[2]))
            return XC_MALFORMED;
        text = skip_blanks(text + 2);
    }
    return strspn(text, hex_digits) == 2 && ends_word(text[2]) ? XC_MALFORMED : XC_OK;
}

enum xc_status candump_read(const char *text, struct canframe *frame, char time[CANDUMP_TIME_MAX])
{
    text = find_frame(read_time(text, time));
    if (!text)
        return XC_SYNTAX;
    text = read_identifier(text, frame);
    if (!text)
        return XC_MALFORMED;
    return *text == '#' ? read_joined(text + 1, frame) : read_apart(skip_blanks(text), frame);
}
