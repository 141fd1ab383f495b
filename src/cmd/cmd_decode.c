// SPDX-License-Identifier: MIT
// decode: frames in words, from hexadecimal text or a trace. Needs no link.
#include "cmd/cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/decode.h"

enum { SENT, RECEIVED, DIRECTION_COUNT, NOTE_TEXT = 512, LINE_TEXT = 2048 };

static const struct column columns[] = {
    {.name = "time", .type = COLUMN_TEXT},        {.name = "source", .type = COLUMN_TEXT},
    {.name = "destination", .type = COLUMN_TEXT}, {.name = "direction", .type = COLUMN_TEXT},
    {.name = "service", .type = COLUMN_TEXT},     {.name = "object", .type = COLUMN_TEXT},
    {.name = "id", .type = COLUMN_INT},           {.name = "property", .type = COLUMN_TEXT},
    {.name = "item", .type = COLUMN_TEXT},        {.name = "value", .type = COLUMN_TEXT},
    {.name = "error", .type = COLUMN_TEXT},       {.name = "flags", .type = COLUMN_TEXT},
    {.name = "remark", .type = COLUMN_TEXT},
};

// Bytes seen one way, and the frames among them.
struct stream {
    struct scom_decoder decoder;
    uint8_t first[SCOM_FRAME_MAX]; // of all bytes, to say what is wrong with a lone frame
    size_t first_length;
};

struct decoding {
    const struct options *options;
    struct rows *rows; // NULL: text
    struct stream streams[DIRECTION_COUNT];
    struct decoded decoded;
    char time[40]; // of the present line of a trace; ""
};

// --- Printing ------------------------------------------------------------------------------------

static void print(const struct decoding *decoding, const char *indent, const char *text)
{
    char plain[LINE_TEXT];

    printf("%s%s\n", indent, plain_text(decoding->options, text, plain, sizeof plain));
}

static void print_frame(struct decoding *decoding, const struct scom_frame *frame)
{
    const struct decoded *decoded = &decoding->decoded;
    bool one = decoded->item_count == 1 && frame->object_type != SCOM_MULTI_INFO;
    char line[LINE_TEXT];
    size_t used = 0;

    text_append(line, sizeof line, &used, "%s%s%s → %s  %s: %s %s", decoding->time,
                decoding->time[0] ? "  " : "", decoded->source, decoded->destination,
                decoded->direction, decoded->service, decoded->object);
    if (one)
        text_append(line, sizeof line, &used, " %s", decoded->items[0].name);
    else if (frame->object_type != SCOM_MULTI_INFO && decoded->id != 0)
        text_append(line, sizeof line, &used, " %u", (unsigned)decoded->id);
    if (decoded->property[0])
        text_append(line, sizeof line, &used, ", %s", decoded->property);
    if (one && decoded->items[0].value[0])
        text_append(line, sizeof line, &used, " = %s", decoded->items[0].value);
    print(decoding, "", line);
    for (size_t i = 0; !one && i < decoded->item_count; i++) {
        const struct decoded_item *item = &decoded->items[i];
        snprintf(line, sizeof line, "%s%s%s", item->name, item->value[0] ? " = " : "", item->value);
        print(decoding, "    ", line);
    }
    if (decoded->error[0]) {
        snprintf(line, sizeof line, "error %s", decoded->error);
        print(decoding, "    ", line);
    }
    if (decoded->remark[0])
        print(decoding, "    ", decoded->remark);
    used = 0;
    text_append(
        line, sizeof line, &used, "%u bytes, checksums right",
        (unsigned)(SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + frame->data_length + SCOM_CHECKSUM_SIZE));
    if (decoded->flags[0])
        text_append(line, sizeof line, &used, "; flags: %s", decoded->flags);
    print(decoding, "    ", line);
}

static void add_rows(struct decoding *decoding, const struct scom_frame *frame)
{
    const struct decoded *decoded = &decoding->decoded;
    static const struct decoded_item nothing = {.name = ""};
    size_t count = decoded->item_count ? decoded->item_count : 1;

    (void)frame;
    for (size_t i = 0; i < count; i++) {
        const struct decoded_item *item = decoded->item_count ? &decoded->items[i] : &nothing;
        struct field fields[] = {
            {.text = decoding->time},       {.text = decoded->source},
            {.text = decoded->destination}, {.text = decoded->direction},
            {.text = decoded->service},     {.text = decoded->object},
            {.integer = decoded->id},       {.text = decoded->property},
            {.text = item->name},           {.text = item->value},
            {.text = decoded->error},       {.text = decoded->flags},
            {.text = decoded->remark},
        };
        rows_add(decoding->rows, fields);
    }
}

// --- Bytes ---------------------------------------------------------------------------------------

static void take_frames(struct decoding *decoding, struct stream *stream)
{
    struct scom_frame frame;

    while (scom_decoder_next(&stream->decoder, &frame) == XC_OK) {
        decode_frame(&frame, &decoding->decoded);
        if (decoding->rows)
            add_rows(decoding, &frame);
        else
            print_frame(decoding, &frame);
    }
}

static void take_byte(struct decoding *decoding, struct stream *stream, uint8_t byte)
{
    if (stream->first_length < sizeof stream->first)
        stream->first[stream->first_length++] = byte;
    (void)scom_decoder_feed(&stream->decoder, &byte, 1);
    take_frames(decoding, stream);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_separator(char c)
{
    return c && strchr(" \t\r\n,;:-", c);
}

// Two digits a byte, joined or apart, 0x in front or not. On failure *at is what isn't hexadecimal.
static enum xc_status take_hex(struct decoding *decoding, struct stream *stream, const char *text,
                               const char **at)
{
    for (*at = text; **at;) {
        if (is_separator(**at)) {
            ++*at;
            continue;
        }
        if ((*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X'))
            *at += 2;
        int high = hex_digit((*at)[0]), low = high < 0 ? -1 : hex_digit((*at)[1]);
        if (low < 0)
            return XC_SYNTAX;
        if (decoding)
            take_byte(decoding, stream, (uint8_t)(high << 4 | low));
        *at += 2;
    }
    return XC_OK;
}

// --- Lines ---------------------------------------------------------------------------------------

// "2026-11-21T14:00:00.123456Z > AA 00 …": splits a line of a trace. Returns the bytes' beginning,
// NULL if it isn't one.
static char *trace_line(char *line, char *time, size_t size, int *direction)
{
    size_t length = strcspn(line, " ");

    if (length < 8 || length >= size || !memchr(line, 'T', length) || line[length] == '\0')
        return NULL;
    char sign = line[length + 1];
    if ((sign != '>' && sign != '<') || (line[length + 2] != ' ' && line[length + 2] != '\0'))
        return NULL;
    memcpy(time, line, length);
    time[length] = '\0';
    *direction = sign == '<' ? RECEIVED : SENT;
    return line + length + 2;
}

static int take_line(struct decoding *decoding, const char *name, unsigned number, char *line)
{
    char note[NOTE_TEXT];
    const char *at;
    int direction = SENT;

    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '#') {
        if (!decoding->rows)
            print(decoding, "", text_escape(note, sizeof note, line));
        return EXIT_DONE;
    }
    line[strcspn(line, "#")] = '\0'; // a remark behind the bytes
    char *bytes = trace_line(line, decoding->time, sizeof decoding->time, &direction);
    if (take_hex(decoding, &decoding->streams[direction], bytes ? bytes : line, &at) == XC_OK)
        return EXIT_DONE;
    complain("%s:%u: '%.20s' isn't a byte in hexadecimal", name, number, at);
    return EXIT_REFUSED;
}

static int take_file(struct decoding *decoding, const char *name)
{
    bool is_stdin = strcmp(name, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(name, "re");
    char *line = NULL;
    size_t size = 0;
    unsigned number = 0;
    int status = EXIT_DONE;

    if (!file) {
        complain("'%s' is neither hexadecimal nor a file that can be read: %s", name,
                 strerror(errno));
        return EXIT_REFUSED;
    }
    errno = 0;
    while (status == EXIT_DONE && getline(&line, &size, file) >= 0)
        status = take_line(decoding, is_stdin ? "standard input" : name, ++number, line);
    if (ferror(file)) {
        complain("%s: %s", name, strerror(errno));
        status = EXIT_REFUSED;
    }
    free(line);
    if (!is_stdin)
        fclose(file);
    return status;
}

// --- The end -------------------------------------------------------------------------------------

// Why bytes that were meant as one frame aren't one.
static void explain_failure(const struct stream *stream)
{
    const uint8_t *start = memchr(stream->first, SCOM_START, stream->first_length);
    size_t length = start ? stream->first_length - (size_t)(start - stream->first) : 0;

    if (!start) {
        complain("no frame: there is no start byte AA; frames on CAN aren't decoded");
        return;
    }
    if (length < SCOM_HEADER_SIZE) {
        complain("no whole frame: %u of at least %d bytes", (unsigned)length,
                 SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + SCOM_CHECKSUM_SIZE);
        return;
    }
    uint16_t right = scom_checksum(start + 1, SCOM_HEADER_SIZE - 3);
    if (start[12] != (uint8_t)right || start[13] != right >> 8) {
        complain("no frame: the header's checksum is %02X %02X, but should be %02X %02X", start[12],
                 start[13], right & 0xFF, right >> 8);
        return;
    }
    size_t data = (size_t)start[10] | (size_t)start[11] << 8;
    if (data > SCOM_DATA_MAX || data < SCOM_SERVICE_SIZE) {
        complain("no frame: its data are %u bytes, but %d to %d are allowed", (unsigned)data,
                 SCOM_SERVICE_SIZE, SCOM_DATA_MAX);
        return;
    }
    if (length < SCOM_HEADER_SIZE + data + SCOM_CHECKSUM_SIZE) {
        complain("no whole frame: %u of %u bytes", (unsigned)length,
                 (unsigned)(SCOM_HEADER_SIZE + data + SCOM_CHECKSUM_SIZE));
        return;
    }
    const uint8_t *sum = start + SCOM_HEADER_SIZE + data;
    right = scom_checksum(start + SCOM_HEADER_SIZE, data);
    complain("no frame: the data's checksum is %02X %02X, but should be %02X %02X", sum[0], sum[1],
             right & 0xFF, right >> 8);
}

// What wasn't part of a frame, in one line on stderr.
static int conclude(struct decoding *decoding)
{
    struct scom_counters all = {0};
    uint64_t bytes = 0;

    for (size_t i = 0; i < DIRECTION_COUNT; i++) {
        struct stream *stream = &decoding->streams[i];
        while (scom_decoder_pending(&stream->decoder)) {
            scom_decoder_abandon(&stream->decoder);
            take_frames(decoding, stream);
        }
        all.frames += stream->decoder.counters.frames;
        all.skipped += stream->decoder.counters.skipped;
        all.bad_header += stream->decoder.counters.bad_header;
        all.bad_data += stream->decoder.counters.bad_data;
        all.oversized += stream->decoder.counters.oversized;
        all.abandoned += stream->decoder.counters.abandoned;
        bytes += stream->first_length;
    }
    if (bytes == 0) {
        complain("there are no bytes to decode");
        return EXIT_REFUSED;
    }
    if (all.frames == 0) {
        explain_failure(&decoding->streams[decoding->streams[SENT].first_length ? SENT : RECEIVED]);
        return EXIT_REFUSED;
    }
    if (all.skipped > 0)
        complain("%llu bytes belong to no frame (wrong checksums: %llu header, %llu data; %llu too "
                 "long, %llu cut off)",
                 (unsigned long long)all.skipped, (unsigned long long)all.bad_header,
                 (unsigned long long)all.bad_data, (unsigned long long)all.oversized,
                 (unsigned long long)all.abandoned);
    return EXIT_DONE;
}

int cmd_decode(const struct options *options)
{
    struct decoding *decoding = xcalloc(1, sizeof *decoding);
    bool is_hex = true;
    const char *at;
    int status = EXIT_DONE;

    decoding->options = options;
    if (options->format != ROWS_TEXT)
        decoding->rows =
            rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < options->word_count; i++)
        is_hex = is_hex && strcmp(options->words[i], "-") != 0 &&
                 take_hex(NULL, NULL, options->words[i], &at) == XC_OK;
    for (int i = 0; i < options->word_count && status == EXIT_DONE; i++) {
        if (is_hex)
            (void)take_hex(decoding, &decoding->streams[SENT], options->words[i], &at);
        else
            status = take_file(decoding, options->words[i]);
    }
    if (status == EXIT_DONE)
        status = conclude(decoding);
    status = decoding->rows ? finish_rows(decoding->rows, status) : finish_text(status);
    free(decoding);
    return status;
}
