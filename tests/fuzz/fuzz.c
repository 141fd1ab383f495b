// SPDX-License-Identifier: MIT
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "proto/scom.h"

static char directory[256], path[sizeof directory + sizeof "/input"];

void fuzz_broken(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: must hold: %s\n", file, line, condition);
    abort();
}

// --- What is left of an input --------------------------------------------------------------------

uint8_t fuzz_byte(struct fuzz_input *input)
{
    if (input->length == 0)
        return 0;
    input->length--;
    return *input->bytes++;
}

unsigned fuzz_choice(struct fuzz_input *input, unsigned count)
{
    unsigned number = fuzz_byte(input);

    if (count > 256)
        number |= (unsigned)fuzz_byte(input) << 8;
    return number % count;
}

const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t most, size_t *length)
{
    const uint8_t *bytes = input->bytes;

    *length = input->length < most ? input->length : most;
    input->bytes += *length;
    input->length -= *length;
    return bytes;
}

char *fuzz_line(struct fuzz_input *input)
{
    size_t length = 0;

    if (input->length == 0)
        return NULL;
    while (length < input->length && input->bytes[length] != '\n' && input->bytes[length] != '\0')
        length++;
    char *line = xcalloc(length + 1, 1);
    memcpy(line, input->bytes, length);
    length += length < input->length;
    input->bytes += length;
    input->length -= length;
    return line;
}

// --- Helpers -------------------------------------------------------------------------------------

static void remove_directory(void)
{
    unlink(path);
    rmdir(directory);
}

const char *fuzz_directory(void)
{
    const char *parent = getenv("TMPDIR");

    if (!directory[0]) {
        snprintf(directory, sizeof directory, "%s/xcomtop-fuzz.XXXXXX", parent ? parent : "/tmp");
        must(mkdtemp(directory));
        snprintf(path, sizeof path, "%s/input", directory);
        atexit(remove_directory);
    }
    return directory;
}

const char *fuzz_file(const uint8_t *bytes, size_t length)
{
    fuzz_directory();
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(descriptor >= 0 && write(descriptor, bytes, length) == (ssize_t)length);
    close(descriptor);
    return path;
}

static void put_checksum(uint8_t *at, const uint8_t *bytes, size_t length)
{
    uint16_t sum = scom_checksum(bytes, length);

    at[0] = (uint8_t)sum;
    at[1] = (uint8_t)(sum >> 8);
}

void fuzz_mend_scom(uint8_t *bytes, size_t length)
{
    enum { HEADER_SUM = SCOM_HEADER_SIZE - SCOM_CHECKSUM_SIZE };
    size_t at = 0;

    while (at + SCOM_HEADER_SIZE <= length) {
        uint8_t *frame = bytes + at;
        if (frame[0] != SCOM_START) {
            at++;
            continue;
        }
        put_checksum(frame + HEADER_SUM, frame + 1, HEADER_SUM - 1);
        size_t data = (size_t)frame[10] | (size_t)frame[11] << 8;
        if (at + SCOM_HEADER_SIZE + data + SCOM_CHECKSUM_SIZE > length) {
            at++;
            continue;
        }
        put_checksum(frame + SCOM_HEADER_SIZE + data, frame + SCOM_HEADER_SIZE, data);
        at += SCOM_HEADER_SIZE + data + SCOM_CHECKSUM_SIZE;
    }
}

void fuzz_check_text(const char *text, bool lines)
{
    uint32_t character;

    for (size_t taken = text_next(text, &character); character;
         taken = text_next(text, &character)) {
        must((lines && character == '\n') || !text_is_control(character));
        text += taken;
    }
}
