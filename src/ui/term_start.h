// SPDX-License-Identifier: MIT
// What term_open() does once it knows the terminal. For term.c and its tests, which pass streams of
// their own; nobody else.
#ifndef XC_UI_TERM_START_H
#define XC_UI_TERM_START_H

#include <stdint.h>
#include <stdio.h>

#include "ui/term.h"

// type: TERM. in and out stay the caller's. XC_IO if the type is unknown or can't
// show screens.
enum xc_status term_start(struct loop *loop, struct ui *ui, const struct term_options *options,
                          const char *type, FILE *in, FILE *out, struct term **term);

// Frames sent so far.
uint64_t term_frames(const struct term *term);

#endif
