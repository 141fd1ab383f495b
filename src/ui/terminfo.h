// SPDX-License-Identifier: MIT
// What the terminfo data base knows, apart from term.c because its header <term.h> has another
// struct term. Inside of src/ui.
#ifndef XC_UI_TERMINFO_H
#define XC_UI_TERMINFO_H

#include <stdbool.h>
#include <stddef.h>

// Whether a kind of terminal (TERM) is known. Asked before newterm(), which leaks when it isn't.
bool terminfo_knows(const char *type, int descriptor);

// What gives the present terminal back: attributes, colours, cursor, keypad, screen. Returns the
// number of bytes put into out.
size_t terminfo_restoring(char *out, size_t size);

#endif
