// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

enum { REPLACEMENT = 0xFFFD };

size_t text_next(const char *text, uint32_t *character)
{
    const unsigned char *p = (const unsigned char *)text;
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length;

    if (p[0] < 0x80) {
        *character = p[0];
        return p[0] ? 1 : 0;
    }
    if (p[0] >= 0xC2 && p[0] < 0xE0) {
        length = 2;
        *character = p[0] & 0x1F;
    } else if ((p[0] & 0xF0) == 0xE0) {
        length = 3;
        *character = p[0] & 0x0F;
    } else if (p[0] >= 0xF0 && p[0] < 0xF5) {
        length = 4;
        *character = p[0] & 0x07;
    } else {
        *character = REPLACEMENT;
        return 1;
    }
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            *character = REPLACEMENT;
            return 1;
        }
        *character = *character << 6 | (p[i] & 0x3F);
    }
    if (*character < smallest[length] || *character > 0x10FFFF ||
        (*character >= 0xD800 && *character < 0xE000)) {
        *character = REPLACEMENT;
        return 1;
    }
    return length;
}

size_t text_put(char out[4], uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = REPLACEMENT;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

int text_character_width(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0))
        return 0;
    if (c < 0x300)
        return 1;
    // wcwidth() knows only what the locale knows; outside of UTF-8 everything counts as one.
    int width = wcwidth((wchar_t)c);
    return width < 0 ? 1 : width;
}

int text_width(const char *text)
{
    int columns = 0;
    uint32_t c;

    for (size_t n; (n = text_next(text, &c)) > 0; text += n)
        columns += text_character_width(c);
    return columns;
}

int text_fit(char *out, size_t size, const char *text, int columns, bool mark, bool ascii)
{
    const char *ellipsis = ascii ? "." : "…";
    size_t reserve = mark ? strlen(ellipsis) : 0;
    bool cut = text_width(text) > columns;
    int room = cut && mark ? columns - 1 : columns;
    int used_columns = 0;
    size_t used = 0;
    uint32_t c;

    if (size == 0)
        return 0;
    for (size_t n; (n = text_next(text, &c)) > 0; text += n) {
        int width = text_character_width(c);
        if (used_columns + width > room || used + n + reserve + 1 > size)
            break;
        used += text_put(out + used, c);
        used_columns += width;
    }
    if (cut && mark && columns > 0 && used + reserve + 1 <= size) {
        memcpy(out + used, ellipsis, reserve);
        used += reserve;
        used_columns++;
    }
    out[used] = '\0';
    return used_columns;
}

bool text_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// Appends one character so that a terminal or a line of a file can't be led astray by it.
static bool put_harmless(char *out, size_t size, size_t *used, uint32_t c)
{
    char piece[12];
    size_t length;

    if (text_is_control(c))
        length =
            (size_t)snprintf(piece, sizeof piece, c < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)c);
    else
        length = text_put(piece, c);
    if (*used + length + 1 > size)
        return false;
    memcpy(out + *used, piece, length);
    *used += length;
    return true;
}

static uint32_t latin9(uint8_t byte)
{
    switch (byte) {
    case 0xA4:
        return 0x20AC;
    case 0xA6:
        return 0x160;
    case 0xA8:
        return 0x161;
    case 0xB4:
        return 0x17D;
    case 0xB8:
        return 0x17E;
    case 0xBC:
        return 0x152;
    case 0xBD:
        return 0x153;
    case 0xBE:
        return 0x178;
    default:
        return byte;
    }
}

char *text_from_wire(char *out, size_t size, const uint8_t *bytes, size_t length)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++)
        if (!put_harmless(out, size, &used, latin9(bytes[i])))
            break;
    out[used] = '\0';
    return out;
}

enum xc_status text_to_wire(const char *text, uint8_t *out, size_t size, size_t *length,
                            const char **where)
{
    uint32_t c;

    *length = 0;
    for (size_t n; (n = text_next(text, &c)) > 0; text += n) {
        unsigned byte = 0;
        *where = text;
        while (byte <= UINT8_MAX && latin9((uint8_t)byte) != c)
            byte++;
        if (byte > UINT8_MAX || text_is_control(c))
            return XC_SYNTAX;
        if (*length == size)
            return XC_RANGE;
        out[(*length)++] = (uint8_t)byte;
    }
    return XC_OK;
}

char *text_escape(char *out, size_t size, const char *text)
{
    size_t used = 0;
    uint32_t c;

    for (size_t n; (n = text_next(text, &c)) > 0; text += n)
        if (!put_harmless(out, size, &used, c))
            break;
    out[used] = '\0';
    return out;
}

static const char *ascii_for(uint32_t c)
{
    switch (c) {
    case 0xB0:
        return "deg";
    case 0xB5:
        return "u";
    case 0xB1:
        return "+-";
    case 0xD7:
        return "x";
    case 0xB7:
        return "-";
    case 0xE0:
        return "a";
    case 0xE8:
    case 0xE9:
        return "e";
    case 0x3C6:
    case 0x3D5:
        return "phi";
    case 0x2013:
    case 0x2014:
    case 0x2212:
        return "-";
    case 0x2018:
    case 0x2019:
        return "'";
    case 0x201C:
    case 0x201D:
        return "\"";
    case 0x2026:
        return "...";
    case 0x2192:
        return "->";
    case 0x2265:
        return ">=";
    case 0x2264:
        return "<=";
    default:
        return "?";
    }
}

char *text_to_ascii(char *out, size_t size, const char *text)
{
    size_t used = 0;
    uint32_t c;

    for (size_t n; (n = text_next(text, &c)) > 0; text += n) {
        char plain[2] = {(char)c, '\0'};
        const char *replacement = c < 0x80 ? plain : ascii_for(c);
        size_t length = strlen(replacement);
        if (used + length + 1 > size)
            break;
        memcpy(out + used, replacement, length);
        used += length;
    }
    out[used] = '\0';
    return out;
}

char *text_number(char *out, size_t size, double number, int decimals)
{
    if (isnan(number)) {
        snprintf(out, size, "--");
        return out;
    }
    // LC_NUMERIC is never set, so printf's point is '.'.
    snprintf(out, size, "%.*f", decimals, number);
    if (out[0] == '-' && strspn(out + 1, "0.") == strlen(out + 1))
        memmove(out, out + 1, strlen(out));
    return out;
}

// "1.5e+20" can be read, but people and simple scripts read plain digits: those where they fit.
char *text_shortest(char *out, size_t size, double number)
{
    bool is_float = fabs(number) <= (double)FLT_MAX && (double)(float)number == number;
    // So many digits of any number come back unchanged: none with fewer needs to be tried.
    int precision = is_float ? FLT_DIG : DBL_DIG;

    if (number == floor(number) && fabs(number) < 9007199254740992.0)
        return text_number(out, size, number, 0);
    for (;; precision++) {
        snprintf(out, size, "%.*e", precision - 1, number);
        if (precision == DBL_DECIMAL_DIG ||
            (is_float ? strtof(out, NULL) == (float)number : strtod(out, NULL) == number))
            break;
    }
    const char *end = strchr(out, 'e');
    if (!end)
        return out;
    long exponent = strtol(end + 1, NULL, 10);
    for (; precision > 1 && end[-1] == '0'; end--)
        precision--;
    if (exponent >= -7 && exponent < precision)
        snprintf(out, size, "%.*f", precision - 1 - (int)exponent, number);
    else
        snprintf(out, size, "%.*e", precision - 1, number);
    return out;
}

enum xc_status text_parse_number(const char *text, double *number)
{
    char plain[64];
    size_t length = strlen(text), digits = 0, points = 0;

    if (length == 0 || length >= sizeof plain)
        return XC_SYNTAX;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9')
            digits++;
        else if (c == '.' || c == ',')
            points++;
        else if (!((c == '-' || c == '+') && i == 0))
            return XC_SYNTAX;
        plain[i] = c == ',' ? '.' : c;
    }
    if (digits == 0 || points > 1)
        return XC_SYNTAX;
    plain[length] = '\0';
    *number = strtod(plain, NULL);
    return XC_OK;
}

enum xc_status text_parse_int(const char *text, long min, long max, long *number)
{
    char *end;

    if (!((text[0] >= '0' && text[0] <= '9') ||
          (text[0] == '-' && text[1] >= '0' && text[1] <= '9')))
        return XC_SYNTAX;
    errno = 0;
    long parsed = strtol(text, &end, 10);
    if (*end)
        return XC_SYNTAX;
    if (errno == ERANGE || parsed < min || parsed > max)
        return XC_RANGE;
    *number = parsed;
    return XC_OK;
}

enum xc_status text_parse_duration(const char *text, double days, int64_t *time)
{
    static const struct {
        const char *suffix;
        double unit;
    } units[] = {{"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}, {"", 1e6}};
    char digits[24];
    size_t length = strspn(text, "0123456789.");
    double number;

    if (length >= sizeof digits)
        return XC_SYNTAX;
    memcpy(digits, text, length);
    digits[length] = '\0';
    if (text_parse_number(digits, &number) != XC_OK)
        return XC_SYNTAX;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(text + length, units[i].suffix) == 0) {
            if (number * units[i].unit > days * 86400e6)
                return XC_RANGE;
            *time = (int64_t)(number * units[i].unit);
            return XC_OK;
        }
    return XC_SYNTAX;
}

void text_append(char *out, size_t size, size_t *used, const char *format, ...)
{
    va_list args;

    if (*used + 1 >= size)
        return;
    va_start(args, format);
    int n = vsnprintf(out + *used, size - *used, format, args);
    va_end(args);
    if (n > 0)
        *used = *used + (size_t)n < size ? *used + (size_t)n : size - 1;
}

char *text_age(char *out, size_t size, double seconds)
{
    if (seconds < 100)
        snprintf(out, size, "%.0f s", seconds);
    else if (seconds < 100 * 60)
        snprintf(out, size, "%.0f min", seconds / 60);
    else if (seconds < 48 * 3600)
        snprintf(out, size, "%.0f h", seconds / 3600);
    else
        snprintf(out, size, "%.0f d", seconds / 86400);
    return out;
}

char *text_local_time(int64_t wall, char *out, size_t size)
{
    time_t seconds = (time_t)(wall / 1000000);
    struct tm local;

    out[0] = '\0';
    if (localtime_r(&seconds, &local))
        strftime(out, size, "%Y-%m-%d %H:%M", &local);
    return out;
}

char *text_guid(char out[TEXT_GUID_MAX], const uint8_t guid[16])
{
    for (size_t i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", guid[i]);
    return out;
}

enum xc_status text_parse_guid(const char *text, char out[TEXT_GUID_MAX])
{
    size_t count = 0;

    for (; *text; text++) {
        if (*text == '-')
            continue;
        if (!strchr("0123456789abcdefABCDEF", *text) || count == TEXT_GUID_MAX - 1)
            return XC_SYNTAX;
        out[count++] = (char)(*text >= 'A' && *text <= 'F' ? *text + ('a' - 'A') : *text);
    }
    out[count] = '\0';
    return count == TEXT_GUID_MAX - 1 ? XC_OK : XC_SYNTAX;
}
