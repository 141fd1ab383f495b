// SPDX-License-Identifier: MIT
#include "cmd/cmd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

void complain(const char *format, ...)
{
    char line[1024], harmless[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (can_print(STDERR_FILENO, LOOP_S))
        fprintf(stderr, "xcomtop: %s\n", text_escape(harmless, sizeof harmless, line));
}

static int tell_written(enum xc_status written, int status)
{
    if (written == XC_OK)
        return status;
    // Who reads as much as it wants, like head, is no fault; any other program would end by the
    // signal.
    if (errno == EPIPE)
        return 128 + SIGPIPE;
    complain("can't write the results: %s", strerror(errno));
    return EXIT_REFUSED;
}

char *time_text(int64_t time, char out[TIME_TEXT_MAX])
{
    time_t seconds = (time_t)(time / 1000000);
    struct tm local;

    out[0] = '\0';
    if (localtime_r(&seconds, &local))
        strftime(out, TIME_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &local);
    return out;
}

void complain_empty(const char *file, bool some, int64_t since, int64_t until, int64_t first,
                    int64_t last)
{
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX], range[2 * TIME_TEXT_MAX + 16] = "";

    if (first == 0) {
        complain("%s holds nothing", file);
        return;
    }
    time_text(since, from);
    time_text(until, to);
    if (since && until)
        snprintf(range, sizeof range, " between %s and %s", from, to);
    else if (since)
        snprintf(range, sizeof range, " from %s on", from);
    else if (until)
        snprintf(range, sizeof range, " before %s", to);
    time_text(first, from);
    time_text(last, to);
    complain("%s holds nothing%s%s; what it holds is from %s to %s", file,
             some ? " of these values" : "", range, from, to);
}

int finish_rows(struct rows *rows, int status)
{
    enum xc_status written = rows_flush(rows);

    if (written == XC_OK && fflush(stdout) != 0)
        written = XC_IO;
    status = tell_written(written, status);
    rows_free(rows);
    return status;
}

int finish_text(int status)
{
    return tell_written(fflush(stdout) != 0 || ferror(stdout) ? XC_IO : XC_OK, status);
}

int output_width(void)
{
    enum { USUAL = 80, LEAST = 40, MOST = 400 };
    struct winsize size;
    const char *text = getenv("COLUMNS");
    long width = USUAL;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (text && text_parse_int(text, LEAST, MOST, &width) != XC_OK)
        width = USUAL;
    return width < LEAST ? LEAST : width > MOST ? MOST : (int)width;
}

const char *plain_text(const struct options *options, const char *text, char *buffer, size_t size)
{
    if (!text || !options->ascii || options->format != ROWS_TEXT)
        return text;
    return text_to_ascii(buffer, size, text);
}

enum family family_parse(const char *text)
{
    enum family family = FAMILY_XT;

    while (family < FAMILY_COUNT && strcasecmp(family_name(family), text) != 0)
        family++;
    return family;
}

const char *kind_name(enum datapoint_kind kind)
{
    static const char *const names[] = {
        [KIND_INFO] = "info", [KIND_PARAMETER] = "parameter", [KIND_MENU] = "menu"};
    return names[kind];
}

const char *format_name(enum value_format format)
{
    static const char *const names[] = {
        [FORMAT_NONE] = "none",
        [FORMAT_BOOL] = "bool",
        [FORMAT_SHORT_ENUM] = "short enum",
        [FORMAT_LONG_ENUM] = "long enum",
        [FORMAT_INT32] = "int32",
        [FORMAT_FLOAT] = "float",
        [FORMAT_RAW] = "raw",
    };
    return names[format];
}

const char *encoding_name(enum encoding encoding)
{
    static const char *const names[] = {
        [ENCODING_NUMBER] = "number",
        [ENCODING_BOOL] = "yes or no",
        [ENCODING_ENUM] = "one of the options",
        [ENCODING_ENUM_1BIT] = "one of the options",
        [ENCODING_BITFIELD] = "any of the options",
        [ENCODING_WEEKDAYS] = "days of the week",
        [ENCODING_MINUTES_OF_DAY] = "time of day, in minutes",
        [ENCODING_DATE] = "date and time, in seconds since 1970",
        [ENCODING_SIGNAL] = "signal",
        [ENCODING_COSPHI] = "cos phi",
        [ENCODING_VERSION_MSB] = "software version, upper half",
        [ENCODING_VERSION_LSB] = "software version, lower half",
        [ENCODING_FID_MSB] = "FID, upper half",
        [ENCODING_FID_LSB] = "FID, lower half",
        [ENCODING_DEVICE_TYPE] = "device type",
        [ENCODING_LEVEL] = "access level",
        [ENCODING_NONE] = "no value",
    };
    return names[encoding];
}

const char *part_name(enum part part)
{
    static const char *const names[] = {[PART_VALUE] = "value",
                                        [PART_RAM] = "ram",
                                        [PART_MIN] = "min",
                                        [PART_MAX] = "max",
                                        [PART_LEVEL] = "level"};
    return names[part];
}

bool can_print(int descriptor, int64_t wait)
{
    struct pollfd output = {.fd = descriptor, .events = POLLOUT};

    return poll(&output, 1, (int)(wait / LOOP_MS)) == 1;
}
