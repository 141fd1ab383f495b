// SPDX-License-Identifier: MIT
// Text for people: UTF-8 by columns, wire text made harmless, numbers with '.' in any locale.
// Every function that fills a buffer (of at least one byte) ends it with NUL and cuts at a whole
// character.
#ifndef XC_BASE_TEXT_H
#define XC_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

// Reads one character from UTF-8. Returns the bytes it took (at least 1 unless *text is NUL);
// a malformed byte gives U+FFFD and takes one.
size_t text_next(const char *text, uint32_t *character);

// Writes one character as UTF-8 (no NUL). Returns the bytes used, 1..4; U+FFFD for what isn't one.
size_t text_put(char out[4], uint32_t character);

// Columns a character takes on a terminal: 0 (combining, control), 1 or 2.
int text_character_width(uint32_t character);

// Columns that a UTF-8 text takes.
int text_width(const char *text);

// The beginning of text that fits into columns; returns the columns used. When it had to be cut
// and mark is true, the last column is "…" ("." if ascii).
int text_fit(char *out, size_t size, const char *text, int columns, bool mark, bool ascii);

// What a terminal or an editor takes as an order: controls, line separators, writing direction.
bool text_is_control(uint32_t character);

// Bytes from the wire (ISO-8859-15) as printable UTF-8: controls become \xHH or \uHHHH. Returns
// out.
char *text_from_wire(char *out, size_t size, const uint8_t *bytes, size_t length);

// UTF-8 as bytes for the wire (ISO-8859-15), at most size; length is their number. XC_SYNTAX: a
// character that it lacks, or a control, which where then points to; XC_RANGE: too many.
enum xc_status text_to_wire(const char *text, uint8_t *out, size_t size, size_t *length,
                            const char **where);

// "2026-11-21 14:03": the local time of microseconds since 1970 UTC; "" for a time that has none.
// Returns out.
char *text_local_time(int64_t wall, char *out, size_t size);

// Any text from outside (file names, arguments, host names) as printable UTF-8, the same way.
char *text_escape(char *out, size_t size, const char *text);

// What UTF-8 has and ASCII lacks, in ASCII: "°C" → "degC", "…" → "...", "µ" → "u", "é" → "e",
// typographic quotes → plain ones; anything else '?'. Returns out.
char *text_to_ascii(char *out, size_t size, const char *text);

// A number with this many decimals and '.', never "-0.0". NaN gives "--".
char *text_number(char *out, size_t size, double number, int decimals);

// The shortest text that gives the same finite number back, compared as float when it is one: plain
// digits where they fit, else with an exponent. 32 bytes always suffice. Returns out.
char *text_shortest(char *out, size_t size, double number);

// Reads a whole text as a decimal number: optional sign, digits, one '.' or ','; an exponent, nan,
// inf, hexadecimal and blanks are refused with XC_SYNTAX.
enum xc_status text_parse_number(const char *text, double *number);

// A whole number in min..max, decimal only. XC_SYNTAX or XC_RANGE.
enum xc_status text_parse_int(const char *text, long min, long max, long *number);

// "3", "3s", "500ms", "2m", "1h", "3d" to microseconds, at most so many days. XC_SYNTAX, XC_RANGE.
enum xc_status text_parse_duration(const char *text, double days, int64_t *time);

// Appends printf-like to a buffer of size that holds *used bytes; cuts silently.
void text_append(char *out, size_t size, size_t *used, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// "3 s", "4 min", "2 h", "5 d": the age of something, for people. seconds >= 0.
char *text_age(char *out, size_t size, double seconds);

// A gateway's GUID, the same way everywhere: 32 digits 0-9a-f, without dashes. Returns out.
enum { TEXT_GUID_MAX = 33 };
char *text_guid(char out[TEXT_GUID_MAX], const uint8_t guid[16]);
// Reads one as somebody may have copied it: in either case, with dashes or without. XC_SYNTAX.
enum xc_status text_parse_guid(const char *text, char out[TEXT_GUID_MAX]);

#endif
