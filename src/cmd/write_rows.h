// SPDX-License-Identifier: MIT
// Records of writes as rows of CSV or JSON lines: what the commands write and writes print.
#ifndef XC_CMD_WRITE_ROWS_H
#define XC_CMD_WRITE_ROWS_H

#include "store/records.h"
#include "store/rows.h"

// On stdout; format isn't text.
struct rows *write_rows_new(enum row_format format);
void write_rows_add(struct rows *rows, const struct record *record);

#endif
