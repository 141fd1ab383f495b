// SPDX-License-Identifier: MIT
// The configuration file, xcomtop.conf(5): read, never written. Keys in front of the first section
// hold always; each section is a site. A line that begins with a blank goes on with the value
// before.
#ifndef XC_CMD_SETTINGS_H
#define XC_CMD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "cmd/options.h"

enum { SETTINGS_ERROR_MAX = 512 };

struct settings;

// Reads the file at path. XC_NOT_FOUND when there is none; XC_IO when it can't be read; XC_SYNTAX
// when something in it is wrong. error then holds one line, with file and line number.
enum xc_status settings_read(const char *path, struct settings **settings, char *error,
                             size_t error_size);
void settings_free(struct settings *settings); // NULL is allowed

// The i-th setting, in the file's order: its section ("" in front of the first), key and value.
// False from the last on. The texts stay those of settings.
bool settings_at(const struct settings *settings, size_t i, const char **site, const char **key,
                 const char **value);

// A file of $XDG_CONFIG_HOME/xcomtop, ~/.config without the variable. Returns out.
char *settings_file(const char *name, char *out, size_t size);

// The configuration file's: xcomtop.conf there. Returns out.
char *settings_path(char *out, size_t size);

// Fills in what the command line left open: the keys in front of the first section and those of a
// site: --site; without it and without --connect and --demo, the first one. options->site is set to
// its name. What begins with log- is for the log and for the screens, which can
// log too, and a preset of the file becomes the
// selection it stands for. A log in SQLite is
// the screens' history unless another one is given. The texts stay those of settings. XC_USAGE and
// a line when the site or the preset doesn't exist.
enum xc_status settings_apply(const struct settings *settings, struct options *options, char *error,
                              size_t error_size);

#endif
