// SPDX-License-Identifier: MIT
// What fuzz targets share. A target is one file, tests/fuzz/fuzz_NAME.c, that defines fuzz_name and
// LLVMFuzzerTestOneInput(); its seeds are tests/fuzz/corpus/NAME/. `make check` replays those with
// any compiler; tests/fuzz/run looks for more with clang's libFuzzer.
//
// What must hold is checked with must(): a target that only looks for crashes sees half of them.
#ifndef XC_TESTS_FUZZ_H
#define XC_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char fuzz_name[]; // of the target: its directory in tests/fuzz/corpus
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

// Ends the program when a condition doesn't hold.
#define must(condition) ((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_broken(const char *file, int line, const char *condition);

// --- What is left of an input --------------------------------------------------------------------

struct fuzz_input {
    const uint8_t *bytes;
    size_t length;
};

// The next byte, 0 when none is left.
uint8_t fuzz_byte(struct fuzz_input *input);
// The next of count choices.
unsigned fuzz_choice(struct fuzz_input *input, unsigned count);
// The next bytes, at most so many; *length of them.
const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t most, size_t *length);
// All that is left, up to the next LF or NUL, as a text to be freed. NULL when nothing is left.
char *fuzz_line(struct fuzz_input *input);

// --- Helpers -------------------------------------------------------------------------------------

// The input as a file of its own in a directory that is removed at the end; returns its path.
const char *fuzz_file(const uint8_t *bytes, size_t length);
// That directory, below $TMPDIR or /tmp.
const char *fuzz_directory(void);

// Puts right checksums on all that looks like an SCOM frame, so that what is behind them is
// reached.
void fuzz_mend_scom(uint8_t *bytes, size_t length);

// No text of the program may hold what a terminal takes as an order; LF may be there when lines is
// true.
void fuzz_check_text(const char *text, bool lines);

#endif
