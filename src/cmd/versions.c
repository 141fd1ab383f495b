// SPDX-License-Identifier: MIT
// Versions of the program and of what it is made with.
#include <curses.h>
#include <libserialport.h>
#include <sqlite3.h>
#include <stdio.h>

#include "cmd/cmd.h"

void print_versions(void)
{
    printf("xcomtop %s\n%s, libserialport %s, inih %s, SQLite %s\n", PACKAGE_VERSION,
           curses_version(), sp_get_package_version_string(), INIH_VERSION, sqlite3_libversion());
}
