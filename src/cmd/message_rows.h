// SPDX-License-Identifier: MIT
// Messages and alarms as rows, and in words for whoever isn't a screen.
#ifndef XC_CMD_MESSAGE_ROWS_H
#define XC_CMD_MESSAGE_ROWS_H

#include <stddef.h>

#include "cmd/cmd.h"
#include "store/known.h"

// "2026-11-21T14:03:22", the installation's wall clock, which has no offset. Returns out.
char *message_time(const struct known_message *message, char *out, size_t size);
// "2026-11-21T14:03:25+01:00", when it was learned, this computer's clock. Returns out.
char *message_learned(const struct known_message *message, char *out, size_t size);
// "info", "warning", "error", "halted"; "alarm" of one that came, "info" of one that went.
const char *message_severity(const struct known_message *message);
// The catalogue's, or the alarm's; "message 999" of one that isn't in the tables: valid until the
// next call.
const char *message_text_of(const struct known_message *message);

// Rows in the format of options: time, device, number, severity, text; for programs also address,
// kind, value and learned.
struct rows *message_rows_new(const struct options *options);
void message_rows_add(struct rows *rows, const struct options *options,
                      const struct known_message *message);

#endif
