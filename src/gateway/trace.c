// SPDX-License-Identifier: MIT
#include "gateway/trace.h"

#include <errno.h>
#include <stdarg.h>
#include <time.h>

// Line by line: the trace of a program that was killed ends with what it saw last.
static void end_line(struct trace *trace)
{
    putc('\n', trace->file);
    if (fflush(trace->file) == 0 && !ferror(trace->file))
        return;
    trace->error = errno ? errno : EIO;
    trace->file = NULL;
}

static void put_bytes(struct trace *trace, char direction, const uint8_t *bytes, size_t length)
{
    if (!trace->file)
        return;
    int64_t wall = loop_wall(trace->loop);
    time_t seconds = (time_t)(wall / LOOP_S);
    struct tm utc;
    char time[32];

    gmtime_r(&seconds, &utc);
    strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%S", &utc);
    fprintf(trace->file, "%s.%06dZ %c", time, (int)(wall % LOOP_S), direction);
    for (size_t i = 0; i < length; i++)
        fprintf(trace->file, " %02X", bytes[i]);
    end_line(trace);
}

void trace_sent(struct trace *trace, const uint8_t *bytes, size_t length)
{
    put_bytes(trace, '>', bytes, length);
}

void trace_received(struct trace *trace, const uint8_t *bytes, size_t length)
{
    put_bytes(trace, '<', bytes, length);
}

void trace_note(struct trace *trace, const char *format, ...)
{
    va_list args;

    if (!trace->file)
        return;
    fputs("# ", trace->file);
    va_start(args, format);
    vfprintf(trace->file, format, args);
    va_end(args);
    end_line(trace);
}
