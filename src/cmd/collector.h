// SPDX-License-Identifier: MIT
// Reads settings of devices through the plant into a backup: one after the other, in the order of
// the file, so that nothing is read twice when the link is lost and found again. What isn't
// answered, or refused for the moment only, is tried once more at the end.
#ifndef XC_CMD_COLLECTOR_H
#define XC_CMD_COLLECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "catalogue/address.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "gateway/gateway.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "store/backup.h"

// Adds what the plant has found: who the devices are. named: only these (--devices); without any,
// the gateway too, unless it is one that isn't known to have settings (GATEWAY_CLOCK): there each
// could cost seconds of silence. Those that are in the backup already stay as they are.
void collector_find(struct plant *plant, const struct target *named, size_t named_count,
                    struct backup *backup);

struct collector;

// Reads the values that are BACKUP_UNREAD, the limits of devices that have ranges and, if volts is
// true, nominal voltages that aren't known. The plant has discovered; all of them are kept by
// pointer.
struct collector *collector_new(struct loop *loop, struct plant *plant, struct gateway *gateway,
                                struct backup *backup, bool volts);
void collector_free(struct collector *collector); // NULL is allowed

// Takes what has been answered and asks for what is next. To be called whenever the plant has
// changed, until it returns true: everything is BACKUP_VALUE or BACKUP_FAILED then, unless there is
// a problem.
bool collector_work(struct collector *collector);

// Why it can't go on: one line, for instance another installation at this link; NULL if it can.
const char *collector_problem(const struct collector *collector);

// All of that with a progress bar: reads what backup wants. EXIT_DONE; EXIT_REFUSED after a line on
// stderr when it can't go on; else as session_wait(), the line being told.
int collector_read(struct session *session, const struct options *options, struct backup *backup);

// Shows how far it has got.
void collector_show(const struct collector *collector, struct progress *progress);

#endif
