// SPDX-License-Identifier: MIT
// What a shell needs to complete xcomtop's command line, made of the tables that --help is made of.
#ifndef XC_CMD_COMPLETION_H
#define XC_CMD_COMPLETION_H

#include <stdio.h>

#include "catalogue/catalogue.h"

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH, SHELL_COUNT };

extern const char *const shell_names[SHELL_COUNT]; // "bash" …

// Writes the completion script of a shell.
void completion_script(FILE *out, enum shell shell);
// Lines of a number, a tab and its name: the infos and parameters of a family, or of all
// (FAMILY_NONE), each number once.
void completion_ids(FILE *out, enum family family);

#endif
