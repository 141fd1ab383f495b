// SPDX-License-Identifier: MIT
// The themes that the screens can have: the built-in ones, and the user's files NAME.theme in
// $XDG_CONFIG_HOME/xcomtop/themes (xcomtop.conf(5), THEMES).
#ifndef XC_CMD_THEMES_H
#define XC_CMD_THEMES_H

#include <stddef.h>

#include "base/status.h"
#include "ui/theme.h"

enum { THEMES_ERROR_MAX = 768 };

// Reads a theme file into theme, but for its name. XC_NOT_FOUND: there is none; XC_IO: it can't be
// read; XC_SYNTAX. error then holds one line, with the file, its line and what was expected.
enum xc_status theme_read(const char *path, struct theme *theme, char *error, size_t error_size);

struct themes {
    struct theme *list; // the built-in ones, then the user's by name
    size_t count;
    size_t wanted;
};

// All themes, and which of them has the name (NULL: the usual one). A file with a mistake matters
// only when it is the one. On an error, which is as of theme_read(), there is nothing to free.
enum xc_status themes_read(const char *name, struct themes *themes, char *error, size_t error_size);
void themes_free(struct themes *themes);

#endif
