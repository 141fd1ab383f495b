// SPDX-License-Identifier: MIT
#include "cmd/message_rows.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

enum { PLAIN_MAX = 256 };

static const struct column columns[] = {
    {.name = "time", .type = COLUMN_TEXT},
    {.name = "device", .type = COLUMN_TEXT},
    {.name = "address", .type = COLUMN_INT, .hidden_in_text = true},
    {.name = "number", .type = COLUMN_INT, .right = true},
    {.name = "severity", .type = COLUMN_TEXT},
    {.name = "text", .type = COLUMN_TEXT},
    {.name = "kind", .type = COLUMN_TEXT, .hidden_in_text = true},
    {.name = "value", .type = COLUMN_INT, .hidden_in_text = true},
    {.name = "learned", .type = COLUMN_TIME, .hidden_in_text = true},
};

char *message_time(const struct known_message *message, char *out, size_t size)
{
    time_t time = (time_t)message->timestamp;
    struct tm tm;

    gmtime_r(&time, &tm);
    strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
    return out;
}

char *message_learned(const struct known_message *message, char *out, size_t size)
{
    time_t time = (time_t)(message->learned / 1000000);
    struct tm tm;

    localtime_r(&time, &tm);
    // +0100 to +01:00
    size_t length = strftime(out, size - 1, "%Y-%m-%dT%H:%M:%S%z", &tm);
    if (length > 2 && length + 1 < size) {
        memmove(out + length - 1, out + length - 2, 3);
        out[length - 2] = ':';
    }
    return out;
}

const char *message_severity(const struct known_message *message)
{
    return message->kind == KNOWN_ALARM ? "alarm" : severity_name(message->severity);
}

const char *message_text_of(const struct known_message *message)
{
    static char unknown[24];
    const char *text = catalogue_message(message->number).text;

    if (message->kind != KNOWN_MESSAGE)
        return message->text;
    snprintf(unknown, sizeof unknown, "message %u", (unsigned)message->number);
    return text ? text : unknown;
}

struct rows *message_rows_new(const struct options *options)
{
    return rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);
}

void message_rows_add(struct rows *rows, const struct options *options,
                      const struct known_message *message)
{
    char time[32], plain[PLAIN_MAX];
    bool alarm = message->kind != KNOWN_MESSAGE;

    message_time(message, time, sizeof time);
    char *between = options->format == ROWS_TEXT ? strchr(time, 'T') : NULL;
    if (between)
        *between = ' ';
    const struct field fields[] = {
        {.text = time},
        {.text = message->device},
        {.integer = message->source ? (int64_t)message->source : ROW_NONE},
        {.integer = alarm ? ROW_NONE : (int64_t)message->number},
        {.text = message_severity(message)},
        {.text = plain_text(options, message_text_of(message), plain, sizeof plain)},
        {.text = known_kind_name(message->kind)},
        {.integer = alarm ? ROW_NONE : (int64_t)message->value},
        {.integer = message->learned},
    };
    rows_add(rows, fields);
}
