// SPDX-License-Identifier: MIT
// A command line: a word a line.
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "fuzz.h"

const char fuzz_name[] = "options";

enum { WORDS_MAX = 64 };

static void check_options(const struct options *options, int given)
{
    const struct command *command = options->command;

    must(command && options->word_count >= 0 && options->word_count <= given);
    for (int i = 0; i < options->word_count; i++)
        must(options->words[i]);
    must(options->allow_count <= LINK_ALLOW_MAX);
    if (options->help || options->version)
        return;
    must(options->word_count >= command->least);
    must(command->most == WORDS_ANY || options->word_count <= command->most);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        must(!(options->given & option_bit((enum option_key)i)) ||
             option_at(i)->commands & 1u << command->key);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char program[] = "xcomtop", error[OPTIONS_ERROR_MAX] = "";
    char *words[WORDS_MAX + 2] = {program}, *given[WORDS_MAX];
    struct options options;
    int count = 0;

    while (count < WORDS_MAX && (given[count] = fuzz_line(&input)))
        count++;
    memcpy(words + 1, given, (size_t)count * sizeof *words); // getopt changes their order
    enum xc_status status = options_parse(count + 1, words, &options, error, sizeof error);
    if (status == XC_OK) {
        check_options(&options, count);
    } else {
        must(status == XC_USAGE && error[0]);
        must(memchr(error, '\0', sizeof error));
    }
    options_free(&options);
    for (int i = 0; i < count; i++)
        free(given[i]);
    return 0;
}
