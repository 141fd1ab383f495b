// SPDX-License-Identifier: MIT
// What the command decode is given: traces, candump's lines, hexadecimal text. The first byte
// chooses the format of the rows and whether the text is a file or the words of the command line;
// with MEND a word of bytes gets right checksums first.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cmd/cmd.h"
#include "fuzz.h"

const char fuzz_name[] = "decode";

enum {
    FORMATS = 0x03,
    WORDS = 0x04,
    ASCII = 0x08,
    MEND = 0x10,
    WORDS_MAX = 4,
    OUTPUT_MAX = 1 << 20
};

// stdout and stderr are read back from a file in memory, between these two.
static int kept_out, kept_err, captured = -1;

static void begin_capture(void)
{
    if (captured < 0)
        captured = memfd_create("output", MFD_CLOEXEC);
    must(ftruncate(captured, 0) == 0 && lseek(captured, 0, SEEK_SET) == 0);
    fflush(stdout);
    kept_out = dup(STDOUT_FILENO);
    kept_err = dup(STDERR_FILENO);
    must(dup2(captured, STDOUT_FILENO) >= 0 && dup2(captured, STDERR_FILENO) >= 0);
}

static char *end_capture(void)
{
    char *text = xcalloc(OUTPUT_MAX + 1, 1);

    fflush(stdout);
    dup2(kept_out, STDOUT_FILENO);
    dup2(kept_err, STDERR_FILENO);
    close(kept_out);
    close(kept_err);
    must(pread(captured, text, OUTPUT_MAX, 0) >= 0);
    return text;
}

static char *mended(const uint8_t *bytes, size_t length)
{
    uint8_t *frame = xcalloc(length + 1, 1);
    char *text = xcalloc(2 * length + 1, 1);

    if (length > 0)
        memcpy(frame, bytes, length);
    fuzz_mend_scom(frame, length);
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02X", frame[i]);
    free(frame);
    return text;
}

static void run(struct options *options)
{
    begin_capture();
    int status = cmd_decode(options);
    char *text = end_capture();
    fuzz_check_text(text, true);
    must(status == EXIT_DONE || (status == EXIT_REFUSED && text[0]));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    uint8_t how = fuzz_byte(&input);
    char *words[WORDS_MAX], *path;
    struct options options = {.command = command_find("decode"),
                              .words = words,
                              .format = (enum row_format)((how & FORMATS) % (ROWS_JSONL + 1)),
                              .ascii = how & ASCII};

    if (how & MEND) {
        words[options.word_count++] = mended(input.bytes, input.length);
    } else if (how & WORDS) {
        while (options.word_count < WORDS_MAX && (words[options.word_count] = fuzz_line(&input)))
            options.word_count++;
        // The name of a file is for the other way.
        for (int i = 0; i < options.word_count; i++)
            words[i][strcspn(words[i], "/-")] = '\0';
    } else {
        path = xstrdup(fuzz_file(input.bytes, input.length));
        words[options.word_count++] = path;
    }
    if (options.word_count > 0)
        run(&options);
    for (int i = 0; i < options.word_count; i++)
        free(words[i]);
    return 0;
}
