// SPDX-License-Identifier: MIT
// completion: the script that completes xcomtop's command line in a shell, and what such scripts
// ask for.
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/completion.h"

static int print_ids(const struct options *options)
{
    enum family family = FAMILY_NONE;

    if (options->word_count > 1)
        family = family_parse(options->words[1]);
    // What isn't a family, L1 for one, may be anything.
    completion_ids(stdout, family);
    return finish_text(EXIT_DONE);
}

int cmd_completion(const struct options *options)
{
    if (strcmp(options->words[0], "ids") == 0)
        return print_ids(options);
    for (unsigned shell = 0; shell < SHELL_COUNT && options->word_count == 1; shell++) {
        if (strcmp(options->words[0], shell_names[shell]) == 0) {
            completion_script(stdout, (enum shell)shell);
            return finish_text(EXIT_DONE);
        }
    }
    complain("expected completion bash, zsh, fish or ids [FAMILY]");
    return EXIT_WRONG;
}
