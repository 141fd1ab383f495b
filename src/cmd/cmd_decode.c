// SPDX-License-Identifier: MIT
// decode: frames in words, from hexadecimal text, a trace or candump's lines. Needs no link.
#include "cmd/cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/candump.h"
#include "cmd/decode.h"
#include "cmd/decode_can.h"

enum { SENT, RECEIVED, DIRECTION_COUNT, NOTE_TEXT = 512, LINE_TEXT = 2048 };

static const char can_form[] =
    "its ID has 3 digits (up to 7FF) or 8 (up to 1FFFFFFF), and up to 8 whole bytes follow";

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
    char time[CANDUMP_TIME_MAX]; // of the present line of a trace; ""
    bool is_scom;                // the present trace has a frame of SCOM
    unsigned can_frames, can_others;
};

// --- Printing ------------------------------------------------------------------------------------

static void print(const struct decoding *decoding, const char *indent, const char *text)
{
    char plain[LINE_TEXT];

    printf("%s%s\n", indent, plain_text(decoding->options, text, plain, sizeof plain));
}

static void print_decoded(struct decoding *decoding, bool listed)
{
    const struct decoded *decoded = &decoding->decoded;
    bool one = decoded->item_count == 1 && !listed;
    char line[LINE_TEXT];
    size_t used = 0;

    text_append(line, sizeof line, &used, "%s%s%s → %s  %s:%s%s %s", decoding->time,
                decoding->time[0] ? "  " : "", decoded->source, decoded->destination,
                decoded->direction, decoded->service[0] ? " " : "", decoded->service,
                decoded->object);
    if (one)
        text_append(line, sizeof line, &used, " %s", decoded->items[0].name);
    else if (!listed && decoded->id != 0)
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
}

static void print_frame(struct decoding *decoding, const struct scom_frame *frame)
{
    const struct decoded *decoded = &decoding->decoded;
    char line[LINE_TEXT];
    size_t used = 0;

    print_decoded(decoding, frame->object_type == SCOM_MULTI_INFO);
    text_append(
        line, sizeof line, &used, "%u bytes, checksums right",
        (unsigned)(SCOM_HEADER_SIZE + SCOM_SERVICE_SIZE + frame->data_length + SCOM_CHECKSUM_SIZE));
    if (decoded->flags[0])
        text_append(line, sizeof line, &used, "; flags: %s", decoded->flags);
    print(decoding, "    ", line);
}

static void print_can(struct decoding *decoding, const struct canframe *frame, bool is_ours)
{
    const struct decoded *decoded = &decoding->decoded;
    char line[LINE_TEXT], text[DECODE_CAN_TEXT_MAX];

    if (is_ours) {
        print_decoded(decoding, false);
        print(decoding, "    ", decode_can_text(frame, text));
        return;
    }
    snprintf(line, sizeof line, "%s%s%s", decoding->time, decoding->time[0] ? "  " : "",
             decoded->remark);
    print(decoding, "", line);
}

static void add_rows(struct decoding *decoding)
{
    const struct decoded *decoded = &decoding->decoded;
    static const struct decoded_item nothing = {.name = ""};
    size_t count = decoded->item_count ? decoded->item_count : 1;

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
            add_rows(decoding);
        else
            print_frame(decoding, &frame);
    }
}

static void take_bytes(struct decoding *decoding, struct stream *stream, const uint8_t *bytes,
                       size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (stream->first_length < sizeof stream->first)
            stream->first[stream->first_length++] = bytes[i];
        (void)scom_decoder_feed(&stream->decoder, &bytes[i], 1);
        take_frames(decoding, stream);
    }
}

static void take_can(struct decoding *decoding, const struct canframe *frame, enum decode_way way)
{
    bool is_ours = decode_can_frame(frame, way, &decoding->decoded) == STUCAN_TAKEN;

    if (is_ours)
        decoding->can_frames++;
    else
        decoding->can_others++;
    if (decoding->rows)
        add_rows(decoding);
    else
        print_can(decoding, frame, is_ours);
}

// Whether a piece of a trace is CAN frames: whole records.
static bool is_records(const uint8_t *bytes, size_t length)
{
    struct canframe frame;

    if (length == 0 || length % CANFRAME_RECORD_SIZE != 0)
        return false;
    for (size_t at = 0; at < length; at += CANFRAME_RECORD_SIZE)
        if (canframe_get(bytes + at, &frame) != XC_OK)
            return false;
    return true;
}

// One line of a trace. A frame of SCOM begins with AA, and no record does: it would be an error
// frame with an extended identifier. Behind such a beginning there are no records, even if a piece
// from the middle of a frame looks like one.
static void take_piece(struct decoding *decoding, int direction, const uint8_t *bytes,
                       size_t length)
{
    struct canframe frame;

    decoding->is_scom = decoding->is_scom || (length > 0 && bytes[0] == SCOM_START);
    if (decoding->is_scom || !is_records(bytes, length)) {
        take_bytes(decoding, &decoding->streams[direction], bytes, length);
        return;
    }
    for (size_t at = 0; at < length; at += CANFRAME_RECORD_SIZE)
        if (canframe_get(bytes + at, &frame) == XC_OK)
            take_can(decoding, &frame, direction == SENT ? DECODE_TO_GATEWAY : DECODE_FROM_GATEWAY);
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

// Two digits a byte, joined or apart, 0x in front or not. The caller frees what it returns; NULL
// when *at isn't hexadecimal.
static uint8_t *read_hex(const char *text, size_t *length, const char **at)
{
    uint8_t *bytes = xcalloc(strlen(text) / 2 + 1, 1);

    *length = 0;
    for (*at = text; **at;) {
        if (is_separator(**at)) {
            ++*at;
            continue;
        }
        if ((*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X'))
            *at += 2;
        int high = hex_digit((*at)[0]), low = high < 0 ? -1 : hex_digit((*at)[1]);
        if (low < 0) {
            free(bytes);
            return NULL;
        }
        bytes[(*length)++] = (uint8_t)(high << 4 | low);
        *at += 2;
    }
    return bytes;
}

// --- Lines ---------------------------------------------------------------------------------------

// "2026-11-21T14:00:00.123456Z > AA 00 …": splits a line of a trace. Returns the bytes' beginning,
// NULL if it isn't one.
static char *trace_line(char *line, char *time, size_t size, int *direction)
{
    size_t length = strcspn(line, " ");

    // It is printed: a trace may come from anybody.
    if (length < 8 || length >= size || strspn(line, "0123456789-+:.TZ") < length ||
        !memchr(line, 'T', length) || line[length] == '\0')
        return NULL;
    char sign = line[length + 1];
    if ((sign != '>' && sign != '<') || (line[length + 2] != ' ' && line[length + 2] != '\0'))
        return NULL;
    memcpy(time, line, length);
    time[length] = '\0';
    *direction = sign == '<' ? RECEIVED : SENT;
    return line + length + 2;
}

// A line without its end.
static int take_bytes_line(struct decoding *decoding, const char *name, unsigned number, char *line)
{
    const char *at;
    int direction = SENT;
    size_t length;

    line[strcspn(line, "#")] = '\0'; // a remark behind the bytes
    char *text = trace_line(line, decoding->time, sizeof decoding->time, &direction);
    uint8_t *bytes = read_hex(text ? text : line, &length, &at);
    if (!bytes) {
        complain("%s:%u: '%.20s' isn't a byte in hexadecimal", name, number, at);
        return EXIT_REFUSED;
    }
    if (text)
        take_piece(decoding, direction, bytes, length);
    else
        take_bytes(decoding, &decoding->streams[SENT], bytes, length);
    free(bytes);
    return EXIT_DONE;
}

static int take_line(struct decoding *decoding, const char *name, unsigned number, char *line)
{
    struct canframe frame;
    char note[NOTE_TEXT], time[CANDUMP_TIME_MAX];

    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '#') {
        if (!decoding->rows)
            print(decoding, "", text_escape(note, sizeof note, line));
        return EXIT_DONE;
    }
    switch (candump_read(line, &frame, time)) {
    case XC_OK:
        memcpy(decoding->time, time, sizeof time);
        take_can(decoding, &frame, DECODE_ANY_WAY);
        return EXIT_DONE;
    case XC_SYNTAX:
        return take_bytes_line(decoding, name, number, line);
    default:
        complain("%s:%u: '%.80s' is no CAN frame: %s", name, number, line, can_form);
        return EXIT_REFUSED;
    }
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
        complain("'%s' is neither a frame nor a file that can be read: %s", name, strerror(errno));
        return EXIT_REFUSED;
    }
    errno = 0;
    decoding->is_scom = false;
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
        complain("no frame: there is no start byte AA; a frame on CAN is written ID#DATA, ID being "
                 "3 or 8 digits");
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
    if (bytes == 0 && decoding->can_frames == 0) {
        complain(decoding->can_others > 0 ? "there is no frame of the Xcom-CAN"
                                          : "there are no bytes to decode");
        return EXIT_REFUSED;
    }
    if (all.frames == 0 && decoding->can_frames == 0) {
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

static int take_word(struct decoding *decoding, const char *word)
{
    struct canframe frame;
    const char *at;
    size_t length;
    enum xc_status status = candump_read(word, &frame, decoding->time);

    if (status == XC_OK) {
        take_can(decoding, &frame, DECODE_ANY_WAY);
    } else if (status == XC_SYNTAX) {
        uint8_t *bytes = read_hex(word, &length, &at);
        if (bytes) // as is_content() has seen
            take_bytes(decoding, &decoding->streams[SENT], bytes, length);
        free(bytes);
    } else {
        complain("'%.80s' is no CAN frame: %s", word, can_form);
        return EXIT_REFUSED;
    }
    return EXIT_DONE;
}

// Whether a word is a frame or bytes of one, and not the name of a file.
static bool is_content(const char *word)
{
    struct canframe frame;
    char time[CANDUMP_TIME_MAX];
    const char *at;
    size_t length;

    if (strcmp(word, "-") == 0)
        return false;
    if (candump_read(word, &frame, time) != XC_SYNTAX)
        return true;
    uint8_t *bytes = read_hex(word, &length, &at);
    bool is_hex = bytes;
    free(bytes);
    return is_hex;
}

int cmd_decode(const struct options *options)
{
    struct decoding *decoding = xcalloc(1, sizeof *decoding);
    bool all_content = true;
    int status = EXIT_DONE;

    decoding->options = options;
    if (options->format != ROWS_TEXT)
        decoding->rows =
            rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < options->word_count; i++)
        all_content = all_content && is_content(options->words[i]);
    for (int i = 0; i < options->word_count && status == EXIT_DONE; i++)
        status = all_content ? take_word(decoding, options->words[i])
                             : take_file(decoding, options->words[i]);
    if (status == EXIT_DONE)
        status = conclude(decoding);
    status = decoding->rows ? finish_rows(decoding->rows, status) : finish_text(status);
    free(decoding);
    return status;
}
