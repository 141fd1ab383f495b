// SPDX-License-Identifier: MIT
// Allocation that doesn't fail: out of memory ends the program with a message and abort(), so
// that the terminal is given back. Free what these return with free().
#ifndef XC_BASE_ALLOC_H
#define XC_BASE_ALLOC_H

#include <stddef.h>

void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull, warn_unused_result));
void *xrealloc(void *old, size_t count, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));
char *xstrdup(const char *text) __attribute__((returns_nonnull, warn_unused_result));

#endif
